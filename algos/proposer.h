/* candidate actions and their scores for the states of a policy: two modules at work, by packed networks or plainly.
 *
 * which arithmetic is a matter of the kernel; none means the layers of nn/ on the matrix library, which is also what
 * training uses and what the kernels are tested against. whatever shares a call, a candidate depends on its state and
 * draws alone. Source: SPEC section 7. */
#ifndef MDP_ALGOS_PROPOSER_H
#define MDP_ALGOS_PROPOSER_H

#include "algos/diffusion/reverse.h"
#include "algos/guidance/score_plan.h"
#include "algos/langevin.h"
#include "algos/steering.h"

/* settings of a proposer */
struct mdp_proposer_config {
    const struct mdp_kernel *kernel; /* NULL: the matrix library */
    int n_candidates, use_ema, max_threads;
    double lambda; /* how far candidates go up the score's gradient before they are scored; 0 without guidance */
    struct mdp_langevin langevin; /* steps that candidates take before that */
    double langevin_weight;       /* weight of the score's gradient in those steps */
    struct mdp_guide_rule guide;  /* what guides the reverse process; nothing without guidance */
};

/* the newest states of a lane with their candidates, state by state; borrowed from the lane */
struct mdp_proposal {
    const float *actions; /* [n_states * n_candidates, n_act] */
    const float *scores;  /* [n_states * n_candidates], zeros without guidance */
    const float *history; /* [n_steps + 1, n_states * n_candidates, n_act]: before the final clip */
};

struct mdp_proposer;

/** Makes a proposer over two modules, which must outlive it. Nullable: guidance. Owns: caller, mdp_proposer_free.
 * Errors: USAGE for guidance whose score a kernel cannot compute or a kernel this machine cannot run, NOMEM. */
mdp_err mdp_proposer_new(const struct mdp_proposer_config *config, const struct mdp_diffusion *diffusion,
                         const struct mdp_guidance *guidance, struct mdp_proposer **out);

/** Frees a proposer, not its modules. Nullable: proposer. */
void mdp_proposer_free(struct mdp_proposer *proposer);

/** Takes notice of changed parameters in the modules. */
void mdp_proposer_refresh(struct mdp_proposer *proposer);

/** Returns how many states a lane takes at once, at least 1. */
int mdp_proposer_states(const struct mdp_proposer *proposer);

/** Proposes and scores in lane i_lane. Range: input->n_states <= mdp_proposer_states. Never allocates, cannot fail. */
struct mdp_proposal mdp_propose(struct mdp_proposer *proposer, int i_lane, const struct mdp_reverse_input *input);

#endif
