/* temporary files: names that nobody else has, and a sweep that takes nobody else's file. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
#include "base/temp.h"
#include "tests/tap.h"

static int count_entries(void) {
    DIR *folder = opendir(tap_temp_dir());
    int n = 0;
    while (readdir(folder) != NULL) n++;
    closedir(folder);
    return n - 2;
}

/* a process makes a temporary file beside "a" and is killed */
static void leave_one(char path[MDP_PATH_MAX]) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct mdp_temp temp;
        if (mdp_temp_open(tap_temp_path("a"), &temp) != MDP_OK) _exit(1);
        (void)!write(ends[1], temp.path, sizeof temp.path);
        raise(SIGKILL);
    }
    CHECK(read(ends[0], path, MDP_PATH_MAX) == MDP_PATH_MAX);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(mdp_fsx_exists(path));
}

static void test_names_are_random(void) {
    struct mdp_temp a, b;
    CHECK_OK(mdp_temp_open(tap_temp_path("a"), &a));
    CHECK_OK(mdp_temp_open(tap_temp_path("a"), &b));
    CHECK(strcmp(a.path, b.path) != 0);
    CHECK(strncmp(a.path, tap_temp_path("a.tmp-"), strlen(tap_temp_path("a.tmp-"))) == 0);
    CHECK(strstr(a.path, "tmp-") != NULL && mdp_temp_is_ours(mdp_path_name(a.path)));
    mdp_temp_discard(&a);
    mdp_temp_discard(&b);
    mdp_temp_discard(&b);
    CHECK_INT(count_entries(), 0);
}

/* a file system takes 255 bytes */
static void test_long_name(void) {
    struct mdp_temp temp;
    char name[256], path[2 * MDP_PATH_MAX];
    memset(name, 'n', 255);
    name[255] = 0;
    CHECK_OK(mdp_fsx_write(tap_temp_path(name), "x", 1));
    CHECK_OK(mdp_temp_open(tap_temp_path(name), &temp));
    CHECK(mdp_temp_is_ours(mdp_path_name(temp.path)));
    mdp_temp_discard(&temp);
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = 0;
    CHECK_FAILS(mdp_temp_open(path, &temp), MDP_E_USAGE, "path longer than");
    CHECK_FAILS(mdp_temp_open(tap_temp_path("none/a"), &temp), MDP_E_IO, "none/a: cannot create: No such file");
}

static void test_sweep_takes_what_the_dead_left(void) {
    char path[MDP_PATH_MAX];
    leave_one(path);
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(count_entries(), 0);
    leave_one(path);
    mdp_temp_sweep_beside(tap_temp_path("another"));
    CHECK_INT(count_entries(), 0);
    mdp_temp_sweep(tap_temp_path("no-folder"));
}

/* also where the number of its process is that of nobody here, as in another container */
static void test_sweep_leaves_what_is_in_use(void) {
    struct mdp_temp temp;
    CHECK_OK(mdp_temp_open(tap_temp_path("a"), &temp));
    if (fork() == 0) {
        mdp_temp_close(&temp);
        mdp_temp_sweep(tap_temp_dir());
        _exit(0);
    }
    CHECK(wait(NULL) > 0);
    CHECK(mdp_fsx_exists(temp.path));
    mdp_temp_discard(&temp);
}

/* names that others may give, what an earlier version of this program gave, links and folders */
static void test_sweep_leaves_what_is_not_ours(void) {
    static const char *const names[] = {
        "notes.tmp99999",         "notes.tmp2147483647",   "a.tmp", "a.tmp-", "a.tmp-abcdefghijklmnop",
        "a.tmp-aaaaaaaaaaaaaaaa", ".tmp-abcdefghijklmnop", "tmp"};
    enum { N = sizeof names / sizeof names[0] };
    char ours[MDP_PATH_MAX], copy[MDP_PATH_MAX];
    for (int i = 0; i < N; i++) CHECK_OK(mdp_fsx_write(tap_temp_path(names[i]), "x", 1));
    leave_one(ours);
    /* the same letters behind another file's name */
    snprintf(copy, sizeof copy, "%s%s", tap_temp_path("b"), strstr(ours, ".tmp-"));
    CHECK_OK(mdp_fsx_write(copy, "x", 1));
    CHECK(unlink(ours) == 0 && symlink(names[0], ours) == 0);
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(count_entries(), N + 2);
    CHECK(unlink(ours) == 0 && mkdir(ours, 0777) == 0);
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(count_entries(), N + 2);
}

/* a file of another machine: its lock may not be seen here, but its clock is */
static void test_sweep_waits_for_other_machines(void) {
    struct mdp_temp temp;
    char boot[5], path[MDP_PATH_MAX];
    int found = 0;
    const struct timeval long_ago[2] = {{1000000000, 0}, {1000000000, 0}};
    CHECK_OK(mdp_temp_open(tap_temp_path("a"), &temp));
    char *end = strstr(temp.path, ".tmp-") + 5;
    memcpy(boot, end, 4);
    /* other letters of the start, and the check that belongs to them, found by trying */
    snprintf(path, sizeof path, "%s", temp.path);
    char *name = path + (end - temp.path);
    memcpy(name, memcmp(boot, "aaaa", 4) == 0 ? "bbbb" : "aaaa", 4);
    for (long k = 0; k < 1L << 20 && !found; k++) {
        for (int i = 0; i < 4; i++) name[12 + i] = "abcdefghijklmnopqrstuvwxyz234567"[k >> 5 * i & 31];
        found = mdp_temp_is_ours(mdp_path_name(path));
    }
    CHECK(found);
    mdp_temp_discard(&temp);
    CHECK_OK(mdp_fsx_write(path, "x", 1));
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(count_entries(), 1);
    CHECK(utimes(path, long_ago) == 0);
    mdp_temp_sweep(tap_temp_dir());
    CHECK_INT(count_entries(), 0);
}

/* many processes that make and sweep at once: nobody's file goes before it has its name */
static void test_sweeps_and_writers_at_once(void) {
    enum { N = 6, N_EACH = 40 };
    int status, n_failed = 0;
    char name[32];
    for (int i = 0; i < N; i++)
        if (fork() == 0) {
            mdp_err err = MDP_OK;
            for (int k = 0; k < N_EACH && err == MDP_OK; k++) {
                snprintf(name, sizeof name, "r%d.%d", i, k);
                mdp_temp_sweep(tap_temp_dir());
                err = mdp_fsx_write(tap_temp_path(name), "x", 1);
            }
            _exit(err != MDP_OK);
        }
    while (wait(&status) > 0) n_failed += status != 0;
    CHECK_INT(n_failed, 0);
    CHECK_INT(count_entries(), N * N_EACH);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_names_are_random),
                                            TAP_TEST(test_long_name),
                                            TAP_TEST(test_sweep_takes_what_the_dead_left),
                                            TAP_TEST(test_sweep_leaves_what_is_in_use),
                                            TAP_TEST(test_sweep_leaves_what_is_not_ours),
                                            TAP_TEST(test_sweep_waits_for_other_machines),
                                            TAP_TEST(test_sweeps_and_writers_at_once)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
