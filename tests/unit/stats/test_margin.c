/* margins: each test's two p values, their agreement with the interval, and the error rate at the margin itself. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "stats/margin.h"
#include "tests/tap.h"
#include "tests/unit/stats/pair.h"

enum { N_MOST = 64 };

static struct mdp_margin compute(const double *x, long n, const double *y, long m, struct mdp_margin_plan plan) {
    struct pair pair = pair_of(x, n, y, m);
    struct mdp_margin found;
    CHECK_OK(mdp_margin_compute(&pair.x, &pair.y, &plan, &found));
    return found;
}

/* mean 1, sd 1 of the differences of 4 pairs: t = (1 + 0.5) / 0.5 with 3 degrees of freedom. P(T > 3) has a
 * closed form */
static void test_mean_of_pairs(void) {
    const double y[4] = {5, -1, 2, 10}, s = sqrt(1.5);
    const double want = 0.5 - (sqrt(3) / 4 + atan(sqrt(3))) / acos(-1);
    double x[4];
    for (int i = 0; i < 4; i++) x[i] = y[i] + 1 + (i == 0 ? s : i == 1 ? -s : 0);
    struct mdp_margin found = compute(x, 4, y, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 1, 0.5, 0.9, 0, 0});
    CHECK_CLOSE(found.estimate, 1, 1e-14);
    CHECK_CLOSE(found.sd, 1, 1e-14);
    CHECK_CLOSE(found.p_not_worse, want, 1e-14);
    CHECK_CLOSE(found.p_worse, 1 - found.p_not_worse, 1e-14);
    /* t of 3 degrees of freedom at 0.95 is 2.3533634348 */
    CHECK_CLOSE(found.high - 1, 2.3533634348 / 2, 1e-8);
    CHECK_CLOSE(1 - found.low, 2.3533634348 / 2, 1e-8);
    CHECK_STR(found.name, "t of differences");
}

/* 3 v 3 without overlap even after moving by the margin: 1 of 20 arrangements */
static void test_ranks_by_hand(void) {
    const double x[3] = {1, 2, 3}, y[3] = {10, 11, 12};
    struct mdp_margin found = compute(x, 3, y, 3, (struct mdp_margin_plan){MDP_MARGIN_TEST_RANK, 0, 4, 0, 0, 0});
    CHECK_CLOSE(found.p_worse, 0.05, 1e-12);
    CHECK_CLOSE(found.p_not_worse, 1, 1e-12);
    CHECK_CLOSE(found.smallest_p, 0.05, 1e-12);
    CHECK_CLOSE(found.estimate, -9, 0);
    found = compute(x, 3, y, 3, (struct mdp_margin_plan){MDP_MARGIN_TEST_RANK, 1, 20, 0, 0, 0});
    CHECK_CLOSE(found.p_not_worse, 0.125, 1e-12);
    CHECK_CLOSE(found.smallest_p, 0.125, 1e-12);
    CHECK_STR(found.name, "Wilcoxon signed rank");
}

static void test_shares(void) {
    double x[50] = {0}, y[50] = {0};
    for (int i = 0; i < 45; i++) x[i] = y[i] = 1;
    x[0] = 0;
    struct mdp_margin found = compute(x, 50, y, 50, (struct mdp_margin_plan){MDP_MARGIN_TEST_SHARE, 1, 0.2, 0.9, 0, 0});
    CHECK_CLOSE(found.estimate, -0.02, 1e-12);
    CHECK(found.low > -0.2 && found.p_not_worse < 0.05);
    /* one difference of -1, 49 of 0 */
    CHECK_CLOSE(found.sd, sqrt(50.0 / 49 * 0.02 * 0.98), 1e-12);
    struct mdp_margin unpaired =
        compute(x, 50, y, 50, (struct mdp_margin_plan){MDP_MARGIN_TEST_SHARE, 0, 0.2, 0.9, 0, 0});
    CHECK_CLOSE(unpaired.sd, sqrt(50.0 / 49 * (0.88 * 0.12 + 0.9 * 0.1) / 2), 1e-12);
    CHECK(unpaired.low < found.low && unpaired.p_not_worse > found.p_not_worse);
    x[0] = 0.5;
    struct pair pair = pair_of(x, 50, y, 50);
    CHECK_FAILS(
        mdp_margin_compute(&pair.x, &pair.y, &(struct mdp_margin_plan){MDP_MARGIN_TEST_SHARE, 0, 0.2, 0, 0, 0}, &found),
        MDP_E_DATA, "x: expected values of 0 and 1, found 0.5");
}

