/* base/memstream: what was written is there, or the failure is said and nothing is. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memstream.h"
#include "tests/tap.h"

static void test_text(void) {
    struct mdp_memstream memory;
    CHECK_OK(mdp_memstream_open(&memory, "a list"));
    for (int i = 0; i < 10000; i++) fprintf(memory.stream, "%04d\n", i);
    CHECK_OK(mdp_memstream_close(&memory, MDP_OK));
    CHECK_INT(memory.size, 50000);
    CHECK_INT(strlen(memory.text), 50000);
    CHECK(memcmp(memory.text, "0000\n0001\n", 10) == 0);
    CHECK_STR(memory.text + 49995, "9999\n");
    free(memory.text);
    CHECK_OK(mdp_memstream_open(&memory, "nothing"));
    CHECK_OK(mdp_memstream_close(&memory, MDP_OK));
    CHECK_STR(memory.text, "");
    free(memory.text);
}

/* the writer's own failure goes through, and its text is gone; a stream that never opened closes as well */
static void test_failed_writer(void) {
    struct mdp_memstream memory;
    CHECK_OK(mdp_memstream_open(&memory, "a list"));
    fputs("half", memory.stream);
    CHECK_FAILS(mdp_memstream_close(&memory, mdp_fail(MDP_E_DATA, "x: expected 1, found 2")), MDP_E_DATA,
                "x: expected 1, found 2");
    CHECK(memory.text == NULL && memory.stream == NULL);
    CHECK_FAILS(mdp_memstream_close(&memory, MDP_E_DATA), MDP_E_DATA, "x: expected 1");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void test_no_memory(void) { SKIP("a sanitizer takes more address space than any limit leaves"); }
#else
static void test_no_memory(void) {
    static const char block[1 << 16];
    struct mdp_memstream memory;
    CHECK(setrlimit(RLIMIT_AS, &(struct rlimit){100 << 20, 100 << 20}) == 0);
    CHECK_OK(mdp_memstream_open(&memory, "a long list"));
    for (int i = 0; i < 4096; i++) fwrite(block, 1, sizeof block, memory.stream);
    CHECK_FAILS(mdp_memstream_close(&memory, MDP_OK), MDP_E_NOMEM, "a long list: no memory for its text");
    CHECK(memory.text == NULL);
    /* lost is lost, whatever still found room behind it */
    CHECK_OK(mdp_memstream_open(&memory, "a long list"));
    for (int i = 0; i < 4096; i++) fwrite(block, 1, sizeof block, memory.stream);
    fputs("end", memory.stream);
    CHECK_FAILS(mdp_memstream_close(&memory, MDP_OK), MDP_E_NOMEM, "a long list: no memory for its text");
}
#endif

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_text), TAP_TEST(test_failed_writer),
                                            TAP_TEST(test_no_memory)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
