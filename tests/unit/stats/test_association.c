/* line, correlation and rank correlation of pairs; the exact test; bootstrap over clusters */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "stats/cluster.h"
#include "tests/tap.h"

enum { N = 7 };
static const double x7[N] = {1.2, 0.4, 3.9, 2.2, 5.1, 0.9, 2.8}, y7[N] = {2.0, 1.1, 2.9, 2.4, 2.2, 1.8, 2.6};

static struct mdp_sample sample(const char *name, const double *values, long n) {
    return (struct mdp_sample){name, values, n};
}

/* ---- pairs ---- */

/* computed apart from this program, in exact fractions */
static void test_example(void) {
    const struct mdp_sample x = sample("x", x7, N), y = sample("y", y7, N);
    struct mdp_association found;
    CHECK_OK(mdp_associate(&x, &y, &found));
    CHECK_INT(found.n, N);
    CHECK_CLOSE(found.bias, 0.21428571428571429, 1e-15);
    CHECK_CLOSE(found.slope, 0.24073162729658793, 1e-15);
    CHECK_CLOSE(found.intercept, 1.5754183070866142, 1e-14);
    CHECK_CLOSE(found.pearson, 0.69708931405617642, 1e-15);
    CHECK_CLOSE(found.spearman, 22.0 / 28, 1e-15);
    CHECK(!found.is_degenerate);
}

/* ties share their mean rank: x ranks 1, 2.5, 2.5, 4, y ranks 1.5, 1.5, 3.5, 3.5 */
static void test_ties(void) {
    const double x4[] = {1, 2, 2, 3}, y4[] = {5, 5, 6, 6};
    const struct mdp_sample x = sample("x", x4, 4), y = sample("y", y4, 4);
    struct mdp_association found;
    CHECK_OK(mdp_associate(&x, &y, &found));
    CHECK_CLOSE(found.spearman, 3 / sqrt(4.5 * 4), 1e-15);
}

static void test_scales(void) {
    static const double scales[] = {1e-160, 1, 1e150, -1e150};
    for (int k = 0; k < 4; k++) {
        double scaled[N];
        for (int i = 0; i < N; i++) scaled[i] = scales[k] * (x7[i] + 1e6);
        const struct mdp_sample x = sample("x", scaled, N), y = sample("y", y7, N);
        struct mdp_association found;
        CHECK_OK(mdp_associate(&x, &y, &found));
        /* the offset costs x its last six digits */
        CHECK_CLOSE(found.pearson * copysign(1, scales[k]), 0.69708931405617642, 1e-9);
        CHECK_CLOSE(found.slope * scales[k], 0.24073162729658793, 1e-9);
        CHECK_CLOSE(found.spearman * copysign(1, scales[k]), 22.0 / 28, 1e-15);
    }
}

static void test_without_spread(void) {
    const double flat[3] = {2, 2, 2};
    const struct mdp_sample x = sample("x", x7, 3), y = sample("y", flat, 3);
    struct mdp_association found;
    struct mdp_rank_test test;
    CHECK_OK(mdp_associate(&x, &y, &found));
    CHECK(found.slope == 0 && isnan(found.pearson) && isnan(found.spearman) && found.is_degenerate);
    CHECK_OK(mdp_associate(&y, &x, &found));
    CHECK(isnan(found.slope) && isnan(found.intercept) && isnan(found.pearson) && found.is_degenerate);
    CHECK_OK(mdp_spearman_test(&x, &y, &test));
    CHECK(isnan(test.rho) && isnan(test.p) && test.is_degenerate);
}

