/* the robotics world against stand-ins for its library: what is refused and why, and what a wrong answer in the middle
 * of an episode leads to. tests/conform compares a real library's world with ours, where there is one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "tests/tap.h"

static void skip_under_sanitizer(void) {
#ifdef __SANITIZE_ADDRESS__
    SKIP("AddressSanitizer refuses RTLD_DEEPBIND");
#endif
}

/* a module beside this program */
static const char *module_path(const char *name) {
    static char path[MDP_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    CHECK(n > 0);
    path[n] = 0;
    snprintf(strrchr(path, '/') + 1, 64, "%s", name);
    return path;
}

static mdp_err open_path(const char *path, struct mdp_engine **engine) {
    char choice[2 * MDP_PATH_MAX];
    snprintf(choice, sizeof choice, "robotics:%s", path);
    return mdp_engine_open(choice, engine);
}

static mdp_err open_fake(const char *defect, struct mdp_engine **engine) {
    skip_under_sanitizer();
    CHECK(setenv("MDPBENCH_FAKE_BULLET", defect, 1) == 0);
    return open_path(module_path("fake_bullet.so"), engine);
}

static const struct mdp_env_spec *cheetah(void) { return mdp_env_find("halfcheetah"); }

/* a number that the fake counts */
static int read_count(const char *name) {
    void *handle = dlopen(module_path("fake_bullet.so"), RTLD_NOW | RTLD_NOLOAD);
    CHECK(handle != NULL);
    const int *n = dlsym(handle, name);
    CHECK(n != NULL);
    dlclose(handle);
    return *n;
}

/* how often the fake world was built */
static int count_resets(void) { return read_count("fake_n_resets"); }

static void test_choices(void) {
    struct mdp_engine *engine;
    CHECK_FAILS(mdp_engine_open("imaginary", &engine), MDP_E_USAGE,
                "native, native-one, native-avx2, native-avx512, lean, robotics:LIBRARY[:LIBPYTHON], mujoco[:LIBRARY], "
                "found 'imaginary'");
    CHECK_FAILS(mdp_engine_open("", &engine), MDP_E_USAGE, "found ''");
    CHECK_FAILS(mdp_engine_open("roboticsX:a.so", &engine), MDP_E_USAGE, "found 'roboticsX:a.so'");
    CHECK_FAILS(mdp_engine_open("robotics", &engine), MDP_E_USAGE, "expected LIBRARY or LIBRARY:LIBPYTHON, found ''");
    CHECK_FAILS(mdp_engine_open("robotics:", &engine), MDP_E_USAGE, "found ''");
    CHECK_FAILS(mdp_engine_open("robotics:a.so:", &engine), MDP_E_USAGE, "found 'a.so:'");
    CHECK_FAILS(mdp_engine_open("robotics::b.so", &engine), MDP_E_USAGE, "found ':b.so'");
    CHECK(engine == NULL);
    mdp_engine_free(NULL);
}

static void test_files_that_are_no_such_library(void) {
    struct mdp_engine *engine;
    char text[MDP_PATH_MAX], both[MDP_PATH_MAX + 32];
    skip_under_sanitizer();
    CHECK_FAILS(open_path("/nonexistent/lib.so", &engine), MDP_E_IO,
                "/nonexistent/lib.so: cannot be read: No such file");
    CHECK_FAILS(open_path("libNoSuchBulletAnywhere.so", &engine), MDP_E_IO, "libNoSuchBulletAnywhere.so");
    snprintf(text, sizeof text, "%s", tap_temp_path("text.so"));
    CHECK_OK(mdp_fsx_write(text, "no library", 10));
    CHECK_FAILS(open_path(text, &engine), MDP_E_DATA, "expected a shared library that can be loaded");
    snprintf(both, sizeof both, "%s:/nonexistent/libpython.so", text);
    CHECK_FAILS(open_path(both, &engine), MDP_E_IO, "/nonexistent/libpython.so: cannot be read");
    CHECK_FAILS(open_path("libm.so.6", &engine), MDP_E_DATA,
                "libm.so.6: expected Bullet's C API (b3ConnectPhysicsDirect and ");
    CHECK_FAILS(open_path(module_path("partial_bullet.so"), &engine), MDP_E_DATA,
                "missing: b3DisconnectSharedMemory, b3PhysicsParameterSetDeterministicOverlappingPairs, ");
    CHECK(strstr(mdp_err_message(), "b3RequestActualStateCommandComputeLinkVelocity, b3SetContactFilterBodyA") != NULL);
    CHECK(strstr(mdp_err_message(), "b3GetContactPointInformation") == NULL);
    CHECK(engine == NULL);
}

static void test_wrong_answers_on_opening(void) {
    static const struct {
        const char *defect;
        mdp_err code;
        const char *message;
    } cases[] = {
        {"nobody", MDP_E_IO, "expected a connection that takes commands, found one refused"},
        {"refused", MDP_E_IO, "found one refused"},
        {"single", MDP_E_DATA, "expected a double-precision build of Bullet, found a single-precision one"},
        {"garbage", MDP_E_DATA, "saved world: expected BULLETd and a version, found 'GIF89a......'"},
        {"version", MDP_E_DATA, "saved world: expected status 10, found 11"},
        {"reset", MDP_E_DATA, "empty world: expected status 27, found 28"},
        {"silent", MDP_E_DATA, "empty world: expected an answer, found none"},
    };
    struct mdp_engine *engine;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_FAILS(open_fake(cases[i].defect, &engine), cases[i].code, cases[i].message);
        CHECK(engine == NULL && strstr(mdp_err_message(), "fake_bullet.so: ") != NULL);
    }
}

