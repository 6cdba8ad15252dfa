/* mdpbench inspect: validates a file of ours, a D4RL dataset or a file of tensors, and shows what is in it. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/run/settings.h"
#include "bench/exchange/inspect_tensors.h"
#include "results/checkpoint.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/tensors/open.h"
#include "stats/moments.h"
#include "stats/quantile.h"

/* every file becomes one JSON object first; the text is a walk over it, so that both always agree */

/* ---- small numbers ---- */

/* mean, sd, min, median and max of n >= 1 finite values; NULL if they are not */
static json_t *spread(const double *values, long n) {
    struct mdp_moments moments;
    struct mdp_order order;
    if (mdp_moments_compute(values, n, &moments) != MDP_OK || mdp_order_compute(values, n, &order) != MDP_OK)
        return NULL;
    /* a single value has no sd */
    return json_pack("{sf,so,sf,sf,sf}", "mean", moments.mean, "sd", n > 1 ? json_real(moments.sd_ddof1) : json_null(),
                     "min", order.min, "median", order.median, "max", order.max);
}

static json_t *hex(uint64_t value) {
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

static json_t *shape_json(const struct mdp_h5_shape *shape) {
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
                                              shape_json(&entries[i].shape)));
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
    json_object_set_new(root, "env_hash", hex(info->env_hash));
    json_object_set_new(root, "physics_hash", hex(info->physics_hash));
    json_object_set_new(root, "diffusion_hash", hex(info->diffusion.hash));
    json_object_set_new(root, "guidance_hash", hex(info->guidance.hash));
    json_object_set_new(root, "ref_min", json_real(info->ref_min));
    json_object_set_new(root, "ref_max", json_real(info->ref_max));
    json_object_set_new(root, "step", json_integer(info->step));
    json_object_set_new(root, "candidates", json_integer(info->candidates));
    json_object_set_new(root, "temperature", json_real(info->temperature));
    json_object_set_new(root, "w_t", json_real(info->w_t));
    json_object_set_new(root, "seed", whole(info->seed));
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
    json_object_set_new(root, "return", spread(e.returns, e.n));
    json_object_set_new(root, "normalized_return", spread(e.normalized_returns, e.n));
    json_object_set_new(root, "length", spread(lengths, e.n));
    json_object_set_new(root, "ends",
                        json_pack("{sI,sI,sI}", "terminated", (json_int_t)ends[0], "time_limit", (json_int_t)ends[1],
                                  "non_finite", (json_int_t)ends[2]));
    free(lengths);
out:
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&e);
    return err;
}

/* what is seen of a dataset block by block */
struct survey {
    float low[3], high[3]; /* of observations, actions, rewards */
    struct mdp_dataset_episodes episodes;
};

static void widen(struct survey *survey, int k, const float *values, long n) {
    for (long i = 0; i < n; i++) {
        if (values[i] < survey->low[k]) survey->low[k] = values[i];
        if (values[i] > survey->high[k]) survey->high[k] = values[i];
    }
}

static mdp_err look_over(struct mdp_dataset_reader *reader, struct survey *survey) {
    struct mdp_dataset_raw block;
    mdp_err err;
    for (int k = 0; k < 3; k++) {
        survey->low[k] = INFINITY;
        survey->high[k] = -INFINITY;
    }
    do {
        MDP_TRY(mdp_dataset_reader_next(reader, &block));
        widen(survey, 0, block.observations, block.n * block.n_obs);
        widen(survey, 1, block.actions, block.n * block.n_act);
        widen(survey, 2, block.rewards, block.n);
        MDP_TRY(mdp_dataset_episodes_add(&survey->episodes, &block));
    } while (block.n > 0);
    MDP_TRY(mdp_dataset_episodes_finish(&survey->episodes));
out:
    return err;
}

/* returns and lengths of whole episodes; one that the file cuts off is only counted */
static mdp_err add_dataset_episodes(const struct mdp_dataset_episodes *episodes, json_t *root) {
    double *returns = NULL, *lengths = NULL;
    long n = episodes->n, n_whole = 0, n_terminated = 0;
    mdp_err err;
    MDP_TRY(mdp_calloc(&returns, (unsigned long)n, sizeof *returns, "returns"));
    MDP_TRY(mdp_calloc(&lengths, (unsigned long)n, sizeof *lengths, "lengths"));
    for (long i = 0; i < n; i++) {
        const struct mdp_dataset_episode *episode = &episodes->list[i];
        if (episode->end == 'O') continue;
        returns[n_whole] = episode->ret;
        lengths[n_whole++] = (double)episode->n;
        n_terminated += episode->end == 'T';
    }
    json_object_set_new(root, "episodes",
                        json_pack("{sI,sI,sI}", "terminated", (json_int_t)n_terminated, "time_limit",
                                  (json_int_t)(n_whole - n_terminated), "open", (json_int_t)(n - n_whole)));
    json_object_set_new(root, "return", n_whole > 0 ? spread(returns, n_whole) : json_null());
    json_object_set_new(root, "length", n_whole > 0 ? spread(lengths, n_whole) : json_null());
out:
    free(returns);
    free(lengths);
    return err;
}

