/* bench/import and export: what goes out and in is the same bits; every file that is not quite right is refused. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/foreign.h"
#include "bench/import.h"
#include "bench/modules.h"
#include "bench/verb.h"
#include "results/safetensors.h"
#include "tests/torch_builder.h"

enum { N_OBS = 5, N_ACT = 6, N_EMB = 4, N_HIDDEN = 8, N_CRITIC = 7 };

/* one of each for a test; its process ends with it */
static struct mdp_diffusion *diffusion;
static struct mdp_guidance *guidance;

static void make_modules(void) {
    struct mdp_diffusion_config d;
    struct mdp_guidance_config g;
    mdp_diffusion_defaults(&d, N_OBS, N_ACT);
    mdp_guidance_defaults(&g, N_OBS, N_ACT);
    d.n_emb = N_EMB;
    d.n_hidden = N_HIDDEN;
    g.n_hidden = N_CRITIC;
    CHECK_OK(mdp_diffusion_new(&d, 1, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 2, &guidance));
    for (long i = 0; i < diffusion->net.layout.n_floats; i++) diffusion->ema[i] += 0.25f;
    for (long i = 0; i < guidance->nets[0].net.layout.n_floats; i++) guidance->nets[0].target[i] -= 0.5f;
}

/* --- writing .pt files -------------------------------------------------------------------------------------------- */

/* what is done to one tensor of a file */
struct edit {
    const char *name; /* "model.diffusion.final_layer.bias"; NULL for none */
    enum { DROP, RENAME, ADD, TRANSPOSE, FLATTEN, AS_INTEGERS, AS_DOUBLES, SET } what;
    double value;
};

static void add_tensor(struct made *pickle, struct made_zip *zip, const struct mdp_tensor *tensor, const char *key,
                       const struct edit *edit) {
    char index[16], member[32];
    int64_t n = mdp_tensor_count(tensor);
    int is_double = edit != NULL && (edit->what == AS_DOUBLES || edit->what == SET), rank = tensor->rank;
    struct made data = {NULL, 0, 0};
    for (int64_t i = 0; i < n; i++) {
        double value = edit != NULL && edit->what == SET && i == 0 ? edit->value : tensor->data[i];
        if (is_double)
            put(&data, &value, sizeof value);
        else
            put(&data, &tensor->data[i], sizeof *tensor->data);
    }
    snprintf(index, sizeof index, "%d", zip->n);
    snprintf(member, sizeof member, "x/data/%d", zip->n);
    zip_add(zip, member, data.at, data.n);
    struct made_tensor made = {is_double ? "DoubleStorage" : "FloatStorage",
                               index,
                               n,
                               0,
                               rank,
                               {tensor->rows, tensor->cols},
                               {tensor->cols, 1},
                               0};
    if (rank == 1) made.stride[0] = 1;
    if (edit != NULL && edit->what == AS_INTEGERS) made.storage = "IntStorage";
    if (edit != NULL && edit->what == TRANSPOSE)
        made = (struct made_tensor){"FloatStorage", index, n, 0, 2, {tensor->cols, tensor->rows}, {1, tensor->cols}, 0};
    if (edit != NULL && edit->what == FLATTEN) made = (struct made_tensor){"FloatStorage", index, n, 0, 1, {n}, {1}, 0};
    op_text(pickle, key);
    op_tensor(pickle, &made);
}

static void add_group(struct made *pickle, struct made_zip *zip, const char *kind, const struct mdp_module_group *group,
                      const struct edit *edit) {
    char name[MDP_STORED_NAME_MAX];
    op_text(pickle, group->name);
    put_text(pickle, "}(");
    for (int i = 0; i < group->n; i++) {
        mdp_foreign_name(kind, group->name, group->tensors[i].name, name);
        const struct edit *mine = edit->name != NULL && strcmp(edit->name, name) == 0 ? edit : NULL;
        const char *key = strchr(name, '.') + 1;
        if (mine != NULL && mine->what == DROP) continue;
        if (mine != NULL && mine->what == ADD) add_tensor(pickle, zip, &group->tensors[i], "stranger", NULL);
        add_tensor(pickle, zip, &group->tensors[i], mine != NULL && mine->what == RENAME ? "stranger" : key, mine);
    }
    put_text(pickle, "u");
}

