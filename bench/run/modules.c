#include "bench/run/modules.h"

#include <stdlib.h>
#include <string.h>

#include "bench/run/outputs.h"
#include "bench/run/run_log.h"
#include "bench/run/version.h"

enum { GROUPS_MAX = 2 * MDP_MODULE_GROUPS_MAX };

/* a module's groups as a file knows them */
struct group_list {
    int n;
    struct mdp_module_group groups[GROUPS_MAX];
    struct mdp_tensor_group views[GROUPS_MAX];
};

/* steps of windows, and the levels of a U-Net */
static void put_windows(json_t *json, const struct mdp_window_make *windows, int has_levels) {
    json_t *factors = json_array();
    json_object_set_new(json, "horizon", json_integer(windows->horizon));
    for (int i = 0; i < windows->n_levels; i++) json_array_append_new(factors, json_integer(windows->factors[i]));
    if (has_levels) json_object_set(json, "factors", factors);
    json_decref(factors);
}

/* as far as they are there; what is missing is 0, which no module is made of */
static void get_windows(const json_t *json, struct mdp_window_make *windows) {
    const json_t *factors = json_object_get(json, "factors");
    size_t n = json_array_size(factors);
    *windows = (struct mdp_window_make){.horizon = (int)json_integer_value(json_object_get(json, "horizon"))};
    windows->n_levels = n <= MDP_WINDOW_LEVELS_MAX ? (int)n : 0;
    for (int i = 0; i < windows->n_levels; i++) {
        json_int_t factor = json_integer_value(json_array_get(factors, (size_t)i));
        windows->factors[i] = factor >= 1 && factor <= 4096 ? (int)factor : 0;
    }
}

static void put_planner(json_t *json, const struct mdp_diffusion_config *c) {
    int is_unet = c->kind == MDP_DENOISER_WINDOW_UNET;
    put_windows(json, &c->windows, is_unet);
    json_object_set_new(json, "emphasis", json_real(c->emphasis));
    if (is_unet) return;
    json_object_set_new(json, "blocks", json_integer(c->n_blocks));
    json_object_set_new(json, "heads", json_integer(c->n_heads));
    json_object_set_new(json, "inverse", json_integer(c->n_inverse));
    json_object_set_new(json, "dropout", json_real(c->dropout));
    json_object_set_new(json, "return_scale", json_real(c->return_scale));
}

json_t *mdp_diffusion_json(const struct mdp_diffusion_config *c) {
    json_t *json = json_pack("{s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:f, s:f, s:i, s:i}", "denoiser",
                             mdp_denoiser_kind_name(c->kind), "emb", c->n_emb, "hidden", c->n_hidden, "T", c->n_times,
                             "S", c->n_steps, "solver", c->solver->name, "prediction",
                             c->prediction == MDP_PREDICT_NOISE ? "noise" : "action", "decay", c->decay, "ema_keep",
                             c->ema_keep, "ema_every", c->ema_every, "ema_start", (int)c->ema_start);
    if (c->kind == MDP_DENOISER_RESNET) {
        json_object_set_new(json, "blocks", json_integer(c->n_blocks));
        json_object_set_new(json, "dropout", json_real(c->dropout));
    }
    if (c->kind == MDP_DENOISER_UNET) {
        json_object_set_new(json, "dropout", json_real(c->dropout));
        json_object_set_new(json, "widths", json_pack("[i,i,i]", c->widths[0], c->widths[1], c->widths[2]));
    }
    if (mdp_denoiser_makes_windows(c->kind)) put_planner(json, c);
    if (c->skip_null_step) json_object_set_new(json, "skip_null_step", json_true());
    return json;
}

static json_t *returns_json(const struct mdp_guidance_config *c) {
    json_t *json =
        json_pack("{s:s, s:i, s:i, s:f, s:f, s:f}", "kind", c->kind->name, "hidden", c->n_hidden, "T", c->n_times,
                  "penalty", c->penalty, "ema_keep", c->ema_keep, "return_scale", c->return_scale);
    put_windows(json, &c->windows, 1);
    return json;
}

