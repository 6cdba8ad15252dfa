/* what a sample of bounded values cannot have seen: a mean may rest on rare losses that n values need not show.
 *
 * a t test of a few values bounds only what they show: of ten returns without a fall it claims a mean that one fall in
 * ten would refute. Gaffke's bound adds one value at the worst end and weighs all values at random (Dirichlet, all
 * weights 1); of n equal values it is exactly (1 - margin / range)^n, the chance to miss the rarest loss of that size.
 * Source: Gaffke 2005; Learned-Miller & Thomas 2020; Lugannani & Rice 1980 (its saddlepoint); docs/statistics.md. */
#ifndef MDP_STATS_UNSEEN_H
#define MDP_STATS_UNSEEN_H

#include "base/err.h"
#include "stats/check.h"

/* what is asked of n values */
struct mdp_unseen_plan {
    double worst;  /* no value can be lower; -infinity: nothing can be claimed */
    double needed; /* the mean that is claimed to be exceeded */
    double se;     /* standard error of `needed`, where it was estimated; 0: it is known */
};

/** Computes the p of a mean of at most `needed`, of values that are nowhere below `worst` (a value below it is then
 * the worst). Range: se >= 0; p from 0 to 1. Errors: EMPTY, NAN, INF, DOMAIN. */
mdp_err mdp_unseen_p(const double *values, long n, const struct mdp_unseen_plan *plan, double *p);

/* a claim that one side is not worse by a margin, of values of which none can be below `worst` */
struct mdp_unseen_claim {
    double margin, range; /* range: the most that one value can take from the mean; infinite: nothing can be claimed */
    double worst;
    double rounding; /* of pairs: as in mdp_wilcoxon_plan */
    int is_paired;
};

/* chances that a loss of the margin stayed unseen */
struct mdp_unseen {
    double rarest; /* by the rarest losses that can cost it: (1 - margin / range)^n */
    double any;    /* by any, those that were seen among them; at least `rarest` */
};

/** Computes both for a side against its baseline: of pairs from their differences, else from the side's values and the
 * baseline's mean, of which only the standard error is known. Gates and compare take no claim where the second is above
 * their level. Errors: as mdp_unseen_p; SHAPE for pairs that are none. */
mdp_err mdp_unseen_loss(const struct mdp_sample *side, const struct mdp_sample *baseline,
                        const struct mdp_unseen_claim *claim, struct mdp_unseen *out);

/** Returns what a single value can change where both sides are claimed to be alike: from `worst` up to `good`, or to
 * the largest value of either side if that is more. Few values do not show what others take, so that the range of those
 * few is none. Infinite where the mean of `other` is no higher than `worst`, or a value is lower: then none is known.
 */
double mdp_unseen_range(const struct mdp_sample *side, const struct mdp_sample *other, double worst, double good);

/** Returns the fewest values at which a loss of `margin` in the mean, by falls of `range`, would not go unseen at
 * one-sided level alpha: 1 where no fall can cost as much, infinity without a finite range. */
double mdp_unseen_n(double margin, double range, double alpha);

#endif
