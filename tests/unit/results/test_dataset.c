/* results/dataset: D4RL's layout out and in, the reference's q-learning view, and refusals that name row and column. */
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
#include "tests/tap.h"

enum { N_OBS = 3, N_ACT = 2 };

/* ---- the reference's view ---- */

static void read_raw_case(struct mdp_h5 *file, const char *group, struct mdp_dataset_raw *raw) {
    char name[128];
    struct mdp_h5_shape shape;
    memset(raw, 0, sizeof *raw);
    snprintf(name, sizeof name, "%s/raw/observations", group);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F32, MDP_H5_2D(-1, -1), &shape, &raw->observations));
    raw->n = shape.extent[0];
    raw->n_obs = (int)shape.extent[1];
    snprintf(name, sizeof name, "%s/raw/actions", group);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F32, MDP_H5_2D(raw->n, -1), &shape, &raw->actions));
    raw->n_act = (int)shape.extent[1];
    snprintf(name, sizeof name, "%s/raw/rewards", group);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F32, MDP_H5_1D(raw->n), NULL, &raw->rewards));
    snprintf(name, sizeof name, "%s/raw/terminals", group);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_U8, MDP_H5_1D(raw->n), NULL, &raw->terminals));
    snprintf(name, sizeof name, "%s/raw/timeouts", group);
    if (mdp_h5_exists(file, name))
        CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_U8, MDP_H5_1D(raw->n), NULL, &raw->timeouts));
}

static void check_floats(struct mdp_h5 *file, const char *group, const char *leaf, const float *got, long n, int width,
                         double tol) {
    char name[128];
    float *want;
    snprintf(name, sizeof name, "%s/%s", group, leaf);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F32, MDP_H5_2D(n, width), NULL, &want));
    for (long i = 0; i < n * width; i++) CHECK_CLOSE(got[i], want[i], tol);
    free(want);
}

static void check_doubles(struct mdp_h5 *file, const char *group, const char *leaf, const double *got, int n,
                          double tol) {
    char name[128];
    double want[MDP_NORMALIZER_MAX];
    snprintf(name, sizeof name, "%s/%s", group, leaf);
    CHECK_OK(mdp_h5_read(file, name, MDP_H5_F64, MDP_H5_1D(n), want));
    for (int i = 0; i < n; i++) CHECK_CLOSE(got[i], want[i], tol);
}

static void check_case(struct mdp_h5 *file, const char *group) {
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_dataset_raw raw;
    struct mdp_transitions t;
    struct mdp_normalizer norm;
    struct mdp_dataset_summary summary;
    char name[128];
    long *kept;
    int64_t *want;
    double value;
    read_raw_case(file, group, &raw);
    CHECK_OK(mdp_dataset_view(&raw, &options, &t, &kept, &norm, &summary));
    snprintf(name, sizeof name, "%s/kept_index", group);
    CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_I64, MDP_H5_1D(t.n), NULL, &want));
    for (long i = 0; i < t.n; i++) CHECK_INT(kept[i], want[i]);
    CHECK_OK(mdp_h5_attr_real(file, group, "min_return", &value));
    CHECK_CLOSE(summary.min_return, value, 1e-9);
    CHECK_OK(mdp_h5_attr_real(file, group, "max_return", &value));
    CHECK_CLOSE(summary.max_return, value, 1e-9);
    check_doubles(file, group, "mean_f64", norm.mean, N_OBS, 1e-12);
    check_doubles(file, group, "std_f64", norm.std, N_OBS, 1e-12);
    /* the reference's own float32 statistics are off by up to 1e-4; its rewards are exact */
    check_floats(file, group, "obs", t.observations, t.n, N_OBS, 2e-5);
    check_floats(file, group, "next_obs", t.next_observations, t.n, N_OBS, 2e-5);
    check_floats(file, group, "rew", t.rewards, t.n, 1, 0);
    check_floats(file, group, "tml", t.terminals, t.n, 1, 0);
    free(want);
    free(kept);
    mdp_transitions_free(&t);
    mdp_dataset_raw_free(&raw);
}

