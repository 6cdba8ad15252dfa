/* how to resample, and the interval of an estimate: for the bootstraps and the files that they share. */
#ifndef MDP_STATS_BOOTSTRAP_PLAN_H
#define MDP_STATS_BOOTSTRAP_PLAN_H

#include <stdint.h>

#include "stats/interval.h"

enum { MDP_BOOTSTRAP_REPLICATES = 2000, MDP_BOOTSTRAP_FEW_RUNS = 50 };

/* X(name, text of reports): where draws come from; a stream that changes gets another text */
#define MDP_BOOTSTRAP_STREAM_LIST(X)                                                                                   \
    X(FAST, "philox-16") /* counter-based, stats/draw.h */                                                             \
    X(NUMPY, "numpy")    /* NumPy's legacy generator after numpy.random.seed(seed), run by run and task by task */

#define MDP_BOOTSTRAP_ENUM(name, text) MDP_BOOTSTRAP_##name,
enum mdp_bootstrap_stream { MDP_BOOTSTRAP_STREAM_LIST(MDP_BOOTSTRAP_ENUM) MDP_N_BOOTSTRAP_STREAMS };
#undef MDP_BOOTSTRAP_ENUM

/* draws of the fast stream, kept from one matrix for the next of the same shape: half the work on samples of one size.
 * zeroed before the first */
struct mdp_bootstrap_draws {
    uint64_t seed;
    long n_runs, n_tasks, n_replicates;
    uint16_t *counts; /* stats/lanes.h; free() */
};

/* how to resample; zeroed fields take their defaults */
struct mdp_bootstrap_plan {
    uint64_t seed; /* below 2^32 for the NumPy stream */
    enum mdp_bootstrap_stream stream;
    long n_replicates; /* 0: MDP_BOOTSTRAP_REPLICATES */
    double level;      /* of the interval; 0: 0.95 */
    double gamma;      /* of the optimality gap; 0: 1 */
    enum mdp_interval_method method;
    unsigned wanted;        /* aggregates of one matrix to compute, a set of 1 << MDP_AGGREGATE_x; 0: all */
    int n_threads;          /* 0: what OpenMP would take */
    const int32_t *index;   /* [n_replicates, n_runs, n_tasks] to be used in place of draws; nullable */
    const int32_t *index_y; /* the same for the second of two matrices; nullable, with `index` or not at all */
    struct mdp_bootstrap_draws *draws; /* of one matrix; changes no bit. nullable; the caller's, of one thread */
};

/** Returns the method for n values: Student's below MDP_BOOTSTRAP_FEW_RUNS, where others are too narrow. */
static inline enum mdp_interval_method mdp_bootstrap_method(long n, enum mdp_interval_method of_many) {
    return n < MDP_BOOTSTRAP_FEW_RUNS ? MDP_INTERVAL_STUDENT : of_many;
}

/* an estimate with its interval; z0, accel and fell_back as in stats/interval.h, accel only for BCa */
struct mdp_interval {
    double estimate, low, high;
    double mean, se; /* of the replicates, se with ddof 1 */
    double z0_strict, z0_mid, accel;
    int fell_back;
};

#endif
