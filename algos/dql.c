#include "algos/dql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* working memory of one row panel */
struct mdp_dql_panel {
    struct mdp_sampler sampler;
    struct mdp_guidance_work guidance;
};

void mdp_dql_defaults(struct mdp_dql_config *config) {
    *config = (struct mdp_dql_config){
        .batch = 256, .discount = 0.99, .eta = 1.0, .lr = 3e-4, .lr_steps = 2000000, .n_threads = 1};
}

static mdp_err check(const struct mdp_dql_config *config, const struct mdp_diffusion *d, const struct mdp_guidance *g) {
    if (d->config.n_obs != g->config.n_obs || d->config.n_act != g->config.n_act)
        return mdp_fail(
            MDP_E_DATA,
            "guidance module: expected %d observations and %d actions as the diffusion module has, found %d and %d",
            d->config.n_obs, d->config.n_act, g->config.n_obs, g->config.n_act);
    if (config->batch < 1 || config->n_threads < 1 || config->lr_steps < 1)
        return mdp_fail(MDP_E_USAGE,
                        "training: batch, threads and rate steps: expected at least 1, found %d, %d and %ld",
                        config->batch, config->n_threads, config->lr_steps);
    if (!(config->lr >= 0) || !isfinite(config->eta) || !(config->discount >= 0 && config->discount <= 1))
        return mdp_fail(MDP_E_USAGE,
                        "training: expected lr >= 0, a finite eta and a discount from 0 to 1, found %g, %g and %g",
                        config->lr, config->eta, config->discount);
    if (!config->is_guidance_frozen && g->config.kind->train == NULL)
        return mdp_fail(MDP_E_USAGE, "guidance: '%s' has no training step; it can only be frozen",
                        g->config.kind->name);
    return MDP_OK;
}

static mdp_err alloc_panels(struct mdp_dql *dql) {
    mdp_err err;
    unsigned long n_floats = (unsigned long)dql->diffusion->net.layout.n_floats,
                  n_panels = (unsigned long)dql->n_panels;
    MDP_TRY(mdp_calloc(&dql->panels, n_panels, sizeof *dql->panels, "training panels"));
    MDP_TRY(mdp_calloc(&dql->grads, n_panels, sizeof(float *), "denoiser gradients"));
    for (int p = 0; p < dql->n_panels; p++) {
        MDP_TRY(mdp_sampler_alloc(&dql->panels[p].sampler, dql->diffusion, MDP_PANEL_ROWS, 1));
        MDP_TRY(mdp_guidance_work_alloc(&dql->panels[p].guidance, dql->guidance, MDP_PANEL_ROWS));
        MDP_TRY(mdp_calloc(&dql->grads[p], n_floats, sizeof(float), "denoiser gradients"));
    }
out:
    return err;
}

static mdp_err alloc_rows(struct mdp_dql *dql) {
    mdp_err err;
    const struct mdp_diffusion_config *d = &dql->diffusion->config;
    unsigned long rows = (unsigned long)dql->config.batch, n = rows * (unsigned long)d->n_act;
    unsigned long draws = n * (unsigned long)mdp_diffusion_draws(dql->diffusion);
    unsigned long table = (unsigned long)dql->n_panels * (unsigned long)d->n_times * (unsigned long)d->n_emb;
    const char *what = "training batch";
    MDP_TRY(mdp_calloc(&dql->d_table, table, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->next_act, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->new_act, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->d_new_act, n, sizeof(float), what));
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) MDP_TRY(mdp_calloc(&dql->q_new[h], rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->d_value, rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->square_sums, rows, sizeof(double), what));
    MDP_TRY(mdp_calloc(&dql->bc_time, rows, sizeof(int), what));
    MDP_TRY(mdp_calloc(&dql->bc_eps, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->noise_next, draws, sizeof(float), what));
    MDP_TRY(mdp_calloc(&dql->noise_new, draws, sizeof(float), what));
out:
    return err;
}

mdp_err mdp_dql_new(const struct mdp_dql_config *config, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                    struct mdp_dql **out) {
    mdp_err err;
    struct mdp_dql *dql = NULL;
    *out = NULL;
    MDP_TRY(check(config, diffusion, guidance));
    MDP_TRY(mdp_calloc(&dql, 1, sizeof *dql, "training run"));
    dql->config = *config;
    dql->diffusion = diffusion;
    dql->guidance = guidance;
    dql->n_panels = mdp_panel_count(config->batch);
    MDP_TRY(mdp_time_table_alloc(&dql->table, &diffusion->net));
    MDP_TRY(mdp_time_table_alloc(&dql->ema_table, &diffusion->net));
    MDP_TRY(alloc_panels(dql));
    MDP_TRY(alloc_rows(dql));
    if (!config->is_guidance_frozen) MDP_TRY(mdp_guidance_trainer_new(guidance, config->batch));
    *out = dql;
    return MDP_OK;
out:
    mdp_dql_free(dql);
    return err;
}

