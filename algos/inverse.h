/* the network that tells which action led from one observation to the next, and its training.
 *
 * Source: SPEC-trajectory section 4.3. */
#ifndef MDP_ALGOS_INVERSE_H
#define MDP_ALGOS_INVERSE_H

#include "algos/nn/trained.h"

struct mdp_inverse {
    struct mdp_graph graph;
    int x, out; /* values: [1, 2 n_obs], the observation and the next one; [1, n_act] in [-1, 1] */
    int n_obs, n_act;
    struct mdp_trained trained; /* without an average */
    double *square_sums;        /* [n_rows] of the newest step's rows */
};

/** Makes a network, whose parameters are all zero; `value` of config is filled in. Owns: caller, mdp_inverse_free.
 * Errors: NOMEM. */
mdp_err mdp_inverse_alloc(struct mdp_inverse *inverse, int n_obs, int n_act, int n_hidden,
                          const struct mdp_trained_config *config);

/** Makes the memory for steps of n_rows rows. Errors: NOMEM, IO, DATA. */
mdp_err mdp_inverse_rows_new(struct mdp_inverse *inverse, int n_rows, int n_threads);

/** Frees what it holds. */
void mdp_inverse_free(struct mdp_inverse *inverse);

/** Tells the actions of pairs of observations; returns [n_rows, n_act], borrowed from work. Shapes: pairs [n_rows, 2
 * n_obs]. */
const float *mdp_inverse_act(const struct mdp_inverse *inverse, int n_rows, const float *pairs,
                             struct mdp_graph_work *work);

/** Takes a gradient step of the mean square error, which it returns. Shapes: pairs as above, act [n_rows, n_act]. */
double mdp_inverse_step(struct mdp_inverse *inverse, const float *pairs, const float *act, double lr);

#endif
