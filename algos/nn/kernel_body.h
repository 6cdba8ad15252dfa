/* the body of the kernels, written once in the operations of a v16 header.
 *
 * included by one source file per instruction set, after its v16 header and these definitions: KERNEL_VECS vectors of
 * 16 columns make a panel of weights; KERNEL_ROWS(X) lists the row counts of a tile as X(1) X(2) .. and
 * KERNEL_ROWS_MAX is the last of them; kernel_element is the type of activations and kernel_put(p, v) stores 16 of
 * them. a tile keeps its sums in registers over the whole inner loop, and its rows are finished while they are in the
 * first-level cache.
 *
 * a tile's inputs are words: floats or, if KERNEL_PAIR(a, b, c) is defined, pairs of bfloat16, of which it adds both
 * products to c. two neighbouring inputs and their weights then lie where one of float32 does, so the loops are the
 * same ones. */
#ifndef MDP_ALGOS_NN_KERNEL_BODY_H
#define MDP_ALGOS_NN_KERNEL_BODY_H

#include <math.h>
#include <string.h>

#include "algos/nn/kernel.h"
#include "algos/nn/v16_math.h"

#ifndef KERNEL_MISH
#define KERNEL_MISH v16_mish
#endif
#ifdef KERNEL_PAIR
enum { KERNEL_HAS_PAIRS = 1 };
#else
enum { KERNEL_HAS_PAIRS = 0 };
#define KERNEL_PAIR v16_fma
#endif

/* may be the place of two other elements */
typedef float kernel_word __attribute__((may_alias));

/* four rows each, so that a row's address is a pointer and a multiple of the stride */
enum { KERNEL_COLS = 16 * KERNEL_VECS, KERNEL_GROUPS = (KERNEL_ROWS_MAX + 3) / 4 };

/* what becomes of a row of sums: activations; their norm's activations; a row of h; more for a row of h */
enum kernel_finish { KERNEL_ACTIVATE, KERNEL_NORM, KERNEL_SET, KERNEL_ADD };

/* a layer over a panel of rows; rows have their own bias if base is there */
struct kernel_work {
    const struct mdp_packed *layer;
    int n_rows, k; /* k: words of a row that count */
    const kernel_word *x;
    long stride; /* distance from one row of x to the next, in words */
    const float *const *base;
    float *scratch, *h; /* h for KERNEL_SET and KERNEL_ADD, else y */
    kernel_element *y;
    int has_pairs; /* words are pairs */
};

/** Adds the products of one word to a tile's sums. */
__attribute__((always_inline)) static inline void kernel_step(int has_pairs, int n_rows,
                                                              const kernel_word *const x[KERNEL_GROUPS], long stride,
                                                              int i, const float *w,
                                                              v16 c[KERNEL_ROWS_MAX][KERNEL_VECS]) {
    v16 b[KERNEL_VECS];
#pragma GCC unroll 4
    for (int v = 0; v < KERNEL_VECS; v++) b[v] = v16_load(w + i * KERNEL_COLS + 16 * v);
#pragma GCC unroll 16
    for (int r = 0; r < n_rows; r++) {
        v16 a = v16_set(x[r / 4][r % 4 * stride + i]);
#pragma GCC unroll 4
        for (int v = 0; v < KERNEL_VECS; v++)
            c[r][v] = has_pairs ? KERNEL_PAIR(a, b[v], c[r][v]) : v16_fma(a, b[v], c[r][v]);
    }
}

/** Computes the sums of one tile: the columns from `column` on of base[r] + x_r w^T, into rows of `out`.
 * the compiler must not see how the row pointers hang together, or it spends a register on each row. */
__attribute__((always_inline)) static inline void kernel_tile(int has_pairs, int n_rows, int k, const kernel_word *x,
                                                              long stride, const float *w, const float *const *base,
                                                              int column, long width, float *out) {
    v16 c[KERNEL_ROWS_MAX][KERNEL_VECS];
    const kernel_word *group[KERNEL_GROUPS];
#pragma GCC unroll 16
    for (int r = 0; r < n_rows; r++)
#pragma GCC unroll 4
        for (int v = 0; v < KERNEL_VECS; v++) c[r][v] = v16_load(base[r] + column + 16 * v);
#pragma GCC unroll 4
    for (int g = 0; g < KERNEL_GROUPS; g++) {
        group[g] = x + (4 * g < n_rows ? 4 * g * stride : 0);
        __asm__("" : "+r"(group[g]));
    }
    int i = 0;
    for (; i + 4 <= k; i += 4) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) kernel_step(has_pairs, n_rows, group, stride, j, w, c);
#pragma GCC unroll 4
        for (int g = 0; g < KERNEL_GROUPS; g++) group[g] += 4;
        w += 4 * KERNEL_COLS;
    }
    for (int j = 0; i + j < k; j++) kernel_step(has_pairs, n_rows, group, stride, j, w, c);
