/* reads a side from its paths: walks folders, names arms, reads episodes and speeds. */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "bench/gate/baseline.h"
#include "bench/gate/data.h"
#include "bench/run/evaluations.h"
#include "bench/run/paths.h"
#include "results/tensors/bytes.h"
#include "stats/quantile.h"

enum { DEPTH_MAX = 12, PERF_BYTES_MAX = 16 << 20 };

static const char perf_end[] = "perf.json";

/* ---- names ---- */

/* "step000400.online.episodes.h5" has the label "online", "walker2d-medium.episodes.h5" its whole stem */
static mdp_err read_label(const char *path, const char *leaf, int *is_step, char label[MDP_GATE_ARM_MAX]) {
    struct mdp_step_name name;
    *is_step = mdp_step_name_parse(leaf, &name);
    if (*is_step)
        snprintf(label, MDP_GATE_ARM_MAX, "%s", name.label);
    else
        snprintf(label, MDP_GATE_ARM_MAX, "%.*s", (int)mdp_stem_length(leaf), leaf);
    if (!mdp_step_name_is_strange(leaf)) return MDP_OK;
    return mdp_fail(MDP_E_DATA,
                    "%s: expected the name of a checkpoint, stepNNNNNN%s or stepNNNNNN.LABEL%s, found another", path,
                    mdp_file_ending(MDP_FILE_EPISODES), mdp_file_ending(MDP_FILE_EPISODES));
}

static mdp_err too_long(const char *name) {
    return mdp_fail(MDP_E_DATA, "%s: expected an arm's name of less than %d bytes, found a longer one", name,
                    MDP_GATE_ARM_MAX);
}

/* names go into reports of every form */
static mdp_err check_name(const char *where, const char *what, const char *name) {
    char shown[MDP_BYTES_SHOWN];
    const struct mdp_bytes bytes = {(const unsigned char *)name, strlen(name)};
    if (mdp_bytes_is_name(bytes)) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected %s in plain UTF-8, found '%s'", where, what,
                    mdp_bytes_show(bytes, shown));
}

/* the path below the named folder without task and seed, and the label behind a colon */
static mdp_err name_arm(const char *below, const char *task, const char *label, char arm[MDP_GATE_ARM_MAX]) {
    size_t used = 0;
    arm[0] = 0;
    while (*below != 0) {
        size_t n = strcspn(below, "/");
        int is_task = strlen(task) == n && strncmp(below, task, n) == 0;
        if (n > 0 && !is_task && !mdp_is_seed_folder(below, n)) {
            int k = snprintf(arm + used, MDP_GATE_ARM_MAX - used, "%s%.*s", used > 0 ? "/" : "", (int)n, below);
            used += (size_t)k;
            if (used >= MDP_GATE_ARM_MAX) return too_long(below);
        }
        below += n + (below[n] == '/');
    }
    if (label[0] == 0) return MDP_OK;
    int k = snprintf(arm + used, MDP_GATE_ARM_MAX - used, "%s%s", used > 0 ? ":" : "", label);
    return used + (size_t)k < MDP_GATE_ARM_MAX ? MDP_OK : too_long(label);
}

/* ---- episodes ---- */

static mdp_err read_eval(const char *path, struct mdp_gate_eval *eval) {
    memset(eval, 0, sizeof *eval);
    snprintf(eval->path, sizeof eval->path, "%s", path);
    return mdp_episodes_read(path, &eval->info, &eval->episodes);
}

static mdp_err add_named_file(struct mdp_gate_side *side, const char *path) {
    struct mdp_gate_eval eval;
    mdp_err err = read_eval(path, &eval);
    if (err == MDP_OK) err = mdp_gate_side_add(side, "", path, &eval);
    mdp_gate_eval_free(&eval);
    return err;
}

/* the checkpoints of a curve that a path names, as of one run */
static mdp_err add_named_curve(struct mdp_gate_side *side, const char *path) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_gate_eval eval = {.path = ""};
    mdp_err err;
    MDP_TRY(mdp_curve_file_read(path, &cache.curve));
    for (int i = 0; i < cache.curve.n; i++) {
        MDP_TRY(mdp_curve_place_path(path, (long)cache.curve.infos[i].step, eval.path));
        MDP_TRY(mdp_evaluation_read(&cache, eval.path, &eval.info, &eval.episodes));
        MDP_TRY(mdp_gate_side_add(side, "", path, &eval));
    }
out:
    mdp_gate_eval_free(&eval);
    mdp_evaluations_free(&cache);
    return err;
}

