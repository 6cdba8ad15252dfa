/* two sides against each other: is A better than B, worse, or can it not be told?
 *
 * a side is episodes files or run folders. the tests follow from the data: episodes with the same seeds are pairs,
 * several files or runs of a side are the units themselves. Source: docs/statistics.md. */
#ifndef MDP_BENCH_COMPARE_COMPARE_H
#define MDP_BENCH_COMPARE_COMPARE_H

#include "bench/compare/finding.h"
#include "results/show/table.h"

/** Compares the tasks that both sides have. Owns: caller, free(*findings), which borrow from the sides. Errors: DATA if
 * the sides are not comparable, with the difference named. */
mdp_err mdp_compare_examine(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                            const struct mdp_compare_side *b, struct mdp_finding **findings, int *n);

/** Says the findings in one sentence, then what was left out. Owns: caller, free(*verdict). Errors: NOMEM. */
mdp_err mdp_compare_say(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                        const struct mdp_compare_side *b, const struct mdp_finding *findings, int n, char **verdict);

/** Compares the tasks that both sides have and makes the report's table; the verdict is its title. Owns: caller,
 * mdp_table_free and free(*verdict). Errors: DATA if the sides are not comparable, with the difference named. */
mdp_err mdp_compare(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                    const struct mdp_compare_side *b, char **verdict, struct mdp_table **table);

#endif