json_t *mdp_guidance_json(const struct mdp_guidance_config *c) {
    if (c->kind->sees_windows) return returns_json(c);
    json_t *json =
        json_pack("{s:s, s:i, s:f}", "kind", c->kind->name, "hidden", c->n_hidden, "target_keep", c->target_keep);
    if (c->kind == &mdp_guidance_iql) json_object_set_new(json, "expectile", json_real(c->expectile));
    if (!c->kind->needs_support) return json;
    /* times and signal scales that the energy knows: guidance of other schedules asks it by these */
    json_t *energy =
        json_pack("{s:i, s:[i,i,i], s:i, s:f, s:f, s:f, s:s, s:[f,f]}", "emb", c->n_emb, "widths", c->widths[0],
                  c->widths[1], c->widths[2], "support", c->n_support, "beta_value", c->beta_value, "beta", c->beta,
                  "ema_keep", c->ema_keep, "schedule", "cosine", "times", mdp_schedule_time(0), mdp_schedule_time(1));
    json_object_update(json, energy);
    json_decref(energy);
    return json;
}

void mdp_module_info(const struct mdp_module_facts *facts, const char *kind, struct mdp_checkpoint_info *info) {
    memset(info, 0, sizeof *info);
    snprintf(info->kind, sizeof info->kind, "%s", kind);
    snprintf(info->algo, sizeof info->algo, "%s", facts->algo);
    snprintf(info->task, sizeof info->task, "%s", facts->task);
    info->seed = facts->seed;
    info->step = facts->step;
    info->n_obs = facts->n_obs;
    info->n_act = facts->n_act;
    info->normalizer = *facts->normalizer;
    info->head.settings = facts->settings;
    info->head.inputs = facts->inputs;
    mdp_machine_text(info->head.machine);
    if (facts->isa == NULL)
        mdp_isa_text(1, info->isa);
    else
        snprintf(info->isa, sizeof info->isa, "%s", facts->isa);
}

/* renames a module's groups "prefix.name" and drops the optimiser's where only acting counts */
static void list_add(struct group_list *list, const char *prefix, const struct mdp_module_group *groups, int n,
                     int with_optimizer) {
    for (int i = 0; i < n; i++) {
        if (groups[i].is_optimizer && !with_optimizer) continue;
        struct mdp_module_group *group = &list->groups[list->n];
        *group = groups[i];
        snprintf(group->name, sizeof group->name, "%.20s%.40s", prefix, groups[i].name);
        list->views[list->n++] = (struct mdp_tensor_group){group->name, group->n, group->tensors};
    }
}

static mdp_err list_modules(struct mdp_diffusion *diffusion, struct mdp_guidance *guidance, int is_state,
                            struct group_list **out) {
    struct mdp_module_group *groups = NULL;
    struct group_list *list = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&list, 1, sizeof *list, "module groups"));
    MDP_TRY(mdp_calloc(&groups, MDP_MODULE_GROUPS_MAX, sizeof *groups, "module groups"));
    if (diffusion != NULL)
        list_add(list, is_state ? "diffusion." : "", groups, mdp_diffusion_groups(diffusion, groups), is_state);
    if (guidance != NULL)
        list_add(list, is_state ? "guidance." : "", groups, mdp_guidance_groups(guidance, groups), is_state);
    *out = list;
    list = NULL;
out:
    free(groups);
    free(list);
    return err;
}

static mdp_err module_write(const char *path, const char *kind, struct mdp_diffusion *diffusion,
                            struct mdp_guidance *guidance, const struct mdp_module_facts *facts) {
    struct group_list *list = NULL;
    struct mdp_checkpoint_info info;
    mdp_err err;
    MDP_TRY(list_modules(diffusion, guidance, 0, &list));
    mdp_module_info(facts, kind, &info);
    MDP_TRY(mdp_checkpoint_write(path, &info, list->n, list->views, 0, NULL, facts->how));
out:
    free(list);
    return err;
}

mdp_err mdp_diffusion_write(const char *path, struct mdp_diffusion *diffusion, const struct mdp_module_facts *facts) {
    return module_write(path, "diffusion", diffusion, NULL, facts);
}

mdp_err mdp_guidance_write(const char *path, struct mdp_guidance *guidance, const struct mdp_module_facts *facts) {
    return module_write(path, "guidance", NULL, guidance, facts);
}

/* the head says what to build, if it is of that kind */
static mdp_err load_settings(const char *path, const char *kind, const struct mdp_checkpoint_info *info,
                             json_t **settings) {
    *settings = NULL;
    if (strcmp(info->kind, kind) != 0)
        return mdp_fail(MDP_E_DATA, "%s: kind: expected %s, found %s", path, kind, info->kind);
    *settings = json_loads(info->head.settings, 0, NULL);
    if (json_is_object(json_object_get(*settings, kind))) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: settings: expected an object \"%s\", found none", path, kind);
}

