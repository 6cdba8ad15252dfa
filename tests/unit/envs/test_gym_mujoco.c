/* MuJoCo's environments: what their tables say, draws of resets, costs, ends, and on stand-ins for a library what is
 * refused and what errors and warnings in the middle of an episode lead to. tests/cli/mujoco.t replays recordings. */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "envs/mujoco/gym.h"
#include "results/reference_scores.h"
#include "tests/tap.h"

static const char *const worlds[] = {"HalfCheetah-v2", "Walker2d-v2",    "Hopper-v2",   "HalfCheetah-v4", "Walker2d-v4",
                                     "Hopper-v4",      "HalfCheetah-v5", "Walker2d-v5", "Hopper-v5"};
enum { N_WORLDS = sizeof worlds / sizeof worlds[0] };

/* ends a test as skipped where the library is missing, with what the program says of it */
static struct mdp_env *new_env(const char *id) {
    struct mdp_env *env;
    mdp_err err = mdp_env_new(mdp_env_find(id), &env);
    if (err == MDP_E_IO) SKIP(mdp_err_message());
    CHECK_OK(err);
    return env;
}

static void test_tables(void) {
    static const char *const robots[] = {"mujoco-halfcheetah", "mujoco-walker2d", "mujoco-hopper"};
    static const int n_obs[] = {17, 17, 11}, n_act[] = {6, 6, 3};
    for (int i = 0; i < N_WORLDS; i++) {
        const struct mdp_env_spec *spec = mdp_env_find(worlds[i]);
        const struct mdp_reference_score *score;
        CHECK(spec != NULL && spec->gym != NULL && spec->model == NULL);
        CHECK_STR(spec->id, worlds[i]);
        CHECK_INT(spec->n_obs, n_obs[i % 3]);
        CHECK_INT(spec->n_act, n_act[i % 3]);
        CHECK_INT(mdp_env_n_dof(spec), 3 + spec->n_act);
        CHECK_INT(spec->max_steps, 1000);
        CHECK_INT(spec->is_wrapped, i < 3);
        CHECK_OK(mdp_reference_find(spec->reference, &score));
        if (i < 3) CHECK(mdp_env_find(robots[i]) == spec);
        for (int k = 0; k < i; k++) CHECK(mdp_env_spec_hash(spec) != mdp_env_spec_hash(mdp_env_find(worlds[k])));
    }
    CHECK_STR(mdp_env_find("HalfCheetah-v2")->reference, "halfcheetah");
}

/* means and ranges of many resets: 3.6 standard errors */
static void test_reset_draws(void) {
    float observation[MDP_ENV_MAX_OBS];
    for (int i = 0; i < 3; i++) {
        struct mdp_env *env = new_env(worlds[i]);
        const struct mdp_env_view *view = mdp_env_get_view(env);
        const int n = mdp_env_n_dof(mdp_env_get_spec(env));
        const double scale = i == 0 ? 0.1 : 0.005, start = i == 0 ? 0 : 1.25;
        double largest = 0, sum = 0, square = 0;
        for (uint32_t episode = 0; episode < 200; episode++) {
            mdp_env_reset(env, 3, episode, observation);
            for (int k = 0; k < n; k++) {
                double offset = view->qpos[k] - (k == 1 ? start : 0);
                largest = fmax(largest, fabs(offset));
                sum += offset;
                square += view->qvel[k] * view->qvel[k];
            }
            CHECK(view->observation[0] == view->qpos[1] && observation[n - 1] == (float)view->qvel[0]);
        }
        double sd = sqrt(square / (200 * n)), want = i == 0 ? 0.1 : 0.005 / sqrt(3);
        CHECK(largest <= scale && largest > 0.98 * scale);
        CHECK_CLOSE(sum / (200 * n), 0, 3.6 * scale / sqrt(3 * 200 * n));
        CHECK_CLOSE(sd, want, 3.6 * want / sqrt(2 * 200 * n));
        mdp_env_free(env);
    }
}

