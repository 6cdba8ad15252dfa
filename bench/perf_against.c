#include "bench/perf_against.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"
#include "bench/gate_report.h"

enum { ARGUMENTS_MAX = 32, NUMBER_MAX = 32 };

/* one start of one program; the texts that its arguments point to */
struct start {
    char seconds[NUMBER_MAX], threads[NUMBER_MAX], handicap[NUMBER_MAX];
    char *arguments[ARGUMENTS_MAX];
};

static mdp_err prepare(const struct mdp_perf_against *plan, const char *program, int is_self, struct start *s) {
    int n = 0;
    if (plan->n_subjects > ARGUMENTS_MAX - 12)
        return mdp_fail(MDP_E_USAGE, "perf: expected at most %d arguments", ARGUMENTS_MAX - 12);
    snprintf(s->seconds, sizeof s->seconds, "%.6g", plan->seconds);
    snprintf(s->threads, sizeof s->threads, "%ld", plan->n_threads);
    snprintf(s->handicap, sizeof s->handicap, "%.6g", plan->handicap);
    s->arguments[n++] = (char *)program;
    s->arguments[n++] = "perf";
    for (int i = 0; i < plan->n_subjects; i++) s->arguments[n++] = plan->subjects[i];
    s->arguments[n++] = "--json";
    s->arguments[n++] = "--seconds";
    s->arguments[n++] = s->seconds;
    s->arguments[n++] = "--threads";
    s->arguments[n++] = s->threads;
    if (is_self && plan->handicap > 1) {
        s->arguments[n++] = "--handicap";
        s->arguments[n++] = s->handicap;
    }
    s->arguments[n] = NULL;
    return MDP_OK;
}

/* starts a program with its standard output in a file, and waits for it */
static mdp_err run_program(const char *program, char *const *arguments, const char *out) {
    int status;
    pid_t child = fork();
    if (child < 0) return mdp_fail(MDP_E_IO, "perf: cannot start '%s'", arguments[0]);
    if (child == 0) {
        int file = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (file < 0 || dup2(file, STDOUT_FILENO) < 0) _exit(126);
        execv(program, arguments);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child) return mdp_fail(MDP_E_INTERRUPTED, "perf: interrupted");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MDP_OK;
    return mdp_fail(MDP_E_IO, "perf: option --against: '%s perf' ended with status %d", arguments[0],
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* one round: both programs, by turns first, so that what else the machine does falls on both */
static mdp_err run_round(const struct mdp_perf_against *plan, long i_round, const char *out,
                         struct mdp_gate_side *const sides[2]) {
    static const char self[] = "/proc/self/exe";
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2; i++) {
        struct start start;
        int is_self = (i + (int)(i_round % 2)) % 2;
        const char *program = is_self ? self : plan->other;
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(prepare(plan, is_self ? "mdpbench" : plan->other, is_self, &start));
        MDP_TRY(run_program(program, start.arguments, out));
        MDP_TRY(mdp_gate_side_add_speeds(sides[is_self], out));
    }
out:
    return err;
}

static mdp_err judge(const struct mdp_perf_against *plan, const struct mdp_gate_side *baseline,
                     const struct mdp_gate_side *candidate) {
    mdp_err err;
    char text[128];
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_report report = {.n_rows = 0};
    const struct mdp_gate_origin origin = {"perf --against", plan->other, "this program", 0};
    snprintf(text, sizeof text, "rows: [{metric: speed, measure: '*', margin: {relative: %.9g}}]\n", plan->margin);
    MDP_TRY(mdp_gate_policy_parse("perf --against", text, &policy));
    MDP_TRY(mdp_gate_judge(&policy, baseline, candidate, 20000101, &report));
    MDP_TRY(plan->as_json ? mdp_gate_write_json(&report, &origin, stdout)
                          : mdp_gate_write_text(&report, &origin, stdout));
    MDP_TRY(mdp_gate_outcome(&report));
out:
    mdp_gate_report_free(&report);
    mdp_gate_policy_free(&policy);
    return err;
}

mdp_err mdp_perf_against_run(const struct mdp_perf_against *plan) {
    mdp_err err = MDP_OK;
    struct mdp_gate_side baseline = {.name = "baseline"}, candidate = {.name = "candidate"};
    char out[] = "/tmp/mdpbench-perf-XXXXXX";
    int file = mkstemp(out);
    if (file < 0) return mdp_fail(MDP_E_IO, "perf: cannot make a file in /tmp");
    close(file);
    for (long i = 0; i < plan->n_rounds; i++)
        MDP_TRY(run_round(plan, i, out, (struct mdp_gate_side *const[2]){&baseline, &candidate}));
    MDP_TRY(judge(plan, &baseline, &candidate));
out:
    remove(out);
    mdp_gate_side_free(&baseline);
    mdp_gate_side_free(&candidate);
    return err;
}
