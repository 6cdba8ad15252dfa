#include "bench/stage/policy_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/run/composition.h"
#include "bench/run/data.h"
#include "results/curve_file.h"

mdp_err mdp_policy_files_find(const char *diffusion, const char *choice, struct mdp_policy_files *out) {
    mdp_err err;
    out->is_behavior = 0;
    MDP_TRY(mdp_fsx_path(out->policy, "%s", diffusion));
    MDP_TRY(mdp_guidance_locate(choice != NULL ? choice : "own", diffusion, out->guidance));
out:
    return err;
}

/* ---- of a run's folder ---- */

/* steps from first to last, by the names of files that are there */
static mdp_err list_steps(const struct mdp_step_files *all, long first, long every, long last,
                          struct mdp_step_files *out) {
    const long n = last >= first ? (last - first) / every + 1 : 0;
    mdp_err err;
    if (n > MDP_CURVE_STEPS_MAX)
        return mdp_fail(MDP_E_USAGE, "expected at most %d checkpoints, found every %ld of %ld steps",
                        MDP_CURVE_STEPS_MAX, every, last);
    MDP_TRY(mdp_calloc(&out->names, (unsigned long)n + 1, sizeof *out->names, "checkpoints"));
    for (long step = first; step <= last; step += every) {
        const struct mdp_step_name *found = mdp_step_files_find(all, step);
        const struct mdp_step_name usual = {.kind = MDP_FILE_DIFFUSION, .step = step, .n_digits = MDP_STEP_DIGITS};
        out->names[out->n++] = found != NULL ? *found : usual;
    }
out:
    return err;
}

mdp_err mdp_policy_steps(const char *folder, const struct mdp_steps_wanted *wanted, struct mdp_step_files *out) {
    struct mdp_step_files all = {0, NULL};
    mdp_err err;
    *out = (struct mdp_step_files){0, NULL};
    MDP_TRY(mdp_step_files_list(folder, MDP_FILE_DIFFUSION, "", &all));
    const long newest = all.n > 0 ? all.names[all.n - 1].step : 0;
    const long until = wanted->until >= 0 ? wanted->until : newest;
    if (wanted->step >= 0)
        MDP_TRY(list_steps(&all, wanted->step, 1, wanted->step, out));
    else if (wanted->every > 0)
        MDP_TRY(list_steps(&all, wanted->every, wanted->every, until, out));
    else {
        *out = all;
        all.names = NULL;
        while (out->n > 0 && out->names[out->n - 1].step > until) out->n--;
    }
    err = out->n > 0 ? mdp_step_files_check_alike(folder, out)
                     : mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN%s of a training run, found none", folder,
                                mdp_file_ending(MDP_FILE_DIFFUSION));
out:
    free(all.names);
    return err;
}

mdp_err mdp_policy_file(const char *folder, const struct mdp_step_name *name, char path[MDP_PATH_MAX]) {
    mdp_err err = mdp_step_name_path(folder, name, path);
    if (err != MDP_OK || mdp_fsx_exists(path)) return err;
    return mdp_fail(MDP_E_USAGE, "%s: expected %s, found none", folder, mdp_path_name(path));
}

mdp_err mdp_policy_files_list(const char *folder, const struct mdp_step_files *steps, const char *choice,
                              struct mdp_policy_files **out) {
    struct mdp_policy_files *found = NULL;
    char diffusion[MDP_PATH_MAX];
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&found, (unsigned long)steps->n, sizeof *found, "modules to evaluate"));
    for (int i = 0; i < steps->n; i++) {
        MDP_TRY(mdp_policy_file(folder, &steps->names[i], diffusion));
        MDP_TRY(mdp_policy_files_find(diffusion, choice, &found[i]));
    }
    *out = found;
    found = NULL;
out:
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
    return mdp_path_beside(mdp_data_is_ours(files->policy) ? mdp_path_name(files->policy) : files->policy, label,
                           MDP_FILE_EPISODES, path);
}

mdp_err mdp_outside_episodes_path(const char *task, const char *name, long step, const char *label,
                                  char path[MDP_PATH_MAX]) {
    char folder[MDP_PATH_MAX];
    mdp_err err;
    if (label == NULL) label = "";
    MDP_TRY(mdp_fsx_path(folder, "runs/%s/policy%s%s", task, step >= 0 ? "/" : "", step >= 0 ? name : ""));
    err = step >= 0 ? mdp_step_path(folder, step, label, MDP_FILE_EPISODES, path)
                    : mdp_named_path(folder, name, label, MDP_FILE_EPISODES, path);
out:
    return err;
}
