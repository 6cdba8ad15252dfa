/* the fast stream: its definition, both ways to draw it, and that every index is equally likely. */
#include <math.h>

#include "stats/draw.h"
#include "tests/tap.h"

/* draws as stats/draw.h defines them, one by one */
static int32_t defined(const struct mdp_draws *draws, uint32_t i_replicate, uint32_t k) {
    struct mdp_rng rng = mdp_rng_stream(draws->seed, MDP_RNG_BOOTSTRAP, i_replicate, (uint32_t)draws->i_set);
    uint32_t n = draws->n_runs, word = 0;
    if (n > MDP_DRAW_RUNS_MAX) {
        for (uint32_t i = 0; i < k; i++) mdp_rng_below(&rng, n);
        return (int32_t)mdp_rng_below(&rng, n);
    }
    for (uint32_t i = 0; i <= k / 2; i++) word = mdp_rng_bits(&rng);
    uint32_t half = k % 2 ? word >> 16 : word & 0xffff;
    if (half * n % 65536 >= 65536 % n) return (int32_t)(half * n / 65536);
    rng = mdp_rng_stream(draws->seed, MDP_RNG_BOOTSTRAP_MORE, i_replicate, 2 * k + (uint32_t)draws->i_set);
    return (int32_t)mdp_rng_below(&rng, n);
}

/* what the name philox-16 stands for, computed apart from this program; one of the second list was
 * rejected at first */
static void test_known_answer(void) {
    static const int32_t of_10[24] = {3, 2, 3, 4, 8, 4, 2, 7, 4, 5, 6, 0, 7, 7, 3, 6, 9, 5, 3, 8, 5, 1, 1, 6};
    static const int32_t of_3000[60] = {2611, 136,  1238, 1116, 2014, 584,  692,  2827, 2224, 1461, 57,   993,
                                        1697, 356,  644,  1608, 84,   2069, 2519, 2735, 2497, 2598, 906,  1597,
                                        947,  2963, 2061, 2046, 536,  2649, 2633, 4,    2816, 1626, 2903, 2570,
                                        1358, 1065, 2466, 1045, 1024, 2520, 1820, 2701, 2263, 1538, 829,  1173,
                                        2088, 554,  2768, 2386, 1977, 2719, 14,   1624, 2968, 923,  1059, 624};
    int32_t index[60];
    mdp_draw(&(struct mdp_draws){7, 10, 0}, 3, index, 24);
    for (int k = 0; k < 24; k++) CHECK_INT(index[k], of_10[k]);
    mdp_draw(&(struct mdp_draws){7, 3000, 1}, 3, index, 60);
    for (int k = 0; k < 60; k++) CHECK_INT(index[k], of_3000[k]);
}

enum { N_DRAWS = 205, N_SIZES = 12 };

static const uint32_t sizes[N_SIZES] = {1, 2, 3, 7, 10, 50, 150, 1000, 3000, 4095, 4096, 5000};

static void test_definition(void) {
    for (int i = 0; i < N_SIZES; i++) {
        const struct mdp_draws draws = {0x123456789ab, sizes[i], i % 2};
        int32_t index[N_DRAWS];
        for (uint32_t b = 0; b < 20; b++) {
            mdp_draw(&draws, b, index, N_DRAWS);
            for (uint32_t k = 0; k < N_DRAWS; k++) CHECK_INT(index[k], defined(&draws, b, k));
        }
    }
}

/* side by side or one after the other: the same indices, rejected ones included */
static void test_lanes(void) {
    for (int i = 0; i < N_SIZES; i++) {
        const struct mdp_draws draws = {99, sizes[i], i % 2};
        uint16_t lanes[MDP_RNG_BLOCK][2 * MDP_RNG_LANES];
        int32_t index[N_DRAWS];
        if (sizes[i] > MDP_DRAW_RUNS_MAX) continue;
        for (uint32_t l = 0; l < MDP_RNG_LANES; l++) {
            mdp_draw(&draws, 1000 + l, index, N_DRAWS);
            for (uint32_t k = 0; k < N_DRAWS; k++) {
                mdp_draw_lanes(&draws, 1000, k / MDP_DRAW_BLOCK, lanes);
                CHECK_INT(lanes[k % MDP_DRAW_BLOCK / 2][2 * l + k % 2], index[k] * MDP_RNG_LANES);
            }
        }
    }
}

/* without bias, whatever the number of runs: every index gets the same number of the 2^16 halves that are kept */
static void test_kept_halves_are_shared_evenly(void) {
    static const uint32_t runs[] = {3, 10, 50, 150, 1000, 3000, 4095, 4096};
    static int n_kept[MDP_DRAW_RUNS_MAX];
    for (int i = 0; i < 8; i++) {
        for (uint32_t k = 0; k < runs[i]; k++) n_kept[k] = 0;
        for (uint32_t half = 0; half < 65536; half++)
            if (half * runs[i] % 65536 >= 65536 % runs[i]) n_kept[half * runs[i] / 65536]++;
        for (uint32_t k = 0; k < runs[i]; k++) CHECK_INT(n_kept[k], 65536 / runs[i]);
    }
}

/* counts of n equally likely outcomes: chi-square has mean n - 1 and standard deviation sqrt(2 (n - 1)) */
static void check_even(const long *counts, long n) {
    double total = 0, chi2 = 0;
    for (long i = 0; i < n; i++) total += (double)counts[i];
    double expected = total / (double)n;
    for (long i = 0; i < n; i++) chi2 += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    CHECK_CLOSE(chi2, (double)(n - 1), 5 * sqrt(2 * (double)(n - 1)));
}

static void test_indices_are_even(void) {
    static const uint32_t runs[] = {3, 10, 50, 150, 3000, 5000};
    static long counts[5000];
    static int32_t index[1000];
    for (int i = 0; i < 6; i++) {
        const struct mdp_draws draws = {17, runs[i], 0};
        for (uint32_t k = 0; k < runs[i]; k++) counts[k] = 0;
        for (uint32_t b = 0; b < 1000; b++) {
            mdp_draw(&draws, b, index, 1000);
            for (int k = 0; k < 1000; k++) counts[index[k]]++;
        }
        check_even(counts, runs[i]);
    }
}

/* pairs of neighbours: in the same word, in neighbouring words, in neighbouring replicates, in both sets */
static void test_neighbours_are_independent(void) {
    enum { RUNS = 10, N = 600 };
    static int32_t index[3][N];
    long counts[4][RUNS * RUNS] = {{0}};
    const struct mdp_draws first = {5, RUNS, 0}, second = {5, RUNS, 1};
    for (uint32_t b = 0; b < 1000; b++) {
        mdp_draw(&first, b, index[0], N);
        mdp_draw(&first, b + 1, index[1], N);
        mdp_draw(&second, b, index[2], N);
        for (int k = 0; k + 2 < N; k += 2) {
            const int32_t *now = index[0] + k;
            counts[0][now[0] * RUNS + now[1]]++;
            counts[1][now[1] * RUNS + now[2]]++;
            counts[2][now[0] * RUNS + index[1][k]]++;
            counts[3][now[0] * RUNS + index[2][k]]++;
        }
    }
    for (int i = 0; i < 4; i++) check_even(counts[i], RUNS * RUNS);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_known_answer),
        TAP_TEST(test_definition),
        TAP_TEST(test_lanes),
        TAP_TEST(test_kept_halves_are_shared_evenly),
        TAP_TEST(test_indices_are_even),
        TAP_TEST(test_neighbours_are_independent),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