/* a file of one or both modules, as torch.save makes it */
static const char *write_pt(const char *file_name, int has_diffusion, int has_guidance, const struct edit *edit) {
    static const struct edit none = {NULL, DROP, 0};
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    struct made pickle = dict_begin();
    struct made_zip zip = {.n = 0};
    if (edit == NULL) edit = &none;
    if (has_diffusion)
        for (int i = 0, n = mdp_diffusion_groups(diffusion, groups); i < n; i++)
            if (!groups[i].is_optimizer) add_group(&pickle, &zip, "diffusion", &groups[i], edit);
    if (has_guidance)
        for (int i = 0, n = mdp_guidance_groups(guidance, groups); i < n; i++)
            if (!groups[i].is_optimizer) add_group(&pickle, &zip, "guidance", &groups[i], edit);
    dict_end(&pickle);
    zip_add(&zip, "x/data.pkl", pickle.at, pickle.n);
    struct made made = zip_end(&zip, 0);
    return save(&made, file_name);
}

/* --- running the verbs -------------------------------------------------------------------------------------------- */

static const char *statistics(void) {
    struct made json = {NULL, 0, 0};
    put_text(&json, "{\"mean\": [0.1, 0.2, 0.3, 0.4, 0.5], \"std\": [1, 2, 3, 4, 5]}");
    return save(&json, "statistics.json");
}

/* standard output says which files were made; here it goes nowhere */
static mdp_err quietly(mdp_err (*run)(const void *), const void *context) {
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
    CHECK(kept >= 0 && null >= 0 && dup2(null, STDOUT_FILENO) == STDOUT_FILENO);
    mdp_err err = run(context);
    fflush(stdout);
    CHECK(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
    close(kept);
    close(null);
    return err;
}

struct call {
    const struct mdp_import *import;
    int n_files;
    char **files;
};

static mdp_err run_import(const void *context) {
    const struct call *call = context;
    return mdp_import_files(call->import, call->n_files, call->files);
}

static mdp_err import_with(const struct mdp_import *import, const char *path) {
    char *files[1] = {(char *)path};
    return quietly(run_import, &(struct call){import, 1, files});
}

/* with all that has to be said, into the folder "out" of the test */
static mdp_err import_file(const char *path) {
    const struct mdp_import import = {"halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, -1};
    return import_with(&import, path);
}

static mdp_err run_export(const void *context) {
    char *argv[] = {"export", (char *)context, NULL};
    return mdp_verb_export.run(&mdp_verb_export, 2, argv);
}

static mdp_err export_file(const char *path) { return quietly(run_export, path); }

/* --- good files --------------------------------------------------------------------------------------------------- */

static void check_diffusion(const char *path) {
    struct mdp_diffusion *read;
    struct mdp_checkpoint_info info;
    size_t size = (size_t)diffusion->net.layout.n_floats * sizeof(float);
    CHECK_OK(mdp_diffusion_read(path, &read, &info));
    CHECK(read->config.n_obs == N_OBS && read->config.n_act == N_ACT && read->config.n_emb == N_EMB &&
          read->config.n_hidden == N_HIDDEN);
    CHECK(memcmp(read->params, diffusion->params, size) == 0 && memcmp(read->ema, diffusion->ema, size) == 0);
    CHECK_STR(info.task, "halfcheetah-medium");
    CHECK_STR(info.algo, "dql");
    CHECK_INT(info.step, 400);
    CHECK_INT(info.normalizer.n, N_OBS);
    CHECK_CLOSE(info.normalizer.mean[4], 0.5, 0);
    CHECK_CLOSE(info.normalizer.std[4], 5, 0);
    mdp_diffusion_free(read);
    mdp_checkpoint_info_free(&info);
}

static void check_guidance(const char *path) {
    struct mdp_guidance *read;
    struct mdp_checkpoint_info info;
    const struct mdp_guidance_net *net = &guidance->nets[0];
    size_t size = (size_t)net->net.layout.n_floats * sizeof(float);
    CHECK_OK(mdp_guidance_read(path, &read, &info));
    CHECK(read->config.n_obs == N_OBS && read->config.n_act == N_ACT && read->config.n_hidden == N_CRITIC);
    CHECK(memcmp(read->nets[0].params, net->params, size) == 0 && memcmp(read->nets[0].target, net->target, size) == 0);
    mdp_guidance_free(read);
    mdp_checkpoint_info_free(&info);
}

static void test_modules(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("diffusion_ckpt_400.pt", 1, 0, NULL)));
    CHECK_OK(import_file(write_pt("critic_ckpt_400.pt", 0, 1, NULL)));
    check_diffusion(tap_temp_path("out/step000400.diffusion.h5"));
    check_guidance(tap_temp_path("out/step000400.guidance.h5"));
    /* again: kept; with other statistics: refused */
    CHECK_OK(import_file(tap_temp_path("critic_ckpt_400.pt")));
    const struct mdp_import none = {"halfcheetah-medium", "dql", NULL, "none", tap_temp_path("out"), -1, -1};
    CHECK_FAILS(import_with(&none, tap_temp_path("diffusion_ckpt_400.pt")), MDP_E_USAGE,
                "was made with other settings");
}

