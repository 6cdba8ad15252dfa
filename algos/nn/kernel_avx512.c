/* the float32 kernel for AVX-512: 14 rows by 32 columns of sums in registers */
#include "algos/nn/kernel.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")

#include "algos/nn/v16_avx512.h"

enum { KERNEL_VECS = 2, KERNEL_ROWS_MAX = 14 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
typedef float kernel_element;

static inline void kernel_put(float *p, v16 a) { v16_store(p, a); }

static inline v16 kernel_get(const float *p) { return v16_load(p); }

#include "algos/nn/kernel_rows.h"
#include "algos/nn/kernel_vector.h"

static int is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}

const struct mdp_kernel mdp_kernel_avx512 = KERNEL_OF_VECTORS("avx512", MDP_F32, MDP_PACK_F32);
#endif
