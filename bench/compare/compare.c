/* all tasks of two sides. */
#include "bench/compare/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "bench/compare/report.h"
#include "bench/compare/verdict.h"

static const struct mdp_compare_sample *find_task(const struct mdp_compare_side *side, const char *task) {
    for (int i = 0; i < side->n; i++)
        if (strcmp(side->samples[i].task, task) == 0) return &side->samples[i];
    return NULL;
}

static mdp_err examine_all(const struct mdp_compare_side *a, const struct mdp_compare_side *b,
                           struct mdp_finding *findings, int *n) {
    *n = 0;
    for (int i = 0; i < a->n; i++) {
        const struct mdp_compare_sample *other = find_task(b, a->samples[i].task);
        mdp_err err = other ? mdp_finding_examine(&a->samples[i], other, &findings[(*n)++]) : MDP_OK;
        if (err) return err;
    }
    if (*n > 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "compare: expected a task that both sides have, found %s in A and %s in B",
                    a->samples[0].task, b->samples[0].task);
}

/* tasks of `side` that the other one lacks */
static void name_missing(const struct mdp_compare_side *side, const struct mdp_compare_side *other, const char *name,
                         FILE *out) {
    const char *before = " ";
    for (int i = 0; i < side->n; i++) {
        if (find_task(other, side->samples[i].task) != NULL) continue;
        fprintf(out, "%s%s", before, side->samples[i].task);
        before = ", ";
    }
    if (before[0] == ',') fprintf(out, " of %s alone: not compared.", name);
}

mdp_err mdp_compare_say(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                        const struct mdp_compare_side *b, const struct mdp_finding *findings, int n, char **verdict) {
    struct mdp_memstream memory;
    char *found = NULL;
    mdp_err err;
    MDP_TRY(mdp_compare_verdict(plan, findings, n, &found));
    MDP_TRY(mdp_memstream_open(&memory, "verdict"));
    fputs(found, memory.stream);
    name_missing(a, b, "A", memory.stream);
    name_missing(b, a, "B", memory.stream);
    err = mdp_memstream_close(&memory, MDP_OK);
    *verdict = memory.text;
out:
    free(found);
    return err;
}

mdp_err mdp_compare_examine(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                            const struct mdp_compare_side *b, struct mdp_finding **findings, int *n) {
    mdp_err err;
    MDP_TRY(mdp_calloc(findings, (unsigned long)a->n, sizeof **findings, "comparisons"));
    MDP_TRY(examine_all(a, b, *findings, n));
    MDP_TRY(mdp_findings_conclude(plan, *findings, *n));
out:
    if (err != MDP_OK) {
        free(*findings);
        *findings = NULL;
    }
    return err;
}

mdp_err mdp_compare(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                    const struct mdp_compare_side *b, char **verdict, struct mdp_table **table) {
    mdp_err err;
    struct mdp_finding *findings = NULL;
    int n;
    *verdict = NULL;
    *table = NULL;
    MDP_TRY(mdp_compare_examine(plan, a, b, &findings, &n));
    MDP_TRY(mdp_compare_say(plan, a, b, findings, n, verdict));
    MDP_TRY(mdp_compare_report(*verdict, findings, n, table));
out:
    free(findings);
    if (err != MDP_OK) {
        free(*verdict);
        *verdict = NULL;
    }
    return err;
}
