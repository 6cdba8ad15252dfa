#include "bench/verify/diffuser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/verify/planners.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

static void case_free(struct mdp_diffuser_case *r) {
    mdp_window_diffusion_free(&r->diffusion);
    mdp_window_guidance_free(&r->guidance);
    mdp_graph_work_free(&r->denoiser_work);
    mdp_graph_work_free(&r->value_work);
    void *blocks[] = {r->x0, r->eps, r->value_eps, r->val, r->time, r->value_time, r->ones};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    mdp_golden_close(&r->c.golden);
}

/* ---- settings, inputs, modules ---- */

static mdp_err read_factors(struct mdp_diffuser_case *r) {
    double factors[MDP_WINDOW_LEVELS_MAX];
    long n;
    mdp_err err = mdp_h5_attr_array(r->c.golden.file, "/", "dim_mult", MDP_H5_F64, MDP_WINDOW_LEVELS_MAX, factors, &n);
    r->sizes.n_levels = (int)n;
    for (long i = 0; err == MDP_OK && i < n; i++) {
        if (!(factors[i] >= 1 && factors[i] <= 1024))
            return mdp_fail(MDP_E_DATA, "%s: attribute dim_mult: expected 1 to 1024, found %g", r->c.golden.path,
                            factors[i]);
        r->sizes.factors[i] = (int)factors[i];
    }
    return err;
}

/* sizes from a file are held to ranges before memory is taken for them */
static mdp_err open_case(struct mdp_diffuser_case *r, const char *path, struct mdp_verify_report *report) {
    const struct mdp_window_fact facts[] = {{"o", 1, 1024, &r->sizes.n_obs, NULL},
                                            {"a", 1, 256, &r->sizes.n_act, NULL},
                                            {"H", 1, 1024, &r->sizes.horizon, NULL},
                                            {"model_dim", 4, 1024, &r->sizes.width, NULL},
                                            {"B", 1, 65536, &r->n_batch, NULL},
                                            {"K", 1, 1000, &r->n_run, NULL},
                                            {"T", 2, MDP_SCHEDULE_MAX, &r->n_times, NULL},
                                            {"S", 1, MDP_SCHEDULE_MAX, &r->n_steps, NULL},
                                            {"ne", 1, 4096, &r->n_states, NULL},
                                            {"nc", 1, 4096, &r->n_candidates, NULL},
                                            {"Tmax", 1, 1e9, &r->lr_steps, NULL},
                                            {"action_loss_weight", 0, 1e6, NULL, &r->emphasis},
                                            {"lr", 0, 1, NULL, &r->lr},
                                            {"ema_diffusion", 0, 1, NULL, &r->keep},
                                            {"ema_classifier", 0, 1, NULL, &r->keep_value},
                                            {"wd_diffusion_adamw", 0, 1, NULL, &r->decay},
                                            {"wd_classifier_adam_l2", 0, 1, NULL, &r->penalty},
                                            {"temperature", 0, 1e6, NULL, &r->temperature},
                                            {"w_cg", -1e6, 1e6, NULL, &r->weight}};
    char solver[64];
    mdp_err err;
    MDP_TRY(mdp_window_case_open(&r->c, path, report, facts, sizeof facts / sizeof *facts));
    MDP_TRY(read_factors(r));
    MDP_TRY(mdp_h5_attr_text(r->c.golden.file, "/", "solver", solver, sizeof solver));
    if (mdp_solver_find(solver, &r->solver) != MDP_OK) err = mdp_fail_context(MDP_E_DATA, "%s: attribute solver", path);
out:
    return err;
}

static mdp_err read_times(struct mdp_diffuser_case *r, const char *name, int **out) {
    mdp_err err = mdp_h5_read_new(r->c.golden.file, name, MDP_H5_I32, MDP_H5_2D(r->n_run, r->n_batch), NULL, out);
    for (long i = 0; err == MDP_OK && i < (long)r->n_run * r->n_batch; i++)
        if ((*out)[i] < 0 || (*out)[i] >= r->n_times)
            err = mdp_fail(MDP_E_DATA, "%s: %s: element %ld: expected 0 to %d, found %d", r->c.golden.path, name, i,
                           r->n_times - 1, (*out)[i]);
    return err;
}

