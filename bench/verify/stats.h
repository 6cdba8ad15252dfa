/* verify stats: replays reference vectors of the statistics against this build.
 *
 * Source: reference/stats/README.md; tolerances stand in the files. */
#ifndef MDP_BENCH_VERIFY_STATS_H
#define MDP_BENCH_VERIFY_STATS_H

#include <stdio.h>

#include "base/err.h"

/** Checks every case of the files and prints TAP 13 on the stream, a line a case.
 * Errors: IO or DATA for a file not of the layout (nothing is printed), FAILED if a line is "not ok". */
mdp_err mdp_verify_stats(int n_files, char **files, FILE *stream);

#endif
