/* samples of returns against each other as rows of a picture: aggregates, how likely one is better, and the values
 * themselves. what the figures of runs and of experiments share. */
#ifndef MDP_BENCH_REPORT_ROWS_H
#define MDP_BENCH_REPORT_ROWS_H

#include "results/show/figure_rows.h"

/* in the order in which the kinds of figures of runs and of experiments have them */
enum mdp_rows_kind { MDP_ROWS_AGGREGATES, MDP_ROWS_IMPROVEMENT, MDP_ROWS_EPISODES };

/* one row; borrowed */
struct mdp_row_sample {
    const char *label;
    int place; /* of its colour */
    long n;
    const double *values; /* [n], n >= 1: episodes, or the means of runs */
};

struct mdp_row_samples {
    int n, of_runs;      /* 1 to MDP_ROWS_MAX; of_runs: values are the means of runs */
    const char *returns; /* what the values are called; NULL: normalized returns, of which alone there is a gap to 1 */
    struct mdp_row_sample list[MDP_ROWS_MAX];
};

/* a picture, and what its rows point to */
struct mdp_row_picture {
    struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX][MDP_ROWS_MAX];
    struct mdp_row_panel panels[MDP_ROWS_PANELS_MAX];
    const char *labels[MDP_ROWS_MAX];
    int places[MDP_ROWS_MAX];
    char note[1024];
    struct mdp_row_page rows;
};

/** Makes a picture of a kind; title and further notes are the caller's. Of improvement the first sample is what the
 * others are held against. Range: for improvement 2 samples or more. Errors: those of the bootstrap. */
mdp_err mdp_rows_make(enum mdp_rows_kind kind, const struct mdp_row_samples *samples, struct mdp_row_picture *out);

/** Returns the number of values of the smallest sample. */
long mdp_rows_fewest(const struct mdp_row_samples *samples);

/** Writes how few values are drawn, for the note of a picture, and whose interval they have; "" where they are not few.
 * Range: n >= 1. */
void mdp_note_few(long n, const char *what, const char *whose, char note[256]);

#endif
