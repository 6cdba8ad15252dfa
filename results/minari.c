#include "results/minari.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/normalizer.h"

enum { METADATA_BYTES_MAX = 16 << 20, ROWS_MAX = 50000000, FORMAT_TEXT = 16, SHOWN_MAX = 200 };

struct mdp_minari {
    struct mdp_h5 *file;
    json_t *metadata, *action_space; /* the space: NULL if nothing says it */
    char metadata_path[MDP_PATH_MAX];
    long n_episodes, n_rows;
    long *first;   /* [n_episodes + 1] rows before each episode */
    int widths[2]; /* of observations and actions */
};

static const char *const widths_of[] = {"observations", "actions"};

/* ---- metadata.json ---- */

/* Python writes NaN and infinities into JSON, which has none: they become empty texts, in place */
static void drop_non_finite(char *text) {
    static const char *const words[] = {"-Infinity", "Infinity", "NaN"};
    int is_in_text = 0;
    for (char *c = text; *c != 0; c++) {
        if (*c == '\\' && is_in_text && c[1] != 0) {
            c++;
            continue;
        }
        is_in_text ^= *c == '"';
        for (size_t i = 0; !is_in_text && i < sizeof words / sizeof *words; i++) {
            size_t n = strlen(words[i]);
            if (strncmp(c, words[i], n) != 0) continue;
            memset(c, ' ', n);
            memcpy(c, "\"\"", 2);
            c += n - 1;
            break;
        }
    }
}

static mdp_err parse(const char *path, const char *where, char *text, json_t **out) {
    json_error_t error;
    drop_non_finite(text);
    *out = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(*out)) return MDP_OK;
    char found[SHOWN_MAX];
    snprintf(found, sizeof found, *out == NULL ? "%s (line %d)" : "another value", error.text, error.line);
    json_decref(*out);
    *out = NULL;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a JSON object, found %s", path, where, found);
}

static mdp_err read_metadata(const char *path, json_t **out) {
    char *text = NULL;
    size_t size;
    *out = NULL;
    mdp_err err = mdp_fsx_read(path, METADATA_BYTES_MAX, &text, &size);
    if (err == MDP_OK) err = parse(path, "/", text, out);
    free(text);
    return err;
}

/* beside the HDF5 file */
static mdp_err metadata_path(const char *file, char path[MDP_PATH_MAX]) {
    return mdp_fsx_path(path, "%.*smetadata.json", (int)(mdp_path_name(file) - file), file);
}

static mdp_err check_format(const char *path, const json_t *metadata) {
    const char *format = json_string_value(json_object_get(metadata, "data_format"));
    if (format == NULL || strcmp(format, "hdf5") == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA,
                    "%s: data_format: expected hdf5, found %s; to have it, with pip's minari: "
                    "minari.dataset.minari_storage.MinariStorage.new(FOLDER, observation_space=d.observation_space, "
                    "action_space=d.action_space, data_format='hdf5').update_from_storage(d.storage) of the loaded "
                    "dataset d",
                    path, format);
}

mdp_err mdp_minari_file(const char *folder, char file[MDP_PATH_MAX]) {
    static const char *const within[] = {"/data", ""};
    json_t *metadata = NULL;
    char path[MDP_PATH_MAX];
    int has_metadata = 0, has_file = 0;
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2 && !has_metadata && !has_file; i++) {
        MDP_TRY(mdp_fsx_path(file, "%s%s/main_data.hdf5", folder, within[i]));
        MDP_TRY(metadata_path(file, path));
        has_metadata = mdp_fsx_exists(path);
        has_file = mdp_fsx_exists(file);
    }
    if (!has_metadata && !has_file)
        MDP_TRY(mdp_fail(MDP_E_IO,
                         "%s: expected a file or a dataset of Minari's (a folder with data/main_data.hdf5), found "
                         "another folder",
                         folder));
    if (has_metadata) {
        MDP_TRY(read_metadata(path, &metadata));
        MDP_TRY(check_format(path, metadata));
    }
    if (!has_file) err = mdp_fail(MDP_E_IO, "%s: expected the file that %s belongs to, found none", file, path);
out:
    json_decref(metadata);
    return err;
}