static mdp_err read_inputs(struct mdp_diffuser_case *r) {
    mdp_err err;
    struct mdp_golden *g = &r->c.golden;
    const struct mdp_h5_shape *windows =
        MDP_H5_4D(r->n_run, r->n_batch, r->sizes.horizon, r->sizes.n_obs + r->sizes.n_act);
    MDP_TRY(mdp_golden_read(g, "in/x0", windows, &r->x0));
    MDP_TRY(mdp_golden_read(g, "in/bc_eps", windows, &r->eps));
    MDP_TRY(mdp_golden_read(g, "in/cls_eps", windows, &r->value_eps));
    MDP_TRY(mdp_golden_read(g, "in/val", MDP_H5_3D(r->n_run, r->n_batch, 1), &r->val));
    MDP_TRY(read_times(r, "in/bc_t", &r->time));
    MDP_TRY(read_times(r, "in/cls_t", &r->value_time));
out:
    return err;
}

/* both modules with the weights of the generator */
static mdp_err make_modules(struct mdp_diffuser_case *r) {
    mdp_err err;
    const struct mdp_window_config config = {.kind = MDP_WINDOW_UNET,
                                             .unet = r->sizes,
                                             .n_times = r->n_times,
                                             .n_steps = r->n_steps,
                                             .solver = r->solver,
                                             .emphasis = r->emphasis,
                                             .batch = r->n_batch,
                                             .decay = r->decay,
                                             .average_keep = r->keep,
                                             .n_threads = 1};
    const struct mdp_trained_config value = {
        .n_rows = r->n_batch, .penalty = r->penalty, .average_keep = r->keep_value, .n_threads = 1};
    if (mdp_window_diffusion_alloc(&r->diffusion, &config) != MDP_OK ||
        mdp_window_guidance_alloc(&r->guidance, &r->sizes, &value) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", r->c.golden.path));
    struct mdp_trained *d = &r->diffusion.trained, *g = &r->guidance.trained;
    mdp_window_case_weights(&r->c, MDP_WINDOW_DENOISER, d->graph, d->params);
    mdp_window_case_weights(&r->c, MDP_WINDOW_DENOISER_EMA, d->graph, d->average);
    mdp_window_case_weights(&r->c, MDP_WINDOW_SECOND, g->graph, g->params);
    mdp_window_case_weights(&r->c, MDP_WINDOW_SECOND_EMA, g->graph, g->average);
    int n_rows = r->n_states * r->n_candidates, n_most = n_rows > r->n_batch ? n_rows : r->n_batch;
    n_most = n_most > r->n_times ? n_most : r->n_times;
    MDP_TRY(mdp_graph_work_alloc(&r->denoiser_work, d->graph, n_most));
    MDP_TRY(mdp_graph_work_alloc(&r->value_work, g->graph, n_most));
    MDP_TRY(mdp_calloc(&r->ones, (unsigned long)n_most, sizeof *r->ones, "ones"));
    for (int i = 0; i < n_most; i++) r->ones[i] = 1;
    MDP_TRY(mdp_window_case_check_init(&r->c, "diffusion", d->graph, d->params));
    MDP_TRY(mdp_window_case_check_init(&r->c, "diffusion_ema", d->graph, d->average));
    MDP_TRY(mdp_window_case_check_init(&r->c, "classifier", g->graph, g->params));
    MDP_TRY(mdp_window_case_check_init(&r->c, "classifier_ema", g->graph, g->average));
out:
    return err;
}

/* ---- forward passes ---- */

/* the value that a file's name of a part of a network stands for: a residual block ends with a sum, which comes behind
 * its own convolution, or behind its second norm and that one's activation */
static int part_of(const struct mdp_graph *graph, const char *part) {
    static const struct {
        const char *suffix;
        int further;
    } ends[] = {{"residual_conv.weight", 1}, {"conv2.1.weight", 2}, {"conv.weight", 0}};
    char name[2 * MDP_H5_NAME_MAX];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s.%s", part, ends[i].suffix);
        int y = mdp_graph_find(graph, name);
        if (y >= 0) return y + ends[i].further;
    }
    return -1;
}

