/* moments: the properties that no reference file shows. */
#include <float.h>
#include <math.h>
#include <stdint.h>

#include "base/rng.h"
#include "stats/moments.h"
#include "tests/tap.h"

static void test_refusals(void) {
    struct mdp_moments m;
    const double has_nan[] = {1, NAN, INFINITY}, has_inf[] = {1, 2, -INFINITY};
    CHECK_FAILS(mdp_moments_compute(NULL, 0, &m), MDP_E_DATA, "EMPTY: values: expected at least 1 value, found 0");
    CHECK_FAILS(mdp_moments_compute(has_nan, 3, &m), MDP_E_DATA, "NAN: values: expected finite values, found nan at 1");
    CHECK_FAILS(mdp_moments_compute(has_inf, 3, &m), MDP_E_DATA,
                "INF: values: expected finite values, found -inf at 2");
    struct mdp_asymmetry asymmetry;
    CHECK_FAILS(mdp_asymmetry_compute(NULL, 0, &asymmetry), MDP_E_DATA, "EMPTY: values");
    CHECK_FAILS(mdp_asymmetry_compute(has_nan, 3, &asymmetry), MDP_E_DATA, "NAN: values");
}

static void test_one_value(void) {
    struct mdp_moments m;
    struct mdp_asymmetry asymmetry;
    const double x[] = {-3.5};
    CHECK_OK(mdp_moments_compute(x, 1, &m));
    CHECK_OK(mdp_asymmetry_compute(x, 1, &asymmetry));
    CHECK(m.mean == -3.5 && m.var_ddof0 == 0 && m.is_degenerate);
    CHECK(isnan(m.var_ddof1) && isnan(m.sd_ddof1) && isnan(m.sem) && isnan(m.cv));
    CHECK(isnan(asymmetry.skew) && isnan(asymmetry.kurtosis));
}

static void test_constant(void) {
    struct mdp_moments m;
    double x[7];
    for (int i = 0; i < 7; i++) x[i] = 0.1;
    CHECK_OK(mdp_moments_compute(x, 7, &m));
    CHECK(m.mean == 0.1 && m.var_ddof1 == 0 && m.sd_ddof1 == 0 && m.is_degenerate);
}

/* the ends of the double range: what can be represented is finite and right */
static void test_extremes(void) {
    struct mdp_moments m;
    struct mdp_asymmetry asymmetry;
    const double huge[] = {DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX}, tiny[] = {0, DBL_TRUE_MIN};
    CHECK_OK(mdp_moments_compute(huge, 4, &m));
    CHECK(m.mean == DBL_MAX / 2 && isinf(m.sum) && isinf(m.var_ddof1) && isfinite(m.sd_ddof0));
    CHECK_OK(mdp_asymmetry_compute(huge, 4, &asymmetry));
    CHECK(isfinite(asymmetry.skew));
    CHECK(mdp_mean(huge, 4) == DBL_MAX / 2);
    for (int n = 1; n <= 4; n++) {
        const double values[] = {0.1, -2.7, 1e8, 3.3e-5};
        CHECK_OK(mdp_moments_compute(values, n, &m));
        CHECK_CLOSE(mdp_mean(values, n) / m.mean, 1, 1e-15);
    }
    CHECK_OK(mdp_moments_compute(tiny, 2, &m));
    CHECK_CLOSE(m.cv, sqrt(2.0), 1e-15);
    CHECK(!m.is_degenerate);
}

static void test_order_of_values(void) {
    enum { N = 1000 };
    double x[N], shuffled[N];
    uint32_t order[N];
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_BATCH, 0, 0);
    struct mdp_moments a, b;
    struct mdp_asymmetry of_x, of_shuffled;
    for (int i = 0; i < N; i++) x[i] = 1e9 + mdp_rng_uniform(&rng);
    mdp_rng_permutation(&rng, order, N);
    for (int i = 0; i < N; i++) shuffled[i] = x[order[i]];
    CHECK_OK(mdp_moments_compute(x, N, &a));
    CHECK_OK(mdp_moments_compute(shuffled, N, &b));
    CHECK(a.mean == b.mean && a.var_ddof1 == b.var_ddof1);
    CHECK_OK(mdp_asymmetry_compute(x, N, &of_x));
    CHECK_OK(mdp_asymmetry_compute(shuffled, N, &of_shuffled));
    CHECK(of_x.skew == of_shuffled.skew && of_x.kurtosis == of_shuffled.kurtosis);
    CHECK_CLOSE(mdp_mean(x, N), a.mean, 0x1p-23); /* one unit in the last place */
    CHECK_CLOSE(a.var_ddof1, 1.0 / 12, 0.01);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_refusals), TAP_TEST(test_one_value), TAP_TEST(test_constant),
                                            TAP_TEST(test_extremes), TAP_TEST(test_order_of_values)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
