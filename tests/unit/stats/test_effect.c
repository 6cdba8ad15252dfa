/* effect sizes: their intervals against definition and simulation. */
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "stats/effect.h"
#include "stats/noncentral.h"
#include "stats/power.h"
#include "stats/tails.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

/* without a shift it is Student's t, and power is what it says about critical values */
static void test_noncentral_t(void) {
    const double ts[] = {-4, -0.5, 0, 0.3, 2, 7}, dfs[] = {1, 4, 20, 400};
    for (int i = 0; i < 24; i++) {
        double t = ts[i % 6], df = dfs[i / 6], sf = mdp_t_sf(t, df);
        CHECK_CLOSE(mdp_noncentral_t_sf(t, df, 0), sf, 1e-11);
        CHECK_CLOSE(mdp_noncentral_t_sf(t, df, 1.3) + mdp_noncentral_t_sf(-t, df, -1.3), 1, 1e-11);
    }
    const struct mdp_test_plan plan = {MDP_DESIGN_UNPAIRED, MDP_SIDES_GREATER, 0.05};
    double power;
    CHECK_OK(mdp_power_ttest(&plan, 0.5, 30, &power));
    CHECK_CLOSE(mdp_noncentral_t_sf(mdp_t_quantile_sf(0.05, 58), 58, 0.5 * sqrt(15)), power, 1e-10);
}

/* the shift is the inverse, however steep the step that is integrated */
static void test_noncentral_shift(void) {
    const double ts[] = {-3, 0, 1e-9, 2, 40, 1e4, 1e7};
    for (int i = 0; i < 7; i++) {
        double low = mdp_noncentral_t_shift(ts[i], 38, 0.025), high = mdp_noncentral_t_shift(ts[i], 38, 0.975);
        CHECK(low < ts[i] && ts[i] < high);
        CHECK_CLOSE(mdp_noncentral_t_sf(ts[i], 38, low), 0.025, 1e-9);
        CHECK_CLOSE(mdp_noncentral_t_sf(ts[i], 38, high), 0.975, 1e-9);
    }
}

/* t of the pooled test at the ends of d's interval: 2.5 % beyond, by definition */
static void test_interval_of_d(void) {
    const double x[] = {3, 5, 4, 6, 8}, y[] = {2, 4, 1, 3, 3, 2};
    struct mdp_effect r;
    struct pair pair = pair_of(x, 5, y, 6);
    double scale = sqrt(30.0 / 11);
    CHECK_OK(mdp_effect_compute(&pair.x, &pair.y, 0.95, &r));
    CHECK_CLOSE(mdp_noncentral_t_sf(r.cohens_d * scale, 9, r.cohens_d_low * scale), 0.025, 1e-9);
    CHECK_CLOSE(mdp_noncentral_t_sf(r.cohens_d * scale, 9, r.cohens_d_high * scale), 0.975, 1e-9);
    CHECK_CLOSE(r.hedges_g_low / r.cohens_d_low, r.hedges_j_exact, 1e-14);
    CHECK(r.cohens_d_low < r.cohens_d && r.cohens_d < r.cohens_d_high);
    CHECK(r.prob_superiority_low < r.prob_superiority && r.prob_superiority < r.prob_superiority_high);
    CHECK(r.prob_superiority_low >= 0 && r.prob_superiority_high <= 1);
}

/* how often intervals of 300 repeats hold the truth; 95 % would miss 15 times, and 32 is 4.5 sd more */
static void test_coverage(void) {
    enum { N = 20, TIMES = 300 };
    struct mdp_rng rng = mdp_rng_stream(11, MDP_RNG_BATCH, 0, 0);
    int n_missed_a = 0, n_missed_d = 0;
    for (int i = 0; i < TIMES; i++) {
        float draws[2 * N];
        double x[N], y[N];
        struct mdp_effect r;
        mdp_rng_normal(&rng, draws, 2 * N);
        for (int k = 0; k < N; k++) x[k] = draws[k] + 0.8, y[k] = draws[N + k];
        struct pair pair = pair_of(x, N, y, N);
        CHECK_OK(mdp_effect_compute(&pair.x, &pair.y, 0, &r));
        double truth = 0.5 * erfc(-0.8 / 2);
        n_missed_a += truth < r.prob_superiority_low || truth > r.prob_superiority_high;
        n_missed_d += 0.8 < r.cohens_d_low || 0.8 > r.cohens_d_high;
    }
    fprintf(stderr, "missed by A %d, by d %d of %d\n", n_missed_a, n_missed_d, TIMES);
    CHECK(n_missed_a >= 2 && n_missed_a <= 32);
    CHECK(n_missed_d >= 2 && n_missed_d <= 32);
}

static void test_degenerate(void) {
    const double one[] = {1}, more[] = {0, 2, 3}, same[] = {5, 5, 5};
    struct mdp_effect r;
    struct pair pair = pair_of(one, 1, more, 3);
    CHECK_OK(mdp_effect_compute(&pair.x, &pair.y, 0, &r));
    CHECK(r.is_degenerate && isnan(r.cohens_d) && isnan(r.glass_delta) && isnan(r.hedges_g_low));
    CHECK_CLOSE(r.prob_superiority, 1.0 / 3, 1e-15);
    /* separation: an interval that does not reach A = 1 from below by nothing */
    pair = pair_of(same, 3, more, 3);
    CHECK_OK(mdp_effect_compute(&pair.x, &pair.y, 0, &r));
    CHECK(!r.is_degenerate && r.prob_superiority == 1 && r.prob_superiority_high == 1);
    CHECK(r.prob_superiority_low < 0.9 && r.prob_superiority_low > 0.3);
    CHECK(isfinite(r.cohens_d) && isfinite(r.glass_delta));
    pair = pair_of(more, 3, same, 3);
    CHECK_OK(mdp_effect_compute(&pair.x, &pair.y, 0, &r));
    CHECK(isnan(r.glass_delta) && isfinite(r.cohens_d_av) && r.cliffs_delta == -1 && r.cliffs_delta_low == -1);
}

static void test_refusals(void) {
    const double good[] = {1, 2}, bad[] = {NAN, INFINITY};
    struct mdp_effect r;
    struct pair empty = pair_of(good, 2, bad, 0), broken = pair_of(bad, 2, good, 2), fine = pair_of(good, 2, good, 2);
    CHECK_FAILS(mdp_effect_compute(&empty.x, &empty.y, 0, &r), MDP_E_DATA, "EMPTY: y");
    CHECK_FAILS(mdp_effect_compute(&broken.x, &broken.y, 7, &r), MDP_E_DATA, "NAN: x");
    CHECK_FAILS(mdp_effect_compute(&fine.x, &fine.y, 7, &r), MDP_E_DATA, "DOMAIN: level");
}

static void test_labels(void) {
    CHECK_STR(mdp_effect_label(0.1469), "negligible");
    CHECK_STR(mdp_effect_label(-0.147), "small");
    CHECK_STR(mdp_effect_label(0.33), "medium");
    CHECK_STR(mdp_effect_label(-0.474), "large");
    CHECK_STR(mdp_effect_label(NAN), "undefined");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_noncentral_t),  TAP_TEST(test_noncentral_shift),
                                            TAP_TEST(test_interval_of_d), TAP_TEST(test_coverage),
                                            TAP_TEST(test_degenerate),    TAP_TEST(test_refusals),
                                            TAP_TEST(test_labels)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
