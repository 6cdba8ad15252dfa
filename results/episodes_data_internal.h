/* checks that every form of an evaluation on disk passes: for the files that read and write them. */
#ifndef MDP_RESULTS_EPISODES_DATA_INTERNAL_H
#define MDP_RESULTS_EPISODES_DATA_INTERNAL_H

#include "results/episodes_data.h"

/** Refuses facts out of range; `path` names where they are. Errors: DATA. */
mdp_err mdp_episodes_check_info(const char *path, const struct mdp_episodes_info *info);

/** Refuses rows out of range. Errors: DATA. */
mdp_err mdp_episodes_check_rows(const char *path, const struct mdp_episodes *episodes);

/** Computes the normalized returns of all rows. Shapes: scores [n]. Errors: DATA. */
mdp_err mdp_episodes_scores(const struct mdp_episodes_info *info, const struct mdp_episodes *episodes, double *scores);

#endif