static void test_golden_view(void) {
    const char *path = tap_reference("algos/golden/dataset.h5");
    struct mdp_h5 *file;
    if (path == NULL) SKIP("no algos/golden/dataset.h5");
    CHECK_OK(mdp_h5_open(path, &file));
    check_case(file, "timeouts_noterm");
    check_case(file, "timeouts_term");
    check_case(file, "notimeouts_term");
    mdp_h5_close(file);
}

/* ---- writing and reading back ---- */

static const struct mdp_dataset_facts facts = {
    .task = "halfcheetah-medium",
    .env_id = "HalfCheetahBullet-v0",
    .algorithm = "sac",
    .policy = "medium.h5",
    .reference = "bullet-halfcheetah",
    .settings = "{\"steps\": 9000}",
    .machine = "test",
    .physics = "robotics 3.24 0123456789abcdef",
    .physics_library = "libBulletRobotics.so",
    .physics_hash = UINT64_MAX - 1,
    .seed = 7,
};

/* step i of a made-up recording: episodes of 1000, one in three terminates after 400 */
static void make_step(long i, float *obs, float *next, float *act, double *q, struct mdp_dataset_step *step) {
    for (int j = 0; j < N_OBS; j++) {
        obs[j] = (float)sin(0.1 * (double)i + j);
        next[j] = (float)sin(0.1 * (double)(i + 1) + j);
    }
    for (int j = 0; j < N_ACT; j++) act[j] = (float)cos(0.3 * (double)i + j);
    for (int j = 0; j < 9; j++) q[j] = 1e-3 * (double)i + j;
    long row = i % 2400;
    *step = (struct mdp_dataset_step){
        obs, act, next, (float)(row % 7) + (float)(i / 2400), row == 2399, row == 999 || row == 1999, q, q};
}

static mdp_err write_steps(const char *path, long n) {
    struct mdp_dataset_writer *writer = NULL;
    mdp_err err;
    MDP_TRY(mdp_dataset_writer_new(path, N_OBS, N_ACT, 9, &facts, &writer));
    for (long i = 0; i < n; i++) {
        float obs[N_OBS], next[N_OBS], act[N_ACT];
        double q[9];
        struct mdp_dataset_step step;
        make_step(i, obs, next, act, q, &step);
        MDP_TRY(mdp_dataset_writer_add(writer, &step));
    }
    MDP_TRY(mdp_dataset_writer_finish(writer));
out:
    mdp_dataset_writer_free(writer);
    return err;
}

/* all rows as one block, borrowed from the reader */
static mdp_err read_all(const char *path, struct mdp_dataset_raw *raw, struct mdp_dataset_reader **reader) {
    mdp_err err = mdp_dataset_reader_new(path, 0, MDP_DATASET_ROWS_MAX, reader);
    return err != MDP_OK ? err : mdp_dataset_reader_next(*reader, raw);
}

static void test_round_trip(void) {
    const char *path = tap_temp_path("d.h5");
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw raw;
    struct mdp_h5 *file;
    double qpos[9];
    char type[16], *text;
    CHECK_OK(write_steps(path, 9000));
    CHECK_OK(read_all(path, &raw, &reader));
    CHECK_INT(raw.n, 9000);
    CHECK(raw.n_obs == N_OBS && raw.n_act == N_ACT && raw.timeouts != NULL);
    CHECK(raw.observations[8999 * N_OBS + 1] == (float)sin(0.1 * 8999 + 1));
    CHECK(raw.terminals[2399] == 1 && raw.terminals[2400] == 0 && raw.timeouts[999] == 1);
    CHECK(raw.rewards[2405] == 6.0f);
    mdp_dataset_reader_free(reader);
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_type_text(file, "terminals", type));
    CHECK_STR(type, "bool");
    CHECK_OK(mdp_h5_expect(file, "next_observations", MDP_H5_2D(9000, N_OBS)));
    CHECK_OK(mdp_h5_read_rows(file, "infos/qpos", MDP_H5_F64, 8999, 1, qpos));
    CHECK(qpos[2] == 1e-3 * 8999 + 2);
    CHECK_OK(mdp_h5_read_text(file, "metadata/algorithm", &text));
    CHECK_STR(text, "sac");
    free(text);
    CHECK_OK(mdp_h5_read_text(file, "metadata/physics_library", &text));
    CHECK_STR(text, facts.physics_library);
    free(text);
    uint64_t hash;
    CHECK_OK(mdp_h5_read(file, "metadata/physics_hash", MDP_H5_U64, MDP_H5_SCALAR, &hash));
    CHECK(hash == facts.physics_hash);
    mdp_h5_close(file);
}

