/* sixteen float lanes as an array: the operations kernel_body.h is written in, for any processor.
 *
 * the fused multiply-add is the C library's, so the bits are those of v16_avx512.h. */
#ifndef MDP_ALGOS_NN_V16_PORTABLE_H
#define MDP_ALGOS_NN_V16_PORTABLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    float lane[16];
} v16;

/* a v16 r whose lane i is an expression of i */
#define MDP_V16_LANES(expression)                                                                                      \
    v16 r;                                                                                                             \
    for (int i = 0; i < 16; i++) r.lane[i] = (expression);                                                             \
    return r

/** Returns 16 floats from memory. */
static inline v16 v16_load(const float *p) { MDP_V16_LANES(p[i]); }

/** Stores 16 floats. */
static inline void v16_store(float *p, v16 a) { memcpy(p, a.lane, sizeof a.lane); }

/** Returns x in every lane. */
static inline v16 v16_set(float x) { MDP_V16_LANES(x); }

/** Returns a + b. */
static inline v16 v16_add(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] + b.lane[i]); }

/** Returns a - b. */
static inline v16 v16_sub(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] - b.lane[i]); }

/** Returns a b. */
static inline v16 v16_mul(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] * b.lane[i]); }

/** Returns a / b. */
static inline v16 v16_div(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] / b.lane[i]); }

/** Returns a b + c, rounded once. */
static inline v16 v16_fma(v16 a, v16 b, v16 c) { MDP_V16_LANES(fmaf(a.lane[i], b.lane[i], c.lane[i])); }

/** Returns c - a b, rounded once. */
static inline v16 v16_fnma(v16 a, v16 b, v16 c) { MDP_V16_LANES(fmaf(-a.lane[i], b.lane[i], c.lane[i])); }

/** Returns a < b ? a : b, so b where a lane is not a number. */
static inline v16 v16_min(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]); }

/** Returns a > b ? a : b, so b where a lane is not a number. */
static inline v16 v16_max(v16 a, v16 b) { MDP_V16_LANES(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }

/** Returns x with the bit pattern u. */
static inline float v16_from_bits(uint32_t u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/** Returns the bit pattern of x. */
static inline uint32_t v16_to_bits(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

/** Returns a 2^n, where the low bits of t's pattern are n. Range: a and the result are normal numbers. */
static inline v16 v16_scale(v16 a, v16 t) {
    MDP_V16_LANES(v16_from_bits(v16_to_bits(a.lane[i]) + (v16_to_bits(t.lane[i]) << 23)));
}

/** Returns a with zeros in lanes n and above. Range: n from 0 to 16. */
static inline v16 v16_first(v16 a, int n) { MDP_V16_LANES(i < n ? a.lane[i] : 0.0f); }

/** Returns the sum of all lanes, halves added first. */
static inline float v16_sum(v16 a) {
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) a.lane[i] += a.lane[i + half];
    return a.lane[0];
}

/** Returns x rounded to bfloat16, to the nearest, ties to even. */
static inline float v16_lane_round_bf16(float x) {
    uint32_t u = v16_to_bits(x);
    return v16_from_bits((isnan(x) ? u | 0x400000u : u + 0x7fffu + (u >> 16 & 1u)) & 0xffff0000u);
}

/** Returns a rounded to bfloat16, to the nearest, ties to even. */
static inline v16 v16_round_bf16(v16 a) { MDP_V16_LANES(v16_lane_round_bf16(a.lane[i])); }

#endif
