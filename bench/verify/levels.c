/* one row at a time: draw both sides, move one of them where something is to be found, ask, count. */
#include "bench/verify/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/run/names.h"
#include "results/episodes.h"
#include "stats/bootstrap.h"
#include "stats/mannwhitney.h"
#include "stats/margin.h"
#include "stats/moments.h"
#include "stats/quantile.h"
#include "stats/spread.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

enum { N_MOST = 50, N_LEAST_EPISODES = 20, FAILED_EACH = 10 };

static const double alpha = 0.05, margin = 0.05;
static const long sizes[] = {3, 5, 10, 20, N_MOST};

/* how returns are changed before anything is drawn */
enum shape { AS_THEY_ARE, TIED, WITH_FAILURES, N_SHAPES };
static const char *const shape_names[N_SHAPES] = {"as they are", "rounded to sd / 2", "one in 10 failed"};

enum {
    FILE_NAME,
    SHAPE,
    N_VALUES,
    RANK_LEVEL,
    RANK_POWER,
    RANK_COVER,
    PAIRS_LEVEL,
    PAIRS_COVER,
    WELCH_COVER,
    MEAN_COVER,
    IQM_COVER,
    PASS_RANK,
    PASS_MEAN,
    PASS_MEAN_FALLS,
    PASS_SPREAD,
    EQUAL,
    POWER_MEAN,
    N_COLUMNS
};
static const struct mdp_column columns[N_COLUMNS] = {
    [FILE_NAME] = {"returns", "returns of", MDP_LEFT, 0},
    [SHAPE] = {"shape", "shape", MDP_LEFT, 0},
    [N_VALUES] = {"n", "n", MDP_RIGHT, 0},
    [RANK_LEVEL] = {"mann_whitney_level", "Mann-Whitney: level", MDP_RIGHT, 3},
    [RANK_POWER] = {"mann_whitney_power", "power, 1 sd", MDP_RIGHT, 3},
    [RANK_COVER] = {"shift_coverage", "shift: coverage", MDP_RIGHT, 3},
    [PAIRS_LEVEL] = {"wilcoxon_level", "Wilcoxon: level", MDP_RIGHT, 3},
    [PAIRS_COVER] = {"pseudomedian_coverage", "pseudomedian: coverage", MDP_RIGHT, 3},
    [WELCH_COVER] = {"welch_coverage", "Welch: coverage", MDP_RIGHT, 3},
    [MEAN_COVER] = {"mean_coverage", "mean: coverage", MDP_RIGHT, 3},
    [IQM_COVER] = {"iqm_coverage", "IQM: coverage", MDP_RIGHT, 3},
    [PASS_RANK] = {"rank_false_pass", "rank: false pass", MDP_RIGHT, 3},
    [PASS_MEAN] = {"mean_false_pass", "mean: false pass", MDP_RIGHT, 3},
    [PASS_MEAN_FALLS] = {"mean_false_pass_falls", "by falls", MDP_RIGHT, 3},
    [PASS_SPREAD] = {"spread_false_pass", "spread: false pass", MDP_RIGHT, 3},
    [EQUAL] = {"equal_false", "equal: false", MDP_RIGHT, 3},
    [POWER_MEAN] = {"mean_power", "mean: pass unchanged", MDP_RIGHT, 3},
};

/* all returns that values are drawn from, what is true of them, and how far real returns are told apart */
struct source {
    double *values;
    long n;
    double mean, sd, iqm, median, spread, jitter;
};

/* one trial: two sides of one policy, and room for one that is changed */
struct trial {
    const struct source *source;
    struct mdp_rng rng;
    long n;
    double x[N_MOST], y[N_MOST], changed[N_MOST];
    char is_hit[N_COLUMNS];
};

/* ---- returns ---- */

