/* finds which files of a plan exist, and whether they were made as the plan asks. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "base/path.h"
#include "bench/experiment/expected.h"
#include "bench/experiment/plan.h"
#include "bench/run/checkpoints.h"
#include "bench/run/evaluations.h"
#include "bench/run/world.h"
#include "results/checkpoint.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* ---- settings that files record ---- */

static mdp_err conflict(const char *path, const char *what, const char *expected, const char *found) {
    return mdp_fail(MDP_E_USAGE,
                    "%s was made with other settings; use another folder or delete it: %s: expected %s, found %s", path,
                    what, expected, found);
}

static mdp_err check_text(const char *path, const char *what, const char *expected, const char *found) {
    return strcmp(expected, found) == 0 ? MDP_OK : conflict(path, what, expected, found);
}

static mdp_err check_count(const char *path, const char *what, long expected, long found) {
    char a[32], b[32];
    if (expected == found) return MDP_OK;
    snprintf(a, sizeof a, "%ld", expected);
    snprintf(b, sizeof b, "%ld", found);
    return conflict(path, what, a, b);
}

static mdp_err check_run_settings(const struct mdp_job *job, const char *path, const char *text) {
    const struct mdp_algorithm *algorithm;
    struct mdp_training t = job->train;
    json_t *settings = json_loads(text, 0, NULL);
    unsigned holds = mdp_training_holds(&t);
    mdp_err err;
    mdp_training_settle(&t);
    if (isnan(t.eta) && (holds & MDP_WITH_POLICY_LOSS) != 0) {
        MDP_TRY(mdp_algorithm_find(t.algo, &algorithm));
        t.eta = algorithm->eta;
    }
    MDP_TRY(mdp_settings_check_recorded(&mdp_train_table, &t, holds, path, settings));
    /* a source that was trained for longer since then has another last guidance */
    const char *source = t.mode == MDP_MODE_GUIDANCE ? "diffusion_file" : "guidance_file";
    const json_t *step = json_object_get(json_object_get(settings, source), "step");
    if (job->guidance_step > 0 && json_is_integer(step))
        MDP_TRY(check_count(path, t.mode == MDP_MODE_GUIDANCE ? "step of its diffusion module" : "step of its guidance",
                            job->guidance_step, (long)json_integer_value(step)));
out:
    json_decref(settings);
    return err;
}

/* ---- trainings ---- */

/* the newest checkpoint speaks for the run */
static mdp_err check_newest(const struct mdp_job *job, const struct mdp_step_name *newest) {
    struct mdp_checkpoint_info info = {.step = 0};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_name_path(job->path, newest, path));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(check_text(path, "task", job->train.task_name, info.task));
    MDP_TRY(check_count(path, "seed", (long)job->seed, (long)info.seed));
    MDP_TRY(check_run_settings(job, path, info.head.settings));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err inspect_files(struct mdp_job *job, enum mdp_file_kind kind) {
    struct mdp_step_files files = {0, NULL};
    mdp_err err;
    MDP_TRY(mdp_step_files_list(job->path, kind, "", &files));
    const struct mdp_step_name *newest = files.n > 0 ? &files.names[files.n - 1] : NULL;
    if (newest == NULL || newest->step < job->done) job->done = newest != NULL ? newest->step : 0;
    if (newest == NULL) goto out;
    MDP_TRY(check_newest(job, newest));
    job->is_done &= mdp_step_files_find(&files, job->steps) != NULL;
out:
    free(files.names);
    return err;
}

/* a kill between the newest modules and the state that belongs to them leaves a state that is behind: the run has to go
 * on from there. a stop between two checkpoints leaves one that is ahead. without any state the modules speak for
 * themselves */
static mdp_err inspect_state(struct mdp_job *job) {
    struct mdp_checkpoint_info info = {.step = 0};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_run_path(job->path, MDP_RUN_STATE, path));
    if (!mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    job->passed = (long)info.step;
    if (info.step < job->done || info.step < job->steps) job->done = (long)info.step;
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* what jobs are looked at with */
struct look {
    struct mdp_engine *engine;
    struct mdp_evaluations evaluations;
};

static mdp_err inspect_run(struct mdp_job *job, struct look *look) {
    (void)look;
    const struct mdp_run_spec *run = &job->experiment->file.runs[job->i_run];
    mdp_err err = MDP_OK;
    job->done = job->passed = 0;
    job->is_done = job->is_torn = 0;
    if (!mdp_fsx_exists(job->path)) return MDP_OK;
    job->done = INT64_MAX;
    job->is_done = 1;
    if (run->train.alone == NULL) MDP_TRY(inspect_files(job, MDP_FILE_DIFFUSION));
    if (mdp_run_trains_guidance(run)) MDP_TRY(inspect_files(job, MDP_FILE_GUIDANCE));
    job->is_done &= job->done >= job->steps;
    job->passed = job->done;
    MDP_TRY(inspect_state(job));
    job->is_torn = job->is_done && job->done < job->steps;
    job->is_done &= !job->is_torn;
    if (job->done > job->steps) job->done = job->steps;
out:
    return err;
}

/* ---- evaluations and datasets ---- */

/* what the experiment asks for, and the world as it is today: of another one, the evaluation would come out otherwise
 */
static mdp_err check_facts(const struct mdp_job *job, const char *path, const struct mdp_engine *engine,
                           const struct mdp_episodes_info *info) {
    struct mdp_alike_file wanted, today = {.path = "this program"}, found;
    struct mdp_task task;
    mdp_err err;
    MDP_TRY(mdp_alike_read(path, info, &found));
    MDP_TRY(mdp_arm_expect(job->experiment, &job->evaluated, &wanted));
    MDP_TRY(mdp_alike_check(MDP_FACTS_ALL, &wanted, &found));
    MDP_TRY(mdp_task_parse(job->experiment->file.tasks[job->i_task], &task));
    MDP_TRY(mdp_world_facts(&task, engine, &today.facts));
    MDP_TRY(mdp_alike_check(MDP_FACTS_ALL, &today, &found));
out:
    if (err != MDP_E_DATA) return err;
    return mdp_fail_context(MDP_E_USAGE, "%s was made with other settings; use another folder or delete it", path);
}

static mdp_err inspect_evaluation(struct mdp_job *job, struct look *look) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_curve_place place;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_evaluation_find(&look->evaluations, job->path, path, &job->is_done));
    job->is_in_curve = mdp_curve_place_parse(path, &place);
    if (!job->is_done) return MDP_OK;
    MDP_TRY(mdp_evaluation_read(&look->evaluations, path, &info, &episodes));
    MDP_TRY(check_facts(job, path, look->engine, &info));
    MDP_TRY(check_count(path, "episodes", job->eval.n_episodes, episodes.n));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

