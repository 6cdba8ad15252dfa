#include "results/tensors/tensor_file.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- files ---- */

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
