/* Kolmogorov-Smirnov: are two samples from one distribution?
 *
 * Source: Smirnov 1939; Hodges 1958 (lattice paths); docs/statistics.md, Kolmogorov-Smirnov. */
#ifndef MDP_STATS_KS_H
#define MDP_STATS_KS_H

#include "base/err.h"
#include "stats/check.h"
#include "stats/pvalue.h"

/* n m up to which p values are exact */
enum { MDP_KS_EXACT_PAIRS = 4000000 };

enum mdp_ks_method { MDP_KS_EXACT, MDP_KS_ASYMPTOTIC };

/* Fx, Fy: shares of values at or below. less: Fx < Fy, so x tends to be LARGER; greater: Fx > Fy, x tends to be
 * smaller. here the words are those of the distribution functions, as in other programs */
struct mdp_ks {
    long n, m;
    double d, d_plus, d_minus; /* max of both; max(Fx - Fy); max(Fy - Fx) */
    struct mdp_p exact;        /* ignores ties, which makes it conservative; NaN if not run */
    struct mdp_p limit;        /* for large samples */
    enum mdp_ks_method method;
    struct mdp_p p;              /* of that method */
    int has_ties, is_degenerate; /* degenerate: all values are equal; p is 1 */
};

/** Tests x against y. Errors: EMPTY, NAN, INF, NOMEM. */
mdp_err mdp_ks_compute(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_ks *out);

/** Returns P(K > lambda) of Kolmogorov's limiting distribution. Range: lambda >= 0. */
double mdp_kolmogorov_sf(double lambda);


#endif
