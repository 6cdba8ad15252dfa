/* a case of Decision Diffuser: both networks, one training run, plans on the condition of a return */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/chain.h"
#include "algos/diffusion/window_diffusion.h"
#include "algos/inverse.h"
#include "bench/verify/planners.h"
#include "bench/verify/window_case.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"

struct replay {
    struct mdp_window_case c;
    struct mdp_transformer_sizes sizes;
    int n_act, n_hidden, n_batch, n_run, n_steps, n_states, lr_steps, inverse_lr_steps;
    double emphasis, lr, inverse_lr, keep, decay, temperature, weight, target, dropout, rates[2];
    const struct mdp_solver *solver;
    struct mdp_window_diffusion diffusion;
    struct mdp_inverse inverse;
    float *obs, *act, *eps, *val; /* [n_run, n_batch, ..] */
    double *time, *label;
    struct mdp_graph_work work, inverse_work;
    float *all, *none; /* conditions count in all rows, in none */
};

static void replay_free(struct replay *r) {
    mdp_window_diffusion_free(&r->diffusion);
    mdp_inverse_free(&r->inverse);
    mdp_graph_work_free(&r->work);
    mdp_graph_work_free(&r->inverse_work);
    void *blocks[] = {r->obs, r->act, r->eps, r->val, r->time, r->label, r->all, r->none};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    mdp_golden_close(&r->c.golden);
}

/* ---- settings, inputs, modules ---- */

/* sizes from a file are held to ranges before memory is taken for them */
static mdp_err open_case(struct replay *r, const char *path, struct mdp_verify_report *report) {
    struct mdp_transformer_sizes *s = &r->sizes;
    const struct mdp_window_fact facts[] = {{"o", 1, 1024, &s->n_obs, NULL},
                                            {"a", 1, 256, &r->n_act, NULL},
                                            {"H", 2, 1024, &s->horizon, NULL},
                                            {"d_model", 2, 4096, &s->width, NULL},
                                            {"n_heads", 1, 4096, &s->n_heads, NULL},
                                            {"depth", 1, 64, &s->n_blocks, NULL},
                                            {"emb_dim", 8, 4096, &s->n_emb, NULL},
                                            {"H_inv", 1, 4096, &r->n_hidden, NULL},
                                            {"B", 1, 65536, &r->n_batch, NULL},
                                            {"K", 1, 1000, &r->n_run, NULL},
                                            {"S", 1, MDP_SCHEDULE_MAX, &r->n_steps, NULL},
                                            {"ne", 1, 4096, &r->n_states, NULL},
                                            {"Tmax", 1, 1e9, &r->lr_steps, NULL},
                                            {"Tmax_inv", 1, 1e9, &r->inverse_lr_steps, NULL},
                                            {"next_obs_loss_weight", 0, 1e6, NULL, &r->emphasis},
                                            {"lr", 0, 1, NULL, &r->lr},
                                            {"lr_inv", 0, 1, NULL, &r->inverse_lr},
                                            {"ema", 0, 1, NULL, &r->keep},
                                            {"wd_adamw", 0, 1, NULL, &r->decay},
                                            {"temperature", 0, 1e6, NULL, &r->temperature},
                                            {"w_cfg", -1e6, 1e6, NULL, &r->weight},
                                            {"target_return", -1e6, 1e6, NULL, &r->target},
                                            {"label_dropout", 0, 1, NULL, &r->dropout},
                                            {"beta0", 0, 1e3, NULL, &r->rates[0]},
                                            {"beta1", 0, 1e3, NULL, &r->rates[1]}};
    char solver[64];
    mdp_err err;
    MDP_TRY(mdp_window_case_open(&r->c, path, report, facts, sizeof facts / sizeof *facts));
    MDP_TRY(mdp_h5_attr_text(r->c.golden.file, "/", "solver", solver, sizeof solver));
    if (mdp_solver_find(solver, &r->solver) != MDP_OK) err = mdp_fail_context(MDP_E_DATA, "%s: attribute solver", path);
out:
    return err;
}

