/* what a verdict says besides its rows: episodes that ended at a non-finite value, and sides that are the same. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/gate/gate.h"

/* counts the episodes of the checkpoints that are judged, the last of each run */
static void count(const struct mdp_gate_side *side, struct mdp_gate_ends *out) {
    *out = (struct mdp_gate_ends){0, 0};
    for (int g = 0; g < side->n_groups; g++)
        for (int r = 0; r < side->groups[g].n; r++) {
            const struct mdp_gate_run *run = &side->groups[g].runs[r];
            const struct mdp_episodes *e = &run->evals[run->n - 1].episodes;
            out->n += e->n;
            out->n_non_finite += mdp_episodes_ended(e, MDP_END_NON_FINITE);
        }
}

static int are_same_episodes(const struct mdp_gate_run *a, const struct mdp_gate_run *b) {
    if (a->n != b->n) return 0;
    for (int i = 0; i < a->n; i++) {
        const struct mdp_episodes *x = &a->evals[i].episodes, *y = &b->evals[i].episodes;
        size_t n = (size_t)x->n;
        if (x->n != y->n || memcmp(x->returns, y->returns, n * sizeof *x->returns) != 0 ||
            memcmp(x->ends, y->ends, n * sizeof *x->ends) != 0 ||
            memcmp(x->lengths, y->lengths, n * sizeof *x->lengths) != 0)
            return 0;
    }
    return 1;
}

static int are_same_speeds(const struct mdp_gate_side *a, const struct mdp_gate_side *b) {
    for (int i = 0; i < a->n_speeds; i++) {
        const struct mdp_gate_speed *x = &a->speeds[i], *y = mdp_gate_speed_find(b, x->name);
        if (y == NULL || x->n != y->n || memcmp(x->values, y->values, (size_t)x->n * sizeof *x->values) != 0) return 0;
    }
    return 1;
}

/* compares what was measured; names and folders of the files do not matter */
static int are_same(const struct mdp_gate_side *a, const struct mdp_gate_side *b) {
    for (int g = 0; g < a->n_groups; g++) {
        const struct mdp_gate_group *x = &a->groups[g], *y = mdp_gate_group_find(b, x->task, x->arm);
        if (y == NULL || x->n != y->n) return 0;
        for (int r = 0; r < x->n; r++)
            if (!are_same_episodes(&x->runs[r], &y->runs[r])) return 0;
    }
    return are_same_speeds(a, b);
}

/* a run that was not made may be anything: what passed of few runs says how many of those to come may fail all the
 * same. (1 - share)^n = alpha */
static void note_runs(const struct mdp_gate_report *report, char *text, size_t size) {
    long n = 0;
    for (int i = 0; i < report->n_rows; i++) {
        const struct mdp_gate_row *row = &report->rows[i];
        if (row->decision != MDP_GATE_PASS || strcmp(row->unit, "run") != 0) continue;
        if (n == 0 || row->n_candidate < n) n = row->n_candidate;
    }
    if (n > 0)
        snprintf(text, size,
                 "; the rows over runs rest on %ld runs of the candidate, which may all be good even if %.0f %% of "
                 "runs fail",
                 n, 100 * (1 - pow(report->policy->alpha, 1 / (double)n)));
}

/* an evaluation of either side whose instructions are not those of the first one of its task and arm; NULL if there is
 * none. older files do not record theirs */
static const struct mdp_gate_eval *find_unlike(const struct mdp_gate_group *group, const struct mdp_gate_eval **first) {
    for (int r = 0; r < group->n; r++) {
        const struct mdp_gate_eval *eval = &group->runs[r].evals[group->runs[r].n - 1];
        if (eval->info.isa[0] == 0) continue;
        if (*first == NULL) *first = eval;
        if (mdp_fact_unlike(MDP_FACT_ISA, (*first)->info.isa, eval->info.isa)) return eval;
    }
    return NULL;
}

static void note_isa(const struct mdp_gate_report *report, char *text, size_t size) {
    for (int g = 0; g < report->baseline->n_groups; g++) {
        const struct mdp_gate_group *group = &report->baseline->groups[g];
        const struct mdp_gate_group *other = mdp_gate_group_find(report->candidate, group->task, group->arm);
        const struct mdp_gate_eval *first = NULL, *found = find_unlike(group, &first);
        if (found == NULL && other != NULL) found = find_unlike(other, &first);
        if (found == NULL) continue;
        snprintf(text, size, "; unlike instructions of the libraries: %s in %s, %s in %s", first->info.isa, first->path,
                 found->info.isa, found->path);
        return;
    }
}

void mdp_gate_note(struct mdp_gate_report *report) {
    struct mdp_gate_ends *ends = report->ends;
    size_t n = strlen(report->verdict);
    count(report->baseline, &ends[0]);
    count(report->candidate, &ends[1]);
    report->is_same = are_same(report->baseline, report->candidate);
    if (ends[0].n_non_finite + ends[1].n_non_finite > 0)
        snprintf(
            report->verdict + n, sizeof report->verdict - n,
            "; stopped at a value that is not finite: %ld of %ld episodes of the baseline, %ld of %ld of the candidate",
            ends[0].n_non_finite, ends[0].n, ends[1].n_non_finite, ends[1].n);
    n = strlen(report->verdict);
    note_runs(report, report->verdict + n, sizeof report->verdict - n);
    n = strlen(report->verdict);
    note_isa(report, report->verdict + n, sizeof report->verdict - n);
    n = strlen(report->verdict);
    if (report->is_same)
        snprintf(report->verdict + n, sizeof report->verdict - n,
                 "; baseline and candidate are the same results, value by value");
}
