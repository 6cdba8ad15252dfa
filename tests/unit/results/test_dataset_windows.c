/* windows of synthetic rows: where they start, what they are padded with, what counts as an end, and refusals */
#include "results/dataset_windows.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

enum { N = 10 };

/* ten rows with one observation, their number, and rewards of 1 */
static float observations[N], actions[N], rewards[N];
static uint8_t terminals[N], timeouts[N];

static struct mdp_dataset_raw rows(void) {
    for (int i = 0; i < N; i++) {
        observations[i] = (float)i;
        actions[i] = 0.1f * (float)(i + 1);
        rewards[i] = 1;
    }
    memset(terminals, 0, sizeof terminals);
    memset(timeouts, 0, sizeof timeouts);
    return (struct mdp_dataset_raw){.n = N,
                                    .n_obs = 1,
                                    .n_act = 1,
                                    .observations = observations,
                                    .actions = actions,
                                    .rewards = rewards,
                                    .terminals = terminals,
                                    .timeouts = timeouts};
}

static const struct mdp_dataset_windows_options usual = {
    .horizon = 3, .max_path = 5, .discount = 0.5, .terminal_penalty = -100};

/* a path of 4 that terminates, one of 3 that runs out of time, and 3 rows that belong to none */
static void test_windows_of_paths(void) {
    struct mdp_dataset_raw raw = rows();
    struct mdp_windows w;
    struct mdp_normalizer normalizer;
    float obs[3], act[3], rew[3];
    terminals[3] = timeouts[6] = 1;
    CHECK_OK(mdp_dataset_windows(&raw, &usual, &w, &normalizer));
    CHECK_INT(w.n_rows, 7);
    CHECK_INT(w.n_paths, 2);
    CHECK_INT(w.path_lengths[0], 4);
    /* starts 0 to 2 of both: the fourth would need a path of more than 5 */
    CHECK_INT(w.n, 6);
    CHECK(w.list[2].path == 0 && w.list[2].start == 2 && w.list[2].n == 2);
    CHECK(w.list[3].path == 1 && w.list[3].start == 0 && w.list[3].row == 4);
    /* rows that belong to no path count in the normaliser */
    CHECK_CLOSE(normalizer.mean[0], 4.5, 1e-12);
    mdp_windows_get(&w, 2, obs, 1, act, 1, rew);
    CHECK_CLOSE(obs[0], (2 - 4.5) / normalizer.std[0], 1e-6);
    CHECK(act[1] == actions[3] && rew[1] == -100);
    CHECK(obs[2] == 0 && act[2] == 0 && rew[2] == 0);
    /* 1 + 0.5 (1 + 0.5 (1 + 0.5 -100)); nothing comes behind a time-out */
    CHECK_CLOSE(w.values[0], 1 + 0.5 * (1 + 0.5 * (1 + 0.5 * -100)), 1e-5);
    CHECK_CLOSE(w.values[6], 1, 0);
    mdp_windows_free(&w);
}

/* no penalty where a time-out says that the path could have gone on, nor where none is asked for */
static void test_penalty(void) {
    struct mdp_dataset_raw raw = rows();
    struct mdp_dataset_windows_options none = usual;
    struct mdp_windows w;
    terminals[4] = timeouts[4] = terminals[9] = 1;
    CHECK_OK(mdp_dataset_windows(&raw, &usual, &w, NULL));
    CHECK(w.rewards[4] == 1 && w.rewards[9] == -100);
    mdp_windows_free(&w);
    none.terminal_penalty = NAN;
    CHECK_OK(mdp_dataset_windows(&raw, &none, &w, NULL));
    CHECK(w.rewards[9] == 1);
    mdp_windows_free(&w);
}

static void test_files_without_timeouts_are_cut(void) {
    struct mdp_dataset_raw raw = rows();
    struct mdp_windows w;
    raw.timeouts = NULL;
    terminals[1] = 1;
    CHECK_OK(mdp_dataset_windows(&raw, &usual, &w, NULL));
    CHECK_INT(w.n_paths, 2);
    CHECK_INT(w.path_lengths[0], 2);
    CHECK_INT(w.path_lengths[1], 5);
    mdp_windows_free(&w);
}

static void refused(struct mdp_dataset_windows_options options, mdp_err code, const char *message) {
    struct mdp_dataset_raw raw = rows();
    struct mdp_windows w;
    timeouts[7] = 1;
    CHECK_FAILS(mdp_dataset_windows(&raw, &options, &w, NULL), code, message);
    CHECK(w.observations == NULL && w.list == NULL);
}

static void test_refusals(void) {
    struct mdp_dataset_windows_options wrong = usual;
    struct mdp_dataset_raw raw;
    struct mdp_windows w;
    refused(usual, MDP_E_DATA, "path 0: expected at most 5 steps, found 8");
    raw = rows();
    CHECK_FAILS(mdp_dataset_windows(&raw, &usual, &w, NULL), MDP_E_DATA, "expected a path that ends, found 10 steps");
    wrong.horizon = 6;
    refused(wrong, MDP_E_USAGE, "expected 1 to 5 steps, found 6");
    wrong = usual;
    wrong.max_path = 0;
    refused(wrong, MDP_E_USAGE, "at least 1 step, found 0");
    wrong = usual;
    wrong.discount = NAN;
    refused(wrong, MDP_E_USAGE, "a discount from 0 to 1");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_windows_of_paths), TAP_TEST(test_penalty),
                                            TAP_TEST(test_files_without_timeouts_are_cut), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
