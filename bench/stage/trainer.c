#include "bench/stage/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/flops.h"
#include "base/claim.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/run/checkpoints.h"
#include "bench/run/disk.h"
#include "bench/run/outputs.h"
#include "bench/run/run_facts.h"
#include "bench/run/run_log.h"
#include "bench/run/version.h"
#include "bench/stage/trainer_internal.h"
#include "results/show/live.h"

/* columns of log.csv after the step, the same for all runs: each is the mean of the computed values since the last row
 */
static const char log_header[] =
    "step,bc_loss,q_loss,actor_loss,critic_loss,value_loss,target_q,learning_rate,guidance_learning_rate\n";
enum { N_LOGGED = 8 };
static const char *const live_names[N_LOGGED] = {"bc_loss",    "q_loss",   "actor_loss",    "critic_loss",
                                                 "value_loss", "target_q", "learning_rate", "guidance_learning_rate"};
/* steps of which TensorBoard gets the mean */
enum { EVENT_STEPS = 100 };

/* what a run has logged since its last checkpoint */
struct tally {
    double sums[N_LOGGED];
    int64_t n_summed[N_LOGGED];
};

static void means_of(const struct tally *tally, double means[N_LOGGED]) {
    for (int i = 0; i < N_LOGGED; i++) means[i] = tally->sums[i] / (double)tally->n_summed[i];
}

/* a run while it takes steps */
struct session {
    struct mdp_run *run;
    struct tally tally, event; /* of the log's next row; of TensorBoard's next event */
    struct mdp_live *live;
    struct mdp_run_meter meter;
    struct mdp_progress progress;
    long saved_step;      /* of the newest state on disk, */
    double saved_seconds; /* and when it was written */
};

static int trains_guidance(const struct mdp_run *run) {
    return mdp_mode_describe(run->training->mode)->trains_guidance;
}

/* the modules that change, and so are in every checkpoint and in the state */
static struct mdp_guidance *trained_guidance(const struct mdp_run *run) {
    return trains_guidance(run) ? run->guidance : NULL;
}

/* ---- going on ---- */

static mdp_err check_made(const struct mdp_run *run, long step, enum mdp_file_kind kind) {
    char path[MDP_PATH_MAX];
    mdp_err err = mdp_step_path(run->training->folder, step, "", kind, path);
    if (err != MDP_OK || mdp_fsx_exists(path)) return err;
    return mdp_fail(MDP_E_USAGE,
                    "%s: expected it as the run has passed step %ld, found none; to make the run's files again, with "
                    "the same bits, delete %s too",
                    path, step, run->state);
}

/* a run that is over has every file that its log tells of and that is to be kept, or says how to get it back */
static mdp_err check_whole(const struct mdp_run *run) {
    struct mdp_steps steps = {0, NULL};
    mdp_err err;
    MDP_TRY(mdp_run_log_steps(run->log, &steps));
    while (steps.n > 0 && steps.steps[steps.n - 1] > run->learner->step) steps.n--;
    long n_kept = run->training->keep >= 0 && run->training->keep < steps.n ? run->training->keep : steps.n;
    for (int i = steps.n - (int)n_kept; i < steps.n; i++) {
        if (run->diffusion != NULL) MDP_TRY(check_made(run, steps.steps[i], MDP_FILE_DIFFUSION));
        if (trains_guidance(run)) MDP_TRY(check_made(run, steps.steps[i], MDP_FILE_GUIDANCE));
    }
out:
    free(steps.steps);
    return err;
}

/* a run that is over writes no more checkpoints: those that are asked for are among the steps that it has logged */
static mdp_err check_every(const struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    struct mdp_steps steps = {0, NULL};
    int i = 0;
    mdp_err err = MDP_OK;
    if (!MDP_GIVEN(&mdp_train_table, t, every)) return MDP_OK;
    MDP_TRY(mdp_run_log_steps(run->log, &steps));
    for (long step = t->every; steps.n > 0 && step <= t->n_steps; step += t->every) {
        while (i < steps.n && steps.steps[i] < step) i++;
        if (i == steps.n || steps.steps[i] != step) MDP_TRY(mdp_run_log_refuse_finer(t->folder, t->every, step));
    }
out:
    free(steps.steps);
    return err;
}

