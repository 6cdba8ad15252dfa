/* a plan for people: a table of arms. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/plan.h"

/* ---- the table ---- */

/* a row; what is missing is NaN, NULL or -1 */
struct row {
    const char *part, *arm, *training, *guidance;
    long n_tasks, n_seeds;
    struct mdp_shown jobs[MDP_N_JOB_KINDS]; /* "3 of 5" */
    double hours;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, part, TEXT, "part", "part"),
    MDP_COLUMN(struct row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct row, training, TEXT, "run", "training"),
    MDP_COLUMN(struct row, guidance, TEXT, "guidance", "selected by"),
    MDP_COLUMN(struct row, n_tasks, WHOLE, "tasks", "tasks"),
    MDP_COLUMN(struct row, n_seeds, WHOLE, "seeds", "seeds"),
    MDP_COLUMN(struct row, jobs[MDP_JOB_DATA], SHOWN, "data", "datasets"),
    MDP_COLUMN(struct row, jobs[MDP_JOB_RUN], SHOWN, "trainings", "trainings"),
    MDP_COLUMN(struct row, jobs[MDP_JOB_EVALUATION], SHOWN, "evaluations", "evaluations"),
    MDP_COLUMN(struct row, hours, REAL, "core_hours", "core hours left", 2),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* how much of something is there */
struct count {
    int n[MDP_N_JOB_KINDS], n_done[MDP_N_JOB_KINDS];
    int n_known, n_unknown; /* jobs with and without an estimate; done ones have one */
    double seconds;
    double bytes[MDP_N_JOB_KINDS], bytes_removed;
};

static void count_job(struct count *count, const struct mdp_job *job) {
    count->n[job->kind]++;
    count->n_done[job->kind] += job->is_done || !job->is_needed;
    count->bytes[job->kind] += job->bytes;
    count->bytes_removed += job->bytes_removed;
    if (isnan(job->seconds))
        count->n_unknown++;
    else
        count->seconds += job->seconds, count->n_known++;
}

static void take_counts(const struct count *count, struct row *row) {
    for (int k = 0; k < MDP_N_JOB_KINDS; k++)
        snprintf(row->jobs[k].text, sizeof row->jobs[k].text, "%d of %d", count->n_done[k], count->n[k]);
    if (count->n_known > 0 || count->n_unknown == 0) row->hours = count->seconds / 3600;
}

enum { TRAINING_MAX = 160 };

/* how a run is trained, as far as its file says */
static void name_training(const struct mdp_run_spec *run, char text[TRAINING_MAX]) {
    int n = snprintf(text, TRAINING_MAX, "%.24s %s", run->train.algo, mdp_mode_describe(run->train.mode)->name);
    if (run->from != NULL) n += snprintf(text + n, (size_t)(TRAINING_MAX - n), " from %.64s", run->from);
    if (run->source.which != NULL) n += snprintf(text + n, (size_t)(TRAINING_MAX - n), " at %.16s", run->source.which);
    if (!isnan(run->train.eta)) snprintf(text + n, (size_t)(TRAINING_MAX - n), " eta %g", run->train.eta);
}

static mdp_err add_arm(struct mdp_table *table, const struct mdp_plan *plan, const struct mdp_plan_arm *arm) {
    const struct mdp_experiment_file *file = &arm->experiment->file;
    const struct mdp_arm_spec *spec = &file->arms[arm->i_arm];
    const struct mdp_run_spec *run = &file->runs[mdp_experiment_run(file, spec->run)];
    struct count count = {.n_unknown = 0};
    struct row row;
    char training[TRAINING_MAX];
    for (int i = 0; i < arm->n; i++) count_job(&count, &plan->jobs[arm->jobs[i]]);
    name_training(run, training);
    mdp_row_clear(&columns, &row);
    row.part = file->name;
    row.arm = spec->name;
    row.training = training;
    row.guidance = spec->guidance != NULL ? spec->guidance : "own";
    row.n_tasks = file->tasks_count;
    row.n_seeds = file->seeds_count;
    take_counts(&count, &row);
    return mdp_table_fill(table, &row, 1);
}

static mdp_err note_disk(struct mdp_table *table, const struct count *all) {
    char total[MDP_BYTES_TEXT_MAX], removed[MDP_BYTES_TEXT_MAX], each[MDP_N_JOB_KINDS][MDP_BYTES_TEXT_MAX];
    double bytes = 0;
    for (int k = 0; k < MDP_N_JOB_KINDS; k++) {
        bytes += all->bytes[k];
        mdp_bytes_text(all->bytes[k], each[k]);
    }
    if (bytes == 0) return MDP_OK;
    return mdp_table_add_note(table,
                              "Disk: %s for what is missing (%s of datasets at most, %s of trainings, %s of "
                              "evaluations)%s%s%s.",
                              mdp_bytes_text(bytes, total), each[MDP_JOB_DATA], each[MDP_JOB_RUN],
                              each[MDP_JOB_EVALUATION], all->bytes_removed > 0 ? ", of which keep removes " : "",
                              all->bytes_removed > 0 ? mdp_bytes_text(all->bytes_removed, removed) : "",
                              all->bytes_removed > 0 ? " again, of each run when all that reads it is there" : "");
}

mdp_err mdp_plan_table(const struct mdp_plan *plan, const char *title, struct mdp_table **out) {
    struct count all = {.n_unknown = 0};
    struct row row;
    mdp_err err;
    MDP_TRY(mdp_table_new(title, &columns, out));
    for (int i = 0; i < plan->n_arms; i++) MDP_TRY(add_arm(*out, plan, &plan->arms[i]));
    for (int i = 0; i < plan->n; i++) count_job(&all, &plan->jobs[i]);
    mdp_row_clear(&columns, &row);
    row.part = "all";
    row.arm = "shared work once";
    take_counts(&all, &row);
    MDP_TRY(mdp_table_fill(*out, &row, 1));
    if (plan->rates_source[0] != 0)
        MDP_TRY(mdp_table_add_note(*out, "Core hours: one core's time for what is missing, by rates of %s.",
                                   plan->rates_source));
    if (all.n_unknown > 0)
        MDP_TRY(mdp_table_add_note(*out,
                                   "No rate is known for %d of the missing jobs, which are not in the core hours; "
                                   "'mdpbench perf --json' and --rates give one.",
                                   all.n_unknown));
    MDP_TRY(note_disk(*out, &all));
out:
    if (err != MDP_OK) {
        mdp_table_free(*out);
        *out = NULL;
    }
    return err;
}