static mdp_err check_finite(const struct mdp_h5 *file, const char *name, const double *block, long first, long n,
                            long width) {
    for (long i = 0; i < n * width; i++)
        if (!isfinite(block[i]))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected finite values, found %g at row %ld, column %ld",
                            mdp_h5_path(file), name, block[i], first + i / width, i % width);
    return MDP_OK;
}

/* reads an array block by block, so that checksums and values are seen without holding it all */
static mdp_err check_array(struct mdp_h5 *file, const char *name, const struct mdp_h5_shape *shape) {
    enum { BLOCK = 1 << 17 };
    struct mdp_h5_rows *array = NULL;
    double *block = NULL;
    mdp_err err;
    if (shape->rank == 0 || mdp_h5_count(shape) == 0) return MDP_OK;
    long width = mdp_h5_count(shape) / shape->extent[0];
    MDP_TRY(mdp_h5_rows_open(file, name, MDP_H5_F64, &array));
    long rows = mdp_h5_rows_block(array, width < BLOCK ? BLOCK / width : 1);
    if (rows > shape->extent[0]) rows = shape->extent[0];
    MDP_TRY(mdp_calloc(&block, (unsigned long)rows, (unsigned long)width * sizeof *block, name));
    for (long first = 0; first < shape->extent[0]; first += rows) {
        long n = shape->extent[0] - first < rows ? shape->extent[0] - first : rows;
        MDP_TRY(mdp_h5_rows_read(array, first, n, block));
        MDP_TRY(check_finite(file, name, block, first, n, width));
    }
out:
    free(block);
    mdp_h5_rows_close(array);
    return err;
}

static mdp_err add_dataset(struct mdp_h5 *file, const char *name, json_t *list) {
    struct mdp_h5_shape shape = {0, {0}};
    char type[16];
    mdp_err err = mdp_h5_type_text(file, name, type);
    if (err == MDP_OK && strcmp(type, "text") != 0 && strcmp(type, "other") != 0) {
        err = mdp_h5_shape(file, name, &shape);
        if (err == MDP_OK) err = check_array(file, name, &shape);
    }
    if (err == MDP_OK)
        json_array_append_new(list, json_pack("{ss,ss,so}", "name", name, "type", type, "shape", shape_json(&shape)));
    return err;
}

static mdp_err add_datasets(struct mdp_h5 *file, const char *group, int depth, json_t *list) {
    struct mdp_h5_child *children;
    int n;
    mdp_err err = mdp_h5_list(file, group, &children, &n);
    if (err != MDP_OK) return err;
    for (int i = 0; err == MDP_OK && i < n; i++) {
        char name[3 * MDP_H5_NAME_MAX];
        snprintf(name, sizeof name, "%.500s%s%s", group, strcmp(group, "/") == 0 ? "" : "/", children[i].name);
        if (!children[i].is_group)
            err = add_dataset(file, name, list);
        else if (depth < 4)
            err = add_datasets(file, name, depth + 1, list);
    }
    free(children);
    return err;
}

static void add_metadata(struct mdp_h5 *file, json_t *root) {
    static const char *const names[] = {"algorithm",       "task",    "env_id", "reference", "physics",
                                        "physics_library", "version", "machine"};
    json_t *facts = json_object();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64], *text;
        snprintf(name, sizeof name, "metadata/%s", names[i]);
        /* other people's files need not have any of these */
        if (!mdp_h5_exists(file, name) || mdp_h5_read_text(file, name, &text) != MDP_OK) continue;
        json_object_set_new(facts, names[i], json_string(text));
        free(text);
    }
    uint64_t hash;
    if (mdp_h5_exists(file, "metadata/physics_hash") &&
        mdp_h5_read(file, "metadata/physics_hash", MDP_H5_U64, MDP_H5_SCALAR, &hash) == MDP_OK)
        json_object_set_new(facts, "physics_hash", hex(hash));
    json_object_set_new(root, "metadata", facts);
}

static mdp_err inspect_dataset(struct mdp_h5 *file, json_t *root) {
    static const char *const ranges[] = {"observation_range", "action_range", "reward_range"};
    struct mdp_dataset_reader *reader = NULL;
    struct survey survey = {.episodes = {.n = 0}};
    json_t *contents = json_array();
    mdp_err err;
    json_object_set_new(root, "kind", json_string("dataset"));
    json_object_set_new(root, "contents", contents);
    MDP_TRY(mdp_dataset_reader_new(mdp_h5_path(file), 0, 0, &reader));
    const struct mdp_dataset_raw *head = mdp_dataset_reader_head(reader);
    MDP_TRY(look_over(reader, &survey));
    add_metadata(file, root);
    MDP_TRY(add_datasets(file, "/", 0, contents));
    json_object_set_new(root, "rows", json_integer(head->n));
    json_object_set_new(root, "n_obs", json_integer(head->n_obs));
    json_object_set_new(root, "n_act", json_integer(head->n_act));
    for (int k = 0; k < 3; k++)
        json_object_set_new(root, ranges[k], json_pack("[f,f]", (double)survey.low[k], (double)survey.high[k]));
    MDP_TRY(add_dataset_episodes(&survey.episodes, root));
out:
    mdp_dataset_reader_free(reader);
    mdp_dataset_episodes_free(&survey.episodes);
    return err;
}

