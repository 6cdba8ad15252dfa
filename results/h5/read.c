#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/read.h"
#include "results/h5/types_internal.h"

/* deflate and run-length fill stay below this ratio; a dataset that claims more than its bytes can hold is a trap */
enum { RATIO_MAX = 1100 };

static mdp_err space_shape(struct mdp_h5 *file, const char *name, hid_t space, struct mdp_h5_shape *shape) {
    hsize_t extent[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) return mdp_h5i_fail_read(file, name, "the shape");
    if (rank > MDP_H5_RANK_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected rank 0 to %d, found %d", file->path, name, MDP_H5_RANK_MAX, rank);
    H5Sget_simple_extent_dims(space, extent, NULL);
    *shape = (struct mdp_h5_shape){.rank = rank};
    long long bytes = 8;
    for (int i = 0; i < rank; i++) {
        if (extent[i] > (hsize_t)MDP_H5_BYTES_MAX || (bytes *= (long long)extent[i]) > MDP_H5_BYTES_MAX)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected at most %lld elements, found more (extent %d is %llu)",
                            file->path, name, MDP_H5_BYTES_MAX / 8, i, (unsigned long long)extent[i]);
        shape->extent[i] = (long)extent[i];
    }
    return MDP_OK;
}

/* bytes must be in this file, and enough of them for the claimed extents */
static mdp_err check_storage(struct mdp_h5 *file, const char *name, hid_t id, const struct mdp_h5_shape *shape) {
    hid_t plist = H5Dget_create_plist(id), type = H5Dget_type(id);
    mdp_err err = MDP_OK;
    double claimed = (double)mdp_h5_count(shape) * (double)H5Tget_size(type), stored = (double)H5Dget_storage_size(id);
    if (H5Pget_layout(plist) == H5D_VIRTUAL || H5Pget_external_count(plist) > 0)
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected data in this file, found a reference to another file", file->path,
                       name);
    else if (claimed > stored * RATIO_MAX)
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected %.0f bytes of elements, found %.0f stored bytes", file->path, name,
                       claimed, stored);
    H5Tclose(type);
    H5Pclose(plist);
    return err;
}

static mdp_err open_numeric(struct mdp_h5 *file, const char *name, hid_t *out, struct mdp_h5_shape *shape) {
    char found[16];
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, out);
    if (err != MDP_OK) return err;
    hid_t type = H5Dget_type(*out), space = H5Dget_space(*out);
    if (!mdp_h5i_is_numeric(type)) {
        mdp_h5i_type_text(type, found);
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected numbers, found %s", file->path, name, found);
        goto out;
    }
    MDP_TRY(space_shape(file, name, space, shape));
    MDP_TRY(check_storage(file, name, *out, shape));
out:
    H5Tclose(type);
    H5Sclose(space);
    if (err != MDP_OK) H5Oclose(*out);
    return err;
}

