/* the three stages of QGPO's training, each from the initial weights */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/verify/qgpo.h"

/* rounding of an entry of a gradient. Source: SPEC-energy section 8 */
static const double round_off = 2.1e-7;

/* steps for which the files have the parameters behind them */
static const int after[] = {1, 5};

/* the stored inputs, of all steps; the rest is made of them */
struct inputs {
    float *obs, *next_obs, *act, *rew, *tml, *support, *bc_eps, *cep_eps, *noisy, *mask;
    double *bc_u, *cond_u, *cep_u;
    int *index;
};

static void inputs_free(struct inputs *in) {
    void *blocks[] = {in->obs,     in->next_obs, in->act,  in->rew,  in->tml,    in->support, in->bc_eps,
                      in->cep_eps, in->noisy,    in->mask, in->bc_u, in->cond_u, in->cep_u,   in->index};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

/* times and noisy actions are made of the stored draws in double, as the vectors of that precision are */
static mdp_err inputs_read(struct mdp_qgpo_case *c, struct inputs *in) {
    struct mdp_golden *g = &c->golden;
    long k = g->n_steps_run, b = g->batch, a = g->n_act, m = c->n_support;
    const struct mdp_h5_shape *all = MDP_H5_4D(k, b, m, a);
    mdp_err err;
    MDP_TRY(mdp_golden_read(g, "in/obs", MDP_H5_3D(k, b, g->n_obs), &in->obs));
    MDP_TRY(mdp_golden_read(g, "in/next_obs", MDP_H5_3D(k, b, g->n_obs), &in->next_obs));
    MDP_TRY(mdp_golden_read(g, "in/act", MDP_H5_3D(k, b, a), &in->act));
    MDP_TRY(mdp_golden_read(g, "in/rew", MDP_H5_3D(k, b, 1), &in->rew));
    MDP_TRY(mdp_golden_read(g, "in/tml", MDP_H5_3D(k, b, 1), &in->tml));
    MDP_TRY(mdp_golden_read(g, "in/support", all, &in->support));
    MDP_TRY(mdp_golden_read(g, "in/bc_eps", MDP_H5_3D(k, b, a), &in->bc_eps));
    MDP_TRY(mdp_golden_read(g, "in/cep_eps", all, &in->cep_eps));
    MDP_TRY(mdp_golden_read_uniform(g, "in/bc_u", MDP_H5_2D(k, b), &in->bc_u));
    MDP_TRY(mdp_golden_read_uniform(g, "in/cond_u", MDP_H5_2D(k, b), &in->cond_u));
    MDP_TRY(mdp_golden_read_uniform(g, "in/cep_u", MDP_H5_2D(k, b), &in->cep_u));
    MDP_TRY(mdp_calloc(&in->noisy, (unsigned long)(k * b * m * a), sizeof(float), "noisy actions"));
    MDP_TRY(mdp_calloc(&in->mask, (unsigned long)(k * b), sizeof(float), "masks"));
    MDP_TRY(mdp_calloc(&in->index, (unsigned long)b, sizeof(int), "indices"));
    for (long i = 0; i < b; i++) in->index[i] = (int)i;
    for (long i = 0; i < k * b; i++) {
        double alpha, sigma;
        in->bc_u[i] = mdp_schedule_time(in->bc_u[i]);
        in->cep_u[i] = mdp_schedule_time(in->cep_u[i]);
        in->mask[i] = in->cond_u[i] > c->drop ? 1.0f : 0.0f;
        mdp_schedule_scales(in->cep_u[i], &alpha, &sigma);
        for (long j = i * m * a; j < (i + 1) * m * a; j++)
            in->noisy[j] = (float)(alpha * in->support[j] + sigma * in->cep_eps[j]);
    }
out:
    return err;
}

static struct mdp_batch batch_of(const struct mdp_golden *g, const struct inputs *in, int k) {
    long row = (long)k * g->batch;
    return (struct mdp_batch){.n = g->batch,
                              .obs = in->obs + row * g->n_obs,
                              .act = in->act + row * g->n_act,
                              .rew = in->rew + row,
                              .tml = in->tml + row,
                              .next_obs = in->next_obs + row * g->n_obs};
}

/* a log of all steps */
static mdp_err check_log(struct mdp_qgpo_case *c, const char *name, const double *got) {
    struct mdp_golden *g = &c->golden;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "train/log/%s", name);
    mdp_quantity_start(&quantity, "%s", path);
    /* what the energy is at its extremes is shifted by its last bias */
    enum mdp_bound bound = name[0] == 'f' ? MDP_BOUND_QGPO_LAST_BIAS : MDP_BOUND_QGPO_LOSS;
    mdp_err err = mdp_golden_compare(g, &quantity, path, MDP_H5_1D(g->n_steps_run), got, bound, 0);
    if (err == MDP_OK) mdp_verify_report_quantity(g->report, g->path, &quantity);
    return err;
}

