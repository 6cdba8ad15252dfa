#include "bench/stage/collect.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/rng.h"
#include "base/stop.h"
#include "bench/run/outputs.h"
#include "bench/run/physics.h"
#include "bench/run/version.h"
#include "bench/stage/behavior_files.h"
#include "bench/stage/collect_lanes.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/minari_convert.h"

enum { BLOCK = MDP_COLLECT_LANES, DEFAULT_STEPS = 1000000 };

struct job {
    const struct mdp_collection *collection;
    const struct mdp_outside_policy *outside; /* NULL: policies of this program act */
    struct mdp_dataset_writer *writer;
    struct mdp_progress progress;
    long n_steps, n_written;
    long n_taken;     /* rows of them that a stopped collection has left */
    uint32_t episode; /* next one */
    const char *settings, *machine;
    /* what is there once the dataset is whole, and where it says its settings */
    char target[MDP_PATH_MAX], described[MDP_PATH_MAX];
    char isa[MDP_ISA_MAX]; /* which way the libraries compute */
    /* what is written so far under a name of its own, and for replay data the learner that it comes from */
    char part[MDP_PATH_MAX], state[MDP_PATH_MAX];
    struct mdp_env **envs;
    struct mdp_trajectory *block;
};

static mdp_err trajectory_alloc(struct mdp_trajectory *t, const struct mdp_env_spec *spec) {
    mdp_err err;
    unsigned long n = (unsigned long)spec->max_steps, n_dof = (unsigned long)mdp_env_n_dof(spec);
    MDP_TRY(mdp_calloc(&t->observations, (n + 1) * (unsigned long)spec->n_obs, sizeof(float), "episode"));
    MDP_TRY(mdp_calloc(&t->actions, n * (unsigned long)spec->n_act, sizeof(float), "episode"));
    MDP_TRY(mdp_calloc(&t->qpos, n * n_dof, sizeof(double), "episode"));
    MDP_TRY(mdp_calloc(&t->qvel, n * n_dof, sizeof(double), "episode"));
    MDP_TRY(mdp_calloc(&t->steps, n, sizeof *t->steps, "episode"));
out:
    return err;
}

static double trajectory_bytes(const struct mdp_env_spec *spec) {
    size_t step = (size_t)(spec->n_obs + spec->n_act) * sizeof(float) +
                  2 * (size_t)mdp_env_n_dof(spec) * sizeof(double) + sizeof(struct mdp_step);
    return (double)spec->max_steps * (double)step;
}

static mdp_err job_alloc(struct job *job) {
    mdp_err err;
    int n_threads = job->collection->n_threads;
    MDP_TRY(mdp_memory_expect("episodes", BLOCK * trajectory_bytes(job->collection->task.spec)));
    MDP_TRY(mdp_calloc(&job->envs, (unsigned long)n_threads, sizeof *job->envs, "environments"));
    MDP_TRY(mdp_calloc(&job->block, BLOCK, sizeof *job->block, "episodes"));
    for (int i = 0; i < n_threads; i++)
        MDP_TRY(mdp_env_new_on(job->collection->engine, job->collection->task.spec, &job->envs[i]));
    for (int i = 0; i < BLOCK; i++) MDP_TRY(trajectory_alloc(&job->block[i], job->collection->task.spec));
out:
    return err;
}

static void job_free(struct job *job) {
    for (int i = 0; job->envs != NULL && i < job->collection->n_threads; i++) mdp_env_free(job->envs[i]);
    for (int i = 0; job->block != NULL && i < BLOCK; i++) {
        struct mdp_trajectory *t = &job->block[i];
        void *arrays[] = {t->observations, t->actions, t->qpos, t->qvel, t->steps};
        for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++) free(arrays[k]);
    }
    free(job->envs);
    free(job->block);
    mdp_dataset_writer_free(job->writer);
}

static void draw_uniformly(const struct job *job, uint32_t episode, uint32_t step, float *action) {
    struct mdp_rng rng = mdp_rng_stream(job->collection->seed, MDP_RNG_BEHAVIOR_ACT, episode, step);
    for (int j = 0; j < job->collection->task.spec->n_act; j++) action[j] = (float)(2.0 * mdp_rng_uniform(&rng) - 1.0);
}