/* D4RL's wrapper clips before the cost, Gymnasium's worlds pay for the whole action and clamp it as a force */
static void test_costs(void) {
    const float big[6] = {3, -3, 1.5f, -1.5f, 2, -2}, full[6] = {1, -1, 1, -1, 1, -1};
    for (int i = 0; i < N_WORLDS; i++) {
        struct mdp_env *env = new_env(worlds[i]);
        const struct mdp_env_spec *spec = mdp_env_get_spec(env);
        float from_big[MDP_ENV_MAX_OBS] = {0}, from_full[MDP_ENV_MAX_OBS] = {0};
        struct mdp_step big_step, full_step;
        double weight = spec->gym->robot->control_cost, squares = 0;
        for (int k = 0; k < spec->n_act; k++) squares += (double)big[k] * (double)big[k];
        mdp_env_reset(env, 1, 0, from_big);
        mdp_env_step(env, big, from_big, &big_step);
        mdp_env_reset(env, 1, 0, from_full);
        mdp_env_step(env, full, from_full, &full_step);
        CHECK(memcmp(from_big, from_full, sizeof from_big) == 0);
        CHECK_CLOSE(full_step.terms[2], -weight * spec->n_act, 1e-12);
        CHECK_CLOSE(big_step.terms[2], i < 3 ? -weight * spec->n_act : -weight * squares, 1e-12);
        CHECK_CLOSE(big_step.terms[0], i % 3 == 0 ? 0 : 1, 0);
        mdp_env_free(env);
    }
}

/* the step that ends an episode still pays for being alive, but for v5 */
static void test_ends(void) {
    for (int i = 0; i < N_WORLDS; i++) {
        const float push[6] = {1, 1, 1, -1, -1, -1};
        struct mdp_env *env = new_env(worlds[i]);
        float observation[MDP_ENV_MAX_OBS];
        struct mdp_step step = {0};
        int n = 0;
        for (mdp_env_reset(env, 0, 0, observation); !mdp_step_ended(&step); n++)
            mdp_env_step(env, push, observation, &step);
        CHECK(i % 3 == 0 ? step.truncated && n == 1000 : step.terminated && n < 500);
        CHECK_CLOSE(step.terms[0], i % 3 == 0 || i >= 6 ? 0 : 1, 0);
        mdp_env_free(env);
    }
}

static void check_healthy(const char *id, int i_dof, double position, int i_speed, double speed, int is_healthy) {
    const float idle[6] = {0};
    struct mdp_env *env = new_env(id);
    float observation[MDP_ENV_MAX_OBS];
    double qpos[MDP_ENV_MAX_DOF] = {0, 1.25}, qvel[MDP_ENV_MAX_DOF] = {0};
    struct mdp_step step;
    mdp_env_reset(env, 0, 0, observation);
    qpos[i_dof] = position;
    qvel[i_speed] = speed;
    mdp_env_set_state(env, qpos, qvel, NULL);
    mdp_env_step(env, idle, observation, &step);
    CHECK_INT(step.terminated, !is_healthy);
    mdp_env_free(env);
}

static void test_health(void) {
    check_healthy("Walker2d-v2", 1, 1.25, 0, 0, 1);
    check_healthy("Walker2d-v2", 1, 2.01, 0, 0, 0);
    check_healthy("Walker2d-v4", 2, 1.01, 0, 0, 0);
    check_healthy("Walker2d-v4", 2, -1.01, 0, 0, 0);
    check_healthy("Hopper-v5", 1, 5, 0, 0, 1);
    check_healthy("Hopper-v5", 2, 0.21, 0, 0, 0);
    check_healthy("Hopper-v2", 1, 5, 1, 101, 0); /* a speed beyond its bound */
    check_healthy("Walker2d-v2", 1, 1.9, 0, 101, 1);
}

/* of uniform actions, 100 episodes of the original: -283.6 (standard error 8.3), 1.7 (0.5), 19.2 (2.3) */
static void test_random_policy(void) {
    static const double want[] = {-283.6, 1.7, 19.2}, tolerance[] = {60, 4, 12};
    static const int n_episodes[] = {10, 40, 60};
    for (int i = 0; i < 3; i++) {
        struct mdp_env *env = new_env(worlds[i]);
        struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, 0, 0);
        float action[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
        double sum = 0;
        for (int e = 0; e < n_episodes[i]; e++) {
            struct mdp_step step = {0};
            mdp_env_reset(env, 3, (uint32_t)e, observation);
            while (!mdp_step_ended(&step)) {
                for (int k = 0; k < mdp_env_get_spec(env)->n_act; k++)
                    action[k] = (float)(2 * mdp_rng_uniform(&rng) - 1);
                mdp_env_step(env, action, observation, &step);
                sum += step.reward;
            }
        }
        CHECK_CLOSE(sum / n_episodes[i], want[i], tolerance[i]);
        mdp_env_free(env);
    }
}

