/* stratified bootstrap of one matrix. */
#include "stats/bootstrap.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/lanes.h"
#include "stats/moments.h"
#include "stats/resample.h"

/* more draws are not kept. Units: bytes */
enum { DRAWS_MAX = 4 << 20 };

static const unsigned all_aggregates = (1u << MDP_N_AGGREGATES) - 1;

/* what the work on a replicate needs */
struct one {
    const struct mdp_ranked_scores *ranked;
    double gamma;
    unsigned wanted;
};

const char *mdp_bootstrap_stream_name(enum mdp_bootstrap_stream stream) {
#define NAME(name, text) text,
    static const char *const names[MDP_N_BOOTSTRAP_STREAMS] = {MDP_BOOTSTRAP_STREAM_LIST(NAME)};
#undef NAME
    return names[stream];
}

static struct mdp_bootstrap_plan defaults(const struct mdp_bootstrap_plan *plan) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    if (full.wanted == 0) full.wanted = all_aggregates;
    return full;
}

static int is_wanted(unsigned wanted, int i_aggregate) { return (wanted >> i_aggregate & 1) != 0; }

/* the columns of replicates: aggregates that are wanted */
static int count_columns(unsigned wanted) {
    int n = 0;
    for (int i = 0; i < MDP_N_AGGREGATES; i++) n += is_wanted(wanted, i);
    return n;
}

static void work_one(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch, double *out) {
    const struct one *one = context;
    double all[MDP_N_AGGREGATES];
    mdp_ranked_aggregate(one->ranked, index[0], one->gamma, scratch, all);
    for (int i = 0; i < MDP_N_AGGREGATES; i++)
        if (is_wanted(one->wanted, i)) *out++ = all[i];
}

static struct mdp_resample resample_of(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    return (struct mdp_resample){.sets = {{scores->n_runs, scores->n_tasks, plan->index}},
                                 .n_sets = 1,
                                 .work = work_one,
                                 .n_out = count_columns(plan->wanted)};
}

static mdp_err check_plan(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    const struct mdp_resample resample = resample_of(scores, plan);
    mdp_err err;
    MDP_TRY(mdp_scores_check("scores", scores));
    MDP_TRY(mdp_check_range("number of scores", (double)scores->n_runs * (double)scores->n_tasks, 1, INT32_MAX));
    MDP_TRY(mdp_check_range("set of wanted aggregates", plan->wanted, 1, all_aggregates));
    MDP_TRY(mdp_resample_check(&resample, plan));
out:
    return err;
}

/* ---- one replicate after the other ---- */

/* the index set of the matrix itself */
static mdp_err own_index(const struct mdp_scores *scores, int32_t **index) {
    long n = scores->n_runs * scores->n_tasks;
    mdp_err err = mdp_calloc(index, (unsigned long)n, sizeof **index, "bootstrap index");
    for (long i = 0; !err && i < n; i++) (*index)[i] = (int32_t)(i / scores->n_tasks);
    return err;
}

static mdp_err replicate_singly(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                                double *replicates, double *estimates) {
    struct mdp_ranked_scores *ranked = NULL;
    struct mdp_resample resample = resample_of(scores, plan);
    int32_t *index = NULL;
    mdp_err err;
    MDP_TRY(mdp_ranked_scores_new(scores, &ranked));
    const struct one one = {ranked, plan->gamma, plan->wanted};
    resample.context = &one;
    resample.n_scratch = (long)mdp_ranked_scratch(ranked);
    MDP_TRY(mdp_resample_run(&resample, plan, replicates));
    if (estimates) {
        MDP_TRY(own_index(scores, &index));
        const struct mdp_bootstrap_plan once = {.n_replicates = 1, .n_threads = 1};
        resample.sets[0].given = index;
        MDP_TRY(mdp_resample_run(&resample, &once, estimates));
    }
out:
    mdp_ranked_scores_free(ranked);
    free(index);
    return err;
}

/* ---- side by side, from the fast stream ---- */

static int can_share(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    return plan->stream == MDP_BOOTSTRAP_FAST && !plan->index && mdp_lanes_can(scores, plan->gamma);
}

/* copies the wanted aggregates of the first n lanes into rows */
static void store(unsigned wanted, mdp_lane_values values, long n, double *rows) {
    int n_columns = count_columns(wanted), column = 0;
    for (int i = 0; i < MDP_N_AGGREGATES; i++) {
        if (!is_wanted(wanted, i)) continue;
        for (long l = 0; l < n; l++) rows[l * n_columns + column] = values[i][l];
        column++;
    }
}

