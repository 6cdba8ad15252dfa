/* one row at a time: draw both sides, move one of them where something is to be found, ask, count. */
#include "bench/verify/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/rng.h"
#include "bench/run/names.h"
#include "bench/run/trials.h"
#include "results/episodes.h"
#include "stats/bootstrap.h"
#include "stats/claims.h"
#include "stats/equality.h"
#include "stats/levene.h"
#include "stats/mannwhitney.h"
#include "stats/moments.h"
#include "stats/multiple.h"
#include "stats/pvalue.h"
#include "stats/quantile.h"
#include "stats/rounding.h"
#include "stats/spread.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

/* beyond 50 values, only what compare says is asked */
enum { N_OF_TESTS = 50, N_MOST = 200, N_LEAST_EPISODES = 20, FAILED_EACH = 10 };

static const double alpha = 0.05, margin = 0.05, wide_margin = 0.1;
enum { N_SIZES_OF_TESTS = 5, N_SIZES = 8 };
static const long sizes[N_SIZES] = {3, 5, 10, 20, N_OF_TESTS, 60, 100, N_MOST};

/* how returns are changed before anything is drawn */
enum shape { AS_THEY_ARE, TIED, WITH_FAILURES, N_SHAPES };
static const char *const shape_names[N_SHAPES] = {"as they are", "rounded to sd / 2", "one in 10 failed"};

/* what is counted in each trial */
enum {
    RANK_LEVEL,
    RANK_POWER,
    RANK_COVER,
    PAIRS_LEVEL,
    PAIRS_COVER,
    WELCH_COVER,
    MEAN_COVER,
    IQM_COVER,
    SPREAD_COVER,
    ANY_SAID,
    ANY_SAID_PAIRS,
    BETTER_SAID,
    EQUAL,
    EQUAL_FALLS,
    EQUAL_POWER,
    EQUAL_POWER_WIDE,
    N_COUNTS
};

struct row {
    const char *returns, *shape;
    long n;
    double shares[N_COUNTS];
};
#define SHARE(count, ...) MDP_COLUMN(struct row, shares[count], REAL, __VA_ARGS__, 3)
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, returns, TEXT, "returns", "returns of"),
    MDP_COLUMN(struct row, shape, TEXT, "shape", "shape"),
    MDP_COLUMN(struct row, n, WHOLE, "n", "n"),
    SHARE(RANK_LEVEL, "mann_whitney_level", "Mann-Whitney: level"),
    SHARE(RANK_POWER, "mann_whitney_power", "power, 1 sd"),
    SHARE(RANK_COVER, "shift_coverage", "shift: coverage"),
    SHARE(PAIRS_LEVEL, "wilcoxon_level", "Wilcoxon: level"),
    SHARE(PAIRS_COVER, "pseudomedian_coverage", "pseudomedian: coverage"),
    SHARE(WELCH_COVER, "welch_coverage", "Welch: coverage"),
    SHARE(MEAN_COVER, "mean_coverage", "mean: coverage"),
    SHARE(IQM_COVER, "iqm_coverage", "IQM: coverage"),
    SHARE(SPREAD_COVER, "spread_ratio_coverage", "ratio of spreads: coverage"),
    SHARE(ANY_SAID, "any_difference_level", "compare, any difference: level"),
    SHARE(ANY_SAID_PAIRS, "any_difference_level_pairs", "pairs"),
    SHARE(BETTER_SAID, "better_power", "better, 1 sd: power"),
    SHARE(EQUAL, "equal_level", "equal: level, shift"),
    SHARE(EQUAL_FALLS, "equal_level_falls", "falls"),
    SHARE(EQUAL_POWER, "equal_power", "power, unchanged"),
    SHARE(EQUAL_POWER_WIDE, "equal_power_wide", "within 0.1"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* the worst of several files is the most frequent error, or the least coverage or power */
static const char is_error[N_COUNTS] = {
    [RANK_LEVEL] = 1, [PAIRS_LEVEL] = 1, [ANY_SAID] = 1, [ANY_SAID_PAIRS] = 1, [EQUAL] = 1, [EQUAL_FALLS] = 1};

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
    char is_hit[N_COUNTS];
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
    /* values that are drawn twice would tie, and real returns do not */
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
    t->is_hit[MEAN_COVER] = holds(&found.interval[MDP_AGGREGATE_MEAN], t->source->mean);
    t->is_hit[IQM_COVER] = holds(&found.interval[MDP_AGGREGATE_IQM], t->source->iqm);
out:
    return err;
}

/* equal by ranks, by means, and without unseen losses, as compare says it */
static mdp_err is_equal(const struct trial *t, const double *x, double within, char *is_found) {
    const struct mdp_sample a = sample_of("x", x, t->n), b = sample_of("y", t->y, t->n);
    const struct mdp_equality_plan plan = {.margin = within, .alpha = alpha, .good = 1, .is_test_only = 1};
    struct mdp_equality found;
    mdp_err err = mdp_equality_compute(&a, &b, &plan, &found);
    if (err == MDP_OK) *is_found = found.p <= alpha;
    return err;
}

