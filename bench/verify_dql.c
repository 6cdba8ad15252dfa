#include "bench/verify_dql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/policy.h"
#include "algos/selection.h"
#include "bench/golden.h"

/* what a training loop over the stored inputs is varied by */
struct variant {
    const char *group;
    int is_frozen, has_guidance;
};

static const struct variant variants[] = {{"joint", 0, 1}, {"frozen", 1, 1}, {"noguide", 0, 0}};

/* the stored inputs, K steps each */
struct inputs {
    float *obs, *next_obs, *act, *rew, *tml, *bc_eps, *noise_next, *noise_new;
    int *bc_t;
    double *coin;
};

/* the stored case with its modules on the initial weights */
struct modules {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
};

static void free_inputs(struct inputs *in) {
    void *blocks[] = {in->obs,    in->next_obs,   in->act,       in->rew,  in->tml,
                      in->bc_eps, in->noise_next, in->noise_new, in->bc_t, in->coin};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static mdp_err check_draws(const struct mdp_golden *g, const struct inputs *in) {
    for (long i = 0; i < (long)g->n_steps_run * g->batch; i++)
        if (in->bc_t[i] < 0 || in->bc_t[i] >= g->n_times)
            return mdp_fail(MDP_E_DATA, "%s: in/bc_t: element %ld: expected 0 to %d, found %d", g->path, i,
                            g->n_times - 1, in->bc_t[i]);
    for (int k = 0; k < g->n_steps_run; k++)
        if (!(in->coin[k] >= 0 && in->coin[k] <= 1))
            return mdp_fail(MDP_E_DATA, "%s: in/coin: element %d: expected 0 to 1, found %g", g->path, k, in->coin[k]);
    return MDP_OK;
}

static mdp_err read_inputs(struct mdp_golden *g, struct inputs *in) {
    mdp_err err = MDP_OK;
    long k = g->n_steps_run, b = g->batch, d = mdp_solver_draws(g->solver, g->n_steps);
    const struct {
        const char *name;
        struct mdp_h5_shape shape;
        float **target;
    } arrays[] = {{"in/obs", {3, {k, b, g->n_obs}}, &in->obs},
                  {"in/next_obs", {3, {k, b, g->n_obs}}, &in->next_obs},
                  {"in/act", {3, {k, b, g->n_act}}, &in->act},
                  {"in/rew", {3, {k, b, 1}}, &in->rew},
                  {"in/tml", {3, {k, b, 1}}, &in->tml},
                  {"in/bc_eps", {3, {k, b, g->n_act}}, &in->bc_eps},
                  {"in/noise_next", {4, {k, d, b, g->n_act}}, &in->noise_next},
                  {"in/noise_new", {4, {k, d, b, g->n_act}}, &in->noise_new}};
    memset(in, 0, sizeof *in);
    for (unsigned long i = 0; i < sizeof arrays / sizeof *arrays; i++)
        MDP_TRY(mdp_golden_read(g, arrays[i].name, &arrays[i].shape, arrays[i].target));
    MDP_TRY(mdp_h5_read_new(g->file, "in/bc_t", MDP_H5_I32, MDP_H5_2D(k, b), NULL, &in->bc_t));
    MDP_TRY(mdp_h5_read_new(g->file, "in/coin", MDP_H5_F64, MDP_H5_1D(k), NULL, &in->coin));
    MDP_TRY(check_draws(g, in));
out:
    return err;
}

static void free_modules(struct modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_guidance_free(m->guidance);
    *m = (struct modules){NULL, NULL};
}

static mdp_err make_modules(const struct mdp_golden *g, int is_frozen, struct modules *m) {
    mdp_err err = MDP_OK;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    *m = (struct modules){NULL, NULL};
    mdp_diffusion_defaults(&diffusion, g->n_obs, g->n_act);
    diffusion.n_emb = g->n_emb;
    diffusion.n_hidden = g->n_hidden;
    diffusion.n_times = g->n_times;
    diffusion.n_steps = g->n_steps;
    diffusion.solver = g->solver;
    diffusion.decay = g->decay;
    diffusion.ema_keep = g->ema_keep;
    mdp_guidance_defaults(&guidance, g->n_obs, g->n_act);
    guidance.n_hidden = g->n_critic;
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &m->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, 0, &m->guidance));
    const struct mdp_layout *actor = &m->diffusion->net.layout, *critic = &m->guidance->nets[0].net.layout;
    mdp_golden_weights(g, MDP_GOLDEN_ACTOR, actor, m->diffusion->params);
    mdp_golden_weights(g, MDP_GOLDEN_ACTOR_EMA, actor, m->diffusion->ema);
    mdp_golden_weights(g, is_frozen ? MDP_GOLDEN_CRITIC_FROZEN : MDP_GOLDEN_CRITIC, critic,
                       m->guidance->nets[0].params);
    mdp_golden_weights(g, MDP_GOLDEN_CRITIC_TARGET, critic, m->guidance->nets[0].target);
