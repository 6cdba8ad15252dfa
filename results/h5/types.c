#include "results/h5/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/types_internal.h"

/* ---- messages ---- */

/* keeps the innermost description of libhdf5's error stack, of a system call only the system's words */
static herr_t keep_reason(unsigned n, const H5E_error2_t *error, void *data) {
    char *text = data;
    if (n != 0 || error->desc == NULL) return 0;
    const char *system = strstr(error->desc, "error message = '");
    if (system != NULL) {
        snprintf(text, 160, "%s", system + strlen("error message = '"));
        char *end = strchr(text, '\'');
        if (end != NULL) *end = 0;
        return 0;
    }
    snprintf(text, 160, "%s", error->desc);
    return 0;
}

void mdp_h5i_reason(char text[160]) {
    strcpy(text, "no reason given");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, text);
}

mdp_err mdp_h5i_fail_read(const struct mdp_h5 *file, const char *name, const char *what) {
    char text[160];
    mdp_h5i_reason(text);
    return mdp_fail(MDP_E_DATA, "%s: %s: cannot read %s: truncated or corrupt? (%s)", file->path, name, what, text);
}

mdp_err mdp_h5i_fail_write(struct mdp_h5 *file, const char *name) {
    char text[160];
    mdp_h5i_reason(text);
    file->failed = 1;
    return mdp_fail(MDP_E_IO, "%s: %s: cannot write: %s", file->path, name,
                    file->disk_error != 0 ? strerror(file->disk_error) : text);
}

mdp_err mdp_h5i_written(struct mdp_h5 *file, const char *name, mdp_err err) {
    return err == MDP_OK && file->disk_error != 0 ? mdp_h5i_fail_write(file, name) : err;
}

void mdp_h5i_shape_text(const struct mdp_h5_shape *shape, char text[120]) {
    int used = snprintf(text, 120, "[");
    for (int i = 0; i < shape->rank && used < 100; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (shape->extent[i] < 0)
            used += snprintf(text + used, 120 - (size_t)used, "%sany", comma);
        else
            used += snprintf(text + used, 120 - (size_t)used, "%s%ld", comma, shape->extent[i]);
    }
    snprintf(text + used, 120 - (size_t)used, "]");
}

/* ---- types ---- */

long mdp_h5_count(const struct mdp_h5_shape *shape) {
    long count = 1;
    for (int i = 0; i < shape->rank; i++) count *= shape->extent[i];
    return count;
}

size_t mdp_h5_type_size(enum mdp_h5_type type) {
    switch (type) {
    case MDP_H5_F32:
    case MDP_H5_I32: return 4;
    case MDP_H5_F64:
    case MDP_H5_I64:
    case MDP_H5_U64: return 8;
    case MDP_H5_I8:
    case MDP_H5_U8:
    case MDP_H5_BOOL: return 1;
    }
    return 0;
}

static hid_t new_bool_type(void) {
    hid_t id = H5Tenum_create(H5T_STD_I8LE);
    const signed char off = 0, on = 1;
    H5Tenum_insert(id, "FALSE", &off);
    H5Tenum_insert(id, "TRUE", &on);
    return id;
}

/* the type in memory; when reading, a BOOL is wanted as plain bytes */
hid_t mdp_h5i_memory_type(enum mdp_h5_type type, int reading) {
    switch (type) {
    case MDP_H5_F32: return H5Tcopy(H5T_NATIVE_FLOAT);
    case MDP_H5_F64: return H5Tcopy(H5T_NATIVE_DOUBLE);
    case MDP_H5_I8: return H5Tcopy(H5T_NATIVE_INT8);
    case MDP_H5_U8: return H5Tcopy(H5T_NATIVE_UINT8);
    case MDP_H5_I32: return H5Tcopy(H5T_NATIVE_INT32);
    case MDP_H5_I64: return H5Tcopy(H5T_NATIVE_INT64);
    case MDP_H5_U64: return H5Tcopy(H5T_NATIVE_UINT64);
    case MDP_H5_BOOL: return reading ? H5Tcopy(H5T_NATIVE_INT8) : new_bool_type();
    }
    return H5I_INVALID_HID;
}

