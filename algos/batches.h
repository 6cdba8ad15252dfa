/* minibatches: a fresh permutation of the rows per epoch, consecutive chunks, the incomplete last chunk dropped.
 *
 * which rows step n gets is a function of (seed, rows, batch size, n) alone, so a run resumes from its step number.
 * Source: SPEC section 5. */
#ifndef MDP_ALGOS_BATCHES_H
#define MDP_ALGOS_BATCHES_H

#include <stdint.h>

#include "algos/nn/module.h"
#include "base/err.h"
#include "base/transitions.h"
#include "base/windows.h"

struct mdp_batches;

/** Makes a source of minibatches over `data` (borrowed, already normalised). Owns: caller, mdp_batches_free.
 * Errors: DATA if there are fewer rows than a batch, NOMEM. */
mdp_err mdp_batches_new(const struct mdp_transitions *data, uint64_t seed, int batch, struct mdp_batches **out);

/** As mdp_batches_new for windows, whose returns are told in units of return_scale. Range: has_actions 1 for windows of
 * observations and actions, 0 for observations with actions beside them. */
mdp_err mdp_batches_new_windows(const struct mdp_windows *data, int has_actions, double return_scale, uint64_t seed,
                                int batch, struct mdp_batches **out);

/** Frees it. Nullable: batches. */
void mdp_batches_free(struct mdp_batches *batches);

/** Returns the row numbers [batch] of gradient step n (from 0); borrowed until the next call. */
const uint32_t *mdp_batches_indices(struct mdp_batches *batches, long n);

/** Gathers the rows of gradient step n; borrowed until the next call. Errors: IO, only where the data is in a file. */
mdp_err mdp_batches_load(struct mdp_batches *batches, long n, struct mdp_batch *out);

#endif
