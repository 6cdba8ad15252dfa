/* intervals of few values: Student's t on the bootstrap's error, and how often it holds what it is of. */
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "stats/quantile.h"
#include "tests/tap.h"

/* of a mean it is the interval of the t test, but for the error of 100,000 replicates */
static void test_mean_is_a_t_interval(void) {
    const double values[] = {1, 2, 4, 7, 11};
    const struct mdp_scores scores = {values, 5, 1};
    const struct mdp_bootstrap_plan plan = {.method = MDP_INTERVAL_STUDENT, .n_replicates = 100000, .n_threads = 1};
    struct mdp_bootstrap found;
    /* mean 5, sd sqrt(16.5), t of 4 degrees of freedom 2.776445 */
    double half = 2.776445 * sqrt(16.5 / 5);
    CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &found));
    CHECK(!found.interval[MDP_AGGREGATE_MEAN].fell_back && found.has_few_runs);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].low, 5 - half, 0.01 * half);
    CHECK_CLOSE(found.interval[MDP_AGGREGATE_MEAN].high, 5 + half, 0.01 * half);
}

/* two tasks of the same spread have twice the freedom, one that never varies adds none */
static void test_freedom_over_tasks(void) {
    const double alike[] = {0, 10, 1, 12, 2, 11}, one[] = {0, 5, 1, 5, 2, 5};
    const struct mdp_bootstrap_plan plan = {.method = MDP_INTERVAL_STUDENT, .n_replicates = 100000, .n_threads = 1};
    struct mdp_bootstrap both, single;
    CHECK_OK(mdp_bootstrap_compute(&(struct mdp_scores){alike, 3, 2}, &plan, &both));
    CHECK_OK(mdp_bootstrap_compute(&(struct mdp_scores){one, 3, 2}, &plan, &single));
    const struct mdp_interval *of_both = &both.interval[MDP_AGGREGATE_MEAN],
                              *of_one = &single.interval[MDP_AGGREGATE_MEAN];
    /* both have sd 1: se of the mean of two tasks sqrt(2 / 3) / 2; t 2.776445 of 4, 4.302653 of 2 degrees of freedom */
    CHECK_CLOSE(of_both->high - of_both->estimate, 2.776445 * sqrt(2.0 / 3) / 2, 0.02);
    CHECK_CLOSE(of_one->high - of_one->estimate, 4.302653 * sqrt(1.0 / 3) / 2, 0.02);
}

/* one value has no spread, three equal ones have none either: percentiles, which are the value */
static void test_without_spread(void) {
    const double values[] = {4, 4, 4};
    const struct mdp_bootstrap_plan plan = {.method = MDP_INTERVAL_STUDENT, .n_threads = 1};
    struct mdp_bootstrap one, three;
    CHECK_OK(mdp_bootstrap_compute(&(struct mdp_scores){values, 1, 1}, &plan, &one));
    CHECK_OK(mdp_bootstrap_compute(&(struct mdp_scores){values, 3, 1}, &plan, &three));
    CHECK(one.interval[MDP_AGGREGATE_IQM].fell_back && one.interval[MDP_AGGREGATE_IQM].low == 4);
    CHECK(three.interval[MDP_AGGREGATE_IQM].low == 4 && three.interval[MDP_AGGREGATE_IQM].high == 4 &&
          three.has_few_runs);
}

/* a probability of improvement stays one */
static void test_probability_has_ends(void) {
    const double x[] = {5, 6, 3}, y[] = {1, 2, 4};
    const struct mdp_bootstrap_plan plan = {.method = MDP_INTERVAL_STUDENT, .n_threads = 1};
    struct mdp_bootstrap_two found;
    CHECK_OK(mdp_bootstrap_two_compute(&(struct mdp_scores){x, 3, 1}, &(struct mdp_scores){y, 3, 1}, &plan, &found));
    CHECK(found.interval[MDP_CONTRAST_POI].low >= 0 && found.interval[MDP_CONTRAST_POI].low < 8.0 / 9);
    CHECK(found.interval[MDP_CONTRAST_POI].high > 8.0 / 9 && found.interval[MDP_CONTRAST_POI].high <= 1);
    /* complete separation of three runs is no certainty */
    const struct mdp_scores good = {(const double[]){7, 8, 9}, 3, 1};
    CHECK_OK(mdp_bootstrap_two_compute(&good, &(struct mdp_scores){y, 3, 1}, &plan, &found));
    CHECK(found.interval[MDP_CONTRAST_POI].estimate == 1 && found.interval[MDP_CONTRAST_POI].low < 0.7);
}

/* the share of draws of n values whose interval of the iqm holds that of the whole */
static double coverage(const double *from, long n_from, long n, long n_trials) {
    const struct mdp_bootstrap_plan plan = {.method = mdp_bootstrap_method(n, MDP_INTERVAL_PERCENTILE),
                                            .wanted = 1u << MDP_AGGREGATE_IQM,
                                            .n_replicates = 1000,
                                            .n_threads = 1};
    struct mdp_order whole;
    double values[64];
    long n_held = 0;
    CHECK_OK(mdp_order_compute(from, n_from, &whole));
    for (long i = 0; i < n_trials; i++) {
        struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_BATCH, (uint32_t)i, (uint32_t)n);
        struct mdp_bootstrap found;
        for (long k = 0; k < n; k++) values[k] = from[mdp_rng_below(&rng, (uint32_t)n_from)];
        CHECK_OK(mdp_bootstrap_compute(&(struct mdp_scores){values, n, 1}, &plan, &found));
        const struct mdp_interval *iqm = &found.interval[MDP_AGGREGATE_IQM];
        n_held += iqm->low <= whole.iqm && whole.iqm <= iqm->high;
    }
    return (double)n_held / (double)n_trials;
}

/* nominal 0.95: at least 0.93, less three standard errors of 1,000 trials; percentiles of 3 values hold 0.75 */
static void test_coverage(void) {
    static const long sizes[] = {3, 5, 10, 50};
    double normal[200], skewed[200];
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_BATCH, 0, 0);
    for (int i = 0; i < 200; i++) {
        float drawn;
        mdp_rng_normal(&rng, &drawn, 1);
        normal[i] = (double)drawn;
        skewed[i] = -log(mdp_rng_uniform(&rng) + 1e-12);
    }
    for (int i = 0; i < 4; i++) {
        double of_normal = coverage(normal, 200, sizes[i], 1000), of_skewed = coverage(skewed, 200, sizes[i], 1000);
        fprintf(stderr, "%ld values: normal %.3f, exponential %.3f\n", sizes[i], of_normal, of_skewed);
        CHECK(of_normal >= 0.93 - 3 * 0.008);
        CHECK(of_skewed >= 0.90 - 3 * 0.009);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_mean_is_a_t_interval), TAP_TEST(test_freedom_over_tasks),
                                            TAP_TEST(test_without_spread), TAP_TEST(test_probability_has_ends),
                                            TAP_TEST(test_coverage)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
