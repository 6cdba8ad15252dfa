/* errors: codes, messages, threads, memory. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/tap.h"

static void test_codes(void) {
    CHECK_INT(mdp_err_exit_status(MDP_OK), 0);
    CHECK_INT(mdp_err_exit_status(MDP_E_FAILED), 1);
    CHECK_INT(mdp_err_exit_status(MDP_E_UNDECIDED), 2);
    CHECK_INT(mdp_err_exit_status(MDP_E_DATA), 3);
    CHECK_INT(mdp_err_exit_status(MDP_E_USAGE), 4);
    CHECK_INT(mdp_err_exit_status(MDP_E_IO), 5);
    CHECK_INT(mdp_err_exit_status(MDP_E_NOMEM), 5);
    CHECK_INT(mdp_err_exit_status(MDP_E_INTERRUPTED), 6);
    CHECK_INT(mdp_err_exit_status(MDP_E_INTERNAL), 70);
    CHECK_INT(mdp_err_exit_status((mdp_err)999), 70);
    CHECK_STR(mdp_err_text(MDP_E_DATA), "bad input data");
    CHECK_STR(mdp_err_text((mdp_err)999), "unknown error");
}

static void test_message(void) {
    CHECK_STR(mdp_err_message(), "");
    CHECK_INT(mdp_fail(MDP_E_DATA, "%s: %s: expected %d, found %d", "a.h5", "x", 3, 4), MDP_E_DATA);
    CHECK_STR(mdp_err_message(), "a.h5: x: expected 3, found 4");
    CHECK_INT(mdp_fail_context(MDP_E_DATA, "seed %d", 7), MDP_E_DATA);
    CHECK_STR(mdp_err_message(), "seed 7: a.h5: x: expected 3, found 4");
}

/* what is made of it on the way: a choice that a file names is bad data, but a lack of memory or a disk error stays one
 */
static void test_context_of_the_machine(void) {
    mdp_fail(MDP_E_USAGE, "x");
    CHECK_INT(mdp_fail_context(MDP_E_DATA, "a.h5"), MDP_E_DATA);
    mdp_fail(MDP_E_NOMEM, "denoiser: no memory");
    CHECK_INT(mdp_fail_context(MDP_E_DATA, "a.h5"), MDP_E_NOMEM);
    CHECK_INT(mdp_fail_context(MDP_E_USAGE, "option --file"), MDP_E_NOMEM);
    CHECK_STR(mdp_err_message(), "option --file: a.h5: denoiser: no memory");
    mdp_fail(MDP_E_IO, "x");
    CHECK_INT(mdp_fail_context(MDP_E_DATA, "a.h5"), MDP_E_IO);
}

/* longer than any buffer: cut, never overrun */
static void test_long_message(void) {
    char text[5000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    mdp_fail(MDP_E_IO, "%s", text);
    size_t n = strlen(mdp_err_message());
    CHECK(n > 1000 && n < sizeof text && strncmp(mdp_err_message(), text, n) == 0);
    mdp_fail_context(MDP_E_IO, "context");
    CHECK(strncmp(mdp_err_message(), "context: aaa", 12) == 0);
    mdp_fail_context(MDP_E_IO, "%s", text);
    CHECK(strlen(mdp_err_message()) < sizeof text);
}

static void *fail_elsewhere(void *unused) {
    mdp_fail(MDP_E_DATA, "of another thread");
    return unused;
}

static void test_message_is_of_this_thread(void) {
    pthread_t thread;
    mdp_fail(MDP_E_DATA, "of this thread");
    CHECK(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_STR(mdp_err_message(), "of this thread");
}

static void test_calloc(void) {
    unsigned char *bytes;
    CHECK_OK(mdp_calloc(&bytes, 3, 67, "bytes"));
    CHECK((uintptr_t)bytes % 64 == 0);
    for (int i = 0; i < 3 * 67; i++) CHECK(bytes[i] == 0);
    free(bytes);
    CHECK_OK(mdp_calloc(&bytes, 0, 8, "nothing"));
    CHECK(bytes != NULL);
    free(bytes);
    CHECK_FAILS(mdp_calloc(&bytes, ~0ul, 8, "rows"), MDP_E_NOMEM, "rows");
    CHECK(bytes == NULL);
}

static void test_calloc_beyond_memory(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    SKIP("a sanitizer ends a process that asks for so much");
#endif
    void *bytes;
    CHECK_FAILS(mdp_calloc(&bytes, 1ul << 60, 1, "rows"), MDP_E_NOMEM, "rows: no memory for");
    CHECK(bytes == NULL);
}

static mdp_err tries(mdp_err first, int *n_reached) {
    mdp_err err;
    MDP_TRY(first);
    ++*n_reached;
    MDP_TRY(MDP_OK);
    ++*n_reached;
out:
    return err;
}

static void test_try(void) {
    int n_reached = 0;
    CHECK_INT(tries(MDP_E_IO, &n_reached), MDP_E_IO);
    CHECK_INT(n_reached, 0);
    CHECK_OK(tries(MDP_OK, &n_reached));
    CHECK_INT(n_reached, 2);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_codes),
                                            TAP_TEST(test_message),
                                            TAP_TEST(test_context_of_the_machine),
                                            TAP_TEST(test_long_message),
                                            TAP_TEST(test_message_is_of_this_thread),
                                            TAP_TEST(test_calloc),
                                            TAP_TEST(test_calloc_beyond_memory),
                                            TAP_TEST(test_try)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
