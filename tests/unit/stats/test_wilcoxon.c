/* Wilcoxon's signed ranks against enumeration of all signs. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "stats/quantile.h"
#include "stats/wilcoxon.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

static struct mdp_p enumerate(const double *d, int n) {
    long two_w = 0, doubled[12], less = 0, greater = 0, all = 1L << n;
    for (int i = 0; i < n; i++) {
        doubled[i] = 1;
        for (int j = 0; j < n; j++) doubled[i] += fabs(d[j]) < fabs(d[i]) ? 2 : fabs(d[j]) == fabs(d[i]);
        if (d[i] > 0) two_w += doubled[i];
    }
    for (long who = 0; who < all; who++) {
        long s = 0;
        for (int i = 0; i < n; i++) s += (who >> i & 1) * doubled[i];
        less += s <= two_w;
        greater += s >= two_w;
    }
    double p_less = (double)less / (double)all, p_greater = (double)greater / (double)all;
    return (struct mdp_p){fmin(1, 2 * fmin(p_less, p_greater)), p_less, p_greater, 0};
}

static void test_enumeration(void) {
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_BATCH, 0, 0);
    const double zero[12] = {0};
    for (int i = 0; i < 60; i++) {
        int n = 1 + (int)mdp_rng_below(&rng, 10);
        double d[12];
        for (int k = 0; k < n; k++) d[k] = (mdp_rng_below(&rng, 2) ? 1.0 : -1.0) * (1 + mdp_rng_below(&rng, 5));
        struct mdp_wilcoxon r;
        struct pair pair = pair_of(d, n, zero, n);
        struct mdp_p want = enumerate(d, n);
        CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
        CHECK_CLOSE(r.p.two, want.two, 1e-14);
        CHECK_CLOSE(r.p.less, want.less, 1e-14);
        CHECK_CLOSE(r.p.greater, want.greater, 1e-14);
    }
}

/* 1 .. 6: the 3rd of 21 averages has 2.5 % below it by the table of the signed rank distribution (P(W <= 0) = 1/64,
 * P(W <= 1) = 2/64), so the interval starts at the first */
static void test_pseudomedian(void) {
    double x[] = {1, 2, 3, 4, 5, 6}, zero[6] = {0}, averages[21], sorted[21];
    int n = 0;
    struct mdp_wilcoxon r;
    struct pair pair = pair_of(x, 6, zero, 6);
    x[5] = 100;
    for (int i = 0; i < 6; i++)
        for (int j = i; j < 6; j++) averages[n++] = 0.5 * (x[i] + x[j]);
    mdp_sort(averages, 21, sorted);
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.hl_pseudomedian == sorted[10] && r.hl.low == sorted[0] && r.hl.high == sorted[20]);
    CHECK_CLOSE(r.smallest_p, 2.0 / 64, 1e-15);
    CHECK(r.hl.low <= r.hl_pseudomedian && r.hl_pseudomedian <= r.hl.high);
    const struct mdp_wilcoxon_plan loose = {.level = 0.8};
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, &loose, &r));
    /* P(W <= 3) = 5/64 < 0.1 <= P(W <= 4) = 7/64 */
    CHECK(r.hl.low == sorted[3] && r.hl.high == sorted[17]);
}

/* n pairs cannot do better than 1 - 2 / 2^n */
static void test_achieved_level(void) {
    const double x[] = {1, 2.5, -0.75, 4, 8.25, 16, 0.125, 33}, zero[8] = {0};
    static const double levels[] = {0, 0.5, 0.75, 0.875, 0.9375, 1 - 2.0 / 64, 1 - 6.0 / 128, 1 - 10.0 / 256};
    for (int n = 1; n <= 8; n++) {
        struct mdp_wilcoxon r;
        struct pair pair = pair_of(x, n, zero, n);
        CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
        CHECK(!r.has_ties && r.n_zero == 0);
        CHECK_CLOSE(r.hl.level, levels[n - 1], 1e-13);
    }
}

/* p and interval of differences with many ties and zeros say the same of 0, and of a margin by one-sided tests */
static void test_interval_agrees_with_p(void) {
    struct mdp_rng rng = mdp_rng_stream(32, MDP_RNG_BATCH, 0, 0);
    const double zero[16] = {0};
    int n_rejected = 0, n_open = 0;
    for (int i = 0; i < 2000; i++) {
        int n = 1 + (int)mdp_rng_below(&rng, 16);
        double d[16], most;
        for (int k = 0; k < n; k++) d[k] = (double)mdp_rng_below(&rng, 7) - 2.0 - (double)(i % 2);
        for (int k = 0; k < n; k++) d[k] = mdp_rng_below(&rng, 3) ? d[k] : 0;
        const struct mdp_wilcoxon_plan plan = {.level = 0.9}, moved = {.shift = 2},
                                       sides = {.level = 0.9, .anchor = -2, .is_by_sides = 1};
        struct pair pair = pair_of(d, n, zero, n);
        struct mdp_wilcoxon r, of_margin, tested;
        CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, &plan, &r));
        most = fmax(0.1, exp2(1 - n)) * (1 + 1e-12);
        CHECK(mdp_shift_interval_excludes(&r.hl, 0) == (r.p.two <= most && !r.is_degenerate));
        n_rejected += r.p.two <= most;
        n_open += r.hl.is_low_open || r.hl.is_high_open;
        CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, &sides, &of_margin));
        CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, &moved, &tested));
        CHECK(mdp_shift_interval_excludes(&of_margin.hl, -2) == (2 * fmin(tested.p.greater, tested.p.less) <= most));
    }
    CHECK(n_rejected > 100 && n_open > 100);
}

