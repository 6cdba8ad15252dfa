#include "bench/run/checkpoints.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/evaluations.h"
#include "bench/run/outputs.h"
#include "bench/run/steps_alike.h"
#include "results/checkpoint.h"

static int by_step(const void *a, const void *b) {
    long x = ((const struct mdp_step_name *)a)->step, y = ((const struct mdp_step_name *)b)->step;
    return (x > y) - (x < y);
}

/* of a step, its own file before the part of a curve */
static int by_step_and_form(const void *a, const void *b) {
    int order = by_step(a, b);
    return order != 0 ? order
                      : ((const struct mdp_step_name *)a)->is_in_curve - ((const struct mdp_step_name *)b)->is_in_curve;
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
static mdp_err refuse_twice(const char *folder, const struct mdp_step_name *name, const struct mdp_step_name *other) {
    char path[MDP_PATH_MAX];
    mdp_err err = mdp_step_name_path(folder, name, path);
    return err != MDP_OK ? err
                         : mdp_fail(MDP_E_DATA, "%s: expected one file of step %ld, found another with %d digits", path,
                                    name->step, other->n_digits);
}

/* leaves each step once: an evaluation that is in a file of its own, too, as what the curve has of it, or as the longer
 * of the two */
static mdp_err check_once(const char *folder, struct mdp_step_files *files) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    char own[MDP_PATH_MAX], place[MDP_PATH_MAX];
    int n = files->n > 0, order;
    mdp_err err = MDP_OK;
    for (int i = 1; i < files->n; i++) {
        struct mdp_step_name *last = &files->names[n - 1];
        const struct mdp_step_name *name = &files->names[i];
        if (name->step == last->step && !name->is_in_curve) MDP_TRY(refuse_twice(folder, name, last));
        if (name->step == last->step) {
            MDP_TRY(mdp_step_name_path(folder, last, own));
            MDP_TRY(mdp_step_name_path(folder, name, place));
            MDP_TRY(mdp_evaluation_choose(&cache, own, place, &order));
            if (order <= 0) *last = *name;
            continue;
        }
        files->names[n++] = *name;
    }
    files->n = n;
out:
    mdp_evaluations_free(&cache);
    return err;
}

/* the evaluations of the label that a curve has */
static mdp_err add_curve(const char *folder, const char *label, int *room, struct mdp_step_files *files) {
    struct mdp_step_name name = {.kind = MDP_FILE_EPISODES, .n_digits = MDP_STEP_DIGITS, .is_in_curve = 1};
    char path[MDP_PATH_MAX];
    int64_t *steps = NULL;
    int n = 0;
    mdp_err err;
    MDP_TRY(mdp_curve_path(folder, label, path));
    if (!mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_curve_file_steps(path, &steps, &n));
    snprintf(name.label, sizeof name.label, "%s", label);
    for (int i = 0; i < n; i++) {
        name.step = (long)steps[i];
        MDP_TRY(add(folder, &name, room, files));
    }
out:
    free(steps);
    return err;
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
    if (err == MDP_OK && kind == MDP_FILE_EPISODES) err = add_curve(folder, label, &room, out);
    if (out->n > 1) qsort(out->names, (size_t)out->n, sizeof *out->names, by_step_and_form);
    return err == MDP_OK ? check_once(folder, out) : err;
}

static void add_label(const char *label, struct mdp_labels *out) {
    int i = 0;
    while (i < out->n && strcmp(out->names[i], label) < 0) i++;
    if (label[0] == 0 || i == MDP_LABELS_MAX || (i < out->n && strcmp(out->names[i], label) == 0)) return;
    if (out->n < MDP_LABELS_MAX) out->n++;
    memmove(out->names[i + 1], out->names[i], (size_t)(out->n - 1 - i) * sizeof *out->names);
    strcpy(out->names[i], label);
}

void mdp_evaluation_labels(const char *folder, struct mdp_labels *out) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    *out = (struct mdp_labels){.n = 0};
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct mdp_step_name name;
        char label[MDP_LABEL_BYTES + 1];
        if (mdp_curve_name_parse(entry->d_name, label))
            add_label(label, out);
        else if (mdp_step_name_parse(entry->d_name, &name) && name.kind == MDP_FILE_EPISODES)
            add_label(name.label, out);
    }
    if (dir != NULL) closedir(dir);
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
    if (out->n > 0) return mdp_step_files_check_alike(folder, out);
    return mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN%s of %s, found none", folder,
                    mdp_file_ending(MDP_FILE_DIFFUSION), step >= 0 ? "that step" : "a training run");
}

mdp_err mdp_step_files_check_alike(const char *folder, const struct mdp_step_files *files) {
    struct mdp_steps_alike steps = {.path = ""};
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; files->n > 1 && i < files->n && err == MDP_OK; i++) {
        struct mdp_checkpoint_info info = {.step = 0};
        MDP_TRY(mdp_step_name_path(folder, &files->names[i], path));
        if (!mdp_fsx_exists(path)) continue;
        err = mdp_checkpoint_read_info(path, &info);
        if (err == MDP_OK) err = mdp_steps_alike_join(&steps, path, info.head.settings);
        mdp_checkpoint_info_free(&info);
    }
out:
    mdp_steps_alike_free(&steps);
    return err;
}

static mdp_err check_settings(const char *path, const char *settings) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, settings, MDP_WAY_OUT));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

mdp_err mdp_step_files_check_settings(const char *folder, enum mdp_file_kind kind, const char *settings) {
    struct mdp_step_files files = {0, NULL};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_files_list(folder, kind, "", &files));
    for (int i = files.n - 1; i >= 0; i--) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], path));
        MDP_TRY(check_settings(path, settings));
    }
out:
    free(files.names);
    return err;
}
