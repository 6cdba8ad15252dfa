/* diffusion Q-learning: the joint gradient step of a diffusion module and a guidance module.
 *
 * the step number and the draws come from outside, so that stored vectors, resumed runs and fresh runs take the same
 * path; results do not depend on the number of threads. Source: SPEC section 5.1. */
#ifndef MDP_ALGOS_DQL_H
#define MDP_ALGOS_DQL_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"

/* settings of a run */
struct mdp_dql_config {
    int batch;              /* largest batch; 256 */
    double discount;        /* 0.99 */
    double eta;             /* weight of the policy loss; 0: no guidance in training */
    double lr;              /* 3e-4 */
    long lr_steps;          /* the cosine schedule ends here; 2,000,000 */
    int is_guidance_frozen; /* skips the guidance's own training (steps 1 to 4, and its targets) */
    uint64_t seed;          /* of the draws */
    int n_threads;
};

/* the random draws of one step, D = mdp_diffusion_draws; borrowed */
struct mdp_dql_draws {
    const int *bc_time;      /* [n] denoising times of the cloning loss */
    const float *bc_eps;     /* [n, n_act] its noise */
    const float *noise_next; /* [D, n, n_act] sampling next actions; unused if frozen */
    const float *noise_new;  /* [D, n, n_act] sampling policy actions */
    double coin;             /* which head leads: above 0.5 the first */
};

/* what one step reports; NaN where not computed */
struct mdp_dql_log {
    double bc_loss, q_loss, actor_loss, critic_loss, target_q_mean, lr;
};

struct mdp_dql_panel;

/* a run; the arrays hold the newest step's intermediate values */
struct mdp_dql {
    struct mdp_dql_config config;
    struct mdp_diffusion *diffusion; /* borrowed */
    struct mdp_guidance *guidance;   /* borrowed */
    long step;                       /* gradient steps taken: the number of the next one */
    long lr_step;                    /* the same for the learning-rate schedule */
    struct mdp_time_table table, ema_table;
    int n_panels;
    int n_used; /* panels of the newest step */
    struct mdp_dql_panel *panels;
    float **grads;                         /* [n_panels][n_floats], the newest step's, in panel order */
    float *d_table;                        /* [n_panels, n_times, n_emb] */
    float *next_act, *new_act, *d_new_act; /* [batch, n_act] */
    float *q_new[MDP_Q_HEADS_MAX];         /* [batch]: values of new_act */
    float *d_value;                        /* [batch] */
    double *square_sums;                   /* [batch]: cloning error of each row */
    int *bc_time;                          /* draw buffers, as struct mdp_dql_draws */
    float *bc_eps, *noise_next, *noise_new;
};

/** Writes the defaults of SPEC 5.4, one thread, seed 0. */
void mdp_dql_defaults(struct mdp_dql_config *config);

/** Makes a run over two modules, which must have equal observation and action sizes and outlive it. Owns: caller,
 * mdp_dql_free. Errors: DATA for unequal sizes, USAGE for settings out of range, NOMEM. */
mdp_err mdp_dql_new(const struct mdp_dql_config *config, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                    struct mdp_dql **out);

/** Frees a run, not its modules. Nullable: dql. */
void mdp_dql_free(struct mdp_dql *dql);

/** Draws what gradient step dql->step needs for n rows from the streams of the seed; borrowed until the next call. */
struct mdp_dql_draws mdp_dql_draw(struct mdp_dql *dql, int n);

/** Takes one joint step and counts it. Range: 1 <= batch->n <= config.batch. Never allocates, cannot fail. */
void mdp_dql_step(struct mdp_dql *dql, const struct mdp_batch *batch, const struct mdp_dql_draws *draws,
                  struct mdp_dql_log *log);

/** Sums the newest step's denoiser gradient over panels. Shapes: out [diffusion->net.layout.n_floats]. */
void mdp_dql_actor_gradient(const struct mdp_dql *dql, float *out);

#endif
