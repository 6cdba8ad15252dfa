/* bench/exchange/import: files as others write them become modules; every file that is not quite right is refused. */
#include <math.h>

#include "bench/exchange/foreign_windows.h"
#include "results/tensors/open.h"
#include "results/tensors/safetensors.h"
#include "tests/unit/bench/exchange/policy_files.h"

/* ---- good files ---- */

static void test_modules(void) {
    make_modules();
    CHECK_OK(import_file(write_pt("diffusion_ckpt_400.pt", 1, 0, NULL)));
    CHECK_OK(import_file(write_pt("critic_ckpt_400.pt", 0, 1, NULL)));
    check_diffusion(tap_temp_path("out/step000400.diffusion.h5"));
    check_guidance(tap_temp_path("out/step000400.guidance.h5"));
    /* again: kept; with other statistics: refused */
    CHECK_OK(import_file(tap_temp_path("critic_ckpt_400.pt")));
    const struct mdp_import none = {
        "halfcheetah-medium", "dql", NULL, "none", tap_temp_path("out"), -1, -1, 0, 0, NULL};
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
        const struct mdp_import import = {
            "halfcheetah-medium", "dql", NULL, tap_temp_path(names[i]), folder, -1, -1, 0, 0, NULL};
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
    const struct mdp_import import = {
        "halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, 9, 0, 0, NULL};
    CHECK_OK(import_with(&import, tap_temp_path("v2.pt")));
    CHECK(mdp_fsx_exists(tap_temp_path("out/step000009.diffusion.h5")));
}

/* ---- files that PyTorch wrote ---- */

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
    const struct mdp_import import = {
        "halfcheetah-medium", algo, NULL, "none", tap_temp_path("out"), -1, 400, 0, 0, NULL};
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

/* ---- files that are not quite right ---- */

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

/* a file of three tensors, the names of which tell the network */
static const char *write_safetensors(const char *const names[3]) {
    static const long shape[] = {1};
    static const float zero[1] = {0};
    const struct mdp_safetensors_item items[] = {
        {names[0], 1, shape, zero}, {names[1], 1, shape, zero}, {names[2], 1, shape, zero}};
    struct made made = {NULL, 0, 0};
    char *bytes;
    size_t size;
    CHECK_OK(mdp_safetensors_encode(3, items, NULL, &bytes, &size));
    put(&made, bytes, size);
    free(bytes);
    return save(&made, "idql_400.safetensors");
}

/* CleanDiffuser's NewIDQLMlp and the IDQLMlp of its branch lightning: saved as a model, in a trainer's file, wrapped */
static void test_newer_idql(void) {
    static const char *const files[][3] = {
        {"model.diffusion.affine_in.weight", "model.diffusion.affine_out.1.weight",
         "model.diffusion.ln_resnet.0.net.1.weight"},
        {"optimizer.step", "state_dict.model.diffusion.affine_out.1.weight",
         "state_dict.model.diffusion.ln_resnet.0.net.1.weight"},
        {"model.module.diffusion.affine_in.weight", "model.module.diffusion.affine_out.1.weight",
         "model.module.diffusion.ln_resnet.0.net.1.weight"},
    };
    static const char *const other[3] = {"model.diffusion.affine_in.weight", "model.diffusion.affine_out.1.weight",
                                         "model.diffusion.mid_layer.0.weight"};
    make_modules();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        CHECK_FAILS(import_file(write_safetensors(files[i])), MDP_E_DATA,
                    "affine_out.1.weight: expected affine_out.weight as in CleanDiffuser's published IDQLMlp, found "
                    "its newer IDQL network (NewIDQLMlp, or IDQLMlp of the branch lightning)");
    CHECK_FAILS(import_file(write_safetensors(other)), MDP_E_DATA, "time_mlp.0.weight: expected this tensor");
    CHECK(!mdp_fsx_exists(tap_temp_path("out")));
}

/* ---- what people say ---- */

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
    check_said((struct mdp_import){.task = "ant/medium", .algo = "dql", .normalizer = json}, path, MDP_E_USAGE,
               "task: expected 1 to 200 letters");
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
    const struct mdp_import import = {
        "walker2d-medium", "dql", NULL, save(&json, "s.json"), tap_temp_path("out"), -1, -1, 0, 0, NULL};
    CHECK_FAILS(import_with(&import, tap_temp_path("ckpt_400.pt")), MDP_E_DATA, message);
}

