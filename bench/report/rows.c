#include "bench/report/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/bootstrap.h"

/* ---- numbers ---- */

static const struct mdp_row_mark nothing = {NAN, NAN, NAN, 0, NULL};

static struct mdp_row_mark mark_of(const struct mdp_interval *interval) {
    if (!isfinite(interval->low) || !isfinite(interval->high))
        return (struct mdp_row_mark){interval->estimate, NAN, NAN, 0, NULL};
    return (struct mdp_row_mark){interval->estimate, interval->low, interval->high, 0, NULL};
}

static struct mdp_bootstrap_plan plan_for(long n, enum mdp_interval_method of_many) {
    return (struct mdp_bootstrap_plan){.method = mdp_bootstrap_method(n, of_many), .n_threads = 1};
}

/* of a single value no number has an interval */
static mdp_err describe(const struct mdp_row_sample *sample, struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX]) {
    const struct mdp_bootstrap_plan plan = plan_for(sample->n, MDP_INTERVAL_BCA_MID);
    const struct mdp_scores scores = {sample->values, sample->n, 1};
    struct mdp_bootstrap_sample one;
    struct mdp_bootstrap all;
    mdp_err err;
    for (int k = 0; k < 3; k++) marks[k] = (struct mdp_row_mark){sample->values[0], NAN, NAN, 0, NULL};
    marks[3] = (struct mdp_row_mark){1 - fmin(1, sample->values[0]), NAN, NAN, 0, NULL};
    if (sample->n == 1) return MDP_OK;
    MDP_TRY(mdp_bootstrap_sample_compute(sample->values, sample->n, &plan, &one));
    MDP_TRY(mdp_bootstrap_compute(&scores, &plan, &all));
    marks[0] = mark_of(&one.interval[MDP_SAMPLE_MEAN]);
    marks[1] = mark_of(&one.interval[MDP_SAMPLE_MEDIAN]);
    marks[2] = mark_of(&one.interval[MDP_SAMPLE_IQM]);
    marks[3] = mark_of(&all.interval[MDP_AGGREGATE_OPTIMALITY_GAP]);
out:
    return err;
}

static mdp_err compare(const struct mdp_row_sample *sample, const struct mdp_row_sample *base,
                       struct mdp_row_mark *mark) {
    const struct mdp_scores x = {sample->values, sample->n, 1}, y = {base->values, base->n, 1};
    const struct mdp_bootstrap_plan plan = plan_for(x.n_runs < y.n_runs ? x.n_runs : y.n_runs, MDP_INTERVAL_PERCENTILE);
    struct mdp_bootstrap_two two;
    mdp_err err = mdp_bootstrap_two_compute(&x, &y, &plan, &two);
    if (err == MDP_OK) *mark = mark_of(&two.interval[MDP_CONTRAST_POI]);
    return err;
}

/* ---- pictures ---- */

static const char *returns_of(const struct mdp_row_samples *samples) {
    return samples->returns != NULL ? samples->returns : "normalized return";
}

static void add_panel(struct mdp_row_picture *picture, const char *title, const char *x_title) {
    int k = picture->rows.n_panels++;
    picture->panels[k] =
        (struct mdp_row_panel){.title = title, .x_title = x_title, .marks = picture->marks[k], .line = NAN};
}

static mdp_err add_aggregates(const struct mdp_row_samples *samples, struct mdp_row_picture *picture) {
    static const char *const titles[] = {"mean", "median", "IQM", "optimality gap"};
    const int n = samples->returns == NULL ? MDP_ROWS_PANELS_MAX : MDP_ROWS_PANELS_MAX - 1;
    mdp_err err = MDP_OK;
    for (int k = 0; k < n; k++) add_panel(picture, titles[k], k < 3 ? returns_of(samples) : "below 1");
    for (int i = 0; i < samples->n; i++) {
        struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX];
        MDP_TRY(describe(&samples->list[i], marks));
        for (int k = 0; k < n; k++) picture->marks[k][i] = marks[k];
    }
out:
    return err;
}

