/* equal but for rounding: whole-number and decimal returns keep their ties through normalization and margins */
#include "stats/rounding.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#include "stats/mannwhitney.h"
#include "stats/margin.h"
#include "stats/score.h"
#include "stats/wilcoxon.h"
#include "tests/tap.h"

enum { N = 60 };

static const double ref_min = -1275.766996, ref_max = 2381.6725;

static void normalize(const long *tenths, double *out) {
    double returns[N];
    for (int i = 0; i < N; i++) returns[i] = (double)tenths[i] / 10;
    CHECK_OK(mdp_score_normalize(returns, N, ref_min, ref_max, out));
}

/* returns in tenths around `center` with differences of -6 .. 6 tenths, many of them alike */
static void make(long center, long *x, long *y) {
    for (int i = 0; i < N; i++) {
        y[i] = center + (long)(i * 7919L % 2003);
        x[i] = y[i] + (i * 31L % 13) - 6;
    }
}

static void as_whole_numbers(const long *x, const long *y, long shift, struct mdp_wilcoxon *out) {
    double a[N], b[N];
    for (int i = 0; i < N; i++) {
        a[i] = (double)(x[i] + shift);
        b[i] = (double)y[i];
    }
    CHECK_OK(mdp_wilcoxon_compute(&(struct mdp_sample){"x", a, N}, &(struct mdp_sample){"y", b, N}, NULL, out));
}

/* normalizing is affine: ranks, ties and zeros are those of the whole numbers, at every size of return, also near 0 */
static void test_signed_ranks(void) {
    static const long centers[] = {-12758, -13500, 0, 9000, 23000, 1000000};
    for (unsigned k = 0; k < sizeof centers / sizeof centers[0]; k++) {
        long x[N], y[N];
        double a[N], b[N];
        struct mdp_wilcoxon want, found;
        make(centers[k], x, y);
        as_whole_numbers(x, y, 0, &want);
        normalize(x, a);
        normalize(y, b);
        const struct mdp_wilcoxon_plan plan = {.rounding = mdp_score_rounding(ref_min, ref_max)};
        CHECK_OK(mdp_wilcoxon_compute(&(struct mdp_sample){"x", a, N}, &(struct mdp_sample){"y", b, N}, &plan, &found));
        CHECK_INT(found.n_zero, want.n_zero);
        CHECK(found.wilcox.w_plus == want.wilcox.w_plus && found.p.two == want.p.two && found.p.less == want.p.less);
        CHECK_CLOSE(found.hl_pseudomedian, want.hl_pseudomedian / 10 / (ref_max - ref_min), 1e-12);
        CHECK(found.hl.low == 0 ? want.hl.low == 0 : found.hl.low * want.hl.low > 0);
    }
}

/* a margin of three tenths: differences of exactly that are zeros of the question, paired and unpaired */
static void test_margins(void) {
    static const long centers[] = {-12758, 0, 23000};
    for (unsigned k = 0; k < sizeof centers / sizeof centers[0]; k++) {
        long x[N], y[N];
        double a[N], b[N], wx[N], wy[N];
        struct mdp_wilcoxon pairs;
        struct mdp_mannwhitney sides;
        struct mdp_margin found;
        make(centers[k], x, y);
        normalize(x, a);
        normalize(y, b);
        struct mdp_margin_plan plan = {
            MDP_MARGIN_TEST_RANK, 1, 0.3 / (ref_max - ref_min), 0.9, mdp_score_rounding(ref_min, ref_max), 0};
        const struct mdp_sample of_x = {"x", a, N}, of_y = {"y", b, N};
        as_whole_numbers(x, y, 3, &pairs);
        CHECK_OK(mdp_margin_compute(&of_x, &of_y, &plan, &found));
        CHECK(found.p_not_worse == pairs.p.greater && found.p_worse == pairs.p.less);
        for (int i = 0; i < N; i++) {
            wx[i] = (double)(x[i] + 3);
            wy[i] = (double)y[i];
        }
        CHECK_OK(
            mdp_mannwhitney_compute(&(struct mdp_sample){"x", wx, N}, &(struct mdp_sample){"y", wy, N}, NULL, &sides));
        plan.is_paired = 0;
        CHECK_OK(mdp_margin_compute(&of_x, &of_y, &plan, &found));
        CHECK(found.p_not_worse == sides.p.greater && found.p_worse == sides.p.less);
    }
}

/* a loss of exactly the margin in every episode is neither within nor beyond it, whatever the last bits say */
static void test_exactly_the_margin(void) {
    static const double margins[] = {0.02, 0.05, 0.1};
    for (int k = 0; k < 3; k++) {
        for (int test = 0; test < MDP_N_MARGIN_TESTS; test++) {
            for (int is_paired = 0; is_paired < 2; is_paired++) {
                double x[N], y[N];
                struct mdp_margin found;
                int is_spread = test == MDP_MARGIN_TEST_SPREAD;
                if (test == MDP_MARGIN_TEST_SHARE) continue;
                for (int i = 0; i < N; i++) {
                    y[i] = is_paired ? 0.3 + 0.01 * (i * 17 % 61) : 0.7;
                    x[i] = is_spread ? y[i] + margins[k] : y[i] - margins[k];
                }
                const struct mdp_margin_plan plan = {(enum mdp_margin_test)test, is_paired, margins[k], 0.9, 0, 0};
                CHECK_OK(mdp_margin_compute(&(struct mdp_sample){"x", x, N}, &(struct mdp_sample){"y", y, N}, &plan,
                                            &found));
                CHECK(found.p_not_worse >= 0.5 && found.p_worse >= 0.5);
            }
        }
    }
}

/* what differs by more than rounding stays apart: eight units in the last place are no tie, nor a zero */
static void test_nothing_else_is_joined(void) {
    const double y[3] = {1, 1, 1}, x[3] = {1 + 8 * DBL_EPSILON, 1 + 0x1p-20, 1 + 0x1p-20 + 32 * DBL_EPSILON};
    double d[3], left[3], right[3];
    CHECK_OK(mdp_rounding_differences(x, y, 3, 0, 0, d));
    CHECK(d[0] == 8 * DBL_EPSILON && d[1] == 0x1p-20 && d[2] == 0x1p-20 + 32 * DBL_EPSILON);
    CHECK_OK(mdp_rounding_differences(x, y, 3, 0, 1e-9, d));
    CHECK(d[0] == 0 && d[1] == d[2]);
    CHECK_OK(mdp_rounding_shift(y, 3, 0x1p-20, x, 3, 0, left, right));
    CHECK(left[0] == left[1] && left[0] == right[1] && right[2] > right[1] && right[0] < right[1]);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_signed_ranks), TAP_TEST(test_margins),
                                            TAP_TEST(test_exactly_the_margin), TAP_TEST(test_nothing_else_is_joined)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
