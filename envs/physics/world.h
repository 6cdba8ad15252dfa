/* a physics world: one robot over a floor, behind a static descriptor of functions and an opaque state.
 *
 * a world turns torques into joint states, poses and contacts; everything else (observation, reward, end of an
 * episode) is above it and the same for every backend. Source: reference/envs/SPEC.md, sections 2 to 6. */
#ifndef MDP_ENVS_PHYSICS_WORLD_H
#define MDP_ENVS_PHYSICS_WORLD_H

#include "base/err.h"
#include "envs/robot.h"

/* what a world tells after a reset or a step; what is beyond the robot's sizes it leaves alone, which is 0 */
struct mdp_world_state {
    double qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF]; /* current */
    double link_pos[MDP_ROBOT_MAX_LINKS][3];             /* centres of mass, one substep old after a step */
    double torso_quat[4];                                /* x y z w, as old */
    double torso_linvel[3], torso_angvel[3];             /* world frame */
    int in_contact[MDP_ROBOT_MAX_BODIES];                /* body has contact points with the floor */
};

struct mdp_family;

struct mdp_physics {
    const char *name; /* what --physics takes, e.g. "native" */

    /** Returns name and version of the library whose results the world gives, bit for bit; borrowed. */
    const char *(*version)(void);

    /** Builds a world. Owns: caller, destroy. Errors: NOMEM, IO (library missing), INTERNAL (no such robot here). */
    mdp_err (*create)(const struct mdp_robot *robot, void **world);

    /** Frees a world. */
    void (*destroy)(void *world);

    /** Puts the robot at rest in these positions and forgets every contact and impulse; poses are current after it.
     * Shapes: qpos [n_dof]. */
    void (*reset)(void *world, const double *qpos);

    /** Overwrites joint positions and velocities, and nothing else. Shapes: both [n_dof]. */
    void (*set_joints)(void *world, const double *qpos, const double *qvel);

    /** Simulates one step of 0.0165 s under constant torques. Shapes: torques [n_joints]. Units: N m. */
    void (*step)(void *world, const double *torques);

    /** Reads the state out. */
    void (*read)(void *world, struct mdp_world_state *state);

    int is_own; /* all of it is this program's code, none a library's */

    /** As `step` for each of n worlds of one robot, with the same bits, but faster. Nullable: the member. Range: n at
     * most MDP_ENV_AT_ONCE. Shapes: worlds [n], torques [n]. */
    void (*step_many)(int n, void *const *worlds, const double (*torques)[MDP_ENV_MAX_JOINTS]);

    /** Refuses a machine that cannot run it. Nullable: the member. Errors: USAGE. */
    mdp_err (*check)(void);
};

/* where the code of an opened library is, and how old it is */
struct mdp_physics_origin {
    const void *address; /* of any function of the library */
    char version[32];    /* as the library reports it, "3.24" */
};

/* a physics whose code is in a library that the user names, as `--physics name:where` */
struct mdp_physics_loader {
    const char *name, *argument;      /* "robotics", and what follows the colon, for messages */
    const struct mdp_family *family;  /* the environments that it is for */
    int has_default;                  /* the name alone means the library that its family has by default */
    const struct mdp_physics *worlds; /* operations on its worlds; `create` and `version` are NULL there. NULL like the
                                       * loader's `create` where the family makes its own */

    /** Opens a library and checks it. Owns: caller, close. Errors: USAGE, IO, DATA, NOMEM. */
    mdp_err (*open)(const char *where, void **library);

    /** Closes a library that has no worlds any more. */
    void (*close)(void *library);

    /** Tells where an opened library comes from. */
    void (*describe)(const void *library, struct mdp_physics_origin *origin);

    /** Builds a world; several threads may. Owns: caller, worlds->destroy. Errors: NOMEM, IO, DATA. */
    mdp_err (*create)(const void *library, const struct mdp_robot *robot, void **world);
};

/** Returns the backend of this name, the default one for NULL, NULL if there is none. */
const struct mdp_physics *mdp_physics_find(const char *name);

#endif
