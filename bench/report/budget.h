/* what a sweep of policies is expected to show after k evaluations, as rows of a table: of an experiment's arms, or of
 * runs. the mathematics is in stats/budget.h. */
#ifndef MDP_BENCH_REPORT_BUDGET_H
#define MDP_BENCH_REPORT_BUDGET_H

#include "results/show/table.h"
#include "stats/budget.h"

/* the policies of a sweep while they are gathered; zeroed before the first */
struct mdp_sweep {
    const char *task, *actor, *name; /* what its rows say, borrowed; NULL: nothing */
    struct mdp_budget_sweep sweep;
    double *values; /* owned */
    long *runs;     /* owned */
    long room;
};

/** Returns the columns of the table. Owns: library. */
const struct mdp_columns *mdp_budget_columns(void);

/** Adds a policy of a run, numbered from 0 in any order. Shapes: returns [n_episodes], as many for all. Errors: NOMEM.
 */
mdp_err mdp_sweep_add(struct mdp_sweep *sweep, long run, const double *returns, long n_episodes);

/** Adds a row for k of 1, 2, 5, 10, 20, .. and of all policies; none for an empty sweep. Errors: NOMEM; DATA for
 * returns that are not finite. */
mdp_err mdp_sweep_rows(const struct mdp_sweep *sweep, struct mdp_table *table);

/** Adds what the columns mean below the rows. Errors: NOMEM. */
mdp_err mdp_sweep_notes(struct mdp_table *table);

/** Frees the policies. */
void mdp_sweep_free(struct mdp_sweep *sweep);

#endif