/* policy NULL: uniform actions */
static void run_episode(const struct job *job, struct mdp_behavior_policy *policy, uint32_t episode,
                        struct mdp_env *env, struct mdp_trajectory *t) {
    const struct mdp_env_spec *spec = job->collection->task.spec;
    long o = spec->n_obs, a = spec->n_act, n_dof = mdp_env_n_dof(spec);
    int i_thread = omp_get_thread_num();
    mdp_env_reset(env, job->collection->seed, episode, t->observations);
    t->n = 0;
    do {
        const struct mdp_env_view *view = mdp_env_get_view(env);
        float *action = t->actions + t->n * a;
        memcpy(t->qpos + t->n * n_dof, view->qpos, (size_t)n_dof * sizeof(double));
        memcpy(t->qvel + t->n * n_dof, view->qvel, (size_t)n_dof * sizeof(double));
        if (policy != NULL)
            mdp_behavior_policy_act(policy, i_thread, t->observations + t->n * o, episode, (uint32_t)t->n, action);
        else
            draw_uniformly(job, episode, (uint32_t)t->n, action);
        mdp_env_step(env, action, t->observations + (t->n + 1) * o, &t->steps[t->n]);
        t->n++;
        /* a block that is cut short is not written */
    } while (!mdp_step_ended(&t->steps[t->n - 1]) && mdp_stop_requested() == MDP_OK);
}

static mdp_err write_step(struct job *job, const struct mdp_behavior_transition *seen) {
    struct mdp_dataset_step row = {.observation = seen->observation,
                                   .action = seen->action,
                                   .next_observation = seen->next_observation,
                                   .reward = (float)seen->step->reward,
                                   .terminal = seen->step->terminated,
                                   .timeout = seen->step->truncated,
                                   .qpos = seen->qpos,
                                   .qvel = seen->qvel};
    if (seen->step->non_finite)
        return mdp_fail(MDP_E_INTERNAL, "%s: the simulation left the finite numbers at row %ld",
                        job->collection->task.name, job->n_written);
    mdp_err err = mdp_dataset_writer_add(job->writer, &row);
    job->n_written++;
    mdp_progress_update(&job->progress, (double)job->n_written, NULL);
    return err;
}

