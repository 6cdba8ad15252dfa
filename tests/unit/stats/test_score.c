/* normalized scores against reference vectors. */
#include "stats/moments.h"
#include "stats/score.h"
#include "tests/unit/stats/golden.h"

static void check_norm(struct golden *golden, double *norm, long n) {
    struct mdp_moments moments;
    golden_check_array(golden, "out/norm", norm, n);
    CHECK_OK(mdp_moments_compute(norm, n, &moments));
    golden_check(golden, "out/var_ddof1", moments.var_ddof1);
    golden_check(golden, "out/mean100", 100 * moments.mean);
    golden_check(golden, "out/std100_ddof0", 100 * moments.sd_ddof0);
    golden_check(golden, "out/std100_ddof1", 100 * moments.sd_ddof1);
    for (long i = 0; i < n; i++) norm[i] *= 100;
    golden_check_array(golden, "out/norm100", norm, n);
}

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/d4rl.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        struct mdp_h5_shape shape;
        double *norm;
        golden_case(&golden, i);
        double *raw = golden_array(&golden, "in/raw", &shape);
        CHECK_OK(mdp_calloc(&norm, (unsigned long)shape.extent[0], sizeof *norm, "scores"));
        mdp_err err = mdp_score_normalize(raw, shape.extent[0], golden_real(&golden, "in/ref_min"),
                                          golden_real(&golden, "in/ref_max"), norm);
        if (!golden_is_refused(&golden, err)) check_norm(&golden, norm, shape.extent[0]);
        free(raw);
        free(norm);
    }
    golden_close(&golden);
}

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
    static const struct tap_test tests[] = {TAP_TEST(test_reference), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
