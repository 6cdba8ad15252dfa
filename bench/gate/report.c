/* reports for people: text and Markdown. */
#include "bench/gate/report.h"

#include <math.h>
#include <string.h>

#include "results/show/table.h"

enum { ROW, UNIT, N_B, N_C, BASELINE, CANDIDATE, GAIN, MARGIN, P_PASS, P_FAIL, DECISION, NOTE, N_COLUMNS };

static const struct mdp_column columns[N_COLUMNS] = {
    [ROW] = {"row", "row", MDP_LEFT, 0},
    [UNIT] = {"unit", "unit", MDP_LEFT, 0},
    [N_B] = {"n_baseline", "n B", MDP_RIGHT, 0},
    [N_C] = {"n_candidate", "n C", MDP_RIGHT, 0},
    [BASELINE] = {"baseline", "baseline", MDP_RIGHT, 4},
    [CANDIDATE] = {"candidate", "candidate", MDP_RIGHT, 4},
    [GAIN] = {"gain", NULL, MDP_RIGHT, 4},
    [MARGIN] = {"margin", "margin", MDP_RIGHT, 4},
    [P_PASS] = {"p_pass", "p pass", MDP_RIGHT, 0},
    [P_FAIL] = {"p_fail", "p fail", MDP_RIGHT, 0},
    [DECISION] = {"decision", "decision", MDP_LEFT, 0},
    [NOTE] = {"note", "note", MDP_LEFT, 0},
};

static mdp_err set_p(struct mdp_table *table, int column, double p) {
    char text[16];
    if (isnan(p)) return MDP_OK;
    if (p < 1e-4)
        strcpy(text, "<1e-4");
    else
        snprintf(text, sizeof text, "%.4f", p);
    return mdp_table_set_text(table, column, text);
}

static mdp_err add_row(struct mdp_table *table, const struct mdp_gate_row *row, int has_note) {
    mdp_err err;
    char title[MDP_GATE_ARM_MAX + 128];
    mdp_gate_row_title(row, title);
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, ROW, title));
    if (!isnan(row->p_pass)) {
        MDP_TRY(mdp_table_set_text(table, UNIT, row->unit));
        mdp_table_set_number(table, N_B, (double)row->n_baseline);
        mdp_table_set_number(table, N_C, (double)row->n_candidate);
        mdp_table_set_number(table, BASELINE, row->baseline);
        mdp_table_set_number(table, CANDIDATE, row->candidate);
        mdp_table_set_interval(table, GAIN, row->gain, row->low, row->high);
        mdp_table_set_number(table, MARGIN, row->margin);
        /* a sequential run compares plain p values with the bounds of its looks */
        MDP_TRY(set_p(table, P_PASS, isnan(row->adjusted_pass) ? row->p_pass : row->adjusted_pass));
        MDP_TRY(set_p(table, P_FAIL, isnan(row->adjusted_fail) ? row->p_fail : row->adjusted_fail));
    }
    MDP_TRY(mdp_table_set_text(table, DECISION, mdp_gate_row_word(row)));
    if (has_note && row->reason[0] != 0) MDP_TRY(mdp_table_set_text(table, NOTE, row->reason));
out:
    return err;
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

static mdp_err write_table(const struct mdp_gate_report *report, const char *const *words, int is_first_noted,
                           enum mdp_table_format format, FILE *stream) {
    mdp_err err;
    struct mdp_table *table = NULL;
    struct mdp_column own[N_COLUMNS];
    char gain[32];
    memcpy(own, columns, sizeof own);
    snprintf(gain, sizeof gain, "gain [%g %% CI]", 100 * (1 - 2 * report->policy->alpha));
    own[GAIN].title = gain;
    MDP_TRY(mdp_table_new(NULL, N_COLUMNS, own, &table));
    MDP_TRY(add_rows(table, report, words, is_first_noted));
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

/* what a reader of the table must know besides */
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
    fprintf(
        stream,
        "%sgain: positive is better. p pass: of a loss of the margin or more (correction: %s), p fail: of a smaller "
        "one (correction: %s over %d rows); alpha %g\n",
        start, mdp_gate_correction_name(policy->pass_correction), mdp_gate_correction_name(policy->correction),
        report->n_tested, policy->alpha);
}

mdp_err mdp_gate_write_text(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fprintf(stream, "%s\npolicy %s, baseline %s, candidate %s\n\n", report->verdict, origin->policy_path,
            origin->baseline_paths, origin->candidate_paths);
    mdp_err err = write_table(report, NULL, 1, MDP_TABLE_TEXT, stream);
    fputc('\n', stream);
    write_notes(report, "", stream);
    return err;
}

static void put_html(FILE *stream, const char *text) {
    for (; *text != 0; text++) {
        switch (*text) {
        case '&': fputs("&amp;", stream); break;
        case '<': fputs("&lt;", stream); break;
        case '>': fputs("&gt;", stream); break;
        default: fputc(*text, stream);
        }
    }
}

static void write_footer(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fputc('\n', stream);
    write_notes(report, "* ", stream);
    fprintf(stream, "* policy `%s`, baseline `%s`, candidate `%s`\n", origin->policy_path, origin->baseline_paths,
            origin->candidate_paths);
}

/* where nothing is to be done, a reader sees one line, and the rest on demand */
static mdp_err write_folded(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    fprintf(stream, "<details><summary><b>mdpbench gate: ");
    put_html(stream, report->verdict);
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
    fprintf(stream, "**mdpbench gate: %s**\n\n", report->verdict);
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
