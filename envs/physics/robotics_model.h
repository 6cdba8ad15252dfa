/* the robot tables as the model files that Bullet's loaders read: MJCF for a robot, SDF for the floor.
 *
 * numbers that are float32 are printed so that they read back as they are. Source: reference/envs/SPEC.md, sections 4,
 * 5 and 11. */
#ifndef MDP_ENVS_PHYSICS_ROBOTICS_MODEL_H
#define MDP_ENVS_PHYSICS_ROBOTICS_MODEL_H

#include <stdio.h>

#include "base/err.h"
#include "envs/robot.h"

/** Writes a robot as MJCF; stream errors stay in the stream. */
void mdp_robotics_write_robot(const struct mdp_robot *robot, FILE *stream);

/** Writes the floor as SDF: an infinite static plane. */
void mdp_robotics_write_floor(FILE *stream);

#endif
