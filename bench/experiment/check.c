#include "bench/experiment/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"
#include "base/names.h"
#include "bench/experiment/experiment.h"
#include "bench/experiment/modules.h"
#include "bench/run/reward.h"
#include "bench/run/task.h"
#include "bench/yaml/yaml.h"
#include "results/show/figure.h"

/* the file being checked; `key` holds the path that messages name */
struct check {
    const struct mdp_yaml *yaml;
    const struct mdp_experiment_file *file;
    char key[MDP_YAML_KEY_MAX];
};

static const char *set_key(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *set_key(struct check *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(c->key, sizeof c->key, format, args);
    va_end(args);
    return c->key;
}

/* ---- words and numbers ---- */

/* names become file names */
static mdp_err check_name(struct check *c, const char *name) {
    if (strlen(name) <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name)) return MDP_OK;
    return mdp_yaml_refuse(c->yaml, c->key, "expected at most 64 small letters, digits and '-', found '%s'", name);
}

/* paths go into make rules, where blanks and signs have meanings */
static mdp_err check_path(struct check *c, const char *path) {
    static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/";
    if (path == NULL || (strspn(path, known) == strlen(path) && path[0] != '-')) return MDP_OK;
    return mdp_yaml_refuse(c->yaml, c->key, "expected a path of letters, digits and . _ + - /, found '%s'", path);
}

static int is_repeated(const char **names, unsigned i) {
    const struct mdp_names before = MDP_NAMES_OF_FIRST(names, (int)i);
    return mdp_names_index(&before, names[i]) >= 0;
}

static mdp_err check_task(struct check *c, const char *name) {
    struct mdp_task task;
    if (mdp_task_parse(name, &task) == MDP_OK && strcmp(task.name, name) == 0) return MDP_OK;
    return mdp_yaml_refuse(c->yaml, c->key, "expected a task such as halfcheetah-medium, found '%s'", name);
}

static mdp_err check_tasks(struct check *c) {
    const struct mdp_experiment_file *f = c->file;
    for (unsigned i = 0; i < f->tasks_count; i++) {
        set_key(c, "tasks[%u]", i);
        mdp_err err = check_task(c, f->tasks[i]);
        if (err != MDP_OK) return err;
        if (is_repeated(f->tasks, i))
            return mdp_yaml_refuse(c->yaml, c->key, "expected every task once, found %s again", f->tasks[i]);
    }
    return MDP_OK;
}

static mdp_err check_seeds(struct check *c) {
    const struct mdp_experiment_file *f = c->file;
    for (unsigned i = 0; i < f->seeds_count; i++)
        for (unsigned j = 0; j < i; j++)
            if (f->seeds[i] == f->seeds[j])
                return mdp_yaml_refuse(c->yaml, set_key(c, "seeds[%u]", i), "expected every seed once, found %lu again",
                                       (unsigned long)f->seeds[i]);
    return MDP_OK;
}

static mdp_err check_weights(struct check *c) {
    const struct mdp_experiment_file *f = c->file;
    for (unsigned i = 0; i < f->weights_count; i++) {
        const struct mdp_weight_spec *a = &f->weights[i];
        set_key(c, "weights[%u].task", i);
        mdp_err err = check_task(c, a->task);
        if (err != MDP_OK) return err;
        for (unsigned k = 0; k < i; k++)
            if (strcmp(a->task, f->weights[k].task) == 0 && strcmp(a->algo, f->weights[k].algo) == 0)
                return mdp_yaml_refuse(c->yaml, c->key, "expected one weight of %s on a task, found %s again", a->algo,
                                       a->task);
    }
    return MDP_OK;
}

