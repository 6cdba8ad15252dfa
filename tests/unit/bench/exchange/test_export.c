/* export, and import of what was exported: the same bits; metadata that were tampered with are refused. */
#include "results/tensors/open.h"
#include "results/tensors/safetensors.h"
#include "tests/unit/bench/exchange/policy_files.h"

static void check_same_bytes(const char *a, const char *b) {
    uint64_t x, y;
    CHECK_OK(mdp_fsx_hash(a, &x));
    CHECK_OK(mdp_fsx_hash(b, &y));
    CHECK(x == y);
}

/* exported and imported without a word: the same file */
static void test_round_trip(void) {
    static const char *const kinds[] = {"diffusion", "guidance"};
    const struct mdp_import back = {.folder = tap_temp_path("back"), .seed = -1, .step = -1};
    make_modules();
    CHECK_OK(import_file(write_pt("dql_400.pt", 1, 1, NULL)));
    for (int i = 0; i < 2; i++) {
        char module[MDP_PATH_MAX], exported[MDP_PATH_MAX], again[MDP_PATH_MAX];
        snprintf(module, sizeof module, "%s/out/step000400.%s.h5", tap_temp_dir(), kinds[i]);
        snprintf(exported, sizeof exported, "%s/out/step000400.%s.safetensors", tap_temp_dir(), kinds[i]);
        snprintf(again, sizeof again, "%s/back/step000400.%s.h5", tap_temp_dir(), kinds[i]);
        CHECK_OK(export_file(module));
        CHECK_OK(import_with(&back, exported));
        check_same_bytes(module, again);
        CHECK_OK(unlink(again) == 0 ? MDP_OK : MDP_E_IO);
        CHECK_OK(import_with(&back, module));
        check_same_bytes(module, again);
    }
}

/* ---- metadata of exported files ---- */

/* writes the exported module again with one text of its metadata changed */
static void check_metadata(const char *key, const char *text, const char *message) {
    const struct mdp_import import = {.folder = tap_temp_path("back"), .seed = -1, .step = -1};
    struct mdp_tensor_file *file;
    struct made made = {NULL, 0, 0};
    char *bytes, *header;
    size_t size;
    CHECK_OK(mdp_fsx_read(tap_temp_path("out/step000400.diffusion.safetensors"), 1 << 20, &bytes, &size));
    size_t n_header = (size_t)mdp_bytes_le((unsigned char *)bytes, 8);
    json_t *root = json_loadb(bytes + 8, n_header, 0, NULL);
    json_t *metadata = json_object_get(root, "__metadata__");
    CHECK(json_is_object(metadata));
    if (text != NULL)
        json_object_set_new(metadata, key, json_string(text));
    else
        json_object_del(metadata, key);
    CHECK((header = json_dumps(root, JSON_COMPACT)) != NULL);
    put_le(&made, strlen(header), 8);
    put_text(&made, header);
    put(&made, bytes + 8 + n_header, size - 8 - n_header);
    const char *path = save(&made, "changed.safetensors");
    CHECK_OK(mdp_tensor_file_open(path, &file));
    mdp_tensor_file_free(file);
    CHECK_FAILS(import_with(&import, path), MDP_E_DATA, message);
    json_decref(root);
    free(header);
    free(bytes);
}

