#include "results/tensors/torch_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_kind.h"
#include "results/tensors/pickle.h"
#include "results/tensors/zip.h"

enum { DEPTH_MAX = 8, STEPS_MAX = 1000000, PROTOCOL_VERSION = 1001, MAGIC_BYTES = 12, KEY_MAX = 64 };

/* LONG1 of ten bytes: 0x1950a86a20f9469cfc6c */
static const unsigned char magic[MAGIC_BYTES] = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

/* the same number as protocols 0 and 1 write it */
static const char old_magic[] = "L119547037146038801333356L\n";

/* the names that a state dict needs, those of what lies beside it in a checkpoint to go on from (settings, states of
 * generators), which is passed over, and no other */
enum {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    FIRST_OPAQUE,
    N_OPAQUE = 22,
    FIRST_STORAGE = FIRST_OPAQUE + N_OPAQUE
};
#define OPAQUE(module, name)                                                                                           \
    { module, name, MDP_PICKLE_OPAQUE }
static const struct mdp_pickle_global globals[] = {{"collections", "OrderedDict", MDP_PICKLE_NEW_DICT},
                                                   {"torch._utils", "_rebuild_tensor_v2", MDP_PICKLE_MAY_CALL},
                                                   {"torch._utils", "_rebuild_parameter", MDP_PICKLE_MAY_CALL},
                                                   OPAQUE("_codecs", "encode"),
                                                   OPAQUE("__builtin__", "set"),
                                                   OPAQUE("builtins", "set"),
                                                   OPAQUE("__builtin__", "frozenset"),
                                                   OPAQUE("builtins", "frozenset"),
                                                   OPAQUE("__builtin__", "bytearray"),
                                                   OPAQUE("builtins", "bytearray"),
                                                   OPAQUE("torch", "device"),
                                                   OPAQUE("torch", "Size"),
                                                   OPAQUE("torch", "float16"),
                                                   OPAQUE("torch", "bfloat16"),
                                                   OPAQUE("torch", "float32"),
                                                   OPAQUE("torch", "float64"),
                                                   OPAQUE("torch", "int64"),
                                                   OPAQUE("numpy", "ndarray"),
                                                   OPAQUE("numpy", "dtype"),
                                                   OPAQUE("numpy.core.multiarray", "_reconstruct"),
                                                   OPAQUE("numpy._core.multiarray", "_reconstruct"),
                                                   OPAQUE("numpy.core.multiarray", "scalar"),
                                                   OPAQUE("numpy._core.multiarray", "scalar"),
                                                   OPAQUE("numpy.core.numeric", "_frombuffer"),
                                                   OPAQUE("numpy._core.numeric", "_frombuffer"),
#define STORAGE(name, size, text, safetensors, torch) {"torch", torch, MDP_PICKLE_MENTION},
                                                   MDP_DTYPE_LIST(STORAGE)
#undef STORAGE
};
enum { N_GLOBALS = sizeof globals / sizeof *globals };
#define ONE(name, size, text, safetensors, torch) +1
_Static_assert(N_GLOBALS == FIRST_STORAGE MDP_DTYPE_LIST(ONE), "as many names as N_OPAQUE says");
#undef ONE

/* a block of elements that tensors are views of */
struct storage {
    struct mdp_bytes key, data; /* data.data is NULL before it is found */
    enum mdp_dtype dtype;
    int64_t n;
};

struct reader {
    struct mdp_tensor_file *file;
    char where[MDP_PATH_MAX + 64]; /* the pickle, for messages */
    struct mdp_pickle pickle;
    int is_legacy;
    long n_steps; /* steps of the walk, which are limited: a container may hold itself, or one thing a million times */
    int n_storages, room;
    struct storage *storages; /* sorted by key once all are known */
    char name[MDP_STORED_NAME_MAX];
};

/* PROTO and its number, from 4 on a FRAME and its 8 bytes, then the magic number */
int mdp_torch_is_legacy(struct mdp_bytes start) {
    enum { PROTO = 0x80, FRAME = 0x95, NEWEST = 5 };
    if (!mdp_bytes_has(start, 0, 3) || start.data[0] != PROTO || start.data[1] < 2 || start.data[1] > NEWEST) return 0;
    size_t offset = start.data[2] == FRAME ? 11 : 2;
    return mdp_bytes_has(start, offset, MAGIC_BYTES) && memcmp(start.data + offset, magic, MAGIC_BYTES) == 0;
}

/* ---- what a tensor is made of ---- */

