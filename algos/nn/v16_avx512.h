/* sixteen float lanes in one AVX-512 register: the operations kernel_body.h is written in.
 *
 * included by one source file under a matching target pragma. v16_avx2.h and v16_portable.h are the same operations
 * with the same bits. */
#ifndef MDP_ALGOS_NN_V16_AVX512_H
#define MDP_ALGOS_NN_V16_AVX512_H

#include <immintrin.h>
#include <stdint.h>

typedef __m512 v16;

/** Returns 16 floats from memory. */
static inline v16 v16_load(const float *p) { return _mm512_loadu_ps(p); }

/** Stores 16 floats. */
static inline void v16_store(float *p, v16 a) { _mm512_storeu_ps(p, a); }

/** Returns x in every lane. */
static inline v16 v16_set(float x) { return _mm512_set1_ps(x); }

/** Returns a + b. */
static inline v16 v16_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }

/** Returns a - b. */
static inline v16 v16_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }

/** Returns a b. */
static inline v16 v16_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }

/** Returns a / b. */
static inline v16 v16_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }

#define V16_HAS_RECIPROCAL

/** Returns 1 / a with a relative error below 2^-14. */
static inline v16 v16_reciprocal(v16 a) { return _mm512_rcp14_ps(a); }

/** Returns a b + c, rounded once. */
static inline v16 v16_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }

/** Returns c - a b, rounded once. */
static inline v16 v16_fnma(v16 a, v16 b, v16 c) { return _mm512_fnmadd_ps(a, b, c); }

/** Returns a < b ? a : b, so b where a lane is not a number. */
static inline v16 v16_min(v16 a, v16 b) { return _mm512_min_ps(a, b); }

/** Returns a > b ? a : b, so b where a lane is not a number. */
static inline v16 v16_max(v16 a, v16 b) { return _mm512_max_ps(a, b); }

/** Returns a 2^n, where the low bits of t's pattern are n. Range: a and the result are normal numbers. */
static inline v16 v16_scale(v16 a, v16 t) {
    __m512i shift = _mm512_slli_epi32(_mm512_castps_si512(t), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), shift));
}

/** Returns a with zeros in lanes n and above. Range: n from 0 to 16. */
static inline v16 v16_first(v16 a, int n) { return _mm512_maskz_mov_ps((__mmask16)((1u << n) - 1u), a); }

/** Returns the sum of all lanes, halves added first. */
static inline float v16_sum(v16 a) {
    __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}

/** Returns a rounded to bfloat16, to the nearest, ties to even. */
static inline v16 v16_round_bf16(v16 a) {
    __m512i u = _mm512_castps_si512(a), odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7fff)), odd);
    __mmask16 is_nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
    rounded = _mm512_mask_or_epi32(rounded, is_nan, u, _mm512_set1_epi32(0x400000));
    return _mm512_castsi512_ps(_mm512_and_si512(rounded, _mm512_set1_epi32((int)0xffff0000u)));
}

#endif
