#include "bench/gate/sequential.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gate/row.h"
#include "stats/sequential.h"

struct mdp_gate_walk {
    struct mdp_gate_report *report;
    int n_looks;
    double *information; /* [n_looks] share of the planned episodes */
    double **bounds;     /* [rows + 1] of alpha over so many rows: p values [n_looks]; NULL until it is needed */
};

/* one side of the question: which p value, and what becomes of a row that it rejects */
struct claim {
    enum mdp_gate_decision decision;
    enum mdp_gate_correction correction;
    size_t offset; /* of the p value */
};

/* ---- bounds ---- */

static mdp_err bounds_of(struct mdp_gate_walk *walk, int n_rows, const double **out) {
    mdp_err err = MDP_OK;
    struct mdp_look looks[MDP_SEQUENTIAL_MAX_LOOKS];
    const struct mdp_gate_policy *policy = walk->report->policy;
    double *bounds = walk->bounds[n_rows];
    if (bounds == NULL) {
        MDP_TRY(mdp_sequential_bounds(policy->sequential.bounds, policy->alpha / n_rows, walk->information,
                                      walk->n_looks, looks));
        MDP_TRY(mdp_calloc(&bounds, (unsigned long)walk->n_looks, sizeof *bounds, "bounds of looks"));
        for (int i = 0; i < walk->n_looks; i++) bounds[i] = looks[i].p;
        walk->bounds[n_rows] = bounds;
    }
    *out = bounds;
out:
    return err;
}

/* episodes add nothing to speeds, and only within each to several runs: such rows have one look, the first */
static int has_one_look(const struct mdp_gate_row *row) {
    if (row->baseline_group == NULL) return 1;
    return row->baseline_group->n > 1 || row->candidate_group->n > 1;
}

/* also keeps what the row has to reach in the end */
static mdp_err bound_of(struct mdp_gate_walk *walk, struct mdp_gate_row *row, int n_rows, int i_look, double *bound) {
    const double *bounds;
    *bound = walk->report->policy->alpha / n_rows;
    if (has_one_look(row)) return MDP_OK;
    mdp_err err = bounds_of(walk, n_rows, &bounds);
    if (err != MDP_OK) return err;
    *bound = bounds[i_look];
    row->pass_bound = bounds[walk->n_looks - 1];
    return MDP_OK;
}

/* ---- one look ---- */

static int is_open(const struct mdp_gate_row *row) {
    return row->decision == MDP_GATE_INCONCLUSIVE && !isnan(row->p_pass);
}

/* what a later look may still test: with few episodes a margin relative to them may be 0, or all values equal */
static int may_open(const struct mdp_gate_row *row) {
    return row->decision == MDP_GATE_INCONCLUSIVE && isnan(row->p_pass) && !has_one_look(row);
}

static double p_of(const struct mdp_gate_row *row, const struct claim *claim) {
    double p;
    memcpy(&p, (const char *)row + claim->offset, sizeof p);
    return p;
}

/* makes a claim of every open row whose p allows it, until none is left: with Holm's correction each claim made leaves
 * more of alpha to the others */
static mdp_err decide(struct mdp_gate_walk *walk, const struct claim *claim, int i_look) {
    struct mdp_gate_report *report = walk->report;
    int n_left = report->n_tested, n_new;
    double bound;
    for (int i = 0; i < report->n_rows && claim->correction == MDP_GATE_HOLM; i++)
        n_left -= report->rows[i].decision == claim->decision;
    do {
        n_new = 0;
        for (int i = 0; i < report->n_rows; i++) {
            struct mdp_gate_row *row = &report->rows[i];
            if (!is_open(row)) continue;
            mdp_err err = bound_of(walk, row, claim->correction == MDP_GATE_NO_CORRECTION ? 1 : n_left, i_look, &bound);
            if (err != MDP_OK) return err;
            if (p_of(row, claim) > bound * (1 + 1e-12)) continue;
            row->decision = claim->decision;
            row->i_look = i_look;
            n_new++;
            if (claim->correction == MDP_GATE_HOLM) n_left--;
        }
    } while (n_new > 0);
    return MDP_OK;
}

/* a pass is not final while the run goes on: what more episodes show counts */
static mdp_err test_rows(struct mdp_gate_walk *walk, int i_look) {
    struct mdp_gate_report *report = walk->report;
    mdp_err err = MDP_OK;
    for (int i = 0; i < report->n_rows; i++) {
        struct mdp_gate_row *row = &report->rows[i];
        int has_one = has_one_look(row), may_change = row->decision == MDP_GATE_PASS || is_open(row) || may_open(row);
        if (i_look > 0 && (has_one || !may_change)) continue;
        MDP_TRY(mdp_gate_row_test(row, report->policy, has_one ? 0 : report->policy->sequential.looks[i_look]));
        if (i_look == 0) report->n_tested += !isnan(row->p_pass) || may_open(row);
    }
out:
    return err;
}

