/* bootstrap intervals of every kind: both streams, two matrices, single samples. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "tests/tap.h"

enum { N_X = 12, N_Y = 9, N_TASKS = 3, N_REPLICATES = 400 };

static void fill(double *values, int n, uint32_t stream) {
    float draws[N_X * N_TASKS];
    struct mdp_rng rng = mdp_rng_stream(11, MDP_RNG_BATCH, stream, 0);
    mdp_rng_normal(&rng, draws, n);
    for (int i = 0; i < n; i++) values[i] = stream + 0.5 * (double)draws[i];
}

static void test_threads_do_not_matter(void) {
    double x[N_X * N_TASKS], y[N_Y * N_TASKS];
    static double one[N_REPLICATES][MDP_N_AGGREGATES], many[N_REPLICATES][MDP_N_AGGREGATES];
    const struct mdp_scores of_x = {x, N_X, N_TASKS}, of_y = {y, N_Y, N_TASKS};
    fill(x, N_X * N_TASKS, 1);
    fill(y, N_Y * N_TASKS, 2);
    for (int stream = 0; stream < 2; stream++) {
        struct mdp_bootstrap_plan plan = {
            .seed = 3, .stream = (enum mdp_bootstrap_stream)stream, .n_replicates = N_REPLICATES, .n_threads = 1};
        CHECK_OK(mdp_bootstrap_replicates(&of_x, &plan, one[0]));
        plan.n_threads = 5;
        CHECK_OK(mdp_bootstrap_replicates(&of_x, &plan, many[0]));
        CHECK(memcmp(one, many, sizeof one) == 0);
        plan.n_threads = 1;
        CHECK_OK(mdp_bootstrap_two_replicates(&of_x, &of_y, &plan, one[0]));
        plan.n_threads = 5;
        CHECK_OK(mdp_bootstrap_two_replicates(&of_x, &of_y, &plan, many[0]));
        CHECK(memcmp(one, many, N_REPLICATES * MDP_N_CONTRASTS * sizeof(double)) == 0);
    }
}

/* every replicate of two matrices is what the point estimates say of the resampled matrices */
static void test_two_matrices(void) {
    double x[N_X * N_TASKS], y[N_Y * N_TASKS], rx[N_X * N_TASKS], ry[N_Y * N_TASKS];
    double found[MDP_N_CONTRASTS], of_rx[MDP_N_AGGREGATES], of_ry[MDP_N_AGGREGATES], poi;
    int32_t index_x[N_X * N_TASKS], index_y[N_Y * N_TASKS];
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_BATCH, 0, 0);
    fill(x, N_X * N_TASKS, 1);
    fill(y, N_Y * N_TASKS, 1);
    const struct mdp_scores of_x = {x, N_X, N_TASKS}, of_y = {y, N_Y, N_TASKS};
    const struct mdp_scores drawn_x = {rx, N_X, N_TASKS}, drawn_y = {ry, N_Y, N_TASKS};
    const struct mdp_bootstrap_plan plan = {.n_replicates = 1, .index = index_x, .index_y = index_y};
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < N_X * N_TASKS; i++) {
            index_x[i] = (int32_t)mdp_rng_below(&rng, N_X);
            rx[i] = x[index_x[i] * N_TASKS + i % N_TASKS];
        }
        for (int i = 0; i < N_Y * N_TASKS; i++) {
            index_y[i] = (int32_t)mdp_rng_below(&rng, N_Y);
            ry[i] = y[index_y[i] * N_TASKS + i % N_TASKS];
        }
        CHECK_OK(mdp_bootstrap_two_replicates(&of_x, &of_y, &plan, found));
        CHECK_OK(mdp_aggregate_compute(&drawn_x, 1, of_rx));
        CHECK_OK(mdp_aggregate_compute(&drawn_y, 1, of_ry));
        CHECK_OK(mdp_probability_of_improvement(&drawn_x, &drawn_y, NULL, &poi));
        CHECK_CLOSE(found[MDP_CONTRAST_MEAN], of_rx[MDP_AGGREGATE_MEAN] - of_ry[MDP_AGGREGATE_MEAN], 1e-14);
        CHECK_CLOSE(found[MDP_CONTRAST_IQM], of_rx[MDP_AGGREGATE_IQM] - of_ry[MDP_AGGREGATE_IQM], 1e-14);
        CHECK_CLOSE(found[MDP_CONTRAST_POI], poi, 1e-15);
    }
}

