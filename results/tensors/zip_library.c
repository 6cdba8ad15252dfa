/* glibc declares RTLD_NODELETE for its own extensions only */
#define _GNU_SOURCE
#include "results/tensors/zip_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
#define SYMBOL(name) {#name, offsetof(struct mdp_zip_library, name)},
    MDP_ZIP_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

/* the loader keeps what is loaded, so that doing this for each archive costs little and leaves no state here */
mdp_err mdp_zip_library_load(struct mdp_zip_library *library) {
    mdp_err err = MDP_OK;
    void *handle = dlopen(MDP_ZIP_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) return mdp_fail(MDP_E_IO, "%s: cannot be loaded: %s", MDP_ZIP_SONAME, dlerror());
    for (size_t i = 0; err == MDP_OK && i < sizeof symbols / sizeof *symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        memcpy((char *)library + symbols[i].offset, &address, sizeof address);
        if (address == NULL)
            err = mdp_fail(MDP_E_IO, "%s: expected the function %s, found none", MDP_ZIP_SONAME, symbols[i].name);
    }
    dlclose(handle);
    return err;
}
