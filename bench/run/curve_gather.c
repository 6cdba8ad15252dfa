#include "bench/run/curve_gather.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bench/run/evaluations.h"
#include "bench/run/steps_alike.h"

/* one evaluation, and the path that messages name */
struct part {
    const char *path;
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
};

static int by_step(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    return (x->info.step > y->info.step) - (x->info.step < y->info.step);
}

static mdp_err check_once(int n, const struct part *parts) {
    for (int i = 1; i < n; i++)
        if (parts[i].info.step == parts[i - 1].info.step)
            return mdp_fail(MDP_E_USAGE, "%s: expected one evaluation of each step, found %s of step %" PRId64 ", too",
                            parts[i].path, parts[i - 1].path, parts[i].info.step);
    return MDP_OK;
}

/* as the file wants them: facts and rows apart */
static mdp_err write_parts(const char *out, int n, const struct part *parts) {
    struct mdp_episodes_info *infos = NULL;
    struct mdp_episodes *episodes = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&infos, (unsigned long)n, sizeof *infos, "evaluations"));
    MDP_TRY(mdp_calloc(&episodes, (unsigned long)n, sizeof *episodes, "evaluations"));
    for (int i = 0; i < n; i++) {
        infos[i] = parts[i].info;
        episodes[i] = parts[i].episodes;
    }
    MDP_TRY(mdp_curve_file_write(out, n, infos, episodes));
out:
    free(infos);
    free(episodes);
    return err;
}

mdp_err mdp_curve_gather(const char *out, int n, char (*paths)[MDP_PATH_MAX]) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct part *parts = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&parts, (unsigned long)n, sizeof *parts, "evaluations"));
    for (int i = 0; i < n; i++) {
        parts[i].path = paths[i];
        MDP_TRY(mdp_evaluation_read(&cache, paths[i], &parts[i].info, &parts[i].episodes));
    }
    qsort(parts, (size_t)n, sizeof *parts, by_step);
    MDP_TRY(check_once(n, parts));
    for (int i = 1; i < n; i++)
        MDP_TRY(mdp_steps_check_pair(parts[0].path, parts[0].info.head.settings, parts[i].path,
                                     parts[i].info.head.settings));
    MDP_TRY(write_parts(out, n, parts));
out:
    for (int i = 0; i < n && parts != NULL; i++) {
        mdp_episodes_free(&parts[i].episodes);
        mdp_episodes_info_free(&parts[i].info);
    }
    free(parts);
    mdp_evaluations_free(&cache);
    return err;
}
