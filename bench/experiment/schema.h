/* the keys of experiment files: tables of rows (base/setting.h), those of stages among them (bench/run/settings.h). */
#ifndef MDP_BENCH_EXPERIMENT_SCHEMA_H
#define MDP_BENCH_EXPERIMENT_SCHEMA_H

#include "base/setting.h"

/* the keys of a whole file, which fill struct mdp_experiment_file. those of MDP_FOR_EXPERIMENT stand at the top of a
 * file only, and hold for all its parts */
extern const struct mdp_settings mdp_experiment_table;

#endif
