#include "bench/experiment/plan_curves.h"

#include <stdlib.h>
#include <string.h>

#include "bench/run/evaluations.h"
#include "bench/run/names.h"

void mdp_plan_curves_free(struct mdp_plan_curves *curves) {
    mdp_text_index_free(&curves->by_path);
    free(curves->list);
    free(curves->of_job);
}

int mdp_plan_goes_to_curve(const struct mdp_plan_curve *curve, const struct mdp_job *job) {
    return !curve->is_whole || job->is_in_curve;
}

mdp_err mdp_plan_curves_new(const struct mdp_plan *plan, struct mdp_plan_curves *out) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_calloc(&out->list, (unsigned long)plan->n + 1, sizeof *out->list, "curves"));
    MDP_TRY(mdp_calloc(&out->of_job, (unsigned long)plan->n + 1, sizeof *out->of_job, "curves"));
    for (int i = 0; i < plan->n; i++) {
        const struct mdp_job *job = &plan->jobs[i];
        if (job->kind != MDP_JOB_EVALUATION) continue;
        MDP_TRY(mdp_evaluation_curve(job->path, path));
        MDP_TRY(mdp_text_index_put(&out->by_path, path, out->n, &out->of_job[i]));
        struct mdp_plan_curve *curve = &out->list[out->of_job[i]];
        if (out->of_job[i] == out->n) {
            *curve = (struct mdp_plan_curve){.is_whole = 1, .first = -1};
            strcpy(curve->path, path);
            out->n++;
        }
        curve->is_whole &= job->is_done;
        curve->has_file |= job->is_in_curve;
    }
    for (int i = 0; i < plan->n; i++) {
        struct mdp_plan_curve *curve = &out->list[out->of_job[i]];
        if (plan->jobs[i].kind != MDP_JOB_EVALUATION || !mdp_plan_goes_to_curve(curve, &plan->jobs[i])) continue;
        if (curve->n_of_it++ == 0) curve->first = i;
    }
out:
    return err;
}

mdp_err mdp_plan_run_target(const struct mdp_job *job, char path[MDP_PATH_MAX]) {
    const struct mdp_run_spec *run = &job->experiment->file.runs[job->i_run];
    const enum mdp_file_kind kind = mdp_run_trains_guidance(run) ? MDP_FILE_GUIDANCE : MDP_FILE_DIFFUSION;
    return mdp_step_path(job->path, job->steps, "", kind, path);
}