static mdp_err read_state(struct mdp_run *run, struct tally *tally) {
    int64_t counters[MDP_LEARNER_COUNTERS_MAX];
    const struct mdp_training_state state = {
        mdp_learner_counters(run->learner, counters), N_LOGGED, counters, tally->sums, tally->n_summed, NULL};
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(run->state, &info));
    MDP_TRY(mdp_run_check_files(run, info.head.settings));
    MDP_TRY(mdp_training_state_read(run->state, run->diffusion, trained_guidance(run), &run->facts, &state));
    mdp_learner_restore(run->learner, counters);
    if (run->learner->step < run->training->n_steps) {
        MDP_TRY(mdp_isa_go_on(run->training->folder, info.isa, run->training->other_instructions, run->isa));
        run->facts.isa = run->isa;
    }
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err resume(struct session *session) {
    struct mdp_run *run = session->run;
    const struct mdp_training *t = run->training;
    if (!mdp_fsx_exists(run->state))
        return mdp_step_files_check_settings(t->folder, run->diffusion != NULL ? MDP_FILE_DIFFUSION : MDP_FILE_GUIDANCE,
                                             run->settings);
    mdp_err err = read_state(run, &session->tally);
    if (err == MDP_OK && run->learner->step < t->n_steps)
        mdp_log("%s: resuming at step %ld of %ld", t->folder, run->learner->step, t->n_steps);
    return err;
}

static mdp_err open_log(const struct mdp_run *run) {
    char *saved = NULL;
    mdp_err err = MDP_OK;
    if (mdp_fsx_exists(run->state)) MDP_TRY(mdp_run_log_saved(run->state, &saved));
    if (saved != NULL || run->learner->step < run->training->n_steps)
        MDP_TRY(mdp_run_log_open(run->log, log_header, run->learner->step, saved));
out:
    free(saved);
    return err;
}

/* guidance that means nothing comes from the seed: it is written once, and again if it is gone */
static mdp_err write_noise(struct mdp_run *run) {
    char path[MDP_PATH_MAX];
    int is_there;
    mdp_err err;
    MDP_TRY(mdp_run_path(run->training->folder, MDP_RUN_NOISE, path));
    MDP_TRY(mdp_check_own(path, run->settings, &run->facts.how, &is_there));
    run->facts.step = 0;
    if (!is_there) MDP_TRY(mdp_guidance_write(path, run->guidance, &run->facts));
out:
    return err;
}

/* ---- checkpoints, and what is kept between them ---- */

static mdp_err write_modules(struct mdp_run *run) {
    const char *folder = run->training->folder;
    long step = run->facts.step = run->learner->step;
    char path[MDP_PATH_MAX];
    int is_there;
    mdp_err err = MDP_OK;
    if (run->diffusion != NULL) {
        MDP_TRY(mdp_step_path(folder, step, "", MDP_FILE_DIFFUSION, path));
        MDP_TRY(mdp_check_own(path, run->settings, &run->facts.how, &is_there));
        MDP_TRY(mdp_diffusion_write(path, run->diffusion, &run->facts));
    }
    if (trains_guidance(run)) {
        MDP_TRY(mdp_step_path(folder, step, "", MDP_FILE_GUIDANCE, path));
        MDP_TRY(mdp_check_own(path, run->settings, &run->facts.how, &is_there));
        MDP_TRY(mdp_guidance_write(path, run->guidance, &run->facts));
    }
out:
    return err;
}

/* all but the newest files of a kind, which may be none */
static mdp_err remove_old(const struct mdp_run *run, enum mdp_file_kind kind) {
    struct mdp_step_files files = {0, NULL};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_files_list(run->training->folder, kind, "", &files));
    for (int i = 0; i + run->training->keep < files.n; i++) {
        MDP_TRY(mdp_step_name_path(run->training->folder, &files.names[i], path));
        MDP_TRY(mdp_fsx_remove(path));
    }
out:
    free(files.names);
    return err;
}

/* once the state is newer than what goes, so that a kill at any moment leaves a run that goes on */
static mdp_err keep_newest(const struct mdp_run *run) {
    mdp_err err = MDP_OK;
    if (run->training->keep < 0) return MDP_OK;
    if (run->diffusion != NULL) MDP_TRY(remove_old(run, MDP_FILE_DIFFUSION));
    if (trains_guidance(run)) MDP_TRY(remove_old(run, MDP_FILE_GUIDANCE));
out:
    return err;
}

