/* what the training of a graph starts from, and how much work it is */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/graph.h"
#include "base/rng.h"

static void fill(float *values, long n, float value) {
    for (long i = 0; i < n; i++) values[i] = value;
}

static void draw_uniform(struct mdp_rng *rng, double bound, long n, float *out) {
    for (long i = 0; i < n; i++) out[i] = (float)(bound * (2.0 * mdp_rng_uniform(rng) - 1.0));
}

static void draw_normal(struct mdp_rng *rng, float scale, long n, float *out) {
    mdp_rng_normal(rng, out, n);
    for (long i = 0; i < n; i++) out[i] *= scale;
}

/* n vectors of `length` numbers, vector i's k-th at i * row + k * step: each loses its share in those before it */
static void make_orthogonal(double *x, int n, int length, long row, long step) {
    for (int i = 0; i < n; i++) {
        double *v = x + i * row, squares = 0;
        for (int j = 0; j < i; j++) {
            const double *w = x + j * row;
            double product = 0;
            for (int k = 0; k < length; k++) product += v[k * step] * w[k * step];
            for (int k = 0; k < length; k++) v[k * step] -= product * w[k * step];
        }
        for (int k = 0; k < length; k++) squares += v[k * step] * v[k * step];
        for (int k = 0; k < length; k++) v[k * step] /= sqrt(squares);
    }
}

static mdp_err draw_orthogonal(struct mdp_rng *rng, int rows, int cols, float *out) {
    double *x = NULL;
    long n = (long)rows * cols;
    mdp_err err = mdp_calloc(&x, (unsigned long)n, sizeof *x, "parameters");
    if (err != MDP_OK) return err;
    mdp_rng_normal(rng, out, n);
    for (long i = 0; i < n; i++) x[i] = out[i];
    if (rows <= cols)
        make_orthogonal(x, rows, cols, cols, 1);
    else
        make_orthogonal(x, cols, rows, 1, cols);
    for (long i = 0; i < n; i++) out[i] = (float)x[i];
    free(x);
    return MDP_OK;
}

/* in native order */
static mdp_err draw(const struct mdp_graph_param *param, struct mdp_rng *rng, float *out) {
    long n = param->n;
    if (param->kind == MDP_GRAPH_NORM_WEIGHT || param->kind == MDP_GRAPH_NORM_BIAS) {
        fill(out, n, param->kind == MDP_GRAPH_NORM_WEIGHT);
        return MDP_OK;
    }
    if (param->kind == MDP_GRAPH_FIXED) {
        draw_normal(rng, 16, n, out);
        return MDP_OK;
    }
    switch (param->start) {
    case MDP_GRAPH_BY_INPUTS: draw_uniform(rng, 1 / sqrt(param->fan_in), n, out); break;
    case MDP_GRAPH_BY_BOTH: draw_uniform(rng, sqrt(6.0 / (param->sizes[0] + param->fan_in)), n, out); break;
    case MDP_GRAPH_SMALL: draw_normal(rng, 0.02f, n, out); break;
    case MDP_GRAPH_ORTHOGONAL: return draw_orthogonal(rng, param->sizes[0], param->fan_in, out);
    case MDP_GRAPH_ZERO: fill(out, n, 0); break;
    }
    return MDP_OK;
}

mdp_err mdp_graph_draw(const struct mdp_graph *graph, uint64_t seed, uint32_t module, float *block) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_INIT, module, 0);
    float *native = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&native, (unsigned long)graph->n_floats, sizeof *native, "parameters"));
    for (int i = 0; i < graph->n_params; i++) MDP_TRY(draw(&graph->params[i], &rng, native + graph->params[i].offset));
    mdp_graph_from_native(graph, native, block);
out:
    free(native);
    return err;
}

/* a product's places read so many taps each; one alone stands for all places. attention compares all places twice */
static double flops_of(const struct mdp_graph *graph, const struct mdp_graph_op *op) {
    const struct mdp_graph_value *x = &graph->values[op->x], *y = &graph->values[op->y];
    double taps = 0;
    if (op->kind == MDP_GRAPH_ATTEND) return 4.0 * y->length * y->length * y->channels;
    if (op->kind != MDP_GRAPH_PRODUCT) return 0;
    for (int i = 0; i < op->n_spots; i++) taps += op->spots[i].n_taps;
    return 2 * taps * (op->n_spots == 1 ? y->length : 1) * x->channels * y->channels;
}

double mdp_graph_flops(const struct mdp_graph *graph) {
    double sum = 0;
    for (int i = 0; i < graph->n_ops; i++) sum += flops_of(graph, &graph->ops[i]);
    return sum;
}
