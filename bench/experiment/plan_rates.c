/* how long what is missing will take: work by its size, rates from `perf --json` and from runs that are done. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/temperature.h"
#include "bench/experiment/plan.h"
#include "bench/run/rates.h"
#include "bench/run/run_facts.h"
#include "bench/run/task.h"

enum { RATES_BYTES_MAX = 1 << 20 };

/* rates by perf's names, per core */
struct rates {
    json_t *root; /* nullable */
    int n_used, n_runs;
};

static mdp_err read_rates(const char *path, struct rates *rates) {
    char *text = NULL;
    size_t size;
    json_error_t why;
    mdp_err err;
    MDP_TRY(mdp_fsx_read(path, RATES_BYTES_MAX, &text, &size));
    rates->root = json_loadb(text, size, 0, &why);
    if (!json_is_array(json_object_get(rates->root, "results")))
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected the output of 'mdpbench perf --json' with results, found %s", path,
                         rates->root == NULL ? why.text : "another object"));
out:
    free(text);
    return err;
}

/* units per second of one core, NaN if perf did not measure it */
static double rate_of(struct rates *rates, const char *name) {
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(rates->root, "results"), i, item) {
        const char *found = json_string_value(json_object_get(item, "name"));
        double value = json_number_value(json_object_get(item, "value"));
        double threads = json_number_value(json_object_get(item, "threads"));
        if (found == NULL || strcmp(found, name) != 0 || !(value > 0)) continue;
        rates->n_used++;
        return value / fmax(threads, 1);
    }
    return NAN;
}

/* whether a step of both takes as long */
static int is_same_training(const struct mdp_job *a, const struct mdp_job *b) {
    struct mdp_setting_list of_a, of_b;
    if (b->kind != MDP_JOB_RUN) return 0;
    mdp_settings_list(&mdp_train_table, MDP_FOR_PACE, &a->train, &of_a);
    mdp_settings_list(&mdp_train_table, MDP_FOR_PACE, &b->train, &of_b);
    for (int i = 0; i < of_a.n; i++)
        if (!mdp_setting_equal(&of_a.rows[i], &of_b.rows[i])) return 0;
    return 1;
}

/* steps per core second of like runs that have been trained here, NaN without any */
static mdp_err rate_of_runs(const struct mdp_plan *plan, const struct mdp_job *job, struct rates *rates, double *rate) {
    double steps = 0, seconds = 0;
    for (int i = 0; i < plan->n; i++) {
        struct mdp_run_facts facts;
        int found;
        if (plan->jobs[i].done == 0 || !is_same_training(job, &plan->jobs[i])) continue;
        mdp_err err = mdp_run_facts_read(plan->jobs[i].path, &facts, &found);
        if (err != MDP_OK) return err;
        if (!found || facts.steps == 0) continue;
        steps += (double)facts.steps;
        seconds += facts.cpu_seconds;
        rates->n_runs++;
    }
    *rate = seconds > 0 ? steps / seconds : NAN;
    return MDP_OK;
}

/* by the steps that plans of a job look ahead; NaN where perf measured others */
static double rate_of_plans(struct rates *rates, const struct mdp_job *job, const struct mdp_algorithm *planner,
                            const struct mdp_training *t, int is_training) {
    char name[MDP_RATE_NAME_MAX];
    struct mdp_window_make windows;
    mdp_plan_windows(mdp_plan_tuned(planner, job->experiment->file.tasks[job->i_task]), t->horizon, &windows);
    mdp_rate_plan_name(name, planner->name, windows.horizon, is_training);
    return t->width > 0 ? NAN : rate_of(rates, name);
}

/* steps per second by perf, NaN of guidance alone. of modes that it did not measure, noise takes as long as frozen
 * guidance, and nothing takes longer than joint training */
static double rate_of_training(struct rates *rates, const struct mdp_job *job) {
    const struct mdp_training *t = &job->train;
    enum mdp_mode mode = t->mode;
    const enum mdp_mode modes[] = {mode, mode == MDP_MODE_NOISE ? MDP_MODE_FROZEN : mode, MDP_MODE_JOINT};
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    double rate = NAN;
    if (planner != NULL && t->alone == NULL)
        return rate_of_plans(rates, job, planner, t, 1) * planner->planning->batch / (double)t->batch;
    for (int i = 0; i < 3 && isnan(rate) && t->alone == NULL; i++) {
        char name[MDP_RATE_NAME_MAX];
        mdp_rate_name(name, MDP_RATE_TRAIN, t->algo, mdp_mode_describe(modes[i])->name, t->precision);
        rate = rate_of(rates, name);
    }
    return rate * MDP_RATE_BATCH / (double)t->batch;
}