static mdp_err not_a_tensor(const struct reader *r, const char *what, const char *expected) {
    return mdp_fail(MDP_E_DATA, "%s: %s: %s: expected %s, found something else", r->where, r->name, what, expected);
}

static int is_kind(const struct mdp_pickle_value *value, enum mdp_pickle_kind kind) {
    return value != NULL && value->kind == kind;
}

/* ('storage', type, key, location, count) and in the legacy format a view, which torch no longer writes */
static mdp_err read_storage(const struct reader *r, const struct mdp_pickle_value *persistent,
                            struct storage *storage) {
    const struct mdp_pickle *p = &r->pickle;
    if (!is_kind(persistent, MDP_PICKLE_PERSISTENT)) return not_a_tensor(r, "storage", "an outside object");
    const struct mdp_pickle_value *id = &p->values[persistent->first], *mark = mdp_pickle_item(p, id, 0),
                                  *type = mdp_pickle_item(p, id, 1), *key = mdp_pickle_item(p, id, 2),
                                  *n = mdp_pickle_item(p, id, 4);
    if (!is_kind(id, MDP_PICKLE_TUPLE) || id->n != (r->is_legacy ? 6u : 5u) || !is_kind(mark, MDP_PICKLE_TEXT) ||
        !mdp_bytes_are(mark->bytes, "storage"))
        return not_a_tensor(r, "storage",
                            r->is_legacy ? "('storage', type, key, location, count, None)"
                                         : "('storage', type, key, location, count)");
    if (!is_kind(type, MDP_PICKLE_GLOBAL) || type->i_global < FIRST_STORAGE)
        return not_a_tensor(r, "storage", "a type of storage");
    if (!is_kind(key, MDP_PICKLE_TEXT) || key->bytes.size >= KEY_MAX || !mdp_bytes_is_name(key->bytes))
        return not_a_tensor(r, "storage", "a key of less than 64 bytes");
    if (!is_kind(n, MDP_PICKLE_INT) || n->integer < 0 || n->integer > MDP_TENSOR_FILE_BYTES_MAX)
        return not_a_tensor(r, "storage", "a count of elements that a file can hold");
    if (r->is_legacy && !is_kind(mdp_pickle_item(p, id, 5), MDP_PICKLE_NONE))
        return not_a_tensor(r, "storage", "no view of another storage");
    *storage =
        (struct storage){.key = key->bytes, .dtype = (enum mdp_dtype)(type->i_global - FIRST_STORAGE), .n = n->integer};
    return MDP_OK;
}

static mdp_err read_numbers(const struct reader *r, const char *what, const struct mdp_pickle_value *tuple, int *rank,
                            long numbers[MDP_STORED_RANK_MAX]) {
    if (!is_kind(tuple, MDP_PICKLE_TUPLE) || tuple->n > MDP_STORED_RANK_MAX)
        return not_a_tensor(r, what, "a tuple of at most 8 integers");
    for (uint32_t i = 0; i < tuple->n; i++) {
        const struct mdp_pickle_value *number = mdp_pickle_item(&r->pickle, tuple, i);
        if (!is_kind(number, MDP_PICKLE_INT)) return not_a_tensor(r, what, "a tuple of at most 8 integers");
        numbers[i] = number->integer;
    }
    *rank = (int)tuple->n;
    return MDP_OK;
}

/* _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks [, metadata]) */
static mdp_err read_tensor(const struct reader *r, const struct mdp_pickle_value *call, struct storage *storage,
                           struct mdp_stored_tensor *tensor, int64_t *offset) {
    const struct mdp_pickle *p = &r->pickle;
    const struct mdp_pickle_value *args = &p->values[call->first], *first = mdp_pickle_item(p, args, 1);
    int n_strides;
    mdp_err err;
    if (call->i_global != REBUILD_TENSOR) return not_a_tensor(r, "tensor", "_rebuild_tensor_v2");
    if (args->n < 6 || args->n > 7) return not_a_tensor(r, "tensor", "6 or 7 arguments");
    if (!is_kind(first, MDP_PICKLE_INT)) return not_a_tensor(r, "offset", "an integer");
    *offset = first->integer;
    *tensor = (struct mdp_stored_tensor){.rank = 0};
    memcpy(tensor->name, r->name, sizeof tensor->name);
    MDP_TRY(read_storage(r, mdp_pickle_item(p, args, 0), storage));
    tensor->dtype = storage->dtype;
    MDP_TRY(read_numbers(r, "size", mdp_pickle_item(p, args, 2), &tensor->rank, tensor->extent));
    MDP_TRY(read_numbers(r, "stride", mdp_pickle_item(p, args, 3), &n_strides, tensor->stride));
    if (n_strides != tensor->rank) return not_a_tensor(r, "stride", "as many numbers as the size has");
out:
    return err;
}

