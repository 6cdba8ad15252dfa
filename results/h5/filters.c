/* gzip, lzf, shuffle and Fletcher32, undone with the size in mind that the shape asks for. */
#include "results/h5/filters_internal.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "results/h5/lzf_library.h"

/* numbers of The HDF Group's list of registered filters */
enum { LZF = 32000, CHECKSUM_BYTES = 4 };

/* ---- which ---- */

static const char *known_name(int id) {
    static const struct {
        int id;
        const char *name;
    } rows[] = {{H5Z_FILTER_SZIP, "szip"},
                {H5Z_FILTER_NBIT, "nbit"},
                {H5Z_FILTER_SCALEOFFSET, "scale-offset"},
                {307, "bzip2"},
                {LZF, "lzf"},
                {32001, "blosc"},
                {32004, "lz4"},
                {32008, "bitshuffle"},
                {32013, "zfp"},
                {32015, "zstd"},
                {32026, "blosc2"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].id == id) return rows[i].name;
    return "of an unknown name";
}

static int is_undone_here(int id) {
    return id == H5Z_FILTER_DEFLATE || id == H5Z_FILTER_SHUFFLE || id == H5Z_FILTER_FLETCHER32 || id == LZF;
}

/* only filters of libhdf5 itself: of any other, H5Zfilter_avail would look for a plugin, which is code from a folder */
static int is_undone_by_library(int id) {
    return (id == H5Z_FILTER_SZIP || id == H5Z_FILTER_NBIT || id == H5Z_FILTER_SCALEOFFSET) && H5Zfilter_avail(id) > 0;
}

mdp_err mdp_h5i_filters_read(const struct mdp_h5 *file, const char *name, hid_t creation,
                             struct mdp_h5i_filters *filters) {
    *filters = (struct mdp_h5i_filters){.n = H5Pget_nfilters(creation)};
    if (filters->n < 0) return mdp_h5i_fail_read(file, name, "the filters");
    if (filters->n > MDP_H5_FILTERS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d filters, found %d", file->path, name,
                        MDP_H5_FILTERS_MAX, filters->n);
    for (int i = 0; i < filters->n; i++) {
        unsigned flags, values[8] = {0}, config;
        size_t n_values = 8;
        int id = (int)H5Pget_filter2(creation, (unsigned)i, &flags, &n_values, values, 0, NULL, &config);
        filters->ids[i] = id;
        filters->element_size[i] = n_values > 0 ? values[0] : 0;
        if (is_undone_here(id)) continue;
        if (!is_undone_by_library(id))
            return mdp_fail(MDP_E_DATA,
                            "%s: %s: expected gzip, lzf, shuffle or Fletcher32, found filter %d, %s: write the data "
                            "with gzip (where the filter is installed: h5repack -f GZIP=4 OLD NEW)",
                            file->path, name, id, known_name(id));
        filters->by_library = 1;
    }
    return MDP_OK;
}

/* ---- undoing one ---- */

static void swap(struct mdp_h5i_packed *packed, size_t n) {
    unsigned char *bytes = packed->bytes;
    packed->bytes = packed->other;
    packed->other = bytes;
    packed->n = n;
}

static const char *undo_deflate(size_t n_wanted, struct mdp_h5i_packed *packed) {
    uLongf n = (uLongf)n_wanted;
    int status = uncompress(packed->other, &n, packed->bytes, (uLong)packed->n);
    if (status != Z_OK) return status == Z_BUF_ERROR ? "deflate: other bytes than its shape has" : "deflate: damaged";
    swap(packed, n);
    return NULL;
}

static mdp_err undo_lzf(size_t n_wanted, struct mdp_h5i_packed *packed, const char **fault) {
    struct mdp_lzf_library library;
    mdp_err err = mdp_lzf_library_load(&library);
    if (err != MDP_OK) return err;
    unsigned n = library.lzf_decompress(packed->bytes, (unsigned)packed->n, packed->other, (unsigned)n_wanted);
    *fault = n == 0 ? "lzf: damaged" : NULL;
    swap(packed, n);
    return MDP_OK;
}

