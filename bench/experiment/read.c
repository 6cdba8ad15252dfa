#include "bench/experiment/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/experiment/check.h"
#include "bench/experiment/paths.h"
#include "bench/experiment/schema.h"
#include "bench/yaml/yaml.h"

/* ---- a part and the file that lists it ---- */

static void settle(struct mdp_experiment_file *file) {
    static const char *ema[] = {"ema"};
    if (!MDP_GIVEN(&mdp_eval_table, &file->eval, precision)) file->eval.precision = file->train.precision;
    if (file->evaluate_every == 0) file->evaluate_every = file->train.every;
    if (file->actors_count == 0) file->actors = ema, file->actors_count = 1;
}

/* for every run an arm of its own evaluations, by which its best guidance may be chosen */
static mdp_err add_choices(struct mdp_experiment *e) {
    struct mdp_experiment_file *file = &e->file;
    mdp_err err;
    MDP_TRY(mdp_calloc(&e->arms, (unsigned long)file->arms_count + file->runs_count, sizeof *e->arms, "arms"));
    for (unsigned i = 0; i < file->arms_count; i++) e->arms[i] = file->arms[i];
    for (unsigned i = 0; i < file->runs_count; i++) {
        struct mdp_arm_spec *arm = &e->arms[mdp_choice_arm(file, (int)i)];
        mdp_settings_defaults(&mdp_eval_table, &arm->eval);
        arm->name = arm->run = file->runs[i].name;
        arm->source.seed = -1;
        arm->is_choice = 1;
    }
    file->arms = e->arms;
out:
    return err;
}

static mdp_err check_which(const struct mdp_experiment_file *file, const struct mdp_yaml *own, const char *list,
                           unsigned i, const struct mdp_source_spec *source) {
    char key[64];
    long shift = source->seed_shift, step = mdp_source_step(source);
    snprintf(key, sizeof key, "%s[%u].seed-shift", list, i);
    if (shift != 0 && shift % (long)file->seeds_count == 0)
        return mdp_yaml_refuse(own, key, "expected a shift to another of the %u seeds, found %ld", file->seeds_count,
                               shift);
    snprintf(key, sizeof key, "%s[%u].at", list, i);
    if (step % file->train.every != 0 || step > file->train.n_steps)
        return mdp_yaml_refuse(own, key, "expected a multiple of checkpoint-every %ld up to steps %ld, found %ld",
                               file->train.every, file->train.n_steps, step);
    if (mdp_source_is_best(source) && file->best_seed == file->eval.seed)
        return mdp_yaml_refuse(own, key, "expected a best-seed other than evaluation-seed %lu, found the same",
                               (unsigned long)file->eval.seed);
    return MDP_OK;
}

/* seeds and steps of guidance that comes from other runs */
static mdp_err check_sources(const struct mdp_experiment_file *file, const struct mdp_yaml *own) {
    mdp_err err = MDP_OK;
    for (unsigned i = 0; err == MDP_OK && i < file->runs_count; i++)
        err = check_which(file, own, "runs", i, &file->runs[i].source);
    for (unsigned i = 0; err == MDP_OK && i < file->arms_count; i++)
        err = check_which(file, own, "arms", i, &file->arms[i].source);
    return err;
}

/* checks that need the whole set; the mistake is reported in the top file unless a part alone is wrong */
static mdp_err check_whole(const struct mdp_experiment *e, const struct mdp_yaml *own, const struct mdp_yaml *top) {
    const struct mdp_experiment_file *file = &e->file;
    if (file->tasks_count == 0) return mdp_yaml_refuse(own, "tasks", "expected tasks, found none");
    if (file->seeds_count == 0) return mdp_yaml_refuse(own, "seeds", "expected seeds, found none");
    if (file->evaluate_every % file->train.every != 0)
        return mdp_yaml_refuse(mdp_yaml_line(top, "evaluate-every") > 0 ? top : own, "evaluate-every",
                               "expected a multiple of checkpoint-every %ld, found %ld", file->train.every,
                               file->evaluate_every);
    if (file->train.n_steps < file->evaluate_every)
        return mdp_yaml_refuse(mdp_yaml_line(top, "steps") > 0 ? top : own, "steps",
                               "expected at least evaluate-every %ld, found %ld", file->evaluate_every,
                               file->train.n_steps);
    mdp_err err = check_sources(file, own);
    return err == MDP_OK ? mdp_experiment_check_whole(e, own, top) : err;
}

