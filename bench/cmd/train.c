/* mdpbench train: guidance and diffusion modules from an offline dataset. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "base/cpu.h"
#include "bench/cmd/verb.h"
#include "bench/run/names.h"
#include "bench/run/work.h"
#include "bench/stage/trainer.h"

/* the command's options; NULL, NaN and 0 where none was given */
struct request {
    struct mdp_training training;
    const char *task, *mode, *noise, *alone, *data, *out;
    struct mdp_option_name algo;
    long n_threads, n_sampling_steps, memory;
    char data_path[MDP_PATH_MAX], folder[MDP_PATH_MAX];
};

static int is_one_of(const char *text, const char *a, const char *b) {
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* an option that would be ignored is refused */
static mdp_err check_meaning(const struct request *r, int has_policy_loss) {
    const struct mdp_training *t = &r->training;
    int is_alone = t->mode == MDP_MODE_GUIDANCE, loads = mdp_mode_describe(t->mode)->loads_guidance;
    const struct {
        const char *name;
        int is_given, has_meaning;
        const char *expected;
    } rules[] = {
        {"algo", r->algo.text != NULL, !is_alone, "none beside --guidance-only"},
        {"guidance", r->mode != NULL, !is_alone, "none beside --guidance-only"},
        {"guidance-file", t->guidance_file != NULL, loads, "--guidance frozen or continued beside it"},
        {"noise", r->noise != NULL, t->mode == MDP_MODE_NOISE, "--guidance noise beside it"},
        {"noise", t->is_noise_gradient, has_policy_loss, "net, since there is no policy loss to disrupt"},
        {"eta", !isnan(t->eta), has_policy_loss, "none, since there is no policy loss to weigh"},
        {"solver", t->solver != NULL, !is_alone, "none beside --guidance-only"},
        {"sampling-steps", r->n_sampling_steps != 0, !is_alone, "none beside --guidance-only"},
    };
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].is_given && !rules[i].has_meaning)
            return mdp_fail(MDP_E_USAGE, "train: option --%s: expected %s, found it with --algo %s, guidance %s",
                            rules[i].name, rules[i].expected, t->algo, mdp_mode_describe(t->mode)->name);
    if (loads && t->guidance_file == NULL)
        return mdp_fail(MDP_E_USAGE, "train: option --guidance-file: expected a file beside --guidance %s, found none",
                        r->mode);
    return MDP_OK;
}

static mdp_err choose_mode(struct request *r) {
    struct mdp_training *t = &r->training;
    const struct mdp_algorithm *algorithm;
    int has_policy_loss = 0;
    if (r->alone != NULL && !is_one_of(r->alone, "iql", "sarsa"))
        return mdp_fail(MDP_E_USAGE, "train: option --guidance-only: expected iql or sarsa, found '%s'", r->alone);
    if (r->noise != NULL && !is_one_of(r->noise, "net", "grad"))
        return mdp_fail(MDP_E_USAGE, "train: option --noise: expected net or grad, found '%s'", r->noise);
    if (r->mode != NULL && mdp_mode_find(r->mode, &t->mode) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "train: option --guidance");
    if (r->mode != NULL && t->mode == MDP_MODE_GUIDANCE)
        return mdp_fail(MDP_E_USAGE,
                        "train: option --guidance: expected how it acts on a diffusion module, found '%s'; "
                        "--guidance-only trains it alone",
                        r->mode);
    t->is_noise_gradient = r->noise != NULL && strcmp(r->noise, "grad") == 0;
    if (r->alone != NULL) t->mode = MDP_MODE_GUIDANCE;
    if (r->algo.text != NULL) t->algo = r->algo.text;
    mdp_err err = mdp_algorithm_find(t->algo, &algorithm);
    if (err != MDP_OK) return err;
    has_policy_loss = algorithm->action != MDP_ACTION_NONE && t->mode != MDP_MODE_NONE && t->mode != MDP_MODE_GUIDANCE;
    err = check_meaning(r, has_policy_loss);
    if (r->alone != NULL) t->algo = r->alone;
    return err;
}

/* refused here, before any data is read */
static mdp_err check_precision(const char *name) {
    const struct mdp_kernel *kernel;
    enum mdp_products_kind products;
    mdp_err err = mdp_precision_find_training(name, &kernel, &products);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "train: option --precision");
}

static mdp_err choose_paths(struct request *r) {
    struct mdp_training *t = &r->training;
    mdp_err err;
    if (r->data != NULL)
        MDP_TRY(mdp_fsx_path(r->data_path, "%s", r->data));
    else
        MDP_TRY(mdp_dataset_path("datasets", t->task.name, r->data_path));
    if (r->out != NULL)
        MDP_TRY(mdp_fsx_path(r->folder, "%s", r->out));
    else if (t->mode == MDP_MODE_GUIDANCE)
        MDP_TRY(mdp_run_folder("runs", t->task.name, "guidance", t->algo, t->seed, r->folder));
    else
        MDP_TRY(mdp_run_folder("runs", t->task.name, t->algo, mdp_mode_describe(t->mode)->name, t->seed, r->folder));
    t->data = r->data_path;
    t->folder = r->folder;
    if (t->scratch == NULL) t->scratch = r->folder;
out:
    return err;
}