static mdp_err read_inputs(struct replay *r) {
    mdp_err err;
    struct mdp_golden *g = &r->c.golden;
    const struct mdp_h5_shape *windows = MDP_H5_4D(r->n_run, r->n_batch, r->sizes.horizon, r->sizes.n_obs),
                              *rows = MDP_H5_2D(r->n_run, r->n_batch);
    MDP_TRY(mdp_golden_read(g, "in/obs", windows, &r->obs));
    MDP_TRY(mdp_golden_read(g, "in/act", MDP_H5_4D(r->n_run, r->n_batch, r->sizes.horizon, r->n_act), &r->act));
    MDP_TRY(mdp_golden_read(g, "in/bc_eps", windows, &r->eps));
    MDP_TRY(mdp_golden_read(g, "in/val", MDP_H5_3D(r->n_run, r->n_batch, 1), &r->val));
    MDP_TRY(mdp_golden_read_uniform(g, "in/bc_u", rows, &r->time));
    MDP_TRY(mdp_golden_read_uniform(g, "in/cond_u", rows, &r->label));
    for (long i = 0; i < (long)r->n_run * r->n_batch; i++) r->time[i] = 1e-3 + 0.999 * r->time[i];
out:
    return err;
}

/* both networks with the weights of the generator, and memory for the rows of forward passes and of sampling */
static mdp_err make_modules(struct replay *r) {
    mdp_err err;
    int n_pairs = r->n_batch * (r->sizes.horizon - 1), n_most = r->n_states > r->n_batch ? r->n_states : r->n_batch;
    const struct mdp_window_config config = {.kind = MDP_WINDOW_TRANSFORMER,
                                             .transformer = r->sizes,
                                             .n_steps = r->n_steps,
                                             .rates = {r->rates[0], r->rates[1]},
                                             .solver = r->solver,
                                             .emphasis = r->emphasis,
                                             .batch = r->n_batch,
                                             .decay = r->decay,
                                             .average_keep = r->keep,
                                             .n_threads = 1};
    const struct mdp_trained_config inverse = {.n_rows = n_pairs, .n_threads = 1};
    if (mdp_window_diffusion_alloc(&r->diffusion, &config) != MDP_OK ||
        mdp_inverse_alloc(&r->inverse, r->sizes.n_obs, r->n_act, r->n_hidden, &inverse) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", r->c.golden.path));
    struct mdp_trained *d = &r->diffusion.trained, *i = &r->inverse.trained;
    mdp_window_case_weights(&r->c, MDP_WINDOW_DENOISER, d->graph, d->params);
    mdp_window_case_weights(&r->c, MDP_WINDOW_DENOISER_EMA, d->graph, d->average);
    mdp_window_case_weights(&r->c, MDP_WINDOW_SECOND, i->graph, i->params);
    MDP_TRY(mdp_graph_work_alloc(&r->work, d->graph, n_most));
    MDP_TRY(mdp_graph_work_alloc(&r->inverse_work, i->graph, n_most));
    MDP_TRY(mdp_calloc(&r->all, (unsigned long)n_most, sizeof *r->all, "conditions"));
    MDP_TRY(mdp_calloc(&r->none, (unsigned long)n_most, sizeof *r->none, "conditions"));
    for (int k = 0; k < n_most; k++) r->all[k] = 1;
    MDP_TRY(mdp_window_case_check_init(&r->c, "actor", d->graph, d->params));
    MDP_TRY(mdp_window_case_check_init(&r->c, "actor_ema", d->graph, d->average));
    MDP_TRY(mdp_window_case_check_init(&r->c, "inv", i->graph, i->params));
out:
    return err;
}

/* pairs of neighbouring observations of windows: row after row all steps but the last */
static void fill_pairs(const struct replay *r, int first, int n_pairs, int n_rows, const float *obs, float *pairs) {
    long n_obs = r->sizes.n_obs;
    for (long i = 0; i < n_rows; i++)
        for (long h = 0; h < n_pairs; h++)
            memcpy(pairs + (i * n_pairs + h) * 2 * n_obs, obs + (i * r->sizes.horizon + first + h) * n_obs,
                   2 * (size_t)n_obs * sizeof *pairs);
}

/* ---- forward passes ---- */

/* files have inner values of the first rows */
static mdp_err check_part(struct replay *r, const char *part) {
    static const struct {
        const char *suffix;
        int further;
    } ends[] = {{"weight", 0}, {"2.weight", 1}, {"mlp.3.weight", 1}, {"out_proj.weight", 0}};
    const struct mdp_graph *graph = r->diffusion.graph;
    char name[2 * MDP_H5_NAME_MAX];
    int y = -1, i;
    for (i = 0; y < 0 && i < 4; i++) {
        snprintf(name, sizeof name, "diffusion.%s.%s", part, ends[i].suffix);
        y = mdp_graph_find(graph, name);
    }
    if (y < 0) return mdp_fail(MDP_E_DATA, "%s: fwd/acts/%s: expected a part of the network", r->c.golden.path, part);
    y += ends[i - 1].further;
    snprintf(name, sizeof name, "fwd/acts/%s", part);
    const struct mdp_graph_value *value = &graph->values[y];
    struct mdp_h5_shape shape = {3, {r->n_batch, value->length, value->channels}};
    struct mdp_h5_shape flat = {2, {r->n_batch, value->channels}};
    return mdp_window_case_check_some(&r->c, name, value->length > 1 ? &shape : &flat, mdp_graph_at(&r->work, graph, y),
                                      MDP_BOUND_DECISION_INNER);
}

static mdp_err check_parts(struct replay *r) {
    struct mdp_h5_child *children = NULL;
    int n;
    mdp_err err;
    if (!mdp_window_case_has(&r->c, "fwd/acts")) return MDP_OK;
    MDP_TRY(mdp_h5_list(r->c.golden.file, "f64/fwd/acts", &children, &n));
    for (int i = 0; i < n; i++) MDP_TRY(check_part(r, children[i].name));
out:
    free(children);
    return err;
}

static mdp_err verify_places(struct replay *r) {
    float *table = NULL;
    int n = r->sizes.horizon, width = r->sizes.width;
    mdp_err err = mdp_calloc(&table, (unsigned long)(n * width), sizeof *table, "places");
    if (err != MDP_OK) return err;
    for (int p = 0; p < n; p++) mdp_window_transformer_place(&r->diffusion.transformer, p, table + (long)p * width);
    err = mdp_window_case_check_floats(&r->c, "fwd/pos_emb", MDP_H5_2D(n, width), table, MDP_BOUND_DECISION_OUTPUT);
    free(table);
    return err;
}

static mdp_err verify_inverse(struct replay *r) {
    float *pairs = NULL;
    unsigned long n = (unsigned long)r->n_batch * 2 * (unsigned long)r->sizes.n_obs;
    mdp_err err = mdp_calloc(&pairs, n, sizeof *pairs, "pairs");
    if (err != MDP_OK) return err;
    fill_pairs(r, 0, 1, r->n_batch, r->obs, pairs);
    err = mdp_window_case_check_floats(&r->c, "fwd/inv_out", MDP_H5_2D(r->n_batch, r->n_act),
                                       mdp_inverse_act(&r->inverse, r->n_batch, pairs, &r->inverse_work),
                                       MDP_BOUND_DECISION_OUTPUT);
    free(pairs);
    return err;
}

static mdp_err verify_forward(struct replay *r) {
    mdp_err err;
    const struct mdp_window_diffusion *d = &r->diffusion;
    const struct mdp_h5_shape *emb = MDP_H5_2D(r->n_batch, r->sizes.n_emb),
                              *windows = MDP_H5_3D(r->n_batch, r->sizes.horizon, r->sizes.n_obs);
    MDP_TRY(verify_places(r));
    const float *out =
        mdp_window_diffusion_predict(d, d->trained.params, r->n_batch, r->eps, r->time, 0, r->val, r->all, &r->work);
    MDP_TRY(mdp_window_case_check_some(&r->c, "fwd/actor_out", windows, out, MDP_BOUND_DECISION_OUTPUT));
    MDP_TRY(mdp_window_case_check_digest(&r->c, "fwd/actor_out_digest", out, (long)r->n_batch * d->n,
                                         MDP_BOUND_DECISION_OUTPUT));
    MDP_TRY(mdp_window_case_check_floats(
        &r->c, "fwd/time_emb", emb, mdp_graph_at(&r->work, d->graph, d->transformer.time), MDP_BOUND_DECISION_INNER));
    MDP_TRY(mdp_window_case_check_floats(
        &r->c, "fwd/cond", emb, mdp_graph_at(&r->work, d->graph, d->transformer.condition), MDP_BOUND_DECISION_OUTPUT));
    MDP_TRY(check_parts(r));
    out = mdp_window_diffusion_predict(d, d->trained.params, r->n_batch, r->eps, r->time, 0, r->val, r->none, &r->work);
    MDP_TRY(mdp_window_case_check_some(&r->c, "fwd/actor_out_uncond", windows, out, MDP_BOUND_DECISION_OUTPUT));
    MDP_TRY(verify_inverse(r));
out:
    return err;
}

/* ---- sampling ---- */

/* one run of the chain, a plan for each state, and what it wrote down on the way */
struct run {
    struct replay *r;
    double weight;
    float *obs, *wanted, *x, *work, *history, *predictions, *pairs;
};

static void run_free(struct run *run) {
    void *blocks[] = {run->obs, run->wanted, run->x, run->work, run->history, run->predictions, run->pairs};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err run_alloc(struct run *run, struct replay *r) {
    mdp_err err;
    unsigned long rows = (unsigned long)r->n_states, n = rows * (unsigned long)r->diffusion.n,
                  steps = (unsigned long)r->n_steps + 1;
    *run = (struct run){.r = r};
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/env_obs", MDP_H5_2D(r->n_states, r->sizes.n_obs), &run->obs));
    MDP_TRY(mdp_calloc(&run->wanted, rows, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->x, n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->work, 4 * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->history, steps * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->predictions, steps * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->pairs, rows * 2 * (unsigned long)r->sizes.n_obs, sizeof(float), "plans"));
    for (int e = 0; e < r->n_states; e++) run->wanted[e] = (float)r->target;
out:
    return err;
}

/* w times the conditional prediction and 1 - w times the other; one that counts for nothing is not made */
static void predict(void *context, int i, int n_rows, const float *x, float *out) {
    struct run *run = context;
    struct replay *r = run->r;
    const struct mdp_window_diffusion *d = &r->diffusion;
    long n = (long)n_rows * d->n;
    const double weights[2] = {run->weight, 1 - run->weight};
    const float *counts[2] = {r->all, r->none};
    memset(out, 0, (size_t)n * sizeof *out);
    for (int k = 0; k < 2; k++) {
        if (weights[k] == 0) continue;
        const float *found = mdp_window_diffusion_predict(d, d->trained.average, n_rows, x, &d->times[i], 1,
                                                          run->wanted, counts[k], &r->work);
        for (long j = 0; j < n; j++) out[j] = (float)(out[j] + weights[k] * found[j]);
    }
    memcpy(run->predictions + (r->n_steps - i) * n, out, (size_t)n * sizeof *out);
}

static void run_chain(struct run *run, const float *draws, double weight) {
    struct replay *r = run->r;
    long n_obs = r->sizes.n_obs;
    const struct mdp_chain chain = {.n = r->diffusion.n,
                                    .i_last = 1,
                                    .visits = &r->diffusion.visits,
                                    .solver = r->diffusion.config.solver,
                                    .rows = r->diffusion.rows,
                                    .is_noise = 1,
                                    .low = -INFINITY,
                                    .high = INFINITY,
                                    .temperature = r->temperature,
                                    .context = run,
                                    .predict = predict,
                                    .n_known = r->sizes.n_obs,
                                    .known = run->obs};
    run->weight = weight;
    mdp_chain_run(&chain, &(struct mdp_chain_rows){r->n_states, draws, run->x, run->work, run->history});
    for (int e = 0; e < r->n_states; e++) {
        memcpy(run->pairs + e * 2 * n_obs, run->obs + e * n_obs, (size_t)n_obs * sizeof(float));
        memcpy(run->pairs + (e * 2 + 1) * n_obs, run->x + e * (long)r->diffusion.n + n_obs,
               (size_t)n_obs * sizeof(float));
    }
}

static mdp_err check_run(struct run *run, const char *group, int is_usual) {
    struct replay *r = run->r;
    char name[MDP_H5_NAME_MAX];
    mdp_err err;
    struct mdp_h5_shape steps = {4, {r->n_steps + 1, r->n_states, r->sizes.horizon, r->sizes.n_obs}};
#define NAME(part) (snprintf(name, sizeof name, "%s/%s", group, part), name)
    MDP_TRY(mdp_window_case_check_floats(&r->c, NAME("traj"), MDP_H5_3D(r->n_states, r->sizes.horizon, r->sizes.n_obs),
                                         run->x, is_usual ? MDP_BOUND_DECISION_PLAN : MDP_BOUND_DECISION_PLAN_OTHER));
    MDP_TRY(mdp_window_case_check_floats(&r->c, NAME("act"), MDP_H5_2D(r->n_states, r->n_act),
                                         mdp_inverse_act(&r->inverse, r->n_states, run->pairs, &r->inverse_work),
                                         MDP_BOUND_DECISION_ACTION));
    if (!is_usual) goto out;
    MDP_TRY(mdp_window_case_check_some(&r->c, NAME("history"), &steps, run->history, MDP_BOUND_DECISION_PLAN));
    steps.extent[0] = r->n_steps;
    MDP_TRY(mdp_window_case_check_some(&r->c, NAME("pred"), &steps, run->predictions, MDP_BOUND_DECISION_NOISE));
#undef NAME
out:
    return err;
}

/* the same denoiser by other solvers and weights; the noise array holds a draw for every step that might want one */
static mdp_err verify_others(struct run *run) {
    struct replay *r = run->r;
    struct mdp_h5_child *children = NULL;
    float *draws = NULL;
    int n;
    mdp_err err;
    if (!mdp_window_case_has(&r->c, "sample_extra")) return MDP_OK;
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/noise_extra",
                            MDP_H5_4D(r->n_steps + 1, r->n_states, r->sizes.horizon, r->sizes.n_obs), &draws));
    MDP_TRY(mdp_h5_list(r->c.golden.file, "f64/sample_extra", &children, &n));
    for (int i = 0; i < n; i++) {
        const struct mdp_solver *other;
        char group[MDP_H5_NAME_MAX + 16];
        double weight;
        MDP_TRY(mdp_window_case_solver(&r->c, children[i].name, &other, &weight));
        snprintf(group, sizeof group, "sample_extra/%s", children[i].name);
        MDP_TRY(mdp_window_diffusion_solve(&r->diffusion, other));
        run_chain(run, draws, weight);
        MDP_TRY(check_run(run, group, 0));
    }
    MDP_TRY(mdp_window_diffusion_solve(&r->diffusion, r->solver));
out:
    free(children);
    free(draws);
    return err;
}

