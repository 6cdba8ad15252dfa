/* runs against each other at one checkpoint: aggregates, how likely one is better, and the episodes themselves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/report.h"
#include "bench/report/row_names.h"
#include "bench/report/runs_internal.h"
#include "bench/report/seeds.h"
#include "bench/run/evaluations.h"
#include "results/show/figure_rows.h"
#include "stats/bootstrap.h"

/* one row: the returns of its episodes, or with seeds the means of its runs */
struct sample {
    char label[MDP_PATH_MAX];
    long n, step;
    double *values; /* [n] */
};

struct samples {
    int n;
    struct sample list[MDP_ROWS_MAX];
};

static void samples_free(struct samples *samples) {
    for (int i = 0; i < samples->n; i++) free(samples->list[i].values);
}

/* ---- reading ---- */

static mdp_err refuse_step(const char *name, long step) {
    return mdp_fail(MDP_E_USAGE, "figure: option --step: expected an evaluated checkpoint of %s, found %ld", name,
                    step);
}

static mdp_err take_values(struct sample *sample, const double *values, long n) {
    mdp_err err = mdp_calloc(&sample->values, (unsigned long)n, sizeof(double), "returns");
    if (err != MDP_OK) return err;
    memcpy(sample->values, values, (size_t)n * sizeof(double));
    sample->n = n;
    return MDP_OK;
}

static mdp_err read_run(const char *folder, const struct mdp_runs_figure *wanted, struct mdp_alike_group *group,
                        struct sample *sample) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_curve_data data;
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    mdp_err err;
    MDP_TRY(mdp_curve_data_read(folder, wanted->mark, 0, &data));
    int i = data.n - 1;
    while (i >= 0 && wanted->step >= 0 && data.points[i].step != wanted->step) i--;
    if (i < 0) MDP_TRY(refuse_step(folder, wanted->step));
    MDP_TRY(mdp_alike_group_join(&data.points[i].file, group));
    MDP_TRY(mdp_evaluation_read(&cache, data.points[i].file.path, &info, &episodes));
    snprintf(sample->label, sizeof sample->label, "%s", folder);
    sample->step = data.points[i].step;
    MDP_TRY(take_values(sample, episodes.normalized_returns, episodes.n));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    mdp_evaluations_free(&cache);
    mdp_curve_data_free(&data);
    return err;
}

static mdp_err read_seeds(int n, char **folders, const struct mdp_runs_figure *wanted, struct mdp_alike_group *group,
                          struct samples *out) {
    struct mdp_seed_groups groups;
    mdp_err err;
    MDP_TRY(mdp_seed_groups_read(n, folders, wanted->mark, &groups));
    if (groups.n > MDP_ROWS_MAX)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d rows, found %d", MDP_ROWS_MAX, groups.n));
    for (int g = 0; g < groups.n; g++) {
        const struct mdp_seeds *seeds = &groups.list[g];
        struct sample *sample = &out->list[out->n];
        int i = seeds->n_steps - 1;
        while (i >= 0 && wanted->step >= 0 && (long)seeds->steps[i] != wanted->step) i--;
        if (i < 0) MDP_TRY(refuse_step(seeds->name, wanted->step));
        for (int k = 0; k < seeds->n_runs; k++)
            MDP_TRY(mdp_alike_group_join(&mdp_seeds_point(seeds, k, i)->file, group));
        snprintf(sample->label, sizeof sample->label, "%s", seeds->name);
        sample->step = (long)seeds->steps[i];
        MDP_TRY(take_values(sample, seeds->scores + (long)i * seeds->n_runs, seeds->n_runs));
        out->n++;
    }
out:
    mdp_seed_groups_free(&groups);
    return err;
}

