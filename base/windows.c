#include "base/windows.h"

#include <stdlib.h>
#include <string.h>

void mdp_windows_free(struct mdp_windows *windows) {
    free(windows->observations);
    free(windows->actions);
    free(windows->rewards);
    free(windows->values);
    free(windows->path_lengths);
    free(windows->list);
    memset(windows, 0, sizeof *windows);
}

/* n rows of a window that may have fewer */
static void copy(const float *from, int width, int n_there, int n, float *to, long row) {
    for (int i = 0; to != NULL && i < n; i++)
        for (int j = 0; j < width; j++) to[i * row + j] = i < n_there ? from[(long)i * width + j] : 0;
}

void mdp_windows_get(const struct mdp_windows *windows, long i, float *obs, long obs_row, float *act, long act_row,
                     float *rew) {
    const struct mdp_window *w = &windows->list[i];
    int n = windows->horizon;
    copy(windows->observations + w->row * windows->n_obs, windows->n_obs, w->n, n, obs, obs_row);
    copy(windows->actions + w->row * windows->n_act, windows->n_act, w->n, n, act, act_row);
    copy(windows->rewards + w->row, 1, w->n, n, rew, 1);
}
