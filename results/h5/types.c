#include "results/h5/types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/types_internal.h"

/* ---- messages ---- */

/* keeps the innermost description of libhdf5's error stack, of a system call only the system's words */
static herr_t keep_reason(unsigned n, const H5E_error2_t *error, void *data) {
    struct mdp_h5i_reason *reason = data;
    if (n != 0 || error->desc == NULL) return 0;
    const char *system = strstr(error->desc, "error message = '"), *number = strstr(error->desc, "errno = ");
    snprintf(reason->text, sizeof reason->text, "%s",
             system != NULL ? system + strlen("error message = '") : error->desc);
    if (system == NULL) return 0;
    reason->text[strcspn(reason->text, "'")] = 0;
    if (number != NULL) reason->error_number = atoi(number + strlen("errno = "));
    return 0;
}

struct mdp_h5i_reason mdp_h5i_newest_reason(void) {
    struct mdp_h5i_reason reason = {"no reason given", 0};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, &reason);
    return reason;
}

void mdp_h5i_reason(char text[160]) {
    struct mdp_h5i_reason reason = mdp_h5i_newest_reason();
    memcpy(text, reason.text, sizeof reason.text);
}

/* a wild number in the file can make a system call fail with these: no fault of the disk */
int mdp_h5i_is_disk_error(const struct mdp_h5i_reason *reason) {
    int error_number = reason->error_number;
    return error_number != 0 && error_number != EINVAL && error_number != EOVERFLOW && error_number != ENOMEM;
}

mdp_err mdp_h5i_fail_open(const char *path, const struct mdp_h5i_reason *reason) {
    if (mdp_h5i_is_disk_error(reason)) return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, reason->text);
    return mdp_fail(MDP_E_DATA, "%s: cannot open HDF5 file: truncated or corrupt? (%s)", path, reason->text);
}

mdp_err mdp_h5i_fail_read_for(const struct mdp_h5 *file, const char *name, const char *what,
                              const struct mdp_h5i_reason *reason) {
    if (mdp_h5i_is_disk_error(reason))
        return mdp_fail(MDP_E_IO, "%s: %s: cannot read %s: %s", file->path, name, what, reason->text);
    return mdp_fail(MDP_E_DATA, "%s: %s: cannot read %s: truncated or corrupt? (%s)", file->path, name, what,
                    reason->text);
}

mdp_err mdp_h5i_fail_read(const struct mdp_h5 *file, const char *name, const char *what) {
    const struct mdp_h5i_reason reason = mdp_h5i_newest_reason();
    return mdp_h5i_fail_read_for(file, name, what, &reason);
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

mdp_err mdp_h5i_not_own(const struct mdp_h5 *file, const char *name) {
    return mdp_fail(MDP_E_DATA, "%s: %s: expected it in the layout of this program, found another", file->path, name);
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
    return class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM || class == H5T_BITFIELD;
}

void mdp_h5i_type_text(hid_t type, char text[16]) {
    unsigned bits = (unsigned)(8 * H5Tget_size(type)) & 0xfff;
    switch (H5Tget_class(type)) {
    case H5T_FLOAT: snprintf(text, 16, "float%u", bits); break;
    case H5T_INTEGER: snprintf(text, 16, "%s%u", H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int", bits); break;
    case H5T_ENUM: snprintf(text, 16, "bool"); break;
    case H5T_BITFIELD: snprintf(text, 16, "bitfield%u", bits); break;
    case H5T_STRING: snprintf(text, 16, "text"); break;
    case H5T_COMPOUND: snprintf(text, 16, "records"); break;
    case H5T_ARRAY: snprintf(text, 16, "arrays"); break;
    case H5T_VLEN: snprintf(text, 16, "lists"); break;
    case H5T_OPAQUE: snprintf(text, 16, "opaque bytes"); break;
    case H5T_REFERENCE: snprintf(text, 16, "references"); break;
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

/* ---- files ---- */

/* one pinned version of the format; no locks, because files are published by rename and never changed again */
hid_t mdp_h5i_access(void) {
    hid_t id = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(id, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(id, H5F_CLOSE_STRONG);
    H5Pset_file_locking(id, 0, 1);
    return id;
}