/* the first bytes of all elements, then the second ones, ..; what is left over stays at the end */
static const char *undo_shuffle(unsigned size, struct mdp_h5i_packed *packed) {
    if (size == 0) return "shuffle: elements without a size";
    size_t n = packed->n / size;
    for (size_t k = 0; k < size; k++)
        for (size_t i = 0; i < n; i++) packed->other[i * size + k] = packed->bytes[k * n + i];
    memcpy(packed->other + n * size, packed->bytes + n * size, packed->n - n * size);
    swap(packed, packed->n);
    return NULL;
}

uint32_t mdp_h5i_fletcher32(const unsigned char *bytes, size_t n) {
    enum { WORDS = 360 }; /* so many that 32 bits hold the sums */
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i + 1 < n;) {
        for (int k = 0; k < WORDS && i + 1 < n; k++, i += 2) {
            low += (uint32_t)bytes[i] << 8 | bytes[i + 1];
            high += low;
        }
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    if (n % 2 != 0) {
        low += (uint32_t)bytes[n - 1] << 8;
        high += low;
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    low = (low & 0xffff) + (low >> 16);
    high = (high & 0xffff) + (high >> 16);
    return high << 16 | low;
}

/* libhdf5 before 1.6.3 wrote the bytes of both sums in the other order on some machines, and readers take it */
static const char *undo_fletcher32(struct mdp_h5i_packed *packed) {
    if (packed->n < CHECKSUM_BYTES) return "Fletcher32: no room for a checksum";
    packed->n -= CHECKSUM_BYTES;
    const unsigned char *c = packed->bytes + packed->n;
    uint32_t stored = (uint32_t)c[3] << 24 | (uint32_t)c[2] << 16 | (uint32_t)c[1] << 8 | c[0];
    uint32_t swapped = (uint32_t)c[2] << 24 | (uint32_t)c[3] << 16 | (uint32_t)c[0] << 8 | c[1];
    uint32_t found = mdp_h5i_fletcher32(packed->bytes, packed->n);
    return found == stored || found == swapped ? NULL : "Fletcher32: another checksum";
}

/* ---- all of them ---- */

static int is_used(int i, unsigned mask) { return (mask >> i & 1) == 0; }

mdp_err mdp_h5i_filters_undo(const struct mdp_h5 *file, const char *name, const struct mdp_h5i_filters *filters,
                             size_t n_wanted, struct mdp_h5i_packed *packed) {
    const char *fault = NULL;
    mdp_err err = MDP_OK;
    for (int i = filters->n - 1; err == MDP_OK && fault == NULL && i >= 0; i--) {
        size_t n_here = n_wanted;
        if (!is_used(i, packed->mask)) continue;
        for (int k = 0; k < i; k++)
            if (filters->ids[k] == H5Z_FILTER_FLETCHER32 && is_used(k, packed->mask)) n_here += CHECKSUM_BYTES;
        switch (filters->ids[i]) {
        case H5Z_FILTER_DEFLATE: fault = undo_deflate(n_here, packed); break;
        case H5Z_FILTER_SHUFFLE: fault = undo_shuffle(filters->element_size[i], packed); break;
        case H5Z_FILTER_FLETCHER32: fault = undo_fletcher32(packed); break;
        default: err = undo_lzf(n_here, packed, &fault);
        }
        if (err == MDP_OK && fault == NULL && packed->n > packed->room) fault = "more bytes than its shape has";
    }
    if (err != MDP_OK) return err;
    if (fault != NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: cannot read the data: truncated or corrupt? (%s)", file->path, name,
                        fault);
    if (packed->n != n_wanted)
        return mdp_fail(MDP_E_DATA, "%s: %s: cannot read the data: expected chunks of %zu bytes, found one of %zu",
                        file->path, name, n_wanted, packed->n);
    return MDP_OK;
}
