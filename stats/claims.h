/* what one sentence may claim of two samples, and how they share its level.
 *
 * a sentence that says that A is better, that its mean is lower and that it spreads more makes three claims; tested
 * alone, some claim of equal samples would be wrong in a tenth of all cases. so the claims of a sentence are one
 * family, by Holm's weighted procedure (stats/multiple.h). ranks, which decide what is better, have most of the level:
 * that costs them 2 % of their power, a third each would cost 10 % to 25 %.
 * Source: Holm 1979; docs/statistics.md, compare and levels. */
#ifndef MDP_STATS_CLAIMS_H
#define MDP_STATS_CLAIMS_H

enum mdp_claim { MDP_CLAIM_RANKS, MDP_CLAIM_MEANS, MDP_CLAIM_SPREADS, MDP_N_CLAIMS };

/** Returns a claim's weight in the family of a sentence about n and m values: ranks have 8, means and spreads 1 each.
 * 0: so few or so uneven values do not vouch for it, and it is not made. */
double mdp_claim_weight(enum mdp_claim claim, long n, long m);

#endif
