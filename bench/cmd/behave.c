/* mdpbench behave: trains the behaviour policies that our datasets are collected with. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fsx.h"
#include "base/log.h"
#include "bench/cmd/verb.h"
#include "bench/run/checkpoints.h"
#include "bench/run/physics.h"
#include "bench/run/run_log.h"
#include "bench/run/work.h"
#include "bench/stage/behavior_files.h"

/* columns of log.csv: one row a checkpoint; train_return averages the episodes since the last one */
static const char log_header[] = "step,episodes,train_return,critic_loss,mean_q,entropy,alpha\n";

/* the command's options and paths */
struct job {
    struct mdp_behavior_settings settings;
    long n_steps, every;
    char folder[MDP_PATH_MAX], state[MDP_PATH_MAX], log[MDP_PATH_MAX];
};

/* sums since the newest checkpoint */
struct window {
    double sum;
    int n;
};

static mdp_err write_checkpoint(const struct job *job, const struct mdp_behavior *run, const struct window *window) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_path(job->folder, run->step, "", MDP_FILE_BEHAVIOR, path));
    MDP_TRY(mdp_behavior_write_policy(run, path));
    const double row[] = {run->episode,         window->n > 0 ? window->sum / window->n : NAN,
                          run->log.critic_loss, run->log.mean_q,
                          run->log.entropy,     run->log.alpha};
    MDP_TRY(mdp_run_log_append(job->log, run->step, row, sizeof row / sizeof row[0]));
    MDP_TRY(mdp_behavior_write_state(run, job->state));
out:
    return err;
}

static mdp_err train(const struct job *job, struct mdp_behavior *run) {
    mdp_err err = MDP_OK;
    struct mdp_progress progress;
    struct window window = {0, 0};
    char extra[96];
    mdp_progress_start(&progress, job->settings.spec->id, "steps", (double)run->step, (double)job->n_steps);
    while (run->step < job->n_steps) {
        long before = run->step / job->every;
        MDP_TRY(mdp_behavior_episode(run, NULL, NULL));
        window.sum += run->episode_return;
        window.n++;
        snprintf(extra, sizeof extra, "mean return %.1f, alpha %.4f", window.sum / window.n, run->log.alpha);
        mdp_progress_update(&progress, (double)run->step, extra);
        if (run->step / job->every == before && run->step < job->n_steps) continue;
        MDP_TRY(write_checkpoint(job, run, &window));
        window = (struct window){0, 0};
    }
    mdp_progress_end(&progress, (double)run->step);
out:
    return err;
}

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
    if (run->step >= job->n_steps) {
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

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct job job = {.settings = {.capacity = 1000000, .n_warmup = 10000}, .n_steps = 400000, .every = 10000};
    long n_threads = 1;
    const char *out = NULL, *physics = NULL;
    struct mdp_engine *engine = NULL;
    const struct mdp_option options[] = {
        {"seed", MDP_OPT_U64, &job.settings.seed, "S", "seed of the run", 0, 0},
        {"steps", MDP_OPT_INT, &job.n_steps, "N", "environment steps, rounded up to whole episodes", 1, 1e8},
        {"checkpoint-every", MDP_OPT_INT, &job.every, "N", "steps between two checkpoints", 1, 1e8},
        {"warmup", MDP_OPT_INT, &job.settings.n_warmup, "N", "first steps with uniform actions", 256, 1e7},
        {"threads", MDP_OPT_INT, &n_threads, "N", "threads; does not change the result", 1, 256},
        MDP_PHYSICS_OPTION(&physics),
        {"out", MDP_OPT_STRING, &out, "DIR", "folder of the run (runs/behavior/ROBOT/seedS)", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1)
        return mdp_fail(MDP_E_USAGE, "behave: expected one robot name, found %d arguments", argc - first);
    job.settings.spec = mdp_env_find(argv[first]);
    if (job.settings.spec == NULL) return mdp_names_refuse(mdp_env_names(), "behave: robot", argv[first]);
    job.settings.n_threads = (int)n_threads;
    if (out != NULL)
        MDP_TRY(mdp_fsx_path(job.folder, "%s", out));
    else
        MDP_TRY(mdp_run_folder("runs", "behavior", job.settings.spec->robot, NULL, job.settings.seed, job.folder));
    MDP_TRY(mdp_run_path(job.folder, MDP_RUN_STATE, job.state));
    MDP_TRY(mdp_run_path(job.folder, MDP_RUN_LOG, job.log));
    mdp_work_begin(n_threads);
    MDP_TRY(mdp_physics_open(physics, &engine));
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
    .run = run_verb,
};
