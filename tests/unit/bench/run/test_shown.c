/* which episodes are the worst, the median and the best. */
#include "bench/run/shown.h"
#include "tests/tap.h"

static void check_rows(long n, double *scores, long worst, long median, long best) {
    const struct mdp_episodes episodes = {.n = n, .normalized_returns = scores};
    long rows[MDP_N_SHOWN];
    CHECK_OK(mdp_shown_rows(&episodes, rows));
    CHECK(rows[MDP_SHOWN_WORST] == worst && rows[MDP_SHOWN_MEDIAN] == median && rows[MDP_SHOWN_BEST] == best);
}

/* of equal scores the order of the rows decides, and of an even number the lower middle */
static void test_rows(void) {
    check_rows(1, (double[]){0.5}, 0, 0, 0);
    check_rows(2, (double[]){0.5, 0.25}, 1, 1, 0);
    check_rows(5, (double[]){3, -1, 2, 7, 0}, 1, 2, 3);
    check_rows(4, (double[]){1, 1, 1, 1}, 0, 1, 3);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_rows)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
