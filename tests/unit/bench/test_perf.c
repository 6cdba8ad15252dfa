/* perf: the median and range of repetitions, the JSON schema, and rates that are really measured. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "bench/perf.h"
#include "bench/perf_env.h"
#include "bench/perf_stats.h"
#include "envs/engine.h"
#include "tests/tap.h"

static void test_median_and_range(void) {
    struct mdp_perf_results results = {0};
    const double odd[] = {5, 1, 3}, even[] = {4, 1, 2, 8};
    CHECK_OK(mdp_perf_add(&results, "a", "x/s", 2, odd, 3));
    CHECK_OK(mdp_perf_add(&results, "b", "x/s", 1, even, 4));
    for (int i = 0; i < 40; i++) CHECK_OK(mdp_perf_add(&results, "c", "y", 1, even, 1));
    CHECK_INT(results.n_items, 42);
    CHECK_CLOSE(results.items[0].value, 3, 0);
    CHECK_CLOSE(results.items[0].min, 1, 0);
    CHECK_CLOSE(results.items[0].max, 5, 0);
    CHECK_INT(results.items[0].n, 3);
    CHECK_INT(results.items[0].threads, 2);
    CHECK_CLOSE(results.items[1].value, 3, 0);
    CHECK_CLOSE(results.items[41].value, 4, 0);
    CHECK_STR(results.items[41].name, "c");
    mdp_perf_free(&results);
    CHECK(results.items == NULL && results.n_items == 0);
}

/* does nothing for a millisecond and calls it ten units */
static long wait_a_little(void *context) {
    double start = mdp_clock_seconds();
    while (mdp_clock_seconds() - start < 1e-3) ++*(long *)context;
    return 10;
}

static void test_rate_is_units_over_time(void) {
    struct mdp_perf_results results = {0};
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.25};
    long n_spins = 0;
    double start = mdp_clock_seconds();
    CHECK_OK(mdp_perf_measure(&options, "wait", "units/s", 1, wait_a_little, &n_spins, &results));
    double elapsed = mdp_clock_seconds() - start;
    CHECK(elapsed >= 0.25 && elapsed < 5);
    CHECK(results.items[0].max <= 10000 && results.items[0].min > 0);
    CHECK(results.items[0].value > 1000); /* a busy machine may lose most of each millisecond, not nine tenths */
    CHECK_INT(results.items[0].n, MDP_PERF_N_REPETITIONS);
    mdp_perf_free(&results);
}

/* takes a millisecond for as many units as its context says */
static long wait_for_units(void *context) {
    double start = mdp_clock_seconds();
    while (mdp_clock_seconds() - start < 1e-3) continue;
    return *(long *)context;
}

/* the second does four times the work in the same time, so it takes a quarter of the time */
static void test_pair_is_ratio_of_times(void) {
    struct mdp_perf_results results = {0};
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.1};
    long units[2] = {100, 400};
    CHECK_OK(mdp_perf_measure_pair(&options, (const char *const[3]){"slow", "fast", "both"}, "units/s", 1,
                                   wait_for_units, (void *const[2]){&units[0], &units[1]}, &results));
    CHECK_INT(results.n_items, 3);
    CHECK_STR(results.items[0].name, "slow");
    CHECK_STR(results.items[1].name, "fast");
    CHECK_STR(results.items[2].name, "both");
    CHECK_STR(results.items[2].unit, "x time");
    CHECK_INT(results.items[2].n, MDP_PERF_N_REPETITIONS);
    CHECK(results.items[0].max <= 100e3 && results.items[1].max <= 400e3);
    /* what else runs here falls on both, but not evenly */
    CHECK(results.items[2].value > 0.1 && results.items[2].value < 0.6);
    mdp_perf_free(&results);
}

