#include "results/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

static const char format[] = "mdpbench-checkpoint";
static const char *const kinds[] = {"diffusion", "guidance", "behavior", "resume"};

enum { N_KINDS = sizeof kinds / sizeof kinds[0], BLOCK_ELEMENTS = 1 << 16 };

/* ---- checks shared by writing and reading ---- */

static mdp_err check_kind(const char *path, const char *kind) {
    for (int i = 0; i < N_KINDS; i++)
        if (strcmp(kind, kinds[i]) == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: /@kind: expected diffusion, guidance, behavior or resume, found '%s'", path, kind);
}

mdp_err mdp_checkpoint_check_info(const char *path, const struct mdp_checkpoint_info *info) {
    const struct mdp_normalizer *norm = &info->normalizer;
    if (info->n_obs < 1 || info->n_obs > MDP_NORMALIZER_MAX || info->n_act < 1 || info->n_act > MDP_NORMALIZER_MAX)
        return mdp_fail(MDP_E_DATA, "%s: /@n_obs and /@n_act: expected 1 to %d, found %d and %d", path,
                        MDP_NORMALIZER_MAX, info->n_obs, info->n_act);
    if (info->step < 0)
        return mdp_fail(MDP_E_DATA, "%s: /@step: expected 0 or more, found %lld", path, (long long)info->step);
    if (norm->n != 0 && norm->n != info->n_obs)
        return mdp_fail(MDP_E_DATA, "%s: /normalizer: expected %d elements, found %d", path, info->n_obs, norm->n);
    for (int i = 0; i < norm->n; i++)
        if (!isfinite(norm->mean[i]) || !isfinite(norm->std[i]) || norm->std[i] <= 0)
            return mdp_fail(MDP_E_DATA, "%s: /normalizer: expected finite mean and std > 0, found %g and %g at %d",
                            path, norm->mean[i], norm->std[i], i);
    return check_kind(path, info->kind);
}

/* first: how many elements of the array come before these */
static mdp_err check_finite_from(const char *path, const char *name, enum mdp_h5_type type, long first, long n,
                                 const void *data) {
    for (long i = 0; i < n; i++) {
        double value = 0;
        if (type == MDP_H5_F32) value = ((const float *)data)[i];
        if (type == MDP_H5_F64) value = ((const double *)data)[i];
        if (!isfinite(value))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected finite values, found %g at element %ld", path, name, value,
                            first + i);
    }
    return MDP_OK;
}

static mdp_err check_finite(const char *path, const char *name, enum mdp_h5_type type, long n, const void *data) {
    return check_finite_from(path, name, type, 0, n, data);
}

static struct mdp_h5_shape tensor_shape(const struct mdp_tensor *tensor) {
    return (struct mdp_h5_shape){tensor->rank, {tensor->rows, tensor->cols, tensor->taps}};
}

static mdp_err object_name(char name[MDP_H5_NAME_MAX], const char *top, const char *group, const char *leaf) {
    if (strchr(group, '/') != NULL || strchr(leaf, '/') != NULL)
        return mdp_fail(MDP_E_INTERNAL, "%s/%s/%s: a name holds a slash", top, group, leaf);
    const char *mid = group[0] != 0 ? "/" : "";
    int n = snprintf(name, MDP_H5_NAME_MAX, "/%s%s%s/%s", top, mid, group, leaf);
    if (n >= MDP_H5_NAME_MAX) return mdp_fail(MDP_E_INTERNAL, "%s/%s/%s: name too long", top, group, leaf);
    return MDP_OK;
}

/* ---- writing ---- */

static mdp_err write_info(struct mdp_h5 *file, const struct mdp_checkpoint_info *info) {
    const struct mdp_normalizer *norm = &info->normalizer;
    mdp_err err;
    MDP_TRY(mdp_head_write(file, format, &info->head));
    MDP_TRY(mdp_h5_put_text(file, "/", "kind", info->kind));
    MDP_TRY(mdp_h5_put_text(file, "/", "algo", info->algo));
    MDP_TRY(mdp_h5_put_text(file, "/", "task", info->task));
    if (info->isa[0] != 0) MDP_TRY(mdp_h5_put_text(file, "/", "isa", info->isa));
    MDP_TRY(mdp_h5_put_u64(file, "/", "seed", info->seed));
    MDP_TRY(mdp_h5_put_int(file, "/", "step", info->step));
    MDP_TRY(mdp_h5_put_int(file, "/", "n_obs", info->n_obs));
    MDP_TRY(mdp_h5_put_int(file, "/", "n_act", info->n_act));
    if (norm->n == 0) return MDP_OK;
    MDP_TRY(mdp_h5_write(file, "/normalizer/mean", MDP_H5_F64, MDP_H5_1D(norm->n), MDP_H5_PLAIN, norm->mean));
    MDP_TRY(mdp_h5_write(file, "/normalizer/std", MDP_H5_F64, MDP_H5_1D(norm->n), MDP_H5_PLAIN, norm->std));
out:
    return err;
}

