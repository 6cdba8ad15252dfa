#include "algos/guidance/twin.h"

#include <string.h>

void mdp_twin_min(const struct mdp_guidance_net *net, const float *params, int n_rows, const float *obs,
                  const float *act, struct mdp_q_cache *cache, float *out) {
    const float *values[MDP_Q_HEADS_MAX];
    mdp_q_forward(&net->net, params, n_rows, obs, act, cache, values);
    for (int i = 0; i < n_rows; i++) out[i] = values[0][i] < values[1][i] ? values[0][i] : values[1][i];
}

static const float *scoring_params(const struct mdp_guidance_net *net) {
    return net->target != NULL ? net->target : net->params;
}

void mdp_twin_select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                           struct mdp_guidance_work *work, float *score) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    mdp_twin_min(net, scoring_params(net), n_rows, obs, act, &work->caches[0], score);
}

void mdp_twin_score_gradient(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                             struct mdp_guidance_work *work, float *score, float *d_act) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    const float *values[MDP_Q_HEADS_MAX];
    mdp_q_forward(&net->net, scoring_params(net), n_rows, obs, act, &work->caches[0], values);
    memset(d_act, 0, (size_t)n_rows * (size_t)guidance->config.n_act * sizeof *d_act);
    for (int h = 0; h < net->net.n_heads; h++) {
        for (int i = 0; i < n_rows; i++) work->d_value[i] = (values[0][i] < values[1][i] ? 0 : 1) == h ? 1.0f : 0.0f;
        mdp_q_backward(&net->net, scoring_params(net), n_rows, h, work->d_value, &work->caches[0], NULL, d_act);
    }
    for (int i = 0; i < n_rows; i++) score[i] = values[0][i] < values[1][i] ? values[0][i] : values[1][i];
}

void mdp_twin_policy_values(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                            struct mdp_guidance_work *work, const float *values[MDP_Q_HEADS_MAX]) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    mdp_q_forward(&net->net, net->params, n_rows, obs, act, &work->caches[0], values);
}

void mdp_twin_policy_gradient(const struct mdp_guidance *guidance, int n_rows, int i_value, const float *d_value,
                              struct mdp_guidance_work *work, float *d_act) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    memset(d_act, 0, (size_t)n_rows * (size_t)guidance->config.n_act * sizeof *d_act);
    mdp_q_backward(&net->net, net->params, n_rows, i_value, d_value, &work->caches[0], NULL, d_act);
}

void mdp_twin_regress(struct mdp_guidance *guidance, const struct mdp_batch *batch, int i_panel) {
    struct mdp_guidance_net *net = &guidance->nets[0];
    struct mdp_guidance_trainer *trainer = guidance->trainer;
    struct mdp_guidance_work *work = &trainer->work[i_panel];
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, i_panel);
    long first = rows.first, o = guidance->config.n_obs, a = guidance->config.n_act;
    const float *y = trainer->target_value + first, *values[MDP_Q_HEADS_MAX];
    float *d_value = trainer->d_value + first, *grads = trainer->grads[0][i_panel];
    mdp_twin_policy_values(guidance, rows.n, batch->obs + first * o, batch->act + first * a, work, values);
    memset(grads, 0, (size_t)net->net.layout.n_floats * sizeof *grads);
    for (int h = 0; h < net->net.n_heads; h++) {
        memcpy(trainer->values[h] + first, values[h], (size_t)rows.n * sizeof *y);
        for (int i = 0; i < rows.n; i++) d_value[i] = (float)(2.0 * ((double)values[h][i] - y[i]) / batch->n);
        mdp_q_backward(&net->net, net->params, rows.n, h, d_value, &work->caches[0], grads, NULL);
    }
}

void mdp_twin_report(const struct mdp_guidance *guidance, int n, struct mdp_guidance_step *step) {
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
