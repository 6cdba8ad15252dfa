/* the family of the bootstrap: index sets given, or drawn from a seed; one matrix, one sample, two matrices. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "bench/verify/stats_families.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "stats/bootstrap.h"
#include "stats/mt19937.h"

enum { N_LEVELS = 3, N_COLUMNS_MAX = 4, N_INDEX_HEAD = 256, N_REPLICATES_HEAD = 64 };

static const int levels[N_LEVELS] = {90, 95, 99};

/* one of the three kinds of resampling; each gives its statistics as columns, so that one check does for all */
struct resampling {
    struct mdp_scores x, y;
    struct mdp_bootstrap_plan plan;
    int n_columns;
    mdp_err (*compute)(const struct resampling *r, const struct mdp_bootstrap_plan *plan,
                       struct mdp_interval *intervals, int *is_degenerate);
    mdp_err (*replicate)(const struct resampling *r, double *out);
};

static mdp_err compute_matrix(const struct resampling *r, const struct mdp_bootstrap_plan *plan,
                              struct mdp_interval *intervals, int *is_degenerate) {
    struct mdp_bootstrap found;
    mdp_err err = mdp_bootstrap_compute(&r->x, plan, &found);
    if (err) return err;
    memcpy(intervals, found.interval, sizeof found.interval);
    *is_degenerate = found.is_degenerate;
    return MDP_OK;
}

static mdp_err replicate_matrix(const struct resampling *r, double *out) {
    return mdp_bootstrap_replicates(&r->x, &r->plan, out);
}

static mdp_err compute_sample(const struct resampling *r, const struct mdp_bootstrap_plan *plan,
                              struct mdp_interval *intervals, int *is_degenerate) {
    struct mdp_bootstrap_sample found;
    mdp_err err = mdp_bootstrap_sample_compute(r->x.values, r->x.n_runs, plan, &found);
    if (err) return err;
    memcpy(intervals, found.interval, sizeof found.interval);
    *is_degenerate = found.is_degenerate;
    return MDP_OK;
}

static mdp_err replicate_sample(const struct resampling *r, double *out) {
    return mdp_bootstrap_sample_replicates(r->x.values, r->x.n_runs, &r->plan, out);
}

static mdp_err compute_two(const struct resampling *r, const struct mdp_bootstrap_plan *plan,
                           struct mdp_interval *intervals, int *is_degenerate) {
    struct mdp_bootstrap_two found;
    mdp_err err = mdp_bootstrap_two_compute(&r->x, &r->y, plan, &found);
    if (err) return err;
    memcpy(intervals, found.interval, sizeof found.interval);
    *is_degenerate = found.is_degenerate;
    return MDP_OK;
}

static mdp_err replicate_two(const struct resampling *r, double *out) {
    return mdp_bootstrap_two_replicates(&r->x, &r->y, &r->plan, out);
}

/* ---- inputs ---- */

static mdp_err read_scores(struct mdp_case *c, const char *dataset, struct mdp_scores *scores) {
    double *values;
    mdp_err err = mdp_case_matrix(c, dataset, &values, &scores->n_runs, &scores->n_tasks);
    scores->values = values;
    return err;
}

static mdp_err read_index(struct mdp_case *c, const char *dataset, const struct mdp_scores *scores, long *n_replicates,
                          const int32_t **index) {
    struct mdp_h5_shape shape;
    int32_t *values;
    mdp_err err = mdp_case_integers(c, dataset, &shape, &values);
    if (err) return err;
    long n_tasks = shape.rank == 3 ? shape.extent[2] : 1;
    if (shape.rank < 2 || shape.rank > 3 || shape.extent[1] != scores->n_runs || n_tasks != scores->n_tasks)
        return mdp_fail(MDP_E_DATA, "%s: %s/%s: expected replicates of %ld runs x %ld tasks, found another shape",
                        c->path, c->name, dataset, scores->n_runs, scores->n_tasks);
    if (*n_replicates > 0 && shape.extent[0] != *n_replicates)
        return mdp_fail(MDP_E_DATA, "%s: %s/%s: expected %ld replicates, found %ld", c->path, c->name, dataset,
                        *n_replicates, shape.extent[0]);
    *n_replicates = shape.extent[0];
    *index = values;
    return MDP_OK;
}

/* statistics of a single sample are told from a matrix of one task by their names */
static mdp_err is_sample(struct mdp_case *c, int *out) {
    char columns[128] = "";
    mdp_err err = MDP_OK;
    if (mdp_h5_attr_exists(c->file, c->name, "columns"))
        err = mdp_h5_attr_text(c->file, c->name, "columns", columns, sizeof columns);
    *out = strstr(columns, "sd") != NULL;
    return err;
}

