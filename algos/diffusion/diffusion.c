#include "algos/diffusion/diffusion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/diffusion/diffusion_internal.h"
#include "algos/inverse.h"

enum { INIT_MODULE = 1, SIZE_MAX_ALLOWED = 65536 };

void mdp_diffusion_defaults(struct mdp_diffusion_config *config, int n_obs, int n_act) {
    const struct mdp_solver *solver = NULL;
    mdp_solver_find("ddpm", &solver);
    *config = (struct mdp_diffusion_config){.kind = MDP_DENOISER_MLP,
                                            .n_obs = n_obs,
                                            .n_act = n_act,
                                            .n_emb = 64,
                                            .n_hidden = 256,
                                            .n_blocks = 3,
                                            .dropout = 0.1,
                                            .widths = {512, 256, 128},
                                            .return_scale = 1,
                                            .n_times = 5,
                                            .n_steps = 5,
                                            .solver = solver,
                                            .prediction = MDP_PREDICT_NOISE,
                                            .decay = 0.01,
                                            .ema_keep = 0.995,
                                            .ema_every = 5,
                                            .ema_start = 1000};
}

static mdp_err check_size(const char *what, int value) {
    if (value >= 1 && value <= SIZE_MAX_ALLOWED) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "diffusion: %s: expected 1 to %d, found %d", what, SIZE_MAX_ALLOWED, value);
}

/* sizes come from files, too: each is held to a range before memory is taken for it */
static mdp_err check_config(const struct mdp_diffusion_config *config) {
    mdp_err err;
    MDP_TRY(check_size("observation size", config->n_obs));
    MDP_TRY(check_size("action size", config->n_act));
    MDP_TRY(check_size("width", config->n_hidden));
    MDP_TRY(check_size("time embedding", config->n_emb));
    if (config->n_emb % 2 != 0)
        return mdp_fail(MDP_E_USAGE, "diffusion: time embedding: expected an even size, found %d", config->n_emb);
    if (config->kind == MDP_DENOISER_RESNET && (config->n_blocks < 1 || config->n_blocks > MDP_RESNET_MAX))
        return mdp_fail(MDP_E_USAGE, "diffusion: residual blocks: expected 1 to %d, found %d", MDP_RESNET_MAX,
                        config->n_blocks);
    for (int i = 0; config->kind == MDP_DENOISER_UNET && i < MDP_UNET_LEVELS; i++)
        MDP_TRY(check_size("width", config->widths[i]));
    if (!(config->dropout >= 0 && config->dropout < 1))
        return mdp_fail(MDP_E_USAGE, "diffusion: dropout: expected at least 0 and less than 1, found %g",
                        config->dropout);
    if (config->solver == NULL) return mdp_fail(MDP_E_USAGE, "diffusion: solver: expected one, found none");
    if (!(config->ema_keep >= 0 && config->ema_keep <= 1) || config->ema_every < 1)
        return mdp_fail(
            MDP_E_USAGE,
            "diffusion: averaging: expected a share from 0 to 1 and a cadence of at least 1, found %g and %d",
            config->ema_keep, config->ema_every);
    if (!(config->return_scale > 0) || !isfinite(config->return_scale))
        return mdp_fail(MDP_E_USAGE, "diffusion: scale of returns: expected more than 0, found %g",
                        config->return_scale);
    if (!(config->decay >= 0))
        return mdp_fail(MDP_E_USAGE, "diffusion: weight decay: expected at least 0, found %g", config->decay);
out:
    return err;
}

/* fills the coefficients of the solver for the steps that are now known, and finds the last step that does something */
static mdp_err fill_steps(struct mdp_diffusion *d) {
    int is_null = d->visits.n_steps > 1 && d->visits.index[1] == d->visits.index[0];
    d->i_last = 1;
    if (d->config.skip_null_step && !is_null)
        return mdp_fail(MDP_E_USAGE,
                        "diffusion: skip_null_step: expected a last step between equal times, found %d to %d",
                        d->visits.index[1], d->visits.index[0]);
    if (d->config.skip_null_step) d->i_last = 2;
    return mdp_solver_fill(d->config.solver, &d->visits, d->rows);
}

mdp_err mdp_diffusion_visit(struct mdp_diffusion *diffusion, int n_steps, const int *index) {
    if (diffusion->schedule.is_continuous)
        return mdp_fail(MDP_E_USAGE, "diffusion: indices: expected a schedule that has them, found continuous times");
    mdp_err err = mdp_visits_build_from(&diffusion->visits, &diffusion->schedule, n_steps, index);
    if (err != MDP_OK) return err;
    diffusion->config.n_steps = n_steps;
    return fill_steps(diffusion);
}

struct mdp_denoiser_sizes mdp_diffusion_sizes(const struct mdp_diffusion_config *config) {
    return (struct mdp_denoiser_sizes){.n_obs = config->n_obs,
                                       .n_act = config->n_act,
                                       .n_emb = config->n_emb,
                                       .n_hidden = config->n_hidden,
                                       .n_times = config->n_times,
                                       .n_blocks = config->n_blocks,
                                       .widths = {config->widths[0], config->widths[1], config->widths[2]}};
}

