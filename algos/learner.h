/* the gradient step of every algorithm: a guidance module and a diffusion module, each trained or not.
 *
 * what is trained and what acts is a matter of settings: guidance may learn along, be frozen, mean nothing or be
 * absent, and may be trained alone. the step number and the draws come from outside, so that stored vectors, resumed
 * runs and fresh runs take the same path; results do not depend on the number of threads. Source: SPEC sections 5, 9.
 */
#ifndef MDP_ALGOS_LEARNER_H
#define MDP_ALGOS_LEARNER_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"
#include "algos/nn/kernel.h"
#include "algos/weight_schedule.h"

/* X(identifier, name, trains its guidance, starts from a guidance file, what it is) */
#define MDP_MODE_LIST(X)                                                                                               \
    X(JOINT, "joint", 1, 0, "guidance and diffusion learn together")                                                   \
    X(FROZEN, "frozen", 0, 1, "guidance comes from a file and stays")                                                  \
    X(CONTINUED, "continued", 1, 1, "guidance comes from a file and learns on, with fresh moments")                    \
    X(NOISE, "noise", 0, 0, "guidance is a network as it was drawn")                                                   \
    X(NONE, "none", 0, 0, "no guidance, the cloning loss alone")                                                       \
    X(GUIDANCE, "guidance", 1, 0, "guidance learns alone, no diffusion module")

#define MDP_MODE_ENUM(identifier, name, trains, loads, what) MDP_MODE_##identifier,
enum mdp_mode { MDP_MODE_LIST(MDP_MODE_ENUM) MDP_N_MODES };
#undef MDP_MODE_ENUM

/* a mode's row */
struct mdp_mode_info {
    const char *name;
    int trains_guidance, loads_guidance;
};

/* where the actions of the policy loss come from */
enum mdp_policy_action {
    MDP_ACTION_SAMPLED,  /* the whole reverse process, with its gradient: DQL */
    MDP_ACTION_ONE_STEP, /* one network pass on a noisy dataset action: EDP */
    MDP_ACTION_NONE      /* no policy loss: IDQL */
};

/* settings of a run */
struct mdp_learner_config {
    enum mdp_mode mode;
    enum mdp_policy_action action;
    int batch;                                      /* largest batch; 256 */
    double discount;                                /* 0.99 */
    double eta;                                     /* weight of the policy loss, */
    const struct mdp_weight_schedule *eta_schedule; /* of which a step has this share; NULL: all of it */
    int eta_steps; /* steps that the schedule is over; those after it have the share of the last */
    double lr;     /* 3e-4, of both modules, */
    double value_lr_share, energy_lr_share; /* of which values and an energy take so much; 1 */
    long lr_steps;                          /* the cosine schedule ends here; 2,000,000. 0: the rate stays */
    long n_value_steps;    /* so many steps values learn alone, from there on an energy; -1: all side by side */
    int has_support;       /* batches bring supported actions of the next states; guidance alone may need them */
    int has_next_act;      /* batches say what the dataset did in the next states; guidance alone may need it */
    int is_noise_gradient; /* noise mode: Gaussian noise of the same root mean square for the policy loss's gradient */
    uint64_t seed;         /* of the draws */
    int n_threads;
    int keeps_gradient;              /* for mdp_learner_actor_gradient */
    enum mdp_products_kind products; /* arithmetic of the layers that have gradients, and of those that score values */
    /* what samples the critic's next actions, which needs no gradient: the best float32 kernel. NULL: those layers */
    const struct mdp_kernel *kernel;
};

/* the random draws of one step, D = mdp_diffusion_draws; borrowed; what a run does not use may be NULL */
struct mdp_learner_draws {
    /* of windows of n_act numbers: bc_at the times, whole ones of a U-Net, bc_mask where a return is told, bc_eps the
     * noise; policy_time and noise_new those of the windows whose returns are learnt */
    const int *bc_time;          /* [n] denoising times of the cloning loss; for continuous ones 0 to n - 1, */
    const double *bc_at;         /* [n] and what they are; NULL */
    const float *bc_mask;        /* [n] 1 where the observation counts, else 0; NULL: it does everywhere */
    const float *bc_eps;         /* [n, n_act] its noise */
    const uint8_t *bc_keep;      /* [n_blocks, n, n_hidden] its dropout masks, 1 where kept */
    const float *noise_next;     /* [D, n, n_act] sampling next actions */
    const float *noise_new;      /* sampled policy actions: [D, n, n_act]; one-step: [n, n_act] */
    const int *policy_time;      /* [n] denoising times of one-step policy actions */
    const float *noise_gradient; /* [n, n_act] */
    double coin;                 /* which head leads: above 0.5 the first */
    /* of an energy, K its supported actions: */
    const float *support_noise; /* [n, D, K, n_act] sampling them; state by state */
    const double *energy_at;    /* [n] times, */
    const float *energy_eps;    /* [n, K, n_act] and noise of the noisy ones */
};

/* what one step reports; NaN where not computed */
struct mdp_learner_log {
    double bc_loss, q_loss, actor_loss;            /* q_loss: the policy loss, without eta */
    double critic_loss, value_loss, target_q_mean; /* of the guidance */
    double lr, guidance_lr;
    int has_critic_loss, has_value_loss; /* computed, so that NaN is no absence */
};