static mdp_err read_tensors(const char *path, const char *kind, struct mdp_diffusion *diffusion,
                            struct mdp_guidance *guidance) {
    struct group_list *list = NULL;
    mdp_err err;
    MDP_TRY(list_modules(diffusion, guidance, 0, &list));
    MDP_TRY(mdp_checkpoint_read(path, kind, NULL, list->n, list->views));
    if (diffusion != NULL) mdp_diffusion_take(diffusion);
    if (guidance != NULL) mdp_guidance_take(guidance);
out:
    free(list);
    return err;
}

mdp_err mdp_diffusion_settings(const char *path, const struct mdp_checkpoint_info *info,
                               struct mdp_diffusion_config *c) {
    const char *kind, *solver, *prediction;
    int ema_start;
    json_t *settings;
    mdp_err err;
    MDP_TRY(load_settings(path, "diffusion", info, &settings));
    mdp_diffusion_defaults(c, info->n_obs, info->n_act);
    if (json_unpack(
            json_object_get(settings, "diffusion"),
            "{s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:F, s:F, s:i, s:i, s?i, s?F, s?b, s?[i,i,i], s?i, s?i, s?F, s?F}",
            "denoiser", &kind, "emb", &c->n_emb, "hidden", &c->n_hidden, "T", &c->n_times, "S", &c->n_steps, "solver",
            &solver, "prediction", &prediction, "decay", &c->decay, "ema_keep", &c->ema_keep, "ema_every",
            &c->ema_every, "ema_start", &ema_start, "blocks", &c->n_blocks, "dropout", &c->dropout, "skip_null_step",
            &c->skip_null_step, "widths", &c->widths[0], &c->widths[1], &c->widths[2], "heads", &c->n_heads, "inverse",
            &c->n_inverse, "emphasis", &c->emphasis, "return_scale", &c->return_scale) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: settings: expected a complete \"diffusion\" object, found %s", path,
                         info->head.settings));
    get_windows(json_object_get(settings, "diffusion"), &c->windows);
    c->ema_start = ema_start;
    c->prediction = strcmp(prediction, "action") == 0 ? MDP_PREDICT_ACTION : MDP_PREDICT_NOISE;
    if (mdp_denoiser_kind_find(kind, &c->kind) != MDP_OK || mdp_solver_find(solver, &c->solver) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
out:
    json_decref(settings);
    return err;
}

mdp_err mdp_diffusion_read_as(const char *path, const struct mdp_sampling *sampling, struct mdp_diffusion **out,
                              struct mdp_checkpoint_info *info) {
    mdp_err err;
    struct mdp_diffusion_config config;
    int differs = sampling->solver != NULL || sampling->n_steps > 0;
    *out = NULL;
    MDP_TRY(mdp_checkpoint_read_info(path, info));
    MDP_TRY(mdp_diffusion_settings(path, info, &config));
    if (sampling->solver != NULL) config.solver = sampling->solver;
    if (sampling->n_steps > 0) config.n_steps = sampling->n_steps;
    if (mdp_diffusion_alloc(&config, out) != MDP_OK)
        MDP_TRY(mdp_fail_context(differs ? MDP_E_USAGE : MDP_E_DATA, "%s", path));
    MDP_TRY(read_tensors(path, "diffusion", *out, NULL));
out:
    if (err != MDP_OK) {
        mdp_diffusion_free(*out);
        *out = NULL;
    }
    return err;
}

mdp_err mdp_diffusion_read(const char *path, struct mdp_diffusion **out, struct mdp_checkpoint_info *info) {
    const struct mdp_sampling as_it_says = {NULL, 0};
    return mdp_diffusion_read_as(path, &as_it_says, out, info);
}

/* what follows the kind: of returns of windows, else of values of actions. Returns -1 if something is missing */
static int unpack_guidance(json_t *json, const char *kind, struct mdp_guidance_config *c) {
    if (strcmp(kind, mdp_guidance_returns.name) != 0)
        return json_unpack(json, "{s:i, s:F, s?F, s?i, s?[i,i,i], s?i, s?F, s?F, s?F}", "hidden", &c->n_hidden,
                           "target_keep", &c->target_keep, "expectile", &c->expectile, "emb", &c->n_emb, "widths",
                           &c->widths[0], &c->widths[1], &c->widths[2], "support", &c->n_support, "beta_value",
                           &c->beta_value, "beta", &c->beta, "ema_keep", &c->ema_keep);
    get_windows(json, &c->windows);
    return json_unpack(json, "{s:i, s:i, s:F, s:F, s:F}", "hidden", &c->n_hidden, "T", &c->n_times, "penalty",
                       &c->penalty, "ema_keep", &c->ema_keep, "return_scale", &c->return_scale);
}

