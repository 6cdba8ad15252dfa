#include "bench/stage/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/selection.h"
#include "base/clock.h"
#include "base/log.h"
#include "bench/run/composition.h"
#include "bench/run/modules.h"
#include "bench/run/outputs.h"
#include "bench/run/physics.h"
#include "bench/run/task.h"
#include "bench/stage/behavior_files.h"
#include "bench/stage/rollout.h"
#include "results/episodes.h"
#include "results/reference_scores.h"

/* one evaluation on its way from modules to a file */
struct job {
    const struct mdp_eval_settings *settings;
    const struct mdp_env_spec *spec;
    struct mdp_episodes_info info;
    struct mdp_actor actor;
    struct mdp_langevin langevin; /* with the time that is meant */
    const char *precision;
    json_t *composition; /* settings of module policies alone; NULL for behaviour policies */
    char *settings_json, *inputs_json;
};

/* a diffusion policy as an actor */
struct module_actor {
    struct mdp_policy *policy;
    uint64_t seed;
    int n_threads;
};

void mdp_eval_defaults(struct mdp_eval_settings *settings) {
    *settings = (struct mdp_eval_settings){.n_episodes = 50,
                                           .n_lanes = 50,
                                           .n_threads = 1,
                                           .n_candidates = 50,
                                           .use_ema = 1,
                                           .temperature = 0.5,
                                           .selection_temperature = -1,
                                           .langevin = {.time = -1},
                                           .precision = MDP_PRECISION_DEFAULT};
}

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

/* the part of the file's header that every evaluation has */
static mdp_err describe(struct job *job, json_t *inputs, const char *mode) {
    mdp_err err;
    const struct mdp_eval_settings *s = job->settings;
    struct mdp_episodes_info *info = &job->info;
    set_text(info->env_id, sizeof info->env_id, job->spec->id);
    info->env_hash = mdp_env_spec_hash(job->spec);
    struct mdp_engine_facts physics;
    MDP_TRY(mdp_physics_facts(s->engine, &physics));
    set_text(info->physics, sizeof info->physics, physics.label);
    set_text(info->physics_library, sizeof info->physics_library, physics.files.names);
    info->physics_hash = physics.files.hash;
    const struct mdp_reference_score *score;
    MDP_TRY(mdp_reference_find(job->spec->reference, &score));
    set_text(info->reference, sizeof info->reference, score->family);
    info->ref_min = score->ref_min;
    info->ref_max = score->ref_max;
    set_text(info->precision, sizeof info->precision, job->precision);
    set_text(info->return_rule, sizeof info->return_rule,
             s->rule == MDP_RETURN_STANDARD ? "standard" : "cleandiffuser");
    set_text(info->actor, sizeof info->actor, mode);
    info->seed = s->seed;
    json_t *settings = json_pack("{s:s, s:i, s:I, s:s, s:s, s:I, s:f, s:f, s:s, s:O}", "env", job->spec->id, "episodes",
                                 s->n_episodes, "seed", (json_int_t)s->seed, "return_rule", info->return_rule, "actor",
                                 mode, "candidates", (json_int_t)info->candidates, "temperature", info->temperature,
                                 "w_T", info->w_t, "precision", info->precision, "inputs", inputs);
    mdp_physics_add_setting(s->engine, settings);
    if (s->first_episode > 0) json_object_set_new(settings, "first_episode", json_integer(s->first_episode));
    if (s->label != NULL) json_object_set_new(settings, "label", json_string(s->label));
    if (job->composition != NULL) json_object_update(settings, job->composition);
    MDP_TRY(mdp_json_text(settings, &job->settings_json));
    job->inputs_json = json_dumps(inputs, JSON_SORT_KEYS | JSON_COMPACT);
    if (job->inputs_json == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "settings: no memory"));
    info->head.settings = job->settings_json;
    info->head.inputs = job->inputs_json;
    mdp_physics_machine_text(s->engine, info->head.machine);
