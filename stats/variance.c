/* variances over training, by the moments and quantiles of the same room. */
#include "stats/variance.h"

#include <math.h>
#include <stdlib.h>

#include "stats/check.h"
#include "stats/moments.h"
#include "stats/quantile.h"

static struct mdp_sample sample_of(const char *name, const struct mdp_checkpoint_scores *scores) {
    return (struct mdp_sample){name, scores->values, scores->n_checkpoints * scores->n_episodes};
}

static mdp_err check_plan(const struct mdp_checkpoint_scores *scores, int ddof) {
    mdp_err err = mdp_check_range("ddof", ddof, 0, 1);
    return err ? err : mdp_check_enough("episodes of a checkpoint", scores->n_episodes, 2);
}

static mdp_err compute_rows(const struct mdp_checkpoint_scores *scores, int ddof, double *out) {
    for (long i = 0; i < scores->n_checkpoints; i++) {
        struct mdp_moments moments;
        mdp_err err = mdp_moments_compute(scores->values + i * scores->n_episodes, scores->n_episodes, &moments);
        if (err) return err;
        out[i] = ddof ? moments.var_ddof1 : moments.var_ddof0;
    }
    return MDP_OK;
}

mdp_err mdp_variance_by_checkpoint(const struct mdp_checkpoint_scores *scores, int ddof, double *out) {
    const struct mdp_sample sample = sample_of("scores", scores);
    mdp_err err;
    MDP_TRY(mdp_check_samples(&sample, 1));
    MDP_TRY(check_plan(scores, ddof));
    MDP_TRY(compute_rows(scores, ddof, out));
out:
    return err;
}

mdp_err mdp_variance_summarize(const double *variances, long n, struct mdp_variance_summary *out) {
    struct mdp_order order;
    struct mdp_moments moments;
    mdp_err err;
    MDP_TRY(mdp_order_compute(variances, n, &order));
    MDP_TRY(mdp_moments_compute(variances, n, &moments));
    *out = (struct mdp_variance_summary){
        .median = order.median,
        .q1 = order.q1,
        .q3 = order.q3,
        .iqr = order.iqr,
        .max = order.max,
        .mean = moments.mean,
        .cv_ddof0 = moments.mean != 0 ? moments.sd_ddof0 / moments.mean : NAN,
        .cv_ddof1 = moments.mean != 0 ? moments.sd_ddof1 / moments.mean : NAN,
    };
out:
    return err;
}

double mdp_reduction_pct(double base, double test) { return base == 0 ? NAN : 100 * (1 - test / base); }

static void reduce(struct mdp_variance_table *table) {
    const struct mdp_variance_summary *base = &table->base, *test = &table->test;
    struct mdp_variance_summary *out = &table->reduction_pct;
    *out = (struct mdp_variance_summary){
        .median = mdp_reduction_pct(base->median, test->median),
        .q1 = mdp_reduction_pct(base->q1, test->q1),
        .q3 = mdp_reduction_pct(base->q3, test->q3),
        .iqr = mdp_reduction_pct(base->iqr, test->iqr),
        .max = mdp_reduction_pct(base->max, test->max),
        .mean = mdp_reduction_pct(base->mean, test->mean),
        .cv_ddof0 = mdp_reduction_pct(base->cv_ddof0, test->cv_ddof0),
        .cv_ddof1 = mdp_reduction_pct(base->cv_ddof1, test->cv_ddof1),
    };
    table->is_degenerate = isnan(out->median) || isnan(out->iqr) || isnan(out->max) || isnan(out->cv_ddof0);
}

mdp_err mdp_variance_compare(const struct mdp_checkpoint_scores *base, const struct mdp_checkpoint_scores *test,
                             int ddof, struct mdp_variance_table *out) {
    const struct mdp_sample samples[2] = {sample_of("base", base), sample_of("test", test)};
    double *variances = NULL;
    long n = base->n_checkpoints;
    mdp_err err;
    if (samples[0].n > 0 && samples[1].n > 0 && n != test->n_checkpoints)
        return mdp_refuse(MDP_REFUSE_SHAPE, "test: expected %ld checkpoints as in base, found %ld", n,
                          test->n_checkpoints);
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(check_plan(base, ddof));
    MDP_TRY(check_plan(test, ddof));
    MDP_TRY(mdp_calloc(&variances, (unsigned long)n, sizeof *variances, "variances"));
    MDP_TRY(compute_rows(base, ddof, variances));
    MDP_TRY(mdp_variance_summarize(variances, n, &out->base));
    MDP_TRY(compute_rows(test, ddof, variances));
    MDP_TRY(mdp_variance_summarize(variances, n, &out->test));
    reduce(out);
out:
    free(variances);
    return err;
}
