/* the table of final returns beside those of the data, against values computed apart from it */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/experiment/read.h"
#include "bench/report/report.h"
#include "tests/unit/bench/experiment/synthetic.h"

static const char yaml[] = "name: x\n"
                           "tasks: [halfcheetah-medium, halfcheetah-medium-expert, halfcheetah-medium-replay]\n"
                           "seeds: [0, 1]\n"
                           "steps: 800\n"
                           "checkpoint-every: 400\n"
                           "episodes: 2\n"
                           "behavior: behavior\n"
                           "runs:\n"
                           "  - {name: joint, algo: dql}\n"
                           "arms:\n"
                           "  - {name: a, run: joint, title: DQL}\n"
                           "tables:\n"
                           "  - {name: learning, kind: behavior, test: [a]}\n";

static struct mdp_experiments experiments;
static struct mdp_arms arms;

/* finals of the last checkpoint: 0.5 and 0.7 for seed 0, 0.6 and 0.8 for seed 1 */
static double learned(int i_arm, int i_task, int i_seed, int i_step, int i_episode) {
    (void)i_arm, (void)i_task;
    return 0.4 * i_step + 0.1 + 0.1 * i_seed + 0.2 * i_episode;
}

/* physics NULL: what it is simulated on today */
static void write_policy(const char *what, const char *physics, const double *values, int n) {
    struct mdp_task task;
    struct mdp_episodes rows;
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_task_parse("halfcheetah-medium", &task));
    struct mdp_episodes_info info = synthetic_world(&task);
    strcpy(info.algo, "behavior");
    strcpy(info.actor, "stochastic");
    info.candidates = 1;
    info.seed = 1;
    if (physics != NULL) snprintf(info.physics, sizeof info.physics, "%s", physics);
    CHECK_OK(mdp_episodes_alloc(&rows, n));
    for (int i = 0; i < n; i++) {
        rows.returns[i] = info.ref_min + values[i] * (info.ref_max - info.ref_min);
        rows.lengths[i] = 1000;
        rows.ends[i] = MDP_END_TIME_LIMIT;
        rows.seeds[i] = 1;
        rows.indices[i] = i;
    }
    snprintf(path, sizeof path, "behavior/halfcheetah-%s.episodes.h5", what);
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
}

static void open_whole(void) {
    const char *path = synthetic_file("x.yaml", yaml);
    CHECK(chdir(tap_temp_dir()) == 0);
    CHECK_OK(mdp_experiments_read(path, &experiments));
    CHECK_OK(mdp_arms_new(&experiments.list[0], 0, &arms));
    synthetic_write_all(&experiments.list[0], learned);
    write_policy("medium.stochastic", NULL, (const double[]){0.30, 0.34, 0.32}, 3);
    write_policy("expert.stochastic", NULL, (const double[]){0.90, 0.94, 0.92}, 3);
    write_policy("expert", NULL, (const double[]){1.0, 1.1}, 2);
}

static void close_experiment(void) {
    mdp_arms_free(&arms);
    mdp_experiments_free(&experiments);
}

static mdp_err make(struct mdp_report_tables *tables) {
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[0]};
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    return mdp_report_make(&report, tables);
}

static json_t *rows_of(struct mdp_report_tables *tables) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(tables->list[0].table, MDP_TABLE_JSON, stream));
    fclose(stream);
    json_t *root = json_loads(text, 0, NULL);
    free(text);
    CHECK(root != NULL);
    return root;
}

