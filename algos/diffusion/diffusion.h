/* a diffusion module: denoiser, its parameters and averaged copy, optimiser, schedule and solver.
 *
 * knows nothing of guidance. its two uses are the behaviour-cloning loss and the sampler; the sampler has a gradient,
 * through which a policy loss trains the denoiser. all work goes by row panels with the caller's working memory, and
 * all random draws come from the caller. Source: SPEC sections 1 to 5. */
#ifndef MDP_ALGOS_DIFFUSION_DIFFUSION_H
#define MDP_ALGOS_DIFFUSION_DIFFUSION_H

#include "algos/diffusion/denoiser.h"
#include "algos/diffusion/schedule.h"
#include "algos/nn/module.h"
#include "algos/nn/optimizer.h"
#include "algos/nn/window_block.h"

/* what the network's output stands for */
enum mdp_prediction { MDP_PREDICT_NOISE, MDP_PREDICT_ACTION };

/* settings of a diffusion module */
struct mdp_diffusion_config {
    enum mdp_denoiser_kind kind;
    int n_obs, n_act, n_emb, n_hidden;
    int n_blocks;   /* of a residual denoiser */
    double dropout; /* its rate in training; a U-Net's: the share of rows whose observation does not count */
    int widths[MDP_UNET_LEVELS]; /* of a U-Net */
    /* of windows of steps: their shape, n_hidden being the width that factors multiply or a transformer's; its heads;
     * the width of the network of actions beside it; how much more the loss of the first action or of the second
     * observation counts; and in what unit a return is told */
    struct mdp_window_make windows;
    int n_heads, n_inverse;
    double emphasis, return_scale;
    int n_times, n_steps; /* T, S; T plays no part in a U-Net, whose times are continuous */
    const struct mdp_solver *solver;
    enum mdp_prediction prediction;
    int skip_null_step; /* leaves out a last step between equal times, which changes actions by less than 1e-5 */
    double decay;       /* decoupled weight decay */
    double ema_keep;    /* the averaged copy keeps this much of itself at an update, */
    int ema_every;      /* the average is updated when the step number is a multiple of this */
    long ema_start;     /* and not below this */
};

struct mdp_window_diffusion;
struct mdp_inverse;

/* a diffusion module; fields are read freely, parameters are changed only between training steps */
struct mdp_diffusion {
    struct mdp_diffusion_config config;
    struct mdp_denoiser net;
    struct mdp_schedule schedule;
    struct mdp_visits visits;
    struct mdp_solver_row rows[MDP_SCHEDULE_MAX + 1]; /* row i belongs to step i = 1..n_steps */
    int i_last;                                       /* the last step that is run: 1, or 2 if a null step is skipped */
    float *params, *ema;                              /* [net.layout.n_floats] */
    struct mdp_adam adam;
    /* of windows of steps instead: net and adam are empty, params and ema borrowed from there */
    struct mdp_window_diffusion *window;
    struct mdp_inverse *inverse; /* of a transformer */
};

/* Gaussian draws for a panel: draw d of row r starts at start + d * stride + r * n_act */
struct mdp_draws {
    const float *start;
    long stride;
};

/* what bends predictions on their way: step i's for n_rows rows of a run from the first on, whose actions are x, in
 * their place. Shapes: x, prediction [n_rows, n_act] */
struct mdp_bend {
    void (*bend)(void *context, int i, int first, int n_rows, const float *x, float *prediction);
    void *context;
};

/* what a sampler keeps for backward passes beside its newest forward pass */
enum {
    MDP_KEEP_STEPS = 1, /* every step of the reverse process */
    MDP_KEEP_CLONE = 2  /* the cloning loss, while actions are sampled */
};

/* working memory of the sampler for one row panel; keeps the states of every step, and what `keeps` says */
struct mdp_sampler {
    int max_rows, n_steps, keeps, n_caches;
    struct mdp_denoiser_cache
        *caches; /* one for each step, the last step first; or a single one that serves all steps in turn */
    struct mdp_denoiser_cache *clone; /* of the cloning loss */
    float *states;               /* [n_steps + 1, max_rows, n_act]: row block 0 is the start, then after each step */
    float *inside;               /* [n_steps, max_rows, n_act]: 1 where the prediction was not clipped */
    float *clean;                /* [2, max_rows, n_act]: predictions of the clean action, newest in row block i % 2 */
    float *carry;                /* [max_rows, n_act]: gradient of such a prediction from the step after it */
    float *d_x, *d_next, *d_out; /* [max_rows, n_act] */
    const struct mdp_bend *bend; /* borrowed, for runs without a way back; NULL: none */
};

/* dataset rows and the noise that is put on their actions; borrowed */
struct mdp_noising {
    const float *obs, *act;   /* [n_rows, n_obs], [n_rows, n_act] */
    const int *time;          /* [n_rows] */
    const float *eps;         /* [n_rows, n_act] */
    const double *continuous; /* [n_rows] continuous times, row r's having entry time[r] of the table; NULL: the
                         schedule's at index time[r] */
    const float *mask;        /* [n_rows] as in struct mdp_denoiser_cache; NULL: observations count */
};

/** Writes DQL's settings: E 64, H 256, T = S = 5, ddpm, noise prediction. Source: SPEC 5.4. */
void mdp_diffusion_defaults(struct mdp_diffusion_config *config, int n_obs, int n_act);

/** Returns the sizes of a module's network. */
struct mdp_denoiser_sizes mdp_diffusion_sizes(const struct mdp_diffusion_config *config);

