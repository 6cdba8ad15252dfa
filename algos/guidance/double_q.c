/* DQL's and EDP's critic: two independent heads trained to one target, the smaller value of the target copies.
 * Source: SPEC sections 1.3, 5.1 steps 1 to 4, 7 and 8 */
#include "algos/guidance/twin.h"

static void build(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *config = &guidance->config;
    struct mdp_guidance_net *net = &guidance->nets[0];
    guidance->n_nets = 1;
    net->name = "critic";
    net->target_name = "critic_target";
    mdp_q_net_build(&net->net, MDP_Q_DQL, config->n_obs, config->n_act, config->n_hidden);
}

/* target values, then both heads forward and backward, for one panel */
static void train_panel(struct mdp_guidance *guidance, const struct mdp_batch *batch,
                        const struct mdp_guidance_step *step, int i_panel) {
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, i_panel);
    long first = rows.first, o = guidance->config.n_obs, a = guidance->config.n_act;
    float *y = guidance->trainer->target_value + first;
    mdp_twin_select_score(guidance, rows.n, batch->next_obs + first * o, step->next_act + first * a,
                          &guidance->trainer->work[i_panel], y);
    for (int i = 0; i < rows.n; i++)
        y[i] = (float)(batch->rew[first + i] + (1.0 - batch->tml[first + i]) * step->discount * y[i]);
    mdp_twin_regress(guidance, batch, i_panel);
}

static void train(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    int n_panels = mdp_panel_count(batch->n);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) train_panel(guidance, batch, step, p);
    mdp_twin_report(guidance, batch->n, step);
    mdp_guidance_step_net(guidance, 0, n_panels, step);
}

const struct mdp_guidance_kind mdp_guidance_double_q = {
    .name = "double-q",
    .algorithm = "dql",
    .n_values = 2,
    .needs_next_act = 1,
    .train_every = 1,
    .target_every = 5,
    .scores_by_least_head = 1,
    .build = build,
    .action_value = mdp_twin_select_score,
    .select_score = mdp_twin_select_score,
    .score_gradient = mdp_twin_score_gradient,
    .policy_values = mdp_twin_policy_values,
    .policy_gradient = mdp_twin_policy_gradient,
    .train = train,
};
