/* the operations of a kernel whose products are those of vectors, after kernel_body.h. */
#ifndef MDP_ALGOS_NN_KERNEL_VECTOR_H
#define MDP_ALGOS_NN_KERNEL_VECTOR_H

#include "algos/nn/kernel_body.h"

enum { KERNEL_WORD = KERNEL_HAS_PAIRS ? 2 : 1 }; /* elements */

/** Implements struct mdp_kernel's linear. */
static inline void kernel_linear(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, void *y) {
    int k = layer->k / KERNEL_WORD;
    struct kernel_work work = {layer, n_rows, k, x, k, NULL, scratch, NULL, y, KERNEL_HAS_PAIRS};
    kernel_run_layer(&work);
}

/** Implements struct mdp_kernel's add. */
static inline void kernel_add(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, float *h) {
    int k = layer->k / KERNEL_WORD;
    struct kernel_work work = {layer, n_rows, k, x, k, NULL, scratch, h, NULL, KERNEL_HAS_PAIRS};
    kernel_run(&work, KERNEL_ADD);
}

/** Writes one output of up to four rows of k words: sixteen partial sums each, then their sum. */
__attribute__((always_inline)) static inline void kernel_dots(int n_rows, const struct mdp_packed *layer, int k,
                                                              const float *x, int j, float *out) {
    const float *weight = (const float *)layer->weight + (long)j * k;
    v16 c[4];
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; r++) c[r] = v16_set(0.0f);
    for (int i = 0; i < k; i += 16) {
        v16 w = v16_load(weight + i);
#pragma GCC unroll 4
        for (int r = 0; r < n_rows; r++) {
            v16 a = v16_load(x + (long)r * k + i);
            c[r] = KERNEL_HAS_PAIRS ? KERNEL_PAIR(a, w, c[r]) : v16_fma(a, w, c[r]);
        }
    }
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; r++) out[(long)r * layer->n_out + j] = layer->bias[j] + v16_sum(c[r]);
}

/** Implements struct mdp_kernel's output. */
static inline void kernel_output(const struct mdp_packed *layer, int n_rows, const void *x, float *out) {
    const float *rows = x;
    int k = layer->k / KERNEL_WORD, r = 0;
    for (; r + 4 <= n_rows; r += 4)
        for (int j = 0; j < layer->n_out; j++)
            kernel_dots(4, layer, k, rows + (long)r * k, j, out + (long)r * layer->n_out);
    for (; r < n_rows; r++)
        for (int j = 0; j < layer->n_out; j++)
            kernel_dots(1, layer, k, rows + (long)r * k, j, out + (long)r * layer->n_out);
}

/* struct mdp_kernel of a file that includes this one: its name, precision and form of packed weights */
#define KERNEL_OF_VECTORS(label, numbers, form)                                                                        \
    {                                                                                                                  \
        .name = (label), .precision = (numbers), .format = {(form), KERNEL_COLS, KERNEL_WORD, 1},                      \
        .start_format = {MDP_PACK_F32, KERNEL_COLS, 1, 0}, .element = sizeof(kernel_element),                          \
        .is_supported = is_supported, .start = kernel_start, .begin = kernel_begin, .linear = kernel_linear,           \
        .add = kernel_add, .norm = kernel_norm, .output = kernel_output, .activate = kernel_activate,                  \
        .product = kernel_product, .rows = KERNEL_ROWS_TABLE,                                                          \
    }

#endif
