/* a graph's way forward and back on the rows of a panel, in float32. every product is run by the calling thread alone,
 * by the matrix library or by a kernel on packed weights.
 *
 * Source: SPEC-trajectory sections 1 and 4. */
#ifndef MDP_ALGOS_NN_GRAPH_RUN_H
#define MDP_ALGOS_NN_GRAPH_RUN_H

#include "algos/nn/graph_packed.h"

/* in float32 */
struct mdp_graph_work {
    MDP_GRAPH_WORK(float)
    const struct mdp_graph_packed *packed; /* products of the parameters that are run; NULL: those of the library */
};

/** Allocates working memory and loads the matrix library. Owns: caller, mdp_graph_work_free. Errors: NOMEM, IO, DATA.
 */
mdp_err mdp_graph_work_alloc(struct mdp_graph_work *work, const struct mdp_graph *graph, int max_rows);

/** Frees it. */
void mdp_graph_work_free(struct mdp_graph_work *work);

/** Returns where a value is. Shapes: [max_rows, length, channels]; borrowed. */
float *mdp_graph_at(const struct mdp_graph_work *work, const struct mdp_graph *graph, int value);

/** Returns where a value's gradient is, once there was a way back. Shapes: as mdp_graph_at; borrowed. */
float *mdp_graph_gradient(const struct mdp_graph_work *work, const struct mdp_graph *graph, int value);

/** Computes all values from the inputs, which the caller has written. Range: n_rows <= max_rows. */
void mdp_graph_forward(const struct mdp_graph *graph, const float *params, int n_rows, struct mdp_graph_work *work);

/** Goes back from the gradient d_y of a value of the newest way forward: adds to the parameters' gradients, or without
 * them computes those of variable inputs. Shapes: d_y [n_rows, length, channels], grads [n_floats]. Nullable: grads. */
void mdp_graph_backward(const struct mdp_graph *graph, const float *params, int n_rows, struct mdp_graph_work *work,
                        int y, const float *d_y, float *grads);

#endif