mdp_err mdp_minari_folder(const char *file, char folder[MDP_PATH_MAX]) {
    static const char suffix[] = "/data";
    if (strlen(file) >= MDP_PATH_MAX)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, file);
    mdp_path_folder(file, folder);
    if (mdp_path_ends(folder, suffix)) folder[strlen(folder) - strlen(suffix)] = 0;
    return MDP_OK;
}

/* ---- spaces ---- */

/* what a space that cannot be read as columns is, e.g. "a Dict of goal, observation" */
static void describe_space(const json_t *space, char text[SHOWN_MAX]) {
    const char *type = json_string_value(json_object_get(space, "type")), *key;
    json_t *parts = json_object_get(space, "subspaces"), *part;
    char *shape = json_dumps(json_object_get(space, "shape"), 0);
    snprintf(text, SHOWN_MAX, "a %.40s%s%.80s", type != NULL ? type : "space without a type",
             shape != NULL ? " of shape " : "", shape != NULL ? shape : "");
    free(shape);
    const char *word = " of ";
    json_object_foreach(parts, key, part) {
        size_t n = strlen(text);
        snprintf(text + n, SHOWN_MAX - n, "%s%.60s", word, key);
        word = ", ";
    }
    if (json_is_array(parts)) snprintf(text + strlen(text), 32, " of %zu parts", json_array_size(parts));
}

/* a space is JSON in a text, of older releases possibly absent */
static mdp_err check_space(struct mdp_minari *minari, int of_actions) {
    const char *const key = of_actions ? "action_space" : "observation_space";
    const char *written = json_string_value(json_object_get(minari->metadata, key));
    json_t *space = NULL;
    char found[SHOWN_MAX];
    if (written == NULL) return MDP_OK;
    char *text = strdup(written);
    if (text == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for a space", minari->metadata_path);
    mdp_err err = parse(minari->metadata_path, key, text, &space);
    free(text);
    if (err != MDP_OK) return err;
    const char *type = json_string_value(json_object_get(space, "type"));
    const json_t *shape = json_object_get(space, "shape");
    if (type != NULL && strcmp(type, "Box") == 0 && json_array_size(shape) == 1) {
        json_int_t n = json_integer_value(json_array_get(shape, 0));
        if (n < 1 || n > MDP_NORMALIZER_MAX)
            err = mdp_fail(MDP_E_DATA, "%s: %s: expected 1 to %d columns, found %lld", minari->metadata_path, key,
                           MDP_NORMALIZER_MAX, (long long)n);
        else
            minari->widths[of_actions] = (int)n;
        if (of_actions) minari->action_space = json_incref(space);
    } else {
        describe_space(space, found);
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected a Box of one dimension, found %s%s", minari->metadata_path, key,
                       found,
                       of_actions ? "" : "; record it through gymnasium.wrappers.FlattenObservation, or flatten it");
    }
    json_decref(space);
    return err;
}

int mdp_minari_bounds(const struct mdp_minari *minari, double *low, double *high) {
    const json_t *space = minari->action_space;
    int n = space != NULL ? minari->widths[1] : 0, is_usual = 1;
    for (int j = 0; j < n; j++) {
        const json_t *ends[] = {json_array_get(json_object_get(space, "low"), (size_t)j),
                                json_array_get(json_object_get(space, "high"), (size_t)j)};
        if (!json_is_number(ends[0]) || !json_is_number(ends[1])) {
            n = 0;
            break;
        }
        low[j] = json_number_value(ends[0]);
        high[j] = json_number_value(ends[1]);
        is_usual &= low[j] == -1 && high[j] == 1;
        if (!(low[j] < high[j])) n = 0;
    }
    return is_usual ? 0 : n;
}

static mdp_err check_spaces(struct mdp_minari *minari) {
    mdp_err err;
    MDP_TRY(metadata_path(mdp_h5_path(minari->file), minari->metadata_path));
    if (mdp_fsx_exists(minari->metadata_path))
        MDP_TRY(read_metadata(minari->metadata_path, &minari->metadata));
    else
        minari->metadata = json_object();
    MDP_TRY(check_format(minari->metadata_path, minari->metadata));
    for (int i = 0; i < 2; i++) MDP_TRY(check_space(minari, i));
out:
    return err;
}

/* ---- episodes ---- */

