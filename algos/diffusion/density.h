/* the distribution of actions that a denoiser has learnt, seen as a density with a gradient.
 *
 * at denoising time t noise of deviation tau = sigma / alpha lies on an action. the clean action x0 that the network
 * predicts from alpha a is the mean of those that may lie below a, so that (x0 - a) / tau^2 is the gradient of
 * log p_tau(a), p_tau being the distribution of actions blurred by tau; -alpha eps / sigma is the same number. a late
 * time blurs more than a policy bears, an early one divides the network's errors by a small tau. predictions are
 * clipped as the sampler clips them. Source: Tweedie's formula (Robbins 1956); SPEC section 4. */
#ifndef MDP_ALGOS_DIFFUSION_DENSITY_H
#define MDP_ALGOS_DIFFUSION_DENSITY_H

#include "algos/diffusion/diffusion.h"

/* working memory for a number of rows */
struct mdp_density_work {
    struct mdp_denoiser_cache cache;
    float *x; /* [max_rows, n_act] */
};

/** Returns the usual time: the first whose sigma is at least 0.1. */
int mdp_density_time(const struct mdp_schedule *schedule);

/** Checks a time chosen for a schedule. Errors: USAGE. */
mdp_err mdp_density_check_time(const struct mdp_schedule *schedule, int time);

/** Allocates working memory. Owns: caller, mdp_density_work_free. Errors: NOMEM. */
mdp_err mdp_density_work_alloc(struct mdp_density_work *work, const struct mdp_diffusion *diffusion, int max_rows);

/** Frees working memory. */
void mdp_density_work_free(struct mdp_density_work *work);

/** Computes the gradient of log p_tau at actions. Shapes: obs [n_rows, n_obs] normalised, act and gradient [n_rows,
 * n_act]. Range: a time of the schedule. */
void mdp_density_gradient(const struct mdp_diffusion *diffusion, const float *params,
                          const struct mdp_time_table *table, int time, int n_rows, const float *obs, const float *act,
                          struct mdp_density_work *work, float *gradient);

#endif
