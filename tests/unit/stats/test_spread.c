/* the ratio of spreads: a worked example, how often its interval holds the truth, scales, refusals. */
#include <math.h>

#include "base/rng.h"
#include "stats/levene.h"
#include "stats/spread.h"
#include "tests/tap.h"

enum { N_MOST = 64 };
static const double x7[] = {1.2, 0.4, 3.9, 2.2, 5.1, 0.9, 2.8}, y6[] = {2.0, 2.4, 1.1, 2.9, 2.2, 1.8};

/* computed apart from this program, from the definition */
static void test_example(void) {
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    struct mdp_spread found;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, 0, &found));
    CHECK_CLOSE(found.spread_x, 1.5499999999999998, 1e-14);
    CHECK_CLOSE(found.spread_y, 0.5199999999999999, 1e-14);
    CHECK_CLOSE(found.ratio, 2.980769230769231, 1e-14);
    CHECK_CLOSE(found.low, 0.991012268351, 1e-10);
    CHECK_CLOSE(found.high, 34.8099015207, 1e-8);
    CHECK_CLOSE(found.d, 1.2566384500981111, 1e-14);
    CHECK_CLOSE(found.unit, 1.644016276736375, 1e-14);
    CHECK(found.level == 0.95 && !found.is_degenerate && found.n == 7 && found.m == 6);
    const struct mdp_sample six = {"x", x7, 6};
    CHECK_OK(mdp_spread_compute(&six, &y, 1, 0, &found));
    CHECK_CLOSE(found.ratio, 3.346153846153846, 1e-14);
    CHECK_CLOSE(found.low, 0.493617083065, 1e-10);
    CHECK_CLOSE(found.high, 42.6532523022, 1e-8);
}

/* one value far from the rest says little: x may as well spread next to nothing */
static void test_outlier(void) {
    static const double x10[] = {1, 1.1, 0.9, 1.2, 1, 8, 1.05, 0.95, 1.3, 0.7};
    const struct mdp_sample x = {"x", x10, 10}, y = {"y", y6, 6};
    struct mdp_spread found;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, 0, &found));
    CHECK_CLOSE(found.ratio, 1.730769230769231, 1e-14);
    CHECK_CLOSE(found.low, 0, 0);
    CHECK_CLOSE(found.high, 19.7104641791, 1e-8);
    const struct mdp_sample few = {"few", y6, 3};
    CHECK_OK(mdp_spread_compute(&x, &few, 0, 0, &found));
    CHECK(isinf(found.high) && found.ratio > 0);
}

static struct mdp_spread_difference against(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired,
                                            double margin) {
    double of_x[N_MOST], of_y[N_MOST];
    const struct mdp_sample dx = {x->name, of_x, x->n}, dy = {y->name, of_y, y->n};
    struct mdp_spread_difference found;
    CHECK_OK(mdp_spread_distances(x->values, x->n, of_x));
    CHECK_OK(mdp_spread_distances(y->values, y->n, of_y));
    CHECK_OK(mdp_spread_against(&dx, &dy, is_paired, margin, 0.9, &found));
    return found;
}

/* the same samples against margins, computed as before */
static void test_margin(void) {
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6}, six = {"x", x7, 6};
    struct mdp_spread_difference found = against(&x, &y, 0, 0.5);
    CHECK_CLOSE(found.estimate, 1.03, 1e-14);
    CHECK_CLOSE(found.p_above, 0.13659562107133, 1e-11);
    CHECK_CLOSE(found.p_below, 0.87274331801706, 1e-11);
    CHECK_CLOSE(found.low, 0.193825829561, 1e-10);
    CHECK_CLOSE(found.high, 1.9182386049, 1e-9);
    CHECK_CLOSE(against(&x, &y, 0, 2).p_below, 0.038855543229445, 1e-12);
    found = against(&six, &y, 1, 2);
    CHECK_CLOSE(found.estimate, 1.22, 1e-14);
    CHECK_CLOSE(found.p_above, 0.87309819882943, 1e-11);
    CHECK_CLOSE(found.p_below, 0.20851081036353, 1e-11);
    CHECK_CLOSE(found.low, 0.00067093541295, 1e-10);
    CHECK_CLOSE(found.high, 6.1941993351, 1e-9);
}

