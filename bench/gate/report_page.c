/* a gate's report as a page: what `gate --html` writes. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gate/report.h"
#include "results/show/html.h"

/* the groups of both sides that are one task and arm have one scale */
static void find_range(const struct mdp_gate_group *group, double *low, double *high) {
    for (int r = 0; group != NULL && r < group->n; r++)
        for (int k = 0; k < group->runs[r].n; k++) {
            const struct mdp_episodes *episodes = &group->runs[r].evals[k].episodes;
            for (long i = 0; i < episodes->n; i++) {
                *low = fmin(*low, episodes->normalized_returns[i]);
                *high = fmax(*high, episodes->normalized_returns[i]);
            }
        }
}

static void put_evaluation(const struct mdp_gate_eval *eval, double low, double high, FILE *page) {
    fputs("<details><summary>", page);
    mdp_html_dots(page, eval->episodes.normalized_returns, eval->episodes.n, low, high);
    fputc(' ', page);
    mdp_html_text(page, "span", NULL, eval->path);
    fputs("</summary>\n", page);
    mdp_html_facts(page, NULL, &eval->info);
    fputs("</details>\n", page);
}

static void put_group(const struct mdp_gate_group *group, const struct mdp_gate_side *other, int anchor, FILE *page) {
    char words[MDP_TASK_MAX + MDP_GATE_ARM_MAX + 64];
    double low = INFINITY, high = -INFINITY;
    find_range(group, &low, &high);
    find_range(mdp_gate_group_find(other, group->task, group->arm), &low, &high);
    fputs("<details", page);
    mdp_html_anchor(page, anchor);
    fputc('>', page);
    snprintf(words, sizeof words, "%s%s%s: normalized returns from %.3f to %.3f", group->task,
             group->arm[0] != 0 ? " " : "", group->arm, low, high);
    mdp_html_text(page, "summary", NULL, words);
    for (int r = 0; r < group->n; r++)
        for (int k = 0; k < group->runs[r].n; k++) put_evaluation(&group->runs[r].evals[k], low, high, page);
    fputs("</details>\n", page);
}

/* its groups have the numbers from `anchor` on */
static void put_side(const struct mdp_gate_side *side, const struct mdp_gate_side *other, int anchor, FILE *page) {
    if (side->n_groups == 0) return;
    mdp_html_section(page, side->name, side->name);
    for (int g = 0; g < side->n_groups; g++) put_group(&side->groups[g], other, anchor + g, page);
    mdp_html_section_end(page);
}

/* a row opens what the candidate has for it: rows of the table are those of the report that have data */
static void find_links(const struct mdp_gate_report *report, int *links) {
    int n = 0;
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_row *row = &report->rows[i];
        if (row->decision == MDP_GATE_NO_DATA) continue;
        links[n++] = row->candidate_group != NULL ? (int)(row->candidate_group - report->candidate->groups) : -1;
    }
}

mdp_err mdp_gate_page(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, const char *out) {
    struct mdp_memstream page = {.stream = NULL};
    struct mdp_table *table = NULL;
    char *notes = NULL;
    int *links = NULL;
    mdp_err err;
    MDP_TRY(mdp_gate_report_parts(report, origin, &table, &notes));
    MDP_TRY(mdp_calloc(&links, (unsigned long)report->n_rows + 1, sizeof *links, "page of the gate"));
    find_links(report, links);
    MDP_TRY(mdp_memstream_open(&page, "page of the gate"));
    mdp_html_begin(page.stream, "Gate");
    mdp_html_text(page.stream, "p", "verdict", report->verdict);
    mdp_html_table(page.stream, table, "Rows of the policy", links);
    for (char *line = strtok(notes, "\n"); line != NULL; line = strtok(NULL, "\n"))
        mdp_html_text(page.stream, "p", "notes", line);
    put_side(report->candidate, report->baseline, 0, page.stream);
    put_side(report->baseline, report->candidate, report->candidate->n_groups, page.stream);
    mdp_html_end(page.stream, 0);
    err = mdp_html_save(&page, MDP_OK, out);
out:
    free(links);
    free(notes);
    mdp_table_free(table);
    return err;
}

mdp_err mdp_gate_page_error(const char *message, const char *out) {
    struct mdp_memstream page;
    mdp_err err = mdp_memstream_open(&page, "page of the gate");
    if (err != MDP_OK) return err;
    mdp_html_begin(page.stream, "Gate");
    mdp_html_text(page.stream, "p", "verdict", "There is no verdict.");
    mdp_html_text(page.stream, "p", NULL, message);
    mdp_html_end(page.stream, 0);
    return mdp_html_save(&page, MDP_OK, out);
}
