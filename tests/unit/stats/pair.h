/* two samples of a test, from arrays at hand. */
#ifndef MDP_TESTS_UNIT_STATS_PAIR_H
#define MDP_TESTS_UNIT_STATS_PAIR_H

#include "stats/check.h"

struct pair {
    struct mdp_sample x, y;
};

/** Returns two borrowed arrays as samples "x" and "y". */
static inline struct pair pair_of(const double *x, long n, const double *y, long m) {
    return (struct pair){{"x", x, n}, {"y", y, m}};
}

#endif
