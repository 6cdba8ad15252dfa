#include <string.h>

#include "results/h5/write.h"
#include "results/h5/objects_internal.h"

/* chunks of about this size keep checksums and appends cheap. Units: bytes */
enum { CHUNK_BYTES = 1 << 18, TEXT_DATASET_MAX = 60000 };

/* ---- groups ---- */

static mdp_err make_one_group(struct mdp_h5 *file, const char *name) {
    if (H5Lexists(file->id, name, H5P_DEFAULT) > 0) return MDP_OK;
    static hid_t creation = H5I_INVALID_HID;
    if (creation < 0) {
        creation = H5Pcreate(H5P_GROUP_CREATE);
        H5Pset_obj_track_times(creation, 0);
    }
    hid_t id = H5Gcreate2(file->id, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (id < 0) return mdp_h5i_fail_write(file, name);
    H5Gclose(id);
    return MDP_OK;
}

/* one by one: groups that libhdf5 makes in passing would carry the time of day */
static mdp_err make_groups(struct mdp_h5 *file, const char *name, int with_last) {
    char part[MDP_H5_NAME_MAX];
    if (strlen(name) >= sizeof part)
        return mdp_fail(MDP_E_INTERNAL, "%s: name of %zu bytes is too long", file->path, strlen(name));
    strcpy(part, name);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mdp_err err = make_one_group(file, part);
        if (err != MDP_OK) return err;
        *slash = '/';
    }
    return with_last && part[0] != 0 && strcmp(part, "/") != 0 ? make_one_group(file, part) : MDP_OK;
}

mdp_err mdp_h5_make_group(struct mdp_h5 *file, const char *name) { return make_groups(file, name, 1); }

/* ---- datasets ---- */

static hid_t new_plist(int is_chunked, enum mdp_h5_storage storage) {
    hid_t id = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(id, 0);
    H5Pset_layout(id, is_chunked ? H5D_CHUNKED : H5D_COMPACT);
    if (is_chunked && storage == MDP_H5_COMPRESS) {
        H5Pset_shuffle(id);
        H5Pset_deflate(id, 1);
    }
    if (is_chunked) H5Pset_fletcher32(id);
    return id;
}

/* small things live in the object header, which has a checksum of its own; arrays are chunked with one each. the lists
 * stay for the life of the process; the next call changes the chunk */
static hid_t creation_plist(const struct mdp_h5_shape *chunk, enum mdp_h5_storage storage) {
    static hid_t compact = H5I_INVALID_HID, plain = H5I_INVALID_HID, compressed = H5I_INVALID_HID;
    hid_t *id = chunk == NULL ? &compact : storage == MDP_H5_COMPRESS ? &compressed : &plain;
    hsize_t extent[MDP_H5_RANK_MAX];
    if (*id < 0) *id = new_plist(chunk != NULL, storage);
    for (int i = 0; chunk != NULL && i < chunk->rank; i++) extent[i] = (hsize_t)chunk->extent[i];
    if (chunk != NULL) H5Pset_chunk(*id, chunk->rank, extent);
    return *id;
}

static struct mdp_h5_shape chunk_of(const struct mdp_h5_shape *shape, size_t element) {
    struct mdp_h5_shape chunk = *shape;
    long row = mdp_h5_count(shape) / shape->extent[0] * (long)element;
    long rows = row > 0 ? CHUNK_BYTES / row : 1;
    if (rows < 1) rows = 1;
    if (rows < chunk.extent[0]) chunk.extent[0] = rows;
    return chunk;
}

