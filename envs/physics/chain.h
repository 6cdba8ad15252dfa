/* a planar chain of bodies: a slider in x and z, and the bodies that hang behind it on hinges about y.
 *
 * poses, velocities, accelerations under torques and gravity, and the answer to a unit impulse, by the articulated-body
 * method of Bullet's btMultiBody. every number has the bits that Bullet's three-dimensional code gives it: sums and
 * products are in its order, and only terms with an exact zero as a factor are left out. docs/physics.md says which.
 * Source: reference/envs/SPEC.md, section 5; Featherstone, Rigid Body Dynamics Algorithms (2008), chapter 7. */
#ifndef MDP_ENVS_PHYSICS_CHAIN_H
#define MDP_ENVS_PHYSICS_CHAIN_H

#include "base/err.h"
#include "envs/physics/num.h"
#include "envs/robot.h"

/* part 0 is the slider, part i the robot's body i - 1; the hinge of part i is degree of freedom i + 1 */
enum {
    MDP_CHAIN_MAX_PARTS = MDP_ROBOT_MAX_BODIES + 1,
    MDP_CHAIN_TORSO = 1,
};

/* what a description says, which is the same in every lane */
struct mdp_point {
    double x, z;
};

struct mdp_vec2 {
    mdp_num x, z;
};

/* a rotation about y as the matrix [a b; -b a] */
struct mdp_turn {
    mdp_num a, b;
};

/* the same as the quaternion (0, y, 0, w) */
struct mdp_spin {
    mdp_num y, w;
};

/** Gives what a description says as a vector. */
static inline struct mdp_vec2 mdp_vec2_of(struct mdp_point p) {
    return (struct mdp_vec2){mdp_num_set(p.x), mdp_num_set(p.z)};
}

/** Rotates a vector. */
static inline struct mdp_vec2 mdp_turn_apply(struct mdp_turn r, struct mdp_vec2 v) {
    return (struct mdp_vec2){r.a * v.x + r.b * v.z, r.a * v.z - r.b * v.x};
}

/** Rotates a vector back. */
static inline struct mdp_vec2 mdp_turn_undo(struct mdp_turn r, struct mdp_vec2 v) {
    return (struct mdp_vec2){r.a * v.x - r.b * v.z, r.b * v.x + r.a * v.z};
}

/** Gives the rotation of first r, then outer. */
static inline struct mdp_turn mdp_turn_after(struct mdp_turn outer, struct mdp_turn r) {
    return (struct mdp_turn){outer.a * r.a - outer.b * r.b, outer.a * r.b + outer.b * r.a};
}

/** Gives the matrix of a quaternion, which need not have length 1. */
static inline struct mdp_turn mdp_turn_of(struct mdp_spin q) {
    mdp_num ys = q.y * (2.0 / (q.y * q.y + q.w * q.w));
    return (struct mdp_turn){1.0 - q.y * ys, q.w * ys};
}

struct mdp_chain_part {
    int parent;
    int has_arm;           /* the centre of mass is not on the hinge */
    double axis;           /* the hinge turns about (0, axis, 0), axis = 1 or -1 */
    struct mdp_point seat; /* from the parent's centre of mass to the hinge, in the parent's frame */
    struct mdp_point arm;  /* from the hinge to the centre of mass */
    double mass, weight, inertia;
};

struct mdp_chain {
    int n_parts;           /* the slider and the bodies */
    struct mdp_point root; /* of the slider at rest */
    struct mdp_chain_part parts[MDP_CHAIN_MAX_PARTS];
    int n_path[MDP_CHAIN_MAX_PARTS]; /* parts from the torso to this one, ends included */
    int path[MDP_CHAIN_MAX_PARTS][MDP_ROBOT_MAX_BODIES];
};

/* where the parts are; follows from the positions of the degrees of freedom alone. what an observation needs comes
 * first */
struct mdp_pose {
    struct mdp_spin spin[MDP_CHAIN_MAX_PARTS];                            /* from the world's frame to the part's */
    struct mdp_vec2 hinge[MDP_CHAIN_MAX_PARTS], com[MDP_CHAIN_MAX_PARTS]; /* in the world */
    struct mdp_vec2 slide;                                                /* position of the slider, from its root */
    struct mdp_turn turn[MDP_CHAIN_MAX_PARTS];                            /* from the parent's frame to the part's */
    struct mdp_vec2
        offset[MDP_CHAIN_MAX_PARTS];            /* from the parent's centre of mass to the hinge, in the part's frame */
    struct mdp_turn world[MDP_CHAIN_MAX_PARTS]; /* from the part's frame to the world's */
};

/* what the accelerations leave behind for the answers to impulses */
struct mdp_chain_cache {
    struct mdp_turn from_world[MDP_CHAIN_MAX_PARTS];
    struct mdp_vec2 force[MDP_CHAIN_MAX_PARTS]; /* force for one unit of acceleration in the hinge, part's frame */
    mdp_num torque[MDP_CHAIN_MAX_PARTS];
    mdp_num inverse[MDP_CHAIN_MAX_PARTS]; /* 1 / inertia that the hinge feels */
    mdp_num coupling;                     /* force in x that one unit of acceleration in z takes */
    mdp_num inverse_x, inverse_z;
};

/** Takes the chain out of a robot's tables. Errors: INTERNAL if the robot is not in the plane. */
mdp_err mdp_chain_init(const struct mdp_robot *robot, struct mdp_chain *chain);

#if MDP_LANES == 1

/* two numbers that go through the same arithmetic side by side */
typedef double mdp_pair __attribute__((vector_size(16)));

/** Places the parts. Units: m, rad. */
void mdp_chain_place(const struct mdp_chain *chain, const double qpos[MDP_ENV_MAX_DOF], struct mdp_pose *pose);

/** Changes velocities by gravity, damping and torques over a time, without contacts and limits.
 * Shapes: torques [n_joints]. Units: N m, s. */
void mdp_chain_accelerate(const struct mdp_chain *chain, const struct mdp_pose *pose, const double *torques,
                          double seconds, double qvel[MDP_ENV_MAX_DOF], struct mdp_chain_cache *cache);

/** Adds a change to the velocities, none of which gets beyond 100 m/s or rad/s. */
void mdp_chain_kick(const double change[MDP_ENV_MAX_DOF], double qvel[MDP_ENV_MAX_DOF]);

/** Gives how fast a point of a part moves, [0] up and [1] forward, per unit of velocity of x, z and the hinges from the
 * torso to the part. Shapes: jacobian [n_path + 2]. */
void mdp_chain_jacobian(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                        int i_part, struct mdp_vec2 point, mdp_pair *jacobian);

/** Gives the changes of every velocity by each of two impulses on x, z and the hinges from the torso to a part.
 * Shapes: impulses [n_path + 2]. */
void mdp_chain_respond(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                       int i_part, const mdp_pair *impulses, mdp_pair responses[MDP_ENV_MAX_DOF]);

#endif

#endif
