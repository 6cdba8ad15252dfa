#include "bench/experiment/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"
#include "bench/experiment/weight.h"
#include "bench/run/best.h"
#include "bench/run/names.h"

enum { USUAL_OFFSET = 100, LABEL_MAX = 256 };

/* ---- which training ---- */

uint64_t mdp_instance_seed(const struct mdp_experiment *e, const struct mdp_run_instance *run) {
    return (run->has_fixed ? run->fixed : e->file.seeds[run->i_seed]) + (uint64_t)run->offset;
}

/* the training of another run that a run or an arm takes guidance from */
static struct mdp_run_instance source_of(const struct mdp_experiment *e, const char *name,
                                         const struct mdp_source_spec *source, const struct mdp_run_instance *from) {
    struct mdp_run_instance to = *from;
    to.i_run = mdp_experiment_run(&e->file, name);
    if (source->seed >= 0) {
        to.has_fixed = 1;
        to.fixed = (uint64_t)source->seed;
        to.offset = 0;
        return to;
    }
    to.i_seed = (int)((from->i_seed + source->seed_shift) % (long)e->file.seeds_count);
    to.offset += source->seed_offset;
    return to;
}

int mdp_instance_source(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                        struct mdp_run_instance *source) {
    const struct mdp_run_spec *spec = &e->file.runs[run->i_run];
    if (spec->from == NULL) return 0;
    *source = source_of(e, spec->from, &spec->source, run);
    return 1;
}

struct mdp_run_instance mdp_arm_run(const struct mdp_experiment *e, const struct mdp_arm_instance *arm) {
    return (struct mdp_run_instance){mdp_experiment_run(&e->file, e->file.arms[arm->i_arm].run),
                                     arm->i_task,
                                     arm->i_seed,
                                     arm->offset,
                                     arm->has_fixed,
                                     arm->fixed};
}

struct mdp_arm_instance mdp_choice_instance(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                                            long step) {
    int is_online = 1;
    for (unsigned i = 0; i < e->file.actors_count; i++) is_online &= strcmp(e->file.actors[i], "online") == 0;
    return (struct mdp_arm_instance){mdp_choice_arm(&e->file, run->i_run),
                                     run->i_task,
                                     run->i_seed,
                                     is_online,
                                     step,
                                     run->offset,
                                     run->has_fixed,
                                     run->fixed};
}

int mdp_arm_source(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                   struct mdp_run_instance *source) {
    const struct mdp_arm_spec *spec = &e->file.arms[arm->i_arm];
    if (spec->guidance == NULL || mdp_experiment_run(&e->file, spec->guidance) < 0) return 0;
    struct mdp_run_instance own = mdp_arm_run(e, arm);
    *source = source_of(e, spec->guidance, &spec->source, &own);
    /* of another task of the list, as has been checked */
    for (unsigned t = 0; t < e->file.tasks_count && spec->eval.guidance_task != NULL; t++)
        if (strcmp(e->file.tasks[t], spec->eval.guidance_task) == 0) source->i_task = (int)t;
    return 1;
}

/* ---- settings ---- */

/* the experiment's settings with the run's own in their place */
static struct mdp_training training_of(const struct mdp_experiment *e, int i_run) {
    struct mdp_training training = e->file.train;
    mdp_settings_overlay(&mdp_train_table, MDP_FOR_RUN, &training, &e->file.runs[i_run].train);
    mdp_training_complete(&training);
    return training;
}

void mdp_instance_training(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                           struct mdp_training *out) {
    *out = training_of(e, run->i_run);
    out->task_name = e->file.tasks[run->i_task];
    out->seed = mdp_instance_seed(e, run);
    if (out->alone != NULL) out->algo = NULL;
}

/* sets what has a row by its name */
static void set(struct mdp_eval_settings *settings, const char *name, const char *value) {
    struct mdp_setting_list list;
    mdp_settings_list(&mdp_eval_table, 0, settings, &list);
    (void)mdp_setting_set(mdp_setting_find(&list, name), value);
}

/* the objective that the guidance of an arm was trained for, if it is one of a world; evaluations count by it, too */
static const char *reward_of(const struct mdp_experiment *e, const struct mdp_arm_instance *arm) {
    struct mdp_run_instance source;
    if (!mdp_arm_is_guided(&e->file, &e->file.arms[arm->i_arm])) return NULL;
    if (!mdp_arm_source(e, arm, &source)) source = mdp_arm_run(e, arm);
    const struct mdp_run_spec *run = &e->file.runs[source.i_run];
    /* frozen guidance was another run's */
    while (run->from != NULL && !mdp_mode_describe(run->train.mode)->trains_guidance)
        run = &e->file.runs[mdp_experiment_run(&e->file, run->from)];
    return run->train.reward != NULL && run->train.reward[0] != ':' ? run->train.reward : NULL;
}