static double number(const json_t *root, int i_row, const char *key) {
    json_t *row = json_array_get(json_object_get(root, "rows"), (size_t)i_row), *value = json_object_get(row, key);
    if (!json_is_number(value)) fprintf(stderr, "row %d: %s is no number\n", i_row, key);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

static int is_missing(const json_t *root, int i_row, const char *key) {
    return json_is_null(json_object_get(json_array_get(json_object_get(root, "rows"), (size_t)i_row), key));
}

/* medium: finals 0.5 0.7 0.6 0.8 against 0.30 0.34 0.32 */
static void test_values(void) {
    struct mdp_report_tables tables;
    open_whole();
    CHECK_OK(make(&tables));
    json_t *root = rows_of(&tables);
    CHECK(json_array_size(json_object_get(root, "rows")) == 3);
    CHECK_CLOSE(number(root, 0, "seeds"), 2, 0);
    CHECK_CLOSE(number(root, 0, "n"), 4, 0);
    CHECK_CLOSE(number(root, 0, "final"), 0.65, 1e-14);
    CHECK_CLOSE(number(root, 0, "sd"), sqrt(0.05 / 3), 1e-14);
    CHECK_CLOSE(number(root, 0, "behavior"), 0.32, 1e-14);
    CHECK_CLOSE(number(root, 0, "difference"), 0.33, 1e-14);
    CHECK_CLOSE(number(root, 0, "ratio"), 0.65 / 0.32, 1e-13);
    CHECK_CLOSE(number(root, 0, "expert"), 1.05, 1e-14);
    CHECK_CLOSE(number(root, 0, "expert_ratio"), 0.65 / 1.05, 1e-14);
    /* both halves of medium-expert */
    CHECK_CLOSE(number(root, 1, "behavior_n"), 6, 0);
    CHECK_CLOSE(number(root, 1, "behavior"), 0.62, 1e-14);
    CHECK_CLOSE(number(root, 1, "difference"), 0.03, 1e-14);
    /* nothing stands for a replay */
    CHECK(is_missing(root, 2, "behavior") && is_missing(root, 2, "ratio") && is_missing(root, 2, "verdict"));
    CHECK_CLOSE(number(root, 2, "final"), 0.65, 1e-14);
    json_decref(root);
    mdp_report_tables_free(&tables);
    close_experiment();
}

static void check_verdict(double shift, const char *expected) {
    struct mdp_report_tables tables;
    double values[6];
    for (int i = 0; i < 6; i++) values[i] = shift + 0.01 * i;
    open_whole();
    write_policy("medium.stochastic", NULL, values, 6);
    CHECK_OK(make(&tables));
    json_t *root = rows_of(&tables), *row = json_array_get(json_object_get(root, "rows"), 0);
    CHECK_STR(json_string_value(json_object_get(row, "verdict")), expected);
    json_decref(root);
    mdp_report_tables_free(&tables);
    close_experiment();
}

static void test_verdict_beats(void) { check_verdict(0.2, "these policies beat the data (2 runs)"); }
static void test_verdict_below(void) { check_verdict(1.2, "these policies are below the data (2 runs)"); }
static void test_verdict_open(void) { check_verdict(0.62, "cannot tell"); }

static void test_refusals(void) {
    struct mdp_report_tables tables;
    open_whole();
    write_policy("expert", "another engine", (const double[]){1.0, 1.1}, 2);
    CHECK_FAILS(make(&tables), MDP_E_DATA,
                "physics: expected 'bullet-float64 3.24' as in behavior/halfcheetah-medium.stochastic.episodes.h5, "
                "found 'another engine' in behavior/halfcheetah-expert.episodes.h5");
    CHECK(unlink("behavior/halfcheetah-medium.stochastic.episodes.h5") == 0);
    CHECK_FAILS(make(&tables), MDP_E_IO, "behavior/halfcheetah-medium.stochastic.episodes.h5");
    close_experiment();
}

/* a robot of which no expert was trained */
static void test_no_expert(void) {
    struct mdp_report_tables tables;
    open_whole();
    CHECK(unlink("behavior/halfcheetah-expert.episodes.h5") == 0);
    CHECK_OK(make(&tables));
    json_t *root = rows_of(&tables);
    CHECK_CLOSE(number(root, 0, "difference"), 0.33, 1e-14);
    CHECK(is_missing(root, 0, "expert") && is_missing(root, 0, "expert_ratio"));
    const char *note = json_string_value(json_array_get(json_object_get(root, "notes"), 0));
    CHECK_STR(note, "halfcheetah-medium: its robot has no expert in behavior.");
    json_decref(root);
    mdp_report_tables_free(&tables);
    /* one whose episodes are lost is no robot without an expert */
    FILE *policy = fopen("behavior/halfcheetah-expert.h5", "w");
    CHECK(policy != NULL && fclose(policy) == 0);
    CHECK_FAILS(make(&tables), MDP_E_IO, "behavior/halfcheetah-expert.episodes.h5");
    close_experiment();
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_values),       TAP_TEST(test_verdict_beats), TAP_TEST(test_verdict_below),
        TAP_TEST(test_verdict_open), TAP_TEST(test_refusals),      TAP_TEST(test_no_expert),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
