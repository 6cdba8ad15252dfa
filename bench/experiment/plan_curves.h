/* evaluations of one run with one label, as make's rules and clusters make them: one file, their curve.
 *
 * where all are there already in files of their own, those are the targets, as in plans before there were curves. */
#ifndef MDP_BENCH_EXPERIMENT_PLAN_CURVES_H
#define MDP_BENCH_EXPERIMENT_PLAN_CURVES_H

#include "bench/experiment/plan.h"

/* evaluations that belong into one file */
struct mdp_plan_curve {
    char path[MDP_PATH_MAX];
    int is_whole;    /* each evaluation is there, in one form or the other */
    int has_file;    /* some are in the curve */
    int n_of_it;     /* evaluations that the rule of the file makes */
    int first;       /* of these, by job */
    int newest_list; /* the last list of targets that it stands in */
};

struct mdp_plan_curves {
    struct mdp_text_index by_path;
    int n, n_lists;
    struct mdp_plan_curve *list;
    int *of_job; /* [plan->n]; 0 for what is no evaluation */
};

/** Finds which curves a plan has, what is in them, and which of its evaluations make waits for there. Owns: caller,
 * mdp_plan_curves_free, also after an error. Errors: NOMEM. */
mdp_err mdp_plan_curves_new(const struct mdp_plan *plan, struct mdp_plan_curves *out);

/** Frees what curves own. */
void mdp_plan_curves_free(struct mdp_plan_curves *curves);

/** Returns 1 if make waits for the curve and not for an evaluation's own file. */
int mdp_plan_goes_to_curve(const struct mdp_plan_curve *curve, const struct mdp_job *job);

/** Writes the file that says that a run has been trained to its end: of its modules the one that is written last.
 * Errors: USAGE for a path that does not fit. */
mdp_err mdp_plan_run_target(const struct mdp_job *job, char path[MDP_PATH_MAX]);

#endif
