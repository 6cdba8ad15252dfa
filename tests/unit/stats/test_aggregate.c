/* aggregates of score matrices: refusals, and what only the definition shows. */
#include <math.h>

#include "stats/aggregate.h"
#include "tests/tap.h"

static void test_refusals(void) {
    const double good[] = {1, 2, 3, 4}, bad[] = {1, NAN, INFINITY, 2};
    const struct mdp_scores x = {good, 2, 2}, flat = {good, 4, 1}, empty = {good, 0, 2}, broken = {bad, 2, 2};
    double out[MDP_N_AGGREGATES];
    CHECK_FAILS(mdp_aggregate_compute(&empty, 1, out), MDP_E_DATA, "EMPTY: scores");
    CHECK_FAILS(mdp_aggregate_compute(&broken, NAN, out), MDP_E_DATA, "NAN: scores");
    CHECK_FAILS(mdp_aggregate_compute(&x, NAN, out), MDP_E_DATA, "DOMAIN: gamma");
    CHECK_FAILS(mdp_probability_of_improvement(&broken, &flat, NULL, out), MDP_E_DATA,
                "SHAPE: y: expected 2 tasks as in x, found 1");
    CHECK_FAILS(mdp_probability_of_improvement(&x, &broken, NULL, out), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_performance_profile(&x, bad + 2, 1, out, NULL), MDP_E_DATA, "INF: taus");
}

static void test_names(void) {
    CHECK_STR(mdp_aggregate_name(MDP_AGGREGATE_MEAN), "mean");
    CHECK_STR(mdp_aggregate_name(MDP_AGGREGATE_OPTIMALITY_GAP), "optimality_gap");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_refusals), TAP_TEST(test_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
