#include "bench/diagnose/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/names.h"
#include "results/show/table.h"
#include "results/show/table_out.h"

/* ---- cells ---- */

/* a number with its interval, where both ends are there */
struct interval {
    double value, low, high;
};
#define INTERVAL(type, member, ...) MDP_INTERVAL_COLUMN(type, member.value, member.low, member.high, __VA_ARGS__)

/* an interval with an end that is not finite is shown as none */
static struct interval interval_of(const struct mdp_interval *from) {
    int is_whole = isfinite(from->low) && isfinite(from->high);
    return (struct interval){from->estimate, is_whole ? from->low : NAN, is_whole ? from->high : NAN};
}

/* a mean with its quartiles */
struct spread {
    struct interval mean;
    double q1, median, q3;
};
#define SPREAD(type, member, ...)                                                                                      \
    INTERVAL(type, member.mean, __VA_ARGS__, 3), MDP_COLUMN(type, member.q1, REAL, "q1", "Q1", 3),                     \
        MDP_COLUMN(type, member.median, REAL, "median", "median", 3), MDP_COLUMN(type, member.q3, REAL, "q3", "Q3", 3)

static void set_spread(struct spread *to, const struct mdp_spread_of *from) {
    if (from->n > 0) *to = (struct spread){interval_of(&from->mean.mean), from->q1, from->median, from->q3};
}

/* a module's path without the ending that all of its kind have */
static void set_module(char text[MDP_PATH_MAX], const char *path, enum mdp_file_kind kind) {
    snprintf(text, MDP_PATH_MAX, "%.*s", mdp_file_is(kind, path) ? (int)mdp_stem_length(path) : -1, path);
}

static mdp_err show(struct mdp_table *table, FILE *stream) {
    mdp_err err = mdp_table_output(table, MDP_TABLE_TEXT, NULL, stream);
    if (fputc('\n', stream) == EOF && err == MDP_OK) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    return err;
}

/* ---- calibration ---- */

struct calibration {
    char guidance[MDP_PATH_MAX];
    long n_states, n_episodes;
    int has_few;
    struct interval bias, slope, rank;
    struct mdp_shown bins[MDP_DIAGNOSE_BINS];
};
static const struct mdp_column calibration_list[] = {
    MDP_COLUMN(struct calibration, guidance, LETTERS, "guidance", "guidance"),
    MDP_COLUMN(struct calibration, n_states, WHOLE, "states", "states"),
    MDP_COUNT_COLUMN(struct calibration, n_episodes, has_few, "episodes", "episodes"),
    INTERVAL(struct calibration, bias, "bias", "bias [95 % CI]", 2),
    INTERVAL(struct calibration, slope, "slope", "slope [95 % CI]", 2),
    INTERVAL(struct calibration, rank, "rank", "rank corr. [95 % CI]", 2),
    MDP_COLUMN(struct calibration, bins[0], SHOWN, "bin1", "lowest fifth"),
    MDP_COLUMN(struct calibration, bins[1], SHOWN, "bin2", "2nd"),
    MDP_COLUMN(struct calibration, bins[2], SHOWN, "bin3", "3rd"),
    MDP_COLUMN(struct calibration, bins[3], SHOWN, "bin4", "4th"),
    MDP_COLUMN(struct calibration, bins[4], SHOWN, "bin5", "highest fifth"),
};
static const struct mdp_columns calibration_columns = MDP_COLUMNS(struct calibration, calibration_list);

static mdp_err add_calibration(struct mdp_table *table, const struct mdp_pair *pair) {
    struct calibration row;
    mdp_row_clear(&calibration_columns, &row);
    set_module(row.guidance, pair->guidance, MDP_FILE_GUIDANCE);
    row.n_states = pair->n_calibrated;
    if (pair->n_calibrated < 2) return mdp_table_fill(table, &row, 1);
    row.n_episodes = pair->calibration.n_clusters;
    row.has_few = pair->calibration.has_few;
    row.bias = interval_of(&pair->calibration.bias);
    row.slope = interval_of(&pair->calibration.slope);
    row.rank = interval_of(&pair->calibration.spearman);
    for (int b = 0; b < MDP_DIAGNOSE_BINS; b++)
        if (pair->bins[b].n > 0)
            snprintf(row.bins[b].text, sizeof row.bins[b].text, "%.1f / %.1f", pair->bins[b].value, pair->bins[b].came);
    return mdp_table_fill(table, &row, 1);
}

/* values do not depend on the diffusion module: a guidance beside many has one row */
static int is_repeated(const struct mdp_diagnose_report *r, int i, int k) {
    for (int j = 0; j < i; j++)
        for (int l = 0; l < r->diagnoses[j].n_pairs; l++)
            if (r->diagnoses[j].pairs[l].guidance_hash == r->diagnoses[i].pairs[k].guidance_hash) return 1;
    return 0;
}

