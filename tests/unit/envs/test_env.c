/* environments: specs, constants, wrapper, ends of episodes; tests/conform has what holds for any environment. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "envs/env.h"
#include "envs/physics/world.h"
#include "envs/robot.h"
#include "results/reference_scores.h"
#include "tests/tap.h"

static struct mdp_env *new_env(const struct mdp_env_spec *spec) {
    struct mdp_env *env;
    CHECK_OK(mdp_env_new(spec, &env));
    return env;
}

static void draw(struct mdp_rng *rng, int n, float *action) {
    for (int i = 0; i < n; i++) action[i] = (float)(2.0 * mdp_rng_uniform(rng) - 1.0);
}

/* Bullet's robots are the first of the list; those of MuJoCo have test_gym_mujoco.c */
static void test_specs(void) {
    const struct mdp_env_spec *cheetah = mdp_env_find("HalfCheetahBullet-v0"), *walker = mdp_env_find("walker2d");
    const struct mdp_env_spec *hopper = mdp_env_find("hopper");
    CHECK(cheetah != NULL && cheetah == mdp_env_find("halfcheetah"));
    CHECK(walker != NULL && walker == mdp_env_find("Walker2DBullet-v0"));
    CHECK(hopper != NULL && hopper == mdp_env_find("HopperBullet-v0"));
    CHECK(mdp_env_find("ant") == NULL);
    CHECK(mdp_env_find("") == NULL);
    CHECK(mdp_env_list(-1) == NULL);
    CHECK_INT(cheetah->n_obs, 26);
    CHECK_INT(walker->n_obs, 22);
    CHECK_INT(hopper->n_obs, 15);
    CHECK_INT(cheetah->n_act, 6);
    CHECK_INT(walker->n_act, 6);
    CHECK_INT(hopper->n_act, 3);
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        const struct mdp_env_spec *spec = mdp_env_list(e);
        CHECK_INT(spec->max_steps, 1000);
        CHECK_INT(spec->n_feet, spec->model->n_feet);
        CHECK_INT(spec->n_act, spec->model->n_joints);
        CHECK_INT(mdp_env_n_dof(spec), 3 + spec->n_act);
        CHECK(spec->n_obs <= MDP_ENV_MAX_OBS && spec->n_act <= MDP_ENV_MAX_ACT);
        const struct mdp_reference_score *score;
        CHECK_OK(mdp_reference_find(spec->reference, &score));
    }
    CHECK_STR(cheetah->reference, "bullet-halfcheetah");
    CHECK_STR(walker->reference, "bullet-walker2d");
    CHECK_STR(hopper->reference, "bullet-hopper");
}

/* an optimiser that skips a rounding to float would show here: the constants as the simulation sees them */
static void test_rounded_constants(void) {
    static const double zero[MDP_ENV_MAX_JOINTS] = {0};
    const struct mdp_body *walker = mdp_env_find("walker2d")->model->bodies;
    CHECK_CLOSE((double)walker[1].range[0], -2.6179940700531006, 0);
    CHECK_CLOSE((double)walker[3].range[1], 0.78539818525314331, 0);
    CHECK_CLOSE(walker[1].com[2], 0.82499998807907104, 0);
    CHECK_CLOSE((double)mdp_env_find("halfcheetah")->model->bodies[6].range[0], -3.0999999046325684, 0);
    const struct mdp_body *foot = &mdp_env_find("hopper")->model->bodies[3];
    CHECK_CLOSE(foot->com[0], 0.064999997615814209, 0);
    CHECK_CLOSE(foot->com[2], 0.10000000149011612, 0);

    float observation[MDP_ENV_MAX_OBS];
    static const struct {
        const char *robot;
        double height;
    } cases[] = {{"halfcheetah", 0.69999998807907104}, {"walker2d", 1.25}, {"hopper", 1.25}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_env *env = new_env(mdp_env_find(cases[i].robot));
        mdp_env_reset_to(env, zero, 0, observation);
        CHECK_CLOSE(mdp_env_get_view(env)->torso_pos[2], cases[i].height, 0);
        CHECK_CLOSE((double)observation[0], 0, 0);
        mdp_env_free(env);
    }
}

