/* the figures of an experiment: learning curves of arms and performance profiles, a picture for every task. */
#ifndef MDP_BENCH_REPORT_FIGURE_H
#define MDP_BENCH_REPORT_FIGURE_H

#include <stdio.h>

#include "bench/report/report.h"

/** Draws a figure of an experiment into a folder as NAME[-TASK].svg, .pdf and .png, and names them on the stream.
 * An arm has the same colour, dash and mark in all figures of the experiment, by its place in the list of arms.
 * Errors: IO, DATA. */
mdp_err mdp_paper_figure(struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, const char *folder,
                         FILE *stream);

#endif
