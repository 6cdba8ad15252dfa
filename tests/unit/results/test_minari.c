/* Minari's layout: read as the rows that D4RL's has, made of it and turned back value by value, and refused by name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "results/minari.h"
#include "results/minari_convert.h"
#include "tests/tap.h"

enum { N_OBS = 3, N_ACT = 2, N_DOF = 5 };

/* ---- datasets ---- */

static const long lengths[] = {4, 1, 7, 3, 5};
static const char ends[] = {'L', 'T', 'L', 'T', 'O'};
enum { N_EPISODES = sizeof ends };

static float value_of(long row, long column) { return (float)sin(0.7 * (double)row + (double)column); }

/* every kind of end, the last episode cut off by the end of the file */
static void write_d4rl(const char *path) {
    const struct mdp_dataset_facts facts = {.task = "toy-medium",
                                            .env_id = "Toy-v0",
                                            .algorithm = "sac",
                                            .reference = "bullet-hopper",
                                            .settings = "{\"seed\":3}",
                                            .seed = UINT64_MAX};
    struct mdp_dataset_writer *writer;
    long row = 0;
    CHECK_OK(mdp_dataset_writer_new(path, N_OBS, N_ACT, N_DOF, &facts, &writer));
    for (int e = 0; e < N_EPISODES; e++)
        for (long i = 0; i < lengths[e]; i++, row++) {
            float obs[N_OBS], next[N_OBS], act[N_ACT];
            double qpos[N_DOF], qvel[N_DOF];
            for (int j = 0; j < N_OBS; j++) obs[j] = value_of(row + e, j);
            for (int j = 0; j < N_OBS; j++) next[j] = value_of(row + e + 1, j);
            for (int j = 0; j < N_ACT; j++) act[j] = value_of(row, j + 9);
            for (int j = 0; j < N_DOF; j++) qpos[j] = qvel[j] = (double)row / 3 + j;
            int is_last = i + 1 == lengths[e];
            const struct mdp_dataset_step step = {.observation = obs,
                                                  .action = act,
                                                  .next_observation = next,
                                                  .reward = value_of(row, 20),
                                                  .terminal = is_last && ends[e] == 'T',
                                                  .timeout = is_last && ends[e] == 'L',
                                                  .qpos = qpos,
                                                  .qvel = qvel};
            CHECK_OK(mdp_dataset_writer_add(writer, &step));
        }
    CHECK_OK(mdp_dataset_writer_finish(writer));
    mdp_dataset_writer_free(writer);
}

static const char *made(char folder[MDP_PATH_MAX]) {
    int is_kept;
    const char *d4rl = tap_temp_path("toy.hdf5");
    write_d4rl(d4rl);
    strcpy(folder, tap_temp_path("toy-v0"));
    CHECK_OK(mdp_minari_from_d4rl(d4rl, folder, &is_kept));
    CHECK(!is_kept);
    return d4rl;
}

static void rows_of(const char *path, struct mdp_transitions *t, struct mdp_normalizer *norm) {
    const struct mdp_dataset_options options = {.normalize_observations = 1, .next_actions = 1};
    char file[MDP_PATH_MAX];
    CHECK_OK(mdp_dataset_file(path, file));
    CHECK_OK(mdp_dataset_load(file, &options, t, norm, NULL));
}

static void check_same(const float *a, const float *b, long n) { CHECK(memcmp(a, b, (size_t)n * sizeof *a) == 0); }

/* ---- there and back ---- */

static void test_same_rows_in_either_layout(void) {
    char folder[MDP_PATH_MAX];
    const char *d4rl = made(folder);
    struct mdp_transitions a, b;
    struct mdp_normalizer norms[2];
    rows_of(d4rl, &a, &norms[0]);
    rows_of(folder, &b, &norms[1]);
    CHECK_INT(a.n, b.n);
    CHECK_INT(a.n, 17); /* 20 rows without two time-outs and the last */
    check_same(a.observations, b.observations, a.n * N_OBS);
    check_same(a.next_observations, b.next_observations, a.n * N_OBS);
    check_same(a.actions, b.actions, a.n * N_ACT);
    check_same(a.next_actions, b.next_actions, a.n * N_ACT);
    check_same(a.rewards, b.rewards, a.n);
    check_same(a.terminals, b.terminals, a.n);
    CHECK(memcmp(norms[0].mean, norms[1].mean, sizeof norms[0].mean) == 0);
    mdp_transitions_free(&a);
    mdp_transitions_free(&b);
}

