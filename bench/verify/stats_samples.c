/* families of single samples, score matrices and curves. */
#include <math.h>
#include <stdio.h>

#include "bench/verify/stats_families.h"
#include "stats/aggregate.h"
#include "stats/curve.h"
#include "stats/moments.h"
#include "stats/quantile.h"
#include "stats/score.h"
#include "stats/variance.h"

#define N_OF(table) ((int)(sizeof(table) / sizeof *(table)))

mdp_err mdp_answer_moments(struct mdp_case *c) {
    struct mdp_sample x;
    struct mdp_moments m;
    struct mdp_asymmetry asymmetry;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/x", &x));
    MDP_TRY(mdp_moments_compute(x.values, x.n, &m));
    MDP_TRY(mdp_asymmetry_compute(x.values, x.n, &asymmetry));
    const struct mdp_named table[] = {{"n", (double)m.n},
                                      {"sum", m.sum},
                                      {"mean", m.mean},
                                      {"var_ddof0", m.var_ddof0},
                                      {"var_ddof1", m.var_ddof1},
                                      {"sd_ddof0", m.sd_ddof0},
                                      {"sd_ddof1", m.sd_ddof1},
                                      {"sem", m.sem},
                                      {"skew_g1", asymmetry.skew},
                                      {"kurt_excess_g2", asymmetry.kurtosis},
                                      {"cv_ddof1", m.cv}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    c->is_degenerate = m.is_degenerate;
out:
    return err;
}

/* the file holds all nine types of quantile in one array, type by type */
mdp_err mdp_answer_quantile(struct mdp_case *c) {
    static const int trims[] = {5, 10, 20, 25};
    struct mdp_sample x, p;
    struct mdp_order o;
    double *quantiles, trimmed;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/x", &x));
    MDP_TRY(mdp_case_sample(c, "in/probs", &p));
    MDP_TRY(mdp_case_room(c, (unsigned long)(p.n * MDP_QUANTILE_TYPES), sizeof *quantiles, &quantiles));
    for (int type = 1; type <= MDP_QUANTILE_TYPES; type++)
        MDP_TRY(mdp_quantiles(x.values, x.n, p.values, p.n, type, quantiles + (type - 1) * p.n));
    MDP_TRY(mdp_order_compute(x.values, x.n, &o));
    mdp_case_answer_array(c, quantiles, p.n * MDP_QUANTILE_TYPES, "quantiles");
    const struct mdp_named table[] = {{"q1_type7", o.q1},
                                      {"q3_type7", o.q3},
                                      {"iqr_type7", o.iqr},
                                      {"median", o.median},
                                      {"mad_raw", o.mad},
                                      {"min", o.min},
                                      {"mad_normal", o.mad_normal},
                                      {"max", o.max},
                                      {"iqm", o.iqm},
                                      {"iqm_fractional", o.iqm_fractional}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    for (int i = 0; i < N_OF(trims); i++) {
        MDP_TRY(mdp_trimmed_mean(x.values, x.n, trims[i] / 100.0, &trimmed));
        mdp_case_answer(c, trimmed, "trim_mean_%02d", trims[i]);
    }
out:
    return err;
}

mdp_err mdp_answer_d4rl(struct mdp_case *c) {
    struct mdp_sample raw;
    struct mdp_moments m, m100;
    double low, high, *norm, *norm100;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/raw", &raw));
    MDP_TRY(mdp_case_real(c, "in/ref_min", &low));
    MDP_TRY(mdp_case_real(c, "in/ref_max", &high));
    MDP_TRY(mdp_case_room(c, (unsigned long)raw.n, sizeof *norm, &norm));
    MDP_TRY(mdp_case_room(c, (unsigned long)raw.n, sizeof *norm100, &norm100));
    MDP_TRY(mdp_score_normalize(raw.values, raw.n, low, high, norm));
    for (long i = 0; i < raw.n; i++) norm100[i] = 100 * norm[i];
    MDP_TRY(mdp_moments_compute(norm, raw.n, &m));
    MDP_TRY(mdp_moments_compute(norm100, raw.n, &m100));
    mdp_case_answer_array(c, norm, raw.n, "norm");
    mdp_case_answer_array(c, norm100, raw.n, "norm100");
    const struct mdp_named table[] = {{"mean100", m100.mean},
                                      {"std100_ddof0", m100.sd_ddof0},
                                      {"std100_ddof1", m100.sd_ddof1},
                                      {"var_ddof1", m.var_ddof1}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
out:
    return err;
}

/* ---- score matrices ---- */

static mdp_err read_scores(struct mdp_case *c, const char *dataset, struct mdp_scores *scores) {
    double *values;
    mdp_err err = mdp_case_matrix(c, dataset, &values, &scores->n_runs, &scores->n_tasks);
    scores->values = values;
    return err;
}

/* means of the tasks, and the median of all scores, which no aggregate is */
static mdp_err answer_tasks(struct mdp_case *c, const struct mdp_scores *x) {
    double *means, *column;
    struct mdp_order order;
    mdp_err err;
    MDP_TRY(mdp_case_room(c, (unsigned long)x->n_tasks, sizeof *means, &means));
    MDP_TRY(mdp_case_room(c, (unsigned long)x->n_runs, sizeof *column, &column));
    for (long t = 0; t < x->n_tasks; t++) {
        for (long r = 0; r < x->n_runs; r++) column[r] = x->values[r * x->n_tasks + t];
        means[t] = mdp_mean(column, x->n_runs);
    }
    MDP_TRY(mdp_order_compute(x->values, x->n_runs * x->n_tasks, &order));
    mdp_case_answer_array(c, means, x->n_tasks, "task_mean");
    mdp_case_answer(c, order.median, "pooled_median");
out:
    return err;
}

/* the optimality gap is asked for twice, with gamma 1 and 0.9 */
mdp_err mdp_answer_aggregate(struct mdp_case *c) {
    struct mdp_scores x, y;
    struct mdp_sample taus;
    double aggregates[MDP_N_AGGREGATES], at09[MDP_N_AGGREGATES], *runs, *task_means, *per_task, poi;
    mdp_err err;
    MDP_TRY(read_scores(c, "in/x", &x));
    MDP_TRY(read_scores(c, "in/y", &y));
    MDP_TRY(mdp_case_sample(c, "in/taus", &taus));
    MDP_TRY(mdp_case_room(c, (unsigned long)taus.n, sizeof *runs, &runs));
    MDP_TRY(mdp_case_room(c, (unsigned long)taus.n, sizeof *task_means, &task_means));
    MDP_TRY(mdp_case_room(c, (unsigned long)x.n_tasks, sizeof *per_task, &per_task));
    MDP_TRY(mdp_probability_of_improvement(&x, &y, per_task, &poi));
    MDP_TRY(mdp_aggregate_compute(&x, 1, aggregates));
    MDP_TRY(mdp_aggregate_compute(&x, 0.9, at09));
    MDP_TRY(mdp_performance_profile(&x, taus.values, taus.n, runs, task_means));
    MDP_TRY(answer_tasks(c, &x));
    for (int i = 0; i < MDP_N_AGGREGATES; i++)
        mdp_case_answer(c, aggregates[i], "%s", mdp_aggregate_name((enum mdp_aggregate)i));
    mdp_case_answer(c, at09[MDP_AGGREGATE_OPTIMALITY_GAP], "optimality_gap_g09");
    mdp_case_answer(c, poi, "poi");
    mdp_case_answer_array(c, per_task, x.n_tasks, "poi_per_task");
    mdp_case_answer_array(c, runs, taus.n, "profile_runs");
    mdp_case_answer_array(c, task_means, taus.n, "profile_task_means");
out:
    return err;
}

/* ---- curves ---- */

static void answer_one_curve(struct mdp_case *c, const struct mdp_curve_summary *s, double first_step,
                             const char *pattern) {
    const struct mdp_named table[] = {{"auc", s->auc},
                                      {"auc_norm", s->auc_norm},
                                      {"peak", s->peak},
                                      {"argpeak", (double)s->i_peak},
                                      {"first_step", first_step},
                                      {"last10_mean", s->last10_mean}};
    mdp_case_answer_table(c, pattern, table, N_OF(table));
}

static mdp_err answer_early(struct mdp_case *c, const struct mdp_curve *base, const struct mdp_curve *test,
                            int percent) {
    struct mdp_curve_early e;
    char pattern[32];
    mdp_err err = mdp_curve_compare_early(base, test, percent / 100.0, &e);
    if (err) return err;
    const struct mdp_named table[] = {{"auc_base", e.auc_base},
                                      {"auc_test", e.auc_test},
                                      {"gain_abs", e.gain_abs},
                                      {"gain_rel", e.gain_rel},
                                      {"gain_ratio", e.gain_ratio}};
    snprintf(pattern, sizeof pattern, "early_%%s_%d", percent);
    mdp_case_answer_table(c, pattern, table, N_OF(table));
    c->is_degenerate |= e.is_degenerate;
    return MDP_OK;
}

/* windows are per cent of the curve's length */
mdp_err mdp_answer_curve(struct mdp_case *c) {
    static const int windows[] = {10, 20, 25};
    struct mdp_sample steps, base_values, test_values;
    struct mdp_curve_gain gain;
    struct mdp_curve_summary of_base, of_test;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/steps", &steps));
    MDP_TRY(mdp_case_sample(c, "in/base", &base_values));
    MDP_TRY(mdp_case_sample(c, "in/test", &test_values));
    const struct mdp_sample all[3] = {steps, base_values, test_values};
    MDP_TRY(mdp_check_paired(all, 3));
    const struct mdp_curve base = {steps.values, base_values.values, steps.n};
    const struct mdp_curve test = {steps.values, test_values.values, steps.n};
    MDP_TRY(mdp_curve_compare(&base, &test, &gain));
    MDP_TRY(mdp_curve_summarize(&base, &of_base));
    MDP_TRY(mdp_curve_summarize(&test, &of_test));
    c->is_degenerate = gain.is_degenerate;
    mdp_case_answer(c, gain.auc_pct, "auc_gain_pct");
    mdp_case_answer(c, gain.peak_pct, "peak_gain_pct");
    mdp_case_answer(c, gain.threshold, "threshold");
    answer_one_curve(c, &of_base, gain.first_step_base, "%s_base");
    answer_one_curve(c, &of_test, gain.first_step_test, "%s_test");
    for (int i = 0; i < N_OF(windows); i++) MDP_TRY(answer_early(c, &base, &test, windows[i]));
out:
    return err;
}

/* ---- variance over training ---- */

static mdp_err read_checkpoints(struct mdp_case *c, const char *dataset, struct mdp_checkpoint_scores *scores) {
    double *values;
    mdp_err err = mdp_case_matrix(c, dataset, &values, &scores->n_checkpoints, &scores->n_episodes);
    scores->values = values;
    return err;
}

/* metrics as printed somewhere: only their reductions are asked for */
static mdp_err answer_printed(struct mdp_case *c) {
    struct mdp_sample sides[2];
    double *reduction;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/base", &sides[0]));
    MDP_TRY(mdp_case_sample(c, "in/test", &sides[1]));
    MDP_TRY(mdp_check_paired(sides, 2));
    MDP_TRY(mdp_case_room(c, (unsigned long)sides[0].n, sizeof *reduction, &reduction));
    for (long i = 0; i < sides[0].n; i++) reduction[i] = mdp_reduction_pct(sides[0].values[i], sides[1].values[i]);
    mdp_case_answer_array(c, reduction, sides[0].n, "reduction");
out:
    return err;
}

static void answer_variances(struct mdp_case *c, const struct mdp_variance_summary *s, const char *pattern) {
    const struct mdp_named table[] = {{"median", s->median}, {"iqr", s->iqr},     {"q1", s->q1},
                                      {"q3", s->q3},         {"max", s->max},     {"mean", s->mean},
                                      {"cv0", s->cv_ddof0},  {"cv1", s->cv_ddof1}};
    mdp_case_answer_table(c, pattern, table, N_OF(table));
}

static mdp_err answer_ddof(struct mdp_case *c, const struct mdp_checkpoint_scores *base,
                           const struct mdp_checkpoint_scores *test, int ddof) {
    struct mdp_variance_table table;
    double *variances;
    char pattern[32];
    mdp_err err;
    MDP_TRY(mdp_variance_compare(base, test, ddof, &table));
    MDP_TRY(mdp_case_room(c, (unsigned long)base->n_checkpoints, sizeof *variances, &variances));
    MDP_TRY(mdp_variance_by_checkpoint(base, ddof, variances));
    mdp_case_answer_array(c, variances, base->n_checkpoints, "var_base_ddof%d", ddof);
    MDP_TRY(mdp_variance_by_checkpoint(test, ddof, variances));
    mdp_case_answer_array(c, variances, test->n_checkpoints, "var_test_ddof%d", ddof);
    snprintf(pattern, sizeof pattern, "%%s_base_ddof%d", ddof);
    answer_variances(c, &table.base, pattern);
    snprintf(pattern, sizeof pattern, "%%s_test_ddof%d", ddof);
    answer_variances(c, &table.test, pattern);
    snprintf(pattern, sizeof pattern, "reduction_%%s_ddof%d", ddof);
    answer_variances(c, &table.reduction_pct, pattern);
    c->is_degenerate |= table.is_degenerate;
out:
    return err;
}

mdp_err mdp_answer_variance(struct mdp_case *c) {
    struct mdp_checkpoint_scores base, test;
    mdp_err err;
    if (mdp_case_has(c, "out/reduction")) return answer_printed(c);
    MDP_TRY(read_checkpoints(c, "in/base", &base));
    MDP_TRY(read_checkpoints(c, "in/test", &test));
    for (int ddof = 0; ddof < 2; ddof++) MDP_TRY(answer_ddof(c, &base, &test, ddof));
out:
    return err;
}
