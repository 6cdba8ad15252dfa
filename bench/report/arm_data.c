#include "bench/report/arm_data.h"

#include <stdlib.h>
#include <string.h>

#include "bench/experiment/expected.h"
#include "bench/run/steps_alike.h"
#include "bench/run/task.h"
#include "stats/moments.h"

mdp_err mdp_arms_new(const struct mdp_experiment *experiment, int is_partial, struct mdp_arms *out) {
    mdp_err err;
    *out = (struct mdp_arms){.experiment = experiment, .is_partial = is_partial};
    MDP_TRY(mdp_calloc(&out->list, 2UL * experiment->file.arms_count, sizeof *out->list, "arms"));
out:
    if (err != MDP_OK) mdp_arms_free(out);
    return err;
}

static void arm_free(struct mdp_arm_data *arm) {
    free(arm->steps);
    free(arm->values);
    free(arm->means);
    free(arm->is_whole);
    free(arm->n_non_finite);
    free(arm->first);
    memset(arm, 0, sizeof *arm);
}

void mdp_arms_free(struct mdp_arms *arms) {
    for (int i = 0; i < arms->n; i++) arm_free(&arms->list[i]);
    free(arms->list);
    mdp_alike_group_free(&arms->group);
    mdp_evaluations_free(&arms->cache);
    *arms = (struct mdp_arms){.n = 0};
}

static mdp_err arm_alloc(const struct mdp_experiment *e, struct mdp_arm_data *arm) {
    unsigned long n_runs = (unsigned long)e->file.tasks_count * e->file.seeds_count, n_points;
    mdp_err err;
    arm->experiment = e;
    arm->n_tasks = (int)e->file.tasks_count;
    arm->n_seeds = (int)e->file.seeds_count;
    arm->n_steps = (int)(e->file.train.n_steps / e->file.evaluate_every);
    arm->n_episodes = e->file.eval.n_episodes;
    n_points = n_runs * (unsigned long)arm->n_steps;
    MDP_TRY(mdp_calloc(&arm->steps, (unsigned long)arm->n_steps, sizeof(double), "arm"));
    MDP_TRY(mdp_calloc(&arm->values, n_points * (unsigned long)arm->n_episodes, sizeof(double), "arm"));
    MDP_TRY(mdp_calloc(&arm->means, n_points, sizeof(double), "arm"));
    MDP_TRY(mdp_calloc(&arm->is_whole, n_runs, sizeof(int), "arm"));
    MDP_TRY(mdp_calloc(&arm->n_non_finite, n_runs, sizeof(long), "arm"));
    MDP_TRY(mdp_calloc(&arm->first, e->file.tasks_count, sizeof *arm->first, "arm"));
    for (int c = 0; c < arm->n_steps; c++) arm->steps[c] = (double)((c + 1) * e->file.evaluate_every);
out:
    return err;
}

mdp_err mdp_arms_join(struct mdp_arms *arms, int i_task, const struct mdp_alike_file *file) {
    struct mdp_alike_file wanted = {.facts = {.known = 0}};
    struct mdp_task task;
    mdp_err err;
    MDP_TRY(mdp_task_parse(arms->experiment->file.tasks[i_task], &task));
    MDP_TRY(mdp_fsx_path(wanted.path, "%s", arms->experiment->path));
    mdp_facts_expect(&wanted.facts, MDP_FACT_ENV_ID, task.spec->id);
    MDP_TRY(mdp_alike_check(MDP_FACTS_ALL, &wanted, file));
    MDP_TRY(mdp_alike_group_join(file, &arms->group));
out:
    return err;
}

