#include "algos/sac.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { PANEL_ROWS = 64 };

/* a fixed share of the minibatch, with its own gradients: sums over panels run in panel order, whatever the threads */
struct mdp_sac_panel {
    int first, n_rows;
    float *obs, *act, *next_obs, *rewards, *terminals; /* gathered rows */
    float *new_act, *log_prob, *d_act, *d_value, *d_out;
    float *actor_grads, *critic_grads;
    struct mdp_mlp_cache actor;
    struct mdp_q_cache critic, target;
    double critic_loss, sum_q, sum_log_prob;
};

void mdp_sac_defaults(struct mdp_sac_config *config, int n_obs, int n_act, uint64_t seed) {
    *config = (struct mdp_sac_config){.n_obs = n_obs,
                                      .n_act = n_act,
                                      .hidden = 256,
                                      .batch = 256,
                                      .n_threads = 1,
                                      .learning_rate = MDP_SAC_LEARNING_RATE,
                                      .discount = MDP_SAC_DISCOUNT,
                                      .tau = MDP_SAC_TAU,
                                      .target_entropy = -n_act,
                                      .seed = seed};
}

/* each panel of rows has arrays and gradients of its own, so that threads share nothing */
static mdp_err panel_alloc(struct mdp_sac_panel *panel, const struct mdp_sac *sac, int first, int n_rows) {
    mdp_err err;
    unsigned long n = (unsigned long)n_rows, o = (unsigned long)sac->config.n_obs, a = (unsigned long)sac->config.n_act;
    panel->first = first;
    panel->n_rows = n_rows;
    const struct {
        float **slot;
        unsigned long count;
    } arrays[] = {{&panel->obs, n * o},
                  {&panel->act, n * a},
                  {&panel->next_obs, n * o},
                  {&panel->rewards, n},
                  {&panel->terminals, n},
                  {&panel->new_act, n * a},
                  {&panel->log_prob, n},
                  {&panel->d_act, n * a},
                  {&panel->d_value, n},
                  {&panel->d_out, 2 * n * a},
                  {&panel->actor_grads, (unsigned long)sac->actor.layout.n_floats},
                  {&panel->critic_grads, (unsigned long)sac->critic.layout.n_floats}};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        MDP_TRY(mdp_calloc(arrays[i].slot, arrays[i].count, sizeof(float), "SAC panel"));
    MDP_TRY(mdp_mlp_cache_alloc(&panel->actor, &sac->actor.net, n_rows, NULL));
    MDP_TRY(mdp_q_cache_alloc(&panel->critic, &sac->critic, n_rows, NULL));
    MDP_TRY(mdp_q_cache_alloc(&panel->target, &sac->critic, n_rows, NULL));
out:
    return err;
}

static void panel_free(struct mdp_sac_panel *panel) {
    float *arrays[] = {panel->obs,       panel->act,     panel->next_obs,    panel->rewards,
                       panel->terminals, panel->new_act, panel->log_prob,    panel->d_act,
                       panel->d_value,   panel->d_out,   panel->actor_grads, panel->critic_grads};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) free(arrays[i]);
    mdp_mlp_cache_free(&panel->actor);
    mdp_q_cache_free(&panel->critic);
    mdp_q_cache_free(&panel->target);
}

/* Adam's two weights as float32 rounds them: the committed behaviour policies were trained so, and training them again
 * has to give the same bits */
static mdp_err alloc_moments(struct mdp_adam *adam, long n) {
    mdp_err err = mdp_adam_alloc(adam, n, 0);
    adam->new_m = 1.0f - 0.9f;
    adam->new_v = 1.0f - 0.999f;
    return err;
}

static mdp_err alloc_blocks(struct mdp_sac *sac) {
    mdp_err err;
    unsigned long na = (unsigned long)sac->actor.layout.n_floats, nq = (unsigned long)sac->critic.layout.n_floats;
    unsigned long b = (unsigned long)sac->config.batch;
    MDP_TRY(mdp_calloc(&sac->actor_params, na, sizeof(float), "SAC actor"));
    MDP_TRY(mdp_calloc(&sac->critic_params, nq, sizeof(float), "SAC critic"));
    MDP_TRY(mdp_calloc(&sac->target_params, nq, sizeof(float), "SAC target critic"));
    MDP_TRY(alloc_moments(&sac->actor_adam, (long)na));
    MDP_TRY(alloc_moments(&sac->critic_adam, (long)nq));
    MDP_TRY(mdp_calloc(&sac->rows, b, sizeof(uint32_t), "SAC minibatch"));
    MDP_TRY(mdp_calloc(&sac->eps, b * (unsigned long)sac->config.n_act, sizeof(float), "SAC noise"));
    MDP_TRY(mdp_mlp_cache_alloc(&sac->act_cache, &sac->actor.net, 1, NULL));
    sac->n_panels = (sac->config.batch + PANEL_ROWS - 1) / PANEL_ROWS;
    MDP_TRY(mdp_calloc(&sac->panels, (unsigned long)sac->n_panels, sizeof *sac->panels, "SAC panels"));
    MDP_TRY(mdp_calloc(&sac->actor_grads, (unsigned long)sac->n_panels, sizeof(float *), "SAC panels"));
    MDP_TRY(mdp_calloc(&sac->critic_grads, (unsigned long)sac->n_panels, sizeof(float *), "SAC panels"));
    for (int i = 0; i < sac->n_panels; i++) {
        int first = i * PANEL_ROWS, left = sac->config.batch - first;
        MDP_TRY(panel_alloc(&sac->panels[i], sac, first, left < PANEL_ROWS ? left : PANEL_ROWS));
        sac->actor_grads[i] = sac->panels[i].actor_grads;
        sac->critic_grads[i] = sac->panels[i].critic_grads;
    }
out:
    return err;
}

