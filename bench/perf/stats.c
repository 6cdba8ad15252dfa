#include "bench/perf/stats.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/stop.h"
#include "stats/bootstrap.h"
#include "stats/mannwhitney.h"

enum { N_TASKS = 6, N_REPLICATES = 50000, N_VALUES = 50, N_LEVELS = 20, JOBS_MAX = 8 };

static const char mannwhitney[] = "stats/mannwhitney_50x50_ties";

/* a matrix and how it is resampled */
struct job {
    struct mdp_scores scores;
    struct mdp_bootstrap_plan plan;
    mdp_err err; /* of the last call */
};

static long work_bootstrap(void *context) {
    struct job *job = context;
    struct mdp_bootstrap found;
    job->err = mdp_bootstrap_compute(&job->scores, &job->plan, &found);
    return job->plan.n_replicates;
}

/* what a replicate computes */
static const struct wanted {
    const char *name;
    unsigned aggregates;
} wanted[] = {{"iqm", 1u << MDP_AGGREGATE_IQM}, {"all", 0}};

static const struct stream {
    const char *name;
    enum mdp_bootstrap_stream stream;
} streams[] = {{"numpy", MDP_BOOTSTRAP_NUMPY}, {"fast", MDP_BOOTSTRAP_FAST}};

/* normal scores of mean 0.8 and sd 0.2 */
static mdp_err scores_new(long n_runs, double **out) {
    float *draws = NULL;
    long n = n_runs * N_TASKS;
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_INIT, 0, 0);
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&draws, (unsigned long)n, sizeof *draws, "scores"));
    MDP_TRY(mdp_calloc(out, (unsigned long)n, sizeof **out, "scores"));
    mdp_rng_normal(&rng, draws, n);
    for (long i = 0; i < n; i++) (*out)[i] = 0.8 + 0.2 * (double)draws[i];
out:
    free(draws);
    return err;
}

/* every stream, what is wanted and number of threads, as jobs with an item each */
static int make_items(const struct mdp_perf_options *options, const struct mdp_scores *scores,
                      struct job jobs[JOBS_MAX], struct mdp_perf_item items[JOBS_MAX]) {
    int n = 0;
    for (int i = 0; i < JOBS_MAX; i++) {
        const struct stream *from = &streams[i / 4];
        const struct wanted *what = &wanted[i / 2 % 2];
        if (i % 2 == 1 && options->threads == 1) continue;
        items[n] = (struct mdp_perf_item){.work = work_bootstrap, .context = &jobs[n]};
        snprintf(items[n].name, sizeof items[n].name, "stats/bootstrap_%ldx%ld/%s/%s", scores->n_runs, scores->n_tasks,
                 from->name, what->name);
        if (!mdp_perf_is_wanted(options, items[n].name)) continue;
        jobs[n++] = (struct job){*scores,
                                 {.seed = 1,
                                  .stream = from->stream,
                                  .n_replicates = N_REPLICATES,
                                  .wanted = what->aggregates,
                                  .n_threads = i % 2 == 0 ? 1 : options->threads},
                                 0};
    }
    return n;
}

mdp_err mdp_perf_bootstrap(const struct mdp_perf_options *options, long n_runs, struct mdp_perf_results *results) {
    double *values;
    struct job jobs[JOBS_MAX];
    struct mdp_perf_item items[JOBS_MAX];
    mdp_err err;
    MDP_TRY(scores_new(n_runs, &values));
    const struct mdp_scores scores = {values, n_runs, N_TASKS};
    int n = make_items(options, &scores, jobs, items);
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n));
    for (int i = 0; i < n && mdp_perf_is_timed(options); i++)
        MDP_TRY(mdp_perf_add_rates(results, &items[i], "replicates/s", jobs[i].plan.n_threads, 1));
    for (int i = 0; i < n; i++) MDP_TRY(jobs[i].err);
out:
    free(values);
    return err;
}

/* times single tests, so that the unit is what a person waits for */
static mdp_err measure_mannwhitney(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    double x[N_VALUES], y[N_VALUES], milliseconds[MDP_PERF_N_REPETITIONS];
    struct mdp_rng rng = mdp_rng_stream(2, MDP_RNG_INIT, 0, 0);
    const struct mdp_sample of_x = {"x", x, N_VALUES}, of_y = {"y", y, N_VALUES};
    const struct mdp_mannwhitney_plan plan = {.method = MDP_MANNWHITNEY_EXACT, .is_test_only = 1};
    struct mdp_mannwhitney found;
    mdp_err err;
    if (!mdp_perf_is_timed(options) || !mdp_perf_is_wanted(options, mannwhitney)) return MDP_OK;
    for (int i = 0; i < N_VALUES; i++) {
        x[i] = mdp_rng_below(&rng, N_LEVELS) + 1;
        y[i] = mdp_rng_below(&rng, N_LEVELS);
    }
    MDP_TRY(mdp_mannwhitney_compute(&of_x, &of_y, &plan, &found));
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) {
        double start = mdp_clock_seconds();
        MDP_TRY(mdp_mannwhitney_compute(&of_x, &of_y, &plan, &found));
        milliseconds[i] = 1e3 * (mdp_clock_seconds() - start);
    }
    MDP_TRY(mdp_perf_add(results, mannwhitney, "ms", 1, milliseconds, MDP_PERF_N_REPETITIONS));
out:
    return err;
}

mdp_err mdp_perf_stats(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    static const long sizes[3] = {10, 50, 150};
    mdp_err err = MDP_OK;
    for (int i = 0; i < 3; i++) MDP_TRY(mdp_perf_bootstrap(options, sizes[i], results));
    MDP_TRY(mdp_stop_requested());
    MDP_TRY(measure_mannwhitney(options, results));
out:
    return err;
}