/* unchanged, and while the loss is the whole margin: of each value, or of the mean by falls */
static mdp_err look_at_equality(struct trial *t) {
    mdp_err err;
    MDP_TRY(is_equal(t, t->x, margin, &t->is_hit[EQUAL_POWER]));
    MDP_TRY(is_equal(t, t->x, wide_margin, &t->is_hit[EQUAL_POWER_WIDE]));
    for (long i = 0; i < t->n; i++) t->changed[i] = t->x[i] - margin;
    MDP_TRY(is_equal(t, t->changed, margin, &t->is_hit[EQUAL]));
    for (long i = 0; i < t->n; i++) t->changed[i] = mdp_rng_uniform(&t->rng) * t->source->mean < margin ? 0 : t->x[i];
    MDP_TRY(is_equal(t, t->changed, margin, &t->is_hit[EQUAL_FALLS]));
out:
    return err;
}

static mdp_err look_at_spreads(struct trial *t) {
    const struct mdp_sample x = sample_of("x", t->x, t->n), y = sample_of("y", t->y, t->n);
    struct mdp_spread spread;
    mdp_err err = mdp_spread_compute(&x, &y, 0, 0, &spread);
    if (err == MDP_OK) t->is_hit[SPREAD_COVER] = !(spread.low > 1 || spread.high < 1);
    return err;
}

/* p of ranks and of means, by the tests of pairs or of two samples */
static mdp_err test_differences(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired, double *p) {
    const struct mdp_mannwhitney_plan unpaired = {.is_test_only = 1};
    const struct mdp_wilcoxon_plan paired = {.is_test_only = 1};
    struct mdp_mannwhitney u;
    struct mdp_wilcoxon w;
    struct mdp_ttest t;
    struct mdp_moments moments;
    double d[N_MOST];
    mdp_err err;
    if (is_paired) {
        MDP_TRY(mdp_wilcoxon_compute(x, y, &paired, &w));
        MDP_TRY(mdp_rounding_differences(x->values, y->values, x->n, 0, 0, d));
        MDP_TRY(mdp_moments_compute(d, x->n, &moments));
        p[MDP_CLAIM_RANKS] = w.p.two;
        p[MDP_CLAIM_MEANS] = moments.is_degenerate ? (double)(moments.mean == 0)
                                                   : mdp_p_of_t(moments.mean / moments.sem, (double)(x->n - 1)).two;
    } else {
        MDP_TRY(mdp_mannwhitney_compute(x, y, &unpaired, &u));
        MDP_TRY(mdp_ttest_compute(x, y, 0, &t));
        p[MDP_CLAIM_RANKS] = u.p.two;
        p[MDP_CLAIM_MEANS] = t.welch.p.two;
    }
out:
    return err;
}

/* what the sentence of compare claims: of spreads only where the interval of their ratio leaves out 1, too */
static mdp_err claim(const struct trial *t, const double *values, int is_paired, char said[MDP_N_CLAIMS]) {
    const struct mdp_sample groups[2] = {sample_of("x", values, t->n), sample_of("y", t->y, t->n)};
    double p[MDP_N_CLAIMS], weight[MDP_N_CLAIMS], adjusted[MDP_N_CLAIMS];
    struct mdp_levene levene;
    struct mdp_spread spread;
    mdp_err err;
    MDP_TRY(test_differences(&groups[0], &groups[1], is_paired, p));
    MDP_TRY(mdp_levene_compute(groups, 2, MDP_LEVENE_MEDIAN, 0, &levene));
    MDP_TRY(mdp_spread_compute(&groups[0], &groups[1], is_paired, 0, &spread));
    p[MDP_CLAIM_SPREADS] = levene.p;
    for (int c = 0; c < MDP_N_CLAIMS; c++)
        weight[c] = isnan(p[c]) ? 0 : mdp_claim_weight((enum mdp_claim)c, t->n, t->n);
    MDP_TRY(mdp_adjust_weighted(p, weight, MDP_N_CLAIMS, adjusted));
    for (int c = 0; c < MDP_N_CLAIMS; c++) said[c] = adjusted[c] <= alpha;
    said[MDP_CLAIM_SPREADS] &= spread.low > 1 || spread.high < 1;
out:
    return err;
}

static int is_any(const char said[MDP_N_CLAIMS]) {
    return said[MDP_CLAIM_RANKS] || said[MDP_CLAIM_MEANS] || said[MDP_CLAIM_SPREADS];
}

static mdp_err look_at_claims(struct trial *t) {
    char said[MDP_N_CLAIMS];
    mdp_err err;
    MDP_TRY(claim(t, t->x, 0, said));
    t->is_hit[ANY_SAID] = (char)is_any(said);
    MDP_TRY(claim(t, t->x, 1, said));
    t->is_hit[ANY_SAID_PAIRS] = (char)is_any(said);
    for (long i = 0; i < t->n; i++) t->changed[i] = t->x[i] + t->source->sd;
    MDP_TRY(claim(t, t->changed, 0, said));
    t->is_hit[BETTER_SAID] = said[MDP_CLAIM_RANKS];
out:
    return err;
}

