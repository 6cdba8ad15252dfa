#include "base/names.h"

#include <string.h>

#include "base/path.h"

const char *mdp_names_at(const struct mdp_names *names, int i) {
    return *(const char *const *)((const char *)names->first + (size_t)i * names->stride);
}

const char *mdp_names_note(const struct mdp_names *names, int i) {
    if (names->first_note == NULL) return NULL;
    return *(const char *const *)((const char *)names->first_note + (size_t)i * names->stride);
}

int mdp_names_index(const struct mdp_names *names, const char *text) {
    for (int i = 0; i < names->n; i++)
        if (strcmp(mdp_names_at(names, i), text) == 0) return i;
    return -1;
}

int mdp_names_ending(const struct mdp_names *names, const char *path) {
    const char *leaf = mdp_path_name(path);
    size_t n_leaf = strlen(leaf);
    for (int i = 0; i < names->n; i++) {
        size_t n = strlen(mdp_names_at(names, i));
        if (n_leaf > n + 1 && leaf[n_leaf - n - 1] == '.' && strcmp(leaf + n_leaf - n, mdp_names_at(names, i)) == 0)
            return i;
    }
    return -1;
}

const char *mdp_names_join(const struct mdp_names *names, const char *between, char text[MDP_NAMES_MAX]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < names->n; i++) {
        const char *name = mdp_names_at(names, i), *before = i > 0 ? between : "";
        size_t n_before = strlen(before), n = strlen(name);
        if (used + n_before + n >= MDP_NAMES_MAX) break;
        memcpy(text + used, before, n_before);
        memcpy(text + used + n_before, name, n + 1);
        used += n_before + n;
    }
    return text;
}

const char *mdp_names_text(const struct mdp_names *names, char text[MDP_NAMES_MAX]) {
    return mdp_names_join(names, ", ", text);
}

mdp_err mdp_names_refuse(const struct mdp_names *names, const char *what, const char *text) {
    char known[MDP_NAMES_MAX];
    return mdp_fail(MDP_E_USAGE, "%s: expected one of %s, found '%s'", what, mdp_names_text(names, known), text);
}

mdp_err mdp_names_find(const struct mdp_names *names, const char *what, const char *text, int *i) {
    *i = mdp_names_index(names, text);
    return *i >= 0 ? MDP_OK : mdp_names_refuse(names, what, text);
}