mdp_err mdp_h5_shape(struct mdp_h5 *file, const char *name, struct mdp_h5_shape *shape) {
    hid_t id;
    mdp_err err = open_numeric(file, name, &id, shape);
    if (err == MDP_OK) H5Oclose(id);
    return err;
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

static mdp_err read_selected(struct mdp_h5 *file, const char *name, hid_t id, enum mdp_h5_type type, hid_t memory_space,
                             hid_t file_space, void *buffer) {
    int lossy;
    hid_t memory = mdp_h5i_memory_type(type, 1), plist = mdp_h5i_transfer(type, &lossy);
    mdp_err err = MDP_OK;
    if (H5Dread(id, memory, memory_space, file_space, plist, buffer) < 0)
        err = lossy ? mdp_fail(MDP_E_DATA, "%s: %s: expected integers of %zu bits, found a value that does not fit",
                               file->path, name, 8 * mdp_h5_type_size(type))
                    : mdp_h5i_fail_read(file, name, "the data");
    H5Pclose(plist);
    H5Tclose(memory);
    return err;
}

mdp_err mdp_h5_read(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, const struct mdp_h5_shape *expected,
                    void *buffer) {
    struct mdp_h5_shape found;
    hid_t id;
    mdp_err err = open_numeric(file, name, &id, &found);
    if (err != MDP_OK) return err;
    for (int i = 0; i < expected->rank; i++)
        if (expected->extent[i] < 0) err = mdp_fail(MDP_E_INTERNAL, "%s: reading into a buffer of open size", name);
    if (err == MDP_OK) err = check_shape(file, name, expected, &found);
    if (err == MDP_OK && mdp_h5_count(&found) > 0) err = read_selected(file, name, id, type, H5S_ALL, H5S_ALL, buffer);
    H5Oclose(id);
    return err;
}

mdp_err mdp_h5_read_new(struct mdp_h5 *file, const char *name, enum mdp_h5_type type,
                        const struct mdp_h5_shape *expected, struct mdp_h5_shape *found, void *out) {
    struct mdp_h5_shape shape;
    void *buffer = NULL;
    *(void **)out = NULL;
    mdp_err err;
    MDP_TRY(mdp_h5_shape(file, name, &shape));
    if (expected != NULL) MDP_TRY(check_shape(file, name, expected, &shape));
    MDP_TRY(mdp_calloc(&buffer, (unsigned long)mdp_h5_count(&shape), mdp_h5_type_size(type), name));
    MDP_TRY(mdp_h5_read(file, name, type, &shape, buffer));
    if (found != NULL) *found = shape;
    *(void **)out = buffer;
    return MDP_OK;
out:
    free(buffer);
    return err;
}

/* ---- rows ---- */

struct mdp_h5_rows {
    struct mdp_h5 *file;
    char name[MDP_H5_NAME_MAX];
    enum mdp_h5_type type;
    hid_t id, space;
    struct mdp_h5_shape shape;
    long chunk; /* rows that are stored together, 1 where they are not */
};

static long chunk_rows(hid_t id, int rank) {
    hsize_t extent[MDP_H5_RANK_MAX] = {1};
    hid_t plist = H5Dget_create_plist(id);
    if (H5Pget_layout(plist) == H5D_CHUNKED) (void)H5Pget_chunk(plist, rank, extent);
    H5Pclose(plist);
    return extent[0] <= LONG_MAX ? (long)extent[0] : 1;
}

mdp_err mdp_h5_rows_open(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, struct mdp_h5_rows **out) {
    struct mdp_h5_rows *rows = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&rows, 1, sizeof *rows, name));
    *rows = (struct mdp_h5_rows){.file = file, .type = type};
    snprintf(rows->name, sizeof rows->name, "%s", name);
    MDP_TRY(open_numeric(file, name, &rows->id, &rows->shape));
    rows->space = H5Dget_space(rows->id);
    rows->chunk = rows->shape.rank > 0 ? chunk_rows(rows->id, rows->shape.rank) : 1;
    *out = rows;
    return MDP_OK;
out:
    free(rows);
    return err;
}

void mdp_h5_rows_close(struct mdp_h5_rows *rows) {
    if (rows == NULL) return;
    H5Sclose(rows->space);
    H5Oclose(rows->id);
    free(rows);
}

long mdp_h5_rows_block(const struct mdp_h5_rows *rows, long wish) {
    return rows->chunk >= wish ? rows->chunk : wish - wish % rows->chunk;
}

mdp_err mdp_h5_rows_read(struct mdp_h5_rows *rows, long first, long n, void *buffer) {
    const struct mdp_h5_shape *shape = &rows->shape;
    if (shape->rank < 1 || first < 0 || n < 0 || first > shape->extent[0] - n)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected rows %ld to %ld, found %ld rows", rows->file->path, rows->name,
                        first, first + n, shape->rank < 1 ? 0 : shape->extent[0]);
    if (n == 0 || mdp_h5_count(shape) == 0) return MDP_OK;
    hsize_t start[MDP_H5_RANK_MAX] = {(hsize_t)first}, count[MDP_H5_RANK_MAX] = {(hsize_t)n};
    for (int i = 1; i < shape->rank; i++) count[i] = (hsize_t)shape->extent[i];
    hid_t memory = H5Screate_simple(shape->rank, count, NULL);
    H5Sselect_hyperslab(rows->space, H5S_SELECT_SET, start, NULL, count, NULL);
    mdp_err err = read_selected(rows->file, rows->name, rows->id, rows->type, memory, rows->space, buffer);
    H5Sclose(memory);
    return err;
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
    struct mdp_h5_shape shape;
    mdp_err err = mdp_h5_shape(file, name, &shape);
    if (err != MDP_OK) return err;
    if (mdp_h5_count(&shape) != 1) return check_shape(file, name, MDP_H5_SCALAR, &shape);
    return mdp_h5_read(file, name, MDP_H5_F64, &shape, value);
}
