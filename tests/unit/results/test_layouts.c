/* HDF5 files as other programs lay them out: read with the right values, or refused with what stands there. */
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/dataset.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "tests/tap.h"

/* libhdf5 itself loses memory when it gives up on an object; the leak checker is asked to look past that */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:^H5"; }

/* ---- datasets ---- */

static mdp_err count_ends(const char *path, long *n_terminated, long *n_limited, long *n_rows) {
    struct mdp_dataset_reader *reader = NULL;
    struct mdp_dataset_episodes episodes = {.n = 0};
    struct mdp_dataset_raw block;
    mdp_err err;
    *n_terminated = *n_limited = *n_rows = 0;
    MDP_TRY(mdp_dataset_reader_new(path, 0, 7, &reader));
    do {
        MDP_TRY(mdp_dataset_reader_next(reader, &block));
        MDP_TRY(mdp_dataset_episodes_add(&episodes, &block));
    } while (block.n > 0);
    *n_rows = mdp_dataset_reader_head(reader)->n;
    for (long i = 0; i < episodes.n; i++) {
        *n_terminated += episodes.list[i].end == 'T';
        *n_limited += episodes.list[i].end == 'L';
    }
out:
    mdp_dataset_episodes_free(&episodes);
    mdp_dataset_reader_free(reader);
    return err;
}

static long whole(const json_t *row, const char *key) { return (long)json_integer_value(json_object_get(row, key)); }

static double largest_difference(const json_t *list, const double *values) {
    double largest = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        largest = fmax(largest, fabs(json_number_value(json_array_get(list, i)) - values[i]));
    return largest;
}

static void check_dataset(const char *path, const json_t *row) {
    const struct mdp_dataset_options options = {.normalize_observations = 1};
    const json_t *returns = json_object_get(row, "segment_returns");
    struct mdp_transitions transitions;
    struct mdp_normalizer normalizer;
    struct mdp_dataset_summary summary;
    long n_terminated, n_limited, n_rows;
    printf("# %s\n", path);
    CHECK_OK(count_ends(path, &n_terminated, &n_limited, &n_rows));
    CHECK_INT(n_rows, whole(row, "rows"));
    CHECK_INT(n_terminated, whole(row, "terminated"));
    CHECK_INT(n_limited, whole(row, "time_limit"));
    CHECK_OK(mdp_dataset_load(path, &options, &transitions, &normalizer, &summary));
    CHECK_INT(summary.n_kept, whole(row, "kept_rows"));
    CHECK_INT(normalizer.n, json_array_size(json_object_get(row, "normalizer_mean")));
    CHECK(largest_difference(json_object_get(row, "normalizer_mean"), normalizer.mean) < 1e-9);
    CHECK(largest_difference(json_object_get(row, "normalizer_std"), normalizer.std) < 1e-9);
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < json_array_size(returns); i++) {
        low = fmin(low, json_number_value(json_array_get(returns, i)));
        high = fmax(high, json_number_value(json_array_get(returns, i)));
    }
    CHECK(fabs(summary.min_return - low) < 1e-9);
    CHECK(fabs(summary.max_return - high) < 1e-9);
    mdp_transitions_free(&transitions);
}

/* reference/field/hdf5-layouts, values by NumPy before the files were written */
static void test_other_writers(void) {
    char path[600];
    const char *name;
    json_t *row, *expected = json_load_file(tap_reference("field/hdf5-layouts/expected.json"), 0, NULL);
    CHECK(json_object_size(expected) == 6);
    json_object_foreach(expected, name, row) {
        snprintf(path, sizeof path, "field/hdf5-layouts/%s", name);
        check_dataset(tap_reference(path), row);
    }
    json_decref(expected);
}

/* Minari's layout, without the metadata.json that stands beside it elsewhere */
static void test_episodes_as_groups(void) {
    long n_terminated, n_limited, n_rows;
    CHECK_OK(count_ends(tap_reference("field/hdf5-layouts/main_data.hdf5"), &n_terminated, &n_limited, &n_rows));
    CHECK_INT(n_rows, 120);
    CHECK_INT(n_terminated, 2);
    CHECK_INT(n_limited, 2);
}

/* an array, and the part of a message about it */
static void check_refused(const char *path, const char *message) {
    struct mdp_dataset_reader *reader = NULL;
    struct mdp_dataset_raw block = {.n = 1};
    printf("# %s\n", path);
    mdp_err err = mdp_dataset_reader_new(tap_reference(path), 0, 0, &reader);
    while (err == MDP_OK && block.n > 0) err = mdp_dataset_reader_next(reader, &block);
    CHECK_FAILS(err, MDP_E_DATA, message);
    mdp_dataset_reader_free(reader);
}

static void test_said_as_it_is(void) {
    char version[32], newer[80];
    mdp_h5_library_version(version);
    snprintf(newer, sizeof newer, "expected what HDF5 %s can read, found ", version);
    const char *const rows[][2] = {
        {"field/hdf5-layouts/fraction-flag.hdf5", "terminals: expected 0 or 1, found 0.5 at row 17"},
        {"field/hdf5-layouts/external-link.hdf5",
         "rewards: expected a dataset in this file, found a link to /rewards in external-part.hdf5"},
        {"field/hdf5-layouts/lfs-pointer.hdf5", "expected an HDF5 file, found a Git LFS pointer"},
        {"field/hdf5-layouts/web-page.hdf5", "expected an HDF5 file, found a web page"},
        {"discovery/hdf5-layout5/latest-2.0.hdf5", newer},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(rows[i][0], "layout5") == NULL || version[0] == '1') check_refused(rows[i][0], rows[i][1]);
}