static mdp_err check_settings(struct check *c) {
    const struct mdp_experiment_file *f = c->file;
    mdp_err err;
    set_key(c, "name");
    MDP_TRY(check_name(c, f->name));
    MDP_TRY(check_tasks(c));
    MDP_TRY(check_seeds(c));
    MDP_TRY(check_weights(c));
    for (unsigned i = 0; i < f->actors_count; i++)
        if (is_repeated(f->actors, i))
            return mdp_yaml_refuse(c->yaml, set_key(c, "actors[%u]", i), "expected every actor once, found %s again",
                                   f->actors[i]);
    set_key(c, "folder");
    MDP_TRY(check_path(c, f->folder));
    set_key(c, "data");
    MDP_TRY(check_path(c, f->data));
    set_key(c, "behavior");
    MDP_TRY(check_path(c, f->collect.behavior));
out:
    return err;
}

/* the refusal of a setting that would be ignored, at its key in an entry of a list */
static mdp_err refuse_meaning(struct check *c, const char *list, unsigned i, const struct mdp_setting *culprit) {
    char why[256];
    snprintf(why, sizeof why, "%s", mdp_err_message());
    return mdp_yaml_refuse(c->yaml, set_key(c, "%s[%u].%s", list, i, mdp_setting_key(culprit)), "%s", why);
}

/* names of folders and recorded settings have a reward's shortest form; every task's world has to have its terms */
static mdp_err check_reward(struct check *c, const char *list, unsigned i, const char *text, int may_be_column) {
    const struct mdp_experiment_file *f = c->file;
    struct mdp_reward reward;
    struct mdp_task task;
    char why[256];
    if (text == NULL) return MDP_OK;
    set_key(c, "%s[%u].reward", list, i);
    for (unsigned k = 0; k < (f->tasks_count > 0 ? f->tasks_count : 1); k++) {
        const int has_task = f->tasks_count > 0 && mdp_task_parse(f->tasks[k], &task) == MDP_OK;
        mdp_err err = has_task ? mdp_reward_parse(text, task.spec, &reward) : MDP_OK;
        snprintf(why, sizeof why, "%s", mdp_err_message());
        if (err != MDP_OK) return mdp_yaml_refuse(c->yaml, c->key, "%s", why);
        if (has_task && reward.is_column && (!may_be_column || reward.file[0] != 0))
            return mdp_yaml_refuse(c->yaml, c->key, "expected terms%s, found '%s'",
                                   may_be_column ? " or :NAME, a column of the dataset" : "", text);
        if (has_task && strcmp(reward.text, text) != 0)
            return mdp_yaml_refuse(c->yaml, c->key, "expected the shortest form '%s', found '%s'", reward.text, text);
    }
    return MDP_OK;
}

/* ---- runs ---- */

static int has_source(const struct mdp_source_spec *source) {
    return source->which != NULL || source->seed >= 0 || source->seed_offset != 0 || source->seed_shift != 0;
}

/* a fixed seed has no place in the list, from which a shift could count */
static const struct mdp_run_spec *shifted_above(const struct mdp_experiment_file *file, int i_run) {
    const struct mdp_run_spec *run = &file->runs[i_run];
    if (run->from == NULL || run->source.seed >= 0) return NULL;
    return run->source.seed_shift != 0 ? run : shifted_above(file, mdp_experiment_run(file, run->from));
}

static mdp_err check_best(struct check *c, const struct mdp_source_spec *source, int i_run) {
    const struct mdp_run_spec *run = &c->file->runs[i_run];
    if (!mdp_source_is_best(source) || run->train.alone == NULL) return MDP_OK;
    return mdp_yaml_refuse(c->yaml, c->key,
                           "expected last or a step, since run %s has no actor to evaluate, found best", run->name);
}

