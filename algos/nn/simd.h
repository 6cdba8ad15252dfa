/* what loops over activations need to become vector code: clones per instruction set, and vector functions. */
#ifndef MDP_ALGOS_NN_SIMD_H
#define MDP_ALGOS_NN_SIMD_H

#include "base/clones.h"

/* the C library's functions under names of our own, declared with their vector variants (glibc's libmvec) */

/** Returns exp(x), vectorised in simd loops. Range: at most 4 ulp off. */
__attribute__((simd("notinbranch"), const)) extern float mdp_simd_expf(float x) __asm__("expf");

/** Returns tanh(x), vectorised in simd loops. Range: at most 4 ulp off. */
__attribute__((simd("notinbranch"), const)) extern float mdp_simd_tanhf(float x) __asm__("tanhf");

#endif
