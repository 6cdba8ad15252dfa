#include "bench/experiment/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "bench/run/names.h"

enum { USUAL_OFFSET = 100 };

/* ---- which training ---- */

uint64_t mdp_instance_seed(const struct mdp_experiment *e, const struct mdp_run_instance *run) {
    return e->is.seeds[run->i_seed] + (uint64_t)run->offset;
}

static struct mdp_run_instance shifted(const struct mdp_experiment *e, int i_run, const struct mdp_run_instance *from,
                                       long offset, long shift) {
    struct mdp_run_instance to = *from;
    to.i_run = i_run;
    to.i_seed = (int)((from->i_seed + shift) % (long)e->is.seeds_count);
    to.offset += offset;
    return to;
}

int mdp_instance_source(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                        struct mdp_run_instance *source) {
    const struct mdp_run_spec *spec = &e->is.runs[run->i_run];
    if (spec->from == NULL) return 0;
    *source = shifted(e, mdp_experiment_run(&e->is, spec->from), run, spec->seed_offset, spec->seed_shift);
    return 1;
}

struct mdp_run_instance mdp_arm_run(const struct mdp_experiment *e, const struct mdp_arm_instance *arm) {
    return (struct mdp_run_instance){mdp_experiment_run(&e->is, e->is.arms[arm->i_arm].run), arm->i_task, arm->i_seed,
                                     0};
}

int mdp_arm_source(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                   struct mdp_run_instance *source) {
    const struct mdp_arm_spec *spec = &e->is.arms[arm->i_arm];
    int i_run = spec->guidance != NULL ? mdp_experiment_run(&e->is, spec->guidance) : -1;
    if (i_run < 0) return 0;
    struct mdp_run_instance own = mdp_arm_run(e, arm);
    *source = shifted(e, i_run, &own, spec->seed_offset, spec->seed_shift);
    return 1;
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

/* a setting's number, with the digits that tell it from others */
static void append_number(char *text, size_t size, const char *name, double value) {
    char number[MDP_NUMBER_MAX];
    mdp_number_shortest(value, number);
    append(text, size, "%s%s", name, number);
}

/* a run that trains guidance, as part of other names: "iql", "dql-joint" */
static void write_variant(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]);

static void write_source(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_run_spec *run = &e->is.runs[i_run];
    char variant[MDP_VARIANT_MAX];
    if (run->guidance_only != NULL) {
        snprintf(text, MDP_VARIANT_MAX, "%s", run->guidance_only);
        return;
    }
    write_variant(e, i_run, variant);
    snprintf(text, MDP_VARIANT_MAX, "%s-%.100s", run->algo, variant);
}

/* the folder between algorithm and seed: what acts in training, and every setting that is not the usual one */
static void write_variant(const struct mdp_experiment *e, int i_run, char text[MDP_VARIANT_MAX]) {
    const struct mdp_run_spec *run = &e->is.runs[i_run];
    char source[MDP_VARIANT_MAX];
    snprintf(text, MDP_VARIANT_MAX, "%s", mdp_mode_describe(run->guidance)->name);
    if (run->from != NULL) {
        int i_source = mdp_experiment_run(&e->is, run->from);
        const struct mdp_run_spec *from = &e->is.runs[i_source];
        int is_usual = from->algo != NULL && strcmp(from->algo, run->algo) == 0 && from->guidance == MDP_MODE_JOINT &&
                       from->eta == NULL && run->seed_offset == USUAL_OFFSET && run->seed_shift == 0;
        write_source(e, i_source, source);
        if (!is_usual) append(text, MDP_VARIANT_MAX, "-%.90s+%ld", source, run->seed_offset);
        if (run->seed_shift != 0) append(text, MDP_VARIANT_MAX, "-shift%ld", run->seed_shift);
    }
    if (run->noise != NULL && strcmp(run->noise, "net") != 0) append(text, MDP_VARIANT_MAX, "-%s", run->noise);
    if (run->eta != NULL && *run->eta != 1) append_number(text, MDP_VARIANT_MAX, "-eta", *run->eta);
    if (strcmp(e->is.precision, "f32") != 0) append(text, MDP_VARIANT_MAX, "-%s", e->is.precision);
}

