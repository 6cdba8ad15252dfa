/* a run's settings, memory, draws and counters; the step itself is in learner_step.c */
#include "algos/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/fit.h"
#include "algos/learner_internal.h"
#include "algos/proposer.h"
#include "base/names.h"
#include "base/rng.h"

#define MODE_ROW(identifier, name, trains, loads, what) {name, trains, loads},
static const struct mdp_mode_info modes[MDP_N_MODES] = {MDP_MODE_LIST(MODE_ROW)};
#undef MODE_ROW

const struct mdp_mode_info *mdp_mode_describe(enum mdp_mode mode) { return &modes[mode]; }

mdp_err mdp_mode_find(const char *name, enum mdp_mode *out) {
    static const struct mdp_names names = MDP_NAMES(modes, name);
    int i;
    mdp_err err = mdp_names_find(&names, "guidance mode", name, &i);
    if (err == MDP_OK) *out = (enum mdp_mode)i;
    return err;
}

void mdp_learner_defaults(struct mdp_learner_config *config) {
    *config = (struct mdp_learner_config){.mode = MDP_MODE_JOINT,
                                          .action = MDP_ACTION_SAMPLED,
                                          .batch = 256,
                                          .discount = 0.99,
                                          .eta = 1.0,
                                          .lr = 3e-4,
                                          .value_lr_share = 1,
                                          .energy_lr_share = 1,
                                          .n_value_steps = -1,
                                          .lr_steps = 2000000,
                                          .n_threads = 1,
                                          .products = MDP_PRODUCTS_F32,
                                          .kernel = mdp_kernel_best()};
}

/* ---- settings that make sense ---- */

static mdp_err check_numbers(const struct mdp_learner_config *config) {
    if (config->batch < 1 || config->n_threads < 1 || config->lr_steps < 0)
        return mdp_fail(MDP_E_USAGE,
                        "training: batch and threads: expected at least 1, rate steps at least 0, found %d, %d and %ld",
                        config->batch, config->n_threads, config->lr_steps);
    if (!(config->lr >= 0) || !isfinite(config->eta) || !(config->discount >= 0 && config->discount <= 1))
        return mdp_fail(MDP_E_USAGE,
                        "training: expected lr >= 0, a finite eta and a discount from 0 to 1, found %g, %g and %g",
                        config->lr, config->eta, config->discount);
    if (config->eta_schedule != NULL && config->eta_steps < 1)
        return mdp_fail(MDP_E_USAGE, "training: steps of eta's schedule: expected at least 1, found %d",
                        config->eta_steps);
    if (config->action == MDP_ACTION_NONE && config->eta != 0)
        return mdp_fail(MDP_E_USAGE, "training: eta: expected 0 without policy actions, found %g", config->eta);
    if (config->is_noise_gradient && config->mode != MDP_MODE_NOISE)
        return mdp_fail(MDP_E_USAGE, "training: noise in place of the gradient: expected guidance mode noise, found %s",
                        modes[config->mode].name);
    return MDP_OK;
}

static int has_values(const struct mdp_guidance *g) { return g != NULL && g->config.kind->n_values > 0; }

/* something that a mode with guidance has */
static int guides(const struct mdp_guidance *g) { return has_values(g) || (g != NULL && g->config.kind->sees_windows); }

