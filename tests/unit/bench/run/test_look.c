/* how runs look: an algorithm has its colour whatever stands beside it, and no two runs have one as long as there are
 * others. */
#include "algos/algorithm.h"
#include "bench/run/look.h"
#include "tests/tap.h"

static void check_places(int n, const char *const *algos, const int *expected) {
    int places[MDP_LOOK_RUNS_MAX];
    mdp_look_places(n, algos, places);
    for (int i = 0; i < n; i++) CHECK_INT(places[i], expected[i]);
}

static void test_algorithms(void) {
    check_places(3, (const char *const[]){"dql", "edp", "idql"}, (const int[]){0, 1, 2});
    check_places(2, (const char *const[]){"idql", "dql"}, (const int[]){2, 0});
    check_places(1, (const char *const[]){"edp"}, (const int[]){1});
}

/* the next free colours are those behind the algorithms' */
static void test_others(void) {
    const int n = mdp_algorithm_names()->n;
    check_places(4, (const char *const[]){"process", "dql", "dql", "edp"}, (const int[]){n, 0, n + 1, 1});
    check_places(2, (const char *const[]){"process", "sac"}, (const int[]){n, n + 1});
}

/* more than there are colours: all of them once, and then again */
static void test_many(void) {
    const char *algos[20];
    int places[20], seen[20] = {0};
    for (int i = 0; i < 20; i++) algos[i] = "dql";
    mdp_look_places(20, algos, places);
    for (int i = 0; i < MDP_FIGURE_N_COLOURS; i++) seen[places[i]]++;
    for (int i = 0; i < MDP_FIGURE_N_COLOURS; i++) CHECK_INT(seen[i], 1);
    for (int i = MDP_FIGURE_N_COLOURS; i < 20; i++) CHECK_INT(places[i], i);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_algorithms), TAP_TEST(test_others), TAP_TEST(test_many)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
