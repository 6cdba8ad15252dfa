/* which world made a dataset: transitions of others in D4RL's layout are named rightly, whatever was done to them is
 * not taken for a world, and a task of another world is refused with both names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/which_world.h"
#include "envs/engine.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "tests/tap.h"

static void skip_without_library(void) {
    struct mdp_engine_facts facts;
    mdp_err err = mdp_engine_describe(NULL, mdp_env_find("Hopper-v2"), &facts);
    if (err == MDP_E_IO) SKIP(mdp_err_message());
    CHECK_OK(err);
}

/* what is done to the transitions on their way into a dataset */
enum change { AS_THEY_ARE, AS_F64, PERMUTED, SCALED, ROW_BY_ROW };

static void write_array(struct mdp_h5 *file, const char *name, int is_f32, long n, long width, double *values) {
    const struct mdp_h5_shape shape = {2, {n, width}};
    float *narrow = malloc(sizeof(float) * (size_t)(n * width));
    CHECK(narrow != NULL);
    for (long i = 0; i < n * width; i++) narrow[i] = (float)values[i];
    CHECK_OK(mdp_h5_write(file, name, is_f32 ? MDP_H5_F32 : MDP_H5_F64, &shape, MDP_H5_PLAIN,
                          is_f32 ? (const void *)narrow : values));
    free(narrow);
}

static double *read_array(struct mdp_h5 *from, const char *robot, const char *array, struct mdp_h5_shape *shape) {
    char name[64];
    double *values;
    snprintf(name, sizeof name, "%s/%s", robot, array);
    CHECK_OK(mdp_h5_read_new(from, name, MDP_H5_F64, NULL, shape, &values));
    return values;
}

/* a group of a file of transitions as a dataset; returns its path, borrowed */
static const char *make(const char *source, const char *robot, enum change change) {
    const char *path = tap_temp_path("made.hdf5"), *reference = tap_reference(source);
    struct mdp_h5 *from, *to;
    struct mdp_h5_shape wide, narrow;
    if (reference == NULL) SKIP("no transitions");
    CHECK_OK(mdp_h5_open(reference, &from));
    CHECK_OK(mdp_h5_create(path, &to));
    int is_f32 = change != AS_F64;
    double *now = read_array(from, robot, "observations", &wide),
           *next = read_array(from, robot, "next_observations", &wide);
    double *actions = read_array(from, robot, "actions", &narrow);
    const long n = wide.extent[0], o = wide.extent[1], a = narrow.extent[1];
    for (long i = 0; i < n * a && change == SCALED; i++) actions[i] *= 0.5;
    for (long i = 0; i < n && change == PERMUTED; i++) {
        double kept = actions[i * a];
        actions[i * a] = actions[i * a + 1];
        actions[i * a + 1] = kept;
    }
    write_array(to, "observations", is_f32, n, o, now);
    if (change != ROW_BY_ROW) write_array(to, "next_observations", is_f32, n, o, next);
    write_array(to, "actions", 1, n, a, actions);
    CHECK_OK(mdp_h5_commit(&to));
    mdp_h5_close(from);
    free(now);
    free(next);
    free(actions);
    return path;
}

static void check_fits(const char *path, const char *ids) {
    struct mdp_which_world which;
    char found[256] = "", text[512];
    CHECK_OK(mdp_which_world(NULL, path, &which));
    for (int i = 0; i < which.n; i++)
        if (which.worlds[i].fits) {
            strcat(found, which.worlds[i].spec->id);
            strcat(found, " ");
        }
    CHECK_STR(found, ids);
    mdp_which_world_say(&which, text);
    CHECK(strstr(text, ids[0] != 0 ? "made in " : "none fits; nearest is ") == text);
    CHECK((which.next > 1000) == (ids[0] != 0));
}

static void test_transitions_of_others(void) {
    skip_without_library();
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "halfcheetah", AS_THEY_ARE), "HalfCheetah-v2 ");
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "walker2d", AS_THEY_ARE), "Walker2d-v2 ");
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "hopper", AS_THEY_ARE), "Hopper-v2 ");
    check_fits(make("envs-mujoco/mujoco22_transitions.h5", "halfcheetah", AS_F64), "HalfCheetah-v4 HalfCheetah-v5 ");
    check_fits(make("envs-mujoco/mujoco22_transitions.h5", "walker2d", AS_F64), "Walker2d-v4 ");
    check_fits(make("envs-mujoco/mujoco22_transitions.h5", "hopper", AS_THEY_ARE), "Hopper-v4 Hopper-v5 ");
    /* these follow each other: without what came next, the next row says it */
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "hopper", ROW_BY_ROW), "Hopper-v2 ");
    /* float32 values in an array of doubles have the rounding of float32 */
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "hopper", AS_F64), "Hopper-v2 ");
}

