/* the gate's self-test: draws hold values of their source only, losses are as large as was asked, claims are judged */
#include <math.h>

#include "bench/selftest/report.h"
#include "bench/selftest/resample.h"
#include "bench/selftest/selftest.h"
#include "bench/selftest/typical.h"
#include "stats/moments.h"
#include "tests/unit/bench/gate/gate_trial.h"

static struct mdp_gate_claim claim(int is_error, double promised, long n_seen, long n_trials) {
    struct mdp_gate_claim c = {.is_error = is_error, .promised = promised, .n_seen = n_seen, .n_trials = n_trials};
    CHECK_OK(mdp_gate_claim_judge(&c));
    return c;
}

static void test_claims(void) {
    CHECK_INT(claim(1, 0.05, 50, 1000).verdict, MDP_GATE_CLAIM_KEPT);
    CHECK_INT(claim(1, 0.05, 110, 1000).verdict, MDP_GATE_CLAIM_BROKEN);
    CHECK_INT(claim(1, 0.05, 90, 1000).verdict, MDP_GATE_CLAIM_OPEN);
    CHECK_INT(claim(1, 0.05, 1, 20).verdict, MDP_GATE_CLAIM_OPEN);
    CHECK_INT(claim(0, 0.8, 900, 1000).verdict, MDP_GATE_CLAIM_KEPT);
    CHECK_INT(claim(0, 0.8, 700, 1000).verdict, MDP_GATE_CLAIM_POWERLESS);
    CHECK_INT(claim(0, 0.8, 800, 1000).verdict, MDP_GATE_CLAIM_OPEN);
    /* Wilson 1927 at 99 %, z = 2.575829: (50 + z^2 / 2 -+ z sqrt(47.5 + z^2 / 4)) / (1000 + z^2) */
    CHECK_CLOSE(claim(1, 0.05, 50, 1000).rate.low, 0.035025, 1e-6);
    CHECK_CLOSE(claim(1, 0.05, 50, 1000).rate.high, 0.070906, 1e-6);
}

/* what fails or not is counted against what must, but for damages that cost less than a margin */
static void test_damages(void) {
    struct mdp_gate_damage_result damages[MDP_N_GATE_DAMAGES] = {
        [MDP_GATE_DAMAGE_NONE] = {.n = 4, .n_of = {[MDP_GATE_PASS] = 4}, .harm = 0.1},
        [MDP_GATE_DAMAGE_NOISE] = {.must_fail = 1, .n = 4, .n_of = {[MDP_GATE_FAIL] = 4}, .harm = 9},
        [MDP_GATE_DAMAGE_NO_SELECTION] = {.must_fail = 1, .n_of = {0}},
    };
    struct mdp_gate_damage_result *none = &damages[MDP_GATE_DAMAGE_NO_SELECTION];
    const struct mdp_gate_selftest_report report = {.damages = damages};
    struct mdp_gate_damage_rates rates;
    CHECK_OK(mdp_gate_selftest_report_outcome(&report));
    CHECK(!mdp_gate_damage_is_harmless(none) && !mdp_gate_damage_is_harmless(&damages[MDP_GATE_DAMAGE_NONE]));
    *none = (struct mdp_gate_damage_result){.must_fail = 1, .n = 2, .n_of = {[MDP_GATE_PASS] = 2}, .harm = 0.2};
    CHECK(mdp_gate_damage_is_harmless(none));
    CHECK_OK(mdp_gate_damage_count(damages, &rates));
    CHECK(rates.n_damaged == 4 && rates.n_missed == 0 && rates.n_unchanged == 4 && rates.n_false == 0);
    CHECK_FAILS(mdp_gate_selftest_report_outcome(&report), MDP_E_UNDECIDED, "OPEN: a damage did no harm");
    none->harm = 1.5;
    CHECK_OK(mdp_gate_damage_count(damages, &rates));
    CHECK(rates.n_damaged == 6 && rates.n_missed == 2);
    CHECK_FAILS(mdp_gate_selftest_report_outcome(&report), MDP_E_FAILED, "BROKEN: a real regression passed");
}

