/* the gate's page of levels: how often policies decide wrongly on results like those of committed files.
 *
 * a row for each file, policy and way of looking; each is a self-test of its own (bench/selftest/selftest.h) with the
 * episodes that the policy plans. docs/statistics.md, levels. */
#ifndef MDP_BENCH_SELFTEST_LEVELS_H
#define MDP_BENCH_SELFTEST_LEVELS_H

#include <stdint.h>

#include "results/show/table.h"

/* what is tried */
struct mdp_gate_levels_plan {
    const char *policies; /* files, separated by commas */
    long n_trials;        /* a row */
    uint64_t seed;
    int n_threads; /* changes no result */
};

/** Makes the table, of several rows' levels the worst. Owns: caller, mdp_table_free. Errors: as mdp_gate_policy_read,
 * mdp_gate_side_read and mdp_gate_selftest_run. */
mdp_err mdp_gate_levels_table(const struct mdp_gate_levels_plan *plan, int n_files, char **files,
                              struct mdp_table **out);

#endif
