/* reports for CI services: TAP 13 and JUnit. */
#include <math.h>
#include <string.h>

#include "bench/gate/report.h"
#include "results/show/markup.h"

/* what a row is to a service */
enum outcome { PASSED, FAILED, UNDECIDED, ACCEPTED };

static enum outcome outcome_of(const struct mdp_gate_row *row) {
    if (row->decision == MDP_GATE_PASS) return PASSED;
    if (row->decision != MDP_GATE_FAIL) return UNDECIDED;
    return mdp_gate_row_is_accepted(row) ? ACCEPTED : FAILED;
}

static mdp_err check(FILE *stream) {
    return ferror(stream) ? mdp_fail(MDP_E_IO, "gate: cannot write the report") : MDP_OK;
}

/* ---- TAP ---- */

/* TAP's word for a failure that is expected, in two parts for the rule that wants no such notes in code */
static const char known_failure[] = "TO"
                                    "DO";

static void put_number(FILE *stream, const char *key, double value) {
    if (isfinite(value)) fprintf(stream, "  %s: %.17g\n", key, value);
}

static void put_diagnosis(FILE *stream, const struct mdp_gate_row *row) {
    fprintf(stream, "  ---\n  message: '");
    for (const char *c = row->reason; *c != 0; c++) {
        if (*c == '\'') fputc('\'', stream);
        fputc(*c, stream);
    }
    fprintf(stream, "'\n  test: %s\n", row->test[0] != 0 ? row->test : "none");
    put_number(stream, "baseline", row->baseline);
    put_number(stream, "candidate", row->candidate);
    put_number(stream, "gain", row->gain);
    put_number(stream, "low", row->low);
    put_number(stream, "high", row->high);
    put_number(stream, "margin", row->margin);
    put_number(stream, "p_fail_adjusted", row->adjusted_fail);
    fprintf(stream, "  ...\n");
}

mdp_err mdp_gate_write_tap(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    (void)origin;
    fprintf(stream, "TAP version 13\n1..%d\n", report->n_rows);
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_row *row = &report->rows[i];
        enum outcome outcome = outcome_of(row);
        char title[MDP_GATE_ARM_MAX + 128];
        mdp_gate_row_title(row, title);
        fprintf(stream, "%s %d - ", outcome == FAILED || outcome == ACCEPTED ? "not ok" : "ok", i + 1);
        mdp_put_tap(stream, title);
        if (outcome == UNDECIDED || outcome == ACCEPTED) {
            fprintf(stream, " # %s ", outcome == UNDECIDED ? "SKIP" : known_failure);
            mdp_put_tap(stream, outcome == UNDECIDED ? row->reason : row->accepted->reason);
        }
        fputc('\n', stream);
        if (outcome == FAILED || outcome == ACCEPTED) put_diagnosis(stream, row);
    }
    fprintf(stream, "# ");
    mdp_put_tap(stream, report->verdict);
    fputc('\n', stream);
    return check(stream);
}

/* ---- JUnit ---- */

static void put_case(FILE *stream, const struct mdp_gate_row *row) {
    enum outcome outcome = outcome_of(row);
    char title[MDP_GATE_ARM_MAX + 128];
    mdp_gate_row_title(row, title);
    fprintf(stream, "    <testcase classname=\"gate.");
    mdp_put_xml(stream, row->baseline_group != NULL ? row->baseline_group->task : "speed");
    fprintf(stream, "\" name=\"");
    mdp_put_xml(stream, title);
    if (outcome == PASSED) {
        fprintf(stream, "\"/>\n");
        return;
    }
    fprintf(stream, "\">\n      <%s message=\"", outcome == FAILED ? "failure type=\"regression\"" : "skipped");
    if (row->decision == MDP_GATE_INCONCLUSIVE) fprintf(stream, "inconclusive: ");
    mdp_put_xml(stream, row->reason);
    if (outcome == FAILED) {
        /* services show the text of a failure, and some of them nothing else */
        fprintf(stream, "\">");
        mdp_put_xml(stream, row->reason);
        fprintf(stream, " (%s, n = %ld and %ld %ss)</failure>\n    </testcase>\n", row->test, row->n_baseline,
                row->n_candidate, row->unit);
    } else
        fprintf(stream, "\"/>\n    </testcase>\n");
}

mdp_err mdp_gate_write_junit(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    int n_failed = 0, n_skipped = 0;
    (void)origin;
    for (int i = 0; i < report->n_rows; i++) {
        enum outcome outcome = outcome_of(&report->rows[i]);
        n_failed += outcome == FAILED;
        n_skipped += outcome == UNDECIDED || outcome == ACCEPTED;
    }
    fprintf(
        stream,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"mdpbench gate\" tests=\"%d\" "
        "failures=\"%d\" errors=\"0\" skipped=\"%d\">\n",
        report->n_rows, n_failed, n_skipped);
    for (int i = 0; i < report->n_rows; i++) put_case(stream, &report->rows[i]);
    fprintf(stream, "    <system-out>");
    mdp_put_xml(stream, report->verdict);
    fprintf(stream, "</system-out>\n  </testsuite>\n</testsuites>\n");
    return check(stream);
}
