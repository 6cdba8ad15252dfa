#include "bench/exchange/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/exchange/inspect_internal.h"
#include "bench/exchange/inspect_tensors.h"
#include "results/checkpoint.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/show/markup.h"
#include "results/tensors/open.h"
#include "stats/moments.h"
#include "stats/quantile.h"

/* ---- small numbers ---- */

json_t *mdp_inspect_spread(const double *values, long n) {
    struct mdp_moments moments;
    struct mdp_order order;
    if (mdp_moments_compute(values, n, &moments) != MDP_OK || mdp_order_compute(values, n, &order) != MDP_OK)
        return NULL;
    /* a single value has no sd */
    return json_pack("{sf,so,sf,sf,sf}", "mean", moments.mean, "sd", n > 1 ? json_real(moments.sd_ddof1) : json_null(),
                     "min", order.min, "median", order.median, "max", order.max);
}

json_t *mdp_inspect_hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

/* a uint64 may pass what JSON integers hold here */
static json_t *whole(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_string(text);
}

json_t *mdp_inspect_shape(const struct mdp_h5_shape *shape) {
    json_t *list = json_array();
    for (int i = 0; i < shape->rank; i++) json_array_append_new(list, json_integer(shape->extent[i]));
    return list;
}

static void add_head(json_t *root, const struct mdp_head *head) {
    json_object_set_new(root, "version", json_string(head->version));
    json_object_set_new(root, "machine", json_string(head->machine));
    json_object_set_new(root, "settings", json_loads(head->settings, 0, NULL));
    json_object_set_new(root, "inputs", json_loads(head->inputs, 0, NULL));
}

/* older files do not say it */
static void add_isa(json_t *root, const char *isa) {
    if (isa[0] != 0) json_object_set_new(root, "isa", json_string(isa));
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
    json_object_set_new(root, "seed", whole(info.seed));
    json_object_set_new(root, "step", json_integer(info.step));
    json_object_set_new(root, "n_obs", json_integer(info.n_obs));
    json_object_set_new(root, "n_act", json_integer(info.n_act));
    json_object_set_new(root, "normalizer", json_boolean(info.normalizer.n > 0));
    add_isa(root, info.isa);
    add_head(root, &info.head);
    mdp_checkpoint_info_free(&info);
    return add_entries(path, root);
}

/* gives programs every root attribute under the name that it has in the file */
static void add_episode_facts(json_t *root, const struct mdp_episodes_info *info) {
    const struct {
        const char *name, *value;
    } texts[] = {{"task", info->task},
                 {"env_id", info->env_id},
                 {"physics", info->physics},
                 {"physics_library", info->physics_library},
                 {"reference", info->reference},
                 {"algo", info->algo},
                 {"actor", info->actor},
                 {"precision", info->precision},
                 {"return_rule", info->return_rule},
                 {"diffusion", info->diffusion.path},
                 {"guidance", info->guidance.path}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(root, texts[i].name, json_string(texts[i].value));
    json_object_set_new(root, "env_hash", mdp_inspect_hex(info->env_hash));
    json_object_set_new(root, "physics_hash", mdp_inspect_hex(info->physics_hash));
    json_object_set_new(root, "diffusion_hash", mdp_inspect_hex(info->diffusion.hash));
    json_object_set_new(root, "guidance_hash", mdp_inspect_hex(info->guidance.hash));
    json_object_set_new(root, "ref_min", json_real(info->ref_min));
    json_object_set_new(root, "ref_max", json_real(info->ref_max));
    json_object_set_new(root, "step", json_integer(info->step));
    json_object_set_new(root, "candidates", json_integer(info->candidates));
    json_object_set_new(root, "temperature", json_real(info->temperature));
    json_object_set_new(root, "w_t", json_real(info->w_t));
    json_object_set_new(root, "seed", whole(info->seed));
    add_isa(root, info->isa);
}

/* reads the whole file, so that its checks run, and sums it up */
static mdp_err inspect_episodes(const char *path, json_t *root) {
    struct mdp_episodes_info info;
    struct mdp_episodes e;
    double *lengths;
    long ends[3] = {0, 0, 0};
    mdp_err err = mdp_episodes_read(path, &info, &e);
    if (err != MDP_OK) return err;
    MDP_TRY(mdp_calloc(&lengths, (unsigned long)e.n, sizeof *lengths, "lengths"));
    for (long i = 0; i < e.n; i++) {
        lengths[i] = e.lengths[i];
        ends[e.ends[i]]++;
    }
    json_object_set_new(root, "kind", json_string("episodes"));
    add_episode_facts(root, &info);
    add_head(root, &info.head);
    json_object_set_new(root, "episodes", json_integer(e.n));
    json_object_set_new(root, "return", mdp_inspect_spread(e.returns, e.n));
    json_object_set_new(root, "normalized_return", mdp_inspect_spread(e.normalized_returns, e.n));
    json_object_set_new(root, "length", mdp_inspect_spread(lengths, e.n));
    json_object_set_new(root, "ends",
                        json_pack("{sI,sI,sI}", "terminated", (json_int_t)ends[0], "time_limit", (json_int_t)ends[1],
                                  "non_finite", (json_int_t)ends[2]));
    free(lengths);
out:
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&e);
    return err;
}

/* ---- any file ---- */

mdp_err mdp_inspect_file(const char *path, json_t *root) {
    struct mdp_h5 *file = NULL;
    enum mdp_tensor_format container;
    char format[64] = "";
    mdp_err err;
    json_object_set_new(root, "file", mdp_json_of_text(path));
    MDP_TRY(mdp_tensor_format_find(path, &container));
    if (container == MDP_FORMAT_TORCH || container == MDP_FORMAT_SAFETENSORS) return mdp_inspect_tensors(path, root);
    MDP_TRY(mdp_h5_open(path, &file));
    if (mdp_h5_attr_exists(file, "/", "format")) MDP_TRY(mdp_h5_attr_text(file, "/", "format", format, sizeof format));
    if (strcmp(format, "mdpbench-checkpoint") == 0) {
        err = inspect_checkpoint(path, root);
    } else if (strcmp(format, "mdpbench-episodes") == 0) {
        err = inspect_episodes(path, root);
    } else if (mdp_h5_exists(file, "observations") || mdp_h5_exists(file, "episode_0")) {
        err = mdp_inspect_dataset(file, root);
    } else {
        err = mdp_fail(MDP_E_DATA, "%s: /: expected a checkpoint, an episodes file or a D4RL dataset, found %s", path,
                       format[0] != 0 ? format : "neither a format attribute nor observations");
    }
out:
    mdp_h5_close(file);
    return err;
}