/* what people are shown of a dataset is a line of plain text */
static void test_strange_names(void) {
    struct mdp_dataset_facts strange[3] = {facts, facts, facts};
    static const char *const expected[] = {"metadata/task: expected a line of plain UTF-8, found 'walker2d?::error::x'",
                                           "metadata/algorithm: expected a line of plain UTF-8, found 'sac?[2J'",
                                           "metadata/policy/file: expected a line of plain UTF-8, found '?'"};
    struct mdp_dataset_writer *writer;
    struct mdp_dataset_reader *reader;
    strange[0].task = "walker2d\n::error::x";
    strange[1].algorithm = "sac\x1b[2J";
    strange[2].policy = "\xff";
    for (int i = 0; i < 3; i++) {
        CHECK_OK(mdp_dataset_writer_new(tap_temp_path("d.h5"), N_OBS, N_ACT, 0, &strange[i], &writer));
        const float zeros[N_OBS + N_ACT] = {0};
        const struct mdp_dataset_step step = {.observation = zeros, .action = zeros, .next_observation = zeros};
        for (int row = 0; row < 3; row++) CHECK_OK(mdp_dataset_writer_add(writer, &step));
        CHECK_OK(mdp_dataset_writer_finish(writer));
        mdp_dataset_writer_free(writer);
        CHECK_FAILS(mdp_dataset_reader_new(tap_temp_path("d.h5"), 0, 0, &reader), MDP_E_DATA, expected[i]);
        CHECK_OK(mdp_fsx_remove(tap_temp_path("d.h5")));
    }
}

static void test_same_bytes(void) {
    uint64_t first, second;
    CHECK_OK(write_steps(tap_temp_path("a.h5"), 5000));
    CHECK_OK(write_steps(tap_temp_path("b.h5"), 5000));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.h5"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.h5"), &second));
    CHECK(first == second);
}

static void test_load(void) {
    const char *path = tap_temp_path("d.h5");
    struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_transitions t;
    struct mdp_normalizer norm;
    struct mdp_dataset_summary summary;
    CHECK_OK(write_steps(path, 9000));
    CHECK_OK(mdp_dataset_load(path, &options, &t, &norm, &summary));
    /* of 9000 rows the last goes, and 7 time-outs: two in each 2400, one in the 1800 that are left */
    CHECK_INT(t.n, 8999 - 7);
    CHECK_INT(summary.n_raw, 9000);
    CHECK_INT(summary.n_kept, t.n);
    double sum = 0, squares = 0;
    for (long i = 0; i < t.n; i++) {
        sum += t.observations[i * N_OBS];
        squares += (double)t.observations[i * N_OBS] * t.observations[i * N_OBS];
    }
    CHECK_CLOSE(sum / (double)t.n, 0, 1e-6);
    CHECK_CLOSE(squares / (double)t.n, 1, 1e-6);
    mdp_transitions_free(&t);
    options = (struct mdp_dataset_options){.max_rows = 3000};
    CHECK_OK(mdp_dataset_load(path, &options, &t, &norm, NULL));
    CHECK_INT(t.n, 2999 - 2);
    CHECK_INT(norm.n, 0);
    CHECK(t.observations[0] == 0.0f && t.next_observations[0] == (float)sin(0.1));
    mdp_transitions_free(&t);
}

