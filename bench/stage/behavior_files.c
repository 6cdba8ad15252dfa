#include "bench/stage/behavior_files.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <omp.h>

#include "base/rng.h"
#include "bench/run/outputs.h"
#include "bench/run/physics.h"
#include "bench/run/run_log.h"
#include "bench/run/version.h"
#include "results/checkpoint.h"

/* the arrays behind N_ARRAYS are there between two checkpoints alone */
enum { N_GROUPS = 7, N_ARRAYS = 7, N_ARRAYS_BETWEEN = 9, N_ARRAYS_MAX = 10, N_COUNTERS = 4, N_OPEN = 2 };

/* the learner as the groups and arrays of a file; views borrow the run */
struct state_view {
    struct mdp_tensor tensors[N_GROUPS][MDP_LAYOUT_MAX];
    struct mdp_tensor_group groups[N_GROUPS];
    struct mdp_named_array arrays[N_ARRAYS_MAX];
    int64_t counters[N_COUNTERS]; /* step, episode, actor updates, critic updates */
    int64_t open[N_OPEN];         /* steps of the open episode, episodes since the newest checkpoint */
    double window_sum;            /* of their returns */
};

mdp_err mdp_behavior_settings_json(const struct mdp_behavior_settings *settings, char **json) {
    struct mdp_sac_config c;
    mdp_behavior_sac(settings, &c);
    json_t *all = json_pack("{s:s, s:I, s:i, s:i, s:f, s:f, s:f, s:f, s:i, s:i}", "env", settings->spec->id, "seed",
                            (json_int_t)settings->seed, "hidden", c.hidden, "batch", c.batch, "learning_rate",
                            c.learning_rate, "discount", c.discount, "tau", c.tau, "target_entropy", c.target_entropy,
                            "replay_capacity", (int)settings->capacity, "warmup", (int)settings->n_warmup);
    mdp_physics_add_setting(settings->engine, all);
    return mdp_json_text(all, json);
}

static void add_group(struct state_view *view, int i, const char *name, const struct mdp_layout *layout, float *block) {
    mdp_layout_tensors(layout, block, view->tensors[i]);
    view->groups[i] = (struct mdp_tensor_group){name, layout->n, view->tensors[i]};
}

static void fill_view(struct state_view *view, const struct mdp_behavior *run, long n_filled) {
    struct mdp_sac *sac = run->sac;
    const struct mdp_transitions *t = &run->replay;
    const struct mdp_layout *actor = &sac->actor.layout, *critic = &sac->critic.layout;
    add_group(view, 0, "actor", actor, sac->actor_params);
    add_group(view, 1, "critic", critic, sac->critic_params);
    add_group(view, 2, "critic_target", critic, sac->target_params);
    add_group(view, 3, "actor_adam_m", actor, sac->actor_adam.m);
    add_group(view, 4, "actor_adam_v", actor, sac->actor_adam.v);
    add_group(view, 5, "critic_adam_m", critic, sac->critic_adam.m);
    add_group(view, 6, "critic_adam_v", critic, sac->critic_adam.v);
    struct mdp_h5_shape rows_obs = {2, {n_filled, t->n_obs}}, rows_act = {2, {n_filled, t->n_act}},
                        rows = {1, {n_filled}};
    view->arrays[0] = (struct mdp_named_array){"counters", MDP_H5_I64, {1, {N_COUNTERS}}, view->counters};
    view->arrays[1] = (struct mdp_named_array){"log_alpha_m_v", MDP_H5_F64, {1, {3}}, &sac->alpha};
    view->arrays[2] = (struct mdp_named_array){"replay_observations", MDP_H5_F32, rows_obs, t->observations};
    view->arrays[3] = (struct mdp_named_array){"replay_actions", MDP_H5_F32, rows_act, t->actions};
    view->arrays[4] = (struct mdp_named_array){"replay_rewards", MDP_H5_F32, rows, t->rewards};
    view->arrays[5] = (struct mdp_named_array){"replay_next_observations", MDP_H5_F32, rows_obs, t->next_observations};
    view->arrays[6] = (struct mdp_named_array){"replay_terminals", MDP_H5_F32, rows, t->terminals};
    view->arrays[7] = (struct mdp_named_array){"open", MDP_H5_I64, {1, {N_OPEN}}, view->open};
    view->arrays[8] = (struct mdp_named_array){"open_return_sum", MDP_H5_F64, {1, {1}}, &view->window_sum};
}

