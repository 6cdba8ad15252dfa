/* a dense U-Net: residual blocks on vectors, going down to narrow widths and up again with what was seen on the way,
 * each told a condition.
 *
 * block (in, out), condition c: h = silu(W1 x) + Wc c;  h = silu(W2 h);  y = h + skip(x), skip being linear where the
 * widths differ and the identity elsewhere, all layers with biases. three blocks down, one in the middle, two up on
 * [x, output of the block of that width on the way down], an output layer. weights are float32 and so are all products.
 * Source: SPEC-energy section 1.1. */
#ifndef MDP_ALGOS_NN_UNET_H
#define MDP_ALGOS_NN_UNET_H

#include "algos/nn/layout.h"
#include "base/err.h"

enum { MDP_UNET_LEVELS = 3, MDP_UNET_BLOCKS = 2 * MDP_UNET_LEVELS };

/* a linear layer; the bias follows the weight in the block of parameters */
struct mdp_unet_linear {
    int n_in, n_out;
    long weight, bias;
};

/* a block; skip.n_in is 0 for the identity */
struct mdp_unet_block {
    struct mdp_unet_linear first, second, condition, skip;
};

/* the blocks in the order in which they are run: down 0 to 2, middle, up 0 and 1 */
struct mdp_unet {
    int n_in, n_out, n_condition;
    int widths[MDP_UNET_LEVELS];
    struct mdp_unet_block blocks[MDP_UNET_BLOCKS];
    struct mdp_unet_linear out;
};

/* what a block keeps of a forward pass, for max_rows rows */
struct mdp_unet_kept {
    float *x;               /* [max_rows, n_in]: its input, NULL where that is the cache's own */
    float *slope1, *slope2; /* [max_rows, n_out] */
    float *h;               /* [max_rows, n_out]: what the second layer is given */
    float *y;               /* [max_rows, n_out] */
};

/* working memory for one panel of rows */
struct mdp_unet_cache {
    int max_rows;
    const float *x, *condition; /* borrowed inputs of the newest forward */
    struct mdp_unet_kept kept[MDP_UNET_BLOCKS];
    float *out;                         /* [max_rows, n_out] */
    float *d_y, *d_h, *d_x, *d_more;    /* [max_rows, widest] */
    float *d_seen[MDP_UNET_LEVELS - 1]; /* [max_rows, width]: gradient of what was seen on the way down */
};

/** Describes a network and appends its parameters to a layout, the blocks up before the one in the middle. */
void mdp_unet_build(struct mdp_unet *net, struct mdp_layout *layout, int n_in, int n_condition,
                    const int widths[MDP_UNET_LEVELS], int n_out);

/** Returns the block on the way down whose output block i sees again, on the way up; -1 for all others. */
int mdp_unet_seen_by(int i);

/** Allocates working memory. Owns: caller, mdp_unet_cache_free. Errors: NOMEM. */
mdp_err mdp_unet_cache_alloc(struct mdp_unet_cache *cache, const struct mdp_unet *net, int max_rows);

/** Frees working memory. */
void mdp_unet_cache_free(struct mdp_unet_cache *cache);

/** Runs rows through the network; returns [n_rows, n_out], borrowed from the cache. Shapes: x [n_rows, n_in], condition
 * [n_rows, n_condition], both borrowed until the way back is done. */
const float *mdp_unet_forward(const struct mdp_unet *net, const float *params, int n_rows, const float *x,
                              const float *condition, struct mdp_unet_cache *cache);

/** Propagates d_out [n_rows, n_out] back through the newest forward: grads accumulate, d_condition [n_rows,
 * n_condition] and d_x [n_rows, n_in] are written. Nullable: grads, d_condition, d_x. */
void mdp_unet_backward(const struct mdp_unet *net, const float *params, int n_rows, const float *d_out,
                       struct mdp_unet_cache *cache, float *grads, float *d_condition, float *d_x);

#endif
