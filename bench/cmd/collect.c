/* mdpbench collect: offline datasets in D4RL's layout from the behaviour policies. */
#include <stdio.h>

#include "base/cpu.h"
#include "bench/cmd/verb.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/work.h"
#include "bench/stage/collect.h"

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct mdp_collection collection = {.n_steps = 0};
    long n_threads = mdp_cpu_count();
    const char *folder = "results/reference/behavior", *out = NULL, *medium = NULL, *expert = NULL, *physics = NULL;
    struct mdp_engine *engine = NULL;
    char out_path[MDP_PATH_MAX], medium_path[MDP_PATH_MAX], expert_path[MDP_PATH_MAX];
    const struct mdp_option options[] = {
        {"steps", MDP_OPT_INT, &collection.n_steps, "N",
         "rows; 0: 1,000,000, or for medium-replay all that the learner saw", 0, 5e7},
        {"seed", MDP_OPT_U64, &collection.seed, "S", "seed of episodes and actions", 0, 0},
        {"behavior", MDP_OPT_STRING, &folder, "DIR", "folder of ROBOT-medium.h5 and ROBOT-expert.h5", 0, 0},
        {"medium", MDP_OPT_STRING, &medium, "FILE", "the medium policy instead", 0, 0},
        {"expert", MDP_OPT_STRING, &expert, "FILE", "the expert policy instead", 0, 0},
        {"threads", MDP_OPT_INT, &n_threads, "N", "threads; does not change the file", 1, 256},
        MDP_PHYSICS_OPTION(&physics),
        {"out", MDP_OPT_STRING, &out, "FILE", "dataset to write (datasets/TASK.hdf5)", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1) return mdp_fail(MDP_E_USAGE, "collect: expected one task, found %d arguments", argc - first);
    MDP_TRY(mdp_task_parse(argv[first], &collection.task));
    if (out == NULL)
        MDP_TRY(mdp_dataset_path("datasets", collection.task.name, out_path));
    else
        MDP_TRY(mdp_fsx_path(out_path, "%s", out));
    if (medium != NULL && !mdp_collect_needs_medium(collection.task.quality))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "collect: option --medium: expected none for %s, found '%s'",
                         collection.task.name, medium));
    if (expert != NULL && !mdp_collect_needs_expert(collection.task.quality))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "collect: option --expert: expected none for %s, found '%s'",
                         collection.task.name, expert));
    if (medium == NULL)
        MDP_TRY(mdp_fsx_path(medium_path, "%s/%s-medium.h5", folder, collection.task.spec->robot));
    else
        MDP_TRY(mdp_fsx_path(medium_path, "%s", medium));
    if (expert == NULL)
        MDP_TRY(mdp_fsx_path(expert_path, "%s/%s-expert.h5", folder, collection.task.spec->robot));
    else
        MDP_TRY(mdp_fsx_path(expert_path, "%s", expert));
    collection.medium = medium_path;
    collection.expert = expert_path;
    collection.out = out_path;
    collection.n_threads = (int)n_threads;
    mdp_work_begin(n_threads);
    MDP_TRY(mdp_physics_open(physics, &engine));
    collection.engine = engine;
    MDP_TRY(mdp_collect(&collection));
    printf("%s\n", out_path);
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_collect = {
    .name = "collect",
    .summary = "write an offline dataset in D4RL's layout from behaviour policies",
    .usage = "TASK [options]        TASK: ",
    .choices = mdp_task_forms,
    .details = "Policies draw their actions (they do not take the mode), as data collection for D4RL did. "
               "medium-expert is one\n"
               "half of each, medium first. medium-replay runs the medium policy's learner again from its seed and "
               "keeps what\n"
               "it saw up to that checkpoint. Same seed, same bytes, for any number of threads.",
    .example = "mdpbench collect halfcheetah-medium --steps 100000 --seed 0",
    .run = run_verb,
};
