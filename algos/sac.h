/* soft actor-critic: how the behaviour policies of our datasets are made.
 *
 * tanh-Gaussian actor, twin Q, automatic entropy. one update is a function of (replay memory, seed, update number)
 * alone. Source: Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications". */
#ifndef MDP_ALGOS_SAC_H
#define MDP_ALGOS_SAC_H

#include <stdint.h>

#include "algos/gaussian.h"
#include "algos/guidance/q_net.h"
#include "algos/nn/optimizer.h"
#include "base/transitions.h"

/* defaults, as what is typed and as numbers */
#define MDP_SAC_LEARNING_RATE 0.00073
#define MDP_SAC_DISCOUNT 0.98
#define MDP_SAC_TAU 0.02

/* hyper-parameters; mdp_sac_defaults fills them */
struct mdp_sac_config {
    int n_obs, n_act, hidden, batch, n_threads;
    double learning_rate, discount, tau; /* tau: weight of the online critic in each target update */
    double target_entropy;               /* nats, usually -n_act */
    uint64_t seed;
};

/* what an update reports */
struct mdp_sac_log {
    double critic_loss, mean_q, entropy, alpha;
};

/* one scalar with its Adam moments: the log of the entropy weight */
struct mdp_sac_alpha {
    double log_alpha, m, v;
};

/* the learner; params are blocks in the layouts of actor and critic */
struct mdp_sac {
    struct mdp_sac_config config;
    struct mdp_gaussian actor;
    struct mdp_q_net critic;
    float *actor_params, *critic_params, *target_params;
    struct mdp_adam actor_adam, critic_adam;
    struct mdp_sac_alpha alpha;
    int n_panels;
    struct mdp_sac_panel *panels; /* working memory */
    float **actor_grads, **critic_grads;
    uint32_t *rows; /* [batch] replay rows of the newest minibatch */
    float *eps;     /* [batch, n_act] */
    struct mdp_mlp_cache act_cache;
};

/** Fills the defaults for a robot. */
void mdp_sac_defaults(struct mdp_sac_config *config, int n_obs, int n_act, uint64_t seed);

/** Creates a learner with initial parameters drawn from the seed. Owns: caller, mdp_sac_free. */
mdp_err mdp_sac_new(const struct mdp_sac_config *config, struct mdp_sac **out);

/** Frees a learner; NULL is fine. */
void mdp_sac_free(struct mdp_sac *sac);

/** Chooses an exploring action for one observation; environment step `step` selects the noise. Shapes: obs [n_obs], act
 * [n_act]. */
void mdp_sac_explore(struct mdp_sac *sac, uint32_t step, const float *obs, float *act);

/** Takes update number `step` on a minibatch of the first n_filled rows of the replay memory. Range: n_filled >= 1. */
void mdp_sac_update(struct mdp_sac *sac, const struct mdp_transitions *replay, long n_filled, uint32_t step,
                    struct mdp_sac_log *log);

#endif
