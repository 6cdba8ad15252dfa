/* a stored training case of one algorithm: settings, the rule that makes its weights, and reading its arrays.
 *
 * Source: reference/algos/golden/README.md. */
#ifndef MDP_BENCH_VERIFY_GOLDEN_H
#define MDP_BENCH_VERIFY_GOLDEN_H

#include "algos/algorithm.h"
#include "bench/verify/report.h"

enum { MDP_DIGEST = 64 };

/* which module a weight belongs to; the number is part of the generator's seed */
enum mdp_golden_module {
    MDP_GOLDEN_ACTOR = 1,
    MDP_GOLDEN_ACTOR_EMA,
    MDP_GOLDEN_CRITIC,        /* action values, */
    MDP_GOLDEN_CRITIC_TARGET, /* their target, */
    MDP_GOLDEN_VALUE,         /* state values */
    MDP_GOLDEN_CRITIC_FROZEN = 9
};

/* an open case */
struct mdp_golden {
    const char *path;
    struct mdp_h5 *file;
    struct mdp_verify_report *report;
    const struct mdp_algorithm *algorithm;
    int n_obs, n_act, n_emb, n_hidden, n_blocks, n_critic, batch, n_steps_run, n_times, n_steps, n_states, n_candidates;
    int is_full; /* parameters are given as digests */
    int64_t seed, first_step, lr_steps;
    double discount, eta, lr, decay, ema_keep;
    const struct mdp_solver *solver;
};

/* the optimiser steps behind a compared block */
struct mdp_golden_steps {
    const struct mdp_adam *adam;
    double lr;
    const float *least; /* [n] of each parameter the smallest gradient that a step had, and what is round-off of one; */
    double round_off;   /* NULL: gradients are judged by the optimiser's mean square */
};

/** Opens a case and reads its settings. Owns: caller, mdp_golden_close. Errors: IO, DATA. */
mdp_err mdp_golden_open(const char *path, struct mdp_verify_report *report, struct mdp_golden *golden);

/** Closes a case. */
void mdp_golden_close(struct mdp_golden *golden);

/** Fills a module's parameters by the generator. */
void mdp_golden_weights(const struct mdp_golden *golden, enum mdp_golden_module module, const struct mdp_layout *layout,
                        float *block);

/** Returns number g of a module's stream, in [0, 1). */
double mdp_golden_uniform(int64_t seed, int module, long g);

/** Digests an array: sum, sum of squares, sum v_i cos(i + 1), and spread entries. Shapes: out [n_digest]. */
void mdp_golden_digest(const float *values, long n, int n_digest, double *out);

/** Reads an array of finite float32 of one shape into new memory. Owns: caller, free(). Errors: DATA. */
mdp_err mdp_golden_read(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape, float **out);

/** Reads an array of uniform draws of one shape into new memory. Range: out 0 to 1. Owns: caller, free(), also of what
 * is refused. Errors: DATA. */
mdp_err mdp_golden_read_uniform(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape,
                                double **out);

/** Reads an array of expected values of one shape into new memory, all finite or, with `may_be_nan`, NaN. Owns: caller,
 * free(), also of what is refused. Errors: DATA. */
mdp_err mdp_golden_read_wanted(struct mdp_golden *golden, const char *path, const struct mdp_h5_shape *shape,
                               int may_be_nan, double **out);

/** Adds to `quantity` the comparison of n values with `f32/<name>` and `f64/<name>` of one shape. With `may_be_nan`
 * stored NaNs are taken as values. Errors: DATA. */
mdp_err mdp_golden_compare(struct mdp_golden *golden, struct mdp_quantity *quantity, const char *name,
                           const struct mdp_h5_shape *shape, const double *got, enum mdp_bound bound, int may_be_nan);

/** As mdp_golden_compare for float32 values, as a quantity and line of its own. Errors: DATA. */
mdp_err mdp_golden_check(struct mdp_golden *golden, const char *name, const struct mdp_h5_shape *shape,
                         const float *got, enum mdp_bound bound);

/** Compares a parameter-shaped block with the arrays or digests of a group of both precisions, as one line; `bound` is
 * for entries, `sum_bound` for the sums of a digest. Nullable: steps, with which entries that only ever saw gradients
 * of round-off size may differ by 2 lr a step. Errors: DATA. */
mdp_err mdp_golden_check_block(struct mdp_golden *golden, const char *group, const struct mdp_layout *layout,
                               const float *block, enum mdp_bound bound, enum mdp_bound sum_bound,
                               const struct mdp_golden_steps *steps);

/** Returns 1 if parameter i of a block may miss its value by this much, as its gradients were of round-off size.
 * Nullable: steps. */
int mdp_golden_excuses(const struct mdp_golden_steps *steps, long i, double error);

/** Compares a generated block with `init/<group>`, exactly, as one line. Errors: DATA. */
mdp_err mdp_golden_check_init(struct mdp_golden *golden, const char *group, const struct mdp_layout *layout,
                              const float *block);

/** Picks between the bound of small and of full-size networks. */
enum mdp_bound mdp_golden_bound(const struct mdp_golden *golden, enum mdp_bound small, enum mdp_bound full);

#endif
