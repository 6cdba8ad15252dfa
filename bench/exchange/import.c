#include "bench/exchange/import.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "base/claim.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/exchange/foreign_windows.h"
#include "bench/run/modules.h"
#include "bench/run/names.h"
#include "bench/run/normalizer_file.h"
#include "bench/run/outputs.h"
#include "bench/run/task.h"
#include "bench/run/world.h"
#include "bench/run/which_world.h"
#include "results/dataset.h"
#include "results/checkpoint_metadata.h"
#include "results/tensors/open.h"

/* a run of the verb: every file twice, the second time to write */
struct job {
    const struct mdp_import *import;
    FILE *stream; /* gets the names of outputs */
    int is_write;
    int has_normalizer; /* the three below are filled */
    struct mdp_normalizer normalizer;
    char data[MDP_PATH_MAX];     /* the dataset's file */
    const char *normalizer_path; /* NULL for none */
    char normalizer_hash[17];
    struct mdp_tensor_file *inverse; /* a planner's network of actions, which stands beside its denoiser; NULL: none */
    int n_denoisers;                 /* of planners, in either pass */
    int n_lent;                      /* energies that took action values of the file of these, in either pass */
    int n_planned;
    char (*planned)[MDP_PATH_MAX]; /* outputs of the first pass */
};

/* a module on its way from a file to a file; one of the two is NULL */
struct product {
    const char *source;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_module_facts facts;
};

/* ---- outputs ---- */

/* task and algorithm may come from the file itself, and become folders */
static mdp_err check_names(const struct product *product) {
    const struct mdp_module_facts *facts = &product->facts;
    if (mdp_label_check(facts->task) != MDP_OK) return mdp_fail_context(MDP_E_DATA, "%s: task", product->source);
    if (mdp_label_check(facts->algo) != MDP_OK) return mdp_fail_context(MDP_E_DATA, "%s: algo", product->source);
    return MDP_OK;
}

static mdp_err output_path(const struct job *job, const struct product *product, char path[MDP_PATH_MAX]) {
    const struct mdp_module_facts *facts = &product->facts;
    /* noise is one for all steps of a run */
    int is_noise = product->guidance != NULL && product->guidance->config.kind == &mdp_guidance_noise;
    char folder[MDP_PATH_MAX];
    mdp_err err = check_names(product);
    if (err != MDP_OK) return err;
    err = job->import->folder != NULL
              ? mdp_fsx_path(folder, "%s", job->import->folder)
              : mdp_run_folder("runs", facts->task, facts->algo, "imported", facts->seed, folder);
    if (err != MDP_OK) return err;
    if (is_noise) return mdp_run_path(folder, MDP_RUN_NOISE, path);
    return mdp_step_path(folder, facts->step, "", product->diffusion != NULL ? MDP_FILE_DIFFUSION : MDP_FILE_GUIDANCE,
                         path);
}

/* what is there must be what would be written */
static mdp_err check_existing(const char *path, const struct mdp_module_facts *facts) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    if (!mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(mdp_check_same_settings(path, info.head.settings, facts->settings, MDP_WAY_OUT));
    MDP_TRY(mdp_check_same_settings(path, info.head.inputs, facts->inputs, MDP_WAY_OUT));
out:
    mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err plan(struct job *job, const struct product *product, const char *path) {
    for (int i = 0; i < job->n_planned; i++)
        if (strcmp(job->planned[i], path) == 0)
            return mdp_fail(MDP_E_USAGE,
                            "%s: expected a module of another kind or step than those before, found a second %s",
                            product->source, path);
    strcpy(job->planned[job->n_planned++], path);
    return check_existing(path, &product->facts);
}

/* what another process has made since the first pass is asked again */
static mdp_err write_module(const struct product *product, const char *path) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(path));
    MDP_TRY(mdp_claim_take(path, &claim));
    MDP_TRY(check_existing(path, &product->facts));
    if (mdp_fsx_exists(path)) {
        mdp_log("%s: exists with these settings, not made again", path);
        goto out;
    }
    MDP_TRY(product->diffusion != NULL ? mdp_diffusion_write(path, product->diffusion, &product->facts)
                                       : mdp_guidance_write(path, product->guidance, &product->facts));
out:
    mdp_claim_free(claim);
    return err;
}