static mdp_err add_found_file(struct mdp_gate_side *side, const char *folder, const char *below, const char *leaf) {
    mdp_err err;
    struct mdp_gate_eval eval = {.path = ""};
    char path[MDP_PATH_MAX], key[MDP_PATH_MAX], label[MDP_GATE_ARM_MAX], arm[MDP_GATE_ARM_MAX];
    int is_step;
    MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, leaf));
    MDP_TRY(read_label(path, leaf, &is_step, label));
    MDP_TRY(read_eval(path, &eval));
    MDP_TRY(name_arm(below, eval.info.task, label, arm));
    if (arm[0] != 0) MDP_TRY(check_name("gate", "an arm's name", arm));
    MDP_TRY(mdp_fsx_path(key, "%s:%s", is_step ? folder : path, label));
    MDP_TRY(mdp_gate_side_add(side, arm, key, &eval));
out:
    mdp_gate_eval_free(&eval);
    return err;
}

/* an evaluation that is in a file of its own, too, is counted there */
static mdp_err add_found_curve(struct mdp_gate_side *side, const char *folder, const char *below, const char *label,
                               const char *path) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_gate_eval eval = {.path = ""};
    char own[MDP_PATH_MAX], key[MDP_PATH_MAX], arm[MDP_GATE_ARM_MAX];
    int order;
    mdp_err err;
    MDP_TRY(mdp_curve_file_read(path, &cache.curve));
    MDP_TRY(name_arm(below, cache.curve.infos[0].task, label, arm));
    if (arm[0] != 0) MDP_TRY(check_name("gate", "an arm's name", arm));
    MDP_TRY(mdp_fsx_path(key, "%s:%s", folder, label));
    for (int i = 0; i < cache.curve.n; i++) {
        const long step = (long)cache.curve.infos[i].step;
        MDP_TRY(mdp_step_path(folder, step, label, MDP_FILE_EPISODES, own));
        MDP_TRY(mdp_curve_place_path(path, step, eval.path));
        if (mdp_fsx_exists(own)) {
            MDP_TRY(mdp_evaluation_choose(&cache, own, eval.path, &order));
            continue;
        }
        MDP_TRY(mdp_evaluation_read(&cache, eval.path, &eval.info, &eval.episodes));
        MDP_TRY(mdp_gate_side_add(side, arm, key, &eval));
    }
out:
    mdp_gate_eval_free(&eval);
    mdp_evaluations_free(&cache);
    return err;
}

/* ---- speeds ---- */

static mdp_err bad_speed(const char *path, const char *what) {
    return mdp_fail(MDP_E_DATA, "%s: expected the JSON of 'mdpbench perf --json', found %s", path, what);
}

/* speeds of two machines are no comparison */
static mdp_err check_machine(struct mdp_gate_side *side, const char *path, const json_t *root) {
    const json_t *machine = json_object_get(root, "machine");
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    const char *isa = json_string_value(json_object_get(machine, "isa"));
    const json_t *n_cpus = json_object_get(machine, "n_cpus");
    char text[sizeof side->machine];
    if (cpu == NULL || isa == NULL || !json_is_integer(n_cpus)) return bad_speed(path, "no machine");
    snprintf(text, sizeof text, "%.120s; %.80s; %lld cpus", cpu, isa, (long long)json_integer_value(n_cpus));
    if (side->machine[0] != 0 && strcmp(side->machine, text) != 0)
        return mdp_fail(MDP_E_DATA, "%s: machine: expected '%s' as in the files before it, found '%s'", path,
                        side->machine, text);
    strcpy(side->machine, text);
    return MDP_OK;
}

static mdp_err find_or_add_speed(struct mdp_gate_side *side, const char *path, const char *name, const char *unit,
                                 struct mdp_gate_speed **out) {
    *out = (struct mdp_gate_speed *)mdp_gate_speed_find(side, name);
    if (*out != NULL) {
        if (strcmp((*out)->unit, unit) == 0) return MDP_OK;
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %s as in the files before it, found %s", path, name, (*out)->unit,
                        unit);
    }
    void *grown = realloc(side->speeds, ((size_t)side->n_speeds + 1) * sizeof *side->speeds);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for speeds", path);
    side->speeds = grown;
    *out = &side->speeds[side->n_speeds++];
    memset(*out, 0, sizeof **out);
    snprintf((*out)->name, sizeof(*out)->name, "%s", name);
    snprintf((*out)->unit, sizeof(*out)->unit, "%s", unit);
    return MDP_OK;
}

