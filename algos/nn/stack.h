/* a network made ready for inference: packed layers that the rows of a panel pass one after the other.
 *
 * built once from the description of a network, refreshed once per checkpoint, then only read; threads share it and
 * bring working memory of their own. the first layer is split: columns that many rows have in common (the observation
 * of a state, for all its candidates and denoising steps) are multiplied once per group of rows, and their share enters
 * as the rows' bias. */
#ifndef MDP_ALGOS_NN_STACK_H
#define MDP_ALGOS_NN_STACK_H

#include "algos/nn/kernel.h"
#include "algos/nn/mlp.h"
#include "algos/nn/resnet.h"

enum { MDP_STACK_MAX = 4 * MDP_RESNET_MAX };

/* what a layer does with the current activations x and the running sums h */
enum mdp_stack_op {
    MDP_STACK_START,  /* x = act(norm(base + input w^T)) */
    MDP_STACK_BEGIN,  /* h = base + input w^T */
    MDP_STACK_LINEAR, /* x = act(norm(bias + x w^T)) */
    MDP_STACK_ADD,    /* h = h + bias + x w^T */
    MDP_STACK_NORM,   /* x = norm(h) */
    MDP_STACK_TAKE,   /* x = h */
    MDP_STACK_OUTPUT  /* out = bias + x w^T */
};

/* a layer and where its parameters lie in the network's block */
struct mdp_stack_layer {
    enum mdp_stack_op op;
    int has_norm;
    long stride;                               /* columns of the weight in the block */
    long weight, bias, norm_weight, norm_bias; /* offsets; weight: of the first column that is taken */
    struct mdp_packed packed;
};

/* columns of a network's input; there may be none */
struct mdp_stack_columns {
    int first, n;
};

/* a network */
struct mdp_stack {
    const struct mdp_kernel *kernel;
    int n_layers, width; /* width: of the widest layer, padded */
    struct mdp_stack_layer layers[MDP_STACK_MAX];
    struct mdp_stack_layer shared; /* the first layer's shared columns, with its bias */
};

/* working memory for one panel */
struct mdp_stack_work {
    int max_rows;
    void *x[2];         /* [max_rows, width] of the kernel's elements */
    float *h;           /* [max_rows, width] */
    float *scratch;     /* [MDP_KERNEL_SCRATCH, width] */
    const float **base; /* [max_rows]: where each row's share of the first layer is */
};

/** Makes a stack of a network whose rows bring the columns `own` and have the columns `shared` in common; the last
 * layer has neither norm nor activation. Owns: caller, mdp_stack_free. Errors: NOMEM. */
mdp_err mdp_stack_of_mlp(struct mdp_stack *stack, const struct mdp_kernel *kernel, const struct mdp_mlp *mlp,
                         struct mdp_stack_columns own, struct mdp_stack_columns shared);

/** As mdp_stack_of_mlp for a residual network. */
mdp_err mdp_stack_of_resnet(struct mdp_stack *stack, const struct mdp_kernel *kernel, const struct mdp_resnet *net,
                            struct mdp_stack_columns own, struct mdp_stack_columns shared);

/** Frees a stack's layers. */
void mdp_stack_free(struct mdp_stack *stack);

/** Packs the parameters of a network's block anew. */
void mdp_stack_refresh(struct mdp_stack *stack, const float *params);

/** Returns the padded width of the first layer, which is that of a row's share. */
int mdp_stack_share_width(const struct mdp_stack *stack);

/** Computes the shares of n groups of rows, bias included. Shapes: shared [n, number of shared columns], shares [n,
 * mdp_stack_share_width]. Range: n <= work->max_rows; overwrites work->base. */
void mdp_stack_share(const struct mdp_stack *stack, int n, const float *shared, struct mdp_stack_work *work,
                     float *shares);

/** Runs a panel. Shapes: own [n_rows, number of own columns], out [n_rows, n_out]; work->base [n_rows] is set.
 * Range: n_rows <= work->max_rows. */
void mdp_stack_run(const struct mdp_stack *stack, int n_rows, const float *own, struct mdp_stack_work *work,
                   float *out);

/** Allocates working memory that serves all stacks of one kernel up to a width. Owns: caller, mdp_stack_work_free.
 * Errors: NOMEM. */
mdp_err mdp_stack_work_alloc(struct mdp_stack_work *work, const struct mdp_kernel *kernel, int width, int max_rows);

/** Frees working memory. */
void mdp_stack_work_free(struct mdp_stack_work *work);

#endif
