/* the families of the statistics' reference vectors: each reads a case's inputs and answers with our results.
 *
 * Source: reference/stats/README.md, files. */
#ifndef MDP_BENCH_VERIFY_STATS_FAMILIES_H
#define MDP_BENCH_VERIFY_STATS_FAMILIES_H

#include "bench/verify/stats_case.h"

/* X(name): mdp_answer_<name> answers cases of the family */
#define MDP_FAMILY_LIST(X)                                                                                             \
    X(aggregate)                                                                                                       \
    X(big)                                                                                                             \
    X(bootstrap)                                                                                                       \
    X(changepoint)                                                                                                     \
    X(curve)                                                                                                           \
    X(d4rl)                                                                                                            \
    X(effect)                                                                                                          \
    X(kruskal)                                                                                                         \
    X(ks)                                                                                                              \
    X(levene)                                                                                                          \
    X(mannwhitney)                                                                                                     \
    X(moments)                                                                                                         \
    X(multiple)                                                                                                        \
    X(permutation)                                                                                                     \
    X(power)                                                                                                           \
    X(quantile)                                                                                                        \
    X(sequential)                                                                                                      \
    X(tails)                                                                                                           \
    X(variance)                                                                                                        \
    X(welch)                                                                                                           \
    X(wilcoxon)

/** Answers a case of the family. Errors: DATA (a refusal of the statistic, or inputs not of the layout), NOMEM. */
#define MDP_FAMILY_DECLARE(name) mdp_err mdp_answer_##name(struct mdp_case *c);
MDP_FAMILY_LIST(MDP_FAMILY_DECLARE)
#undef MDP_FAMILY_DECLARE

#endif
