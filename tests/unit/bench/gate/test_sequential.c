/* a gate that looks before the end: it stops early, keeps its level, and with one look is the fixed gate */
#include <stdio.h>

#include "bench/gate/sequential.h"
#include "stats/proportion.h"
#include "tests/unit/bench/gate/gate_trial.h"

/* nearly all that can be lost is within the margin, so that ten episodes may pass */
static const char looks[] = "worst: 0.38\nrows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n"
                            "sequential: {looks: [10, 20, 40], bounds: obrien_fleming}\n";
/* bounds of spent error take a thirtieth of the time */
static const char quick_looks[] = "worst: 0.1\nrows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n"
                                  "sequential: {looks: [10, 20, 40], bounds: spend_pocock}\n";

static int look_at(const char *policy, struct shape baseline, struct shape candidate, struct mdp_gate_looks *done) {
    struct trial t = trial_of(one("baseline", baseline), one("candidate", candidate));
    CHECK_OK(mdp_gate_policy_parse("p.yaml", policy, &t.policy));
    CHECK_OK(mdp_gate_judge_sequential(&t.policy, &t.baseline, &t.candidate, TODAY, NULL, &t.report));
    int decision = (int)t.report.decision;
    *done = t.report.looks;
    drop(&t);
    return decision;
}

static void test_early_stop(void) {
    struct mdp_gate_looks done;
    const struct shape base = {.mean = 0.5, .sd = 0.03, .stream = 1};
    struct shape other = base;
    other.stream = 2;
    CHECK_INT(look_at(looks, base, other, &done), MDP_GATE_PASS);
    CHECK(done.used < 40 && done.planned == 40);
    other.mean = 0.2;
    CHECK_INT(look_at(looks, base, other, &done), MDP_GATE_FAIL);
    CHECK_CLOSE(done.used, 10, 0);
    /* open to the end of the plan, and where files end before it */
    other.mean = 0.4;
    other.sd = 0.2;
    CHECK_INT(look_at(looks, base, other, &done), MDP_GATE_INCONCLUSIVE);
    CHECK_CLOSE(done.used, 40, 0);
    other.n = 25;
    CHECK_INT(look_at(looks, base, other, &done), MDP_GATE_INCONCLUSIVE);
    CHECK(done.used == 20 && done.n_done == 2);
    other.n = 9;
    struct trial t = trial_of(one("baseline", base), one("candidate", other));
    CHECK_OK(mdp_gate_policy_parse("p.yaml", looks, &t.policy));
    CHECK_FAILS(mdp_gate_judge_sequential(&t.policy, &t.baseline, &t.candidate, TODAY, NULL, &t.report), MDP_E_DATA,
                "expected 10 episodes a file for the first look, found 9");
    drop(&t);
}

/* one look at everything decides as the fixed gate does, whatever the correction */
static void test_one_look_is_the_fixed_gate(void) {
    for (int trial = 0; trial < 30; trial++) {
        struct trial t = empty_trial();
        struct mdp_gate_report other;
        char policy[256];
        for (int i = 0; i < 5; i++) {
            char task[8];
            snprintf(task, sizeof task, "t%d", i);
            add(&t.baseline, &(struct shape){task, "", "b", 0, N, 0.5, 0.2, 0, 0, 1, (uint64_t)(trial * 10 + i)});
            add(&t.candidate,
                &(struct shape){task, "", "c", 0, N, 0.42 - 0.03 * i, 0.2, 0, 0, 1, (uint64_t)(trial * 10 + i + 5)});
        }
        snprintf(policy, sizeof policy,
                 "correction: %s\npass_correction: %s\nrows: [{metric: return, margin: {absolute: 0.1}}]\n"
                 "sequential: {looks: [%d]}\n",
                 trial % 3 == 0   ? "holm"
                 : trial % 3 == 1 ? "bonferroni"
                                  : "none",
                 trial % 2 ? "holm" : "none", N);
        CHECK_OK(judge(&t, policy));
        CHECK_OK(mdp_gate_judge_sequential(&t.policy, &t.baseline, &t.candidate, TODAY, NULL, &other));
        for (int i = 0; i < 5; i++) CHECK_INT(other.rows[i].decision, t.report.rows[i].decision);
        mdp_gate_report_free(&other);
        drop(&t);
    }
}

/* ---- many gates: the rows and the bounds of the looks stay, what they look at is drawn again ---- */

struct gates {
    struct trial trial;
    struct mdp_gate_walk *walk;
};

static void gates_open(struct gates *g, const char *policy, struct shape baseline, struct shape candidate) {
    g->trial = trial_of(one("baseline", baseline), one("candidate", candidate));
    struct trial *t = &g->trial;
    CHECK_OK(mdp_gate_policy_parse("p.yaml", policy, &t->policy));
    CHECK_OK(mdp_gate_match(&t->policy, &t->baseline, &t->candidate, TODAY, &t->report));
    CHECK_OK(mdp_gate_walk_new(&t->report, &g->walk));
    CHECK_INT(t->report.n_rows, 1);
}

static void gates_close(struct gates *g) {
    mdp_gate_walk_free(g->walk);
    drop(&g->trial);
}

static double *returns_of(const struct mdp_gate_side *side) {
    return side->groups[0].runs[0].evals[0].episodes.normalized_returns;
}

