#include "bench/selftest/selftest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "bench/gate/row.h"
#include "bench/gate/sequential.h"
#include "bench/selftest/resample.h"
#include "bench/selftest/typical.h"

/* an acceptance changes no decision that is counted here */
enum { SOME_DAY = 20000101, TRIALS_AT_ONCE = 32 };

/* what one thread works on; its rows point into its sides */
struct workspace {
    struct mdp_gate_side baseline, candidate;
    struct mdp_gate_report report;
    struct mdp_gate_walk *walk;     /* NULL unless the gate takes looks */
    struct mdp_gate_row *unchanged; /* [rows] as tested without a loss */
    struct mdp_gate_tally *aa;      /* [rows] */
    struct mdp_gate_scenario *scenarios;
    mdp_err err;
    char message[1024];
};

const char *mdp_gate_claim_verdict_name(enum mdp_gate_claim_verdict verdict) {
    static const char *const names[MDP_N_GATE_CLAIM_VERDICTS] = {
#define NAME(name, text) text,
        MDP_GATE_CLAIM_VERDICT_LIST(NAME)
#undef NAME
    };
    return names[verdict];
}

/* ---- workspaces ---- */

static void workspace_free(struct workspace *w) {
    mdp_gate_walk_free(w->walk);
    mdp_gate_report_free(&w->report);
    mdp_gate_side_free(&w->baseline);
    mdp_gate_side_free(&w->candidate);
    free(w->unchanged);
    free(w->aa);
    free(w->scenarios);
}

static mdp_err workspace_init(const struct mdp_gate_selftest *test, struct workspace *w) {
    const struct mdp_gate_selftest_plan *plan = &test->plan;
    unsigned long n = (unsigned long)test->rows.n_rows, n_scenarios = (unsigned long)test->n_scenarios;
    mdp_err err;
    MDP_TRY(mdp_gate_side_copy(plan->side, "baseline", plan->n_episodes, &w->baseline));
    MDP_TRY(mdp_gate_side_copy(plan->side, "candidate", plan->n_episodes, &w->candidate));
    MDP_TRY(mdp_gate_match(plan->policy, &w->baseline, &w->candidate, SOME_DAY, &w->report));
    for (int i = 0; i < w->report.n_rows; i++) w->report.rows[i].is_test_only = 1;
    if (plan->is_sequential) MDP_TRY(mdp_gate_walk_new(&w->report, &w->walk));
    MDP_TRY(mdp_calloc(&w->unchanged, n, sizeof *w->unchanged, "rows of a self-test"));
    MDP_TRY(mdp_calloc(&w->aa, n, sizeof *w->aa, "rows of a self-test"));
    MDP_TRY(mdp_calloc(&w->scenarios, n_scenarios, sizeof *w->scenarios, "trials of a self-test"));
    memcpy(w->scenarios, test->scenarios, n_scenarios * sizeof *w->scenarios);
out:
    return err;
}

/* ---- one trial ---- */

/* decides as mdp_gate_conclude does, without its explanations */
static enum mdp_gate_decision decision_of(const struct mdp_gate_report *report) {
    int n_of[MDP_N_GATE_DECISIONS] = {0};
    for (int i = 0; i < report->n_rows; i++) n_of[report->rows[i].decision]++;
    return n_of[MDP_GATE_FAIL] > 0           ? MDP_GATE_FAIL
           : n_of[MDP_GATE_INCONCLUSIVE] > 0 ? MDP_GATE_INCONCLUSIVE
                                             : MDP_GATE_PASS;
}

static mdp_err try_unchanged(struct workspace *w) {
    struct mdp_gate_report *report = &w->report;
    mdp_err err;
    if (w->walk != NULL) {
        MDP_TRY(mdp_gate_walk_take(w->walk, NULL));
    } else {
        MDP_TRY(mdp_gate_test_rows(report, 0));
        memcpy(w->unchanged, report->rows, (size_t)report->n_rows * sizeof *report->rows);
        MDP_TRY(mdp_gate_decide(report));
    }
    for (int i = 0; i < report->n_rows; i++) w->aa[i].n[report->rows[i].decision]++;
    w->scenarios[0].gate.n[decision_of(report)]++;
out:
    return err;
}

