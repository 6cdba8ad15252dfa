/* sixteen float lanes in two AVX2 registers: the operations kernel_body.h is written in.
 *
 * included by one source file under a matching target pragma; same operations and bits as v16_avx512.h. */
#ifndef MDP_ALGOS_NN_V16_AVX2_H
#define MDP_ALGOS_NN_V16_AVX2_H

#include <immintrin.h>
#include <stdint.h>

typedef struct {
    __m256 lo, hi;
} v16;

/** Returns 16 floats from memory. */
static inline v16 v16_load(const float *p) { return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }

/** Stores 16 floats. */
static inline void v16_store(float *p, v16 a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}

/** Returns x in every lane. */
static inline v16 v16_set(float x) { return (v16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }

/** Returns a + b. */
static inline v16 v16_add(v16 a, v16 b) { return (v16){_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }

/** Returns a - b. */
static inline v16 v16_sub(v16 a, v16 b) { return (v16){_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }

/** Returns a b. */
static inline v16 v16_mul(v16 a, v16 b) { return (v16){_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }

/** Returns a / b. */
static inline v16 v16_div(v16 a, v16 b) { return (v16){_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }

/** Returns a b + c, rounded once. */
static inline v16 v16_fma(v16 a, v16 b, v16 c) {
    return (v16){_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}

/** Returns c - a b, rounded once. */
static inline v16 v16_fnma(v16 a, v16 b, v16 c) {
    return (v16){_mm256_fnmadd_ps(a.lo, b.lo, c.lo), _mm256_fnmadd_ps(a.hi, b.hi, c.hi)};
}

/** Returns a < b ? a : b, so b where a lane is not a number. */
static inline v16 v16_min(v16 a, v16 b) { return (v16){_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }

/** Returns a > b ? a : b, so b where a lane is not a number. */
static inline v16 v16_max(v16 a, v16 b) { return (v16){_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }

/** Returns a 2^n, where the low bits of t's pattern are n. Range: a and the result are normal numbers. */
static inline v16 v16_scale(v16 a, v16 t) {
    __m256i lo = _mm256_slli_epi32(_mm256_castps_si256(t.lo), 23),
            hi = _mm256_slli_epi32(_mm256_castps_si256(t.hi), 23);
    return (v16){_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a.lo), lo)),
                 _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a.hi), hi))};
}

/** Returns a with zeros in lanes n and above. Range: n from 0 to 16. */
static inline v16 v16_first(v16 a, int n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), below = _mm256_set1_epi32(n),
            above = _mm256_set1_epi32(n - 8);
    return (v16){_mm256_and_ps(a.lo, _mm256_castsi256_ps(_mm256_cmpgt_epi32(below, lane))),
                 _mm256_and_ps(a.hi, _mm256_castsi256_ps(_mm256_cmpgt_epi32(above, lane)))};
}

/** Returns the sum of all lanes, halves added first. */
static inline float v16_sum(v16 a) {
    __m256 b = _mm256_add_ps(a.lo, a.hi);
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}

/** Returns 8 lanes rounded to bfloat16, to the nearest, ties to even. */
static inline __m256 v16_half_round_bf16(__m256 a) {
    __m256i u = _mm256_castps_si256(a), odd = _mm256_and_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(u, _mm256_set1_epi32(0x7fff)), odd);
    __m256i quiet = _mm256_or_si256(u, _mm256_set1_epi32(0x400000));
    __m256 is_nan = _mm256_cmp_ps(a, a, _CMP_UNORD_Q);
    __m256 chosen = _mm256_blendv_ps(_mm256_castsi256_ps(rounded), _mm256_castsi256_ps(quiet), is_nan);
    return _mm256_and_ps(chosen, _mm256_castsi256_ps(_mm256_set1_epi32((int)0xffff0000u)));
}

/** Returns a rounded to bfloat16, to the nearest, ties to even. */
static inline v16 v16_round_bf16(v16 a) { return (v16){v16_half_round_bf16(a.lo), v16_half_round_bf16(a.hi)}; }

#endif