/* a file must be as the experiment asks, agree with the other runs of its arm, and be comparable with all others */
static mdp_err check_file(struct mdp_arms *arms, struct mdp_arm_data *arm, const struct mdp_arm_instance *instance,
                          const char *path, const struct mdp_episodes_info *info, const struct mdp_episodes *episodes) {
    const struct mdp_experiment *e = arms->experiment;
    struct mdp_alike_file wanted, file;
    mdp_err err;
    MDP_TRY(mdp_alike_read(path, info, &file));
    MDP_TRY(mdp_arm_expect(e, instance, &wanted));
    MDP_TRY(mdp_alike_check(MDP_FACTS_ALL, &wanted, &file));
    if (episodes->n != e->file.eval.n_episodes)
        MDP_TRY(mdp_fail(MDP_E_DATA, "episodes: expected %ld as in %s, found %ld in %s", e->file.eval.n_episodes,
                         e->path, episodes->n, path));
    MDP_TRY(mdp_arms_join(arms, instance->i_task, &file));
    MDP_TRY(mdp_alike_join(MDP_ALIKE_SAMPLE, &file, &arm->first[instance->i_task]));
out:
    return err;
}

/* reads one file and holds it to the arm; a missing one is an error unless the report is partial */
static mdp_err read_point(struct mdp_arms *arms, struct mdp_arm_data *arm, const struct mdp_arm_instance *instance,
                          long i_step, struct mdp_steps_alike *steps, int *is_there) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    char own[MDP_PATH_MAX], path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_arm_episodes_path(arms->experiment, instance, own));
    MDP_TRY(mdp_evaluation_find(&arms->cache, own, path, is_there));
    if (!*is_there && arms->is_partial) goto out;
    if (!*is_there)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: expected the episodes of arm %s, found no such file; 'mdpbench plan %s' tells what is "
                         "missing, --partial leaves it out",
                         path, arms->experiment->file.arms[instance->i_arm].name, arms->experiment->path));
    MDP_TRY(mdp_evaluation_read(&arms->cache, path, &info, &episodes));
    MDP_TRY(check_file(arms, arm, instance, path, &info, &episodes));
    MDP_TRY(mdp_steps_alike_join(steps, path, info.head.settings));
    long i = ((long)instance->i_task * arm->n_seeds + instance->i_seed) * arm->n_steps + i_step;
    memcpy(arm->values + i * arm->n_episodes, episodes.normalized_returns, (size_t)episodes.n * sizeof(double));
    arm->n_non_finite[instance->i_task * arm->n_seeds + instance->i_seed] +=
        mdp_episodes_ended(&episodes, MDP_END_NON_FINITE);
    arm->means[i] = mdp_mean(episodes.normalized_returns, episodes.n);
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

static mdp_err read_run(struct mdp_arms *arms, struct mdp_arm_data *arm, struct mdp_arm_instance instance) {
    int *is_whole = &arm->is_whole[instance.i_task * arm->n_seeds + instance.i_seed];
    struct mdp_steps_alike steps = {.path = ""};
    mdp_err err = MDP_OK;
    *is_whole = 1;
    for (int c = 0; c < arm->n_steps && *is_whole && err == MDP_OK; c++) {
        instance.step = (long)arm->steps[c];
        err = read_point(arms, arm, &instance, c, &steps, is_whole);
    }
    mdp_steps_alike_free(&steps);
    return err;
}

mdp_err mdp_arms_get(struct mdp_arms *arms, int i_arm, int is_online, const struct mdp_arm_data **out) {
    mdp_err err;
    for (int i = 0; i < arms->n; i++) {
        *out = &arms->list[i];
        if (arms->list[i].i_arm == i_arm && arms->list[i].is_online == is_online) return MDP_OK;
    }
    struct mdp_arm_data *arm = &arms->list[arms->n];
    MDP_TRY(arm_alloc(arms->experiment, arm));
    arm->i_arm = i_arm;
    arm->is_online = is_online;
    for (int t = 0; t < arm->n_tasks; t++)
        for (int s = 0; s < arm->n_seeds; s++)
            MDP_TRY(read_run(arms, arm, (struct mdp_arm_instance){i_arm, t, s, is_online, 0, 0, 0, 0}));
    arms->n++;
    *out = arm;
    return MDP_OK;
out:
    arm_free(arm);
    return err;
}
