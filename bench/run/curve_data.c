#include "bench/run/curve_data.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/run/checkpoints.h"
#include "bench/run/evaluations.h"
#include "bench/run/steps_alike.h"
#include "stats/moments.h"
#include "stats/score.h"

/* what is read, and the steps of the run that have been */
struct reading {
    struct mdp_evaluations cache;
    struct mdp_steps_alike steps;
    enum mdp_curve_detail detail;
    struct mdp_bootstrap_draws draws;
    struct mdp_episodes_info info;        /* of the newest point */
    const struct mdp_curve_point *newest; /* NULL before there is one */
};

static struct reading begin_reading(int by_objective, enum mdp_curve_detail detail) {
    return (struct reading){.cache = {.by_objective = by_objective}, .steps = {.path = ""}, .detail = detail};
}

static void end_reading(struct reading *reading) {
    mdp_steps_alike_free(&reading->steps);
    mdp_evaluations_free(&reading->cache);
    mdp_episodes_info_free(&reading->info);
    free(reading->draws.counts);
}

/* most are those of the point before */
static mdp_err read_facts(const struct reading *reading, const char *path, const struct mdp_episodes_info *info,
                          struct mdp_alike_file *out) {
    const struct mdp_curve_point *newest = reading->newest;
    mdp_facts_read_after(newest != NULL ? &reading->info : NULL, newest != NULL ? &newest->file.facts : NULL, info,
                         &out->facts);
    return mdp_fsx_path(out->path, "%s", path);
}

/* the bootstrap, which takes most of the time, is for those who show it */
static mdp_err read_point(struct reading *reading, const char *path, struct mdp_curve_point *out) {
    mdp_err err;
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    memset(out, 0, sizeof *out);
    MDP_TRY(mdp_evaluation_read(&reading->cache, path, &info, &episodes));
    MDP_TRY(mdp_steps_alike_join(&reading->steps, path, info.head.settings));
    MDP_TRY(read_facts(reading, path, &info, &out->file));
    out->step = (long)info.step;
    snprintf(out->task, sizeof out->task, "%s", info.task);
    snprintf(out->actor, sizeof out->actor, "%s", info.actor);
    out->rounding = mdp_score_rounding(info.ref_min, info.ref_max);
    for (long i = 0; i < episodes.n; i++) out->mean_length += (double)episodes.lengths[i];
    out->mean_length /= (double)episodes.n;
    out->n_terminated = mdp_episodes_ended(&episodes, MDP_END_TERMINATED);
    out->n_non_finite = mdp_episodes_ended(&episodes, MDP_END_NON_FINITE);
    out->mean_return = mdp_mean(episodes.returns, episodes.n);
    MDP_TRY(reading->detail == MDP_CURVE_BARE
                ? mdp_summarize_bare(episodes.normalized_returns, episodes.n, &out->normalized)
                : mdp_summarize(episodes.normalized_returns, episodes.n, &reading->draws, &out->normalized));
    mdp_episodes_info_free(&reading->info);
    reading->info = info;
    reading->newest = out;
    memset(&info, 0, sizeof info);
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

mdp_err mdp_curve_point_read(const char *path, int by_objective, struct mdp_curve_point *out) {
    struct reading reading = begin_reading(by_objective, MDP_CURVE_INTERVALS);
    mdp_err err = read_point(&reading, path, out);
    end_reading(&reading);
    return err;
}

static int is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int mdp_run_name_parse(const char *text, const char *mark, struct mdp_run_name *out) {
    const char *colon = strrchr(text, ':');
    snprintf(out->mark, sizeof out->mark, "%s", mark);
    snprintf(out->folder, sizeof out->folder, "%s", text);
    out->is_file = !is_folder(out->folder) && mdp_path_is_curve(text);
    if (out->is_file || is_folder(out->folder)) return 1;
    if (colon == NULL || colon[1] == 0 || strlen(colon + 1) >= sizeof out->mark) return 0;
    snprintf(out->folder, sizeof out->folder, "%.*s", (int)(colon - text), text);
    if (is_folder(out->folder)) {
        snprintf(out->mark, sizeof out->mark, "%s", colon + 1);
        return 1;
    }
    snprintf(out->folder, sizeof out->folder, "%s", text);
    return 0;
}

static mdp_err read_steps(const struct mdp_run_name *name, const struct mdp_step_files *files, struct reading *reading,
                          struct mdp_curve_data *out) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_calloc(&out->points, (unsigned long)files->n, sizeof *out->points, "learning curve"));
    for (int i = 0; i < files->n; i++) {
        MDP_TRY(mdp_step_name_path(name->folder, &files->names[i], path));
        MDP_TRY(read_point(reading, path, &out->points[i]));
        out->n++;
    }
