#include "bench/stage/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "base/claim.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/run/composition.h"
#include "bench/run/evaluations.h"
#include "bench/run/modules.h"
#include "bench/run/outputs.h"
#include "bench/run/version.h"
#include "bench/run/world.h"
#include "bench/stage/behavior_files.h"
#include "bench/stage/held.h"
#include "results/alike.h"
#include "bench/stage/evaluation_internal.h"

/* a diffusion policy as an actor */
struct module_actor {
    struct mdp_policy *policy;
    uint64_t seed;
    int n_threads;
};

static mdp_err name_input(struct mdp_input_file *file, json_t *inputs, const char *path) {
    mdp_err err;
    MDP_TRY(mdp_fsx_hash(path, &file->hash));
    if (strlen(path) >= sizeof file->path)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "path longer than %zu bytes: %s", sizeof file->path - 1, path));
    strcpy(file->path, path);
    MDP_TRY(mdp_inputs_add(inputs, path));
out:
    return err;
}

static void set_text(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text); }

/* what results record of how it was evaluated */
static mdp_err record(struct mdp_eval_job *job, json_t *inputs) {
    const struct mdp_eval_settings *s = &job->used;
    mdp_err err;
    json_t *settings = json_pack("{s:s, s:O}", "env", job->spec->id, "inputs", inputs);
    MDP_TRY(mdp_settings_record(&mdp_eval_table, s, job->holds, settings));
    mdp_physics_add_setting(s->engine, settings);
    if (job->extras != NULL) json_object_update_recursive(settings, job->extras);
    err = mdp_json_text(settings, &job->settings_json);
    settings = NULL;
    job->inputs_json = json_dumps(inputs, JSON_SORT_KEYS | JSON_COMPACT);
    if (job->inputs_json == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "settings: no memory"));
    job->info.head.settings = job->settings_json;
    job->info.head.inputs = job->inputs_json;
out:
    json_decref(settings);
    return err;
}

/* whether the matrix library multiplies, whose last bits follow the processor; kernels have bits of their own */
static int has_products(const struct mdp_eval_job *job) {
    const struct mdp_eval_settings *s = &job->used;
    const struct mdp_kernel *kernel;
    if ((job->holds & MDP_WITH_BEHAVIOR) != 0 || s->lambda != 0 || s->langevin_steps > 0) return 1;
    return mdp_precision_find(s->precision, &kernel) == MDP_OK && kernel == NULL;
}

/* the part of the file's header that every evaluation has */
static mdp_err describe(struct mdp_eval_job *job, json_t *inputs) {
    mdp_err err;
    const struct mdp_eval_settings *s = &job->used;
    struct mdp_episodes_info *info = &job->info;
    struct mdp_engine_facts physics;
    MDP_TRY(mdp_engine_describe(s->engine, job->spec, &physics));
    MDP_TRY(mdp_world_describe(job->spec, &physics, info));
    set_text(info->precision, sizeof info->precision, s->precision);
    set_text(info->return_rule, sizeof info->return_rule, mdp_names_at(mdp_return_rule_names(), (int)s->rule));
    set_text(info->actor, sizeof info->actor, s->actor);
    info->seed = s->seed;
    info->candidates = s->n_candidates;
    info->temperature = s->temperature;
    info->w_t = s->w_t;
    MDP_TRY(record(job, inputs));
    MDP_TRY(mdp_physics_machine_text(s->engine, job->spec, info->head.machine));
    mdp_isa_text(has_products(job), info->isa);
out:
    return err;
}

void mdp_eval_fill_row(struct mdp_episodes *episodes, long i, const struct mdp_rollout *rollout,
                       const struct mdp_eval_settings *settings) {
    episodes->returns[i] = rollout->episode_return;
    episodes->lengths[i] = rollout->length;
    episodes->ends[i] = rollout->last.non_finite   ? MDP_END_NON_FINITE
                        : rollout->last.terminated ? MDP_END_TERMINATED
                                                   : MDP_END_TIME_LIMIT;
    episodes->seeds[i] = settings->seed;
    episodes->indices[i] = settings->first_episode + i;
}