/* where nothing was counted there is no rate: "0 of 0 [nan, nan]" says nothing */
static void test_no_damages(void) {
    const struct mdp_gate_damage_result damages[MDP_N_GATE_DAMAGES] = {{.n = 0}};
    const struct mdp_gate_selftest_report report = {.damages = damages};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_gate_selftest_write_text(&report, stream));
    fclose(stream);
    CHECK(strstr(text, "unchanged that failed: none tried, damaged that did not: none tried\n") != NULL);
    CHECK(strstr(text, "nan") == NULL);
    free(text);
}

/* every drawn episode is one of the file's, and the mean of many draws is the file's */
static void test_draws(void) {
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.5, .sd = 0.1, .failed = 0.2}), drawn;
    const struct mdp_episodes *source = &side.groups[0].runs[0].evals[0].episodes;
    CHECK_OK(mdp_gate_side_copy(&side, "drawn", 4000, &drawn));
    mdp_gate_side_draw(&side, &(struct mdp_gate_draw){1, 2, 1, 0}, &drawn);
    const struct mdp_episodes *e = &drawn.groups[0].runs[0].evals[0].episodes;
    long n_known = 0, n_failed = 0;
    CHECK_INT(e->n, 4000);
    for (long i = 0; i < e->n; i++) {
        for (long k = 0; k < source->n; k++) {
            if (fabs(e->normalized_returns[i] - source->normalized_returns[k]) > 1e-6) continue;
            n_known += e->ends[i] == source->ends[k];
            break;
        }
        n_failed += e->ends[i] == MDP_END_TERMINATED;
    }
    CHECK_INT(n_known, 4000);
    CHECK_CLOSE((double)n_failed / 4000, 0.2, 0.03);
    CHECK_CLOSE(mdp_mean(e->normalized_returns, e->n), mdp_mean(source->normalized_returns, source->n), 0.007);
    mdp_gate_side_free(&drawn);
    mdp_gate_side_free(&side);
}

static double spread_of(const struct mdp_gate_side *side) {
    const struct mdp_gate_rule rule = {.metric = MDP_GATE_SPREAD};
    struct mdp_gate_values values;
    CHECK_OK(mdp_gate_values_compute(&rule, &side->groups[0], 0, 0, &values));
    double mean = values.mean;
    mdp_gate_values_free(&values);
    return mean;
}

/* noise widens the mean distance from the median by what was asked for; failures come to the share that was */
static void test_losses(void) {
    const struct mdp_gate_draw draw = {3, 0, 1, 0};
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.5, .sd = 0.1, .failed = 0.2}), drawn;
    CHECK_OK(mdp_gate_side_copy(&side, "drawn", 20000, &drawn));
    mdp_gate_side_draw(&side, &draw, &drawn);
    double before = spread_of(&drawn);
    struct mdp_gate_loss loss = {MDP_GATE_HURT_WIDER, mdp_gate_spread_noise(&side.groups[0], 0.05), 0, 0};
    mdp_gate_group_worsen(&drawn.groups[0], &loss, &draw);
    CHECK_CLOSE(spread_of(&drawn), before + 0.05, 0.002);
    loss = (struct mdp_gate_loss){MDP_GATE_HURT_FALLS, 0.15 / (1 - 0.2), 0, 0};
    mdp_gate_group_worsen(&drawn.groups[0], &loss, &draw);
    const struct mdp_episodes *e = &drawn.groups[0].runs[0].evals[0].episodes;
    double n_failed = 0;
    for (long i = 0; i < e->n; i++) n_failed += e->ends[i] == MDP_END_TERMINATED;
    CHECK_CLOSE(n_failed / (double)e->n, 0.35, 0.015);
    double mean = mdp_mean(e->normalized_returns, e->n);
    loss = (struct mdp_gate_loss){MDP_GATE_HURT_SHIFT, 0.1, 0, 0};
    mdp_gate_group_worsen(&drawn.groups[0], &loss, &draw);
    CHECK_CLOSE(mdp_mean(e->normalized_returns, e->n), mean - 0.1, 1e-9);
    mdp_gate_side_free(&drawn);
    mdp_gate_side_free(&side);
}

