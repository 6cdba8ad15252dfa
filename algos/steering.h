/* guidance that acts while actions are denoised: eps <- eps - w sigma g before the prediction is clipped, g being the
 * gradient of the score at the noisy action, of the score at the clean action that the step predicts (as if that moved
 * along with the noisy one), or of an energy at the noisy action and its time.
 *
 * scores are those that select candidates. an energy sees the time at which its own training had the signal to noise
 * ratio of the module's step; for modules of its own schedule that is the step's time. states are worked on one by one
 * with all their rows, so that a row does not depend on what shares the call. Source: SPEC-energy sections 4 and 5. */
#ifndef MDP_ALGOS_STEERING_H
#define MDP_ALGOS_STEERING_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/energy.h"
#include "algos/weight_schedule.h"

/* what a gradient is taken of, and where */
enum mdp_guide { MDP_GUIDE_NONE, MDP_GUIDE_NOISY, MDP_GUIDE_CLEAN, MDP_GUIDE_FREE, MDP_GUIDE_ENERGY };

/* how a reverse process is guided */
struct mdp_guide_rule {
    enum mdp_guide guide;
    double weight;                              /* w, times the schedule's share of each step, first to last */
    const struct mdp_weight_schedule *schedule; /* NULL: it stays */
};

/* a guide of rows of states; borrows all but its own working memory */
struct mdp_steering {
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance;
    struct mdp_guide_rule rule;
    const float *obs; /* [n_states, n_obs], normalised: of the next run, which the caller sets */
    int n_each;       /* rows of a state */
    struct mdp_guidance_work work;
    float *rows, *clean, *score; /* [n_each, n_obs], [n_each, n_act], [n_each] */
    float *gradient;             /* [max_rows, n_act]: the newest call's */
    struct mdp_bend bend;        /* for a sampler */
};

/** Lists none, noisy, clean and free, in the order of enum mdp_guide; free is for plans whose denoiser has a condition:
 * w times its prediction on the condition, 1 - w times that without. */
const struct mdp_names *mdp_guide_names(void);

/** Makes a guide for runs of at most max_rows rows with n_each rows of a state; it stays where it is while a sampler
 * has its bend. Owns: caller, mdp_steering_free. Errors: USAGE for a weight that is not finite, or guidance without
 * what the rule wants; DATA for modules of unequal sizes; NOMEM. */
mdp_err mdp_steering_init(struct mdp_steering *steering, const struct mdp_diffusion *diffusion,
                          const struct mdp_guidance *guidance, const struct mdp_guide_rule *rule, int max_rows,
                          int n_each);

/** Frees its working memory; one of zeros has none. */
void mdp_steering_free(struct mdp_steering *steering);

#endif
