#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"
#include "results/h5/objects_internal.h"
#include "results/h5/own_internal.h"

enum { TEXT_MAX = 1 << 24 };

/* ---- texts, of attributes and datasets alike ---- */

/* where a text is kept: exactly one of the two ids is an open object, both read the same way */
struct text_source {
    struct mdp_h5 *file;
    const char *name; /* for messages */
    hid_t id;
    int is_attr;
};

static herr_t read_raw(const struct text_source *source, hid_t type, void *buffer) {
    if (source->is_attr) return H5Aread(source->id, type, buffer);
    return H5Dread(source->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
}

static mdp_err copy_text(const struct text_source *source, const char *text, size_t size, char **out) {
    mdp_err err = mdp_calloc(out, size + 1, 1, source->name);
    if (err == MDP_OK) memcpy(*out, text, size);
    return err;
}

static mdp_err read_variable(const struct text_source *source, hid_t type, hid_t space, char **out) {
    char *text = NULL;
    if (read_raw(source, type, &text) < 0) return mdp_h5i_fail_read(source->file, source->name, "the text");
    size_t size = text == NULL ? 0 : strnlen(text, TEXT_MAX);
    mdp_err err = copy_text(source, text == NULL ? "" : text, size, out);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, &text);
    return err;
}

static mdp_err read_fixed(const struct text_source *source, hid_t type, char **out) {
    size_t size = H5Tget_size(type);
    if (size > TEXT_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a text of at most %d bytes, found %zu", source->file->path,
                        source->name, TEXT_MAX, size);
    mdp_err err = mdp_calloc(out, size + 1, 1, source->name);
    if (err != MDP_OK) return err;
    if (read_raw(source, type, *out) >= 0) return MDP_OK;
    free(*out);
    *out = NULL;
    return mdp_h5i_fail_read(source->file, source->name, "the text");
}

static mdp_err read_text(const struct text_source *source, hid_t type, hid_t space, char **out) {
    char found[16];
    *out = NULL;
    if (H5Tget_class(type) != H5T_STRING) {
        mdp_h5i_type_text(type, found);
        return mdp_fail(MDP_E_DATA, "%s: %s: expected text, found %s", source->file->path, source->name, found);
    }
    if (H5Sget_simple_extent_npoints(space) != 1)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected one text, found %lld", source->file->path, source->name,
                        (long long)H5Sget_simple_extent_npoints(space));
    return H5Tis_variable_str(type) > 0 ? read_variable(source, type, space, out) : read_fixed(source, type, out);
}

mdp_err mdp_h5_read_text(struct mdp_h5 *file, const char *name, char **text) {
    struct text_source source = {file, name, H5I_INVALID_HID, 0};
    *text = NULL;
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, &source.id);
    if (err != MDP_OK) return err;
    hid_t type = H5Dget_type(source.id), space = H5Dget_space(source.id);
    err = read_text(&source, type, space, text);
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(source.id);
    return err;
}

/* ---- reading attributes ---- */

/* an open attribute and its name in messages, "object@name" */
struct attr {
    hid_t object, id, type, space;
    char label[MDP_H5_NAME_MAX];
};

static void close_attr(struct attr *attr) {
    if (attr->space >= 0) H5Sclose(attr->space);
    if (attr->type >= 0) H5Tclose(attr->type);
    if (attr->id >= 0) H5Aclose(attr->id);
    if (attr->object >= 0) H5Oclose(attr->object);
}

/* what libhdf5 says of a failure is gone with the next question to it, so that each is reported before anything is
 * closed */
