#include "bench/exchange/foreign.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/names.h"
#include "base/path.h"

enum { DICTIONARIES_MAX = 2 + 2 * MDP_GUIDANCE_NETS_MAX, SIZE_LIMIT = 65536 };

/* a dictionary of a file: all its names begin with `prefix`, the rest is a layout's; but for those of a network of
 * conditions beside a denoiser */
struct dictionary {
    const char *kind, *group;
    char prefix[MDP_STORED_NAME_MAX];
    const struct mdp_layout *layout;
};

/* the networks of a file, described but not made */
struct description {
    struct mdp_denoiser denoiser;
    struct mdp_guidance guidance;
    int n, n_diffusion; /* the first dictionaries are the diffusion module's */
    struct dictionary list[DICTIONARIES_MAX];
};

static int begins(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* a transformer of windows has the names of its parts, and of its condition, itself */
void mdp_foreign_name(const char *kind, const char *group, const char *parameter, char name[MDP_STORED_NAME_MAX]) {
    int is_whole = begins(parameter, "diffusion.") || begins(parameter, "condition.") || strcmp(group, "inverse") == 0;
    const char *infix = strcmp(kind, "diffusion") == 0 && !is_whole ? "diffusion." : "";
    snprintf(name, MDP_STORED_NAME_MAX, "%.64s.%s%.64s", group, infix, parameter);
}

/* ---- descriptions ---- */

static void add_dictionary(struct description *d, const char *kind, const char *group,
                           const struct mdp_layout *layout) {
    struct dictionary *dictionary = &d->list[d->n++];
    mdp_foreign_name(kind, group, "", dictionary->prefix);
    dictionary->kind = kind;
    dictionary->group = group;
    dictionary->layout = layout;
}

static void describe_diffusion(struct description *d, const struct mdp_diffusion_config *c) {
    const struct mdp_denoiser_sizes sizes = mdp_diffusion_sizes(c);
    mdp_denoiser_build(&d->denoiser, c->kind, &sizes);
    add_dictionary(d, "diffusion", "model", &d->denoiser.layout);
    add_dictionary(d, "diffusion", "model_ema", &d->denoiser.layout);
    d->n_diffusion = d->n;
}

static void describe_guidance(struct description *d, const struct mdp_guidance_config *config) {
    d->guidance.config = *config;
    config->kind->build(&d->guidance);
    for (int i = 0; i < d->guidance.n_nets; i++) {
        const struct mdp_guidance_net *net = &d->guidance.nets[i];
        add_dictionary(d, "guidance", net->name, &net->net.layout);
        if (net->target_name != NULL) add_dictionary(d, "guidance", net->target_name, &net->net.layout);
    }
}

static mdp_err describe(const struct mdp_foreign *foreign, struct description **out) {
    mdp_err err = mdp_calloc(out, 1, sizeof **out, "description of networks");
    if (err != MDP_OK) return err;
    if (foreign->has_diffusion) describe_diffusion(*out, &foreign->diffusion_config);
    if (foreign->has_guidance) describe_guidance(*out, &foreign->guidance_config);
    return MDP_OK;
}

/* the sizes are not known yet, but names do not depend on them */
static mdp_err describe_names(const struct mdp_foreign *foreign, struct description **out) {
    struct mdp_foreign unit = *foreign;
    unit.has_diffusion = unit.has_guidance = 1;
    unit.diffusion_config.n_obs = unit.diffusion_config.n_act = unit.diffusion_config.n_hidden = 1;
    unit.diffusion_config.n_emb = 2;
    unit.guidance_config.n_obs = unit.guidance_config.n_act = unit.guidance_config.n_hidden = 1;
    return describe(&unit, out);
}

mdp_err mdp_foreign_algorithm(const char *name, struct mdp_foreign *foreign) {
    const struct mdp_algorithm *algorithm;
    mdp_err err = mdp_algorithm_find(name, &algorithm);
    if (err != MDP_OK) return err;
    mdp_algorithm_diffusion(algorithm, 1, 1, &foreign->diffusion_config);
    mdp_algorithm_guidance(algorithm, 1, 1, &foreign->guidance_config);
    return MDP_OK;
}

/* ---- what training leaves around the networks ---- */

/* a file's names up to the first dot are the dictionaries that it was saved from */
static size_t group_length(const char *name) { return strcspn(name, "."); }

static int is_same_group(const char *a, const char *b) {
    return group_length(a) == group_length(b) && strncmp(a, b, group_length(a)) == 0;
}

/* what DistributedDataParallel and torch.compile put before every name of the model that they hold */
static const char *wrapper_of(const char *name) {
    static const char *const wrappers[] = {"module.", "_orig_mod."};
    const char *rest = name + group_length(name);
    for (size_t i = 0; *rest == '.' && i < sizeof wrappers / sizeof *wrappers; i++)
        if (strncmp(rest + 1, wrappers[i], strlen(wrappers[i])) == 0) return wrappers[i];
    return NULL;
}

/* all names of a dictionary have the wrapper, or it is no wrapper */
static int is_wrapped(const struct mdp_tensor_file *file, const char *group, const char *wrapper) {
    for (int i = 0; i < file->n; i++)
        if (is_same_group(file->tensors[i].name, group) && wrapper_of(file->tensors[i].name) != wrapper) return 0;
    return 1;
}

static void take_off(struct mdp_tensor_file *file, const char *first, const char *wrapper, int is_said) {
    char group[MDP_STORED_NAME_MAX];
    snprintf(group, sizeof group, "%.*s", (int)group_length(first), first);
    if (is_said) mdp_log("%s: %s: names without the '%s' that a wrapper put before them", file->path, group, wrapper);
    for (int i = 0; i < file->n; i++) {
        char *name = file->tensors[i].name, *rest = name + group_length(name) + 1;
        if (is_same_group(name, group)) memmove(rest, rest + strlen(wrapper), strlen(rest + strlen(wrapper)) + 1);
    }
}

/* wrappers may hold wrappers; each turn makes names shorter */
static void unwrap(struct mdp_tensor_file *file, int is_said) {
    for (int i = 0; i < file->n; i++) {
        const char *wrapper;
        while ((wrapper = wrapper_of(file->tensors[i].name)) != NULL &&
               is_wrapped(file, file->tensors[i].name, wrapper))
            take_off(file, file->tensors[i].name, wrapper, is_said);
    }
}

/* *is_known: 1 if a dictionary of this name belongs to some algorithm, be it another than the file's */
static mdp_err find_group(const char *name, int *is_known) {
    const struct mdp_names *algorithms = mdp_algorithm_names();
    *is_known = 0;
    for (int k = 0; k < algorithms->n; k++) {
        struct mdp_foreign foreign = {.has_diffusion = 0};
        struct description *d;
        if (mdp_algorithm_at(k)->planning != NULL) continue;
        mdp_err err = mdp_foreign_algorithm(mdp_names_at(algorithms, k), &foreign);
        if (err == MDP_OK) err = describe_names(&foreign, &d);
        if (err != MDP_OK) return err;
        for (int i = 0; i < d->n; i++) *is_known |= is_same_group(name, d->list[i].prefix);
        free(d);
    }
    return MDP_OK;
}

/* the optimiser's state, a generator's: dictionaries that no algorithm has are no part of a policy */
static mdp_err pass_over(struct mdp_tensor_file *file, int is_said) {
    char passed[256] = "";
    int n = 0;
    for (int i = 0, is_known = 0; i < file->n; i++) {
        const char *name = file->tensors[i].name;
        int is_first = i == 0 || !is_same_group(file->tensors[i - 1].name, name);
        mdp_err err = is_first ? find_group(name, &is_known) : MDP_OK;
        if (err != MDP_OK) return err;
        if (is_known) {
            file->tensors[n++] = file->tensors[i];
            continue;
        }
        size_t used = strlen(passed);
        if (is_first)
            snprintf(passed + used, sizeof passed - used, "%s%.*s", used > 0 ? ", " : "", (int)group_length(name),
                     name);
    }
    /* a file of nothing else is not what it was taken for, and is refused by its names */
    if (n == 0 || passed[0] == 0) return MDP_OK;
    file->n = n;
    if (is_said) mdp_log("%s: %s: no part of a policy, passed over", file->path, passed);
    return MDP_OK;
}

/* CleanDiffuser has IDQL networks of several shapes under nearly the same names: those that end in an activation and a
 * layer, so that the layer's name has a number, are other functions than the published one */
static mdp_err check_idql(const struct mdp_tensor_file *file) {
    static const char last[] = "affine_out.1.weight";
    char block[MDP_STORED_NAME_MAX + 64];
    for (int i = 0; i < file->n; i++) {
        const char *name = file->tensors[i].name;
        if (!mdp_path_ends(name, last)) continue;
        snprintf(block, sizeof block, "%.*sln_resnet.0.net.1.weight", (int)(strlen(name) - strlen(last)), name);
        if (mdp_tensor_file_find(file, block) != NULL)
            return mdp_fail(MDP_E_DATA,
                            "%s: %s: expected affine_out.weight as in CleanDiffuser's published IDQLMlp, found its "
                            "newer IDQL network (NewIDQLMlp, or IDQLMlp of the branch lightning), which ends in an "
                            "activation before the last layer and is not supported",
                            file->path, name);
    }
    return MDP_OK;
}

/* puts a dictionary's name before every name of a file, or in the place of another one's */
static mdp_err rename_all(struct mdp_tensor_file *file, const char *from, const char *to) {
    char rest[MDP_STORED_NAME_MAX];
    size_t n = strlen(from);
    for (int i = 0; i < file->n; i++) {
        char *name = file->tensors[i].name;
        if (strncmp(name, from, n) != 0) continue;
        snprintf(rest, sizeof rest, "%s", name + n);
        if (strlen(to) + strlen(rest) >= MDP_STORED_NAME_MAX)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected a shorter name", file->path, name);
        snprintf(name, MDP_STORED_NAME_MAX, "%.16s%.200s", to, rest);
    }
    return MDP_OK;
}

/* CleanDiffuser saves QGPO's action values without a dictionary, and its energy in one of a denoiser's name */
static mdp_err name_parts(struct mdp_tensor_file *file) {
    mdp_err err = MDP_OK;
    if (mdp_tensor_file_find(file, "Q1.0.weight") != NULL) return rename_all(file, "", "q.");
    if (mdp_tensor_file_find(file, "model.obs_proj.weight") == NULL) return MDP_OK;
    MDP_TRY(rename_all(file, "model.", "energy."));
    MDP_TRY(rename_all(file, "model_ema.", "energy_ema."));
out:
    return err;
}

mdp_err mdp_foreign_prepare(struct mdp_tensor_file *file, int is_said) {
    mdp_err err;
    MDP_TRY(check_idql(file));
    MDP_TRY(name_parts(file));
    unwrap(file, is_said);
    MDP_TRY(pass_over(file, is_said));
out:
    return err;
}

/* tensors of another file, with another dictionary's name before theirs */
static mdp_err lend(struct mdp_tensor_file *to, const struct mdp_tensor_file *from, const char *dictionary,
                    const char *name) {
    for (int i = 0; i < from->n; i++) {
        struct mdp_stored_tensor tensor = from->tensors[i];
        if (strncmp(tensor.name, dictionary, strlen(dictionary)) != 0) continue;
        snprintf(tensor.name, sizeof tensor.name, "%.16s%.200s", name, from->tensors[i].name + strlen(dictionary));
        if (mdp_tensor_file_find(to, tensor.name) != NULL)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected a file without action values, found them", to->path,
                            tensor.name);
        to->tensors[to->n++] = tensor;
    }
    return MDP_OK;
}

