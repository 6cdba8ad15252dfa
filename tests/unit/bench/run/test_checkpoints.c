/* the checkpoints of a folder: by step, whatever else lies there; other settings are refused */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/checkpoints.h"
#include "results/checkpoint.h"
#include "tests/tap.h"

static const char *in_folder(const char *leaf) {
    static char path[MDP_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", tap_temp_dir(), leaf);
    return path;
}

static void touch(const char *leaf) { CHECK_OK(mdp_fsx_write(in_folder(leaf), "x", 1)); }

static void write_module(const char *leaf, const char *settings) {
    float weight[2] = {1, 2};
    struct mdp_tensor tensor = {"w", 1, 2, 1, weight, 0};
    struct mdp_tensor_group group = {"model", 1, &tensor};
    struct mdp_checkpoint_info info = {"diffusion", "dql", "t", "", 1, 1, 3, 2, {0}, {0}};
    info.head.settings = settings;
    CHECK_OK(mdp_checkpoint_write(in_folder(leaf), &info, 1, &group, 0, NULL, MDP_PUBLISH_REPLACE));
}

static void test_order(void) {
    /* made out of order; a wider number is a later step, though its name sorts first */
    static const char *const names[] = {"step000300.diffusion.h5", "step1000000.diffusion.h5",
                                        "step000020.diffusion.h5", "step000000.diffusion.h5",
                                        "step999999.diffusion.h5", "step000100.diffusion.h5"};
    static const long want[] = {0, 20, 100, 300, 999999, 1000000};
    struct mdp_step_files files;
    for (int i = 0; i < 6; i++) touch(names[i]);
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_DIFFUSION, "", &files));
    CHECK_INT(files.n, 6);
    for (int i = 0; i < 6; i++) CHECK_INT(files.names[i].step, want[i]);
    free(files.names);
}

static void test_many(void) {
    char leaf[64];
    struct mdp_step_files files;
    for (int i = 0; i < 200; i++) {
        snprintf(leaf, sizeof leaf, "step%06d.diffusion.h5", (i * 77) % 200);
        touch(leaf);
    }
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_DIFFUSION, "", &files));
    CHECK_INT(files.n, 200);
    for (int i = 0; i < 200; i++) CHECK_INT(files.names[i].step, i);
    free(files.names);
}

static void test_foreign_files_are_ignored(void) {
    static const char *const foreign[] = {"step000100.guidance.h5",
                                          "step000100.diffusion.h5.tmp123",
                                          "step000100.diffusion.h",
                                          "step.diffusion.h5",
                                          "step-00100.diffusion.h5",
                                          "step+00100.diffusion.h5",
                                          "step 0100.diffusion.h5",
                                          "xstep000100.diffusion.h5",
                                          "Step000100.diffusion.h5",
                                          "step000100x.diffusion.h5",
                                          "step0001.5.diffusion.h5",
                                          "resume.h5",
                                          "log.csv",
                                          "s",
                                          ".step000100.diffusion.h5"};
    struct mdp_step_files files;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) touch(foreign[i]);
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_DIFFUSION, "", &files));
    CHECK_INT(files.n, 0);
    free(files.names);
    touch("step000007.diffusion.h5");
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_DIFFUSION, "", &files));
    CHECK(files.n == 1 && files.names[0].step == 7);
    free(files.names);
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_GUIDANCE, "", &files));
    CHECK(files.n == 1 && files.names[0].step == 100);
    free(files.names);
}

/* one kind and label at a time */
static void test_labels(void) {
    static const char *const names[] = {"step000100.episodes.h5", "step000200.online.episodes.h5",
                                        "step000200.episodes.h5", "step000300.online.x.episodes.h5",
                                        "step000300.online.guidance.h5"};
    struct mdp_step_files files;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) touch(names[i]);
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_EPISODES, "online", &files));
    CHECK(files.n == 1 && files.names[0].step == 200);
    free(files.names);
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_EPISODES, "", &files));
    CHECK(files.n == 2 && mdp_step_files_find(&files, 100) == &files.names[0]);
    CHECK(mdp_step_files_find(&files, 200) == &files.names[1] && mdp_step_files_find(&files, 300) == NULL);
    free(files.names);
}

/* evaluations of behaviour policies have one digit more, and their path is that */
static void test_more_digits(void) {
    struct mdp_step_files files;
    char path[MDP_PATH_MAX];
    touch("step0000200.episodes.h5");
    touch("step000300.episodes.h5");
    CHECK_OK(mdp_step_files_list(tap_temp_dir(), MDP_FILE_EPISODES, "", &files));
    CHECK_INT(files.n, 2);
    for (int i = 0; i < files.n; i++) {
        CHECK_OK(mdp_step_name_path(tap_temp_dir(), &files.names[i], path));
        CHECK(mdp_fsx_exists(path));
    }
    free(files.names);
    touch("step000200.episodes.h5");
    CHECK_FAILS(mdp_step_files_list(tap_temp_dir(), MDP_FILE_EPISODES, "", &files), MDP_E_DATA,
                "expected one file of step 200, found another with");
    free(files.names);
}

