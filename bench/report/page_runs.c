/* a page of runs: for every task a sentence, the table, pictures, what training cost, and what the numbers are made of.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/page.h"
#include "bench/report/page_items.h"
#include "bench/report/profile.h"
#include "bench/report/runs.h"
#include "bench/run/look.h"
#include "bench/run/run_facts.h"
#include "results/show/html.h"
#include "stats/aggregate.h"

/* the items of one task are neighbours, from `first` to before `end` */
struct part {
    const struct mdp_page_items *items;
    int first, end;
    FILE *page;
    const struct mdp_page_request *request;
    long *n_films;
    size_t n_common; /* of paths at their beginning, as mdp_page_items_name has it */
};

static const struct mdp_page_evaluation *last_of(const struct mdp_page_item *item) { return &item->list[item->n - 1]; }

/* ---- the sentence ---- */

/* which run ends highest, and whether the intervals of others reach its own; that is no test, and says so */
static void put_verdict(const struct part *part) {
    const struct mdp_page_item *list = part->items->list, *best = &list[part->first];
    char text[4 * MDP_PATH_MAX];
    int n_reach = 0, has_none = 0;
    for (int i = part->first; i < part->end; i++) has_none |= isnan(last_of(&list[i])->normalized.iqm_low) != 0;
    for (int i = part->first; i < part->end; i++)
        if (last_of(&list[i])->normalized.iqm > last_of(best)->normalized.iqm) best = &list[i];
    const struct mdp_page_evaluation *top = last_of(best);
    for (int i = part->first; i < part->end; i++)
        n_reach += &list[i] != best && last_of(&list[i])->normalized.iqm_high >= top->normalized.iqm_low;
    int used = snprintf(text, sizeof text, "%s: %s %s an interquartile mean of %.3f", mdp_page_item_task(best),
                        mdp_page_item_name(best), part->end - part->first > 1 ? "ends highest, with" : "ends with",
                        top->normalized.iqm);
    if (!isnan(top->normalized.iqm_low))
        used += snprintf(text + used, sizeof text - (size_t)used, " [%.3f, %.3f]", top->normalized.iqm_low,
                         top->normalized.iqm_high);
    used += snprintf(text + used, sizeof text - (size_t)used, " over %ld episodes", top->episodes.n);
    if (top->info.step >= 0)
        used += snprintf(text + used, sizeof text - (size_t)used, " at step %ld", (long)top->info.step);
    if (part->end - part->first > 1)
        used +=
            snprintf(text + used, sizeof text - (size_t)used,
                     has_none       ? "; where there is no interval, their order is not shown"
                     : n_reach == 0 ? "; no other interval reaches its own"
                     : n_reach == 1 ? "; the interval of one other reaches its own, so that their order is not shown"
                                    : "; the intervals of %d others reach its own, so that their order is not shown",
                     n_reach);
    snprintf(text + used, sizeof text - (size_t)used, ".");
    mdp_html_text(part->page, "p", "verdict", text);
}

/* two runs are tested as `compare` tests them, each under the letter that the sentence calls it */
static mdp_err put_comparison(const struct part *part) {
    char *sentence = NULL, words[4 * MDP_PATH_MAX + 64];
    mdp_err err;
    if (part->request->compare == NULL || part->end - part->first != 2) return MDP_OK;
    const struct mdp_page_item *a = &part->items->list[part->first], *b = a + 1;
    err = part->request->compare(a->label, b->label, &sentence);
    if (err == MDP_E_NOMEM) goto out;
    snprintf(words, sizeof words, "A is %s, B is %s. %s", mdp_page_item_name(a), mdp_page_item_name(b),
             err == MDP_OK ? "Compared:" : "They are not compared:");
    mdp_html_text(part->page, "p", "notes", words);
    mdp_html_text(part->page, "p", err == MDP_OK ? "verdict" : "notes", err == MDP_OK ? sentence : mdp_err_message());
    err = MDP_OK;
out:
    free(sentence);
    return err;
}

/* ---- the table ---- */

