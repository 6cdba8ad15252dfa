/* turns evaluations into the numbers that a row of a policy compares: one per episode, or one per run. */
#ifndef MDP_BENCH_GATE_VALUES_H
#define MDP_BENCH_GATE_VALUES_H

#include <stdint.h>

#include "bench/gate/data.h"
#include "bench/gate/policy.h"

enum { MDP_GATE_TEXT_MAX = 512 };

/* one side of a row. curve metrics, too, have one value for each episode: that of its own curve over checkpoints; the
 * mean of these is the value of the mean curve */
struct mdp_gate_values {
    const char *unit; /* "episode", "run", "repetition" or "file" */
    long n, room;
    double *values;          /* [n] as measured: of spread and failure, lower is better */
    uint64_t *major, *minor; /* [n] what pairs an episode with one of the other side; nullable */
    double rounding;         /* rounding of differences between values: mdp_score_rounding; 0 unless they are returns */
    int n_steps;
    double *steps;                   /* [n_steps] of a curve metric */
    long n_episodes;                 /* episodes of the run that has the fewest */
    double mean, sd;                 /* sd is NaN for a single value */
    char problem[MDP_GATE_TEXT_MAX]; /* why there are no values; "" if there are */
};

/** Computes one side's values. by_run: one a run, the mean of its episodes'. n_first: only so many episodes of each
 * file, 0 for all. Owns: caller, mdp_gate_values_free. Errors: DATA, NOMEM. */
mdp_err mdp_gate_values_compute(const struct mdp_gate_rule *rule, const struct mdp_gate_group *group, int by_run,
                                long n_first, struct mdp_gate_values *out);

/** Copies a speed's values. Owns: caller, mdp_gate_values_free. Errors: NOMEM. */
mdp_err mdp_gate_values_of_speed(const struct mdp_gate_speed *speed, struct mdp_gate_values *out);

/** Returns 1 if both sides hold the same episodes in the same order. */
int mdp_gate_values_are_paired(const struct mdp_gate_values *a, const struct mdp_gate_values *b);

/** Frees what values hold. */
void mdp_gate_values_free(struct mdp_gate_values *values);

#endif