void mdp_dql_free(struct mdp_dql *dql) {
    if (dql == NULL) return;
    for (int p = 0; p < dql->n_panels; p++) {
        if (dql->panels != NULL) {
            mdp_sampler_free(&dql->panels[p].sampler);
            mdp_guidance_work_free(&dql->panels[p].guidance);
        }
        if (dql->grads != NULL) free(dql->grads[p]);
    }
    mdp_time_table_free(&dql->table);
    mdp_time_table_free(&dql->ema_table);
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) free(dql->q_new[h]);
    void *blocks[] = {dql->panels,  dql->grads,       dql->d_table, dql->next_act, dql->new_act,    dql->d_new_act,
                      dql->d_value, dql->square_sums, dql->bc_time, dql->bc_eps,   dql->noise_next, dql->noise_new};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    free(dql);
}

struct mdp_dql_draws mdp_dql_draw(struct mdp_dql *dql, int n) {
    uint64_t seed = dql->config.seed;
    uint32_t step = (uint32_t)dql->step;
    long per_draw = (long)n * dql->diffusion->config.n_act, n_draws = per_draw * mdp_diffusion_draws(dql->diffusion);
    struct mdp_rng times = mdp_rng_stream(seed, MDP_RNG_BC_TIME, step, 0),
                   noise = mdp_rng_stream(seed, MDP_RNG_BC_NOISE, step, 0);
    struct mdp_rng next = mdp_rng_stream(seed, MDP_RNG_NEXT_NOISE, step, 0);
    struct mdp_rng policy = mdp_rng_stream(seed, MDP_RNG_POLICY_NOISE, step, 0),
                   coin = mdp_rng_stream(seed, MDP_RNG_COIN, step, 0);
    for (int i = 0; i < n; i++) dql->bc_time[i] = (int)mdp_rng_below(&times, (uint32_t)dql->diffusion->config.n_times);
    mdp_rng_normal(&noise, dql->bc_eps, per_draw);
    if (!dql->config.is_guidance_frozen) mdp_rng_normal(&next, dql->noise_next, n_draws);
    mdp_rng_normal(&policy, dql->noise_new, n_draws);
    return (struct mdp_dql_draws){dql->bc_time, dql->bc_eps, dql->noise_next, dql->noise_new, mdp_rng_uniform(&coin)};
}

/* draws [D, n, n_act] as a panel sees them */
static struct mdp_draws panel_draws(const float *draws, int n, int n_act, int first) {
    return (struct mdp_draws){draws + (long)first * n_act, (long)n * n_act};
}

/* steps 1 to 4: next actions by the averaged denoiser, then the guidance's own step */
static void train_guidance(struct mdp_dql *dql, const struct mdp_batch *batch, const struct mdp_dql_draws *draws,
                           double lr, struct mdp_dql_log *log) {
    const struct mdp_diffusion *d = dql->diffusion;
    int n_panels = mdp_panel_count(batch->n), a = d->config.n_act;
    mdp_time_table_refresh(&dql->ema_table, &d->net, d->ema);
#pragma omp parallel for num_threads(dql->config.n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) {
        struct mdp_panel_range rows = mdp_panel_rows(batch->n, p);
        mdp_diffusion_sample(d, d->ema, &dql->ema_table, rows.n, batch->next_obs + (long)rows.first * d->config.n_obs,
                             panel_draws(draws->noise_next, batch->n, a, rows.first), 1.0, &dql->panels[p].sampler,
                             dql->next_act + (long)rows.first * a);
    }
    struct mdp_guidance_step step = {dql->next_act, dql->config.discount, lr, dql->config.n_threads, 0, 0};
    dql->guidance->config.kind->train(dql->guidance, batch, &step);
    log->critic_loss = step.loss;
    log->target_q_mean = step.target_mean;
}

/* steps 5 to 7 for one panel: the cloning loss with its gradient, then policy actions and their values */
static void actor_forward(struct mdp_dql *dql, const struct mdp_batch *batch, const struct mdp_dql_draws *draws,
                          int p) {
    const struct mdp_diffusion *d = dql->diffusion;
    const struct mdp_guidance *g = dql->guidance;
    struct mdp_dql_panel *panel = &dql->panels[p];
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, p);
    long a = d->config.n_act, at = rows.first * a, table = (long)d->config.n_times * d->config.n_emb;
    const float *obs = batch->obs + (long)rows.first * d->config.n_obs, *values[MDP_Q_HEADS_MAX];
    float *d_table = dql->d_table + p * table;
    memset(dql->grads[p], 0, (size_t)d->net.layout.n_floats * sizeof(float));
    memset(d_table, 0, (size_t)table * sizeof(float));
    mdp_diffusion_clone(d, d->params, &dql->table, rows.n, batch->n, obs, batch->act + at, draws->bc_time + rows.first,
                        draws->bc_eps + at, &panel->sampler, dql->square_sums + rows.first, dql->grads[p], d_table);
    mdp_diffusion_sample(d, d->params, &dql->table, rows.n, obs,
                         panel_draws(draws->noise_new, batch->n, (int)a, rows.first), 1.0, &panel->sampler,
                         dql->new_act + at);
    g->config.kind->policy_values(g, rows.n, obs, dql->new_act + at, &panel->guidance, values);
    for (int h = 0; h < g->config.kind->n_values; h++)
        memcpy(dql->q_new[h] + rows.first, values[h], (size_t)rows.n * sizeof(float));
}