static void test_metadata(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("ckpt_400.pt", 1, 0, NULL)));
    CHECK_OK(export_file(tap_temp_path("out/step000400.diffusion.h5")));
    check_metadata("format_version", "2", "metadata: format_version: expected 1, found 2");
    check_metadata("format_version", NULL, "metadata: expected a text 'format_version', found none");
    check_metadata("kind", "behavior", "kind: expected diffusion or guidance, found behavior");
    check_metadata("kind", "guidance", "settings: expected an object \"guidance\", found none");
    check_metadata("kind", "other", "/@kind: expected diffusion, guidance, behavior or resume, found 'other'");
    check_metadata("algo", "an algorithm of a long name", "metadata: algo: expected less than 16 bytes, found 27");
    check_metadata("step", "-1", "metadata: step: expected a whole number from 0 to 9223372036854775807, found '-1'");
    check_metadata("step", "4e2", "metadata: step: expected a whole number");
    check_metadata("seed", "18446744073709551616", "metadata: seed: expected a whole number");
    check_metadata("n_obs", "1025", "metadata: n_obs: expected a whole number from 0 to 1024, found '1025'");
    check_metadata("n_obs", "4", "metadata: normalizer_mean: expected 4 numbers, found something else");
    check_metadata("n_act", "5",
                   "model.diffusion.mid_layer.0.weight: expected a floating tensor [8, 14], found float32 [8, 15]");
    check_metadata("normalizer_std", NULL, "metadata: normalizer_std: expected 5 numbers, found something else");
    check_metadata("normalizer_std", "[1,1,1,1,0]",
                   "/normalizer: expected finite mean and std > 0, found 0.5 and 0 at 4");
    check_metadata("settings", "{", "metadata: settings: expected JSON, found an error");
    check_metadata("settings", "{\"diffusion\":{}}", "settings: expected a complete \"diffusion\" object");
    check_metadata("inputs", "[]", "metadata: inputs: expected a JSON object");
}

/* sizes that settings claim are compared with the file before memory is taken */
static void test_claimed_sizes(void) {
    char settings[1024];
    static const char *const sizes[] = {"65536", "1000000", "-1", "2147483647", "0"};
    make_modules();
    CHECK_OK(import_file(write_pt("ckpt_400.pt", 1, 0, NULL)));
    CHECK_OK(export_file(tap_temp_path("out/step000400.diffusion.h5")));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(settings, sizeof settings,
                 "{\"diffusion\":{\"denoiser\":\"mlp\",\"emb\":4,\"hidden\":%s,\"T\":5,\"S\":5,\"solver\":\"ddpm\","
                 "\"prediction\":\"noise\",\"decay\":0.01,\"ema_keep\":0.995,\"ema_every\":5,\"ema_start\":1000}}",
                 sizes[i]);
        check_metadata("settings", settings, "changed.safetensors: ");
    }
    CHECK_FAILS(import_file(tap_temp_path("changed.safetensors")), MDP_E_USAGE, "option --normalizer");
}

/* ---- export ---- */

/* to a file of this name */
static mdp_err export_to(const void *context) {
    const char *const *paths = context;
    return mdp_export_file(paths[0], paths[1], stdout);
}

static void test_export_refusals(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("dql_400.pt", 1, 1, NULL)));
    const char *d = tap_temp_path("out/step000400.diffusion.h5"), *g = tap_temp_path("out/step000400.guidance.h5");
    const char *out = tap_temp_path("x.safetensors");
    CHECK_FAILS(quietly(export_to, (const char *[]){d, "x.pt"}), MDP_E_USAGE,
                "expected a name that ends in .safetensors");
    CHECK_FAILS(export_file(tap_temp_path("dql_400.pt")), MDP_E_DATA, "dql_400.pt: ");
    CHECK_FAILS(export_file(tap_temp_path("absent.h5")), MDP_E_IO, "absent.h5: ");
    CHECK_OK(quietly(export_to, (const char *[]){d, out}));
    CHECK_OK(quietly(export_to, (const char *[]){d, out}));
    CHECK_FAILS(quietly(export_to, (const char *[]){g, out}), MDP_E_USAGE, "exists with other content");
}

static void test_export_resume(void) {
    const struct mdp_normalizer normalizer = {0, {0}, {0}};
    const struct mdp_module_facts facts = {"dql", "walker2d-medium",  1, 10, N_OBS, N_ACT, &normalizer, "{}", "{}",
                                           NULL,  MDP_PUBLISH_REPLACE};
    int64_t counters[] = {1, 2};
    const struct mdp_training_state state = {.n_counters = 2, .counters = counters};
    make_modules();
    CHECK_OK(mdp_training_state_write(tap_temp_path("resume.h5"), diffusion, guidance, &facts, &state));
    CHECK_FAILS(export_file(tap_temp_path("resume.h5")), MDP_E_DATA,
                "kind: expected diffusion, guidance or behavior, found resume");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trip),      TAP_TEST(test_metadata),      TAP_TEST(test_claimed_sizes),
        TAP_TEST(test_export_refusals), TAP_TEST(test_export_resume),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
