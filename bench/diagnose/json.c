/* a diagnosis for programs. docs/formats.md */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/diagnose/report.h"
#include "results/show/json.h"

static json_t *hash(uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

static json_t *interval(const struct mdp_interval *i) {
    return json_pack("{s:o, s:[o, o]}", "estimate", mdp_json_real(i->estimate), "ci95", mdp_json_real(i->low),
                     mdp_json_real(i->high));
}

static json_t *spread(const struct mdp_spread_of *s) {
    return json_pack("{s:I, s:I, s:I, s:b, s:o, s:[o, o], s:o, s:o, s:o}", "states", (json_int_t)s->n, "undefined",
                     (json_int_t)s->n_undefined, "episodes", (json_int_t)s->mean.n_clusters, "few", s->mean.has_few,
                     "mean", mdp_json_real(s->mean.mean.estimate), "ci95", mdp_json_real(s->mean.mean.low),
                     mdp_json_real(s->mean.mean.high), "q1", mdp_json_real(s->q1), "median", mdp_json_real(s->median),
                     "q3", mdp_json_real(s->q3));
}

static json_t *calibration(const struct mdp_pair *pair) {
    const struct mdp_cluster_association *c = &pair->calibration;
    json_t *bins = json_array();
    if (pair->n_calibrated < 2) {
        json_decref(bins);
        return json_null();
    }
    for (int b = 0; b < MDP_DIAGNOSE_BINS; b++)
        json_array_append_new(bins, json_pack("{s:I, s:o, s:o}", "states", (json_int_t)pair->bins[b].n, "value",
                                              mdp_json_real(pair->bins[b].value), "return",
                                              mdp_json_real(pair->bins[b].came)));
    return json_pack("{s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "states", (json_int_t)pair->n_calibrated,
                     "episodes", (json_int_t)c->n_clusters, "few", c->has_few, "bias", interval(&c->bias), "slope",
                     interval(&c->slope), "intercept", mdp_json_real(c->whole.intercept), "pearson",
                     mdp_json_real(c->whole.pearson), "rank_correlation", interval(&c->spearman), "bins", bins);
}

static json_t *evaluation(const struct mdp_pair *pair) {
    if (pair->episodes[0] == 0) return json_null();
    return json_pack("{s:s, s:I, s:o}", "path", pair->episodes, "episodes", (json_int_t)pair->n_episodes,
                     "mean_normalized_return", mdp_json_real(pair->mean_return));
}

static json_t *pair_json(const struct mdp_pair *pair) {
    return json_pack("{s:s, s:s, s:o, s:f, s:f, s:f, s:o, s:o, s:o, s:o}", "guidance", pair->guidance, "choice",
                     pair->choice, "hash", hash(pair->guidance_hash), "w_T", pair->w_t, "discount", pair->discount,
                     "reward_scale", pair->reward_scale, "calibration", calibration(pair), "score_cosine",
                     spread(&pair->score_cosine), "effective_candidates", spread(&pair->n_effective), "evaluation",
                     evaluation(pair));
}

static json_t *agreement_json(const struct mdp_agreement *a) {
    return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o}", "a", a->a, "b", a->b, "gradient_cosine",
                     spread(&a->gradient_cosine), "rank_correlation", spread(&a->rank_correlation), "same_top",
                     spread(&a->same_top), "overlap", spread(&a->overlap));
}

static json_t *diagnosis_json(const struct mdp_diagnosis *d) {
    json_t *pairs = json_array(), *agreements = json_array();
    for (int i = 0; i < d->n_pairs; i++) json_array_append_new(pairs, pair_json(&d->pairs[i]));
    for (int i = 0; i < d->n_agreements; i++) json_array_append_new(agreements, agreement_json(&d->agreements[i]));
    return json_pack("{s:s, s:o, s:I, s:i, s:f, s:o, s:o}", "diffusion", d->diffusion, "hash", hash(d->diffusion_hash),
                     "step", (json_int_t)d->step, "score_time", d->score_time, "score_sigma", d->score_sigma,
                     "guidances", pairs, "agreements", agreements);
}

static json_t *forecast_json(const struct mdp_forecast *f) {
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:b, s:s}", "quantity", mdp_quantity_key(f->quantity), "pairs",
                     (json_int_t)f->n, "spearman", mdp_json_real(f->test.rho), "p", mdp_json_real(f->test.p), "p_least",
                     mdp_json_real(f->test.p_least), "p_holm", mdp_json_real(f->p_holm), "exact", f->test.is_exact,
                     "verdict", f->verdict);
}

static json_t *held_out_json(const struct mdp_diagnose_report *r) {
    const struct mdp_held_out *h = r->held_out;
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:s, s:o, s:f, s:f}", "path", h->path, "hash", hash(h->hash), "rows",
                     (json_int_t)h->raw.n, "episodes", (json_int_t)h->episodes.n, "states", (json_int_t)h->n,
                     "training", h->training, "training_hash", hash(h->training_hash), "reward_scale",
                     1000 / h->reward_range, "tail", r->settings->tail);
}

mdp_err mdp_diagnose_print_json(const struct mdp_diagnose_report *r, FILE *stream) {
    const struct mdp_diagnose_settings *s = r->settings;
    json_t *diagnoses = json_array(), *forecasts = json_array();
    for (int i = 0; i < r->n; i++) json_array_append_new(diagnoses, diagnosis_json(&r->diagnoses[i]));
    for (int q = 0; q < MDP_N_QUANTITIES; q++) json_array_append_new(forecasts, forecast_json(&r->forecasts[q]));
    json_t *root =
        json_pack("{s:s, s:o, s:s, s:I, s:f, s:o, s:s, s:o, s:o}", "task", r->task, "held_out", held_out_json(r),
                  "actor", s->acting.actor, "candidates", (json_int_t)s->acting.n_candidates, "temperature",
                  s->acting.temperature, "seed", mdp_json_whole(s->acting.seed), "bootstrap",
                  mdp_bootstrap_stream_name(MDP_BOOTSTRAP_FAST), "diagnoses", diagnoses, "forecasts", forecasts);
    return mdp_json_write(root, 1, "diagnose", stream);
}
