/* shared libraries that are loaded when they are first needed, and not when the program starts: what a library brings
 * along may take longer to load than the whole of the work that does without it. */
#ifndef MDP_BASE_LIBRARY_H
#define MDP_BASE_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

/* something that a library must have, and where in a table of pointers its address goes */
struct mdp_symbol {
    const char *name;
    size_t offset;
};

/* a line of such a list, for a table whose members have the symbols' names; macros among these are expanded */
#define MDP_SYMBOL(table, symbol) MDP_SYMBOL_EXPANDED(table, symbol)
#define MDP_SYMBOL_EXPANDED(table, symbol)                                                                             \
    { #symbol, offsetof(table, symbol) }

/** Fills a table of pointers from an open library. Errors: DATA, naming the library, what was expected of it and what
 * it lacks. */
mdp_err mdp_library_find(void *handle, const char *path, const char *what, const struct mdp_symbol *symbols,
                         int n_symbols, void *table);

/** Loads a library for the rest of the process and fills its table. Range: name, as the dynamic loader searches it.
 * Errors: IO if it cannot be loaded, DATA as mdp_library_find. */
mdp_err mdp_library_load(const char *name, const char *what, const struct mdp_symbol *symbols, int n_symbols,
                         void *table);

#endif