/* ---- what a stop leaves ---- */

static void describe_tape(const struct mdp_eval_job *job, struct mdp_checkpoint_info *info) {
    *info = (struct mdp_checkpoint_info){.kind = "resume",
                                         .algo = "eval",
                                         .seed = job->used.seed,
                                         .step = job->info.step < 0 ? 0 : job->info.step,
                                         .n_obs = job->spec->n_obs,
                                         .n_act = job->spec->n_act,
                                         .head = {.settings = job->settings_json, .inputs = job->inputs_json}};
    set_text(info->task, sizeof info->task, job->info.task);
    set_text(info->isa, sizeof info->isa, job->info.isa);
    set_text(info->head.machine, sizeof info->head.machine, job->info.head.machine);
}

/* a tape of another evaluation, or of other last bits, says nothing of this one */
static mdp_err read_tape(const struct mdp_eval_job *job, const char *path, struct mdp_tape *tape) {
    struct mdp_checkpoint_info found = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &found));
    if (strcmp(found.kind, "resume") != 0 || strcmp(found.algo, "eval") != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected what a stopped evaluation has left, found %s of %s", path,
                         found.kind, found.algo));
    if (mdp_check_same_settings(path, found.head.settings, job->settings_json, MDP_WAY_OUT_OF_EVAL) != MDP_OK ||
        strcmp(found.isa, job->info.isa) != 0) {
        mdp_log("%s: was left by an evaluation of other settings or instructions, not used", path);
        goto out;
    }
    MDP_TRY(mdp_tape_read(path, tape));
    mdp_log("%s: goes on from there", path);
out:
    mdp_checkpoint_info_free(&found);
    return err;
}

/* when the file is there: one that a kill has left between the two, too */
static void drop_tape(const char *path) {
    struct mdp_checkpoint_info found = {.step = 0};
    if (!mdp_fsx_exists(path)) return;
    if (mdp_checkpoint_read_info(path, &found) == MDP_OK && strcmp(found.algo, "eval") == 0) (void)mdp_fsx_remove(path);
    mdp_checkpoint_info_free(&found);
}

/* rolls out what is missing of held episodes, from a tape if there is one, and leaves one at a stop */
static mdp_err roll_out(const struct mdp_eval_job *job, const struct mdp_evaluation *evaluation, const char *out,
                        const struct mdp_held *held, struct mdp_rollout *rollouts) {
    struct mdp_tape tape;
    struct mdp_checkpoint_info info;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_tape_new(evaluation->n_episodes, job->spec->max_steps, job->spec->n_act, &tape));
    MDP_TRY(mdp_tape_path(out, path));
    if (mdp_fsx_exists(path)) MDP_TRY(read_tape(job, path, &tape));
    if (mdp_tape_is_empty(&tape))
        MDP_TRY(mdp_held_to_tape(held, out, evaluation->first_episode, evaluation->rule, &tape));
    err = mdp_evaluate_on(evaluation, &job->actor, out, &tape, rollouts);
    if (err != MDP_E_INTERRUPTED || mdp_tape_is_empty(&tape)) goto out;
    describe_tape(job, &info);
    MDP_TRY(mdp_tape_write(path, &info, &tape));
    MDP_TRY(mdp_stop_requested());
out:
    mdp_tape_free(&tape);
    return err;
}

/* the clock stops before the file is written, so that rates are those of the loop. a file that is there has the first
 * of these episodes */
