#include "bench/experiment/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "bench/run/names.h"

/* ---- the list of jobs, found by path ---- */

static mdp_err grow(struct mdp_plan *plan) {
    int room = plan->room == 0 ? 256 : 2 * plan->room;
    struct mdp_job *jobs = realloc(plan->jobs, (size_t)room * sizeof *jobs);
    if (jobs == NULL) return mdp_fail(MDP_E_NOMEM, "plan: no memory for %d jobs", room);
    plan->jobs = jobs;
    plan->room = room;
    return MDP_OK;
}

static long gcd(long a, long b) { return b == 0 ? a : gcd(b, a % b); }

/* an arm lists each of its jobs once, however often it needs it */
static mdp_err link_arm(struct mdp_plan *plan, struct mdp_plan_arm *arm, int i_job) {
    int i_arm = (int)(arm - plan->arms) + 1;
    if (plan->jobs[i_job].newest_arm == i_arm) return MDP_OK;
    plan->jobs[i_job].newest_arm = i_arm;
    if (arm->n == arm->room) {
        int room = arm->room == 0 ? 64 : 2 * arm->room;
        int *grown = realloc(arm->jobs, (size_t)room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "plan: no memory for %d jobs", room);
        arm->jobs = grown;
        arm->room = room;
    }
    arm->jobs[arm->n++] = i_job;
    return MDP_OK;
}

/* one path, one make: a job that is there already must mean the same; a run goes as far as the longest wish */
static mdp_err merge(struct mdp_job *into, const struct mdp_job *job) {
    if (strcmp(into->settings, job->settings) != 0)
        return mdp_fail(MDP_E_USAGE,
                        "%s: two arms want it with other settings; give one experiment another folder: "
                        "%s: %s; %s: %s",
                        job->path, into->experiment->path, into->settings, job->experiment->path, job->settings);
    if (into->kind != MDP_JOB_RUN) return MDP_OK;
    if (job->steps > into->steps) into->steps = job->steps;
    into->every = gcd(into->every, job->every);
    into->every_needed = gcd(into->every_needed, job->every_needed);
    into->keep = into->keep < 0 || job->keep < 0 ? -1 : into->keep > job->keep ? into->keep : job->keep;
    return MDP_OK;
}

static mdp_err copy_path(const char *path, char **copy) {
    *copy = strdup(path);
    return *copy != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "plan: no memory for a path");
}

static void job_free(struct mdp_job *job) {
    free(job->path);
    free(job->settings);
    free(job->guidance);
    free(job->needs);
}

static mdp_err add_need(struct mdp_job *job, int i_job) {
    if (job->n_needs == job->needs_room) {
        int room = job->needs_room == 0 ? 2 : 2 * job->needs_room;
        int *grown = realloc(job->needs, (size_t)room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "plan: no memory for what a job needs");
        job->needs = grown;
        job->needs_room = room;
    }
    job->needs[job->n_needs++] = i_job;
    return MDP_OK;
}

/* takes path, settings and needs of `job` over */
static mdp_err add_job(struct mdp_plan *plan, struct mdp_plan_arm *arm, struct mdp_job *job, int *i_job) {
    mdp_err err = MDP_OK;
    if (plan->n == plan->room) MDP_TRY(grow(plan));
    MDP_TRY(mdp_text_index_put(&plan->by_path, job->path, plan->n, i_job));
    if (*i_job == plan->n) {
        plan->jobs[plan->n++] = *job;
        return link_arm(plan, arm, *i_job);
    }
    MDP_TRY(merge(&plan->jobs[*i_job], job));
    MDP_TRY(link_arm(plan, arm, *i_job));
out:
    job_free(job);
    return err;
}

/* ---- what makes a job ---- */

