/* results/tensors/torch_file: PyTorch's own files against what PyTorch said of them, made ones of every kind, and bad
 * ones. */
#include <math.h>

#include "results/tensors/open.h"
#include "tests/torch_builder.h"

/* ---- files that PyTorch wrote ---- */

/* a row of the manifest: "dict/name", shape, type, sum, sum of v_i cos(i + 1) */
static void check_row(const struct mdp_tensor_file *file, const json_t *row) {
    char name[MDP_STORED_NAME_MAX], *slash;
    double sum = 0, dot = 0, size = 0;
    snprintf(name, sizeof name, "%s", json_string_value(json_array_get(row, 0)));
    CHECK((slash = strchr(name, '/')) != NULL);
    *slash = '.';
    const struct mdp_stored_tensor *tensor = mdp_tensor_file_find(file, name);
    const json_t *shape = json_array_get(row, 1);
    CHECK(tensor != NULL);
    CHECK_STR(mdp_dtype_text(tensor->dtype), json_string_value(json_array_get(row, 2)));
    CHECK_INT(tensor->rank, json_array_size(shape));
    for (int i = 0; i < tensor->rank; i++)
        CHECK_INT(tensor->extent[i], json_integer_value(json_array_get(shape, (size_t)i)));
    double *values = malloc((size_t)tensor->n * sizeof *values);
    CHECK_OK(mdp_tensor_file_read(file, tensor, values));
    for (long i = 0; i < tensor->n; i++) {
        sum += values[i];
        dot += values[i] * cos((double)(i + 1));
        size += fabs(values[i]);
    }
    free(values);
    /* sums in double, in whatever order the other side took: round-off of the terms' size */
    CHECK_CLOSE(sum, json_number_value(json_array_get(row, 3)), 1e-12 * (1 + size));
    CHECK_CLOSE(dot, json_number_value(json_array_get(row, 4)), 1e-12 * (1 + size));
}

static long check_sample(const char *name, const json_t *facts) {
    char relative[128];
    struct mdp_tensor_file *file;
    size_t i;
    json_t *row, *rows = json_object_get(facts, "tensors_name_shape_dtype_sum_cosdot");
    snprintf(relative, sizeof relative, "algos/checkpoints/%s", name);
    const char *path = tap_reference(relative);
    if (path == NULL) return 0;
    CHECK_OK(mdp_tensor_file_open(path, &file));
    CHECK_INT(file->n, json_array_size(rows));
    CHECK_STR(file->format, json_is_null(json_object_get(facts, "zip_members")) ? "torch legacy" : "torch zip");
    json_array_foreach(rows, i, row) check_row(file, row);
    mdp_tensor_file_free(file);
    return 1;
}

static void test_samples(void) {
    const char *path = tap_reference("algos/checkpoints/manifest.json"), *name;
    json_t *facts;
    long n = 0;
    if (path == NULL) SKIP("no algos/checkpoints/manifest.json");
    json_t *manifest = json_load_file(path, 0, NULL);
    CHECK(json_is_object(manifest));
    json_object_foreach(manifest, name, facts) n += check_sample(name, facts);
    CHECK(n >= 4);
    json_decref(manifest);
}

/* the same tensors in both formats */
static void test_formats_agree(void) {
    struct mdp_tensor_file *a, *b;
    const char *zip = tap_reference("algos/checkpoints/tiny_zip_format.pt"),
               *legacy = tap_reference("algos/checkpoints/tiny_legacy_format.pt");
    if (zip == NULL || legacy == NULL) SKIP("no tiny checkpoints");
    CHECK_OK(mdp_tensor_file_open(zip, &a));
    CHECK_OK(mdp_tensor_file_open(legacy, &b));
    CHECK_INT(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        CHECK_STR(a->tensors[i].name, b->tensors[i].name);
        CHECK_INT(a->tensors[i].n, b->tensors[i].n);
        CHECK(memcmp(a->tensors[i].first, b->tensors[i].first, 4 * (size_t)a->tensors[i].n) == 0);
    }
    mdp_tensor_file_free(a);
    mdp_tensor_file_free(b);
}

