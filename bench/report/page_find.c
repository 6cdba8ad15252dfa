/* which evaluations lie below a folder. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/report/page_items.h"
#include "bench/run/checkpoints.h"
#include "bench/run/curve_data.h"
#include "results/curve_place.h"

/* folders within folders: deeper is none of our runs */
enum { DEPTH_MAX = 12 };

/* the evaluations of a folder that have one label */
static mdp_err add_label(struct mdp_page_items *items, const char *folder, const char *label) {
    struct mdp_step_files files = {0, NULL};
    struct mdp_page_item *item;
    char name[2 * MDP_PATH_MAX], path[MDP_PATH_MAX], command[2 * MDP_PATH_MAX];
    mdp_err err;
    snprintf(name, sizeof name, "%s%s%s", folder, label[0] != 0 ? ":" : "", label);
    MDP_TRY(mdp_step_files_list(folder, MDP_FILE_EPISODES, label, &files));
    mdp_run_command(folder, label, command);
    if (files.n == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected evaluations, found none; '%s' makes them", name, command));
    MDP_TRY(mdp_page_items_add(items, name, &item));
    MDP_TRY(mdp_fsx_path(item->folder, "%s", folder));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], path));
        MDP_TRY(mdp_page_item_read(items, item, path));
    }
out:
    free(files.names);
    return err;
}

static mdp_err add_file(struct mdp_page_items *items, const char *path) {
    struct mdp_page_item *item;
    mdp_err err = mdp_page_items_add(items, path, &item);
    return err == MDP_OK ? mdp_page_item_read(items, item, path) : err;
}

/* a curve file by its path */
static mdp_err add_curve(struct mdp_page_items *items, const char *path) {
    struct mdp_page_item *item;
    char place[MDP_PATH_MAX];
    int64_t *steps = NULL;
    int n;
    mdp_err err;
    MDP_TRY(mdp_curve_file_steps(path, &steps, &n));
    MDP_TRY(mdp_page_items_add(items, path, &item));
    for (int i = 0; i < n; i++) {
        MDP_TRY(mdp_curve_place_path(path, (long)steps[i], place));
        MDP_TRY(mdp_page_item_read(items, item, place));
    }
out:
    free(steps);
    return err;
}

/* ---- folders ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* the names in a folder, sorted */
static mdp_err list_names(const char *folder, char ***names, int *n) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int room = 0;
    mdp_err err = MDP_OK;
    *names = NULL;
    *n = 0;
    if (dir == NULL) return mdp_fail(MDP_E_IO, "%s: cannot read the folder", folder);
    while (err == MDP_OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        if (*n == room) {
            room = room > 0 ? 2 * room : 64;
            char **grown = realloc(*names, (size_t)room * sizeof *grown);
            if (grown == NULL) err = mdp_fail(MDP_E_NOMEM, "%s: no memory for its names", folder);
            if (grown != NULL) *names = grown;
        }
        if (err == MDP_OK && ((*names)[*n] = strdup(entry->d_name)) == NULL)
            err = mdp_fail(MDP_E_NOMEM, "%s: no memory for its names", folder);
        *n += err == MDP_OK;
    }
    closedir(dir);
    if (*n > 0) qsort(*names, (size_t)*n, sizeof **names, by_name);
    return err;
}

/* the label of a name that is part of a run's evaluations */
static int label_of(const char *name, char label[MDP_LABEL_BYTES + 1]) {
    struct mdp_step_name step;
    if (mdp_curve_name_parse(name, label)) return 1;
    if (!mdp_step_name_parse(name, &step) || step.kind != MDP_FILE_EPISODES) return 0;
    strcpy(label, step.label);
    return 1;
}

/* a label is taken where its first file stands */
static int is_first_of(char **names, int i, const char *label) {
    char other[MDP_LABEL_BYTES + 1];
    for (int k = 0; k < i; k++)
        if (label_of(names[k], other) && strcmp(other, label) == 0) return 0;
    return 1;
}

static mdp_err walk(struct mdp_page_items *items, const char *folder, int depth) {
    char **names, label[MDP_LABEL_BYTES + 1], path[MDP_PATH_MAX];
    struct stat status;
    int n;
    mdp_err err;
    MDP_TRY(list_names(folder, &names, &n));
    for (int i = 0; i < n; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, names[i]));
        if (label_of(names[i], label)) {
            if (is_first_of(names, i, label)) MDP_TRY(add_label(items, folder, label));
        } else if (mdp_file_is(MDP_FILE_EPISODES, path)) {
            MDP_TRY(add_file(items, path));
        } else if (depth < DEPTH_MAX && lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            MDP_TRY(walk(items, path, depth + 1));
        }
    }
out:
    for (int i = 0; i < n; i++) free(names[i]);
    free(names);
    return err;
}

mdp_err mdp_page_items_find(struct mdp_page_items *items, const char *path) {
    struct mdp_curve_place place;
    struct mdp_run_name name;
    char folder[MDP_PATH_MAX];
    const int n_before = items->n;
    const int is_there = mdp_run_name_parse(path, "", &name);
    if (is_there && name.is_file) return add_curve(items, path);
    if (mdp_file_is(MDP_FILE_EPISODES, path) || mdp_curve_place_parse(path, &place)) return add_file(items, path);
    if (!is_there && mdp_fsx_exists(path))
        return mdp_fail(MDP_E_DATA, "%s: expected a folder, an episodes file or a curve, found another file", path);
    if (!is_there) return mdp_fail(MDP_E_IO, "%s: expected a folder, found none", path);
    snprintf(folder, sizeof folder, "%s", name.folder);
    for (size_t k = strlen(folder); k > 1 && folder[k - 1] == '/'; k--) folder[k - 1] = 0;
    if (strcmp(name.folder, path) != 0) return add_label(items, folder, name.mark);
    mdp_err err = walk(items, folder, 0);
    if (err == MDP_OK && items->n == n_before)
        return mdp_fail(MDP_E_USAGE, "%s: expected evaluations in it or below, found none; 'mdpbench eval' makes them",
                        path);
    return err;
}
