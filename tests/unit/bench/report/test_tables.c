/* the tables of experiments from made-up episodes: every number against values computed by NumPy and SciPy */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/experiment/read.h"
#include "bench/report/report.h"
#include "bench/report/write.h"
#include "tests/unit/bench/experiment/synthetic.h"

static const char yaml[] = "name: x\n"
                           "tasks: [halfcheetah-medium, walker2d-medium]\n"
                           "seeds: [0, 1, 2]\n"
                           "steps: 2000\n"
                           "checkpoint-every: 400\n"
                           "episodes: 4\n"
                           "runs:\n"
                           "  - {name: joint, algo: edp}\n"
                           "  - {name: gfdt, algo: edp, guidance: frozen, from: joint, seed-offset: 100}\n"
                           "arms:\n"
                           "  - {name: base, run: joint}\n"
                           "  - {name: gfdt, run: gfdt}\n"
                           "tables:\n"
                           "  - {name: gains, kind: gains, test: [gfdt], base: [base], printed: table1}\n"
                           "  - {name: variance, kind: variance, test: [gfdt], base: [base], printed: table3}\n"
                           "  - {name: end, kind: composition, test: [gfdt], base: [base], printed: composition}\n"
                           "  - {name: arms, kind: arms, test: [base, gfdt], base: [base]}\n"
                           "  - {name: profiles, kind: profiles, test: [base, gfdt]}\n"
                           "  - {name: cost, kind: cost, test: [gfdt], base: [base]}\n";

/* the experiment of the test in hand, in the test's own folder */
static struct mdp_experiments experiments;
static struct mdp_arms arms;

static void open_experiment(const char *text) {
    const char *path = synthetic_file("x.yaml", text);
    CHECK(chdir(tap_temp_dir()) == 0);
    CHECK_OK(mdp_experiments_read(path, &experiments));
    CHECK_OK(mdp_arms_new(&experiments.list[0], 0, &arms));
}

static void open_whole(void) {
    open_experiment(yaml);
    synthetic_write_all(&experiments.list[0], synthetic_usual);
}

static void close_experiment(void) {
    mdp_arms_free(&arms);
    mdp_experiments_free(&experiments);
}

/* one of a report's tables as JSON, which has every digit */
static json_t *make(int i_spec, enum mdp_report_mode mode, const struct mdp_choice_texts *texts, int i_table) {
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[i_spec]};
    struct mdp_report_tables tables;
    char *text = NULL;
    size_t size;
    mdp_choices_defaults(mode, &report.choices);
    if (texts != NULL) CHECK_OK(mdp_choices_set(&report.choices, texts));
    CHECK_OK(mdp_report_make(&report, &tables));
    CHECK(i_table < tables.n);
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(tables.list[i_table].table, MDP_TABLE_JSON, stream));
    fclose(stream);
    mdp_report_tables_free(&tables);
    json_t *root = json_loads(text, 0, NULL);
    free(text);
    CHECK(root != NULL);
    return root;
}

static json_t *cell(const json_t *root, int i_row, const char *key) {
    json_t *row = json_array_get(json_object_get(root, "rows"), (size_t)i_row), *value = json_object_get(row, key);
    if (value == NULL) fprintf(stderr, "row %d has no %s\n", i_row, key);
    CHECK(value != NULL);
    return value;
}

