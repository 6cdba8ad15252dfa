#include "bench/trainer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/batches.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/checkpoints.h"
#include "bench/modules.h"
#include "bench/outputs.h"
#include "bench/run_log.h"
#include "results/dataset.h"

/* columns of log.csv after the step: each the mean since the last row */
static const char log_header[] = "step,bc_loss,q_loss,actor_loss,critic_loss,target_q,learning_rate\n";
enum { N_LOGGED = 6 };

struct run {
    const struct mdp_training *training;
    struct mdp_transitions data;
    struct mdp_normalizer normalizer;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_batches *batches;
    struct mdp_learner *learner;
    struct mdp_module_facts facts;
    char *settings, *inputs;
    char state[MDP_PATH_MAX], log[MDP_PATH_MAX];
    double sums[N_LOGGED];
    long n_summed[N_LOGGED];
};

void mdp_training_defaults(struct mdp_training *training) {
    *training = (struct mdp_training){.algo = "dql",
                                      .eta = 1.0,
                                      .learning_rate = 3e-4,
                                      .lr_steps = 2000000,
                                      .batch = 256,
                                      .n_steps = 20000,
                                      .every = 400,
                                      .n_threads = 1};
}

static void run_free(struct run *run) {
    mdp_learner_free(run->learner);
    mdp_batches_free(run->batches);
    mdp_diffusion_free(run->diffusion);
    mdp_guidance_free(run->guidance);
    mdp_transitions_free(&run->data);
    free(run->settings);
    free(run->inputs);
}

static mdp_err load_data(struct run *run) {
    const struct mdp_training *t = run->training;
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    if (!mdp_fsx_exists(t->data))
        return mdp_fail(MDP_E_IO, "%s: no such dataset; 'mdpbench collect %s' makes it", t->data, t->task.name);
    mdp_err err = mdp_dataset_load(t->data, &options, &run->data, &run->normalizer, NULL);
    if (err != MDP_OK) return err;
    if (run->data.n_obs == t->task.spec->n_obs && run->data.n_act == t->task.spec->n_act) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected %d observations and %d actions as %s has, found %d and %d", t->data,
                    t->task.spec->n_obs, t->task.spec->n_act, t->task.spec->id, run->data.n_obs, run->data.n_act);
}

/* everything that decides the bits of the run */
static mdp_err describe(struct run *run) {
    const struct mdp_training *t = run->training;
    uint64_t hash;
    char text[17];
    json_t *inputs = json_object();
    mdp_err err = mdp_fsx_hash(t->data, &hash);
    if (err == MDP_OK) err = mdp_inputs_add(inputs, t->data);
    if (err != MDP_OK) {
        json_decref(inputs);
        return err;
    }
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_t *settings =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:I, s:o, s:o}", "task", t->task.name, "algo",
                  t->algo, "mode", "joint", "precision", "f32", "data", text, "seed", (json_int_t)t->seed, "batch",
                  (json_int_t)t->batch, "discount", run->learner->config.discount, "eta", run->learner->config.eta,
                  "learning_rate", t->learning_rate, "lr_steps", (json_int_t)t->lr_steps, "diffusion",
                  mdp_diffusion_json(&run->diffusion->config), "guidance", mdp_guidance_json(&run->guidance->config));
    MDP_TRY(mdp_json_text(settings, &run->settings));
    MDP_TRY(mdp_json_text(inputs, &run->inputs));
out:
    return err;
}

static mdp_err build(struct run *run) {
    mdp_err err;
    const struct mdp_training *t = run->training;
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_learner_config learner;
    MDP_TRY(mdp_algorithm_find(t->algo, &algorithm));
    mdp_algorithm_diffusion(algorithm, run->data.n_obs, run->data.n_act, &diffusion);
    mdp_algorithm_guidance(algorithm, run->data.n_obs, run->data.n_act, &guidance);
    mdp_algorithm_learner(algorithm, &learner);
    learner.batch = (int)t->batch;
    learner.eta = learner.action == MDP_ACTION_NONE ? 0 : t->eta;
    learner.lr = t->learning_rate;
    learner.lr_steps = t->lr_steps;
    learner.seed = t->seed;
    learner.n_threads = t->n_threads;
    MDP_TRY(mdp_diffusion_new(&diffusion, t->seed, &run->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, t->seed, &run->guidance));
    MDP_TRY(mdp_batches_new(&run->data, t->seed, (int)t->batch, &run->batches));
    MDP_TRY(mdp_learner_new(&learner, run->diffusion, run->guidance, &run->learner));
    MDP_TRY(describe(run));
    run->facts = (struct mdp_module_facts){.algo = t->algo,
                                           .task = t->task.name,
                                           .seed = t->seed,
                                           .n_obs = run->data.n_obs,
                                           .n_act = run->data.n_act,
                                           .normalizer = &run->normalizer,
                                           .settings = run->settings,
                                           .inputs = run->inputs};
    MDP_TRY(mdp_fsx_path(run->state, "%s/resume.h5", t->folder));
    MDP_TRY(mdp_fsx_path(run->log, "%s/log.csv", t->folder));
out:
    return err;
}

