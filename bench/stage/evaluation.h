/* evaluations on disk: policies in, one episodes file each out.
 *
 * a file that exists with the same settings and inputs is read, not made again; with others it is refused. */
#ifndef MDP_BENCH_STAGE_EVALUATION_H
#define MDP_BENCH_STAGE_EVALUATION_H

#include "algos/langevin.h"
#include "base/fsx.h"
#include "bench/run/summary.h"
#include "envs/env.h"
#include "envs/episode.h"

/* how policies are evaluated; n_lanes and n_threads change no result */
struct mdp_eval_settings {
    int n_episodes, n_lanes, n_threads;
    uint64_t seed;
    enum mdp_return_rule rule;
    int n_candidates, use_ema;
    double temperature;              /* of the start noise */
    double selection_temperature;    /* w_T; below 0: the task's own */
    const char *precision;           /* see algos/precision.h; behaviour policies are always f32 */
    int is_stochastic;               /* behaviour policies only: draw actions instead of taking the mode */
    const struct mdp_engine *engine; /* NULL: the built-in physics */
    int first_episode;               /* number of the first episode: above 0 an earlier evaluation goes on */
    int is_paper_exact;              /* the algorithm's own n_candidates, where it acts with guidance of its own kind */
    double lambda;                   /* candidates go this far up the guidance's gradient before they are scored */
    struct mdp_langevin langevin;    /* steps before that; their time below 0: the usual one, see diffusion/density.h */
    const char *solver;              /* of the reverse process; NULL: what the module was trained with */
    int n_sampling_steps;            /* 0: as many as the module was trained with */
    const char *label;               /* that the settings record; NULL: none */
    double slowdown; /* above 1: the loop wastes time until it took so many times as long; for self-tests */
};

/* what an evaluation found */
struct mdp_eval_result {
    char path[MDP_PATH_MAX];
    long step;
    struct mdp_summary returns, normalized;
    double loop_seconds; /* processor time of the episodes alone; 0 if they were read */
};

/** Writes the defaults of SPEC 5.4: 50 episodes, 50 candidates, temperature 0.5, EMA actor, standard return. */
void mdp_eval_defaults(struct mdp_eval_settings *settings);

/** Evaluates a diffusion module with guidance (NULL: none, one candidate), w_T by default that of the guidance's
 * algorithm and task. Errors: IO; DATA for modules that do not fit; USAGE if `out` exists with other settings, no w_T
 * is known, or settings do not go with the module; INTERRUPTED. */
mdp_err mdp_eval_modules(const struct mdp_eval_settings *settings, const char *diffusion, const char *guidance,
                         const char *out, struct mdp_eval_result *result);

/** Evaluates a behaviour policy. Errors: as mdp_eval_modules. */
mdp_err mdp_eval_behavior(const struct mdp_eval_settings *settings, const char *policy, const char *out,
                          struct mdp_eval_result *result);

#endif