static mdp_err run(const struct mdp_eval_job *job, const char *out, const struct mdp_held *held, double *loop_seconds) {
    mdp_err err;
    const struct mdp_eval_settings *s = &job->used;
    struct mdp_rollout *rollouts = NULL;
    struct mdp_episodes episodes = {.n = 0};
    const struct mdp_evaluation evaluation = {.spec = job->spec,
                                              .n_episodes = (int)s->n_episodes,
                                              .n_lanes = (int)(s->n_lanes < s->n_episodes ? s->n_lanes : s->n_episodes),
                                              .n_threads = (int)s->n_threads,
                                              .seed = s->seed,
                                              .rule = s->rule,
                                              .engine = s->engine,
                                              .first_episode = (int)s->first_episode};
    MDP_TRY(mdp_calloc(&rollouts, (unsigned long)s->n_episodes, sizeof *rollouts, "episodes"));
    MDP_TRY(mdp_episodes_alloc(&episodes, s->n_episodes));
    double start = mdp_clock_cpu_seconds();
    MDP_TRY(roll_out(job, &evaluation, out, held, rollouts));
    *loop_seconds = mdp_clock_cpu_seconds() - start;
    for (int i = 0; i < s->n_episodes; i++) mdp_eval_fill_row(&episodes, i, &rollouts[i], s);
    MDP_TRY(
        mdp_episodes_write(out, &job->info, &episodes, mdp_fsx_exists(out) ? MDP_PUBLISH_REPLACE : MDP_PUBLISH_NEW));
out:
    free(rollouts);
    mdp_episodes_free(&episodes);
    return err;
}

/* a file with the same settings may still be of another environment or physics, which settings do not tell */
static void warn_of_world(const char *path, const struct mdp_episodes_info *found,
                          const struct mdp_episodes_info *now) {
    struct mdp_facts then, today;
    mdp_facts_read(found, &then);
    mdp_facts_read(now, &today);
    int i = mdp_facts_unlike(MDP_FACTS_OF_ENV | MDP_FACT_BIT(MDP_FACT_PHYSICS), &then, &today);
    if (i >= 0)
        mdp_log("%s: %s: was made with %s, now it is %s", path, mdp_fact_row((enum mdp_fact)i)->text, then.values[i],
                today.values[i]);
}

/* what is there: in a file of its own, else where it was found */
static mdp_err look(const struct mdp_eval_job *job, const char *own, const char *found, struct mdp_held *held) {
    const char *path = mdp_fsx_exists(own) ? own : found;
    mdp_held_free(held);
    return mdp_evaluation_file_exists(path) ? mdp_held_read(path, &job->info, held) : MDP_OK;
}

/* makes the file under a claim, unless another process has made it until that is taken */
static mdp_err make(const struct mdp_eval_job *job, const char *own, const char *found, struct mdp_held *held,
                    double *loop_seconds) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(own));
    MDP_TRY(mdp_claim_take(own, &claim));
    MDP_TRY(look(job, own, found, held));
    if (held->is_whole) goto out;
    MDP_TRY(run(job, own, held, loop_seconds));
    mdp_held_free(held);
out:
    mdp_claim_free(claim);
    return err;
}

/* makes what is missing of the file, then summarises it. `out` may be part of a curve, whose evaluations become longer
 * in files of their own */
static mdp_err finish(const struct mdp_eval_job *job, const char *out, struct mdp_eval_result *result) {
    mdp_err err;
    struct mdp_held held = {.is_whole = 0};
    char own[MDP_PATH_MAX], tape[MDP_PATH_MAX];
    result->loop_seconds = 0;
    MDP_TRY(mdp_evaluation_own(out, own));
    MDP_TRY(look(job, out, out, &held));
    if (!held.is_whole) MDP_TRY(make(job, own, out, &held, &result->loop_seconds));
    if (held.is_whole) {
        mdp_log("%s: exists with these settings, not made again", out);
        warn_of_world(out, &held.info, &job->info);
        MDP_TRY(mdp_fsx_path(result->path, "%s", out));
    } else {
        MDP_TRY(mdp_held_read(own, &job->info, &held));
        MDP_TRY(mdp_fsx_path(result->path, "%s", own));
    }
    MDP_TRY(mdp_tape_path(own, tape));
    drop_tape(tape);
    result->step = (long)held.info.step;
    MDP_TRY(mdp_summarize(held.episodes.returns, held.episodes.n, &result->returns));
    MDP_TRY(mdp_summarize(held.episodes.normalized_returns, held.episodes.n, &result->normalized));
out:
    mdp_held_free(&held);
    return err;
}