out:
    if (err != MDP_OK) free_modules(m);
    return err;
}

static mdp_err verify_init(struct mdp_golden *g, const struct modules *m, int is_frozen) {
    mdp_err err = MDP_OK;
    const struct mdp_layout *actor = &m->diffusion->net.layout, *critic = &m->guidance->nets[0].net.layout;
    if (is_frozen) return mdp_golden_check_init(g, "critic_frozen", critic, m->guidance->nets[0].params);
    MDP_TRY(mdp_golden_check_init(g, "actor", actor, m->diffusion->params));
    MDP_TRY(mdp_golden_check_init(g, "actor_ema", actor, m->diffusion->ema));
    MDP_TRY(mdp_golden_check_init(g, "critic", critic, m->guidance->nets[0].params));
    MDP_TRY(mdp_golden_check_init(g, "critic_target", critic, m->guidance->nets[0].target));
out:
    return err;
}

/* --- forward passes ---------------------------------------------------------------------------------------------- */

static mdp_err verify_denoiser(struct mdp_golden *g, const struct modules *m, const struct inputs *in) {
    mdp_err err = MDP_OK;
    const struct mdp_denoiser *net = &m->diffusion->net;
    enum mdp_bound bound = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    struct mdp_time_table table = {0};
    struct mdp_denoiser_cache cache = {0};
    MDP_TRY(mdp_time_table_alloc(&table, net));
    MDP_TRY(mdp_denoiser_cache_alloc(&cache, net, g->batch));
    mdp_time_table_refresh(&table, net, m->diffusion->params);
    MDP_TRY(mdp_golden_check(g, "fwd/time_emb_table", MDP_H5_2D(g->n_times, g->n_emb), table.cache.x, bound));
    MDP_TRY(mdp_golden_check(g, "fwd/time_mlp_table", MDP_H5_2D(g->n_times, g->n_emb), table.values, bound));
    memcpy(cache.time, in->bc_t, (size_t)g->batch * sizeof *cache.time);
    const float *out = mdp_denoiser_forward(net, m->diffusion->params, &table, g->batch, in->bc_eps, in->obs, &cache);
    MDP_TRY(mdp_golden_check(g, "fwd/actor_out", MDP_H5_2D(g->batch, g->n_act), out, bound));
out:
    mdp_time_table_free(&table);
    mdp_denoiser_cache_free(&cache);
    return err;
}

static mdp_err verify_critic(struct mdp_golden *g, const struct modules *m, const struct inputs *in) {
    mdp_err err = MDP_OK;
    const struct mdp_guidance_kind *kind = m->guidance->config.kind;
    enum mdp_bound bound = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    const struct mdp_h5_shape *column = MDP_H5_2D(g->batch, 1);
    const float *values[MDP_Q_HEADS_MAX];
    float *score = NULL;
    struct mdp_guidance_work work = {0};
    MDP_TRY(mdp_guidance_work_alloc(&work, m->guidance, g->batch));
    MDP_TRY(mdp_calloc(&score, (unsigned long)g->batch, sizeof *score, "scores"));
    kind->policy_values(m->guidance, g->batch, in->obs, in->act, &work, values);
    MDP_TRY(mdp_golden_check(g, "fwd/q1", column, values[0], bound));
    MDP_TRY(mdp_golden_check(g, "fwd/q2", column, values[1], bound));
    kind->select_score(m->guidance, g->batch, in->obs, in->act, &work, score);
    MDP_TRY(mdp_golden_check(g, "fwd/q_target_min", column, score, bound));
out:
    mdp_guidance_work_free(&work);
    free(score);
    return err;
}

/* --- training ---------------------------------------------------------------------------------------------------- */