static void draw_again(const struct mdp_gate_side *side, struct shape shape) {
    struct mdp_gate_side fresh = one(side->name, shape);
    long n = fresh.groups[0].runs[0].evals[0].episodes.n;
    CHECK_INT(side->groups[0].runs[0].evals[0].episodes.n, n);
    memcpy(returns_of(side), returns_of(&fresh), (size_t)n * sizeof(double));
    mdp_gate_side_free(&fresh);
}

static enum mdp_gate_decision decide_again(const struct gates *g) {
    CHECK_OK(mdp_gate_walk_take(g->walk, NULL));
    return g->trial.report.rows[0].decision;
}

/* a candidate that is worse by exactly the margin: over all looks, it passes in at most 5 % of 1500 runs and fails in
 * 5 %; the interval of the shares at 99.99 % holds that */
static void test_looking_keeps_the_level(void) {
    enum { RUNS = 1500 };
    int n_pass = 0, n_fail = 0;
    struct shape base = {.mean = 0.5, .sd = 0.1, .n = 40}, worse = {.mean = 0.4, .sd = 0.1, .n = 40};
    struct gates gates;
    gates_open(&gates, quick_looks, base, worse);
    for (int i = 0; i < RUNS; i++) {
        base.stream = (uint64_t)(2 * i);
        worse.stream = base.stream + 1;
        draw_again(&gates.trial.baseline, base);
        draw_again(&gates.trial.candidate, worse);
        enum mdp_gate_decision decision = decide_again(&gates);
        n_pass += decision == MDP_GATE_PASS;
        n_fail += decision == MDP_GATE_FAIL;
    }
    gates_close(&gates);
    struct mdp_share pass, fail;
    CHECK_OK(mdp_share_compute(n_pass, RUNS, 0.9999, &pass));
    CHECK_OK(mdp_share_compute(n_fail, RUNS, 0.9999, &fail));
    CHECK(pass.low < 0.05);
    CHECK(fail.low < 0.05 && fail.high > 0.05);
}

/* falls that cost the margin in the mean: ten episodes without one say little, and pass nothing by themselves */
static void test_rare_losses(void) {
    enum { RUNS = 600, MOST = 60 };
    static const char policy[] = "rows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n"
                                 "sequential: {looks: [10, 30, 60], bounds: spend_pocock}\n";
    int n_pass = 0, n_same = 0;
    struct shape base = {.mean = 1, .sd = 0.003, .n = MOST}, other = base;
    struct gates gates;
    gates_open(&gates, policy, base, other);
    for (int i = 0; i < 2 * RUNS; i++) {
        struct mdp_rng rng = mdp_rng_stream((uint64_t)i, MDP_RNG_INIT, 0, 3);
        base.stream = (uint64_t)(2 * i);
        other.stream = base.stream + 1;
        draw_again(&gates.trial.baseline, base);
        draw_again(&gates.trial.candidate, other);
        for (int e = 0; e < MOST && i % 2 == 0; e++)
            if (mdp_rng_uniform(&rng) < 0.1) returns_of(&gates.trial.candidate)[e] = 0;
        *(i % 2 == 0 ? &n_pass : &n_same) += decide_again(&gates) == MDP_GATE_PASS;
    }
    gates_close(&gates);
    struct mdp_share pass;
    CHECK_OK(mdp_share_compute(n_pass, RUNS, 0.9999, &pass));
    CHECK(pass.low < 0.05 && n_pass < 0.06 * RUNS);
    CHECK_INT(n_same, RUNS);
}

/* what passed at one look is tested at the next, while another row keeps the run going */
static void test_a_pass_is_not_final(void) {
    struct trial t = trial_of(one("baseline", (struct shape){.mean = 1, .sd = 0.003, .n = 60, .stream = 1}),
                              one("candidate", (struct shape){.mean = 1, .sd = 0.003, .n = 60, .stream = 2}));
    const struct shape base = {"u", "", "b", 0, 60, 0.5, 0.3, 0, 0, 0, 3},
                       lower = {"u", "", "c", 0, 60, 0.42, 0.3, 0, 0, 0, 4};
    add(&t.baseline, &base);
    add(&t.candidate, &lower);
    double *values = t.candidate.groups[0].runs[0].evals[0].episodes.normalized_returns;
    for (int i = 40; i < 60; i++) values[i] = 0;
    CHECK_OK(mdp_gate_policy_parse("p.yaml",
                                   "rows: [{metric: return, test: mean, margin: {absolute: 0.2}}]\n"
                                   "sequential: {looks: [40, 60], bounds: spend_pocock}\n",
                                   &t.policy));
    CHECK_OK(mdp_gate_judge_sequential(&t.policy, &t.baseline, &t.candidate, TODAY, NULL, &t.report));
    CHECK_STR(t.report.rows[0].baseline_group->task, "t");
    CHECK(t.report.looks.n_done == 2 && t.report.rows[0].decision != MDP_GATE_PASS);
    drop(&t);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_early_stop),  TAP_TEST(test_one_look_is_the_fixed_gate), TAP_TEST(test_looking_keeps_the_level),
        TAP_TEST(test_rare_losses), TAP_TEST(test_a_pass_is_not_final),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
