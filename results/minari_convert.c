#include "results/minari_convert.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memstream.h"
#include "base/path.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/write.h"
#include "results/minari.h"
#include "results/minari_arrays.h"
#include "results/reference_scores.h"

/* the release whose layout this is; pip's minari refuses datasets of a release that it does not know */
#define MINARI_VERSION "0.5.4"

/* ---- arrays ---- */

struct listing {
    struct mdp_minari_arrays *arrays;
    long n_rows;
};

static mdp_err list_info(void *context, struct mdp_h5 *file, const char *name) {
    struct listing *listing = context;
    struct mdp_minari_arrays *arrays = listing->arrays;
    int is_row;
    if (arrays->n == MDP_MINARI_ARRAYS_MAX) return MDP_OK;
    struct mdp_minari_array *array = &arrays->list[arrays->n];
    mdp_err err = mdp_minari_describe(file, name, listing->n_rows, array, &is_row);
    if (err != MDP_OK || !is_row || array->beyond) return err;
    snprintf(array->target, sizeof array->target, "%s", name);
    arrays->n++;
    return MDP_OK;
}

/* the five that every episode has, then the infos of its steps */
static mdp_err list_d4rl(struct mdp_h5 *file, long n_rows, struct mdp_minari_arrays *arrays) {
    struct listing listing = {arrays, n_rows};
    int is_row = 1;
    mdp_err err = MDP_OK;
    for (int i = 0; i < MDP_MINARI_N_NAMES; i++) {
        struct mdp_minari_array *array = &arrays->list[arrays->n++];
        *array = (struct mdp_minari_array){.type = MDP_H5_BOOL, .width = 1, .is_flat = 1, .row_bytes = 1};
        if (i != MDP_MINARI_TIMEOUTS || mdp_h5_exists(file, mdp_d4rl_names[i]))
            MDP_TRY(mdp_minari_describe(file, mdp_d4rl_names[i], n_rows, array, &is_row));
        if (!is_row)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a row of numbers for each of %ld steps, found others",
                             mdp_h5_path(file), mdp_d4rl_names[i], n_rows));
        if (i == MDP_MINARI_TERMINALS || i == MDP_MINARI_TIMEOUTS) array->type = MDP_H5_BOOL;
        /* spaces of integers would promise that there are no others */
        if (i <= MDP_MINARI_ACTIONS && array->type != MDP_H5_F64) array->type = MDP_H5_F32;
        array->row_bytes = mdp_h5_type_size(array->type) * (size_t)array->width;
        if (i >= MDP_MINARI_REWARDS) array->row_bytes = mdp_h5_type_size(array->type);
        snprintf(array->target, sizeof array->target, "%s", mdp_minari_names[i]);
    }
    if (mdp_h5_exists(file, "infos")) MDP_TRY(mdp_minari_walk(file, "infos", 1, list_info, &listing));
    for (int i = 0; i < arrays->n; i++)
        if (arrays->list[i].name[0] != 0)
            MDP_TRY(mdp_h5_rows_open(file, arrays->list[i].name, arrays->list[i].type, &arrays->list[i].rows));
out:
    return err;
}

/* ---- D4RL to Minari: the episodes ---- */

struct export {
    struct mdp_h5 *from, *to;
    struct mdp_h5_rows *next;
    struct mdp_dataset_episodes episodes;
    struct mdp_dataset_raw head;
    struct mdp_dataset_bounds bounds;
    struct mdp_minari_arrays arrays;
    char *next_block;
    uint64_t hash;
};

/* reads the file as training would, so that all of it was checked */
static mdp_err find_episodes(const char *path, struct export *export) {
    struct mdp_dataset_reader *reader = NULL;
    struct mdp_dataset_raw block;
    mdp_err err;
    MDP_TRY(mdp_dataset_reader_new(path, 0, 0, &reader));
    export->head = *mdp_dataset_reader_head(reader);
    export->bounds = *mdp_dataset_reader_bounds(reader);
    do {
        MDP_TRY(mdp_dataset_reader_next(reader, &block));
        MDP_TRY(mdp_dataset_episodes_add(&export->episodes, &block));
    } while (block.n > 0);
    MDP_TRY(mdp_dataset_episodes_finish(&export->episodes));
out:
    mdp_dataset_reader_free(reader);
    return err;
}

