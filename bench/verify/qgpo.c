#include "bench/verify/qgpo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/guidance/twin.h"
#include "algos/nn/fourier.h"
#include "algos/selection.h"
#include "algos/steering.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"

enum { DIGEST = 24, N_SUMS = 3, N_ENTRIES = DIGEST - N_SUMS };

/* ---- settings ---- */

/* sizes from a file are held to ranges before memory is taken for them */
static mdp_err read_ints(struct mdp_qgpo_case *c) {
    struct mdp_golden *g = &c->golden;
    mdp_err err = MDP_OK;
    int is_stored = 0, seed = 0;
    const struct {
        const char *name;
        int64_t low, high;
        int *target;
    } ints[] = {{"weights_stored", 0, 1, &is_stored},
                {"seed", 0, 1 << 27, &seed},
                {"o", 1, 1024, &g->n_obs},
                {"a", 1, 256, &g->n_act},
                {"emb_dim", 2, 1024, &c->n_emb},
                {"H_q", 1, 4096, &c->n_value_hidden},
                {"B", 1, 65536, &g->batch},
                {"K", 1, 1000, &g->n_steps_run},
                {"K_support", 1, MDP_SUPPORT_MAX, &c->n_support},
                {"S", 1, MDP_SCHEDULE_MAX - 1, &g->n_steps},
                {"S_support", 1, MDP_SCHEDULE_MAX - 1, &c->n_support_steps},
                {"n_support_states", 1, 4096, &c->n_support_states},
                {"ne", 1, 4096, &g->n_states},
                {"nc", 1, 4096, &g->n_candidates}};
    for (unsigned long i = 0; i < sizeof ints / sizeof *ints; i++) {
        int64_t value;
        MDP_TRY(mdp_h5_attr_int(g->file, "/", ints[i].name, &value));
        if (value < ints[i].low || value > ints[i].high)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: attribute %s: expected %lld to %lld, found %lld", g->path, ints[i].name,
                             (long long)ints[i].low, (long long)ints[i].high, (long long)value));
        *ints[i].target = (int)value;
    }
    g->seed = seed;
    g->is_full = !is_stored;
out:
    return err;
}

static mdp_err read_widths(struct mdp_qgpo_case *c, const char *name, int widths[3]) {
    const struct mdp_golden *g = &c->golden;
    long n = 0;
    int32_t values[3];
    mdp_err err = mdp_h5_attr_array(g->file, "/", name, MDP_H5_I32, 3, values, &n);
    if (err == MDP_OK && n != 3)
        return mdp_fail(MDP_E_DATA, "%s: attribute %s: expected three widths, found %ld", g->path, name, n);
    for (int i = 0; err == MDP_OK && i < 3; i++) {
        if (values[i] < 1 || values[i] > 65536)
            return mdp_fail(MDP_E_DATA, "%s: attribute %s: expected widths from 1 to 65536, found %d", g->path, name,
                            (int)values[i]);
        widths[i] = values[i];
    }
    return err;
}

/* likewise what steps and choices go by */
static mdp_err read_reals(struct mdp_qgpo_case *c) {
    struct mdp_golden *g = &c->golden;
    mdp_err err = MDP_OK;
    const struct {
        const char *name;
        double low, high;
        double *target;
    } reals[] = {{"discount", 0, 1, &g->discount},
                 {"beta", -1e6, 1e6, &c->beta},
                 {"betaQ", -1e6, 1e6, &c->beta_value},
                 {"cond_dropout", 0, 1, &c->drop},
                 {"ema", 0, 1, &c->ema_keep},
                 {"lr_bc", 0, 1, &c->lr},
                 {"lr_q", 0, 1, &c->value_lr},
                 {"lr_energy", 0, 1, &c->energy_lr},
                 {"wd_bc_adamw", 0, 1, &c->decay},
                 {"w_cg", -1e6, 1e6, &c->weight},
                 {"temperature", 0, 1e6, &c->temperature}};
    for (unsigned long i = 0; i < sizeof reals / sizeof *reals; i++) {
        MDP_TRY(mdp_h5_attr_real(g->file, "/", reals[i].name, reals[i].target));
        if (!(*reals[i].target >= reals[i].low && *reals[i].target <= reals[i].high))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: attribute %s: expected %g to %g, found %g", g->path, reals[i].name,
                             reals[i].low, reals[i].high, *reals[i].target));
    }
