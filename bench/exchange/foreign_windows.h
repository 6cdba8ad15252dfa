/* planners from state dictionaries that other programs wrote: sizes by shapes, every name accounted for.
 *
 * a file of CleanDiffuser's is a denoiser ("model", "model_ema", with names below "diffusion.", of a transformer also
 * "condition."), a network of returns (the same two without a prefix), or the bare names of the network of actions that
 * stands beside a transformer. what no shape tells, the steps of a window, comes with the configurations.
 * Source: SPEC-trajectory section 6.7. */
#ifndef MDP_BENCH_EXCHANGE_FOREIGN_WINDOWS_H
#define MDP_BENCH_EXCHANGE_FOREIGN_WINDOWS_H

#include "bench/exchange/foreign.h"

/** Tells whether a file is a network of actions alone. */
int mdp_foreign_is_inverse(const struct mdp_tensor_file *file);

/** Finds which module a file holds and sets its sizes; configurations come in with kinds, defaults and windows. Range:
 * n_obs as of the normaliser or the task, 0 for none known; inverse NULL for none. Errors: DATA; USAGE if n_obs, or the
 * network of actions, is needed. */
mdp_err mdp_foreign_windows_measure(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                    int n_obs, struct mdp_foreign *foreign);

/** Makes the module and fills it, as mdp_foreign_load. Nullable: inverse, where the file has all. */
mdp_err mdp_foreign_windows_load(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                 struct mdp_foreign *foreign);

#endif
