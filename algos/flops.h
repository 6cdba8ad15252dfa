/* nominal arithmetic: how many floating-point operations training and acting take as the reference computes them.
 *
 * counts matrix products alone, two operations a weight and row, the time network run anew for every row. a backward
 * pass is two forward ones, but for gradients that nobody needs: of inputs of the time network and of value networks in
 * training, of weights where the way back ends at the action. what a faster program computes once for many rows still
 * counts for each, so rates compare. Source: SPEC sections 1, 5, 7. */
#ifndef MDP_ALGOS_FLOPS_H
#define MDP_ALGOS_FLOPS_H

#include "algos/learner.h"
#include "algos/policy.h"

/* Units: floating-point operations of one gradient step, averaged over the cadence of its parts */
struct mdp_step_flops {
    double next_actions; /* the averaged denoiser, for the guidance's targets */
    double guidance;     /* its training, targets included */
    double cloning;      /* the cloning loss */
    double policy;       /* the policy loss: actions, their values, and both ways back */
};

/** Counts the step of a run with full batches. */
struct mdp_step_flops mdp_step_flops_count(const struct mdp_learner *learner);

/** Returns the sum of the parts. */
double mdp_step_flops_total(const struct mdp_step_flops *flops);

/** Returns the floating-point operations of proposing and scoring n_rows candidates, without steps up the score's
 * gradient. Nullable: guidance. */
double mdp_call_flops(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance, long n_rows);

/** Returns the floating-point operations of a plan of one state: all candidates through all denoising steps with their
 * guide, the choice among them and the action. Gradients of a guide take a way forward and one back, a guide by a
 * condition two ways forward; products with padding are left out. Nullable: guidance. */
double mdp_plan_flops(const struct mdp_policy_config *config, const struct mdp_diffusion *diffusion,
                      const struct mdp_guidance *guidance);

#endif