static mdp_err look(struct mdp_gate_walk *walk, int i_look) {
    const struct mdp_gate_policy *policy = walk->report->policy;
    const struct claim claims[] = {
        {MDP_GATE_FAIL, policy->correction, offsetof(struct mdp_gate_row, p_fail)},
        {MDP_GATE_PASS, policy->pass_correction, offsetof(struct mdp_gate_row, p_pass)},
    };
    mdp_err err = test_rows(walk, i_look);
    for (int i = 0; i < 2 && err == MDP_OK && walk->report->n_tested > 0; i++) err = decide(walk, &claims[i], i_look);
    walk->report->looks.n_done = i_look + 1;
    walk->report->looks.used = (double)policy->sequential.looks[i_look];
    return err;
}

/* ---- the walk ---- */

static int is_decided(const struct mdp_gate_report *report) {
    int n_open = 0;
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_row *row = &report->rows[i];
        if (row->decision == MDP_GATE_FAIL && !mdp_gate_row_is_accepted(row)) return 1;
        n_open += (is_open(row) && !has_one_look(row)) || may_open(row);
    }
    return n_open == 0;
}

/* the fewest episodes that a file of the matched groups holds */
static long available(const struct mdp_gate_report *report) {
    long least = MDP_EPISODES_MAX;
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_group *groups[2] = {report->rows[i].baseline_group, report->rows[i].candidate_group};
        for (int g = 0; g < 2 && groups[g] != NULL && !has_one_look(&report->rows[i]); g++)
            for (int e = 0; e < groups[g]->runs[0].n; e++)
                if (groups[g]->runs[0].evals[e].episodes.n < least) least = groups[g]->runs[0].evals[e].episodes.n;
    }
    return least;
}

mdp_err mdp_gate_walk_new(struct mdp_gate_report *report, struct mdp_gate_walk **out) {
    mdp_err err;
    const struct mdp_gate_sequential *plan = &report->policy->sequential;
    struct mdp_gate_walk *walk = NULL;
    MDP_TRY(mdp_calloc(&walk, 1, sizeof *walk, "planned looks"));
    *walk = (struct mdp_gate_walk){.report = report, .n_looks = (int)plan->n_looks};
    MDP_TRY(mdp_calloc(&walk->information, plan->n_looks, sizeof(double), "planned looks"));
    MDP_TRY(mdp_calloc(&walk->bounds, (unsigned long)report->n_rows + 1, sizeof(double *), "bounds of looks"));
    report->looks.planned = (double)mdp_gate_last_look(report->policy);
    for (unsigned i = 0; i < plan->n_looks; i++) walk->information[i] = (double)plan->looks[i] / report->looks.planned;
    *out = walk;
    walk = NULL;
out:
    mdp_gate_walk_free(walk);
    return err;
}

void mdp_gate_walk_free(struct mdp_gate_walk *walk) {
    if (walk == NULL) return;
    for (int i = 0; walk->bounds != NULL && i <= walk->report->n_rows; i++) free(walk->bounds[i]);
    free(walk->bounds);
    free(walk->information);
    free(walk);
}

mdp_err mdp_gate_walk_take(struct mdp_gate_walk *walk, const struct mdp_gate_feed *feed) {
    struct mdp_gate_report *report = walk->report;
    const long *looks = report->policy->sequential.looks;
    mdp_err err = MDP_OK;
    report->n_tested = 0;
    for (int i = 0; i < walk->n_looks && (i == 0 || !is_decided(report)); i++) {
        if (i > 0 && feed != NULL) MDP_TRY(feed->grow(feed->context, looks[i]));
        long n = available(report);
        if (i == 0 && n < looks[0])
            MDP_TRY(
                mdp_fail(MDP_E_DATA, "gate: expected %ld episodes a file for the first look, found %ld", looks[0], n));
        if (n < looks[i]) break;
        MDP_TRY(look(walk, i));
    }
out:
    return err;
}

mdp_err mdp_gate_judge_sequential(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                                  const struct mdp_gate_side *candidate, long today, const struct mdp_gate_feed *feed,
                                  struct mdp_gate_report *out) {
    struct mdp_gate_walk *walk = NULL;
    mdp_err err = MDP_OK;
    *out = (struct mdp_gate_report){.policy = policy};
    if (feed != NULL) MDP_TRY(feed->grow(feed->context, policy->sequential.looks[0]));
    MDP_TRY(mdp_gate_match(policy, baseline, candidate, today, out));
    MDP_TRY(mdp_gate_walk_new(out, &walk));
    MDP_TRY(mdp_gate_walk_take(walk, feed));
    MDP_TRY(mdp_gate_conclude(out));
out:
    mdp_gate_walk_free(walk);
    if (err != MDP_OK) mdp_gate_report_free(out);
    return err;
}