/* its rows are the evaluations in their order */
static mdp_err put_table(const struct part *part) {
    struct mdp_table *table = NULL;
    const struct mdp_page_item *list = part->items->list + part->first;
    const char **names = NULL;
    char **paths = NULL;
    int *links = NULL, n_rows = 0, n = part->end - part->first;
    mdp_err err;
    MDP_TRY(mdp_calloc(&paths, (unsigned long)n, sizeof *paths, "report"));
    MDP_TRY(mdp_calloc(&names, (unsigned long)n, sizeof *names, "report"));
    for (int i = 0; i < n; i++) paths[i] = part->items->list[part->first + i].label;
    for (int i = 0; i < n; i++) names[i] = mdp_page_item_name(&list[i]);
    MDP_TRY(mdp_runs_table(n, paths, names, "", 0, &table));
    MDP_TRY(mdp_calloc(&links, (unsigned long)mdp_table_n_rows(table) + 1, sizeof *links, "report"));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < list[i].n && n_rows < mdp_table_n_rows(table); k++) links[n_rows++] = list[i].anchor + k;
    mdp_html_table(part->page, table, NULL, links);
out:
    free(links);
    free(names);
    free(paths);
    mdp_table_free(table);
    return err;
}

/* ---- pictures ---- */

/* what one series is made of */
struct arrays {
    double *x, *y, *lo, *hi;
};
typedef mdp_err (*fill)(const struct mdp_page_item *item, struct arrays *arrays, long *n);

static mdp_err alloc(struct arrays *arrays, long n) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&arrays->x, (unsigned long)n, sizeof(double), "report"));
    MDP_TRY(mdp_calloc(&arrays->y, (unsigned long)n, sizeof(double), "report"));
    MDP_TRY(mdp_calloc(&arrays->lo, (unsigned long)n, sizeof(double), "report"));
    MDP_TRY(mdp_calloc(&arrays->hi, (unsigned long)n, sizeof(double), "report"));
out:
    return err;
}

static mdp_err fill_curve(const struct mdp_page_item *item, struct arrays *arrays, long *n) {
    mdp_err err = alloc(arrays, item->n);
    for (*n = 0; err == MDP_OK && *n < item->n; ++*n) {
        const struct mdp_summary *s = &item->list[*n].normalized;
        arrays->x[*n] = (double)item->list[*n].info.step;
        arrays->y[*n] = s->iqm;
        /* a single episode has no interval: no band there */
        arrays->lo[*n] = fmin(s->iqm, s->iqm_low);
        arrays->hi[*n] = fmax(s->iqm, s->iqm_high);
    }
    return err;
}

static mdp_err fill_variance(const struct mdp_page_item *item, struct arrays *arrays, long *n) {
    mdp_err err = alloc(arrays, item->n);
    *n = 0;
    for (int i = 0; err == MDP_OK && i < item->n; i++) {
        const double sd = item->list[i].normalized.sd;
        if (isnan(sd)) continue;
        arrays->x[*n] = (double)item->list[i].info.step;
        arrays->y[(*n)++] = sd * sd;
    }
    return err;
}

static mdp_err fill_profile(const struct mdp_page_item *item, struct arrays *arrays, long *n) {
    const struct mdp_episodes *episodes = &last_of(item)->episodes;
    const struct mdp_scores scores = {episodes->normalized_returns, episodes->n, 1};
    mdp_err err = alloc(arrays, MDP_PROFILE_TAUS);
    if (err != MDP_OK) return err;
    *n = MDP_PROFILE_TAUS;
    mdp_profile_taus(arrays->x);
    return mdp_performance_profile(&scores, arrays->x, *n, arrays->y, NULL);
}

/* a kind of picture; a curve needs more than one checkpoint */
struct kind {
    fill fill;
    int has_band, is_curve;
    const char *x_title, *y_title, *words;
};

/* levels of what is no curve: files of one evaluation, as of the policy that made the data */
static int list_levels(const struct part *part, struct mdp_level *levels) {
    int n = 0;
    for (int i = part->first; i < part->end && n < MDP_FIGURE_SERIES_MAX; i++)
        if (part->items->list[i].n == 1)
            levels[n++] = (struct mdp_level){last_of(&part->items->list[i])->normalized.iqm,
                                             mdp_page_item_name(&part->items->list[i])};
    return n;
}

