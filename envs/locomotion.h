/* what the planar locomotion environments share above physics: actions in, observation, reward and end out.
 *
 * arithmetic follows the original's operations and their order, because equal bits are the test.
 * Source: reference/envs/SPEC.md, sections 1, 6, 7, 8. */
#ifndef MDP_ENVS_LOCOMOTION_H
#define MDP_ENVS_LOCOMOTION_H

#include "envs/action.h"
#include "envs/family.h"
#include "envs/physics/world.h"
#include "envs/robot.h"

/* height, heading (2), velocity (3), roll, pitch; position and speed of each joint; contact flags */
#define MDP_LOCOMOTION_N_OBS(n_joints, n_feet) (8 + 2 * (n_joints) + (n_feet))

/* the mutable state of one robot's task */
struct mdp_locomotion {
    struct mdp_env_view view;
    double z0;                             /* torso height at the reset */
    float joint_speed[MDP_ENV_MAX_JOINTS]; /* scaled, before the clip */
    float raw[MDP_ENV_MAX_OBS];            /* newest observation */
};

/** Writes each joint's torque. Units: N m. Shapes: torques [n_joints]. */
void mdp_locomotion_torques(const struct mdp_robot *robot, struct mdp_action action, double *torques);

/** Begins an episode from a world at rest: contact flags 0, height reference, first observation (in state->raw). */
void mdp_locomotion_begin(const struct mdp_robot *robot, const struct mdp_world_state *world, int is_first_ever,
                          struct mdp_locomotion *state);

/** Advances to the world after one step: observation (in state->raw), reward and termination. Sets step->non_finite
 * and nothing else if a number is not finite. */
void mdp_locomotion_advance(const struct mdp_robot *robot, const struct mdp_world_state *world,
                            struct mdp_action action, struct mdp_locomotion *state, struct mdp_step *step);

struct mdp_recorded_step;

/** Finds the terms of a recorded step, as mdp_objective_terms: the speeds of joints, which effort is made of, are those
 * of the next observation, and what is no other term is progress. */
const char *mdp_locomotion_recover(const struct mdp_robot *robot, const struct mdp_recorded_step *step, double *terms);

#endif
