/* bench/cmd/inspect: every kind of file is shown, in text and in JSON; what does not pass is refused. */
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/cmd/verb.h"
#include "results/checkpoint.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/torch_builder.h"

static char output[MDP_PATH_MAX];

/* runs the verb with standard output into a file */
static mdp_err inspect(const char *option, const char *path) {
    char *argv[] = {"inspect", (char *)(option != NULL ? option : path), option != NULL ? (char *)path : NULL, NULL};
    snprintf(output, sizeof output, "%s/output", tap_temp_dir());
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(kept >= 0 && fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
    close(fd);
    mdp_err err = mdp_verb_inspect.run(&mdp_verb_inspect, option != NULL && path != NULL ? 3 : 2, argv);
    fflush(stdout);
    CHECK(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
    close(kept);
    return err;
}

static json_t *inspect_json(const char *path) {
    json_error_t error;
    CHECK_OK(inspect("--json", path));
    json_t *list = json_load_file(output, 0, &error);
    CHECK(json_is_array(list) && json_array_size(list) == 1);
    json_t *root = json_incref(json_array_get(list, 0));
    json_decref(list);
    return root;
}

static void check_text(const char *part) {
    char *text;
    size_t size;
    CHECK_OK(mdp_fsx_read(output, 1 << 20, &text, &size));
    if (strstr(text, part) == NULL) tap_failed(__FILE__, __LINE__, "expected \"%s\" in:\n%s", part, text);
    free(text);
}

static double number(json_t *root, const char *group, const char *name) {
    json_t *object = group != NULL ? json_object_get(root, group) : root;
    CHECK(json_is_number(json_object_get(object, name)));
    return json_number_value(json_object_get(object, name));
}

static void write_checkpoint(const char *path) {
    float weight[6] = {1, 2, 3, 4, 5, 6};
    struct mdp_tensor tensor = {"layer.weight", 2, 2, 3, weight, 0};
    struct mdp_tensor_group group = {"actor", 1, &tensor};
    struct mdp_checkpoint_info info = {"behavior", "sac", "halfcheetah", "libm 12345678", UINT64_MAX, 1000, 3, 2,
                                       {0},        {0}};
    info.head.settings = "{\"steps\": 1000}";
    CHECK_OK(mdp_checkpoint_write(path, &info, 1, &group, 0, NULL, MDP_PUBLISH_REPLACE));
}

static void test_checkpoint(void) {
    write_checkpoint(tap_temp_path("c.h5"));
    json_t *root = inspect_json(tap_temp_path("c.h5"));
    CHECK_STR(json_string_value(json_object_get(root, "kind")), "behavior");
    CHECK_STR(json_string_value(json_object_get(root, "seed")), "18446744073709551615");
    CHECK_INT(number(root, NULL, "n_parameters"), 6);
    CHECK_INT(number(root, "settings", "steps"), 1000);
    json_decref(root);
    CHECK_OK(inspect(NULL, tap_temp_path("c.h5")));
    check_text("/tensors/actor/layer.weight");
    check_text("[2, 3]");
}

static void test_episodes(void) {
    struct mdp_episodes_info info = {.task = "t",
                                     .physics = "robotics 3.24 0123456789abcdef",
                                     .physics_library = "libBulletRobotics.so",
                                     .physics_hash = 0x123456789abcdef,
                                     .reference = "bullet-walker2d",
                                     .ref_min = 0,
                                     .ref_max = 10,
                                     .candidates = 1,
                                     .step = -1};
    struct mdp_episodes e;
    CHECK_OK(mdp_episodes_alloc(&e, 4));
    for (int i = 0; i < 4; i++) e.returns[i] = 3 - i, e.lengths[i] = 10, e.indices[i] = i, e.ends[i] = i == 2;
    CHECK_OK(mdp_episodes_write(tap_temp_path("e.h5"), &info, &e, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&e);
    json_t *root = inspect_json(tap_temp_path("e.h5"));
    CHECK_INT(number(root, NULL, "episodes"), 4);
    CHECK_CLOSE(number(root, "return", "mean"), 1.5, 0);
    CHECK_CLOSE(number(root, "return", "median"), 1.5, 0);
    CHECK_CLOSE(number(root, "return", "sd"), sqrt(5.0 / 3), 1e-15);
    CHECK_CLOSE(number(root, "normalized_return", "max"), 0.3, 1e-16);
    CHECK_INT(number(root, "ends", "time_limit"), 1);
    CHECK_INT(number(root, "ends", "terminated"), 3);
    CHECK_STR(json_string_value(json_object_get(root, "physics")), "robotics 3.24 0123456789abcdef");
    CHECK_STR(json_string_value(json_object_get(root, "physics_library")), "libBulletRobotics.so");
    CHECK_STR(json_string_value(json_object_get(root, "physics_hash")), "0123456789abcdef");
    json_decref(root);
}

static void write_dataset(const char *path, float spoilt) {
    struct mdp_h5 *file;
    float obs[8] = {0, 1, 2, 3, 4, 5, 6, spoilt}, act[4] = {-1, 0, 0.5f, 1}, rew[4] = {1, 2, 4, 8};
    const int8_t terminals[4] = {0, 1, 0, 0}, timeouts[4] = {0, 0, 1, 0};
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F32, MDP_H5_2D(4, 2), 0, obs));
    CHECK_OK(mdp_h5_write(file, "actions", MDP_H5_F32, MDP_H5_2D(4, 1), 0, act));
    CHECK_OK(mdp_h5_write(file, "rewards", MDP_H5_F32, MDP_H5_1D(4), 0, rew));
    CHECK_OK(mdp_h5_write(file, "terminals", MDP_H5_BOOL, MDP_H5_1D(4), 0, terminals));
    CHECK_OK(mdp_h5_write(file, "timeouts", MDP_H5_BOOL, MDP_H5_1D(4), 0, timeouts));
    const uint64_t hash = 0xfedcba9876543210;
    CHECK_OK(mdp_h5_write_text(file, "metadata/algorithm", "sac"));
    CHECK_OK(mdp_h5_write_text(file, "metadata/physics", "bullet 3.24"));
    CHECK_OK(mdp_h5_write(file, "metadata/physics_hash", MDP_H5_U64, MDP_H5_SCALAR, 0, &hash));
    CHECK_OK(mdp_h5_commit(&file));
}

static void test_dataset(void) {
    write_dataset(tap_temp_path("d.h5"), 7);
    json_t *root = inspect_json(tap_temp_path("d.h5"));
    CHECK_STR(json_string_value(json_object_get(root, "kind")), "dataset");
    CHECK_INT(number(root, NULL, "rows"), 4);
    CHECK_INT(number(root, "episodes", "terminated"), 1);
    CHECK_INT(number(root, "episodes", "time_limit"), 1);
    CHECK_INT(number(root, "episodes", "open"), 1);
    CHECK_CLOSE(number(root, "return", "mean"), 3.5, 0);
    CHECK_STR(json_string_value(json_object_get(json_object_get(root, "metadata"), "algorithm")), "sac");
    CHECK_STR(json_string_value(json_object_get(json_object_get(root, "metadata"), "physics")), "bullet 3.24");
    CHECK_STR(json_string_value(json_object_get(json_object_get(root, "metadata"), "physics_hash")),
              "fedcba9876543210");
    CHECK_CLOSE(json_number_value(json_array_get(json_object_get(root, "observation_range"), 1)), 7, 0);
    json_decref(root);
    CHECK_OK(inspect(NULL, tap_temp_path("d.h5")));
    check_text("terminated 1");
}

/* an array that the loader never reads is looked at all the same */
static void test_spoilt_extra(void) {
    struct mdp_h5 *file;
    float two[4] = {0, 1, 2, 3}, act[2] = {0, 0}, rew[2] = {0, 0};
    const double qpos[6] = {0, 1, 2, 3, INFINITY, 5};
    const int8_t flags[2] = {0, 0};
    CHECK_OK(mdp_h5_create(tap_temp_path("d.h5"), &file));
    CHECK_OK(mdp_h5_write(file, "observations", MDP_H5_F32, MDP_H5_2D(2, 2), 0, two));
    CHECK_OK(mdp_h5_write(file, "actions", MDP_H5_F32, MDP_H5_2D(2, 1), 0, act));
    CHECK_OK(mdp_h5_write(file, "rewards", MDP_H5_F32, MDP_H5_1D(2), 0, rew));
    CHECK_OK(mdp_h5_write(file, "terminals", MDP_H5_BOOL, MDP_H5_1D(2), 0, flags));
    CHECK_OK(mdp_h5_write(file, "infos/qpos", MDP_H5_F64, MDP_H5_2D(2, 3), 0, qpos));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(inspect(NULL, tap_temp_path("d.h5")), MDP_E_DATA,
                "/infos/qpos: expected finite values, found inf at row 1, column 1");
}

/* a .pt file of one matrix and one empty vector */
static const char *write_torch(const char *name, const float values[6]) {
    struct made pickle = dict_begin();
    op_text(&pickle, "model.weight");
    op_tensor(&pickle, &(struct made_tensor){"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}, 0});
    op_text(&pickle, "other");
    op_tensor(&pickle, &(struct made_tensor){"FloatStorage", "0", 6, 0, 1, {0}, {1}, 0});
    dict_end(&pickle);
    struct made made = torch_zip(&pickle, values, 6 * sizeof *values);
    return save(&made, name);
}

static void test_tensors(void) {
    const float values[6] = {1, 2, 3, 4, 5, 6};
    const char *path = write_torch("t.pt", values);
    json_t *root = inspect_json(path);
    CHECK_STR(json_string_value(json_object_get(root, "kind")), "tensors");
    CHECK_STR(json_string_value(json_object_get(root, "format")), "torch zip");
    CHECK(json_is_null(json_object_get(root, "metadata")));
    CHECK_INT(number(root, NULL, "n_parameters"), 6);
    CHECK_INT(number(json_object_get(root, "groups"), "model", "tensors"), 1);
    CHECK_INT(number(json_object_get(root, "groups"), "other", "parameters"), 0);
    json_t *contents = json_object_get(root, "contents"), *weight = json_array_get(contents, 0);
    CHECK_INT(json_array_size(contents), 2);
    CHECK_STR(json_string_value(json_object_get(weight, "name")), "model.weight");
    CHECK_STR(json_string_value(json_object_get(weight, "type")), "float32");
    CHECK_CLOSE(number(weight, NULL, "mean"), 3.5, 0);
    CHECK_CLOSE(number(weight, NULL, "sd"), sqrt(3.5), 1e-15);
    CHECK(number(weight, NULL, "min") == 1 && number(weight, NULL, "max") == 6);
    CHECK(json_object_get(json_array_get(contents, 1), "mean") == NULL);
    json_decref(root);
    CHECK_OK(inspect(NULL, path));
    check_text("model.weight");
    check_text("[2, 3]  mean 3.5, sd 1.871, 1 to 6");
}

static void test_bad_tensors(void) {
    const float values[6] = {1, 2, 3, 4, NAN, 6};
    struct made text = {NULL, 0, 0};
    put_text(&text, "{}");
    CHECK_FAILS(inspect(NULL, write_torch("t.pt", values)), MDP_E_DATA,
                "t.pt: model.weight: expected finite values, found nan at element 4");
    CHECK_FAILS(inspect(NULL, save(&text, "t.pt")), MDP_E_DATA, "t.pt: expected a PyTorch file");
    CHECK_FAILS(inspect(NULL, save(&text, "t.safetensors")), MDP_E_DATA,
                "t.safetensors: expected a safetensors file, found a text in JSON");
}

static void test_refusals(void) {
    struct mdp_h5 *file;
    write_dataset(tap_temp_path("d.h5"), NAN);
    CHECK_FAILS(inspect(NULL, tap_temp_path("d.h5")), MDP_E_DATA,
                "observations: expected finite values, found nan at row 3, column 1");
    CHECK_OK(mdp_h5_create(tap_temp_path("x.h5"), &file));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(inspect(NULL, tap_temp_path("x.h5")), MDP_E_DATA,
                "expected a checkpoint, an episodes file or a dataset");
    CHECK_FAILS(inspect(NULL, tap_temp_path("absent.h5")), MDP_E_IO, "absent.h5: cannot open");
    CHECK_FAILS(inspect("--json", NULL), MDP_E_USAGE, "expected one or more files");
    CHECK_FAILS(inspect("--nonsense", tap_temp_path("x.h5")), MDP_E_USAGE, "--nonsense");
    CHECK_INT(mdp_err_exit_status(MDP_E_DATA), 3);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_checkpoint), TAP_TEST(test_episodes),    TAP_TEST(test_dataset),  TAP_TEST(test_spoilt_extra),
        TAP_TEST(test_tensors),    TAP_TEST(test_bad_tensors), TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