static double number(const json_t *root, int i_row, const char *key) {
    json_t *value = cell(root, i_row, key);
    if (!json_is_number(value)) fprintf(stderr, "row %d: %s is no number\n", i_row, key);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

static const char *text_of(const json_t *root, int i_row, const char *key) {
    return json_string_value(cell(root, i_row, key));
}

static int n_rows(const json_t *root) { return (int)json_array_size(json_object_get(root, "rows")); }

/* a value and where it stands */
struct expected {
    int i_row;
    const char *key;
    double value;
};

static void check_all(const json_t *root, const struct expected *list, int n, double tol) {
    for (int i = 0; i < n; i++) {
        double got = number(root, list[i].i_row, list[i].key);
        if (!(fabs(got - list[i].value) <= tol * fmax(1, fabs(list[i].value))))
            fprintf(stderr, "row %d: %s: expected %.15g, found %.15g\n", list[i].i_row, list[i].key, list[i].value,
                    got);
        CHECK_CLOSE(got, list[i].value, tol * fmax(1, fabs(list[i].value)));
    }
}
#define CHECK_ALL(root, list, tol) check_all(root, list, sizeof list / sizeof list[0], tol)

/* ---- gains ---- */

static void test_gains_of_the_paper(void) {
    static const struct expected gains[] = {
        {0, "peak_gain_pct", 28.03776358325113},
        {0, "auc_gain_pct", 48.453648208428675},
        {0, "early_gain", 0.09488171418148532},
        {0, "p", 0.0028226386759533724},
        {0, "levene_f", 0.0910417666273433},
        {0, "levene_p", 0.7650866359763439},
        {0, "seeds", 3},
        {0, "checkpoints", 5},
        {0, "peak_gain_pct_paper", 11.88},
        {0, "levene_p_paper", 0.0003},
        {1, "peak_gain_pct", 39.42257886724657},
        {1, "auc_gain_pct", 48.02702031362573},
        {1, "early_gain", 0.0935460693720434},
        {1, "p", 0.0024626042007544527},
        {1, "levene_f", 0.07811510713365283},
        {1, "auc_gain_pct_paper", 8.57},
    };
    static const struct expected tests[] = {
        {0, "n_test", 15},
        {0, "n_base", 15},
        {0, "statistic", 185},
        {0, "rank_biserial", 0.6444444444444444},
        {0, "p", 0.00282263867595},
        {0, "df1", 1},
        {0, "df2", 28},
        {1, "statistic", 186},
        {1, "log10_p", -2.6086053},
        {1, "levene_p", 0.7819224288891394},
    };
    open_whole();
    json_t *root = make(0, MDP_REPORT_PAPER, NULL, 0);
    CHECK_INT(n_rows(root), 2);
    CHECK_ALL(root, gains, 1e-9);
    CHECK_STR(text_of(root, 0, "task"), "halfcheetah-medium");
    CHECK_STR(text_of(root, 0, "p_paper"), "<0.0001");
    CHECK_STR(text_of(root, 0, "actor"), "ema");
    json_decref(root);
    root = make(0, MDP_REPORT_PAPER, NULL, 1);
    CHECK_ALL(root, tests, 1e-7);
    CHECK_STR(text_of(root, 0, "unit"), "checkpoint of a run");
    CHECK_STR(text_of(root, 0, "test"), "Mann-Whitney");
    CHECK_STR(text_of(root, 0, "effect"), "large");
    json_decref(root);
    close_experiment();
}

static void test_gains_strict(void) {
    static const struct expected tests[] = {
        {0, "n_test", 3},
        {0, "p", 0.25},
        {0, "smallest_p", 0.25},
        {0, "p_adjusted", 0.5},
        {0, "df2", 4},
        {0, "levene_f", 0.9166164968238166},
        {1, "levene_p", 0.9979560043979885},
        {2, "n_test", 6},
        {2, "p", 0.03125},
        {2, "p_adjusted", 0.09375},
        {2, "rank_biserial", 1},
    };
    open_whole();
    json_t *root = make(0, MDP_REPORT_STRICT, NULL, 1);
    CHECK_INT(n_rows(root), 3);
    CHECK_ALL(root, tests, 1e-9);
    CHECK_STR(text_of(root, 2, "task"), "all tasks");
    CHECK_STR(text_of(root, 2, "test"), "Wilcoxon signed rank");
    json_decref(root);
    root = make(0, MDP_REPORT_STRICT, NULL, 0);
    CHECK_CLOSE(number(root, 0, "peak_gain_pct"), 29.68862181045025, 1e-9);
    CHECK(json_is_null(cell(root, 2, "peak_gain_pct")));
    json_decref(root);
    close_experiment();
}

/* a choice, and a number of the table of gains (0) or of tests (1) that follows from it */
static const struct {
    struct mdp_choice_texts texts;
    int i_table;
    struct expected expected;
} readings[] = {
    {{.early = "difference", .early_steps = "1000"}, 0, {0, "early_gain", 0.08955941396878539}},
    {{.early = "relative", .early_steps = "1000"}, 0, {0, "early_gain", 0.6174503300061119}},
    {{.early = "ratio", .early_steps = "1000"}, 0, {1, "early_gain", 1.6535759737441904}},
    {{.early = "mean", .early_steps = "1000"}, 0, {1, "early_gain", 0.08430819591718065}},
    {{.early_steps = "99999"}, 0, {0, "early_gain", 0.09488171418148532}},
    {{.peak = "runs"}, 0, {1, "peak_gain_pct", 37.9081591922594}},
    {{.levene = "mean"}, 0, {0, "levene_f", 0.07692831008750717}},
    {{.u_test = "exact"}, 0, {0, "p", 0.0019629504133382224}},
    {{.u_test = "auto"}, 1, {1, "p", 0.0016652148641881329}},
    {{.unit = "curve"}, 0, {0, "p", 0.09469294259947589}},
    {{.unit = "curve"}, 1, {0, "df2", 8}},
    {{.unit = "curve"}, 1, {1, "levene_f", 0.09425018794684864}},
    {{.unit = "episodes"}, 0, {0, "p", 0.008615558118820473}},
    {{.unit = "episodes"}, 1, {1, "statistic", 123}},
    {{.unit = "episodes", .pairs = "yes"}, 1, {0, "p", 0.01611328125}},
    {{.unit = "episodes", .pairs = "yes"}, 1, {1, "p", 0.00244140625}},
    {{.adjust = "holm"}, 0, {0, "p", 2 * 0.0024626042007544527}},
    {{.adjust = "bh"}, 0, {1, "p", 0.0028226386759533724}},
    {{.horizon = "1999"}, 0, {0, "checkpoints", 4}},
    {{.horizon = "1600", .unit = "curve"}, 1, {0, "n_test", 4}},
};

static void test_every_reading(void) {
    open_whole();
    for (unsigned i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        json_t *root = make(0, MDP_REPORT_PAPER, &readings[i].texts, readings[i].i_table);
        fprintf(stderr, "reading %u\n", i);
        check_all(root, &readings[i].expected, 1, 1e-9);
        json_decref(root);
    }
    close_experiment();
}

/* ---- variance ---- */

static void test_variance(void) {
    static const struct expected paper[] = {
        {0, "n_variances", 10},
        {0, "n_each", 3},
        {0, "median", 0.0001815350513443801},
        {0, "iqr", 0.00017725563010111996},
        {0, "max", 0.0016849503050023462},
        {0, "cv", 1.4740831492356916},
        {1, "median", 0.0004968244134031924},
        {1, "cv", 1.0741240287346208},
        {2, "median", -173.6796060727106},
        {2, "iqr", -234.201977595259},
        {2, "max", -51.76459252330447},
        {2, "cv", 27.132738116465728},
        {0, "median_paper", 1.26e-5},
        {1, "cv_paper", 4.54},
        {2, "iqr_paper", 86.0},
        {3, "n_variances", 5},
        {3, "median", 0.00016263213780365232},
        {8, "max", 41.17858204744478},
    };
    static const struct expected strict[] = {
        {0, "median", 0.00027230257701657014}, {0, "cv", 1.5538200706862266}, {4, "iqr", 0.0007605508603392336}};
    static const struct expected over_episodes[] = {
        {0, "n_variances", 30}, {0, "n_each", 4}, {0, "median", 0.0026211018605669083}, {2, "max", 8.857268109115314}};
    const struct mdp_choice_texts episodes = {.over = "episodes"};
    open_whole();
    json_t *root = make(1, MDP_REPORT_PAPER, NULL, 0);
    CHECK_INT(n_rows(root), 9);
    CHECK_ALL(root, paper, 1e-7);
    CHECK_STR(text_of(root, 0, "task"), "all tasks");
    CHECK(json_is_null(cell(root, 3, "median_paper")));
    json_decref(root);
    root = make(1, MDP_REPORT_STRICT, NULL, 0);
    CHECK_ALL(root, strict, 1e-7);
    json_decref(root);
    root = make(1, MDP_REPORT_PAPER, &episodes, 0);
    CHECK_ALL(root, over_episodes, 1e-7);
    json_decref(root);
    close_experiment();
}

/* ---- composition ---- */

static void test_composition(void) {
    static const struct expected paper[] = {
        {0, "n", 12},
        {0, "test_final", 0.3942371224481515},
        {0, "test_sd", 0.06666274712105359},
        {0, "base_final", 0.30790691075435367},
        {0, "base_sd", 0.06125960391331172},
        {0, "test_paper", 0.82},
        {0, "base_paper", 0.83},
        {0, "faster_pct_paper", 37},
        {0, "difference_lo", 0.032106515978034184},
        {0, "difference_hi", 0.1405539074095615},
        {0, "df", 21.84466927961723},
        {0, "welch_p", 0.003259134943885459},
        {0, "tost_p", 0.990599166806913},
        {0, "test_step", 1200},
        {0, "base_step", 2000},
        {0, "faster_pct", 40},
        {0, "early_auc_gain_pct", 48.453648208428675},
        {1, "welch_p", 0.0006443368029786318},
        {1, "test_step", 800},
        {1, "faster_pct", 50},
    };
    static const struct expected strict[] = {
        {0, "n", 3}, {0, "test_sd", 0.06193332662557761}, {0, "welch_p", 0.1348198232412806}};
    static const struct expected wide[] = {{0, "tost_p", 0.00013032909092001226},
                                           {0, "test_step", 400},
                                           {0, "base_step", 1200},
                                           {0, "early_auc_gain_pct", 61.74503300061119}};
    const struct mdp_choice_texts texts = {.margin = "0.2", .threshold = "0.5", .early_steps = "1000"};
    open_whole();
    json_t *root = make(2, MDP_REPORT_PAPER, NULL, 0);
    CHECK_ALL(root, paper, 1e-9);
    CHECK_STR(text_of(root, 0, "verdict"), "higher");
    json_decref(root);
    root = make(2, MDP_REPORT_STRICT, NULL, 0);
    CHECK_ALL(root, strict, 1e-9);
    CHECK_STR(text_of(root, 0, "verdict"), "cannot tell");
    json_decref(root);
    root = make(2, MDP_REPORT_PAPER, &texts, 0);
    CHECK_ALL(root, wide, 1e-9);
    CHECK_STR(text_of(root, 0, "verdict"), "equal within the margin");
    json_decref(root);
    close_experiment();
}

/* the base rises above the threshold, the other never does; or the base ends below the random policy */
static double never(int i_arm, int i_task, int i_seed, int i_step, int i_episode) {
    return (i_arm == 0 ? 1 : 0.1) + (i_task == 1 ? -2 : 0) + 0.001 * synthetic_usual(0, 0, i_seed, i_step, i_episode);
}

static void test_never_reached(void) {
    open_experiment(yaml);
    synthetic_write_all(&experiments.list[0], never);
    json_t *root = make(2, MDP_REPORT_PAPER, NULL, 0);
    CHECK_STR(text_of(root, 0, "test_step"), "never");
    CHECK_CLOSE(number(root, 0, "base_step"), 400, 0);
    CHECK(json_is_null(cell(root, 0, "faster_pct")));
    CHECK_STR(text_of(root, 1, "base_step"), "never");
    json_decref(root);
    close_experiment();
}

/* ---- arms, profiles, cost ---- */

static void test_arms(void) {
    static const struct expected expected[] = {
        {0, "runs", 6},
        {0, "episodes", 24},
        {0, "mean", 0.2886781970641727},
        {0, "median", 0.2886781970641727},
        {0, "iqm", 0.2909642178013648},
        {0, "optimality_gap", 0.7113218029358273},
        {1, "iqm", 0.3782949773791303},
        {1, "probability_of_improvement", 1},
        {2, "mean", 0.30790691075435367},
        {2, "sd_runs", 0.00817382718907791},
        {5, "sd_runs", 0.03223047579452019},
    };
    open_whole();
    json_t *root = make(3, MDP_REPORT_PAPER, NULL, 0);
    CHECK_INT(n_rows(root), 6);
    CHECK_ALL(root, expected, 1e-9);
    CHECK(number(root, 1, "iqm_lo") < number(root, 1, "iqm") && number(root, 1, "iqm") < number(root, 1, "iqm_hi"));
    CHECK(json_is_null(cell(root, 0, "probability_of_improvement")));
    CHECK_INT(json_array_size(json_object_get(root, "notes")), 4);
    json_decref(root);
    close_experiment();
}

static void test_profiles(void) {
    open_whole();
    json_t *root = make(4, MDP_REPORT_PAPER, NULL, 0);
    int n_checked = 0;
    for (int i = 0; i < n_rows(root); i++) {
        double tau = number(root, i, "tau"), share = number(root, i, "share");
        int is_base = strcmp(text_of(root, i, "arm"), "base") == 0;
        if (fabs(tau - 0.3) < 1e-9) CHECK_CLOSE(share, is_base ? 1.0 / 3 : 1, 1e-12), n_checked++;
        if (fabs(tau - 0.35) < 1e-9) CHECK_CLOSE(share, is_base ? 0 : 2.0 / 3, 1e-12), n_checked++;
        if (fabs(tau - 0.4) < 1e-9) CHECK_CLOSE(share, is_base ? 0 : 1.0 / 3, 1e-12), n_checked++;
    }
    CHECK_INT(n_checked, 6);
    json_decref(root);
    close_experiment();
}

static void write_facts(const char *folder, double seconds, double bytes, double flops) {
    char path[MDP_PATH_MAX], text[256];
    snprintf(text, sizeof text,
             "{\"steps\": 2000, \"wall_seconds\": 1, \"cpu_seconds\": %.15g, \"peak_bytes\": %.15g, \"threads\": 1, "
             "\"step_flops\": %.15g}",
             seconds, bytes, flops);
    snprintf(path, sizeof path, "%s/run.json", folder);
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_fsx_write(path, text, strlen(text)));
}

