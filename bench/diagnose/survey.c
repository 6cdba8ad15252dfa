#include "bench/diagnose/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/stop.h"
#include "bench/run/checkpoints.h"
#include "bench/run/paths.h"
#include "results/dataset.h"

/* ---- what is asked ---- */

static mdp_err cut_list(const char *option, const char *text, struct mdp_survey_list *out) {
    mdp_err err;
    unsigned long n = 1;
    for (const char *comma = text; (comma = strchr(comma, ',')) != NULL; comma++) n++;
    MDP_TRY(mdp_calloc(&out->items, n, sizeof *out->items, "list"));
    MDP_TRY(mdp_calloc(&out->text, strlen(text) + 1, 1, "list"));
    memcpy(out->text, text, strlen(text));
    const char *end = out->text + strlen(text), *item = out->text;
    for (char *rest = out->text; out->n == 0 || item + strlen(item) < end;) {
        if (rest[0] == 0 || rest[0] == ',')
            MDP_TRY(mdp_fail(MDP_E_USAGE, "diagnose: option --%s: expected names separated by commas, found '%s'",
                             option, text));
        item = out->items[out->n++] = mdp_paths_next(&rest);
    }
out:
    return err;
}

static mdp_err add_module(struct mdp_survey *survey, const char *path) {
    if (survey->n_modules == survey->n_room) {
        int n_room = survey->n_room == 0 ? 64 : 2 * survey->n_room;
        char(*grown)[MDP_PATH_MAX] = realloc(survey->modules, (size_t)n_room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "diagnose: no memory for %d modules", n_room);
        survey->modules = grown;
        survey->n_room = n_room;
    }
    return mdp_fsx_path(survey->modules[survey->n_modules++], "%s", path);
}

static mdp_err add_folder(struct mdp_survey *survey, const char *folder, long step) {
    struct mdp_step_files files = {0, NULL};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_diffusion_files_list(folder, step, &files));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[i], path));
        MDP_TRY(add_module(survey, path));
    }
out:
    free(files.names);
    return err;
}

static mdp_err find_modules(const struct mdp_survey_plan *plan, struct mdp_survey *survey) {
    for (int i = 0; i < plan->n_paths; i++) {
        const char *path = plan->paths[i];
        struct stat status;
        int is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
        mdp_err err = is_folder ? add_folder(survey, path, plan->step) : add_module(survey, path);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* ---- the task and its data ---- */

static mdp_err read_task(const char *path, struct mdp_task *task) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    if (mdp_task_label(info.task, task) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
    if (task->spec != NULL) goto out;
    task->n_obs = info.n_obs;
    task->n_act = info.n_act;
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

/* the task of the first module is that of all: others would not fit their guidance or the data */
static mdp_err find_task(struct mdp_survey *survey) {
    mdp_err err = read_task(survey->modules[0], &survey->task);
    for (int i = 1; i < survey->n_modules && err == MDP_OK; i++) {
        struct mdp_task found;
        err = read_task(survey->modules[i], &found);
        if (err == MDP_OK && strcmp(found.name, survey->task.name) != 0)
            err = mdp_fail(MDP_E_DATA, "%s: expected a module of %s as %s is, found one of %s", survey->modules[i],
                           survey->task.name, survey->modules[0], found.name);
    }
    return err;
}

/* what guidance of another task was trained on */
static mdp_err read_other(const struct mdp_diagnose_settings *settings, struct mdp_survey *survey) {
    const char *wanted = settings->acting.guidance_task;
    struct mdp_task task;
    mdp_err err = MDP_OK;
    if (settings->guidance_data != NULL && wanted == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "diagnose: option --guidance-data: expected --guidance-task beside it, found none");
    if (wanted == NULL) return MDP_OK;
    if (mdp_task_parse(wanted, &task) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "diagnose: option --guidance-task");
    if (strcmp(task.name, survey->task.name) == 0) return MDP_OK;
    if (settings->guidance_data != NULL)
        MDP_TRY(mdp_dataset_file(settings->guidance_data, survey->other_data));
    else
        MDP_TRY(mdp_dataset_path("datasets", task.name, survey->other_data));
    MDP_TRY(mdp_held_out_add_other(&survey->held_out, survey->other_data, &task));
out:
    return err;
}

static mdp_err read_data(const struct mdp_survey_plan *plan, struct mdp_survey *survey) {
    mdp_err err;
    if (plan->training_data != NULL)
        MDP_TRY(mdp_dataset_file(plan->training_data, survey->training_data));
    else
        MDP_TRY(mdp_dataset_path("datasets", survey->task.name, survey->training_data));
    MDP_TRY(mdp_dataset_file(plan->held_out, survey->held_out_data));
    MDP_TRY(mdp_held_out_read(survey->held_out_data, survey->training_data, &survey->task, plan->settings->n_states,
                              plan->settings->acting.seed, &survey->held_out));
    MDP_TRY(read_other(plan->settings, survey));
out:
    return err;
}

/* ---- the work ---- */

static mdp_err examine(const struct mdp_diagnose_settings *settings, struct mdp_survey *survey) {
    mdp_err err;
    int n = survey->n_modules;
    MDP_TRY(mdp_calloc(&survey->diagnoses, (unsigned long)n, sizeof *survey->diagnoses, "diagnoses"));
    for (int i = 0; i < n; i++) {
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(mdp_diagnose(settings, &survey->held_out, survey->modules[i], survey->guidances.items,
                             survey->guidances.n, &survey->diagnoses[i]));
    }
    MDP_TRY(mdp_pair_returns_find(settings, survey->episodes.items, survey->episodes.n, survey->diagnoses, n));
    MDP_TRY(mdp_forecast(survey->diagnoses, n, survey->forecasts));
    survey->report = (struct mdp_diagnose_report){settings, &survey->held_out, survey->task.name, survey->diagnoses,
                                                  n,        survey->forecasts};
out:
    return err;
}

mdp_err mdp_survey_run(const struct mdp_survey_plan *plan, struct mdp_survey *out) {
    mdp_err err;
    memset(out, 0, sizeof *out);
    MDP_TRY(cut_list("guidance", plan->guidances, &out->guidances));
    if (plan->episodes != NULL) MDP_TRY(cut_list("episodes", plan->episodes, &out->episodes));
    MDP_TRY(find_modules(plan, out));
    MDP_TRY(find_task(out));
    MDP_TRY(read_data(plan, out));
    MDP_TRY(examine(plan->settings, out));
out:
    return err;
}

static void list_free(struct mdp_survey_list *list) {
    free(list->items);
    free(list->text);
}

void mdp_survey_free(struct mdp_survey *survey) {
    for (int i = 0; survey->diagnoses != NULL && i < survey->n_modules; i++) mdp_diagnosis_free(&survey->diagnoses[i]);
    free(survey->diagnoses);
    mdp_held_out_free(&survey->held_out);
    free(survey->modules);
    list_free(&survey->guidances);
    list_free(&survey->episodes);
    memset(survey, 0, sizeof *survey);
}
