#include "bench/verify/golden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/read.h"

static const char *const precisions[2] = {"f32", "f64"};

/* from this width on the bounds of full-size networks hold */
enum { WIDE = 128 };

/* ---- settings ---- */

static mdp_err read_int(struct mdp_golden *g, const char *name, int64_t low, int64_t high, int64_t *out) {
    mdp_err err = mdp_h5_attr_int(g->file, "/", name, out);
    if (err == MDP_OK && (*out < low || *out > high))
        return mdp_fail(MDP_E_DATA, "%s: attribute %s: expected %lld to %lld, found %lld", g->path, name,
                        (long long)low, (long long)high, (long long)*out);
    return err;
}

/* sizes from a file are held to ranges before memory is taken for them */
static mdp_err read_ints(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    const struct {
        const char *name;
        int64_t low, high;
        int *target;
    } ints[] = {{"o", 1, 1024, &g->n_obs},
                {"a", 1, 256, &g->n_act},
                {"emb", 2, 1024, &g->n_emb},
                {"H", 1, 4096, &g->n_hidden},
                {"Hc", 1, 4096, &g->n_critic},
                {"B", 1, 65536, &g->batch},
                {"K", 1, 1000, &g->n_steps_run},
                {"T", 2, MDP_SCHEDULE_MAX, &g->n_times},
                {"S", 1, MDP_SCHEDULE_MAX, &g->n_steps},
                {"ne", 1, 4096, &g->n_states},
                {"nc", 1, 4096, &g->n_candidates}};
    for (unsigned long i = 0; i < sizeof ints / sizeof *ints; i++) {
        int64_t value;
        MDP_TRY(read_int(g, ints[i].name, ints[i].low, ints[i].high, &value));
        *ints[i].target = (int)value;
    }
    int64_t is_stored, n_blocks = 1;
    if (g->algorithm->denoiser == MDP_DENOISER_RESNET) MDP_TRY(read_int(g, "blocks", 1, MDP_RESNET_MAX, &n_blocks));
    g->n_blocks = (int)n_blocks;
    MDP_TRY(read_int(g, "weights_stored", 0, 1, &is_stored));
    g->is_full = !is_stored;
    MDP_TRY(read_int(g, "seed", 0, (int64_t)1 << 27, &g->seed));
    MDP_TRY(read_int(g, "n0", 0, (int64_t)1 << 40, &g->first_step));
    MDP_TRY(read_int(g, "Tmax", 1, (int64_t)1 << 40, &g->lr_steps));
    if (g->n_emb % 2 != 0)
        return mdp_fail(MDP_E_DATA, "%s: attribute emb: expected an even number, found %d", g->path, g->n_emb);
out:
    return err;
}

static mdp_err read_reals(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    const struct {
        const char *name;
        double low, high;
        double *target;
    } reals[] = {{"discount", 0, 1, &g->discount},
                 {"eta", -1e6, 1e6, &g->eta},
                 {"lr", 0, 1, &g->lr},
                 {"weight_decay_actor", 0, 1, &g->decay},
                 {"ema", 0, 1, &g->ema_keep}};
    for (unsigned long i = 0; i < sizeof reals / sizeof *reals; i++) {
        MDP_TRY(mdp_h5_attr_real(g->file, "/", reals[i].name, reals[i].target));
        if (!(*reals[i].target >= reals[i].low && *reals[i].target <= reals[i].high))
            return mdp_fail(MDP_E_DATA, "%s: attribute %s: expected %g to %g, found %g", g->path, reals[i].name,
                            reals[i].low, reals[i].high, *reals[i].target);
    }
out:
    return err;
}

mdp_err mdp_golden_open(const char *path, struct mdp_verify_report *report, struct mdp_golden *golden) {
    mdp_err err = MDP_OK;
    char solver[64], algorithm[64];
    *golden = (struct mdp_golden){.path = path, .report = report};
    MDP_TRY(mdp_h5_open(path, &golden->file));
    MDP_TRY(mdp_h5_attr_text(golden->file, "/", "alg", algorithm, sizeof algorithm));
    if ((err = mdp_algorithm_find(algorithm, &golden->algorithm)) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: attribute alg", path));
    if (golden->algorithm->planning != NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: attribute alg: expected an algorithm that acts step by step, found %s", path,
                         algorithm));
    if (golden->algorithm->guidance->needs_support)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: attribute alg: expected an algorithm with these objects, found %s", path,
                         algorithm));
    MDP_TRY(read_ints(golden));
    MDP_TRY(read_reals(golden));
    MDP_TRY(mdp_h5_attr_text(golden->file, "/", "solver", solver, sizeof solver));
    if ((err = mdp_solver_find(solver, &golden->solver)) != MDP_OK)
        err = mdp_fail_context(MDP_E_DATA, "%s: attribute solver", path);
out:
    if (err != MDP_OK) mdp_golden_close(golden);
    return err;
}