out:
    return err;
}

static mdp_err read_settings(struct mdp_qgpo_case *c) {
    struct mdp_golden *g = &c->golden;
    char solver[64];
    mdp_err err;
    MDP_TRY(read_ints(c));
    MDP_TRY(read_reals(c));
    MDP_TRY(read_widths(c, "hidden", c->widths));
    MDP_TRY(read_widths(c, "hidden_energy", c->energy_widths));
    MDP_TRY(mdp_h5_attr_text(g->file, "/", "solver", solver, sizeof solver));
    if ((err = mdp_solver_find(solver, &g->solver)) != MDP_OK)
        err = mdp_fail_context(MDP_E_DATA, "%s: attribute solver", g->path);
out:
    return err;
}

mdp_err mdp_qgpo_modules(struct mdp_qgpo_case *c, int n_steps, struct mdp_diffusion **diffusion,
                         struct mdp_guidance **guidance) {
    const struct mdp_golden *g = &c->golden;
    struct mdp_diffusion_config d;
    struct mdp_guidance_config values;
    mdp_err err;
    mdp_diffusion_defaults(&d, g->n_obs, g->n_act);
    d.kind = MDP_DENOISER_UNET;
    d.n_emb = c->n_emb;
    d.n_hidden = c->widths[0];
    memcpy(d.widths, c->widths, sizeof d.widths);
    d.dropout = c->drop;
    d.n_steps = n_steps;
    d.solver = g->solver;
    d.decay = c->decay;
    d.ema_keep = c->ema_keep;
    d.ema_every = 1;
    d.ema_start = 0;
    mdp_guidance_defaults(&values, g->n_obs, g->n_act);
    values.kind = &mdp_guidance_energy;
    values.n_hidden = c->n_value_hidden;
    values.target_keep = 0.995;
    values.n_emb = c->n_emb;
    memcpy(values.widths, c->energy_widths, sizeof values.widths);
    values.n_support = c->n_support;
    values.beta_value = c->beta_value;
    values.beta = c->beta;
    values.ema_keep = c->ema_keep;
    MDP_TRY(mdp_diffusion_new(&d, 0, diffusion));
    MDP_TRY(mdp_guidance_new(&values, 0, guidance));
    float *blocks[] = {(*diffusion)->params,        (*diffusion)->ema,           (*guidance)->nets[0].params,
                       (*guidance)->nets[0].target, (*guidance)->nets[1].params, (*guidance)->nets[1].target};
    const struct mdp_layout *layouts[] = {&(*diffusion)->net.layout, &(*guidance)->nets[0].net.layout,
                                          &(*guidance)->nets[1].net.layout};
    for (int i = 0; i < 6; i++) {
        mdp_golden_weights(g, (enum mdp_golden_module)(i + 1), layouts[i / 2], blocks[i]);
        /* averages have the frequencies of their networks */
        if (i % 2 == 1) memcpy(blocks[i], blocks[i - 1], (size_t)layouts[i / 2]->n_fixed * sizeof(float));
    }
out:
    return err;
}

/* ---- comparing ---- */

mdp_err mdp_qgpo_check_double(struct mdp_qgpo_case *c, const char *name, const struct mdp_h5_shape *shape,
                              const float *got, enum mdp_bound bound) {
    struct mdp_golden *g = &c->golden;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    double *want = NULL;
    snprintf(path, sizeof path, "f64/%s", name);
    mdp_quantity_start(&quantity, "%s", name);
    mdp_err err = mdp_golden_read_wanted(g, path, shape, 0, &want);
    if (err != MDP_OK) goto out;
    for (long i = 0; i < mdp_h5_count(shape); i++)
        mdp_quantity_compare_at(&quantity, 1, path, i, got[i], want[i], bound);
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(want);
    return err;
}

