/* diffusion modules of windows of steps: what they are made of, and how they are saved */
#include "algos/diffusion/diffusion_internal.h"

#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/inverse.h"

/* random streams of first parameters: the denoiser's, as of all diffusion modules, and one that no guidance has */
enum { INIT_MODULE = 1, INIT_INVERSE = 16 };

static struct mdp_window_config window_config(const struct mdp_diffusion_config *c) {
    struct mdp_window_config config = {.kind = c->kind == MDP_DENOISER_WINDOW_UNET ? MDP_WINDOW_UNET
                                                                                   : MDP_WINDOW_TRANSFORMER,
                                       .unet = {.horizon = c->windows.horizon,
                                                .n_obs = c->n_obs,
                                                .n_act = c->n_act,
                                                .width = c->n_hidden,
                                                .n_levels = c->windows.n_levels},
                                       .transformer = {.horizon = c->windows.horizon,
                                                       .n_obs = c->n_obs,
                                                       .width = c->n_hidden,
                                                       .n_heads = c->n_heads,
                                                       .n_blocks = c->n_blocks,
                                                       .n_emb = c->n_emb},
                                       .n_times = c->n_times,
                                       .n_steps = c->n_steps,
                                       .rates = {0.1, 20},
                                       .solver = c->solver,
                                       .emphasis = c->emphasis,
                                       .decay = c->decay,
                                       .average_keep = c->ema_keep,
                                       .n_threads = 1};
    memcpy(config.unet.factors, c->windows.factors, sizeof config.unet.factors);
    return config;
}

/* the time embedding of the U-Net is as wide as its first level, and a plan of the other has a next observation */
static mdp_err check(const struct mdp_diffusion_config *c) {
    int is_unet = c->kind == MDP_DENOISER_WINDOW_UNET;
    if (is_unet && c->n_emb != c->n_hidden)
        return mdp_fail(MDP_E_USAGE, "windows: expected a time embedding as wide as the first level, %d, found %d",
                        c->n_hidden, c->n_emb);
    if (!is_unet && (c->windows.horizon < 2 || c->n_inverse < 1 || c->n_inverse > 65536))
        return mdp_fail(MDP_E_USAGE,
                        "windows: expected 2 steps or more and a network of actions of a width up to 65536, found %d "
                        "and %d",
                        c->windows.horizon, c->n_inverse);
    if (is_unet != (c->prediction == MDP_PREDICT_ACTION))
        return mdp_fail(MDP_E_USAGE, "windows: expected the U-Net to predict what is clean and the transformer noise");
    return MDP_OK;
}

static mdp_err alloc_inverse(struct mdp_diffusion *d) {
    const struct mdp_trained_config config = {.n_threads = 1};
    mdp_err err;
    MDP_TRY(mdp_calloc(&d->inverse, 1, sizeof *d->inverse, "network of actions"));
    MDP_TRY(mdp_inverse_alloc(d->inverse, d->config.n_obs, d->config.n_act, d->config.n_inverse, &config));
out:
    return err;
}

mdp_err mdp_windowed_alloc(struct mdp_diffusion *d) {
    const struct mdp_window_config config = window_config(&d->config);
    mdp_err err;
    MDP_TRY(check(&d->config));
    MDP_TRY(mdp_calloc(&d->window, 1, sizeof *d->window, "diffusion module"));
    MDP_TRY(mdp_window_diffusion_alloc(d->window, &config));
    if (d->config.kind == MDP_DENOISER_WINDOW_TRANSFORMER) MDP_TRY(alloc_inverse(d));
    d->schedule = d->window->schedule;
    d->visits = d->window->visits;
    memcpy(d->rows, d->window->rows, sizeof d->rows);
    d->i_last = 1;
    d->params = d->window->trained.params;
    d->ema = d->window->trained.average;
out:
    return err;
}

mdp_err mdp_windowed_draw(struct mdp_diffusion *d, uint64_t seed) {
    mdp_err err = mdp_trained_draw(&d->window->trained, seed, INIT_MODULE);
    if (err != MDP_OK || d->inverse == NULL) return err;
    return mdp_trained_draw(&d->inverse->trained, seed, INIT_INVERSE);
}

void mdp_windowed_free(struct mdp_diffusion *d) {
    if (d->window != NULL) mdp_window_diffusion_free(d->window);
    if (d->inverse != NULL) mdp_inverse_free(d->inverse);
    free(d->window);
    free(d->inverse);
    d->window = NULL;
    d->inverse = NULL;
    d->params = d->ema = NULL;
}

int mdp_windowed_groups(struct mdp_diffusion *d, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]) {
    int n = mdp_trained_groups(&d->window->trained, "model", "model_ema", "", out);
    if (d->inverse != NULL) n += mdp_trained_groups(&d->inverse->trained, "inverse", NULL, "_1", out + n);
    return n;
}

void mdp_windowed_take(struct mdp_diffusion *d) {
    mdp_trained_take(&d->window->trained);
    if (d->inverse != NULL) mdp_trained_take(&d->inverse->trained);
}
