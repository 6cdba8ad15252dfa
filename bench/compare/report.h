/* findings of a comparison as a table. */
#ifndef MDP_BENCH_COMPARE_REPORT_H
#define MDP_BENCH_COMPARE_REPORT_H

#include "bench/compare/finding.h"
#include "results/show/table.h"

/** Makes the report's table. Owns: caller, mdp_table_free; the title is borrowed. Errors: NOMEM. */
mdp_err mdp_compare_report(const char *title, const struct mdp_finding *findings, int n, struct mdp_table **table);

#endif
