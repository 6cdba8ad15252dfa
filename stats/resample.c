/* replicates in blocks: index sets are drawn (by one thread from NumPy's stream), then all threads work on them. */
#include "stats/resample.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "stats/check.h"
#include "stats/draw.h"
#include "stats/moments.h"
#include "stats/mt19937.h"
#include "stats/sort.h"
#include "stats/tails.h"

enum { MAX_REPLICATES = 10000000, BLOCK_INDICES = 1 << 16, BLOCK_LEAST = 16 };

struct mdp_bootstrap_plan mdp_resample_defaults(const struct mdp_bootstrap_plan *plan) {
    struct mdp_bootstrap_plan full = *plan;
    if (full.n_replicates == 0) full.n_replicates = MDP_BOOTSTRAP_REPLICATES;
    if (full.level == 0) full.level = 0.95;
    if (full.gamma == 0) full.gamma = 1;
    if (full.n_threads == 0) full.n_threads = omp_get_max_threads();
    return full;
}

static long cells_of(const struct mdp_resample_set *set) { return set->n_runs * set->n_tasks; }

static mdp_err check_index(const struct mdp_resample_set *set, long n_replicates) {
    long n = set->given ? n_replicates * cells_of(set) : 0;
    for (long i = 0; i < n; i++) {
        if (set->given[i] < 0 || set->given[i] >= set->n_runs)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "index: expected 0 to %ld, found %d at %ld", set->n_runs - 1,
                              (int)set->given[i], i);
    }
    return MDP_OK;
}

mdp_err mdp_resample_check(const struct mdp_resample *resample, const struct mdp_bootstrap_plan *plan) {
    mdp_err err;
    MDP_TRY(mdp_check_range("replicates", (double)plan->n_replicates, 1, MAX_REPLICATES));
    MDP_TRY(mdp_check_range("level", plan->level, nextafter(0, 1), nextafter(1, 0)));
    MDP_TRY(mdp_check_range("gamma", plan->gamma, -DBL_MAX, DBL_MAX));
    MDP_TRY(mdp_check_range("threads", plan->n_threads, 1, 4096));
    if (plan->stream == MDP_BOOTSTRAP_NUMPY)
        MDP_TRY(mdp_check_range("seed of the NumPy stream", (double)plan->seed, 0, UINT32_MAX));
    for (int i = 0; i < resample->n_sets; i++) {
        MDP_TRY(mdp_check_range("runs", (double)resample->sets[i].n_runs, 1, INT32_MAX));
        MDP_TRY(check_index(&resample->sets[i], plan->n_replicates));
    }
out:
    return err;
}

/* where replicate b's index sets lie in a block that starts at `first`; drawn there by the fast stream */
static void locate(const struct mdp_resample *resample, const struct mdp_bootstrap_plan *plan, long b, int32_t *drawn,
                   const int32_t *index[MDP_RESAMPLE_SETS]) {
    for (int i = 0; i < resample->n_sets; i++) {
        const struct mdp_resample_set *set = &resample->sets[i];
        index[i] = set->given ? set->given + b * cells_of(set) : drawn;
        const struct mdp_draws draws = {plan->seed, (uint32_t)set->n_runs, i};
        if (!set->given && plan->stream == MDP_BOOTSTRAP_FAST) mdp_draw(&draws, (uint32_t)b, drawn, cells_of(set));
        drawn += cells_of(set);
    }
}

static void draw_numpy(const struct mdp_resample *resample, struct mdp_mt19937 *generator, int32_t *drawn) {
    for (int i = 0; i < resample->n_sets; i++) {
        const struct mdp_resample_set *set = &resample->sets[i];
        mdp_mt19937_indices(generator, (uint32_t)set->n_runs, drawn, cells_of(set));
        drawn += cells_of(set);
    }
}

mdp_err mdp_resample_run(const struct mdp_resample *resample, const struct mdp_bootstrap_plan *plan, double *out) {
    double *scratch = NULL;
    int32_t *drawn = NULL;
    struct mdp_mt19937 generator;
    mdp_err err;
    long n_cells = 0, n_replicates = plan->n_replicates;
    for (int i = 0; i < resample->n_sets; i++) n_cells += cells_of(&resample->sets[i]);
    long n_block = BLOCK_INDICES / n_cells > BLOCK_LEAST ? BLOCK_INDICES / n_cells : BLOCK_LEAST;
    MDP_TRY(mdp_calloc(&scratch, (unsigned long)(plan->n_threads * resample->n_scratch), sizeof *scratch, "bootstrap"));
    MDP_TRY(mdp_calloc(&drawn, (unsigned long)(n_block * n_cells), sizeof *drawn, "bootstrap index"));
    mdp_mt19937_seed(&generator, (uint32_t)plan->seed);
    for (long first = 0; first < n_replicates; first += n_block) {
        long end = first + n_block < n_replicates ? first + n_block : n_replicates;
        if (plan->stream == MDP_BOOTSTRAP_NUMPY)
            for (long b = first; b < end; b++) draw_numpy(resample, &generator, drawn + (b - first) * n_cells);
#pragma omp parallel for schedule(static) num_threads(plan->n_threads)
        for (long b = first; b < end; b++) {
            const int32_t *index[MDP_RESAMPLE_SETS] = {NULL};
            locate(resample, plan, b, drawn + (b - first) * n_cells, index);
            resample->work(resample->context, index, scratch + omp_get_thread_num() * resample->n_scratch,
                           out + b * resample->n_out);
        }
    }
out:
    free(scratch);
    free(drawn);
    return err;
}

/* mean and standard error of replicates: in plain doubles where their squares fit, else by the exact moments */
static mdp_err describe(const double *values, long n, struct mdp_interval *out) {
    struct mdp_moments moments;
    double mean = mdp_mean(values, n), squares = 0;
    for (long i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    out->mean = mean;
    out->se = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    if (isfinite(squares) && squares > 1e-280) return MDP_OK;
    mdp_err err = mdp_moments_compute(values, n, &moments);
    if (!err) out->se = moments.sd_ddof1;
    return err;
}

/* replicates have the spread of n values with divisor n: Student's t takes n - 1 */
static double student_half(const struct mdp_resample_units *units, double level, double se) {
    if (units->n < 2) return NAN;
    double n = (double)units->n;
    return mdp_t_quantile_sf(0.5 * (1 - level), units->df) * sqrt(n / (n - 1)) * se;
}

mdp_err mdp_resample_summarize(const double *replicates, const struct mdp_bootstrap_plan *plan, long n_out, long i_out,
                               const struct mdp_resample_units *units, double *work, struct mdp_interval *out) {
    struct mdp_resampled resampled;
    struct mdp_ends ends;
    long n = plan->n_replicates;
    double *column = work;
    for (long b = 0; b < n; b++) column[b] = replicates[b * n_out + i_out];
    mdp_err err = describe(column, n, out);
    if (err) return mdp_fail_context(err, "replicates");
    mdp_sort_many(column, n, work + n);
    mdp_resampled_describe(out->estimate, column, n, units->jackknife, units->n, &resampled);
    if (plan->method == MDP_INTERVAL_STUDENT) resampled.half = student_half(units, plan->level, out->se);
    mdp_resampled_interval(&resampled, plan->method, plan->level, &ends);
    out->low = ends.low;
    out->high = ends.high;
    out->fell_back = ends.fell_back;
    out->z0_strict = resampled.z0_strict;
    out->z0_mid = resampled.z0_mid;
    out->accel = resampled.accel;
    return MDP_OK;
}
