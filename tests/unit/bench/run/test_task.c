/* task names: every pair of robot and quality, D4RL's prefix and suffix, and what is refused */
#include <stdio.h>
#include <string.h>

#include "bench/run/task.h"
#include "tests/tap.h"

static const char *const qualities[] = {"random", "medium",      "medium-replay", "medium-expert",
                                        "expert", "full-replay", "simple"};
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

/* ours, D4RL's, Minari's; %r the robot, %q the quality */
static const struct {
    const char *pattern, *robots;
} names[] = {
    {"%r-%q", ""},
    {"bullet-%r-%q", ""},
    {"bullet-%r-%q-v0", ""},
    {"mujoco-%r-%q", "mujoco-"},
    {"mujoco-%r-%q-v0", "mujoco-"},
    {"mujoco-%r-%q-v2", "mujoco-"},
    {"%r-%q-v1", "mujoco-"},
    {"%r-%q-v2", "mujoco-"},
    {"mujoco-v4-%r-%q", "mujoco-v4-"},
    {"mujoco-v5-%r-%q", "mujoco-v5-"},
    {"mujoco/%r/%q-v0", "mujoco-v5-"},
};
static const char *const robots[] = {"halfcheetah", "walker2d", "hopper"};

static void fill(const char *pattern, const char *robot, const char *quality, char text[2 * MDP_TASK_MAX]) {
    text[0] = 0;
    for (const char *c = pattern; *c != 0; c++) {
        size_t n = strlen(text);
        if (*c == '%')
            snprintf(text + n, 2 * MDP_TASK_MAX - n, "%s", *++c == 'r' ? robot : quality);
        else
            snprintf(text + n, 2 * MDP_TASK_MAX - n, "%c", *c);
    }
}

static void test_every_name(void) {
    char text[2 * MDP_TASK_MAX], robot[MDP_TASK_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t r = 0; r < sizeof robots / sizeof *robots; r++)
            for (int q = 0; q < N_QUALITIES; q++) {
                fill(names[i].pattern, robots[r], qualities[q], text);
                snprintf(robot, sizeof robot, "%s%s", names[i].robots, robots[r]);
                printf("# %s\n", text);
                check_name(text, mdp_env_find(robot), q);
            }
    /* each robot of the list by the name that results have */
    for (int e = 0; mdp_env_list(e) != NULL; e++) {
        snprintf(text, sizeof text, "%s-medium", mdp_env_list(e)->robot);
        check_name(text, mdp_env_list(e), MDP_QUALITY_MEDIUM);
    }
    CHECK_INT(MDP_QUALITY_RANDOM, 0);
    CHECK_INT(MDP_QUALITY_SIMPLE, N_QUALITIES - 1);
}