/* as many series as a figure holds, from item *next on, which moves */
static mdp_err put_figure(const struct part *part, const struct kind *kind, int *next) {
    struct arrays arrays[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    struct mdp_level levels[MDP_FIGURE_SERIES_MAX];
    const char *algos[MDP_FIGURE_SERIES_MAX];
    char words[256];
    int places[MDP_FIGURE_SERIES_MAX], n = 0;
    mdp_err err = MDP_OK;
    memset(arrays, 0, sizeof arrays);
    for (; *next < part->end && n < MDP_FIGURE_SERIES_MAX; ++*next) {
        const struct mdp_page_item *item = &part->items->list[*next];
        struct arrays *a = &arrays[n];
        long n_points = 0;
        if (kind->is_curve && item->n < 2) continue;
        algos[n++] = item->list[0].info.algo;
        MDP_TRY(kind->fill(item, a, &n_points));
        series[n - 1] =
            (struct mdp_series){mdp_page_item_name(item),     n_points, a->x, a->y, kind->has_band ? a->lo : NULL,
                                kind->has_band ? a->hi : NULL};
        if (n_points == 0) n--, free(a->x), free(a->y), free(a->lo), free(a->hi), memset(a, 0, sizeof *a);
    }
    if (n == 0) goto out;
    mdp_look_places(n, algos, places);
    snprintf(words, sizeof words, "%s: %s", mdp_page_item_task(&part->items->list[part->first]), kind->words);
    const struct mdp_figure figure = {NULL,   kind->x_title, kind->y_title,
                                      n,      series,        kind->has_band ? list_levels(part, levels) : 0,
                                      levels, NULL,          places};
    MDP_TRY(mdp_html_figure(part->page, &figure, words));
out:
    for (int i = 0; i < MDP_FIGURE_SERIES_MAX; i++) {
        free(arrays[i].x);
        free(arrays[i].y);
        free(arrays[i].lo);
        free(arrays[i].hi);
    }
    return err;
}

static mdp_err put_figures(const struct part *part) {
    static const struct kind kinds[] = {
        {fill_curve, 1, 1, "gradient steps", "normalized return (IQM, 95 % CI)",
         "normalized return over gradient steps, interquartile mean with its 95 % interval"},
        {fill_variance, 0, 1, "gradient steps", "variance of the normalized return",
         "variance of the normalized return over the episodes of each checkpoint"},
        {fill_profile, 0, 0, "normalized return", "share of episodes above",
         "share of the episodes of the last checkpoint above a normalized return"}};
    mdp_err err = MDP_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (int next = part->first; err == MDP_OK && next < part->end;) err = put_figure(part, &kinds[k], &next);
    return err;
}

/* ---- what it cost ---- */

struct cost_row {
    const char *run;
    long steps, threads;
    double seconds, mebibytes, hours;
};
static const struct mdp_column cost_list[] = {
    MDP_COLUMN(struct cost_row, run, TEXT, "run", "run"),
    MDP_COLUMN(struct cost_row, steps, WHOLE, "steps", "steps"),
    MDP_COLUMN(struct cost_row, seconds, REAL, "core_seconds_per_1000_steps", "core s per 1000 steps", 2),
    MDP_COLUMN(struct cost_row, mebibytes, REAL, "peak_mebibytes", "peak MiB", 1),
    MDP_COLUMN(struct cost_row, hours, REAL, "core_hours", "core h", 3),
    MDP_COLUMN(struct cost_row, threads, WHOLE, "threads", "threads"),
};
static const struct mdp_columns cost_columns = MDP_COLUMNS(struct cost_row, cost_list);

/* of every run that trained and says what it took; behaviour policies and imported ones say nothing */
static mdp_err put_cost(const struct part *part) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("What training cost, as the runs recorded it (run.json)", &cost_columns, &table));
    for (int i = part->first; i < part->end; i++) {
        const struct mdp_page_item *item = &part->items->list[i];
        struct mdp_run_facts facts;
        struct cost_row row;
        int found = 0;
        /* several labels of a run are neighbours, and one training */
        if (i > part->first && strcmp(item->folder, part->items->list[i - 1].folder) == 0) continue;
        if (item->folder[0] != 0) MDP_TRY(mdp_run_facts_read(item->folder, &facts, &found));
        if (!found || facts.steps == 0) continue;
        mdp_row_clear(&cost_columns, &row);
        row.run = strlen(item->folder) > part->n_common ? item->folder + part->n_common : item->folder;
        row.steps = facts.steps;
        row.seconds = 1000 * facts.cpu_seconds / (double)facts.steps;
        row.mebibytes = facts.peak_bytes / 1048576;
        row.hours = facts.cpu_seconds / 3600;
        row.threads = facts.threads;
        MDP_TRY(mdp_table_fill(table, &row, 1));
    }
    if (mdp_table_n_rows(table) > 0) mdp_html_table(part->page, table, NULL, NULL);