/* row: what is gathered of the log's next row, NULL where nothing is */
static mdp_err write_state(struct session *session, struct tally *row) {
    struct mdp_run *run = session->run;
    int64_t counters[MDP_LEARNER_COUNTERS_MAX];
    struct mdp_training_state state = {mdp_learner_counters(run->learner, counters), 0, counters, NULL, NULL, NULL};
    char *log = NULL;
    mdp_err err;
    if (row != NULL) {
        state.n_logged = N_LOGGED;
        state.log_sums = row->sums;
        state.log_counts = row->n_summed;
    }
    run->facts.step = run->learner->step;
    MDP_TRY(mdp_run_log_text(run->log, &log));
    state.log = log;
    MDP_TRY(mdp_training_state_write(run->state, run->diffusion, trained_guidance(run), &run->facts, &state));
    MDP_TRY(mdp_run_meter_write(&session->meter, run->training->folder, run->learner->step));
    session->saved_step = run->learner->step;
    session->saved_seconds = mdp_clock_seconds();
out:
    free(log);
    return err;
}

/* the state is written after the module files and the log's row: if the run is killed before that, the resumed run
 * writes those again, with the same bits */
static mdp_err write_checkpoint(struct session *session) {
    struct mdp_run *run = session->run;
    struct tally *tally = &session->tally;
    double means[N_LOGGED];
    mdp_err err;
    means_of(tally, means);
    MDP_TRY(write_modules(run));
    MDP_TRY(mdp_run_log_append(run->log, run->learner->step, means, N_LOGGED));
    MDP_TRY(write_state(session, NULL));
    MDP_TRY(keep_newest(run));
    memset(tally, 0, sizeof *tally);
out:
    return err;
}

/* between two checkpoints a stop keeps what is done, and so does every so many minutes of the clock, against a power
 * cut. which steps that happens at changes no bit */
static mdp_err keep_state(struct session *session) {
    const struct mdp_training *t = session->run->training;
    long step = session->run->learner->step;
    int stops = mdp_stop_requested() != MDP_OK;
    mdp_err err = MDP_OK;
    int is_due = stops || mdp_clock_seconds() - session->saved_seconds >= 60 * t->save_minutes;
    if (is_due && step != session->saved_step) {
        MDP_TRY(write_state(session, &session->tally));
        if (stops) mdp_log("%s: step %ld of %ld is kept", t->folder, step, t->n_steps);
    }
    /* asked again for its message; not if the signal came while the state was being written, with nothing lost */
    if (stops) MDP_TRY(mdp_stop_requested());
out:
    return err;
}

/* ---- steps ---- */

/* a value that a step did not compute does not count in the mean */
static void add_log(struct tally *tally, const double values[N_LOGGED]) {
    for (int i = 0; i < N_LOGGED; i++) {
        if (isnan(values[i])) continue;
        tally->sums[i] += values[i];
        tally->n_summed[i]++;
    }
}

/* for who watches */
static mdp_err tell(struct session *session, const double values[N_LOGGED]) {
    const struct mdp_run *run = session->run;
    const long step = run->learner->step;
    double means[N_LOGGED];
    mdp_err err;
    if (session->live == NULL) return MDP_OK;
    MDP_TRY(mdp_live_line(session->live, NULL, step, N_LOGGED, live_names, values));
    add_log(&session->event, values);
    if (step % EVENT_STEPS != 0 && step != run->training->n_steps) return MDP_OK;
    means_of(&session->event, means);
    MDP_TRY(mdp_live_event(session->live, step, "train", N_LOGGED, live_names, means));
    memset(&session->event, 0, sizeof session->event);
out:
    return err;
}

/* of which network the second loss is */
static const char *value_name(const struct mdp_run *run) {
    if (run->diffusion != NULL && run->diffusion->inverse != NULL) return "inverse";
    return run->guidance->config.kind->needs_support ? "energy" : "value";
}

/* each loss that step `step` computed must be a number; of several the critic is named, from which the others learn */
static mdp_err check_log(const struct mdp_run *run, const struct mdp_learner_log *log, long step) {
    const char *what = NULL;
    if (run->diffusion != NULL && !isfinite(log->actor_loss)) what = "actor";
    if (log->has_value_loss && !isfinite(log->value_loss)) what = value_name(run);
    if (log->has_critic_loss && !isfinite(log->critic_loss)) what = "critic";
    if (what == NULL) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: training diverged: %s loss is not finite at step %ld", run->training->folder, what,
                    step + 1);
}

static void show(struct mdp_progress *progress, long step, const struct mdp_learner_log *log) {
    char extra[96] = "";
    if (isfinite(log->bc_loss)) snprintf(extra, sizeof extra, "cloning loss %.4f", log->bc_loss);
    size_t n = strlen(extra);
    if (isfinite(log->critic_loss))
        snprintf(extra + n, sizeof extra - n, "%scritic loss %.4g", n > 0 ? ", " : "", log->critic_loss);
    else if (isfinite(log->value_loss))
        snprintf(extra + n, sizeof extra - n, "%senergy loss %.4g", n > 0 ? ", " : "", log->value_loss);
    mdp_progress_update(progress, (double)step, extra);
}

