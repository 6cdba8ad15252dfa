#include "tests/fuzz/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/experiment.h"
#include "bench/experiment/read.h"
#include "bench/gate/data.h"
#include "bench/gate/policy.h"
#include "results/checkpoint.h"
#include "results/curve_file.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "results/tensors/open.h"

static mdp_err read_dataset(const char *path) {
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_transitions transitions;
    struct mdp_normalizer normalizer;
    mdp_err err = mdp_dataset_load(path, &options, &transitions, &normalizer, NULL);
    if (err == MDP_OK) mdp_transitions_free(&transitions);
    return err;
}

static mdp_err read_checkpoint(const char *path) {
    struct mdp_checkpoint_info info;
    mdp_err err = mdp_checkpoint_read_info(path, &info);
    if (err == MDP_OK) mdp_checkpoint_info_free(&info);
    return err;
}

static mdp_err read_episodes(const char *path) {
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    mdp_err err = mdp_episodes_read(path, &info, &episodes);
    if (err != MDP_OK) return err;
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&episodes);
    return MDP_OK;
}

static mdp_err read_curve(const char *path) {
    struct mdp_curve_file curve;
    mdp_err err = mdp_curve_file_read(path, &curve);
    if (err == MDP_OK) mdp_curve_file_free(&curve);
    return err;
}

/* torch's two formats and safetensors: the first bytes tell */
static mdp_err read_tensors(const char *path) {
    struct mdp_tensor_file *file;
    mdp_err err = mdp_tensor_file_open(path, &file);
    if (err != MDP_OK) return err;
    for (int i = 0; i < file->n && err == MDP_OK; i++) {
        double *values;
        MDP_TRY(mdp_calloc(&values, (unsigned long)file->tensors[i].n, sizeof *values, "values"));
        err = mdp_tensor_file_read(file, &file->tensors[i], values);
        free(values);
    }
out:
    mdp_tensor_file_free(file);
    return err;
}

static mdp_err read_policy(const char *path) {
    struct mdp_gate_policy policy;
    mdp_err err = mdp_gate_policy_read(path, &policy);
    if (err == MDP_OK) mdp_gate_policy_free(&policy);
    return err;
}

static mdp_err read_experiment(const char *path) {
    struct mdp_experiments experiments;
    mdp_err err = mdp_experiments_read(path, &experiments);
    if (err == MDP_OK) mdp_experiments_free(&experiments);
    return err;
}

static mdp_err read_speeds(const char *path) {
    struct mdp_gate_side side = {.name = "candidate"};
    mdp_err err = mdp_gate_side_add_speeds(&side, path);
    mdp_gate_side_free(&side);
    return err;
}

static const struct {
    const char *name;
    mdp_err (*read)(const char *path);
} readers[] = {
    {"dataset", read_dataset},       {"checkpoint", read_checkpoint}, {"episodes", read_episodes},
    {"curve", read_curve},           {"tensors", read_tensors},       {"policy", read_policy},
    {"experiment", read_experiment}, {"speeds", read_speeds},
};

int readers_count(void) { return sizeof readers / sizeof *readers; }

const char *readers_name(int i_reader) { return readers[i_reader].name; }

mdp_err readers_read(const char *name, const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot be made", path);
    size_t n = fwrite(bytes, 1, size, file);
    if (fclose(file) != 0 || n != size) return mdp_fail(MDP_E_IO, "%s: cannot be written", path);
    for (int i = 0; i < readers_count(); i++)
        if (strcmp(readers[i].name, name) == 0) return readers[i].read(path);
    return mdp_fail(MDP_E_USAGE, "no reader '%s'", name);
}
