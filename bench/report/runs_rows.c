/* runs against each other at one checkpoint: aggregates, how likely one is better, and the episodes themselves. */
#include <stdlib.h>
#include <string.h>

#include "bench/report/report.h"
#include "bench/report/row_names.h"
#include "bench/report/rows.h"
#include "bench/report/runs_internal.h"
#include "bench/report/seeds.h"
#include "bench/run/evaluations.h"
#include "bench/run/look.h"

/* one row: the returns of its episodes, or with seeds the means of its runs */
struct sample {
    char label[MDP_PATH_MAX], algo[MDP_FACT_MAX];
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
    MDP_TRY(mdp_curve_data_read(folder, wanted->mark, 0, MDP_CURVE_BARE, &data));
    int i = data.n - 1;
    while (i >= 0 && wanted->step >= 0 && data.points[i].step != wanted->step) i--;
    if (i < 0) MDP_TRY(refuse_step(folder, wanted->step));
    MDP_TRY(mdp_alike_group_join(&data.points[i].file, group));
    MDP_TRY(mdp_evaluation_read(&cache, data.points[i].file.path, &info, &episodes));
    snprintf(sample->label, sizeof sample->label, "%s", folder);
    strcpy(sample->algo, data.points[i].file.facts.values[MDP_FACT_ALGO]);
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
        strcpy(sample->algo, mdp_seeds_point(seeds, 0, i)->file.facts.values[MDP_FACT_ALGO]);
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

/* ---- pictures ---- */

/* how many values, of which checkpoint */
static void describe(const struct samples *samples, long n, int of_runs, char title[160]) {
    const char *what = of_runs ? "seed" : "episode", *plural = n == 1 ? "" : "s";
    const long step = samples->list[0].step;
    int is_one_step = 1;
    for (int i = 1; i < samples->n; i++) is_one_step &= samples->list[i].step == step;
    if (is_one_step)
        snprintf(title, 160, "step %ld, %ld %s%s, 95 %% CI", step, n, what, plural);
    else
        snprintf(title, 160, "last checkpoints, %ld %s%s, 95 %% CI", n, what, plural);
}

static mdp_err write_rows(const void *rows, const char *path) { return mdp_row_page_write(rows, path); }

/* names and colours depend on all rows together */
static mdp_err draw(const struct samples *samples, const struct mdp_runs_figure *wanted, FILE *stream) {
    struct mdp_row_samples rows = {.n = samples->n, .of_runs = wanted->by_seeds};
    struct mdp_row_picture *picture = NULL;
    struct mdp_row_names names = {.n = 0};
    const char *labels[MDP_ROWS_MAX], *algos[MDP_ROWS_MAX];
    int places[MDP_ROWS_MAX];
    char title[160];
    mdp_err err;
    if (wanted->kind == MDP_RUNS_FIGURE_IMPROVEMENT && samples->n < 2)
        return mdp_fail(MDP_E_USAGE, "figure: option --kind: expected two runs or more of improvement, found %d",
                        samples->n);
    for (int i = 0; i < samples->n; i++) labels[i] = samples->list[i].label, algos[i] = samples->list[i].algo;
    mdp_look_places(samples->n, algos, places);
    MDP_TRY(mdp_row_names_make(samples->n, labels, &names));
    for (int i = 0; i < samples->n; i++) {
        const struct sample *one = &samples->list[i];
        rows.list[i] = (struct mdp_row_sample){names.list[i], places[i], one->n, one->values};
    }
    MDP_TRY(mdp_calloc(&picture, 1, sizeof *picture, "picture"));
    MDP_TRY(mdp_rows_make((enum mdp_rows_kind)(wanted->kind - MDP_RUNS_FIGURE_AGGREGATES), &rows, picture));
    describe(samples, mdp_rows_fewest(&rows), rows.of_runs, title);
    picture->rows.title = wanted->title != NULL ? wanted->title : title;
    MDP_TRY(mdp_runs_picture_write(&picture->rows, write_rows, wanted->out, stream));
out:
    mdp_row_names_free(&names);
    free(picture);
    return err;
}

mdp_err mdp_runs_draw_rows(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream) {
    struct mdp_alike_group group = {.n = 0};
    struct samples *samples = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&samples, 1, sizeof *samples, "returns"));
    MDP_TRY(read_samples(n, folders, wanted, &group, samples));
    mdp_report_log_told(&group);
    MDP_TRY(draw(samples, wanted, stream));
out:
    if (samples != NULL) samples_free(samples);
    free(samples);
    mdp_alike_group_free(&group);
    return err;
}
