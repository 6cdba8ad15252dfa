/* perf: the median and range of repetitions, the JSON schema, and rates that are really measured. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsx.h"
#include "base/rng.h"
#include "bench/perf/child.h"
#include "bench/perf/env.h"
#include "bench/perf/load.h"
#include "bench/perf/perf.h"
#include "bench/perf/stats.h"
#include "bench/perf/tape.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "envs/physics/world.h"
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

/* does nothing for a millisecond at least, counts that and calls it ten units */
static long wait_a_little(void *context) {
    double start = mdp_clock_seconds();
    while (mdp_clock_seconds() - start < 1e-3) continue;
    ++*(long *)context;
    return 10;
}

static void test_rate_is_units_over_time(void) {
    struct mdp_perf_results results = {0};
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.25};
    long n_calls = 0;
    struct mdp_perf_item item = {.name = "wait", .work = wait_a_little, .context = &n_calls};
    double start = mdp_clock_seconds();
    CHECK_OK(mdp_perf_measure_in_turn(&options, &item, 1));
    double elapsed = mdp_clock_seconds() - start;
    CHECK(elapsed >= 0.25);
    CHECK_OK(mdp_perf_add_rates(&results, &item, "units/s", 1, 2));

    /* a busy machine makes calls longer, but none is shorter than a millisecond, and the best repetition is no worse
     * than all calls together but for the first, which is not counted */
    CHECK(results.items[0].max <= 20000 && results.items[0].min > 0);
    CHECK(results.items[0].max >= 20.0 * (double)(n_calls - 1) / elapsed);
    CHECK_INT(results.items[0].n, MDP_PERF_N_REPETITIONS);
    mdp_perf_free(&results);
}

/* writes down who was called, one letter an item */
struct caller {
    char letter, *calls;
};

static long call(void *context) {
    const struct caller *caller = context;
    size_t n = strlen(caller->calls);
    if (n < 60) caller->calls[n] = caller->letter;
    return 7;
}

/* a first call each, then turns; without timing just so many calls, a handicap being more of them; or names alone */
static void test_turns(void) {
    char calls[64] = "";
    struct caller a = {'a', calls}, b = {'b', calls};
    struct mdp_perf_item items[2] = {{.name = "x/a", .work = call, .context = &a},
                                     {.name = "x/b", .work = call, .context = &b}};
    double n_units = 0;
    struct mdp_perf_names names = {0};
    struct mdp_perf_options options = {.threads = 1, .seconds = 1e-9};
    CHECK_OK(mdp_perf_measure_in_turn(&options, items, 2));
    CHECK_STR(calls, "abababababab");
    CHECK(mdp_perf_is_timed(&options) && items[1].rates[4] > 0);
    memset(calls, 0, sizeof calls);
    options = (struct mdp_perf_options){.threads = 1, .n_calls = 5, .n_units = &n_units, .handicap = 1.2};
    CHECK_OK(mdp_perf_measure_in_turn(&options, items, 2));
    CHECK_STR(calls, "abaaaaaabbbbbb");
    CHECK_CLOSE(n_units, 70, 0);
    CHECK(!mdp_perf_is_timed(&options));
    memset(calls, 0, sizeof calls);
    options = (struct mdp_perf_options){.threads = 1, .names = &names};
    CHECK_OK(mdp_perf_measure_in_turn(&options, items, 2));
    CHECK_STR(calls, "");
    CHECK_INT(names.n, 2);
    CHECK_STR(names.names[1], "x/b");
    free(names.names);
    options = (struct mdp_perf_options){.only = "env/Half*"};
    CHECK(mdp_perf_is_wanted(&options, "env/HalfCheetahBullet-v0") && !mdp_perf_is_wanted(&options, "vec/HalfCheetah"));
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

/* Bullet's robots, which come first in the list */
static int count_on_bullet(void) {
    int n = 0;
    while (mdp_env_list(n)->model != NULL) n++;
    return n;
}

/* one world of each robot is measured, where its library is there */
static int is_measured(const struct mdp_env_spec *spec) {
    struct mdp_engine_facts facts;
    return mdp_engine_describe(NULL, spec, &facts) == MDP_OK && (spec->gym == NULL || strstr(spec->id, "-v2") != NULL);
}

static void test_env_against(void) {
    struct mdp_perf_results results = {0};
    struct mdp_engine *engine;
    CHECK_OK(mdp_engine_open("native", &engine));
    const struct mdp_perf_options options = {.threads = 2, .seconds = 0.02, .against = engine};
    CHECK_OK(mdp_perf_env(&options, &results));
    static const char *const whats[] = {"env", "against", "ratio", "vec", "against/vec", "ratio/vec"};
    CHECK_INT(results.n_items, 6 * count_on_bullet());
    for (int i = 0; mdp_env_list(i)->model != NULL; i++)
        for (int k = 0; k < 6; k++) {
            char name[64];
            snprintf(name, sizeof name, "%s/%s", whats[k], mdp_env_list(i)->id);
            CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        }
    mdp_engine_free(engine);
    mdp_perf_free(&results);
}

/* of the last robot alone: its own name, not that of the first in the list */
static void test_env_against_of_one(void) {
    struct mdp_perf_results results = {0};
    struct mdp_engine *engine;
    char only[64], name[64];
    const char *id = mdp_env_list(count_on_bullet() - 1)->id;
    CHECK_OK(mdp_engine_open("native", &engine));
    snprintf(only, sizeof only, "env/%s", id);
    const struct mdp_perf_options options = {.threads = 1, .seconds = 0.02, .against = engine, .only = only};
    CHECK_OK(mdp_perf_env(&options, &results));
    CHECK_INT(results.n_items, 3);
    snprintf(name, sizeof name, "ratio/%s", id);
    CHECK(find(&results, name, 1) != NULL);
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
    CHECK_OK(mdp_perf_env(&options, &results));
    int n_envs = 0;
    for (int i = 0; mdp_env_list(i) != NULL; i++) {
        const char *id = mdp_env_list(i)->id;
        char name[64];
        if (!is_measured(mdp_env_list(i))) continue;
        n_envs++;
        snprintf(name, sizeof name, "env/%s", id);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        snprintf(name, sizeof name, "physics/%s", id);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 1)->min > 0);
        snprintf(name, sizeof name, "vec/%s", id);
        CHECK(find(&results, name, 1) != NULL && find(&results, name, 2) != NULL);
        snprintf(name, sizeof name, "memory/%s", id);
        const struct mdp_perf_result *memory = find(&results, name, 1);
        CHECK(memory != NULL && memory->min >= smallest_world && memory->max < 512 * 1024);
    }
    CHECK_INT(results.n_items, 5 * n_envs);
    mdp_perf_free(&results);
}

