/* turns what the modules compute for states into the numbers of a report. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/selection.h"
#include "bench/diagnose/internal.h"
#include "stats/quantile.h"

static struct mdp_bootstrap_plan plan_of(const struct mdp_states *s) {
    return (struct mdp_bootstrap_plan){.seed = s->acting->seed, .n_threads = s->acting->n_threads};
}

/* ---- numbers of many states ---- */

/* states whose number is known, packed, with their episodes */
struct known {
    double *value;
    long *episode;
    long n;
};

static mdp_err pack(const struct mdp_states *s, const double *values, struct known *out) {
    mdp_err err;
    *out = (struct known){NULL, NULL, 0};
    MDP_TRY(mdp_calloc(&out->value, (unsigned long)s->n, sizeof *out->value, "numbers of states"));
    MDP_TRY(mdp_calloc(&out->episode, (unsigned long)s->n, sizeof *out->episode, "numbers of states"));
    for (long i = 0; i < s->n; i++) {
        if (!isfinite(values[i])) continue;
        out->value[out->n] = values[i];
        out->episode[out->n++] = s->held_out->episode[i];
    }
out:
    return err;
}

static void unpack(struct known *known) {
    free(known->value);
    free(known->episode);
}

static mdp_err spread(const struct mdp_states *s, const double *values, struct mdp_spread_of *out) {
    const struct mdp_bootstrap_plan plan = plan_of(s);
    struct known known;
    struct mdp_order order;
    mdp_err err;
    MDP_TRY(pack(s, values, &known));
    *out = (struct mdp_spread_of){.n = known.n, .n_undefined = s->n - known.n};
    out->q1 = out->median = out->q3 = NAN;
    out->mean.mean = (struct mdp_interval){.estimate = NAN, .low = NAN, .high = NAN};
    if (known.n == 0) goto out;
    const struct mdp_clusters clusters = {known.n, s->held_out->episodes.n, known.episode};
    MDP_TRY(mdp_cluster_mean_compute(known.value, &clusters, &plan, &out->mean));
    MDP_TRY(mdp_order_compute(known.value, known.n, &order));
    out->q1 = order.q1;
    out->median = order.median;
    out->q3 = order.q3;
out:
    unpack(&known);
    return err;
}

/* NaN if one of them has no direction */
static double cosine(const float *a, const float *b, int n) {
    double aa = 0, bb = 0, ab = 0;
    for (int j = 0; j < n; j++) {
        aa += (double)a[j] * a[j];
        bb += (double)b[j] * b[j];
        ab += (double)a[j] * b[j];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa) / sqrt(bb) : NAN;
}

static mdp_err spread_of_cosines(const struct mdp_states *s, const float *a, const float *b,
                                 struct mdp_spread_of *out) {
    double *values;
    mdp_err err = mdp_calloc(&values, (unsigned long)s->n, sizeof *values, "cosines");
    if (err != MDP_OK) return err;
    for (long i = 0; i < s->n; i++) values[i] = cosine(a + i * s->n_vector, b + i * s->n_vector, s->n_vector);
    err = spread(s, values, out);
    free(values);
    return err;
}

/* ---- calibration ---- */

struct prediction {
    double value, came;
};

static int by_value(const void *a, const void *b) {
    const struct prediction *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value)
                                : (x->came > y->came) - (x->came < y->came);
}

static mdp_err fill_bins(const double *value, const double *came, long n, struct mdp_calibration_bin *bins) {
    struct prediction *sorted;
    mdp_err err = mdp_calloc(&sorted, (unsigned long)n, sizeof *sorted, "calibration");
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++) sorted[i] = (struct prediction){value[i], came[i]};
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    for (int b = 0; b < MDP_DIAGNOSE_BINS; b++) {
        long first = n * b / MDP_DIAGNOSE_BINS, end = n * (b + 1) / MDP_DIAGNOSE_BINS;
        bins[b] = (struct mdp_calibration_bin){.n = end - first};
        for (long i = first; i < end; i++) {
            bins[b].value += sorted[i].value / (double)(end - first);
            bins[b].came += sorted[i].came / (double)(end - first);
        }
    }
    free(sorted);
    return MDP_OK;
}

static mdp_err calibrate(const struct mdp_states *s, const struct mdp_judgement *judgement, struct mdp_pair *pair) {
    const struct mdp_bootstrap_plan plan = plan_of(s);
    double *returns = NULL, *value = NULL;
    struct known came = {NULL, NULL, 0};
    mdp_err err;
    MDP_TRY(mdp_calloc(&returns, (unsigned long)s->n, sizeof *returns, "returns"));
    MDP_TRY(mdp_calloc(&value, (unsigned long)s->n, sizeof *value, "values"));
    MDP_TRY(mdp_held_out_returns(s->held_out, pair->has_own_rewards ? &pair->rewards : NULL, pair->discount, s->tail,
                                 returns));
    MDP_TRY(pack(s, returns, &came));
    pair->n_calibrated = came.n;
    if (came.n < 2) goto out;
    for (long i = 0, k = 0; i < s->n; i++)
        if (isfinite(returns[i])) value[k++] = judgement->value[i];
    const struct mdp_sample x = {"values", value, came.n}, y = {"returns", came.value, came.n};
    const struct mdp_clusters clusters = {came.n, s->held_out->episodes.n, came.episode};
    MDP_TRY(mdp_cluster_associate(&x, &y, &clusters, &plan, &pair->calibration));
    MDP_TRY(fill_bins(value, came.value, came.n, pair->bins));
out:
    unpack(&came);
    free(returns);
    free(value);
    return err;
}