#pragma GCC unroll 16
    for (int r = 0; r < n_rows; r++)
#pragma GCC unroll 4
        for (int v = 0; v < KERNEL_VECS; v++) v16_store(out + r * width + column + 16 * v, c[r][v]);
}

/** Calls kernel_tile with a kind of words and a row count the compiler knows. */
static inline void kernel_tile_of(int has_pairs, int n_rows, int k, const kernel_word *x, long stride, const float *w,
                                  const float *const *base, int column, long width, float *out) {
#define KERNEL_CASE(rows)                                                                                              \
    case rows:                                                                                                         \
        if (KERNEL_HAS_PAIRS && has_pairs)                                                                             \
            kernel_tile(1, rows, k, x, stride, w, base, column, width, out);                                           \
        else                                                                                                           \
            kernel_tile(0, rows, k, x, stride, w, base, column, width, out);                                           \
        break;
    switch (n_rows) { KERNEL_ROWS(KERNEL_CASE) }
#undef KERNEL_CASE
}

/** Returns the activations of 16 values. */
static inline v16 kernel_activated(enum mdp_activation act, v16 z) {
    switch (act) {
    case MDP_ACT_MISH: return KERNEL_MISH(z);
    case MDP_ACT_TANH: return v16_tanh(z);
    case MDP_ACT_RELU: return v16_max(v16_set(0.0f), z);
    case MDP_ACT_SILU: return v16_silu(z);
    case MDP_ACT_GELU: return v16_gelu(z);
    case MDP_ACT_NONE: break;
    }
    return z;
}

/** Writes the activations of n floats. Range: n a multiple of 16. */
static inline void kernel_activate(enum mdp_activation act, long n, const float *z, void *y) {
    kernel_element *out = y;
#define KERNEL_EACH(name)                                                                                              \
    case name:                                                                                                         \
        for (long i = 0; i < n; i += 16) kernel_put(out + i, kernel_activated(name, v16_load(z + i)));                 \
        break;
    switch (act) { MDP_ACTIVATION_LIST(KERNEL_EACH) }
#undef KERNEL_EACH
}

/** Normalises a row; normed may be z. Source: SPEC section 1, biased variance, eps 1e-5. */
static inline void kernel_norm_row(const struct mdp_packed *layer, const float *z, float *normed) {
    int n = layer->n_out, n_vecs = (n + 15) / 16, n_last = n - 16 * (n_vecs - 1);
    v16 sum = v16_set(0.0f), squares = v16_set(0.0f);
    for (int i = 0; i < n_vecs; i++) sum = v16_add(sum, v16_load(z + 16 * i));
    v16 mean = v16_set(v16_sum(sum) / (float)n);
    for (int i = 0; i < n_vecs; i++) {
        v16 d = v16_first(v16_sub(v16_load(z + 16 * i), mean), i < n_vecs - 1 ? 16 : n_last);
        squares = v16_fma(d, d, squares);
    }
    v16 inverse = v16_set(1.0f / sqrtf(v16_sum(squares) / (float)n + 1e-5f));
    for (int i = 0; i < layer->n; i += 16) {
        v16 d = v16_mul(v16_sub(v16_load(z + i), mean), inverse);
        v16_store(normed + i, v16_fma(d, v16_load(layer->norm_weight + i), v16_load(layer->norm_bias + i)));
    }
}

/** Finishes rows of sums, the first of which is row r of the panel. Shapes: sums [n_rows, n]. */
static inline void kernel_finish_rows(const struct kernel_work *work, enum kernel_finish finish, int r, int n_rows,
                                      float *sums) {
    const struct mdp_packed *layer = work->layer;
    long n = layer->n, offset = r * n, n_floats = n_rows * n;
    switch (finish) {
    case KERNEL_NORM:
        for (int i = 0; i < n_rows; i++) kernel_norm_row(layer, sums + i * n, sums + i * n);
        kernel_activate(layer->act, n_floats, sums, work->y + offset);
        break;
    case KERNEL_ACTIVATE: kernel_activate(layer->act, n_floats, sums, work->y + offset); break;
    case KERNEL_SET:
        for (long i = 0; i < n_floats; i += 16) v16_store(work->h + offset + i, v16_load(sums + i));
        break;
    case KERNEL_ADD:
        for (long i = 0; i < n_floats; i += 16)
            v16_store(work->h + offset + i, v16_add(v16_load(work->h + offset + i), v16_load(sums + i)));
        break;
    }
}

