/* value networks with one output: any number of independent heads on the same input, in one parameter block.
 *
 * serves the DQL/EDP critic (two heads), the IQL critic and value (two heads, one head) and the SAC critic.
 * Source: SPEC sections 1.3, 1.4. */
#ifndef MDP_ALGOS_GUIDANCE_Q_NET_H
#define MDP_ALGOS_GUIDANCE_Q_NET_H

#include "algos/nn/mlp.h"

enum { MDP_Q_HEADS_MAX = 2 };

/* the kinds of value network the algorithms use */
enum mdp_q_kind {
    MDP_Q_DQL,   /* two heads, Linear-LN-Tanh, Linear-LN-Mish, Linear-LN-Mish, Linear: names q{1,2}_model.* */
    MDP_Q_SAC,   /* two heads, Linear-ReLU twice, Linear: names q{1,2}.* */
    MDP_Q_IQL,   /* two heads, Linear-LN-Mish twice, Linear: names Q{1,2}.* */
    MDP_Q_IQL_V, /* one head of observations alone, else the same: names V.* */
    MDP_Q_ENERGY /* guidance/energy_net.h: one head of time, too */
};

/* description of a value network */
struct mdp_q_net {
    enum mdp_q_kind kind;
    int n_obs, n_act, hidden, n_heads;
    struct mdp_layout layout;
    struct mdp_mlp heads[MDP_Q_HEADS_MAX];
    int n_emb;                           /* of an energy, */
    long obs_projection, act_projection; /* and its projections' weights, which their biases follow */
};

/* working memory of all heads for one row panel */
struct mdp_q_cache {
    struct mdp_mlp_cache heads[MDP_Q_HEADS_MAX];
    float *d_in; /* [max_rows, n_obs + n_act]; of an energy [max_rows, 3 n_emb] */
    /* of an energy: [max_rows, n_emb] each, and [max_rows]; the newest inputs, borrowed */
    float *projected[2], *value, *slope;
    const float *obs, *act;
};

/** Describes a value network. Range: n_act = 0 for a state value (MDP_Q_IQL_V). */
void mdp_q_net_build(struct mdp_q_net *net, enum mdp_q_kind kind, int n_obs, int n_act, int hidden);

/** Allocates working memory for panels of at most max_rows rows. Nullable: products. Owns: caller, mdp_q_cache_free. */
mdp_err mdp_q_cache_alloc(struct mdp_q_cache *cache, const struct mdp_q_net *net, int max_rows,
                          struct mdp_products *products);

/** Frees the working memory. */
void mdp_q_cache_free(struct mdp_q_cache *cache);

/** Computes every head's values. Shapes: obs [n_rows, n_obs], act [n_rows, n_act], values[h] borrowed [n_rows]. */
void mdp_q_forward(const struct mdp_q_net *net, const float *params, int n_rows, const float *obs, const float *act,
                   struct mdp_q_cache *cache, const float *values[MDP_Q_HEADS_MAX]);

/** Propagates d_value [n_rows] back through head `i_head` of the newest forward.
 * grads nullable, accumulates; d_act nullable [n_rows, n_act], accumulates. */
void mdp_q_backward(const struct mdp_q_net *net, const float *params, int n_rows, int i_head, const float *d_value,
                    struct mdp_q_cache *cache, float *grads, float *d_act);

#endif