/* worsens the drawn candidate */
static void inject(struct workspace *w, const struct mdp_gate_scenario *s, double worst,
                   const struct mdp_gate_draw *draw) {
    const struct mdp_gate_row *row = &w->report.rows[s->i_row];
    const struct mdp_gate_loss loss = {s->hurt, s->size, worst, row->is_higher_better};
    if (row->candidate_group != NULL)
        mdp_gate_group_worsen(&w->candidate.groups[row->candidate_group - w->candidate.groups], &loss, draw);
    else
        mdp_gate_speed_worsen(&w->candidate.speeds[row->candidate_speed - w->candidate.speeds], &loss);
}

/* rows of one task, arm and metric lose the same, by ranks and by means, so one draw counts for all of them */
static int is_same_loss(const struct mdp_gate_selftest *test, const struct mdp_gate_scenario *a,
                        const struct mdp_gate_scenario *b) {
    const struct mdp_gate_row *x = &test->rows.rows[a->i_row], *y = &test->rows.rows[b->i_row];
    return a->skipped == NULL && b->skipped == NULL && a->hurt == b->hurt && a->size == b->size &&
           x->candidate_group == y->candidate_group && x->candidate_speed == y->candidate_speed &&
           x->is_higher_better == y->is_higher_better;
}

static int is_counted(const struct mdp_gate_selftest *test, const struct workspace *w, int i_scenario) {
    for (int i = 1; i < i_scenario; i++)
        if (is_same_loss(test, &w->scenarios[i], &w->scenarios[i_scenario])) return 1;
    return 0;
}

/* a loss touches the rows of its own task and arm; all others are as they were */
static mdp_err test_touched(const struct mdp_gate_policy *policy, struct workspace *w, int i_target) {
    struct mdp_gate_report *report = &w->report;
    const struct mdp_gate_row target = report->rows[i_target];
    mdp_err err;
    memcpy(report->rows, w->unchanged, (size_t)report->n_rows * sizeof *report->rows);
    for (int i = 0; i < report->n_rows; i++) {
        struct mdp_gate_row *row = &report->rows[i];
        if (row->candidate_group != target.candidate_group || row->candidate_speed != target.candidate_speed) continue;
        MDP_TRY(mdp_gate_row_test(row, policy, 0));
    }
    MDP_TRY(mdp_gate_decide(report));
out:
    return err;
}

static mdp_err try_loss(const struct mdp_gate_selftest *test, struct workspace *w, struct mdp_gate_scenario *scenario,
                        const struct mdp_gate_draw *draw) {
    const struct mdp_gate_policy *policy = test->plan.policy;
    mdp_err err;
    mdp_gate_side_draw(test->plan.side, draw, &w->candidate);
    inject(w, scenario, isinf(policy->worst) ? 0 : policy->worst, draw);
    MDP_TRY(w->walk != NULL ? mdp_gate_walk_take(w->walk, NULL) : test_touched(policy, w, scenario->i_row));
    for (struct mdp_gate_scenario *s = scenario; s < w->scenarios + test->n_scenarios; s++) {
        if (!is_same_loss(test, s, scenario)) continue;
        s->row.n[w->report.rows[s->i_row].decision]++;
        s->gate.n[decision_of(&w->report)]++;
    }
out:
    return err;
}

static mdp_err try_all(const struct mdp_gate_selftest *test, struct workspace *w, long i_trial) {
    const struct mdp_gate_selftest_plan *plan = &test->plan;
    struct mdp_gate_draw draws[2];
    mdp_err err;
    for (uint32_t k = 0; k < 2; k++)
        draws[k] = (struct mdp_gate_draw){plan->seed, (uint32_t)i_trial, k, plan->is_paired};
    mdp_gate_side_draw(plan->side, &draws[0], &w->baseline);
    mdp_gate_side_draw(plan->side, &draws[1], &w->candidate);
    MDP_TRY(try_unchanged(w));
    for (int i = 1; i < test->n_scenarios; i++)
        if (w->scenarios[i].skipped == NULL && !is_counted(test, w, i))
            MDP_TRY(try_loss(test, w, &w->scenarios[i], &draws[1]));
out:
    return err;
}