/* block after block as in one go, whatever the blocks */
static void test_episodes(void) {
    static const long blocks[] = {MDP_DATASET_ROWS_MAX, 1000, 399, 2};
    const char *path = tap_temp_path("d.h5");
    CHECK_OK(write_steps(path, 5000));
    for (int k = 0; k < 4; k++) {
        struct mdp_dataset_reader *reader;
        struct mdp_dataset_episodes episodes = {.n = 0};
        struct mdp_dataset_raw block;
        CHECK_OK(mdp_dataset_reader_new(path, 0, blocks[k], &reader));
        do {
            CHECK_OK(mdp_dataset_reader_next(reader, &block));
            CHECK_OK(mdp_dataset_episodes_add(&episodes, &block));
        } while (block.n > 0);
        CHECK_OK(mdp_dataset_episodes_finish(&episodes));
        CHECK_INT(episodes.n, 7);
        CHECK(episodes.list[0].n == 1000 && episodes.list[0].end == 'L');
        CHECK(episodes.list[2].n == 400 && episodes.list[2].end == 'T' && episodes.list[2].first == 2000);
        CHECK(episodes.list[6].n == 200 && episodes.list[6].end == 'O');
        CHECK(episodes.list[6].ret == 28 * 21 + 6 + 2 * 200);
        mdp_dataset_episodes_free(&episodes);
        mdp_dataset_reader_free(reader);
    }
}

static void test_constant_column(void) {
    enum { N = 100000 };
    static float obs[N][2];
    struct mdp_normalizer norm;
    for (int i = 0; i < N; i++) {
        obs[i][0] = 0.1f;
        obs[i][1] = (float)i;
    }
    mdp_normalizer_measure(obs[0], N, 2, &norm);
    CHECK(norm.std[0] == 1 && norm.mean[0] == (double)0.1f);
    CHECK_CLOSE(norm.mean[1], (N - 1) / 2.0, 1e-9);
    CHECK_CLOSE(norm.std[1], sqrt(((double)N * N - 1) / 12), 1e-7);
    mdp_normalizer_apply(&norm, obs[0], N);
    CHECK(obs[5][0] == 0.0f);
}

/* ---- files that other people bring ---- */

/* a file of 2100 rows, with one thing changed at a time */
struct variant {
    enum mdp_h5_type flags;
    int column_flags, no_timeouts, with_next;
    const char *leave_out;
    long n_actions, n_rewards, n_next; /* other row counts, 0 for the right one */
    int i_nan, i_inf;                  /* observation and reward row that is spoilt, -1 for none */
    float action;                      /* first action of row 10, 0 for a good one */
    double flag;                       /* terminal of row 20 */
};

static const struct variant good = {.flags = MDP_H5_BOOL, .i_nan = -1, .i_inf = -1, .flag = 1};

enum { N_ROWS = 2100 };

static mdp_err write_flags(struct mdp_h5 *file, const struct variant *v, const char *name, double at_20, int at_999) {
    static double d[N_ROWS];
    static float f[N_ROWS];
    static int64_t l[N_ROWS];
    static int8_t b[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) {
        d[i] = i == 20 ? at_20 : at_999 && i % 1000 == 999;
        f[i] = (float)d[i];
        l[i] = (int64_t)d[i];
        b[i] = (int8_t)d[i];
    }
    const void *data = v->flags == MDP_H5_F64   ? (void *)d
                       : v->flags == MDP_H5_F32 ? (void *)f
                       : v->flags == MDP_H5_I64 ? (void *)l
                                                : (void *)b;
    const struct mdp_h5_shape *shape = v->column_flags ? MDP_H5_2D(N_ROWS, 1) : MDP_H5_1D(N_ROWS);
    return mdp_h5_write(file, name, v->flags, shape, MDP_H5_PLAIN, data);
}

static int wanted(const struct variant *v, const char *name) {
    return v->leave_out == NULL || strcmp(v->leave_out, name) != 0;
}