static mdp_err training_seconds(const struct mdp_plan *plan, struct mdp_job *job, struct rates *rates) {
    double rate;
    mdp_err err = rate_of_runs(plan, job, rates, &rate);
    if (err != MDP_OK) return err;
    if (isnan(rate)) rate = rate_of_training(rates, job);
    job->seconds = (double)(job->steps - job->done) / rate;
    return MDP_OK;
}

static const struct mdp_env_spec *env_of(const struct mdp_job *job) {
    struct mdp_task task;
    return mdp_task_parse(job->experiment->file.tasks[job->i_task], &task) == MDP_OK ? task.spec : NULL;
}

/* perf measures policies that sample as they were trained to, and do nothing more with candidates; of those that plan,
 * what they are usually guided by is part of it. Nullable: planner */
static int is_measured(const struct mdp_eval_settings *eval, const struct mdp_algorithm *planner) {
    static const char guided[] = "guide";
    int is_usual = planner != NULL && mdp_guide_of(eval) == planner->planning->guide;
    struct mdp_setting_list list;
    mdp_settings_list(&mdp_eval_table, MDP_FOR_PACE, eval, &list);
    for (int i = 0; i < list.n; i++)
        if (mdp_setting_does_something(&list.rows[i]) &&
            !(is_usual && strncmp(list.rows[i].row->name, guided, sizeof guided - 1) == 0))
            return 0;
    return 1;
}

/* episodes of full length: an upper bound where robots fall */
static void evaluation_seconds(struct mdp_job *job, struct rates *rates) {
    char name[MDP_RATE_NAME_MAX];
    const struct mdp_env_spec *env = env_of(job);
    const struct mdp_training *t = &job->experiment->file.runs[job->i_run].train;
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    job->seconds = NAN;
    if (!is_measured(&job->eval, planner)) return;
    double steps = (double)job->eval.n_episodes * env->max_steps;
    if (planner != NULL) {
        double plans = steps * (double)job->eval.n_candidates / planner->n_candidates;
        job->seconds = plans / rate_of_plans(rates, job, planner, t, 0);
        return;
    }
    mdp_rate_name(name, MDP_RATE_INFER, t->algo, job->eval.precision, NULL);
    double actions = steps * (double)(job->eval.n_candidates);
    job->seconds = actions / (rate_of(rates, name) * MDP_RATE_STATES * MDP_RATE_CANDIDATES);
    mdp_rate_name(name, MDP_RATE_VEC, env->id, NULL, NULL);
    job->seconds += steps / rate_of(rates, name);
}

static void data_seconds(struct mdp_job *job, struct rates *rates) {
    char name[MDP_RATE_NAME_MAX];
    struct mdp_task task;
    long n = job->experiment->file.collect.n_steps;
    job->seconds = NAN;
    if (mdp_task_parse(job->experiment->file.tasks[job->i_task], &task) != MDP_OK) return;
    /* its behaviour policy is trained again, which perf does not measure */
    if (task.quality == MDP_QUALITY_MEDIUM_REPLAY) return;
    mdp_rate_name(name, MDP_RATE_VEC, task.spec->id, NULL, NULL);
    job->seconds = (double)(n > 0 ? n : 1000000) / rate_of(rates, name);
}

static mdp_err estimate(const struct mdp_plan *plan, struct mdp_job *job, struct rates *rates) {
    job->seconds = 0;
    if (!job->is_needed) return MDP_OK;
    switch (job->kind) {
    case MDP_JOB_DATA: data_seconds(job, rates); break;
    case MDP_JOB_RUN: return training_seconds(plan, job, rates);
    case MDP_JOB_EVALUATION: evaluation_seconds(job, rates); break;
    default: break;
    }
    return MDP_OK;
}

/* says where the rates come from, with the processor that perf ran on */
static void name_source(struct mdp_plan *plan, const struct rates *rates, const char *path) {
    const char *cpu = json_string_value(json_object_get(json_object_get(rates->root, "machine"), "cpu"));
    char *text = plan->rates_source;
    size_t size = sizeof plan->rates_source;
    if (rates->n_used > 0) snprintf(text, size, "%.300s (%.100s)", path, cpu != NULL ? cpu : "machine unknown");
    if (rates->n_runs > 0)
        snprintf(text + strlen(text), size - strlen(text), "%srun.json of finished runs", text[0] != 0 ? ", " : "");
}

mdp_err mdp_plan_estimate(struct mdp_plan *plan, const char *rates_path) {
    struct rates rates = {.root = NULL};
    mdp_err err = MDP_OK;
    if (rates_path != NULL) MDP_TRY(read_rates(rates_path, &rates));
    for (int i = 0; i < plan->n; i++) MDP_TRY(estimate(plan, &plan->jobs[i], &rates));
    name_source(plan, &rates, rates_path);
out:
    json_decref(rates.root);
    return err;
}
