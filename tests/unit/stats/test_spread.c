/* the ratio of spreads: a worked example, how often its interval holds the truth, scales, refusals. */
#include <math.h>

#include "base/rng.h"
#include "stats/levene.h"
#include "stats/spread.h"
#include "tests/tap.h"

static const double x7[] = {1.2, 0.4, 3.9, 2.2, 5.1, 0.9, 2.8}, y6[] = {2.0, 2.4, 1.1, 2.9, 2.2, 1.8};

/* computed apart from this program, from the definition */
static void test_example(void) {
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    struct mdp_spread found;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, &found));
    CHECK_CLOSE(found.spread_x, 1.5499999999999998, 1e-14);
    CHECK_CLOSE(found.spread_y, 0.5199999999999999, 1e-14);
    CHECK_CLOSE(found.ratio, 2.980769230769231, 1e-14);
    CHECK_CLOSE(found.low, 1.1103682306848788, 1e-13);
    CHECK_CLOSE(found.high, 8.001836653431901, 1e-12);
    CHECK_CLOSE(found.d, 1.2566384500981111, 1e-14);
    CHECK_CLOSE(found.unit, 1.644016276736375, 1e-14);
    CHECK(found.level == 0.95 && !found.is_degenerate && found.n == 7 && found.m == 6);
}

/* turned round, the ratio is the other way up */
static void test_turned_round(void) {
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    struct mdp_spread one, other;
    CHECK_OK(mdp_spread_compute(&x, &y, 0.9, &one));
    CHECK_OK(mdp_spread_compute(&y, &x, 0.9, &other));
    CHECK_CLOSE(one.ratio * other.ratio, 1, 1e-14);
    CHECK_CLOSE(one.low * other.high, 1, 1e-14);
}

/* d is what Brown and Forsythe's test sees: for equal sizes F = d^2 n / 2 */
static void test_d_is_the_tests(void) {
    const struct mdp_sample groups[2] = {{"x", x7, 6}, {"y", y6, 6}};
    struct mdp_spread found;
    struct mdp_levene levene;
    CHECK_OK(mdp_spread_compute(&groups[0], &groups[1], 0, &found));
    CHECK_OK(mdp_levene_compute(groups, 2, MDP_LEVENE_MEDIAN, 0, &levene));
    CHECK_CLOSE(found.d * found.d * 6 / 2, levene.f, 1e-13);
}

/* how often 95 % intervals hold a ratio of 2, n = 20 a side, over normal or skewed values */
static double coverage(int is_skewed) {
    enum { N = 20, N_ROUNDS = 4000 };
    double x[N], y[N];
    float draws[2 * N];
    const struct mdp_sample of_x = {"x", x, N}, of_y = {"y", y, N};
    int n_held = 0;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        struct mdp_rng rng = mdp_rng_stream(8, MDP_RNG_INIT, round, (uint32_t)is_skewed);
        struct mdp_spread found;
        mdp_rng_normal(&rng, draws, 2 * N);
        for (int i = 0; i < 2 * N; i++) {
            double value = is_skewed ? -log(1 - mdp_rng_uniform(&rng)) : (double)draws[i];
            *(i < N ? &x[i] : &y[i - N]) = i < N ? 5 + 2 * value : value;
        }
        CHECK_OK(mdp_spread_compute(&of_x, &of_y, 0.95, &found));
        n_held += found.low <= 2 && 2 <= found.high;
    }
    return (double)n_held / N_ROUNDS;
}

/* an approximation for large samples: close to 0.95, a little below where values are skewed, as docs/statistics.md
 * says; allowed are five binomial standard errors */
static void test_coverage(void) {
    CHECK_CLOSE(coverage(0), 0.96, 0.016);
    CHECK_CLOSE(coverage(1), 0.92, 0.021);
}

static void test_scales(void) {
    static const double factors[] = {1e300, 1e-300, -1};
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    double large_x[7], large_y[6];
    const struct mdp_sample of_x = {"x", large_x, 7}, of_y = {"y", large_y, 6};
    struct mdp_spread plain, scaled;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, &plain));
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 7; i++) large_x[i] = x7[i] * factors[k];
        for (int i = 0; i < 6; i++) large_y[i] = y6[i] * factors[k];
        CHECK_OK(mdp_spread_compute(&of_x, &of_y, 0, &scaled));
        CHECK_CLOSE(scaled.ratio, plain.ratio, 1e-13);
        CHECK_CLOSE(scaled.high, plain.high, 1e-12);
    }
}

static void test_degenerate(void) {
    const double flat[] = {3, 3, 3}, two[] = {1, 2}, other[] = {4, 7};
    const struct mdp_sample x = {"x", x7, 7}, constant = {"y", flat, 3}, a = {"x", two, 2}, b = {"y", other, 2};
    struct mdp_spread found;
    CHECK_OK(mdp_spread_compute(&x, &constant, 0, &found));
    CHECK(found.is_degenerate && isnan(found.ratio) && isnan(found.low) && found.spread_y == 0);
    CHECK_OK(mdp_spread_compute(&a, &b, 0, &found));
    CHECK(found.is_degenerate && isnan(found.ratio));
}

static void test_refusals(void) {
    const double bad[] = {1, NAN, INFINITY};
    const struct mdp_sample x = {"x", x7, 7}, one = {"y", y6, 1}, empty = {"y", y6, 0}, nan = {"y", bad, 2},
                            inf = {"y", bad + 2, 1};
    struct mdp_spread found;
    CHECK_FAILS(mdp_spread_compute(&x, &empty, 0, &found), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_spread_compute(&x, &nan, 0, &found), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_spread_compute(&x, &inf, 0, &found), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_spread_compute(&x, &one, 1, &found), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_spread_compute(&x, &one, 0, &found), MDP_E_DATA, "TOO_FEW: y");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_example), TAP_TEST(test_turned_round), TAP_TEST(test_d_is_the_tests), TAP_TEST(test_coverage),
        TAP_TEST(test_scales),  TAP_TEST(test_degenerate),   TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
