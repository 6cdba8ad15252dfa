/* the expected best of k policies: against all draws one by one, and where it is known in closed form. */
#include <math.h>

#include "stats/budget.h"
#include "tests/tap.h"

enum { N_MOST = 9 };

/* all subsets of k, each with what a fair draw among its highest choices gives */
static double by_force(const double *choice, const double *value, int n, int k) {
    double sum = 0;
    long n_subsets = 0;
    for (unsigned set = 0; set < 1u << n; set++) {
        double best = -INFINITY, total = 0;
        int n_best = 0, size = 0;
        for (int i = 0; i < n; i++) {
            if ((set >> i & 1) == 0) continue;
            size++;
            if (choice[i] > best) best = choice[i], total = 0, n_best = 0;
            if (choice[i] == best) total += value[i], n_best++;
        }
        if (size != k) continue;
        sum += total / n_best;
        n_subsets++;
    }
    return sum / (double)n_subsets;
}

static void test_against_all_draws(void) {
    /* some are tied, some are all the same */
    static const double choices[][N_MOST] = {
        {3, 1, 2, 7, 5, 6, 4, 9, 8}, {1, 1, 2, 2, 2, 3, 0, 0, 3}, {4, 4, 4, 4, 4, 4, 4, 4, 4}};
    static const double values[N_MOST] = {0.5, -1, 2, 0.25, 8, -3, 1, 1, 6};
    for (int c = 0; c < 3; c++)
        for (int n = 1; n <= N_MOST; n++)
            for (int k = 1; k <= n; k++) {
                double found;
                CHECK_OK(mdp_budget_best(choices[c], values, n, k, &found));
                CHECK_CLOSE(found, by_force(choices[c], values, n, k), 1e-12);
                CHECK_OK(mdp_budget_best(choices[c], choices[c], n, k, &found));
                CHECK_CLOSE(found, by_force(choices[c], choices[c], n, k), 1e-12);
            }
}

/* of 1 to n the highest of k is k (n + 1) / (k + 1) on average */
static void test_closed_forms(void) {
    enum { N = 1000 };
    double values[N], falling[N], found;
    for (int i = 0; i < N; i++) {
        values[i] = (i * 373) % N + 1;
        falling[i] = -values[i];
    }
    static const long ks[] = {1, 2, 3, 10, 500, 999, 1000};
    for (int j = 0; j < 7; j++) {
        const double k = (double)ks[j];
        CHECK_OK(mdp_budget_best(values, values, N, ks[j], &found));
        CHECK_CLOSE(found, k * (N + 1) / (k + 1), 1e-8);
        /* a choice that is always wrong takes the lowest */
        CHECK_OK(mdp_budget_best(falling, values, N, ks[j], &found));
        CHECK_CLOSE(found, (N + 1) / (k + 1), 1e-8);
    }
}

static void test_refusals(void) {
    const double good[] = {1, 2, 3}, bad[] = {1, NAN, 3}, huge[] = {1, INFINITY, 3};
    const long ks[] = {4}, runs[] = {0, 0, 0};
    const struct mdp_budget_sweep sweep = {good, runs, 3, 1, 1}, broken = {bad, runs, 3, 1, 1},
                                  empty = {good, runs, 0, 1, 1}, apart = {good, runs, 3, 2, 1};
    const struct mdp_bootstrap_plan plan = {.n_replicates = 10};
    struct mdp_budget out[1];
    double found;
    CHECK_FAILS(mdp_budget_best(good, bad, 3, 1, &found), MDP_E_DATA, "NAN: value");
    CHECK_FAILS(mdp_budget_best(huge, good, 3, 1, &found), MDP_E_DATA, "INF: choice");
    CHECK_FAILS(mdp_budget_best(good, good, 0, 1, &found), MDP_E_DATA, "EMPTY");
    CHECK_FAILS(mdp_budget_best(good, good, 3, 4, &found), MDP_E_DATA, "DOMAIN: k");
    CHECK_FAILS(mdp_budget_best(good, good, 3, 0, &found), MDP_E_DATA, "DOMAIN: k");
    CHECK_FAILS(mdp_budget_compute(&sweep, ks, 1, &plan, out), MDP_E_DATA, "DOMAIN: k");
    CHECK_FAILS(mdp_budget_compute(&broken, ks, 1, &plan, out), MDP_E_DATA, "NAN: returns");
    CHECK_FAILS(mdp_budget_compute(&empty, ks, 1, &plan, out), MDP_E_DATA, "EMPTY: returns");
    CHECK_FAILS(mdp_budget_compute(&apart, runs, 0, &plan, out), MDP_E_DATA, "DOMAIN: runs");
}

