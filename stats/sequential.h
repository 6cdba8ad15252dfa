/* looking before the end: bounds for interim looks at an evaluation, and a sequential test of success rates.
 *
 * bounds are one-sided on the z scale: stop and reject at look k if z_k >= bound k. information is the share of the
 * planned episodes that are done. Source: O'Brien & Fleming 1979; Pocock 1977; Lan & DeMets 1983; Armitage, McPherson
 * & Rowe 1969 (the recursion); Wald 1945; docs/statistics.md, sequential evaluation. */
#ifndef MDP_STATS_SEQUENTIAL_H
#define MDP_STATS_SEQUENTIAL_H

#include "base/err.h"

/* X(name, text of reports) */
#define MDP_BOUND_SHAPE_LIST(X)                                                                                        \
    X(OBRIEN_FLEMING, "obrien_fleming")             /* c / sqrt(information) */                                        \
    X(POCOCK, "pocock")                             /* constant */                                                     \
    X(SPEND_OBRIEN_FLEMING, "spend_obrien_fleming") /* alpha spent so far: 2 - 2 Phi(z(alpha / 2) / sqrt(t)) */        \
    X(SPEND_POCOCK, "spend_pocock")                 /* alpha ln(1 + (e - 1) t) */

#define MDP_BOUND_SHAPE_ENUM(name, text) MDP_BOUND_SHAPE_##name,
enum mdp_bound_shape { MDP_BOUND_SHAPE_LIST(MDP_BOUND_SHAPE_ENUM) MDP_N_BOUND_SHAPES };
#undef MDP_BOUND_SHAPE_ENUM

enum { MDP_SEQUENTIAL_MAX_LOOKS = 100 };

/* the bound of one look */
struct mdp_look {
    double z;     /* critical value */
    double p;     /* its upper tail probability */
    double spent; /* probability under the null hypothesis to have stopped by this look */
};

/* a sequential probability ratio test of a success rate: p0 against p1 */
struct mdp_sprt {
    double p0, p1;
    double alpha, beta;  /* errors under p0 and under p1 */
    double lower, upper; /* of the log likelihood ratio: ln(beta / (1 - alpha)), ln((1 - beta) / alpha) */
};

/* where a sequence of outcomes has led */
struct mdp_sprt_result {
    long n_stop;  /* outcomes until the decision, all of them without one */
    int decision; /* 1: in favour of p1, 0: of p0, -1: none yet */
};

/** Returns a shape's name, e.g. "pocock"; borrowed. */
const char *mdp_bound_shape_name(enum mdp_bound_shape shape);

/** Computes the bounds of a plan of looks. Shapes: information, out [n]. Range: 0 < alpha < 1; information increases
 * strictly within (0, 1], at steps of at least 1e-4. Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_sequential_bounds(enum mdp_bound_shape shape, double alpha, const double *information, long n,
                              struct mdp_look *out);

/** Prepares a test. Range: all of (0, 1), p0 and p1 different, alpha + beta < 1. Errors: NAN, INF, DOMAIN. */
mdp_err mdp_sprt_plan(double p0, double p1, double alpha, double beta, struct mdp_sprt *out);

/** Follows a sequence of outcomes, 1 or 0. Shapes: outcomes, llr [n]. Nullable: llr (log likelihood ratios).
 * Errors: EMPTY, NAN, INF, DOMAIN. */
mdp_err mdp_sprt_run(const struct mdp_sprt *sprt, const double *outcomes, long n, double *llr,
                     struct mdp_sprt_result *out);

#endif