mdp_err mdp_sac_new(const struct mdp_sac_config *config, struct mdp_sac **out) {
    mdp_err err;
    struct mdp_sac *sac = NULL;
    MDP_TRY(mdp_calloc(&sac, 1, sizeof *sac, "SAC learner"));
    sac->config = *config;
    mdp_gaussian_build(&sac->actor, config->n_obs, config->n_act, config->hidden);
    mdp_q_net_build(&sac->critic, MDP_Q_SAC, config->n_obs, config->n_act, config->hidden);
    MDP_TRY(alloc_blocks(sac));
    mdp_layout_init(&sac->actor.layout, config->seed, 1, sac->actor_params);
    mdp_layout_init(&sac->critic.layout, config->seed, 2, sac->critic_params);
    memcpy(sac->target_params, sac->critic_params, (size_t)sac->critic.layout.n_floats * sizeof(float));
    *out = sac;
    return MDP_OK;
out:
    mdp_sac_free(sac);
    return err;
}

void mdp_sac_free(struct mdp_sac *sac) {
    if (sac == NULL) return;
    for (int i = 0; sac->panels != NULL && i < sac->n_panels; i++) panel_free(&sac->panels[i]);
    free(sac->panels);
    free(sac->actor_grads);
    free(sac->critic_grads);
    free(sac->actor_params);
    free(sac->critic_params);
    free(sac->target_params);
    free(sac->rows);
    free(sac->eps);
    mdp_adam_free(&sac->actor_adam);
    mdp_adam_free(&sac->critic_adam);
    mdp_mlp_cache_free(&sac->act_cache);
    free(sac);
}

void mdp_sac_explore(struct mdp_sac *sac, uint32_t step, const float *obs, float *act) {
    float eps[64];
    struct mdp_rng rng = mdp_rng_stream(sac->config.seed, MDP_RNG_EXPLORE, step, 0);
    mdp_rng_normal(&rng, eps, sac->config.n_act);
    memcpy(sac->act_cache.x, obs, (size_t)sac->config.n_obs * sizeof *obs);
    mdp_gaussian_act(&sac->actor, sac->actor_params, 1, eps, &sac->act_cache, act, NULL);
}

static void gather(const struct mdp_sac *sac, const struct mdp_transitions *replay, struct mdp_sac_panel *panel) {
    size_t o = (size_t)sac->config.n_obs, a = (size_t)sac->config.n_act;
    for (int i = 0; i < panel->n_rows; i++) {
        size_t row = sac->rows[panel->first + i], slot = (size_t)i;
        memcpy(panel->obs + slot * o, replay->observations + row * o, o * sizeof(float));
        memcpy(panel->act + slot * a, replay->actions + row * a, a * sizeof(float));
        memcpy(panel->next_obs + slot * o, replay->next_observations + row * o, o * sizeof(float));
        panel->rewards[i] = replay->rewards[row];
        panel->terminals[i] = replay->terminals[row];
    }
}

/* y = r + gamma (1 - terminal) (min target Q(s', a') - alpha log pi(a'|s')); mean squared error of both heads */
static void critic_panel(struct mdp_sac *sac, struct mdp_sac_panel *panel, float alpha) {
    int n = panel->n_rows;
    const float *q[MDP_Q_HEADS_MAX], *target[MDP_Q_HEADS_MAX];
    const float *eps = sac->eps + (long)panel->first * sac->config.n_act;
    memset(panel->critic_grads, 0, (size_t)sac->critic.layout.n_floats * sizeof(float));
    memcpy(panel->actor.x, panel->next_obs, (size_t)n * (size_t)sac->config.n_obs * sizeof(float));
    mdp_gaussian_act(&sac->actor, sac->actor_params, n, eps, &panel->actor, panel->new_act, panel->log_prob);
    mdp_q_forward(&sac->critic, sac->target_params, n, panel->next_obs, panel->new_act, &panel->target, target);
    mdp_q_forward(&sac->critic, sac->critic_params, n, panel->obs, panel->act, &panel->critic, q);
    panel->critic_loss = panel->sum_q = 0;
    for (int h = 0; h < 2; h++) {
        for (int i = 0; i < n; i++) {
            float next = fminf(target[0][i], target[1][i]) - alpha * panel->log_prob[i];
            float y = panel->rewards[i] + (float)sac->config.discount * (1.0f - panel->terminals[i]) * next;
            float error = q[h][i] - y;
            panel->critic_loss += (double)error * error;
            panel->sum_q += q[h][i];
            panel->d_value[i] = 2.0f * error / (float)sac->config.batch;
        }
        mdp_q_backward(&sac->critic, sac->critic_params, n, h, panel->d_value, &panel->critic, panel->critic_grads,
                       NULL);
    }
}

