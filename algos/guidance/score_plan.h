/* a guidance module's selection score made ready for inference: value networks packed for a kernel, the observation
 * paid for once a state.
 *
 * computes the smallest head of the module's first network, in its target if it has one, less the value of the state
 * that a second network gives, if there is one; without networks every score is 0. kinds whose select_score is this
 * say so (scores_by_least_head). Source: SPEC section 7. */
#ifndef MDP_ALGOS_GUIDANCE_SCORE_PLAN_H
#define MDP_ALGOS_GUIDANCE_SCORE_PLAN_H

#include "algos/guidance/guidance.h"
#include "algos/nn/stack.h"

/* a plan */
struct mdp_score_plan {
    const struct mdp_guidance *guidance;
    int n_heads, has_state_value, width; /* width: of the widest layer of all, padded */
    struct mdp_stack heads[MDP_Q_HEADS_MAX], state_value;
};

/* working memory beside the stacks' own, for n_states states at most */
struct mdp_score_work {
    float *shares[MDP_Q_HEADS_MAX]; /* [n_states, share width] */
    float *state_shares;            /* [n_states, share width] */
    float *state_value;             /* [n_states] */
    float *value;                   /* [max_rows] of one head */
};

/** Makes a plan for a module, which must outlive it. Owns: caller, mdp_score_plan_free. Errors: NOMEM. */
mdp_err mdp_score_plan_build(struct mdp_score_plan *plan, const struct mdp_kernel *kernel,
                             const struct mdp_guidance *guidance);

/** Frees a plan. */
void mdp_score_plan_free(struct mdp_score_plan *plan);

/** Takes over the module's present parameters. */
void mdp_score_plan_refresh(struct mdp_score_plan *plan);

/** Allocates working memory. Owns: caller, mdp_score_work_free. Errors: NOMEM. */
mdp_err mdp_score_work_alloc(struct mdp_score_work *work, const struct mdp_score_plan *plan, int max_states,
                             int max_rows);

/** Frees working memory. */
void mdp_score_work_free(struct mdp_score_work *work);

/** Computes what depends on the states alone. Shapes: obs [n_states, n_obs]. */
void mdp_score_plan_observe(const struct mdp_score_plan *plan, int n_states, const float *obs,
                            struct mdp_stack_work *stack_work, struct mdp_score_work *work);

/** Scores actions of observed states. Shapes: act [n_rows, n_act], state [n_rows], score [n_rows]. */
void mdp_score_plan_score(const struct mdp_score_plan *plan, int n_rows, const float *act, const int *state,
                          struct mdp_stack_work *stack_work, const struct mdp_score_work *work, float *score);

#endif
