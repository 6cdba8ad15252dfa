/* where the bytes of a dataset are, asked before memory is taken for its elements. */
#include "base/memory.h"
#include "results/h5/storage_internal.h"

#include <string.h>

#include "results/h5/chunks_internal.h"
#include "results/h5/objects_internal.h"

enum { SOURCES_MAX = 4096, NAME_MAX_SHOWN = 200 };

/* what was never written takes no room in the file, so that only a limit keeps it from taking all memory. enough for
 * the flags of the largest dataset. Units: elements */
#define NEVER_WRITTEN_MAX (1L << 26)

/* ---- data in other places ---- */

static mdp_err refuse_elsewhere(const struct mdp_h5 *file, const char *name, const char *what, const char *other) {
    return mdp_fail(MDP_E_DATA, "%s: %s: expected data in this file, found %s %.*s", file->path, name, what,
                    NAME_MAX_SHOWN, other);
}

static mdp_err check_external(const struct mdp_h5 *file, const char *name, hid_t creation) {
    char other[NAME_MAX_SHOWN + 1] = "another file";
    off_t offset;
    hsize_t size;
    if (H5Pget_external_count(creation) <= 0) return MDP_OK;
    if (H5Pget_external(creation, 0, NAME_MAX_SHOWN, other, &offset, &size) >= 0) other[NAME_MAX_SHOWN] = 0;
    return refuse_elsewhere(file, name, "it in", other);
}

static mdp_err space_size(const struct mdp_h5 *file, const char *name, hid_t id, double *n) {
    hid_t space = H5Dget_space(id);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    *n = (double)count;
    return count >= 0 ? MDP_OK : mdp_h5i_fail_read(file, name, "the shape");
}

/* a part of a virtual dataset: a dataset of this file, and no virtual one, since those can lead round in a circle */
static mdp_err check_source(struct mdp_h5 *file, const char *name, const char *source, double *n) {
    hid_t id, creation = H5I_INVALID_HID;
    struct mdp_h5i_filters filters;
    double stored;
    mdp_err err = mdp_h5i_open_as(file, source, H5I_DATASET, &id);
    if (err != MDP_OK) return err;
    creation = H5Dget_create_plist(id);
    if (H5Pget_layout(creation) == H5D_VIRTUAL)
        MDP_TRY(refuse_elsewhere(file, name, "a virtual dataset over another one,", source));
    MDP_TRY(check_external(file, source, creation));
    MDP_TRY(mdp_h5i_filters_read(file, source, creation, &filters));
    MDP_TRY(space_size(file, source, id, n));
    MDP_TRY(mdp_h5i_stored_bytes(file, source, id, &stored));
    if (stored <= 0) *n = 0;
out:
    H5Pclose(creation);
    H5Oclose(id);
    return err;
}

/* *n_stored: elements that its parts hold */
static mdp_err check_virtual(struct mdp_h5 *file, const char *name, hid_t creation, double *n_stored) {
    size_t n_sources = 0;
    *n_stored = 0;
    if (H5Pget_virtual_count(creation, &n_sources) < 0) return mdp_h5i_fail_read(file, name, "its parts");
    if (n_sources > SOURCES_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a virtual dataset of at most %d parts, found %zu", file->path,
                        name, SOURCES_MAX, n_sources);
    for (size_t i = 0; i < n_sources; i++) {
        char other[MDP_H5_NAME_MAX], source[MDP_H5_NAME_MAX];
        double n;
        if (H5Pget_virtual_filename(creation, i, other, sizeof other) < 0 ||
            H5Pget_virtual_dsetname(creation, i, source, sizeof source) < 0)
            return mdp_h5i_fail_read(file, name, "its parts");
        if (strcmp(other, ".") != 0) return refuse_elsewhere(file, name, "a virtual dataset over", other);
        if (strchr(source, '%') != NULL)
            return refuse_elsewhere(file, name, "a virtual dataset over the pattern", source);
        mdp_err err = check_source(file, name, source, &n);
        if (err != MDP_OK) return err;
        *n_stored += n;
    }
    return MDP_OK;
}

/* ---- as many elements as are claimed ---- */

static mdp_err refuse_claim(const struct mdp_h5 *file, const char *name, double claimed, double stored) {
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %.0f bytes of elements, found %.0f stored bytes", file->path, name,
                    claimed, stored);
}

/* zeros, or what a robot repeats while it stands, shrink to a thousandth: that all of it is there shows when it is
 * unpacked, and whether there is memory for it is asked before any is taken */