/* the product of the extents is 2^64, or a little more */
static void test_extents_that_wrap(void) {
    static const char *const paths[] = {"faults/extent-overflow/product-2pow64.diffusion.h5",
                                        "faults/extent-overflow/product-wraps.diffusion.h5"};
    for (size_t i = 0; i < 2; i++) {
        struct mdp_h5 *file;
        struct mdp_h5_shape shape;
        CHECK_OK(mdp_h5_open(tap_reference(paths[i]), &file));
        CHECK_FAILS(mdp_h5_shape(file, "arrays/x", &shape), MDP_E_DATA, "expected at most 1073741824 elements");
        mdp_h5_close(file);
    }
}

/* ---- arrays ---- */

/* the values in one piece, and in rows that come one, two or three at a time */
static void check_pair(struct mdp_h5 *file, const char *name) {
    char plain[MDP_H5_NAME_MAX];
    struct mdp_h5_shape shape;
    struct mdp_h5_rows *rows;
    double *found, *expected;
    snprintf(plain, sizeof plain, "p%s", name + 1);
    printf("# %s\n", name);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F64, NULL, &shape, &found));
    CHECK_OK(mdp_h5_read_new(file, plain, MDP_H5_F64, &shape, NULL, &expected));
    CHECK(memcmp(found, expected, (size_t)mdp_h5_count(&shape) * sizeof *found) == 0);
    CHECK_OK(mdp_h5_rows_open(file, name, MDP_H5_F64, &rows));
    long width = mdp_h5_count(&shape) / shape.extent[0];
    for (long first = 0, n; first < shape.extent[0]; first += n) {
        n = 1 + first % 3 < shape.extent[0] - first ? 1 + first % 3 : shape.extent[0] - first;
        CHECK_OK(mdp_h5_rows_read(rows, first, n, found));
        CHECK(memcmp(found, expected + first * width, (size_t)(n * width) * sizeof *found) == 0);
    }
    mdp_h5_rows_close(rows);
    free(found);
    free(expected);
}

static void check_pairs(const char *path, int n_expected) {
    struct mdp_h5 *file;
    struct mdp_h5_child *children;
    int n, n_pairs = 0;
    CHECK_OK(mdp_h5_open(tap_reference(path), &file));
    CHECK_OK(mdp_h5_list(file, "/", &children, &n));
    for (int i = 0; i < n; i++)
        if (children[i].name[0] == 'd') check_pair(file, children[i].name), n_pairs++;
    CHECK_INT(n_pairs, n_expected);
    free(children);
    mdp_h5_close(file);
}

static void test_every_layout(void) {
    check_pairs("h5/layouts.h5", 24);
    check_pairs("h5/filters.h5", 3);
}

static void test_chunk_of_another_size(void) {
    struct mdp_h5 *file;
    float x[4];
    CHECK_OK(mdp_h5_open(tap_reference("h5/longer-chunk.h5"), &file));
    CHECK_FAILS(mdp_h5_read(file, "x", MDP_H5_F32, MDP_H5_1D(4), x), MDP_E_DATA,
                "x: cannot read the data: truncated or corrupt? (deflate: other bytes than its shape has)");
    mdp_h5_close(file);
}

/* inspect describes entries without reading them: a link to nothing, an array, one without elements */
static void test_entries(void) {
    struct mdp_h5 *file;
    struct mdp_h5_entry entry;
    CHECK_OK(mdp_h5_open(tap_reference("discovery/hdf5-filters-and-null/dangling-link.hdf5"), &file));
    CHECK_OK(mdp_h5_describe(file, "latest", &entry));
    CHECK_STR(entry.type, "link");
    CHECK_STR(entry.link, "a link to /nothing, which is not there");
    CHECK_OK(mdp_h5_describe(file, "actions", &entry));
    CHECK(entry.is_numeric && entry.has_elements && entry.link[0] == 0);
    CHECK_FAILS(mdp_h5_describe(file, "absent", &entry), MDP_E_DATA, "absent: expected a dataset, found none");
    mdp_h5_close(file);
    CHECK_OK(mdp_h5_open(tap_reference("discovery/hdf5-filters-and-null/null-array.hdf5"), &file));
    CHECK_OK(mdp_h5_describe(file, "infos/goal", &entry));
    CHECK(entry.is_numeric && !entry.has_elements);
    mdp_h5_close(file);
}

/* a disk that cannot be read is no damage: libhdf5's own descriptor is made one that does not read */
static void test_disk_error(void) {
    struct mdp_h5 *file;
    char link[64], target[600];
    float x[4];
    const char *path = tap_reference("h5/longer-chunk.h5");
    CHECK_OK(mdp_h5_open(path, &file));
    int n_closed = 0, blind = open("/dev/null", O_WRONLY);
    for (int fd = 3; fd < 64; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = 0;
        if (strstr(target, "longer-chunk.h5") != NULL) n_closed += dup2(blind, fd) == fd;
    }
    if (n_closed == 0) SKIP("no list of open files under /proc");
    CHECK_FAILS(mdp_h5_read(file, "x", MDP_H5_F32, MDP_H5_1D(4), x), MDP_E_IO, "x: cannot read the object: Bad file");
    mdp_h5_close(file);
    close(blind);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_other_writers),     TAP_TEST(test_episodes_as_groups), TAP_TEST(test_said_as_it_is),
        TAP_TEST(test_extents_that_wrap), TAP_TEST(test_every_layout),       TAP_TEST(test_chunk_of_another_size),
        TAP_TEST(test_entries),           TAP_TEST(test_disk_error),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
