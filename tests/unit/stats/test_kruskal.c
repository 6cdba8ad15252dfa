/* Kruskal-Wallis against reference vectors. */
#include "stats/kruskal.h"
#include "tests/unit/stats/groups.h"

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/kruskal.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        struct mdp_kruskal r;
        golden_case(&golden, i);
        struct groups groups = groups_read(&golden);
        if (!golden_is_refused(&golden, mdp_kruskal_compute(groups.of, groups.k, &r))) {
            golden_check(&golden, "out/H", r.h);
            golden_check(&golden, "out/p", r.p);
            golden_check(&golden, "out/df", r.df);
            golden_check(&golden, "out/tie_correction", r.tie_correction);
            golden_check(&golden, "out/epsilon_sq", r.epsilon_sq);
            golden_check(&golden, "out/eta_sq", r.eta_sq);
        }
        groups_free(&groups);
    }
    golden_close(&golden);
}

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
    static const struct tap_test tests[] = {TAP_TEST(test_reference), TAP_TEST(test_degenerate),
                                            TAP_TEST(test_order_and_inputs), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
