/* what a training run is made of: data, modules, settings */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "base/log.h"
#include "bench/run/composition.h"
#include "bench/run/names.h"
#include "bench/run/outputs.h"
#include "bench/run/which_world.h"
#include "bench/stage/trainer_internal.h"
#include "results/dataset_windows.h"

/* ---- data ---- */

/* guidance alone learns from sampled actions nowhere: the dataset's own next actions take their place */
static int needs_next_actions(const struct mdp_training *t) {
    return t->mode == MDP_MODE_GUIDANCE && mdp_guidance_alone_find(t->algo)->needs_next_actions;
}

/* "-2,2" */
static mdp_err read_bounds(const char *text, struct mdp_dataset_bounds *bounds) {
    char first[MDP_NUMBER_MAX] = "";
    const char *comma = text != NULL ? strchr(text, ',') : NULL;
    bounds->n = 0;
    if (text == NULL) return MDP_OK;
    if (comma != NULL && comma - text < MDP_NUMBER_MAX)
        snprintf(first, sizeof first, "%.*s", (int)(comma - text), text);
    if (comma == NULL || !mdp_number_real(first, &bounds->low[0]) || !mdp_number_real(comma + 1, &bounds->high[0]) ||
        !(bounds->low[0] < bounds->high[0]))
        return mdp_fail(MDP_E_USAGE,
                        "train: option --bounds: expected two numbers LOW,HIGH, the first below the second, "
                        "found '%s'",
                        text);
    bounds->n = bounds->low[0] != -1 || bounds->high[0] != 1;
    return MDP_OK;
}

/* as settings record them; NULL for [-1, 1] */
static json_t *bounds_json(const struct mdp_dataset_bounds *bounds) {
    json_t *list = json_array();
    for (int j = 0; j < bounds->n; j++)
        json_array_append_new(list, json_pack("[f,f]", bounds->low[j], bounds->high[j]));
    if (bounds->n > 0) return list;
    json_decref(list);
    return NULL;
}

/* and how to make it, of a world that is here */
static mdp_err refuse_absent(const struct mdp_training *t) {
    char usual[MDP_PATH_MAX];
    if (t->task.spec == NULL) return mdp_fail(MDP_E_IO, "%s: no such dataset", t->data);
    const mdp_err err = mdp_dataset_path("datasets", t->task.name, usual);
    if (err != MDP_OK) return err;
    const int is_usual = strcmp(t->data, usual) == 0;
    return mdp_fail(MDP_E_IO, "%s: no such dataset; 'mdpbench collect %s%s%s' makes it", t->data, t->task.name,
                    is_usual ? "" : " --out ", is_usual ? "" : t->data);
}

/* terms are those of a world, whose actions lie in [-1, 1] */
static mdp_err check_reward(const struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    if (t->reward == NULL || run->reward.is_column || run->bounds == NULL) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "train: option --reward: expected FILE:NAME or :NAME, as %s has actions beyond [-1, 1], which no "
                    "world here takes, found '%s'",
                    t->data, t->reward);
}

static mdp_err load_transitions(struct mdp_run *run, const struct mdp_dataset_bounds *bounds) {
    const struct mdp_training *t = run->training;
    struct mdp_dataset_summary summary;
    const struct mdp_dataset_options options = {.normalize_rewards = 1,
                                                .normalize_observations = 1,
                                                .next_actions = needs_next_actions(t),
                                                .bounds = bounds,
                                                .reward = t->reward != NULL ? mdp_reward_payer(&run->reward)
                                                                            : (struct mdp_dataset_reward){NULL},
                                                .memory_bytes = t->memory,
                                                .scratch = t->scratch};
    mdp_err err = mdp_dataset_load(t->data, &options, &run->data, &run->normalizer, &summary);
    if (err != MDP_OK) return err;
    run->bounds = bounds_json(&summary.bounds);
    err = check_reward(run);
    if (err != MDP_OK) return err;
    if (run->data.file != NULL)
        mdp_log("%s: %ld transitions in a scratch file on the disk of %s, as they take more than %.0f MB", t->data,
                run->data.n, t->scratch, t->memory / 1048576);
    return MDP_OK;
}

