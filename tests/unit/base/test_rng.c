/* random streams: the published known answer, and what every consumer relies on. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "tests/tap.h"

enum { N = 200000 };

/* philox4x32-10 of a zero counter and key, as Random123 publishes it; purpose 0 gives the zero counter */
static void test_known_answer(void) {
    static const uint32_t want[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    struct mdp_rng rng = mdp_rng_stream(0, (enum mdp_rng_purpose)0, 0, 0);
    for (int i = 0; i < 4; i++) CHECK_INT(mdp_rng_bits(&rng), want[i]);
}

/* all bits set in counter and key: where each part of the stream's name goes */
static void test_known_answer_of_names(void) {
    static const uint32_t want[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    struct mdp_rng rng = mdp_rng_stream(UINT64_MAX, (enum mdp_rng_purpose)UINT32_MAX, UINT32_MAX, UINT32_MAX);
    rng.block = UINT32_MAX;
    for (int i = 0; i < 4; i++) CHECK_INT(mdp_rng_bits(&rng), want[i]);
}

static void test_streams_differ(void) {
    struct mdp_rng streams[] = {
        mdp_rng_stream(1, MDP_RNG_RESET, 0, 0),       mdp_rng_stream(2, MDP_RNG_RESET, 0, 0),
        mdp_rng_stream(1, MDP_RNG_SAMPLE, 0, 0),      mdp_rng_stream(1, MDP_RNG_RESET, 1, 0),
        mdp_rng_stream(1, MDP_RNG_RESET, 0, 1),       mdp_rng_stream(1ull << 32, MDP_RNG_RESET, 0, 0),
        mdp_rng_stream(1, MDP_RNG_BEHAVIOR_ACT, 0, 0)};
    enum { N_STREAMS = sizeof streams / sizeof streams[0] };
    for (int i = 0; i < N_STREAMS; i++) {
        for (int k = 0; k < i; k++) {
            struct mdp_rng a = streams[i], b = streams[k];
            double product = 0;
            for (int j = 0; j < 20000; j++) product += (mdp_rng_uniform(&a) - 0.5) * (mdp_rng_uniform(&b) - 0.5);
            /* correlation of independent streams: 0 within 5 standard errors */
            CHECK_CLOSE(12 * product / 20000, 0, 5 / sqrt(20000));
        }
    }
}

/* a copy continues where the original stood, and a stream's past has no part in another's future */
static void test_copies(void) {
    struct mdp_rng a = mdp_rng_stream(9, MDP_RNG_BATCH, 4, 2), b, again;
    for (int i = 0; i < 7; i++) mdp_rng_bits(&a);
    b = a;
    for (int i = 0; i < 9; i++) CHECK(mdp_rng_bits(&a) == mdp_rng_bits(&b));
    again = mdp_rng_stream(9, MDP_RNG_BATCH, 4, 2);
    for (int i = 0; i < 16; i++) mdp_rng_bits(&again);
    CHECK(mdp_rng_bits(&a) == mdp_rng_bits(&again));
}

/* lanes are neighbouring streams, also where their number starts again at zero */
static void test_lanes(void) {
    static const struct {
        uint64_t seed;
        uint32_t major, minor, block;
    } starts[] = {{0, 0, 0, 0}, {UINT64_MAX, UINT32_MAX - 5, UINT32_MAX, UINT32_MAX}, {0x123456789abcdef0, 7, 3, 12}};
    uint32_t words[MDP_RNG_BLOCK][MDP_RNG_LANES];
    for (int k = 0; k < 3; k++) {
        mdp_rng_lanes(starts[k].seed, MDP_RNG_BOOTSTRAP, starts[k].major, starts[k].minor, starts[k].block, words);
        for (uint32_t l = 0; l < MDP_RNG_LANES; l++) {
            struct mdp_rng rng =
                mdp_rng_stream(starts[k].seed, MDP_RNG_BOOTSTRAP, starts[k].major + l, starts[k].minor);
            rng.block = starts[k].block;
            for (int i = 0; i < MDP_RNG_BLOCK; i++) CHECK_INT(words[i][l], mdp_rng_bits(&rng));
        }
    }
}

/* blocks are what single words are, also where the counter starts again at zero */
static void test_blocks(void) {
    struct mdp_rng rng = mdp_rng_stream(0x123456789abcdef0, MDP_RNG_DROPOUT, 7, 3), each;
    uint32_t words[MDP_RNG_BLOCK * MDP_RNG_LANES];
    for (int k = 0; k < 4; k++) {
        if (k == 2) rng.block = UINT32_MAX - 20;
        each = rng;
        mdp_rng_blocks(&rng, words);
        for (int i = 0; i < MDP_RNG_BLOCK * MDP_RNG_LANES; i++) CHECK_INT(words[i], mdp_rng_bits(&each));
        CHECK_INT(rng.block, each.block);
    }
}

static void test_uniform(void) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_INIT, 0, 0);
    double sum = 0, square = 0;
    for (int i = 0; i < N; i++) {
        double u = mdp_rng_uniform(&rng);
        CHECK(u >= 0 && u < 1);
        sum += u;
        square += (u - 0.5) * (u - 0.5);
    }
    CHECK_CLOSE(sum / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    CHECK_CLOSE(square / N, 1.0 / 12, 5 * sqrt(1.0 / 180 / N));
}

static void test_normal_moments(void) {
    static float x[N];
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_SAMPLE, 0, 0);
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0, neighbours = 0;
    mdp_rng_normal(&rng, x, N);
    for (int i = 0; i < N; i++) {
        double v = (double)x[i];
        CHECK(isfinite(v));
        m1 += v / N;
        m2 += v * v / N;
        m3 += v * v * v / N;
        m4 += v * v * v * v / N;
        if (i % 2) neighbours += v * (double)x[i - 1] / (N / 2);
    }
    CHECK_CLOSE(m1, 0, 5 * sqrt(1.0 / N));
    CHECK_CLOSE(m2, 1, 5 * sqrt(2.0 / N));
    CHECK_CLOSE(m3, 0, 5 * sqrt(15.0 / N));
    CHECK_CLOSE(m4, 3, 5 * sqrt(96.0 / N));
    CHECK_CLOSE(neighbours, 0, 5 * sqrt(2.0 / N));
}

