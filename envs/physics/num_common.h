/* what numbers have in common whatever their lanes are; included by num.h, num_avx2.h and num_avx512.h. */
#ifndef MDP_ENVS_PHYSICS_NUM_COMMON_H
#define MDP_ENVS_PHYSICS_NUM_COMMON_H

#include <string.h>

/** Writes sine and cosine, lane after lane by the C library, whose bits they have to be. */
static inline void mdp_num_sincos(mdp_num x, mdp_num *sine, mdp_num *cosine) {
    double in[MDP_LANES], s[MDP_LANES], c[MDP_LANES];
    memcpy(in, &x, sizeof in);
    for (int i = 0; i < MDP_LANES; i++) {
        s[i] = sin(in[i]);
        c[i] = cos(in[i]);
    }
    memcpy(sine, s, sizeof s);
    memcpy(cosine, c, sizeof c);
}

/** Lays numbers of each world lane beside lane. Range: n a multiple of MDP_LANES. Shapes: worlds [MDP_LANES][n], to
 * [n].
 */
static inline void mdp_nums_join(size_t n, const double *const *worlds, mdp_num *to) {
    for (size_t i = 0; i < n; i += MDP_LANES) {
        mdp_num square[MDP_LANES];
        for (int k = 0; k < MDP_LANES; k++) memcpy(&square[k], worlds[k] + i, sizeof square[k]);
        mdp_num_transpose(square);
        memcpy(to + i, square, sizeof square);
    }
}

/** Takes them apart again. */
static inline void mdp_nums_part(size_t n, const mdp_num *from, double *const *worlds) {
    for (size_t i = 0; i < n; i += MDP_LANES) {
        mdp_num square[MDP_LANES];
        memcpy(square, from + i, sizeof square);
        mdp_num_transpose(square);
        for (int k = 0; k < MDP_LANES; k++) memcpy(worlds[k] + i, &square[k], sizeof square[k]);
    }
}

#endif
