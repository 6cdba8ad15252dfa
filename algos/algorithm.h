/* the algorithms as a table: which modules each is made of, how it trains them, and every default.
 *
 * adding one is a row in algorithm.c. what a row cannot say is code of a module (diffusion/, guidance/) or of the one
 * training step (learner.h). Source: SPEC section 5.4. */
#ifndef MDP_ALGOS_ALGORITHM_H
#define MDP_ALGOS_ALGORITHM_H

#include "algos/learner.h"
#include "algos/policy.h"
#include "base/names.h"

/* X(identifier, name): tasks with a selection temperature w_T of their own, by SPEC 5.4 and, for expert data, the
 * authors' task files */
#define MDP_TUNED_TASK_LIST(X)                                                                                         \
    X(HALFCHEETAH_MEDIUM, "halfcheetah-medium")                                                                        \
    X(HALFCHEETAH_MEDIUM_REPLAY, "halfcheetah-medium-replay")                                                          \
    X(HALFCHEETAH_MEDIUM_EXPERT, "halfcheetah-medium-expert")                                                          \
    X(HOPPER_MEDIUM, "hopper-medium")                                                                                  \
    X(HOPPER_MEDIUM_REPLAY, "hopper-medium-replay")                                                                    \
    X(HOPPER_MEDIUM_EXPERT, "hopper-medium-expert")                                                                    \
    X(HOPPER_EXPERT, "hopper-expert")                                                                                  \
    X(WALKER2D_MEDIUM, "walker2d-medium")                                                                              \
    X(WALKER2D_MEDIUM_REPLAY, "walker2d-medium-replay")                                                                \
    X(WALKER2D_MEDIUM_EXPERT, "walker2d-medium-expert")                                                                \
    X(WALKER2D_EXPERT, "walker2d-expert")

#define MDP_TUNED_ENUM(identifier, name) MDP_TUNED_##identifier,
enum mdp_tuned_task { MDP_TUNED_TASK_LIST(MDP_TUNED_ENUM) MDP_N_TUNED_TASKS };
#undef MDP_TUNED_ENUM

/* what plans of a task are made with: steps, weight of the guide, unit of returns, and the return that is wanted in it
 */
struct mdp_plan_tuning {
    int horizon;
    double weight, scale, target;
};

/* what an algorithm that plans has beside one that acts step by step: sizes, training, and what guides its plans.
 * Source: SPEC-trajectory sections 1 to 4 */
struct mdp_planning {
    int width, n_emb, n_blocks, n_heads, n_inverse, batch;
    double emphasis, condition_dropout, decay;
    double discount, terminal_penalty; /* of returns */
    double value_penalty, value_keep;  /* coupled decay and average of the network of returns */
    double lr;
    long lr_steps;
    enum mdp_guide guide;
    int has_told_returns; /* plans are told a return, in units that follow from the data */
    struct mdp_plan_tuning tuned[MDP_N_TUNED_TASKS];
};

/* one algorithm */
struct mdp_algorithm {
    const char *name;
    enum mdp_denoiser_kind denoiser;
    enum mdp_prediction prediction;
    int n_times, n_steps; /* T, S */
    const char *solver;
    double ema_keep;
    int ema_every;
    long ema_start;
    const struct mdp_guidance_kind *guidance;
    enum mdp_policy_action action; /* how the policy loss gets its actions */
    double eta;
    int n_candidates;
    double temperatures[MDP_N_TUNED_TASKS];  /* w_T of each task, see mdp_selection_temperature */
    double guide_weights[MDP_N_TUNED_TASKS]; /* of an energy's gradient, see mdp_guide_weight; 0: none is known */
    const struct mdp_planning *planning;     /* NULL: it acts step by step, and selects by weight */
    /* what is truly its own: where it departs from the defaults of modules, training and acting; NULL: nowhere */
    void (*own_diffusion)(struct mdp_diffusion_config *config);
    void (*own_guidance)(struct mdp_guidance_config *config);
    void (*own_learner)(struct mdp_learner_config *config);
    void (*own_policy)(struct mdp_policy_config *config);
};

/** Shapes windows: with as many steps as are said, else as the task is tuned for, else 32. Range: horizon 0 for none
 * said. Nullable: tuned. */
void mdp_plan_windows(const struct mdp_plan_tuning *tuned, long horizon, struct mdp_window_make *out);

/** Returns algorithm i of the table, NULL behind the last. */
const struct mdp_algorithm *mdp_algorithm_at(int i);

/** Returns the algorithms' names, in the order of the table. */
const struct mdp_names *mdp_algorithm_names(void);

/** Finds an algorithm by name. Errors: USAGE, listing the names. */
mdp_err mdp_algorithm_find(const char *name, const struct mdp_algorithm **out);

/** Returns the row that made a module of windows would be of by its denoiser, NULL if there is none. */
const struct mdp_algorithm *mdp_algorithm_of_denoiser(enum mdp_denoiser_kind kind);

/** Writes the settings of its diffusion module; a planner's has 32 steps. */
void mdp_algorithm_diffusion(const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                             struct mdp_diffusion_config *config);

/** Writes the settings of its own guidance module. */
void mdp_algorithm_guidance(const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                            struct mdp_guidance_config *config);

/** Writes the settings of its joint training, one thread, seed 0. */
void mdp_algorithm_learner(const struct mdp_algorithm *algorithm, struct mdp_learner_config *config);

/** Writes the settings with which it acts, w_T = 50 (see mdp_selection_temperature), one thread. */
void mdp_algorithm_policy(const struct mdp_algorithm *algorithm, struct mdp_policy_config *config);

#endif
