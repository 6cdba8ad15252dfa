#include "bench/gate/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/curve.h"
#include "stats/moments.h"
#include "stats/score.h"
#include "stats/spread.h"

/* the episodes of one run on their way to values */
struct source {
    const struct mdp_gate_rule *rule;
    const struct mdp_gate_run *run;
    long n_first;
    const struct mdp_gate_eval *eval; /* the evaluation that the values come from */
    long n;
    double *values; /* [n] */
    char *problem;
};

/* ---- one checkpoint ---- */

static long count_of(const struct source *s, const struct mdp_gate_eval *eval) {
    long n = eval->episodes.n;
    return s->n_first > 0 && s->n_first < n ? s->n_first : n;
}

static mdp_err take(struct source *s, const struct mdp_gate_eval *eval) {
    s->eval = eval;
    s->n = count_of(s, eval);
    mdp_err err = mdp_calloc(&s->values, (unsigned long)s->n, sizeof(double), "gate values");
    if (err == MDP_OK) memcpy(s->values, eval->episodes.normalized_returns, (size_t)s->n * sizeof(double));
    return err;
}

static mdp_err of_return(struct source *s) { return take(s, &s->run->evals[s->run->n - 1]); }

static mdp_err of_spread(struct source *s) {
    mdp_err err = of_return(s);
    return err != MDP_OK ? err : mdp_spread_distances(s->values, s->n, s->values);
}

static mdp_err of_failure(struct source *s) {
    mdp_err err = of_return(s);
    for (long i = 0; err == MDP_OK && i < s->n; i++) s->values[i] = s->eval->episodes.ends[i] != MDP_END_TIME_LIMIT;
    return err;
}

static int has_checkpoints(struct source *s) {
    if (s->run->n >= 2) return 1;
    snprintf(s->problem, MDP_GATE_TEXT_MAX, "needs 2 checkpoints or more, found %d", s->run->n);
    return 0;
}

/* either side's best checkpoint, as published curves are read; both sides gain alike from the choice */
static mdp_err of_peak(struct source *s) {
    const struct mdp_gate_eval *best = NULL;
    double peak = -INFINITY;
    if (!has_checkpoints(s)) return MDP_OK;
    for (int i = 0; i < s->run->n; i++) {
        const struct mdp_gate_eval *eval = &s->run->evals[i];
        double mean = mdp_mean(eval->episodes.normalized_returns, count_of(s, eval));
        if (best != NULL && mean <= peak) continue;
        best = eval;
        peak = mean;
    }
    return take(s, best);
}

/* ---- curves ---- */

/* a curve an episode needs the same episodes at every checkpoint */
static int has_curves(struct source *s) {
    const struct mdp_episodes *first = &s->run->evals[0].episodes;
    if (!has_checkpoints(s)) return 0;
    for (int i = 1; i < s->run->n; i++) {
        const struct mdp_gate_eval *eval = &s->run->evals[i];
        long n = count_of(s, eval);
        if (n == count_of(s, &s->run->evals[0]) &&
            memcmp(eval->episodes.seeds, first->seeds, (size_t)n * sizeof *first->seeds) == 0 &&
            memcmp(eval->episodes.indices, first->indices, (size_t)n * sizeof *first->indices) == 0)
            continue;
        snprintf(s->problem, MDP_GATE_TEXT_MAX,
                 "a curve needs the same episodes at every checkpoint, found others in %.160s", eval->path);
        return 0;
    }
    return 1;
}

static mdp_err of_curve(struct source *s) {
    mdp_err err = MDP_OK;
    double *steps = NULL, *curve = NULL;
    int k = s->run->n;
    if (!has_curves(s)) return MDP_OK;
    MDP_TRY(take(s, &s->run->evals[0]));
    MDP_TRY(mdp_calloc(&steps, (unsigned long)k, sizeof *steps, "learning curve"));
    MDP_TRY(mdp_calloc(&curve, (unsigned long)k, sizeof *curve, "learning curve"));
    for (int i = 0; i < k; i++) steps[i] = (double)s->run->evals[i].info.step;
    double until = s->rule->metric == MDP_GATE_EARLY ? s->rule->early_steps : steps[k - 1];
    for (long e = 0; e < s->n; e++) {
        const struct mdp_curve own = {steps, curve, k};
        struct mdp_curve_window window;
        for (int i = 0; i < k; i++) curve[i] = s->run->evals[i].episodes.normalized_returns[e];
        MDP_TRY(mdp_curve_compare_until(&own, &own, until, &window));
        s->values[e] = window.area.auc_test;
        if (window.n == 0)
            snprintf(s->problem, MDP_GATE_TEXT_MAX,
                     "nothing to compare: no checkpoint in the first %g steps, the first is %g", until, steps[0]);
    }
out:
    free(steps);
    free(curve);
    return err;
}

static mdp_err values_of_run(struct source *s) {
    static mdp_err (*const readers[MDP_N_GATE_METRICS])(struct source *) = {
        [MDP_GATE_RETURN] = of_return, [MDP_GATE_SPREAD] = of_spread, [MDP_GATE_FAILURE] = of_failure,
        [MDP_GATE_AUC] = of_curve,     [MDP_GATE_PEAK] = of_peak,     [MDP_GATE_EARLY] = of_curve,
    };
    return readers[s->rule->metric](s);
}

/* ---- a side ---- */

