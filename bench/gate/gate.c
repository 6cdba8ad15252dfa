#include "bench/gate/gate.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/gate/row.h"
#include "bench/yaml/yaml.h"
#include "stats/multiple.h"
#include "stats/unseen.h"

enum { ROWS_MAX = 10000 };

/* ---- matching ---- */

static int matches(const char *pattern, const char *text) { return fnmatch(pattern, text, 0) == 0; }

/* whether an earlier row of the policy matches as well: the first that matches counts */
static int is_taken(const struct mdp_gate_report *report, const struct mdp_gate_rule *rule,
                    const struct mdp_gate_group *group, const struct mdp_gate_speed *speed) {
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_row *row = &report->rows[i];
        if (row->baseline_group == group && row->baseline_speed == speed && row->rule->metric == rule->metric &&
            row->rule->test == rule->test)
            return 1;
    }
    return 0;
}

/* the acceptance that lasts longest: an old one may stay in the file beside its renewal */
static const struct mdp_gate_accepted *find_accepted(const struct mdp_gate_report *report,
                                                     const struct mdp_gate_row *row) {
    const struct mdp_gate_accepted *found = NULL;
    for (int i = 0; i < (int)report->policy->n_accepted; i++) {
        const struct mdp_gate_accepted *a = &report->policy->accepted[i];
        if (a->metric != row->rule->metric) continue;
        if (row->baseline_speed != NULL
                ? matches(a->measure, row->baseline_speed->name)
                : matches(a->task, row->baseline_group->task) && matches(a->arm, row->baseline_group->arm))
            found = found != NULL && found->expires >= a->expires ? found : a;
    }
    return found;
}

/* more per second is better, less of anything else */
static int is_rate(const char *unit) {
    size_t n = strlen(unit);
    return n >= 2 && strcmp(unit + n - 2, "/s") == 0;
}

static mdp_err add_row(struct mdp_gate_report *report, const struct mdp_gate_row *wanted) {
    if (report->n_rows == ROWS_MAX)
        return mdp_fail(MDP_E_DATA, "gate: expected at most %d rows from policy and results, found more", ROWS_MAX);
    struct mdp_gate_row *rows = realloc(report->rows, ((size_t)report->n_rows + 1) * sizeof *rows);
    if (rows == NULL) return mdp_fail(MDP_E_NOMEM, "gate: no memory for rows");
    report->rows = rows;
    rows += report->n_rows++;
    *rows = *wanted;
    rows->test = rows->method = rows->unit = rows->held_by = "";
    rows->accepted = find_accepted(report, rows);
    rows->is_expired = rows->accepted != NULL && rows->accepted->expires < report->today;
    return MDP_OK;
}

static mdp_err match_group(struct mdp_gate_report *report, const struct mdp_gate_rule *rule,
                           const struct mdp_gate_group *group, int *n_matched) {
    enum { HIGHER = 1, LOWER = 0, BY_UNIT = 0 };
    static const int is_higher_better[] = {
#define BETTER(name, text, better, test) better,
        MDP_GATE_METRIC_LIST(BETTER)
#undef BETTER
    };
    if (!matches(rule->task, group->task) || !matches(rule->arm, group->arm)) return MDP_OK;
    const struct mdp_gate_group *other = mdp_gate_group_find(report->candidate, group->task, group->arm);
    if (other == NULL)
        return mdp_fail(MDP_E_DATA, "gate: candidate: expected task %s, arm '%s' as the baseline has, found %s%s%s",
                        group->task, group->arm, report->candidate->n_groups > 0 ? "others, e.g. arm '" : "no episodes",
                        report->candidate->n_groups > 0 ? report->candidate->groups[0].arm : "",
                        report->candidate->n_groups > 0 ? "'" : "");
    mdp_err err = mdp_gate_check_alike(group, other, report->policy->may_differ);
    if (err != MDP_OK) return err;
    (*n_matched)++;
    if (is_taken(report, rule, group, NULL)) return MDP_OK;
    return add_row(report, &(struct mdp_gate_row){.rule = rule,
                                                  .baseline_group = group,
                                                  .candidate_group = other,
                                                  .is_higher_better = is_higher_better[rule->metric]});
}

