/* the float32 kernel for any processor: what the others are tested against. on processors without a fused multiply-add
 * it is slower than the matrix library by far, but its bits are those of every other machine */
#include "algos/nn/kernel.h"
#include "algos/nn/v16_portable.h"

enum { KERNEL_VECS = 1, KERNEL_ROWS_MAX = 4 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4)
typedef float kernel_element;

static inline void kernel_put(float *p, v16 a) { v16_store(p, a); }

static inline v16 kernel_get(const float *p) { return v16_load(p); }

#include "algos/nn/kernel_rows.h"
#include "algos/nn/kernel_vector.h"

static int is_supported(void) { return 1; }

const struct mdp_kernel mdp_kernel_portable = KERNEL_OF_VECTORS("portable", MDP_F32, MDP_PACK_F32);
