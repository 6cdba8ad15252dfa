/* guidance by the returns of windows behind the interface of all guidance: made from the same settings, saved in the
 * same groups. */
#ifndef MDP_ALGOS_GUIDANCE_GUIDANCE_INTERNAL_H
#define MDP_ALGOS_GUIDANCE_GUIDANCE_INTERNAL_H

#include "algos/guidance/guidance.h"

/** Makes what guidance of windows has instead of networks of rows; settings are in guidance->config, its parameters
 * zeros. Errors: USAGE, NOMEM. Owns: the module, mdp_returns_free. */
mdp_err mdp_returns_alloc(struct mdp_guidance *guidance);

/** Draws its first parameters. Errors: NOMEM. */
mdp_err mdp_returns_draw(struct mdp_guidance *guidance, uint64_t seed);

/** Frees it. */
void mdp_returns_free(struct mdp_guidance *guidance);

/** As mdp_guidance_groups: "model" and "model_ema", as CleanDiffuser calls them. */
int mdp_returns_groups(struct mdp_guidance *guidance, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]);

/** As mdp_guidance_take. */
void mdp_returns_take(struct mdp_guidance *guidance);

#endif
