#include "envs/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "envs/family.h"
#include "envs/list.h"
#include "envs/physics/world.h"

struct mdp_engine {
    const struct mdp_family *family; /* NULL: nobody chose, and each family has its default */
    const struct mdp_physics *physics;
    const struct mdp_physics_loader *loader; /* NULL for a built-in world */
    void *library;                           /* the loader's */
    struct mdp_engine_facts facts;
};

#define DECLARE_PHYSICS(name) extern const struct mdp_physics mdp_physics_##name;
MDP_PHYSICS_LIST(DECLARE_PHYSICS)
#define DECLARE_LOADER(name) extern const struct mdp_physics_loader mdp_physics_loader_##name;
MDP_PHYSICS_LOADER_LIST(DECLARE_LOADER)

#define ADDRESS_OF_PHYSICS(name) &mdp_physics_##name,
static const struct mdp_physics *const built_in[] = {MDP_PHYSICS_LIST(ADDRESS_OF_PHYSICS)};
#define ADDRESS_OF_LOADER(name) &mdp_physics_loader_##name,
static const struct mdp_physics_loader *const loaders[] = {MDP_PHYSICS_LOADER_LIST(ADDRESS_OF_LOADER)};

enum { N_BUILT_IN = sizeof built_in / sizeof built_in[0], N_LOADERS = sizeof loaders / sizeof loaders[0] };

const struct mdp_physics *mdp_physics_find(const char *name) {
    for (int i = 0; i < N_BUILT_IN; i++)
        if (!name || !strcmp(name, built_in[i]->name)) return built_in[i];
    return NULL;
}

/* a name and what follows its colon; NULL if it is no loader's */
static const struct mdp_physics_loader *find_loader(const char *choice, const char **where) {
    for (int i = 0; i < N_LOADERS; i++) {
        size_t n = strlen(loaders[i]->name);
        if (strncmp(choice, loaders[i]->name, n) != 0 || (choice[n] != ':' && choice[n] != 0)) continue;
        *where = choice[n] == ':' ? choice + n + 1 : choice + n;
        return loaders[i];
    }
    return NULL;
}

static mdp_err fail_unknown(const char *choice) {
    char with_argument[N_LOADERS][64];
    const char *texts[N_BUILT_IN + N_LOADERS];
    const struct mdp_names known = MDP_NAMES_OF_TEXTS(texts);
    for (int i = 0; i < N_BUILT_IN; i++) texts[i] = built_in[i]->name;
    for (int i = 0; i < N_LOADERS; i++) {
        snprintf(with_argument[i], sizeof with_argument[i], "%s%s:%s%s", loaders[i]->name,
                 loaders[i]->has_default ? "[" : "", loaders[i]->argument, loaders[i]->has_default ? "]" : "");
        texts[N_BUILT_IN + i] = with_argument[i];
    }
    return mdp_names_refuse(&known, "physics", choice);
}

static mdp_err open_built_in(struct mdp_engine *engine) {
    const void *address;
    mdp_err err = engine->physics->check != NULL ? engine->physics->check() : MDP_OK;
    if (err != MDP_OK) return err;
    snprintf(engine->facts.label, sizeof engine->facts.label, "%s", engine->physics->version());
    if (engine->physics->is_own) {
        snprintf(engine->facts.files.names, sizeof engine->facts.files.names, "mdpbench");
        return MDP_OK;
    }
    memcpy(&address, &engine->physics->create, sizeof address);
    return mdp_library_files_of(address, &engine->facts.files);
}

static mdp_err open_library(struct mdp_engine *engine, const char *where) {
    struct mdp_physics_origin origin;
    mdp_err err = engine->loader->open(where, &engine->library);
    if (err != MDP_OK) return err;
    engine->physics = engine->loader->worlds;
    engine->loader->describe(engine->library, &origin);
    err = mdp_library_files_of(origin.address, &engine->facts.files);
    snprintf(engine->facts.label, sizeof engine->facts.label, "%s %s %016" PRIx64, engine->loader->name, origin.version,
             engine->facts.files.hash);
    return err;
}

/* nothing is opened before an environment needs it */
static void take_default(struct mdp_engine *engine) {
    snprintf(engine->facts.label, sizeof engine->facts.label, "%s", engine->loader->name);
    engine->loader = NULL;
}

mdp_err mdp_engine_open(const char *choice, struct mdp_engine **out) {
    mdp_err err;
    struct mdp_engine *engine = NULL;
    const char *where = "";
    *out = NULL;
    MDP_TRY(mdp_calloc(&engine, 1, sizeof *engine, "physics"));
    engine->physics = mdp_physics_find(choice);
    if (engine->physics == NULL) engine->loader = find_loader(choice, &where);
    if (engine->physics == NULL && engine->loader == NULL) MDP_TRY(fail_unknown(choice));
    if (choice != NULL) engine->family = engine->loader != NULL ? engine->loader->family : &mdp_family_locomotion;
    if (engine->loader != NULL && engine->loader->has_default && where[0] == 0)
        take_default(engine);
    else
        MDP_TRY(engine->loader != NULL ? open_library(engine, where) : open_built_in(engine));
    *out = engine;
    engine = NULL;
out:
    mdp_engine_free(engine);
    return err;
}

void mdp_engine_free(struct mdp_engine *engine) {
    if (engine == NULL) return;
    if (engine->library != NULL) engine->loader->close(engine->library);
    free(engine);
}

const struct mdp_engine_facts *mdp_engine_get_facts(const struct mdp_engine *engine) { return &engine->facts; }

void *mdp_engine_get_library(const struct mdp_engine *engine) { return engine->library; }

int mdp_engine_names_library(const char *text) {
    const char *where;
    return find_loader(text, &where) != NULL && where[0] != 0;
}

mdp_err mdp_engine_check(const struct mdp_engine *engine, const struct mdp_env_spec *spec) {
    if (engine == NULL || engine->family == NULL || engine->family == spec->family) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: expected physics of %s, found '%s', which is %s", spec->id, spec->family->physics,
                    engine->facts.label, engine->family->physics);
}

mdp_err mdp_engine_describe(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                            struct mdp_engine_facts *facts) {
    mdp_err err = mdp_engine_check(engine, spec);
    return err == MDP_OK ? spec->family->describe(engine, spec, facts) : err;
}

int mdp_engine_is_built_in(const struct mdp_engine *engine) { return engine->loader == NULL; }

mdp_err mdp_engine_new_world(const struct mdp_engine *engine, const struct mdp_robot *robot,
                             const struct mdp_physics **physics, void **world) {
    *physics = engine != NULL ? engine->physics : mdp_physics_find(NULL);
    if (engine != NULL && engine->loader != NULL) return engine->loader->create(engine->library, robot, world);
    return (*physics)->create(robot, world);
}