static mdp_err open_next(struct export *export) {
    char found[16], expected[16];
    const struct mdp_minari_array *observations = &export->arrays.list[MDP_MINARI_OBSERVATIONS];
    const char *path = mdp_h5_path(export->from);
    mdp_err err;
    if (!mdp_h5_exists(export->from, "next_observations"))
        return mdp_fail(MDP_E_DATA,
                        "%s: next_observations: expected them, since Minari keeps the observation after the last step "
                        "of each episode, found none",
                        path);
    MDP_TRY(mdp_h5_type_text(export->from, "next_observations", found));
    MDP_TRY(mdp_h5_type_text(export->from, "observations", expected));
    if (strcmp(found, expected) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: next_observations: expected %s as observations are, found %s", path, expected,
                         found));
    err = mdp_h5_rows_open(export->from, "next_observations", observations->type, &export->next);
out:
    return err;
}

/* observations of an episode are one chain: what a step led to is what the next one began with */
static mdp_err chain(struct export *export, const struct mdp_dataset_episode *episode) {
    struct mdp_minari_array *observations = &export->arrays.list[MDP_MINARI_OBSERVATIONS];
    size_t bytes = observations->row_bytes, n = (size_t)episode->n;
    mdp_err err = mdp_h5_rows_read(export->next, episode->first, episode->n, export->next_block);
    if (err != MDP_OK) return err;
    for (size_t i = 0; i + 1 < n; i++)
        if (memcmp(export->next_block + i * bytes, observations->block + (i + 1) * bytes, bytes) != 0)
            return mdp_fail(MDP_E_DATA,
                            "%s: next_observations: expected those of row %ld to be the observations of row %ld, as "
                            "neither a terminal nor a time-out parts them, found others",
                            mdp_h5_path(export->from), episode->first + (long)i, episode->first + (long)i + 1);
    memcpy(observations->block + n * bytes, export->next_block + (n - 1) * bytes, bytes);
    for (long j = 0; j < observations->width; j++) {
        const char *last = observations->block + n * bytes;
        double value = observations->type == MDP_H5_F64 ? ((const double *)(const void *)last)[j]
                                                        : (double)((const float *)(const void *)last)[j];
        if ((observations->type == MDP_H5_F64 || observations->type == MDP_H5_F32) && !isfinite(value))
            return mdp_fail(MDP_E_DATA,
                            "%s: next_observations: expected finite values, found %g at row %ld, column %ld",
                            mdp_h5_path(export->from), value, episode->first + episode->n - 1, j);
    }
    return MDP_OK;
}

/* a missing array of time-outs is counted, as the loader does */
static mdp_err write_episode(struct export *export, long i) {
    const struct mdp_dataset_episode *episode = &export->episodes.list[i];
    char group[32], name[MDP_H5_NAME_MAX + 32];
    mdp_err err;
    snprintf(group, sizeof group, "episode_%ld", i);
    MDP_TRY(mdp_h5_make_group(export->to, group));
    MDP_TRY(mdp_h5_put_int(export->to, group, "id", i));
    MDP_TRY(mdp_h5_put_int(export->to, group, "total_steps", episode->n));
    for (int k = 0; k < export->arrays.n; k++) {
        struct mdp_minari_array *array = &export->arrays.list[k];
        long n = episode->n + (k == MDP_MINARI_OBSERVATIONS);
        const struct mdp_h5_shape shape = {
            array->is_flat || k == MDP_MINARI_REWARDS || k == MDP_MINARI_TERMINALS || k == MDP_MINARI_TIMEOUTS ? 1 : 2,
            {n, array->width}};
        if (array->rows != NULL)
            MDP_TRY(mdp_h5_rows_read(array->rows, episode->first, episode->n, array->block));
        else
            array->block[episode->n - 1] = episode->end == 'L';
        if (k == MDP_MINARI_OBSERVATIONS) MDP_TRY(chain(export, episode));
        snprintf(name, sizeof name, "%s/%s", group, array->target);
        MDP_TRY(mdp_h5_write(export->to, name, array->type, &shape, MDP_H5_COMPRESS, array->block));
        if (array->rows == NULL) array->block[episode->n - 1] = 0;
    }
out:
    return err;
}

static mdp_err write_episodes(struct export *export, const char *path) {
    long longest = 0;
    mdp_err err;
    for (long i = 0; i < export->episodes.n; i++)
        if (export->episodes.list[i].n > longest) longest = export->episodes.list[i].n;
    MDP_TRY(mdp_minari_arrays_alloc(&export->arrays, longest));
    MDP_TRY(mdp_calloc(&export->next_block, (unsigned long)longest,
                       export->arrays.list[MDP_MINARI_OBSERVATIONS].row_bytes, "next_observations"));
    MDP_TRY(mdp_h5_create(path, &export->to));
    for (long i = 0; i < export->episodes.n; i++) MDP_TRY(write_episode(export, i));
    err = mdp_h5_commit(&export->to);
out:
    return err;
}

