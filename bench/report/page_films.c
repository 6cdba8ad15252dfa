/* one sees the gait, and the fall, behind a number: three episodes of a run's last evaluation. */
#include <stdlib.h>

#include "bench/report/page_items.h"
#include "bench/run/shown.h"
#include "results/show/html.h"
#include "results/show/markup.h"

/* where they go, and what cannot be drawn, with its reasons */
struct films {
    const struct mdp_page_request *request;
    FILE *page, *gone;
    int n_gone;
};

/* the strip stands still, wider than a phone, and the median can be watched, too */
static void put_film(const struct mdp_page_film *film, int which, FILE *page) {
    static const char *const names[MDP_N_SHOWN] = {"worst", "median", "best"};
    char words[320];
    snprintf(words, sizeof words, "%s episode: %.255s", names[which], film->title);
    fputs("<figure>\n<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"film strip\">\n", page);
    mdp_html_image(page, "film", film->strip, film->strip_size, words);
    fputs("</div>\n", page);
    mdp_html_text(page, "figcaption", NULL, words);
    if (which == MDP_SHOWN_MEDIAN) {
        fputs("<details><summary>watch it move</summary>\n", page);
        snprintf(words, sizeof words, "the median episode, moving: %.255s", film->title);
        mdp_html_image(page, "moving", film->moving, film->moving_size, words);
        fputs("</details>\n", page);
    }
    fputs("</figure>\n", page);
}

static mdp_err draw(const struct mdp_page_evaluation *e, const struct mdp_page_request *request,
                    struct mdp_page_film drawn[MDP_N_SHOWN]) {
    long rows[MDP_N_SHOWN];
    mdp_err err;
    MDP_TRY(mdp_shown_rows(&e->episodes, rows));
    for (int i = 0; i < MDP_N_SHOWN; i++)
        MDP_TRY(request->film(request->context, e->path, (long)e->episodes.indices[rows[i]], &drawn[i]));
out:
    return err;
}

/* all three of an item, or none */
static mdp_err put_films(const struct mdp_page_item *item, struct films *films, int *is_drawn) {
    struct mdp_page_film drawn[MDP_N_SHOWN] = {{.strip = NULL}};
    mdp_err err = draw(&item->list[item->n - 1], films->request, drawn);
    *is_drawn = err == MDP_OK;
    if (*is_drawn) mdp_html_text(films->page, "h4", NULL, mdp_page_item_name(item));
    for (int i = 0; i < MDP_N_SHOWN; i++) {
        if (*is_drawn) put_film(&drawn[i], i, films->page);
        free(drawn[i].strip);
        free(drawn[i].moving);
    }
    if (err != MDP_E_DATA && err != MDP_E_IO && err != MDP_E_USAGE) return err;
    fputs("<li>", films->gone);
    mdp_put_xml(films->gone, mdp_page_item_name(item));
    fputs(": ", films->gone);
    mdp_put_xml(films->gone, mdp_err_message());
    fputs("</li>\n", films->gone);
    films->n_gone++;
    return MDP_OK;
}

/* one line for all of them, which opens the reasons */
static void put_gone(const struct films *films, const char *reasons) {
    if (films->n_gone == 0) return;
    fprintf(films->page,
            "<details><summary>Of %d run%s the episodes can neither be read nor played again</summary>\n"
            "<ul class=\"notes\">\n%s</ul>\n</details>\n",
            films->n_gone, films->n_gone == 1 ? "" : "s", reasons);
}

mdp_err mdp_page_items_films(const struct mdp_page_items *items, int first, int end,
                             const struct mdp_page_request *request, long *n_films, FILE *page) {
    struct films films = {.request = request, .page = page};
    struct mdp_memstream gone = {.stream = NULL};
    mdp_err err;
    if (request->film == NULL || *n_films == 0) return MDP_OK;
    MDP_TRY(mdp_memstream_open(&gone, "report"));
    films.gone = gone.stream;
    mdp_html_text(page, "h3", NULL, "Episodes");
    for (int i = first; err == MDP_OK && i<end && * n_films> 0; i++) {
        int is_drawn;
        err = put_films(&items->list[i], &films, &is_drawn);
        *n_films -= is_drawn;
    }
    err = mdp_memstream_close(&gone, err);
    if (err == MDP_OK) put_gone(&films, gone.text);
out:
    free(gone.text);
    return err;
}