/* step and seed of a source. `list` is runs or arms; only an actor has a step that guidance can have, too */
static mdp_err check_which(struct check *c, const char *list, unsigned i, const struct mdp_source_spec *source,
                           int i_run) {
    enum mdp_at which;
    long step;
    char why[256];
    int is_run = strcmp(list, "runs") == 0;
    if (mdp_source_at(source, is_run ? MDP_AT_LAST : MDP_AT_SAME, &which, &step) != MDP_OK) {
        snprintf(why, sizeof why, "%s", mdp_err_message());
        return mdp_yaml_refuse(c->yaml, set_key(c, "%s[%u].at", list, i), "%s", why);
    }
    if (is_run && which == MDP_AT_SAME)
        return mdp_yaml_refuse(c->yaml, set_key(c, "%s[%u].at", list, i),
                               "expected last, best or a step, found 'same', which a training has not");
    set_key(c, "%s[%u].at", list, i);
    mdp_err err = check_best(c, source, i_run);
    if (err != MDP_OK || source->seed < 0) return err;
    set_key(c, "%s[%u].seed", list, i);
    if (source->seed_offset != 0 || source->seed_shift != 0)
        return mdp_yaml_refuse(c->yaml, c->key, "expected none beside seed-offset or seed-shift, found %ld",
                               source->seed);
    const struct mdp_run_spec *shifted = shifted_above(c->file, i_run);
    if (shifted == NULL) return MDP_OK;
    return mdp_yaml_refuse(c->yaml, c->key, "expected none, since run %s has a seed-shift, found %ld", shifted->name,
                           source->seed);
}

/* whether guidance of the run `source` can serve another run: values of actions, or returns of windows */
static int fits(const struct check *c, int i_run, int source) {
    const struct mdp_algorithm *planner = mdp_training_planner(&c->file->runs[i_run].train);
    const struct mdp_guidance_kind *kind = mdp_run_guidance_kind(c->file, source);
    return planner == NULL ? !kind->sees_windows : kind == planner->guidance;
}

static mdp_err refuse_kind(const struct check *c, int source, const char *name) {
    return mdp_yaml_refuse(c->yaml, c->key, "expected guidance that goes with the algorithm, found '%s', %s", name,
                           mdp_run_guidance_kind(c->file, source)->name);
}

/* a diffusion module of single actions, which no evaluation chooses */
static mdp_err check_support(struct check *c, unsigned i, int source) {
    const struct mdp_run_spec *run = &c->file->runs[i], *behavior = &c->file->runs[source];
    if (behavior->train.alone != NULL || mdp_training_planner(&behavior->train) != NULL)
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run with a diffusion module of actions, found '%s', %s",
                               run->from, behavior->train.alone != NULL ? "guidance alone" : behavior->train.algo);
    if (mdp_source_is_best(&run->source))
        return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u].at", i),
                               "expected last or a step, since evaluations choose guidance alone, found best");
    return MDP_OK;
}

/* what a run starts from, or whose actions it learns from, is a run above that has it */
static mdp_err check_source(struct check *c, unsigned i) {
    const struct mdp_run_spec *run = &c->file->runs[i];
    const int is_supported = mdp_run_needs_support(run);
    int needs = mdp_mode_describe(run->train.mode)->loads_guidance || is_supported;
    const char *mode = is_supported ? run->train.alone : mdp_mode_describe(run->train.mode)->name;
    if (run->from == NULL && needs)
        return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u].from", i), "expected a run for %s guidance, found none",
                               mode);
    if (run->from == NULL && has_source(&run->source))
        return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u].from", i),
                               "expected a run beside at, seed, seed-offset or seed-shift, found none");
    if (run->from == NULL) return MDP_OK;
    set_key(c, "runs[%u].from", i);
    if (!needs) return mdp_yaml_refuse(c->yaml, c->key, "expected none for %s guidance, found '%s'", mode, run->from);
    int source = mdp_experiment_run(c->file, run->from);
    if (source < 0 || source >= (int)i)
        return mdp_yaml_refuse(c->yaml, c->key, "expected the name of a run above, found '%s'", run->from);
    if (is_supported) {
        mdp_err err = check_support(c, i, source);
        return err == MDP_OK ? check_which(c, "runs", i, &run->source, source) : err;
    }
    if (!mdp_run_trains_guidance(&c->file->runs[source]))
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run that trains guidance, found '%s', which does not",
                               run->from);
    if (!fits(c, (int)i, source)) return refuse_kind(c, source, run->from);
    if (MDP_GIVEN(&mdp_train_table, &run->train, n_value_steps) &&
        !mdp_run_guidance_kind(c->file, source)->needs_support)
        return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u].value-steps", i),
                               "expected guidance of qgpo that learns, found %s",
                               mdp_run_guidance_kind(c->file, source)->name);
    return check_which(c, "runs", i, &run->source, source);
}

