/* worlds in lanes have the bits of worlds one by one: any robot, width and number of worlds, whatever they go through.
 * MDPBENCH_TEST_LANE_STEPS: steps a robot and width instead of the few of a build's tests */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/env.h"
#include "envs/physics/planar_body.h"
#include "envs/physics/world.h"
#include "tests/tap.h"

enum { MAX_WORLDS = MDP_ENV_AT_ONCE, N_DOF = MDP_ENV_MAX_DOF };

static const char *const widths[] = {"native", "native-avx2", "native-avx512"};
enum { N_WIDTHS = sizeof widths / sizeof widths[0] };

/* as many worlds of two physics, and what has touched the floor in any of them */
struct pair {
    const struct mdp_physics *physics[2];
    void *worlds[2][MAX_WORLDS];
    int n, has_touched[MDP_ROBOT_MAX_BODIES];
    long n_mixed; /* steps in which worlds differed in how many bodies touched */
};

static long n_steps_wanted(long few) {
    const char *text = getenv("MDPBENCH_TEST_LANE_STEPS");
    return text != NULL && text[0] != 0 ? strtol(text, NULL, 10) : few;
}

/* what this machine cannot run is said and left out */
static const struct mdp_physics *find_width(int i) {
    const struct mdp_physics *physics = mdp_physics_find(widths[i]);
    CHECK(physics != NULL);
    if (physics->check == NULL || physics->check() == MDP_OK) return physics;
    fprintf(stderr, "%s is left out: %s\n", widths[i], mdp_err_message());
    return NULL;
}

static void open_pair(const struct mdp_robot *robot, const struct mdp_physics *lanes, int n, struct pair *pair) {
    memset(pair, 0, sizeof *pair);
    pair->physics[0] = mdp_physics_find("native-one");
    pair->physics[1] = lanes;
    pair->n = n;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < n; i++) CHECK_OK(pair->physics[k]->create(robot, &pair->worlds[k][i]));
}

static void close_pair(struct pair *pair) {
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < pair->n; i++) pair->physics[k]->destroy(pair->worlds[k][i]);
}

static double between(struct mdp_rng *rng, double low, double high) {
    return low + (high - low) * mdp_rng_uniform(rng);
}

static void reset(struct pair *pair, int i, const struct mdp_robot *robot, struct mdp_rng *rng) {
    double qpos[N_DOF] = {0};
    for (int d = 3; d < mdp_robot_n_dof(robot); d++) qpos[d] = between(rng, -0.1, 0.1);
    for (int k = 0; k < 2; k++) pair->physics[k]->reset(pair->worlds[k][i], qpos);
}

/* anywhere: upside down, through the floor, beyond its limits, as fast as it gets; rarely not a number */
static void put_anywhere(struct pair *pair, int i, const struct mdp_robot *robot, struct mdp_rng *rng) {
    double qpos[N_DOF], qvel[N_DOF], odd[] = {NAN, INFINITY, 1e300, -1e7};
    for (int d = 0; d < mdp_robot_n_dof(robot); d++) {
        qpos[d] = d == 1 ? between(rng, -1.5, 0.5) : between(rng, -3.2, 3.2);
        qvel[d] = between(rng, -100, 100);
    }
    if (mdp_rng_uniform(rng) < 0.1) qpos[(int)between(rng, 0, 3)] = odd[(int)between(rng, 0, 4)];
    for (int k = 0; k < 2; k++) pair->physics[k]->set_joints(pair->worlds[k][i], qpos, qvel);
}

/* the same state in every bit, or NaN in the same places, whose sign and payload mean nothing */
static void check_state(struct pair *pair, int i, int n_bodies, int *n_touching) {
    struct mdp_world_state states[2];
    memset(states, 0, sizeof states);
    for (int k = 0; k < 2; k++) pair->physics[k]->read(pair->worlds[k][i], &states[k]);
    CHECK(memcmp(&states[0], &states[1], sizeof states[0]) == 0);
    *n_touching = 0;
    for (int b = 0; b < n_bodies; b++) {
        pair->has_touched[b] |= states[0].in_contact[b];
        *n_touching += states[0].in_contact[b];
    }
}

/* torques of noise, held noise and full swings, of each world its own */
static void draw_torques(const struct mdp_robot *robot, struct mdp_rng *rng, int i, long t, double *torques) {
    if (i % 3 == 1 && t % 15 != 0) return;
    for (int j = 0; j < robot->n_joints; j++) {
        double a = between(rng, -1, 1);
        if (i % 3 == 2) a = a < 0 ? -1 : 1;
        torques[j] = robot->power * robot->power_coef[j] * a;
    }
}

static void step_both(struct pair *pair, const double (*torques)[MDP_ENV_MAX_JOINTS]) {
    for (int i = 0; i < pair->n; i++) pair->physics[0]->step(pair->worlds[0][i], torques[i]);
    pair->physics[1]->step_many(pair->n, pair->worlds[1], torques);
}

