/* behaviour runs on disk: the policy alone, for collect and eval, and the whole learner, to resume from. */
#ifndef MDP_BENCH_STAGE_BEHAVIOR_FILES_H
#define MDP_BENCH_STAGE_BEHAVIOR_FILES_H

#include "base/fsx.h"
#include "bench/stage/behavior.h"
#include "bench/stage/rollout.h"

/* a policy read from a file, with what acting on many states needs */
struct mdp_behavior_policy {
    const struct mdp_env_spec *spec;
    struct mdp_gaussian net;
    float *params;
    long step;              /* environment steps it was trained for */
    uint64_t training_seed; /* of the run it comes from */
    int is_stochastic;      /* draws its actions (as data collection does) instead of taking the mode */
    uint64_t seed;          /* of those draws */
    int n_threads;
    struct mdp_mlp_cache *caches; /* one a thread */
};

/** Writes the settings that decide a run's bits as JSON text. Owns: caller, free(). */
mdp_err mdp_behavior_settings_json(const struct mdp_behavior_settings *settings, char **json);

/** Writes the actor to `path`. Errors: IO. */
mdp_err mdp_behavior_write_policy(const struct mdp_behavior *run, const char *path);

/** Writes everything a run needs to go on, and the text of its log. Nullable: log. Errors: IO. */
mdp_err mdp_behavior_write_state(const struct mdp_behavior *run, const char *path, const char *log);

/** Puts a run into the state of a file. Errors: IO, DATA, USAGE if it was made with other settings. */
mdp_err mdp_behavior_read_state(struct mdp_behavior *run, const char *path);

/** Reads the settings of the run that a policy file comes from, so that it can be run again on `engine`. Nullable:
 * engine. Errors: IO, DATA, USAGE if this program would train with other hyper-parameters or on other physics. */
mdp_err mdp_behavior_policy_settings(const char *path, const struct mdp_engine *engine,
                                     struct mdp_behavior_settings *settings);

/** Reads a policy for n_threads threads. Owns: caller, mdp_behavior_policy_free. Errors: IO, DATA. */
mdp_err mdp_behavior_policy_read(const char *path, int n_threads, struct mdp_behavior_policy **out);

/** Frees a policy; NULL is fine. */
void mdp_behavior_policy_free(struct mdp_behavior_policy *policy);

/** Acts in one state with the working memory of thread i_thread; depends on nothing else. Shapes: obs [n_obs], action
 * [n_act]. */
void mdp_behavior_policy_act(struct mdp_behavior_policy *policy, int i_thread, const float *obs, uint32_t episode,
                             uint32_t step, float *action);

/** Returns a policy as something that acts; borrows it. Draws: stream (policy->seed, BEHAVIOR_ACT, episode, step). */
struct mdp_actor mdp_behavior_actor(struct mdp_behavior_policy *policy);

#endif
