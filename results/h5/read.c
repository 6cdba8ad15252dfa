#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/chunks_internal.h"
#include "results/h5/convert_internal.h"
#include "results/h5/objects_internal.h"
#include "results/h5/own_internal.h"
#include "results/h5/read.h"
#include "results/h5/storage_internal.h"

/* what was never written is no part of a file of ours, so that whole arrays have little use for it. Units: elements */
enum { NEVER_WRITTEN_WHOLE_MAX = 1 << 20 };

static mdp_err space_shape(struct mdp_h5 *file, const char *name, hid_t space, struct mdp_h5_shape *shape) {
    hsize_t extent[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_ndims(space);
    if (H5Sget_simple_extent_type(space) == H5S_NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected elements, found none (a null dataspace)", file->path, name);
    if (rank < 0) return mdp_h5i_fail_read(file, name, "the shape");
    if (rank > MDP_H5_RANK_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected rank 0 to %d, found %d", file->path, name, MDP_H5_RANK_MAX, rank);
    H5Sget_simple_extent_dims(space, extent, NULL);
    *shape = (struct mdp_h5_shape){.rank = rank};
    long long left = MDP_H5_BYTES_MAX / 8;
    for (int i = 0; i < rank; i++) {
        if (extent[i] > (hsize_t)left)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected at most %lld elements, found more (extent %d is %llu)",
                            file->path, name, MDP_H5_BYTES_MAX / 8, i, (unsigned long long)extent[i]);
        if (extent[i] > 0) left /= (long long)extent[i];
        shape->extent[i] = (long)extent[i];
    }
    return MDP_OK;
}

static mdp_err check_type(struct mdp_h5 *file, const char *name, hid_t type) {
    char found[16];
    mdp_h5i_type_text(type, found);
    if (!mdp_h5i_is_numeric(type))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected numbers, found %s", file->path, name, found);
    if (H5Tget_size(type) > MDP_H5_ELEMENT_BYTES_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected numbers of at most %d bytes, found %s", file->path, name,
                        MDP_H5_ELEMENT_BYTES_MAX, found);
    return MDP_OK;
}

/* an open dataset whose claims were checked */
struct numeric {
    hid_t id, type, creation; /* type: of the elements in the file; creation: what it was made with */
    struct mdp_h5_shape shape;
    double n_never_written;
};

static void close_numeric(const struct numeric *numeric) {
    if (numeric->creation > 0) H5Pclose(numeric->creation);
    if (numeric->type > 0) H5Tclose(numeric->type);
    if (numeric->id > 0) H5Oclose(numeric->id);
}

static mdp_err open_numeric(struct mdp_h5 *file, const char *name, struct numeric *numeric) {
    *numeric = (struct numeric){.id = H5I_INVALID_HID};
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, &numeric->id);
    if (err != MDP_OK) return err;
    hid_t space = H5Dget_space(numeric->id);
    numeric->type = H5Dget_type(numeric->id);
    numeric->creation = H5Dget_create_plist(numeric->id);
    MDP_TRY(check_type(file, name, numeric->type));
    MDP_TRY(space_shape(file, name, space, &numeric->shape));
    MDP_TRY(
        mdp_h5i_storage_check(file, name, numeric->id, numeric->creation, &numeric->shape, &numeric->n_never_written));
out:
    H5Sclose(space);
    if (err != MDP_OK) {
        close_numeric(numeric);
        *numeric = (struct numeric){.id = H5I_INVALID_HID};
    }
    return err;
}

mdp_err mdp_h5_shape(struct mdp_h5 *file, const char *name, struct mdp_h5_shape *shape) {
    struct numeric numeric;
    if (file->own != NULL) {
        *shape = *MDP_H5_1D(mdp_h5i_own_length(file->own, name));
        return shape->extent[0] >= 0 ? MDP_OK : mdp_h5i_not_own(file, name);
    }
    mdp_err err = open_numeric(file, name, &numeric);
    if (err != MDP_OK) return err;
    *shape = numeric.shape;
    close_numeric(&numeric);
    return MDP_OK;
}

mdp_err mdp_h5_type_text(struct mdp_h5 *file, const char *name, char text[16]) {
    hid_t id;
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, &id);
    if (err != MDP_OK) return err;
    hid_t type = H5Dget_type(id);
    mdp_h5i_type_text(type, text);
    H5Tclose(type);
    H5Oclose(id);
    return MDP_OK;
}

