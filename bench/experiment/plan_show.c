/* a plan for people (a table of arms) and for make (rules). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/plan.h"
#include "bench/run/names.h"

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

/* ---- make rules ---- */

/* the files of a job that later ones need */
static mdp_err put_targets(FILE *stream, const struct mdp_job *job) {
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    if (job->kind != MDP_JOB_RUN) {
        fputs(job->path, stream);
        return MDP_OK;
    }
    const struct mdp_run_spec *run = &job->experiment->file.runs[job->i_run];
    if (run->train.alone == NULL) {
        MDP_TRY(mdp_step_path(job->path, job->steps, "", MDP_FILE_DIFFUSION, path));
        fputs(path, stream);
    }
    if (mdp_run_trains_guidance(run)) {
        MDP_TRY(mdp_step_path(job->path, job->steps, "", MDP_FILE_GUIDANCE, path));
        fprintf(stream, "%s%s", run->train.alone == NULL ? " " : "", path);
    }
out:
    return err;
}

/* needs are order-only: a file that is there is never made again because another is newer */
static mdp_err put_rule(FILE *stream, const struct mdp_plan *plan, const struct mdp_job *job) {
    char *command = NULL;
    mdp_err err;
    MDP_TRY(mdp_job_command(job, &command));
    if (job->is_torn) {
        fputs(".PHONY: ", stream);
        MDP_TRY(put_targets(stream, job));
        fputc('\n', stream);
    }
    MDP_TRY(put_targets(stream, job));
    fputs(job->kind == MDP_JOB_RUN ? " &:" : ":", stream);
    for (int i = 0; i < job->n_needs; i++) {
        fputs(i == 0 ? " | " : " ", stream);
        MDP_TRY(put_targets(stream, &plan->jobs[job->needs[i]]));
    }
    fprintf(stream, "\n\t$(MDPBENCH) %s --threads $(THREADS)\n\n", command);
out:
    free(command);
    return err;
}

/* ---- what is removed again ---- */

/* marks the jobs that read a run, and all jobs behind those: what was trained from the run could not be trained again
 * without it */
static void mark_readers(const struct mdp_plan *plan, int i_run, char *reads) {
    memset(reads, 0, (size_t)plan->n);
    for (int i = i_run + 1; i < plan->n; i++)
        for (int k = 0; k < plan->jobs[i].n_needs; k++)
            reads[i] |= plan->jobs[i].needs[k] == i_run || reads[plan->jobs[i].needs[k]];
}

/* all checkpoints of a run but the last job->keep */
static mdp_err put_removals(FILE *stream, const struct mdp_job *job, enum mdp_file_kind kind) {
    enum { A_LINE = 32 };
    const long n = (job->steps + job->every - 1) / job->every;
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    for (long i = 0; i + job->keep < n; i++) {
        const long step = (i + 1) * job->every < job->steps ? (i + 1) * job->every : job->steps;
        MDP_TRY(mdp_step_path(job->path, step, "", kind, path));
        fprintf(stream, "%s %s", i % A_LINE == 0 ? "\n\t@rm -f" : "", path);
    }
out:
    return err;
}

/* a make rule that makes no file and so runs each time: removing what is gone already costs nothing */
static mdp_err put_keep(FILE *stream, const struct mdp_plan *plan, int i_run, char *reads) {
    const struct mdp_job *job = &plan->jobs[i_run];
    const struct mdp_run_spec *run = &job->experiment->file.runs[job->i_run];
    mdp_err err = MDP_OK;
    mark_readers(plan, i_run, reads);
    fprintf(stream, ".PHONY: keep-%d\nkeep-%d:", i_run, i_run);
    for (int i = i_run + 1; i < plan->n; i++)
        if (reads[i] && plan->jobs[i].kind == MDP_JOB_EVALUATION && !plan->jobs[i].is_choice)
            fprintf(stream, " \\\n    %s", plan->jobs[i].path);
    if (run->train.alone == NULL) MDP_TRY(put_removals(stream, job, MDP_FILE_DIFFUSION));
    if (mdp_run_trains_guidance(run)) MDP_TRY(put_removals(stream, job, MDP_FILE_GUIDANCE));
    fputs("\n\n", stream);
out:
    return err;
}

static int goes_again(const struct mdp_job *job) { return job->kind == MDP_JOB_RUN && job->keep >= 0; }

static mdp_err put_keeps(FILE *stream, const struct mdp_plan *plan) {
    char *reads = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&reads, (unsigned long)plan->n + 1, 1, "readers of a run"));
    for (int i = 0; i < plan->n; i++)
        if (goes_again(&plan->jobs[i])) MDP_TRY(put_keep(stream, plan, i, reads));
out:
    free(reads);
    return err;
}

mdp_err mdp_plan_make(const struct mdp_plan *plan, const char *file, const char *name, FILE *stream) {
    mdp_err err = MDP_OK;
    fprintf(
        stream,
        "# made by: mdpbench plan %s --make\n"
        "# every file appears whole or not at all, so that make may be killed and run again at any time\n"
        "SHELL := /bin/sh\n"
        "MDPBENCH ?= build/mdpbench\n"
        "THREADS ?= 1\n"
        "REPORT ?= runs/reports/%s\n\n"
        ".PHONY: report all\n"
        "# modules and datasets that are gone are made again for an evaluation that is missing, and for nothing else\n"
        ".SECONDARY:\n\n"
        "report: all\n"
        "\t$(MDPBENCH) table %s --mode paper --out $(REPORT)/paper\n"
        "\t$(MDPBENCH) table %s --mode strict --out $(REPORT)/strict\n"
        "\t$(MDPBENCH) table %s --mode authors --out $(REPORT)/authors\n"
        "\t$(MDPBENCH) figure %s --out $(REPORT)/figures\n\n"
        "all:",
        file, name, file, file, file, file);
    for (int i = 0; i < plan->n; i++)
        if (plan->jobs[i].kind == MDP_JOB_EVALUATION && !plan->jobs[i].is_choice)
            fprintf(stream, " \\\n    %s", plan->jobs[i].path);
    for (int i = 0; i < plan->n; i++)
        if (goes_again(&plan->jobs[i])) fprintf(stream, " \\\n    keep-%d", i);
    fputs("\n\n", stream);
    for (int i = 0; i < plan->n; i++) MDP_TRY(put_rule(stream, plan, &plan->jobs[i]));
    MDP_TRY(put_keeps(stream, plan));
    if (fflush(stream) != 0 || ferror(stream)) MDP_TRY(mdp_fail(MDP_E_IO, "plan: cannot write the make rules"));
out:
    return err;
}