/* finds the plan's draws, or makes them; NULL where none are kept */
static mdp_err keep_draws(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                          const struct mdp_lanes *lanes, const uint16_t **counts) {
    struct mdp_bootstrap_draws *draws = plan->draws;
    long n_cells = scores->n_runs * scores->n_tasks, n = plan->n_replicates;
    long n_groups = (n + MDP_RNG_LANES - 1) / MDP_RNG_LANES, n_group = n_cells * MDP_RNG_LANES;
    mdp_err err = MDP_OK;
    *counts = NULL;
    if (draws == NULL || (double)n_groups * (double)n_group * sizeof **counts > DRAWS_MAX) return MDP_OK;
    int is_there = draws->counts != NULL && draws->seed == plan->seed && draws->n_runs == scores->n_runs &&
                   draws->n_tasks == scores->n_tasks && draws->n_replicates == n;
    if (!is_there) {
        free(draws->counts);
        draws->counts = NULL;
        MDP_TRY(mdp_calloc(&draws->counts, (unsigned long)(n_groups * n_group), sizeof **counts, "bootstrap"));
        for (long g = 0; g < n_groups; g++)
            mdp_lanes_count(lanes, plan->seed, (uint32_t)(g * MDP_RNG_LANES), draws->counts + g * n_group);
        draws->seed = plan->seed;
        draws->n_runs = scores->n_runs;
        draws->n_tasks = scores->n_tasks;
        draws->n_replicates = n;
    }
    *counts = draws->counts;
out:
    return err;
}

/* replicates are drawn in groups of lanes, each with its own place in the output, so that the number of threads
 * changes no bit */
static mdp_err replicate_shared(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                                double *replicates, double *estimates) {
    struct mdp_lanes *lanes = NULL;
    char *scratch = NULL;
    const uint16_t *kept = NULL;
    mdp_lane_values own;
    long n = plan->n_replicates, n_columns = count_columns(plan->wanted);
    mdp_err err;
    MDP_TRY(mdp_lanes_new(scores, plan->gamma, plan->wanted, &lanes));
    MDP_TRY(keep_draws(scores, plan, lanes, &kept));
    unsigned long n_scratch = mdp_lanes_scratch(lanes);
    MDP_TRY(mdp_calloc(&scratch, (unsigned long)plan->n_threads, n_scratch, "bootstrap"));
#pragma omp parallel for schedule(static) num_threads(plan->n_threads)
    for (long first = 0; first < n; first += MDP_RNG_LANES) {
        mdp_lane_values values;
        void *of_thread = scratch + (unsigned long)omp_get_thread_num() * n_scratch;
        if (kept != NULL)
            mdp_lanes_describe(lanes, kept + first * scores->n_runs * scores->n_tasks, of_thread, values);
        else
            mdp_lanes_replicate(lanes, plan->seed, (uint32_t)first, of_thread, values);
        store(plan->wanted, values, n - first < MDP_RNG_LANES ? n - first : MDP_RNG_LANES,
              replicates + first * n_columns);
    }
    if (estimates) {
        mdp_lanes_estimate(lanes, scratch, own);
        store(plan->wanted, own, 1, estimates);
    }
out:
    mdp_lanes_free(lanes);
    free(scratch);
    return err;
}

/* estimates are computed as replicates are, so that a replicate that draws the matrix itself equals them to the bit */
static mdp_err replicate_all(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *replicates,
                             double *estimates) {
    return can_share(scores, plan) ? replicate_shared(scores, plan, replicates, estimates)
                                   : replicate_singly(scores, plan, replicates, estimates);
}

mdp_err mdp_bootstrap_replicates(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out) {
    struct mdp_bootstrap_plan full = defaults(plan);
    mdp_err err = check_plan(scores, &full);
    return err ? err : replicate_all(scores, &full, out, NULL);
}

/* ---- intervals ---- */

mdp_err mdp_jackknife(const struct mdp_scores *scores, double gamma, double *out) {
    double *rest = NULL;
    long n_runs = scores->n_runs, n_tasks = scores->n_tasks;
    size_t row = (size_t)n_tasks * sizeof *rest;
    mdp_err err;
    MDP_TRY(mdp_scores_check("scores", scores));
    MDP_TRY(mdp_check_enough("runs", n_runs, 2));
    MDP_TRY(mdp_calloc(&rest, (unsigned long)(n_runs * n_tasks), sizeof *rest, "jackknife"));
    const struct mdp_scores kept = {rest, n_runs - 1, n_tasks};
    memcpy(rest, scores->values + n_tasks, (size_t)(n_runs - 1) * row);
    /* the rows without run r differ from those without run r - 1 in one row */
    for (long r = 0; r < n_runs; r++) {
        if (r > 0) memcpy(rest + (r - 1) * n_tasks, scores->values + (r - 1) * n_tasks, row);
        MDP_TRY(mdp_aggregate_compute(&kept, gamma, out + r * MDP_N_AGGREGATES));
    }
out:
    free(rest);
    return err;
}

