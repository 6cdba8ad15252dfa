/* a graph's way forward and back for one type of number, each operation's two ways side by side.
 *
 * who includes this defines graph_real, GRAPH_WORK, the struct made by MDP_GRAPH_WORK, graph_activate and graph_gemm:
 * float32 for training (graph_run.c), double for finite differences (tests). rows are apart from each other in all but
 * the parameters' gradients. */
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
};

/** Returns the numbers of a row. */
static inline long graph_count(const struct mdp_graph_value *value) { return (long)value->length * value->channels; }

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
    int m = graph_product_rows(op, r), n_in = r->in->channels, n_out = r->out->channels;
    for (int i = 0; i < op->n_spots; i++) {
        const struct mdp_graph_spot *spot = &op->spots[i];
        graph_gemm('N', 'T', m, n_out, spot->n_taps * n_in, r->x + (long)spot->x * n_in, graph_product_step(op, r->in),
                   r->weight + spot->weight, op->stride, 0, r->y + (long)spot->y * n_out,
                   graph_product_step(op, r->out));
    }
    for (long i = 0; i < (long)r->n * r->out->length; i++)
        for (int c = 0; c < n_out; c++) r->y[i * n_out + c] += r->bias[c];
}

/** Takes a product back. */
static inline void graph_product_back(const struct mdp_graph_op *op, const struct graph_run *r) {
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
    if (r->d_bias == NULL) return;
    for (long i = 0; i < (long)r->n * r->out->length; i++)
        for (int c = 0; c < n_out; c++) r->d_bias[c] += r->d_y[i * n_out + c];
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

/** Normalises one row. Shapes: x, xhat [places, channels], inverse [groups]. */
static inline void graph_norm_row(const struct graph_norm *s, double eps, const graph_real *x, graph_real *xhat,
                                  graph_real *inverse) {
    for (int g = 0; g < s->groups; g++) {
        graph_real sum = 0, squares = 0, count = (graph_real)(s->places * s->size);
        for (int l = 0; l < s->places; l++)
            for (int c = g * s->size; c < (g + 1) * s->size; c++) sum += x[l * s->channels + c];
        graph_real mean = sum / count;
        for (int l = 0; l < s->places; l++)
            for (int c = g * s->size; c < (g + 1) * s->size; c++) {
                graph_real d = x[l * s->channels + c] - mean;
                xhat[l * s->channels + c] = d;
                squares += d * d;
            }
        inverse[g] = 1 / (graph_real)sqrt(squares / count + (graph_real)eps);
        for (int l = 0; l < s->places; l++)
            for (int c = g * s->size; c < (g + 1) * s->size; c++) xhat[l * s->channels + c] *= inverse[g];
    }
}

/** Normalises. */
static inline void graph_norm(const struct mdp_graph_op *op, const struct graph_run *r) {
    const struct graph_norm s = graph_norm_of(op, r);
    long row = (long)s.places * s.channels;
    for (long i = 0; i < s.n; i++) {
        graph_real *xhat = s.xhat + i * row, *y = r->y + i * row;
        graph_norm_row(&s, op->eps, r->x + i * row, xhat, s.inverse + i * s.groups);
        for (int j = 0; j < row; j++) {
            int c = j % s.channels;
            y[j] = r->weight != NULL ? xhat[j] * r->weight[c] + r->bias[c] : xhat[j];
        }
    }
}

/** Takes one row back: d_x += inverse (g - mean(g) - xhat mean(g xhat)) with g = d_y weight. */
static inline void graph_norm_row_back(const struct graph_norm *s, const graph_real *weight, const graph_real *d_y,
                                       const graph_real *xhat, const graph_real *inverse, graph_real *d_x) {
    for (int g = 0; g < s->groups; g++) {
        graph_real sum = 0, dot = 0, count = (graph_real)(s->places * s->size);
        for (int l = 0; l < s->places; l++)
            for (int c = g * s->size; c < (g + 1) * s->size; c++) {
                graph_real d = d_y[l * s->channels + c] * (weight != NULL ? weight[c] : 1);
                sum += d;
                dot += d * xhat[l * s->channels + c];
            }
        sum /= count;
        dot /= count;
        for (int l = 0; l < s->places; l++)
            for (int c = g * s->size; c < (g + 1) * s->size; c++) {
                long j = l * s->channels + c;
                graph_real d = d_y[j] * (weight != NULL ? weight[c] : 1);
                d_x[j] += inverse[g] * (d - sum - xhat[j] * dot);
            }
    }
}

/** Takes a norm back. */
static inline void graph_norm_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    const struct graph_norm s = graph_norm_of(op, r);
    long row = (long)s.places * s.channels;
    for (long i = 0; i < s.n; i++) {
        const graph_real *d_y = r->d_y + i * row, *xhat = s.xhat + i * row;
        if (r->d_x != NULL) graph_norm_row_back(&s, r->weight, d_y, xhat, s.inverse + i * s.groups, r->d_x + i * row);
        for (int j = 0; r->d_weight != NULL && j < row; j++) {
            r->d_weight[j % s.channels] += d_y[j] * xhat[j];
            r->d_bias[j % s.channels] += d_y[j];
        }
    }
}