static void write_variant(const char *path, const struct variant *v) {
    static float obs[N_ROWS][N_OBS], act[N_ROWS][N_ACT], rew[N_ROWS];
    struct mdp_h5 *file;
    for (int i = 0; i < N_ROWS; i++) {
        for (int j = 0; j < N_OBS; j++) obs[i][j] = i == v->i_nan && j == 2 ? NAN : (float)(i % 17 + j);
        for (int j = 0; j < N_ACT; j++) act[i][j] = (float)sin(i + j);
        rew[i] = i == v->i_inf ? INFINITY : (float)i;
    }
    if (v->action != 0) act[10][0] = v->action;
    long n_act = v->n_actions ? v->n_actions : N_ROWS, n_rew = v->n_rewards ? v->n_rewards : N_ROWS;
    long n_next = v->n_next ? v->n_next : N_ROWS;
    CHECK_OK(mdp_h5_create(path, &file));
    if (wanted(v, "observations"))
        CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F32, MDP_H5_2D(N_ROWS, N_OBS), 0, obs));
    if (wanted(v, "actions")) CHECK_OK(mdp_h5_write(file, "actions", MDP_H5_F32, MDP_H5_2D(n_act, N_ACT), 0, act));
    const struct mdp_h5_shape *shape = v->column_flags ? MDP_H5_2D(n_rew, 1) : MDP_H5_1D(n_rew);
    if (wanted(v, "rewards")) CHECK_OK(mdp_h5_write(file, "rewards", MDP_H5_F32, shape, 0, rew));
    if (wanted(v, "terminals")) CHECK_OK(write_flags(file, v, "terminals", v->flag, 0));
    if (!v->no_timeouts) CHECK_OK(write_flags(file, v, "timeouts", 0, 1));
    if (v->with_next) CHECK_OK(mdp_h5_write(file, "next_observations", MDP_H5_F32, MDP_H5_2D(n_next, N_OBS), 0, obs));
    CHECK_OK(mdp_h5_commit(&file));
}

static mdp_err load_variant(const struct variant *v, struct mdp_transitions *t) {
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    write_variant(tap_temp_path("v.h5"), v);
    return mdp_dataset_load(tap_temp_path("v.h5"), &options, t, NULL, NULL);
}

static void test_flag_types_and_ranks(void) {
    static const enum mdp_h5_type types[] = {MDP_H5_BOOL, MDP_H5_U8, MDP_H5_I64, MDP_H5_F32, MDP_H5_F64};
    for (int i = 0; i < 10; i++) {
        struct variant v = good;
        struct mdp_transitions t;
        v.flags = types[i % 5];
        v.column_flags = i >= 5;
        v.with_next = i % 2;
        CHECK_OK(load_variant(&v, &t));
        CHECK_INT(t.n, N_ROWS - 1 - 2);
        CHECK(t.terminals[20] == 1.0f && t.terminals[21] == 0.0f);
        mdp_transitions_free(&t);
    }
}

/* without flags of its own a file is cut by counting; the terminal at row 20 makes the next cut one step early */
static void test_missing_timeouts(void) {
    struct variant v = good;
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw raw;
    struct mdp_transitions t;
    long *kept;
    v.no_timeouts = 1;
    write_variant(tap_temp_path("v.h5"), &v);
    CHECK_OK(read_all(tap_temp_path("v.h5"), &raw, &reader));
    CHECK(raw.timeouts == NULL);
    CHECK_OK(mdp_dataset_view(&raw, &(struct mdp_dataset_options){.max_rows = 0}, &t, &kept, NULL, NULL));
    CHECK(kept[20] == 20 && kept[1018] == 1018 && kept[1019] == 1020);
    free(kept);
    mdp_transitions_free(&t);
    mdp_dataset_reader_free(reader);
}

