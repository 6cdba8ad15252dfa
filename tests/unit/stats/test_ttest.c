/* t tests: no spread, extremes, order, refusals. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/ttest.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

static void test_degenerate(void) {
    const double a[] = {0.1, 0.1, 0.1}, b[] = {0.3, 0.3};
    struct mdp_ttest r;
    struct mdp_equivalence e;
    struct pair pair = pair_of(a, 3, b, 2);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &r));
    CHECK(r.is_degenerate && r.welch.t == -INFINITY && r.welch.p.two == 0 && isnan(r.welch.df));
    CHECK(r.welch.p.less == 0 && r.welch.p.greater == 1 && isinf(r.welch.p.log10_two));
    CHECK_OK(mdp_ttest_equivalence(&r, 0.5, &e));
    CHECK(e.tost_p == 0 && e.noninf_p == 0);
    CHECK_OK(mdp_ttest_equivalence(&r, 0.1, &e));
    CHECK(e.tost_p == 1 && e.noninf_p == 1);
    pair = pair_of(a, 3, a, 2);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &r));
    CHECK(r.is_degenerate && r.welch.t == 0 && r.welch.p.two == 1 && r.pooled.p.greater == 1);
}

/* 1e200 away and apart: squares are no doubles, t and p are */
static void test_extremes(void) {
    const double huge[] = {1e308, -1e308, 9e307}, other[] = {-1e308, -9e307, -9.5e307};
    const double tiny[] = {DBL_TRUE_MIN, 0, 0}, far[] = {1e300, 1.1e300};
    struct mdp_ttest r;
    struct pair pair = pair_of(huge, 3, other, 3);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &r));
    CHECK(isinf(r.var_x) && isfinite(r.welch.t) && r.welch.p.two > 0.05 && r.welch.p.two < 0.5);
    pair = pair_of(tiny, 3, tiny + 1, 2);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &r));
    CHECK(!r.is_degenerate);
    CHECK_CLOSE(r.welch.t, 1, 1e-12);
    pair = pair_of(far, 2, tiny, 3);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &r));
    CHECK_CLOSE(r.welch.t, 21, 1e-9);
    CHECK_CLOSE(r.welch.df, 1, 1e-9);
}

static void test_order_and_inputs(void) {
    double x[] = {1e9 + 0.25, 1e9 + 0.5, 1e9 - 0.125, 1e9}, y[] = {1e9, 1e9 + 1, 1e9 - 1};
    const double moved[] = {x[2], x[0], x[3], x[1]}, copy[] = {x[0], x[1], x[2], x[3]};
    struct mdp_ttest a, b;
    struct pair pair = pair_of(x, 4, y, 3), other = pair_of(moved, 4, y, 3);
    CHECK_OK(mdp_ttest_compute(&pair.x, &pair.y, 0, &a));
    CHECK_OK(mdp_ttest_compute(&other.x, &other.y, 0, &b));
    CHECK(a.welch.t == b.welch.t && a.welch.p.two == b.welch.p.two && a.welch.low == b.welch.low);
    CHECK(memcmp(x, copy, sizeof x) == 0);
    CHECK_CLOSE(a.diff, 0.15625, 1e-15);
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY};
    struct mdp_ttest r;
    struct mdp_equivalence e;
    struct pair empty = pair_of(good, 2, bad, 0), broken = pair_of(bad, 2, good, 2), fine = pair_of(good, 2, good, 2);
    struct pair few = pair_of(good, 2, good, 1), blown = pair_of(good, 1, bad + 1, 1);
    CHECK_FAILS(mdp_ttest_compute(&empty.x, &empty.y, 0, &r), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_ttest_compute(&broken.x, &broken.y, 0, &r), MDP_E_DATA, "NAN: x");
    CHECK_FAILS(mdp_ttest_compute(&blown.x, &blown.y, 0, &r), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_ttest_compute(&few.x, &few.y, -1, &r), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_ttest_compute(&few.x, &few.y, 0, &r), MDP_E_DATA,
                "TOO_FEW: y: expected at least 2 values, found 1");
    CHECK_OK(mdp_ttest_compute(&fine.x, &fine.y, 0, &r));
    CHECK_FAILS(mdp_ttest_equivalence(&r, NAN, &e), MDP_E_DATA, "NAN: margin");
    CHECK_FAILS(mdp_ttest_equivalence(&r, 0, &e), MDP_E_DATA, "DOMAIN: margin");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_degenerate), TAP_TEST(test_extremes),
                                            TAP_TEST(test_order_and_inputs), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
