/* zip archives, pickles and whole .pt files made byte by byte, good and bad, for the tests of their readers. */
#ifndef MDP_TESTS_TORCH_BUILDER_H
#define MDP_TESTS_TORCH_BUILDER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/tensors/zip.h"
#include "tests/tap.h"

/* bytes that grow */
struct made {
    unsigned char *data;
    size_t n, room;
};

/* all blocks that were ever taken: a test is a process, and its end frees them */
struct made_block {
    struct made_block *next;
    unsigned char bytes[];
};
static struct made_block *made_blocks;

/** Frees everything that was made. */
static inline void made_free_all(void) {
    while (made_blocks != NULL) {
        struct made_block *next = made_blocks->next;
        free(made_blocks);
        made_blocks = next;
    }
}

/** Appends bytes. */
static inline void put(struct made *made, const void *bytes, size_t n) {
    if (made->n + n > made->room) {
        made->room = 2 * (made->n + n) + 256;
        struct made_block *block = malloc(sizeof *block + made->room);
        CHECK(block != NULL);
        block->next = made_blocks;
        made_blocks = block;
        if (made->n > 0) memcpy(block->bytes, made->data, made->n);
        made->data = block->bytes;
    }
    if (n > 0) memcpy(made->data + made->n, bytes, n);
    made->n += n;
}

/** Appends a little-endian number of n bytes. */
static inline void put_le(struct made *made, uint64_t value, int n) {
    for (int i = 0; i < n; i++) put(made, &(unsigned char){(unsigned char)(value >> 8 * i)}, 1);
}

/** Appends a text without its end. */
static inline void put_text(struct made *made, const char *text) { put(made, text, strlen(text)); }

/** Overwrites a little-endian number of n bytes. */
static inline void poke(struct made *made, size_t offset, uint64_t value, int n) {
    CHECK(offset + (size_t)n <= made->n);
    for (int i = 0; i < n; i++) made->data[offset + (size_t)i] = (unsigned char)(value >> 8 * i);
}

/** Returns what was made as the readers take it. */
static inline struct mdp_bytes bytes_of(const struct made *made) { return (struct mdp_bytes){made->data, made->n}; }

/** Writes what was made to a file of the test's folder and returns its path. */
static inline const char *save(const struct made *made, const char *name) {
    const char *path = tap_temp_path(name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && (made->n == 0 || fwrite(made->data, 1, made->n, file) == made->n) && fclose(file) == 0);
    return path;
}

/* ---- zip ---- */

/* an archive that is being made; the fields of the newest member may be changed before the next call */
struct made_zip {
    struct made file, directory;
    int n;
    size_t header, data, entry; /* of the newest member: local header and data in file, entry in directory */
};

/** Returns the CRC-32 of bytes (polynomial 0x04c11db7, reflected). */
static inline uint32_t crc_of(const unsigned char *bytes, size_t n) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/** Adds a stored member as torch.save does: its data at a multiple of 64, checksum and sizes behind it and in the
 * directory, not in its local header. */
static inline void zip_add(struct made_zip *zip, const char *name, const void *data, size_t n) {
    size_t n_name = strlen(name), padding = (64 - (zip->file.n + 30 + n_name + 4) % 64) % 64;
    uint32_t crc = crc_of(data, n);
    zip->header = zip->file.n;
    zip->entry = zip->directory.n;
    put_le(&zip->file, 0x04034b50, 4);
    put_le(&zip->file, 0, 2); /* version */
    put_le(&zip->file, 0x808, 2);
    put_le(&zip->file, 0, 2 + 2 + 2); /* method, time, date */
    put_le(&zip->file, 0, 4);         /* checksum */
    put_le(&zip->file, 0, 4 + 4);     /* sizes */
    put_le(&zip->file, n_name, 2);
    put_le(&zip->file, 4 + padding, 2);
    put_text(&zip->file, name);
    put_text(&zip->file, "FB");
    put_le(&zip->file, padding, 2);
    for (size_t i = 0; i < padding; i++) put(&zip->file, "Z", 1);
    zip->data = zip->file.n;
    put(&zip->file, data, n);
    put_le(&zip->file, 0x08074b50, 4);
    put_le(&zip->file, crc, 4);
    put_le(&zip->file, n, 4);
    put_le(&zip->file, n, 4);
    put_le(&zip->directory, 0x02014b50, 4);
    put_le(&zip->directory, 0, 2 + 2); /* versions */
    put_le(&zip->directory, 0x808, 2);
    put_le(&zip->directory, 0, 2 + 2 + 2); /* method, time, date */
    put_le(&zip->directory, crc, 4);
    put_le(&zip->directory, n, 4);
    put_le(&zip->directory, n, 4);
    put_le(&zip->directory, n_name, 2);
    put_le(&zip->directory, 0, 4 + 2 + 2); /* extra field, comment, volume, attributes */
    put_le(&zip->directory, 0, 4);
    put_le(&zip->directory, zip->header, 4);
    put_text(&zip->directory, name);
    zip->n++;
}

