/* what gate selftest prints: counts, rates with intervals, verdicts; for people, or as JSON. */
#ifndef MDP_BENCH_SELFTEST_REPORT_H
#define MDP_BENCH_SELFTEST_REPORT_H

#include "bench/selftest/damage.h"
#include "bench/selftest/selftest.h"

/* what was tried; either part may be NULL, paths where they belong to it */
struct mdp_gate_selftest_report {
    const char *policy_path, *baseline_paths, *run_path;
    const struct mdp_gate_selftest *drawn;
    const struct mdp_gate_damage_result *damages; /* [MDP_N_GATE_DAMAGES] */
};

/* both error rates of real damages: unchanged policies that failed, and damaged ones that did not */
struct mdp_gate_damage_rates {
    long n_unchanged, n_false, n_damaged, n_missed, n_undecided; /* undecided: damaged or not */
    struct mdp_share false_rate, missed_rate;                    /* NaN without trials */
};

/** Counts real damages. Errors: as mdp_share_compute. */
mdp_err mdp_gate_damage_count(const struct mdp_gate_damage_result *damages, struct mdp_gate_damage_rates *out);

/** Turns both parts into the command's result: OK, FAILED, UNDECIDED. */
mdp_err mdp_gate_selftest_report_outcome(const struct mdp_gate_selftest_report *report);

/** Prints for people. Errors: as mdp_gate_damage_count. */
mdp_err mdp_gate_selftest_write_text(const struct mdp_gate_selftest_report *report, FILE *stream);

/** Prints one JSON object: docs/gate.md, self-test. Errors: NOMEM, IO. */
mdp_err mdp_gate_selftest_write_json(const struct mdp_gate_selftest_report *report, FILE *stream);

#endif