/* ---- D4RL to Minari: metadata.json ---- */

int mdp_minari_is_id(const char *folder) {
    const char *leaf = mdp_path_name(folder), *end = leaf + strlen(leaf);
    while (end > leaf && isdigit((unsigned char)end[-1])) end--;
    if (*end == 0 || end - leaf < 3 || end[-1] != 'v' || end[-2] != '-') return 0;
    for (const char *c = leaf; c < end; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-') return 0;
    return 1;
}

mdp_err mdp_minari_check_id(const char *folder) {
    if (mdp_minari_is_id(folder)) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s: expected a folder whose name is a dataset's, letters, digits, - and _ that end in -v0 (or "
                    "another number), found '%s'",
                    folder, mdp_path_name(folder));
}

/* as Python's minari writes it: infinities are no JSON, but it reads nothing else */
static mdp_err box_text(const struct mdp_minari_array *array, const char *usual[2],
                        const struct mdp_dataset_bounds *bounds, json_t **text) {
    struct mdp_memstream memory = {.text = NULL};
    mdp_err err = mdp_memstream_open(&memory, "a space");
    if (err != MDP_OK) return err;
    fprintf(memory.stream, "{\"type\": \"Box\", \"dtype\": \"%s\", \"shape\": [%ld]",
            array->type == MDP_H5_F64 ? "float64" : "float32", array->width);
    for (int k = 0; k < 2; k++) {
        fprintf(memory.stream, ", \"%s\": [", k == 0 ? "low" : "high");
        for (long j = 0; j < array->width; j++) {
            fputs(j > 0 ? ", " : "", memory.stream);
            if (bounds != NULL && bounds->n > 0)
                fprintf(memory.stream, "%.17g", (k == 0 ? bounds->low : bounds->high)[j]);
            else
                fputs(usual[k], memory.stream);
        }
        fputc(']', memory.stream);
    }
    fputc('}', memory.stream);
    err = mdp_memstream_close(&memory, MDP_OK);
    if (err != MDP_OK) return err;
    *text = json_string(memory.text);
    free(memory.text);
    return *text != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "a space: no memory");
}

/* text of the D4RL file's metadata, NULL if it has none, or something else there */
static mdp_err metadata_text(struct mdp_h5 *file, const char *name, char **text) {
    char full[64];
    snprintf(full, sizeof full, "metadata/%s", name);
    *text = NULL;
    mdp_err err = mdp_h5_exists(file, full) ? mdp_h5_read_text(file, full, text) : MDP_OK;
    return err == MDP_E_IO || err == MDP_E_NOMEM ? err : MDP_OK;
}

/* D4RL's scores are of its own worlds: Minari says none of Gymnasium's -v4 and -v5 */
static int has_scores(const char *env_id) {
    size_t n = env_id != NULL ? strlen(env_id) : 0;
    return n <= 3 || (strcmp(env_id + n - 3, "-v4") != 0 && strcmp(env_id + n - 3, "-v5") != 0);
}

/* pip's minari normalises by these two */
static mdp_err add_known(struct mdp_h5 *file, json_t *object) {
    const struct mdp_reference_score *score;
    char *env_id = NULL, *algorithm = NULL, *reference = NULL;
    mdp_err err;
    MDP_TRY(metadata_text(file, "env_id", &env_id));
    MDP_TRY(metadata_text(file, "algorithm", &algorithm));
    MDP_TRY(metadata_text(file, "reference", &reference));
    if (algorithm != NULL) json_object_set_new(object, "algorithm_name", json_string(algorithm));
    if (reference != NULL && has_scores(env_id) && mdp_reference_find(reference, &score) == MDP_OK) {
        json_object_set_new(object, "ref_min_score", json_real(score->ref_min));
        json_object_set_new(object, "ref_max_score", json_real(score->ref_max));
    }
out:
    free(env_id);
    free(algorithm);
    free(reference);
    return err;
}

/* as pip's minari counts it: MB with one decimal */
static double size_of(const char *main) {
    struct stat info = {.st_size = 0};
    (void)stat(main, &info);
    return round((double)info.st_size / 1e5) / 10;
}

