/* a stored case of a planner: settings, the rule that makes its weights, comparisons with one precision or both.
 *
 * Source: SPEC-trajectory section 8; bounds are ten times those of section 9. */
#ifndef MDP_BENCH_VERIFY_WINDOW_CASE_H
#define MDP_BENCH_VERIFY_WINDOW_CASE_H

#include "algos/nn/trained.h"
#include "bench/verify/golden.h"

enum { MDP_WINDOW_DIGEST = 24 };

/* which module a weight belongs to; the number is part of the generator's seed */
enum mdp_window_module { MDP_WINDOW_DENOISER = 1, MDP_WINDOW_DENOISER_EMA, MDP_WINDOW_SECOND, MDP_WINDOW_SECOND_EMA };

/* an attribute of a case and where it goes */
struct mdp_window_fact {
    const char *name;
    double low, high;
    int *whole; /* or */
    double *real;
};

/* an open case; of golden only path, file and report are set */
struct mdp_window_case {
    struct mdp_golden golden;
    int is_full;  /* parameters are given as digests */
    int64_t seed; /* of the generator */
};

/** Opens a case and reads n facts. Owns: caller, mdp_golden_close(&c->golden). Errors: IO, DATA. */
mdp_err mdp_window_case_open(struct mdp_window_case *c, const char *path, struct mdp_verify_report *report,
                             const struct mdp_window_fact *facts, int n);

/** Fills a module's parameters by the generator; of an averaged copy the fixed ones are those of the other module
 * before it. */
void mdp_window_case_weights(const struct mdp_window_case *c, enum mdp_window_module module,
                             const struct mdp_graph *graph, float *block);

/** Reads what a group of other samples is called: SOLVER_wWEIGHT. Errors: DATA. */
mdp_err mdp_window_case_solver(const struct mdp_window_case *c, const char *name, const struct mdp_solver **solver,
                               double *weight);

/** Tells whether a quantity is there in double precision. */
int mdp_window_case_has(const struct mdp_window_case *c, const char *name);

/** Compares values with `f64/<name>`, and with `f32/<name>` where it is there, as one line. Errors: DATA. */
mdp_err mdp_window_case_check(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *shape,
                              const double *got, enum mdp_bound bound);

/** As mdp_window_case_check for float32 values. */
mdp_err mdp_window_case_check_floats(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *shape,
                                     const float *got, enum mdp_bound bound);

/** Compares the digest of n values with both precisions' stored one, sums as root means. Errors: DATA. */
mdp_err mdp_window_case_check_digest(struct mdp_window_case *c, const char *name, const float *values, long n,
                                     enum mdp_bound bound);

/** Compares as mdp_window_case_check_floats, but with the first rows alone, as many as the file has. Shapes: of all
 * values, [rows, ..] of rank 2 or 3, or of those of each step [steps, rows, length, channels]. Errors: DATA. */
mdp_err mdp_window_case_check_some(struct mdp_window_case *c, const char *name, const struct mdp_h5_shape *all,
                                   const float *got, enum mdp_bound bound);

/** Compares n numbers with stored ones as ratios, which should be 1. Errors: DATA. */
mdp_err mdp_window_case_check_ratios(struct mdp_window_case *c, const char *name, long n, const double *got,
                                     enum mdp_bound bound);

/* how a block of parameters is compared */
struct mdp_window_block_check {
    const struct mdp_graph *graph;
    enum mdp_bound entries, sums;      /* single values; the sums of a digest, of gradients their root means */
    const struct mdp_trained *trained; /* whose steps led there, at rate lr; NULL: none did */
    double lr;
    int is_gradient; /* what is fixed has none */
};

/** Compares a block with arrays or digests of double precision alone, as one line: those of float32 hold what Adam made
 * of round-off. Errors: DATA. */
mdp_err mdp_window_case_check_block(struct mdp_window_case *c, const char *name, const float *block,
                                    const struct mdp_window_block_check *how);

/** Compares a generated block with init/<name>, exactly but for the sums of digests. Errors: DATA. */
mdp_err mdp_window_case_check_init(struct mdp_window_case *c, const char *name, const struct mdp_graph *graph,
                                   const float *block);

#endif
