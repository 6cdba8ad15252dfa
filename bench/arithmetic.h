/* how much arithmetic a gradient step takes on paper: the multiplications and additions of its matrix products.
 *
 * counts linear layers alone, a backward pass as two forward ones, one if nothing but the input needs it; activations,
 * norms, optimisers and the time table, small beside these, are left out. what says how much work a mode saves. */
#ifndef MDP_BENCH_ARITHMETIC_H
#define MDP_BENCH_ARITHMETIC_H

#include "algos/learner.h"

/* Units: floating-point operations of one gradient step, averaged over the cadence of its parts */
struct mdp_step_flops {
    double next_actions; /* the averaged denoiser, for the guidance's targets */
    double guidance;     /* its training */
    double cloning;      /* the cloning loss */
    double policy;       /* the policy loss: actions, their values, and both ways back */
};

/** Counts the step of a run with full batches. */
struct mdp_step_flops mdp_step_flops_count(const struct mdp_learner *learner);

/** Returns the sum of the parts. */
double mdp_step_flops_total(const struct mdp_step_flops *flops);

#endif