/* a module and its average or target behind step k, if the file has that */
static mdp_err check_after(struct mdp_qgpo_case *c, int k, const char *const names[2], const struct mdp_layout *layout,
                           float *const blocks[2], enum mdp_bound bound, enum mdp_bound last,
                           const struct mdp_golden_steps *steps) {
    char path[MDP_H5_NAME_MAX];
    mdp_err err = MDP_OK;
    for (unsigned long i = 0; i < sizeof after / sizeof *after; i++)
        for (int j = 0; after[i] == k && j < 2; j++) {
            snprintf(path, sizeof path, "train/after%d/%s", k, names[j]);
            MDP_TRY(mdp_qgpo_check_block(c, path, layout, blocks[j], bound, last, MDP_BOUND_PARAM_SUM, steps));
        }
out:
    return err;
}

static mdp_err check_gradient(struct mdp_qgpo_case *c, const char *name, const struct mdp_layout *layout,
                              const float *sum) {
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "train/grad0/%s", name);
    return mdp_qgpo_check_block(c, path, layout, sum, MDP_BOUND_QGPO_GRADIENT, MDP_BOUND_QGPO_GRADIENT,
                                MDP_BOUND_GRADIENT_SUM, NULL);
}

/* what is left of gradients at step k: the smallest that each parameter has seen */
static void keep_least(long n, int k, const float *gradient, float *least) {
    for (long j = 0; j < n; j++)
        if (k == 0 || fabsf(gradient[j]) < least[j]) least[j] = fabsf(gradient[j]);
}

/* ---- the behaviour ---- */

/* the gradient of every step is looked at, as entries that were once of round-off size may go astray */
static mdp_err verify_behavior(struct mdp_qgpo_case *c, const struct inputs *in, struct mdp_diffusion *d) {
    static const char *const names[] = {"actor", "actor_ema"};
    struct mdp_golden *g = &c->golden;
    struct mdp_learner *learner = NULL;
    struct mdp_learner_config config;
    float *const blocks[] = {d->params, d->ema}, *sum = NULL, *least = NULL;
    double *losses = NULL;
    mdp_err err;
    mdp_learner_defaults(&config);
    config.mode = MDP_MODE_NONE;
    config.action = MDP_ACTION_NONE;
    config.eta = 0;
    config.batch = g->batch;
    config.lr = c->lr;
    config.lr_steps = 0;
    config.keeps_gradient = 1;
    MDP_TRY(mdp_learner_new(&config, d, NULL, &learner));
    MDP_TRY(mdp_calloc(&losses, (unsigned long)g->n_steps_run, sizeof *losses, "losses"));
    MDP_TRY(mdp_calloc(&sum, (unsigned long)d->net.layout.n_floats, sizeof *sum, "gradients"));
    MDP_TRY(mdp_calloc(&least, (unsigned long)d->net.layout.n_floats, sizeof *least, "gradients"));
    const struct mdp_golden_steps steps = {&d->adam, c->lr, least, round_off};
    for (int k = 0; k < g->n_steps_run; k++) {
        struct mdp_learner_log log;
        const struct mdp_batch batch = batch_of(g, in, k);
        const long row = (long)k * g->batch;
        const struct mdp_learner_draws draws = {.bc_time = in->index,
                                                .bc_at = in->bc_u + row,
                                                .bc_mask = in->mask + row,
                                                .bc_eps = in->bc_eps + row * g->n_act};
        mdp_learner_step(learner, &batch, &draws, &log);
        losses[k] = log.bc_loss;
        mdp_learner_actor_gradient(learner, sum);
        keep_least(d->net.layout.n_floats, k, sum, least);
        if (k == 0) MDP_TRY(check_gradient(c, "actor", &d->net.layout, sum));
        MDP_TRY(
            check_after(c, k + 1, names, &d->net.layout, blocks, MDP_BOUND_QGPO_PARAM, MDP_BOUND_QGPO_PARAM, &steps));
    }
    MDP_TRY(check_log(c, "loss_bc", losses));
out:
    mdp_learner_free(learner);
    free(losses);
    free(sum);
    free(least);
    return err;
}

