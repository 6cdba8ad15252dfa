/* tables of gains from made-up episodes: every number against values computed by NumPy and SciPy */
#include "tests/unit/bench/report/made.h"

/* ---- gains ---- */

/* a column's heading for people */
static const char *heading(const json_t *root, const char *key) {
    size_t i;
    const json_t *column;
    json_array_foreach(json_object_get(root, "columns"), i,
                       column) if (strcmp(json_string_value(json_object_get(column, "key")), key) ==
                                   0) return json_string_value(json_object_get(column, "title"));
    return "";
}

/* what checkpoints make is called no p in both tables, what runs make is one */
static void test_checkpoints_make_no_p(void) {
    static const struct mdp_choice_texts runs = {.unit = "runs"}, curve = {.unit = "curve"};
    open_whole();
    for (int i = 0; i < 2; i++) {
        json_t *of_checkpoints = make(0, MDP_REPORT_PAPER, NULL, i), *of_curve = make(0, MDP_REPORT_STRICT, &curve, i);
        json_t *of_runs = make(0, MDP_REPORT_PAPER, &runs, i);
        CHECK_STR(heading(of_checkpoints, "p"), "p*");
        CHECK_STR(heading(of_curve, "levene_p"), "p*");
        CHECK(has_note(of_checkpoints, "p*: no p.") && has_note(of_curve, "p*: no p."));
        CHECK_STR(heading(of_runs, "p"), "p");
        CHECK(!has_note(of_runs, "p*"));
        if (i == 1) CHECK_STR(heading(of_checkpoints, "smallest_p"), "smallest p*");
        json_decref(of_checkpoints);
        json_decref(of_curve);
        json_decref(of_runs);
    }
    close_experiment();
}

/* 3 against 3 have an interval of 90 %, 3 pairs of 75 %: said in the heading, or by row where rows differ */
static void test_level_of_the_shift(void) {
    static const struct mdp_choice_texts runs = {.unit = "runs", .u_test = "auto"};
    open_whole();
    json_t *root = make(0, MDP_REPORT_PAPER, NULL, 1);
    CHECK_STR(heading(root, "shift"), "shift [95 % CI]");
    CHECK(number(root, 0, "shift_level_pct") >= 95 - 1e-7);
    json_decref(root);
    root = make(0, MDP_REPORT_PAPER, &runs, 1);
    CHECK_STR(heading(root, "shift"), "shift [90 % CI]");
    CHECK_CLOSE(number(root, 0, "shift_level_pct"), 90, 1e-9);
    json_decref(root);
    root = make(0, MDP_REPORT_STRICT, NULL, 1);
    CHECK_STR(heading(root, "shift"), "shift [CI]");
    CHECK_CLOSE(number(root, 0, "shift_level_pct"), 75, 1e-9);
    CHECK(number(root, 2, "shift_level_pct") >= 95 - 1e-7);
    json_decref(root);
    close_experiment();
}

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

/* as the authors' code and printed numbers have it: the curve's checkpoints, up to step 100,000 */
static void test_gains_of_the_authors(void) {
    static const struct expected gains[] = {{0, "p", 0.09469294259947589}, {0, "checkpoints", 5}};
    static const struct expected tests[] = {{0, "df2", 8}, {1, "levene_f", 0.09425018794684864}};
    struct mdp_choices choices;
    char text[32];
    open_whole();
    json_t *root = make(0, MDP_REPORT_AUTHORS, NULL, 0);
    CHECK_ALL(root, gains, 1e-9);
    CHECK(strstr(json_string_value(json_object_get(root, "title")), "(authors mode)") != NULL);
    json_decref(root);
    root = make(0, MDP_REPORT_AUTHORS, NULL, 1);
    CHECK_ALL(root, tests, 1e-9);
    json_decref(root);
    close_experiment();
    mdp_choices_defaults(MDP_REPORT_AUTHORS, &choices);
    mdp_choice_show(&choices, MDP_CHOICE_horizon, text);
    CHECK_STR(text, "100000");
    mdp_choice_show(&choices, MDP_CHOICE_over, text);
    CHECK_STR(text, "episodes");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_checkpoints_make_no_p), TAP_TEST(test_level_of_the_shift), TAP_TEST(test_gains_of_the_paper),
        TAP_TEST(test_gains_strict),          TAP_TEST(test_every_reading),      TAP_TEST(test_gains_of_the_authors),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
