/* the element-wise parts of training on panels of rows: what happens between the matrix products of a layer, forward
 * and backward, each in one pass over memory.
 *
 * a table of functions, one for every kernel (nn/kernel.h), whose elements are what products read: operands. those of
 * float32 are floats, and every kernel of float32 gives the same bits; all else is float32 too. rows have n elements
 * and follow each other without a gap. */
#ifndef MDP_ALGOS_NN_ROWS_H
#define MDP_ALGOS_NN_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "algos/nn/activation.h"

/* parameters of a layer norm, and what its backward needs of a row: xhat [m, n], inverse [m] */
struct mdp_row_norm {
    const float *weight, *bias; /* [n] */
    float *xhat, *inverse;
};

/* elements of rows [m, n] that are kept, 1, or dropped, 0; what is kept is scaled. NULL: all are, unscaled */
struct mdp_row_mask {
    const uint8_t *keep;
    float scale;
};

struct mdp_rows {
    size_t element; /* bytes of an operand */
    /* operands of n floats; x may be the place of operands of float32 */
    void (*round)(long n, const float *x, void *operands);
    /* y = act(z + bias), slope = act'(z + bias) for layers with an activation; both are operands, slope may be z where
     * they are floats. Shapes: z, slope, y [m, n], bias [n] */
    void (*activate)(enum mdp_activation act, int m, int n, const float *bias, const float *z, void *slope, void *y);
    /* d_z = slope d_y, of operands; d_z may be slope. Shapes: d_y [m, n] */
    void (*activate_back)(int m, int n, const void *slope, const float *d_y, void *d_z);
    /* y = act(norm(xhat + bias)) and its slope in what the norm gives; xhat is linear outputs before. Source: SPEC
     * section 1, biased variance, eps 1e-5 */
    void (*norm_activate)(enum mdp_activation act, int m, int n, const float *bias, const struct mdp_row_norm *norm,
                          void *slope, void *y);
    /* d_normed = slope d_y, and from there the gradient of the linear outputs, d_z. Shapes: d_normed [m, n] floats */
    void (*norm_activate_back)(int m, int n, const void *slope, const float *d_y, const struct mdp_row_norm *norm,
                               float *d_normed, void *d_z);
    /* y = norm(h where kept) */
    void (*branch)(int m, int n, const float *h, struct mdp_row_mask mask, const struct mdp_row_norm *norm, void *y);
    /* the gradient of h where h goes on in two ways, through branch() and unchanged: d_h = d_sum, the gradient of the
     * unchanged way, plus d_normed taken back through norm and mask. operands gets d_h as operands, too; it may be d_h
     * where operands are floats. Shapes: d_normed, d_sum, d_h [m, n] floats */
    void (*branch_back)(int m, int n, const float *d_normed, const float *d_sum, struct mdp_row_mask mask,
                        const struct mdp_row_norm *norm, float *d_h, void *operands);
    /* sums += column sums of operands. Shapes: d_y [m, n], sums [n] */
    void (*add_columns)(int m, int n, const void *d_y, float *sums);
    /* adds the gradients of a norm's parameters. Shapes: d_normed, xhat [m, n] floats, d_weight, d_bias [n] */
    void (*add_norm)(int m, int n, const float *d_normed, const float *xhat, float *d_weight, float *d_bias);
};

#endif
