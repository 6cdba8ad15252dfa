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
        const struct mdp_share_counts counts = {cases[i].n_x, cases[i].k_x, cases[i].n_y, cases[i].k_y, 0, 0};
        CHECK_OK(mdp_share_difference(&counts, 0, &share));
        CHECK_CLOSE(share.low, cases[i].low, 0.5e-4);
        CHECK_CLOSE(share.high, cases[i].high, 0.5e-4);
        CHECK_CLOSE(share.estimate, cases[i].k_x / cases[i].n_x - cases[i].k_y / cases[i].n_y, 1e-15);
        CHECK_CLOSE(share.level, 0.95, 0);
    }
}

/* Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired data",
 * table III, method 10: pairs of 1 and 1, of 1 and 0, of 0 and 1, of 0 and 0 */
static void test_published_pairs(void) {
    static const double cases[][6] = {
        {36, 12, 2, 0, 0.0569, 0.3404}, {20, 12, 2, 16, 0.0562, 0.3292}, {18, 12, 2, 18, 0.0562, 0.3290},
        {36, 14, 0, 0, 0.1528, 0.4167}, {35, 14, 0, 1, 0.1461, 0.4175},  {18, 14, 0, 18, 0.1441, 0.3963},
        {2, 97, 1, 0, 0.8721, 0.9854},  {2, 98, 0, 0, 0.9178, 0.9945},   {0, 29, 1, 0, 0.6666, 0.9882},
        {0, 30, 0, 0, 0.8395, 1.0000},  {54, 0, 0, 0, -0.0664, 0.0664},  {30, 0, 0, 24, -0.0358, 0.0358},
        {53, 0, 0, 1, -0.0729, 0.0729}, {27, 0, 0, 27, -0.0351, 0.0351},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const double *c = cases[i], n = c[0] + c[1] + c[2] + c[3];
        const struct mdp_share_counts counts = {n, c[0] + c[1], n, c[0] + c[2], 1, c[0]};
        struct mdp_share share;
        CHECK_OK(mdp_share_difference(&counts, 0, &share));
        CHECK_CLOSE(share.low, c[4], 0.5e-4);
        CHECK_CLOSE(share.high, c[5], 0.5e-4);
    }
}

/* where pairs agree throughout, little can be different; without any 1, pairs say nothing more than two samples */
static void test_agreeing_pairs(void) {
    struct mdp_share paired, unpaired;
    CHECK_OK(mdp_share_difference(&(struct mdp_share_counts){50, 31, 50, 31, 1, 31}, 0, &paired));
    CHECK_OK(mdp_share_difference(&(struct mdp_share_counts){50, 31, 50, 31, 0, 0}, 0, &unpaired));
    CHECK(paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low) && paired.low < 0 && paired.high > 0);
    CHECK_OK(mdp_share_difference(&(struct mdp_share_counts){50, 0, 50, 0, 1, 0}, 0, &paired));
    CHECK_OK(mdp_share_difference(&(struct mdp_share_counts){50, 0, 50, 0, 0, 0}, 0, &unpaired));
    CHECK_CLOSE(paired.low, unpaired.low, 0);
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
        const struct mdp_share_counts counts = {50, 3, 60, 7, 0, 0};
        struct mdp_share share;
        double p;
        CHECK_OK(mdp_share_difference(&counts, 1 - 2 * alphas[i], &share));
        CHECK_OK(mdp_share_difference_p(&counts, share.low, &p));
        CHECK_CLOSE(p, alphas[i], 1e-9 * alphas[i] + 1e-14);
        CHECK_OK(mdp_share_difference_p(&counts, share.high, &p));
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
    CHECK_OK(mdp_share_difference_p(&(struct mdp_share_counts){50, 0, 50, 50, 0, 0}, -1.5, &p));
    CHECK_CLOSE(p, 0, 0);
    CHECK_OK(mdp_share_difference_p(&(struct mdp_share_counts){50, 0, 50, 0, 0, 0}, 0, &p));
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
    struct mdp_share_counts counts = {2, 1, 2, 1, 0, 0};
    CHECK_FAILS(mdp_share_difference(&counts, 1.5, &share), MDP_E_DATA, "DOMAIN");
    CHECK_FAILS(mdp_share_difference_p(&counts, NAN, &p), MDP_E_DATA, "NAN: bound");
    counts.k_y = 3;
    CHECK_FAILS(mdp_share_difference(&counts, 0, &share), MDP_E_DATA, "DOMAIN: k of y");
    counts = (struct mdp_share_counts){10, 8, 10, 7, 1, 4};
    CHECK_FAILS(mdp_share_difference(&counts, 0, &share), MDP_E_DATA, "DOMAIN: n_both: expected");
    counts.n_both = 8;
    CHECK_FAILS(mdp_share_difference(&counts, 0, &share), MDP_E_DATA, "DOMAIN: n_both: expected");
    counts.n_y = 11;
    CHECK_FAILS(mdp_share_difference_p(&counts, 0, &p), MDP_E_DATA, "SHAPE: pairs: expected n of 10 twice, found 11");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_published_differences),
        TAP_TEST(test_published_pairs),
        TAP_TEST(test_agreeing_pairs),
        TAP_TEST(test_published_shares),
        TAP_TEST(test_p_inverts_the_interval),
        TAP_TEST(test_ends),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
