/* change points by dynamic programming over the end of the last segment. */
#include "stats/changepoint.h"

#include <math.h>
#include <stdlib.h>

#include "stats/check.h"
#include "stats/moments.h"
#include "stats/quantile.h"

/* the best partition of the first j values, and the running squared deviations of the segment that starts at j */
struct prefix {
    double cost;
    long i_last; /* where its last segment starts */
    double mean, squares;
    long n;
};

static void extend(struct prefix *segment, double value) {
    double delta = value - segment->mean;
    segment->n++;
    segment->mean += delta / (double)segment->n;
    segment->squares += delta * (value - segment->mean);
}

static void fill(const double *values, long n, double penalty, long n_least, struct prefix *prefixes) {
    prefixes[0].cost = -penalty;
    for (long j = 1; j <= n; j++) prefixes[j].cost = HUGE_VAL;
    for (long j = 1; j <= n; j++) {
        for (long i = 0; i < j; i++) {
            struct prefix *start = &prefixes[i];
            extend(start, values[j - 1]);
            if (start->n < n_least) continue;
            double cost = start->cost + start->squares + penalty;
            if (cost < prefixes[j].cost) {
                prefixes[j].cost = cost;
                prefixes[j].i_last = i;
            }
        }
    }
}

mdp_err mdp_changepoints_find(const double *values, long n, double penalty, long n_least,
                              struct mdp_changepoints *out) {
    const struct mdp_sample samples[2] = {{"values", values, n}, {"penalty", &penalty, 1}};
    struct prefix *prefixes = NULL;
    mdp_err err;
    *out = (struct mdp_changepoints){0};
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(mdp_check_range("penalty", penalty, 0, HUGE_VAL));
    MDP_TRY(mdp_check_range("shortest segment", (double)n_least, 1, MDP_CHANGEPOINT_MAX));
    MDP_TRY(mdp_check_range("number of values", (double)n, 1, MDP_CHANGEPOINT_MAX));
    MDP_TRY(mdp_check_enough("values", n, n_least));
    MDP_TRY(mdp_calloc(&prefixes, (unsigned long)n + 1, sizeof *prefixes, "change points"));
    fill(values, n, penalty, n_least, prefixes);
    for (long j = prefixes[n].i_last; j > 0; j = prefixes[j].i_last) out->n++;
    MDP_TRY(mdp_calloc(&out->first, (unsigned long)out->n + 1, sizeof *out->first, "change points"));
    for (long j = prefixes[n].i_last, k = out->n; j > 0; j = prefixes[j].i_last) out->first[--k] = j;
    out->total_cost = prefixes[n].cost;
out:
    free(prefixes);
    return err;
}

void mdp_changepoints_free(struct mdp_changepoints *changepoints) {
    free(changepoints->first);
    *changepoints = (struct mdp_changepoints){0};
}

mdp_err mdp_cusum_compute(const double *values, long n, struct mdp_cusum *out) {
    mdp_err err = mdp_check_values("values", values, n);
    if (err) return err;
    double mean = mdp_mean(values, n), sum = 0;
    *out = (struct mdp_cusum){0, 0};
    for (long i = 0; i < n; i++) {
        sum += values[i] - mean;
        if (fabs(sum) > out->max) *out = (struct mdp_cusum){fabs(sum), i};
    }
    return MDP_OK;
}

mdp_err mdp_noise_scale(const double *values, long n, double *out) {
    double *steps = NULL;
    struct mdp_order order;
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(mdp_check_enough("values", n, 2));
    MDP_TRY(mdp_calloc(&steps, (unsigned long)n - 1, sizeof *steps, "first differences"));
    for (long i = 1; i < n; i++) steps[i - 1] = values[i] - values[i - 1];
    MDP_TRY(mdp_order_compute(steps, n - 1, &order));
    *out = order.mad_normal / sqrt(2);
out:
    free(steps);
    return err;
}
