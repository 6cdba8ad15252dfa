/* a plan for make: rules.
 *
 * the evaluations of a run with one label are one target, their curve file, which appears when all are there. where all
 * are there already in files of their own, or some of them, those are the targets, as in plans before there were
 * curves. */
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/plan_curves.h"
#include "bench/run/names.h"

/* ---- rules ---- */

/* the files of a job that later ones need; of a curve once a list */
static mdp_err put_targets(FILE *stream, struct mdp_plan_curves *curves, const struct mdp_job *job, int i_job,
                           const char *before) {
    struct mdp_plan_curve *curve = &curves->list[curves->of_job[i_job]];
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    if (job->kind == MDP_JOB_EVALUATION && mdp_plan_goes_to_curve(curve, job)) {
        if (curve->newest_list != curves->n_lists) fprintf(stream, "%s%s", before, curve->path);
        curve->newest_list = curves->n_lists;
        return MDP_OK;
    }
    fputs(before, stream);
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
static mdp_err put_head(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves, int i_job,
                        int is_phony) {
    const struct mdp_job *job = &plan->jobs[i_job];
    mdp_err err = MDP_OK;
    if (is_phony) {
        curves->n_lists++;
        MDP_TRY(put_targets(stream, curves, job, i_job, ".PHONY: "));
        fputc('\n', stream);
    }
    curves->n_lists++;
    MDP_TRY(put_targets(stream, curves, job, i_job, ".PRECIOUS: "));
    fputc('\n', stream);
    curves->n_lists++;
    MDP_TRY(put_targets(stream, curves, job, i_job, ""));
    fputs(job->kind == MDP_JOB_RUN ? " &:" : ":", stream);
    curves->n_lists++;
    for (int i = 0; i < job->n_needs; i++)
        MDP_TRY(put_targets(stream, curves, &plan->jobs[job->needs[i]], job->needs[i], i == 0 ? " | " : " "));
    fputc('\n', stream);
out:
    return err;
}

static mdp_err put_command(FILE *stream, mdp_err err, char *command) {
    if (err == MDP_OK) fprintf(stream, "\t$(MDPBENCH) %s --threads $(THREADS)\n", command);
    free(command);
    return err;
}

static mdp_err put_rule(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves, int i_job) {
    const struct mdp_job *job = &plan->jobs[i_job];
    char *command = NULL;
    mdp_err err;
    MDP_TRY(put_head(stream, plan, curves, i_job, job->is_torn));
    err = mdp_job_command(job, &command);
    MDP_TRY(put_command(stream, err, command));
    fputc('\n', stream);
out:
    return err;
}

static struct mdp_plan_steps steps_of(const struct mdp_job *job) {
    const struct mdp_experiment_file *file = &job->experiment->file;
    return (struct mdp_plan_steps){file->evaluate_every, file->train.n_steps};
}

/* of the experiments that share a curve, a job of the one that wants most of it */
static int job_of_most(const struct mdp_plan *plan, const struct mdp_plan_curves *curves, int i_curve) {
    int most = -1;
    for (int i = 0; i < plan->n; i++) {
        if (plan->jobs[i].kind != MDP_JOB_EVALUATION || curves->of_job[i] != i_curve) continue;
        const struct mdp_plan_steps steps = steps_of(&plan->jobs[i]),
                                    so_far = steps_of(&plan->jobs[most < 0 ? i : most]);
        if (most < 0 || steps.until / steps.every > so_far.until / so_far.every) most = i;
    }
    return most;
}

/* what lies beside most of the steps comes first, into files of its own, so that the curve is there when all are. one
 * that is there and lacks some is made whatever make thinks of it */
static mdp_err put_curve_rule(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves, int i_curve) {
    const struct mdp_plan_curve *curve = &curves->list[i_curve];
    const struct mdp_job *most = &plan->jobs[job_of_most(plan, curves, i_curve)];
    const struct mdp_plan_steps steps = steps_of(most);
    char *command = NULL;
    mdp_err err;
    MDP_TRY(put_head(stream, plan, curves, curve->first, curve->has_file && !curve->is_whole));
    for (int i = curve->first; i < plan->n; i++) {
        const struct mdp_job *job = &plan->jobs[i];
        if (job->kind != MDP_JOB_EVALUATION || curves->of_job[i] != i_curve || job->is_in_curve) continue;
        if (job->steps % steps.every == 0 && job->steps <= steps.until) continue;
        err = mdp_job_command(job, &command);
        MDP_TRY(put_command(stream, err, command));
    }
    err = mdp_job_curve_command(most, &steps, curve->path, &command);
    MDP_TRY(put_command(stream, err, command));
    fputc('\n', stream);
out:
    return err;
}

static mdp_err put_rules(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves) {
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && i < plan->n; i++) {
        const struct mdp_job *job = &plan->jobs[i];
        const struct mdp_plan_curve *curve = &curves->list[curves->of_job[i]];
        if (job->kind != MDP_JOB_EVALUATION || !mdp_plan_goes_to_curve(curve, job))
            err = put_rule(stream, plan, curves, i);
        else if (i == curve->first)
            err = put_curve_rule(stream, plan, curves, curves->of_job[i]);
    }
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
static mdp_err put_keep(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves, int i_run,
                        char *reads) {
    const struct mdp_job *job = &plan->jobs[i_run];
    const struct mdp_run_spec *run = &job->experiment->file.runs[job->i_run];
    mdp_err err = MDP_OK;
    mark_readers(plan, i_run, reads);
    fprintf(stream, ".PHONY: keep-%d\nkeep-%d:", i_run, i_run);
    curves->n_lists++;
    for (int i = i_run + 1; i < plan->n; i++)
        if (reads[i] && plan->jobs[i].kind == MDP_JOB_EVALUATION && !plan->jobs[i].is_choice)
            MDP_TRY(put_targets(stream, curves, &plan->jobs[i], i, " \\\n    "));
    if (run->train.alone == NULL) MDP_TRY(put_removals(stream, job, MDP_FILE_DIFFUSION));
    if (mdp_run_trains_guidance(run)) MDP_TRY(put_removals(stream, job, MDP_FILE_GUIDANCE));
    fputs("\n\n", stream);
out:
    return err;
}

static int goes_again(const struct mdp_job *job) { return job->kind == MDP_JOB_RUN && job->keep >= 0; }

static mdp_err put_keeps(FILE *stream, const struct mdp_plan *plan, struct mdp_plan_curves *curves) {
    char *reads = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&reads, (unsigned long)plan->n + 1, 1, "readers of a run"));
    for (int i = 0; i < plan->n; i++)
        if (goes_again(&plan->jobs[i])) MDP_TRY(put_keep(stream, plan, curves, i, reads));
