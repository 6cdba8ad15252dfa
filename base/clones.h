/* vector loops without intrinsics: one clone of a function per instruction set, picked when the program is loaded.
 *
 * for loops whose result does not depend on the width the compiler picks: no sums across lanes, no fused products. */
#ifndef MDP_BASE_CLONES_H
#define MDP_BASE_CLONES_H

/* sanitizers and old compilers run the plain version */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define MDP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), noinline))
#else
#define MDP_CLONES
#endif

#endif