/* what is not saved is where it stood in the end */
mdp_err mdp_foreign_lend_values(struct mdp_tensor_file *file, const struct mdp_tensor_file *values) {
    struct mdp_stored_tensor *all = NULL;
    mdp_err err;
    if (values->n == 0 || mdp_tensor_file_find(values, "q.Q1.0.weight") == NULL)
        return mdp_fail(MDP_E_DATA, "%s: expected action values, Q1.* and Q2.*, found %s", values->path,
                        values->n > 0 ? values->tensors[0].name : "nothing");
    MDP_TRY(mdp_calloc(&all, (unsigned long)file->n + 2 * (unsigned long)values->n, sizeof *all, "tensors"));
    memcpy(all, file->tensors, (size_t)file->n * sizeof *all);
    free(file->tensors);
    file->tensors = all;
    file->room = file->n + 2 * values->n;
    MDP_TRY(lend(file, values, "q.", "q."));
    MDP_TRY(lend(file, values, mdp_tensor_file_find(values, "q_target.Q1.0.weight") != NULL ? "q_target." : "q.",
                 "q_target."));
out:
    return err;
}

/* ---- sizes from shapes ---- */

/* whether a tensor's name is of the dictionaries from `first` up to `end` */
static int has_any(const struct mdp_tensor_file *file, const struct description *d, int first, int end) {
    for (int i = 0; i < file->n; i++)
        for (int j = first; j < end; j++)
            if (begins(file->tensors[i].name, d->list[j].prefix)) return 1;
    return 0;
}

