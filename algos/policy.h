/* a policy: a diffusion module proposes candidates, a guidance module scores them, a selection rule takes one.
 *
 * an action depends on (state, seed, episode, step) alone, whatever shares the call.
 * Source: SPEC section 7. */
#ifndef MDP_ALGOS_POLICY_H
#define MDP_ALGOS_POLICY_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"
#include "algos/langevin.h"
#include "algos/nn/kernel.h"
#include "algos/steering.h"

/* settings of a policy */
struct mdp_policy_config {
    int n_candidates;             /* 50 */
    double start_temperature;     /* of the start noise; 0.5 */
    double selection_temperature; /* w_T, see mdp_selection_temperature */
    int use_ema;                  /* acts with the averaged copy; 1 */
    int max_threads;              /* 1 */
    double lambda;                /* candidates go this far up the score's gradient before they are scored; 0 */
    struct mdp_langevin langevin; /* steps on the tilted policy, before that; their w is w_T; none */
    /* how networks are computed: the best float32 kernel. NULL: the layers of nn/ on the matrix library, the reference
     */
    const struct mdp_kernel *kernel;
    struct mdp_guide_rule guide; /* what guides the reverse process; nothing */
    double wanted;               /* the return that plans on a condition are to come to, in units of training; 0 */
};

/* the newest state that a lane decided on, with its candidates; borrowed from the lane */
struct mdp_policy_view {
    const float *actions;  /* [n_candidates, n_act] */
    const float *scores;   /* [n_candidates], zeros without guidance */
    const double *weights; /* [n_candidates], sum 1 */
    const float *history;  /* [n_steps + 1, n_candidates, n_act]: before the final clip */
};

struct mdp_policy;

/** Writes the defaults of SPEC 5.4 with w_T = 50. */
void mdp_policy_defaults(struct mdp_policy_config *config);

/** Makes a policy over two modules, which must fit (algos/fit.h), outlive it and keep their parameters. Nullable:
 * guidance (a uniform choice, of plans the first), mean and std (observations come normalised already). Shapes: mean,
 * std [n_obs], copied. Owns: caller, mdp_policy_free. Errors: DATA for modules of unequal sizes or a std that is not
 * positive, USAGE for settings out of range, NOMEM. */
mdp_err mdp_policy_new(const struct mdp_policy_config *config, const struct mdp_diffusion *diffusion,
                       const struct mdp_guidance *guidance, const double *mean, const double *std,
                       struct mdp_policy **out);

/** Frees a policy, not its modules. Nullable: policy. */
void mdp_policy_free(struct mdp_policy *policy);

/** Acts in n_states states at once. Shapes: obs [n_states, n_obs] raw, episode and step [n_states], actions [n_states,
 * n_act] in [-1, 1]. Draws: streams SAMPLE, SELECT and LANGEVIN of (seed, episode, step).
 * Range: 1 <= n_threads <= max_threads. Never allocates, cannot fail; non-finite observations give non-finite or
 * arbitrary actions. */
void mdp_policy_act(struct mdp_policy *policy, int n_states, const float *obs, const uint32_t *episode,
                    const uint32_t *step, uint64_t seed, float *actions, int n_threads);

/** Returns what plans the actions, NULL where they are made one by one. */
struct mdp_planner *mdp_policy_planner(struct mdp_policy *policy);

/** Proposes and scores the candidates of one normalised observation [n_obs] with given draws, in lane 0; Langevin steps
 * take none. Range: of a policy that plans nothing.
 * Source: golden `sample`. */
struct mdp_policy_view mdp_policy_propose(struct mdp_policy *policy, const float *obs, struct mdp_draws draws);

#endif
