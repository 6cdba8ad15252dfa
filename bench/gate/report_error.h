/* what a gate that could not judge says: readers of TAP and JUnit take an empty stream for a pass, and the report of a
 * former run for one of this. */
#ifndef MDP_BENCH_GATE_REPORT_ERROR_H
#define MDP_BENCH_GATE_REPORT_ERROR_H

#include "bench/gate/report.h"

/** Writes, in one format of reports, that there is no verdict, and why. Range: why is no verdict. Errors: IO, NOMEM. */
mdp_err mdp_gate_write_error(enum mdp_gate_format format, mdp_err why, const char *message, FILE *stream);

/** Does so in all formats, each to FOLDER/gate.ENDING, in place of what is there. Errors: IO, NOMEM; of a folder that
 * another gate writes to, with nothing changed. */
mdp_err mdp_gate_write_error_files(mdp_err why, const char *message, const char *folder);

#endif
