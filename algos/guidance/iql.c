/* IDQL's critics: a state value that follows an upper expectile of the action values, and two action-value heads that
 * bootstrap from it; neither needs an action of a policy. Source: SPEC sections 1.4, 5.3, 7 */
#include <string.h>

#include "algos/guidance/twin.h"

enum { Q, V };

static void build(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *config = &guidance->config;
    guidance->n_nets = 2;
    guidance->nets[Q].name = "iql_q";
    guidance->nets[Q].target_name = "iql_q_target";
    guidance->nets[V].name = "iql_v";
    mdp_q_net_build(&guidance->nets[Q].net, MDP_Q_IQL, config->n_obs, config->n_act, config->n_hidden);
    mdp_q_net_build(&guidance->nets[V].net, MDP_Q_IQL_V, config->n_obs, 0, config->n_hidden);
}

static const float *state_values(const struct mdp_guidance *guidance, int n_rows, const float *obs,
                                 struct mdp_guidance_work *work) {
    const struct mdp_guidance_net *net = &guidance->nets[V];
    const float *values[MDP_Q_HEADS_MAX];
    mdp_q_forward(&net->net, net->params, n_rows, obs, NULL, &work->caches[V], values);
    return values[0];
}

static void subtract_state_values(const struct mdp_guidance *guidance, int n_rows, const float *obs,
                                  struct mdp_guidance_work *work, float *score) {
    const float *v = state_values(guidance, n_rows, obs, work);
    for (int i = 0; i < n_rows; i++) score[i] -= v[i];
}

/* the advantage; V(s) does not change a choice among actions of one state, but it gives the score a meaning */
static void select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score) {
    mdp_twin_select_score(guidance, n_rows, obs, act, work, score);
    subtract_state_values(guidance, n_rows, obs, work, score);
}

static void score_gradient(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                           struct mdp_guidance_work *work, float *score, float *d_act) {
    mdp_twin_score_gradient(guidance, n_rows, obs, act, work, score, d_act);
    subtract_state_values(guidance, n_rows, obs, work, score);
}

/* the expectile loss's weight of an error u = q - v */
static double weight_of(const struct mdp_guidance *guidance, double u) {
    return u < 0 ? 1 - guidance->config.expectile : guidance->config.expectile;
}

/* the state value's gradients for one panel */
static void value_panel(struct mdp_guidance *guidance, const struct mdp_batch *batch, int i_panel) {
    struct mdp_guidance_net *net = &guidance->nets[V];
    struct mdp_guidance_trainer *trainer = guidance->trainer;
    struct mdp_guidance_work *work = &trainer->work[i_panel];
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, i_panel);
    long first = rows.first;
    const float *obs = batch->obs + first * guidance->config.n_obs;
    float *q = trainer->target_min + first, *d_value = trainer->d_value + first, *grads = trainer->grads[V][i_panel];
    mdp_twin_select_score(guidance, rows.n, obs, batch->act + first * guidance->config.n_act, work, q);
    const float *v = state_values(guidance, rows.n, obs, work);
    memcpy(trainer->state_value + first, v, (size_t)rows.n * sizeof *v);
    for (int i = 0; i < rows.n; i++) {
        double u = (double)q[i] - v[i];
        d_value[i] = (float)(-2.0 * weight_of(guidance, u) * u / batch->n);
    }
    memset(grads, 0, (size_t)net->net.layout.n_floats * sizeof *grads);
    mdp_q_backward(&net->net, net->params, rows.n, 0, d_value, &work->caches[V], grads, NULL);
}

/* the heads' gradients for one panel, towards the updated state value of the next state */
static void heads_panel(struct mdp_guidance *guidance, const struct mdp_batch *batch, double discount, int i_panel) {
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, i_panel);
    long first = rows.first;
    float *y = guidance->trainer->target_value + first;
    const float *v = state_values(guidance, rows.n, batch->next_obs + first * guidance->config.n_obs,
                                  &guidance->trainer->work[i_panel]);
    for (int i = 0; i < rows.n; i++)
        y[i] = (float)(batch->rew[first + i] + (1.0 - batch->tml[first + i]) * discount * v[i]);
    mdp_twin_regress(guidance, batch, i_panel);
}

static double value_loss(const struct mdp_guidance *guidance, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double u = (double)guidance->trainer->target_min[i] - guidance->trainer->state_value[i];
        sum += weight_of(guidance, u) * u * u;
    }
    return sum / n;
}

static void train(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    int n_panels = mdp_panel_count(batch->n);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) value_panel(guidance, batch, p);
    step->value_loss = value_loss(guidance, batch->n);
    mdp_guidance_step_net(guidance, V, n_panels, step);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) heads_panel(guidance, batch, step->discount, p);
    mdp_twin_report(guidance, batch->n, step);
    mdp_guidance_step_net(guidance, Q, n_panels, step);
}

const struct mdp_guidance_kind mdp_guidance_iql = {
    .name = "iql",
    .algorithm = "idql",
    .n_values = 2,
    .train_every = 2,
    .target_every = 2,
    .has_state_values = 1,
    .scores_by_least_head = 1,
    .build = build,
    .action_value = mdp_twin_select_score,
    .select_score = select_score,
    .score_gradient = score_gradient,
    .policy_values = mdp_twin_policy_values,
    .policy_gradient = mdp_twin_policy_gradient,
    .train = train,
};
