/* where the shapes of both families' robots are, for pictures: mdp_env_sketch's halves. */
#ifndef MDP_ENVS_SKETCH_H
#define MDP_ENVS_SKETCH_H

#include "envs/env.h"

/** Of the family locomotion: by the poses of the physics. */
int mdp_sketch_robot(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes);

/** Of the family gym_mujoco: by the model's text, whose bodies hang on hinges about y. */
int mdp_sketch_mjcf(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes);

#endif