static mdp_err verify_sampling(struct replay *r) {
    struct run run = {0};
    float *draws = NULL;
    int n_draws = mdp_solver_draws(r->solver, r->n_steps);
    mdp_err err;
    MDP_TRY(run_alloc(&run, r));
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/noise",
                            MDP_H5_4D(n_draws, r->n_states, r->sizes.horizon, r->sizes.n_obs), &draws));
    run_chain(&run, draws, r->weight);
    MDP_TRY(check_run(&run, "sample", 1));
    MDP_TRY(verify_others(&run));
out:
    run_free(&run);
    free(draws);
    return err;
}

/* ---- training ---- */

static mdp_err check_block(struct replay *r, const char *when, const char *module, const struct mdp_trained *trained,
                           double lr, const float *block) {
    const struct mdp_window_block_check how = {.graph = trained->graph,
                                               .entries = trained->adam.step == 1 ? MDP_BOUND_DECISION_PARAM_FIRST
                                                                                  : MDP_BOUND_DECISION_PARAM,
                                               .sums = MDP_BOUND_DECISION_PARAM_SUM,
                                               .trained = trained,
                                               .lr = lr};
    char name[64];
    snprintf(name, sizeof name, "train/%s/%s", when, module);
    return mdp_window_case_check_block(&r->c, name, block, &how);
}