static void test_cost(void) {
    open_whole();
    write_facts("runs/halfcheetah-medium/edp/joint/seed0", 100, 4194304, 4e9);
    write_facts("runs/walker2d-medium/edp/joint/seed2", 300, 3145728, 4e9);
    write_facts("runs/halfcheetah-medium/edp/joint/seed101", 3600, 1048576, 4e9);
    write_facts("runs/halfcheetah-medium/edp/frozen/seed1", 50, 1048576, 1e9);
    json_t *root = make(5, MDP_REPORT_PAPER, NULL, 0);
    static const struct expected expected[] = {
        {0, "runs", 2},
        {0, "core_seconds_per_1000_steps", 100},
        {0, "peak_mebibytes", 4},
        {0, "core_hours", 1.0 / 9},
        {1, "runs", 1},
        {1, "core_seconds_per_1000_steps", 25},
        {1, "time_saved_pct", 75},
        {0, "step_gflop", 4},
        {1, "arithmetic_saved_pct", 75},
        {1, "memory_saved_pct", 75},
        {1, "core_hours_with_guidance", 3650.0 / 3600},
    };
    CHECK_ALL(root, expected, 1e-12);
    json_decref(root);
    write_facts("runs/halfcheetah-medium/edp/frozen/seed1", -1, 0, 0);
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[5]};
    struct mdp_report_tables tables;
    CHECK_FAILS(mdp_report_make(&report, &tables), MDP_E_DATA, "frozen/seed1/run.json: cpu_seconds: expected a number");
    close_experiment();
}

