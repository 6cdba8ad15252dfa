/* Adam, AdamW, and averaged copies, as loops over flat blocks; element-wise, so any split over threads gives the same
 * bits.
 *
 * Source: SPEC sections 0 and 5; golden/units.h5 `optim`. */
#ifndef MDP_ALGOS_NN_OPTIMIZER_H
#define MDP_ALGOS_NN_OPTIMIZER_H

#include "base/err.h"

/* moments of one parameter block */
struct mdp_adam {
    long n, n_fixed;    /* floats; the first n_fixed are never stepped */
    long step;          /* steps taken */
    float *m, *v;       /* [n] */
    double decay;       /* decoupled weight decay (AdamW), 0 for Adam */
    double penalty;     /* coupled decay: this much of every parameter is added to its gradient; 0 for none */
    float new_m, new_v; /* weights of a new gradient in m and of its square in v: 1 - beta */
};

/* what one step does to every parameter */
struct mdp_adam_rates {
    float step, root, shrink; /* lr / (1 - beta1^t), 1 / sqrt(1 - beta2^t), 1 - lr decay */
    float new_m, new_v;       /* as in struct mdp_adam */
    float penalty;
};

/** Allocates zero moments for n parameters; new_m and new_v are 0.1 and 0.001, there is no penalty. Range: decay >= 0.
 * Owns: caller, mdp_adam_free. */
mdp_err mdp_adam_alloc(struct mdp_adam *adam, long n, double decay);

/** Frees the moments. */
void mdp_adam_free(struct mdp_adam *adam);

/** Takes one step on params [n] with the sum of n_grads gradient blocks, added in the order given.
 * beta 0.9, 0.999, eps 1e-8, bias correction; decay first: p <- p (1 - lr decay). */
void mdp_adam_step(struct mdp_adam *adam, float *params, float *const *grads, int n_grads, double lr, int n_threads);

/** Counts a step and returns what mdp_adam_take needs for it. */
struct mdp_adam_rates mdp_adam_begin(struct mdp_adam *adam, double lr);

/** Takes the step that was begun on n parameters from `first` on. Shapes: grad [n]. Range: n an int. */
void mdp_adam_take(const struct mdp_adam *adam, const struct mdp_adam_rates *rates, float *params, long first, long n,
                   const float *grad);

/** Moves an averaged copy: average <- keep * average + (1 - keep) * params, over n floats. */
void mdp_average_step(float *average, const float *params, long n, double keep, int n_threads);

/** Does the same to n parameters from `first` on. Range: n an int. */
void mdp_average_part(float *average, const float *params, long first, long n, double keep);

/** Moves an averaged copy by its distance to the parameters: average <- average + (1 - keep) (params - average). Equal
 * numbers stay so, where the two weights of mdp_average_step need not add up to 1. */
void mdp_average_approach(float *average, const float *params, long n, double keep, int n_threads);

/** Returns the learning rate of step n (from 0): 0.5 base (1 + cos(pi n / total)), and 0 from step `total` on. */
double mdp_cosine_rate(double base, long n, long total);

#endif
