#include "bench/verify/window_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

static const char *const precisions[2] = {"f32", "f64"};

/* ---- settings ---- */

static mdp_err read_fact(struct mdp_window_case *c, const struct mdp_window_fact *fact) {
    double value;
    mdp_err err = mdp_h5_attr_real(c->golden.file, "/", fact->name, &value);
    if (err != MDP_OK) return err;
    if (!(value >= fact->low && value <= fact->high) || (fact->whole != NULL && value != floor(value)))
        return mdp_fail(MDP_E_DATA, "%s: attribute %s: expected %s from %g to %g, found %g", c->golden.path, fact->name,
                        fact->whole != NULL ? "a whole number" : "a number", fact->low, fact->high, value);
    if (fact->whole != NULL)
        *fact->whole = (int)value;
    else
        *fact->real = value;
    return MDP_OK;
}

mdp_err mdp_window_case_open(struct mdp_window_case *c, const char *path, struct mdp_verify_report *report,
                             const struct mdp_window_fact *facts, int n) {
    mdp_err err;
    int is_stored = 0, seed = 0;
    const struct mdp_window_fact common[] = {{"weights_stored", 0, 1, &is_stored, NULL},
                                             {"seed", 0, 1 << 27, &seed, NULL}};
    *c = (struct mdp_window_case){.golden = {.path = path, .report = report}};
    MDP_TRY(mdp_h5_open(path, &c->golden.file));
    for (int i = 0; i < 2; i++) MDP_TRY(read_fact(c, &common[i]));
    for (int i = 0; i < n; i++) MDP_TRY(read_fact(c, &facts[i]));
    c->is_full = !is_stored;
    c->seed = c->golden.seed = seed;
out:
    if (err != MDP_OK) mdp_golden_close(&c->golden);
    return err;
}

mdp_err mdp_window_case_solver(const struct mdp_window_case *c, const char *name, const struct mdp_solver **solver,
                               double *weight) {
    char found[64], *end = NULL;
    const char *mark = strstr(name, "_w");
    snprintf(found, sizeof found, "%.*s", mark != NULL ? (int)(mark - name) : 0, name);
    *weight = mark != NULL ? strtod(mark + 2, &end) : NAN;
    if (mark == NULL || end == mark + 2 || *end != '\0' || !isfinite(*weight) ||
        mdp_solver_find(found, solver) != MDP_OK)
        return mdp_fail(MDP_E_DATA, "%s: sample_extra/%s: expected a solver and _w with a weight", c->golden.path,
                        name);
    return MDP_OK;
}

/* ---- weights ---- */

static float weight(const struct mdp_graph_param *param, double s) {
    switch (param->kind) {
    case MDP_GRAPH_NORM_WEIGHT: return (float)(1 + (double)0.1f * s);
    case MDP_GRAPH_NORM_BIAS: return (float)((double)0.1f * s);
    case MDP_GRAPH_FIXED: return (float)(16 * s);
    default: return (float)((double)(float)(1 / sqrt(param->fan_in)) * s);
    }
}

void mdp_window_case_weights(const struct mdp_window_case *c, enum mdp_window_module module,
                             const struct mdp_graph *graph, float *block) {
    int is_average = module == MDP_WINDOW_DENOISER_EMA || module == MDP_WINDOW_SECOND_EMA;
    for (int i = 0; i < graph->n_params; i++) {
        const struct mdp_graph_param *param = &graph->params[i];
        int fixed = param->kind == MDP_GRAPH_FIXED;
        for (long j = 0; j < param->n; j++) {
            double u = mdp_golden_uniform(c->seed, (int)module - (fixed && is_average), param->offset + j);
            block[param->offset + mdp_graph_place(param, j)] = weight(param, 2 * u - 1);
        }
    }
}

/* ---- comparing ---- */

static const char *path_of(char path[MDP_H5_NAME_MAX], int precision, const char *name) {
    snprintf(path, MDP_H5_NAME_MAX, "%s/%s", precisions[precision], name);
    return path;
}

int mdp_window_case_has(const struct mdp_window_case *c, const char *name) {
    char path[MDP_H5_NAME_MAX];
    return mdp_h5_exists(c->golden.file, path_of(path, 1, name));
}

/* compares as they are, or as ratios to the stored ones */
static mdp_err compare(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *shape, const double *got,
                       enum mdp_bound bound, int as_ratios) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    double *want = NULL;
    char path[MDP_H5_NAME_MAX];
    mdp_quantity_start(&quantity, "%s", name);
    for (int p = 0; p < 2; p++) {
        /* what is there in double only is compared with that */
        if (p == 0 && !mdp_h5_exists(c->golden.file, path_of(path, p, name))) continue;
        MDP_TRY(mdp_golden_read_wanted(&c->golden, path_of(path, p, name), shape, 0, &want));
        for (long i = 0; i < mdp_h5_count(shape); i++)
            mdp_quantity_compare_at(&quantity, p, path, i, as_ratios ? got[i] / want[i] : got[i],
                                    as_ratios ? 1 : want[i], bound);
        free(want);
        want = NULL;
    }
    mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
