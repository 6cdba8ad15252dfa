#include "bench/gate/baseline.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/memstream.h"
#include "base/text.h"
#include "bench/run/evaluations.h"
#include "bench/run/paths.h"
#include "results/tensors/bytes.h"

enum {
    FORMAT_VERSION = 1,
    LIST_BYTES_MAX = 16 << 20,
    FILE_BYTES_MAX = 1 << 30,
    HASH_LENGTH = 16,
    STORED_MAX = HASH_LENGTH + 8
};
static const char list_name[] = "gate-baseline.json", format[] = "mdpbench-gate-baseline";
static const char hex[] = "0123456789abcdef", episodes_end[] = ".h5", speeds_end[] = ".json";

/* ---- names ---- */

static int is_name(const char *text) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(text);
    return n > 0 && n < MDP_GATE_BASELINE_NAME_MAX && strspn(text, safe) == n && strchr(".-", text[0]) == NULL;
}

mdp_err mdp_gate_baseline_check_name(const char *name) {
    char shown[MDP_BYTES_SHOWN];
    if (is_name(name)) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "gate: option --save-baseline: expected a name of 1 to %d letters, digits, dots, dashes and "
                    "underscores, no dot or dash in front, found '%s'",
                    MDP_GATE_BASELINE_NAME_MAX - 1,
                    mdp_bytes_show((struct mdp_bytes){(const unsigned char *)name, strlen(name)}, shown));
}

/* what a save has written; nothing else is read or removed */
static int is_stored(const char *name, const char *end) {
    return strspn(name, hex) == HASH_LENGTH && strcmp(name + HASH_LENGTH, end) == 0;
}

static mdp_err list_path(const char *folder, char path[MDP_PATH_MAX]) {
    return mdp_fsx_path(path, "%s/%s", folder, list_name);
}

int mdp_gate_baseline_is(const char *folder) {
    char path[MDP_PATH_MAX];
    return list_path(folder, path) == MDP_OK && mdp_fsx_exists(path);
}

/* ---- saving ---- */

static mdp_err stored_name(const char *path, const char *end, char name[STORED_MAX]) {
    uint64_t hash;
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err == MDP_OK) snprintf(name, STORED_MAX, "%016" PRIx64 "%s", hash, end);
    return err;
}

static mdp_err no_memory(void) { return mdp_fail(MDP_E_NOMEM, "gate: baseline: no memory for its list"); }

/* the file of an evaluation, and which step of a curve it is; -1: the file's own */
static const char *file_of(const char *path, struct mdp_curve_place *place) {
    if (mdp_curve_place_parse(path, place)) return place->file;
    place->step = -1;
    return path;
}

static mdp_err list_run(const struct mdp_gate_group *group, int i_run, json_t *episodes) {
    const struct mdp_gate_run *run = &group->runs[i_run];
    struct mdp_curve_place place;
    char name[STORED_MAX];
    for (int i = 0; i < run->n; i++) {
        mdp_err err = stored_name(file_of(run->evals[i].path, &place), episodes_end, name);
        if (err != MDP_OK) return err;
        json_t *item = json_pack("{s:s, s:s, s:i}", "file", name, "arm", group->arm, "run", i_run);
        if (place.step >= 0) json_object_set_new(item, "step", json_integer(place.step));
        if (json_array_append_new(episodes, item) != 0) return no_memory();
    }
    return MDP_OK;
}

/* the list of all files of a side: the same results and policy give the same bytes */
static mdp_err make_list(const struct mdp_gate_saving *saving, char **text) {
    mdp_err err = MDP_OK;
    const struct mdp_gate_side *side = saving->side;
    json_t *episodes = json_array(), *speeds = json_array(), *policy = NULL, *root = NULL;
    char name[STORED_MAX], hash[HASH_LENGTH + 1], policy_path[MDP_PATH_MAX];
    *text = NULL;
    for (int g = 0; g < side->n_groups; g++)
        for (int r = 0; r < side->groups[g].n; r++) MDP_TRY(list_run(&side->groups[g], r, episodes));
    for (int i = 0; i < side->n_speed_files; i++) {
        MDP_TRY(stored_name(side->speed_files[i], speeds_end, name));
        if (json_array_append_new(speeds, json_string(name)) != 0) MDP_TRY(no_memory());
    }
    if (saving->policy_path != NULL) {
        snprintf(policy_path, sizeof policy_path, "%s", saving->policy_path);
        mdp_text_mend(policy_path);
        snprintf(hash, sizeof hash, "%016" PRIx64, saving->policy_hash);
        policy = json_pack("{s:s, s:s}", "path", policy_path, "hash", hash);
    }
    root = json_pack("{s:s, s:i, s:O?, s:O, s:O}", "format", format, "format_version", FORMAT_VERSION, "policy", policy,
                     "episodes", episodes, "speeds", speeds);
    *text = root != NULL ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (*text == NULL) MDP_TRY(no_memory());
out:
    json_decref(root);
    json_decref(policy);
    json_decref(episodes);
    json_decref(speeds);
    return err;
}

