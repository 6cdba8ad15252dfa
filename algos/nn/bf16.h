/* bfloat16: the upper half of a float32, rounded to the nearest, ties to even. */
#ifndef MDP_ALGOS_NN_BF16_H
#define MDP_ALGOS_NN_BF16_H

#include <stdint.h>
#include <string.h>

/** Returns x as a bfloat16; NaN stays NaN. */
static inline uint16_t mdp_bf16_from_float(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    if (x != x) return (uint16_t)(u >> 16 | 0x40u);
    return (uint16_t)((u + 0x7fffu + (u >> 16 & 1u)) >> 16);
}

/** Returns the float32 of a bfloat16. */
static inline float mdp_bf16_to_float(uint16_t half) {
    uint32_t u = (uint32_t)half << 16;
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

#endif
