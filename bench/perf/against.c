#include "bench/perf/against.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "bench/gate/report.h"
#include "bench/perf/child.h"

enum { ARGUMENTS_MAX = 48, SUBJECTS_MAX = 16, NUMBER_MAX = 32 };

/* one start of one program; the texts that its arguments point to */
struct start {
    char seconds[NUMBER_MAX], threads[NUMBER_MAX], handicap[NUMBER_MAX], candidates[NUMBER_MAX];
    char *arguments[ARGUMENTS_MAX];
    int n;
};

static void push(struct start *s, const char *argument) { s->arguments[s->n++] = (char *)argument; }

static void push_option(struct start *s, const char *option, const char *value) {
    if (value == NULL) return;
    push(s, option);
    push(s, value);
}

/* both programs get the same command line, except for the option that slows this one down on purpose */
static mdp_err prepare(const struct mdp_perf_against *plan, const char *program, int is_self, struct start *s) {
    const struct mdp_perf_options *options = plan->options;
    if (plan->n_subjects > SUBJECTS_MAX)
        return mdp_fail(MDP_E_USAGE, "perf: expected at most %d arguments", SUBJECTS_MAX);
    *s = (struct start){.n = 0};
    snprintf(s->seconds, sizeof s->seconds, "%.6g", options->seconds);
    snprintf(s->threads, sizeof s->threads, "%d", options->threads);
    snprintf(s->handicap, sizeof s->handicap, "%.6g", options->handicap);
    snprintf(s->candidates, sizeof s->candidates, "%d", options->n_candidates);
    push(s, program);
    push(s, "perf");
    for (int i = 0; i < plan->n_subjects; i++) push(s, plan->subjects[i]);
    push(s, "--json");
    push_option(s, "--threads", s->threads);
    push_option(s, "--only", options->only);
    push_option(s, "--data", options->data);
    push_option(s, "--guidance", options->guidance);
    push_option(s, "--candidates", options->n_candidates > 0 ? s->candidates : NULL);
    push_option(s, "--handicap", is_self && options->handicap > 1 ? s->handicap : NULL);
    if (plan->is_counted) {
        push(s, "--instructions");
        push_option(s, "--rounds", "1");
    } else
        push_option(s, "--seconds", s->seconds);
    return MDP_OK;
}

/* one round: both programs, by turns first, so that what else the machine does falls on both */
static mdp_err run_round(const struct mdp_perf_against *plan, long i_round, const char *out,
                         struct mdp_gate_side *const sides[2]) {
    static const char self[] = "/proc/self/exe";
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2; i++) {
        struct start start;
        int is_self = (i + (int)(i_round % 2)) % 2;
        const char *name = is_self ? "mdpbench" : plan->other;
        const struct mdp_perf_program program = {is_self ? self : plan->other, start.arguments, out, 0};
        struct mdp_perf_ended ended;
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(prepare(plan, name, is_self, &start));
        MDP_TRY(mdp_perf_program_run(&program, &ended));
        if (ended.status != 0)
            MDP_TRY(mdp_fail(MDP_E_IO, "perf: option --against: '%s perf' ended with status %d", name, ended.status));
        MDP_TRY(mdp_gate_side_add_speeds(sides[is_self], out));
    }
out:
    return err;
}

static mdp_err judge(const struct mdp_perf_against *plan, const struct mdp_gate_side *baseline,
                     const struct mdp_gate_side *candidate, FILE *stream) {
    mdp_err err;
    char text[128];
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_report report = {.n_rows = 0};
    const struct mdp_gate_origin origin = {"perf --against", plan->other, "this program", 0};
    /* counts hardly vary: two a side are enough for a mean, and too few for ranks */
    snprintf(text, sizeof text, "rows: [{metric: speed, measure: '*', test: %s, margin: {relative: %.9g}}]\n",
             plan->is_counted ? "mean" : "auto", plan->margin);
    MDP_TRY(mdp_gate_policy_parse("perf --against", text, &policy));
    MDP_TRY(mdp_gate_judge(&policy, baseline, candidate, 20000101, &report));
    MDP_TRY(mdp_gate_write(plan->as_json ? MDP_GATE_JSON : MDP_GATE_TEXT, &report, &origin, stream));
    MDP_TRY(mdp_gate_outcome(&report));
out:
    mdp_gate_report_free(&report);
    mdp_gate_policy_free(&policy);
    return err;
}

mdp_err mdp_perf_against_run(const struct mdp_perf_against *plan, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_gate_side baseline = {.name = "baseline"}, candidate = {.name = "candidate"};
    char out[] = "/tmp/mdpbench-perf-XXXXXX";
    int file = mkstemp(out);
    if (file < 0) return mdp_fail(MDP_E_IO, "perf: cannot make a file in /tmp");
    close(file);
    for (long i = 0; i < plan->n_rounds; i++)
        MDP_TRY(run_round(plan, i, out, (struct mdp_gate_side *const[2]){&baseline, &candidate}));
    MDP_TRY(judge(plan, &baseline, &candidate, stream));
out:
    remove(out);
    mdp_gate_side_free(&baseline);
    mdp_gate_side_free(&candidate);
    return err;
}
