/* no guidance: no networks, no policy loss, all candidates alike. Source: SPEC section 9 */
#include <string.h>

#include "algos/guidance/guidance.h"

static void build(struct mdp_guidance *guidance) { guidance->n_nets = 0; }

static void select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score) {
    (void)guidance, (void)obs, (void)act, (void)work;
    memset(score, 0, (size_t)n_rows * sizeof *score);
}

static void score_gradient(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                           struct mdp_guidance_work *work, float *score, float *d_act) {
    select_score(guidance, n_rows, obs, act, work, score);
    memset(d_act, 0, (size_t)n_rows * (size_t)guidance->config.n_act * sizeof *d_act);
}

const struct mdp_guidance_kind mdp_guidance_none = {
    .name = "none",
    .train_every = 1,
    .target_every = 1,
    .scores_by_least_head = 1,
    .build = build,
    .select_score = select_score,
    .score_gradient = score_gradient,
};
