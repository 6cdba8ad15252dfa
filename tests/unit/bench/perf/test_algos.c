/* perf infer, perf train, perf plan: the results that gates and people look for, each positive */
#include <stdio.h>
#include <string.h>

#include "algos/precision.h"
#include "bench/perf/algos.h"
#include "bench/perf/plans.h"
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

/* two candidates for each state: names and units need no more */
static void test_infer(void) {
    static const char *const names[] = {"dql", "edp", "idql"};
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.01, .n_candidates = 2};
    struct mdp_perf_results results = {0};
    char name[MDP_PERF_NAME_MAX];
    CHECK_OK(mdp_perf_infer(&options, &results));
    check_positive(find(&results, "gemm/f32", 1), "GFLOP/s");
    for (int i = 0; i < 18; i++) {
        static const char *const precisions[] = {"f32", "bf16", "bf16-avx512"};
        const char *algo = names[i % 6 / 2], *precision = precisions[i / 6];
        const struct mdp_kernel *kernel;
        if (mdp_precision_find(precision, &kernel) != MDP_OK) continue;
        snprintf(name, sizeof name, "infer/%s/%s/c2", algo, precision);
        const struct mdp_perf_result *calls = find(&results, name, 1 + i % 2);
        check_positive(calls, "calls/s");
        snprintf(name, sizeof name, "infer/%s/%s/c2/actions", algo, precision);
        CHECK_CLOSE(find(&results, name, 1 + i % 2)->value / calls->value, 50.0, 1e-9);
        snprintf(name, sizeof name, "infer/%s/%s/c2/vs_gemm", algo, precision);
        check_positive(find(&results, name, 1 + i % 2), "GFLOP/s per GFLOP/s");
    }
    check_positive(find(&results, "infer/edp/f32/c2/memory", 1), "bytes");
    mdp_perf_free(&results);
}

/* 50 candidates go without saying. 2500 rows: 5 denoiser passes and 2 heads, by hand from the layer widths */
static void test_usual_candidates(void) {
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.001, .only = "infer/dql/f32"};
    struct mdp_perf_results results = {0};
    double time = 2.0 * 2 * 64 * 128, denoiser = time + 2.0 * (96 * 256 + 2 * 256 * 256 + 256 * 6),
           head = 2.0 * (32 * 256 + 2 * 256 * 256 + 256);
    CHECK_OK(mdp_perf_infer(&options, &results));
    CHECK_CLOSE(find(&results, "infer/dql/f32/nominal", 1)->value / find(&results, "infer/dql/f32", 1)->value,
                2500 * (5 * denoiser + 2 * head) * 1e-9, 1e-9);
    mdp_perf_free(&results);
}

/* another number of candidates has names of its own, and only what is wanted is measured */
static void test_candidates(void) {
    const struct mdp_perf_options options = {
        .threads = 1, .seconds = 0.001, .n_candidates = 3, .only = "infer/edp/f32/c3"};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_infer(&options, &results));
    check_positive(find(&results, "infer/edp/f32/c3", 1), "calls/s");
    check_positive(find(&results, "infer/edp/f32/c3/vs_gemm", 1), "GFLOP/s per GFLOP/s");
    for (int i = 0; i < results.n_items; i++)
        CHECK(strstr(results.items[i].name, "edp") != NULL || strcmp(results.items[i].name, "gemm/f32") == 0);
    mdp_perf_free(&results);
}

static double value(const struct mdp_perf_results *results, const char *algo, const char *what) {
    char name[MDP_PERF_NAME_MAX];
    snprintf(name, sizeof name, "train/%s/%s", algo, what);
    return find(results, name, 1)->value;
}

/* a frozen run alone is compared in its precisions; there is no other mode to compare it with */
static void test_one_mode(void) {
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.001, .only = "train/idql/frozen/*"};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_train(&options, &results));
    check_positive(find(&results, "train/idql/frozen/f32", 1), "steps/s");
    for (int i = 0; i < 2; i++) {
        const char *const precisions[] = {"bf16", "bf16-avx512"};
        const struct mdp_kernel *kernel;
        char what[48];
        if (mdp_precision_find(precisions[i], &kernel) != MDP_OK) continue;
        snprintf(what, sizeof what, "frozen/%s/vs_f32", precisions[i]);
        CHECK(value(&results, "idql", what) > 0);
        /* a machine with AMX trains by one of the two in a process */
        if (mdp_kernel_find("amx") != NULL) break;
    }
    for (int i = 0; i < results.n_items; i++) CHECK(strstr(results.items[i].name, "vs_joint") == NULL);
    mdp_perf_free(&results);
}

/* in float32 frozen guidance takes less of everything; time is not compared, since the machine may be busy */
static void test_train(void) {
    static const char *const names[] = {"dql", "edp", "idql"};
    const struct mdp_perf_options options = {
        .threads = 1, .seconds = 0.001, .guidance = "frozen", .only = "train/*/f32"};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_train(&options, &results));
    check_positive(find(&results, "gemm/f32", 1), "GFLOP/s");
    check_positive(find(&results, "train/dql/joint/f32", 1), "steps/s");
    check_positive(find(&results, "train/dql/frozen/f32/vs_joint", 1), "x time");
    check_positive(find(&results, "train/dql/frozen/f32/memory", 1), "bytes");
    check_positive(find(&results, "train/dql/frozen/f32/vs_gemm", 1), "GFLOP/s per GFLOP/s");
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(value(&results, names[i], "joint/f32/nominal"),
                    value(&results, names[i], "joint/f32") * value(&results, names[i], "joint/f32/step"), 1e-9);
        CHECK(value(&results, names[i], "frozen/f32/step") < value(&results, names[i], "joint/f32/step"));
        CHECK(value(&results, names[i], "frozen/f32/memory") < value(&results, names[i], "joint/f32/memory"));
    }
    for (int i = 0; i < results.n_items; i++) CHECK(strstr(results.items[i].name, "/none/") == NULL);
    mdp_perf_free(&results);
}

/* one kind of plan, and its training */
static void test_plan(void) {
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.001, .only = "plan/diffuser/h4/*"};
    struct mdp_perf_results results = {0};
    CHECK_OK(mdp_perf_plan(&options, &results));
    check_positive(find(&results, "plan/diffuser/h4/act", 1), "plans/s");
    check_positive(find(&results, "plan/diffuser/h4/train", 1), "steps/s");
    check_positive(find(&results, "plan/diffuser/h4/act/vs_gemm", 1), "GFLOP/s per GFLOP/s");
    for (int i = 0; i < results.n_items; i++) CHECK(strstr(results.items[i].name, "/h32/") == NULL);
    mdp_perf_free(&results);
}

static void test_guidance_names(void) {
    char text[MDP_NAMES_MAX];
    CHECK_STR(mdp_names_text(mdp_perf_guidance_names(), text), "joint, frozen, none");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_infer),         TAP_TEST(test_usual_candidates),
                                            TAP_TEST(test_candidates),    TAP_TEST(test_one_mode),
                                            TAP_TEST(test_train),         TAP_TEST(test_plan),
                                            TAP_TEST(test_guidance_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
