/* verify env: replays recorded episodes of the original environments against this build.
 *
 * Source: reference/envs/README.md, layout and the three checks. */
#ifndef MDP_BENCH_VERIFY_ENV_H
#define MDP_BENCH_VERIFY_ENV_H

#include "base/err.h"

/** Replays every episode of the files on the default physics and prints TAP 13 to standard output.
 * Errors: DATA for a file not of the layout (before anything is printed), FAILED if a line is "not ok". */
mdp_err mdp_verify_env(int n_files, char **files);

/** As mdp_verify_env, on named physics. Errors: USAGE besides, if there is none of this name. */
mdp_err mdp_verify_env_on(const char *physics, int n_files, char **files);

#endif