mdp_err mdp_guidance_settings(const char *path, const struct mdp_checkpoint_info *info,
                              struct mdp_guidance_config *config) {
    const char *kind;
    json_t *settings;
    mdp_err err;
    MDP_TRY(load_settings(path, "guidance", info, &settings));
    mdp_guidance_defaults(config, info->n_obs, info->n_act);
    json_t *object = json_object_get(settings, "guidance");
    if (json_unpack(object, "{s:s}", "kind", &kind) != 0 || unpack_guidance(object, kind, config) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: settings: expected a complete \"guidance\" object, found %s", path,
                         info->head.settings));
    if (mdp_guidance_kind_find(kind, &config->kind) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
out:
    json_decref(settings);
    return err;
}

mdp_err mdp_guidance_read(const char *path, struct mdp_guidance **out, struct mdp_checkpoint_info *info) {
    mdp_err err;
    struct mdp_guidance_config config;
    *out = NULL;
    MDP_TRY(mdp_checkpoint_read_info(path, info));
    MDP_TRY(mdp_guidance_settings(path, info, &config));
    if (mdp_guidance_alloc(&config, out) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
    MDP_TRY(read_tensors(path, "guidance", NULL, *out));
out:
    if (err != MDP_OK) {
        mdp_guidance_free(*out);
        *out = NULL;
    }
    return err;
}

enum { N_STATE_ARRAYS = 4 };

/* returns how many arrays of a file a state is */
static int state_arrays(const struct mdp_training_state *state, struct mdp_named_array arrays[N_STATE_ARRAYS]) {
    const struct mdp_h5_shape row = {1, {state->n_logged}};
    arrays[0] = (struct mdp_named_array){"counters", MDP_H5_I64, {1, {state->n_counters}}, state->counters};
    arrays[1] = (struct mdp_named_array){"log_sums", MDP_H5_F64, row, state->log_sums};
    arrays[2] = (struct mdp_named_array){"log_counts", MDP_H5_I64, row, state->log_counts};
    return state->n_logged > 0 ? 3 : 1;
}

mdp_err mdp_training_state_write(const char *path, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                                 const struct mdp_module_facts *facts, const struct mdp_training_state *state) {
    struct group_list *list = NULL;
    struct mdp_checkpoint_info info;
    struct mdp_named_array arrays[N_STATE_ARRAYS];
    int n_arrays = state_arrays(state, arrays);
    if (state->log != NULL && state->log[0] != 0) mdp_run_log_array(state->log, &arrays[n_arrays++]);
    mdp_err err;
    MDP_TRY(list_modules(diffusion, guidance, 1, &list));
    mdp_module_info(facts, "resume", &info);
    MDP_TRY(mdp_checkpoint_write(path, &info, list->n, list->views, n_arrays, arrays, MDP_PUBLISH_REPLACE));
out:
    free(list);
    return err;
}

static mdp_err check_counts(const char *path, const char *name, int n, const int64_t *counts) {
    for (int i = 0; i < n; i++)
        if (counts[i] < 0)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected 0 or more, found %lld", path, name, (long long)counts[i]);
    return MDP_OK;
}

mdp_err mdp_training_state_read(const char *path, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                                const struct mdp_module_facts *facts, const struct mdp_training_state *state) {
    struct group_list *list = NULL;
    struct mdp_checkpoint_info info = {.step = 0};
    struct mdp_named_array arrays[N_STATE_ARRAYS];
    int n_arrays = state_arrays(state, arrays), has_row;
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, facts->settings, MDP_WAY_OUT));
    MDP_TRY(list_modules(diffusion, guidance, 1, &list));
    MDP_TRY(mdp_checkpoint_read(path, "resume", NULL, list->n, list->views));
    if (diffusion != NULL) mdp_diffusion_take(diffusion);
    if (guidance != NULL) mdp_guidance_take(guidance);
    MDP_TRY(mdp_checkpoint_has_array(path, arrays[1].name, &has_row));
    MDP_TRY(mdp_checkpoint_read_arrays(path, has_row ? n_arrays : 1, arrays));
    MDP_TRY(check_counts(path, "counters", state->n_counters, state->counters));
    MDP_TRY(check_counts(path, "log_counts", state->n_logged, state->log_counts));
out:
    mdp_checkpoint_info_free(&info);
    free(list);
    return err;
}