static mdp_err take_step(struct session *session) {
    struct mdp_run *run = session->run;
    const struct mdp_training *t = run->training;
    struct mdp_batch batch;
    struct mdp_learner_log log;
    mdp_err err;
    MDP_TRY(mdp_run_load_batch(run, &batch));
    struct mdp_learner_draws draws = mdp_learner_draw(run->learner, batch.n);
    mdp_learner_step(run->learner, &batch, &draws, &log);
    MDP_TRY(check_log(run, &log, run->learner->step - 1));
    const double values[N_LOGGED] = {log.bc_loss,    log.q_loss,        log.actor_loss, log.critic_loss,
                                     log.value_loss, log.target_q_mean, log.lr,         log.guidance_lr};
    add_log(&session->tally, values);
    MDP_TRY(tell(session, values));
    show(&session->progress, run->learner->step, &log);
    if (run->learner->step % t->every == 0 || run->learner->step == t->n_steps) MDP_TRY(write_checkpoint(session));
out:
    return err;
}

static mdp_err loop(struct session *session) {
    struct mdp_run *run = session->run;
    const struct mdp_training *t = run->training;
    const struct mdp_step_flops flops = mdp_step_flops_count(run->learner);
    mdp_err err = MDP_OK;
    mdp_run_meter_start(&session->meter, t->folder, t->n_threads);
    session->meter.step_flops = mdp_step_flops_total(&flops);
    session->meter.precision = t->precision;
    session->saved_step = run->learner->step;
    session->saved_seconds = mdp_clock_seconds();
    mdp_progress_start(&session->progress, t->folder, "steps", (double)run->learner->step, (double)t->n_steps);
    while (run->learner->step < t->n_steps) {
        MDP_TRY(keep_state(session));
        MDP_TRY(take_step(session));
    }
    mdp_progress_end(&session->progress, (double)run->learner->step);
out:
    return err;
}

/* what the rest of the run will write, before days of work; while a checkpoint is written there is one more of them */
static void say_disk(struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    struct mdp_run_disk disk;
    char all[MDP_BYTES_TEXT_MAX], each[MDP_BYTES_TEXT_MAX], state[MDP_BYTES_TEXT_MAX], left[MDP_BYTES_TEXT_MAX];
    long n = (t->n_steps + t->every - 1) / t->every - run->learner->step / t->every;
    if (t->keep >= 0 && t->keep + 1 < n) n = t->keep + 1;
    mdp_run_disk(run->diffusion, trained_guidance(run), &disk);
    double bytes = mdp_run_disk_total(&disk, n), n_free = mdp_disk_free(t->folder);
    mdp_log("%s: will take %s of disk: %ld checkpoint%s of %s, resume.h5 of %s twice; %s are free%s", t->folder,
            mdp_bytes_text(bytes, all), n, n == 1 ? "" : "s", mdp_bytes_text(disk.diffusion + disk.guidance, each),
            mdp_bytes_text(disk.state, state), isnan(n_free) ? "?" : mdp_bytes_text(n_free, left),
            n_free < bytes ? ", which is not enough" : "");
}

mdp_err mdp_train(const struct mdp_training *training) {
    mdp_err err;
    struct mdp_run run = {.training = training};
    struct session session = {.run = &run};
    struct mdp_claim *claim = NULL;
    MDP_TRY(mdp_run_build(&run, training));
    MDP_TRY(mdp_fsx_make_dirs(training->folder));
    MDP_TRY(mdp_claim_take(training->folder, &claim));
    MDP_TRY(resume(&session));
    if (training->mode == MDP_MODE_NOISE) MDP_TRY(write_noise(&run));
    MDP_TRY(open_log(&run));
    if (run.learner->step >= training->n_steps) {
        MDP_TRY(check_every(&run));
        MDP_TRY(check_whole(&run));
        MDP_TRY(keep_newest(&run));
        mdp_log("%s: has %ld steps already, nothing to do", training->folder, run.learner->step);
        goto out;
    }
    say_disk(&run);
    MDP_TRY(mdp_live_open(training->log_json, training->tensorboard, run.learner->step, &session.live));
    err = loop(&session);
    mdp_err closed = mdp_live_close(session.live);
    if (err == MDP_OK) err = closed;
out:
    mdp_claim_free(claim);
    mdp_run_free(&run);
    return err;
}
