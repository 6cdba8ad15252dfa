/* the best guidance of a run, by evaluations with a label */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/run/best.h"
#include "bench/run/names.h"
#include "bench/run/task.h"
#include "bench/run/world.h"
#include "results/episodes.h"
#include "tests/tap.h"

/* an evaluation of three episodes around a mean, with the guidance of its step */
static void write_step(long step, const char *label, double mean, double temperature) {
    struct mdp_task task;
    struct mdp_episodes rows;
    struct mdp_engine_facts physics;
    struct mdp_episodes_info info = {.precision = "f32",
                                     .return_rule = "standard",
                                     .actor = "ema",
                                     .algo = "dql",
                                     .step = step,
                                     .candidates = 1,
                                     .temperature = temperature,
                                     .head = {.settings = "{}", .inputs = "{}"}};
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_task_parse("walker2d-medium", &task));
    CHECK_OK(mdp_engine_describe(NULL, mdp_env_list(0), &physics));
    CHECK_OK(mdp_world_describe(task.spec, &physics, &info));
    snprintf(info.task, sizeof info.task, "%s", task.name);
    CHECK_OK(mdp_episodes_alloc(&rows, 3));
    for (int i = 0; i < 3; i++) {
        rows.returns[i] = info.ref_min + (mean + 0.1 * (i - 1)) * (info.ref_max - info.ref_min);
        rows.lengths[i] = 1000;
        rows.ends[i] = MDP_END_TIME_LIMIT;
        rows.seeds[i] = 5;
        rows.indices[i] = i;
    }
    CHECK_OK(mdp_step_path("run", step, label, MDP_FILE_EPISODES, path));
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
    CHECK_OK(mdp_step_path("run", step, "", MDP_FILE_GUIDANCE, path));
    CHECK_OK(mdp_fsx_write(path, "", 0));
}

static void test_best(void) {
    char path[MDP_PATH_MAX];
    CHECK(chdir(tap_temp_dir()) == 0);
    write_step(400, "chosen", 0.2, 0.5);
    write_step(800, "chosen", 0.7, 0.5);
    write_step(1200, "chosen", 0.7, 0.5);
    write_step(1600, "chosen", 0.5, 0.5);
    write_step(2000, "", 0.9, 0.5);
    write_step(2400, "chosen-too", 0.9, 0.5);
    CHECK_OK(mdp_guidance_best("best:run:chosen", path));
    CHECK_STR(path, "run/step000800.guidance.h5");
    CHECK(mdp_guidance_is_best("best:run:chosen") && !mdp_guidance_is_best("run/best:"));
    CHECK(unlink(path) == 0);
    CHECK_FAILS(mdp_guidance_best("best:run:chosen", path), MDP_E_IO,
                "run/step000800.guidance.h5: expected the guidance of the best of 4 evaluations with the label chosen");
    write_step(1600, "chosen", 0.5, 0.25);
    CHECK_FAILS(mdp_guidance_best("best:run:chosen", path), MDP_E_DATA,
                "temperature: expected 0.5 as in run/step000400");
}

static void test_wrong(void) {
    static const char *const forms[] = {"best:",     "best:run",        "best::label",
                                        "best:run:", "best:run:.label", "best:run:a/b"};
    char path[MDP_PATH_MAX];
    CHECK(chdir(tap_temp_dir()) == 0);
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++)
        CHECK_FAILS(mdp_guidance_best(forms[i], path), MDP_E_USAGE, "expected best:FOLDER:LABEL, found another form");
    CHECK_FAILS(mdp_guidance_best("best:gone:label", path), MDP_E_IO, "gone");
    write_step(400, "chosen", 0.2, 0.5);
    CHECK_FAILS(mdp_guidance_best("best:run:other", path), MDP_E_USAGE,
                "run: expected episodes with the label other, as eval --label writes them, found none");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_best), TAP_TEST(test_wrong)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
