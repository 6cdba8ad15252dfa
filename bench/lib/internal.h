/* what the files of the shared library share: checks of arguments, one lock, the table of an environment. */
#ifndef MDP_BENCH_LIB_INTERNAL_H
#define MDP_BENCH_LIB_INTERNAL_H

#include "base/err.h"
#include "base/setting.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "include/mdpbench.h"
#include "results/reference_scores.h"

/* a world that objects are built in */
struct mdp_lib_world {
    const struct mdp_env_spec *spec;
    struct mdp_engine *engine;
    const struct mdp_reference_score *score;
};

/** Holds the lock of what a process has once: libhdf5, loaded libraries, the child that looks at files. */
void mdp_lib_lock(void);

/** Lets go of it. */
void mdp_lib_unlock(void);

/** Refuses an argument that may not be NULL. Errors: USAGE naming it. */
mdp_err mdp_lib_need(const void *argument, const char *name);

/** Finds an environment by id or robot. Errors: USAGE, listing what is known. */
mdp_err mdp_lib_find_env(const char *name, const struct mdp_env_spec **spec);

/** Opens a world. Nullable: physics. Owns: caller, mdp_lib_world_close, also after a failure. Errors: USAGE, IO, DATA.
 */
mdp_err mdp_lib_world_open(const char *name, const char *physics, struct mdp_lib_world *out);

/** Closes it. */
void mdp_lib_world_close(struct mdp_lib_world *world);

/** Returns a return as a normalized one. */
double mdp_lib_normalize(const struct mdp_lib_world *world, double episode_return);

/** Sets what options say of a struct that has its defaults, "name=value", NULL behind the last one; only rows that have
 * one of the takers' bits may be named, all for 0. Nullable: options. Errors: USAGE naming the option. */
mdp_err mdp_lib_set_options(const struct mdp_settings *table, unsigned takers, void *base, const char *const *options);

/** Refuses numbers that are not finite. Errors: DATA with the place of the first one, `what` [row, column]. */
mdp_err mdp_lib_check_finite(const char *what, int n_rows, int n_columns, const float *numbers);

#endif
