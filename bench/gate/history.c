#include "bench/gate/history.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/log.h"
#include "base/text.h"
#include "results/show/figure.h"
#include "results/tensors/bytes.h"
#include "stats/changepoint.h"
#include "stats/moments.h"

enum { ENTRY_BYTES_MAX = 1 << 22, LEAST_SEGMENT = 3, LEAST_VALUES = 2 * LEAST_SEGMENT };
static const double cut_cost = 3; /* times ln n variances of the noise */

/* ---- files ---- */

static int compare_ints(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* numbers of all NNNNNN.json of a folder, ascending */
static mdp_err list_entries(const char *folder, int **numbers, int *n) {
    DIR *dir = opendir(folder);
    const struct dirent *item;
    *numbers = NULL;
    *n = 0;
    if (dir == NULL) return mdp_fail(MDP_E_IO, "gate: history: cannot open the folder '%s'", folder);
    mdp_err err = mdp_calloc(numbers, MDP_GATE_HISTORY_MAX, sizeof **numbers, "history");
    while (err == MDP_OK && (item = readdir(dir)) != NULL) {
        int number, length = 0;
        if (sscanf(item->d_name, "%6d.json%n", &number, &length) != 1 || length != 11 || item->d_name[length] != 0)
            continue;
        if (*n == MDP_GATE_HISTORY_MAX)
            err = mdp_fail(MDP_E_DATA, "%s: expected at most %d runs, found more", folder, MDP_GATE_HISTORY_MAX);
        else
            (*numbers)[(*n)++] = number;
    }
    closedir(dir);
    if (err == MDP_OK && *n > 0) qsort(*numbers, (size_t)*n, sizeof **numbers, compare_ints);
    return err;
}

mdp_err mdp_gate_check_label(const char *label) {
    size_t n = strlen(label);
    if (n < MDP_GATE_LABEL_MAX && mdp_bytes_is_name((struct mdp_bytes){(const unsigned char *)label, n})) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "gate: option --label: expected a line of at most %d bytes in UTF-8, found %zu bytes",
                    MDP_GATE_LABEL_MAX - 1, n);
}

static mdp_err make_entry(const struct mdp_gate_report *report, const char *label, json_t **out) {
    char title[MDP_GATE_TITLE_MAX], day[32];
    json_t *rows = json_array();
    for (int i = 0; i < report->n_rows; i++) {
        if (!isfinite(report->rows[i].candidate)) continue;
        mdp_gate_row_title(&report->rows[i], title);
        json_array_append_new(rows, json_pack("{s:s, s:f}", "row", title, "value", report->rows[i].candidate));
    }
    snprintf(day, sizeof day, "%04ld-%02ld-%02ld", report->today / 10000, report->today / 100 % 100,
             report->today % 100);
    *out = json_pack("{s:s, s:i, s:s, s:s, s:s, s:O}", "format", "mdpbench-gate-history", "format_version", 1,
                     "version", MDP_VERSION, "day", day, "label", label, "rows", rows);
    json_decref(rows);
    return *out != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "gate: history: no memory");
}

/* two entries are of one run if all but the day is equal: midnight may come between a kill and the second try */
static int is_same_run(const json_t *a, const json_t *b) {
    const char *name;
    const json_t *value;
    if (json_object_size(a) != json_object_size(b)) return 0;
    json_object_foreach((json_t *)a, name, value) {
        if (strcmp(name, "day") != 0 && !json_equal(value, json_object_get(b, name))) return 0;
    }
    return 1;
}

/* whether a run is there already, for a kill may have come after it was added. one without a label is told from an
 * older one that found the same by what was added since */
static mdp_err find_run(const char *folder, const int *numbers, int n, const json_t *entry, int *found) {
    char path[MDP_PATH_MAX], *there = NULL;
    size_t size;
    int has_label = json_string_length(json_object_get(entry, "label")) > 0, n_looks = has_label || n == 0 ? n : 1;
    mdp_err err = MDP_OK;
    *found = 0;
    for (int i = n - 1; i >= n - n_looks && *found == 0; i--) {
        MDP_TRY(mdp_fsx_path(path, "%s/%06d.json", folder, numbers[i]));
        MDP_TRY(mdp_fsx_read(path, ENTRY_BYTES_MAX, &there, &size));
        json_t *other = json_loadb(there, size, 0, NULL);
        if (is_same_run(entry, other)) *found = numbers[i];
        json_decref(other);
        free(there);
    }
out:
    return err;
}