/* what a block is compared by */
struct bounds {
    enum mdp_bound entry, last, sum;
    int first; /* parameter that is stored first */
    const struct mdp_golden_steps *steps;
};

/* an entry of a parameter, unless its gradients were of round-off size */
static void compare_entry(struct mdp_quantity *quantity, int precision, const char *path, long element, double got,
                          double want, enum mdp_bound bound, const struct mdp_golden_steps *steps, long place) {
    double error = fabs(got - want);
    if (error > mdp_bound_value(bound) && mdp_golden_excuses(steps, place, error))
        quantity->n_excused++;
    else
        mdp_quantity_compare_at(quantity, precision, path, element, got, want, bound);
}

/* one stored array, of all parameters from the first of them on; frequencies of float32 averages drift */
static mdp_err compare_block(struct mdp_qgpo_case *c, struct mdp_quantity *quantity, int precision, const char *path,
                             const struct mdp_layout *layout, const float *block, const struct bounds *bounds) {
    struct mdp_golden *g = &c->golden;
    int is_digest = mdp_h5_attr_exists(g->file, path, "digest"), n_params = layout->n - bounds->first;
    const float *start = block + layout->params[bounds->first].offset;
    long n_floats = layout->n_floats - layout->params[bounds->first].offset;
    double *want = NULL;
    mdp_err err =
        mdp_golden_read_wanted(g, path, is_digest ? MDP_H5_2D(n_params, DIGEST) : MDP_H5_1D(n_floats), 0, &want);
    if (err != MDP_OK) goto out;
    for (int i = 0; i < n_params; i++) {
        const struct mdp_param *param = &layout->params[bounds->first + i];
        long n = (long)param->rows * param->cols, offset = param->offset - (start - block);
        int is_last = bounds->first + i == layout->n - 1 && bounds->last != bounds->entry;
        enum mdp_bound entry = is_last ? bounds->last : bounds->entry;
        double got[DIGEST];
        const double *row = want + (long)i * DIGEST;
        if (param->kind == MDP_PARAM_FREQUENCIES && precision == 0 && strstr(path, "_ema") != NULL) continue;
        if (!is_digest) {
            for (long j = 0; j < n; j++)
                compare_entry(quantity, precision, path, offset + j, start[offset + j], want[offset + j], entry,
                              bounds->steps, param->offset + j);
            continue;
        }
        mdp_golden_digest(start + offset, n, DIGEST, got);
        for (int j = 0; j < N_SUMS; j++)
            mdp_quantity_compare_at(quantity, precision, path, (long)i * DIGEST + j, got[j], row[j],
                                    is_last ? entry : bounds->sum);
        for (int j = N_SUMS; j < DIGEST; j++)
            compare_entry(quantity, precision, path, (long)i * DIGEST + j, got[j], row[j], entry, bounds->steps,
                          param->offset + (j - N_SUMS) * n / N_ENTRIES);
    }
out:
    free(want);
    return err;
}

mdp_err mdp_qgpo_check_block(struct mdp_qgpo_case *c, const char *name, const struct mdp_layout *layout,
                             const float *block, enum mdp_bound bound, enum mdp_bound last_bound,
                             enum mdp_bound sum_bound, const struct mdp_golden_steps *steps) {
    static const char *const precisions[] = {"f32/", "f64/"};
    const struct bounds bounds = {bound, last_bound, sum_bound, steps == NULL && layout->n_fixed > 0, steps};
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    mdp_err err = MDP_OK;
    mdp_quantity_start(&quantity, "%s", name);
    for (int p = 0; p < 2; p++) {
        snprintf(path, sizeof path, "%s%s", precisions[p], name);
        if (p == 0 && !mdp_h5_exists(c->golden.file, path)) continue;
        MDP_TRY(compare_block(c, &quantity, p, path, layout, block, &bounds));
    }
    mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
out:
    return err;
}

