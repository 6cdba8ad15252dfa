/* held-out data: returns by hand, states spread over the file, and data that is not held out or does not fit */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/diagnose/held_out.h"
#include "tests/tap.h"

enum { N_OBS = 22, N_ACT = 6 };
static const char *physics; /* that files say they were simulated on */

/* episodes of a file: how many rows, and how they end: T terminated, L time limit, O the file ends */
struct episode {
    int n;
    char end;
};
static const struct episode usual[] = {{30, 'T'}, {50, 'L'}, {20, 'T'}, {40, 'O'}};
enum { N_USUAL = sizeof usual / sizeof usual[0], N_ROWS = 140 };

/* row `copied` has the numbers of row 7 of the file with seed `like`; -1 for none */
static const char *write_data(const char *leaf, const char *task, const struct episode *episodes, int n, uint32_t seed,
                              int copied, uint32_t like) {
    const char *path = tap_temp_path(leaf);
    const struct mdp_dataset_facts facts = {
        .task = task, .env_id = "Walker2DBullet-v0", .physics = physics, .seed = seed};
    struct mdp_dataset_writer *writer;
    float row[2 * N_OBS + N_ACT];
    int i_row = 0;
    CHECK_OK(mdp_dataset_writer_new(path, N_OBS, N_ACT, 0, &facts, &writer));
    for (int e = 0; e < n; e++)
        for (int i = 0; i < episodes[e].n; i++, i_row++) {
            int is_copy = i_row == copied;
            struct mdp_rng rng = mdp_rng_stream(is_copy ? like : seed, MDP_RNG_RESET, is_copy ? 7 : (uint32_t)i_row, 0);
            for (int j = 0; j < 2 * N_OBS + N_ACT; j++) row[j] = (float)(2 * mdp_rng_uniform(&rng) - 1);
            int is_last = i + 1 == episodes[e].n;
            const struct mdp_dataset_step step = {.observation = row,
                                                  .action = row + N_OBS,
                                                  .next_observation = row + N_OBS + N_ACT,
                                                  .reward = (float)(0.25 * (i_row % 9) - e),
                                                  .terminal = is_last && episodes[e].end == 'T',
                                                  .timeout = is_last && episodes[e].end == 'L'};
            CHECK_OK(mdp_dataset_writer_add(writer, &step));
        }
    CHECK_OK(mdp_dataset_writer_finish(writer));
    mdp_dataset_writer_free(writer);
    return path;
}

static const char *usual_data(const char *leaf, uint32_t seed) {
    return write_data(leaf, "walker2d-medium", usual, N_USUAL, seed, -1, 0);
}

static struct mdp_task task_of(const char *name) {
    struct mdp_task task;
    CHECK_OK(mdp_task_parse(name, &task));
    return task;
}

/* a return is the sum of the rewards to come as training scales them, where enough of it is known */
static void test_returns(void) {
    static const struct { double discount, tail; } cases[] = {{0.9, 0.01}, {0.9, 0.3}, {0.5, 1e-6}, {0, 0.5}};
    const struct mdp_task task = task_of("walker2d-medium");
    struct mdp_held_out h;
    double returns[N_ROWS];
    CHECK_OK(mdp_held_out_read(usual_data("h.hdf5", 1), usual_data("t.hdf5", 0), &task, N_ROWS, 0, &h));
    CHECK(h.n == N_ROWS && h.episodes.n == N_USUAL);
    /* of the training data's kept steps: episode 0, and episode 1 without its last row with episode 2 */
    double segments[2] = {0, 0};
    for (int i = 0; i < 100; i++)
        if (i != 79) segments[i >= 30] += 0.25 * (i % 9) - (i < 30 ? 0 : i < 80 ? 1 : 2);
    CHECK_CLOSE(h.reward_range, segments[0] - segments[1], 1e-4);
    for (unsigned c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        int n_known = 0;
        CHECK_OK(mdp_held_out_returns(&h, NULL, cases[c].discount, cases[c].tail, returns));
        for (int e = 0, first = 0; e < N_USUAL; first += usual[e++].n)
            for (int i = 0; i < usual[e].n; i++) {
                double want = 0, weight = 1;
                for (int k = i; k < usual[e].n; k++, weight *= cases[c].discount)
                    want += weight * 1000 * (0.25 * ((first + k) % 9) - e) / h.reward_range;
                int is_known = usual[e].end == 'T' || weight <= cases[c].tail;
                CHECK(isfinite(returns[first + i]) == is_known);
                if (is_known) CHECK_CLOSE(returns[first + i], want, 1e-4 * (1 + fabs(want)));
                n_known += is_known;
            }
        CHECK(n_known >= 50 && (c == 3) == (n_known == N_ROWS));
    }
    mdp_held_out_free(&h);
}

