/* files of ours for other programs: modules as safetensors, episodes as CSV; and episodes files as one curve.
 *
 * names and metadata are those that import reads back bit by bit; the same content gives the same bytes. */
#ifndef MDP_BENCH_EXCHANGE_EXPORT_H
#define MDP_BENCH_EXCHANGE_EXPORT_H

#include <stdio.h>

#include "base/err.h"

/** Writes a module file as X.safetensors or an episodes file or a curve as X.csv and names it on the stream; one that
 * is there with this content is kept. Nullable: out (beside the input). Errors: DATA, IO; USAGE if `out` has another
 * ending or exists with other content. */
mdp_err mdp_export_file(const char *path, const char *out, FILE *stream);

/** Writes n evaluations as the curve file `out` and names it on the stream; one that is there with this content is
 * kept, and the files that they were read from stay. Errors: DATA for evaluations that are no curve; IO; USAGE for two
 * of one step, or if `out` exists with other content. */
mdp_err mdp_export_curve(int n, char **files, const char *out, FILE *stream);

#endif
