/* the page of levels: how often tests, intervals and margins are wrong on returns like the committed ones.
 *
 * values are drawn with replacement from the episodes of files, as they are, rounded so that they tie, and with one in
 * ten failed; what is true of the whole file is known, and every procedure is asked about the draws.
 * docs/statistics.md, levels. */
#ifndef MDP_BENCH_VERIFY_LEVELS_H
#define MDP_BENCH_VERIFY_LEVELS_H

#include <stdint.h>

#include "results/show/table.h"

/* what is tried */
struct mdp_levels_plan {
    long n_trials; /* a row */
    uint64_t seed;
};

/** Makes the table, a row for each file, kind of returns and number of values. Owns: caller, mdp_table_free. Errors:
 * IO, DATA below 20 episodes, NOMEM. */
mdp_err mdp_levels_table(const struct mdp_levels_plan *plan, int n_files, char **files, struct mdp_table **out);

#endif
