/* Mann-Whitney and Brunner-Munzel against enumeration of all splits. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "stats/brunnermunzel.h"
#include "stats/mannwhitney.h"
#include "stats/quantile.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

/* 2 U of the values whose bits are set in `who` */
static long doubled_u(const double *v, int n_all, unsigned who) {
    long u = 0;
    for (int i = 0; i < n_all; i++) {
        for (int j = 0; j < n_all; j++) {
            if ((who >> i & 1) && !(who >> j & 1)) u += v[i] > v[j] ? 2 : v[i] == v[j];
        }
    }
    return u;
}

/* all ways to give n of the pooled values to x, one by one */
static struct mdp_p enumerate(const double *v, int n, int m) {
    long w = doubled_u(v, n + m, (1u << n) - 1), two = 0, less = 0, greater = 0, all = 0;
    for (unsigned who = 0; who < 1u << (n + m); who++) {
        if (__builtin_popcount(who) != n) continue;
        long s = doubled_u(v, n + m, who);
        all++;
        less += s <= w;
        greater += s >= w;
        two += labs(s - n * m) >= labs(w - n * m);
    }
    return (struct mdp_p){(double)two / (double)all, (double)less / (double)all, (double)greater / (double)all, 0};
}

static void test_enumeration(void) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_BATCH, 0, 0);
    for (int i = 0; i < 150; i++) {
        int n = 1 + (int)mdp_rng_below(&rng, 6), m = 1 + (int)mdp_rng_below(&rng, 6);
        double v[12];
        for (int k = 0; k < n + m; k++) v[k] = mdp_rng_below(&rng, 2 + (uint32_t)i % 12);
        struct pair pair = pair_of(v, n, v + n, m);
        struct mdp_mannwhitney r;
        struct mdp_p want = enumerate(v, n, m);
        CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
        CHECK_CLOSE(r.p.two, want.two, 1e-13);
        CHECK_CLOSE(r.p.less, want.less, 1e-13);
        CHECK_CLOSE(r.p.greater, want.greater, 1e-13);
        CHECK(r.smallest_p <= r.p.two * (1 + 1e-12));
        CHECK(isnan(r.exact.two) == (r.has_ties != 0));
    }
}

static void test_method_choice(void) {
    const struct mdp_mannwhitney_plan forced = {.method = MDP_MANNWHITNEY_ASYMPTOTIC};
    double x[101], y[100];
    struct mdp_mannwhitney r;
    for (int i = 0; i < 101; i++) x[i] = i / 2;
    for (int i = 0; i < 100; i++) y[i] = i / 3;
    struct pair pair = pair_of(x, 100, y, 100);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_STR(mdp_mannwhitney_method_name(r.method), "exact");
    CHECK(r.p.two == r.condexact.two);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, &forced, &r));
    CHECK_STR(mdp_mannwhitney_method_name(r.method), "asymptotic");
    CHECK(r.p.two == r.asym_cc.p.two && isnan(r.condexact.two));
    pair = pair_of(x, 101, y, 100);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.method == MDP_MANNWHITNEY_ASYMPTOTIC);
}

static void test_smallest_p(void) {
    const double x[] = {1, 2, 3, 4, 5}, y[] = {6, 7, 8, 9, 10};
    struct mdp_mannwhitney r;
    struct pair pair = pair_of(x, 3, y, 3);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.smallest_p, 0.1, 1e-15);
    CHECK_CLOSE(r.p.two, 0.1, 1e-15);
    pair = pair_of(x, 5, y, 5);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.smallest_p, 2.0 / 252, 1e-15);
}

static void test_degenerate(void) {
    const double same[] = {2, 2, 2, 2}, one[] = {3}, more[] = {4, 5, 6};
    struct mdp_mannwhitney r;
    struct mdp_brunnermunzel b;
    struct pair pair = pair_of(same, 4, same, 3);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.is_degenerate && r.has_ties && r.p.two == 1 && r.asym_cc.z == 0 && r.hl_shift == 0 && r.smallest_p == 1);
    CHECK_OK(mdp_brunnermunzel_compute(&pair.x, &pair.y, 0, &b));
    CHECK(b.is_degenerate && isnan(b.statistic) && isnan(b.p.two) && b.prob_superiority == 0.5);
    pair = pair_of(more, 3, one, 1);
    CHECK_OK(mdp_brunnermunzel_compute(&pair.x, &pair.y, 0, &b));
    CHECK(b.is_degenerate && b.prob_superiority == 1);
    /* no overlap: placements do not vary, which is no evidence of any size */
    pair = pair_of(more, 3, same, 4);
    CHECK_OK(mdp_brunnermunzel_compute(&pair.x, &pair.y, 0, &b));
    CHECK(b.is_degenerate && isnan(b.p.two) && b.prob_superiority == 1);
}

