#include "bench/verify/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/guidance/twin.h"
#include "results/h5/group.h"

/* what a training loop over the stored inputs is varied by */
struct variant {
    const char *group;
    enum mdp_mode mode;
    int has_guidance;
};

static const struct variant variants[] = {
    {"joint", MDP_MODE_JOINT, 1}, {"frozen", MDP_MODE_FROZEN, 1}, {"noguide", MDP_MODE_JOINT, 0}};

static mdp_err verify_init(struct mdp_golden *g, const struct mdp_replay_modules *m, int is_frozen) {
    mdp_err err = MDP_OK;
    const struct mdp_layout *actor = &m->diffusion->net.layout;
    if (is_frozen)
        return mdp_golden_check_init(g, "critic_frozen", &m->guidance->nets[0].net.layout, m->guidance->nets[0].params);
    MDP_TRY(mdp_golden_check_init(g, "actor", actor, m->diffusion->params));
    MDP_TRY(mdp_golden_check_init(g, "actor_ema", actor, m->diffusion->ema));
    for (int i = 0; i < m->guidance->n_nets; i++) {
        const struct mdp_guidance_net *net = &m->guidance->nets[i];
        MDP_TRY(mdp_golden_check_init(g, net->name, &net->net.layout, net->params));
        if (net->target != NULL) MDP_TRY(mdp_golden_check_init(g, net->target_name, &net->net.layout, net->target));
    }
out:
    return err;
}

/* ---- forward passes ---- */

static mdp_err verify_denoiser(struct mdp_golden *g, const struct mdp_replay_modules *m,
                               const struct mdp_replay_inputs *in) {
    mdp_err err = MDP_OK;
    const struct mdp_denoiser *net = &m->diffusion->net;
    enum mdp_bound bound = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    struct mdp_time_table table = {0};
    struct mdp_denoiser_cache cache = {0};
    MDP_TRY(mdp_time_table_alloc(&table, net));
    MDP_TRY(mdp_denoiser_cache_alloc(&cache, net, g->batch, NULL));
    mdp_time_table_refresh(&table, net, m->diffusion->params);
    MDP_TRY(mdp_golden_check(g, "fwd/time_emb_table", MDP_H5_2D(g->n_times, g->n_emb), table.cache.x, bound));
    MDP_TRY(mdp_golden_check(g, "fwd/time_mlp_table", MDP_H5_2D(g->n_times, g->n_emb), table.values, bound));
    memcpy(cache.time, in->bc_time, (size_t)g->batch * sizeof *cache.time);
    const float *out = mdp_denoiser_forward(net, m->diffusion->params, &table, g->batch, in->bc_eps, in->obs, &cache);
    MDP_TRY(mdp_golden_check(g, "fwd/actor_out", MDP_H5_2D(g->batch, g->n_act), out, bound));
out:
    mdp_time_table_free(&table);
    mdp_denoiser_cache_free(&cache);
    return err;
}

static mdp_err verify_guidance(struct mdp_golden *g, const struct mdp_replay_modules *m,
                               const struct mdp_replay_inputs *in) {
    mdp_err err = MDP_OK;
    const struct mdp_guidance *guidance = m->guidance;
    const struct mdp_guidance_net *net = &guidance->nets[0], *state = &guidance->nets[1];
    enum mdp_bound bound = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    const struct mdp_h5_shape *column = MDP_H5_2D(g->batch, 1);
    const float *values[MDP_Q_HEADS_MAX];
    float *smaller = NULL;
    struct mdp_guidance_work work = {0};
    MDP_TRY(mdp_guidance_work_alloc(&work, guidance, g->batch, NULL));
    MDP_TRY(mdp_calloc(&smaller, (unsigned long)g->batch, sizeof *smaller, "values"));
    guidance->config.kind->policy_values(guidance, g->batch, in->obs, in->act, &work, values);
    MDP_TRY(mdp_golden_check(g, "fwd/q1", column, values[0], bound));
    MDP_TRY(mdp_golden_check(g, "fwd/q2", column, values[1], bound));
    mdp_twin_min(net, net->target, g->batch, in->obs, in->act, &work.caches[0], smaller);
    MDP_TRY(mdp_golden_check(g, "fwd/q_target_min", column, smaller, bound));
    if (guidance->n_nets == 1) goto out;
    mdp_q_forward(&state->net, state->params, g->batch, in->obs, NULL, &work.caches[1], values);
    MDP_TRY(mdp_golden_check(g, "fwd/v", column, values[0], bound));
out:
    mdp_guidance_work_free(&work);
    free(smaller);
    return err;
}

