/* episodes as the shared library holds them, for its comparisons. */
#ifndef MDP_BENCH_LIB_EPISODES_H
#define MDP_BENCH_LIB_EPISODES_H

#include "base/fsx.h"
#include "bench/lib/internal.h"
#include "results/episodes_data.h"

struct mdpbench_episodes {
    char path[MDP_PATH_MAX]; /* where they were read, "" for made ones */
    struct mdp_episodes_info info;
    struct mdp_episodes rows;
};

#endif
