/* the operations of a kernel whose activations are float32, after kernel_body.h. */
#ifndef MDP_ALGOS_NN_KERNEL_FLOAT_H
#define MDP_ALGOS_NN_KERNEL_FLOAT_H

#include "algos/nn/kernel_body.h"

/** Implements struct mdp_kernel's linear. */
static inline void kernel_linear(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, void *y) {
    struct kernel_work work = {layer, n_rows, layer->k, x, layer->k, NULL, scratch, NULL, y};
    kernel_run_layer(&work);
}

/** Implements struct mdp_kernel's add. */
static inline void kernel_add(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, float *h) {
    struct kernel_work work = {layer, n_rows, layer->k, x, layer->k, NULL, scratch, h, NULL};
    kernel_run(&work, KERNEL_ADD);
}

/** Writes one output of up to four rows: sixteen partial sums each, then their sum. */
__attribute__((always_inline)) static inline void kernel_dots(int n_rows, const struct mdp_packed *layer,
                                                              const float *x, int j, float *out) {
    const float *weight = (const float *)layer->weight + (long)j * layer->k;
    v16 c[4];
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; r++) c[r] = v16_set(0.0f);
    for (int i = 0; i < layer->k; i += 16) {
        v16 w = v16_load(weight + i);
#pragma GCC unroll 4
        for (int r = 0; r < n_rows; r++) c[r] = v16_fma(v16_load(x + (long)r * layer->k + i), w, c[r]);
    }
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; r++) out[(long)r * layer->n_out + j] = layer->bias[j] + v16_sum(c[r]);
}

/** Implements struct mdp_kernel's output. */
static inline void kernel_output(const struct mdp_packed *layer, int n_rows, const void *x, float *out) {
    const float *rows = x;
    int r = 0;
    for (; r + 4 <= n_rows; r += 4)
        for (int j = 0; j < layer->n_out; j++)
            kernel_dots(4, layer, rows + (long)r * layer->k, j, out + (long)r * layer->n_out);
    for (; r < n_rows; r++)
        for (int j = 0; j < layer->n_out; j++)
            kernel_dots(1, layer, rows + (long)r * layer->k, j, out + (long)r * layer->n_out);
}

#endif