static mdp_err copy_file(const char *path, const char *end, const char *folder, int *n) {
    mdp_err err;
    char name[STORED_MAX], target[MDP_PATH_MAX], *bytes = NULL;
    size_t size;
    MDP_TRY(stored_name(path, end, name));
    MDP_TRY(mdp_fsx_path(target, "%s/%s", folder, name));
    MDP_TRY(mdp_fsx_read(path, FILE_BYTES_MAX, &bytes, &size));
    MDP_TRY(mdp_fsx_write(target, bytes, size));
    ++*n;
out:
    free(bytes);
    return err;
}

/* the evaluations of a curve stand one behind the other, and their file is copied once */
static mdp_err copy_run(const struct mdp_gate_run *run, const char *folder, int *n) {
    struct mdp_curve_place place, last = {.file = ""};
    for (int i = 0; i < run->n; i++) {
        const char *path = file_of(run->evals[i].path, &place);
        if (place.step >= 0 && strcmp(place.file, last.file) == 0) continue;
        mdp_err err = copy_file(path, episodes_end, folder, n);
        if (err != MDP_OK) return err;
        if (place.step >= 0) last = place;
    }
    return MDP_OK;
}

static mdp_err copy_files(const struct mdp_gate_side *side, const char *folder, int *n) {
    mdp_err err = MDP_OK;
    *n = 0;
    for (int g = 0; g < side->n_groups; g++)
        for (int r = 0; r < side->groups[g].n; r++) MDP_TRY(copy_run(&side->groups[g].runs[r], folder, n));
    for (int i = 0; i < side->n_speed_files; i++) MDP_TRY(copy_file(side->speed_files[i], speeds_end, folder, n));
out:
    return err;
}

/* looks at what a save may have left: refuses a folder of other things, or removes what a list does not name */
static mdp_err visit_stored(const char *folder, const char *list) {
    DIR *stream = opendir(folder);
    mdp_err err = MDP_OK;
    char path[MDP_PATH_MAX];
    if (stream == NULL) return mdp_fail(MDP_E_IO, "%s: cannot read the folder: %s", folder, strerror(errno));
    for (const struct dirent *entry; err == MDP_OK && (entry = readdir(stream)) != NULL;) {
        const char *name = entry->d_name;
        int is_own = is_stored(name, episodes_end) || is_stored(name, speeds_end);
        if (list != NULL && is_own && strstr(list, name) == NULL) {
            MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, name));
            MDP_TRY(mdp_fsx_remove(path));
        } else if (list == NULL && !is_own && name[0] != '.' && !mdp_temp_is_ours(name))
            err = mdp_fail(MDP_E_USAGE, "%s: expected a saved baseline or a new folder, found one with '%.64s'", folder,
                           name);
    }
out:
    closedir(stream);
    return err;
}

/* 1 in *is_old if the list is the same as the one there is */
static mdp_err check_free(const struct mdp_gate_saving *saving, const char *folder, const char *list, int *is_old) {
    mdp_err err = MDP_OK;
    char path[MDP_PATH_MAX], *old = NULL;
    size_t size;
    *is_old = 0;
    if (!mdp_gate_baseline_is(folder)) return visit_stored(folder, NULL);
    MDP_TRY(list_path(folder, path));
    MDP_TRY(mdp_fsx_read(path, LIST_BYTES_MAX, &old, &size));
    *is_old = strcmp(old, list) == 0;
    if (!*is_old && !saving->may_replace)
        err = mdp_fail(MDP_E_USAGE,
                       "gate: option --save-baseline: expected a new name or --replace, found another baseline in '%s'",
                       folder);
out:
    free(old);
    return err;
}

mdp_err mdp_gate_baseline_save(const struct mdp_gate_saving *saving, struct mdp_gate_saved *out) {
    mdp_err err;
    char folder[MDP_PATH_MAX], path[MDP_PATH_MAX], *list = NULL;
    struct mdp_claim *claim = NULL;
    MDP_TRY(mdp_gate_baseline_check_name(saving->name));
    MDP_TRY(mdp_fsx_path(folder, "%s/%s", saving->folder, saving->name));
    MDP_TRY(list_path(folder, path));
    MDP_TRY(make_list(saving, &list));
    MDP_TRY(mdp_fsx_make_dirs(folder));
    /* a save removes old files at its end, which another may just have begun to use */
    MDP_TRY(mdp_claim_wait(folder, &claim));
    MDP_TRY(check_free(saving, folder, list, &out->is_old));
    MDP_TRY(copy_files(saving->side, folder, &out->n_files));
    MDP_TRY(mdp_fsx_write(path, list, strlen(list)));
    MDP_TRY(visit_stored(folder, list));
out:
    mdp_claim_free(claim);
    free(list);
    return err;
}

/* ---- reading ---- */

static mdp_err damaged(const char *folder, const char *what) {
    return mdp_fail(MDP_E_DATA, "%s/%s: expected the list of a gate's baseline, found %s", folder, list_name, what);
}

