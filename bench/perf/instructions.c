#define _DEFAULT_SOURCE
#include "bench/perf/instructions.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/fsx.h"
#include "base/stop.h"
#include "bench/perf/child.h"

/* one call more tells; a handicap of 1.2 needs 5, which become 6 */
enum {
    ARGUMENTS_MAX = 24,
    NUMBER_MAX = 32,
    CALLS_MORE = 1,
    CALLS_MORE_HANDICAPPED = 5,
    COUNTS_BYTES_MAX = 1 << 28,
    ROUNDS_MAX = 1000
};

/* one run of this program under valgrind, and the texts that its arguments point to */
struct counted {
    char *arguments[ARGUMENTS_MAX];
    int n_arguments;
    char program[MDP_PATH_MAX], counts[MDP_PATH_MAX], counts_option[MDP_PATH_MAX + 32], said[MDP_PATH_MAX];
    char calls[NUMBER_MAX], candidates[NUMBER_MAX], handicap[NUMBER_MAX];
    double instructions, n_units;
};

void mdp_perf_print_calls(const struct mdp_perf_options *options, FILE *stream) {
    fprintf(stream, "%ld calls, %.17g units, %s\n", options->n_calls, *options->n_units, mdp_cpu_level());
}

mdp_err mdp_perf_check_valgrind(void) {
    static char *const arguments[] = {"valgrind", "--version", NULL};
    const struct mdp_perf_program program = {"valgrind", arguments, NULL, 1};
    struct mdp_perf_ended ended;
    mdp_err err = mdp_perf_program_run(&program, &ended);
    if (err != MDP_OK || ended.status == 0) return err;
    return mdp_fail(MDP_E_IO, "perf: option --instructions: expected valgrind, which counts them, in PATH, found none");
}

/* ---- one run ---- */

static void push(struct counted *run, const char *argument) { run->arguments[run->n_arguments++] = (char *)argument; }

static void push_option(struct counted *run, const char *option, const char *value) {
    if (value == NULL) return;
    push(run, option);
    push(run, value);
}

/* the program runs itself under valgrind, by the path of its own file */
static mdp_err prepare(const struct mdp_perf_counting *counting, const char *name, long n_calls, struct counted *run) {
    const struct mdp_perf_options *options = counting->options;
    ssize_t n = readlink("/proc/self/exe", run->program, sizeof run->program - 1);
    if (n < 0) return mdp_fail(MDP_E_IO, "perf: cannot tell which program this is");
    run->program[n] = 0;
    run->n_arguments = 0;
    snprintf(run->counts_option, sizeof run->counts_option, "--cachegrind-out-file=%s", run->counts);
    snprintf(run->calls, sizeof run->calls, "%ld", n_calls);
    snprintf(run->candidates, sizeof run->candidates, "%d", options->n_candidates);
    snprintf(run->handicap, sizeof run->handicap, "%.6g", options->handicap);
    push(run, "valgrind");
    push(run, "--tool=cachegrind");
    push(run, "--cache-sim=no");
    push(run, run->counts_option);
    push(run, run->program);
    push(run, "perf");
    push(run, counting->subject);
    push_option(run, "--only", name);
    push_option(run, "--calls", run->calls);
    push_option(run, "--threads", "1");
    push_option(run, "--guidance", options->guidance);
    push_option(run, "--data", options->data);
    push_option(run, "--candidates", options->n_candidates > 0 ? run->candidates : NULL);
    push_option(run, "--handicap", options->handicap > 1 ? run->handicap : NULL);
    run->arguments[run->n_arguments] = NULL;
    return MDP_OK;
}

/* the command as a person would type it, for messages */
static void write_command(const struct counted *run, char text[1024]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < run->n_arguments && used < 1024; i++)
        used += (size_t)snprintf(text + used, 1024 - used, "%s%s", i > 0 ? " " : "", run->arguments[i]);
}