static mdp_err describe(const struct mdp_behavior *run, const char *kind, const char *settings,
                        struct mdp_checkpoint_info *info) {
    memset(info, 0, sizeof *info);
    snprintf(info->kind, sizeof info->kind, "%s", kind);
    snprintf(info->algo, sizeof info->algo, "sac");
    snprintf(info->task, sizeof info->task, "%s", run->settings.spec->robot);
    info->seed = run->settings.seed;
    info->step = run->step;
    info->n_obs = run->settings.spec->n_obs;
    info->n_act = run->settings.spec->n_act;
    info->head.settings = settings;
    memcpy(info->isa, run->isa, sizeof info->isa);
    if (run->isa[0] == 0) mdp_isa_text(1, info->isa);
    return mdp_physics_machine_text(run->settings.engine, run->settings.spec, info->head.machine);
}

mdp_err mdp_behavior_write_policy(const struct mdp_behavior *run, const char *path) {
    struct mdp_tensor tensors[MDP_LAYOUT_MAX];
    struct mdp_tensor_group group = {"actor", run->sac->actor.layout.n, tensors};
    struct mdp_checkpoint_info info;
    enum mdp_publish how;
    int is_there;
    char *settings = NULL;
    mdp_err err;
    MDP_TRY(mdp_behavior_settings_json(&run->settings, &settings));
    mdp_layout_tensors(&run->sac->actor.layout, run->sac->actor_params, tensors);
    MDP_TRY(describe(run, "behavior", settings, &info));
    MDP_TRY(mdp_check_own(path, settings, &how, &is_there));
    MDP_TRY(mdp_checkpoint_write(path, &info, 1, &group, 0, NULL, how));
out:
    free(settings);
    return err;
}

mdp_err mdp_behavior_write_state(const struct mdp_behavior *run, const char *path, const char *log) {
    mdp_err err;
    char *settings = NULL;
    struct state_view *view = NULL;
    MDP_TRY(mdp_calloc(&view, 1, sizeof *view, "training state"));
    MDP_TRY(mdp_behavior_settings_json(&run->settings, &settings));
    fill_view(view, run, mdp_behavior_filled(run));
    view->counters[0] = run->step;
    view->counters[1] = run->episode;
    view->counters[2] = run->sac->actor_adam.step;
    view->counters[3] = run->sac->critic_adam.step;
    view->open[0] = run->n_open;
    view->open[1] = run->window_n;
    view->window_sum = run->window_sum;
    int n_arrays = run->n_open > 0 || run->window_n > 0 ? N_ARRAYS_BETWEEN : N_ARRAYS;
    if (log != NULL && log[0] != 0) mdp_run_log_array(log, &view->arrays[n_arrays++]);
    struct mdp_checkpoint_info info;
    MDP_TRY(describe(run, "resume", settings, &info));
    MDP_TRY(mdp_checkpoint_write(path, &info, N_GROUPS, view->groups, n_arrays, view->arrays, MDP_PUBLISH_REPLACE));
out:
    free(settings);
    free(view);
    return err;
}

/* what a file says that belongs together */
static mdp_err check_counters(const char *path, const struct mdp_behavior *run, long n_rows) {
    if (run->step < 0 || mdp_behavior_filled(run) != n_rows)
        return mdp_fail(MDP_E_DATA, "%s: counters: step %ld does not go with %ld replay rows", path, run->step, n_rows);
    if (run->n_open < 0 || run->n_open > n_rows || run->n_open >= run->settings.spec->max_steps || run->window_n < 0)
        return mdp_fail(MDP_E_DATA,
                        "%s: open: expected 0 to %d steps of %ld replay rows, and 0 or more episodes, found "
                        "%ld and %lld",
                        path, run->settings.spec->max_steps - 1, n_rows, run->n_open, (long long)run->window_n);
    return MDP_OK;
}

