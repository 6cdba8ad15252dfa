/* the matrix products of training. in float32 they are those of nn/gemm.h; operands of bfloat16 go by the matrix
 * library's primitives, which are made once for the shapes of a run. sums are float32.
 *
 * networks keep their parameters in float32; what bfloat16 products read is a rounded copy of a block of parameters,
 * refreshed when the block has changed. a product is run by the calling thread alone, so that a result never depends on
 * the number of threads. matrices are row-major. */
#ifndef MDP_ALGOS_NN_PRODUCTS_H
#define MDP_ALGOS_NN_PRODUCTS_H

#include "algos/nn/kernel.h"
#include "base/err.h"

/* which units multiply. a kind promises bits, so the library may not choose another one by itself */
enum mdp_products_kind {
    MDP_PRODUCTS_F32,     /* float32; there is no object for it, NULL takes its place */
    MDP_PRODUCTS_AMX,     /* bfloat16 on AMX */
    MDP_PRODUCTS_AVX512,  /* bfloat16 on AVX512_BF16 */
    MDP_PRODUCTS_EMULATED /* values of bfloat16 in float32 */
};

struct mdp_products;

/** Makes products for up to n_threads threads; *out is NULL for float32. Owns: caller, mdp_products_free.
 * Errors: USAGE if the machine or the library lacks the units, NOMEM, INTERNAL. */
mdp_err mdp_products_new(enum mdp_products_kind kind, int n_threads, struct mdp_products **out);

/** Frees products. Nullable: products. */
void mdp_products_free(struct mdp_products *products);

/** Returns what works on operands between products, borrowed. Nullable: products. */
const struct mdp_rows *mdp_products_rows(const struct mdp_products *products);

/** Prepares the three products of a linear layer for panels of n_rows; blocks of n_block rows of its weight's gradient
 * may be computed apart. Other shapes work too, slowly. Range: n_block 1 to n_out. Nullable: products.
 * Errors: NOMEM, INTERNAL. */
mdp_err mdp_products_plan(struct mdp_products *products, int n_rows, int n_out, int n_in, int n_block);

/** Keeps a rounded copy of a block of n parameters, which is borrowed, and rounds it. Nullable: products.
 * Errors: NOMEM. */
mdp_err mdp_products_watch(struct mdp_products *products, const float *params, long n);

/** Rounds a block anew after its parameters have changed. Nullable: products. */
void mdp_products_refresh(struct mdp_products *products, const float *params, int n_threads);

/** As mdp_products_refresh for n parameters from `first` on. */
void mdp_products_refresh_part(struct mdp_products *products, const float *params, long first, long n);

/** y = x w^T. Shapes: x [m, k] of operands, w [n, k] in a watched block, y [m, n]. Nullable: products. */
void mdp_product_forward(struct mdp_products *products, int m, int n, int k, const void *x, const float *w, float *y);

/** dx = dy w. Shapes: dy [m, n] of operands, w [n, k] in a watched block, dx [m, k]. Nullable: products. */
void mdp_product_backward_input(struct mdp_products *products, int m, int n, int k, const void *dy, const float *w,
                                float *dx);

/** dw = keep dw + dy^T x; rows of dy are `stride` elements apart. Shapes: dy [m, n], x [m, k] of operands, dw [n, k].
 * Range: keep 0 or 1; dw need not hold numbers if it is 0. Nullable: products. */
void mdp_product_backward_weight(struct mdp_products *products, int m, int n, int k, const void *dy, int stride,
                                 const void *x, int keep, float *dw);

#endif