/* n_steps of each of n worlds; some begin again and some are put anywhere while the others go on */
static void compare(const struct mdp_robot *robot, const struct mdp_physics *lanes, int n, long n_steps,
                    struct pair *pair) {
    struct mdp_rng rng = mdp_rng_stream(11, MDP_RNG_EXPLORE, (uint32_t)n, 0);
    double torques[MAX_WORLDS][MDP_ENV_MAX_JOINTS] = {{0}};
    open_pair(robot, lanes, n, pair);
    for (int i = 0; i < n; i++) reset(pair, i, robot, &rng);
    for (long t = 0; t < n_steps; t++) {
        int n_touching, n_of_first = 0, is_mixed = 0;
        for (int i = 0; i < n; i++) {
            const double chance = mdp_rng_uniform(&rng);
            draw_torques(robot, &rng, i, t, torques[i]);
            if (chance < 0.002) reset(pair, i, robot, &rng);
            if (chance > 0.998) put_anywhere(pair, i, robot, &rng);
        }
        step_both(pair, (const double(*)[MDP_ENV_MAX_JOINTS])torques);
        for (int i = 0; i < n; i++) {
            check_state(pair, i, mdp_robot_n_bodies(robot), &n_touching);
            if (i == 0) n_of_first = n_touching;
            is_mixed |= n_touching != n_of_first;
        }
        pair->n_mixed += is_mixed;
    }
    close_pair(pair);
}

static void test_any_number_of_worlds(void) {
    static struct pair pair;
    for (int e = 0; mdp_env_list(e)->model != NULL; e++)
        for (int w = 0; w < N_WIDTHS; w++)
            for (int n = 1; n <= MAX_WORLDS && find_width(w) != NULL; n++)
                compare(mdp_env_list(e)->model, find_width(w), n, 40, &pair);
}

/* long enough that robots fall, lie and roll: every body touches the floor, and worlds differ in which do */
static void test_many_steps(void) {
    static struct pair pair;
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        const struct mdp_robot *robot = mdp_env_list(e)->model;
        for (int w = 0; w < N_WIDTHS; w++) {
            const long n_steps = n_steps_wanted(12000) / 16;
            if (find_width(w) == NULL) continue;
            compare(robot, find_width(w), 16, n_steps, &pair);
            fprintf(stderr, "%s %s: %ld steps, %ld with unlike worlds\n", widths[w], mdp_env_list(e)->id, 16 * n_steps,
                    16 * pair.n_mixed);
            for (int b = 0; b < mdp_robot_n_bodies(robot); b++) CHECK(pair.has_touched[b]);
            CHECK(pair.n_mixed > n_steps / 2);
        }
    }
}

/* a body with three bodies on it is no robot on legs: its worlds are stepped one by one, with the same bits */
static void test_other_trees(void) {
    static struct pair pair;
    const struct mdp_robot *whole = mdp_env_find("halfcheetah")->model;
    struct mdp_body bodies[1 + MDP_ENV_MAX_JOINTS];
    struct mdp_robot robot = *whole;
    memcpy(bodies, whole->bodies, sizeof bodies);
    for (int i = 1; i < mdp_robot_n_bodies(whole); i++) bodies[i].parent = i < 4 ? 0 : 1;
    robot.bodies = bodies;
    for (int w = 0; w < N_WIDTHS; w++)
        if (find_width(w) != NULL) compare(&robot, find_width(w), 9, 100, &pair);
}

/* ---- contacts ---- */

/* kept points around a shape, some of them on it */
static struct mdp_manifold draw_manifold(struct mdp_rng *rng, double breaking) {
    struct mdp_manifold m = {.n_points = (int)between(rng, 0, MDP_CONTACT_MAX_POINTS + 1)};
    for (int i = 0; i < m.n_points; i++) {
        const struct mdp_vec2 local = {between(rng, -0.1, 0.1), -0.06 + between(rng, -breaking, breaking)};
        m.points[i] = (struct mdp_contact){local, local.x + between(rng, -1.1, 1.1) * breaking, {0, 0}};
    }
    return m;
}

/* the source of lanes, compiled here for one, against the contacts of one world: full shapes, which robots that move
 * seldom have, make room in the same way */
static void test_contacts_of_any_history(void) {
    struct mdp_rng rng = mdp_rng_stream(12, MDP_RNG_EXPLORE, 0, 0);
    int n_full = 0, n_left[MDP_CONTACT_MAX_POINTS + 1] = {0};
    struct mdp_hull foot;
    mdp_hull_init(&mdp_env_find("walker2d")->model->bodies[3], &foot);
    for (int t = 0; t < 200000; t++) {
        struct mdp_manifold one = draw_manifold(&rng, foot.breaking);
        struct mdp_planar_touch lane = {.n_points = one.n_points};
        const double angle = between(&rng, -0.02, 0.02), height = 0.06 + between(&rng, -0.2, 1.2) * foot.breaking;
        const struct mdp_turn world = {cos(angle), sin(angle)};
        const struct mdp_vec2 com = {between(&rng, -0.5, 0.5) * foot.breaking, height};
        memcpy(lane.points, one.points, sizeof lane.points);
        n_full += one.n_points == MDP_CONTACT_MAX_POINTS;
        mdp_hull_touch(&foot, world, com, &one);
        touch_hull(&foot, world, com, &lane);
        CHECK(lane.n_points == one.n_points);
        CHECK(memcmp(lane.points, one.points, sizeof *one.points * (size_t)one.n_points) == 0);
        n_left[one.n_points]++;
    }
    CHECK(n_full > 10000);
    for (int n = 0; n <= MDP_CONTACT_MAX_POINTS; n++) CHECK(n_left[n] > 1000);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_any_number_of_worlds),
        TAP_TEST(test_many_steps),
        TAP_TEST(test_other_trees),
        TAP_TEST(test_contacts_of_any_history),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