/* the world goes where the environment's goes, through an end of an episode and from the tape's start again */
static void test_tape_is_the_environment(void) {
    for (int k = 0; mdp_env_list(k) != NULL; k++) {
        const struct mdp_env_spec *spec = mdp_env_list(k);
        struct mdp_perf_tape *tape;
        if (!is_measured(spec)) continue;
        struct mdp_env *env;
        double qpos[MDP_ENV_MAX_DOF] = {0};
        float action[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
        CHECK_OK(mdp_perf_tape_new(NULL, spec, &tape));
        CHECK_OK(mdp_env_new(spec, &env));
        for (int i = 0; i < MDP_PERF_TAPE_STEPS / MDP_PERF_TAPE_AT_ONCE; i++) mdp_perf_tape_work(tape);
        for (int lap = 0; lap < 5; lap++) CHECK_INT(mdp_perf_tape_work(tape), MDP_PERF_TAPE_AT_ONCE);
        struct mdp_rng rng = mdp_perf_action_stream();
        struct mdp_step step = {.truncated = 1};
        uint32_t episode = 0;
        for (int i = 0; i < 5 * MDP_PERF_TAPE_AT_ONCE; i++) {
            if (mdp_step_ended(&step)) mdp_env_reset(env, 0, episode++, observation);
            mdp_perf_draw_actions(&rng, action, spec->n_act);
            mdp_env_step(env, action, observation, &step);
        }
        mdp_perf_tape_read(tape, qpos);
        CHECK(memcmp(qpos, mdp_env_get_view(env)->qpos, sizeof qpos) == 0);
        mdp_env_free(env);
        mdp_perf_tape_free(tape);
    }
}

static mdp_err take_memory(void *context) {
    long n = *(long *)context;
    char *bytes = malloc((size_t)n);
    if (bytes == NULL) return mdp_fail(MDP_E_NOMEM, "no memory");
    memset(bytes, 1, (size_t)n);
    return bytes[n / 2] == 1 ? MDP_OK : MDP_E_INTERNAL;
}

static mdp_err take_nothing(void *context) {
    (void)context;
    return mdp_fail(MDP_E_DATA, "nothing");
}

static void test_memory_of_a_process(void) {
    long n = 20000000;
    double bytes;
    CHECK_OK(mdp_perf_memory("twenty", take_memory, &n, &bytes));
    CHECK(bytes > 19e6 && bytes < 60e6);
    CHECK_FAILS(mdp_perf_memory("none", take_nothing, NULL, &bytes), MDP_E_IO, "memory of none: the process");
}

static void test_programs(void) {
    static char *const arguments[] = {"sh", "-c", "echo $0; exit 3", "word", NULL};
    char path[512], *text;
    size_t size;
    struct mdp_perf_ended ended;
    snprintf(path, sizeof path, "%s/said", tap_temp_dir());
    struct mdp_perf_program program = {"sh", arguments, path, 0};
    CHECK_OK(mdp_perf_program_run(&program, &ended));
    CHECK(ended.status == 3 && ended.seconds > 0 && ended.bytes > 1e5);
    CHECK_OK(mdp_fsx_read(path, 100, &text, &size));
    CHECK_STR(text, "word\n");
    free(text);
    program.file = "no-such-program";
    CHECK_OK(mdp_perf_program_run(&program, &ended));
    CHECK_INT(ended.status, 127);
}

static void test_load(void) {
    struct mdp_perf_results results = {0};
    struct mdp_perf_options options = {.threads = 1, .seconds = 0.01};
    CHECK_OK(mdp_perf_load(&options, &results));
    CHECK_INT(results.n_items, 3);
    CHECK_STR(results.items[0].name, "load/dataset");
    CHECK_STR(results.items[0].unit, "MB/s");
    CHECK(results.items[0].min > 0 && results.items[1].min > smallest_world);
    CHECK_STR(results.items[1].name, "load/dataset/memory");
    CHECK_STR(results.items[2].name, "load/episodes");
    CHECK_STR(results.items[2].unit, "files/s");
    CHECK(results.items[2].min > 0);
    mdp_perf_free(&results);
    options.data = "absent.hdf5";
    CHECK_FAILS(mdp_perf_load(&options, &results), MDP_E_IO, "absent.hdf5: cannot open");
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
        TAP_TEST(test_turns),
        TAP_TEST(test_env_against),
        TAP_TEST(test_env_against_of_one),
        TAP_TEST(test_json_schema),
        TAP_TEST(test_env_rates_and_memory),
        TAP_TEST(test_bootstrap_rates),
        TAP_TEST(test_tape_is_the_environment),
        TAP_TEST(test_memory_of_a_process),
        TAP_TEST(test_programs),
        TAP_TEST(test_load),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
