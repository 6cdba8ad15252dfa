#include "bench/stage/behavior_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/claim.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/run/checkpoints.h"
#include "bench/run/run_log.h"
#include "bench/run/version.h"
#include "bench/stage/behavior_files.h"
#include "results/checkpoint.h"

/* columns of log.csv: one row a checkpoint; train_return averages the episodes since the last one */
static const char log_header[] = "step,episodes,train_return,critic_loss,mean_q,entropy,alpha\n";

/* a run with the paths of its files */
struct job {
    const struct mdp_behavior_plan *plan;
    char state[MDP_PATH_MAX], log[MDP_PATH_MAX];
};

static double window_mean(const struct mdp_behavior *run) {
    return run->window_n > 0 ? run->window_sum / (double)run->window_n : NAN;
}

static mdp_err write_state(const struct job *job, const struct mdp_behavior *run) {
    char *log;
    mdp_err err = mdp_run_log_text(job->log, &log);
    if (err == MDP_OK) err = mdp_behavior_write_state(run, job->state, log);
    free(log);
    return err;
}

static mdp_err write_checkpoint(const struct job *job, struct mdp_behavior *run) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_path(job->plan->folder, run->step, "", MDP_FILE_BEHAVIOR, path));
    MDP_TRY(mdp_behavior_write_policy(run, path));
    const double row[] = {run->episode,    window_mean(run), run->log.critic_loss,
                          run->log.mean_q, run->log.entropy, run->log.alpha};
    MDP_TRY(mdp_run_log_append(job->log, run->step, row, sizeof row / sizeof row[0]));
    run->window_sum = 0;
    run->window_n = 0;
    MDP_TRY(write_state(job, run));
out:
    return err;
}

/* one episode; a stop within it keeps what is done since the state on disk */
static mdp_err run_episode(const struct job *job, struct mdp_behavior *run, long saved_step) {
    mdp_err err = mdp_behavior_episode(run, NULL, NULL);
    if (err != MDP_E_INTERRUPTED || run->step == saved_step) return err;
    MDP_TRY(write_state(job, run));
    mdp_log("%s: step %ld of %ld is kept", job->plan->folder, run->step, job->plan->n_steps);
    MDP_TRY(mdp_stop_requested());
out:
    return err;
}

static mdp_err train(const struct job *job, struct mdp_behavior *run) {
    mdp_err err = MDP_OK;
    struct mdp_progress progress;
    char extra[96];
    long saved_step = run->step;
    mdp_progress_start(&progress, job->plan->settings->spec->id, "steps", (double)run->step,
                       (double)job->plan->n_steps);
    while (mdp_behavior_whole(run) < job->plan->n_steps) {
        long before = mdp_behavior_whole(run) / job->plan->every;
        MDP_TRY(run_episode(job, run, saved_step));
        snprintf(extra, sizeof extra, "mean return %.1f, alpha %.4f", window_mean(run), run->log.alpha);
        mdp_progress_update(&progress, (double)run->step, extra);
        if (run->step / job->plan->every == before && run->step < job->plan->n_steps) continue;
        MDP_TRY(write_checkpoint(job, run));
        saved_step = run->step;
    }
    mdp_progress_end(&progress, (double)run->step);
out:
    return err;
}

/* a run that is over may have been computed anywhere */
static mdp_err go_on(const struct mdp_behavior_plan *plan, const char *state, struct mdp_behavior *run) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    if (mdp_behavior_whole(run) >= plan->n_steps) return MDP_OK;
    MDP_TRY(mdp_checkpoint_read_info(state, &info));
    MDP_TRY(mdp_isa_go_on(plan->folder, info.isa, plan->other_instructions, run->isa));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* a run that is over writes no more checkpoints. each step that is asked for has one at the end of the episode that it
 * falls into; where episodes end the log does not say, but how long they are at most */
static mdp_err check_every(const struct job *job, const struct mdp_behavior *run) {
    const struct mdp_behavior_plan *plan = job->plan;
    const long n_episode = plan->settings->spec->max_steps;
    struct mdp_steps steps = {0, NULL};
    int i = 0;
    mdp_err err;
    MDP_TRY(mdp_run_log_steps(job->log, &steps));
    for (long step = plan->every; steps.n > 0 && step <= plan->n_steps && step <= run->step; step += plan->every) {
        while (i < steps.n && steps.steps[i] < step) i++;
        if (i == steps.n || steps.steps[i] >= step + n_episode)
            MDP_TRY(mdp_run_log_refuse_finer(plan->folder, plan->every, step));
    }
out:
    free(steps.steps);
    return err;
}

/* settings that differ are refused before any training, by the state or, without one, by the newest checkpoint */
mdp_err mdp_behavior_train(const struct mdp_behavior_plan *plan) {
    mdp_err err;
    struct job job = {.plan = plan};
    struct mdp_behavior *run = NULL;
    struct mdp_claim *claim = NULL;
    char *settings = NULL, *log = NULL;
    MDP_TRY(mdp_run_path(plan->folder, MDP_RUN_STATE, job.state));
    MDP_TRY(mdp_run_path(plan->folder, MDP_RUN_LOG, job.log));
    MDP_TRY(mdp_fsx_make_dirs(plan->folder));
    MDP_TRY(mdp_claim_take(plan->folder, &claim));
    MDP_TRY(mdp_behavior_new(plan->settings, &run));
    if (mdp_fsx_exists(job.state)) {
        MDP_TRY(mdp_behavior_read_state(run, job.state));
        MDP_TRY(mdp_run_log_saved(job.state, &log));
        MDP_TRY(go_on(plan, job.state, run));
    } else {
        MDP_TRY(mdp_behavior_settings_json(plan->settings, &settings));
        MDP_TRY(mdp_step_files_check_settings(plan->folder, MDP_FILE_BEHAVIOR, settings));
    }
    int is_done = mdp_behavior_whole(run) >= plan->n_steps;
    if (log != NULL || !is_done) MDP_TRY(mdp_run_log_open(job.log, log_header, run->step, log));
    if (is_done) {
        if (plan->is_every_said) MDP_TRY(check_every(&job, run));
        mdp_log("%s: has %ld steps already, nothing to do", plan->folder, run->step);
    } else {
        if (run->step > 0) mdp_log("%s: resuming at step %ld of %ld", plan->folder, run->step, plan->n_steps);
        MDP_TRY(train(&job, run));
    }
out:
    mdp_claim_free(claim);
    free(log);
    free(settings);
    mdp_behavior_free(run);
    return err;
}