/* MuJoCo puts a broken state back to the start and goes on; by itself it would say so on standard output and in a log
 */
static void test_broken_states_are_quiet(void) {
    static const double broken[] = {NAN, 1e11};
    const float idle[6] = {0};
    CHECK(chdir(tap_temp_dir()) == 0);
    for (int i = 0; i < N_WORLDS; i++) {
        struct mdp_env *env = new_env(worlds[i]);
        for (int k = 0; k < 4; k++) {
            float before[MDP_ENV_MAX_OBS], after[MDP_ENV_MAX_OBS];
            double qpos[MDP_ENV_MAX_DOF] = {0}, qvel[MDP_ENV_MAX_DOF] = {0};
            struct mdp_step step;
            mdp_env_reset(env, 1, 1, before);
            (k < 2 ? qpos : qvel)[4] = broken[k % 2];
            mdp_env_set_state(env, qpos, qvel, NULL);
            for (int n = 0; n < 2; n++) {
                mdp_env_step(env, idle, after, &step);
                CHECK(step.non_finite && step.reward == 0 && !step.terminated);
                CHECK(memcmp(before, after, sizeof(float) * (size_t)mdp_env_get_spec(env)->n_obs) == 0);
            }
            mdp_env_reset(env, 1, 1, after);
            mdp_env_step(env, idle, after, &step);
            CHECK(!step.non_finite);
        }
        mdp_env_free(env);
    }
    CHECK(access("MUJOCO_LOG.TXT", F_OK) != 0);
}

/* ---- stand-ins for a library ---- */

