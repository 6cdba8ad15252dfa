/* a dense U-Net made ready for inference: packed layers that the rows of a panel pass one after the other, and each
 * block's share of the condition, which rows of one state and time have in common, paid for once.
 *
 * the same equations as mdp_unet_forward, which stays the reference. a row's result does not depend on what shares its
 * panel, and every kernel of float32 gives the same bits. Source: SPEC-energy section 1.1. */
#ifndef MDP_ALGOS_NN_UNET_PLAN_H
#define MDP_ALGOS_NN_UNET_PLAN_H

#include "algos/nn/kernel.h"
#include "algos/nn/unet.h"

/* a block's layers */
struct mdp_unet_packed {
    struct mdp_packed first, second, condition, skip; /* skip.n is 0 for the identity */
    long share;                                       /* floats before its part of a state's share */
};

/* a plan; threads share it */
struct mdp_unet_plan {
    const struct mdp_unet *net;
    const struct mdp_kernel *kernel;
    struct mdp_unet_packed blocks[MDP_UNET_BLOCKS];
    struct mdp_packed out;
    int share_width; /* floats of a state's share: all blocks' */
    int widest;      /* of all layers, padded */
};

/* working memory for one panel */
struct mdp_unet_work {
    int max_rows;
    float *x, *h, *scratch;    /* [max_rows, widest] each, scratch [MDP_KERNEL_SCRATCH, widest] */
    float *y[MDP_UNET_BLOCKS]; /* [max_rows, padded width] */
};

/** Makes a plan for a network, which must outlive it. Range: a kernel of float32. Owns: caller, mdp_unet_plan_free.
 * Errors: NOMEM. */
mdp_err mdp_unet_plan_build(struct mdp_unet_plan *plan, const struct mdp_kernel *kernel, const struct mdp_unet *net);

/** Frees a plan; one of zeros has nothing. */
void mdp_unet_plan_free(struct mdp_unet_plan *plan);

/** Takes over the parameters of a block. */
void mdp_unet_plan_refresh(struct mdp_unet_plan *plan, const float *params);

/** Computes what blocks add for n conditions. Shapes: condition [n, n_condition], shares, block by block, [n,
 * share_width] floats in all; base [n] pointers of the caller's, overwritten. */
void mdp_unet_plan_share(const struct mdp_unet_plan *plan, int n, const float *condition, const float **base,
                         float *scratch, float *shares);

/** Runs a panel. Shapes: x [n_rows, n_in], out [n_rows, n_out]; row r has the share (first + r) / n_each of n_states.
 * Range: n_rows <= work->max_rows. */
void mdp_unet_plan_run(const struct mdp_unet_plan *plan, int n_rows, const float *x, const float *shares, int n_states,
                       int first, int n_each, struct mdp_unet_work *work, float *out);

/** Allocates working memory. Owns: caller, mdp_unet_work_free. Errors: NOMEM. */
mdp_err mdp_unet_work_alloc(struct mdp_unet_work *work, const struct mdp_unet_plan *plan, int max_rows);

/** Frees working memory; one of zeros has none. */
void mdp_unet_work_free(struct mdp_unet_work *work);

#endif
