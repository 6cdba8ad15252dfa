#include "envs/mujoco/library.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/engine.h"
#include "envs/physics/world.h"

/* MDP_MUJOCO_SONAME is of the release that the build found; without one it is Debian 12's, for messages */
#ifdef MDP_MUJOCO_SONAME
static const char default_name[] = MDP_MUJOCO_SONAME;
#else
static const char default_name[] = "libmujoco.so.2.2.2";
#endif
static const char package[] = "MuJoCo 2.2.2 as in Debian's package libmujoco-dev";

/* ---- errors and warnings ---- */

/* the library's handlers get no context, so it is the thread's */
static _Thread_local jmp_buf *way_out;
static _Thread_local long n_warnings;
static _Thread_local char said[256];

/* the library takes a handler that returns for a mistake of its own and goes on with broken data */
static void on_error(const char *text) {
    snprintf(said, sizeof said, "%s", text);
    if (way_out == NULL) abort();
    longjmp(*way_out, 1);
}

static void on_warning(const char *text) {
    snprintf(said, sizeof said, "%s", text);
    n_warnings++;
}

int mdp_mujoco_guard(void (*call)(void *context), void *context) {
    jmp_buf here;
    volatile int is_whole = 0;
    way_out = &here;
    if (setjmp(here) == 0) {
        call(context);
        is_whole = 1;
    }
    way_out = NULL;
    return is_whole;
}

long mdp_mujoco_n_warnings(void) { return n_warnings; }

const char *mdp_mujoco_said(void) { return said; }

/* ---- opening ---- */

typedef void (*handler)(const char *);

/* what every release has */
struct common {
    int (*mj_version)(void);
    const char *(*mj_versionString)(void);
    handler *mju_user_error, *mju_user_warning;
};

#define COMMON(symbol) MDP_SYMBOL(struct common, symbol)
static const struct mdp_symbol common_symbols[] = {COMMON(mj_version), COMMON(mj_versionString), COMMON(mju_user_error),
                                                   COMMON(mju_user_warning)};

#define N_OF(array) ((int)(sizeof(array) / sizeof *(array)))

static const struct mdp_mujoco_driver *find_driver(int version) {
    static const struct mdp_mujoco_driver *const drivers[] = {&mdp_mujoco_driver_built, &mdp_mujoco_driver_newer};
    for (int i = 0; i < N_OF(drivers); i++)
        if (drivers[i]->takes(version)) return drivers[i];
    return NULL;
}

static mdp_err fail_version(const struct mdp_mujoco *library) {
    if (library->is_default)
        return mdp_fail(MDP_E_DATA, "%s: expected the release that this program was built for, found MuJoCo %s",
                        library->path, library->version);
    return mdp_fail(MDP_E_DATA, "%s: expected MuJoCo 2.2.2 (%s) or a release from 3.2 on, found %s", library->path,
#ifdef MDP_MUJOCO_SONAME
                    "its structures are known",
#else
                    "and a program that was built with libmujoco-dev",
#endif
                    library->version);
}

static void library_free(struct mdp_mujoco *library) {
    if (library == NULL) return;
    for (int i = 0; i < MDP_MUJOCO_MAX_MODELS; i++)
        if (library->models[i].model != NULL) library->driver->unload(library, library->models[i].model);
    if (library->handle != NULL) dlclose(library->handle);
    free(library->api);
    free(library);
}

/* the default library must be of the release whose structures were built in */
static mdp_err find_functions(struct mdp_mujoco *library) {
    struct common common;
    mdp_err err;
    MDP_TRY(mdp_library_find(library->handle, library->path, "MuJoCo", common_symbols, N_OF(common_symbols), &common));
    snprintf(library->version, sizeof library->version, "%s", common.mj_versionString());
    library->driver = find_driver(common.mj_version());
    if (library->driver == NULL || (library->is_default && library->driver != &mdp_mujoco_driver_built))
        MDP_TRY(fail_version(library));
    *common.mju_user_error = on_error;
    *common.mju_user_warning = on_warning;
    MDP_TRY(mdp_calloc(&library->api, 1, library->driver->api_size, "functions"));
    MDP_TRY(mdp_library_find(library->handle, library->path, "MuJoCo", library->driver->symbols,
                             library->driver->n_symbols, library->api));
    memcpy(&library->address, &common.mj_version, sizeof library->address);
    MDP_TRY(mdp_library_files_of(library->address, &library->files));
out:
    return err;
}