static void test_refusals(void) {
    const double bad[3] = {1, NAN, 2}, blown[3] = {1, INFINITY, 2};
    const struct mdp_sample x = sample("x", x7, 3), shorter = sample("y", y7, 2), nan = sample("y", bad, 3),
                            infinite = sample("y", blown, 3), none = sample("y", y7, 0), one = sample("x", x7, 1);
    struct mdp_association found;
    struct mdp_rank_test test;
    CHECK_FAILS(mdp_associate(&x, &none, &found), MDP_E_DATA, "EMPTY");
    CHECK_FAILS(mdp_associate(&x, &shorter, &found), MDP_E_DATA, "SHAPE");
    CHECK_FAILS(mdp_associate(&x, &nan, &found), MDP_E_DATA, "NAN");
    CHECK_FAILS(mdp_associate(&x, &infinite, &found), MDP_E_DATA, "INF");
    CHECK_FAILS(mdp_associate(&one, &one, &found), MDP_E_DATA, "TOO_FEW");
    CHECK_FAILS(mdp_spearman_test(&shorter, &shorter, &test), MDP_E_DATA, "TOO_FEW");
    CHECK_FAILS(mdp_spearman_test(&x, &nan, &test), MDP_E_DATA, "NAN");
}

/* ---- the test ---- */

/* published tables: 16 of the 120 orders of five are at least as far as rho 0.8, 2 of 24 orders of four at 1 */
static void test_exact(void) {
    const double up[] = {1, 2, 3, 4, 5}, mixed[] = {2, 1, 4, 3, 5}, down[] = {4, 3, 2, 1}, tied[] = {1, 1, 2, 2};
    const struct mdp_sample x5 = sample("x", up, 5), y5 = sample("y", mixed, 5), x4 = sample("x", up, 4),
                            y4 = sample("y", down, 4), t4 = sample("y", tied, 4);
    struct mdp_rank_test r;
    CHECK_OK(mdp_spearman_test(&x5, &y5, &r));
    CHECK_CLOSE(r.rho, 0.8, 1e-15);
    CHECK_CLOSE(r.p, 16.0 / 120, 1e-15);
    CHECK_CLOSE(r.p_least, 2.0 / 120, 1e-15);
    CHECK(r.is_exact && r.n == 5);
    CHECK_OK(mdp_spearman_test(&x4, &y4, &r));
    CHECK_CLOSE(r.rho, -1, 0);
    CHECK_CLOSE(r.p, 2.0 / 24, 1e-15);
    /* with ties 8 of 24 orders put both small values beside 1 and 2, or beside 3 and 4 */
    CHECK_OK(mdp_spearman_test(&x4, &t4, &r));
    CHECK_CLOSE(r.p, 8.0 / 24, 1e-15);
    CHECK_CLOSE(r.p_least, 8.0 / 24, 1e-15);
}

/* nine pairs exactly, ten by Student's t: rho^2 8 / (1 - rho^2) */
static void test_where_exactness_ends(void) {
    double x[10], y[10];
    struct mdp_rank_test r;
    for (int i = 0; i < 10; i++) {
        x[i] = i;
        y[i] = i < 2 ? 1 - i : i; /* the first two exchanged: rho 1 - 12 / 990 */
    }
    const struct mdp_sample x9 = sample("x", x, 9), y9 = sample("y", y, 9), x10 = sample("x", x, 10),
                            y10 = sample("y", y, 10);
    CHECK_OK(mdp_spearman_test(&x9, &y9, &r));
    CHECK(r.is_exact);
    /* twice the identity and its 8 exchanges of neighbours */
    CHECK_CLOSE(r.p, 18.0 / 362880, 1e-15);
    CHECK_OK(mdp_spearman_test(&x10, &y10, &r));
    CHECK(!r.is_exact && r.p_least == 0);
    CHECK_CLOSE(r.rho, 1 - 12.0 / 990, 1e-15);
    CHECK_CLOSE(r.p, 9.30745998896e-8, 1e-6 * 9.30745998896e-8);
}

/* independent pairs are called associated in 5 % of cases or fewer */
static void test_holds_its_level(void) {
    enum { N_ROUNDS = 4000, N_PAIRS = 7 };
    int n_rejected = 0;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_INIT, round, 0);
        double x[N_PAIRS], y[N_PAIRS];
        struct mdp_rank_test r;
        for (int i = 0; i < N_PAIRS; i++) {
            x[i] = mdp_rng_uniform(&rng);
            y[i] = mdp_rng_uniform(&rng);
        }
        const struct mdp_sample of_x = sample("x", x, N_PAIRS), of_y = sample("y", y, N_PAIRS);
        CHECK_OK(mdp_spearman_test(&of_x, &of_y, &r));
        n_rejected += r.p <= 0.05;
    }
    /* the level of exact tests is at most 0.05; four standard errors above */
    CHECK(n_rejected <= N_ROUNDS * 0.05 + 4 * sqrt(N_ROUNDS * 0.05 * 0.95));
    CHECK(n_rejected >= N_ROUNDS * 0.03);
}

