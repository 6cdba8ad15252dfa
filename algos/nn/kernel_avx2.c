/* the float32 kernel for AVX2 with fused multiply-adds: 6 rows by 16 columns of sums in registers */
#include "algos/nn/kernel.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")

#include "algos/nn/v16_avx2.h"

enum { KERNEL_VECS = 1, KERNEL_ROWS_MAX = 6 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
typedef float kernel_element;

static inline void kernel_put(float *p, v16 a) { v16_store(p, a); }

static inline v16 kernel_get(const float *p) { return v16_load(p); }

#include "algos/nn/kernel_rows.h"
#include "algos/nn/kernel_vector.h"

static int is_supported(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

const struct mdp_kernel mdp_kernel_avx2 = KERNEL_OF_VECTORS("avx2", MDP_F32, MDP_PACK_F32);
#endif
