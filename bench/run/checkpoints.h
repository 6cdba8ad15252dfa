/* the files of one kind in a run's folder, in the order of their steps. */
#ifndef MDP_BENCH_RUN_CHECKPOINTS_H
#define MDP_BENCH_RUN_CHECKPOINTS_H

#include "bench/run/names.h"

/* files of a folder by ascending step, one for each step; owned */
struct mdp_step_files {
    int n;
    struct mdp_step_name *names;
};

/** Lists the files of a kind and label ("": without one), and evaluations that are part of the label's curve; whatever
 * else lies there is passed over. Owns: caller, free(out->names). Errors: IO if the folder cannot be read; DATA for two
 * files of a step, unless they are one evaluation in both forms, and for a damaged curve. */
mdp_err mdp_step_files_list(const char *folder, enum mdp_file_kind kind, const char *label, struct mdp_step_files *out);

/* labels of evaluations in a folder, each once, in alphabetical order; more than fit are left out */
enum { MDP_LABELS_MAX = 8 };
struct mdp_labels {
    int n;
    char names[MDP_LABELS_MAX][MDP_LABEL_BYTES + 1];
};

/** Finds the labels that evaluations in a folder have, be they files of their own or curves. */
void mdp_evaluation_labels(const char *folder, struct mdp_labels *out);

/** Lists the diffusion modules of a training run, of one step if it is 0 or more. Owns: caller, free(out->names).
 * Errors: as above; DATA where their settings differ; USAGE if there is none. */
mdp_err mdp_diffusion_files_list(const char *folder, long step, struct mdp_step_files *out);

/** Refuses modules of a list, as far as they are there, whose settings differ. Errors: DATA, naming the setting, both
 * files and both values; IO. */
mdp_err mdp_step_files_check_alike(const char *folder, const struct mdp_step_files *files);

/** Returns the file of a step, NULL if there is none. */
const struct mdp_step_name *mdp_step_files_find(const struct mdp_step_files *files, long step);

/** Refuses a folder with a checkpoint that was made with other settings; one without checkpoints is fine. Errors:
 * USAGE with both settings; IO, DATA. */
mdp_err mdp_step_files_check_settings(const char *folder, enum mdp_file_kind kind, const char *settings);

#endif
