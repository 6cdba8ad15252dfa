/* learning curves: windows by hand, refusals. */
#include <math.h>

#include "stats/curve.h"
#include "tests/tap.h"

/* a window over the first steps of training, by hand: its checkpoints, its end, and what is no window at all */
static void test_until(void) {
    const double steps[] = {100, 200, 400}, base[] = {0, 1, 1}, test[] = {0.5, 0.5, 2};
    const struct mdp_curve a = {steps, base, 3}, b = {steps, test, 3};
    static const struct {
        double until;
        long n;
        double auc_base, auc_test, mean_gain;
    } rows[] = {{100, 1, 0, 0.5, 0.5},
                {150, 1, 0.25, 0.5, 0.5},
                {200, 2, 0.5, 0.5, 0},
                {300, 2, 0.75, (0.5 + 0.875) / 2, 0},
                {400, 3, 2.5 / 3, (0.5 + 2.5) / 3, 1.0 / 3},
                {401, 3, 2.5 / 3, (0.5 + 2.5) / 3, 1.0 / 3},
                {1e300, 3, 2.5 / 3, (0.5 + 2.5) / 3, 1.0 / 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mdp_curve_window w;
        CHECK_OK(mdp_curve_compare_until(&a, &b, rows[i].until, &w));
        CHECK(w.n == rows[i].n && w.is_whole == (w.n == 3));
        CHECK_CLOSE(w.area.auc_base, rows[i].auc_base, 1e-15);
        CHECK_CLOSE(w.area.auc_test, rows[i].auc_test, 1e-15);
        CHECK_CLOSE(w.area.gain_abs, rows[i].auc_test - rows[i].auc_base, 1e-15);
        CHECK_CLOSE(w.mean_gain, rows[i].mean_gain, 1e-15);
        CHECK(w.area.is_degenerate == (rows[i].auc_base == 0));
    }
}

static void test_no_checkpoint(void) {
    const double steps[] = {100, 200}, base[] = {0, 1}, untils[] = {99.5, 1, 0, -5};
    const struct mdp_curve a = {steps, base, 2};
    for (size_t i = 0; i < sizeof untils / sizeof untils[0]; i++) {
        struct mdp_curve_window w;
        CHECK_OK(mdp_curve_compare_until(&a, &a, untils[i], &w));
        CHECK(w.n == 0 && !w.is_whole && isnan(w.mean_gain));
        CHECK(isnan(w.area.auc_base) && isnan(w.area.auc_test) && isnan(w.area.gain_abs) && isnan(w.area.gain_rel) &&
              isnan(w.area.gain_ratio));
    }
}

/* a gain over nothing is none */
static void test_base_of_zero(void) {
    const double steps[] = {0, 1, 2}, base[] = {0, 0, 0}, test[] = {1, 2, 3};
    const struct mdp_curve a = {steps, base, 3}, b = {steps, test, 3};
    struct mdp_curve_gain gain;
    CHECK_OK(mdp_curve_compare(&a, &b, &gain));
    CHECK(gain.is_degenerate && isnan(gain.auc_pct) && isnan(gain.peak_pct));
    CHECK_OK(mdp_curve_compare(&b, &b, &gain));
    CHECK(!gain.is_degenerate && gain.auc_pct == 0 && gain.peak_pct == 0);
}

static void test_refusals(void) {
    const double steps[] = {0, 1, 2}, moved[] = {0, 1, 3}, values[] = {1, 2, 3}, bad[] = {1, NAN, INFINITY};
    const double back[] = {0, 2, 1};
    const struct mdp_curve good = {steps, values, 3}, other = {moved, values, 3}, nan = {steps, bad, 3};
    const struct mdp_curve one = {steps, values, 1}, none = {steps, values, 0}, unordered = {back, values, 3};
    struct mdp_curve_summary summary;
    struct mdp_curve_gain gain;
    struct mdp_curve_early early;
    struct mdp_curve_window window;
    CHECK_FAILS(mdp_curve_summarize(&none, &summary), MDP_E_DATA, "EMPTY: steps");
    CHECK_FAILS(mdp_curve_summarize(&one, &summary), MDP_E_DATA, "TOO_FEW: curve: expected at least 2 values, found 1");
    CHECK_FAILS(mdp_curve_summarize(&nan, &summary), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_curve_summarize(&unordered, &summary), MDP_E_DATA, "DOMAIN: steps: expected strictly increasing");
    CHECK_FAILS(mdp_curve_compare(&good, &one, &gain), MDP_E_DATA,
                "SHAPE: test: expected 3 values as in base, found 1");
    CHECK_FAILS(mdp_curve_compare(&good, &other, &gain), MDP_E_DATA, "SHAPE: test steps: expected 2 as in base");
    CHECK_FAILS(mdp_curve_compare_early(&good, &good, 0, &early), MDP_E_DATA, "DOMAIN: window");
    CHECK_FAILS(mdp_curve_compare_early(&one, &one, 1.5, &early), MDP_E_DATA, "DOMAIN: window");
    CHECK_FAILS(mdp_curve_compare_until(&good, &good, NAN, &window), MDP_E_DATA, "DOMAIN: until");
    CHECK_FAILS(mdp_curve_compare_until(&good, &good, INFINITY, &window), MDP_E_DATA, "DOMAIN: until");
    CHECK_FAILS(mdp_curve_compare_until(&good, &other, 1, &window), MDP_E_DATA, "SHAPE: test steps");
    CHECK_FAILS(mdp_curve_compare_until(&one, &one, 1, &window), MDP_E_DATA, "TOO_FEW: curve");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_until), TAP_TEST(test_no_checkpoint),
                                            TAP_TEST(test_base_of_zero), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
