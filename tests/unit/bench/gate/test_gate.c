/* the gate's decisions, on sides made in memory: what passes, fails and stays open, and what is refused */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/bench/gate/gate_trial.h"

static const char plain[] = "rows: [{metric: return, margin: {absolute: 0.1}}]\n";

/* judges one file a side by a policy of one row, and returns the row */
static struct mdp_gate_row judge_one(const char *policy, struct shape baseline, struct shape candidate) {
    struct trial t = trial_of(one("baseline", baseline), one("candidate", candidate));
    CHECK_OK(judge(&t, policy));
    CHECK_INT(t.report.n_rows, 1);
    struct mdp_gate_row row = t.report.rows[0];
    CHECK_INT(t.report.decision, row.decision);
    drop(&t);
    return row;
}

static void test_three_decisions(void) {
    const struct shape base = {.mean = 0.5, .sd = 0.1, .stream = 1, .seed = 1};
    struct shape same = base, worse = base, near = base;
    same.stream = worse.stream = near.stream = 2;
    worse.mean = 0.3;
    near.mean = 0.4;
    struct mdp_gate_row row = judge_one(plain, base, same);
    CHECK_INT(row.decision, MDP_GATE_PASS);
    CHECK(row.is_paired && row.low > -0.1 && row.p_pass < 0.05 && row.reason[0] == 0);
    CHECK_STR(row.test, "Wilcoxon signed rank");
    row = judge_one(plain, base, worse);
    CHECK_INT(row.decision, MDP_GATE_FAIL);
    CHECK(row.high < -0.1 && row.p_fail < 0.05 && row.gain < -0.15);
    CHECK(strstr(row.reason, "gain -0.") != NULL && strstr(row.reason, "margin 0.1") != NULL);
    row = judge_one(plain, base, near);
    CHECK_INT(row.decision, MDP_GATE_INCONCLUSIVE);
    CHECK(row.low < -0.1 && row.high > -0.1 && row.n_needed > N && row.mde > 0.1);
    CHECK(strstr(row.reason, "needs n = ") != NULL && strstr(row.reason, "would have failed (power 0.8)") != NULL);
}

/* the same episodes are pairs; with another seed, or another number, they are two samples */
static void test_pairing(void) {
    static const char policy[] = "worst: 3.6\nrows: [{metric: return, margin: {absolute: 0.1}}]\n";
    const struct shape base = {.mean = 5, .sd = 0.01, .shared_sd = 0.5, .stream = 1, .seed = 1};
    struct shape other = base;
    other.stream = 2;
    struct mdp_gate_row row = judge_one(policy, base, other);
    CHECK(row.is_paired && row.decision == MDP_GATE_PASS && row.sd < 0.02);
    other.seed = 9;
    row = judge_one(policy, base, other);
    CHECK(!row.is_paired && row.decision == MDP_GATE_INCONCLUSIVE);
    CHECK_STR(row.test, "Mann-Whitney");
    other.seed = 1;
    other.n = 60;
    row = judge_one(plain, base, other);
    CHECK(!row.is_paired && row.n_baseline == 50 && row.n_candidate == 60);
}

static void test_margins(void) {
    const struct shape base = {.mean = 0.5, .sd = 0.1, .stream = 1, .seed = 1};
    struct mdp_gate_row row = judge_one("rows: [{metric: return, margin: {relative: 0.2}}]\n", base, base);
    CHECK_CLOSE(row.margin, 0.2 * row.baseline, 1e-15);
    row = judge_one("rows: [{metric: return, margin: {sd: 0.5}}]\n", base, base);
    CHECK(fabs(row.margin - 0.05) < 0.02);
    struct shape flat = {.mean = 0, .stream = 1, .seed = 1};
    row = judge_one("rows: [{metric: return, margin: {relative: 0.2}}]\n", flat, flat);
    CHECK(row.decision == MDP_GATE_INCONCLUSIVE && strstr(row.reason, "margin is 0") != NULL);
    row = judge_one("rows: [{metric: return, margin: {sd: 0.2}}]\n", flat, flat);
    CHECK(row.decision == MDP_GATE_INCONCLUSIVE && strstr(row.reason, "the baseline's sd is") != NULL);
}

