/* what tables and pictures call runs and files: their paths without what all of them share. */
#ifndef MDP_BENCH_REPORT_ROW_NAMES_H
#define MDP_BENCH_REPORT_ROW_NAMES_H

#include <stddef.h>

#include "base/err.h"

struct mdp_row_names {
    int n;
    char **list;     /* [n] */
    size_t n_common; /* so many bytes at the beginning of every path are not in its name: whole folders */
};

/** Names paths by what follows the folders that all have in common; an episodes file also loses its ending where no
 * other path would then be called so. The name of a single path that ends in seedN has two folders more. Different
 * paths have different names, equal ones the same. Shapes: paths [n], as users name runs, FOLDER[:LABEL], and
 * evaluations. Owns: caller, mdp_row_names_free. Errors: NOMEM. */
mdp_err mdp_row_names_make(int n, const char *const *paths, struct mdp_row_names *out);

/** Frees the names and clears the struct. */
void mdp_row_names_free(struct mdp_row_names *names);

#endif
