/* datasets in D4RL's layout or Minari's, ours or not: ranges and episodes block by block, every array seen once. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/exchange/inspect_internal.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/minari.h"
#include "results/show/json.h"

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
    json_object_set_new(root, "return", json_null());
    json_object_set_new(root, "length", json_null());
    if (n_whole == 0) goto out;
    MDP_TRY(mdp_inspect_add_spread(root, "return", returns, n_whole));
    MDP_TRY(mdp_inspect_add_spread(root, "length", lengths, n_whole));
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
    struct mdp_h5_entry entry;
    mdp_err err;
    MDP_TRY(mdp_h5_describe(file, name, &entry));
    if (entry.is_numeric && entry.has_elements) {
        MDP_TRY(mdp_h5_shape(file, name, &shape));
        MDP_TRY(check_array(file, name, &shape));
    }
    json_t *item = json_pack("{so,ss,so}", "name", mdp_json_of_text(name), "type", entry.type, "shape",
                             entry.has_elements ? mdp_inspect_shape(&shape) : json_null());
    if (entry.link[0] != 0) json_object_set_new(item, "link", mdp_json_of_text(entry.link));
    json_array_append_new(list, item);
out:
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

/* other people's files need not have any of these, nor of our types; what could not be read is no such case */
static mdp_err add_metadata(struct mdp_h5 *file, json_t *root) {
    static const char *const names[] = {"algorithm",       "task",    "env_id",  "reference", "physics",
                                        "physics_library", "version", "machine", "isa"};
    json_t *facts = json_object();
    mdp_err err = MDP_OK;
    json_object_set_new(root, "metadata", facts);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64], *text;
        snprintf(name, sizeof name, "metadata/%s", names[i]);
        if (!mdp_h5_exists(file, name)) continue;
        err = mdp_h5_read_text(file, name, &text);
        if (err == MDP_E_IO || err == MDP_E_NOMEM) return err;
        if (err != MDP_OK) continue;
        json_object_set_new(facts, names[i], mdp_json_of_text(text));
        free(text);
    }
    uint64_t hash;
    if (!mdp_h5_exists(file, "metadata/physics_hash")) return MDP_OK;
    err = mdp_h5_read(file, "metadata/physics_hash", MDP_H5_U64, MDP_H5_SCALAR, &hash);
    if (err == MDP_OK) json_object_set_new(facts, "physics_hash", mdp_inspect_hex(hash));
    return err == MDP_E_IO || err == MDP_E_NOMEM ? err : MDP_OK;
}

static mdp_err add_d4rl(struct mdp_h5 *file, json_t *root, json_t *contents) {
    json_object_set_new(root, "layout", json_string("D4RL"));
    mdp_err err = add_metadata(file, root);
    return err == MDP_OK ? add_datasets(file, "/", 0, contents) : err;
}

/* texts and numbers of metadata.json but the spaces, whose sizes are said below */
static void add_minari_metadata(const struct mdp_minari *minari, json_t *root) {
    json_t *facts = json_object(), *value;
    const char *key;
    json_object_foreach(mdp_minari_metadata(minari), key, value) {
        if (strstr(key, "_space") != NULL || strstr(key, "env_spec") != NULL || json_is_object(value)) continue;
        json_object_set(facts, key, value);
    }
    json_object_set_new(root, "metadata", facts);
}

/* every array is read; those of the first episode stand for all */
static mdp_err add_minari(struct mdp_h5 *file, json_t *root, json_t *contents) {
    struct mdp_minari *minari = NULL;
    json_t *unseen = json_array();
    char name[32];
    mdp_err err;
    json_object_set_new(root, "layout", json_string("Minari"));
    MDP_TRY(mdp_minari_new(file, &minari));
    add_minari_metadata(minari, root);
    for (long i = 0; i < mdp_minari_episodes(minari); i++) {
        snprintf(name, sizeof name, "episode_%ld", i);
        MDP_TRY(add_datasets(file, name, 1, i == 0 ? contents : unseen));
        json_array_clear(unseen);
    }
out:
    json_decref(unseen);
    mdp_minari_free(minari);
    return err;
}

mdp_err mdp_inspect_dataset(struct mdp_h5 *file, json_t *root) {
    static const char *const ranges[] = {"observation_range", "action_range", "reward_range"};
    struct mdp_dataset_reader *reader = NULL;
    struct survey survey = {.episodes = {.n = 0}};
    json_t *contents = json_array();
    mdp_err err;
    json_object_set_new(root, "kind", json_string("dataset"));
    json_object_set_new(root, "contents", contents);
    MDP_TRY(mdp_dataset_reader_new(mdp_h5_path(file), 0, 0, &reader));
    const struct mdp_dataset_raw *head = mdp_dataset_reader_head(reader);
    mdp_dataset_reader_keep_actions(reader);
    MDP_TRY(look_over(reader, &survey));
    MDP_TRY(mdp_minari_is(file) ? add_minari(file, root, contents) : add_d4rl(file, root, contents));
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