/* the same bits on both sides pass, whatever the metric: episodes, curves, speeds */
static void test_identical_passes(void) {
    struct shape points[4];
    for (int i = 0; i < 4; i++)
        points[i] = (struct shape){"t", "", "r", 100 * (i + 1), N, 0.3 + 0.1 * i, 0.1, 0, 0.3, 1, 1};
    struct trial t = trial_of(side_of("baseline", points, 4), side_of("candidate", points, 4));
    add_speed(&t.baseline, "env/x", "steps/s", 100, 0.01);
    add_speed(&t.candidate, "env/x", "steps/s", 100, 0.01);
    CHECK_OK(judge(&t, "defaults: {margin: {absolute: 0.05}}\nrows: [{metric: return}, {metric: return, test: mean}, "
                       "{metric: spread}, {metric: failure, margin: {absolute: 0.1}}, {metric: auc}, {metric: peak}, "
                       "{metric: early, early_steps: 250}, {metric: speed, measure: '*', margin: {relative: 0.1}}]\n"));
    CHECK_INT(t.report.n_rows, 8);
    CHECK_INT(t.report.decision, MDP_GATE_PASS);
    CHECK_OK(mdp_gate_outcome(&t.report));
    CHECK(strncmp(t.report.verdict, "PASS: 8 of 8 rows", 17) == 0);
    drop(&t);
}

/* what is lower is better where it should be, and gains say so */
static void test_directions(void) {
    const struct shape base = {.mean = 0.5, .sd = 0.1, .stream = 1, .seed = 1, .failed = 0.1};
    struct shape wide = base, failing = base;
    wide.sd = 0.5;
    wide.mean = 2;
    failing.failed = 0.5;
    struct mdp_gate_row row = judge_one("rows: [{metric: spread, margin: {absolute: 0.1}}]\n", base, wide);
    CHECK(row.decision == MDP_GATE_FAIL && row.gain < 0 && row.candidate > row.baseline);
    row = judge_one("rows: [{metric: spread, margin: {absolute: 0.2}}]\n", wide, base);
    CHECK(row.decision == MDP_GATE_PASS && row.gain > 0);
    row = judge_one("rows: [{metric: failure, margin: {absolute: 0.15}}]\n", base, failing);
    CHECK(row.decision == MDP_GATE_FAIL);
    CHECK_CLOSE(row.baseline, 0.1, 1e-12);
    CHECK_CLOSE(row.candidate, 0.5, 1e-12);
    CHECK_CLOSE(row.gain, -0.4, 1e-12);
    row = judge_one("rows: [{metric: failure, margin: {absolute: 0.15}}]\n", failing, base);
    CHECK(row.decision == MDP_GATE_PASS);
}

/* an average may fall while the typical episode does not: each test sees its own */
static void test_ranks_and_means(void) {
    struct trial t = trial_of(one("baseline", (struct shape){.mean = 1, .sd = 0.01, .stream = 1, .seed = 1}),
                              one("candidate", (struct shape){.mean = 1, .sd = 0.01, .stream = 2, .seed = 1}));
    double *values = t.candidate.groups[0].runs[0].evals[0].episodes.normalized_returns;
    for (int i = 0; i < 15; i++) values[i] = 0;
    CHECK_OK(
        judge(&t, "defaults: {margin: {absolute: 0.1}}\nrows: [{metric: return}, {metric: return, test: mean}]\n"));
    CHECK_INT(t.report.rows[0].decision, MDP_GATE_INCONCLUSIVE);
    CHECK_INT(t.report.rows[1].decision, MDP_GATE_FAIL);
    CHECK_STR(t.report.rows[1].test, "t of differences");
    drop(&t);
}

/* a claim of the typical episode needs the means as well: ten falls more of fifty move no median */
static void test_ranks_alone_do_not_pass(void) {
    static const char *const tests[] = {"auto", "rank"};
    for (int k = 0; k < 4; k++) {
        char policy[128];
        snprintf(policy, sizeof policy, "rows: [{metric: return, test: %s, margin: {absolute: 0.15}}]\n", tests[k / 2]);
        struct trial t =
            trial_of(one("baseline", (struct shape){.mean = 1, .sd = 0.01, .stream = 1, .seed = 1}),
                     one("candidate", (struct shape){.mean = 1, .sd = 0.01, .stream = 2, .seed = 1 + (k % 2)}));
        double *values = t.candidate.groups[0].runs[0].evals[0].episodes.normalized_returns;
        for (int i = 0; i < 10; i++) values[i] = 0;
        CHECK_OK(judge(&t, policy));
        CHECK_INT(t.report.rows[0].decision, MDP_GATE_INCONCLUSIVE);
        CHECK(t.report.rows[0].low > -0.15 && strstr(t.report.rows[0].reason, "held by ") != NULL);
        drop(&t);
    }
}

