/* modules, .pt files of them, right and wrong, and what reads and writes them: for the tests of import and export. */
#ifndef MDP_TESTS_UNIT_BENCH_EXCHANGE_POLICY_FILES_H
#define MDP_TESTS_UNIT_BENCH_EXCHANGE_POLICY_FILES_H

#include <fcntl.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/exchange/export.h"
#include "bench/exchange/foreign.h"
#include "bench/exchange/import.h"
#include "bench/run/modules.h"
#include "tests/torch_builder.h"

enum { N_OBS = 5, N_ACT = 6, N_EMB = 4, N_HIDDEN = 8, N_CRITIC = 7 };

/* one of each for a test; its process ends with it */
static struct mdp_diffusion *diffusion;
static struct mdp_guidance *guidance;

/** Makes one of each. */
static inline void make_modules(void) {
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

/* ---- writing .pt files ---- */

/* what is done to one tensor of a file */
struct edit {
    const char *name; /* "model.diffusion.final_layer.bias"; NULL for none */
    enum { DROP, RENAME, ADD, TRANSPOSE, FLATTEN, AS_INTEGERS, AS_DOUBLES, SET } what;
    double value;
};

/** Adds a tensor to a pickle and its storage to the archive. */
static inline void add_tensor(struct made *pickle, struct made_zip *zip, const struct mdp_tensor *tensor,
                              const char *key, const struct edit *edit) {
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
    zip_add(zip, member, data.data, data.n);
    struct made_tensor made = {is_double ? "DoubleStorage" : "FloatStorage",
                               index,
                               n,
                               0,
                               rank,
                               {tensor->rows, tensor->cols, tensor->taps},
                               {tensor->cols, 1},
                               0};
    if (rank == 3) made.stride[0] = tensor->cols * tensor->taps, made.stride[1] = tensor->taps, made.stride[2] = 1;
    if (rank == 1) made.stride[0] = 1;
    if (edit != NULL && edit->what == AS_INTEGERS) made.storage = "IntStorage";
    if (edit != NULL && edit->what == TRANSPOSE)
        made = (struct made_tensor){"FloatStorage", index, n, 0, 2, {tensor->cols, tensor->rows}, {1, tensor->cols}, 0};
    if (edit != NULL && edit->what == FLATTEN) made = (struct made_tensor){"FloatStorage", index, n, 0, 1, {n}, {1}, 0};
    op_text(pickle, key);
    op_tensor(pickle, &made);
}

/** Adds a dictionary. */
static inline void add_group(struct made *pickle, struct made_zip *zip, const char *kind,
                             const struct mdp_module_group *group, const struct edit *edit) {
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

/** Writes a file of one or both modules as torch.save does. Nullable: edit. */
static inline const char *write_pt(const char *file_name, int has_diffusion, int has_guidance,
                                   const struct edit *edit) {
    static const struct edit none = {NULL, DROP, 0};
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    struct made pickle = dict_begin();
    struct made_zip zip = {.n = 0};
    if (edit == NULL) edit = &none;
    if (has_diffusion)
        for (int i = 0, n = mdp_diffusion_groups(diffusion, groups); i < n; i++)
            if (!groups[i].is_optimizer && strcmp(groups[i].name, "inverse") != 0)
                add_group(&pickle, &zip, "diffusion", &groups[i], edit);
    if (has_guidance)
        for (int i = 0, n = mdp_guidance_groups(guidance, groups); i < n; i++)
            if (!groups[i].is_optimizer) add_group(&pickle, &zip, "guidance", &groups[i], edit);
    dict_end(&pickle);
    zip_add(&zip, "x/data.pkl", pickle.data, pickle.n);
    struct made made = zip_end(&zip, 0);
    return save(&made, file_name);
}

/* ---- in and out ---- */

/** Writes a statistics file. */
static inline const char *statistics(void) {
    struct made json = {NULL, 0, 0};
    put_text(&json, "{\"mean\": [0.1, 0.2, 0.3, 0.4, 0.5], \"std\": [1, 2, 3, 4, 5]}");
    return save(&json, "statistics.json");
}

/** Runs a verb with its standard output going nowhere. */
static inline mdp_err quietly(mdp_err (*run)(const void *), const void *context) {
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

/** Runs mdp_import_files. */
static inline mdp_err run_import(const void *context) {
    const struct call *call = context;
    return mdp_import_files(call->import, call->n_files, call->files, stdout);
}

/** Imports one file. */
static inline mdp_err import_with(const struct mdp_import *import, const char *path) {
    char *files[1] = {(char *)path};
    return quietly(run_import, &(struct call){import, 1, files});
}

/** Imports one file with all that has to be said, into the test's folder "out". */
static inline mdp_err import_file(const char *path) {
    const struct mdp_import import = {
        "halfcheetah-medium", "dql", NULL, statistics(), tap_temp_path("out"), -1, -1, 0, 0, NULL};
    return import_with(&import, path);
}

/** Runs mdp_export_file. */
static inline mdp_err run_export(const void *path) { return mdp_export_file(path, NULL, stdout); }

/** Exports one file. */
static inline mdp_err export_file(const char *path) { return quietly(run_export, path); }

/* ---- good files ---- */

/** Checks that a module file holds the diffusion module. */
static inline void check_diffusion(const char *path) {
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

/** Checks that a module file holds the guidance module. */
static inline void check_guidance(const char *path) {
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

#endif
