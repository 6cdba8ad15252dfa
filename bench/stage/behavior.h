/* a behaviour policy in the making: SAC in one environment, an episode at a time.
 *
 * serves `behave`, which keeps the policies, and `collect` for medium-replay, which keeps what the learner saw. the
 * state is (step, episode, learner, replay memory) and how far the open episode is: its actions are in the replay
 * memory, and bring the environment there again. so a run resumes between any two steps with the same bits. */
#ifndef MDP_BENCH_STAGE_BEHAVIOR_H
#define MDP_BENCH_STAGE_BEHAVIOR_H

#include <stdint.h>

#include "algos/sac.h"
#include "base/transitions.h"
#include "envs/env.h"
#include "results/head.h"

/* what decides a run's bits; a change of any of these is another run */
struct mdp_behavior_settings {
    const struct mdp_env_spec *spec;
    uint64_t seed;
    long capacity;                       /* rows of the replay memory */
    long n_warmup;                       /* first steps with uniform actions and no updates */
    int n_threads;                       /* does not change a result */
    const struct mdp_engine *engine;     /* NULL: the built-in physics */
    double learning_rate, discount, tau; /* of the learner; 0: its default */
};

/** Fills the learner's hyper-parameters for a run. */
void mdp_behavior_sac(const struct mdp_behavior_settings *settings, struct mdp_sac_config *out);

/* one transition as the environment gave it */
struct mdp_behavior_transition {
    const float *observation, *action, *next_observation; /* [n_obs], [n_act], [n_obs] */
    const double *qpos, *qvel;                            /* [n_dof] each, at `observation` */
    const struct mdp_step *step;
};

/* called with every transition; a failure ends the episode and is passed on */
typedef mdp_err (*mdp_behavior_hook)(void *context, const struct mdp_behavior_transition *transition);

/* a run between two steps */
struct mdp_behavior {
    struct mdp_behavior_settings settings;
    struct mdp_sac *sac;
    struct mdp_env *env;
    struct mdp_transitions replay; /* ring of `capacity` rows, filled from row 0 */
    long step;                     /* environment steps so far */
    uint32_t episode;              /* episodes so far */
    struct mdp_sac_log log;        /* newest update */
    long n_open;                   /* steps of the episode that a stop has left open, 0 between episodes */
    double episode_return;         /* newest episode */
    double window_sum;             /* returns of the whole episodes since the newest checkpoint, */
    int64_t window_n;              /* and how many; who writes checkpoints begins anew */
    char isa[MDP_ISA_MAX];         /* of the files of a run that goes on; "": what this machine has */
};

/** Creates a run at step 0. Owns: caller, mdp_behavior_free. */
mdp_err mdp_behavior_new(const struct mdp_behavior_settings *settings, struct mdp_behavior **out);

/** Frees a run; NULL is fine. */
void mdp_behavior_free(struct mdp_behavior *run);

/** Returns how many rows of the replay memory are filled. */
long mdp_behavior_filled(const struct mdp_behavior *run);

/** Returns the steps of the whole episodes so far. */
long mdp_behavior_whole(const struct mdp_behavior *run);

/** Runs one episode to its end, from where a stop has left it: act, remember, update once per step after the warm-up;
 * hook nullable. Errors: INTERRUPTED on a signal, between two steps; DATA if the replay memory does not lead to where
 * the open episode was; whatever the hook returns. */
mdp_err mdp_behavior_episode(struct mdp_behavior *run, mdp_behavior_hook hook, void *context);

#endif