static mdp_err check_mode(struct check *c, unsigned i) {
    const struct mdp_training *t = &c->file->runs[i].train;
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    if (planner == NULL || t->alone != NULL || planner->guidance->sees_windows || t->mode == MDP_MODE_NONE)
        return MDP_OK;
    return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u].guidance", i),
                           "expected none, as plans of %s are guided by the return that is wanted, found '%s'", t->algo,
                           mdp_mode_describe(t->mode)->name);
}

/* what a run says must mean something where it is said */
static mdp_err check_training(struct check *c, unsigned i) {
    static const struct mdp_meaning words = {
        .expected = {[MDP_NEED_DIFFUSION] = "none beside guidance-only",
                     [MDP_NEED_POLICY_LOSS] = "none, since there is no policy loss to weigh",
                     [MDP_NEED_SUPPORT] = "guidance of qgpo that learns",
                     [MDP_NEED_NOISE] = "guidance: noise beside it",
                     [MDP_NEED_WINDOWS] = "an algorithm that plans",
                     [MDP_NEED_REWARDS] = "none, since no guidance learns from rewards",
                     [MDP_NEED_TRANSITIONS] = "none, since plans keep all rows in memory",
                     [MDP_NEED_RETURNS] = "none, since no returns are learnt"},
        .dashes = ""};
    const struct mdp_training *t = &c->file->runs[i].train;
    const struct mdp_setting *culprit;
    int has_algo = MDP_GIVEN(&mdp_train_table, t, algo), is_alone = t->alone != NULL;
    if (has_algo == is_alone)
        return mdp_yaml_refuse(c->yaml, set_key(c, "runs[%u]", i), "expected either algo or guidance-only, found %s",
                               has_algo ? "both" : "none");
    if (mdp_training_check_meaning(t, &words, &culprit) != MDP_OK) return refuse_meaning(c, "runs", i, culprit);
    mdp_err err = check_reward(c, "runs", i, t->reward, 1);
    return err == MDP_OK ? check_mode(c, i) : err;
}

static mdp_err check_run(struct check *c, unsigned i) {
    const struct mdp_run_spec *run = &c->file->runs[i];
    mdp_err err;
    set_key(c, "runs[%u].name", i);
    MDP_TRY(check_name(c, run->name));
    if (strcmp(run->name, "own") == 0 || strcmp(run->name, "none") == 0)
        return mdp_yaml_refuse(c->yaml, c->key, "expected another name than own and none, found '%s'", run->name);
    if (mdp_experiment_run(c->file, run->name) < (int)i)
        return mdp_yaml_refuse(c->yaml, c->key, "expected a new name, found '%s' again", run->name);
    MDP_TRY(check_training(c, i));
    MDP_TRY(check_source(c, i));
out:
    return err;
}

/* ---- arms ---- */

static mdp_err check_arm_guidance(struct check *c, unsigned i) {
    const struct mdp_arm_spec *arm = &c->file->arms[i];
    int is_named = arm->guidance != NULL && strcmp(arm->guidance, "own") != 0 && strcmp(arm->guidance, "none") != 0;
    set_key(c, "arms[%u].guidance", i);
    if (!is_named && has_source(&arm->source))
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run beside at, seed, seed-offset or seed-shift, found %s",
                               arm->guidance != NULL ? arm->guidance : "none");
    if (!is_named) return MDP_OK;
    int source = mdp_experiment_run(c->file, arm->guidance);
    if (source < 0)
        return mdp_yaml_refuse(c->yaml, c->key, "expected own, none or the name of a run, found '%s'", arm->guidance);
    if (!mdp_run_trains_guidance(&c->file->runs[source]))
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run that trains guidance, found '%s', which does not",
                               arm->guidance);
    if (!fits(c, mdp_experiment_run(c->file, arm->run), source)) return refuse_kind(c, source, arm->guidance);
    return check_which(c, "arms", i, &arm->source, source);
}