static mdp_err resume(struct run *run) {
    int64_t counters[MDP_LEARNER_COUNTERS_MAX];
    int n_counters = mdp_learner_counters(run->learner, counters);
    if (!mdp_fsx_exists(run->state))
        return mdp_steps_check_settings(run->training->folder, 6, ".diffusion.h5", run->settings);
    mdp_err err = mdp_training_state_read(run->state, run->diffusion, run->guidance, &run->facts, counters, n_counters);
    if (err != MDP_OK) return err;
    mdp_learner_restore(run->learner, counters);
    if (run->learner->step < run->training->n_steps)
        mdp_log("%s: resuming at step %ld of %ld", run->training->folder, run->learner->step, run->training->n_steps);
    return MDP_OK;
}

/* the state comes last: a kill before it leaves module files that the resumed run writes again, with the same bits */
static mdp_err write_checkpoint(struct run *run) {
    mdp_err err;
    char path[MDP_PATH_MAX];
    long step = run->learner->step;
    int64_t counters[MDP_LEARNER_COUNTERS_MAX];
    int n_counters = mdp_learner_counters(run->learner, counters);
    double means[N_LOGGED];
    for (int i = 0; i < N_LOGGED; i++) means[i] = run->sums[i] / (double)run->n_summed[i];
    run->facts.step = step;
    MDP_TRY(mdp_fsx_path(path, "%s/step%06ld.diffusion.h5", run->training->folder, step));
    MDP_TRY(mdp_diffusion_write(path, run->diffusion, &run->facts));
    MDP_TRY(mdp_fsx_path(path, "%s/step%06ld.guidance.h5", run->training->folder, step));
    MDP_TRY(mdp_guidance_write(path, run->guidance, &run->facts));
    MDP_TRY(mdp_run_log_append(run->log, step, means, N_LOGGED));
    MDP_TRY(mdp_training_state_write(run->state, run->diffusion, run->guidance, &run->facts, counters, n_counters));
    memset(run->sums, 0, sizeof run->sums);
    memset(run->n_summed, 0, sizeof run->n_summed);
out:
    return err;
}

/* what a step did not compute has no share in the mean */
static void add_log(struct run *run, const struct mdp_learner_log *log) {
    const double values[N_LOGGED] = {log->bc_loss,     log->q_loss,        log->actor_loss,
                                     log->critic_loss, log->target_q_mean, log->lr};
    for (int i = 0; i < N_LOGGED; i++) {
        if (isnan(values[i])) continue;
        run->sums[i] += values[i];
        run->n_summed[i]++;
    }
}

static mdp_err loop(struct run *run) {
    const struct mdp_training *t = run->training;
    struct mdp_progress progress;
    struct mdp_learner_log log;
    char extra[96];
    mdp_err err = MDP_OK;
    mdp_progress_start(&progress, t->folder, "steps", (double)run->learner->step, (double)t->n_steps);
    while (run->learner->step < t->n_steps) {
        MDP_TRY(mdp_stop_requested());
        struct mdp_batch batch = mdp_batches_load(run->batches, run->learner->step);
        struct mdp_learner_draws draws = mdp_learner_draw(run->learner, batch.n);
        mdp_learner_step(run->learner, &batch, &draws, &log);
        if (!isfinite(log.actor_loss))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: training diverged: actor loss is not finite at step %ld", t->folder,
                             run->learner->step));
        add_log(run, &log);
        snprintf(extra, sizeof extra, "cloning loss %.4f, critic loss %.4g", log.bc_loss, log.critic_loss);
        mdp_progress_update(&progress, (double)run->learner->step, extra);
        if (run->learner->step % t->every == 0 || run->learner->step == t->n_steps) MDP_TRY(write_checkpoint(run));
    }
    mdp_progress_end(&progress, (double)run->learner->step);
out:
    return err;
}

mdp_err mdp_train(const struct mdp_training *training) {
    mdp_err err;
    struct run run = {.training = training};
    MDP_TRY(load_data(&run));
    MDP_TRY(build(&run));
    MDP_TRY(mdp_fsx_make_dirs(training->folder));
    mdp_fsx_sweep(run.state);
    MDP_TRY(resume(&run));
    if (run.learner->step >= training->n_steps) {
        mdp_log("%s: has %ld steps already, nothing to do", training->folder, run.learner->step);
        goto out;
    }
    MDP_TRY(mdp_run_log_open(run.log, log_header, run.learner->step));
    MDP_TRY(loop(&run));
out:
    run_free(&run);
    return err;
}
