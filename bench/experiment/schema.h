/* the keys of experiment files: tables of rows (base/setting.h), those of stages among them (bench/run/settings.h). */
#ifndef MDP_BENCH_EXPERIMENT_SCHEMA_H
#define MDP_BENCH_EXPERIMENT_SCHEMA_H

#include "base/setting.h"

/* the keys that fill struct mdp_experiment_file; its rows of MDP_FOR_EXPERIMENT replace those of a file's parts */
extern const struct mdp_settings mdp_experiment_table;

#endif
