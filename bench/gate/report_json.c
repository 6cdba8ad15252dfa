/* the report for programs: docs/gate.schema.json. */
#include <inttypes.h>
#include <math.h>

#include "base/fsx.h"
#include "bench/gate/report.h"
#include "results/show/json.h"

static json_t *side_json(const struct mdp_gate_side *side, const char *paths) {
    json_t *groups = json_array();
    for (int i = 0; i < side->n_groups; i++) {
        const struct mdp_gate_group *g = &side->groups[i];
        const struct mdp_episodes_info *info = &g->runs[0].evals[0].info;
        json_array_append_new(groups, json_pack("{s:s, s:s, s:i, s:s, s:s}", "task", g->task, "arm", g->arm, "runs",
                                                g->n, "physics", info->physics, "environment", info->env_id));
    }
    return json_pack("{s:o, s:o, s:o}", "paths", mdp_json_of_text(paths), "groups", groups, "machine",
                     side->machine[0] != 0 ? json_string(side->machine) : json_null());
}

static json_t *accepted_json(const struct mdp_gate_row *row) {
    char day[32];
    if (row->accepted == NULL) return json_null();
    long date = row->accepted->expires;
    snprintf(day, sizeof day, "%04ld-%02ld-%02ld", date / 10000, date / 100 % 100, date % 100);
    return json_pack("{s:s, s:s, s:b}", "reason", row->accepted->reason, "expires", day, "expired", row->is_expired);
}

/* few values have an interval of a lower level than was asked for */
static json_t *gain_json(const struct mdp_gate_row *row, double level) {
    if (row->level < level) level = row->level;
    return json_pack("{s:o, s:o, s:o, s:f}", "estimate", mdp_json_real(row->gain), "low", mdp_json_real(row->low),
                     "high", mdp_json_real(row->high), "level", level);
}

static json_t *margin_json(const struct mdp_gate_row *row) {
    return json_pack("{s:s, s:f, s:o}", "kind", mdp_gate_margin_name(row->rule->margin_kind), "setting",
                     row->rule->margin, "loss", mdp_json_real(row->margin));
}

static json_t *row_json(const struct mdp_gate_report *report, const struct mdp_gate_row *row) {
    char title[MDP_GATE_ARM_MAX + 128];
    const struct mdp_gate_group *group = row->baseline_group;
    int has_plan = row->decision == MDP_GATE_INCONCLUSIVE;
    int is_decided = row->decision == MDP_GATE_PASS || row->decision == MDP_GATE_FAIL;
    mdp_gate_row_title(row, title);
    return json_pack(
        "{s:s, s:s?, s:s?, s:s?, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:o, s:o}",
        "title", title, "task", group != NULL ? group->task : NULL, "arm", group != NULL ? group->arm : NULL, "measure",
        group == NULL ? row->baseline_speed->name : NULL, "metric", mdp_gate_metric_name(row->rule->metric), "decision",
        mdp_gate_decision_name(row->decision), "reason", row->reason, "unit", row->unit, "test", row->test, "method",
        row->method, "paired", row->is_paired, "n_baseline", (json_int_t)row->n_baseline, "n_candidate",
        (json_int_t)row->n_candidate, "baseline", mdp_json_real(row->baseline), "candidate",
        mdp_json_real(row->candidate), "gain", gain_json(row, 1 - 2 * report->policy->alpha), "margin",
        margin_json(row), "p_pass", mdp_json_real(row->p_pass), "p_pass_adjusted", mdp_json_real(row->adjusted_pass),
        "p_fail", mdp_json_real(row->p_fail), "p_fail_adjusted", mdp_json_real(row->adjusted_fail), "mde",
        has_plan ? mdp_json_real(row->mde) : json_null(), "n_needed",
        has_plan ? mdp_json_count(row->n_needed) : json_null(), "accepted", accepted_json(row), "look",
        report->looks.n_done > 0 && is_decided ? json_integer(row->i_look + 1) : json_null());
}

static json_t *ends_json(const struct mdp_gate_ends *ends) {
    return json_pack("{s:I, s:I}", "episodes", (json_int_t)ends->n, "non_finite", (json_int_t)ends->n_non_finite);
}

static json_t *counts_json(const struct mdp_gate_report *r) {
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:b}", "rows", r->n_rows, "tested",
                     r->n_tested, "pass", r->n_of[MDP_GATE_PASS], "fail", r->n_of[MDP_GATE_FAIL], "inconclusive",
                     r->n_of[MDP_GATE_INCONCLUSIVE], "no_data", r->n_of[MDP_GATE_NO_DATA], "accepted", r->n_accepted,
                     "only_in_candidate", r->n_extra, "baseline_ends", ends_json(&r->ends[0]), "candidate_ends",
                     ends_json(&r->ends[1]), "same_results", r->is_same);
}

static json_t *looks_json(const struct mdp_gate_report *r) {
    if (r->looks.n_done == 0) return json_null();
    json_t *looks = json_array();
    for (unsigned i = 0; i < r->policy->sequential.n_looks; i++)
        json_array_append_new(looks, json_integer(r->policy->sequential.looks[i]));
    return json_pack("{s:o, s:s, s:i, s:I, s:I}", "looks", looks, "bounds",
                     mdp_bound_shape_name(r->policy->sequential.bounds), "looks_done", r->looks.n_done, "episodes_used",
                     (json_int_t)r->looks.used, "episodes_planned", (json_int_t)r->looks.planned);
}

static json_t *may_differ_json(const struct mdp_gate_policy *policy) {
    json_t *names = json_array();
    for (int i = 0; i < MDP_N_FACTS; i++)
        if ((policy->may_differ & MDP_FACT_BIT(i)) != 0)
            json_array_append_new(names, json_string(mdp_fact_row((enum mdp_fact)i)->name));
    return names;
}

static json_t *policy_json(const struct mdp_gate_policy *policy, const struct mdp_gate_origin *origin) {
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, origin->policy_hash);
    return json_pack("{s:o, s:s, s:f, s:f, s:s, s:s, s:o}", "path", mdp_json_of_text(origin->policy_path), "hash", hash,
                     "alpha", policy->alpha, "power", policy->power, "correction",
                     mdp_gate_correction_name(policy->correction), "pass_correction",
                     mdp_gate_correction_name(policy->pass_correction), "may_differ", may_differ_json(policy));
}

mdp_err mdp_gate_write_json(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream) {
    json_t *rows = json_array();
    for (int i = 0; i < report->n_rows; i++) json_array_append_new(rows, row_json(report, &report->rows[i]));
    int status = report->decision == MDP_GATE_PASS ? 0 : report->decision == MDP_GATE_FAIL ? 1 : 2;
    json_t *root =
        json_pack("{s:s, s:i, s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "format", "mdpbench-gate",
                  "format_version", 1, "version", MDP_VERSION, "decision", mdp_gate_decision_name(report->decision),
                  "exit_status", status, "verdict", report->verdict, "policy", policy_json(report->policy, origin),
                  "baseline", side_json(report->baseline, origin->baseline_paths), "candidate",
                  side_json(report->candidate, origin->candidate_paths), "counts", counts_json(report), "rows", rows,
                  "sequential", looks_json(report));
    return mdp_json_write(root, 2, "gate", stream);
}
