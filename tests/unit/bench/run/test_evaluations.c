/* evaluations in files of their own, in curves, and in both: each is found once; the best of them is the same */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/run/best.h"
#include "bench/run/checkpoints.h"
#include "bench/run/curve_gather.h"
#include "bench/run/evaluations.h"
#include "tests/tap.h"

/* one episode of a return */
static void write_step(long step, double value) {
    struct mdp_episodes_info info = {.task = "walker2d-medium",
                                     .ref_max = 1,
                                     .step = step,
                                     .candidates = 1,
                                     .head = {.settings = "{}", .inputs = "{}"}};
    struct mdp_episodes rows;
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_episodes_alloc(&rows, 1));
    rows.returns[0] = value;
    CHECK_OK(mdp_step_path("run", step, "x", MDP_FILE_EPISODES, path));
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
    CHECK_OK(mdp_step_path("run", step, "", MDP_FILE_GUIDANCE, path));
    CHECK_OK(mdp_fsx_write(path, "", 0));
}

static void check_found(long step, const char *want) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    char own[MDP_PATH_MAX], path[MDP_PATH_MAX];
    int is_there;
    CHECK_OK(mdp_step_path("run", step, "x", MDP_FILE_EPISODES, own));
    CHECK_OK(mdp_evaluation_find(&cache, own, path, &is_there));
    CHECK(is_there == (want != NULL));
    CHECK_STR(path, want != NULL ? want : own);
    mdp_evaluations_free(&cache);
}

/* steps 10 to 40, of which the curve has 20 and 40 */
static void make_mixture(void) {
    char parts[2][MDP_PATH_MAX] = {"run/step000040.x.episodes.h5", "run/step000020.x.episodes.h5"};
    CHECK(chdir(tap_temp_dir()) == 0);
    for (int i = 1; i <= 4; i++) write_step(10 * i, i == 2 ? 7 : i);
    CHECK_OK(mdp_curve_gather("run/x.curve.h5", 2, parts));
}

static void test_mixture(void) {
    struct mdp_step_files files;
    char path[MDP_PATH_MAX];
    make_mixture();
    CHECK(unlink("run/step000040.x.episodes.h5") == 0);
    CHECK_OK(mdp_step_files_list("run", MDP_FILE_EPISODES, "x", &files));
    CHECK_INT(files.n, 4);
    for (int i = 0; i < 4; i++) CHECK(files.names[i].step == 10 * (i + 1) && files.names[i].is_in_curve == i % 2);
    CHECK_OK(mdp_step_name_path("run", &files.names[3], path));
    CHECK_STR(path, "run/x.curve.h5#step000040");
    free(files.names);
    CHECK_OK(mdp_step_files_list("run", MDP_FILE_EPISODES, "", &files));
    CHECK_INT(files.n, 0);
    free(files.names);
    check_found(10, "run/step000010.x.episodes.h5");
    check_found(20, "run/x.curve.h5#step000020");
    check_found(40, "run/x.curve.h5#step000040");
    check_found(50, NULL);
    CHECK_OK(mdp_guidance_best("best:run:x", path));
    CHECK_STR(path, "run/step000020.guidance.h5");
}

/* more steps come to a curve that is there */
static void test_growth(void) {
    struct mdp_curve_file curve;
    make_mixture();
    char parts[4][MDP_PATH_MAX] = {"run/step000030.x.episodes.h5", "run/x.curve.h5#step000040",
                                   "run/x.curve.h5#step000020", "run/step000010.x.episodes.h5"};
    CHECK_OK(mdp_curve_gather("run/x.curve.h5", 4, parts));
    CHECK_OK(mdp_curve_file_read("run/x.curve.h5", &curve));
    CHECK_INT(curve.n, 4);
    for (int i = 0; i < 4; i++) CHECK(curve.infos[i].step == 10 * (i + 1));
    CHECK(curve.episodes[1].returns[0] == 7 && curve.episodes[3].returns[0] == 4);
    mdp_curve_file_free(&curve);
    strcpy(parts[0], "run/step000040.x.episodes.h5");
    CHECK_FAILS(mdp_curve_gather("run/x.curve.h5", 4, parts), MDP_E_USAGE,
                "expected one evaluation of each step, found");
}