/* guidance of another task is that of a run of this file on one of its tasks, all of which are of one environment */
static mdp_err check_guidance_task(struct check *c, unsigned i) {
    const struct mdp_experiment_file *f = c->file;
    const struct mdp_arm_spec *arm = &f->arms[i];
    const char *wanted = arm->eval.guidance_task;
    const struct mdp_names tasks = MDP_NAMES_OF_FIRST(f->tasks, (int)f->tasks_count);
    struct mdp_task first, other;
    if (wanted == NULL || f->tasks_count == 0) return MDP_OK;
    set_key(c, "arms[%u].guidance-task", i);
    if (arm->guidance == NULL || mdp_experiment_run(f, arm->guidance) < 0)
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run in guidance beside it, found %s",
                               arm->guidance != NULL ? arm->guidance : "none");
    if (mdp_arm_guidance_kind(f, arm)->sees_windows)
        return mdp_yaml_refuse(c->yaml, c->key, "expected none beside guidance of windows, found '%s'", wanted);
    if (mdp_names_index(&tasks, wanted) < 0)
        return mdp_yaml_refuse(c->yaml, c->key, "expected one of tasks, found '%s'", wanted);
    for (unsigned k = 1; k < f->tasks_count; k++)
        if (mdp_task_parse(f->tasks[0], &first) == MDP_OK && mdp_task_parse(f->tasks[k], &other) == MDP_OK &&
            first.spec != other.spec)
            return mdp_yaml_refuse(c->yaml, c->key, "expected tasks of one robot, found %s and %s", f->tasks[0],
                                   f->tasks[k]);
    return MDP_OK;
}

/* a guide takes modules that can do it: policies and planners say the same of files */
static mdp_err check_arm_guide(struct check *c, unsigned i) {
    const struct mdp_experiment_file *f = c->file;
    const struct mdp_arm_spec *arm = &f->arms[i];
    const struct mdp_run_spec *run = &f->runs[mdp_experiment_run(f, arm->run)];
    const struct mdp_algorithm *planner = mdp_training_planner(&run->train);
    const struct mdp_guidance_kind *kind = mdp_arm_guidance_kind(f, arm);
    const enum mdp_guide guide = mdp_guide_of(&arm->eval);
    if (guide == MDP_GUIDE_NONE) return MDP_OK;
    set_key(c, "arms[%u].guide", i);
    if (planner != NULL) {
        const int is_told = planner->planning->has_told_returns;
        if (guide != MDP_GUIDE_ENERGY && (guide == MDP_GUIDE_FREE) == is_told) return MDP_OK;
        return mdp_yaml_refuse(c->yaml, c->key, "expected %s of plans of %s, found '%s'",
                               is_told ? "none or free" : "none, noisy or clean", run->train.algo, arm->eval.guide);
    }
    if (guide == MDP_GUIDE_FREE && mdp_run_algorithm(run)->denoiser != MDP_DENOISER_UNET)
        return mdp_yaml_refuse(c->yaml, c->key,
                               "expected a run that trains with observations left out, as qgpo's do, beside free, "
                               "found '%s', %s",
                               arm->run, run->train.algo);
    if (guide == MDP_GUIDE_ENERGY && !kind->needs_support)
        return mdp_yaml_refuse(c->yaml, c->key, "expected guidance with an energy beside it, found %s", kind->name);
    return MDP_OK;
}

/* settings of the evaluation that would be ignored */
static mdp_err check_evaluation(struct check *c, unsigned i) {
    const struct mdp_arm_spec *arm = &c->file->arms[i];
    const struct mdp_meaning meaning = {.holds = MDP_WITH_MODULES |
                                                 (mdp_arm_is_guided(c->file, arm) ? MDP_WITH_GUIDANCE : 0),
                                        .expected = {[MDP_NEED_GUIDANCE] = "without guidance"},
                                        .lets_neutral = {[MDP_NEED_GUIDANCE] = 1},
                                        .dashes = ""};
    const struct mdp_setting *culprit;
    mdp_err err = mdp_settings_check_meaning(&mdp_eval_table, MDP_FOR_ARM, &arm->eval, &meaning, &culprit);
    if (err != MDP_OK) return refuse_meaning(c, "arms", i, culprit);
    MDP_TRY(check_reward(c, "arms", i, arm->eval.reward, 0));
    MDP_TRY(check_arm_guide(c, i));
    MDP_TRY(check_guidance_task(c, i));
out:
    return err;
}

