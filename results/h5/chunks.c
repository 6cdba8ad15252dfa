/* rows of chunked datasets without libhdf5 between the stored bytes and the elements. */
#include "results/h5/chunks_internal.h"

#include <stdlib.h>
#include <string.h>

#include "results/h5/objects_internal.h"

/* what a chunk may take beyond twice its elements, for filters that make it longer. Units: bytes */
enum { SLACK = 1 << 16 };

/* a box of elements, from the first to before the last */
struct box {
    long from[MDP_H5_RANK_MAX], to[MDP_H5_RANK_MAX];
};

/* ---- opening ---- */

/* sizes come from the file: each is checked before the next is multiplied by it */
static mdp_err read_creation(struct mdp_h5i_chunks *chunks, hid_t creation, hid_t type) {
    hsize_t extent[MDP_H5_RANK_MAX];
    unsigned options = 0;
    H5D_fill_value_t fill;
    mdp_err err;
    MDP_TRY(mdp_h5i_filters_read(chunks->file, chunks->name, creation, &chunks->filters));
    if (H5Pget_chunk(creation, chunks->shape.rank, extent) != chunks->shape.rank ||
        H5Pget_chunk_opts(creation, &options) < 0 || H5Pfill_value_defined(creation, &fill) < 0)
        MDP_TRY(mdp_h5i_fail_read(chunks->file, chunks->name, "how it is stored"));
    chunks->edges_are_plain = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
    chunks->chunk_bytes = chunks->element_bytes;
    for (int i = 0; i < chunks->shape.rank; i++) {
        if (extent[i] < 1 || extent[i] > (hsize_t)MDP_H5_BYTES_MAX / chunks->chunk_bytes)
            MDP_TRY(mdp_fail(MDP_E_DATA,
                             "%s: %s: expected chunks of at most %lld bytes, found more (extent %d is %llu)",
                             chunks->file->path, chunks->name, MDP_H5_BYTES_MAX, i, (unsigned long long)extent[i]));
        chunks->extent[i] = (long)extent[i];
        chunks->chunk_bytes *= (size_t)extent[i];
    }
    if (fill == H5D_FILL_VALUE_UNDEFINED) return MDP_OK;
    MDP_TRY(mdp_calloc(&chunks->fill, 1, chunks->element_bytes, chunks->name));
    if (H5Pget_fill_value(creation, type, chunks->fill) < 0)
        err = mdp_h5i_fail_read(chunks->file, chunks->name, "the fill value");
out:
    return err;
}

mdp_err mdp_h5i_chunks_new(const struct mdp_h5 *file, const char *name, hid_t id, hid_t creation, hid_t type,
                           const struct mdp_h5_shape *shape, struct mdp_h5i_chunks **out) {
    struct mdp_h5i_chunks *chunks = NULL;
    double stored;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&chunks, 1, sizeof *chunks, name));
    *chunks = (struct mdp_h5i_chunks){.file = file, .name = name, .id = id, .shape = *shape};
    chunks->element_bytes = H5Tget_size(type);
    MDP_TRY(mdp_h5i_stored_bytes(file, name, id, &stored));
    chunks->is_empty = stored <= 0;
    MDP_TRY(read_creation(chunks, creation, type));
    *out = chunks;
out:
    if (err != MDP_OK) mdp_h5i_chunks_free(chunks);
    return err;
}

void mdp_h5i_chunks_free(struct mdp_h5i_chunks *chunks) {
    if (chunks == NULL) return;
    free(chunks->packed.bytes);
    free(chunks->packed.other);
    free(chunks->fill);
    free(chunks);
}

/* ---- a chunk ---- */