/** Runs the rows r to r + n_rows, which are one tile high, through all columns. */
static inline void kernel_rows(const struct kernel_work *work, enum kernel_finish finish, int r, int n_rows) {
    const struct mdp_packed *layer = work->layer;
    const float *base[KERNEL_ROWS_MAX];
    long k = layer->k / (work->has_pairs ? 2 : 1);
    for (int i = 0; i < n_rows; i++) base[i] = work->base != NULL ? work->base[r + i] : layer->bias;
    for (int j = 0; j < layer->n; j += KERNEL_COLS)
        kernel_tile_of(work->has_pairs, n_rows, work->k, work->x + r * work->stride, work->stride,
                       (const float *)layer->weight + j * k, base, j, layer->n, work->scratch);
    kernel_finish_rows(work, finish, r, n_rows, work->scratch);
}

/** Cuts a panel into tiles of about equal height and runs them. */
static inline void kernel_run(const struct kernel_work *work, enum kernel_finish finish) {
    int n = work->n_rows, n_tiles = (n + KERNEL_ROWS_MAX - 1) / KERNEL_ROWS_MAX;
    for (int t = 0; t < n_tiles; t++) {
        int first = n * t / n_tiles;
        kernel_rows(work, finish, first, n * (t + 1) / n_tiles - first);
    }
}

/* rows of x that lie this far apart share one set of the first-level cache, which does not hold a whole tile of them */
enum { KERNEL_SET_FLOATS = 1024, KERNEL_ROWS_OF_SET = KERNEL_ROWS_MAX < 8 ? KERNEL_ROWS_MAX : 8 };

/** Runs n_rows rows from row r on, which are one tile high, through all columns; columns that are no whole panel go by
 * way of a buffer. */
static inline void kernel_product_rows(const struct mdp_kernel_product *p, long r, int n_rows) {
    const struct mdp_packed *layer = p->layer;
    float part[KERNEL_ROWS_MAX * KERNEL_COLS];
    const float *base[KERNEL_ROWS_MAX];
    for (int j = 0; j < layer->n_out; j += KERNEL_COLS) {
        const float *weight = (const float *)layer->weight + (long)j * layer->k + (long)p->first * KERNEL_COLS;
        const float *x = p->x + r * p->x_step;
        float *y = p->y + r * p->y_step + j;
        size_t n_left = (size_t)(layer->n_out - j < KERNEL_COLS ? layer->n_out - j : KERNEL_COLS);
        int is_whole = n_left == KERNEL_COLS;
        for (int i = 0; i < n_rows; i++) {
            base[i] = p->base + (r + i) * p->base_step + j;
            if (is_whole) continue;
            memcpy(part + i * KERNEL_COLS, base[i], n_left * sizeof *part);
            base[i] = part + i * KERNEL_COLS;
        }
        kernel_tile_of(0, n_rows, p->k, x, p->x_step, weight, base, 0, is_whole ? p->y_step : KERNEL_COLS,
                       is_whole ? y : part);
        for (int i = 0; !is_whole && i < n_rows; i++)
            memcpy(y + i * p->y_step, part + i * KERNEL_COLS, n_left * sizeof *part);
    }
}

/** Implements struct mdp_kernel's product. */
static inline void kernel_product(const struct mdp_kernel_product *p) {
    int most = p->x_step % KERNEL_SET_FLOATS == 0 ? KERNEL_ROWS_OF_SET : KERNEL_ROWS_MAX;
    long n_tiles = (p->n_rows + most - 1) / most;
    for (long t = 0; t < n_tiles; t++) {
        long first = p->n_rows * t / n_tiles;
        kernel_product_rows(p, first, (int)(p->n_rows * (t + 1) / n_tiles - first));
    }
}

/** Runs a layer with activation, by way of the scratch rows if it has a norm. */
static inline void kernel_run_layer(const struct kernel_work *work) {
    kernel_run(work, work->layer->norm_weight != NULL ? KERNEL_NORM : KERNEL_ACTIVATE);
}

/** Implements struct mdp_kernel's start. */
static inline void kernel_start(const struct mdp_packed *layer, int n_rows, const float *x, const float *const *base,
                                float *scratch, void *y) {
    struct kernel_work work = {layer, n_rows, layer->n_in, x, layer->n_in, base, scratch, NULL, y, 0};
    kernel_run_layer(&work);
}

/** Implements struct mdp_kernel's begin. */
static inline void kernel_begin(const struct mdp_packed *layer, int n_rows, const float *x, const float *const *base,
                                float *scratch, float *h) {
    struct kernel_work work = {layer, n_rows, layer->n_in, x, layer->n_in, base, scratch, h, NULL, 0};
    kernel_run(&work, KERNEL_SET);
}

/** Implements struct mdp_kernel's norm. */
static inline void kernel_norm(const struct mdp_packed *layer, int n_rows, const float *h, float *scratch, void *y) {
    for (long r = 0; r < n_rows; r++) {
        kernel_norm_row(layer, h + r * layer->n, scratch);
        kernel_activate(layer->act, layer->n, scratch, (kernel_element *)y + r * layer->n);
    }
}

#endif