/* the first file's repetitions stay until a second one comes: from then on each file is one value, its median */
static mdp_err add_values(struct mdp_gate_speed *speed, const double *values, long n) {
    static const double half = 0.5;
    mdp_err err;
    double *kept = NULL;
    int is_first = speed->n_files == 0;
    long n_old = speed->n_files > 1 ? speed->n : 1;
    MDP_TRY(mdp_calloc(&kept, (unsigned long)(is_first ? n : n_old + 1), sizeof *kept, "speeds"));
    if (is_first) {
        memcpy(kept, values, (size_t)n * sizeof *kept);
    } else {
        if (speed->n_files > 1)
            memcpy(kept, speed->values, (size_t)n_old * sizeof *kept);
        else
            MDP_TRY(mdp_quantiles(speed->values, speed->n, &half, 1, MDP_QUANTILE_DEFAULT, kept));
        MDP_TRY(mdp_quantiles(values, n, &half, 1, MDP_QUANTILE_DEFAULT, kept + n_old));
    }
    free(speed->values);
    speed->values = kept;
    speed->n = is_first ? n : n_old + 1;
    speed->n_files++;
    kept = NULL;
out:
    free(kept);
    return err;
}

/* rates with other numbers of threads are other quantities, so the number becomes part of the name */
static mdp_err add_speed(struct mdp_gate_side *side, const char *path, const json_t *item) {
    enum { VALUES_MAX = 10000 };
    mdp_err err;
    double *values = NULL;
    struct mdp_gate_speed *speed;
    char name[MDP_GATE_SPEED_MAX];
    const char *text = json_string_value(json_object_get(item, "name"));
    const char *unit = json_string_value(json_object_get(item, "unit"));
    const json_t *list = json_object_get(item, "values");
    long long threads = json_integer_value(json_object_get(item, "threads"));
    size_t n = json_array_size(list);
    if (text == NULL || unit == NULL || strlen(text) > 64 || strlen(unit) > 31)
        return bad_speed(path, "a result without name or unit");
    if (n < 1 || n > VALUES_MAX) return bad_speed(path, "a result without values");
    MDP_TRY(check_name(path, "a result's name", text));
    if (threads > 1)
        snprintf(name, sizeof name, "%s@%lld", text, threads);
    else
        snprintf(name, sizeof name, "%s", text);
    MDP_TRY(mdp_calloc(&values, n, sizeof *values, "speeds"));
    for (size_t i = 0; i < n; i++) {
        values[i] = json_number_value(json_array_get(list, i));
        if (!(values[i] >= 0) || !isfinite(values[i])) MDP_TRY(bad_speed(path, "a value below 0"));
    }
    MDP_TRY(find_or_add_speed(side, path, name, unit, &speed));
    MDP_TRY(add_values(speed, values, (long)n));
out:
    free(values);
    return err;
}

/* a result that a file holds twice, of as many threads, would pass for two files */
static mdp_err check_once(const char *path, const json_t *results) {
    size_t i, k;
    const json_t *item;
    json_array_foreach(results, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        int n = 0;
        for (k = 0; k < json_array_size(results) && name != NULL; k++) {
            const json_t *other = json_array_get(results, k);
            const char *found = json_string_value(json_object_get(other, "name"));
            n += found != NULL && strcmp(found, name) == 0 &&
                 json_integer_value(json_object_get(other, "threads")) ==
                     json_integer_value(json_object_get(item, "threads"));
        }
        if (n == 2) return mdp_fail(MDP_E_DATA, "%s: %.64s: expected once, found twice", path, name);
        if (n > 2) return mdp_fail(MDP_E_DATA, "%s: %.64s: expected once, found %d times", path, name, n);
    }
    return MDP_OK;
}

static mdp_err note_file(struct mdp_gate_side *side, const char *path) {
    void *grown = realloc(side->speed_files, ((size_t)side->n_speed_files + 1) * sizeof *side->speed_files);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for its path", path);
    side->speed_files = grown;
    return mdp_fsx_path(side->speed_files[side->n_speed_files++], "%s", path);
}

mdp_err mdp_gate_side_add_speeds(struct mdp_gate_side *side, const char *path) {
    mdp_err err;
    char *text = NULL;
    size_t size, i;
    json_t *root = NULL, *item;
    MDP_TRY(mdp_fsx_read(path, PERF_BYTES_MAX, &text, &size));
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *results = json_object_get(root, "results");
    if (!json_is_array(results)) MDP_TRY(bad_speed(path, root != NULL ? "no results" : "no JSON"));
    MDP_TRY(check_machine(side, path, root));
    MDP_TRY(check_once(path, results));
    json_array_foreach(results, i, item) MDP_TRY(add_speed(side, path, item));
    MDP_TRY(note_file(side, path));
out:
    json_decref(root);
    free(text);
    return err;
}