static mdp_err match_speed(struct mdp_gate_report *report, const struct mdp_gate_rule *rule,
                           const struct mdp_gate_speed *speed, int *n_matched) {
    if (!matches(rule->measure, speed->name)) return MDP_OK;
    const struct mdp_gate_speed *other = mdp_gate_speed_find(report->candidate, speed->name);
    if (other == NULL)
        return mdp_fail(MDP_E_DATA, "gate: candidate: expected %s as the baseline has, found none", speed->name);
    if (strcmp(report->baseline->machine, report->candidate->machine) != 0)
        return mdp_fail(MDP_E_DATA, "gate: machine: expected '%s' as in the baseline, found '%s' in the candidate",
                        report->baseline->machine, report->candidate->machine);
    if (strcmp(speed->unit, other->unit) != 0)
        return mdp_fail(MDP_E_DATA, "gate: %s: expected %s as in the baseline, found %s in the candidate", speed->name,
                        speed->unit, other->unit);
    (*n_matched)++;
    if (is_taken(report, rule, NULL, speed)) return MDP_OK;
    return add_row(report, &(struct mdp_gate_row){.rule = rule,
                                                  .baseline_speed = speed,
                                                  .candidate_speed = other,
                                                  .is_higher_better = is_rate(speed->unit)});
}

/* a row that matches nothing would pass for ever: that is an error unless the policy says otherwise */
static mdp_err match_rule(struct mdp_gate_report *report, int i_rule) {
    const struct mdp_gate_rule *rule = &report->policy->rules[i_rule];
    const struct mdp_gate_side *side = report->baseline;
    char key[32];
    int n_matched = 0;
    mdp_err err = MDP_OK;
    if (rule->metric == MDP_GATE_SPEED)
        for (int i = 0; i < side->n_speeds; i++) MDP_TRY(match_speed(report, rule, &side->speeds[i], &n_matched));
    else
        for (int i = 0; i < side->n_groups; i++) MDP_TRY(match_group(report, rule, &side->groups[i], &n_matched));
    if (n_matched > 0 || !rule->is_required) goto out;
    snprintf(key, sizeof key, "rows[%d]", i_rule);
    if (rule->metric == MDP_GATE_SPEED)
        err = mdp_yaml_refuse(report->policy->yaml, key, "expected a measure like '%s' in the baseline, found none",
                              rule->measure);
    else
        err = mdp_yaml_refuse(report->policy->yaml, key,
                              "expected a task like '%s' with an arm like '%s' in the baseline, found %s%s%s%s%s",
                              rule->task, rule->arm, side->n_groups > 0 ? "others, e.g. task " : "no episodes",
                              side->n_groups > 0 ? side->groups[0].task : "", side->n_groups > 0 ? ", arm '" : "",
                              side->n_groups > 0 ? side->groups[0].arm : "", side->n_groups > 0 ? "'" : "");
out:
    return err;
}

mdp_err mdp_gate_match(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out) {
    mdp_err err = MDP_OK;
    *out = (struct mdp_gate_report){.policy = policy, .baseline = baseline, .candidate = candidate, .today = today};
    for (int i = 0; i < (int)policy->n_rules; i++) MDP_TRY(match_rule(out, i));
    if (out->n_rows == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "gate: expected results that the policy has rows for, found none"));
    for (int i = 0; i < candidate->n_groups; i++)
        out->n_extra += mdp_gate_group_find(baseline, candidate->groups[i].task, candidate->groups[i].arm) == NULL;
out:
    if (err != MDP_OK) mdp_gate_report_free(out);
    return err;
}

/* ---- deciding ---- */

mdp_err mdp_gate_test_rows(struct mdp_gate_report *report, long n_first) {
    report->n_tested = 0;
    for (int i = 0; i < report->n_rows; i++) {
        mdp_err err = mdp_gate_row_test(&report->rows[i], report->policy, n_first);
        if (err != MDP_OK) return err;
        report->n_tested += !isnan(report->rows[i].p_pass);
    }
    return MDP_OK;
}

