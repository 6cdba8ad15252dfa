/* a named array in a flat block of parameters: the value type in which networks meet files. */
#ifndef MDP_BASE_TENSOR_H
#define MDP_BASE_TENSOR_H

enum { MDP_TENSOR_NAME_MAX = 64 };

/* float32, row-major; `cols` is 1 for vectors, `taps` counts for convolutions alone; `data` is borrowed */
struct mdp_tensor {
    char name[MDP_TENSOR_NAME_MAX]; /* e.g. "mid_layer.0.weight" */
    int rank;                       /* 1, 2, or of a convolution 3 */
    int rows, cols;
    float *data; /* [rows, cols], of rank 3 [rows, cols, taps] */
    int taps;
};

/** Returns the number of elements of a tensor. */
static inline long mdp_tensor_count(const struct mdp_tensor *tensor) {
    return (long)tensor->rows * tensor->cols * (tensor->rank == 3 ? tensor->taps : 1);
}

#endif