/* the group's own path of an array, if the file has it */
static int has(struct mdp_golden *g, const struct variant *v, const char *what, char path[MDP_H5_NAME_MAX]) {
    char full[MDP_H5_NAME_MAX];
    snprintf(full, sizeof full, "f64/%s/%s", v->group, what);
    snprintf(path, MDP_H5_NAME_MAX, "%s", full + 4);
    return mdp_h5_exists(g->file, full);
}

static mdp_err check_row_array(struct mdp_golden *g, const struct variant *v, const char *what, int width,
                               const float *got, enum mdp_bound bound) {
    char path[MDP_H5_NAME_MAX];
    has(g, v, what, path);
    return mdp_golden_check(g, path, MDP_H5_2D(g->batch, width), got, bound);
}

static mdp_err verify_step0(struct mdp_golden *g, const struct variant *v, const struct mdp_dql *dql) {
    mdp_err err = MDP_OK;
    enum mdp_bound output = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    enum mdp_bound action = mdp_golden_bound(g, MDP_BOUND_ACTION_SMALL, MDP_BOUND_ACTION_FULL);
    enum mdp_bound gradient = mdp_golden_bound(g, MDP_BOUND_GRADIENT, MDP_BOUND_GRADIENT_ENTRY);
    const struct mdp_guidance_trainer *trainer = dql->guidance->trainer;
    if (!v->is_frozen) {
        MDP_TRY(check_row_array(g, v, "step0/q1", 1, trainer->values[0], output));
        MDP_TRY(check_row_array(g, v, "step0/q2", 1, trainer->values[1], output));
        MDP_TRY(check_row_array(g, v, "step0/next_act", g->n_act, dql->next_act, action));
        MDP_TRY(check_row_array(g, v, "step0/target_q", 1, trainer->target_value, action));
    }
    MDP_TRY(check_row_array(g, v, "step0/new_act", g->n_act, dql->new_act, action));
    MDP_TRY(check_row_array(g, v, "step0/q1_new", 1, dql->q_new[0], action));
    MDP_TRY(check_row_array(g, v, "step0/q2_new", 1, dql->q_new[1], action));
    MDP_TRY(check_row_array(g, v, "step0/grad_new_act", g->n_act, dql->d_new_act, gradient));
out:
    return err;
}

static mdp_err verify_gradients(struct mdp_golden *g, const struct variant *v, const struct mdp_dql *dql) {
    mdp_err err = MDP_OK;
    const struct mdp_layout *actor = &dql->diffusion->net.layout, *critic = &dql->guidance->nets[0].net.layout;
    enum mdp_bound bound = mdp_golden_bound(g, MDP_BOUND_GRADIENT, MDP_BOUND_GRADIENT_ENTRY);
    char path[MDP_H5_NAME_MAX];
    long n = actor->n_floats > critic->n_floats ? actor->n_floats : critic->n_floats;
    float *sum = NULL;
    MDP_TRY(mdp_calloc(&sum, (unsigned long)n, sizeof *sum, "gradients"));
    mdp_dql_actor_gradient(dql, sum);
    has(g, v, "grad0/actor", path);
    MDP_TRY(mdp_golden_check_block(g, path, actor, sum, bound, MDP_BOUND_GRADIENT_SUM, NULL));
    if (v->is_frozen) goto out;
    memset(sum, 0, (size_t)n * sizeof *sum);
    for (int p = 0; p < dql->n_used; p++)
        for (long j = 0; j < critic->n_floats; j++) sum[j] += dql->guidance->trainer->grads[0][p][j];
    has(g, v, "grad0/critic", path);
    MDP_TRY(mdp_golden_check_block(g, path, critic, sum, bound, MDP_BOUND_GRADIENT_SUM, NULL));
out:
    free(sum);
    return err;
}

