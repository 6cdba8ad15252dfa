/* the path of one evaluation of a curve file (results/curve_file.h): FILE.h5#stepNNNNNN. */
#ifndef MDP_RESULTS_CURVE_PLACE_H
#define MDP_RESULTS_CURVE_PLACE_H

#include "base/fsx.h"

struct mdp_curve_place {
    char file[MDP_PATH_MAX];
    long step;
};

/** Reads such a path. Returns 1 for what mdp_curve_place_path writes, 0 for any other path. */
int mdp_curve_place_parse(const char *path, struct mdp_curve_place *out);

/** Writes the path of an evaluation. Errors: USAGE if it does not fit. */
mdp_err mdp_curve_place_path(const char *file, long step, char path[MDP_PATH_MAX]);

#endif
