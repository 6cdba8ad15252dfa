/* mdpbench act: a policy of this program that answers by the protocol of docs/policy-protocol.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cmd/verb.h"
#include "bench/policy/serve.h"
#include "bench/run/names.h"
#include "bench/run/work.h"
#include "bench/stage/acting.h"

/* the command's options */
struct request {
    struct mdp_eval_settings settings;
    const char *diffusion, *guidance, *behavior;
    int is_null;
    struct mdp_steps_wanted wanted;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, diffusion, TEXT, .name = "diffusion", .argument = "FILE", .help = "a diffusion module"),
    MDP_ROW(struct request, guidance, TEXT, .name = "guidance", .argument = "WHICH", .help = "as of eval (own)"),
    MDP_ROW(struct request, behavior, TEXT, .name = "behavior", .argument = "FILE",
            .help = "a behaviour policy instead"),
    MDP_ROW(struct request, is_null, FLAG, .name = "null", .help = "no policy: every action is 0, in any world"),
    MDP_ROW(struct request, wanted.step, WHOLE, MDP_STEP, .help = "this checkpoint of a folder; -1: the last one"),
    MDP_ROWS_OF(struct request, settings, mdp_eval_table, .takers = MDP_FOR_ACT),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* who answers, once it is known for which world */
struct server {
    struct mdp_eval_settings settings;
    struct mdp_policy_files files;
    struct mdp_acting acting;
    size_t n_act; /* of a null policy */
};

static mdp_err act_null(void *context, int n_states, const float *observations, const uint32_t *episodes,
                        const uint32_t *steps, float *actions) {
    const struct server *server = context;
    (void)observations, (void)episodes, (void)steps;
    memset(actions, 0, sizeof *actions * server->n_act * (size_t)n_states);
    return MDP_OK;
}

static mdp_err begin_null(void *context, const struct mdp_policy_greeting *greeting, struct mdp_policy_hello *hello,
                          struct mdp_actor *actor) {
    struct server *server = context;
    server->n_act = (size_t)greeting->n_act;
    strcpy(hello->name, "null");
    *actor = (struct mdp_actor){.context = server, .act = act_null};
    return MDP_OK;
}

static mdp_err check_world(const struct mdp_acting *acting, const struct mdp_policy_greeting *g) {
    const struct mdp_env_spec *spec = acting->spec;
    if (strcmp(g->env_id, spec->id) == 0 && g->n_obs == spec->n_obs && g->n_act == spec->n_act) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "environment: expected %s of %d observations and %d actions, found %s of %d and %d",
                    spec->id, spec->n_obs, spec->n_act, g->env_id, g->n_obs, g->n_act);
}

/* draws are those of an evaluation of that seed */
static mdp_err begin(void *context, const struct mdp_policy_greeting *greeting, struct mdp_policy_hello *hello,
                     struct mdp_actor *actor) {
    struct server *server = context;
    const struct mdp_episodes_info *info = &server->acting.info;
    mdp_err err;
    server->settings.seed = greeting->seed;
    MDP_TRY(mdp_acting_open(&server->settings, &server->files, &server->acting));
    MDP_TRY(check_world(&server->acting, greeting));
    snprintf(hello->name, sizeof hello->name, "%.30s-%.25s", info->algo, server->acting.used.actor);
    snprintf(hello->hash, sizeof hello->hash, "%016" PRIx64 "-%016" PRIx64, info->diffusion.hash, info->guidance.hash);
    hello->step = (long)info->step;
    *actor = server->acting.actor;
out:
    return err;
}

static mdp_err find_files(const struct request *r, const char *folder, struct mdp_policy_files *files) {
    struct mdp_step_files steps = {0, NULL};
    char path[MDP_PATH_MAX];
    mdp_err err;
    *files = (struct mdp_policy_files){.is_behavior = r->behavior != NULL};
    if (r->is_null) return MDP_OK;
    if (r->behavior != NULL) return mdp_fsx_path(files->policy, "%s", r->behavior);
    if (r->diffusion != NULL) return mdp_policy_files_find(r->diffusion, r->guidance, files);
    MDP_TRY(mdp_policy_steps(folder, &r->wanted, &steps));
    MDP_TRY(mdp_policy_file(folder, &steps.names[steps.n - 1], path));
    MDP_TRY(mdp_policy_files_find(path, r->guidance, files));
out:
    free(steps.names);
    return err;
}

static mdp_err check(const struct mdp_verb *verb, const struct request *r, int n_folders) {
    const int is_behavior = r->behavior != NULL;
    const int n_inputs = (r->diffusion != NULL) + is_behavior + r->is_null + n_folders;
    const char *instead = r->is_null ? "none beside --null" : "none beside --behavior";
    const unsigned acts = is_behavior ? MDP_WITH_BEHAVIOR : MDP_WITH_MODULES | MDP_WITH_TASK;
    const struct mdp_meaning meaning = {
        .holds = r->is_null ? 0 : acts | MDP_WITH_GUIDANCE,
        .expected =
            {[MDP_NEED_BEHAVIOR] = "--behavior beside it", [MDP_NEED_MODULES] = instead, [MDP_NEED_TASK] = instead},
        .dashes = "--"};
    const struct mdp_setting *culprit;
    if (n_inputs != 1)
        return mdp_fail(MDP_E_USAGE,
                        "act: expected one of a run's folder, --diffusion, --behavior or --null, found %d of them",
                        n_inputs);
    if (r->wanted.step >= 0 && n_folders == 0)
        return mdp_fail(MDP_E_USAGE, "act: option --step: expected a run's folder beside it, found a file");
    if (r->guidance != NULL && (is_behavior || r->is_null))
        return mdp_fail(MDP_E_USAGE, "act: option --guidance: expected %s, found it", instead);
    mdp_err err = mdp_settings_check_meaning(&mdp_eval_table, MDP_FOR_ACT, &r->settings, &meaning, &culprit);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, culprit->name);
    err = mdp_precision_check(r->settings.precision);
    return err != MDP_OK ? mdp_option_refuse(err, verb, "precision") : MDP_OK;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.settings = {.engine = NULL}, .wanted = {.until = -1}};
    struct server server = {.acting = {.holds = 0}};
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    MDP_TRY(check(verb, &r, argc - first));
    MDP_TRY(find_files(&r, argv[first], &server.files));
    mdp_work_begin(r.settings.n_threads);
    server.settings = r.settings;
    const struct mdp_policy_server serving = {r.is_null ? begin_null : begin, &server};
    MDP_TRY(mdp_policy_serve(STDIN_FILENO, fileno(stdout), &serving));
out:
    mdp_acting_free(&server.acting);
    return err;
}

const struct mdp_verb mdp_verb_act = {
    .name = "act",
    .summary = "let a policy act for another program, by the protocol of policies as processes",
    .usage = "RUN_FOLDER | --diffusion FILE | --behavior FILE | --null  [options]",
    .details = "Reads states from standard input and writes actions to standard output, as docs/policy-protocol.md "
               "says: of\n"
               "the program that has started it: eval by its option policy, or one of yours that simulates "
               "something\n"
               "else. With the same options it acts as in eval, bit for bit; the seed is that of the "
               "program that\n"
               "asks.",
    .example = "mdpbench act runs/halfcheetah-medium/dql/joint/seed0 --step 20000",
    .options = &options,
    .run = run_verb,
};
