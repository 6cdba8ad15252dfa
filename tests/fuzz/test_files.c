/* damaged files: whatever happened to a file's bytes, its loader and inspect take it or refuse it with a message. */
#include "bench/run/modules.h"
#include "bench/stage/behavior_files.h"
#include "results/curve_file.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "tests/fuzz/damage.h"

/* whatever is in a file becomes part of the digest */
static mdp_err load_anything(const char *path);

/* ---- valid files ---- */

static void make_dataset(const char *path) {
    const struct mdp_dataset_facts facts = {.task = "walker2d-medium", .settings = "{\"a\": 1}", .inputs = "{}"};
    struct mdp_dataset_writer *writer;
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_EXPLORE, 0, 0);
    float values[8];
    double joints[2] = {0.5, -0.5};
    CHECK_OK(mdp_dataset_writer_new(path, 3, 2, 2, &facts, &writer));
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < 8; j++) values[j] = (float)(2 * mdp_rng_uniform(&rng) - 1);
        const struct mdp_dataset_step step = {values,       values + 3,   values + 5, values[4],
                                              i % 70 == 69, i % 50 == 49, joints,     joints};
        CHECK_OK(mdp_dataset_writer_add(writer, &step));
    }
    CHECK_OK(mdp_dataset_writer_finish(writer));
    mdp_dataset_writer_free(writer);
}

static mdp_err load_dataset(const char *path) {
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_transitions transitions;
    struct mdp_normalizer normalizer;
    mdp_err err = mdp_dataset_load(path, &options, &transitions, &normalizer, NULL);
    if (err != MDP_OK) return err;
    mdp_transitions_free(&transitions);
    return load_anything(path);
}

static void make_diffusion(const char *path) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *diffusion;
    char settings[1024];
    mdp_diffusion_defaults(&config, 3, 2);
    config.n_emb = 4;
    config.n_hidden = 8;
    CHECK_OK(mdp_diffusion_new(&config, 1, &diffusion));
    json_t *root = mdp_diffusion_json(&config);
    char *text = json_dumps(root, JSON_COMPACT);
    snprintf(settings, sizeof settings, "{\"diffusion\":%s}", text);
    free(text);
    json_decref(root);
    const struct mdp_normalizer normalizer = {3, {0.1, 0.2, 0.3}, {1, 2, 3}};
    const struct mdp_module_facts facts = {"dql", "walker2d-medium",  1, 10, 3, 2, &normalizer, settings, "{}",
                                           NULL,  MDP_PUBLISH_REPLACE};
    CHECK_OK(mdp_diffusion_write(path, diffusion, &facts));
    mdp_diffusion_free(diffusion);
}

static mdp_err load_diffusion(const char *path) {
    struct mdp_diffusion *diffusion = NULL;
    struct mdp_checkpoint_info info;
    mdp_err err = mdp_diffusion_read(path, &diffusion, &info);
    if (err != MDP_OK) return err;
    mdp_diffusion_free(diffusion);
    mdp_checkpoint_info_free(&info);
    return load_anything(path);
}

static void make_behavior(const char *path) {
    const struct mdp_behavior_settings settings = {
        .spec = mdp_env_list(0), .seed = 1, .capacity = 100, .n_warmup = 10, .n_threads = 1};
    struct mdp_behavior *run;
    CHECK_OK(mdp_behavior_new(&settings, &run));
    CHECK_OK(mdp_behavior_write_policy(run, path));
    mdp_behavior_free(run);
}

static mdp_err load_behavior(const char *path) {
    struct mdp_behavior_policy *policy = NULL;
    mdp_err err = mdp_behavior_policy_read(path, 1, &policy);
    if (err != MDP_OK) return err;
    mdp_behavior_policy_free(policy);
    return load_anything(path);
}

static void make_episodes(const char *path) {
    const struct mdp_episodes_info info = {
        .task = "t", .reference = "bullet-walker2d", .ref_min = 0, .ref_max = 10, .candidates = 1, .step = -1};
    struct mdp_episodes e;
    CHECK_OK(mdp_episodes_alloc(&e, 40));
    for (int i = 0; i < 40; i++) e.returns[i] = 3 - i, e.lengths[i] = 10 + i, e.indices[i] = i, e.ends[i] = i % 2 == 0;
    CHECK_OK(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&e);
}

static mdp_err load_episodes(const char *path) {
    struct mdp_episodes_info info;
    struct mdp_episodes e;
    mdp_err err = mdp_episodes_read(path, &info, &e);
    if (err != MDP_OK) return err;
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&e);
    return load_anything(path);
}