/* ---- storages ---- */

static mdp_err note_storage(struct reader *r, const struct mdp_pickle_value *call) {
    struct mdp_stored_tensor tensor;
    struct storage storage;
    int64_t offset;
    mdp_err err = read_tensor(r, call, &storage, &tensor, &offset);
    if (err != MDP_OK) return err;
    if (r->n_storages == MDP_STORED_TENSORS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: expected at most %d tensors, found more", r->where, MDP_STORED_TENSORS_MAX);
    if (r->n_storages == r->room) {
        int room = r->room == 0 ? 32 : 2 * r->room;
        void *grown = realloc(r->storages, (size_t)room * sizeof *r->storages);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %d storages", r->where, room);
        r->storages = grown;
        r->room = room;
    }
    r->storages[r->n_storages++] = storage;
    return MDP_OK;
}

static int by_key(const void *a, const void *b) {
    const struct storage *x = a, *y = b;
    if (x->key.size != y->key.size) return x->key.size < y->key.size ? -1 : 1;
    return memcmp(x->key.data, y->key.data, x->key.size);
}

static struct storage *find_storage(const struct reader *r, struct mdp_bytes key) {
    const struct storage wanted = {.key = key};
    return r->n_storages > 0 ? bsearch(&wanted, r->storages, (size_t)r->n_storages, sizeof wanted, by_key) : NULL;
}

/* tensors that share a storage must agree on it */
static mdp_err merge_storages(struct reader *r) {
    char key[MDP_BYTES_SHOWN];
    int n = 0;
    if (r->n_storages > 0) qsort(r->storages, (size_t)r->n_storages, sizeof *r->storages, by_key);
    for (int i = 0; i < r->n_storages; i++) {
        const struct storage *storage = &r->storages[i], *last = n > 0 ? &r->storages[n - 1] : NULL;
        if (last == NULL || by_key(last, storage) != 0)
            r->storages[n++] = *storage;
        else if (last->dtype != storage->dtype || last->n != storage->n)
            return mdp_fail(MDP_E_DATA, "%s: storage %s: expected one type and count, found %lld %s and %lld %s",
                            r->where, mdp_bytes_show(storage->key, key), (long long)last->n,
                            mdp_dtype_text(last->dtype), (long long)storage->n, mdp_dtype_text(storage->dtype));
    }
    r->n_storages = n;
    return MDP_OK;
}

static mdp_err add_tensor(struct reader *r, const struct mdp_pickle_value *call) {
    struct mdp_stored_tensor tensor;
    struct storage storage;
    int64_t offset;
    mdp_err err = read_tensor(r, call, &storage, &tensor, &offset);
    if (err != MDP_OK) return err;
    return mdp_tensor_file_add(r->file, &tensor, find_storage(r, storage.key)->data, offset);
}

/* ---- the walk over dictionaries and lists ---- */

typedef mdp_err visitor(struct reader *r, const struct mdp_pickle_value *call);

/* the place of the walk, for messages */
static const char *place(const struct reader *r) { return r->name[0] != 0 ? r->name : "top"; }

/* a walk goes down by recursion, DEPTH_MAX levels at most */
static mdp_err walk(struct reader *r, uint32_t number, int depth, visitor *visit);

static mdp_err add_to_name(struct reader *r, size_t used, const struct mdp_pickle_value *key, uint32_t i) {
    char *end = r->name + used;
    size_t left = sizeof r->name - used;
    const char *dot = used > 0 ? "." : "";
    int n;
    if (key == NULL)
        n = snprintf(end, left, "%s%u", dot, i);
    else if (key->kind == MDP_PICKLE_INT)
        n = snprintf(end, left, "%s%lld", dot, (long long)key->integer);
    else if (key->kind == MDP_PICKLE_TEXT && mdp_bytes_is_name(key->bytes))
        n = snprintf(end, left, "%s%.*s", dot, (int)(key->bytes.size < left ? key->bytes.size : left), key->bytes.data);
    else
        return mdp_fail(MDP_E_DATA, "%s: %s: expected plain texts as keys, found %s", r->where, place(r),
                        key->kind == MDP_PICKLE_TEXT ? "another text" : mdp_pickle_kind_text(key->kind));
    if (n >= 0 && (size_t)n < left) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %.64s...: expected a name of less than %d bytes, found a longer one", r->where,
                    place(r), MDP_STORED_NAME_MAX);
}

