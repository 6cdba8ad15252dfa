/* the keys of experiment files: tables of rows (base/setting.h), those of stages among them (bench/run/settings.h). */
#ifndef MDP_BENCH_EXPERIMENT_SCHEMA_H
#define MDP_BENCH_EXPERIMENT_SCHEMA_H

#include "base/setting.h"

/* of struct mdp_experiment_file; its rows of MDP_FOR_EXPERIMENT are what a file replaces in its parts */
extern const struct mdp_settings mdp_experiment_table;

#endif