static mdp_err check_large(const struct mdp_h5 *file, const char *name, hid_t id, hid_t creation, hid_t type,
                           const struct mdp_h5_shape *shape, double claimed, double stored) {
    struct mdp_h5i_chunks *chunks = NULL;
    mdp_err err;
    if (!mdp_h5i_is_unpacked_here(creation)) return refuse_claim(file, name, claimed, stored);
    MDP_TRY(mdp_h5i_chunks_new(file, name, id, creation, type, shape, &chunks));
    MDP_TRY(mdp_h5i_chunks_check(chunks));
    err = mdp_memory_expect(name, claimed);
    if (err != MDP_OK) err = mdp_fail_context(err, "%s", file->path);
out:
    mdp_h5i_chunks_free(chunks);
    return err;
}

/* chunks are checked one by one when they are read; here only what is not stored at all is counted */
static mdp_err count_stored(const struct mdp_h5 *file, const char *name, hid_t id, hid_t creation,
                            const struct mdp_h5_shape *shape, double *n_stored) {
    hsize_t extent[H5S_MAX_RANK], n_chunks = 0;
    double n_claimed = (double)mdp_h5_count(shape), element = 0, chunk = 1, stored;
    mdp_err err = mdp_h5i_stored_bytes(file, name, id, &stored);
    if (err != MDP_OK) return err;
    hid_t type = H5Dget_type(id), space = H5Dget_space(id);
    element = (double)H5Tget_size(type);
    *n_stored = stored / element;
    if (H5Pget_layout(creation) != H5D_CHUNKED) {
        if (*n_stored < n_claimed && stored > 0) err = refuse_claim(file, name, n_claimed * element, stored);
    } else if (*n_stored < n_claimed && stored > 0) {
        int rank = H5Pget_chunk(creation, H5S_MAX_RANK, extent);
        for (int i = 0; i < rank; i++) chunk *= (double)extent[i];
        if (rank < 0 || H5Dget_num_chunks(id, space, &n_chunks) < 0)
            err = mdp_h5i_fail_read(file, name, "the list of chunks");
        *n_stored = (double)n_chunks * chunk;
        double unpacked = (*n_stored < n_claimed ? *n_stored : n_claimed) * element;
        if (err == MDP_OK && unpacked > stored * MDP_H5_RATIO_MAX)
            err = refuse_claim(file, name, unpacked, stored);
        else if (err == MDP_OK && unpacked > mdp_h5i_unpacked_max(stored))
            err = check_large(file, name, id, creation, type, shape, unpacked, stored);
    }
    H5Sclose(space);
    H5Tclose(type);
    return err;
}

mdp_err mdp_h5i_storage_check(struct mdp_h5 *file, const char *name, hid_t id, hid_t creation,
                              const struct mdp_h5_shape *shape, double *n_never_written) {
    double n_claimed = (double)mdp_h5_count(shape), n_stored;
    H5D_fill_value_t fill = H5D_FILL_VALUE_UNDEFINED;
    mdp_err err;
    MDP_TRY(check_external(file, name, creation));
    if (H5Pget_layout(creation) == H5D_VIRTUAL)
        MDP_TRY(check_virtual(file, name, creation, &n_stored));
    else
        MDP_TRY(count_stored(file, name, id, creation, shape, &n_stored));
    *n_never_written = n_claimed > n_stored ? n_claimed - n_stored : 0;
    if (*n_never_written > NEVER_WRITTEN_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: %s: expected at most %ld elements that were never written, found %.0f (the file claims "
                         "%.0f elements and stores %.0f)",
                         file->path, name, NEVER_WRITTEN_MAX, *n_never_written, n_claimed, n_stored));
    if (*n_never_written > 0 && (H5Pfill_value_defined(creation, &fill) < 0 || fill == H5D_FILL_VALUE_UNDEFINED))
        err =
            mdp_fail(MDP_E_DATA, "%s: %s: expected data, found elements that were never written, without a fill value",
                     file->path, name);
out:
    return err;
}

/* ---- who unpacks ---- */

static int by_library(hid_t creation, int *is_chunked) {
    const struct mdp_h5 nameless = {.path = ""};
    struct mdp_h5i_filters filters = {.by_library = 0};
    H5D_layout_t layout = H5Pget_layout(creation);
    *is_chunked = layout == H5D_CHUNKED;
    if (*is_chunked) (void)mdp_h5i_filters_read(&nameless, "", creation, &filters);
    return layout == H5D_VIRTUAL || filters.by_library;
}

int mdp_h5i_is_unpacked_here(hid_t creation) {
    int is_chunked;
    return !by_library(creation, &is_chunked) && is_chunked;
}

int mdp_h5i_is_read_by_library(hid_t creation) {
    int is_chunked;
    return by_library(creation, &is_chunked);
}