static mdp_err holds_none(const struct mdp_tensor_file *file, const struct description *d) {
    char wanted[512] = "";
    for (int i = 0; i < d->n; i++) {
        size_t used = strlen(wanted);
        snprintf(wanted + used, sizeof wanted - used, "%s%s*", used > 0 ? ", " : "", d->list[i].prefix);
    }
    return mdp_fail(MDP_E_DATA, "%s: expected tensors %s, found %s and %d more (is it another algorithm's?)",
                    file->path, wanted, file->tensors[0].name, file->n - 1);
}

/* finds a parameter of a dictionary; `axis` is 0 for rows, 1 for columns */
static mdp_err size_of(const struct mdp_tensor_file *file, const struct dictionary *dictionary,
                       const struct mdp_param *param, int axis, int *size) {
    char name[MDP_STORED_NAME_MAX], shape[MDP_BYTES_SHOWN];
    int rank = param->kind == MDP_PARAM_WEIGHT ? 2 : 1;
    mdp_foreign_name(dictionary->kind, dictionary->group, param->name, name);
    const struct mdp_stored_tensor *tensor = mdp_tensor_file_find(file, name);
    if (tensor == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected this tensor of %d dimensions, found none", file->path, name,
                        rank);
    if (tensor->rank != rank || tensor->extent[axis] < 1 || tensor->extent[axis] > SIZE_LIMIT)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %d dimensions of 1 to %d, found %s", file->path, name, rank,
                        SIZE_LIMIT, mdp_stored_shape_text(tensor->rank, tensor->extent, shape));
    *size = (int)tensor->extent[axis];
    return MDP_OK;
}

