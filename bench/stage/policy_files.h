/* the files of a policy that is to be evaluated, and what its episodes are called. */
#ifndef MDP_BENCH_STAGE_POLICY_FILES_H
#define MDP_BENCH_STAGE_POLICY_FILES_H

#include "bench/run/checkpoints.h"
#include "bench/run/settings.h"

struct mdp_policy_files {
    char policy[MDP_PATH_MAX];   /* a diffusion module or a behaviour policy */
    char guidance[MDP_PATH_MAX]; /* "" for none */
    int is_behavior;
};

/** Finds the guidance that a choice (as in mdp_guidance_locate; NULL: own) means for a diffusion module. Errors: as
 * mdp_guidance_locate. */
mdp_err mdp_policy_files_find(const char *diffusion, const char *choice, struct mdp_policy_files *out);

/* which checkpoints of a run are meant */
struct mdp_steps_wanted {
    long step;  /* this one alone; -1: more */
    long every; /* those at multiples of it, up to `until` or the newest one; 0: all that are there */
    long until; /* none after it; -1: no limit */
};

/** Lists the diffusion modules that are meant. Those of one step, or of multiples, need not be there. Owns: caller,
 * free(out->names). Errors: as mdp_step_files_list; USAGE if there is none. */
mdp_err mdp_policy_steps(const char *folder, const struct mdp_steps_wanted *wanted, struct mdp_step_files *out);

/** Finds the policies of listed checkpoints; none is returned if one lacks its module or guidance. Owns: caller,
 * free(*out). Errors: as mdp_policy_file and mdp_guidance_locate. */
mdp_err mdp_policy_files_list(const char *folder, const struct mdp_step_files *steps, const char *choice,
                              struct mdp_policy_files **out);

/** Writes the path of a checkpoint's diffusion module. Errors: USAGE if it is not there. */
mdp_err mdp_policy_file(const char *folder, const struct mdp_step_name *name, char path[MDP_PATH_MAX]);

/** Writes the path of a policy's episodes beside it, in the working folder for one that came with the program. Between
 * step and ending stands the settings' label, else how the policy acts where that is not the usual way. Errors: USAGE
 * if the path does not fit. */
mdp_err mdp_policy_episodes_path(const struct mdp_policy_files *files, const struct mdp_eval_settings *settings,
                                 char path[MDP_PATH_MAX]);

/** Writes the path of the episodes of a policy in another process, runs/TASK/policy/NAME[.LABEL].episodes.h5, or of one
 * that has a step, NAME/stepNNNNNN[.LABEL].episodes.h5. Range: step -1 for none. Nullable: label. Errors: as above. */
mdp_err mdp_outside_episodes_path(const char *task, const char *name, long step, const char *label,
                                  char path[MDP_PATH_MAX]);

#endif
