/* Minari's layout into D4RL's: episodes end to end, a block of rows at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/write.h"
#include "results/minari.h"
#include "results/minari_arrays.h"
#include "results/minari_convert.h"

enum { BLOCK_ROWS = 4096 };

struct import {
    struct mdp_h5 *from, *to;
    struct mdp_minari *minari;
    long n_rows, n_first; /* of all episodes, of the first one */
    struct mdp_minari_arrays arrays;
};

static struct mdp_minari_array *add_array(struct import *import, const struct mdp_minari_array *like,
                                          const char *target) {
    struct mdp_minari_array *array = &import->arrays.list[import->arrays.n++];
    *array = *like;
    snprintf(array->target, sizeof array->target, "%s", target);
    return array;
}

/* what the first episode has; infos of a reset stand before those of its steps */
static mdp_err list_minari_info(void *context, struct mdp_h5 *file, const char *name) {
    struct import *import = context;
    struct mdp_minari_array array = {.width = 0};
    int is_row;
    mdp_err err = mdp_minari_describe(file, name, import->n_first, &array, &is_row);
    if (err != MDP_OK) return err;
    const char *leaf = strchr(name, '/') + 1;
    int is_beyond = import->arrays.n == MDP_MINARI_ARRAYS_MAX;
    if (is_row && is_beyond)
        mdp_log("%s: %s: left out, as only %d arrays of a row a step are taken over", mdp_h5_path(file), name,
                MDP_MINARI_ARRAYS_MAX);
    if (!is_row) mdp_log("%s: %s: left out, as it has not a row of numbers a step", mdp_h5_path(file), name);
    if (!is_row || is_beyond) return MDP_OK;
    snprintf(array.name, sizeof array.name, "%s", leaf);
    (void)add_array(import, &array, leaf);
    return MDP_OK;
}

static mdp_err list_minari(struct import *import) {
    char name[MDP_H5_NAME_MAX];
    int is_row;
    mdp_err err = MDP_OK;
    for (int i = 0; i < MDP_MINARI_N_NAMES; i++) {
        struct mdp_minari_array array = {.width = 0};
        snprintf(name, sizeof name, "episode_0/%s", mdp_minari_names[i]);
        MDP_TRY(mdp_minari_describe(import->from, name, import->n_first, &array, &is_row));
        if (!is_row || array.beyond != (i == MDP_MINARI_OBSERVATIONS))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a row of numbers a step%s, found another shape",
                             mdp_h5_path(import->from), name, i == MDP_MINARI_OBSERVATIONS ? " and one more" : ""));
        snprintf(array.name, sizeof array.name, "%s", mdp_minari_names[i]);
        if (i == MDP_MINARI_TERMINALS || i == MDP_MINARI_TIMEOUTS) array.type = MDP_H5_BOOL;
        if (i >= MDP_MINARI_REWARDS) array.is_flat = 1;
        (void)add_array(import, &array, mdp_d4rl_names[i]);
    }
    add_array(import, &import->arrays.list[MDP_MINARI_OBSERVATIONS], "next_observations")->skips_first = 1;
    if (mdp_h5_exists(import->from, "episode_0/infos"))
        MDP_TRY(mdp_minari_walk(import->from, "episode_0/infos", 1, list_minari_info, import));
out:
    return err;
}

static mdp_err copy_rows(struct import *import) {
    struct mdp_minari_arrays *arrays = &import->arrays;
    mdp_err err;
    MDP_TRY(mdp_minari_arrays_alloc(arrays, BLOCK_ROWS));
    for (int k = 0; k < arrays->n; k++) {
        const struct mdp_minari_array *array = &arrays->list[k];
        MDP_TRY(mdp_h5_grow_new(import->to, array->target, array->type, array->is_flat ? 0 : array->width, BLOCK_ROWS,
                                MDP_H5_COMPRESS));
    }
    for (long first = 0; first < import->n_rows; first += BLOCK_ROWS) {
        long n = import->n_rows - first < BLOCK_ROWS ? import->n_rows - first : BLOCK_ROWS;
        for (int k = 0; k < arrays->n; k++) {
            const struct mdp_minari_array *array = &arrays->list[k];
            MDP_TRY(mdp_minari_read(import->minari, array->name, array->type, array->beyond, array->skips_first, first,
                                    n, array->row_bytes, array->block));
            if (k == MDP_MINARI_TIMEOUTS)
                mdp_minari_close_episodes(import->minari, first, n,
                                          (const uint8_t *)arrays->list[MDP_MINARI_TERMINALS].block,
                                          (uint8_t *)array->block);
            MDP_TRY(mdp_h5_grow(import->to, array->target, array->type, n, array->block));
        }
    }
out:
    return err;
}