out:
    return err;
}

/* a curve file by its path, wherever it lies */
static mdp_err read_file(const char *path, struct reading *reading, struct mdp_curve_data *out) {
    char place[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_curve_file_read(path, &reading->cache.curve));
    MDP_TRY(mdp_calloc(&out->points, (unsigned long)reading->cache.curve.n, sizeof *out->points, "learning curve"));
    for (int i = 0; i < reading->cache.curve.n; i++) {
        MDP_TRY(mdp_curve_place_path(path, (long)reading->cache.curve.infos[i].step, place));
        MDP_TRY(read_point(reading, place, &out->points[i]));
        out->n++;
    }
out:
    return err;
}

void mdp_run_command(const char *folder, const char *mark, char *command) {
    const int is_online = strcmp(mark, MDP_LABEL_ONLINE) == 0;
    const char *option = is_online ? " --actor " : mark[0] != 0 ? " --label " : "";
    snprintf(command, 2 * MDP_PATH_MAX, "mdpbench eval %s%s%s", folder, option, mark);
}

/* names the labels that are there, which `eval --label` and curves give */
static mdp_err refuse_none(const char *run, const struct mdp_run_name *name) {
    struct mdp_labels labels;
    char list[MDP_LABELS_MAX * (MDP_LABEL_BYTES + 3)] = "", command[2 * MDP_PATH_MAX];
    const char *dot = name->mark[0] != 0 ? "." : "", *ending = mdp_file_ending(MDP_FILE_EPISODES);
    mdp_evaluation_labels(name->folder, &labels);
    for (int i = 0; i < labels.n; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "", labels.names[i]);
    mdp_run_command(name->folder, name->mark, command);
    if (labels.n == 0)
        return mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN%s%s%s, found none; '%s' makes them", run, dot, name->mark,
                        ending, command);
    return mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN%s%s%s, found only evaluations with a label (%s): give %s:%s",
                    run, dot, name->mark, ending, list, name->folder, labels.names[0]);
}

mdp_err mdp_curve_data_read(const char *run, const char *mark, int by_objective, enum mdp_curve_detail detail,
                            struct mdp_curve_data *out) {
    mdp_err err;
    struct reading reading = begin_reading(by_objective, detail);
    struct mdp_step_files files = {0, NULL};
    struct mdp_run_name name;
    memset(out, 0, sizeof *out);
    mdp_run_name_parse(run, mark, &name);
    snprintf(out->label, sizeof out->label, "%s", run);
    if (name.is_file) {
        err = read_file(run, &reading, out);
        goto out;
    }
    MDP_TRY(mdp_step_files_list(name.folder, MDP_FILE_EPISODES, name.mark, &files));
    if (files.n == 0) MDP_TRY(refuse_none(run, &name));
    MDP_TRY(read_steps(&name, &files, &reading, out));
out:
    free(files.names);
    end_reading(&reading);
    if (err != MDP_OK) mdp_curve_data_free(out);
    return err;
}

/* files that are pooled are sorted by task before; a run has one */
static mdp_err check_task(const struct mdp_curve_point *first, const struct mdp_curve_point *point) {
    if (strcmp(first->task, point->task) == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: task: expected %s as in %s, found %s", point->file.path, first->task,
                    first->file.path, point->task);
}

mdp_err mdp_curve_data_check(const struct mdp_curve_data *data) {
    struct mdp_alike_file first = data->points[0].file;
    mdp_err err = MDP_OK;
    for (int i = 1; err == MDP_OK && i < data->n; i++) {
        err = mdp_alike_join(MDP_ALIKE_SAMPLE, &data->points[i].file, &first);
        if (err == MDP_OK) err = check_task(&data->points[0], &data->points[i]);
    }
    return err;
}

void mdp_curve_data_free(struct mdp_curve_data *data) {
    free(data->points);
    memset(data, 0, sizeof *data);
}

const char *mdp_actor_mark(const char *actor) { return strcmp(actor, "online") == 0 ? MDP_LABEL_ONLINE : ""; }