/* what the next row did: the record that the next observation comes from, nothing after a termination */
static void test_next_actions(void) {
    struct variant v = good;
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw raw;
    struct mdp_transitions t;
    long *kept, n_terminal = 0;
    write_variant(tap_temp_path("v.h5"), &v);
    CHECK_OK(read_all(tap_temp_path("v.h5"), &raw, &reader));
    CHECK_OK(mdp_dataset_view(&raw, &(struct mdp_dataset_options){.next_actions = 1}, &t, &kept, NULL, NULL));
    for (long i = 0; i < t.n; i++)
        for (int j = 0; j < t.n_act; j++) {
            n_terminal += t.terminals[i] != 0;
            CHECK(t.next_actions[i * t.n_act + j] ==
                  (t.terminals[i] != 0 ? 0.0f : raw.actions[(kept[i] + 1) * t.n_act + j]));
        }
    CHECK(n_terminal > 0);
    free(kept);
    mdp_transitions_free(&t);
    CHECK_OK(mdp_dataset_view(&raw, &(struct mdp_dataset_options){.max_rows = 0}, &t, NULL, NULL, NULL));
    CHECK(t.next_actions == NULL);
    mdp_transitions_free(&t);
    mdp_dataset_reader_free(reader);
}

static void check_refused(struct variant v, const char *part) {
    struct mdp_transitions t;
    CHECK_FAILS(load_variant(&v, &t), MDP_E_DATA, part);
    CHECK(strstr(mdp_err_message(), "v.h5") != NULL);
    CHECK(t.observations == NULL && t.n == 0);
}

static void test_refusals(void) {
    struct variant v;
    v = good, v.leave_out = "observations", check_refused(v, "observations: expected a dataset, found none");
    v = good, v.leave_out = "actions", check_refused(v, "actions: expected a dataset, found none");
    v = good, v.leave_out = "rewards", check_refused(v, "rewards: expected a dataset, found none");
    v = good, v.leave_out = "terminals", check_refused(v, "terminals: expected a dataset, found none");
    v = good, v.n_actions = 2099, check_refused(v, "actions: expected 2100 rows as observations has, found 2099");
    v = good, v.n_rewards = 2000, check_refused(v, "rewards: expected 2100 rows as observations has, found 2000");
    v = good, v.with_next = 1, v.n_next = 7,
    check_refused(v, "next_observations: expected shape [2100, 3], found [7, 3]");
    v = good, v.i_nan = 1234, check_refused(v, "observations: expected finite values, found nan at row 1234, column 2");
    v = good, v.i_inf = 99, check_refused(v, "rewards: expected finite values, found inf at row 99, column 0");
    v = good, v.action = 1.5f, check_refused(v, "actions: expected values in [-1, 1], found 1.5 at row 10, column 0");
    v = good, v.flags = MDP_H5_U8, v.flag = 2, check_refused(v, "terminals: expected 0 or 1, found 2 at row 20");
    v = good, v.flags = MDP_H5_F64, v.flag = 0.5, check_refused(v, "terminals: expected 0 or 1, found 0.5 at row 20");
    v = good, v.flags = MDP_H5_F64, v.flag = NAN, check_refused(v, "terminals: expected 0 or 1, found nan at row 20");
    v = good, v.action = 1.000001f;
    struct mdp_transitions t;
    CHECK_OK(load_variant(&v, &t));
    mdp_transitions_free(&t);
}

static void write_flat(const char *path, int rank) {
    static float zeros[4096];
    struct mdp_h5 *file;
    struct mdp_h5_shape shape = {rank, {16, 4, 4, 4}};
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F32, &shape, 0, zeros));
    CHECK_OK(mdp_h5_commit(&file));
}

static void test_wrong_ranks(void) {
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw raw;
    write_flat(tap_temp_path("1.h5"), 1);
    CHECK_FAILS(read_all(tap_temp_path("1.h5"), &raw, &reader), MDP_E_DATA, "shape [any, any], found [16]");
    write_flat(tap_temp_path("3.h5"), 3);
    CHECK_FAILS(read_all(tap_temp_path("3.h5"), &raw, &reader), MDP_E_DATA, "shape [any, any], found [16, 4, 4]");
    CHECK_OK(mdp_fsx_write(tap_temp_path("t.h5"), "no", 2));
    CHECK_FAILS(read_all(tap_temp_path("t.h5"), &raw, &reader), MDP_E_DATA, "expected an HDF5 file");
    CHECK_FAILS(read_all(tap_temp_path("absent.h5"), &raw, &reader), MDP_E_IO, "No such file");
}

