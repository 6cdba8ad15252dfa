#include "bench/exchange/foreign_windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char inverse_group[] = "inverse";

static int begins(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

int mdp_foreign_is_inverse(const struct mdp_tensor_file *file) {
    for (int i = 0; i < file->n; i++)
        if (!begins(file->tensors[i].name, "mlp.")) return 0;
    return file->n > 0;
}

/* ---- sizes from shapes ---- */

/* an extent of a tensor of a rank. Errors: DATA */
static mdp_err size_of(const struct mdp_tensor_file *file, const char *name, int rank, int axis, int *out) {
    const struct mdp_stored_tensor *tensor = mdp_tensor_file_find(file, name);
    char shape[MDP_BYTES_SHOWN];
    if (tensor == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected this tensor of %d dimensions, found none", file->path, name,
                        rank);
    if (tensor->rank != rank || tensor->extent[axis] < 1 || tensor->extent[axis] > 65536)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %d dimensions of 1 to 65536, found %s", file->path, name, rank,
                        mdp_stored_shape_text(tensor->rank, tensor->extent, shape));
    *out = (int)tensor->extent[axis];
    return MDP_OK;
}

/* a layer between units and as many units is in every network here: a file that has not as many numbers is refused
 * before one of that size is made. Errors: DATA */
static mdp_err expect_layers(const struct mdp_tensor_file *file, const char *name, int n_units, int n_layers) {
    double wanted = (double)n_layers * n_units * n_units, found = 0;
    for (int i = 0; i < file->n; i++) found += (double)file->tensors[i].n;
    if (found >= wanted) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %d or more layers between %d units, %.0f numbers, found %.0f in all",
                    file->path, name, n_layers, n_units, wanted, found);
}

/* the levels of a U-Net, each as wide as its first convolution; `before` what names begin with */
static mdp_err measure_levels(const struct mdp_tensor_file *file, const char *before, int *width, int *n_step,
                              struct mdp_window_make *windows) {
    char name[MDP_STORED_NAME_MAX];
    int last, channels = 0;
    mdp_err err;
    snprintf(name, sizeof name, "%smap_emb.0.weight", before);
    MDP_TRY(size_of(file, name, 2, 1, width));
    last = *width;
    for (windows->n_levels = 0; windows->n_levels < MDP_WINDOW_LEVELS_MAX; windows->n_levels++) {
        snprintf(name, sizeof name, "%sdowns.%d.0.conv1.0.weight", before, windows->n_levels);
        if (windows->n_levels > 0 && mdp_tensor_file_find(file, name) == NULL) break;
        if (windows->n_levels == 0) MDP_TRY(size_of(file, name, 3, 1, n_step));
        MDP_TRY(size_of(file, name, 3, 0, &channels));
        if (channels % last != 0)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected a multiple of %d channels, found %d", file->path, name, last,
                            channels);
        MDP_TRY(expect_layers(file, name, channels, 1));
        windows->factors[windows->n_levels] = channels / last;
        last = channels;
    }
out:
    return err;
}

/* what of a step are observations no shape tells */
static mdp_err split_step(const struct mdp_tensor_file *file, int n_step, int n_obs, int *found_obs, int *found_act) {
    if (n_obs < 1)
        return mdp_fail(MDP_E_USAGE,
                        "%s: expected to know how many of %d numbers of a step are observations, found no "
                        "way",
                        file->path, n_step);
    *found_obs = n_obs;
    *found_act = n_step - n_obs;
    if (*found_act < 1)
        return mdp_fail(MDP_E_DATA, "%s: expected more than %d numbers of a step, which are observations, found %d",
                        file->path, n_obs, n_step);
    return MDP_OK;
}

static mdp_err measure_unet(const struct mdp_tensor_file *file, int n_obs, struct mdp_diffusion_config *c) {
    int n_step = 0;
    mdp_err err;
    MDP_TRY(measure_levels(file, "model.diffusion.", &c->n_hidden, &n_step, &c->windows));
    c->n_emb = c->n_hidden;
    MDP_TRY(split_step(file, n_step, n_obs, &c->n_obs, &c->n_act));
out:
    return err;
}

