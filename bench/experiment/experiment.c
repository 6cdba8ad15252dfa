#include "bench/experiment/experiment.h"

#include <string.h>

#include "algos/algorithm.h"
#include "base/number.h"

static const struct mdp_table_kind_spec table_kinds[] = {
#define KIND(upper, name, needs, help) {#name, MDP_NEEDS_##needs},
    MDP_TABLE_KIND_LIST(KIND)
#undef KIND
};

#define TEXT(name, text) text,
MDP_NAMES_FUNCTION(mdp_figure_kind_names, MDP_FIGURE_KIND_LIST(TEXT))
#undef TEXT

const struct mdp_names *mdp_table_kind_names(void) {
    static const struct mdp_names names = MDP_NAMES(table_kinds, name);
    return &names;
}

const struct mdp_table_kind_spec *mdp_table_kind_describe(enum mdp_table_kind kind) { return &table_kinds[kind]; }

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

/* plans may be told a return instead */
int mdp_arm_is_guided(const struct mdp_experiment_file *file, const struct mdp_arm_spec *arm) {
    const struct mdp_algorithm *planner = mdp_training_planner(&file->runs[mdp_experiment_run(file, arm->run)].train);
    if (planner != NULL && planner->planning->has_told_returns) return 1;
    if (arm->guidance != NULL && strcmp(arm->guidance, "own") != 0) return strcmp(arm->guidance, "none") != 0;
    return file->runs[mdp_experiment_run(file, arm->run)].train.mode != MDP_MODE_NONE;
}

mdp_err mdp_source_at(const struct mdp_source_spec *source, enum mdp_at usual, enum mdp_at *which, long *step) {
#define TEXT(name, text) text,
    static const char *const texts[] = {MDP_AT_LIST(TEXT)};
#undef TEXT
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);
    char known[MDP_NAMES_MAX];
    int64_t number;
    *step = 0;
    *which = usual;
    if (source->which == NULL) return MDP_OK;
    int i = mdp_names_index(&names, source->which);
    *which = i >= 0 ? (enum mdp_at)i : MDP_AT_STEP;
    if (i >= 0) return MDP_OK;
    if (!mdp_number_whole(source->which, &number) || number < 1)
        return mdp_fail(MDP_E_USAGE, "expected one of %s, or a step, found '%s'", mdp_names_text(&names, known),
                        source->which);
    *step = (long)number;
    return MDP_OK;
}

int mdp_source_is_best(const struct mdp_source_spec *source) {
    enum mdp_at which;
    long step;
    return mdp_source_at(source, MDP_AT_LAST, &which, &step) == MDP_OK && which == MDP_AT_BEST;
}

int mdp_choice_arm(const struct mdp_experiment_file *file, int i_run) { return (int)file->arms_count + i_run; }

int mdp_run_needs_support(const struct mdp_run_spec *run) {
    return run->train.alone != NULL && mdp_guidance_alone_find(run->train.alone)->kind->needs_support;
}

int mdp_run_trains_guidance(const struct mdp_run_spec *run) {
    return mdp_mode_describe(run->train.mode)->trains_guidance;
}
