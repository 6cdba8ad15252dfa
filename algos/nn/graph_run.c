#include "algos/nn/graph_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "algos/nn/kernel.h"
#include "base/clones.h"

typedef float graph_real;
#define GRAPH_WORK struct mdp_graph_work
#define graph_gemm mdp_gemm_any
#define GRAPH_CLONES MDP_CLONES

/* what training's rows know is left to their kernel, which wants a bias */
static void graph_activate(enum mdp_graph_act act, long n, const float *x, float *slope, float *y) {
    enum { AT_ONCE = 512 };
    static const float no_bias[AT_ONCE];
    static const enum mdp_activation by_rows[] = {[MDP_GRAPH_MISH] = MDP_ACT_MISH,
                                                  [MDP_GRAPH_RELU] = MDP_ACT_RELU,
                                                  [MDP_GRAPH_TANH] = MDP_ACT_TANH,
                                                  [MDP_GRAPH_SILU] = MDP_ACT_NONE,
                                                  [MDP_GRAPH_GELU] = MDP_ACT_NONE};
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    int is_gelu = act == MDP_GRAPH_GELU;
    if (by_rows[act] != MDP_ACT_NONE) {
        long whole = n / AT_ONCE, rest = n % AT_ONCE, done = whole * AT_ONCE;
        rows->activate(by_rows[act], (int)whole, AT_ONCE, no_bias, x, slope, y);
        if (rest > 0) rows->activate(by_rows[act], 1, (int)rest, no_bias, x + done, slope + done, y + done);
        return;
    }
    for (long i = 0; i < n; i++) {
        /* 2 / (1 + exp(-2u)) - 1 is tanh(u), so that both are x s, of other arguments of s */
        float z = is_gelu ? 1.5957691216057308f * (x[i] + 0.044715f * x[i] * x[i] * x[i]) : x[i];
        float dz = is_gelu ? 1.5957691216057308f * (1 + 0.134145f * x[i] * x[i]) : 1, s = 1 / (1 + expf(-z));
        y[i] = x[i] * s;
        slope[i] = s + x[i] * s * (1 - s) * dz;
    }
}

#include "algos/nn/graph_body.h"

void mdp_graph_work_free(struct mdp_graph_work *work) { graph_work_free(work); }

mdp_err mdp_graph_work_alloc(struct mdp_graph_work *work, const struct mdp_graph *graph, int max_rows) {
    mdp_err err = mdp_gemm_load();
    if (err == MDP_OK) err = graph_work_alloc(work, graph, max_rows);
    return err;
}

float *mdp_graph_at(const struct mdp_graph_work *work, const struct mdp_graph *graph, int value) {
    return work->values + work->max_rows * graph->values[value].offset;
}

float *mdp_graph_gradient(const struct mdp_graph_work *work, const struct mdp_graph *graph, int value) {
    return work->d_values + work->max_rows * graph->values[value].offset;
}

void mdp_graph_forward(const struct mdp_graph *graph, const float *params, int n_rows, struct mdp_graph_work *work) {
    graph_forward(graph, params, n_rows, work);
}

void mdp_graph_backward(const struct mdp_graph *graph, const float *params, int n_rows, struct mdp_graph_work *work,
                        int y, const float *d_y, float *grads) {
    graph_backward(graph, params, n_rows, work, y, d_y, grads);
}
