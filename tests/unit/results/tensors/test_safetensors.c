/* results/tensors/safetensors: what is written reads back bit by bit, other people's files are read, and bad headers
 * are refused. */
#include "results/tensors/open.h"
#include "results/tensors/safetensors.h"

#include <math.h>

#include "tests/torch_builder.h"

static mdp_err open_made(const char *header, const void *data, size_t n, struct mdp_tensor_file **file) {
    struct made made = {NULL, 0, 0};
    put_le(&made, strlen(header), 8);
    put_text(&made, header);
    put(&made, data, n);
    return mdp_tensor_file_open(save(&made, "f.safetensors"), file);
}

static void test_round_trip(void) {
    static const float a[6] = {0, -0.0f, 1e-45f, 3.4028235e38f, -1, 0.1f}, b[1] = {7};
    const long shape[] = {2, 3}, one[] = {1};
    const struct mdp_safetensors_item items[] = {{"z.weight", 2, shape, a}, {"a.bias", 1, one, b}};
    json_t *metadata = json_pack("{s:s, s:s}", "task", "t\xc3\xa9", "step", "400");
    struct mdp_tensor_file *file;
    struct made made = {NULL, 0, 0};
    char *bytes, *again;
    size_t size, again_size;
    CHECK_OK(mdp_safetensors_encode(2, items, metadata, &bytes, &size));
    CHECK_OK(mdp_safetensors_encode(2, items, metadata, &again, &again_size));
    CHECK(size == again_size && memcmp(bytes, again, size) == 0);
    CHECK_INT((mdp_bytes_le((unsigned char *)bytes, 8)) % 8, 0);
    put(&made, bytes, size);
    CHECK_OK(mdp_tensor_file_open(save(&made, "f.safetensors"), &file));
    CHECK_INT(file->n, 2);
    CHECK_STR(file->format, "safetensors");
    CHECK(json_equal(file->metadata, metadata));
    CHECK_STR(file->tensors[0].name, "z.weight");
    CHECK(file->tensors[0].rank == 2 && file->tensors[0].extent[1] == 3);
    CHECK(memcmp(file->tensors[0].first, a, sizeof a) == 0 && memcmp(file->tensors[1].first, b, sizeof b) == 0);
    mdp_tensor_file_free(file);
    json_decref(metadata);
    free(bytes);
    free(again);
}

/* names that JSON has to escape, and none at all */
static void test_writing_names(void) {
    const float value = 1;
    const long one[] = {1};
    struct mdp_safetensors_item item = {"a\"\\b", 1, one, &value};
    struct made made = {NULL, 0, 0};
    struct mdp_tensor_file *file;
    char *bytes;
    size_t size;
    CHECK_OK(mdp_safetensors_encode(1, &item, NULL, &bytes, &size));
    put(&made, bytes, size);
    CHECK_OK(mdp_tensor_file_open(save(&made, "f.safetensors"), &file));
    CHECK_STR(file->tensors[0].name, "a\"\\b");
    CHECK(file->metadata == NULL);
    mdp_tensor_file_free(file);
    free(bytes);
    item.name = "\xff";
    CHECK_FAILS(mdp_safetensors_encode(1, &item, NULL, &bytes, &size), MDP_E_INTERNAL, "cannot be written as JSON");
}

/* what the public library wrote */
static void test_sample(void) {
    const char *path = tap_reference("algos/checkpoints/dql_400.safetensors"),
               *torch = tap_reference("algos/checkpoints/dql_diffusion_ckpt_400.pt");
    struct mdp_tensor_file *file, *same;
    if (path == NULL || torch == NULL) SKIP("no algos/checkpoints/dql_400.safetensors");
    CHECK_OK(mdp_tensor_file_open(path, &file));
    CHECK_OK(mdp_tensor_file_open(torch, &same));
    CHECK_INT(file->n, 80);
    CHECK_STR(json_string_value(json_object_get(file->metadata, "algo")), "dql");
    for (int i = 0; i < same->n; i++) {
        const struct mdp_stored_tensor *found = mdp_tensor_file_find(file, same->tensors[i].name);
        CHECK(found != NULL && found->n == same->tensors[i].n);
        CHECK(memcmp(found->first, same->tensors[i].first, 4 * (size_t)found->n) == 0);
    }
    mdp_tensor_file_free(file);
    mdp_tensor_file_free(same);
}

static void test_types(void) {
    static const char *const names[] = {"F64", "F32", "F16",  "BF16", "I64", "I32", "I16",
                                        "I8",  "U8",  "BOOL", "U64",  "U32", "U16"};
    const unsigned char zeros[8] = {0};
    CHECK_INT(sizeof names / sizeof *names, MDP_N_DTYPES);
    for (int i = 0; i < MDP_N_DTYPES; i++) {
        char header[128];
        struct mdp_tensor_file *file;
        int size = mdp_dtype_size((enum mdp_dtype)i);
        snprintf(header, sizeof header, "{\"x\":{\"dtype\":\"%s\",\"shape\":[],\"data_offsets\":[0,%d]}}", names[i],
                 size);
        CHECK_OK(open_made(header, zeros, (size_t)size, &file));
        CHECK(file->tensors[0].dtype == (enum mdp_dtype)i && file->tensors[0].n == 1);
        CHECK(mdp_dtype_value((enum mdp_dtype)i, zeros) == 0);
        mdp_tensor_file_free(file);
    }
}

static void check_refused(const char *header, const char *message) {
    static const float data[2] = {1, 2};
    struct mdp_tensor_file *file;
    CHECK_FAILS(open_made(header, data, sizeof data, &file), MDP_E_DATA, message);
    CHECK(file == NULL && strstr(mdp_err_message(), "f.safetensors: ") != NULL);
}

