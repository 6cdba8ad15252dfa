/* the gate: is a candidate surely not worse than a baseline, surely worse, or can it not be told?
 *
 * rows of a policy meet the tasks and arms of both sides; each is tested against its margin; the family is corrected.
 * greater is better throughout: a gain is positive where the candidate is better, whatever the metric.
 * Source: docs/gate.md. */
#ifndef MDP_BENCH_GATE_GATE_H
#define MDP_BENCH_GATE_GATE_H

#include "bench/gate/row.h"

/* how far a sequential run went */
struct mdp_gate_looks {
    int n_done;
    double used, planned; /* episodes of each file at the last look taken, and at the last one planned */
};

/* how the judged episodes of a side ended */
struct mdp_gate_ends {
    long n, n_non_finite;
};

/* all rows and what follows */
struct mdp_gate_report {
    const struct mdp_gate_policy *policy;
    const struct mdp_gate_side *baseline, *candidate;
    long today; /* like 20261231 */
    int n_rows;
    struct mdp_gate_row *rows;
    int n_tested, n_of[MDP_N_GATE_DECISIONS], n_accepted; /* accepted failures are not in n_of[FAIL] */
    int n_extra;                                          /* groups of the candidate that the baseline lacks */
    struct mdp_gate_ends ends[2];                         /* of the baseline, of the candidate */
    int is_same;                                          /* both sides hold the same results, value by value */
    struct mdp_gate_looks looks;                          /* n_done 0: not a sequential run */
    enum mdp_gate_decision decision;
    char verdict[1024];
};

/** Matches a policy's rows with both sides, which live as long as the report. Owns: caller, mdp_gate_report_free.
 * Errors: DATA where a required row finds nothing, the candidate lacks what the baseline has, or both are not alike. */
mdp_err mdp_gate_match(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out);

/** Tests all rows, on the first n_first episodes of each file (0: all); decides nothing yet, except for rows that
 * cannot be tested. Errors: DATA, NOMEM. */
mdp_err mdp_gate_test_rows(struct mdp_gate_report *report, long n_first);

/** Decides all tested rows at the policy's level, corrected for their number. Errors: NOMEM. */
mdp_err mdp_gate_decide(struct mdp_gate_report *report);

/** Counts decisions, explains why rows are undecided and what they need, and writes the verdict. Errors: NOMEM. */
mdp_err mdp_gate_conclude(struct mdp_gate_report *report);

/** Counts what ended at a non-finite value, sees whether both sides are the same results, and adds both to the verdict
 * where there is something to say. */
void mdp_gate_note(struct mdp_gate_report *report);

/** Does all of it at once. Owns: caller, mdp_gate_report_free. */
mdp_err mdp_gate_judge(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out);

/** Returns the level that one row's claim needs: alpha over the number of rows unless nothing is corrected. */
double mdp_gate_row_alpha(const struct mdp_gate_report *report, enum mdp_gate_correction correction);

/** Turns a report into the command's result: OK, FAILED or UNDECIDED, the verdict being the message. */
mdp_err mdp_gate_outcome(const struct mdp_gate_report *report);

/** Frees a report's rows. */
void mdp_gate_report_free(struct mdp_gate_report *report);

#endif
