#include "results/curve_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_DIGITS = 6 };
static const char step_mark[] = "#step", file_end[] = ".h5";

int mdp_curve_place_parse(const char *path, struct mdp_curve_place *out) {
    const char *mark = strrchr(path, '#');
    char again[MDP_PATH_MAX];
    if (mark == NULL || strncmp(mark, step_mark, strlen(step_mark)) != 0 || (size_t)(mark - path) >= sizeof out->file)
        return 0;
    snprintf(out->file, sizeof out->file, "%.*s", (int)(mark - path), path);
    out->step = strtol(mark + strlen(step_mark), NULL, 10);
    size_t n = strlen(out->file), n_end = strlen(file_end);
    return n > n_end && strcmp(out->file + n - n_end, file_end) == 0 && out->step >= 0 &&
           mdp_curve_place_path(out->file, out->step, again) == MDP_OK && strcmp(again, path) == 0;
}

mdp_err mdp_curve_place_path(const char *file, long step, char path[MDP_PATH_MAX]) {
    return mdp_fsx_path(path, "%s%s%0*ld", file, step_mark, STEP_DIGITS, step);
}