static int compare_doubles(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static mdp_err reshape(enum shape shape, double *values, long n) {
    struct mdp_moments moments;
    mdp_err err = mdp_moments_compute(values, n, &moments);
    if (err != MDP_OK) return err;
    double unit = 0.5 * moments.sd_ddof0;
    qsort(values, (size_t)n, sizeof *values, compare_doubles);
    for (long i = 0; i < n && shape == TIED && unit > 0; i++) values[i] = round(values[i] / unit) * unit;
    /* the lowest tenth fails at once */
    for (long i = 0; i < n / FAILED_EACH && shape == WITH_FAILURES; i++) values[i] = 0;
    return MDP_OK;
}

static mdp_err source_describe(struct source *s, enum shape shape) {
    struct mdp_moments moments;
    struct mdp_order order;
    mdp_err err;
    MDP_TRY(mdp_moments_compute(s->values, s->n, &moments));
    MDP_TRY(mdp_order_compute(s->values, s->n, &order));
    s->mean = moments.mean;
    s->sd = moments.sd_ddof0;
    s->iqm = order.iqm;
    s->median = order.median;
    s->spread = 0;
    for (long i = 0; i < s->n; i++) s->spread += fabs(s->values[i] - s->median) / (double)s->n;
    /* what was drawn twice would tie, as real returns do not */
    if (!(s->spread > 0)) MDP_TRY(mdp_refuse(MDP_REFUSE_DOMAIN, "returns: expected some that differ, found one value"));
    s->jitter = shape == TIED ? 0 : 1e-6 * (order.max - order.min);
out:
    return err;
}

static mdp_err source_read(const char *path, enum shape shape, struct source *out) {
    struct mdp_episodes episodes = {.n = 0};
    mdp_err err;
    MDP_TRY(mdp_episodes_read(path, NULL, &episodes));
    if (episodes.n < N_LEAST_EPISODES)
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "%s: expected at least %d episodes, found %ld", path, N_LEAST_EPISODES, episodes.n));
    out->n = episodes.n;
    MDP_TRY(mdp_calloc(&out->values, (unsigned long)out->n, sizeof *out->values, "returns"));
    memcpy(out->values, episodes.normalized_returns, (size_t)out->n * sizeof *out->values);
    err = reshape(shape, out->values, out->n);
    if (err == MDP_OK) err = source_describe(out, shape);
    if (err != MDP_OK) err = mdp_fail_context(err, "%s", path);
out:
    mdp_episodes_free(&episodes);
    return err;
}

static void draw(struct trial *t, double *out) {
    for (long i = 0; i < t->n; i++) {
        double shaken = t->source->jitter * (mdp_rng_uniform(&t->rng) - 0.5);
        out[i] = t->source->values[mdp_rng_below(&t->rng, (uint32_t)t->source->n)] + shaken;
    }
}

static struct mdp_sample sample_of(const char *name, const double *values, long n) {
    return (struct mdp_sample){name, values, n};
}

/* ---- procedures ---- */

static mdp_err look_at_ranks(struct trial *t) {
    const struct mdp_sample x = sample_of("x", t->x, t->n), y = sample_of("y", t->y, t->n),
                            better = sample_of("x", t->changed, t->n);
    const struct mdp_mannwhitney_plan test_only = {.is_test_only = 1};
    struct mdp_mannwhitney found, moved;
    struct mdp_wilcoxon pairs;
    mdp_err err;
    for (long i = 0; i < t->n; i++) t->changed[i] = t->x[i] + t->source->sd;
    MDP_TRY(mdp_mannwhitney_compute(&x, &y, NULL, &found));
    MDP_TRY(mdp_mannwhitney_compute(&better, &y, &test_only, &moved));
    MDP_TRY(mdp_wilcoxon_compute(&x, &y, NULL, &pairs));
    t->is_hit[RANK_LEVEL] = found.p.two <= alpha;
    t->is_hit[RANK_POWER] = moved.p.two <= alpha;
    t->is_hit[RANK_COVER] = !mdp_shift_interval_excludes(&found.hl, 0);
    t->is_hit[PAIRS_LEVEL] = pairs.p.two <= alpha;
    t->is_hit[PAIRS_COVER] = !mdp_shift_interval_excludes(&pairs.hl, 0);
out:
    return err;
}