/* masses and inertias follow from the shapes: 1000 kg/m^3 times each shape's capsule volume */
static void test_masses_follow_from_shapes(void) {
    const double pi = 3.14159265358979323846;
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        const struct mdp_robot *robot = mdp_env_list(e)->model;
        for (int b = 0; b < mdp_robot_n_bodies(robot); b++) {
            const struct mdp_body *body = &robot->bodies[b];
            double mass = 0;
            for (int k = 0; k < MDP_ROBOT_MAX_GEOMS && body->geoms[k].kind != MDP_GEOM_NONE; k++) {
                const struct mdp_geom *g = &body->geoms[k];
                double r = (double)g->radius, square = 0;
                for (int a = 0; a < 3; a++) square += pow((double)g->to[a] - (double)g->from[a], 2);
                double length = g->kind == MDP_GEOM_CAPSULE ? 2 * (double)g->half_length : sqrt(square);
                mass += 1000 * (4.0 / 3.0 * pi * r * r * r + pi * r * r * length);
            }
            int has_own_mass = body->mass == 10; /* the cheetah's feet */
            if (!has_own_mass) CHECK_CLOSE(body->mass, mass, 1e-12 * mass);
        }
    }
}

static void test_reset_draws(void) {
    float first[MDP_ENV_MAX_OBS], second[MDP_ENV_MAX_OBS];
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        const struct mdp_env_spec *spec = mdp_env_list(e);
        size_t bytes = sizeof(float) * (size_t)spec->n_obs;
        struct mdp_env *env = new_env(spec);
        const struct mdp_env_view *view = mdp_env_get_view(env);
        double sum = 0, largest = 0;
        for (uint32_t episode = 0; episode < 200; episode++) {
            mdp_env_reset(env, 11, episode, first);
            for (int i = 3; i < mdp_env_n_dof(spec); i++) {
                sum += view->qpos[i];
                largest = fmax(largest, fabs(view->qpos[i]));
            }
            for (int i = 0; i < MDP_ENV_MAX_DOF; i++)
                CHECK(view->qvel[i] == 0 && ((i >= 3 && i < mdp_env_n_dof(spec)) || view->qpos[i] == 0));
        }
        CHECK(largest < 0.1 && largest > 0.095);
        CHECK_CLOSE(sum / (200 * spec->n_act), 0, 0.0147 / sqrt(spec->n_act)); /* 3.6 standard errors */
        mdp_env_reset(env, 12, 199, second);
        CHECK(memcmp(first, second, bytes) != 0);
        mdp_env_reset(env, 11, 199, second);
        CHECK(memcmp(first, second, bytes) == 0);
        mdp_env_free(env);
    }
}

static double mean_random_return(const struct mdp_env_spec *spec, int n_episodes) {
    struct mdp_env *env = new_env(spec);
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, 0, 0);
    float action[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
    double sum = 0;
    for (int e = 0; e < n_episodes; e++) {
        struct mdp_step step = {0};
        mdp_env_reset(env, 3, (uint32_t)e, observation);
        while (!mdp_step_ended(&step)) {
            draw(&rng, spec->n_act, action);
            mdp_env_step(env, action, observation, &step);
            sum += step.reward;
        }
    }
    mdp_env_free(env);
    return sum / n_episodes;
}

/* the original's uniform random policy: about -1240, 16.9 and 20.02 (standard error 0.10), D4RL's minimum -1276, 16.5
 * and 20.06 */
static void test_random_policy_scores_near_reference(void) {
    CHECK_CLOSE(mean_random_return(mdp_env_find("halfcheetah"), 10), -1250, 100);
    CHECK_CLOSE(mean_random_return(mdp_env_find("walker2d"), 400), 16.7, 1.0);
    CHECK_CLOSE(mean_random_return(mdp_env_find("hopper"), 4000), 20.0, 0.3);
}

