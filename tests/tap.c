/* the test harness: forks a process per test, watches what it uses, and tells prove what became of it. */
#include "tests/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/group.h"

enum {
    PATH_BYTES = 1024,
    REASON_BYTES = 256,
    LINE_BYTES = 4096,
    N_REFERENCES = 8,
    DEFAULT_LIMIT = 60,
    LAST_RESORT = 60
};

static const char OUTPUT_NAME[] = "output-of-what-is-tested";

/* what one test may use; set by the parent before it forks, so the state is fixed as far as a test can tell */
static char temp_dir[PATH_BYTES];
static int skip_fd = -1;

/* what the parent learns about one test */
struct outcome {
    int wait_status;
    double limit;
    char excess[REASON_BYTES]; /* what the test took too much of, "" for nothing */
    char skip[REASON_BYTES];
};

/* output of a test on its way to standard error, cut into lines */
struct relay {
    int fd;
    int n_bytes;
    char line[LINE_BYTES];
};

/* ---- what tests call ---- */

static const char *short_path(const char *file) {
    size_t n = strlen(MDP_SOURCE_DIR);
    return strncmp(file, MDP_SOURCE_DIR "/", n + 1) == 0 ? file + n + 1 : file;
}

void tap_failed(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(NULL);
    fprintf(stderr, "%s:%d: check failed: ", short_path(file), line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    fflush(stderr);
    va_end(arguments);
    _exit(1);
}

void tap_skip(const char *reason) {
    fflush(NULL);
    if (write(skip_fd, reason, strnlen(reason, REASON_BYTES - 1)) < 0) _exit(1);
    _exit(0);
}

void tap_check_close(const char *file, int line, const char *text, double got, double want, double tol) {
    if (fabs(got - want) <= tol) return;
    if (isinf(got) && got == want) return;
    tap_failed(file, line, "%s: expected %.17g within %g, found %.17g, off by %g", text, want, tol, got, got - want);
}

void tap_check_str(const char *file, int line, const char *text, const char *got, const char *want) {
    if (got == want || (got && want && strcmp(got, want) == 0)) return;
    tap_failed(file, line, "%s: expected \"%s\", found \"%s\"", text, want ? want : "(null)", got ? got : "(null)");
}

void tap_check_int(const char *file, int line, const char *text, long long got, long long want) {
    if (got != want) tap_failed(file, line, "%s: expected %lld, found %lld", text, want, got);
}

void tap_check_ok(const char *file, int line, const char *text, mdp_err code) {
    if (code != MDP_OK) tap_failed(file, line, "%s: %s: %s", text, mdp_err_text(code), mdp_err_message());
}

void tap_check_fails(const char *file, int line, const char *text, mdp_err code, mdp_err want, const char *part) {
    if (code != want) {
        tap_failed(file, line, "%s: expected \"%s\", found \"%s\" (%s)", text, mdp_err_text(want), mdp_err_text(code),
                   code ? mdp_err_message() : "no failure");
    }
    if (!strstr(mdp_err_message(), part)) {
        tap_failed(file, line, "%s: expected a message with \"%s\", found \"%s\"", text, part, mdp_err_message());
    }
}

const char *tap_temp_dir(void) { return temp_dir; }

const char *tap_temp_path(const char *name) {
    static char paths[8][sizeof temp_dir + 256];
    static unsigned i_next;
    char *path = paths[i_next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%.254s", temp_dir, name);
    return path;
}

FILE *tap_output(void) {
    static FILE *output;
    if (!output) output = fopen(tap_temp_path(OUTPUT_NAME), "w");
    if (!output) tap_failed(__FILE__, __LINE__, "%s/%s: cannot be made: %s", temp_dir, OUTPUT_NAME, strerror(errno));
    return output;
}

const char *tap_reference(const char *relative) {
    static char paths[N_REFERENCES][PATH_BYTES];
    static unsigned i_next;
    const char *roots[2] = {getenv("MDPBENCH_REFERENCE"), MDP_SOURCE_DIR "/tests/reference"};
    for (int i = 0; i < 2; i++) {
        char *path = paths[i_next % N_REFERENCES];
        if (!roots[i] || !roots[i][0]) continue;
        if (snprintf(path, PATH_BYTES, "%s/%s", roots[i], relative) >= PATH_BYTES) continue;
        if (access(path, R_OK) == 0) return i_next++, path;
    }
    return NULL;
}

/* ---- the folder of a test ---- */

static int make_temp_dir(void) {
    const char *root = getenv("TMPDIR");
    snprintf(temp_dir, sizeof temp_dir, "%s/mdpbench-test-XXXXXX", root && root[0] ? root : "/tmp");
    if (mkdtemp(temp_dir)) return 0;
    fprintf(stderr, "# %s: cannot be made: %s\n", temp_dir, strerror(errno));
    return -1;
}

/* removes whatever a test left, also in folders that it made read-only */
static void remove_tree(const char *path) {
    chmod(path, 0700);
    DIR *folder = opendir(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char inner[PATH_BYTES];
        struct stat facts;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= PATH_BYTES) continue;
        if (lstat(inner, &facts) == 0 && S_ISDIR(facts.st_mode)) {
            remove_tree(inner);
        } else {
            unlink(inner);
        }
    }
    closedir(folder);
    rmdir(path);
}

/* ---- the process of a test ---- */

static int has_passed(const struct outcome *outcome) {
    return outcome->excess[0] == 0 && WIFEXITED(outcome->wait_status) && WEXITSTATUS(outcome->wait_status) == 0;
}

static _Noreturn void run_child(const struct tap_test *test, int output_fd) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    close(output_fd);
    test->run();
    fflush(NULL);
    /* exit, not _exit: leak checks and coverage counters run at exit */
    close(skip_fd);
    exit(0);
}

