/* verify algos: replays reference vectors of the algorithms against this build.
 *
 * Source: reference/algos/golden/README.md; bounds in bench/verify/report.h. */
#ifndef MDP_BENCH_VERIFY_ALGOS_H
#define MDP_BENCH_VERIFY_ALGOS_H

#include <stdio.h>

#include "base/err.h"

/** Checks every quantity that the files hold and prints TAP 13 on the stream.
 * Errors: IO or DATA for a file not of the layout (nothing is printed), FAILED if a line is "not ok". */
mdp_err mdp_verify_algos(int n_files, char **files, FILE *stream);

#endif