out:
    return err;
}

static void fill_row(struct mdp_episodes *episodes, long i, const struct mdp_rollout *rollout,
                     const struct mdp_eval_settings *settings) {
    episodes->returns[i] = rollout->episode_return;
    episodes->lengths[i] = rollout->length;
    episodes->ends[i] = rollout->last.non_finite   ? MDP_END_NON_FINITE
                        : rollout->last.terminated ? MDP_END_TERMINATED
                                                   : MDP_END_TIME_LIMIT;
    episodes->seeds[i] = settings->seed;
    episodes->indices[i] = settings->first_episode + i;
}

/* an actor that wastes time, by what the process has spent since it was last done: speeds are of
 * processor time, and what other programs take is no part of it */
struct slow_actor {
    struct mdp_actor actor;
    double factor, last; /* last: clock, 0 before the first call */
};

static void act_slowly(void *context, int n_states, const float *observations, const uint32_t *episodes,
                       const uint32_t *steps, float *actions) {
    struct slow_actor *slow = context;
    double start = slow->last > 0 ? slow->last : mdp_clock_cpu_seconds();
    slow->actor.act(slow->actor.context, n_states, observations, episodes, steps, actions);
    double until = start + slow->factor * (mdp_clock_cpu_seconds() - start);
    while ((slow->last = mdp_clock_cpu_seconds()) < until) {
    }
}

static mdp_err run(const struct job *job, const char *out, double *loop_seconds) {
    mdp_err err;
    const struct mdp_eval_settings *s = job->settings;
    struct mdp_rollout *rollouts = NULL;
    struct mdp_episodes episodes = {.n = 0};
    struct slow_actor slow = {job->actor, s->slowdown, 0};
    const struct mdp_actor slowed = {&slow, act_slowly};
    int n_lanes = s->n_lanes < s->n_episodes ? s->n_lanes : s->n_episodes;
    const struct mdp_evaluation evaluation = {job->spec, s->n_episodes, n_lanes,   s->n_threads,
                                              s->seed,   s->rule,       s->engine, s->first_episode};
    MDP_TRY(mdp_calloc(&rollouts, (unsigned long)s->n_episodes, sizeof *rollouts, "episodes"));
    MDP_TRY(mdp_episodes_alloc(&episodes, s->n_episodes));
    double start = mdp_clock_cpu_seconds();
    MDP_TRY(mdp_evaluate(&evaluation, s->slowdown > 1 ? &slowed : &job->actor, out, rollouts));
    *loop_seconds = mdp_clock_cpu_seconds() - start;
    for (int i = 0; i < s->n_episodes; i++) fill_row(&episodes, i, &rollouts[i], s);
    MDP_TRY(mdp_fsx_make_parents(out));
    MDP_TRY(mdp_episodes_write(out, &job->info, &episodes));
out:
    free(rollouts);
    mdp_episodes_free(&episodes);
    return err;
}

/* makes the file unless it is there, then summarises what it holds */
static mdp_err finish(const struct job *job, const char *out, struct mdp_eval_result *result) {
    mdp_err err;
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    int exists = mdp_fsx_exists(out);
    result->loop_seconds = 0;
    if (!exists) MDP_TRY(run(job, out, &result->loop_seconds));
    MDP_TRY(mdp_episodes_read(out, &info, &episodes));
    if (exists) {
        MDP_TRY(mdp_check_same_settings(out, info.head.settings, job->settings_json));
        mdp_log("%s: exists with these settings, not made again", out);
        if (strcmp(info.physics, job->info.physics) != 0)
            mdp_log("%s: was made on %s, this is %s", out, info.physics, job->info.physics);
    }
    MDP_TRY(mdp_fsx_path(result->path, "%s", out));
    result->step = (long)info.step;
    MDP_TRY(mdp_summarize(episodes.returns, episodes.n, &result->returns));
    MDP_TRY(mdp_summarize(episodes.normalized_returns, episodes.n, &result->normalized));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
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
    struct mdp_sampling sampling = {NULL, s->n_sampling_steps};
    if (s->solver != NULL && mdp_solver_find(s->solver, &sampling.solver) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "eval: option --solver");
    return mdp_diffusion_read_as(m->diffusion_path, &sampling, &m->diffusion, &m->d);
}

