/* evaluations of a run's checkpoints brought together in a curve file. */
#ifndef MDP_BENCH_RUN_CURVE_GATHER_H
#define MDP_BENCH_RUN_CURVE_GATHER_H

#include "base/fsx.h"

/** Writes a curve of n evaluations, by paths of files of their own or of places in curves, which may be in the file
 * that is written. Errors: as mdp_evaluation_read and mdp_curve_file_write; USAGE for two of one step. */
mdp_err mdp_curve_gather(const char *out, int n, char (*paths)[MDP_PATH_MAX]);

#endif