/* the jackknife column by column, [MDP_N_AGGREGATES, n_runs]; none where the method does without or one run is all */
static mdp_err jackknife_columns(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double **out) {
    double *rows = NULL;
    mdp_err err = MDP_OK;
    long n = scores->n_runs;
    int is_accelerated = plan->method == MDP_INTERVAL_BCA_STRICT || plan->method == MDP_INTERVAL_BCA_MID;
    *out = NULL;
    if (!is_accelerated || n < 2) return MDP_OK;
    MDP_TRY(mdp_calloc(&rows, (unsigned long)n * MDP_N_AGGREGATES, sizeof *rows, "jackknife"));
    MDP_TRY(mdp_jackknife(scores, plan->gamma, rows));
    MDP_TRY(mdp_calloc(out, (unsigned long)n * MDP_N_AGGREGATES, sizeof **out, "jackknife"));
    for (long i = 0; i < n * MDP_N_AGGREGATES; i++) (*out)[i % MDP_N_AGGREGATES * n + i / MDP_N_AGGREGATES] = rows[i];
out:
    free(rows);
    return err;
}

/* degrees of freedom of the mean of the tasks' means, after Satterthwaite; between n - 1 and tasks (n - 1) */
static mdp_err freedom(const struct mdp_scores *scores, double *df) {
    double sum = 0, squares = 0, *column = NULL, n = (double)scores->n_runs;
    mdp_err err;
    *df = n - 1;
    if (scores->n_runs < 2 || scores->n_tasks == 1) return MDP_OK;
    MDP_TRY(mdp_calloc(&column, (unsigned long)scores->n_runs, sizeof *column, "runs of a task"));
    for (long t = 0; t < scores->n_tasks; t++) {
        struct mdp_moments moments;
        for (long r = 0; r < scores->n_runs; r++) column[r] = scores->values[r * scores->n_tasks + t];
        MDP_TRY(mdp_moments_compute(column, scores->n_runs, &moments));
        sum += moments.var_ddof1;
        squares += moments.var_ddof1 * moments.var_ddof1;
    }
    if (squares > 0 && isfinite(squares)) *df = (n - 1) * sum * sum / squares;
out:
    free(column);
    return err;
}

/* describes the wanted aggregates, one column of replicates each */
static mdp_err summarize(const double *replicates, const double *estimates, const struct mdp_bootstrap_plan *plan,
                         const double *jackknife, double df, double *work, struct mdp_bootstrap *out) {
    long n_runs = out->n_runs;
    int n_columns = count_columns(plan->wanted), column = 0, has_spread = 0, fell_back = 0;
    for (int i = 0; i < MDP_N_AGGREGATES; i++) {
        struct mdp_interval *interval = &out->interval[i];
        *interval = (struct mdp_interval){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0};
        if (!is_wanted(plan->wanted, i)) continue;
        interval->estimate = estimates[column];
        const struct mdp_resample_units units = {n_runs, df, jackknife ? jackknife + i * n_runs : NULL};
        mdp_err err = mdp_resample_summarize(replicates, plan, n_columns, column, &units, work, interval);
        if (err) return err;
        /* Student's interval does not know that a gap is no less than 0 */
        if (i == MDP_AGGREGATE_OPTIMALITY_GAP) interval->low = fmax(interval->low, 0);
        has_spread |= interval->se > 0;
        fell_back |= interval->fell_back;
        column++;
    }
    out->is_degenerate = !has_spread || fell_back;
    return MDP_OK;
}

mdp_err mdp_bootstrap_compute(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                              struct mdp_bootstrap *out) {
    struct mdp_bootstrap_plan full = defaults(plan);
    double *replicates = NULL, *work = NULL, *jackknife = NULL, estimates[MDP_N_AGGREGATES], df;
    mdp_err err;
    MDP_TRY(check_plan(scores, &full));
    unsigned long n = (unsigned long)full.n_replicates, n_columns = (unsigned long)count_columns(full.wanted);
    MDP_TRY(mdp_calloc(&replicates, n, n_columns * sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&work, 2 * n, sizeof *work, "bootstrap replicates"));
    MDP_TRY(replicate_all(scores, &full, replicates, estimates));
    MDP_TRY(jackknife_columns(scores, &full, &jackknife));
    *out = (struct mdp_bootstrap){.level = full.level,
                                  .method = full.method,
                                  .n_runs = scores->n_runs,
                                  .n_tasks = scores->n_tasks,
                                  .n_replicates = full.n_replicates,
                                  .has_few_runs = scores->n_runs < MDP_BOOTSTRAP_FEW_RUNS};
    MDP_TRY(freedom(scores, &df));
    MDP_TRY(summarize(replicates, estimates, &full, jackknife, df, work, out));
out:
    free(replicates);
    free(work);
    free(jackknife);
    return err;
}
