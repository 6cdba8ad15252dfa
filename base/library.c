#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* names all that is missing: a version too old lacks a few, another library everything */
mdp_err mdp_library_find(void *handle, const char *path, const char *what, const struct mdp_symbol *symbols,
                         int n_symbols, void *table) {
    char missing[1024] = "";
    size_t used = 0;
    int n_missing = 0;
    for (int i = 0; i < n_symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        memcpy((char *)table + symbols[i].offset, &address, sizeof address);
        if (address != NULL) continue;
        n_missing++;
        int n = snprintf(missing + used, sizeof missing - used, "%s%s", used > 0 ? ", " : "", symbols[i].name);
        if (n > 0 && used + (size_t)n < sizeof missing) used += (size_t)n;
    }
    if (n_missing == 0) return MDP_OK;
    missing[used] = 0;
    if (n_missing == n_symbols)
        return mdp_fail(MDP_E_DATA, "%s: expected %s (%s and %d more functions), found none of it", path, what,
                        symbols[0].name, n_symbols - 1);
    return mdp_fail(MDP_E_DATA, "%s: expected %d functions of %s, found %d; missing: %s", path, n_symbols, what,
                    n_symbols - n_missing, missing);
}

mdp_err mdp_library_load(const char *name, const char *what, const struct mdp_symbol *symbols, int n_symbols,
                         void *table) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return mdp_fail(MDP_E_IO, "%s: cannot be loaded: %s", what, dlerror());
    return mdp_library_find(handle, name, what, symbols, n_symbols, table);
}