static mdp_err too_narrow(const struct mdp_tensor_file *file, const struct dictionary *dictionary,
                          const struct mdp_param *param, const char *others, int n_others, int n_in) {
    return mdp_fail(MDP_E_DATA, "%s: %s%s: expected more columns than the %d of %s, found %d", file->path,
                    dictionary->prefix, param->name, n_others, others, n_in);
}

/* a parameter of a dictionary by its name */
static mdp_err size_of_named(const struct mdp_tensor_file *file, const struct dictionary *dictionary, const char *name,
                             int axis, int *size) {
    for (int i = 0; i < dictionary->layout->n; i++)
        if (strcmp(dictionary->layout->params[i].name, name) == 0)
            return size_of(file, dictionary, &dictionary->layout->params[i], axis, size);
    return mdp_fail(MDP_E_INTERNAL, "%s: no parameter %s", file->path, name);
}

static mdp_err measure_unet(const struct mdp_tensor_file *file, const struct dictionary *model,
                            struct mdp_diffusion_config *config) {
    char name[MDP_TENSOR_NAME_MAX];
    mdp_err err;
    MDP_TRY(size_of_named(file, model, "t_layer.0.weight", 1, &config->n_emb));
    for (int i = 0; i < MDP_UNET_LEVELS; i++) {
        snprintf(name, sizeof name, "down_blocks.%d.linear1.0.weight", i);
        MDP_TRY(size_of_named(file, model, name, 0, &config->widths[i]));
    }
    MDP_TRY(size_of_named(file, model, "out_layer.weight", 0, &config->n_act));
    MDP_TRY(size_of_named(file, model, "condition.mlp.mlp.0.0.weight", 1, &config->n_obs));
    config->n_hidden = config->widths[0];
out:
    return err;
}

/* the time network's first layer reads the embedding; the body's first reads action, embedding and observation and its
 * last writes the action */
