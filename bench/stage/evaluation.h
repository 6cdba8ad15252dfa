/* evaluations on disk: policies in, one episodes file each out.
 *
 * a file that exists with the same settings and inputs is read, not made again; where more episodes are wanted, those
 * that it has are taken over; with other settings it is refused. */
#ifndef MDP_BENCH_STAGE_EVALUATION_H
#define MDP_BENCH_STAGE_EVALUATION_H

#include "bench/run/summary.h"
#include "bench/stage/policy_files.h"
#include "envs/env.h"

/* what an evaluation found */
struct mdp_eval_result {
    char path[MDP_PATH_MAX];
    long step;
    struct mdp_summary returns, normalized;
    double loop_seconds; /* processor time of the episodes alone; 0 if they were read */
};

/** Evaluates a policy into the file `out`, or reads it where it is there; it may be part of a curve then: a behaviour
 * policy, or a diffusion module with guidance (one candidate without), w_T by default that of the guidance's algorithm
 * and task. Errors: IO; DATA for modules that do not fit; USAGE if `out` exists with other settings, no w_T is known,
 * or settings do not go with the module; INTERRUPTED. */
mdp_err mdp_eval_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files, const char *out,
                        struct mdp_eval_result *result);

#endif
