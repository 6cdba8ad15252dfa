/* gate policies: defaults, rows, margins, acceptances; what is refused, with line and key */
#include <math.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/gate/policy.h"
#include "bench/yaml/yaml.h"
#include "tests/settings.h"

static struct mdp_gate_policy parse(const char *text) {
    struct mdp_gate_policy policy;
    CHECK_OK(mdp_gate_policy_parse("p.yaml", text, &policy));
    return policy;
}

/* every default is a value that its row takes, in every table of the file */
static void test_spelling(void) { check_spelling(&mdp_gate_policy_table); }

static void test_defaults(void) {
    struct mdp_gate_policy p = parse("rows: [{metric: return, margin: {absolute: 0.1}}]\n");
    CHECK_CLOSE(p.alpha, 0.05, 0);
    CHECK_CLOSE(p.power, 0.8, 0);
    CHECK_INT(p.correction, MDP_GATE_HOLM);
    CHECK_INT(p.pass_correction, MDP_GATE_NO_CORRECTION);
    CHECK_INT(p.may_differ, 0);
    CHECK_INT(p.n_rules, 1);
    CHECK_INT(p.n_accepted, 0);
    const struct mdp_gate_rule *r = &p.rules[0];
    CHECK_STR(r->task, "*");
    CHECK_STR(r->arm, "*");
    CHECK(r->measure == NULL);
    CHECK(r->metric == MDP_GATE_RETURN && r->test == MDP_GATE_TEST_AUTO && r->unit == MDP_GATE_UNIT_AUTO);
    CHECK(r->margin_kind == MDP_GATE_MARGIN_ABSOLUTE && r->is_required);
    CHECK_CLOSE(r->margin, 0.1, 0);
    CHECK_INT(r->min_episodes, 25);
    CHECK_CLOSE(r->early_steps, 5000, 0);
    CHECK_INT(p.sequential.n_looks, 4);
    CHECK_CLOSE(p.sequential.looks[0], 10, 0);
    CHECK_CLOSE(p.sequential.looks[3], 100, 0);
    CHECK_INT(p.sequential.bounds, MDP_BOUND_SHAPE_OBRIEN_FLEMING);
    mdp_gate_policy_free(&p);
    CHECK(p.rules == NULL && p.n_rules == 0);
    mdp_gate_policy_free(&p);
}

static void test_everything_said(void) {
    struct mdp_gate_policy p = parse("alpha: 0.01\npower: 0.9\ncorrection: bonferroni\npass_correction: holm\n"
                                     "may_differ: [actor, precision]\n"
                                     "defaults: {margin: {sd: 0.5}, min_episodes: 40, test: mean, required: false}\n"
                                     "rows:\n"
                                     "- {task: 'walker2d-*', arm: dql/*, metric: auc}\n"
                                     "- {metric: early, margin: {relative: 0.2}, test: rank, unit: run, "
                                     "early_steps: 100, min_episodes: 2, required: true}\n"
                                     "- {metric: failure, margin: {absolute: 0.1}}\n"
                                     "- {metric: speed, measure: 'env/*', margin: {relative: 0.1}}\n"
                                     "accepted:\n"
                                     "- {task: t, metric: peak, reason: known, expires: 2028-02-29}\n"
                                     "- {metric: speed, measure: x, reason: also, expires: '2030-12-31'}\n"
                                     "sequential: {looks: [5, 6], bounds: pocock}\n");
    CHECK(p.correction == MDP_GATE_BONFERRONI && p.pass_correction == MDP_GATE_HOLM);
    CHECK_INT(p.may_differ, MDP_FACT_BIT(MDP_FACT_ACTOR) | MDP_FACT_BIT(MDP_FACT_PRECISION));
    CHECK_STR(p.rules[0].task, "walker2d-*");
    CHECK_STR(p.rules[0].arm, "dql/*");
    CHECK(p.rules[0].margin_kind == MDP_GATE_MARGIN_SD && p.rules[0].test == MDP_GATE_TEST_MEAN);
    CHECK(!p.rules[0].is_required && p.rules[0].min_episodes == 40);
    CHECK(p.rules[1].margin_kind == MDP_GATE_MARGIN_RELATIVE && p.rules[1].test == MDP_GATE_TEST_RANK);
    CHECK(p.rules[1].unit == MDP_GATE_UNIT_RUN && p.rules[1].is_required && p.rules[1].min_episodes == 2);
    CHECK_CLOSE(p.rules[1].early_steps, 100, 0);
    CHECK_INT(p.rules[2].metric, MDP_GATE_FAILURE);
    CHECK(p.rules[3].task == NULL && p.rules[3].arm == NULL);
    CHECK_STR(p.rules[3].measure, "env/*");
    CHECK_INT(p.n_accepted, 2);
    CHECK_STR(p.accepted[0].arm, "*");
    CHECK_STR(p.accepted[0].reason, "known");
    CHECK_INT(p.accepted[0].expires, 20280229);
    CHECK(p.accepted[1].metric == MDP_GATE_SPEED);
    CHECK(p.sequential.n_looks == 2 && p.sequential.bounds == MDP_BOUND_SHAPE_POCOCK);
    mdp_gate_policy_free(&p);
}