/* rewards are those that guidance has learnt, which the notes say */
static mdp_err print_calibration(const struct mdp_diagnose_report *r, FILE *stream) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Calibration: value Q(s, a) of held-out actions against the discounted return that came",
                          &calibration_columns, &table));
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < r->diagnoses[i].n_pairs; k++)
            if (!is_repeated(r, i, k)) MDP_TRY(add_calibration(table, &r->diagnoses[i].pairs[k]));
    MDP_TRY(mdp_table_add_note(table,
                               "bias: mean of Q - return; slope: of returns over Q, 1 if calibrated; fifths by Q: "
                               "mean Q / mean return."));
    MDP_TRY(
        mdp_table_add_note(table,
                           "Rewards times %.4g, as in training. %ld states of %ld episodes of %s; left out are those "
                           "whose episode is cut with more than %g of the discounted weight to come.",
                           1000 / r->held_out->reward_range, r->held_out->n, r->held_out->episodes.n, r->held_out->path,
                           r->settings->tail));
    if (r->held_out->other != NULL)
        MDP_TRY(mdp_table_add_note(table, "Guidance of %s: rewards times %.4g, by %s.",
                                   r->settings->acting.guidance_task, 1000 / r->held_out->other_range,
                                   r->held_out->other));
    MDP_TRY(mdp_table_add_note(table,
                               "Returns are those of the policy that made the data: where guidance values a better "
                               "one, its bias is positive by right."));
    MDP_TRY(show(table, stream));
out:
    mdp_table_free(table);
    return err;
}

/* ---- gradients and selection ---- */

struct selection {
    char diffusion[MDP_PATH_MAX];
    const char *guidance;
    long n_episodes;
    int has_few;
    struct mdp_shown sigma;
    struct spread cosine;
    double w_t, mean_return;
    struct interval effective;
};
static const struct mdp_column selection_list[] = {
    MDP_COLUMN(struct selection, diffusion, LETTERS, "diffusion", "diffusion"),
    MDP_COLUMN(struct selection, guidance, TEXT, "guidance", "guidance"),
    MDP_COUNT_COLUMN(struct selection, n_episodes, has_few, "episodes", "episodes"),
    MDP_COLUMN(struct selection, sigma, SHOWN, "sigma", "time, sigma"),
    SPREAD(struct selection, cosine, "cosine", "cosine [95 % CI]"),
    MDP_COLUMN(struct selection, w_t, REAL, "w_t", "w_T"),
    INTERVAL(struct selection, effective, "effective", "effective candidates [95 % CI]", 1),
    MDP_COLUMN(struct selection, mean_return, REAL, "return", "return", 3),
};
static const struct mdp_columns selection_columns = MDP_COLUMNS(struct selection, selection_list);

static mdp_err add_selection(struct mdp_table *table, const struct mdp_diagnosis *d, const struct mdp_pair *pair) {
    struct selection row;
    mdp_row_clear(&selection_columns, &row);
    set_module(row.diffusion, d->diffusion, MDP_FILE_DIFFUSION);
    row.guidance = pair->choice;
    row.n_episodes = pair->n_effective.mean.n_clusters;
    row.has_few = pair->n_effective.mean.has_few;
    snprintf(row.sigma.text, sizeof row.sigma.text, "%d, %.3f", d->score_time, d->score_sigma);
    set_spread(&row.cosine, &pair->score_cosine);
    row.w_t = pair->w_t;
    row.effective = interval_of(&pair->n_effective.mean.mean);
    row.mean_return = pair->mean_return;
    return mdp_table_fill(table, &row, 1);
}

static mdp_err print_selection(const struct mdp_diagnose_report *r, FILE *stream) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(
        mdp_table_new("Each pair: cosine of the guidance's action gradient and the denoiser's score, and how sharply "
                      "it selects",
                      &selection_columns, &table));
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < r->diagnoses[i].n_pairs; k++)
            MDP_TRY(add_selection(table, &r->diagnoses[i], &r->diagnoses[i].pairs[k]));
    MDP_TRY(mdp_table_add_note(table,
                               "Gradients at each state's first candidate; the score at this denoising time. Of %ld "
                               "candidates, 1 / sum of squared weights are effective. return: mean normalized return "
                               "of the pair's evaluation, where there is one.",
                               r->settings->acting.n_candidates));
    MDP_TRY(show(table, stream));
out:
    mdp_table_free(table);
    return err;
}

struct agreement {
    char diffusion[MDP_PATH_MAX];
    const char *one, *other;
    struct spread cosine;
    struct interval rank, top, overlap;
};
static const struct mdp_column agreement_list[] = {
    MDP_COLUMN(struct agreement, diffusion, LETTERS, "diffusion", "diffusion"),
    MDP_COLUMN(struct agreement, one, TEXT, "one", "one guidance"),
    MDP_COLUMN(struct agreement, other, TEXT, "other", "another"),
    SPREAD(struct agreement, cosine, "cosine", "gradient cosine [95 % CI]"),
    INTERVAL(struct agreement, rank, "rank", "rank corr. [95 % CI]", 3),
    INTERVAL(struct agreement, top, "top", "same choice [95 % CI]", 3),
    INTERVAL(struct agreement, overlap, "overlap", "overlap [95 % CI]", 3),
};
static const struct mdp_columns agreement_columns = MDP_COLUMNS(struct agreement, agreement_list);

