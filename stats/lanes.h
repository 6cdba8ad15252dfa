/* replicates of the fast stream side by side: sixteen histograms of draws at a time, and what is read off them.
 *
 * scores are sorted once; a replicate is the number of times each score was drawn. equal scores share a step of the
 * walk and sums run over differences from a central score, so that a replicate depends on the scores it holds alone,
 * not on their size or where they came from.
 * for the files of this room. Source: docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_LANES_H
#define MDP_STATS_LANES_H

#include "stats/aggregate.h"
#include "stats/draw.h"

/* a matrix made ready */
struct mdp_lanes;

/* the aggregates of MDP_RNG_LANES replicates */
typedef double mdp_lane_values[MDP_N_AGGREGATES][MDP_RNG_LANES];

/** Says whether a matrix can be resampled side by side: neither too many runs nor scores near the ends of the doubles.
 */
int mdp_lanes_can(const struct mdp_scores *scores, double gamma);

/** Makes a checked matrix ready for the wanted aggregates, a set of 1 << MDP_AGGREGATE_x. Owns: caller,
 * mdp_lanes_free. Errors: NOMEM. */
mdp_err mdp_lanes_new(const struct mdp_scores *scores, double gamma, unsigned wanted, struct mdp_lanes **out);

/** Frees it. Nullable: lanes. */
void mdp_lanes_free(struct mdp_lanes *lanes);

/** Returns the bytes of scratch memory that a thread needs. */
unsigned long mdp_lanes_scratch(const struct mdp_lanes *lanes);

/** Computes the wanted aggregates of replicates first .. first + MDP_RNG_LANES - 1; others are left. */
void mdp_lanes_replicate(const struct mdp_lanes *lanes, uint64_t seed, uint32_t first, void *scratch,
                         mdp_lane_values out);

/** Draws for replicates first .. first + MDP_RNG_LANES - 1. Shapes: counts [n_tasks * n_runs, MDP_RNG_LANES], how often
 * a score is in each; a function of the matrix' shape alone. */
void mdp_lanes_count(const struct mdp_lanes *lanes, uint64_t seed, uint32_t first, uint16_t *counts);

/** Computes the wanted aggregates of replicates that have been drawn, as mdp_lanes_replicate does. */
void mdp_lanes_describe(const struct mdp_lanes *lanes, const uint16_t *counts, void *scratch, mdp_lane_values out);

/** Computes the wanted aggregates of the matrix itself, in every lane the same, to the bit as of a replicate that draws
 * it again. */
void mdp_lanes_estimate(const struct mdp_lanes *lanes, void *scratch, mdp_lane_values out);

#endif
