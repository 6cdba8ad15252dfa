/* guidance on the way: what bends the predictions of a reverse process, step by step.
 *
 * w g is added where a prediction stands for noise as -w sigma g, where it stands for what is clean accordingly; g is
 * the gradient of the score at the noisy action, of the score at the clean action that the step predicts (as if that
 * moved along with the noisy one), or of an energy at the noisy action and its time. free of a classifier, the
 * prediction counts w times, and 1 - w times what the denoiser predicts without the observation.
 *
 * scores are those that select candidates. an energy sees the time at which its own training had the signal to noise
 * ratio of the module's step; for modules of its own schedule that is the step's time. states are worked on one by one
 * with all their rows, so that a row does not depend on what shares the call. Source: SPEC-energy sections 4 and 5. */
#ifndef MDP_ALGOS_STEERING_H
#define MDP_ALGOS_STEERING_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/energy.h"
#include "algos/guidance/energy_plan.h"
#include "algos/weight_schedule.h"

/* what bends steps at inference; guidance selects among candidates besides */
enum mdp_guide { MDP_GUIDE_NONE, MDP_GUIDE_NOISY, MDP_GUIDE_CLEAN, MDP_GUIDE_FREE, MDP_GUIDE_ENERGY };

/* how a reverse process is guided */
struct mdp_guide_rule {
    enum mdp_guide guide;
    double weight;                              /* w, times the schedule's share of each step, first to last */
    const struct mdp_weight_schedule *schedule; /* NULL: it stays */
};

/* what a denoiser predicts in step i without observations. Shapes: x, out [n_rows, n_act] */
struct mdp_blind {
    void (*predict)(void *context, int i, int n_rows, const float *x, float *out);
    void *context;
};

/* a guide of rows of states; borrows all but its own working memory */
struct mdp_steering {
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance;
    struct mdp_guide_rule rule;
    const float *obs; /* [n_states, n_obs], normalised: of the next run, which the caller sets */
    int n_each;       /* rows of a state */
    /* an energy made ready at the module's steps, mdp_steering_times, that the caller has observe the states; NULL: the
     * layers of nn/ */
    const struct mdp_energy_plan *plan;
    struct mdp_energy_work *plan_work;
    struct mdp_blind blind; /* that the caller sets for MDP_GUIDE_FREE */
    struct mdp_guidance_work work;
    float *rows, *clean, *score; /* [n_each, n_obs], [n_each, n_act], [n_each] */
    float *gradient;             /* [max_rows, n_act]: the newest call's */
    struct mdp_bend bend;        /* for a sampler */
};

/** Lists the guides, in the order of enum mdp_guide; free is for denoisers that have learnt to do without their
 * condition: w times the prediction on it, 1 - w times that without. */
const struct mdp_names *mdp_guide_names(void);

/** Tells whether a guide bends steps. */
int mdp_guide_bends(enum mdp_guide guide);

/** Tells whether it takes a guidance module to do so. */
int mdp_guide_needs_guidance(enum mdp_guide guide);

/** Writes the times at which an energy sees a module's steps: 0 for actions as they are, then those of steps 1 to
 * n_steps. Shapes: times [n_steps + 1]. */
void mdp_steering_times(const struct mdp_diffusion *diffusion, double *times);

/** Makes a guide for runs of at most max_rows rows with n_each rows of a state; it stays where it is while a sampler
 * has its bend. Nullable: guidance, where the guide needs none. Owns: caller, mdp_steering_free. Errors: USAGE for
 * a weight that is not finite, or modules without what the rule wants; DATA for modules of unequal sizes; NOMEM. */
mdp_err mdp_steering_init(struct mdp_steering *steering, const struct mdp_diffusion *diffusion,
                          const struct mdp_guidance *guidance, const struct mdp_guide_rule *rule, int max_rows,
                          int n_each);

/** Frees its working memory; one of zeros has none. */
void mdp_steering_free(struct mdp_steering *steering);

#endif