static mdp_err add_data(struct mdp_plan *plan, struct mdp_plan_arm *arm, int i_task, int *i_job) {
    const struct mdp_experiment *e = arm->experiment;
    struct mdp_job job = {.kind = MDP_JOB_DATA, .experiment = e, .i_task = i_task, .i_run = -1};
    struct mdp_memstream settings;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_data_path(e, i_task, path));
    MDP_TRY(copy_path(path, &job.path));
    MDP_TRY(mdp_memstream_open(&settings, "command of a plan"));
    fputs(e->file.tasks[i_task], settings.stream);
    mdp_settings_put_command(&mdp_collect_table, MDP_FOR_EXPERIMENT, &e->file.collect, settings.stream);
    MDP_TRY(mdp_memstream_close(&settings, MDP_OK));
    job.settings = settings.text;
    return add_job(plan, arm, &job, i_job);
out:
    job_free(&job);
    return err;
}

/* the length of a run does not identify it */
static mdp_err put_run_settings(const struct mdp_job *job, const char *guidance, FILE *stream) {
    struct mdp_training t = job->train;
    char data[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_data_path(job->experiment, job->i_task, data));
    t.data = data;
    if (guidance[0] != 0)
        *(mdp_run_needs_support(&job->experiment->file.runs[job->i_run]) ? &t.diffusion_file : &t.guidance_file) =
            guidance;
    t.n_steps = t.every = 0;
    t.keep = -1;
    fprintf(stream, "--task %s", t.task_name);
    t.task_name = NULL;
    mdp_settings_put_command(&mdp_train_table, MDP_FOR_TRAIN, &t, stream);
out:
    return err;
}

static mdp_err add_run(struct mdp_plan *plan, struct mdp_plan_arm *arm, const struct mdp_run_instance *run, int *i_job);
static mdp_err add_evaluation(struct mdp_plan *plan, struct mdp_plan_arm *arm, const struct mdp_arm_instance *instance,
                              int *i_job);

/* a job comes after the run whose guidance it takes, which has to have the step that is asked for; the best one is
 * known after all evaluations that choose it */
static mdp_err add_source(struct mdp_plan *plan, struct mdp_plan_arm *arm, const struct mdp_run_instance *source,
                          const struct mdp_source_spec *spec, struct mdp_job *job) {
    const struct mdp_experiment_file *file = &arm->experiment->file;
    int i_job;
    mdp_err err;
    MDP_TRY(add_run(plan, arm, source, &i_job));
    MDP_TRY(add_need(job, i_job));
    plan->jobs[i_job].every_needed = gcd(plan->jobs[i_job].every_needed, mdp_source_step(spec));
    for (long step = file->evaluate_every; step <= file->train.n_steps && mdp_source_is_best(spec);
         step += file->evaluate_every) {
        const struct mdp_arm_instance choice = mdp_choice_instance(arm->experiment, source, step);
        MDP_TRY(add_evaluation(plan, arm, &choice, &i_job));
        MDP_TRY(add_need(job, i_job));
    }
out:
    return err;
}

/* a run waits for its dataset and, if another run trains its guidance, for that run */
static mdp_err add_run(struct mdp_plan *plan, struct mdp_plan_arm *arm, const struct mdp_run_instance *run,
                       int *i_job) {
    const struct mdp_experiment *e = arm->experiment;
    struct mdp_job job = {.kind = MDP_JOB_RUN,
                          .experiment = e,
                          .i_task = run->i_task,
                          .i_run = run->i_run,
                          .seed = mdp_instance_seed(e, run),
                          .steps = e->file.train.n_steps,
                          .every = e->file.train.every,
                          .every_needed = e->file.evaluate_every,
                          .keep = e->file.train.keep};
    struct mdp_run_instance source;
    struct mdp_memstream settings;
    char path[MDP_PATH_MAX], guidance[MDP_PATH_MAX];
    int i_need;
    mdp_err err;
    mdp_instance_training(e, run, &job.train);
    MDP_TRY(add_data(plan, arm, run->i_task, &i_need));
    MDP_TRY(add_need(&job, i_need));
    if (mdp_instance_source(e, run, &source))
        MDP_TRY(add_source(plan, arm, &source, &e->file.runs[run->i_run].source, &job));
    job.guidance_step = mdp_instance_guidance_step(e, run);
    MDP_TRY(mdp_instance_module_path(e, run, guidance));
    MDP_TRY(mdp_instance_folder(e, run, path));
    MDP_TRY(copy_path(path, &job.path));
    if (guidance[0] != 0) MDP_TRY(copy_path(guidance, &job.guidance));
    MDP_TRY(mdp_memstream_open(&settings, "command of a plan"));
    MDP_TRY(mdp_memstream_close(&settings, put_run_settings(&job, guidance, settings.stream)));
    job.settings = settings.text;
    return add_job(plan, arm, &job, i_job);
out:
    job_free(&job);
    return err;
}

