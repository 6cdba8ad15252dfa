/* unseen losses: the exact case of equal values, exact binomial cases, and the error rate of rare falls. */
#include <math.h>

#include "base/rng.h"
#include "stats/unseen.h"
#include "tests/tap.h"

enum { N = 60 };

static double p_of(const double *values, long n, struct mdp_unseen_plan plan) {
    double p;
    CHECK_OK(mdp_unseen_p(values, n, &plan, &p));
    CHECK(p >= 0 && p <= 1);
    return p;
}

/* k values of 0 among n, the others 1 */
static void fill(double *values, long n, long k) {
    for (long i = 0; i < n; i++) values[i] = i < k ? 0 : 1;
}

static void test_equal_values(void) {
    double x[N];
    fill(x, N, 0);
    CHECK_CLOSE(p_of(x, 10, (struct mdp_unseen_plan){0, 0.95, 0}), pow(0.95, 10), 1e-14);
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){-1, 0.9, 0}), pow(0.95, N), 1e-14);
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){0, 1, 0}), 1, 0);
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){0.5, 0.4, 0}), 0, 0);
    /* without a worst value there is nothing to claim */
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){-INFINITY, -1e9, 0}), 1, 0);
}

/* of values of 0 and 1 the weight of the zeros is of Beta(k + 1, n - k): the chance of at most k of n falls, each of
 * the chance that is to be excluded. the saddlepoint is within 4 % of it */
static void test_falls_are_binomial(void) {
    double x[N];
    for (int k = 1; k <= 20; k += 3)
        for (double q = 0.05; q < 0.6; q += 0.1) {
            double term = pow(1 - q, N), sum = term;
            for (int i = 1; i <= k; i++) sum += term *= q / (1 - q) * (N - i + 1) / i;
            fill(x, N, k);
            double p = p_of(x, N, (struct mdp_unseen_plan){0, 1 - q, 0});
            CHECK(fabs(p - sum) <= 0.04 * sum + 1e-12);
        }
}

/* a needed mean that is estimated is as uncertain as its standard error says */
static void test_error_of_the_needed_mean(void) {
    double x[N];
    fill(x, N, 3);
    double known = p_of(x, N, (struct mdp_unseen_plan){0, 0.85, 0});
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){0, 0.85, 1e-9}), known, 1e-6);
    CHECK(p_of(x, N, (struct mdp_unseen_plan){0, 0.85, 0.03}) > known);
    /* normal: the mean of 61 weights at 0.92, sd of about a thirtieth, against one of a twentieth */
    CHECK_CLOSE(p_of(x, N, (struct mdp_unseen_plan){0, 57.0 / 61, 0.05}), 0.5, 0.03);
}

/* mean 1 - q of falls of chance q is claimed to be above 1 - q in at most 5 % of samples */
static void test_level(void) {
    enum { RUNS = 4000 };
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_INIT, 0, 0);
    double x[N];
    for (double q = 0.04; q < 0.4; q *= 1.5) {
        int n_claims = 0;
        for (int r = 0; r < RUNS; r++) {
            for (int i = 0; i < N; i++) x[i] = mdp_rng_uniform(&rng) < q ? 0 : 1;
            n_claims += p_of(x, N, (struct mdp_unseen_plan){0, 1 - q, 0}) <= 0.05;
        }
        CHECK(n_claims <= 0.05 * RUNS + 4 * sqrt(0.05 * 0.95 * RUNS));
    }
}

static void test_fewest(void) {
    CHECK_CLOSE(mdp_unseen_n(0.05, 1, 0.05), 59, 0);
    CHECK_CLOSE(mdp_unseen_n(0.5, 1, 0.25), 2, 0);
    CHECK_CLOSE(mdp_unseen_n(2, 1, 0.05), 1, 0);
    CHECK(isinf(mdp_unseen_n(0.05, INFINITY, 0.05)));
}

static void test_refusals(void) {
    const double x[2] = {1, NAN};
    double p;
    CHECK(mdp_unseen_p(x, 0, &(struct mdp_unseen_plan){0, 0, 0}, &p) != MDP_OK);
    CHECK(mdp_unseen_p(x, 2, &(struct mdp_unseen_plan){0, 0, 0}, &p) != MDP_OK);
    CHECK(mdp_unseen_p(x, 1, &(struct mdp_unseen_plan){NAN, 0, 0}, &p) != MDP_OK);
    CHECK(mdp_unseen_p(x, 1, &(struct mdp_unseen_plan){0, 0, -1}, &p) != MDP_OK);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_equal_values),
        TAP_TEST(test_falls_are_binomial),
        TAP_TEST(test_error_of_the_needed_mean),
        TAP_TEST(test_level),
        TAP_TEST(test_fewest),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
