/* what the files of the learner share: one row panel's working memory, and the half of a run that learns from windows
 * of steps.
 *
 * a denoiser of windows and the returns of noisy ones share a batch and nothing else, so that a denoiser's parameters
 * are the same bits whether returns are learnt before, beside, or never. Source: SPEC-trajectory sections 2, 4. */
#ifndef MDP_ALGOS_LEARNER_INTERNAL_H
#define MDP_ALGOS_LEARNER_INTERNAL_H

#include "algos/diffusion/schedule.h"
#include "algos/learner.h"

/* working memory of one row panel */
struct mdp_learner_panel {
    struct mdp_sampler sampler;
    struct mdp_guidance_work guidance;
};

/* windows of steps */
struct mdp_window_learner {
    int n;                        /* numbers of a window */
    struct mdp_schedule schedule; /* of the noise that returns are learnt on */
    float *noisy, *noisy_value;   /* [batch, n] */
    float *pairs, *pair_act;      /* [batch (horizon - 1), 2 n_obs or n_act]: neighbours, and what led to the second */
};

/** Tells whether a run learns from windows. Nullable: one of both. */
int mdp_learns_windows(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance);

/** Makes learner->windows, its draw buffers, and the modules' memory for training, after the run's settings were
 * checked. Errors: USAGE, NOMEM. */
mdp_err mdp_window_learner_new(struct mdp_learner *learner);

/** Frees it. */
void mdp_window_learner_free(struct mdp_learner *learner);

/** As mdp_learner_draw: times and noise of the denoiser and those of returns, each of streams of their own. */
struct mdp_learner_draws mdp_window_learner_draw(struct mdp_learner *learner, int n);

/** As mdp_learner_step, on the batch's windows. Range: batch->n == config.batch. */
void mdp_window_learner_step(struct mdp_learner *learner, const struct mdp_batch *batch,
                             const struct mdp_learner_draws *draws, struct mdp_learner_log *log);

/** Lists the counters behind the first: steps of the optimisers. Returns how many. */
int mdp_window_learner_counters(const struct mdp_learner *learner, long *out[MDP_LEARNER_COUNTERS_MAX]);

#endif