/* an odd count writes no value beyond its end */
static void test_normal_odd_count(void) {
    float x[4] = {0, 0, 0, 77}, y[4];
    struct mdp_rng a = mdp_rng_stream(4, MDP_RNG_SAMPLE, 0, 0), b = a;
    mdp_rng_normal(&a, x, 3);
    mdp_rng_normal(&b, y, 4);
    CHECK(x[3] == 77 && memcmp(x, y, 3 * sizeof *x) == 0);
}

/* the largest size is 3/4 of the range, where a plain modulus would draw the lower part twice as often */
static void test_below(void) {
    static const uint32_t sizes[] = {1, 2, 7, 50};
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_BOOTSTRAP, 0, 0);
    for (int k = 0; k < 4; k++) {
        long counts[50] = {0};
        double n = sizes[k], chi2 = 0;
        for (int i = 0; i < N; i++) {
            uint32_t drawn = mdp_rng_below(&rng, sizes[k]);
            CHECK(drawn < sizes[k]);
            counts[drawn]++;
        }
        for (uint32_t i = 0; i < sizes[k]; i++) chi2 += pow((double)counts[i] - N / n, 2) / (N / n);
        CHECK_CLOSE(chi2, n - 1, 5 * sqrt(2 * n) + 3);
    }
    const uint32_t large = 0xC0000000u;
    long n_low = 0;
    for (int i = 0; i < N; i++) {
        uint32_t drawn = mdp_rng_below(&rng, large);
        CHECK(drawn < large);
        n_low += drawn < large / 2;
    }
    CHECK_CLOSE((double)n_low / N, 0.5, 5 * sqrt(0.25 / N));
}

static void test_permutation(void) {
    enum { SIZE = 5, DRAWS = 50000 };
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_BATCH, 0, 0);
    long counts[SIZE][SIZE] = {{0}};
    uint32_t order[SIZE];
    for (int i = 0; i < DRAWS; i++) {
        unsigned seen = 0;
        mdp_rng_permutation(&rng, order, SIZE);
        for (int k = 0; k < SIZE; k++) {
            CHECK(order[k] < SIZE);
            seen |= 1u << order[k];
            counts[k][order[k]]++;
        }
        CHECK_INT(seen, (1u << SIZE) - 1);
    }
    for (int i = 0; i < SIZE * SIZE; i++)
        CHECK_CLOSE((double)counts[i / SIZE][i % SIZE] / DRAWS, 0.2, 5 * sqrt(0.16 / DRAWS));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_known_answer),
                                            TAP_TEST(test_known_answer_of_names),
                                            TAP_TEST(test_streams_differ),
                                            TAP_TEST(test_copies),
                                            TAP_TEST(test_lanes),
                                            TAP_TEST(test_blocks),
                                            TAP_TEST(test_uniform),
                                            TAP_TEST(test_normal_moments),
                                            TAP_TEST(test_normal_odd_count),
                                            TAP_TEST(test_below),
                                            TAP_TEST(test_permutation)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
