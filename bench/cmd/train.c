/* mdpbench train: guidance and diffusion modules from an offline dataset. */
#include <stdio.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "base/log.h"
#include "base/text.h"
#include "bench/cmd/out.h"
#include "bench/run/best.h"
#include "bench/run/names.h"
#include "bench/run/reward.h"
#include "bench/run/work.h"
#include "bench/stage/trainer.h"
#include "results/dataset.h"

/* an option that would be ignored is refused */
static mdp_err check_meaning(const struct mdp_verb *verb, const struct mdp_training *t) {
    static const struct mdp_meaning words = {
        .expected = {[MDP_NEED_DIFFUSION] = "none beside --guidance-only",
                     [MDP_NEED_POLICY_LOSS] = "none, since there is no policy loss to weigh",
                     [MDP_NEED_LOADED] = "--guidance frozen or continued beside it",
                     [MDP_NEED_SAMPLER] = "none beside --guidance-only, which samples nothing",
                     [MDP_NEED_SUPPORT] = "guidance of qgpo that learns",
                     [MDP_NEED_SUPPORTER] = "--guidance-only qgpo beside it",
                     [MDP_NEED_NOISE] = "--guidance noise beside it",
                     [MDP_NEED_WINDOWS] = "an algorithm that plans",
                     [MDP_NEED_REWARDS] = "none, since no guidance learns from rewards",
                     [MDP_NEED_TRANSITIONS] = "none, since plans keep all rows in memory",
                     [MDP_NEED_RETURNS] = "none, since no returns are learnt"},
        .dashes = "--"};
    const struct mdp_setting *culprit;
    mdp_err err = mdp_training_check_meaning(t, &words, &culprit);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, culprit->name);
    if (t->keep == 0) return mdp_fail(MDP_E_USAGE, "train: option --keep: expected 1 or more checkpoints, found '0'");
    /* a run may go on with more steps */
    if (t->n_value_steps >= t->n_steps)
        mdp_log(
            "train: option --value-steps: values learn alone in all of --steps %ld, and the energy only where a run "
            "goes on beyond %ld",
            t->n_steps, t->n_value_steps);
    if (t->guidance_file == NULL && (mdp_training_holds(t) & MDP_WITH_LOADED) != 0)
        return mdp_fail(MDP_E_USAGE, "train: option --guidance-file: expected a file beside --guidance %s, found none",
                        mdp_mode_describe(t->mode)->name);
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    if (planner != NULL && t->alone == NULL && !planner->guidance->sees_windows && t->mode != MDP_MODE_NONE)
        return mdp_fail(MDP_E_USAGE,
                        "train: option --guidance: expected none, as plans of %s are guided by the return "
                        "that is wanted, found '%s'",
                        t->algo, mdp_mode_describe(t->mode)->name);
    if (t->diffusion_file == NULL && (mdp_training_holds(t) & MDP_WITH_SUPPORTER) != 0)
        return mdp_fail(MDP_E_USAGE,
                        "train: option --diffusion-file: expected a diffusion module beside --guidance-only %s, which "
                        "learns from the actions that it supports, found none",
                        t->alone);
    return MDP_OK;
}

/* data of any world may be trained on; of a task without data its name is all that there is */
static mdp_err choose_task(struct mdp_training *t) {
    char label[MDP_PATH_MAX];
    mdp_err err;
    if (t->task_name == NULL && t->data == NULL)
        return mdp_fail(MDP_E_USAGE, "train: option --task: expected a task, or --data, found neither");
    if (t->data == NULL) {
        MDP_TRY(mdp_task_parse(t->task_name, &t->task));
    } else if (t->task_name != NULL) {
        MDP_TRY(mdp_task_label(t->task_name, &t->task));
    } else {
        /* Minari's names are folders: mujoco/halfcheetah/medium-v0 */
        MDP_TRY(mdp_dataset_label(t->data, 3, label));
        if (mdp_task_parse(label, &t->task) != MDP_OK) MDP_TRY(mdp_dataset_label(t->data, 1, label));
        if (mdp_task_label(label, &t->task) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_USAGE, "train: %s: option --task: needed, as the file's name is no label",
                                     t->data));
    }
    t->task_name = t->task.name;
    mdp_task_note(&t->task);
    err = MDP_OK;
