/* permutation tests against each other. */
#include <math.h>

#include "stats/permutation.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

/* equal statistics must count as equal, however their sums were rounded: 0.1 steps, far from 0 */
static void test_equal_statistics(void) {
    const double x[] = {1e6 + 0.1, 1e6 + 0.2, 1e6 + 0.4}, y[] = {1e6 + 0.3, 1e6 + 0.3, 1e6 + 0.1};
    const double x0[] = {1, 2, 4}, y0[] = {3, 3, 1};
    struct mdp_permutation a, b;
    struct pair pair = pair_of(x0, 3, y0, 3), far = pair_of(x, 3, y, 3);
    CHECK_OK(mdp_permutation_exhaustive(&pair.x, &pair.y, &a, NULL));
    CHECK(a.observed == 0 && a.n_abs_ge == 20 && a.p_two_abs == 1 && a.n_perm == 20);
    /* a steps of 0.1 that are no doubles spread over 1e-10: still a tie with themselves */
    CHECK_OK(mdp_permutation_exhaustive(&far.x, &far.y, &b, NULL));
    CHECK(b.n_ge + b.n_le >= 20 && b.p_two_abs <= 1);
}

/* draws come close to all splits, and are a function of the seed */
static void test_own_draws(void) {
    const double x[] = {5, 7, 6, 9, 8, 4}, y[] = {3, 6, 2, 5, 4, 5, 1};
    struct mdp_permutation all, a, b;
    struct mdp_permutation_plan plan = {.seed = 5, .n_perm = 20000};
    struct pair pair = pair_of(x, 6, y, 7);
    CHECK_OK(mdp_permutation_exhaustive(&pair.x, &pair.y, &all, NULL));
    CHECK_INT(all.n_perm, 1716);
    CHECK_OK(mdp_permutation_monte_carlo(&pair.x, &pair.y, &plan, &a));
    CHECK_OK(mdp_permutation_monte_carlo(&pair.x, &pair.y, &plan, &b));
    CHECK(a.n_ge == b.n_ge && a.n_abs_ge == b.n_abs_ge);
    CHECK_CLOSE(a.p_greater, all.p_greater, 5 * sqrt(all.p_greater / 20000));
    CHECK_CLOSE(a.p_two_abs, all.p_two_abs, 5 * sqrt(all.p_two_abs / 20000));
    plan.seed = 6;
    CHECK_OK(mdp_permutation_monte_carlo(&pair.x, &pair.y, &plan, &b));
    CHECK(a.n_ge != b.n_ge || a.n_abs_ge != b.n_abs_ge);
    CHECK(a.method == MDP_PERMUTATION_MONTE_CARLO && all.method == MDP_PERMUTATION_EXHAUSTIVE);
}

