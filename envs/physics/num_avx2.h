/* the numbers of four worlds in an AVX2 register, in place of num.h, which says what each operation is.
 *
 * included first by a source file under a matching target pragma. */
#ifndef MDP_ENVS_PHYSICS_NUM_AVX2_H
#define MDP_ENVS_PHYSICS_NUM_AVX2_H

#define MDP_ENVS_PHYSICS_NUM_H /* num.h has nothing to add any more */

#include <immintrin.h>
#include <math.h>

#define MDP_LANES 4

typedef __m256d mdp_num;
typedef long long mdp_mask __attribute__((vector_size(32)));

/** Returns x in every lane. */
static inline mdp_num mdp_num_set(double x) { return _mm256_set1_pd(x); }

/** Returns the square root. */
static inline mdp_num mdp_num_sqrt(mdp_num x) { return _mm256_sqrt_pd(x); }

/** Returns a where m is set, else b. */
static inline mdp_num mdp_num_select(mdp_mask m, mdp_num a, mdp_num b) { return _mm256_blendv_pd(b, a, (__m256d)m); }

/** Returns where a < b. */
static inline mdp_mask mdp_num_less(mdp_num a, mdp_num b) { return (mdp_mask)_mm256_cmp_pd(a, b, _CMP_LT_OQ); }

/** Returns where a <= b. */
static inline mdp_mask mdp_num_at_most(mdp_num a, mdp_num b) { return (mdp_mask)_mm256_cmp_pd(a, b, _CMP_LE_OQ); }

/** Returns x, computed in every lane. */
static inline mdp_num mdp_num_keep(mdp_num x) {
    __asm__("" : "+x"(x));
    return x;
}

/** Returns a mask that is set nowhere. */
static inline mdp_mask mdp_mask_none(void) { return (mdp_mask){0, 0, 0, 0}; }

/** Returns 1 if a mask is set in any lane. */
static inline int mdp_mask_any(mdp_mask m) { return _mm256_movemask_pd((__m256d)m) != 0; }

/** Turns the rows of a square into its columns. */
static inline void mdp_num_transpose(mdp_num v[MDP_LANES]) {
    const mdp_num a = _mm256_unpacklo_pd(v[0], v[1]), b = _mm256_unpackhi_pd(v[0], v[1]);
    const mdp_num c = _mm256_unpacklo_pd(v[2], v[3]), d = _mm256_unpackhi_pd(v[2], v[3]);
    v[0] = _mm256_permute2f128_pd(a, c, 0x20);
    v[1] = _mm256_permute2f128_pd(b, d, 0x20);
    v[2] = _mm256_permute2f128_pd(a, c, 0x31);
    v[3] = _mm256_permute2f128_pd(b, d, 0x31);
}

#include "envs/physics/num_common.h"

#endif