static mdp_err check_parameters(struct replay *r, const char *when) {
    const struct mdp_trained *d = &r->diffusion.trained, *i = &r->inverse.trained;
    mdp_err err;
    MDP_TRY(check_block(r, when, "actor", d, r->lr, d->params));
    MDP_TRY(check_block(r, when, "actor_ema", d, r->lr, d->average));
    MDP_TRY(check_block(r, when, "inv", i, r->inverse_lr, i->params));
out:
    return err;
}

static mdp_err check_gradient(struct replay *r, const char *name, const struct mdp_trained *trained) {
    const struct mdp_window_block_check how = {
        .graph = trained->graph, .entries = MDP_BOUND_DECISION_GRADIENT, .is_gradient = 1};
    float *gradient = NULL;
    mdp_err err = mdp_calloc(&gradient, (unsigned long)trained->graph->n_floats, sizeof *gradient, "gradient");
    if (err != MDP_OK) return err;
    mdp_trained_gradient(trained, gradient);
    err = mdp_window_case_check_block(&r->c, name, gradient, &how);
    free(gradient);
    return err;
}

/* memory of a training run: noisy windows, which conditions count, pairs with their actions, what was logged */
struct training {
    float *noisy, *counts, *pairs, *act;
    double *loss, *inverse_loss, *lr, *inverse_lr;
};