static void act(void *context, int n_states, const float *observations, const uint32_t *episodes, const uint32_t *steps,
                float *actions) {
    struct module_actor *actor = context;
    mdp_policy_act(actor->policy, n_states, observations, episodes, steps, actor->seed, actions, actor->n_threads);
}

/* a diffusion policy in the making: modules with what their files say; the guidance's path NULL for none */
struct modules {
    const char *diffusion_path, *guidance_path;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_checkpoint_info d, g;
};

static void modules_free(struct modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_guidance_free(m->guidance);
    mdp_checkpoint_info_free(&m->d);
    mdp_checkpoint_info_free(&m->g);
}

/* how candidates are sampled, which may differ from training */
static mdp_err read_diffusion(const struct mdp_eval_settings *s, struct modules *m) {
    struct mdp_sampling sampling = {NULL, (int)s->n_sampling_steps};
    if (s->solver != NULL && mdp_solver_find(s->solver, &sampling.solver) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "eval: option --solver");
    return mdp_diffusion_read_as(m->diffusion_path, &sampling, &m->diffusion, &m->d);
}

static mdp_err read_modules(struct mdp_eval_job *job, struct modules *m, json_t *inputs) {
    mdp_err err;
    MDP_TRY(read_diffusion(&job->used, m));
    MDP_TRY(name_input(&job->info.diffusion, inputs, m->diffusion_path));
    if (m->guidance_path == NULL) return MDP_OK;
    MDP_TRY(mdp_guidance_read(m->guidance_path, &m->guidance, &m->g));
    MDP_TRY(mdp_modules_check_fit(m->diffusion_path, &m->d, m->guidance_path, &m->g));
    MDP_TRY(name_input(&job->info.guidance, inputs, m->guidance_path));
out:
    return err;
}

/* sets the number of candidates and the weight of their scores, which depends on the scale of the guidance's values */
static mdp_err settle_selection(struct mdp_eval_job *job, const struct modules *m, const char *task) {
    struct mdp_eval_settings *used = &job->used;
    const char *scale;
    struct mdp_policy_config own;
    const struct mdp_algorithm *algorithm;
    mdp_err err;
    if (m->guidance == NULL) {
        used->n_candidates = 1;
        used->w_t = 0;
        return MDP_OK;
    }
    MDP_TRY(mdp_guidance_scale(m->guidance_path, &m->g, &scale));
    if (used->is_paper_exact && strcmp(scale, m->d.algo) == 0 && mdp_algorithm_find(scale, &algorithm) == MDP_OK) {
        mdp_algorithm_policy(algorithm, &own);
        used->n_candidates = own.n_candidates;
    }
    if (isnan(used->w_t) && mdp_selection_temperature(scale, task, &used->w_t) != MDP_OK)
        err = mdp_fail(MDP_E_USAGE, "%s: option --w-t: expected a number, as none is known for %s and %s, found none",
                       m->diffusion_path, scale, task);
out:
    return err;
}

/* modules of a task know their world; of others it must be said, as sizes alone do not tell robots apart */
static mdp_err find_task(const struct mdp_eval_job *job, const struct mdp_checkpoint_info *d, const char *path,
                         struct mdp_task *task) {
    const char *said = job->used.task;
    struct mdp_task wanted;
    char worlds[MDP_NAMES_MAX];
    mdp_err err;
    int is_known = mdp_task_parse(d->task, task) == MDP_OK;
    if (said != NULL) {
        MDP_TRY(mdp_task_parse(said, &wanted));
        if (is_known && strcmp(wanted.name, task->name) != 0)
            return mdp_fail(MDP_E_USAGE, "%s: option --task: expected %s as the file says, found %s", path, task->name,
                            wanted.name);
        *task = wanted;
    } else if (!is_known) {
        int n = mdp_task_worlds(d->n_obs, d->n_act, worlds);
        return mdp_fail(MDP_E_DATA,
                        "%s: task: expected one with a world, found '%s' of %d observations and %d actions; %s%s", path,
                        d->task, d->n_obs, d->n_act, worlds, n > 0 ? "; option --task says which" : "");
    }
    err = MDP_OK;
out:
    return err;
}