/* room for n more values, at least twice what there was */
static mdp_err reserve(struct mdp_gate_values *out, long n) {
    mdp_err err = MDP_OK;
    double *values = NULL;
    uint64_t *major = NULL, *minor = NULL;
    long room = 2 * out->room > out->n + n ? 2 * out->room : out->n + n;
    if (out->n + n <= out->room) return MDP_OK;
    MDP_TRY(mdp_calloc(&values, (unsigned long)room, sizeof *values, "gate values"));
    MDP_TRY(mdp_calloc(&major, (unsigned long)room, sizeof *major, "gate values"));
    MDP_TRY(mdp_calloc(&minor, (unsigned long)room, sizeof *minor, "gate values"));
    if (out->n > 0) {
        memcpy(values, out->values, (size_t)out->n * sizeof *values);
        memcpy(major, out->major, (size_t)out->n * sizeof *major);
        memcpy(minor, out->minor, (size_t)out->n * sizeof *minor);
    }
    free(out->values);
    free(out->major);
    free(out->minor);
    out->room = room;
    out->values = values;
    out->major = major;
    out->minor = minor;
    return MDP_OK;
out:
    free(values);
    free(major);
    return err;
}

static mdp_err append(struct mdp_gate_values *out, const struct source *s, int by_run) {
    long n = by_run ? 1 : s->n;
    mdp_err err = reserve(out, n);
    if (err != MDP_OK) return err;
    for (long i = 0; i < s->n && !by_run; i++) {
        out->values[out->n + i] = s->values[i];
        out->major[out->n + i] = s->eval->episodes.seeds[i];
        out->minor[out->n + i] = (uint64_t)s->eval->episodes.indices[i];
    }
    if (by_run) out->values[out->n] = mdp_mean(s->values, s->n);
    out->n += n;
    return MDP_OK;
}

/* areas over other steps are no areas of the same thing: runs of a side must agree, and sides are checked by the gate
 */
static mdp_err note_steps(struct mdp_gate_values *out, const struct mdp_gate_run *run) {
    mdp_err err = MDP_OK;
    if (out->n_steps == 0) {
        MDP_TRY(mdp_calloc(&out->steps, (unsigned long)run->n, sizeof(double), "learning curve"));
        for (int i = 0; i < run->n; i++) out->steps[i] = (double)run->evals[i].info.step;
        out->n_steps = run->n;
        return MDP_OK;
    }
    int differs = out->n_steps != run->n;
    for (int i = 0; i < run->n && !differs; i++) differs = out->steps[i] != (double)run->evals[i].info.step;
    if (differs)
        err = mdp_fail(
            MDP_E_DATA,
            "gate: %s: expected checkpoints at the same steps as the runs before it, %d up to step %g, found "
            "%d up to step %g",
            run->key, out->n_steps, out->steps[out->n_steps - 1], run->n, (double)run->evals[run->n - 1].info.step);
out:
    return err;
}

static mdp_err add_run(const struct mdp_gate_rule *rule, const struct mdp_gate_run *run, int by_run, long n_first,
                       struct mdp_gate_values *out) {
    mdp_err err;
    struct source source = {.rule = rule, .run = run, .n_first = n_first, .problem = out->problem};
    MDP_TRY(values_of_run(&source));
    if (out->problem[0] != 0) goto out;
    if (rule->metric != MDP_GATE_FAILURE)
        out->rounding = mdp_score_rounding(source.eval->info.ref_min, source.eval->info.ref_max);
    if (out->n_episodes == 0 || source.n < out->n_episodes) out->n_episodes = source.n;
    MDP_TRY(append(out, &source, by_run));
    if (rule->metric == MDP_GATE_AUC || rule->metric == MDP_GATE_EARLY) MDP_TRY(note_steps(out, run));
out:
    free(source.values);
    return err;
}

static mdp_err describe(struct mdp_gate_values *out) {
    struct mdp_moments moments;
    if (out->n == 0) return MDP_OK;
    mdp_err err = mdp_moments_compute(out->values, out->n, &moments);
    out->mean = moments.mean;
    out->sd = moments.sd_ddof1;
    return err;
}

mdp_err mdp_gate_values_compute(const struct mdp_gate_rule *rule, const struct mdp_gate_group *group, int by_run,
                                long n_first, struct mdp_gate_values *out) {
    mdp_err err = MDP_OK;
    *out = (struct mdp_gate_values){.unit = by_run ? "run" : "episode"};
    for (int i = 0; i < group->n && out->problem[0] == 0; i++)
        MDP_TRY(add_run(rule, &group->runs[i], by_run, n_first, out));
    MDP_TRY(describe(out));
out:
    if (err != MDP_OK) mdp_gate_values_free(out);
    return err;
}

mdp_err mdp_gate_values_of_speed(const struct mdp_gate_speed *speed, struct mdp_gate_values *out) {
    mdp_err err;
    *out = (struct mdp_gate_values){.unit = speed->n_files > 1 ? "file" : "repetition", .n = speed->n};
    MDP_TRY(mdp_calloc(&out->values, (unsigned long)speed->n, sizeof(double), "gate values"));
    memcpy(out->values, speed->values, (size_t)speed->n * sizeof(double));
    MDP_TRY(describe(out));
out:
    if (err != MDP_OK) mdp_gate_values_free(out);
    return err;
}

int mdp_gate_values_are_paired(const struct mdp_gate_values *a, const struct mdp_gate_values *b) {
    size_t size = (size_t)a->n * sizeof(uint64_t);
    if (a->n != b->n || a->major == NULL || b->major == NULL) return 0;
    if (strcmp(a->unit, "episode") != 0 || strcmp(b->unit, "episode") != 0) return 0;
    return memcmp(a->major, b->major, size) == 0 && memcmp(a->minor, b->minor, size) == 0;
}

void mdp_gate_values_free(struct mdp_gate_values *values) {
    free(values->values);
    free(values->major);
    free(values->minor);
    free(values->steps);
    values->values = NULL;
    values->major = values->minor = NULL;
    values->steps = NULL;
}
