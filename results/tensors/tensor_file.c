#include "results/tensors/tensor_file.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "results/tensors/safetensors.h"
#include "results/tensors/torch_file.h"
#include "results/tensors/zip.h"

/* ---- formats ---- */

static mdp_err first_bytes(const char *path, unsigned char bytes[16], size_t *n) {
    FILE *file;
    mdp_err err = mdp_fsx_open(path, &file);
    if (err != MDP_OK) return err;
    *n = fread(bytes, 1, 16, file);
    int failed = ferror(file);
    fclose(file);
    return failed ? mdp_fail(MDP_E_IO, "%s: cannot read", path) : MDP_OK;
}

/* what is left of a damaged file still has its name */
static enum mdp_tensor_format by_name(const char *path) {
    static const struct {
        const char *suffix;
        enum mdp_tensor_format format;
    } rows[] = {{".pt", MDP_FORMAT_TORCH},
                {".pth", MDP_FORMAT_TORCH},
                {".ckpt", MDP_FORMAT_TORCH},
                {".bin", MDP_FORMAT_TORCH},
                {".h5", MDP_FORMAT_HDF5},
                {".hdf5", MDP_FORMAT_HDF5},
                {".safetensors", MDP_FORMAT_SAFETENSORS}};
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof rows / sizeof *rows; i++)
        if (strcasecmp(suffix, rows[i].suffix) == 0) return rows[i].format;
    return MDP_FORMAT_UNKNOWN;
}

mdp_err mdp_tensor_format_find(const char *path, enum mdp_tensor_format *format) {
    unsigned char bytes[16];
    struct mdp_bytes start = {bytes, 0};
    mdp_err err = first_bytes(path, bytes, &start.size);
    if (err != MDP_OK) return err;
    if (mdp_zip_is(start) || mdp_torch_is_legacy(start))
        *format = MDP_FORMAT_TORCH;
    else if (start.size >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0)
        *format = MDP_FORMAT_HDF5;
    else if (mdp_safetensors_is(start))
        *format = MDP_FORMAT_SAFETENSORS;
    else
        *format = by_name(path);
    return MDP_OK;
}

/* ---- tensors ---- */

const char *mdp_stored_shape_text(int rank, const long *extent, char text[MDP_BYTES_SHOWN]) {
    size_t used = (size_t)snprintf(text, MDP_BYTES_SHOWN, "[");
    for (int i = 0; i < rank && used < MDP_BYTES_SHOWN; i++)
        used += (size_t)snprintf(text + used, MDP_BYTES_SHOWN - used, "%s%ld", i > 0 ? ", " : "", extent[i]);
    if (used < MDP_BYTES_SHOWN) snprintf(text + used, MDP_BYTES_SHOWN - used, "]");
    return text;
}

/* counts elements, and the places from the first to the last of them; both stay below the storage's count */
static mdp_err measure(const struct mdp_tensor_file *file, struct mdp_stored_tensor *tensor, long n_stored,
                       int64_t offset) {
    char shape[MDP_BYTES_SHOWN], strides[MDP_BYTES_SHOWN];
    mdp_stored_shape_text(tensor->rank, tensor->extent, shape);
    mdp_stored_shape_text(tensor->rank, tensor->stride, strides);
    long n = 1, last = 0, unused;
    int is_sound = offset >= 0 && offset <= n_stored;
    for (int i = 0; is_sound && i < tensor->rank; i++) is_sound = tensor->extent[i] >= 0 && tensor->stride[i] >= 0;
    for (int i = 0; is_sound && i < tensor->rank; i++)
        if (tensor->extent[i] == 0) n = 0;
    for (int i = 0; is_sound && n > 0 && i < tensor->rank; i++) {
        long extent = tensor->extent[i], stride = tensor->stride[i], reach;
        is_sound = !__builtin_mul_overflow(n, extent, &n) && !__builtin_mul_overflow(extent - 1, stride, &reach) &&
                   !__builtin_add_overflow(last, reach, &last);
    }
    is_sound = is_sound && n <= n_stored && !__builtin_add_overflow(last, offset, &unused);
    if (is_sound && n > 0) is_sound = last + offset < n_stored;
    if (!is_sound)
        return mdp_fail(MDP_E_DATA,
                        "%s: %s: expected a tensor within its %ld stored elements, found shape %s, strides %s "
                        "from element %lld",
                        file->path, tensor->name, n_stored, shape, strides, (long long)offset);
    tensor->n = n;
    return MDP_OK;
}

