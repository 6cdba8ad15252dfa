/* verify env: replays recorded episodes of the original environments against this build.
 *
 * Source: reference/envs/README.md, layout and the three checks. */
#ifndef MDP_BENCH_VERIFY_ENV_H
#define MDP_BENCH_VERIFY_ENV_H

#include <stdio.h>

#include "envs/engine.h"

/** Replays every episode of the files and prints TAP 13 on the stream. Nullable: engine (the built-in physics).
 * Errors: DATA for a file not of the layout (before anything is printed), FAILED if a line is "not ok". */
mdp_err mdp_verify_env(const struct mdp_engine *engine, int n_files, char **files, FILE *stream);

#endif
