/* mdpbench diagnose: how well guidance and diffusion modules go together, and which of these measures go with their
 * return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/stop.h"
#include "bench/cmd/verb.h"
#include "bench/diagnose/report.h"
#include "bench/run/checkpoints.h"
#include "bench/run/work.h"

enum { FILES_MAX = 4096 };

/* the command's options */
struct request {
    struct mdp_diagnose_settings settings;
    const char *guidance, *held_out, *training, *episodes;
    long step;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, guidance, TEXT, .name = "guidance", .argument = "LIST", .fallback = "own",
            .help =
                "guidances, separated by commas, each own (as trained), FILE, or FOLDER for the same step of another "
                "run"),
    MDP_ROW(struct request, step, WHOLE, MDP_STEP, .help = "only this checkpoint of a folder; -1: all"),
    MDP_ROW(struct request, held_out, TEXT, .name = "held-out", .argument = "FILE",
            .help = "dataset of the task that was not trained on"),
    MDP_ROW(struct request, training, TEXT, .name = "data", .argument = "FILE",
            .help = "dataset that was, for its reward scale (datasets/TASK.hdf5)"),
    MDP_ROWS_OF(struct request, settings, mdp_diagnose_table),
    MDP_ROW(struct request, episodes, TEXT, .name = "episodes", .argument = "LIST",
            .help = "evaluations of the pairs (those beside the modules)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "one JSON object instead of tables"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* a comma-separated list, cut in place */
struct list {
    char *text;
    const char *items[FILES_MAX];
    int n;
};

/* diffusion modules that were asked for */
struct modules {
    char (*paths)[MDP_PATH_MAX];
    int n, room;
};

/* ---- lists ---- */

static mdp_err cut_list(const char *option, const char *text, struct list *out) {
    mdp_err err;
    out->n = 0;
    MDP_TRY(mdp_calloc(&out->text, strlen(text) + 1, 1, "list"));
    memcpy(out->text, text, strlen(text));
    for (char *item = out->text, *next; item != NULL; item = next) {
        next = strchr(item, ',');
        if (next != NULL) *next++ = 0;
        if (item[0] == 0)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "diagnose: option --%s: expected names separated by commas, found '%s'",
                             option, text));
        if (out->n == FILES_MAX)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "diagnose: option --%s: expected at most %d names", option, FILES_MAX));
        out->items[out->n++] = item;
    }
out:
    return err;
}

static mdp_err add_module(struct modules *modules, const char *path) {
    if (modules->n == modules->room) {
        int room = modules->room == 0 ? 64 : 2 * modules->room;
        char(*grown)[MDP_PATH_MAX] = realloc(modules->paths, (size_t)room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "diagnose: no memory for %d modules", room);
        modules->paths = grown;
        modules->room = room;
    }
    return mdp_fsx_path(modules->paths[modules->n++], "%s", path);
}

static mdp_err add_folder(const struct request *r, const char *folder, struct modules *modules) {
    struct mdp_step_files files = {0, NULL};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_diffusion_files_list(folder, r->step, &files));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], path));
        MDP_TRY(add_module(modules, path));
    }
out:
    free(files.names);
    return err;
}

