/* one sees the gait, and the fall, behind a number: three episodes of a run's last evaluation. */
#include <stdlib.h>

#include "bench/report/page_items.h"
#include "bench/run/shown.h"
#include "results/show/html.h"

/* the strip stands still, and the median can be watched, too */
static void put_film(const struct mdp_page_film *film, int which, FILE *page) {
    static const char *const names[MDP_N_SHOWN] = {"worst", "median", "best"};
    char words[320];
    snprintf(words, sizeof words, "%s episode: %s", names[which], film->title);
    fputs("<figure>\n", page);
    mdp_html_image(page, "film", film->strip, film->strip_size, words);
    mdp_html_text(page, "figcaption", NULL, words);
    if (which == MDP_SHOWN_MEDIAN) {
        fputs("<details><summary>watch it move</summary>\n", page);
        snprintf(words, sizeof words, "the median episode, moving: %s", film->title);
        mdp_html_image(page, "moving", film->moving, film->moving_size, words);
        fputs("</details>\n", page);
    }
    fputs("</figure>\n", page);
}

static mdp_err put_films(const struct mdp_page_item *item, const struct mdp_page_request *request, FILE *page) {
    const struct mdp_page_evaluation *e = &item->list[item->n - 1];
    long rows[MDP_N_SHOWN];
    mdp_err err;
    MDP_TRY(mdp_shown_rows(&e->episodes, rows));
    mdp_html_text(page, "h4", NULL, mdp_page_item_name(item));
    for (int i = 0; i < MDP_N_SHOWN; i++) {
        struct mdp_page_film film = {.strip = NULL};
        err = request->film(request->context, e->path, (long)e->episodes.indices[rows[i]], &film);
        if (err == MDP_OK) put_film(&film, i, page);
        free(film.strip);
        free(film.moving);
        if (err == MDP_OK) continue;
        if (err != MDP_E_DATA && err != MDP_E_IO && err != MDP_E_USAGE) return err;
        mdp_html_text(page, "p", "notes", "Its episodes can neither be read nor played again:");
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
