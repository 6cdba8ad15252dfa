#include "results/h5/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results/h5/internal.h"

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

static void reason(char text[160]) {
    strcpy(text, "no reason given");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, text);
}

mdp_err mdp_h5i_fail_read(const struct mdp_h5 *file, const char *name, const char *what) {
    char text[160];
    reason(text);
    return mdp_fail(MDP_E_DATA, "%s: %s: cannot read %s: truncated or corrupt? (%s)", file->path, name, what, text);
}

mdp_err mdp_h5i_fail_write(struct mdp_h5 *file, const char *name) {
    char text[160];
    reason(text);
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

/* ---- files ---- */

/* one pinned version of the format; no locks, because files are published by rename and never changed again */
hid_t mdp_h5i_access(void) {
    hid_t id = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(id, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(id, H5F_CLOSE_STRONG);
    H5Pset_file_locking(id, 0, 1);
    return id;
}

static mdp_err new_handle(const char *path, struct mdp_h5 **out) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    *out = NULL;
    if (strlen(path) >= MDP_PATH_MAX)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, path);
    mdp_err err = mdp_calloc(out, 1, sizeof **out, "file handle");
    if (err != MDP_OK) return err;
    strcpy((*out)->path, path);
    (*out)->id = H5I_INVALID_HID;
    return MDP_OK;
}

static mdp_err check_regular(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode)) return mdp_fail(MDP_E_IO, "%s: expected a file, found a folder", path);
    if (!S_ISREG(info.st_mode)) return mdp_fail(MDP_E_IO, "%s: expected a regular file, found a device or pipe", path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
    fclose(file);
    if (info.st_size == 0) return mdp_fail(MDP_E_DATA, "%s: expected an HDF5 file, found an empty file", path);
    return MDP_OK;
}

mdp_err mdp_h5_open(const char *path, struct mdp_h5 **out) {
    mdp_err err = new_handle(path, out);
    if (err != MDP_OK) return err;
    struct mdp_h5 *file = *out;
    hid_t access = mdp_h5i_access();
    MDP_TRY(check_regular(path));
    if (H5Fis_hdf5(path) <= 0) {
        err = mdp_fail(MDP_E_DATA, "%s: expected an HDF5 file, found something else", path);
        goto out;
    }
    MDP_TRY(mdp_h5i_probe(path));
    file->id = H5Fopen(path, H5F_ACC_RDONLY, access);
    /* the library notices a damaged part of an object once, at the first touch, and later does not find what that part
     * lists: the root is touched here */
    if (file->id < 0 || H5Aexists(file->id, "format") < 0) {
        char text[160];
        reason(text);
        err = mdp_fail(MDP_E_DATA, "%s: cannot open HDF5 file: truncated or corrupt? (%s)", path, text);
    }
out:
    H5Pclose(access);
    if (err != MDP_OK) {
        if (file->id >= 0) H5Fclose(file->id);
        free(file);
        *out = NULL;
    }
    return err;
}

mdp_err mdp_h5_create(const char *path, struct mdp_h5 **out) {
    mdp_err err = new_handle(path, out);
    if (err != MDP_OK) return err;
    struct mdp_h5 *file = *out;
    hid_t access = mdp_h5i_access(), creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, 0);
    mdp_h5i_disk_use(access, &file->disk_error);
    MDP_TRY(mdp_fsx_temp_name(path, file->temp));
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        err = mdp_fail(MDP_E_IO, "%s: expected a file name, found a folder", path);
        goto out;
    }
    file->id = H5Fcreate(file->temp, H5F_ACC_TRUNC, creation, access);
    if (file->id < 0) {
        char text[160];
        reason(text);
        err = mdp_fail(MDP_E_IO, "%s: cannot create: %s", path,
                       file->disk_error != 0 ? strerror(file->disk_error) : text);
    }
out:
    H5Pclose(access);
    H5Pclose(creation);
    if (err != MDP_OK) {
        if (file->temp[0] != 0) mdp_fsx_discard(file->temp);
        free(file);
        *out = NULL;
    }
    return err;
}