void mdp_golden_close(struct mdp_golden *golden) {
    mdp_h5_close(golden->file);
    golden->file = NULL;
}

/* ---- weights ---- */

/* the finaliser of the splitmix64 sequence. Source: Steele, Lea, Flood 2014 */
static uint64_t mix(uint64_t x) {
    uint64_t z = x + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static float weight(const struct mdp_param *param, double s) {
    switch (param->kind) {
    case MDP_PARAM_NORM_WEIGHT: return (float)(1 + (double)0.1f * s);
    case MDP_PARAM_NORM_BIAS: return (float)((double)0.1f * s);
    case MDP_PARAM_FREQUENCIES: return (float)(16 * s);
    default: return (float)((double)(float)(1 / sqrt(param->fan_in)) * s);
    }
}

double mdp_golden_uniform(int64_t seed, int module, long g) {
    uint64_t base = ((uint64_t)seed * 16 + (uint64_t)module) << 32;
    return (double)(mix(base + (uint64_t)g) >> 40) * 0x1p-24;
}

void mdp_golden_weights(const struct mdp_golden *golden, enum mdp_golden_module module, const struct mdp_layout *layout,
                        float *block) {
    long g = 0;
    for (int i = 0; i < layout->n; i++) {
        const struct mdp_param *param = &layout->params[i];
        long n = (long)param->rows * param->cols;
        for (long j = 0; j < n; j++, g++)
            block[param->offset + j] = weight(param, 2 * mdp_golden_uniform(golden->seed, (int)module, g) - 1);
    }
}

void mdp_golden_digest(const float *values, long n, int n_digest, double *out) {
    enum { N_SUMS = 3 };
    /* wide sums: over a quarter of a million values a double's own rounding shows in the digest */
    long double sum = 0, squares = 0, waves = 0;
    for (long i = 0; i < n; i++) {
        double v = values[i];
        sum += v;
        squares += v * v;
        waves += v * cos((double)(i + 1));
    }
    out[0] = (double)sum;
    out[1] = (double)squares;
    out[2] = (double)waves;
    for (long j = 0; j < n_digest - N_SUMS; j++) out[N_SUMS + j] = values[j * n / (n_digest - N_SUMS)];
}

/* ---- comparing ---- */

enum mdp_bound mdp_golden_bound(const struct mdp_golden *golden, enum mdp_bound small, enum mdp_bound full) {
    return golden->is_full || golden->n_hidden >= WIDE || golden->n_critic >= WIDE ? full : small;
}

static mdp_err check_finite(const struct mdp_golden *g, const char *name, long i, double value) {
    return mdp_fail(MDP_E_DATA, "%s: %s: expected finite numbers, found %g in element %ld", g->path, name, value, i);
}

mdp_err mdp_golden_read(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape, float **out) {
    mdp_err err = mdp_h5_read_new(golden->file, name, MDP_H5_F32, shape, NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < mdp_h5_count(shape); i++)
        if (!isfinite((*out)[i])) return check_finite(golden, name, i, (*out)[i]);
    return MDP_OK;
}

mdp_err mdp_golden_read_uniform(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape,
                                double **out) {
    mdp_err err = mdp_h5_read_new(golden->file, name, MDP_H5_F64, shape, NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < mdp_h5_count(shape); i++)
        if (!((*out)[i] >= 0 && (*out)[i] <= 1))
            return mdp_fail(MDP_E_DATA, "%s: %s: element %ld: expected 0 to 1, found %g", golden->path, name, i,
                            (*out)[i]);
    return MDP_OK;
}

mdp_err mdp_golden_read_wanted(struct mdp_golden *golden, const char *path, const struct mdp_h5_shape *shape,
                               int may_be_nan, double **out) {
    mdp_err err = mdp_h5_read_new(golden->file, path, MDP_H5_F64, shape, NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < mdp_h5_count(shape); i++)
        if (!isfinite((*out)[i]) && !(may_be_nan && isnan((*out)[i]))) return check_finite(golden, path, i, (*out)[i]);
    return MDP_OK;
}

mdp_err mdp_golden_compare(struct mdp_golden *golden, struct mdp_quantity *quantity, const char *name,
                           const struct mdp_h5_shape *shape, const double *got, enum mdp_bound bound, int may_be_nan) {
    mdp_err err = MDP_OK;
    double *want = NULL;
    char path[MDP_H5_NAME_MAX];
    for (int p = 0; p < 2; p++) {
        snprintf(path, sizeof path, "%s/%s", precisions[p], name);
        MDP_TRY(mdp_golden_read_wanted(golden, path, shape, may_be_nan, &want));
        mdp_quantity_compare(quantity, p, path, mdp_h5_count(shape), got, want, bound);
        free(want);
        want = NULL;
    }
out:
    free(want);
    return err;
}

mdp_err mdp_golden_check(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape,
                         const float *got, enum mdp_bound bound) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    double *wide = NULL;
    long n = mdp_h5_count(shape);
    mdp_quantity_start(&quantity, "%s", name);
    MDP_TRY(mdp_calloc(&wide, (unsigned long)n, sizeof *wide, name));
    for (long i = 0; i < n; i++) wide[i] = got[i];
    MDP_TRY(mdp_golden_compare(golden, &quantity, name, shape, wide, bound, 0));
    mdp_verify_report_quantity(golden->report, golden->path, &quantity);
out:
    free(wide);
    return err;
}