static void check_values(const struct mdp_tensor_file *file, const char *name, int n, const double *expected) {
    double values[16];
    const struct mdp_stored_tensor *tensor = mdp_tensor_file_find(file, name);
    CHECK(tensor != NULL);
    CHECK_INT(tensor->n, n);
    CHECK_OK(mdp_tensor_file_read(file, tensor, values));
    for (int i = 0; i < n; i++) CHECK_CLOSE(values[i], expected[i], 0);
}

/* x = arange(6).reshape(2, 3) / 4, its transpose, as half and as bfloat16, x + 1, arange(3), [True, False] and nothing,
 * saved by PyTorch 2.13: as it does by itself, without checksums, and with storages at multiples of 1024 */
static void test_new_samples(void) {
    static const char *const names[] = {"torch_2_13.pt", "torch_2_13_no_checksums.pt", "torch_2_13_aligned.pt"};
    static const double x[] = {0, 0.25, 0.5, 0.75, 1, 1.25}, t[] = {0, 0.75, 0.25, 1, 0.5, 1.25},
                        more[] = {1, 1.25, 1.5, 1.75, 2, 2.25}, count[] = {0, 1, 2}, flag[] = {1, 0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char relative[128];
        struct mdp_tensor_file *file;
        snprintf(relative, sizeof relative, "algos/checkpoints/%s", names[i]);
        CHECK_OK(mdp_tensor_file_open(tap_reference(relative), &file));
        CHECK_INT(file->n, 8);
        check_values(file, "model.w", 6, x);
        check_values(file, "model.t", 6, t);
        check_values(file, "model.half", 6, x);
        check_values(file, "model.bfloat", 6, x);
        check_values(file, "model.count", 3, count);
        check_values(file, "model.flag", 2, flag);
        check_values(file, "model_ema.w", 6, more);
        check_values(file, "model_ema.empty", 0, NULL);
        mdp_tensor_file_free(file);
    }
}

/* ---- made files ---- */

static mdp_err open_zip(const struct made *pickle, const void *data, size_t n, struct mdp_tensor_file **file) {
    struct made made = torch_zip(pickle, data, n);
    return mdp_tensor_file_open(save(&made, "f.pt"), file);
}

static const float six[6] = {0, 1, 2, 3, 4, 5};

