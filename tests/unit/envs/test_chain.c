/* the planar chain: poses, accelerations and answers to impulses obey mechanics; tests/conform compares it with Bullet
 */
#include <math.h>
#include <string.h>

#include "envs/env.h"
#include "envs/physics/chain.h"
#include "tests/tap.h"

enum { N_DOF = MDP_ENV_MAX_DOF, FOOT = 4 };

static const double h = 0.0165 / 4, quarter = 1.5707963267948966;
static const double some_pose[N_DOF] = {0.3, 0.1, 0.4, -0.5, 0.3, -0.2, -0.7, 0.6, 0.25};

/* a robot's chain at some positions and velocities, after forces without torques have acted */
struct scene {
    struct mdp_chain chain;
    struct mdp_pose pose;
    struct mdp_chain_cache cache;
    double qvel[N_DOF];
};

static struct scene set_scene(const char *robot, const double *qpos, const double *torques) {
    static const double none[MDP_ENV_MAX_JOINTS] = {0};
    struct scene s;
    memset(&s, 0, sizeof s);
    CHECK_OK(mdp_chain_init(mdp_env_find(robot)->model, &s.chain));
    mdp_chain_place(&s.chain, qpos, &s.pose);
    mdp_chain_accelerate(&s.chain, &s.pose, torques ? torques : none, h, s.qvel, &s.cache);
    return s;
}

static void check_at(struct mdp_vec2 got, double x, double z) {
    CHECK_CLOSE(got.x, x, 1e-7);
    CHECK_CLOSE(got.z, z, 1e-7);
}

static void test_poses(void) {
    double qpos[N_DOF] = {0};
    struct scene s = set_scene("walker2d", qpos, NULL);
    check_at(s.pose.com[1], 0, 1.25);
    check_at(s.pose.hinge[2], 0, 1.05);
    check_at(s.pose.com[FOOT], 0.1, 0.1);
    CHECK_INT(s.chain.n_path[FOOT], 4);
    CHECK_INT(s.chain.path[7][3], 7);
    s = set_scene("halfcheetah", qpos, NULL);
    check_at(s.pose.com[1], 0, 0.7);
    check_at(s.pose.com[FOOT], -0.5 + 0.16 - 0.28, 0.7 - 0.25 - 0.14);

    /* the slider moves all; a quarter turn forward sends what was up to the front */
    qpos[0] = 2;
    qpos[1] = 0.5;
    qpos[2] = quarter;
    s = set_scene("halfcheetah", qpos, NULL);
    check_at(s.pose.com[1], 2, 1.2);
    check_at(s.pose.com[2], 2, 1.2 + 0.5);
    check_at(mdp_turn_apply(s.pose.world[1], (struct mdp_vec2){0, 1}), 1, 0);
    /* walker hinges turn the other way: a positive thigh angle brings the foot forward */
    memset(qpos, 0, sizeof qpos);
    qpos[3] = quarter;
    s = set_scene("walker2d", qpos, NULL);
    check_at(s.pose.com[2], 0.225, 1.05);
}

/* at rest, without torques, everything falls alike whatever the pose */
static void test_free_fall(void) {
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        struct scene s = set_scene(mdp_env_list(e)->robot, some_pose, NULL);
        for (int d = 0; d < N_DOF; d++) CHECK_CLOSE(s.qvel[d], d == 1 ? -9.8 * h : 0, 1e-13);
    }
}

/* the jacobian is the derivative of where a point of the foot is */
static void test_jacobian(void) {
    const double eps = 1e-6;
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        struct scene s = set_scene(mdp_env_list(e)->robot, some_pose, NULL);
        const struct mdp_vec2 local = {0.05, -0.08}, arm = mdp_turn_apply(s.pose.world[FOOT], local);
        const struct mdp_vec2 point = {s.pose.com[FOOT].x + arm.x, s.pose.com[FOOT].z + arm.z};
        mdp_pair jacobian[MDP_ENV_MAX_DOF];
        mdp_chain_jacobian(&s.chain, &s.pose, &s.cache, FOOT, point, jacobian);
        for (int d = 0; d < 6; d++) {
            double qpos[N_DOF];
            struct mdp_pose moved;
            memcpy(qpos, some_pose, sizeof qpos);
            qpos[d] += eps;
            mdp_chain_place(&s.chain, qpos, &moved);
            struct mdp_vec2 now = mdp_turn_apply(moved.world[FOOT], local);
            CHECK_CLOSE((now.z + moved.com[FOOT].z - point.z) / eps, jacobian[d][0], 1e-5);
            CHECK_CLOSE((now.x + moved.com[FOOT].x - point.x) / eps, jacobian[d][1], 1e-5);
        }
    }
}

