/* results/h5/own: what is read without libhdf5 is what libhdf5 reads, of whole, damaged and forged files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "results/episodes.h"
#include "results/episodes_fields.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/own_internal.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N = 50, CHECKSUM_BYTES = 4, STRUCTURES_MAX = 64 };

/* ---- files ---- */

static void write_episodes(const char *path, const char *settings, long n) {
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

static unsigned char *read_bytes(const char *path, size_t *n) {
    char *bytes;
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &bytes, n));
    return (unsigned char *)bytes;
}

/* thousands of files: not to the disk */
static void put_bytes(const char *path, const unsigned char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

/* ---- the same from both ---- */

/* an answer that is none adds nothing but that */
static void add(uint64_t *digest, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) *digest = (*digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    *digest = (*digest ^ n) * 0x100000001b3u;
}

static mdp_err add_text(struct mdp_h5 *file, const char *name, uint64_t *digest) {
    char *text;
    mdp_err err = mdp_h5_attr_text_new(file, "/", name, &text);
    if (err != MDP_OK) return err;
    add(digest, text, strlen(text));
    free(text);
    return MDP_OK;
}

static mdp_err add_number(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, uint64_t *digest) {
    uint64_t value = 0;
    mdp_err err = mdp_h5_attr_array(file, "/", name, type, 1, &value, NULL);
    if (err == MDP_OK) add(digest, &value, sizeof value);
    return err;
}

static mdp_err add_field(struct mdp_h5 *file, const struct mdp_episodes_field *field, uint64_t *digest) {
    static const enum mdp_h5_type types[] = {
        [MDP_FIELD_REAL] = MDP_H5_F64, [MDP_FIELD_INT] = MDP_H5_I64, [MDP_FIELD_U64] = MDP_H5_U64};
    int is_there = mdp_h5_attr_exists(file, "/", field->name);
    add(digest, &is_there, sizeof is_there);
    if (!is_there) return MDP_OK;
    return mdp_episodes_field_room(field) > 0 ? add_text(file, field->name, digest)
                                              : add_number(file, field->name, types[field->kind], digest);
}

static mdp_err add_array(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, uint64_t *digest) {
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

static mdp_err add_all(struct mdp_h5 *file, uint64_t *digest) {
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

static mdp_err digest_by(mdp_err (*open)(const char *, struct mdp_h5 **), const char *path, uint64_t *digest) {
    struct mdp_h5 *file;
    *digest = 0xcbf29ce484222325u;
    mdp_err err = open(path, &file);
    if (err != MDP_OK) return err;
    err = add_all(file, digest);
    mdp_h5_close(file);
    return err;
}

/* returns 1 if it was read without libhdf5, and libhdf5 then reads the same */
static int agrees(const char *path) {
    uint64_t own, library;
    if (digest_by(mdp_h5_open_own, path, &own) != MDP_OK) return 0;
    CHECK_OK(digest_by(mdp_h5_open, path, &library));
    CHECK(own == library);
    return 1;
}

static void test_whole_files(void) {
    static const long lengths[] = {1, 2, 3, N, 1000, 30000};
    const char *path = tap_temp_path("a.h5");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_episodes(path, "{\"episodes\": 50}", lengths[i]);
        CHECK(agrees(path));
    }
}

/* settings that leave little of the first blocks, and those that a block of their own is for */
static void test_long_texts(void) {
    const char *path = tap_temp_path("a.h5");
    char settings[4001];
    for (int n = 20; n <= 4000; n += 199) {
        snprintf(settings, sizeof settings, "{\"a\": \"%0*d\"}", n - 9, 7);
        CHECK_INT((long)strlen(settings), n);
        write_episodes(path, settings, N);
        CHECK(agrees(path));
    }
}

/* few attributes lie in the header, many behind a tree of two levels */
static void test_any_number_of_attributes(void) {
    const char *path = tap_temp_path("a.h5");
    for (int n = 1; n <= 100; n++) {
        struct mdp_h5 *file;
        char name[16];
        double value = -1;
        CHECK_OK(mdp_h5_create(path, &file));
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "a%d", i);
            CHECK_OK(mdp_h5_put_real(file, "/", name, 0.5 * i));
        }
        CHECK_OK(mdp_h5_commit(&file));
        CHECK_OK(mdp_h5_open_own(path, &file));
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "a%d", i);
            CHECK_OK(mdp_h5_attr_real(file, "/", name, &value));
            CHECK(value == 0.5 * i);
        }
        CHECK(!mdp_h5_attr_exists(file, "/", "b"));
        mdp_h5_close(file);
    }
}

