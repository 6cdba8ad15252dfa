/* eight planar worlds side by side on AVX-512 */
#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl")

#include "envs/physics/num_avx512.h"
/* what numbers are comes first */
#include "envs/physics/planar_body.h"

static int is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

const struct mdp_planar_lanes mdp_planar_lanes_avx512 = {"avx512",     MDP_LANES,    is_supported,
                                                         join_motions, part_motions, step_lanes};
#else
#include <stddef.h>

#include "envs/physics/planar_lanes.h"

static int is_supported(void) { return 0; }

const struct mdp_planar_lanes mdp_planar_lanes_avx512 = {"avx512", 1, is_supported, NULL, NULL, NULL};
#endif