/* steps of windows as the modules will have them, which are made after the data is known */
static int horizon_of(const struct mdp_run *run) {
    struct mdp_diffusion_config config;
    mdp_training_diffusion(run->training, run->planner, 1, 1, &config);
    return config.windows.horizon;
}

static mdp_err load_windows(struct mdp_run *run, const struct mdp_dataset_bounds *bounds) {
    const struct mdp_training *t = run->training;
    const struct mdp_planning *planning = run->planner->planning;
    const struct mdp_dataset_windows_options options = {.horizon = horizon_of(run),
                                                        .max_path = MDP_DATASET_EPISODE_STEPS,
                                                        .discount = planning->discount,
                                                        .terminal_penalty = planning->terminal_penalty};
    struct mdp_dataset_bounds found;
    mdp_err err = mdp_dataset_windows_load(t->data, bounds, &options, &run->windows, &run->normalizer, &found);
    if (err != MDP_OK) return err;
    run->bounds = bounds_json(&found);
    run->data.n_obs = run->windows.n_obs;
    run->data.n_act = run->windows.n_act;
    return MDP_OK;
}

static mdp_err load_data(struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    struct mdp_dataset_bounds bounds;
    mdp_err err = read_bounds(t->bounds, &bounds);
    if (err == MDP_OK && t->reward != NULL && mdp_reward_parse(t->reward, t->task.spec, &run->reward) != MDP_OK)
        err = mdp_fail_context(MDP_E_USAGE, "train: option --reward");
    if (err != MDP_OK) return err;
    if (!mdp_fsx_exists(t->data)) return refuse_absent(t);
    const struct mdp_dataset_bounds *said = t->bounds != NULL ? &bounds : NULL;
    err = run->planner != NULL ? load_windows(run, said) : load_transitions(run, said);
    if (err != MDP_OK) return err;
    err = mdp_task_check_sizes(&t->task, t->data, run->data.n_obs, run->data.n_act);
    return err != MDP_OK || t->task.spec == NULL ? err : mdp_which_world_check(t->data, t->task.name, t->task.spec);
}

/* ---- modules ---- */

/* a number of two digits that is not less */
static double two_digits_above(double value) {
    double unit = pow(10, floor(log10(value)) - 1);
    return ceil(value / unit - 1e-9) * unit;
}

/* the unit in which plans are told returns: that of the reference for its own data, else the largest of the data */
static double told_scale(const struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    const struct mdp_plan_tuning *tuned = mdp_plan_tuned(run->planner, t->task.name);
    double largest = 0;
    if (!isnan(t->return_scale)) return t->return_scale;
    if (tuned != NULL && t->task.spec != NULL && t->task.spec->gym != NULL) return tuned->scale;
    for (long i = 0; i < run->windows.n; i++) {
        double value = run->windows.values[run->windows.list[i].row];
        if (value > largest) largest = value;
    }
    return largest > 0 ? two_digits_above(largest) : 1;
}

static mdp_err make_diffusion(struct mdp_run *run, const struct mdp_algorithm *algorithm) {
    const struct mdp_training *t = run->training;
    struct mdp_diffusion_config config;
    mdp_training_diffusion(t, algorithm, run->data.n_obs, run->data.n_act, &config);
    if (run->planner != NULL && run->planner->planning->has_told_returns) config.return_scale = told_scale(run);
    if (t->solver != NULL && mdp_solver_find(t->solver, &config.solver) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "train: option --solver");
    if (t->n_sampling_steps > 0) config.n_steps = t->n_sampling_steps;
    mdp_err err = mdp_diffusion_new(&config, t->seed, &run->diffusion);
    return err != MDP_OK ? mdp_fail_context(err, "train") : MDP_OK;
}