/* what pip's minari asks for, and by what it finds the scores */
static mdp_err write_metadata(const struct export *export, const char *folder, const char *main, const char *path) {
    static const char *any[2] = {"-Infinity", "Infinity"}, *usual[2] = {"-1.0", "1.0"};
    json_t *object = json_object(), *spaces[2] = {NULL, NULL};
    char hash[20], *text = NULL;
    mdp_err err;
    snprintf(hash, sizeof hash, "%016" PRIx64, export->hash);
    MDP_TRY(box_text(&export->arrays.list[MDP_MINARI_OBSERVATIONS], any, NULL, &spaces[0]));
    MDP_TRY(box_text(&export->arrays.list[MDP_MINARI_ACTIONS], usual, &export->bounds, &spaces[1]));
    json_object_set(object, "observation_space", spaces[0]);
    json_object_set(object, "action_space", spaces[1]);
    json_object_set_new(object, "total_episodes", json_integer(export->episodes.n));
    json_object_set_new(object, "total_steps", json_integer(export->head.n));
    json_object_set_new(object, "data_format", json_string("hdf5"));
    json_object_set_new(object, "dataset_size", json_real(size_of(main)));
    json_object_set_new(object, "dataset_id", json_string(mdp_path_name(folder)));
    json_object_set_new(object, "minari_version", json_string(MINARI_VERSION));
    json_object_set_new(object, "d4rl_file", json_string(hash));
    MDP_TRY(add_known(export->from, object));
    text = json_dumps(object, JSON_SORT_KEYS | JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    if (text == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory", path));
    err = mdp_fsx_write(path, text, strlen(text));
out:
    json_decref(spaces[0]);
    json_decref(spaces[1]);
    json_decref(object);
    free(text);
    return err;
}

/* ---- D4RL to Minari ---- */

static mdp_err check_existing(const char *path, uint64_t hash, int *is_kept) {
    char *text = NULL, wanted[20];
    size_t size;
    *is_kept = 0;
    if (!mdp_fsx_exists(path)) return MDP_OK;
    mdp_err err = mdp_fsx_read(path, MDP_MINARI_TEXT_MAX, &text, &size);
    if (err != MDP_OK) return err;
    json_t *object = json_loads(text, 0, NULL);
    const char *found = json_string_value(json_object_get(object, "d4rl_file"));
    snprintf(wanted, sizeof wanted, "%016" PRIx64, hash);
    *is_kept = found != NULL && strcmp(found, wanted) == 0;
    json_decref(object);
    free(text);
    if (*is_kept) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: exists with other content; use another name or delete its folder", path);
}

static mdp_err write_rest(const struct export *export, const char *path) {
    struct mdp_minari_rest rest = {.arrays = &export->arrays};
    mdp_err err;
    MDP_TRY(mdp_h5_create(path, &rest.target));
    MDP_TRY(mdp_minari_walk(export->from, "", 0, mdp_minari_copy_rest, &rest));
    if (rest.n > 0) MDP_TRY(mdp_h5_commit(&rest.target));
out:
    mdp_h5_close(rest.target);
    return err;
}

static void export_free(struct export *export) {
    mdp_minari_arrays_free(&export->arrays);
    mdp_h5_rows_close(export->next);
    mdp_h5_close(export->from);
    mdp_h5_close(export->to);
    mdp_dataset_episodes_free(&export->episodes);
    free(export->next_block);
}

/* metadata.json comes last: a folder without it is no dataset yet */
mdp_err mdp_minari_from_d4rl(const char *d4rl, const char *folder, int *is_kept) {
    struct export *export = NULL;
    char main[MDP_PATH_MAX], rest[MDP_PATH_MAX], metadata[MDP_PATH_MAX];
    mdp_err err;
    *is_kept = 0;
    MDP_TRY(mdp_minari_check_id(folder));
    MDP_TRY(mdp_calloc(&export, 1, sizeof *export, "conversion"));
    MDP_TRY(mdp_fsx_path(main, "%s/data/main_data.hdf5", folder));
    MDP_TRY(mdp_fsx_path(rest, "%s/data/d4rl.hdf5", folder));
    MDP_TRY(mdp_fsx_path(metadata, "%s/data/metadata.json", folder));
    MDP_TRY(mdp_fsx_hash(d4rl, &export->hash));
    MDP_TRY(check_existing(metadata, export->hash, is_kept));
    if (*is_kept) goto out;
    MDP_TRY(find_episodes(d4rl, export));
    MDP_TRY(mdp_h5_open(d4rl, &export->from));
    MDP_TRY(list_d4rl(export->from, export->head.n, &export->arrays));
    MDP_TRY(open_next(export));
    MDP_TRY(mdp_fsx_make_parents(main));
    MDP_TRY(write_episodes(export, main));
    MDP_TRY(write_rest(export, rest));
    MDP_TRY(write_metadata(export, folder, main, metadata));
out:
    if (export != NULL) export_free(export);
    free(export);
    return err;
}
