/* contact points of a body with the floor: when they come, move, go and make room */
#include <math.h>
#include <string.h>

#include "envs/env.h"
#include "envs/physics/contact.h"
#include "tests/tap.h"

enum { TORSO = 0, FOOT = 3 };

static struct mdp_hull hull_of(const char *robot, int i_body) {
    struct mdp_hull hull;
    mdp_hull_init(&mdp_env_find(robot)->model->bodies[i_body], &hull);
    return hull;
}

static struct mdp_turn turned(double angle) { return (struct mdp_turn){cos(angle), sin(angle)}; }

/* Bullet's own numbers for the same shapes */
static void test_breaking_distances(void) {
    static const double cheetah[] = {0.016807063208023106,  0.0080852946028897952, 0.0079044609995255824,
                                     0.0055208839174308915, 0.0072718203983538733, 0.0062387995810085448,
                                     0.0049890705971455743};
    static const double walker[] = {0.0063340359442274124, 0.0067948503502889002, 0.0069771056033253965,
                                    0.0048989794660995612, 0.0067948503502889002, 0.0069771056033253965,
                                    0.0048989794660995612};
    for (int i = 0; i < 7; i++) {
        CHECK_CLOSE(hull_of("halfcheetah", i).breaking, cheetah[i], 0);
        CHECK_CLOSE(hull_of("walker2d", i).breaking, walker[i], 0);
    }
    for (int i = 0; i < FOOT; i++) CHECK_CLOSE(hull_of("hopper", i).breaking, walker[i], 0);
    CHECK_CLOSE(hull_of("hopper", FOOT).breaking, 0.00654, 5e-6);
    CHECK_INT(hull_of("halfcheetah", TORSO).n_shapes, 2);
    CHECK_INT(hull_of("walker2d", TORSO).n_shapes, 1);
}

/* a foot comes down flat: nothing, then one end touches; it keeps the point while it is close, and forgets it */
static void test_comes_and_goes(void) {
    const struct mdp_hull foot = hull_of("walker2d", FOOT);
    const struct mdp_turn flat = turned(0);
    struct mdp_manifold m = {0};
    mdp_hull_touch(&foot, flat, (struct mdp_vec2){3, 1}, &m);
    CHECK_INT(m.n_points, 0);
    mdp_hull_touch(&foot, flat, (struct mdp_vec2){3, 0.06 + foot.breaking + 1e-6}, &m);
    CHECK_INT(m.n_points, 0);
    mdp_hull_touch(&foot, flat, (struct mdp_vec2){3, 0.06 + 0.001}, &m);
    CHECK_INT(m.n_points, 1);
    CHECK_CLOSE(m.points[0].point.z, 0.001, 1e-8);
    CHECK_CLOSE(fabs(m.points[0].point.x - 3), 0.1, 1e-8);
    mdp_hull_touch(&foot, flat, (struct mdp_vec2){3 + 0.5 * foot.breaking, 0.05}, &m);
    CHECK_INT(m.n_points, 1);
    CHECK_CLOSE(m.points[0].point.z, -0.01, 1e-8);
    mdp_hull_touch(&foot, flat, (struct mdp_vec2){3, 0.06 + 1.1 * foot.breaking}, &m);
    CHECK_INT(m.n_points, 0);
}

/* tipped to the other end, a foot has two points; sliding on makes both leave and the low end touch anew */
static void test_two_ends_and_sliding(void) {
    const struct mdp_hull foot = hull_of("walker2d", FOOT);
    struct mdp_manifold m = {0};
    mdp_hull_touch(&foot, turned(0.01), (struct mdp_vec2){0, 0.06}, &m);
    mdp_hull_touch(&foot, turned(-0.01), (struct mdp_vec2){0, 0.06}, &m);
    CHECK_INT(m.n_points, 2);
    CHECK(m.points[0].point.x * m.points[1].point.x < 0);
    mdp_hull_touch(&foot, turned(-0.01), (struct mdp_vec2){2 * foot.breaking, 0.06}, &m);
    CHECK_INT(m.n_points, 1);
    CHECK_CLOSE(m.points[0].floor_x, m.points[0].point.x, 1e-12);
}

/* four points by hand around a shape whose lowest point is new: the deepest stays, and the largest area */
static void test_full_manifold_makes_room(void) {
    const struct mdp_hull foot = hull_of("walker2d", FOOT);
    const double b = foot.breaking;
    static const double x[4] = {-0.04, -0.02, 0.02, 0.03};
    for (int deepest = 0; deepest < 4; deepest++) {
        struct mdp_manifold m = {.n_points = 4};
        for (int i = 0; i < 4; i++) {
            m.points[i].local = (struct mdp_vec2){x[i], -0.06 + (i == deepest ? -0.01 : 0.1 * b * (i + 1))};
            m.points[i].floor_x = x[i];
        }
        const struct mdp_manifold before = m;
        mdp_hull_touch(&foot, turned(0.001), (struct mdp_vec2){0, 0.06}, &m);
        CHECK_INT(m.n_points, 4);
        int n_changed = 0;
        for (int i = 0; i < 4; i++)
            n_changed += memcmp(&m.points[i].local, &before.points[i].local, sizeof m.points[i].local) != 0;
        CHECK_INT(n_changed, 1);
        CHECK(memcmp(&m.points[deepest].local, &before.points[deepest].local, sizeof m.points[0].local) == 0);
    }
}

/* a point within the breaking distance of a kept one takes its place */
static void test_near_point_replaces(void) {
    const struct mdp_hull foot = hull_of("walker2d", FOOT);
    struct mdp_manifold m = {0};
    for (int t = 0; t < 20; t++) {
        mdp_hull_touch(&foot, turned(0.1 + 0.001 * t), (struct mdp_vec2){0, 0.065}, &m);
        CHECK_INT(m.n_points, 1);
    }
}

/* a state that is not a number leaves no point and no harm */
static void test_not_a_number(void) {
    const struct mdp_hull torso = hull_of("halfcheetah", TORSO);
    struct mdp_manifold m[2] = {{.n_points = 4}, {.n_points = 1}};
    mdp_hull_touch(&torso, turned(NAN), (struct mdp_vec2){NAN, NAN}, m);
    CHECK_INT(m[0].n_points, 0);
    CHECK_INT(m[1].n_points, 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_breaking_distances),   TAP_TEST(test_comes_and_goes),
        TAP_TEST(test_two_ends_and_sliding), TAP_TEST(test_full_manifold_makes_room),
        TAP_TEST(test_near_point_replaces),  TAP_TEST(test_not_a_number),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
