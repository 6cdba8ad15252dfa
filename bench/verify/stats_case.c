#include "bench/verify/stats_case.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/show/markup.h"

/* the largest deviation of a case, in units of the allowed deviation */
struct verdict {
    double worst; /* above 1 fails */
    const char *where;
    long element;
    double want, got;
    long n_compared;
};

static mdp_err bad(const struct mdp_case *c, const char *object, const char *expected, const char *found) {
    return mdp_fail(MDP_E_DATA, "%s: %s/%s: expected %s, found %s", c->path, c->name, object, expected, found);
}

static void path_of(const struct mdp_case *c, const char *dataset, char path[MDP_CASE_PATH_MAX]) {
    snprintf(path, MDP_CASE_PATH_MAX, "%s/%s", c->name, dataset);
}

static int refusal_of(const char *text) {
    for (int i = 0; i < MDP_N_REFUSALS; i++) {
        const char *name = mdp_refusal_name((enum mdp_refusal)i);
        if (strncmp(text, name, strlen(name)) == 0 && (text[strlen(name)] == '\0' || text[strlen(name)] == ':'))
            return i;
    }
    return -1;
}

mdp_err mdp_case_open(const char *path, struct mdp_h5 *file, const char *name, struct mdp_case *c) {
    mdp_err err;
    *c = (struct mdp_case){.path = path, .file = file};
    snprintf(c->name, sizeof c->name, "%s", name);
    c->kind = c->name;
    while (isdigit((unsigned char)*c->kind)) c->kind++;
    if (c->kind == c->name || *c->kind != '_' || c->kind[1] == '\0')
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a case named by number and kind, such as 001_null", path, name);
    c->kind++;
    MDP_TRY(mdp_h5_attr_real(file, name, "tol", &c->tol));
    MDP_TRY(mdp_h5_attr_real(file, name, "atol", &c->atol));
    MDP_TRY(mdp_h5_attr_text(file, name, "error", c->error, sizeof c->error));
    if (!(c->tol >= 0 && c->tol < 1 && c->atol >= 0 && isfinite(c->atol)))
        return bad(c, "attributes tol, atol", "tolerances of 0 or more, tol below 1", "others");
    if (c->error[0] && refusal_of(c->error) < 0)
        return bad(c, "attribute error", "EMPTY, SHAPE, NAN, INF, DOMAIN, TOO_FEW or nothing", c->error);
out:
    return err;
}

void mdp_case_close(struct mdp_case *c) {
    for (int i = 0; i < c->n_answers; i++) free(c->answers[i].values);
    for (int i = 0; i < c->n_inputs; i++) free(c->inputs[i]);
    free(c->answers);
    *c = (struct mdp_case){0};
}

/* ---- inputs ---- */

int mdp_case_has(struct mdp_case *c, const char *dataset) {
    char path[MDP_CASE_PATH_MAX];
    path_of(c, dataset, path);
    return mdp_h5_exists(c->file, path);
}

static mdp_err keep(struct mdp_case *c, void *memory) {
    if (c->n_inputs == MDP_CASE_INPUTS_MAX) {
        free(memory);
        return mdp_fail(MDP_E_INTERNAL, "%s: %s: more than %d inputs", c->path, c->name, MDP_CASE_INPUTS_MAX);
    }
    c->inputs[c->n_inputs++] = memory;
    return MDP_OK;
}

static mdp_err read_array(struct mdp_case *c, const char *dataset, enum mdp_h5_type type, struct mdp_h5_shape *shape,
                          void *out) {
    char path[MDP_CASE_PATH_MAX];
    path_of(c, dataset, path);
    mdp_err err = mdp_h5_read_new(c->file, path, type, NULL, shape, out);
    return err ? err : keep(c, *(void **)out);
}

mdp_err mdp_case_vector(struct mdp_case *c, const char *dataset, double **values, long *n) {
    struct mdp_h5_shape shape;
    mdp_err err = read_array(c, dataset, MDP_H5_F64, &shape, values);
    if (!err && shape.rank != 1) err = bad(c, dataset, "a vector", "another rank");
    *n = err ? 0 : shape.extent[0];
    return err;
}

mdp_err mdp_case_sample(struct mdp_case *c, const char *dataset, struct mdp_sample *sample) {
    double *values;
    mdp_err err = mdp_case_vector(c, dataset, &values, &sample->n);
    if (err) return err;
    sample->name = strchr(dataset, '/') + 1;
    sample->values = values;
    return MDP_OK;
}

