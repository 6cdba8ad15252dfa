/* normalized scores: refusals. */
#include <math.h>

#include "stats/moments.h"
#include "stats/score.h"
#include "tests/tap.h"

static void test_refusals(void) {
    const double raw[] = {1, INFINITY};
    double norm[2];
    CHECK_FAILS(mdp_score_normalize(raw, 0, 0, 1, norm), MDP_E_DATA, "EMPTY: returns");
    CHECK_FAILS(mdp_score_normalize(raw, 2, 0, 0, norm), MDP_E_DATA, "INF: returns");
    CHECK_FAILS(mdp_score_normalize(raw, 1, NAN, 1, norm), MDP_E_DATA, "NAN: reference scores");
    CHECK_FAILS(mdp_score_normalize(raw, 1, 2, 2, norm), MDP_E_DATA,
                "DOMAIN: reference scores: expected two different");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
