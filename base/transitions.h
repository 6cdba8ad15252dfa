/* the value type of offline data: n transitions in rows, float32, as they pass from files to learners. the rows are in
 * arrays, or, if they would take too much memory, in a nameless file. */
#ifndef MDP_BASE_TRANSITIONS_H
#define MDP_BASE_TRANSITIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* a set of transitions (s, a, r, s', terminal) in the order in which they were recorded */
struct mdp_transitions {
    long n;                   /* rows */
    int n_obs, n_act;         /* row widths */
    int has_next_actions;     /* 1 if next_actions is there */
    float *observations;      /* [n, n_obs] */
    float *actions;           /* [n, n_act], in [-1, 1] */
    float *rewards;           /* [n] */
    float *next_observations; /* [n, n_obs] */
    float *terminals;         /* [n], 1 only for a true termination, never for a time limit */
    float *next_actions;      /* [n, n_act]: actions in the next states, zeros after a termination; may be NULL */
    struct mdp_transitions_file *file; /* where the rows are instead, the arrays being NULL; NULL for arrays */
};

/** Allocates zeroed arrays for n rows, all but next_actions. Owns: caller, mdp_transitions_free. */
mdp_err mdp_transitions_alloc(struct mdp_transitions *t, long n, int n_obs, int n_act);

/** Makes room for n rows: in arrays, or in a nameless file in `folder`, which grows as rows
 * are put. Nullable: folder (arrays). Owns: caller, mdp_transitions_free. Errors: NOMEM; IO. */
mdp_err mdp_transitions_make(struct mdp_transitions *t, long n, int n_obs, int n_act, int has_next_actions,
                             const char *folder);

/** Frees what holds the rows and clears the struct. */
void mdp_transitions_free(struct mdp_transitions *t);

/** Returns what a row takes. Units: bytes. */
size_t mdp_transitions_row_bytes(int n_obs, int n_act, int has_next_actions);

/** Copies the first n rows of arrays of the same widths to the rows from `first` on. Errors: IO. */
mdp_err mdp_transitions_put(struct mdp_transitions *t, long first, long n, const struct mdp_transitions *rows);

/** Copies the n rows from `first` on into arrays of the same widths. Errors: IO. */
mdp_err mdp_transitions_get(const struct mdp_transitions *t, long first, long n, struct mdp_transitions *rows);

/** Copies the rows of these numbers, in this order, into arrays of the same widths. Shapes: index [n]. Errors: IO. */
mdp_err mdp_transitions_gather(const struct mdp_transitions *t, const uint32_t *index, long n,
                               struct mdp_transitions *rows);

#endif