static void test_twice(void) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_step_files files;
    char path[MDP_PATH_MAX];
    const char *twice = "run/step000040.x.episodes.h5: expected one evaluation of step 40, found another in "
                        "run/x.curve.h5#step000040; remove one";
    int is_there;
    make_mixture();
    write_step(40, 4.5);
    CHECK_FAILS(mdp_step_files_list("run", MDP_FILE_EPISODES, "x", &files), MDP_E_DATA, twice);
    free(files.names);
    CHECK_FAILS(mdp_evaluation_find(&cache, "run/step000040.x.episodes.h5", path, &is_there), MDP_E_DATA, twice);
    mdp_evaluations_free(&cache);
    CHECK_FAILS(mdp_guidance_best("best:run:x", path), MDP_E_DATA, twice);
    check_found(20, "run/x.curve.h5#step000020");
}

/* an evaluation as it grows: a first step in the curve with a return each for two episodes, a longer file beside it */
static void write_grown(const char *rule, const char *settings, int n, const double *returns, const char *library) {
    struct mdp_episodes_info info = {.task = "walker2d-medium",
                                     .ref_max = 1,
                                     .step = 10,
                                     .candidates = 1,
                                     .head = {.settings = settings, .inputs = "{}"}};
    struct mdp_episodes rows;
    snprintf(info.return_rule, sizeof info.return_rule, "%s", rule);
    snprintf(info.physics_library, sizeof info.physics_library, "%s", library);
    CHECK_OK(mdp_episodes_alloc(&rows, n));
    for (int i = 0; i < n; i++) {
        rows.returns[i] = returns[i];
        rows.indices[i] = i;
    }
    CHECK_OK(mdp_fsx_make_dirs("run"));
    CHECK_OK(mdp_episodes_write("run/step000010.g.episodes.h5", &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
}

/* what eval takes for the beginning of a longer evaluation is one in which the longer one is chosen: an episode that
 * lasts makes the returns others under CleanDiffuser's rule, and a library of another version is only told */
static void test_longer(void) {
    static const double first[] = {1, 2}, same[] = {1, 2, 3}, others[] = {5, 6, 7};
    static const struct {
        const char *rule, *settings, *library;
        const double *returns;
        int is_taken;
    } cases[] = {{"standard", "{\"episodes\":3,\"seed\":0}", "a", same, 1},
                 {"standard", "{\"episodes\":3,\"seed\":0}", "b", same, 1},
                 {"cleandiffuser", "{\"episodes\":3,\"seed\":0}", "a", others, 1},
                 {"standard", "{\"episodes\":3,\"seed\":0}", "a", others, 0},
                 {"cleandiffuser", "{\"episodes\":3,\"seed\":1}", "a", others, 0},
                 {"standard", "{\"episodes\":3,\"seed\":1}", "a", same, 0}};
    char part[1][MDP_PATH_MAX] = {"run/step000010.g.episodes.h5"};
    CHECK(chdir(tap_temp_dir()) == 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mdp_step_files files;
        write_grown(cases[i].rule, "{\"episodes\":2,\"seed\":0}", 2, first, "a");
        CHECK_OK(mdp_curve_gather("run/g.curve.h5", 1, part));
        write_grown(cases[i].rule, cases[i].settings, 3, cases[i].returns, cases[i].library);
        const mdp_err err = mdp_step_files_list("run", MDP_FILE_EPISODES, "g", &files);
        if (cases[i].is_taken) {
            CHECK_OK(err);
            CHECK(files.n == 1 && !files.names[0].is_in_curve);
        } else
            CHECK_FAILS(err, MDP_E_DATA, "expected one evaluation of step 10");
        free(files.names);
    }
}

static void test_paths(void) {
    char path[MDP_PATH_MAX];
    uint64_t a, b;
    make_mixture();
    CHECK_OK(mdp_evaluation_curve("run/step000040.a.b.episodes.h5", path));
    CHECK_STR(path, "run/a.b.curve.h5");
    CHECK_OK(mdp_evaluation_curve("step000040.episodes.h5", path));
    CHECK_STR(path, "./curve.h5");
    CHECK_FAILS(mdp_evaluation_curve("run/step000040.guidance.h5", path), MDP_E_USAGE, "expected stepNNNNNN[.LABEL]");
    CHECK(mdp_evaluation_file_exists("run/x.curve.h5#step000040") &&
          !mdp_evaluation_file_exists("run/y.h5#step000040"));
    CHECK_OK(mdp_evaluation_hash("run/x.curve.h5#step000040", &a));
    CHECK_OK(mdp_evaluation_hash("run/x.curve.h5#step000020", &b));
    CHECK(a != b);
    CHECK_FAILS(mdp_evaluation_hash("run/y.h5#step000020", &b), MDP_E_IO, "run/y.h5");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_mixture), TAP_TEST(test_growth), TAP_TEST(test_twice),
                                            TAP_TEST(test_longer), TAP_TEST(test_paths)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