/* ---- training ---- */

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

/* intermediate values of the first step, as far as the run has them */
static mdp_err verify_step0(struct mdp_golden *g, const struct variant *v, const struct mdp_learner *learner) {
    mdp_err err = MDP_OK;
    enum mdp_bound output = mdp_golden_bound(g, MDP_BOUND_OUTPUT_SMALL, MDP_BOUND_OUTPUT_FULL);
    enum mdp_bound action = mdp_golden_bound(g, MDP_BOUND_ACTION_SMALL, MDP_BOUND_ACTION_FULL);
    enum mdp_bound gradient = mdp_golden_bound(g, MDP_BOUND_GRADIENT, MDP_BOUND_GRADIENT_ENTRY);
    static const struct mdp_guidance_trainer none = {0};
    const struct mdp_guidance_trainer *trainer = v->mode == MDP_MODE_FROZEN ? &none : learner->guidance->trainer;
    const struct mdp_learner_actor *actor = &learner->actor;
    int is_iql = learner->guidance->config.kind == &mdp_guidance_iql;
    const struct {
        const char *name;
        int width;
        const float *values; /* NULL: the run has none */
        enum mdp_bound bound;
    } arrays[] = {{"step0/q1", 1, trainer->values[0], output},
                  {"step0/q2", 1, trainer->values[1], output},
                  {"step0/v", 1, is_iql ? trainer->state_value : NULL, output},
                  {"step0/q_target_min", 1, is_iql ? trainer->target_min : NULL, output},
                  {"step0/next_act", g->n_act, actor->next_act, action},
                  {is_iql ? "step0/td_target" : "step0/target_q", 1, trainer->target_value, action},
                  {"step0/new_act", g->n_act, actor->new_act, action},
                  {"step0/q1_new", 1, actor->q_new[0], action},
                  {"step0/q2_new", 1, actor->q_new[1], action},
                  {"step0/grad_new_act", g->n_act, actor->d_new_act, gradient}};
    for (unsigned long i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (arrays[i].values != NULL)
            MDP_TRY(check_row_array(g, v, arrays[i].name, arrays[i].width, arrays[i].values, arrays[i].bound));
out:
    return err;
}

static mdp_err check_gradient(struct mdp_golden *g, const struct variant *v, const char *name,
                              const struct mdp_layout *layout, const float *sum) {
    char what[64], path[MDP_H5_NAME_MAX];
    snprintf(what, sizeof what, "grad0/%s", name);
    has(g, v, what, path);
    return mdp_golden_check_block(g, path, layout, sum,
                                  mdp_golden_bound(g, MDP_BOUND_GRADIENT, MDP_BOUND_GRADIENT_ENTRY),
                                  MDP_BOUND_GRADIENT_SUM, NULL);
}

/* the files name the gradients of iql_q and iql_v just q and v */
static mdp_err verify_gradients(struct mdp_golden *g, const struct variant *v, const struct mdp_learner *learner) {
    mdp_err err = MDP_OK;
    const struct mdp_guidance *guidance = learner->guidance;
    long n = learner->diffusion->net.layout.n_floats;
    float *sum = NULL;
    for (int i = 0; i < guidance->n_nets; i++)
        if (guidance->nets[i].net.layout.n_floats > n) n = guidance->nets[i].net.layout.n_floats;
    MDP_TRY(mdp_calloc(&sum, (unsigned long)n, sizeof *sum, "gradients"));
    mdp_learner_actor_gradient(learner, sum);
    MDP_TRY(check_gradient(g, v, "actor", &learner->diffusion->net.layout, sum));
    for (int i = 0; v->mode != MDP_MODE_FROZEN && i < guidance->n_nets; i++) {
        const struct mdp_guidance_net *net = &guidance->nets[i];
        memset(sum, 0, (size_t)n * sizeof *sum);
        for (int p = 0; p < mdp_panel_count(g->batch); p++)
            for (long j = 0; j < net->net.layout.n_floats; j++) sum[j] += guidance->trainer->grads[i][p][j];
        MDP_TRY(check_gradient(g, v, strncmp(net->name, "iql_", 4) == 0 ? net->name + 4 : net->name, &net->net.layout,
                               sum));
    }
out:
    free(sum);
    return err;
}

/* one block after k steps, where the file has it */
static mdp_err check_after(struct mdp_golden *g, const struct variant *v, int k, const char *name,
                           const struct mdp_layout *layout, const float *block, int is_average,
                           const struct mdp_adam *adam, int *n_found) {
    char what[64], path[MDP_H5_NAME_MAX];
    const struct mdp_golden_steps steps = {adam, g->lr, NULL, 0};
    snprintf(what, sizeof what, "after%d/%s", k, name);
    if (block == NULL || !has(g, v, what, path)) return MDP_OK;
    ++*n_found;
    return mdp_golden_check_block(g, path, layout, block, is_average ? MDP_BOUND_AVERAGE : MDP_BOUND_PARAM,
                                  is_average ? MDP_BOUND_AVERAGE_SUM : MDP_BOUND_PARAM_SUM, &steps);
}

static mdp_err verify_after(struct mdp_golden *g, const struct variant *v, const struct mdp_learner *learner, int k,
                            int *n_found) {
    mdp_err err = MDP_OK;
    const struct mdp_diffusion *d = learner->diffusion;
    MDP_TRY(check_after(g, v, k, "actor", &d->net.layout, d->params, 0, &d->adam, n_found));
    MDP_TRY(check_after(g, v, k, "actor_ema", &d->net.layout, d->ema, 1, &d->adam, n_found));
    for (int i = 0; v->mode != MDP_MODE_FROZEN && i < learner->guidance->n_nets; i++) {
        const struct mdp_guidance_net *net = &learner->guidance->nets[i];
        MDP_TRY(check_after(g, v, k, net->name, &net->net.layout, net->params, 0, &net->adam, n_found));
        if (net->target != NULL)
            MDP_TRY(check_after(g, v, k, net->target_name, &net->net.layout, net->target, 1, &net->adam, n_found));
    }
out:
    return err;
}

/* a name in the file, the field of our log, and whether a frozen run has it */
struct log_field {
    const char *name;
    size_t offset;
    enum mdp_bound bound;
    int is_frozen_too;
};
#define AT(field) offsetof(struct mdp_learner_log, field)
static const struct log_field policy_fields[] = {{"log/bc_loss", AT(bc_loss), MDP_BOUND_LOSS, 1},
                                                 {"log/q_loss", AT(q_loss), MDP_BOUND_LOSS, 1},
                                                 {"log/actor_loss", AT(actor_loss), MDP_BOUND_LOSS, 1},
                                                 {"log/critic_loss", AT(critic_loss), MDP_BOUND_LOSS, 0},
                                                 {"log/target_q_mean", AT(target_q_mean), MDP_BOUND_LOSS, 0},
                                                 {"log/lr_actor", AT(lr), MDP_BOUND_RATE, 1},
                                                 {"log/lr_critic", AT(guidance_lr), MDP_BOUND_RATE, 0},
                                                 {NULL, 0, MDP_BOUND_EXACT, 0}};
static const struct log_field cloning_fields[] = {
    {"log/bc_loss", AT(bc_loss), MDP_BOUND_LOSS, 1},       {"log/q_loss", AT(critic_loss), MDP_BOUND_LOSS, 0},
    {"log/v_loss", AT(value_loss), MDP_BOUND_LOSS, 0},     {"log/lr_actor", AT(lr), MDP_BOUND_RATE, 1},
    {"log/lr_critic", AT(guidance_lr), MDP_BOUND_RATE, 0}, {NULL, 0, MDP_BOUND_EXACT, 0}};
#undef AT

static mdp_err verify_logs(struct mdp_golden *g, const struct variant *v, const struct mdp_learner_log *logs) {
    mdp_err err = MDP_OK;
    const struct log_field *fields = g->algorithm->action == MDP_ACTION_NONE ? cloning_fields : policy_fields;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    double *got = NULL;
    MDP_TRY(mdp_calloc(&got, (unsigned long)g->n_steps_run, sizeof *got, "logs"));
    for (const struct log_field *field = fields; field->name != NULL; field++) {
        if (v->mode == MDP_MODE_FROZEN && !field->is_frozen_too) continue;
        has(g, v, field->name, path);
        for (int k = 0; k < g->n_steps_run; k++) memcpy(&got[k], (const char *)&logs[k] + field->offset, sizeof *got);
        mdp_quantity_start(&quantity, "%s", path);
        MDP_TRY(mdp_golden_compare(g, &quantity, path, MDP_H5_1D(g->n_steps_run), got, field->bound, 1));
        mdp_verify_report_quantity(g->report, g->path, &quantity);
    }
out:
    free(got);
    return err;
}

static mdp_err run_training(struct mdp_golden *g, const struct variant *v, const struct mdp_replay_inputs *in,
                            struct mdp_learner *learner, struct mdp_learner_log *logs) {
    mdp_err err = MDP_OK;
    int n_after = 0;
    learner->step = (long)g->first_step;
    for (int k = 0; k < g->n_steps_run; k++) {
        mdp_replay_step(learner, g, in, k, &logs[k]);
        if (k == 0) {
            MDP_TRY(verify_step0(g, v, learner));
            MDP_TRY(verify_gradients(g, v, learner));
        }
        MDP_TRY(verify_after(g, v, learner, k + 1, &n_after));
    }
    if (n_after == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: f64/%s: expected groups after<k> with k up to %d, found none", g->path,
                         v->group, g->n_steps_run));
    MDP_TRY(verify_logs(g, v, logs));
out:
    return err;
}

