/* bfloat16 products without hardware for them: weights and activations are rounded to bfloat16 values, the arithmetic
 * is that of a float32 kernel. slower than float32; it is for machines that must repeat a bfloat16 run */
#include "algos/nn/kernel.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include "algos/nn/v16_avx2.h"
enum { KERNEL_VECS = 1, KERNEL_ROWS_MAX = 6 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#else
#include "algos/nn/v16_portable.h"
enum { KERNEL_VECS = 1, KERNEL_ROWS_MAX = 4 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4)
#endif

typedef float kernel_element;

static inline void kernel_put(float *p, v16 a) { v16_store(p, v16_round_bf16(a)); }

static inline v16 kernel_get(const float *p) { return v16_load(p); }

#include "algos/nn/kernel_rows.h"
#include "algos/nn/kernel_vector.h"

static int is_supported(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

const struct mdp_kernel mdp_kernel_emulated = KERNEL_OF_VECTORS("emulated", MDP_BF16, MDP_PACK_ROUNDED);