double mdp_gate_row_alpha(const struct mdp_gate_report *report, enum mdp_gate_correction correction) {
    double n = report->n_tested > 0 ? report->n_tested : 1;
    return correction == MDP_GATE_NO_CORRECTION ? report->policy->alpha : report->policy->alpha / n;
}

/* p values of all tested rows, corrected for their number */
static mdp_err adjust(enum mdp_gate_correction correction, const double *p, long n, double *out) {
    if (correction != MDP_GATE_NO_CORRECTION)
        return mdp_adjust(correction == MDP_GATE_HOLM ? MDP_ADJUST_HOLM : MDP_ADJUST_BONFERRONI, p, n, out);
    memcpy(out, p, (size_t)n * sizeof *p);
    return MDP_OK;
}

mdp_err mdp_gate_decide(struct mdp_gate_report *report) {
    mdp_err err = MDP_OK;
    const struct mdp_gate_policy *policy = report->policy;
    unsigned long n = (unsigned long)report->n_tested;
    long k = 0;
    double *work = NULL;
    if (n == 0) return MDP_OK;
    MDP_TRY(mdp_calloc(&work, 4 * n, sizeof *work, "p values"));
    double *pass = work, *fail = work + n, *pass_adjusted = work + 2 * n, *fail_adjusted = work + 3 * n;
    for (int i = 0; i < report->n_rows; i++) {
        if (isnan(report->rows[i].p_pass)) continue;
        pass[k] = report->rows[i].p_pass;
        fail[k++] = report->rows[i].p_fail;
    }
    MDP_TRY(adjust(policy->pass_correction, pass, k, pass_adjusted));
    MDP_TRY(adjust(policy->correction, fail, k, fail_adjusted));
    k = 0;
    for (int i = 0; i < report->n_rows; i++) {
        struct mdp_gate_row *row = &report->rows[i];
        if (isnan(row->p_pass)) continue;
        row->adjusted_pass = pass_adjusted[k];
        row->adjusted_fail = fail_adjusted[k++];
        if (mdp_adjust_rejects(row->adjusted_fail, policy->alpha))
            row->decision = MDP_GATE_FAIL;
        else if (mdp_adjust_rejects(row->adjusted_pass, policy->alpha))
            row->decision = MDP_GATE_PASS;
    }
out:
    free(work);
    return err;
}

/* ---- concluding ---- */