static mdp_err walk_container(struct reader *r, const struct mdp_pickle_value *value, int depth, visitor *visit) {
    const struct mdp_pickle *p = &r->pickle;
    size_t used = strlen(r->name);
    uint32_t i = 0;
    mdp_err err = MDP_OK;
    for (uint32_t cell = value->first; err == MDP_OK && cell != 0; cell = p->cells[cell].next) {
        const struct mdp_pickle_value *key = value->kind == MDP_PICKLE_DICT ? &p->values[p->cells[cell].key] : NULL;
        err = add_to_name(r, used, key, i++);
        if (err == MDP_OK) err = walk(r, p->cells[cell].value, depth + 1, visit);
        r->name[used] = 0;
    }
    return err;
}

/* _rebuild_parameter(tensor, requires_grad, hooks): what it holds is a tensor like others */
static mdp_err visit_call(struct reader *r, const struct mdp_pickle_value *call, visitor *visit) {
    const struct mdp_pickle_value *args = &r->pickle.values[call->first];
    if (globals[call->i_global].use == MDP_PICKLE_OPAQUE) return MDP_OK;
    if (call->i_global != REBUILD_PARAMETER) return visit(r, call);
    const struct mdp_pickle_value *tensor = mdp_pickle_item(&r->pickle, args, 0);
    if (args->n != 3 || !is_kind(tensor, MDP_PICKLE_CALL)) return not_a_tensor(r, "parameter", "a tensor and 2 facts");
    return visit(r, tensor);
}

static mdp_err walk(struct reader *r, uint32_t number, int depth, visitor *visit) {
    const struct mdp_pickle_value *value = &r->pickle.values[number];
    if (++r->n_steps > STEPS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d values, found more", r->where, place(r), STEPS_MAX);
    switch (value->kind) {
    case MDP_PICKLE_TUPLE:
    case MDP_PICKLE_LIST:
    case MDP_PICKLE_DICT:
        if (depth < DEPTH_MAX) return walk_container(r, value, depth, visit);
        return mdp_fail(MDP_E_DATA,
                        "%s: %.64s: expected at most %d levels, found more, or a container that holds itself", r->where,
                        place(r), DEPTH_MAX);
    case MDP_PICKLE_CALL: return visit_call(r, value, visit);
    case MDP_PICKLE_GLOBAL:
    case MDP_PICKLE_PERSISTENT:
        if (value->kind == MDP_PICKLE_GLOBAL && globals[value->i_global].use == MDP_PICKLE_OPAQUE) return MDP_OK;
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a tensor, found %s", r->where, place(r),
                        mdp_pickle_kind_text(value->kind));
    default: return MDP_OK;
    }
}

static mdp_err visit_all(struct reader *r, visitor *visit) {
    enum mdp_pickle_kind kind = r->pickle.values[r->pickle.root].kind;
    if (kind != MDP_PICKLE_DICT)
        return mdp_fail(MDP_E_DATA, "%s: expected a dictionary of tensors, found %s", r->where,
                        mdp_pickle_kind_text(kind));
    r->n_steps = 0;
    r->name[0] = 0;
    return walk(r, r->pickle.root, 0, visit);
}

/* ---- the zip format ---- */

/* the archive's folder is that of its one data.pkl; `folder` ends in a slash */
static mdp_err find_folder(const struct mdp_zip *zip, char folder[MDP_ZIP_NAME_MAX]) {
    static const char suffix[] = "/data.pkl";
    const size_t n_suffix = sizeof suffix - 1;
    int n_found = 0;
    for (int i = 0; i < zip->n; i++) {
        const char *name = zip->members[i].name;
        size_t n_name = strlen(name);
        if (n_name <= n_suffix || strcmp(name + n_name - n_suffix, suffix) != 0) continue;
        snprintf(folder, MDP_ZIP_NAME_MAX, "%.*s/", (int)(n_name - n_suffix), name);
        n_found++;
    }
    if (n_found == 1) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: zip archive: expected one data.pkl in a folder as torch.save writes it, found %d",
                    zip->path, n_found);
}

