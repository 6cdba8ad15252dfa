/* the test harness: a process and a limit per test, TAP 13 on standard output, all else on standard error.
 *
 * the limit is of processor time, of the test and all that it starts: how busy the machine is does not matter. a test
 * that for as long neither computes nor waits for the processor or a device is over, too, and as a last resort one that
 * is still there after sixty times as long.
 *
 * a test is a function without arguments; the first check that fails reports file:line and ends it. a test that
 * crashes, hangs or exits by itself fails alone. `prog -l` lists the tests, `prog -t name` runs one of them.
 * MDPBENCH_TEST_TIME_SCALE multiplies the limits; MDPBENCH_REFERENCE names a larger set of reference files. */
#ifndef MDP_TESTS_TAP_H
#define MDP_TESTS_TAP_H

#include <stdio.h>

#include "base/err.h"

/* one test; `limit` in seconds of processor time, 0 for the default of 60 */
struct tap_test {
    const char *name;
    void (*run)(void);
    double limit;
};

#define TAP_TEST(function)                                                                                             \
    { #function, function, 0 }
#define TAP_TEST_LIMIT(function, seconds)                                                                              \
    { #function, function, seconds }

/** Runs the tests that the command line asks for and prints TAP. Returns the exit status: 0 if all passed. */
int tap_run(int argc, char **argv, const struct tap_test *tests, unsigned long n_tests);

/** Returns the path of a reference file: under $MDPBENCH_REFERENCE if it is there, else under tests/reference; NULL if
 * it is in neither, for which a test says SKIP. Owns: harness; the eight newest results stay valid. */
const char *tap_reference(const char *relative);

/** Returns this test's own empty folder, which is removed after the test whatever became of it. Owns: harness. */
const char *tap_temp_dir(void);

/** Returns the path of a file in tap_temp_dir(). Owns: harness; the eight newest results stay valid. */
const char *tap_temp_path(const char *name);

/** Returns where the tested code may print to, TAP of its own included; it is shown if the test fails. Owns:
 * harness. */
FILE *tap_output(void);

/** Ends the test as skipped. */
_Noreturn void tap_skip(const char *reason);

/** Ends the test as failed, with a message that names the place. */
_Noreturn void tap_failed(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Fails unless |got - want| <= tol or both are the same infinity; a NaN on any side fails. */
void tap_check_close(const char *file, int line, const char *text, double got, double want, double tol);

/** Fails unless both strings are equal; NULL equals NULL only. */
void tap_check_str(const char *file, int line, const char *text, const char *got, const char *want);

/** Fails unless both integers are equal. */
void tap_check_int(const char *file, int line, const char *text, long long got, long long want);

/** Fails, with the thread's message, unless the code is MDP_OK. */
void tap_check_ok(const char *file, int line, const char *text, mdp_err code);

/** Fails unless the code is the wanted one and the thread's message contains `part`. */
void tap_check_fails(const char *file, int line, const char *text, mdp_err code, mdp_err want, const char *part);

#define SKIP(reason) tap_skip(reason)
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) tap_failed(__FILE__, __LINE__, "%s", #condition);                                            \
    } while (0)
#define CHECK_CLOSE(got, want, tol) tap_check_close(__FILE__, __LINE__, #got, got, want, tol)
#define CHECK_STR(got, want) tap_check_str(__FILE__, __LINE__, #got, got, want)
#define CHECK_INT(got, want) tap_check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_OK(expression) tap_check_ok(__FILE__, __LINE__, #expression, expression)
#define CHECK_FAILS(expression, code, part) tap_check_fails(__FILE__, __LINE__, #expression, expression, code, part)

#endif
