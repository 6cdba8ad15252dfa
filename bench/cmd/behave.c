/* mdpbench behave: trains the behaviour policies that our datasets are collected with. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fsx.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/cmd/verb.h"
#include "bench/run/checkpoints.h"
#include "bench/run/physics.h"
#include "bench/run/run_log.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"
#include "bench/stage/behavior_files.h"

/* columns of log.csv: one row a checkpoint; train_return averages the episodes since the last one */
static const char log_header[] = "step,episodes,train_return,critic_loss,mean_q,entropy,alpha\n";

/* the command's options */
struct request {
    uint64_t seed;
    long n_steps, every, n_warmup, n_threads;
    const char *physics, *out;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, seed, SEED, MDP_RANDOM_SEED, .help = "seed of the run"),
    MDP_ROW(struct request, n_steps, WHOLE, .name = "steps", .low = 1, .high = 1e8, .fallback = "400000",
            .help = "environment steps, rounded up to whole episodes"),
    MDP_ROW(struct request, every, WHOLE, .name = "checkpoint-every", .low = 1, .high = 1e8, .fallback = "10000",
            .help = "steps between two checkpoints"),
    MDP_ROW(struct request, n_warmup, WHOLE, .name = "warmup", .low = 256, .high = 1e7, .fallback = "10000",
            .help = "first steps with uniform actions"),
    MDP_ROW(struct request, n_threads, WHOLE, MDP_THREADS("1"), .help = "threads; does not change the result"),
    MDP_ROW(struct request, physics, TEXT, MDP_PHYSICS),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "DIR",
            .help = "folder of the run (runs/behavior/ROBOT/seedS)"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* a run with its paths */
struct job {
    struct mdp_behavior_settings settings;
    long n_steps, every;
    char folder[MDP_PATH_MAX], state[MDP_PATH_MAX], log[MDP_PATH_MAX];
};

static double window_mean(const struct mdp_behavior *run) {
    return run->window_n > 0 ? run->window_sum / (double)run->window_n : NAN;
}

static mdp_err write_checkpoint(const struct job *job, struct mdp_behavior *run) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_path(job->folder, run->step, "", MDP_FILE_BEHAVIOR, path));
    MDP_TRY(mdp_behavior_write_policy(run, path));
    const double row[] = {run->episode,    window_mean(run), run->log.critic_loss,
                          run->log.mean_q, run->log.entropy, run->log.alpha};
    MDP_TRY(mdp_run_log_append(job->log, run->step, row, sizeof row / sizeof row[0]));
    run->window_sum = 0;
    run->window_n = 0;
    MDP_TRY(mdp_behavior_write_state(run, job->state));
out:
    return err;
}

/* one episode; a stop within it keeps what is done since the state on disk */
static mdp_err run_episode(const struct job *job, struct mdp_behavior *run, long saved_step) {
    mdp_err err = mdp_behavior_episode(run, NULL, NULL);
    if (err != MDP_E_INTERRUPTED || run->step == saved_step) return err;
    MDP_TRY(mdp_behavior_write_state(run, job->state));
    mdp_log("%s: step %ld of %ld is kept", job->folder, run->step, job->n_steps);
    MDP_TRY(mdp_stop_requested());
out:
    return err;
}

static mdp_err train(const struct job *job, struct mdp_behavior *run) {
    mdp_err err = MDP_OK;
    struct mdp_progress progress;
    char extra[96];
    long saved_step = run->step;
    mdp_progress_start(&progress, job->settings.spec->id, "steps", (double)run->step, (double)job->n_steps);
    while (mdp_behavior_whole(run) < job->n_steps) {
        long before = mdp_behavior_whole(run) / job->every;
        MDP_TRY(run_episode(job, run, saved_step));
        snprintf(extra, sizeof extra, "mean return %.1f, alpha %.4f", window_mean(run), run->log.alpha);
        mdp_progress_update(&progress, (double)run->step, extra);
        if (run->step / job->every == before && run->step < job->n_steps) continue;
        MDP_TRY(write_checkpoint(job, run));
        saved_step = run->step;
    }
    mdp_progress_end(&progress, (double)run->step);
out:
    return err;
}

/* starts or continues a run; settings that differ are refused before any training */
static mdp_err behave(const struct job *job) {
    mdp_err err;
    struct mdp_behavior *run = NULL;
    char *settings = NULL;
    MDP_TRY(mdp_fsx_make_dirs(job->folder));
    mdp_fsx_sweep(job->state);
    MDP_TRY(mdp_behavior_new(&job->settings, &run));
    if (mdp_fsx_exists(job->state)) {
        MDP_TRY(mdp_behavior_read_state(run, job->state));
    } else {
        MDP_TRY(mdp_behavior_settings_json(&job->settings, &settings));
        MDP_TRY(mdp_step_files_check_settings(job->folder, MDP_FILE_BEHAVIOR, settings));
    }
    if (mdp_behavior_whole(run) >= job->n_steps) {
        mdp_log("%s: has %ld steps already, nothing to do", job->folder, run->step);
    } else {
        if (run->step > 0) mdp_log("%s: resuming at step %ld of %ld", job->folder, run->step, job->n_steps);
        MDP_TRY(mdp_run_log_open(job->log, log_header, run->step));
        MDP_TRY(train(job, run));
    }
    printf("%s\n", job->folder);
out:
    free(settings);
    mdp_behavior_free(run);
    return err;
}

static mdp_err find_paths(const struct request *r, struct job *job) {
    mdp_err err;
    if (r->out != NULL)
        MDP_TRY(mdp_fsx_path(job->folder, "%s", r->out));
    else
        MDP_TRY(mdp_run_folder("runs", "behavior", job->settings.spec->robot, NULL, r->seed, job->folder));
    MDP_TRY(mdp_run_path(job->folder, MDP_RUN_STATE, job->state));
    MDP_TRY(mdp_run_path(job->folder, MDP_RUN_LOG, job->log));
out:
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_engine *engine = NULL;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1)
        return mdp_fail(MDP_E_USAGE, "behave: expected one robot name, found %d arguments", argc - first);
    struct job job = {.settings = {.spec = mdp_env_find(argv[first]),
                                   .seed = r.seed,
                                   .capacity = 1000000,
                                   .n_warmup = r.n_warmup,
                                   .n_threads = (int)r.n_threads},
                      .n_steps = r.n_steps,
                      .every = r.every};
    if (job.settings.spec == NULL) return mdp_names_refuse(mdp_env_names(), "behave: robot", argv[first]);
    MDP_TRY(find_paths(&r, &job));
    mdp_work_begin(r.n_threads);
    MDP_TRY(mdp_physics_open(r.physics, &engine));
    job.settings.engine = engine;
    MDP_TRY(behave(&job));
out:
    mdp_engine_free(engine);
    return err;
}

static const char *list_robots(char text[MDP_NAMES_MAX]) { return mdp_names_text(mdp_env_names(), text); }

const struct mdp_verb mdp_verb_behave = {
    .name = "behave",
    .summary = "train a behaviour policy (soft actor-critic) in an environment",
    .usage = "ROBOT [options]        ROBOT: ",
    .choices = list_robots,
    .details =
        "Writes one stepNNNNNNN.behavior.h5 per checkpoint, log.csv, and resume.h5, from which the same command goes\n"
        "on after an interruption and ends with the same bits as an unbroken run. Checkpoints fall on the first end "
        "of\n"
        "an episode at or after their step.",
    .example = "mdpbench behave halfcheetah --steps 400000 --seed 0",
    .options = &options,
    .run = run_verb,
};