/* every array and text of one file in the other, of the same type */
static long count_same(struct mdp_h5 *a, struct mdp_h5 *b, const char *group) {
    struct mdp_h5_child *children;
    int n;
    long same = 0;
    CHECK_OK(mdp_h5_list(a, group, &children, &n));
    for (int i = 0; i < n; i++) {
        char name[600], types[2][16];
        snprintf(name, sizeof name, "%s%s%s", group, strcmp(group, "/") == 0 ? "" : "/", children[i].name);
        if (children[i].is_group) {
            same += count_same(a, b, name);
            continue;
        }
        CHECK_OK(mdp_h5_type_text(a, name, types[0]));
        CHECK_OK(mdp_h5_type_text(b, name, types[1]));
        CHECK_STR(types[1], types[0]);
        if (strcmp(types[0], "text") == 0) {
            char *texts[2];
            CHECK_OK(mdp_h5_read_text(a, name, &texts[0]));
            CHECK_OK(mdp_h5_read_text(b, name, &texts[1]));
            CHECK_STR(texts[1], texts[0]);
            free(texts[0]);
            free(texts[1]);
        } else {
            struct mdp_h5_shape shape;
            void *values[2];
            /* uint64 keeps what a double would round */
            enum mdp_h5_type type = strcmp(types[0], "uint64") == 0 ? MDP_H5_U64 : MDP_H5_F64;
            CHECK_OK(mdp_h5_read_new(a, name, type, NULL, &shape, &values[0]));
            CHECK_OK(mdp_h5_read_new(b, name, type, &shape, NULL, &values[1]));
            CHECK(memcmp(values[0], values[1], (size_t)mdp_h5_count(&shape) * 8) == 0);
            free(values[0]);
            free(values[1]);
        }
        same++;
    }
    free(children);
    return same;
}

static void test_there_and_back_loses_nothing(void) {
    char folder[MDP_PATH_MAX], file[MDP_PATH_MAX];
    const char *d4rl = made(folder);
    struct mdp_h5 *a, *b;
    CHECK_OK(mdp_dataset_file(folder, file));
    CHECK_OK(mdp_minari_to_d4rl(file, tap_temp_path("back.hdf5"), MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_h5_open(d4rl, &a));
    CHECK_OK(mdp_h5_open(tap_temp_path("back.hdf5"), &b));
    CHECK_INT(count_same(a, b, "/"), 18); /* 8 arrays with a row a step, 10 of metadata */
    CHECK_INT(count_same(b, a, "/"), 18);
    mdp_h5_close(a);
    mdp_h5_close(b);
}

/* float64 data of others stay so */
static void test_types_stay(void) {
    const double obs[] = {0.1, 1.0 / 3, -2, 7}, next[] = {1.0 / 3, -2, 7, 1e-300}, reward[] = {0.1, 0.2, 0.3, 1.0 / 7};
    const float act[] = {0.5F, -0.5F, 1, -1};
    const int8_t flags[][4] = {{0, 0, 0, 1}, {0, 0, 0, 0}};
    const char *path = tap_temp_path("wide-v3.hdf5");
    struct mdp_h5 *file, *back;
    char folder[MDP_PATH_MAX];
    int is_kept;
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F64, MDP_H5_2D(4, 1), MDP_H5_PLAIN, obs));
    CHECK_OK(mdp_h5_write(file, "next_observations", MDP_H5_F64, MDP_H5_2D(4, 1), MDP_H5_PLAIN, next));
    CHECK_OK(mdp_h5_write(file, "actions", MDP_H5_F32, MDP_H5_2D(4, 1), MDP_H5_PLAIN, act));
    CHECK_OK(mdp_h5_write(file, "rewards", MDP_H5_F64, MDP_H5_1D(4), MDP_H5_PLAIN, reward));
    CHECK_OK(mdp_h5_write(file, "terminals", MDP_H5_BOOL, MDP_H5_1D(4), MDP_H5_PLAIN, flags[0]));
    CHECK_OK(mdp_h5_write(file, "timeouts", MDP_H5_BOOL, MDP_H5_1D(4), MDP_H5_PLAIN, flags[1]));
    CHECK_OK(mdp_h5_commit(&file));
    strcpy(folder, tap_temp_path("wide-v3"));
    CHECK_OK(mdp_minari_from_d4rl(path, folder, &is_kept));
    CHECK_OK(mdp_minari_to_d4rl(tap_temp_path("wide-v3/data/main_data.hdf5"), tap_temp_path("back.hdf5"),
                                MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_open(tap_temp_path("back.hdf5"), &back));
    CHECK_INT(count_same(file, back, "/"), 6);
    mdp_h5_close(file);
    mdp_h5_close(back);
}