static mdp_err read_seed(struct mdp_case *c, struct mdp_bootstrap_plan *plan) {
    long seed;
    mdp_err err;
    MDP_TRY(mdp_case_count(c, "in/seed", 0, UINT32_MAX, &seed));
    MDP_TRY(mdp_case_count(c, "in/reps", 1, 10000000, &plan->n_replicates));
    plan->seed = (uint64_t)seed;
    plan->stream = MDP_BOOTSTRAP_NUMPY;
out:
    return err;
}

static mdp_err read_resampling(struct mdp_case *c, struct resampling *r) {
    int of_sample;
    mdp_err err;
    *r = (struct resampling){.n_columns = MDP_N_AGGREGATES, .compute = compute_matrix, .replicate = replicate_matrix};
    MDP_TRY(read_scores(c, "in/x", &r->x));
    MDP_TRY(is_sample(c, &of_sample));
    if (mdp_case_has(c, "in/y")) {
        r->n_columns = MDP_N_CONTRASTS;
        r->compute = compute_two;
        r->replicate = replicate_two;
        MDP_TRY(read_scores(c, "in/y", &r->y));
        MDP_TRY(read_index(c, "in/index_x", &r->x, &r->plan.n_replicates, &r->plan.index));
        MDP_TRY(read_index(c, "in/index_y", &r->y, &r->plan.n_replicates, &r->plan.index_y));
        return MDP_OK;
    }
    if (of_sample) {
        r->n_columns = MDP_N_SAMPLE_STATISTICS;
        r->compute = compute_sample;
        r->replicate = replicate_sample;
    }
    MDP_TRY(mdp_case_has(c, "in/seed") ? read_seed(c, &r->plan)
                                       : read_index(c, "in/index", &r->x, &r->plan.n_replicates, &r->plan.index));
out:
    return err;
}

/* ---- answers ---- */

/* which of our columns a case holds: all, or, of two matrices, the probability of improvement alone */
struct columns {
    int first, n;
};

static void answer_ends(struct mdp_case *c, const struct mdp_interval *intervals, const struct columns *columns,
                        const char *method, int level) {
    double ends[2 * N_COLUMNS_MAX];
    for (int i = 0; i < columns->n; i++) {
        const struct mdp_interval *interval = &intervals[columns->first + i];
        /* where the method is not defined the file holds NaN, we a flag and the percentile ends */
        ends[i] = interval->fell_back ? NAN : interval->low;
        ends[columns->n + i] = interval->fell_back ? NAN : interval->high;
    }
    mdp_case_answer_array(c, ends, 2 * columns->n, "%s%d", method, level);
}

static mdp_err answer_intervals(struct mdp_case *c, const struct resampling *r, const struct columns *columns) {
    struct mdp_interval intervals[N_COLUMNS_MAX];
    char name[MDP_CASE_NAME_MAX];
    for (int m = 0; m < MDP_N_INTERVALS; m++) {
        for (int k = 0; k < N_LEVELS; k++) {
            const char *method = mdp_interval_name((enum mdp_interval_method)m);
            struct mdp_bootstrap_plan plan = r->plan;
            int is_degenerate;
            snprintf(name, sizeof name, "out/%s%d", method, levels[k]);
            if (!mdp_case_has(c, name)) continue;
            plan.method = (enum mdp_interval_method)m;
            plan.level = levels[k] / 100.0;
            mdp_err err = r->compute(r, &plan, intervals, &is_degenerate);
            if (err) return err;
            answer_ends(c, intervals, columns, method, levels[k]);
        }
    }
    return MDP_OK;
}

static mdp_err jackknife_of(struct mdp_case *c, const struct resampling *r, double **jackknife) {
    mdp_err err;
    MDP_TRY(mdp_case_room(c, (unsigned long)(r->x.n_runs * r->n_columns), sizeof **jackknife, jackknife));
    MDP_TRY(r->compute == compute_sample ? mdp_jackknife_sample(r->x.values, r->x.n_runs, *jackknife)
                                         : mdp_jackknife(&r->x, 1, *jackknife));
out:
    return err;
}

/* how far rounding moves an acceleration that is computed in doubles, as those of the files are. let S be the sum of
 * u^2: a shift of all u by d moves it by d / (2 sqrt(S)), where the mean of n values of size s is off by n eps s / 2
 * and the values themselves by some eps s; sums of cubes are off by (n + 4) eps / 12. it decides only where cubes
 * cancel: of 2 runs, or a median of two values, the acceleration is 0, ours to 1e-30, the files' to 1e-15 */
static double acceleration_rounding(const double *jackknife, long n, int n_columns, int column) {
    double mean = 0, size = 0, squares = 0, count = (double)n;
    for (long i = 0; i < n; i++) mean += jackknife[i * n_columns + column] / count;
    for (long i = 0; i < n; i++) {
        double value = jackknife[i * n_columns + column];
        size = fmax(size, fabs(value));
        squares += (value - mean) * (value - mean);
    }
    return squares > 0 ? DBL_EPSILON * ((count + 8) * size / sqrt(squares) + count + 4) / 4 : 0;
}