/* a mode says which modules there are, and a kind of guidance what it learns from */
static mdp_err check_modules(const struct mdp_learner_config *config, const struct mdp_diffusion *d,
                             const struct mdp_guidance *g) {
    const struct mdp_mode_info *mode = &modes[config->mode];
    if ((d == NULL) != (config->mode == MDP_MODE_GUIDANCE))
        return mdp_fail(MDP_E_USAGE, "training: mode %s: expected %s diffusion module", mode->name,
                        d == NULL ? "a" : "no");
    if (guides(g) == (config->mode == MDP_MODE_NONE))
        return mdp_fail(MDP_E_USAGE, "training: mode %s: expected %s guidance module, found %s", mode->name,
                        guides(g) ? "no" : "a", g == NULL ? "none" : g->config.kind->name);
    if (mode->trains_guidance && g->config.kind->train == NULL && !g->config.kind->sees_windows)
        return mdp_fail(MDP_E_USAGE, "guidance: '%s' has no training step; it can only be frozen",
                        g->config.kind->name);
    if (config->mode == MDP_MODE_GUIDANCE && g->config.kind->needs_next_act && !config->has_next_act)
        return mdp_fail(MDP_E_USAGE, "training: guidance '%s' alone: expected data with next actions, found none",
                        g->config.kind->name);
    if (config->mode == MDP_MODE_GUIDANCE && g->config.kind->needs_support && !config->has_support)
        return mdp_fail(MDP_E_USAGE,
                        "training: guidance '%s' alone: expected data with actions that a diffusion module supports, "
                        "found none",
                        g->config.kind->name);
    if (config->mode == MDP_MODE_NOISE && g->config.kind != &mdp_guidance_noise)
        return mdp_fail(MDP_E_USAGE, "training: mode noise: expected guidance of kind noise, found %s",
                        g->config.kind->name);
    return d != NULL && g != NULL ? mdp_modules_fit(d, g) : MDP_OK;
}

/* ---- memory ---- */

/* the weights of a residual denoiser outweigh what a panel leaves in its caches: their gradient is computed once, from
 * all passes, those of the policy loss behind the cloning loss's; those of a small denoiser stay in the cache and are
 * added to pass by pass */
static int defers(const struct mdp_learner *learner) { return learner->diffusion->config.kind == MDP_DENOISER_RESNET; }

static mdp_err add_passes(struct mdp_learner *learner, int p) {
    const struct mdp_diffusion *d = learner->diffusion;
    const struct mdp_sampler *sampler = &learner->actor.panels[p].sampler;
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
    mdp_err err;
    int is_sampled = learner->config.action == MDP_ACTION_SAMPLED,
        n = mdp_resnet_terms(&d->net.resnet, &sampler->clone->resnet, terms);
    MDP_TRY(mdp_gradient_add(&learner->actor.gradient, p, terms, n));
    if (!learner->has_policy_loss) return MDP_OK;
    for (int i = is_sampled ? d->i_last : 1; i <= (is_sampled ? d->config.n_steps : 1); i++) {
        n = mdp_resnet_terms(&d->net.resnet, &sampler->caches[i - 1].resnet, terms);
        MDP_TRY(mdp_gradient_add(&learner->actor.gradient, p, terms, n));
    }
out:
    return err;
}

/* everything a training step writes to is allocated here, so that the step itself cannot fail */
static mdp_err alloc_panels(struct mdp_learner *learner) {
    mdp_err err;
    struct mdp_learner_actor *actor = &learner->actor;
    unsigned long n_floats = (unsigned long)learner->diffusion->net.layout.n_floats,
                  n_panels = (unsigned long)actor->n_panels;
    int keeps = learner->has_policy_loss && learner->config.action == MDP_ACTION_SAMPLED ? MDP_KEEP_STEPS : 0;
    if (learner->has_policy_loss && defers(learner)) keeps += MDP_KEEP_CLONE;
    actor->gradient.products = learner->products;
    actor->gradient.n_threads = learner->config.n_threads;
    MDP_TRY(mdp_calloc(&actor->panels, n_panels, sizeof *actor->panels, "training panels"));
    MDP_TRY(mdp_calloc(&actor->grads, n_panels, sizeof(float *), "denoiser gradients"));
    for (int p = 0; p < actor->n_panels; p++) {
        MDP_TRY(
            mdp_sampler_alloc(&actor->panels[p].sampler, learner->diffusion, MDP_PANEL_ROWS, keeps, learner->products));
        if (learner->has_policy_loss)
            MDP_TRY(mdp_guidance_work_alloc(&actor->panels[p].guidance, learner->guidance, MDP_PANEL_ROWS,
                                            learner->products));
        if (defers(learner)) MDP_TRY(add_passes(learner, p));
        if (defers(learner) && p > 0) continue;
        if (defers(learner) && !learner->config.keeps_gradient)
            n_floats = (unsigned long)mdp_gradient_first(&actor->gradient);
        MDP_TRY(mdp_calloc(&actor->grads[p], n_floats, sizeof(float), "denoiser gradients"));
    }
out:
    return err;
}