static int holds(const struct mdp_interval *interval, double value) {
    return interval->low <= value && value <= interval->high;
}

static mdp_err look_at_means(struct trial *t) {
    const struct mdp_sample x = sample_of("x", t->x, t->n), y = sample_of("y", t->y, t->n);
    const struct mdp_bootstrap_plan plan = {.method = mdp_bootstrap_method(t->n, MDP_INTERVAL_PERCENTILE),
                                            .wanted = 1u << MDP_AGGREGATE_MEAN | 1u << MDP_AGGREGATE_IQM,
                                            .n_threads = 1};
    struct mdp_bootstrap found;
    struct mdp_ttest test;
    mdp_err err;
    MDP_TRY(mdp_ttest_compute(&x, &y, 0, &test));
    MDP_TRY(mdp_bootstrap_compute(&(struct mdp_scores){t->x, t->n, 1}, &plan, &found));
    t->is_hit[WELCH_COVER] = test.welch.low <= 0 && test.welch.high >= 0;
    t->is_hit[MEAN_COVER] = holds(&found.of[MDP_AGGREGATE_MEAN], t->source->mean);
    t->is_hit[IQM_COVER] = holds(&found.of[MDP_AGGREGATE_IQM], t->source->iqm);
out:
    return err;
}

/* is the candidate found to be not worse by the margin? */
static mdp_err passes(const struct trial *t, enum mdp_margin_test test, const double *candidate, const double *baseline,
                      char *is_hit) {
    const struct mdp_sample x = sample_of("candidate", candidate, t->n), y = sample_of("baseline", baseline, t->n);
    const struct mdp_margin_plan plan = {.test = test, .margin = margin, .level = 1 - 2 * alpha};
    struct mdp_margin found;
    mdp_err err = mdp_margin_compute(&x, &y, &plan, &found);
    if (err == MDP_OK) *is_hit = found.p_not_worse <= alpha;
    return err;
}

/* equal by ranks and by means, while the loss is the whole margin */
static mdp_err look_at_equality(struct trial *t) {
    static const enum mdp_margin_test tests[] = {MDP_MARGIN_TEST_MEAN, MDP_MARGIN_TEST_RANK};
    mdp_err err = MDP_OK;
    t->is_hit[EQUAL] = 1;
    for (int i = 0; i < 2 && t->is_hit[EQUAL]; i++) MDP_TRY(passes(t, tests[i], t->changed, t->y, &t->is_hit[EQUAL]));
    for (int i = 0; i < 2 && t->is_hit[EQUAL]; i++) MDP_TRY(passes(t, tests[i], t->y, t->changed, &t->is_hit[EQUAL]));
out:
    return err;
}

static mdp_err look_at_losses(struct trial *t) {
    mdp_err err;
    for (long i = 0; i < t->n; i++) t->changed[i] = t->x[i] - margin;
    MDP_TRY(passes(t, MDP_MARGIN_TEST_RANK, t->changed, t->y, &t->is_hit[PASS_RANK]));
    MDP_TRY(passes(t, MDP_MARGIN_TEST_MEAN, t->changed, t->y, &t->is_hit[PASS_MEAN]));
    MDP_TRY(passes(t, MDP_MARGIN_TEST_MEAN, t->x, t->y, &t->is_hit[POWER_MEAN]));
    MDP_TRY(look_at_equality(t));
    /* falls that cost the mean a margin */
    for (long i = 0; i < t->n; i++) t->changed[i] = mdp_rng_uniform(&t->rng) * t->source->mean < margin ? 0 : t->x[i];
    MDP_TRY(passes(t, MDP_MARGIN_TEST_MEAN, t->changed, t->y, &t->is_hit[PASS_MEAN_FALLS]));
out:
    return err;
}