static struct mdp_h5_shape shape_of(const struct mdp_param *param) {
    if (param->kind == MDP_PARAM_WEIGHT) return (struct mdp_h5_shape){2, {param->rows, param->cols}};
    return (struct mdp_h5_shape){1, {param->rows}};
}

/* Adam divides by sqrt(v): where a parameter's gradients are of round-off size their direction is arbitrary, and SPEC
 * 11 allows it to differ by 2 lr a step. such an entry is taken out of the comparison, and counted */
int mdp_golden_excuses(const struct mdp_golden_steps *steps, long i, double error) {
    static const double round_off = 1.6e-6; /* rounding of an entry of a gradient, SPEC 11 */
    if (steps == NULL) return 0;
    if (steps->least != NULL)
        return fabs((double)steps->least[i]) < steps->round_off && error <= 2 * steps->lr * (double)steps->adam->step;
    double rms = sqrt(steps->adam->v[i] / (1 - pow(0.999, (double)steps->adam->step)));
    return rms > 0 && rms < round_off && error <= 2 * steps->lr * (double)steps->adam->step;
}

/* n_entries spread over a parameter of n values, which lies at `offset` of its block */
static void compare_entries(struct mdp_quantity *quantity, int precision, const char *path, const float *values, long n,
                            long n_entries, const double *want, enum mdp_bound bound,
                            const struct mdp_golden_steps *steps, long offset) {
    for (long j = 0; j < n_entries; j++) {
        long i = j * n / n_entries;
        double got = values[i], error = fabs(got - want[j]);
        if (error > mdp_bound_value(bound) && mdp_golden_excuses(steps, offset + i, error))
            quantity->n_excused++;
        else
            mdp_quantity_compare_at(quantity, precision, path, j, got, want[j], bound);
    }
}

/* one stored array of a parameter, whole or as a digest, against a parameter of ours */
static mdp_err compare_param(struct mdp_golden *g, struct mdp_quantity *quantity, int precision, const char *path,
                             const struct mdp_param *param, const float *block, enum mdp_bound bound,
                             enum mdp_bound sum_bound, const struct mdp_golden_steps *steps) {
    enum { N_SUMS = 3 };
    double digest[MDP_DIGEST], *want = NULL;
    struct mdp_h5_shape shape = g->is_full ? *MDP_H5_1D(MDP_DIGEST) : shape_of(param);
    const float *values = block + param->offset;
    long n = (long)param->rows * param->cols;
    mdp_err err = mdp_golden_read_wanted(g, path, &shape, 0, &want);
    if (err != MDP_OK) goto out;
    if (g->is_full) {
        mdp_golden_digest(values, n, MDP_DIGEST, digest);
        mdp_quantity_compare(quantity, precision, path, N_SUMS, digest, want, sum_bound);
        compare_entries(quantity, precision, path, values, n, MDP_DIGEST - N_SUMS, want + N_SUMS, bound, steps,
                        param->offset);
    } else {
        compare_entries(quantity, precision, path, values, n, n, want, bound, steps, param->offset);
    }
out:
    free(want);
    return err;
}

mdp_err mdp_golden_check_block(struct mdp_golden *golden, const char *group, const struct mdp_layout *layout,
                               const float *block, enum mdp_bound bound, enum mdp_bound sum_bound,
                               const struct mdp_golden_steps *steps) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    mdp_quantity_start(&quantity, "%s", group);
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < layout->n; i++) {
            snprintf(path, sizeof path, "%s/%s/%s", precisions[p], group, layout->params[i].name);
            MDP_TRY(compare_param(golden, &quantity, p, path, &layout->params[i], block, bound, sum_bound, steps));
        }
    mdp_verify_report_quantity(golden->report, golden->path, &quantity);
out:
    return err;
}

mdp_err mdp_golden_check_init(struct mdp_golden *golden, const char *group, const struct mdp_layout *layout,
                              const float *block) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    mdp_quantity_start(&quantity, "init/%s", group);
    for (int i = 0; i < layout->n; i++) {
        snprintf(path, sizeof path, "init/%s/%s", group, layout->params[i].name);
        MDP_TRY(compare_param(golden, &quantity, 0, path, &layout->params[i], block, MDP_BOUND_EXACT, MDP_BOUND_DOUBLE,
                              NULL));
    }
    mdp_verify_report_quantity(golden->report, golden->path, &quantity);
out:
    return err;
}
