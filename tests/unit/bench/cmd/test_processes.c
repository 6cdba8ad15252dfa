/* bench/cmd: verbs that read episodes files of ours do so in their own process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/cmd/verb.h"
#include "results/episodes.h"
#include "tests/unit/bench/experiment/synthetic.h"

enum { N = 20 };

static void write_episodes(const char *path, long step) {
    struct mdp_task task;
    struct mdp_episodes rows;
    CHECK_OK(mdp_task_parse("walker2d-medium", &task));
    struct mdp_episodes_info info = synthetic_world(&task);
    info.step = step;
    info.candidates = 1;
    CHECK_OK(mdp_episodes_alloc(&rows, N));
    for (int i = 0; i < N; i++) {
        rows.returns[i] = (double)(step + i);
        rows.lengths[i] = 1000;
        rows.ends[i] = MDP_END_TIME_LIMIT;
        rows.indices[i] = i;
    }
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
}

/* runs a verb with standard output into a file */
static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), fd = open("output", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(kept >= 0 && fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
    close(fd);
    mdp_err err = verb->run(verb, argc, argv);
    fflush(stdout);
    CHECK(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
    close(kept);
    return err;
}

/* the child that looks at files before libhdf5 does would still be there */
static int has_child(void) {
    pid_t child = waitpid(-1, NULL, WNOHANG);
    CHECK(child == 0 || (child == -1 && errno == ECHILD));
    return child == 0;
}

static void test_one_process(void) {
    char *table[] = {"table", "run", "--out", "table.csv", NULL},
         *figure[] = {"figure", "run", "--out", "figure", NULL};
    char *compare[] = {"compare", "run/step000100.episodes.h5", "run/step000200.episodes.h5", NULL};
    char *inspect[] = {"inspect", "run/step000100.episodes.h5", NULL};
    CHECK(chdir(tap_temp_dir()) == 0);
    write_episodes("run/step000100.episodes.h5", 100);
    write_episodes("run/step000200.episodes.h5", 200);
    CHECK_OK(run(&mdp_verb_table, 4, table));
    CHECK(!has_child());
    CHECK_OK(run(&mdp_verb_figure, 4, figure));
    CHECK(!has_child());
    CHECK_OK(run(&mdp_verb_compare, 3, compare));
    CHECK(!has_child());
    /* what shows any kind of file asks libhdf5 which one it is */
    CHECK_OK(run(&mdp_verb_inspect, 2, inspect));
    CHECK(has_child());
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_one_process)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
