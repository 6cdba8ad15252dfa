/* episodes files: what an evaluation keeps, one row per episode. compare, table, figure and gate read nothing else.
 *
 * the same content gives the same bytes. docs/formats.md. */
#ifndef MDP_RESULTS_EPISODES_H
#define MDP_RESULTS_EPISODES_H

#include "base/temp.h"
#include "results/episodes_data.h"

/** Writes an episodes file; how: what becomes of one that is there. Nullable: episodes->normalized_returns (always
 * computed from the reference). Errors: IO; DATA if a row or the info is out of range. */
mdp_err mdp_episodes_write(const char *path, const struct mdp_episodes_info *info, const struct mdp_episodes *episodes,
                           enum mdp_publish how);

/** Reads and checks an episodes file, or one evaluation of a curve, FILE#stepNNNNNN (results/curve_file.h). Nullable:
 * info. Owns: caller, mdp_episodes_free and mdp_episodes_info_free. Errors: IO, DATA. */
mdp_err mdp_episodes_read(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *episodes);

#endif
