/* sorting by bytes against sorting by comparisons. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "tests/tap.h"

enum { N = 3000 };

static void check_sorted(const double *values, long n) {
    static double want[N], found[N], work[N];
    mdp_sort(values, n, want);
    memcpy(found, values, (size_t)n * sizeof *found);
    mdp_sort_many(found, n, work);
    for (long i = 0; i < n; i++) CHECK(found[i] == want[i]);
}

static void test_any_doubles(void) {
    static double values[N];
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_INIT, 0, 0);
    for (long n = 0; n < N; n = 3 * n / 2 + 1) {
        /* any bits but those of NaN */
        for (long i = 0; i < n; i++) {
            uint64_t bits = (uint64_t)mdp_rng_bits(&rng) << 32 | mdp_rng_bits(&rng);
            memcpy(&values[i], &bits, sizeof bits);
            if (isnan(values[i])) values[i] = i % 2 ? INFINITY : -INFINITY;
        }
        check_sorted(values, n);
        for (long i = 0; i < n; i++) values[i] = 0.8 + 1e-3 * mdp_rng_uniform(&rng);
        check_sorted(values, n);
    }
}

static void test_few_values(void) {
    const double special[] = {-0.0, 0.0, -INFINITY, INFINITY, DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_MAX, -DBL_MAX, 1, -1};
    static double values[N], work[N];
    struct mdp_rng rng = mdp_rng_stream(2, MDP_RNG_INIT, 0, 0);
    for (int i = 0; i < N; i++) values[i] = special[mdp_rng_below(&rng, 10)];
    check_sorted(values, N);
    mdp_sort_many(values, N, work);
    for (int i = 1; i < N; i++) CHECK(signbit(values[i]) <= signbit(values[i - 1]));
    for (int i = 0; i < N; i++) values[i] = 3;
    check_sorted(values, N);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_any_doubles), TAP_TEST(test_few_values)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