static void test_same_again_is_kept(void) {
    char folder[MDP_PATH_MAX];
    const char *d4rl = made(folder);
    int is_kept;
    CHECK_OK(mdp_minari_from_d4rl(d4rl, folder, &is_kept));
    CHECK(is_kept);
    CHECK_OK(mdp_minari_to_d4rl(tap_temp_path("toy-v0/data/main_data.hdf5"), tap_temp_path("back.hdf5"),
                                MDP_PUBLISH_REPLACE));
    CHECK_FAILS(mdp_minari_from_d4rl(tap_temp_path("back.hdf5"), folder, &is_kept), MDP_E_USAGE,
                "metadata.json: exists with other content");
    CHECK_FAILS(mdp_minari_from_d4rl(d4rl, tap_temp_path("toy"), &is_kept), MDP_E_USAGE,
                "letters, digits, - and _ that end in -v0 (or another number), found 'toy'");
}

/* what Minari's layout cannot hold */
static void test_refusals_of_d4rl(void) {
    const float broken[20 * N_OBS] = {0};
    struct mdp_h5 *file;
    int is_kept;
    for (int is_there = 0; is_there < 2; is_there++) {
        CHECK_OK(mdp_h5_create(tap_temp_path("bad.hdf5"), &file));
        const float act[20 * N_ACT] = {0}, reward[20] = {0};
        const int8_t flags[20] = {0};
        float obs[20 * N_OBS];
        for (int i = 0; i < 20 * N_OBS; i++) obs[i] = (float)i;
        CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F32, MDP_H5_2D(20, N_OBS), MDP_H5_PLAIN, obs));
        CHECK_OK(mdp_h5_write(file, "actions", MDP_H5_F32, MDP_H5_2D(20, N_ACT), MDP_H5_PLAIN, act));
        CHECK_OK(mdp_h5_write(file, "rewards", MDP_H5_F32, MDP_H5_1D(20), MDP_H5_PLAIN, reward));
        CHECK_OK(mdp_h5_write(file, "terminals", MDP_H5_BOOL, MDP_H5_1D(20), MDP_H5_PLAIN, flags));
        if (is_there)
            CHECK_OK(mdp_h5_write(file, "next_observations", MDP_H5_F32, MDP_H5_2D(20, N_OBS), MDP_H5_PLAIN, broken));
        CHECK_OK(mdp_h5_commit(&file));
        CHECK_FAILS(mdp_minari_from_d4rl(tap_temp_path("bad.hdf5"), tap_temp_path("bad-v0"), &is_kept), MDP_E_DATA,
                    is_there ? "next_observations: expected those of row 0 to be the observations of row 1"
                             : "next_observations: expected them, since Minari keeps the observation after the last");
    }
}

/* ---- what pip's minari recorded ---- */

static const char *recorded(void) {
    const char *path = tap_reference("minari/short-v0");
    if (path == NULL) SKIP("no reference files");
    return path;
}

static void test_recorded(void) {
    static const long recorded_lengths[] = {3, 5, 12, 2, 4, 6, 12, 3, 2, 5, 7, 9};
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_episodes episodes = {.n = 0};
    struct mdp_dataset_raw block;
    char file[MDP_PATH_MAX];
    CHECK_OK(mdp_dataset_file(recorded(), file));
    CHECK_OK(mdp_dataset_reader_new(file, 0, 7, &reader));
    do {
        CHECK_OK(mdp_dataset_reader_next(reader, &block));
        CHECK_OK(mdp_dataset_episodes_add(&episodes, &block));
    } while (block.n > 0);
    CHECK_OK(mdp_dataset_episodes_finish(&episodes));
    CHECK_INT(mdp_dataset_reader_head(reader)->n, 70);
    CHECK_INT(mdp_dataset_reader_head(reader)->n_obs, 2);
    CHECK_INT(mdp_dataset_reader_head(reader)->n_act, 1);
    CHECK_INT(episodes.n, 12);
    for (long i = 0; i < episodes.n; i++) {
        CHECK_INT(episodes.list[i].n, recorded_lengths[i]);
        CHECK_INT(episodes.list[i].end, 'L');
    }
    mdp_dataset_episodes_free(&episodes);
    mdp_dataset_reader_free(reader);
}