out:
    mdp_table_free(table);
    return err;
}

/* ---- the page ---- */

/* where the names begin: with it they are paths again */
static void put_common(const struct part *part) {
    char text[MDP_PATH_MAX + 64];
    if (part->n_common == 0) return;
    snprintf(text, sizeof text, "Names are paths below %.*s", (int)part->n_common,
             part->items->list[part->first].label);
    mdp_html_text(part->page, "p", "notes", text);
}

static mdp_err put_part(const struct part *part) {
    const char *task = mdp_page_item_task(&part->items->list[part->first]);
    mdp_err err;
    char id[MDP_LABEL_MAX + 8];
    snprintf(id, sizeof id, "task-%s", task);
    mdp_html_section(part->page, id, task);
    put_verdict(part);
    put_common(part);
    MDP_TRY(put_comparison(part));
    MDP_TRY(put_table(part));
    MDP_TRY(put_figures(part));
    MDP_TRY(put_cost(part));
    MDP_TRY(mdp_page_items_films(part->items, part->first, part->end, part->request, part->n_films, part->page));
    mdp_html_text(part->page, "h3", NULL, "What the numbers are made of");
    mdp_page_items_write(part->items, part->first, part->end, part->page);
    mdp_html_section_end(part->page);
out:
    return err;
}

static int by_task(const void *a, const void *b) {
    const struct mdp_page_item *x = a, *y = b;
    const int order = strcmp(mdp_page_item_task(x), mdp_page_item_task(y));
    return order != 0 ? order : (x->anchor > y->anchor) - (x->anchor < y->anchor);
}

static mdp_err put_parts(struct mdp_page_items *items, const struct mdp_page_request *request, FILE *page) {
    long n_films = request->n_films;
    mdp_err err = MDP_OK;
    for (int first = 0, end; err == MDP_OK && first < items->n; first = end) {
        const char *task = mdp_page_item_task(&items->list[first]);
        for (end = first + 1; end < items->n && strcmp(mdp_page_item_task(&items->list[end]), task) == 0;) end++;
        size_t n_common;
        err = mdp_page_items_name(items, first, end, &n_common);
        if (err == MDP_OK) err = put_part(&(struct part){items, first, end, page, request, &n_films, n_common});
    }
    return err;
}

mdp_err mdp_page_of_runs(int n, char **paths, const struct mdp_page_request *request) {
    struct mdp_page_items items = {.n = 0};
    struct mdp_memstream page = {.stream = NULL};
    mdp_err err;
    for (int i = 0; i < n; i++) MDP_TRY(mdp_page_items_find(&items, paths[i]));
    for (int i = 0; i < items.n; i++) items.list[i].anchor = i;
    qsort(items.list, (size_t)items.n, sizeof *items.list, by_task);
    mdp_page_items_number(&items, 0);
    MDP_TRY(mdp_memstream_open(&page, "report"));
    mdp_html_begin(page.stream, request->title != NULL ? request->title : "Evaluated policies");
    err = put_parts(&items, request, page.stream);
    mdp_html_end(page.stream, 1);
    err = mdp_html_save(&page, err, request->out);
out:
    mdp_page_items_free(&items);
    return err;
}
