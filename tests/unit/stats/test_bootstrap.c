/* the bootstrap: its draws against their properties. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "tests/tap.h"

enum { N_RUNS = 50, N_TASKS = 3 };

/* normal scores of mean 1 and sd 0.5 */
static void fill_scores(double *values) {
    float draws[N_RUNS * N_TASKS];
    struct mdp_rng rng = mdp_rng_stream(11, MDP_RNG_BATCH, 0, 0);
    mdp_rng_normal(&rng, draws, N_RUNS * N_TASKS);
    for (int i = 0; i < N_RUNS * N_TASKS; i++) values[i] = 1 + 0.5 * (double)draws[i];
}

static void test_threads_do_not_matter(void) {
    double values[N_RUNS * N_TASKS], one[500][MDP_N_AGGREGATES], many[500][MDP_N_AGGREGATES];
    const struct mdp_scores scores = {values, N_RUNS, N_TASKS};
    struct mdp_bootstrap_plan plan = {.seed = 3, .n_replicates = 500, .n_threads = 1};
    fill_scores(values);
    CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, one[0]));
    for (plan.n_threads = 2; plan.n_threads <= 7; plan.n_threads++) {
        CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, many[0]));
        CHECK(memcmp(one, many, sizeof one) == 0);
    }
    /* fewer replicates are the first of more; another seed gives others */
    plan.n_replicates = 100;
    CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, many[0]));
    CHECK(memcmp(one, many, 100 * sizeof one[0]) == 0);
    plan.seed = 4;
    CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, many[0]));
    CHECK(one[0][0] != many[0][0] && one[1][0] != many[1][0]);
}

/* the standard error of a mean is known: sd / sqrt(n), here with the resampling's n - 1 over n */
static void test_spread_is_right(void) {
    double values[N_RUNS * N_TASKS];
    const struct mdp_scores scores = {values, N_RUNS * N_TASKS, 1};
    struct mdp_bootstrap_plan plan = {.seed = 1, .n_replicates = 20000};
    struct mdp_bootstrap found;
    double mean = 0, square = 0;
    fill_scores(values);
    for (int i = 0; i < N_RUNS * N_TASKS; i++) mean += values[i] / (N_RUNS * N_TASKS);
    for (int i = 0; i < N_RUNS * N_TASKS; i++) square += (values[i] - mean) * (values[i] - mean);
    CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &found));
    double se = sqrt(square) / (N_RUNS * N_TASKS);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].se, se, 0.02 * se);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].low, mean - 1.96 * se, 0.1 * se);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].high, mean + 1.96 * se, 0.1 * se);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].mean, mean, 0.05 * se);
    CHECK(found.level == 0.95 && !found.has_few_runs && !found.is_degenerate);
}

static void test_constant(void) {
    const double values[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    const struct mdp_scores scores = {values, 3, 2};
    struct mdp_bootstrap_plan plan = {.seed = 1};
    struct mdp_bootstrap found;
    CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &found));
    CHECK_INT(found.n_replicates, MDP_BOOTSTRAP_REPLICATES);
    CHECK(found.is_degenerate && found.has_few_runs);
    for (int i = 0; i < MDP_N_AGGREGATES; i++)
        CHECK(found.interval[i].low == 0.5 && found.interval[i].high == 0.5 && found.interval[i].estimate == 0.5);
}

/* draws that are kept from the matrix before, of this shape or another, change no bit */
static void test_draws_are_kept(void) {
    enum { SHAPES = 7 };
    static const struct {
        long n_runs, n_tasks, n_replicates;
        uint64_t seed;
    } shapes[SHAPES] = {{50, 1, 2000, 0}, {50, 1, 2000, 0}, {50, 1, 2000, 9},  {50, 1, 1999, 9},
                        {25, 2, 1999, 9}, {1, 1, 1, 9},     {3000, 1, 2000, 0}};
    struct mdp_bootstrap_draws draws = {.counts = NULL};
    static double values[3000], alone[2000 * MDP_N_AGGREGATES], kept[2000 * MDP_N_AGGREGATES];
    for (int i = 0; i < SHAPES; i++) {
        const struct mdp_scores scores = {values, shapes[i].n_runs, shapes[i].n_tasks};
        struct mdp_bootstrap_plan plan = {.seed = shapes[i].seed, .n_replicates = shapes[i].n_replicates};
        size_t n_bytes = (size_t)plan.n_replicates * MDP_N_AGGREGATES * sizeof *alone;
        for (int k = 0; k < 3000; k++) values[k] = (k * 37 + i * 11) % 101 / 7.0;
        CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, alone));
        plan.draws = &draws;
        CHECK_OK(mdp_bootstrap_replicates(&scores, &plan, kept));
        CHECK(memcmp(alone, kept, n_bytes) == 0);
        /* the last would take too much memory, so that those before it stay */
        CHECK(draws.counts != NULL && draws.n_runs == (i < SHAPES - 1 ? scores.n_runs : 1));
    }
    free(draws.counts);
}

static void test_refusals(void) {
    const double values[] = {1, 2, NAN, INFINITY};
    const struct mdp_scores good = {values, 2, 1}, bad = {values, 4, 1}, empty = {values, 0, 1};
    const int32_t index[] = {0, 1, 2, 0};
    struct mdp_bootstrap found;
    struct mdp_bootstrap_plan level = {.level = 1}, replicates = {.n_replicates = -1},
                              given = {.n_replicates = 2, .index = index};
    CHECK_FAILS(mdp_bootstrap_compute(&empty, &level, &found), MDP_E_DATA, "EMPTY: scores");
    CHECK_FAILS(mdp_bootstrap_compute(&bad, &level, &found), MDP_E_DATA, "NAN: scores");
    CHECK_FAILS(mdp_bootstrap_compute(&good, &level, &found), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_bootstrap_compute(&good, &replicates, &found), MDP_E_DATA, "DOMAIN: replicates");
    CHECK_FAILS(mdp_bootstrap_compute(&good, &given, &found), MDP_E_DATA,
                "DOMAIN: index: expected 0 to 1, found 2 at 2");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_threads_do_not_matter), TAP_TEST(test_spread_is_right), TAP_TEST(test_constant),
        TAP_TEST(test_draws_are_kept),        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
