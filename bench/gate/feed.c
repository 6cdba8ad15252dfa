#include "bench/gate/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "bench/run/checkpoints.h"
#include "bench/run/names.h"
#include "results/checkpoint.h"

/* ---- which files ---- */

static mdp_err last_checkpoint(const char *folder, char policy[MDP_PATH_MAX]) {
    struct mdp_step_files files;
    mdp_err err;
    MDP_TRY(mdp_diffusion_files_list(folder, -1, &files));
    MDP_TRY(mdp_step_name_path(folder, &files.names[files.n - 1], policy));
out:
    free(files.names);
    return err == MDP_E_USAGE ? MDP_E_DATA : err;
}

static mdp_err find_kind(struct mdp_policy_files *files) {
    struct mdp_checkpoint_info info;
    mdp_err err = mdp_checkpoint_read_info(files->policy, &info);
    if (err != MDP_OK) return err;
    files->is_behavior = strcmp(info.kind, "behavior") == 0;
    if (!files->is_behavior && strcmp(info.kind, "diffusion") != 0)
        err = mdp_fail(MDP_E_DATA, "%s: expected a diffusion module or a behaviour policy, found kind %s",
                       files->policy, info.kind);
    mdp_checkpoint_info_free(&info);
    return err;
}

mdp_err mdp_gate_subject_find(const char *path, const char *choice, struct mdp_gate_subject *out) {
    struct stat info;
    struct mdp_policy_files *files = &out->files;
    char policy[MDP_PATH_MAX];
    mdp_err err;
    if (strchr(path, ',') != NULL && !mdp_fsx_exists(path))
        return mdp_fail(MDP_E_USAGE, "gate: option --evaluate: expected one policy a side, found '%s'", path);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        MDP_TRY(last_checkpoint(path, policy));
    else
        MDP_TRY(mdp_fsx_path(policy, "%s", path));
    *files = (struct mdp_policy_files){.guidance = ""};
    strcpy(files->policy, policy);
    MDP_TRY(find_kind(files));
    if (!files->is_behavior) MDP_TRY(mdp_policy_files_find(policy, choice, files));
    const char *leaf = mdp_path_name(policy);
    MDP_TRY(mdp_fsx_path(out->name, "%.*s", (int)mdp_stem_length(leaf), leaf));
out:
    return err;
}

mdp_err mdp_gate_subject_copy(const struct mdp_gate_subject *subject, const char *folder, const char *label,
                              struct mdp_policy_files *out) {
    mdp_err err;
    *out = subject->files;
    MDP_TRY(mdp_named_path(folder, subject->name, label, out->is_behavior ? MDP_FILE_BEHAVIOR : MDP_FILE_DIFFUSION,
                           out->policy));
    if (out->guidance[0] != 0) MDP_TRY(mdp_named_path(folder, subject->name, label, MDP_FILE_GUIDANCE, out->guidance));
out:
    return err;
}

mdp_err mdp_gate_episodes_path(const char *folder, const char *name, const char *label, char path[MDP_PATH_MAX]) {
    return mdp_named_path(folder, name, label, MDP_FILE_EPISODES, path);
}

/* ---- growing ---- */

/* copies all rows of `from` to `row` and on */
static void copy_rows(struct mdp_episodes *to, long row, const struct mdp_episodes *from) {
    size_t n = (size_t)from->n;
    memcpy(to->returns + row, from->returns, n * sizeof *to->returns);
    memcpy(to->normalized_returns + row, from->normalized_returns, n * sizeof *to->normalized_returns);
    memcpy(to->lengths + row, from->lengths, n * sizeof *to->lengths);
    memcpy(to->ends + row, from->ends, n * sizeof *to->ends);
    memcpy(to->seeds + row, from->seeds, n * sizeof *to->seeds);
    memcpy(to->indices + row, from->indices, n * sizeof *to->indices);
}

static mdp_err append(struct mdp_episodes *held, const struct mdp_episodes *more) {
    struct mdp_episodes all;
    mdp_err err = mdp_episodes_alloc(&all, held->n + more->n);
    if (err != MDP_OK) return err;
    copy_rows(&all, 0, held);
    copy_rows(&all, held->n, more);
    mdp_episodes_free(held);
    *held = all;
    return MDP_OK;
}

static mdp_err make(const struct mdp_gate_maker *maker, const struct mdp_policy_files *files, long first, long n,
                    const char *out) {
    struct mdp_eval_settings settings = maker->settings;
    struct mdp_eval_result result;
    settings.first_episode = first;
    settings.n_episodes = n;
    return mdp_eval_policy(&settings, files, out, &result);
}

static mdp_err grow_side(const struct mdp_gate_maker *maker, int i_side, long n_episodes) {
    mdp_err err;
    struct mdp_gate_side *side = maker->sides[i_side];
    struct mdp_gate_eval *held = side->n_groups > 0 ? &side->groups[0].runs[0].evals[0] : NULL;
    struct mdp_gate_eval more = {.path = ""};
    struct mdp_gate_subject subject;
    char folder[MDP_PATH_MAX], label[32];
    long first = held != NULL ? held->episodes.n : 0;
    if (first >= n_episodes) return MDP_OK;
    MDP_TRY(mdp_gate_subject_find(maker->paths[i_side], NULL, &subject));
    MDP_TRY(mdp_fsx_path(folder, "%s/%s", maker->work, side->name));
    snprintf(label, sizeof label, "from%06ld", first);
    MDP_TRY(mdp_gate_episodes_path(folder, subject.name, label, more.path));
    MDP_TRY(make(maker, &subject.files, first, n_episodes - first, more.path));
    MDP_TRY(mdp_episodes_read(more.path, &more.info, &more.episodes));
    if (held != NULL)
        MDP_TRY(append(&held->episodes, &more.episodes));
    else
        MDP_TRY(mdp_gate_side_add(side, "", maker->paths[i_side], &more));
    mdp_gate_side_order(side);
out:
    mdp_episodes_free(&more.episodes);
    mdp_episodes_info_free(&more.info);
    return err;
}

static mdp_err grow(void *context, long n_episodes) {
    const struct mdp_gate_maker *maker = context;
    mdp_err err = grow_side(maker, 0, n_episodes);
    return err != MDP_OK ? err : grow_side(maker, 1, n_episodes);
}

mdp_err mdp_gate_judge_policies(const struct mdp_gate_policy *policy, struct mdp_gate_maker *maker, long today,
                                struct mdp_gate_report *out) {
    const struct mdp_gate_feed feed = {grow, maker};
    *maker->sides[0] = (struct mdp_gate_side){.name = "baseline"};
    *maker->sides[1] = (struct mdp_gate_side){.name = "candidate"};
    return mdp_gate_judge_sequential(policy, maker->sides[0], maker->sides[1], today, &feed, out);
}
