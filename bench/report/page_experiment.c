/* a page of an experiment: for every task a sentence, its tables and figures, and what the numbers are made of. */
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/read.h"
#include "bench/report/figure.h"
#include "bench/report/page.h"
#include "bench/report/page_items.h"
#include "results/show/html.h"

/* one part of an experiment on its way to the page; items: its runs, those of arm i from first[i] on */
struct part {
    struct mdp_arms *arms;
    const struct mdp_experiment *e;
    struct mdp_page_items items;
    int *first;
    const char **names; /* of all arms */
    int *next;          /* number of the first evaluation on the page that has none yet */
    FILE *page;
};

/* ---- runs ---- */

static mdp_err add_runs(struct part *part) {
    const struct mdp_experiment_file *file = &part->e->file;
    mdp_err err = MDP_OK;
    for (int a = 0; a < (int)file->arms_count; a++) {
        part->first[a] = part->items.n;
        part->names[a] = file->arms[a].name;
        for (int is_online = 0; is_online < 2; is_online++)
            for (int t = 0; mdp_experiment_has_actor(part->e, is_online) && t < (int)file->tasks_count; t++)
                for (int s = 0; s < (int)file->seeds_count; s++)
                    MDP_TRY(mdp_page_items_add_arm(&part->items, part->e,
                                                   (struct mdp_arm_instance){a, t, s, is_online, 0, 0, 0, 0}));
    }
    part->first[file->arms_count] = part->items.n;
    *part->next = mdp_page_items_number(&part->items, *part->next);
out:
    return err;
}

/* ---- the sentence ---- */

struct end {
    const char *title;
    double mean, low, high;
    int n_seeds;
};

static mdp_err end_of(struct mdp_report *report, const char *arm, int is_online, int i_task, struct end *end) {
    struct mdp_contest contest;
    mdp_err err = mdp_contest_get(report, arm, NULL, is_online, i_task, &contest);
    end->n_seeds = contest.n_seeds;
    if (err != MDP_OK || contest.n_seeds == 0) return err;
    return mdp_contest_point(&contest, contest.n_steps - 1, &end->mean, &end->low, &end->high);
}

/* which arm ends highest, and whether others' intervals reach its own; that is no test, and says so */
static mdp_err put_verdict(const struct part *part, int i_task) {
    struct mdp_report report = {.arms = part->arms};
    struct end best = {.n_seeds = 0}, *ends = NULL;
    const int is_online = !mdp_experiment_has_actor(part->e, 0);
    int n_reach = 0, has_point = 0, n_arms = (int)part->e->file.arms_count;
    char text[1024];
    mdp_err err;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    MDP_TRY(mdp_calloc(&ends, (unsigned long)n_arms, sizeof *ends, "report"));
    for (int a = 0; a < n_arms; a++) {
        ends[a].title = mdp_arm_title(part->e, a);
        MDP_TRY(end_of(&report, part->names[a], is_online, i_task, &ends[a]));
        if (ends[a].n_seeds > 0 && (best.n_seeds == 0 || ends[a].mean > best.mean)) best = ends[a];
    }
    if (best.n_seeds == 0) goto out;
    for (int a = 0; a < n_arms; a++) has_point |= ends[a].n_seeds > 0 && !(ends[a].low < ends[a].high);
    for (int a = 0; a < n_arms; a++)
        n_reach += ends[a].n_seeds > 0 && ends[a].title != best.title && ends[a].high >= best.low;
    int used = snprintf(text, sizeof text,
                        "%.100s: %.200s ends highest, with a mean normalized return of %.3f [%.3f, "
                        "%.3f] over %d seed%s",
                        part->e->file.tasks[i_task], best.title, best.mean, best.low, best.high, best.n_seeds,
                        best.n_seeds == 1 ? "" : "s");
    snprintf(text + used, sizeof text - (size_t)used,
             has_point      ? "; where an interval is a point, their order is not shown."
             : n_reach == 0 ? "; no other arm's interval reaches its own."
             : n_reach == 1 ? "; the interval of one other arm reaches its own, so that their order is not shown."
                            : "; the intervals of %d other arms reach its own, so that their order is not shown.",
             n_reach);
    mdp_html_text(part->page, "p", "verdict", text);
out:
    free(ends);
    return err;
}

