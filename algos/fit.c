#include "algos/fit.h"

static mdp_err fit_windows(const struct mdp_diffusion_config *d, const struct mdp_guidance_config *g) {
    if (d->kind == MDP_DENOISER_WINDOW_TRANSFORMER)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected none beside plans of observations, which a return that is wanted "
                        "guides, found '%s'",
                        g->kind->name);
    if (!g->kind->sees_windows)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected returns of windows of %d steps as the diffusion module makes, found "
                        "values of actions, '%s'",
                        d->windows.horizon, g->kind->name);
    if (d->windows.horizon != g->windows.horizon || d->n_times != g->n_times)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected windows of %d steps and %d denoising times as the diffusion module "
                        "has, found %d and %d",
                        d->windows.horizon, d->n_times, g->windows.horizon, g->n_times);
    return MDP_OK;
}

mdp_err mdp_modules_fit(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance) {
    const struct mdp_diffusion_config *d = &diffusion->config;
    const struct mdp_guidance_config *g = &guidance->config;
    if (d->n_obs != g->n_obs || d->n_act != g->n_act)
        return mdp_fail(
            MDP_E_DATA,
            "guidance module: expected %d observations and %d actions as the diffusion module has, found %d and %d",
            d->n_obs, d->n_act, g->n_obs, g->n_act);
    if (diffusion->window != NULL) return fit_windows(d, g);
    if (g->kind->sees_windows)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected values of actions as the diffusion module makes, found returns of "
                        "windows of %d steps, '%s'",
                        g->windows.horizon, g->kind->name);
    return MDP_OK;
}