/** Makes a module whose parameters are zeros, for those of a file. Owns: caller, mdp_diffusion_free. Errors: USAGE for
 * settings out of range, NOMEM. */
mdp_err mdp_diffusion_alloc(const struct mdp_diffusion_config *config, struct mdp_diffusion **out);

/** Makes a module with initial parameters of (seed); the averaged copy starts equal. Owns: caller, mdp_diffusion_free.
 * Errors: USAGE for settings out of range, NOMEM. */
mdp_err mdp_diffusion_new(const struct mdp_diffusion_config *config, uint64_t seed, struct mdp_diffusion **out);

/** Frees a module. Nullable: diffusion. */
void mdp_diffusion_free(struct mdp_diffusion *diffusion);

/** Lists what is saved: groups "model", "model_ema", and the optimiser's "adam_m", "adam_v"; returns how many. The
 * views borrow the module; the step counter that goes with the moments is diffusion->adam.step. A transformer of
 * windows has "inverse", too. */
int mdp_diffusion_groups(struct mdp_diffusion *diffusion, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]);

/** Takes in what was written to the newest list of groups: of windows, these are copies. */
void mdp_diffusion_take(struct mdp_diffusion *diffusion);

/** Returns how many numbers the network has, that of actions included. */
long mdp_diffusion_parameters(const struct mdp_diffusion *diffusion);

/** Returns the number of Gaussian draws [n_rows, n_act] that one sampling run uses. */
int mdp_diffusion_draws(const struct mdp_diffusion *diffusion);

/** Makes a module's sampler visit n_steps + 1 given ascending indices of the schedule instead of the regular ones.
 * Errors: USAGE for indices out of range, or if there is no null step to skip though the settings ask for it. */
mdp_err mdp_diffusion_visit(struct mdp_diffusion *diffusion, int n_steps, const int *index);

/** Returns whether the averaged copy moves after gradient step n (from 0). */
int mdp_diffusion_averages(const struct mdp_diffusion *diffusion, long n);

/** Allocates sampler memory for panels of at most max_rows rows. Range: keeps a sum of MDP_KEEP. Nullable: products.
 * Owns: caller, mdp_sampler_free. */
mdp_err mdp_sampler_alloc(struct mdp_sampler *sampler, const struct mdp_diffusion *diffusion, int max_rows, int keeps,
                          struct mdp_products *products);

/** Frees sampler memory. */
void mdp_sampler_free(struct mdp_sampler *sampler);

/** Samples actions by the reverse process. Shapes: obs [n_rows, n_obs] normalised, act [n_rows, n_act] in [-1, 1].
 * `temperature` scales the start draw only. Source: SPEC 4. */
void mdp_diffusion_sample(const struct mdp_diffusion *diffusion, const float *params,
                          const struct mdp_time_table *table, int n_rows, const float *obs, struct mdp_draws draws,
                          double temperature, struct mdp_sampler *sampler, float *act);

/** Propagates d_act [n_rows, n_act] back through the newest run of a sampler that keeps its steps; grads (nullable) and
 * d_table accumulate. Source: SPEC 4.3. */
void mdp_diffusion_sample_backward(const struct mdp_diffusion *diffusion, const float *params, int n_rows,
                                   const float *d_act, struct mdp_sampler *sampler, float *grads, float *d_table);

/** One solver step on n elements: prediction, clip, update. Source: SPEC 4.2, 4.4. */
void mdp_solver_step(const struct mdp_diffusion *diffusion, int i, long n, const struct mdp_solver_io *io);

/** Computes the gradient of that step from d_next: d_prediction, and d_x without what flows through the prediction;
 * d_x may be d_next. Shapes: [n]. Nullable: carry, the gradient of this step's predicted clean action from the step
 * after it on entry, that of the previous step's on return; for multistep solvers. Source: SPEC 4.3. */
void mdp_solver_step_backward(const struct mdp_diffusion *diffusion, int i, long n, const float *inside,
                              const float *d_next, float *carry, float *d_prediction, float *d_x);

/** Behaviour-cloning loss of a panel, forward and backward: square_sums [n_rows] gets each row's squared error summed
 * over action dimensions; gradients are of the mean over n_total rows and n_act dimensions, and accumulate.
 * Range: dropout.start NULL for a denoiser without dropout. Nullable: grads; both (forward only). Source: SPEC 3. */
void mdp_diffusion_clone(const struct mdp_diffusion *diffusion, const float *params, const struct mdp_time_table *table,
                         int n_rows, int n_total, const struct mdp_noising *rows, struct mdp_dropout dropout,
                         struct mdp_sampler *sampler, double *square_sums, float *grads, float *d_table);

/** Approximates policy actions by one network pass: the clean action predicted from a noisy dataset action, unclipped.
 * Shapes: act [n_rows, n_act]. Source: SPEC 5.2. */
void mdp_diffusion_one_step(const struct mdp_diffusion *diffusion, const float *params,
                            const struct mdp_time_table *table, int n_rows, const struct mdp_noising *rows,
                            struct mdp_sampler *sampler, float *act);

/** Propagates d_act [n_rows, n_act] back through the newest one-step pass of a sampler; grads (nullable) and d_table
 * accumulate. */
void mdp_diffusion_one_step_backward(const struct mdp_diffusion *diffusion, const float *params, int n_rows,
                                     const float *d_act, struct mdp_sampler *sampler, float *grads, float *d_table);

#endif