/* ---- files ---- */

static mdp_err read_file(struct mdp_experiments *set, const char *path) {
    mdp_err err;
    char *copy = strdup(path);
    if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for its name", path);
    set->paths[set->n_files] = copy;
    struct mdp_yaml **yaml = &set->yaml[set->n_files++];
    MDP_TRY(mdp_yaml_read(path, &mdp_experiment_table, yaml));
    const struct mdp_experiment_file *file = mdp_yaml_data(*yaml);
    for (unsigned i = 0; i < file->runs_count; i++) mdp_training_complete(&file->runs[i].train);
    MDP_TRY(mdp_experiment_check(*yaml));
out:
    return err;
}

static mdp_err add_part(struct mdp_experiments *set, int i_file) {
    struct mdp_experiment *e = &set->list[set->n++];
    e->path = set->paths[i_file];
    e->file = *(const struct mdp_experiment_file *)mdp_yaml_data(set->yaml[i_file]);
    /* what the top file gives replaces the part's own; where it is its own part, nothing changes */
    mdp_settings_overlay(&mdp_experiment_table, MDP_FOR_EXPERIMENT, &e->file, mdp_yaml_data(set->yaml[0]));
    settle(&e->file);
    return add_choices(e);
}

/* parts are named relative to the folder of the file that lists them */
static mdp_err read_part(struct mdp_experiments *set, const char *top, const char *part, unsigned i) {
    char path[MDP_PATH_MAX], key[32];
    mdp_err err;
    MDP_TRY(mdp_fsx_path(path, "%.*s%s", (int)(mdp_path_name(top) - top), top, part));
    MDP_TRY(read_file(set, path));
    const struct mdp_experiment_file *file = mdp_yaml_data(set->yaml[set->n_files - 1]);
    snprintf(key, sizeof key, "parts[%u]", i);
    if (file->parts_count > 0)
        MDP_TRY(mdp_yaml_refuse(set->yaml[0], key, "expected a file without parts of its own, found '%s'", part));
    for (int k = 1; k < set->n_files - 1; k++)
        if (strcmp(((const struct mdp_experiment_file *)mdp_yaml_data(set->yaml[k]))->name, file->name) == 0)
            MDP_TRY(mdp_yaml_refuse(set->yaml[0], key, "expected a new name, found '%s' of %s again", file->name,
                                    set->paths[k]));
    MDP_TRY(add_part(set, set->n_files - 1));
    MDP_TRY(check_whole(&set->list[set->n - 1], set->yaml[set->n_files - 1], set->yaml[0]));
out:
    return err;
}

mdp_err mdp_experiments_read(const char *path, struct mdp_experiments *out) {
    mdp_err err;
    enum { MOST_FILES = 257 };
    *out = (struct mdp_experiments){.n = 0};
    MDP_TRY(mdp_calloc(&out->yaml, MOST_FILES, sizeof *out->yaml, path));
    MDP_TRY(mdp_calloc(&out->paths, MOST_FILES, sizeof *out->paths, path));
    MDP_TRY(mdp_calloc(&out->list, MOST_FILES, sizeof *out->list, path));
    MDP_TRY(read_file(out, path));
    const struct mdp_experiment_file *top = mdp_yaml_data(out->yaml[0]);
    out->name = top->name;
    out->title = top->title != NULL ? top->title : top->name;
    for (unsigned i = 0; i < top->parts_count; i++) MDP_TRY(read_part(out, path, top->parts[i], i));
    if (top->parts_count > 0) return MDP_OK;
    MDP_TRY(add_part(out, 0));
    MDP_TRY(check_whole(&out->list[0], out->yaml[0], out->yaml[0]));
out:
    if (err != MDP_OK) mdp_experiments_free(out);
    return err;
}

void mdp_experiments_free(struct mdp_experiments *experiments) {
    for (int i = 0; i < experiments->n; i++) free(experiments->list[i].arms);
    for (int i = 0; i < experiments->n_files; i++) {
        mdp_yaml_free(experiments->yaml[i]);
        free(experiments->paths[i]);
    }
    free(experiments->yaml);
    free(experiments->paths);
    free(experiments->list);
    *experiments = (struct mdp_experiments){.n = 0};
}
