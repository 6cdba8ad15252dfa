/* Kruskal-Wallis: no spread, order, refusals. */
#include <math.h>
#include <string.h>

#include "stats/kruskal.h"
#include "tests/tap.h"

static void test_degenerate(void) {
    const double flat[] = {-0.0, 0.0, 0.0}, values[] = {1, 2};
    const struct mdp_sample groups[] = {{"a", flat, 3}, {"b", flat + 1, 2}};
    const struct mdp_sample single[] = {{"a", values, 1}, {"b", values + 1, 1}};
    struct mdp_kruskal r;
    CHECK_OK(mdp_kruskal_compute(groups, 2, &r));
    CHECK(r.is_degenerate && r.has_ties && r.h == 0 && r.p == 1 && r.log10_p == 0 && isnan(r.epsilon_sq));
    CHECK_OK(mdp_kruskal_compute(single, 2, &r));
    CHECK(!r.is_degenerate && isnan(r.eta_sq));
    CHECK_CLOSE(r.h, 1, 1e-14);
}

static void test_order_and_inputs(void) {
    double a[] = {1, 5, 2, 8, 3}, b[] = {4, 4, 5, 6, 4.5};
    const double moved[] = {8, 3, 1, 2, 5}, copy[] = {1, 5, 2, 8, 3};
    const struct mdp_sample groups[] = {{"a", a, 5}, {"b", b, 5}}, other[] = {{"b", b, 5}, {"a", moved, 5}};
    struct mdp_kruskal r, s;
    CHECK_OK(mdp_kruskal_compute(groups, 2, &r));
    CHECK_OK(mdp_kruskal_compute(other, 2, &s));
    CHECK(r.h == s.h && r.p == s.p && r.has_ties);
    CHECK(memcmp(a, copy, sizeof a) == 0);
}

static void test_refusals(void) {
    const double good[] = {1, 2, 3}, bad[] = {NAN, INFINITY};
    const struct mdp_sample fine[] = {{"a", good, 3}}, broken[] = {{"a", good, 3}, {"b", bad, 2}};
    const struct mdp_sample blown[] = {{"a", good, 3}, {"b", bad + 1, 1}}, empty[] = {{"a", bad, 2}, {"b", good, 0}};
    struct mdp_kruskal r;
    CHECK_FAILS(mdp_kruskal_compute(fine, 0, &r), MDP_E_DATA, "EMPTY: groups");
    CHECK_FAILS(mdp_kruskal_compute(empty, 2, &r), MDP_E_DATA, "EMPTY: b");
    CHECK_FAILS(mdp_kruskal_compute(broken, 2, &r), MDP_E_DATA, "NAN: b");
    CHECK_FAILS(mdp_kruskal_compute(blown, 2, &r), MDP_E_DATA, "INF: b");
    CHECK_FAILS(mdp_kruskal_compute(fine, 1, &r), MDP_E_DATA, "TOO_FEW: groups: expected at least 2 values, found 1");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_degenerate), TAP_TEST(test_order_and_inputs),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