out:
    free(reads);
    return err;
}

static void put_begin(const char *file, const char *name, FILE *stream) {
    fprintf(
        stream,
        "# made by: mdpbench plan %s --make\n"
        "# every file appears whole or not at all, so that make may be killed and run again at any time; it must not "
        "remove\n"
        "# what a stopped command leaves: a curve keeps the evaluations that it has (.PRECIOUS)\n"
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
}

mdp_err mdp_plan_make(const struct mdp_plan *plan, const char *file, const char *name, FILE *stream) {
    struct mdp_plan_curves curves = {.n_lists = 1};
    mdp_err err;
    MDP_TRY(mdp_plan_curves_new(plan, &curves));
    put_begin(file, name, stream);
    for (int i = 0; i < plan->n; i++)
        if (plan->jobs[i].kind == MDP_JOB_EVALUATION && !plan->jobs[i].is_choice)
            MDP_TRY(put_targets(stream, &curves, &plan->jobs[i], i, " \\\n    "));
    for (int i = 0; i < plan->n; i++)
        if (goes_again(&plan->jobs[i])) fprintf(stream, " \\\n    keep-%d", i);
    fputs("\n\n", stream);
    MDP_TRY(put_rules(stream, plan, &curves));
    MDP_TRY(put_keeps(stream, plan, &curves));
    if (fflush(stream) != 0 || ferror(stream)) MDP_TRY(mdp_fail(MDP_E_IO, "plan: cannot write the make rules"));
out:
    mdp_plan_curves_free(&curves);
    return err;
}