static mdp_err open_path(const char *path, int is_default, struct mdp_mujoco **out) {
    struct mdp_mujoco *library = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&library, 1, sizeof *library, "library"));
    pthread_mutex_init(&library->lock, NULL);
    snprintf(library->path, sizeof library->path, "%s", path);
    library->is_default = is_default;
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library->handle == NULL) MDP_TRY(mdp_fail(MDP_E_IO, "cannot be loaded: %s", dlerror()));
    MDP_TRY(find_functions(library));
    *out = library;
    library = NULL;
out:
    library_free(library);
    return err;
}

/* worlds of the whole process share it, as they do the program's own physics */
mdp_err mdp_mujoco_default(struct mdp_mujoco **out) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct mdp_mujoco *opened;
    mdp_err err = MDP_OK;
#ifndef MDP_MUJOCO_SONAME
    *out = NULL;
    return mdp_fail(MDP_E_IO, "expected a program built with %s, found one without; install that and build again",
                    package);
#endif
    pthread_mutex_lock(&lock);
    if (opened == NULL) err = open_path(default_name, 1, &opened);
    *out = opened;
    pthread_mutex_unlock(&lock);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "expected %s", package);
}

mdp_err mdp_mujoco_of_engine(const struct mdp_engine *engine, struct mdp_mujoco **out) {
    *out = engine != NULL ? mdp_engine_get_library(engine) : NULL;
    return *out != NULL ? MDP_OK : mdp_mujoco_default(out);
}

/* ---- as a loader of an engine ---- */

static mdp_err open_library(const char *where, void **library) {
    struct mdp_mujoco *opened = NULL;
    mdp_err err = open_path(where, 0, &opened);
    *library = opened;
    return err;
}

static void close_library(void *library) { library_free(library); }

static void describe(const void *handle, struct mdp_physics_origin *origin) {
    const struct mdp_mujoco *library = handle;
    snprintf(origin->version, sizeof origin->version, "%s", library->version);
    origin->address = library->address;
}

const struct mdp_physics_loader mdp_physics_loader_mujoco = {
    .name = "mujoco",
    .argument = "LIBRARY",
    .family = &mdp_family_gym_mujoco,
    .has_default = 1,
    .open = open_library,
    .close = close_library,
    .describe = describe,
};

/* ---- worlds ---- */

/* one model for all worlds of an environment */
static mdp_err find_model(struct mdp_mujoco *library, const struct mdp_env_spec *spec, const void **model) {
    int i = 0;
    mdp_err err = MDP_OK;
    pthread_mutex_lock(&library->lock);
    while (i + 1 < MDP_MUJOCO_MAX_MODELS && library->models[i].spec != NULL && library->models[i].spec != spec) i++;
    if (library->models[i].spec != spec) {
        if (library->models[i].model != NULL) err = mdp_fail(MDP_E_INTERNAL, "%s: too many models", spec->id);
        if (err == MDP_OK) err = library->driver->load(library, spec, &library->models[i].model);
        if (err == MDP_OK) library->models[i].spec = spec;
    }
    *model = library->models[i].model;
    pthread_mutex_unlock(&library->lock);
    return err;
}

mdp_err mdp_mujoco_new_world(struct mdp_mujoco *library, const struct mdp_env_spec *spec, void **world) {
    const void *model;
    mdp_err err = find_model(library, spec, &model);
    return err == MDP_OK ? library->driver->create(library, spec, model, world) : err;
}
