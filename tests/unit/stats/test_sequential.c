/* sequential bounds and the ratio test against what they promise. */
#include <math.h>

#include "base/rng.h"
#include "stats/sequential.h"
#include "tests/tap.h"

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
        TAP_TEST(test_bounds_keep_their_level),
        TAP_TEST(test_one_look_is_the_plain_test),
        TAP_TEST(test_early_looks_cost_nothing),
        TAP_TEST(test_undecided),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