static mdp_err write_tensor(struct mdp_h5 *file, const char *group, const struct mdp_tensor *tensor) {
    char name[MDP_H5_NAME_MAX];
    struct mdp_h5_shape shape = tensor_shape(tensor);
    mdp_err err;
    MDP_TRY(object_name(name, "tensors", group, tensor->name));
    MDP_TRY(check_finite(mdp_h5_path(file), name, MDP_H5_F32, mdp_tensor_count(tensor), tensor->data));
    MDP_TRY(mdp_h5_write(file, name, MDP_H5_F32, &shape, MDP_H5_PLAIN, tensor->data));
out:
    return err;
}

static mdp_err write_array(struct mdp_h5 *file, const struct mdp_named_array *array) {
    char name[MDP_H5_NAME_MAX];
    mdp_err err;
    MDP_TRY(object_name(name, "arrays", "", array->name));
    MDP_TRY(check_finite(mdp_h5_path(file), name, array->type, mdp_h5_count(&array->shape), array->data));
    MDP_TRY(mdp_h5_write(file, name, array->type, &array->shape, MDP_H5_PLAIN, array->data));
out:
    return err;
}

mdp_err mdp_checkpoint_write(const char *path, const struct mdp_checkpoint_info *info, int n_groups,
                             const struct mdp_tensor_group *groups, int n_arrays, const struct mdp_named_array *arrays,
                             enum mdp_publish how) {
    struct mdp_h5 *file = NULL;
    mdp_err err;
    MDP_TRY(mdp_checkpoint_check_info(path, info));
    MDP_TRY(mdp_h5_create_as(path, how, &file));
    MDP_TRY(write_info(file, info));
    for (int i = 0; i < n_groups; i++)
        for (int j = 0; j < groups[i].n; j++) MDP_TRY(write_tensor(file, groups[i].name, &groups[i].tensors[j]));
    for (int i = 0; i < n_arrays; i++) MDP_TRY(write_array(file, &arrays[i]));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    return err;
}

/* ---- reading ---- */

static mdp_err read_size(struct mdp_h5 *file, const char *name, int *value) {
    int64_t found;
    mdp_err err = mdp_h5_attr_int(file, "/", name, &found);
    if (err == MDP_OK) *value = found < 0 || found > MDP_NORMALIZER_MAX ? -1 : (int)found;
    return err;
}

static mdp_err read_normalizer(struct mdp_h5 *file, struct mdp_checkpoint_info *info) {
    struct mdp_normalizer *norm = &info->normalizer;
    mdp_err err;
    norm->n = 0;
    if (!mdp_h5_exists(file, "/normalizer")) return MDP_OK;
    MDP_TRY(mdp_h5_read(file, "/normalizer/mean", MDP_H5_F64, MDP_H5_1D(info->n_obs), norm->mean));
    MDP_TRY(mdp_h5_read(file, "/normalizer/std", MDP_H5_F64, MDP_H5_1D(info->n_obs), norm->std));
    norm->n = info->n_obs;
out:
    return err;
}

static mdp_err read_info(struct mdp_h5 *file, struct mdp_checkpoint_info *info) {
    memset(info, 0, sizeof *info);
    mdp_err err;
    MDP_TRY(mdp_head_read(file, format, &info->head));
    MDP_TRY(mdp_h5_attr_text(file, "/", "kind", info->kind, sizeof info->kind));
    MDP_TRY(mdp_h5_attr_text(file, "/", "algo", info->algo, sizeof info->algo));
    MDP_TRY(mdp_h5_attr_text(file, "/", "task", info->task, sizeof info->task));
    if (mdp_h5_attr_exists(file, "/", "isa")) MDP_TRY(mdp_h5_attr_text(file, "/", "isa", info->isa, sizeof info->isa));
    MDP_TRY(mdp_h5_attr_u64(file, "/", "seed", &info->seed));
    MDP_TRY(mdp_h5_attr_int(file, "/", "step", &info->step));
    MDP_TRY(read_size(file, "n_obs", &info->n_obs));
    MDP_TRY(read_size(file, "n_act", &info->n_act));
    MDP_TRY(mdp_checkpoint_check_info(mdp_h5_path(file), info));
    MDP_TRY(read_normalizer(file, info));
    MDP_TRY(mdp_checkpoint_check_info(mdp_h5_path(file), info));
    return MDP_OK;
out:
    mdp_checkpoint_info_free(info);
    return err;
}