static const char *const refused[][2] = {
    {"rows: []\n", "p.yaml:1: rows: expected 1 to 1000 entries, found 0"},
    {"rows:\n- {metric: return}\n", "p.yaml:2: rows[0].margin: expected a margin here or in defaults, found none"},
    {"rows:\n- {metric: return, margin: {}}\n", "rows[0].margin: expected one of absolute, relative or sd, found none"},
    {"rows:\n- metric: return\n  margin: {absolute: 1, sd: 1}\n",
     "p.yaml:3: rows[0].margin: expected one of absolute, relative or sd, found absolute, sd"},
    {"rows:\n- {metric: return, margin: {absolute: 0}}\n",
     "rows[0].margin.absolute: expected a number from 1e-09 to 1000000000 in the metric's unit, found '0'"},
    {"rows:\n- {metric: return, margin: {relative: 1.5}}\n", "rows[0].margin.relative: expected a number from"},
    {"rows:\n- {metric: return, margin: {absolute: 1}, min_episodes: 1}\n",
     "rows[0].min_episodes: expected a whole number from 2 to 1000000 episodes, found '1'"},
    {"rows:\n- {metric: returns, margin: {absolute: 1}}\n",
     "rows[0].metric: expected one of return, spread, failure, auc, peak, early, speed, found 'returns'"},
    {"rows:\n- {metric: return, measure: x, margin: {absolute: 1}}\n",
     "rows[0].measure: expected task and arm of this metric, found measure"},
    {"rows:\n- {metric: speed, margin: {relative: 0.1}}\n", "p.yaml:2: rows[0]: expected the key measure"},
    {"rows:\n- {metric: speed, task: x, margin: {relative: 0.1}}\n",
     "rows[0].task: expected measure alone of the metric speed, found task too"},
    {"rows:\n- {metric: speed, arm: x, measure: y, margin: {relative: 0.1}}\n",
     "rows[0].arm: expected measure alone of the metric speed, found arm too"},
    {"rows:\n- {metric: speed, measure: x, margin: {absolute: 1}}\n",
     "rows[0].margin: expected relative, as speeds are compared as ratios, found absolute"},
    {"rows:\n- {metric: speed, measure: x, margin: {relative: 1}}\n",
     "rows[0].margin.relative: expected less than 1 of the metric speed, found 1"},
    {"rows:\n- {metric: speed, measure: x, unit: run, margin: {relative: 0.1}}\n",
     "rows[0].unit: expected none of the metric speed, found run"},
    {"rows:\n- {metric: failure, test: rank, margin: {absolute: 1}}\n",
     "rows[0].test: expected auto, as a share of failures has a test of its own, found rank"},
    {"alpha: 0.6\nrows: [{metric: return, margin: {absolute: 1}}]\n", "p.yaml:1: alpha: expected a number from"},
    {"may_differ: [step, physics]\n",
     "may_differ[1]: expected one of precision, actor, candidates, temperature, w_t, solver, sampling_steps, lambda, "
     "langevin, guide, step, found 'physics'"},
    {"rows: [{metric: auc, margin: {sd: 1}}]\naccepted:\n- {metric: auc, reason: x, expires: 2027-02-29}\n",
     "p.yaml:3: accepted[0].expires: expected a day as YYYY-MM-DD, found '2027-02-29'"},
    {"rows: [{metric: auc, margin: {sd: 1}}]\naccepted:\n- {metric: auc, reason: x}\n",
     "accepted[0]: expected the key expires, found none"},
    {"rows: [{metric: auc, margin: {sd: 1}}]\naccepted:\n- {metric: auc, reason: '', expires: 2027-02-28}\n",
     "accepted[0].reason: expected a text of 1 to 200 bytes"},
    {"rows: [{metric: auc, margin: {sd: 1}}]\nsequential: {looks: [5, 5]}\n",
     "p.yaml:2: sequential.looks: expected ascending numbers, found 5 after 5"},
    {"rows: [{metric: auc, margin: {sd: 1}}]\nsequential: {bounds: pocock}\n", "sequential: expected the key looks"},
    {"rows: [{metric: auc, margin: {sd: 1}, minimum: 4}]\n", "rows[0]: expected keys of task, arm, measure, metric"},
};