static mdp_err add_agreement(struct mdp_table *table, const struct mdp_diagnosis *d, const struct mdp_agreement *a) {
    struct agreement row;
    mdp_row_clear(&agreement_columns, &row);
    set_module(row.diffusion, d->diffusion, MDP_FILE_DIFFUSION);
    row.one = d->pairs[a->a].choice;
    row.other = d->pairs[a->b].choice;
    set_spread(&row.cosine, &a->gradient_cosine);
    row.rank = interval_of(&a->rank_correlation.mean.mean);
    row.top = interval_of(&a->same_top.mean.mean);
    row.overlap = interval_of(&a->overlap.mean.mean);
    return mdp_table_fill(table, &row, 1);
}

static mdp_err print_agreements(const struct mdp_diagnose_report *r, FILE *stream) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Agreement of two guidances on the same states and candidates", &agreement_columns, &table));
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < r->diagnoses[i].n_agreements; k++)
            MDP_TRY(add_agreement(table, &r->diagnoses[i], &r->diagnoses[i].agreements[k]));
    MDP_TRY(mdp_table_add_note(table,
                               "rank corr.: of a state's candidates by score; same choice: share of states with one "
                               "best candidate; overlap: sum of the smaller weights, 1 for the same selection. By "
                               "chance: cosine and rank corr. 0, same choice %.3f.",
                               1.0 / (double)r->settings->acting.n_candidates));
    MDP_TRY(show(table, stream));
out:
    mdp_table_free(table);
    return err;
}

/* ---- what goes with the return ---- */

struct forecast {
    const char *quantity, *verdict;
    long n_pairs;
    double rho, p, holm;
};
static const struct mdp_column forecast_list[] = {
    MDP_COLUMN(struct forecast, quantity, TEXT, "quantity", "quantity of a pair"),
    MDP_COLUMN(struct forecast, n_pairs, WHOLE, "pairs", "pairs"),
    MDP_COLUMN(struct forecast, rho, REAL, "rho", "Spearman", 3),
    MDP_COLUMN(struct forecast, p, REAL, "p", "p", 4),
    MDP_COLUMN(struct forecast, holm, REAL, "p_holm", "p Holm", 4),
    MDP_COLUMN(struct forecast, verdict, TEXT, "verdict", "verdict"),
};
static const struct mdp_columns forecast_columns = MDP_COLUMNS(struct forecast, forecast_list);

static mdp_err add_forecast(struct mdp_table *table, const struct mdp_forecast *f) {
    const struct forecast row = {mdp_quantity_text(f->quantity), f->verdict, f->n, f->test.rho, f->test.p, f->p_holm};
    return mdp_table_fill(table, &row, 1);
}

static mdp_err print_forecasts(const struct mdp_diagnose_report *r, FILE *stream) {
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Over pairs: what goes with the mean normalized return", &forecast_columns, &table));
    for (int q = 0; q < MDP_N_QUANTITIES; q++) MDP_TRY(add_forecast(table, &r->forecasts[q]));
    MDP_TRY(
        mdp_table_add_note(table, "Pairs that share a module or a run depend on each other: for them p is too small."));
    MDP_TRY(mdp_table_output(table, MDP_TABLE_TEXT, NULL, stream));
out:
    mdp_table_free(table);
    return err;
}

/* if nothing can be decided, this line says as much as the table would */
static mdp_err print_too_few(const struct mdp_diagnose_report *r, FILE *stream) {
    long n = r->forecasts[MDP_QUANTITY_EFFECTIVE].n;
    if (fprintf(stream, "%ld %s evaluated: too few to say what goes with the return; it takes 6 to decide anything.\n",
                n, n == 1 ? "pair was" : "pairs were") < 0)
        return mdp_fail(MDP_E_IO, "standard output: cannot write");
    return MDP_OK;
}

static int has_agreements(const struct mdp_diagnose_report *report) {
    for (int i = 0; i < report->n; i++)
        if (report->diagnoses[i].n_agreements > 0) return 1;
    return 0;
}

mdp_err mdp_diagnose_print(const struct mdp_diagnose_report *report, FILE *stream) {
    mdp_err err;
    MDP_TRY(print_calibration(report, stream));
    MDP_TRY(print_selection(report, stream));
    if (has_agreements(report)) MDP_TRY(print_agreements(report, stream));
    MDP_TRY(report->forecasts[MDP_QUANTITY_EFFECTIVE].n >= 3 ? print_forecasts(report, stream)
                                                             : print_too_few(report, stream));
out:
    return err;
}