static mdp_err check_shape(struct mdp_h5 *file, const char *name, const struct mdp_h5_shape *expected,
                           const struct mdp_h5_shape *found) {
    int same = expected->rank == found->rank;
    for (int i = 0; same && i < found->rank; i++)
        same = expected->extent[i] < 0 || expected->extent[i] == found->extent[i];
    if (same) return MDP_OK;
    char want[120], got[120];
    mdp_h5i_shape_text(expected, want);
    mdp_h5i_shape_text(found, got);
    return mdp_fail(MDP_E_DATA, "%s: %s: expected shape %s, found %s", file->path, name, want, got);
}

mdp_err mdp_h5_expect(struct mdp_h5 *file, const char *name, const struct mdp_h5_shape *expected) {
    struct mdp_h5_shape found;
    mdp_err err = mdp_h5_shape(file, name, &found);
    return err != MDP_OK ? err : check_shape(file, name, expected, &found);
}

/* ---- elements ---- */

/* rows of an open dataset, and how its chunks are unpacked; NULL where libhdf5 hands out the elements */
struct mdp_h5_rows {
    struct mdp_h5 *file;
    char name[MDP_H5_NAME_MAX];
    enum mdp_h5_type type;
    struct numeric numeric;
    struct mdp_h5i_chunks *chunks;
    long width; /* elements of a row */
};

static void close_rows(struct mdp_h5_rows *rows) {
    mdp_h5i_chunks_free(rows->chunks);
    close_numeric(&rows->numeric);
}

/* Keeps: rows, which must not move. what was opened is closed by close_rows, after an error as well */
static mdp_err open_rows(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, struct mdp_h5_rows *rows) {
    mdp_err err;
    *rows = (struct mdp_h5_rows){.file = file, .type = type};
    snprintf(rows->name, sizeof rows->name, "%s", name);
    err = open_numeric(file, name, &rows->numeric);
    if (err != MDP_OK) return err;
    const struct numeric *numeric = &rows->numeric;
    rows->width = 1;
    for (int i = 1; i < numeric->shape.rank; i++) rows->width *= numeric->shape.extent[i];
    if (!mdp_h5i_is_unpacked_here(numeric->creation)) return MDP_OK;
    return mdp_h5i_chunks_new(file, rows->name, numeric->id, numeric->creation, numeric->type, &numeric->shape,
                              &rows->chunks);
}

/* a scalar counts as one row */
static long row_count(const struct mdp_h5_shape *shape) { return shape->rank > 0 ? shape->extent[0] : 1; }

/* through libhdf5, in the type of the file */
static mdp_err read_by_library(const struct mdp_h5_rows *rows, long first, long n, void *buffer) {
    const struct mdp_h5_shape *shape = &rows->numeric.shape;
    hsize_t start[MDP_H5_RANK_MAX] = {(hsize_t)first}, count[MDP_H5_RANK_MAX] = {(hsize_t)n};
    for (int i = 1; i < shape->rank; i++) count[i] = (hsize_t)shape->extent[i];
    hid_t memory = H5Screate_simple(shape->rank, count, NULL), space = H5Dget_space(rows->numeric.id);
    if (shape->rank > 0) H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    herr_t status = H5Dread(rows->numeric.id, rows->numeric.type, memory, space, H5P_DEFAULT, buffer);
    H5Sclose(space);
    H5Sclose(memory);
    return status >= 0 ? MDP_OK : mdp_h5i_fail_read(rows->file, rows->name, "the data");
}

static mdp_err read_stored(const struct mdp_h5_rows *rows, long first, long n, void *buffer) {
    return rows->chunks != NULL ? mdp_h5i_chunks_read(rows->chunks, first, n, buffer)
                                : read_by_library(rows, first, n, buffer);
}

/* most files hold what memory wants, bit by bit; the rest passes through a buffer of its own */
static mdp_err read_rows(const struct mdp_h5_rows *rows, long first, long n, void *buffer) {
    hid_t native = mdp_h5i_memory_type(rows->type, 1);
    int is_same = rows->type != MDP_H5_BOOL && H5Tequal(rows->numeric.type, native) > 0;
    unsigned char *bytes = NULL;
    mdp_err err;
    H5Tclose(native);
    if (is_same) return read_stored(rows, first, n, buffer);
    MDP_TRY(mdp_calloc(&bytes, (unsigned long)(n * rows->width), H5Tget_size(rows->numeric.type), rows->name));
    MDP_TRY(read_stored(rows, first, n, bytes));
    const struct mdp_h5i_stored stored = {rows->file,      rows->name, rows->numeric.type, bytes,
                                          n * rows->width, first,      rows->width};
    MDP_TRY(mdp_h5i_convert(&stored, rows->type, buffer));
out:
    free(bytes);
    return err;
}

/* ---- whole arrays ---- */

