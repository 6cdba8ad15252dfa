/* a plan for people (a table of arms) and for make (rules). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/plan.h"
#include "bench/run/names.h"

/* ---- the table ---- */

enum { PART, ARM, RUN, SELECTED, TASKS, SEEDS, DATA, TRAININGS, EVALUATIONS, HOURS, N_COLUMNS };
static const struct mdp_column columns[N_COLUMNS] = {
    [PART] = {"part", "part", MDP_LEFT, 0},
    [ARM] = {"arm", "arm", MDP_LEFT, 0},
    [RUN] = {"run", "training", MDP_LEFT, 0},
    [SELECTED] = {"guidance", "selected by", MDP_LEFT, 0},
    [TASKS] = {"tasks", "tasks", MDP_RIGHT, 0},
    [SEEDS] = {"seeds", "seeds", MDP_RIGHT, 0},
    [DATA] = {"data", "datasets", MDP_RIGHT, 0},
    [TRAININGS] = {"trainings", "trainings", MDP_RIGHT, 0},
    [EVALUATIONS] = {"evaluations", "evaluations", MDP_RIGHT, 0},
    [HOURS] = {"core_hours", "core hours left", MDP_RIGHT, 2},
};

/* how much of something is there */
struct count {
    int n[MDP_N_JOB_KINDS], n_done[MDP_N_JOB_KINDS];
    int n_known, n_unknown; /* jobs with and without an estimate; done ones have one */
    double seconds;
};

static void count_job(struct count *count, const struct mdp_job *job) {
    count->n[job->kind]++;
    count->n_done[job->kind] += job->is_done || !job->is_needed;
    if (isnan(job->seconds))
        count->n_unknown++;
    else
        count->seconds += job->seconds, count->n_known++;
}

static mdp_err set_counts(struct mdp_table *table, const struct count *count) {
    char text[64];
    mdp_err err;
    for (int k = 0; k < MDP_N_JOB_KINDS; k++) {
        snprintf(text, sizeof text, "%d of %d", count->n_done[k], count->n[k]);
        MDP_TRY(mdp_table_set_text(table, DATA + k, text));
    }
    if (count->n_known > 0 || count->n_unknown == 0) mdp_table_set_number(table, HOURS, count->seconds / 3600);
    return MDP_OK;
out:
    return err;
}

static mdp_err add_arm(struct mdp_table *table, const struct mdp_plan *plan, const struct mdp_plan_arm *arm) {
    const struct mdp_experiment_file *is = &arm->experiment->is;
    const struct mdp_arm_spec *spec = &is->arms[arm->i_arm];
    const struct mdp_run_spec *run = &is->runs[mdp_experiment_run(is, spec->run)];
    struct count count = {.n_unknown = 0};
    char text[128];
    mdp_err err;
    for (int i = 0; i < arm->n; i++) count_job(&count, &plan->jobs[arm->jobs[i]]);
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, PART, is->name));
    MDP_TRY(mdp_table_set_text(table, ARM, spec->name));
    snprintf(text, sizeof text, "%.24s %s%s%.64s", run->train.algo, mdp_mode_describe(run->train.mode)->name,
             run->from != NULL ? " from " : "", run->from != NULL ? run->from : "");
    MDP_TRY(mdp_table_set_text(table, RUN, text));
    MDP_TRY(mdp_table_set_text(table, SELECTED, spec->guidance != NULL ? spec->guidance : "own"));
    mdp_table_set_number(table, TASKS, (double)is->tasks_count);
    mdp_table_set_number(table, SEEDS, (double)is->seeds_count);
    MDP_TRY(set_counts(table, &count));
out:
    return err;
}

mdp_err mdp_plan_table(const struct mdp_plan *plan, const char *title, struct mdp_table **out) {
    struct count all = {.n_unknown = 0};
    mdp_err err;
    MDP_TRY(mdp_table_new(title, N_COLUMNS, columns, out));
    for (int i = 0; i < plan->n_arms; i++) MDP_TRY(add_arm(*out, plan, &plan->arms[i]));
    for (int i = 0; i < plan->n; i++) count_job(&all, &plan->jobs[i]);
    MDP_TRY(mdp_table_add_row(*out));
    MDP_TRY(mdp_table_set_text(*out, PART, "all"));
    MDP_TRY(mdp_table_set_text(*out, ARM, "shared work once"));
    MDP_TRY(set_counts(*out, &all));
    if (plan->rates_source[0] != 0)
        MDP_TRY(mdp_table_add_note(*out, "Core hours: one core's time for what is missing, by rates of %s.",
                                   plan->rates_source));
    if (all.n_unknown > 0)
        MDP_TRY(mdp_table_add_note(*out,
                                   "No rate is known for %d of the missing jobs, which are not in the core hours; "
                                   "'mdpbench perf --json' and --rates give one.",
                                   all.n_unknown));
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
    const struct mdp_run_spec *run = &job->experiment->is.runs[job->i_run];
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
        "\t$(MDPBENCH) figure %s --out $(REPORT)/figures\n\n"
        "all:",
        file, name, file, file, file);
    for (int i = 0; i < plan->n; i++)
        if (plan->jobs[i].kind == MDP_JOB_EVALUATION) fprintf(stream, " \\\n    %s", plan->jobs[i].path);
    fputs("\n\n", stream);
    for (int i = 0; i < plan->n; i++) MDP_TRY(put_rule(stream, plan, &plan->jobs[i]));
    if (fflush(stream) != 0 || ferror(stream)) MDP_TRY(mdp_fail(MDP_E_IO, "plan: cannot write the make rules"));
out:
    return err;
}
