/* names of files: what is written is read again as the same, and nothing else is read */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/names.h"
#include "tests/tap.h"

enum { N_LABELS = 12 };

static const char *const labels[N_LABELS] = {"",
                                             "online",
                                             "stochastic",
                                             "a",
                                             "n7.lambda0.25.online",
                                             "by-dql-joint-seed100-last",
                                             "langevin9x0.002-0.t0",
                                             "unguided.bf16-avx512",
                                             "x.episodes",
                                             "h5",
                                             "w1e+06=2_b.",
                                             "diffusion.h5"};

static const char *leaf_of(const char *path) { return strrchr(path, '/') + 1; }

static void check_round_trip(const struct mdp_step_name *name) {
    char path[MDP_PATH_MAX], again[MDP_PATH_MAX];
    struct mdp_step_name found;
    CHECK_OK(mdp_step_name_path("runs/x", name, path));
    CHECK(strncmp(path, "runs/x/", 7) == 0);
    CHECK(mdp_step_name_parse(leaf_of(path), &found));
    CHECK(found.kind == name->kind && found.step == name->step);
    CHECK_STR(found.label, name->label);
    CHECK(!mdp_step_name_is_strange(leaf_of(path)) && mdp_file_is(name->kind, path));
    CHECK_OK(mdp_step_name_path("runs/x", &found, again));
    CHECK_STR(again, path);
}

/* all kinds and labels with steps of 1 to 19 digits, filled up to 6 and to 7 */
static void test_round_trips(void) {
    for (int kind = 0; kind < MDP_N_FILE_KINDS; kind++) {
        for (int k = 0; k < N_LABELS; k++) {
            for (int n_digits = 6; n_digits <= 7; n_digits++) {
                struct mdp_step_name name = {.kind = (enum mdp_file_kind)kind, .n_digits = n_digits};
                snprintf(name.label, sizeof name.label, "%s", labels[k]);
                check_round_trip(&name);
                for (name.step = 1; name.step < LONG_MAX / 10; name.step *= 10) {
                    check_round_trip(&name);
                    name.step = 10 * name.step - 1;
                    check_round_trip(&name);
                    name.step = (name.step + 1) / 10;
                }
                name.step = LONG_MAX;
                check_round_trip(&name);
            }
        }
    }
}

static void test_longest_label(void) {
    struct mdp_step_name name = {.kind = MDP_FILE_EPISODES, .step = 400, .n_digits = 6};
    char path[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 2];
    memset(name.label, 'x', MDP_LABEL_BYTES);
    check_round_trip(&name);
    memset(label, 'x', MDP_LABEL_BYTES + 1);
    label[MDP_LABEL_BYTES + 1] = 0;
    CHECK_FAILS(mdp_step_path("runs", 400, label, MDP_FILE_EPISODES, path), MDP_E_USAGE,
                "runs/step000400: expected a label of 1 to 200 bytes");
    snprintf(path, sizeof path, "step000400.%s.episodes.h5", label);
    CHECK(!mdp_step_name_parse(path, &name) && mdp_step_name_is_strange(path));
}

static void test_written(void) {
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_step_path("a", 400, "", MDP_FILE_DIFFUSION, path));
    CHECK_STR(path, "a/step000400.diffusion.h5");
    CHECK_OK(mdp_step_path("a", 1234567890, "", MDP_FILE_GUIDANCE, path));
    CHECK_STR(path, "a/step1234567890.guidance.h5");
    CHECK_OK(mdp_step_path("a", 400, "", MDP_FILE_BEHAVIOR, path));
    CHECK_STR(path, "a/step0000400.behavior.h5");
    CHECK_OK(mdp_step_path("a", 0, "n7.online", MDP_FILE_EPISODES, path));
    CHECK_STR(path, "a/step000000.n7.online.episodes.h5");
    CHECK_FAILS(mdp_step_path("a", -1, "", MDP_FILE_EPISODES, path), MDP_E_USAGE,
                "a: expected a step of 0 or more, found -1");
    CHECK_FAILS(mdp_step_path("a", 1, ".b", MDP_FILE_EPISODES, path), MDP_E_USAGE, "found '.b'");
    CHECK_FAILS(mdp_step_path("a", 1, "b/c", MDP_FILE_EPISODES, path), MDP_E_USAGE, "found 'b/c'");
}