/* ---- clusters ---- */

/* an end is Student's, of 1 degree of freedom and divisor 1 instead of 2, but no nearer than the percentile's */
static void check_ends(const struct mdp_interval *found, double low, double high) {
    double half = 12.706204736174694 * sqrt(2) * found->se;
    CHECK_CLOSE(found->low, fmin(low, found->estimate - half), 1e-11 * half);
    CHECK_CLOSE(found->high, fmax(high, found->estimate + half), 1e-11 * half);
}

/* two clusters of rows make four replicates of equal chance: percentiles are the least and the largest of three values
 */
static void test_two_clusters(void) {
    static const long cluster[N] = {9, 9, 9, 4, 4, 4, 4};
    const struct mdp_clusters clusters = {N, 12, cluster};
    const struct mdp_sample x = sample("x", x7, N), y = sample("y", y7, N);
    const struct mdp_bootstrap_plan plan = {.seed = 1, .n_threads = 2};
    struct mdp_cluster_association found;
    struct mdp_association parts[2], whole;
    struct mdp_cluster_mean mean;
    CHECK_OK(mdp_cluster_associate(&x, &y, &clusters, &plan, &found));
    CHECK_OK(mdp_associate(&x, &y, &whole));
    for (int k = 0; k < 2; k++) {
        double twice_x[8], twice_y[8];
        int n = k == 0 ? 3 : 4, from = k == 0 ? 0 : 3;
        for (int i = 0; i < 2 * n; i++) {
            twice_x[i] = x7[from + i % n];
            twice_y[i] = y7[from + i % n];
        }
        const struct mdp_sample a = sample("x", twice_x, 2 * n), b = sample("y", twice_y, 2 * n);
        CHECK_OK(mdp_associate(&a, &b, &parts[k]));
    }
    check_ends(&found.bias, fmin(parts[0].bias, parts[1].bias), fmax(parts[0].bias, parts[1].bias));
    check_ends(&found.slope, fmin(whole.slope, fmin(parts[0].slope, parts[1].slope)),
               fmax(whole.slope, fmax(parts[0].slope, parts[1].slope)));
    /* a correlation is nowhere beyond 1 */
    CHECK(found.spearman.low >= -1 && found.spearman.high <= 1 && found.spearman.high - found.spearman.low > 0.5);
    CHECK_CLOSE(found.slope.estimate, whole.slope, 0);
    CHECK(found.n_clusters == 2 && found.has_few);
    CHECK_OK(mdp_cluster_mean_compute(x7, &clusters, &plan, &mean));
    CHECK_CLOSE(mean.mean.estimate, 16.5 / 7, 1e-15);
    check_ends(&mean.mean, 5.5 / 3, 11.0 / 4);
    CHECK(mean.n == N && mean.n_clusters == 2 && mean.has_few);
}

/* rows of a cluster share a draw: intervals over clusters hold the truth, which intervals over rows do not */
static double coverage(int n_clusters, int is_clustered) {
    enum { MOST = 60, N_EACH = 10, N_ROUNDS = 400 };
    double values[MOST * N_EACH];
    float draws[MOST + MOST * N_EACH];
    long cluster[MOST * N_EACH], n_rows = n_clusters * N_EACH;
    int n_held = 0;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_INIT, round, 0);
        const struct mdp_bootstrap_plan plan = {.seed = round, .n_replicates = 400, .n_threads = 1};
        const struct mdp_clusters clusters = {n_rows, is_clustered ? n_clusters : n_rows, cluster};
        struct mdp_cluster_mean found;
        mdp_rng_normal(&rng, draws, (unsigned long)(n_clusters + n_rows));
        for (long i = 0; i < n_rows; i++) {
            values[i] = 3 + draws[i / N_EACH] + 0.5 * draws[n_clusters + i];
            cluster[i] = is_clustered ? i / N_EACH : i;
        }
        CHECK_OK(mdp_cluster_mean_compute(values, &clusters, &plan, &found));
        n_held += found.mean.low <= 3 && 3 <= found.mean.high;
    }
    return n_held / (double)N_ROUNDS;
}