mdp_err mdp_checkpoint_read_info(const char *path, struct mdp_checkpoint_info *info) {
    struct mdp_h5 *file = NULL;
    memset(info, 0, sizeof *info);
    mdp_err err = mdp_h5_open(path, &file);
    if (err == MDP_OK) err = read_info(file, info);
    mdp_h5_close(file);
    return err;
}

static mdp_err read_tensor(struct mdp_h5 *file, const char *group, const struct mdp_tensor *tensor) {
    char name[MDP_H5_NAME_MAX];
    struct mdp_h5_shape shape = tensor_shape(tensor);
    mdp_err err;
    MDP_TRY(object_name(name, "tensors", group, tensor->name));
    MDP_TRY(mdp_h5_read(file, name, MDP_H5_F32, &shape, tensor->data));
    MDP_TRY(check_finite(mdp_h5_path(file), name, MDP_H5_F32, mdp_tensor_count(tensor), tensor->data));
out:
    return err;
}

/* a group with more tensors than asked for belongs to another network */
static mdp_err read_group(struct mdp_h5 *file, const struct mdp_tensor_group *group) {
    char name[MDP_H5_NAME_MAX];
    struct mdp_h5_child *children = NULL;
    int n_children;
    mdp_err err;
    MDP_TRY(object_name(name, "tensors", "", group->name));
    MDP_TRY(mdp_h5_list(file, name, &children, &n_children));
    for (int i = 0; i < group->n; i++) MDP_TRY(read_tensor(file, group->name, &group->tensors[i]));
    if (n_children != group->n)
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected %d tensors, found %d", mdp_h5_path(file), name, group->n,
                       n_children);
out:
    free(children);
    return err;
}

mdp_err mdp_checkpoint_read(const char *path, const char *kind, struct mdp_checkpoint_info *info, int n_groups,
                            const struct mdp_tensor_group *groups) {
    struct mdp_h5 *file = NULL;
    struct mdp_checkpoint_info found = {0};
    if (info != NULL) memset(info, 0, sizeof *info);
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_info(file, &found));
    if (strcmp(found.kind, kind) != 0) {
        err = mdp_fail(MDP_E_DATA, "%s: /@kind: expected %s, found %s", path, kind, found.kind);
        goto out;
    }
    for (int i = 0; i < n_groups; i++) MDP_TRY(read_group(file, &groups[i]));
    if (info != NULL) {
        *info = found;
        memset(&found, 0, sizeof found);
    }
out:
    mdp_checkpoint_info_free(&found);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_checkpoint_read_arrays(const char *path, int n_arrays, const struct mdp_named_array *arrays) {
    struct mdp_h5 *file = NULL;
    struct mdp_checkpoint_info info = {0};
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_info(file, &info));
    for (int i = 0; i < n_arrays; i++) {
        const struct mdp_named_array *array = &arrays[i];
        char name[MDP_H5_NAME_MAX];
        MDP_TRY(object_name(name, "arrays", "", array->name));
        MDP_TRY(mdp_h5_read(file, name, array->type, &array->shape, array->data));
        MDP_TRY(check_finite(path, name, array->type, mdp_h5_count(&array->shape), array->data));
    }
