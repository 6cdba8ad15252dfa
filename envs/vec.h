/* many environments side by side: lanes with their own episodes, stepped together by OpenMP.
 *
 * a lane is active from mdp_vec_reset_lane until its episode ends; there is no hidden reset, so the last observation
 * of every episode is seen. Active lanes are dealt to the threads in equal shares; who is through with its own helps
 * the others. Results depend on neither the number of lanes nor of threads. */
#ifndef MDP_ENVS_VEC_H
#define MDP_ENVS_VEC_H

#include "envs/env.h"

struct mdp_vec;

/** Builds n_lanes environments of one spec on chosen physics, all inactive. Range: n_lanes, n_threads >= 1. Nullable:
 * engine (the default). Owns: caller, mdp_vec_free. Errors: USAGE, NOMEM; IO, DATA as mdp_env_new_on. */
mdp_err mdp_vec_new_on(const struct mdp_engine *engine, const struct mdp_env_spec *spec, int n_lanes, int n_threads,
                       struct mdp_vec **out);

/** As mdp_vec_new_on, on the default physics. */
mdp_err mdp_vec_new(const struct mdp_env_spec *spec, int n_lanes, int n_threads, struct mdp_vec **out);

/** Frees all lanes. Nullable: vec. */
void mdp_vec_free(struct mdp_vec *vec);

/** Starts an episode in a lane and makes it active. Shapes: observation [n_obs]. */
void mdp_vec_reset_lane(struct mdp_vec *vec, int i_lane, uint64_t seed, uint32_t episode, float *observation);

/** Makes a lane inactive before its episode ended; an inactive lane stays so. */
void mdp_vec_release_lane(struct mdp_vec *vec, int i_lane);

/** Steps every active lane; rows of inactive lanes are neither read nor written. A lane whose step ends its episode
 * becomes inactive. Shapes: actions [n_lanes, n_act], observations [n_lanes, n_obs], steps [n_lanes]. */
void mdp_vec_step(struct mdp_vec *vec, const float *actions, float *observations, struct mdp_step *steps);

/** Writes a lane's newest observation again. Range: a lane that has been reset. Shapes: observation [n_obs]. */
void mdp_vec_observe(const struct mdp_vec *vec, int i_lane, float *observation);

/** Returns the environment of a lane; borrowed. */
const struct mdp_env *mdp_vec_lane(const struct mdp_vec *vec, int i_lane);

/** Returns how many lanes are active. */
int mdp_vec_n_active(const struct mdp_vec *vec);

/** Returns the active lanes in ascending order; borrowed until the next call on vec. Shapes: [n_active]. */
const int *mdp_vec_active(const struct mdp_vec *vec);

#endif
