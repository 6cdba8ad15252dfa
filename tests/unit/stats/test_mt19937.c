/* NumPy's legacy stream: known outputs of the generator, stored indices, ranges. */
#include <math.h>

#include "stats/mt19937.h"
#include "tests/tap.h"

/* what std::mt19937 is specified to give: the 10,000th output of seed 5489 */
static void test_known_outputs(void) {
    struct mdp_mt19937 generator;
    uint32_t last = 0;
    mdp_mt19937_seed(&generator, 5489);
    CHECK_INT(mdp_mt19937_bits(&generator), 3499211612u);
    for (int i = 2; i <= 10000; i++) last = mdp_mt19937_bits(&generator);
    CHECK_INT(last, 4123659995u);
    /* seed 0 is a seed like any other */
    mdp_mt19937_seed(&generator, 0);
    CHECK_INT(mdp_mt19937_bits(&generator), 2357136044u);
}

static void test_ranges(void) {
    enum { N = 60000 };
    struct mdp_mt19937 generator, copy;
    static int32_t index[N];
    static const uint32_t sizes[] = {1, 2, 3, 10, 16, 17};
    for (int i = 0; i < 6; i++) {
        long counts[17] = {0};
        mdp_mt19937_seed(&generator, 7);
        mdp_mt19937_indices(&generator, sizes[i], index, N);
        for (long k = 0; k < N; k++) {
            CHECK(index[k] >= 0 && index[k] < (int32_t)sizes[i]);
            counts[index[k]]++;
        }
        double expected = (double)N / sizes[i];
        for (uint32_t k = 0; k < sizes[i]; k++) CHECK_CLOSE((double)counts[k], expected, 5 * sqrt(expected));
    }
    /* a single index costs no draw */
    mdp_mt19937_seed(&generator, 7);
    mdp_mt19937_seed(&copy, 7);
    mdp_mt19937_indices(&generator, 1, index, 100);
    CHECK_INT(mdp_mt19937_bits(&generator), mdp_mt19937_bits(&copy));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_known_outputs), TAP_TEST(test_ranges)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