static mdp_err read_modules(struct job *job, struct modules *m, json_t *inputs) {
    mdp_err err;
    MDP_TRY(read_diffusion(job->settings, m));
    MDP_TRY(name_input(&job->info.diffusion, inputs, m->diffusion_path));
    if (m->guidance_path == NULL) return MDP_OK;
    MDP_TRY(mdp_guidance_read(m->guidance_path, &m->guidance, &m->g));
    MDP_TRY(mdp_modules_check_fit(m->diffusion_path, &m->d, m->guidance_path, &m->g));
    MDP_TRY(name_input(&job->info.guidance, inputs, m->guidance_path));
out:
    return err;
}

/* with guidance: how many candidates, and the weight of their scores on the scale of its values */
static mdp_err describe_selection(struct job *job, const struct modules *m, const char *task) {
    const struct mdp_eval_settings *s = job->settings;
    const char *scale;
    struct mdp_policy_config own;
    const struct mdp_algorithm *algorithm;
    mdp_err err;
    job->info.candidates = 1;
    if (m->guidance == NULL) return MDP_OK;
    MDP_TRY(mdp_guidance_scale(m->guidance_path, &m->g, &scale));
    job->info.candidates = s->n_candidates;
    if (s->is_paper_exact && strcmp(scale, m->d.algo) == 0 && mdp_algorithm_find(scale, &algorithm) == MDP_OK) {
        mdp_algorithm_policy(algorithm, &own);
        job->info.candidates = own.n_candidates;
    }
    job->info.w_t = s->selection_temperature;
    if (s->selection_temperature < 0 && mdp_selection_temperature(scale, task, &job->info.w_t) != MDP_OK)
        err = mdp_fail(MDP_E_USAGE, "%s: option --w-t: expected a number, as none is known for %s and %s, found none",
                       m->diffusion_path, scale, task);
out:
    return err;
}

/* fills what the file says about the policy, and finds the environment */
static mdp_err describe_policy(struct job *job, const struct modules *m) {
    struct mdp_task task;
    const struct mdp_checkpoint_info *d = &m->d;
    const char *path = m->diffusion_path;
    mdp_err err;
    if (mdp_task_parse(d->task, &task) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
    if (task.spec->n_obs != d->n_obs || task.spec->n_act != d->n_act)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected %d observations and %d actions as %s has, found %d and %d", path,
                         task.spec->n_obs, task.spec->n_act, task.spec->id, d->n_obs, d->n_act));
    job->spec = task.spec;
    set_text(job->info.task, sizeof job->info.task, task.name);
    set_text(job->info.algo, sizeof job->info.algo, d->algo);
    job->info.step = d->step;
    job->info.temperature = job->settings->temperature;
    MDP_TRY(describe_selection(job, m, task.name));
out:
    return err;
}

