/* what is said about a sample of returns: the six numbers that are always shown together. */
#ifndef MDP_BENCH_RUN_SUMMARY_H
#define MDP_BENCH_RUN_SUMMARY_H

#include <jansson.h>

#include "base/err.h"
#include "stats/bootstrap_plan.h"

/* sd has ddof 1 (NaN for one value); quartiles are of type 7; iqm is the mean without floor(n/4) values at each end */
struct mdp_summary {
    long n;
    double mean, sd, iqm, q1, median, q3;
    double iqm_low, iqm_high; /* 95 % interval of the iqm, percentile, of few values Student's; NaN for one value */
    int has_few;              /* so few values that what is rare is unseen, whatever the interval: reports say so */
};

/** Summarises values [n]. Nullable: draws, which samples of one size share. Errors: DATA for an empty sample or one
 * that is not finite. */
mdp_err mdp_summarize(const double *values, long n, struct mdp_bootstrap_draws *draws, struct mdp_summary *out);

/** The same without what takes most of the time: the interval is NaN, has_few 0. Errors: DATA as there. */
mdp_err mdp_summarize_bare(const double *values, long n, struct mdp_summary *out);

/** Writes a summary as a JSON object; what is not finite becomes null. */
json_t *mdp_summary_json(const struct mdp_summary *summary);

/* a summary as programs that watch get it */
enum { MDP_SUMMARY_NUMBERS = 8 };
extern const char *const mdp_summary_names[MDP_SUMMARY_NUMBERS];

/** Lists a summary's numbers in the order of their names. */
void mdp_summary_numbers(const struct mdp_summary *summary, double out[MDP_SUMMARY_NUMBERS]);

#endif
