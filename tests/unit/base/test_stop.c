/* base/stop: the first signal is a wish, the second ends the process at once, whichever two they are. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"
#include "tests/tap.h"

/* how a process ends that is sent these signals, 0 for none: by which signal, or 0 */
static int ends_by(int first, int second) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        mdp_stop_install();
        if (mdp_stop_requested() != MDP_OK) _exit(1);
        raise(first);
        if (mdp_stop_requested() != MDP_E_INTERRUPTED) _exit(2);
        if (second != 0) raise(second);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_first(void) {
    CHECK_INT(ends_by(SIGINT, 0), 0);
    CHECK_INT(ends_by(SIGTERM, 0), 0);
}

static void test_second(void) {
    CHECK_INT(ends_by(SIGINT, SIGINT), SIGINT);
    CHECK_INT(ends_by(SIGTERM, SIGTERM), SIGTERM);
    CHECK_INT(ends_by(SIGINT, SIGTERM), SIGTERM);
    CHECK_INT(ends_by(SIGTERM, SIGINT), SIGINT);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_first), TAP_TEST(test_second)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
