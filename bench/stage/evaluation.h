/* evaluations on disk: policies in, one episodes file each out.
 *
 * a file that exists with the same settings and inputs is read, not made again; where more episodes are wanted, those
 * that it has are taken over; with other settings it is refused. */
#ifndef MDP_BENCH_STAGE_EVALUATION_H
#define MDP_BENCH_STAGE_EVALUATION_H

#include "bench/run/summary.h"
#include "bench/stage/acting.h"
#include "bench/stage/rollout.h"
#include "results/episodes.h"

/* what an evaluation found */
struct mdp_eval_result {
    char path[MDP_PATH_MAX];
    long step;
    struct mdp_summary returns, normalized;
    char objective[MDP_LABEL_MAX];        /* "": none */
    struct mdp_summary objective_returns; /* of it */
    double loop_seconds;                  /* processor time of the episodes alone; 0 if they were read */
};

/** Evaluates what acts into the file `out`, or reads it where it is there. Errors: IO; USAGE if `out` exists with other
 * settings; INTERRUPTED; those of the actor. */
mdp_err mdp_eval_acting(const struct mdp_acting *acting, const char *out, struct mdp_eval_result *result);

/** Evaluates a policy into the file `out`, or reads it where it is there; it may be part of a curve then: a behaviour
 * policy, or a diffusion module with guidance (one candidate without), w_T by default that of the guidance's algorithm
 * and task. Errors: IO; DATA for modules that do not fit; USAGE if `out` exists with other settings, no w_T is known,
 * or settings do not go with the module; INTERRUPTED. */
mdp_err mdp_eval_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files, const char *out,
                        struct mdp_eval_result *result);

/* an episode that was recorded, to be played again */
struct mdp_replay {
    const char *path; /* of its evaluation, as mdp_evaluation_read takes it */
    const struct mdp_episodes_info *info;
    const struct mdp_episodes *episodes;
    long i_episode;                   /* which row of these */
    const struct mdp_engine *engine;  /* NULL: the built-in physics */
    struct mdp_watch watch;           /* sees every state */
    const struct mdp_env_spec **spec; /* gets the environment, before the first state is seen */
};

/** Plays a recorded episode again from its seed and the policy's files, which lie where they were or beside the
 * evaluation. Errors: DATA where files are gone or others, settings cannot be had again, or return, length or end are
 * not what was recorded; IO; INTERRUPTED. */
mdp_err mdp_eval_replay(const struct mdp_replay *replay);

#endif
