/* Levene's family: no spread, order, refusals. */
#include <math.h>
#include <string.h>

#include "stats/levene.h"
#include "tests/tap.h"

static const struct variant {
    enum mdp_levene_center center;
    double trim;
} variants[] = {{MDP_LEVENE_MEAN, 0},      {MDP_LEVENE_MEDIAN, 0}, {MDP_LEVENE_TRIMMED, 0.05},
                {MDP_LEVENE_TRIMMED, 0.1}, {MDP_LEVENE_CUT, 0.05}, {MDP_LEVENE_CUT, 0.1}};

static void test_degenerate(void) {
    const double pair[] = {0.1, 0.4}, flat[] = {7, 7, 7}, wide[] = {1, 2, 4, 9};
    const struct mdp_sample pairs[] = {{"a", pair, 2}, {"b", pair, 2}}, constant[] = {{"a", flat, 3}, {"b", flat, 2}};
    const struct mdp_sample single[] = {{"a", flat, 1}, {"b", wide, 1}}, mixed[] = {{"a", flat, 3}, {"b", wide, 4}};
    struct mdp_levene r;
    CHECK_OK(mdp_levene_compute(pairs, 2, MDP_LEVENE_MEDIAN, 0, &r));
    CHECK(r.is_degenerate && isnan(r.f) && isnan(r.log10_p) && r.df1 == 1 && r.df2 == 2);
    CHECK_OK(mdp_levene_compute(constant, 2, MDP_LEVENE_MEAN, 0, &r));
    CHECK(r.is_degenerate && isnan(r.p));
    CHECK_OK(mdp_levene_compute(single, 2, MDP_LEVENE_MEDIAN, 0, &r));
    CHECK(r.is_degenerate && r.df2 == 0);
    CHECK_OK(mdp_levene_compute(mixed, 2, MDP_LEVENE_MEDIAN, 0, &r));
    CHECK(!r.is_degenerate && r.f > 0 && r.n == 7 && r.k == 2);
}

static void test_order_and_inputs(void) {
    double a[] = {1, 5, 2, 8, 3}, b[] = {4, 4, 5, 6, 4.5};
    const double moved[] = {8, 3, 1, 2, 5}, copy[] = {1, 5, 2, 8, 3};
    const struct mdp_sample groups[] = {{"a", a, 5}, {"b", b, 5}}, other[] = {{"b", b, 5}, {"a", moved, 5}};
    struct mdp_levene r, s;
    for (int v = 0; v < 6; v++) {
        CHECK_OK(mdp_levene_compute(groups, 2, variants[v].center, 0.2, &r));
        CHECK_OK(mdp_levene_compute(other, 2, variants[v].center, 0.2, &s));
        CHECK_CLOSE(r.f / s.f, 1, 1e-14);
    }
    CHECK(memcmp(a, copy, sizeof a) == 0);
}

static void test_refusals(void) {
    const double good[] = {1, 2, 3}, bad[] = {NAN, INFINITY};
    const struct mdp_sample fine[] = {{"a", good, 3}, {"b", good, 3}}, broken[] = {{"a", good, 3}, {"b", bad, 2}};
    const struct mdp_sample blown[] = {{"a", good, 3}, {"b", bad + 1, 1}}, empty[] = {{"a", bad, 2}, {"b", good, 0}};
    struct mdp_levene r;
    for (int v = 0; v < 6; v++) {
        CHECK_FAILS(mdp_levene_compute(empty, 2, variants[v].center, variants[v].trim, &r), MDP_E_DATA, "EMPTY: b");
        CHECK_FAILS(mdp_levene_compute(broken, 2, variants[v].center, variants[v].trim, &r), MDP_E_DATA, "NAN: b");
        CHECK_FAILS(mdp_levene_compute(fine, 1, variants[v].center, variants[v].trim, &r), MDP_E_DATA, "TOO_FEW");
    }
    CHECK_FAILS(mdp_levene_compute(fine, 0, MDP_LEVENE_MEDIAN, 0, &r), MDP_E_DATA, "EMPTY: groups");
    CHECK_FAILS(mdp_levene_compute(empty, 2, MDP_LEVENE_MEDIAN, 0, &r), MDP_E_DATA, "EMPTY: b");
    CHECK_FAILS(mdp_levene_compute(broken, 2, MDP_LEVENE_MEDIAN, 0, &r), MDP_E_DATA, "NAN: b");
    CHECK_FAILS(mdp_levene_compute(blown, 2, MDP_LEVENE_TRIMMED, 0.5, &r), MDP_E_DATA, "INF: b");
    CHECK_FAILS(mdp_levene_compute(fine, 2, MDP_LEVENE_TRIMMED, 0.5, &r), MDP_E_DATA, "DOMAIN: trimmed share");
    CHECK_FAILS(mdp_levene_compute(fine, 1, MDP_LEVENE_CUT, NAN, &r), MDP_E_DATA, "DOMAIN: trimmed share");
    CHECK_FAILS(mdp_levene_compute(fine, 1, MDP_LEVENE_MEDIAN, 0, &r), MDP_E_DATA, "TOO_FEW: groups");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_degenerate), TAP_TEST(test_order_and_inputs),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
