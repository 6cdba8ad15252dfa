#include "base/names.h"

#include <ctype.h>
#include <stdio.h>
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

/* ---- what may be meant ---- */

enum { DISTANCE_MAX = 63 };

static int least(int a, int b) { return a < b ? a : b; }

static int is_same(char a, char b) { return tolower((unsigned char)a) == tolower((unsigned char)b); }

/* optimal string alignment; three rows of its table are enough */
int mdp_names_distance(const char *a, const char *b) {
    int rows[3][DISTANCE_MAX + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > DISTANCE_MAX || m > DISTANCE_MAX) return 2 * DISTANCE_MAX;
    for (size_t j = 0; j <= m; j++) rows[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int *now = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(above[j], now[j - 1]) + 1, above[j - 1] + !is_same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

int mdp_names_near(const struct mdp_names *names, const char *text) {
    int nearest = -1, shortest = (int)(strlen(text) + 1) / 3 + 1;
    for (int i = 0; i < names->n; i++) {
        int distance = mdp_names_distance(mdp_names_at(names, i), text);
        if (distance >= shortest) continue;
        nearest = i;
        shortest = distance;
    }
    return nearest;
}

const char *mdp_names_suggest(const struct mdp_names *names, const char *text, char suggestion[MDP_NAMES_MAX]) {
    int i = mdp_names_near(names, text);
    suggestion[0] = 0;
    if (i >= 0) snprintf(suggestion, MDP_NAMES_MAX, "; did you mean '%s'?", mdp_names_at(names, i));
    return suggestion;
}

/* ---- all of them ---- */

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
    char known[MDP_NAMES_MAX], meant[MDP_NAMES_MAX];
    return mdp_fail(MDP_E_USAGE, "%s: expected one of %s, found '%s'%s", what, mdp_names_text(names, known), text,
                    mdp_names_suggest(names, text, meant));
}

mdp_err mdp_names_find(const struct mdp_names *names, const char *what, const char *text, int *i) {
    *i = mdp_names_index(names, text);
    return *i >= 0 ? MDP_OK : mdp_names_refuse(names, what, text);
}