/* ---- all trials ---- */

static void try_part(const struct mdp_gate_selftest *test, struct workspace *spaces, int n_threads, long first,
                     long n) {
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (int t = 0; t < n_threads; t++) {
        struct workspace *w = &spaces[t];
        for (long i = t; i < n && w->err == MDP_OK; i += n_threads) w->err = try_all(test, w, first + i);
        if (w->err != MDP_OK) snprintf(w->message, sizeof w->message, "%s", mdp_err_message());
    }
}

static void add_tally(struct mdp_gate_tally *to, const struct mdp_gate_tally *from) {
    for (int d = 0; d < MDP_N_GATE_DECISIONS; d++) to->n[d] += from->n[d];
}

static void collect(struct mdp_gate_selftest *test, const struct workspace *w) {
    for (int i = 0; i < test->rows.n_rows; i++) add_tally(&test->aa[i], &w->aa[i]);
    for (int i = 0; i < test->n_scenarios; i++) {
        add_tally(&test->scenarios[i].gate, &w->scenarios[i].gate);
        add_tally(&test->scenarios[i].row, &w->scenarios[i].row);
    }
}

/* every thread counts for itself, so that the sums do not depend on their number */
static mdp_err run_trials(struct mdp_gate_selftest *test) {
    int n_threads = test->plan.n_threads;
    struct workspace *spaces = NULL;
    struct mdp_progress progress;
    mdp_err err;
    MDP_TRY(mdp_calloc(&spaces, (unsigned long)n_threads, sizeof *spaces, "threads of a self-test"));
    for (int t = 0; t < n_threads; t++) MDP_TRY(workspace_init(test, &spaces[t]));
    mdp_progress_start(&progress, "selftest", "trials", 0, (double)test->plan.n_trials);
    for (long first = 0; first < test->plan.n_trials; first += TRIALS_AT_ONCE) {
        long left = test->plan.n_trials - first;
        MDP_TRY(mdp_stop_requested());
        try_part(test, spaces, n_threads, first, left < TRIALS_AT_ONCE ? left : TRIALS_AT_ONCE);
        for (int t = 0; t < n_threads; t++)
            if (spaces[t].err != MDP_OK) MDP_TRY(mdp_fail(spaces[t].err, "%s", spaces[t].message));
        mdp_progress_update(&progress, (double)first, NULL);
    }
    for (int t = 0; t < n_threads; t++) collect(test, &spaces[t]);
out:
    for (int t = 0; spaces != NULL && t < n_threads; t++) workspace_free(&spaces[t]);
    free(spaces);
    return err;
}

/* ---- what is tried ---- */

/* what a row of that metric sees of a way of being worse */
static int is_hurt_by(enum mdp_gate_metric metric, enum mdp_gate_hurt hurt) {
    switch (hurt) {
    case MDP_GATE_HURT_SHIFT:
        return metric != MDP_GATE_SPREAD && metric != MDP_GATE_FAILURE && metric != MDP_GATE_SPEED;
    case MDP_GATE_HURT_WIDER: return metric == MDP_GATE_SPREAD;
    case MDP_GATE_HURT_TAIL: return metric != MDP_GATE_FAILURE && metric != MDP_GATE_SPEED;
    case MDP_GATE_HURT_SLOWER: return metric == MDP_GATE_SPEED;
    default: return metric != MDP_GATE_SPEED;
    }
}