static mdp_err make_room(struct mdp_h5i_chunks *chunks, size_t n_stored) {
    size_t room = chunks->chunk_bytes + 4 * MDP_H5_FILTERS_MAX;
    mdp_err err;
    if (n_stored > room) room = n_stored;
    if (room <= chunks->packed.room) return MDP_OK;
    free(chunks->packed.bytes);
    free(chunks->packed.other);
    chunks->packed = (struct mdp_h5i_packed){.room = 0};
    MDP_TRY(mdp_calloc(&chunks->packed.bytes, 1, room, chunks->name));
    MDP_TRY(mdp_calloc(&chunks->packed.other, 1, room, chunks->name));
    chunks->packed.room = room;
out:
    return err;
}

/* what libhdf5 says of the chunk is checked before memory is taken for it */
static mdp_err check_size(const struct mdp_h5i_chunks *chunks, hsize_t n_stored) {
    if ((double)chunks->chunk_bytes > mdp_h5i_unpacked_max((double)n_stored))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %zu bytes of elements, found %llu stored bytes",
                        chunks->file->path, chunks->name, chunks->chunk_bytes, (unsigned long long)n_stored);
    if (n_stored > 2 * (hsize_t)chunks->chunk_bytes + SLACK)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected chunks of at most %zu bytes, found one of %llu stored bytes",
                        chunks->file->path, chunks->name, chunks->chunk_bytes, (unsigned long long)n_stored);
    return MDP_OK;
}

static int is_cut(const struct mdp_h5i_chunks *chunks, const hsize_t *begin) {
    for (int i = 0; i < chunks->shape.rank; i++)
        if ((long)begin[i] + chunks->extent[i] > chunks->shape.extent[i]) return 1;
    return 0;
}

/* *is_there: 0 where the chunk was never written */
static mdp_err fetch(struct mdp_h5i_chunks *chunks, const hsize_t *begin, int *is_there) {
    hsize_t n_stored = 0;
    haddr_t address = HADDR_UNDEF;
    unsigned mask = 0;
    size_t bytes = (size_t)chunks->shape.rank * sizeof *begin;
    mdp_err err;
    *is_there = !chunks->is_empty;
    if (chunks->is_empty) return MDP_OK;
    if (chunks->has_chunk && memcmp(begin, chunks->at_hand, bytes) == 0) return MDP_OK;
    chunks->has_chunk = 0;
    if (H5Dget_chunk_info_by_coord(chunks->id, begin, &mask, &address, &n_stored) < 0)
        MDP_TRY(mdp_h5i_fail_read(chunks->file, chunks->name, "the data"));
    *is_there = address != HADDR_UNDEF;
    if (!*is_there) return MDP_OK;
    MDP_TRY(check_size(chunks, n_stored));
    MDP_TRY(make_room(chunks, (size_t)n_stored));
    if (H5Dread_chunk(chunks->id, H5P_DEFAULT, begin, &mask, chunks->packed.bytes) < 0)
        MDP_TRY(mdp_h5i_fail_read(chunks->file, chunks->name, "the data"));
    chunks->packed.n = (size_t)n_stored;
    chunks->packed.mask = chunks->edges_are_plain && is_cut(chunks, begin) ? ~0u : mask;
    MDP_TRY(mdp_h5i_filters_undo(chunks->file, chunks->name, &chunks->filters, chunks->chunk_bytes, &chunks->packed));
    memcpy(chunks->at_hand, begin, bytes);
    chunks->has_chunk = 1;
out:
    return err;
}

/* ---- placing its elements ---- */

static size_t index_of(const long *position, const long *origin, const long *extent, int rank) {
    size_t index = 0;
    for (int i = 0; i < rank; i++) index = index * (size_t)extent[i] + (size_t)(position[i] - origin[i]);
    return index;
}

static void copy_run(const struct mdp_h5i_chunks *chunks, const unsigned char *source, long n, unsigned char *target) {
    size_t size = chunks->element_bytes;
    if (source != NULL)
        memcpy(target, source, (size_t)n * size);
    else
        for (long i = 0; i < n; i++) memcpy(target + (size_t)i * size, chunks->fill, size);
}

