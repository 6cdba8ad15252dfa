/* one row: from both sides' values to p values, an interval and a plan. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/gate/row.h"
#include "stats/margin.h"
#include "stats/moments.h"
#include "stats/power.h"
#include "stats/rounding.h"
#include "stats/unseen.h"

/* ---- names ---- */

const char *mdp_gate_decision_name(enum mdp_gate_decision decision) {
    static const char *const names[MDP_N_GATE_DECISIONS] = {
#define NAME(name, text) text,
        MDP_GATE_DECISION_LIST(NAME)
#undef NAME
    };
    return names[decision];
}

int mdp_gate_row_is_accepted(const struct mdp_gate_row *row) {
    return row->decision == MDP_GATE_FAIL && row->accepted != NULL && !row->is_expired;
}

const char *mdp_gate_row_word(const struct mdp_gate_row *row) {
    return mdp_gate_row_is_accepted(row) ? "accepted" : mdp_gate_decision_name(row->decision);
}

void mdp_gate_row_title(const struct mdp_gate_row *row, char title[MDP_GATE_ARM_MAX + 128]) {
    static const char *const marks[] = {"", " (rank)", " (mean)"};
    const struct mdp_gate_group *group = row->baseline_group;
    if (group == NULL)
        snprintf(title, MDP_GATE_ARM_MAX + 128, "speed %s%s", row->baseline_speed->name, marks[row->rule->test]);
    else
        snprintf(title, MDP_GATE_ARM_MAX + 128, "%s%s%s %s%s", group->task, group->arm[0] != 0 ? " " : "", group->arm,
                 mdp_gate_metric_name(row->rule->metric), marks[row->rule->test]);
    mdp_text_mend(title);
}

/* ---- which test ---- */

static enum mdp_margin_test test_of(const struct mdp_gate_row *row, const struct mdp_gate_values *values) {
    static const enum mdp_margin_test usual[MDP_N_GATE_METRICS] = {
#define USUAL(name, text, better, test) [MDP_GATE_##name] = MDP_MARGIN_TEST_##test,
        MDP_GATE_METRIC_LIST(USUAL)
#undef USUAL
    };
    /* shares and spreads of whole runs are numbers like any other */
    enum mdp_margin_test test = usual[row->rule->metric];
    int is_number = strcmp(values->unit, "episode") != 0;
    if (test == MDP_MARGIN_TEST_SHARE && !is_number) return test;
    if (row->rule->test == MDP_GATE_TEST_RANK) return MDP_MARGIN_TEST_RANK;
    if (row->rule->test == MDP_GATE_TEST_MEAN) return MDP_MARGIN_TEST_MEAN;
    if (is_number && (test == MDP_MARGIN_TEST_SHARE || test == MDP_MARGIN_TEST_SPREAD)) return MDP_MARGIN_TEST_MEAN;
    return test;
}

/* greater must be better, a share must stay 0 or 1, distances must stay positive, and speeds are compared as ratios */
static void orient(const struct mdp_gate_row *row, enum mdp_margin_test test, struct mdp_gate_values *values) {
    double sign = row->is_higher_better ? 1 : -1;
    if (test == MDP_MARGIN_TEST_SPREAD) return;
    for (long i = 0; i < values->n; i++) {
        double *x = &values->values[i];
        if (row->rule->metric == MDP_GATE_SPEED)
            *x = sign * log(*x);
        else
            *x = test == MDP_MARGIN_TEST_SHARE ? 1 - *x : sign * *x;
    }
}

/* ---- what there is to compare ---- */

static void cannot(struct mdp_gate_row *row, const char *side, const char *problem) {
    row->decision = row->rule->is_required ? MDP_GATE_INCONCLUSIVE : MDP_GATE_NO_DATA;
    snprintf(row->reason, sizeof row->reason, "%s: %.200s", side, problem);
}