static mdp_err measure_returns(const struct mdp_tensor_file *file, int n_obs, struct mdp_guidance_config *c) {
    int n_step = 0;
    mdp_err err;
    MDP_TRY(measure_levels(file, "model.", &c->n_hidden, &n_step, &c->windows));
    MDP_TRY(split_step(file, n_step, n_obs, &c->n_obs, &c->n_act));
out:
    return err;
}

/* heads are as wide as the reference's */
static mdp_err measure_transformer(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                   struct mdp_diffusion_config *c) {
    char name[MDP_STORED_NAME_MAX];
    int n_pair = 0, wide = c->n_heads > 0 ? c->n_hidden / c->n_heads : 32;
    mdp_err err;
    if (inverse == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "%s: expected the file of the network of actions (names mlp.*) beside it, found none",
                        file->path);
    MDP_TRY(size_of(file, "model.diffusion.x_proj.weight", 2, 0, &c->n_hidden));
    MDP_TRY(size_of(file, "model.diffusion.x_proj.weight", 2, 1, &c->n_obs));
    MDP_TRY(size_of(file, "model.diffusion.map_noise.mlp.2.weight", 2, 0, &c->n_emb));
    MDP_TRY(size_of(inverse, "mlp.0.0.weight", 2, 0, &c->n_inverse));
    MDP_TRY(size_of(inverse, "mlp.0.0.weight", 2, 1, &n_pair));
    MDP_TRY(size_of(inverse, "mlp.2.weight", 2, 0, &c->n_act));
    if (n_pair != 2 * c->n_obs)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: mlp.0.0.weight: expected two observations of %d as in %s, found %d numbers",
                         inverse->path, c->n_obs, file->path, n_pair));
    c->n_heads = c->n_hidden % wide == 0 ? c->n_hidden / wide : 1;
    for (c->n_blocks = 0; c->n_blocks < 64; c->n_blocks++) {
        snprintf(name, sizeof name, "model.diffusion.blocks.%d.attn.in_proj_weight", c->n_blocks);
        if (mdp_tensor_file_find(file, name) == NULL) break;
    }
    MDP_TRY(expect_layers(file, "model.diffusion.x_proj.weight", c->n_hidden, c->n_blocks));
    MDP_TRY(expect_layers(file, "model.diffusion.map_noise.mlp.2.weight", c->n_emb, 1));
    MDP_TRY(expect_layers(inverse, "mlp.0.0.weight", c->n_inverse, 1));
out:
    return err;
}

mdp_err mdp_foreign_windows_measure(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                    int n_obs, struct mdp_foreign *foreign) {
    int has_prefix = 0;
    for (int i = 0; i < file->n; i++) has_prefix |= begins(file->tensors[i].name, "model.diffusion.");
    foreign->has_diffusion = has_prefix;
    foreign->has_guidance = !has_prefix;
    if (foreign->diffusion_config.kind == MDP_DENOISER_WINDOW_TRANSFORMER && has_prefix)
        return measure_transformer(file, inverse, &foreign->diffusion_config);
    if (foreign->diffusion_config.kind == MDP_DENOISER_WINDOW_TRANSFORMER)
        return mdp_fail(MDP_E_DATA,
                        "%s: expected tensors model.diffusion.*, found %s and %d more (is it another "
                        "algorithm's?)",
                        file->path, file->tensors[0].name, file->n - 1);
    return has_prefix ? measure_unet(file, n_obs, &foreign->diffusion_config)
                      : measure_returns(file, n_obs, &foreign->guidance_config);
}

/* ---- names, shapes and values ---- */