/* ---- values and energy ---- */

/* logs of the two stages, [n_steps_run] each */
struct logs {
    double *loss, *mean, *f_max, *f_mean, *f_min;
    float *gradient, *least; /* [n_floats] of the stage's network */
};

static struct mdp_guidance_step step_of(const struct mdp_qgpo_case *c, const struct inputs *in, int is_energy, int k) {
    const struct mdp_golden *g = &c->golden;
    long row = (long)k * g->batch, first = row * c->n_support * g->n_act;
    struct mdp_guidance_step step = {.discount = g->discount,
                                     .lr = c->value_lr,
                                     .n_threads = 1,
                                     .support = in->support + first,
                                     .n_support = c->n_support};
    if (!is_energy) return step;
    step.values_rest = 1;
    step.energy_lr = c->energy_lr;
    step.noisy = in->noisy + first;
    step.times = in->cep_u + row;
    return step;
}

/* the newest step's gradient of the stage's network */
static void sum_gradient(const struct mdp_guidance *guidance, int batch, int is_energy, float *sum) {
    const struct mdp_guidance_net *net = &guidance->nets[is_energy ? MDP_ENERGY_NET : MDP_ENERGY_VALUES];
    int n_panels = is_energy ? mdp_energy_panels(guidance, batch) : mdp_panel_count(batch);
    memset(sum, 0, (size_t)net->net.layout.n_floats * sizeof *sum);
    for (int p = 0; p < n_panels; p++) {
        const float *grads = is_energy ? mdp_energy_gradient(guidance, p) : guidance->trainer->grads[0][p];
        for (long j = 0; j < net->net.layout.n_floats; j++) sum[j] += grads[j];
    }
}

/* the first step's intermediate values and gradient */
static mdp_err verify_first(struct mdp_qgpo_case *c, const struct mdp_guidance *guidance, int is_energy,
                            const float *gradient) {
    struct mdp_golden *g = &c->golden;
    const struct mdp_guidance_net *net = &guidance->nets[is_energy ? MDP_ENERGY_NET : MDP_ENERGY_VALUES];
    const struct mdp_energy_seen seen = mdp_energy_seen(guidance);
    const struct mdp_h5_shape *each = MDP_H5_2D(g->batch, c->n_support);
    mdp_err err;
    MDP_TRY(check_gradient(c, net->name, &net->net.layout, gradient));
    if (is_energy) {
        MDP_TRY(mdp_golden_check(g, "train/step0/soft_label", each, seen.label, MDP_BOUND_QGPO_LABEL));
        MDP_TRY(mdp_golden_check(g, "train/step0/f", each, seen.f, MDP_BOUND_QGPO_ENERGY));
    } else {
        MDP_TRY(mdp_golden_check(g, "train/step0/next_q", each, seen.next_q, MDP_BOUND_QGPO_VALUE));
        MDP_TRY(mdp_golden_check(g, "train/step0/td_target", MDP_H5_2D(g->batch, 1), guidance->trainer->target_value,
                                 MDP_BOUND_QGPO_TARGET));
    }
out:
    return err;
}

