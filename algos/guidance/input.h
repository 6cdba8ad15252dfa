/* guidance that reads observations on another scale than it was trained on: the change of scale goes into its first
 * layers, so that nothing else has to know of it. */
#ifndef MDP_ALGOS_GUIDANCE_INPUT_H
#define MDP_ALGOS_GUIDANCE_INPUT_H

#include "algos/guidance/guidance.h"

/** Has a module read x where it was trained on scale x + shift, up to the rounding of float32. Shapes: scale, shift
 * [n_obs]. Errors: DATA for guidance of windows, which have zeros on their own scale behind an episode's end. */
mdp_err mdp_guidance_rescale(struct mdp_guidance *guidance, const double *scale, const double *shift);

#endif