hid_t mdp_h5i_file_type(enum mdp_h5_type type) {
    switch (type) {
    case MDP_H5_F32: return H5Tcopy(H5T_IEEE_F32LE);
    case MDP_H5_F64: return H5Tcopy(H5T_IEEE_F64LE);
    case MDP_H5_I8: return H5Tcopy(H5T_STD_I8LE);
    case MDP_H5_U8: return H5Tcopy(H5T_STD_U8LE);
    case MDP_H5_I32: return H5Tcopy(H5T_STD_I32LE);
    case MDP_H5_I64: return H5Tcopy(H5T_STD_I64LE);
    case MDP_H5_U64: return H5Tcopy(H5T_STD_U64LE);
    case MDP_H5_BOOL: return new_bool_type();
    }
    return H5I_INVALID_HID;
}

int mdp_h5i_is_numeric(hid_t type) {
    H5T_class_t class = H5Tget_class(type);
    return class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM;
}

void mdp_h5i_type_text(hid_t type, char text[16]) {
    unsigned bits = (unsigned)(8 * H5Tget_size(type)) & 0xfff;
    switch (H5Tget_class(type)) {
    case H5T_FLOAT: snprintf(text, 16, "float%u", bits); break;
    case H5T_INTEGER: snprintf(text, 16, "%s%u", H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int", bits); break;
    case H5T_ENUM: snprintf(text, 16, "bool"); break;
    case H5T_STRING: snprintf(text, 16, "text"); break;
    default: snprintf(text, 16, "other"); break;
    }
}

/* an integer type must hold a value exactly: no clipping, no fraction cut off, no NaN turned into 0 */
static H5T_conv_ret_t refuse_loss(H5T_conv_except_t kind, hid_t from, hid_t to, void *value, void *result, void *data) {
    (void)kind, (void)from, (void)to, (void)value, (void)result;
    *(int *)data = 1;
    return H5T_CONV_ABORT;
}

hid_t mdp_h5i_transfer(enum mdp_h5_type type, int *lossy) {
    hid_t id = H5Pcreate(H5P_DATASET_XFER);
    *lossy = 0;
    if (type != MDP_H5_F32 && type != MDP_H5_F64) H5Pset_type_conv_cb(id, refuse_loss, lossy);
    return id;
}

/* ---- opening ---- */

/* one pinned version of the format; no locks, because files are published by rename and never changed again */
hid_t mdp_h5i_access(void) {
    hid_t id = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(id, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(id, H5F_CLOSE_STRONG);
    H5Pset_file_locking(id, 0, 1);
    return id;
}

/* a link that leads out of the file is refused, whatever it points to */
static herr_t refuse_external(const char *a, const char *b, const char *c, const char *d, unsigned *e, hid_t f,
                              void *g) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return -1;
}

hid_t mdp_h5i_open_below(hid_t group, const char *name) {
    hid_t links = H5Pcreate(H5P_LINK_ACCESS);
    H5Pset_elink_cb(links, refuse_external, NULL);
    hid_t id = H5Oopen(group, name, links);
    H5Pclose(links);
    return id;
}

hid_t mdp_h5i_open(struct mdp_h5 *file, const char *name) { return mdp_h5i_open_below(file->id, name); }

mdp_err mdp_h5i_open_as(struct mdp_h5 *file, const char *name, H5I_type_t wanted, hid_t *out) {
    *out = mdp_h5i_open(file, name);
    const char *kind = wanted == H5I_GROUP ? "group" : "dataset";
    if (*out < 0) return mdp_fail(MDP_E_DATA, "%s: %s: expected a %s, found none", file->path, name, kind);
    H5I_type_t found = H5Iget_type(*out);
    if (found == wanted) return MDP_OK;
    H5Oclose(*out);
    *out = H5I_INVALID_HID;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a %s, found a %s", file->path, name, kind,
                    found == H5I_GROUP     ? "group"
                    : found == H5I_DATASET ? "dataset"
                                           : "named type");
}