/* the same values on both sides are not worse by any margin, and 4 pairs can say so with 1 / 16 */
static void test_identical(void) {
    const double x[4] = {0.1, 0.1, 0.1, 0.1};
    struct mdp_margin found = compute(x, 4, x, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 1, 0.01, 0, 0, 0});
    CHECK_CLOSE(found.p_not_worse, 0, 0);
    CHECK_CLOSE(found.p_worse, 1, 0);
    CHECK(found.is_degenerate && found.low == 0 && found.high == 0);
    found = compute(x, 4, x, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 0, 0.01, 0, 0, 0});
    CHECK_CLOSE(found.p_not_worse, 0, 0);
    found = compute(x, 4, x, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_RANK, 1, 0.01, 0, 0, 0});
    CHECK_CLOSE(found.p_not_worse, 1.0 / 16, 1e-12);
    const double y[4] = {1.1, 1.1, 1.1, 1.1}, z[4] = {0, 0, 0, 0}, w[4] = {1, 1, 1, 1};
    found = compute(x, 4, y, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 1, 0.5, 0, 0, 0});
    CHECK_CLOSE(found.p_worse, 0, 0);
    /* exactly at the margin nothing is decided */
    found = compute(z, 4, w, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 1, 1, 0, 0, 0});
    CHECK(found.p_worse == 1 && found.p_not_worse == 1);
    found = compute(z, 4, w, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_RANK, 0, 1, 0, 0, 0});
    CHECK(found.p_worse == 1 && found.p_not_worse == 1 && found.is_degenerate);
}

/* the test of spreads takes distances, and what is smaller is better */
static void test_spreads(void) {
    const double narrow[4] = {1, 2, 1, 3}, wide[4] = {2, 6, 3, 4};
    const struct mdp_margin_plan plan = {MDP_MARGIN_TEST_SPREAD, 0, 0.5, 0.9, 0, 0};
    struct mdp_margin better = compute(narrow, 4, wide, 4, plan), worse = compute(wide, 4, narrow, 4, plan);
    CHECK_CLOSE(better.estimate, 2, 1e-15);
    CHECK_CLOSE(worse.estimate, -2, 1e-15);
    CHECK(better.p_not_worse < 0.05 && better.low > -0.5 && worse.p_not_worse > 0.8 && worse.high < 2);
    CHECK_CLOSE(better.sd, sqrt(0.5 * (2.75 / 3 + 8.75 / 3)), 1e-14);
    CHECK_STR(better.name, "difference of spreads");
    CHECK_STR(compute(narrow, 4, wide, 4, (struct mdp_margin_plan){MDP_MARGIN_TEST_SPREAD, 1, 0.5, 0.9, 0, 0}).method,
              "Student and Hall");
}

/* normal values; both sides share `common` of their spread, as episodes with the same start do */
static void draw(struct mdp_rng *rng, double shift, double *x, double *y, int n, int is_share) {
    float normal[3];
    for (int i = 0; i < n; i++) {
        mdp_rng_normal(rng, normal, 3);
        x[i] = (double)normal[0] + (double)normal[2] + shift;
        y[i] = (double)normal[1] + (double)normal[2];
        if (!is_share) continue;
        x[i] = mdp_rng_uniform(rng) < 0.7 + shift;
        y[i] = mdp_rng_uniform(rng) < 0.7;
    }
}

/* the interval is above -margin exactly where the p value says so, and below it likewise */
static void test_interval_and_p_agree(void) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_INIT, 0, 0);
    int n_decided = 0;
    for (int k = 0; k < 800; k++) {
        int test = k % MDP_N_MARGIN_TESTS, is_paired = k / MDP_N_MARGIN_TESTS % 2, n = 8 + k % 17;
        double x[N_MOST], y[N_MOST], margin = 0.05 + mdp_rng_uniform(&rng);
        draw(&rng, test == MDP_MARGIN_TEST_SHARE ? 0 : -0.5, x, y, n, test == MDP_MARGIN_TEST_SHARE);
        for (int i = 0; i < n && test == MDP_MARGIN_TEST_SPREAD; i++) {
            x[i] = 1.5 * fabs(x[i]);
            y[i] = fabs(y[i]);
        }
        struct mdp_margin f =
            compute(x, n, y, n, (struct mdp_margin_plan){(enum mdp_margin_test)test, is_paired, margin, 0.9, 0, 0});
        if (f.is_degenerate) continue;
        CHECK((f.low > -margin) == (f.p_not_worse < 0.05));
        CHECK((f.high < -margin) == (f.p_worse < 0.05));
        CHECK(f.low <= f.estimate && f.estimate <= f.high);
        n_decided += f.p_not_worse < 0.05 || f.p_worse < 0.05;
    }
    CHECK(n_decided > 150 && n_decided < 650);
}

/* a candidate that is worse by exactly the margin is accepted as often as alpha says: 5 % of 4000, sd 14, so within 4
 * sd 144 to 256; shares are not continuous and Newcombe's interval is approximate, which gets twice the room */
