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
#define GRAPH_KEEPS(work) ((work)->packed == NULL || (work)->packed->has_gradients)
#define GRAPH_PACKED(work, i) ((work)->packed != NULL ? &(work)->packed->ops[i] : NULL)

struct graph_run;
static void graph_product_packed(const struct mdp_graph_op *op, const struct graph_run *r);
static void graph_product_packed_back(const struct mdp_graph_op *op, const struct graph_run *r);

/* by the best kernel: its function for rows of training, which wants a bias and rows of one length, or without slopes
 * that of acting, which wants sixteen numbers at a time. Nullable: slope */
static void graph_activate(enum mdp_graph_act act, long n, const float *x, float *slope, float *y) {
    enum { AT_ONCE = 512, LANES = 16 };
    static const float no_bias[AT_ONCE];
    static const enum mdp_activation acts[] = {[MDP_GRAPH_MISH] = MDP_ACT_MISH,
                                               [MDP_GRAPH_RELU] = MDP_ACT_RELU,
                                               [MDP_GRAPH_TANH] = MDP_ACT_TANH,
                                               [MDP_GRAPH_SILU] = MDP_ACT_SILU,
                                               [MDP_GRAPH_GELU] = MDP_ACT_GELU};
    const struct mdp_kernel *kernel = mdp_kernel_best();
    long whole = n / AT_ONCE, rest = n % AT_ONCE, done = whole * AT_ONCE;
    if (slope != NULL) {
        kernel->rows.activate(acts[act], (int)whole, AT_ONCE, no_bias, x, slope, y);
        if (rest > 0) kernel->rows.activate(acts[act], 1, (int)rest, no_bias, x + done, slope + done, y + done);
        return;
    }
    float last[LANES] = {0};
    rest = n % LANES;
    kernel->activate(acts[act], n - rest, x, y);
    memcpy(last, x + n - rest, (size_t)rest * sizeof *x);
    kernel->activate(acts[act], LANES, last, last);
    memcpy(y + n - rest, last, (size_t)rest * sizeof *y);
}

#include "algos/nn/graph_body.h"

/* ---- products of packed weights ---- */

/* which block of the weight a place reads, and from which input on */
static const struct mdp_packed *block_of(const struct mdp_graph_op *op, const struct graph_run *r,
                                         const struct mdp_graph_spot *spot, int *i_block, int *first) {
    long n_block = (long)r->out->channels * op->stride;
    *i_block = (int)(spot->weight / n_block);
    *first = (int)(spot->weight % n_block);
    return &r->packed->blocks[*i_block];
}

static void graph_product_packed(const struct mdp_graph_op *op, const struct graph_run *r) {
    struct mdp_kernel_product p = {.n_rows = graph_product_rows(op, r),
                                   .x_step = graph_product_step(op, r->in),
                                   .y_step = graph_product_step(op, r->out)};
    for (int i = 0, i_block; i < op->n_spots; i++) {
        const struct mdp_graph_spot *spot = &op->spots[i];
        p.layer = block_of(op, r, spot, &i_block, &p.first);
        p.k = spot->n_taps * r->in->channels;
        p.x = r->x + (long)spot->x * r->in->channels;
        p.base = p.layer->bias;
        p.y = r->y + (long)spot->y * r->out->channels;
        r->packed->kernel->product(&p);
    }
}

static void graph_product_packed_back(const struct mdp_graph_op *op, const struct graph_run *r) {
    struct mdp_kernel_product p = {.k = r->out->channels,
                                   .n_rows = graph_product_rows(op, r),
                                   .x_step = graph_product_step(op, r->out),
                                   .y_step = graph_product_step(op, r->in),
                                   .base_step = graph_product_step(op, r->in)};
    for (int i = 0, i_block, first; r->d_x != NULL && i < op->n_spots; i++) {
        const struct mdp_graph_spot *spot = &op->spots[i];
        block_of(op, r, spot, &i_block, &first);
        p.x = r->d_y + (long)spot->y * r->out->channels;
        for (int t = 0; t < spot->n_taps; t++) {
            p.layer = &r->packed->back[i_block * r->packed->n_taps + first / r->in->channels + t];
            p.base = p.y = r->d_x + (long)(spot->x + t) * r->in->channels;
            r->packed->kernel->product(&p);
        }
    }
}

/* ---- the interface ---- */

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