mdp_err mdp_h5_commit(struct mdp_h5 **slot) {
    struct mdp_h5 *file = *slot;
    *slot = NULL;
    mdp_err err = MDP_OK;
    /* the last bytes go out while the file closes, so both come before the verdict */
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0) err = mdp_h5i_fail_write(file, "/");
    if (H5Fclose(file->id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, "/");
    err = mdp_h5i_written(file, "/", err);
    if (err == MDP_OK && file->failed)
        err = mdp_fail(MDP_E_IO, "%s: not published: an earlier write failed", file->path);
    if (err == MDP_OK)
        err = mdp_fsx_publish(file->temp, file->path);
    else
        mdp_fsx_discard(file->temp);
    free(file);
    return err;
}

void mdp_h5_close(struct mdp_h5 *file) {
    if (file == NULL) return;
    if (file->id >= 0) H5Fclose(file->id);
    if (file->temp[0] != 0) mdp_fsx_discard(file->temp);
    free(file);
}

const char *mdp_h5_path(const struct mdp_h5 *file) { return file->path; }

void mdp_h5_library_version(char text[32]) {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, 32, "%u.%u.%u", major, minor, release);
}

/* ---- finding objects ---- */

/* a link that leads out of the file is refused, whatever it points to */
static herr_t refuse_external(const char *a, const char *b, const char *c, const char *d, unsigned *e, hid_t f,
                              void *g) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return -1;
}

static hid_t link_plist(void) {
    hid_t id = H5Pcreate(H5P_LINK_ACCESS);
    H5Pset_elink_cb(id, refuse_external, NULL);
    return id;
}

hid_t mdp_h5i_open(struct mdp_h5 *file, const char *name) {
    hid_t links = link_plist();
    hid_t id = H5Oopen(file->id, name, links);
    H5Pclose(links);
    return id;
}

/* link by link: an object that cannot be opened is there all the same, and must not pass for one that was left out */
int mdp_h5_exists(struct mdp_h5 *file, const char *name) {
    char part[MDP_PATH_MAX];
    size_t n = strspn(name, "/");
    while (name[n] != 0) {
        n += strcspn(name + n, "/");
        snprintf(part, sizeof part, "%.*s", (int)n, name);
        htri_t found = H5Lexists(file->id, part, H5P_DEFAULT);
        if (found <= 0) return found < 0;
        n += strspn(name + n, "/");
        if (name[n] == 0) break;
        hid_t id = mdp_h5i_open(file, part);
        if (id < 0) return 1;
        H5I_type_t type = H5Iget_type(id);
        H5Oclose(id);
        if (type != H5I_GROUP) return 0;
    }
    return 1;
}

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

struct listing {
    struct mdp_h5 *file;
    struct mdp_h5_child *children;
    int n, room, refused;
};

static herr_t add_child(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    struct listing *list = data;
    (void)info;
    if (list->n == list->room || strlen(name) >= MDP_H5_NAME_MAX) {
        list->refused = 1;
        return -1;
    }
    struct mdp_h5_child *child = &list->children[list->n++];
    strcpy(child->name, name);
    hid_t links = link_plist(), id = H5Oopen(group, name, links);
    child->is_group = id >= 0 && H5Iget_type(id) == H5I_GROUP;
    if (id >= 0) H5Oclose(id);
    H5Pclose(links);
    return 0;
}

mdp_err mdp_h5_list(struct mdp_h5 *file, const char *group, struct mdp_h5_child **children, int *n_children) {
    hid_t id;
    H5G_info_t info;
    struct listing list = {file, NULL, 0, 0, 0};
    *children = NULL;
    *n_children = 0;
    mdp_err err = mdp_h5i_open_as(file, group, H5I_GROUP, &id);
    if (err != MDP_OK) return err;
    if (H5Gget_info(id, &info) < 0) {
        err = mdp_h5i_fail_read(file, group, "the group");
        goto out;
    }
    if (info.nlinks > MDP_H5_CHILDREN_MAX) {
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d entries, found %llu", file->path, group,
                       MDP_H5_CHILDREN_MAX, (unsigned long long)info.nlinks);
        goto out;
    }
    list.room = (int)info.nlinks;
    MDP_TRY(mdp_calloc(&list.children, (unsigned long)list.room, sizeof *list.children, group));
    hsize_t index = 0;
    if (H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, &index, add_child, &list) < 0) {
        err = list.refused ? mdp_fail(MDP_E_DATA, "%s: %s: expected names below %d bytes, found a longer one",
                                      file->path, group, MDP_H5_NAME_MAX)
                           : mdp_h5i_fail_read(file, group, "the list of entries");
        free(list.children);
        goto out;
    }
    *children = list.children;
    *n_children = list.n;
out:
    H5Oclose(id);
    return err;
}
