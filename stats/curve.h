/* learning curves: scores over training steps, one curve at a time and a test curve against a base.
 *
 * Source: docs/statistics.md, learning curves. */
#ifndef MDP_STATS_CURVE_H
#define MDP_STATS_CURVE_H

#include "base/err.h"

enum { MDP_CURVE_LAST = 10 };

/* a curve, borrowed: values [n] at strictly increasing steps [n] */
struct mdp_curve {
    const double *steps, *values;
    long n;
};

/* one curve in numbers */
struct mdp_curve_summary {
    double auc;         /* trapezoid over steps */
    double auc_norm;    /* auc / (last step - first step) */
    double peak;        /* largest value */
    long i_peak;        /* its first position */
    double last10_mean; /* mean of the last 10 values, of all if there are fewer */
};

/* two curves over the same steps; what is relative to a base of 0 is NaN, and the flag is set */
struct mdp_curve_gain {
    double auc_pct, peak_pct; /* 100 (test - base) / |base| */
    double threshold;         /* 0.9 of the base's peak */
    double first_step_base;   /* first step at or above the threshold, NaN if there is none */
    double first_step_test;
    int is_degenerate;
};

/* the first part of two curves: normalized areas over a window, and three readings of their difference */
struct mdp_curve_early {
    double auc_base, auc_test;
    double gain_abs;   /* test - base, the default "early gain" */
    double gain_rel;   /* gain_abs / |base| */
    double gain_ratio; /* test / base */
    int is_degenerate;
};

/** Describes a curve. Errors: EMPTY, NAN, INF, DOMAIN unless steps increase strictly, TOO_FEW below 2 points. */
mdp_err mdp_curve_summarize(const struct mdp_curve *curve, struct mdp_curve_summary *out);

/** Compares two curves over common steps. Shapes: steps, base, test [n_steps, n_base, n_test], which must agree.
 * Errors: EMPTY, SHAPE, NAN, INF, DOMAIN, TOO_FEW. */
mdp_err mdp_curve_compare(const struct mdp_curve *base, const struct mdp_curve *test, struct mdp_curve_gain *out);

/* the same over the first steps of training: those of the checkpoints up to one */
struct mdp_curve_window {
    long n;           /* checkpoints in it; without any there is no value: the rest is NaN */
    int is_whole;     /* all are in it */
    double mean_gain; /* mean of test - base at them */
    struct mdp_curve_early
        area; /* from the first checkpoint to the last step, interpolated; at a single point its value */
};

/** Compares two curves over their checkpoints up to step `until`. Errors: as mdp_curve_compare; DOMAIN unless `until`
 * is finite. */
mdp_err mdp_curve_compare_until(const struct mdp_curve *base, const struct mdp_curve *test, double until,
                                struct mdp_curve_window *out);

/** Compares two curves over the first `fraction` of their steps, the end interpolated. Range: 0 < fraction <= 1.
 * Errors: as mdp_curve_compare. */
mdp_err mdp_curve_compare_early(const struct mdp_curve *base, const struct mdp_curve *test, double fraction,
                                struct mdp_curve_early *out);

#endif
