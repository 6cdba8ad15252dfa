/* a graph's way forward and back for one type of number, each operation's two ways side by side.
 *
 * who includes this defines graph_real, GRAPH_WORK, the struct made by MDP_GRAPH_WORK, graph_activate, graph_gemm,
 * GRAPH_KEEPS(work), whether there will be a way back, GRAPH_PACKED(work, i), the packed weights of operation i or
 * NULL, graph_product_packed and its _back for them, and GRAPH_CLONES, an attribute of functions with long loops:
 * float32 for training and acting (graph_run.c), double for finite differences (tests). loops go over channels, which
 * lie side by side, so that they become vectors; what is summed over channels is summed in sixteen parts, so that a sum
 * does not depend on how wide vectors are. rows are apart from each other in all but the parameters' gradients. */
#ifndef MDP_ALGOS_NN_GRAPH_BODY_H
#define MDP_ALGOS_NN_GRAPH_BODY_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/graph.h"

/* an operation on n rows: its values, their gradients, and parameters with theirs. pointers of what is not asked for
 * are NULL, which of gradients says where the way back ends */
struct graph_run {
    int n;
    const struct mdp_graph_value *in, *out, *side; /* x, y, other */
    const graph_real *x, *other, *base;
    graph_real *y, *d_y, *d_x, *d_other, *d_base, *extra, *scratch;
    const graph_real *weight, *bias;
    graph_real *d_weight, *d_bias;
    const struct mdp_graph_packed_op *packed; /* NULL: the weight as it lies */
    int keeps;                                /* what the way back needs is kept */
};

/** Returns the numbers of a row. */
static inline long graph_count(const struct mdp_graph_value *value) { return (long)value->length * value->channels; }

/* ---- loops over channels ---- */

enum { GRAPH_PARTS = 16 };

/* what clones call is part of them */
#define GRAPH_INLINE __attribute__((always_inline)) static inline

/** Returns the sum of n numbers, of sixteen or more in sixteen parts. */
GRAPH_INLINE graph_real graph_sum(int n, const graph_real *x) {
    graph_real part[GRAPH_PARTS] = {0};
    int whole = n - n % GRAPH_PARTS;
    if (whole == 0) {
        for (int i = 0; i < n; i++) part[0] += x[i];
        return part[0];
    }
    for (int i = 0; i < whole; i += GRAPH_PARTS)
        for (int k = 0; k < GRAPH_PARTS; k++) part[k] += x[i + k];
    for (int k = 0; whole + k < n; k++) part[k] += x[whole + k];
    for (int step = GRAPH_PARTS / 2; step > 0; step /= 2)
        for (int k = 0; k < step; k++) part[k] += part[k + step];
    return part[0];
}

/** Adds a row of n numbers to each of n_rows rows. */
GRAPH_CLONES static void graph_add_to_rows(long n_rows, int n, const graph_real *restrict row,
                                           graph_real *restrict rows) {
    for (long i = 0; i < n_rows; i++, rows += n)
        for (int c = 0; c < n; c++) rows[c] += row[c];
}

/** Adds each of n_rows rows of n numbers to a row. */
GRAPH_CLONES static void graph_add_up_rows(long n_rows, int n, const graph_real *restrict rows,
                                           graph_real *restrict row) {
    for (long i = 0; i < n_rows; i++, rows += n)
        for (int c = 0; c < n; c++) row[c] += rows[c];
}

/** Adds n numbers to others. */
GRAPH_CLONES static void graph_add_numbers(long n, const graph_real *restrict x, graph_real *restrict y) {
    for (long i = 0; i < n; i++) y[i] += x[i];
}

/** Writes sums of n numbers. */
GRAPH_CLONES static void graph_sum_numbers(long n, const graph_real *restrict a, const graph_real *restrict b,
                                           graph_real *restrict y) {
    for (long i = 0; i < n; i++) y[i] = a[i] + b[i];
}

/** Adds products of n numbers to others. */
GRAPH_CLONES static void graph_add_products(long n, const graph_real *restrict a, const graph_real *restrict b,
                                            graph_real *restrict y) {
    for (long i = 0; i < n; i++) y[i] += a[i] * b[i];
}

