/* change points against trying every partition. */
#include <math.h>

#include "base/rng.h"
#include "stats/changepoint.h"
#include "tests/tap.h"

enum { N = 12 };

static double segment_cost(const double *y, int from, int to) {
    double mean = 0, cost = 0;
    for (int i = from; i < to; i++) mean += y[i] / (to - from);
    for (int i = from; i < to; i++) cost += (y[i] - mean) * (y[i] - mean);
    return cost;
}

/* bit i of `cuts` says that a segment starts at i + 1 */
static double partition_cost(const double *y, unsigned cuts, double penalty, int n_least) {
    double cost = 0;
    int from = 0;
    for (int i = 1; i <= N; i++) {
        if (i < N && !(cuts >> (i - 1) & 1)) continue;
        if (i - from < n_least) return HUGE_VAL;
        cost += segment_cost(y, from, i) + (i < N ? penalty : 0);
        from = i;
    }
    return cost;
}

static void test_best_of_all(void) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_BATCH, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct mdp_changepoints found;
        float noise[N];
        double y[N], best = HUGE_VAL;
        int n_least = 1 + round % 3;
        mdp_rng_normal(&rng, noise, N);
        for (int i = 0; i < N; i++) y[i] = (double)noise[i] + (i >= 7 ? 3 : 0);
        for (unsigned cuts = 0; cuts < 1u << (N - 1); cuts++) best = fmin(best, partition_cost(y, cuts, 2, n_least));
        CHECK_OK(mdp_changepoints_find(y, N, 2, n_least, &found));
        CHECK_CLOSE(found.total_cost, best, 1e-12 * best);
        mdp_changepoints_free(&found);
    }
}

static void test_refusals(void) {
    const double y[] = {1, NAN}, fine[] = {1, 2, 3};
    struct mdp_changepoints found;
    struct mdp_cusum cusum;
    double sigma;
    CHECK_FAILS(mdp_changepoints_find(y, 0, 1, 2, &found), MDP_E_DATA, "EMPTY: values");
    CHECK_FAILS(mdp_changepoints_find(y, 2, 1, 2, &found), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_changepoints_find(fine, 3, -1, 2, &found), MDP_E_DATA, "DOMAIN: penalty");
    CHECK_FAILS(mdp_changepoints_find(fine, 3, 1, 0, &found), MDP_E_DATA, "DOMAIN: shortest segment");
    CHECK_FAILS(mdp_changepoints_find(fine, 3, 1, 4, &found), MDP_E_DATA, "TOO_FEW: values");
    CHECK_FAILS(mdp_cusum_compute(y, 2, &cusum), MDP_E_DATA, "NAN: values");
    CHECK_FAILS(mdp_noise_scale(fine, 1, &sigma), MDP_E_DATA, "TOO_FEW: values");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_best_of_all), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