/* ---- tables ---- */

/* a cell names an arm, or two of them as "A - B" */
static int names(const char *text, const char *title) {
    const size_t n = strlen(title);
    return strncmp(text, title, n) == 0 && (text[n] == 0 || strncmp(text + n, " - ", 3) == 0);
}

/* the first evaluation of the first arm that a row names */
static int link_of(const struct part *part, const struct mdp_table *table, int i_row) {
    char buffer[MDP_CELL_MAX];
    double value;
    for (int j = 0; mdp_table_column(table, j) != NULL; j++) {
        const char *text = mdp_table_cell(table, i_row, j, buffer, &value);
        for (unsigned a = 0; a < part->e->file.arms_count; a++)
            if (names(text, mdp_arm_title(part->e, (int)a)) && part->first[a] < part->first[a + 1])
                return part->items.list[part->first[a]].anchor;
    }
    return -1;
}

static mdp_err put_table(const struct part *part, const struct mdp_table *table) {
    int *links = NULL;
    mdp_err err = mdp_calloc(&links, (unsigned long)mdp_table_n_rows(table) + 1, sizeof *links, "report");
    if (err != MDP_OK) return err;
    for (int i = 0; i < mdp_table_n_rows(table); i++) links[i] = link_of(part, table, i);
    mdp_html_table(part->page, table, NULL, links);
    free(links);
    return MDP_OK;
}

static mdp_err put_kind(const struct part *part, const struct mdp_table_spec *spec) {
    struct mdp_report report = {.arms = part->arms, .spec = spec};
    struct mdp_report_tables tables = {.n = 0};
    mdp_err err;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    MDP_TRY(mdp_choices_set(&report.choices, &spec->choices));
    MDP_TRY(mdp_report_make(&report, &tables));
    for (int i = 0; i < tables.n; i++) MDP_TRY(put_table(part, tables.list[i].table));
out:
    mdp_report_tables_free(&tables);
    return err;
}

/* what the experiment lists and, where it does not, all arms and what they cost */
static mdp_err put_tables(const struct part *part) {
    static const struct {
        enum mdp_table_kind kind;
        const char *name, *title;
    } usual[] = {{MDP_TABLE_KIND_ARMS, "arms", "All arms"}, {MDP_TABLE_KIND_COST, "cost", "Cost"}};
    const struct mdp_experiment_file *file = &part->e->file;
    unsigned seen = 0;
    mdp_err err = MDP_OK;
    for (unsigned k = 0; k < file->tables_count; k++) {
        MDP_TRY(put_kind(part, &file->tables[k]));
        seen |= 1u << file->tables[k].kind;
    }
    for (int k = 0; k < 2; k++) {
        const struct mdp_table_spec spec = {.name = usual[k].name,
                                            .title = usual[k].title,
                                            .kind = usual[k].kind,
                                            .test = part->names,
                                            .test_count = file->arms_count};
        if ((seen >> usual[k].kind & 1) == 0) MDP_TRY(put_kind(part, &spec));
    }
out:
    return err;
}

/* ---- figures ---- */

static mdp_err take_page(void *context, const struct mdp_paper_page *page, const char *name, const char *task) {
    const struct part *part = context;
    const struct mdp_page *panels = page->curves;
    char words[256];
    (void)name;
    (void)task;
    if (page->rows != NULL) {
        snprintf(words, sizeof words, "%s: %s", page->rows->title, page->rows->panels[0].title);
        return mdp_html_rows(part->page, page->rows, words);
    }
    snprintf(words, sizeof words, "%s: %s over %s", panels->title, panels->panels[0].y_title,
             panels->panels[0].x_title);
    return mdp_html_panels(part->page, panels, words);
}

