/* stratified bootstrap of the aggregates: how far the four numbers could be off.
 *
 * every task's runs are resampled on their own. replicate b draws from the stream (seed, MDP_RNG_BOOTSTRAP, b), so the
 * result is a function of scores, seed and number of replicates, whatever the number of threads.
 * Source: Agarwal et al. 2021; Efron & Tibshirani 1993 (percentile interval); docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_BOOTSTRAP_H
#define MDP_STATS_BOOTSTRAP_H

#include <stdint.h>

#include "base/err.h"
#include "stats/aggregate.h"

enum { MDP_BOOTSTRAP_REPLICATES = 2000, MDP_BOOTSTRAP_FEW_RUNS = 10 };

/* how to resample; zeroed fields take their defaults */
struct mdp_bootstrap_plan {
    uint64_t seed;
    long n_replicates;    /* 0: MDP_BOOTSTRAP_REPLICATES */
    double level;         /* of the interval; 0: 0.95 */
    double gamma;         /* of the optimality gap; 0: 1 */
    int n_threads;        /* 0: what OpenMP would take */
    const int32_t *index; /* [n_replicates, n_runs, n_tasks] to be used in place of draws; nullable */
};

/* an estimate with its percentile interval */
struct mdp_interval {
    double estimate, low, high;
    double mean, se; /* of the replicates, se with ddof 1 */
};

/* the aggregates of a matrix with their uncertainty */
struct mdp_bootstrap {
    struct mdp_interval of[MDP_N_AGGREGATES];
    double level;
    long n_runs, n_tasks, n_replicates;
    int has_few_runs;  /* below 10 runs intervals are known to be too narrow: reports say so */
    int is_degenerate; /* every replicate is the same */
};

/** Computes the aggregates of every replicate. Shapes: out [n_replicates, MDP_N_AGGREGATES]. Errors: as below. */
mdp_err mdp_bootstrap_replicates(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out);

/** Computes the aggregates with percentile intervals (quantiles of type 7). Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_bootstrap_compute(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                              struct mdp_bootstrap *out);

#endif