/* ---- products ---- */

/** Returns how many rows a product has: all places at once if each reads only itself. */
static inline int graph_product_rows(const struct mdp_graph_op *op, const struct graph_run *r) {
    return op->n_spots == 1 ? r->n * r->out->length : r->n;
}

/** Returns how far apart those rows lie in a value. */
static inline int graph_product_step(const struct mdp_graph_op *op, const struct mdp_graph_value *value) {
    return op->n_spots == 1 && op->spots[0].n_taps == 1 ? value->channels : (int)graph_count(value);
}

/** Computes a product place by place, then adds the bias. */
static inline void graph_product(const struct mdp_graph_op *op, const struct graph_run *r) {
    if (r->packed != NULL) {
        graph_product_packed(op, r);
        return;
    }
    int m = graph_product_rows(op, r), n_in = r->in->channels, n_out = r->out->channels;
    for (int i = 0; i < op->n_spots; i++) {
        const struct mdp_graph_spot *spot = &op->spots[i];
        graph_gemm('N', 'T', m, n_out, spot->n_taps * n_in, r->x + (long)spot->x * n_in, graph_product_step(op, r->in),
                   r->weight + spot->weight, op->stride, 0, r->y + (long)spot->y * n_out,
                   graph_product_step(op, r->out));
    }
    graph_add_to_rows((long)r->n * r->out->length, n_out, r->bias, r->y);
}

/** Takes a product back. */
static inline void graph_product_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    if (r->packed != NULL) {
        graph_product_packed_back(op, r);
        return;
    }
    int m = graph_product_rows(op, r), n_in = r->in->channels, n_out = r->out->channels;
    for (int i = 0; i < op->n_spots; i++) {
        const struct mdp_graph_spot *spot = &op->spots[i];
        const graph_real *d_y = r->d_y + (long)spot->y * n_out;
        int k = spot->n_taps * n_in, step_in = graph_product_step(op, r->in), step_out = graph_product_step(op, r->out);
        if (r->d_weight != NULL)
            graph_gemm('T', 'N', n_out, k, m, d_y, step_out, r->x + (long)spot->x * n_in, step_in, 1,
                       r->d_weight + spot->weight, op->stride);
        if (r->d_x != NULL)
            graph_gemm('N', 'N', m, k, n_out, d_y, step_out, r->weight + spot->weight, op->stride, 1,
                       r->d_x + (long)spot->x * n_in, step_in);
    }
    if (r->d_bias != NULL) graph_add_up_rows((long)r->n * r->out->length, n_out, r->d_y, r->d_bias);
}

/* ---- norms ---- */

/* the shape of a norm: rows of `places` places whose channels are cut in groups */
struct graph_norm {
    long n;
    int places, channels, groups, size; /* size: channels of a group */
    graph_real *xhat, *inverse;         /* [n, places, channels], [n, groups] */
};

/** Returns the shape of an operation's norm. */
static inline struct graph_norm graph_norm_of(const struct mdp_graph_op *op, const struct graph_run *r) {
    int places = op->is_by_place ? 1 : r->in->length, channels = r->in->channels;
    long n = (long)r->n * r->in->length / places;
    return (struct graph_norm){
        n, places, channels, op->n_groups, channels / op->n_groups, r->extra, r->extra + n * places * channels};
}

/* numbers of a row that a norm needs on its way: one for each channel */
struct graph_norm_sums {
    graph_real first[MDP_GRAPH_CHANNELS_MAX], second[MDP_GRAPH_CHANNELS_MAX];
};

/** Makes sums over the places of each channel means over the numbers of its group. */
GRAPH_INLINE void graph_norm_means(const struct graph_norm *s, graph_real *sums) {
    const graph_real share = 1 / (graph_real)(s->places * s->size);
    for (int g = 0; g < s->groups; g++) {
        graph_real *part = sums + g * s->size, mean = graph_sum(s->size, part) * share;
        for (int c = 0; c < s->size; c++) part[c] = mean;
    }
}

/** Gives every channel the number of its group. */
GRAPH_INLINE void graph_norm_spread(const struct graph_norm *s, const graph_real *of_groups, graph_real *out) {
    for (int g = 0; g < s->groups; g++)
        for (int c = 0; c < s->size; c++) out[g * s->size + c] = of_groups[g];
}