/* sizes at the ends of the doubles take the exact path and give the same statistics, scaled */
static void test_extreme_sizes(void) {
    double x[N_X * N_TASKS], large[N_X * N_TASKS], plain[8 * MDP_N_AGGREGATES], scaled[8 * MDP_N_AGGREGATES];
    static const double factors[] = {0x1p1000, 0x1p-1000};
    fill(x, N_X * N_TASKS, 1);
    const struct mdp_scores of_x = {x, N_X, N_TASKS}, of_large = {large, N_X, N_TASKS};
    for (int k = 0; k < 2; k++) {
        struct mdp_bootstrap_plan plan = {.seed = 1, .n_replicates = 8};
        for (int i = 0; i < N_X * N_TASKS; i++) large[i] = x[i] * factors[k];
        CHECK_OK(mdp_bootstrap_replicates(&of_x, &plan, plain));
        plan.gamma = factors[k];
        CHECK_OK(mdp_bootstrap_replicates(&of_large, &plan, scaled));
        for (int i = 0; i < 8 * MDP_N_AGGREGATES; i++) CHECK_CLOSE(scaled[i] / factors[k], plain[i], 1e-13);
    }
}

/* of two runs the cubes of the acceleration cancel: nothing is left, not even of rounding */
static void test_acceleration_of_two_runs(void) {
    const double x[] = {0.61, 0.35, 0.92, 0.48, 0.77, 0.15};
    const struct mdp_scores scores = {x, 2, 3};
    const struct mdp_bootstrap_plan plan = {.seed = 1, .n_replicates = 50, .method = MDP_INTERVAL_BCA_STRICT};
    struct mdp_bootstrap found;
    CHECK_OK(mdp_bootstrap_compute(&scores, &plan, &found));
    for (int i = 0; i < MDP_N_AGGREGATES; i++) CHECK_CLOSE(found.interval[i].accel, 0, 1e-30);
}

static void test_undefined_corrections_fall_back(void) {
    const double flat[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, single[] = {1, 2};
    const struct mdp_scores constant = {flat, 3, 2}, one_run = {single, 1, 2};
    const struct mdp_bootstrap_plan plan = {.method = MDP_INTERVAL_BCA_MID};
    struct mdp_bootstrap found;
    CHECK_OK(mdp_bootstrap_compute(&constant, &plan, &found));
    CHECK(found.is_degenerate && found.interval[0].fell_back && found.interval[0].low == 0.5 &&
          found.interval[0].high == 0.5);
    CHECK_OK(mdp_bootstrap_compute(&one_run, &plan, &found));
    CHECK(found.is_degenerate && found.interval[0].fell_back && isnan(found.interval[0].accel));
}

static void test_refusals(void) {
    const double values[] = {1, 2, 3, NAN};
    const struct mdp_scores x = {values, 3, 1}, wide = {values, 1, 2}, bad = {values, 4, 1};
    const int32_t index[] = {0, 1, 2};
    struct mdp_bootstrap_two two;
    struct mdp_bootstrap_sample sample;
    struct mdp_bootstrap one;
    double jackknife[16];
    const struct mdp_bootstrap_plan plan = {0}, half = {.n_replicates = 1, .index = index},
                                    seed = {.stream = MDP_BOOTSTRAP_NUMPY, .seed = 1ULL << 32};
    CHECK_FAILS(mdp_bootstrap_two_compute(&x, &wide, &plan, &two), MDP_E_DATA, "SHAPE: y: expected 1 tasks");
    CHECK_FAILS(mdp_bootstrap_two_compute(&x, &bad, &plan, &two), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_bootstrap_two_compute(&x, &x, &half, &two), MDP_E_DATA, "SHAPE: index");
    CHECK_FAILS(mdp_bootstrap_compute(&x, &seed, &one), MDP_E_DATA, "DOMAIN: seed");
    CHECK_FAILS(mdp_bootstrap_sample_compute(values, 1, &plan, &sample), MDP_E_DATA, "TOO_FEW: values");
    CHECK_FAILS(mdp_bootstrap_sample_compute(values, 4, &plan, &sample), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_jackknife(&wide, 1, jackknife), MDP_E_DATA, "TOO_FEW: runs");
    CHECK_FAILS(mdp_jackknife_sample(values, 2, jackknife), MDP_E_DATA, "TOO_FEW: values");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_threads_do_not_matter),
        TAP_TEST(test_two_matrices),
        TAP_TEST(test_extreme_sizes),
        TAP_TEST(test_acceleration_of_two_runs),
        TAP_TEST(test_undefined_corrections_fall_back),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