/* policy loss: mean(alpha log pi(a|s) - min Q(s, a)), with a drawn from the policy */
static void actor_panel(struct mdp_sac *sac, struct mdp_sac_panel *panel, float alpha) {
    int n = panel->n_rows, a = sac->config.n_act;
    const float *q[MDP_Q_HEADS_MAX];
    const float *eps = sac->eps + (long)panel->first * a;
    memset(panel->actor_grads, 0, (size_t)sac->actor.layout.n_floats * sizeof(float));
    memset(panel->d_act, 0, (size_t)n * (size_t)a * sizeof(float));
    memcpy(panel->actor.x, panel->obs, (size_t)n * (size_t)sac->config.n_obs * sizeof(float));
    mdp_gaussian_act(&sac->actor, sac->actor_params, n, eps, &panel->actor, panel->new_act, panel->log_prob);
    mdp_q_forward(&sac->critic, sac->critic_params, n, panel->obs, panel->new_act, &panel->critic, q);
    for (int h = 0; h < 2; h++) {
        for (int i = 0; i < n; i++) {
            int leads = h == 0 ? q[0][i] <= q[1][i] : q[1][i] < q[0][i];
            panel->d_value[i] = leads ? -1.0f / (float)sac->config.batch : 0.0f;
        }
        mdp_q_backward(&sac->critic, sac->critic_params, n, h, panel->d_value, &panel->critic, NULL, panel->d_act);
    }
    mdp_gaussian_backward(&sac->actor, sac->actor_params, n, eps, panel->new_act, panel->d_act,
                          alpha / (float)sac->config.batch, &panel->actor, panel->d_out, panel->actor_grads);
    panel->sum_log_prob = 0;
    for (int i = 0; i < n; i++) panel->sum_log_prob += panel->log_prob[i];
}

/* Adam on log alpha with gradient -(mean log pi + target entropy) */
static void step_alpha(struct mdp_sac_alpha *alpha, double mean_log_prob, double target_entropy, double rate, long t) {
    double gradient = -(mean_log_prob + target_entropy);
    alpha->m = 0.9 * alpha->m + 0.1 * gradient;
    alpha->v = 0.999 * alpha->v + 0.001 * gradient * gradient;
    double m = alpha->m / (1.0 - pow(0.9, (double)t)), v = alpha->v / (1.0 - pow(0.999, (double)t));
    alpha->log_alpha -= rate * m / (sqrt(v) + 1e-8);
}

static void draw_noise(struct mdp_sac *sac, enum mdp_rng_purpose purpose, uint32_t step) {
    struct mdp_rng rng = mdp_rng_stream(sac->config.seed, purpose, step, 0);
    mdp_rng_normal(&rng, sac->eps, (long)sac->config.batch * sac->config.n_act);
}

void mdp_sac_update(struct mdp_sac *sac, const struct mdp_transitions *replay, long n_filled, uint32_t step,
                    struct mdp_sac_log *log) {
    int n_threads = sac->config.n_threads, batch = sac->config.batch;
    float alpha = (float)exp(sac->alpha.log_alpha);
    struct mdp_rng rng = mdp_rng_stream(sac->config.seed, MDP_RNG_REPLAY, step, 0);
    for (int i = 0; i < batch; i++) sac->rows[i] = mdp_rng_below(&rng, (uint32_t)n_filled);
    draw_noise(sac, MDP_RNG_BEHAVIOR_NEXT, step);
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int i = 0; i < sac->n_panels; i++) {
        gather(sac, replay, &sac->panels[i]);
        critic_panel(sac, &sac->panels[i], alpha);
    }
    mdp_adam_step(&sac->critic_adam, sac->critic_params, sac->critic_grads, sac->n_panels, sac->config.learning_rate,
                  n_threads);
    draw_noise(sac, MDP_RNG_BEHAVIOR_NOW, step);
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int i = 0; i < sac->n_panels; i++) actor_panel(sac, &sac->panels[i], alpha);
    mdp_adam_step(&sac->actor_adam, sac->actor_params, sac->actor_grads, sac->n_panels, sac->config.learning_rate,
                  n_threads);
    mdp_average_step(sac->target_params, sac->critic_params, sac->critic.layout.n_floats, 1.0 - sac->config.tau,
                     n_threads);

    *log = (struct mdp_sac_log){.alpha = alpha};
    double sum_log_prob = 0;
    for (int i = 0; i < sac->n_panels; i++) {
        log->critic_loss += sac->panels[i].critic_loss / batch;
        log->mean_q += sac->panels[i].sum_q / (2.0 * batch);
        sum_log_prob += sac->panels[i].sum_log_prob;
    }
    log->entropy = -sum_log_prob / batch;
    step_alpha(&sac->alpha, sum_log_prob / batch, sac->config.target_entropy, sac->config.learning_rate,
               sac->actor_adam.step);
}
