/* one row of a gate under test; used by the gate and by its sequential form. */
#ifndef MDP_BENCH_GATE_ROW_H
#define MDP_BENCH_GATE_ROW_H

#include "bench/gate/gate.h"

/** Tests a matched row on the first n_first episodes (0: all). A row without p values afterwards says why, and is
 * inconclusive or without data. Range: alpha one-sided, the interval has level 1 - 2 alpha. Errors: DATA, NOMEM. */
mdp_err mdp_gate_row_test(struct mdp_gate_row *row, double alpha, long n_first);

/** Computes for a tested row the loss that would have failed and the n that would decide, at one-sided levels. */
mdp_err mdp_gate_row_plan(struct mdp_gate_row *row, double pass_alpha, double fail_alpha, double power);

/** Returns a number of the scale that is tested on as people read it: of speeds 0.1 for a tenth more. */
double mdp_gate_row_readable(const struct mdp_gate_row *row, double scaled);

#endif