/* another gate may add its run at the same moment: one after the other */
mdp_err mdp_gate_history_add(const char *folder, const struct mdp_gate_report *report, const char *label) {
    mdp_err err;
    int *numbers = NULL, n, found, is_taken = 1;
    char path[MDP_PATH_MAX], *text = NULL;
    json_t *entry = NULL;
    struct mdp_claim *claim = NULL;
    MDP_TRY(make_entry(report, label != NULL ? label : "", &entry));
    text = json_dumps(entry, JSON_INDENT(1));
    if (text == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "gate: history: no memory"));
    MDP_TRY(mdp_fsx_make_dirs(folder));
    MDP_TRY(mdp_claim_wait(folder, &claim));
    MDP_TRY(list_entries(folder, &numbers, &n));
    MDP_TRY(find_run(folder, numbers, n, entry, &found));
    if (found != 0) mdp_log("%s: has this run already, as %06d.json", folder, found);
    for (int number = n > 0 ? numbers[n - 1] + 1 : 1; found == 0 && is_taken; number++) {
        MDP_TRY(mdp_fsx_path(path, "%s/%06d.json", folder, number));
        MDP_TRY(mdp_fsx_write_new(path, text, strlen(text), &is_taken));
    }
out:
    mdp_claim_free(claim);
    json_decref(entry);
    free(numbers);
    free(text);
    return err;
}

/* ---- reading ---- */

static mdp_err find_series(struct mdp_gate_history *h, const char *title, int n_room, struct mdp_gate_series **out) {
    mdp_err err;
    for (int i = 0; i < h->n_series; i++) {
        *out = &h->series[i];
        if (strcmp(h->series[i].title, title) == 0) return MDP_OK;
    }
    struct mdp_gate_series *grown = realloc(h->series, ((size_t)h->n_series + 1) * sizeof *grown);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "gate: history: no memory");
    h->series = grown;
    *out = grown + h->n_series++;
    memset(*out, 0, sizeof **out);
    snprintf((*out)->title, sizeof(*out)->title, "%s", title);
    MDP_TRY(mdp_calloc(&(*out)->entries, (unsigned long)n_room, sizeof(int), "history"));
    MDP_TRY(mdp_calloc(&(*out)->values, (unsigned long)n_room, sizeof(double), "history"));
    MDP_TRY(mdp_calloc(&(*out)->levels, (unsigned long)n_room, sizeof(double), "history"));
out:
    return err;
}

/* a row that a file names twice counts once */
static mdp_err add_value(struct mdp_gate_history *h, int i_entry, int n_room, const json_t *row, const char *path) {
    const char *title;
    double value;
    struct mdp_gate_series *series = NULL;
    if (json_unpack((json_t *)row, "{s:s, s:F}", "row", &title, "value", &value) != 0)
        return mdp_fail(MDP_E_DATA, "%s: rows: expected objects of row and value, found another", path);
    mdp_err err = find_series(h, title, n_room, &series);
    if (err != MDP_OK || (series->n > 0 && series->entries[series->n - 1] == i_entry)) return err;
    series->entries[series->n] = i_entry;
    series->values[series->n++] = value;
    return MDP_OK;
}

/* an entry may be of an earlier version, or edited by hand: all of it is checked before it is used */
static mdp_err read_entry(struct mdp_gate_history *h, const char *folder, int number, int n_room) {
    mdp_err err;
    char path[MDP_PATH_MAX], *text = NULL;
    const char *day, *label, *format;
    long date;
    size_t size;
    json_t *root = NULL, *rows;
    struct mdp_gate_entry *entry = &h->entries[h->n];
    MDP_TRY(mdp_fsx_path(path, "%s/%06d.json", folder, number));
    MDP_TRY(mdp_fsx_read(path, ENTRY_BYTES_MAX, &text, &size));
    root = json_loadb(text, size, 0, NULL);
    if (root == NULL ||
        json_unpack(root, "{s:s, s:s, s:s, s:o}", "format", &format, "day", &day, "label", &label, "rows", &rows) !=
            0 ||
        strcmp(format, "mdpbench-gate-history") != 0 || json_array_size(rows) == 0 ||
        mdp_gate_date_parse(day, &date) != MDP_OK || (label[0] != 0 && mdp_gate_check_label(label) != MDP_OK))
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: expected a run of a gate's history (format, day, label, rows), found another "
                         "text",
                         path));
    entry->number = number;
    snprintf(entry->day, sizeof entry->day, "%s", day);
    snprintf(entry->label, sizeof entry->label, "%s", label);
    for (size_t i = 0; i < json_array_size(rows); i++)
        MDP_TRY(add_value(h, h->n, n_room, json_array_get(rows, i), path));
    h->n++;
out:
    json_decref(root);
    free(text);
    return err;
}

/* ---- changes ---- */

