#include "bench/run/best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/checkpoints.h"
#include "bench/run/steps_alike.h"
#include "bench/run/evaluations.h"
#include "bench/run/reward.h"
#include "results/alike.h"
#include "results/checkpoint.h"
#include "stats/moments.h"

int mdp_guidance_is_best(const char *text) { return strncmp(text, MDP_BEST_PREFIX, strlen(MDP_BEST_PREFIX)) == 0; }

static mdp_err split(const char *text, char folder[MDP_PATH_MAX], const char **label) {
    const char *start = text + strlen(MDP_BEST_PREFIX), *colon = strrchr(start, ':');
    if (colon == NULL || colon == start || mdp_label_check(colon + 1) != MDP_OK)
        return mdp_fail(MDP_E_USAGE, "%s: expected " MDP_BEST_PREFIX "FOLDER:LABEL, found another form", text);
    *label = colon + 1;
    return mdp_fsx_path(folder, "%.*s", (int)(colon - start), start);
}

/* guidance that was trained for an objective acts best by that objective. what a column of rewards counts cannot be
 * counted in episodes */
static mdp_err choose_returns(const char *folder, const struct mdp_step_name *name, struct mdp_evaluations *cache) {
    struct mdp_checkpoint_info guidance = {.step = -1};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    char path[MDP_PATH_MAX], wanted[MDP_OBJECTIVE_MAX], counted[MDP_LABEL_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_name_path(folder, name, path));
    MDP_TRY(mdp_evaluation_read(cache, path, &info, &episodes));
    mdp_episodes_objective(&info, counted);
    if (counted[0] == 0) goto out; /* eval counts by what the guidance was trained for */
    MDP_TRY(mdp_step_path(folder, name->step, "", MDP_FILE_GUIDANCE, path));
    if (!mdp_fsx_exists(path)) goto out;
    MDP_TRY(mdp_checkpoint_read_info(path, &guidance));
    mdp_reward_recorded(guidance.head.settings, wanted);
    cache->by_objective = wanted[0] != 0;
    if (cache->by_objective && strcmp(counted, wanted) != 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE,
                         "%s: expected the objective of its evaluations, %s, which it was trained for (eval --reward), "
                         "found %s",
                         path, wanted, counted));
out:
    mdp_checkpoint_info_free(&guidance);
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&episodes);
    return err;
}

/* the mean of one file, which must have been evaluated as the others */
static mdp_err read_mean(struct mdp_evaluations *cache, const char *path, struct mdp_steps_alike *steps,
                         struct mdp_alike_file *first, double *mean) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_alike_file file;
    mdp_err err;
    MDP_TRY(mdp_evaluation_read(cache, path, &info, &episodes));
    MDP_TRY(mdp_steps_alike_join(steps, path, info.head.settings));
    MDP_TRY(mdp_alike_read(path, &info, &file));
    MDP_TRY(mdp_alike_join(MDP_ALIKE_SAMPLE, &file, first));
    *mean = mdp_mean(episodes.normalized_returns, episodes.n);
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

mdp_err mdp_guidance_best(const char *text, char path[MDP_PATH_MAX]) {
    struct mdp_step_files files = {0, NULL};
    struct mdp_steps_alike steps = {.path = ""};
    struct mdp_alike_file first = {.path = ""};
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    char folder[MDP_PATH_MAX];
    const char *label = "";
    double largest = -INFINITY, mean;
    long step = -1;
    mdp_err err;
    MDP_TRY(split(text, folder, &label));
    MDP_TRY(mdp_step_files_list(folder, MDP_FILE_EPISODES, label, &files));
    if (files.n == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE,
                         "%s: expected episodes with the label %s, as eval --label writes them, found none", folder,
                         label));
    MDP_TRY(choose_returns(folder, &files.names[0], &cache));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], path));
        MDP_TRY(read_mean(&cache, path, &steps, &first, &mean));
        if (mean > largest) largest = mean, step = files.names[i].step;
    }
    MDP_TRY(mdp_step_path(folder, step, "", MDP_FILE_GUIDANCE, path));
    if (!mdp_fsx_exists(path))
        err =
            mdp_fail(MDP_E_IO, "%s: expected the guidance of the best of %d evaluations with the label %s, found none",
                     path, files.n, label);
out:
    mdp_steps_alike_free(&steps);
    mdp_evaluations_free(&cache);
    free(files.names);
    return err;
}