static void training_step(struct replay *r, struct training *t, int k) {
    int n_pairs = r->sizes.horizon - 1;
    long n = (long)r->n_batch * r->diffusion.n, rows = (long)k * r->n_batch, n_act = r->n_act;
    const float *obs = r->obs + k * n, *act = r->act + rows * r->sizes.horizon * n_act;
    const struct mdp_window_batch batch = {.n_rows = r->n_batch,
                                           .x0 = obs,
                                           .eps = r->eps + k * n,
                                           .time = r->time + rows,
                                           .wanted = r->val + rows,
                                           .counts = t->counts};
    t->lr[k] = mdp_cosine_rate(r->lr, k, r->lr_steps);
    t->inverse_lr[k] = mdp_cosine_rate(r->inverse_lr, k, r->inverse_lr_steps);
    for (int i = 0; i < r->n_batch; i++) t->counts[i] = r->label[rows + i] > r->dropout;
    t->loss[k] = mdp_window_diffusion_step(&r->diffusion, &batch, t->lr[k], t->noisy);
    fill_pairs(r, 0, n_pairs, r->n_batch, obs, t->pairs);
    for (long i = 0; i < r->n_batch; i++)
        memcpy(t->act + i * n_pairs * n_act, act + i * r->sizes.horizon * n_act,
               (size_t)(n_pairs * n_act) * sizeof *act);
    t->inverse_loss[k] = mdp_inverse_step(&r->inverse, t->pairs, t->act, t->inverse_lr[k]);
}

