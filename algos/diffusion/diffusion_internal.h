/* diffusion modules of windows of steps behind the interface of all diffusion modules: made from the same settings,
 * saved in the same groups.
 *
 * two kinds of denoiser make windows: a U-Net of observations and actions, and a transformer of observations alone,
 * beside which a network tells the actions between them. Source: SPEC-trajectory sections 1.1, 4. */
#ifndef MDP_ALGOS_DIFFUSION_DIFFUSION_INTERNAL_H
#define MDP_ALGOS_DIFFUSION_DIFFUSION_INTERNAL_H

#include "algos/diffusion/diffusion.h"

/** Makes what a module of windows has instead of a network of rows; settings are in d->config, its parameters zeros.
 * Errors: USAGE, NOMEM. Owns: the module, mdp_windowed_free. */
mdp_err mdp_windowed_alloc(struct mdp_diffusion *d);

/** Draws its first parameters. Errors: NOMEM. */
mdp_err mdp_windowed_draw(struct mdp_diffusion *d, uint64_t seed);

/** Frees it. */
void mdp_windowed_free(struct mdp_diffusion *d);

/** As mdp_diffusion_groups: beside "model" there may be "inverse", whose moments end in "_1". */
int mdp_windowed_groups(struct mdp_diffusion *d, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]);

/** As mdp_diffusion_take. */
void mdp_windowed_take(struct mdp_diffusion *d);

#endif
