#include "bench/exchange/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/exchange/inspect_internal.h"
#include "bench/exchange/inspect_tensors.h"
#include "results/checkpoint.h"
#include "results/curve_place.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/minari.h"
#include "results/show/json.h"
#include "results/tensors/open.h"
#include "stats/moments.h"
#include "stats/quantile.h"

/* ---- small numbers ---- */

mdp_err mdp_inspect_add_spread(json_t *root, const char *name, const double *values, long n) {
    struct mdp_moments moments;
    struct mdp_order order;
    mdp_err err = mdp_moments_compute(values, n, &moments);
    if (err == MDP_OK) err = mdp_order_compute(values, n, &order);
    if (err != MDP_OK) return err == MDP_E_NOMEM ? err : MDP_OK;
    json_object_set_new(root, name,
                        json_pack("{sf,so,sf,sf,sf}", "mean", moments.mean, "sd", mdp_json_real(moments.sd_ddof1),
                                  "min", order.min, "median", order.median, "max", order.max));
    return MDP_OK;
}

json_t *mdp_inspect_hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

json_t *mdp_inspect_shape(const struct mdp_h5_shape *shape) {
    json_t *list = json_array();
    for (int i = 0; i < shape->rank; i++) json_array_append_new(list, json_integer(shape->extent[i]));
    return list;
}

void mdp_inspect_add_head(json_t *root, const struct mdp_head *head) {
    json_object_set_new(root, "version", json_string(head->version));
    json_object_set_new(root, "machine", json_string(head->machine));
    json_object_set_new(root, "settings", json_loads(head->settings, 0, NULL));
    json_object_set_new(root, "inputs", json_loads(head->inputs, 0, NULL));
}

/* ---- kinds of file ---- */

static mdp_err add_entries(const char *path, json_t *root) {
    struct mdp_checkpoint_entry *entries;
    json_t *list = json_array();
    int n;
    mdp_err err = mdp_checkpoint_list(path, &entries, &n);
    if (err != MDP_OK) {
        json_decref(list);
        return err;
    }
    long n_parameters = 0;
    for (int i = 0; i < n; i++) {
        if (strncmp(entries[i].name, "/tensors/", 9) == 0) n_parameters += mdp_h5_count(&entries[i].shape);
        json_array_append_new(list, json_pack("{ss,ss,so}", "name", entries[i].name, "type", entries[i].type, "shape",
                                              mdp_inspect_shape(&entries[i].shape)));
    }
    free(entries);
    json_object_set_new(root, "n_parameters", json_integer(n_parameters));
    json_object_set_new(root, "contents", list);
    return MDP_OK;
}

static mdp_err inspect_checkpoint(const char *path, json_t *root) {
    struct mdp_checkpoint_info info;
    mdp_err err = mdp_checkpoint_validate(path);
    if (err == MDP_OK) err = mdp_checkpoint_read_info(path, &info);
    if (err != MDP_OK) return err;
    json_object_set_new(root, "kind", json_string(info.kind));
    json_object_set_new(root, "algo", json_string(info.algo));
    json_object_set_new(root, "task", json_string(info.task));
    json_object_set_new(root, "seed", mdp_json_whole(info.seed));
    json_object_set_new(root, "step", json_integer(info.step));
    json_object_set_new(root, "n_obs", json_integer(info.n_obs));
    json_object_set_new(root, "n_act", json_integer(info.n_act));
    json_object_set_new(root, "normalizer", json_boolean(info.normalizer.n > 0));
    if (info.isa[0] != 0) json_object_set_new(root, "isa", json_string(info.isa));
    mdp_inspect_add_head(root, &info.head);
    mdp_checkpoint_info_free(&info);
    return add_entries(path, root);
}

/* ---- any file ---- */

mdp_err mdp_inspect_file(const char *path, json_t *root) {
    struct mdp_h5 *file = NULL;
    enum mdp_tensor_format container;
    struct mdp_curve_place place;
    char format[64] = "", dataset[MDP_PATH_MAX];
    mdp_err err;
    json_object_set_new(root, "file", mdp_json_of_text(path));
    if (mdp_curve_place_parse(path, &place)) return mdp_inspect_episodes(path, root);
    /* the only kind of file that is a folder */
    MDP_TRY(mdp_dataset_file(path, dataset));
    path = dataset;
    MDP_TRY(mdp_tensor_format_find(path, &container));
    if (container == MDP_FORMAT_TORCH || container == MDP_FORMAT_SAFETENSORS) return mdp_inspect_tensors(path, root);
    MDP_TRY(mdp_h5_open(path, &file));
    if (mdp_h5_attr_exists(file, "/", "format")) MDP_TRY(mdp_h5_attr_text(file, "/", "format", format, sizeof format));
    if (strcmp(format, "mdpbench-checkpoint") == 0) {
        err = inspect_checkpoint(path, root);
    } else if (strcmp(format, "mdpbench-episodes") == 0) {
        err = mdp_inspect_episodes(path, root);
    } else if (strcmp(format, "mdpbench-episodes-curve") == 0) {
        err = mdp_inspect_curve(path, root);
    } else if (mdp_h5_exists(file, "observations") || mdp_minari_is(file)) {
        err = mdp_inspect_dataset(file, root);
    } else {
        err = mdp_fail(MDP_E_DATA, "%s: /: expected a checkpoint, an episodes file or a dataset, found %s", path,
                       format[0] != 0 ? format : "neither a format attribute nor observations");
    }
out:
    mdp_h5_close(file);
    return err;
}