/* ---- what is missing or unlike ---- */

static void refuse_table(mdp_err code, const char *part) {
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[0]};
    struct mdp_report_tables tables;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    CHECK_FAILS(mdp_report_make(&report, &tables), code, part);
}

static void test_missing(void) {
    static const char gone[] = "runs/walker2d-medium/edp/frozen/seed1/step000800.episodes.h5";
    open_whole();
    CHECK(unlink(gone) == 0);
    refuse_table(MDP_E_DATA, gone);
    mdp_arms_free(&arms);
    CHECK_OK(mdp_arms_new(&experiments.list[0], 1, &arms));
    json_t *root = make(0, MDP_REPORT_PAPER, NULL, 0);
    CHECK_CLOSE(number(root, 0, "seeds"), 3, 0);
    CHECK_CLOSE(number(root, 1, "seeds"), 2, 0);
    json_decref(root);
    close_experiment();
}

/* nothing but a temporary file, as a kill leaves it: no episodes */
static void test_temporary_is_missing(void) {
    static const char path[] = "runs/walker2d-medium/edp/frozen/seed1/step000800.episodes.h5";
    char temp[MDP_PATH_MAX];
    open_whole();
    snprintf(temp, sizeof temp, "%s.tmp123", path);
    CHECK(rename(path, temp) == 0);
    refuse_table(MDP_E_DATA, "found no such file");
    close_experiment();
}