/* steps 8 and 9 for one panel: the policy loss's way back through guidance and sampler */
static void actor_backward(struct mdp_dql *dql, int n, int i_value, int p) {
    const struct mdp_diffusion *d = dql->diffusion;
    const struct mdp_guidance *g = dql->guidance;
    struct mdp_panel_range rows = mdp_panel_rows(n, p);
    float *d_act = dql->d_new_act + (long)rows.first * d->config.n_act;
    g->config.kind->policy_gradient(g, rows.n, i_value, dql->d_value + rows.first, &dql->panels[p].guidance, d_act);
    mdp_diffusion_sample_backward(d, d->params, rows.n, d_act, &dql->panels[p].sampler, dql->grads[p],
                                  dql->d_table + (long)p * d->config.n_times * d->config.n_emb);
}

/* -mean(Q_lead) / mean|Q_other|, sums in row order; fills the gradient of eta times it and returns the lead */
static int policy_loss(struct mdp_dql *dql, int n, double coin, double *loss) {
    int n_values = dql->guidance->config.kind->n_values, lead = coin > 0.5 || n_values == 1 ? 0 : 1;
    const float *leading = dql->q_new[lead], *other = dql->q_new[n_values == 1 ? 0 : 1 - lead];
    double sum = 0, scale = 0;
    for (int i = 0; i < n; i++) {
        sum += leading[i];
        scale += fabs((double)other[i]);
    }
    *loss = -sum / scale;
    float each = (float)(-dql->config.eta / scale);
    for (int i = 0; i < n; i++) dql->d_value[i] = each;
    return lead;
}

/* the panels' table gradients meet in the first panel's block and go back through time_mlp once */
static void time_backward(struct mdp_dql *dql, int n_panels) {
    const struct mdp_diffusion *d = dql->diffusion;
    long n = (long)d->config.n_times * d->config.n_emb;
    for (int p = 1; p < n_panels; p++)
        for (long j = 0; j < n; j++) dql->d_table[j] += dql->d_table[p * n + j];
    mdp_time_table_backward(&dql->table, &d->net, d->params, dql->d_table, dql->grads[0]);
}

static void train_actor(struct mdp_dql *dql, const struct mdp_batch *batch, const struct mdp_dql_draws *draws,
                        double lr, struct mdp_dql_log *log) {
    struct mdp_diffusion *d = dql->diffusion;
    int n_panels = dql->n_used = mdp_panel_count(batch->n), n_threads = dql->config.n_threads;
    mdp_time_table_refresh(&dql->table, &d->net, d->params);
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) actor_forward(dql, batch, draws, p);
    double squares = 0;
    for (int i = 0; i < batch->n; i++) squares += dql->square_sums[i];
    log->bc_loss = squares / ((double)batch->n * d->config.n_act);
    int lead = policy_loss(dql, batch->n, draws->coin, &log->q_loss);
    log->actor_loss = log->bc_loss + dql->config.eta * log->q_loss;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) actor_backward(dql, batch->n, lead, p);
    time_backward(dql, n_panels);
    mdp_adam_step(&d->adam, d->params, dql->grads, n_panels, lr, n_threads);
}

void mdp_dql_step(struct mdp_dql *dql, const struct mdp_batch *batch, const struct mdp_dql_draws *draws,
                  struct mdp_dql_log *log) {
    double lr = mdp_cosine_rate(dql->config.lr, dql->lr_step, dql->config.lr_steps);
    *log = (struct mdp_dql_log){.critic_loss = NAN, .target_q_mean = NAN, .lr = lr};
    if (!dql->config.is_guidance_frozen) train_guidance(dql, batch, draws, lr, log);
    train_actor(dql, batch, draws, lr, log);
    mdp_diffusion_average(dql->diffusion, dql->step, dql->config.n_threads);
    if (!dql->config.is_guidance_frozen) mdp_guidance_average(dql->guidance, dql->step, dql->config.n_threads);
    dql->step++;
    dql->lr_step++;
}

void mdp_dql_actor_gradient(const struct mdp_dql *dql, float *out) {
    long n = dql->diffusion->net.layout.n_floats;
    memset(out, 0, (size_t)n * sizeof *out);
    for (int p = 0; p < dql->n_used; p++)
        for (long j = 0; j < n; j++) out[j] += dql->grads[p][j];
}