static mdp_err measure_diffusion(const struct mdp_tensor_file *file, const struct description *d,
                                 struct mdp_diffusion_config *config) {
    const struct mdp_layout *layout = &d->denoiser.layout;
    const struct dictionary *model = &d->list[0];
    if (config->kind == MDP_DENOISER_UNET) return measure_unet(file, model, config);
    const struct mdp_param *first = &layout->params[2 * d->denoiser.time.n_layers],
                           *last = &layout->params[layout->n - 1];
    int n_in = 0;
    mdp_err err;
    MDP_TRY(size_of(file, model, &layout->params[0], 1, &config->n_emb));
    MDP_TRY(size_of(file, model, first, 0, &config->n_hidden));
    MDP_TRY(size_of(file, model, first, 1, &n_in));
    MDP_TRY(size_of(file, model, last, 0, &config->n_act));
    config->n_obs = n_in - config->n_emb - config->n_act;
    if (config->n_obs < 1)
        return too_narrow(file, model, first, "action and time", config->n_emb + config->n_act, n_in);
out:
    return err;
}

/* an energy tells all sizes but that of the action values beside it */
static mdp_err measure_energy(const struct mdp_tensor_file *file, const struct description *d,
                              struct mdp_guidance_config *config) {
    const struct dictionary *values = &d->list[d->n_diffusion], *energy = values + 2;
    char name[MDP_TENSOR_NAME_MAX];
    mdp_err err;
    MDP_TRY(size_of_named(file, energy, "obs_proj.weight", 0, &config->n_emb));
    MDP_TRY(size_of_named(file, energy, "obs_proj.weight", 1, &config->n_obs));
    MDP_TRY(size_of_named(file, energy, "act_proj.weight", 1, &config->n_act));
    for (int i = 0; i < MDP_ENERGY_LAYERS; i++) {
        snprintf(name, sizeof name, "mlp.mlp.%d.0.weight", i);
        MDP_TRY(size_of_named(file, energy, name, 0, &config->widths[i]));
    }
    MDP_TRY(size_of(file, values, &values->layout->params[0], 0, &config->n_hidden));
out:
    return err;
}

/* a value network of states alone tells how wide they are, one of states and actions only the sum */
static mdp_err measure_guidance(const struct mdp_tensor_file *file, const struct description *d, int n_obs,
                                struct mdp_guidance_config *config) {
    const struct dictionary *dictionary = &d->list[d->n_diffusion], *values = NULL;
    int n_in = 0;
    mdp_err err = MDP_OK;
    if (config->kind->needs_support) return measure_energy(file, d, config);
    for (int i = 0; i < d->guidance.n_nets; i++) {
        const struct mdp_guidance_net *net = &d->guidance.nets[i];
        if (net->net.n_act == 0)
            MDP_TRY(size_of(file, dictionary, &net->net.layout.params[0], 1, &n_obs));
        else
            values = dictionary;
        dictionary += net->target_name != NULL ? 2 : 1;
    }
    if (n_obs < 1)
        return mdp_fail(MDP_E_USAGE,
                        "%s: expected to know how many of the inputs of %s* are observations, found no way", file->path,
                        values->prefix);
    const struct mdp_param *first = &values->layout->params[0];
    MDP_TRY(size_of(file, values, first, 0, &config->n_hidden));
    MDP_TRY(size_of(file, values, first, 1, &n_in));
    config->n_obs = n_obs;
    config->n_act = n_in - n_obs;
    if (config->n_act < 1) return too_narrow(file, values, first, "observations", n_obs, n_in);
out:
    return err;
}

/* finds the number of blocks that gives the file's number of tensors; if none does, the default, which check_names will
 * refuse */
static mdp_err count_blocks(const struct mdp_tensor_file *file, struct mdp_foreign *foreign) {
    int *n_blocks = &foreign->diffusion_config.n_blocks, otherwise = *n_blocks;
    if (foreign->diffusion_config.kind != MDP_DENOISER_RESNET) return MDP_OK;
    for (*n_blocks = 1; *n_blocks <= MDP_RESNET_MAX; (*n_blocks)++) {
        struct description *d;
        int n_tensors = 0;
        mdp_err err = describe_names(foreign, &d);
        if (err != MDP_OK) return err;
        for (int i = 0; i < file->n; i++) n_tensors += begins(file->tensors[i].name, d->list[0].prefix);
        int is_found = d->denoiser.layout.n == n_tensors;
        free(d);
        if (is_found) return MDP_OK;
    }
    *n_blocks = otherwise;
    return MDP_OK;
}

