#include "bench/stage/acting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "base/log.h"
#include "bench/run/composition.h"
#include "bench/run/modules.h"
#include "bench/run/outputs.h"
#include "bench/run/reward.h"
#include "bench/stage/behavior_files.h"

static void set_text(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text); }

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

static mdp_err act_modules(void *context, int n_states, const float *observations, const uint32_t *episodes,
                           const uint32_t *steps, float *actions) {
    const struct mdp_acting *a = context;
    mdp_policy_act(a->policy, n_states, observations, episodes, steps, a->used.seed, actions, (int)a->used.n_threads);
    return MDP_OK;
}

/* a diffusion policy in the making: its files, the guidance's NULL for none, and what they say */
struct modules {
    const char *diffusion_path, *guidance_path;
    struct mdp_checkpoint_info d, g;
};

/* how candidates are sampled, which may differ from training */
static mdp_err read_diffusion(struct mdp_acting *a, struct modules *m) {
    const struct mdp_eval_settings *s = &a->used;
    struct mdp_sampling sampling = {NULL, (int)s->n_sampling_steps};
    if (s->solver != NULL && mdp_solver_find(s->solver, &sampling.solver) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "eval: option --solver");
    return mdp_diffusion_read_as(m->diffusion_path, &sampling, &a->diffusion, &m->d);
}

/* a run without guidance, of which more is only known once its file is read */
static mdp_err check_of_none(const struct mdp_eval_settings *used, const struct modules *m) {
    if (used->guidance_task != NULL)
        return mdp_fail(MDP_E_USAGE, "%s: option --guidance-task: expected none as it has no guidance, found '%s'",
                        m->diffusion_path, used->guidance_task);
    if (used->is_paper_exact)
        return mdp_fail(MDP_E_USAGE, "%s: option --paper-exact: expected none as it has no guidance, found it",
                        m->diffusion_path);
    return MDP_OK;
}

static mdp_err read_modules(struct mdp_acting *a, struct modules *m) {
    mdp_err err;
    MDP_TRY(read_diffusion(a, m));
    MDP_TRY(name_input(&a->info.diffusion, a->inputs, m->diffusion_path));
    if (m->guidance_path == NULL) return check_of_none(&a->used, m);
    MDP_TRY(mdp_guidance_read(m->guidance_path, &a->guidance, &m->g));
    MDP_TRY(mdp_modules_fit_kinds(m->guidance_path, a->diffusion, a->guidance));
    MDP_TRY(mdp_guidance_fit(m->diffusion_path, &m->d, m->guidance_path, &m->g, a->used.guidance_task, a->guidance));
    if (!mdp_acts_by_ema(&a->used)) mdp_guidance_use_online(a->guidance);
    MDP_TRY(name_input(&a->info.guidance, a->inputs, m->guidance_path));
out:
    return err;
}

static mdp_err refuse_of_plans(const struct modules *m, const char *option, const char *why) {
    return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected none, %s, found one", m->diffusion_path, option, why);
}

/* settings that plans have no use for */
static mdp_err check_of_plans(const struct mdp_acting *a, const struct modules *m) {
    const struct mdp_eval_settings *used = &a->used;
    const struct mdp_kernel *kernel;
    int is_told = a->diffusion->inverse != NULL;
    if (!isnan(used->w_t)) return refuse_of_plans(m, "w-t", "as the plan of the highest return is taken");
    if (used->lambda > 0) return refuse_of_plans(m, "lambda", "as plans are no single actions");
    if (used->langevin_steps > 0) return refuse_of_plans(m, "langevin-steps", "as plans are no single actions");
    if (!is_told && !isnan(used->target_return))
        return refuse_of_plans(m, "target-return", "as these plans are told no return");
    mdp_err err = mdp_precision_find(used->precision, &kernel);
    if (err == MDP_OK && kernel != NULL && kernel != mdp_kernel_best())
        err = mdp_fail(MDP_E_USAGE, "%s: option --precision: expected f32 of plans, found %s", m->diffusion_path,
                       used->precision);
    return err;
}