/* by skewed values, ten against fifty are no test of means or spreads */
static void test_uneven_sides(void) {
    static const char *const rows[] = {"return", "return, test: mean", "spread"};
    for (int k = 0; k < 6; k++) {
        char policy[160];
        snprintf(policy, sizeof policy, "defaults: {min_episodes: 2}\nrows: [{metric: %s, margin: {absolute: 0.9}}]\n",
                 rows[k / 2]);
        struct shape few = {.mean = 1, .sd = 0.01, .stream = 1, .n = 10}, many = few;
        many.n = 50;
        many.stream = 2;
        struct mdp_gate_row row = judge_one(policy, k % 2 ? few : many, k % 2 ? many : few);
        CHECK(row.decision == MDP_GATE_INCONCLUSIVE && isnan(row.p_pass));
        CHECK(strstr(row.reason, k % 2 ? "10 episodes in the baseline, 50 in the candidate: one has more than twice"
                                       : "50 episodes in the baseline, 10 in the candidate") != NULL);
        many.n = 20;
        row = judge_one(policy, k % 2 ? few : many, k % 2 ? many : few);
        CHECK_INT(row.decision, MDP_GATE_PASS);
    }
}

/* ---- curves and runs ---- */

static void test_curves(void) {
    static const double base[4] = {0, 1, 0.5, 0.75}, test[4] = {0.5, 0.5, 0.5, 0.5};
    struct shape a[4], b[4];
    for (int i = 0; i < 4; i++) {
        a[i] = (struct shape){"t", "", "r", 100 * (i + 1), 8, base[i], 1e-6, 0, 0, 1, 1};
        b[i] = (struct shape){"t", "", "r", 100 * (i + 1), 8, test[i], 1e-6, 0, 0, 1, 2};
    }
    struct trial t = trial_of(side_of("baseline", a, 4), side_of("candidate", b, 4));
    CHECK_OK(judge(&t, "defaults: {margin: {absolute: 0.1}, min_episodes: 2, early_steps: 150, test: mean}\n"
                       "rows: [{metric: auc}, {metric: peak}, {metric: early}]\n"));
    /* trapezoids: (0 + 1) / 2, (1 + .5) / 2, (.5 + .75) / 2; until half of the first step 0 to 0.5 */
    CHECK_CLOSE(t.report.rows[0].baseline, (0.5 + 0.75 + 0.625) / 3, 1e-5);
    CHECK_CLOSE(t.report.rows[0].candidate, 0.5, 1e-5);
    CHECK_CLOSE(t.report.rows[1].baseline, 1, 1e-5);
    CHECK_CLOSE(t.report.rows[2].baseline, 0.25, 1e-5);
    CHECK_CLOSE(t.report.rows[2].gain, 0.25, 1e-5);
    CHECK(t.report.rows[0].is_paired && strcmp(t.report.rows[0].unit, "episode") == 0);
    drop(&t);
    b[2].step = 350;
    t = trial_of(side_of("baseline", a, 4), side_of("candidate", b, 4));
    CHECK_FAILS(judge(&t, "rows: [{metric: auc, margin: {absolute: 0.1}}]\n"), MDP_E_DATA,
                "t  auc: expected checkpoints at the same steps on both sides, found 4 in r, 4 in r");
    drop(&t);
    b[2].step = 300;
    b[2].seed = 4;
    t = trial_of(side_of("baseline", a, 4), side_of("candidate", b, 4));
    CHECK_OK(judge(&t, "rows: [{metric: auc, margin: {absolute: 0.1}}]\n"));
    CHECK(strstr(t.report.rows[0].reason, "candidate: a curve needs the same episodes at every checkpoint") != NULL);
    drop(&t);
}

