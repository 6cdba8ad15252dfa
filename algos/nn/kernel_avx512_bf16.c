/* the bfloat16 kernel for processors with AVX512_BF16 and without AMX: that of float32 with two inputs where it has
 * one. the instruction adds the product of the odd input and then that of the even one to a sum, both as fused
 * multiply-adds, and takes subnormal numbers for zero */
#include "algos/nn/kernel.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")

#include "algos/nn/v16_avx512.h"

enum { KERNEL_VECS = 2, KERNEL_ROWS_MAX = 14 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#define KERNEL_MISH v16_mish_coarse
#define KERNEL_INVERSE v16_reciprocal
#define KERNEL_PAIR(a, b, c) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
typedef uint16_t kernel_element;

static inline void kernel_put(uint16_t *p, v16 a) { _mm256_storeu_si256((void *)p, (__m256i)_mm512_cvtneps_pbh(a)); }

static inline v16 kernel_get(const uint16_t *p) {
    __m512i half = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(half, 16));
}

#include "algos/nn/kernel_rows.h"
#include "algos/nn/kernel_vector.h"

static int is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("fma");
}

const struct mdp_kernel mdp_kernel_avx512_bf16 = KERNEL_OF_VECTORS("avx512-bf16", MDP_BF16, MDP_PACK_BF16);
#endif
