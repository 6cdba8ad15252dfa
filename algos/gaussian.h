/* the tanh-Gaussian policy of SAC: a = tanh(mean(s) + std(s) eps), the behaviour policies of our datasets.
 *
 * Source: Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications", appendix C. */
#ifndef MDP_ALGOS_GAUSSIAN_H
#define MDP_ALGOS_GAUSSIAN_H

#include "algos/nn/mlp.h"

/* description of the network: Linear-ReLU twice, then one linear layer of means [n_act] and log stds [n_act] */
struct mdp_gaussian {
    int n_obs, n_act, hidden;
    struct mdp_layout layout;
    struct mdp_mlp net;
};

/** Describes a policy network. */
void mdp_gaussian_build(struct mdp_gaussian *policy, int n_obs, int n_act, int hidden);

/** Draws actions from noise: runs cache->x [n_rows, n_obs]; eps [n_rows, n_act] standard normal, NULL for the mode
 * tanh(mean). Shapes: act [n_rows, n_act], log_prob nullable [n_rows] (log density of the drawn action). Range: log std
 * is clipped to [-20, 2]. */
void mdp_gaussian_act(const struct mdp_gaussian *policy, const float *params, int n_rows, const float *eps,
                      struct mdp_mlp_cache *cache, float *act, float *log_prob);

/** Propagates the loss's derivatives back through the newest mdp_gaussian_act of this cache (with the same act and eps,
 * which is not NULL here). Shapes: d_act [n_rows, n_act], d_log_prob one value for every row; d_out is scratch [n_rows,
 * 2 n_act]; grads accumulates. */
void mdp_gaussian_backward(const struct mdp_gaussian *policy, const float *params, int n_rows, const float *eps,
                           const float *act, const float *d_act, float d_log_prob, struct mdp_mlp_cache *cache,
                           float *d_out, float *grads);

#endif