/* what the program said and what valgrind counted */
static mdp_err read_counts(struct counted *run) {
    static const char summary[] = "\nsummary: ";
    mdp_err err;
    char *text = NULL, level[NUMBER_MAX], command[1024];
    size_t size;
    long n_calls;
    write_command(run, command);
    MDP_TRY(mdp_fsx_read(run->said, COUNTS_BYTES_MAX, &text, &size));
    if (sscanf(text, "%ld calls, %lf units, %31s", &n_calls, &run->n_units, level) != 3 || !(run->n_units > 0))
        MDP_TRY(mdp_fail(MDP_E_IO, "perf: expected calls to be counted by '%s', found '%.80s'", command, text));
    if (strcmp(level, "x86-64-v4") == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "perf: expected a valgrind whose processor has AVX2 at most, found %s", level));
    free(text);
    text = NULL;
    MDP_TRY(mdp_fsx_read(run->counts, COUNTS_BYTES_MAX, &text, &size));
    const char *found = strstr(text, summary);
    if (found == NULL || sscanf(found + strlen(summary), "%lf", &run->instructions) != 1)
        MDP_TRY(mdp_fail(MDP_E_IO, "perf: expected a summary of instructions from '%s', found none", command));
out:
    free(text);
    return err;
}

static mdp_err run_counted(const struct mdp_perf_counting *counting, const char *name, long n_calls,
                           struct counted *run) {
    mdp_err err;
    char command[1024];
    struct mdp_perf_ended ended;
    MDP_TRY(mdp_stop_requested());
    MDP_TRY(prepare(counting, name, n_calls, run));
    const struct mdp_perf_program program = {"valgrind", run->arguments, run->said, 1};
    MDP_TRY(mdp_perf_program_run(&program, &ended));
    MDP_TRY(mdp_stop_requested());
    write_command(run, command);
    if (ended.status != 0) MDP_TRY(mdp_fail(MDP_E_IO, "perf: '%s' ended with status %d", command, ended.status));
    MDP_TRY(read_counts(run));
out:
    return err;
}

/* ---- differences ---- */

/* fewer and more calls; the handicap is no part of the work that a count is divided by */
static mdp_err count_once(const struct mdp_perf_counting *counting, const char *name, struct counted *run,
                          double *value) {
    mdp_err err;
    long n_more = counting->options->handicap > 1 ? CALLS_MORE_HANDICAPPED : CALLS_MORE;
    MDP_TRY(run_counted(counting, name, 1, run));
    double instructions = run->instructions, n_units = run->n_units;
    MDP_TRY(run_counted(counting, name, 1 + n_more, run));
    *value = (run->instructions - instructions) / (run->n_units - n_units);
out:
    return err;
}

static int has_result(const struct mdp_perf_results *results, const char *name) {
    for (int i = 0; i < results->n_items; i++)
        if (strcmp(results->items[i].name, name) == 0) return 1;
    return 0;
}

static mdp_err count_name(const struct mdp_perf_counting *counting, const char *name, struct counted *run,
                          struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    double values[ROUNDS_MAX];
    char result[MDP_PERF_NAME_MAX];
    snprintf(result, sizeof result, "instructions/%.50s", name);
    if (has_result(results, result)) return MDP_OK;
    for (long i = 0; i < counting->n_rounds; i++) MDP_TRY(count_once(counting, name, run, &values[i]));
    MDP_TRY(mdp_perf_add(results, result, "instructions", 1, values, (int)counting->n_rounds));
out:
    return err;
}

mdp_err mdp_perf_count(const struct mdp_perf_counting *counting, const struct mdp_perf_names *names,
                       struct mdp_perf_results *results) {
    mdp_err err;
    struct counted *run = NULL;
    struct mdp_temp counts = MDP_TEMP_NONE, said = MDP_TEMP_NONE;
    MDP_TRY(mdp_calloc(&run, 1, sizeof *run, "counts"));
    MDP_TRY(mdp_temp_open_aside("mdpbench.cachegrind", &counts));
    MDP_TRY(mdp_temp_open_aside("mdpbench.calls", &said));
    strcpy(run->counts, counts.path);
    strcpy(run->said, said.path);
    /* valgrind's processor says no to the rest by itself */
    setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
    for (int i = 0; i < names->n; i++) MDP_TRY(count_name(counting, names->names[i], run, results));
out:
    mdp_temp_discard(&counts);
    mdp_temp_discard(&said);
    free(run);
    return err;
}
