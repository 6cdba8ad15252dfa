#include "base/rng.h"

#include <math.h>

#include <Random123/philox.h>

struct mdp_rng mdp_rng_stream(uint64_t seed, enum mdp_rng_purpose purpose, uint32_t major, uint32_t minor) {
    return (struct mdp_rng){.seed = seed, .purpose = (uint32_t)purpose, .major = major, .minor = minor, .used = 4};
}

/* the counter is (block, purpose, major, minor), the key is the seed: no two streams share a block */
static void next_block(struct mdp_rng *rng) {
    philox4x32_ctr_t counter = {{rng->block, rng->purpose, rng->major, rng->minor}};
    philox4x32_key_t key = {{(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)}};
    philox4x32_ctr_t drawn = philox4x32(counter, key);
    for (int i = 0; i < 4; i++) rng->words[i] = drawn.v[i];
    rng->block++;
    rng->used = 0;
}

uint32_t mdp_rng_bits(struct mdp_rng *rng) {
    if (rng->used == 4) next_block(rng);
    return rng->words[rng->used++];
}

double mdp_rng_uniform(struct mdp_rng *rng) {
    uint64_t high = mdp_rng_bits(rng) >> 5, low = mdp_rng_bits(rng) >> 6;
    return ((double)(high << 26) + (double)low) * 0x1p-53;
}

uint32_t mdp_rng_below(struct mdp_rng *rng, uint32_t n) {
    /* Lemire's multiplication with rejection of the short stretch that would bias the result */
    uint32_t threshold = (0u - n) % n;
    for (;;) {
        uint64_t product = (uint64_t)mdp_rng_bits(rng) * n;
        if ((uint32_t)product >= threshold) return (uint32_t)(product >> 32);
    }
}

/* open at zero, so that the logarithm is finite */
static float unit_open(uint32_t bits) { return ((float)(bits >> 8) + 0.5f) * 0x1p-24f; }

void mdp_rng_normal(struct mdp_rng *rng, float *out, long n) {
    static const float two_pi = 6.28318530717958647692f;
    for (long i = 0; i < n; i += 2) {
        float radius = sqrtf(-2.0f * logf(unit_open(mdp_rng_bits(rng))));
        float angle = two_pi * unit_open(mdp_rng_bits(rng));
        out[i] = radius * cosf(angle);
        if (i + 1 < n) out[i + 1] = radius * sinf(angle);
    }
}

void mdp_rng_permutation(struct mdp_rng *rng, uint32_t *out, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) out[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = mdp_rng_below(rng, i), kept = out[i - 1];
        out[i - 1] = out[j];
        out[j] = kept;
    }
}
