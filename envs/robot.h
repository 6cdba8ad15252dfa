/* a planar robot as tables: a torso, the bodies that hang on it by hinges, their shapes, and the few rules that differ
 * between robots.
 *
 * numbers that are float32 in the original are stored as float, so that no compiler can skip the rounding.
 * Source: reference/envs/SPEC.md, sections 1, 5 and 8. */
#ifndef MDP_ENVS_ROBOT_H
#define MDP_ENVS_ROBOT_H

#include "envs/types.h"

enum {
    MDP_ROBOT_MAX_BODIES = 1 + MDP_ENV_MAX_JOINTS, /* the torso, then one body per joint in joint order */
    MDP_ROBOT_MAX_GEOMS = 2,
    MDP_ROBOT_MAX_LINKS = 2 + 2 * MDP_ROBOT_MAX_BODIES /* root x, root z, then (massless hinge, body) for each body */
};

/* collision shapes, in the body's frame; metres and radians */
enum mdp_geom_kind { MDP_GEOM_NONE, MDP_GEOM_TWO_SPHERES, MDP_GEOM_CAPSULE };

struct mdp_geom {
    enum mdp_geom_kind kind;
    float radius;
    float from[3], to[3];     /* two spheres: their centres */
    float centre[3];          /* capsule: its middle, */
    float angle, half_length; /* its turn about y from the z axis, and half its inner length */
};

/* one body and the hinge that carries it (the torso's is the root's pitch) */
struct mdp_body {
    const char *name;
    int parent;        /* body index, -1 for the torso */
    float joint[3];    /* hinge position in the parent's frame */
    float origin[3];   /* origin of this body's frame, seen from the hinge */
    double com[3];     /* centre of mass in this body's frame */
    double mass;       /* kg */
    double inertia[3]; /* diagonal, kg m^2 */
    float range[2];    /* hinge limits, rad */
    struct mdp_geom geoms[MDP_ROBOT_MAX_GEOMS];
};

/* what the alive rule may look at */
struct mdp_alive_input {
    double height; /* observation[0] + z at the reset */
    double pitch;
    const int *contact; /* feet contact flags of the previous step */
};

struct mdp_robot {
    float root[3];                       /* position of the root at rest */
    float hinge_axis[3];                 /* axis of all joints; the root pitches about (0, 1, 0) */
    int n_joints;                        /* from 1 to MDP_ENV_MAX_JOINTS; every other size follows */
    const struct mdp_body *bodies;       /* [n_joints + 1] */
    int limit_order[MDP_ENV_MAX_JOINTS]; /* joints, as the original's solver takes their limits one after another */
    double power;                        /* torque = power * coefficient * action */
    double power_coef[MDP_ENV_MAX_JOINTS];
    int n_feet;
    int feet[MDP_ENV_MAX_FEET]; /* body index of each contact flag */
    int ends_when_dead;         /* a negative alive term ends the episode */
    double (*alive)(const struct mdp_alive_input *input);
};

/** Returns how many bodies a robot has: the torso, and one behind each joint. */
static inline int mdp_robot_n_bodies(const struct mdp_robot *robot) { return 1 + robot->n_joints; }

/** Returns how many degrees of freedom a robot has: root x, root z, root pitch, and its joints. */
static inline int mdp_robot_n_dof(const struct mdp_robot *robot) { return 3 + robot->n_joints; }

/** Returns how many links a robot's chain has: root x, root z, then two for each body. */
static inline int mdp_robot_n_links(const struct mdp_robot *robot) { return 2 + 2 * mdp_robot_n_bodies(robot); }

#endif
