/* mdpbench eval: 50 randomized episodes for every checkpoint, any composition, or a behaviour policy. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "algos/precision.h"
#include "base/number.h"
#include "base/text.h"
#include "bench/cmd/out.h"
#include "bench/policy/process.h"
#include "bench/render/film.h"
#include "bench/run/evaluations.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/work.h"
#include "bench/stage/curve_evaluation.h"
#include "results/curve_place.h"
#include "results/show/json.h"
#include "results/show/live.h"
#include "stats/bootstrap_plan.h"

/* the command's options */
struct request {
    struct mdp_eval_settings settings;
    const char *diffusion, *guidance, *behavior, *out, *weights;
    struct mdp_steps_wanted wanted;
    int has_film, as_json;
    struct mdp_live *live; /* for who watches */
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, diffusion, TEXT, .name = "diffusion", .argument = "FILE", .help = "a diffusion module"),
    MDP_ROW(struct request, guidance, TEXT, .name = "guidance", .argument = "WHICH",
            .help = "what selects: own (as trained), none, FILE, FOLDER for the same step of another run, or "
                    "best:FOLDER:LABEL (own)"),
    MDP_ROW(struct request, behavior, TEXT, .name = "behavior", .argument = "FILE",
            .help = "a behaviour policy instead"),
    MDP_ROW(struct request, wanted.step, WHOLE, MDP_STEP, .help = "only this checkpoint of a folder; -1: all"),
    MDP_ROW(struct request, wanted.every, WHOLE, .name = "every", .high = 1e9, .fallback = "0",
            .help = "only a folder's checkpoints at multiples of this step, all of which must be there; 0: any"),
    MDP_ROW(struct request, wanted.until, WHOLE, .name = "until", .low = -1, .high = 1e9, .fallback = "-1",
            .help = "no checkpoint of a folder after this step; -1: no limit"),
    MDP_ROWS_OF(struct request, settings, mdp_eval_table, .takers = MDP_FOR_EVAL),
    MDP_ROW(struct request, weights, TEXT, .name = "guide-weight", .argument = "LIST",
            .help = "weight of the guide's bend (energy: of its algorithm and the task), or several, parted by commas: "
                    "an episodes file each, labelled GUIDExWEIGHT"),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "FILE",
            .help = "episodes file (beside the input); of a folder: X.curve.h5, one file for all"),
    MDP_ROW(struct request, has_film, FLAG, .name = "film",
            .help = "keep the poses of the worst, median and best episode beside the episodes file, for render and "
                    "report"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "one JSON object per evaluation"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static void print_text(const struct mdp_eval_result *r) {
    const struct mdp_summary *s = &r->normalized;
    /* a single episode has no sd and no interval, and not every process has a step */
    char sd[MDP_NUMBER_MAX] = "-", interval[64] = "", few[64] = "", step[32] = "";
    if (s->n > 1) {
        mdp_number_fixed(s->sd, 4, sd);
        snprintf(interval, sizeof interval, " [%.4f, %.4f]", s->iqm_low, s->iqm_high);
    }
    if (s->has_few && s->n > 1)
        snprintf(few, sizeof few, " (few episodes, below %d: Student's interval)", MDP_BOOTSTRAP_FEW_RUNS);
    if (r->step >= 0) snprintf(step, sizeof step, "step %ld, ", r->step);
    mdp_text_print_line(stdout,
                        "%s: %s%ld episodes, normalized return mean %.4f, sd %s, iqm %.4f%s%s, quartiles "
                        "%.4f %.4f %.4f, return mean %.1f",
                        r->path, step, s->n, s->mean, sd, s->iqm, interval, few, s->q1, s->median, s->q3,
                        r->returns.mean);
    if (r->objective[0] == 0) return;
    if (s->n > 1) mdp_number_fixed(r->objective_returns.sd, 1, sd);
    mdp_text_print_line(stdout, "%s: by %s: return mean %.1f, sd %s, iqm %.1f", r->path, r->objective,
                        r->objective_returns.mean, sd, r->objective_returns.iqm);
}

static mdp_err print_result(const struct request *request, const struct mdp_eval_result *r) {
    if (!request->as_json) {
        print_text(r);
        return MDP_OK;
    }
    json_t *object = json_pack("{s:I, s:I, s:o, s:o, s:o}", "step", (json_int_t)r->step, "episodes",
                               (json_int_t)r->returns.n, "return", mdp_summary_json(&r->returns), "normalized_return",
                               mdp_summary_json(&r->normalized), "path", mdp_json_of_text(r->path));
    if (r->objective[0] != 0) {
        json_object_set_new(object, "objective", json_string(r->objective));
        json_object_set_new(object, "objective_return", mdp_summary_json(&r->objective_returns));
    }
    return mdp_json_write(object, 0, "eval", stdout);
}

/* a part of a curve is in a file of its own until all of the curve is there */
static mdp_err keep_film(const struct request *request, const char *path) {
    char own[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_evaluation_own(path, own));
    MDP_TRY(mdp_film_keep(mdp_fsx_exists(own) ? own : path, request->settings.engine));
out:
    return err;
}

static mdp_err tell(void *context, const struct mdp_eval_result *result) {
    const struct request *request = context;
    double numbers[MDP_SUMMARY_NUMBERS];
    const long step = result->step >= 0 ? result->step : 0;
    mdp_err err = request->has_film ? keep_film(request, result->path) : MDP_OK;
    if (err == MDP_OK) err = print_result(context, result);
    mdp_summary_numbers(&result->normalized, numbers);
    if (err == MDP_OK)
        err = mdp_live_line(request->live, result->path, step, MDP_SUMMARY_NUMBERS, mdp_summary_names, numbers);
    if (err == MDP_OK)
        err = mdp_live_event(request->live, step, "normalized_return", MDP_SUMMARY_NUMBERS, mdp_summary_names, numbers);
    if (err == MDP_OK && fflush(stdout) != 0) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    return err;
}

/* beside the policy, or in the curve there that has it already */
static mdp_err find_out(const struct request *request, const struct mdp_policy_files *files, char out[MDP_PATH_MAX]) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_step_name name;
    char own[MDP_PATH_MAX];
    int is_there;
    mdp_err err;
    if (request->out != NULL) return mdp_fsx_path(out, "%s", request->out);
    MDP_TRY(mdp_policy_episodes_path(files, &request->settings, own));
    MDP_TRY(mdp_step_name_parse(mdp_path_name(own), &name) ? mdp_evaluation_find(&cache, own, out, &is_there)
                                                           : mdp_fsx_path(out, "%s", own));
out:
    mdp_evaluations_free(&cache);
    return err;
}

