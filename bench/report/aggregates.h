/* the aggregates of runs, each with its interval over runs: what the tables and figures of arms and of seeds share. */
#ifndef MDP_BENCH_REPORT_AGGREGATES_H
#define MDP_BENCH_REPORT_AGGREGATES_H

#include "results/show/table.h"
#include "stats/bootstrap.h"

/* what is missing is NaN */
struct mdp_aggregates {
    struct mdp_interval mean, iqm, median, gap;
    double sd; /* of the runs of a single task, ddof 1 */
};

/* a row's columns of them; `member` is a struct mdp_aggregates */
#define MDP_AGGREGATE_INTERVAL(type, member, ...)                                                                      \
    MDP_INTERVAL_COLUMN(type, member.estimate, member.low, member.high, __VA_ARGS__, 3)
#define MDP_AGGREGATE_COLUMNS(type, member)                                                                            \
    MDP_AGGREGATE_INTERVAL(type, member.mean, "mean", "mean [95 % CI]"),                                               \
        MDP_COLUMN(type, member.sd, REAL, "sd_runs", "sd of runs", 3),                                                 \
        MDP_AGGREGATE_INTERVAL(type, member.iqm, "iqm", "IQM [95 % CI]"),                                              \
        MDP_AGGREGATE_INTERVAL(type, member.median, "median", "median [95 % CI]"),                                     \
        MDP_AGGREGATE_INTERVAL(type, member.gap, "optimality_gap", "optimality gap [95 % CI]")

/** Computes them, with BCa intervals or, of few runs, Student's; of one run there are none. Members that are missing
 * stay as they are. Errors: those of mdp_bootstrap_compute. */
mdp_err mdp_aggregates_compute(const struct mdp_scores *scores, struct mdp_aggregates *out);

/** Takes an interval over; one without both ends is none. */
void mdp_interval_take(const struct mdp_interval *from, struct mdp_interval *to);

/** Says below a table what few runs cannot show. Errors: NOMEM. */
mdp_err mdp_aggregates_note_few(struct mdp_table *table);

#endif