static const char *actor_of(const struct mdp_arm_instance *arm) { return arm->is_online ? "online" : "ema"; }

void mdp_arm_settings(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                      struct mdp_eval_settings *out) {
    const struct mdp_arm_spec *spec = &e->file.arms[arm->i_arm];
    *out = e->file.eval;
    mdp_settings_overlay(&mdp_eval_table, MDP_FOR_ARM, out, &spec->eval);
    set(out, "actor", actor_of(arm));
    out->w_t = mdp_arm_weight_given(&e->file, arm->i_arm, arm->i_task);
    if (out->reward == NULL) out->reward = reward_of(e, arm);
    if (spec->is_choice) out->seed = e->file.best_seed;
    int is_guided = mdp_arm_is_guided(&e->file, spec), i_run = mdp_experiment_run(&e->file, spec->run);
    const struct mdp_algorithm *planner = mdp_training_planner(&e->file.runs[i_run].train);
    if (planner != NULL)
        mdp_eval_complete(out, planner, e->file.tasks[arm->i_task], is_guided && planner->guidance->sees_windows);
    else if (!is_guided)
        set(out, "candidates", "1");
}

/* ---- names ---- */

static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, size - n, format, args);
    va_end(args);
}

/* a name that was cut could be that of two runs */
static mdp_err check_whole(const char *text, size_t size) {
    if (strlen(text) + 1 < size) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s..: expected at most %zu bytes of settings in a file's name, found more", text,
                    size - 2);
}

static mdp_err append_source(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]);
static mdp_err write_variant(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]);

/* guidance alone, with its settings: "iql", "iql-speed3", "return-width8", "qgpo-qgpo-none+0", "iql-lrsteps1000" */
static mdp_err write_alone(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_training training = training_of(e, i_run);
    mdp_err err;
    snprintf(text, MDP_VARIANT_MAX, "%s", training.alone);
    MDP_TRY(append_source(e, i_run, text));
    MDP_TRY(mdp_settings_append_label(&mdp_train_table, 0, &training, MDP_VARIANT_MAX, text));
out:
    return err;
}

/* a run that trains guidance, as part of other names: "iql", "dql-joint" */
static mdp_err write_source(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_run_spec *run = &e->file.runs[i_run];
    char variant[MDP_VARIANT_MAX];
    mdp_err err = MDP_OK;
    if (run->train.alone != NULL) return write_alone(e, i_run, text);
    MDP_TRY(write_variant(e, i_run, variant));
    snprintf(text, MDP_VARIANT_MAX, "%s", run->train.algo);
    append(text, MDP_VARIANT_MAX, "-%s", variant);
    MDP_TRY(check_whole(text, MDP_VARIANT_MAX));
out:
    return err;
}

/* whether a source is trained as folders take for granted: by the experiment's settings as the run is, and with no
 * setting of its own that they would name, be it the usual value */
static int has_usual_settings(const struct mdp_training *source, const struct mdp_training *run) {
    struct mdp_setting_list of_source, of_run;
    mdp_settings_list(&mdp_train_table, MDP_FOR_RUN, source, &of_source);
    mdp_settings_list(&mdp_train_table, MDP_FOR_RUN, run, &of_run);
    for (int i = 0; i < of_run.n; i++) {
        const struct mdp_setting *row = of_run.rows[i].row;
        if (row->mark == NULL) continue;
        if ((row->takers & MDP_FOR_EXPERIMENT) != 0 ? !mdp_setting_equal(&of_source.rows[i], &of_run.rows[i])
                                                    : mdp_setting_is_given(&of_source.rows[i]))
            return 0;
    }
    return 1;
}

/* as names have it: "-last", "-best", "-at8000"; "" for what is usual there. experiments whose texts are wrong are not
 * read */
static void append_at(char *text, size_t size, const struct mdp_source_spec *source, enum mdp_at usual) {
    enum mdp_at which;
    long step;
    if (mdp_source_at(source, usual, &which, &step) != MDP_OK || which == usual) return;
    if (which == MDP_AT_STEP)
        append(text, size, "-at%ld", step);
    else
        append(text, size, "-%s", source->which);
}