#define ENTRY(dtype, shape, offsets) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void test_bad_headers(void) {
    check_refused("", "header: expected JSON, found an error");
    check_refused("{", "header: expected JSON, found an error");
    check_refused("[]", "header: expected a JSON object");
    check_refused("{\"x\":1}{}", "header: expected JSON, found an error");
    check_refused("{\"x\":{},\"x\":{}}", "header: expected JSON, found an error");
    check_refused("{}", "expected 0 bytes of data as the header says, found 8");
    check_refused("{\"__metadata__\":[]}", "__metadata__: expected an object of texts");
    check_refused("{\"__metadata__\":{\"step\":400}}", "__metadata__: expected an object of texts");
    check_refused("{\"x\":[]}", "x: expected dtype, shape and data_offsets");
    check_refused("{\"x\":{\"dtype\":\"F32\"}}", "x: expected dtype, shape and data_offsets");
    check_refused("{\"x\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}",
                  "x: expected dtype, shape and data_offsets");
    check_refused("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"code\":\"\"}}",
                  "x: expected dtype, shape and "
                  "data_offsets");
    check_refused("{\"x\":" ENTRY("F8_E4M3", "[8]", "[0,8]") "}", "x: dtype: expected F64, F32");
}

static void test_bad_entries(void) {
    check_refused("{\"x\":" ENTRY("F32", "2", "[0,8]") "}", "x: expected a shape of at most 8 numbers");
    check_refused("{\"x\":" ENTRY("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]") "}",
                  "x: expected a shape of at most 8 numbers");
    check_refused("{\"x\":" ENTRY("F32", "[2.0]", "[0,8]") "}", "x: expected a shape that a file can hold");
    check_refused("{\"x\":" ENTRY("F32", "[-2]", "[0,8]") "}", "x: expected a shape that a file can hold");
    check_refused("{\"x\":" ENTRY("F32", "[99999999999]", "[0,8]") "}", "x: expected a shape that a file can hold");
    check_refused("{\"x\":" ENTRY("F32", "[1073741824,1073741824,1073741824]", "[0,8]") "}",
                  "within its 2 stored elements");
    check_refused("{\"x\":" ENTRY("F32", "[3]", "[0,8]") "}", "within its 2 stored elements, found shape [3]");
    check_refused("{\"x\":" ENTRY("F32", "[1]", "[0,8]") "}", "x: expected 4 bytes for F32 [1], found 8");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[0]") "}", "x: expected data_offsets of two integers");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[0,8.0]") "}", "x: expected data_offsets of two integers");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[8,0]") "}", "x: expected data_offsets within 8 bytes, found [8, 0]");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[-8,0]") "}",
                  "x: expected data_offsets within 8 bytes, found [-8, 0]");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[4,12]") "}",
                  "x: expected data_offsets within 8 bytes, found [4, 12]");
    check_refused("{\"x\":" ENTRY("F32", "[1]", "[4,8]") "}",
                  "x: expected its data to begin at 0, where the tensor before");
    check_refused("{\"x\":" ENTRY("F32", "[1]", "[0,4]") "}", "expected 4 bytes of data as the header says, found 8");
    check_refused("{\"x\":" ENTRY("F32", "[2]", "[0,8]") ",\"y\":" ENTRY("F32", "[1]", "[4,8]") "}",
                  "y: expected its data to begin at 8, where the tensor before it ends, found 4");
    check_refused("{\"\":" ENTRY("F32", "[2]", "[0,8]") "}", "expected names of tensors in plain UTF-8, found ''");
    check_refused("{\"a\\u001b[2J\":" ENTRY("F32", "[2]", "[0,8]") "}",
                  "expected names of tensors in plain UTF-8, found 'a?[2J'");
}

static void test_bad_length(void) {
    struct mdp_tensor_file *file;
    struct made made = {NULL, 0, 0};
    put_le(&made, UINT64_MAX, 8);
    put_text(&made, "{}");
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.safetensors"), &file), MDP_E_DATA, "header: expected its length");
    poke(&made, 0, 3, 8);
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.safetensors"), &file), MDP_E_DATA,
                "header: expected its length, at most 16777216 and within the file of 10 bytes, found 3");
    made.n = 4;
    CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.safetensors"), &file), MDP_E_DATA, "header: expected its length");
}

static void test_deep_json(void) {
    static char header[1 << 16];
    memset(header, '[', sizeof header - 1);
    memcpy(header, "{\"x\":", 5);
    check_refused(header, "header: expected JSON, found an error");
}

static void test_truncated(void) {
    static const float values[6] = {0, 1, 2, 3, 4, 5};
    const long shape[] = {2, 3};
    const struct mdp_safetensors_item item = {"w", 2, shape, values};
    struct mdp_tensor_file *file;
    struct made made = {NULL, 0, 0};
    char *bytes;
    size_t size;
    CHECK_OK(mdp_safetensors_encode(1, &item, NULL, &bytes, &size));
    put(&made, bytes, size);
    while (made.n-- > 0)
        CHECK_FAILS(mdp_tensor_file_open(save(&made, "f.safetensors"), &file), MDP_E_DATA, "f.safetensors: ");
    free(bytes);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trip), TAP_TEST(test_writing_names), TAP_TEST(test_sample),
        TAP_TEST(test_types),      TAP_TEST(test_bad_headers),   TAP_TEST(test_bad_entries),
        TAP_TEST(test_bad_length), TAP_TEST(test_deep_json),     TAP_TEST(test_truncated),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
