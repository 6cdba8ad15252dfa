#include "bench/report/page_items.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/row_names.h"
#include "results/show/html.h"
#include "results/show/markup.h"

/* room for one more in a list that grows by doubling */
static mdp_err grow(void **list, int n, int *room, size_t size) {
    if (n < *room) return MDP_OK;
    const int wanted = *room > 0 ? 2 * *room : 8;
    void *grown = realloc(*list, (size_t)wanted * size);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "report: no memory for %d evaluations", wanted);
    *list = grown;
    *room = wanted;
    return MDP_OK;
}

mdp_err mdp_page_items_add(struct mdp_page_items *items, const char *label, struct mdp_page_item **out) {
    mdp_err err = grow((void **)&items->list, items->n, &items->room, sizeof *items->list);
    if (err != MDP_OK) return err;
    *out = &items->list[items->n++];
    memset(*out, 0, sizeof **out);
    snprintf((*out)->label, sizeof(*out)->label, "%s", label);
    return MDP_OK;
}

mdp_err mdp_page_item_read(struct mdp_page_items *items, struct mdp_page_item *item, const char *path) {
    struct mdp_page_evaluation *e;
    mdp_err err;
    MDP_TRY(grow((void **)&item->list, item->n, &item->room, sizeof *item->list));
    e = &item->list[item->n];
    memset(e, 0, sizeof *e);
    e->info.step = -1;
    MDP_TRY(mdp_fsx_path(e->path, "%s", path));
    MDP_TRY(mdp_evaluation_read(&items->cache, path, &e->info, &e->episodes));
    item->n++;
    MDP_TRY(mdp_summarize(e->episodes.normalized_returns, e->episodes.n, &items->draws, &e->normalized));
out:
    return err;
}

int mdp_page_items_number(struct mdp_page_items *items, int next) {
    for (int i = 0; i < items->n; i++) {
        items->list[i].anchor = next;
        next += items->list[i].n;
    }
    return next;
}

mdp_err mdp_page_items_name(struct mdp_page_items *items, int first, int end, size_t *n_common) {
    struct mdp_row_names names = {.n = 0};
    const char **labels = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&labels, (unsigned long)(end - first) + 1, sizeof *labels, "names of rows"));
    for (int i = first; i < end; i++) labels[i - first] = items->list[i].label;
    MDP_TRY(mdp_row_names_make(end - first, labels, &names));
    *n_common = names.n_common;
    for (int i = first; i < end; i++) {
        items->list[i].name = names.list[i - first];
        names.list[i - first] = NULL;
    }
out:
    mdp_row_names_free(&names);
    free(labels);
    return err;
}

void mdp_page_items_free(struct mdp_page_items *items) {
    for (int i = 0; i < items->n; i++) {
        struct mdp_page_item *item = &items->list[i];
        for (int k = 0; k < item->n; k++) {
            mdp_episodes_free(&item->list[k].episodes);
            mdp_episodes_info_free(&item->list[k].info);
        }
        free(item->list);
        free(item->name);
    }
    free(items->list);
    mdp_evaluations_free(&items->cache);
    free(items->draws.counts);
    *items = (struct mdp_page_items){.n = 0};
}

/* ---- what a page says of them ---- */

/* all dots of an item on one scale */
static void find_range(const struct mdp_page_item *item, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (int k = 0; k < item->n; k++)
        for (long i = 0; i < item->list[k].episodes.n; i++) {
            *low = fmin(*low, item->list[k].episodes.normalized_returns[i]);
            *high = fmax(*high, item->list[k].episodes.normalized_returns[i]);
        }
}

static void put_evaluation(const struct mdp_page_evaluation *e, int anchor, double low, double high, FILE *page) {
    const long n_fell = mdp_episodes_ended(&e->episodes, MDP_END_TERMINATED);
    const long n_broken = mdp_episodes_ended(&e->episodes, MDP_END_NON_FINITE);
    fputs("<tr", page);
    mdp_html_anchor(page, anchor);
    fputs("><th scope=\"row\">", page);
    if (e->info.step >= 0) fprintf(page, "step %" PRId64, e->info.step);
    fprintf(page, "</th><td class=\"n\">%.3f</td><td>", e->normalized.iqm);
    mdp_html_dots(page, e->episodes.normalized_returns, e->episodes.n, low, high);
    fprintf(page, "</td><td class=\"n\">%ld</td><td class=\"n\">%ld</td><td class=\"n\">%" PRIu64 "</td><td>", n_fell,
            n_broken, e->episodes.seeds[0]);
    mdp_put_xml(page, e->path);
    fputs("</td></tr>\n", page);
}

static void put_item(const struct mdp_page_item *item, FILE *page) {
    char words[128];
    double low, high;
    find_range(item, &low, &high);
    fputs("<details><summary>", page);
    mdp_put_xml(page, mdp_page_item_name(item));
    fputs("</summary>\n<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"evaluations of ", page);
    mdp_put_xml(page, mdp_page_item_name(item));
    snprintf(words, sizeof words, "Normalized returns, each a dot from %.3f to %.3f", low, high);
    fputs("\"><table>\n", page);
    mdp_html_caption(page, words);
    fputs("<thead><tr><th scope=\"col\">evaluation</th><th scope=\"col\" class=\"n\">IQM</th><th "
          "scope=\"col\">returns</th><th scope=\"col\" class=\"n\">fell</th><th scope=\"col\" class=\"n\">not "
          "finite</th><th scope=\"col\" class=\"n\">seed</th><th scope=\"col\">file</th></tr></thead>\n<tbody>\n",
          page);
    for (int k = 0; k < item->n; k++) put_evaluation(&item->list[k], item->anchor + k, low, high, page);
    fputs("</tbody></table></div>\n<details><summary>Settings and facts of the last one</summary>\n", page);
    mdp_html_facts(page, NULL, &item->list[item->n - 1].info);
    fputs("</details>\n</details>\n", page);
}

void mdp_page_items_write(const struct mdp_page_items *items, int first, int end, FILE *page) {
    for (int i = first; i < end; i++) put_item(&items->list[i], page);
}