static void test_both_in_one(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("dql_400.pt", 1, 1, NULL)));
    check_diffusion(tap_temp_path("out/step000400.diffusion.h5"));
    check_guidance(tap_temp_path("out/step000400.guidance.h5"));
}

/* a wider type and other strides change nothing as long as the values are the same */
static void test_layouts_of_values(void) {
    static const struct edit edits[] = {{"model.diffusion.mid_layer.2.weight", AS_DOUBLES, 0}};
    make_modules();
    CHECK_OK(import_file(write_pt("diffusion_ckpt_400.pt", 1, 0, &edits[0])));
    check_diffusion(tap_temp_path("out/step000400.diffusion.h5"));
}

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

/* a normaliser may come from a module, exported or not */
static void test_normalizers(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("dql_400.pt", 1, 1, NULL)));
    CHECK_OK(export_file(tap_temp_path("out/step000400.diffusion.h5")));
    static const char *const names[] = {"out/step000400.guidance.h5", "out/step000400.diffusion.safetensors"};
    for (int i = 0; i < 2; i++) {
        char folder[MDP_PATH_MAX], module[MDP_PATH_MAX];
        snprintf(folder, sizeof folder, "%s/from%d", tap_temp_dir(), i);
        snprintf(module, sizeof module, "%s/from%d/step000400.diffusion.h5", tap_temp_dir(), i);
        const struct mdp_import import = {"halfcheetah-medium", "dql", NULL, tap_temp_path(names[i]), folder, -1, -1};
        CHECK_OK(import_with(&import, tap_temp_path("dql_400.pt")));
        check_diffusion(module);
    }
}