/* the elements of a box, run by run along the last axis, from the chunk at hand or from the fill value */
static void place(const struct mdp_h5i_chunks *chunks, const struct box *box, const long *begin, const long *rows,
                  int is_there, unsigned char *buffer) {
    int rank = chunks->shape.rank, last = rank - 1, axis;
    long position[MDP_H5_RANK_MAX], origin[MDP_H5_RANK_MAX] = {rows[0]}, extent[MDP_H5_RANK_MAX];
    memcpy(position, box->from, sizeof position);
    memcpy(extent, chunks->shape.extent, sizeof extent);
    extent[0] = rows[1] - rows[0];
    do {
        size_t from = index_of(position, begin, chunks->extent, rank), to = index_of(position, origin, extent, rank);
        copy_run(chunks, is_there ? chunks->packed.bytes + from * chunks->element_bytes : NULL,
                 box->to[last] - box->from[last], buffer + to * chunks->element_bytes);
        for (axis = last - 1; axis >= 0 && ++position[axis] == box->to[axis]; axis--) position[axis] = box->from[axis];
    } while (axis >= 0);
}

/* the part of a chunk that lies in the rows; returns 0 where there is none */
static int overlap(const struct mdp_h5i_chunks *chunks, const long *begin, const long *rows, struct box *box) {
    for (int i = 0; i < chunks->shape.rank; i++) {
        long from = i == 0 ? rows[0] : 0, to = i == 0 ? rows[1] : chunks->shape.extent[i];
        box->from[i] = begin[i] > from ? begin[i] : from;
        box->to[i] = begin[i] + chunks->extent[i] < to ? begin[i] + chunks->extent[i] : to;
        if (box->from[i] >= box->to[i]) return 0;
    }
    return 1;
}

static mdp_err read_chunk(struct mdp_h5i_chunks *chunks, const long *begin, const long *rows, unsigned char *buffer) {
    struct box box = {{0}, {0}};
    hsize_t where[MDP_H5_RANK_MAX];
    int is_there;
    if (!overlap(chunks, begin, rows, &box)) return MDP_OK;
    for (int i = 0; i < chunks->shape.rank; i++) where[i] = (hsize_t)begin[i];
    mdp_err err = fetch(chunks, where, &is_there);
    if (err != MDP_OK) return err;
    if (!is_there && chunks->fill == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected data, found a part that was never written, without a fill value",
                        chunks->file->path, chunks->name);
    place(chunks, &box, begin, rows, is_there, buffer);
    return MDP_OK;
}

/* the next chunk among those of some rows; returns 0 behind the last */
static int step(const struct mdp_h5i_chunks *chunks, long end_row, long *begin) {
    for (int axis = chunks->shape.rank - 1; axis >= 0; axis--) {
        begin[axis] += chunks->extent[axis];
        if (begin[axis] < (axis == 0 ? end_row : chunks->shape.extent[axis])) return 1;
        if (axis > 0) begin[axis] = 0;
    }
    return 0;
}

mdp_err mdp_h5i_chunks_read(struct mdp_h5i_chunks *chunks, long first, long n, unsigned char *buffer) {
    const long rows[2] = {first, first + n};
    long begin[MDP_H5_RANK_MAX] = {first - first % chunks->extent[0]};
    mdp_err err;
    do err = read_chunk(chunks, begin, rows, buffer);
    while (err == MDP_OK && step(chunks, rows[1], begin));
    return err;
}

mdp_err mdp_h5i_chunks_check(struct mdp_h5i_chunks *chunks) {
    long begin[MDP_H5_RANK_MAX] = {0};
    hsize_t where[MDP_H5_RANK_MAX];
    int is_there;
    mdp_err err;
    do {
        for (int i = 0; i < chunks->shape.rank; i++) where[i] = (hsize_t)begin[i];
        err = fetch(chunks, where, &is_there);
    } while (err == MDP_OK && step(chunks, chunks->shape.extent[0], begin));
    return err;
}
