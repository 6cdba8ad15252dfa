/* k groups of a test, from a case of reference vectors. */
#ifndef MDP_TESTS_UNIT_STATS_GROUPS_H
#define MDP_TESTS_UNIT_STATS_GROUPS_H

#include "stats/check.h"
#include "tests/unit/stats/golden.h"

enum { GROUPS_MAX = 16 };

struct groups {
    struct mdp_sample of[GROUPS_MAX];
    int k;
};

/** Reads in/g0, in/g1, .. Owns: caller, groups_free. */
static inline struct groups groups_read(struct golden *golden) {
    struct groups out = {.k = (int)golden_real(golden, "in/k")};
    CHECK(out.k <= GROUPS_MAX);
    for (int i = 0; i < out.k; i++) {
        struct mdp_h5_shape shape;
        char name[32];
        snprintf(name, sizeof name, "in/g%d", i);
        double *values = golden_array(golden, name, &shape);
        out.of[i] = (struct mdp_sample){"group", values, shape.extent[0]};
    }
    return out;
}

/** Frees what was read. */
static inline void groups_free(struct groups *groups) {
    for (int i = 0; i < groups->k; i++) free((void *)groups->of[i].values);
}

#endif