mdp_err mdp_behavior_read_state(struct mdp_behavior *run, const char *path) {
    mdp_err err;
    char *settings = NULL;
    struct state_view *view = NULL;
    struct mdp_checkpoint_info info = {.step = 0};
    struct mdp_h5_shape shape;
    int is_between;
    MDP_TRY(mdp_calloc(&view, 1, sizeof *view, "training state"));
    MDP_TRY(mdp_behavior_settings_json(&run->settings, &settings));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, settings, MDP_WAY_OUT));
    MDP_TRY(mdp_checkpoint_array_shape(path, "replay_rewards", &shape));
    if (shape.rank != 1 || shape.extent[0] > run->settings.capacity)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: replay_rewards: expected at most %ld rows, found %ld", path,
                         run->settings.capacity, shape.extent[0]));
    fill_view(view, run, shape.extent[0]);
    mdp_checkpoint_info_free(&info);
    MDP_TRY(mdp_checkpoint_read(path, "resume", &info, N_GROUPS, view->groups));
    MDP_TRY(mdp_checkpoint_has_array(path, view->arrays[N_ARRAYS].name, &is_between));
    MDP_TRY(mdp_checkpoint_read_arrays(path, is_between ? N_ARRAYS_BETWEEN : N_ARRAYS, view->arrays));
    run->step = (long)view->counters[0];
    run->episode = (uint32_t)view->counters[1];
    run->sac->actor_adam.step = (long)view->counters[2];
    run->sac->critic_adam.step = (long)view->counters[3];
    run->n_open = (long)view->open[0];
    run->window_n = view->open[1];
    run->window_sum = view->window_sum;
    MDP_TRY(check_counters(path, run, shape.extent[0]));
out:
    mdp_checkpoint_info_free(&info);
    free(settings);
    free(view);
    return err;
}

static mdp_err policy_alloc(struct mdp_behavior_policy *policy, int n_threads, int hidden) {
    mdp_err err;
    mdp_gaussian_build(&policy->net, policy->spec->n_obs, policy->spec->n_act, hidden);
    policy->n_threads = n_threads;
    MDP_TRY(mdp_calloc(&policy->params, (unsigned long)policy->net.layout.n_floats, sizeof(float), "behaviour policy"));
    MDP_TRY(mdp_calloc(&policy->caches, (unsigned long)n_threads, sizeof *policy->caches, "behaviour policy"));
    for (int i = 0; i < n_threads; i++) MDP_TRY(mdp_mlp_cache_alloc(&policy->caches[i], &policy->net.net, 1, NULL));
out:
    return err;
}

/* the width is not in the header: the first layer's weight tells it */
static mdp_err hidden_of(const char *path, int *hidden) {
    struct mdp_checkpoint_entry *entries = NULL;
    int n = 0;
    mdp_err err = mdp_checkpoint_list(path, &entries, &n);
    if (err != MDP_OK) return err;
    *hidden = 0;
    for (int i = 0; i < n; i++)
        if (strstr(entries[i].name, "actor.0.bias") != NULL) *hidden = (int)entries[i].shape.extent[0];
    free(entries);
    if (*hidden >= 1 && *hidden <= 4096) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: actor.0.bias: expected 1 to 4096 elements, found %d", path, *hidden);
}

mdp_err mdp_behavior_policy_read(const char *path, int n_threads, struct mdp_behavior_policy **out) {
    mdp_err err;
    struct mdp_behavior_policy *policy = NULL;
    struct mdp_checkpoint_info info = {.step = 0};
    int hidden;
    MDP_TRY(mdp_calloc(&policy, 1, sizeof *policy, "behaviour policy"));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    if (strcmp(info.kind, "behavior") != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: kind: expected behavior, found %s", path, info.kind));
    policy->spec = mdp_env_find(info.task);
    if (policy->spec == NULL || policy->spec->n_obs != info.n_obs || policy->spec->n_act != info.n_act)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: task: expected a known robot of %d observations and %d actions, found %s",
                         path, info.n_obs, info.n_act, info.task));
    policy->step = (long)info.step;
    policy->training_seed = info.seed;
    MDP_TRY(hidden_of(path, &hidden));
    MDP_TRY(policy_alloc(policy, n_threads, hidden));
    struct mdp_tensor tensors[MDP_LAYOUT_MAX];
    mdp_layout_tensors(&policy->net.layout, policy->params, tensors);
    struct mdp_tensor_group group = {"actor", policy->net.layout.n, tensors};
    MDP_TRY(mdp_checkpoint_read(path, "behavior", NULL, 1, &group));
    *out = policy;
    policy = NULL;
