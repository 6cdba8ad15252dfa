/* an energy that guides the reverse process of a diffusion module: eps <- eps - w sigma df/dx at the noisy action and
 * its time, before the prediction is clipped.
 *
 * the energy sees the time at which its own training had the signal to noise ratio of the module's step; for modules of
 * its own schedule that is the step's time. Source: SPEC-energy sections 4 and 5. */
#ifndef MDP_ALGOS_STEERING_H
#define MDP_ALGOS_STEERING_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/energy.h"

/* a guide of rows whose observations are given; borrows all but its own working memory */
struct mdp_steering {
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance;
    double weight;    /* w */
    const float *obs; /* [n_rows, n_obs], normalised: of the next run */
    struct mdp_q_cache cache;
    float *ones, *gradient; /* [max_rows], [max_rows, n_act]: the newest step's gradient */
    double *times;          /* [max_rows] */
    struct mdp_bend bend;   /* for a sampler */
};

/** Makes a guide for at most max_rows rows, which stays where it is while a sampler has its bend. Owns: caller,
 * mdp_steering_free. Errors: USAGE for guidance without an energy; DATA for modules of unequal sizes; NOMEM. */
mdp_err mdp_steering_init(struct mdp_steering *steering, const struct mdp_diffusion *diffusion,
                          const struct mdp_guidance *guidance, double weight, int max_rows);

/** Frees its working memory. */
void mdp_steering_free(struct mdp_steering *steering);

#endif
