/* one row of a gate: a rule at work on one task and arm, its test and its plan. used by the gate and by its sequential
 * form. */
#ifndef MDP_BENCH_GATE_ROW_H
#define MDP_BENCH_GATE_ROW_H

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
    int is_test_only;                 /* set by who needs no interval of ranks: it takes most of the time */
    const char *test, *method, *unit; /* "" before the test */
    long n_baseline, n_candidate, n_episodes;
    double baseline, candidate; /* means as measured; for speeds geometric means */
    double gain, low, high;     /* for speeds relative: 0.1 is a tenth faster */
    double level;               /* achieved level of the interval; with ranks of few values below 1 - 2 alpha */
    double margin;              /* in the unit of the gain */
    double p_pass, p_fail;      /* one-sided */
    double adjusted_pass, adjusted_fail;
    double smallest_p;   /* the smallest p that either test could have reached */
    const char *held_by; /* second test behind p_pass, if that grants less than the named one; else "" */
    double range; /* the most that one episode can take from the mean; 0 if the row does not ask about unseen losses */
    double p_unseen;   /* chance that the rarest loss that costs the margin stayed unseen; NaN without a range */
    double pass_bound; /* for a sequential run: what p_pass must reach at the last planned look */
    int is_at_margin;  /* every value lies exactly the margin below its like: neither question has an answer */
    double scale_gain, scale_margin,
        sd;          /* gain, margin and sd on the scale of the test: for speeds that of logarithms */
    double mde;      /* the loss that would have failed with the policy's power */
    double n_needed; /* units a side at which the gain seen would decide */
    enum mdp_gate_decision decision;
    int i_look; /* for a sequential run: the look that decided, from 0 */
    char reason[MDP_GATE_TEXT_MAX];
};

/** Returns a decision's name, e.g. "pass"; borrowed. */
const char *mdp_gate_decision_name(enum mdp_gate_decision decision);

/** Returns 1 for a regression that the policy accepts as of its day. */
int mdp_gate_row_is_accepted(const struct mdp_gate_row *row);

/** Returns the word of reports for a row: its decision's name, or "accepted"; borrowed. */
const char *mdp_gate_row_word(const struct mdp_gate_row *row);

/** Writes what a row is about, e.g. "walker2d-medium dql/joint return". */
void mdp_gate_row_title(const struct mdp_gate_row *row, char title[MDP_GATE_ARM_MAX + 128]);

/** Tests a matched row on the first n_first episodes (0: all). A row without p values afterwards says why, and is
 * inconclusive or without data. A claim of a mean, a spread or a typical return over episodes holds only where an
 * unseen loss is excluded, too. The interval has level 1 - 2 alpha, alpha being the policy's one-sided level. Errors:
 * DATA, NOMEM. */
mdp_err mdp_gate_row_test(struct mdp_gate_row *row, const struct mdp_gate_policy *policy, long n_first);

/** Returns 1 where the row's values do not show enough: a loss of the margin could have gone unseen at that level. */
int mdp_gate_row_is_unseen(const struct mdp_gate_row *row, double pass_alpha);

/** Computes for a tested row that is open the loss that would have failed, and the n that would decide it by the test
 * that left it open, which is above the n it has; at one-sided levels. */
mdp_err mdp_gate_row_plan(struct mdp_gate_row *row, double pass_alpha, double fail_alpha, double power);

/** Returns a number of the scale that is tested on as people read it: of speeds 0.1 for a tenth more. */
double mdp_gate_row_readable(const struct mdp_gate_row *row, double scaled);

#endif