static mdp_err check_whole(const struct mdp_h5_rows *rows) {
    if (rows->numeric.n_never_written <= NEVER_WRITTEN_WHOLE_MAX) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d elements that were never written, found %.0f",
                    rows->file->path, rows->name, NEVER_WRITTEN_WHOLE_MAX, rows->numeric.n_never_written);
}

mdp_err mdp_h5_read(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, const struct mdp_h5_shape *expected,
                    void *buffer) {
    struct mdp_h5_rows rows;
    mdp_err err;
    if (file->own != NULL)
        return expected->rank == 1 && mdp_h5i_own_read(file->own, name, type, expected->extent[0], buffer)
                   ? MDP_OK
                   : mdp_h5i_not_own(file, name);
    MDP_TRY(open_rows(file, name, type, &rows));
    for (int i = 0; i < expected->rank; i++)
        if (expected->extent[i] < 0) MDP_TRY(mdp_fail(MDP_E_INTERNAL, "%s: reading into a buffer of open size", name));
    MDP_TRY(check_shape(file, name, expected, &rows.numeric.shape));
    MDP_TRY(check_whole(&rows));
    if (mdp_h5_count(expected) > 0) MDP_TRY(read_rows(&rows, 0, row_count(expected), buffer));
out:
    close_rows(&rows);
    return err;
}

mdp_err mdp_h5_read_new(struct mdp_h5 *file, const char *name, enum mdp_h5_type type,
                        const struct mdp_h5_shape *expected, struct mdp_h5_shape *found, void *out) {
    struct mdp_h5_rows rows;
    void *buffer = NULL;
    const struct mdp_h5_shape *shape = &rows.numeric.shape;
    mdp_err err;
    MDP_TRY(open_rows(file, name, type, &rows));
    if (expected != NULL) MDP_TRY(check_shape(file, name, expected, shape));
    MDP_TRY(check_whole(&rows));
    MDP_TRY(mdp_calloc(&buffer, (unsigned long)mdp_h5_count(shape), mdp_h5_type_size(type), name));
    if (mdp_h5_count(shape) > 0) MDP_TRY(read_rows(&rows, 0, row_count(shape), buffer));
    if (found != NULL) *found = *shape;
out:
    close_rows(&rows);
    if (err != MDP_OK) free(buffer);
    *(void **)out = err == MDP_OK ? buffer : NULL;
    return err;
}

/* ---- rows ---- */

mdp_err mdp_h5_rows_open(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, struct mdp_h5_rows **out) {
    struct mdp_h5_rows *rows = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&rows, 1, sizeof *rows, name));
    MDP_TRY(open_rows(file, name, type, rows));
    *out = rows;
    return MDP_OK;
out:
    mdp_h5_rows_close(rows);
    return err;
}

void mdp_h5_rows_close(struct mdp_h5_rows *rows) {
    if (rows == NULL) return;
    close_rows(rows);
    free(rows);
}

long mdp_h5_rows_block(const struct mdp_h5_rows *rows, long wish) {
    long chunk = rows->chunks != NULL ? rows->chunks->extent[0] : 1;
    return chunk >= wish ? chunk : wish - wish % chunk;
}

mdp_err mdp_h5_rows_read(struct mdp_h5_rows *rows, long first, long n, void *buffer) {
    const struct mdp_h5_shape *shape = &rows->numeric.shape;
    if (shape->rank < 1 || first < 0 || n < 0 || first > shape->extent[0] - n)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected rows %ld to %ld, found %ld rows", rows->file->path, rows->name,
                        first, first + n, shape->rank < 1 ? 0 : shape->extent[0]);
    return n == 0 || mdp_h5_count(shape) == 0 ? MDP_OK : read_rows(rows, first, n, buffer);
}

mdp_err mdp_h5_read_rows(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long first, long n,
                         void *buffer) {
    struct mdp_h5_rows *rows;
    mdp_err err = mdp_h5_rows_open(file, name, type, &rows);
    if (err != MDP_OK) return err;
    err = mdp_h5_rows_read(rows, first, n, buffer);
    mdp_h5_rows_close(rows);
    return err;
}

mdp_err mdp_h5_read_real(struct mdp_h5 *file, const char *name, double *value) {
    struct mdp_h5_rows rows;
    const struct mdp_h5_shape *shape = &rows.numeric.shape;
    mdp_err err;
    MDP_TRY(open_rows(file, name, MDP_H5_F64, &rows));
    if (mdp_h5_count(shape) != 1)
        MDP_TRY(check_shape(file, name, MDP_H5_SCALAR, shape));
    else
        MDP_TRY(read_rows(&rows, 0, 1, value));
out:
    close_rows(&rows);
    return err;
}
