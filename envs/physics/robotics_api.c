#define _GNU_SOURCE
#include "envs/physics/robotics_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/library.h"

/* ---- standard output ---- */

/* descriptor 1 and the library's globals belong to the process, so this lock does, too */
static pthread_mutex_t quiet_lock = PTHREAD_MUTEX_INITIALIZER;

void mdp_quiet_begin(struct mdp_quiet *quiet) {
    pthread_mutex_lock(&quiet_lock);
    flockfile(stdout);
    fflush(stdout);
    quiet->saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    int null = quiet->saved >= 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (null < 0) return;
    dup2(null, STDOUT_FILENO);
    close(null);
}

void mdp_quiet_end(struct mdp_quiet *quiet) {
    fflush(stdout);
    if (quiet->saved >= 0) {
        dup2(quiet->saved, STDOUT_FILENO);
        close(quiet->saved);
    }
    funlockfile(stdout);
    pthread_mutex_unlock(&quiet_lock);
}

/* ---- finding the functions ---- */

static const struct mdp_symbol symbols[] = {
#define SYMBOL(field, symbol, result, parameters) {#symbol, offsetof(struct mdp_robotics_api, field)},
    MDP_ROBOTICS_API(SYMBOL)
#undef SYMBOL
};
enum { N_SYMBOLS = sizeof symbols / sizeof symbols[0] };