out:
    free(want);
    return err;
}

mdp_err mdp_window_case_check(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *shape,
                              const double *got, enum mdp_bound bound) {
    return compare(c, name, shape, got, bound, 0);
}

mdp_err mdp_window_case_check_floats(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *shape,
                                     const float *got, enum mdp_bound bound) {
    double *wide = NULL;
    long n = mdp_h5_count(shape);
    mdp_err err = mdp_calloc(&wide, (unsigned long)n, sizeof *wide, name);
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++) wide[i] = got[i];
    err = compare(c, name, shape, wide, bound, 0);
    free(wide);
    return err;
}

/* errors of n entries come to sqrt(n) as much in their sum, and to the same in the root of their mean square */
static void root_means(long n, double *digest) {
    digest[0] /= sqrt((double)n);
    digest[1] = sqrt(digest[1] / (double)n);
    digest[2] /= sqrt((double)n);
}

mdp_err mdp_window_case_check_digest(struct mdp_window_case *c, const char *name, const float *values, long n,
                                     enum mdp_bound bound) {
    struct mdp_quantity quantity;
    double got[MDP_WINDOW_DIGEST], *want = NULL;
    char path[MDP_H5_NAME_MAX];
    mdp_err err = MDP_OK;
    mdp_quantity_start(&quantity, "%s", name);
    for (int p = 0; p < 2; p++) {
        MDP_TRY(mdp_golden_read_wanted(&c->golden, path_of(path, p, name), MDP_H5_1D(MDP_WINDOW_DIGEST), 0, &want));
        mdp_golden_digest(values, n, MDP_WINDOW_DIGEST, got);
        root_means(n, got);
        root_means(n, want);
        mdp_quantity_compare(&quantity, p, path, MDP_WINDOW_DIGEST, got, want, bound);
        free(want);
        want = NULL;
    }
    mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
out:
    free(want);
    return err;
}

mdp_err mdp_window_case_check_some(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *all,
                                   const float *got, enum mdp_bound bound) {
    struct mdp_h5_shape shape, any = *all;
    char path[MDP_H5_NAME_MAX];
    float *some = NULL;
    int axis = all->rank == 4;
    long n = mdp_h5_count(all) / all->extent[axis], n_steps = axis > 0 ? all->extent[0] : 1;
    mdp_err err;
    any.extent[axis] = -1;
    MDP_TRY(mdp_h5_expect(c->golden.file, path_of(path, 1, name), &any));
    MDP_TRY(mdp_h5_shape(c->golden.file, path, &shape));
    long rows = shape.extent[axis];
    if (rows > all->extent[axis])
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected at most %ld rows, found %ld", c->golden.path, path,
                         all->extent[axis], rows));
    n /= n_steps;
    MDP_TRY(mdp_calloc(&some, (unsigned long)(n_steps * rows * n) + 1, sizeof *some, name));
    for (long i = 0; i < n_steps; i++)
        memcpy(some + i * rows * n, got + i * all->extent[axis] * n, (size_t)(rows * n) * sizeof *some);
    MDP_TRY(mdp_window_case_check_floats(c, name, &shape, some, bound));
out:
    free(some);
    return err;
}

mdp_err mdp_window_case_check_ratios(struct mdp_window_case *c, const char *name, long n, const double *got,
                                     enum mdp_bound bound) {
    return compare(c, name, MDP_H5_1D(n), got, bound, 1);
}

/* ---- blocks of parameters ---- */

/* a block in native order, with what the optimiser knows of each entry */
struct native {
    float *values, *squares; /* [n_floats]; squares NULL without steps */
    const struct mdp_window_block_check *how;
};

/* Adam's direction is arbitrary where gradients are of round-off size, as those of keys' biases are: such an entry may
 * differ by 2 lr a step, as in golden.c */
static int is_excused(const struct native *native, long i, double error) {
    static const double round_off = 1.6e-6;
    if (native->squares == NULL) return 0;
    const struct mdp_adam *adam = &native->how->trained->adam;
    double steps = (double)adam->step, rms = sqrt(native->squares[i] / (1 - pow(0.999, steps)));
    return rms > 0 && rms < round_off && error <= 2 * native->how->lr * steps;
}

static void compare_entry(struct mdp_quantity *quantity, const char *path, long element, const struct native *native,
                          long i, double want) {
    double got = native->values[i], error = fabs(got - want);
    if (error > mdp_bound_value(native->how->entries) && is_excused(native, i, error))
        quantity->n_excused++;
    else
        mdp_quantity_compare_at(quantity, 1, path, element, got, want, native->how->entries);
}

/* what entries of a parameter that may have gone anywhere can make of its sums */
static double slack_of(const struct native *native, const struct mdp_graph_param *param) {
    double most = 0;
    long n = 0;
    for (long i = param->offset; i < param->offset + param->n; i++) {
        most = fmax(most, fabs((double)native->values[i]));
        n += is_excused(native, i, 0);
    }
    return n > 0 ? (double)n * (1 + 2 * most) * 2 * native->how->lr * (double)native->how->trained->adam.step : 0;
}

