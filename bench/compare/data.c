/* the data side of compare: from paths to samples by task. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/compare/data.h"
#include "base/path.h"
#include "bench/run/curve_data.h"
#include "bench/run/evaluations.h"
#include "bench/run/names.h"
#include "bench/run/paths.h"
#include "stats/curve.h"
#include "stats/moments.h"
#include "stats/score.h"

enum { TASKS_MAX = 64 };

static void sample_free(struct mdp_compare_sample *sample) {
    if (sample->last != NULL) sample_free(sample->last);
    free(sample->last);
    free(sample->values);
    free(sample->major);
    free(sample->minor);
    free(sample->files);
}

void mdp_compare_side_free(struct mdp_compare_side *side) {
    for (int i = 0; i < side->n; i++) sample_free(&side->samples[i]);
    free(side->samples);
    *side = (struct mdp_compare_side){.n = 0};
}

static mdp_err sample_alloc(struct mdp_compare_sample *sample, long n) {
    mdp_err err;
    sample->n = n;
    MDP_TRY(mdp_calloc(&sample->values, (unsigned long)n, sizeof(double), "values to compare"));
    MDP_TRY(mdp_calloc(&sample->major, (unsigned long)n, sizeof(uint64_t), "values to compare"));
    MDP_TRY(mdp_calloc(&sample->minor, (unsigned long)n, sizeof(uint64_t), "values to compare"));
out:
    return err;
}

static mdp_err add_file(struct mdp_compare_sample *sample, const struct mdp_alike_file *file) {
    struct mdp_alike_file *grown = realloc(sample->files, ((size_t)sample->n_files + 1) * sizeof *grown);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for its facts", file->path);
    grown[sample->n_files++] = *file;
    sample->files = grown;
    return MDP_OK;
}

/* one evaluation is a sample of episodes; seed and number identify them, so that two can be paired */
static mdp_err take_episodes(const char *name, const struct mdp_episodes_info *info,
                             const struct mdp_episodes *episodes, struct mdp_compare_sample *sample) {
    mdp_err err;
    struct mdp_alike_file file;
    MDP_TRY(mdp_episodes_check_rows(name, episodes));
    MDP_TRY(sample_alloc(sample, episodes->n));
    MDP_TRY(mdp_episodes_scores(info, episodes, sample->values));
    for (long i = 0; i < episodes->n; i++) {
        sample->major[i] = episodes->seeds[i];
        sample->minor[i] = (uint64_t)episodes->indices[i];
    }
    sample->unit = "episode";
    sample->n_episodes = episodes->n;
    sample->n_fell = mdp_episodes_ended(episodes, MDP_END_TERMINATED);
    sample->n_non_finite = mdp_episodes_ended(episodes, MDP_END_NON_FINITE);
    sample->rounding = mdp_score_rounding(info->ref_min, info->ref_max);
    snprintf(sample->task, sizeof sample->task, "%s", info->task);
    MDP_TRY(mdp_alike_read(name, info, &file));
    MDP_TRY(add_file(sample, &file));
out:
    return err;
}

mdp_err mdp_compare_side_take(const char *name, const struct mdp_episodes_info *info,
                              const struct mdp_episodes *episodes, struct mdp_compare_side *out) {
    mdp_err err;
    *out = (struct mdp_compare_side){.n = 0};
    MDP_TRY(mdp_calloc(&out->samples, 1, sizeof *out->samples, "tasks to compare"));
    out->n = 1;
    MDP_TRY(take_episodes(name, info, episodes, &out->samples[0]));
out:
    return err;
}