/* guided as the algorithm does where nothing else is said, by what is tuned for the task */
static mdp_err settle_plan_guide(struct mdp_acting *a, const struct modules *m, const struct mdp_algorithm *algorithm,
                                 const char *task) {
    struct mdp_eval_settings *used = &a->used;
    const char *missing = NULL;
    mdp_eval_complete(used, algorithm, task, a->guidance != NULL);
    if (!mdp_guide_bends(mdp_guide_of(used)))
        return isnan(used->target_return)
                   ? MDP_OK
                   : refuse_of_plans(m, "target-return", "as plans without a guide are told none");
    if (a->diffusion->inverse != NULL && isnan(used->target_return)) missing = "target-return";
    if (isnan(used->guide_weight)) missing = "guide-weight";
    if (missing == NULL) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected a number, as none is known for %s and %s, found none",
                    m->diffusion_path, missing, algorithm->name, task);
}

/* sets what is open of plans: how many, and what guides them */
static mdp_err settle_plans(struct mdp_acting *a, const struct modules *m, const char *task) {
    const struct mdp_algorithm *algorithm = mdp_algorithm_of_denoiser(a->diffusion->config.kind);
    struct mdp_eval_settings *used = &a->used;
    mdp_err err;
    MDP_TRY(check_of_plans(a, m));
    used->w_t = 0;
    MDP_TRY(settle_plan_guide(a, m, algorithm, task));
    if (mdp_guide_bends(mdp_guide_of(used))) a->holds |= MDP_WITH_GUIDANCE;
out:
    return err;
}

/* an energy's weight depends on what it was trained for */
static mdp_err settle_guide(struct mdp_eval_settings *used, const char *path, const char *scale, const char *task) {
    if (mdp_guide_of(used) != MDP_GUIDE_ENERGY || !isnan(used->guide_weight)) return MDP_OK;
    if (mdp_guide_weight(scale, task, &used->guide_weight) == MDP_OK) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s: option --guide-weight: expected a number, as none is known for %s and %s, found none", path,
                    scale, task);
}

/* sets the number of candidates and the weight of their scores, which depends on the scale of the guidance's values */
static mdp_err settle_selection(struct mdp_acting *a, const struct modules *m, const char *task) {
    struct mdp_eval_settings *used = &a->used;
    const char *scale;
    struct mdp_policy_config own;
    const struct mdp_algorithm *algorithm;
    mdp_err err;
    if (a->diffusion->window != NULL) return settle_plans(a, m, task);
    if (a->guidance == NULL) {
        used->n_candidates = 1;
        used->w_t = 0;
        return MDP_OK;
    }
    MDP_TRY(mdp_guidance_scale(m->guidance_path, &m->g, &scale));
    if (used->is_paper_exact && strcmp(scale, m->d.algo) == 0 && mdp_algorithm_find(scale, &algorithm) == MDP_OK) {
        mdp_algorithm_policy(algorithm, &own);
        used->n_candidates = own.n_candidates;
        if (!MDP_GIVEN(&mdp_eval_table, used, temperature)) used->temperature = own.start_temperature;
        if (!MDP_GIVEN(&mdp_eval_table, used, guide) && mdp_guide_bends(own.guide.guide))
            used->guide = mdp_names_at(mdp_guide_names(), own.guide.guide);
    }
    MDP_TRY(settle_guide(used, m->diffusion_path, scale, task));
    if (isnan(used->w_t) && mdp_selection_temperature(scale, task, &used->w_t) != MDP_OK)
        err = mdp_fail(MDP_E_USAGE, "%s: option --w-t: expected a number, as none is known for %s and %s, found none",
                       m->diffusion_path, scale, task);
out:
    return err;
}

