/* normalized scores: returns on the scale of two reference policies.
 *
 * 0 is the random reference, 1 the expert, not clipped. the references belong to an environment, and their set's name
 * belongs in every report. Source: Fu et al. 2020 (D4RL), section 3. */
#ifndef MDP_STATS_SCORE_H
#define MDP_STATS_SCORE_H

#include "base/err.h"

/** Computes (return - ref_min) / (ref_max - ref_min). Shapes: returns, out [n]. Errors: EMPTY, NAN, INF, DOMAIN. */
mdp_err mdp_score_normalize(const double *returns, long n, double ref_min, double ref_max, double *out);

/** Returns by how much the difference of two normalized returns is open beyond its operands' last places: near
 * ref_min a normalized return is small, but the return's own last digit is not. */
double mdp_score_rounding(double ref_min, double ref_max);

#endif
