/* aggregates over a runs x tasks matrix of normalized scores: the four numbers that are always shown together.
 *
 * Source: Agarwal et al. 2021; docs/statistics.md, aggregates. */
#ifndef MDP_STATS_AGGREGATE_H
#define MDP_STATS_AGGREGATE_H

#include <stdint.h>

#include "base/err.h"

/* X(name, text of reports) */
#define MDP_AGGREGATE_LIST(X)                                                                                          \
    X(MEAN, "mean")                     /* mean of the per-task means */                                               \
    X(MEDIAN, "median")                 /* median over tasks of the per-task means */                                  \
    X(IQM, "iqm")                       /* mean of the pooled scores without floor(n/4) at each end */                 \
    X(OPTIMALITY_GAP, "optimality_gap") /* gamma - mean(min(score, gamma)) over the pooled scores */

#define MDP_AGGREGATE_ENUM(name, text) MDP_AGGREGATE_##name,
enum mdp_aggregate { MDP_AGGREGATE_LIST(MDP_AGGREGATE_ENUM) MDP_N_AGGREGATES };
#undef MDP_AGGREGATE_ENUM

/* scores [n_runs, n_tasks], row-major, borrowed */
struct mdp_scores {
    const double *values;
    long n_runs, n_tasks;
};

/* sums of up to 2^31 values below this size, and their differences, are finite */
#define MDP_SCORES_PLAIN 1e290

/* scores sorted once, so that the aggregates of any resampling need no sorting of their own */
struct mdp_ranked_scores;

/** Returns an aggregate's name, e.g. "iqm"; borrowed. */
const char *mdp_aggregate_name(enum mdp_aggregate aggregate);

/** Checks a matrix of scores. Errors: EMPTY, NAN, INF. */
mdp_err mdp_scores_check(const char *name, const struct mdp_scores *scores);

/** Says whether plain sums of a checked matrix might leave the doubles, or lose digits to subnormal numbers. */
int mdp_scores_are_extreme(const struct mdp_scores *scores);

/** Computes all aggregates. Range: gamma finite, usually 1. Errors: EMPTY, NAN, INF, DOMAIN. */
mdp_err mdp_aggregate_compute(const struct mdp_scores *scores, double gamma, double out[MDP_N_AGGREGATES]);

/** Computes the share of scores strictly above each tau. Shapes: taus, of_runs, of_task_means [n_taus].
 * Nullable: of_runs (single scores), of_task_means (means per task). Errors: EMPTY, NAN, INF. */
mdp_err mdp_performance_profile(const struct mdp_scores *scores, const double *taus, long n_taus, double *of_runs,
                                double *of_task_means);

/** Computes the mean over tasks of P(x > y) + P(x = y) / 2. Shapes: per_task [n_tasks]. Nullable: per_task.
 * Errors: EMPTY, SHAPE unless the numbers of tasks agree, NAN, INF. */
mdp_err mdp_probability_of_improvement(const struct mdp_scores *x, const struct mdp_scores *y, double *per_task,
                                       double *out);

/** Sorts a checked matrix for resampling. Owns: caller, mdp_ranked_scores_free. */
mdp_err mdp_ranked_scores_new(const struct mdp_scores *scores, struct mdp_ranked_scores **out);

/** Frees sorted scores. Nullable: ranked. */
void mdp_ranked_scores_free(struct mdp_ranked_scores *ranked);

/** Returns the doubles of scratch memory that one mdp_ranked_aggregate needs. */
unsigned long mdp_ranked_scratch(const struct mdp_ranked_scores *ranked);

/** Computes all aggregates of the resampling that takes run index[r, t] of task t as its run r.
 * Shapes: index [n_runs, n_tasks]; scratch [mdp_ranked_scratch]. Range: 0 <= index < n_runs. */
void mdp_ranked_aggregate(const struct mdp_ranked_scores *ranked, const int32_t *index, double gamma, double *scratch,
                          double out[MDP_N_AGGREGATES]);

#endif