/* one state from each of equal stretches, whatever their number */
static void test_states(void) {
    const struct mdp_task task = task_of("walker2d-medium");
    const char *path = usual_data("h.hdf5", 1), *training = usual_data("t.hdf5", 0);
    struct mdp_held_out h, again, other;
    CHECK_OK(mdp_held_out_read(path, training, &task, 30, 5, &h));
    CHECK_OK(mdp_held_out_read(path, training, &task, 30, 5, &again));
    CHECK_OK(mdp_held_out_read(path, training, &task, 30, 6, &other));
    CHECK_INT(h.n, 30);
    for (long i = 0; i < 30; i++) {
        CHECK(h.row[i] >= N_ROWS * i / 30 && h.row[i] < N_ROWS * (i + 1) / 30);
        long e = h.row[i] < 30 ? 0 : h.row[i] < 80 ? 1 : h.row[i] < 100 ? 2 : 3;
        CHECK_INT(h.episode[i], e);
    }
    CHECK(memcmp(h.row, again.row, 30 * sizeof *h.row) == 0);
    CHECK(memcmp(h.row, other.row, 30 * sizeof *h.row) != 0);
    mdp_held_out_free(&h);
    mdp_held_out_free(&again);
    mdp_held_out_free(&other);
    CHECK_OK(mdp_held_out_read(path, training, &task, 1000, 5, &h));
    CHECK(h.n == N_ROWS && h.row[0] == 0 && h.row[N_ROWS - 1] == N_ROWS - 1);
    mdp_held_out_free(&h);
}

static void test_what_is_not_held_out(void) {
    const struct mdp_task task = task_of("walker2d-medium");
    const char *path = usual_data("h.hdf5", 1), *training = usual_data("t.hdf5", 0);
    struct mdp_held_out h;
    CHECK_FAILS(mdp_held_out_read(training, training, &task, 10, 0, &h), MDP_E_DATA, "expected held-out data, none of");
    CHECK_FAILS(
        mdp_held_out_read(write_data("part.hdf5", "walker2d-medium", usual, 2, 0, -1, 0), training, &task, 10, 0, &h),
        MDP_E_DATA, "part.hdf5: expected held-out data");
    CHECK_FAILS(mdp_held_out_read(write_data("one.hdf5", "walker2d-medium", usual, N_USUAL, 1, 93, 0), training, &task,
                                  10, 0, &h),
                MDP_E_DATA, "found row 93 there as row 7; 'mdpbench collect TASK --seed 1");
    CHECK(h.n == 0 && h.row == NULL);
    CHECK_OK(mdp_held_out_read(path, training, &task, 10, 0, &h));
    mdp_held_out_free(&h);
}

static void test_what_does_not_fit(void) {
    static const struct episode open[] = {{20, 'O'}};
    const struct mdp_task task = task_of("walker2d-medium"), cheetah = task_of("halfcheetah-medium");
    const char *path = usual_data("h.hdf5", 1), *training = usual_data("t.hdf5", 0);
    const char *expert = write_data("expert.hdf5", "walker2d-expert", usual, N_USUAL, 2, -1, 0);
    const char *unnamed = write_data("unnamed.hdf5", "", usual, N_USUAL, 3, -1, 0);
    struct mdp_held_out h;
    CHECK_FAILS(mdp_held_out_read(expert, training, &task, 10, 0, &h), MDP_E_DATA,
                "t.hdf5, found 'walker2d-expert' in ");
    CHECK_FAILS(mdp_held_out_read(path, expert, &task, 10, 0, &h), MDP_E_DATA,
                "task: expected 'walker2d-expert' as in ");
    CHECK_FAILS(mdp_held_out_read(unnamed, training, &cheetah, 10, 0, &h), MDP_E_DATA,
                "unnamed.hdf5: expected 26 observations and 6 actions");
    CHECK_FAILS(mdp_held_out_read(tap_temp_path("none.hdf5"), training, &task, 10, 0, &h), MDP_E_IO,
                "none.hdf5: expected held-out data, found no such file; 'mdpbench collect");
    CHECK_FAILS(mdp_held_out_read(path, tap_temp_path("none.hdf5"), &task, 10, 0, &h), MDP_E_IO,
                "none.hdf5: expected the data that the modules were trained on, found no such file; option --data");
    CHECK_FAILS(
        mdp_held_out_read(path, write_data("open.hdf5", "walker2d-medium", open, 1, 4, -1, 0), &task, 10, 0, &h),
        MDP_E_DATA, "open.hdf5: rewards: expected a terminal");
    CHECK_OK(mdp_held_out_read(unnamed, training, &task, 10, 0, &h));
    mdp_held_out_free(&h);
    /* what is trained on goes by the name it is given there */
    const char *more = write_data("more.hdf5", "walker2d-expert", usual, N_USUAL, 5, -1, 0);
    CHECK_OK(mdp_held_out_read(more, expert, &task, 10, 0, &h));
    mdp_held_out_free(&h);
}

/* returns of another world are other returns; who does not say where data are from may have them from anywhere */
static void test_another_world(void) {
    static const char *const worlds[] = {"robotics 3.24 00", "robotics 3.24 01", NULL};
    const struct mdp_task task = task_of("walker2d-medium");
    struct mdp_held_out h;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            char path[1024];
            physics = worlds[i];
            snprintf(path, sizeof path, "%s", usual_data("h.hdf5", 1));
            physics = worlds[k];
            mdp_err err = mdp_held_out_read(path, usual_data("t.hdf5", 0), &task, 10, 0, &h);
            CHECK_INT(err == MDP_OK, i == k || i == 2 || k == 2);
            if (err != MDP_OK) CHECK_FAILS(err, MDP_E_DATA, "physics: expected 'robotics 3.24 0");
            mdp_held_out_free(&h);
        }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_returns),           TAP_TEST(test_states),        TAP_TEST(test_what_is_not_held_out),
        TAP_TEST(test_what_does_not_fit), TAP_TEST(test_another_world),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