/* 40 of 50 pairs are equal: the test looks at the ten others, all gains, and the interval leaves out 0. six gains in 50
 * pairs are significant, too, but a shift of any size is not: nothing is left of the interval */
static void test_interval_of_zeros(void) {
    double x[50] = {0}, zero[50] = {0};
    struct mdp_wilcoxon r;
    struct pair pair = pair_of(x, 50, zero, 50);
    for (int i = 0; i < 10; i++) x[i] = 1 + i;
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.p.two, 2.0 / 1024, 1e-13);
    CHECK(r.hl.low == 0 && r.hl.is_low_open && mdp_shift_interval_excludes(&r.hl, 0));
    for (int i = 6; i < 10; i++) x[i] = 0;
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.p.two, 2.0 / 64, 1e-13);
    CHECK(r.hl.low == 0 && r.hl.high == 0 && r.hl.is_low_open && mdp_shift_interval_excludes(&r.hl, 0));
}

static void test_method_choice(void) {
    enum { N = 250 };
    double x[N], y[N] = {0};
    const struct mdp_wilcoxon_plan exact = {.method = MDP_WILCOXON_EXACT};
    struct mdp_wilcoxon a, b;
    for (int i = 0; i < N; i++) x[i] = (i % 3 ? 1 : -1.2) * (i + 1);
    struct pair pair = pair_of(x, N, y, N);
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &a));
    CHECK_STR(mdp_wilcoxon_method_name(a.method), "asymptotic");
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, &exact, &b));
    CHECK_STR(mdp_wilcoxon_method_name(b.method), "exact");
    CHECK(a.p.two == b.wilcox.asym_cc.p.two && isnan(a.exact.two));
    CHECK_CLOSE(a.p.less / b.p.less, 1, 0.01);
}

static void test_degenerate(void) {
    const double x[] = {1, -0.0, 3}, y[] = {1, 0.0, 3};
    struct mdp_wilcoxon r;
    struct pair pair = pair_of(x, 3, y, 3);
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.is_degenerate && r.n_zero == 3 && r.p.two == 1 && r.p.greater == 1 && r.wilcox.asym_cc.p.two == 1);
    CHECK(isnan(r.rank_biserial_matched) && r.hl_pseudomedian == 0 && r.smallest_p == 1);
}

static void test_order_and_inputs(void) {
    double x[] = {3, 1, 4, 1, 5, 9, 2, 6}, y[] = {2, 7, 1, 1, 2, 8, 1, 8};
    const double copy[] = {3, 1, 4, 1, 5, 9, 2, 6}, x2[] = {6, 2, 9, 5, 1, 4, 1, 3}, y2[] = {8, 1, 8, 2, 1, 1, 7, 2};
    struct mdp_wilcoxon a, b;
    struct pair pair = pair_of(x, 8, y, 8), other = pair_of(x2, 8, y2, 8);
    CHECK_OK(mdp_wilcoxon_compute(&pair.x, &pair.y, NULL, &a));
    CHECK_OK(mdp_wilcoxon_compute(&other.x, &other.y, NULL, &b));
    CHECK(a.p.two == b.p.two && a.pratt.asym.z == b.pratt.asym.z && a.hl.low == b.hl.low && a.has_ties);
    CHECK(memcmp(x, copy, sizeof x) == 0);
    CHECK_OK(mdp_wilcoxon_compute(&pair.y, &pair.x, NULL, &b));
    CHECK(a.p.less == b.p.greater && a.hl_pseudomedian == -b.hl_pseudomedian && a.hl.low == -b.hl.high);
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY}, ends[] = {1.7e308, -1.7e308};
    const struct mdp_wilcoxon_plan wide = {.level = 2}, exact = {.method = MDP_WILCOXON_EXACT};
    static double many[1001];
    struct mdp_wilcoxon r;
    struct pair empty = pair_of(good, 0, good, 2), uneven = pair_of(bad, 2, good, 1), broken = pair_of(good, 2, bad, 2);
    struct pair blown = pair_of(good, 1, bad + 1, 1), fine = pair_of(good, 2, good, 2);
    struct pair far = pair_of(ends, 1, ends + 1, 1), large = pair_of(many, 1001, many, 1001);
    CHECK_FAILS(mdp_wilcoxon_compute(&empty.x, &empty.y, NULL, &r), MDP_E_DATA, "EMPTY: x");
    CHECK_FAILS(mdp_wilcoxon_compute(&uneven.x, &uneven.y, NULL, &r), MDP_E_DATA,
                "SHAPE: y: expected 2 values as in x, found 1");
    CHECK_FAILS(mdp_wilcoxon_compute(&broken.x, &broken.y, NULL, &r), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_wilcoxon_compute(&blown.x, &blown.y, &wide, &r), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_wilcoxon_compute(&fine.x, &fine.y, &wide, &r), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_wilcoxon_compute(&large.x, &large.y, &exact, &r), MDP_E_DATA, "DOMAIN: exact method");
    CHECK_FAILS(mdp_wilcoxon_compute(&far.x, &far.y, NULL, &r), MDP_E_DATA, "INF: differences");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_enumeration),       TAP_TEST(test_pseudomedian),
                                            TAP_TEST(test_achieved_level),    TAP_TEST(test_interval_agrees_with_p),
                                            TAP_TEST(test_interval_of_zeros), TAP_TEST(test_method_choice),
                                            TAP_TEST(test_degenerate),        TAP_TEST(test_order_and_inputs),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