static void test_refusals(void) {
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct mdp_gate_policy policy;
        CHECK_FAILS(mdp_gate_policy_parse("p.yaml", refused[i][0], &policy), MDP_E_DATA, refused[i][1]);
        CHECK(policy.rules == NULL && policy.yaml == NULL);
    }
}

static void test_dates(void) {
    static const char *const bad[] = {"",           "2026",       "2026-1-01",  "2026-13-01",
                                      "2026-00-10", "2026-04-31", "2100-02-29", "2026-01-01x",
                                      "-026-01-01", "2026-01-1 ", "2026/01/01", "+026-01-01"};
    long day;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(mdp_gate_date_parse(bad[i], &day), MDP_E_DATA, "expected a day as YYYY-MM-DD");
    CHECK_OK(mdp_gate_date_parse("2000-02-29", &day));
    CHECK_INT(day, 20000229);
}

/* what an episode can lose has an end, or the policy says that it has none */
static void test_worst(void) {
    static const struct {
        const char *line;
        double worst;
    } good[] = {{"", 0}, {"worst: -0.25\n", -0.25}, {"worst: none\n", -INFINITY}};
    static const char rows[] = "rows: [{metric: return, margin: {absolute: 0.1}}]\n";
    struct mdp_gate_policy p;
    char text[128];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "%s%s", good[i].line, rows);
        CHECK_OK(mdp_gate_policy_parse("p.yaml", text, &p));
        CHECK(p.worst == good[i].worst);
        mdp_gate_policy_free(&p);
    }
    static const char *const bad[] = {"low", "nan", "-inf", "1e300", "1 2"};
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "worst: %s\n%s", bad[i], rows);
        CHECK_FAILS(mdp_gate_policy_parse("p.yaml", text, &p), MDP_E_DATA,
                    "p.yaml:1: worst: expected the lowest normalized return there can be, or none, found '");
    }
}

/* what is shipped can be read, and means what its comments say */
static void test_shipped(void) {
    static const char *const names[] = {"default", "strict"};
    struct mdp_gate_policy p;
    char path[MDP_PATH_MAX];
    for (int i = 0; i < 2; i++) {
        CHECK_OK(mdp_fsx_path(path, "%s/bench/gates/%s.yaml", MDP_SOURCE_DIR, names[i]));
        CHECK_OK(mdp_gate_policy_read(path, &p));
        CHECK_CLOSE(p.alpha, i == 0 ? 0.05 : 0.025, 0);
        CHECK(p.n_rules == 14 && !p.rules[0].is_required && p.rules[2].is_required && !p.rules[13].is_required);
        CHECK(p.worst == 0 && p.sequential.looks[p.sequential.n_looks - 1] == (i == 0 ? 60 : 200));
        /* every task has a row for failures */
        CHECK(p.rules[9].metric == MDP_GATE_FAILURE && strcmp(p.rules[9].task, "*") == 0 && p.rules[9].is_required);
        CHECK_INT(p.pass_correction, i == 0 ? MDP_GATE_NO_CORRECTION : MDP_GATE_HOLM);
        mdp_gate_policy_free(&p);
    }
    CHECK_FAILS(mdp_gate_policy_read("/nonexistent/p.yaml", &p), MDP_E_IO, "/nonexistent/p.yaml");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_spelling), TAP_TEST(test_defaults), TAP_TEST(test_everything_said), TAP_TEST(test_refusals),
        TAP_TEST(test_dates),    TAP_TEST(test_worst),    TAP_TEST(test_shipped),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