static mdp_err emit(struct job *job, const struct product *product) {
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(output_path(job, product, path));
    if (!job->is_write) return plan(job, product, path);
    MDP_TRY(write_module(product, path));
    mdp_text_print_line(job->stream, "%s", path);
out:
    return err;
}

/* ---- files that say themselves what they are ---- */

static mdp_err contradicts(const char *path, const char *option, const char *expected, const char *found) {
    return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected %s as the file says, found %s", path, option, expected,
                    found);
}

static mdp_err check_whole(const char *path, const char *option, uint64_t said, long given) {
    char expected[24], found[24];
    if (given < 0 || (uint64_t)given == said) return MDP_OK;
    snprintf(expected, sizeof expected, "%" PRIu64, said);
    snprintf(found, sizeof found, "%ld", given);
    return contradicts(path, option, expected, found);
}

static mdp_err check_options(const struct mdp_import *import, const char *path,
                             const struct mdp_checkpoint_info *info) {
    struct mdp_task task;
    mdp_err err = MDP_OK;
    if (import->data != NULL || import->normalizer != NULL)
        return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected none, because the file brings its normaliser, found %s",
                        path, import->data != NULL ? "data" : "normalizer",
                        import->data != NULL ? import->data : import->normalizer);
    if (import->horizon > 0)
        return mdp_fail(MDP_E_USAGE,
                        "%s: option --horizon: expected none, because the file says what it sees, found %ld", path,
                        import->horizon);
    if (import->task != NULL) {
        MDP_TRY(mdp_task_label(import->task, &task));
        if (strcmp(task.name, info->task) != 0) return contradicts(path, "task", info->task, task.name);
    }
    if (import->algo != NULL && strcmp(import->algo, info->algo) != 0)
        return contradicts(path, "algo", info->algo, import->algo);
    MDP_TRY(check_whole(path, "seed", info->seed, import->seed));
    MDP_TRY(check_whole(path, "step", (uint64_t)info->step, import->step));
out:
    return err;
}

static struct mdp_module_facts facts_of(const struct mdp_checkpoint_info *info) {
    return (struct mdp_module_facts){.algo = info->algo,
                                     .task = info->task,
                                     .seed = info->seed,
                                     .step = (long)info->step,
                                     .n_obs = info->n_obs,
                                     .n_act = info->n_act,
                                     .normalizer = &info->normalizer,
                                     .settings = info->head.settings,
                                     .inputs = info->head.inputs,
                                     .isa = info->isa};
}

static mdp_err check_kind(const char *path, const struct mdp_checkpoint_info *info) {
    if (strcmp(info->kind, "diffusion") == 0 || strcmp(info->kind, "guidance") == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: kind: expected diffusion or guidance, found %s", path, info->kind);
}

static mdp_err import_h5(struct job *job, const char *path) {
    struct mdp_checkpoint_info info = {.step = 0}, unused = {.step = 0};
    struct product product = {.source = path};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    MDP_TRY(check_kind(path, &info));
    MDP_TRY(check_options(job->import, path, &info));
    MDP_TRY(strcmp(info.kind, "diffusion") == 0 ? mdp_diffusion_read(path, &product.diffusion, &unused)
                                                : mdp_guidance_read(path, &product.guidance, &unused));
    product.facts = facts_of(&info);
    MDP_TRY(emit(job, &product));
out:
    mdp_diffusion_free(product.diffusion);
    mdp_guidance_free(product.guidance);
    mdp_checkpoint_info_free(&info);
    mdp_checkpoint_info_free(&unused);
    return err;
}

static mdp_err import_exported(struct job *job, const struct mdp_tensor_file *file) {
    struct mdp_checkpoint_info info = {.step = 0};
    struct mdp_foreign foreign = {.has_diffusion = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_from_metadata(file->path, file->metadata, &info));
    MDP_TRY(check_kind(file->path, &info));
    MDP_TRY(check_options(job->import, file->path, &info));
    foreign.has_diffusion = strcmp(info.kind, "diffusion") == 0;
    foreign.has_guidance = !foreign.has_diffusion;
    MDP_TRY(foreign.has_diffusion ? mdp_diffusion_settings(file->path, &info, &foreign.diffusion_config)
                                  : mdp_guidance_settings(file->path, &info, &foreign.guidance_config));
    MDP_TRY(mdp_foreign_sees_windows(&foreign) ? mdp_foreign_windows_load(file, NULL, &foreign)
                                               : mdp_foreign_load(file, &foreign));
    MDP_TRY(emit(job, &(struct product){file->path, foreign.diffusion, foreign.guidance, facts_of(&info)}));
out:
    mdp_foreign_free(&foreign);
    mdp_checkpoint_info_free(&info);
    return err;
}

/* ---- files of other programs ---- */

/* the number at the end of a name: diffusion_ckpt_400.pt, dql_400.safetensors, step000400.pt */
static mdp_err step_of(const struct mdp_import *import, const char *path, long *step) {
    const char *name = mdp_path_name(path), *end;
    *step = import->step;
    if (import->step >= 0) return MDP_OK;
    end = strrchr(name, '.');
    if (end == NULL) end = name + strlen(name);
    const char *digits = end;
    while (digits > name && isdigit((unsigned char)digits[-1])) digits--;
    int is_step =
        end > digits && end - digits < 10 && digits > name &&
        (digits[-1] == '_' || digits[-1] == '-' || (digits - name >= 4 && strncmp(digits - 4, "step", 4) == 0));
    if (is_step) *step = strtol(digits, NULL, 10);
    if (is_step) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s: option --step: expected the gradient steps done, or a name that ends in them as "
                    "diffusion_ckpt_400.pt does, found neither",
                    path);
}

