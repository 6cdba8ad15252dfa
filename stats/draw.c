/* indices from 16 bits each; the rare rejected ones are mended one by one. */
#include "stats/draw.h"

#include <string.h>

#include "base/clones.h"

/* halves of words are taken in the order of memory, lower first */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "expected a little-endian machine");

enum { N_DRAWN = MDP_RNG_BLOCK * 2 * MDP_RNG_LANES };

static uint32_t draw_again(const struct mdp_draws *draws, uint32_t i_replicate, uint32_t k) {
    struct mdp_rng rng =
        mdp_rng_stream(draws->seed, MDP_RNG_BOOTSTRAP_MORE, i_replicate, 2 * k + (uint32_t)draws->i_set);
    return mdp_rng_below(&rng, draws->n_runs);
}

static uint32_t threshold_of(const struct mdp_draws *draws) { return 0x10000 % draws->n_runs; }

void mdp_draw(const struct mdp_draws *draws, uint32_t i_replicate, int32_t *out, long n) {
    struct mdp_rng rng = mdp_rng_stream(draws->seed, MDP_RNG_BOOTSTRAP, i_replicate, (uint32_t)draws->i_set);
    uint32_t n_runs = draws->n_runs, threshold = threshold_of(draws), bits = 0;
    for (long k = 0; k < n; k++) {
        if (n_runs > MDP_DRAW_RUNS_MAX) {
            out[k] = (int32_t)mdp_rng_below(&rng, n_runs);
            continue;
        }
        bits = k % 2 == 0 ? mdp_rng_bits(&rng) : bits >> 16;
        uint32_t product = (bits & 0xffff) * n_runs;
        out[k] = (int32_t)(product >> 16);
        if ((product & 0xffff) < threshold) out[k] = (int32_t)draw_again(draws, i_replicate, (uint32_t)k);
    }
}

/* scales 16 bits to indices times the number of lanes; returns whether any is to be rejected */
MDP_CLONES static int scale(const uint16_t *restrict bits, uint16_t n_runs, uint16_t threshold,
                            uint16_t *restrict out) {
    uint16_t n_rejected = 0;
    for (int i = 0; i < N_DRAWN; i++) {
        uint16_t low = (uint16_t)(bits[i] * n_runs);
        out[i] = (uint16_t)(((uint32_t)bits[i] * n_runs >> 16) * MDP_RNG_LANES);
        n_rejected |= (uint16_t)(low < threshold);
    }
    return n_rejected;
}

static void mend(const struct mdp_draws *draws, uint32_t first, uint32_t i_block, const uint16_t *bits,
                 uint16_t threshold, uint16_t *out) {
    for (uint32_t i = 0; i < N_DRAWN; i++) {
        if ((uint16_t)(bits[i] * draws->n_runs) >= threshold) continue;
        uint32_t k = i_block * MDP_DRAW_BLOCK + i / (2 * MDP_RNG_LANES) * 2 + i % 2;
        uint32_t lane = i % (2 * MDP_RNG_LANES) / 2;
        out[i] = (uint16_t)(draw_again(draws, first + lane, k) * MDP_RNG_LANES);
    }
}

void mdp_draw_lanes(const struct mdp_draws *draws, uint32_t first, uint32_t i_block,
                    uint16_t out[MDP_RNG_BLOCK][2 * MDP_RNG_LANES]) {
    uint32_t words[MDP_RNG_BLOCK][MDP_RNG_LANES];
    uint16_t bits[N_DRAWN], threshold = (uint16_t)threshold_of(draws);
    mdp_rng_lanes(draws->seed, MDP_RNG_BOOTSTRAP, first, (uint32_t)draws->i_set, i_block, words);
    memcpy(bits, words, sizeof bits);
    if (scale(bits, (uint16_t)draws->n_runs, threshold, out[0])) mend(draws, first, i_block, bits, threshold, out[0]);
}
