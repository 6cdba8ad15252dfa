/* sequential bounds and the ratio test against reference vectors, and against what they promise. */
#include "base/rng.h"
#include "stats/sequential.h"
#include "tests/unit/stats/golden.h"

static enum mdp_bound_shape shape_of(const char *name) {
    if (strstr(name, "_asOF_")) return MDP_BOUND_SHAPE_SPEND_OBRIEN_FLEMING;
    if (strstr(name, "_asP_")) return MDP_BOUND_SHAPE_SPEND_POCOCK;
    return strstr(name, "_OF_") ? MDP_BOUND_SHAPE_OBRIEN_FLEMING : MDP_BOUND_SHAPE_POCOCK;
}

static void check_looks(struct golden *golden) {
    struct mdp_h5_shape shape;
    struct mdp_look looks[16];
    double *info = golden_array(golden, "in/info", &shape), z[16], p[16], spent[16];
    long n = shape.extent[0];
    CHECK(n <= 16);
    CHECK_OK(mdp_sequential_bounds(shape_of(golden->name), golden_real(golden, "in/alpha"), info, n, looks));
    for (long i = 0; i < n; i++) {
        z[i] = looks[i].z;
        p[i] = looks[i].p;
        spent[i] = looks[i].spent;
    }
    golden_check_array(golden, "out/z_crit", z, n);
    golden_check_array(golden, "out/p_crit", p, n);
    golden_check_array(golden, "out/alpha_spent", spent, n);
    free(info);
}

static void check_sprt(struct golden *golden) {
    struct mdp_h5_shape shape;
    struct mdp_sprt sprt;
    struct mdp_sprt_result result;
    double *x = golden_array(golden, "in/x", &shape), llr[512];
    CHECK(shape.extent[0] <= 512);
    CHECK_OK(mdp_sprt_plan(golden_real(golden, "in/p0"), golden_real(golden, "in/p1"), golden_real(golden, "in/alpha"),
                           golden_real(golden, "in/beta"), &sprt));
    CHECK_OK(mdp_sprt_run(&sprt, x, shape.extent[0], llr, &result));
    golden_check_array(golden, "out/llr", llr, shape.extent[0]);
    golden_check(golden, "out/lower", sprt.lower);
    golden_check(golden, "out/upper", sprt.upper);
    golden_check(golden, "out/stop_n", (double)result.n_stop);
    golden_check(golden, "out/decision", result.decision);
    free(x);
}

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/sequential.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        golden_case(&golden, i);
        if (golden_has(&golden, "in/p0"))
            check_sprt(&golden);
        else
            check_looks(&golden);
    }
    golden_close(&golden);
}

/* under the null hypothesis the bounds are crossed as often as they say */
static void test_bounds_keep_their_level(void) {
    enum { N_LOOKS = 3, N_PATHS = 200000 };
    const double info[N_LOOKS] = {0.3, 0.5, 1};
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_BATCH, 0, 0);
    for (int shape = 0; shape < MDP_N_BOUND_SHAPES; shape++) {
        struct mdp_look looks[N_LOOKS];
        long n_crossed = 0;
        CHECK_OK(mdp_sequential_bounds((enum mdp_bound_shape)shape, 0.05, info, N_LOOKS, looks));
        CHECK_CLOSE(looks[N_LOOKS - 1].spent, 0.05, 1e-12);
        for (long path = 0; path < N_PATHS; path++) {
            float steps[N_LOOKS];
            double score = 0;
            mdp_rng_normal(&rng, steps, N_LOOKS);
            for (int k = 0; k < N_LOOKS; k++) {
                score += steps[k] * sqrt(info[k] - (k ? info[k - 1] : 0));
                if (score < looks[k].z * sqrt(info[k])) continue;
                n_crossed++;
                break;
            }
        }
        CHECK_CLOSE((double)n_crossed / N_PATHS, 0.05, 4 * sqrt(0.05 * 0.95 / N_PATHS));
    }
}

