/* a planar world, and the operations that its physics share: planar.c steps one, planar_group.c several in lanes.
 *
 * the operations are those of world.h. */
#ifndef MDP_ENVS_PHYSICS_PLANAR_WORLD_H
#define MDP_ENVS_PHYSICS_PLANAR_WORLD_H

#include "envs/physics/planar_lanes.h"
#include "envs/physics/solver.h"
#include "envs/physics/world.h"

struct mdp_planar_world {
    struct mdp_planar_model model;
    struct mdp_planar_motion motion;
    int is_overwritten; /* positions were set since the poses were */
    struct mdp_manifold manifolds[MDP_ROBOT_MAX_BODIES][MDP_ROBOT_MAX_GEOMS];
    struct mdp_chain_cache cache;
    struct mdp_solver solver;
};

/** Returns the library whose results these are to the bit. */
const char *mdp_planar_version(void);

/** Builds a world. Owns: caller, mdp_planar_destroy. Errors: NOMEM; INTERNAL if the robot is not in the plane. */
mdp_err mdp_planar_create(const struct mdp_robot *robot, void **world);

/** Frees a world. */
void mdp_planar_destroy(void *world);

/** Puts the robot at rest. */
void mdp_planar_reset(void *world, const double *qpos);

/** Overwrites positions and velocities. */
void mdp_planar_set_joints(void *world, const double *qpos, const double *qvel);

/** Simulates one step. */
void mdp_planar_step(void *world, const double *torques);

/** Reads the state out. */
void mdp_planar_read(void *world, struct mdp_world_state *state);

#endif
