/* gate selftest: does this policy decide as it promises, on data like these?
 *
 * trials draw both sides of a gate from one side's results: unchanged (A/A), and with a loss injected into one row's
 * metric, of its margin and of several margins. what the gate decided is counted and held against the policy's alpha
 * and power. real regressions, of modules that were damaged, are those of bench/selftest/damage.h.
 * Source: docs/gate.md, self-test. */
#ifndef MDP_BENCH_SELFTEST_SELFTEST_H
#define MDP_BENCH_SELFTEST_SELFTEST_H

#include <stdio.h>

#include "bench/gate/gate.h"
#include "bench/selftest/resample.h"
#include "stats/proportion.h"

/* the level of all intervals: so high because a self-test looks at many of them */
#define MDP_GATE_SELFTEST_LEVEL 0.99

/* what is tried */
struct mdp_gate_selftest_plan {
    const struct mdp_gate_policy *policy;
    const struct mdp_gate_side *side; /* what is drawn from */
    long n_trials, n_episodes;        /* n_episodes of each drawn file, 0: as many as it has, or as the looks plan */
    double loss;                      /* size of the regression that has to fail, in margins, > 1 */
    uint64_t seed;
    int is_paired;     /* candidates are evaluated on the baseline's episodes */
    int is_sequential; /* the gate takes the policy's looks */
    int n_threads;     /* changes no result */
};

/* how often something was decided */
struct mdp_gate_tally {
    long n[MDP_N_GATE_DECISIONS];
};

/* one kind of trial */
struct mdp_gate_scenario {
    int i_row;                        /* the row whose metric gets the loss; -1: none */
    enum mdp_gate_hurt hurt;          /* in which way */
    double n_margins;                 /* how large it is; 0: none */
    int is_typical;                   /* the typical episode lost so much, as ranks measure it, not the metric's mean */
    int is_pass_wrong, is_fail_wrong; /* what the row may not say of this loss more often than alpha */
    double size;                      /* as mdp_gate_loss takes it */
    const char *skipped;              /* why there are no trials; NULL if there are */
    struct mdp_gate_tally gate, row;  /* decisions of the whole gate, and of row i_row */
};

/* X(name, text) */
#define MDP_GATE_CLAIM_VERDICT_LIST(X)                                                                                 \
    X(KEPT, "kept")           /* the rate is, by its interval, where it was promised */                                \
    X(BROKEN, "broken")       /* an error is surely more frequent than it was promised */                              \
    X(POWERLESS, "powerless") /* no error, but too little is decided with so many episodes */                          \
    X(OPEN, "open")           /* too few trials to tell */

#define MDP_GATE_CLAIM_ENUM(name, text) MDP_GATE_CLAIM_##name,
enum mdp_gate_claim_verdict { MDP_GATE_CLAIM_VERDICT_LIST(MDP_GATE_CLAIM_ENUM) MDP_N_GATE_CLAIM_VERDICTS };
#undef MDP_GATE_CLAIM_ENUM

/* a rate that a policy promises, as it was found */
struct mdp_gate_claim {
    char text[MDP_GATE_ARM_MAX + 256];
    int is_error; /* promised to be at most, else at least */
    double promised;
    long n_seen, n_trials;
    struct mdp_share rate;
    enum mdp_gate_claim_verdict verdict;
};

struct mdp_gate_selftest {
    struct mdp_gate_selftest_plan plan;
    struct mdp_gate_report rows; /* the gate's report on the data against themselves, for titles and margins */
    struct mdp_gate_tally *aa;   /* [rows] decisions of each row where nothing changed */
    int n_scenarios, n_claims;
    struct mdp_gate_scenario *scenarios; /* the first is A/A */
    struct mdp_gate_claim *claims;
    enum mdp_gate_claim_verdict verdict; /* the worst: broken, then open, then powerless */
    char text[1024];
};

/** Returns a verdict's name, e.g. "kept"; borrowed. */
const char *mdp_gate_claim_verdict_name(enum mdp_gate_claim_verdict verdict);

/** Runs all trials. Owns: caller, mdp_gate_selftest_free. Errors: DATA as mdp_gate_judge, or if no row can be tried;
 * NOMEM, INTERRUPTED. */
mdp_err mdp_gate_selftest_run(const struct mdp_gate_selftest_plan *plan, struct mdp_gate_selftest *out);

/* tests whose level is known by approximation count as sound up to here, in alphas. Source: Bradley 1978 */
#define MDP_GATE_SELFTEST_TOLERANCE 1.5

/** Judges a rate: an error is broken if it is surely above 1.5 times what was promised, else open where it could be
 * twice that; what is to be frequent is kept above, powerless below, open in between. Errors: as mdp_share_compute. */
mdp_err mdp_gate_claim_judge(struct mdp_gate_claim *claim);

/** Turns a self-test into the command's result: OK, FAILED if a promise is broken, else UNDECIDED. */
mdp_err mdp_gate_selftest_outcome(const struct mdp_gate_selftest *test);

/** Frees what a self-test holds. */
void mdp_gate_selftest_free(struct mdp_gate_selftest *test);

#endif
