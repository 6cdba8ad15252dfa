/* a whole diagnosis: the modules that paths stand for, each beside the same guidances, on the same held-out data. */
#ifndef MDP_BENCH_DIAGNOSE_SURVEY_H
#define MDP_BENCH_DIAGNOSE_SURVEY_H

#include "bench/diagnose/report.h"

/* what is asked; borrowed, lists are separated by commas */
struct mdp_survey_plan {
    const struct mdp_diagnose_settings *settings;
    int n_paths;
    char *const *paths;        /* [n_paths] run folders and diffusion modules */
    long step;                 /* of the folders' checkpoints, -1 for all */
    const char *guidances;     /* as in `eval --guidance` */
    const char *episodes;      /* evaluations of the pairs, NULL for those beside the modules */
    const char *held_out;      /* dataset that was not trained on */
    const char *training_data; /* dataset that was, NULL for datasets/TASK.hdf5 */
};

/* a comma-separated list, cut into its items */
struct mdp_survey_list {
    char *text;
    const char **items; /* [n] in the text */
    int n;
};

/* what a survey found: the report, and what it borrows from */
struct mdp_survey {
    struct mdp_survey_list guidances, episodes;
    char (*modules)[MDP_PATH_MAX]; /* [n_modules] paths */
    int n_modules, n_room;
    char training_data[MDP_PATH_MAX], held_out_data[MDP_PATH_MAX], other_data[MDP_PATH_MAX];
    struct mdp_task task;
    struct mdp_held_out held_out;
    struct mdp_diagnosis *diagnoses; /* [n_modules] */
    struct mdp_forecast forecasts[MDP_N_QUANTITIES];
    struct mdp_diagnose_report report;
};

/** Finds the modules, examines each beside the guidances, finds the returns of the pairs and what goes with them. Owns:
 * caller, mdp_survey_free, also on failure. Errors: IO; DATA for modules of several tasks, and as mdp_diagnose; USAGE
 * for lists with empty names, and as mdp_pair_returns_find; NOMEM, INTERRUPTED. */
mdp_err mdp_survey_run(const struct mdp_survey_plan *plan, struct mdp_survey *out);

/** Frees what a survey owns. */
void mdp_survey_free(struct mdp_survey *survey);

#endif