/* a module file goes with the data if it could have been trained on it */
static mdp_err refer(const struct mdp_run *run, const char *path, const struct mdp_checkpoint_info *info,
                     json_t **reference) {
    const struct mdp_training *t = run->training;
    struct mdp_checkpoint_info own = {
        .n_obs = run->data.n_obs, .n_act = run->data.n_act, .normalizer = run->normalizer};
    json_t *settings = run->bounds != NULL ? json_pack("{s:O}", "bounds", run->bounds) : json_object();
    char *text = NULL;
    uint64_t hash;
    mdp_err err;
    snprintf(own.task, sizeof own.task, "%s", t->task.name);
    MDP_TRY(mdp_json_text(settings, &text));
    own.head.settings = text;
    MDP_TRY(mdp_modules_check_fit(t->data, &own, path, info));
    MDP_TRY(mdp_fsx_hash(path, &hash));
    *reference = mdp_module_reference(hash, info);
    if (*reference == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for its description", path));
    json_object_set_new(*reference, "path", json_string(path));
out:
    free(text);
    return err;
}

static mdp_err load_guidance(struct mdp_run *run) {
    const char *path = run->training->guidance_file;
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_guidance_read(path, &run->guidance, &info));
    MDP_TRY(mdp_modules_fit_kinds(path, run->diffusion, run->guidance));
    MDP_TRY(refer(run, path, &info, &run->guidance_file));
    if (run->training->n_value_steps > 0 && !run->guidance->config.kind->needs_support)
        err = mdp_fail(MDP_E_USAGE, "%s: option --value-steps: expected guidance of qgpo that learns, found '%s'", path,
                       run->guidance->config.kind->name);
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* a diffusion module that stays, with as many steps as its algorithm's code takes where none are given. Source:
 * SPEC-energy section 3, stage 2 */
static mdp_err load_behavior(struct mdp_run *run) {
    enum { STEPS = 10 };
    const struct mdp_training *t = run->training;
    struct mdp_sampling sampling = {NULL, t->n_sampling_steps > 0 ? (int)t->n_sampling_steps : STEPS};
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    if (t->solver != NULL && mdp_solver_find(t->solver, &sampling.solver) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "train: option --solver");
    MDP_TRY(mdp_diffusion_read_as(t->diffusion_file, &sampling, &run->behavior, &info));
    MDP_TRY(mdp_modules_fit_kinds(t->diffusion_file, run->behavior, run->guidance));
    MDP_TRY(refer(run, t->diffusion_file, &info, &run->diffusion_file));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* where guidance alone learns from supported actions */
static mdp_err make_support(struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    struct mdp_support_config config = {.n_each = run->guidance->config.n_support,
                                        .n_threads = (int)t->n_threads,
                                        .seed = t->seed,
                                        .n_rows = run->data.n,
                                        .max_rows = (int)t->batch};
    enum mdp_products_kind products;
    double bytes = 4.0 * (double)run->data.n * config.n_each * run->data.n_act;
    mdp_err err;
    MDP_TRY(load_behavior(run));
    MDP_TRY(mdp_precision_find_training(t->precision, &config.kernel, &products));
    if (bytes > t->memory) config.folder = t->scratch;
    if (config.folder != NULL)
        mdp_log("%s: %d actions for each of %ld states take %.0f MB, in a scratch file on the disk of %s", t->data,
                config.n_each, run->data.n, bytes / 1048576, t->scratch);
    err = mdp_support_new(&config, run->behavior, &run->support);
    if (err != MDP_OK) err = mdp_fail_context(err, "%s", t->diffusion_file);
out:
    return err;
}

mdp_err mdp_run_load_batch(struct mdp_run *run, struct mdp_batch *batch) {
    long step = run->learner->step;
    mdp_err err = mdp_batches_load(run->batches, step, batch);
    if (err != MDP_OK || run->support == NULL) return err;
    return mdp_support_get(run->support, batch->n, mdp_batches_indices(run->batches, step), batch->next_obs,
                           &batch->support);
}

static mdp_err make_guidance(struct mdp_run *run, const struct mdp_algorithm *algorithm) {
    const struct mdp_training *t = run->training;
    struct mdp_guidance_config config;
    if (t->mode == MDP_MODE_NONE) return MDP_OK;
    if (mdp_mode_describe(t->mode)->loads_guidance) return load_guidance(run);
    mdp_training_guidance(t, algorithm, run->data.n_obs, run->data.n_act, &config);
    return mdp_guidance_new(&config, t->seed, &run->guidance);
}

/* returns are told or learnt in the unit of the module that does */
static mdp_err make_batches(struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    int has_actions = run->diffusion == NULL || run->diffusion->inverse == NULL;
    double scale = !has_actions            ? run->diffusion->config.return_scale
                   : run->guidance != NULL ? run->guidance->config.return_scale
                                           : 1;
    if (run->planner == NULL) return mdp_batches_new(&run->data, t->seed, (int)t->batch, &run->batches);
    return mdp_batches_new_windows(&run->windows, has_actions, scale, t->seed, (int)t->batch, &run->batches);
}

/* what nobody says is the algorithm's */
static mdp_err make_learner(struct mdp_run *run, const struct mdp_algorithm *algorithm) {
    const struct mdp_training *t = run->training;
    struct mdp_learner_config config;
    mdp_learner_defaults(&config);
    /* guidance alone may have the rates of an algorithm */
    int i = mdp_names_index(mdp_algorithm_names(), t->algo);
    if (algorithm != NULL || i >= 0)
        mdp_algorithm_learner(algorithm != NULL ? algorithm : mdp_algorithm_at(i), &config);
    if (run->planner != NULL) mdp_algorithm_learner(run->planner, &config);
    config.mode = t->mode;
    config.batch = (int)t->batch;
    if (!isnan(t->eta)) config.eta = t->eta;
    if (t->eta_steps > 0) {
        config.eta_steps = (int)t->eta_steps;
        mdp_weight_schedule_find(t->eta_schedule, &config.eta_schedule);
    }
    config.lr = t->learning_rate;
    config.lr_steps = t->lr_steps;
    config.has_next_act = run->data.has_next_actions;
    config.has_support = run->support != NULL;
    if (t->n_value_steps > 0) config.n_value_steps = t->n_value_steps;
    config.is_noise_gradient = t->noise == MDP_NOISE_OF_GRADIENT;
    config.seed = t->seed;
    config.n_threads = t->n_threads;
    mdp_err err = mdp_precision_find_training(t->precision, &config.kernel, &config.products);
    if (err != MDP_OK) return mdp_fail_context(err, "train");
    err = mdp_learner_new(&config, run->diffusion, run->guidance, &run->learner);
    return err != MDP_OK && t->guidance_file != NULL ? mdp_fail_context(err, "%s", t->guidance_file) : err;
}

/* ---- settings ---- */

/* entries that only some modes have; json is NULL if this one has not */
static void add_setting(json_t *settings, const char *key, json_t *value) {
    if (value != NULL) json_object_set_new(settings, key, value);
}

static json_t *hash_of(const char *path) {
    uint64_t hash;
    return mdp_fsx_hash(path, &hash) == MDP_OK ? json_sprintf("%016" PRIx64, hash) : NULL;
}

/* everything that decides the bits of the run */
static mdp_err describe(struct mdp_run *run) {
    const struct mdp_training *t = run->training;
    const struct mdp_learner *learner = run->learner;
    json_t *inputs = json_object();
    mdp_err err = mdp_inputs_add(inputs, t->data);
    /* so far the only one */
    json_t *data = json_object_iter_value(json_object_iter(inputs));
    if (err == MDP_OK && t->guidance_file != NULL) err = mdp_inputs_add(inputs, t->guidance_file);
    if (err == MDP_OK && run->reward.file[0] != 0) err = mdp_inputs_add(inputs, run->reward.file);
    if (err == MDP_OK && t->diffusion_file != NULL) err = mdp_inputs_add(inputs, t->diffusion_file);
    if (err != MDP_OK) {
        json_decref(inputs);
        return err;
    }
    struct mdp_training used = *t;
    used.eta = learner->config.eta;
    if (t->reward != NULL) used.reward = run->reward.text;
    json_t *settings = json_pack("{s:O, s:f}", "data", data, "discount", learner->config.discount);
    if (run->planner != NULL)
        json_object_set_new(settings, "terminal_penalty", json_real(run->planner->planning->terminal_penalty));
    err = mdp_settings_record(&mdp_train_table, &used, mdp_training_holds(t), settings);
    if (err != MDP_OK) {
        json_decref(settings);
        json_decref(inputs);
        return err;
    }
    add_setting(settings, "diffusion", run->diffusion != NULL ? mdp_diffusion_json(&run->diffusion->config) : NULL);
    add_setting(settings, "guidance", run->guidance != NULL ? mdp_guidance_json(&run->guidance->config) : NULL);
    add_setting(settings, "guidance_file", json_incref(run->guidance_file));
    if (run->reward.file[0] != 0) add_setting(settings, "reward_file", hash_of(run->reward.file));
    add_setting(settings, "diffusion_file", json_incref(run->diffusion_file));
    if (run->behavior != NULL)
        add_setting(settings, "support",
                    json_pack("{s:s, s:i}", "solver", run->behavior->config.solver->name, "sampling_steps",
                              run->behavior->config.n_steps));
    add_setting(settings, "bounds", json_incref(run->bounds));
    MDP_TRY(mdp_json_text(settings, &run->settings));
    MDP_TRY(mdp_json_text(inputs, &run->inputs));
out:
    return err;
}

/* then and now: what settings say of a file */
static mdp_err check_file(const struct mdp_run *run, const char *path, const json_t *then, const json_t *now) {
    const json_t *hash = json_object_get(then, "hash"), *found = json_object_get(now, "hash");
    if (!json_is_string(hash) || !json_equal(json_object_get(then, "path"), json_object_get(now, "path")) ||
        json_equal(hash, found))
        return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: has changed since %s began: expected hash %s, found %s", path,
                    run->training->folder, json_string_value(hash), json_string_value(found));
}

mdp_err mdp_run_check_files(const struct mdp_run *run, const char *recorded) {
    const struct mdp_training *t = run->training;
    json_t *settings = json_loads(recorded, 0, NULL);
    mdp_err err;
    MDP_TRY(check_file(run, t->guidance_file, json_object_get(settings, "guidance_file"), run->guidance_file));
    MDP_TRY(check_file(run, t->diffusion_file, json_object_get(settings, "diffusion_file"), run->diffusion_file));
out:
    json_decref(settings);
    return err;
}

mdp_err mdp_run_build(struct mdp_run *run, const struct mdp_training *training) {
    mdp_err err;
    const struct mdp_training *t = run->training = training;
    const struct mdp_algorithm *algorithm = NULL;
    if (t->mode != MDP_MODE_GUIDANCE) MDP_TRY(mdp_algorithm_find(t->algo, &algorithm));
    run->planner = mdp_training_planner(t);
    MDP_TRY(load_data(run));
    if (algorithm != NULL) MDP_TRY(make_diffusion(run, algorithm));
    MDP_TRY(make_guidance(run, algorithm));
    if ((mdp_training_holds(t) & MDP_WITH_SUPPORTER) != 0) MDP_TRY(make_support(run));
    MDP_TRY(make_batches(run));
    MDP_TRY(make_learner(run, algorithm));
    MDP_TRY(describe(run));
    run->facts = (struct mdp_module_facts){.algo = t->algo,
                                           .task = t->task.name,
                                           .seed = t->seed,
                                           .n_obs = run->data.n_obs,
                                           .n_act = run->data.n_act,
                                           .normalizer = &run->normalizer,
                                           .settings = run->settings,
                                           .inputs = run->inputs};
    MDP_TRY(mdp_run_path(t->folder, MDP_RUN_STATE, run->state));
    MDP_TRY(mdp_run_path(t->folder, MDP_RUN_LOG, run->log));
out:
    return err;
}

void mdp_run_free(struct mdp_run *run) {
    mdp_learner_free(run->learner);
    mdp_batches_free(run->batches);
    mdp_diffusion_free(run->diffusion);
    mdp_guidance_free(run->guidance);
    mdp_support_free(run->support);
    mdp_diffusion_free(run->behavior);
    json_decref(run->diffusion_file);
    mdp_transitions_free(&run->data);
    mdp_windows_free(&run->windows);
    mdp_reward_free(&run->reward);
    json_decref(run->guidance_file);
    json_decref(run->bounds);
    free(run->settings);
    free(run->inputs);
}