static void test_coverage(void) {
    static const int n_clusters[] = {3, 5, 10, 20, 60};
    /* 0.95 and three standard errors of 400 rounds */
    for (int i = 0; i < 5; i++) {
        double with = coverage(n_clusters[i], 1);
        fprintf(stderr, "95 %% intervals over %d clusters hold %.3f\n", n_clusters[i], with);
        CHECK(with > 0.95 - 0.033 && with < 0.95 + 0.033);
    }
    double without = coverage(20, 0);
    CHECK(without < 0.65);
}

static void test_threads_and_replicates(void) {
    static const long cluster[N] = {0, 0, 1, 2, 2, 3, 4};
    const struct mdp_clusters clusters = {N, 5, cluster};
    const struct mdp_sample x = sample("x", x7, N), y = sample("y", y7, N);
    struct mdp_cluster_association one, many;
    for (int n_threads = 2; n_threads <= 5; n_threads++) {
        const struct mdp_bootstrap_plan plan = {.seed = 8, .n_threads = 1}, more = {.seed = 8, .n_threads = n_threads};
        memset(&one, 0, sizeof one);
        memset(&many, 0, sizeof many);
        CHECK_OK(mdp_cluster_associate(&x, &y, &clusters, &plan, &one));
        CHECK_OK(mdp_cluster_associate(&x, &y, &clusters, &more, &many));
        CHECK(memcmp(&one, &many, sizeof one) == 0);
    }
}

/* what cannot be said is NaN: of one cluster, and where some replicate has no line */
static void test_undefined_ends(void) {
    static const long same[N] = {3, 3, 3, 3, 3, 3, 3}, each[3] = {0, 1, 2}, far[3] = {0, 1, 3};
    const struct mdp_bootstrap_plan plan = {.n_threads = 1};
    const struct mdp_sample x = sample("x", x7, N), y = sample("y", y7, N), x3 = sample("x", x7, 3),
                            y3 = sample("y", y7, 3);
    struct mdp_cluster_association found;
    CHECK_OK(mdp_cluster_associate(&x, &y, &(struct mdp_clusters){N, 4, same}, &plan, &found));
    CHECK(found.n_clusters == 1 && isfinite(found.slope.estimate) && isnan(found.slope.low) && isnan(found.bias.high));
    CHECK_OK(mdp_cluster_associate(&x3, &y3, &(struct mdp_clusters){3, 3, each}, &plan, &found));
    CHECK(isfinite(found.bias.low) && isnan(found.slope.low) && isnan(found.spearman.high));
    CHECK_FAILS(mdp_cluster_associate(&x3, &y3, &(struct mdp_clusters){3, 3, far}, &plan, &found), MDP_E_DATA,
                "DOMAIN: cluster: expected 0 to 2, found 3 at 2");
    CHECK_FAILS(mdp_cluster_associate(&x, &y, &(struct mdp_clusters){3, 3, each}, &plan, &found), MDP_E_DATA,
                "SHAPE: clusters: expected 7 rows as in x, found 3");
    struct mdp_cluster_mean mean;
    CHECK_FAILS(mdp_cluster_mean_compute(x7, &(struct mdp_clusters){0, 3, each}, &plan, &mean), MDP_E_DATA, "EMPTY");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_example),
        TAP_TEST(test_ties),
        TAP_TEST(test_scales),
        TAP_TEST(test_without_spread),
        TAP_TEST(test_refusals),
        TAP_TEST(test_exact),
        TAP_TEST(test_where_exactness_ends),
        TAP_TEST(test_holds_its_level),
        TAP_TEST(test_two_clusters),
        TAP_TEST(test_coverage),
        TAP_TEST(test_threads_and_replicates),
        TAP_TEST(test_undefined_ends),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