static void test_steps(void) {
    static const struct {
        const char *name, *module;
    } rows[] = {{"diffusion_ckpt_1200.pt", "out/step001200.diffusion.h5"},
                {"x-7.pt", "out/step000007.diffusion.h5"},
                {"step000300.pt", "out/step000300.diffusion.h5"},
                {"a.b_1234567.pt", "out/step1234567.diffusion.h5"}};
    static const char *const bad[] = {"diffusion_ckpt_latest.pt", "v2.pt", "400.pt", "a_12345678901.pt", "a_.pt"};
    make_modules();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_OK(import_file(write_pt(rows[i].name, 1, 0, NULL)));
        CHECK(mdp_fsx_exists(tap_temp_path(rows[i].module)));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(import_file(write_pt(bad[i], 1, 0, NULL)), MDP_E_USAGE,
                    "option --step: expected the gradient steps done");
    const struct mdp_import import = {"halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, 9};
    CHECK_OK(import_with(&import, tap_temp_path("v2.pt")));
    CHECK(mdp_fsx_exists(tap_temp_path("out/step000009.diffusion.h5")));
}

/* --- files that PyTorch wrote ------------------------------------------------------------------------------------- */

/* every parameter of a module is the file's tensor of that name */
static void check_groups(const struct mdp_tensor_file *file, const char *kind, int n,
                         const struct mdp_module_group *groups) {
    char name[MDP_STORED_NAME_MAX];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < groups[i].n && !groups[i].is_optimizer; j++) {
            const struct mdp_tensor *tensor = &groups[i].tensors[j];
            mdp_foreign_name(kind, groups[i].name, tensor->name, name);
            const struct mdp_stored_tensor *stored = mdp_tensor_file_find(file, name);
            CHECK(stored != NULL && stored->n == mdp_tensor_count(tensor));
            CHECK(memcmp(stored->first, tensor->data, sizeof(float) * (size_t)stored->n) == 0);
        }
}

static const char *sample(const char *name) {
    char relative[128];
    snprintf(relative, sizeof relative, "algos/checkpoints/%s", name);
    const char *path = tap_reference(relative);
    if (path == NULL) SKIP("no sample checkpoints");
    return path;
}

static void import_sample(const char *path, const char *algo) {
    const struct mdp_import import = {"halfcheetah-medium", algo, NULL, "none", tap_temp_path("out"), -1, 400};
    CHECK_OK(import_with(&import, path));
}

/* IDQL's denoiser of one block in both of PyTorch's formats */
static void test_tiny_samples(void) {
    static const char *const names[] = {"tiny_zip_format.pt", "tiny_legacy_format.pt"};
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    for (int i = 0; i < 2; i++) {
        struct mdp_diffusion *read;
        struct mdp_checkpoint_info info;
        struct mdp_tensor_file *file;
        const char *module = tap_temp_path("out/step000400.diffusion.h5");
        import_sample(sample(names[i]), "idql");
        CHECK_OK(mdp_diffusion_read(module, &read, &info));
        CHECK_STR(mdp_denoiser_kind_name(read->config.kind), "resnet");
        CHECK(read->config.n_blocks == 1 && read->config.n_emb == 8 && read->config.n_hidden == 8);
        CHECK(read->config.n_obs == 5 && read->config.n_act == 6 && read->config.n_times == 5);
        CHECK_CLOSE(read->config.ema_keep, 0.9999, 0);
        CHECK_OK(mdp_tensor_file_open(sample(names[i]), &file));
        check_groups(file, "diffusion", mdp_diffusion_groups(read, groups), groups);
        mdp_tensor_file_free(file);
        mdp_diffusion_free(read);
        mdp_checkpoint_info_free(&info);
        CHECK(unlink(module) == 0);
    }
}

static void check_guidance_sample(const char *name, const char *algo, const char *kind, int n_obs, int n_hidden) {
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    struct mdp_guidance *read;
    struct mdp_checkpoint_info info;
    struct mdp_tensor_file *file;
    import_sample(sample(name), algo);
    CHECK_OK(mdp_guidance_read(tap_temp_path("out/step000400.guidance.h5"), &read, &info));
    CHECK_STR(read->config.kind->name, kind);
    CHECK_STR(info.algo, algo);
    CHECK(read->config.n_obs == n_obs && read->config.n_act == 6 && read->config.n_hidden == n_hidden);
    CHECK_OK(mdp_tensor_file_open(sample(name), &file));
    check_groups(file, "guidance", mdp_guidance_groups(read, groups), groups);
    mdp_tensor_file_free(file);
    mdp_guidance_free(read);
    mdp_checkpoint_info_free(&info);
}

/* a state value tells the width of observations, a critic alone does not: there it is the task's */
static void test_iql_sample(void) { check_guidance_sample("idql_iql_ckpt_400.pt", "idql", "iql", 17, 48); }
static void test_edp_sample(void) { check_guidance_sample("edp_critic_ckpt_400.pt", "edp", "double-q", 26, 64); }