out:
    mdp_checkpoint_info_free(&info);
    mdp_behavior_policy_free(policy);
    return err;
}

mdp_err mdp_behavior_policy_settings(const char *path, const struct mdp_engine *engine,
                                     struct mdp_behavior_settings *settings) {
    mdp_err err;
    struct mdp_checkpoint_info info = {.step = 0};
    char *mine = NULL;
    const char *env = NULL;
    json_t *recorded = NULL;
    json_int_t seed = 0, capacity = 0, warmup = 0;
    double learning_rate = 0, discount = 0, tau = 0;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    recorded = json_loads(info.head.settings, 0, NULL);
    if (json_unpack(recorded, "{s:s, s:I, s:I, s:I, s:F, s:F, s:F}", "env", &env, "seed", &seed, "replay_capacity",
                    &capacity, "warmup", &warmup, "learning_rate", &learning_rate, "discount", &discount, "tau",
                    &tau) != 0 ||
        mdp_env_find(env) == NULL || capacity < 1 || capacity > 100000000 || warmup < 0 || !(learning_rate > 0) ||
        !(discount > 0 && discount < 1) || !(tau > 0 && tau <= 1))
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "%s: settings: expected those of a behave run, found %s", path, info.head.settings));
    *settings = (struct mdp_behavior_settings){.spec = mdp_env_find(env),
                                               .seed = (uint64_t)seed,
                                               .capacity = (long)capacity,
                                               .n_warmup = (long)warmup,
                                               .n_threads = 1,
                                               .engine = engine,
                                               .learning_rate = learning_rate,
                                               .discount = discount,
                                               .tau = tau};
    MDP_TRY(mdp_behavior_settings_json(settings, &mine));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, mine, MDP_WAY_OUT));
out:
    mdp_checkpoint_info_free(&info);
    json_decref(recorded);
    free(mine);
    return err;
}

void mdp_behavior_policy_free(struct mdp_behavior_policy *policy) {
    if (policy == NULL) return;
    for (int i = 0; policy->caches != NULL && i < policy->n_threads; i++) mdp_mlp_cache_free(&policy->caches[i]);
    free(policy->caches);
    free(policy->params);
    free(policy);
}

/* one row at a time, so that an action depends on its own state alone */
void mdp_behavior_policy_act(struct mdp_behavior_policy *policy, int i_thread, const float *obs, uint32_t episode,
                             uint32_t step, float *action) {
    struct mdp_mlp_cache *cache = &policy->caches[i_thread];
    float eps[MDP_ENV_MAX_ACT];
    memcpy(cache->x, obs, (size_t)policy->net.n_obs * sizeof *obs);
    if (policy->is_stochastic) {
        struct mdp_rng rng = mdp_rng_stream(policy->seed, MDP_RNG_BEHAVIOR_ACT, episode, step);
        mdp_rng_normal(&rng, eps, policy->net.n_act);
    }
    mdp_gaussian_act(&policy->net, policy->params, 1, policy->is_stochastic ? eps : NULL, cache, action, NULL);
}

static mdp_err act(void *context, int n_states, const float *observations, const uint32_t *episodes,
                   const uint32_t *steps, float *actions) {
    struct mdp_behavior_policy *policy = context;
    long o = policy->net.n_obs, a = policy->net.n_act;
    int n_threads = policy->n_threads < n_states ? policy->n_threads : n_states;
    if (n_threads < 1) return MDP_OK;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int i = 0; i < n_states; i++)
        mdp_behavior_policy_act(policy, omp_get_thread_num(), observations + i * o, episodes[i], steps[i],
                                actions + i * a);
    return MDP_OK;
}

struct mdp_actor mdp_behavior_actor(struct mdp_behavior_policy *policy) {
    return (struct mdp_actor){.context = policy, .act = act};
}
