/* the files of a policy that is to be evaluated, and what its episodes are called. */
#ifndef MDP_BENCH_STAGE_POLICY_FILES_H
#define MDP_BENCH_STAGE_POLICY_FILES_H

#include "base/fsx.h"
#include "bench/run/settings.h"

struct mdp_policy_files {
    char policy[MDP_PATH_MAX];   /* a diffusion module or a behaviour policy */
    char guidance[MDP_PATH_MAX]; /* "" for none */
    int is_behavior;
};

/** Finds the guidance that a choice (as in mdp_guidance_locate; NULL: own) means for a diffusion module. Errors: as
 * mdp_guidance_locate. */
mdp_err mdp_policy_files_find(const char *diffusion, const char *choice, struct mdp_policy_files *out);

/** Finds the policies of a run's checkpoints, of one step if it is 0 or more; none is returned if one lacks its
 * guidance. Owns: caller, free(*out). Errors: as mdp_diffusion_files_list and mdp_guidance_locate. */
mdp_err mdp_policy_files_list(const char *folder, long step, const char *choice, struct mdp_policy_files **out, int *n);

/** Writes the path of a policy's episodes beside it. Between step and ending stands the settings' label, else how the
 * policy acts where that is not the usual way. Errors: USAGE if the path does not fit. */
mdp_err mdp_policy_episodes_path(const struct mdp_policy_files *files, const struct mdp_eval_settings *settings,
                                 char path[MDP_PATH_MAX]);

#endif