/* --- files that are not quite right ------------------------------------------------------------------------------- */

static void check_edit(int has_diffusion, const char *name, int what, double value, const char *message) {
    const struct edit edit = {name, what, value};
    CHECK_FAILS(import_file(write_pt("ckpt_400.pt", has_diffusion, !has_diffusion, &edit)), MDP_E_DATA, message);
    CHECK(!mdp_fsx_exists(tap_temp_path("out")));
}

static void test_wrong_names(void) {
    make_modules();
    check_edit(1, "model_ema.diffusion.mid_layer.4.bias", DROP, 0,
               "ckpt_400.pt: model_ema.diffusion.mid_layer.4.bias: expected a tensor [8], found none");
    check_edit(1, "model.diffusion.mid_layer.0.weight", DROP, 0,
               "model.diffusion.mid_layer.0.weight: expected this tensor");
    check_edit(1, "model.diffusion.final_layer.bias", RENAME, 0,
               "model.diffusion.final_layer.bias: expected this tensor");
    check_edit(1, "model.diffusion.final_layer.bias", ADD, 0,
               "model.stranger: expected no such tensor beside model.diffusion.*");
    check_edit(0, "critic_target.q2_model.9.bias", ADD, 0,
               "critic_target.stranger: expected no such tensor beside critic.*");
    check_edit(0, "critic.q2_model.9.bias", DROP, 0, "critic.q2_model.9.bias: expected a tensor [1], found none");
}

static void test_wrong_shapes(void) {
    make_modules();
    check_edit(1, "model.diffusion.mid_layer.0.weight", TRANSPOSE, 0, "ckpt_400.pt: ");
    check_edit(1, "model_ema.diffusion.mid_layer.0.weight", TRANSPOSE, 0,
               "model_ema.diffusion.mid_layer.0.weight: expected a floating tensor [8, 15], found float32 [15, 8]");
    check_edit(1, "model.diffusion.mid_layer.2.weight", FLATTEN, 0,
               "expected a floating tensor [8, 8], found float32 [64]");
    check_edit(1, "model.diffusion.mid_layer.0.weight", FLATTEN, 0, "expected 2 dimensions of 1 to 65536, found [120]");
    check_edit(1, "model.diffusion.mid_layer.2.bias", AS_INTEGERS, 0,
               "expected a floating tensor [8], found int32 [8]");
}

static void test_wrong_values(void) {
    make_modules();
    check_edit(1, "model.diffusion.mid_layer.2.bias", SET, NAN,
               "model.diffusion.mid_layer.2.bias: expected finite values, found nan at element 0");
    check_edit(0, "critic.q1_model.0.weight", SET, -INFINITY,
               "critic.q1_model.0.weight: expected finite values, found -inf");
    check_edit(0, "critic.q1_model.0.weight", SET, 1e300,
               "expected values that float32 can hold, found 1e+300 at element 0");
}

static void test_other_modules(void) {
    struct made pickle = dict_begin();
    const float zero = 0;
    make_modules();
    op_text(&pickle, "iql_q.Q1.0.weight");
    op_tensor(&pickle, &(struct made_tensor){"FloatStorage", "0", 1, 0, 1, {1}, {1}, 0});
    dict_end(&pickle);
    struct made made = torch_zip(&pickle, &zero, sizeof zero);
    CHECK_FAILS(import_file(save(&made, "x_1.pt")), MDP_E_DATA,
                "x_1.pt: expected tensors model.diffusion.*, model_ema.diffusion.*, critic.*, critic_target.*, found "
                "iql_q.Q1.0.weight and 0 more (is it another algorithm's?)");
    CHECK_FAILS(import_file(tap_temp_path("absent_1.pt")), MDP_E_IO, "absent_1.pt: cannot open");
}

/* --- what people say ---------------------------------------------------------------------------------------------- */

