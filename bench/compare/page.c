#include "bench/compare/page.h"

#include <math.h>
#include <string.h>

#include "results/show/html.h"

/* the values of a task on both sides have one scale */
static void find_range(const struct mdp_compare_side *side, const char *task, double *low, double *high) {
    for (int i = 0; i < side->n; i++)
        for (long k = 0; strcmp(side->samples[i].task, task) == 0 && k < side->samples[i].n; k++) {
            *low = fmin(*low, side->samples[i].values[k]);
            *high = fmax(*high, side->samples[i].values[k]);
        }
}

static void put_sample(const struct mdp_compare_sample *sample, double low, double high, FILE *page) {
    char words[256];
    fputs("<p>", page);
    mdp_html_dots(page, sample->values, sample->n, low, high);
    fputs("</p>\n", page);
    snprintf(words, sizeof words, "%ld value%s of unit %s, %s, on a scale from %.3f to %.3f", sample->n,
             sample->n == 1 ? "" : "s", sample->unit,
             mdp_facts_are_by_objective(&sample->files[0].facts) ? "return of the objective" : "normalized return", low,
             high);
    mdp_html_text(page, "p", NULL, words);
    for (int i = 0; i < sample->n_files; i++) {
        fputs("<details>", page);
        mdp_html_text(page, "summary", NULL, sample->files[i].path);
        mdp_html_facts(page, &sample->files[i].facts, NULL);
        fputs("</details>\n", page);
    }
}

static void put_side(const char *name, const struct mdp_compare_side *side, const struct mdp_compare_side *other,
                     FILE *page) {
    mdp_html_section(page, name, name);
    for (int i = 0; i < side->n; i++) {
        double low = INFINITY, high = -INFINITY;
        find_range(side, side->samples[i].task, &low, &high);
        find_range(other, side->samples[i].task, &low, &high);
        mdp_html_text(page, "h3", NULL, side->samples[i].task);
        put_sample(&side->samples[i], low, high, page);
    }
    mdp_html_section_end(page);
}

mdp_err mdp_compare_page(const char *verdict, const struct mdp_table *table, const struct mdp_compare_side *a,
                         const struct mdp_compare_side *b, const char *out) {
    struct mdp_memstream page;
    mdp_err err = mdp_memstream_open(&page, "page of the comparison");
    if (err != MDP_OK) return err;
    mdp_html_begin(page.stream, "A against B");
    mdp_html_text(page.stream, "p", "verdict", verdict);
    mdp_html_table(page.stream, table, "Tests and effects", NULL);
    put_side("A", a, b, page.stream);
    put_side("B", b, a, page.stream);
    mdp_html_end(page.stream, 0);
    return mdp_html_save(&page, MDP_OK, out);
}
