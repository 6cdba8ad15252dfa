#include "bench/run/summary.h"

#include <math.h>

#include "results/show/json.h"
#include "stats/bootstrap.h"
#include "stats/moments.h"
#include "stats/quantile.h"

mdp_err mdp_summarize_bare(const double *values, long n, struct mdp_summary *out) {
    mdp_err err;
    struct mdp_moments moments;
    struct mdp_order order;
    MDP_TRY(mdp_moments_compute(values, n, &moments));
    MDP_TRY(mdp_order_compute(values, n, &order));
    *out = (struct mdp_summary){.n = n,
                                .mean = moments.mean,
                                .sd = moments.sd_ddof1,
                                .iqm = order.iqm,
                                .q1 = order.q1,
                                .median = order.median,
                                .q3 = order.q3,
                                .iqm_low = NAN,
                                .iqm_high = NAN};
out:
    return err;
}

mdp_err mdp_summarize(const double *values, long n, struct mdp_bootstrap_draws *draws, struct mdp_summary *out) {
    mdp_err err;
    struct mdp_bootstrap bootstrap;
    const struct mdp_scores scores = {values, n, 1};
    const struct mdp_bootstrap_plan plan = {.method = mdp_bootstrap_method(n, MDP_INTERVAL_PERCENTILE),
                                            .wanted = 1u << MDP_AGGREGATE_IQM,
                                            .n_threads = 1,
                                            .draws = draws};
    MDP_TRY(mdp_summarize_bare(values, n, out));
    MDP_TRY(mdp_bootstrap_compute(&scores, &plan, &bootstrap));
    out->iqm_low = n > 1 ? bootstrap.interval[MDP_AGGREGATE_IQM].low : NAN;
    out->iqm_high = n > 1 ? bootstrap.interval[MDP_AGGREGATE_IQM].high : NAN;
    out->has_few = bootstrap.has_few_runs;
out:
    return err;
}

json_t *mdp_summary_json(const struct mdp_summary *s) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:s, s:s, s:b}", "mean", mdp_json_real(s->mean), "sd",
                     mdp_json_real(s->sd), "iqm", mdp_json_real(s->iqm), "q1", mdp_json_real(s->q1), "median",
                     mdp_json_real(s->median), "q3", mdp_json_real(s->q3), "iqm_ci95", mdp_json_real(s->iqm_low),
                     mdp_json_real(s->iqm_high), "iqm_ci95_stream", mdp_bootstrap_stream_name(MDP_BOOTSTRAP_FAST),
                     "iqm_ci95_method", mdp_interval_name(mdp_bootstrap_method(s->n, MDP_INTERVAL_PERCENTILE)),
                     "iqm_ci95_few", s->has_few);
}

const char *const mdp_summary_names[MDP_SUMMARY_NUMBERS] = {"mean",     "sd", "iqm",    "iqm_low",
                                                            "iqm_high", "q1", "median", "q3"};

void mdp_summary_numbers(const struct mdp_summary *summary, double out[MDP_SUMMARY_NUMBERS]) {
    const double numbers[MDP_SUMMARY_NUMBERS] = {summary->mean,     summary->sd, summary->iqm,    summary->iqm_low,
                                                 summary->iqm_high, summary->q1, summary->median, summary->q3};
    for (int i = 0; i < MDP_SUMMARY_NUMBERS; i++) out[i] = numbers[i];
}