/** Ends an archive and returns its bytes; with `is_zip64` the numbers are in the long records alone. */
static inline struct made zip_end(struct made_zip *zip, int is_zip64) {
    struct made made = {NULL, 0, 0};
    put(&made, zip->file.data, zip->file.n);
    put(&made, zip->directory.data, zip->directory.n);
    size_t end64 = made.n;
    if (is_zip64) {
        put_le(&made, 0x06064b50, 4);
        put_le(&made, 44, 8);
        put_le(&made, 0, 2 + 2);
        put_le(&made, 0, 4 + 4);
        put_le(&made, (uint64_t)zip->n, 8);
        put_le(&made, (uint64_t)zip->n, 8);
        put_le(&made, zip->directory.n, 8);
        put_le(&made, zip->file.n, 8);
        put_le(&made, 0x07064b50, 4);
        put_le(&made, 0, 4);
        put_le(&made, end64, 8);
        put_le(&made, 1, 4);
    }
    put_le(&made, 0x06054b50, 4);
    put_le(&made, 0, 4);
    for (int i = 0; i < 2; i++) put_le(&made, is_zip64 ? 0xffff : (uint64_t)zip->n, 2);
    put_le(&made, is_zip64 ? 0xffffffff : zip->directory.n, 4);
    put_le(&made, is_zip64 ? 0xffffffff : zip->file.n, 4);
    put_le(&made, 0, 2);
    return made;
}

/* ---- pickles ---- */

/** Appends BINUNICODE. */
static inline void op_text(struct made *made, const char *text) {
    put_text(made, "X");
    put_le(made, strlen(text), 4);
    put_text(made, text);
}

/** Appends GLOBAL. */
static inline void op_global(struct made *made, const char *module, const char *name) {
    put_text(made, "c");
    put_text(made, module);
    put_text(made, "\n");
    put_text(made, name);
    put_text(made, "\n");
}

/** Appends LONG1 of eight bytes. */
static inline void op_int(struct made *made, int64_t value) {
    put(made, "\x8a\x08", 2);
    put_le(made, (uint64_t)value, 8);
}

/* a tensor as _rebuild_tensor_v2 is given it */
struct made_tensor {
    const char *storage, *key; /* "FloatStorage", "0" */
    int64_t n_stored, offset;
    int rank;
    int64_t size[4], stride[4];
    int is_legacy; /* the id has a sixth part */
};

/** Appends a tensor's call. */
static inline void op_tensor(struct made *made, const struct made_tensor *tensor) {
    op_global(made, "torch._utils", "_rebuild_tensor_v2");
    put_text(made, "((");
    op_text(made, "storage");
    op_global(made, "torch", tensor->storage);
    op_text(made, tensor->key);
    op_text(made, "cuda:0");
    op_int(made, tensor->n_stored);
    put_text(made, tensor->is_legacy ? "NtQ" : "tQ");
    op_int(made, tensor->offset);
    put_text(made, "(");
    for (int i = 0; i < tensor->rank; i++) op_int(made, tensor->size[i]);
    put_text(made, "t(");
    for (int i = 0; i < tensor->rank; i++) op_int(made, tensor->stride[i]);
    put_text(made, "t\x89");
    op_global(made, "collections", "OrderedDict");
    put_text(made, ")RtR");
}

/** Starts a pickle of a dictionary; items follow as key and value. */
static inline struct made dict_begin(void) {
    struct made made = {NULL, 0, 0};
    put(&made, "\x80\x02}(", 4);
    return made;
}

/** Ends it. */
static inline void dict_end(struct made *made) { put_text(made, "u."); }

/** Makes an archive of a pickle and one storage "0". */
static inline struct made torch_zip(const struct made *pickle, const void *data, size_t n) {
    struct made_zip zip = {.n = 0};
    zip_add(&zip, "x/data.pkl", pickle->data, pickle->n);
    zip_add(&zip, "x/data/0", data, n);
    zip_add(&zip, "x/version", "3\n", 2);
    return zip_end(&zip, 0);
}

/** Makes a legacy file of an object's pickle, a list of n_keys keys, and whatever follows. */
static inline struct made torch_legacy(const struct made *object, int n_keys, const char *const *keys,
                                       const struct made *blocks) {
    static const char start[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
    struct made made = {NULL, 0, 0};
    put(&made, start, sizeof start - 1);
    put(&made, "\x80\x02}", 3);
    op_text(&made, "little_endian");
    put_text(&made, "\x88s.");
    put(&made, object->data, object->n);
    put(&made, "\x80\x02](", 4);
    for (int i = 0; i < n_keys; i++) op_text(&made, keys[i]);
    put_text(&made, "e.");
    put(&made, blocks->data, blocks->n);
    return made;
}

#endif
