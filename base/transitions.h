/* the value type of offline data: n transitions in rows, float32, as they pass from files to learners. */
#ifndef MDP_BASE_TRANSITIONS_H
#define MDP_BASE_TRANSITIONS_H

#include <stdint.h>

#include "base/err.h"

/* a set of transitions (s, a, r, s', terminal) in the order in which they were recorded */
struct mdp_transitions {
    long n;                   /* rows */
    int n_obs, n_act;         /* row widths */
    float *observations;      /* [n, n_obs] */
    float *actions;           /* [n, n_act], in [-1, 1] */
    float *rewards;           /* [n] */
    float *next_observations; /* [n, n_obs] */
    float *terminals;         /* [n], 1 only for a true termination, never for a time limit */
    float *next_actions;      /* [n, n_act]: what was done in the next states, zeros after a termination; NULL if nobody
                                 asked */
};

/** Allocates zeroed arrays for n rows, all but next_actions. Owns: caller, mdp_transitions_free. */
mdp_err mdp_transitions_alloc(struct mdp_transitions *t, long n, int n_obs, int n_act);

/** Frees the arrays and clears the struct. */
void mdp_transitions_free(struct mdp_transitions *t);

#endif