static void check_said(struct mdp_import import, const char *path, mdp_err code, const char *message) {
    import.seed = import.step = -1;
    import.folder = tap_temp_path("out");
    CHECK_FAILS(import_with(&import, path), code, message);
    CHECK(!mdp_fsx_exists(tap_temp_path("out")));
}

static void test_needs(void) {
    make_modules();
    char path[MDP_PATH_MAX], json[MDP_PATH_MAX], none[MDP_PATH_MAX];
    snprintf(path, sizeof path, "%s", write_pt("ckpt_400.pt", 1, 0, NULL));
    snprintf(json, sizeof json, "%s", statistics());
    snprintf(none, sizeof none, "%s", tap_temp_path("none.json"));
    check_said((struct mdp_import){.algo = "dql", .normalizer = json}, path, MDP_E_USAGE,
               "option --task: expected the task");
    check_said((struct mdp_import){.task = "walker2d-medium", .normalizer = json}, path, MDP_E_USAGE,
               "option --algo: expected the algorithm");
    check_said((struct mdp_import){.task = "walker2d-medium", .algo = "dql"}, path, MDP_E_USAGE,
               "how observations are normalised: expected --data with the dataset it was trained on, or --normalizer");
    check_said((struct mdp_import){.task = "walker2d-medium", .algo = "dql", .data = "a", .normalizer = "b"}, path,
               MDP_E_USAGE, "found both");
    check_said((struct mdp_import){.task = "hopper-medium", .algo = "dql", .normalizer = json}, path, MDP_E_USAGE,
               "task: expected");
    check_said((struct mdp_import){.task = "walker2d-medium", .algo = "ppo", .normalizer = json}, path, MDP_E_USAGE,
               "found 'ppo'");
    check_said((struct mdp_import){.task = "walker2d-medium", .algo = "dql", .normalizer = none}, path, MDP_E_IO,
               "none.json: cannot open");
    check_said((struct mdp_import){.task = "walker2d-medium", .algo = "dql", .data = none}, path, MDP_E_IO,
               "none.json: ");
}

static void check_json(const char *text, const char *message) {
    struct made json = {NULL, 0, 0};
    put_text(&json, text);
    const struct mdp_import import = {"walker2d-medium",    "dql", NULL, save(&json, "s.json"),
                                      tap_temp_path("out"), -1,    -1};
    CHECK_FAILS(import_with(&import, tap_temp_path("ckpt_400.pt")), MDP_E_DATA, message);
}

static void test_wrong_statistics(void) {
    make_modules();
    write_pt("ckpt_400.pt", 1, 0, NULL);
    check_json("", "s.json: expected JSON with mean and std, or a module file, found an error");
    check_json("[]", "s.json: mean: expected an array of 1 to 256 numbers, found none");
    check_json("{\"mean\": 1, \"std\": 1}", "s.json: mean: expected an array of 1 to 256 numbers, found no array");
    check_json("{\"mean\": [], \"std\": []}",
               "s.json: mean: expected an array of 1 to 256 numbers, found another size");
    check_json("{\"mean\": [1, 2]}", "s.json: std: expected an array of 1 to 256 numbers, found none");
    check_json("{\"mean\": [1, \"x\"], \"std\": [1, 1]}", "s.json: mean[1]: expected a number, found none");
    check_json("{\"mean\": [1, 2], \"std\": [1]}", "s.json: std: expected 2 numbers as in mean, found 1");
    check_json("{\"mean\": [1, 2], \"std\": [1, 0]}", "s.json: std[1]: expected more than 0, found 0");
    check_json("{\"mean\": [1, 2], \"std\": [1, 1]}", "ckpt_400.pt: expected 2 observations as in ");
}