/* a much wider sample: who is surely wider by 100 is so by 1 */
static void test_larger_margins_imply_smaller(void) {
    double x[20], y[3] = {0, 1, 5}, last = 0;
    for (int i = 0; i < 20; i++) x[i] = 200 * sin(i);
    const struct mdp_sample of_x = {"x", x, 20}, of_y = {"y", y, 3};
    for (double margin = 0.01; margin < 200; margin *= 1.3) {
        struct mdp_spread_difference found = against(&of_x, &of_y, 0, margin);
        CHECK(found.p_above >= last);
        CHECK((found.low > margin) == (found.p_above < 0.05));
        last = found.p_above;
    }
    CHECK(last > 0.5);
}

/* without differences between distances the answer is a matter of fact, but of two values there never are any */
static void test_margin_without_spread(void) {
    const double flat[4] = {3, 3, 3, 3}, coin[4] = {1, 2, 1, 2}, below[2] = {1, -1};
    const struct mdp_sample x = {"x", flat, 4}, y = {"y", x7, 7}, z = {"z", coin, 4}, two = {"two", x7, 2},
                            bad = {"bad", below, 2};
    struct mdp_spread_difference found = against(&x, &x, 0, 0.1);
    CHECK(found.is_degenerate && found.p_below == 0 && found.p_above == 1 && found.low == found.high);
    found = against(&y, &y, 1, 0.1);
    CHECK(found.is_degenerate && found.p_below == 0 && found.estimate == 0 && found.high == 0);
    found = against(&z, &x, 0, 0.1);
    CHECK(found.is_degenerate && found.p_below == 1 && found.p_above == 0);
    found = against(&two, &two, 1, 0.1);
    CHECK(found.is_degenerate && found.p_below == 1 && found.p_above == 1);
    CHECK(against(&y, &x, 0, 0.1).p_above < 0.05 && against(&x, &y, 0, 0.1).p_below < 0.05);
    CHECK_FAILS(mdp_spread_against(&bad, &x, 0, 0.1, 0.9, &found), MDP_E_DATA, "DOMAIN: bad: expected 0 to inf");
}

/* turned round, the ratio is the other way up */
static void test_turned_round(void) {
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    struct mdp_spread one, other;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, 0.9, &one));
    CHECK_OK(mdp_spread_compute(&y, &x, 0, 0.9, &other));
    CHECK_CLOSE(one.ratio * other.ratio, 1, 1e-14);
    CHECK_CLOSE(one.low * other.high, 1, 1e-14);
}

/* d is what Brown and Forsythe's test sees: for equal sizes F = d^2 n / 2 */
static void test_d_is_the_tests(void) {
    const struct mdp_sample groups[2] = {{"x", x7, 6}, {"y", y6, 6}};
    struct mdp_spread found;
    struct mdp_levene levene;
    CHECK_OK(mdp_spread_compute(&groups[0], &groups[1], 0, 0, &found));
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
        CHECK_OK(mdp_spread_compute(&of_x, &of_y, 0, 0.95, &found));
        n_held += found.low <= 2 && 2 <= found.high;
    }
    return (double)n_held / N_ROUNDS;
}

/* an approximation, as docs/statistics.md says; allowed are five binomial standard errors */
static void test_coverage(void) {
    CHECK_CLOSE(coverage(0), 0.962, 0.016);
    CHECK_CLOSE(coverage(1), 0.955, 0.017);
}

/* how often a spread that is larger by exactly the margin is not seen as such (in parts of 1000), and how often more is
 * seen in it; y spreads 1, x three times as much; n = 50 a side */
static void count_errors(int is_skewed, int is_paired, double *missed, double *seen) {
    enum { N = 50, N_ROUNDS = 4000 };
    /* mean distances from the median of the exponential and of the normal distribution */
    double x[N], y[N], margin = 2 * (is_skewed ? log(2) : sqrt(2 / acos(-1)));
    float draws[2 * N];
    const struct mdp_sample of_x = {"x", x, N}, of_y = {"y", y, N};
    *missed = *seen = 0;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_INIT, round, (uint32_t)is_skewed);
        mdp_rng_normal(&rng, draws, 2 * N);
        for (int i = 0; i < N; i++) {
            y[i] = is_skewed ? -log(1 - mdp_rng_uniform(&rng)) : (double)draws[i];
            x[i] = 3 * (is_skewed ? -log(1 - mdp_rng_uniform(&rng)) : (double)draws[N + i]);
            if (is_paired && i % 2 == 0) x[i] = 3 * y[i];
        }
        struct mdp_spread_difference found = against(&of_x, &of_y, is_paired, margin);
        *missed += (found.p_below <= 0.05) * 1000.0 / N_ROUNDS;
        *seen += (found.p_above <= 0.05) * 1000.0 / N_ROUNDS;
    }
}

