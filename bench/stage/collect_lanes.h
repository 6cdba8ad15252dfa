/* episodes as a collection records them, and one way to run them: together, for what acts on many states at once. */
#ifndef MDP_BENCH_STAGE_COLLECT_LANES_H
#define MDP_BENCH_STAGE_COLLECT_LANES_H

#include "envs/actor.h"
#include "envs/vec.h"

/* one recorded episode */
struct mdp_trajectory {
    int n;
    float *observations, *actions; /* [max_steps + 1, n_obs], [max_steps, n_act] */
    double *qpos, *qvel;           /* [max_steps, n_dof] */
    struct mdp_step *steps;        /* [max_steps] */
};

/* episodes side by side, and the buffers of a step */
struct mdp_collect_lanes {
    const struct mdp_env_spec *spec;
    struct mdp_actor actor;
    struct mdp_vec *vec; /* [n] */
    int n;
    int *active;                   /* [n] the lanes of a question */
    uint32_t *episodes, *numbers;  /* [n] of the states of a question: their episodes and steps */
    float *questions, *answers;    /* [n, n_obs], [n, n_act] of those lanes alone */
    float *actions, *observations; /* [n, n_act], [n, n_obs] */
    struct mdp_step *steps;        /* [n] */
};

/** Builds n lanes. Nullable: engine. Owns: caller, mdp_collect_lanes_free, also after a failure. Errors: NOMEM; those
 * of mdp_vec_new_on. */
mdp_err mdp_collect_lanes_init(const struct mdp_engine *engine, const struct mdp_env_spec *spec, int n, int n_threads,
                               struct mdp_collect_lanes *out);

/** Frees what they are made of. */
void mdp_collect_lanes_free(struct mdp_collect_lanes *lanes);

/** Records n episodes from `first` on, each to its end, or until the first of them have n_rows rows together. Shapes:
 * block [n]. Errors: INTERRUPTED; those of the actor. */
mdp_err mdp_collect_block(struct mdp_collect_lanes *lanes, uint64_t seed, uint32_t first, long n_rows,
                          struct mdp_trajectory *block);

#endif
