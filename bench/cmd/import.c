/* mdpbench import: policies that were trained elsewhere, as module files. */
#include <stdio.h>

#include "algos/algorithm.h"
#include "bench/cmd/out.h"
#include "bench/exchange/import.h"
#include "bench/run/settings.h"

/* the command's options */
struct request {
    struct mdp_import import;
    uint64_t seed;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, import.task, TEXT, .name = "task", .argument = "T",
            .help = "task that the policy was trained on, or any label of another world"),
    MDP_ROW(struct request, import.algo, TEXT, .name = "algo", .names = mdp_algorithm_names, .argument = "A",
            .help = "algorithm"),
    MDP_ROW(struct request, import.is_sure, FLAG, .name = "sure",
            .help = "the algorithm is that of --algo, although a file's path names another one of the same shapes"),
    MDP_ROW(struct request, import.data, TEXT, .name = "data", .argument = "FILE",
            .help = "dataset that it was trained on, for the normaliser"),
    MDP_ROW(struct request, import.normalizer, TEXT, .name = "normalizer", .argument = "FILE",
            .help = "instead: JSON {\"mean\": [..], \"std\": [..]}, a module file, or 'none'"),
    MDP_ROW(struct request, import.values, TEXT, .name = "values", .argument = "FILE",
            .help = "action values that go with QGPO's energy clf_ckpt_N.pt: q_ckpt_N.pt"),
    MDP_ROW(struct request, import.step, WHOLE, MDP_STEP,
            .help = "gradient steps done; -1: the number in the file's name"),
    MDP_ROW(struct request, import.horizon, WHOLE, .name = "horizon", .low = 1, .high = 1024, .unit = "steps",
            .help = "steps of a plan, which no shape tells (the task's, else 32)"),
    MDP_ROW(struct request, seed, SEED, MDP_RANDOM_SEED, .help = "seed of the run"),
    MDP_ROW(struct request, import.folder, TEXT, .name = "out", .argument = "DIR",
            .help = "folder of the modules (runs/TASK/ALGO/imported/seedS)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_out_paths paths;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "import: expected one or more files, found none");
    r.import.seed = MDP_GIVEN(&options, &r, seed) ? (long)r.seed : -1;
    MDP_TRY(mdp_out_paths_begin(&paths, r.as_json));
    err = mdp_out_paths_end(&paths, mdp_import_files(&r.import, argc - first, argv + first, paths.stream));
out:
    return err;
}

const struct mdp_verb mdp_verb_import = {
    .name = "import",
    .summary = "make module files of policies that were trained elsewhere",
    .usage = "FILE... --task TASK --algo ALGO --data DATASET|--normalizer FILE [options]",
    .details =
        "Reads what CleanDiffuser saves (diffusion_ckpt_N.pt, critic_ckpt_N.pt, iql_ckpt_N.pt, clf_ckpt_N.pt with "
        "--values;\n"
        "in PyTorch's zip format or the one before), safetensors with the same names, and module files of ours, "
        "exported or not. Nothing in a "
        "file\n"
        "is run; names and shapes of all tensors must be those of the algorithm's networks. Writes\n"
        "stepNNNNNN.diffusion.h5 and stepNNNNNN.guidance.h5, a folder that eval takes. Files of others do not say how\n"
        "observations were normalised: name the dataset or a file of statistics. Files of ours need no option.",
    .example = "mdpbench import diffusion_ckpt_400.pt critic_ckpt_400.pt --task halfcheetah-medium --algo dql "
               "--data datasets/halfcheetah-medium.hdf5",
    .options = &options,
    .run = run_verb,
};
