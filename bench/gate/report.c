/* reports for people: text and Markdown. */
#include "bench/gate/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/memstream.h"
#include "base/text.h"
#include "results/show/markup.h"
#include "results/show/table.h"

/* a row as people read it; what is missing is NaN, NULL or -1 */
struct line {
    char title[MDP_GATE_ARM_MAX + 128];
    const char *unit, *decision, *note;
    long n_baseline, n_candidate;
    double baseline, candidate, gain, low, high, margin, p_pass, p_fail;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct line, title, LETTERS, "row", "row"),
    MDP_COLUMN(struct line, unit, TEXT, "unit", "unit"),
    MDP_COLUMN(struct line, n_baseline, WHOLE, "n_baseline", "n B"),
    MDP_COLUMN(struct line, n_candidate, WHOLE, "n_candidate", "n C"),
    MDP_COLUMN(struct line, baseline, REAL, "baseline", "baseline", 4),
    MDP_COLUMN(struct line, candidate, REAL, "candidate", "candidate", 4),
    MDP_INTERVAL_COLUMN(struct line, gain, low, high, "gain", "gain", 4),
    MDP_COLUMN(struct line, margin, REAL, "margin", "margin", 4),
    MDP_COLUMN(struct line, p_pass, P, "p_pass", "p pass"),
    MDP_COLUMN(struct line, p_fail, P, "p_fail", "p fail"),
    MDP_COLUMN(struct line, decision, TEXT, "decision", "decision"),
    MDP_COLUMN(struct line, note, TEXT, "note", "note"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct line, list);

static void take_test(const struct mdp_gate_row *row, struct line *line) {
    line->unit = row->unit;
    line->n_baseline = row->n_baseline;
    line->n_candidate = row->n_candidate;
    line->baseline = row->baseline;
    line->candidate = row->candidate;
    line->gain = row->gain;
    line->low = row->low;
    line->high = row->high;
    line->margin = row->margin;
    /* a sequential run compares plain p values with the bounds of its looks */
    line->p_pass = isnan(row->adjusted_pass) ? row->p_pass : row->adjusted_pass;
    line->p_fail = isnan(row->adjusted_fail) ? row->p_fail : row->adjusted_fail;
}

static mdp_err add_row(struct mdp_table *table, const struct mdp_gate_row *row, int has_note) {
    struct line line;
    mdp_row_clear(&columns, &line);
    mdp_gate_row_title(row, line.title);
    if (!isnan(row->p_pass)) take_test(row, &line);
    line.decision = mdp_gate_row_word(row);
    if (has_note && row->reason[0] != 0) line.note = row->reason;
    return mdp_table_fill(table, &line, 1);
}

/* rows whose word is in a list, in the list's order; of all words but no_data in the policy's order without a list. the
 * note of the first may be said elsewhere */
static mdp_err add_rows(struct mdp_table *table, const struct mdp_gate_report *report, const char *const *words,
                        int is_first_noted) {
    mdp_err err = MDP_OK;
    int n_added = 0;
    for (int w = 0; words == NULL ? w < 1 : words[w] != NULL; w++)
        for (int i = 0; i < report->n_rows; i++) {
            const struct mdp_gate_row *row = &report->rows[i];
            if (words != NULL ? strcmp(words[w], mdp_gate_row_word(row)) != 0 : row->decision == MDP_GATE_NO_DATA)
                continue;
            MDP_TRY(add_row(table, row, is_first_noted || n_added > 0));
            n_added++;
        }
out:
    return err;
}

static mdp_err make_table(const struct mdp_gate_report *report, const char *const *words, int is_first_noted,
                          struct mdp_table **table) {
    mdp_err err;
    char gain[32];
    snprintf(gain, sizeof gain, "gain [%g %% CI]", 100 * (1 - 2 * report->policy->alpha));
    MDP_TRY(mdp_table_new(NULL, &columns, table));
    MDP_TRY(mdp_table_set_heading(*table, "gain", gain));
    MDP_TRY(add_rows(*table, report, words, is_first_noted));
out:
    return err;
}

static mdp_err write_table(const struct mdp_gate_report *report, const char *const *words, int is_first_noted,
                           enum mdp_table_format format, FILE *stream) {
    mdp_err err;
    struct mdp_table *table = NULL;
    MDP_TRY(make_table(report, words, is_first_noted, &table));
    MDP_TRY(mdp_table_write(table, format, stream));
out:
    mdp_table_free(table);
    return err;
}

static void write_looks(const struct mdp_gate_report *report, const char *start, FILE *stream) {
    const struct mdp_gate_looks *looks = &report->looks;
    if (report->decision == MDP_GATE_INCONCLUSIVE && looks->used < looks->planned)
        fprintf(stream, "%snot decided by %g of %g planned episodes a file, and there are no more\n", start,
                looks->used, looks->planned);
    else
        fprintf(stream, "%s%s with %g of %g planned episodes a file, %.0f %% saved\n", start,
                report->decision == MDP_GATE_INCONCLUSIVE ? "not decided" : "decided", looks->used, looks->planned,
                100 * (1 - looks->used / looks->planned));
}

static int has_row_of_episodes(const struct mdp_gate_report *report) {
    for (int i = 0; i < report->n_rows; i++)
        if (strcmp(report->rows[i].unit, "episode") == 0) return 1;
    return 0;
}