/* folders do not name a source that is the algorithm's own, trained jointly with another seed */
static int is_usual_source(const struct mdp_experiment *e, int i_source, int i_run) {
    const struct mdp_run_spec *run = &e->file.runs[i_run], *source = &e->file.runs[i_source];
    const struct mdp_training of_source = training_of(e, i_source), of_run = training_of(e, i_run);
    return source->train.alone == NULL && run->train.alone == NULL &&
           strcmp(source->train.algo, run->train.algo) == 0 && source->train.mode == MDP_MODE_JOINT &&
           has_usual_settings(&of_source, &of_run) && run->source.seed < 0 && run->source.seed_offset == USUAL_OFFSET &&
           run->source.seed_shift == 0;
}

/* the folder between algorithm and seed: what acts in training, and every setting that is not the usual one */
static mdp_err append_source(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_run_spec *run = &e->file.runs[i_run];
    char source[MDP_VARIANT_MAX];
    mdp_err err = MDP_OK;
    if (run->from != NULL) {
        int i_source = mdp_experiment_run(&e->file, run->from);
        MDP_TRY(write_source(e, i_source, source));
        if (run->source.seed >= 0)
            append(text, MDP_VARIANT_MAX, "-%s-seed%ld", source, run->source.seed);
        else if (!is_usual_source(e, i_source, i_run))
            append(text, MDP_VARIANT_MAX, "-%s+%ld", source, run->source.seed_offset);
        if (run->source.seed_shift != 0) append(text, MDP_VARIANT_MAX, "-shift%ld", run->source.seed_shift);
        append_at(text, MDP_VARIANT_MAX, &run->source, MDP_AT_LAST);
    }
    MDP_TRY(check_whole(text, MDP_VARIANT_MAX));
out:
    return err;
}

static mdp_err write_variant(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_training training = training_of(e, i_run);
    mdp_err err;
    snprintf(text, MDP_VARIANT_MAX, "%s", mdp_mode_describe(e->file.runs[i_run].train.mode)->name);
    MDP_TRY(append_source(e, i_run, text));
    MDP_TRY(mdp_settings_append_label(&mdp_train_table, 0, &training, MDP_VARIANT_MAX, text));
out:
    return err;
}

/* between step and ending of an episodes file: every setting of the arm that is not the usual one, each with a dot */
static mdp_err write_label(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, char text[LABEL_MAX]) {
    const struct mdp_arm_spec *spec = &e->file.arms[arm->i_arm];
    struct mdp_eval_settings named;
    struct mdp_run_instance source;
    char name[MDP_VARIANT_MAX];
    mdp_err err;
    text[0] = 0;
    if (spec->is_choice)
        append(text, LABEL_MAX, ".best%ld-%ld.seed%lu", e->file.evaluate_every, e->file.train.n_steps,
               (unsigned long)e->file.best_seed);
    if (spec->guidance != NULL && strcmp(spec->guidance, "none") == 0) append(text, LABEL_MAX, ".unguided");
    if (mdp_arm_source(e, arm, &source)) {
        MDP_TRY(write_source(e, source.i_run, name));
        append(text, LABEL_MAX, ".by-%s-seed%lu", name, (unsigned long)mdp_instance_seed(e, &source));
        append_at(text, LABEL_MAX, &spec->source, MDP_AT_SAME);
        MDP_TRY(check_whole(text, LABEL_MAX));
    }
    /* what the arm itself says, and return rule, precision and actor where they are not the usual ones */
    mdp_settings_defaults(&mdp_eval_table, &named);
    mdp_settings_overlay(&mdp_eval_table, MDP_FOR_ARM, &named, &spec->eval);
    if (e->file.eval.rule != named.rule)
        set(&named, "return-rule", mdp_names_at(mdp_return_rule_names(), (int)e->file.eval.rule));
    if (strcmp(e->file.eval.precision, e->file.train.precision) != 0) set(&named, "precision", e->file.eval.precision);
    if (arm->is_online) set(&named, "actor", actor_of(arm));
    MDP_TRY(mdp_settings_append_label(&mdp_eval_table, MDP_FOR_ARM | MDP_FOR_EXPERIMENT, &named, LABEL_MAX, text));
    MDP_TRY(mdp_settings_append_label(&mdp_eval_table, MDP_FOR_ACTORS, &named, LABEL_MAX, text));
out:
    return err;
}

const char *mdp_arm_title(const struct mdp_experiment *e, int i_arm) {
    const struct mdp_arm_spec *arm = &e->file.arms[i_arm];
    return arm->title != NULL ? arm->title : arm->name;
}

/* ---- paths ---- */

mdp_err mdp_data_path(const struct mdp_experiment *e, int i_task, char path[MDP_PATH_MAX]) {
    return mdp_dataset_path(e->file.data, e->file.tasks[i_task], path);
}