/* no checkpoint in the first steps: nothing to compare, where the whole curve used to stand for them */
static void test_early_window(void) {
    static const struct {
        int early_steps;
        const char *required;
        enum mdp_gate_decision decision;
    } rows[] = {{99, "true", MDP_GATE_INCONCLUSIVE},
                {99, "false", MDP_GATE_NO_DATA},
                {100, "true", MDP_GATE_PASS},
                {150, "true", MDP_GATE_PASS}};
    struct shape points[3];
    for (int i = 0; i < 3; i++) points[i] = (struct shape){"t", "", "r", 100 * (i + 1), N, 0.5, 0.1, 0, 0, 1, 1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char policy[256];
        struct trial t = trial_of(side_of("baseline", points, 3), side_of("candidate", points, 3));
        snprintf(policy, sizeof policy,
                 "defaults: {margin: {absolute: 0.1}}\nrows: [{metric: auc}, {metric: early, early_steps: %d, "
                 "required: %s}]\n",
                 rows[i].early_steps, rows[i].required);
        CHECK_OK(judge(&t, policy));
        const struct mdp_gate_row *early = &t.report.rows[1];
        CHECK_INT(t.report.rows[0].decision, MDP_GATE_PASS);
        CHECK_INT(early->decision, rows[i].decision);
        if (rows[i].early_steps == 99) {
            CHECK_STR(early->reason,
                      "baseline: nothing to compare: no checkpoint in the first 99 steps, the first is 100");
            CHECK(isnan(early->gain) && isnan(early->p_pass));
        }
        drop(&t);
    }
}

static void test_several_runs(void) {
    struct shape a[6], b[6];
    for (int i = 0; i < 6; i++) {
        static const char *const keys[] = {"s0", "s1", "s2", "s3", "s4", "s5"};
        a[i] = (struct shape){"t", "dql", keys[i], 100, N, 0.5 + 0.01 * i, 0.3, 0, 0, 1, (uint64_t)i};
        b[i] = a[i];
        b[i].mean -= 0.4;
    }
    struct trial t = trial_of(side_of("baseline", a, 6), side_of("candidate", b, 6));
    CHECK_OK(
        judge(&t, "rows: [{metric: return, margin: {absolute: 0.1}}, {metric: failure, margin: {absolute: 0.1}}]\n"));
    CHECK_INT(t.report.rows[0].decision, MDP_GATE_FAIL);
    CHECK(strcmp(t.report.rows[0].unit, "run") == 0 && t.report.rows[0].n_baseline == 6 && !t.report.rows[0].is_paired);
    CHECK(t.report.rows[1].decision == MDP_GATE_PASS && strcmp(t.report.rows[1].test, "Welch t") == 0);
    drop(&t);
    /* pooled episodes, if the policy says so */
    t = trial_of(side_of("baseline", a, 6), side_of("candidate", b, 6));
    CHECK_OK(judge(&t, "rows: [{metric: return, unit: episode, margin: {absolute: 0.1}}]\n"));
    CHECK(strcmp(t.report.rows[0].unit, "episode") == 0 && t.report.rows[0].n_baseline == 6 * N);
    drop(&t);
    /* three runs cannot reach the level, and the gate says so */
    t = trial_of(side_of("baseline", a, 3), side_of("candidate", b, 3));
    CHECK_OK(judge(&t, "alpha: 0.025\nrows: [{metric: return, margin: {absolute: 0.1}}]\n"));
    CHECK(t.report.rows[0].decision == MDP_GATE_INCONCLUSIVE);
    CHECK(strstr(t.report.rows[0].reason, "3 runs reach a p of 0.05 at best, above 0.025; their interval has "
                                          "a level of 90 %") != NULL);
    CHECK_CLOSE(t.report.rows[0].level, 0.9, 1e-12);
    drop(&t);
    t = trial_of(side_of("baseline", a, 1), side_of("candidate", b, 3));
    CHECK_OK(judge(&t, plain));
    CHECK(strstr(t.report.rows[0].reason, "1 run in the baseline, 3 in the candidate") != NULL);
    drop(&t);
}

/* ---- families ---- */

