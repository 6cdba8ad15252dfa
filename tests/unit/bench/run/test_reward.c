/* rewards in place of a dataset's: what --reward says, and columns that are none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/reward.h"
#include "bench/run/task.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N = 40 };

static const struct mdp_env_spec *spec(void) {
    struct mdp_task task;
    CHECK_OK(mdp_task_parse("walker2d-medium", &task));
    return task.spec;
}

static void write_column(const char *path, const char *name, long n, double bad) {
    struct mdp_h5 *file;
    double values[N];
    for (int i = 0; i < N; i++) values[i] = i == 7 ? bad : i;
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, name, MDP_H5_F64, MDP_H5_1D(n), MDP_H5_PLAIN, values));
    CHECK_OK(mdp_h5_commit(&file));
    mdp_h5_close(file);
}

static void test_texts(void) {
    struct mdp_reward r;
    CHECK_OK(mdp_reward_parse("effort=3,speed=1.50", spec(), &r));
    CHECK(!r.is_column && r.spec == spec());
    CHECK_STR(r.text, "speed=1.5,effort=3");
    /* folders tell apart which file a column is of by nothing but the name, settings by its hash */
    CHECK_OK(mdp_reward_parse("a/b.h5:infos/reward_run", NULL, &r));
    CHECK(r.is_column);
    CHECK_STR(r.file, "a/b.h5");
    CHECK_STR(r.name, "infos/reward_run");
    CHECK_STR(r.text, ":infos/reward_run");
    CHECK_OK(mdp_reward_parse(":x", spec(), &r));
    CHECK_STR(r.file, "");
    CHECK_FAILS(mdp_reward_parse("a.h5:", NULL, &r), MDP_E_USAGE, "expected the name of an array");
    CHECK_FAILS(mdp_reward_parse("speed=1", NULL, &r), MDP_E_USAGE, "data without a world has no terms");
    CHECK_FAILS(mdp_reward_parse("spead=1", spec(), &r), MDP_E_USAGE, "found 'spead=1'");
}

static void test_recorded(void) {
    char text[MDP_OBJECTIVE_MAX];
    mdp_reward_recorded("{\"reward\": \"speed=3\"}", text);
    CHECK_STR(text, "speed=3");
    mdp_reward_recorded("{\"reward\": \":x\"}", text);
    CHECK_STR(text, "");
    mdp_reward_recorded("{}", text);
    CHECK_STR(text, "");
    mdp_reward_recorded(NULL, text);
    CHECK_STR(text, "");
}

static mdp_err begin(const char *text, long n_rows, struct mdp_reward *r) {
    CHECK_OK(mdp_reward_parse(text, NULL, r));
    const struct mdp_dataset_reward payer = mdp_reward_payer(r);
    return payer.begin(payer.context, "data.hdf5", n_rows);
}

static void test_columns(void) {
    char path[256], text[300];
    struct mdp_reward r;
    float reward = 0;
    snprintf(path, sizeof path, "%s/c.h5", tap_temp_dir());
    snprintf(text, sizeof text, "%s:x", path);
    write_column(path, "x", N, 7);
    CHECK_OK(begin(text, N, &r));
    const struct mdp_dataset_reward payer = mdp_reward_payer(&r);
    const struct mdp_dataset_row row = {.row = 12, .reward = 1};
    CHECK_OK(payer.pay(payer.context, &row, &reward));
    CHECK(reward == 12);
    mdp_reward_free(&r);
    CHECK_FAILS(begin(text, N + 1, &r), MDP_E_DATA, "x: expected 41 rewards, one a row of data.hdf5, found 40");
    mdp_reward_free(&r);
    write_column(path, "x", N, NAN);
    CHECK_FAILS(begin(text, N, &r), MDP_E_DATA, "x: expected finite rewards, found nan at row 7");
    mdp_reward_free(&r);
    write_column(path, "x", N, 1e39);
    CHECK_FAILS(begin(text, N, &r), MDP_E_DATA, "at row 7");
    mdp_reward_free(&r);
    write_column(path, "y", N, 7);
    CHECK_FAILS(begin(text, N, &r), MDP_E_DATA, "x: expected a dataset, found none");
    mdp_reward_free(&r);
    CHECK_FAILS(begin("nowhere.h5:x", N, &r), MDP_E_IO, "nowhere.h5");
    mdp_reward_free(&r);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_texts), TAP_TEST(test_recorded), TAP_TEST(test_columns)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
