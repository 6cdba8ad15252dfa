/* plans for the states of a policy: windows that begin with what is seen, of which the first action is taken.
 *
 * a U-Net's candidates are guided by the gradient of their returns, and the one of the highest return is taken; a
 * transformer's single plan is guided by the return that is wanted, and a network tells the action that leads to its
 * next observation. every state is worked on by itself, with all its candidates, so that an action depends on nothing
 * that shares the call. Source: SPEC-trajectory sections 3, 4.5. */
#ifndef MDP_ALGOS_PLANNER_H
#define MDP_ALGOS_PLANNER_H

#include "algos/nn/kernel.h"
#include "algos/steering.h"

/* settings of a planner, as those of a policy */
struct mdp_planner_config {
    int n_candidates, use_ema, max_threads;
    double start_temperature;
    struct mdp_guide_rule guide;
    double wanted;
    const struct mdp_kernel *kernel; /* of float32, for packed weights; NULL: the matrix library, the reference */
};

/* the newest plans of a lane; borrowed from it */
struct mdp_plans {
    int n, n_window;      /* candidates, and numbers of a window */
    const float *windows; /* [n, n_window] */
    const float *returns; /* [n], zeros without guidance */
    const float *history; /* [n_steps + 1, n, n_window]: the start, then the windows after each step */
    int chosen;           /* the first of the highest return */
};

struct mdp_planner;

/** Makes a planner over two modules that fit, which must outlive it and keep their parameters. Nullable: guidance.
 * Owns: caller, mdp_planner_free. Errors: USAGE for a guide that does not go with the module, NOMEM, IO, DATA of the
 * matrix library. */
mdp_err mdp_planner_new(const struct mdp_planner_config *config, const struct mdp_diffusion *diffusion,
                        const struct mdp_guidance *guidance, struct mdp_planner **out);

/** Frees a planner, not its modules. Nullable: planner. */
void mdp_planner_free(struct mdp_planner *planner);

/** Returns the number of Gaussian draws that the plans of one state use. */
long mdp_planner_draws(const struct mdp_planner *planner);

/** Returns where the caller puts the draws of a lane's next state: the start of all candidates, then what each step
 * that draws needs. Shapes: [mdp_planner_draws]. */
float *mdp_planner_noise(struct mdp_planner *planner, int i_lane);

/** Plans from one normalised observation [n_obs] in lane i_lane, with the draws that were put there; writes its action
 * [n_act] in [-1, 1]. Nullable: action. Never allocates, cannot fail. */
struct mdp_plans mdp_plan(struct mdp_planner *planner, int i_lane, const float *obs, float *action);

#endif
