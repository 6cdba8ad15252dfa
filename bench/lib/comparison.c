/* comparisons: what the command's `compare` says, as text, table and numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "bench/compare/compare.h"
#include "bench/compare/plan.h"
#include "bench/compare/report.h"
#include "bench/compare/verdict.h"
#include "bench/lib/episodes.h"
#include "results/show/table_out.h"

_Static_assert(sizeof(struct mdpbench_difference) == 80, "the layout of mdpbench_difference is a part of the ABI");

struct mdpbench_comparison {
    struct mdp_compare_side a, b;
    char *verdict, *json;
    struct mdpbench_difference *differences; /* [n] */
    int n;
};

static void note(const struct mdp_compare_plan *plan, const struct mdp_finding *f, struct mdpbench_difference *out) {
    *out = (struct mdpbench_difference){.task = f->a->task,
                                        .verdict = mdp_compare_winner(plan, f),
                                        .is_paired = f->is_paired,
                                        .is_equal = plan->margin > 0 && mdp_compare_is_equal(plan, f),
                                        .n_a = f->n,
                                        .n_b = f->m,
                                        .p = f->p,
                                        .p_corrected = f->adjusted[MDP_CLAIM_RANKS],
                                        .size = f->shift,
                                        .low = f->low,
                                        .high = f->high};
}

static mdp_err make_plan(const char *const *options, struct mdp_compare_plan *plan) {
    struct mdp_compare_request request;
    mdp_settings_defaults(&mdp_compare_table, &request);
    mdp_err err = mdp_lib_set_options(&mdp_compare_table, 0, &request, options);
    return err == MDP_OK ? mdp_compare_plan_make(&request, plan) : err;
}

static mdp_err to_json(const struct mdp_table *table, char **json) {
    struct mdp_memstream memory;
    mdp_err err = mdp_memstream_open(&memory, "comparison");
    if (err != MDP_OK) return err;
    err = mdp_memstream_close(&memory, mdp_table_output(table, MDP_TABLE_JSON, NULL, memory.stream));
    *json = memory.text;
    return err;
}

static mdp_err conclude(const struct mdp_compare_plan *plan, struct mdpbench_comparison *c) {
    struct mdp_finding *findings = NULL;
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_compare_examine(plan, &c->a, &c->b, &findings, &c->n));
    MDP_TRY(mdp_compare_say(plan, &c->a, &c->b, findings, c->n, &c->verdict));
    MDP_TRY(mdp_compare_report(c->verdict, findings, c->n, &table));
    MDP_TRY(to_json(table, &c->json));
    MDP_TRY(mdp_calloc(&c->differences, (unsigned long)c->n, sizeof *c->differences, "comparisons"));
    for (int i = 0; i < c->n; i++) note(plan, &findings[i], &c->differences[i]);
out:
    mdp_table_free(table);
    free(findings);
    return err;
}

static mdp_err take_side(const struct mdpbench_episodes *episodes, const char *name, struct mdp_compare_side *side) {
    const char *label = episodes->path[0] != 0 ? episodes->path : name;
    return mdp_compare_side_take(label, &episodes->info, &episodes->rows, side);
}

int mdpbench_compare(const struct mdpbench_episodes *a, const struct mdpbench_episodes *b, const char *const *options,
                     struct mdpbench_comparison **out) {
    struct mdp_compare_plan plan;
    struct mdpbench_comparison *c = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "comparison"));
    *out = NULL;
    MDP_TRY(mdp_lib_need(a, "a"));
    MDP_TRY(mdp_lib_need(b, "b"));
    MDP_TRY(make_plan(options, &plan));
    MDP_TRY(mdp_calloc(&c, 1, sizeof *c, "comparison"));
    MDP_TRY(take_side(a, "A", &c->a));
    MDP_TRY(take_side(b, "B", &c->b));
    MDP_TRY(conclude(&plan, c));
    *out = c;
    c = NULL;
out:
    mdpbench_comparison_free(c);
    return err;
}

static mdp_err read_sides(const char *a, const char *b, const struct mdp_compare_plan *plan,
                          struct mdpbench_comparison *c) {
    mdp_err err;
    mdp_lib_lock();
    MDP_TRY(mdp_compare_side_read(a, plan->mark, 0, &c->a));
    MDP_TRY(mdp_compare_side_read(b, plan->mark, 0, &c->b));
out:
    mdp_lib_unlock();
    return err;
}

int mdpbench_compare_files(const char *a, const char *b, const char *const *options, struct mdpbench_comparison **out) {
    struct mdp_compare_plan plan;
    struct mdpbench_comparison *c = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "comparison"));
    *out = NULL;
    MDP_TRY(mdp_lib_need(a, "a"));
    MDP_TRY(mdp_lib_need(b, "b"));
    MDP_TRY(make_plan(options, &plan));
    MDP_TRY(mdp_calloc(&c, 1, sizeof *c, "comparison"));
    MDP_TRY(read_sides(a, b, &plan, c));
    MDP_TRY(conclude(&plan, c));
    *out = c;
    c = NULL;
out:
    mdpbench_comparison_free(c);
    return err;
}

void mdpbench_comparison_free(struct mdpbench_comparison *c) {
    if (c == NULL) return;
    mdp_compare_side_free(&c->a);
    mdp_compare_side_free(&c->b);
    free(c->verdict);
    free(c->json);
    free(c->differences);
    free(c);
}

const char *mdpbench_comparison_verdict(const struct mdpbench_comparison *c) { return c != NULL ? c->verdict : ""; }

const char *mdpbench_comparison_json(const struct mdpbench_comparison *c) { return c != NULL ? c->json : ""; }

int32_t mdpbench_comparison_count(const struct mdpbench_comparison *c) { return c != NULL ? c->n : 0; }

int mdpbench_comparison_get(const struct mdpbench_comparison *c, int32_t i, struct mdpbench_difference *out) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(c, "comparison"));
    MDP_TRY(mdp_lib_need(out, "difference"));
    if (i < 0 || i >= c->n) MDP_TRY(mdp_fail(MDP_E_USAGE, "comparison: expected 0 to %d, found %d", c->n - 1, i));
    *out = c->differences[i];
out:
    return err;
}