static mdp_err look_at_spreads(struct trial *t) {
    double widened = 1 + margin / t->source->spread, baseline[N_MOST], candidate[N_MOST];
    mdp_err err;
    for (long i = 0; i < t->n; i++) t->changed[i] = t->source->median + widened * (t->x[i] - t->source->median);
    MDP_TRY(mdp_spread_distances(t->changed, t->n, candidate));
    MDP_TRY(mdp_spread_distances(t->y, t->n, baseline));
    MDP_TRY(passes(t, MDP_MARGIN_TEST_SPREAD, candidate, baseline, &t->is_hit[PASS_SPREAD]));
out:
    return err;
}

/* ---- rows ---- */

static mdp_err add_row(const struct mdp_levels_plan *plan, const struct source *source, long n,
                       struct mdp_table *table) {
    static mdp_err (*const looks[])(struct trial *) = {look_at_ranks, look_at_means, look_at_losses, look_at_spreads};
    long n_hits[N_COLUMNS] = {0};
    mdp_err err = MDP_OK;
    for (long i = 0; i < plan->n_trials; i++) {
        struct trial t = {.source = source, .n = n};
        t.rng = mdp_rng_stream(plan->seed, MDP_RNG_SELFTEST, (uint32_t)i, (uint32_t)n);
        draw(&t, t.x);
        draw(&t, t.y);
        for (int k = 0; k < 4; k++) MDP_TRY(looks[k](&t));
        for (int c = 0; c < N_COLUMNS; c++) n_hits[c] += t.is_hit[c];
    }
    mdp_table_set_number(table, N_VALUES, (double)n);
    for (int c = N_VALUES + 1; c < N_COLUMNS; c++)
        mdp_table_set_number(table, c, (double)n_hits[c] / (double)plan->n_trials);
out:
    return err;
}

/* "walker2d-medium" of a path to its episodes */
static void name_of(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    char *end = strstr(name, mdp_file_ending(MDP_FILE_EPISODES));
    if (end != NULL) *end = 0;
}

static mdp_err add_rows(const struct mdp_levels_plan *plan, const char *path, enum shape shape,
                        struct mdp_table *table) {
    struct source source = {NULL, 0, 0, 0, 0, 0, 0, 0};
    char name[MDP_FILE_LABEL_MAX];
    mdp_err err;
    name_of(path, name, sizeof name);
    MDP_TRY(source_read(path, shape, &source));
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        MDP_TRY(mdp_table_add_row(table));
        MDP_TRY(mdp_table_set_text(table, FILE_NAME, name));
        MDP_TRY(mdp_table_set_text(table, SHAPE, shape_names[shape]));
        MDP_TRY(add_row(plan, &source, sizes[i], table));
    }
out:
    free(source.values);
    return err;
}

mdp_err mdp_levels_table(const struct mdp_levels_plan *plan, int n_files, char **files, struct mdp_table **out) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Levels: shares of trials", N_COLUMNS, columns, &table));
    for (int i = 0; i < n_files; i++)
        for (int shape = 0; shape < N_SHAPES; shape++) MDP_TRY(add_rows(plan, files[i], (enum shape)shape, table));
    MDP_TRY(mdp_table_add_note(table,
                               "%ld trials a row, standard error at most %.3f. Level: p <= 0.05 for equal policies. "
                               "Coverage: the 95 %% interval holds what it is of; of shifts 3 against 3 have at best "
                               "90 %%, 3 pairs 75 %%. False pass: p <= 0.05 of not worse by 0.05 at a loss of just "
                               "that, by a shift, by falls, by more spread; equal: by ranks and by means.",
                               plan->n_trials, 0.5 / sqrt((double)plan->n_trials)));
    *out = table;
    table = NULL;
out:
    mdp_table_free(table);
    return err;
}
