/* perf: rates of this machine, measured in repetitions, with their spread.
 *
 * every `perf` subcommand adds results of one form, printed as a table or as one JSON object
 * {"machine": {...}, "results": [{name, unit, value, min, max, n, threads, values}, ...]}; value is the
 * median of the n values. */
#ifndef MDP_BENCH_PERF_H
#define MDP_BENCH_PERF_H

#include <stdio.h>

#include "base/err.h"

enum { MDP_PERF_NAME_MAX = 64, MDP_PERF_UNIT_MAX = 32, MDP_PERF_N_REPETITIONS = 5 };

struct mdp_engine;

struct mdp_perf_options {
    int threads;                               /* at least 1 */
    double seconds;                            /* measuring time of each result, > 0 */
    double handicap;                           /* above 1: work takes so many times as long; to try a gate on speeds */
    const struct mdp_engine *engine, *against; /* physics, NULL for the built-in; and another beside it, or NULL */
    const char *guidance;                      /* the training mode to measure beside joint, NULL for all */
};

/* one measured quantity */
struct mdp_perf_result {
    char name[MDP_PERF_NAME_MAX], unit[MDP_PERF_UNIT_MAX];
    double value, min, max; /* median and range of the repetitions */
    double *values;         /* [n] in the order of measurement; owned by the list */
    int n, threads;
};

/* a growing list; start from {0} */
struct mdp_perf_results {
    const char *physics; /* what environments were simulated on, NULL for the built-in world; borrowed */
    struct mdp_perf_result *items;
    int n_items, n_room;
};

/* a piece of work small enough to stop after: does it once and returns how many units it was */
typedef long (*mdp_perf_work)(void *context);

/** Adds one result from its repetitions. Range: n >= 1. Errors: NOMEM. */
mdp_err mdp_perf_add(struct mdp_perf_results *results, const char *name, const char *unit, int threads,
                     const double *values, int n);

/** Repeats `work` for options->seconds in MDP_PERF_N_REPETITIONS parts, after one unmeasured call, and adds its rate.
 * Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_measure(const struct mdp_perf_options *options, const char *name, const char *unit, int threads,
                         mdp_perf_work work, void *context, struct mdp_perf_results *results);

/** Runs the same work on two contexts in turn, MDP_PERF_N_REPETITIONS pairs of repetitions, and adds the rates of the
 * first as `name`, those of the second as `other`, and as `ratio` the second's time over the first's, pair by pair.
 * Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_measure_pair(const struct mdp_perf_options *options, const char *const names[3], const char *unit,
                              int threads, mdp_perf_work work, void *const contexts[2],
                              struct mdp_perf_results *results);

/* one thing among several that are measured in turn */
struct mdp_perf_item {
    mdp_perf_work work;
    void *context;
    double rates[MDP_PERF_N_REPETITIONS]; /* out: units per second */
};

/** Measures items in turn, each for options->seconds in MDP_PERF_N_REPETITIONS parts, so that repetition i of all falls
 * into the same moment of the machine. Errors: INTERRUPTED. */
mdp_err mdp_perf_measure_in_turn(const struct mdp_perf_options *options, struct mdp_perf_item *items, int n_items);

/** Prints all results for people. */
void mdp_perf_print_table(const struct mdp_perf_results *results, FILE *stream);

/** Prints machine and results as one JSON object. Errors: NOMEM, IO. */
mdp_err mdp_perf_print_json(const struct mdp_perf_results *results, FILE *stream);

/** Frees the list and clears it. */
void mdp_perf_free(struct mdp_perf_results *results);

#endif
