#include "bench/selftest/report.h"
#include "base/text.h"
#include "results/show/json.h"

#include <jansson.h>
#include <math.h>

/* ---- real damages ---- */

static mdp_err rate_of(long k, long n, struct mdp_share *out) {
    *out = (struct mdp_share){NAN, NAN, NAN, MDP_GATE_SELFTEST_LEVEL};
    return n > 0 ? mdp_share_compute((double)k, (double)n, MDP_GATE_SELFTEST_LEVEL, out) : MDP_OK;
}

mdp_err mdp_gate_damage_count(const struct mdp_gate_damage_result *damages, struct mdp_gate_damage_rates *out) {
    *out = (struct mdp_gate_damage_rates){.n_false = 0};
    for (int d = 0; d < MDP_N_GATE_DAMAGES; d++) {
        const struct mdp_gate_damage_result *r = &damages[d];
        if (mdp_gate_damage_is_harmless(r)) continue;
        *(r->must_fail ? &out->n_damaged : &out->n_unchanged) += r->n;
        out->n_undecided += r->n_of[MDP_GATE_INCONCLUSIVE];
        if (r->must_fail)
            out->n_missed += r->n - r->n_of[MDP_GATE_FAIL];
        else
            out->n_false += r->n_of[MDP_GATE_FAIL];
    }
    mdp_err err = rate_of(out->n_false, out->n_unchanged, &out->false_rate);
    return err != MDP_OK ? err : rate_of(out->n_missed, out->n_damaged, &out->missed_rate);
}

/* a damage that passes, or an unchanged policy that fails, breaks the gate's word; what is undecided does not, and a
 * damage that did no harm tells nothing */
static enum mdp_gate_claim_verdict judge_damages(const struct mdp_gate_damage_result *damages) {
    int is_open = 0;
    for (int d = 0; d < MDP_N_GATE_DAMAGES; d++) {
        if (mdp_gate_damage_is_harmless(&damages[d])) {
            is_open = 1;
            continue;
        }
        if (damages[d].n_of[damages[d].must_fail ? MDP_GATE_PASS : MDP_GATE_FAIL] > 0) return MDP_GATE_CLAIM_BROKEN;
        is_open |= damages[d].n_of[MDP_GATE_INCONCLUSIVE] > 0;
    }
    return is_open ? MDP_GATE_CLAIM_OPEN : MDP_GATE_CLAIM_KEPT;
}

mdp_err mdp_gate_selftest_report_outcome(const struct mdp_gate_selftest_report *report) {
    mdp_err err = report->drawn != NULL ? mdp_gate_selftest_outcome(report->drawn) : MDP_OK;
    if (report->damages == NULL || err == MDP_E_FAILED) return err;
    switch (judge_damages(report->damages)) {
    case MDP_GATE_CLAIM_KEPT: return err;
    case MDP_GATE_CLAIM_BROKEN:
        return mdp_fail(MDP_E_FAILED, "gate selftest: BROKEN: a real regression passed, or an unchanged policy failed");
    default:
        return err != MDP_OK ? err
                             : mdp_fail(MDP_E_UNDECIDED, "gate selftest: OPEN: a damage did no harm, or a trial needs "
                                                         "more --episodes to be decided");
    }
}

/* ---- for people ---- */

static void print_scenario(const struct mdp_gate_selftest *test, const struct mdp_gate_scenario *s, FILE *stream) {
    char title[MDP_GATE_ARM_MAX + 128], name[MDP_GATE_ARM_MAX + 192] = "unchanged";
    double n = (double)test->plan.n_trials;
    if (s->i_row >= 0) {
        mdp_gate_row_title(&test->rows.rows[s->i_row], title);
        snprintf(name, sizeof name, "%s%s worse by %g margin%s, %s", title, s->is_typical ? ", typical episode" : "",
                 s->n_margins, s->n_margins > 1 ? "s" : "", mdp_gate_hurt_name(s->hurt));
        mdp_text_mend(name);
    }
    if (s->skipped != NULL) {
        fprintf(stream, "%-60s not tried: %s\n", name, s->skipped);
        return;
    }
    fprintf(stream, "%-60s %7.3f %7.3f %7.3f", name, (double)s->gate.n[MDP_GATE_PASS] / n,
            (double)s->gate.n[MDP_GATE_FAIL] / n, (double)s->gate.n[MDP_GATE_INCONCLUSIVE] / n);
    if (s->i_row >= 0)
        fprintf(stream, "  %7.3f %7.3f %7.3f", (double)s->row.n[MDP_GATE_PASS] / n, (double)s->row.n[MDP_GATE_FAIL] / n,
                (double)s->row.n[MDP_GATE_INCONCLUSIVE] / n);
    fputc('\n', stream);
}

