/* quadruple precision: 113 bits and 15 bits of exponent, so that sums and powers of doubles lose nothing that counts
 * and the order of values leaves no trace.
 *
 * for the files of stats. on x86-64 it is a type of its own, on 64-bit ARM it is long double. */
#ifndef MDP_STATS_QUAD_H
#define MDP_STATS_QUAD_H

#if defined(__SIZEOF_FLOAT128__)
typedef __float128 mdp_quad;
#else
#include <float.h>
_Static_assert(LDBL_MANT_DIG == 113, "statistics need quadruple precision");
typedef long double mdp_quad;
#endif

#endif