/* shares of falls, tails and non-finite ends widen the same distance by what was asked for */
static void test_hurt_shares(void) {
    static const enum mdp_gate_hurt hurts[] = {MDP_GATE_HURT_FALLS, MDP_GATE_HURT_TAIL, MDP_GATE_HURT_NON_FINITE};
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.8, .sd = 0.05}), drawn;
    CHECK_OK(mdp_gate_side_copy(&side, "drawn", 20000, &drawn));
    for (int k = 0; k < 3; k++) {
        const struct mdp_gate_draw draw = {3, (uint32_t)k, 1, 0};
        const struct mdp_gate_loss loss = {hurts[k], mdp_gate_spread_share(&side.groups[0], hurts[k], 0, 0.1), 0, 0};
        mdp_gate_side_draw(&side, &draw, &drawn);
        double before = spread_of(&drawn);
        mdp_gate_group_worsen(&drawn.groups[0], &loss, &draw);
        CHECK_CLOSE(spread_of(&drawn), before + 0.1, 0.005);
        CHECK(isnan(mdp_gate_spread_share(&side.groups[0], hurts[k], 0, 0.7)));
    }
    mdp_gate_side_free(&drawn);
    mdp_gate_side_free(&side);
}

/* what a typical episode of equal ones loses, by hand: nothing as long as fewer than half are hurt. of a bad tail, of
 * which 0.8 are hurt, the chance to lose more than m is 0.8 (1 - m), which is a half at m = 0.375 */
static void test_typical(void) {
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.25, .sd = 0.01});
    const struct mdp_gate_group *group = &side.groups[0];
    struct mdp_episodes *e = &side.groups[0].runs[0].evals[0].episodes;
    struct mdp_gate_loss loss = {MDP_GATE_HURT_NON_FINITE, 0.4, 0, 1};
    double lost, share;
    for (long i = 0; i < e->n; i++) e->normalized_returns[i] = 1;
    for (int is_paired = 0; is_paired < 2; is_paired++) {
        loss.hurt = MDP_GATE_HURT_NON_FINITE;
        loss.size = is_paired ? 0.25 : 0.4;
        CHECK_OK(mdp_gate_typical_loss(group, &loss, is_paired, &lost));
        CHECK_CLOSE(lost, 0, 1e-12);
        loss.size = 0.8;
        CHECK_OK(mdp_gate_typical_loss(group, &loss, is_paired, &lost));
        CHECK_CLOSE(lost, 0.5, 1e-12);
        CHECK_OK(mdp_gate_typical_share(group, &loss, is_paired, 0.2, &share));
        /* of pairs, half of the averages are above 0 where a share of 1 - sqrt(0.5) is hurt */
        CHECK_CLOSE(share, is_paired ? 1 - sqrt(0.5) : 0.5, 0.01);
        CHECK_OK(mdp_gate_typical_share(group, &loss, is_paired, 0.6, &share));
        CHECK(isnan(share));
    }
    loss.hurt = MDP_GATE_HURT_TAIL;
    CHECK_OK(mdp_gate_typical_loss(group, &loss, 0, &lost));
    CHECK_CLOSE(lost, 0.375, 0.01);
    mdp_gate_side_free(&side);
}

/* one of three losses by some episodes takes more from the typical one than from the mean: a FAIL is then right */
enum { N_CLAIMS = 17 };