static void episode_array(long episode, const char *array, char name[MDP_H5_NAME_MAX]) {
    snprintf(name, MDP_H5_NAME_MAX, "episode_%ld/%s", episode, array);
}

int mdp_minari_is(struct mdp_h5 *file) {
    char path[MDP_PATH_MAX];
    if (mdp_h5_exists(file, "observations")) return 0;
    const char *leaf = mdp_path_name(mdp_h5_path(file));
    return mdp_h5_exists(file, "episode_0") ||
           (strcmp(leaf, "main_data.hdf5") == 0 && metadata_path(mdp_h5_path(file), path) == MDP_OK &&
            mdp_fsx_exists(path));
}

/* metadata.json counts episodes and steps, and must agree with the file: a copy that stopped halfway shows here */
static mdp_err check_count(const struct mdp_minari *minari, const char *key, long found) {
    const json_t *count = json_object_get(minari->metadata, key);
    if (!json_is_integer(count) || json_integer_value(count) == found) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %lld as %s says, found %ld", mdp_h5_path(minari->file), key,
                    (long long)json_integer_value(count), minari->metadata_path, found);
}

static mdp_err count_episodes(struct mdp_minari *minari) {
    struct mdp_h5_child *children;
    char name[MDP_H5_NAME_MAX];
    int n;
    mdp_err err = mdp_h5_list(minari->file, "/", &children, &n);
    if (err != MDP_OK) return err;
    for (int i = 0; i < n; i++)
        minari->n_episodes += children[i].is_group && strncmp(children[i].name, "episode_", strlen("episode_")) == 0;
    free(children);
    MDP_TRY(check_count(minari, "total_episodes", minari->n_episodes));
    for (long i = 0; i < minari->n_episodes; i++) {
        snprintf(name, sizeof name, "episode_%ld", i);
        if (!mdp_h5_exists(minari->file, name))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected episode_0 to episode_%ld, found no such group",
                             mdp_h5_path(minari->file), name, minari->n_episodes - 1));
    }
out:
    return err;
}

/* an episode has as many steps as rewards */
static mdp_err measure_episodes(struct mdp_minari *minari) {
    struct mdp_h5_shape shape;
    char name[MDP_H5_NAME_MAX];
    mdp_err err;
    MDP_TRY(mdp_calloc(&minari->first, (unsigned long)minari->n_episodes + 1, sizeof *minari->first, "episodes"));
    for (long i = 0; i < minari->n_episodes; i++) {
        episode_array(i, "rewards", name);
        MDP_TRY(mdp_h5_shape(minari->file, name, &shape));
        if (shape.rank != 1)
            MDP_TRY(mdp_h5_expect(minari->file, name, shape.rank == 2 ? MDP_H5_2D(-1, 1) : MDP_H5_1D(-1)));
        if (minari->first[i] + shape.extent[0] > ROWS_MAX)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d steps of all episodes, found more",
                             mdp_h5_path(minari->file), name, ROWS_MAX));
        minari->first[i + 1] = minari->first[i] + shape.extent[0];
    }
    minari->n_rows = minari->first[minari->n_episodes];
    err = check_count(minari, "total_steps", minari->n_rows);
out:
    return err;
}

/* the parts of a Dict or Tuple are arrays in a group */
static mdp_err refuse_group(struct mdp_minari *minari, const char *name) {
    struct mdp_h5_child *children;
    char parts[SHOWN_MAX] = "";
    int n;
    if (mdp_h5_list(minari->file, name, &children, &n) != MDP_OK) return MDP_OK;
    for (int i = 0; i < n; i++)
        snprintf(parts + strlen(parts), SHOWN_MAX - strlen(parts), "%s%.60s", i > 0 ? ", " : "", children[i].name);
    free(children);
    return mdp_fail(MDP_E_DATA, "%s: %s: expected an array, as of a Box of one dimension, found a group of %s",
                    mdp_h5_path(minari->file), name, parts);
}