/* p between 0.05 / 4 and 0.05: a row that would fail alone does not as one of four, unless nothing is corrected */
static void test_correction(void) {
    static const char *const corrections[] = {"holm", "bonferroni", "none"};
    for (int c = 0; c < 3; c++) {
        struct trial t = empty_trial();
        char policy[256];
        for (int i = 0; i < 4; i++) {
            char task[8];
            snprintf(task, sizeof task, "t%d", i);
            add(&t.baseline, &(struct shape){task, "", "b", 0, N, 0.5, 0.1, 0, 0, 1, (uint64_t)i});
            add(&t.candidate,
                &(struct shape){task, "", "c", 0, N, i == 0 ? 0.355 : 0.5, 0.1, 0, 0, 1, (uint64_t)i + 9});
        }
        snprintf(policy, sizeof policy, "correction: %s\nrows: [{metric: return, margin: {absolute: 0.1}}]\n",
                 corrections[c]);
        CHECK_OK(judge(&t, policy));
        const struct mdp_gate_row *row = &t.report.rows[0];
        CHECK(row->p_fail < 0.05 && row->p_fail > 0.0125);
        CHECK_INT(row->decision, c == 2 ? MDP_GATE_FAIL : MDP_GATE_INCONCLUSIVE);
        CHECK_CLOSE(row->adjusted_fail, c == 2 ? row->p_fail : 4 * row->p_fail, 1e-12);
        if (c < 2) CHECK(strstr(row->reason, "worse than the margin alone (p 0.0") != NULL);
        for (int i = 1; i < 4; i++) CHECK_INT(t.report.rows[i].decision, MDP_GATE_PASS);
        drop(&t);
    }
}

/* passing needs no correction, as all rows have to; but a policy may want every single pass to hold */
static void test_pass_correction(void) {
    for (int holm = 0; holm < 2; holm++) {
        struct trial t = empty_trial();
        char policy[256];
        for (int i = 0; i < 3; i++) {
            char task[8];
            snprintf(task, sizeof task, "t%d", i);
            add(&t.baseline, &(struct shape){task, "", "b", 0, N, 0.5, 0.1, 0, 0, 1, (uint64_t)i});
            add(&t.candidate, &(struct shape){task, "", "c", 0, N, 0.442, 0.1, 0, 0, 1, (uint64_t)i + 9});
        }
        snprintf(policy, sizeof policy, "pass_correction: %s\nrows: [{metric: return, margin: {absolute: 0.1}}]\n",
                 holm ? "holm" : "none");
        CHECK_OK(judge(&t, policy));
        int n_close = 0;
        for (int i = 0; i < 3; i++) {
            const struct mdp_gate_row *row = &t.report.rows[i];
            CHECK_INT(row->decision == MDP_GATE_PASS, row->adjusted_pass <= 0.05);
            if (holm) CHECK(row->adjusted_pass >= row->p_pass);
            n_close += row->p_pass <= 0.05 && row->adjusted_pass > 0.05;
        }
        CHECK(holm || n_close == 0);
        drop(&t);
    }
}

/* the first row that matches counts, so that exceptions stand before the rule */
static void test_first_row_counts(void) {
    struct trial t = trial_of(one("baseline", (struct shape){.task = "a", .mean = 0.5, .sd = 0.1, .stream = 1}),
                              one("candidate", (struct shape){.task = "a", .mean = 0.3, .sd = 0.1, .stream = 2}));
    add(&t.baseline, &(struct shape){"b", "x/y", "b", 0, N, 0.5, 0.1, 0, 0, 1, 1});
    add(&t.candidate, &(struct shape){"b", "x/y", "c", 0, N, 0.3, 0.1, 0, 0, 1, 2});
    add(&t.candidate, &(struct shape){"new", "", "c", 0, N, 0.3, 0.1, 0, 0, 1, 2});
    CHECK_OK(judge(&t, "rows:\n- {task: b, arm: 'x*', metric: return, margin: {absolute: 0.5}}\n"
                       "- {metric: return, margin: {absolute: 0.1}}\n"));
    CHECK_INT(t.report.n_rows, 2);
    CHECK_STR(t.report.rows[0].baseline_group->task, "b");
    CHECK_INT(t.report.rows[0].decision, MDP_GATE_PASS);
    CHECK_INT(t.report.rows[1].decision, MDP_GATE_FAIL);
    CHECK_INT(t.report.n_extra, 1);
    CHECK_FAILS(mdp_gate_outcome(&t.report), MDP_E_FAILED, "FAIL: 1 of 2 rows regressed; a return: 0.");
    drop(&t);
}

