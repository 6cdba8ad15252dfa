/* policy files that act: behaviour policies, and diffusion modules with guidance. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/lib/internal.h"
#include "bench/run/work.h"
#include "bench/stage/acting.h"
#include "results/checkpoint.h"

struct mdpbench_policy {
    struct mdp_acting acting;
};

/* what a text says of how to act; nothing that belongs to an evaluation is taken and ignored */
static mdp_err set_options(struct mdp_eval_settings *settings, const char *const *options) {
    mdp_err err;
    mdp_settings_defaults(&mdp_eval_table, settings);
    settings->n_threads = 1;
    MDP_TRY(mdp_lib_set_options(&mdp_eval_table, MDP_FOR_ACT | MDP_FOR_LIBRARY, settings, options));
    if (settings->n_threads > 1 && mdp_work_count_threads(settings->n_threads) < settings->n_threads)
        err = mdp_fail(MDP_E_IO, "threads: expected %ld, found fewer that can be started", settings->n_threads);
out:
    return err;
}

static mdp_err check_meaning(const struct mdp_eval_settings *settings, const char *file, int is_behavior) {
    static const char of_modules[] = "none of a behaviour policy";
    const struct mdp_meaning meaning = {
        .holds = is_behavior ? MDP_WITH_BEHAVIOR : MDP_WITH_MODULES | MDP_WITH_TASK | MDP_WITH_GUIDANCE,
        .expected =
            {[MDP_NEED_BEHAVIOR] = "a behaviour policy", [MDP_NEED_MODULES] = of_modules, [MDP_NEED_TASK] = of_modules},
        .dashes = ""};
    const struct mdp_setting *culprit;
    mdp_err err = mdp_settings_check_meaning(&mdp_eval_table, MDP_FOR_ACT, settings, &meaning, &culprit);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "%s: option %s", file, culprit->name);
}

static mdp_err find_files(const char *file, const char *guidance, struct mdp_policy_files *files) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    *files = (struct mdp_policy_files){.is_behavior = 0};
    MDP_TRY(mdp_checkpoint_read_info(file, &info));
    if (strcmp(info.kind, "behavior") != 0) {
        MDP_TRY(mdp_policy_files_find(file, guidance, files));
        goto out;
    }
    files->is_behavior = 1;
    if (guidance != NULL)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: guidance: expected none of a behaviour policy, found '%s'", file, guidance));
    MDP_TRY(mdp_fsx_path(files->policy, "%s", file));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err open_files(const struct mdp_eval_settings *settings, const char *file, const char *guidance,
                          struct mdp_acting *out) {
    struct mdp_policy_files files;
    mdp_err err;
    mdp_lib_lock();
    MDP_TRY(find_files(file, guidance, &files));
    MDP_TRY(check_meaning(settings, file, files.is_behavior));
    MDP_TRY(mdp_acting_open(settings, &files, out));
out:
    mdp_lib_unlock();
    return err;
}

int mdpbench_policy_open(const char *file, const char *guidance, const char *const *options,
                         struct mdpbench_policy **out) {
    struct mdp_eval_settings settings;
    struct mdpbench_policy *policy = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "policy"));
    *out = NULL;
    MDP_TRY(mdp_lib_need(file, "file"));
    MDP_TRY(set_options(&settings, options));
    MDP_TRY(mdp_calloc(&policy, 1, sizeof *policy, "policy"));
    MDP_TRY(open_files(&settings, file, guidance, &policy->acting));
    *out = policy;
    policy = NULL;
out:
    mdpbench_policy_free(policy);
    return err;
}

void mdpbench_policy_free(struct mdpbench_policy *policy) {
    if (policy == NULL) return;
    mdp_acting_free(&policy->acting);
    free(policy);
}

const char *mdpbench_policy_env(const struct mdpbench_policy *policy) {
    return policy != NULL ? policy->acting.spec->id : NULL;
}

int mdpbench_policy_act(struct mdpbench_policy *policy, int32_t n_states, const float *observations,
                        const uint32_t *episodes, const uint32_t *steps, float *actions) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(policy, "policy"));
    MDP_TRY(mdp_lib_need(observations, "observations"));
    MDP_TRY(mdp_lib_need(episodes, "episodes"));
    MDP_TRY(mdp_lib_need(steps, "steps"));
    MDP_TRY(mdp_lib_need(actions, "actions"));
    if (n_states < 1) MDP_TRY(mdp_fail(MDP_E_USAGE, "states: expected at least 1, found %d", n_states));
    MDP_TRY(mdp_lib_check_finite("observations", n_states, policy->acting.spec->n_obs, observations));
    const struct mdp_actor *actor = &policy->acting.actor;
    MDP_TRY(actor->act(actor->context, n_states, observations, episodes, steps, actions));
out:
    return err;
}
