/* guidance that means nothing: a double Q as it was drawn, never trained; what is left of a method without its values.
 * Source: SPEC 9.1 item 4 */
#include "algos/guidance/twin.h"

static void build(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *config = &guidance->config;
    guidance->n_nets = 1;
    guidance->nets[0].name = "critic";
    mdp_q_net_build(&guidance->nets[0].net, MDP_Q_DQL, config->n_obs, config->n_act, config->n_hidden);
}

const struct mdp_guidance_kind mdp_guidance_noise = {
    .name = "noise",
    .algorithm = "dql",
    .n_values = 2,
    .train_every = 1,
    .target_every = 1,
    .scores_by_least_head = 1,
    .build = build,
    .action_value = mdp_twin_select_score,
    .select_score = mdp_twin_select_score,
    .score_gradient = mdp_twin_score_gradient,
    .policy_values = mdp_twin_policy_values,
    .policy_gradient = mdp_twin_policy_gradient,
};