/* the generated parameters are those of the file */
static mdp_err verify_init(struct mdp_qgpo_case *c, const struct mdp_diffusion *d,
                           const struct mdp_guidance *guidance) {
    const struct mdp_guidance_net *values = &guidance->nets[0], *energy = &guidance->nets[1];
    enum mdp_bound sums = MDP_BOUND_DOUBLE;
    const struct {
        const char *name;
        const struct mdp_layout *layout;
        const float *block;
    } blocks[] = {{"init/actor", &d->net.layout, d->params},
                  {"init/actor_ema", &d->net.layout, d->ema},
                  {"init/q", &values->net.layout, values->params},
                  {"init/q_target", &values->net.layout, values->target},
                  {"init/energy", &energy->net.layout, energy->params},
                  {"init/energy_ema", &energy->net.layout, energy->target}};
    enum mdp_bound entries = c->golden.is_full ? sums : MDP_BOUND_EXACT;
    const struct bounds bounds = {entries, entries, sums, 0, NULL};
    mdp_err err = MDP_OK;
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct mdp_quantity quantity;
        mdp_quantity_start(&quantity, "%s", blocks[i].name);
        MDP_TRY(compare_block(c, &quantity, 1, blocks[i].name, blocks[i].layout, blocks[i].block, &bounds));
        mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
    }
out:
    return err;
}

/* the times that a sampler visits */
static mdp_err verify_schedule(struct mdp_qgpo_case *c, int n_steps) {
    struct mdp_golden *g = &c->golden;
    struct mdp_schedule schedule;
    struct mdp_quantity quantity;
    double got[3 * (MDP_SCHEDULE_MAX + 1)], *want = NULL;
    char path[MDP_H5_NAME_MAX];
    long n = n_steps + 1;
    mdp_err err;
    MDP_TRY(mdp_schedule_build_continuous(&schedule, n_steps));
    mdp_quantity_start(&quantity, "schedule/S%d", n_steps);
    memcpy(got, schedule.time, (size_t)n * sizeof *got);
    memcpy(got + n, schedule.alpha, (size_t)n * sizeof *got);
    memcpy(got + 2 * n, schedule.sigma, (size_t)n * sizeof *got);
    for (int p = 0; p < 2; p++) {
        snprintf(path, sizeof path, "schedule/S%d/%s", n_steps, p == 0 ? "f32" : "f64");
        MDP_TRY(mdp_golden_read_wanted(g, path, MDP_H5_2D(3, n), 0, &want));
        mdp_quantity_compare(&quantity, p, path, 3 * n, got, want, p == 0 ? MDP_BOUND_SCHEDULE_F32 : MDP_BOUND_DOUBLE);
        free(want);
        want = NULL;
    }
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(want);
    return err;
}

/* ---- forward passes ---- */

/* the inputs of step 0 and room for what is made of them */
struct point {
    float *obs, *act, *x, *gradient;
    double *u;
};