/* runs are the units where both sides have several, episodes where both have one, or where the policy says so */
static int choose_unit(struct mdp_gate_row *row, int *by_run) {
    int n_a = row->baseline_group->n, n_b = row->candidate_group->n;
    enum mdp_gate_unit unit = row->rule->unit;
    *by_run = unit == MDP_GATE_UNIT_RUN || (unit == MDP_GATE_UNIT_AUTO && n_a > 1 && n_b > 1);
    if (unit == MDP_GATE_UNIT_AUTO && (n_a > 1) != (n_b > 1)) {
        snprintf(row->reason, sizeof row->reason,
                 "%d run%s in the baseline, %d in the candidate: several on both sides, or one on both", n_a,
                 n_a > 1 ? "s" : "", n_b);
        row->decision = MDP_GATE_INCONCLUSIVE;
        return 0;
    }
    return 1;
}

static mdp_err check_steps(const struct mdp_gate_row *row, const struct mdp_gate_values *a,
                           const struct mdp_gate_values *b) {
    int differs = a->n_steps != b->n_steps;
    for (int i = 0; i < a->n_steps && !differs; i++) differs = a->steps[i] != b->steps[i];
    if (!differs) return MDP_OK;
    return mdp_fail(MDP_E_DATA,
                    "gate: %s %s %s: expected checkpoints at the same steps on both sides, found %d in %s, %d in %s",
                    row->baseline_group->task, row->baseline_group->arm, mdp_gate_metric_name(row->rule->metric),
                    a->n_steps, row->baseline_group->runs[0].key, b->n_steps, row->candidate_group->runs[0].key);
}

/* fills both sides' values; leaves a reason in the row where there is nothing to test */
static mdp_err collect(struct mdp_gate_row *row, long n_first, struct mdp_gate_values *a, struct mdp_gate_values *b) {
    mdp_err err;
    int by_run;
    if (row->rule->metric == MDP_GATE_SPEED) {
        MDP_TRY(mdp_gate_values_of_speed(row->baseline_speed, a));
        MDP_TRY(mdp_gate_values_of_speed(row->candidate_speed, b));
        return MDP_OK;
    }
    if (!choose_unit(row, &by_run)) return MDP_OK;
    MDP_TRY(mdp_gate_values_compute(row->rule, row->baseline_group, by_run, n_first, a));
    MDP_TRY(mdp_gate_values_compute(row->rule, row->candidate_group, by_run, n_first, b));
    if (a->problem[0] != 0 || b->problem[0] != 0) {
        cannot(row, a->problem[0] != 0 ? "baseline" : "candidate", a->problem[0] != 0 ? a->problem : b->problem);
        return MDP_OK;
    }
    row->n_episodes = a->n_episodes < b->n_episodes ? a->n_episodes : b->n_episodes;
    MDP_TRY(check_steps(row, a, b));
out:
    return err;
}

/* a ratio of nothing is none */
static int has_zero(const struct mdp_gate_values *values) {
    for (long i = 0; i < values->n; i++)
        if (values->values[i] == 0) return 1;
    return 0;
}

/* 1 if there are enough values to say anything */
static int has_enough(struct mdp_gate_row *row, long n_first, const struct mdp_gate_values *a,
                      const struct mdp_gate_values *b) {
    int is_speed = row->rule->metric == MDP_GATE_SPEED;
    row->decision = MDP_GATE_INCONCLUSIVE;
    if (!is_speed && n_first == 0 && row->n_episodes < row->rule->min_episodes) {
        snprintf(row->reason, sizeof row->reason, "%ld episodes, the policy asks for %ld", row->n_episodes,
                 row->rule->min_episodes);
        return 0;
    }
    if (a->n < 2 || b->n < 2) {
        snprintf(row->reason, sizeof row->reason,
                 "%ld %s%s in the baseline, %ld in the candidate: at least 2 are needed", a->n, a->unit,
                 a->n == 1 ? "" : "s", b->n);
        return 0;
    }
    if (is_speed && strcmp(a->unit, b->unit) != 0) {
        snprintf(
            row->reason, sizeof row->reason,
            "%ld %s%s in the baseline, %ld %s%s in the candidate: repetitions of one file are no like of the medians "
            "of several; one file on both sides, or several on both",
            a->n, a->unit, a->n == 1 ? "" : "s", b->n, b->unit, b->n == 1 ? "" : "s");
        return 0;
    }
    if (is_speed && (has_zero(a) || has_zero(b))) {
        snprintf(row->reason, sizeof row->reason, "a value of 0 has no ratio to another");
        return 0;
    }
    return 1;
}