/* how large a way's own measure must be for a loss of `loss` in the row's metric; NaN if it cannot be so large */
static double size_of(const struct mdp_gate_row *row, enum mdp_gate_hurt hurt, double worst, double loss) {
    double share, each = hurt == MDP_GATE_HURT_FALLS ? 1 : 0.5;
    if (hurt == MDP_GATE_HURT_SHIFT || hurt == MDP_GATE_HURT_SLOWER) return loss;
    if (hurt == MDP_GATE_HURT_WIDER) return mdp_gate_spread_noise(row->baseline_group, loss);
    if (row->rule->metric == MDP_GATE_SPREAD) return mdp_gate_spread_share(row->baseline_group, hurt, worst, loss);
    share =
        row->rule->metric == MDP_GATE_FAILURE ? loss / (1 - row->baseline) : loss / (each * (row->baseline - worst));
    return share > 0 && share <= 1 ? share : NAN;
}

static double worst_return(const struct mdp_gate_selftest *test) {
    return isinf(test->plan.policy->worst) ? 0 : test->plan.policy->worst;
}

static struct mdp_gate_scenario scenario_of(const struct mdp_gate_selftest *test, int i_row, enum mdp_gate_hurt hurt,
                                            double n_margins) {
    const struct mdp_gate_row *row = &test->rows.rows[i_row];
    struct mdp_gate_scenario s = {.i_row = i_row, .hurt = hurt, .n_margins = n_margins};
    s.is_pass_wrong = s.is_fail_wrong = n_margins == 1;
    if (isnan(row->p_pass))
        s.skipped = "the row has nothing to test";
    else
        s.size = size_of(row, hurt, worst_return(test), n_margins * row->scale_margin);
    if (isnan(s.size)) s.skipped = "so much cannot be lost that way";
    return s;
}

/* a row by ranks is about the typical episode, which loses something else than the mean where only some are hurt. runs
 * and areas of curves are averages, which lose as the mean does */
static int is_about_typical(const struct mdp_gate_selftest *test, const struct mdp_gate_scenario *s) {
    const struct mdp_gate_row *row = &test->rows.rows[s->i_row];
    int hurts_some =
        s->hurt == MDP_GATE_HURT_FALLS || s->hurt == MDP_GATE_HURT_TAIL || s->hurt == MDP_GATE_HURT_NON_FINITE;
    return hurts_some && s->n_margins == 1 && !isnan(row->p_pass) && row->rule->metric == MDP_GATE_RETURN &&
           row->rule->test != MDP_GATE_TEST_MEAN && strcmp(row->unit, "episode") == 0;
}

/* a FAIL by ranks is wrong up to where the typical episode has lost the margin. `of_mean` lost it in the mean, which
 * may be more or less; a scenario of its own goes up to just there */
static mdp_err add_typical(struct mdp_gate_selftest *test, struct mdp_gate_scenario *of_mean) {
    const struct mdp_gate_row *row = &test->rows.rows[of_mean->i_row];
    struct mdp_gate_loss loss = {of_mean->hurt, of_mean->size, worst_return(test), 1};
    struct mdp_gate_scenario typical = *of_mean;
    double lost;
    mdp_err err = MDP_OK;
    if (!is_about_typical(test, of_mean)) return MDP_OK;
    if (of_mean->skipped == NULL) {
        MDP_TRY(mdp_gate_typical_loss(row->baseline_group, &loss, test->plan.is_paired, &lost));
        of_mean->is_fail_wrong = lost <= row->scale_margin;
    }
    typical.is_typical = typical.is_fail_wrong = 1;
    typical.is_pass_wrong = 0;
    MDP_TRY(mdp_gate_typical_share(row->baseline_group, &loss, test->plan.is_paired, row->scale_margin, &typical.size));
    typical.skipped = isnan(typical.size) ? "so much cannot be lost that way" : NULL;
    test->scenarios[test->n_scenarios++] = typical;
out:
    return err;
}

static mdp_err add_scenarios(struct mdp_gate_selftest *test, int i_row, enum mdp_gate_hurt hurt) {
    const double sizes[2] = {1, test->plan.loss};
    mdp_err err = MDP_OK;
    for (int k = 0; k < 2; k++) {
        struct mdp_gate_scenario *s = &test->scenarios[test->n_scenarios++];
        *s = scenario_of(test, i_row, hurt, sizes[k]);
        MDP_TRY(add_typical(test, s));
    }
out:
    return err;
}

