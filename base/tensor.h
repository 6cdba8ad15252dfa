/* a named array in a flat block of parameters: the value type in which networks meet files. */
#ifndef MDP_BASE_TENSOR_H
#define MDP_BASE_TENSOR_H

enum { MDP_TENSOR_NAME_MAX = 64 };

/* float32, row-major; `cols` is 1 and `rank` 1 for vectors; `data` is borrowed */
struct mdp_tensor {
    char name[MDP_TENSOR_NAME_MAX]; /* e.g. "mid_layer.0.weight" */
    int rank;                       /* 1 or 2 */
    int rows, cols;
    float *data; /* [rows, cols] */
};

/** Returns the number of elements of a tensor. */
static inline long mdp_tensor_count(const struct mdp_tensor *tensor) { return (long)tensor->rows * tensor->cols; }

#endif