/* errors of either kind, in thousandths: 50 each by the level, of which a t test of the distances would miss 70 to 120.
 * the bounds are the rates of docs/statistics.md plus and minus four standard errors of 3.4 */
static void test_error_rates_at_the_margin(void) {
    double missed, seen;
    for (int is_paired = 0; is_paired < 2; is_paired++) {
        count_errors(0, is_paired, &missed, &seen);
        CHECK(missed > 28 && missed < 60);
        CHECK(seen > 28 && seen < 60);
        count_errors(1, is_paired, &missed, &seen);
        CHECK(missed > 46 && missed < 75);
        CHECK(seen > 14 && seen < 44);
    }
}

static void test_scales(void) {
    static const double factors[] = {1e300, 1e-300, -1};
    const struct mdp_sample x = {"x", x7, 7}, y = {"y", y6, 6};
    double large_x[7], large_y[6];
    const struct mdp_sample of_x = {"x", large_x, 7}, of_y = {"y", large_y, 6};
    struct mdp_spread plain, scaled;
    CHECK_OK(mdp_spread_compute(&x, &y, 0, 0, &plain));
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 7; i++) large_x[i] = x7[i] * factors[k];
        for (int i = 0; i < 6; i++) large_y[i] = y6[i] * factors[k];
        CHECK_OK(mdp_spread_compute(&of_x, &of_y, 0, 0, &scaled));
        CHECK_CLOSE(scaled.ratio, plain.ratio, 1e-13);
        CHECK_CLOSE(scaled.high, plain.high, 1e-12);
    }
}

static void test_degenerate(void) {
    const double flat[] = {3, 3, 3}, two[] = {1, 2}, other[] = {4, 7};
    const struct mdp_sample x = {"x", x7, 7}, constant = {"y", flat, 3}, a = {"x", two, 2}, b = {"y", other, 2};
    struct mdp_spread found;
    CHECK_OK(mdp_spread_compute(&x, &constant, 0, 0, &found));
    CHECK(found.is_degenerate && isnan(found.ratio) && isnan(found.low) && found.spread_y == 0);
    CHECK_OK(mdp_spread_compute(&a, &b, 0, 0, &found));
    CHECK(found.is_degenerate && isnan(found.low) && isnan(found.d));
    CHECK_CLOSE(found.ratio, 1.0 / 3, 1e-15);
    CHECK_OK(mdp_spread_compute(&x, &x, 1, 0, &found));
    CHECK(!found.is_degenerate && found.ratio == 1 && found.d == 0);
    CHECK_CLOSE(found.low, 1, 1e-9);
    CHECK_CLOSE(found.high, 1, 1e-9);
}

static void test_refusals(void) {
    const double bad[] = {1, NAN, INFINITY};
    const struct mdp_sample x = {"x", x7, 7}, one = {"y", y6, 1}, empty = {"y", y6, 0}, nan = {"y", bad, 2},
                            inf = {"y", bad + 2, 1};
    struct mdp_spread found;
    CHECK_FAILS(mdp_spread_compute(&x, &empty, 0, 0, &found), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_spread_compute(&x, &nan, 0, 0, &found), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_spread_compute(&x, &inf, 0, 0, &found), MDP_E_DATA, "INF: y");
    CHECK_FAILS(mdp_spread_compute(&x, &one, 0, 1, &found), MDP_E_DATA, "DOMAIN: level");
    CHECK_FAILS(mdp_spread_compute(&x, &one, 0, 0, &found), MDP_E_DATA, "TOO_FEW: y");
    CHECK_FAILS(mdp_spread_compute(&x, &one, 1, 0, &found), MDP_E_DATA, "SHAPE: y");
    CHECK_FAILS(mdp_spread_distances(bad, 2, (double[2]){0}), MDP_E_DATA, "NAN: distances");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_example),
        TAP_TEST(test_outlier),
        TAP_TEST(test_turned_round),
        TAP_TEST(test_d_is_the_tests),
        TAP_TEST(test_coverage),
        TAP_TEST(test_margin),
        TAP_TEST(test_larger_margins_imply_smaller),
        TAP_TEST(test_margin_without_spread),
        TAP_TEST(test_error_rates_at_the_margin),
        TAP_TEST(test_scales),
        TAP_TEST(test_degenerate),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
