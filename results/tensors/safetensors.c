#include "results/tensors/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_kind.h"

enum { LENGTH_SIZE = 8, ALIGNMENT = 8 };
static const char metadata_key[] = "__metadata__";

int mdp_safetensors_is(struct mdp_bytes start) {
    return mdp_bytes_has(start, 0, LENGTH_SIZE + 1) && start.data[LENGTH_SIZE] == '{' &&
           mdp_bytes_le(start.data, LENGTH_SIZE) <= (uint64_t)MDP_SAFETENSORS_HEADER_MAX;
}

/* ---- reading ---- */

/* where a tensor's bytes are, relative to the end of the header */
struct span {
    uint64_t begin, end;
    int i_tensor;
};

static mdp_err bad(const struct mdp_tensor_file *file, const char *name, const char *expected) {
    return mdp_fail(MDP_E_DATA, "%s: %.64s: expected %s, found something else", file->path, name, expected);
}

static mdp_err read_shape(const struct mdp_tensor_file *file, const char *name, const json_t *shape,
                          struct mdp_stored_tensor *tensor) {
    size_t rank = json_array_size(shape);
    if (!json_is_array(shape) || rank > MDP_STORED_RANK_MAX) return bad(file, name, "a shape of at most 8 numbers");
    tensor->rank = (int)rank;
    for (size_t i = 0; i < rank; i++) {
        const json_t *extent = json_array_get(shape, i);
        if (!json_is_integer(extent) || json_integer_value(extent) < 0 ||
            json_integer_value(extent) > MDP_TENSOR_FILE_BYTES_MAX)
            return bad(file, name, "a shape that a file can hold");
        tensor->extent[i] = (long)json_integer_value(extent);
    }
    /* row-major; a product that overflows does so for an array that add() refuses by its extents */
    unsigned long stride = 1;
    for (int i = tensor->rank - 1; i >= 0; i--) {
        tensor->stride[i] =
            stride <= (unsigned long)MDP_TENSOR_FILE_BYTES_MAX ? (long)stride : MDP_TENSOR_FILE_BYTES_MAX;
        stride = (unsigned long)tensor->stride[i] * (unsigned long)tensor->extent[i];
    }
    return MDP_OK;
}

static mdp_err read_span(const struct mdp_tensor_file *file, const char *name, const json_t *offsets, size_t n_data,
                         struct span *span) {
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return bad(file, name, "data_offsets of two integers");
    json_int_t from = json_integer_value(begin), to = json_integer_value(end);
    if (from < 0 || to < from || (uint64_t)to > n_data)
        return mdp_fail(MDP_E_DATA, "%s: %.64s: expected data_offsets within %zu bytes, found [%lld, %lld]", file->path,
                        name, n_data, (long long)from, (long long)to);
    span->begin = (uint64_t)from;
    span->end = (uint64_t)to;
    return MDP_OK;
}

/* every number of the header is held to the data before a byte is read, because the file may be damaged or hostile */
static mdp_err read_tensor(struct mdp_tensor_file *file, const char *name, json_t *entry, struct mdp_bytes data,
                           struct span *span) {
    struct mdp_stored_tensor tensor = {.rank = 0};
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    char shape[MDP_BYTES_SHOWN];
    mdp_err err;
    if (strlen(name) >= sizeof tensor.name)
        return mdp_fail(MDP_E_DATA, "%s: %.64s...: expected a name of less than %d bytes, found a longer one",
                        file->path, name, MDP_STORED_NAME_MAX);
    strcpy(tensor.name, name);
    if (!json_is_object(entry) || json_object_size(entry) != 3 || dtype == NULL)
        return bad(file, name, "dtype, shape and data_offsets");
    tensor.dtype = mdp_dtype_of_safetensors(dtype);
    if (tensor.dtype == MDP_N_DTYPES)
        return mdp_fail(MDP_E_DATA,
                        "%s: %.64s: dtype: expected F64, F32, F16, BF16, an integer type or BOOL, found %.16s",
                        file->path, name, dtype);
    MDP_TRY(read_shape(file, name, json_object_get(entry, "shape"), &tensor));
    MDP_TRY(read_span(file, name, json_object_get(entry, "data_offsets"), data.size, span));
    struct mdp_bytes storage = mdp_bytes_part(data, span->begin, span->end - span->begin);
    MDP_TRY(mdp_tensor_file_add(file, &tensor, storage, 0));
    uint64_t size = (uint64_t)file->tensors[file->n - 1].n * (uint64_t)mdp_dtype_size(tensor.dtype);
    if (size != storage.size)
        return mdp_fail(MDP_E_DATA, "%s: %.64s: expected %llu bytes for %s %s, found %zu", file->path, name,
                        (unsigned long long)size, dtype, mdp_stored_shape_text(tensor.rank, tensor.extent, shape),
                        storage.size);
    span->i_tensor = file->n - 1;
out:
    return err;
}

static mdp_err read_metadata(struct mdp_tensor_file *file, json_t *metadata) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) return bad(file, metadata_key, "an object of texts");
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value)) return bad(file, metadata_key, "an object of texts");
    }
    file->metadata = json_incref(metadata);
    return MDP_OK;
}