static mdp_err open_attr(struct mdp_h5 *file, const char *object, const char *name, struct attr *attr) {
    mdp_err err = MDP_OK;
    *attr = (struct attr){H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, ""};
    snprintf(attr->label, sizeof attr->label, "%s@%s", object, name);
    attr->object = mdp_h5i_open(file, object);
    if (attr->object < 0) {
        const struct mdp_h5i_reason reason = mdp_h5i_newest_reason();
        if (mdp_h5_exists(file, object)) return mdp_h5i_fail_read_for(file, object, "the object", &reason);
        return mdp_fail(MDP_E_DATA, "%s: %s: expected an object, found none", file->path, object);
    }
    htri_t is_there = H5Aexists(attr->object, name);
    if (is_there > 0) attr->id = H5Aopen(attr->object, name, H5P_DEFAULT);
    if (is_there == 0)
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected an attribute, found none", file->path, attr->label);
    else if (attr->id < 0)
        err = mdp_h5i_fail_read(file, attr->label, "the attribute");
    if (err != MDP_OK) {
        close_attr(attr);
        return err;
    }
    attr->type = H5Aget_type(attr->id);
    attr->space = H5Aget_space(attr->id);
    return MDP_OK;
}

static int is_root(const char *object) { return strcmp(object, "/") == 0; }

/* what a file that is read without libhdf5 may have elsewhere counts as there, so that reading it says so */
int mdp_h5_attr_exists(struct mdp_h5 *file, const char *object, const char *name) {
    if (file->own != NULL) return !is_root(object) || mdp_h5i_own_has_attr(file->own, name);
    hid_t id = mdp_h5i_open(file, object);
    if (id < 0) return mdp_h5_exists(file, object);
    int found = H5Aexists(id, name) != 0;
    H5Oclose(id);
    return found;
}

static mdp_err check_attr(struct mdp_h5 *file, const struct attr *attr, enum mdp_h5_type type, long limit) {
    char found[16];
    long long count = H5Sget_simple_extent_npoints(attr->space);
    int wants_real = type == MDP_H5_F32 || type == MDP_H5_F64;
    mdp_h5i_type_text(attr->type, found);
    if (!mdp_h5i_is_numeric(attr->type) || (!wants_real && H5Tget_class(attr->type) == H5T_FLOAT))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %s, found %s", file->path, attr->label,
                        wants_real ? "numbers" : "integers", found);
    if (count < 1 || count > limit)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected 1 to %ld elements, found %lld", file->path, attr->label, limit,
                        count);
    return MDP_OK;
}

/* H5Aread clips silently; read as stored and converted here, a value that does not fit is refused */
static mdp_err convert_attr(struct mdp_h5 *file, const struct attr *attr, enum mdp_h5_type type, void *buffer) {
    size_t n = (size_t)H5Sget_simple_extent_npoints(attr->space), size = mdp_h5_type_size(type),
           stored = H5Tget_size(attr->type);
    char *wide;
    int lossy;
    mdp_err err = mdp_calloc(&wide, n, stored > size ? stored : size, attr->label);
    if (err != MDP_OK) return err;
    hid_t memory = mdp_h5i_memory_type(type, 1), plist = H5I_INVALID_HID;
    int is_same = H5Tequal(attr->type, memory) > 0;
    if (!is_same) plist = mdp_h5i_transfer(type, &lossy);
    if (H5Aread(attr->id, attr->type, wide) < 0)
        err = mdp_h5i_fail_read(file, attr->label, "the attribute");
    else if (!is_same && H5Tconvert(attr->type, memory, n, wide, NULL, plist) < 0)
        err =
            mdp_fail(MDP_E_DATA, "%s: %s: expected %s of %zu bits, found a value that does not fit", file->path,
                     attr->label, type == MDP_H5_U64 || type == MDP_H5_U8 ? "unsigned integers" : "integers", 8 * size);
    else
        memcpy(buffer, wide, n * size);
    if (!is_same) H5Pclose(plist);
    H5Tclose(memory);
    free(wide);
    return err;
}

mdp_err mdp_h5_attr_array(struct mdp_h5 *file, const char *object, const char *name, enum mdp_h5_type type, long limit,
                          void *buffer, long *n) {
    struct attr attr;
    if (file->own != NULL)
        return n == NULL && is_root(object) && mdp_h5i_own_attr(file->own, name, type, buffer)
                   ? MDP_OK
                   : mdp_h5i_not_own(file, name);
    mdp_err err = open_attr(file, object, name, &attr);
    if (err != MDP_OK) return err;
    MDP_TRY(check_attr(file, &attr, type, limit));
    MDP_TRY(convert_attr(file, &attr, type, buffer));
    if (n != NULL) *n = (long)H5Sget_simple_extent_npoints(attr.space);
out:
    close_attr(&attr);
    return err;
}