/* what no writer writes: begins as a checkpoint's name does, and would be taken for one at a glance */
static void test_strange(void) {
    static const char *const strange[] = {"step400.episodes.h5",
                                          "step00400.episodes.h5",
                                          "step00000400.episodes.h5",
                                          "step000400x.episodes.h5",
                                          "step000400..episodes.h5",
                                          "step000400..online.episodes.h5",
                                          "step000400-online.episodes.h5",
                                          "step0001.5.episodes.h5",
                                          "step000400",
                                          "step000400.h5",
                                          "step000400.episodes",
                                          "step000400.episodes.h5.tmp123",
                                          "step000400.guidance.hdf5",
                                          "step000400.episodes.csv",
                                          "step9223372036854775808.episodes.h5"};
    struct mdp_step_name name;
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        CHECK(!mdp_step_name_parse(strange[i], &name));
        CHECK(mdp_step_name_is_strange(strange[i]));
    }
}

/* names of other things */
static void test_others(void) {
    static const char *const others[] = {"",
                                         "s",
                                         "step",
                                         "step.episodes.h5",
                                         "step-00400.episodes.h5",
                                         "step+00400.episodes.h5",
                                         "step 000400.episodes.h5",
                                         "xstep000400.episodes.h5",
                                         "Step000400.episodes.h5",
                                         ".step000400.episodes.h5",
                                         "walker2d-medium.stochastic.episodes.h5",
                                         "stepwise.episodes.h5",
                                         "guidance.h5",
                                         "resume.h5",
                                         "log.csv",
                                         "runs/step000400.episodes.h5"};
    struct mdp_step_name name;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CHECK(!mdp_step_name_parse(others[i], &name) && !mdp_step_name_is_strange(others[i]));
}

/* [LABEL.]curve.h5, and an evaluation of one */
static void test_curves(void) {
    static const char *const others[] = {"",           "curve",      "curve.hdf5",
                                         ".curve.h5",  "xcurve.h5",  "curve.h5.tmp12",
                                         "..curve.h5", "a/curve.h5", "curve.h5#step000010"};
    struct mdp_step_name name = {.kind = MDP_FILE_EPISODES, .step = 400, .n_digits = 6, .is_in_curve = 1};
    char path[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 1];
    for (int k = 0; k < N_LABELS; k++) {
        CHECK_OK(mdp_curve_path("runs/x", labels[k], path));
        CHECK(mdp_curve_name_parse(leaf_of(path), label) && mdp_path_is_curve(path));
        CHECK_STR(label, labels[k]);
        snprintf(name.label, sizeof name.label, "%s", labels[k]);
        CHECK_OK(mdp_step_name_path("runs/x", &name, path));
        CHECK(!mdp_path_is_curve(path) && strstr(path, "curve.h5#step000400") != NULL);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) CHECK(!mdp_curve_name_parse(others[i], label));
    CHECK_OK(mdp_curve_path("a", "", path));
    CHECK_STR(path, "a/curve.h5");
    CHECK_OK(mdp_curve_path("a", "by-b.online", path));
    CHECK_STR(path, "a/by-b.online.curve.h5");
    CHECK_FAILS(mdp_curve_path("a", ".b", path), MDP_E_USAGE, "found '.b'");
}

static void test_beside(void) {
    static const struct {
        const char *file, *label;
        enum mdp_file_kind kind;
        const char *want;
    } rows[] = {
        {"r/step000400.diffusion.h5", "", MDP_FILE_EPISODES, "r/step000400.episodes.h5"},
        {"r/step000400.diffusion.h5", "online", MDP_FILE_EPISODES, "r/step000400.online.episodes.h5"},
        {"step000400.diffusion.h5", "", MDP_FILE_GUIDANCE, "step000400.guidance.h5"},
        {"r/step0400000.behavior.h5", "stochastic", MDP_FILE_EPISODES, "r/step0400000.stochastic.episodes.h5"},
        {"walker2d-medium.h5", "", MDP_FILE_EPISODES, "walker2d-medium.episodes.h5"},
        {"r.x/policy", "a.b", MDP_FILE_EPISODES, "r.x/policy.a.b.episodes.h5"},
        {"r/step000400.noise.diffusion.h5", "", MDP_FILE_GUIDANCE, "r/step000400.noise.guidance.h5"},
    };
    char path[MDP_PATH_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_OK(mdp_path_beside(rows[i].file, rows[i].label, rows[i].kind, path));
        CHECK_STR(path, rows[i].want);
        CHECK(mdp_is_beside(path, rows[i].kind, rows[i].file));
    }
    CHECK(mdp_is_beside("step000400.a.b.episodes.h5", MDP_FILE_EPISODES, "step000400.diffusion.h5"));
    CHECK(!mdp_is_beside("step000400.guidance.h5", MDP_FILE_EPISODES, "step000400.diffusion.h5"));
    CHECK(!mdp_is_beside("step0004000.episodes.h5", MDP_FILE_EPISODES, "step000400.diffusion.h5"));
    CHECK(!mdp_is_beside("step000300.episodes.h5", MDP_FILE_EPISODES, "step000400.diffusion.h5"));
    CHECK(!mdp_is_beside("x.episodes.h5", MDP_FILE_EPISODES, "step000400.diffusion.h5"));
    CHECK_OK(mdp_named_path("data", "walker2d-expert", "stochastic", MDP_FILE_EPISODES, path));
    CHECK_STR(path, "data/walker2d-expert.stochastic.episodes.h5");
}

