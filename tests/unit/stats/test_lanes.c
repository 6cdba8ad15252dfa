/* replicates side by side against the aggregates of the matrices that their draws stand for. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "stats/draw.h"
#include "tests/tap.h"

enum { N_REPLICATES = 37, SEED = 21, N_CELLS_MAX = 5000 };

static double values[N_CELLS_MAX], found[N_REPLICATES][MDP_N_AGGREGATES];

/* normal scores around `center`; with `levels`, rounded to that many steps to the unit */
static struct mdp_scores scores_of(long n_runs, long n_tasks, double center, double levels) {
    static float draws[N_CELLS_MAX];
    struct mdp_rng rng = mdp_rng_stream(7, MDP_RNG_INIT, (uint32_t)n_runs, (uint32_t)n_tasks);
    long n = n_runs * n_tasks;
    CHECK(n <= N_CELLS_MAX);
    mdp_rng_normal(&rng, draws, n);
    for (long i = 0; i < n; i++) {
        double value = 0.8 + 0.5 * (double)draws[i];
        values[i] = center + (levels > 0 ? round(value * levels) / levels : value);
    }
    return (struct mdp_scores){values, n_runs, n_tasks};
}

/* the sum of n distances of size 3 at most rounds n times, a mean of `center` and its mean over tasks a few times */
static double allowed(long n, double center) { return DBL_EPSILON * (4 * fabs(center) + 3 * (double)n); }

static void check(const struct mdp_scores *scores, double gamma, double center) {
    static double drawn[N_CELLS_MAX];
    static int32_t index[N_CELLS_MAX];
    const struct mdp_draws draws = {SEED, (uint32_t)scores->n_runs, 0};
    const struct mdp_bootstrap_plan plan = {.seed = SEED, .n_replicates = N_REPLICATES, .gamma = gamma, .n_threads = 1};
    const struct mdp_scores resampled = {drawn, scores->n_runs, scores->n_tasks};
    long n = scores->n_runs * scores->n_tasks;
    double want[MDP_N_AGGREGATES];
    CHECK_OK(mdp_bootstrap_replicates(scores, &plan, found[0]));
    for (uint32_t b = 0; b < N_REPLICATES; b++) {
        mdp_draw(&draws, b, index, n);
        for (long i = 0; i < n; i++) drawn[i] = values[index[i] * scores->n_tasks + i % scores->n_tasks];
        CHECK_OK(mdp_aggregate_compute(&resampled, gamma, want));
        for (int i = 0; i < MDP_N_AGGREGATES; i++) CHECK_CLOSE(found[b][i], want[i], allowed(n, center));
    }
}

static void test_sizes(void) {
    static const long sizes[][2] = {{1, 1},  {1, 6},  {2, 1},  {3, 2},   {10, 6},   {10, 7},   {50, 1},
                                    {50, 3}, {7, 40}, {2, 65}, {150, 6}, {1000, 4}, {4096, 1}, {4097, 1}};
    for (int i = 0; i < 14; i++) {
        struct mdp_scores scores = scores_of(sizes[i][0], sizes[i][1], 0, 0);
        check(&scores, 1, 0);
        check(&scores, -3, 0);
        check(&scores, 0.8, 0);
    }
}

static void test_ties(void) {
    struct mdp_scores scores = scores_of(20, 5, 0, 4);
    check(&scores, 1, 0);
    scores = scores_of(20, 5, 0, 1);
    check(&scores, 0.5, 0);
}

/* scores near 1e9 lose only the digits that doubles of that size do not hold */
static void test_far_from_zero(void) {
    struct mdp_scores scores = scores_of(10, 6, 1e9, 0);
    check(&scores, 1e9, 1e9);
}

/* what cannot differ between replicates does not, whatever the order of sums: no spread, and it is flagged */
static void test_constant_tasks(void) {
    static const double task[3] = {0.3, 0.7, 1.1};
    struct mdp_bootstrap_plan plan = {.seed = 1, .gamma = 1.2, .n_replicates = 500, .n_threads = 1};
    struct mdp_bootstrap found_one;
    for (int i = 0; i < 33; i++) values[i] = task[i % 3];
    const struct mdp_scores scores = {values, 11, 3};
    CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &found_one));
    CHECK(found_one.is_degenerate);
    for (int i = 0; i < MDP_N_AGGREGATES; i++)
        CHECK(found_one.interval[i].se == 0 && found_one.interval[i].low == found_one.interval[i].high);
    CHECK_CLOSE(found_one.interval[MDP_AGGREGATE_MEDIAN].estimate, 0.7, 1e-15);
    CHECK_CLOSE(found_one.interval[MDP_AGGREGATE_OPTIMALITY_GAP].estimate, 0.5, 1e-15);
}

