/* the reverse process of many candidates of a few states, on a denoiser plan: every row passes all layers and all
 * denoising steps of its panel before the next panel starts, so that activations stay in cache.
 *
 * the same equations as mdp_diffusion_sample, which stays the reference; a row's result does not depend on what shares
 * its panel. Source: SPEC section 4. */
#ifndef MDP_ALGOS_DIFFUSION_REVERSE_H
#define MDP_ALGOS_DIFFUSION_REVERSE_H

#include "algos/diffusion/denoiser_plan.h"
#include "algos/diffusion/diffusion.h"

/* a set of states with n_candidates rows each: row r belongs to state r / n_candidates */
struct mdp_reverse_input {
    int n_states, n_candidates;
    const float *obs;       /* [n_states, n_obs], normalised */
    struct mdp_draws draws; /* of state 0 */
    long draws_per_state;   /* floats from one state's draws to the next one's */
    double temperature;     /* of the start noise */
    /* draws of the Langevin steps that a proposer takes afterwards, [n_states, steps, n_candidates, n_act]; NULL: none
     */
    const float *langevin;
    const struct mdp_bend *bend; /* what guides every step; NULL: nothing */
};

/* working memory */
struct mdp_reverse_work {
    int max_states, max_rows;
    float *shares, *at_time;   /* [max_states, a plan's share and time width]: of the observation; of a time, too */
    struct mdp_unet_work unet; /* of a U-Net */
    float *states;             /* [n_steps + 1, rows of the newest run, n_act]: the start, then after each step */
    float *prediction;         /* [max_rows, n_act] */
    float *clean[2];           /* [max_rows, n_act]: predicted clean actions of the newest step and the one before */
};

/** Allocates working memory for at most max_states states with max_rows rows in all, panel_rows of them in a panel.
 * Owns: caller, mdp_reverse_work_free. Errors: NOMEM. */
mdp_err mdp_reverse_work_alloc(struct mdp_reverse_work *work, const struct mdp_diffusion *diffusion,
                               const struct mdp_denoiser_plan *plan, int max_states, int max_rows, int panel_rows);

/** Frees working memory. */
void mdp_reverse_work_free(struct mdp_reverse_work *work);

/** Samples actions by the reverse process, in panels of panel->max_rows rows. Shapes: act [n_states * n_candidates,
 * n_act]. */
void mdp_reverse_sample(const struct mdp_diffusion *diffusion, const struct mdp_denoiser_plan *plan,
                        const struct mdp_reverse_input *input, struct mdp_stack_work *panel,
                        struct mdp_reverse_work *work, float *act);

#endif