/* replays the stored steps from the stored parameters, with the file's settings instead of the algorithm's defaults
 * */
static mdp_err verify_variant(struct mdp_golden *g, const struct variant *v, const struct mdp_replay_inputs *in) {
    mdp_err err = MDP_OK;
    struct mdp_replay_modules m = {NULL, NULL};
    struct mdp_learner *learner = NULL;
    struct mdp_learner_log *logs = NULL;
    struct mdp_learner_config config;
    int is_frozen = v->mode == MDP_MODE_FROZEN;
    mdp_algorithm_learner(g->algorithm, &config);
    config.keeps_gradient = 1;
    config.mode = v->mode;
    config.batch = g->batch;
    config.discount = g->discount;
    config.eta = v->has_guidance && config.action != MDP_ACTION_NONE ? g->eta : 0.0;
    config.lr = g->lr;
    config.lr_steps = (long)g->lr_steps;
    MDP_TRY(mdp_replay_modules_new(g, is_frozen, &m));
    if (is_frozen) MDP_TRY(verify_init(g, &m, 1));
    MDP_TRY(mdp_learner_new(&config, m.diffusion, m.guidance, &learner));
    MDP_TRY(mdp_calloc(&logs, (unsigned long)g->n_steps_run, sizeof *logs, "logs"));
    MDP_TRY(run_training(g, v, in, learner, logs));
out:
    free(logs);
    mdp_learner_free(learner);
    mdp_replay_modules_free(&m);
    return err;
}

mdp_err mdp_verify_training(struct mdp_verify_report *report, const char *path) {
    mdp_err err = MDP_OK;
    struct mdp_golden golden = {0};
    struct mdp_replay_inputs in = {0};
    struct mdp_replay_modules m = {NULL, NULL};
    char group[MDP_H5_NAME_MAX];
    MDP_TRY(mdp_golden_open(path, report, &golden));
    MDP_TRY(mdp_replay_inputs_read(&golden, &in));
    MDP_TRY(mdp_replay_modules_new(&golden, 0, &m));
    MDP_TRY(verify_init(&golden, &m, 0));
    MDP_TRY(verify_denoiser(&golden, &m, &in));
    MDP_TRY(verify_guidance(&golden, &m, &in));
    for (unsigned long i = 0; i < sizeof variants / sizeof *variants; i++) {
        int is_optional = i > 0;
        if (is_optional && !has(&golden, &variants[i], "log", group)) continue;
        MDP_TRY(verify_variant(&golden, &variants[i], &in));
    }
    MDP_TRY(mdp_verify_sampling(&golden, &m));
out:
    mdp_replay_modules_free(&m);
    mdp_replay_inputs_free(&in);
    mdp_golden_close(&golden);
    return err;
}
