/* the variance table: refusals, and cases by hand. */
#include <math.h>

#include "stats/variance.h"
#include "tests/tap.h"

/* the paper's printed medians: 1.26e-5 down to 8.78e-6 */
static void test_reduction(void) {
    CHECK_CLOSE(mdp_reduction_pct(1.26e-5, 8.78e-6), 30.317460317460318, 1e-12);
    CHECK_CLOSE(mdp_reduction_pct(2, 3), -50, 1e-12);
    CHECK(isnan(mdp_reduction_pct(0, 1)));
}

static void test_no_variance_is_flagged(void) {
    const double values[] = {0.75, 0.75, 0.75, 0.75};
    const struct mdp_checkpoint_scores flat = {values, 2, 2};
    struct mdp_variance_table table;
    CHECK_OK(mdp_variance_compare(&flat, &flat, 1, &table));
    CHECK(table.is_degenerate && isnan(table.base.cv_ddof0) && isnan(table.reduction_pct.median));
    CHECK(table.base.median == 0 && table.base.max == 0);
}

static void test_refusals(void) {
    const double values[] = {1, 2, 3, NAN, 5, INFINITY};
    const struct mdp_checkpoint_scores good = {values, 1, 2}, empty = {values, 0, 2}, thin = {values, 2, 1},
                                       two = {values, 2, 2}, endless = {values + 4, 1, 2};
    struct mdp_variance_table table;
    double out[2];
    CHECK_FAILS(mdp_variance_compare(&good, &empty, 1, &table), MDP_E_DATA, "EMPTY: test");
    CHECK_FAILS(mdp_variance_compare(&good, &two, 1, &table), MDP_E_DATA,
                "SHAPE: test: expected 1 checkpoints as in base, found 2");
    CHECK_FAILS(mdp_variance_compare(&two, &two, 1, &table), MDP_E_DATA, "NAN: base");
    CHECK_FAILS(mdp_variance_compare(&good, &endless, 1, &table), MDP_E_DATA, "INF: test");
    CHECK_FAILS(mdp_variance_compare(&good, &good, 2, &table), MDP_E_DATA, "DOMAIN: ddof");
    CHECK_FAILS(mdp_variance_compare(&thin, &thin, 1, &table), MDP_E_DATA, "TOO_FEW: episodes");
    CHECK_FAILS(mdp_variance_by_checkpoint(&thin, 1, out), MDP_E_DATA, "TOO_FEW: episodes");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_reduction), TAP_TEST(test_no_variance_is_flagged),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