/* a matrix, its transpose, a column, a repeated row, a scalar and nothing, all of one storage */
static void test_views(void) {
    static const struct {
        const char *name;
        struct made_tensor tensor;
        double values[6];
    } views[] = {
        {"whole", {"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}, 0}, {0, 1, 2, 3, 4, 5}},
        {"transposed", {"FloatStorage", "0", 6, 0, 2, {3, 2}, {1, 3}, 0}, {0, 3, 1, 4, 2, 5}},
        {"column", {"FloatStorage", "0", 6, 1, 1, {2}, {3}, 0}, {1, 4}},
        {"expanded", {"FloatStorage", "0", 6, 4, 2, {3, 2}, {0, 1}, 0}, {4, 5, 4, 5, 4, 5}},
        {"scalar", {"FloatStorage", "0", 6, 5, 0, {0}, {0}, 0}, {5}},
    };
    static const int counts[] = {6, 6, 2, 6, 1};
    struct mdp_tensor_file *file;
    struct made pickle = dict_begin();
    for (int i = 0; i < 5; i++) {
        op_text(&pickle, views[i].name);
        op_tensor(&pickle, &views[i].tensor);
    }
    op_text(&pickle, "empty");
    op_tensor(&pickle, &(struct made_tensor){"FloatStorage", "0", 6, 6, 2, {0, 3}, {3, 1}, 0});
    dict_end(&pickle);
    CHECK_OK(open_zip(&pickle, six, sizeof six, &file));
    CHECK_INT(file->n, 6);
    for (int i = 0; i < 5; i++) check_values(file, views[i].name, counts[i], views[i].values);
    CHECK_INT(mdp_tensor_file_find(file, "empty")->n, 0);
    mdp_tensor_file_free(file);
}

static void test_types(void) {
    static const struct {
        const char *storage, *text;
        unsigned char bytes[16];
        size_t size;
        double values[2];
    } rows[] = {
        {"DoubleStorage", "float64", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0}, 8, {1.5, -2}},
        {"FloatStorage", "float32", {0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0}, 4, {1.5, -2}},
        {"HalfStorage", "float16", {0, 0x3e, 1, 0x80}, 2, {1.5, -0x1p-24}},
        {"BFloat16Storage", "bfloat16", {0xc0, 0x3f, 0, 0xc0}, 2, {1.5, -2}},
        {"LongStorage", "int64", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1}, 8, {-1, 256}},
        {"IntStorage", "int32", {0xff, 0xff, 0xff, 0xff, 0, 1}, 4, {-1, 256}},
        {"ShortStorage", "int16", {0xff, 0xff, 0, 1}, 2, {-1, 256}},
        {"CharStorage", "int8", {0xff, 7}, 1, {-1, 7}},
        {"ByteStorage", "uint8", {0xff, 7}, 1, {255, 7}},
        {"BoolStorage", "bool", {1, 0}, 1, {1, 0}},
    };
    CHECK_INT(sizeof rows / sizeof *rows, MDP_DTYPE_BOOL + 1); /* PyTorch has no class for those after it */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mdp_tensor_file *file;
        struct made pickle = dict_begin();
        op_text(&pickle, "x");
        op_tensor(&pickle, &(struct made_tensor){rows[i].storage, "0", 2, 0, 1, {2}, {1}, 0});
        dict_end(&pickle);
        CHECK_OK(open_zip(&pickle, rows[i].bytes, 2 * rows[i].size, &file));
        CHECK_STR(mdp_dtype_text(file->tensors[0].dtype), rows[i].text);
        check_values(file, "x", 2, rows[i].values);
        mdp_tensor_file_free(file);
    }
}

