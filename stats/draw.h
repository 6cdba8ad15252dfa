/* the fast stream of indices: counter-based, two draws to a word where that is enough, every index equally likely.
 *
 * draw k of replicate b and set s is a function of (seed, b, s, k) and the number of runs n alone. up to
 * MDP_DRAW_RUNS_MAX runs a draw is 16 bits h of the stream (seed, MDP_RNG_BOOTSTRAP, b, s), the lower half of a word
 * first: index floor(h n / 2^16), unless the product's lower 16 bits are below 2^16 mod n; then it is
 * mdp_rng_below(n) of the stream (seed, MDP_RNG_BOOTSTRAP_MORE, b, 2 k + s). with more runs all draws are
 * mdp_rng_below(n), one after the other.
 * Source: Lemire 2019 (multiplication with rejection, which leaves no bias); docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_DRAW_H
#define MDP_STATS_DRAW_H

#include <stdint.h>

#include "base/rng.h"

/* 16 times an index fits 16 bits */
enum { MDP_DRAW_RUNS_MAX = 4096, MDP_DRAW_BLOCK = 2 * MDP_RNG_BLOCK };

/* what is drawn */
struct mdp_draws {
    uint64_t seed;
    uint32_t n_runs; /* indices 0 .. n_runs - 1 */
    int i_set;       /* 0 or 1: of the second of two matrices */
};

/** Draws the first n indices of a replicate. Shapes: out [n]. */
void mdp_draw(const struct mdp_draws *draws, uint32_t i_replicate, int32_t *out, long n);

/** Draws indices MDP_DRAW_BLOCK i_block and following of MDP_RNG_LANES replicates side by side, times MDP_RNG_LANES:
 * that of draw k of replicate first + l is at [k / 2][2 l + k % 2]. Range: n_runs <= MDP_DRAW_RUNS_MAX. */
void mdp_draw_lanes(const struct mdp_draws *draws, uint32_t first, uint32_t i_block,
                    uint16_t out[MDP_RNG_BLOCK][2 * MDP_RNG_LANES]);

#endif