/* a file of ours is read without the process that looks at files of others first */
static void test_no_other_process(void) {
    const char *path = tap_temp_path("a.h5");
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    struct mdp_h5 *file;
    write_episodes(path, "{}", N);
    CHECK_OK(mdp_episodes_read(path, &info, &episodes));
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&episodes);
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_INT(waitpid(-1, NULL, WNOHANG), 0);
    mdp_h5_close(file);
}

/* ---- what is left to libhdf5 ---- */

static void check_is_left(const char *path) {
    struct mdp_h5 *file;
    CHECK_FAILS(mdp_h5_open_own(path, &file), MDP_E_DATA, "expected a file in the layout of this program");
    CHECK(file == NULL);
}

static void test_others_are_left(void) {
    const char *path = tap_temp_path("b.h5");
    const float rows[2] = {1, 2};
    struct mdp_h5 *file;
    double value;
    int64_t step;
    char *text;
    check_is_left(tap_temp_path("none.h5"));
    check_is_left("/dev/null");
    check_is_left("/");
    CHECK_OK(mdp_fsx_write(path, "", 0));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_make_group(file, "group"));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "rows", MDP_H5_F64, MDP_H5_2D(1, 2), MDP_H5_PLAIN, &(const double[2]){1, 2}));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "rows", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_COMPRESS, rows));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);

    /* of a file that can be read, what is stored in another type */
    write_episodes(path, "{}", N);
    CHECK_OK(mdp_h5_open_own(path, &file));
    CHECK_FAILS(mdp_h5_attr_real(file, "/", "step", &value), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_attr_real(file, "/", "absent", &value), MDP_E_DATA, "expected it in the layout");
    CHECK(mdp_h5_attr_exists(file, "return", "step"));
    CHECK_FAILS(mdp_h5_attr_int(file, "return", "step", &step), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_attr_text_new(file, "return", "task", &text), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_expect(file, "absent", MDP_H5_1D(-1)), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_expect(file, "return", MDP_H5_1D(N + 1)), MDP_E_DATA, "expected shape");
    mdp_h5_close(file);
}

/* ---- damage ---- */

static void test_checksum(void) {
    CHECK(mdp_h5i_lookup3((const unsigned char *)"", 0) == 0xdeadbeef);
    CHECK(mdp_h5i_lookup3((const unsigned char *)"Four score and seven years ago", 30) == 0x17770551);
}

/* each byte in turn, each length: what is still taken is what libhdf5 takes */
static void test_damaged(void) {
    const char *path = tap_temp_path("a.h5");
    size_t n;
    int n_agree = 0, n_left = 0;
    write_episodes(path, "{\"episodes\": 50}", N);
    unsigned char *bytes = read_bytes(path, &n);
    for (size_t i = 0; i < n; i++) {
        unsigned char kept = bytes[i];
        bytes[i] ^= (unsigned char)(1u << i % 8);
        put_bytes(path, bytes, n);
        bytes[i] = kept;
        if (agrees(path))
            n_agree++;
        else
            n_left++;
    }
    /* most of the file is looked at; free space of the heap is not */
    CHECK(n_left > (int)n / 2 && n_agree > 0);
    for (size_t i = 0; i < n; i += 13) {
        put_bytes(path, bytes, i);
        CHECK(!agrees(path));
    }
    free(bytes);
}

