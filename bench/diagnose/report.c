#include "bench/diagnose/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/names.h"
#include "results/show/table.h"
#include "results/show/table_out.h"

/* ---- cells ---- */

static void set_interval(struct mdp_table *table, int column, const struct mdp_interval *interval) {
    if (isfinite(interval->low) && isfinite(interval->high))
        mdp_table_set_interval(table, column, interval->estimate, interval->low, interval->high);
    else if (isfinite(interval->estimate))
        mdp_table_set_number(table, column, interval->estimate);
}

/* quartiles in the columns behind the mean */
static void set_spread(struct mdp_table *table, int column, const struct mdp_spread_of *spread) {
    if (spread->n == 0) return;
    set_interval(table, column, &spread->mean.mean);
    mdp_table_set_number(table, column + 1, spread->q1);
    mdp_table_set_number(table, column + 2, spread->median);
    mdp_table_set_number(table, column + 3, spread->q3);
}

/* a module's path without the ending that all of its kind have */
static mdp_err set_module(struct mdp_table *table, int column, const char *path, enum mdp_file_kind kind) {
    char text[MDP_PATH_MAX];
    snprintf(text, sizeof text, "%.*s", mdp_file_is(kind, path) ? (int)mdp_stem_length(path) : -1, path);
    return mdp_table_set_text(table, column, text);
}

static mdp_err show(struct mdp_table *table, FILE *stream) {
    mdp_err err = mdp_table_output(table, MDP_TABLE_TEXT, NULL, stream);
    if (fputc('\n', stream) == EOF && err == MDP_OK) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    return err;
}

/* ---- calibration ---- */

static mdp_err add_calibration(struct mdp_table *table, const struct mdp_pair *pair) {
    enum { GUIDANCE, STATES, EPISODES, BIAS, SLOPE, ORDER, FIRST_BIN };
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(set_module(table, GUIDANCE, pair->guidance, MDP_FILE_GUIDANCE));
    mdp_table_set_number(table, STATES, (double)pair->n_calibrated);
    if (pair->n_calibrated < 2) goto out;
    MDP_TRY(mdp_table_set_count(table, EPISODES, pair->calibration.n_clusters, pair->calibration.has_few));
    set_interval(table, BIAS, &pair->calibration.bias);
    set_interval(table, SLOPE, &pair->calibration.slope);
    set_interval(table, ORDER, &pair->calibration.spearman);
    for (int b = 0; b < MDP_DIAGNOSE_BINS; b++) {
        char text[64];
        snprintf(text, sizeof text, "%.1f / %.1f", pair->bins[b].value, pair->bins[b].came);
        if (pair->bins[b].n > 0) MDP_TRY(mdp_table_set_text(table, FIRST_BIN + b, text));
    }
out:
    return err;
}

/* values do not depend on the diffusion module: a guidance beside many has one row */
static int is_repeated(const struct mdp_diagnose_report *r, int i, int k) {
    for (int j = 0; j < i; j++)
        for (int l = 0; l < r->diagnoses[j].n_pairs; l++)
            if (r->diagnoses[j].pairs[l].guidance_hash == r->diagnoses[i].pairs[k].guidance_hash) return 1;
    return 0;
}

static mdp_err print_calibration(const struct mdp_diagnose_report *r, FILE *stream) {
    static const struct mdp_column columns[] = {{"guidance", "guidance", MDP_LEFT, 0},
                                                {"states", "states", MDP_RIGHT, 0},
                                                {"episodes", "episodes", MDP_RIGHT, 0},
                                                {"bias", "bias [95 % CI]", MDP_RIGHT, 2},
                                                {"slope", "slope [95 % CI]", MDP_RIGHT, 2},
                                                {"rank", "rank corr. [95 % CI]", MDP_RIGHT, 2},
                                                {"bin1", "lowest fifth", MDP_RIGHT, 0},
                                                {"bin2", "2nd", MDP_RIGHT, 0},
                                                {"bin3", "3rd", MDP_RIGHT, 0},
                                                {"bin4", "4th", MDP_RIGHT, 0},
                                                {"bin5", "highest fifth", MDP_RIGHT, 0}};
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Calibration: value Q(s, a) of held-out actions against the discounted return that came",
                          sizeof columns / sizeof columns[0], columns, &table));
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
    MDP_TRY(mdp_table_add_note(table,
                               "Returns are those of the policy that made the data: where guidance values a better "
                               "one, its bias is positive by right."));
    MDP_TRY(show(table, stream));
out:
    mdp_table_free(table);
    return err;
}

/* ---- gradients and selection ---- */

static mdp_err add_selection(struct mdp_table *table, const struct mdp_diagnosis *d, const struct mdp_pair *pair) {
    enum { DIFFUSION, GUIDANCE, EPISODES, SIGMA, COSINE, Q1, MEDIAN, Q3, W_T, EFFECTIVE, RETURN };
    char sigma[48];
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(set_module(table, DIFFUSION, d->diffusion, MDP_FILE_DIFFUSION));
    MDP_TRY(mdp_table_set_text(table, GUIDANCE, pair->choice));
    MDP_TRY(mdp_table_set_count(table, EPISODES, pair->n_effective.mean.n_clusters, pair->n_effective.mean.has_few));
    snprintf(sigma, sizeof sigma, "%d, %.3f", d->score_time, d->score_sigma);
    MDP_TRY(mdp_table_set_text(table, SIGMA, sigma));
    set_spread(table, COSINE, &pair->score_cosine);
    mdp_table_set_number(table, W_T, pair->w_t);
    set_interval(table, EFFECTIVE, &pair->n_effective.mean.mean);
    if (isfinite(pair->mean_return)) mdp_table_set_number(table, RETURN, pair->mean_return);
out:
    return err;
}