static void test_accepted(void) {
    static const struct {
        const char *expires;
        int n_accepted;
        enum mdp_gate_decision decision;
    } cases[] = {{"2026-06-01", 1, MDP_GATE_PASS}, {"2026-05-31", 0, MDP_GATE_FAIL}};
    for (int i = 0; i < 2; i++) {
        char policy[256];
        struct trial t = trial_of(one("baseline", (struct shape){.mean = 0.5, .sd = 0.1, .stream = 1}),
                                  one("candidate", (struct shape){.mean = 0.3, .sd = 0.1, .stream = 2}));
        snprintf(
            policy, sizeof policy,
            "rows: [{metric: return, margin: {absolute: 0.1}}]\naccepted:\n- {metric: auc, reason: other, expires: "
            "2030-01-01}\n- {task: 't*', metric: return, reason: new reward, expires: %s}\n",
            cases[i].expires);
        CHECK_OK(judge(&t, policy));
        CHECK_INT(t.report.decision, cases[i].decision);
        CHECK_INT(t.report.n_accepted, cases[i].n_accepted);
        CHECK_INT(t.report.rows[0].decision, MDP_GATE_FAIL);
        CHECK(strstr(t.report.rows[0].reason,
                     i == 0 ? "; accepted until 2026-06-01: new reward"
                            : "; was accepted until 2026-05-31, which has passed: new reward") != NULL);
        if (i == 0) CHECK(strstr(t.report.verdict, "; 1 accepted regression") != NULL);
        drop(&t);
    }
}

/* ---- what is not compared ---- */

static void test_missing(void) {
    const struct shape base = {.mean = 0.5, .sd = 0.1};
    struct trial t = trial_of(one("baseline", base), one("candidate", base));
    CHECK_FAILS(judge(&t,
                      "rows:\n- {metric: return, margin: {absolute: 0.1}}\n- {task: 'walker*', metric: auc, margin: "
                      "{absolute: 0.1}}\n"),
                MDP_E_DATA,
                "p.yaml:3: rows[1]: expected a task like 'walker*' with an arm like '*' in the baseline, "
                "found others, e.g. task t, arm ''");
    drop(&t);
    t = trial_of(one("baseline", base), one("candidate", (struct shape){.arm = "other", .sd = 1}));
    CHECK_FAILS(judge(&t, plain), MDP_E_DATA,
                "candidate: expected task t, arm '' as the baseline has, found others, e.g. arm 'other'");
    drop(&t);
    t = trial_of(one("baseline", base), one("candidate", base));
    CHECK_FAILS(judge(&t, "rows: [{metric: speed, measure: 'env/*', margin: {relative: 0.1}}]\n"), MDP_E_DATA,
                "p.yaml:1: rows[0]: expected a measure like 'env/*' in the baseline, found none");
    drop(&t);
    /* rows that are not required: without data they are left out, and a gate of such rows alone has no verdict */
    t = trial_of(one("baseline", base), one("candidate", base));
    CHECK_OK(judge(&t, "rows: [{metric: auc, margin: {absolute: 0.1}, required: false}, {metric: return, margin: "
                       "{absolute: 0.1}}]\n"));
    CHECK(t.report.rows[0].decision == MDP_GATE_NO_DATA && t.report.decision == MDP_GATE_PASS);
    CHECK_INT(t.report.n_tested, 1);
    drop(&t);
    t = trial_of(one("baseline", base), one("candidate", base));
    CHECK_FAILS(judge(&t, "rows: [{metric: auc, margin: {absolute: 0.1}, required: false}]\n"), MDP_E_DATA,
                "found none: baseline: needs 2 checkpoints or more, found 1");
    drop(&t);
    struct mdp_gate_row row = judge_one("rows: [{metric: auc, margin: {absolute: 0.1}}]\n", base, base);
    CHECK_INT(row.decision, MDP_GATE_INCONCLUSIVE);
    row = judge_one("rows: [{metric: return, margin: {absolute: 0.1}, min_episodes: 51}]\n", base, base);
    CHECK(row.decision == MDP_GATE_INCONCLUSIVE && strstr(row.reason, "50 episodes, the policy asks for 51") != NULL);
}