/** Normalises one row: xhat, and y = xhat weight + bias. Shapes: x, xhat, y [places, channels], inverse [groups].
 * Nullable: weight, bias. */
GRAPH_INLINE void graph_norm_row(const struct graph_norm *s, double eps, const graph_real *restrict x,
                                 const graph_real *restrict weight, const graph_real *restrict bias,
                                 graph_real *restrict xhat, graph_real *restrict inverse, graph_real *restrict y) {
    struct graph_norm_sums sums;
    graph_real *mean = sums.first, *square = sums.second;
    const int n = s->channels;
    for (int c = 0; c < n; c++) mean[c] = square[c] = 0;
    for (int l = 0; l < s->places; l++)
        for (int c = 0; c < n; c++) mean[c] += x[l * n + c];
    graph_norm_means(s, mean);
    for (int l = 0; l < s->places; l++)
        for (int c = 0; c < n; c++) {
            graph_real d = x[l * n + c] - mean[c];
            xhat[l * n + c] = d;
            square[c] += d * d;
        }
    graph_norm_means(s, square);
    for (int g = 0; g < s->groups; g++)
        inverse[g] = 1 / (graph_real)sqrt((double)(square[g * s->size] + (graph_real)eps));
    graph_norm_spread(s, inverse, square);
    for (int l = 0; l < s->places; l++)
        for (int c = 0; c < n; c++) {
            graph_real normed = xhat[l * n + c] * square[c];
            xhat[l * n + c] = normed;
            y[l * n + c] = weight != NULL ? normed * weight[c] + bias[c] : normed;
        }
}

/** Normalises. */
GRAPH_CLONES static void graph_norm(const struct mdp_graph_op *op, const struct graph_run *r) {
    const struct graph_norm s = graph_norm_of(op, r);
    long row = (long)s.places * s.channels, kept = r->keeps ? row : 0;
    for (long i = 0; i < s.n; i++)
        graph_norm_row(&s, op->eps, r->x + i * row, r->weight, r->bias, s.xhat + i * kept, s.inverse + i * s.groups,
                       r->y + i * row);
}

/** Takes one row back: d_x += inverse (g - mean(g) - xhat mean(g xhat)) with g = d_y weight. Shapes: weight
 * [channels]. */
GRAPH_INLINE void graph_norm_row_back(const struct graph_norm *s, const graph_real *restrict weight,
                                      const graph_real *restrict d_y, const graph_real *restrict xhat,
                                      const graph_real *inverse, graph_real *restrict d_x) {
    struct graph_norm_sums sums;
    graph_real *mean = sums.first, *dot = sums.second, scale[MDP_GRAPH_CHANNELS_MAX];
    const int n = s->channels;
    for (int c = 0; c < n; c++) mean[c] = dot[c] = 0;
    for (int l = 0; l < s->places; l++)
        for (int c = 0; c < n; c++) {
            graph_real d = d_y[l * n + c] * weight[c];
            mean[c] += d;
            dot[c] += d * xhat[l * n + c];
        }
    graph_norm_means(s, mean);
    graph_norm_means(s, dot);
    graph_norm_spread(s, inverse, scale);
    for (int l = 0; l < s->places; l++)
        for (int c = 0; c < n; c++)
            d_x[l * n + c] += scale[c] * (d_y[l * n + c] * weight[c] - mean[c] - xhat[l * n + c] * dot[c]);
}

/** Takes a norm back. */
GRAPH_CLONES static void graph_norm_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    const struct graph_norm s = graph_norm_of(op, r);
    long row = (long)s.places * s.channels;
    graph_real ones[MDP_GRAPH_CHANNELS_MAX];
    const graph_real *weight = r->weight;
    for (int c = 0; weight == NULL && c < s.channels; c++) ones[c] = 1;
    if (weight == NULL) weight = ones;
    for (long i = 0; r->d_x != NULL && i < s.n; i++)
        graph_norm_row_back(&s, weight, r->d_y + i * row, s.xhat + i * row, s.inverse + i * s.groups, r->d_x + i * row);
    if (r->d_weight == NULL) return;
    graph_add_up_rows(s.n * s.places, s.channels, r->d_y, r->d_bias);
    for (long i = 0; i < s.n * s.places; i++)
        graph_add_products(s.channels, r->d_y + i * s.channels, s.xhat + i * s.channels, r->d_weight);
}

