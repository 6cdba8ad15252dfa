/* order statistics: few values, extremes, refusals. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/quantile.h"
#include "tests/tap.h"

static void test_refusals(void) {
    const double x[] = {1, 2}, bad[] = {NAN, INFINITY}, half[] = {0.5}, above[] = {1.5}, undefined[] = {NAN};
    double out;
    struct mdp_order order;
    CHECK_FAILS(mdp_quantiles(x, 0, half, 1, 7, &out), MDP_E_DATA, "EMPTY: values");
    CHECK_FAILS(mdp_quantiles(bad, 2, above, 1, 7, &out), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_quantiles(bad + 1, 1, above, 1, 7, &out), MDP_E_DATA, "INF: values");
    CHECK_FAILS(mdp_quantiles(x, 2, above, 1, 7, &out), MDP_E_DATA, "DOMAIN: probability: expected 0 to 1, found 1.5");
    CHECK_FAILS(mdp_quantiles(x, 2, undefined, 1, 7, &out), MDP_E_DATA, "NAN: probabilities");
    CHECK_FAILS(mdp_quantiles(x, 2, half, 1, 0, &out), MDP_E_DATA, "DOMAIN: quantile type");
    CHECK_FAILS(mdp_quantiles(x, 2, half, 1, 10, &out), MDP_E_DATA, "DOMAIN: quantile type");
    CHECK_FAILS(mdp_trimmed_mean(x, 2, 0.5, &out), MDP_E_DATA, "DOMAIN: trimmed fraction");
    CHECK_FAILS(mdp_trimmed_mean(bad, 2, 0.5, &out), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_order_compute(x, 0, &order), MDP_E_DATA, "EMPTY: values");
}

static void test_input_is_not_modified(void) {
    const double want[] = {3, -0.0, 1, 2};
    double x[4], out;
    memcpy(x, want, sizeof x);
    CHECK_OK(mdp_trimmed_mean(x, 4, 0.25, &out));
    CHECK(memcmp(x, want, sizeof x) == 0);
    CHECK_CLOSE(out, 1.5, 0);
}

/* half way between values of opposite sign at the ends of the range, where a difference would overflow */
static void test_opposite_ends(void) {
    const double x[] = {-DBL_MAX, DBL_MAX}, p[] = {0.5, 0.75};
    double out[2];
    CHECK_OK(mdp_quantiles(x, 2, p, 2, 7, out));
    CHECK(out[0] == 0);
    CHECK_CLOSE(out[1] / DBL_MAX, 0.5, 1e-15);
}

/* 0.1 + 0.2 and 1/49 are not what they are meant to be: 10 p lies above 3, 49 p below 1 */
static void test_rounded_positions(void) {
    const double above = 0.1 + 0.2, below = 1.0 / 49;
    double x[49], out;
    for (int i = 0; i < 49; i++) x[i] = i + 1;
    CHECK(10 * above > 3 && 49 * below < 1);
    CHECK_OK(mdp_quantiles(x, 10, &above, 1, 1, &out));
    CHECK_CLOSE(out, 3, 0);
    CHECK_OK(mdp_quantiles(x, 49, &below, 1, 2, &out));
    CHECK_CLOSE(out, 1.5, 0);
}

static void test_trim_of_one_and_many(void) {
    double x[50], out;
    struct mdp_order order;
    for (int i = 0; i < 50; i++) x[i] = i * i;
    /* 12 + 12 go, 26 stay */
    double sum = 0;
    for (int i = 12; i < 38; i++) sum += x[i];
    CHECK_OK(mdp_order_compute(x, 50, &order));
    CHECK_CLOSE(order.iqm, sum / 26, 1e-12);
    CHECK_CLOSE(order.iqm_fractional, (sum - 0.5 * (x[12] + x[37])) / 25, 1e-12);
    CHECK_OK(mdp_trimmed_mean(x + 7, 1, 0.25, &out));
    CHECK_CLOSE(out, 49, 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_refusals), TAP_TEST(test_input_is_not_modified),
                                            TAP_TEST(test_opposite_ends), TAP_TEST(test_rounded_positions),
                                            TAP_TEST(test_trim_of_one_and_many)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
