/* the rollout loop: anything that acts, against episodes of one environment, in parallel lanes.
 *
 * episode e of a seed is the same whatever the number of lanes and threads: actors draw from streams keyed by (seed,
 * episode, step), environments from (seed, episode). */
#ifndef MDP_BENCH_STAGE_ROLLOUT_H
#define MDP_BENCH_STAGE_ROLLOUT_H

#include <stdint.h>

#include "bench/stage/tape.h"
#include "envs/actor.h"
#include "envs/episode.h"
#include "envs/objective.h"
#include "envs/vec.h"

/* is told the state after a reset (n_steps 0) and after each step of the episodes that count */
struct mdp_watch {
    void *context;
    void (*see)(void *context, uint32_t episode, int n_steps, const struct mdp_env_view *view); /* NULL: nobody */
};

/* one evaluation */
struct mdp_evaluation {
    const struct mdp_env_spec *spec;
    int n_episodes, n_lanes, n_threads;
    uint64_t seed;
    enum mdp_return_rule rule;
    const struct mdp_engine *engine; /* NULL: the built-in physics */
    int first_episode;               /* number of the first of the n_episodes; 0 unless an evaluation goes on */
    struct mdp_watch watch;
    int has_full; /* some episode of the evaluation that these are of reaches the time limit, which a return rule asks
                   */
    const struct mdp_objective *objective; /* counted besides; NULL: none */
};

/* how one episode went */
struct mdp_rollout {
    double episode_return;
    double objective_return; /* whatever the rule, of all steps of the episode; 0 without an objective */
    int length;              /* steps taken, the terminating one included */
    struct mdp_step last;    /* which end it was */
};

/** Runs n_episodes episodes and fills out[n_episodes] in episode order; `label` names the work in the progress display.
 * Errors: INTERRUPTED, NOMEM; those of the actor. Source: SPEC section 7. */
mdp_err mdp_evaluate(const struct mdp_evaluation *evaluation, const struct mdp_actor *actor, const char *label,
                     struct mdp_rollout *out);

/** As mdp_evaluate, from where a tape says that a stop has left it; after INTERRUPTED the tape says where it is now.
 * Nullable: tape. */
mdp_err mdp_evaluate_on(const struct mdp_evaluation *evaluation, const struct mdp_actor *actor, const char *label,
                        struct mdp_tape *tape, struct mdp_rollout *out);

#endif
