/* progress: what fits a terminal's width, times as people say them, and a note below an open line. */
#define _GNU_SOURCE /* posix_openpt */
#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/tap.h"

static void test_durations(void) {
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0 s"},
                 {59.4, "59 s"},
                 {59.6, "1 min 00 s"},
                 {307, "5 min 07 s"},
                 {3599.4, "59 min 59 s"},
                 {3599.7, "1 h 00 min"},
                 {3720, "1 h 02 min"},
                 {7199, "2 h 00 min"},
                 {86369, "23 h 59 min"},
                 {86370, "1 d 00 h"},
                 {3.17 * 86400, "3 d 04 h"}};
    char text[MDP_DURATION_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(mdp_duration_text(cases[i].seconds, text), cases[i].text);
}

/* 500 of 50000 steps in 10 s: 50 a second, 990 s left */
static void test_fits(void) {
    static const char label[] = "runs/halfcheetah-medium/dql/joint/seed0/step000400.episodes.h5";
    const struct mdp_progress progress = {.what = label, .unit = "steps", .total = 50000};
    static const char tail[] = ": 500/50000 steps, 50.0/s, 16 min 30 s left";
    char line[MDP_PROGRESS_LINE_MAX], whole[256];
    snprintf(whole, sizeof whole, "%s%s, cloning loss 0.1", label, tail);
    mdp_progress_line(&progress, 500, 10, "cloning loss 0.1", 0, line);
    CHECK_STR(line, whole);
    mdp_progress_line(&progress, 500, 10, "cloning loss 0.1", (int)strlen(whole), line);
    CHECK_STR(line, whole);
    mdp_progress_line(&progress, 500, 10, "cloning loss 0.1", (int)strlen(whole) - 1, line);
    CHECK_INT(strlen(line), strlen(label) + strlen(tail));
    mdp_progress_line(&progress, 500, 10, "cloning loss 0.1", 79, line);
    CHECK_STR(line, "..joint/seed0/step000400.episodes.h5: 500/50000 steps, 50.0/s, 16 min 30 s left");
    for (int width = 1; width < 130; width++) {
        mdp_progress_line(&progress, 500, 10, "cloning loss 0.1", width, line);
        CHECK(mdp_text_width(line) <= width && line[0] != 0);
    }
    mdp_progress_line(&progress, 500, 10, "", 30, line);
    CHECK_STR(line, "500/50000 steps, 50.0/s, 16 mi");
}

/* characters count, not bytes, and none is cut */
static void test_characters(void) {
    const struct mdp_progress progress = {
        .what = "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac\xc3\x9f", .unit = "n", .total = 4};
    char line[MDP_PROGRESS_LINE_MAX];
    mdp_progress_line(&progress, 2, 2, NULL, 29, line);
    CHECK_STR(line, "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac\xc3\x9f: 2/4 n, 1.0/s, 2 s left");
    mdp_progress_line(&progress, 2, 2, NULL, 28, line);
    CHECK_STR(line, "..\xe2\x82\xac\xc3\x9f: 2/4 n, 1.0/s, 2 s left");
}

/* reads what has been written to a terminal, which may come in pieces, up to a text that ends it */
static void read_until(int master, const char *last, char text[1024]) {
    size_t n = 0, n_last = strlen(last);
    while (n < n_last || memcmp(text + n - n_last, last, n_last) != 0) {
        ssize_t more = read(master, text + n, 1023 - n);
        CHECK(more > 0);
        n += (size_t)more;
    }
    text[n] = 0;
}

/* what a terminal that is `width` wide shows when a line is due */
static void show_due(struct mdp_progress *progress, int master, unsigned short width, char text[1024]) {
    const struct winsize window = {.ws_row = 24, .ws_col = width};
    CHECK_INT(ioctl(master, TIOCSWINSZ, &window), 0);
    progress->last_shown = mdp_clock_seconds() - 1;
    mdp_progress_update(progress, 1000, "critic loss 0.1");
    read_until(master, "\033[K", text);
}

/* the terminal's own width, as it is now; a message begins a line of its own, once */
static void test_terminal(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave, saved = dup(STDERR_FILENO);
    char wide[1024], narrow[1024], note[1024], last[1024];
    struct mdp_progress progress;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) SKIP("no terminal can be opened here");
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0);
    dup2(slave, STDERR_FILENO);
    mdp_progress_start(&progress, "runs/halfcheetah-medium/dql/joint/seed0/step000400.episodes.h5", "steps", 0, 50000);
    show_due(&progress, master, 200, wide);
    show_due(&progress, master, 80, narrow);
    mdp_log("stopped");
    mdp_log_end_line();
    read_until(master, "stopped\r\n", note);
    show_due(&progress, master, 80, last);
    mdp_progress_end(&progress, 3000);
    mdp_log_end_line();
    mdp_log("done");
    read_until(master, "done\r\n", last);
    dup2(saved, STDERR_FILENO);
    CHECK(progress.is_terminal && wide[0] == '\r' && strstr(wide, "critic loss 0.1\033[K") != NULL);
    CHECK(narrow[0] == '\r' && strstr(narrow, " left\033[K") != NULL);
    CHECK_INT(mdp_text_width(narrow + 1) - (int)strlen("\033[K"), 79);
    CHECK_STR(note, "\r\nstopped\r\n");
    CHECK(strstr(last, ")\033[K\r\ndone\r\n") != NULL);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_durations),
        TAP_TEST(test_fits),
        TAP_TEST(test_characters),
        TAP_TEST(test_terminal),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