static void test_wrong_statistics(void) {
    make_modules();
    write_pt("ckpt_400.pt", 1, 0, NULL);
    check_json("", "s.json: expected JSON with mean and std, or a module file, found an error");
    check_json("<!DOCTYPE html>", "s.json: expected JSON with mean and std, or a module file, found a web page");
    check_json("[]", "s.json: mean: expected an array of 1 to 1024 numbers, found none");
    check_json("{\"mean\": 1, \"std\": 1}", "s.json: mean: expected an array of 1 to 1024 numbers, found a number");
    check_json("{\"mean\": [], \"std\": []}",
               "s.json: mean: expected an array of 1 to 1024 numbers, found another size");
    check_json("{\"mean\": [1, 2]}", "s.json: std: expected an array of 1 to 1024 numbers, found none");
    check_json("{\"mean\": [1, \"x\"], \"std\": [1, 1]}", "s.json: mean[1]: expected a number, found a text");
    check_json("{\"mean\": [1, 2], \"std\": [1]}", "s.json: std: expected 2 numbers as in mean, found 1");
    check_json("{\"mean\": [1, 2], \"std\": [1, 0]}", "s.json: std[1]: expected more than 0, found 0");
    check_json("{\"mean\": [1, 2], \"std\": [1, 1]}", "ckpt_400.pt: expected 2 observations as in ");
}

/* a critic's inputs split after the observations that the normaliser has */
static void test_wrong_critic(void) {
    make_modules();
    const char *path = write_pt("ckpt_400.pt", 0, 1, NULL);
    const struct mdp_import none = {"walker2d-medium", "dql", NULL, "none", tap_temp_path("out"), -1, -1, 0, 0, NULL};
    CHECK_FAILS(import_with(&none, path), MDP_E_DATA,
                "critic.q1_model.0.weight: expected more columns than the 22 of observations, found 11");
    struct made json = {NULL, 0, 0};
    put_text(&json, "{\"mean\": [1, 2, 3], \"std\": [1, 1, 1]}");
    const struct mdp_import few = {
        "walker2d-medium", "dql", NULL, save(&json, "s.json"), tap_temp_path("out"), -1, -1, 0, 0, NULL};
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
    const struct mdp_import import = {
        "halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, -1, 0, 0, NULL};
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

/* ---- planners ---- */

/* small modules of a planner, averages apart from what they average */
static void make_planner(const char *algo) {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config d;
    struct mdp_guidance_config g;
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    CHECK_OK(mdp_algorithm_find(algo, &algorithm));
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &d);
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &g);
    d.n_hidden = g.n_hidden = 8;
    d.n_emb = 8;
    d.n_heads = 1;
    d.n_inverse = 12;
    mdp_window_make_usual(4, &d.windows);
    g.windows = d.windows;
    CHECK_OK(mdp_diffusion_new(&d, 1, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 2, &guidance));
    CHECK(mdp_diffusion_groups(diffusion, groups) >= 4);
    for (int j = 0; j < groups[1].n; j++) groups[1].tensors[j].data[0] += 0.25f;
    mdp_diffusion_take(diffusion);
}

/* bare names, as the network of actions is saved */
static const char *write_inverse(void) {
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    struct made pickle = dict_begin();
    struct made_zip zip = {.n = 0};
    CHECK_INT(mdp_diffusion_groups(diffusion, groups), 7);
    for (int j = 0; j < groups[4].n; j++)
        add_tensor(&pickle, &zip, &groups[4].tensors[j], groups[4].tensors[j].name, NULL);
    dict_end(&pickle);
    zip_add(&zip, "x/data.pkl", pickle.data, pickle.n);
    struct made made = zip_end(&zip, 0);
    return save(&made, "invdyn_ckpt_400.pt");
}