static void test_unlike(void) {
    static const char *const names[] = {"physics: expected 'bullet 3'",
                                        "hash of the environment's tables: expected 0000000000000001",
                                        "reference score of 1: expected 1 as in",
                                        "precision: expected ''",
                                        "return rule: expected ''",
                                        "candidates: expected 50",
                                        "temperature: expected 0",
                                        "actor: expected ''"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct shape base = {.mean = 0.5, .sd = 0.1};
        struct trial t = trial_of(one("baseline", base), one("candidate", base));
        struct mdp_episodes_info *info = &t.candidate.groups[0].runs[0].evals[0].info;
        if (i == 0) strcpy(info->physics, "bullet 4");
        if (i == 1) info->env_hash = 0;
        if (i == 2) info->ref_max = 2;
        if (i == 3) strcpy(info->precision, "bf16");
        if (i == 4) strcpy(info->return_rule, "other");
        if (i == 5) info->candidates = 1;
        if (i == 6) info->temperature = 0.5;
        if (i == 7) strcpy(info->actor, "online");
        CHECK_FAILS(judge(&t, plain), MDP_E_DATA, names[i]);
        CHECK_FAILS(mdp_gate_judge(&t.policy, &t.baseline, &t.candidate, TODAY, &t.report), MDP_E_DATA,
                    "candidate.episodes.h5");
        drop(&t);
    }
    const struct shape base = {.mean = 0.5, .sd = 0.1};
    struct trial t = trial_of(one("baseline", base), one("candidate", base));
    struct mdp_episodes_info *info = &t.candidate.groups[0].runs[0].evals[0].info;
    info->w_t = 3;
    strcpy(info->precision, "bf16");
    CHECK_FAILS(judge(&t, "may_differ: [precision]\nrows: [{metric: return, margin: {absolute: 0.1}}]\n"), MDP_E_DATA,
                "t: w_t: expected 0 as in baseline.episodes.h5, found 3 in candidate.episodes.h5; a policy with "
                "may_differ: [w_t] takes both");
    mdp_gate_policy_free(&t.policy);
    CHECK_OK(judge(&t, "may_differ: [precision, w_t]\nrows: [{metric: return, margin: {absolute: 0.1}}]\n"));
    drop(&t);
}

/* ---- speeds ---- */

static void test_speeds(void) {
    static const char policy[] = "rows: [{metric: speed, measure: '*', margin: {relative: 0.1}}]\n";
    struct trial t = empty_trial();
    add_speed(&t.baseline, "env/x", "steps/s", 1000, 0.01);
    add_speed(&t.candidate, "env/x", "steps/s", 1000 / 1.2, 0.01);
    add_speed(&t.baseline, "memory/x", "bytes", 1000, 0.01);
    add_speed(&t.candidate, "memory/x", "bytes", 1200, 0.01);
    add_speed(&t.baseline, "vec/x@2", "steps/s", 1000, 0.01);
    add_speed(&t.candidate, "vec/x@2", "steps/s", 970, 0.01);
    CHECK_OK(judge(&t, policy));
    CHECK_INT(t.report.n_rows, 3);
    CHECK_INT(t.report.rows[0].decision, MDP_GATE_FAIL);
    CHECK_CLOSE(t.report.rows[0].gain, 1 / 1.2 - 1, 0.02);
    CHECK_CLOSE(t.report.rows[0].margin, 0.1, 1e-12);
    CHECK_INT(t.report.rows[1].decision, MDP_GATE_FAIL);
    CHECK_CLOSE(t.report.rows[1].margin, 1 - 1 / 1.1, 1e-12);
    CHECK_INT(t.report.rows[2].decision, MDP_GATE_PASS);
    mdp_gate_report_free(&t.report);
    t.candidate.speeds[2].values[3] = 0;
    CHECK_OK(mdp_gate_judge(&t.policy, &t.baseline, &t.candidate, TODAY, &t.report));
    CHECK(strstr(t.report.rows[2].reason, "a value of 0 has no ratio") != NULL);
    mdp_gate_report_free(&t.report);
    strcpy(t.candidate.machine, "another");
    CHECK_FAILS(mdp_gate_judge(&t.policy, &t.baseline, &t.candidate, TODAY, &t.report), MDP_E_DATA,
                "machine: expected 'm' as in the baseline, found 'another'");
    strcpy(t.candidate.machine, "m");
    strcpy(t.candidate.speeds[0].unit, "calls/s");
    CHECK_FAILS(mdp_gate_judge(&t.policy, &t.baseline, &t.candidate, TODAY, &t.report), MDP_E_DATA,
                "env/x: expected steps/s as in the baseline, found calls/s in the candidate");
    t.candidate.n_speeds = 0;
    CHECK_FAILS(mdp_gate_judge(&t.policy, &t.baseline, &t.candidate, TODAY, &t.report), MDP_E_DATA,
                "candidate: expected env/x as the baseline has, found none");
    t.candidate.n_speeds = 3;
    drop(&t);
}

