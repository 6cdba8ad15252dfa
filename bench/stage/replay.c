/* recorded episodes, played again. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "bench/stage/evaluation_internal.h"
#include "results/alike.h"

static int is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* a file of a policy where it was, or beside the evaluation, as folders move together */
static mdp_err find_input(const struct mdp_replay *replay, const struct mdp_input_file *file, char path[MDP_PATH_MAX]) {
    const int n_folder = (int)(mdp_path_name(replay->path) - replay->path);
    uint64_t hash;
    mdp_err err;
    if (file->path[0] == 0)
        return mdp_fail(MDP_E_DATA, "%s: expected the file of its policy, found none recorded", replay->path);
    MDP_TRY(mdp_fsx_path(path, "%s", file->path));
    if (!is_file(path)) MDP_TRY(mdp_fsx_path(path, "%.*s%s", n_folder, replay->path, mdp_path_name(file->path)));
    if (!is_file(path))
        return mdp_fail(MDP_E_DATA, "%s: expected its policy's file %s, there or beside it, found none: it is gone",
                        replay->path, file->path);
    MDP_TRY(mdp_fsx_hash(path, &hash));
    if (hash != file->hash)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: expected %s with the hash %016" PRIx64 " as it was evaluated, found %016" PRIx64,
                         replay->path, path, file->hash, hash));
out:
    return err;
}

/* the same settings are asked for again; what is recorded of them must come out */
static mdp_err check_again(const struct mdp_eval_job *job, const struct mdp_replay *replay) {
    struct mdp_facts then, now;
    mdp_facts_read(replay->info, &then);
    mdp_facts_read(&job->info, &now);
    const uint32_t paths = MDP_FACT_BIT(MDP_FACT_DIFFUSION) | MDP_FACT_BIT(MDP_FACT_GUIDANCE) |
                           MDP_FACT_BIT(MDP_FACT_PHYSICS_LIBRARY) | MDP_FACT_BIT(MDP_FACT_ISA);
    const int i = mdp_facts_unlike(MDP_FACTS_ALL & ~paths, &then, &now);
    if (i < 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %s as it was evaluated, found %s", replay->path,
                    mdp_fact_row((enum mdp_fact)i)->text, then.values[i], now.values[i]);
}

/* one lane and one thread, which change no bit; an episode that comes out otherwise is another one, and not shown */
static mdp_err play(const struct mdp_eval_job *job, void *context) {
    const struct mdp_replay *replay = context;
    const struct mdp_episodes *e = replay->episodes;
    const long k = replay->i_episode;
    struct mdp_rollout rollout;
    struct mdp_evaluation evaluation = {.spec = job->acting->spec,
                                        .n_episodes = 1,
                                        .n_lanes = 1,
                                        .n_threads = 1,
                                        .seed = e->seeds[k],
                                        .rule = job->acting->used.rule,
                                        .engine = replay->engine,
                                        .first_episode = (int)e->indices[k],
                                        .watch = replay->watch};
    mdp_err err;
    MDP_TRY(check_again(job, replay));
    for (long i = 0; i < e->n; i++) evaluation.has_full |= e->lengths[i] == job->acting->spec->max_steps;
    *replay->spec = job->acting->spec;
    MDP_TRY(mdp_evaluate(&evaluation, &job->acting->actor, replay->path, &rollout));
    struct mdp_episodes again = {
        1, (double[1]){0}, NULL, NULL, (int32_t[1]){0}, (uint8_t[1]){0}, (uint64_t[1]){0}, (int64_t[1]){0}};
    mdp_eval_fill_row(&again, 0, &rollout, &job->acting->used);
    if (again.returns[0] != e->returns[k] || again.lengths[0] != e->lengths[k] || again.ends[0] != e->ends[k])
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: episode %" PRId64
                         ": expected the recorded return %.17g and %d steps, found %.17g and %d, "
                         "played again with %s (recorded with %s)",
                         replay->path, e->indices[k], e->returns[k], (int)e->lengths[k], again.returns[0],
                         (int)again.lengths[0], job->info.isa, replay->info->isa));
out:
    return err;
}

mdp_err mdp_eval_replay(const struct mdp_replay *replay) {
    const struct mdp_episodes_info *info = replay->info;
    struct mdp_eval_settings settings;
    struct mdp_policy_files files = {.is_behavior = strcmp(info->algo, "sac") == 0};
    json_t *recorded = json_loads(info->head.settings, 0, NULL);
    mdp_err err;
    if (json_object_get(recorded, "policy_command") != NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected episodes of a policy's files, found those of another process ('%s')",
                         replay->path, json_string_value(json_object_get(recorded, "policy_command"))));
    const unsigned holds = files.is_behavior
                               ? MDP_WITH_BEHAVIOR
                               : MDP_WITH_MODULES | (info->guidance.path[0] != 0 ? MDP_WITH_GUIDANCE : 0u);
    MDP_TRY(mdp_settings_restore(&mdp_eval_table, recorded, holds, &settings));
    settings.engine = replay->engine;
    settings.n_threads = 1;
    settings.task = files.is_behavior ? NULL : info->task;
    settings.is_stochastic = strcmp(info->actor, MDP_LABEL_STOCHASTIC) == 0;
    settings.precision = info->precision;
    MDP_TRY(find_input(replay, &info->diffusion, files.policy));
    if (info->guidance.path[0] != 0) MDP_TRY(find_input(replay, &info->guidance, files.guidance));
    MDP_TRY(mdp_eval_use_policy(&settings, &files, &(struct mdp_eval_use){play, (void *)replay}));
out:
    json_decref(recorded);
    return err;
}