static hid_t new_dataset(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, hid_t space, hid_t plist) {
    hid_t stored = mdp_h5i_file_type(type);
    hid_t id = H5Dcreate2(file->id, name, stored, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Tclose(stored);
    return id;
}

mdp_err mdp_h5_write(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, const struct mdp_h5_shape *shape,
                     enum mdp_h5_storage storage, const void *data) {
    mdp_err err = make_groups(file, name, 0);
    if (err != MDP_OK) return err;
    hsize_t extent[MDP_H5_RANK_MAX];
    for (int i = 0; i < shape->rank; i++) extent[i] = (hsize_t)shape->extent[i];
    int is_small = shape->rank == 0 || mdp_h5_count(shape) == 0;
    struct mdp_h5_shape chunk = *shape;
    if (!is_small) chunk = chunk_of(shape, mdp_h5_type_size(type));
    hid_t space = shape->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape->rank, extent, NULL);
    hid_t plist = creation_plist(is_small ? NULL : &chunk, storage), memory = mdp_h5i_memory_type(type, 0);
    hid_t id = new_dataset(file, name, type, space, plist);
    int failed = id < 0;
    if (!failed && mdp_h5_count(shape) > 0) failed = H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0;
    if (failed) err = mdp_h5i_fail_write(file, name);
    if (id >= 0 && H5Dclose(id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, name);
    H5Tclose(memory);
    H5Sclose(space);
    return mdp_h5i_written(file, name, err);
}

mdp_err mdp_h5_write_text(struct mdp_h5 *file, const char *name, const char *text) {
    size_t size = strlen(text);
    if (size >= TEXT_DATASET_MAX)
        return mdp_fail(MDP_E_INTERNAL, "%s: %s: expected a text below %d bytes, found %zu", file->path, name,
                        TEXT_DATASET_MAX, size);
    mdp_err err = make_groups(file, name, 0);
    if (err != MDP_OK) return err;
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), plist = creation_plist(NULL, MDP_H5_PLAIN);
    H5Tset_size(type, size > 0 ? size : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t id = H5Dcreate2(file->id, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    if (id < 0 || H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) err = mdp_h5i_fail_write(file, name);
    if (id >= 0 && H5Dclose(id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, name);
    H5Sclose(space);
    H5Tclose(type);
    return mdp_h5i_written(file, name, err);
}

/* ---- growing datasets ---- */

mdp_err mdp_h5_grow_new(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long width, long chunk_rows,
                        enum mdp_h5_storage storage) {
    mdp_err err = make_groups(file, name, 0);
    if (err != MDP_OK) return err;
    struct mdp_h5_shape chunk = {width > 0 ? 2 : 1, {chunk_rows, width}};
    hsize_t extent[2] = {0, (hsize_t)width}, most[2] = {H5S_UNLIMITED, (hsize_t)width};
    hid_t space = H5Screate_simple(chunk.rank, extent, most), plist = creation_plist(&chunk, storage);
    hid_t id = new_dataset(file, name, type, space, plist);
    if (id < 0)
        err = mdp_h5i_fail_write(file, name);
    else if (H5Dclose(id) < 0)
        err = mdp_h5i_fail_write(file, name);
    H5Sclose(space);
    return mdp_h5i_written(file, name, err);
}

mdp_err mdp_h5_grow(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long n, const void *rows) {
    hid_t id;
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, &id);
    if (err != MDP_OK || n == 0) return err;
    hsize_t extent[MDP_H5_RANK_MAX] = {0}, start[MDP_H5_RANK_MAX] = {0}, count[MDP_H5_RANK_MAX];
    hid_t space = H5Dget_space(id), memory = mdp_h5i_memory_type(type, 0);
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    H5Sclose(space);
    memcpy(count, extent, sizeof count);
    start[0] = extent[0];
    count[0] = (hsize_t)n;
    extent[0] += (hsize_t)n;
    int failed = H5Dset_extent(id, extent) < 0;
    space = H5Dget_space(id);
    hid_t block = H5Screate_simple(rank, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    failed = failed || H5Dwrite(id, memory, block, space, H5P_DEFAULT, rows) < 0;
    if (failed) err = mdp_h5i_fail_write(file, name);
    H5Sclose(block);
    H5Sclose(space);
    H5Tclose(memory);
    if (H5Dclose(id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, name);
    return mdp_h5i_written(file, name, err);
}