/* a critic's inputs split after the observations that the normaliser has */
static void test_wrong_critic(void) {
    make_modules();
    const char *path = write_pt("ckpt_400.pt", 0, 1, NULL);
    const struct mdp_import none = {"walker2d-medium", "dql", NULL, "none", tap_temp_path("out"), -1, -1};
    CHECK_FAILS(import_with(&none, path), MDP_E_DATA,
                "critic.q1_model.0.weight: expected more columns than the 22 of observations, found 11");
    struct made json = {NULL, 0, 0};
    put_text(&json, "{\"mean\": [1, 2, 3], \"std\": [1, 1, 1]}");
    const struct mdp_import few = {"walker2d-medium", "dql", NULL, save(&json, "s.json"), tap_temp_path("out"), -1, -1};
    CHECK_FAILS(import_with(&few, path), MDP_E_DATA, "expected 6 actions as Walker2DBullet-v0 has, found 8");
}

/* what a file of ours says cannot be said otherwise */
static void test_contradictions(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("ckpt_400.pt", 1, 0, NULL)));
    char module[MDP_PATH_MAX], exported[MDP_PATH_MAX];
    snprintf(module, sizeof module, "%s/out/step000400.diffusion.h5", tap_temp_dir());
    snprintf(exported, sizeof exported, "%s/out/step000400.diffusion.safetensors", tap_temp_dir());
    CHECK_OK(export_file(module));
    const char *paths[] = {module, exported};
    for (int i = 0; i < 2; i++) {
        struct mdp_import import = {.folder = tap_temp_path("back"), .seed = -1, .step = -1};
        struct mdp_import wrong = import;
        wrong.task = "walker2d-medium";
        CHECK_FAILS(import_with(&wrong, paths[i]), MDP_E_USAGE,
                    "option --task: expected halfcheetah-medium as the file says");
        wrong = import, wrong.algo = "edp";
        CHECK_FAILS(import_with(&wrong, paths[i]), MDP_E_USAGE,
                    "option --algo: expected dql as the file says, found edp");
        wrong = import, wrong.seed = 1;
        CHECK_FAILS(import_with(&wrong, paths[i]), MDP_E_USAGE, "option --seed: expected 0 as the file says, found 1");
        wrong = import, wrong.step = 1;
        CHECK_FAILS(import_with(&wrong, paths[i]), MDP_E_USAGE,
                    "option --step: expected 400 as the file says, found 1");
        wrong = import, wrong.normalizer = "none";
        CHECK_FAILS(import_with(&wrong, paths[i]), MDP_E_USAGE, "option --normalizer: expected none, because");
        CHECK(!mdp_fsx_exists(tap_temp_path("back")));
        import.task = "bullet-halfcheetah-medium-v0", import.algo = "dql", import.seed = 0, import.step = 400;
        CHECK_OK(import_with(&import, paths[i]));
        check_diffusion(tap_temp_path("back/step000400.diffusion.h5"));
        CHECK(unlink(tap_temp_path("back/step000400.diffusion.h5")) == 0 && rmdir(tap_temp_path("back")) == 0);
    }
}