static mdp_err read_samples(int n, char **folders, const struct mdp_runs_figure *wanted, struct mdp_alike_group *group,
                            struct samples *out) {
    mdp_err err = MDP_OK;
    if (wanted->by_seeds) return read_seeds(n, folders, wanted, group, out);
    for (int i = 0; i < n; i++) {
        MDP_TRY(read_run(folders[i], wanted, group, &out->list[i]));
        out->n++;
    }
out:
    return err;
}

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
static mdp_err describe(const struct sample *sample, struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX]) {
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

static mdp_err compare(const struct sample *sample, const struct sample *base, struct mdp_row_mark *mark) {
    const struct mdp_scores x = {sample->values, sample->n, 1}, y = {base->values, base->n, 1};
    const struct mdp_bootstrap_plan plan = plan_for(x.n_runs < y.n_runs ? x.n_runs : y.n_runs, MDP_INTERVAL_PERCENTILE);
    struct mdp_bootstrap_two two;
    mdp_err err = mdp_bootstrap_two_compute(&x, &y, &plan, &two);
    if (err == MDP_OK) *mark = mark_of(&two.interval[MDP_CONTRAST_POI]);
    return err;
}

/* ---- pictures ---- */

/* a picture in the making */
struct picture {
    struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX][MDP_ROWS_MAX];
    struct mdp_row_panel panels[MDP_ROWS_PANELS_MAX];
    struct mdp_row_names names;
    const char *labels[MDP_ROWS_MAX]; /* of them */
    char title[160], few[256], note[1024];
    struct mdp_row_page rows;
};

static const char of_returns[] = "normalized return";

static void add_panel(struct picture *picture, const char *title, const char *x_title) {
    int k = picture->rows.n_panels++;
    picture->panels[k] =
        (struct mdp_row_panel){.title = title, .x_title = x_title, .marks = picture->marks[k], .line = NAN};
}

static mdp_err add_aggregates(const struct samples *samples, struct picture *picture) {
    static const char *const titles[] = {"mean", "median", "IQM", "optimality gap"};
    mdp_err err = MDP_OK;
    for (int k = 0; k < MDP_ROWS_PANELS_MAX; k++) add_panel(picture, titles[k], k < 3 ? of_returns : "below 1");
    for (int i = 0; i < samples->n; i++) {
        struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX];
        MDP_TRY(describe(&samples->list[i], marks));
        for (int k = 0; k < MDP_ROWS_PANELS_MAX; k++) picture->marks[k][i] = marks[k];
    }
out:
    return err;
}

static mdp_err add_improvement(const struct samples *samples, struct picture *picture) {
    mdp_err err = MDP_OK;
    if (samples->n < 2)
        return mdp_fail(MDP_E_USAGE, "figure: option --kind: expected two runs or more of improvement, found %d",
                        samples->n);
    add_panel(picture, "P(better than the first)", "probability");
    picture->panels[0].line = 0.5;
    picture->panels[0].is_share = 1;
    for (int i = 1; i < samples->n; i++)
        MDP_TRY(compare(&samples->list[i], &samples->list[0], &picture->marks[0][i - 1]));
    for (int i = 1; i < samples->n; i++) picture->labels[i - 1] = picture->labels[i];
    picture->rows.n_rows--;
    picture->rows.first_place = 1;
out:
    return err;
}

static mdp_err add_episodes(const struct samples *samples, int by_seeds, struct picture *picture) {
    mdp_err err = MDP_OK;
    add_panel(picture, by_seeds ? "runs, mean with 95 % CI" : "episodes, IQM with 95 % CI", of_returns);
    for (int i = 0; i < samples->n; i++) {
        const struct sample *sample = &samples->list[i];
        struct mdp_row_mark marks[MDP_ROWS_PANELS_MAX];
        MDP_TRY(describe(sample, marks));
        picture->marks[0][i] = marks[by_seeds ? 0 : 2];
        picture->marks[0][i].dots = sample->values;
        picture->marks[0][i].n_dots = sample->n;
    }
out:
    return err;
}

