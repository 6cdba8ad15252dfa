/* MuJoCo in a shared library that is opened at run time, and the worlds in it.
 *
 * a library has a driver, by its version: one for the release whose header this program was built with, which reads its
 * structures, and one for newer releases, which calls public functions alone. Nothing that MuJoCo finds wrong prints,
 * waits for a key, writes a log or ends the process (section 10).
 * Source: reference/envs-mujoco/SPEC.md, sections 5, 6, 9 and 10. */
#ifndef MDP_ENVS_MUJOCO_LIBRARY_H
#define MDP_ENVS_MUJOCO_LIBRARY_H

#include <pthread.h>

#include "base/library.h"
#include "envs/mujoco/gym.h"
#include "envs/physics/origin.h"

struct mdp_mujoco;

/* how to work a release of MuJoCo. what runs a world returns 0 where the library warned or failed since the world's
 * newest reset: its state says nothing then */
struct mdp_mujoco_driver {
    const struct mdp_symbol *symbols;
    int n_symbols;
    size_t api_size; /* of the table that the symbols fill */

    /** Returns 1 if a version, as mj_version() says it, is one of those. */
    int (*takes)(int version);

    /** Compiles an environment's model. Owns: caller, unload. Errors: DATA with the library's own words. */
    mdp_err (*load)(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, void **model);
    void (*unload)(const struct mdp_mujoco *library, void *model);

    /** Builds a world on a model that others use, too. Owns: caller, destroy. Errors: NOMEM, DATA. */
    mdp_err (*create)(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, const void *model,
                      void **world);
    void (*destroy)(void *world);

    /** Puts the robot there at time 0 and lets the solver find what it starts from. Shapes: both [n_dof]. */
    int (*reset)(void *world, const double *qpos, const double *qvel);

    /** Overwrites the state. Nullable: warm_start (left alone). */
    int (*set)(void *world, const double *qpos, const double *qvel, const double *warm_start);

    /** Simulates an action's steps under constant controls. Shapes: control [n_act]. */
    int (*step)(void *world, const double *control);

    /** As step, with nothing around the library's own calls; to be timed. */
    void (*simulate)(void *world, const double *control);

    /** Reads the state; returns 0 and reads none after an error. Shapes: both [n_dof]. */
    int (*read)(void *world, double *qpos, double *qvel);
};

/* the release of the header; its members are NULL in a program that was built without one */
extern const struct mdp_mujoco_driver mdp_mujoco_driver_built;
/* 3.2 and newer */
extern const struct mdp_mujoco_driver mdp_mujoco_driver_newer;

enum { MDP_MUJOCO_MAX_MODELS = 16 };

/* an opened library; const to the worlds that use it but for the models, which are compiled once and under a lock */
struct mdp_mujoco {
    void *handle; /* of the dynamic loader */
    char path[512], version[32];
    int is_default;
    const struct mdp_mujoco_driver *driver;
    void *api;           /* the driver's */
    const void *address; /* of one of its functions */
    struct mdp_library_files files;
    pthread_mutex_t lock;
    struct {
        const struct mdp_env_spec *spec;
        void *model;
    } models[MDP_MUJOCO_MAX_MODELS];
};

/** Returns the library that this program was built for, opened once and for the rest of the process. Errors: IO if it
 * is not installed, DATA if another version has its name, naming the package that has it. */
mdp_err mdp_mujoco_default(struct mdp_mujoco **out);

/** Returns the library of an engine, or the default one. Nullable: engine. Errors: as mdp_mujoco_default. */
mdp_err mdp_mujoco_of_engine(const struct mdp_engine *engine, struct mdp_mujoco **out);

/** Builds a world. Owns: caller, library->driver->destroy. Errors: NOMEM; DATA where the world or the version does not
 * allow it. */
mdp_err mdp_mujoco_new_world(struct mdp_mujoco *library, const struct mdp_env_spec *spec, void **world);

/** Calls a function during which the library may find errors; returns 0 if it did, and the call was left in the
 * middle. */
int mdp_mujoco_guard(void (*call)(void *context), void *context);

/** Returns how often libraries have warned in this thread. */
long mdp_mujoco_n_warnings(void);

/** Returns the library's newest words in this thread; borrowed. */
const char *mdp_mujoco_said(void);

#endif
