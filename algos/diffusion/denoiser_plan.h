/* a denoiser made ready for sampling: packed for a kernel, the denoising time a table, the observation paid for once.
 *
 * exact algebra only: the first layer of concat[action, time, observation] is a sum of three products. the time's
 * depends on nothing but the parameters; the observation's is the same for all candidates and denoising steps of a
 * state; the action's is what is left to every row. */
#ifndef MDP_ALGOS_DIFFUSION_DENOISER_PLAN_H
#define MDP_ALGOS_DIFFUSION_DENOISER_PLAN_H

#include "algos/diffusion/denoiser.h"
#include "algos/nn/stack.h"

/* a plan; `times` row t is the first layer's share of denoising time t. the time network has a stack of its own, in
 * float32: by the matrix library its bits would differ between machines */
struct mdp_denoiser_plan {
    const struct mdp_denoiser *net;
    struct mdp_stack stack, time_stack;
    struct mdp_stack_work time_work;
    float *embeddings, *embedded; /* [n_times, n_emb] input and output of the time network */
    float *times;                 /* [n_times, mdp_stack_share_width] */
};

/** Makes a plan for a denoiser, which must outlive it. Owns: caller, mdp_denoiser_plan_free. Errors: NOMEM. */
mdp_err mdp_denoiser_plan_build(struct mdp_denoiser_plan *plan, const struct mdp_kernel *kernel,
                                const struct mdp_denoiser *net);

/** Frees a plan. */
void mdp_denoiser_plan_free(struct mdp_denoiser_plan *plan);

/** Takes over the parameters of a block. */
void mdp_denoiser_plan_refresh(struct mdp_denoiser_plan *plan, const float *params);

/** Adds time t's share to the shares of n states. Shapes: shares, out [n, mdp_stack_share_width]. */
void mdp_denoiser_plan_at_time(const struct mdp_denoiser_plan *plan, int t, int n, const float *shares, float *out);

#endif