static void test_bad_choices(void) {
    struct mdp_report report = {.arms = &arms, .spec = NULL};
    struct mdp_report_tables tables;
    open_whole();
    report.spec = &experiments.list[0].file.tables[0];
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    report.choices.value[MDP_CHOICE_horizon] = 399;
    CHECK_FAILS(mdp_report_make(&report, &tables), MDP_E_USAGE,
                "--horizon: expected at least the first checkpoint 400");
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    CHECK_FAILS(mdp_choice_set(&report.choices, MDP_CHOICE_unit, "hours"), MDP_E_USAGE,
                "expected one of checkpoints, curve, episodes, runs, found 'hours'");
    CHECK_FAILS(mdp_choice_set(&report.choices, MDP_CHOICE_margin, "0"), MDP_E_USAGE, "expected a number from 1e-09");
    CHECK_FAILS(mdp_choice_set(&report.choices, MDP_CHOICE_margin, "1x"), MDP_E_USAGE, "found '1x'");
    close_experiment();
}

static int has_note(const json_t *root, const char *part) {
    const json_t *notes = json_object_get(root, "notes");
    int n = 0;
    for (size_t i = 0; i < json_array_size(notes); i++)
        n += strstr(json_string_value(json_array_get(notes, i)), part) != NULL;
    return n == 1;
}

