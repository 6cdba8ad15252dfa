#include "bench/exchange/inspect_tensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/show/json.h"
#include "results/tensors/open.h"
#include "stats/moments.h"

/* mean, sd (none of a single value), min and max of n >= 1 finite values */
static mdp_err add_spread(json_t *entry, const double *values, long n) {
    struct mdp_moments moments;
    double low = values[0], high = values[0];
    mdp_err err = mdp_moments_compute(values, n, &moments);
    if (err != MDP_OK) return err;
    for (long i = 1; i < n; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    json_object_set_new(entry, "mean", json_real(moments.mean));
    json_object_set_new(entry, "sd", mdp_json_real(moments.sd_ddof1));
    json_object_set_new(entry, "min", json_real(low));
    json_object_set_new(entry, "max", json_real(high));
    return MDP_OK;
}

static mdp_err add_tensor(const struct mdp_tensor_file *file, const struct mdp_stored_tensor *tensor, json_t *list) {
    json_t *shape = json_array(), *entry = NULL;
    double *values = NULL;
    mdp_err err;
    for (int i = 0; i < tensor->rank; i++) json_array_append_new(shape, json_integer(tensor->extent[i]));
    entry = json_pack("{ss,ss,so}", "name", tensor->name, "type", mdp_dtype_text(tensor->dtype), "shape", shape);
    MDP_TRY(mdp_calloc(&values, (unsigned long)tensor->n, sizeof *values, tensor->name));
    MDP_TRY(mdp_tensor_file_read(file, tensor, values));
    if (tensor->n > 0) MDP_TRY(add_spread(entry, values, tensor->n));
    json_array_append(list, entry);
out:
    free(values);
    json_decref(entry);
    return err;
}

/* counts by the first part of a name: the dictionaries of a checkpoint */
static void add_to_group(json_t *groups, const struct mdp_stored_tensor *tensor) {
    char name[MDP_STORED_NAME_MAX];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(tensor->name, "."), tensor->name);
    json_t *group = json_object_get(groups, name);
    json_int_t n_tensors = json_integer_value(json_object_get(group, "tensors")),
               n_parameters = json_integer_value(json_object_get(group, "parameters"));
    json_object_set_new(
        groups, name,
        json_pack("{sI,sI}", "tensors", n_tensors + 1, "parameters", n_parameters + (json_int_t)tensor->n));
}

mdp_err mdp_inspect_tensors(const char *path, json_t *root) {
    struct mdp_tensor_file *file;
    json_t *contents = json_array(), *groups = json_object();
    long n_parameters = 0;
    mdp_err err;
    MDP_TRY(mdp_tensor_file_open(path, &file));
    for (int i = 0; err == MDP_OK && i < file->n; i++) {
        err = add_tensor(file, &file->tensors[i], contents);
        add_to_group(groups, &file->tensors[i]);
        n_parameters += file->tensors[i].n;
    }
    json_object_set_new(root, "kind", json_string("tensors"));
    json_object_set_new(root, "format", json_string(file->format));
    json_object_set_new(root, "bytes", json_integer((json_int_t)file->bytes.size));
    json_object_set(root, "metadata", file->metadata != NULL ? file->metadata : json_null());
    json_object_set(root, "groups", groups);
    json_object_set_new(root, "n_parameters", json_integer(n_parameters));
    json_object_set(root, "contents", contents);
    mdp_tensor_file_free(file);
out:
    json_decref(contents);
    json_decref(groups);
    return err;
}
