/* shares: published intervals, ends, and p values as the interval's inverse. */
#include <math.h>

#include "stats/proportion.h"
#include "tests/tap.h"

/* Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10 */
static void test_published_differences(void) {
    static const struct {
        double k_x, n_x, k_y, n_y, low, high;
    } cases[] = {
        {56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090},  {6, 7, 2, 7, 0.0582, 0.8062},
        {5, 56, 0, 29, -0.0381, 0.1926},  {0, 10, 0, 20, -0.1611, 0.2775}, {0, 10, 0, 10, -0.2775, 0.2775},
        {10, 10, 0, 20, 0.6791, 1.0000},  {10, 10, 0, 10, 0.6075, 1.0000},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_share share;
        CHECK_OK(mdp_share_difference(cases[i].k_x, cases[i].n_x, cases[i].k_y, cases[i].n_y, 0, &share));
        CHECK_CLOSE(share.low, cases[i].low, 0.5e-4);
        CHECK_CLOSE(share.high, cases[i].high, 0.5e-4);
        CHECK_CLOSE(share.estimate, cases[i].k_x / cases[i].n_x - cases[i].k_y / cases[i].n_y, 1e-15);
        CHECK_CLOSE(share.level, 0.95, 0);
    }
}

/* Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3 */
static void test_published_shares(void) {
    static const double cases[][4] = {
        {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0000, 0.1611}, {1, 29, 0.0061, 0.1718}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_share share;
        CHECK_OK(mdp_share_compute(cases[i][0], cases[i][1], 0.95, &share));
        CHECK_CLOSE(share.low, cases[i][2], 0.5e-4);
        CHECK_CLOSE(share.high, cases[i][3], 0.5e-4);
    }
}

/* an interval of level 1 - 2 p ends at the bound that p is for */
static void test_p_inverts_the_interval(void) {
    static const double alphas[] = {1e-6, 0.001, 0.025, 0.05, 0.2, 0.45};
    for (unsigned i = 0; i < sizeof alphas / sizeof alphas[0]; i++) {
        struct mdp_share share;
        double p;
        CHECK_OK(mdp_share_difference(3, 50, 7, 60, 1 - 2 * alphas[i], &share));
        CHECK_OK(mdp_share_difference_p(3, 50, 7, 60, share.low, &p));
        CHECK_CLOSE(p, alphas[i], 1e-9 * alphas[i] + 1e-14);
        CHECK_OK(mdp_share_difference_p(3, 50, 7, 60, share.high, &p));
        CHECK_CLOSE(p, 1 - alphas[i], 1e-12);
    }
}

static void test_ends(void) {
    struct mdp_share share;
    double p;
    CHECK_OK(mdp_share_compute(0, 50, 0.95, &share));
    CHECK_CLOSE(share.low, 0, 0);
    CHECK_OK(mdp_share_compute(50, 50, 0.95, &share));
    CHECK_CLOSE(share.high, 1, 0);
    CHECK_OK(mdp_share_difference_p(0, 50, 50, 50, -1.5, &p));
    CHECK_CLOSE(p, 0, 0);
    CHECK_OK(mdp_share_difference_p(0, 50, 0, 50, 0, &p));
    CHECK_CLOSE(p, 0.5, 1e-9);
}

static void test_refusals(void) {
    struct mdp_share share;
    double p;
    CHECK_FAILS(mdp_share_compute(3, 2, 0, &share), MDP_E_DATA, "DOMAIN: k: expected");
    CHECK_FAILS(mdp_share_compute(-1, 2, 0, &share), MDP_E_DATA, "DOMAIN: k: expected");
    CHECK_FAILS(mdp_share_compute(0, 0, 0, &share), MDP_E_DATA, "DOMAIN: n of k: expected 1 or more, found 0");
    CHECK_FAILS(mdp_share_compute(NAN, 2, 0, &share), MDP_E_DATA, "DOMAIN");
    CHECK_FAILS(mdp_share_compute(1, INFINITY, 0, &share), MDP_E_DATA, "DOMAIN");
    CHECK_FAILS(mdp_share_difference(1, 2, 1, 2, 1.5, &share), MDP_E_DATA, "DOMAIN");
    CHECK_FAILS(mdp_share_difference(1, 2, 3, 2, 0, &share), MDP_E_DATA, "DOMAIN: k of y");
    CHECK_FAILS(mdp_share_difference_p(1, 2, 1, 2, NAN, &p), MDP_E_DATA, "NAN: bound");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_published_differences),
        TAP_TEST(test_published_shares),
        TAP_TEST(test_p_inverts_the_interval),
        TAP_TEST(test_ends),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