mdp_err mdp_h5_attr_real(struct mdp_h5 *file, const char *object, const char *name, double *value) {
    return mdp_h5_attr_array(file, object, name, MDP_H5_F64, 1, value, NULL);
}

mdp_err mdp_h5_attr_int(struct mdp_h5 *file, const char *object, const char *name, int64_t *value) {
    return mdp_h5_attr_array(file, object, name, MDP_H5_I64, 1, value, NULL);
}

mdp_err mdp_h5_attr_u64(struct mdp_h5 *file, const char *object, const char *name, uint64_t *value) {
    return mdp_h5_attr_array(file, object, name, MDP_H5_U64, 1, value, NULL);
}

mdp_err mdp_h5_attr_text_new(struct mdp_h5 *file, const char *object, const char *name, char **text) {
    struct attr attr;
    *text = NULL;
    if (file->own != NULL) {
        if (is_root(object)) *text = mdp_h5i_own_text(file->own, name);
        return *text != NULL ? MDP_OK : mdp_h5i_not_own(file, name);
    }
    mdp_err err = open_attr(file, object, name, &attr);
    if (err != MDP_OK) return err;
    struct text_source source = {file, attr.label, attr.id, 1};
    err = read_text(&source, attr.type, attr.space, text);
    close_attr(&attr);
    return err;
}

mdp_err mdp_h5_attr_text(struct mdp_h5 *file, const char *object, const char *name, char *text, size_t size) {
    char *found;
    mdp_err err = mdp_h5_attr_text_new(file, object, name, &found);
    if (err != MDP_OK) return err;
    size_t n = strlen(found);
    if (n < size && (n == 0 || mdp_text_is_name(found, n)))
        strcpy(text, found);
    else if (n < size)
        err = mdp_fail(MDP_E_DATA, "%s: %s@%s: expected a line of plain UTF-8, found '%s'", file->path, object, name,
                       found);
    else
        err = mdp_fail(MDP_E_DATA, "%s: %s@%s: expected a text below %zu bytes, found %zu", file->path, object, name,
                       size, n);
    free(found);
    return err;
}

/* ---- writing attributes ---- */

static mdp_err put(struct mdp_h5 *file, const char *object, const char *name, hid_t stored, hid_t memory,
                   const void *data) {
    char label[MDP_H5_NAME_MAX];
    snprintf(label, sizeof label, "%s@%s", object, name);
    mdp_err err = MDP_OK;
    hid_t target = mdp_h5i_open(file, object), space = H5Screate(H5S_SCALAR);
    hid_t id = target < 0 ? H5I_INVALID_HID : H5Acreate2(target, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    if (id < 0 || H5Awrite(id, memory, data) < 0) err = mdp_h5i_fail_write(file, label);
    if (id >= 0 && H5Aclose(id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, label);
    H5Sclose(space);
    if (target >= 0) H5Oclose(target);
    return mdp_h5i_written(file, label, err);
}

mdp_err mdp_h5_put_real(struct mdp_h5 *file, const char *object, const char *name, double value) {
    return put(file, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

mdp_err mdp_h5_put_int(struct mdp_h5 *file, const char *object, const char *name, int64_t value) {
    return put(file, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

mdp_err mdp_h5_put_u64(struct mdp_h5 *file, const char *object, const char *name, uint64_t value) {
    return put(file, object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

mdp_err mdp_h5_put_text(struct mdp_h5 *file, const char *object, const char *name, const char *text) {
    size_t size = strlen(text);
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size > 0 ? size : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    mdp_err err = put(file, object, name, type, type, text);
    H5Tclose(type);
    return err;
}