/* what the experiment lists and, where it has none of a kind, one of all arms */
static mdp_err put_figures(struct part *part) {
    const struct mdp_experiment_file *file = &part->e->file;
    const int is_online = !mdp_experiment_has_actor(part->e, 0);
    const long n_checkpoints = file->train.n_steps / file->evaluate_every;
    unsigned seen = 0;
    mdp_err err = MDP_OK;
    for (unsigned k = 0; k < file->figures_count; k++) {
        MDP_TRY(mdp_paper_pages(part->arms, &file->figures[k], is_online, take_page, part));
        seen |= 1u << file->figures[k].kind;
    }
    for (int kind = MDP_FIGURE_KIND_CURVES; kind <= MDP_FIGURE_KIND_PROFILES; kind++) {
        const unsigned n = file->arms_count < MDP_FIGURE_SERIES_MAX ? file->arms_count : MDP_FIGURE_SERIES_MAX;
        struct mdp_panel_spec panel = {NULL, part->names, n};
        const struct mdp_figure_spec spec = {"all", NULL, (enum mdp_figure_kind)kind, &panel, 1};
        if (kind == MDP_FIGURE_KIND_VARIANCE && n_checkpoints < 2) continue;
        if ((seen >> kind & 1) == 0) MDP_TRY(mdp_paper_pages(part->arms, &spec, is_online, take_page, part));
    }
out:
    return err;
}

/* ---- the page ---- */

/* in the order in which people ask: what came out, in numbers, as pictures, and what it was made of */
static mdp_err put_part(const struct mdp_experiment *e, const struct mdp_page_request *request, int *next,
                        long *n_films, FILE *page) {
    struct mdp_arms arms = {.n = 0};
    struct part part = {.arms = &arms, .e = e, .next = next, .page = page};
    char id[256];
    mdp_err err;
    MDP_TRY(mdp_arms_new(e, request->is_partial, &arms));
    MDP_TRY(mdp_calloc(&part.first, (unsigned long)e->file.arms_count + 1, sizeof *part.first, "report"));
    MDP_TRY(mdp_calloc(&part.names, (unsigned long)e->file.arms_count + 1, sizeof *part.names, "report"));
    MDP_TRY(add_runs(&part));
    snprintf(id, sizeof id, "part-%.200s", e->file.name);
    mdp_html_section(page, id, e->file.title != NULL ? e->file.title : e->file.name);
    for (int t = 0; t < (int)e->file.tasks_count; t++) MDP_TRY(put_verdict(&part, t));
    MDP_TRY(put_tables(&part));
    MDP_TRY(put_figures(&part));
    MDP_TRY(mdp_page_items_films(&part.items, 0, part.items.n, request, n_films, page));
    mdp_html_text(page, "h3", NULL, "What the numbers are made of");
    mdp_page_items_write(&part.items, 0, part.items.n, page);
    mdp_html_section_end(page);
out:
    mdp_page_items_free(&part.items);
    free(part.first);
    free(part.names);
    mdp_arms_free(&arms);
    return err;
}

mdp_err mdp_page_of_experiment(const char *path, const struct mdp_page_request *request) {
    struct mdp_experiments experiments = {.n = 0};
    struct mdp_memstream page = {.stream = NULL};
    int next = 0;
    long n_films = request->n_films;
    mdp_err err;
    MDP_TRY(mdp_experiments_read(path, &experiments));
    MDP_TRY(mdp_memstream_open(&page, "report"));
    mdp_html_begin(page.stream, request->title != NULL      ? request->title
                                : experiments.title != NULL ? experiments.title
                                                            : experiments.name);
    for (int i = 0; err == MDP_OK && i < experiments.n; i++)
        err = put_part(&experiments.list[i], request, &next, &n_films, page.stream);
    mdp_html_end(page.stream, 1);
    err = mdp_html_save(&page, err, request->out);
out:
    mdp_experiments_free(&experiments);
    return err;
}
