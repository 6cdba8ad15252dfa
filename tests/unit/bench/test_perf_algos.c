/* perf infer, perf train: the results that gates and people look for, each positive */
#include <string.h>

#include "bench/perf_algos.h"
#include "tests/tap.h"

static const struct mdp_perf_result *find(const struct mdp_perf_results *results, const char *name, int threads) {
    for (int i = 0; i < results->n_items; i++)
        if (strcmp(results->items[i].name, name) == 0 && results->items[i].threads == threads)
            return &results->items[i];
    tap_failed(__FILE__, __LINE__, "no result %s with %d threads", name, threads);
}

static void check_positive(const struct mdp_perf_result *result, const char *unit) {
    CHECK_STR(result->unit, unit);
    CHECK(result->min > 0 && result->min <= result->value && result->value <= result->max);
}

static void test_infer(void) {
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.01};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_infer(&options, &results));
    check_positive(find(&results, "gemm/f32", 1), "GFLOP/s");
    for (int threads = 1; threads <= 2; threads++) {
        const struct mdp_perf_result *calls = find(&results, "infer/dql/f32", threads);
        const struct mdp_perf_result *actions = find(&results, "infer/dql/f32/actions", threads);
        check_positive(calls, "calls/s");
        CHECK_CLOSE(actions->value / calls->value, 50.0, 1e-9);
        /* 2500 candidates: 5 denoiser passes and 2 heads, by hand from the layer widths */
        double denoiser = 2.0 * (96 * 256 + 2 * 256 * 256 + 256 * 6), head = 2.0 * (32 * 256 + 2 * 256 * 256 + 256);
        CHECK_CLOSE(find(&results, "infer/dql/f32/nominal", threads)->value / calls->value,
                    2500 * (5 * denoiser + 2 * head) * 1e-9, 1e-9);
    }
    mdp_perf_free(&results);
}

static void test_train(void) {
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.01};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_train(&options, &results));
    check_positive(find(&results, "train/dql/joint/f32", 1), "steps/s");
    check_positive(find(&results, "train/dql/joint/f32/nominal", 1), "GFLOP/s");
    mdp_perf_free(&results);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_infer), TAP_TEST(test_train)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
