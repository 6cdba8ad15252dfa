/* struct mdp_rows in the operations of a v16 header, for a kernel's file after kernel_body.h; kernel_get(p) loads 16
 * elements as kernel_put stores them. n need not be a multiple of 16: the last lanes of a row go by way of a buffer. */
#ifndef MDP_ALGOS_NN_KERNEL_ROWS_H
#define MDP_ALGOS_NN_KERNEL_ROWS_H

#include <string.h>

#include "algos/nn/kernel_body.h"
#include "algos/nn/rows.h"

/* 1 / a; kernels whose activations become bfloat16 may be coarser */
#ifndef KERNEL_INVERSE
#define KERNEL_INVERSE(a) v16_div(v16_set(1.0f), a)
#endif

/* what a pointer has at i */
#define ROW_AT(p) row_load((p) + i, lanes)

/* runs statements over a row, which see i and the number of lanes from there on */
#define ROW_EACH(n, ...)                                                                                               \
    do {                                                                                                               \
        long i = 0;                                                                                                    \
        for (; i + 16 <= (n); i += 16) {                                                                               \
            enum { lanes = 16 };                                                                                       \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        if (i < (n)) {                                                                                                 \
            const int lanes = (int)((n)-i);                                                                            \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)

/** Returns floats from memory, zeros beyond the lanes. */
__attribute__((always_inline)) static inline v16 row_load(const float *p, int lanes) {
    float all[16] = {0};
    if (lanes == 16) return v16_load(p);
    memcpy(all, p, (size_t)lanes * sizeof *p);
    return v16_load(all);
}

/** Stores floats. */
__attribute__((always_inline)) static inline void row_store(float *p, v16 a, int lanes) {
    float all[16];
    if (lanes == 16) {
        v16_store(p, a);
        return;
    }
    v16_store(all, a);
    memcpy(p, all, (size_t)lanes * sizeof *p);
}

/** Returns elements from memory, zeros beyond the lanes. */
__attribute__((always_inline)) static inline v16 row_get(const kernel_element *p, int lanes) {
    kernel_element all[16] = {0};
    if (lanes == 16) return kernel_get(p);
    memcpy(all, p, (size_t)lanes * sizeof *p);
    return kernel_get(all);
}

/** Stores elements. */
__attribute__((always_inline)) static inline void row_put(kernel_element *p, v16 a, int lanes) {
    kernel_element all[16];
    if (lanes == 16) {
        kernel_put(p, a);
        return;
    }
    kernel_put(all, a);
    memcpy(p, all, (size_t)lanes * sizeof *p);
}

/** Returns the scale of kept elements and zeros; ones without a mask. */
__attribute__((always_inline)) static inline v16 row_mask(struct mdp_row_mask mask, long offset, int lanes) {
    float all[16] = {0};
    if (mask.keep == NULL) return v16_set(1.0f);
    for (int j = 0; j < lanes; j++) all[j] = (float)mask.keep[offset + j] * mask.scale;
    return v16_load(all);
}

/* ---- activations ---- */

/* an activation and its derivative */
struct row_activated {
    v16 y, slope;
};

/** Returns mish and its slope. with e = exp(z) and p = e (e + 2): tanh(log(1 + e)) = p / (p + 2) = t; mish(z) = z t and
 * mish'(z) = t + z (1 - t^2) e / (1 + e) with 1 - t^2 = 4 (1 + e)^2 / (p + 2)^2. beyond 20 t and the slope are 1. */
static inline struct row_activated row_mish(v16 z) {
    const v16 two = v16_set(2.0f), four = v16_set(4.0f);
    v16 x = v16_max(v16_set(-87.0f), z), within = v16_min(x, v16_set(20.0f)), e = v16_exp(within);
    v16 p = v16_mul(e, v16_add(e, two)), r = KERNEL_INVERSE(v16_add(p, two)), t = v16_mul(p, r);
    v16 u = v16_mul(v16_mul(within, e), v16_mul(r, r));
    return (struct row_activated){v16_mul(x, t), v16_fma(u, v16_fma(four, e, four), t)};
}

/** Returns silu and its slope. with e = exp(-z) and s = 1 / (1 + e): silu(z) = z s and silu'(z) = s + z s (e s). */
static inline struct row_activated row_silu(v16 z) {
    const v16 one = v16_set(1.0f);
    v16 x = v16_max(v16_set(-87.0f), z), e = v16_exp(v16_sub(v16_set(0.0f), v16_min(x, v16_set(87.0f))));
    v16 within = v16_min(x, v16_set(87.0f)), s = KERNEL_INVERSE(v16_add(one, e));
    return (struct row_activated){v16_mul(x, s), v16_fma(v16_mul(within, s), v16_mul(e, s), s)};
}

/** Returns gelu and its slope. with u and s = 1 / (1 + exp(-u)) as in v16_gelu: gelu(z) = z s and gelu'(z) = s + z s (1
 * - s) u'. */
static inline struct row_activated row_gelu(v16 z) {
    const v16 one = v16_set(1.0f);
    v16 x = v16_max(v16_set(-10.0f), z), e = v16_exp(v16_sub(v16_set(0.0f), v16_gelu_argument(x)));
    v16 s = KERNEL_INVERSE(v16_add(one, e)), near = v16_min(x, v16_set(10.0f)); /* beyond, the slope is 1 */
    v16 slope = v16_fma(v16_mul(near, near), v16_set(0x1.b6676cp-3f), v16_set(0x1.988454p0f));
    return (struct row_activated){v16_mul(x, s), v16_fma(v16_mul(near, s), v16_mul(v16_mul(e, s), slope), s)};
}

/** Returns an activation and its slope; that of ReLU is 1 for the smallest number, too. */
__attribute__((always_inline)) static inline struct row_activated row_activated(enum mdp_activation act, v16 z) {
    const v16 zero = v16_set(0.0f), one = v16_set(1.0f), large = v16_set(0x1p126f);
    v16 y;
    switch (act) {
    case MDP_ACT_MISH: return row_mish(z);
    case MDP_ACT_SILU: return row_silu(z);
    case MDP_ACT_GELU: return row_gelu(z);
    case MDP_ACT_TANH: y = v16_tanh(z); return (struct row_activated){y, v16_fnma(y, y, one)};
    case MDP_ACT_RELU:
        y = v16_max(zero, z);
        return (struct row_activated){y, v16_min(one, v16_mul(v16_mul(y, large), large))};
    case MDP_ACT_NONE: break;
    }
    return (struct row_activated){z, one};
}

/** Implements struct mdp_rows' round. */
static inline void rows_round(long n, const float *x, void *operands) {
    kernel_element *out = operands;
    ROW_EACH(n, { row_put(out + i, ROW_AT(x), lanes); });
}

/** Implements struct mdp_rows' activate for one activation. */
__attribute__((always_inline)) static inline void rows_activate_by(enum mdp_activation act, int m, int n,
                                                                   const float *bias, const float *z,
                                                                   kernel_element *slope, kernel_element *y) {
    for (int r = 0; r < m; r++, z += n, slope += n, y += n)
        ROW_EACH(n, {
            struct row_activated a = row_activated(act, v16_add(ROW_AT(z), ROW_AT(bias)));
            if (act != MDP_ACT_NONE) row_put(slope + i, a.slope, lanes);
            row_put(y + i, a.y, lanes);
        });
}

/** Implements struct mdp_rows' activate. */
static inline void rows_activate(enum mdp_activation act, int m, int n, const float *bias, const float *z, void *slope,
                                 void *y) {
#define ROWS_CASE(name)                                                                                                \
    case name: rows_activate_by(name, m, n, bias, z, slope, y); break;
    switch (act) { MDP_ACTIVATION_LIST(ROWS_CASE) }
#undef ROWS_CASE
}

/** Implements struct mdp_rows' activate_back. */
static inline void rows_activate_back(int m, int n, const void *slope, const float *d_y, void *d_z) {
    const kernel_element *slopes = slope;
    kernel_element *out = d_z;
    ROW_EACH((long)m * n, { row_put(out + i, v16_mul(row_get(slopes + i, lanes), ROW_AT(d_y)), lanes); });
}

/* ---- norms ---- */

/** Normalises a row in its place; returns the inverse of its deviation. */
static inline float row_normalize(int n, float *x) {
    v16 sum = v16_set(0.0f), squares = sum;
    ROW_EACH(n, { sum = v16_add(sum, ROW_AT(x)); });
    v16 mean = v16_set(v16_sum(sum) / (float)n);
    ROW_EACH(n, {
        v16 d = v16_first(v16_sub(ROW_AT(x), mean), lanes);
        squares = v16_fma(d, d, squares);
    });
    float inverse = 1.0f / sqrtf(v16_sum(squares) / (float)n + 1e-5f);
    v16 scale = v16_set(inverse);
    ROW_EACH(n, { row_store(x + i, v16_mul(v16_sub(ROW_AT(x), mean), scale), lanes); });
    return inverse;
}

/* the sums over a row that the backward pass of a norm needs */
struct row_means {
    v16 mean, dot, inverse;
};

/** Returns the means of g and g xhat with g = d_normed weight. */
static inline struct row_means row_means(int n, const float *d_normed, const float *weight, const float *xhat,
                                         float inverse) {
    v16 sum = v16_set(0.0f), dot = sum;
    ROW_EACH(n, {
        v16 g = v16_mul(ROW_AT(d_normed), ROW_AT(weight));
        sum = v16_add(sum, g);
        dot = v16_fma(g, ROW_AT(xhat), dot);
    });
    return (struct row_means){v16_set(v16_sum(sum) / (float)n), v16_set(v16_sum(dot) / (float)n), v16_set(inverse)};
}

/** Returns the gradient of a norm's input: inverse (g - mean(g) - xhat mean(g xhat)). */
static inline v16 row_through(const struct row_means *means, v16 d_normed, v16 weight, v16 xhat) {
    v16 g = v16_mul(d_normed, weight);
    return v16_mul(v16_fnma(xhat, means->dot, v16_sub(g, means->mean)), means->inverse);
}

/** Implements struct mdp_rows' norm_activate for one activation. */
__attribute__((always_inline)) static inline void rows_norm_activate_by(enum mdp_activation act, int m, int n,
                                                                        const float *bias,
                                                                        const struct mdp_row_norm *norm,
                                                                        kernel_element *slope, kernel_element *y) {
    float *xhat = norm->xhat;
    for (int r = 0; r < m; r++, xhat += n, slope += n, y += n) {
        ROW_EACH(n, { row_store(xhat + i, v16_add(ROW_AT(xhat), ROW_AT(bias)), lanes); });
        norm->inverse[r] = row_normalize(n, xhat);
        ROW_EACH(n, {
            struct row_activated a =
                row_activated(act, v16_fma(ROW_AT(xhat), ROW_AT(norm->weight), ROW_AT(norm->bias)));
            row_put(slope + i, a.slope, lanes);
            row_put(y + i, a.y, lanes);
        });
    }
}

/** Implements struct mdp_rows' norm_activate. */
static inline void rows_norm_activate(enum mdp_activation act, int m, int n, const float *bias,
                                      const struct mdp_row_norm *norm, void *slope, void *y) {
#define ROWS_CASE(name)                                                                                                \
    case name: rows_norm_activate_by(name, m, n, bias, norm, slope, y); break;
    switch (act) { MDP_ACTIVATION_LIST(ROWS_CASE) }
#undef ROWS_CASE
}

/** Implements struct mdp_rows' norm_activate_back. */
static inline void rows_norm_activate_back(int m, int n, const void *slope, const float *d_y,
                                           const struct mdp_row_norm *norm, float *d_normed, void *d_z) {
    const kernel_element *slopes = slope;
    const float *xhat = norm->xhat;
    kernel_element *out = d_z;
    for (int r = 0; r < m; r++, slopes += n, d_y += n, d_normed += n, xhat += n, out += n) {
        ROW_EACH(n, { row_store(d_normed + i, v16_mul(row_get(slopes + i, lanes), ROW_AT(d_y)), lanes); });
        const struct row_means means = row_means(n, d_normed, norm->weight, xhat, norm->inverse[r]);
        ROW_EACH(
            n, { row_put(out + i, row_through(&means, ROW_AT(d_normed), ROW_AT(norm->weight), ROW_AT(xhat)), lanes); });
    }
}

/** Implements struct mdp_rows' branch. */
static inline void rows_branch(int m, int n, const float *h, struct mdp_row_mask mask, const struct mdp_row_norm *norm,
                               void *y) {
    float *xhat = norm->xhat;
    kernel_element *out = y;
    for (long r = 0; r < m; r++, h += n, xhat += n, out += n) {
        ROW_EACH(n, { row_store(xhat + i, v16_mul(ROW_AT(h), row_mask(mask, r * n + i, lanes)), lanes); });
        norm->inverse[r] = row_normalize(n, xhat);
        ROW_EACH(n, { row_put(out + i, v16_fma(ROW_AT(xhat), ROW_AT(norm->weight), ROW_AT(norm->bias)), lanes); });
    }
}

/** Implements struct mdp_rows' branch_back. */
static inline void rows_branch_back(int m, int n, const float *d_normed, const float *d_sum, struct mdp_row_mask mask,
                                    const struct mdp_row_norm *norm, float *d_h, void *operands) {
    const float *xhat = norm->xhat;
    kernel_element *out = operands;
    for (long r = 0; r < m; r++, d_normed += n, d_sum += n, xhat += n, d_h += n, out += n) {
        const struct row_means means = row_means(n, d_normed, norm->weight, xhat, norm->inverse[r]);
        ROW_EACH(n, {
            v16 d = row_through(&means, ROW_AT(d_normed), ROW_AT(norm->weight), ROW_AT(xhat));
            d = v16_fma(d, row_mask(mask, r * n + i, lanes), ROW_AT(d_sum));
            row_store(d_h + i, d, lanes);
            row_put(out + i, d, lanes);
        });
    }
}

/** Implements struct mdp_rows' add_columns. */
static inline void rows_add_columns(int m, int n, const void *d_y, float *sums) {
    const kernel_element *rows = d_y;
    for (int r = 0; r < m; r++, rows += n)
        ROW_EACH(n, { row_store(sums + i, v16_add(ROW_AT(sums), row_get(rows + i, lanes)), lanes); });
}

/** Implements struct mdp_rows' add_norm. */
static inline void rows_add_norm(int m, int n, const float *d_normed, const float *xhat, float *d_weight,
                                 float *d_bias) {
    for (int r = 0; r < m; r++, d_normed += n, xhat += n)
        ROW_EACH(n, {
            row_store(d_weight + i, v16_fma(ROW_AT(d_normed), ROW_AT(xhat), ROW_AT(d_weight)), lanes);
            row_store(d_bias + i, v16_add(ROW_AT(d_normed), ROW_AT(d_bias)), lanes);
        });
}

/* struct mdp_kernel's rows */
#define KERNEL_ROWS_TABLE                                                                                              \
    {                                                                                                                  \
        sizeof(kernel_element), rows_round, rows_activate, rows_activate_back, rows_norm_activate,                     \
            rows_norm_activate_back, rows_branch, rows_branch_back, rows_add_columns, rows_add_norm                    \
    }

#endif
