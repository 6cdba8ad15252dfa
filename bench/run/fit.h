/* how well transitions fit a world: one simulated step from each stored observation, against the stored next one.
 *
 * a file's name does not tell its world: v2 and v4 differ by the library alone, and a public course ships episodes of
 * one under the name of the other. Source: reference/envs-mujoco/SPEC.md, section 11. */
#ifndef MDP_BENCH_RUN_FIT_H
#define MDP_BENCH_RUN_FIT_H

#include <stdint.h>

#include "envs/env.h"

struct mdp_engine;

/* transitions inside episodes; free with mdp_fit_rows_free */
struct mdp_fit_rows {
    long n;
    int n_obs, n_act, n_dof;               /* n_dof 0: positions and velocities are not there */
    double *observations, *actions, *next; /* [n, n_obs], [n, n_act], [n, n_obs] */
    double *qpos, *qvel;                   /* [n, n_dof] or NULL */
    uint8_t *is_start;                     /* [n]: the row before is of another moment; NULL: of all */
    char type[16];                         /* of the stored observations, "float32" */
};

/* the errors of the rows that a state could be rebuilt from: of each the largest over the observation */
struct mdp_fit {
    long n;
    double median, q90, max; /* 1e300 for a step that was not finite; INFINITY if no row could be used */
};

/** Replays rows in an environment of their sizes. On Bullet, whose observations do not hold the whole state, that takes
 * rows with positions and velocities; the first ones after a start are left out, as what touches has to settle.
 * Nullable: engine. Errors: as of the physics. */
mdp_err mdp_fit_world(const struct mdp_engine *engine, const struct mdp_env_spec *spec, const struct mdp_fit_rows *rows,
                      struct mdp_fit *fit);

/** Returns 1 if the observations hold no more than float32, whatever their type. */
int mdp_fit_is_f32(const struct mdp_fit_rows *rows);

/** Frees the arrays. */
void mdp_fit_rows_free(struct mdp_fit_rows *rows);

#endif
