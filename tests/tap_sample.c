#define _DEFAULT_SOURCE
/* a test program with every kind of outcome; tests/cli/tap.sh compares what the harness says about it. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fsx.h"
#include "tests/tap.h"

static void passes(void) {
    CHECK(1 + 1 == 2);
    CHECK_CLOSE(1.0 + 1e-12, 1.0, 1e-9);
    CHECK_CLOSE(INFINITY, INFINITY, 0);
    CHECK_STR("same", "same");
    CHECK_INT(7, 7);
    CHECK_OK(MDP_OK);
    CHECK_FAILS(mdp_fail(MDP_E_DATA, "file: object: expected 1, found 2"), MDP_E_DATA, "found 2");
}

static void prints_a_lot(void) {
    printf("ok 99 - not a result\n1..3\nBail out!\n");
    fprintf(stderr, "not ok 98 - nor this\n");
    for (int i = 0; i < 20000; i++) printf("line %d\n", i);
}

static void prints_tap(void) { fprintf(tap_output(), "not ok 1 - of no matter\n"); }

static void fails_and_prints_tap(void) {
    fprintf(tap_output(), "not ok 2 - is why\n");
    CHECK(1 + 1 == 4);
}

static void fails_check(void) { CHECK(1 + 1 == 3); }
static void fails_close(void) { CHECK_CLOSE(1.5, 1.0, 0.25); }
static void fails_nan(void) { CHECK_CLOSE(NAN, NAN, INFINITY); }
static void fails_str(void) { CHECK_STR("found", "expected"); }
static void fails_null_str(void) { CHECK_STR(NULL, "expected"); }
static void fails_int(void) { CHECK_INT(3, 4); }
static void fails_ok(void) { CHECK_OK(mdp_fail(MDP_E_IO, "a.h5: cannot open")); }
static void fails_fails(void) { CHECK_FAILS(MDP_OK, MDP_E_IO, ""); }
static void fails_code(void) { CHECK_FAILS(mdp_fail(MDP_E_IO, "text"), MDP_E_DATA, "text"); }
static void fails_message(void) { CHECK_FAILS(mdp_fail(MDP_E_IO, "text"), MDP_E_IO, "another"); }
static void exits(void) { exit(3); }
static void aborts(void) { abort(); }
static void crashes(void) { raise(SIGSEGV); }

static void hangs(void) {
    for (;;) pause();
}

/* a process of its own that outlives the test and holds its output open */
static void leaves_a_process(void) {
    if (fork() == 0) hangs();
}

static void compute(double seconds) {
    clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
    while (clock() < end) continue;
}

/* for longer than it may, but never long without doing something */
static void dozes(void) {
    for (int i = 0; i < 5; i++) {
        usleep(150000);
        compute(0.02);
    }
}

/* two children that do not end */
static void computes(void) {
    for (int i = 0; i < 2; i++)
        if (fork() == 0) compute(1e6);
    hangs();
}

/* many processes that use little each, and whose parent does not wait for them */
static void computes_in_parts(void) {
    for (int ends[2]; pipe(ends) == 0; close(ends[0])) {
        char byte;
        if (fork() == 0) {
            if (fork() == 0) compute(0.02);
            _exit(0);
        }
        close(ends[1]);
        CHECK(wait(NULL) > 0 && read(ends[0], &byte, 1) == 0);
    }
}

static void hangs_closed(void) {
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    hangs();
}

static void skips(void) {
    SKIP("no # such\nfile");
    CHECK(0);
}

static void leave_files(void) {
    char path[MDP_PATH_MAX];
    CHECK(access(tap_temp_dir(), W_OK) == 0);
    CHECK_OK(mdp_fsx_path(path, "%s/a/b/c", tap_temp_dir()));
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_fsx_write(path, "x", 1));
    CHECK_OK(mdp_fsx_path(path, "%s/a", tap_temp_dir()));
    CHECK(chmod(path, 0500) == 0);
}

static void temp_passes(void) { leave_files(); }

static void temp_crashes(void) {
    leave_files();
    abort();
}

static void reference(void) {
    CHECK(tap_reference("no/such/file.h5") == NULL);
    CHECK(tap_reference("") != NULL);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(passes),
        TAP_TEST(prints_a_lot),
        TAP_TEST(prints_tap),
        TAP_TEST(fails_and_prints_tap),
        TAP_TEST(fails_check),
        TAP_TEST(fails_close),
        TAP_TEST(fails_nan),
        TAP_TEST(fails_str),
        TAP_TEST(fails_int),
        TAP_TEST(fails_null_str),
        TAP_TEST(fails_ok),
        TAP_TEST(fails_fails),
        TAP_TEST(fails_code),
        TAP_TEST(fails_message),
        TAP_TEST(exits),
        TAP_TEST(aborts),
        TAP_TEST(crashes),
        TAP_TEST(leaves_a_process),
        TAP_TEST_LIMIT(hangs, 0.3),
        TAP_TEST_LIMIT(hangs_closed, 0.3),
        TAP_TEST_LIMIT(dozes, 0.3),
        TAP_TEST_LIMIT(computes, 0.3),
        TAP_TEST_LIMIT(computes_in_parts, 0.3),
        TAP_TEST(skips),
        TAP_TEST(temp_passes),
        TAP_TEST(temp_crashes),
        TAP_TEST(reference),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