mdp_err mdp_case_matrix(struct mdp_case *c, const char *dataset, double **values, long *n_rows, long *n_columns) {
    struct mdp_h5_shape shape;
    mdp_err err = read_array(c, dataset, MDP_H5_F64, &shape, values);
    if (!err && shape.rank != 1 && shape.rank != 2) err = bad(c, dataset, "a matrix or a vector", "another rank");
    if (err) return err;
    *n_rows = shape.extent[0];
    *n_columns = shape.rank == 2 ? shape.extent[1] : 1;
    return MDP_OK;
}

mdp_err mdp_case_integers(struct mdp_case *c, const char *dataset, struct mdp_h5_shape *shape, int32_t **values) {
    return read_array(c, dataset, MDP_H5_I32, shape, values);
}

mdp_err mdp_case_real(struct mdp_case *c, const char *dataset, double *value) {
    char path[MDP_CASE_PATH_MAX];
    path_of(c, dataset, path);
    return mdp_h5_read_real(c->file, path, value);
}

mdp_err mdp_case_count(struct mdp_case *c, const char *dataset, long low, long high, long *value) {
    double real;
    mdp_err err = mdp_case_real(c, dataset, &real);
    if (err) return err;
    if (!(real >= (double)low && real <= (double)high && real == floor(real)))
        return mdp_fail(MDP_E_DATA, "%s: %s/%s: expected a whole number from %ld to %ld, found %g", c->path, c->name,
                        dataset, low, high, real);
    *value = (long)real;
    return MDP_OK;
}

mdp_err mdp_case_room(struct mdp_case *c, unsigned long n, unsigned long size, void *out) {
    mdp_err err = mdp_calloc(out, n > 0 ? n : 1, size, "reference case");
    return err ? err : keep(c, *(void **)out);
}

/* ---- answers ---- */

static struct mdp_answer *add(struct mdp_case *c, const double *values, long n) {
    if (c->err) return NULL;
    if (c->n_answers == c->n_room) {
        int n_room = c->n_room ? 2 * c->n_room : 64;
        void *answers = realloc(c->answers, (size_t)n_room * sizeof *c->answers);
        if (!answers) {
            c->err = mdp_fail(MDP_E_NOMEM, "reference case: out of memory");
            return NULL;
        }
        c->answers = answers;
        c->n_room = n_room;
    }
    struct mdp_answer *answer = &c->answers[c->n_answers];
    *answer = (struct mdp_answer){.n = n};
    c->err = mdp_calloc(&answer->values, n > 0 ? (unsigned long)n : 1, sizeof *values, "reference case");
    if (c->err) return NULL;
    if (n > 0) memcpy(answer->values, values, (size_t)n * sizeof *values);
    c->n_answers++;
    return answer;
}

static void name_answer(struct mdp_answer *answer, const char *format, va_list arguments) {
    if (answer) vsnprintf(answer->name, sizeof answer->name, format, arguments);
}

void mdp_case_answer(struct mdp_case *c, double value, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    name_answer(add(c, &value, 1), format, arguments);
    va_end(arguments);
}

struct mdp_answer *mdp_case_answer_array(struct mdp_case *c, const double *values, long n, const char *format, ...) {
    va_list arguments;
    struct mdp_answer *answer = add(c, values, n);
    va_start(arguments, format);
    name_answer(answer, format, arguments);
    va_end(arguments);
    return answer;
}

void mdp_case_answer_table(struct mdp_case *c, const char *pattern, const struct mdp_named *table, int n) {
    const char *gap = strstr(pattern, "%s");
    for (int i = 0; i < n; i++)
        mdp_case_answer(c, table[i].value, "%.*s%s%s", (int)(gap - pattern), pattern, table[i].name, gap + 2);
}

/* ---- the comparison ---- */

static const struct mdp_answer *find(const struct mdp_case *c, const char *name) {
    for (int i = 0; i < c->n_answers; i++)
        if (strcmp(c->answers[i].name, name) == 0) return &c->answers[i];
    return NULL;
}

/* deviation over what is allowed; 0 agrees exactly, infinite where no tolerance helps */
static double ratio(const struct mdp_case *c, const struct mdp_answer *answer, long element, double want) {
    double got = answer->values[element];
    if (isnan(want)) return isnan(got) ? 0 : INFINITY;
    if (got == want) return 0;
    if (!isfinite(want) || !isfinite(got)) return INFINITY;
    double allowed = answer->rounding ? answer->rounding[element] : 0;
    if (!answer->is_bound) allowed += c->atol + c->tol * fabs(want);
    return allowed > 0 ? fabs(got - want) / allowed : INFINITY;
}

static void note(struct verdict *verdict, double value, const char *where, long element, double want, double got) {
    verdict->n_compared++;
    if (!(value > verdict->worst) && verdict->where) return;
    *verdict = (struct verdict){value, where, element, want, got, verdict->n_compared};
}