static void test_diffusion_files(void) {
    struct mdp_step_files files;
    touch("step000200.guidance.h5");
    CHECK_FAILS(mdp_diffusion_files_list(tap_temp_dir(), -1, &files), MDP_E_USAGE,
                "expected stepNNNNNN.diffusion.h5 of a training run, found none");
    free(files.names);
    write_module("step000200.diffusion.h5", "{\"a\":1}");
    write_module("step000300.diffusion.h5", "{\"a\":1}");
    CHECK_OK(mdp_diffusion_files_list(tap_temp_dir(), -1, &files));
    CHECK_INT(files.n, 2);
    free(files.names);
    CHECK_OK(mdp_diffusion_files_list(tap_temp_dir(), 300, &files));
    CHECK(files.n == 1 && files.names[0].step == 300);
    free(files.names);
    CHECK_FAILS(mdp_diffusion_files_list(tap_temp_dir(), 400, &files), MDP_E_USAGE, "of that step, found none");
    free(files.names);
    write_module("step000400.diffusion.h5", "{\"a\":2}");
    CHECK_FAILS(mdp_diffusion_files_list(tap_temp_dir(), -1, &files), MDP_E_DATA,
                "step000400.diffusion.h5: settings: a: expected 1 as in ");
    CHECK(strstr(mdp_err_message(), "step000200.diffusion.h5, found 2") != NULL);
    free(files.names);
}

static void test_missing_folder(void) {
    struct mdp_step_files files;
    CHECK_FAILS(mdp_step_files_list(in_folder("absent"), MDP_FILE_DIFFUSION, "", &files), MDP_E_IO,
                "absent: cannot list folder");
    CHECK(files.n == 0 && files.names == NULL);
    touch("file");
    CHECK_FAILS(mdp_step_files_list(in_folder("file"), MDP_FILE_DIFFUSION, "", &files), MDP_E_IO,
                "file: cannot list folder");
    CHECK_FAILS(mdp_step_files_check_settings(in_folder("absent"), MDP_FILE_DIFFUSION, "{}"), MDP_E_IO, "absent");
}

/* every checkpoint of the folder */
static void test_settings(void) {
    CHECK_OK(mdp_step_files_check_settings(tap_temp_dir(), MDP_FILE_DIFFUSION, "{\"a\":1}"));
    write_module("step000100.diffusion.h5", "{\"a\":1}");
    CHECK_OK(mdp_step_files_check_settings(tap_temp_dir(), MDP_FILE_DIFFUSION, "{ \"a\": 1 }"));
    CHECK_FAILS(mdp_step_files_check_settings(tap_temp_dir(), MDP_FILE_DIFFUSION, "{\"a\":2}"), MDP_E_USAGE,
                "step000100.diffusion.h5 was made with other settings");
    CHECK(strstr(mdp_err_message(), "a 1 there, 2 wanted") != NULL);
    write_module("step000200.diffusion.h5", "{\"a\":2}");
    CHECK_FAILS(mdp_step_files_check_settings(tap_temp_dir(), MDP_FILE_DIFFUSION, "{\"a\":2}"), MDP_E_USAGE,
                "step000100.diffusion.h5 was made with other settings");
    touch("step000300.diffusion.h5");
    CHECK_FAILS(mdp_step_files_check_settings(tap_temp_dir(), MDP_FILE_DIFFUSION, "{\"a\":2}"), MDP_E_DATA,
                "step000300.diffusion.h5: expected an HDF5 file");
}

/* each once, in order, of files and of curves; more than fit are left out */
static void test_labels_of_a_folder(void) {
    static const char *const names[] = {"step000010.b.episodes.h5",
                                        "step000020.b.episodes.h5",
                                        "c.curve.h5",
                                        "step000010.a.diffusion.h5",
                                        "step000010.episodes.h5",
                                        "curve.h5",
                                        "a.curve.h5",
                                        "notes.episodes.h5"};
    struct mdp_labels labels;
    char name[64];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_OK(mdp_fsx_write(tap_temp_path(names[i]), "x", 1));
    mdp_evaluation_labels(tap_temp_dir(), &labels);
    CHECK_INT(labels.n, 3);
    CHECK_STR(labels.names[0], "a");
    CHECK_STR(labels.names[1], "b");
    CHECK_STR(labels.names[2], "c");
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "step000010.b%02d.episodes.h5", 11 - i);
        CHECK_OK(mdp_fsx_write(tap_temp_path(name), "x", 1));
    }
    mdp_evaluation_labels(tap_temp_dir(), &labels);
    CHECK_INT(labels.n, MDP_LABELS_MAX);
    CHECK_STR(labels.names[1], "b");
    CHECK_STR(labels.names[2], "b00");
    CHECK_STR(labels.names[MDP_LABELS_MAX - 1], "b05");
    mdp_evaluation_labels(tap_temp_path("nowhere"), &labels);
    CHECK_INT(labels.n, 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_labels_of_a_folder),        TAP_TEST(test_order),          TAP_TEST(test_many),
        TAP_TEST(test_foreign_files_are_ignored), TAP_TEST(test_labels),         TAP_TEST(test_more_digits),
        TAP_TEST(test_diffusion_files),           TAP_TEST(test_missing_folder), TAP_TEST(test_settings),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