/* actions between other bounds become [-1, 1]: by the file's own word, by the caller's, or not at all */
static void test_bounds(void) {
    const struct mdp_dataset_bounds wide = {.n = 1, .low = {-4}, .high = {4}},
                                    narrow = {.n = 1, .low = {-1}, .high = {1}}, two = {.n = 2};
    float first[3];
    char file[MDP_PATH_MAX];
    CHECK_OK(mdp_dataset_file(tap_reference("minari/ends-v0"), file));
    for (int i = 0; i < 3; i++) {
        struct mdp_dataset_reader *reader;
        struct mdp_dataset_raw block;
        CHECK_OK(mdp_dataset_reader_new(file, 0, 0, &reader));
        CHECK_INT(mdp_dataset_reader_bounds(reader)->n, 1);
        CHECK_CLOSE(mdp_dataset_reader_bounds(reader)->low[0], -2, 0);
        CHECK_CLOSE(mdp_dataset_reader_bounds(reader)->high[0], 2, 0);
        CHECK_FAILS(mdp_dataset_reader_set_bounds(reader, &two), MDP_E_DATA, "expected 2 columns as there are bounds");
        if (i == 1) CHECK_OK(mdp_dataset_reader_set_bounds(reader, &wide));
        if (i == 2) mdp_dataset_reader_keep_actions(reader);
        CHECK_OK(mdp_dataset_reader_next(reader, &block));
        CHECK_INT(block.n, 69);
        first[i] = block.actions[0];
        mdp_dataset_reader_free(reader);
    }
    CHECK(first[2] != 0);
    CHECK_CLOSE(first[0], first[2] / 2, 1e-7);
    CHECK_CLOSE(first[1], first[2] / 4, 1e-7);
    const struct mdp_dataset_options options = {.bounds = &narrow};
    struct mdp_transitions t;
    struct mdp_dataset_summary found;
    CHECK_FAILS(mdp_dataset_load(file, &options, &t, NULL, NULL), MDP_E_DATA,
                "episode_1/actions: expected values in [-1, 1], found 1.80185 at row 1, column 0; train --bounds");
    const struct mdp_dataset_options own = {.max_rows = 0};
    CHECK_OK(mdp_dataset_load(file, &own, &t, NULL, &found));
    CHECK_INT(found.bounds.n, 1);
    CHECK_CLOSE(found.bounds.high[0], 2, 0);
    mdp_transitions_free(&t);
}

static void check_bounds(const char *path, float first) {
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw block;
    CHECK_OK(mdp_dataset_reader_new(path, 0, 0, &reader));
    CHECK_INT(mdp_dataset_reader_bounds(reader)->n, 1);
    CHECK_CLOSE(mdp_dataset_reader_bounds(reader)->low[0], -2, 0);
    CHECK_CLOSE(mdp_dataset_reader_bounds(reader)->high[0], 2, 0);
    CHECK_OK(mdp_dataset_reader_next(reader, &block));
    CHECK(block.actions[0] == first);
    mdp_dataset_reader_free(reader);
}