/* actions of another range were mapped to [-1, 1] before training; the worlds here take them as they are */
static mdp_err check_bounds(const struct mdp_checkpoint_info *d, const char *path, const struct mdp_task *task) {
    json_t *settings = json_loads(d->head.settings, 0, NULL);
    char *bounds = json_dumps(json_object_get(settings, "bounds"), JSON_ENCODE_ANY | JSON_COMPACT);
    mdp_err err = MDP_OK;
    if (bounds != NULL)
        err = mdp_fail(MDP_E_DATA, "%s: bounds: expected actions in [-1, 1] as %s takes, found %.200s", path,
                       task->spec->id, bounds);
    free(bounds);
    json_decref(settings);
    return err;
}

/* fills what the file says about the policy, and finds the environment */
static mdp_err describe_policy(struct mdp_eval_job *job, const struct modules *m) {
    struct mdp_task task;
    const struct mdp_checkpoint_info *d = &m->d;
    const char *path = m->diffusion_path;
    mdp_err err;
    MDP_TRY(find_task(job, d, path, &task));
    MDP_TRY(mdp_task_check_sizes(&task, path, d->n_obs, d->n_act));
    MDP_TRY(check_bounds(d, path, &task));
    job->spec = task.spec;
    set_text(job->info.task, sizeof job->info.task, task.name);
    set_text(job->info.algo, sizeof job->info.algo, d->algo);
    job->info.step = d->step;
    MDP_TRY(settle_selection(job, m, task.name));
out:
    return err;
}

/* Langevin steps as the policy takes them */
static struct mdp_langevin langevin_of(const struct mdp_eval_settings *s) {
    if (s->langevin_steps == 0) return (struct mdp_langevin){.n_steps = 0};
    return (struct mdp_langevin){(int)s->langevin_steps, s->langevin_step_size, (int)s->langevin_time};
}

