/* experiments with made-up episodes: files as an evaluation would have written them, with returns by a formula. */
#ifndef MDP_TESTS_UNIT_BENCH_EXPERIMENT_SYNTHETIC_H
#define MDP_TESTS_UNIT_BENCH_EXPERIMENT_SYNTHETIC_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/experiment/paths.h"
#include "bench/experiment/weight.h"
#include "bench/run/world.h"
#include "tests/tap.h"
#include "tests/unlike.h"

/* the normalized return of an episode; i_step counts checkpoints from 0 */
typedef double (*synthetic_value)(int i_arm, int i_task, int i_seed, int i_step, int i_episode);

/** Returns what rises over steps and differs by arm; no two values are alike. */
static inline double synthetic_usual(int i_arm, int i_task, int i_seed, int i_step, int i_episode) {
    double noise = 437.585453 * sin(1 + i_episode + 10 * i_step + 100 * i_seed + 1000 * i_task + 10000 * i_arm);
    return 0.1 * i_arm + 0.05 * i_step + 0.2 * (noise - floor(noise));
}

/** Writes a text file into the test's folder and returns its path. */
static inline const char *synthetic_file(const char *leaf, const char *text) {
    const char *path = tap_temp_path(leaf);
    CHECK_OK(mdp_fsx_write(path, text, strlen(text)));
    return path;
}

/* how evaluations are written: the fact in which they are unlike what is asked for, and their settings */
static int synthetic_changed = UNLIKE_NOTHING;
static const char *synthetic_settings = "{}";

/** Returns what an evaluation of a task records today of where it ran. */
static inline struct mdp_episodes_info synthetic_world(const struct mdp_task *task) {
    struct mdp_episodes_info info = {.precision = "f32",
                                     .return_rule = "standard",
                                     .temperature = 0.5,
                                     .head = {.settings = synthetic_settings, .inputs = "{}"}};
    struct mdp_engine_facts physics;
    CHECK_OK(mdp_engine_describe(NULL, mdp_env_list(0), &physics));
    CHECK_OK(mdp_world_describe(task->spec, &physics, &info));
    snprintf(info.task, sizeof info.task, "%s", task->name);
    return info;
}

/** Writes the episodes of one evaluation. */
static inline void synthetic_write(const struct mdp_experiment *e, const struct mdp_arm_instance *instance,
                                   synthetic_value value) {
    const struct mdp_run_spec *run = &e->file.runs[mdp_arm_run(e, instance).i_run];
    struct mdp_task task;
    struct mdp_episodes rows;
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_task_parse(e->file.tasks[instance->i_task], &task));
    struct mdp_eval_settings settings;
    mdp_arm_settings(e, instance, &settings);
    struct mdp_episodes_info info = synthetic_world(&task);
    info.step = instance->step;
    info.candidates = settings.n_candidates;
    double weight = mdp_arm_weight(&e->file, instance->i_arm, instance->i_task);
    info.w_t = isnan(weight) ? 1 : weight;
    info.temperature = settings.temperature;
    info.seed = settings.seed;
    snprintf(info.algo, sizeof info.algo, "%s", run->train.algo);
    snprintf(info.actor, sizeof info.actor, "%s", settings.actor);
    if (synthetic_changed >= 0) unlike_change(synthetic_changed, &info);
    CHECK_OK(mdp_episodes_alloc(&rows, settings.n_episodes));
    for (int i = 0; i < settings.n_episodes; i++) {
        double v = value(instance->i_arm, instance->i_task, instance->i_seed,
                         (int)(instance->step / e->file.evaluate_every) - 1, i);
        rows.returns[i] = info.ref_min + v * (info.ref_max - info.ref_min);
        rows.lengths[i] = 1000;
        rows.ends[i] = MDP_END_TIME_LIMIT;
        rows.seeds[i] = info.seed;
        rows.indices[i] = i;
    }
    CHECK_OK(mdp_arm_episodes_path(e, instance, path));
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
}

/** Writes the episodes of every arm. */
static inline void synthetic_write_all(const struct mdp_experiment *e, synthetic_value value) {
    for (int a = 0; a < (int)e->file.arms_count; a++)
        for (int t = 0; t < (int)e->file.tasks_count; t++)
            for (int s = 0; s < (int)e->file.seeds_count; s++)
                for (unsigned k = 0; k < e->file.actors_count; k++)
                    for (long step = e->file.evaluate_every; step <= e->file.train.n_steps;
                         step += e->file.evaluate_every) {
                        struct mdp_arm_instance instance = {a,    t, s, strcmp(e->file.actors[k], "online") == 0,
                                                            step, 0, 0, 0};
                        synthetic_write(e, &instance, value);
                    }
}

#endif
