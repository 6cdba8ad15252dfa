/* findings as one sentence. for the files of compare.
 *
 * a sentence about ranks is one about the typical episode: where the mean, the spread or the episodes that failed say
 * otherwise, it says so, too. Source: docs/statistics.md, compare. */
#ifndef MDP_BENCH_COMPARE_VERDICT_H
#define MDP_BENCH_COMPARE_VERDICT_H

#include "bench/compare/finding.h"

/** Says all findings in one sentence. Owns: caller, free(). Errors: NOMEM. */
mdp_err mdp_compare_verdict(const struct mdp_compare_plan *plan, const struct mdp_finding *findings, int n,
                            char **verdict);

/** Returns who is better by what is decided: 1 for A, -1 for B, 0 for none, also where ranks and means contradict. */
int mdp_compare_winner(const struct mdp_compare_plan *plan, const struct mdp_finding *finding);

/** Tells whether both sides are equal within plan->margin, by ranks and by means. */
int mdp_compare_is_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *finding);

#endif