/* number of rows that were asked for: replay data has no more than its learner saw. files of other programs may hold
 * any number */
static mdp_err rows_asked(struct mdp_h5 *file, long *n) {
    struct mdp_h5_shape shape;
    char *text = NULL;
    json_t *settings = NULL;
    mdp_err err;
    MDP_TRY(mdp_h5_shape(file, "rewards", &shape));
    *n = shape.extent[0];
    if (!mdp_h5_exists(file, "metadata/settings")) goto out;
    MDP_TRY(mdp_h5_read_text(file, "metadata/settings", &text));
    settings = json_loads(text, 0, NULL);
    long steps = (long)json_integer_value(json_object_get(settings, "steps"));
    if (steps > 0) *n = steps;
out:
    json_decref(settings);
    free(text);
    return err;
}

static mdp_err inspect_data(struct mdp_job *job, struct look *look) {
    (void)look;
    struct mdp_h5 *file = NULL;
    long n;
    mdp_err err = MDP_OK;
    job->is_done = mdp_fsx_exists(job->path);
    if (!job->is_done || job->experiment->file.collect.n_steps == 0) return MDP_OK;
    MDP_TRY(mdp_h5_open(job->path, &file));
    MDP_TRY(rows_asked(file, &n));
    MDP_TRY(check_count(job->path, "transitions", job->experiment->file.collect.n_steps, n));
out:
    mdp_h5_close(file);
    return err;
}

/* tables need only the evaluations of arms, so the files that these were made from may have been deleted. a job comes
 * after its needs */
static void mark_needed(struct mdp_plan *plan) {
    for (int i = 0; i < plan->n; i++)
        plan->jobs[i].is_needed = plan->jobs[i].kind == MDP_JOB_EVALUATION && !plan->jobs[i].is_choice;
    for (int i = plan->n - 1; i >= 0; i--) {
        struct mdp_job *job = &plan->jobs[i];
        job->is_needed &= !job->is_done;
        for (int k = 0; k < job->n_needs; k++) plan->jobs[job->needs[k]].is_needed |= job->is_needed;
    }
}

/* ---- modules that are wanted ---- */

/* a run that has passed a checkpoint without its file will never write it */
static mdp_err check_wanted(const struct mdp_job *run, const char *path) {
    struct mdp_step_name name;
    const char *leaf = mdp_path_name(path);
    if (!mdp_step_name_parse(leaf, &name) || name.step > run->passed || mdp_fsx_exists(path)) return MDP_OK;
    return mdp_fail(
        MDP_E_USAGE,
        "%s: expected %s before step %ld, found none: made with another checkpoint-every, or deleted; delete "
        "the folder to train it again",
        run->path, leaf, run->passed);
}

/* what a job that is still to be done reads of runs: of its own, and of the one whose guidance it takes */
static mdp_err check_needs(const struct mdp_plan *plan, const struct mdp_job *job) {
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    if (job->guidance != NULL) MDP_TRY(check_wanted(&plan->jobs[job->needs[1]], job->guidance));
    if (job->kind != MDP_JOB_EVALUATION) goto out;
    const struct mdp_job *run = &plan->jobs[job->needs[0]];
    MDP_TRY(mdp_step_path(run->path, job->steps, "", MDP_FILE_DIFFUSION, path));
    MDP_TRY(check_wanted(run, path));
    if (job->guidance != NULL || !job->is_guided || !mdp_run_trains_guidance(&job->experiment->file.runs[job->i_run]))
        goto out;
    MDP_TRY(mdp_step_path(run->path, job->steps, "", MDP_FILE_GUIDANCE, path));
    MDP_TRY(check_wanted(run, path));
out:
    return err;
}

mdp_err mdp_plan_inspect(struct mdp_plan *plan) {
    static mdp_err (*const inspect[])(struct mdp_job *, struct look *) = {inspect_data, inspect_run,
                                                                          inspect_evaluation};
    struct look look = {.engine = NULL};
    mdp_err err;
    MDP_TRY(mdp_physics_open(NULL, &look.engine));
    for (int i = 0; i < plan->n; i++) MDP_TRY(inspect[plan->jobs[i].kind](&plan->jobs[i], &look));
    mark_needed(plan);
    for (int i = 0; i < plan->n; i++)
        if (plan->jobs[i].is_needed) MDP_TRY(check_needs(plan, &plan->jobs[i]));
out:
    mdp_evaluations_free(&look.evaluations);
    mdp_physics_close(look.engine);
    return err;
}