/* half precision at its corners: zero, the largest, the smallest normal */
static void test_half(void) {
    static const struct {
        unsigned char bytes[2];
        double value;
    } rows[] = {{{0, 0}, 0}, {{0xff, 0x7b}, 65504}, {{0, 4}, 0x1p-14}, {{0xff, 3}, 1023 * 0x1p-24}, {{0, 0xbc}, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_CLOSE(mdp_dtype_value(MDP_DTYPE_F16, rows[i].bytes), rows[i].value, 0);
    CHECK(isnan(mdp_dtype_value(MDP_DTYPE_F16, (const unsigned char *)"\x01\x7c")));
    CHECK(isinf(mdp_dtype_value(MDP_DTYPE_F16, (const unsigned char *)"\x00\xfc")));
}

/* lists, integer keys, values that are no tensors, and two dictionaries deep */
static void test_nested(void) {
    struct mdp_tensor_file *file;
    struct made pickle = dict_begin();
    const struct made_tensor tensor = {"FloatStorage", "0", 6, 0, 1, {6}, {1}, 0};
    op_text(&pickle, "state");
    put_text(&pickle, "}(");
    op_int(&pickle, 7);
    put_text(&pickle, "](");
    op_tensor(&pickle, &tensor);
    put_text(&pickle, "NK\x01");
    op_tensor(&pickle, &tensor);
    put_text(&pickle, "eu");
    op_text(&pickle, "epoch");
    put_text(&pickle, "K\x03");
    dict_end(&pickle);
    CHECK_OK(open_zip(&pickle, six, sizeof six, &file));
    CHECK_INT(file->n, 2);
    CHECK(mdp_tensor_file_find(file, "state.7.0") != NULL && mdp_tensor_file_find(file, "state.7.3") != NULL);
    mdp_tensor_file_free(file);
}

/* ---- bad pickles ---- */

static const struct made_tensor good = {"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}, 0};

static void check_refused(const struct made *pickle, const char *message) {
    struct mdp_tensor_file *file;
    CHECK_FAILS(open_zip(pickle, six, sizeof six, &file), MDP_E_DATA, message);
    CHECK(file == NULL && strstr(mdp_err_message(), "f.pt: ") != NULL);
}

static void check_tensor(const struct made_tensor *tensor, const char *message) {
    struct made pickle = dict_begin();
    op_text(&pickle, "w");
    op_tensor(&pickle, tensor);
    dict_end(&pickle);
    check_refused(&pickle, message);
}

static void test_bad_tensors(void) {
    static const struct {
        struct made_tensor tensor;
        const char *message;
    } rows[] = {
        {{"FloatStorage", "0", 6, 0, 2, {2, 4}, {3, 1}, 0},
         "w: expected a tensor within its 6 stored elements, found shape [2, 4], "
         "strides [3, 1] from element 0"},
        {{"FloatStorage", "0", 6, 1, 2, {2, 3}, {3, 1}, 0}, "from element 1"},
        {{"FloatStorage", "0", 6, -1, 1, {1}, {1}, 0}, "from element -1"},
        {{"FloatStorage", "0", 6, 7, 1, {0}, {1}, 0}, "from element 7"},
        {{"FloatStorage", "0", 6, 0, 1, {3}, {-1}, 0}, "strides [-1]"},
        {{"FloatStorage", "0", 6, 0, 1, {-3}, {1}, 0}, "shape [-3]"},
        {{"FloatStorage", "0", 6, 0, 1, {1000000000}, {0}, 0}, "shape [1000000000]"},
        {{"FloatStorage", "0", 6, 0, 2, {INT64_MAX, 2}, {0, 0}, 0}, "within its 6 stored elements"},
        {{"FloatStorage", "0", 6, 0, 2, {2, 3}, {INT64_MAX, 1}, 0}, "within its 6 stored elements"},
        {{"FloatStorage", "0", 6, INT64_MAX, 1, {1}, {1}, 0}, "within its 6 stored elements"},
        {{"FloatStorage", "1", 6, 0, 1, {6}, {1}, 0}, "x/data/1: expected this member, found none"},
        {{"FloatStorage", "../0", 6, 0, 1, {6}, {1}, 0}, "x/data/../0: expected this member, found none"},
        {{"FloatStorage", "", 6, 0, 1, {6}, {1}, 0}, "expected a key of less than 64 bytes"},
        {{"FloatStorage", "0", 5, 0, 1, {5}, {1}, 0}, "x/data/0: expected 20 bytes (5 float32), found 24"},
        {{"DoubleStorage", "0", 6, 0, 1, {6}, {1}, 0}, "x/data/0: expected 48 bytes (6 float64), found 24"},
        {{"FloatStorage", "0", INT64_MAX, 0, 1, {6}, {1}, 0}, "expected a count of elements that a file can hold"},
        {{"FloatStorage", "0", -6, 0, 1, {6}, {1}, 0}, "expected a count of elements that a file can hold"},
        {{"QInt8Storage", "0", 6, 0, 1, {6}, {1}, 0}, "found torch.QInt8Storage"},
        {{"FloatStorage", "0", 6, 0, 1, {6}, {1}, 1}, "expected ('storage', type, key, location, count)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check_tensor(&rows[i].tensor, rows[i].message);
}

/* a pickle whose one entry "w" is given as opcodes */
static void check_value(const char *ops, const char *message) {
    struct made pickle = dict_begin();
    op_text(&pickle, "w");
    put_text(&pickle, ops);
    dict_end(&pickle);
    check_refused(&pickle, message);
}

static void test_bad_calls(void) {
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
    check_value(REBUILD ")R", "w: tensor: expected 6 or 7 arguments");
    check_value(REBUILD "(NNNNNtR", "expected 6 or 7 arguments");
    check_value(REBUILD "(NNNNNNtR", "w: offset: expected an integer");
    check_value(REBUILD "(NK\x01NNNNtR", "w: storage: expected an outside object");
    check_value(REBUILD "(NQK\x01NNNNtR", "w: storage: expected ('storage', type, key, location, count)");
    check_value(REBUILD "((NNNNNtQK\x01NNNNtR", "w: storage: expected ('storage', type, key, location, count)");
    check_value("NQ", "w: expected a tensor, found an outside object");
    check_value("ctorch\nFloatStorage\n", "w: expected a tensor, found a name");
    check_value("cposix\nsystem\n\x8c\x02ls\x85R",
                "GLOBAL: expected a name that a state dict needs, found posix.system");
    check_value("N", "expected tensors, found none");
    struct made pickle = {NULL, 0, 0};
    op_tensor(&pickle, &good);
    put_text(&pickle, ".");
    check_refused(&pickle, "data.pkl: expected a dictionary of tensors, found a call");
    pickle = dict_begin();
    dict_end(&pickle);
    put_text(&pickle, "N.");
    check_refused(&pickle, "data.pkl: expected its end at byte 6, found 2 bytes more");
}

static void check_key(const char *key_ops, size_t n, const char *message) {
    struct made pickle = dict_begin();
    put(&pickle, key_ops, n);
    op_tensor(&pickle, &good);
    dict_end(&pickle);
    check_refused(&pickle, message);
}

static void test_bad_names(void) {
    char key[300] = "\x8c\xff";
    memset(key + 2, 'a', 255);
    struct made pickle = dict_begin();
    op_text(&pickle, "w");
    put_text(&pickle, "}(");
    put(&pickle, key, 257);
    op_tensor(&pickle, &good);
    put_text(&pickle, "u");
    dict_end(&pickle);
    check_refused(&pickle, "expected a name of less than 256 bytes, found a longer one");
    check_key("\x8c\x02\x1b[", 4, "expected plain texts as keys, found another text");
    check_key("\x8c\x02\xc3\x28", 4, "expected plain texts as keys, found another text");
    check_key("\x8c\x00", 2, "expected plain texts as keys, found another text");
    check_key("N", 1, "expected plain texts as keys, found none");
    pickle = dict_begin();
    for (int i = 0; i < 2; i++) {
        op_text(&pickle, "w");
        op_tensor(&pickle, &good);
    }
    dict_end(&pickle);
    check_refused(&pickle, "w: expected one tensor of this name, found two");
}

/* containers in themselves, and a few that name each other a million times */
static void test_cycles(void) {
    struct made pickle = {NULL, 0, 0};
    put(&pickle, "\x80\x02}q\x00", 5);
    op_text(&pickle, "self");
    put(&pickle, "h\x00s.", 4);
    check_refused(&pickle, "expected at most 8 levels, found more, or a container that holds itself");
    struct made laughs = dict_begin();
    op_text(&laughs, "a");
    put(&laughs, "](KAKAKAKAKAKAKAKAKAKAeq\x01", 25);
    for (unsigned char level = 2; level < 8; level++) {
        op_text(&laughs, (const char[]){(char)('a' + level), 0});
        put_text(&laughs, "](");
        for (int i = 0; i < 10; i++) put(&laughs, (const unsigned char[]){'h', (unsigned char)(level - 1)}, 2);
        put(&laughs, (const unsigned char[]){'e', 'q', level}, 3);
    }
    dict_end(&laughs);
    check_refused(&laughs, "expected at most 1000000 values, found more");
}

/* one storage under very many names: little to store, much to read */
static void test_many_tensors(void) {
    struct made pickle = dict_begin();
    op_text(&pickle, "first");
    put_text(&pickle, "](");
    op_tensor(&pickle, &good);
    put(&pickle, "q\x01", 2);
    for (int i = 0; i < 20000; i++) put(&pickle, "h\x01", 2);
    put_text(&pickle, "e");
    dict_end(&pickle);
    check_refused(&pickle, "expected at most 16384 tensors, found more");
    struct made views = dict_begin();
    static float many[1 << 18];
    op_text(&views, "first");
    put_text(&views, "](");
    op_tensor(&views, &(struct made_tensor){"FloatStorage", "0", 1 << 18, 0, 1, {1 << 18}, {1}, 0});
    put(&views, "q\x01", 2);
    for (int i = 0; i < 100; i++) put(&views, "h\x01", 2);
    put_text(&views, "e");
    dict_end(&views);
    struct mdp_tensor_file *file;
    CHECK_FAILS(open_zip(&views, many, 4 << 18, &file), MDP_E_DATA, "tensors share their storage too often");
}

static void test_disagreement(void) {
    struct made pickle = dict_begin();
    op_text(&pickle, "a");
    op_tensor(&pickle, &good);
    op_text(&pickle, "b");
    op_tensor(&pickle, &(struct made_tensor){"DoubleStorage", "0", 3, 0, 1, {3}, {1}, 0});
    dict_end(&pickle);
    check_refused(&pickle, "storage 0: expected one type and count, found ");
}

static void test_not_finite(void) {
    const float bad[6] = {0, 1, NAN, 3, INFINITY, 5};
    double values[6];
    struct mdp_tensor_file *file;
    struct made pickle = dict_begin();
    op_text(&pickle, "w");
    op_tensor(&pickle, &good);
    dict_end(&pickle);
    CHECK_OK(open_zip(&pickle, bad, sizeof bad, &file));
    CHECK_FAILS(mdp_tensor_file_read(file, &file->tensors[0], values), MDP_E_DATA,
                "f.pt: w: expected finite values, found nan at element 2");
    mdp_tensor_file_free(file);
}

/* ---- bad archives and legacy files ---- */

static struct made good_pickle(int is_legacy) {
    struct made pickle = dict_begin();
    struct made_tensor tensor = good;
    tensor.is_legacy = is_legacy;
    op_text(&pickle, "w");
    op_tensor(&pickle, &tensor);
    dict_end(&pickle);
    return pickle;
}

static void test_archives(void) {
    struct mdp_tensor_file *file;
    struct made pickle = good_pickle(0), made;
    struct made_zip zip = {.n = 0};
    zip_add(&zip, "x/other", "", 0);
    made = zip_end(&zip, 0);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA,
                "expected one data.pkl in a folder as torch.save "
                "writes it, found 0");
    zip_add(&zip, "x/data.pkl", pickle.data, pickle.n);
    zip_add(&zip, "x/data/0", six, sizeof six);
    zip_add(&zip, "x/byteorder", "little", 6);
    made = zip_end(&zip, 0);
    CHECK_OK(mdp_tensor_file_open(save(&made, "f.pt"), &file));
    mdp_tensor_file_free(file);
    zip_add(&zip, "y/data.pkl", pickle.data, pickle.n);
    made = zip_end(&zip, 0);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA, "found 2");
    struct made_zip big = {.n = 0};
    zip_add(&big, "x/data.pkl", pickle.data, pickle.n);
    zip_add(&big, "x/byteorder", "big", 3);
    made = zip_end(&big, 0);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA,
                "x/byteorder: expected little, found 'big'");
}

static struct made blocks_of(int64_t n, size_t size) {
    struct made blocks = {NULL, 0, 0};
    put_le(&blocks, (uint64_t)n, 8);
    put(&blocks, six, size);
    return blocks;
}

static void check_legacy(const struct made *object, int n_keys, const char *const *keys, const struct made *blocks,
                         const char *message) {
    struct mdp_tensor_file *file;
    struct made made = torch_legacy(object, n_keys, keys, blocks);
    if (message != NULL) {
        CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA, message);
        return;
    }
    CHECK_OK(mdp_tensor_file_open(save(&made, "f.pt"), &file));
    check_values(file, "w", 6, (const double[]){0, 1, 2, 3, 4, 5});
    mdp_tensor_file_free(file);
}

static void test_legacy(void) {
    static const char *const keys[] = {"0", "0"}, *const others[] = {"1"};
    struct made object = good_pickle(1), fine = blocks_of(6, sizeof six), few = blocks_of(5, sizeof six),
                huge = blocks_of(INT64_MAX, sizeof six), cut = blocks_of(6, 20), none = {NULL, 0, 0},
                more = blocks_of(6, 24);
    check_legacy(&object, 1, keys, &fine, NULL);
    check_legacy(&object, 0, keys, &fine, "storage keys: expected a list of 1, found a list of 0");
    check_legacy(&object, 2, keys, &fine, "storage keys: expected a list of 1, found a list of 2");
    check_legacy(&object, 1, others, &fine, "storage keys: expected each storage of a tensor once, found '1' of none");
    check_legacy(&object, 1, keys, &few, "storage 0: expected a count of 6 and 24 bytes at byte");
    check_legacy(&object, 1, keys, &huge, "storage 0: expected a count of 6 and 24 bytes at byte");
    check_legacy(&object, 1, keys, &cut, "found another count, or the end of the file");
    check_legacy(&object, 1, keys, &none, "found the end of the file");
    put_text(&more, "x");
    check_legacy(&object, 1, keys, &more, "found 1 bytes more");
    struct made zipped = good_pickle(0);
    check_legacy(&zipped, 1, keys, &fine, "expected ('storage', type, key, location, count, None)");
}

static void test_preamble(void) {
    static const char *const keys[] = {"0"};
    struct made object = good_pickle(1), blocks = blocks_of(6, sizeof six),
                made = torch_legacy(&object, 1, keys, &blocks);
    struct mdp_tensor_file *file;
    CHECK_OK(mdp_tensor_file_open(save(&made, "f.pt"), &file));
    mdp_tensor_file_free(file);
    poke(&made, 18, 0x3ea, 2);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA,
                "protocol version: expected 1001, found another");
    poke(&made, 18, 0x3e9, 2);
    CHECK_INT(made.data[42], 0x88);
    poke(&made, 42, 0x89, 1);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.pt"), &file), MDP_E_DATA, "little_endian: expected True");
}