static void test_nothing_to_normalise_by(void) {
    float obs[3][1] = {{0}, {1}, {2}}, act[3][1] = {{0}}, rew[3] = {1, 1, 1};
    uint8_t terminals[3] = {0, 0, 0};
    struct mdp_dataset_raw raw = {3, 1, 1, obs[0], act[0], rew, terminals, NULL, NULL, 0, NULL, 0};
    const struct mdp_dataset_options scaled = {.normalize_rewards = 1};
    struct mdp_transitions t;
    CHECK_FAILS(mdp_dataset_view(&raw, &scaled, &t, NULL, NULL, NULL), MDP_E_DATA,
                "expected a terminal or 1000 kept steps");
    terminals[0] = terminals[1] = 1;
    CHECK_FAILS(mdp_dataset_view(&raw, &scaled, &t, NULL, NULL, NULL), MDP_E_DATA, "segments of different returns");
    raw.n = 1;
    CHECK_FAILS(mdp_dataset_view(&raw, &scaled, &t, NULL, NULL, NULL), MDP_E_DATA, "found 1 rows");
}

static void test_writer_refuses(void) {
    struct mdp_dataset_writer *writer;
    struct mdp_dataset_facts bad_facts = facts;
    struct mdp_dataset_step step;
    float obs[N_OBS], next[N_OBS], act[N_ACT];
    double q[9];
    CHECK_OK(mdp_dataset_writer_new(tap_temp_path("w.h5"), N_OBS, N_ACT, 9, &facts, &writer));
    make_step(0, obs, next, act, q, &step);
    CHECK_OK(mdp_dataset_writer_add(writer, &step));
    act[1] = -1.1f;
    CHECK_FAILS(mdp_dataset_writer_add(writer, &step), MDP_E_DATA,
                "actions: expected values in [-1, 1], found -1.1 at row 1");
    act[1] = 0;
    next[2] = NAN;
    CHECK_FAILS(mdp_dataset_writer_add(writer, &step), MDP_E_DATA,
                "next_observations: expected finite values, found nan");
    mdp_dataset_writer_free(writer);
    CHECK(!mdp_fsx_exists(tap_temp_path("w.h5")));
    bad_facts.settings = "{broken";
    CHECK_FAILS(mdp_dataset_writer_new(tap_temp_path("w.h5"), N_OBS, N_ACT, 9, &bad_facts, &writer), MDP_E_DATA,
                "metadata/settings");
    CHECK(writer == NULL);
    CHECK_FAILS(mdp_dataset_writer_new("/dev/null/w.h5", N_OBS, N_ACT, 9, &facts, &writer), MDP_E_IO, "/dev/null/w.h5");
}

/* ---- larger than memory ---- */

enum { N_LARGE = 70001 };

static void check_same_rows(const struct mdp_transitions *a, const struct mdp_transitions *b) {
    struct mdp_transitions x, y;
    CHECK_INT(a->n, b->n);
    CHECK_OK(mdp_transitions_make(&x, a->n, N_OBS, N_ACT, 1, NULL));
    CHECK_OK(mdp_transitions_make(&y, a->n, N_OBS, N_ACT, 1, NULL));
    CHECK_OK(mdp_transitions_get(a, 0, a->n, &x));
    CHECK_OK(mdp_transitions_get(b, 0, a->n, &y));
    size_t rows = (size_t)a->n * sizeof(float);
    CHECK(memcmp(x.observations, y.observations, rows * N_OBS) == 0);
    CHECK(memcmp(x.next_observations, y.next_observations, rows * N_OBS) == 0);
    CHECK(memcmp(x.actions, y.actions, rows * N_ACT) == 0);
    CHECK(memcmp(x.next_actions, y.next_actions, rows * N_ACT) == 0);
    CHECK(memcmp(x.rewards, y.rewards, rows) == 0);
    CHECK(memcmp(x.terminals, y.terminals, rows) == 0);
    mdp_transitions_free(&x);
    mdp_transitions_free(&y);
}

