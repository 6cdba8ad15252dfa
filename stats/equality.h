/* are two samples equal within a margin?
 *
 * three questions, of which each has to be answered by yes (an intersection-union test, which takes no correction): two
 * one-sided tests of ranks, two of means, and whether a loss of the margin by rare failures could have stayed unseen on
 * either side. without the last, 3 values are called equal in 0.86 of all cases where one in 20 fails, and 3 low ones
 * of a policy that falls in half of its episodes in 0.03 if a failure could take no more than from their mean. Source:
 * docs/statistics.md, compare, unseen losses. */
#ifndef MDP_STATS_EQUALITY_H
#define MDP_STATS_EQUALITY_H

#include "base/err.h"
#include "stats/check.h"

struct mdp_equality_plan {
    double margin, alpha; /* > 0; level of the claim */
    double worst;         /* the value of a failure: none is lower */
    double good;     /* what a good value has: 1 for normalized returns. unseen losses may be as large as from there
                        to worst, however low the values are that were seen */
    double rounding; /* as in mdp_wilcoxon_plan */
    int is_paired;
    int is_test_only; /* only to learn whether p is at most alpha: without intervals of ranks; p is 1 once means say no
                       */
};

/* two one-sided tests, whose interval of level 1 - 2 alpha lies within the margin where their p is at most alpha */
struct mdp_equality_part {
    const char *name, *method; /* borrowed */
    double difference, low, high;
    double p; /* the larger of the two */
};

enum { MDP_EQUALITY_RANKS, MDP_EQUALITY_MEANS, MDP_N_EQUALITIES };

struct mdp_equality {
    struct mdp_equality_part parts[MDP_N_EQUALITIES];
    double p_tests;  /* the larger of both parts' */
    double p_rarest; /* chance that the rarest losses of the margin stayed unseen, on the side where it is larger */
    double p_unseen; /* the same of any losses, those that were seen among them */
    double p;        /* of the claim: the largest of all */
    double n_needed; /* values a side that exclude unseen losses at alpha, the rarest and, where these values do not,
                        about as many as more like them would take; infinite: all are at `worst` */
};

/** Asks all three questions. Errors: as mdp_margin_compute and mdp_unseen_loss. */
mdp_err mdp_equality_compute(const struct mdp_sample *a, const struct mdp_sample *b,
                             const struct mdp_equality_plan *plan, struct mdp_equality *out);

#endif