static void make_curve(const char *path) {
    struct mdp_episodes_info infos[2] = {
        {.task = "t", .reference = "bullet-walker2d", .ref_min = 0, .ref_max = 10, .candidates = 1, .step = 5}};
    struct mdp_episodes e[2];
    infos[1] = infos[0];
    infos[1].step = 6;
    for (int k = 0; k < 2; k++) {
        CHECK_OK(mdp_episodes_alloc(&e[k], 20));
        for (int i = 0; i < 20; i++) e[k].returns[i] = k - i, e[k].lengths[i] = 10 + i, e[k].indices[i] = i;
    }
    CHECK_OK(mdp_curve_file_write(path, 2, infos, e));
    for (int k = 0; k < 2; k++) mdp_episodes_free(&e[k]);
}

static mdp_err load_curve(const char *path) {
    struct mdp_curve_file curve;
    mdp_err err = mdp_curve_file_read(path, &curve);
    if (err == MDP_OK) mdp_curve_file_free(&curve);
    return err;
}

/* a file of other people's making, in the oldest version of the format, whose metadata has no checksums */
static void make_golden(const char *path) {
    const char *golden = tap_reference("stats/power.h5");
    char *bytes;
    size_t size;
    if (golden == NULL) SKIP("no stats/power.h5");
    CHECK_OK(mdp_fsx_read(golden, FILE_BYTES_MAX, &bytes, &size));
    CHECK_OK(mdp_fsx_write(path, bytes, size));
    free(bytes);
}

/* a text, or an array of as many values as it has elements */
static void digest_add_entry(struct mdp_h5 *file, const char *name, const char *text, const void *values) {
    struct mdp_h5_shape shape;
    digest_add(name, strlen(name));
    if (text != NULL)
        digest_add(text, strlen(text));
    else if (mdp_h5_shape(file, name, &shape) == MDP_OK)
        digest_add(values, (size_t)mdp_h5_count(&shape) * sizeof(double));
}

/* reads every array, text and attribute that a group's entries have */
static mdp_err read_group(struct mdp_h5 *file, const char *group, int depth) {
    struct mdp_h5_child *children;
    int n;
    mdp_err err = mdp_h5_list(file, group, &children, &n);
    if (err != MDP_OK) return err;
    for (int i = 0; i < n && err == MDP_OK; i++) {
        char name[1024], type[16], *text = NULL;
        void *values = NULL;
        snprintf(name, sizeof name, "%.700s/%s", strcmp(group, "/") == 0 ? "" : group, children[i].name);
        if (children[i].is_group) {
            err = depth < 6 ? read_group(file, name, depth + 1) : MDP_OK;
            continue;
        }
        MDP_TRY(mdp_h5_type_text(file, name, type));
        err = strcmp(type, "text") == 0 ? mdp_h5_read_text(file, name, &text)
                                        : mdp_h5_read_new(file, name, MDP_H5_F64, NULL, NULL, &values);
        if (err == MDP_OK) digest_add_entry(file, name, text, values);
        free(text);
        free(values);
    }
out:
    free(children);
    return err;
}

static mdp_err load_anything(const char *path) {
    struct mdp_h5 *file = NULL;
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_group(file, "/", 0));
out:
    mdp_h5_close(file);
    return err;
}

static void test_dataset(void) {
    fuzz(&(const struct kind){.name = "dataset", .make = make_dataset, .load = load_dataset, .has_checksums = 1});
}
static void test_diffusion(void) {
    fuzz(&(const struct kind){.name = "diffusion", .make = make_diffusion, .load = load_diffusion, .has_checksums = 1});
}
static void test_behavior(void) {
    fuzz(&(const struct kind){.name = "behavior", .make = make_behavior, .load = load_behavior, .has_checksums = 1});
}
static void test_episodes(void) {
    fuzz(&(const struct kind){.name = "episodes", .make = make_episodes, .load = load_episodes, .has_checksums = 1});
}
static void test_curve(void) { fuzz(&(const struct kind){.name = "curve", .make = make_curve, .load = load_curve}); }
static void test_golden(void) {
    fuzz(&(const struct kind){.name = "golden", .make = make_golden, .load = load_anything, .is_unknown = 1});
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST_LIMIT(test_dataset, 600),  TAP_TEST_LIMIT(test_diffusion, 600), TAP_TEST_LIMIT(test_behavior, 600),
        TAP_TEST_LIMIT(test_episodes, 600), TAP_TEST_LIMIT(test_curve, 600),     TAP_TEST_LIMIT(test_golden, 600),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