static void test_truncated(void) {
    static const char *const keys[] = {"0"};
    struct made object = good_pickle(1), pickle = good_pickle(0), blocks = blocks_of(6, sizeof six);
    struct made files[] = {torch_legacy(&object, 1, keys, &blocks), torch_zip(&pickle, six, sizeof six)};
    struct mdp_tensor_file *file;
    for (int i = 0; i < 2; i++)
        for (size_t n = files[i].n; n-- > 0;) {
            files[i].n = n;
            CHECK_FAILS(mdp_tensor_file_open(save(&files[i], "f.pt"), &file), MDP_E_DATA, "f.pt: ");
        }
}

static void test_files(void) {
    struct mdp_tensor_file *file;
    struct made text = {NULL, 0, 0}, old = {NULL, 0, 0};
    put_text(&text, "hello");
    CHECK_FAILS(mdp_tensor_file_open(tap_temp_path("none.pt"), &file), MDP_E_IO, "none.pt: cannot open");
    CHECK_FAILS(mdp_tensor_file_open(tap_temp_dir(), &file), MDP_E_IO, "expected a regular file, found a folder");
    CHECK_FAILS(mdp_tensor_file_open(save(&text, "f.pt"), &file), MDP_E_DATA, "f.pt: expected a PyTorch file");
    put_text(&old, "L119547037146038801333356L\n.I1001\n.");
    CHECK_FAILS(mdp_tensor_file_open(save(&old, "f.pt"), &file), MDP_E_DATA,
                "f.pt: expected pickles of protocol 2 to 5, found PyTorch's older format in protocol 0 or 1");
    CHECK_FAILS(mdp_tensor_file_open(save(&text, "f.txt"), &file), MDP_E_DATA,
                "f.txt: expected a PyTorch or safetensors file, found a text");
    CHECK_FAILS(mdp_tensor_file_open(save(&text, "f.h5"), &file), MDP_E_DATA,
                "f.h5: expected a PyTorch or safetensors file, found a text");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_samples),      TAP_TEST(test_formats_agree), TAP_TEST(test_new_samples),
        TAP_TEST(test_views),        TAP_TEST(test_types),         TAP_TEST(test_half),
        TAP_TEST(test_nested),       TAP_TEST(test_bad_tensors),   TAP_TEST(test_bad_calls),
        TAP_TEST(test_bad_names),    TAP_TEST(test_cycles),        TAP_TEST(test_many_tensors),
        TAP_TEST(test_disagreement), TAP_TEST(test_not_finite),    TAP_TEST(test_archives),
        TAP_TEST(test_legacy),       TAP_TEST(test_preamble),      TAP_TEST(test_truncated),
        TAP_TEST(test_files),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
