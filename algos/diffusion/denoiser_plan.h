/* a denoiser made ready for sampling: packed for a kernel, the denoising time a table, the observation paid for once.
 *
 * exact algebra only: the first layer of concat[action, time, observation] is a sum of three products. the time's
 * depends on nothing but the parameters; the observation's is the same for all candidates and denoising steps of a
 * state; the action's is what is left to every row. */
#ifndef MDP_ALGOS_DIFFUSION_DENOISER_PLAN_H
#define MDP_ALGOS_DIFFUSION_DENOISER_PLAN_H

#include "algos/diffusion/denoiser.h"
#include "algos/nn/stack.h"
#include "algos/nn/unet_plan.h"

/* a plan; `times` row t is the first layer's share of denoising time t. the time network has a stack of its own, in
 * float32: by the matrix library its bits would differ between machines. a U-Net has a stack of observations, and is
 * told the sum of what that and the time network make of a state */
struct mdp_denoiser_plan {
    const struct mdp_denoiser *net;
    struct mdp_stack stack, time_stack; /* stack: of a U-Net that of observations */
    struct mdp_unet_plan unet;          /* zeros for others */
    int width;                          /* of the widest layer that runs in a struct mdp_stack_work, padded */
    struct mdp_stack_work time_work;
    float *embeddings, *embedded; /* [n_times, n_emb] input and output of the time network */
    float *times;                 /* [n_times, mdp_stack_share_width]; a U-Net's is `embedded` */
};

/* states of a run and their shares, for a panel of rows */
struct mdp_denoiser_rows {
    int n_states, n_candidates, first, n; /* row first + r belongs to a state; n rows */
    const float *at_time;                 /* what mdp_denoiser_plan_at_time made of n_states states */
};

/** Makes a plan for a denoiser, which must outlive it. Owns: caller, mdp_denoiser_plan_free. Errors: NOMEM. */
mdp_err mdp_denoiser_plan_build(struct mdp_denoiser_plan *plan, const struct mdp_kernel *kernel,
                                const struct mdp_denoiser *net);

/** Frees a plan. */
void mdp_denoiser_plan_free(struct mdp_denoiser_plan *plan);

/** Takes over the parameters of a block. */
void mdp_denoiser_plan_refresh(struct mdp_denoiser_plan *plan, const float *params);

/** Returns how many floats a state's share has. */
int mdp_denoiser_plan_share_width(const struct mdp_denoiser_plan *plan);

/** Returns how many it has once a time's is added. */
int mdp_denoiser_plan_time_width(const struct mdp_denoiser_plan *plan);

/** Computes what depends on the observation alone. Shapes: obs [n, n_obs], shares [n, share width]. Range: n <=
 * panel->max_rows. */
void mdp_denoiser_plan_share(const struct mdp_denoiser_plan *plan, int n, const float *obs,
                             struct mdp_stack_work *panel, float *shares);

/** Adds time t's share to the shares of n states. Shapes: shares [n, share width], out [n, time width]. Nullable:
 * shares, of a U-Net: as if there were no observation. */
void mdp_denoiser_plan_at_time(const struct mdp_denoiser_plan *plan, int t, int n, const float *shares,
                               struct mdp_stack_work *panel, float *out);

/** Predicts for a panel of rows. Shapes: x, out [rows->n, n_act]. Nullable: unet, for others than a U-Net. */
void mdp_denoiser_plan_run(const struct mdp_denoiser_plan *plan, const struct mdp_denoiser_rows *rows, const float *x,
                           struct mdp_stack_work *panel, struct mdp_unet_work *unet, float *out);

#endif
