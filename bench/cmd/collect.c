/* mdpbench collect: offline datasets in D4RL's layout from the behaviour policies, or from a policy in another process.
 */
#include <stdio.h>
#include <string.h>

#include "bench/cmd/out.h"
#include "bench/policy/process.h"
#include "bench/run/data.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/work.h"
#include "bench/stage/collect.h"

/* where nothing is said: the policies of the robot in the folder */
static mdp_err find_policies(struct mdp_collection *c, char paths[2][MDP_PATH_MAX]) {
    mdp_err err;
    const char *robot = c->task.spec->robot;
    char policies[MDP_PATH_MAX];
    MDP_TRY(mdp_data_find(c->behavior, policies));
    MDP_TRY(mdp_fsx_path(paths[0], "%s/%s-medium.h5", policies, robot));
    MDP_TRY(mdp_fsx_path(paths[1], "%s/%s-expert.h5", policies, robot));
    if (c->medium == NULL) c->medium = paths[0];
    if (c->expert == NULL) c->expert = paths[1];
out:
    return err;
}

/* where nothing is said: the dataset by the task's name, of a process by its name, too */
static mdp_err find_out(struct mdp_collection *c, const char *process, char path[MDP_PATH_MAX]) {
    char name[MDP_PATH_MAX];
    mdp_err err;
    if (c->out != NULL) return MDP_OK;
    c->out = path;
    MDP_TRY(mdp_fsx_path(name, "%s%s%s", c->task.name, process[0] != 0 ? "-" : "", process));
    err = c->as_minari ? mdp_fsx_path(path, "datasets/%s-v0", name) : mdp_dataset_path("datasets", name, path);
out:
    return err;
}

static mdp_err collect_here(const struct mdp_collection *given) {
    struct mdp_collection c = *given;
    char policies[2][MDP_PATH_MAX], out[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(find_policies(&c, policies));
    MDP_TRY(find_out(&c, "", out));
    MDP_TRY(mdp_collect(&c, NULL));
    MDP_TRY(mdp_out_path(c.out, c.as_json));
out:
    return err;
}

/* the process is started even where the dataset is there, since only it says which policy it is. datasets hold actions
 * in their bounds alone */
static mdp_err collect_process(const struct mdp_collection *given) {
    struct mdp_collection c = *given;
    struct mdp_policy_request wanted = {.command = c.command, .seconds = c.talk_seconds, .is_clipped = 1};
    struct mdp_policy_process *process = NULL;
    char out[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_policy_describe(&c.task, c.engine, &wanted.greeting));
    strcpy(wanted.greeting.mode, "collect");
    wanted.greeting.format = c.talk_format;
    wanted.greeting.n_lanes = MDP_COLLECT_LANES;
    wanted.greeting.seed = c.seed;
    MDP_TRY(mdp_policy_process_new(&wanted, &process));
    const struct mdp_policy_hello *hello = mdp_policy_process_hello(process);
    const struct mdp_outside_policy outside = {mdp_policy_process_actor(process), &c.task, hello->name, hello->hash,
                                               hello->step};
    MDP_TRY(find_out(&c, hello->name, out));
    MDP_TRY(mdp_collect(&c, &outside));
    MDP_TRY(mdp_out_path(c.out, c.as_json));
out:
    mdp_policy_process_free(process);
    return err;
}

static mdp_err check(const struct mdp_verb *verb, const struct mdp_collection *c) {
    const struct mdp_meaning meaning = {.holds = c->command != NULL ? MDP_WITH_PROCESS : 0,
                                        .expected = {[MDP_NEED_PROCESS] = "--policy beside it"},
                                        .dashes = "--"};
    const struct mdp_setting *culprit;
    mdp_err err = mdp_settings_check_meaning(&mdp_collect_table, MDP_FOR_COLLECT, c, &meaning, &culprit);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, culprit->name);
    if (c->task.quality == MDP_QUALITY_SIMPLE && c->command == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "collect: expected a quality that is collected here, found %s, which is Minari's: "
                        "'train --data' takes its own data",
                        c->task.name);
    if (c->medium != NULL && !mdp_collect_needs_medium(c))
        return mdp_fail(MDP_E_USAGE, "collect: option --medium: expected none for %s, found '%s'", c->task.name,
                        c->medium);
    if (c->expert != NULL && !mdp_collect_needs_expert(c))
        return mdp_fail(MDP_E_USAGE, "collect: option --expert: expected none for %s, found '%s'", c->task.name,
                        c->expert);
    return MDP_OK;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    static const char *const known[] = {"hdf5", "h5"};
    const struct mdp_names endings = MDP_NAMES_OF_TEXTS(known);
    struct mdp_collection collection = {.engine = NULL};
    struct mdp_engine *engine = NULL;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &collection, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1) return mdp_fail(MDP_E_USAGE, "collect: expected one task, found %d arguments", argc - first);
    MDP_TRY(mdp_task_parse(argv[first], &collection.task));
    MDP_TRY(check(verb, &collection));
    if (!collection.as_minari) MDP_TRY(mdp_out_check_ending(verb, collection.out, &endings));
    mdp_work_begin(collection.n_threads);
    MDP_TRY(mdp_physics_open(collection.physics, &engine));
    collection.engine = engine;
    MDP_TRY(collection.command != NULL ? collect_process(&collection) : collect_here(&collection));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_collect = {
    .name = "collect",
    .summary = "write an offline dataset in D4RL's layout from behaviour policies, or from any",
    .usage = "TASK [options]        TASK: ",
    .choices = mdp_task_forms,
    .argument_at = mdp_task_at,
    .details =
        "Policies draw their actions (they do not take the mode), as data collection for D4RL did. "
        "medium-expert is one\n"
        "half of each, medium first. medium-replay runs the medium policy's learner again from its seed and "
        "keeps what\n"
        "it saw up to that checkpoint, full-replay the expert's. Same seed, same bytes, for any number of "
        "threads.\n"
        "--policy starts COMMAND by the shell and asks it for every action, as docs/policy-protocol.md says. TASK "
        "names the\n"
        "world, and the dataset (datasets/TASK-NAME.hdf5); actions beyond the bounds are clipped.",
    .example = "mdpbench collect halfcheetah-medium --steps 100000 --seed 0",
    .options = &mdp_collect_table,
    .run = run_verb,
};