/* how candidates are sampled, as far as the module says it; and which modules act */
static mdp_err settle_composition(struct mdp_eval_job *job, const struct modules *m) {
    const struct mdp_diffusion_config *c = &m->diffusion->config;
    const struct mdp_schedule *schedule = &m->diffusion->schedule;
    struct mdp_eval_settings *used = &job->used;
    used->solver = c->solver->name;
    used->n_sampling_steps = c->n_steps;
    if (used->langevin_steps > 0 && used->langevin_time < 0) used->langevin_time = mdp_density_time(schedule);
    const struct mdp_langevin langevin = langevin_of(used);
    mdp_err err = mdp_langevin_check(&langevin, m->diffusion);
    if (err != MDP_OK) return mdp_fail_context(err, "%s", m->diffusion_path);
    job->extras =
        json_pack("{s:o, s:o}", "diffusion", mdp_module_reference(job->info.diffusion.hash, &m->d), "guidance",
                  m->guidance != NULL ? mdp_module_reference(job->info.guidance.hash, &m->g) : json_string("none"));
    if (langevin.n_steps > 0)
        json_object_set_new(job->extras, "langevin", json_pack("{s:f}", "sigma", schedule->sigma[langevin.time]));
    return job->extras != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

static mdp_err new_policy(const struct mdp_eval_job *job, const struct modules *m, struct mdp_policy **out) {
    const struct mdp_eval_settings *s = &job->used;
    struct mdp_policy_config config;
    mdp_policy_defaults(&config);
    config.n_candidates = (int)s->n_candidates;
    config.start_temperature = s->temperature;
    config.selection_temperature = s->w_t;
    config.use_ema = mdp_acts_by_ema(s);
    config.max_threads = (int)s->n_threads;
    config.lambda = s->lambda;
    config.langevin = langevin_of(s);
    mdp_err err = mdp_precision_find(s->precision, &config.kernel);
    if (err != MDP_OK) return err;
    int has = m->d.normalizer.n > 0;
    return mdp_policy_new(&config, m->diffusion, m->guidance, has ? m->d.normalizer.mean : NULL,
                          has ? m->d.normalizer.std : NULL, out);
}

static mdp_err eval_modules(const struct mdp_eval_settings *settings, const char *diffusion_path,
                            const char *guidance_path, const struct mdp_eval_use *use) {
    mdp_err err;
    struct mdp_eval_job job = {.used = *settings, .holds = MDP_WITH_MODULES};
    struct modules modules = {.diffusion_path = diffusion_path, .guidance_path = guidance_path};
    struct module_actor actor = {.seed = settings->seed, .n_threads = (int)settings->n_threads};
    json_t *inputs = json_object();
    if (guidance_path != NULL) job.holds |= MDP_WITH_GUIDANCE;
    MDP_TRY(read_modules(&job, &modules, inputs));
    MDP_TRY(describe_policy(&job, &modules));
    MDP_TRY(settle_composition(&job, &modules));
    MDP_TRY(new_policy(&job, &modules, &actor.policy));
    job.actor = (struct mdp_actor){&actor, act};
    MDP_TRY(describe(&job, inputs));
    MDP_TRY(use->act(&job, use->context));
out:
    json_decref(inputs);
    json_decref(job.extras);
    free(job.settings_json);
    free(job.inputs_json);
    mdp_policy_free(actor.policy);
    modules_free(&modules);
    return err;
}

/* a behaviour policy has none of the settings of diffusion policies */
static void settle_behavior(struct mdp_eval_settings *used) {
    used->actor = used->is_stochastic ? "stochastic" : "mode";
    used->precision = MDP_PRECISION_DEFAULT;
    used->n_candidates = 1;
    used->temperature = used->w_t = 0;
}

static mdp_err eval_behavior(const struct mdp_eval_settings *settings, const char *path,
                             const struct mdp_eval_use *use) {
    mdp_err err;
    struct mdp_eval_job job = {.used = *settings, .holds = MDP_WITH_BEHAVIOR};
    struct mdp_behavior_policy *policy = NULL;
    json_t *inputs = json_object();
    settle_behavior(&job.used);
    MDP_TRY(mdp_behavior_policy_read(path, (int)settings->n_threads, &policy));
    MDP_TRY(name_input(&job.info.diffusion, inputs, path));
    policy->is_stochastic = settings->is_stochastic;
    policy->seed = settings->seed;
    job.spec = policy->spec;
    set_text(job.info.task, sizeof job.info.task, policy->spec->robot);
    set_text(job.info.algo, sizeof job.info.algo, "sac");
    job.info.step = policy->step;
    job.actor = mdp_behavior_actor(policy);
    MDP_TRY(describe(&job, inputs));
    MDP_TRY(use->act(&job, use->context));
out:
    json_decref(inputs);
    free(job.settings_json);
    free(job.inputs_json);
    mdp_behavior_policy_free(policy);
    return err;
}

mdp_err mdp_eval_use_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files,
                            const struct mdp_eval_use *use) {
    if (files->is_behavior) return eval_behavior(settings, files->policy, use);
    return eval_modules(settings, files->policy, files->guidance[0] != 0 ? files->guidance : NULL, use);
}

/* where an evaluation goes, and what it found */
struct goal {
    const char *out;
    struct mdp_eval_result *result;
};

static mdp_err reach(const struct mdp_eval_job *job, void *context) {
    const struct goal *goal = context;
    return finish(job, goal->out, goal->result);
}

mdp_err mdp_eval_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files, const char *out,
                        struct mdp_eval_result *result) {
    struct goal goal = {out, result};
    return mdp_eval_use_policy(settings, files, &(struct mdp_eval_use){reach, &goal});
}