/* a continuous schedule lists the times that are visited, in their order */
static mdp_err build_schedule(struct mdp_diffusion *d) {
    int index[MDP_SCHEDULE_MAX + 1], n_steps = d->config.n_steps;
    mdp_err err;
    if (d->config.kind != MDP_DENOISER_UNET) {
        MDP_TRY(mdp_schedule_build(&d->schedule, d->config.n_times));
        return mdp_visits_build(&d->visits, &d->schedule, n_steps);
    }
    MDP_TRY(mdp_schedule_build_continuous(&d->schedule, n_steps));
    for (int i = 0; i <= n_steps; i++) index[i] = i;
    MDP_TRY(mdp_visits_build_from(&d->visits, &d->schedule, n_steps, index));
    d->config.n_times = d->schedule.n_times;
out:
    return err;
}

mdp_err mdp_diffusion_alloc(const struct mdp_diffusion_config *config, struct mdp_diffusion **out) {
    mdp_err err;
    struct mdp_diffusion *d = NULL;
    *out = NULL;
    MDP_TRY(check_config(config));
    MDP_TRY(mdp_calloc(&d, 1, sizeof *d, "diffusion module"));
    d->config = *config;
    if (mdp_denoiser_makes_windows(config->kind)) {
        MDP_TRY(mdp_windowed_alloc(d));
        *out = d;
        return MDP_OK;
    }
    MDP_TRY(build_schedule(d));
    MDP_TRY(fill_steps(d));
    const struct mdp_denoiser_sizes sizes = mdp_diffusion_sizes(&d->config);
    mdp_denoiser_build(&d->net, config->kind, &sizes);
    d->net.times = d->schedule.time;
    unsigned long n = (unsigned long)d->net.layout.n_floats;
    MDP_TRY(mdp_calloc(&d->params, n, sizeof(float), "denoiser"));
    MDP_TRY(mdp_calloc(&d->ema, n, sizeof(float), "averaged denoiser"));
    MDP_TRY(mdp_adam_alloc(&d->adam, d->net.layout.n_floats, config->decay));
    d->adam.n_fixed = d->net.layout.n_fixed;
    *out = d;
    return MDP_OK;
out:
    mdp_diffusion_free(d);
    return err;
}

mdp_err mdp_diffusion_new(const struct mdp_diffusion_config *config, uint64_t seed, struct mdp_diffusion **out) {
    struct mdp_diffusion *d;
    mdp_err err;
    MDP_TRY(mdp_diffusion_alloc(config, out));
    d = *out;
    if (d->window != NULL) {
        MDP_TRY(mdp_windowed_draw(d, seed));
        return MDP_OK;
    }
    mdp_layout_init(&d->net.layout, seed, INIT_MODULE, d->params);
    memcpy(d->ema, d->params, (size_t)d->net.layout.n_floats * sizeof(float));
    return MDP_OK;
out:
    mdp_diffusion_free(*out);
    *out = NULL;
    return err;
}

void mdp_diffusion_free(struct mdp_diffusion *diffusion) {
    if (diffusion == NULL) return;
    mdp_windowed_free(diffusion);
    mdp_adam_free(&diffusion->adam);
    free(diffusion->params);
    free(diffusion->ema);
    free(diffusion);
}

int mdp_diffusion_groups(struct mdp_diffusion *diffusion, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]) {
    const struct mdp_layout *layout = &diffusion->net.layout;
    if (diffusion->window != NULL) return mdp_windowed_groups(diffusion, out);
    mdp_module_group_fill(&out[0], "model", 0, layout, diffusion->params);
    mdp_module_group_fill(&out[1], "model_ema", 0, layout, diffusion->ema);
    mdp_module_group_fill(&out[2], "adam_m", 1, layout, diffusion->adam.m);
    mdp_module_group_fill(&out[3], "adam_v", 1, layout, diffusion->adam.v);
    return 4;
}

void mdp_diffusion_take(struct mdp_diffusion *diffusion) {
    if (diffusion->window != NULL) mdp_windowed_take(diffusion);
}

long mdp_diffusion_parameters(const struct mdp_diffusion *diffusion) {
    if (diffusion->window == NULL) return diffusion->net.layout.n_floats;
    return diffusion->window->graph->n_floats + (diffusion->inverse != NULL ? diffusion->inverse->graph.n_floats : 0);
}

int mdp_diffusion_draws(const struct mdp_diffusion *diffusion) {
    return mdp_solver_draws(diffusion->config.solver, diffusion->config.n_steps);
}

int mdp_diffusion_averages(const struct mdp_diffusion *diffusion, long n) {
    return n >= diffusion->config.ema_start && n % diffusion->config.ema_every == 0;
}