static void compare_sums(struct mdp_quantity *quantity, const char *path, long row, const struct native *native,
                         const struct mdp_graph_param *param, double got[3], double want[3]) {
    enum mdp_bound bound = native->how->is_gradient ? native->how->entries : native->how->sums;
    if (native->how->is_gradient) {
        root_means(param->n, got);
        root_means(param->n, want);
    }
    for (long j = 0; j < 3; j++) {
        double error = fabs(got[j] - want[j]);
        if (error > mdp_bound_value(bound) && error <= slack_of(native, param))
            quantity->n_excused++;
        else
            mdp_quantity_compare_at(quantity, 1, path, row * MDP_WINDOW_DIGEST + j, got[j], want[j], bound);
    }
}

static void compare_digest(struct mdp_quantity *quantity, const char *path, long row, const struct native *native,
                           const struct mdp_graph_param *param, double *want) {
    enum { N_SUMS = 3, N_ENTRIES = MDP_WINDOW_DIGEST - N_SUMS };
    double digest[MDP_WINDOW_DIGEST];
    mdp_golden_digest(native->values + param->offset, param->n, MDP_WINDOW_DIGEST, digest);
    compare_sums(quantity, path, row, native, param, digest, want);
    for (long j = 0; j < N_ENTRIES; j++)
        compare_entry(quantity, path, row * MDP_WINDOW_DIGEST + N_SUMS + j, native,
                      param->offset + j * param->n / N_ENTRIES, want[N_SUMS + j]);
}

/* one stored array, whole or as digests */
static mdp_err compare_stored(struct mdp_window_case *c, struct mdp_quantity *quantity, const char *path,
                              const struct native *native) {
    const struct mdp_graph *graph = native->how->graph;
    struct mdp_h5_shape shape;
    double *want = NULL;
    long skipped = native->how->is_gradient ? graph->n_fixed : 0, row = 0;
    mdp_err err;
    MDP_TRY(mdp_h5_shape(c->golden.file, path, &shape));
    int is_digest = shape.rank == 2, n_fixed = graph->n_fixed > 0 && graph->params[0].kind == MDP_GRAPH_FIXED;
    MDP_TRY(mdp_golden_read_wanted(&c->golden, path,
                                   is_digest ? MDP_H5_2D(graph->n_params - (skipped > 0), MDP_WINDOW_DIGEST)
                                             : MDP_H5_1D(graph->n_floats - skipped),
                                   0, &want));
    for (int i = 0; i < graph->n_params; i++) {
        const struct mdp_graph_param *param = &graph->params[i];
        int is_fixed = i < n_fixed;
        if (is_fixed && skipped > 0) continue;
        if (is_digest) compare_digest(quantity, path, row, native, param, want + row * MDP_WINDOW_DIGEST);
        for (long j = 0; !is_digest && j < param->n; j++)
            compare_entry(quantity, path, param->offset - skipped + j, native, param->offset + j,
                          want[param->offset - skipped + j]);
        row++;
    }
out:
    free(want);
    return err;
}

/* both blocks have what is fixed in front, the optimiser's has not */
static mdp_err to_native(struct native *native, const float *block) {
    const struct mdp_window_block_check *how = native->how;
    const struct mdp_graph *graph = how->graph;
    unsigned long n = (unsigned long)graph->n_floats;
    float *squares = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&native->values, n, sizeof(float), "parameters"));
    mdp_graph_to_native(graph, block, native->values);
    if (how->trained == NULL) goto out;
    MDP_TRY(mdp_calloc(&squares, n, sizeof(float), "parameters"));
    MDP_TRY(mdp_calloc(&native->squares, n, sizeof(float), "parameters"));
    memcpy(squares + graph->n_fixed, how->trained->adam.v, (size_t)how->trained->adam.n * sizeof(float));
    mdp_graph_to_native(graph, squares, native->squares);
out:
    free(squares);
    return err;
}

mdp_err mdp_window_case_check_block(struct mdp_window_case *c, const char *name, const float *block,
                                    const struct mdp_window_block_check *how) {
    mdp_err err;
    struct native native = {.how = how};
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    mdp_quantity_start(&quantity, "%s", name);
    MDP_TRY(to_native(&native, block));
    MDP_TRY(compare_stored(c, &quantity, path_of(path, 1, name), &native));
    mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
out:
    free(native.values);
    free(native.squares);
    return err;
}

mdp_err mdp_window_case_check_init(struct mdp_window_case *c, const char *name, const struct mdp_graph *graph,
                                   const float *block) {
    const struct mdp_window_block_check how = {.graph = graph, .entries = MDP_BOUND_EXACT, .sums = MDP_BOUND_DOUBLE};
    struct native native = {.how = &how};
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    mdp_err err;
    snprintf(path, sizeof path, "init/%s", name);
    mdp_quantity_start(&quantity, "%s", path);
    MDP_TRY(to_native(&native, block));
    MDP_TRY(compare_stored(c, &quantity, path, &native));
    mdp_verify_report_quantity(c->golden.report, c->golden.path, &quantity);
out:
    free(native.values);
    return err;
}