static mdp_err open_fake(const char *name, const char *defect, struct mdp_engine **engine) {
    char path[MDP_PATH_MAX], choice[2 * MDP_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    CHECK(n > 0);
    path[n] = 0;
    snprintf(strrchr(path, '/') + 1, 64, "%s", name);
    snprintf(choice, sizeof choice, "mujoco:%s", path);
    CHECK(setenv("MDPBENCH_FAKE_MUJOCO", defect, 1) == 0);
    return mdp_engine_open(choice, engine);
}

/* all lanes of a robot share its model. sanitizers' allocators count nothing here */
static void test_memory_of_a_lane(void) {
    enum { N_LANES = 8, BYTES_MAX = 500000 };
    struct mdp_env *envs[N_LANES + 1];
    for (int i = 0; i < N_WORLDS; i++) {
        struct mallinfo2 before = {.arena = 0}, after;
        for (int lane = 0; lane <= N_LANES; lane++) {
            envs[lane] = new_env(worlds[i]);
            if (lane == 0) before = mallinfo2();
        }
        after = mallinfo2();
        size_t grown = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        for (int lane = 0; lane <= N_LANES; lane++) mdp_env_free(envs[lane]);
        if (after.uordblks == 0) SKIP("this allocator does not count");
        CHECK(grown > 0 && grown / N_LANES < BYTES_MAX);
    }
}

static void test_libraries_that_do_not_fit(void) {
    struct mdp_engine *engine;
    CHECK_FAILS(mdp_engine_open("mujoco:./none.so", &engine), MDP_E_IO, "./none.so: cannot open");
    CHECK_FAILS(mdp_engine_open("mujoco:libm.so.6", &engine), MDP_E_DATA, "libm.so.6: expected MuJoCo");
    CHECK_FAILS(open_fake("fake_mujoco.so", "old", &engine), MDP_E_DATA, "expected MuJoCo 2.2.2");
    CHECK_FAILS(open_fake("fake_mujoco.so", "old", &engine), MDP_E_DATA, "or a release from 3.2 on, found 2.3.1");
    CHECK_FAILS(open_fake("partial_mujoco.so", "", &engine), MDP_E_DATA, "missing: mj_setState");
    CHECK(engine == NULL);
}

static void check_refused(const char *id, const char *defect, mdp_err code, const char *message) {
    struct mdp_engine *engine;
    struct mdp_env *env;
    CHECK_OK(open_fake("fake_mujoco.so", defect, &engine));
    CHECK_FAILS(mdp_env_new_on(engine, mdp_env_find(id), &env), code, message);
    CHECK(env == NULL);
    mdp_engine_free(engine);
}

static void test_models_that_do_not_fit(void) {
    check_refused("Hopper-v4", "compile", MDP_E_DATA,
                  "Hopper-v4: expected a model that MuJoCo 3.9.0 takes, found: no such");
    check_refused("Hopper-v5", "mass", MDP_E_DATA, "and 15.820013 kg, found 6, 6, 6, 3 and 1.000000");
    check_refused("HalfCheetah-v4", "sizes", MDP_E_DATA, "found 10, 10, ");
    check_refused("HalfCheetah-v2", "", MDP_E_USAGE, "HalfCheetah-v2: expected MuJoCo 2.2.2, whose structures");
    check_refused("halfcheetah", "", MDP_E_USAGE,
                  "HalfCheetahBullet-v0: expected physics of Bullet, found 'mujoco 3.9.0 ");
}

/* it is one failed episode: nothing is printed, nothing ends, and the next episode is as on a new library */
static void check_mishap(const char *defect) {
    const float action[6] = {0.5f, -0.5f, 0.25f};
    struct mdp_engine *engine;
    struct mdp_env *env;
    float first[MDP_ENV_MAX_OBS], again[MDP_ENV_MAX_OBS], start[MDP_ENV_MAX_OBS];
    struct mdp_step step, later;
    CHECK_OK(open_fake("fake_mujoco.so", defect, &engine));
    CHECK_OK(mdp_env_new_on(engine, mdp_env_find("Hopper-v4"), &env));
    mdp_env_reset(env, 2, 0, start);
    mdp_env_step(env, action, first, &step);
    CHECK(!step.non_finite);
    mdp_env_step(env, action, again, &step);
    CHECK(step.non_finite && step.reward == 0 && !step.terminated);
    CHECK(memcmp(first, again, 11 * sizeof(float)) == 0);
    mdp_env_step(env, action, again, &later);
    CHECK(later.non_finite);
    mdp_env_reset(env, 2, 0, again);
    CHECK(memcmp(start, again, 11 * sizeof(float)) == 0);
    mdp_env_step(env, action, again, &step);
    CHECK(!step.non_finite && memcmp(first, again, 11 * sizeof(float)) == 0);
    mdp_env_free(env);
    mdp_engine_free(engine);
}

/* four simulated steps make an action's: the sixth is in the second */
static void test_error_in_a_step(void) { check_mishap("error 6"); }
static void test_warning_in_a_step(void) { check_mishap("warning 6"); }
static void test_state_that_is_not_finite(void) { check_mishap("nan 6"); }

static void test_labels(void) {
    struct mdp_engine *engine;
    struct mdp_engine_facts facts;
    char hash[24];
    CHECK_OK(open_fake("fake_mujoco.so", "", &engine));
    CHECK_OK(mdp_engine_describe(engine, mdp_env_find("Hopper-v5"), &facts));
    snprintf(hash, sizeof hash, " %016llx", (unsigned long long)facts.files.hash);
    CHECK(strncmp(facts.label, "mujoco 3.9.0 v5 ", 16) == 0 && strcmp(facts.label + 15, hash) == 0);
    CHECK_STR(facts.files.names, "fake_mujoco.so");
    mdp_engine_free(engine);
    mdp_err err = mdp_engine_describe(NULL, mdp_env_find("Hopper-v2"), &facts);
    if (err == MDP_E_IO) SKIP(mdp_err_message());
    CHECK_OK(err);
    CHECK_STR(facts.label, "mujoco 2.2.2 v2");
    CHECK_STR(facts.files.names, "libmujoco.so.2.2.2");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_tables),
        TAP_TEST(test_reset_draws),
        TAP_TEST(test_costs),
        TAP_TEST(test_ends),
        TAP_TEST(test_health),
        TAP_TEST(test_random_policy),
        TAP_TEST(test_broken_states_are_quiet),
        TAP_TEST(test_memory_of_a_lane),
        TAP_TEST(test_libraries_that_do_not_fit),
        TAP_TEST(test_models_that_do_not_fit),
        TAP_TEST(test_error_in_a_step),
        TAP_TEST(test_warning_in_a_step),
        TAP_TEST(test_state_that_is_not_finite),
        TAP_TEST(test_labels),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
