/* the figures of an experiment: learning curves of arms, variances, performance profiles, and rows of their last
 * checkpoint. all but profiles have a picture for every task. */
#ifndef MDP_BENCH_REPORT_FIGURE_H
#define MDP_BENCH_REPORT_FIGURE_H

#include <stdio.h>

#include "bench/report/report.h"
#include "results/show/figure_data.h"
#include "results/show/figure_rows.h"

/* one picture of a figure: panels of curves, or rows; the other is NULL */
struct mdp_paper_page {
    const struct mdp_page *curves;
    const struct mdp_row_page *rows;
};

/* gets the pages of a figure: its name and, where there is one for each of several tasks, the task, else "" */
typedef mdp_err (*mdp_take_page)(void *context, const struct mdp_paper_page *page, const char *name, const char *task);

/** Draws a figure of an experiment into a folder as NAME[-TASK].svg, .pdf and .png, and names them on the stream.
 * An arm has the same colour, dash and mark in all figures of the experiment, by its place in the list of arms.
 * Errors: IO, DATA. */
mdp_err mdp_paper_figure(struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, const char *folder,
                         FILE *stream);

/** Makes the same pages without drawing them. Errors: DATA; those of `take`. */
mdp_err mdp_paper_pages(struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, mdp_take_page take,
                        void *context);

/** Computes an arm's mean at a checkpoint over the seeds of a contest, and its 95 % interval: of seeds, or of episodes
 * where there is one seed. Errors: those of the bootstrap. */
mdp_err mdp_contest_point(const struct mdp_contest *contest, long i_step, double *mean, double *low, double *high);

#endif
