/* behaviour runs: one that is stopped within an episode goes on from its file with the same bits, and a file that does
 * not lead there is refused. */
#include <string.h>

#include "bench/stage/behavior_files.h"
#include "tests/tap.h"

enum { N_WARMUP = 256, CAPACITY = 260 };

static struct mdp_behavior_settings settings(void) {
    return (struct mdp_behavior_settings){
        .spec = mdp_env_find("walker2d"), .seed = 3, .capacity = CAPACITY, .n_warmup = N_WARMUP, .n_threads = 1};
}

static struct mdp_behavior *new_run(void) {
    const struct mdp_behavior_settings made = settings();
    struct mdp_behavior *run = NULL;
    CHECK_OK(mdp_behavior_new(&made, &run));
    return run;
}

/* lets so many steps be taken */
static mdp_err stop_after(void *context, const struct mdp_behavior_transition *seen) {
    long *left = context;
    (void)seen;
    return --*left >= 0 ? MDP_OK : mdp_fail(MDP_E_INTERRUPTED, "stopped");
}

/* a run that is stopped after so many steps, and its file */
static struct mdp_behavior *stopped_run(long n, const char *path) {
    struct mdp_behavior *run = new_run();
    long left = n;
    mdp_err err;
    do err = mdp_behavior_episode(run, stop_after, &left);
    while (err == MDP_OK);
    CHECK_INT(err, MDP_E_INTERRUPTED);
    CHECK_INT(run->step, n);
    CHECK_OK(mdp_behavior_write_state(run, path, NULL));
    return run;
}

/* up to so many whole episodes */
static void run_episodes(struct mdp_behavior *run, uint32_t n) {
    while (run->episode < n) CHECK_OK(mdp_behavior_episode(run, NULL, NULL));
}

static void check_same(const struct mdp_behavior *a, const struct mdp_behavior *b) {
    CHECK_INT(a->step, b->step);
    CHECK_INT(a->n_open, b->n_open);
    CHECK_INT(a->window_n, b->window_n);
    CHECK(a->window_sum == b->window_sum);
    CHECK(memcmp(&a->log, &b->log, sizeof a->log) == 0);
    CHECK(memcmp(a->sac->actor_params, b->sac->actor_params, (size_t)a->sac->actor.layout.n_floats * sizeof(float)) ==
          0);
    CHECK(memcmp(a->replay.rewards, b->replay.rewards, CAPACITY * sizeof(float)) == 0);
}

static void test_resumes_within_an_episode(void) {
    struct mdp_behavior *whole = new_run();
    run_episodes(whole, 1);
    const long first = whole->step;
    while (whole->step <= CAPACITY) run_episodes(whole, whole->episode + 1);
    const long steps[] = {1, first, N_WARMUP + 2, CAPACITY + 1};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct mdp_behavior *again = new_run();
        mdp_behavior_free(stopped_run(steps[i], tap_temp_path("resume.h5")));
        CHECK_OK(mdp_behavior_read_state(again, tap_temp_path("resume.h5")));
        CHECK_INT(again->step, steps[i]);
        CHECK(again->n_open > 0 || steps[i] == first);
        run_episodes(again, whole->episode);
        check_same(whole, again);
        mdp_behavior_free(again);
    }
    mdp_behavior_free(whole);
}

/* what is written of a run whose members have been changed */
static void write_changed(struct mdp_behavior *run, const char *path, long n_open, int64_t window_n) {
    run->n_open = n_open;
    run->window_n = window_n;
    CHECK_OK(mdp_behavior_write_state(run, path, NULL));
}

static void test_refuses_what_cannot_be(void) {
    const char *path = tap_temp_path("resume.h5");
    struct mdp_behavior *run = stopped_run(15, path), *again = new_run();
    write_changed(run, path, 16, 0);
    CHECK_FAILS(mdp_behavior_read_state(again, path), MDP_E_DATA,
                "resume.h5: open: expected 0 to 999 steps of 15 replay rows, and 0 or more episodes, found 16 and 0");
    write_changed(run, path, -1, 1);
    CHECK_FAILS(mdp_behavior_read_state(again, path), MDP_E_DATA, "found -1 and 1");
    write_changed(run, path, 3, -1);
    CHECK_FAILS(mdp_behavior_read_state(again, path), MDP_E_DATA, "found 3 and -1");
    mdp_behavior_free(run);
    mdp_behavior_free(again);
}

static void test_refuses_another_way(void) {
    const char *path = tap_temp_path("resume.h5");
    struct mdp_behavior *run = stopped_run(15, path), *again = new_run();
    run->replay.actions[2 * run->replay.n_act] *= 0.5f;
    CHECK_OK(mdp_behavior_write_state(run, path, NULL));
    CHECK_OK(mdp_behavior_read_state(again, path));
    CHECK_FAILS(mdp_behavior_episode(again, NULL, NULL), MDP_E_DATA,
                "Walker2DBullet-v0: step 2: expected the observation that the replay memory holds, found another");
    mdp_behavior_free(run);
    mdp_behavior_free(again);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_resumes_within_an_episode),
                                            TAP_TEST(test_refuses_what_cannot_be), TAP_TEST(test_refuses_another_way)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