/* ---- what goes element by element ---- */

/** Applies an activation and keeps its slope. */
static inline void graph_activation(const struct mdp_graph_op *op, const struct graph_run *r) {
    graph_activate(op->act, r->n * graph_count(r->out), r->x, r->extra, r->y);
}

/** Takes an activation back. */
static inline void graph_activation_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    (void)op;
    for (long i = 0; r->d_x != NULL && i < r->n * graph_count(r->out); i++) r->d_x[i] += r->extra[i] * r->d_y[i];
}

/** Adds two values. */
static inline void graph_add(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    (void)op;
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) r->y[i * row + j] = r->x[i * row + j] + r->other[i * side + j % side];
}

/** Takes a sum back. */
static inline void graph_add_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    (void)op;
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) {
            if (r->d_x != NULL) r->d_x[i * row + j] += r->d_y[i * row + j];
            if (r->d_other != NULL) r->d_other[i * side + j % side] += r->d_y[i * row + j];
        }
}

/** Multiplies rows by numbers. */
static inline void graph_scale(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (long j = 0; j < r->n * row; j++) r->y[j] = r->x[j] * r->other[j / row];
}

/** Takes that back; the numbers have no gradient. */
static inline void graph_scale_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    (void)op;
    for (long j = 0; r->d_x != NULL && j < r->n * row; j++) r->d_x[j] += r->d_y[j] * r->other[j / row];
}

/** Adds a constant. */
static inline void graph_shift(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out);
    for (long j = 0; j < r->n * row; j++) r->y[j] = r->x[j] + (graph_real)op->table[j % row];
}

/** Takes that back. */
static inline void graph_shift_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    (void)op;
    for (long j = 0; r->d_x != NULL && j < r->n * graph_count(r->out); j++) r->d_x[j] += r->d_y[j];
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
        for (int c = 0; r->d_x != NULL && c < n_x; c++) r->d_x[i * n_x + c] += r->d_y[i * n + c];
        for (int c = 0; r->d_other != NULL && c < n_other; c++) r->d_other[i * n_other + c] += r->d_y[i * n + n_x + c];
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
static inline void graph_modulate(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    for (int i = 0; i < r->n; i++) {
        const graph_real *scale = r->other + i * side + op->scale, *shift = r->other + i * side + op->shift;
        for (long j = 0; j < row; j++) {
            int c = (int)(j % r->in->channels);
            r->y[i * row + j] = r->x[i * row + j] * (1 + scale[c]) + shift[c];
        }
    }
}

/** Takes that back. */
static inline void graph_modulate_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) {
            long c = i * side + j % r->in->channels;
            graph_real d = r->d_y[i * row + j];
            if (r->d_x != NULL) r->d_x[i * row + j] += d * (1 + r->other[c + op->scale]);
            if (r->d_other == NULL) continue;
            r->d_other[c + op->scale] += d * r->x[i * row + j];
            r->d_other[c + op->shift] += d;
        }
}

/** Adds a gated value to a residual. */
static inline void graph_gate(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    for (int i = 0; i < r->n; i++) {
        const graph_real *gate = r->other + i * side + op->scale;
        for (long j = 0; j < row; j++)
            r->y[i * row + j] = r->base[i * row + j] + gate[j % r->in->channels] * r->x[i * row + j];
    }
}

/** Takes that back. */
static inline void graph_gate_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    long row = graph_count(r->out), side = graph_count(r->side);
    for (int i = 0; i < r->n; i++)
        for (long j = 0; j < row; j++) {
            long c = i * side + op->scale + j % r->in->channels;
            graph_real d = r->d_y[i * row + j];
            if (r->d_base != NULL) r->d_base[i * row + j] += d;
            if (r->d_x != NULL) r->d_x[i * row + j] += d * r->other[c];
            if (r->d_other != NULL) r->d_other[c] += d * r->x[i * row + j];
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
static const struct {
    graph_way forward, back;
} graph_ways[MDP_GRAPH_KINDS] = {
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