static void test_one_look_is_the_plain_test(void) {
    const double all[] = {1};
    struct mdp_look look;
    for (int shape = 0; shape < MDP_N_BOUND_SHAPES; shape++) {
        CHECK_OK(mdp_sequential_bounds((enum mdp_bound_shape)shape, 0.025, all, 1, &look));
        CHECK_CLOSE(look.z, 1.9599639845400545, 1e-9);
    }
    CHECK_STR(mdp_bound_shape_name(MDP_BOUND_SHAPE_POCOCK), "pocock");
}

/* the first look of O'Brien and Fleming may be so early that it spends nothing: then the last is the plain test */
static void test_early_looks_cost_nothing(void) {
    static const double information[][3] = {{0.05, 1, 0}, {0.04, 1, 0}, {0.1, 1, 0}, {0.01, 0.02, 1}};
    static const long n[] = {2, 2, 2, 3};
    struct mdp_look looks[3];
    for (int i = 0; i < 4; i++)
        for (int rows = 1; rows <= 40; rows++) {
            double alpha = 0.05 / rows;
            CHECK_OK(mdp_sequential_bounds(MDP_BOUND_SHAPE_OBRIEN_FLEMING, alpha, information[i], n[i], looks));
            CHECK_CLOSE(looks[n[i] - 1].spent, alpha, 1e-9 * alpha);
            CHECK(looks[n[i] - 1].p <= alpha * (1 + 1e-9) && looks[n[i] - 1].p > 0.9 * alpha);
        }
}

static void test_undecided(void) {
    const double outcomes[] = {1, 0, 1};
    struct mdp_sprt sprt;
    struct mdp_sprt_result result;
    CHECK_OK(mdp_sprt_plan(0.5, 0.6, 0.05, 0.05, &sprt));
    CHECK_OK(mdp_sprt_run(&sprt, outcomes, 3, NULL, &result));
    CHECK(result.decision == -1 && result.n_stop == 3);
}

static void test_refusals(void) {
    const double falling[] = {0.5, 0.4}, beyond[] = {0.5, 1.5}, fine[] = {0.5, 1}, outcomes[] = {1, 2};
    struct mdp_look looks[2];
    struct mdp_sprt sprt;
    struct mdp_sprt_result result;
    CHECK_FAILS(mdp_sequential_bounds(0, 0.05, fine, 0, looks), MDP_E_DATA, "EMPTY: information");
    CHECK_FAILS(mdp_sequential_bounds(0, NAN, fine, 2, looks), MDP_E_DATA, "NAN: alpha");
    CHECK_FAILS(mdp_sequential_bounds(0, 0, fine, 2, looks), MDP_E_DATA, "DOMAIN: alpha");
    CHECK_FAILS(mdp_sequential_bounds(0, 0.05, falling, 2, looks), MDP_E_DATA, "DOMAIN: information");
    CHECK_FAILS(mdp_sequential_bounds(0, 0.05, beyond, 2, looks), MDP_E_DATA, "DOMAIN: information");
    CHECK_FAILS(mdp_sprt_plan(0.5, 0.5, 0.05, 0.05, &sprt), MDP_E_DATA, "DOMAIN: p1");
    CHECK_FAILS(mdp_sprt_plan(0.5, 0.6, 0.6, 0.6, &sprt), MDP_E_DATA, "DOMAIN: alpha + beta");
    CHECK_FAILS(mdp_sprt_plan(NAN, 0.6, 0.6, 0.6, &sprt), MDP_E_DATA, "NAN: p0");
    CHECK_OK(mdp_sprt_plan(0.5, 0.6, 0.05, 0.05, &sprt));
    CHECK_FAILS(mdp_sprt_run(&sprt, outcomes, 2, NULL, &result), MDP_E_DATA, "DOMAIN: outcomes: expected 0 or 1");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_reference),
        TAP_TEST(test_bounds_keep_their_level),
        TAP_TEST(test_one_look_is_the_plain_test),
        TAP_TEST(test_early_looks_cost_nothing),
        TAP_TEST(test_undecided),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