static mdp_err plan_scenarios(struct mdp_gate_selftest *test) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&test->scenarios, 1 + 3 * MDP_N_GATE_HURTS * (unsigned long)test->rows.n_rows,
                       sizeof *test->scenarios, "trials of a self-test"));
    test->scenarios[0].i_row = -1;
    test->n_scenarios = 1;
    for (int i = 0; i < test->rows.n_rows; i++) {
        if (test->rows.rows[i].decision == MDP_GATE_NO_DATA) continue;
        for (int h = 0; h < MDP_N_GATE_HURTS; h++)
            if (is_hurt_by(test->rows.rows[i].rule->metric, (enum mdp_gate_hurt)h))
                MDP_TRY(add_scenarios(test, i, (enum mdp_gate_hurt)h));
    }
out:
    return err;
}

/* the data against themselves give titles, margins in the metric's unit and levels */
static mdp_err look_at_rows(struct mdp_gate_selftest *test) {
    const struct mdp_gate_selftest_plan *plan = &test->plan;
    mdp_err err;
    MDP_TRY(mdp_gate_match(plan->policy, plan->side, plan->side, SOME_DAY, &test->rows));
    MDP_TRY(mdp_gate_test_rows(&test->rows, MDP_EPISODES_MAX)); /* however few there are: trials may have more */
    if (test->rows.n_tested == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "gate selftest: expected results that a row can test, found none: %s",
                         test->rows.rows[0].reason));
    MDP_TRY(mdp_calloc(&test->aa, (unsigned long)test->rows.n_rows, sizeof *test->aa, "rows of a self-test"));
out:
    return err;
}

/* ---- claims ---- */

mdp_err mdp_gate_claim_judge(struct mdp_gate_claim *c) {
    mdp_err err = mdp_share_compute((double)c->n_seen, (double)c->n_trials, MDP_GATE_SELFTEST_LEVEL, &c->rate);
    if (err != MDP_OK) return err;
    if (c->is_error)
        c->verdict = c->rate.low > MDP_GATE_SELFTEST_TOLERANCE * c->promised ? MDP_GATE_CLAIM_BROKEN
                     : c->rate.high > 2 * c->promised                        ? MDP_GATE_CLAIM_OPEN
                                                                             : MDP_GATE_CLAIM_KEPT;
    else
        c->verdict = c->rate.low >= c->promised    ? MDP_GATE_CLAIM_KEPT
                     : c->rate.high >= c->promised ? MDP_GATE_CLAIM_OPEN
                                                   : MDP_GATE_CLAIM_POWERLESS;
    return MDP_OK;
}

static mdp_err add_claim(struct mdp_gate_selftest *test, const char *text, int is_error, long n_seen) {
    const struct mdp_gate_policy *policy = test->plan.policy;
    struct mdp_gate_claim *claim = &test->claims[test->n_claims++];
    *claim = (struct mdp_gate_claim){.is_error = is_error,
                                     .promised = is_error ? policy->alpha : policy->power,
                                     .n_seen = n_seen,
                                     .n_trials = test->plan.n_trials};
    snprintf(claim->text, sizeof claim->text, "%s", text);
    return mdp_gate_claim_judge(claim);
}

static mdp_err claim_scenario(struct mdp_gate_selftest *test, const struct mdp_gate_scenario *s) {
    char title[MDP_GATE_ARM_MAX + 128], text[MDP_GATE_ARM_MAX + 256];
    mdp_err err = MDP_OK;
    if (s->skipped != NULL) return MDP_OK;
    const char *way = mdp_gate_hurt_name(s->hurt);
    mdp_gate_row_title(&test->rows.rows[s->i_row], title);
    if (s->n_margins > 1) {
        snprintf(text, sizeof text, "%s worse by %g margins, %s: the gate fails", title, s->n_margins, way);
        return add_claim(test, text, 0, s->gate.n[MDP_GATE_FAIL]);
    }
    const char *lost = s->is_typical ? "whose typical episode lost its margin" : "worse by its margin";
    snprintf(text, sizeof text, "%s %s, %s: the row passes", title, lost, way);
    if (s->is_pass_wrong) MDP_TRY(add_claim(test, text, 1, s->row.n[MDP_GATE_PASS]));
    snprintf(text, sizeof text, "%s %s, %s: the row fails", title, lost, way);
    if (s->is_fail_wrong) MDP_TRY(add_claim(test, text, 1, s->row.n[MDP_GATE_FAIL]));
out:
    return err;
}