struct mdp_learner_panel;
struct mdp_proposer;
struct mdp_window_learner;

/* what the actor's half of a run works with; the arrays hold the newest step's intermediate values */
struct mdp_learner_actor {
    struct mdp_time_table table, ema_table;
    struct mdp_proposer *next;      /* next actions by the kernel; NULL without */
    int next_is_stale;              /* the averaged denoiser has moved since it was packed for the kernel */
    struct mdp_proposer *supporter; /* supported actions by the kernel, or plainly; NULL where none are sampled */
    float *support;                 /* [batch, K, n_act] */
    int n_panels;
    struct mdp_learner_panel *panels;
    struct mdp_gradient
        gradient;   /* used by a residual denoiser alone; other denoisers sum their gradients panel by panel */
    int n_grads;    /* gradient blocks of the newest step: one, or one for each panel */
    float **grads;  /* [n_grads][n_floats], in panel order */
    float *d_table; /* [n_panels, n_times, n_emb] */
    float *next_act, *new_act, *d_new_act; /* [batch, n_act] */
    float *q_new[MDP_Q_HEADS_MAX];         /* [batch]: values of new_act */
    float *d_value;                        /* [batch] */
    double *square_sums;                   /* [batch]: cloning error of each row */
};

/* a run */
struct mdp_learner {
    struct mdp_learner_config config;
    struct mdp_diffusion *diffusion;    /* borrowed; NULL in guidance mode */
    struct mdp_guidance *guidance;      /* borrowed; NULL in mode none */
    int has_policy_loss;                /* there are values, and actions to have them */
    int samples_next;                   /* the guidance is trained with sampled next actions */
    long step;                          /* gradient steps taken: the number of the next one */
    int samples_support;                /* the guidance is trained with supported actions that are sampled here */
    struct mdp_products *products;      /* NULL: nn/gemm.h */
    float *noisy;                       /* [batch, K, n_act]: of an energy's training */
    struct mdp_learner_actor actor;     /* empty in guidance mode */
    struct mdp_window_learner *windows; /* of a run that learns from windows of steps: all that is above, empty */
    struct mdp_learner_buffers {        /* draw buffers, as struct mdp_learner_draws */
        int *bc_time, *policy_time;
        double *bc_at;
        float *bc_mask, *bc_eps, *noise_next, *noise_new, *noise_gradient;
        float *support_noise, *energy_eps;
        double *energy_at;
        uint8_t *bc_keep;
    } buffers;
};

enum { MDP_LEARNER_COUNTERS_MAX = 3 + MDP_GUIDANCE_NETS_MAX };

/** Returns a mode's row. */
const struct mdp_mode_info *mdp_mode_describe(enum mdp_mode mode);

/** Finds a mode by name. Errors: USAGE, listing the names. */
mdp_err mdp_mode_find(const char *name, enum mdp_mode *out);

/** Writes DQL's defaults: joint, sampled actions, the best float32 kernel, one thread, seed 0. Source: SPEC 5.4. */
void mdp_learner_defaults(struct mdp_learner_config *config);

/** Makes a run over modules of equal observation and action sizes, which must outlive it. What a mode does not train
 * gets no memory for training. Nullable: diffusion in guidance mode, and only there; guidance in mode none, and only
 * there. Owns: caller, mdp_learner_free. Errors: DATA for unequal sizes, USAGE for settings that are out of range or
 * contradict the mode, or a kernel or products this machine cannot run, NOMEM. */
mdp_err mdp_learner_new(const struct mdp_learner_config *config, struct mdp_diffusion *diffusion,
                        struct mdp_guidance *guidance, struct mdp_learner **out);

/** Frees a run, not its modules. Nullable: learner. */
void mdp_learner_free(struct mdp_learner *learner);

/** Draws what gradient step learner->step needs for n rows from the streams of the seed; borrowed until the next call.
 */
struct mdp_learner_draws mdp_learner_draw(struct mdp_learner *learner, int n);

/** Takes one step and counts it. In guidance mode a kind that needs next actions takes batch->next_act, which
 * settings with has_next_act promise. Range: 1 <=
 * batch->n <= config.batch. Never allocates, cannot fail. */
void mdp_learner_step(struct mdp_learner *learner, const struct mdp_batch *batch, const struct mdp_learner_draws *draws,
                      struct mdp_learner_log *log);

/** Writes the counters that go with the modules' groups into a saved state; returns how many. */
int mdp_learner_counters(const struct mdp_learner *learner, int64_t out[MDP_LEARNER_COUNTERS_MAX]);

/** Takes counters written by mdp_learner_counters, and notice of parameters that were put in the modules from outside.
 * Shapes: counters [what mdp_learner_counters returns]. */
void mdp_learner_restore(struct mdp_learner *learner, const int64_t *counters);

/** Sums the newest step's denoiser gradient, if the settings keep it. Shapes: out [diffusion->net.layout.n_floats]. */
void mdp_learner_actor_gradient(const struct mdp_learner *learner, float *out);

#endif
