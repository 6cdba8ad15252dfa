#include "bench/run/composition.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "algos/algorithm.h"
#include "algos/fit.h"
#include "algos/guidance/input.h"
#include "base/path.h"
#include "bench/run/best.h"
#include "bench/run/names.h"
#include "bench/run/task.h"

/* ---- what a file says of its run ---- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void hash_text(uint64_t hash, char text[17]) { snprintf(text, 17, "%016" PRIx64, hash); }

json_t *mdp_module_reference(uint64_t hash, const struct mdp_checkpoint_info *info) {
    char text[17];
    json_t *settings = json_loads(info->head.settings, 0, NULL), *value;
    hash_text(hash, text);
    json_t *reference = json_pack("{s:s, s:s, s:I, s:I, s:s}", "hash", text, "algo", info->algo, "seed",
                                  (json_int_t)info->seed, "step", (json_int_t)info->step, "task", info->task);
    if ((value = json_object_get(settings, "mode")) != NULL) json_object_set(reference, "mode", value);
    if (strcmp(info->kind, "guidance") == 0)
        json_object_set_new(reference, "kind", json_string(text_of(json_object_get(settings, "guidance"), "kind")));
    else if ((value = json_object_get(settings, "guidance_file")) != NULL)
        json_object_set(reference, "trained_with", value);
    json_decref(settings);
    return reference;
}

mdp_err mdp_guidance_scale(const char *path, const struct mdp_checkpoint_info *info, const char **algo) {
    const struct mdp_guidance_kind *kind;
    json_t *settings = json_loads(info->head.settings, 0, NULL);
    mdp_err err = mdp_guidance_kind_find(text_of(json_object_get(settings, "guidance"), "kind"), &kind);
    json_decref(settings);
    if (err != MDP_OK) return mdp_fail_context(MDP_E_DATA, "%s", path);
    if (kind->algorithm == NULL)
        return mdp_fail(MDP_E_DATA, "%s: kind: expected guidance that scores actions, found %s", path, kind->name);
    *algo = kind->algorithm;
    /* noise has no scale of its own, so it takes that of its algorithm */
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++) {
        const struct mdp_algorithm *a = mdp_algorithm_at(i);
        if (strcmp(a->name, info->algo) == 0 && (a->guidance == kind || kind == &mdp_guidance_noise)) *algo = a->name;
    }
    return MDP_OK;
}

/* ---- where the guidance is ---- */

/* the guidance that a frozen run was trained with, if it is still that */
static mdp_err find_frozen(const char *diffusion, const json_t *settings, char path[MDP_PATH_MAX]) {
    const json_t *file = json_object_get(settings, "guidance_file");
    const char *recorded = text_of(file, "hash");
    char found[17];
    uint64_t hash;
    mdp_err err;
    MDP_TRY(mdp_fsx_path(path, "%s", text_of(file, "path")));
    if (!mdp_fsx_exists(path))
        return mdp_fail(MDP_E_IO, "%s: expected the guidance that %s was trained with, found none; name it if it moved",
                        path, diffusion);
    MDP_TRY(mdp_fsx_hash(path, &hash));
    hash_text(hash, found);
    if (strcmp(found, recorded) != 0)
        return mdp_fail(MDP_E_DATA,
                        "%s: expected the guidance that %s was trained with, hash %s, found another, hash %s; name it "
                        "to take it all the same",
                        path, diffusion, recorded, found);
out:
    return err;
}

/* beside the diffusion file: the same step's, or the one of the whole run */
static mdp_err find_beside(const char *diffusion, int is_noise, char path[MDP_PATH_MAX]) {
    char folder[MDP_PATH_MAX];
    mdp_err err;
    if (!is_noise && !mdp_file_is(MDP_FILE_DIFFUSION, diffusion))
        return mdp_fail(MDP_E_USAGE, "%s: expected a name with %s, beside which its own guidance is, found another",
                        diffusion, mdp_file_ending(MDP_FILE_DIFFUSION));
    mdp_path_folder(diffusion, folder);
    MDP_TRY(is_noise ? mdp_run_path(folder, MDP_RUN_NOISE, path)
                     : mdp_path_beside(diffusion, "", MDP_FILE_GUIDANCE, path));
    if (!mdp_fsx_exists(path))
        err = mdp_fail(MDP_E_IO, "%s: expected the guidance that goes with %s, found none", path, diffusion);
out:
    return err;
}

