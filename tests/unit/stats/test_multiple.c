/* adjusted p-values: refusals, and what adjusting never does. */
#include <math.h>

#include "stats/multiple.h"
#include "tests/tap.h"

/* the textbook case: four tests, worked by hand */
static void test_by_hand(void) {
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    const double holm[] = {0.03, 0.06, 0.06, 0.02}, bh[] = {0.02, 0.04, 0.04, 0.02};
    double out[4];
    CHECK_OK(mdp_adjust(MDP_ADJUST_HOLM, p, 4, out));
    for (int i = 0; i < 4; i++) CHECK_CLOSE(out[i], holm[i], 1e-15);
    CHECK_OK(mdp_adjust(MDP_ADJUST_BH, p, 4, out));
    for (int i = 0; i < 4; i++) CHECK_CLOSE(out[i], bh[i], 1e-15);
    CHECK(mdp_adjust_rejects(0.05, 0.05) && !mdp_adjust_rejects(0.0500001, 0.05));
}

/* weights by hand: 0.01 / 8 and 0.002 / 1 are tried in that order, at 10 and then 2 parts; then 0.3 / 1 alone */
static void test_weights(void) {
    const double p[] = {0.002, 0.01, 0.3, NAN}, weights[] = {1, 8, 1, 0}, equal[] = {3, 3, 3, 3};
    const double worked[] = {0.0125, 0.0125, 0.3}, by_holm[] = {0.01, 0.04, 0.03, 0.005};
    double out[4], holm[4];
    CHECK_OK(mdp_adjust_weighted(p, weights, 4, out));
    for (int i = 0; i < 3; i++) CHECK_CLOSE(out[i], worked[i], 1e-15);
    CHECK(isnan(out[3]));
    CHECK_OK(mdp_adjust_weighted(by_holm, equal, 4, out));
    CHECK_OK(mdp_adjust(MDP_ADJUST_HOLM, by_holm, 4, holm));
    for (int i = 0; i < 4; i++) CHECK_CLOSE(out[i], holm[i], 1e-15);
    CHECK_FAILS(mdp_adjust_weighted(p, equal, 4, out), MDP_E_DATA, "NAN: p");
    CHECK_FAILS(mdp_adjust_weighted(p, (const double[]){1, -1}, 2, out), MDP_E_DATA, "DOMAIN: weight");
}

static void test_refusals(void) {
    const double p[] = {0.5, 1.5, NAN, INFINITY};
    double out[4];
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 0, out), MDP_E_DATA, "EMPTY: p");
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 2, out), MDP_E_DATA, "DOMAIN: p: expected 0 to 1, found 1.5");
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 4, out), MDP_E_DATA, "NAN: p");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_by_hand), TAP_TEST(test_weights), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
