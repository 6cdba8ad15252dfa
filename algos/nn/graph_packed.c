#include "algos/nn/graph_packed.h"

#include <stdlib.h>

static mdp_err pack(const struct mdp_kernel *kernel, int n_in, int n_out, struct mdp_packed *out) {
    const struct mdp_packed_spec spec = {.n_in = n_in, .n_out = n_out, .act = MDP_ACT_NONE};
    return mdp_packed_alloc(out, &kernel->start_format, &spec);
}

/* inputs and outputs of one tap exchanged. Shapes: from [n_out, stride], of which n_in columns are read */
static mdp_err pack_tap(const struct mdp_kernel *kernel, const float *from, int n_out, int stride, int n_in,
                        struct mdp_packed *out) {
    float *turned = NULL;
    mdp_err err;
    MDP_TRY(pack(kernel, n_out, n_in, out));
    MDP_TRY(mdp_calloc(&turned, (unsigned long)n_in * (unsigned long)n_out, sizeof *turned, "packed weights"));
    for (long i = 0; i < n_in; i++)
        for (long j = 0; j < n_out; j++) turned[i * n_out + j] = from[j * stride + i];
    mdp_packed_set_weight(out, turned, n_out);
out:
    free(turned);
    return err;
}

static mdp_err pack_op(const struct mdp_graph *graph, const struct mdp_kernel *kernel, const struct mdp_graph_op *op,
                       const float *params, int has_back, struct mdp_graph_packed_op *out) {
    int n_in = graph->values[op->x].channels, n_out = graph->values[op->y].channels;
    long n_block = (long)n_out * op->stride;
    const float *weight = params + graph->params[op->weight].offset;
    mdp_err err;
    out->kernel = kernel;
    out->n_blocks = (int)(graph->params[op->weight].n / n_block);
    out->n_taps = op->stride / n_in;
    MDP_TRY(mdp_calloc(&out->blocks, (unsigned long)out->n_blocks, sizeof *out->blocks, "packed weights"));
    for (int b = 0; b < out->n_blocks; b++) {
        MDP_TRY(pack(kernel, op->stride, n_out, &out->blocks[b]));
        mdp_packed_set_weight(&out->blocks[b], weight + b * n_block, op->stride);
        mdp_packed_set_vector(&out->blocks[b], out->blocks[b].bias, params + graph->params[op->bias].offset);
    }
    if (!has_back) return MDP_OK;
    MDP_TRY(mdp_calloc(&out->back, (unsigned long)(out->n_blocks * out->n_taps), sizeof *out->back, "packed weights"));
    for (int i = 0; i < out->n_blocks * out->n_taps; i++)
        MDP_TRY(pack_tap(kernel, weight + i / out->n_taps * n_block + (long)(i % out->n_taps) * n_in, n_out, op->stride,
                         n_in, &out->back[i]));
out:
    return err;
}

mdp_err mdp_graph_packed_new(const struct mdp_graph *graph, const struct mdp_kernel *kernel, const float *params,
                             int has_gradients, struct mdp_graph_packed **out) {
    struct mdp_graph_packed *packed = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&packed, 1, sizeof *packed, "packed network"));
    packed->graph = graph;
    packed->has_gradients = has_gradients;
    MDP_TRY(mdp_calloc(&packed->ops, (unsigned long)graph->n_ops, sizeof *packed->ops, "packed network"));
    for (int i = 0; i < graph->n_ops; i++) {
        const struct mdp_graph_op *op = &graph->ops[i];
        int is_variable = graph->values[op->x].is_variable;
        if (op->kind == MDP_GRAPH_PRODUCT)
            MDP_TRY(pack_op(graph, kernel, op, params, has_gradients && is_variable, &packed->ops[i]));
    }
    *out = packed;
    return MDP_OK;
out:
    mdp_graph_packed_free(packed);
    return err;
}

static void free_layers(struct mdp_packed *layers, int n) {
    for (int i = 0; layers != NULL && i < n; i++) mdp_packed_free(&layers[i]);
    free(layers);
}

void mdp_graph_packed_free(struct mdp_graph_packed *packed) {
    if (packed == NULL) return;
    for (int i = 0; packed->ops != NULL && i < packed->graph->n_ops; i++) {
        free_layers(packed->ops[i].blocks, packed->ops[i].n_blocks);
        free_layers(packed->ops[i].back, packed->ops[i].n_blocks * packed->ops[i].n_taps);
    }
    free(packed->ops);
    free(packed);
}