/* once for all files */
static mdp_err get_normalizer(struct job *job) {
    const struct mdp_import *import = job->import;
    uint64_t hash;
    mdp_err err;
    if (job->has_normalizer) return MDP_OK;
    if (import->normalizer != NULL && strcmp(import->normalizer, "none") == 0) {
        job->has_normalizer = 1;
        return MDP_OK;
    }
    if (import->data != NULL) MDP_TRY(mdp_dataset_file(import->data, job->data));
    job->normalizer_path = import->data != NULL ? job->data : import->normalizer;
    MDP_TRY(import->data != NULL ? mdp_dataset_normalizer(job->data, &job->normalizer)
                                 : mdp_normalizer_of_file(import->normalizer, &job->normalizer));
    MDP_TRY(mdp_fsx_hash(job->normalizer_path, &hash));
    snprintf(job->normalizer_hash, sizeof job->normalizer_hash, "%016" PRIx64, hash);
    job->has_normalizer = 1;
out:
    return err;
}

/* what such a file cannot tell */
static mdp_err check_said(const struct mdp_import *import, const char *path) {
    static const char why[] = "the file does not say it";
    if (import->task == NULL)
        return mdp_fail(MDP_E_USAGE, "%s: option --task: expected the task it was trained on, found none: %s", path,
                        why);
    if (import->algo == NULL)
        return mdp_fail(MDP_E_USAGE, "%s: option --algo: expected the algorithm, found none: %s", path, why);
    if ((import->data != NULL) + (import->normalizer != NULL) != 1)
        return mdp_fail(MDP_E_USAGE,
                        "%s: how observations are normalised: expected --data with the dataset it was trained on, or "
                        "--normalizer with its mean and deviation (or 'none'), found %s: %s",
                        path, import->data != NULL ? "both" : "neither", why);
    return MDP_OK;
}

/* value networks tell only how wide state and action are together: with a normaliser of other data, what is left for
 * the actions is wrong, and the normaliser is to blame */
static int is_normalizer_of_other_data(const struct job *job, const struct mdp_task *task, int n_obs, int n_act) {
    return job->normalizer.n == n_obs && n_obs != task->n_obs && n_obs + n_act == task->n_obs + task->n_act;
}

/* sizes that contradict the normaliser or the environment's actions are refused; other observations than the
 * environment's are only told, as they matter once the policy acts */
static mdp_err check_fit(const struct job *job, const char *path, const struct mdp_task *task, int n_obs, int n_act) {
    if (job->normalizer.n > 0 && job->normalizer.n != n_obs)
        return mdp_fail(MDP_E_DATA, "%s: expected %d observations as in %s, found %d", path, job->normalizer.n,
                        job->normalizer_path, n_obs);
    if (task->spec == NULL) return MDP_OK;
    if (n_act != task->spec->n_act && is_normalizer_of_other_data(job, task, n_obs, n_act))
        return mdp_fail(MDP_E_DATA, "%s: expected %d observations as %s has, found %d", job->normalizer_path,
                        task->spec->n_obs, task->spec->id, n_obs);
    if (n_act != task->spec->n_act)
        return mdp_fail(MDP_E_DATA, "%s: expected %d actions as %s has, found %d", path, task->spec->n_act,
                        task->spec->id, n_act);
    if (n_obs != task->spec->n_obs && !job->is_write)
        mdp_log("%s: has %d observations, %s has %d: eval will refuse it", path, n_obs, task->spec->id,
                task->spec->n_obs);
    return MDP_OK;
}