/* ---- what goes element by element ---- */

/** Applies an activation and keeps its slope. */
static inline void graph_activation(const struct mdp_graph_op *op, const struct graph_run *r) {
    graph_activate(op->act, r->n * graph_count(r->out), r->x, r->keeps ? r->extra : NULL, r->y);
}

/** Takes an activation back. */
static inline void graph_activation_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    (void)op;
    if (r->d_x != NULL) graph_add_products(r->n * graph_count(r->out), r->extra, r->d_y, r->d_x);
}

/** Adds two values. */
static inline void graph_add(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    (void)op;
    if (row == side) {
        graph_sum_numbers(r->n * row, r->x, r->other, r->y);
        return;
    }
    memcpy(r->y, r->x, (size_t)(r->n * row) * sizeof *r->y);
    for (int i = 0; i < r->n; i++) graph_add_to_rows(row / side, (int)side, r->other + i * side, r->y + i * row);
}

/** Takes a sum back. */
static inline void graph_add_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    (void)op;
    if (r->d_x != NULL) graph_add_numbers(r->n * row, r->d_y, r->d_x);
    for (int i = 0; r->d_other != NULL && i < r->n; i++)
        graph_add_up_rows(row / side, (int)side, r->d_y + i * row, r->d_other + i * side);
}

/** Multiplies rows by numbers. */
static inline void graph_scale(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) r->y[i * row + j] = r->x[i * row + j] * r->other[i];
}

/** Takes that back; the numbers have no gradient. */
static inline void graph_scale_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (int i = 0; r->d_x != NULL && i < r->n; i++)
        for (long j = 0; j < row; j++) r->d_x[i * row + j] += r->d_y[i * row + j] * r->other[i];
}

/** Adds a constant. */
static inline void graph_shift(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) r->y[i * row + j] = r->x[i * row + j] + (graph_real)op->table[j];
}

/** Takes that back. */
static inline void graph_shift_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    (void)op;
    if (r->d_x != NULL) graph_add_numbers(r->n * graph_count(r->out), r->d_y, r->d_x);
}

/** Puts channels side by side. */
static inline void graph_concat(const struct mdp_graph_op *op, const struct graph_run *r) {
    int n_x = r->in->channels, n_other = r->side->channels, n = n_x + n_other;
    (void)op;
    for (long i = 0; i < (long)r->n * r->out->length; i++) {
        memcpy(r->y + i * n, r->x + i * n_x, (size_t)n_x * sizeof *r->y);
        memcpy(r->y + i * n + n_x, r->other + i * n_other, (size_t)n_other * sizeof *r->y);
    }
}

/** Takes them apart. */
static inline void graph_concat_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    int n_x = r->in->channels, n_other = r->side->channels, n = n_x + n_other;
    (void)op;
    for (long i = 0; i < (long)r->n * r->out->length; i++) {
        if (r->d_x != NULL) graph_add_numbers(n_x, r->d_y + i * n, r->d_x + i * n_x);
        if (r->d_other != NULL) graph_add_numbers(n_other, r->d_y + i * n + n_x, r->d_other + i * n_other);
    }
}

/** Returns where element j of a row goes when its places become innermost. */
static inline long graph_flat(const struct mdp_graph_value *in, long j) {
    return j % in->channels * in->length + j / in->channels;
}

/** Makes places innermost. */
static inline void graph_flatten(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) r->y[i * row + graph_flat(r->in, j)] = r->x[i * row + j];
}

/** Takes that back. */
static inline void graph_flatten_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (int i = 0; r->d_x != NULL && i < r->n; i++)
        for (long j = 0; j < row; j++) r->d_x[i * row + j] += r->d_y[i * row + graph_flat(r->in, j)];
}

