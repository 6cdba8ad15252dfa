/* the gate: is a candidate surely not worse than a baseline, surely worse, or can it not be told?
 *
 * rows of a policy meet the tasks and arms of both sides; each is tested against its margin; the family is corrected.
 * greater is better throughout: a gain is positive where the candidate is better, whatever the metric.
 * Source: docs/gate.md. */
#ifndef MDP_BENCH_GATE_GATE_H
#define MDP_BENCH_GATE_GATE_H

#include "bench/gate/data.h"
#include "bench/gate/policy.h"
#include "bench/gate/values.h"

/* X(name, text, short text of tables) */
#define MDP_GATE_DECISION_LIST(X)                                                                                      \
    X(PASS, "pass")                 /* surely not worse by the margin */                                               \
    X(FAIL, "fail")                 /* surely worse by more than the margin, also within the family */                 \
    X(INCONCLUSIVE, "inconclusive") /* neither */                                                                      \
    X(NO_DATA, "no_data")           /* a row that is not required, and has nothing to compare */

#define MDP_GATE_DECISION_ENUM(name, text) MDP_GATE_##name,
enum mdp_gate_decision { MDP_GATE_DECISION_LIST(MDP_GATE_DECISION_ENUM) MDP_N_GATE_DECISIONS };
#undef MDP_GATE_DECISION_ENUM

/* a rule at work on one task and arm, or on one measured quantity. numbers that do not exist are NaN */
struct mdp_gate_row {
    const struct mdp_gate_rule *rule;
    const struct mdp_gate_group *baseline_group, *candidate_group; /* NULL for speeds; borrowed */
    const struct mdp_gate_speed *baseline_speed, *candidate_speed; /* NULL for all others; borrowed */
    const struct mdp_gate_accepted *accepted;                      /* NULL unless it was accepted */
    int is_expired;                                                /* the acceptance is over */
    int is_higher_better, is_paired;
    const char *test, *method, *unit; /* "" before the test */
    long n_baseline, n_candidate, n_episodes;
    double baseline, candidate; /* as measured: means; of speeds geometric means */
    double gain, low, high;     /* of speeds relative: 0.1 is a tenth faster */
    double margin;              /* in the unit of the gain */
    double p_pass, p_fail;      /* one-sided */
    double adjusted_pass, adjusted_fail;
    double smallest_p; /* that either could have reached */
    int is_at_margin;  /* every value lies exactly the margin below its like: neither question has an answer */
    double scale_gain, scale_margin, sd; /* of the values as tested: of speeds logarithms */
    double mde;                          /* the loss that would have failed with the policy's power */
    double n_needed;                     /* units a side at which the gain seen would decide */
    enum mdp_gate_decision decision;
    int i_look; /* of a sequential run, from 0: where it was decided */
    char reason[MDP_GATE_TEXT_MAX];
};

/* how far a sequential run went */
struct mdp_gate_looks {
    int n_done;
    double used, planned; /* episodes of each file at the last look taken, and at the last one planned */
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
    struct mdp_gate_looks looks;                          /* n_done 0: not a sequential run */
    enum mdp_gate_decision decision;
    char verdict[1024];
};

/** Returns a decision's name, e.g. "pass"; borrowed. */
const char *mdp_gate_decision_name(enum mdp_gate_decision decision);

/** Matches a policy's rows with both sides, which live as long as the report. Owns: caller, mdp_gate_report_free.
 * Errors: DATA where a required row finds nothing, the candidate lacks what the baseline has, or both are not alike. */
mdp_err mdp_gate_match(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out);

/** Tests all rows, on the first n_first episodes of each file (0: all); nothing is decided yet but what cannot be
 * tested. Errors: DATA, NOMEM. */
mdp_err mdp_gate_test_rows(struct mdp_gate_report *report, long n_first);

/** Decides all tested rows at the policy's level, corrected for their number. Errors: NOMEM. */
mdp_err mdp_gate_decide(struct mdp_gate_report *report);

/** Counts, says why the undecided are so and what they need, and writes the verdict. Errors: NOMEM. */
mdp_err mdp_gate_conclude(struct mdp_gate_report *report);

/** Does all of it at once. Owns: caller, mdp_gate_report_free. */
mdp_err mdp_gate_judge(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                       const struct mdp_gate_side *candidate, long today, struct mdp_gate_report *out);

/** Returns the level that one row's claim needs: alpha over the number of rows unless nothing is corrected. */
double mdp_gate_row_alpha(const struct mdp_gate_report *report, enum mdp_gate_correction correction);

/** Writes what a row is about, e.g. "walker2d-medium dql/joint return". */
void mdp_gate_row_title(const struct mdp_gate_row *row, char title[MDP_GATE_ARM_MAX + 128]);

/** Turns a report into the command's result: OK, FAILED or UNDECIDED, the verdict being the message. */
mdp_err mdp_gate_outcome(const struct mdp_gate_report *report);

/** Frees a report's rows. */
void mdp_gate_report_free(struct mdp_gate_report *report);

#endif