/* ---- showing ---- */

static void print_value(const json_t *value) {
    char *text;
    switch (json_typeof(value)) {
    case JSON_STRING: fputs(json_string_value(value), stdout); break;
    case JSON_REAL: printf("%.6g", json_real_value(value)); break;
    case JSON_NULL: fputs("-", stdout); break;
    default:
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        fputs(text != NULL ? text : "", stdout);
        free(text);
    }
}

static void print_spread(const json_t *entry) {
    const json_t *sd = json_object_get(entry, "sd");
    printf("  mean %.4g, sd ", json_number_value(json_object_get(entry, "mean")));
    if (json_is_null(sd))
        printf("-");
    else
        printf("%.4g", json_number_value(sd));
    printf(", %.4g to %.4g", json_number_value(json_object_get(entry, "min")),
           json_number_value(json_object_get(entry, "max")));
}

static void print_contents(json_t *list) {
    size_t i;
    json_t *entry;
    printf("  contents\n");
    json_array_foreach(list, i, entry) {
        printf("    %-44s %-8s ", json_string_value(json_object_get(entry, "name")),
               json_string_value(json_object_get(entry, "type")));
        print_value(json_object_get(entry, "shape"));
        if (json_object_get(entry, "mean") != NULL) print_spread(entry);
        printf("\n");
    }
}

/* numbers of one thing share a line; texts get one each */
static void print_members(json_t *object) {
    const char *name;
    json_t *member;
    int is_first = 1;
    json_object_foreach(object, name, member) {
        if (json_is_string(member))
            printf("%s%-10s ", is_first ? "" : "\n                     ", name);
        else
            printf("%s%s ", is_first ? "" : "  ", name);
        print_value(member);
        is_first = 0;
    }
}

static void print_report(const char *path, json_t *root) {
    const char *name;
    json_t *value;
    printf("%s\n", path);
    json_object_foreach(root, name, value) {
        if (strcmp(name, "file") == 0) continue;
        if (strcmp(name, "contents") == 0) {
            print_contents(value);
            continue;
        }
        printf("  %-18s ", name);
        if (json_is_object(value) && strcmp(name, "settings") != 0 && strcmp(name, "inputs") != 0) {
            print_members(value);
        } else {
            print_value(value);
        }
        printf("\n");
    }
}

static mdp_err inspect_file(const char *path, json_t *root) {
    struct mdp_h5 *file = NULL;
    enum mdp_tensor_format container;
    char format[64] = "";
    mdp_err err;
    json_object_set_new(root, "file", json_string(path));
    MDP_TRY(mdp_tensor_format_find(path, &container));
    if (container == MDP_FORMAT_TORCH || container == MDP_FORMAT_SAFETENSORS) return mdp_inspect_tensors(path, root);
    MDP_TRY(mdp_h5_open(path, &file));
    if (mdp_h5_attr_exists(file, "/", "format")) MDP_TRY(mdp_h5_attr_text(file, "/", "format", format, sizeof format));
    if (strcmp(format, "mdpbench-checkpoint") == 0) {
        err = inspect_checkpoint(path, root);
    } else if (strcmp(format, "mdpbench-episodes") == 0) {
        err = inspect_episodes(path, root);
    } else if (mdp_h5_exists(file, "observations")) {
        err = inspect_dataset(file, root);
    } else {
        err = mdp_fail(MDP_E_DATA, "%s: /: expected a checkpoint, an episodes file or a D4RL dataset, found %s", path,
                       format[0] != 0 ? format : "neither a format attribute nor observations");
    }
out:
    mdp_h5_close(file);
    return err;
}

/* the command's options */
struct request {
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "print one JSON array, an object a file")};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "inspect: expected one or more files, found none");
    json_t *list = json_array();
    for (int i = first; err == MDP_OK && i < argc; i++) {
        json_t *root = json_object();
        err = inspect_file(argv[i], root);
        if (err == MDP_OK && !r.as_json) print_report(argv[i], root);
        json_array_append_new(list, root);
    }
    if (err == MDP_OK && r.as_json && json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0)
        putchar('\n');
    json_decref(list);
    if (err == MDP_OK && (fflush(stdout) != 0 || ferror(stdout)))
        err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    return err;
}

const struct mdp_verb mdp_verb_inspect = {
    .name = "inspect",
    .summary = "validate any file of ours, a D4RL dataset or a file of tensors, and show what is in it",
    .usage = "[--json] FILE...",
    .details =
        "Takes checkpoints (diffusion, guidance, behavior, resume), episodes files, D4RL datasets, ours or not, and\n"
        "tensors of others (PyTorch's .pt, of which nothing is run, and safetensors).\n"
        "Every array is read whole: types, shapes, checksums, ranges and finiteness are checked. The first file that\n"
        "does not pass ends the command with one message and status 3 (5 if it cannot be read at all).",
    .example = "mdpbench inspect datasets/halfcheetah-medium.hdf5",
    .options = &options,
    .run = run,
};
