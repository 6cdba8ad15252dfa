/* adjusted p-values against reference vectors. */
#include "stats/multiple.h"
#include "tests/unit/stats/golden.h"

static void check_methods(struct golden *golden, const double *p, long n) {
    double *adjusted, *rejects;
    char name[64];
    CHECK_OK(mdp_calloc(&adjusted, (unsigned long)n, sizeof *adjusted, "adjusted"));
    CHECK_OK(mdp_calloc(&rejects, (unsigned long)n, sizeof *rejects, "rejects"));
    for (int i = 0; i < MDP_N_ADJUSTS; i++) {
        CHECK_OK(mdp_adjust((enum mdp_adjust)i, p, n, adjusted));
        for (long k = 0; k < n; k++) rejects[k] = mdp_adjust_rejects(adjusted[k], 0.05);
        snprintf(name, sizeof name, "out/%s", mdp_adjust_name((enum mdp_adjust)i));
        golden_check_array(golden, name, adjusted, n);
        snprintf(name, sizeof name, "out/%s_reject05", mdp_adjust_name((enum mdp_adjust)i));
        golden_check_array(golden, name, rejects, n);
    }
    free(adjusted);
    free(rejects);
}

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/multiple.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        struct mdp_h5_shape shape;
        double first[128];
        golden_case(&golden, i);
        double *p = golden_array(&golden, "in/p", &shape);
        CHECK(shape.extent[0] <= 128);
        if (!golden_is_refused(&golden, mdp_adjust(MDP_ADJUST_HOLM, p, shape.extent[0], first)))
            check_methods(&golden, p, shape.extent[0]);
        free(p);
    }
    golden_close(&golden);
}

/* the textbook case: four tests, worked by hand */
static void test_by_hand(void) {
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    const double holm[] = {0.03, 0.06, 0.06, 0.02}, bh[] = {0.02, 0.04, 0.04, 0.02};
    double out[4];
    CHECK_OK(mdp_adjust(MDP_ADJUST_HOLM, p, 4, out));
    for (int i = 0; i < 4; i++) CHECK_CLOSE(out[i], holm[i], 1e-15);
    CHECK_OK(mdp_adjust(MDP_ADJUST_BH, p, 4, out));
    for (int i = 0; i < 4; i++) CHECK_CLOSE(out[i], bh[i], 1e-15);
    CHECK(mdp_adjust_rejects(0.05, 0.05) && !mdp_adjust_rejects(0.0500001, 0.05));
}

static void test_refusals(void) {
    const double p[] = {0.5, 1.5, NAN, INFINITY};
    double out[4];
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 0, out), MDP_E_DATA, "EMPTY: p");
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 2, out), MDP_E_DATA, "DOMAIN: p: expected 0 to 1, found 1.5");
    CHECK_FAILS(mdp_adjust(MDP_ADJUST_BH, p, 4, out), MDP_E_DATA, "NAN: p");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_reference), TAP_TEST(test_by_hand), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