out:
    mdp_checkpoint_info_free(&info);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_checkpoint_has_array(const char *path, const char *name, int *has) {
    struct mdp_h5 *file = NULL;
    char full[MDP_H5_NAME_MAX];
    mdp_err err;
    MDP_TRY(object_name(full, "arrays", "", name));
    MDP_TRY(mdp_h5_open(path, &file));
    *has = mdp_h5_exists(file, full);
out:
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_checkpoint_array_shape(const char *path, const char *name, struct mdp_h5_shape *shape) {
    struct mdp_h5 *file = NULL;
    char full[MDP_H5_NAME_MAX];
    mdp_err err;
    MDP_TRY(object_name(full, "arrays", "", name));
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(mdp_h5_shape(file, full, shape));
out:
    mdp_h5_close(file);
    return err;
}

void mdp_checkpoint_info_free(struct mdp_checkpoint_info *info) {
    mdp_head_free(&info->head);
    memset(info, 0, sizeof *info);
}

/* ---- listing ---- */

struct entries {
    struct mdp_checkpoint_entry *list;
    int n, room;
};

static mdp_err add_entry(struct mdp_h5 *file, const char *name, struct entries *entries) {
    if (entries->n == entries->room) {
        int room = entries->room == 0 ? 64 : 2 * entries->room;
        void *grown = realloc(entries->list, (size_t)room * sizeof *entries->list);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %d entries", mdp_h5_path(file), room);
        entries->list = grown;
        entries->room = room;
    }
    struct mdp_checkpoint_entry *entry = &entries->list[entries->n];
    memset(entry, 0, sizeof *entry);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    mdp_err err = mdp_h5_shape(file, name, &entry->shape);
    if (err == MDP_OK) err = mdp_h5_type_text(file, name, entry->type);
    if (err == MDP_OK) entries->n++;
    return err;
}

/* tensors are two levels deep, arrays one; anything deeper is not ours */
static mdp_err add_folder(struct mdp_h5 *file, const char *folder, int depth, struct entries *entries) {
    struct mdp_h5_child *children = NULL;
    int n_children;
    if (!mdp_h5_exists(file, folder)) return MDP_OK;
    mdp_err err = mdp_h5_list(file, folder, &children, &n_children);
    for (int i = 0; err == MDP_OK && i < n_children; i++) {
        char name[2 * MDP_H5_NAME_MAX];
        snprintf(name, sizeof name, "%.250s/%s", folder, children[i].name);
        if (!mdp_text_is_name(children[i].name, strlen(children[i].name)))
            err = mdp_fail(MDP_E_DATA, "%s: %s: expected names of plain UTF-8, found '%s'", mdp_h5_path(file), folder,
                           children[i].name);
        else if (children[i].is_group != (depth > 0))
            err = mdp_fail(MDP_E_DATA, "%s: %s: expected a %s, found a %s", mdp_h5_path(file), name,
                           depth > 0 ? "group" : "dataset", depth > 0 ? "dataset" : "group");
        else
            err = depth > 0 ? add_folder(file, name, depth - 1, entries) : add_entry(file, name, entries);
    }
    free(children);
    return err;
}

static mdp_err list_file(struct mdp_h5 *file, struct entries *entries) {
    mdp_err err = add_folder(file, "/tensors", 1, entries);
    if (err == MDP_OK) err = add_folder(file, "/arrays", 0, entries);
    return err;
}

mdp_err mdp_checkpoint_list(const char *path, struct mdp_checkpoint_entry **list, int *n_entries) {
    struct mdp_h5 *file = NULL;
    struct entries entries = {NULL, 0, 0};
    *list = NULL;
    *n_entries = 0;
    mdp_err err = mdp_h5_open(path, &file);
    if (err == MDP_OK) err = list_file(file, &entries);
    if (err == MDP_OK) {
        *list = entries.list;
        *n_entries = entries.n;
    } else {
        free(entries.list);
    }
    mdp_h5_close(file);
    return err;
}

/* block by block: a small file may hold more zeros than there is memory for */
static mdp_err validate_values(struct mdp_h5 *file, const struct mdp_checkpoint_entry *entry) {
    const struct mdp_h5_shape *shape = &entry->shape;
    struct mdp_h5_rows *rows = NULL;
    double *values = NULL;
    mdp_err err;
    if (mdp_h5_count(shape) == 0) return MDP_OK;
    if (shape->rank == 0) {
        double value;
        MDP_TRY(mdp_h5_read_real(file, entry->name, &value));
        return check_finite(mdp_h5_path(file), entry->name, MDP_H5_F64, 1, &value);
    }
    long n_rows = shape->extent[0], width = mdp_h5_count(shape) / n_rows;
    MDP_TRY(mdp_h5_rows_open(file, entry->name, MDP_H5_F64, &rows));
    long n_block = mdp_h5_rows_block(rows, width < BLOCK_ELEMENTS ? BLOCK_ELEMENTS / width : 1);
    if (n_block > n_rows) n_block = n_rows;
    MDP_TRY(mdp_calloc(&values, (unsigned long)n_block, (unsigned long)width * sizeof *values, entry->name));
    for (long first = 0; first < n_rows; first += n_block) {
        long n = n_rows - first < n_block ? n_rows - first : n_block;
        MDP_TRY(mdp_h5_rows_read(rows, first, n, values));
        MDP_TRY(check_finite_from(mdp_h5_path(file), entry->name, MDP_H5_F64, first * width, n * width, values));
    }
out:
    free(values);
    mdp_h5_rows_close(rows);
    return err;
}

static mdp_err validate_entry(struct mdp_h5 *file, const struct mdp_checkpoint_entry *entry) {
    int is_tensor = strncmp(entry->name, "/tensors/", 9) == 0;
    if (is_tensor && (strcmp(entry->type, "float32") != 0 || entry->shape.rank < 1 || entry->shape.rank > 3))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected float32 of rank 1 to 3, found %s of rank %d", mdp_h5_path(file),
                        entry->name, entry->type, entry->shape.rank);
    return validate_values(file, entry);
}

mdp_err mdp_checkpoint_validate(const char *path) {
    struct mdp_h5 *file = NULL;
    struct entries entries = {NULL, 0, 0};
    struct mdp_checkpoint_info info = {0};
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_info(file, &info));
    MDP_TRY(list_file(file, &entries));
    for (int i = 0; i < entries.n; i++) MDP_TRY(validate_entry(file, &entries.list[i]));
out:
    free(entries.list);
    mdp_checkpoint_info_free(&info);
    mdp_h5_close(file);
    return err;
}