static mdp_err make_room(struct mdp_tensor_file *file) {
    if (file->n < file->room) return MDP_OK;
    if (file->n >= MDP_STORED_TENSORS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: expected at most %d tensors, found more", file->path, MDP_STORED_TENSORS_MAX);
    int room = file->room == 0 ? 32 : 2 * file->room;
    void *grown = realloc(file->tensors, (size_t)room * sizeof *file->tensors);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %d tensors", file->path, room);
    file->tensors = grown;
    file->room = room;
    return MDP_OK;
}

mdp_err mdp_tensor_file_add(struct mdp_tensor_file *file, const struct mdp_stored_tensor *tensor,
                            struct mdp_bytes storage, int64_t offset) {
    char shown[MDP_BYTES_SHOWN];
    const struct mdp_bytes name = {(const unsigned char *)tensor->name, strlen(tensor->name)};
    mdp_err err;
    if (!mdp_bytes_is_name(name))
        return mdp_fail(MDP_E_DATA, "%s: expected names of tensors in plain UTF-8, found '%s'", file->path,
                        mdp_bytes_show(name, shown));
    MDP_TRY(make_room(file));
    struct mdp_stored_tensor *added = &file->tensors[file->n];
    *added = *tensor;
    MDP_TRY(measure(file, added, (long)(storage.size / (size_t)mdp_dtype_size(tensor->dtype)), offset));
    added->first = storage.data;
    if (added->n > 0) added->first += (size_t)offset * (size_t)mdp_dtype_size(tensor->dtype);
    file->n++;
out:
    return err;
}

static int compare_names(const void *a, const void *b) {
    return strcmp((*(const struct mdp_stored_tensor *const *)a)->name,
                  (*(const struct mdp_stored_tensor *const *)b)->name);
}

/* what no tensor shows by itself: two of one name, and many that share one storage only to make work */
static mdp_err check_all(const struct mdp_tensor_file *file) {
    mdp_err err = MDP_OK;
    long n = 0, limit = MDP_STORED_SHARE_MAX * (long)file->bytes.size;
    const struct mdp_stored_tensor **sorted = NULL;
    if (file->n == 0) return mdp_fail(MDP_E_DATA, "%s: expected tensors, found none", file->path);
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)file->n, sizeof *sorted, "names of tensors"));
    for (int i = 0; i < file->n; i++) {
        sorted[i] = &file->tensors[i];
        n += file->tensors[i].n;
        if (n > limit)
            MDP_TRY(mdp_fail(MDP_E_DATA,
                             "%s: expected at most %ld elements in %zu bytes, found more: tensors share "
                             "their storage too often",
                             file->path, limit, file->bytes.size));
    }
    qsort(sorted, (size_t)file->n, sizeof *sorted, compare_names);
    for (int i = 1; i < file->n; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected one tensor of this name, found two", file->path,
                             sorted[i]->name));
out:
    free(sorted);
    return err;
}

/* ---- files ---- */

mdp_err mdp_tensor_file_open(const char *path, struct mdp_tensor_file **out) {
    struct mdp_tensor_file *file = NULL;
    enum mdp_tensor_format format;
    char *data;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_tensor_format_find(path, &format));
    if (format != MDP_FORMAT_TORCH && format != MDP_FORMAT_SAFETENSORS)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a PyTorch or safetensors file, found %s", path,
                         format == MDP_FORMAT_HDF5 ? "HDF5" : "something else"));
    MDP_TRY(mdp_calloc(&file, 1, sizeof *file, "file of tensors"));
    MDP_TRY(mdp_fsx_path(file->path, "%s", path));
    MDP_TRY(mdp_fsx_read(path, MDP_TENSOR_FILE_BYTES_MAX, &data, &file->bytes.size));
    file->bytes.data = (const unsigned char *)data;
    MDP_TRY(format == MDP_FORMAT_TORCH ? mdp_torch_read(file) : mdp_safetensors_read(file));
    MDP_TRY(check_all(file));
    *out = file;
    return MDP_OK;
out:
    mdp_tensor_file_free(file);
    return err;
}

void mdp_tensor_file_free(struct mdp_tensor_file *file) {
    if (file == NULL) return;
    json_decref(file->metadata);
    free(file->tensors);
    free((void *)file->bytes.data);
    free(file);
}

const struct mdp_stored_tensor *mdp_tensor_file_find(const struct mdp_tensor_file *file, const char *name) {
    for (int i = 0; i < file->n; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

/* goes to the next element in row-major order, and moves `place` with it */
static void advance(const struct mdp_stored_tensor *tensor, long index[MDP_STORED_RANK_MAX], long *place) {
    for (int i = tensor->rank - 1; i >= 0; i--) {
        *place += tensor->stride[i];
        if (++index[i] < tensor->extent[i]) return;
        *place -= tensor->extent[i] * tensor->stride[i];
        index[i] = 0;
    }
}

mdp_err mdp_tensor_file_read(const struct mdp_tensor_file *file, const struct mdp_stored_tensor *tensor,
                             double *values) {
    long index[MDP_STORED_RANK_MAX] = {0}, place = 0, size = mdp_dtype_size(tensor->dtype);
    for (long i = 0; i < tensor->n; i++) {
        values[i] = mdp_dtype_value(tensor->dtype, tensor->first + place * size);
        if (!isfinite(values[i]))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected finite values, found %g at element %ld", file->path,
                            tensor->name, values[i], i);
        advance(tensor, index, &place);
    }
    return MDP_OK;
}
