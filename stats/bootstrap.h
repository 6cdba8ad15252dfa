/* stratified bootstrap of the aggregates: how far the four numbers could be off.
 *
 * every task's runs are resampled on their own. with the fast stream the draws of replicate b are a function of seed
 * and b (stats/draw.h); with the NumPy stream all replicates draw from one generator, in order. either way the result
 * is a function of scores, plan and number of replicates, whatever the number of threads.
 * Source: Agarwal et al. 2021; Efron & Tibshirani 1993, Efron 1987 (intervals); docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_BOOTSTRAP_H
#define MDP_STATS_BOOTSTRAP_H

#include "base/err.h"
#include "stats/aggregate.h"
#include "stats/bootstrap_plan.h"

/* the aggregates of a matrix with their uncertainty */
struct mdp_bootstrap {
    struct mdp_interval interval[MDP_N_AGGREGATES]; /* NaN where not wanted */
    double level;
    enum mdp_interval_method method;
    long n_runs, n_tasks, n_replicates;
    int has_few_runs;  /* below MDP_BOOTSTRAP_FEW_RUNS: reports say so */
    int is_degenerate; /* every replicate is the same, or a correction was not defined */
};

/* what two matrices over the same tasks are compared by, each resampled on its own */
enum mdp_bootstrap_contrast {
    MDP_CONTRAST_MEAN, /* mean(x) - mean(y) */
    MDP_CONTRAST_IQM,  /* iqm(x) - iqm(y) */
    MDP_CONTRAST_POI,  /* probability of improvement of x over y */
    MDP_N_CONTRASTS
};

/* two matrices compared, with uncertainty */
struct mdp_bootstrap_two {
    struct mdp_interval interval[MDP_N_CONTRASTS];
    double level;
    long n_runs_x, n_runs_y, n_tasks, n_replicates;
    int has_few_runs, is_degenerate;
};

/* what a single sample, such as the episodes of one checkpoint, is described by */
enum mdp_sample_statistic {
    MDP_SAMPLE_MEAN,
    MDP_SAMPLE_MEDIAN,
    MDP_SAMPLE_IQM,
    MDP_SAMPLE_SD,
    MDP_N_SAMPLE_STATISTICS
};

/* a single sample with uncertainty */
struct mdp_bootstrap_sample {
    struct mdp_interval interval[MDP_N_SAMPLE_STATISTICS];
    double level;
    long n, n_replicates;
    int has_few_runs, is_degenerate;
};

/** Returns a stream's name and version, as results record it, e.g. "philox-16"; borrowed. */
const char *mdp_bootstrap_stream_name(enum mdp_bootstrap_stream stream);

/** Computes the aggregates of every replicate. Shapes: out [n_replicates, number of aggregates wanted], in their order.
 * Errors: as below. */
mdp_err mdp_bootstrap_replicates(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out);

/** Computes the aggregates with intervals (quantiles of type 7). Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_bootstrap_compute(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                              struct mdp_bootstrap *out);

/** Computes the aggregates without one run (of all tasks) at a time. Shapes: out [n_runs, MDP_N_AGGREGATES]. Errors:
 * EMPTY, NAN, INF, DOMAIN, TOO_FEW below 2 runs, NOMEM. */
mdp_err mdp_jackknife(const struct mdp_scores *scores, double gamma, double *out);

/** Computes the contrasts of every replicate; the plan's method is ignored. Shapes: out [n_replicates,
 * MDP_N_CONTRASTS]. Errors: as below. */
mdp_err mdp_bootstrap_two_replicates(const struct mdp_scores *x, const struct mdp_scores *y,
                                     const struct mdp_bootstrap_plan *plan, double *out);

/** Computes the contrasts with percentile, basic or bias-corrected intervals; accelerated ones need one sample and
 * fall back. Errors: EMPTY, SHAPE unless the numbers of tasks agree, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_bootstrap_two_compute(const struct mdp_scores *x, const struct mdp_scores *y,
                                  const struct mdp_bootstrap_plan *plan, struct mdp_bootstrap_two *out);

/** Computes the statistics of every replicate of one sample. Shapes: out [n_replicates, MDP_N_SAMPLE_STATISTICS], the
 * plan's index [n_replicates, n]. Errors: as below. */
mdp_err mdp_bootstrap_sample_replicates(const double *values, long n, const struct mdp_bootstrap_plan *plan,
                                        double *out);

/** Computes the statistics of one sample with intervals. Errors: EMPTY, NAN, INF,
 * DOMAIN, TOO_FEW below 2 values, NOMEM. */
mdp_err mdp_bootstrap_sample_compute(const double *values, long n, const struct mdp_bootstrap_plan *plan,
                                     struct mdp_bootstrap_sample *out);

/** Computes the statistics without one value at a time. Shapes: out [n, MDP_N_SAMPLE_STATISTICS]. Errors: EMPTY, NAN,
 * INF, TOO_FEW below 3 values, NOMEM. */
mdp_err mdp_jackknife_sample(const double *values, long n, double *out);

#endif