/* a row's power where nothing changed, beside its levels */
static void print_unchanged(const struct mdp_gate_selftest *test, int i_row, FILE *stream) {
    char title[MDP_GATE_ARM_MAX + 128], name[MDP_GATE_ARM_MAX + 192];
    const long *n_of = test->aa[i_row].n;
    double n = (double)test->plan.n_trials;
    if (test->rows.rows[i_row].decision == MDP_GATE_NO_DATA) return;
    mdp_gate_row_title(&test->rows.rows[i_row], title);
    snprintf(name, sizeof name, "%s unchanged", title);
    fprintf(stream, "%-60s %23s  %7.3f %7.3f %7.3f\n", name, "", (double)n_of[MDP_GATE_PASS] / n,
            (double)n_of[MDP_GATE_FAIL] / n, (double)n_of[MDP_GATE_INCONCLUSIVE] / n);
}

static void print_drawn(const struct mdp_gate_selftest *test, FILE *stream) {
    fprintf(stream, "%-60s %23s  %23s\n%-60s %7s %7s %7s  %7s %7s %7s\n", "", "gate", "row", "", "pass", "fail", "open",
            "pass", "fail", "open");
    print_scenario(test, &test->scenarios[0], stream);
    for (int i = 0; i < test->rows.n_rows; i++) print_unchanged(test, i, stream);
    for (int i = 1; i < test->n_scenarios; i++) print_scenario(test, &test->scenarios[i], stream);
    fprintf(stream, "\n%-10s %-70s %7s %16s\n", "", "promise", "rate", "99 % interval");
    for (int i = 0; i < test->n_claims; i++) {
        const struct mdp_gate_claim *c = &test->claims[i];
        fprintf(stream, "%-10s %-70s %7.3f [%.3f, %.3f] %s %g\n", mdp_gate_claim_verdict_name(c->verdict), c->text,
                c->rate.estimate, c->rate.low, c->rate.high, c->is_error ? "at most" : "at least", c->promised);
    }
    fprintf(stream, "\n%s\n", test->text);
}

/* nothing counted has no rate */
static void print_count(const char *what, long k, long n, const struct mdp_share *rate, FILE *stream) {
    if (n == 0)
        mdp_text_put(stream, what), fputs(": none tried", stream);
    else
        fprintf(stream, "%s %ld of %ld [%.3f, %.3f]", what, k, n, rate->low, rate->high);
}

static mdp_err print_damages(const struct mdp_gate_damage_result *damages, FILE *stream) {
    struct mdp_gate_damage_rates rates;
    mdp_err err = mdp_gate_damage_count(damages, &rates);
    if (err != MDP_OK) return err;
    fprintf(stream, "%-32s %-9s %5s %5s %5s\n", "real", "must", "pass", "fail", "open");
    for (int d = 0; d < MDP_N_GATE_DAMAGES; d++) {
        const struct mdp_gate_damage_result *r = &damages[d];
        const char *text = mdp_gate_damage_text((enum mdp_gate_damage)d);
        if (r->n == 0)
            fprintf(stream, "%-32s not tried: %s\n", text, r->reason);
        else
            fprintf(stream, "%-32s %-9s %5ld %5ld %5ld  %s\n", text,
                    mdp_gate_damage_is_harmless(r) ? "harmless"
                    : r->must_fail                 ? "fail"
                                                   : "not fail",
                    r->n_of[MDP_GATE_PASS], r->n_of[MDP_GATE_FAIL], r->n_of[MDP_GATE_INCONCLUSIVE], r->reason);
    }
    print_count("unchanged that failed", rates.n_false, rates.n_unchanged, &rates.false_rate, stream);
    print_count(", damaged that did not", rates.n_missed, rates.n_damaged, &rates.missed_rate, stream);
    fprintf(stream, "\n%s\n", judge_damages(damages) == MDP_GATE_CLAIM_KEPT ? "KEPT" : "NOT KEPT");
    return MDP_OK;
}

mdp_err mdp_gate_selftest_write_text(const struct mdp_gate_selftest_report *report, FILE *stream) {
    if (report->drawn != NULL) print_drawn(report->drawn, stream);
    if (report->drawn != NULL && report->damages != NULL) fputc('\n', stream);
    return report->damages != NULL ? print_damages(report->damages, stream) : MDP_OK;
}

/* ---- for programs ---- */

static json_t *tally_json(const long n[MDP_N_GATE_DECISIONS]) {
    return json_pack("{s:I, s:I, s:I}", "pass", (json_int_t)n[MDP_GATE_PASS], "fail", (json_int_t)n[MDP_GATE_FAIL],
                     "inconclusive", (json_int_t)n[MDP_GATE_INCONCLUSIVE]);
}

