/* the checkpoints of a run's folder, in the order of their steps. */
#ifndef MDP_BENCH_RUN_CHECKPOINTS_H
#define MDP_BENCH_RUN_CHECKPOINTS_H

#include "base/fsx.h"

/* of a step in a file name, at least; behaviour policies have one more */
enum { MDP_STEP_DIGITS = 6, MDP_BEHAVIOR_STEP_DIGITS = 7 };

/* steps in ascending order; owned */
struct mdp_steps {
    int n;
    long *steps;
};

/** Lists the steps for which FOLDER/stepNNNNNN<suffix> exists, e.g. suffix ".diffusion.h5". Owns: caller,
 * free(out->steps). Errors: IO if the folder cannot be read. */
mdp_err mdp_steps_list(const char *folder, const char *suffix, struct mdp_steps *out);

/** Writes the path of a step that mdp_steps_list has found, whatever its digits. Errors: USAGE if it is too long. */
mdp_err mdp_steps_path(const char *folder, long step, const char *suffix, char path[MDP_PATH_MAX]);

/** Refuses a folder whose newest checkpoint was made with other settings; one without checkpoints is fine. Range:
 * n_digits is the width of a step in file names. Errors: USAGE with both settings; IO, DATA. */
mdp_err mdp_steps_check_settings(const char *folder, int n_digits, const char *suffix, const char *settings);

#endif