static void point_free(struct point *p) {
    void *blocks[] = {p->obs, p->act, p->x, p->gradient, p->u};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err point_read(struct mdp_qgpo_case *c, struct point *p) {
    struct mdp_golden *g = &c->golden;
    mdp_err err;
    MDP_TRY(mdp_golden_read(g, "in/obs", MDP_H5_3D(g->n_steps_run, g->batch, g->n_obs), &p->obs));
    MDP_TRY(mdp_golden_read(g, "in/act", MDP_H5_3D(g->n_steps_run, g->batch, g->n_act), &p->act));
    MDP_TRY(mdp_golden_read(g, "in/bc_eps", MDP_H5_3D(g->n_steps_run, g->batch, g->n_act), &p->x));
    MDP_TRY(mdp_golden_read_uniform(g, "in/bc_u", MDP_H5_2D(g->n_steps_run, g->batch), &p->u));
    for (int i = 0; i < g->batch; i++) p->u[i] = mdp_schedule_time(p->u[i]);
    MDP_TRY(mdp_calloc(&p->gradient, (unsigned long)g->batch * (unsigned long)g->n_act, sizeof(float), "gradients"));
out:
    return err;
}

static mdp_err verify_denoiser(struct mdp_qgpo_case *c, const struct mdp_diffusion *d, const struct point *p) {
    struct mdp_golden *g = &c->golden;
    struct mdp_time_table table = {.n = 0};
    struct mdp_denoiser_cache cache = {.time = NULL};
    mdp_err err;
    MDP_TRY(mdp_time_table_alloc_rows(&table, &d->net, g->batch));
    MDP_TRY(mdp_denoiser_cache_alloc(&cache, &d->net, g->batch, NULL));
    for (int i = 0; i < g->batch; i++) {
        table.times[i] = p->u[i];
        cache.time[i] = i;
    }
    mdp_time_table_refresh(&table, &d->net, d->params);
    MDP_TRY(
        mdp_golden_check(g, "fwd/time_emb", MDP_H5_2D(g->batch, c->n_emb), table.cache.x, MDP_BOUND_QGPO_EMBEDDING));
    const float *out = mdp_denoiser_forward(&d->net, d->params, &table, g->batch, p->x, p->obs, &cache);
    MDP_TRY(mdp_golden_check(g, "fwd/actor_out", MDP_H5_2D(g->batch, g->n_act), out, MDP_BOUND_QGPO_DENOISER));
    MDP_TRY(
        mdp_golden_check(g, "fwd/cond", MDP_H5_2D(g->batch, c->n_emb), cache.observed.out, MDP_BOUND_QGPO_DENOISER));
out:
    mdp_time_table_free(&table);
    mdp_denoiser_cache_free(&cache);
    return err;
}

/* values and energy of the online networks, and the averaged energy with its gradient at the same point */
static mdp_err verify_guidance(struct mdp_qgpo_case *c, const struct mdp_guidance *guidance, const struct point *p) {
    struct mdp_golden *g = &c->golden;
    const struct mdp_guidance_net *energy = &guidance->nets[MDP_ENERGY_NET];
    const struct mdp_energy_rows rows = {g->batch, 1, p->obs, p->x, p->u};
    const struct mdp_h5_shape *column = MDP_H5_2D(g->batch, 1);
    const float *values[MDP_Q_HEADS_MAX];
    struct mdp_guidance_work work = {.max_rows = 0};
    mdp_err err;
    MDP_TRY(mdp_guidance_work_alloc(&work, guidance, g->batch, NULL));
    struct mdp_q_cache *cache = &work.caches[MDP_ENERGY_NET];
    guidance->config.kind->policy_values(guidance, g->batch, p->obs, p->act, &work, values);
    MDP_TRY(mdp_golden_check(g, "fwd/q1", column, values[0], MDP_BOUND_QGPO_VALUE));
    MDP_TRY(mdp_golden_check(g, "fwd/q2", column, values[1], MDP_BOUND_QGPO_VALUE));
    const float *f = mdp_energy_forward(&energy->net, energy->params, &rows, cache);
    MDP_TRY(mdp_golden_check(g, "fwd/energy", column, f, MDP_BOUND_QGPO_ENERGY));
    f = mdp_energy_forward(&energy->net, energy->target, &rows, cache);
    MDP_TRY(mdp_golden_check(g, "guid/logp", column, f, MDP_BOUND_QGPO_LOGP));
    for (int i = 0; i < g->batch; i++) work.d_value[i] = 1;
    mdp_energy_backward(&energy->net, energy->target, &rows, work.d_value, cache, NULL, p->gradient);
    MDP_TRY(mdp_golden_check(g, "guid/grad", MDP_H5_2D(g->batch, g->n_act), p->gradient, MDP_BOUND_QGPO_SLOPE));
out:
    mdp_guidance_work_free(&work);
    return err;
}

/* ---- sampling ---- */

/* a run of the sampler on rows that come state by state, with what its steps leave: [n_steps, rows, n_act] each */
struct chain {
    const char *group;
    int n_steps, n_states, n_each, rows;
    float *obs, *noise, *all_obs, *act;
    float *pred, *guided, *grad;
    struct mdp_steering *steering; /* NULL: nothing guides */
    struct mdp_bend bend;
};

static void chain_free(struct chain *chain) {
    void *blocks[] = {chain->obs, chain->noise, chain->all_obs, chain->act, chain->pred, chain->guided, chain->grad};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

/* what a step predicted, before and after it was guided */
static void look(void *context, int i, int first, int n_rows, const float *x, float *prediction) {
    struct chain *chain = context;
    long n = (long)chain->rows * (chain->steering != NULL ? chain->steering->diffusion->config.n_act : 0);
    long place = (chain->n_steps - i) * n;
    if (chain->steering == NULL) return;
    memcpy(chain->pred + place, prediction, (size_t)n * sizeof *prediction);
    chain->steering->bend.bend(chain->steering->bend.context, i, first, n_rows, x, prediction);
    memcpy(chain->guided + place, prediction, (size_t)n * sizeof *prediction);
    memcpy(chain->grad + place, chain->steering->gradient, (size_t)n * sizeof *prediction);
}

static mdp_err chain_read(struct mdp_qgpo_case *c, const char *obs, const char *noise, struct chain *chain) {
    struct mdp_golden *g = &c->golden;
    unsigned long rows, n;
    mdp_err err;
    chain->rows = chain->n_states * chain->n_each;
    rows = (unsigned long)chain->rows;
    n = rows * (unsigned long)g->n_act;
    MDP_TRY(mdp_golden_read(g, obs, MDP_H5_2D(chain->n_states, g->n_obs), &chain->obs));
    MDP_TRY(mdp_golden_read(g, noise, MDP_H5_3D(chain->n_steps, chain->rows, g->n_act), &chain->noise));
    MDP_TRY(mdp_calloc(&chain->all_obs, rows * (unsigned long)g->n_obs, sizeof(float), "observations"));
    for (long r = 0; r < chain->rows; r++)
        memcpy(chain->all_obs + r * g->n_obs, chain->obs + r / chain->n_each * g->n_obs,
               (size_t)g->n_obs * sizeof(float));
    MDP_TRY(mdp_calloc(&chain->act, n, sizeof(float), "actions"));
    float **steps[] = {&chain->pred, &chain->guided, &chain->grad};
    for (int k = 0; k < 3; k++)
        MDP_TRY(mdp_calloc(steps[k], n * (unsigned long)chain->n_steps, sizeof(float), "chain"));
out:
    return err;
}

/* the chain's arrays of one kind, which the file has in double precision */
static mdp_err check_chain(struct mdp_qgpo_case *c, const struct chain *chain, const char *what, const float *got,
                           enum mdp_bound bound) {
    char name[MDP_H5_NAME_MAX];
    snprintf(name, sizeof name, "%s/%s", chain->group, what);
    return mdp_qgpo_check_double(c, name, MDP_H5_3D(chain->n_steps, chain->rows, c->golden.n_act), got, bound);
}

/* runs the sampler by the averaged network; the history is left in it */
static mdp_err run_chain(struct mdp_qgpo_case *c, const struct mdp_diffusion *d, struct chain *chain,
                         struct mdp_sampler *sampler) {
    struct mdp_golden *g = &c->golden;
    struct mdp_time_table table = {.n = 0};
    char name[MDP_H5_NAME_MAX];
    mdp_err err;
    MDP_TRY(mdp_time_table_alloc(&table, &d->net));
    mdp_time_table_refresh(&table, &d->net, d->ema);
    chain->bend = (struct mdp_bend){look, chain};
    if (chain->steering != NULL) sampler->bend = &chain->bend;
    const struct mdp_draws draws = {chain->noise, (long)chain->rows * g->n_act};
    mdp_diffusion_sample(d, d->ema, &table, chain->rows, chain->all_obs, draws, c->temperature, sampler, chain->act);
    enum mdp_bound bound = chain->steering != NULL ? MDP_BOUND_QGPO_ACTION : MDP_BOUND_QGPO_SUPPORT;
    MDP_TRY(check_chain(c, chain, "history", sampler->states, bound));
    snprintf(name, sizeof name, "%s/act", chain->group);
    MDP_TRY(mdp_golden_check(g, name, MDP_H5_2D(chain->rows, g->n_act), chain->act, bound));
out:
    mdp_time_table_free(&table);
    return err;
}

/* supported actions of a few states */
static mdp_err verify_support(struct mdp_qgpo_case *c) {
    struct chain chain = {
        .group = "support", .n_steps = c->n_support_steps, .n_states = c->n_support_states, .n_each = c->n_support};
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *guidance = NULL;
    struct mdp_sampler sampler = {.max_rows = 0};
    mdp_err err;
    MDP_TRY(chain_read(c, "in_sample/support_obs", "in_sample/support_noise", &chain));
    MDP_TRY(mdp_qgpo_modules(c, c->n_support_steps, &d, &guidance));
    MDP_TRY(mdp_sampler_alloc(&sampler, d, chain.rows, 0, NULL));
    MDP_TRY(run_chain(c, d, &chain, &sampler));
out:
    mdp_sampler_free(&sampler);
    mdp_diffusion_free(d);
    mdp_guidance_free(guidance);
    chain_free(&chain);
    return err;
}

/* the choice among the candidates of each state, by the energy of what they were before the last clip */
static mdp_err verify_choice(struct mdp_qgpo_case *c, const struct mdp_guidance *guidance, const struct chain *chain,
                             const float *unclipped) {
    struct mdp_golden *g = &c->golden;
    struct mdp_guidance_work work = {.max_rows = 0};
    struct mdp_quantity quantity;
    float *logp = NULL, *chosen = NULL, *expo = NULL;
    double *weights = NULL, *by_expo = NULL, *by_cdf = NULL, *u = NULL;
    long ne = g->n_states, nc = g->n_candidates, a = g->n_act;
    mdp_err err;
    MDP_TRY(mdp_guidance_work_alloc(&work, guidance, chain->rows, NULL));
    MDP_TRY(mdp_golden_read(g, "in_sample/expo", MDP_H5_2D(ne, nc), &expo));
    MDP_TRY(mdp_golden_read_uniform(g, "in_sample/u", MDP_H5_1D(ne), &u));
    MDP_TRY(mdp_calloc(&logp, (unsigned long)chain->rows, sizeof *logp, "scores"));
    MDP_TRY(mdp_calloc(&chosen, (unsigned long)(ne * a), sizeof *chosen, "actions"));
    MDP_TRY(mdp_calloc(&weights, (unsigned long)chain->rows, sizeof *weights, "weights"));
    MDP_TRY(mdp_calloc(&by_expo, (unsigned long)ne, sizeof *by_expo, "choices"));
    MDP_TRY(mdp_calloc(&by_cdf, (unsigned long)ne, sizeof *by_cdf, "choices"));
    guidance->config.kind->select_score(guidance, chain->rows, chain->all_obs, unclipped, &work, logp);
    for (long e = 0; e < ne; e++) {
        mdp_selection_weights((int)nc, logp + e * nc, 1, weights + e * nc);
        int chosen_row = mdp_selection_by_exponential((int)nc, weights + e * nc, expo + e * nc);
        by_expo[e] = chosen_row;
        by_cdf[e] = mdp_selection_by_uniform((int)nc, weights + e * nc, u[e]);
        memcpy(chosen + e * a, chain->act + (e * nc + chosen_row) * a, (size_t)a * sizeof *chosen);
    }
    MDP_TRY(mdp_golden_check(g, "sample/log_p", MDP_H5_2D(ne, nc), logp, MDP_BOUND_QGPO_LOGP));
    MDP_TRY(mdp_golden_check(g, "sample/chosen_act", MDP_H5_2D(ne, a), chosen, MDP_BOUND_QGPO_ACTION));
    const struct {
        const char *name;
        const struct mdp_h5_shape shape;
        const double *got;
        enum mdp_bound bound;
    } wide[] = {{"sample/weights", {2, {ne, nc}}, weights, MDP_BOUND_QGPO_WEIGHT},
                {"sample/sel_expo", {1, {ne}}, by_expo, MDP_BOUND_EXACT},
                {"sample/sel_cdf", {1, {ne}}, by_cdf, MDP_BOUND_EXACT}};
    for (int i = 0; i < 3; i++) {
        mdp_quantity_start(&quantity, "%s", wide[i].name);
        MDP_TRY(mdp_golden_compare(g, &quantity, wide[i].name, &wide[i].shape, wide[i].got, wide[i].bound, 0));
        mdp_verify_report_quantity(g->report, g->path, &quantity);
    }
out:
    mdp_guidance_work_free(&work);
    void *blocks[] = {logp, chosen, expo, weights, by_expo, by_cdf, u};
    for (int i = 0; i < 7; i++) free(blocks[i]);
    return err;
}

static mdp_err verify_acting(struct mdp_qgpo_case *c, const struct mdp_diffusion *d,
                             const struct mdp_guidance *guidance) {
    struct mdp_golden *g = &c->golden;
    struct chain chain = {.group = "sample", .n_steps = g->n_steps, .n_states = g->n_states, .n_each = g->n_candidates};
    struct mdp_steering steering = {.n_each = 0};
    const struct mdp_guide_rule rule = {MDP_GUIDE_ENERGY, c->weight, NULL};
    struct mdp_sampler sampler = {.max_rows = 0};
    mdp_err err;
    MDP_TRY(chain_read(c, "in_sample/env_obs", "in_sample/noise", &chain));
    MDP_TRY(mdp_steering_init(&steering, d, guidance, &rule, chain.rows, g->n_candidates));
    steering.obs = chain.obs;
    chain.steering = &steering;
    MDP_TRY(mdp_sampler_alloc(&sampler, d, chain.rows, 0, NULL));
    MDP_TRY(run_chain(c, d, &chain, &sampler));
    MDP_TRY(check_chain(c, &chain, "pred", chain.pred, MDP_BOUND_QGPO_GUIDED));
    MDP_TRY(check_chain(c, &chain, "guided", chain.guided, MDP_BOUND_QGPO_GUIDED));
    MDP_TRY(check_chain(c, &chain, "grad", chain.grad, MDP_BOUND_QGPO_SLOPE));
    MDP_TRY(verify_choice(c, guidance, &chain, sampler.states + (long)g->n_steps * sampler.max_rows * g->n_act));
out:
    mdp_sampler_free(&sampler);
    mdp_steering_free(&steering);
    chain_free(&chain);
    return err;
}

mdp_err mdp_verify_qgpo(struct mdp_verify_report *report, const char *path) {
    struct mdp_qgpo_case c = {.golden = {.path = path, .report = report}};
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *guidance = NULL;
    struct point point = {.obs = NULL};
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &c.golden.file));
    MDP_TRY(read_settings(&c));
    if (mdp_qgpo_modules(&c, c.golden.n_steps, &d, &guidance) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
    MDP_TRY(verify_init(&c, d, guidance));
    MDP_TRY(verify_schedule(&c, c.golden.n_steps));
    MDP_TRY(verify_schedule(&c, c.n_support_steps));
    MDP_TRY(point_read(&c, &point));
    MDP_TRY(verify_denoiser(&c, d, &point));
    MDP_TRY(verify_guidance(&c, guidance, &point));
    MDP_TRY(verify_support(&c));
    MDP_TRY(verify_acting(&c, d, guidance));
    MDP_TRY(mdp_qgpo_training(&c));
out:
    point_free(&point);
    mdp_diffusion_free(d);
    mdp_guidance_free(guidance);
    mdp_golden_close(&c.golden);
    return err;
}