static mdp_err eval_one(struct request *request, const struct mdp_policy_files *files) {
    struct mdp_eval_result result;
    char out[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(find_out(request, files, out));
    MDP_TRY(mdp_eval_policy(&request->settings, files, out, &result));
    MDP_TRY(tell(request, &result));
out:
    return err;
}

static int is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

static mdp_err eval_file(struct request *request) {
    struct mdp_policy_files files = {.is_behavior = 1};
    mdp_err err;
    MDP_TRY(request->behavior != NULL ? mdp_fsx_path(files.policy, "%s", request->behavior)
                                      : mdp_policy_files_find(request->diffusion, request->guidance, &files));
    MDP_TRY(eval_one(request, &files));
out:
    return err;
}

static mdp_err eval_folder(struct request *request, const char *folder) {
    struct mdp_policy_files *files = NULL;
    struct mdp_step_files steps;
    const struct mdp_curve_work work = {folder, &steps, request->guidance, request->out, tell, request};
    mdp_err err;
    MDP_TRY(mdp_policy_steps(folder, &request->wanted, &steps));
    if (request->out != NULL && mdp_path_is_curve(request->out)) {
        err = mdp_eval_curve(&request->settings, &work);
        goto out;
    }
    MDP_TRY(mdp_policy_files_list(folder, &steps, request->guidance, &files));
    for (int i = 0; i < steps.n; i++) MDP_TRY(eval_one(request, &files[i]));
out:
    free(files);
    free(steps.names);
    return err;
}

/* the process ends as soon as its episodes are over; a file that is there is read all the same, since only the process
 * says which policy it is */
static mdp_err eval_process(struct request *request) {
    const struct mdp_eval_settings *s = &request->settings;
    struct mdp_task task;
    struct mdp_policy_request wanted = {.command = s->command, .seconds = s->talk_seconds};
    struct mdp_policy_process *process = NULL;
    struct mdp_acting acting = {.holds = 0};
    struct mdp_eval_result result;
    char out[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_task_parse(s->task, &task));
    MDP_TRY(mdp_policy_describe(&task, s->engine, &wanted.greeting));
    strcpy(wanted.greeting.mode, "eval");
    wanted.greeting.format = s->talk_format;
    wanted.greeting.n_lanes = (int)(s->n_lanes < s->n_episodes ? s->n_lanes : s->n_episodes);
    wanted.greeting.seed = s->seed;
    MDP_TRY(mdp_policy_process_new(&wanted, &process));
    const struct mdp_policy_hello *hello = mdp_policy_process_hello(process);
    const struct mdp_outside_policy outside = {mdp_policy_process_actor(process), &task, hello->name, hello->hash,
                                               hello->step};
    MDP_TRY(request->out != NULL ? mdp_fsx_path(out, "%s", request->out)
                                 : mdp_outside_episodes_path(task.name, hello->name, hello->step, s->label, out));
    MDP_TRY(mdp_acting_outside(s, &outside, &acting));
    MDP_TRY(mdp_eval_acting(&acting, out, &result));
    MDP_TRY(tell(request, &result));
out:
    mdp_acting_free(&acting);
    mdp_policy_process_free(process);
    return err;
}

/* a run's folder, or a diffusion module of one */
static mdp_err eval_argument(struct request *request, const char *path) {
    if (!is_file(path)) return eval_folder(request, path);
    request->diffusion = path;
    return eval_file(request);
}

/* ---- options that go together ---- */

/* an option that would be ignored is refused: of the settings by their table, of the verb's own here */
static mdp_err check_meaning(const struct mdp_verb *verb, const struct request *r, int has_files) {
    const struct mdp_steps_wanted *w = &r->wanted;
    int is_behavior = r->behavior != NULL, is_process = r->settings.command != NULL;
    const char *instead = is_process ? "none beside --policy" : "none beside --behavior";
    int is_unguided = r->guidance != NULL && strcmp(r->guidance, "none") == 0;
    const struct mdp_meaning meaning = {.holds = (is_behavior  ? MDP_WITH_BEHAVIOR
                                                  : is_process ? MDP_WITH_PROCESS | MDP_WITH_TASK
                                                               : MDP_WITH_MODULES | MDP_WITH_TASK) |
                                                 (is_unguided ? 0 : MDP_WITH_GUIDANCE),
                                        .expected = {[MDP_NEED_BEHAVIOR] = "--behavior beside it",
                                                     [MDP_NEED_MODULES] = instead,
                                                     [MDP_NEED_PROCESS] = "--policy beside it",
                                                     [MDP_NEED_TASK] = instead,
                                                     [MDP_NEED_GUIDANCE] = "beside --guidance none"},
                                        .lets_neutral = {[MDP_NEED_GUIDANCE] = 1},
                                        .dashes = "--"};
    const struct mdp_setting *culprit;
    mdp_err err = mdp_settings_check_meaning(&mdp_eval_table, MDP_FOR_EVAL, &r->settings, &meaning, &culprit);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, culprit->name);
    if (r->guidance != NULL && (is_behavior || is_process))
        return mdp_fail(MDP_E_USAGE, "eval: option --guidance: expected %s, found it", instead);
    if (is_process && r->settings.task == NULL)
        return mdp_fail(MDP_E_USAGE, "eval: option --task: expected one beside --policy, found none");
    if (is_process && r->has_film)
        return mdp_fail(MDP_E_USAGE, "eval: option --film: expected a policy's files, found a process, whose episodes "
                                     "cannot be played again");
    const char *of_folder = w->step >= 0 ? "step" : w->every > 0 ? "every" : w->until >= 0 ? "until" : NULL;
    if (of_folder != NULL && (r->diffusion != NULL || is_behavior || is_process || has_files))
        return mdp_fail(MDP_E_USAGE, "eval: option --%s: expected a run's folder beside it, found %s", of_folder,
                        is_process ? "a process" : "a file");
    if (w->step >= 0 && (w->every > 0 || w->until >= 0))
        return mdp_fail(MDP_E_USAGE, "eval: option --step: expected none beside --every or --until, found it");
    if (r->settings.label != NULL && r->out != NULL)
        return mdp_fail(MDP_E_USAGE, "eval: option --label: expected none beside --out, found it");
    return MDP_OK;
}