static void test_labels(void) {
    static const char *const wrong[] = {"", ".", ".a", "a/b", "a b", "a'b", "\xc3\xa4", "a\n"};
    char longest[MDP_LABEL_BYTES + 2];
    for (int k = 1; k < N_LABELS; k++) CHECK_OK(mdp_label_check(labels[k]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_FAILS(mdp_label_check(wrong[i]), MDP_E_USAGE, "expected 1 to 200 letters, digits and . _ + = -");
    memset(longest, 'y', sizeof longest);
    longest[MDP_LABEL_BYTES + 1] = 0;
    CHECK_FAILS(mdp_label_check(longest), MDP_E_USAGE, "expected 1 to 200");
    longest[MDP_LABEL_BYTES] = 0;
    CHECK_OK(mdp_label_check(longest));
}

static void test_runs(void) {
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_run_folder("runs", "walker2d-expert", "dql", "frozen", 7, path));
    CHECK_STR(path, "runs/walker2d-expert/dql/frozen/seed7");
    CHECK_OK(mdp_run_folder("runs", "behavior", "walker2d", NULL, UINT64_MAX, path));
    CHECK_STR(path, "runs/behavior/walker2d/seed18446744073709551615");
    CHECK(mdp_is_seed_folder(leaf_of(path), strlen(leaf_of(path))));
    CHECK(mdp_is_seed_folder("seed12/x", 6) && !mdp_is_seed_folder("seed12x", 7) && !mdp_is_seed_folder("seed", 4));
    CHECK_OK(mdp_run_path("r", MDP_RUN_STATE, path));
    CHECK_STR(path, "r/resume.h5");
    CHECK_OK(mdp_run_path("r", MDP_RUN_NOISE, path));
    CHECK_STR(path, "r/guidance.h5");
    static const char *const called[][2] = {
        {"pen-human.hdf5", "pen-human"},   {"a/b/pen.h5", "pen"},
        {"D4RL/pen/human-v2", "human-v2"}, {"D4RL/pen/human-v2/", "human-v2"},
        {"pen/human-v2/data", "human-v2"}, {"pen/human-v2/data/main_data.hdf5", "human-v2"},
        {"main_data.hdf5", "main_data"},   {"x", "x"}};
    for (size_t i = 0; i < sizeof called / sizeof *called; i++) {
        CHECK_OK(mdp_dataset_label(called[i][0], 1, path));
        CHECK_STR(path, called[i][1]);
    }
    CHECK_OK(mdp_dataset_label("/data/mujoco/hopper/medium-v0/data/", 3, path));
    CHECK_STR(path, "mujoco/hopper/medium-v0");
    CHECK_OK(mdp_dataset_label("hopper/medium-v0", 3, path));
    CHECK_STR(path, "hopper/medium-v0");
    CHECK_OK(mdp_dataset_path("datasets", "walker2d-medium", path));
    CHECK_STR(path, "datasets/walker2d-medium.hdf5");
}

static void test_too_long(void) {
    char folder[MDP_PATH_MAX], path[MDP_PATH_MAX];
    memset(folder, 'f', sizeof folder);
    folder[MDP_PATH_MAX - 20] = 0;
    CHECK_FAILS(mdp_step_path(folder, 400, "", MDP_FILE_EPISODES, path), MDP_E_USAGE, "");
    CHECK_FAILS(mdp_run_folder(folder, "walker2d-expert", "dql", "frozen", 7, path), MDP_E_USAGE, "");
    CHECK_FAILS(mdp_path_beside(folder, "a-long-label", MDP_FILE_EPISODES, path), MDP_E_USAGE, "");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trips), TAP_TEST(test_longest_label), TAP_TEST(test_written), TAP_TEST(test_strange),
        TAP_TEST(test_others),      TAP_TEST(test_curves),        TAP_TEST(test_beside),  TAP_TEST(test_labels),
        TAP_TEST(test_runs),        TAP_TEST(test_too_long),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