static mdp_err training_alloc(struct training *t, const struct replay *r) {
    unsigned long n_run = (unsigned long)r->n_run, batch = (unsigned long)r->n_batch,
                  n_pairs = batch * (unsigned long)(r->sizes.horizon - 1);
    mdp_err err;
    MDP_TRY(mdp_calloc(&t->noisy, batch * (unsigned long)r->diffusion.n, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&t->counts, batch, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&t->pairs, n_pairs * 2 * (unsigned long)r->sizes.n_obs, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&t->act, n_pairs * (unsigned long)r->n_act, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&t->loss, n_run, sizeof(double), "training log"));
    MDP_TRY(mdp_calloc(&t->inverse_loss, n_run, sizeof(double), "training log"));
    MDP_TRY(mdp_calloc(&t->lr, n_run, sizeof(double), "training log"));
    MDP_TRY(mdp_calloc(&t->inverse_lr, n_run, sizeof(double), "training log"));
out:
    return err;
}

static mdp_err check_log(struct replay *r, const struct training *t) {
    mdp_err err;
    MDP_TRY(
        mdp_window_case_check_ratios(&r->c, "train/log/loss_diffusion", r->n_run, t->loss, MDP_BOUND_DECISION_LOSS));
    MDP_TRY(
        mdp_window_case_check_ratios(&r->c, "train/log/loss_inv", r->n_run, t->inverse_loss, MDP_BOUND_DECISION_LOSS));
    MDP_TRY(mdp_window_case_check(&r->c, "train/log/lr", MDP_H5_1D(r->n_run), t->lr, MDP_BOUND_RATE));
    MDP_TRY(mdp_window_case_check(&r->c, "train/log/lr_inv", MDP_H5_1D(r->n_run), t->inverse_lr, MDP_BOUND_RATE));
out:
    return err;
}

static mdp_err verify_training(struct replay *r) {
    struct training t = {0};
    char when[32];
    mdp_err err;
    MDP_TRY(training_alloc(&t, r));
    for (int k = 0; k < r->n_run; k++) {
        training_step(r, &t, k);
        if (k == 0) MDP_TRY(check_gradient(r, "train/grad0/actor", &r->diffusion.trained));
        if (k == 0) MDP_TRY(check_gradient(r, "train/grad0/inv", &r->inverse.trained));
        snprintf(when, sizeof when, "after%d", k + 1);
        if (k == 0 || k == r->n_run - 1) MDP_TRY(check_parameters(r, when));
    }
    MDP_TRY(check_log(r, &t));
out:;
    void *blocks[] = {t.noisy, t.counts, t.pairs, t.act, t.loss, t.inverse_loss, t.lr, t.inverse_lr};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    return err;
}

mdp_err mdp_verify_decision(struct mdp_verify_report *report, const char *path) {
    struct replay *r = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&r, 1, sizeof *r, "case"));
    MDP_TRY(open_case(r, path, report));
    MDP_TRY(read_inputs(r));
    MDP_TRY(make_modules(r));
    MDP_TRY(verify_forward(r));
    MDP_TRY(verify_sampling(r));
    MDP_TRY(verify_training(r));
out:
    if (r != NULL) replay_free(r);
    free(r);
    return err;
}
