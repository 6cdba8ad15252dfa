/* unadjusted Langevin dynamics on the policy that guidance tilts: a <- a + h/2 (score + w dQ/da) + sqrt(h) z.
 *
 * score is the gradient of the denoiser's log density at a small time (diffusion/density.h), so that for small h and
 * many steps actions follow p_tau(a | s) exp(w Q(s, a)), to which a softmax over candidates with weight w tends as
 * candidates get many. actions stay in [-1, 1]: a step that leaves the box is clipped. works by the layers of nn/,
 * which have gradients, whatever kernel samples. Source: Roberts & Tweedie 1996; docs/modules.md. */
#ifndef MDP_ALGOS_LANGEVIN_H
#define MDP_ALGOS_LANGEVIN_H

#include "algos/diffusion/density.h"
#include "algos/guidance/guidance.h"

enum { MDP_LANGEVIN_STEPS_MAX = 1000 };

/* settings; zeros: no steps */
struct mdp_langevin {
    int n_steps;
    double step_size; /* h */
    int time;         /* denoising time of the score */
};

/* the modules whose gradients move the candidates; guidance may be NULL */
struct mdp_langevin_target {
    const struct mdp_diffusion *diffusion;
    const float *params; /* the copy that acts */
    const struct mdp_time_table *table;
    const struct mdp_guidance *guidance;
    double weight; /* w */
};

/* working memory for a number of rows */
struct mdp_langevin_work {
    struct mdp_density_work density;
    struct mdp_guidance_work guidance;
    float *d_density, *d_score; /* [max_rows, n_act] */
    float *score;               /* [max_rows] */
};

/** Checks settings for a diffusion module. Errors: USAGE. */
mdp_err mdp_langevin_check(const struct mdp_langevin *langevin, const struct mdp_diffusion *diffusion);

/** Allocates working memory. Nullable: guidance. Owns: caller, mdp_langevin_work_free. Errors: NOMEM. */
mdp_err mdp_langevin_work_alloc(struct mdp_langevin_work *work, const struct mdp_diffusion *diffusion,
                                const struct mdp_guidance *guidance, int max_rows);

/** Frees working memory. */
void mdp_langevin_work_free(struct mdp_langevin_work *work);

/** Moves actions n_steps times, in place. Shapes: obs [n_rows, n_obs] normalised, act [n_rows, n_act] in [-1, 1], a
 * draw of noise for every step. Range: noise.start NULL for none, a climb of the log density. */
void mdp_langevin_walk(const struct mdp_langevin *langevin, const struct mdp_langevin_target *target, int n_rows,
                       const float *obs, struct mdp_draws noise, struct mdp_langevin_work *work, float *act);

#endif