static mdp_err read_episodes(const char *path, int by_objective, struct mdp_compare_sample *sample) {
    mdp_err err;
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    MDP_TRY(mdp_episodes_read(path, &info, &episodes));
    if (by_objective) MDP_TRY(mdp_episodes_by_objective(path, &info, &episodes));
    MDP_TRY(take_episodes(path, &info, &episodes, sample));
    MDP_TRY(mdp_evaluation_hash(path, &sample->hash));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

/* which steps a curve is over: whole, and in words for people */
static void note_steps(const struct mdp_curve_data *data, struct mdp_compare_sample *sample) {
    enum { ROOM = sizeof sample->steps - sizeof ", .." };
    size_t used = 0;
    sample->steps_hash = 0;
    for (int i = 0; i < data->n; i++)
        sample->steps_hash = (sample->steps_hash ^ (uint64_t)data->points[i].step) * 1099511628211u;
    for (int i = 0; i < data->n; i++) {
        char step[32];
        size_t n = (size_t)snprintf(step, sizeof step, "%s%ld", i > 0 ? ", " : "", data->points[i].step);
        int is_cut = used + n > ROOM;
        strcpy(sample->steps + used, is_cut ? ", .." : step);
        if (is_cut) break;
        used += n;
    }
}

/* the last checkpoint of a run, whose episodes say something of the policy that it ended with */
static mdp_err read_last(const char *path, int by_objective, struct mdp_compare_sample *sample) {
    mdp_err err = mdp_calloc(&sample->last, 1, sizeof *sample->last, "values to compare");
    if (err == MDP_OK) err = read_episodes(path, by_objective, sample->last);
    if (err != MDP_OK) return err;
    sample->n_episodes = sample->last->n_episodes;
    sample->n_fell = sample->last->n_fell;
    sample->n_non_finite = sample->last->n_non_finite;
    return MDP_OK;
}

/* a run: its checkpoints' mean normalized returns */
static mdp_err read_run(const char *path, const char *mark, int by_objective, struct mdp_compare_sample *sample) {
    struct mdp_curve_data data;
    mdp_err err = mdp_curve_data_read(path, mark, by_objective, MDP_CURVE_BARE, &data);
    if (err != MDP_OK) return err;
    MDP_TRY(mdp_curve_data_check(&data));
    MDP_TRY(sample_alloc(sample, data.n));
    for (int i = 0; i < data.n; i++) {
        sample->values[i] = data.points[i].normalized.mean;
        sample->major[i] = (uint64_t)data.points[i].step;
    }
    sample->unit = "checkpoint";
    sample->rounding = data.points[0].rounding;
    note_steps(&data, sample);
    snprintf(sample->task, sizeof sample->task, "%s", data.points[0].task);
    MDP_TRY(add_file(sample, &data.points[0].file));
    MDP_TRY(read_last(data.points[data.n - 1].file.path, by_objective, sample));
out:
    mdp_curve_data_free(&data);
    return err;
}

/* one number for a file or run that is a unit itself: the mean of its episodes, the normalized area of its curve */
static mdp_err unit_value(const struct mdp_compare_sample *sample, double *value) {
    int is_run = strcmp(sample->unit, "checkpoint") == 0;
    double *steps = NULL;
    struct mdp_curve_summary summary;
    mdp_err err;
    *value = mdp_mean(sample->values, sample->n);
    if (!is_run || sample->n < 2) return MDP_OK;
    MDP_TRY(mdp_calloc(&steps, (unsigned long)sample->n, sizeof *steps, "learning curve"));
    for (long i = 0; i < sample->n; i++) steps[i] = (double)sample->major[i];
    MDP_TRY(mdp_curve_summarize(&(struct mdp_curve){steps, sample->values, sample->n}, &summary));
    *value = summary.auc_norm;
out:
    free(steps);
    return err;
}

static int is_curve(const struct mdp_compare_sample *sample) {
    return strcmp(sample->unit, "checkpoint") == 0 || strcmp(sample->unit, "run") == 0;
}

/* what is pooled on one side must be alike before it is compared with the other */
static mdp_err check_alike(const char *path, const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    if (is_curve(a) != is_curve(b))
        return mdp_fail(MDP_E_USAGE, "%s: expected %s like the paths before it, found %s", path,
                        is_curve(a) ? "a run folder" : "an episodes file",
                        is_curve(b) ? "a run folder" : "an episodes file");
    mdp_err err = mdp_alike_check(mdp_alike_facts(MDP_ALIKE_SAMPLE, MDP_ALIKE_REFUSE), &a->files[0], &b->files[0]);
    if (err != MDP_OK) return mdp_fail_context(err, "%s", a->task);
    if (is_curve(a) && a->steps_hash != b->steps_hash)
        return mdp_fail(MDP_E_DATA, "%s: expected a curve over steps %s like the paths before it, found %s", path,
                        a->steps, b->steps);
    return MDP_OK;
}

/* the second sample of a task turns it into one value a file; further ones append theirs */
static mdp_err merge(struct mdp_compare_sample *into, const struct mdp_compare_sample *one) {
    mdp_err err;
    int is_first = strcmp(into->unit, "file") != 0 && strcmp(into->unit, "run") != 0;
    long n = is_first ? 1 : into->n;
    struct mdp_compare_sample grown = *into;
    grown.values = NULL;
    grown.major = grown.minor = NULL;
    grown.last = NULL;
    grown.hash = 0;
    grown.n_episodes += one->n_episodes;
    grown.n_fell += one->n_fell;
    grown.n_non_finite += one->n_non_finite;
    into->files = NULL;
    into->n_files = 0;
    MDP_TRY(sample_alloc(&grown, n + 1));
    MDP_TRY(add_file(&grown, &one->files[0]));
    if (is_first) {
        MDP_TRY(unit_value(into, &grown.values[0]));
        MDP_TRY(mdp_evaluation_hash(grown.files[0].path, &grown.major[0]));
    } else {
        memcpy(grown.values, into->values, (size_t)n * sizeof(double));
        memcpy(grown.major, into->major, (size_t)n * sizeof(uint64_t));
    }
    MDP_TRY(unit_value(one, &grown.values[n]));
    MDP_TRY(mdp_evaluation_hash(one->files[0].path, &grown.major[n]));
    grown.unit = strcmp(one->unit, "episode") == 0 ? "file" : "run";
    sample_free(into);
    *into = grown;
    return MDP_OK;
out:
    sample_free(&grown);
    return err;
}

/* what one path of a side may lead to, once: a path itself; a run, whose checkpoints and labels share its fortune; the
 * evaluation of a step in a curve file */
enum what { A_PATH, CHECKPOINTS_OF_A_RUN, A_RUN, A_STEP };

/* a value that counts twice would make its own agreement look like evidence */
static mdp_err check_new(const char *path, uint64_t what, const char *where, struct mdp_compare_side *side) {
    struct stat info;
    if (stat(where, &info) != 0) return MDP_OK;
    struct mdp_compare_path found = {(uint64_t)info.st_dev, (uint64_t)info.st_ino, what};
    for (int i = 0; i < side->n_paths; i++) {
        if (memcmp(&side->paths[i], &found, sizeof found) != 0) continue;
        if (what == A_PATH || what >= A_STEP)
            return mdp_fail(MDP_E_USAGE, "%s: expected every path once on a side, found it twice", path);
        return mdp_fail(MDP_E_USAGE,
                        "%s: expected one value of a run on a side, found another of %s before it; checkpoints and "
                        "labels of one run are no sample",
                        path, where);
    }
    if (side->n_paths == MDP_COMPARE_PATHS_MAX)
        return mdp_fail(MDP_E_USAGE, "%s: expected at most %d paths a side", path, MDP_COMPARE_PATHS_MAX / 2);
    side->paths[side->n_paths++] = found;
    return MDP_OK;
}

/* the folder of the run that a curve file is of, by the name that runs' folders have or by what training left there; ""
 * for a file that people have put elsewhere */
static mdp_err run_of(const char *curve, char folder[MDP_PATH_MAX]) {
    char facts[MDP_PATH_MAX];
    mdp_err err;
    mdp_path_folder(curve, folder);
    MDP_TRY(mdp_run_path(folder, MDP_RUN_FACTS, facts));
    const char *leaf = mdp_path_name(folder);
    if (!mdp_is_seed_folder(leaf, strlen(leaf)) && !mdp_fsx_exists(facts)) folder[0] = 0;
out:
    return err;
}

static mdp_err check_place(const char *path, const struct mdp_curve_place *place, struct mdp_compare_side *side) {
    char folder[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(check_new(path, (uint64_t)A_STEP + (uint64_t)place->step, place->file, side));
    MDP_TRY(run_of(place->file, folder));
    MDP_TRY(check_new(path, CHECKPOINTS_OF_A_RUN, folder[0] != 0 ? folder : place->file, side));
out:
    return err;
}

/* a checkpoint's file is of the run whose folder it lies in; files that people name are on their own */
static mdp_err check_file(const char *path, struct mdp_compare_side *side) {
    const char *leaf = mdp_path_name(path);
    struct mdp_step_name name;
    struct mdp_curve_place place;
    char folder[MDP_PATH_MAX];
    if (mdp_curve_place_parse(path, &place)) return check_place(path, &place, side);
    mdp_err err = check_new(path, A_PATH, path, side);
    if (err != MDP_OK || !mdp_step_name_parse(leaf, &name)) return err;
    snprintf(folder, sizeof folder, "%.*s", leaf > path ? (int)(leaf - path) : 1, leaf > path ? path : ".");
    return check_new(path, CHECKPOINTS_OF_A_RUN, folder, side);
}

static mdp_err check_run(const char *path, const struct mdp_run_name *name, struct mdp_compare_side *side) {
    char folder[MDP_PATH_MAX];
    if (!name->is_file) return check_new(path, A_RUN, name->folder, side);
    mdp_err err = run_of(name->folder, folder);
    return err == MDP_OK ? check_new(path, A_RUN, folder[0] != 0 ? folder : name->folder, side) : err;
}

static mdp_err add_path(const char *path, const char *mark, int by_objective, struct mdp_compare_side *side) {
    struct mdp_run_name name;
    struct mdp_compare_sample sample = {.n = 0};
    int is_run = mdp_run_name_parse(path, mark, &name);
    mdp_err err;
    MDP_TRY(is_run ? check_run(path, &name, side) : check_file(path, side));
    if (is_run)
        MDP_TRY(read_run(path, mark, by_objective, &sample));
    else
        MDP_TRY(read_episodes(path, by_objective, &sample));
    for (int i = 0; i < side->n; i++) {
        if (strcmp(side->samples[i].task, sample.task) != 0) continue;
        MDP_TRY(check_alike(path, &side->samples[i], &sample));
        err = merge(&side->samples[i], &sample);
        goto out;
    }
    if (side->n == TASKS_MAX) MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected at most %d tasks a side", path, TASKS_MAX));
    side->samples[side->n++] = sample;
    return MDP_OK;
out:
    sample_free(&sample);
    return err;
}

mdp_err mdp_compare_side_read(const char *paths, const char *mark, int by_objective, struct mdp_compare_side *out) {
    mdp_err err;
    char *copy = strdup(paths), *rest = copy;
    *out = (struct mdp_compare_side){.n = 0};
    if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "compare: no memory for paths");
    MDP_TRY(mdp_calloc(&out->samples, TASKS_MAX, sizeof *out->samples, "tasks to compare"));
    for (char *path = mdp_paths_next(&rest); path != NULL; path = mdp_paths_next(&rest))
        MDP_TRY(add_path(path, mark, by_objective, out));
    if (out->n == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "compare: expected episodes files or run folders, found '%s'", paths));
out:
    free(copy);
    if (err != MDP_OK) mdp_compare_side_free(out);
    return err;
}
