/* what tuning hides: the best return that k evaluations of policies can be expected to show, and what it is worth.
 *
 * a sweep is every policy that was evaluated: weights, candidates, solvers, checkpoints, seeds. who tries k of them,
 * drawn without replacement, and keeps the one with the highest mean return reports a maximum, which grows with k even
 * where all are the same. the honest value is that of the same choice on episodes that it has not seen.
 * Source: Dodge et al. 2019, Show Your Work (with replacement); Kurenkov & Kolesnikov 2022; docs/statistics.md, budget.
 */
#ifndef MDP_STATS_BUDGET_H
#define MDP_STATS_BUDGET_H

#include "base/err.h"
#include "stats/bootstrap_plan.h"

/* returns of a sweep, borrowed. policies of one run (its checkpoints, or one checkpoint that is evaluated in several
 * ways) depend on each other; episode e of all policies starts alike */
struct mdp_budget_sweep {
    const double *values; /* [n, n_episodes] */
    const long *runs;     /* [n]: the run of each policy, from 0 */
    long n, n_runs, n_episodes;
};

/* what is expected of k evaluations */
enum mdp_budget_value {
    MDP_BUDGET_REPORTED, /* the highest mean return of k policies */
    MDP_BUDGET_HELD_OUT, /* chosen by half of the episodes, worth its mean on the others; both ways, averaged */
    MDP_BUDGET_HIDDEN,   /* the highest mean return of k on the half that chooses, less that on the other one */
    MDP_N_BUDGET_VALUES
};

/* of one k */
struct mdp_budget {
    long k;
    struct mdp_interval value[MDP_N_BUDGET_VALUES]; /* NaN where there is only one episode, but for reported */
};

/** Returns the expected value of the policy that has the highest choice among k of n, drawn without replacement; ties
 * are broken by a fair draw. With choice and value the same it is the expected maximum. Shapes: choice, value [n].
 * Range: 1 <= k <= n. Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_budget_best(const double *choice, const double *value, long n, long k, double *out);

/** Computes all values for each k, with intervals: a replicate draws runs with all their policies, and episodes, the
 * same for all of them, within each half; k is at most the number of policies that were drawn. Of one run only episodes
 * are drawn. Student's t on the spread of the replicates, since the best of a replicate is biased upwards. Of the plan
 * seed, replicates and level count. Shapes: ks, out [n_ks]. Range: ks from 1 to n, every run has a policy. Errors:
 * EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_budget_compute(const struct mdp_budget_sweep *sweep, const long *ks, int n_ks,
                           const struct mdp_bootstrap_plan *plan, struct mdp_budget *out);

#endif