static void relay_line(struct relay *relay) {
    fprintf(stderr, "# %.*s\n", relay->n_bytes, relay->line);
    relay->n_bytes = 0;
}

/* passes on what there is to read; 0 at the end of the output */
static int relay_read(struct relay *relay) {
    char bytes[LINE_BYTES];
    ssize_t n = read(relay->fd, bytes, sizeof bytes);
    if (n < 0) return errno == EINTR;
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != '\n') relay->line[relay->n_bytes++] = bytes[i];
        if (bytes[i] == '\n' || relay->n_bytes == LINE_BYTES) relay_line(relay);
    }
    return n > 0;
}

/* says what a group takes too much of, if it does */
static int is_over(struct tap_group *group, double start, struct outcome *outcome) {
    double limit = outcome->limit, now = mdp_clock_seconds();
    tap_group_look(group);
    if (group->used > limit)
        snprintf(outcome->excess, REASON_BYTES, "over the limit of %g s of processor time", limit);
    else if (now - group->progress_at > limit)
        snprintf(outcome->excess, REASON_BYTES, "did nothing for %g s", limit);
    else if (now - start > LAST_RESORT * limit)
        snprintf(outcome->excess, REASON_BYTES, "still there after %g s", LAST_RESORT * limit);
    return outcome->excess[0] != 0;
}

/* waits for the process while passing on its output; what it started itself dies with it */
static void watch_child(pid_t child, struct relay *relay, struct outcome *outcome) {
    double start = mdp_clock_seconds(), pause = outcome->limit < 10 ? outcome->limit / 10 : 1, next = start + pause;
    struct pollfd ready = {relay->fd, POLLIN, 0};
    struct tap_group group;
    int is_open = 1;
    tap_group_watch(&group, child);
    while (!tap_group_reap(&group)) {
        /* short waits once the output is closed, so that the end of the process is seen soon */
        int wait_ms = is_open ? 50 : 1;
        if (poll(&ready, is_open ? 1 : 0, wait_ms) > 0) is_open = relay_read(relay);
        if (mdp_clock_seconds() < next) continue;
        if (is_over(&group, start, outcome)) break;
        next = mdp_clock_seconds() + pause;
    }
    tap_group_end(&group);
    outcome->wait_status = group.status;
    fcntl(relay->fd, F_SETFL, O_NONBLOCK);
    while (relay_read(relay)) {
    }
    if (relay->n_bytes) relay_line(relay);
}