/* refused here, before any work is done and any process started */
static mdp_err check(const struct mdp_verb *verb, const struct request *r, int n_arguments, char **arguments) {
    static const char *const known[] = {"h5"};
    const struct mdp_names endings = MDP_NAMES_OF_TEXTS(known);
    int n_files = 0;
    for (int i = 0; i < n_arguments; i++) n_files += is_file(arguments[i]);
    const int n_folders = n_arguments - n_files;
    struct mdp_curve_place place;
    int n_inputs = (r->diffusion != NULL) + (r->behavior != NULL) + (r->settings.command != NULL) + (n_arguments > 0);
    mdp_err err;
    if (n_inputs != 1)
        return mdp_fail(MDP_E_USAGE,
                        "eval: expected one of run folders or diffusion modules, --diffusion, --behavior or --policy, "
                        "found %d of them",
                        n_inputs);
    MDP_TRY(check_meaning(verb, r, n_files > 0));
    int is_curve = r->out != NULL && mdp_path_is_curve(r->out);
    if (r->out != NULL && (n_arguments > 1 || (n_folders == 1 && r->wanted.step < 0 && !is_curve)))
        return mdp_fail(MDP_E_USAGE,
                        "eval: option --out: expected one evaluation, or X.curve.h5 for one folder's, found %s",
                        n_arguments > 1 ? "several" : "a folder; name one with --step");
    if (r->out != NULL && mdp_curve_place_parse(r->out, &place))
        return mdp_fail(MDP_E_USAGE, "eval: option --out: expected a file, found a part of one, '%s'", r->out);
    MDP_TRY(mdp_out_check_ending(verb, r->out, &endings));
    if (n_folders == 0 && is_curve)
        return mdp_fail(MDP_E_USAGE, "eval: option --out: expected a run's folder beside a curve, found a file");
    if (r->settings.label != NULL && mdp_label_check(r->settings.label) != MDP_OK)
        return mdp_option_refuse(MDP_E_USAGE, verb, "label");
    err = mdp_precision_check(r->settings.precision);
    if (err != MDP_OK) return mdp_option_refuse(err, verb, "precision");
out:
    return err;
}