/* a side is in order whatever order its files were found in: names of seven digits come before those of six */
static void test_order(void) {
    static const long steps[] = {1000000, 400, 999600};
    static const char *const arms[] = {"edp", "dql", "a/b"};
    struct mdp_gate_side side = {.name = "baseline"};
    for (int i = 0; i < 9; i++) {
        char key[16];
        snprintf(key, sizeof key, "seed%d", i / 3);
        add(&side, &(struct shape){.task = "t", .arm = arms[i / 3], .key = key, .step = steps[i % 3], .n = 2});
    }
    add(&side, &(struct shape){.task = "s", .arm = "z", .key = "seed0", .n = 2});
    mdp_gate_side_order(&side);
    CHECK_INT(side.n_groups, 4);
    CHECK_STR(side.groups[0].task, "s");
    CHECK_STR(side.groups[1].arm, "a/b");
    CHECK_STR(side.groups[3].arm, "edp");
    for (int g = 1; g < 4; g++) {
        const struct mdp_gate_run *run = &side.groups[g].runs[0];
        CHECK(side.groups[g].n == 1 && run->n == 3);
        CHECK(run->evals[0].info.step == 400 && run->evals[1].info.step == 999600 &&
              run->evals[2].info.step == 1000000);
        CHECK(mdp_gate_group_find(&side, "t", side.groups[g].arm) == &side.groups[g]);
    }
    CHECK(mdp_gate_group_find(&side, "t", "z") == NULL);
    mdp_gate_side_free(&side);
}

/* a return below worst refutes what a PASS rests on, of either side and of a checkpoint that is not judged; a FAIL and
 * the shares of failures stand */
static void test_below_worst(void) {
    static const char policy[] = "worst: %s\nrows:\n- {metric: return, margin: {absolute: 0.2}}\n"
                                 "- {metric: failure, margin: {absolute: 0.3}}\n";
    for (int k = 0; k < 5; k++) {
        struct trial t = trial_of(one("baseline", (struct shape){.mean = 0.5, .sd = 0.01, .seed = 1, .stream = 1}),
                                  one("candidate", (struct shape){.mean = 0.5, .sd = 0.01, .seed = 2, .stream = 2}));
        struct mdp_gate_side *hurt = k == 0 ? &t.baseline : &t.candidate;
        double *values = hurt->groups[0].runs[0].evals[0].episodes.normalized_returns;
        char text[sizeof policy + 8];
        snprintf(text, sizeof text, policy, k == 2 ? "-0.01" : k == 3 ? "0.0" : "0");
        if (k < 3) values[7] = -0.01;
        for (int i = 0; i < N && k == 4; i++) values[i] -= 1;
        CHECK_OK(judge(&t, text));
        CHECK_INT(t.report.rows[0].decision, k < 2 ? MDP_GATE_INCONCLUSIVE : k < 4 ? MDP_GATE_PASS : MDP_GATE_FAIL);
        CHECK_INT(t.report.rows[1].decision, MDP_GATE_PASS);
        if (k < 2) {
            char expected[128];
            snprintf(
                expected, sizeof expected,
                "%s.episodes.h5: episode 7: expected no normalized return below the policy's worst: 0, found -0.01",
                hurt->name);
            CHECK(strstr(t.report.rows[0].reason, expected) != NULL);
            CHECK(strstr(t.report.verdict, expected) != NULL && isnan(t.report.rows[0].n_needed));
        }
        drop(&t);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_order),
        TAP_TEST(test_three_decisions),
        TAP_TEST(test_pairing),
        TAP_TEST(test_margins),
        TAP_TEST(test_identical_passes),
        TAP_TEST(test_directions),
        TAP_TEST(test_ranks_and_means),
        TAP_TEST(test_ranks_alone_do_not_pass),
        TAP_TEST(test_uneven_sides),
        TAP_TEST(test_curves),
        TAP_TEST(test_early_window),
        TAP_TEST(test_several_runs),
        TAP_TEST(test_correction),
        TAP_TEST(test_pass_correction),
        TAP_TEST(test_first_row_counts),
        TAP_TEST(test_accepted),
        TAP_TEST(test_missing),
        TAP_TEST(test_unlike),
        TAP_TEST(test_below_worst),
        TAP_TEST(test_speeds),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