/* infinities have ranks, but no distance */
static void test_infinities(void) {
    const double x[] = {-INFINITY, 1, 2, INFINITY}, y[] = {0, 3, INFINITY};
    const struct mdp_mannwhitney_plan open = {.allow_inf = 1};
    struct mdp_mannwhitney r;
    struct pair pair = pair_of(x, 4, y, 3);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, &open, &r));
    CHECK(r.u1 == 4.5 && r.u2 == 7.5 && isnan(r.hl_shift) && isnan(r.hl.low) && isnan(r.hl.high));
    CHECK_FAILS(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r), MDP_E_DATA, "INF: x");
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY};
    const struct mdp_mannwhitney_plan wide = {.level = 1.5}, open = {.allow_inf = 1};
    const struct mdp_mannwhitney_plan exact = {.method = MDP_MANNWHITNEY_EXACT};
    static double many[201];
    struct mdp_mannwhitney r;
    struct mdp_brunnermunzel b;
    double cdf[2];
    struct pair pair = pair_of(good, 2, bad, 0), broken = pair_of(good, 2, bad, 2), fine = pair_of(good, 2, good, 2);
    struct pair blown = pair_of(good, 2, bad + 1, 1), large = pair_of(many, 201, many, 200);
    CHECK_FAILS(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r), MDP_E_DATA,
                "EMPTY: y: expected at least 1 value, found 0");
    CHECK_FAILS(mdp_mannwhitney_compute(&pair.x, &pair.y, &open, &r), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_mannwhitney_compute(&broken.x, &broken.y, NULL, &r), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_mannwhitney_compute(&broken.x, &broken.y, &open, &r), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_mannwhitney_compute(&blown.x, &blown.y, &wide, &r), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_mannwhitney_compute(&fine.x, &fine.y, &wide, &r), MDP_E_DATA,
                "DOMAIN: level: expected 4.94066e-324 to 1, found 1.5");
    CHECK_FAILS(mdp_mannwhitney_compute(&large.x, &large.y, &exact, &r), MDP_E_DATA,
                "DOMAIN: exact method: expected n m up to 40000, found 40200");
    CHECK_FAILS(mdp_brunnermunzel_compute(&blown.x, &blown.y, 0, &b), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_brunnermunzel_compute(&broken.x, &broken.y, 0, &b), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_brunnermunzel_compute(&pair.x, &pair.y, 0, &b), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_brunnermunzel_compute(&fine.x, &fine.y, NAN, &b), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_mannwhitney_null(0, 3, cdf, NULL), MDP_E_DATA, "EMPTY: sizes");
    CHECK_FAILS(mdp_mannwhitney_null(201, 200, cdf, NULL), MDP_E_DATA, "DOMAIN: n m");
}

static void test_order_and_inputs(void) {
    enum { N = 30 };
    double x[N], y[N], backwards[N], copy[N];
    struct mdp_mannwhitney a, b;
    for (int i = 0; i < N; i++) x[i] = i * 7 % N, y[i] = i * 11 % N / 2;
    memcpy(copy, x, sizeof x);
    for (int i = 0; i < N; i++) backwards[i] = x[N - 1 - i];
    struct pair pair = pair_of(x, N, y, N), other = pair_of(backwards, N, y, N);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &a));
    CHECK_OK(mdp_mannwhitney_compute(&other.x, &other.y, NULL, &b));
    CHECK(a.u1 == b.u1 && a.p.two == b.p.two && a.hl_shift == b.hl_shift && a.hl.low == b.hl.low);
    CHECK(memcmp(copy, x, sizeof x) == 0);
    struct mdp_brunnermunzel other_test;
    CHECK_OK(mdp_brunnermunzel_compute(&pair.x, &pair.y, 0, &other_test));
    CHECK_CLOSE(other_test.p.less + other_test.p.greater, 1, 1e-12);
    /* exchanging the samples mirrors everything */
    CHECK_OK(mdp_mannwhitney_compute(&pair.y, &pair.x, NULL, &b));
    CHECK(a.u1 == b.u2 && a.hl_shift == -b.hl_shift && a.hl.low == -b.hl.high);
    CHECK_CLOSE(a.p.less / b.p.greater, 1, 1e-13);
}

/* 3 against 3 cannot do better than 1 - 2 / 20, 2 against 2 than 1 - 2 / 6; 8 against 8 are a little better than asked
 */
static void test_achieved_level(void) {
    const double x[] = {1.5, 2.25, 5, 3.5, 7, 0.75, 9, 4.125}, y[] = {1, 2, 3.125, 6, 2.75, 8, 0.5, 5.5};
    static const struct {
        long n;
        double level;
    } cases[] = {{1, 0}, {2, 2.0 / 3}, {3, 0.9}, {4, 1 - 2.0 / 70}, {8, 1 - 2 * 321.0 / 12870}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_mannwhitney r;
        struct pair pair = pair_of(x, cases[i].n, y, cases[i].n);
        CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
        CHECK(!r.has_ties);
        CHECK_CLOSE(r.hl.level, cases[i].level, 1e-12);
    }
}