/* inner values, of which files have the first rows, channels before places */
static mdp_err check_part(struct mdp_diffuser_case *r, const char *group, const char *part,
                          const struct mdp_graph *graph, const struct mdp_graph_work *work) {
    char name[2 * MDP_H5_NAME_MAX], path[2 * MDP_H5_NAME_MAX + 8];
    struct mdp_h5_shape shape;
    double *got = NULL;
    int y = part_of(graph, part);
    mdp_err err;
    snprintf(name, sizeof name, "fwd/acts/%s/%s", group, part);
    snprintf(path, sizeof path, "f64/%s", name);
    if (y < 0) return mdp_fail(MDP_E_DATA, "%s: %s: expected a part of the network", r->c.golden.path, path);
    MDP_TRY(mdp_h5_shape(r->c.golden.file, path, &shape));
    long n = shape.extent[0], n_channels = graph->values[y].channels, length = graph->values[y].length;
    if (shape.rank != 3 || n < 1 || n > r->n_batch)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected 1 to %d rows of rank 3, found %ld of rank %d", r->c.golden.path,
                         path, r->n_batch, n, shape.rank));
    MDP_TRY(mdp_calloc(&got, (unsigned long)(n * n_channels * length), sizeof *got, name));
    const float *value = mdp_graph_at(work, graph, y);
    for (long i = 0; i < n * length * n_channels; i++) {
        long row = i / (n_channels * length), channel = i / length % n_channels, place = i % length;
        got[i] = value[(row * length + place) * n_channels + channel];
    }
    MDP_TRY(mdp_window_case_check(&r->c, name, MDP_H5_3D(n, n_channels, length), got, MDP_BOUND_PLANNER_INNER));
out:
    free(got);
    return err;
}

static mdp_err check_parts(struct mdp_diffuser_case *r, const char *group, const struct mdp_graph *graph,
                           const struct mdp_graph_work *work) {
    struct mdp_h5_child *children = NULL;
    char path[MDP_H5_NAME_MAX];
    int n;
    mdp_err err;
    snprintf(path, sizeof path, "f64/fwd/acts/%s", group);
    if (!mdp_h5_exists(r->c.golden.file, path)) return MDP_OK;
    MDP_TRY(mdp_h5_list(r->c.golden.file, path, &children, &n));
    for (int i = 0; i < n; i++) MDP_TRY(check_part(r, group, children[i].name, graph, work));
out:
    free(children);
    return err;
}

/* networks of all times, whatever the windows */
static mdp_err check_time_tables(struct mdp_diffuser_case *r) {
    mdp_err err = MDP_OK;
    const struct mdp_trained *d = &r->diffusion.trained, *g = &r->guidance.trained;
    const struct mdp_h5_shape *shape = MDP_H5_2D(r->n_times, r->sizes.width);
    double times[MDP_SCHEDULE_MAX];
    int whole[MDP_SCHEDULE_MAX];
    float *x = NULL;
    MDP_TRY(mdp_calloc(&x, (unsigned long)(r->n_times * r->diffusion.n), sizeof *x, "windows"));
    for (int t = 0; t < r->n_times; t++) times[t] = whole[t] = t;
    mdp_window_diffusion_predict(&r->diffusion, d->params, r->n_times, x, times, 0, NULL, NULL, &r->denoiser_work);
    mdp_window_guidance_value(&r->guidance, g->params, r->n_times, x, whole, 0, &r->value_work);
    MDP_TRY(mdp_window_case_check_floats(&r->c, "fwd/time_emb_table", shape,
                                         mdp_graph_at(&r->denoiser_work, d->graph, r->diffusion.unet.embedding),
                                         MDP_BOUND_PLANNER_OUTPUT));
    MDP_TRY(mdp_window_case_check_floats(&r->c, "fwd/map_emb_table", shape,
                                         mdp_graph_at(&r->denoiser_work, d->graph, r->diffusion.unet.time),
                                         MDP_BOUND_PLANNER_OUTPUT));
    MDP_TRY(mdp_window_case_check_floats(&r->c, "fwd/map_emb_table_classifier", shape,
                                         mdp_graph_at(&r->value_work, g->graph, r->guidance.net.time),
                                         MDP_BOUND_PLANNER_OUTPUT));
out:
    free(x);
    return err;
}