mdp_err mdp_instance_folder(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                            char path[MDP_PATH_MAX]) {
    const struct mdp_run_spec *spec = &e->file.runs[run->i_run];
    char variant[MDP_VARIANT_MAX];
    uint64_t seed = mdp_instance_seed(e, run);
    const char *task = e->file.tasks[run->i_task];
    const int is_alone = spec->train.alone != NULL;
    mdp_err err = is_alone ? write_alone(e, run->i_run, variant) : write_variant(e, run->i_run, variant);
    if (err != MDP_OK) return err;
    return mdp_run_folder(e->file.folder, task, is_alone ? "guidance" : spec->train.algo, variant, seed, path);
}

/* best:FOLDER:LABEL, of the evaluations by which a training's best guidance is chosen */
static mdp_err best_path(const struct mdp_experiment *e, const struct mdp_run_instance *instance, const char *folder,
                         char path[MDP_PATH_MAX]) {
    const struct mdp_arm_instance choice = mdp_choice_instance(e, instance, 0);
    char label[LABEL_MAX];
    mdp_err err = write_label(e, &choice, label);
    return err != MDP_OK ? err : mdp_fsx_path(path, MDP_BEST_PREFIX "%s:%s", folder, label + 1);
}

/* the module of a training at the step that is asked for */
static mdp_err module_path(const struct mdp_experiment *e, const struct mdp_run_instance *instance,
                           const struct mdp_source_spec *source, enum mdp_at usual, long same, enum mdp_file_kind kind,
                           char path[MDP_PATH_MAX]) {
    char folder[MDP_PATH_MAX];
    enum mdp_at which;
    long step;
    mdp_err err;
    MDP_TRY(mdp_instance_folder(e, instance, folder));
    MDP_TRY(mdp_source_at(source, usual, &which, &step));
    if (which == MDP_AT_BEST) return best_path(e, instance, folder, path);
    if (which == MDP_AT_SAME) step = same;
    if (which == MDP_AT_LAST) step = e->file.train.n_steps;
    MDP_TRY(mdp_step_path(folder, step, "", kind, path));
out:
    return err;
}

mdp_err mdp_instance_module_path(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                                 char path[MDP_PATH_MAX]) {
    struct mdp_run_instance source;
    path[0] = 0;
    if (!mdp_instance_source(e, run, &source)) return MDP_OK;
    const struct mdp_run_spec *spec = &e->file.runs[run->i_run];
    return module_path(e, &source, &spec->source, MDP_AT_LAST, 0,
                       mdp_run_needs_support(spec) ? MDP_FILE_DIFFUSION : MDP_FILE_GUIDANCE, path);
}

mdp_err mdp_arm_guidance_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]) {
    struct mdp_run_instance source;
    path[0] = 0;
    if (!mdp_arm_source(e, arm, &source)) return MDP_OK;
    return module_path(e, &source, &e->file.arms[arm->i_arm].source, MDP_AT_SAME, arm->step, MDP_FILE_GUIDANCE, path);
}

mdp_err mdp_arm_guidance_choice(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                                char path[MDP_PATH_MAX]) {
    const struct mdp_source_spec *spec = &e->file.arms[arm->i_arm].source;
    struct mdp_run_instance source;
    enum mdp_at which;
    long step;
    mdp_err err;
    path[0] = 0;
    if (!mdp_arm_source(e, arm, &source)) return MDP_OK;
    MDP_TRY(mdp_source_at(spec, MDP_AT_SAME, &which, &step));
    MDP_TRY(which == MDP_AT_SAME ? mdp_instance_folder(e, &source, path) : mdp_arm_guidance_path(e, arm, path));
out:
    return err;
}

long mdp_instance_guidance_step(const struct mdp_experiment *e, const struct mdp_run_instance *run) {
    const struct mdp_run_spec *spec = &e->file.runs[run->i_run];
    enum mdp_at which;
    long step;
    if (spec->from == NULL || mdp_source_at(&spec->source, MDP_AT_LAST, &which, &step) != MDP_OK) return 0;
    return which == MDP_AT_LAST ? e->file.train.n_steps : step;
}

long mdp_source_step(const struct mdp_source_spec *source) {
    enum mdp_at which;
    long step;
    return mdp_source_at(source, MDP_AT_LAST, &which, &step) == MDP_OK ? step : 0;
}

mdp_err mdp_arm_episodes_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]) {
    struct mdp_run_instance run = mdp_arm_run(e, arm);
    char folder[MDP_PATH_MAX], label[LABEL_MAX];
    mdp_err err;
    MDP_TRY(mdp_instance_folder(e, &run, folder));
    MDP_TRY(write_label(e, arm, label));
    MDP_TRY(mdp_step_path(folder, arm->step, label[0] == '.' ? label + 1 : label, MDP_FILE_EPISODES, path));
out:
    return err;
}
