/* the episodes of an experiment's arms as arrays: what tables and figures are made of.
 *
 * normalized returns of every task, seed, checkpoint and episode. an arm is read once and kept. */
#ifndef MDP_BENCH_REPORT_ARM_DATA_H
#define MDP_BENCH_REPORT_ARM_DATA_H

#include "bench/experiment/paths.h"
#include "bench/run/evaluations.h"
#include "results/alike.h"

/* one arm, evaluated with one kind of actor */
struct mdp_arm_data {
    const struct mdp_experiment *experiment;
    int i_arm, is_online;
    int n_tasks, n_seeds, n_steps;
    long n_episodes;
    double *steps;                /* [n_steps] */
    double *values;               /* [n_tasks, n_seeds, n_steps, n_episodes] */
    double *means;                /* [n_tasks, n_seeds, n_steps], over episodes */
    int *is_whole;                /* [n_tasks, n_seeds]: every checkpoint is there */
    long *n_non_finite;           /* [n_tasks, n_seeds]: episodes of all checkpoints that stopped at such a value */
    int is_shown;                 /* whether the table that is being made shows it */
    struct mdp_alike_file *first; /* [n_tasks]: what the others of its task have to be like */
};

/* the arms of one experiment that have been asked for */
struct mdp_arms {
    const struct mdp_experiment *experiment;
    int is_partial; /* leave out what is missing instead of refusing */
    int n;
    struct mdp_arm_data *list;    /* room for every arm with both actors */
    struct mdp_alike_group group; /* of everything read so far */
    struct mdp_evaluations cache;
};

/** Prepares for an experiment's arms. Owns: caller, mdp_arms_free. Errors: NOMEM. */
mdp_err mdp_arms_new(const struct mdp_experiment *experiment, int is_partial, struct mdp_arms *out);

/** Frees all that has been read. */
void mdp_arms_free(struct mdp_arms *arms);

/** Reads an arm, once. Owns: arms. Errors: IO; DATA for damaged, missing or unlike episodes. */
mdp_err mdp_arms_get(struct mdp_arms *arms, int i_arm, int is_online, const struct mdp_arm_data **out);

/** Refuses a file that is not of a task's environment, or cannot stand beside those before it. Errors: DATA; NOMEM. */
mdp_err mdp_arms_join(struct mdp_arms *arms, int i_task, const struct mdp_alike_file *file);

/** Returns the mean over the episodes of a checkpoint. */
static inline double mdp_arm_mean(const struct mdp_arm_data *arm, int i_task, int i_seed, long i_step) {
    return arm->means[((long)i_task * arm->n_seeds + i_seed) * arm->n_steps + i_step];
}

/** Returns the episodes of a checkpoint [n_episodes]; borrowed. */
static inline const double *mdp_arm_episodes(const struct mdp_arm_data *arm, int i_task, int i_seed, long i_step) {
    return arm->values + (((long)i_task * arm->n_seeds + i_seed) * arm->n_steps + i_step) * arm->n_episodes;
}

#endif