/* parameters after k steps, where the file has them */
static mdp_err verify_after(struct mdp_golden *g, const struct variant *v, const struct mdp_dql *dql, int k,
                            int *n_found) {
    mdp_err err = MDP_OK;
    const struct mdp_guidance_net *critic = &dql->guidance->nets[0];
    const struct mdp_layout *actor = &dql->diffusion->net.layout;
    const struct {
        const char *name;
        const struct mdp_layout *layout;
        const float *block;
        enum mdp_bound bound, sum_bound;
        struct mdp_golden_steps steps;
    } blocks[] = {
        {"actor", actor, dql->diffusion->params, MDP_BOUND_PARAM, MDP_BOUND_PARAM_SUM, {&dql->diffusion->adam, g->lr}},
        {"actor_ema",
         actor,
         dql->diffusion->ema,
         MDP_BOUND_AVERAGE,
         MDP_BOUND_AVERAGE_SUM,
         {&dql->diffusion->adam, g->lr}},
        {"critic", &critic->net.layout, critic->params, MDP_BOUND_PARAM, MDP_BOUND_PARAM_SUM, {&critic->adam, g->lr}},
        {"critic_target",
         &critic->net.layout,
         critic->target,
         MDP_BOUND_AVERAGE,
         MDP_BOUND_AVERAGE_SUM,
         {&critic->adam, g->lr}},
    };
    char what[64], path[MDP_H5_NAME_MAX];
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        snprintf(what, sizeof what, "after%d/%s", k, blocks[i].name);
        if (!has(g, v, what, path)) continue;
        MDP_TRY(mdp_golden_check_block(g, path, blocks[i].layout, blocks[i].block, blocks[i].bound, blocks[i].sum_bound,
                                       &blocks[i].steps));
        ++*n_found;
    }
out:
    return err;
}

/* X(name in the file, field of the log, bound) */
#define LOG_LIST(X)                                                                                                    \
    X("log/bc_loss", bc_loss, MDP_BOUND_LOSS)                                                                          \
    X("log/q_loss", q_loss, MDP_BOUND_LOSS)                                                                            \
    X("log/actor_loss", actor_loss, MDP_BOUND_LOSS)                                                                    \
    X("log/critic_loss", critic_loss, MDP_BOUND_LOSS)                                                                  \
    X("log/target_q_mean", target_q_mean, MDP_BOUND_LOSS)                                                              \
    X("log/lr_actor", lr, MDP_BOUND_RATE)                                                                              \
    X("log/lr_critic", lr, MDP_BOUND_RATE)

static const struct {
    const char *name;
    size_t offset;
    enum mdp_bound bound;
} log_fields[] = {
#define LOG_FIELD(name, field, bound) {name, offsetof(struct mdp_dql_log, field), bound},
    LOG_LIST(LOG_FIELD)
#undef LOG_FIELD
};

static mdp_err verify_logs(struct mdp_golden *g, const struct variant *v, const struct mdp_dql_log *logs) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    double *got = NULL;
    MDP_TRY(mdp_calloc(&got, (unsigned long)g->n_steps_run, sizeof *got, "logs"));
    for (unsigned long i = 0; i < sizeof log_fields / sizeof *log_fields; i++) {
        int is_there = has(g, v, log_fields[i].name, path);
        if (!is_there && v->is_frozen) continue;
        for (int k = 0; k < g->n_steps_run; k++)
            memcpy(&got[k], (const char *)&logs[k] + log_fields[i].offset, sizeof *got);
        mdp_quantity_start(&quantity, "%s", path);
        MDP_TRY(mdp_golden_compare(g, &quantity, path, MDP_H5_1D(g->n_steps_run), got, log_fields[i].bound, 1));
        mdp_report_quantity(g->report, g->path, &quantity);
    }
out:
    free(got);
    return err;
}

static void step(struct mdp_dql *dql, const struct mdp_golden *g, const struct inputs *in, int k,
                 struct mdp_dql_log *log) {
    long rows = (long)k * g->batch, o = g->n_obs, a = g->n_act, d = (long)mdp_solver_draws(g->solver, g->n_steps) * a;
    struct mdp_batch batch = {g->batch,       in->obs + rows * o, in->act + rows * a,
                              in->rew + rows, in->tml + rows,     in->next_obs + rows * o};
    struct mdp_dql_draws draws = {in->bc_t + rows, in->bc_eps + rows * a, in->noise_next + rows * d,
                                  in->noise_new + rows * d, in->coin[k]};
    mdp_dql_step(dql, &batch, &draws, log);
}