/* a whole array by its digest, and as many of its rows as the file has */
static mdp_err check_windows(struct mdp_diffuser_case *r, const char *name, const float *got, enum mdp_bound bound) {
    char digest[64];
    long n_step = r->sizes.n_obs + r->sizes.n_act;
    mdp_err err;
    snprintf(digest, sizeof digest, "%s_digest", name);
    MDP_TRY(mdp_window_case_check_some(&r->c, name, MDP_H5_3D(r->n_batch, r->sizes.horizon, n_step), got, bound));
    MDP_TRY(mdp_window_case_check_digest(&r->c, digest, got, (long)r->n_batch * r->diffusion.n, bound));
out:
    return err;
}

static mdp_err verify_forward(struct mdp_diffuser_case *r) {
    mdp_err err;
    const struct mdp_trained *d = &r->diffusion.trained, *g = &r->guidance.trained;
    double *times = NULL;
    MDP_TRY(check_time_tables(r));
    MDP_TRY(mdp_calloc(&times, (unsigned long)r->n_batch, sizeof *times, "times"));
    for (int i = 0; i < r->n_batch; i++) times[i] = r->time[i];
    const float *out = mdp_window_diffusion_predict(&r->diffusion, d->params, r->n_batch, r->eps, times, 0, NULL, NULL,
                                                    &r->denoiser_work);
    MDP_TRY(check_windows(r, "fwd/diffusion_out", out, MDP_BOUND_PLANNER_OUTPUT));
    MDP_TRY(check_parts(r, "diffusion", d->graph, &r->denoiser_work));
    out = mdp_window_guidance_value(&r->guidance, g->params, r->n_batch, r->eps, r->time, 0, &r->value_work);
    MDP_TRY(mdp_window_case_check_floats(&r->c, "fwd/classifier_out", MDP_H5_2D(r->n_batch, 1), out, MDP_BOUND_RETURN));
    MDP_TRY(check_parts(r, "classifier", g->graph, &r->value_work));
    out = mdp_window_guidance_value(&r->guidance, g->average, r->n_batch, r->eps, r->time, 0, &r->value_work);
    MDP_TRY(mdp_window_case_check_floats(&r->c, "guid/logp", MDP_H5_2D(r->n_batch, 1), out, MDP_BOUND_RETURN));
    out = mdp_window_guidance_gradient(&r->guidance, g->average, r->n_batch, r->ones, &r->value_work);
    MDP_TRY(check_windows(r, "guid/grad", out, MDP_BOUND_RETURN_GRADIENT));
out:
    free(times);
    return err;
}

/* ---- training ---- */

static mdp_err check_parameters(struct mdp_diffuser_case *r, const char *when, int has_average) {
    const struct mdp_window_block_check denoiser = {.graph = r->diffusion.graph,
                                                    .entries = MDP_BOUND_PLANNER_PARAM,
                                                    .sums = MDP_BOUND_PLANNER_PARAM_SUM,
                                                    .trained = &r->diffusion.trained,
                                                    .lr = r->lr},
                                        value = {.graph = &r->guidance.net.graph,
                                                 .entries = MDP_BOUND_PLANNER_PARAM,
                                                 .sums = MDP_BOUND_VALUE_PARAM_SUM,
                                                 .trained = &r->guidance.trained,
                                                 .lr = r->lr};
    char name[64];
    mdp_err err;
#define NAME(module) (snprintf(name, sizeof name, "train/%s/%s", when, module), name)
    MDP_TRY(mdp_window_case_check_block(&r->c, NAME("diffusion"), r->diffusion.trained.params, &denoiser));
    MDP_TRY(mdp_window_case_check_block(&r->c, NAME("classifier"), r->guidance.trained.params, &value));
    if (!has_average) goto out;
    MDP_TRY(mdp_window_case_check_block(&r->c, NAME("diffusion_ema"), r->diffusion.trained.average, &denoiser));
    MDP_TRY(mdp_window_case_check_block(&r->c, NAME("classifier_ema"), r->guidance.trained.average, &value));
#undef NAME
out:
    return err;
}

static mdp_err check_gradient(struct mdp_diffuser_case *r, const char *name, const struct mdp_trained *trained,
                              enum mdp_bound entries) {
    const struct mdp_window_block_check how = {.graph = trained->graph, .entries = entries, .is_gradient = 1};
    float *gradient = NULL;
    mdp_err err = mdp_calloc(&gradient, (unsigned long)trained->graph->n_floats, sizeof *gradient, "gradient");
    if (err != MDP_OK) return err;
    mdp_trained_gradient(trained, gradient);
    err = mdp_window_case_check_block(&r->c, name, gradient, &how);
    free(gradient);
    return err;
}