static mdp_err check_shape(const struct mdp_tensor_file *file, const char *name, const struct mdp_tensor *to,
                           const struct mdp_stored_tensor *from) {
    const long extent[3] = {to->rows, to->cols, to->taps};
    char expected[MDP_BYTES_SHOWN], found[MDP_BYTES_SHOWN];
    mdp_stored_shape_text(to->rank, extent, expected);
    if (from == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a tensor %s, found none", file->path, name, expected);
    int fits = from->rank == to->rank && mdp_dtype_is_float(from->dtype);
    for (int i = 0; i < to->rank; i++) fits = fits && from->extent[i] == extent[i];
    if (fits) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a floating tensor %s, found %s %s", file->path, name, expected,
                    mdp_dtype_text(from->dtype), mdp_stored_shape_text(from->rank, from->extent, found));
}

static mdp_err fill_tensor(const struct mdp_tensor_file *file, const char *name, const struct mdp_tensor *to) {
    const struct mdp_stored_tensor *from = mdp_tensor_file_find(file, name);
    double *values = NULL;
    mdp_err err;
    MDP_TRY(check_shape(file, name, to, from));
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

/* the file that has a group, and under which name a parameter is there */
static const struct mdp_tensor_file *place_of(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                              const char *kind, const struct mdp_module_group *group,
                                              const struct mdp_tensor *tensor, char name[MDP_STORED_NAME_MAX]) {
    int is_bare = inverse != NULL && strcmp(group->name, inverse_group) == 0;
    mdp_foreign_name(kind, group->name, tensor->name, name);
    if (is_bare) snprintf(name, MDP_STORED_NAME_MAX, "%s", tensor->name);
    return is_bare ? inverse : file;
}

/* the first tensor of a file that no group has */
static mdp_err refuse_others(const struct mdp_tensor_file *whole, const struct mdp_tensor_file *file,
                             const struct mdp_tensor_file *inverse, const char *kind, int n,
                             const struct mdp_module_group *groups) {
    char name[MDP_STORED_NAME_MAX];
    for (int t = 0; whole != NULL && t < whole->n; t++) {
        int is_wanted = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; !groups[i].is_optimizer && j < groups[i].n && !is_wanted; j++)
                is_wanted = place_of(file, inverse, kind, &groups[i], &groups[i].tensors[j], name) == whole &&
                            strcmp(name, whole->tensors[t].name) == 0;
        if (!is_wanted)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected no such tensor, found one (is it another algorithm's?)",
                            whole->path, whole->tensors[t].name);
    }
    return MDP_OK;
}

static mdp_err fill_groups(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse, const char *kind,
                           int n, const struct mdp_module_group *groups) {
    char name[MDP_STORED_NAME_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++)
        for (int j = 0; !groups[i].is_optimizer && j < groups[i].n; j++) {
            const struct mdp_tensor_file *from = place_of(file, inverse, kind, &groups[i], &groups[i].tensors[j], name);
            MDP_TRY(fill_tensor(from, name, &groups[i].tensors[j]));
        }
    MDP_TRY(refuse_others(file, file, inverse, kind, n, groups));
    MDP_TRY(refuse_others(inverse, file, inverse, kind, n, groups));
out:
    return err;
}

mdp_err mdp_foreign_windows_load(const struct mdp_tensor_file *file, const struct mdp_tensor_file *inverse,
                                 struct mdp_foreign *foreign) {
    struct mdp_module_group *groups = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&groups, MDP_MODULE_GROUPS_MAX, sizeof *groups, "module groups"));
    if (foreign->has_diffusion) {
        if (mdp_diffusion_alloc(&foreign->diffusion_config, &foreign->diffusion) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", file->path));
        MDP_TRY(fill_groups(file, inverse, "diffusion", mdp_diffusion_groups(foreign->diffusion, groups), groups));
        mdp_diffusion_take(foreign->diffusion);
    } else {
        if (mdp_guidance_alloc(&foreign->guidance_config, &foreign->guidance) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", file->path));
        MDP_TRY(fill_groups(file, NULL, "guidance", mdp_guidance_groups(foreign->guidance, groups), groups));
        mdp_guidance_take(foreign->guidance);
    }
out:
    free(groups);
    if (err != MDP_OK) mdp_foreign_free(foreign);
    return err;
}