/* why a tested row is undecided, and what would change that */
static mdp_err explain(const struct mdp_gate_report *report, struct mdp_gate_row *row) {
    double pass_alpha = mdp_gate_row_alpha(report, report->policy->pass_correction);
    double fail_alpha = mdp_gate_row_alpha(report, report->policy->correction);
    double most = pass_alpha < fail_alpha ? fail_alpha : pass_alpha;
    /* the plan of one test at a level, which a run of several looks does not have */
    mdp_err err =
        report->looks.n_done > 0 ? MDP_OK : mdp_gate_row_plan(row, pass_alpha, fail_alpha, report->policy->power);
    if (err != MDP_OK) return err;
    if (report->looks.n_done > 0 && row->p_unseen > row->pass_bound)
        row->n_needed = mdp_unseen_n(row->scale_margin, row->range, row->pass_bound);
    char p_text[32], level[64] = "";
    int n, is_held = row->held_by[0] != 0 && row->scale_gain + row->scale_margin > 0;
    snprintf(p_text, sizeof p_text, " (p %.3g)", row->p_pass);
    if (row->level < 1 - 2 * report->policy->alpha - 1e-9)
        snprintf(level, sizeof level, "; their interval has a level of %.3g %%", 100 * row->level);
    if (row->is_at_margin)
        n = snprintf(row->reason, sizeof row->reason, "all %ld %ss differ by exactly the margin, which decides nothing",
                     row->n_baseline, row->unit);
    else if (isinf(row->range) && isfinite(report->policy->worst))
        n = snprintf(row->reason, sizeof row->reason,
                     "the policy says worst: %g, and the baseline's mean return is no higher: what an episode can "
                     "lose is not known; give a lower one",
                     report->policy->worst);
    else if (isinf(row->range))
        n = snprintf(row->reason, sizeof row->reason,
                     "the policy says worst: none: what an episode can lose has no bound, and no number of them "
                     "excludes a loss by rare failures");
    else if (mdp_gate_row_is_unseen(row, isnan(row->pass_bound) ? pass_alpha : row->pass_bound) &&
             row->scale_gain + row->scale_margin > 0)
        n = snprintf(row->reason, sizeof row->reason,
                     "%ld episodes are too few to exclude a loss of %.3g by rare failures%s", row->n_candidate,
                     row->scale_margin, isnan(row->pass_bound) ? "" : " at the bounds of these looks");
    else if (row->smallest_p > most && report->looks.n_done == 0)
        n = snprintf(row->reason, sizeof row->reason, "%ld %ss reach a p of %.3g at best, above %.3g%s",
                     row->n_baseline, row->unit, row->smallest_p, most, level);
    else if (row->p_fail <= report->policy->alpha && report->looks.n_done == 0)
        n = snprintf(row->reason, sizeof row->reason, "worse than the margin alone (p %.3g), but not among %d rows",
                     row->p_fail, report->n_tested);
    else
        n = snprintf(row->reason, sizeof row->reason, "gain %.4g [%.4g, %.4g] against a margin of %.4g%s%s%s",
                     row->gain, row->low, row->high, row->margin, is_held ? ", held by " : "",
                     is_held ? row->held_by : "", is_held ? p_text : "");
    if (isfinite(row->n_needed) && n < (int)sizeof row->reason)
        n +=
            snprintf(row->reason + n, sizeof row->reason - (size_t)n, "; needs n = %.0f %ss", row->n_needed, row->unit);
    if (isfinite(row->mde) && n < (int)sizeof row->reason)
        snprintf(row->reason + n, sizeof row->reason - (size_t)n, "; a loss of %.4g would have failed (power %.2g)",
                 row->mde, report->policy->power);
    return MDP_OK;
}

/* a PASS rests on worst: an episode that is lower refutes that, on either side and at whatever checkpoint; a FAIL does
 * not, nor do shares of failures, whose rows have no range. a self-test's losses may go below worst and are judged by
 * the rest of the rule alone */
static int is_refuted(const struct mdp_gate_report *report, struct mdp_gate_row *row) {
    double worst = report->policy->worst;
    int is_toward_pass = row->scale_gain + row->scale_margin > 0;
    if (row->decision == MDP_GATE_FAIL || !is_toward_pass || !(row->range > 0) || isinf(worst)) return 0;
    struct mdp_gate_episode of_baseline = mdp_gate_group_lowest(row->baseline_group, worst),
                            found = mdp_gate_group_lowest(row->candidate_group, worst);
    if (found.eval == NULL) found = of_baseline;
    if (found.eval == NULL) return 0;
    row->decision = MDP_GATE_INCONCLUSIVE;
    snprintf(row->reason, sizeof row->reason,
             "%.300s: episode %lld: expected no normalized return below the policy's worst: %g, found %.6g: what an "
             "episode can lose is not known; give a lower one",
             found.eval->path, (long long)found.eval->episodes.indices[found.i], worst,
             found.eval->episodes.normalized_returns[found.i]);
    return 1;
}

static void explain_failure(struct mdp_gate_row *row) {
    char until[32] = "";
    if (row->accepted != NULL)
        snprintf(until, sizeof until, "%04ld-%02ld-%02ld", row->accepted->expires / 10000,
                 row->accepted->expires / 100 % 100, row->accepted->expires % 100);
    int n = snprintf(row->reason, sizeof row->reason, "%.6g instead of %.6g: gain %.4g [%.4g, %.4g], margin %.4g",
                     row->candidate, row->baseline, row->gain, row->low, row->high, row->margin);
    if (row->accepted != NULL)
        snprintf(row->reason + n, sizeof row->reason - (size_t)n, "; %s until %s%s: %.80s",
                 row->is_expired ? "was accepted" : "accepted", until, row->is_expired ? ", which has passed" : "",
                 row->accepted->reason);
}