/* the jackknife, and the acceleration that comes of it; two matrices have neither, nor have too few runs */
static mdp_err answer_jackknife(struct mdp_case *c, const struct resampling *r, const struct mdp_interval *intervals) {
    double accel[N_COLUMNS_MAX], *jackknife, *rounding;
    int n = r->n_columns, n_least = r->compute == compute_sample ? 3 : 2;
    mdp_err err;
    for (int i = 0; i < n; i++) accel[i] = intervals[i].accel;
    struct mdp_answer *answer = mdp_case_answer_array(c, accel, n, "accel");
    if (r->compute == compute_two || r->x.n_runs < n_least || !answer) return MDP_OK;
    MDP_TRY(mdp_case_room(c, N_COLUMNS_MAX, sizeof *rounding, &rounding));
    answer->rounding = rounding;
    MDP_TRY(jackknife_of(c, r, &jackknife));
    for (int i = 0; i < n; i++) rounding[i] = acceleration_rounding(jackknife, r->x.n_runs, n, i);
    mdp_case_answer_array(c, jackknife, r->x.n_runs * n, "jackknife");
out:
    return err;
}

static mdp_err answer_spread(struct mdp_case *c, const struct resampling *r, const struct columns *columns) {
    static const char *const names[5] = {"theta", "boot_mean", "boot_se", "z0_strict", "z0_mid"};
    struct mdp_bootstrap_plan plan = r->plan;
    struct mdp_interval intervals[N_COLUMNS_MAX];
    double values[N_COLUMNS_MAX];
    plan.method = r->compute == compute_two ? MDP_INTERVAL_PERCENTILE : MDP_INTERVAL_BCA_MID;
    mdp_err err = r->compute(r, &plan, intervals, &c->is_degenerate);
    for (int k = 0; !err && k < 5; k++) {
        for (int i = 0; i < columns->n; i++) {
            const struct mdp_interval *in = &intervals[columns->first + i];
            const double found[5] = {in->estimate, in->mean, in->se, in->z0_strict, in->z0_mid};
            values[i] = found[k];
        }
        mdp_case_answer_array(c, values, columns->n, "%s", names[k]);
    }
    return err ? err : answer_jackknife(c, r, intervals);
}

static mdp_err answer_replicates(struct mdp_case *c, const struct resampling *r, const struct columns *columns) {
    double *all, *kept;
    long n = r->plan.n_replicates;
    mdp_err err;
    MDP_TRY(mdp_case_room(c, (unsigned long)(n * r->n_columns), sizeof *all, &all));
    MDP_TRY(mdp_case_room(c, (unsigned long)(n * columns->n), sizeof *kept, &kept));
    MDP_TRY(r->replicate(r, all));
    for (long b = 0; b < n; b++)
        for (int i = 0; i < columns->n; i++) kept[b * columns->n + i] = all[b * r->n_columns + columns->first + i];
    mdp_case_answer_array(c, kept, n * columns->n, "replicates");
    long n_head = n < N_REPLICATES_HEAD ? n : N_REPLICATES_HEAD;
    mdp_case_answer_array(c, kept, n_head * columns->n, "replicates_head");
out:
    return err;
}

/* the first draws of NumPy's stream */
static void answer_index_head(struct mdp_case *c, const struct resampling *r) {
    struct mdp_mt19937 generator;
    int32_t index[N_INDEX_HEAD];
    double head[N_INDEX_HEAD];
    long n = r->plan.n_replicates * r->x.n_runs * r->x.n_tasks;
    mdp_mt19937_seed(&generator, (uint32_t)r->plan.seed);
    mdp_mt19937_indices(&generator, (uint32_t)r->x.n_runs, index, N_INDEX_HEAD);
    for (int i = 0; i < N_INDEX_HEAD; i++) head[i] = index[i];
    mdp_case_answer_array(c, head, n < N_INDEX_HEAD ? n : N_INDEX_HEAD, "index_head");
}

mdp_err mdp_answer_bootstrap(struct mdp_case *c) {
    struct resampling r;
    mdp_err err;
    MDP_TRY(read_resampling(c, &r));
    struct columns columns = {0, r.n_columns};
    struct mdp_h5_shape shape = {1, {0}};
    char path[MDP_CASE_PATH_MAX];
    snprintf(path, sizeof path, "%s/out/theta", c->name);
    if (mdp_h5_exists(c->file, path)) MDP_TRY(mdp_h5_shape(c->file, path, &shape));
    if (r.compute == compute_two && shape.rank == 0) columns = (struct columns){MDP_CONTRAST_POI, 1};
    MDP_TRY(answer_spread(c, &r, &columns));
    MDP_TRY(answer_intervals(c, &r, &columns));
    MDP_TRY(answer_replicates(c, &r, &columns));
    if (r.plan.stream == MDP_BOOTSTRAP_NUMPY) answer_index_head(c, &r);
out:
    return err;
}