static mdp_err name_rows(const struct samples *samples, struct picture *picture) {
    const char *labels[MDP_ROWS_MAX];
    for (int i = 0; i < samples->n; i++) labels[i] = samples->list[i].label;
    mdp_err err = mdp_row_names_make(samples->n, labels, &picture->names);
    for (int i = 0; err == MDP_OK && i < samples->n; i++) picture->labels[i] = picture->names.list[i];
    picture->rows.n_rows = samples->n;
    return err;
}

/* how many values, of which checkpoint; what is told once of all rows */
static void describe_all(const struct samples *samples, const struct mdp_runs_figure *wanted, struct picture *picture) {
    const struct sample *first = &samples->list[0];
    const char *what = wanted->by_seeds ? "seed" : "episode";
    long least = first->n;
    int is_one_step = 1;
    for (int i = 1; i < samples->n; i++) {
        least = samples->list[i].n < least ? samples->list[i].n : least;
        is_one_step &= samples->list[i].step == first->step;
    }
    if (is_one_step)
        snprintf(picture->title, sizeof picture->title, "step %ld, %ld %s%s, 95 %% CI", first->step, least, what,
                 least == 1 ? "" : "s");
    else
        snprintf(picture->title, sizeof picture->title, "last checkpoints, %ld %s%s, 95 %% CI", least, what,
                 least == 1 ? "" : "s");
    mdp_runs_note_few(least, what, wanted->kind == MDP_RUNS_FIGURE_IMPROVEMENT ? "Newcombe's" : "Student's",
                      picture->few);
    /* the first words of it and the rest, on a line each: a column has no room for both */
    char *colon = strstr(picture->few, ": ");
    int n = 0;
    if (wanted->kind == MDP_RUNS_FIGURE_IMPROVEMENT)
        n = snprintf(picture->note, sizeof picture->note, "the first: %.200s%s", samples->list[0].label,
                     picture->few[0] != 0 ? "\n" : "");
    if (picture->few[0] != 0) {
        char *semicolon = strstr(colon, "; ");
        semicolon[0] = '\n';
        memmove(semicolon + 1, semicolon + 2, strlen(semicolon + 2) + 1);
        snprintf(picture->note + n, sizeof picture->note - (size_t)n, "%s", picture->few);
    }
    picture->rows.title = wanted->title != NULL ? wanted->title : picture->title;
    picture->rows.note = picture->note;
}

static mdp_err write_rows(const void *rows, const char *path) { return mdp_row_page_write(rows, path); }

static mdp_err fill(const struct samples *samples, const struct mdp_runs_figure *wanted, struct picture *picture) {
    for (int k = 0; k < MDP_ROWS_PANELS_MAX; k++)
        for (int i = 0; i < MDP_ROWS_MAX; i++) picture->marks[k][i] = nothing;
    picture->rows.labels = picture->labels;
    picture->rows.panels = picture->panels;
    mdp_err err = name_rows(samples, picture);
    if (err != MDP_OK) return err;
    describe_all(samples, wanted, picture);
    if (wanted->kind == MDP_RUNS_FIGURE_AGGREGATES) return add_aggregates(samples, picture);
    if (wanted->kind == MDP_RUNS_FIGURE_IMPROVEMENT) return add_improvement(samples, picture);
    return add_episodes(samples, wanted->by_seeds, picture);
}

mdp_err mdp_runs_draw_rows(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream) {
    struct mdp_alike_group group = {.n = 0};
    struct samples *samples = NULL;
    struct picture *picture = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&samples, 1, sizeof *samples, "returns"));
    MDP_TRY(mdp_calloc(&picture, 1, sizeof *picture, "picture"));
    MDP_TRY(read_samples(n, folders, wanted, &group, samples));
    MDP_TRY(fill(samples, wanted, picture));
    mdp_report_log_told(&group);
    MDP_TRY(mdp_runs_picture_write(&picture->rows, write_rows, wanted->out, stream));
out:
    if (samples != NULL) samples_free(samples);
    free(samples);
    if (picture != NULL) mdp_row_names_free(&picture->names);
    free(picture);
    mdp_alike_group_free(&group);
    return err;
}