static void test_wrapper_clips_before_cost(void) {
    const float big[6] = {3, -3, 1.5f, -1.5f, 1e30f, -1e30f}, full[6] = {1, -1, 1, -1, 1, -1};
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        struct mdp_env *env = new_env(mdp_env_list(e));
        float from_big[MDP_ENV_MAX_OBS] = {0}, from_full[MDP_ENV_MAX_OBS] = {0};
        struct mdp_step big_step, full_step, raw_step;
        mdp_env_reset(env, 1, 0, from_big);
        mdp_env_step(env, big, from_big, &big_step);
        mdp_env_reset(env, 1, 0, from_full);
        mdp_env_step(env, full, from_full, &full_step);
        CHECK(memcmp(from_big, from_full, sizeof from_big) == 0);
        CHECK(memcmp(&big_step, &full_step, sizeof big_step) == 0);

        /* unwrapped, the torque is the same but the cost is that of the action as given */
        const float over[6] = {3, -3, 1.5f, -1.5f, 2, -2};
        mdp_env_reset(env, 1, 0, from_big);
        mdp_env_step_raw_f32(env, over, from_big, &raw_step);
        CHECK(memcmp(from_big, from_full, sizeof from_big) == 0);
        CHECK(raw_step.terms[2] < full_step.terms[2] - 0.1);
        mdp_env_free(env);
    }
}

static void test_action_type_decides_rounding_of_cost_only(void) {
    const double action64[6] = {0.1, -0.2, 0.3, -0.4, 0.5, -0.6};
    float action32[6], observation32[MDP_ENV_MAX_OBS], observation64[MDP_ENV_MAX_OBS];
    struct mdp_step step32, step64;
    for (int i = 0; i < 6; i++) action32[i] = (float)action64[i];
    double widened[6];
    for (int i = 0; i < 6; i++) widened[i] = (double)action32[i];
    struct mdp_env *env = new_env(mdp_env_find("halfcheetah"));
    mdp_env_reset(env, 2, 0, observation32);
    mdp_env_step_raw_f32(env, action32, observation32, &step32);
    mdp_env_reset(env, 2, 0, observation64);
    mdp_env_step_raw_f64(env, widened, observation64, &step64);
    CHECK(memcmp(observation32, observation64, sizeof(float) * 26) == 0);
    CHECK(step32.terms[1] == step64.terms[1]);
    CHECK_CLOSE(step32.terms[2], step64.terms[2], 1e-5);
    CHECK(step32.terms[2] != step64.terms[2]);
    mdp_env_free(env);
}

