/* the half of a run that learns from windows of steps: memory, draws, a step */
#include "algos/learner_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "algos/inverse.h"
#include "base/rng.h"

/* the network of actions is learnt in a fifth of the time. Source: SPEC-trajectory section 4.3 */
enum { INVERSE_SHARE = 5 };

int mdp_learns_windows(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance) {
    return (diffusion != NULL && diffusion->window != NULL) || (guidance != NULL && guidance->window != NULL);
}

static struct mdp_guidance *trained_guidance(const struct mdp_learner *learner) {
    return mdp_mode_describe(learner->config.mode)->trains_guidance ? learner->guidance : NULL;
}

/* ---- memory ---- */

static mdp_err new_inverse(struct mdp_learner *learner) {
    struct mdp_window_learner *w = learner->windows;
    struct mdp_inverse *inverse = learner->diffusion->inverse;
    int n_pairs = learner->config.batch * (learner->diffusion->config.windows.horizon - 1);
    mdp_err err;
    MDP_TRY(mdp_inverse_rows_new(inverse, n_pairs, learner->config.n_threads));
    MDP_TRY(mdp_calloc(&w->pairs, (unsigned long)n_pairs, 2 * (unsigned long)inverse->n_obs * sizeof(float), "pairs"));
    MDP_TRY(mdp_calloc(&w->pair_act, (unsigned long)n_pairs, (unsigned long)inverse->n_act * sizeof(float), "pairs"));
out:
    return err;
}

static mdp_err new_denoiser(struct mdp_learner *learner) {
    struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_window_learner *w = learner->windows;
    unsigned long rows = (unsigned long)learner->config.batch, n;
    mdp_err err;
    w->n = learner->diffusion->window->n;
    n = rows * (unsigned long)w->n;
    MDP_TRY(
        mdp_window_diffusion_rows_new(learner->diffusion->window, learner->config.batch, learner->config.n_threads));
    MDP_TRY(mdp_calloc(&b->bc_at, rows, sizeof(double), "training batch"));
    MDP_TRY(mdp_calloc(&b->bc_mask, rows, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&b->bc_eps, n, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&w->noisy, n, sizeof(float), "training batch"));
    if (learner->diffusion->inverse != NULL) MDP_TRY(new_inverse(learner));
out:
    return err;
}

static mdp_err new_returns(struct mdp_learner *learner) {
    struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_window_learner *w = learner->windows;
    unsigned long rows = (unsigned long)learner->config.batch, n;
    mdp_err err;
    w->n = learner->guidance->window->n;
    n = rows * (unsigned long)w->n;
    MDP_TRY(mdp_schedule_build(&w->schedule, learner->guidance->config.n_times));
    MDP_TRY(mdp_window_guidance_rows_new(learner->guidance->window, learner->config.batch, learner->config.n_threads));
    MDP_TRY(mdp_calloc(&b->policy_time, rows, sizeof(int), "training batch"));
    MDP_TRY(mdp_calloc(&b->noise_new, n, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&w->noisy_value, n, sizeof(float), "training batch"));
out:
    return err;
}

mdp_err mdp_window_learner_new(struct mdp_learner *learner) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&learner->windows, 1, sizeof *learner->windows, "training run"));
    if (learner->diffusion != NULL) MDP_TRY(new_denoiser(learner));
    if (trained_guidance(learner) != NULL) MDP_TRY(new_returns(learner));
out:
    return err;
}

void mdp_window_learner_free(struct mdp_learner *learner) {
    struct mdp_window_learner *w = learner->windows;
    if (w == NULL) return;
    free(w->noisy);
    free(w->noisy_value);
    free(w->pairs);
    free(w->pair_act);
    free(w);
    learner->windows = NULL;
}

/* ---- draws ---- */

static struct mdp_rng stream(const struct mdp_learner *learner, enum mdp_rng_purpose purpose) {
    return mdp_rng_stream(learner->config.seed, purpose, (uint32_t)learner->step, 0);
}

/* whole times of a U-Net, real ones of a transformer, and rows whose return counts */
static void draw_denoiser(struct mdp_learner *learner, int n) {
    const struct mdp_diffusion_config *c = &learner->diffusion->config;
    struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_rng time = stream(learner, MDP_RNG_BC_TIME), eps = stream(learner, MDP_RNG_BC_NOISE),
                   counts = stream(learner, MDP_RNG_DROPOUT);
    for (int i = 0; i < n; i++) {
        if (c->kind == MDP_DENOISER_WINDOW_UNET)
            b->bc_at[i] = mdp_rng_below(&time, (uint32_t)c->n_times);
        else
            b->bc_at[i] = 1e-3 + 0.999 * mdp_rng_uniform(&time);
        b->bc_mask[i] = mdp_rng_uniform(&counts) > c->dropout ? 1.0f : 0.0f;
    }
    mdp_rng_normal(&eps, b->bc_eps, (long)n * learner->windows->n);
}

static void draw_returns(struct mdp_learner *learner, int n) {
    struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_rng time = stream(learner, MDP_RNG_POLICY_TIME), eps = stream(learner, MDP_RNG_POLICY_NOISE);
    for (int i = 0; i < n; i++)
        b->policy_time[i] = (int)mdp_rng_below(&time, (uint32_t)learner->guidance->config.n_times);
    mdp_rng_normal(&eps, b->noise_new, (long)n * learner->windows->n);
}

