/* planar worlds of one robot side by side, each in a lane of vector registers: the time steps of planar.c with the same
 * operations in the same order in every lane, so with the same bits.
 *
 * planar_group.c hands a group of worlds over as numbers, lane beside lane, and takes them back. the step is written
 * once (planar_body.h) and compiled for every width. */
#ifndef MDP_ENVS_PHYSICS_PLANAR_LANES_H
#define MDP_ENVS_PHYSICS_PLANAR_LANES_H

#include "envs/physics/chain.h"
#include "envs/physics/contact.h"

enum { MDP_PLANAR_N_SUBSTEPS = 4, MDP_PLANAR_MAX_LANES = 8 };
enum { MDP_PLANAR_N_LEGS = 2, MDP_PLANAR_LEG_MAX = 3 };

static const double mdp_planar_step_seconds = 0.0165 / MDP_PLANAR_N_SUBSTEPS;

/* a hinge that does not turn freely */
struct mdp_planar_limit {
    int i_part;
    double range[2];
};

/* what never changes of a world */
struct mdp_planar_model {
    int n_bodies, n_joints, n_dof;
    struct mdp_chain chain;
    struct mdp_hull hulls[MDP_ROBOT_MAX_BODIES];
    struct mdp_planar_limit limits[MDP_ENV_MAX_JOINTS]; /* in the order in which the original's solver takes them */
    int is_legged;                                      /* each part but the torso is of a leg; else no lanes */
    int legs[MDP_PLANAR_N_LEGS][MDP_PLANAR_LEG_MAX];    /* parts from the torso on, 0 behind the last */
};

/* the points of one shape; those beyond n_points are any numbers */
struct mdp_planar_touch {
    mdp_num n_points;
    struct mdp_contact points[MDP_CONTACT_MAX_POINTS];
};

/* how a world moves */
struct mdp_planar_motion {
    mdp_num qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF]; /* 0 beyond n_dof */
    struct mdp_pose now, seen;                            /* seen by the last time step's forces, to be read */
};

/* what a step starts from and leaves. a file that has lanes sees that of a group of worlds, any other, whose numbers
 * are double, that of one: number i of a world in lane k is double i * n_lanes + k of its group */
struct mdp_planar_group {
    struct mdp_planar_motion motion;
    mdp_num is_overwritten; /* not 0: positions were set since the pose was */
    mdp_num torques[MDP_ENV_MAX_JOINTS];
    struct mdp_planar_touch touches[MDP_ROBOT_MAX_BODIES][MDP_ROBOT_MAX_GEOMS];
};

/* one way of stepping as many worlds at once as there are lanes */
struct mdp_planar_lanes {
    const char *name; /* "avx512" */
    int n_lanes;

    /** Returns 1 if this machine can. */
    int (*is_supported)(void);

    /** Puts the motions of worlds into a group, and back. Shapes: motions [n_lanes], each an mdp_planar_motion. */
    void (*join)(const double *const *motions, void *group);
    void (*part)(const void *group, double *const *motions);

    /** Takes a step. Shapes: group, an mdp_planar_group of n_lanes worlds, on a 64-byte boundary. */
    void (*step)(const struct mdp_planar_model *model, void *group);
};

extern const struct mdp_planar_lanes mdp_planar_lanes_avx512, mdp_planar_lanes_avx2;

#endif