static mdp_err add_improvement(const struct mdp_row_samples *samples, struct mdp_row_picture *picture) {
    mdp_err err = MDP_OK;
    add_panel(picture, "P(better than the first)", "probability");
    picture->panels[0].line = 0.5;
    picture->panels[0].is_share = 1;
    for (int i = 1; i < samples->n; i++)
        MDP_TRY(compare(&samples->list[i], &samples->list[0], &picture->marks[0][i - 1]));
    for (int i = 1; i < samples->n; i++) picture->labels[i - 1] = picture->labels[i];
    for (int i = 1; i < samples->n; i++) picture->places[i - 1] = picture->places[i];
    picture->rows.n_rows--;
out:
    return err;
}

static mdp_err add_episodes(const struct mdp_row_samples *samples, struct mdp_row_picture *picture) {
    mdp_err err = MDP_OK;
    add_panel(picture, samples->of_runs ? "runs, mean with 95 % CI" : "episodes, IQM with 95 % CI",
              returns_of(samples));
    for (int i = 0; i < samples->n; i++) {
        const struct mdp_row_sample *sample = &samples->list[i];
        struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX];
        MDP_TRY(describe(sample, marks));
        picture->marks[0][i] = marks[samples->of_runs ? 0 : 2];
        picture->marks[0][i].dots = sample->values;
        picture->marks[0][i].n_dots = sample->n;
    }
out:
    return err;
}

/* ---- notes ---- */

long mdp_rows_fewest(const struct mdp_row_samples *samples) {
    long least = samples->list[0].n;
    for (int i = 1; i < samples->n; i++)
        if (samples->list[i].n < least) least = samples->list[i].n;
    return least;
}

void mdp_note_few(long n, const char *what, const char *whose, char note[256]) {
    note[0] = 0;
    if (n > 1 && n < MDP_BOOTSTRAP_FEW_RUNS)
        snprintf(note, 256, "few (below %d): %s interval; if 1 %s in 10 fails, %ld show none in %.0f %% of cases",
                 MDP_BOOTSTRAP_FEW_RUNS, whose, what, n, 100 * pow(0.9, (double)n));
}

/* the first words of what few means and the rest, on a line each: a column has no room for both */
static void note(enum mdp_rows_kind kind, const struct mdp_row_samples *samples, struct mdp_row_picture *picture) {
    const int is_improvement = kind == MDP_ROWS_IMPROVEMENT;
    char few[256], *semicolon;
    mdp_note_few(mdp_rows_fewest(samples), samples->of_runs ? "seed" : "episode",
                 is_improvement ? "Newcombe's" : "Student's", few);
    if ((semicolon = strstr(few, "; ")) != NULL) {
        semicolon[0] = '\n';
        memmove(semicolon + 1, semicolon + 2, strlen(semicolon + 2) + 1);
    }
    snprintf(picture->note, sizeof picture->note, "%s%.200s%s%s", is_improvement ? "the first: " : "",
             is_improvement ? samples->list[0].label : "", is_improvement && few[0] != 0 ? "\n" : "", few);
}

mdp_err mdp_rows_make(enum mdp_rows_kind kind, const struct mdp_row_samples *samples, struct mdp_row_picture *picture) {
    memset(picture, 0, sizeof *picture);
    for (int k = 0; k < MDP_ROWS_PANELS_MAX; k++)
        for (int i = 0; i < MDP_ROWS_MAX; i++) picture->marks[k][i] = nothing;
    for (int i = 0; i < samples->n; i++) {
        picture->labels[i] = samples->list[i].label;
        picture->places[i] = samples->list[i].place;
    }
    picture->rows = (struct mdp_row_page){.n_rows = samples->n,
                                          .labels = picture->labels,
                                          .panels = picture->panels,
                                          .note = picture->note,
                                          .places = picture->places};
    note(kind, samples, picture);
    if (kind == MDP_ROWS_AGGREGATES) return add_aggregates(samples, picture);
    if (kind == MDP_ROWS_IMPROVEMENT) return add_improvement(samples, picture);
    return add_episodes(samples, picture);
}
