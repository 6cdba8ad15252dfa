/* claims: one writer at a time, and none for ever. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/host.h"
#include "base/stop.h"
#include "tests/tap.h"

/* another process that claims a path, tells so, and waits to be ended */
static pid_t hold(const char *path) {
    int ends[2];
    char told = 0;
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct mdp_claim *claim;
        mdp_claim_as("train");
        told = mdp_claim_take(path, &claim) == MDP_OK ? 'y' : 'n';
        (void)!write(ends[1], &told, 1);
        for (;;) pause();
    }
    CHECK(read(ends[0], &told, 1) == 1 && told == 'y');
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    CHECK(waitpid(child, NULL, 0) == child);
}

/* a claim of a machine, whose heartbeat is so old; "" boot: of this machine's start */
static void write_claim_of(const char *path, const char *host, unsigned long long machine, const char *boot,
                           long process, unsigned long space, long age) {
    char text[512];
    struct timeval times[2] = {{time(NULL) - age, 0}, {time(NULL) - age, 0}};
    snprintf(text, sizeof text,
             "mdpbench claim\nverb train\nhost %s\nmachine %llu\nprocess %ld\nstarted 0\nspace %lu\nboot %s\ndevice 1\n"
             "since 2026-01-02 03:04:05 UTC\n",
             host, machine, process, space, boot[0] != 0 ? boot : mdp_host_boot());
    CHECK_OK(mdp_fsx_write(path, text, strlen(text)));
    CHECK(utimes(path, times) == 0);
}

static void write_claim(const char *path, const char *boot, long process, unsigned long space, long age) {
    write_claim_of(path, "elsewhere", 1, boot, process, space, age);
}

static void test_claim_and_free(void) {
    struct mdp_claim *claim;
    CHECK_OK(mdp_claim_take(tap_temp_path("a.h5"), &claim));
    CHECK(mdp_fsx_exists(tap_temp_path(".a.h5.claim")));
    CHECK_OK(mdp_claims_check());
    mdp_claim_free(claim);
    CHECK(!mdp_fsx_exists(tap_temp_path(".a.h5.claim")));
    CHECK_OK(mdp_claim_take(tap_temp_dir(), &claim));
    CHECK(mdp_fsx_exists(tap_temp_path(".claim")));
    mdp_claim_free(claim);
    mdp_claim_free(NULL);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("none/a"), &claim), MDP_E_IO, "none/a: cannot be claimed: ");
    CHECK(claim == NULL);
}

/* names as long as a file system takes them */
static void test_long_name(void) {
    struct mdp_claim *claim;
    char name[256];
    memset(name, 'n', 255);
    name[255] = 0;
    CHECK_OK(mdp_claim_take(tap_temp_path(name), &claim));
    mdp_claim_free(claim);
}

static void test_one_holder(void) {
    struct mdp_claim *claim;
    char want[64], message[1024];
    pid_t child = hold(tap_temp_path("a"));
    snprintf(want, sizeof want, "process %ld on ", (long)child);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "a: is being written by mdpbench train");
    snprintf(message, sizeof message, "%s", mdp_err_message());
    CHECK(strstr(message, want) != NULL && strstr(message, " UTC; its heartbeat is ") != NULL);
    CHECK_INT(mdp_err_exit_status(MDP_E_BUSY), 5);
    CHECK_OK(mdp_claim_take(tap_temp_path("b"), &claim));
    mdp_claim_free(claim);
    end(child);
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
}

/* the same process twice, and one that is stopped: whatever its heartbeat, the lock tells */
static void test_a_lock_is_never_stale(void) {
    struct mdp_claim *claim, *second;
    const struct timeval old[2] = {{1000000000, 0}, {1000000000, 0}};
    CHECK_OK(mdp_claim_take(tap_temp_path("mine"), &claim));
    CHECK_FAILS(mdp_claim_take(tap_temp_path("mine"), &second), MDP_E_BUSY, "mine: is being written");
    mdp_claim_free(claim);
    pid_t child = hold(tap_temp_path("a"));
    kill(child, SIGSTOP);
    CHECK(utimes(tap_temp_path(".a.claim"), old) == 0);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "a: is being written");
    end(child);
}

/* where locks cannot be seen: another machine, and a process of this one that lives or does not */
static void test_claims_of_others(void) {
    struct mdp_claim *claim;
    const char *path = tap_temp_path(".a.claim");
    write_claim(path, "another-start", 1, 1, 10);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY,
                "process 1 on elsewhere, since 2026-01-02 03:04:05 UTC; its heartbeat is 1");
    write_claim(path, "another-start", 1, 1, MDP_CLAIM_STALE_SECONDS + 1);
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
    write_claim(path, "another-start", 1, 1, -MDP_CLAIM_STALE_SECONDS - 10);
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
    write_claim(path, "", getppid(), mdp_host_process_space(), 10000);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "a: is being written");
    write_claim(path, "", 0x7fffffff, mdp_host_process_space(), 0);
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
    write_claim(path, "", 1, 1, 10);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "process 1 of another container");
}

/* a machine that was started anew has none of its former processes; one that shares its name or its number alone, as
 * machines made from one image, may be another */