static void test_wrong_answers_on_building(void) {
    static const struct {
        const char *defect, *message;
    } cases[] = {
        {"parameters", "simulation parameters: expected status 2, found 3"},
        {"floor", "floor: expected status 4, found 5"},
        {"robot", "robot: expected status 12, found 13"},
        {"models", "floor: expected 1 model, found 2"},
        {"friction", "friction of the floor: expected status 2, found 3"},
        {"joints", "robot: expected 16 joints, found 7"},
        {"order", "joint 0: expected kind 1 with q 7 and u 6, found 1 with 7 and 6"},
        {"dynamics", "torso: expected status 77, found 78"},
        {"mass 2", "bthigh: expected a mass of 2.335526953721203"},
        {"motors", "motors: expected status 25, found 26"},
        {"pose", "pose: expected status 2, found another"},
        {"save", "saved state: expected status 93, found 94"},
    };
    struct mdp_engine *engine;
    struct mdp_env *env;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_OK(open_fake(cases[i].defect, &engine));
        CHECK_FAILS(mdp_env_new_on(engine, cheetah(), &env), MDP_E_DATA, cases[i].message);
        CHECK(env == NULL);
        mdp_engine_free(engine);
    }
    /* the model is compared with the tables of the robot that was asked for */
    CHECK_OK(open_fake("", &engine));
    CHECK_FAILS(mdp_env_new_on(engine, mdp_env_find("walker2d"), &env), MDP_E_DATA, "torso: expected a mass of 3.665");
    mdp_engine_free(engine);
}

static void test_facts(void) {
    struct mdp_engine *engine;
    char hash[17];
    CHECK_OK(open_fake("", &engine));
    const struct mdp_engine_facts *facts = mdp_engine_get_facts(engine);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)facts->files.hash);
    CHECK(strncmp(facts->label, "robotics 3.24 ", 14) == 0 && strcmp(facts->label + 14, hash) == 0);
    CHECK_STR(facts->files.names, "fake_bullet.so");
    CHECK(!mdp_engine_is_built_in(engine));
    mdp_engine_free(engine);
    CHECK_OK(mdp_engine_open(NULL, &engine));
    facts = mdp_engine_get_facts(engine);
    CHECK_STR(facts->label, mdp_env_physics_version());
    CHECK_STR(facts->files.names, "mdpbench");
    CHECK(facts->files.hash == 0);
    CHECK(mdp_engine_is_built_in(engine));
    mdp_engine_free(engine);
    CHECK_OK(mdp_engine_open("lean", &engine));
    facts = mdp_engine_get_facts(engine);
    CHECK(strncmp(facts->label, "bullet-float64 3.", 17) == 0);
    CHECK(strncmp(facts->files.names, "libBullet", 9) == 0 && facts->files.hash != 0);
    CHECK(mdp_engine_is_built_in(engine));
    mdp_engine_free(engine);
}