static mdp_err alloc_cloning(struct mdp_learner *learner) {
    mdp_err err;
    const struct mdp_diffusion_config *d = &learner->diffusion->config;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_learner_buffers *buffers = &learner->buffers;
    unsigned long rows = (unsigned long)learner->config.batch, n = rows * (unsigned long)d->n_act,
                  n_emb = (unsigned long)d->n_emb,
                  keeps = rows * (unsigned long)learner->diffusion->net.n_blocks * (unsigned long)d->n_hidden;
    const char *what = "training batch";
    if (learner->diffusion->schedule.is_continuous) {
        MDP_TRY(mdp_time_table_alloc_rows(&actor->table, &learner->diffusion->net, learner->config.batch));
        MDP_TRY(mdp_calloc(&buffers->bc_at, rows, sizeof(double), what));
        MDP_TRY(mdp_calloc(&buffers->bc_mask, rows, sizeof(float), what));
    } else {
        MDP_TRY(mdp_time_table_alloc(&actor->table, &learner->diffusion->net));
    }
    MDP_TRY(mdp_calloc(&actor->d_table, (unsigned long)actor->n_panels * (unsigned long)actor->table.n * n_emb,
                       sizeof(float), what));
    MDP_TRY(mdp_calloc(&actor->square_sums, rows, sizeof(double), what));
    MDP_TRY(mdp_calloc(&buffers->bc_time, rows, sizeof(int), what));
    MDP_TRY(mdp_calloc(&buffers->bc_eps, n, sizeof(float), what));
    if (keeps > 0) MDP_TRY(mdp_calloc(&buffers->bc_keep, keeps, 1, what));
out:
    return err;
}

static mdp_err alloc_next(struct mdp_learner *learner) {
    mdp_err err;
    unsigned long n = (unsigned long)learner->config.batch * (unsigned long)learner->diffusion->config.n_act;
    unsigned long n_draws = (unsigned long)mdp_diffusion_draws(learner->diffusion);
    const struct mdp_proposer_config one_each = {
        .kernel = learner->config.kernel, .n_candidates = 1, .use_ema = 1, .max_threads = learner->config.n_threads};
    if (learner->config.kernel != NULL)
        MDP_TRY(mdp_proposer_new(&one_each, learner->diffusion, NULL, &learner->actor.next));
    else
        MDP_TRY(mdp_time_table_alloc(&learner->actor.ema_table, &learner->diffusion->net));
    learner->actor.next_is_stale = 1;
    MDP_TRY(mdp_calloc(&learner->actor.next_act, n, sizeof(float), "next actions"));
    MDP_TRY(mdp_calloc(&learner->buffers.noise_next, n * n_draws, sizeof(float), "next actions"));
out:
    return err;
}

/* what an energy learns from: its draws, and supported actions unless batches bring them */
static mdp_err alloc_energy(struct mdp_learner *learner) {
    mdp_err err;
    const struct mdp_guidance_config *g = &learner->guidance->config;
    struct mdp_learner_buffers *buffers = &learner->buffers;
    unsigned long rows = (unsigned long)learner->config.batch,
                  n = rows * (unsigned long)g->n_support * (unsigned long)g->n_act;
    const struct mdp_proposer_config each = {.kernel = learner->config.kernel,
                                             .n_candidates = g->n_support,
                                             .use_ema = 1,
                                             .max_threads = learner->config.n_threads};
    const char *what = "supported actions";
    MDP_TRY(mdp_calloc(&learner->noisy, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&buffers->energy_eps, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&buffers->energy_at, rows, sizeof(double), what));
    if (!learner->samples_support) return MDP_OK;
    MDP_TRY(mdp_proposer_new(&each, learner->diffusion, NULL, &learner->actor.supporter));
    learner->actor.next_is_stale = 1;
    MDP_TRY(mdp_calloc(&learner->actor.support, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&buffers->support_noise, n * (unsigned long)mdp_diffusion_draws(learner->diffusion),
                       sizeof(float), what));
out:
    return err;
}

