/* far tails against closed forms. */
#include <math.h>

#include "stats/tails.h"
#include "tests/tap.h"

/* with 2 degrees of freedom chi-square is exponential, F(d1, 2) and t have closed tails too */
static void test_closed_forms(void) {
    static const double values[] = {1e-8, 0.3, 1, 7, 300, 1e5};
    for (int i = 0; i < 6; i++) {
        double x = values[i], t_tail = 1 / (sqrt(2 + x * x) * (sqrt(2 + x * x) + x));
        CHECK_CLOSE(mdp_log10_chi2_sf(x, 2), -0.5 * x / log(10), 1e-13 * (1 + x));
        CHECK_CLOSE(mdp_log10_t_sf(x, 2), log10(t_tail), 1e-13 * (1 + fabs(log10(t_tail))));
        CHECK_CLOSE(mdp_t_sf(x, 2) / t_tail, 1, 1e-13);
        CHECK_CLOSE(mdp_t_sf(-x, 2), 1 - t_tail, 1e-15);
        CHECK_CLOSE(mdp_log10_f_sf(x, 2, 2), -log1p(x) / log(10), 1e-13 * (1 + log1p(x)));
    }
    CHECK_CLOSE(mdp_log10_normal_sf(-40), 0, 1e-300);
    CHECK_CLOSE(mdp_log10_normal_sf(25.0000001), mdp_log10_normal_sf(24.9999999), 3e-6);
    /* t with 1 degree of freedom far out: 1 / (pi t), where t squared is no double any more */
    CHECK_CLOSE(mdp_log10_t_sf(1e200, 1), -200 - log10(4 * atan(1)), 1e-10);
}

static void test_quantile_inverts(void) {
    static const double degrees[] = {1, 2.5, 9, 48, 1000}, tails[] = {0.4, 0.025, 1e-4, 1e-12, 0.9};
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 5; k++) {
            double t = mdp_t_quantile_sf(tails[k], degrees[i]);
            CHECK_CLOSE(mdp_t_sf(t, degrees[i]) / tails[k], 1, 1e-12);
        }
    }
    CHECK_CLOSE(mdp_t_quantile_sf(0.025, 40), 2.0210753903062733, 1e-14);
    CHECK(mdp_t_quantile_sf(0.5, 7) == 0);
}

/* every test is a process of its own: here nothing has turned the library's aborting handler off before */
static void test_outside_the_range(void) {
    static const double shapes[] = {0, -1, -2, NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 6; i++) {
        CHECK(isnan(mdp_t_sf(1, shapes[i])) && isnan(mdp_log10_t_sf(1, shapes[i])));
        CHECK(isnan(mdp_log10_f_sf(1, shapes[i], 3)) && isnan(mdp_log10_f_sf(1, 3, shapes[i])));
        CHECK(isnan(mdp_log10_chi2_sf(1, shapes[i])) && isnan(mdp_t_quantile_sf(0.1, shapes[i])));
    }
    CHECK(isnan(mdp_t_sf(NAN, 3)) && isnan(mdp_log10_f_sf(NAN, 3, 3)) && isnan(mdp_log10_chi2_sf(NAN, 3)));
    CHECK(isnan(mdp_log10_normal_sf(NAN)) && isnan(mdp_t_quantile_sf(NAN, 3)) && isnan(mdp_t_quantile_sf(1.5, 3)));
    CHECK(mdp_t_quantile_sf(0, 3) == INFINITY && mdp_t_quantile_sf(1, 3) == -INFINITY);
}

static void test_refusals(void) {
    const double df[] = {3, 0}, bad[] = {NAN, 1};
    CHECK_OK(mdp_tail_check(1, df, 1));
    CHECK_FAILS(mdp_tail_check(NAN, df, 1), MDP_E_DATA, "NAN: value");
    CHECK_FAILS(mdp_tail_check(INFINITY, df, 1), MDP_E_DATA, "INF: value");
    CHECK_FAILS(mdp_tail_check(1, bad, 2), MDP_E_DATA, "NAN: degrees of freedom");
    CHECK_FAILS(mdp_tail_check(1, df, 2), MDP_E_DATA, "DOMAIN: degrees of freedom: expected above 0, found 0");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_closed_forms), TAP_TEST(test_quantile_inverts),
                                            TAP_TEST(test_outside_the_range), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
