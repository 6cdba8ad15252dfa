/* refusals: classes, their order over several samples, and GSL's handler. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <pthread.h>

#include "stats/check.h"
#include "tests/tap.h"

static void test_order_of_classes(void) {
    const double good[] = {1, 2}, nan[] = {1, NAN}, inf[] = {INFINITY, 1};
    /* a later sample's earlier class wins */
    const struct mdp_sample empty[] = {{"a", nan, 2}, {"b", good, 0}}, uneven[] = {{"a", nan, 2}, {"b", good, 1}};
    const struct mdp_sample undefined[] = {{"a", inf, 2}, {"b", nan, 2}}, infinite[] = {{"a", good, 2}, {"b", inf, 2}};
    const struct mdp_sample fine[] = {{"a", good, 2}, {"b", good, 2}};
    CHECK_FAILS(mdp_check_paired(empty, 2), MDP_E_DATA, "EMPTY: b: expected at least 1 value, found 0");
    CHECK_FAILS(mdp_check_paired(uneven, 2), MDP_E_DATA, "SHAPE: b: expected 2 values as in a, found 1");
    CHECK_FAILS(mdp_check_samples(uneven, 2), MDP_E_DATA, "NAN: a: expected finite values, found nan at 1 of 2");
    CHECK_FAILS(mdp_check_samples(undefined, 2), MDP_E_DATA, "NAN: b");
    CHECK_FAILS(mdp_check_samples(infinite, 2), MDP_E_DATA, "INF: b: expected finite values, found inf at 0 of 2");
    CHECK_OK(mdp_check_paired(fine, 2));
    CHECK_OK(mdp_check_values("a", good, 2));
}

static void test_parameters(void) {
    CHECK_OK(mdp_check_range("p", 0, 0, 1));
    CHECK_OK(mdp_check_range("p", 1, 0, 1));
    CHECK_FAILS(mdp_check_range("p", NAN, 0, 1), MDP_E_DATA, "DOMAIN: p: expected 0 to 1, found nan");
    CHECK_FAILS(mdp_check_range("p", -1e-9, 0, 1), MDP_E_DATA, "DOMAIN: p");
    CHECK_OK(mdp_check_enough("x", 2, 2));
    CHECK_FAILS(mdp_check_enough("x", 1, 2), MDP_E_DATA, "TOO_FEW: x: expected at least 2 values, found 1");
    CHECK_STR(mdp_refusal_name(MDP_REFUSE_TOO_FEW), "TOO_FEW");
}

static void *quiet(void *unused) {
    mdp_stats_quiet_gsl();
    return unused;
}

/* with GSL's own handler the last call would abort the process */
static void test_gsl_does_not_abort(void) {
    pthread_t threads[8];
    gsl_sf_result result;
    for (int i = 0; i < 8; i++) CHECK(pthread_create(&threads[i], NULL, quiet, NULL) == 0);
    for (int i = 0; i < 8; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_INT(gsl_sf_lngamma_e(0, &result), GSL_EDOM);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_order_of_classes), TAP_TEST(test_parameters),
                                            TAP_TEST(test_gsl_does_not_abort)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
