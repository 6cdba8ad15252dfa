/* damaged files: whatever happened to a file's bytes, its loader and inspect take it or refuse it with a message.
 *
 * seed by seed a valid file is damaged (MDPBENCH_FUZZ_SEEDS: how many, 60 if unset) and read in a process of its own,
 * so that a crash or a hang is a failure with a number: MDPBENCH_FUZZ_FIRST=number MDPBENCH_FUZZ_SEEDS=1 repeats it,
 * and MDPBENCH_FUZZ_KEEP=file keeps the damaged file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "bench/behavior_files.h"
#include "bench/modules.h"
#include "bench/verb.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "tests/tap.h"

enum { FILE_BYTES_MAX = 8 << 20, HEAD_BYTES = 4096, STRETCH_MAX = 512, CHILD_SECONDS = 10, DEFAULT_SEEDS = 60 };

/* a kind of file: how a valid one is made and how it is read */
struct kind {
    const char *name;
    void (*make)(const char *path);
    mdp_err (*load)(const char *path);
};

/* --- valid files -------------------------------------------------------------------------------------------------- */

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
    const struct mdp_dataset_options options = {1, 1, 0, 0};
    struct mdp_transitions transitions;
    struct mdp_normalizer normalizer;
    mdp_err err = mdp_dataset_load(path, &options, &transitions, &normalizer, NULL);
    if (err == MDP_OK) mdp_transitions_free(&transitions);
    return err;
}

static void make_diffusion(const char *path) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *diffusion;
    char settings[1024];
    mdp_diffusion_defaults(&config, 3, 2);
    config.n_emb = 4;
    config.n_hidden = 8;
    CHECK_OK(mdp_diffusion_new(&config, 1, &diffusion));
    char *text = json_dumps(mdp_diffusion_json(&config), JSON_COMPACT);
    snprintf(settings, sizeof settings, "{\"diffusion\":%s}", text);
    free(text);
    const struct mdp_normalizer normalizer = {3, {0.1, 0.2, 0.3}, {1, 2, 3}};
    const struct mdp_module_facts facts = {"dql", "walker2d-medium", 1, 10, 3, 2, &normalizer, settings, "{}"};
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
    return err;
}

static void make_behavior(const char *path) {
    const struct mdp_behavior_settings settings = {mdp_env_list(0), 1, 100, 10, 1, NULL};
    struct mdp_behavior *run;
    CHECK_OK(mdp_behavior_new(&settings, &run));
    CHECK_OK(mdp_behavior_write_policy(run, path));
    mdp_behavior_free(run);
}

static mdp_err load_behavior(const char *path) {
    struct mdp_behavior_policy *policy = NULL;
    mdp_err err = mdp_behavior_policy_read(path, 1, &policy);
    if (err == MDP_OK) mdp_behavior_policy_free(policy);
    return err;
}

static void make_episodes(const char *path) {
    const struct mdp_episodes_info info = {
        .task = "t", .reference = "bullet-walker2d", .ref_min = 0, .ref_max = 10, .candidates = 1, .step = -1};
    struct mdp_episodes e;
    CHECK_OK(mdp_episodes_alloc(&e, 40));
    for (int i = 0; i < 40; i++) e.returns[i] = 3 - i, e.lengths[i] = 10 + i, e.indices[i] = i, e.ends[i] = i % 2 == 0;
    CHECK_OK(mdp_episodes_write(path, &info, &e));
    mdp_episodes_free(&e);
}

static mdp_err load_episodes(const char *path) {
    struct mdp_episodes_info info;
    struct mdp_episodes e;
    mdp_err err = mdp_episodes_read(path, &info, &e);
    if (err != MDP_OK) return err;
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&e);
    return err;
}