/* ---- the test ---- */

/* the margin in the unit of the tested values */
static double margin_of(const struct mdp_gate_row *row, const struct mdp_gate_values *baseline) {
    double margin = row->rule->margin;
    if (row->rule->metric == MDP_GATE_SPEED) return row->is_higher_better ? -log1p(-margin) : log1p(margin);
    switch (row->rule->margin_kind) {
    case MDP_GATE_MARGIN_ABSOLUTE: return margin;
    case MDP_GATE_MARGIN_RELATIVE: return margin * fabs(baseline->mean);
    case MDP_GATE_MARGIN_SD: return margin * baseline->sd;
    }
    return NAN;
}

/* a share of almost nothing, or of a mean that cannot be told from 0, is no margin */
static int has_margin(struct mdp_gate_row *row, const struct mdp_gate_values *baseline) {
    int is_sd = row->rule->margin_kind == MDP_GATE_MARGIN_SD;
    double se = baseline->n > 1 ? baseline->sd / sqrt((double)baseline->n) : 0;
    if (!(row->scale_margin > 0)) {
        snprintf(row->reason, sizeof row->reason, "the margin is 0: the baseline's %s is", is_sd ? "sd" : "value");
        return 0;
    }
    if (row->rule->metric == MDP_GATE_SPEED || row->rule->margin_kind != MDP_GATE_MARGIN_RELATIVE) return 1;
    if (fabs(baseline->mean) >= (1 - MDP_ROUNDING_OF_SUMS) * se) return 1; /* one failure of n is its own error */
    snprintf(row->reason, sizeof row->reason,
             "a margin of %g of the baseline's mean is none: the mean, %.3g, is below its standard error, %.3g; "
             "give an absolute one",
             row->rule->margin, baseline->mean, se);
    return 0;
}

static double geometric_mean(const struct mdp_gate_values *values) {
    double sum = 0;
    for (long i = 0; i < values->n; i++) sum += log(values->values[i]);
    return exp(sum / (double)values->n);
}

/* speeds are tested as logarithms and shown as shares */
double mdp_gate_row_readable(const struct mdp_gate_row *row, double scaled) {
    return row->rule->metric == MDP_GATE_SPEED ? expm1(scaled) : scaled;
}

static void keep(struct mdp_gate_row *row, const struct mdp_margin *found) {
    row->test = found->name;
    row->method = found->method;
    row->scale_gain = found->estimate;
    row->sd = found->sd;
    row->gain = mdp_gate_row_readable(row, found->estimate);
    row->low = mdp_gate_row_readable(row, found->low);
    row->high = mdp_gate_row_readable(row, found->high);
    row->level = found->level;
    row->margin = -mdp_gate_row_readable(row, -row->scale_margin);
    row->p_pass = found->p_not_worse;
    /* where some episodes are hurt and others not, Mann-Whitney takes the shape for a loss in up to 0.14 at 0.05 */
    row->p_fail = fmax(found->p_worse, found->p_worse_any_shape);
    row->smallest_p = found->smallest_p;
    row->is_at_margin = found->is_degenerate && found->p_not_worse == 1 && found->p_worse == 1 &&
                        fabs(found->estimate + row->scale_margin) < MDP_ROUNDING_OF_SUMS;
}

/* ---- what was not seen ---- */

/* a claim must pass all of its tests; the one that grants least is remembered */
static void hold(struct mdp_gate_row *row, double p, const char *by) {
    if (p <= row->p_pass) return;
    row->p_pass = p;
    row->held_by = by;
}

