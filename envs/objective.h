/* another objective than an environment's reward: its terms with other weights, or a speed to be kept.
 *
 * "speed=3,effort=0.5" pays -|v - 3| for the velocity v (m/s) in place of progress, and takes half of the cost of
 * actions; terms that are not named stay as they are. the same objective is computed from steps that are simulated and
 * from steps that a dataset recorded, whose terms are found again from reward, action and next observation.
 * Source: reference/envs/SPEC.md section 8, reference/envs-mujoco/SPEC.md section 7. */
#ifndef MDP_ENVS_OBJECTIVE_H
#define MDP_ENVS_OBJECTIVE_H

#include "base/err.h"
#include "envs/types.h"

enum { MDP_OBJECTIVE_MAX = 64 };

struct mdp_objective {
    double weights[MDP_ENV_N_TERMS];
    double speed;                 /* m/s, in place of progress; NaN: none */
    char text[MDP_OBJECTIVE_MAX]; /* its shortest form, terms in their order */
};

/* a step as a dataset has it */
struct mdp_recorded_step {
    const float *action;           /* [n_act] */
    const float *next_observation; /* [n_obs]; NULL: not recorded */
    const double *next_qvel;       /* [n_dof] of the state behind it; NULL: not recorded */
    float reward;
    int terminal;
};

/** Reads terms "NAME=NUMBER,..": weights alive, progress, effort, limits, or speed in place of progress. Nullable: spec
 * (any term is taken). Errors: USAGE, "expected .., found ..", also for a term that the environment has not and for
 * what changes nothing. */
mdp_err mdp_objective_parse(const char *text, const struct mdp_env_spec *spec, struct mdp_objective *out);

/** Returns what a step is worth; NaN terms give NaN, and callers leave out steps that are not finite. Shapes: terms
 * [MDP_ENV_N_TERMS]. */
double mdp_objective_value(const struct mdp_objective *objective, const double *terms);

/** Finds the terms of a recorded step, up to the rounding of its reward to float32. Returns NULL, or why they cannot be
 * had. Shapes: terms [MDP_ENV_N_TERMS]. */
const char *mdp_objective_terms(const struct mdp_env_spec *spec, const struct mdp_recorded_step *step, double *terms);

#endif
