/* when two computed values are equal: the one place that says how much of a difference may be rounding.
 *
 * values that users gave are compared as they are. what is computed from them before it is ranked or compared
 * (differences of pairs, values shifted by a margin, normalized returns) carries the rounding of its operands, and a
 * rank test of such values would rank that rounding: 0.3 - 0.2 and 0.2 - 0.1 are one size.
 * Source: docs/statistics.md, equal but for rounding. */
#ifndef MDP_STATS_ROUNDING_H
#define MDP_STATS_ROUNDING_H

#include "base/err.h"

/* the share of the largest operand below which a sum over many values is nothing but rounding */
#define MDP_ROUNDING_OF_SUMS 1e-12

/** Returns what rounding leaves open in a sum or difference of values up to that size: three units in the last place,
 * of which each operand brings one (a return's own last digit, and its normalization) and the difference one. */
double mdp_rounding_of(double largest_operand);

/** Computes x - y + shift of pairs, with sizes that are equal but for rounding made equal, and those of 0 made 0.
 * Shapes: x, y, out [n]. Range: carried >= 0, the rounding that each difference carries besides that of its operands; n
 * >= 1. Errors: NOMEM. */
mdp_err mdp_rounding_differences(const double *x, const double *y, long n, double shift, double carried, double *out);

/** Computes x + shift and a copy of y, with values of either that are equal but for rounding made equal. Shapes: x,
 * out_x [n]; y, out_y [m]. Range: carried as above. Errors: NOMEM. */
mdp_err mdp_rounding_shift(const double *x, long n, double shift, const double *y, long m, double carried,
                           double *out_x, double *out_y);

#endif
