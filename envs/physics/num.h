/* the number that a planar world computes in: that of one world, or those of several worlds side by side.
 *
 * arithmetic of chain_body.h and planar_body.h is written once on mdp_num with + - * / and the operations below, which
 * are the same IEEE operations in every lane. a mask is 0 or -1 in each lane, so that & | ~ work on it. a source file
 * that includes num_avx2.h or num_avx512.h first gets lanes; all others get double. */
#ifndef MDP_ENVS_PHYSICS_NUM_H
#define MDP_ENVS_PHYSICS_NUM_H

#include <math.h>

#define MDP_LANES 1

typedef double mdp_num;
typedef int mdp_mask;

/** Returns x in every lane. */
static inline mdp_num mdp_num_set(double x) { return x; }

/** Returns the square root. */
static inline mdp_num mdp_num_sqrt(mdp_num x) { return sqrt(x); }

/** Returns a where m is set, else b. */
static inline mdp_num mdp_num_select(mdp_mask m, mdp_num a, mdp_num b) { return m ? a : b; }

/** Returns where a < b, which is nowhere if one is not a number. */
static inline mdp_mask mdp_num_less(mdp_num a, mdp_num b) { return -(a < b); }

/** Returns where a <= b, which is nowhere if one is not a number. */
static inline mdp_mask mdp_num_at_most(mdp_num a, mdp_num b) { return -(a <= b); }

/** Returns x, computed in every lane even if it is not used in all. */
static inline mdp_num mdp_num_keep(mdp_num x) { return x; }

/** Returns a mask that is set nowhere. */
static inline mdp_mask mdp_mask_none(void) { return 0; }

/** Returns 1 if a mask is set in any lane. */
static inline int mdp_mask_any(mdp_mask m) { return m != 0; }

/** Turns the rows of a square of numbers into its columns. */
static inline void mdp_num_transpose(mdp_num v[MDP_LANES]) { (void)v; }

#include "envs/physics/num_common.h"

#endif
