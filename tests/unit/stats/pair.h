/* two samples of a test: from a case of reference vectors, or from arrays at hand. */
#ifndef MDP_TESTS_UNIT_STATS_PAIR_H
#define MDP_TESTS_UNIT_STATS_PAIR_H

#include "stats/check.h"
#include "tests/unit/stats/golden.h"

struct pair {
    struct mdp_sample x, y;
};

/** Returns two borrowed arrays as samples "x" and "y". */
static inline struct pair pair_of(const double *x, long n, const double *y, long m) {
    return (struct pair){{"x", x, n}, {"y", y, m}};
}

/** Reads in/x and in/y. Owns: caller, pair_free. */
static inline struct pair pair_read(struct golden *golden) {
    struct mdp_h5_shape n, m;
    const double *x = golden_array(golden, "in/x", &n), *y = golden_array(golden, "in/y", &m);
    return pair_of(x, n.extent[0], y, m.extent[0]);
}

/** Frees what was read. */
static inline void pair_free(struct pair *pair) {
    free((void *)pair->x.values);
    free((void *)pair->y.values);
}

#endif