/** Scales and shifts by columns of another value. */
GRAPH_CLONES static void graph_modulate(const struct mdp_graph_op *op, const struct graph_run *r) {
    long side = graph_count(r->side);
    const int n = r->in->channels;
    for (long p = 0; p < (long)r->n * r->in->length; p++) {
        const graph_real *restrict scale = r->other + p / r->in->length * side + op->scale, *x = r->x + p * n;
        const graph_real *restrict shift = r->other + p / r->in->length * side + op->shift;
        graph_real *restrict y = r->y + p * n;
        for (int c = 0; c < n; c++) y[c] = x[c] * (1 + scale[c]) + shift[c];
    }
}

/** Takes that back. */
GRAPH_CLONES static void graph_modulate_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long side = graph_count(r->side);
    const int n = r->in->channels;
    for (long p = 0; p < (long)r->n * r->in->length; p++) {
        long first = p / r->in->length * side;
        const graph_real *restrict scale = r->other + first + op->scale, *restrict d = r->d_y + p * n;
        graph_real *restrict d_x = r->d_x + p * n;
        for (int c = 0; r->d_x != NULL && c < n; c++) d_x[c] += d[c] * (1 + scale[c]);
        if (r->d_other == NULL) continue;
        graph_add_products(n, d, r->x + p * n, r->d_other + first + op->scale);
        graph_add_numbers(n, d, r->d_other + first + op->shift);
    }
}

/** Adds a gated value to a residual. */
GRAPH_CLONES static void graph_gate(const struct mdp_graph_op *op, const struct graph_run *r) {
    long side = graph_count(r->side);
    const int n = r->in->channels;
    for (long p = 0; p < (long)r->n * r->in->length; p++) {
        const graph_real *restrict gate = r->other + p / r->in->length * side + op->scale, *x = r->x + p * n;
        const graph_real *restrict base = r->base + p * n;
        graph_real *restrict y = r->y + p * n;
        for (int c = 0; c < n; c++) y[c] = base[c] + gate[c] * x[c];
    }
}

/** Takes that back. */
static inline void graph_gate_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long side = graph_count(r->side);
    const int n = r->in->channels;
    if (r->d_base != NULL) graph_add_numbers(r->n * graph_count(r->out), r->d_y, r->d_base);
    for (long p = 0; p < (long)r->n * r->in->length; p++) {
        long first = p / r->in->length * side + op->scale;
        if (r->d_x != NULL) graph_add_products(n, r->d_y + p * n, r->other + first, r->d_x + p * n);
        if (r->d_other != NULL) graph_add_products(n, r->d_y + p * n, r->x + p * n, r->d_other + first);
    }
}

/* ---- attention ---- */

/* one head of one row: what its matrices start with. rows of q, k and v are `step` numbers apart */
struct graph_head {
    int length, size, step, out; /* out: channels of the result */
    long q, y;                   /* offsets; k and v follow q by `out` each */
    graph_real *weights;         /* [length, length] */
};

/** Returns head h of row i. */
static inline struct graph_head graph_head_of(const struct mdp_graph_op *op, const struct graph_run *r, int i, int h) {
    int length = r->in->length, out = r->out->channels, size = out / op->n_heads;
    return (struct graph_head){length,
                               size,
                               3 * out,
                               out,
                               i * graph_count(r->in) + h * size,
                               i * graph_count(r->out) + h * size,
                               r->extra + ((long)i * op->n_heads + h) * length * length};
}

/** Makes rows of scores weights that sum to 1. */
static inline void graph_softmax(int n, graph_real scale, graph_real *scores) {
    for (int i = 0; i < n; i++, scores += n) {
        graph_real most = scores[0], sum = 0;
        for (int j = 1; j < n; j++) most = scores[j] > most ? scores[j] : most;
        for (int j = 0; j < n; j++) {
            scores[j] = (graph_real)exp((double)(scale * (scores[j] - most)));
            sum += scores[j];
        }
        for (int j = 0; j < n; j++) scores[j] /= sum;
    }
}

