#include "bench/run/normalizer_file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/file_kind.h"
#include "results/checkpoint_metadata.h"
#include "results/tensors/open.h"

enum { JSON_BYTES_MAX = 1 << 20 };

static const char *kind_of(const json_t *value) {
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a text", [JSON_INTEGER] = "a number",
        [JSON_REAL] = "a number",    [JSON_TRUE] = "true",      [JSON_FALSE] = "false",   [JSON_NULL] = "null"};
    return value == NULL ? "none" : kinds[json_typeof(value)];
}

static mdp_err read_list(const char *path, const json_t *root, const char *name, int *n,
                         double values[MDP_NORMALIZER_MAX]) {
    const json_t *list = json_object_get(root, name);
    /* NumPy's keepdims leaves an axis of one */
    while (json_array_size(list) == 1 && json_is_array(json_array_get(list, 0))) list = json_array_get(list, 0);
    size_t size = json_array_size(list);
    if (size < 1 || size > MDP_NORMALIZER_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected an array of 1 to %d numbers, found %s", path, name,
                        MDP_NORMALIZER_MAX, json_is_array(list) ? "another size" : kind_of(list));
    for (size_t i = 0; i < size; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_number(value))
            return mdp_fail(MDP_E_DATA, "%s: %s[%zu]: expected a number, found %s", path, name, i, kind_of(value));
        values[i] = json_number_value(value);
    }
    *n = (int)size;
    return MDP_OK;
}

/* written by hand or by a script: every mistake is said with what was found in its place */
static mdp_err of_json(const char *path, struct mdp_normalizer *normalizer) {
    char *text = NULL;
    size_t size;
    json_error_t error;
    json_t *root = NULL;
    int n_std = 0;
    mdp_err err;
    MDP_TRY(mdp_fsx_read(path, JSON_BYTES_MAX, &text, &size));
    const char *kind = mdp_file_kind_no_text(text, size);
    if (kind != NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected JSON with mean and std, or a module file, found %s", path, kind));
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: expected JSON with mean and std, or a module file, found an error at byte %d: %s", path,
                         error.position, error.text));
    MDP_TRY(read_list(path, root, "mean", &normalizer->n, normalizer->mean));
    MDP_TRY(read_list(path, root, "std", &n_std, normalizer->std));
    if (n_std != normalizer->n)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: std: expected %d numbers as in mean, found %d", path, normalizer->n, n_std));
    for (int i = 0; i < n_std; i++)
        if (!isfinite(normalizer->mean[i]) || !isfinite(normalizer->std[i]) || !(normalizer->std[i] > 0))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: std[%d]: expected more than 0, found %g", path, i, normalizer->std[i]));
out:
    json_decref(root);
    free(text);
    return err;
}

static mdp_err of_safetensors(const char *path, struct mdp_checkpoint_info *info) {
    struct mdp_tensor_file *file;
    mdp_err err = mdp_tensor_file_open(path, &file);
    if (err != MDP_OK) return err;
    err = mdp_checkpoint_from_metadata(path, file->metadata, info);
    mdp_tensor_file_free(file);
    return err;
}

mdp_err mdp_normalizer_of_file(const char *path, struct mdp_normalizer *normalizer) {
    struct mdp_checkpoint_info info = {.step = 0};
    enum mdp_tensor_format format;
    mdp_err err;
    MDP_TRY(mdp_tensor_format_find(path, &format));
    if (format != MDP_FORMAT_HDF5 && format != MDP_FORMAT_SAFETENSORS) return of_json(path, normalizer);
    MDP_TRY(format == MDP_FORMAT_HDF5 ? mdp_checkpoint_read_info(path, &info) : of_safetensors(path, &info));
    *normalizer = info.normalizer;
    if (normalizer->n == 0) err = mdp_fail(MDP_E_DATA, "%s: normaliser: expected mean and std, found none", path);
out:
    mdp_checkpoint_info_free(&info);
    return err;
}