struct mdp_learner_draws mdp_window_learner_draw(struct mdp_learner *learner, int n) {
    const struct mdp_learner_buffers *b = &learner->buffers;
    if (learner->diffusion != NULL) draw_denoiser(learner, n);
    if (trained_guidance(learner) != NULL) draw_returns(learner, n);
    return (struct mdp_learner_draws){.bc_at = b->bc_at,
                                      .bc_mask = b->bc_mask,
                                      .bc_eps = b->bc_eps,
                                      .policy_time = b->policy_time,
                                      .noise_new = b->noise_new};
}

/* ---- a step ---- */

/* each network's rate follows its own count of steps */
static double rate(const struct mdp_learner *learner, const struct mdp_adam *adam, long n_steps) {
    if (learner->config.lr_steps == 0) return learner->config.lr;
    return mdp_cosine_rate(learner->config.lr, adam->step, n_steps);
}

/* neighbours in windows, row after row all steps but the last, and the actions between them */
static void fill_pairs(struct mdp_learner *learner, const struct mdp_batch *batch) {
    const struct mdp_diffusion_config *c = &learner->diffusion->config;
    struct mdp_window_learner *w = learner->windows;
    long n_obs = c->n_obs, n_act = c->n_act, n_pairs = c->windows.horizon - 1;
    for (long i = 0; i < batch->n; i++) {
        const float *obs = batch->windows + i * w->n, *act = batch->window_act + i * (n_pairs + 1) * n_act;
        for (long h = 0; h < n_pairs; h++)
            memcpy(w->pairs + (i * n_pairs + h) * 2 * n_obs, obs + h * n_obs, 2 * (size_t)n_obs * sizeof *obs);
        memcpy(w->pair_act + i * n_pairs * n_act, act, (size_t)(n_pairs * n_act) * sizeof *act);
    }
}

static void train_inverse(struct mdp_learner *learner, const struct mdp_batch *batch, struct mdp_learner_log *log) {
    struct mdp_inverse *inverse = learner->diffusion->inverse;
    long n_steps = learner->config.lr_steps / INVERSE_SHARE;
    if (learner->config.lr_steps != 0 && inverse->trained.adam.step > n_steps) return;
    fill_pairs(learner, batch);
    log->has_value_loss = 1;
    log->value_loss = mdp_inverse_step(inverse, learner->windows->pairs, learner->windows->pair_act,
                                       rate(learner, &inverse->trained.adam, n_steps > 0 ? n_steps : 1));
}

static void train_denoiser(struct mdp_learner *learner, const struct mdp_batch *batch,
                           const struct mdp_learner_draws *draws, struct mdp_learner_log *log) {
    struct mdp_window_diffusion *d = learner->diffusion->window;
    const struct mdp_window_batch windows = {batch->n,     batch->windows, draws->bc_eps,
                                             draws->bc_at, batch->returns, draws->bc_mask};
    log->lr = rate(learner, &d->trained.adam, learner->config.lr_steps);
    log->bc_loss = log->actor_loss = mdp_window_diffusion_step(d, &windows, log->lr, learner->windows->noisy);
    if (learner->diffusion->inverse != NULL) train_inverse(learner, batch, log);
}

/* the first observation is known, so that no noise is on it */
static void add_noise(const struct mdp_learner *learner, const struct mdp_batch *batch,
                      const struct mdp_learner_draws *draws) {
    const struct mdp_window_learner *w = learner->windows;
    int n_known = learner->guidance->config.n_obs;
    for (long r = 0; r < batch->n; r++) {
        float alpha = (float)w->schedule.alpha[draws->policy_time[r]],
              sigma = (float)w->schedule.sigma[draws->policy_time[r]], *out = w->noisy_value + r * w->n;
        const float *x0 = batch->windows + r * w->n, *eps = draws->noise_new + r * w->n;
        for (int j = 0; j < w->n; j++) out[j] = j < n_known ? x0[j] : alpha * x0[j] + sigma * eps[j];
    }
}

static void train_returns(struct mdp_learner *learner, const struct mdp_batch *batch,
                          const struct mdp_learner_draws *draws, struct mdp_learner_log *log) {
    struct mdp_window_guidance *g = learner->guidance->window;
    double sum = 0;
    add_noise(learner, batch, draws);
    log->guidance_lr = rate(learner, &g->trained.adam, learner->config.lr_steps);
    log->has_critic_loss = 1;
    log->critic_loss = mdp_window_guidance_step(g, learner->windows->noisy_value, draws->policy_time, batch->returns,
                                                log->guidance_lr);
    for (int i = 0; i < batch->n; i++) sum += (double)batch->returns[i];
    log->target_q_mean = sum / batch->n;
}

void mdp_window_learner_step(struct mdp_learner *learner, const struct mdp_batch *batch,
                             const struct mdp_learner_draws *draws, struct mdp_learner_log *log) {
    *log = (struct mdp_learner_log){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0};
    if (learner->diffusion != NULL) train_denoiser(learner, batch, draws, log);
    if (trained_guidance(learner) != NULL) train_returns(learner, batch, draws, log);
    learner->step++;
}

int mdp_window_learner_counters(const struct mdp_learner *learner, long *out[MDP_LEARNER_COUNTERS_MAX]) {
    int n = 0;
    if (learner->diffusion != NULL) out[n++] = &learner->diffusion->window->trained.adam.step;
    if (learner->diffusion != NULL && learner->diffusion->inverse != NULL)
        out[n++] = &learner->diffusion->inverse->trained.adam.step;
    if (trained_guidance(learner) != NULL) out[n++] = &learner->guidance->window->trained.adam.step;
    return n;
}
