/* the numbers of eight worlds in an AVX-512 register, in place of num.h, which says what each operation is.
 *
 * included first by a source file under a matching target pragma. */
#ifndef MDP_ENVS_PHYSICS_NUM_AVX512_H
#define MDP_ENVS_PHYSICS_NUM_AVX512_H

#define MDP_ENVS_PHYSICS_NUM_H /* num.h has nothing to add any more */

#include <immintrin.h>
#include <math.h>

#define MDP_LANES 8

typedef __m512d mdp_num;
typedef __mmask8 mdp_mask;

/** Returns x in every lane. */
static inline mdp_num mdp_num_set(double x) { return _mm512_set1_pd(x); }

/** Returns the square root. */
static inline mdp_num mdp_num_sqrt(mdp_num x) { return _mm512_sqrt_pd(x); }

/** Returns a where m is set, else b. */
static inline mdp_num mdp_num_select(mdp_mask m, mdp_num a, mdp_num b) { return _mm512_mask_blend_pd(m, b, a); }

/** Returns where a < b. */
static inline mdp_mask mdp_num_less(mdp_num a, mdp_num b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }

/** Returns where a <= b. */
static inline mdp_mask mdp_num_at_most(mdp_num a, mdp_num b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }

/** Returns x, computed in every lane. */
static inline mdp_num mdp_num_keep(mdp_num x) {
    __asm__("" : "+v"(x));
    return x;
}

/** Returns a mask that is set nowhere. */
static inline mdp_mask mdp_mask_none(void) { return 0; }

/** Returns 1 if a mask is set in any lane. */
static inline int mdp_mask_any(mdp_mask m) { return m != 0; }

/** Turns the rows of a square into its columns. */
static inline void mdp_num_transpose(mdp_num v[MDP_LANES]) {
    mdp_num pairs[MDP_LANES], fours[MDP_LANES];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_pd(v[i], v[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_pd(v[i], v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int k = 0; k < 2; k++) {
            fours[i + k] = _mm512_shuffle_f64x2(pairs[i + k], pairs[i + k + 2], 0x88);
            fours[i + k + 2] = _mm512_shuffle_f64x2(pairs[i + k], pairs[i + k + 2], 0xdd);
        }
    for (int i = 0; i < 4; i++) {
        v[i] = _mm512_shuffle_f64x2(fours[i], fours[i + 4], 0x88);
        v[i + 4] = _mm512_shuffle_f64x2(fours[i], fours[i + 4], 0xdd);
    }
}

#include "envs/physics/num_common.h"

#endif
