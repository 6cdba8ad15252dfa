/* a guidance module: values of actions, their gradient, and how they are trained.
 *
 * knows nothing of diffusion: next actions come as an array. a kind is a const descriptor; a module holds one or more
 * value networks, each with parameters, an optional slowly moving target, and an optimiser. Source: SPEC sections 1.3,
 * 5, 9. */
#ifndef MDP_ALGOS_GUIDANCE_GUIDANCE_H
#define MDP_ALGOS_GUIDANCE_GUIDANCE_H

#include "algos/guidance/q_net.h"
#include "algos/nn/module.h"
#include "algos/nn/optimizer.h"

enum { MDP_GUIDANCE_NETS_MAX = 2 };

struct mdp_guidance;
struct mdp_guidance_work;

/* what a training step is given besides the batch, and what it reports */
struct mdp_guidance_step {
    const float *next_act; /* [n, n_act]: actions in the next states */
    double discount, lr;
    int n_threads;
    double loss, target_mean; /* out */
};

/* a kind of guidance: names and functions; `values` is the number of heads that can lead a policy loss */
struct mdp_guidance_kind {
    const char *name;
    int n_values;
    int target_every; /* targets move when the step number is a multiple of this */
    /* describes the networks and their names */
    void (*build)(struct mdp_guidance *guidance);
    /* the score that selects among candidates, [n_rows] */
    void (*select_score)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score);
    /* the heads that can lead a policy loss: values[h] [n_rows], borrowed from work */
    void (*policy_values)(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                          struct mdp_guidance_work *work, const float *values[MDP_Q_HEADS_MAX]);
    /* d_act [n_rows, n_act] from d_value [n_rows] of one head of the newest policy_values; written */
    void (*policy_gradient)(const struct mdp_guidance *guidance, int n_rows, int i_value, const float *d_value,
                            struct mdp_guidance_work *work, float *d_act);
    /* one step of training; NULL for a kind that is not trained */
    void (*train)(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step);
};

/* one value network of a module */
struct mdp_guidance_net {
    const char *name, *target_name; /* file groups, e.g. "critic", "critic_target"; target_name NULL for none */
    struct mdp_q_net net;
    float *params, *target; /* [net.layout.n_floats] */
    struct mdp_adam adam;
};

/* working memory for one row panel */
struct mdp_guidance_work {
    int max_rows;
    struct mdp_q_cache caches[MDP_GUIDANCE_NETS_MAX];
};

/* working memory of training: a panel each; the gradients stay readable until the next step */
struct mdp_guidance_trainer {
    int max_batch, n_panels;
    struct mdp_guidance_work *work;                /* [n_panels] */
    float **grads[MDP_GUIDANCE_NETS_MAX];          /* [n_panels][n_floats] */
    float *values[MDP_Q_HEADS_MAX], *target_value; /* [max_batch]: of the newest step, before its update */
    float *d_value;                                /* [max_batch] */
};

/* settings of a guidance module */
struct mdp_guidance_config {
    const struct mdp_guidance_kind *kind;
    int n_obs, n_act, n_hidden;
    double target_keep; /* a target keeps this much of itself at an update (SPEC 0.2: 0.005) */
};

/* a guidance module */
struct mdp_guidance {
    struct mdp_guidance_config config;
    int n_nets;
    struct mdp_guidance_net nets[MDP_GUIDANCE_NETS_MAX];
    struct mdp_guidance_trainer *trainer; /* NULL until mdp_guidance_trainer_new */
};

/* DQL's and EDP's critic: two heads with targets */
extern const struct mdp_guidance_kind mdp_guidance_double_q;

/** Finds a kind by name. Errors: USAGE, listing the names. */
mdp_err mdp_guidance_kind_find(const char *name, const struct mdp_guidance_kind **out);

/** Writes DQL's settings: double Q, width 256, target_keep 0.005. Source: SPEC 5.4. */
void mdp_guidance_defaults(struct mdp_guidance_config *config, int n_obs, int n_act);

/** Makes a module with initial parameters of (seed); targets start equal. Owns: caller, mdp_guidance_free.
 * Errors: USAGE for settings out of range, NOMEM. */
mdp_err mdp_guidance_new(const struct mdp_guidance_config *config, uint64_t seed, struct mdp_guidance **out);

/** Frees a module. Nullable: guidance. */
void mdp_guidance_free(struct mdp_guidance *guidance);

/** Gives a module what training batches of at most max_batch rows need; may be called again. Errors: NOMEM. */
mdp_err mdp_guidance_trainer_new(struct mdp_guidance *guidance, int max_batch);

/** Lists what is saved: for double Q "critic", "critic_target", and the optimiser's "adam_m", "adam_v"; returns how
 * many. The views borrow the module; the step counter that goes with the moments is guidance->nets[0].adam.step. */
int mdp_guidance_groups(struct mdp_guidance *guidance, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]);

/** Moves the targets if the kind's rule asks for it after gradient step n (from 0). */
void mdp_guidance_average(struct mdp_guidance *guidance, long n, int n_threads);

/** Allocates working memory for panels of at most max_rows rows. Owns: caller, mdp_guidance_work_free. */
mdp_err mdp_guidance_work_alloc(struct mdp_guidance_work *work, const struct mdp_guidance *guidance, int max_rows);

/** Frees the working memory. */
void mdp_guidance_work_free(struct mdp_guidance_work *work);

#endif