static mdp_err find_own(const char *diffusion, const struct mdp_checkpoint_info *info, char path[MDP_PATH_MAX]) {
    json_t *settings = json_loads(info->head.settings, 0, NULL);
    const char *mode = text_of(settings, "mode");
    mdp_err err = MDP_OK;
    path[0] = 0;
    if (strcmp(mode, mdp_mode_describe(MDP_MODE_FROZEN)->name) == 0)
        err = find_frozen(diffusion, settings, path);
    else if (strcmp(mode, mdp_mode_describe(MDP_MODE_NONE)->name) != 0)
        err = find_beside(diffusion, strcmp(mode, mdp_mode_describe(MDP_MODE_NOISE)->name) == 0, path);
    json_decref(settings);
    return err;
}

/* a run's guidance at a step: its file of that step, or what its diffusion module of that step was trained with */
static mdp_err find_in_folder(const char *folder, const char *diffusion, long step, char path[MDP_PATH_MAX]) {
    struct mdp_checkpoint_info info = {.step = 0};
    char other[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_path(folder, step, "", MDP_FILE_GUIDANCE, path));
    if (mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_step_path(folder, step, "", MDP_FILE_DIFFUSION, other));
    if (!mdp_fsx_exists(other))
        MDP_TRY(mdp_fail(MDP_E_IO, "%s: expected %s, for the step of %s, found none", folder, path + strlen(folder) + 1,
                         diffusion));
    MDP_TRY(mdp_checkpoint_read_info(other, &info));
    MDP_TRY(find_own(other, &info, path));
    if (path[0] == 0)
        err = mdp_fail(MDP_E_USAGE, "%s: expected a run with guidance, found one that was trained without", folder);
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

mdp_err mdp_guidance_locate(const char *choice, const char *diffusion, char path[MDP_PATH_MAX]) {
    struct mdp_checkpoint_info info = {.step = 0};
    struct stat status;
    int is_own = strcmp(choice, "own") == 0;
    mdp_err err;
    path[0] = 0;
    if (strcmp(choice, "none") == 0) return MDP_OK;
    if (mdp_guidance_is_best(choice)) return mdp_guidance_best(choice, path);
    if (!is_own && !(stat(choice, &status) == 0 && S_ISDIR(status.st_mode))) return mdp_fsx_path(path, "%s", choice);
    MDP_TRY(mdp_checkpoint_read_info(diffusion, &info));
    if (strcmp(info.kind, "diffusion") != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: kind: expected diffusion, found %s", diffusion, info.kind));
    MDP_TRY(is_own ? find_own(diffusion, &info, path) : find_in_folder(choice, diffusion, (long)info.step, path));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* ---- what fits ---- */

mdp_err mdp_modules_fit_kinds(const char *path, const struct mdp_diffusion *diffusion,
                              const struct mdp_guidance *guidance) {
    if (diffusion->window == NULL && guidance->window == NULL) return MDP_OK;
    mdp_err err = mdp_modules_fit(diffusion, guidance);
    return err != MDP_OK ? mdp_fail_context(err, "%s", path) : MDP_OK;
}

static int is_near(const struct mdp_normalizer *a, const struct mdp_normalizer *b, int i) {
    return fabs(a->mean[i] - b->mean[i]) <= MDP_NORMALIZER_TOLERANCE * a->std[i] &&
           fabs(a->std[i] - b->std[i]) <= MDP_NORMALIZER_TOLERANCE * a->std[i];
}

static mdp_err check_sizes(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                           const struct mdp_checkpoint_info *other) {
    if (info->n_obs == other->n_obs && info->n_act == other->n_act) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected %d observations and %d actions as in %s, found %d and %d", other_name,
                    info->n_obs, info->n_act, name, other->n_obs, other->n_act);
}

/* of an action in the files of the data; what is not recorded is [-1, 1] */
static void range_of(const json_t *bounds, size_t j, double range[2]) {
    const json_t *own = json_array_get(bounds, json_array_size(bounds) == 1 ? 0 : j);
    for (size_t k = 0; k < 2; k++)
        range[k] = own != NULL ? json_number_value(json_array_get(own, k)) : 2 * (double)k - 1;
}

/* where ranges differ, the same number is another action */
static mdp_err check_ranges(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                            const struct mdp_checkpoint_info *other) {
    json_t *settings[2] = {json_loads(info->head.settings, 0, NULL), json_loads(other->head.settings, 0, NULL)};
    const json_t *bounds[2] = {json_object_get(settings[0], "bounds"), json_object_get(settings[1], "bounds")};
    double want[2], found[2];
    mdp_err err = MDP_OK;
    for (int j = 0; err == MDP_OK && j < info->n_act; j++) {
        range_of(bounds[0], (size_t)j, want);
        range_of(bounds[1], (size_t)j, found);
        if (want[0] != found[0] || want[1] != found[1])
            err = mdp_fail(MDP_E_DATA, "%s: bounds of action %d: expected [%g, %g] as in %s, found [%g, %g]",
                           other_name, j, want[0], want[1], name, found[0], found[1]);
    }
    json_decref(settings[0]);
    json_decref(settings[1]);
    return err;
}

/* what has to be alike whatever the data were */
static mdp_err check_spaces(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                            const struct mdp_checkpoint_info *other) {
    const mdp_err err = check_sizes(name, info, other_name, other);
    return err != MDP_OK ? err : check_ranges(name, info, other_name, other);
}

mdp_err mdp_modules_check_fit(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                              const struct mdp_checkpoint_info *other) {
    const struct mdp_normalizer *a = &info->normalizer, *b = &other->normalizer;
    mdp_err err = check_spaces(name, info, other_name, other);
    if (err != MDP_OK) return err;
    if (strcmp(info->task, other->task) != 0)
        return mdp_fail(MDP_E_DATA, "%s: expected task %s as in %s, found %s", other_name, info->task, name,
                        other->task);
    if (a->n != b->n)
        return mdp_fail(MDP_E_DATA, "%s: expected a normaliser of %d observations as in %s, found %d", other_name, a->n,
                        name, b->n);
    for (int i = 0; i < a->n; i++)
        if (!is_near(a, b, i))
            return mdp_fail(MDP_E_DATA,
                            "%s: normaliser of observation %d: expected mean %g, std %g as in %s, found %g, %g",
                            other_name, i, a->mean[i], a->std[i], name, b->mean[i], b->std[i]);
    return MDP_OK;
}

/* tasks may have several names */
static int is_same_task(const char *a, const char *b) {
    struct mdp_task first, second;
    return strcmp(a, b) == 0 || (mdp_task_parse(a, &first) == MDP_OK && mdp_task_parse(b, &second) == MDP_OK &&
                                 strcmp(first.name, second.name) == 0);
}

/* one environment, whatever policies collected its data */
static mdp_err check_environments(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                                  const struct mdp_checkpoint_info *other) {
    struct mdp_task a, b;
    const int is_known = mdp_task_parse(info->task, &a) == MDP_OK && mdp_task_parse(other->task, &b) == MDP_OK;
    if (is_known && a.spec == b.spec) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected guidance of the environment of %s as in %s, found %s", other_name,
                    info->task, name, other->task);
}

mdp_err mdp_guidance_fit(const char *diffusion_path, const struct mdp_checkpoint_info *diffusion, const char *path,
                         const struct mdp_checkpoint_info *info, const char *task, struct mdp_guidance *guidance) {
    const struct mdp_normalizer *to = &diffusion->normalizer, *from = &info->normalizer;
    double scale[MDP_NORMALIZER_MAX], shift[MDP_NORMALIZER_MAX];
    mdp_err err;
    if (task == NULL || is_same_task(task, diffusion->task))
        return mdp_modules_check_fit(diffusion_path, diffusion, path, info);
    if (!is_same_task(task, info->task))
        return mdp_fail(MDP_E_DATA, "%s: expected guidance of %s as --guidance-task says, found %s", path, task,
                        info->task);
    MDP_TRY(check_environments(diffusion_path, diffusion, path, info));
    MDP_TRY(check_spaces(diffusion_path, diffusion, path, info));
    if (to->n != diffusion->n_obs || from->n != info->n_obs)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a normaliser of %d observations in both modules, found %d and %d",
                         path, info->n_obs, to->n, from->n));
    for (int i = 0; i < to->n; i++) {
        scale[i] = to->std[i] / from->std[i];
        shift[i] = (to->mean[i] - from->mean[i]) / from->std[i];
    }
    if (mdp_guidance_rescale(guidance, scale, shift) != MDP_OK) err = mdp_fail_context(MDP_E_DATA, "%s", path);
out:
    return err;
}