static void test_former_start(void) {
    struct mdp_claim *claim;
    const char *path = tap_temp_path(".a.claim");
    char host[MDP_HOST_TEXT_MAX];
    mdp_host_name(host);
    unsigned long long machine = mdp_host_machine();
    write_claim_of(path, host, machine ^ 1, "another-start", 1, 1, 10);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "its heartbeat is 10 s old");
    write_claim_of(path, host, 0, "another-start", 1, 1, 10);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "its heartbeat is 10 s old");
    if (machine == 0) SKIP("this machine has no /etc/machine-id");
    CHECK_INT(machine == mdp_host_machine(), 1);
    write_claim_of(path, "elsewhere", machine, "another-start", 1, 1, 10);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_BUSY, "its heartbeat is 10 s old");
    write_claim_of(path, host, machine, "another-start", 1, 1, 10);
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
}

static void test_what_is_no_claim_stays(void) {
    struct mdp_claim *claim;
    CHECK_OK(mdp_fsx_write(tap_temp_path(".a.claim"), "my notes", 8));
    CHECK_FAILS(mdp_claim_take(tap_temp_path("a"), &claim), MDP_E_IO,
                ".a.claim: expected a claim of mdpbench or none, found something else");
    CHECK(symlink("nowhere", tap_temp_path(".b.claim")) == 0);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("b"), &claim), MDP_E_IO, "found a link");
    CHECK(mkdir(tap_temp_path(".c.claim"), 0777) == 0);
    CHECK_FAILS(mdp_claim_take(tap_temp_path("c"), &claim), MDP_E_IO, ".c.claim");
}

/* one that was stopped for long finds another in its place: nothing of it gets a name any more */
static void test_a_claim_that_was_taken(void) {
    struct mdp_claim *claim;
    int is_full, is_taken;
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "mine", 4));
    write_claim(tap_temp_path("theirs"), "another-start", 7, 1, 0);
    CHECK(rename(tap_temp_path("theirs"), tap_temp_path(".a.claim")) == 0);
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("a"), "x", 1), MDP_E_BUSY,
                "a: was taken by mdpbench train, process 7 on elsewhere");
    CHECK_FAILS(mdp_fsx_write_new(tap_temp_path("b"), "x", 1, &is_taken), MDP_E_BUSY, "was taken by");
    CHECK_FAILS(mdp_fsx_append(tap_temp_path("a"), "x", 1, 100, &is_full), MDP_E_BUSY, "was taken by");
    CHECK_FAILS(mdp_stop_requested(), MDP_E_BUSY, "was taken by");
    CHECK(!mdp_fsx_exists(tap_temp_path("b")));
    /* theirs is not given back */
    mdp_claim_free(claim);
    CHECK(mdp_fsx_exists(tap_temp_path(".a.claim")));
    CHECK_OK(mdp_stop_requested());
    CHECK_OK(mdp_claim_take(tap_temp_path("c"), &claim));
    CHECK(unlink(tap_temp_path(".c.claim")) == 0);
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("c"), "x", 1), MDP_E_BUSY, "it was removed");
    mdp_claim_free(claim);
}

/* many at once: no two hold it together, and each gets it who waits */
static void test_many_at_once(void) {
    enum { N = 8, N_EACH = 5 };
    int status, n_failed = 0;
    for (int i = 0; i < N; i++)
        if (fork() == 0) {
            struct mdp_claim *claim;
            mdp_err err = MDP_OK;
            for (int k = 0; k < N_EACH && err == MDP_OK; k++) {
                err = mdp_claim_wait(tap_temp_path("a"), &claim);
                /* a folder of one name can be made once */
                if (err == MDP_OK && (mkdir(tap_temp_path("alone"), 0777) != 0 || rmdir(tap_temp_path("alone")) != 0))
                    err = MDP_E_INTERNAL;
                mdp_claim_free(claim);
            }
            _exit(err != MDP_OK);
        }
    while (wait(&status) > 0) n_failed += status != 0;
    CHECK_INT(n_failed, 0);
}

/* a child that its holder leaves behind, as the one that looks at files does for a moment, holds nothing */
static void test_a_fork_holds_nothing(void) {
    struct mdp_claim *claim;
    int ends[2];
    char told;
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (mdp_claim_take(tap_temp_path("a"), &claim) != MDP_OK) _exit(1);
        if (fork() != 0) raise(SIGKILL);
        mdp_claim_free(claim);
        (void)!write(ends[1], "y", 1);
        for (;;) pause();
    }
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(read(ends[0], &told, 1) == 1);
    CHECK(mdp_fsx_exists(tap_temp_path(".a.claim")));
    CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
    mdp_claim_free(claim);
    /* the child is of this test's group */
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
}

/* as often as processes are killed while they claim, the next gets it at once */
static void test_killed_while_claiming(void) {
    struct mdp_claim *claim;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                if (mdp_claim_take(tap_temp_path("a"), &claim) == MDP_OK) mdp_claim_free(claim);
        nanosleep(&(struct timespec){0, 1000000 + 100000 * i}, NULL);
        end(child);
        CHECK_OK(mdp_claim_take(tap_temp_path("a"), &claim));
        mdp_claim_free(claim);
    }
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(rmdir(tap_temp_dir()), 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_claim_and_free),
                                            TAP_TEST(test_long_name),
                                            TAP_TEST(test_one_holder),
                                            TAP_TEST(test_a_lock_is_never_stale),
                                            TAP_TEST(test_claims_of_others),
                                            TAP_TEST(test_former_start),
                                            TAP_TEST(test_what_is_no_claim_stays),
                                            TAP_TEST(test_a_claim_that_was_taken),
                                            TAP_TEST(test_many_at_once),
                                            TAP_TEST(test_a_fork_holds_nothing),
                                            TAP_TEST(test_killed_while_claiming)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