/* modules of a task know their world; of others it must be said, as sizes alone do not tell robots apart */
static mdp_err find_task(const struct mdp_acting *a, const struct mdp_checkpoint_info *d, const char *path,
                         struct mdp_task *task) {
    const char *said = a->used.task;
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
static mdp_err describe_policy(struct mdp_acting *a, const struct modules *m) {
    struct mdp_task task;
    const struct mdp_checkpoint_info *d = &m->d;
    const char *path = m->diffusion_path;
    mdp_err err;
    MDP_TRY(find_task(a, d, path, &task));
    MDP_TRY(mdp_task_check_sizes(&task, path, d->n_obs, d->n_act));
    MDP_TRY(check_bounds(d, path, &task));
    a->spec = task.spec;
    set_text(a->info.task, sizeof a->info.task, task.name);
    set_text(a->info.algo, sizeof a->info.algo, d->algo);
    a->info.step = d->step;
    /* the scale of values comes with the data that guidance was trained on */
    const int is_other = a->guidance != NULL && strcmp(m->g.task, d->task) != 0;
    MDP_TRY(settle_selection(a, m, is_other ? m->g.task : task.name));
out:
    return err;
}

/* Langevin steps as the policy takes them */
static struct mdp_langevin langevin_of(const struct mdp_eval_settings *s) {
    if (s->langevin_steps == 0) return (struct mdp_langevin){.n_steps = 0};
    return (struct mdp_langevin){(int)s->langevin_steps, s->langevin_step_size, (int)s->langevin_time};
}

/* what guides the reverse process; names come from lists, so that they are found */
static struct mdp_guide_rule guide_of(const struct mdp_eval_settings *s) {
    struct mdp_guide_rule rule = {mdp_guide_of(s), s->guide_weight, NULL};
    if (!mdp_guide_bends(rule.guide)) return (struct mdp_guide_rule){MDP_GUIDE_NONE, 0, NULL};
    mdp_weight_schedule_find(s->guide_schedule, &rule.schedule);
    return rule;
}

/* how candidates are sampled, as far as the module says it; and which modules act */
static mdp_err settle_composition(struct mdp_acting *a, const struct modules *m) {
    const struct mdp_diffusion_config *c = &a->diffusion->config;
    const struct mdp_schedule *schedule = &a->diffusion->schedule;
    struct mdp_eval_settings *used = &a->used;
    used->solver = c->solver->name;
    used->n_sampling_steps = c->n_steps;
    if (used->langevin_steps > 0 && used->langevin_time < 0) used->langevin_time = mdp_density_time(schedule);
    const struct mdp_langevin langevin = langevin_of(used);
    mdp_err err = a->diffusion->window != NULL ? MDP_OK : mdp_langevin_check(&langevin, a->diffusion);
    if (err != MDP_OK) return mdp_fail_context(err, "%s", m->diffusion_path);
    a->extras =
        json_pack("{s:o, s:o}", "diffusion", mdp_module_reference(a->info.diffusion.hash, &m->d), "guidance",
                  a->guidance != NULL ? mdp_module_reference(a->info.guidance.hash, &m->g) : json_string("none"));
    if (langevin.n_steps > 0)
        json_object_set_new(a->extras, "langevin", json_pack("{s:f}", "sigma", schedule->sigma[langevin.time]));
    return a->extras != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

static mdp_err new_policy(struct mdp_acting *a, const struct modules *m) {
    const struct mdp_eval_settings *s = &a->used;
    struct mdp_policy_config config;
    mdp_policy_defaults(&config);
    config.n_candidates = (int)s->n_candidates;
    config.start_temperature = s->temperature;
    config.selection_temperature = s->w_t;
    config.use_ema = mdp_acts_by_ema(s);
    config.max_threads = (int)s->n_threads;
    config.lambda = s->lambda;
    config.langevin = langevin_of(s);
    config.guide = guide_of(s);
    if (!isnan(s->target_return)) config.wanted = s->target_return;
    mdp_err err = mdp_precision_find(s->precision, &config.kernel);
    if (err != MDP_OK) return err;
    int has = m->d.normalizer.n > 0;
    return mdp_policy_new(&config, a->diffusion, a->guidance, has ? m->d.normalizer.mean : NULL,
                          has ? m->d.normalizer.std : NULL, &a->policy);
}

/* by what is counted besides: what was asked for, else what the guidance was trained for */
static mdp_err settle_objective(struct mdp_acting *a, const char *guidance_settings) {
    char recorded[MDP_OBJECTIVE_MAX] = "";
    if (a->used.reward == NULL) mdp_reward_recorded(guidance_settings, recorded);
    const char *text = a->used.reward != NULL ? a->used.reward : recorded;
    if (text[0] == 0) return MDP_OK;
    mdp_err err = mdp_objective_parse(text, a->spec, &a->objective);
    /* what a module records of another world's terms is not asked for here */
    if (err != MDP_OK && a->used.reward == NULL) {
        mdp_log("%s: is not counted by the objective of its guidance: %s", a->spec->id, mdp_err_message());
        return MDP_OK;
    }
    if (err != MDP_OK) return mdp_fail_context(MDP_E_USAGE, "eval: option --reward");
    a->used.reward = a->objective.text;
    return MDP_OK;
}

static mdp_err open_modules(struct mdp_acting *a, const struct mdp_policy_files *files) {
    mdp_err err;
    struct modules modules = {.diffusion_path = files->policy,
                              .guidance_path = files->guidance[0] != 0 ? files->guidance : NULL};
    a->holds = MDP_WITH_MODULES | MDP_WITH_TASK | (modules.guidance_path != NULL ? MDP_WITH_GUIDANCE : 0);
    MDP_TRY(read_modules(a, &modules));
    MDP_TRY(describe_policy(a, &modules));
    MDP_TRY(settle_composition(a, &modules));
    MDP_TRY(settle_objective(a, modules.g.head.settings));
    MDP_TRY(new_policy(a, &modules));
    a->actor = (struct mdp_actor){.context = a, .act = act_modules};
out:
    mdp_checkpoint_info_free(&modules.d);
    mdp_checkpoint_info_free(&modules.g);
    return err;
}

/* what is no diffusion policy has none of their settings */
static void settle_plain(struct mdp_eval_settings *used, const char *actor) {
    used->actor = actor;
    used->precision = MDP_PRECISION_DEFAULT;
    used->n_candidates = 1;
    used->temperature = used->w_t = 0;
}

static mdp_err open_behavior(struct mdp_acting *a, const char *path) {
    mdp_err err;
    a->holds = MDP_WITH_BEHAVIOR;
    settle_plain(&a->used, a->used.is_stochastic ? "stochastic" : "mode");
    MDP_TRY(mdp_behavior_policy_read(path, (int)a->used.n_threads, &a->behavior));
    MDP_TRY(name_input(&a->info.diffusion, a->inputs, path));
    a->behavior->is_stochastic = a->used.is_stochastic;
    a->behavior->seed = a->used.seed;
    a->spec = a->behavior->spec;
    set_text(a->info.task, sizeof a->info.task, a->spec->robot);
    set_text(a->info.algo, sizeof a->info.algo, "sac");
    a->info.step = a->behavior->step;
    a->actor = mdp_behavior_actor(a->behavior);
    MDP_TRY(settle_objective(a, NULL));
out:
    return err;
}

static mdp_err begin(const struct mdp_eval_settings *settings, struct mdp_acting *out) {
    *out = (struct mdp_acting){.used = *settings, .inputs = json_object()};
    return out->inputs != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "inputs: no memory");
}

mdp_err mdp_acting_open(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files,
                        struct mdp_acting *out) {
    mdp_err err = begin(settings, out);
    if (err != MDP_OK) return err;
    return files->is_behavior ? open_behavior(out, files->policy) : open_modules(out, files);
}

void mdp_outside_record(const struct mdp_outside_policy *policy, json_t *object) {
    json_object_set_new(object, "policy", json_string(policy->name));
    if (policy->hash[0] != 0) json_object_set_new(object, "policy_hash", json_string(policy->hash));
}

mdp_err mdp_acting_outside(const struct mdp_eval_settings *settings, const struct mdp_outside_policy *policy,
                           struct mdp_acting *out) {
    static const char actor[] = "process";
    mdp_err err = begin(settings, out);
    if (err != MDP_OK) return err;
    settle_plain(&out->used, actor);
    out->holds = MDP_WITH_PROCESS | MDP_WITH_TASK;
    out->actor = policy->actor;
    out->spec = policy->task->spec;
    set_text(out->info.task, sizeof out->info.task, policy->task->name);
    set_text(out->info.algo, sizeof out->info.algo, actor);
    out->info.step = policy->step;
    err = settle_objective(out, NULL);
    if (err != MDP_OK) return err;
    out->extras = json_object();
    mdp_outside_record(policy, out->extras);
    return out->extras != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

void mdp_acting_free(struct mdp_acting *acting) {
    json_decref(acting->inputs);
    json_decref(acting->extras);
    mdp_policy_free(acting->policy);
    mdp_diffusion_free(acting->diffusion);
    mdp_guidance_free(acting->guidance);
    mdp_behavior_policy_free(acting->behavior);
    *acting = (struct mdp_acting){.holds = 0};
}
