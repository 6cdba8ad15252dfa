/* which guidance goes with which diffusion, in training and when they act.
 *
 * guidance by values of actions goes with any module of actions, guidance by returns of windows with any U-Net of
 * windows of that length and those denoising times. */
#ifndef MDP_ALGOS_FIT_H
#define MDP_ALGOS_FIT_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"

/** Refuses two modules that cannot work together. Errors: DATA with the reason. */
mdp_err mdp_modules_fit(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance);

#endif
