#include "bench/run/checkpoints.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/outputs.h"
#include "results/checkpoint.h"

static int by_step(const void *a, const void *b) {
    long x = ((const struct mdp_step_name *)a)->step, y = ((const struct mdp_step_name *)b)->step;
    return (x > y) - (x < y);
}

static mdp_err add(const char *folder, const struct mdp_step_name *name, int *room, struct mdp_step_files *files) {
    if (files->n == *room) {
        *room = *room == 0 ? 64 : 2 * *room;
        struct mdp_step_name *grown = realloc(files->names, (size_t)*room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %d checkpoints", folder, *room);
        files->names = grown;
    }
    files->names[files->n++] = *name;
    return MDP_OK;
}

/* a step of a run has two names if a behaviour policy's and another run's files lie together */
static mdp_err check_once(const char *folder, const struct mdp_step_files *files) {
    char path[MDP_PATH_MAX];
    for (int i = 1; i < files->n; i++) {
        if (files->names[i].step != files->names[i - 1].step) continue;
        mdp_err err = mdp_step_name_path(folder, &files->names[i], path);
        return err != MDP_OK ? err
                             : mdp_fail(MDP_E_DATA, "%s: expected one file of step %ld, found another with %d digits",
                                        path, files->names[i].step, files->names[i - 1].n_digits);
    }
    return MDP_OK;
}

mdp_err mdp_step_files_list(const char *folder, enum mdp_file_kind kind, const char *label,
                            struct mdp_step_files *out) {
    mdp_err err = MDP_OK;
    int room = 0;
    *out = (struct mdp_step_files){0, NULL};
    DIR *dir = opendir(folder);
    if (dir == NULL) return mdp_fail(MDP_E_IO, "%s: cannot list folder: %s", folder, strerror(errno));
    for (struct dirent *entry; err == MDP_OK && (entry = readdir(dir)) != NULL;) {
        struct mdp_step_name name;
        if (mdp_step_name_parse(entry->d_name, &name) && name.kind == kind && strcmp(name.label, label) == 0)
            err = add(folder, &name, &room, out);
    }
    closedir(dir);
    if (out->n > 1) qsort(out->names, (size_t)out->n, sizeof *out->names, by_step);
    return err == MDP_OK ? check_once(folder, out) : err;
}

const struct mdp_step_name *mdp_step_files_find(const struct mdp_step_files *files, long step) {
    const struct mdp_step_name wanted = {.step = step};
    if (files->n == 0) return NULL;
    return bsearch(&wanted, files->names, (size_t)files->n, sizeof *files->names, by_step);
}

mdp_err mdp_diffusion_files_list(const char *folder, long step, struct mdp_step_files *out) {
    mdp_err err = mdp_step_files_list(folder, MDP_FILE_DIFFUSION, "", out);
    if (err != MDP_OK) return err;
    if (step >= 0) {
        const struct mdp_step_name *found = mdp_step_files_find(out, step);
        if (found != NULL) out->names[0] = *found;
        out->n = found != NULL;
    }
    if (out->n > 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN%s of %s, found none", folder,
                    mdp_file_ending(MDP_FILE_DIFFUSION), step >= 0 ? "that step" : "a training run");
}

mdp_err mdp_step_files_check_settings(const char *folder, enum mdp_file_kind kind, const char *settings) {
    struct mdp_step_files files = {0, NULL};
    struct mdp_checkpoint_info info = {.step = 0};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_files_list(folder, kind, "", &files));
    if (files.n == 0) goto out;
    MDP_TRY(mdp_step_name_path(folder, &files.names[files.n - 1], path));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, settings));
out:
    free(files.names);
    mdp_checkpoint_info_free(&info);
    return err;
}
