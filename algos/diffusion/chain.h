/* the reverse process of rows of any numbers, with what others have to say in it: who predicts, who guides, what is
 * known already, whether what is predicted has bounds.
 *
 * the chain knows neither networks nor values; hooks bring them. Source: SPEC section 4, SPEC-trajectory sections 3 and
 * 4.5. */
#ifndef MDP_ALGOS_DIFFUSION_CHAIN_H
#define MDP_ALGOS_DIFFUSION_CHAIN_H

#include "algos/diffusion/schedule.h"

/* called at step i, from n_steps down to 1, with the state before it, x [n_rows, n]; writes out [n_rows, n] */
typedef void (*mdp_chain_hook)(void *context, int i, int n_rows, const float *x, float *out);

struct mdp_chain {
    int n;      /* numbers of a row */
    int i_last; /* the last step that is run: 1, or 2 to leave out a null step */
    const struct mdp_visits *visits;
    const struct mdp_solver *solver;
    const struct mdp_solver_row *rows; /* [n_steps + 1], those of the solver */
    int is_noise;                      /* predictions are of noise, not of what is clean */
    double low, high;                  /* bounds of what is clean, infinite for none */
    double temperature;                /* of the start noise */
    void *context;
    mdp_chain_hook predict;
    mdp_chain_hook guide;  /* the gradient of what is to grow; NULL for none */
    const double *weights; /* [n_steps + 1] of that gradient in units of the noise: it counts weight sigma times */
    int n_known;           /* the first numbers of each row are known, */
    const float *known;    /* [n_rows, n_known]: these */
};

/* memory of a chain: draws, states */
struct mdp_chain_rows {
    int n_rows;
    const float *draws; /* [1 + one for each step that draws, n_rows, n]: the start first; a step's as it comes */
    float *x;           /* [n_rows, n] out: the last state */
    float *work;        /* [4, n_rows, n] */
    float *history;     /* [n_steps + 1, n_rows, n] out: the start, then the state after each step; NULL: not kept */
};

/** Runs the chain. */
void mdp_chain_run(const struct mdp_chain *chain, const struct mdp_chain_rows *rows);

#endif