/* notes that a reader of the table needs */
static void write_notes(const struct mdp_gate_report *report, const char *start, FILE *stream) {
    const struct mdp_gate_policy *policy = report->policy;
    int n_empty = report->n_of[MDP_GATE_NO_DATA];
    if (report->looks.n_done > 0) write_looks(report, start, stream);
    if (n_empty > 0)
        fprintf(stream, "%s%d row%s that the policy does not require had nothing to compare\n", start, n_empty,
                n_empty > 1 ? "s" : "");
    if (report->n_extra > 0)
        fprintf(stream, "%snot compared, as the baseline lacks them: %d of the candidate's tasks and arms\n", start,
                report->n_extra);
    if (has_row_of_episodes(report))
        fprintf(stream, "%sunit episode: about these two trained policies, not about how they were trained\n", start);
    fprintf(
        stream,
        "%sgain: positive is better. p pass: of a loss of the margin or more (correction: %s), p fail: of a smaller "
        "one (correction: %s over %d rows); alpha %g\n",
        start, mdp_gate_correction_name(policy->pass_correction), mdp_gate_correction_name(policy->correction),
        report->n_tested, policy->alpha);
}

static void put_origin(const struct mdp_gate_origin *origin, void (*put)(FILE *stream, const char *text),
                       const char *start, FILE *stream) {
    fprintf(stream, "%spolicy ", start);
    put(stream, origin->policy_path);
    fputs(", baseline ", stream);
    put(stream, origin->baseline_paths);
    fputs(", candidate ", stream);
    put(stream, origin->candidate_paths);
}

mdp_err mdp_gate_write_text(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fprintf(stream, "%s", report->verdict);
    put_origin(origin, mdp_text_put, "\n", stream);
    fputs("\n\n", stream);
    mdp_err err = write_table(report, NULL, 1, MDP_TABLE_TEXT, stream);
    fputc('\n', stream);
    write_notes(report, "", stream);
    return err;
}

static void write_footer(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fputc('\n', stream);
    write_notes(report, "* ", stream);
    put_origin(origin, mdp_put_md_code, "* ", stream);
    fputc('\n', stream);
}

/* the report of a gate that passed, folded: one line is seen, and the rest after a click */
static mdp_err write_folded(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fprintf(stream, "<details><summary><b>mdpbench gate: ");
    mdp_put_xml(stream, report->verdict);
    fprintf(stream, "</b></summary>\n\n");
    mdp_err err = write_table(report, NULL, 1, MDP_TABLE_MD, stream);
    write_footer(report, origin, stream);
    fprintf(stream, "\n</details>\n");
    return err;
}

mdp_err mdp_gate_write_markdown(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                                FILE *stream) {
    static const char *const open[] = {"fail", "inconclusive", "accepted", NULL}, *const passed[] = {"pass", NULL};
    const int n_passed = report->n_of[MDP_GATE_PASS], is_pass = report->decision == MDP_GATE_PASS;
    mdp_err err;
    if (is_pass && report->n_accepted == 0) return write_folded(report, origin, stream);
    fputs("**mdpbench gate: ", stream);
    mdp_put_md(stream, report->verdict);
    fputs("**\n\n", stream);
    /* the verdict has the note of the first row that is against it */
    MDP_TRY(write_table(report, open, is_pass, MDP_TABLE_MD, stream));
    if (n_passed > 0) {
        fprintf(stream, "\n<details><summary>%d row%s passed</summary>\n\n", n_passed, n_passed == 1 ? "" : "s");
        MDP_TRY(write_table(report, passed, 1, MDP_TABLE_MD, stream));
        fprintf(stream, "\n</details>\n");
    }
    write_footer(report, origin, stream);
out:
    return err;
}

mdp_err mdp_gate_report_parts(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                              struct mdp_table **table, char **notes) {
    struct mdp_memstream memory;
    mdp_err err;
    *notes = NULL;
    *table = NULL;
    MDP_TRY(make_table(report, NULL, 1, table));
    MDP_TRY(mdp_memstream_open(&memory, "notes of the gate"));
    put_origin(origin, mdp_text_put, "", memory.stream);
    fputc('\n', memory.stream);
    write_notes(report, "", memory.stream);
    MDP_TRY(mdp_memstream_close(&memory, MDP_OK));
    *notes = memory.text;
out:
    return err;
}

/* ---- all formats ---- */

static const struct format {
    const char *ending;
    mdp_err (*write)(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream);
} formats[MDP_N_GATE_FORMATS] = {
#define FORMAT(name, writer, ending) [MDP_GATE_##name] = {ending, mdp_gate_write_##writer},
    MDP_GATE_FORMAT_LIST(FORMAT)
#undef FORMAT
};

mdp_err mdp_gate_write(enum mdp_gate_format format, const struct mdp_gate_report *report,
                       const struct mdp_gate_origin *origin, FILE *stream) {
    return formats[format].write(report, origin, stream);
}

static mdp_err write_file(const struct format *format, const struct mdp_gate_report *report,
                          const struct mdp_gate_origin *origin, const char *folder) {
    struct mdp_memstream memory;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_memstream_open(&memory, "report of the gate"));
    MDP_TRY(mdp_memstream_close(&memory, format->write(report, origin, memory.stream)));
    MDP_TRY(mdp_fsx_path(path, "%s/gate.%s", folder, format->ending));
    MDP_TRY(mdp_fsx_write(path, memory.text, memory.size));
out:
    free(memory.text);
    return err;
}

mdp_err mdp_gate_write_files(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                             const char *folder) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_dirs(folder));
    MDP_TRY(mdp_claim_take(folder, &claim));
    for (int i = 0; i < MDP_N_GATE_FORMATS; i++) MDP_TRY(write_file(&formats[i], report, origin, folder));
out:
    mdp_claim_free(claim);
    return err;
}
