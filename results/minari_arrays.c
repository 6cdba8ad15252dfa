#include "results/minari_arrays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/write.h"

enum { DEPTH_MAX = 4 };

const char *const mdp_d4rl_names[] = {"observations", "actions", "rewards", "terminals", "timeouts"};
const char *const mdp_minari_names[] = {"observations", "actions", "rewards", "terminations", "truncations"};

/* types as files hold them, in the nearest one here that keeps every value */
static int type_of(struct mdp_h5 *file, const char *name, enum mdp_h5_type *type) {
    static const struct {
        const char *text;
        enum mdp_h5_type type;
    } types[] = {{"float16", MDP_H5_F32}, {"float32", MDP_H5_F32}, {"float64", MDP_H5_F64}, {"int8", MDP_H5_I8},
                 {"uint8", MDP_H5_U8},    {"int16", MDP_H5_I32},   {"uint16", MDP_H5_I32},  {"int32", MDP_H5_I32},
                 {"uint32", MDP_H5_I64},  {"int64", MDP_H5_I64},   {"uint64", MDP_H5_U64},  {"bool", MDP_H5_BOOL},
                 {"bitfield8", MDP_H5_U8}};
    char text[16];
    if (mdp_h5_type_text(file, name, text) != MDP_OK) return 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].text, text) == 0) {
            *type = types[i].type;
            return 1;
        }
    return 0;
}

void mdp_minari_arrays_free(struct mdp_minari_arrays *arrays) {
    for (int i = 0; i < arrays->n; i++) {
        mdp_h5_rows_close(arrays->list[i].rows);
        free(arrays->list[i].block);
    }
}

/* room for n_rows rows, and the one beyond */
mdp_err mdp_minari_arrays_alloc(struct mdp_minari_arrays *arrays, long n_rows) {
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && i < arrays->n; i++)
        err = mdp_calloc(&arrays->list[i].block, (unsigned long)n_rows + 1, arrays->list[i].row_bytes,
                         arrays->list[i].name);
    return err;
}

mdp_err mdp_minari_walk(struct mdp_h5 *file, const char *group, int depth, mdp_minari_hook hook, void *context) {
    struct mdp_h5_child *children;
    char name[MDP_H5_NAME_MAX];
    int n;
    mdp_err err = mdp_h5_list(file, group[0] != 0 ? group : "/", &children, &n);
    if (err != MDP_OK) return err;
    for (int i = 0; err == MDP_OK && i < n; i++) {
        int used = snprintf(name, sizeof name, "%s%s%s", group, group[0] != 0 ? "/" : "", children[i].name);
        if (used >= (int)sizeof name || (children[i].is_group && depth == DEPTH_MAX))
            mdp_log("%s: %s: left out, as its name is too long or its group too deep", mdp_h5_path(file), name);
        else
            err = children[i].is_group ? mdp_minari_walk(file, name, depth + 1, hook, context)
                                       : hook(context, file, name);
    }
    free(children);
    return err;
}

/* 0 in *is_row for what has not as many rows as steps */
mdp_err mdp_minari_describe(struct mdp_h5 *file, const char *name, long n_rows, struct mdp_minari_array *array,
                            int *is_row) {
    struct mdp_h5_entry entry;
    struct mdp_h5_shape shape;
    mdp_err err = mdp_h5_describe(file, name, &entry);
    *is_row = 0;
    if (err != MDP_OK || !entry.is_numeric || !entry.has_elements) return err;
    err = mdp_h5_shape(file, name, &shape);
    if (err != MDP_OK || shape.rank < 1 || shape.rank > 2) return err;
    array->beyond = shape.extent[0] == n_rows + 1;
    if (shape.extent[0] - array->beyond != n_rows || !type_of(file, name, &array->type)) return MDP_OK;
    snprintf(array->name, sizeof array->name, "%s", name);
    array->is_flat = shape.rank == 1;
    array->width = shape.rank == 1 ? 1 : shape.extent[1];
    array->row_bytes = mdp_h5_type_size(array->type) * (size_t)array->width;
    *is_row = array->width > 0;
    return MDP_OK;
}

/* ---- what is no row ---- */

static mdp_err copy_text(struct mdp_h5 *target, struct mdp_h5 *file, const char *name) {
    char *text;
    mdp_err err = mdp_h5_read_text(file, name, &text);
    if (err != MDP_OK) return err;
    err = mdp_h5_write_text(target, name, text);
    free(text);
    return err;
}

static mdp_err copy_numbers(struct mdp_h5 *target, struct mdp_h5 *file, const char *name, enum mdp_h5_type type) {
    struct mdp_h5_shape shape;
    void *values;
    mdp_err err = mdp_h5_read_new(file, name, type, NULL, &shape, &values);
    if (err != MDP_OK) return err;
    err = mdp_h5_write(target, name, type, &shape, MDP_H5_COMPRESS, values);
    free(values);
    return err;
}

mdp_err mdp_minari_copy_rest(void *context, struct mdp_h5 *file, const char *name) {
    struct mdp_minari_rest *rest = context;
    struct mdp_h5_entry entry;
    enum mdp_h5_type type;
    for (int i = 0; rest->arrays != NULL && i < rest->arrays->n; i++)
        if (strcmp(rest->arrays->list[i].name, name) == 0) return MDP_OK;
    if (rest->arrays != NULL && strcmp(name, "next_observations") == 0) return MDP_OK;
    mdp_err err = mdp_h5_describe(file, name, &entry);
    if (err != MDP_OK) return err;
    int is_text = strcmp(entry.type, "text") == 0 && entry.has_elements;
    int is_numeric = entry.is_numeric && entry.has_elements && type_of(file, name, &type);
    if (!is_text && !is_numeric) {
        mdp_log("%s: %s: left out, as it is neither numbers nor a text", mdp_h5_path(file), name);
        return MDP_OK;
    }
    rest->n++;
    return is_text ? copy_text(rest->target, file, name) : copy_numbers(rest->target, file, name, type);
}