/* the view of all rows at once, of blocks into memory and of blocks into a file are the same bits */
static void test_blocks_and_files_change_nothing(void) {
    const char *path = tap_temp_path("d.h5");
    struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1, .next_actions = 1};
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw raw;
    struct mdp_transitions whole, arrays, file;
    struct mdp_normalizer norms[4];
    struct mdp_dataset_summary summaries[3];
    CHECK_OK(write_steps(path, N_LARGE));
    CHECK_OK(read_all(path, &raw, &reader));
    CHECK_INT(raw.n, N_LARGE);
    CHECK_OK(mdp_dataset_view(&raw, &options, &whole, NULL, &norms[0], &summaries[0]));
    mdp_dataset_reader_free(reader);
    options.scratch = tap_temp_path("scratch");
    options.memory_bytes = 1e9;
    CHECK_OK(mdp_dataset_load(path, &options, &arrays, &norms[1], &summaries[1]));
    CHECK(arrays.file == NULL && !mdp_fsx_exists(options.scratch));
    options.memory_bytes = 1e5;
    CHECK_OK(mdp_dataset_load(path, &options, &file, &norms[2], &summaries[2]));
    CHECK(file.file != NULL && file.observations == NULL);
    CHECK_OK(mdp_dataset_normalizer(path, &norms[3]));
    check_same_rows(&whole, &arrays);
    check_same_rows(&whole, &file);
    for (int k = 1; k < 4; k++) CHECK(memcmp(&norms[k], &norms[0], sizeof norms[0]) == 0);
    for (int k = 1; k < 3; k++) CHECK(memcmp(&summaries[k], &summaries[0], sizeof summaries[0]) == 0);
    mdp_transitions_free(&whole);
    mdp_transitions_free(&arrays);
    mdp_transitions_free(&file);
}

/* rows are named by their place in the file, in whatever block they are; a file that no disk takes is refused */
static void test_large_refusals(void) {
    struct mdp_dataset_options options = {.normalize_observations = 1, .scratch = "/dev/null/scratch"};
    struct variant v = good;
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw block;
    struct mdp_transitions t;
    v.i_nan = 1234;
    write_variant(tap_temp_path("v.h5"), &v);
    CHECK_OK(mdp_dataset_reader_new(tap_temp_path("v.h5"), 0, 1000, &reader));
    CHECK_OK(mdp_dataset_reader_next(reader, &block));
    CHECK(block.n == 1000 && block.first == 0);
    CHECK_FAILS(mdp_dataset_reader_next(reader, &block), MDP_E_DATA,
                "observations: expected finite values, found nan at row 1234, column 2");
    mdp_dataset_reader_free(reader);
    write_variant(tap_temp_path("v.h5"), &good);
    CHECK_FAILS(mdp_dataset_load(tap_temp_path("v.h5"), &options, &t, NULL, NULL), MDP_E_IO,
                "/dev/null: expected a folder, found a file");
    CHECK(t.n == 0 && t.file == NULL);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_golden_view),
        TAP_TEST(test_round_trip),
        TAP_TEST(test_strange_names),
        TAP_TEST(test_same_bytes),
        TAP_TEST(test_load),
        TAP_TEST(test_episodes),
        TAP_TEST(test_constant_column),
        TAP_TEST(test_flag_types_and_ranks),
        TAP_TEST(test_missing_timeouts),
        TAP_TEST(test_next_actions),
        TAP_TEST(test_refusals),
        TAP_TEST(test_wrong_ranks),
        TAP_TEST(test_nothing_to_normalise_by),
        TAP_TEST(test_writer_refuses),
        TAP_TEST(test_blocks_and_files_change_nothing),
        TAP_TEST(test_large_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
