/* Kolmogorov-Smirnov: closed forms, no spread, order, refusals. */
#include <math.h>
#include <string.h>

#include "stats/ks.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

/* both series are the same function: they meet where the code changes from one to the other */
static void test_limit(void) {
    CHECK_CLOSE(mdp_kolmogorov_sf(0), 1, 0);
    CHECK_CLOSE(mdp_kolmogorov_sf(1), mdp_kolmogorov_sf(nextafter(1, 0)), 1e-15);
    CHECK_CLOSE(mdp_kolmogorov_sf(0.04), 1, 0);
    CHECK_CLOSE(mdp_kolmogorov_sf(1.3580986393225505), 0.05, 1e-12); /* tabulated 5 % point */
    CHECK_CLOSE(mdp_kolmogorov_sf(6) / 1.0753724e-31, 1, 0.01);
    CHECK(mdp_kolmogorov_sf(40) == 0);
}

static void test_degenerate_and_tails(void) {
    double x[300], y[300];
    struct mdp_ks r;
    for (int i = 0; i < 300; i++) x[i] = 2, y[i] = 2;
    struct pair pair = pair_of(x, 300, y, 7);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &r));
    CHECK(r.is_degenerate && r.d == 0 && r.p.two == 1 && r.p.less == 1 && r.p.greater == 1);
    /* complete separation: p is 2 / C(600, 300), far below what 1 - P could show */
    for (int i = 0; i < 300; i++) x[i] = 10 + i, y[i] = -i;
    pair = pair_of(x, 300, y, 300);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &r));
    double want = (log(2.0) + 2 * lgamma(301) - lgamma(601)) / log(10);
    CHECK_CLOSE(r.p.log10_two, want, 1e-9);
    CHECK(r.d == 1 && r.d_minus == 1 && r.d_plus == 0 && r.p.greater == 1);
    CHECK_CLOSE(r.limit.log10_two, (log(2.0) - 300) / log(10), 1e-9);
}

static void test_method_choice(void) {
    static double x[2100], y[2000];
    struct mdp_ks r;
    for (int i = 0; i < 2100; i++) x[i] = i;
    for (int i = 0; i < 2000; i++) y[i] = i + 10.5;
    struct pair pair = pair_of(x, 2000, y, 2000);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &r));
    CHECK(r.method == MDP_KS_EXACT);
    CHECK_CLOSE(r.exact.two, r.limit.two, 0.01);
    pair = pair_of(x, 2100, y, 2000);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &r));
    CHECK(r.method == MDP_KS_ASYMPTOTIC);
    CHECK(r.p.two == r.limit.two && isnan(r.exact.two));
}

static void test_order_and_inputs(void) {
    double x[] = {3, 1, 4, 1, 5, 9, 2, 6}, y[] = {2, 7, 1, 8, 2};
    const double copy[] = {3, 1, 4, 1, 5, 9, 2, 6}, moved[] = {6, 2, 9, 5, 1, 4, 1, 3};
    struct mdp_ks a, b;
    struct pair pair = pair_of(x, 8, y, 5), other = pair_of(moved, 8, y, 5);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &a));
    CHECK_OK(mdp_ks_compute(&other.x, &other.y, &b));
    CHECK(a.d == b.d && a.p.two == b.p.two);
    CHECK(memcmp(x, copy, sizeof x) == 0);
    CHECK_OK(mdp_ks_compute(&pair.y, &pair.x, &b));
    CHECK(a.d_plus == b.d_minus);
    CHECK_CLOSE(a.p.less / b.p.greater, 1, 1e-13);
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY};
    struct mdp_ks r;
    struct pair empty = pair_of(good, 0, bad, 2), broken = pair_of(good, 2, bad, 2),
                blown = pair_of(bad + 1, 1, good, 1);
    CHECK_FAILS(mdp_ks_compute(&empty.x, &empty.y, &r), MDP_E_DATA, "EMPTY: x");
    CHECK_FAILS(mdp_ks_compute(&broken.x, &broken.y, &r), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_ks_compute(&blown.x, &blown.y, &r), MDP_E_DATA, "INF: x");
}

/* p leaves the doubles, its logarithm does not */
static void test_beyond_the_doubles(void) {
    enum { N = 700 };
    static double a[N], b[N];
    struct mdp_ks r;
    for (int i = 0; i < N; i++) {
        a[i] = i;
        b[i] = N + i;
    }
    struct pair pair = pair_of(a, N, b, N);
    CHECK_OK(mdp_ks_compute(&pair.x, &pair.y, &r));
    CHECK(r.method == MDP_KS_EXACT && r.p.two == 0);
    CHECK(r.p.log10_two < -300 && isfinite(r.p.log10_two));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_limit),
                                            TAP_TEST(test_degenerate_and_tails),
                                            TAP_TEST(test_method_choice),
                                            TAP_TEST(test_order_and_inputs),
                                            TAP_TEST(test_beyond_the_doubles),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
