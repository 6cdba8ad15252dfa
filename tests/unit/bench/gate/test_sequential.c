/* a gate that looks before the end: it stops early, keeps its level, and with one look is the fixed gate */
#include <stdio.h>

#include "bench/gate/sequential.h"
#include "stats/proportion.h"
#include "tests/unit/bench/gate/gate_trial.h"

static const char looks[] = "rows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n"
                            "sequential: {looks: [10, 20, 40], bounds: obrien_fleming}\n";
/* bounds of spent error take a thirtieth of the time */
static const char quick_looks[] = "rows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n"
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
    const struct shape base = {.mean = 0.5, .sd = 0.05, .stream = 1};
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

/* a candidate that is worse by exactly the margin: over all looks, it passes in 5 % of 1500 runs and fails in 5 %; the
 * interval of the shares at 99.99 % holds that */
static void test_looking_keeps_the_level(void) {
    enum { RUNS = 1500 };
    int n_pass = 0, n_fail = 0;
    for (int i = 0; i < RUNS; i++) {
        struct mdp_gate_looks done;
        int decision =
            look_at(quick_looks, (struct shape){.mean = 0.5, .sd = 0.1, .n = 40, .stream = (uint64_t)(2 * i)},
                    (struct shape){.mean = 0.4, .sd = 0.1, .n = 40, .stream = (uint64_t)(2 * i + 1)}, &done);
        n_pass += decision == MDP_GATE_PASS;
        n_fail += decision == MDP_GATE_FAIL;
    }
    struct mdp_share pass, fail;
    CHECK_OK(mdp_share_compute(n_pass, RUNS, 0.9999, &pass));
    CHECK_OK(mdp_share_compute(n_fail, RUNS, 0.9999, &fail));
    CHECK(pass.low < 0.05 && pass.high > 0.05);
    CHECK(fail.low < 0.05 && fail.high > 0.05);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_early_stop),
        TAP_TEST(test_one_look_is_the_fixed_gate),
        TAP_TEST(test_looking_keeps_the_level),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
