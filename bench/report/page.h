/* what `report` writes: runs or an experiment as one page that opens anywhere. */
#ifndef MDP_BENCH_REPORT_PAGE_H
#define MDP_BENCH_REPORT_PAGE_H

#include "base/err.h"

/* a page to write */
struct mdp_page_request {
    const char *out;   /* file, replaced where it is there */
    const char *title; /* nullable */
    int is_partial;    /* of an experiment: leave out runs that are not whole */
};

/** Writes the page of runs: folders that hold some, FOLDER:LABEL, curve and episodes files. Shapes: paths [n]. Errors:
 * IO, DATA, also for evaluations that do not stand side by side; USAGE where there is nothing. */
mdp_err mdp_page_of_runs(int n, char **paths, const struct mdp_page_request *request);

/** Writes the page of an experiment. Errors: IO, DATA, USAGE. */
mdp_err mdp_page_of_experiment(const char *path, const struct mdp_page_request *request);

#endif