/* ---- weights of a guide ---- */

/* the k-th of a list, 0 if there are no more */
static int weight_of(const char *list, int k, char text[MDP_NUMBER_MAX]) {
    while (k-- > 0) {
        list = strchr(list, ',');
        if (list == NULL) return 0;
        list++;
    }
    snprintf(text, MDP_NUMBER_MAX, "%.*s", (int)strcspn(list, ","), list);
    return 1;
}

static mdp_err set_weight(const struct mdp_verb *verb, struct request *r, const char *text) {
    struct mdp_setting_list list;
    mdp_settings_list(&mdp_eval_table, 0, &r->settings, &list);
    mdp_err err = mdp_setting_set(mdp_setting_find(&list, "guide-weight"), text);
    return err == MDP_OK ? MDP_OK : mdp_option_refuse(err, verb, "guide-weight");
}

/* all inputs with the settings as they are */
static mdp_err eval_all(struct request *r, int n_arguments, char **arguments) {
    mdp_err err = MDP_OK;
    if (n_arguments == 0) MDP_TRY(r->settings.command != NULL ? eval_process(r) : eval_file(r));
    for (int i = 0; i < n_arguments; i++) MDP_TRY(eval_argument(r, arguments[i]));
out:
    return err;
}

static int has_several(const struct request *r) { return r->weights != NULL && strchr(r->weights, ',') != NULL; }

/* each of several weights has a file of its own, called by what guides, in the shortest form of its number */
static mdp_err label_weight(const struct mdp_verb *verb, const struct request *r, const char *label,
                            char own[MDP_LABEL_BYTES + 2]) {
    const struct mdp_eval_settings *s = &r->settings;
    const int is_steady = strcmp(s->guide_schedule, "const") == 0;
    char text[MDP_NUMBER_MAX];
    mdp_number_shortest(s->guide_weight, text);
    /* one that is cut is too long all the same */
    const int n =
        snprintf(own, MDP_LABEL_BYTES + 2, "%s%s%sx%s%s%s", label != NULL ? label : "", label != NULL ? "-" : "",
                 s->guide, text, is_steady ? "" : "-", is_steady ? "" : s->guide_schedule);
    if (n < 0) own[0] = 0;
    mdp_err err = mdp_label_check(own);
    return err == MDP_OK ? MDP_OK : mdp_option_refuse(err, verb, "label");
}

static mdp_err eval_weights(const struct mdp_verb *verb, struct request *r, int n_arguments, char **arguments) {
    const char *label = r->settings.label;
    char text[MDP_NUMBER_MAX], own[MDP_LABEL_BYTES + 2];
    mdp_err err = MDP_OK;
    if (!has_several(r)) return eval_all(r, n_arguments, arguments);
    for (int k = 0; weight_of(r->weights, k, text); k++) {
        MDP_TRY(set_weight(verb, r, text));
        MDP_TRY(label_weight(verb, r, label, own));
        r->settings.label = own;
        MDP_TRY(eval_all(r, n_arguments, arguments));
    }
out:
    return err;
}