static mdp_err compare(struct mdp_case *c, const char *name, struct verdict *verdict) {
    char dataset[MDP_H5_NAME_MAX + 8], path[MDP_CASE_PATH_MAX];
    struct mdp_h5_shape shape;
    double *want = NULL;
    const struct mdp_answer *answer = find(c, name);
    snprintf(dataset, sizeof dataset, "out/%s", name);
    if (!answer) return bad(c, dataset, "a result that this family's cases of this kind have", "an unknown name");
    path_of(c, dataset, path);
    mdp_err err = mdp_h5_read_new(c->file, path, MDP_H5_F64, NULL, &shape, &want);
    if (err) return err;
    long n = mdp_h5_count(&shape);
    if (n != answer->n && !answer->may_differ_in_length)
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected %ld values, found %ld", c->path, path, answer->n, n);
    else if (n != answer->n)
        note(verdict, INFINITY, answer->name, n < answer->n ? n : answer->n, (double)n, (double)answer->n);
    else
        for (long i = 0; i < n; i++)
            note(verdict, ratio(c, answer, i, want[i]), answer->name, i, want[i], answer->values[i]);
    if (!err && n == 0 && answer->n == 0) note(verdict, 0, answer->name, 0, 0, 0);
    free(want);
    return err;
}

static mdp_err compare_all(struct mdp_case *c, struct verdict *verdict) {
    struct mdp_h5_child *children = NULL;
    int n_children = 0;
    char path[MDP_CASE_PATH_MAX];
    mdp_err err = MDP_OK;
    path_of(c, "out", path);
    mdp_case_answer(c, c->is_degenerate, "degenerate");
    if (c->err) return c->err;
    if (!c->error[0] || mdp_h5_exists(c->file, path)) MDP_TRY(mdp_h5_list(c->file, path, &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        if (children[i].is_group) MDP_TRY(bad(c, "out", "datasets only", "a group"));
        MDP_TRY(compare(c, children[i].name, verdict));
    }
    if (!c->error[0] && verdict->n_compared == 0) MDP_TRY(bad(c, "out", "results", "none"));
out:
    free(children);
    return err;
}

static void print_line(const struct mdp_case *c, int is_ok, struct mdp_verify_report *report) {
    report->n_lines++;
    report->n_failed += !is_ok;
    fprintf(report->lines.stream, "%s %d - ", is_ok ? "ok" : "not ok", report->n_lines);
    mdp_put_tap(report->lines.stream, mdp_path_name(c->path));
    fputc(' ', report->lines.stream);
    mdp_put_tap(report->lines.stream, c->name);
    fputc('\n', report->lines.stream);
}

static void print_refusal(const struct mdp_case *c, int is_ok, const char *message, struct mdp_verify_report *report) {
    print_line(c, is_ok, report);
    if (is_ok)
        fprintf(report->lines.stream, "# refused: %s\n", message);
    else
        fprintf(report->lines.stream, "  ---\n  expected: %s\n  found: \"%s\"\n  ...\n",
                c->error[0] ? c->error : "a result", message);
}

static void print_verdict(const struct mdp_case *c, const struct verdict *v, struct mdp_verify_report *report) {
    int is_ok = v->worst <= 1;
    print_line(c, is_ok, report);
    if (is_ok) {
        mdp_text_print_line(report->lines.stream, "# %ld values, largest deviation %.2g of the allowed, in %s",
                            v->n_compared, v->worst, v->where ? v->where : "-");
        return;
    }
    fputs("  ---\n  dataset: out/", report->lines.stream);
    mdp_put_tap(report->lines.stream, v->where);
    fprintf(report->lines.stream, "\n  element: %ld\n  expected: %.17g\n  found: %.17g\n  tol: %g\n  atol: %g\n  ...\n",
            v->element, v->want, v->got, c->tol, c->atol);
}

mdp_err mdp_case_judge(struct mdp_case *c, mdp_err outcome, struct mdp_verify_report *report) {
    struct verdict verdict = {0};
    char message[512] = "no refusal";
    int refusal = outcome == MDP_E_DATA ? refusal_of(mdp_err_message()) : -1;
    if (outcome != MDP_OK && refusal < 0) return outcome;
    if (outcome != MDP_OK) snprintf(message, sizeof message, "%s", mdp_err_message());
    if (!c->error[0] && refusal >= 0) {
        print_refusal(c, 0, message, report);
        return MDP_OK;
    }
    mdp_err err = compare_all(c, &verdict);
    if (err) return err;
    int is_expected = !c->error[0] || (refusal >= 0 && refusal == refusal_of(c->error));
    if (c->error[0] && (!is_expected || verdict.worst <= 1))
        print_refusal(c, is_expected, message, report);
    else
        print_verdict(c, &verdict, report);
    return MDP_OK;
}