static void test_what_is_of_no_world(void) {
    skip_without_library();
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "halfcheetah", PERMUTED), "");
    check_fits(make("envs-mujoco/mujoco20_transitions.h5", "walker2d", SCALED), "");
}

static void test_tasks_of_another_world(void) {
    skip_without_library();
    const char *path = make("envs-mujoco/mujoco20_transitions.h5", "hopper", AS_THEY_ARE);
    CHECK_OK(mdp_which_world_check(path, "mujoco-hopper-expert", mdp_env_find("Hopper-v2")));
    CHECK_FAILS(mdp_which_world_check(path, "mujoco-v4-hopper-expert", mdp_env_find("Hopper-v4")), MDP_E_DATA,
                "made.hdf5: expected data of Hopper-v4 for the task mujoco-v4-hopper-expert, found those of Hopper-v2");
    path = make("envs-mujoco/mujoco22_transitions.h5", "walker2d", AS_F64);
    CHECK_FAILS(mdp_which_world_check(path, "mujoco-halfcheetah-expert", mdp_env_find("HalfCheetah-v2")), MDP_E_DATA,
                "found those of Walker2d-v4: 90 % of its steps are within");
    /* of no world that is known: said, and taken */
    path = make("envs-mujoco/mujoco20_transitions.h5", "halfcheetah", PERMUTED);
    CHECK_OK(mdp_which_world_check(path, "mujoco-halfcheetah-expert", mdp_env_find("HalfCheetah-v2")));
}

static void test_files_that_are_none(void) {
    struct mdp_which_world which;
    CHECK_FAILS(mdp_which_world(NULL, "absent.hdf5", &which), MDP_E_IO, "absent.hdf5");
    const char *path = tap_temp_path("other.hdf5");
    double rows[40] = {0};
    char text[512];
    struct mdp_h5 *file;
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 20, 2, rows);
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(mdp_which_world(NULL, path, &which), MDP_E_DATA, "other.hdf5: actions");
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 20, 2, rows);
    write_array(file, "actions", 0, 20, 2, rows);
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_OK(mdp_which_world(NULL, path, &which));
    mdp_which_world_say(&which, text);
    CHECK_STR(text, "no environment has 2 observations and 2 actions");
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 5, 2, rows);
    write_array(file, "actions", 0, 4, 2, rows);
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(mdp_which_world(NULL, path, &which), MDP_E_DATA, "expected 5 rows of actions, found 4");
}

/* states that do not go with the observations are refused before they are read; a number that is none fits nowhere */
static void test_damaged_files(void) {
    struct mdp_which_world which;
    const char *path = tap_temp_path("damaged.hdf5");
    static double rows[40 * 26];
    struct mdp_h5 *file;
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 40, 26, rows);
    write_array(file, "actions", 0, 40, 6, rows);
    write_array(file, "infos/qpos", 0, 40, 9, rows);
    write_array(file, "infos/qvel", 0, 40, 20, rows);
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(mdp_which_world(NULL, path, &which), MDP_E_DATA, "infos/qvel: expected");
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 40, 26, rows);
    write_array(file, "actions", 0, 40, 6, rows);
    write_array(file, "next_observations", 0, 40, 30, rows);
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(mdp_which_world(NULL, path, &which), MDP_E_DATA, "next_observations: expected");
    skip_without_library();
    for (int i = 0; i < 40 * 11; i++) rows[i] = NAN;
    CHECK_OK(mdp_h5_create(path, &file));
    write_array(file, "observations", 0, 40, 11, rows + 20 * 26);
    write_array(file, "actions", 0, 40, 3, rows + 20 * 26);
    write_array(file, "next_observations", 0, 40, 11, rows);
    CHECK_OK(mdp_h5_commit(&file));
    check_fits(path, "");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_transitions_of_others), TAP_TEST(test_what_is_of_no_world), TAP_TEST(test_tasks_of_another_world),
        TAP_TEST(test_files_that_are_none),   TAP_TEST(test_damaged_files),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