/* beyond gamma there is no gap at all */
static void test_no_gap(void) {
    struct mdp_scores scores = scores_of(10, 6, 100, 0);
    check(&scores, 1, 100);
    for (int b = 0; b < N_REPLICATES; b++) CHECK(found[b][MDP_AGGREGATE_OPTIMALITY_GAP] == 0);
}

/* a part of the aggregates is the same numbers as all of them; what is not asked is NaN */
static void test_wanted(void) {
    static double part[2 * N_REPLICATES];
    struct mdp_scores scores = scores_of(10, 6, 0, 0);
    struct mdp_bootstrap_plan plan = {.seed = SEED, .n_replicates = N_REPLICATES, .n_threads = 1};
    struct mdp_bootstrap all, some;
    for (int stream = 0; stream < MDP_N_BOOTSTRAP_STREAMS; stream++) {
        plan.stream = (enum mdp_bootstrap_stream)stream;
        plan.wanted = 0;
        CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, found[0]));
        CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &all));
        plan.wanted = 1u << MDP_AGGREGATE_MEDIAN | 1u << MDP_AGGREGATE_IQM;
        CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, part));
        CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &some));
        for (int b = 0; b < N_REPLICATES; b++) {
            CHECK(part[2 * b] == found[b][MDP_AGGREGATE_MEDIAN]);
            CHECK(part[2 * b + 1] == found[b][MDP_AGGREGATE_IQM]);
        }
        const struct mdp_interval *iqm = &some.interval[MDP_AGGREGATE_IQM], *of_all = &all.interval[MDP_AGGREGATE_IQM];
        CHECK(iqm->estimate == of_all->estimate && iqm->low == of_all->low && iqm->high == of_all->high);
        CHECK(isnan(some.interval[MDP_AGGREGATE_MEAN].estimate) &&
              isnan(some.interval[MDP_AGGREGATE_OPTIMALITY_GAP].low));
    }
    plan.wanted = 1u << MDP_N_AGGREGATES;
    CHECK_FAILS(mdp_bootstrap_compute(&scores, &plan, &some), MDP_E_DATA, "DOMAIN: set of wanted aggregates");
}

/* both streams estimate the same interval: an end has a Monte Carlo error of sqrt(p (1 - p) / B) / f, 0.019 standard
 * errors of the statistic for B = 20000, p = 2.5 % and a normal density f; five of the difference's are allowed */
static void test_streams_agree(void) {
    static const long sizes[][2] = {{10, 6}, {50, 6}, {150, 6}, {20, 1}};
    for (int k = 0; k < 4; k++) {
        struct mdp_scores scores = scores_of(sizes[k][0], sizes[k][1], 0, 0);
        struct mdp_bootstrap_plan plan = {.seed = SEED, .n_replicates = 20000, .n_threads = 1};
        struct mdp_bootstrap fast, numpy;
        CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &fast));
        plan.stream = MDP_BOOTSTRAP_NUMPY;
        CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &numpy));
        for (int i = 0; i < MDP_N_AGGREGATES; i++) {
            double se = numpy.interval[i].se, slack = 5 * sqrt(2.0) * 0.019 * se;
            CHECK_CLOSE(fast.interval[i].low, numpy.interval[i].low, slack);
            CHECK_CLOSE(fast.interval[i].high, numpy.interval[i].high, slack);
            CHECK_CLOSE(fast.interval[i].mean, numpy.interval[i].mean, 5 * sqrt(2.0 / 20000) * se);
            /* the standard error of a standard error: 1 / sqrt(2 B) */
            CHECK_CLOSE(fast.interval[i].se, se, 5 * se / sqrt(20000.0));
            CHECK_CLOSE(fast.interval[i].estimate, numpy.interval[i].estimate, 1e-14);
        }
    }
}

static void test_names(void) {
    CHECK_STR(mdp_bootstrap_stream_name(MDP_BOOTSTRAP_FAST), "philox-16");
    CHECK_STR(mdp_bootstrap_stream_name(MDP_BOOTSTRAP_NUMPY), "numpy");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_sizes),  TAP_TEST(test_ties),   TAP_TEST(test_far_from_zero), TAP_TEST(test_constant_tasks),
        TAP_TEST(test_no_gap), TAP_TEST(test_wanted), TAP_TEST(test_streams_agree), TAP_TEST(test_names),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