/* which: of its run's checkpoints, as options */
static mdp_err put_evaluation_settings(const struct mdp_job *job, const char *which, const char *guidance,
                                       FILE *stream) {
    const struct mdp_experiment *e = job->experiment;
    const struct mdp_arm_spec *arm = &e->file.arms[job->evaluated.i_arm];
    int is_none = arm->guidance != NULL && strcmp(arm->guidance, "none") == 0;
    struct mdp_run_instance run = mdp_arm_run(e, &job->evaluated);
    char folder[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_instance_folder(e, &run, folder));
    fprintf(stream, "%s %s", folder, which);
    if (is_none || guidance[0] != 0) fprintf(stream, " --guidance %s", is_none ? "none" : guidance);
    mdp_settings_put_command(&mdp_eval_table, MDP_FOR_ARM | MDP_FOR_EXPERIMENT | MDP_FOR_ACTORS, &job->eval, stream);
    /* plans are guided where nobody says otherwise */
    if (mdp_training_planner(&e->file.runs[run.i_run].train) != NULL && !mdp_guide_bends(mdp_guide_of(&job->eval)))
        fputs(" --guide none", stream);
out:
    return err;
}

/* an evaluation comes after the run that it evaluates and the run whose guidance selects */
static mdp_err add_evaluation(struct mdp_plan *plan, struct mdp_plan_arm *arm, const struct mdp_arm_instance *instance,
                              int *i_job) {
    const struct mdp_experiment *e = arm->experiment;
    const struct mdp_arm_spec *spec = &e->file.arms[instance->i_arm];
    struct mdp_run_instance run = mdp_arm_run(e, instance), source;
    struct mdp_job job = {.kind = MDP_JOB_EVALUATION,
                          .experiment = e,
                          .i_task = run.i_task,
                          .i_run = run.i_run,
                          .is_guided = mdp_arm_is_guided(&e->file, spec),
                          .is_choice = spec->is_choice,
                          .seed = mdp_instance_seed(e, &run),
                          .evaluated = *instance,
                          .steps = instance->step};
    struct mdp_memstream settings;
    char path[MDP_PATH_MAX], guidance[MDP_PATH_MAX], which[64];
    mdp_err err;
    mdp_arm_settings(e, instance, &job.eval);
    MDP_TRY(add_run(plan, arm, &run, i_job));
    MDP_TRY(add_need(&job, *i_job));
    if (mdp_arm_source(e, instance, &source)) MDP_TRY(add_source(plan, arm, &source, &spec->source, &job));
    MDP_TRY(mdp_arm_guidance_path(e, instance, guidance));
    MDP_TRY(mdp_arm_episodes_path(e, instance, path));
    MDP_TRY(copy_path(path, &job.path));
    if (guidance[0] != 0) MDP_TRY(copy_path(guidance, &job.guidance));
    MDP_TRY(mdp_memstream_open(&settings, "command of a plan"));
    snprintf(which, sizeof which, "--step %ld", instance->step);
    MDP_TRY(mdp_memstream_close(&settings, put_evaluation_settings(&job, which, guidance, settings.stream)));
    job.settings = settings.text;
    return add_job(plan, arm, &job, i_job);
out:
    job_free(&job);
    return err;
}