/* one stage from the initial weights; the network that it does not train stays */
static mdp_err run_stage(struct mdp_qgpo_case *c, const struct inputs *in, struct mdp_guidance *guidance, int is_energy,
                         struct logs *logs) {
    struct mdp_golden *g = &c->golden;
    const struct mdp_guidance_net *net = &guidance->nets[is_energy ? MDP_ENERGY_NET : MDP_ENERGY_VALUES];
    const char *const names[] = {net->name, net->target_name};
    float *const blocks[] = {net->params, net->target};
    const struct mdp_golden_steps steps = {&net->adam, is_energy ? c->energy_lr : c->value_lr, logs->least, round_off};
    mdp_err err = MDP_OK;
    for (int k = 0; k < g->n_steps_run; k++) {
        const struct mdp_batch batch = batch_of(g, in, k);
        struct mdp_guidance_step step = step_of(c, in, is_energy, k);
        mdp_guidance_update(guidance, &batch, k, &step);
        const struct mdp_energy_seen seen = mdp_energy_seen(guidance);
        logs->loss[k] = is_energy ? step.value_loss : step.loss;
        logs->mean[k] = step.target_mean;
        logs->f_max[k] = seen.f_max;
        logs->f_mean[k] = seen.f_mean;
        logs->f_min[k] = seen.f_min;
        sum_gradient(guidance, g->batch, is_energy, logs->gradient);
        keep_least(net->net.layout.n_floats, k, logs->gradient, logs->least);
        if (k == 0) MDP_TRY(verify_first(c, guidance, is_energy, logs->gradient));
        MDP_TRY(check_after(c, k + 1, names, &net->net.layout, blocks,
                            is_energy ? MDP_BOUND_QGPO_PARAM_ENERGY : MDP_BOUND_QGPO_PARAM_VALUE,
                            is_energy ? MDP_BOUND_QGPO_LAST_BIAS : MDP_BOUND_QGPO_PARAM_VALUE, &steps));
    }
    MDP_TRY(check_log(c, is_energy ? "loss_energy" : "loss_q", logs->loss));
    if (!is_energy) return check_log(c, "td_mean", logs->mean);
    MDP_TRY(check_log(c, "f_max", logs->f_max));
    MDP_TRY(check_log(c, "f_mean", logs->f_mean));
    MDP_TRY(check_log(c, "f_min", logs->f_min));
out:
    return err;
}

static mdp_err verify_stage(struct mdp_qgpo_case *c, const struct inputs *in, int is_energy) {
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *guidance = NULL;
    struct logs logs = {.loss = NULL};
    double **all[] = {&logs.loss, &logs.mean, &logs.f_max, &logs.f_mean, &logs.f_min};
    mdp_err err;
    for (int i = 0; i < 5; i++)
        MDP_TRY(mdp_calloc(all[i], (unsigned long)c->golden.n_steps_run, sizeof(double), "logs"));
    MDP_TRY(mdp_qgpo_modules(c, c->golden.n_steps, &d, &guidance));
    MDP_TRY(mdp_guidance_trainer_new(guidance, c->golden.batch, NULL));
    unsigned long n = (unsigned long)guidance->nets[is_energy ? MDP_ENERGY_NET : MDP_ENERGY_VALUES].net.layout.n_floats;
    MDP_TRY(mdp_calloc(&logs.gradient, n, sizeof(float), "gradients"));
    MDP_TRY(mdp_calloc(&logs.least, n, sizeof(float), "gradients"));
    MDP_TRY(run_stage(c, in, guidance, is_energy, &logs));
out:
    mdp_diffusion_free(d);
    mdp_guidance_free(guidance);
    for (int i = 0; i < 5; i++) free(*all[i]);
    free(logs.gradient);
    free(logs.least);
    return err;
}

mdp_err mdp_qgpo_training(struct mdp_qgpo_case *c) {
    struct inputs in = {.obs = NULL};
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *guidance = NULL;
    mdp_err err;
    MDP_TRY(inputs_read(c, &in));
    MDP_TRY(mdp_qgpo_modules(c, c->golden.n_steps, &d, &guidance));
    MDP_TRY(verify_behavior(c, &in, d));
    MDP_TRY(verify_stage(c, &in, 0));
    MDP_TRY(verify_stage(c, &in, 1));
out:
    inputs_free(&in);
    mdp_diffusion_free(d);
    mdp_guidance_free(guidance);
    return err;
}
