#define _GNU_SOURCE
#include "bench/verify/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "results/show/markup.h"

static const double bounds[MDP_N_BOUNDS] = {
#define BOUND(name, bound) bound,
    MDP_BOUND_LIST(BOUND)
#undef BOUND
};

double mdp_bound_value(enum mdp_bound bound) { return bounds[bound]; }

mdp_err mdp_verify_report_open(struct mdp_verify_report *report) {
    memset(report, 0, sizeof *report);
    return mdp_memstream_open(&report->lines, "verification report");
}

mdp_err mdp_verify_report_close(struct mdp_verify_report *report, FILE *out) {
    mdp_err err = mdp_memstream_close(&report->lines, MDP_OK);
    if (err == MDP_OK && out != NULL) fprintf(out, "%s1..%d\n", report->lines.text, report->n_lines);
    free(report->lines.text);
    int n_failed = report->n_failed, n_lines = report->n_lines;
    memset(report, 0, sizeof *report);
    if (err == MDP_OK && out != NULL && n_failed > 0)
        err = mdp_fail(MDP_E_FAILED, "%d of %d checks failed", n_failed, n_lines);
    return err;
}

void mdp_verify_report_skip(struct mdp_verify_report *report, const char *file, const char *name, const char *reason) {
    FILE *stream = report->lines.stream;
    fprintf(stream, "ok %d - ", ++report->n_lines);
    mdp_put_tap(stream, mdp_path_name(file));
    if (*name) fputc(' ', stream);
    mdp_put_tap(stream, name);
    fputs(" # SKIP ", stream);
    mdp_put_tap(stream, reason);
    fputc('\n', stream);
}

void mdp_verify_report_note(struct mdp_verify_report *report, const char *file, const char *format, ...) {
    va_list arguments;
    fputs("# ", report->lines.stream);
    mdp_put_tap(report->lines.stream, mdp_path_name(file));
    fputc(' ', report->lines.stream);
    va_start(arguments, format);
    mdp_text_vprint_line(report->lines.stream, format, arguments);
    va_end(arguments);
}

void mdp_quantity_start(struct mdp_quantity *quantity, const char *format, ...) {
    va_list arguments;
    *quantity = (struct mdp_quantity){.worst = -1};
    va_start(arguments, format);
    vsnprintf(quantity->name, sizeof quantity->name, format, arguments);
    va_end(arguments);
}

void mdp_quantity_compare_at(struct mdp_quantity *quantity, int precision, const char *where, long element, double got,
                             double want, enum mdp_bound bound) {
    double limit = bounds[bound], error = isnan(got) && isnan(want) ? 0 : fabs(got - want);
    if (isnan(error)) error = INFINITY;
    if (error > quantity->error[precision]) quantity->error[precision] = error;
    double ratio = error == 0 ? 0 : limit > 0 ? error / limit : INFINITY;
    quantity->n_compared[precision]++;
    if (!(ratio > quantity->worst)) return;
    quantity->worst = ratio;
    quantity->bound = limit;
    quantity->want = want;
    quantity->got = got;
    quantity->element = element;
    snprintf(quantity->where, sizeof quantity->where, "%s", where);
}

void mdp_quantity_compare(struct mdp_quantity *quantity, int precision, const char *where, long n, const double *got,
                          const double *want, enum mdp_bound bound) {
    for (long i = 0; i < n; i++) mdp_quantity_compare_at(quantity, precision, where, i, got[i], want[i], bound);
}

/* precisions that a file does not have are left out */
static void print_errors(FILE *stream, const struct mdp_quantity *quantity) {
    const long *n = quantity->n_compared;
    fputs(n[0] + n[1] > 0 ? "# max error" : "# nothing was compared\n", stream);
    if (n[0] + n[1] == 0) return;
    if (n[1] > 0) fprintf(stream, " %.3g from f64%s", quantity->error[1], n[0] > 0 ? "," : "");
    if (n[0] > 0) fprintf(stream, " %.3g from f32", quantity->error[0]);
    fprintf(stream, "; nearest to its bound: %.3g of %.3g in %s\n", fabs(quantity->got - quantity->want),
            quantity->bound, quantity->where);
}

void mdp_verify_report_quantity(struct mdp_verify_report *report, const char *file,
                                const struct mdp_quantity *quantity) {
    int is_compared = quantity->n_compared[0] + quantity->n_compared[1] > 0,
        is_ok = is_compared && quantity->worst <= 1;
    report->n_lines++;
    report->n_failed += !is_ok;
    fprintf(report->lines.stream, "%s %d - ", is_ok ? "ok" : "not ok", report->n_lines);
    mdp_put_tap(report->lines.stream, mdp_path_name(file));
    fputc(' ', report->lines.stream);
    mdp_put_tap(report->lines.stream, quantity->name);
    fputc('\n', report->lines.stream);
    print_errors(report->lines.stream, quantity);
    if (quantity->n_excused > 0)
        fprintf(report->lines.stream, "# %d entries with gradients of round-off size differ by at most 2 lr a step\n",
                quantity->n_excused);
    if (!is_ok && is_compared)
        fprintf(report->lines.stream,
                "  ---\n  dataset: %s\n  element: %ld\n  expected: %.17g\n  found: %.17g\n  bound: %g\n  ...\n",
                quantity->where, quantity->element, quantity->want, quantity->got, quantity->bound);
}
