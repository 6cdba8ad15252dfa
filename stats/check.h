/* what every statistic does with bad input, before it computes anything.
 *
 * a refusal is MDP_E_DATA with the message "CLASS: object: expected .., found ..". where several classes apply the
 * first of the list wins, over all samples of a call. Source: the classes and their order are the project's own
 * (docs/statistics.md). */
#ifndef MDP_STATS_CHECK_H
#define MDP_STATS_CHECK_H

#include "base/err.h"

/* why input is refused, in the order in which it is looked for */
enum mdp_refusal {
    MDP_REFUSE_EMPTY,   /* a sample without values */
    MDP_REFUSE_SHAPE,   /* lengths that must match and do not */
    MDP_REFUSE_NAN,     /* never dropped silently */
    MDP_REFUSE_INF,     /* a return that blew up is an episode failure, to be counted upstream */
    MDP_REFUSE_DOMAIN,  /* a parameter out of its range */
    MDP_REFUSE_TOO_FEW, /* fewer values than the statistic needs */
    MDP_N_REFUSALS
};

/* a named sample, borrowed */
struct mdp_sample {
    const char *name;
    const double *values; /* [n] */
    long n;
};

/** Returns the class's name as it stands in messages, e.g. "TOO_FEW"; borrowed. */
const char *mdp_refusal_name(enum mdp_refusal refusal);

/** Records "CLASS: message" and returns MDP_E_DATA. */
mdp_err mdp_refuse(enum mdp_refusal refusal, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Checks that every sample has values and that all are finite. Errors: EMPTY, NAN, INF. */
mdp_err mdp_check_samples(const struct mdp_sample *samples, int n_samples);

/** Checks samples whose values belong together one by one. Errors: EMPTY, SHAPE, NAN, INF. */
mdp_err mdp_check_paired(const struct mdp_sample *samples, int n_samples);

/** Checks one sample. Errors: EMPTY, NAN, INF. */
mdp_err mdp_check_values(const char *name, const double *values, long n);

/** Checks low <= value <= high; a NaN fails. Errors: DOMAIN. */
mdp_err mdp_check_range(const char *name, double value, double low, double high);

/** Checks that a sample has at least n_least values. Errors: TOO_FEW. */
mdp_err mdp_check_enough(const char *name, long n, long n_least);

/** Turns GSL's aborting error handler off, once for the process; the checks of samples call it, from any thread. */
void mdp_stats_quiet_gsl(void);

#endif
