/* a graph's products made ready for one block of parameters, for networks that act rather than learn: weights lie as a
 * kernel reads them, for the way forward and for gradients of inputs.
 *
 * rows then depend on nothing that shares a call, and products have the same bits with every float32 kernel. */
#ifndef MDP_ALGOS_NN_GRAPH_PACKED_H
#define MDP_ALGOS_NN_GRAPH_PACKED_H

#include "algos/nn/graph.h"
#include "algos/nn/kernel.h"

/* the weights of an operation that is a product, none of others */
struct mdp_graph_packed_op {
    const struct mdp_kernel *kernel;
    int n_blocks, n_taps;
    struct mdp_packed *blocks; /* [n_blocks]: the rows that some places of the output read */
    struct mdp_packed *back;   /* [n_blocks, n_taps]: each tap for itself, inputs and outputs exchanged; NULL: none */
};

struct mdp_graph_packed {
    const struct mdp_graph *graph;
    int has_gradients;
    struct mdp_graph_packed_op *ops; /* [graph->n_ops] */
};

/** Packs a block of parameters of the graph, with what gradients of variable inputs need if has_gradients; the graph
 * must outlive it. Shapes: params [n_floats]. Range: kernel one that has `product`. Owns: caller,
 * mdp_graph_packed_free. Errors: NOMEM. */
mdp_err mdp_graph_packed_new(const struct mdp_graph *graph, const struct mdp_kernel *kernel, const float *params,
                             int has_gradients, struct mdp_graph_packed **out);

/** Frees it. Nullable: packed. */
void mdp_graph_packed_free(struct mdp_graph_packed *packed);

#endif