/* how often each claim was seen */
static void count_seen(const struct mdp_gate_side *side, int n_threads, long n_seen[N_CLAIMS]) {
    struct mdp_gate_policy policy;
    struct mdp_gate_selftest test;
    CHECK_OK(mdp_gate_policy_parse(
        "p.yaml",
        "rows:\n- {metric: return, margin: {absolute: 0.1}}\n- {metric: speed, measure: a, margin: {relative: 0.1}}\n",
        &policy));
    const struct mdp_gate_selftest_plan plan = {&policy, side, 100, 0, 3, 5, 0, 0, n_threads};
    CHECK_OK(mdp_gate_selftest_run(&plan, &test));
    CHECK_INT(test.n_scenarios, 14);
    CHECK_INT(test.n_claims, N_CLAIMS);
    for (int i = 0; i < N_CLAIMS; i++) n_seen[i] = test.claims[i].n_seen;
    mdp_gate_selftest_free(&test);
    mdp_gate_policy_free(&policy);
}

/* episodes and speeds, unchanged and worse: the same counts for any number of threads */
static void test_trials(void) {
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.5, .sd = 0.1});
    long seen[N_CLAIMS], other[N_CLAIMS];
    add_speed(&side, "a", "steps/s", 100, 0.01);
    count_seen(&side, 1, seen);
    CHECK_INT(seen[0], 0);
    CHECK_INT(seen[1], 100);
    CHECK(seen[2] < 15);
    CHECK_INT(seen[4], 100);
    CHECK_INT(seen[16], 100);
    for (int n_threads = 2; n_threads <= 3; n_threads++) {
        count_seen(&side, n_threads, other);
        CHECK(memcmp(seen, other, sizeof seen) == 0);
    }
    mdp_gate_side_free(&side);
}

static void run_looks(const struct mdp_gate_side *side, const char *looks, int is_sequential, int n_threads,
                      struct mdp_gate_selftest *out) {
    static struct mdp_gate_policy policy;
    char text[256];
    snprintf(text, sizeof text,
             "rows:\n- {metric: return, margin: {absolute: 0.1}}\n- {metric: spread, margin: {absolute: 0.1}}\n"
             "sequential: {looks: [%s]}\n",
             looks);
    mdp_gate_policy_free(&policy);
    CHECK_OK(mdp_gate_policy_parse("p.yaml", text, &policy));
    const struct mdp_gate_selftest_plan plan = {&policy, side,          30,       is_sequential ? 0 : 40, 3, 5,
                                                0,       is_sequential, n_threads};
    CHECK_OK(mdp_gate_selftest_run(&plan, out));
}

static void check_same_counts(const struct mdp_gate_selftest *a, const struct mdp_gate_selftest *b) {
    CHECK_INT(a->n_scenarios, b->n_scenarios);
    for (int i = 0; i < a->n_scenarios; i++)
        for (int d = 0; d < MDP_N_GATE_DECISIONS; d++) {
            CHECK_INT(a->scenarios[i].gate.n[d], b->scenarios[i].gate.n[d]);
            CHECK_INT(a->scenarios[i].row.n[d], b->scenarios[i].row.n[d]);
        }
}

/* a gate of one look is the fixed one; of several it is the same for any number of threads, and begins anew each time
 */
static void test_looks(void) {
    struct mdp_gate_side side = one("baseline", (struct shape){.mean = 0.5, .sd = 0.08});
    struct mdp_gate_selftest fixed, once, twice, threads;
    run_looks(&side, "40", 0, 1, &fixed);
    run_looks(&side, "40", 1, 1, &once);
    check_same_counts(&fixed, &once);
    CHECK_INT(once.plan.n_episodes, 40);
    run_looks(&side, "20, 40", 1, 1, &twice);
    run_looks(&side, "20, 40", 1, 3, &threads);
    check_same_counts(&twice, &threads);
    CHECK_INT(twice.scenarios[0].gate.n[MDP_GATE_PASS], 30);
    struct mdp_gate_selftest *all[] = {&fixed, &once, &twice, &threads};
    for (int i = 0; i < 4; i++) mdp_gate_selftest_free(all[i]);
    mdp_gate_side_free(&side);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_claims),  TAP_TEST(test_damages), TAP_TEST(test_no_damages),
                                            TAP_TEST(test_draws),   TAP_TEST(test_losses),  TAP_TEST(test_hurt_shares),
                                            TAP_TEST(test_typical), TAP_TEST(test_trials),  TAP_TEST(test_looks)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
