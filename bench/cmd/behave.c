/* mdpbench behave: trains the behaviour policies that our datasets are collected with. */
#include <stdio.h>

#include "base/text.h"
#include "bench/cmd/out.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"
#include "bench/stage/behavior_train.h"

/* the command's options */
struct request {
    uint64_t seed;
    long n_steps, every, n_warmup, n_threads;
    double learning_rate, discount, tau;
    int other_instructions, as_json;
    const char *physics, *out;
    uint64_t given;
};

/* a number of the learner's as the text that it is */
#define TEXT_OF(number) #number
#define DEFAULT(number) TEXT_OF(number)

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, seed, SEED, MDP_RANDOM_SEED, .help = "seed of the run"),
    MDP_ROW(struct request, n_steps, WHOLE, .name = "steps", .low = 1, .high = 1e8, .fallback = "400000",
            .help = "environment steps, rounded up to whole episodes"),
    MDP_ROW(struct request, every, WHOLE, .name = "checkpoint-every", .low = 1, .high = 1e8, .fallback = "10000",
            .help = "steps between two checkpoints"),
    MDP_ROW(struct request, n_warmup, WHOLE, .name = "warmup", .low = 256, .high = 1e7, .fallback = "10000",
            .help = "first steps with uniform actions"),
    MDP_ROW(struct request, learning_rate, REAL, .name = "learning-rate", .low = 1e-8, .high = 1,
            .fallback = DEFAULT(MDP_SAC_LEARNING_RATE), .help = "of actor and critic"),
    MDP_ROW(struct request, discount, REAL, .name = "discount", .low = 0.01, .high = 0.99999,
            .fallback = DEFAULT(MDP_SAC_DISCOUNT), .help = "of the reward a step later"),
    MDP_ROW(struct request, tau, REAL, .name = "tau", .low = 1e-6, .high = 1, .fallback = DEFAULT(MDP_SAC_TAU),
            .help = "weight of the new critic in each update of the target"),
    MDP_ROW(struct request, n_threads, WHOLE, MDP_THREADS("1"), .help = "threads; does not change the result"),
    MDP_ROW(struct request, other_instructions, FLAG, .name = "other-instructions",
            .help = "go on with a run whose steps so far were computed by other instructions"),
    MDP_ROW(struct request, physics, TEXT, MDP_PHYSICS),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "DIR",
            .help = "folder of the run (runs/behavior/ROBOT/seedS)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err find_folder(const struct request *r, const char *robot, char folder[MDP_PATH_MAX]) {
    if (r->out != NULL) return mdp_fsx_path(folder, "%s", r->out);
    return mdp_run_folder("runs", "behavior", robot, NULL, r->seed, folder);
}

/* what can be refused is refused before work begins, which may start the program anew (bench/run/work.h) */
static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_engine *engine = NULL;
    struct mdp_engine_facts physics;
    char folder[MDP_PATH_MAX];
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1)
        return mdp_fail(MDP_E_USAGE, "behave: expected one robot name, found %d arguments", argc - first);
    struct mdp_behavior_settings settings = {.spec = mdp_env_find(argv[first]),
                                             .seed = r.seed,
                                             .capacity = 1000000,
                                             .n_warmup = r.n_warmup,
                                             .n_threads = (int)r.n_threads,
                                             .learning_rate = r.learning_rate,
                                             .discount = r.discount,
                                             .tau = r.tau};
    const struct mdp_behavior_plan plan = {
        &settings, r.n_steps, r.every, folder, r.other_instructions, MDP_GIVEN(&options, &r, every)};
    if (settings.spec == NULL) return mdp_names_refuse(mdp_env_names(), "behave: robot", argv[first]);
    MDP_TRY(find_folder(&r, settings.spec->robot, folder));
    mdp_work_begin(r.n_threads);
    MDP_TRY(mdp_physics_open(r.physics, &engine));
    settings.engine = engine;
    MDP_TRY(mdp_engine_describe(engine, settings.spec, &physics));
    MDP_TRY(mdp_behavior_train(&plan));
    MDP_TRY(mdp_out_path(folder, r.as_json));
out:
    mdp_engine_free(engine);
    return err;
}

static const char *list_robots(char text[MDP_NAMES_MAX]) { return mdp_names_text(mdp_env_names(), text); }

static const char *robot_at(int i, char text[MDP_NAMES_MAX]) {
    if (i >= mdp_env_names()->n) return NULL;
    snprintf(text, MDP_NAMES_MAX, "%s", mdp_names_at(mdp_env_names(), i));
    return text;
}

const struct mdp_verb mdp_verb_behave = {
    .name = "behave",
    .summary = "train a behaviour policy (soft actor-critic) in an environment",
    .usage = "ROBOT [options]        ROBOT: ",
    .choices = list_robots,
    .argument_at = robot_at,
    .details =
        "Writes one stepNNNNNNN.behavior.h5 per checkpoint, log.csv, and resume.h5, from which the same command goes\n"
        "on after an interruption and ends with the same bits as an unbroken run. Checkpoints fall on the first end "
        "of\n"
        "an episode at or after their step. The learner's defaults are for Bullet; on MuJoCo the literature takes\n"
        "--learning-rate 0.0003 --discount 0.99 --tau 0.005.",
    .example = "mdpbench behave halfcheetah --steps 400000 --seed 0",
    .options = &options,
    .run = run_verb,
};
