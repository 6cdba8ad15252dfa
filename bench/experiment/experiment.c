#include "bench/experiment/experiment.h"

#include <string.h>

#define TEXT(name, text) text,
const char *mdp_table_kind_name(enum mdp_table_kind kind) {
    static const char *const names[] = {MDP_TABLE_KIND_LIST(TEXT)};
    return names[kind];
}
#undef TEXT

int mdp_experiment_run(const struct mdp_experiment_file *file, const char *name) {
    for (unsigned i = 0; i < file->runs_count; i++)
        if (strcmp(file->runs[i].name, name) == 0) return (int)i;
    return -1;
}

int mdp_experiment_arm(const struct mdp_experiment_file *file, const char *name) {
    for (unsigned i = 0; i < file->arms_count; i++)
        if (strcmp(file->arms[i].name, name) == 0) return (int)i;
    return -1;
}

int mdp_run_trains_guidance(const struct mdp_run_spec *run) {
    return mdp_mode_describe(run->guidance)->trains_guidance;
}