static void check_same_groups(int n, const struct mdp_module_group *a, const struct mdp_module_group *b) {
    for (int i = 0; i < n; i++)
        for (int j = 0; !a[i].is_optimizer && j < a[i].n; j++)
            CHECK(memcmp(a[i].tensors[j].data, b[i].tensors[j].data,
                         (size_t)mdp_tensor_count(&a[i].tensors[j]) * sizeof(float)) == 0);
}

static struct mdp_import planner_import(const char *algo) {
    return (struct mdp_import){
        "halfcheetah-medium", algo, NULL, statistics(), tap_temp_path("out"), -1, -1, 0, 4, NULL};
}

static void test_diffuser(void) {
    static struct mdp_module_group a[MDP_MODULE_GROUPS_MAX], b[MDP_MODULE_GROUPS_MAX];
    struct mdp_import import = planner_import("diffuser");
    struct mdp_diffusion *read;
    struct mdp_guidance *value;
    struct mdp_checkpoint_info info;
    const char *module = tap_temp_path("out/step000400.diffusion.h5");
    make_planner("diffuser");
    CHECK_OK(import_with(&import, write_pt("diffusion_ckpt_400.pt", 1, 0, NULL)));
    CHECK_OK(import_with(&import, write_pt("classifier_ckpt_400.pt", 0, 1, NULL)));
    CHECK_OK(mdp_diffusion_read(module, &read, &info));
    CHECK(read->config.n_obs == N_OBS && read->config.n_act == N_ACT && read->config.windows.horizon == 4);
    check_same_groups(mdp_diffusion_groups(diffusion, a), a, (mdp_diffusion_groups(read, b), b));
    mdp_checkpoint_info_free(&info);
    CHECK_OK(mdp_guidance_read(tap_temp_path("out/step000400.guidance.h5"), &value, &info));
    CHECK_STR(value->config.kind->name, "return");
    check_same_groups(mdp_guidance_groups(guidance, a), a, (mdp_guidance_groups(value, b), b));
    mdp_checkpoint_info_free(&info);
    /* and back from what is exported */
    const struct mdp_import back = {.folder = tap_temp_path("back"), .seed = -1, .step = -1};
    CHECK_OK(export_file(module));
    CHECK_OK(import_with(&back, tap_temp_path("out/step000400.diffusion.safetensors")));
    mdp_diffusion_free(read);
    CHECK_OK(mdp_diffusion_read(tap_temp_path("back/step000400.diffusion.h5"), &read, &info));
    check_same_groups(mdp_diffusion_groups(diffusion, a), a, (mdp_diffusion_groups(read, b), b));
    mdp_checkpoint_info_free(&info);
}

static void test_wrong_diffusers(void) {
    static const struct edit edits[] = {{"model.diffusion.mid_block1.conv1.0.weight", DROP, 0},
                                        {"model.diffusion.final_conv.3.weight", FLATTEN, 0},
                                        {"model_ema.diffusion.ups.0.3.conv.bias", ADD, 0},
                                        {"model.diffusion.map_emb.2.bias", SET, 1e300}};
    static const char *const parts[] = {"mid_block1.conv1.0.weight: expected a tensor [64, 64, 5], found none",
                                        "final_conv.3.weight: expected a floating tensor [11, 8, 1]",
                                        "expected no such tensor, found one", "values that float32 can hold"};
    struct mdp_import import = planner_import("diffuser");
    make_planner("diffuser");
    for (int i = 0; i < 4; i++)
        CHECK_FAILS(import_with(&import, write_pt("diffusion_ckpt_400.pt", 1, 0, &edits[i])), MDP_E_DATA, parts[i]);
    import.horizon = 6;
    CHECK_FAILS(import_with(&import, write_pt("diffusion_ckpt_400.pt", 1, 0, NULL)), MDP_E_DATA, "a power of two");
}

