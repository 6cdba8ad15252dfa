/* what pairs scored when they acted, and which numbers of their diagnosis go with it. */
#ifndef MDP_BENCH_DIAGNOSE_RETURNS_H
#define MDP_BENCH_DIAGNOSE_RETURNS_H

#include "bench/diagnose/diagnose.h"

/* X(name, key of reports, what it is): numbers of a pair, set against its return */
#define MDP_QUANTITY_LIST(X)                                                                                           \
    X(BIAS, "abs_bias", "|bias| of values")                                                                            \
    X(SLOPE, "slope_error", "|slope - 1| of values")                                                                   \
    X(ORDER, "value_return_rank", "rank correlation of values and returns")                                            \
    X(SCORE, "score_cosine", "cosine of gradient and score")                                                           \
    X(EFFECTIVE, "effective_candidates", "effective candidates")                                                       \
    X(GRADIENT, "gradient_cosine", "cosine of gradients, with the first guidance's")                                   \
    X(RANKING, "candidate_rank", "rank correlation of candidates, likewise")                                           \
    X(TOP, "same_top", "share of equal first choices, likewise")                                                       \
    X(OVERLAP, "overlap", "overlap of selection, likewise")

#define MDP_QUANTITY_ENUM(name, key, text) MDP_QUANTITY_##name,
enum mdp_quantity { MDP_QUANTITY_LIST(MDP_QUANTITY_ENUM) MDP_N_QUANTITIES };
#undef MDP_QUANTITY_ENUM

/* how one quantity goes with the return over pairs */
struct mdp_forecast {
    enum mdp_quantity quantity;
    long n;                    /* pairs that have both */
    struct mdp_rank_test test; /* NaN below 3 pairs */
    double p_holm;             /* over all quantities that were tested */
    const char *verdict;
};

/** Finds evaluations of the pairs among `files` [n_files], which must each be of a pair; without files, among those
 * beside each diffusion module that act as the diagnosis does, the first by name. Errors: IO; DATA, also for
 * evaluations that are not alike; USAGE for a file of no pair or a second one of a pair. */
mdp_err mdp_pair_returns_find(const struct mdp_diagnose_settings *settings, const char *const *files, int n_files,
                              struct mdp_diagnosis *diagnoses, int n);

/** Sets every quantity against the returns of all pairs. Shapes: out [MDP_N_QUANTITIES]. Errors: NOMEM. */
mdp_err mdp_forecast(const struct mdp_diagnosis *diagnoses, int n, struct mdp_forecast *out);

/** Returns a quantity's key, e.g. "abs_bias"; borrowed. */
const char *mdp_quantity_key(enum mdp_quantity quantity);

/** Returns what a quantity is; borrowed. */
const char *mdp_quantity_text(enum mdp_quantity quantity);

#endif
