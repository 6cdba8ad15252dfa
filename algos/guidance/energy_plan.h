/* an energy made ready for inference: what it is worth, and its gradient in actions, by the layers of a kernel.
 *
 * exact algebra only: projections and first layer are one product of the action, one of the observation, which all
 * rows of a state have in common, and one of the time, of which a policy knows a few. the same equations as
 * guidance/energy_net.h, which stays the reference; a row's result does not depend on what shares the call, and every
 * kernel of float32 gives the same bits. Source: SPEC-energy section 1.3. */
#ifndef MDP_ALGOS_GUIDANCE_ENERGY_PLAN_H
#define MDP_ALGOS_GUIDANCE_ENERGY_PLAN_H

#include "algos/guidance/energy_net.h"
#include "algos/nn/kernel.h"

enum { MDP_ENERGY_TIMES_MAX = 257 };

/* a plan; threads share it */
struct mdp_energy_plan {
    const struct mdp_kernel *kernel; /* NULL: there is no plan */
    const struct mdp_q_net *net;
    int n_times, widest; /* widest: of all layers, padded */
    double times[MDP_ENERGY_TIMES_MAX];
    struct mdp_packed of_act, of_obs, layers[MDP_ENERGY_LAYERS - 1],
        out;                                                 /* forward; layers: all hidden but the first */
    struct mdp_packed back[MDP_ENERGY_LAYERS - 1], back_act; /* and backward, transposed */
    float *of_time;                                          /* [n_times, width of the first layer] */
    float *out_weight;                                       /* [width of the last hidden layer] */
    float *zero;                                             /* [widest] */
    float *made, *turned;                                    /* for a refresh */
};

/* working memory of one thread */
struct mdp_energy_work {
    int max_rows;
    float *of_obs, *at_time;                           /* [max_states, width of the first layer] */
    const float **base;                                /* [max_states or max_rows, the greater] */
    float *z, *y, *slope[MDP_ENERGY_LAYERS], *scratch; /* [max_rows, widest] */
    float *value, *slope_out;                          /* [max_rows] */
};

/** Makes a plan for a network, which must outlive it, at given times. Range: a kernel of float32, n_times from 1 to
 * MDP_ENERGY_TIMES_MAX. Owns: caller, mdp_energy_plan_free. Errors: NOMEM. */
mdp_err mdp_energy_plan_build(struct mdp_energy_plan *plan, const struct mdp_kernel *kernel,
                              const struct mdp_q_net *net, int n_times, const double *times);

/** Frees a plan; one of zeros has nothing. */
void mdp_energy_plan_free(struct mdp_energy_plan *plan);

/** Takes over the parameters of a block. */
void mdp_energy_plan_refresh(struct mdp_energy_plan *plan, const float *params);

/** Allocates working memory. Owns: caller, mdp_energy_work_free. Errors: NOMEM. */
mdp_err mdp_energy_work_alloc(struct mdp_energy_work *work, const struct mdp_energy_plan *plan, int max_states,
                              int max_rows);

/** Frees working memory; one of zeros has none. */
void mdp_energy_work_free(struct mdp_energy_work *work);

/** Computes what depends on the states alone. Shapes: obs [n_states, n_obs]. */
void mdp_energy_plan_observe(const struct mdp_energy_plan *plan, int n_states, const float *obs,
                             struct mdp_energy_work *work);

/** Returns the energies [n_rows] of actions [n_rows, n_act] at time i_time, row r being one of observed state (first +
 * r) / n_each; borrowed from work. Range: n_rows <= work->max_rows. */
const float *mdp_energy_plan_values(const struct mdp_energy_plan *plan, int i_time, int n_rows, const float *act,
                                    int first, int n_each, struct mdp_energy_work *work);

/** Computes the gradient in the actions of the newest values. Shapes: d_act [n_rows, n_act]. */
void mdp_energy_plan_gradient(const struct mdp_energy_plan *plan, int n_rows, struct mdp_energy_work *work,
                              float *d_act);

#endif