static mdp_err find_modules(const struct request *r, int n, char **arguments, struct modules *modules) {
    for (int i = 0; i < n; i++) {
        struct stat status;
        int is_folder = stat(arguments[i], &status) == 0 && S_ISDIR(status.st_mode);
        mdp_err err = is_folder ? add_folder(r, arguments[i], modules) : add_module(modules, arguments[i]);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* ---- the work ---- */

/* the task of the first module is that of all: others would not fit their guidance or the data */
static mdp_err find_task(const char *path, struct mdp_task *task) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    if (mdp_task_parse(info.task, task) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err check_task(const char *path, const char *first, const struct mdp_task *task) {
    struct mdp_task found;
    mdp_err err = find_task(path, &found);
    if (err != MDP_OK || strcmp(found.name, task->name) == 0) return err;
    return mdp_fail(MDP_E_DATA, "%s: expected a module of %s as %s is, found one of %s", path, task->name, first,
                    found.name);
}

static mdp_err examine_all(const struct request *r, const struct modules *modules, const struct list *guidances,
                           const struct list *episodes, const struct mdp_task *task,
                           const struct mdp_held_out *held_out) {
    struct mdp_forecast forecasts[MDP_N_QUANTITIES];
    struct mdp_diagnosis *diagnoses = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&diagnoses, (unsigned long)modules->n, sizeof *diagnoses, "diagnoses"));
    for (int i = 0; i < modules->n; i++) {
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(mdp_diagnose(&r->settings, held_out, modules->paths[i], guidances->items, guidances->n, &diagnoses[i]));
    }
    MDP_TRY(mdp_pair_returns_find(&r->settings, episodes->items, episodes->n, diagnoses, modules->n));
    MDP_TRY(mdp_forecast(diagnoses, modules->n, forecasts));
    const struct mdp_diagnose_report report = {&r->settings, held_out, task->name, diagnoses, modules->n, forecasts};
    MDP_TRY(r->as_json ? mdp_diagnose_print_json(&report, stdout) : mdp_diagnose_print(&report, stdout));
    if (fflush(stdout) != 0) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    for (int i = 0; diagnoses != NULL && i < modules->n; i++) mdp_diagnosis_free(&diagnoses[i]);
    free(diagnoses);
    return err;
}

static mdp_err run_request(const struct request *r, int n, char **arguments, struct list *guidances,
                           struct list *episodes, struct modules *modules) {
    struct mdp_held_out held_out = {.n = 0};
    struct mdp_task task;
    char training[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(cut_list("guidance", r->guidance, guidances));
    if (r->episodes != NULL) MDP_TRY(cut_list("episodes", r->episodes, episodes));
    MDP_TRY(find_modules(r, n, arguments, modules));
    MDP_TRY(find_task(modules->paths[0], &task));
    for (int i = 1; i < modules->n; i++) MDP_TRY(check_task(modules->paths[i], modules->paths[0], &task));
    if (r->training != NULL)
        MDP_TRY(mdp_fsx_path(training, "%s", r->training));
    else
        MDP_TRY(mdp_dataset_path("datasets", task.name, training));
    MDP_TRY(mdp_held_out_read(r->held_out, training, &task, r->settings.n_states, r->settings.acting.seed, &held_out));
    MDP_TRY(examine_all(r, modules, guidances, episodes, &task, &held_out));
out:
    mdp_held_out_free(&held_out);
    return err;
}

/* ---- options ---- */

static mdp_err check(const struct request *r, int n_arguments) {
    if (n_arguments < 1)
        return mdp_fail(MDP_E_USAGE, "diagnose: expected run folders or diffusion modules, found none");
    if (r->held_out != NULL) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "diagnose: option --held-out: expected data that no module was trained on, found none; training "
                    "takes all rows of its dataset, 'mdpbench collect TASK --seed 1 --steps 50000 --out FILE' makes "
                    "other ones");
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.settings = {.acting = {.engine = NULL}}};
    struct modules modules = {NULL, 0, 0};
    struct list *lists = NULL;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    MDP_TRY(check(&r, argc - first));
    mdp_work_begin(r.settings.acting.n_threads);
    MDP_TRY(mdp_calloc(&lists, 2, sizeof *lists, "lists"));
    MDP_TRY(run_request(&r, argc - first, argv + first, &lists[0], &lists[1], &modules));
out:
    for (int i = 0; lists != NULL && i < 2; i++) free(lists[i].text);
    free(lists);
    free(modules.paths);
    return err;
}

const struct mdp_verb mdp_verb_diagnose = {
    .name = "diagnose",
    .summary = "examine how well guidance and diffusion modules go together, on held-out data",
    .usage = "RUN_FOLDER|FILE.diffusion.h5... --held-out FILE [options]",
    .details =
        "Of every pair: calibration of the guidance's values against discounted returns, cosine of its action "
        "gradient\n"
        "and the denoiser's score, effective number of candidates. Of every two guidances: cosine of their gradients,\n"
        "agreement of their rankings and selections on the same candidates. Intervals are 95 % bootstrap intervals "
        "that\n"
        "draw whole episodes. Over pairs that were evaluated: which of these go with the mean normalized return.\n"
        "Training takes all rows of its dataset: held out is another file, of another seed of 'mdpbench collect'; a "
        "row\n"
        "that is in both is refused. Definitions: docs/modules.md; members of --json: docs/formats.md.",
    .example = "mdpbench diagnose runs/halfcheetah-medium/dql/joint/seed0 --step 20000 --held-out held-out.hdf5",
    .options = &options,
    .run = run_verb,
};