static void test_error_rate_at_the_margin(void) {
    static const struct {
        enum mdp_margin_test test;
        int is_paired, low, high;
    } cases[] = {{MDP_MARGIN_TEST_RANK, 0, 144, 256}, {MDP_MARGIN_TEST_RANK, 1, 144, 256},
                 {MDP_MARGIN_TEST_MEAN, 0, 144, 256}, {MDP_MARGIN_TEST_MEAN, 1, 144, 256},
                 {MDP_MARGIN_TEST_SHARE, 0, 88, 312}, {MDP_MARGIN_TEST_SHARE, 1, 88, 312}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_rng rng = mdp_rng_stream(i, MDP_RNG_INIT, 0, 0);
        int n_passed = 0, n_failed = 0;
        for (int k = 0; k < 4000; k++) {
            double x[N_MOST], y[N_MOST];
            struct mdp_margin_plan plan = {cases[i].test, cases[i].is_paired, 0.2, 0.9, 0, 0};
            draw(&rng, -0.2, x, y, 40, cases[i].test == MDP_MARGIN_TEST_SHARE);
            if (!plan.is_paired && plan.test != MDP_MARGIN_TEST_SHARE) {
                /* unpaired values must not share anything */
                double unused[N_MOST];
                draw(&rng, 0, unused, y, 40, 0);
            }
            struct mdp_margin f = compute(x, 40, y, 40, plan);
            n_passed += f.p_not_worse <= 0.05;
            n_failed += f.p_worse <= 0.05;
        }
        CHECK(n_passed >= cases[i].low && n_passed <= cases[i].high);
        CHECK(n_failed >= cases[i].low && n_failed <= cases[i].high);
    }
}

static void test_refusals(void) {
    const double x[3] = {1, 2, 3}, y[3] = {1, NAN, 3};
    struct mdp_margin found;
    struct pair pair = pair_of(x, 3, x, 2);
    struct mdp_margin_plan plan = {MDP_MARGIN_TEST_RANK, 1, 0.1, 0, 0, 0};
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "SHAPE");
    pair = pair_of(x, 3, y, 3);
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "NAN: y");
    pair = pair_of(x, 0, x, 0);
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "EMPTY");
    pair = pair_of(x, 1, x, 1);
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "TOO_FEW");
    pair = pair_of(x, 3, x, 3);
    plan.margin = 0;
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "DOMAIN: margin");
    plan.margin = NAN;
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "NAN: margin");
    plan = (struct mdp_margin_plan){MDP_MARGIN_TEST_MEAN, 0, 0.1, 1, 0, 0};
    CHECK_FAILS(mdp_margin_compute(&pair.x, &pair.y, &plan, &found), MDP_E_DATA, "DOMAIN");
}

/* ties at one end only: the least favourable of the five arrangements of x among four equal y and itself is common */
static void test_smallest_p_with_ties(void) {
    double x[] = {-0.5, 0.5}, y[] = {0, 0, 0, 0};
    struct pair pair = pair_of(x, 2, y, 4);
    struct mdp_margin_plan plan = {MDP_MARGIN_TEST_RANK, 0, 0.5, 0, 0, 0};
    struct mdp_margin found;
    CHECK_OK(mdp_margin_compute(&pair.x, &pair.y, &plan, &found));
    /* x + 0.5 is {0, 1}: one value above five equal ones. in 2 of 6 places the larger sample of x has it */
    CHECK_CLOSE(found.p_not_worse, 1.0 / 3, 1e-12);
    CHECK_CLOSE(found.smallest_p, 1.0 / 3, 1e-12);
}

/* without an interval of ranks the p values and the estimate are the same */
static void test_without_interval(void) {
    const double x[6] = {1, 2, 2, 4, 5, 7}, y[6] = {2, 2, 3, 3, 5, 6};
    for (int is_paired = 0; is_paired < 2; is_paired++) {
        struct mdp_margin_plan plan = {MDP_MARGIN_TEST_RANK, is_paired, 0.5, 0.9, 0, 0};
        struct mdp_margin whole = compute(x, 6, y, 6, plan);
        plan.is_test_only = 1;
        struct mdp_margin found = compute(x, 6, y, 6, plan);
        CHECK(found.p_not_worse == whole.p_not_worse && found.p_worse == whole.p_worse);
        CHECK(found.estimate == whole.estimate && isnan(found.low) && isnan(found.high) && isfinite(whole.low));
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_mean_of_pairs),
        TAP_TEST(test_ranks_by_hand),
        TAP_TEST(test_shares),
        TAP_TEST(test_spreads),
        TAP_TEST(test_identical),
        TAP_TEST(test_interval_and_p_agree),
        TAP_TEST(test_error_rate_at_the_margin),
        TAP_TEST(test_smallest_p_with_ties),
        TAP_TEST(test_without_interval),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
