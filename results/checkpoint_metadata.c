#include "results/checkpoint_metadata.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char format[] = "mdpbench-checkpoint", format_version[] = "1";

/* ---- writing ---- */

static int put_text(json_t *metadata, const char *key, const char *text) {
    return json_object_set_new(metadata, key, json_string(text));
}

static int put_whole(json_t *metadata, const char *key, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return put_text(metadata, key, text);
}

/* 17 digits give the same double back */
static int put_reals(json_t *metadata, const char *key, int n, const double *values) {
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, json_real(values[i]));
    char *text = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(17));
    int failed = text == NULL || put_text(metadata, key, text) != 0;
    json_decref(list);
    free(text);
    return failed;
}

mdp_err mdp_checkpoint_to_metadata(const struct mdp_checkpoint_info *info, json_t **metadata) {
    const struct mdp_normalizer *norm = &info->normalizer;
    const struct {
        const char *key, *text;
    } texts[] = {{"format", format},
                 {"format_version", format_version},
                 {"version", info->head.version},
                 {"machine", info->head.machine},
                 {"settings", info->head.settings},
                 {"inputs", info->head.inputs},
                 {"kind", info->kind},
                 {"algo", info->algo},
                 {"task", info->task}};
    json_t *made = json_object();
    int failed = made == NULL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) failed |= put_text(made, texts[i].key, texts[i].text);
    if (info->isa[0] != 0) failed |= put_text(made, "isa", info->isa);
    failed |= put_whole(made, "seed", info->seed);
    failed |= put_whole(made, "step", (uint64_t)info->step);
    failed |= put_whole(made, "n_obs", (uint64_t)info->n_obs);
    failed |= put_whole(made, "n_act", (uint64_t)info->n_act);
    if (norm->n > 0) {
        failed |= put_reals(made, "normalizer_mean", norm->n, norm->mean);
        failed |= put_reals(made, "normalizer_std", norm->n, norm->std);
    }
    *metadata = failed ? NULL : made;
    if (!failed) return MDP_OK;
    json_decref(made);
    return mdp_fail(MDP_E_INTERNAL, "metadata: a text cannot be written as JSON");
}

/* ---- reading ---- */

static const char *text_of(const json_t *metadata, const char *key) {
    return json_string_value(json_object_get(metadata, key));
}

int mdp_checkpoint_is_metadata(const json_t *metadata) {
    const char *found = text_of(metadata, "format");
    return found != NULL && strcmp(found, format) == 0;
}

static mdp_err get_text(const char *path, const json_t *metadata, const char *key, char *text, size_t size) {
    const char *found = text_of(metadata, key);
    if (found == NULL) return mdp_fail(MDP_E_DATA, "%s: metadata: expected a text '%s', found none", path, key);
    if (strlen(found) >= size)
        return mdp_fail(MDP_E_DATA, "%s: metadata: %s: expected less than %zu bytes, found %zu", path, key, size,
                        strlen(found));
    strcpy(text, found);
    return MDP_OK;
}

static mdp_err get_whole(const char *path, const json_t *metadata, const char *key, uint64_t limit, uint64_t *value) {
    char text[32], *end;
    mdp_err err = get_text(path, metadata, key, text, sizeof text);
    if (err != MDP_OK) return err;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && *value <= limit) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: metadata: %s: expected a whole number from 0 to %" PRIu64 ", found '%s'", path,
                    key, limit, text);
}

static mdp_err get_reals(const char *path, const json_t *metadata, const char *key, int n, double *values) {
    const char *text = text_of(metadata, key);
    json_t *list = text != NULL ? json_loads(text, 0, NULL) : NULL;
    int is_good = json_is_array(list) && json_array_size(list) == (size_t)n;
    for (int i = 0; is_good && i < n; i++) {
        is_good = json_is_number(json_array_get(list, (size_t)i));
        values[i] = json_number_value(json_array_get(list, (size_t)i));
    }
    json_decref(list);
    if (is_good) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: metadata: %s: expected %d numbers, found something else", path, key, n);
}

static mdp_err get_json(const char *path, const json_t *metadata, const char *key, char **text) {
    char where[MDP_H5_NAME_MAX];
    const char *found = text_of(metadata, key);
    if (found == NULL) return mdp_fail(MDP_E_DATA, "%s: metadata: expected a text '%s', found none", path, key);
    snprintf(where, sizeof where, "%.200s: metadata: %s", path, key);
    mdp_err err = mdp_head_check_json(where, found);
    if (err != MDP_OK) return err;
    *text = strdup(found);
    return *text != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "%s: no memory", where);
}

static mdp_err get_head(const char *path, const json_t *metadata, struct mdp_head *head) {
    mdp_err err;
    char version[8];
    MDP_TRY(get_text(path, metadata, "format_version", version, sizeof version));
    if (strcmp(version, format_version) != 0)
        return mdp_fail(MDP_E_DATA, "%s: metadata: format_version: expected %s, found %s", path, format_version,
                        version);
    MDP_TRY(get_text(path, metadata, "version", head->version, sizeof head->version));
    MDP_TRY(get_text(path, metadata, "machine", head->machine, sizeof head->machine));
    MDP_TRY(get_json(path, metadata, "settings", &head->owned_settings));
    MDP_TRY(get_json(path, metadata, "inputs", &head->owned_inputs));
    head->settings = head->owned_settings;
    head->inputs = head->owned_inputs;
out:
    return err;
}

mdp_err mdp_checkpoint_from_metadata(const char *path, const json_t *metadata, struct mdp_checkpoint_info *info) {
    uint64_t step = 0, n_obs = 0, n_act = 0;
    mdp_err err;
    memset(info, 0, sizeof *info);
    if (!mdp_checkpoint_is_metadata(metadata))
        return mdp_fail(MDP_E_DATA, "%s: metadata: format: expected %s, found none", path, format);
    MDP_TRY(get_head(path, metadata, &info->head));
    MDP_TRY(get_text(path, metadata, "kind", info->kind, sizeof info->kind));
    MDP_TRY(get_text(path, metadata, "algo", info->algo, sizeof info->algo));
    MDP_TRY(get_text(path, metadata, "task", info->task, sizeof info->task));
    if (text_of(metadata, "isa") != NULL) MDP_TRY(get_text(path, metadata, "isa", info->isa, sizeof info->isa));
    MDP_TRY(get_whole(path, metadata, "seed", UINT64_MAX, &info->seed));
    MDP_TRY(get_whole(path, metadata, "step", INT64_MAX, &step));
    MDP_TRY(get_whole(path, metadata, "n_obs", MDP_NORMALIZER_MAX, &n_obs));
    MDP_TRY(get_whole(path, metadata, "n_act", MDP_NORMALIZER_MAX, &n_act));
    info->step = (int64_t)step;
    info->n_obs = (int)n_obs;
    info->n_act = (int)n_act;
    if (text_of(metadata, "normalizer_mean") != NULL || text_of(metadata, "normalizer_std") != NULL) {
        MDP_TRY(get_reals(path, metadata, "normalizer_mean", info->n_obs, info->normalizer.mean));
        MDP_TRY(get_reals(path, metadata, "normalizer_std", info->n_obs, info->normalizer.std));
        info->normalizer.n = info->n_obs;
    }
    MDP_TRY(mdp_checkpoint_check_info(path, info));
    return MDP_OK;
out:
    mdp_checkpoint_info_free(info);
    return err;
}
