/* base/memory: arrays that a limit does not leave room for are refused with both sizes before any of them is made */
#include "base/memory.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/transitions.h"
#include "tests/tap.h"

#define MB 1e6

static void test_free(void) {
    double found = mdp_memory_free();
    CHECK(found > 10 * MB && found < 1e15);
    CHECK_OK(mdp_memory_expect("arrays", 0));
    CHECK_OK(mdp_memory_expect("arrays", 1 * MB));
    CHECK_FAILS(mdp_memory_expect("arrays", 4e15), MDP_E_NOMEM,
                "arrays: expected 4000000000 MB of memory that can still be had, found ");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void test_address_space(void) { SKIP("a sanitizer takes more address space than any limit leaves"); }
static void test_data(void) { SKIP("a sanitizer takes more address space than any limit leaves"); }
static void test_transitions(void) { SKIP("a sanitizer takes more address space than any limit leaves"); }
#else
/* leaves 100 MB; `column` counts the numbers of /proc/self/statm from 0 */
static void limit(int resource, int column) {
    long pages[7];
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL);
    for (int i = 0; i < 7; i++) CHECK(fscanf(file, "%ld", &pages[i]) == 1);
    fclose(file);
    rlim_t bytes = (rlim_t)pages[column] * (rlim_t)sysconf(_SC_PAGESIZE) + (rlim_t)(100 * MB);
    CHECK(setrlimit(resource, &(struct rlimit){bytes, bytes}) == 0);
}

static void check_limit(int resource, int column) {
    limit(resource, column);
    double found = mdp_memory_free();
    CHECK(found > 90 * MB && found <= 100 * MB);
    CHECK_OK(mdp_memory_expect("arrays", 80 * MB));
    CHECK_FAILS(mdp_memory_expect("arrays", 200 * MB), MDP_E_NOMEM,
                "arrays: expected 200 MB of memory that can still be had, found ");
}

static void test_address_space(void) { check_limit(RLIMIT_AS, 0); }
static void test_data(void) { check_limit(RLIMIT_DATA, 5); }

/* six arrays of which each would fit */
static void test_transitions(void) {
    struct mdp_transitions t;
    limit(RLIMIT_DATA, 5);
    CHECK_FAILS(mdp_transitions_make(&t, 1000000, 20, 10, 1, NULL), MDP_E_NOMEM,
                "transitions: expected 248 MB of memory that can still be had, found ");
    CHECK(t.observations == NULL);
    CHECK_OK(mdp_transitions_make(&t, 100000, 20, 10, 1, NULL));
    mdp_transitions_free(&t);
}
#endif

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_free), TAP_TEST(test_address_space), TAP_TEST(test_data),
                                            TAP_TEST(test_transitions)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