mdp_err mdp_foreign_measure(const struct mdp_tensor_file *file, int n_obs, struct mdp_foreign *foreign) {
    struct description *d = NULL;
    mdp_err err;
    MDP_TRY(count_blocks(file, foreign));
    MDP_TRY(describe_names(foreign, &d));
    foreign->has_diffusion = has_any(file, d, 0, d->n_diffusion);
    foreign->has_guidance = has_any(file, d, d->n_diffusion, d->n);
    if (!foreign->has_diffusion && !foreign->has_guidance) MDP_TRY(holds_none(file, d));
    if (foreign->has_diffusion) {
        MDP_TRY(measure_diffusion(file, d, &foreign->diffusion_config));
        n_obs = foreign->diffusion_config.n_obs;
    }
    if (foreign->has_guidance) MDP_TRY(measure_guidance(file, d, n_obs, &foreign->guidance_config));
out:
    free(d);
    return err;
}

/* ---- names and shapes ---- */

static mdp_err check_param(const struct mdp_tensor_file *file, const struct dictionary *dictionary,
                           const struct mdp_param *param) {
    char name[MDP_STORED_NAME_MAX], expected[MDP_BYTES_SHOWN], found[MDP_BYTES_SHOWN];
    const long extent[2] = {param->rows, param->cols};
    int rank = param->kind == MDP_PARAM_WEIGHT ? 2 : 1;
    mdp_foreign_name(dictionary->kind, dictionary->group, param->name, name);
    mdp_stored_shape_text(rank, extent, expected);
    const struct mdp_stored_tensor *tensor = mdp_tensor_file_find(file, name);
    if (tensor == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a tensor %s, found none", file->path, name, expected);
    mdp_stored_shape_text(tensor->rank, tensor->extent, found);
    int fits = tensor->rank == rank && mdp_dtype_is_float(tensor->dtype);
    for (int i = 0; i < rank; i++) fits = fits && tensor->extent[i] == extent[i];
    if (fits) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a floating tensor %s, found %s %s", file->path, name, expected,
                    mdp_dtype_text(tensor->dtype), found);
}

static int is_known(const struct description *d, const char *name) {
    char known[MDP_STORED_NAME_MAX];
    for (int i = 0; i < d->n; i++)
        for (int j = 0; is_same_group(name, d->list[i].group) && j < d->list[i].layout->n; j++) {
            mdp_foreign_name(d->list[i].kind, d->list[i].group, d->list[i].layout->params[j].name, known);
            if (strcmp(name, known) == 0) return 1;
        }
    return 0;
}

/* nothing may be missing, of another shape, or left over */
static mdp_err check_names(const struct mdp_tensor_file *file, const struct description *d) {
    for (int i = 0; i < d->n; i++)
        for (int j = 0; j < d->list[i].layout->n; j++) {
            mdp_err err = check_param(file, &d->list[i], &d->list[i].layout->params[j]);
            if (err != MDP_OK) return err;
        }
    for (int i = 0; i < file->n; i++)
        if (!is_known(d, file->tensors[i].name))
            return mdp_fail(MDP_E_DATA,
                            "%s: %s: expected no such tensor beside %s*, found one (is it another algorithm's?)",
                            file->path, file->tensors[i].name, d->list[0].prefix);
    return MDP_OK;
}

/* ---- values ---- */

static mdp_err fill_tensor(const struct mdp_tensor_file *file, const char *name, const struct mdp_tensor *to) {
    const struct mdp_stored_tensor *from = mdp_tensor_file_find(file, name);
    double *values = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&values, (unsigned long)from->n, sizeof *values, name));
    MDP_TRY(mdp_tensor_file_read(file, from, values));
    for (long i = 0; i < from->n; i++) {
        to->data[i] = (float)values[i];
        if (!isfinite(to->data[i]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected values that float32 can hold, found %g at element %ld",
                             file->path, name, values[i], i));
    }
out:
    free(values);
    return err;
}

