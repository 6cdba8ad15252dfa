/* equality: what each of its three parts refuses, and how often values that fall rarely are called equal. */
#include <math.h>

#include "base/rng.h"
#include "stats/claims.h"
#include "stats/equality.h"
#include "stats/unseen.h"
#include "tests/tap.h"

enum { N = 100 };

static const struct mdp_equality_plan plan = {.margin = 0.05, .alpha = 0.05, .good = 1};

static struct mdp_equality ask(const double *x, const double *y, long n, const struct mdp_equality_plan *asked) {
    const struct mdp_sample a = {"a", x, n}, b = {"b", y, n};
    struct mdp_equality found;
    CHECK_OK(mdp_equality_compute(&a, &b, asked, &found));
    return found;
}

/* around 1, by a thousandth */
static void fill(double *values, long n, double center) {
    for (long i = 0; i < n; i++) values[i] = center + 0.001 * sin(1.7 * (double)i + 10 * center);
}

/* 58 values do not exclude that one in twenty falls, 59 do: 0.95^59 = 0.0485 */
static void test_unseen(void) {
    double x[N], y[N];
    fill(x, N, 1);
    fill(y, N, 1);
    for (long n = 50; n <= N; n++) {
        const struct mdp_equality found = ask(x, y, n, &plan);
        CHECK_CLOSE(found.n_needed, 59, 0);
        CHECK_CLOSE(found.p_rarest, pow(0.95, (double)n), 0.01 * found.p_rarest);
        CHECK(found.p_tests < 0.05 && (found.p <= 0.05 ? n >= 59 : n <= 62));
    }
    /* both sides change places */
    fill(y, N, 1.02);
    CHECK_CLOSE(ask(x, y, N, &plan).p, ask(y, x, N, &plan).p, 1e-15);
    /* a failure that still has 0.9 takes a tenth of it; a mean below a failure's claims nothing */
    struct mdp_equality_plan other = plan;
    other.worst = 0.9;
    fill(y, N, 1);
    CHECK_CLOSE(ask(x, y, N, &other).n_needed, 5, 0);
    other.worst = 1.1;
    CHECK(isinf(ask(x, y, N, &other).n_needed) && ask(x, y, N, &other).p == 1);
}

/* three low returns of a policy that mostly stands do not show what its others have: neither that a value cannot lose
 * more than from their mean, nor that both sides are equal */
static void test_few_and_low(void) {
    static const double x[] = {0.051, 0.052, 0.0525}, y[] = {0.0512, 0.0515, 0.053};
    const struct mdp_equality found = ask(x, y, 3, &plan);
    CHECK(found.p_tests <= 0.2);
    CHECK_CLOSE(found.p_rarest, pow(0.95, 3), 1e-12);
    CHECK(found.p > 0.8);
    CHECK_CLOSE(found.n_needed, 59, 0);
    /* a value above what is good has more to lose */
    static const double high[] = {0.05, 0.06, 2};
    CHECK_CLOSE(ask(x, high, 3, &plan).p_rarest, pow(1 - 0.05 / 2, 3), 1e-12);
    /* a value below what no value is below refutes that */
    static const double below[] = {-1e-6, 0.06, 0.05};
    CHECK(isinf(ask(x, below, 3, &plan).n_needed) && ask(below, x, 3, &plan).p == 1);
    /* n_needed values exclude a rare loss, so they are called equal although they are low; one value fewer is not
     * enough */
    double many[N], others[N];
    fill(many, N, 0.05);
    fill(others, N, 0.051);
    for (int i = 0; i < N; i++) many[i] = fabs(many[i]), others[i] = fabs(others[i]);
    CHECK(ask(many, others, N, &plan).p <= 0.05 && ask(many, others, 58, &plan).p > 0.05);
}

/* what tests only gives the same answers */
static void test_parts(void) {
    static const double shift[] = {0, 0.02, 0.049, 0.06};
    double x[N], y[N];
    struct mdp_equality_plan quick = plan;
    quick.is_test_only = 1;
    fill(y, N, 1);
    for (int k = 0; k < 4; k++)
        for (int is_paired = 0; is_paired < 2; is_paired++) {
            struct mdp_equality_plan whole = plan;
            whole.is_paired = quick.is_paired = is_paired;
            fill(x, N, 1 + shift[k]);
            const struct mdp_equality found = ask(x, y, N, &whole);
            CHECK_CLOSE(found.p, fmax(found.p_tests, found.p_unseen), 0);
            CHECK((found.p <= 0.05) == (ask(x, y, N, &quick).p <= 0.05));
            CHECK_CLOSE(found.parts[MDP_EQUALITY_MEANS].difference, shift[k], 1e-3);
            CHECK((found.p_tests <= 0.05) == (k < 3));
        }
}

/* one side falls in one of twenty, which costs the margin: called equal in 0.05 of all trials, four standard errors
 * above at most; by the tests alone it would be a fifth */
static void test_level(void) {
    enum { N_TRIALS = 400 };
    int n_equal = 0, n_by_tests = 0;
    for (uint32_t i = 0; i < N_TRIALS; i++) {
        struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_SELFTEST, i, 0);
        double x[60], y[60];
        for (int k = 0; k < 60; k++) {
            x[k] = 1 + 0.001 * mdp_rng_uniform(&rng);
            y[k] = mdp_rng_uniform(&rng) < 0.05 ? 0 : 1 + 0.001 * mdp_rng_uniform(&rng);
        }
        const struct mdp_equality found = ask(x, y, 60, &plan);
        n_equal += found.p <= 0.05;
        n_by_tests += found.p_tests <= 0.05;
    }
    CHECK(n_equal <= 0.094 * N_TRIALS);
    CHECK(n_by_tests > 0.1 * N_TRIALS);
}

/* ranks always; means and spreads from ten values on, and where no side has more than twice the other */
static void test_weights(void) {
    CHECK_CLOSE(mdp_claim_weight(MDP_CLAIM_RANKS, 3, 300), 8, 0);
    CHECK_CLOSE(mdp_claim_weight(MDP_CLAIM_MEANS, 10, 20), 1, 0);
    CHECK_CLOSE(mdp_claim_weight(MDP_CLAIM_SPREADS, 9, 20), 0, 0);
    CHECK_CLOSE(mdp_claim_weight(MDP_CLAIM_MEANS, 10, 21), 0, 0);
}

static void test_refusals(void) {
    double x[] = {1, 2, NAN};
    const struct mdp_sample a = {"a", x, 2}, b = {"b", x, 3}, c = {"c", x, 1};
    const struct mdp_unseen_claim pairs = {.margin = 0.1, .range = 1, .is_paired = 1};
    struct mdp_equality found;
    struct mdp_unseen unseen;
    CHECK_FAILS(mdp_equality_compute(&a, &b, &plan, &found), MDP_E_DATA, "NAN: b");
    CHECK_FAILS(mdp_equality_compute(&a, &c, &plan, &found), MDP_E_DATA, "TOO_FEW");
    CHECK_FAILS(mdp_unseen_loss(&a, &c, &pairs, &unseen), MDP_E_DATA, "SHAPE");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_unseen), TAP_TEST(test_few_and_low), TAP_TEST(test_parts),
                                            TAP_TEST(test_level),  TAP_TEST(test_weights),     TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
