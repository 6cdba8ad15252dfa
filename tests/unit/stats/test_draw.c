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
        TAP_TEST(test_definition),
        TAP_TEST(test_lanes),
        TAP_TEST(test_kept_halves_are_shared_evenly),
        TAP_TEST(test_indices_are_even),
        TAP_TEST(test_neighbours_are_independent),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
