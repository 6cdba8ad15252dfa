/* task names: every pair of robot and quality, D4RL's prefix and suffix, and what is refused */
#include <stdio.h>
#include <string.h>

#include "bench/run/task.h"
#include "tests/tap.h"

static const char *const qualities[] = {"random", "medium", "medium-replay", "medium-expert", "expert"};
enum { N_QUALITIES = sizeof qualities / sizeof qualities[0] };

static void check_name(const char *text, const struct mdp_env_spec *spec, int i_quality) {
    char want[MDP_TASK_MAX];
    struct mdp_task task;
    snprintf(want, sizeof want, "%s-%s", spec->robot, qualities[i_quality]);
    CHECK_OK(mdp_task_parse(text, &task));
    CHECK(task.spec == spec);
    CHECK_INT(task.quality, i_quality);
    CHECK_STR(task.name, want);
}

/* with and without D4RL's prefix and suffix */
static void test_every_name(void) {
    char text[2 * MDP_TASK_MAX];
    for (int e = 0; mdp_env_list(e) != NULL; e++) {
        const struct mdp_env_spec *spec = mdp_env_list(e);
        for (int q = 0; q < N_QUALITIES; q++) {
            for (int form = 0; form < 4; form++) {
                if (form & 1 && spec->model == NULL) continue;
                snprintf(text, sizeof text, "%s%s-%s%s", form & 1 ? "bullet-" : "", spec->robot, qualities[q],
                         form & 2 ? "-v0" : "");
                check_name(text, spec, q);
            }
        }
    }
    CHECK_INT(MDP_QUALITY_RANDOM, 0);
    CHECK_INT(MDP_QUALITY_EXPERT, N_QUALITIES - 1);
}

static void test_refusals(void) {
    static const char *const wrong[] = {"",
                                        "-",
                                        "halfcheetah",
                                        "halfcheetah-",
                                        "-medium",
                                        "medium",
                                        "ant-medium",
                                        "halfcheetah-mediocre",
                                        "halfcheetah-medium-",
                                        "halfcheetah-medium-v1",
                                        "halfcheetah-medium-v0-v0",
                                        "halfcheetah-medium-replay-expert",
                                        "Halfcheetah-medium",
                                        "halfcheetah-Medium",
                                        " halfcheetah-medium",
                                        "halfcheetah-medium ",
                                        "halfcheetah_medium",
                                        "bullet-",
                                        "bullet-bullet-walker2d-medium",
                                        "bullet-mujoco-walker2d-medium",
                                        "mujoco-ant-medium",
                                        "-v0",
                                        "walker2d-v0",
                                        "bullet-v0"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct mdp_task task;
        char part[MDP_TASK_MAX];
        snprintf(part, sizeof part, "found '%s'", wrong[i]);
        CHECK_FAILS(mdp_task_parse(wrong[i], &task), MDP_E_USAGE, part);
    }
}

/* the message lists whatever robots there are */
static void test_message_knows_all(void) {
    struct mdp_task task;
    for (int e = 0; mdp_env_list(e) != NULL; e++)
        CHECK_FAILS(mdp_task_parse("x", &task), MDP_E_USAGE, mdp_env_list(e)->robot);
    for (int q = 0; q < N_QUALITIES; q++) CHECK_FAILS(mdp_task_parse("x", &task), MDP_E_USAGE, qualities[q]);
}

static void test_long_names(void) {
    char text[5000];
    struct mdp_task task;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    CHECK_FAILS(mdp_task_parse(text, &task), MDP_E_USAGE, "task: expected");
    memcpy(text, "walker2d-medium", 15);
    CHECK_FAILS(mdp_task_parse(text, &task), MDP_E_USAGE, "task: expected");
    memcpy(text + sizeof text - 4, "-v0", 3);
    CHECK_FAILS(mdp_task_parse(text, &task), MDP_E_USAGE, "task: expected");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_every_name),
        TAP_TEST(test_refusals),
        TAP_TEST(test_message_knows_all),
        TAP_TEST(test_long_names),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