static mdp_err fill_groups(const struct mdp_tensor_file *file, const char *kind, int n,
                           const struct mdp_module_group *groups) {
    char name[MDP_STORED_NAME_MAX];
    for (int i = 0; i < n; i++) {
        if (groups[i].is_optimizer) continue;
        for (int j = 0; j < groups[i].n; j++) {
            mdp_foreign_name(kind, groups[i].name, groups[i].tensors[j].name, name);
            mdp_err err = fill_tensor(file, name, &groups[i].tensors[j]);
            if (err != MDP_OK) return err;
        }
    }
    return MDP_OK;
}

/* a file may claim any sizes: large ones are refused before products of them could overflow */
static mdp_err check_sizes(const struct mdp_tensor_file *file, const struct mdp_foreign *foreign) {
    const struct mdp_diffusion_config *d = &foreign->diffusion_config;
    const struct mdp_guidance_config *g = &foreign->guidance_config;
    int has_d = foreign->has_diffusion, has_g = foreign->has_guidance, has_u = has_d && d->kind == MDP_DENOISER_UNET,
        has_e = has_g && g->kind->needs_support;
    const int sizes[] = {has_d ? d->n_obs : 1,     has_d ? d->n_act : 1,     has_d ? d->n_emb : 1,
                         has_d ? d->n_hidden : 1,  has_g ? g->n_obs : 1,     has_g ? g->n_act : 1,
                         has_g ? g->n_hidden : 1,  has_e ? g->n_emb : 1,     has_u ? d->widths[0] : 1,
                         has_u ? d->widths[1] : 1, has_u ? d->widths[2] : 1, has_e ? g->widths[0] : 1,
                         has_e ? g->widths[1] : 1, has_e ? g->widths[2] : 1};
    if ((has_u && d->n_emb % 2 != 0) || (has_e && g->n_emb % 2 != 0))
        return mdp_fail(MDP_E_DATA, "%s: time embedding: expected an even size, found %d", file->path,
                        has_u ? d->n_emb : g->n_emb);
    if (foreign->has_diffusion && (d->n_blocks < 1 || d->n_blocks > MDP_RESNET_MAX))
        return mdp_fail(MDP_E_DATA, "%s: blocks: expected 1 to %d, found %d", file->path, MDP_RESNET_MAX, d->n_blocks);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] < 1 || sizes[i] > SIZE_LIMIT)
            return mdp_fail(MDP_E_DATA, "%s: sizes of networks: expected 1 to %d, found %d", file->path, SIZE_LIMIT,
                            sizes[i]);
    return MDP_OK;
}

int mdp_foreign_sees_windows(const struct mdp_foreign *foreign) {
    return (foreign->has_diffusion && mdp_denoiser_makes_windows(foreign->diffusion_config.kind)) ||
           (foreign->has_guidance && foreign->guidance_config.kind->sees_windows);
}

mdp_err mdp_foreign_load(const struct mdp_tensor_file *file, struct mdp_foreign *foreign) {
    struct description *d = NULL;
    struct mdp_module_group *groups = NULL;
    mdp_err err;
    MDP_TRY(check_sizes(file, foreign));
    MDP_TRY(describe(foreign, &d));
    MDP_TRY(check_names(file, d));
    MDP_TRY(mdp_calloc(&groups, MDP_MODULE_GROUPS_MAX, sizeof *groups, "module groups"));
    if (foreign->has_diffusion) {
        if (mdp_diffusion_alloc(&foreign->diffusion_config, &foreign->diffusion) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", file->path));
        MDP_TRY(fill_groups(file, "diffusion", mdp_diffusion_groups(foreign->diffusion, groups), groups));
    }
    if (foreign->has_guidance) {
        if (mdp_guidance_alloc(&foreign->guidance_config, &foreign->guidance) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", file->path));
        MDP_TRY(fill_groups(file, "guidance", mdp_guidance_groups(foreign->guidance, groups), groups));
    }
out:
    free(d);
    free(groups);
    if (err != MDP_OK) mdp_foreign_free(foreign);
    return err;
}

void mdp_foreign_free(struct mdp_foreign *foreign) {
    mdp_diffusion_free(foreign->diffusion);
    mdp_guidance_free(foreign->guidance);
    foreign->diffusion = NULL;
    foreign->guidance = NULL;
}
