/* what a world's own facts refuse: the normaliser of another robot */
#include "bench/run/task.h"
#include "bench/run/world.h"
#include "tests/tap.h"

/* 17 observations and 6 actions are Walker2d's and HalfCheetah's: where the torso is on average tells them apart */
static void test_normaliser_of_another_robot(void) {
    static const struct {
        const char *task;
        int n_obs;
        double height;
        const char *message;
    } rows[] = {
        {"walker2d-medium-v2", 17, 1.2, NULL},
        {"halfcheetah-medium-v2", 17, -0.1, NULL},
        {"mujoco/halfcheetah/simple-v0", 17, 0.2, NULL},
        {"hopper-medium-v2", 11, 1.3, NULL},
        {"walker2d-medium-v2", 17, -0.1, "between 0.8 and 2, as the torso of Walker2d-v2 has, found -0.1: of another"},
        {"mujoco/halfcheetah/medium-v0", 17, 1.2,
         "between -0.7 and 0.7, as the torso of HalfCheetah-v5 has, found 1.2"},
        {"hopper-medium-v2", 11, 0.1, "between 0.7 and inf, as the torso of Hopper-v2 has, found 0.1"},
        {"halfcheetah-medium", 26, 5, NULL}, /* Bullet's observations are scaled */
        {"walker2d-medium-v2", 16, 9, NULL}, /* sizes are refused elsewhere */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mdp_normalizer normalizer = {.n = rows[i].n_obs, .mean = {rows[i].height}};
        struct mdp_task task;
        CHECK_OK(mdp_task_parse(rows[i].task, &task));
        mdp_err err = mdp_world_check_normalizer(task.spec, "moments.json", &normalizer);
        if (rows[i].message == NULL)
            CHECK_OK(err);
        else
            CHECK_FAILS(err, MDP_E_DATA, rows[i].message);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_normaliser_of_another_robot)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
