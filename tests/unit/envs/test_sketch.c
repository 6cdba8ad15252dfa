/* shapes for pictures: they stand on the floor, where the physics has them stand. */
#include <math.h>

#include "envs/env.h"
#include "tests/tap.h"

static double lowest(const struct mdp_env_spec *spec, const double *qpos, int *n) {
    struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
    double low = INFINITY;
    *n = mdp_env_sketch(spec, qpos, shapes);
    for (int i = 0; i < *n; i++) low = fmin(low, fmin(shapes[i].from[1], shapes[i].to[1]) - shapes[i].radius);
    return low;
}

/* a robot that does nothing falls or sinks until it lies: then some shape touches the floor, and none is much below, as
 * contacts of both engines give way by some millimetres */
static void test_they_lie_on_the_floor(void) {
    int n_seen = 0;
    for (int i = 0; mdp_env_list(i) != NULL; i++) {
        const struct mdp_env_spec *spec = mdp_env_list(i);
        const float still[MDP_ENV_MAX_ACT] = {0};
        float observation[MDP_ENV_MAX_OBS];
        struct mdp_env *env;
        struct mdp_step step;
        int n;
        if (mdp_env_new(spec, &env) != MDP_OK) continue;
        n_seen++;
        mdp_env_reset(env, 1, 0, observation);
        double low = lowest(spec, mdp_env_get_view(env)->qpos, &n);
        CHECK(n >= mdp_env_n_dof(spec) - 2);
        CHECK(low > -0.02 && low < 0.3);
        for (int k = 0; k < 300; k++) mdp_env_step(env, still, observation, &step);
        low = lowest(spec, mdp_env_get_view(env)->qpos, &n);
        if (!(fabs(low) < 0.02)) printf("# %s: lowest point at %.4f m\n", spec->id, low);
        CHECK(fabs(low) < 0.02);
        mdp_env_free(env);
    }
    CHECK(n_seen >= 3);
}

static void test_steps_take_time(void) {
    CHECK_CLOSE(mdp_env_step_seconds(mdp_env_find("HopperBullet-v0")), 0.0165, 0);
    CHECK_CLOSE(mdp_env_step_seconds(mdp_env_find("Hopper-v4")), 0.008, 1e-15);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_they_lie_on_the_floor), TAP_TEST(test_steps_take_time)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