out:
    return err;
}

/* what a folder says of a reward that is not the dataset's; refused before any data is read */
static mdp_err name_reward(const struct mdp_training *t, char name[MDP_PATH_MAX]) {
    struct mdp_reward reward;
    if (t->reward == NULL) return MDP_OK;
    mdp_err err = mdp_reward_parse(t->reward, t->task.spec, &reward);
    if (err == MDP_OK) {
        name[0] = '-';
        mdp_label_text(reward.text, MDP_PATH_MAX - 1, name + 1);
    } else {
        err = mdp_fail_context(err, "train: option --reward");
    }
    mdp_reward_free(&reward);
    return err;
}

/* what is not said follows from task, algorithm, mode and seed */
static mdp_err choose_paths(struct mdp_training *t, char data[MDP_PATH_MAX], char folder[MDP_PATH_MAX]) {
    const int is_alone = t->mode == MDP_MODE_GUIDANCE;
    char variant[MDP_PATH_MAX], reward[MDP_PATH_MAX] = "";
    mdp_err err;
    if (t->data == NULL) MDP_TRY(mdp_dataset_path("datasets", t->task.name, data));
    MDP_TRY(name_reward(t, reward));
    MDP_TRY(mdp_fsx_path(variant, "%s%s", is_alone ? t->algo : mdp_mode_describe(t->mode)->name, reward));
    MDP_TRY(mdp_run_folder("runs", t->task.name, is_alone ? "guidance" : t->algo, variant, t->seed, folder));
    if (t->data != NULL) MDP_TRY(mdp_dataset_file(t->data, data));
    t->data = data;
    if (t->folder == NULL) t->folder = folder;
    if (t->scratch == NULL) t->scratch = t->folder;
out:
    return err;
}

/* a file stays as it is, the best of a run becomes one */
static mdp_err choose_guidance(struct mdp_training *t, char path[MDP_PATH_MAX]) {
    if (t->guidance_file == NULL || !mdp_guidance_is_best(t->guidance_file)) return MDP_OK;
    mdp_err err = mdp_guidance_best(t->guidance_file, path);
    t->guidance_file = path;
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct mdp_training t;
    char data[MDP_PATH_MAX], folder[MDP_PATH_MAX], guidance[MDP_PATH_MAX];
    int first, done;
    mdp_err err = mdp_options_parse(verb, &t, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first != argc) return mdp_fail(MDP_E_USAGE, "train: expected options only, found '%s'", argv[first]);
    MDP_TRY(choose_task(&t));
    mdp_training_complete(&t);
    if (t.is_diffusion_only && t.alone == NULL && !MDP_GIVEN(&mdp_train_table, &t, mode)) t.mode = MDP_MODE_NONE;
    MDP_TRY(check_meaning(verb, &t));
    mdp_training_settle(&t);
    /* refused here, before any data is read */
    err = mdp_precision_check(t.precision);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, "precision");
    MDP_TRY(choose_paths(&t, data, folder));
    MDP_TRY(choose_guidance(&t, guidance));
    mdp_work_begin(t.n_threads);
    MDP_TRY(mdp_train(&t));
    MDP_TRY(mdp_out_path(t.folder, t.as_json));
out:
    return err;
}

const struct mdp_verb mdp_verb_train = {
    .name = "train",
    .summary = "train a guidance and a diffusion module on a dataset, or either alone",
    .usage = "--task TASK|--data FILE [options]",
    .details =
        "Guidance in training is the policy loss, in one of the ways that --guidance lists. No world is needed: "
        "--data\n"
        "may have any sizes, and the task is then a label (the file's name where none is given).\n"
        "Writes stepNNNNNN.diffusion.h5, and stepNNNNNN.guidance.h5 where guidance learns, per checkpoint (noise: one\n"
        "guidance.h5), log.csv, run.json (time, memory, arithmetic), and resume.h5, from which the same command goes\n"
        "on after any interruption and ends with the same bits as an unbroken run. A finished run is left alone; a\n"
        "folder that holds a run with other settings is refused.",
    .example = "mdpbench train --task halfcheetah-medium --algo dql --seed 0 --steps 5000 --checkpoint-every 400",
    .options = &mdp_train_table,
    .run = run_verb,
};
