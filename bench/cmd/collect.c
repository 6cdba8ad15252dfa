/* mdpbench collect: offline datasets in D4RL's layout from the behaviour policies. */
#include <stdio.h>

#include "base/text.h"
#include "bench/cmd/out.h"
#include "bench/run/data.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/work.h"
#include "bench/stage/collect.h"

/* where nothing is said: the policies of the robot in the folder, and the dataset by the task's name */
static mdp_err find_paths(struct mdp_collection *c, char paths[3][MDP_PATH_MAX]) {
    mdp_err err;
    const char *robot = c->task.spec->robot;
    char policies[MDP_PATH_MAX];
    MDP_TRY(mdp_data_find(c->behavior, policies));
    MDP_TRY(mdp_fsx_path(paths[0], "%s/%s-medium.h5", policies, robot));
    MDP_TRY(mdp_fsx_path(paths[1], "%s/%s-expert.h5", policies, robot));
    if (c->as_minari)
        MDP_TRY(mdp_fsx_path(paths[2], "datasets/%s-v0", c->task.name));
    else
        MDP_TRY(mdp_dataset_path("datasets", c->task.name, paths[2]));
    if (c->medium == NULL) c->medium = paths[0];
    if (c->expert == NULL) c->expert = paths[1];
    if (c->out == NULL) c->out = paths[2];
out:
    return err;
}

static mdp_err check(const struct mdp_collection *c) {
    if (c->task.quality == MDP_QUALITY_SIMPLE)
        return mdp_fail(MDP_E_USAGE,
                        "collect: expected a quality that is collected here, found %s, which is Minari's: "
                        "'train --data' takes its own data",
                        c->task.name);
    if (c->medium != NULL && !mdp_collect_needs_medium(c->task.quality))
        return mdp_fail(MDP_E_USAGE, "collect: option --medium: expected none for %s, found '%s'", c->task.name,
                        c->medium);
    if (c->expert != NULL && !mdp_collect_needs_expert(c->task.quality))
        return mdp_fail(MDP_E_USAGE, "collect: option --expert: expected none for %s, found '%s'", c->task.name,
                        c->expert);
    return MDP_OK;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    static const char *const known[] = {"hdf5", "h5"};
    const struct mdp_names endings = MDP_NAMES_OF_TEXTS(known);
    struct mdp_collection collection = {.engine = NULL};
    struct mdp_engine *engine = NULL;
    char paths[3][MDP_PATH_MAX];
    int first, done;
    mdp_err err = mdp_options_parse(verb, &collection, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1) return mdp_fail(MDP_E_USAGE, "collect: expected one task, found %d arguments", argc - first);
    MDP_TRY(mdp_task_parse(argv[first], &collection.task));
    MDP_TRY(check(&collection));
    if (!collection.as_minari) MDP_TRY(mdp_out_check_ending(verb, collection.out, &endings));
    MDP_TRY(find_paths(&collection, paths));
    mdp_work_begin(collection.n_threads);
    MDP_TRY(mdp_physics_open(collection.physics, &engine));
    collection.engine = engine;
    MDP_TRY(mdp_collect(&collection));
    MDP_TRY(mdp_out_path(collection.out, collection.as_json));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_collect = {
    .name = "collect",
    .summary = "write an offline dataset in D4RL's layout from behaviour policies",
    .usage = "TASK [options]        TASK: ",
    .choices = mdp_task_forms,
    .argument_at = mdp_task_at,
    .details = "Policies draw their actions (they do not take the mode), as data collection for D4RL did. "
               "medium-expert is one\n"
               "half of each, medium first. medium-replay runs the medium policy's learner again from its seed and "
               "keeps what\n"
               "it saw up to that checkpoint, full-replay the expert's. Same seed, same bytes, for any number of "
               "threads.",
    .example = "mdpbench collect halfcheetah-medium --steps 100000 --seed 0",
    .options = &mdp_collect_table,
    .run = run_verb,
};
