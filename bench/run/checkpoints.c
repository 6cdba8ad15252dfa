#include "bench/run/checkpoints.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/outputs.h"
#include "results/checkpoint.h"

static int by_value(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

/* the step of a file name of this form, or -1 */
static long step_of(const char *name, const char *suffix) {
    char *end;
    if (strncmp(name, "step", 4) != 0 || name[4] < '0' || name[4] > '9') return -1;
    errno = 0;
    long step = strtol(name + 4, &end, 10);
    return errno == 0 && end - name >= 4 + MDP_STEP_DIGITS && strcmp(end, suffix) == 0 ? step : -1;
}

mdp_err mdp_steps_list(const char *folder, const char *suffix, struct mdp_steps *out) {
    mdp_err err = MDP_OK;
    int room = 0;
    *out = (struct mdp_steps){0, NULL};
    DIR *dir = opendir(folder);
    if (dir == NULL) return mdp_fail(MDP_E_IO, "%s: cannot list folder: %s", folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        long step = step_of(entry->d_name, suffix);
        if (step < 0) continue;
        if (out->n == room) {
            room = room == 0 ? 64 : 2 * room;
            long *grown = realloc(out->steps, (size_t)room * sizeof *grown);
            if (grown == NULL) {
                err = mdp_fail(MDP_E_NOMEM, "%s: no memory for %d checkpoints", folder, room);
                break;
            }
            out->steps = grown;
        }
        out->steps[out->n++] = step;
    }
    closedir(dir);
    if (out->n > 1) qsort(out->steps, (size_t)out->n, sizeof *out->steps, by_value);
    return err;
}

mdp_err mdp_steps_path(const char *folder, long step, const char *suffix, char path[MDP_PATH_MAX]) {
    mdp_err err = mdp_fsx_path(path, "%s/step%0*ld%s", folder, MDP_STEP_DIGITS, step, suffix);
    if (err != MDP_OK || mdp_fsx_exists(path)) return err;
    return mdp_fsx_path(path, "%s/step%0*ld%s", folder, MDP_BEHAVIOR_STEP_DIGITS, step, suffix);
}

mdp_err mdp_steps_check_settings(const char *folder, int n_digits, const char *suffix, const char *settings) {
    struct mdp_steps steps = {0, NULL};
    struct mdp_checkpoint_info info = {.step = 0};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_steps_list(folder, suffix, &steps));
    if (steps.n == 0) goto out;
    MDP_TRY(mdp_fsx_path(path, "%s/step%0*ld%s", folder, n_digits, steps.steps[steps.n - 1], suffix));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, settings));
out:
    free(steps.steps);
    mdp_checkpoint_info_free(&info);
    return err;
}