static void test_what_goes_in_and_comes_out(void) {
    const double noise[6] = {0.01, 0.02, 0.03, 0.04, 0.05, 0.06};
    const float action[6] = {1, -1, 0.5f, -0.5f, 0.25f, 0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_engine *engine;
    struct mdp_env *env;
    struct mdp_step step;
    CHECK_OK(open_fake("", &engine));
    CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
    const struct mdp_env_view *view = mdp_env_get_view(env);
    mdp_env_reset_to(env, noise, 0, observation);
    for (int i = 0; i < 6; i++) CHECK(view->qpos[3 + i] == noise[i] && view->qvel[3 + i] == 0);
    mdp_env_step(env, action, observation, &step);
    CHECK(!mdp_step_ended(&step));
    const double torques[6] = {108, -81, 27, -63, 13.5, 0};
    for (int i = 0; i < 6; i++) {
        CHECK_CLOSE(view->qvel[3 + i], torques[i], 1e-13);
        CHECK_CLOSE(view->qpos[3 + i], noise[i] + 1e-3, 1e-16);
    }
    /* both points are of the same body, the fourth: bfoot */
    for (int i = 0; i < 6; i++) CHECK_INT(view->feet_contact[i], i == 3);
    mdp_env_free(env);
    mdp_engine_free(engine);
}

/* the same for a robot of half as many joints: everything the library takes and gives is shorter */
static void test_what_goes_in_and_comes_out_of_hopper(void) {
    const double noise[3] = {0.01, 0.02, 0.03};
    const float action[3] = {1, -1, 0.5f};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_engine *engine;
    struct mdp_env *env;
    struct mdp_step step;
    CHECK_OK(open_fake("", &engine));
    CHECK_OK(mdp_env_new_on(engine, mdp_env_find("hopper"), &env));
    const struct mdp_env_view *view = mdp_env_get_view(env);
    mdp_env_reset_to(env, noise, 0, observation);
    for (int i = 0; i < 3; i++) CHECK(view->qpos[3 + i] == noise[i] && view->qvel[3 + i] == 0);
    mdp_env_step(env, action, observation, &step);
    CHECK(!step.non_finite);
    const double torques[3] = {75, -75, 37.5};
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(view->qvel[3 + i], torques[i], 1e-13);
        CHECK_CLOSE(view->qpos[3 + i], noise[i] + 1e-3, 1e-16);
    }
    for (int d = 6; d < MDP_ENV_MAX_DOF; d++) CHECK(view->qpos[d] == 0 && view->qvel[d] == 0);
    CHECK_INT(view->feet_contact[0], 1);
    mdp_env_free(env);
    mdp_engine_free(engine);
}

