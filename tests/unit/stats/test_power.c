/* power by hand, and its inverses against itself. */
#include <math.h>

#include "stats/power.h"
#include "tests/tap.h"

/* what a reader remembers: 50 episodes a side show d = 0.566, 50 pairs dz = 0.404, 3 seeds a side d = 3.07 */
static void test_known_sizes(void) {
    struct mdp_test_plan plan = {0};
    double found;
    CHECK_OK(mdp_power_detectable(&plan, 50, 0.8, &found));
    CHECK_CLOSE(found, 0.566, 5e-4);
    CHECK_OK(mdp_power_detectable(&plan, 3, 0.8, &found));
    CHECK_CLOSE(found, 3.07, 5e-3);
    plan.design = MDP_DESIGN_PAIRED;
    CHECK_OK(mdp_power_detectable(&plan, 50, 0.8, &found));
    CHECK_CLOSE(found, 0.404, 5e-4);
}

static void test_consistency(void) {
    struct mdp_test_plan plan = {.alpha = 0.01};
    double effect, power, n;
    for (int i = 0; i < 2; i++, plan.design = MDP_DESIGN_PAIRED) {
        CHECK_OK(mdp_power_ttest(&plan, 0, 20, &power));
        CHECK_CLOSE(power, 0.01, 1e-10);
        CHECK_OK(mdp_power_detectable(&plan, 20, 0.9, &effect));
        CHECK_OK(mdp_power_ttest(&plan, -effect, 20, &power));
        CHECK_CLOSE(power, 0.9, 1e-9);
        CHECK_OK(mdp_power_n_required(&plan, effect, 0.9, &n));
        CHECK_CLOSE(n, 20, 1e-6);
    }
    for (double superiority = 0.1; superiority < 1; superiority += 0.23) {
        double mirrored = fabs(superiority - 0.5) + 0.5, found;
        CHECK_OK(mdp_power_n_required_superiority(&plan, superiority, 0.9, &n));
        if (n < 2) continue;
        CHECK_OK(mdp_power_detectable_superiority(&plan, n, 0.9, &found));
        CHECK_CLOSE(found, mirrored, 1e-12);
    }
    CHECK_OK(mdp_power_n_required_superiority(&plan, 0.5, 0.9, &n));
    CHECK(isnan(n));
    CHECK_OK(mdp_power_n_required_superiority(&plan, 0.500001, 0.9, &n));
    CHECK(isnan(n));
    CHECK_OK(mdp_power_detectable(&plan, 20, 0.005, &effect));
    CHECK(effect == 0);
    CHECK_OK(mdp_power_n_required(&plan, 0, 0.9, &n));
    CHECK(isnan(n));
}

static void test_refusals(void) {
    const struct mdp_test_plan plan = {0}, bad = {.alpha = 1.5};
    double out;
    CHECK_FAILS(mdp_power_ttest(&plan, NAN, 10, &out), MDP_E_DATA, "NAN: effect");
    CHECK_FAILS(mdp_power_ttest(&plan, 1, INFINITY, &out), MDP_E_DATA, "INF: effect");
    CHECK_FAILS(mdp_power_ttest(&plan, 1, 1, &out), MDP_E_DATA, "TOO_FEW: n per group");
    CHECK_FAILS(mdp_power_ttest(&bad, 1, 10, &out), MDP_E_DATA, "DOMAIN: alpha");
    CHECK_FAILS(mdp_power_detectable(&plan, 10, 1, &out), MDP_E_DATA, "DOMAIN: power");
    CHECK_FAILS(mdp_power_detectable(&plan, 10, NAN, &out), MDP_E_DATA, "NAN: ");
    CHECK_FAILS(mdp_power_n_required(&plan, 1, 0, &out), MDP_E_DATA, "DOMAIN: power");
    CHECK_FAILS(mdp_power_detectable_superiority(&plan, 1, 0.8, &out), MDP_E_DATA, "TOO_FEW: n per group");
    CHECK_FAILS(mdp_power_n_required_superiority(&plan, 1.2, 0.8, &out), MDP_E_DATA, "DOMAIN: P(x > y)");
    CHECK_FAILS(mdp_power_n_required_superiority(&plan, NAN, 0.8, &out), MDP_E_DATA, "NAN: ");
}

/* z of 0.05 is 1.6449; 1.9600 + 0.8416 for a two-sided 0.05 with power 0.8: 3 (2.8016 / 1.6449)^2 = 8.70 */
static void test_n_of_p(void) {
    CHECK(mdp_power_n_of_p(0.05, 0.025, 3, 0.8) == 9);
    CHECK(mdp_power_n_of_p(0.025, 0.025, 50, 0.5) == 51); /* never the n that did not do */
    CHECK(mdp_power_n_of_p(0, 0.025, 7.5, 0.8) == 8);
    CHECK(isinf(mdp_power_n_of_p(0.5, 0.025, 50, 0.8)) && isinf(mdp_power_n_of_p(NAN, 0.025, 50, 0.8)));
    CHECK(isinf(mdp_power_n_of_p(0.49999, 0.025, 50, 0.8)));
    /* 2 / 2^5 = 0.0625 and 2 / 2^6 = 0.031; 2 / C(6, 3) = 0.1 and 2 / C(8, 4) = 0.029 */
    CHECK(mdp_power_least_n(1, 0.05) == 6 && mdp_power_least_n(0, 0.05) == 4);
    CHECK(mdp_power_is_uneven(10, 50) && mdp_power_is_uneven(50, 10) && !mdp_power_is_uneven(25, 50));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_known_sizes), TAP_TEST(test_consistency),
                                            TAP_TEST(test_refusals), TAP_TEST(test_n_of_p)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
