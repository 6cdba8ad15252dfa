#include "bench/stage/policy_files.h"

#include <stdlib.h>

#include "bench/run/checkpoints.h"
#include "bench/run/composition.h"

mdp_err mdp_policy_files_find(const char *diffusion, const char *choice, struct mdp_policy_files *out) {
    mdp_err err;
    out->is_behavior = 0;
    MDP_TRY(mdp_fsx_path(out->policy, "%s", diffusion));
    MDP_TRY(mdp_guidance_locate(choice != NULL ? choice : "own", diffusion, out->guidance));
out:
    return err;
}

mdp_err mdp_policy_files_list(const char *folder, long step, const char *choice, struct mdp_policy_files **out,
                              int *n) {
    struct mdp_step_files files = {0, NULL};
    struct mdp_policy_files *found = NULL;
    char diffusion[MDP_PATH_MAX];
    mdp_err err;
    *out = NULL;
    *n = 0;
    MDP_TRY(mdp_diffusion_files_list(folder, step, &files));
    MDP_TRY(mdp_calloc(&found, (unsigned long)files.n, sizeof *found, "modules to evaluate"));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], diffusion));
        MDP_TRY(mdp_policy_files_find(diffusion, choice, &found[i]));
    }
    *n = files.n;
    *out = found;
    found = NULL;
out:
    free(files.names);
    free(found);
    return err;
}

mdp_err mdp_policy_episodes_path(const struct mdp_policy_files *files, const struct mdp_eval_settings *settings,
                                 char path[MDP_PATH_MAX]) {
    const char *label = settings->label;
    if (label == NULL && files->is_behavior)
        label = settings->is_stochastic ? MDP_LABEL_STOCHASTIC : "";
    else if (label == NULL)
        label = mdp_acts_by_ema(settings) ? "" : MDP_LABEL_ONLINE;
    return mdp_path_beside(files->policy, label, MDP_FILE_EPISODES, path);
}