/* the settings that say which modules act and how; files of before there were Langevin steps do not name them */
static mdp_err describe_composition(struct job *job, const struct modules *m) {
    const struct mdp_diffusion_config *c = &m->diffusion->config;
    const struct mdp_schedule *schedule = &m->diffusion->schedule;
    struct mdp_langevin *langevin = &job->langevin;
    *langevin = job->settings->langevin;
    if (langevin->time < 0) langevin->time = mdp_density_time(schedule);
    mdp_err err = mdp_langevin_check(langevin, m->diffusion);
    if (err != MDP_OK) return mdp_fail_context(err, "%s", m->diffusion_path);
    job->composition = json_pack(
        "{s:o, s:o, s:s, s:i, s:f}", "diffusion", mdp_module_reference(job->info.diffusion.hash, &m->d), "guidance",
        m->guidance != NULL ? mdp_module_reference(job->info.guidance.hash, &m->g) : json_string("none"), "solver",
        c->solver->name, "sampling_steps", c->n_steps, "lambda", job->settings->lambda);
    if (langevin->n_steps > 0)
        json_object_set_new(job->composition, "langevin",
                            json_pack("{s:i, s:f, s:i, s:f}", "steps", langevin->n_steps, "step_size",
                                      langevin->step_size, "time", langevin->time, "sigma",
                                      schedule->sigma[langevin->time]));
    return job->composition != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

static mdp_err new_policy(const struct job *job, const struct modules *m, struct mdp_policy **out) {
    struct mdp_policy_config config;
    mdp_policy_defaults(&config);
    config.n_candidates = (int)job->info.candidates;
    config.start_temperature = job->info.temperature;
    config.selection_temperature = job->info.w_t;
    config.use_ema = job->settings->use_ema;
    config.max_threads = job->settings->n_threads;
    config.lambda = job->settings->lambda;
    config.langevin = job->langevin;
    mdp_err err = mdp_precision_find(job->precision, &config.kernel);
    if (err != MDP_OK) return err;
    int has = m->d.normalizer.n > 0;
    return mdp_policy_new(&config, m->diffusion, m->guidance, has ? m->d.normalizer.mean : NULL,
                          has ? m->d.normalizer.std : NULL, out);
}

mdp_err mdp_eval_modules(const struct mdp_eval_settings *settings, const char *diffusion_path,
                         const char *guidance_path, const char *out, struct mdp_eval_result *result) {
    mdp_err err;
    struct job job = {.settings = settings, .precision = settings->precision};
    struct modules modules = {.diffusion_path = diffusion_path, .guidance_path = guidance_path};
    struct module_actor actor = {.seed = settings->seed, .n_threads = settings->n_threads};
    json_t *inputs = json_object();
    MDP_TRY(read_modules(&job, &modules, inputs));
    MDP_TRY(describe_policy(&job, &modules));
    MDP_TRY(describe_composition(&job, &modules));
    MDP_TRY(new_policy(&job, &modules, &actor.policy));
    job.actor = (struct mdp_actor){&actor, act};
    MDP_TRY(describe(&job, inputs, settings->use_ema ? "ema" : "online"));
    MDP_TRY(finish(&job, out, result));
out:
    json_decref(inputs);
    json_decref(job.composition);
    free(job.settings_json);
    free(job.inputs_json);
    mdp_policy_free(actor.policy);
    modules_free(&modules);
    return err;
}

mdp_err mdp_eval_behavior(const struct mdp_eval_settings *settings, const char *path, const char *out,
                          struct mdp_eval_result *result) {
    mdp_err err;
    struct job job = {.settings = settings, .precision = MDP_PRECISION_DEFAULT};
    struct mdp_behavior_policy *policy = NULL;
    json_t *inputs = json_object();
    MDP_TRY(mdp_behavior_policy_read(path, settings->n_threads, &policy));
    MDP_TRY(name_input(&job.info.diffusion, inputs, path));
    policy->is_stochastic = settings->is_stochastic;
    policy->seed = settings->seed;
    job.spec = policy->spec;
    set_text(job.info.task, sizeof job.info.task, policy->spec->robot);
    set_text(job.info.algo, sizeof job.info.algo, "sac");
    job.info.step = policy->step;
    job.info.candidates = 1;
    job.actor = mdp_behavior_actor(policy);
    MDP_TRY(describe(&job, inputs, settings->is_stochastic ? "stochastic" : "mode"));
    MDP_TRY(finish(&job, out, result));
out:
    json_decref(inputs);
    free(job.settings_json);
    free(job.inputs_json);
    mdp_behavior_policy_free(policy);
    return err;
}