/* where metadata.json is silent, the first episode says how wide rows are */
static mdp_err find_widths(struct mdp_minari *minari) {
    struct mdp_h5_shape shape;
    char name[MDP_H5_NAME_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2 && minari->n_episodes > 0; i++) {
        episode_array(0, widths_of[i], name);
        MDP_TRY(refuse_group(minari, name));
        MDP_TRY(mdp_h5_shape(minari->file, name, &shape));
        MDP_TRY(mdp_h5_expect(minari->file, name,
                              MDP_H5_2D(minari->first[1] + (i == 0), minari->widths[i] > 0 ? minari->widths[i] : -1)));
        if (shape.extent[1] < 1 || shape.extent[1] > MDP_NORMALIZER_MAX)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected 1 to %d columns, found %ld", mdp_h5_path(minari->file), name,
                             MDP_NORMALIZER_MAX, shape.extent[1]));
        minari->widths[i] = (int)shape.extent[1];
    }
out:
    return err;
}

mdp_err mdp_minari_new(struct mdp_h5 *file, struct mdp_minari **out) {
    struct mdp_minari *minari = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&minari, 1, sizeof *minari, "Minari dataset"));
    minari->file = file;
    MDP_TRY(check_spaces(minari));
    MDP_TRY(count_episodes(minari));
    MDP_TRY(measure_episodes(minari));
    MDP_TRY(find_widths(minari));
    *out = minari;
    return MDP_OK;
out:
    mdp_minari_free(minari);
    return err;
}

void mdp_minari_free(struct mdp_minari *minari) {
    if (minari == NULL) return;
    json_decref(minari->metadata);
    json_decref(minari->action_space);
    free(minari->first);
    free(minari);
}

json_t *mdp_minari_metadata(const struct mdp_minari *minari) { return minari->metadata; }
long mdp_minari_episodes(const struct mdp_minari *minari) { return minari->n_episodes; }
long mdp_minari_first(const struct mdp_minari *minari, long episode) { return minari->first[episode]; }
int mdp_minari_width(const struct mdp_minari *minari, int of_actions) { return minari->widths[of_actions]; }

/* ---- rows ---- */

/* the episode that a row belongs to */
static long episode_with(const struct mdp_minari *minari, long row) {
    long low = 0, high = minari->n_episodes;
    while (high - low > 1) {
        long middle = low + (high - low) / 2;
        if (minari->first[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

long mdp_minari_name_row(const struct mdp_minari *minari, const char *array, long row, char name[MDP_H5_NAME_MAX]) {
    long episode = episode_with(minari, row);
    episode_array(episode, array, name);
    return row - minari->first[episode];
}

/* the wrong number of rows or columns is named before it is read. columns count in bytes of memory */
static mdp_err check_episode(struct mdp_minari *minari, const char *name, long n_rows, long width) {
    struct mdp_h5_shape shape;
    mdp_err err = mdp_h5_shape(minari->file, name, &shape);
    if (err != MDP_OK) return err;
    int is_flat = shape.rank == 1 && width == 1;
    if (shape.rank == 2 - is_flat && shape.extent[0] == n_rows && (is_flat || shape.extent[1] == width)) return MDP_OK;
    return mdp_h5_expect(minari->file, name, is_flat ? MDP_H5_1D(n_rows) : MDP_H5_2D(n_rows, width));
}

mdp_err mdp_minari_read(struct mdp_minari *minari, const char *array, enum mdp_h5_type type, int beyond,
                        int skips_first, long first, long n, size_t row_bytes, void *values) {
    char name[MDP_H5_NAME_MAX], *to = values;
    mdp_err err = MDP_OK;
    for (long i = n > 0 ? episode_with(minari, first) : 0; n > 0; i++) {
        long from = first - minari->first[i], left = minari->first[i + 1] - first, k = left < n ? left : n;
        episode_array(i, array, name);
        MDP_TRY(check_episode(minari, name, minari->first[i + 1] - minari->first[i] + beyond,
                              (long)(row_bytes / mdp_h5_type_size(type))));
        MDP_TRY(mdp_h5_read_rows(minari->file, name, type, from + skips_first, k, to));
        to += (size_t)k * row_bytes;
        first += k;
        n -= k;
    }
out:
    return err;
}

void mdp_minari_close_episodes(const struct mdp_minari *minari, long first, long n, const uint8_t *terminals,
                               uint8_t *timeouts) {
    for (long i = n > 0 ? episode_with(minari, first) : 0; i + 1 < minari->n_episodes; i++) {
        long last = minari->first[i + 1] - 1 - first;
        if (last >= n) break;
        if (last >= 0 && !terminals[last] && !timeouts[last]) timeouts[last] = 1;
    }
}