static mdp_err alloc_policy(struct mdp_learner *learner) {
    mdp_err err;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_learner_buffers *buffers = &learner->buffers;
    int is_sampled = learner->config.action == MDP_ACTION_SAMPLED;
    unsigned long rows = (unsigned long)learner->config.batch,
                  n = rows * (unsigned long)learner->diffusion->config.n_act,
                  n_draws = is_sampled ? (unsigned long)mdp_diffusion_draws(learner->diffusion) : 1;
    const char *what = "policy actions";
    MDP_TRY(mdp_calloc(&actor->new_act, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&actor->d_new_act, n, sizeof(float), what));
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) MDP_TRY(mdp_calloc(&actor->q_new[h], rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&actor->d_value, rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&buffers->noise_new, n * n_draws, sizeof(float), what));
    if (!is_sampled) MDP_TRY(mdp_calloc(&buffers->policy_time, rows, sizeof(int), what));
    if (learner->config.is_noise_gradient) MDP_TRY(mdp_calloc(&buffers->noise_gradient, n, sizeof(float), what));
out:
    return err;
}

/* panels are full but for the last one */
static mdp_err plan_products(struct mdp_learner *learner) {
    const struct mdp_diffusion *d = learner->diffusion;
    const int batch = learner->config.batch, panels[] = {0, mdp_panel_count(batch) - 1};
    mdp_err err;
    MDP_TRY(mdp_products_new(learner->config.products, learner->config.n_threads, &learner->products));
    for (int i = 0; d != NULL && i < 2; i++)
        MDP_TRY(mdp_denoiser_products_plan(&d->net, mdp_panel_rows(batch, panels[i]).n, learner->products));
    if (d != NULL) MDP_TRY(mdp_products_watch(learner->products, d->params, d->net.layout.n_floats));
    if (learner->samples_next && learner->config.kernel == NULL)
        MDP_TRY(mdp_products_watch(learner->products, d->ema, d->net.layout.n_floats));
    if (has_values(learner->guidance)) MDP_TRY(mdp_guidance_plan(learner->guidance, batch, learner->products));
out:
    return err;
}

mdp_err mdp_learner_new(const struct mdp_learner_config *config, struct mdp_diffusion *diffusion,
                        struct mdp_guidance *guidance, struct mdp_learner **out) {
    mdp_err err;
    struct mdp_learner *learner = NULL;
    int trains = modes[config->mode].trains_guidance;
    *out = NULL;
    MDP_TRY(check_numbers(config));
    MDP_TRY(check_modules(config, diffusion, guidance));
    MDP_TRY(mdp_calloc(&learner, 1, sizeof *learner, "training run"));
    learner->config = *config;
    learner->diffusion = diffusion;
    learner->guidance = guidance;
    if (mdp_learns_windows(diffusion, guidance)) {
        MDP_TRY(mdp_window_learner_new(learner));
        *out = learner;
        return MDP_OK;
    }
    learner->has_policy_loss = diffusion != NULL && has_values(guidance) && config->action != MDP_ACTION_NONE;
    learner->samples_next = diffusion != NULL && trains && guidance->config.kind->needs_next_act;
    int has_energy = trains && guidance->config.kind->needs_support;
    learner->samples_support = diffusion != NULL && has_energy;
    learner->actor.n_panels = diffusion != NULL ? mdp_panel_count(config->batch) : 0;
    MDP_TRY(plan_products(learner));
    if (diffusion != NULL) MDP_TRY(alloc_panels(learner));
    if (diffusion != NULL) MDP_TRY(alloc_cloning(learner));
    if (learner->samples_next) MDP_TRY(alloc_next(learner));
    if (has_energy) MDP_TRY(alloc_energy(learner));
    if (learner->has_policy_loss) MDP_TRY(alloc_policy(learner));
    if (trains) MDP_TRY(mdp_guidance_trainer_new(guidance, config->batch, learner->products));
    *out = learner;
    return MDP_OK;
out:
    mdp_learner_free(learner);
    return err;
}