/* both sides as they were tested: greater is better */
struct oriented {
    struct mdp_sample candidate, baseline;
    struct mdp_margin_plan plan;
};

/* losses of whole returns have an end; a share is counted, and of runs or repetitions nobody knows the worst */
static int asks_for_unseen(const struct mdp_gate_row *row) {
    return row->rule->metric != MDP_GATE_SPEED && row->rule->metric != MDP_GATE_FAILURE &&
           strcmp(row->unit, "episode") == 0;
}

/* the side's mean return, whatever the row is about */
static mdp_err mean_return(const struct mdp_gate_row *row, long n_first, double *mean) {
    struct mdp_gate_rule rule = *row->rule;
    struct mdp_gate_values values = {.problem = ""};
    rule.metric = MDP_GATE_RETURN;
    mdp_err err = mdp_gate_values_compute(&rule, row->baseline_group, 0, n_first, &values);
    *mean = values.mean;
    mdp_gate_values_free(&values);
    return err;
}

/* holds p_pass against the rarest loss of the margin that these episodes may have missed, and against the falls that
 * they show. Source: stats/unseen.h */
static mdp_err exclude_unseen(struct mdp_gate_row *row, const struct mdp_gate_policy *policy, long n_first,
                              const struct oriented *o) {
    mdp_err err;
    double mean;
    int is_spread = row->rule->metric == MDP_GATE_SPREAD;
    struct mdp_unseen found;
    MDP_TRY(mean_return(row, n_first, &mean));
    /* returns whose mean is below policy->worst show that lower ones exist than the policy says: then no range is known
     */
    row->range = mean > policy->worst ? mean - policy->worst : INFINITY;
    const struct mdp_unseen_claim claim = {row->scale_margin, row->range, is_spread ? -row->range : policy->worst,
                                           o->plan.rounding, row->is_paired};
    MDP_TRY(mdp_unseen_loss(&o->candidate, &o->baseline, &claim, &found));
    row->p_unseen = found.rarest;
    hold(row, found.rarest, "rare failures");
    hold(row, found.any, is_spread ? "rare deviations" : "rare losses");
out:
    return err;
}

/* a median stays where it is while more and more episodes fall: a claim of ranks needs the means, too */
static mdp_err ask_means(struct mdp_gate_row *row, const struct oriented *o) {
    struct mdp_margin found;
    struct mdp_margin_plan plan = o->plan;
    plan.test = MDP_MARGIN_TEST_MEAN;
    mdp_err err = mdp_margin_compute(&o->candidate, &o->baseline, &plan, &found);
    if (err == MDP_OK) hold(row, found.p_not_worse, "the means");
    return err;
}

static int is_uneven(struct mdp_gate_row *row) {
    if (row->rule->metric == MDP_GATE_SPEED || row->rule->metric == MDP_GATE_FAILURE) return 0;
    if (!mdp_power_is_uneven(row->n_baseline, row->n_candidate)) return 0;
    snprintf(row->reason, sizeof row->reason,
             "%ld %ss in the baseline, %ld in the candidate: one has more than twice as many, which no test of means "
             "or spreads stands up to",
             row->n_baseline, row->unit, row->n_candidate);
    return 1;
}

/* fills a row as far as its data allow: without a margin or with too uneven sides it keeps its values and stays
 * undecided */