static mdp_err parse(const struct mdp_verb *verb, int argc, char **argv, struct request *r, int *first, int *done) {
    struct mdp_training *t = &r->training;
    const struct mdp_option options[] = {
        {"task", MDP_OPT_STRING, &r->task, "T", "robot and data quality, e.g. halfcheetah-medium", 0, 0},
        {"algo", MDP_OPT_NAME, &r->algo, "A", "algorithm (dql)", 0, 0},
        {"guidance", MDP_OPT_STRING, &r->mode, "MODE", "joint, frozen, continued, noise or none (joint)", 0, 0},
        {"guidance-file", MDP_OPT_STRING, &t->guidance_file, "FILE", "what frozen and continued start from", 0, 0},
        {"guidance-only", MDP_OPT_STRING, &r->alone, "KIND", "iql or sarsa: no diffusion module at all", 0, 0},
        {"noise", MDP_OPT_STRING, &r->noise, "KIND", "guidance noise: an untrained net, or noise as its grad (net)", 0,
         0},
        {"eta", MDP_OPT_REAL, &t->eta, "X", "weight of the policy loss (1); 0: cloning only", 0, 1e6},
        {"precision", MDP_OPT_STRING, &t->precision, "NAME",
         "f32, f32-plain (in next actions, too), bf16 (AMX), bf16-avx512 (AVX512_BF16) or bf16-emulated (f32)", 0, 0},
        {"solver", MDP_OPT_STRING, &t->solver, "NAME", "of the reverse process (the algorithm's)", 0, 0},
        {"sampling-steps", MDP_OPT_INT, &r->n_sampling_steps, "N", "of the reverse process (the algorithm's)", 1, 1000},
        {"seed", MDP_OPT_U64, &t->seed, "S", "seed of the run", 0, 0},
        {"steps", MDP_OPT_INT, &t->n_steps, "N", "gradient steps", 1, 1e8},
        {"checkpoint-every", MDP_OPT_INT, &t->every, "N", "steps between two checkpoints", 1, 1e8},
        {"data", MDP_OPT_STRING, &r->data, "FILE", "dataset (datasets/TASK.hdf5), any file in D4RL's layout", 0, 0},
        {"lr", MDP_OPT_REAL, &t->learning_rate, "X", "learning rate at the start", 0, 1},
        {"lr-steps", MDP_OPT_INT, &t->lr_steps, "N", "the learning rate's cosine reaches 0 here", 1, 1e9},
        {"batch", MDP_OPT_INT, &t->batch, "N", "transitions a step", 1, 65536},
        {"threads", MDP_OPT_INT, &r->n_threads, "N", "threads; does not change the result", 1, 256},
        {"memory", MDP_OPT_INT, &r->memory, "MB", "for transitions; what takes more goes to a scratch file", 0, 1e7},
        {"scratch", MDP_OPT_STRING, &t->scratch, "DIR", "where that file goes, without a name (the run's folder)", 0,
         0},
        {"out", MDP_OPT_STRING, &r->out, "DIR", "folder of the run (runs/TASK/ALGO/MODE/seedS)", 0, 0},
    };
    return mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, first, done);
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.n_threads = mdp_cpu_count(), .algo.known = mdp_algorithm_names()};
    int first, done;
    mdp_training_defaults(&r.training);
    r.memory = (long)(r.training.memory_bytes / MDP_MB);
    mdp_err err = parse(verb, argc, argv, &r, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first != argc) return mdp_fail(MDP_E_USAGE, "train: expected options only, found '%s'", argv[first]);
    if (r.task == NULL) return mdp_fail(MDP_E_USAGE, "train: option --task: expected a task, found none");
    MDP_TRY(mdp_task_parse(r.task, &r.training.task));
    MDP_TRY(choose_mode(&r));
    MDP_TRY(check_precision(r.training.precision));
    MDP_TRY(choose_paths(&r));
    r.training.n_threads = (int)r.n_threads;
    r.training.memory_bytes = (double)r.memory * MDP_MB;
    r.training.n_sampling_steps = (int)r.n_sampling_steps;
    mdp_work_begin(r.n_threads);
    MDP_TRY(mdp_train(&r.training));
    printf("%s\n", r.folder);
out:
    return err;
}

const struct mdp_verb mdp_verb_train = {
    .name = "train",
    .summary = "train a guidance and a diffusion module on a dataset, or either alone",
    .usage = "--task TASK [options]",
    .details =
        "Guidance in training is the policy loss: joint, it learns along; frozen, it is read from a file and stays;\n"
        "continued, it is read and learns on; noise, it is an untrained network; none, there is only cloning.\n"
        "Writes stepNNNNNN.diffusion.h5, and stepNNNNNN.guidance.h5 where guidance learns, per checkpoint (noise: one\n"
        "guidance.h5), log.csv, run.json (time, memory, arithmetic), and resume.h5, from which the same command goes\n"
        "on after any interruption and ends with the same bits as an unbroken run. A finished run is left alone; a\n"
        "folder that holds a run with other settings is refused.",
    .example = "mdpbench train --task halfcheetah-medium --algo dql --seed 0 --steps 5000 --checkpoint-every 400",
    .run = run_verb,
};