static mdp_err check_arm(struct check *c, unsigned i) {
    const struct mdp_arm_spec *arm = &c->file->arms[i];
    mdp_err err;
    set_key(c, "arms[%u].name", i);
    MDP_TRY(check_name(c, arm->name));
    if (mdp_experiment_arm(c->file, arm->name) < (int)i)
        return mdp_yaml_refuse(c->yaml, c->key, "expected a new name, found '%s' again", arm->name);
    set_key(c, "arms[%u].run", i);
    int run = mdp_experiment_run(c->file, arm->run);
    if (run < 0) return mdp_yaml_refuse(c->yaml, c->key, "expected the name of a run, found '%s'", arm->run);
    if (c->file->runs[run].train.alone != NULL)
        return mdp_yaml_refuse(c->yaml, c->key, "expected a run with a diffusion module, found '%s', guidance alone",
                               arm->run);
    MDP_TRY(check_arm_guidance(c, i));
    MDP_TRY(check_evaluation(c, i));
out:
    return err;
}

/* ---- tables and figures ---- */

static mdp_err check_arms(struct check *c, const char *where, unsigned i, const char *list, const char **arms,
                          unsigned n, int is_once) {
    for (unsigned k = 0; k < n; k++) {
        set_key(c, "%s[%u].%s[%u]", where, i, list, k);
        if (mdp_experiment_arm(c->file, arms[k]) < 0)
            return mdp_yaml_refuse(c->yaml, c->key, "expected the name of an arm, found '%s'", arms[k]);
        if (is_once && is_repeated(arms, k))
            return mdp_yaml_refuse(c->yaml, c->key, "expected every arm once, found '%s' again", arms[k]);
    }
    return MDP_OK;
}

static mdp_err check_choices(struct check *c, unsigned i) {
    struct mdp_choices choices;
    struct mdp_choice_texts texts = c->file->tables[i].choices;
    for (int k = 0; k < MDP_N_CHOICES; k++) {
        const char *text = *mdp_choice_text_of(&texts, k);
        if (text == NULL || mdp_choice_set(&choices, k, text) == MDP_OK) continue;
        char why[256];
        snprintf(why, sizeof why, "%s", mdp_err_message());
        return mdp_yaml_refuse(c->yaml, set_key(c, "tables[%u].choices.%s", i, mdp_choice_key(k)), "%s", why);
    }
    return MDP_OK;
}

/* gains and variances set the k-th test arm against the k-th base arm; a base may be that of several */
static mdp_err check_sides(struct check *c, unsigned i, const struct mdp_table_spec *table) {
    const struct mdp_table_kind_spec *kind = mdp_table_kind_describe(table->kind);
    int lacks_test = table->test_count == 0, lacks_base = table->base_count == 0;
    mdp_err err;
    MDP_TRY(check_arms(c, "tables", i, "test", table->test, table->test_count, kind->needs != MDP_NEEDS_PAIRS));
    MDP_TRY(check_arms(c, "tables", i, "base", table->base, table->base_count, kind->needs != MDP_NEEDS_PAIRS));
    if (kind->needs >= MDP_NEEDS_BASE && (lacks_test || lacks_base))
        return mdp_yaml_refuse(c->yaml, set_key(c, "tables[%u]", i),
                               "expected arms in test and in base for kind %s, found %s", kind->name,
                               lacks_test && lacks_base ? "none"
                               : lacks_test             ? "none in test"
                                                        : "none in base");
    if (kind->needs == MDP_NEEDS_TEST && lacks_test)
        return mdp_yaml_refuse(c->yaml, set_key(c, "tables[%u]", i), "expected arms in test for kind %s, found none",
                               kind->name);
    if (kind->needs == MDP_NEEDS_PAIRS && table->test_count != table->base_count)
        return mdp_yaml_refuse(c->yaml, set_key(c, "tables[%u].base", i),
                               "expected an arm for each of the %u in test, found %u", table->test_count,
                               table->base_count);
out:
    return err;
}

