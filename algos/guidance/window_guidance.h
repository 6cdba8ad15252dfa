/* a guidance module of windows of steps: what return a noisy window comes to, and where it would be higher.
 *
 * Source: SPEC-trajectory sections 1.2, 2, 3. */
#ifndef MDP_ALGOS_GUIDANCE_WINDOW_GUIDANCE_H
#define MDP_ALGOS_GUIDANCE_WINDOW_GUIDANCE_H

#include "algos/guidance/window_value.h"
#include "algos/nn/trained.h"

struct mdp_window_guidance {
    struct mdp_window_value net;
    int n; /* numbers of a window */
    struct mdp_trained trained;
    double *squares; /* [n_rows] of the newest step's rows */
};

/** Makes a module, whose parameters are all zero; `value` of config is filled in. Owns: caller,
 * mdp_window_guidance_free. Errors: USAGE, NOMEM. */
mdp_err mdp_window_guidance_alloc(struct mdp_window_guidance *guidance, const struct mdp_window_sizes *sizes,
                                  const struct mdp_trained_config *config);

/** Makes the memory for steps of n_rows rows. Errors: NOMEM, IO, DATA. */
mdp_err mdp_window_guidance_rows_new(struct mdp_window_guidance *guidance, int n_rows, int n_threads);

/** Frees what it holds. */
void mdp_window_guidance_free(struct mdp_window_guidance *guidance);

/** Predicts the returns of windows x [n_rows, n] at one time for all or each row's own; returns [n_rows], borrowed from
 * work. Shapes: time [1] or [n_rows]. */
const float *mdp_window_guidance_value(const struct mdp_window_guidance *guidance, const float *params, int n_rows,
                                       const float *x, const int *time, int is_one_time, struct mdp_graph_work *work);

/** Returns the gradient of the newest returns by their windows, [n_rows, n], borrowed from work. Shapes: ones [n_rows].
 */
const float *mdp_window_guidance_gradient(const struct mdp_window_guidance *guidance, const float *params, int n_rows,
                                          const float *ones, struct mdp_graph_work *work);

/** Takes a gradient step of the mean square error, which it returns. Shapes: noisy [n_rows, n], time and val [n_rows].
 */
double mdp_window_guidance_step(struct mdp_window_guidance *guidance, const float *noisy, const int *time,
                                const float *val, double lr);

#endif
