/* environments: a const description (spec) and a mutable simulation (env), stepped one action at a time.
 *
 * an episode is a function of (spec, seed, episode number, actions) alone, bit for bit: neither what the object did
 * before nor lane, batch width or thread count changes it. Everything that can fail is done by mdp_env_new; reset and
 * step allocate nothing. One env is used by one thread at a time; different envs are independent.
 * Source: reference/envs/SPEC.md (facts about the original's environments). */
#ifndef MDP_ENVS_ENV_H
#define MDP_ENVS_ENV_H

#include <stdint.h>

#include "base/err.h"
#include "base/names.h"
#include "envs/action.h"
#include "envs/types.h"

struct mdp_engine;

/** Returns environment number i of the list, NULL past its end. */
const struct mdp_env_spec *mdp_env_list(int i_env);

/** Returns the robots' names, in the order of the list. */
const struct mdp_names *mdp_env_names(void);

/** Returns the environment with this id or robot name, NULL if there is none. */
const struct mdp_env_spec *mdp_env_find(const char *id_or_robot);

/** Returns how many positions, and how many velocities, a state has. Range: at most MDP_ENV_MAX_DOF. */
int mdp_env_n_dof(const struct mdp_env_spec *spec);

/** Returns a hash of all that makes an environment but its physics: sizes, tables, alive rule. Results carry it, so
 * that those of two different robots of one name are not compared. */
uint64_t mdp_env_spec_hash(const struct mdp_env_spec *spec);

struct mdp_env;

/** Builds an environment on the default physics. Owns: caller, mdp_env_free. Errors: NOMEM. */
mdp_err mdp_env_new(const struct mdp_env_spec *spec, struct mdp_env **out);

/** Builds an environment on chosen physics (envs/engine.h), which must outlive it. Nullable: engine (the default).
 * Owns: caller, mdp_env_free. Errors: NOMEM; IO, DATA if a library does not do as expected. */
mdp_err mdp_env_new_on(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_env **out);

/** Frees an environment. Nullable: env. */
void mdp_env_free(struct mdp_env *env);

/** Returns the spec an environment was built from; borrowed. */
const struct mdp_env_spec *mdp_env_get_spec(const struct mdp_env *env);

/** Returns the state behind the newest observation; borrowed, valid until the next call on env. */
const struct mdp_env_view *mdp_env_get_view(const struct mdp_env *env);

/** Starts episode `episode` of `seed`: joint angles uniform in (-0.1, 0.1), everything else at rest.
 * Shapes: observation [n_obs]. Source: SPEC section 9, the rule of every reset after an object's first. */
void mdp_env_reset(struct mdp_env *env, uint64_t seed, uint32_t episode, float *observation);

/** Writes the newest finite observation again. Shapes: observation [n_obs]. */
void mdp_env_observe(const struct mdp_env *env, float *observation);

/** Takes one step. Where the spec says so it is D4RL's wrapped form: the action is clipped to [-1, 1] before it acts or
 * costs anything.
 * Shapes: action [n_act], observation [n_obs]. A non-finite action or state gives non_finite, reward 0 and the
 * newest finite observation again. Source: SPEC section 1. */
void mdp_env_step(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step);

/** Returns how many environments like this one are best stepped at once. Range: from 1 to MDP_ENV_AT_ONCE. */
int mdp_env_n_at_once(const struct mdp_env *env);

/** Takes a step of each of n environments of one spec and physics, with the bits of mdp_env_step. Range: n from 1 to
 * mdp_env_n_at_once. Shapes: envs [n]; rows of actions, observations and steps by their numbers, which are i_rows [n].
 */
void mdp_env_step_many(int n, struct mdp_env *const *envs, const int *i_rows, const float *actions, float *observations,
                       struct mdp_step *steps);

/* what replaying a recording needs besides; none of it is part of a normal episode */

/** Starts an episode from given joint angles; is_first_ever selects the rule of an object's very first reset,
 * whose means leave the floor out. Range: env of the family locomotion. Shapes: noise [n_joints], observation [n_obs].
 * Source: SPEC section 9. */
void mdp_env_reset_to(struct mdp_env *env, const double *noise, int is_first_ever, float *observation);

/** Overwrites positions and velocities, and in MuJoCo what the solver starts from; leaves Bullet's contacts and poses
 * and the step count alone. Nullable: warm_start (left as it is). Shapes: all [n_dof]. */
void mdp_env_set_state(struct mdp_env *env, const double *qpos, const double *qvel, const double *warm_start);

/** Takes one step without the wrapper: an action beyond [-1, 1] is clipped as torque but costs its full size, which is
 * computed in the action's type. Shapes: action [n_act], observation [n_obs]. */
void mdp_env_step_raw(struct mdp_env *env, struct mdp_action action, float *observation, struct mdp_step *step);

/** As mdp_env_step_raw. */
void mdp_env_step_raw_f32(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step);

/** As mdp_env_step_raw. */
void mdp_env_step_raw_f64(struct mdp_env *env, const double *action, float *observation, struct mdp_step *step);

/* what timing the physics alone needs; observation, reward and view stay what they were */

/** Sets the world as a reset leaves it. Shapes: both [n_dof]. */
void mdp_env_place(struct mdp_env *env, const double *qpos, const double *qvel);

/** Simulates one step and nothing else. Shapes: action [n_act]. */
void mdp_env_simulate(struct mdp_env *env, const float *action);

/** Writes the positions of the world. Shapes: qpos [n_dof]. */
void mdp_env_locate(struct mdp_env *env, double *qpos);

/* what pictures need */
enum { MDP_ENV_MAX_SHAPES = 16 };

/* a round shape in the plane of a robot: all that is within `radius` of the line between two points */
struct mdp_env_shape {
    double from[2], to[2], radius; /* x, z; m */
    int part;                      /* number of the body, 0 for the torso */
};

/** Places a robot's shapes by positions as a view has them, and returns how many there are. Shapes: qpos [n_dof],
 * shapes [MDP_ENV_MAX_SHAPES]. */
int mdp_env_sketch(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes);

/** Returns how long a step of an environment takes. Units: s. */
double mdp_env_step_seconds(const struct mdp_env_spec *spec);

/** Returns Bullet's default world and version, e.g. "bullet-float64 3.24"; borrowed. */
const char *mdp_env_physics_version(void);

#endif