/* D4RL's layout has no word for them: they are written beside the actions, which stay what they were, and go back */
static void test_bounds_there_and_back(void) {
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw block;
    char file[MDP_PATH_MAX], folder[MDP_PATH_MAX];
    int is_kept;
    const char *d4rl = tap_temp_path("ends.hdf5");
    CHECK_OK(mdp_dataset_file(tap_reference("minari/ends-v0"), file));
    CHECK_OK(mdp_dataset_reader_new(file, 0, 0, &reader));
    CHECK_OK(mdp_dataset_reader_next(reader, &block));
    const float first = block.actions[0];
    mdp_dataset_reader_free(reader);
    CHECK_OK(mdp_minari_to_d4rl(file, d4rl, MDP_PUBLISH_NEW));
    check_bounds(d4rl, first);
    CHECK_OK(mdp_dataset_reader_new(d4rl, 0, 0, &reader));
    mdp_dataset_reader_keep_actions(reader);
    CHECK_OK(mdp_dataset_reader_next(reader, &block));
    CHECK_CLOSE(block.actions[0], 2 * first, 1e-7);
    mdp_dataset_reader_free(reader);
    strcpy(folder, tap_temp_path("ends-v0"));
    CHECK_OK(mdp_minari_from_d4rl(d4rl, folder, &is_kept));
    CHECK_OK(mdp_dataset_file(folder, file));
    check_bounds(file, first);
    CHECK_OK(mdp_minari_to_d4rl(file, tap_temp_path("again.hdf5"), MDP_PUBLISH_NEW));
    check_bounds(tap_temp_path("again.hdf5"), first);
}

static void test_wrong_bounds(void) {
    static const float numbers[] = {0.1F, 0.2F};
    static const int8_t flags[] = {0, 0};
    static const double wrong[][2] = {{2, 2}, {-1, INFINITY}, {NAN, 1}, {-3, 3}};
    const struct mdp_h5_shape column = {2, {2, 1}}, row = {1, {2}};
    for (int i = 0; i < 4; i++) {
        const char *path = tap_temp_path("wrong.hdf5");
        struct mdp_dataset_reader *reader;
        struct mdp_h5 *h5;
        CHECK_OK(mdp_h5_create(path, &h5));
        CHECK_OK(mdp_h5_write(h5, "observations", MDP_H5_F32, &column, MDP_H5_PLAIN, numbers));
        CHECK_OK(mdp_h5_write(h5, "next_observations", MDP_H5_F32, &column, MDP_H5_PLAIN, numbers));
        CHECK_OK(mdp_h5_write(h5, "actions", MDP_H5_F32, &column, MDP_H5_PLAIN, numbers));
        CHECK_OK(mdp_h5_write(h5, "rewards", MDP_H5_F32, &row, MDP_H5_PLAIN, numbers));
        CHECK_OK(mdp_h5_write(h5, "terminals", MDP_H5_BOOL, &row, MDP_H5_PLAIN, flags));
        CHECK_OK(mdp_h5_write(h5, MDP_DATASET_BOUNDS, MDP_H5_F64, i < 3 ? &column : &row, MDP_H5_PLAIN, wrong[i]));
        CHECK_OK(mdp_h5_commit(&h5));
        CHECK_FAILS(mdp_dataset_reader_new(path, 0, 0, &reader), MDP_E_DATA, "metadata/action_bounds");
    }
}

/* ---- files that are not right ---- */

/* a dataset of two episodes of 2 steps, of which one array may be another; NULL: all of them as they should be */
static const char *write_minari(const char *array, enum mdp_h5_type type, const struct mdp_h5_shape *shape,
                                const void *values, const char *metadata) {
    static const float numbers[] = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F};
    static const int8_t flags[] = {0, 0};
    static const struct {
        const char *name;
        enum mdp_h5_type type;
        struct mdp_h5_shape shape;
    } arrays[] = {{"observations", MDP_H5_F32, {2, {3, 2}}},
                  {"actions", MDP_H5_F32, {2, {2, 1}}},
                  {"rewards", MDP_H5_F32, {1, {2}}},
                  {"terminations", MDP_H5_BOOL, {1, {2}}},
                  {"truncations", MDP_H5_BOOL, {1, {2}}}};
    const char *path = tap_temp_path("bad/main_data.hdf5");
    struct mdp_h5 *file;
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_h5_create(path, &file));
    for (int e = 0; e < 2; e++)
        for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
            char name[64];
            snprintf(name, sizeof name, "episode_%d/%s", e, arrays[k].name);
            if (array != NULL && strcmp(array, name) == 0) {
                if (shape != NULL) CHECK_OK(mdp_h5_write(file, name, type, shape, MDP_H5_PLAIN, values));
                continue;
            }
            const void *usual = arrays[k].type == MDP_H5_BOOL ? (const void *)flags : numbers;
            CHECK_OK(mdp_h5_write(file, name, arrays[k].type, &arrays[k].shape, MDP_H5_PLAIN, usual));
        }
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_OK(mdp_fsx_write(tap_temp_path("bad/metadata.json"), metadata, strlen(metadata)));
    return tap_temp_path("bad");
}