/* what touched the floor at an episode's end must not touch it in the next one, though loading a state leaves it so */
static void test_reset_drops_contacts(void) {
    const float idle[MDP_ENV_MAX_ACT] = {0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_engine *engine;
    struct mdp_env *env;
    struct mdp_step step;
    CHECK_OK(open_fake("", &engine));
    CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
    for (uint32_t episode = 0; episode < 3; episode++) {
        mdp_env_reset(env, 1, episode, observation);
        CHECK_INT(read_count("fake_n_points"), 0);
        mdp_env_step(env, idle, observation, &step);
        CHECK_INT(read_count("fake_n_points"), 2);
    }
    mdp_env_free(env);
    mdp_engine_free(engine);
}

/* the library prints on connecting; standard output stays ours, and what was waiting there comes before what follows */
static void test_standard_output_stays_clean(void) {
    char text[64] = "";
    struct mdp_engine *engine;
    struct mdp_env *env;
    skip_under_sanitizer();
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), file = open(tap_temp_path("out"), O_CREAT | O_RDWR, 0600);
    CHECK(saved >= 0 && file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
    printf("before, ");
    CHECK_OK(open_fake("", &engine));
    CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
    printf("after");
    mdp_env_free(env);
    mdp_engine_free(engine);
    fflush(stdout);
    CHECK(dup2(saved, STDOUT_FILENO) == STDOUT_FILENO);
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK_STR(text, "before, after");
    close(saved);
    close(file);
}

/* a closed standard output is no obstacle, and stays closed */
static void test_closed_standard_output(void) {
    struct mdp_engine *engine;
    skip_under_sanitizer();
    int saved = dup(STDOUT_FILENO);
    CHECK(saved >= 0 && close(STDOUT_FILENO) == 0);
    CHECK_OK(open_fake("", &engine));
    mdp_engine_free(engine);
    CHECK(fcntl(STDOUT_FILENO, F_GETFD) == -1);
    CHECK(dup2(saved, STDOUT_FILENO) == STDOUT_FILENO);
}

/* one wrong answer in the middle ends the episode as a failure; the world is built anew for the next. a reset takes one
 * step, to drop contacts */
static void test_wrong_answers_in_an_episode(void) {
    static const char *const defects[] = {"torques 4", "step 4", "state 4", "sizes 4", "contacts 4", "stranger 8"};
    const float idle[MDP_ENV_MAX_ACT] = {0};
    float observation[MDP_ENV_MAX_OBS], last[MDP_ENV_MAX_OBS];
    for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        struct mdp_engine *engine;
        struct mdp_env *env;
        struct mdp_step step;
        fprintf(stderr, "%s\n", defects[i]);
        CHECK_OK(open_fake(defects[i], &engine));
        CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
        int n_resets = count_resets();
        mdp_env_reset(env, 1, 0, observation);
        for (int t = 0; t < 3; t++) {
            memcpy(last, observation, sizeof last);
            mdp_env_step(env, idle, observation, &step);
            CHECK_INT(step.non_finite, t == 2);
        }
        CHECK(memcmp(last, observation, sizeof(float) * 26) == 0 && step.reward == 0);
        CHECK_INT(count_resets(), n_resets);
        mdp_env_reset(env, 1, 0, observation);
        CHECK_INT(count_resets(), n_resets + 1);
        for (int t = 0; t < 3; t++) {
            mdp_env_step(env, idle, observation, &step);
            CHECK(!mdp_step_ended(&step));
        }
        mdp_env_free(env);
        mdp_engine_free(engine);
    }
}

/* a library that cannot be brought back gives failed episodes, not wrong ones */
static void test_library_that_stays_broken(void) {
    const float idle[MDP_ENV_MAX_ACT] = {0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_engine *engine;
    struct mdp_env *env;
    struct mdp_step step;
    CHECK_OK(open_fake("", &engine));
    CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
    CHECK(setenv("MDPBENCH_FAKE_BULLET", "load", 1) == 0);
    for (uint32_t episode = 0; episode < 3; episode++) {
        mdp_env_reset(env, 1, episode, observation);
        for (int i = 0; i < 26; i++) CHECK(isfinite(observation[i]));
        mdp_env_step(env, idle, observation, &step);
        CHECK(step.non_finite);
    }
    CHECK(setenv("MDPBENCH_FAKE_BULLET", "", 1) == 0);
    mdp_env_reset(env, 1, 3, observation);
    mdp_env_step(env, idle, observation, &step);
    CHECK(!step.non_finite);
    mdp_env_free(env);
    mdp_engine_free(engine);
}

/* positions beyond what the library recovers from: the episode goes on, the next one starts in a new world */
static void test_far_away_is_built_anew(void) {
    const float idle[MDP_ENV_MAX_ACT] = {0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_engine *engine;
    struct mdp_env *env;
    struct mdp_step step;
    CHECK_OK(open_fake("far 4", &engine));
    CHECK_OK(mdp_env_new_on(engine, cheetah(), &env));
    int n_resets = count_resets();
    for (uint32_t episode = 0; episode < 3; episode++) {
        mdp_env_reset(env, 1, episode, observation);
        CHECK_INT(count_resets(), n_resets + (episode == 2));
        mdp_env_step(env, idle, observation, &step);
        CHECK(!step.non_finite);
    }
    mdp_env_free(env);
    mdp_engine_free(engine);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_choices),
        TAP_TEST(test_files_that_are_no_such_library),
        TAP_TEST(test_wrong_answers_on_opening),
        TAP_TEST(test_wrong_answers_on_building),
        TAP_TEST(test_facts),
        TAP_TEST(test_what_goes_in_and_comes_out),
        TAP_TEST(test_what_goes_in_and_comes_out_of_hopper),
        TAP_TEST(test_reset_drops_contacts),
        TAP_TEST(test_standard_output_stays_clean),
        TAP_TEST(test_closed_standard_output),
        TAP_TEST(test_wrong_answers_in_an_episode),
        TAP_TEST(test_library_that_stays_broken),
        TAP_TEST(test_far_away_is_built_anew),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
