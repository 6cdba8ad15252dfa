/* base/transitions: rows in a nameless file are the rows of arrays, and a disk that refuses them is an error */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fsx.h"
#include "base/scratch.h"
#include "base/transitions.h"
#include "tests/tap.h"

/* more rows than pass through memory at a time */
enum { N_ROWS = 2500, N_OBS = 3, N_ACT = 2 };

static struct mdp_transitions make_rows(long n) {
    struct mdp_transitions t;
    CHECK_OK(mdp_transitions_make(&t, n, N_OBS, N_ACT, 1, NULL));
    for (long i = 0; i < n; i++) {
        for (int j = 0; j < N_OBS; j++) {
            t.observations[i * N_OBS + j] = (float)(100 * i + j);
            t.next_observations[i * N_OBS + j] = (float)(100 * i + 10 + j);
        }
        for (int j = 0; j < N_ACT; j++) {
            t.actions[i * N_ACT + j] = (float)(100 * i + 20 + j);
            t.next_actions[i * N_ACT + j] = (float)(100 * i + 30 + j);
        }
        t.rewards[i] = (float)(100 * i + 40);
        t.terminals[i] = (float)(i % 2);
    }
    return t;
}

static void check_row(const struct mdp_transitions *t, long i, long want) {
    CHECK(t->observations[i * N_OBS + 2] == (float)(100 * want + 2));
    CHECK(t->next_observations[i * N_OBS] == (float)(100 * want + 10));
    CHECK(t->actions[i * N_ACT + 1] == (float)(100 * want + 21));
    CHECK(t->next_actions[i * N_ACT] == (float)(100 * want + 30));
    CHECK(t->rewards[i] == (float)(100 * want + 40));
    CHECK(t->terminals[i] == (float)(want % 2));
}

static int n_entries(const char *path) {
    DIR *dir = opendir(path);
    int n = -2;
    CHECK(dir != NULL);
    while (readdir(dir) != NULL) n++;
    closedir(dir);
    return n;
}

static void check_moves(const char *folder) {
    static const uint32_t index[] = {2499, 0, 1024, 1023, 7, 7};
    struct mdp_transitions rows = make_rows(N_ROWS), t, back;
    CHECK_OK(mdp_transitions_make(&t, 2 * N_ROWS, N_OBS, N_ACT, 1, folder));
    CHECK_OK(mdp_transitions_make(&back, N_ROWS, N_OBS, N_ACT, 1, NULL));
    CHECK_OK(mdp_transitions_put(&t, 0, N_ROWS, &rows));
    CHECK_OK(mdp_transitions_put(&t, N_ROWS, N_ROWS, &rows));
    CHECK_OK(mdp_transitions_get(&t, 1, N_ROWS, &back));
    for (long i = 0; i < N_ROWS; i++) check_row(&back, i, (i + 1) % N_ROWS);
    CHECK_OK(mdp_transitions_gather(&t, index, 6, &back));
    for (long i = 0; i < 6; i++) check_row(&back, i, index[i]);
    mdp_transitions_free(&rows);
    mdp_transitions_free(&t);
    mdp_transitions_free(&back);
}

static void test_arrays(void) { check_moves(NULL); }

static void test_file(void) {
    const char *folder = tap_temp_path("made/for/it");
    check_moves(folder);
    CHECK_INT(n_entries(folder), 0);
}

/* while it is open too: there is no moment at which a kill would leave it */
static void test_has_no_name(void) {
    struct mdp_transitions t, rows = make_rows(10);
    CHECK_OK(mdp_transitions_make(&t, 10, N_OBS, N_ACT, 1, tap_temp_dir()));
    CHECK_OK(mdp_transitions_put(&t, 0, 10, &rows));
    CHECK_INT(n_entries(tap_temp_dir()), 0);
    mdp_transitions_free(&t);
    mdp_transitions_free(&rows);
}

static void test_row_bytes(void) {
    CHECK_INT(mdp_transitions_row_bytes(26, 6, 0), 240);
    CHECK_INT(mdp_transitions_row_bytes(26, 6, 1), 264);
}

static void test_refusals(void) {
    struct mdp_transitions t, rows = make_rows(N_ROWS);
    struct rlimit limit = {50000, 50000};
    CHECK_OK(mdp_fsx_write(tap_temp_path("file"), "x", 1));
    CHECK_FAILS(mdp_transitions_make(&t, 1, 1, 1, 0, tap_temp_path("file")), MDP_E_IO, "expected a folder");
    CHECK_FAILS(mdp_transitions_make(&t, 1, 1, 1, 0, "/proc"), MDP_E_IO, "/proc: cannot create a scratch file: ");
    CHECK_FAILS(mdp_transitions_make(&t, 1, 0, 1, 0, NULL), MDP_E_INTERNAL, "bad shape");
    CHECK(t.file == NULL);
    CHECK_OK(mdp_transitions_make(&t, N_ROWS, N_OBS, N_ACT, 1, tap_temp_dir()));
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_FAILS(mdp_transitions_put(&t, 0, N_ROWS, &rows), MDP_E_IO, "scratch file that has 50000: File too large");
    CHECK_FAILS(mdp_transitions_get(&t, 0, N_ROWS, &rows), MDP_E_IO, "it ends before them");
    mdp_transitions_free(&t);
    mdp_transitions_free(&rows);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_arrays),    TAP_TEST(test_file),     TAP_TEST(test_has_no_name),
        TAP_TEST(test_row_bytes), TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