static json_t *share_json(const struct mdp_share *s) {
    return json_pack("{s:o, s:o, s:o, s:f}", "estimate", mdp_json_real(s->estimate), "low", mdp_json_real(s->low),
                     "high", mdp_json_real(s->high), "level", s->level);
}

static json_t *scenario_json(const struct mdp_gate_selftest *test, const struct mdp_gate_scenario *s) {
    char title[MDP_GATE_ARM_MAX + 128];
    if (s->i_row < 0) return json_pack("{s:n, s:f, s:o}", "row", "margins", 0.0, "gate", tally_json(s->gate.n));
    const struct mdp_gate_row *row = &test->rows.rows[s->i_row];
    mdp_gate_row_title(row, title);
    json_t *json = json_pack("{s:s, s:s, s:s, s:f, s:o}", "row", title, "kind", mdp_gate_hurt_name(s->hurt), "loss_of",
                             s->is_typical ? "typical episode" : "metric", "margins", s->n_margins, "margin",
                             mdp_json_real(row->margin));
    if (s->skipped != NULL)
        json_object_set_new(json, "skipped", json_string(s->skipped));
    else {
        json_object_set_new(json, "gate", tally_json(s->gate.n));
        json_object_set_new(json, "of_row", tally_json(s->row.n));
    }
    return json;
}

static json_t *drawn_json(const struct mdp_gate_selftest *test, const char *paths) {
    const struct mdp_gate_selftest_plan *plan = &test->plan;
    json_t *scenarios = json_array(), *claims = json_array();
    for (int i = 0; i < test->n_scenarios; i++)
        json_array_append_new(scenarios, scenario_json(test, &test->scenarios[i]));
    for (int i = 0; i < test->n_claims; i++) {
        const struct mdp_gate_claim *c = &test->claims[i];
        json_array_append_new(claims,
                              json_pack("{s:s, s:s, s:f, s:I, s:I, s:o, s:s}", "claim", c->text, "promised",
                                        c->is_error ? "at_most" : "at_least", "bound", c->promised, "seen",
                                        (json_int_t)c->n_seen, "trials", (json_int_t)c->n_trials, "rate",
                                        share_json(&c->rate), "verdict", mdp_gate_claim_verdict_name(c->verdict)));
    }
    return json_pack("{s:s, s:I, s:I, s:f, s:o, s:b, s:b, s:s, s:s, s:o, s:o}", "baseline", paths, "trials",
                     (json_int_t)plan->n_trials, "episodes", (json_int_t)plan->n_episodes, "loss", plan->loss, "seed",
                     mdp_json_whole(plan->seed), "paired", plan->is_paired, "sequential", plan->is_sequential,
                     "verdict", mdp_gate_claim_verdict_name(test->verdict), "text", test->text, "scenarios", scenarios,
                     "claims", claims);
}

static json_t *damages_json(const struct mdp_gate_damage_result *damages, const char *path,
                            const struct mdp_gate_damage_rates *rates) {
    json_t *list = json_array();
    for (int d = 0; d < MDP_N_GATE_DAMAGES; d++) {
        const struct mdp_gate_damage_result *r = &damages[d];
        json_array_append_new(
            list, json_pack("{s:s, s:b, s:I, s:o, s:b, s:o, s:s}", "damage",
                            mdp_gate_damage_text((enum mdp_gate_damage)d), "must_fail", r->must_fail, "trials",
                            (json_int_t)r->n, "harm", r->n > 0 ? mdp_json_real(r->harm) : json_null(), "harmless",
                            mdp_gate_damage_is_harmless(r), "gate", tally_json(r->n_of), "reason", r->reason));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "run", path, "verdict",
                     mdp_gate_claim_verdict_name(judge_damages(damages)), "unchanged_failed",
                     share_json(&rates->false_rate), "damaged_not_failed", share_json(&rates->missed_rate), "damages",
                     list);
}

mdp_err mdp_gate_selftest_write_json(const struct mdp_gate_selftest_report *report, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_gate_damage_rates rates;
    json_t *root = json_pack("{s:s, s:i, s:s, s:s}", "format", "mdpbench-gate-selftest", "format_version", 1, "version",
                             MDP_VERSION, "policy", report->policy_path);
    if (report->drawn != NULL) json_object_set_new(root, "drawn", drawn_json(report->drawn, report->baseline_paths));
    if (report->damages != NULL) {
        MDP_TRY(mdp_gate_damage_count(report->damages, &rates));
        json_object_set_new(root, "real", damages_json(report->damages, report->run_path, &rates));
    }
    return mdp_json_write(root, 1, "gate selftest", stream);
out:
    json_decref(root);
    return err;
}