/* as a training would: what the module is made of, and which files it came from */
static mdp_err describe(const struct job *job, const struct product *product, char **settings, char **inputs) {
    const struct mdp_module_facts *facts = &product->facts;
    char source[17];
    uint64_t hash;
    json_t *files = json_object();
    mdp_err err;
    MDP_TRY(mdp_fsx_hash(product->source, &hash));
    MDP_TRY(mdp_inputs_add(files, product->source));
    if (product->diffusion != NULL && product->diffusion->inverse != NULL)
        MDP_TRY(mdp_inputs_add(files, job->inverse->path));
    if (job->normalizer_path != NULL) MDP_TRY(mdp_inputs_add(files, job->normalizer_path));
    if (product->guidance != NULL && job->import->values != NULL) MDP_TRY(mdp_inputs_add(files, job->import->values));
    snprintf(source, sizeof source, "%016" PRIx64, hash);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "task", facts->task, "algo", facts->algo, "mode", "imported",
                  "precision", MDP_PRECISION_DEFAULT, "source", source, "normalizer",
                  job->normalizer_path != NULL ? job->normalizer_hash : "none", "seed", (json_int_t)facts->seed);
    if (product->diffusion != NULL)
        json_object_set_new(object, "diffusion", mdp_diffusion_json(&product->diffusion->config));
    else
        json_object_set_new(object, "guidance", mdp_guidance_json(&product->guidance->config));
    MDP_TRY(mdp_json_text(object, settings));
    MDP_TRY(mdp_json_text(json_incref(files), inputs));
out:
    json_decref(files);
    return err;
}

static mdp_err emit_foreign(struct job *job, struct product *product) {
    char *settings = NULL, *inputs = NULL;
    mdp_err err;
    MDP_TRY(describe(job, product, &settings, &inputs));
    product->facts.settings = settings;
    product->facts.inputs = inputs;
    MDP_TRY(emit(job, product));
out:
    free(settings);
    free(inputs);
    return err;
}

/* whether a path has a word: letters and digits between other characters */
static int has_word(const char *path, const char *word) {
    size_t n = strlen(word);
    for (const char *c = path; *c != 0; c++)
        if ((c == path || !isalnum((unsigned char)c[-1])) && strncasecmp(c, word, n) == 0 &&
            !isalnum((unsigned char)c[n]))
            return 1;
    return 0;
}

/* modules of both may have the same names and shapes */
static int are_alike(const struct mdp_algorithm *a, const struct mdp_algorithm *b) {
    return a->denoiser == b->denoiser || a->guidance == b->guidance;
}

/* tensors of DQL and EDP have the same names and shapes, and a module of the wrong one acts without a sign of it. what
 * a path says of itself is all there is to go by */
static mdp_err check_path_algorithm(const struct mdp_import *import, const char *path) {
    const struct mdp_algorithm *said, *other;
    mdp_err err = mdp_algorithm_find(import->algo, &said);
    if (err != MDP_OK || import->is_sure || has_word(path, import->algo)) return err;
    for (int i = 0; (other = mdp_algorithm_at(i)) != NULL; i++)
        if (are_alike(said, other) && has_word(path, other->name))
            return mdp_fail(MDP_E_USAGE,
                            "%s: expected a path of %s as option --algo says, found the word %s, whose files may have "
                            "the same shapes: give --algo %s, or --sure beside --algo %s",
                            path, import->algo, other->name, other->name, import->algo);
    return MDP_OK;
}

