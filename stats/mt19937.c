/* MT19937, a block of words at a time. */
#include "stats/mt19937.h"

enum { SHIFT = 397 };

void mdp_mt19937_seed(struct mdp_mt19937 *generator, uint32_t seed) {
    uint32_t *w = generator->words;
    w[0] = seed;
    for (uint32_t i = 1; i < MDP_MT19937_WORDS; i++) w[i] = 1812433253u * (w[i - 1] ^ (w[i - 1] >> 30)) + i;
    generator->used = MDP_MT19937_WORDS;
}

static uint32_t mix(uint32_t high, uint32_t low, uint32_t far) {
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return far ^ (y >> 1) ^ ((0u - (y & 1u)) & 0x9908b0dfu);
}

static void next_block(struct mdp_mt19937 *generator) {
    uint32_t *w = generator->words;
    for (int i = 0; i < MDP_MT19937_WORDS - SHIFT; i++) w[i] = mix(w[i], w[i + 1], w[i + SHIFT]);
    for (int i = MDP_MT19937_WORDS - SHIFT; i < MDP_MT19937_WORDS - 1; i++)
        w[i] = mix(w[i], w[i + 1], w[i + SHIFT - MDP_MT19937_WORDS]);
    w[MDP_MT19937_WORDS - 1] = mix(w[MDP_MT19937_WORDS - 1], w[0], w[SHIFT - 1]);
    generator->used = 0;
}

uint32_t mdp_mt19937_bits(struct mdp_mt19937 *generator) {
    if (generator->used == MDP_MT19937_WORDS) next_block(generator);
    uint32_t y = generator->words[generator->used++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

void mdp_mt19937_indices(struct mdp_mt19937 *generator, uint32_t n, int32_t *out, long n_draws) {
    uint32_t largest = n - 1, mask = largest;
    for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    for (long i = 0; i < n_draws;) {
        uint32_t drawn = largest > 0 ? mdp_mt19937_bits(generator) & mask : 0;
        /* written always, kept only if in range: no branch to mispredict */
        out[i] = (int32_t)drawn;
        i += drawn <= largest;
    }
}
