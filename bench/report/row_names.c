#include "bench/report/row_names.h"

#include <stdlib.h>
#include <string.h>

#include "bench/run/names.h"

/* where a path's last name begins, slashes behind it not counted */
static size_t last_name(const char *path) {
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/') n--;
    while (n > 0 && path[n - 1] != '/') n--;
    return n;
}

/* a single path that ends in seedN, which alone says nothing, is named with the folders of its algorithm and guidance
 */
static size_t own_folders(const char *path) {
    size_t n = last_name(path);
    if (strncmp(path + n, "seed", 4) != 0 || path[n + 4] < '0' || path[n + 4] > '9') return n;
    for (int k = 0; k < 2; k++) {
        size_t end = n;
        while (end > 0 && path[end - 1] == '/') end--;
        if (end == 0) break;
        for (n = end; n > 0 && path[n - 1] != '/';) n--;
    }
    return n;
}

static size_t common_folders(int n, const char *const *paths) {
    size_t n_common = n == 0 ? 0 : n == 1 ? own_folders(paths[0]) : last_name(paths[0]);
    for (int i = 1; i < n; i++) {
        const size_t most = last_name(paths[i]);
        size_t k = 0;
        while (k < n_common && k < most && paths[i][k] == paths[0][k]) k++;
        while (k > 0 && paths[0][k - 1] != '/') k--;
        n_common = k;
    }
    return n_common;
}

static size_t short_length(const char *name) {
    return mdp_file_is(MDP_FILE_EPISODES, name) ? mdp_stem_length(name) : strlen(name);
}

/* how much of a name is shown: no other path's may be the same, with its ending or without */
static size_t shown_length(int n, const char *const *paths, size_t n_common, int i) {
    const char *name = paths[i] + n_common;
    const size_t n_short = short_length(name);
    if (n_short == strlen(name)) return n_short;
    for (int k = 0; k < n; k++) {
        const char *other = paths[k] + n_common;
        const int has_length = short_length(other) == n_short || strlen(other) == n_short;
        if (has_length && strncmp(name, other, n_short) == 0 && strcmp(name, other) != 0) return strlen(name);
    }
    return n_short;
}

mdp_err mdp_row_names_make(int n, const char *const *paths, struct mdp_row_names *out) {
    mdp_err err;
    *out = (struct mdp_row_names){.n_common = common_folders(n, paths)};
    MDP_TRY(mdp_calloc(&out->list, (unsigned long)n + 1, sizeof *out->list, "names of rows"));
    for (; out->n < n; out->n++) {
        const size_t length = shown_length(n, paths, out->n_common, out->n);
        MDP_TRY(mdp_calloc(&out->list[out->n], length + 1, 1, "names of rows"));
        memcpy(out->list[out->n], paths[out->n] + out->n_common, length);
    }
out:
    if (err != MDP_OK) mdp_row_names_free(out);
    return err;
}

void mdp_row_names_free(struct mdp_row_names *names) {
    for (int i = 0; i < names->n; i++) free(names->list[i]);
    free(names->list);
    *names = (struct mdp_row_names){.n = 0};
}