/* checkpoints from 400 on: a window of 399 steps has none and so no value, in any reading; one of 400 has one */
static void test_early_window(void) {
    static const char note[] = "no checkpoint in the first 399 steps, the first is 400.";
    static const char *const readings_of_early[] = {"difference", "relative", "ratio", "mean"};
    json_t *root;
    open_whole();
    for (int i = 0; i < 4; i++) {
        root = make(0, MDP_REPORT_PAPER,
                    &(struct mdp_choice_texts){.early = readings_of_early[i], .early_steps = "399"}, 0);
        CHECK(json_is_null(cell(root, 0, "early_gain")) && json_is_null(cell(root, 1, "early_gain")));
        CHECK(json_is_number(cell(root, 0, "auc_gain_pct")) && has_note(root, note));
        json_decref(root);
        root = make(0, MDP_REPORT_PAPER,
                    &(struct mdp_choice_texts){.early = readings_of_early[i], .early_steps = "400"}, 0);
        CHECK(json_is_number(cell(root, 0, "early_gain")) && !has_note(root, "no checkpoint"));
        json_decref(root);
    }
    root = make(2, MDP_REPORT_PAPER, &(struct mdp_choice_texts){.early_steps = "399"}, 0);
    CHECK(json_is_null(cell(root, 0, "early_auc_gain_pct")) && has_note(root, note));
    json_decref(root);
    root = make(2, MDP_REPORT_PAPER, &(struct mdp_choice_texts){.early_steps = "400"}, 0);
    CHECK(json_is_number(cell(root, 0, "early_auc_gain_pct")) && !has_note(root, "no checkpoint"));
    json_decref(root);
    close_experiment();
}

