/* which runs there are below a folder, a row each: how far they are trained, and how the newest evaluation went. */
#ifndef MDP_BENCH_REPORT_LISTING_H
#define MDP_BENCH_REPORT_LISTING_H

#include "results/show/table.h"

/* files that could not be read: how many, and what is wrong with the first */
struct mdp_listing_damage {
    int n;
    char first[512];
};

/** Makes a table with a row for each run below a folder, in alphabetical order, and one more for each label of its
 * evaluations. Of a run, the newest evaluation alone is read. Damaged files are passed over
 * and named in notes of the table. Symbolic links to folders are not followed. Owns: caller, mdp_table_free. Errors: IO
 * for a folder that cannot be read; USAGE where there is no run; NOMEM. */
mdp_err mdp_listing_table(const char *folder, struct mdp_table **out, struct mdp_listing_damage *damage);

#endif
