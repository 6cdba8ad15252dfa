/* the return of a window of steps, noisy or not, by what came in the data from there to the end of the episode.
 *
 * what it computes is in window_guidance.h; values of single actions it has none. Source: SPEC-trajectory sections 1.2
 * and 2. */
#include "algos/guidance/guidance_internal.h"

#include <stdlib.h>
#include <string.h>

#include "algos/guidance/window_guidance.h"

/* as the first network of every guidance */
enum { INIT_MODULE = 2 };

static void build(struct mdp_guidance *guidance) { guidance->n_nets = 0; }

const struct mdp_guidance_kind mdp_guidance_returns = {
    .name = "return", .sees_windows = 1, .train_every = 1, .target_every = 1, .build = build};

static mdp_err check(const struct mdp_guidance_config *c) {
    if (c->n_times < 2 || c->n_times > 256)
        return mdp_fail(MDP_E_USAGE, "guidance: denoising times: expected 2 to 256, found %d", c->n_times);
    if (!(c->penalty >= 0 && c->penalty <= 1) || !(c->ema_keep >= 0 && c->ema_keep <= 1) || !(c->return_scale > 0))
        return mdp_fail(MDP_E_USAGE,
                        "guidance: expected a penalty and an average's share from 0 to 1 and a scale of returns above "
                        "0, found %g, %g and %g",
                        c->penalty, c->ema_keep, c->return_scale);
    return MDP_OK;
}

mdp_err mdp_returns_alloc(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *c = &guidance->config;
    const struct mdp_trained_config trained = {.penalty = c->penalty, .average_keep = c->ema_keep, .n_threads = 1};
    struct mdp_window_sizes sizes = {.horizon = c->windows.horizon,
                                     .n_obs = c->n_obs,
                                     .n_act = c->n_act,
                                     .width = c->n_hidden,
                                     .n_levels = c->windows.n_levels};
    mdp_err err;
    memcpy(sizes.factors, c->windows.factors, sizeof sizes.factors);
    MDP_TRY(check(c));
    MDP_TRY(mdp_calloc(&guidance->window, 1, sizeof *guidance->window, "guidance module"));
    MDP_TRY(mdp_window_guidance_alloc(guidance->window, &sizes, &trained));
out:
    return err;
}

mdp_err mdp_returns_draw(struct mdp_guidance *guidance, uint64_t seed) {
    return mdp_trained_draw(&guidance->window->trained, seed, INIT_MODULE);
}

void mdp_returns_free(struct mdp_guidance *guidance) {
    if (guidance->window != NULL) mdp_window_guidance_free(guidance->window);
    free(guidance->window);
    guidance->window = NULL;
}

int mdp_returns_groups(struct mdp_guidance *guidance, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]) {
    return mdp_trained_groups(&guidance->window->trained, "model", "model_ema", "", out);
}

void mdp_returns_take(struct mdp_guidance *guidance) { mdp_trained_take(&guidance->window->trained); }