static void test_time_limit(void) {
    const float idle[6] = {0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    struct mdp_env *env = new_env(mdp_env_find("halfcheetah"));
    mdp_env_reset(env, 0, 0, observation);
    for (int t = 1; t <= 1000; t++) {
        mdp_env_step(env, idle, observation, &step);
        CHECK_INT(step.truncated, t == 1000);
        CHECK(!step.terminated && !step.non_finite);
        CHECK_INT(mdp_env_get_view(env)->n_steps, t);
    }
    mdp_env_reset(env, 0, 1, observation);
    mdp_env_step(env, idle, observation, &step);
    CHECK_INT(step.truncated, 0);
    mdp_env_free(env);
}

static void test_walker_falls(void) {
    const float push[6] = {1, 1, 1, -1, -1, -1};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_step step = {0};
    struct mdp_env *env = new_env(mdp_env_find("walker2d"));
    int n = 0;
    for (mdp_env_reset(env, 0, 0, observation); !mdp_step_ended(&step); n++) {
        mdp_env_step(env, push, observation, &step);
        CHECK_CLOSE(step.terms[0], step.terminated ? -1 : 1, 0);
        double sum = 0;
        for (int i = 0; i < MDP_ENV_N_TERMS; i++) sum += step.terms[i];
        CHECK(step.reward == sum);
    }
    CHECK(step.terminated && !step.truncated && n < 200);
    mdp_env_free(env);
}

static double always_alive(const struct mdp_alive_input *input) {
    (void)input;
    return 1;
}

/* any number of a table, the time limit or the alive rule makes another environment; names of bodies do not */
static void test_hash(void) {
    struct mdp_env_spec spec = *mdp_env_find("walker2d");
    struct mdp_robot robot = *spec.model;
    struct mdp_body bodies[MDP_ROBOT_MAX_BODIES];
    uint64_t want = mdp_env_spec_hash(&spec);
    memcpy(bodies, robot.bodies, sizeof bodies);
    robot.bodies = bodies;
    spec.model = &robot;
    bodies[0].name = "trunk";
    CHECK(mdp_env_spec_hash(&spec) == want);
    bodies[6].geoms[0].radius *= 1.0001f;
    CHECK(mdp_env_spec_hash(&spec) != want);
    memcpy(bodies, mdp_env_find("walker2d")->model->bodies, sizeof bodies);
    robot.power += 0.01;
    CHECK(mdp_env_spec_hash(&spec) != want);
    robot.power = mdp_env_find("walker2d")->model->power;
    spec.max_steps--;
    CHECK(mdp_env_spec_hash(&spec) != want);
    spec.max_steps++;
    CHECK(mdp_env_spec_hash(&spec) == want);
    robot.alive = always_alive;
    CHECK(mdp_env_spec_hash(&spec) != want);
    CHECK(mdp_env_spec_hash(mdp_env_find("halfcheetah")) != want);
    /* what every kept result of these robots carries */
    CHECK(mdp_env_spec_hash(mdp_env_find("halfcheetah")) == 0x2a01e395d769ec88u);
    CHECK(want == 0xd5671deee78104bcu);
    CHECK(mdp_env_spec_hash(mdp_env_find("hopper")) == 0xd6a282d7dabb52efu);
}

static void test_physics_by_name(void) {
    CHECK(mdp_physics_find(NULL) != NULL);
    CHECK(mdp_physics_find("native") == mdp_physics_find(NULL));
    CHECK(mdp_physics_find("imaginary") == NULL);
    CHECK(strncmp(mdp_env_physics_version(), "bullet-float64 3.", 17) == 0);
    mdp_env_free(NULL);
}

/* the order of a second shape's contacts is known for the torso alone */
static void test_native_refuses_other_robots(void) {
    const struct mdp_physics *native = mdp_physics_find("native");
    struct mdp_body bodies[MDP_ROBOT_MAX_BODIES];
    struct mdp_robot robot = *mdp_env_find("walker2d")->model;
    void *world = NULL;
    memcpy(bodies, robot.bodies, sizeof bodies);
    robot.bodies = bodies;
    bodies[0].geoms[1] = bodies[0].geoms[0];
    CHECK_OK(native->create(&robot, &world));
    native->destroy(world);
    bodies[2].geoms[1] = bodies[2].geoms[0];
    CHECK_FAILS(native->create(&robot, &world), MDP_E_INTERNAL,
                "body leg: expected 1 shape on all but the torso, found 2");
    bodies[2].geoms[1].kind = MDP_GEOM_NONE;
    robot.limit_order[0] = robot.limit_order[1];
    CHECK_FAILS(native->create(&robot, &world), MDP_E_INTERNAL,
                "limit order: expected each of 6 joints once, found joint 1");
    robot.n_joints = 7;
    CHECK_FAILS(native->create(&robot, &world), MDP_E_INTERNAL, "robot: expected 1 to 6 joints, found 7");
    robot.n_joints = 6;
    robot.hinge_axis[1] = 0.5f;
    CHECK_FAILS(native->create(&robot, &world), MDP_E_INTERNAL, "hinges: expected axis");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_specs),
        TAP_TEST(test_rounded_constants),
        TAP_TEST(test_masses_follow_from_shapes),
        TAP_TEST(test_reset_draws),
        TAP_TEST(test_random_policy_scores_near_reference),
        TAP_TEST(test_wrapper_clips_before_cost),
        TAP_TEST(test_action_type_decides_rounding_of_cost_only),
        TAP_TEST(test_time_limit),
        TAP_TEST(test_walker_falls),
        TAP_TEST(test_hash),
        TAP_TEST(test_physics_by_name),
        TAP_TEST(test_native_refuses_other_robots),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
