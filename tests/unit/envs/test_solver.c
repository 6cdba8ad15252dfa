/* rows of limits and contacts: what speeds they leave, and within which bounds */
#include <math.h>
#include <string.h>

#include "envs/env.h"
#include "envs/physics/solver.h"
#include "tests/tap.h"

enum { N_DOF = MDP_ENV_MAX_DOF, FOOT = 4 };

static const double h = 0.0165 / 4;

/* the walker, upright, with all that rows need */
struct scene {
    struct mdp_chain chain;
    struct mdp_pose pose;
    struct mdp_chain_cache cache;
    double qpos[N_DOF], qvel[N_DOF];
    struct mdp_solver solver;
};

static struct mdp_solver_input input(const struct scene *s) {
    return (struct mdp_solver_input){&s->chain, &s->pose, &s->cache, s->qpos, s->qvel, h};
}

static void set_scene(struct scene *s) {
    static const double torques[MDP_ENV_MAX_JOINTS] = {0};
    memset(s, 0, sizeof *s);
    CHECK_OK(mdp_chain_init(mdp_env_find("walker2d")->model, &s->chain));
    mdp_chain_place(&s->chain, s->qpos, &s->pose);
    mdp_chain_accelerate(&s->chain, &s->pose, torques, h, s->qvel, &s->cache);
    mdp_solver_clear(&s->solver);
}

/* how fast the heel, at the floor, moves up and forward */
static void heel_speed(const struct scene *s, struct mdp_vec2 heel, double *up, double *forward) {
    mdp_pair jacobian[MDP_ENV_MAX_DOF], sum = {0};
    mdp_chain_jacobian(&s->chain, &s->pose, &s->cache, FOOT, heel, jacobian);
    for (int d = 0; d < 6; d++) sum += jacobian[d] * s->qvel[d];
    *up = sum[0];
    *forward = sum[1];
}

static void test_limit(void) {
    static const struct {
        double q, want_speed; /* of the hinge, away from the limit at 0 */
    } cases[] = {{-0.1, 0}, {0, 0}, {0.01, 0.2 * 0.01 / (0.0165 / 4)}, {0.05, 0}};
    for (int side = -1; side <= 1; side += 2)
        for (int i = 0; i < 4; i++) {
            struct scene s;
            set_scene(&s);
            const double range[2] = {side > 0 ? -1 : 0, side > 0 ? 0 : 1};
            s.qpos[5] = side * cases[i].q;
            s.qvel[5] = side * 2.0;
            const struct mdp_solver_input in = input(&s);
            mdp_solver_add_limit(&s.solver, &in, FOOT, range);
            CHECK_INT(s.solver.n_limits, i > 0);
            mdp_solver_run(&s.solver, s.qvel);
            CHECK_CLOSE(side * s.qvel[5], i == 0 ? 2.0 : -cases[i].want_speed, 1e-9);
        }
}

/* a limit only pushes, and with at most 100 N m s */
static void test_limit_bounds(void) {
    struct scene s;
    const double range[2] = {0, 1};
    set_scene(&s);
    s.qvel[5] = 90;
    struct mdp_solver_input in = input(&s);
    mdp_solver_add_limit(&s.solver, &in, FOOT, range);
    mdp_solver_run(&s.solver, s.qvel);
    CHECK_CLOSE(s.qvel[5], 90, 0);
    CHECK_CLOSE(s.solver.limits[0].impulse, 0, 0);

    set_scene(&s);
    s.qvel[5] = -1e6;
    in = input(&s);
    mdp_solver_add_limit(&s.solver, &in, FOOT, range);
    mdp_solver_run(&s.solver, s.qvel);
    CHECK_CLOSE(s.solver.limits[0].impulse, 100, 0);
}

/* a point above the floor may approach so far that it arrives; one below is sent up by 0.9 of its depth */
static void test_contact_speed(void) {
    static const double heights[] = {0.004, -0.01};
    for (int i = 0; i < 2; i++) {
        struct scene s;
        double up, forward, distance = heights[i] + 1e-5;
        set_scene(&s);
        s.qvel[1] = -3;
        const struct mdp_vec2 heel = {0, heights[i]};
        const struct mdp_solver_input in = input(&s);
        mdp_solver_add_contact(&s.solver, &in, FOOT, heel);
        mdp_solver_run(&s.solver, s.qvel);
        heel_speed(&s, heel, &up, &forward);
        /* five sweeps over two rows that act on each other */
        CHECK_CLOSE(up, distance > 0 ? -distance / h : -0.9 * distance / h, 0.02);
        CHECK_CLOSE(forward, 0, 0.02);
    }
}

/* friction is at most 0.64 of the push, and a contact never pulls */
static void test_friction_bound(void) {
    struct scene s;
    set_scene(&s);
    s.qvel[0] = 50;
    s.qvel[1] = -1;
    struct mdp_solver_input in = input(&s);
    mdp_solver_add_contact(&s.solver, &in, FOOT, (struct mdp_vec2){0, 0});
    mdp_solver_run(&s.solver, s.qvel);
    double push = s.solver.normals[0].impulse;
    CHECK(push > 0);
    CHECK_CLOSE(s.solver.frictions[0].impulse, -(double)0.8f * 0.8 * push, 1e-12 * push);

    set_scene(&s);
    s.qvel[1] = 5;
    double before[N_DOF];
    memcpy(before, s.qvel, sizeof before);
    in = input(&s);
    mdp_solver_add_contact(&s.solver, &in, FOOT, (struct mdp_vec2){0, 0});
    mdp_solver_run(&s.solver, s.qvel);
    CHECK(memcmp(before, s.qvel, sizeof before) == 0);
}

static void test_nothing_to_do(void) {
    struct scene s;
    set_scene(&s);
    double before[N_DOF];
    memcpy(before, s.qvel, sizeof before);
    mdp_solver_run(&s.solver, s.qvel);
    CHECK(memcmp(before, s.qvel, sizeof before) == 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_limit),          TAP_TEST(test_limit_bounds),  TAP_TEST(test_contact_speed),
        TAP_TEST(test_friction_bound), TAP_TEST(test_nothing_to_do),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