static mdp_err write_trajectory(struct job *job, const struct mdp_trajectory *t, long end) {
    const struct mdp_env_spec *spec = job->collection->task.spec;
    long o = spec->n_obs, a = spec->n_act, n_dof = mdp_env_n_dof(spec);
    for (long i = 0; i < t->n && job->n_written < end; i++) {
        struct mdp_behavior_transition seen = {t->observations + i * o,       t->actions + i * a,
                                               t->observations + (i + 1) * o, t->qpos + i * n_dof,
                                               t->qvel + i * n_dof,           &t->steps[i]};
        mdp_err err = write_step(job, &seen);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* blocks of episodes on the way to `end` rows begin where they would without a stop, as only whole ones are kept */
static mdp_err write_block(struct job *job, long end) {
    for (int i = 0; i < BLOCK && job->n_written < end; i++) {
        mdp_err err = write_trajectory(job, &job->block[i], end);
        if (err != MDP_OK) return err;
        job->episode++;
    }
    return MDP_OK;
}

/* episodes side by side: a process is asked about many states at once, and worlds of one robot are stepped together */
static mdp_err collect_together(struct job *job, const struct mdp_actor *actor, long end) {
    const struct mdp_collection *c = job->collection;
    struct mdp_collect_lanes lanes;
    mdp_err err;
    MDP_TRY(mdp_collect_lanes_init(c->engine, c->task.spec, BLOCK, (int)c->n_threads, &lanes));
    lanes.actor = *actor;
    while (job->n_written < end) {
        MDP_TRY(mdp_collect_block(&lanes, c->seed, job->episode, end - job->n_written, job->block));
        MDP_TRY(write_block(job, end));
    }
out:
    mdp_collect_lanes_free(&lanes);
    return err;
}

/* one after the other, where a world is as fast alone and needs more memory */
static mdp_err collect_one_by_one(struct job *job, struct mdp_behavior_policy *policy, long end) {
    mdp_err err = MDP_OK;
    while (job->n_written < end) {
        MDP_TRY(mdp_stop_requested());
#pragma omp parallel for num_threads((int)job->collection->n_threads) schedule(static)
        for (int i = 0; i < BLOCK; i++)
            run_episode(job, policy, job->episode + (uint32_t)i, job->envs[omp_get_thread_num()], &job->block[i]);
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(write_block(job, end));
    }
out:
    return err;
}

static mdp_err act_uniformly(void *context, int n_states, const float *observations, const uint32_t *episodes,
                             const uint32_t *steps, float *actions) {
    const struct job *job = context;
    const int n_act = job->collection->task.spec->n_act;
    (void)observations;
    for (int i = 0; i < n_states; i++) draw_uniformly(job, episodes[i], steps[i], actions + i * n_act);
    return MDP_OK;
}

/* appends rows of one policy until the file has `end` rows; path NULL: uniform actions */
static mdp_err collect_policy(struct job *job, const char *path, long end) {
    mdp_err err;
    struct mdp_behavior_policy *policy = NULL;
    struct mdp_actor actor = {.context = job, .act = act_uniformly};
    if (path != NULL) {
        MDP_TRY(mdp_behavior_policy_read(path, (int)job->collection->n_threads, &policy));
        policy->is_stochastic = 1;
        policy->seed = job->collection->seed;
        actor = mdp_behavior_actor(policy);
    }
    MDP_TRY(mdp_env_n_at_once(job->envs[0]) > 1 ? collect_together(job, &actor, end)
                                                : collect_one_by_one(job, policy, end));
out:
    mdp_behavior_policy_free(policy);
    return err;
}

/* ---- which policies act ---- */

/* a process is one policy, whatever its task is called */
static int is_of(const struct mdp_collection *c, enum mdp_quality q) {
    return c->command == NULL && c->task.quality == q;
}

int mdp_collect_needs_medium(const struct mdp_collection *c) {
    return is_of(c, MDP_QUALITY_MEDIUM) || is_of(c, MDP_QUALITY_MEDIUM_REPLAY) || is_of(c, MDP_QUALITY_MEDIUM_EXPERT);
}
int mdp_collect_needs_expert(const struct mdp_collection *c) {
    return is_of(c, MDP_QUALITY_EXPERT) || is_of(c, MDP_QUALITY_MEDIUM_EXPERT) || is_of(c, MDP_QUALITY_FULL_REPLAY);
}

/* the policy whose learner is run again, NULL for data that policies act out */
static const char *replayed(const struct mdp_collection *c) {
    return is_of(c, MDP_QUALITY_MEDIUM_REPLAY) ? c->medium : is_of(c, MDP_QUALITY_FULL_REPLAY) ? c->expert : NULL;
}

/* where the second policy of a dataset takes over, which ends an episode; 0 if there is but one */
static long half_rows(const struct job *job) {
    return is_of(job->collection, MDP_QUALITY_MEDIUM_EXPERT) ? job->n_steps / 2 : 0;
}

/* ---- what a stop leaves ---- */

static void count_row(void *context, int is_end) {
    struct job *job = context;
    job->n_written++;
    job->episode += is_end || job->n_written == half_rows(job);
}

/* whether rows that are there are the first ones of this dataset: of the same settings, from this machine, computed the
 * same way */
static mdp_err is_usable(const struct job *job, int *usable) {
    struct mdp_h5 *file = NULL;
    char *settings = NULL, *machine = NULL, *isa = NULL;
    mdp_err err;
    *usable = 0;
    if (!mdp_fsx_exists(job->part)) return MDP_OK;
    MDP_TRY(mdp_h5_open(job->part, &file));
    MDP_TRY(mdp_h5_read_text(file, "metadata/settings", &settings));
    MDP_TRY(mdp_h5_read_text(file, "metadata/machine", &machine));
    if (mdp_h5_exists(file, "metadata/isa")) MDP_TRY(mdp_h5_read_text(file, "metadata/isa", &isa));
    *usable = strcmp(settings, job->settings) == 0 && strcmp(machine, job->machine) == 0 && isa != NULL &&
              strcmp(isa, job->isa) == 0;
    if (!*usable) mdp_log("%s: was left by a collection of other settings or on another machine, not used", job->part);
out:
    free(settings);
    free(machine);
    free(isa);
    mdp_h5_close(file);
    return err;
}

/* goes on behind the first n_rows of what is there, -1: all of it */
static mdp_err take_part(struct job *job, long n_rows) {
    mdp_err err = mdp_dataset_writer_copy(job->writer, job->part, n_rows, count_row, job);
    if (err != MDP_OK) return err;
    if (job->n_written > job->n_steps)
        return mdp_fail(MDP_E_DATA, "%s: expected at most %ld rows, found %ld", job->part, job->n_steps,
                        job->n_written);
    job->n_taken = job->n_written;
    mdp_log("%s: goes on at row %ld of %ld", job->part, job->n_written, job->n_steps);
    return MDP_OK;
}

/* the learner after its rows, so that a kill between the two leaves rows that it makes again */
static mdp_err keep_part(struct job *job, const struct mdp_behavior *learner) {
    mdp_err err = MDP_OK;
    if (job->n_written <= job->n_taken) return mdp_stop_requested();
    MDP_TRY(mdp_dataset_writer_finish(job->writer));
    if (learner != NULL) MDP_TRY(mdp_behavior_write_state(learner, job->state, NULL));
    mdp_log("%s: %ld of %ld rows are kept", job->part, job->n_written, job->n_steps);
    MDP_TRY(mdp_stop_requested());
out:
    return err;
}

/* what is there beside a whole dataset is left by a kill */
static mdp_err drop_part(const struct job *job) {
    struct mdp_checkpoint_info info = {.step = 0};
    int usable;
    mdp_err err;
    MDP_TRY(is_usable(job, &usable));
    if (usable) MDP_TRY(mdp_fsx_remove(job->part));
    if (mdp_fsx_exists(job->state) && mdp_checkpoint_read_info(job->state, &info) == MDP_OK &&
        strcmp(info.kind, "resume") == 0)
        MDP_TRY(mdp_fsx_remove(job->state));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* ---- replay data ---- */

static mdp_err replay_hook(void *context, const struct mdp_behavior_transition *seen) {
    struct job *job = context;
    return job->n_written < job->n_steps ? write_step(job, seen) : MDP_OK;
}

/* the learner that led to a policy, run again from its seed: all that it saw, in order */
static mdp_err collect_replay(struct job *job) {
    mdp_err err;
    struct mdp_behavior *run = NULL;
    struct mdp_behavior_policy *policy = NULL;
    struct mdp_behavior_settings settings;
    int usable;
    MDP_TRY(mdp_behavior_policy_read(replayed(job->collection), 1, &policy));
    MDP_TRY(mdp_behavior_policy_settings(replayed(job->collection), job->collection->engine, &settings));
    if (job->n_steps == 0 || job->n_steps > policy->step) job->n_steps = policy->step;
    settings.n_threads = job->collection->n_threads;
    MDP_TRY(mdp_behavior_new(&settings, &run));
    MDP_TRY(is_usable(job, &usable));
    if (usable && mdp_fsx_exists(job->state)) {
        MDP_TRY(mdp_behavior_read_state(run, job->state));
        MDP_TRY(take_part(job, run->step));
    }
    mdp_progress_start(&job->progress, job->collection->task.name, "steps", (double)job->n_written,
                       (double)job->n_steps);
    while (err == MDP_OK && job->n_written < job->n_steps) err = mdp_behavior_episode(run, replay_hook, job);
    if (err == MDP_E_INTERRUPTED) MDP_TRY(keep_part(job, run));
out:
    mdp_behavior_free(run);
    mdp_behavior_policy_free(policy);
    return err;
}

static mdp_err collect_policies(struct job *job) {
    const struct mdp_collection *c = job->collection;
    if (job->outside != NULL) return collect_together(job, &job->outside->actor, job->n_steps);
    switch (c->task.quality) {
    case MDP_QUALITY_RANDOM: return collect_policy(job, NULL, job->n_steps);
    case MDP_QUALITY_MEDIUM: return collect_policy(job, c->medium, job->n_steps);
    case MDP_QUALITY_EXPERT: return collect_policy(job, c->expert, job->n_steps);
    default: break;
    }
    mdp_err err = collect_policy(job, c->medium, half_rows(job));
    return err != MDP_OK ? err : collect_policy(job, c->expert, job->n_steps);
}

static mdp_err collect_rows(struct job *job) {
    int usable;
    mdp_err err;
    if (replayed(job->collection) != NULL) return collect_replay(job);
    MDP_TRY(is_usable(job, &usable));
    if (usable) MDP_TRY(take_part(job, -1));
    mdp_progress_start(&job->progress, job->collection->task.name, "steps", (double)job->n_written,
                       (double)job->n_steps);
    err = collect_policies(job);
    if (err == MDP_E_INTERRUPTED) MDP_TRY(keep_part(job, NULL));
out:
    return err;
}

static mdp_err check_policy(const struct mdp_collection *c, const char *path) {
    struct mdp_behavior_policy *policy;
    mdp_err err = mdp_behavior_policy_read(path, 1, &policy);
    if (err != MDP_OK) return err;
    if (policy->spec != c->task.spec)
        err = mdp_fail(MDP_E_DATA, "%s: task: expected %s, found %s", path, c->task.spec->robot, policy->spec->robot);
    mdp_behavior_policy_free(policy);
    return err;
}

/* before any simulation: the second policy must not turn out bad after half the work */
static mdp_err check_policies(const struct mdp_collection *c) {
    mdp_err err = MDP_OK;
    if (mdp_collect_needs_medium(c)) MDP_TRY(check_policy(c, c->medium));
    if (mdp_collect_needs_expert(c)) MDP_TRY(check_policy(c, c->expert));
out:
    return err;
}

/* settings know a policy by its role, so that two policies that change places are another dataset */
static mdp_err add_policy(const char *role, const char *path, json_t *policies, json_t *inputs) {
    uint64_t hash;
    char text[17];
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err != MDP_OK) return err;
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    if (json_object_set_new(policies, role, json_string(text)) != 0)
        return mdp_fail(MDP_E_NOMEM, "%s: no memory for its hash", path);
    return mdp_inputs_add(inputs, path);
}

static mdp_err describe(const struct mdp_collection *c, const struct mdp_outside_policy *outside, char **settings,
                        char **inputs) {
    mdp_err err = MDP_OK;
    json_t *object = json_object(), *policies = json_object();
    if (mdp_collect_needs_medium(c)) MDP_TRY(add_policy("medium", c->medium, policies, object));
    if (mdp_collect_needs_expert(c)) MDP_TRY(add_policy("expert", c->expert, policies, object));
    json_t *all = json_pack("{s:s, s:O}", "task", c->task.name, "policies", policies);
    MDP_TRY(mdp_settings_record(&mdp_collect_table, c, 0, all));
    mdp_physics_add_setting(c->engine, all);
    if (outside != NULL) mdp_outside_record(outside, all);
    if (outside != NULL && outside->step >= 0) json_object_set_new(all, "policy_step", json_integer(outside->step));
    MDP_TRY(mdp_json_text(all, settings));
    json_decref(policies);
    err = mdp_json_text(object, inputs);
    return err;
out:
    json_decref(policies);
    json_decref(object);
    return err;
}

/* a folder of Minari's is whole once it has its metadata, and keeps the settings beside its episodes */
static mdp_err find_target(struct job *job) {
    const char *out = job->collection->out;
    mdp_err err;
    if (job->collection->as_minari) MDP_TRY(mdp_minari_check_id(out));
    MDP_TRY(mdp_fsx_path(job->target, job->collection->as_minari ? "%s/data/metadata.json" : "%s", out));
    err = mdp_fsx_path(job->described, job->collection->as_minari ? "%s/data/d4rl.hdf5" : "%s", out);
out:
    return err;
}

/* 1 in *done if the dataset is there and was made with the same settings */
static mdp_err check_existing(const struct job *job, int *done) {
    mdp_err err;
    struct mdp_h5 *file = NULL;
    char *recorded = NULL;
    *done = 0;
    if (!mdp_fsx_exists(job->target)) return MDP_OK;
    MDP_TRY(mdp_h5_open(job->described, &file));
    MDP_TRY(mdp_h5_read_text(file, "metadata/settings", &recorded));
    MDP_TRY(mdp_check_same_settings(job->described, recorded, job->settings, MDP_WAY_OUT));
    *done = 1;
    mdp_log("%s: exists with these settings, nothing to do", job->collection->out);
out:
    free(recorded);
    mdp_h5_close(file);
    return err;
}

/* Minari's layout is made of D4RL's, from which a stopped collection goes on */
static mdp_err publish(const struct job *job) {
    int is_kept;
    if (!job->collection->as_minari) return mdp_fsx_move(job->part, job->collection->out, MDP_PUBLISH_NEW);
    mdp_err err = mdp_minari_from_d4rl(job->part, job->collection->out, &is_kept);
    return err == MDP_OK ? mdp_fsx_remove(job->part) : err;
}

/* the policy by the name of its file, or by what it calls itself */
static const char *policy_name(const struct job *job) {
    const struct mdp_collection *c = job->collection;
    if (job->outside != NULL) return job->outside->name;
    return mdp_collect_needs_medium(c)   ? mdp_path_name(c->medium)
           : mdp_collect_needs_expert(c) ? mdp_path_name(c->expert)
                                         : "";
}

/* a writer under the name of what is not whole */
static mdp_err open_writer(struct job *job, const struct mdp_engine_facts *physics, const char *inputs) {
    const struct mdp_collection *c = job->collection;
    const struct mdp_env_spec *spec = c->task.spec;
    const struct mdp_dataset_facts facts = {.task = c->task.name,
                                            .env_id = spec->id,
                                            .algorithm = job->outside != NULL           ? "process"
                                                         : is_of(c, MDP_QUALITY_RANDOM) ? "uniform"
                                                                                        : "sac",
                                            .policy = policy_name(job),
                                            .reference = spec->reference,
                                            .settings = job->settings,
                                            .inputs = inputs,
                                            .machine = job->machine,
                                            .isa = job->isa,
                                            .physics = physics->label,
                                            .physics_library = physics->files.names,
                                            .physics_hash = physics->files.hash,
                                            .seed = c->seed};
    return mdp_dataset_writer_new(job->part, spec->n_obs, spec->n_act, mdp_env_n_dof(spec), &facts, &job->writer);
}

/* everything that is written, from the first row on, under a claim; what another process has made until then stays */
static mdp_err make(struct job *job, const struct mdp_engine_facts *physics, const char *inputs) {
    struct mdp_claim *claim = NULL;
    int done;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(job->target));
    MDP_TRY(mdp_claim_take(job->target, &claim));
    MDP_TRY(check_existing(job, &done));
    if (done) goto out;
    MDP_TRY(open_writer(job, physics, inputs));
    MDP_TRY(job_alloc(job));
    MDP_TRY(collect_rows(job));
    MDP_TRY(mdp_dataset_writer_finish(job->writer));
    MDP_TRY(publish(job));
    mdp_progress_end(&job->progress, (double)job->n_written);
out:
    mdp_claim_free(claim);
    return err;
}

mdp_err mdp_collect(const struct mdp_collection *collection, const struct mdp_outside_policy *outside) {
    mdp_err err;
    int done;
    struct job job = {.collection = collection, .outside = outside, .n_steps = collection->n_steps};
    char *settings = NULL, *inputs = NULL, machine[MDP_MACHINE_MAX];
    struct mdp_engine_facts physics;
    int is_replay = replayed(collection) != NULL;
    if (job.n_steps == 0 && !is_replay) job.n_steps = DEFAULT_STEPS;
    MDP_TRY(check_policies(collection));
    MDP_TRY(describe(collection, outside, &settings, &inputs));
    MDP_TRY(mdp_engine_describe(collection->engine, collection->task.spec, &physics));
    MDP_TRY(mdp_physics_machine_text(collection->engine, collection->task.spec, machine));
    job.settings = settings;
    job.machine = machine;
    mdp_isa_text(outside == NULL && !is_of(collection, MDP_QUALITY_RANDOM), job.isa);
    MDP_TRY(mdp_fsx_path(job.part, "%s.part", collection->out));
    MDP_TRY(mdp_fsx_path(job.state, "%s.resume.h5", collection->out));
    MDP_TRY(find_target(&job));
    MDP_TRY(check_existing(&job, &done));
    if (!done) MDP_TRY(make(&job, &physics, inputs));
    MDP_TRY(drop_part(&job));
out:
    job_free(&job);
    free(settings);
    free(inputs);
    return err;
}