/* four policies of two runs with four episodes: every value by hand */
static void test_by_hand(void) {
    /* halves are episodes 0, 2 and 1, 3; means of the halves (1, 0), (0, 1), (3, 5), (2, 6) */
    static const long runs[] = {0, 1, 0, 1};
    static const double values[] = {2, 0, 0, 0, 0, 2, 0, 0, 3, 5, 3, 5, 1, 6, 3, 6};
    const struct mdp_budget_sweep sweep = {values, runs, 4, 2, 4};
    const long ks[] = {1, 4};
    struct mdp_budget out[2];
    CHECK_OK(mdp_budget_compute(&sweep, ks, 2, &(struct mdp_bootstrap_plan){.n_replicates = 500}, out));
    /* one policy is no choice: nothing is hidden */
    CHECK_CLOSE(out[0].value[MDP_BUDGET_REPORTED].estimate, (0.5 + 0.5 + 4 + 4) / 4, 1e-12);
    CHECK_CLOSE(out[0].value[MDP_BUDGET_HELD_OUT].estimate, (0.5 + 0.5 + 4 + 4) / 4, 1e-12);
    CHECK_CLOSE(out[0].value[MDP_BUDGET_HIDDEN].estimate, 0, 1e-12);
    /* of all, the first half takes the third for 5, the other half the fourth for 2; they look like 3 and 6 */
    CHECK_CLOSE(out[1].value[MDP_BUDGET_REPORTED].estimate, 4, 1e-12);
    CHECK_CLOSE(out[1].value[MDP_BUDGET_HELD_OUT].estimate, 3.5, 1e-12);
    CHECK_CLOSE(out[1].value[MDP_BUDGET_HIDDEN].estimate, 1, 1e-12);
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < MDP_N_BUDGET_VALUES; i++)
            CHECK(out[j].value[i].low <= out[j].value[i].estimate && out[j].value[i].estimate <= out[j].value[i].high);
}

/* policies that are all the same: the report grows with k, the held-out value does not, nor does a single episode tell
 */
static void test_nothing_to_choose(void) {
    enum { RUNS = 60, POLICIES = 5, EPISODES = 10, N = RUNS * POLICIES * EPISODES };
    static double values[N];
    long runs[RUNS * POLICIES];
    uint64_t state = 1;
    for (int i = 0; i < N; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = (double)(state >> 11) / 9007199254740992.0;
    }
    const struct mdp_budget_sweep sweep = {values, runs, RUNS * POLICIES, RUNS, EPISODES};
    for (int i = 0; i < RUNS * POLICIES; i++) runs[i] = i % RUNS;
    const struct mdp_bootstrap_plan plan = {.n_replicates = 200};
    const long ks[] = {1, 10, 300};
    const long same[20] = {0};
    struct mdp_budget out[3], again[3];
    CHECK_OK(mdp_budget_compute(&sweep, ks, 3, &plan, out));
    CHECK(out[0].value[MDP_BUDGET_REPORTED].estimate < out[1].value[MDP_BUDGET_REPORTED].estimate - 0.1);
    CHECK(out[1].value[MDP_BUDGET_REPORTED].estimate < out[2].value[MDP_BUDGET_REPORTED].estimate - 0.05);
    CHECK_CLOSE(out[1].value[MDP_BUDGET_HELD_OUT].estimate, 0.5, 0.05);
    CHECK(out[1].value[MDP_BUDGET_HIDDEN].low > 0.1);
    CHECK(out[1].k == 10);
    CHECK_OK(mdp_budget_compute(&sweep, ks, 3, &plan, again));
    for (int j = 0; j < 3; j++) CHECK(again[j].value[0].low == out[j].value[0].low);
    const struct mdp_budget_sweep one = {values, same, 20, 1, 1};
    CHECK_OK(mdp_budget_compute(&one, ks, 1, &plan, out));
    CHECK(isfinite(out[0].value[MDP_BUDGET_REPORTED].estimate) && isnan(out[0].value[MDP_BUDGET_REPORTED].low));
    CHECK(isnan(out[0].value[MDP_BUDGET_HELD_OUT].estimate) && isnan(out[0].value[MDP_BUDGET_HIDDEN].estimate));
}

/* of policies that are all alike the expected best is known: intervals of sweeps of one run hold it about as often as
 * they say, and each its own estimate */
static void test_coverage(void) {
    enum { SWEEPS = 100, POLICIES = 20, EPISODES = 50, N = POLICIES * EPISODES };
    static double values[SWEEPS][N];
    static struct mdp_budget found[SWEEPS];
    const long runs[POLICIES] = {0};
    const long k = POLICIES;
    uint64_t state = 7;
    double truth = 0;
    int n_covered = 0;
    for (int s = 0; s < SWEEPS; s++) {
        for (int i = 0; i < N; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            values[s][i] = (double)(state >> 11) / 9007199254740992.0;
        }
        const struct mdp_budget_sweep sweep = {values[s], runs, POLICIES, 1, EPISODES};
        CHECK_OK(mdp_budget_compute(&sweep, &k, 1, &(struct mdp_bootstrap_plan){.n_replicates = 200}, &found[s]));
        truth += found[s].value[MDP_BUDGET_REPORTED].estimate / SWEEPS;
    }
    for (int s = 0; s < SWEEPS; s++) {
        const struct mdp_interval *reported = &found[s].value[MDP_BUDGET_REPORTED];
        CHECK(reported->low <= reported->estimate && reported->estimate <= reported->high);
        n_covered += reported->low <= truth && truth <= reported->high;
    }
    fprintf(tap_output(), "%d of %d cover\n", n_covered, SWEEPS);
    CHECK(n_covered >= 90);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_against_all_draws), TAP_TEST(test_closed_forms),
                                            TAP_TEST(test_refusals),          TAP_TEST(test_by_hand),
                                            TAP_TEST(test_nothing_to_choose), TAP_TEST(test_coverage)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
