/* what `report` writes: runs or an experiment as one page that opens anywhere. */
#ifndef MDP_BENCH_REPORT_PAGE_H
#define MDP_BENCH_REPORT_PAGE_H

#include "bench/run/names.h"

/* one episode as people see it; owned by who asked for it */
struct mdp_page_film {
    char title[256];
    char *strip, *moving; /* SVG */
    size_t strip_size, moving_size;
};

/* a page to write */
struct mdp_page_request {
    /** Draws an episode of an evaluation. Errors: DATA where it cannot be had again; others end the page. Nullable. */
    mdp_err (*film)(void *context, const char *path, long episode, struct mdp_page_film *out);
    /** Says in a sentence which of two runs is better, each named as mdp_page_of_runs takes it. Owns: caller, free().
     * Errors: NOMEM ends the page; of others it says why there is no sentence. Nullable. */
    mdp_err (*compare)(const char *a, const char *b, char **sentence);
    void *context;     /* of film */
    long n_films;      /* draw episodes of so many runs at most */
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