static void conclude(struct mdp_gate_selftest *test) {
    int n_of[MDP_N_GATE_CLAIM_VERDICTS] = {0}, n = test->n_claims;
    const struct mdp_gate_claim *first = NULL;
    for (int i = 0; i < n; i++) n_of[test->claims[i].verdict]++;
    test->verdict = n_of[MDP_GATE_CLAIM_BROKEN] > 0      ? MDP_GATE_CLAIM_BROKEN
                    : n_of[MDP_GATE_CLAIM_OPEN] > 0      ? MDP_GATE_CLAIM_OPEN
                    : n_of[MDP_GATE_CLAIM_POWERLESS] > 0 ? MDP_GATE_CLAIM_POWERLESS
                                                         : MDP_GATE_CLAIM_KEPT;
    for (int i = n; i-- > 0;)
        if (test->claims[i].verdict == test->verdict) first = &test->claims[i];
    if (test->verdict == MDP_GATE_CLAIM_KEPT)
        snprintf(test->text, sizeof test->text, "KEPT: all %d promises, in %ld trials", n, test->plan.n_trials);
    else
        snprintf(test->text, sizeof test->text,
                 "%s: %d of %d promises; %s in %.3f [%.3f, %.3f] of %ld trials, promised %s %g",
                 test->verdict == MDP_GATE_CLAIM_BROKEN ? "BROKEN"
                 : test->verdict == MDP_GATE_CLAIM_OPEN ? "OPEN, more --trials would tell"
                                                        : "POWERLESS with so few episodes or so narrow margins",
                 n_of[test->verdict], n, first->text, first->rate.estimate, first->rate.low, first->rate.high,
                 first->n_trials, first->is_error ? "at most" : "at least", first->promised);
}

static mdp_err make_claims(struct mdp_gate_selftest *test) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&test->claims, 2 + 3 * (unsigned long)test->n_scenarios, sizeof *test->claims, "claims"));
    MDP_TRY(add_claim(test, "unchanged: the gate fails", 1, test->scenarios[0].gate.n[MDP_GATE_FAIL]));
    MDP_TRY(add_claim(test, "unchanged: the gate passes", 0, test->scenarios[0].gate.n[MDP_GATE_PASS]));
    for (int i = 1; i < test->n_scenarios; i++) MDP_TRY(claim_scenario(test, &test->scenarios[i]));
    conclude(test);
out:
    return err;
}

mdp_err mdp_gate_selftest_run(const struct mdp_gate_selftest_plan *plan, struct mdp_gate_selftest *out) {
    mdp_err err;
    *out = (struct mdp_gate_selftest){.plan = *plan};
    if (plan->is_sequential && plan->n_episodes == 0) out->plan.n_episodes = mdp_gate_last_look(plan->policy);
    MDP_TRY(look_at_rows(out));
    MDP_TRY(plan_scenarios(out));
    MDP_TRY(run_trials(out));
    MDP_TRY(make_claims(out));
out:
    if (err != MDP_OK) mdp_gate_selftest_free(out);
    return err;
}

mdp_err mdp_gate_selftest_outcome(const struct mdp_gate_selftest *test) {
    if (test->verdict == MDP_GATE_CLAIM_KEPT) return MDP_OK;
    return mdp_fail(test->verdict == MDP_GATE_CLAIM_BROKEN ? MDP_E_FAILED : MDP_E_UNDECIDED, "gate selftest: %s",
                    test->text);
}

void mdp_gate_selftest_free(struct mdp_gate_selftest *test) {
    mdp_gate_report_free(&test->rows);
    free(test->aa);
    free(test->scenarios);
    free(test->claims);
    test->aa = NULL;
    test->scenarios = NULL;
    test->claims = NULL;
}