/* the first row of a kind, as an example for the verdict */
static const struct mdp_gate_row *first_of(const struct mdp_gate_report *report, enum mdp_gate_decision decision) {
    for (int i = 0; i < report->n_rows; i++)
        if (report->rows[i].decision == decision && !mdp_gate_row_is_accepted(&report->rows[i]))
            return &report->rows[i];
    return NULL;
}

static void write_verdict(struct mdp_gate_report *report) {
    char title[MDP_GATE_ARM_MAX + 128], accepted[64] = "";
    int n_rows = report->n_rows - report->n_of[MDP_GATE_NO_DATA], n_decisive = report->n_of[report->decision];
    const struct mdp_gate_row *row = first_of(report, report->decision);
    if (row != NULL) mdp_gate_row_title(row, title);
    if (report->n_accepted > 0)
        snprintf(accepted, sizeof accepted, "; %d accepted regression%s", report->n_accepted,
                 report->n_accepted > 1 ? "s" : "");
    switch (report->decision) {
    case MDP_GATE_FAIL:
        snprintf(report->verdict, sizeof report->verdict, "FAIL: %d of %d rows regressed%s; %s: %s", n_decisive, n_rows,
                 accepted, title, row->reason);
        break;
    case MDP_GATE_INCONCLUSIVE:
        snprintf(report->verdict, sizeof report->verdict, "CANNOT DECIDE: %d of %d rows%s; %s: %s", n_decisive, n_rows,
                 accepted, title, row->reason);
        break;
    default:
        snprintf(report->verdict, sizeof report->verdict,
                 "PASS: %d of %d rows are not worse than the baseline by their margin%s", report->n_of[MDP_GATE_PASS],
                 n_rows, accepted);
    }
}

mdp_err mdp_gate_conclude(struct mdp_gate_report *report) {
    memset(report->n_of, 0, sizeof report->n_of);
    report->n_accepted = 0;
    for (int i = 0; i < report->n_rows; i++) {
        struct mdp_gate_row *row = &report->rows[i];
        if (!is_refuted(report, row) && row->decision == MDP_GATE_INCONCLUSIVE && !isnan(row->p_pass)) {
            mdp_err err = explain(report, row);
            if (err != MDP_OK) return err;
        }
        if (row->decision == MDP_GATE_FAIL) explain_failure(row);
        mdp_text_mend(row->reason);
        if (mdp_gate_row_is_accepted(row))
            report->n_accepted++;
        else
            report->n_of[row->decision]++;
    }
    if (report->n_of[MDP_GATE_NO_DATA] == report->n_rows)
        return mdp_fail(MDP_E_DATA, "gate: expected results that the policy has rows for, found none: %s",
                        report->rows[0].reason);
    report->decision = report->n_of[MDP_GATE_FAIL] > 0           ? MDP_GATE_FAIL
                       : report->n_of[MDP_GATE_INCONCLUSIVE] > 0 ? MDP_GATE_INCONCLUSIVE
                                                                 : MDP_GATE_PASS;
    write_verdict(report);
    mdp_gate_note(report);
    mdp_text_mend(report->verdict);
    return MDP_OK;
}

mdp_err mdp_gate_judge(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out) {
    mdp_err err = mdp_gate_match(policy, baseline, candidate, today, out);
    if (err != MDP_OK) return err;
    MDP_TRY(mdp_gate_test_rows(out, 0));
    MDP_TRY(mdp_gate_decide(out));
    MDP_TRY(mdp_gate_conclude(out));
out:
    if (err != MDP_OK) mdp_gate_report_free(out);
    return err;
}

mdp_err mdp_gate_outcome(const struct mdp_gate_report *report) {
    if (report->decision == MDP_GATE_PASS) return MDP_OK;
    return mdp_fail(report->decision == MDP_GATE_FAIL ? MDP_E_FAILED : MDP_E_UNDECIDED, "gate: %s", report->verdict);
}

void mdp_gate_report_free(struct mdp_gate_report *report) {
    free(report->rows);
    report->rows = NULL;
    report->n_rows = 0;
}