/* ---- rows ---- */

/* fills in the shares of a row */
static mdp_err count(const struct mdp_levels_plan *plan, const struct source *source, struct row *row) {
    static mdp_err (*const looks[])(struct trial *) = {look_at_claims, look_at_equality, look_at_ranks, look_at_means,
                                                       look_at_spreads};
    int n_looks = row->n > N_OF_TESTS ? 2 : 5;
    long n_hits[N_COUNTS] = {0};
    mdp_err err = MDP_OK;
    for (long i = 0; i < plan->n_trials; i++) {
        struct trial t = {.source = source, .n = row->n};
        t.rng = mdp_rng_stream(plan->seed, MDP_RNG_SELFTEST, (uint32_t)i, (uint32_t)row->n);
        draw(&t, t.x);
        draw(&t, t.y);
        for (int k = 0; k < n_looks; k++) MDP_TRY(looks[k](&t));
        for (int c = 0; c < N_COUNTS; c++) n_hits[c] += t.is_hit[c];
    }
    for (int c = 0; c < N_COUNTS; c++)
        row->shares[c] = n_looks == 2 && c < ANY_SAID ? NAN : (double)n_hits[c] / (double)plan->n_trials;
out:
    return err;
}

/* over several files the worst of each share */
static void keep_worst(const struct row *row, double worst[N_COUNTS]) {
    for (int c = 0; c < N_COUNTS; c++)
        if (isnan(row->shares[c]))
            worst[c] = NAN;
        else
            worst[c] = is_error[c] ? fmax(worst[c], row->shares[c]) : fmin(worst[c], row->shares[c]);
}

/* "walker2d-medium" of a path to its episodes */
static void name_of(const char *path, char *name, size_t size) {
    snprintf(name, size, "%s", mdp_path_name(path));
    char *end = strstr(name, mdp_file_ending(MDP_FILE_EPISODES));
    if (end != NULL) *end = 0;
}

/* hundreds of values are episodes, as they are */
static int n_sizes_of(enum shape shape) { return shape == AS_THEY_ARE ? N_SIZES : N_SIZES_OF_TESTS; }

static mdp_err add_rows(const struct mdp_levels_plan *plan, const char *path, enum shape shape,
                        struct row worst[N_SIZES], struct mdp_table *table) {
    struct source source = {NULL, 0, 0, 0, 0, 0, 0, 0};
    char name[MDP_FILE_LABEL_MAX];
    mdp_err err;
    name_of(path, name, sizeof name);
    MDP_TRY(source_read(path, shape, &source));
    for (int i = 0; i < n_sizes_of(shape); i++) {
        struct row row = {.returns = name, .shape = shape_names[shape], .n = sizes[i]};
        MDP_TRY(count(plan, &source, &row));
        MDP_TRY(mdp_table_fill(table, &row, 1));
        keep_worst(&row, worst[i].shares);
    }
out:
    free(source.values);
    return err;
}

/* the rows of all files, and what is worst of them, which a page has room for */
static mdp_err add_shape(const struct mdp_levels_plan *plan, int n_files, char **files, enum shape shape,
                         struct mdp_table *table, struct row worst[N_SIZES]) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < N_SIZES; i++) {
        worst[i] = (struct row){.returns = "the worst of all", .shape = shape_names[shape], .n = sizes[i]};
        for (int c = 0; c < N_COUNTS; c++) worst[i].shares[c] = is_error[c] ? 0 : 1;
    }
    for (int i = 0; i < n_files; i++) MDP_TRY(add_rows(plan, files[i], shape, worst, table));
out:
    return err;
}

mdp_err mdp_levels_table(const struct mdp_levels_plan *plan, int n_files, char **files, struct mdp_table **out) {
    struct mdp_table *table = NULL;
    struct row worst[N_SHAPES][N_SIZES];
    char trials[MDP_TRIALS_TEXT_MAX];
    mdp_err err;
    MDP_TRY(mdp_table_new("Levels: shares of trials", &columns, &table));
    for (int s = 0; s < N_SHAPES; s++) MDP_TRY(add_shape(plan, n_files, files, (enum shape)s, table, worst[s]));
    for (int s = 0; s < N_SHAPES && n_files > 1; s++)
        MDP_TRY(mdp_table_fill(table, worst[s], n_sizes_of((enum shape)s)));
    MDP_TRY(mdp_table_add_note(
        table,
        "%s Level: p <= 0.05 for equal policies. "
        "Coverage: the 95 %% interval holds what it is of; of shifts 3 against 3 have at best 90 %%, 3 pairs 75 %%. "
        "Any difference: compare names one of equal policies, in ranks, means or spreads; better: with one a whole sd "
        "above the other. Equal: compare says so within 0.05, at a difference of just that, by a shift or by falls, "
        "and where nothing changed. A dash: not asked of so many values.",
        mdp_trials_describe(plan->n_trials, plan->seed, trials)));
    *out = table;
    table = NULL;
out:
    mdp_table_free(table);
    return err;
}