/* between step and ending of an episodes file: every setting of the arm that is not the usual one, each with a dot */
static void write_label(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, char text[256]) {
    const struct mdp_arm_spec *spec = &e->is.arms[arm->i_arm];
    struct mdp_run_instance source;
    char name[MDP_VARIANT_MAX];
    text[0] = 0;
    if (spec->guidance != NULL && strcmp(spec->guidance, "none") == 0) append(text, 256, ".unguided");
    if (mdp_arm_source(e, arm, &source)) {
        write_source(e, source.i_run, name);
        append(text, 256, ".by-%s-seed%lu%s", name, (unsigned long)mdp_instance_seed(e, &source),
               spec->at == MDP_AT_LAST ? "-last" : "");
    }
    if (spec->candidates != 0) append(text, 256, ".n%ld", spec->candidates);
    if (spec->solver != NULL) append(text, 256, ".%s", spec->solver);
    if (spec->sampling_steps != 0) append(text, 256, ".k%ld", spec->sampling_steps);
    if (spec->w_t != NULL) append_number(text, 256, ".w", *spec->w_t);
    if (spec->lambda != NULL) append_number(text, 256, ".lambda", *spec->lambda);
    if (spec->langevin_steps != 0) append(text, 256, ".langevin%ld", spec->langevin_steps);
    if (spec->langevin_steps != 0) append_number(text, 256, "x", *spec->langevin_step_size);
    if (spec->langevin_time != NULL) append(text, 256, "-%ld", (long)*spec->langevin_time);
    if (spec->temperature != NULL) append_number(text, 256, ".t", *spec->temperature);
    if (strcmp(e->is.evaluation_precision, e->is.precision) != 0) append(text, 256, ".%s", e->is.evaluation_precision);
    if (arm->is_online) append(text, 256, "." MDP_LABEL_ONLINE);
}

const char *mdp_arm_title(const struct mdp_experiment *e, int i_arm) {
    const struct mdp_arm_spec *arm = &e->is.arms[i_arm];
    return arm->title != NULL ? arm->title : arm->name;
}

/* ---- paths ---- */

mdp_err mdp_data_path(const struct mdp_experiment *e, int i_task, char path[MDP_PATH_MAX]) {
    return mdp_dataset_path(e->is.data, e->is.tasks[i_task], path);
}

mdp_err mdp_instance_folder(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                            char path[MDP_PATH_MAX]) {
    const struct mdp_run_spec *spec = &e->is.runs[run->i_run];
    char variant[MDP_VARIANT_MAX];
    uint64_t seed = mdp_instance_seed(e, run);
    const char *task = e->is.tasks[run->i_task];
    if (spec->guidance_only != NULL)
        return mdp_run_folder(e->is.folder, task, "guidance", spec->guidance_only, seed, path);
    write_variant(e, run->i_run, variant);
    return mdp_run_folder(e->is.folder, task, spec->algo, variant, seed, path);
}

mdp_err mdp_arm_guidance_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]) {
    struct mdp_run_instance source;
    char folder[MDP_PATH_MAX];
    path[0] = 0;
    if (!mdp_arm_source(e, arm, &source)) return MDP_OK;
    mdp_err err = mdp_instance_folder(e, &source, folder);
    if (err != MDP_OK) return err;
    long step = e->is.arms[arm->i_arm].at == MDP_AT_LAST ? e->is.steps : arm->step;
    return mdp_step_path(folder, step, "", MDP_FILE_GUIDANCE, path);
}

mdp_err mdp_arm_episodes_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]) {
    struct mdp_run_instance run = mdp_arm_run(e, arm);
    char folder[MDP_PATH_MAX], label[256];
    mdp_err err = mdp_instance_folder(e, &run, folder);
    if (err != MDP_OK) return err;
    write_label(e, arm, label);
    return mdp_step_path(folder, arm->step, label[0] == '.' ? label + 1 : label, MDP_FILE_EPISODES, path);
}
