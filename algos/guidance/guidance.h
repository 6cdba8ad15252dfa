/* a guidance module: values of actions, their gradient, and how they are trained.
 *
 * knows nothing of diffusion: next actions come as an array. a kind is a const descriptor; a module holds one or more
 * value networks, each with parameters, an optional slowly moving target, and an optimiser. Source: SPEC sections 1.3,
 * 1.4, 5, 9. */
#ifndef MDP_ALGOS_GUIDANCE_GUIDANCE_H
#define MDP_ALGOS_GUIDANCE_GUIDANCE_H

#include "algos/guidance/q_net.h"
#include "algos/nn/module.h"
#include "algos/nn/optimizer.h"
#include "algos/nn/window_block.h"

enum { MDP_GUIDANCE_NETS_MAX = 2, MDP_SUPPORT_MAX = 256 };

struct mdp_guidance;
struct mdp_guidance_work;

/* what a training step is given besides the batch, and what it reports; NaN where a kind has no such thing */
struct mdp_guidance_step {
    const float *next_act; /* [n, n_act]: actions in the next states; unused by kinds that do not need them */
    double discount, lr;
    int n_threads;
    /* what an energy learns from: actions that the behaviour supports in the next states, [n, n_support, n_act]; where
     * it learns also what noise makes of them, and at which time of each state's, [n]; and its rate. values learn in
     * the same step unless they rest */
    const float *support, *noisy;
    const double *times;
    double energy_lr;
    int n_support, values_rest;
    double loss, value_loss,
        target_mean; /* out: of action values, of state values or an energy, the mean target of the first */
};

/* a kind of guidance: names and functions; `n_values` is the number of heads that can lead a policy loss */
struct mdp_guidance_kind {
    const char *name;
    const char *algorithm; /* the algorithm whose selection temperatures fit the scale of these values; NULL if they
                              select nothing */
    int n_values;
    int sees_windows;   /* it tells returns of windows of steps, and has none of the functions on actions below */
    int needs_next_act; /* to be trained */
    int needs_support;  /* instead, for values and, in steps with noisy actions, an energy, by which it scores */
    int train_every;    /* it is trained when the step number is a multiple of this, */
    int target_every;   /* and targets move when it is one of this */
    /* describes the networks and their names */
    void (*build)(struct mdp_guidance *guidance);
    /* the value of actions that the score stands on, [n_rows]; NULL for a kind without values */
    void (*action_value)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *value);
    int has_state_values;     /* which learn in every step that it is trained in */
    int scores_by_least_head; /* select_score is what guidance/score_plan.h computes */
    /* the score that selects among candidates, [n_rows] */
    void (*select_score)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score);
    /* its gradient in the actions, [n_rows, n_act], written; score as select_score gives it */
    void (*score_gradient)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                           struct mdp_guidance_work *work, float *score, float *d_act);
    /* the heads that can lead a policy loss: values[h] [n_rows], borrowed from work */
    void (*policy_values)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                          struct mdp_guidance_work *work, const float *values[MDP_Q_HEADS_MAX]);
    /* d_act [n_rows, n_act] from d_value [n_rows] of one head of the newest policy_values; written */
    void (*policy_gradient)(const struct mdp_guidance *guidance, int n_rows, int i_value, const float *d_value,
                            struct mdp_guidance_work *work, float *d_act);
    /* memory of a kind's own for training batches of max_batch rows, in trainer->own; NULL for none */
    mdp_err (*own_new)(struct mdp_guidance *guidance, int max_batch);
    void (*own_free)(struct mdp_guidance *guidance);
    /* one step of training; NULL for a kind that is not trained */
    void (*train)(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step);
};

/* one value network of a module */
struct mdp_guidance_net {
    const char *name, *target_name; /* file groups, e.g. "critic", "critic_target"; target_name NULL for none */
    struct mdp_q_net net;
    float *params, *target; /* [net.layout.n_floats] */
    double target_keep;     /* share of itself that the target keeps at an update */
    int rests;              /* the target stays as it is for now */
    struct mdp_adam adam;   /* empty until mdp_guidance_trainer_new */
};

/* working memory for one row panel */
struct mdp_guidance_work {
    int max_rows;
    struct mdp_q_cache caches[MDP_GUIDANCE_NETS_MAX];
    float *d_value; /* [max_rows] */
    double *times;  /* [max_rows]: denoising times of rows, for an energy */
};

/* working memory of training: a panel each; the gradients stay readable until the next step */
struct mdp_guidance_trainer {
    int max_batch, n_panels;
    struct mdp_products *products;                 /* borrowed; must outlive the trainer's use */
    struct mdp_guidance_work *work;                /* [n_panels] */
    float **grads[MDP_GUIDANCE_NETS_MAX];          /* [n_panels][n_floats] */
    float *values[MDP_Q_HEADS_MAX], *target_value; /* [max_batch]: of the newest step, before its update */
    float *d_value;                                /* [max_batch] */
    float *target_min, *state_value;               /* [max_batch]: of the dataset's actions, for kinds that use them */
    void *own;                                     /* what a kind has beside it */
};