/* ---- folders ---- */

static int compare_texts(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* a folder's entries by name, so that a side does not depend on the order of a disk */
static mdp_err list_folder(const char *folder, char ***names, int *n) {
    DIR *stream = opendir(folder);
    struct dirent *entry;
    mdp_err err = MDP_OK;
    *names = NULL;
    *n = 0;
    if (stream == NULL) return mdp_fail(MDP_E_IO, "%s: cannot read the folder", folder);
    while (err == MDP_OK && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        /* room doubles: it is full where n is a power of 2 */
        char **grown = (*n & (*n - 1)) != 0 ? *names : realloc(*names, (*n > 0 ? 2 * (size_t)*n : 1) * sizeof **names);
        char *copy = strdup(entry->d_name);
        if (grown != NULL) *names = grown;
        if (grown == NULL || copy == NULL) {
            free(copy);
            err = mdp_fail(MDP_E_NOMEM, "%s: no memory for its entries", folder);
        } else {
            (*names)[(*n)++] = copy;
        }
    }
    closedir(stream);
    if (*n > 0) qsort(*names, (size_t)*n, sizeof **names, compare_texts);
    return err;
}

/* everything of a folder that a gate reads, and of the folders in it */
static mdp_err add_folder(struct mdp_gate_side *side, const char *folder, const char *below, int depth) {
    mdp_err err;
    char **names;
    int n;
    if (depth > DEPTH_MAX)
        return mdp_fail(MDP_E_DATA, "%s: expected at most %d folders deep, found more", folder, DEPTH_MAX);
    MDP_TRY(list_folder(folder, &names, &n));
    for (int i = 0; i < n; i++) {
        char path[MDP_PATH_MAX], deeper[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 1];
        struct stat info;
        MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, names[i]));
        if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            MDP_TRY(mdp_fsx_path(deeper, "%s%s%s", below, below[0] != 0 ? "/" : "", names[i]));
            MDP_TRY(add_folder(side, path, deeper, depth + 1));
        } else if (mdp_file_is(MDP_FILE_EPISODES, names[i])) {
            MDP_TRY(add_found_file(side, folder, below, names[i]));
        } else if (mdp_curve_name_parse(names[i], label)) {
            MDP_TRY(add_found_curve(side, folder, below, label, path));
        } else if (mdp_path_ends(names[i], perf_end)) {
            MDP_TRY(mdp_gate_side_add_speeds(side, path));
        }
    }
out:
    for (int i = 0; i < n; i++) free(names[i]);
    free(names);
    return err;
}

static mdp_err add_path(struct mdp_gate_side *side, const char *path) {
    struct stat info;
    size_t n = strlen(path);
    char folder[MDP_PATH_MAX];
    if (mdp_path_is_curve(path) && !(stat(path, &info) == 0 && S_ISDIR(info.st_mode)))
        return add_named_curve(side, path);
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return mdp_path_ends(path, ".json") ? mdp_gate_side_add_speeds(side, path) : add_named_file(side, path);
    while (n > 1 && path[n - 1] == '/') n--;
    mdp_err err = mdp_fsx_path(folder, "%.*s", (int)n, path);
    if (err != MDP_OK) return err;
    return mdp_gate_baseline_is(folder) ? mdp_gate_baseline_read(folder, side) : add_folder(side, folder, "", 0);
}

mdp_err mdp_gate_side_read(const char *name, const char *paths, struct mdp_gate_side *out) {
    mdp_err err = MDP_OK;
    char *copy = strdup(paths), *rest = copy;
    *out = (struct mdp_gate_side){.name = name};
    if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "gate: no memory for paths");
    for (char *path = mdp_paths_next(&rest); path != NULL; path = mdp_paths_next(&rest)) MDP_TRY(add_path(out, path));
    mdp_gate_side_order(out);
    if (out->n_groups == 0 && out->n_speeds == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "gate: %s: expected *%s or *%s, found none in '%s'", name,
                         mdp_file_ending(MDP_FILE_EPISODES), perf_end, paths));
out:
    free(copy);
    if (err != MDP_OK) mdp_gate_side_free(out);
    return err;
}
