#include "bench/run/names.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "results/curve_place.h"

enum { BEHAVIOR_STEP_DIGITS = 7, STEP_TEXT_MAX = 32 };

static const char *const endings[MDP_N_FILE_KINDS] = {
#define ENDING(identifier, text) "." text ".h5",
    MDP_FILE_KIND_LIST(ENDING)
#undef ENDING
};
static const char *const run_files[] = {
#define NAME(identifier, name) name,
    MDP_RUN_FILE_LIST(NAME)
#undef NAME
};
static const char any_ending[] = ".h5", step_word[] = "step", seed_word[] = "seed", curve_ending[] = ".curve.h5";

const char *mdp_file_ending(enum mdp_file_kind kind) { return endings[kind]; }

/* the length of a path without an ending, 0 if it has another or nothing before it */
static size_t length_without(const char *path, const char *ending) {
    return mdp_path_ends(path, ending) ? strlen(path) - strlen(ending) : 0;
}

int mdp_file_is(enum mdp_file_kind kind, const char *path) { return length_without(path, endings[kind]) > 0; }

size_t mdp_stem_length(const char *path) {
    size_t n = 0;
    for (int kind = 0; kind < MDP_N_FILE_KINDS && n == 0; kind++) n = length_without(path, endings[kind]);
    if (n == 0) n = length_without(path, curve_ending);
    if (n == 0) n = length_without(path, any_ending);
    return n > 0 ? n : strlen(path);
}

/* ---- labels ---- */

/* a label in a file name is anything between two dots; labels that we give must also pass mdp_label_check */
static int is_label(const char *label, size_t n) {
    return n > 0 && n <= MDP_LABEL_BYTES && label[0] != '.' && memchr(label, '/', n) == NULL;
}

static int is_of_labels(char c) { return isalnum((unsigned char)c) || strchr("._+=-", c) != NULL; }

void mdp_label_text(const char *value, size_t size, char *label) {
    size_t n = 0;
    for (const char *c = value; *c != 0 && n + 1 < size; c++)
        if (*c != '=') label[n++] = *c == ',' ? '+' : is_of_labels(*c) ? *c : '-';
    label[n] = 0;
}

mdp_err mdp_label_check(const char *label) {
    size_t n = strlen(label);
    int is_good = is_label(label, n);
    for (const char *c = label; *c != 0; c++) is_good &= is_of_labels(*c);
    if (is_good) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "expected 1 to %d letters, digits and . _ + = -, not beginning with a dot, found '%.250s'",
                    MDP_LABEL_BYTES, label);
}

/* ---- names of checkpoints ---- */

/* reads the digits of a step; NULL for digits that are not written so */
static const char *parse_step(const char *text, struct mdp_step_name *out) {
    size_t n = strspn(text, "0123456789");
    errno = 0;
    out->step = strtol(text, NULL, 10);
    out->n_digits = n == BEHAVIOR_STEP_DIGITS && text[0] == '0' ? BEHAVIOR_STEP_DIGITS : MDP_STEP_DIGITS;
    if (n < MDP_STEP_DIGITS || errno != 0 || (n > BEHAVIOR_STEP_DIGITS && text[0] == '0')) return NULL;
    return text + n;
}

int mdp_step_name_parse(const char *leaf, struct mdp_step_name *out) {
    size_t n = 0;
    int kind = -1;
    if (strncmp(leaf, step_word, strlen(step_word)) != 0) return 0;
    while (n == 0 && ++kind < MDP_N_FILE_KINDS) n = length_without(leaf, endings[kind]);
    const char *label = n > 0 ? parse_step(leaf + strlen(step_word), out) : NULL;
    if (label == NULL) return 0;
    out->kind = (enum mdp_file_kind)kind;
    out->is_in_curve = 0;
    size_t n_label = (size_t)(leaf + n - label);
    if (n_label > 0 && (*label++ != '.' || !is_label(label, --n_label))) return 0;
    memcpy(out->label, label, n_label);
    out->label[n_label] = 0;
    return 1;
}

int mdp_step_name_is_strange(const char *leaf) {
    struct mdp_step_name name;
    size_t n = strlen(step_word);
    return strncmp(leaf, step_word, n) == 0 && isdigit((unsigned char)leaf[n]) && !mdp_step_name_parse(leaf, &name);
}

/* ---- names of any file ---- */

static mdp_err write_path(const char *stem, size_t n_stem, const char *label, enum mdp_file_kind kind,
                          char path[MDP_PATH_MAX]) {
    if (label[0] != 0 && !is_label(label, strlen(label)))
        return mdp_fail(MDP_E_USAGE,
                        "%.*s: expected a label of 1 to %d bytes, not beginning with a dot, found '%.250s'",
                        (int)n_stem, stem, MDP_LABEL_BYTES, label);
    return mdp_fsx_path(path, "%.*s%s%s%s", (int)n_stem, stem, label[0] != 0 ? "." : "", label, endings[kind]);
}

