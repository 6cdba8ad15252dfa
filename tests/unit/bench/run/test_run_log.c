/* the log of a long run: rows beyond the state it resumes from go, numbers that are none stay empty */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/run/run_log.h"
#include "tests/tap.h"

static const char header[] = "step,loss,q\n";

static const char *log_path(void) {
    static char path[MDP_PATH_MAX];
    snprintf(path, sizeof path, "%s/log.csv", tap_temp_dir());
    return path;
}

static void check_log(const char *want) {
    char *text;
    size_t size;
    CHECK_OK(mdp_fsx_read(log_path(), 1 << 20, &text, &size));
    CHECK_STR(text, want);
    CHECK_INT(size, strlen(want));
    free(text);
}

static void write_log(const char *text) { CHECK_OK(mdp_fsx_write(log_path(), text, strlen(text))); }

static void test_rows(void) {
    CHECK_OK(mdp_run_log_open(log_path(), header, 0, NULL));
    check_log("step,loss,q\n");
    CHECK_OK(mdp_run_log_append(log_path(), 100, (const double[]){0.5, -1234567}, 2));
    CHECK_OK(mdp_run_log_append(log_path(), 2000000, (const double[]){1e-9, 0}, 2));
    check_log("step,loss,q\n100,0.5,-1.23457e+06\n2000000,1e-09,0\n");
    CHECK_OK(mdp_run_log_append(log_path(), 2000001, NULL, 0));
    check_log("step,loss,q\n100,0.5,-1.23457e+06\n2000000,1e-09,0\n2000001\n");
}

static void test_what_is_no_number_stays_empty(void) {
    const double values[] = {NAN, 1.5, INFINITY, -INFINITY};
    CHECK_OK(mdp_run_log_open(log_path(), header, 0, NULL));
    CHECK_OK(mdp_run_log_append(log_path(), 7, values, 4));
    check_log("step,loss,q\n7,,1.5,,\n");
}

static void test_resume_drops_later_rows(void) {
    static const char rows[] = "step,loss,q\n100,1,1\n200,2,2\n300,3,3\n";
    static const struct {
        long step;
        const char *want;
    } cases[] = {{1000, "step,loss,q\n100,1,1\n200,2,2\n300,3,3\n"},
                 {300, "step,loss,q\n100,1,1\n200,2,2\n300,3,3\n"},
                 {299, "step,loss,q\n100,1,1\n200,2,2\n"},
                 {200, "step,loss,q\n100,1,1\n200,2,2\n"},
                 {100, "step,loss,q\n100,1,1\n"},
                 {99, "step,loss,q\n"},
                 {0, "step,loss,q\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_log(rows);
        CHECK_OK(mdp_run_log_open(log_path(), header, cases[i].step, NULL));
        check_log(cases[i].want);
        /* what follows stands on a line of its own */
        CHECK_OK(mdp_run_log_append(log_path(), 400, (const double[]){4}, 1));
        char want[200];
        snprintf(want, sizeof want, "%s400,4\n", cases[i].want);
        check_log(want);
    }
}

/* a row that a crash cut short goes, even if its step would stay */
static void test_cut_row_goes(void) {
    write_log("step,loss,q\n100,1,1\n200,2");
    CHECK_OK(mdp_run_log_open(log_path(), header, 500, NULL));
    check_log("step,loss,q\n100,1,1\n");
    write_log("step,lo");
    CHECK_OK(mdp_run_log_open(log_path(), header, 500, NULL));
    check_log("step,loss,q\n");
    write_log("");
    CHECK_OK(mdp_run_log_open(log_path(), header, 500, NULL));
    check_log("step,loss,q\n");
}

/* rows that stand twice or behind later ones go */
static void test_rows_ascend(void) {
    write_log("step,loss,q\n100,1,1\n100,1,1\n200,2,2\n100,1,1\n200,2,2\n300,3,3\n");
    CHECK_OK(mdp_run_log_open(log_path(), header, 500, NULL));
    check_log("step,loss,q\n100,1,1\n200,2,2\n300,3,3\n");
}

/* what a state has saved counts, not the file; only where that has other columns does the file */
static void test_saved_text(void) {
    static const char saved[] = "step,loss,q\n100,1,1\n200,2,2\n300,3,3\n";
    static const char *const damaged[] = {"",
                                          "step,loss,q\n",
                                          "step,loss,q\n200,2,2\n",
                                          "step,loss,q\n100,1,1\n200,2",
                                          "step,loss,q\n100,9,9\n100,1,1\n200,2,2\n200,2,2\n300,3,3\n400,4,4\n",
                                          "x\n"};
    CHECK_OK(mdp_run_log_open(log_path(), header, 200, saved));
    check_log("step,loss,q\n100,1,1\n200,2,2\n");
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        write_log(damaged[i]);
        CHECK_OK(mdp_run_log_open(log_path(), header, 300, saved));
        check_log(saved);
    }
    CHECK_OK(mdp_run_log_open(log_path(), header, 300, "step,loss\n100,1\n"));
    check_log(saved);
}

static void test_steps(void) {
    struct mdp_steps steps;
    CHECK_OK(mdp_run_log_steps(log_path(), &steps));
    CHECK_INT(steps.n, 0);
    write_log("step,loss,q\n100,1,1\n2000000,2,2\n");
    CHECK_OK(mdp_run_log_steps(log_path(), &steps));
    CHECK_INT(steps.n, 2);
    CHECK_INT(steps.steps[0], 100);
    CHECK_INT(steps.steps[1], 2000000);
    free(steps.steps);
    write_log("step,loss,q\n");
    CHECK_OK(mdp_run_log_steps(log_path(), &steps));
    CHECK_INT(steps.n, 0);
    free(steps.steps);
}

static void test_refusals(void) {
    char path[MDP_PATH_MAX];
    write_log("step,loss\n100,1\n");
    CHECK_FAILS(mdp_run_log_open(log_path(), header, 100, NULL), MDP_E_DATA,
                "log.csv: expected the columns step,loss,q, found step,loss; delete it");
    snprintf(path, sizeof path, "%s/absent/log.csv", tap_temp_dir());
    CHECK_FAILS(mdp_run_log_open(path, header, 0, NULL), MDP_E_IO, "absent/log.csv");
    CHECK_FAILS(mdp_run_log_append(path, 1, NULL, 0), MDP_E_IO, "cannot open to append: No such file");
    CHECK_FAILS(mdp_run_log_append(tap_temp_dir(), 1, NULL, 0), MDP_E_IO, "cannot open to append: Is a directory");
    CHECK_FAILS(mdp_run_log_append("/dev/full", 1, (const double[]){1}, 1), MDP_E_IO, "/dev/full: cannot append");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_rows),
        TAP_TEST(test_what_is_no_number_stays_empty),
        TAP_TEST(test_resume_drops_later_rows),
        TAP_TEST(test_cut_row_goes),
        TAP_TEST(test_rows_ascend),
        TAP_TEST(test_saved_text),
        TAP_TEST(test_steps),
        TAP_TEST(test_refusals),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