static mdp_err load(const char *path, int flags, void **handle) {
    /* the loader's own search is for names without a slash */
    if (strchr(path, '/') != NULL && access(path, R_OK) != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    *handle = dlopen(path, RTLD_NOW | flags);
    if (*handle != NULL) return MDP_OK;
    const char *reason = dlerror();
    size_t n = strlen(path);
    if (strncmp(reason, path, n) == 0 && strncmp(reason + n, ": ", 2) == 0) reason += n + 2;
    if (strchr(path, '/') == NULL) return mdp_fail(MDP_E_IO, "%s: cannot be loaded: %s", path, reason);
    const char *hint = strstr(reason, "undefined symbol: Py") != NULL || strstr(reason, "undefined symbol: _Py") != NULL
                           ? "; a Python module needs its libpython: robotics:LIBRARY:LIBPYTHON"
                           : "";
    return mdp_fail(MDP_E_DATA, "%s: expected a shared library that can be loaded, found one with this error: %s%s",
                    path, reason, hint);
}

/* splits LIBRARY[:LIBPYTHON] and loads: python first and for all to see; the library for itself alone, so that its copy
 * of Bullet and the program's never meet */
static mdp_err load_both(struct mdp_robotics *library, const char *where) {
    mdp_err err = MDP_OK;
    const char *colon = strchr(where, ':');
    int n = colon != NULL ? (int)(colon - where) : (int)strlen(where);
    struct mdp_quiet quiet;
    if (n == 0 || (colon != NULL && colon[1] == 0))
        return mdp_fail(MDP_E_USAGE, "robotics: expected LIBRARY or LIBRARY:LIBPYTHON, found '%s'", where);
    if ((size_t)n >= sizeof library->path)
        return mdp_fail(MDP_E_USAGE, "robotics: expected a path below %zu bytes, found %d", sizeof library->path, n);
    snprintf(library->path, sizeof library->path, "%.*s", n, where);
#ifdef __SANITIZE_ADDRESS__
    return mdp_fail(MDP_E_USAGE, "%s: a build with AddressSanitizer cannot load it (RTLD_DEEPBIND)", library->path);
#endif
    mdp_quiet_begin(&quiet);
    if (colon != NULL) MDP_TRY(load(colon + 1, RTLD_GLOBAL, &library->python));
    MDP_TRY(load(library->path, RTLD_LOCAL | RTLD_DEEPBIND, &library->handle));
out:
    mdp_quiet_end(&quiet);
    return err;
}

/* ---- commands ---- */

void *mdp_robotics_submit(const struct mdp_robotics_api *api, void *client, void *command,
                          enum mdp_robotics_status expected) {
    void *status = command != NULL ? api->submit(client, command) : NULL;
    return status != NULL && api->status_type(status) == (int)expected ? status : NULL;
}

mdp_err mdp_robotics_expect(const struct mdp_robotics *library, void *client, void *command,
                            enum mdp_robotics_status expected, const char *what, void **status) {
    void *found = command != NULL ? library->api.submit(client, command) : NULL;
    if (status != NULL) *status = found;
    if (found == NULL) return mdp_fail(MDP_E_DATA, "%s: %s: expected an answer, found none", library->path, what);
    int type = library->api.status_type(found);
    if (type != (int)expected)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected status %d, found %d", library->path, what, (int)expected, type);
    return MDP_OK;
}

mdp_err mdp_robotics_connect(const struct mdp_robotics *library, void **client) {
    *client = library->api.connect();
    if (*client == NULL || !library->api.can_submit(*client)) {
        if (*client != NULL) library->api.disconnect(*client);
        *client = NULL;
        return mdp_fail(MDP_E_IO, "%s: expected a connection that takes commands, found %s", library->path,
                        "one refused");
    }
    return MDP_OK;
}

mdp_err mdp_robotics_memory_file(const struct mdp_robotics *library, int *file, char path[64]) {
    int low = memfd_create("mdpbench", MFD_CLOEXEC);
    /* where standard output is closed its number is free, but the library would print into the file */
    *file = low >= 0 ? fcntl(low, F_DUPFD_CLOEXEC, 3) : -1;
    if (low >= 0) close(low);
    if (*file < 0) return mdp_fail(MDP_E_IO, "%s: no file in memory: %s", library->path, strerror(errno));
    snprintf(path, 64, "/proc/self/fd/%d", *file);
    return MDP_OK;
}

/* ---- version and precision ---- */

/* a saved world begins with "BULLET", f or d for the precision, two characters for word size and byte order, version */
static mdp_err read_header(struct mdp_robotics *library, int file) {
    char header[13] = "";
    char precision;
    ssize_t n = pread(file, header, sizeof header - 1, 0);
    if (n != (ssize_t)sizeof header - 1 || sscanf(header, "BULLET%c%*2c%3d", &precision, &library->version) != 2)
        return mdp_fail(MDP_E_DATA, "%s: saved world: expected BULLETd and a version, found '%.12s'", library->path,
                        n > 0 ? header : "");
    if (precision != 'd')
        return mdp_fail(MDP_E_DATA, "%s: expected a double-precision build of Bullet, found a single-precision one",
                        library->path);
    return MDP_OK;
}

static mdp_err ask_version(struct mdp_robotics *library) {
    mdp_err err = MDP_OK;
    const struct mdp_robotics_api *api = &library->api;
    void *client = NULL;
    char path[64];
    struct mdp_quiet quiet;
    int file;
    if ((err = mdp_robotics_memory_file(library, &file, path)) != MDP_OK) return err;
    mdp_quiet_begin(&quiet);
    MDP_TRY(mdp_robotics_connect(library, &client));
    MDP_TRY(
        mdp_robotics_expect(library, client, api->begin_reset(client), MDP_ROBOTICS_RESET_DONE, "empty world", NULL));
    MDP_TRY(mdp_robotics_expect(library, client, api->begin_save_file(client, path), MDP_ROBOTICS_FILE_SAVED,
                                "saved world", NULL));
    MDP_TRY(read_header(library, file));
out:
    if (client != NULL) api->disconnect(client);
    mdp_quiet_end(&quiet);
    close(file);
    return err;
}

mdp_err mdp_robotics_open(const char *where, struct mdp_robotics **out) {
    mdp_err err;
    struct mdp_robotics *library = NULL;
    *out = NULL;
    MDP_TRY(mdp_calloc(&library, 1, sizeof *library, "robotics library"));
    MDP_TRY(load_both(library, where));
    MDP_TRY(mdp_library_find(library->handle, library->path, "Bullet's C API", symbols, N_SYMBOLS, &library->api));
    MDP_TRY(ask_version(library));
    *out = library;
    library = NULL;
out:
    mdp_robotics_close(library);
    return err;
}

void mdp_robotics_close(struct mdp_robotics *library) {
    if (library == NULL) return;
    if (library->handle != NULL) dlclose(library->handle);
    if (library->python != NULL) dlclose(library->python);
    free(library);
}