/* p and interval of samples with many ties say the same of 0, and of a margin by one-sided tests */
static void test_interval_agrees_with_p(void) {
    struct mdp_rng rng = mdp_rng_stream(31, MDP_RNG_BATCH, 0, 0);
    int n_rejected = 0, n_open = 0;
    for (int i = 0; i < 2000; i++) {
        int n = 1 + (int)mdp_rng_below(&rng, 9), m = 1 + (int)mdp_rng_below(&rng, 9);
        double x[9], y[9], moved[9];
        for (int k = 0; k < n; k++) x[k] = mdp_rng_below(&rng, 4) + mdp_rng_below(&rng, 4);
        for (int k = 0; k < m; k++) y[k] = mdp_rng_below(&rng, 5);
        for (int k = 0; k < n; k++) moved[k] = x[k] + 2;
        const struct mdp_mannwhitney_plan plan = {.level = 0.9}, sides = {.level = 0.9, .anchor = -2, .is_by_sides = 1};
        struct pair pair = pair_of(x, n, y, m), at_margin = pair_of(moved, n, y, m);
        struct mdp_mannwhitney r, of_margin, tested;
        CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, &plan, &r));
        double most = fmax(0.1, 2 / exp(lgamma(n + m + 1) - lgamma(n + 1) - lgamma(m + 1))) * (1 + 1e-12);
        CHECK(mdp_shift_interval_excludes(&r.hl, 0) == (r.p.two <= most && !r.is_degenerate));
        CHECK(r.hl.low <= r.hl.high);
        n_rejected += r.p.two <= most;
        n_open += r.hl.is_low_open || r.hl.is_high_open;
        CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, &sides, &of_margin));
        CHECK_OK(mdp_mannwhitney_compute(&at_margin.x, &at_margin.y, NULL, &tested));
        CHECK(mdp_shift_interval_excludes(&of_margin.hl, -2) == (2 * fmin(tested.p.greater, tested.p.less) <= most));
    }
    CHECK(n_rejected > 100 && n_open > 100);
}

/* 2 C(7, 1) of 924 splits are as far out as six ones against five zeros and a one, at 0 and at any shift below 1; one
 * zero less, and it is 2 C(8, 2): no longer significant at 0, which is inside */
static void test_interval_of_two_values(void) {
    const double x[] = {1, 1, 1, 1, 1, 1}, five[] = {0, 0, 0, 0, 0, 1}, four[] = {0, 0, 0, 0, 1, 1};
    struct mdp_mannwhitney r;
    struct pair pair = pair_of(x, 6, five, 6);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.p.two, 14.0 / 924, 1e-13);
    CHECK(mdp_shift_interval_excludes(&r.hl, 0) && r.hl.low == 1 && r.hl.high == 1);
    pair = pair_of(x, 6, four, 6);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK_CLOSE(r.p.two, 56.0 / 924, 1e-13);
    CHECK(!mdp_shift_interval_excludes(&r.hl, 0) && r.hl.low == 0 && !r.hl.is_low_open);
}

/* the shift of large samples is the median of all differences, found without storing them */
static void test_shift_of_unequal_samples(void) {
    enum { N = 37, M = 120 };
    double x[N], y[M], differences[N * M], sorted[N * M];
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_BATCH, 0, 0);
    struct mdp_mannwhitney r;
    for (int i = 0; i < N; i++) x[i] = mdp_rng_uniform(&rng) - 0.3;
    for (int i = 0; i < M; i++) y[i] = 1e3 * mdp_rng_uniform(&rng) - 500;
    for (int i = 0; i < N * M; i++) differences[i] = x[i / M] - y[i % M];
    mdp_sort(differences, N * M, sorted);
    struct pair pair = pair_of(x, N, y, M);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.hl_shift == 0.5 * sorted[N * M / 2 - 1] + 0.5 * sorted[N * M / 2]);
    CHECK(r.hl.low < r.hl_shift && r.hl_shift < r.hl.high);
}

/* what it costs: perf stats */
static void test_exact_of_fifty_with_ties(void) {
    double x[50], y[50];
    struct mdp_mannwhitney r;
    for (int i = 0; i < 50; i++) x[i] = i / 2, y[i] = i / 3 + 0.5 * (i % 2);
    struct pair pair = pair_of(x, 50, y, 50);
    CHECK_OK(mdp_mannwhitney_compute(&pair.x, &pair.y, NULL, &r));
    CHECK(r.has_ties && r.method == MDP_MANNWHITNEY_EXACT);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_enumeration),
                                            TAP_TEST(test_method_choice),
                                            TAP_TEST(test_smallest_p),
                                            TAP_TEST(test_degenerate),
                                            TAP_TEST(test_infinities),
                                            TAP_TEST(test_refusals),
                                            TAP_TEST(test_order_and_inputs),
                                            TAP_TEST(test_achieved_level),
                                            TAP_TEST(test_interval_agrees_with_p),
                                            TAP_TEST(test_interval_of_two_values),
                                            TAP_TEST(test_shift_of_unequal_samples),
                                            TAP_TEST(test_exact_of_fifty_with_ties)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