static mdp_err test_values(struct mdp_gate_row *row, const struct mdp_gate_policy *policy, long n_first,
                           struct mdp_gate_values *a, struct mdp_gate_values *b) {
    mdp_err err = MDP_OK;
    struct mdp_margin found;
    int is_speed = row->rule->metric == MDP_GATE_SPEED;
    row->unit = a->unit;
    row->n_baseline = a->n;
    row->n_candidate = b->n;
    row->baseline = is_speed ? geometric_mean(a) : a->mean;
    row->candidate = is_speed ? geometric_mean(b) : b->mean;
    row->scale_margin = margin_of(row, a);
    if (!has_margin(row, a) || is_uneven(row)) return MDP_OK;
    enum mdp_margin_test test = test_of(row, a);
    row->is_paired = mdp_gate_values_are_paired(a, b);
    orient(row, test, a);
    orient(row, test, b);
    struct oriented o = {
        {"candidate", b->values, b->n},
        {"baseline", a->values, a->n},
        {test, row->is_paired, row->scale_margin, 1 - 2 * policy->alpha, a->rounding, row->is_test_only}};
    MDP_TRY(mdp_margin_compute(&o.candidate, &o.baseline, &o.plan, &found));
    keep(row, &found);
    if (test == MDP_MARGIN_TEST_RANK && !is_speed) MDP_TRY(ask_means(row, &o));
    if (!asks_for_unseen(row)) goto out;
    for (long i = 0; i < a->n && test == MDP_MARGIN_TEST_SPREAD; i++) a->values[i] = -a->values[i];
    for (long i = 0; i < b->n && test == MDP_MARGIN_TEST_SPREAD; i++) b->values[i] = -b->values[i];
    MDP_TRY(exclude_unseen(row, policy, n_first, &o));
out:
    return err;
}

mdp_err mdp_gate_row_test(struct mdp_gate_row *row, const struct mdp_gate_policy *policy, long n_first) {
    mdp_err err;
    struct mdp_gate_values a = {.problem = ""}, b = {.problem = ""};
    row->test = row->method = row->unit = row->held_by = "";
    row->p_pass = row->p_fail = row->adjusted_pass = row->adjusted_fail = row->mde = row->n_needed = NAN;
    row->baseline = row->candidate = row->gain = row->low = row->high = row->level = row->margin = row->sd = NAN;
    row->p_unseen = row->pass_bound = NAN;
    row->range = 0;
    row->reason[0] = 0;
    row->decision = MDP_GATE_INCONCLUSIVE;
    MDP_TRY(collect(row, n_first, &a, &b));
    if (row->reason[0] != 0 || !has_enough(row, n_first, &a, &b)) goto out;
    MDP_TRY(test_values(row, policy, n_first, &a, &b));
out:
    mdp_gate_values_free(&a);
    mdp_gate_values_free(&b);
    return err;
}

/* ---- planning ---- */

int mdp_gate_row_is_unseen(const struct mdp_gate_row *row, double pass_alpha) { return row->p_unseen > pass_alpha; }

mdp_err mdp_gate_row_plan(struct mdp_gate_row *row, double pass_alpha, double fail_alpha, double power) {
    mdp_err err = MDP_OK;
    double least = (double)(row->n_baseline < row->n_candidate ? row->n_baseline : row->n_candidate), d;
    double n =
        row->is_paired ? (double)row->n_baseline : 2 / (1 / (double)row->n_baseline + 1 / (double)row->n_candidate);
    struct mdp_test_plan plan = {row->is_paired ? MDP_DESIGN_PAIRED : MDP_DESIGN_UNPAIRED, MDP_SIDES_GREATER,
                                 fail_alpha};
    int is_toward_pass = row->scale_gain + row->scale_margin > 0;
    if (row->sd > 0) {
        MDP_TRY(mdp_power_detectable(&plan, n, power, &d));
        row->mde = -mdp_gate_row_readable(row, -(row->scale_margin + d * row->sd));
    }
    if (row->is_at_margin || isinf(row->range)) goto out;
    if (row->p_pass == row->p_unseen) /* nothing else is in the way */
        row->n_needed = mdp_unseen_n(row->scale_margin, row->range, pass_alpha);
    else
        row->n_needed = is_toward_pass ? mdp_power_n_of_p(row->p_pass, pass_alpha, n, power)
                                       : mdp_power_n_of_p(row->p_fail, fail_alpha, n, power);
    row->n_needed = fmax(row->n_needed, least + 1);
out:
    return err;
}