static void test_json_schema(void) {
    struct mdp_perf_results results = {0};
    const double values[] = {1.5, 2.5, 3.5};
    char path[512], text[4096] = {0};
    CHECK_OK(mdp_perf_add(&results, "env/x", "steps/s", 2, values, 3));
    snprintf(path, sizeof path, "%s/perf.json", tap_temp_dir());
    FILE *file = fopen(path, "w+");
    CHECK(file != NULL);
    CHECK_OK(mdp_perf_print_json(&results, file));
    rewind(file);
    CHECK(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);

    json_t *root = json_loads(text, 0, NULL), *machine = json_object_get(root, "machine");
    json_t *item = json_array_get(json_object_get(root, "results"), 0);
    CHECK(json_is_string(json_object_get(machine, "cpu")) && json_is_string(json_object_get(machine, "isa")));
    CHECK(json_is_string(json_object_get(json_object_get(machine, "versions"), "physics")));
    CHECK_STR(json_string_value(json_object_get(item, "name")), "env/x");
    CHECK_STR(json_string_value(json_object_get(item, "unit")), "steps/s");
    CHECK_CLOSE(json_number_value(json_object_get(item, "value")), 2.5, 0);
    CHECK_CLOSE(json_number_value(json_object_get(item, "min")), 1.5, 0);
    CHECK_CLOSE(json_number_value(json_object_get(item, "max")), 3.5, 0);
    CHECK_INT(json_integer_value(json_object_get(item, "n")), 3);
    CHECK_INT(json_integer_value(json_object_get(item, "threads")), 2);
    CHECK_INT(json_array_size(json_object_get(item, "values")), 3);
    CHECK_CLOSE(json_number_value(json_array_get(json_object_get(item, "values"), 2)), 3.5, 0);
    json_decref(root);
    mdp_perf_free(&results);
}

static const struct mdp_perf_result *find(const struct mdp_perf_results *results, const char *name, int threads) {
    for (int i = 0; i < results->n_items; i++)
        if (!strcmp(results->items[i].name, name) && results->items[i].threads == threads) return &results->items[i];
    return NULL;
}

static void test_env_against(void) {
    struct mdp_perf_results results = {0};
    struct mdp_engine *engine;
    CHECK_OK(mdp_engine_open("native", &engine));
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.02, .against = engine};
    static const char *const ids[] = {"HalfCheetahBullet-v0", "Walker2DBullet-v0"};
    CHECK_OK(mdp_perf_env(&options, &results));
    CHECK_INT(results.n_items, 6);
    for (int i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "env/%s", ids[i]);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        snprintf(name, sizeof name, "against/%s", ids[i]);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        snprintf(name, sizeof name, "ratio/%s", ids[i]);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
    }
    mdp_engine_free(engine);
    mdp_perf_free(&results);
}

/* sanitizers bring their own allocator, which does not count for the C library */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
static const double smallest_world = 0;
#else
static const double smallest_world = 10000;
#endif

static void test_env_rates_and_memory(void) {
    struct mdp_perf_results results = {0};
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.1};
    static const char *const ids[] = {"HalfCheetahBullet-v0", "Walker2DBullet-v0"};
    CHECK_OK(mdp_perf_env(&options, &results));
    CHECK_INT(results.n_items, 8);
    for (int i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "env/%s", ids[i]);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        snprintf(name, sizeof name, "vec/%s", ids[i]);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 2) != NULL);
        snprintf(name, sizeof name, "memory/%s", ids[i]);
        const struct mdp_perf_result *memory = find(&results, name, 1);
        CHECK(memory != NULL && memory->min >= smallest_world && memory->max < 512 * 1024);
    }
    mdp_perf_free(&results);
}

static void test_bootstrap_rates(void) {
    struct mdp_perf_results results = {0};
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.01};
    static const char *const names[] = {"stats/bootstrap_10x6/numpy/iqm", "stats/bootstrap_10x6/numpy/all",
                                        "stats/bootstrap_10x6/fast/iqm", "stats/bootstrap_10x6/fast/all"};
    CHECK_OK(mdp_perf_bootstrap(&options, 10, &results));
    CHECK_INT(results.n_items, 8);
    for (int i = 0; i < 8; i++) {
        const struct mdp_perf_result *result = find(&results, names[i / 2], 1 + i % 2);
        CHECK(result != NULL && result->min > 0);
        CHECK_STR(result->unit, "replicates/s");
    }
    mdp_perf_free(&results);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_median_and_range),
        TAP_TEST(test_rate_is_units_over_time),
        TAP_TEST(test_pair_is_ratio_of_times),
        TAP_TEST(test_env_against),
        TAP_TEST(test_json_schema),
        TAP_TEST(test_env_rates_and_memory),
        TAP_TEST(test_bootstrap_rates),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