mdp_err mdp_named_path(const char *folder, const char *stem, const char *label, enum mdp_file_kind kind,
                       char path[MDP_PATH_MAX]) {
    char whole[MDP_PATH_MAX];
    mdp_err err = mdp_fsx_path(whole, "%s/%s", folder, stem);
    return err == MDP_OK ? write_path(whole, strlen(whole), label, kind, path) : err;
}

mdp_err mdp_path_beside(const char *file, const char *label, enum mdp_file_kind kind, char path[MDP_PATH_MAX]) {
    return write_path(file, mdp_stem_length(file), label, kind, path);
}

int mdp_is_beside(const char *leaf, enum mdp_file_kind kind, const char *file) {
    size_t n = mdp_stem_length(file);
    return mdp_file_is(kind, leaf) && mdp_stem_length(leaf) >= n && strncmp(leaf, file, n) == 0 && leaf[n] == '.';
}

/* ---- paths of checkpoints ---- */

static mdp_err step_path(const char *folder, long step, int n_digits, const char *label, enum mdp_file_kind kind,
                         char path[MDP_PATH_MAX]) {
    char stem[STEP_TEXT_MAX];
    if (step < 0) return mdp_fail(MDP_E_USAGE, "%s: expected a step of 0 or more, found %ld", folder, step);
    snprintf(stem, sizeof stem, "%s%0*ld", step_word, n_digits, step);
    return mdp_named_path(folder, stem, label, kind, path);
}

mdp_err mdp_step_path(const char *folder, long step, const char *label, enum mdp_file_kind kind,
                      char path[MDP_PATH_MAX]) {
    return step_path(folder, step, kind == MDP_FILE_BEHAVIOR ? BEHAVIOR_STEP_DIGITS : MDP_STEP_DIGITS, label, kind,
                     path);
}

mdp_err mdp_step_name_path(const char *folder, const struct mdp_step_name *name, char path[MDP_PATH_MAX]) {
    char curve[MDP_PATH_MAX];
    if (name->is_in_curve) {
        mdp_err err = mdp_curve_path(folder, name->label, curve);
        return err == MDP_OK ? mdp_curve_place_path(curve, name->step, path) : err;
    }
    return step_path(folder, name->step, name->n_digits, name->label, name->kind, path);
}

/* ---- curves ---- */

int mdp_curve_name_parse(const char *leaf, char label[MDP_LABEL_BYTES + 1]) {
    size_t n = length_without(leaf, curve_ending);
    label[0] = 0;
    if (strcmp(leaf, curve_ending + 1) == 0) return 1;
    if (!is_label(leaf, n)) return 0;
    snprintf(label, MDP_LABEL_BYTES + 1, "%.*s", (int)n, leaf);
    return 1;
}

mdp_err mdp_curve_path(const char *folder, const char *label, char path[MDP_PATH_MAX]) {
    if (label[0] != 0 && !is_label(label, strlen(label)))
        return mdp_fail(MDP_E_USAGE, "%s: expected a label of 1 to %d bytes, not beginning with a dot, found '%.250s'",
                        folder, MDP_LABEL_BYTES, label);
    return mdp_fsx_path(path, "%s/%s%s", folder, label, curve_ending + (label[0] == 0));
}

int mdp_path_is_curve(const char *path) {
    char label[MDP_LABEL_BYTES + 1];
    return mdp_curve_name_parse(mdp_path_name(path), label);
}

/* ---- the run as a whole ---- */

mdp_err mdp_run_path(const char *folder, enum mdp_run_file file, char path[MDP_PATH_MAX]) {
    return mdp_fsx_path(path, "%s/%s", folder, run_files[file]);
}

mdp_err mdp_run_folder(const char *root, const char *task, const char *what, const char *variant, uint64_t seed,
                       char path[MDP_PATH_MAX]) {
    const char *const parts[] = {task, what, variant};
    for (int i = 0; i < (variant != NULL ? 3 : 2); i++) {
        mdp_err err = mdp_label_check(parts[i]);
        if (err != MDP_OK) return err;
    }
    return mdp_fsx_path(path, "%s/%s/%s%s%s/%s%" PRIu64, root, task, what, variant != NULL ? "/" : "",
                        variant != NULL ? variant : "", seed_word, seed);
}

mdp_err mdp_dataset_path(const char *folder, const char *task, char path[MDP_PATH_MAX]) {
    return mdp_fsx_path(path, "%s/%s.hdf5", folder, task);
}

/* "main_data.hdf5" and "data" are what every dataset of Minari's has */
mdp_err mdp_dataset_label(const char *path, int n_parts, char label[MDP_PATH_MAX]) {
    static const char *const usual[] = {"/main_data.hdf5", "/data", ".hdf5", ".h5"};
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t m = strlen(usual[i]);
        if (n > m && strncmp(path + n - m, usual[i], m) == 0) n -= m;
    }
    size_t first = n;
    while (first > 0 && (path[first - 1] != '/' || --n_parts > 0)) first--;
    return mdp_fsx_path(label, "%.*s", (int)(n - first), path + first);
}

int mdp_is_seed_folder(const char *name, size_t n) {
    size_t n_word = strlen(seed_word);
    return n > n_word && strncmp(name, seed_word, n_word) == 0 && strspn(name + n_word, "0123456789") >= n - n_word;
}