/* answers are columns of the inverse of one mass matrix: symmetric, positive, and what torques do as well */
static void test_responses(void) {
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        struct scene s = set_scene(mdp_env_list(e)->robot, some_pose, NULL);
        double a[6][N_DOF];
        for (int d = 0; d < 6; d += 2) {
            mdp_pair impulses[MDP_ENV_MAX_DOF] = {{0}}, responses[N_DOF];
            impulses[d][0] = impulses[d + 1][1] = 1;
            mdp_chain_respond(&s.chain, &s.pose, &s.cache, FOOT, impulses, responses);
            for (int k = 0; k < N_DOF; k++) {
                a[d][k] = responses[k][0];
                a[d + 1][k] = responses[k][1];
            }
        }
        for (int i = 0; i < 6; i++) {
            CHECK(a[i][i] > 0);
            for (int k = 0; k < i; k++) CHECK_CLOSE(a[i][k], a[k][i], 1e-12 * (1 + fabs(a[i][k])));
        }
        const double torques[MDP_ENV_MAX_JOINTS] = {0, 0, 7};
        struct scene driven = set_scene(mdp_env_list(e)->robot, some_pose, torques);
        for (int k = 0; k < N_DOF; k++) CHECK_CLOSE(driven.qvel[k] - s.qvel[k], a[5][k] * 7 * h, 1e-11);
    }
}

/* linear and angular damping take energy out of a body that moves */
static void test_damping(void) {
    static const double none[MDP_ENV_MAX_JOINTS] = {0};
    struct scene s = set_scene("halfcheetah", some_pose, NULL);
    double fast[N_DOF] = {10}, faster[N_DOF] = {20};
    mdp_chain_accelerate(&s.chain, &s.pose, none, h, fast, &s.cache);
    mdp_chain_accelerate(&s.chain, &s.pose, none, h, faster, &s.cache);
    CHECK_CLOSE(10 - fast[0], h * 10 * (0.04 + 0.04 * 10), 1e-6);
    CHECK_CLOSE(20 - faster[0], h * 20 * (0.04 + 0.04 * 20), 1e-6);
}

static void test_kick_is_bounded(void) {
    double qvel[N_DOF] = {90, -90, 1};
    const double change[N_DOF] = {20, -20, 2};
    mdp_chain_kick(change, qvel);
    CHECK_CLOSE(qvel[0], 100, 0);
    CHECK_CLOSE(qvel[1], -100, 0);
    CHECK_CLOSE(qvel[2], 3, 0);
}

static void test_refuses_what_is_not_planar(void) {
    struct mdp_body bodies[MDP_ROBOT_MAX_BODIES];
    struct mdp_robot robot = *mdp_env_find("walker2d")->model;
    struct mdp_chain chain;
    memcpy(bodies, robot.bodies, sizeof bodies);
    robot.bodies = bodies;
    CHECK_OK(mdp_chain_init(&robot, &chain));
    robot.hinge_axis[0] = 0.6f;
    CHECK_FAILS(mdp_chain_init(&robot, &chain), MDP_E_INTERNAL,
                "hinges: expected axis (0, 1, 0) or (0, -1, 0), found (0.6");
    robot.hinge_axis[0] = 0;
    robot.root[1] = 1;
    CHECK_FAILS(mdp_chain_init(&robot, &chain), MDP_E_INTERNAL, "root: expected y = 0, found 1");
    robot.root[1] = 0;
    bodies[3].com[1] = -0.25;
    CHECK_FAILS(mdp_chain_init(&robot, &chain), MDP_E_INTERNAL,
                "body foot: expected all of it at y = 0, found it 0.25 off");
    bodies[3].com[1] = 0;
    bodies[2].parent = 3;
    CHECK_FAILS(mdp_chain_init(&robot, &chain), MDP_E_INTERNAL, "body leg: expected a parent before it, found body 3");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_poses),
        TAP_TEST(test_free_fall),
        TAP_TEST(test_jacobian),
        TAP_TEST(test_responses),
        TAP_TEST(test_damping),
        TAP_TEST(test_kick_is_bounded),
        TAP_TEST(test_refuses_what_is_not_planar),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