/* says which other algorithms have networks of the same names and shapes, where nothing but --algo tells them apart */
static void say_others(const struct mdp_import *import, const char *path, const struct mdp_foreign *foreign) {
    char others[128] = "";
    const struct mdp_algorithm *algorithm;
    if (import->is_sure || has_word(path, import->algo)) return;
    for (int i = 0; (algorithm = mdp_algorithm_at(i)) != NULL; i++) {
        int fits = (!foreign->has_diffusion || algorithm->denoiser == foreign->diffusion_config.kind) &&
                   (!foreign->has_guidance || algorithm->guidance == foreign->guidance_config.kind);
        size_t used = strlen(others);
        if (fits && strcmp(algorithm->name, import->algo) != 0)
            snprintf(others + used, sizeof others - used, "%s%s", used > 0 ? ", " : "", algorithm->name);
    }
    if (others[0] != 0)
        mdp_log("%s: taken as %s, as option --algo says; its names and shapes fit %s as well", path, import->algo,
                others);
}

/* what no shape tells of windows */
static void shape_windows(const struct mdp_import *import, const char *task, struct mdp_foreign *foreign) {
    const struct mdp_algorithm *algorithm = mdp_algorithm_of_denoiser(foreign->diffusion_config.kind);
    const struct mdp_plan_tuning *tuned = mdp_plan_tuned(algorithm, task);
    mdp_plan_windows(tuned, import->horizon, &foreign->diffusion_config.windows);
    foreign->guidance_config.windows = foreign->diffusion_config.windows;
    if (tuned != NULL) foreign->diffusion_config.return_scale = tuned->scale;
}

static mdp_err measure(struct job *job, const struct mdp_tensor_file *file, const struct mdp_task *task,
                       struct mdp_foreign *foreign) {
    int n_obs = job->normalizer.n > 0 ? job->normalizer.n : task->n_obs;
    const int is_planner = mdp_denoiser_makes_windows(foreign->diffusion_config.kind);
    if (!is_planner && job->import->horizon > 0)
        return mdp_fail(MDP_E_USAGE, "%s: option --horizon: expected none, as %s does not plan, found %ld", file->path,
                        job->import->algo, job->import->horizon);
    if (!is_planner) return mdp_foreign_measure(file, n_obs, foreign);
    shape_windows(job->import, task->name, foreign);
    mdp_err err = mdp_foreign_windows_measure(file, job->inverse, n_obs, foreign);
    job->n_denoisers += err == MDP_OK && foreign->has_diffusion;
    return err;
}

/* an energy is saved without the action values that it came from */
static mdp_err lend_values(struct job *job, struct mdp_tensor_file *file, struct mdp_tensor_file **values) {
    const char *path = job->import->values;
    mdp_err err;
    if (mdp_tensor_file_find(file, "q.Q1.0.weight") != NULL && path == NULL) return MDP_OK;
    if (path == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "%s: option --values: expected the file of the action values that its energy came from "
                        "(q_ckpt_N.pt), found none",
                        file->path);
    MDP_TRY(mdp_tensor_file_open(path, values));
    MDP_TRY(mdp_foreign_prepare(*values, !job->is_write));
    MDP_TRY(mdp_foreign_lend_values(file, *values));
    job->n_lent++;
out:
    return err;
}

/* another program's file says little of itself: the options name algorithm and task, the shapes give the sizes, and
 * both must fit before values are read */
static mdp_err import_foreign(struct job *job, struct mdp_tensor_file *file) {
    const struct mdp_import *import = job->import;
    struct mdp_foreign foreign = {.has_diffusion = 0};
    struct mdp_tensor_file *values = NULL;
    struct mdp_task task;
    mdp_err err;
    MDP_TRY(check_said(import, file->path));
    MDP_TRY(mdp_task_label(import->task, &task));
    if (!job->is_write) mdp_task_note(&task);
    if (mdp_foreign_algorithm(import->algo, &foreign) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_USAGE, "import: option --algo"));
    struct mdp_module_facts facts = {.algo = import->algo,
                                     .task = task.name,
                                     .seed = import->seed < 0 ? 0 : (uint64_t)import->seed,
                                     .normalizer = &job->normalizer,
                                     .isa = ""};
    MDP_TRY(step_of(import, file->path, &facts.step));
    MDP_TRY(get_normalizer(job));
    MDP_TRY(mdp_foreign_prepare(file, !job->is_write));
    if (mdp_tensor_file_find(file, "energy.obs_proj.weight") != NULL) MDP_TRY(lend_values(job, file, &values));
    MDP_TRY(measure(job, file, &task, &foreign));
    facts.n_obs = foreign.has_diffusion ? foreign.diffusion_config.n_obs : foreign.guidance_config.n_obs;
    facts.n_act = foreign.has_diffusion ? foreign.diffusion_config.n_act : foreign.guidance_config.n_act;
    MDP_TRY(check_fit(job, file->path, &task, facts.n_obs, facts.n_act));
    if (import->data != NULL && task.spec != NULL) MDP_TRY(mdp_which_world_check(import->data, task.name, task.spec));
    MDP_TRY(check_path_algorithm(import, file->path));
    MDP_TRY(mdp_foreign_sees_windows(&foreign) ? mdp_foreign_windows_load(file, job->inverse, &foreign)
                                               : mdp_foreign_load(file, &foreign));
    if (foreign.diffusion != NULL)
        MDP_TRY(emit_foreign(job, &(struct product){file->path, foreign.diffusion, NULL, facts}));
    if (foreign.guidance != NULL)
        MDP_TRY(emit_foreign(job, &(struct product){file->path, NULL, foreign.guidance, facts}));
    if (job->is_write) say_others(import, file->path, &foreign);
