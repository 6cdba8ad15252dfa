/* the guidance of the checkpoint that acts best, by evaluations that were made to choose it. */
#ifndef MDP_BENCH_RUN_BEST_H
#define MDP_BENCH_RUN_BEST_H

#include "base/fsx.h"

/* before a run's folder and the label of its evaluations, in the place of a guidance file: best:FOLDER:LABEL */
#define MDP_BEST_PREFIX "best:"

/** Returns 1 if a text names the best guidance of a run instead of a file. */
int mdp_guidance_is_best(const char *text);

/** Finds the guidance file of the step whose episodes of that label have the largest mean normalized return, or return
 * of the objective that the guidance was trained for, the first of several. Errors: USAGE for another form, or if the
 * run has no such episodes, or they count by another objective; DATA for evaluations that differ in how they were made;
 * IO. */
mdp_err mdp_guidance_best(const char *text, char path[MDP_PATH_MAX]);

#endif
