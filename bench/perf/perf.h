/* perf: rates of this machine, measured in repetitions, with their spread.
 *
 * every `perf` subcommand adds results of one form, printed as a table or as one JSON object
 * {"machine": {...}, "results": [{name, unit, value, min, max, n, threads, values}, ...]}; value is the
 * median of the n values. what is timed is an item; the items of a subcommand take turns. */
#ifndef MDP_BENCH_PERF_PERF_H
#define MDP_BENCH_PERF_PERF_H

#include <stdio.h>

#include "base/err.h"
#include "bench/run/rates.h"

enum { MDP_PERF_NAME_MAX = MDP_RATE_NAME_MAX, MDP_PERF_UNIT_MAX = 32, MDP_PERF_N_REPETITIONS = 5 };

struct mdp_engine;

struct mdp_perf_options {
    int threads;                               /* at least 1 */
    double seconds;                            /* measuring time of each result, > 0 */
    double handicap;                           /* above 1: work takes so many times as long; to try a gate on speeds */
    const struct mdp_engine *engine, *against; /* physics, NULL for the built-in; and another beside it, or NULL */
    const char *guidance;                      /* the training mode to measure beside joint, NULL for all */
    int n_candidates;                          /* candidates for each state in infer; 0: MDP_RATE_CANDIDATES */
    const char *data;                          /* a D4RL file to load, NULL for one that is made up */
    const char *only;                          /* shell pattern: no items but those with such a name; NULL for all */
    long n_calls;                 /* if above 0, each item's work is done this often and nothing is timed */
    double *n_units;              /* out: units of work in those calls */
    struct mdp_perf_names *names; /* not NULL: only lists the names of items here and measures nothing */
};

/* a growing list of names; start from {0} */
struct mdp_perf_names {
    int n;
    char (*names)[MDP_PERF_NAME_MAX]; /* [n]; free() */
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

/** Adds one value of one thread, named by two parts. Errors: NOMEM. */
mdp_err mdp_perf_add_one(struct mdp_perf_results *results, const char *name, const char *what, const char *unit,
                         double value);

/* a piece of work small enough to stop after: does it once and returns how many units it was */
typedef long (*mdp_perf_work)(void *context);

/* the time that such work has taken. Units: seconds since an arbitrary start */
typedef double (*mdp_perf_clock)(void *context);

/** Adds one result from its repetitions. Range: n >= 1. Errors: NOMEM. */
mdp_err mdp_perf_add(struct mdp_perf_results *results, const char *name, const char *unit, int threads,
                     const double *values, int n);

/* one thing among several that are measured in turn */
struct mdp_perf_item {
    char name[MDP_PERF_NAME_MAX];
    mdp_perf_work work;
    void *context;
    mdp_perf_clock clock;                 /* NULL: the wall's */
    double rates[MDP_PERF_N_REPETITIONS]; /* out: units per second */
};

/** Returns 1 if an item of this name is to be made at all. */
int mdp_perf_is_wanted(const struct mdp_perf_options *options, const char *name);

/** Returns 1 if work is timed, rather than counted or named: only then are there results. */
int mdp_perf_is_timed(const struct mdp_perf_options *options);

/** Measures items in turn, each for options->seconds in MDP_PERF_N_REPETITIONS parts, so that repetition i of all falls
 * into the same moment of the machine. Without timing it does each item's work n_calls times after a first one, or
 * lists the names. Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_measure_in_turn(const struct mdp_perf_options *options, struct mdp_perf_item *items, int n_items);

/** Adds an item's rates times a factor under its name. Errors: NOMEM. */
mdp_err mdp_perf_add_rates(struct mdp_perf_results *results, const struct mdp_perf_item *item, const char *unit,
                           int threads, double factor);

/** Adds a factor times an item's rates, over those of another item in the same moments, under a name of two parts.
 * Nullable: over. Shapes: rates, over [MDP_PERF_N_REPETITIONS]. Errors: NOMEM. */
mdp_err mdp_perf_add_derived(struct mdp_perf_results *results, const char *name, const char *what, const char *unit,
                             int threads, const double *rates, double factor, const double *over);

/** Prints all results for people. */
void mdp_perf_print_table(const struct mdp_perf_results *results, FILE *stream);

/** Prints machine and results as one JSON object. Errors: NOMEM, IO. */
mdp_err mdp_perf_print_json(const struct mdp_perf_results *results, FILE *stream);

/** Frees the list and clears it. */
void mdp_perf_free(struct mdp_perf_results *results);

#endif
