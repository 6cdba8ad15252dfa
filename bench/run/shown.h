/* the episodes that people see of an evaluation. */
#ifndef MDP_BENCH_RUN_SHOWN_H
#define MDP_BENCH_RUN_SHOWN_H

#include "results/episodes_data.h"

enum mdp_shown_episode { MDP_SHOWN_WORST, MDP_SHOWN_MEDIAN, MDP_SHOWN_BEST, MDP_N_SHOWN };

/** Chooses rows by normalized return, of equal ones by their order; of less than 3 episodes some are the same. Shapes:
 * rows [MDP_N_SHOWN]. Errors: NOMEM. */
mdp_err mdp_shown_rows(const struct mdp_episodes *episodes, long rows[MDP_N_SHOWN]);

#endif
