/* minibatches: each row at most once an epoch, another order each epoch, resumable from the step number */
#include <string.h>

#include "algos/batches.h"
#include "tests/tap.h"

enum { N_ROWS = 1030, BATCH = 256, PER_EPOCH = 4 };

static struct mdp_transitions make_data(long n) {
    struct mdp_transitions data;
    CHECK_OK(mdp_transitions_alloc(&data, n, 3, 2));
    for (long i = 0; i < n; i++) {
        for (int j = 0; j < 3; j++) {
            data.observations[i * 3 + j] = (float)(10 * i + j);
            data.next_observations[i * 3 + j] = (float)(10 * i + 5 + j);
        }
        data.actions[i * 2] = data.actions[i * 2 + 1] = (float)i;
        data.rewards[i] = (float)(2 * i);
        data.terminals[i] = (float)(i % 2);
    }
    return data;
}

static void test_each_row_at_most_once_an_epoch(void) {
    struct mdp_transitions data = make_data(N_ROWS);
    struct mdp_batches *batches = NULL;
    CHECK_OK(mdp_batches_new(&data, 1, BATCH, &batches));
    for (long epoch = 0; epoch < 3; epoch++) {
        unsigned char seen[N_ROWS] = {0};
        for (long k = 0; k < PER_EPOCH; k++) {
            const uint32_t *rows = mdp_batches_indices(batches, epoch * PER_EPOCH + k);
            for (int i = 0; i < BATCH; i++) {
                CHECK(rows[i] < N_ROWS);
                CHECK(!seen[rows[i]]);
                seen[rows[i]] = 1;
            }
        }
    }
    mdp_batches_free(batches);
    mdp_transitions_free(&data);
}

/* with no remainder every row comes exactly once */
static void test_each_row_exactly_once(void) {
    struct mdp_transitions data = make_data(4 * 25);
    struct mdp_batches *batches = NULL;
    int counts[100] = {0};
    CHECK_OK(mdp_batches_new(&data, 1, 25, &batches));
    for (long k = 0; k < 4; k++)
        for (int i = 0; i < 25; i++) counts[mdp_batches_indices(batches, k)[i]]++;
    for (int i = 0; i < 100; i++) CHECK_INT(counts[i], 1);
    mdp_batches_free(batches);
    mdp_transitions_free(&data);
}

static void test_epochs_and_seeds_differ(void) {
    struct mdp_transitions data = make_data(N_ROWS);
    struct mdp_batches *batches = NULL, *other = NULL;
    uint32_t first[BATCH];
    CHECK_OK(mdp_batches_new(&data, 1, BATCH, &batches));
    CHECK_OK(mdp_batches_new(&data, 2, BATCH, &other));
    memcpy(first, mdp_batches_indices(batches, 0), sizeof first);
    CHECK(memcmp(first, mdp_batches_indices(batches, PER_EPOCH), sizeof first) != 0);
    CHECK(memcmp(first, mdp_batches_indices(other, 0), sizeof first) != 0);
    mdp_batches_free(batches);
    mdp_batches_free(other);
    mdp_transitions_free(&data);
}

static void test_resumes_from_the_step_number(void) {
    struct mdp_transitions data = make_data(N_ROWS);
    struct mdp_batches *walked = NULL, *jumped = NULL;
    CHECK_OK(mdp_batches_new(&data, 1, BATCH, &walked));
    CHECK_OK(mdp_batches_new(&data, 1, BATCH, &jumped));
    for (long n = 0; n < 11; n++) mdp_batches_indices(walked, n);
    CHECK(memcmp(mdp_batches_indices(walked, 11), mdp_batches_indices(jumped, 11), BATCH * sizeof(uint32_t)) == 0);
    mdp_batches_free(walked);
    mdp_batches_free(jumped);
    mdp_transitions_free(&data);
}

static void test_rows_are_gathered_whole(void) {
    struct mdp_transitions data = make_data(N_ROWS);
    struct mdp_batches *batches = NULL;
    CHECK_OK(mdp_batches_new(&data, 1, BATCH, &batches));
    struct mdp_batch batch;
    CHECK_OK(mdp_batches_load(batches, 6, &batch));
    const uint32_t *rows = mdp_batches_indices(batches, 6);
    CHECK_INT(batch.n, BATCH);
    for (int i = 0; i < BATCH; i++) {
        CHECK_CLOSE(batch.obs[i * 3 + 1], 10.0 * rows[i] + 1, 0);
        CHECK_CLOSE(batch.next_obs[i * 3 + 2], 10.0 * rows[i] + 7, 0);
        CHECK_CLOSE(batch.act[i * 2 + 1], rows[i], 0);
        CHECK_CLOSE(batch.rew[i], 2.0 * rows[i], 0);
        CHECK_CLOSE(batch.tml[i], rows[i] % 2, 0);
    }
    mdp_batches_free(batches);
    mdp_transitions_free(&data);
}

static void test_too_few_rows(void) {
    struct mdp_transitions data = make_data(100);
    struct mdp_batches *batches = NULL;
    CHECK_FAILS(mdp_batches_new(&data, 1, 101, &batches), MDP_E_DATA, "at least 101 rows, found 100");
    CHECK_FAILS(mdp_batches_new(&data, 1, 0, &batches), MDP_E_USAGE, "batch size");
    CHECK(batches == NULL);
    mdp_transitions_free(&data);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_each_row_at_most_once_an_epoch), TAP_TEST(test_each_row_exactly_once),
        TAP_TEST(test_epochs_and_seeds_differ),        TAP_TEST(test_resumes_from_the_step_number),
        TAP_TEST(test_rows_are_gathered_whole),        TAP_TEST(test_too_few_rows),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