out:
    mdp_foreign_free(&foreign);
    mdp_tensor_file_free(values);
    return err;
}

/* ---- all files ---- */

static mdp_err import_file(struct job *job, const char *path) {
    struct mdp_tensor_file *file = NULL;
    enum mdp_tensor_format format;
    mdp_err err;
    MDP_TRY(mdp_tensor_format_find(path, &format));
    if (format == MDP_FORMAT_HDF5) return import_h5(job, path);
    MDP_TRY(mdp_tensor_file_open(path, &file));
    /* read where its denoiser is */
    if (job->inverse != NULL && mdp_foreign_is_inverse(file)) goto out;
    MDP_TRY(mdp_checkpoint_is_metadata(file->metadata) ? import_exported(job, file) : import_foreign(job, file));
out:
    mdp_tensor_file_free(file);
    return err;
}

/* of the files of a planner that has one */
static mdp_err find_inverse(struct job *job, int n_files, char **files) {
    const struct mdp_algorithm *algorithm;
    struct mdp_tensor_file *file = NULL;
    enum mdp_tensor_format format;
    mdp_err err = MDP_OK;
    if (job->import->algo == NULL || mdp_algorithm_find(job->import->algo, &algorithm) != MDP_OK ||
        algorithm->denoiser != MDP_DENOISER_WINDOW_TRANSFORMER)
        return MDP_OK;
    for (int i = 0; i < n_files; i++) {
        MDP_TRY(mdp_tensor_format_find(files[i], &format));
        if (format == MDP_FORMAT_HDF5) continue;
        MDP_TRY(mdp_tensor_file_open(files[i], &file));
        int is_inverse = mdp_foreign_is_inverse(file);
        if (is_inverse && job->inverse != NULL)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected one network of actions, found that of %s, too", files[i],
                             job->inverse->path));
        if (is_inverse) {
            job->inverse = file;
            file = NULL;
        }
        mdp_tensor_file_free(file);
        file = NULL;
    }
    if (job->inverse != NULL && n_files == 1)
        err =
            mdp_fail(MDP_E_USAGE,
                     "%s: expected the file of its denoiser (names model.diffusion.*) beside it, found none", files[0]);
out:
    mdp_tensor_file_free(file);
    return err;
}

mdp_err mdp_import_files(const struct mdp_import *import, int n_files, char **files, FILE *stream) {
    struct job job = {.import = import, .stream = stream};
    mdp_err err;
    MDP_TRY(mdp_calloc(&job.planned, 2 * (unsigned long)n_files, sizeof *job.planned, "outputs"));
    MDP_TRY(find_inverse(&job, n_files, files));
    for (job.is_write = 0; job.is_write < 2; job.is_write++) {
        for (int i = 0; i < n_files; i++) MDP_TRY(import_file(&job, files[i]));
        /* one of another step would find other actions, and what is not used is not what was meant */
        if (job.inverse != NULL && !job.is_write && job.n_denoisers != 1)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected one file of a denoiser beside it, found %d", job.inverse->path,
                             job.n_denoisers));
        if (import->values != NULL && !job.is_write && job.n_lent == 0)
            MDP_TRY(mdp_fail(MDP_E_USAGE,
                             "import: option --values: expected a file of an energy (clf_ckpt_N.pt) for it, "
                             "found none: %s",
                             import->values));
    }
out:
    mdp_tensor_file_free(job.inverse);
    free(job.planned);
    return err;
}