/* ---- selection ---- */

static double effective(const double *weights, int n) {
    double squares = 0;
    for (int i = 0; i < n; i++) squares += weights[i] * weights[i];
    return 1 / squares;
}

static int top(const float *scores, int n) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (scores[i] > scores[best]) best = i;
    return best;
}

/* by a softmax, or of plans the first of the best alone */
static void weigh(const struct mdp_states *s, int n, const float *scores, double w_t, double *weights) {
    if (!s->takes_best) {
        mdp_selection_weights(n, scores, w_t, weights);
        return;
    }
    for (int i = 0; i < n; i++) weights[i] = 0;
    weights[top(scores, n)] = 1;
}

mdp_err mdp_pair_measure(const struct mdp_states *s, const struct mdp_judgement *judgement, struct mdp_pair *pair) {
    int nc = s->acting->n_candidates;
    double *weights = NULL, *values = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&weights, (unsigned long)nc, sizeof *weights, "weights"));
    MDP_TRY(mdp_calloc(&values, (unsigned long)s->n, sizeof *values, "effective candidates"));
    for (long i = 0; i < s->n; i++) {
        weigh(s, nc, judgement->scores + i * nc, pair->w_t, weights);
        values[i] = effective(weights, nc);
    }
    MDP_TRY(calibrate(s, judgement, pair));
    MDP_TRY(spread_of_cosines(s, judgement->gradient, s->score, &pair->score_cosine));
    MDP_TRY(spread(s, values, &pair->n_effective));
out:
    free(weights);
    free(values);
    return err;
}

/* ---- two guidances ---- */

/* numbers of every state, and room for one state's scores and weights of both */
struct comparison {
    double *rank, *top, *overlap; /* [n] */
    double *scores[2], *weights[2];
};

static mdp_err comparison_alloc(struct comparison *c, long n, int nc) {
    mdp_err err;
    double **of_states[] = {&c->rank, &c->top, &c->overlap},
           **of_one[] = {&c->scores[0], &c->scores[1], &c->weights[0], &c->weights[1]};
    memset(c, 0, sizeof *c);
    for (int i = 0; i < 3; i++) MDP_TRY(mdp_calloc(of_states[i], (unsigned long)n, sizeof(double), "agreement"));
    for (int i = 0; i < 4; i++) MDP_TRY(mdp_calloc(of_one[i], (unsigned long)nc, sizeof(double), "agreement"));
out:
    return err;
}

static void comparison_free(struct comparison *c) {
    double *arrays[] = {c->rank, c->top, c->overlap, c->scores[0], c->scores[1], c->weights[0], c->weights[1]};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) free(arrays[i]);
}

/* with one candidate there is no ranking */
static mdp_err compare_state(const struct mdp_states *s, struct comparison *c, long i, const float *a, double w_a,
                             const float *b, double w_b) {
    int nc = s->acting->n_candidates;
    struct mdp_association ranks;
    for (int k = 0; k < nc; k++) {
        c->scores[0][k] = a[k];
        c->scores[1][k] = b[k];
    }
    weigh(s, nc, a, w_a, c->weights[0]);
    weigh(s, nc, b, w_b, c->weights[1]);
    for (int k = 0; k < nc; k++) c->overlap[i] += fmin(c->weights[0][k], c->weights[1][k]);
    c->top[i] = top(a, nc) == top(b, nc);
    c->rank[i] = NAN;
    if (nc < 2) return MDP_OK;
    const struct mdp_sample x = {"scores", c->scores[0], nc}, y = {"scores", c->scores[1], nc};
    mdp_err err = mdp_associate(&x, &y, &ranks);
    if (err == MDP_OK) c->rank[i] = ranks.spearman;
    return err;
}

mdp_err mdp_agreement_measure(const struct mdp_states *s, const struct mdp_judgement *a, double w_a,
                              const struct mdp_judgement *b, double w_b, struct mdp_agreement *out) {
    int nc = s->acting->n_candidates;
    struct comparison c;
    mdp_err err;
    MDP_TRY(comparison_alloc(&c, s->n, nc));
    for (long i = 0; i < s->n; i++) MDP_TRY(compare_state(s, &c, i, a->scores + i * nc, w_a, b->scores + i * nc, w_b));
    MDP_TRY(spread_of_cosines(s, a->gradient, b->gradient, &out->gradient_cosine));
    MDP_TRY(spread(s, c.rank, &out->rank_correlation));
    MDP_TRY(spread(s, c.top, &out->same_top));
    MDP_TRY(spread(s, c.overlap, &out->overlap));
out:
    comparison_free(&c);
    return err;
}
