/* the physics that environments are built on, as a user chose it: the built-in world, or one in a library of theirs.
 *
 * an engine that nobody chose gives each family of environments its own default; a chosen one is of one family. An
 * engine is const once it is open; any number of threads may build environments on it. It must outlive them. */
#ifndef MDP_ENVS_ENGINE_H
#define MDP_ENVS_ENGINE_H

#include <stdint.h>

#include "base/err.h"
#include "envs/physics/origin.h"

enum { MDP_ENGINE_LABEL_MAX = 64 };

struct mdp_engine;
struct mdp_env_spec;
struct mdp_robot;
struct mdp_physics;

/* what every file records about physics. results may be compared if their labels are equal: that of a user's library
 * ends in the hash of its files, because a version alone says little about a build. a world of the program's own has
 * the hash 0, so that a new build of the program leaves the bytes of its files as they were */
struct mdp_engine_facts {
    char label[MDP_ENGINE_LABEL_MAX]; /* "bullet-float64 3.24", "robotics 3.24 0123456789abcdef" */
    struct mdp_library_files files;
};

/** Opens what `--physics` takes: a built-in world's name or a loader's, a colon, and where its library is; NULL means
 * the default. Owns: caller, mdp_engine_free. Errors: USAGE, listing what is known; IO, DATA, NOMEM of the loader. */
mdp_err mdp_engine_open(const char *choice, struct mdp_engine **out);

/** Closes an engine on which nothing is built any more. Nullable: engine. */
void mdp_engine_free(struct mdp_engine *engine);

/** Tells what files record about the physics of an environment on it. Nullable: engine (the family's default). Errors:
 * as mdp_engine_check, and those of a library that is not there or not the right one. */
mdp_err mdp_engine_describe(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                            struct mdp_engine_facts *facts);

/** Refuses physics of another family than an environment's. Nullable: engine. Errors: USAGE, naming both. */
mdp_err mdp_engine_check(const struct mdp_engine *engine, const struct mdp_env_spec *spec);

/** Returns 1 if a text has the form of a choice with a library, "NAME:...". */
int mdp_engine_names_library(const char *text);

/** Returns the library that a loader opened, NULL for the program's own worlds and for one that nobody chose. */
void *mdp_engine_get_library(const struct mdp_engine *engine);

/** Returns what it is, without an environment: of one that nobody chose, Bullet's default world; borrowed. */
const struct mdp_engine_facts *mdp_engine_get_facts(const struct mdp_engine *engine);

/** Returns 1 if it is one of the program's own worlds. */
int mdp_engine_is_built_in(const struct mdp_engine *engine);

/** Builds a world and returns the operations on it. Nullable: engine (the default world). Owns: caller,
 * (*physics)->destroy. Errors: as of the world. */
mdp_err mdp_engine_new_world(const struct mdp_engine *engine, const struct mdp_robot *robot,
                             const struct mdp_physics **physics, void **world);

#endif
