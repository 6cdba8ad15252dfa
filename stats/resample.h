/* what both bootstraps share: index sets from either stream, work on them in parallel, and the summary of a statistic.
 *
 * for the files of this room. */
#ifndef MDP_STATS_RESAMPLE_H
#define MDP_STATS_RESAMPLE_H

#include "base/err.h"
#include "stats/bootstrap_plan.h"

enum { MDP_RESAMPLE_SETS = 2 };

/* a matrix that is resampled */
struct mdp_resample_set {
    long n_runs, n_tasks;
    const int32_t *given; /* [n_replicates, n_runs, n_tasks], nullable: drawn */
};

/* computes the statistics of one replicate from the index sets of all matrices */
typedef void (*mdp_resample_work)(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch,
                                  double *out);

/* a resampling: statistics [n_out] of every replicate, by work with scratch [n_scratch] */
struct mdp_resample {
    struct mdp_resample_set sets[MDP_RESAMPLE_SETS];
    int n_sets;
    mdp_resample_work work;
    const void *context;
    long n_scratch, n_out;
};

/** Returns the plan with defaults in place of zeros. */
struct mdp_bootstrap_plan mdp_resample_defaults(const struct mdp_bootstrap_plan *plan);

/** Checks a complete plan and the indices given with it. Errors: DOMAIN. */
mdp_err mdp_resample_check(const struct mdp_resample *resample, const struct mdp_bootstrap_plan *plan);

/** Computes all replicates. Shapes: out [n_replicates, n_out]. Errors: NOMEM. */
mdp_err mdp_resample_run(const struct mdp_resample *resample, const struct mdp_bootstrap_plan *plan, double *out);

/* what is known of the units that were drawn, for intervals that need more than replicates */
struct mdp_resample_units {
    long n;                  /* drawn a time */
    double df;               /* degrees of freedom of their spread: n - 1, more for several tasks */
    const double *jackknife; /* [n] the statistic without one of them; nullable */
};

/** Describes column i_out of replicates and its interval; out->estimate is set. Shapes: replicates [n_replicates,
 * n_out], work [2 * n_replicates]. Errors: NAN, INF. */
mdp_err mdp_resample_summarize(const double *replicates, const struct mdp_bootstrap_plan *plan, long n_out, long i_out,
                               const struct mdp_resample_units *units, double *work, struct mdp_interval *out);

#endif