static mdp_err read_all(const char *folder) {
    const struct mdp_dataset_options options = {.normalize_observations = 1};
    struct mdp_transitions t = {.n = 0};
    char file[MDP_PATH_MAX];
    mdp_err err = mdp_dataset_file(folder, file);
    if (err == MDP_OK) err = mdp_dataset_load(file, &options, &t, NULL, NULL);
    if (err == MDP_OK) mdp_transitions_free(&t);
    return err;
}

#define SPACES                                                                                                         \
    "\"observation_space\": \"{\\\"type\\\": \\\"Box\\\", \\\"shape\\\": [2], \\\"low\\\": [-Infinity, NaN]}\""

static void test_refused_arrays(void) {
    static const float wild[] = {0, 0, NAN, 0, 0, 0}, wide[] = {0, 2};
    static const int8_t two[] = {0, 2};
    static const struct {
        const char *array;
        enum mdp_h5_type type;
        struct mdp_h5_shape shape;
        const void *values;
        const char *message;
    } bad[] = {
        {"episode_1/observations",
         MDP_H5_F32,
         {2, {3, 2}},
         wild,
         "bad/main_data.hdf5: episode_1/observations: expected finite values, found nan at row 1, column 0"},
        {"episode_1/actions",
         MDP_H5_F32,
         {2, {2, 1}},
         wide,
         "episode_1/actions: expected values in [-1, 1], found 2 at row 1, column 0"},
        {"episode_1/observations",
         MDP_H5_F32,
         {2, {2, 2}},
         wild,
         "episode_1/observations: expected shape [3, 2], found [2, 2]"},
        {"episode_0/observations",
         MDP_H5_F32,
         {2, {2, 2}},
         wild,
         "episode_0/observations: expected shape [3, 2], found [2, 2]"},
        {"episode_1/observations",
         MDP_H5_F32,
         {2, {3, 1}},
         wild,
         "episode_1/observations: expected shape [3, 2], found [3, 1]"},
        {"episode_1/actions", MDP_H5_F32, {1, {2}}, wide, NULL},
        {"episode_0/actions", MDP_H5_F32, {1, {2}}, wide, "episode_0/actions: expected shape [2, any], found [2]"},
        {"episode_1/truncations", MDP_H5_I8, {1, {2}}, two, "episode_1/truncations: expected 0 or 1, found 2 at row 1"},
        {"episode_1/terminations", MDP_H5_BOOL, {1, {1}}, two, "episode_1/terminations: expected shape [2], found [1]"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *folder = write_minari(bad[i].array, bad[i].type, &bad[i].shape, bad[i].values, "{" SPACES "}");
        if (bad[i].message != NULL)
            CHECK_FAILS(read_all(folder), MDP_E_DATA, bad[i].message);
        else
            CHECK_FAILS(read_all(folder), MDP_E_DATA, "values in [-1, 1], found 2 at row 1"); /* one column, flat */
    }
    CHECK_FAILS(read_all(write_minari("episode_1/rewards", MDP_H5_F32, NULL, NULL, "{}")), MDP_E_DATA,
                "episode_1/rewards: expected a dataset, found none");
    CHECK_OK(read_all(write_minari(NULL, MDP_H5_F32, NULL, NULL, "{" SPACES "}")));
}

static void test_refused_metadata(void) {
    static const struct {
        const char *metadata, *message;
    } bad[] = {
        {"{\"observation_space\": \"{\\\"type\\\": \\\"Dict\\\", \\\"subspaces\\\": {\\\"goal\\\": {}, "
         "\\\"speed\\\": {}}}\"}",
         "bad/metadata.json: observation_space: expected a Box of one dimension, found a Dict of goal, speed; record"},
        {"{\"observation_space\": \"{\\\"type\\\": \\\"Tuple\\\", \\\"subspaces\\\": [{}, {}]}\"}",
         "observation_space: expected a Box of one dimension, found a Tuple of 2 parts; record"},
        {"{\"action_space\": \"{\\\"type\\\": \\\"Discrete\\\", \\\"n\\\": 3}\"}",
         "action_space: expected a Box of one dimension, found a Discrete"},
        {"{\"observation_space\": \"{\\\"type\\\": \\\"Box\\\", \\\"shape\\\": [3, 64, 64]}\"}",
         "found a Box of shape [3, 64, 64]"},
        {"{\"observation_space\": \"{\\\"type\\\": \\\"Box\\\", \\\"shape\\\": [5]}\"}",
         "episode_0/observations: expected shape [3, 5], found [3, 2]"},
        {"{\"data_format\": \"arrow\"}", "bad/metadata.json: data_format: expected hdf5, found arrow; to have it, "},
        {"{\"data_format\": \"parquet\"}", "expected hdf5, found parquet"},
        {"{\"total_episodes\": 3}", "total_episodes: expected 3 as "},
        {"{\"total_steps\": 5}", "total_steps: expected 5 as "},
        {"{\"total_steps\": ", "bad/metadata.json: /: expected a JSON object, found "},
        {"[]", "bad/metadata.json: /: expected a JSON object, found another value"},
        {"{\"observation_space\": \"{\"}", "bad/metadata.json: observation_space: expected a JSON object, found "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(read_all(write_minari(NULL, MDP_H5_F32, NULL, NULL, bad[i].metadata)), MDP_E_DATA, bad[i].message);
}

/* a Dict of a file without metadata.json, a gap in the numbers, a folder of something else */
static void test_refused_files(void) {
    const float goal[6] = {0};
    struct mdp_h5 *file;
    const char *folder = write_minari("episode_0/observations", MDP_H5_F32, NULL, NULL, "{}");
    CHECK_FAILS(read_all(folder), MDP_E_DATA, "episode_0/observations: expected a dataset, found none");
    CHECK_OK(mdp_h5_create(tap_temp_path("dict.hdf5"), &file));
    CHECK_OK(mdp_h5_write(file, "episode_0/observations/goal", MDP_H5_F32, MDP_H5_2D(3, 2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_write(file, "episode_0/observations/speed", MDP_H5_F32, MDP_H5_2D(3, 2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_write(file, "episode_0/rewards", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_write(file, "episode_2/rewards", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(read_all(tap_temp_path("dict.hdf5")), MDP_E_DATA,
                "episode_1: expected episode_0 to episode_1, found no such group");
    CHECK_OK(mdp_h5_create(tap_temp_path("dict.hdf5"), &file));
    CHECK_OK(mdp_h5_write(file, "episode_0/observations/goal", MDP_H5_F32, MDP_H5_2D(3, 2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_write(file, "episode_0/observations/speed", MDP_H5_F32, MDP_H5_2D(3, 2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_write(file, "episode_0/rewards", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_PLAIN, goal));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(
        read_all(tap_temp_path("dict.hdf5")), MDP_E_DATA,
        "episode_0/observations: expected an array, as of a Box of one dimension, found a group of goal, speed");
    CHECK_FAILS(read_all(tap_temp_dir()), MDP_E_IO,
                "expected a file or a dataset of Minari's (a folder with "
                "data/main_data.hdf5), found another folder");
    CHECK_OK(mdp_fsx_remove(tap_temp_path("bad/main_data.hdf5")));
    CHECK_FAILS(read_all(folder), MDP_E_IO, "bad/main_data.hdf5: expected the file that ");
    write_minari(NULL, MDP_H5_F32, NULL, NULL, "{}");
    CHECK_OK(mdp_h5_create(tap_temp_path("bad/main_data.hdf5"), &file));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(read_all(tap_temp_path("bad")), MDP_E_DATA, "expected 2 to 50000000 rows, found 0");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_same_rows_in_either_layout),
        TAP_TEST(test_there_and_back_loses_nothing),
        TAP_TEST(test_types_stay),
        TAP_TEST(test_same_again_is_kept),
        TAP_TEST(test_refusals_of_d4rl),
        TAP_TEST(test_recorded),
        TAP_TEST(test_bounds),
        TAP_TEST(test_bounds_there_and_back),
        TAP_TEST(test_wrong_bounds),
        TAP_TEST(test_refused_arrays),
        TAP_TEST(test_refused_metadata),
        TAP_TEST(test_refused_files),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
