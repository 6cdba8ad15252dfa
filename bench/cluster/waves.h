/* a plan cut into pieces that can be made apart, wave after wave: what a piece needs is made by pieces of earlier
 * waves, or by itself.
 *
 * a piece is a dataset, a training with the evaluations that need nothing else of its wave, or a curve of evaluations
 * alone. no two pieces of a wave write to one place. */
#ifndef MDP_BENCH_CLUSTER_WAVES_H
#define MDP_BENCH_CLUSTER_WAVES_H

#include "bench/experiment/plan_curves.h"

/* a piece: targets of make's rules, with blanks between them */
struct mdp_cell {
    int wave; /* from 1 */
    char *targets;
    double seconds; /* of one core; NaN without a rate */
    int order;      /* in the plan */
};

struct mdp_waves {
    struct mdp_cell *cells; /* [n], by wave, then in the plan's order */
    int n, n_waves;
};

/** Cuts what is missing into pieces. The plan has been inspected and estimated. Owns: caller, mdp_waves_free, also
 * after an error. Errors: NOMEM; USAGE for a path that does not fit. */
mdp_err mdp_waves_new(const struct mdp_plan *plan, struct mdp_waves *out);

/** Frees pieces. */
void mdp_waves_free(struct mdp_waves *waves);

/** Returns how many of the cells from `first` on, all of its wave, one task takes: as many as last `seconds`, and one
 * at least. A cell without a rate is a task of its own. */
int mdp_waves_task(const struct mdp_waves *waves, int first, double seconds);

/** Computes how long tasks of that length take on so many cores, one core a task and a second for each to be scheduled;
 * a wave begins when the one before has ended. Pieces without a rate count as nothing. Units: seconds. Errors:
 * NOMEM. */
mdp_err mdp_waves_span(const struct mdp_waves *waves, double seconds, int n_cores, double *out);

#endif
