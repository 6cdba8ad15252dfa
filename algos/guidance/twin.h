/* what the kinds of guidance with two action-value heads share; network 0 of the module has the heads.
 *
 * the functions that take a module are entries of struct mdp_guidance_kind. Source: SPEC sections 5.1, 5.3, 7. */
#ifndef MDP_ALGOS_GUIDANCE_TWIN_H
#define MDP_ALGOS_GUIDANCE_TWIN_H

#include "algos/guidance/guidance.h"

/** Computes the smaller head of a parameter block. Shapes: out [n_rows]. */
void mdp_twin_min(const struct mdp_guidance_net *net, const float *params, int n_rows, const float *obs,
                  const float *act, struct mdp_q_cache *cache, float *out);

/** Scores by the smaller head of the target, of the parameters where there is no target. */
void mdp_twin_select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                           struct mdp_guidance_work *work, float *score);

/** As mdp_twin_select_score, and propagates each row's smaller head back to the action. */
void mdp_twin_score_gradient(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                             struct mdp_guidance_work *work, float *score, float *d_act);

/** Computes both heads of the parameters. */
void mdp_twin_policy_values(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                            struct mdp_guidance_work *work, const float *values[MDP_Q_HEADS_MAX]);

/** Propagates one head of the newest values back to the action. */
void mdp_twin_policy_gradient(const struct mdp_guidance *guidance, int n_rows, int i_value, const float *d_value,
                              struct mdp_guidance_work *work, float *d_act);

/** Moves both heads towards trainer->target_value for one panel: values and gradients of the summed squared errors over
 * batch->n, into the trainer. */
void mdp_twin_regress(struct mdp_guidance *guidance, const struct mdp_batch *batch, int i_panel);

/** Reports both heads' squared error and the mean target of n rows, sums in row order. */
void mdp_twin_report(const struct mdp_guidance *guidance, int n, struct mdp_guidance_step *step);

#endif
