/* how a weight changes over a number of steps: a share of itself for each, rising to 1 or falling from it, or staying.
 *
 * step k of n (from 0) has the place u = (k + 1) / n on the way up and (n - k) / n on the way down; shares are u for
 * linear, (1 - cos(pi u)) / 2 for cosine, u^2 for power. none is ever 0. */
#ifndef MDP_ALGOS_WEIGHT_SCHEDULE_H
#define MDP_ALGOS_WEIGHT_SCHEDULE_H

#include "base/names.h"

struct mdp_weight_schedule;

/** Finds a schedule by name. Errors: USAGE, listing the names. */
mdp_err mdp_weight_schedule_find(const char *name, const struct mdp_weight_schedule **out);

/** Lists the names of all schedules. */
const struct mdp_names *mdp_weight_schedule_names(void);

/** Returns the share of step k of n. Nullable: schedule, for 1 everywhere. Range: 0 <= k < n. */
double mdp_weight_share(const struct mdp_weight_schedule *schedule, int k, int n);

#endif
