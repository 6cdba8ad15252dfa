/* vector loops without intrinsics: one clone of a function per instruction set, picked when the program is loaded. */
#ifndef MDP_ALGOS_NN_SIMD_H
#define MDP_ALGOS_NN_SIMD_H

/* sanitizers and old compilers run the plain version */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define MDP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), noinline))
#else
#define MDP_CLONES
#endif

/* the C library's functions under names of our own, declared with their vector variants (glibc's libmvec) */

/** Returns exp(x), vectorised in simd loops. Range: at most 4 ulp off. */
__attribute__((simd("notinbranch"), const)) extern float mdp_simd_expf(float x) __asm__("expf");

/** Returns tanh(x), vectorised in simd loops. Range: at most 4 ulp off. */
__attribute__((simd("notinbranch"), const)) extern float mdp_simd_tanhf(float x) __asm__("tanhf");

#endif
