/* what loops over activations need to become vector code: clones per instruction set, and vector functions. */
#ifndef MDP_ALGOS_NN_SIMD_H
#define MDP_ALGOS_NN_SIMD_H

#include <stdint.h>
#include <string.h>

#include "base/clones.h"

/* the C library's function under a name of our own, declared with its vector variants (glibc's libmvec) */

/** Returns tanh(x), vectorised in simd loops. Range: at most 4 ulp off. */
__attribute__((simd("notinbranch"), const)) extern float mdp_simd_tanhf(float x) __asm__("tanhf");

/** Returns exp(x) without a call, at most 2 ulp off. Range: |x| <= 87.
 * x = n log(2) + r with n whole and |r| <= log(2)/2; exp(r) = 1 + r + r^2 p with p as in v16_math.h, but rounded after
 * every operation, so that loops need no fused products. the first part of log(2) has so few digits that n times it is
 * exact; n is in the low bits of t's pattern. */
static inline float mdp_simd_exp(float x) {
    const float magic = 0x1.8p23f;
    float t = x * 0x1.715476p0f + magic, n = t - magic;
    float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
    float p = (((0x1.6ae8a8p-10f * r + 0x1.1240dep-7f) * r + 0x1.555842p-5f) * r + 0x1.555488p-3f) * r;
    float power = (p + 0x1.fffffcp-2f) * (r * r) + r + 1.0f;
    uint32_t bits, shift;
    memcpy(&bits, &power, sizeof bits);
    memcpy(&shift, &t, sizeof shift);
    bits += shift << 23;
    memcpy(&power, &bits, sizeof power);
    return power;
}

#endif