/* what names of D4RL mean: the world of its data, its wrapper, and its scores; Minari's act raw */
static void test_worlds_of_names(void) {
    static const struct {
        const char *text, *id, *reference;
        int is_wrapped;
    } rows[] = {{"halfcheetah-medium-v2", "HalfCheetah-v2", "halfcheetah", 1},
                {"hopper_medium_expert-v1", "Hopper-v2", "hopper", 1},
                {"walker2d_full_replay-v2", "Walker2d-v2", "walker2d", 1},
                {"mujoco-walker2d-medium", "Walker2d-v2", "walker2d", 1},
                {"mujoco/halfcheetah/simple-v0", "HalfCheetah-v5", "halfcheetah", 0},
                {"bullet-hopper-medium-v0", "HopperBullet-v0", "bullet-hopper", 0},
                {"hopper-medium", "HopperBullet-v0", "bullet-hopper", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mdp_task task;
        CHECK_OK(mdp_task_parse(rows[i].text, &task));
        CHECK_STR(task.spec->id, rows[i].id);
        CHECK_STR(task.spec->reference, rows[i].reference);
        if (task.spec->gym != NULL) CHECK_INT(task.spec->is_wrapped, rows[i].is_wrapped);
    }
}

/* D4RL has this name of both, and it is no label either */
static void test_name_of_two_worlds(void) {
    struct mdp_task task;
    CHECK_FAILS(mdp_task_parse("halfcheetah-medium-v0", &task), MDP_E_USAGE,
                "task: expected bullet-halfcheetah-medium-v0 or mujoco-halfcheetah-medium-v0, found "
                "'halfcheetah-medium-v0'");
    CHECK_FAILS(mdp_task_label("hopper-medium-replay-v0", &task), MDP_E_USAGE,
                "expected bullet-hopper-medium-replay-v0 or mujoco-hopper-medium-replay-v0");
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
                                        "halfcheetah-medium-v3",
                                        "bullet-halfcheetah-medium-v2",
                                        "mujoco-v5-halfcheetah-medium-v0",
                                        "mujoco/halfcheetah/medium",
                                        "mujoco/halfcheetah-medium-v0",
                                        "halfcheetah_medium-replay-v2",
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

/* what is no task is a label, if a folder can have it */
static void test_labels(void) {
    struct mdp_task task;
    char text[MDP_TASK_MAX + 1];
    CHECK_OK(mdp_task_label("bullet-walker2d-medium-v0", &task));
    CHECK_STR(task.name, "walker2d-medium");
    CHECK_INT(task.n_obs, task.spec->n_obs);
    CHECK_OK(mdp_task_label("pen-human-v1", &task));
    CHECK(task.spec == NULL);
    CHECK_STR(task.name, "pen-human-v1");
    CHECK_INT(task.n_obs, 0);
    CHECK_FAILS(mdp_task_label("../pen", &task), MDP_E_USAGE, "task: expected 1 to 200 letters");
    CHECK_FAILS(mdp_task_label("", &task), MDP_E_USAGE, "found ''");
    memset(text, 'a', sizeof text);
    text[MDP_TASK_MAX] = 0;
    CHECK_FAILS(mdp_task_label(text, &task), MDP_E_USAGE, "task: expected a text below");
}

/* sizes name the worlds that have them, and are checked where the task has a world or its modules say them */
static void test_sizes(void) {
    struct mdp_task task;
    char worlds[MDP_NAMES_MAX];
    const struct mdp_env_spec *hopper = mdp_env_find("HopperBullet-v0");
    CHECK(mdp_task_worlds(hopper->n_obs, hopper->n_act, worlds) >= 1);
    CHECK(strstr(worlds, "HopperBullet-v0") != NULL && strstr(worlds, " ha") != NULL);
    CHECK_INT(mdp_task_worlds(45, 24, worlds), 0);
    CHECK_STR(worlds, "no world here has them");
    CHECK_OK(mdp_task_label("hopper-medium", &task));
    CHECK_OK(mdp_task_check_sizes(&task, "x.h5", hopper->n_obs, hopper->n_act));
    CHECK_FAILS(mdp_task_check_sizes(&task, "x.h5", 45, 24), MDP_E_DATA,
                "x.h5: expected 15 observations and 3 actions as HopperBullet-v0 has, found 45 and 24; no world here");
    CHECK_OK(mdp_task_label("pen", &task));
    CHECK_OK(mdp_task_check_sizes(&task, "x.h5", 45, 24));
    task.n_obs = 45;
    task.n_act = 24;
    CHECK_FAILS(mdp_task_check_sizes(&task, "x.h5", hopper->n_obs, hopper->n_act), MDP_E_DATA,
                "expected 45 observations and 24 actions as pen has, found 15 and 3; HopperBullet-v0 has them");
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
        TAP_TEST(test_every_name), TAP_TEST(test_worlds_of_names),   TAP_TEST(test_name_of_two_worlds),
        TAP_TEST(test_refusals),   TAP_TEST(test_message_knows_all), TAP_TEST(test_labels),
        TAP_TEST(test_sizes),      TAP_TEST(test_long_names),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
