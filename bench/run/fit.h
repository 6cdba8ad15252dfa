/* how well transitions fit a world: one simulated step from each stored observation, against the stored next one.
 *
 * a file's name does not tell its world: v2 and v4 differ by the library alone, and a public course ships episodes of
 * one under the name of the other. Source: reference/envs-mujoco/SPEC.md, section 11. */
#ifndef MDP_BENCH_RUN_FIT_H
#define MDP_BENCH_RUN_FIT_H

#include "envs/env.h"

struct mdp_engine;

/* transitions inside episodes; free with mdp_fit_rows_free */
struct mdp_fit_rows {
    long n;
    double *observations, *actions, *next; /* [n, n_obs], [n, n_act], [n, n_obs] */
    char type[16];                         /* of the stored observations, "float32" */
};

/* the errors of the rows that a state could be rebuilt from: of each the largest over the observation */
struct mdp_fit {
    long n;
    double median, q90, max; /* 1e300 for a step that was not finite; INFINITY if no row could be used */
};

/** Replays rows in an environment of the family gym_mujoco. Nullable: engine. Errors: as of the physics. */
mdp_err mdp_fit_world(const struct mdp_engine *engine, const struct mdp_env_spec *spec, const struct mdp_fit_rows *rows,
                      struct mdp_fit *fit);

/** Returns below what the 90 % quantile of the right world is: the rounding of the rows' type. */
double mdp_fit_bound(const struct mdp_fit_rows *rows);

/** Frees the arrays. */
void mdp_fit_rows_free(struct mdp_fit_rows *rows);

#endif