/* a series without noise has a change wherever its value does */
static mdp_err find_changes(struct mdp_gate_series *s) {
    mdp_err err = MDP_OK;
    double noise;
    struct mdp_changepoints found = {.n = 0};
    if (s->n >= LEAST_VALUES) {
        MDP_TRY(mdp_noise_scale(s->values, s->n, &noise));
        double floor = 1e-9 * fabs(mdp_mean(s->values, s->n)), scale = fmax(noise, floor);
        MDP_TRY(mdp_changepoints_find(s->values, s->n, cut_cost * log((double)s->n) * scale * scale, LEAST_SEGMENT,
                                      &found));
    }
    for (long k = 0; k <= found.n; k++) {
        long first = k > 0 ? found.first[k - 1] : 0, end = k < found.n ? found.first[k] : s->n;
        for (long i = first; i < end; i++) s->levels[i] = mdp_mean(s->values + first, end - first);
    }
    s->n_changes = found.n;
    s->changes = found.first;
out:
    return err;
}

mdp_err mdp_gate_history_read(const char *folder, struct mdp_gate_history *out) {
    mdp_err err;
    int *numbers = NULL, n;
    *out = (struct mdp_gate_history){.n = 0};
    MDP_TRY(list_entries(folder, &numbers, &n));
    if (n == 0) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected runs of a gate, NNNNNN.json, found none", folder));
    MDP_TRY(mdp_calloc(&out->entries, (unsigned long)n, sizeof *out->entries, "history"));
    for (int i = 0; i < n; i++) MDP_TRY(read_entry(out, folder, numbers[i], n));
    for (int i = 0; i < out->n_series; i++) MDP_TRY(find_changes(&out->series[i]));
out:
    free(numbers);
    if (err != MDP_OK) mdp_gate_history_free(out);
    return err;
}

/* ---- showing ---- */

static void print_change(const struct mdp_gate_history *h, const struct mdp_gate_series *s, long k, FILE *stream) {
    long i = s->changes[k];
    const struct mdp_gate_entry *entry = &h->entries[s->entries[i]];
    double before = s->levels[i - 1], after = s->levels[i];
    fprintf(stream, "  change at %06d (%s%s%s): %.6g -> %.6g, %+.3g", entry->number, entry->day,
            entry->label[0] != 0 ? ", " : "", entry->label, before, after, after - before);
    if (before != 0) fprintf(stream, " (%+.1f %%)", 100 * (after - before) / fabs(before));
    fputc('\n', stream);
}

void mdp_gate_history_print(const struct mdp_gate_history *h, FILE *stream) {
    fprintf(stream, "%d run%s that passed, %s to %s\n", h->n, h->n == 1 ? "" : "s", h->entries[0].day,
            h->entries[h->n - 1].day);
    for (int i = 0; i < h->n_series; i++) {
        const struct mdp_gate_series *s = &h->series[i];
        fprintf(stream, "%d. ", i + 1);
        mdp_text_put(stream, s->title);
        fprintf(stream, ": %ld value%s, first %.6g, last %.6g, %ld change%s%s\n", s->n, s->n == 1 ? "" : "s",
                s->values[0], s->values[s->n - 1], s->n_changes, s->n_changes == 1 ? "" : "s",
                s->n < LEAST_VALUES ? " (6 values are needed to find one)" : "");
        for (long k = 0; k < s->n_changes; k++) print_change(h, s, k, stream);
    }
}

mdp_err mdp_gate_history_draw(const struct mdp_gate_history *h, const char *folder) {
    mdp_err err = MDP_OK;
    double *x = NULL;
    char path[MDP_PATH_MAX];
    MDP_TRY(mdp_calloc(&x, (unsigned long)h->n, sizeof *x, "history"));
    for (int i = 0; i < h->n_series; i++) {
        const struct mdp_gate_series *s = &h->series[i];
        for (long k = 0; k < s->n; k++) x[k] = h->entries[s->entries[k]].number;
        const struct mdp_series curves[2] = {{"candidate", s->n, x, s->values, NULL, NULL},
                                             {"level", s->n, x, s->levels, NULL, NULL}};
        const struct mdp_figure figure = {
            .title = s->title, .x_title = "run", .y_title = "value", .n_series = 2, .series = curves};
        MDP_TRY(mdp_fsx_path(path, "%s/history-%d.svg", folder, i + 1));
        MDP_TRY(mdp_figure_write(&figure, path));
    }
out:
    free(x);
    return err;
}

void mdp_gate_history_free(struct mdp_gate_history *h) {
    for (int i = 0; i < h->n_series; i++) {
        free(h->series[i].entries);
        free(h->series[i].values);
        free(h->series[i].levels);
        free(h->series[i].changes);
    }
    free(h->series);
    free(h->entries);
    *h = (struct mdp_gate_history){.n = 0};
}
