/* verify algos: checkpoints of others and their stored outputs: the samples pass, altered ones fail, others are
 * refused. */
#include <stdlib.h>

#include "bench/exchange/foreign.h"
#include "bench/verify/algos.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "results/tensors/safetensors.h"
#include "tests/torch_builder.h"

enum { N = 2, N_OBS = 3, N_ACT = 2, TENSORS_MAX = 64 };

static mdp_err verify_one(const char *path) {
    char *files[1] = {(char *)path};
    return mdp_verify_algos(1, files, tap_output());
}

/* ---- made ones: a denoiser whose outputs are its last layer's bias ---- */

static void write_checkpoint(const char *name) {
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    static char names[TENSORS_MAX][MDP_STORED_NAME_MAX];
    static long extents[TENSORS_MAX][2];
    struct mdp_safetensors_item items[TENSORS_MAX];
    struct mdp_diffusion_config config;
    struct mdp_diffusion *diffusion = NULL;
    struct made made = {NULL, 0, 0};
    char *bytes;
    size_t size;
    int n = 0;
    mdp_diffusion_defaults(&config, N_OBS, N_ACT);
    config.n_emb = 2;
    config.n_hidden = 4;
    CHECK_OK(mdp_diffusion_new(&config, 1, &diffusion));
    int n_groups = mdp_diffusion_groups(diffusion, groups);
    for (int i = 0; i < n_groups; i++)
        for (int j = 0; j < groups[i].n && !groups[i].is_optimizer; j++, n++) {
            const struct mdp_tensor *tensor = &groups[i].tensors[j];
            int is_last = strcmp(tensor->name, "final_layer.bias") == 0;
            for (long k = 0; k < mdp_tensor_count(tensor); k++)
                tensor->data[k] = is_last                                           ? (float)(10 * i + k)
                                  : strcmp(tensor->name, "final_layer.weight") == 0 ? 0
                                                                                    : tensor->data[k];
            mdp_foreign_name("diffusion", groups[i].name, tensor->name, names[n]);
            extents[n][0] = tensor->rows;
            extents[n][1] = tensor->cols;
            items[n] = (struct mdp_safetensors_item){names[n], tensor->rank, extents[n], tensor->data};
        }
    CHECK_OK(mdp_safetensors_encode(n, items, NULL, &bytes, &size));
    put(&made, bytes, size);
    save(&made, name);
    free(bytes);
    mdp_diffusion_free(diffusion);
}

/* what is different from a good file */
struct edit {
    const char *leave_out;
    int time, n_obs, n_act;
    double model_out;
};

static const char *write_expectation(const char *name, struct edit edit) {
    const float obs[N * N_OBS] = {0}, act[N * N_ACT] = {0};
    const double model[N * N_ACT] = {edit.model_out, 1, 0, 1}, ema[N * N_ACT] = {10, 11, 10, 11};
    const int32_t time[N] = {0, edit.time};
    struct mdp_h5 *file;
    const char *path = tap_temp_path(name);
    CHECK_OK(mdp_h5_create(path, &file));
    const struct {
        const char *name;
        enum mdp_h5_type type;
        struct mdp_h5_shape shape;
        const void *data;
    } arrays[] = {{"obs", MDP_H5_F32, {2, {N, edit.n_obs}}, obs},
                  {"act", MDP_H5_F32, {2, {N, edit.n_act}}, act},
                  {"t", MDP_H5_I32, {1, {N}}, time},
                  {"model_out", MDP_H5_F64, {2, {N, N_ACT}}, model},
                  {"model_ema_out", MDP_H5_F64, {2, {N, N_ACT}}, ema}};
    for (int i = 0; i < 5; i++)
        if (edit.leave_out == NULL || strcmp(edit.leave_out, arrays[i].name) != 0)
            CHECK_OK(
                mdp_h5_write(file, arrays[i].name, arrays[i].type, &arrays[i].shape, MDP_H5_PLAIN, arrays[i].data));
    CHECK_OK(mdp_h5_commit(&file));
    return path;
}

static const struct edit good = {NULL, 4, N_OBS, N_ACT, 0};

static void test_made_ones(void) {
    struct edit wrong = good;
    write_checkpoint("dql_1.safetensors");
    CHECK_OK(verify_one(write_expectation("dql_ckpt_expect.h5", good)));
    wrong.model_out = 1e-4;
    CHECK_FAILS(verify_one(write_expectation("dql_ckpt_expect.h5", wrong)), MDP_E_FAILED, "1 of 2");
}

static void check_refused(struct edit edit, const char *message) {
    CHECK_FAILS(verify_one(write_expectation("dql_ckpt_expect.h5", edit)), MDP_E_DATA, message);
}

static void test_refusals(void) {
    static const char *const names[] = {"obs", "act", "t", "model_out"};
    CHECK_FAILS(verify_one(write_expectation("dql_ckpt_expect.h5", good)), MDP_E_DATA,
                "expected dql_*.pt or dql_*.safetensors beside it, found none");
    write_checkpoint("dql_1.safetensors");
    CHECK_FAILS(verify_one(write_expectation("other.h5", good)), MDP_E_DATA, "expected a name like dql_ckpt_expect.h5");
    for (int i = 0; i < 4; i++) {
        struct edit edit = good;
        edit.leave_out = names[i];
        check_refused(edit, names[i]);
    }
    struct edit edit = good;
    edit.time = 5;
    check_refused(edit, "t: expected 0 to 4, found 5 at row 1");
    edit = good, edit.n_obs = 2;
    check_refused(edit, "expected 2 observations and 2 actions as in ");
    write_checkpoint("ppo_1.safetensors");
    CHECK_FAILS(verify_one(write_expectation("ppo_ckpt_expect.h5", good)), MDP_E_DATA, "found 'ppo'");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_made_ones), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