static mdp_err add_arm(struct mdp_plan *plan, const struct mdp_experiment *e, int i_arm) {
    struct mdp_plan_arm *arm = &plan->arms[plan->n_arms++];
    struct mdp_arm_instance instance = {.i_arm = i_arm};
    int i_job;
    *arm = (struct mdp_plan_arm){.experiment = e, .i_arm = i_arm};
    for (instance.i_task = 0; instance.i_task < (int)e->file.tasks_count; instance.i_task++)
        for (instance.i_seed = 0; instance.i_seed < (int)e->file.seeds_count; instance.i_seed++)
            for (unsigned k = 0; k < e->file.actors_count; k++)
                for (instance.step = e->file.evaluate_every; instance.step <= e->file.train.n_steps;
                     instance.step += e->file.evaluate_every) {
                    instance.is_online = strcmp(e->file.actors[k], "online") == 0;
                    mdp_err err = add_evaluation(plan, arm, &instance, &i_job);
                    if (err != MDP_OK) return err;
                }
    return MDP_OK;
}

mdp_err mdp_plan_new(const struct mdp_experiments *experiments, struct mdp_plan *out) {
    mdp_err err;
    unsigned long n_arms = 0;
    *out = (struct mdp_plan){.n = 0};
    for (int i = 0; i < experiments->n; i++) n_arms += experiments->list[i].file.arms_count;
    MDP_TRY(mdp_calloc(&out->arms, n_arms, sizeof *out->arms, "arms"));
    for (int i = 0; i < experiments->n; i++)
        for (unsigned k = 0; k < experiments->list[i].file.arms_count; k++)
            MDP_TRY(add_arm(out, &experiments->list[i], (int)k));
out:
    if (err != MDP_OK) mdp_plan_free(out);
    return err;
}

void mdp_plan_free(struct mdp_plan *plan) {
    for (int i = 0; i < plan->n; i++) job_free(&plan->jobs[i]);
    for (int i = 0; i < plan->n_arms; i++) free(plan->arms[i].jobs);
    free(plan->jobs);
    mdp_text_index_free(&plan->by_path);
    free(plan->arms);
    *plan = (struct mdp_plan){.n = 0};
}

mdp_err mdp_job_command(const struct mdp_job *job, char **command) {
    static const char *const verbs[] = {"collect", "train", "eval"};
    const struct mdp_training extent = {.n_steps = job->steps, .every = job->every};
    struct mdp_memstream memory;
    *command = NULL;
    mdp_err err = mdp_memstream_open(&memory, "command of a plan");
    if (err != MDP_OK) return err;
    fprintf(memory.stream, "%s %s", verbs[job->kind], job->settings);
    if (job->kind == MDP_JOB_RUN) mdp_settings_put_command(&mdp_train_table, MDP_FOR_EXTENT, &extent, memory.stream);
    fprintf(memory.stream, " --out %s", job->path);
    err = mdp_memstream_close(&memory, MDP_OK);
    *command = memory.text;
    return err;
}

mdp_err mdp_job_curve_command(const struct mdp_job *job, const struct mdp_plan_steps *steps, const char *curve,
                              char **command) {
    struct mdp_memstream memory;
    char guidance[MDP_PATH_MAX], which[96];
    *command = NULL;
    mdp_err err = mdp_arm_guidance_choice(job->experiment, &job->evaluated, guidance);
    if (err == MDP_OK) err = mdp_memstream_open(&memory, "command of a plan");
    if (err != MDP_OK) return err;
    fputs("eval ", memory.stream);
    snprintf(which, sizeof which, "--every %ld --until %ld", steps->every, steps->until);
    err = put_evaluation_settings(job, which, guidance, memory.stream);
    fprintf(memory.stream, " --out %s", curve);
    err = mdp_memstream_close(&memory, err);
    *command = memory.text;
    return err;
}
