/* what the pictures of runs share. */
#ifndef MDP_BENCH_REPORT_RUNS_INTERNAL_H
#define MDP_BENCH_REPORT_RUNS_INTERNAL_H

#include "bench/report/runs.h"

/* writes what `picture` points to as the picture that a path's ending says */
typedef mdp_err (*mdp_runs_picture_writer)(const void *picture, const char *path);

/** Writes a picture to a path, or, where that has no picture's ending, an SVG and a PNG that the stream is told of.
 * Errors: those of the writer; IO. */
mdp_err mdp_runs_picture_write(const void *picture, mdp_runs_picture_writer write, const char *out, FILE *stream);

/** Draws all kinds but curves. Errors: as mdp_runs_draw. */
mdp_err mdp_runs_draw_rows(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream);

#endif