/* a file of other people's making, in the oldest version of the format, whose metadata has no checksums */
static void make_golden(const char *path) {
    const char *golden = tap_reference("stats/moments.h5");
    char *bytes;
    size_t size;
    if (golden == NULL) SKIP("no stats/moments.h5");
    CHECK_OK(mdp_fsx_read(golden, FILE_BYTES_MAX, &bytes, &size));
    CHECK_OK(mdp_fsx_write(path, bytes, size));
    free(bytes);
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

/* --- damage ------------------------------------------------------------------------------------------------------- */

/* half of the places are near the start, where most of the metadata is */
static size_t place(struct mdp_rng *rng, size_t size) {
    size_t limit = mdp_rng_below(rng, 2) && size > HEAD_BYTES ? HEAD_BYTES : size;
    return mdp_rng_below(rng, (uint32_t)limit);
}

static size_t stretch(struct mdp_rng *rng, size_t left) {
    size_t n = 1 + mdp_rng_below(rng, STRETCH_MAX);
    return n < left ? n : left;
}

static void set_bytes(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const unsigned char edges[] = {0, 1, 0x7f, 0x80, 0xff};
    int n = 1 + (int)mdp_rng_below(rng, 8), at_edge = (int)mdp_rng_below(rng, 2);
    for (int i = 0; i < n; i++) {
        size_t at = place(rng, size);
        bytes[at] = at_edge ? edges[mdp_rng_below(rng, 5)] : (unsigned char)(bytes[at] ^ (1u << mdp_rng_below(rng, 8)));
    }
}

static void set_number(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const uint64_t numbers[] = {0, 1, 0xffffffffffffffff, 0x7fffffffffffffff, 0x80000000, 1ULL << 40, 4096};
    uint64_t number = numbers[mdp_rng_below(rng, 7)];
    size_t at = place(rng, size), n = (size_t)2 << mdp_rng_below(rng, 3);
    for (size_t i = 0; i < n && at + i < size; i++) bytes[at + i] = (unsigned char)(number >> (8 * i));
}

/* damages bytes [size] in place, room for STRETCH_MAX more; returns the new size */
static size_t damage(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    size_t from = place(rng, size), to = place(rng, size), n = stretch(rng, size - (from > to ? from : to));
    switch (mdp_rng_below(rng, 6)) {
    case 0: set_bytes(rng, bytes, size); return size;
    case 1: set_number(rng, bytes, size); return size;
    case 2: return from;
    case 3: memmove(bytes + to, bytes + from, n); return size;
    case 4: memset(bytes + from, mdp_rng_below(rng, 2) ? 0 : 0xff, n); return size;
    default: /* a stretch appears twice, all behind it moves */
        memmove(bytes + from + n, bytes + from, size - from);
        return size + n;
    }
}

/* --- reading in a process of its own ------------------------------------------------------------------------------ */

static mdp_err inspect(const char *path) {
    char *argv[] = {"inspect", "--json", (char *)path, NULL};
    return mdp_verb_inspect.run(&mdp_verb_inspect, 3, argv);
}

static int is_fine(const char *what, mdp_err err) {
    if (err == MDP_OK) return 1;
    if ((err == MDP_E_DATA || err == MDP_E_IO) && mdp_err_message()[0] != 0) return 1;
    fprintf(stderr, "%s: expected \"%s\" or \"%s\" with a message, found \"%s\": %s\n", what, mdp_err_text(MDP_E_DATA),
            mdp_err_text(MDP_E_IO), mdp_err_text(err), mdp_err_message());
    return 0;
}

static _Noreturn void read_damaged(const struct kind *kind, const char *path) {
    int null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(null, STDOUT_FILENO) < 0) _exit(2);
    alarm(CHILD_SECONDS);
    mdp_fail(MDP_OK, "%s", "");
    int fine = is_fine(kind->name, kind->load(path));
    mdp_fail(MDP_OK, "%s", "");
    fine &= is_fine("inspect", inspect(path));
    _exit(fine ? 0 : 1);
}

/* returns 1 if the file was taken or refused, else says what happened */
static int survives(const struct kind *kind, const char *path, long seed) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) read_damaged(kind, path);
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 1;
    fprintf(stderr, "%s: seed %ld: %s %d\n", kind->name, seed, WIFSIGNALED(status) ? "killed by signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return 0;
}

static void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

static long setting(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text != NULL && text[0] != 0 ? strtol(text, NULL, 10) : otherwise;
}

static void fuzz(const struct kind *kind) {
    char whole[MDP_PATH_MAX], broken[MDP_PATH_MAX], *bytes;
    size_t size;
    long first = setting("MDPBENCH_FUZZ_FIRST", 0), n = setting("MDPBENCH_FUZZ_SEEDS", DEFAULT_SEEDS), n_failed = 0;
    snprintf(whole, sizeof whole, "%s/whole.h5", tap_temp_dir());
    snprintf(broken, sizeof broken, "%s/broken.h5", tap_temp_dir());
    kind->make(whole);
    CHECK_OK(kind->load(whole));
    CHECK_OK(mdp_fsx_read(whole, FILE_BYTES_MAX, &bytes, &size));
    unsigned char *copy = malloc(size + STRETCH_MAX);
    CHECK(copy != NULL && size > 0);
    for (long seed = first; seed < first + n; seed++) {
        struct mdp_rng rng = mdp_rng_stream((uint64_t)seed, MDP_RNG_EXPLORE, 0, 0);
        memcpy(copy, bytes, size);
        size_t damaged = damage(&rng, copy, size);
        write_bytes(broken, copy, damaged);
        if (getenv("MDPBENCH_FUZZ_KEEP") != NULL) write_bytes(getenv("MDPBENCH_FUZZ_KEEP"), copy, damaged);
        n_failed += !survives(kind, broken, seed);
    }
    free(copy);
    free(bytes);
    CHECK_INT(n_failed, 0);
}

static void test_dataset(void) { fuzz(&(const struct kind){"dataset", make_dataset, load_dataset}); }
static void test_diffusion(void) { fuzz(&(const struct kind){"diffusion", make_diffusion, load_diffusion}); }
static void test_behavior(void) { fuzz(&(const struct kind){"behavior", make_behavior, load_behavior}); }
static void test_episodes(void) { fuzz(&(const struct kind){"episodes", make_episodes, load_episodes}); }
static void test_golden(void) { fuzz(&(const struct kind){"golden", make_golden, load_anything}); }

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST_LIMIT(test_dataset, 600),  TAP_TEST_LIMIT(test_diffusion, 600), TAP_TEST_LIMIT(test_behavior, 600),
        TAP_TEST_LIMIT(test_episodes, 600), TAP_TEST_LIMIT(test_golden, 600),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