/* 40 differences, of which all sign patterns are equally likely: 4 of 2^10 patterns for 10 that are positive */
static void test_own_signs(void) {
    const double d[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double all[40];
    struct mdp_permutation r;
    const struct mdp_permutation_plan plan = {.seed = 1, .n_perm = 50000}, few = {.seed = 1};
    const struct mdp_sample sample = {"d", d, 10}, symmetric = {"d", all, 40};
    CHECK_OK(mdp_permutation_sign_flips(&sample, &plan, &r));
    CHECK_CLOSE(r.p_greater, 1.0 / 1024, 5 * sqrt(1.0 / 1024 / 50000));
    CHECK_CLOSE(r.p_two_abs, 2.0 / 1024, 5 * sqrt(2.0 / 1024 / 50000));
    CHECK(r.p_less == 1 && r.m == 0 && r.observed == 5.5);
    for (int i = 0; i < 40; i++) all[i] = (i % 2 ? 1 : -1) * (1 + i / 2);
    CHECK_OK(mdp_permutation_sign_flips(&symmetric, &few, &r));
    CHECK_INT(r.n_perm, MDP_PERMUTATION_REPLICATES);
    CHECK(r.observed == 0 && r.p_two_abs == 1);
    CHECK_CLOSE(r.p_greater, 0.5, 0.03);
}

/* the order of the samples turns signs around and changes nothing else, whichever sample is the smaller one */
static void test_sides(void) {
    const double x[] = {1, 9}, y[] = {2, 4, 3, 7, 8};
    struct mdp_permutation a, b, mean_a, mean_b;
    struct pair pair = pair_of(x, 2, y, 5);
    CHECK_OK(mdp_permutation_exhaustive(&pair.x, &pair.y, &mean_a, &a));
    CHECK_OK(mdp_permutation_exhaustive(&pair.y, &pair.x, &mean_b, &b));
    CHECK(a.n_perm == 21 && a.observed == 1 && b.observed == -1);
    CHECK(a.n_ge == b.n_le && a.n_le == b.n_ge && a.n_abs_ge == b.n_abs_ge);
    CHECK(mean_a.n_ge == mean_b.n_le && mean_a.n_abs_ge == mean_b.n_abs_ge);
    CHECK_CLOSE(a.smallest_p, 1.0 / 21, 1e-15);
}

static void test_degenerate_and_inputs(void) {
    double same[] = {4, 4, 4};
    struct mdp_permutation r;
    const struct mdp_permutation_plan plan = {.n_perm = 10};
    struct pair pair = pair_of(same, 3, same, 2);
    const struct mdp_sample zero = {"d", (const double[]){0, -0.0}, 2};
    CHECK_OK(mdp_permutation_exhaustive(&pair.x, &pair.y, &r, NULL));
    CHECK(r.is_degenerate && r.p_two_abs == 1 && r.p_two_2min == 1 && same[0] == 4);
    CHECK_OK(mdp_permutation_monte_carlo(&pair.x, &pair.y, &plan, &r));
    CHECK(r.is_degenerate && r.p_greater == 1);
    CHECK_OK(mdp_permutation_sign_flips(&zero, &plan, &r));
    CHECK(r.is_degenerate && r.p_two_abs == 1);
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY}, ends[] = {1.7e308, -1.7e308};
    const int32_t outside[] = {0, 4}, twice[] = {1, 1};
    const int8_t no_sign[] = {1, 0};
    static double many[26];
    const struct mdp_permutation_plan negative = {.n_perm = -1}, plain = {.n_perm = 1};
    const struct mdp_permutation_plan far = {.n_perm = 1, .group1 = outside}, again = {.n_perm = 1, .group1 = twice};
    const struct mdp_permutation_plan signs = {.n_perm = 1, .signs = no_sign};
    struct mdp_permutation r;
    struct pair empty = pair_of(good, 2, bad, 0), broken = pair_of(good, 2, bad, 2),
                blown = pair_of(bad + 1, 1, good, 1);
    struct pair fine = pair_of(good, 2, good, 2), large = pair_of(many, 13, many, 13),
                wide = pair_of(ends, 1, ends + 1, 1);
    CHECK_FAILS(mdp_permutation_exhaustive(&empty.x, &empty.y, &r, NULL), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_permutation_exhaustive(&broken.x, &broken.y, &r, NULL), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_permutation_exhaustive(&large.x, &large.y, &r, NULL), MDP_E_DATA, "DOMAIN: splits");
    CHECK_FAILS(mdp_permutation_exhaustive(&wide.x, &wide.y, &r, NULL), MDP_E_DATA, "INF: spread");
    CHECK_FAILS(mdp_permutation_monte_carlo(&blown.x, &blown.y, &negative, &r), MDP_E_DATA, "INF: x");
    CHECK_FAILS(mdp_permutation_monte_carlo(&fine.x, &fine.y, &negative, &r), MDP_E_DATA, "DOMAIN: shuffles");
    CHECK_FAILS(mdp_permutation_monte_carlo(&fine.x, &fine.y, &far, &r), MDP_E_DATA,
                "DOMAIN: split 0: expected positions 0 to 3, found 4");
    CHECK_FAILS(mdp_permutation_monte_carlo(&fine.x, &fine.y, &again, &r), MDP_E_DATA,
                "DOMAIN: split 0: expected positions once each, found 1 twice");
    CHECK_FAILS(mdp_permutation_sign_flips(&broken.y, &plain, &r), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_permutation_sign_flips(&fine.x, &signs, &r), MDP_E_DATA, "DOMAIN: sign: expected -1 or 1, found 0");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_equal_statistics),      TAP_TEST(test_own_draws), TAP_TEST(test_own_signs), TAP_TEST(test_sides),
        TAP_TEST(test_degenerate_and_inputs), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
