/* files of ours for other programs: modules as safetensors, episodes as CSV.
 *
 * names and metadata are those that import reads back bit by bit; the same content gives the same bytes. */
#ifndef MDP_BENCH_EXCHANGE_EXPORT_H
#define MDP_BENCH_EXCHANGE_EXPORT_H

#include <stdio.h>

#include "base/err.h"

/** Writes a module file as X.safetensors or an episodes file as X.csv and names it on the stream; one that is
 * there with this content is kept. Nullable: out (beside the input). Errors: DATA, IO; USAGE if `out` has another
 * ending or exists with other content. */
mdp_err mdp_export_file(const char *path, const char *out, FILE *stream);

#endif