static mdp_err check_table(struct check *c, unsigned i) {
    const struct mdp_table_spec *table = &c->file->tables[i];
    mdp_err err;
    set_key(c, "tables[%u].name", i);
    MDP_TRY(check_name(c, table->name));
    for (unsigned k = 0; k < i; k++)
        if (strcmp(c->file->tables[k].name, table->name) == 0)
            return mdp_yaml_refuse(c->yaml, c->key, "expected a new name, found '%s' again", table->name);
    MDP_TRY(check_sides(c, i, table));
    MDP_TRY(check_choices(c, i));
out:
    return err;
}

/* rows hold arms against each other, so they are of one panel */
static mdp_err check_figure(struct check *c, unsigned i) {
    const struct mdp_figure_spec *figure = &c->file->figures[i];
    mdp_err err;
    set_key(c, "figures[%u].name", i);
    MDP_TRY(check_name(c, figure->name));
    for (unsigned k = 0; k < i; k++)
        if (strcmp(c->file->figures[k].name, figure->name) == 0)
            return mdp_yaml_refuse(c->yaml, c->key, "expected a new name, found '%s' again", figure->name);
    if (figure->kind >= MDP_FIGURE_KIND_AGGREGATES && figure->panels_count > 1)
        return mdp_yaml_refuse(c->yaml, set_key(c, "figures[%u].panels", i), "expected one panel of kind %s, found %u",
                               mdp_names_at(mdp_figure_kind_names(), (int)figure->kind), figure->panels_count);
    if (figure->kind == MDP_FIGURE_KIND_IMPROVEMENT && figure->panels[0].arms_count < 2)
        return mdp_yaml_refuse(c->yaml, set_key(c, "figures[%u].panels[0].arms", i),
                               "expected two arms or more of kind improvement, found %u", figure->panels[0].arms_count);
    for (unsigned k = 0; k < figure->panels_count; k++) {
        const struct mdp_panel_spec *panel = &figure->panels[k];
        char list[32];
        snprintf(list, sizeof list, "panels[%u].arms", k);
        MDP_TRY(check_arms(c, "figures", i, list, panel->arms, panel->arms_count, 1));
        if (panel->arms_count < 1 || panel->arms_count > MDP_FIGURE_SERIES_MAX)
            return mdp_yaml_refuse(c->yaml, set_key(c, "figures[%u].%s", i, list), "expected 1 to %d arms, found %u",
                                   MDP_FIGURE_SERIES_MAX, panel->arms_count);
    }
out:
    return err;
}

mdp_err mdp_experiment_check(const struct mdp_yaml *yaml) {
    struct check c = {.yaml = yaml, .file = mdp_yaml_data(yaml)};
    const struct mdp_experiment_file *f = c.file;
    mdp_err err;
    MDP_TRY(check_settings(&c));
    unsigned n_own = f->runs_count + f->arms_count + f->tables_count + f->figures_count;
    if (f->parts_count > 0 && n_own > 0)
        return mdp_yaml_refuse(yaml, "parts", "expected either parts or runs, arms, tables and figures, found both");
    if (f->parts_count == 0 && (f->runs_count == 0 || f->arms_count == 0))
        return mdp_yaml_refuse(yaml, f->runs_count == 0 ? "runs" : "arms", "expected at least one, found none");
    for (unsigned i = 0; i < f->runs_count; i++) MDP_TRY(check_run(&c, i));
    for (unsigned i = 0; i < f->arms_count; i++) MDP_TRY(check_arm(&c, i));
    for (unsigned i = 0; i < f->tables_count; i++) MDP_TRY(check_table(&c, i));
    for (unsigned i = 0; i < f->figures_count; i++) MDP_TRY(check_figure(&c, i));
out:
    return err;
}