/* what the tested code printed; with the blank before it no reader of TAP takes it for a result */
static void show_output(void) {
    FILE *output = fopen(tap_temp_path(OUTPUT_NAME), "r");
    if (!output) return;
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, output)) fprintf(stderr, "#  %.*s\n", (int)strcspn(line, "\n"), line);
    fclose(output);
}

static void read_skip(int fd, struct outcome *outcome) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    ssize_t n = read(fd, outcome->skip, sizeof outcome->skip - 1);
    outcome->skip[n > 0 ? n : 0] = 0;
    for (char *c = outcome->skip; *c; c++) {
        if (*c == '\n' || *c == '#') *c = ' ';
    }
}

static int run_test(const struct tap_test *test, struct outcome *outcome) {
    int output[2], skip[2];
    if (make_temp_dir() != 0) return -1;
    if (pipe(output) != 0 || pipe(skip) != 0) return -1;
    fflush(NULL);
    skip_fd = skip[1];
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        close(output[0]);
        close(skip[0]);
        run_child(test, output[1]);
    }
    setpgid(child, child); /* both sides set it, so that neither has to wait for the other */
    close(output[1]);
    close(skip[1]);
    struct relay relay = {.fd = output[0]};
    watch_child(child, &relay, outcome);
    read_skip(skip[0], outcome);
    if (!has_passed(outcome)) show_output();
    close(output[0]);
    close(skip[0]);
    remove_tree(temp_dir);
    return 0;
}

/* ---- the report ---- */

static const char *signal_name(int number) {
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGHUP, "SIGHUP"},
                 {SIGILL, "SIGILL"},   {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"}, {SIGPIPE, "SIGPIPE"},
                 {SIGSEGV, "SIGSEGV"}, {SIGTERM, "SIGTERM"}, {SIGALRM, "SIGALRM"}, {SIGXFSZ, "SIGXFSZ"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == number) return names[i].name;
    }
    return "an unnamed signal";
}

static int report(int number, const struct tap_test *test, const struct outcome *outcome) {
    int status = outcome->wait_status;
    int passed = has_passed(outcome);
    if (passed && outcome->skip[0]) {
        printf("ok %d - %s # SKIP %s\n", number, test->name, outcome->skip);
    } else {
        printf("%s %d - %s\n", passed ? "ok" : "not ok", number, test->name);
    }
    if (outcome->excess[0]) {
        printf("# %s\n", outcome->excess);
    } else if (WIFSIGNALED(status)) {
        printf("# killed by signal %d, %s\n", WTERMSIG(status), signal_name(WTERMSIG(status)));
    } else if (!passed) {
        printf("# ended with status %d\n", WEXITSTATUS(status));
    }
    fflush(stdout);
    return passed;
}

static double time_scale(void) {
    const char *text = getenv("MDPBENCH_TEST_TIME_SCALE");
    double scale = text ? strtod(text, NULL) : 1;
    return scale > 0 ? scale : 1;
}

static int run_tests(const struct tap_test *tests, unsigned long n_tests) {
    int n_failed = 0;
    printf("TAP version 13\n1..%lu\n", n_tests);
    for (unsigned long i = 0; i < n_tests; i++) {
        struct outcome outcome = {.limit = (tests[i].limit > 0 ? tests[i].limit : DEFAULT_LIMIT) * time_scale()};
        if (run_test(&tests[i], &outcome) != 0) {
            printf("Bail out! cannot start a test: %s\n", strerror(errno));
            return 1;
        }
        if (!report((int)i + 1, &tests[i], &outcome)) n_failed++;
    }
    return n_failed ? 1 : 0;
}

int tap_run(int argc, char **argv, const struct tap_test *tests, unsigned long n_tests) {
    if (argc == 1) return run_tests(tests, n_tests);
    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        for (unsigned long i = 0; i < n_tests; i++) puts(tests[i].name);
        return 0;
    }
    for (unsigned long i = 0; argc == 3 && strcmp(argv[1], "-t") == 0 && i < n_tests; i++) {
        if (strcmp(tests[i].name, argv[2]) == 0) return run_tests(&tests[i], 1);
    }
    fprintf(stderr, "usage: %s [-l | -t name]; expected a name of the list, found %s\n", argv[0], argv[argc - 1]);
    return 4;
}
