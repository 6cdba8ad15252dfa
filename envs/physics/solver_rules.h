/* what the solver of impulses is held to, for one world and for lanes. Source: reference/envs/SPEC.md, sections 3
 * and 5. */
#ifndef MDP_ENVS_PHYSICS_SOLVER_RULES_H
#define MDP_ENVS_PHYSICS_SOLVER_RULES_H

#include "envs/physics/contact.h"

enum {
    MDP_SOLVER_N_SWEEPS = 5,
    MDP_SOLVER_MAX_TERMS = MDP_ENV_MAX_DOF,
    MDP_SOLVER_MAX_LIMITS = 2 * MDP_ENV_MAX_JOINTS, /* a joint is at one limit; at both where its position is NaN */
    MDP_SOLVER_MAX_CONTACTS = MDP_ROBOT_MAX_BODIES * MDP_ROBOT_MAX_GEOMS * MDP_CONTACT_MAX_POINTS,
};

static const double slop = 1e-5, limit_share = 0.2, contact_share = 0.9;
static const double limit_bound = 100, contact_bound = 1e10, settled = 1e-7;
static const float deep_limit = -0.04f, robot_friction = 0.8f;
static const double floor_friction = 0.8;

#endif