static mdp_err verify_training(struct mdp_golden *g, const struct variant *v, const struct inputs *in) {
    mdp_err err = MDP_OK;
    struct modules m = {NULL, NULL};
    struct mdp_dql *dql = NULL;
    struct mdp_dql_log *logs = NULL;
    int n_after = 0;
    struct mdp_dql_config config = {
        g->batch, g->discount, v->has_guidance ? g->eta : 0.0, g->lr, (long)g->lr_steps, v->is_frozen, 0, 1};
    MDP_TRY(make_modules(g, v->is_frozen, &m));
    if (v->is_frozen) MDP_TRY(verify_init(g, &m, 1));
    MDP_TRY(mdp_dql_new(&config, m.diffusion, m.guidance, &dql));
    MDP_TRY(mdp_calloc(&logs, (unsigned long)g->n_steps_run, sizeof *logs, "logs"));
    dql->step = (long)g->first_step;
    for (int k = 0; k < g->n_steps_run; k++) {
        step(dql, g, in, k, &logs[k]);
        if (k == 0) {
            MDP_TRY(verify_step0(g, v, dql));
            MDP_TRY(verify_gradients(g, v, dql));
        }
        MDP_TRY(verify_after(g, v, dql, k + 1, &n_after));
    }
    if (n_after == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: f64/%s: expected groups after<k> with k up to %d, found none", g->path,
                         v->group, g->n_steps_run));
    MDP_TRY(verify_logs(g, v, logs));
out:
    free(logs);
    mdp_dql_free(dql);
    free_modules(&m);
    return err;
}

/* --- sampling and selection -------------------------------------------------------------------------------------- */

/* everything about `sample` that is collected over states before it is compared */
struct sampled {
    float *obs, *noise, *expo, *actions, *scores, *history, *chosen;
    double *u, *weights, *by_expo, *by_cdf, *index;
};