/* memory of a joint step: noisy windows, times as numbers, what was logged */
struct training {
    float *noisy;
    double *times, *denoiser_loss, *value_loss, *lr;
};

static void joint_step(struct mdp_diffuser_case *r, struct training *t, int k) {
    long n = (long)r->n_batch * r->diffusion.n, rows = (long)k * r->n_batch;
    struct mdp_window_batch batch = {
        .n_rows = r->n_batch, .x0 = r->x0 + k * n, .eps = r->eps + k * n, .time = t->times};
    t->lr[k] = mdp_cosine_rate(r->lr, k, r->lr_steps);
    for (int i = 0; i < r->n_batch; i++) t->times[i] = r->time[rows + i];
    t->denoiser_loss[k] = mdp_window_diffusion_step(&r->diffusion, &batch, t->lr[k], t->noisy);
    batch.eps = r->value_eps + k * n;
    for (int i = 0; i < r->n_batch; i++) t->times[i] = r->value_time[rows + i];
    mdp_window_diffusion_noise(&r->diffusion, &batch, t->noisy);
    t->value_loss[k] = mdp_window_guidance_step(&r->guidance, t->noisy, r->value_time + rows, r->val + rows, t->lr[k]);
}

/* a joint run over the stored batches; gradients are of its first step, parameters of its first and its last */
static mdp_err verify_training(struct mdp_diffuser_case *r) {
    struct training t = {0};
    unsigned long n_run = (unsigned long)r->n_run, batch = (unsigned long)r->n_batch;
    char when[32];
    mdp_err err;
    MDP_TRY(mdp_calloc(&t.noisy, batch * (unsigned long)r->diffusion.n, sizeof(float), "training batch"));
    MDP_TRY(mdp_calloc(&t.times, batch, sizeof(double), "training batch"));
    MDP_TRY(mdp_calloc(&t.denoiser_loss, n_run, sizeof(double), "training log"));
    MDP_TRY(mdp_calloc(&t.value_loss, n_run, sizeof(double), "training log"));
    MDP_TRY(mdp_calloc(&t.lr, n_run, sizeof(double), "training log"));
    for (int k = 0; k < r->n_run; k++) {
        joint_step(r, &t, k);
        if (k == 0)
            MDP_TRY(check_gradient(r, "train/grad0/diffusion", &r->diffusion.trained, MDP_BOUND_PLANNER_GRADIENT));
        if (k == 0)
            MDP_TRY(check_gradient(r, "train/grad0/classifier", &r->guidance.trained, MDP_BOUND_VALUE_GRADIENT));
        snprintf(when, sizeof when, "after%d", k + 1);
        if (k == 0 || k == r->n_run - 1) MDP_TRY(check_parameters(r, when, k > 0));
    }
    MDP_TRY(mdp_window_case_check_ratios(&r->c, "train/log/loss_diffusion", r->n_run, t.denoiser_loss,
                                         MDP_BOUND_PLANNER_LOSS));
    MDP_TRY(mdp_window_case_check_ratios(&r->c, "train/log/loss_classifier", r->n_run, t.value_loss,
                                         MDP_BOUND_PLANNER_LOSS));
    MDP_TRY(mdp_window_case_check(&r->c, "train/log/lr", MDP_H5_1D(r->n_run), t.lr, MDP_BOUND_RATE));
out:
    free(t.noisy);
    free(t.times);
    free(t.denoiser_loss);
    free(t.value_loss);
    free(t.lr);
    return err;
}

mdp_err mdp_verify_diffuser(struct mdp_verify_report *report, const char *path) {
    struct mdp_diffuser_case *r = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&r, 1, sizeof *r, "case"));
    MDP_TRY(open_case(r, path, report));
    MDP_TRY(read_inputs(r));
    MDP_TRY(make_modules(r));
    MDP_TRY(verify_forward(r));
    MDP_TRY(mdp_verify_diffuser_plans(r));
    MDP_TRY(verify_training(r));
out:
    if (r != NULL) case_free(r);
    free(r);
    return err;
}
