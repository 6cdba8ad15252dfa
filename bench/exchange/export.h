/* files for other programs: modules as safetensors, episodes as CSV, datasets in D4RL's layout as Minari's and back;
 * and episodes files as one curve.
 *
 * names and metadata are those that import reads back bit by bit; the same content gives the same bytes. */
#ifndef MDP_BENCH_EXCHANGE_EXPORT_H
#define MDP_BENCH_EXCHANGE_EXPORT_H

#include <stdio.h>

#include "base/err.h"

/** Makes a dataset of Minari's, NAME-v0 beside a file in D4RL's layout, and names it on the stream; one that is there
 * and was made of this file is kept. Nullable: out, a folder. Errors: as mdp_minari_from_d4rl. */
mdp_err mdp_export_minari(const char *path, const char *out, FILE *stream);

/** Writes a module file as X.safetensors, an episodes file or a curve as X.csv, or a dataset of Minari's as X.hdf5 in
 * D4RL's layout, and names it on the stream; one that is there with this content is kept. Nullable: out (beside the
 * input). Errors: DATA, IO; USAGE if `out` has another ending or exists with other content. */
mdp_err mdp_export_file(const char *path, const char *out, FILE *stream);

/** Writes n evaluations as the curve file `out` and names it on the stream; one that is there with this content is
 * kept, and the files that they were read from stay. Errors: DATA for evaluations that are no curve; IO; USAGE for two
 * of one step, or if `out` exists with other content. */
mdp_err mdp_export_curve(int n, char **files, const char *out, FILE *stream);

#endif
