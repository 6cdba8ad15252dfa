/* DQL's and EDP's critic: two independent heads trained to one target, the smaller value of the target copies.
 * Source: SPEC sections 1.3, 5.1 steps 1 to 4, 7 and 8 */
#include <math.h>
#include <string.h>

#include "algos/guidance/guidance.h"

static void build(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *config = &guidance->config;
    struct mdp_guidance_net *net = &guidance->nets[0];
    guidance->n_nets = 1;
    net->name = "critic";
    net->target_name = "critic_target";
    mdp_q_net_build(&net->net, MDP_Q_DQL, config->n_obs, config->n_act, config->n_hidden);
}

static void select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    const float *values[MDP_Q_HEADS_MAX];
    mdp_q_forward(&net->net, net->target, n_rows, obs, act, &work->caches[0], values);
    for (int i = 0; i < n_rows; i++) score[i] = values[0][i] < values[1][i] ? values[0][i] : values[1][i];
}

static void policy_values(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                          struct mdp_guidance_work *work, const float *values[MDP_Q_HEADS_MAX]) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    mdp_q_forward(&net->net, net->params, n_rows, obs, act, &work->caches[0], values);
}

static void policy_gradient(const struct mdp_guidance *guidance, int n_rows, int i_value, const float *d_value,
                            struct mdp_guidance_work *work, float *d_act) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    memset(d_act, 0, (size_t)n_rows * (size_t)guidance->config.n_act * sizeof *d_act);
    mdp_q_backward(&net->net, net->params, n_rows, i_value, d_value, &work->caches[0], NULL, d_act);
}

/* target values, then both heads forward and backward, for one panel */
static void train_panel(struct mdp_guidance *guidance, const struct mdp_batch *batch,
                        const struct mdp_guidance_step *step, int i_panel) {
    struct mdp_guidance_net *net = &guidance->nets[0];
    struct mdp_guidance_trainer *trainer = guidance->trainer;
    struct mdp_guidance_work *work = &trainer->work[i_panel];
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, i_panel);
    long first = rows.first, o = guidance->config.n_obs, a = guidance->config.n_act;
    float *y = trainer->target_value + first, *d_value = trainer->d_value + first, *grads = trainer->grads[0][i_panel];
    select_score(guidance, rows.n, batch->next_obs + first * o, step->next_act + first * a, work, y);
    for (int i = 0; i < rows.n; i++)
        y[i] = (float)(batch->rew[first + i] + (1.0 - batch->tml[first + i]) * step->discount * y[i]);
    const float *values[MDP_Q_HEADS_MAX];
    policy_values(guidance, rows.n, batch->obs + first * o, batch->act + first * a, work, values);
    memset(grads, 0, (size_t)net->net.layout.n_floats * sizeof *grads);
    for (int h = 0; h < net->net.n_heads; h++) {
        memcpy(trainer->values[h] + first, values[h], (size_t)rows.n * sizeof *y);
        for (int i = 0; i < rows.n; i++) d_value[i] = (float)(2.0 * ((double)values[h][i] - y[i]) / batch->n);
        mdp_q_backward(&net->net, net->params, rows.n, h, d_value, &work->caches[0], grads, NULL);
    }
}

static void report(const struct mdp_guidance *guidance, int n, struct mdp_guidance_step *step) {
    const struct mdp_guidance_trainer *trainer = guidance->trainer;
    double loss = 0, sum = 0;
    for (int h = 0; h < guidance->nets[0].net.n_heads; h++)
        for (int i = 0; i < n; i++) {
            double error = (double)trainer->values[h][i] - trainer->target_value[i];
            loss += error * error;
        }
    for (int i = 0; i < n; i++) sum += trainer->target_value[i];
    step->loss = loss / n;
    step->target_mean = sum / n;
}

static void train(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    struct mdp_guidance_net *net = &guidance->nets[0];
    int n_panels = mdp_panel_count(batch->n);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) train_panel(guidance, batch, step, p);
    report(guidance, batch->n, step);
    mdp_adam_step(&net->adam, net->params, guidance->trainer->grads[0], n_panels, step->lr, step->n_threads);
}

const struct mdp_guidance_kind mdp_guidance_double_q = {
    .name = "double-q",
    .n_values = 2,
    .target_every = 5,
    .build = build,
    .select_score = select_score,
    .policy_values = policy_values,
    .policy_gradient = policy_gradient,
    .train = train,
};
