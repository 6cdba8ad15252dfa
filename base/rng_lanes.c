/* Philox4x32-10 of sixteen counters side by side, of neighbouring streams or of one stream. compilers miss that a
 * product of two 32-bit halves is one instruction, so the vector version names it. */
#include "base/rng.h"

typedef uint32_t lane_words[MDP_RNG_BLOCK][MDP_RNG_LANES];

#if defined(__x86_64__)
#include <Random123/philox.h>
#include <immintrin.h>

enum { WIDTH = 4 };

/* the counter (block, purpose, major, minor) of lane 0, the word of it to which a lane's number is added, the key */
struct start {
    uint32_t counter[MDP_RNG_BLOCK];
    int lane_word;
    uint32_t key[2];
};

/* counters of WIDTH lanes, each word in the lower half of 64 bits; products ignore what is in the upper */
struct counters {
    __m256i v[MDP_RNG_BLOCK];
};

/* a 32-bit constant in every lane */
__attribute__((target("avx2"))) static __m256i spread(uint32_t word) { return _mm256_set1_epi64x((long long)word); }

__attribute__((target("avx2"))) static void mix(struct counters *c, __m256i key_0, __m256i key_1) {
    __m256i first = _mm256_mul_epu32(c->v[0], spread(PHILOX_M4x32_0));
    __m256i second = _mm256_mul_epu32(c->v[2], spread(PHILOX_M4x32_1));
    c->v[0] = _mm256_xor_si256(_mm256_srli_epi64(second, 32), _mm256_xor_si256(c->v[1], key_0));
    c->v[2] = _mm256_xor_si256(_mm256_srli_epi64(first, 32), _mm256_xor_si256(c->v[3], key_1));
    c->v[1] = second;
    c->v[3] = first;
}

/* a pair of vectors at a time: more would not fit the registers */
__attribute__((target("avx2"))) static void draw_pair(const struct start *start, const long long keys[][2],
                                                      uint32_t lane, lane_words words) {
    struct counters counters[2];
    const __m256i to_front = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t first = start->counter[start->lane_word] + lane + k * WIDTH;
        for (int i = 0; i < MDP_RNG_BLOCK; i++) counters[k].v[i] = spread(start->counter[i]);
        counters[k].v[start->lane_word] = _mm256_setr_epi64x(first, first + 1, first + 2, first + 3);
    }
    for (int round = 0; round < philox4x32_rounds; round++) {
        __m256i key_0 = _mm256_set1_epi64x(keys[round][0]), key_1 = _mm256_set1_epi64x(keys[round][1]);
        for (int k = 0; k < 2; k++) mix(&counters[k], key_0, key_1);
    }
    for (uint32_t k = 0; k < 2; k++) {
        for (int i = 0; i < MDP_RNG_BLOCK; i++) {
            __m256i packed = _mm256_permutevar8x32_epi32(counters[k].v[i], to_front);
            _mm_storeu_si128((__m128i *)&words[i][lane + k * WIDTH], _mm256_castsi256_si128(packed));
        }
    }
}

__attribute__((target("avx2"))) static void draw_avx2(const struct start *start, lane_words words) {
    long long keys[philox4x32_rounds][2];
    for (uint32_t i = 0; i < philox4x32_rounds; i++) {
        keys[i][0] = start->key[0] + i * PHILOX_W32_0;
        keys[i][1] = start->key[1] + i * PHILOX_W32_1;
    }
    for (uint32_t lane = 0; lane < MDP_RNG_LANES; lane += 2 * WIDTH) draw_pair(start, keys, lane, words);
}
#endif

void mdp_rng_lanes(uint64_t seed, enum mdp_rng_purpose purpose, uint32_t major, uint32_t minor, uint32_t block,
                   lane_words words) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        const struct start start = {
            {block, (uint32_t)purpose, major, minor}, 2, {(uint32_t)seed, (uint32_t)(seed >> 32)}};
        draw_avx2(&start, words);
        return;
    }
#endif
    for (uint32_t l = 0; l < MDP_RNG_LANES; l++) {
        struct mdp_rng rng = mdp_rng_stream(seed, purpose, major + l, minor);
        rng.block = block;
        for (int i = 0; i < MDP_RNG_BLOCK; i++) words[i][l] = mdp_rng_bits(&rng);
    }
}

void mdp_rng_blocks(struct mdp_rng *rng, uint32_t words[MDP_RNG_BLOCK * MDP_RNG_LANES]) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        const struct start start = {
            {rng->block, rng->purpose, rng->major, rng->minor}, 0, {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)}};
        lane_words lanes;
        draw_avx2(&start, lanes);
        for (int l = 0; l < MDP_RNG_LANES; l++)
            for (int i = 0; i < MDP_RNG_BLOCK; i++) words[l * MDP_RNG_BLOCK + i] = lanes[i][l];
        rng->block += MDP_RNG_LANES;
        return;
    }
#endif
    for (int i = 0; i < MDP_RNG_BLOCK * MDP_RNG_LANES; i++) words[i] = mdp_rng_bits(rng);
}
