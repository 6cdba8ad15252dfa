/* gate policies: what a candidate must not lose against a baseline, as a YAML file of rows.
 *
 * a row is (task pattern x arm pattern x metric) with a margin. Source of every key: docs/gate.md. */
#ifndef MDP_BENCH_GATE_POLICY_H
#define MDP_BENCH_GATE_POLICY_H

#include "base/setting.h"
#include "results/alike.h"
#include "stats/sequential.h"

/* X(name, text of files, which way is better, what is tested by default) */
#define MDP_GATE_METRIC_LIST(X)                                                                                        \
    X(RETURN, "return", HIGHER, RANK)   /* normalized return of the last checkpoint */                                 \
    X(SPREAD, "spread", LOWER, SPREAD)  /* mean distance of its episodes from their median, times n / (n - 1) */       \
    X(FAILURE, "failure", LOWER, SHARE) /* share of its episodes that terminated or were not finite */                 \
    X(AUC, "auc", HIGHER, RANK)         /* normalized area under the learning curve */                                 \
    X(PEAK, "peak", HIGHER, RANK)       /* normalized return of each side's best checkpoint */                         \
    X(EARLY, "early", HIGHER, RANK)     /* normalized area under the curve's first steps */                            \
    X(SPEED, "speed", BY_UNIT, RANK)    /* a quantity of perf --json, as a ratio */

#define MDP_GATE_METRIC_ENUM(name, text, better, test) MDP_GATE_##name,
enum mdp_gate_metric { MDP_GATE_METRIC_LIST(MDP_GATE_METRIC_ENUM) MDP_N_GATE_METRICS };
#undef MDP_GATE_METRIC_ENUM

enum mdp_gate_test { MDP_GATE_TEST_AUTO, MDP_GATE_TEST_RANK, MDP_GATE_TEST_MEAN };
enum mdp_gate_unit { MDP_GATE_UNIT_AUTO, MDP_GATE_UNIT_EPISODE, MDP_GATE_UNIT_RUN };
enum mdp_gate_margin { MDP_GATE_MARGIN_ABSOLUTE, MDP_GATE_MARGIN_RELATIVE, MDP_GATE_MARGIN_SD };
enum mdp_gate_correction { MDP_GATE_HOLM, MDP_GATE_BONFERRONI, MDP_GATE_NO_CORRECTION };

/* margins as files give them, of which a row has one; NaN where none is given */
struct mdp_gate_margins {
    double absolute, relative, sd;
};

/* one row, or what rows share; texts are borrowed from the policy */
struct mdp_gate_rule {
    const char *task, *arm; /* shell patterns; of speed rows NULL */
    const char *measure;    /* shell pattern of perf's names; of other rows NULL */
    enum mdp_gate_metric metric;
    enum mdp_gate_test test;
    enum mdp_gate_unit unit;
    struct mdp_gate_margins margins;
    enum mdp_gate_margin margin_kind; /* which of the margins is given */
    double margin;      /* its value, > 0: in the metric's unit, or a share of the baseline's value or sd */
    long min_episodes;  /* below it, nothing is decided */
    double early_steps; /* training steps that count as early */
    int is_required;    /* finding nothing to compare is an error */
    uint64_t given;
};

/* a regression that is known; dates are numbers like 20261231 */
struct mdp_gate_accepted {
    const char *task, *arm, *measure; /* patterns; "*" where the file says nothing */
    enum mdp_gate_metric metric;
    const char *reason, *expires_text;
    long expires; /* last day it counts */
};

/* planned looks of a sequential run */
struct mdp_gate_sequential {
    long *looks; /* episodes, ascending */
    unsigned n_looks;
    enum mdp_bound_shape bounds;
};

/* a policy as checked */
struct mdp_gate_policy {
    double alpha, power; /* alpha is one-sided */
    enum mdp_gate_correction correction, pass_correction;
    const char *worst_text;
    double worst; /* no normalized return is lower; -infinity: none is known to be the lowest */
    int may_names;
    uint32_t may_differ; /* facts that both sides need not share: MDP_FACT_BIT */
    unsigned n_rules, n_accepted;
    struct mdp_gate_rule defaults, *rules;
    struct mdp_gate_accepted *accepted;
    struct mdp_gate_sequential sequential;
    struct mdp_yaml *yaml; /* owns all texts and lists */
};

/* what a policy's file may say */
extern const struct mdp_settings mdp_gate_policy_table;

/** Reads and checks a policy. Owns: caller, mdp_gate_policy_free. Errors: IO, DATA with file, line and key. */
mdp_err mdp_gate_policy_read(const char *path, struct mdp_gate_policy *out);

/** As mdp_gate_policy_read from a text; `name` stands for it in messages. */
mdp_err mdp_gate_policy_parse(const char *name, const char *text, struct mdp_gate_policy *out);

/** Frees a policy and clears it. */
void mdp_gate_policy_free(struct mdp_gate_policy *policy);

/** Returns how many episodes the last look plans. */
long mdp_gate_last_look(const struct mdp_gate_policy *policy);

/** Turns "YYYY-MM-DD" into a number like 20261231. Errors: DATA unless it is a day of the calendar. */
mdp_err mdp_gate_date_parse(const char *text, long *out);

/** Returns today's date by UTC as such a number. Errors: INTERNAL if the clock gives none. */
mdp_err mdp_gate_date_today(long *out);

/** Returns a metric's name, e.g. "return"; borrowed. */
const char *mdp_gate_metric_name(enum mdp_gate_metric metric);

/** Returns a correction's name, e.g. "holm"; borrowed. */
const char *mdp_gate_correction_name(enum mdp_gate_correction correction);

/** Returns a kind of margin's name, e.g. "absolute"; borrowed. */
const char *mdp_gate_margin_name(enum mdp_gate_margin kind);

#endif