static mdp_err print_selection(const struct mdp_diagnose_report *r, FILE *stream) {
    static const struct mdp_column columns[] = {{"diffusion", "diffusion", MDP_LEFT, 0},
                                                {"guidance", "guidance", MDP_LEFT, 0},
                                                {"episodes", "episodes", MDP_RIGHT, 0},
                                                {"sigma", "time, sigma", MDP_RIGHT, 0},
                                                {"cosine", "cosine [95 % CI]", MDP_RIGHT, 3},
                                                {"q1", "Q1", MDP_RIGHT, 3},
                                                {"median", "median", MDP_RIGHT, 3},
                                                {"q3", "Q3", MDP_RIGHT, 3},
                                                {"w_t", "w_T", MDP_RIGHT, 0},
                                                {"effective", "effective candidates [95 % CI]", MDP_RIGHT, 1},
                                                {"return", "return", MDP_RIGHT, 3}};
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(
        mdp_table_new("Each pair: cosine of the guidance's action gradient and the denoiser's score, and how sharply "
                      "it selects",
                      sizeof columns / sizeof columns[0], columns, &table));
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

static mdp_err add_agreement(struct mdp_table *table, const struct mdp_diagnosis *d, const struct mdp_agreement *a) {
    enum { DIFFUSION, ONE, OTHER, COSINE, Q1, MEDIAN, Q3, RANK, TOP, OVERLAP };
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(set_module(table, DIFFUSION, d->diffusion, MDP_FILE_DIFFUSION));
    MDP_TRY(mdp_table_set_text(table, ONE, d->pairs[a->a].choice));
    MDP_TRY(mdp_table_set_text(table, OTHER, d->pairs[a->b].choice));
    set_spread(table, COSINE, &a->gradient_cosine);
    set_interval(table, RANK, &a->rank_correlation.mean.mean);
    set_interval(table, TOP, &a->same_top.mean.mean);
    set_interval(table, OVERLAP, &a->overlap.mean.mean);
out:
    return err;
}

static mdp_err print_agreements(const struct mdp_diagnose_report *r, FILE *stream) {
    static const struct mdp_column columns[] = {{"diffusion", "diffusion", MDP_LEFT, 0},
                                                {"one", "one guidance", MDP_LEFT, 0},
                                                {"other", "another", MDP_LEFT, 0},
                                                {"cosine", "gradient cosine [95 % CI]", MDP_RIGHT, 3},
                                                {"q1", "Q1", MDP_RIGHT, 3},
                                                {"median", "median", MDP_RIGHT, 3},
                                                {"q3", "Q3", MDP_RIGHT, 3},
                                                {"rank", "rank corr. [95 % CI]", MDP_RIGHT, 3},
                                                {"top", "same choice [95 % CI]", MDP_RIGHT, 3},
                                                {"overlap", "overlap [95 % CI]", MDP_RIGHT, 3}};
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Agreement of two guidances on the same states and candidates",
                          sizeof columns / sizeof columns[0], columns, &table));
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

static mdp_err add_forecast(struct mdp_table *table, const struct mdp_forecast *f) {
    enum { QUANTITY, PAIRS, RHO, P, HOLM, VERDICT };
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, QUANTITY, mdp_quantity_text(f->quantity)));
    mdp_table_set_number(table, PAIRS, (double)f->n);
    if (isfinite(f->test.rho)) mdp_table_set_number(table, RHO, f->test.rho);
    if (isfinite(f->test.p)) mdp_table_set_number(table, P, f->test.p);
    if (isfinite(f->p_holm)) mdp_table_set_number(table, HOLM, f->p_holm);
    MDP_TRY(mdp_table_set_text(table, VERDICT, f->verdict));
out:
    return err;
}

static mdp_err print_forecasts(const struct mdp_diagnose_report *r, FILE *stream) {
    static const struct mdp_column columns[] = {{"quantity", "quantity of a pair", MDP_LEFT, 0},
                                                {"pairs", "pairs", MDP_RIGHT, 0},
                                                {"rho", "Spearman", MDP_RIGHT, 3},
                                                {"p", "p", MDP_RIGHT, 4},
                                                {"p_holm", "p Holm", MDP_RIGHT, 4},
                                                {"verdict", "verdict", MDP_LEFT, 0}};
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_table_new("Over pairs: what goes with the mean normalized return", sizeof columns / sizeof columns[0],
                          columns, &table));
    for (int q = 0; q < MDP_N_QUANTITIES; q++) MDP_TRY(add_forecast(table, &r->forecasts[q]));
    MDP_TRY(
        mdp_table_add_note(table, "Pairs that share a module or a run depend on each other: for them p is too small."));
    MDP_TRY(mdp_table_output(table, MDP_TABLE_TEXT, NULL, stream));
out:
    mdp_table_free(table);
    return err;
}

/* a table of what cannot be decided says no more than this line */
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