static mdp_err add_text(struct mdp_h5 *to, const char *name, const char *text) {
    return text != NULL ? mdp_h5_write_text(to, name, text) : MDP_OK;
}

/* what is said of a dataset that was D4RL's before, or else all that Minari says */
static mdp_err copy_metadata(struct import *import) {
    struct mdp_minari_rest rest = {.target = import->to};
    struct mdp_h5 *beside = NULL;
    json_t *metadata = mdp_minari_metadata(import->minari);
    char path[MDP_PATH_MAX], *text = NULL;
    mdp_err err;
    const char *from = mdp_h5_path(import->from);
    MDP_TRY(mdp_fsx_path(path, "%.*sd4rl.hdf5", (int)(mdp_path_name(from) - from), from));
    if (mdp_fsx_exists(path)) {
        MDP_TRY(mdp_h5_open(path, &beside));
        MDP_TRY(mdp_minari_walk(beside, "", 0, mdp_minari_copy_rest, &rest));
        goto out;
    }
    text = json_dumps(metadata, JSON_SORT_KEYS);
    if (text != NULL && strlen(text) <= MDP_MINARI_TEXT_MAX && json_object_size(metadata) > 0)
        MDP_TRY(add_text(import->to, "metadata/minari", text));
    MDP_TRY(add_text(import->to, "metadata/algorithm", json_string_value(json_object_get(metadata, "algorithm_name"))));
out:
    free(text);
    mdp_h5_close(beside);
    return err;
}

/* actions stay what they were; a range that is not [-1, 1] is written down, so that who reads them maps them alike */
static mdp_err write_bounds(struct import *import) {
    double ends[2 * MDP_NORMALIZER_MAX];
    double high[MDP_NORMALIZER_MAX];
    const int n = mdp_minari_bounds(import->minari, ends, high);
    const struct mdp_h5_shape shape = {2, {2, n}};
    if (n == 0 || mdp_h5_exists(import->to, MDP_DATASET_BOUNDS)) return MDP_OK;
    memcpy(ends + n, high, (size_t)n * sizeof *high);
    return mdp_h5_write(import->to, MDP_DATASET_BOUNDS, MDP_H5_F64, &shape, MDP_H5_PLAIN, ends);
}

mdp_err mdp_minari_to_d4rl(const char *minari, const char *d4rl, enum mdp_publish how) {
    struct import *import = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&import, 1, sizeof *import, "conversion"));
    MDP_TRY(mdp_h5_open(minari, &import->from));
    MDP_TRY(mdp_minari_new(import->from, &import->minari));
    import->n_rows = mdp_minari_first(import->minari, mdp_minari_episodes(import->minari));
    if (import->n_rows == 0) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected steps, found none", minari));
    import->n_first = mdp_minari_first(import->minari, 1);
    MDP_TRY(list_minari(import));
    MDP_TRY(mdp_h5_create_as(d4rl, how, &import->to));
    MDP_TRY(copy_metadata(import));
    MDP_TRY(write_bounds(import));
    MDP_TRY(copy_rows(import));
    err = mdp_h5_commit(&import->to);
out:
    if (import != NULL) {
        mdp_minari_arrays_free(&import->arrays);
        mdp_minari_free(import->minari);
        mdp_h5_close(import->from);
        mdp_h5_close(import->to);
    }
    free(import);
    return err;
}