static void test_decision_diffuser(void) {
    static struct mdp_module_group a[MDP_MODULE_GROUPS_MAX], b[MDP_MODULE_GROUPS_MAX];
    struct mdp_import import = planner_import("dd");
    struct mdp_diffusion *read;
    struct mdp_checkpoint_info info;
    char denoiser[MDP_PATH_MAX], inverse[MDP_PATH_MAX];
    make_planner("dd");
    snprintf(denoiser, sizeof denoiser, "%s", write_pt("diffusion_ckpt_400.pt", 1, 0, NULL));
    CHECK_FAILS(import_with(&import, denoiser), MDP_E_USAGE, "expected the file of the network of actions");
    snprintf(inverse, sizeof inverse, "%s", write_inverse());
    CHECK_FAILS(import_with(&import, inverse), MDP_E_USAGE, "expected the file of its denoiser");
    char *files[] = {denoiser, inverse};
    CHECK_OK(quietly(run_import, &(struct call){&import, 2, files}));
    CHECK_OK(mdp_diffusion_read(tap_temp_path("out/step000400.diffusion.h5"), &read, &info));
    CHECK(read->config.n_inverse == 12 && read->config.n_blocks == 2 && read->config.n_act == N_ACT);
    check_same_groups(mdp_diffusion_groups(diffusion, a), a, (mdp_diffusion_groups(read, b), b));
    mdp_checkpoint_info_free(&info);
    /* a network of actions for nobody, and for two */
    char own[MDP_PATH_MAX], later[MDP_PATH_MAX];
    snprintf(own, sizeof own, "%s", tap_temp_path("out/step000400.diffusion.h5"));
    snprintf(later, sizeof later, "%s", write_pt("diffusion_ckpt_800.pt", 1, 0, NULL));
    struct mdp_import plain = import;
    plain.data = plain.normalizer = NULL;
    plain.horizon = 0;
    char *without[] = {own, inverse}, *with_two[] = {denoiser, later, inverse};
    CHECK_FAILS(quietly(run_import, &(struct call){&plain, 2, without}), MDP_E_USAGE,
                "expected one file of a denoiser beside it, found 0");
    CHECK_FAILS(quietly(run_import, &(struct call){&import, 3, with_two}), MDP_E_USAGE,
                "expected one file of a denoiser beside it, found 2");
}

/* one tensor of a large network, without the layers that go with it, is no reason to make one */
static void test_large_without_layers(void) {
    static struct mdp_stored_tensor parts[] = {
        {.name = "model.diffusion.x_proj.weight", .rank = 2, .extent = {32, 5}, .n = 160},
        {.name = "model.diffusion.map_noise.mlp.2.weight", .rank = 2, .extent = {32, 128}, .n = 4096},
        {.name = "mlp.0.0.weight", .rank = 2, .extent = {65536, 10}, .n = 655360},
        {.name = "mlp.2.weight", .rank = 2, .extent = {6, 65536}, .n = 393216}};
    struct mdp_tensor_file denoiser = {.path = "d.pt", .n = 2, .tensors = parts},
                           inverse = {.path = "i.pt", .n = 2, .tensors = parts + 2};
    struct mdp_foreign foreign = {.has_diffusion = 0};
    CHECK_OK(mdp_foreign_algorithm("dd", &foreign));
    CHECK_FAILS(
        mdp_foreign_windows_measure(&denoiser, &inverse, 5, &foreign), MDP_E_DATA,
        "i.pt: mlp.0.0.weight: expected 1 or more layers between 65536 units, 4294967296 numbers, found 1048576");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_modules),
        TAP_TEST(test_both_in_one),
        TAP_TEST(test_layouts_of_values),
        TAP_TEST(test_normalizers),
        TAP_TEST(test_steps),
        TAP_TEST(test_tiny_samples),
        TAP_TEST(test_iql_sample),
        TAP_TEST(test_edp_sample),
        TAP_TEST(test_wrong_names),
        TAP_TEST(test_wrong_shapes),
        TAP_TEST(test_wrong_values),
        TAP_TEST(test_other_modules),
        TAP_TEST(test_newer_idql),
        TAP_TEST(test_needs),
        TAP_TEST(test_wrong_statistics),
        TAP_TEST(test_wrong_critic),
        TAP_TEST(test_contradictions),
        TAP_TEST(test_several),
        TAP_TEST(test_diffuser),
        TAP_TEST(test_wrong_diffusers),
        TAP_TEST(test_decision_diffuser),
        TAP_TEST(test_large_without_layers),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