static int by_place(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* tensors follow each other from the first byte of the data to the last */
static mdp_err check_cover(const struct mdp_tensor_file *file, struct span *spans, size_t n_data) {
    uint64_t offset = 0;
    if (file->n > 0) qsort(spans, (size_t)file->n, sizeof *spans, by_place);
    for (int i = 0; i < file->n; i++) {
        if (spans[i].begin != offset)
            return mdp_fail(MDP_E_DATA,
                            "%s: %s: expected its data to begin at %llu, where the tensor before it ends, "
                            "found %llu",
                            file->path, file->tensors[spans[i].i_tensor].name, (unsigned long long)offset,
                            (unsigned long long)spans[i].begin);
        offset = spans[i].end;
    }
    if (offset == n_data) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected %llu bytes of data as the header says, found %zu", file->path,
                    (unsigned long long)offset, n_data);
}

static mdp_err read_entries(struct mdp_tensor_file *file, json_t *header, struct mdp_bytes data) {
    const char *name;
    json_t *entry;
    struct span *spans = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&spans, json_object_size(header) + 1, sizeof *spans, "places of tensors"));
    json_object_foreach(header, name, entry) {
        if (strcmp(name, metadata_key) == 0)
            MDP_TRY(read_metadata(file, entry));
        else
            MDP_TRY(read_tensor(file, name, entry, data, &spans[file->n]));
    }
    MDP_TRY(check_cover(file, spans, data.size));
out:
    free(spans);
    return err;
}

mdp_err mdp_safetensors_read(struct mdp_tensor_file *file) {
    const struct mdp_bytes bytes = file->bytes;
    json_error_t error;
    file->format = "safetensors";
    uint64_t n_header = bytes.size >= LENGTH_SIZE ? mdp_bytes_le(bytes.data, LENGTH_SIZE) : UINT64_MAX;
    const char *kind = mdp_file_kind(bytes.data, bytes.size);
    int is_whole = n_header <= (uint64_t)MDP_SAFETENSORS_HEADER_MAX && mdp_bytes_has(bytes, LENGTH_SIZE, n_header);
    if (!is_whole && strcmp(kind, MDP_FILE_KIND_UNKNOWN) != 0)
        return mdp_fail(MDP_E_DATA, "%s: expected a safetensors file, found %s", file->path, kind);
    if (!is_whole)
        return mdp_fail(MDP_E_DATA,
                        "%s: header: expected its length, at most %ld and within the file of %zu bytes, found %llu",
                        file->path, MDP_SAFETENSORS_HEADER_MAX, bytes.size, (unsigned long long)n_header);
    json_t *header = json_loadb((const char *)bytes.data + LENGTH_SIZE, n_header, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(header)) {
        mdp_err err = header != NULL ? bad(file, "header", "a JSON object")
                                     : mdp_fail(MDP_E_DATA, "%s: header: expected JSON, found an error at byte %d: %s",
                                                file->path, error.position, error.text);
        json_decref(header);
        return err;
    }
    mdp_err err =
        read_entries(file, header, mdp_bytes_part(bytes, LENGTH_SIZE + n_header, bytes.size - LENGTH_SIZE - n_header));
    json_decref(header);
    return err;
}

/* ---- writing ---- */

static long count(const struct mdp_safetensors_item *item) {
    long n = 1;
    for (int i = 0; i < item->rank; i++) n *= item->extent[i];
    return n;
}

static json_t *describe(const struct mdp_safetensors_item *item, long begin) {
    json_t *shape = json_array();
    for (int i = 0; i < item->rank; i++) json_array_append_new(shape, json_integer(item->extent[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets", (json_int_t)begin,
                     (json_int_t)(begin + 4 * count(item)));
}

/* the header as text, padded with blanks so that the data begin at a multiple of 8 */
static mdp_err encode_header(int n, const struct mdp_safetensors_item *items, const json_t *metadata, char **text,
                             size_t *size, long *n_data) {
    json_t *header = json_object();
    int failed = metadata != NULL && json_object_set_new(header, metadata_key, json_deep_copy(metadata)) != 0;
    *n_data = 0;
    for (int i = 0; i < n; i++) {
        failed |= json_object_set_new(header, items[i].name, describe(&items[i], *n_data)) != 0;
        *n_data += 4 * count(&items[i]);
    }
    char *plain = failed ? NULL : json_dumps(header, JSON_COMPACT);
    json_decref(header);
    if (plain == NULL) return mdp_fail(MDP_E_INTERNAL, "safetensors: a name or text cannot be written as JSON");
    size_t used = strlen(plain);
    *size = (used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    mdp_err err = mdp_calloc(text, *size, 1, "header");
    if (err == MDP_OK) {
        memset(*text, ' ', *size);
        memcpy(*text, plain, used);
    }
    free(plain);
    return err;
}

static char *put_le(char *to, uint64_t value, int n) {
    for (int i = 0; i < n; i++) *to++ = (char)(unsigned char)(value >> 8 * i);
    return to;
}

mdp_err mdp_safetensors_encode(int n, const struct mdp_safetensors_item *items, const json_t *metadata, char **bytes,
                               size_t *size) {
    char *header = NULL;
    size_t n_header = 0;
    long n_data = 0;
    mdp_err err;
    *bytes = NULL;
    MDP_TRY(encode_header(n, items, metadata, &header, &n_header, &n_data));
    *size = LENGTH_SIZE + n_header + (size_t)n_data;
    MDP_TRY(mdp_calloc(bytes, *size, 1, "safetensors file"));
    char *to = put_le(*bytes, n_header, LENGTH_SIZE);
    memcpy(to, header, n_header);
    to += n_header;
    for (int i = 0; i < n; i++)
        for (long j = 0, m = count(&items[i]); j < m; j++) {
            uint32_t bits;
            memcpy(&bits, &items[i].values[j], sizeof bits);
            to = put_le(to, bits, 4);
        }
out:
    free(header);
    return err;
}
