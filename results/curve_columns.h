/* the facts of a curve file's evaluations: an attribute for each that they share, an array for each that they do not.
 */
#ifndef MDP_RESULTS_CURVE_COLUMNS_H
#define MDP_RESULTS_CURVE_COLUMNS_H

#include "results/episodes_data.h"
#include "results/h5/types.h"

/** Writes the facts of n evaluations, whose shared ones are equal. Errors: IO; DATA for a text that is too long. */
mdp_err mdp_curve_facts_write(struct mdp_h5 *file, int n, const struct mdp_episodes_info *infos);

/** Reads them. Shapes: infos [n], zeroed. Owns: caller, mdp_episodes_info_free of each, after an error as well.
 * Errors: DATA, naming the evaluation by its step. */
mdp_err mdp_curve_facts_read(struct mdp_h5 *file, int n, struct mdp_episodes_info *infos);

#endif
