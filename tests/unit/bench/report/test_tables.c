/* the tables of experiments from made-up episodes: every number against values computed by NumPy and SciPy */
#include "tests/unit/bench/report/made.h"

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
    root = make(1, MDP_REPORT_AUTHORS, NULL, 0);
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
    const struct mdp_choice_texts seeds = {.margin = "0.9", .spread = "seeds"};
    const struct mdp_choice_texts narrower = {.margin = "0.25", .spread = "seeds"};
    open_whole();
    json_t *root = make(2, MDP_REPORT_PAPER, NULL, 0);
    CHECK_ALL(root, paper, 1e-9);
    CHECK(json_is_null(cell(root, 0, "verdict")));
    json_decref(root);
    root = make(2, MDP_REPORT_STRICT, NULL, 0);
    CHECK_ALL(root, strict, 1e-9);
    CHECK_STR(text_of(root, 0, "verdict"), "cannot tell");
    json_decref(root);
    root = make(2, MDP_REPORT_PAPER, &texts, 0);
    CHECK_ALL(root, wide, 1e-9);
    json_decref(root);
    root = make(2, MDP_REPORT_PAPER, &seeds, 0);
    CHECK_STR(text_of(root, 0, "verdict"), "equal within the margin");
    json_decref(root);
    /* three runs do not show one in two that fails */
    root = make(2, MDP_REPORT_PAPER, &narrower, 0);
    CHECK_STR(text_of(root, 0, "verdict"), "within the margin in these runs");
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
    /* of the networks of SPEC section 1, counted by hand: the diffusion module's share is the later manuscript's 38.1
     */
    static const struct expected sizes[] = {
        {0, "diffusion_parameters", 174534}, {0, "guidance_parameters", 283650}, {0, "parameters", 458184},
        {1, "diffusion_parameters", 173510}, {1, "guidance_parameters", 281602}, {3, "parameters", 455112},
    };
    root = make(5, MDP_REPORT_PAPER, NULL, 1);
    CHECK_INT(n_rows(root), 4);
    CHECK_ALL(root, sizes, 0);
    CHECK_CLOSE(json_number_value(cell(root, 1, "diffusion_share_pct")), 38.12, 0.005);
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

/* the first checkpoint is that of step 400: whichever way `early` is read, a window of 399 steps holds none and has no
 * value, and one of 400 steps has a value */
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
    CHECK_OK(mdp_episodes_write(path, &info, &episodes, MDP_PUBLISH_REPLACE));
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
        TAP_TEST(test_variance),        TAP_TEST(test_composition),
        TAP_TEST(test_never_reached),   TAP_TEST(test_arms),
        TAP_TEST(test_profiles),        TAP_TEST(test_cost),
        TAP_TEST(test_early_window),    TAP_TEST(test_missing),
        TAP_TEST(test_non_finite_ends), TAP_TEST(test_temporary_is_missing),
        TAP_TEST(test_bad_choices),     TAP_TEST(test_one_run),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