/** Lets every place attend to all. */
static inline void graph_attend(const struct mdp_graph_op *op, const struct graph_run *r) {
    for (int i = 0; i < r->n; i++)
        for (int h = 0; h < op->n_heads; h++) {
            const struct graph_head a = graph_head_of(op, r, i, h);
            const graph_real *q = r->x + a.q, *k = q + a.out, *v = k + a.out;
            graph_gemm('N', 'T', a.length, a.length, a.size, q, a.step, k, a.step, 0, a.weights, a.length);
            graph_softmax(a.length, 1 / (graph_real)sqrt(a.size), a.weights);
            graph_gemm('N', 'N', a.length, a.size, a.length, a.weights, a.length, v, a.step, 0, r->y + a.y, a.out);
        }
}

/** Makes the gradient of the weights that of the scores, in place. */
static inline void graph_softmax_back(int n, graph_real scale, const graph_real *weights, graph_real *d) {
    for (int i = 0; i < n; i++, weights += n, d += n) {
        graph_real dot = 0;
        for (int j = 0; j < n; j++) dot += weights[j] * d[j];
        for (int j = 0; j < n; j++) d[j] = scale * weights[j] * (d[j] - dot);
    }
}

/** Takes attention back. */
static inline void graph_attend_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    if (r->d_x == NULL) return;
    for (int i = 0; i < r->n; i++)
        for (int h = 0; h < op->n_heads; h++) {
            const struct graph_head a = graph_head_of(op, r, i, h);
            const graph_real *q = r->x + a.q, *k = q + a.out, *v = k + a.out, *d_y = r->d_y + a.y;
            graph_real *d_q = r->d_x + a.q, *d_k = d_q + a.out, *d_v = d_k + a.out, *d = r->scratch;
            graph_gemm('T', 'N', a.length, a.size, a.length, a.weights, a.length, d_y, a.out, 1, d_v, a.step);
            graph_gemm('N', 'T', a.length, a.length, a.size, d_y, a.out, v, a.step, 0, d, a.length);
            graph_softmax_back(a.length, 1 / (graph_real)sqrt(a.size), a.weights, d);
            graph_gemm('N', 'N', a.length, a.size, a.length, d, a.length, k, a.step, 1, d_q, a.step);
            graph_gemm('T', 'N', a.length, a.size, a.length, d, a.length, q, a.step, 1, d_k, a.step);
        }
}

/* ---- the whole graph ---- */

typedef void (*graph_way)(const struct mdp_graph_op *op, const struct graph_run *r);
struct graph_ways {
    graph_way forward, back;
};
static const struct graph_ways graph_ways[MDP_GRAPH_KINDS] = {
    [MDP_GRAPH_PRODUCT] = {graph_product, graph_product_back},
    [MDP_GRAPH_NORM] = {graph_norm, graph_norm_back},
    [MDP_GRAPH_ACTIVATE] = {graph_activation, graph_activation_back},
    [MDP_GRAPH_ADD] = {graph_add, graph_add_back},
    [MDP_GRAPH_SCALE] = {graph_scale, graph_scale_back},
    [MDP_GRAPH_SHIFT] = {graph_shift, graph_shift_back},
    [MDP_GRAPH_CONCAT] = {graph_concat, graph_concat_back},
    [MDP_GRAPH_FLATTEN] = {graph_flatten, graph_flatten_back},
    [MDP_GRAPH_MODULATE] = {graph_modulate, graph_modulate_back},
    [MDP_GRAPH_GATE] = {graph_gate, graph_gate_back},
    [MDP_GRAPH_ATTEND] = {graph_attend, graph_attend_back},
};

/** Frees working memory. */
static inline void graph_work_free(GRAPH_WORK *work) {
    free(work->values);
    free(work->d_values);
    free(work->extra);
    free(work->scratch);
    memset(work, 0, sizeof *work);
}

/** Allocates working memory. Owns: caller, graph_work_free. Errors: NOMEM. */
static inline mdp_err graph_work_alloc(GRAPH_WORK *work, const struct mdp_graph *graph, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows;
    memset(work, 0, sizeof *work);
    work->max_rows = max_rows;
    MDP_TRY(mdp_calloc(&work->values, rows * (unsigned long)graph->row_floats, sizeof(graph_real), "network"));
    MDP_TRY(mdp_calloc(&work->d_values, rows * (unsigned long)graph->row_floats, sizeof(graph_real), "network"));
    MDP_TRY(mdp_calloc(&work->extra, rows * (unsigned long)graph->row_extra + 1, sizeof(graph_real), "network"));
    MDP_TRY(mdp_calloc(&work->scratch, (unsigned long)graph->scratch + 1, sizeof(graph_real), "network"));
    return MDP_OK;
out:
    graph_work_free(work);
    return err;
}