static mdp_err read_member(const struct mdp_zip *zip, const char *folder, const char *leaf, struct mdp_bytes *data) {
    char name[MDP_ZIP_NAME_MAX + KEY_MAX + 8];
    snprintf(name, sizeof name, "%s%s", folder, leaf);
    const struct mdp_zip_member *member = mdp_zip_find(zip, name);
    if (member == NULL) return mdp_fail(MDP_E_DATA, "%s: %s: expected this member, found none", zip->path, name);
    *data = member->data;
    return MDP_OK;
}

/* newer versions of PyTorch say in which order bytes come */
static mdp_err check_byte_order(const struct mdp_zip *zip, const char *folder) {
    char name[MDP_ZIP_NAME_MAX + KEY_MAX], found[MDP_BYTES_SHOWN];
    snprintf(name, sizeof name, "%sbyteorder", folder);
    const struct mdp_zip_member *member = mdp_zip_find(zip, name);
    if (member == NULL || mdp_bytes_are(member->data, "little")) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected little, found '%s'", zip->path, name,
                    mdp_bytes_show(member->data, found));
}

static mdp_err find_members(struct reader *r, const struct mdp_zip *zip, const char *folder) {
    for (int i = 0; i < r->n_storages; i++) {
        struct storage *storage = &r->storages[i];
        char leaf[KEY_MAX + 8];
        snprintf(leaf, sizeof leaf, "data/%.*s", (int)storage->key.size, storage->key.data);
        mdp_err err = read_member(zip, folder, leaf, &storage->data);
        if (err != MDP_OK) return err;
        uint64_t size = (uint64_t)storage->n * (uint64_t)mdp_dtype_size(storage->dtype);
        if (storage->data.size != size)
            return mdp_fail(MDP_E_DATA, "%s: %s%s: expected %llu bytes (%lld %s), found %zu", zip->path, folder, leaf,
                            (unsigned long long)size, (long long)storage->n, mdp_dtype_text(storage->dtype),
                            storage->data.size);
    }
    return MDP_OK;
}

static mdp_err read_zip(struct reader *r) {
    struct mdp_zip zip;
    struct mdp_bytes pickle;
    char folder[MDP_ZIP_NAME_MAX];
    size_t n_used;
    mdp_err err = mdp_zip_open(r->file->path, r->file->bytes, &zip);
    if (err != MDP_OK) return err;
    MDP_TRY(find_folder(&zip, folder));
    MDP_TRY(check_byte_order(&zip, folder));
    MDP_TRY(read_member(&zip, folder, "data.pkl", &pickle));
    snprintf(r->where, sizeof r->where, "%s: data.pkl", r->file->path);
    MDP_TRY(mdp_pickle_read(r->where, pickle, globals, N_GLOBALS, &r->pickle, &n_used));
    if (n_used != pickle.size)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected its end at byte %zu, found %zu bytes more", r->where, n_used,
                         pickle.size - n_used));
    MDP_TRY(visit_all(r, note_storage));
    MDP_TRY(merge_storages(r));
    MDP_TRY(find_members(r, &zip, folder));
    MDP_TRY(visit_all(r, add_tensor));
out:
    mdp_zip_free(&zip);
    return err;
}

/* ---- the legacy format ---- */

/* reads the pickle at *at into `pickle` and moves on */
static mdp_err next_pickle(struct reader *r, const char *what, struct mdp_pickle *pickle, size_t *offset) {
    size_t n_used;
    struct mdp_bytes rest = mdp_bytes_part(r->file->bytes, *offset, r->file->bytes.size - *offset);
    snprintf(r->where, sizeof r->where, "%s: %s", r->file->path, what);
    mdp_err err = mdp_pickle_read(r->where, rest, globals, N_GLOBALS, pickle, &n_used);
    if (err == MDP_OK) *offset += n_used;
    return err;
}

/* magic number, protocol, facts about the machine: only the last two are read here */
static mdp_err check_preamble(struct reader *r, size_t *offset) {
    struct mdp_pickle pickle = {.values = NULL};
    mdp_err err;
    MDP_TRY(next_pickle(r, "magic number", &pickle, offset));
    mdp_pickle_free(&pickle);
    MDP_TRY(next_pickle(r, "protocol version", &pickle, offset));
    const struct mdp_pickle_value *root = &pickle.values[pickle.root];
    if (root->kind != MDP_PICKLE_INT || root->integer != PROTOCOL_VERSION)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected %d, found another", r->where, PROTOCOL_VERSION));
    mdp_pickle_free(&pickle);
    MDP_TRY(next_pickle(r, "system information", &pickle, offset));
    const struct mdp_pickle_value *order = mdp_pickle_entry(&pickle, &pickle.values[pickle.root], "little_endian");
    if (!is_kind(order, MDP_PICKLE_BOOL) || !order->integer)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: little_endian: expected True, found something else", r->where));
out:
    mdp_pickle_free(&pickle);
    return err;
}

