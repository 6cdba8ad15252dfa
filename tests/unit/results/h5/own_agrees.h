/* episodes files, and whether our own reader and libhdf5 read the same of a file. used by the tests of results/h5/own.
 */
#ifndef MDP_TESTS_UNIT_RESULTS_H5_OWN_AGREES_H
#define MDP_TESTS_UNIT_RESULTS_H5_OWN_AGREES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "results/episodes.h"
#include "results/episodes_fields.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "tests/tap.h"

enum { N = 50 };

/* ---- files ---- */

/** Writes n episodes whose numbers differ, with these settings. */
static inline void write_episodes(const char *path, const char *settings, long n) {
    struct mdp_episodes_info info = {.task = "walker2d",
                                     .reference = "bullet-walker2d",
                                     .ref_min = 1,
                                     .ref_max = 10,
                                     .candidates = 3,
                                     .step = 400,
                                     .seed = UINT64_MAX};
    struct mdp_episodes e;
    info.head.settings = settings;
    CHECK_OK(mdp_episodes_alloc(&e, n));
    for (long i = 0; i < n; i++) {
        e.returns[i] = 1.5 * (double)i;
        e.lengths[i] = (int)i;
        e.ends[i] = (uint8_t)(i % 3);
        e.seeds[i] = (uint64_t)-i;
        e.indices[i] = i;
    }
    CHECK_OK(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&e);
}

/** Reads a file of at most 1 MiB. Owns: caller, free(). */
static inline unsigned char *read_bytes(const char *path, size_t *n) {
    char *bytes;
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &bytes, n));
    return (unsigned char *)bytes;
}

/** Writes a file, not to the disk: there are thousands. */
static inline void put_bytes(const char *path, const unsigned char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

/* ---- the same from both ---- */

/** Adds bytes to a digest; an answer that is none adds nothing but that. */
static inline void add(uint64_t *digest, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) *digest = (*digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    *digest = (*digest ^ n) * 0x100000001b3u;
}

/** Adds a text of the root. */
static inline mdp_err add_text(struct mdp_h5 *file, const char *name, uint64_t *digest) {
    char *text;
    mdp_err err = mdp_h5_attr_text_new(file, "/", name, &text);
    if (err != MDP_OK) return err;
    add(digest, text, strlen(text));
    free(text);
    return MDP_OK;
}

/** Adds a number of the root. */
static inline mdp_err add_number(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, uint64_t *digest) {
    uint64_t value = 0;
    mdp_err err = mdp_h5_attr_array(file, "/", name, type, 1, &value, NULL);
    if (err == MDP_OK) add(digest, &value, sizeof value);
    return err;
}

/** Adds a field of an episodes file, and whether it is there. */
static inline mdp_err add_field(struct mdp_h5 *file, const struct mdp_episodes_field *field, uint64_t *digest) {
    static const enum mdp_h5_type types[] = {
        [MDP_FIELD_REAL] = MDP_H5_F64, [MDP_FIELD_INT] = MDP_H5_I64, [MDP_FIELD_U64] = MDP_H5_U64};
    int is_there = mdp_h5_attr_exists(file, "/", field->name);
    add(digest, &is_there, sizeof is_there);
    if (!is_there) return MDP_OK;
    return mdp_episodes_field_room(field) > 0 ? add_text(file, field->name, digest)
                                              : add_number(file, field->name, types[field->kind], digest);
}

/** Adds a column, and whether it is there. */
static inline mdp_err add_array(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, uint64_t *digest) {
    struct mdp_h5_shape shape;
    int is_there = mdp_h5_exists(file, name);
    add(digest, &is_there, sizeof is_there);
    if (!is_there) return MDP_OK;
    mdp_err err = mdp_h5_expect(file, name, MDP_H5_1D(-1));
    if (err == MDP_OK) err = mdp_h5_shape(file, name, &shape);
    if (err != MDP_OK) return err;
    size_t n_bytes = (size_t)shape.extent[0] * mdp_h5_type_size(type);
    void *values = calloc(n_bytes + 1, 1);
    err = mdp_h5_read(file, name, type, &shape, values);
    add(digest, values, n_bytes);
    free(values);
    return err;
}

/** Adds all that an episodes file has. */
static inline mdp_err add_all(struct mdp_h5 *file, uint64_t *digest) {
    static const char *const texts[] = {"format", "version", "machine", "settings", "inputs"};
    const struct mdp_episodes_field *field;
    mdp_err err = add_number(file, "format_version", MDP_H5_I64, digest);
    for (int i = 0; err == MDP_OK && i < 5; i++) err = add_text(file, texts[i], digest);
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++)
        err = add_field(file, field, digest);
    if (err == MDP_OK) err = add_array(file, "episode", MDP_H5_I64, digest);
    if (err == MDP_OK) err = add_array(file, "return", MDP_H5_F64, digest);
    if (err == MDP_OK) err = add_array(file, "normalized_return", MDP_H5_F64, digest);
    if (err == MDP_OK) err = add_array(file, "objective_return", MDP_H5_F64, digest);
    if (err == MDP_OK) err = add_array(file, "length", MDP_H5_I32, digest);
    if (err == MDP_OK) err = add_array(file, "end", MDP_H5_U8, digest);
    if (err == MDP_OK) err = add_array(file, "seed", MDP_H5_U64, digest);
    return err;
}

/** Makes the digest of what is read of a file that is opened this way. */
static inline mdp_err digest_by(mdp_err (*open)(const char *, struct mdp_h5 **), const char *path,
                                mdp_err (*add_these)(struct mdp_h5 *, uint64_t *), uint64_t *digest) {
    struct mdp_h5 *file;
    *digest = 0xcbf29ce484222325u;
    mdp_err err = open(path, &file);
    if (err != MDP_OK) return err;
    err = add_these(file, digest);
    mdp_h5_close(file);
    return err;
}

/** Returns 1 if these were read without libhdf5, and libhdf5 then reads the same. */
static inline int agrees_on(const char *path, mdp_err (*add_these)(struct mdp_h5 *, uint64_t *)) {
    uint64_t own, library;
    if (digest_by(mdp_h5_open_own, path, add_these, &own) != MDP_OK) return 0;
    CHECK_OK(digest_by(mdp_h5_open, path, add_these, &library));
    CHECK(own == library);
    return 1;
}

/** Does so for an episodes file. */
static inline int agrees(const char *path) { return agrees_on(path, add_all); }

#endif