/* a structure and where its checksum is */
struct structure {
    size_t start, n, sum;
};

static int is_signature(const unsigned char *bytes, const char *signature) {
    return memcmp(bytes, signature, strlen(signature)) == 0;
}

/* finds them by their signatures, by the sizes that such files have */
static int find_structures(const unsigned char *bytes, size_t n, struct structure *out) {
    int n_found = 0;
    for (size_t i = 0; i + 48 < n && n_found < STRUCTURES_MAX; i++) {
        struct structure s = {i, 0, 0};
        const unsigned char *b = bytes + i;
        if (is_signature(b, "\211HDF")) s.n = 48;
        if (is_signature(b, "FRHP")) s.n = 146;
        if (is_signature(b, "BTHD")) s.n = 38;
        if (is_signature(b, "BTLF")) s.n = 6 + 29 * 17 + CHECKSUM_BYTES;
        if (is_signature(b, "FHIB")) s.n = 18 + 8 * 4 + CHECKSUM_BYTES;
        if (is_signature(b, "OHDR")) s.n = (b[5] & 1) ? 8u + b[6] + 256u * b[7] + 4 : 7u + b[6] + 4;
        s.sum = i + s.n - CHECKSUM_BYTES;
        if (is_signature(b, "FHDB")) s = (struct structure){i, 1024, i + 18};
        if (s.n > 0 && s.start + s.n <= n) out[n_found++] = s;
    }
    return n_found;
}

static uint32_t sum_of(unsigned char *bytes, const struct structure *s) {
    if (s->sum + CHECKSUM_BYTES == s->start + s->n) return mdp_h5i_lookup3(bytes + s->start, s->n - CHECKSUM_BYTES);
    memset(bytes + s->sum, 0, CHECKSUM_BYTES);
    return mdp_h5i_lookup3(bytes + s->start, s->n);
}

static void put_sum(unsigned char *bytes, const struct structure *s) {
    uint32_t sum = sum_of(bytes, s);
    for (int k = 0; k < CHECKSUM_BYTES; k++) bytes[s->sum + (size_t)k] = (unsigned char)(sum >> 8 * k);
}

/* a byte of the metadata is another one, and the checksum is that of what is there now: such files were never written
 * by us, and what is taken of them has to be what libhdf5 takes */
static void test_forged(void) {
    const char *path = tap_temp_path("a.h5");
    struct structure structures[STRUCTURES_MAX];
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, 0, 0);
    size_t n;
    int n_agree = 0, n_left = 0;
    write_episodes(path, "{\"episodes\": 50}", N);
    unsigned char *bytes = read_bytes(path, &n), *forged = malloc(n);
    int n_structures = find_structures(bytes, n, structures);
    CHECK_INT(n_structures, 1 + 7 + 4 + 2); /* superblock, objects, heap and tree, two blocks */
    for (int k = 0; k < n_structures; k++) {
        const struct structure *s = &structures[k];
        memcpy(forged, bytes, n);
        put_sum(forged, s);
        CHECK(memcmp(forged, bytes, n) == 0);
        for (size_t i = 0; i < s->n; i++) {
            memcpy(forged, bytes, n);
            forged[s->start + i] =
                i % 2 == 0 ? (unsigned char)(forged[s->start + i] + 1) : (unsigned char)mdp_rng_below(&rng, 256);
            put_sum(forged, s);
            put_bytes(path, forged, n);
            if (agrees(path))
                n_agree++;
            else
                n_left++;
        }
    }
    CHECK(n_left > 500 && n_agree > 100);
    free(bytes);
    free(forged);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_whole_files),
        TAP_TEST(test_long_texts),
        TAP_TEST_LIMIT(test_any_number_of_attributes, 300),
        TAP_TEST(test_no_other_process),
        TAP_TEST(test_others_are_left),
        TAP_TEST(test_checksum),
        TAP_TEST_LIMIT(test_damaged, 600),
        TAP_TEST_LIMIT(test_forged, 600),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
