/* the value type of offline data seen as windows: a few steps in a row, as they pass from files to learners.
 *
 * rows are kept once, windows are places among them; what a window lacks behind the end of its path is zeros. */
#ifndef MDP_BASE_WINDOWS_H
#define MDP_BASE_WINDOWS_H

#include "base/err.h"

/* where a window starts: step `start` of a path, which is row `row`; `n` of its steps are there */
struct mdp_window {
    int path, start, n;
    long row;
};

/* windows of `horizon` steps over rows, path after path */
struct mdp_windows {
    long n_rows;
    int n_obs, n_act, horizon;
    float *observations; /* [n_rows, n_obs] */
    float *actions;      /* [n_rows, n_act] */
    float *rewards;      /* [n_rows] */
    float *values;       /* [n_rows]: discounted rewards from there to the end of the path */
    int n_paths;
    int *path_lengths; /* [n_paths] */
    long n;
    struct mdp_window *list; /* [n] */
};

/** Frees what it holds and clears the struct. */
void mdp_windows_free(struct mdp_windows *windows);

/** Copies a window, padded with zeros. Shapes: obs [horizon, n_obs], act [horizon, n_act], rew [horizon]; rows of obs
 * and act are obs_row and act_row floats apart. Nullable: obs, act, rew. */
void mdp_windows_get(const struct mdp_windows *windows, long i, float *obs, long obs_row, float *act, long act_row,
                     float *rew);

#endif