/* settings of a guidance module */
struct mdp_guidance_config {
    const struct mdp_guidance_kind *kind;
    int n_obs, n_act, n_hidden;
    double target_keep; /* share of itself that a target keeps at an update; at SPEC 0.2's 0.005 it is nearly a copy */
    double expectile;   /* of iql's state value; 0.7 */
    /* of an energy: size of its embeddings, widths of its layers, supported actions of a state, inverse temperatures of
     * targets and of labels, and what its averaged copy keeps at an update; 64, 256, 16, 1, 10, 0.9999 */
    int n_emb, widths[3], n_support;
    double beta_value, beta, ema_keep;
    /* of windows of steps: their shape, n_hidden being the width that factors multiply; the denoising times of its
     * noise; coupled decay; and in what unit it learns returns. its average keeps ema_keep, too */
    struct mdp_window_make windows;
    int n_times;
    double penalty, return_scale;
};

struct mdp_window_guidance;

/* a guidance module */
struct mdp_guidance {
    struct mdp_guidance_config config;
    int n_nets;
    struct mdp_guidance_net nets[MDP_GUIDANCE_NETS_MAX];
    struct mdp_guidance_trainer *trainer; /* NULL until mdp_guidance_trainer_new */
    struct mdp_window_guidance *window;   /* of a kind that sees windows, which has no nets */
};

/* X(identifier): the kinds.
 * double_q: DQL's and EDP's critic, two heads with targets. iql: IDQL's, two heads with targets and a state value.
 * energy: QGPO's, an action value with a target, and the energy that follows from it, with its average.
 * noise: a double_q that was never trained and never is. none: no values, every candidate scores 0. returns: Diffuser's
 * returns of windows */
#define MDP_GUIDANCE_LIST(X) X(double_q) X(iql) X(energy) X(noise) X(none) X(returns)

#define MDP_GUIDANCE_DECLARE(name) extern const struct mdp_guidance_kind mdp_guidance_##name;
MDP_GUIDANCE_LIST(MDP_GUIDANCE_DECLARE)
#undef MDP_GUIDANCE_DECLARE

/** Finds a kind by name. Errors: USAGE, listing the names. */
mdp_err mdp_guidance_kind_find(const char *name, const struct mdp_guidance_kind **out);

/** Writes DQL's settings: double Q, width 256, target_keep 0.005, expectile 0.7. Source: SPEC 5.4. */
void mdp_guidance_defaults(struct mdp_guidance_config *config, int n_obs, int n_act);

/** Makes a module whose parameters are zeros, for those of a file. Owns: caller, mdp_guidance_free. Errors: USAGE for
 * settings out of range, NOMEM. */
mdp_err mdp_guidance_alloc(const struct mdp_guidance_config *config, struct mdp_guidance **out);

/** Makes a module with initial parameters of (seed); targets start equal. Owns: caller, mdp_guidance_free.
 * Errors: USAGE for settings out of range, NOMEM. */
mdp_err mdp_guidance_new(const struct mdp_guidance_config *config, uint64_t seed, struct mdp_guidance **out);

/** Frees a module. Nullable: guidance. */
void mdp_guidance_free(struct mdp_guidance *guidance);

/** Has an energy's own parameters act in the place of their average; other kinds have none. */
void mdp_guidance_use_online(struct mdp_guidance *guidance);

/** Prepares products for panels of batches of max_batch rows through a module's networks, and has them watch its
 * parameters and targets. Nullable: products. Errors: NOMEM, INTERNAL. */
mdp_err mdp_guidance_plan(const struct mdp_guidance *guidance, int max_batch, struct mdp_products *products);

/** Has products read a module's parameters and targets anew. Nullable: products. */
void mdp_guidance_refresh(const struct mdp_guidance *guidance, struct mdp_products *products, int n_threads);

/** Gives a module what training batches of at most max_batch rows need, fresh moments included unless it has some; may
 * be called again. Nullable: products. Errors: USAGE for a kind that is not trained, NOMEM. */
mdp_err mdp_guidance_trainer_new(struct mdp_guidance *guidance, int max_batch, struct mdp_products *products);

/** Lists what is saved: for double Q "critic", "critic_target", for IQL "iql_q", "iql_q_target", "iql_v"; with a
 * trainer also the optimisers' "adam_m", "adam_v" (a second network's with "_1"). Returns how many. The views borrow
 * the module; the step counters that go with the moments are guidance->nets[i].adam.step. */
int mdp_guidance_groups(struct mdp_guidance *guidance, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]);

/** Takes in what was written to the newest list of groups: of windows, these are copies. */
void mdp_guidance_take(struct mdp_guidance *guidance);

/** Returns how many numbers its networks have. */
long mdp_guidance_parameters(const struct mdp_guidance *guidance);

/** Takes the guidance's part of gradient step n (from 0) if the kind's cadence asks for one, then moves the targets by
 * their rule; returns whether it trained. Without training the report is NaN. */
int mdp_guidance_update(struct mdp_guidance *guidance, const struct mdp_batch *batch, long n,
                        struct mdp_guidance_step *step);

/** Takes the optimiser's step on network i_net with the gradients of n_panels, for a kind's train. */
void mdp_guidance_step_net(struct mdp_guidance *guidance, int i_net, int n_panels,
                           const struct mdp_guidance_step *step);

/** Allocates working memory for panels of at most max_rows rows. Nullable: products. Owns: caller,
 * mdp_guidance_work_free. */
mdp_err mdp_guidance_work_alloc(struct mdp_guidance_work *work, const struct mdp_guidance *guidance, int max_rows,
                                struct mdp_products *products);

/** Frees the working memory. */
void mdp_guidance_work_free(struct mdp_guidance_work *work);

#endif
