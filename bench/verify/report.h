/* the TAP report of `verify algos`: lines are gathered and printed together, so that a malformed file prints none. */
#ifndef MDP_BENCH_VERIFY_REPORT_H
#define MDP_BENCH_VERIFY_REPORT_H

#include <stdio.h>

#include "base/memstream.h"
#include "results/h5/types.h"

/* X(name, bound): largest absolute deviation that passes; ten times what SPEC section 11 gives, where it gives it */
#define MDP_BOUND_LIST(X)                                                                                              \
    X(OUTPUT_SMALL, 2.5e-6) /* network outputs */                                                                      \
    X(OUTPUT_FULL, 7.3e-6)                                                                                             \
    X(LOSS, 2.2e-5)                                                                                                    \
    X(ACTION_SMALL, 1.1e-4) /* sampled actions, and values of them */                                                  \
    X(ACTION_FULL, 1.7e-4)                                                                                             \
    X(WEIGHT_SMALL, 7.4e-5) /* softmax weights */                                                                      \
    X(WEIGHT_FULL, 1.8e-4)                                                                                             \
    X(GRADIENT, 1.6e-5)     /* small nets */                                                                           \
    X(GRADIENT_ENTRY, 2e-5) /* full-size nets, single entries */                                                       \
    X(GRADIENT_SUM, 3.6e-4) /* full-size nets, sums of a digest */                                                     \
    X(PARAM, 5.5e-6)        /* parameters, and the single entries of digests */                                        \
    X(PARAM_SUM, 7e-4)                                                                                                 \
    X(AVERAGE, 5.5e-6) /* EMA and targets */                                                                           \
    X(AVERAGE_SUM, 6e-4)                                                                                               \
    X(QGPO_DENOISER, 5.3e-6) /* SPEC-energy section 8, from here on: network outputs */                                \
    X(QGPO_VALUE, 9.1e-6)                                                                                              \
    X(QGPO_ENERGY, 4.9e-7)                                                                                             \
    X(QGPO_EMBEDDING, 1e-4)                                                                                            \
    X(QGPO_SLOPE, 8e-8) /* guidance gradient */                                                                        \
    X(QGPO_GUIDED, 1.6e-5)                                                                                             \
    X(QGPO_SUPPORT, 1.1e-4) /* sampled actions: support, acting */                                                     \
    X(QGPO_ACTION, 2.3e-4)                                                                                             \
    X(QGPO_LOGP, 5.6e-7)                                                                                               \
    X(QGPO_WEIGHT, 2.4e-7)                                                                                             \
    X(QGPO_TARGET, 2.5e-6)                                                                                             \
    X(QGPO_LABEL, 1.4e-5)                                                                                              \
    X(QGPO_LOSS, 5e-6)                                                                                                 \
    X(QGPO_GRADIENT, 2.1e-6)                                                                                           \
    X(QGPO_PARAM, 2.5e-6) /* after 5 steps: behaviour, values, energy, the energy's last bias at 1e-3 a step */        \
    X(QGPO_PARAM_VALUE, 3e-6)                                                                                          \
    X(QGPO_PARAM_ENERGY, 3e-7)                                                                                         \
    X(QGPO_LAST_BIAS, 5e-3)                                                                                            \
    X(RATE, 1e-12)               /* learning rates: double against double */                                           \
    X(DOUBLE, 1e-10)             /* schedules, normalisers, returns, digests of one block: double against double */    \
    X(SCHEDULE_F32, 4.6e-3)      /* ten times what the float32 schedule loses near alpha = 1 */                        \
    X(NORMALIZED, 5e-6)          /* normalised observations of order 1, by the same mean and deviation */              \
    X(REWARD, 1e-4)              /* rescaled rewards of order 100: one rounding */                                     \
    X(PLANNER_OUTPUT, 1.6e-5)    /* Diffuser, by SPEC-trajectory section 9: network outputs */                         \
    X(PLANNER_INNER, 3.3e-5)     /* what lies inside */                                                                \
    X(RETURN, 1.8e-6)            /* predicted returns */                                                               \
    X(RETURN_GRADIENT, 3.8e-7)   /* their gradient by the window */                                                    \
    X(PLAN, 1.8e-4)              /* plans */                                                                           \
    X(PLAN_OTHER, 1.5e-3)        /* plans by other solvers */                                                          \
    X(PLAN_GRADIENT, 1.2e-5)     /* gradients along a chain */                                                         \
    X(PLAN_RETURN, 1.3e-5)       /* returns along a chain */                                                           \
    X(PLAN_ACTION, 8.8e-5)       /* actions of plans */                                                                \
    X(PLAN_ACTION_OTHER, 5.5e-4) /* by other solvers */                                                                \
    X(PLANNER_LOSS, 2e-6)        /* losses, relative */                                                                \
    X(PLANNER_GRADIENT, 1.1e-6)  /* gradients of the denoiser's loss */                                                \
    X(VALUE_GRADIENT, 7.2e-4)    /* and of the returns', which are hundreds */                                         \
    X(PLANNER_PARAM, 5e-6)       /* parameters, and the single entries of digests */                                   \
    X(PLANNER_PARAM_SUM, 7.3e-4)                                                                                       \
    X(VALUE_PARAM_SUM, 4e-3)                                                                                           \
    X(DECISION_OUTPUT, 1.3e-5) /* Decision Diffuser, as above */                                                       \
    X(DECISION_INNER, 1.8e-5)                                                                                          \
    X(DECISION_PLAN, 5.3e-3) /* values of several hundred */                                                           \
    X(DECISION_PLAN_OTHER, 1.7e-3)                                                                                     \
    X(DECISION_NOISE, 1.2e-4) /* predicted noise along a chain */                                                      \
    X(DECISION_ACTION, 2e-5)                                                                                           \
    X(DECISION_LOSS, 3e-6) /* relative */                                                                              \
    X(DECISION_GRADIENT, 1e-6)                                                                                         \
    X(DECISION_PARAM, 9e-7)                                                                                            \
    X(DECISION_PARAM_FIRST, 3e-5) /* after one step */                                                                 \
    X(DECISION_PARAM_SUM, 1.3e-4)                                                                                      \
    X(WINDOW, 7e-6) /* windows of data: observations */                                                                \
    X(VALUE, 3e-4)  /* discounted rewards */                                                                           \
    X(EXACT, 0)

