/* mdpbench train: guidance and diffusion modules from an offline dataset. */
#include <stdio.h>

#include "algos/algorithm.h"
#include "base/cpu.h"
#include "base/stop.h"
#include "bench/trainer.h"
#include "bench/verb.h"

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct mdp_training training;
    const struct mdp_algorithm *algorithm;
    mdp_training_defaults(&training);
    long n_threads = mdp_cpu_count();
    const char *task = NULL, *data = NULL, *out = NULL;
    char data_path[MDP_PATH_MAX], folder[MDP_PATH_MAX];
    const struct mdp_option options[] = {
        {"task", MDP_OPT_STRING, &task, "T", "robot and data quality, e.g. halfcheetah-medium", 0, 0},
        {"algo", MDP_OPT_STRING, &training.algo, "A", "algorithm: dql, edp, idql", 0, 0},
        {"seed", MDP_OPT_U64, &training.seed, "S", "seed of the run", 0, 0},
        {"steps", MDP_OPT_INT, &training.n_steps, "N", "gradient steps", 1, 1e8},
        {"checkpoint-every", MDP_OPT_INT, &training.every, "N", "steps between two checkpoints", 1, 1e8},
        {"data", MDP_OPT_STRING, &data, "FILE", "dataset (datasets/TASK.hdf5), any file in D4RL's layout", 0, 0},
        {"eta", MDP_OPT_REAL, &training.eta, "X", "weight of the policy loss; 0: cloning only", 0, 1e6},
        {"lr", MDP_OPT_REAL, &training.learning_rate, "X", "learning rate at the start", 0, 1},
        {"lr-steps", MDP_OPT_INT, &training.lr_steps, "N", "the learning rate's cosine reaches 0 here", 1, 1e9},
        {"batch", MDP_OPT_INT, &training.batch, "N", "transitions a step", 1, 65536},
        {"threads", MDP_OPT_INT, &n_threads, "N", "threads; does not change the result", 1, 256},
        {"out", MDP_OPT_STRING, &out, "DIR", "folder of the run (runs/TASK/ALGO/joint/seedS)", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    mdp_stop_install();
    if (first != argc) return mdp_fail(MDP_E_USAGE, "train: expected options only, found '%s'", argv[first]);
    if (task == NULL) return mdp_fail(MDP_E_USAGE, "train: option --task: expected a task, found none");
    MDP_TRY(mdp_task_parse(task, &training.task));
    if (mdp_algorithm_find(training.algo, &algorithm) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_USAGE, "train: option --algo"));
    if (data != NULL)
        MDP_TRY(mdp_fsx_path(data_path, "%s", data));
    else
        MDP_TRY(mdp_fsx_path(data_path, "datasets/%s.hdf5", training.task.name));
    if (out != NULL)
        MDP_TRY(mdp_fsx_path(folder, "%s", out));
    else
        MDP_TRY(mdp_fsx_path(folder, "runs/%s/%s/joint/seed%lu", training.task.name, training.algo,
                             (unsigned long)training.seed));
    training.data = data_path;
    training.folder = folder;
    training.n_threads = (int)n_threads;
    MDP_TRY(mdp_train(&training));
    printf("%s\n", folder);
out:
    return err;
}

const struct mdp_verb mdp_verb_train = {
    .name = "train",
    .summary = "train a guidance and a diffusion module on a dataset",
    .usage = "--task TASK [options]",
    .details =
        "Writes stepNNNNNN.diffusion.h5 and stepNNNNNN.guidance.h5 per checkpoint, log.csv, and resume.h5, from which\n"
        "the same command goes on after any interruption and ends with the same bits as an unbroken run. A finished\n"
        "run is left alone; a folder that holds a run with other settings is refused.",
    .example = "mdpbench train --task halfcheetah-medium --algo dql --seed 0 --steps 5000 --checkpoint-every 400",
    .run = run_verb,
};