/* all are read before one is written */
static void test_several(void) {
    const struct edit edit = {"critic.q1_model.0.bias", DROP, 0};
    const struct mdp_import import = {"halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, -1};
    make_modules();
    char good[MDP_PATH_MAX], other[MDP_PATH_MAX], bad[MDP_PATH_MAX];
    snprintf(good, sizeof good, "%s", write_pt("ckpt_400.pt", 1, 0, NULL));
    snprintf(other, sizeof other, "%s", write_pt("again_400.pt", 1, 1, NULL));
    snprintf(bad, sizeof bad, "%s", write_pt("critic_400.pt", 0, 1, &edit));
    char *with_bad[] = {good, bad}, *twice[] = {good, other}, *fine[] = {good, other};
    CHECK_FAILS(quietly(run_import, &(struct call){&import, 2, with_bad}), MDP_E_DATA,
                "critic_400.pt: critic.q1_model.0.bias");
    CHECK_FAILS(quietly(run_import, &(struct call){&import, 2, twice}), MDP_E_USAGE,
                "again_400.pt: expected a module of another "
                "kind or step than those before, found a second ");
    CHECK(!mdp_fsx_exists(tap_temp_path("out")));
    snprintf(other, sizeof other, "%s", write_pt("critic_800.pt", 0, 1, NULL));
    CHECK_OK(quietly(run_import, &(struct call){&import, 2, fine}));
    CHECK(mdp_fsx_exists(tap_temp_path("out/step000400.diffusion.h5")));
    CHECK(mdp_fsx_exists(tap_temp_path("out/step000800.guidance.h5")));
}

/* --- metadata of exported files ----------------------------------------------------------------------------------- */

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
    check_metadata("n_obs", "257", "metadata: n_obs: expected a whole number from 0 to 256, found '257'");
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

/* --- export ------------------------------------------------------------------------------------------------------- */

static mdp_err run_export_args(const void *context) {
    char *const *given = context;
    char *argv[8] = {"export"};
    int n = 1;
    while (given[n - 1] != NULL) argv[n] = given[n - 1], n++;
    return mdp_verb_export.run(&mdp_verb_export, n, argv);
}

static void test_export_refusals(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("dql_400.pt", 1, 1, NULL)));
    char *d = (char *)tap_temp_path("out/step000400.diffusion.h5"),
         *g = (char *)tap_temp_path("out/step000400.guidance.h5"), *pt = (char *)tap_temp_path("dql_400.pt"),
         *absent = (char *)tap_temp_path("absent.h5");
    CHECK_FAILS(quietly(run_export_args, (char *[]){NULL}), MDP_E_USAGE,
                "export: expected one or more files, found none");
    CHECK_FAILS(quietly(run_export_args, (char *[]){d, g, "--out", "x.safetensors", NULL}), MDP_E_USAGE,
                "option --out: expected one file beside it, found 2");
    CHECK_FAILS(quietly(run_export_args, (char *[]){d, "--out", "x.pt", NULL}), MDP_E_USAGE,
                "expected a name that ends in .safetensors");
    CHECK_FAILS(quietly(run_export_args, (char *[]){pt, NULL}), MDP_E_DATA, "dql_400.pt: ");
    CHECK_FAILS(quietly(run_export_args, (char *[]){absent, NULL}), MDP_E_IO, "absent.h5: ");
    char *out = (char *)tap_temp_path("x.safetensors");
    CHECK_OK(quietly(run_export_args, (char *[]){d, "--out", out, NULL}));
    CHECK_OK(quietly(run_export_args, (char *[]){d, "--out", out, NULL}));
    CHECK_FAILS(quietly(run_export_args, (char *[]){g, "--out", out, NULL}), MDP_E_USAGE, "exists with other content");
}

static void test_export_resume(void) {
    const struct mdp_normalizer normalizer = {0, {0}, {0}};
    const struct mdp_module_facts facts = {"dql", "walker2d-medium", 1, 10, N_OBS, N_ACT, &normalizer, "{}", "{}"};
    const int64_t counters[] = {1, 2};
    make_modules();
    CHECK_OK(mdp_training_state_write(tap_temp_path("resume.h5"), diffusion, guidance, &facts, counters, 2));
    CHECK_FAILS(export_file(tap_temp_path("resume.h5")), MDP_E_DATA,
                "kind: expected diffusion, guidance or behavior, found resume");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_modules),       TAP_TEST(test_both_in_one),    TAP_TEST(test_layouts_of_values),
        TAP_TEST(test_round_trip),    TAP_TEST(test_normalizers),    TAP_TEST(test_steps),
        TAP_TEST(test_tiny_samples),  TAP_TEST(test_iql_sample),     TAP_TEST(test_edp_sample),
        TAP_TEST(test_wrong_names),   TAP_TEST(test_wrong_shapes),   TAP_TEST(test_wrong_values),
        TAP_TEST(test_other_modules), TAP_TEST(test_needs),          TAP_TEST(test_wrong_statistics),
        TAP_TEST(test_wrong_critic),  TAP_TEST(test_contradictions), TAP_TEST(test_several),
        TAP_TEST(test_metadata),      TAP_TEST(test_claimed_sizes),  TAP_TEST(test_export_refusals),
        TAP_TEST(test_export_resume),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