#define MDP_BOUND_ENUM(name, bound) MDP_BOUND_##name,
enum mdp_bound { MDP_BOUND_LIST(MDP_BOUND_ENUM) MDP_N_BOUNDS };
#undef MDP_BOUND_ENUM

/* one quantity under test: the largest deviation from each precision's data */
struct mdp_quantity {
    char name[160];
    double error[2]; /* from f32 data, from f64 data */
    long n_compared[2];
    double worst; /* the largest error over its own bound; above 1 fails, infinite for a NaN on one side only */
    double bound, want, got;
    char where[MDP_H5_NAME_MAX];
    long element;
    int n_excused; /* entries whose deviation was taken as legitimate */
};

struct mdp_verify_report {
    struct mdp_memstream lines;
    int n_lines, n_failed;
};

/** Opens a report. Errors: NOMEM. */
mdp_err mdp_verify_report_open(struct mdp_verify_report *report);

/** Prints the report to `out` and closes it; with out NULL drops it. Errors: FAILED if a line was "not ok"; NOMEM. */
mdp_err mdp_verify_report_close(struct mdp_verify_report *report, FILE *out);

/** Adds a skipped line. */
void mdp_verify_report_skip(struct mdp_verify_report *report, const char *file, const char *name, const char *reason);

/** Adds a remark, which is no test. */
void mdp_verify_report_note(struct mdp_verify_report *report, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Returns a bound's value. */
double mdp_bound_value(enum mdp_bound bound);

/** Starts a quantity. */
void mdp_quantity_start(struct mdp_quantity *quantity, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Compares n values; `precision` is 0 for f32 data, 1 for f64 data; equal NaNs agree. */
void mdp_quantity_compare(struct mdp_quantity *quantity, int precision, const char *where, long n, const double *got,
                          const double *want, enum mdp_bound bound);

/** Compares one value, an element of its array. */
void mdp_quantity_compare_at(struct mdp_quantity *quantity, int precision, const char *where, long element, double got,
                             double want, enum mdp_bound bound);

/** Adds the quantity's line. */
void mdp_verify_report_quantity(struct mdp_verify_report *report, const char *file,
                                const struct mdp_quantity *quantity);

#endif
