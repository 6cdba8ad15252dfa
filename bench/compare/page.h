/* a comparison as a page: what `compare --html` writes. */
#ifndef MDP_BENCH_COMPARE_PAGE_H
#define MDP_BENCH_COMPARE_PAGE_H

#include "bench/compare/data.h"
#include "results/show/table.h"

/** Writes the page of a comparison: the verdict, the table, and of both sides the values and files. Errors: IO, NOMEM.
 */
mdp_err mdp_compare_page(const char *verdict, const struct mdp_table *table, const struct mdp_compare_side *a,
                         const struct mdp_compare_side *b, const char *out);

#endif
