/* one sees the gait, and the fall, behind a number: three episodes of a run's last evaluation. */
#include <stdlib.h>
#include <string.h>

#include "bench/report/page_items.h"
#include "results/show/html.h"

enum { WORST, MEDIAN, BEST, N_SHOWN };

struct ranked {
    double value;
    long row;
};

static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static mdp_err choose(const struct mdp_episodes *episodes, long rows[N_SHOWN]) {
    struct ranked *all = NULL;
    const long n = episodes->n;
    mdp_err err = mdp_calloc(&all, (unsigned long)n, sizeof *all, "report");
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++) all[i] = (struct ranked){episodes->normalized_returns[i], i};
    qsort(all, (size_t)n, sizeof *all, by_value);
    rows[WORST] = all[0].row;
    rows[MEDIAN] = all[(n - 1) / 2].row;
    rows[BEST] = all[n - 1].row;
    free(all);
    return MDP_OK;
}

/* the strip stands still, and the median can be watched, too */
static void put_film(const struct mdp_page_film *film, int which, FILE *page) {
    static const char *const names[] = {"worst", "median", "best"};
    char words[320];
    snprintf(words, sizeof words, "%s episode: %s", names[which], film->title);
    fputs("<figure>\n", page);
    mdp_html_image(page, "film", film->strip, film->strip_size, words);
    mdp_html_text(page, "figcaption", NULL, words);
    if (which == MEDIAN) {
        fputs("<details><summary>watch it move</summary>\n", page);
        snprintf(words, sizeof words, "the median episode, moving: %s", film->title);
        mdp_html_image(page, "moving", film->moving, film->moving_size, words);
        fputs("</details>\n", page);
    }
    fputs("</figure>\n", page);
}

static mdp_err put_films(const struct mdp_page_item *item, const struct mdp_page_request *request, FILE *page) {
    const struct mdp_page_evaluation *e = &item->list[item->n - 1];
    long rows[N_SHOWN];
    mdp_err err;
    MDP_TRY(choose(&e->episodes, rows));
    mdp_html_text(page, "h4", NULL, mdp_page_item_name(item));
    for (int i = 0; i < N_SHOWN; i++) {
        struct mdp_page_film film = {.strip = NULL};
        err = request->film(request->context, e->path, (long)e->episodes.indices[rows[i]], &film);
        if (err == MDP_OK) put_film(&film, i, page);
        free(film.strip);
        free(film.moving);
        if (err == MDP_OK) continue;
        if (err != MDP_E_DATA && err != MDP_E_IO && err != MDP_E_USAGE) return err;
        mdp_html_text(page, "p", "notes", "Its episodes cannot be played again:");
        mdp_html_text(page, "p", "notes", mdp_err_message());
        return MDP_OK;
    }
out:
    return err;
}

mdp_err mdp_page_items_films(const struct mdp_page_items *items, int first, int end,
                             const struct mdp_page_request *request, long *n_films, FILE *page) {
    mdp_err err = MDP_OK;
    if (request->film == NULL || *n_films == 0) return MDP_OK;
    mdp_html_text(page, "h3", NULL, "Episodes");
    for (int i = first; err == MDP_OK && i<end && * n_films> 0; i++, --*n_films)
        err = put_films(&items->list[i], request, page);
    return err;
}
