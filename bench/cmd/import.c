/* mdpbench import: policies that were trained elsewhere, as module files. */
#include <stdio.h>

#include "algos/algorithm.h"
#include "bench/cmd/verb.h"
#include "bench/exchange/import.h"

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct mdp_import import = {.seed = -1, .step = -1};
    struct mdp_option_name algo = {NULL, mdp_algorithm_names()};
    const struct mdp_option options[] = {
        {"task", MDP_OPT_STRING, &import.task, "T", "task that the policy was trained on, e.g. halfcheetah-medium", 0,
         0},
        {"algo", MDP_OPT_NAME, &algo, "A", "algorithm", 0, 0},
        {"data", MDP_OPT_STRING, &import.data, "FILE", "dataset that it was trained on, for the normaliser", 0, 0},
        {"normalizer", MDP_OPT_STRING, &import.normalizer, "FILE",
         "instead: JSON {\"mean\": [..], \"std\": [..]}, a module file, or 'none'", 0, 0},
        {"step", MDP_OPT_INT, &import.step, "N", "gradient steps done; -1: the number in the file's name", -1, 1e9},
        {"seed", MDP_OPT_INT, &import.seed, "S", "seed of the run; -1: 0", -1, 1e15},
        {"out", MDP_OPT_STRING, &import.folder, "DIR", "folder of the modules (runs/TASK/ALGO/imported/seedS)", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    import.algo = algo.text;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "import: expected one or more files, found none");
    MDP_TRY(mdp_import_files(&import, argc - first, argv + first, stdout));
    if (fflush(stdout) != 0 || ferror(stdout)) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    return err;
}

const struct mdp_verb mdp_verb_import = {
    .name = "import",
    .summary = "make module files of policies that were trained elsewhere",
    .usage = "FILE... --task TASK --algo ALGO --data DATASET|--normalizer FILE [options]",
    .details =
        "Reads what CleanDiffuser saves (diffusion_ckpt_N.pt, critic_ckpt_N.pt, iql_ckpt_N.pt; in PyTorch's zip format "
        "or\n"
        "the one before), safetensors with the same names, and module files of ours, exported or not. Nothing in a "
        "file\n"
        "is run; names and shapes of all tensors must be those of the algorithm's networks. Writes\n"
        "stepNNNNNN.diffusion.h5 and stepNNNNNN.guidance.h5, a folder that eval takes. Files of others do not say how\n"
        "observations were normalised: name the dataset or a file of statistics. Files of ours need no option.",
    .example = "mdpbench import diffusion_ckpt_400.pt critic_ckpt_400.pt --task halfcheetah-medium --algo dql "
               "--data datasets/halfcheetah-medium.hdf5",
    .run = run_verb,
};