void mdp_learner_free(struct mdp_learner *learner) {
    if (learner == NULL) return;
    mdp_window_learner_free(learner);
    struct mdp_learner_actor *a = &learner->actor;
    struct mdp_learner_buffers *b = &learner->buffers;
    for (int p = 0; p < a->n_panels; p++) {
        if (a->panels != NULL) {
            mdp_sampler_free(&a->panels[p].sampler);
            mdp_guidance_work_free(&a->panels[p].guidance);
        }
        if (a->grads != NULL) free(a->grads[p]);
    }
    mdp_gradient_free(&a->gradient);
    mdp_time_table_free(&a->table);
    mdp_time_table_free(&a->ema_table);
    mdp_products_free(learner->products);
    mdp_proposer_free(a->next);
    mdp_proposer_free(a->supporter);
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) free(a->q_new[h]);
    void *blocks[] = {a->panels,     a->grads,      a->d_table,       a->next_act,    a->new_act,        a->d_new_act,
                      a->d_value,    b->bc_time,    a->square_sums,   b->policy_time, b->noise_gradient, b->bc_eps,
                      b->noise_next, b->noise_new,  b->bc_keep,       b->bc_at,       b->bc_mask,        a->support,
                      b->energy_at,  b->energy_eps, b->support_noise, learner->noisy};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    free(learner);
}

/* ---- draws and counters ---- */

static void draw_times(const struct mdp_learner *learner, enum mdp_rng_purpose purpose, int n, int *out) {
    struct mdp_rng rng = mdp_rng_stream(learner->config.seed, purpose, (uint32_t)learner->step, 0);
    for (int i = 0; i < n; i++) out[i] = (int)mdp_rng_below(&rng, (uint32_t)learner->diffusion->config.n_times);
}

static void draw_normals(const struct mdp_learner *learner, enum mdp_rng_purpose purpose, long n, float *out) {
    struct mdp_rng rng = mdp_rng_stream(learner->config.seed, purpose, (uint32_t)learner->step, 0);
    mdp_rng_normal(&rng, out, n);
}

/* masks of n values a block, each 0 with the rate as probability */
static void draw_masks(const struct mdp_learner *learner, long n, uint8_t *out) {
    enum { AT_ONCE = MDP_RNG_BLOCK * MDP_RNG_LANES };
    uint32_t dropped = (uint32_t)(learner->diffusion->config.dropout * 0x1p32), words[AT_ONCE];
    for (int k = 0; k < learner->diffusion->net.n_blocks; k++, out += n) {
        struct mdp_rng rng =
            mdp_rng_stream(learner->config.seed, MDP_RNG_DROPOUT, (uint32_t)learner->step, (uint32_t)k);
        for (long j = 0; j < n; j += AT_ONCE) {
            mdp_rng_blocks(&rng, words);
            for (long i = 0; i < (n - j < AT_ONCE ? n - j : AT_ONCE); i++) out[j + i] = words[i] >= dropped;
        }
    }
}

/* continuous times, and rows whose observation does not count; indices are those of rows */
static void draw_continuous(const struct mdp_learner *learner, int n) {
    const struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_rng time = mdp_rng_stream(learner->config.seed, MDP_RNG_BC_TIME, (uint32_t)learner->step, 0),
                   mask = mdp_rng_stream(learner->config.seed, MDP_RNG_DROPOUT, (uint32_t)learner->step, 0);
    for (int i = 0; i < n; i++) {
        b->bc_time[i] = i;
        b->bc_at[i] = mdp_schedule_time(mdp_rng_uniform(&time));
        b->bc_mask[i] = mdp_rng_uniform(&mask) > learner->diffusion->config.dropout ? 1.0f : 0.0f;
    }
}

/* what an energy learns from, if there is one */
static void draw_energy(const struct mdp_learner *learner, int n) {
    const struct mdp_learner_buffers *b = &learner->buffers;
    uint32_t step = (uint32_t)learner->step;
    if (b->energy_at == NULL) return;
    const struct mdp_guidance_config *g = &learner->guidance->config;
    long n_floats = (long)n * g->n_support * g->n_act;
    struct mdp_rng time = mdp_rng_stream(learner->config.seed, MDP_RNG_ENERGY, step, 0),
                   noise = mdp_rng_stream(learner->config.seed, MDP_RNG_ENERGY, step, 1),
                   support = mdp_rng_stream(learner->config.seed, MDP_RNG_SUPPORT, step, 1);
    for (int i = 0; i < n; i++) b->energy_at[i] = mdp_schedule_time(mdp_rng_uniform(&time));
    mdp_rng_normal(&noise, b->energy_eps, n_floats);
    if (b->support_noise != NULL)
        mdp_rng_normal(&support, b->support_noise, n_floats * mdp_diffusion_draws(learner->diffusion));
}