/* after the list of keys: for each, its count and its elements */
static mdp_err find_block(struct reader *r, const struct mdp_pickle_value *key, size_t *offset) {
    const struct mdp_bytes bytes = r->file->bytes;
    char shown[MDP_BYTES_SHOWN];
    if (!is_kind(key, MDP_PICKLE_TEXT))
        return mdp_fail(MDP_E_DATA, "%s: expected texts, found something else", r->where);
    mdp_bytes_show(key->bytes, shown);
    struct storage *storage = find_storage(r, key->bytes);
    if (storage == NULL || storage->data.data != NULL)
        return mdp_fail(MDP_E_DATA, "%s: expected each storage of a tensor once, found '%s' %s", r->where, shown,
                        storage == NULL ? "of none" : "twice");
    uint64_t size = (uint64_t)storage->n * (uint64_t)mdp_dtype_size(storage->dtype);
    int is_there = mdp_bytes_has(bytes, *offset, 8);
    if (!is_there || (int64_t)mdp_bytes_le(bytes.data + *offset, 8) != storage->n ||
        !mdp_bytes_has(bytes, *offset + 8, size))
        return mdp_fail(MDP_E_DATA, "%s: storage %s: expected a count of %lld and %llu bytes at byte %zu, found %s",
                        r->file->path, shown, (long long)storage->n, (unsigned long long)size, *offset,
                        is_there ? "another count, or the end of the file" : "the end of the file");
    storage->data = mdp_bytes_part(bytes, *offset + 8, size);
    *offset += 8 + size;
    return MDP_OK;
}

static mdp_err find_blocks(struct reader *r, size_t *offset) {
    struct mdp_pickle keys = {.values = NULL};
    mdp_err err;
    MDP_TRY(next_pickle(r, "storage keys", &keys, offset));
    const struct mdp_pickle_value *root = &keys.values[keys.root];
    if (root->kind != MDP_PICKLE_LIST || root->n != (uint32_t)r->n_storages)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a list of %d, found %s of %u", r->where, r->n_storages,
                         mdp_pickle_kind_text(root->kind), root->n));
    for (uint32_t cell = root->first; cell != 0; cell = keys.cells[cell].next)
        MDP_TRY(find_block(r, &keys.values[keys.cells[cell].value], offset));
    if (*offset != r->file->bytes.size)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected its end at byte %zu, found %zu bytes more", r->file->path, *offset,
                         r->file->bytes.size - *offset));
out:
    mdp_pickle_free(&keys);
    return err;
}

static mdp_err read_legacy(struct reader *r) {
    size_t offset = 0;
    mdp_err err;
    MDP_TRY(check_preamble(r, &offset));
    MDP_TRY(next_pickle(r, "pickled object", &r->pickle, &offset));
    MDP_TRY(visit_all(r, note_storage));
    MDP_TRY(merge_storages(r));
    MDP_TRY(find_blocks(r, &offset));
    snprintf(r->where, sizeof r->where, "%s: pickled object", r->file->path);
    MDP_TRY(visit_all(r, add_tensor));
out:
    return err;
}

mdp_err mdp_torch_read(struct mdp_tensor_file *file) {
    struct reader r = {.file = file, .is_legacy = mdp_torch_is_legacy(file->bytes)};
    mdp_err err;
    if (file->bytes.size >= sizeof old_magic && memcmp(file->bytes.data, old_magic, sizeof old_magic - 1) == 0)
        return mdp_fail(
            MDP_E_DATA,
            "%s: expected pickles of protocol 2 to 5, found PyTorch's older format in protocol 0 or 1: write "
            "it with torch.save(.., pickle_protocol=2)",
            file->path);
    if (!r.is_legacy && !mdp_zip_is(file->bytes))
        return mdp_fail(MDP_E_DATA,
                        "%s: expected a PyTorch file, which starts as a zip archive or with a magic number, found %s",
                        file->path, mdp_file_kind(file->bytes.data, file->bytes.size));
    file->format = r.is_legacy ? "torch legacy" : "torch zip";
    err = r.is_legacy ? read_legacy(&r) : read_zip(&r);
    mdp_pickle_free(&r.pickle);
    free(r.storages);
    return err;
}