/* the k-th weight, which is in the settings, is another than those before it */
static mdp_err check_repeated(const struct request *r, int k) {
    char text[MDP_NUMBER_MAX];
    double before;
    for (int i = 0; i < k && weight_of(r->weights, i, text); i++)
        if (mdp_number_real(text, &before) && before == r->settings.guide_weight)
            return mdp_fail(MDP_E_USAGE, "eval: option --guide-weight: expected every weight once, found '%s' again",
                            text);
    return MDP_OK;
}

/* every weight and its label are looked at before any work is done */
static mdp_err check_weights(const struct mdp_verb *verb, struct request *r) {
    char text[MDP_NUMBER_MAX], own[MDP_LABEL_BYTES + 2];
    mdp_err err = MDP_OK;
    if (r->weights == NULL) return MDP_OK;
    if (r->out != NULL && has_several(r))
        return mdp_fail(MDP_E_USAGE, "eval: option --out: expected one weight beside it, found '%s'", r->weights);
    for (int k = 0; weight_of(r->weights, k, text); k++) {
        MDP_TRY(set_weight(verb, r, text));
        MDP_TRY(check_repeated(r, k));
        if (has_several(r)) MDP_TRY(label_weight(verb, r, r->settings.label, own));
    }
    weight_of(r->weights, 0, text);
    MDP_TRY(set_weight(verb, r, text));
out:
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.settings = {.engine = NULL}, .live = NULL};
    struct mdp_engine *engine = NULL;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    /* a behaviour policy may be named alone, too */
    if (argc - first == 1 && r.behavior == NULL && is_file(argv[first]) &&
        !mdp_file_is(MDP_FILE_DIFFUSION, argv[first]))
        r.behavior = argv[first++];
    MDP_TRY(check_weights(verb, &r));
    MDP_TRY(check(verb, &r, argc - first, argv + first));
    mdp_work_begin(r.settings.n_threads);
    MDP_TRY(mdp_physics_open(r.settings.physics, &engine));
    r.settings.engine = engine;
    MDP_TRY(mdp_live_open(r.settings.log_json, r.settings.tensorboard, -1, &r.live));
    MDP_TRY(eval_weights(verb, &r, argc - first, argv + first));
out:
    if (mdp_live_close(r.live) != MDP_OK && err == MDP_OK) err = MDP_E_IO;
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_eval = {
    .name = "eval",
    .summary = "evaluate checkpoints, compositions or behaviour policies over randomized episodes",
    .usage = "RUN_FOLDER|FILE.diffusion.h5... | BEHAVIOR_FILE | --policy COMMAND --task T  [options]",
    .details =
        "Guidance at inference selects one of the candidates that the diffusion module samples. By default it "
        "is what\n"
        "the run was trained with: the same step's module, the frozen one, the noise, or none. Any other module "
        "of the\n"
        "same sizes, task and normaliser may take its place.\n"
        "What guidance was trained for by another reward is counted besides (--reward).\n"
        "Writes one episodes file per checkpoint: return, length, end and seed of every episode. Episode k of a "
        "seed starts\n"
        "alike and sees the same sampling noise for every policy, so evaluations with one seed are paired. An "
        "episodes\n"
        "file that exists with the same settings is read instead of made; with a greater --episodes, what it has stays "
        "and\n"
        "the rest is added, with the same bits as made at once. --out X.curve.h5 keeps all of a folder's in "
        "one\n"
        "file, into which the episodes files move when all are there; FILE#stepNNNNNN is one of them for every "
        "verb.\n"
        "--policy starts COMMAND by the shell and asks it for every action over pipes, as docs/policy-protocol.md "
        "says;\n"
        "the result (runs/T/policy/NAME.episodes.h5) is an episodes file like any other.\n"
        "--json prints {step, episodes, return, normalized_return, path}; the two samples as {mean, sd, iqm, "
        "q1, median,\n"
        "q3, iqm_ci95, iqm_ci95_stream, iqm_ci95_few}. With an objective, {objective, objective_return}, too.",
    .example = "mdpbench eval runs/halfcheetah-medium/dql/joint/seed0 --actor ema --seed 0",
    .options = &options,
    .run = run_verb,
};