static void free_sampled(struct sampled *s) {
    void *blocks[] = {s->obs,    s->noise, s->expo,    s->actions, s->scores, s->history,
                      s->chosen, s->u,     s->weights, s->by_expo, s->by_cdf, s->index};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err read_sample_inputs(struct mdp_golden *g, struct sampled *s) {
    mdp_err err = MDP_OK;
    unsigned long ne = (unsigned long)g->n_states, rows = ne * (unsigned long)g->n_candidates,
                  a = (unsigned long)g->n_act;
    long draws = mdp_solver_draws(g->solver, g->n_steps);
    MDP_TRY(mdp_golden_read(g, "in_sample/env_obs", MDP_H5_2D(g->n_states, g->n_obs), &s->obs));
    MDP_TRY(mdp_golden_read(g, "in_sample/noise", MDP_H5_3D(draws, (long)rows, g->n_act), &s->noise));
    MDP_TRY(mdp_golden_read(g, "in_sample/expo", MDP_H5_2D(g->n_states, g->n_candidates), &s->expo));
    MDP_TRY(mdp_h5_read_new(g->file, "in_sample/u", MDP_H5_F64, MDP_H5_1D(g->n_states), NULL, &s->u));
    MDP_TRY(mdp_calloc(&s->actions, rows * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&s->scores, rows, sizeof(float), "scores"));
    MDP_TRY(mdp_calloc(&s->history, rows * a * (unsigned long)(g->n_steps + 1), sizeof(float), "history"));
    MDP_TRY(mdp_calloc(&s->chosen, ne * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&s->weights, rows, sizeof(double), "weights"));
    MDP_TRY(mdp_calloc(&s->by_expo, ne, sizeof(double), "choices"));
    MDP_TRY(mdp_calloc(&s->by_cdf, ne, sizeof(double), "choices"));
    MDP_TRY(mdp_calloc(&s->index, (unsigned long)g->n_steps + 1, sizeof(double), "indices"));
out:
    return err;
}

static void sample_state(const struct mdp_golden *g, struct mdp_policy *policy, struct sampled *s, int e) {
    int nc = g->n_candidates;
    long a = g->n_act, row = (long)e * nc, total = (long)g->n_states * nc * a;
    struct mdp_policy_view view =
        mdp_policy_propose(policy, s->obs + (long)e * g->n_obs, (struct mdp_draws){s->noise + row * a, total});
    memcpy(s->actions + row * a, view.actions, (size_t)(nc * a) * sizeof(float));
    memcpy(s->scores + row, view.scores, (size_t)nc * sizeof(float));
    memcpy(s->weights + row, view.weights, (size_t)nc * sizeof(double));
    for (int i = 0; i <= g->n_steps; i++)
        memcpy(s->history + i * total + row * a, view.history + i * nc * a, (size_t)(nc * a) * sizeof(float));
    int by_expo = mdp_selection_by_exponential(nc, view.weights, s->expo + row);
    s->by_expo[e] = by_expo;
    s->by_cdf[e] = mdp_selection_by_uniform(nc, view.weights, s->u[e]);
    memcpy(s->chosen + e * a, view.actions + by_expo * a, (size_t)a * sizeof(float));
}

static mdp_err check_wide(struct mdp_golden *g, const char *name, const struct mdp_h5_shape *shape, const double *got,
                          enum mdp_bound bound) {
    struct mdp_quantity quantity;
    mdp_quantity_start(&quantity, "%s", name);
    mdp_err err = mdp_golden_compare(g, &quantity, name, shape, got, bound, 0);
    if (err == MDP_OK) mdp_report_quantity(g->report, g->path, &quantity);
    return err;
}

static mdp_err check_sampled(struct mdp_golden *g, const struct sampled *s) {
    mdp_err err = MDP_OK;
    long ne = g->n_states, rows = ne * g->n_candidates;
    enum mdp_bound action = mdp_golden_bound(g, MDP_BOUND_ACTION_SMALL, MDP_BOUND_ACTION_FULL);
    MDP_TRY(check_wide(g, "sample/schedule_idx", MDP_H5_1D(g->n_steps + 1), s->index, MDP_BOUND_EXACT));
    if (mdp_h5_exists(g->file, "f64/sample/history"))
        MDP_TRY(mdp_golden_check(g, "sample/history", MDP_H5_3D(g->n_steps + 1, rows, g->n_act), s->history, action));
    MDP_TRY(mdp_golden_check(g, "sample/act", MDP_H5_2D(rows, g->n_act), s->actions, action));
    MDP_TRY(mdp_golden_check(g, "sample/q", MDP_H5_2D(rows, 1), s->scores, action));
    MDP_TRY(check_wide(g, "sample/weights", MDP_H5_2D(ne, g->n_candidates), s->weights,
                       mdp_golden_bound(g, MDP_BOUND_WEIGHT_SMALL, MDP_BOUND_WEIGHT_FULL)));
    MDP_TRY(check_wide(g, "sample/sel_expo", MDP_H5_1D(ne), s->by_expo, MDP_BOUND_EXACT));
    MDP_TRY(check_wide(g, "sample/sel_cdf", MDP_H5_1D(ne), s->by_cdf, MDP_BOUND_EXACT));
    MDP_TRY(mdp_golden_check(g, "sample/chosen_act", MDP_H5_2D(ne, g->n_act), s->chosen, action));
out:
    return err;
}

static mdp_err verify_sample(struct mdp_golden *g, const struct modules *m) {
    mdp_err err = MDP_OK;
    struct mdp_policy *policy = NULL;
    struct mdp_policy_config config;
    struct sampled s = {0};
    mdp_policy_defaults(&config);
    config.n_candidates = g->n_candidates;
    MDP_TRY(mdp_h5_attr_real(g->file, "in_sample", "temperature", &config.start_temperature));
    MDP_TRY(mdp_h5_attr_real(g->file, "in_sample", "weight_temperature", &config.selection_temperature));
    MDP_TRY(read_sample_inputs(g, &s));
    if (mdp_policy_new(&config, m->diffusion, m->guidance, NULL, NULL, &policy) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: in_sample", g->path));
    for (int i = 0; i <= g->n_steps; i++) s.index[i] = m->diffusion->visits.index[i];
    for (int e = 0; e < g->n_states; e++) sample_state(g, policy, &s, e);
    MDP_TRY(check_sampled(g, &s));
out:
    mdp_policy_free(policy);
    free_sampled(&s);
    return err;
}

mdp_err mdp_verify_dql(struct mdp_verify_report *report, const char *path) {
    mdp_err err = MDP_OK;
    struct mdp_golden golden = {0};
    struct inputs in = {0};
    struct modules m = {NULL, NULL};
    char group[MDP_H5_NAME_MAX];
    MDP_TRY(mdp_golden_open(path, report, &golden));
    MDP_TRY(read_inputs(&golden, &in));
    MDP_TRY(make_modules(&golden, 0, &m));
    MDP_TRY(verify_init(&golden, &m, 0));
    MDP_TRY(verify_denoiser(&golden, &m, &in));
    MDP_TRY(verify_critic(&golden, &m, &in));
    for (unsigned long i = 0; i < sizeof variants / sizeof *variants; i++) {
        int is_optional = i > 0;
        if (is_optional && !has(&golden, &variants[i], "log", group)) continue;
        MDP_TRY(verify_training(&golden, &variants[i], &in));
    }
    MDP_TRY(verify_sample(&golden, &m));
out:
    free_modules(&m);
    free_inputs(&in);
    mdp_golden_close(&golden);
    return err;
}