/* a stored file whose bytes are still those of its name */
static mdp_err find_stored(const char *folder, const char *name, const char *end, char path[MDP_PATH_MAX]) {
    char found[STORED_MAX];
    mdp_err err;
    if (name == NULL || !is_stored(name, end)) return damaged(folder, "a file's name of another form");
    MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, name));
    MDP_TRY(stored_name(path, end, found));
    if (strcmp(name, found) != 0)
        err = mdp_fail(MDP_E_DATA, "%s: expected the bytes that were saved, hash %.*s, found %.*s", path, HASH_LENGTH,
                       name, HASH_LENGTH, found);
out:
    return err;
}

static mdp_err read_episodes(const char *folder, const json_t *item, struct mdp_gate_side *side) {
    mdp_err err;
    struct mdp_gate_eval eval = {.path = ""};
    const char *name = NULL, *arm = NULL;
    char key[MDP_PATH_MAX], file[MDP_PATH_MAX];
    int i_run;
    json_int_t step = -1;
    if (json_unpack((json_t *)item, "{s:s, s:s, s:i, s?I}", "file", &name, "arm", &arm, "run", &i_run, "step", &step) !=
            0 ||
        strlen(arm) >= MDP_GATE_ARM_MAX)
        return damaged(folder, "episodes without file, arm or run");
    MDP_TRY(find_stored(folder, name, episodes_end, file));
    MDP_TRY(step >= 0 ? mdp_curve_place_path(file, (long)step, eval.path) : mdp_fsx_path(eval.path, "%s", file));
    MDP_TRY(mdp_episodes_read(eval.path, &eval.info, &eval.episodes));
    MDP_TRY(mdp_fsx_path(key, "%s: run %d of arm '%s'", folder, i_run, arm));
    MDP_TRY(mdp_gate_side_add(side, arm, key, &eval));
out:
    mdp_gate_eval_free(&eval);
    return err;
}

mdp_err mdp_gate_baseline_read(const char *folder, struct mdp_gate_side *side) {
    mdp_err err;
    char path[MDP_PATH_MAX], *text = NULL;
    const char *said = NULL;
    size_t size, i;
    int version = 0;
    json_t *root = NULL, *episodes, *speeds, *item;
    MDP_TRY(list_path(folder, path));
    MDP_TRY(mdp_fsx_read(path, LIST_BYTES_MAX, &text, &size));
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL) MDP_TRY(damaged(folder, "no JSON"));
    if (json_unpack(root, "{s:s, s:i, s:o, s:o}", "format", &said, "format_version", &version, "episodes", &episodes,
                    "speeds", &speeds) != 0 ||
        strcmp(said, format) != 0 || !json_is_array(episodes) || !json_is_array(speeds))
        MDP_TRY(damaged(folder, "another text"));
    if (version != FORMAT_VERSION)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: format_version: expected %d, found %d", path, FORMAT_VERSION, version));
    json_array_foreach(episodes, i, item) MDP_TRY(read_episodes(folder, item, side));
    json_array_foreach(speeds, i, item) {
        MDP_TRY(find_stored(folder, json_string_value(item), speeds_end, path));
        MDP_TRY(mdp_gate_side_add_speeds(side, path));
    }
out:
    json_decref(root);
    free(text);
    return err;
}

/* ---- finding ---- */

static int are_one(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static mdp_err find_one(const char *folder, const char *text, char path[MDP_PATH_MAX]) {
    char saved[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_path(path, "%s", text));
    if (strchr(text, '/') != NULL) goto out;
    MDP_TRY(mdp_fsx_path(saved, "%s/%s", folder, text));
    int is_path = mdp_evaluation_file_exists(text), is_saved = is_name(text) && mdp_gate_baseline_is(saved);
    if (is_path && is_saved && !are_one(text, saved))
        err = mdp_fail(MDP_E_USAGE, "gate: option --baseline: expected './%s' or '%s', found '%s', which may be either",
                       text, saved, text);
    else if (is_saved)
        err = mdp_fsx_path(path, "%s", saved);
    else if (!is_path)
        err = mdp_fail(MDP_E_IO,
                       "gate: option --baseline: expected a path or the name of a saved baseline, found neither a file "
                       "or folder '%s' nor '%s/%s'",
                       text, saved, list_name);
out:
    return err;
}

mdp_err mdp_gate_baseline_find(const char *folder, const char *paths, char **out) {
    mdp_err err;
    struct mdp_memstream memory = {.stream = NULL};
    char path[MDP_PATH_MAX], *copy = strdup(paths), *rest = copy;
    const char *between = "";
    *out = NULL;
    if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "gate: no memory for paths");
    MDP_TRY(mdp_memstream_open(&memory, "paths of the baseline"));
    for (char *text = mdp_paths_next(&rest); text != NULL; text = mdp_paths_next(&rest)) {
        MDP_TRY(find_one(folder, text, path));
        fprintf(memory.stream, "%s%s", between, path);
        between = ",";
    }
out:
    err = mdp_memstream_close(&memory, err);
    if (err == MDP_OK) *out = memory.text;
    free(copy);
    return err;
}