/* 2 of 4 episodes at one checkpoint of five, of three seeds and two tasks: every table of that arm says so, once */
static void test_non_finite_ends(void) {
    static const char note[] = "Stopped at a value that is not finite: 2 of 120 episodes of gfdt, ema; ";
    static const char path[] = "runs/walker2d-medium/edp/frozen/seed1/step000800.episodes.h5";
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    open_whole();
    CHECK_OK(mdp_episodes_read(path, &info, &episodes));
    episodes.ends[0] = episodes.ends[3] = MDP_END_NON_FINITE;
    CHECK_OK(mdp_episodes_write(path, &info, &episodes));
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    for (int i = 0; i < 4; i++) {
        json_t *root = make(i, MDP_REPORT_PAPER, NULL, 0);
        CHECK(has_note(root, note) && has_note(root, "not finite"));
        json_decref(root);
    }
    json_t *tests = make(0, MDP_REPORT_PAPER, NULL, 1);
    CHECK(has_note(tests, note));
    json_decref(tests);
    close_experiment();
}

/* one seed, one task: what cannot be tested is missing, and nothing fails */
static void test_one_run(void) {
    static const char one[] = "name: x\ntasks: [walker2d-expert]\nseeds: [5]\nsteps: 800\ncheckpoint-every: 400\n"
                              "episodes: 1\nactors: [online]\nruns:\n  - {name: j, algo: dql}\n"
                              "arms:\n  - {name: a, run: j}\n  - {name: b, run: j, guidance: none}\ntables:\n"
                              "  - {name: gains, kind: gains, test: [a], base: [b]}\n"
                              "  - {name: arms, kind: arms, test: [a, b], base: [b]}\n"
                              "  - {name: end, kind: composition, test: [a], base: [b]}\n"
                              "  - {name: variance, kind: variance, test: [a], base: [b]}\n";
    open_experiment(one);
    synthetic_write_all(&experiments.list[0], synthetic_usual);
    CHECK(mdp_fsx_exists("runs/walker2d-expert/dql/joint/seed5/step000800.unguided.online.episodes.h5"));
    for (int i = 0; i < 3; i++)
        for (int mode = 0; mode < 2; mode++) json_decref(make(i, mode, NULL, 0));
    json_t *root = make(0, MDP_REPORT_STRICT, NULL, 1);
    CHECK_CLOSE(number(root, 0, "p"), 1, 0);
    CHECK_STR(text_of(root, 0, "actor"), "online");
    CHECK(json_is_null(cell(root, 0, "levene_f")));
    json_decref(root);
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[3]};
    struct mdp_report_tables tables;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    CHECK_FAILS(mdp_report_make(&report, &tables), MDP_E_USAGE, "expected at least 2 seeds for a variance over seeds");
    close_experiment();
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_gains_of_the_paper),
        TAP_TEST(test_gains_strict),
        TAP_TEST(test_every_reading),
        TAP_TEST(test_variance),
        TAP_TEST(test_composition),
        TAP_TEST(test_never_reached),
        TAP_TEST(test_arms),
        TAP_TEST(test_profiles),
        TAP_TEST(test_cost),
        TAP_TEST(test_early_window),
        TAP_TEST(test_missing),
        TAP_TEST(test_non_finite_ends),
        TAP_TEST(test_temporary_is_missing),
        TAP_TEST(test_bad_choices),
        TAP_TEST(test_one_run),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
