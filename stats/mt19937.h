/* the index stream of NumPy's legacy generator, so that intervals can be compared number by number with tools on it.
 *
 * 32-bit outputs of MT19937, masked to the smallest 2^k - 1 that holds the largest index, larger ones rejected.
 * Source: Matsumoto & Nishimura 1998 (init_genrand and the generator); docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_MT19937_H
#define MDP_STATS_MT19937_H

#include <stdint.h>

enum { MDP_MT19937_WORDS = 624 };

/* the generator's state */
struct mdp_mt19937 {
    uint32_t words[MDP_MT19937_WORDS];
    int used; /* words of the block already taken */
};

/** Seeds the generator; seed 0 is itself, not a default. */
void mdp_mt19937_seed(struct mdp_mt19937 *generator, uint32_t seed);

/** Draws 32 bits. */
uint32_t mdp_mt19937_bits(struct mdp_mt19937 *generator);

/** Draws n_draws indices from 0 .. n-1; none is drawn for n = 1, which has one index only. Shapes: out [n_draws].
 * Range: n >= 1. */
void mdp_mt19937_indices(struct mdp_mt19937 *generator, uint32_t n, int32_t *out, long n_draws);

#endif
