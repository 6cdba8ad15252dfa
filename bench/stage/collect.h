/* datasets from behaviour policies, or from one in another process: whole episodes in parallel, written in episode
 * order.
 *
 * the file is a function of (task, seed, steps, policies) alone. Source: D4RL's five data qualities. */
#ifndef MDP_BENCH_STAGE_COLLECT_H
#define MDP_BENCH_STAGE_COLLECT_H

#include "base/fsx.h"
#include "bench/run/settings.h"
#include "bench/stage/acting.h"

/* episodes run side by side before they are written, and so the most states that a process is asked for at once; not a
 * setting: it changes no byte of what draws by (seed, episode, step) */
enum { MDP_COLLECT_LANES = 32 };

/** Returns 1 if data comes from the medium policy. */
int mdp_collect_needs_medium(const struct mdp_collection *collection);

/** Returns 1 if data comes from the expert policy. */
int mdp_collect_needs_expert(const struct mdp_collection *collection);

/** Makes the dataset; a file that exists with the same settings is left alone. Range: a collection has a command if,
 * and only if, there is a policy that it has started. Nullable: outside. Errors: IO, DATA, USAGE if it exists with
 * other settings, INTERRUPTED; those of the policy. */
mdp_err mdp_collect(const struct mdp_collection *collection, const struct mdp_outside_policy *outside);

#endif