struct mdp_learner_draws mdp_learner_draw(struct mdp_learner *learner, int n) {
    if (learner->windows != NULL) return mdp_window_learner_draw(learner, n);
    const struct mdp_learner_buffers *b = &learner->buffers;
    struct mdp_rng coin = mdp_rng_stream(learner->config.seed, MDP_RNG_COIN, (uint32_t)learner->step, 0);
    if (learner->diffusion != NULL) {
        long per_draw = (long)n * learner->diffusion->config.n_act;
        long all = per_draw * mdp_diffusion_draws(learner->diffusion);
        if (b->bc_at != NULL)
            draw_continuous(learner, n);
        else
            draw_times(learner, MDP_RNG_BC_TIME, n, b->bc_time);
        draw_normals(learner, MDP_RNG_BC_NOISE, per_draw, b->bc_eps);
        if (b->bc_keep != NULL) draw_masks(learner, (long)n * learner->diffusion->config.n_hidden, b->bc_keep);
        if (b->noise_next != NULL) draw_normals(learner, MDP_RNG_NEXT_NOISE, all, b->noise_next);
        if (b->policy_time != NULL) draw_times(learner, MDP_RNG_POLICY_TIME, n, b->policy_time);
        if (b->noise_new != NULL)
            draw_normals(learner, MDP_RNG_POLICY_NOISE, b->policy_time != NULL ? per_draw : all, b->noise_new);
        if (b->noise_gradient != NULL) draw_normals(learner, MDP_RNG_NOISE_GRADIENT, per_draw, b->noise_gradient);
    }
    draw_energy(learner, n);
    return (struct mdp_learner_draws){.bc_time = b->bc_time,
                                      .support_noise = b->support_noise,
                                      .energy_at = b->energy_at,
                                      .energy_eps = b->energy_eps,
                                      .bc_at = b->bc_at,
                                      .bc_mask = b->bc_mask,
                                      .bc_eps = b->bc_eps,
                                      .bc_keep = b->bc_keep,
                                      .noise_next = b->noise_next,
                                      .noise_new = b->noise_new,
                                      .policy_time = b->policy_time,
                                      .noise_gradient = b->noise_gradient,
                                      .coin = mdp_rng_uniform(&coin)};
}

/* the learning-rate schedule goes by the optimiser's own count; its place in the list is kept */
int mdp_learner_counters(const struct mdp_learner *learner, int64_t out[MDP_LEARNER_COUNTERS_MAX]) {
    int n = 0;
    long *of_windows[MDP_LEARNER_COUNTERS_MAX];
    out[n++] = learner->step;
    if (learner->windows != NULL) {
        int n_more = mdp_window_learner_counters(learner, of_windows);
        for (int i = 0; i < n_more; i++) out[n++] = *of_windows[i];
        return n;
    }
    for (int i = 0; learner->diffusion != NULL && i < 2; i++) out[n++] = learner->diffusion->adam.step;
    for (int i = 0; modes[learner->config.mode].trains_guidance && i < learner->guidance->n_nets; i++)
        out[n++] = learner->guidance->nets[i].adam.step;
    return n;
}

void mdp_learner_restore(struct mdp_learner *learner, const int64_t *counters) {
    int n = 0;
    long *of_windows[MDP_LEARNER_COUNTERS_MAX];
    if (learner->windows != NULL) {
        int n_more = mdp_window_learner_counters(learner, of_windows);
        learner->step = (long)counters[n++];
        for (int i = 0; i < n_more; i++) *of_windows[i] = (long)counters[n++];
        return;
    }
    learner->actor.next_is_stale = 1;
    if (learner->diffusion != NULL)
        mdp_products_refresh(learner->products, learner->diffusion->params, learner->config.n_threads);
    if (has_values(learner->guidance))
        mdp_guidance_refresh(learner->guidance, learner->products, learner->config.n_threads);
    learner->step = (long)counters[n++];
    for (int i = 0; learner->diffusion != NULL && i < 2; i++) learner->diffusion->adam.step = (long)counters[n++];
    for (int i = 0; modes[learner->config.mode].trains_guidance && i < learner->guidance->n_nets; i++)
        learner->guidance->nets[i].adam.step = (long)counters[n++];
}