/** Returns a value's place in a block of values. */
static inline graph_real *graph_place(const struct mdp_graph *graph, const GRAPH_WORK *work, graph_real *block,
                                      int value) {
    return value < 0 ? NULL : block + work->max_rows * graph->values[value].offset;
}

/** Returns what an operation works on; of gradients, those that are wanted. */
static inline struct graph_run graph_run_of(const struct mdp_graph *graph, const struct mdp_graph_op *op,
                                            const graph_real *params, int n_rows, GRAPH_WORK *work) {
    const struct mdp_graph_value *values = graph->values;
    return (struct graph_run){
        .n = n_rows,
        .in = &values[op->x],
        .out = &values[op->y],
        .side = op->other < 0 ? NULL : &values[op->other],
        .x = graph_place(graph, work, work->values, op->x),
        .other = graph_place(graph, work, work->values, op->other),
        .base = graph_place(graph, work, work->values, op->base),
        .y = graph_place(graph, work, work->values, op->y),
        .d_y = graph_place(graph, work, work->d_values, op->y),
        .extra = work->extra + work->max_rows * op->extra,
        .scratch = work->scratch,
        .packed = GRAPH_PACKED(work, op - graph->ops),
        .keeps = GRAPH_KEEPS(work),
        .weight = op->weight < 0 ? NULL : params + graph->params[op->weight].offset,
        .bias = op->bias < 0 ? NULL : params + graph->params[op->bias].offset,
    };
}

/** Computes all values. */
static inline void graph_forward(const struct mdp_graph *graph, const graph_real *params, int n_rows,
                                 GRAPH_WORK *work) {
    for (int i = 0; i < graph->n_ops; i++) {
        const struct mdp_graph_op *op = &graph->ops[i];
        struct graph_run run = graph_run_of(graph, op, params, n_rows, work);
        graph_ways[op->kind].forward(op, &run);
    }
}

/** Returns where a value's gradient goes, or NULL if nobody asks for it. */
static inline graph_real *graph_wanted(const struct mdp_graph *graph, GRAPH_WORK *work, int value, int to_params) {
    if (value < 0 || (to_params ? graph->values[value].is_input : !graph->values[value].is_variable)) return NULL;
    return graph_place(graph, work, work->d_values, value);
}

/** Goes back from the gradient of a value; see mdp_graph_backward. */
static inline void graph_backward(const struct mdp_graph *graph, const graph_real *params, int n_rows, GRAPH_WORK *work,
                                  int y, const graph_real *d_y, graph_real *grads) {
    for (int i = 0; i < graph->n_values; i++)
        if (grads != NULL || graph->values[i].is_variable)
            memset(graph_place(graph, work, work->d_values, i), 0,
                   (size_t)(n_rows * graph_count(&graph->values[i])) * sizeof *d_y);
    memcpy(graph_place(graph, work, work->d_values, y), d_y,
           (size_t)(n_rows * graph_count(&graph->values[y])) * sizeof *d_y);
    for (int i = graph->n_ops - 1; i >= 0; i--) {
        const struct mdp_graph_op *op = &graph->ops[i];
        struct graph_run run = graph_run_of(graph, op, params, n_rows, work);
        if (op->y > y || (grads == NULL && !graph->values[op->y].is_variable)) continue;
        run.d_x = graph_wanted(graph, work, op->x, grads != NULL);
        run.d_other = graph_wanted(graph, work, op->other, grads != NULL);
        run.d_base = graph_wanted(graph, work, op->base, grads != NULL);
        if (grads != NULL && op->weight >= 0) run.d_weight = grads + graph->params[op->weight].offset;
        if (grads != NULL && op->bias >= 0) run.d_bias = grads + graph->params[op->bias].offset;
        graph_ways[op->kind].back(op, &run);
    }
}

#endif
