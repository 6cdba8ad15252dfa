/* results/checkpoint: tensors and arrays survive a round trip bit by bit; files that do not fit are refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fsx.h"
#include "results/checkpoint.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N_OBS = 5 };

/* a small network: two tensors of an actor, one of its average, and a state to resume from */
struct sample {
    float weight[4 * N_OBS], bias[4], average[4];
    struct mdp_tensor actor[2], ema[1];
    struct mdp_tensor_group groups[2];
    uint64_t counters[3];
    float replay[6 * 2];
    struct mdp_named_array arrays[2];
    struct mdp_checkpoint_info info;
};

/* libhdf5 itself loses memory when it gives up on damaged metadata; the leak checker is asked to look past that */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:^H5"; }

static void fill(struct sample *s) {
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 4 * N_OBS; i++) s->weight[i] = (float)sin(i);
    for (int i = 0; i < 4; i++) s->bias[i] = (float)i, s->average[i] = -0.5f * (float)i;
    for (int i = 0; i < 12; i++) s->replay[i] = (float)cos(i);
    s->counters[0] = UINT64_MAX, s->counters[1] = 12;
    s->actor[0] = (struct mdp_tensor){"mid_layer.0.weight", 2, 4, N_OBS, s->weight, 0};
    s->actor[1] = (struct mdp_tensor){"mid_layer.0.bias", 1, 4, 1, s->bias, 0};
    s->ema[0] = (struct mdp_tensor){"mid_layer.0.bias", 1, 4, 1, s->average, 0};
    s->groups[0] = (struct mdp_tensor_group){"actor", 2, s->actor};
    s->groups[1] = (struct mdp_tensor_group){"actor_ema", 1, s->ema};
    s->arrays[0] = (struct mdp_named_array){"counters", MDP_H5_U64, {1, {3}}, s->counters};
    s->arrays[1] = (struct mdp_named_array){"replay", MDP_H5_F32, {2, {6, 2}}, s->replay};
    s->info = (struct mdp_checkpoint_info){.kind = "diffusion",
                                           .algo = "dql",
                                           .task = "halfcheetah-medium",
                                           .isa = "oneDNN avx2 + libm 12345678",
                                           .seed = UINT64_MAX,
                                           .step = 400,
                                           .n_obs = N_OBS,
                                           .n_act = 2};
    s->info.normalizer.n = N_OBS;
    for (int i = 0; i < N_OBS; i++) s->info.normalizer.mean[i] = 0.1 * i, s->info.normalizer.std[i] = 1 + 0.1 * i;
    s->info.head.settings = "{\"lr\": 0.0003}";
    s->info.head.inputs = "{\"d.h5\": \"0123456789abcdef\"}";
}

static mdp_err save(const char *path, const struct sample *s) {
    return mdp_checkpoint_write(path, &s->info, 2, s->groups, 2, s->arrays, MDP_PUBLISH_REPLACE);
}

static void test_round_trip(void) {
    struct sample s, back;
    struct mdp_checkpoint_info info;
    struct mdp_h5_shape shape;
    fill(&s);
    fill(&back);
    memset(back.weight, 0, sizeof back.weight);
    memset(back.bias, 0, sizeof back.bias);
    memset(back.average, 0, sizeof back.average);
    memset(back.counters, 0, sizeof back.counters);
    memset(back.replay, 0, sizeof back.replay);
    CHECK_OK(save(tap_temp_path("c.h5"), &s));
    CHECK_OK(mdp_checkpoint_read(tap_temp_path("c.h5"), "diffusion", &info, 2, back.groups));
    CHECK(memcmp(back.weight, s.weight, sizeof s.weight) == 0);
    CHECK(memcmp(back.bias, s.bias, sizeof s.bias) == 0);
    CHECK(memcmp(back.average, s.average, sizeof s.average) == 0);
    CHECK_STR(info.algo, "dql");
    CHECK_STR(info.task, "halfcheetah-medium");
    CHECK_STR(info.isa, "oneDNN avx2 + libm 12345678");
    CHECK(info.seed == UINT64_MAX && info.step == 400 && info.n_obs == N_OBS && info.n_act == 2);
    CHECK(memcmp(&info.normalizer, &s.info.normalizer, sizeof info.normalizer) == 0);
    CHECK_STR(info.head.settings, "{\"lr\": 0.0003}");
    CHECK_STR(info.head.version, MDP_VERSION);
    CHECK(strstr(info.head.machine, "HDF5 1.") != NULL);
    mdp_checkpoint_info_free(&info);
    CHECK_OK(mdp_checkpoint_array_shape(tap_temp_path("c.h5"), "replay", &shape));
    CHECK(shape.rank == 2 && shape.extent[0] == 6 && shape.extent[1] == 2);
    CHECK_OK(mdp_checkpoint_read_arrays(tap_temp_path("c.h5"), 2, back.arrays));
    CHECK(memcmp(back.counters, s.counters, sizeof s.counters) == 0);
    CHECK(memcmp(back.replay, s.replay, sizeof s.replay) == 0);
    CHECK_OK(mdp_checkpoint_validate(tap_temp_path("c.h5")));
}

/* groups and parameters are shown to people */
static void test_strange_names(void) {
    static const char *const strange[] = {"a\x1b[2J", "a\n::error::b", "\xff", "::error::b"};
    struct mdp_checkpoint_entry *entries;
    struct sample s;
    int n;
    for (int i = 0; i < 8; i++) {
        struct mdp_tensor tensor;
        fill(&s);
        if (i < 4) {
            s.groups[0].name = strange[i];
        } else {
            tensor = s.groups[0].tensors[0];
            snprintf(tensor.name, sizeof tensor.name, "%s", strange[i - 4]);
            s.groups[0].tensors = &tensor;
            s.groups[0].n = 1;
        }
        CHECK_OK(save(tap_temp_path("c.h5"), &s));
        CHECK_FAILS(mdp_checkpoint_list(tap_temp_path("c.h5"), &entries, &n), MDP_E_DATA,
                    "expected names of plain UTF-8, found '");
        CHECK_FAILS(mdp_checkpoint_validate(tap_temp_path("c.h5")), MDP_E_DATA, "expected names of plain UTF-8");
    }
}

/* convolutions have weights of three dimensions; which of them is longest is no matter of taste */
static void test_convolution(void) {
    float weight[4 * N_OBS * 3], back[4 * N_OBS * 3] = {0};
    struct sample s;
    struct mdp_checkpoint_entry *entries;
    int n;
    fill(&s);
    for (int i = 0; i < 4 * N_OBS * 3; i++) weight[i] = (float)sin(i);
    s.actor[0] = (struct mdp_tensor){"conv1.0.weight", 3, 4, N_OBS, weight, 3};
    CHECK_OK(save(tap_temp_path("c.h5"), &s));
    CHECK_OK(mdp_checkpoint_validate(tap_temp_path("c.h5")));
    CHECK_OK(mdp_checkpoint_list(tap_temp_path("c.h5"), &entries, &n));
    const struct mdp_h5_shape *shape = &entries[0].shape;
    CHECK_STR(entries[0].name, "/tensors/actor/conv1.0.weight");
    CHECK(shape->rank == 3 && shape->extent[0] == 4 && shape->extent[1] == N_OBS && shape->extent[2] == 3);
    free(entries);
    s.actor[0].data = back;
    CHECK_OK(mdp_checkpoint_read(tap_temp_path("c.h5"), "diffusion", NULL, 1, s.groups));
    CHECK(memcmp(back, weight, sizeof back) == 0);
    s.actor[0].taps = 5;
    CHECK_FAILS(mdp_checkpoint_read(tap_temp_path("c.h5"), "diffusion", NULL, 1, s.groups), MDP_E_DATA,
                "conv1.0.weight: expected shape [4, 5, 5], found [4, 5, 3]");
}

static void test_without_normalizer(void) {
    struct sample s;
    struct mdp_checkpoint_info info;
    fill(&s);
    s.info.normalizer.n = 0;
    s.info.head.settings = s.info.head.inputs = NULL;
    CHECK_OK(mdp_checkpoint_write(tap_temp_path("c.h5"), &s.info, 0, NULL, 0, NULL, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_checkpoint_read_info(tap_temp_path("c.h5"), &info));
    CHECK_INT(info.normalizer.n, 0);
    CHECK_STR(info.head.settings, "{}");
    mdp_checkpoint_info_free(&info);
}

static void test_same_bytes(void) {
    struct sample s;
    uint64_t first, second;
    fill(&s);
    CHECK_OK(save(tap_temp_path("a.h5"), &s));
    CHECK_OK(save(tap_temp_path("b.h5"), &s));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.h5"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.h5"), &second));
    CHECK(first == second);
}

static void test_list(void) {
    struct sample s;
    struct mdp_checkpoint_entry *entries;
    int n;
    fill(&s);
    CHECK_OK(save(tap_temp_path("c.h5"), &s));
    CHECK_OK(mdp_checkpoint_list(tap_temp_path("c.h5"), &entries, &n));
    CHECK_INT(n, 5);
    CHECK_STR(entries[0].name, "/tensors/actor/mid_layer.0.bias");
    CHECK_STR(entries[3].name, "/arrays/counters");
    CHECK_STR(entries[3].type, "uint64");
    CHECK(entries[1].shape.rank == 2 && entries[1].shape.extent[1] == N_OBS);
    free(entries);
}

static void test_misfits(void) {
    struct sample s, back;
    const char *path = tap_temp_path("c.h5");
    fill(&s);
    CHECK_OK(save(path, &s));
    CHECK_FAILS(mdp_checkpoint_read(path, "guidance", NULL, 2, s.groups), MDP_E_DATA,
                "/@kind: expected guidance, found diffusion");
    fill(&back);
    strcpy(back.actor[1].name, "other.bias");
    CHECK_FAILS(mdp_checkpoint_read(path, "diffusion", NULL, 2, back.groups), MDP_E_DATA,
                "/tensors/actor/other.bias: expected a dataset, found none");
    fill(&back);
    back.groups[0].name = "critic";
    CHECK_FAILS(mdp_checkpoint_read(path, "diffusion", NULL, 2, back.groups), MDP_E_DATA,
                "/tensors/critic: expected a group");
    fill(&back);
    back.actor[0].rows = N_OBS, back.actor[0].cols = 4;
    CHECK_FAILS(mdp_checkpoint_read(path, "diffusion", NULL, 2, back.groups), MDP_E_DATA,
                "expected shape [5, 4], found [4, 5]");
    fill(&back);
    back.groups[0].n = 1;
    CHECK_FAILS(mdp_checkpoint_read(path, "diffusion", NULL, 2, back.groups), MDP_E_DATA,
                "expected 1 tensors, found 2");
    fill(&back);
    back.arrays[1].shape.extent[0] = 7;
    CHECK_FAILS(mdp_checkpoint_read_arrays(path, 2, back.arrays), MDP_E_DATA, "/arrays/replay: expected shape [7, 2]");
    back.arrays[1].name = "absent";
    CHECK_FAILS(mdp_checkpoint_read_arrays(path, 2, back.arrays), MDP_E_DATA, "/arrays/absent: expected a dataset");
}

static void test_refuses_to_write(void) {
    struct sample s;
    const char *path = tap_temp_path("c.h5");
    fill(&s);
    s.weight[7] = NAN;
    CHECK_FAILS(save(path, &s), MDP_E_DATA,
                "/tensors/actor/mid_layer.0.weight: expected finite values, found nan at element 7");
    fill(&s);
    s.replay[3] = INFINITY;
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "/arrays/replay: expected finite values, found inf at element 3");
    fill(&s);
    strcpy(s.info.kind, "thing");
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "found 'thing'");
    fill(&s);
    s.info.normalizer.std[2] = 0;
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "std > 0");
    fill(&s);
    s.info.normalizer.n = N_OBS - 1;
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "/normalizer: expected 5 elements, found 4");
    fill(&s);
    s.info.n_act = 0;
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "/@n_obs and /@n_act");
    fill(&s);
    s.info.head.settings = "[1, 2]";
    CHECK_FAILS(save(path, &s), MDP_E_DATA, "/@settings: expected a JSON object");
    CHECK(!mdp_fsx_exists(path));
}

/* files that only look like checkpoints, made with one thing wrong */
/* rows of zeros, packed: next to nothing in the file */
static void add_zeros(struct mdp_h5 *file, long n_rows) {
    enum { WIDTH = 2048, BLOCK = 64 };
    static const float zeros[BLOCK * WIDTH];
    CHECK_OK(mdp_h5_grow_new(file, "/arrays/zeros", MDP_H5_F32, WIDTH, BLOCK, MDP_H5_COMPRESS));
    for (long i = 0; i < n_rows; i += BLOCK) CHECK_OK(mdp_h5_grow(file, "/arrays/zeros", MDP_H5_F32, BLOCK, zeros));
}

static void make_forgery(const char *path, const char *what) {
    struct mdp_h5 *file;
    const float nan_bias[4] = {0, 1, NAN, 3};
    const double mean[3] = {0, 0, 0};
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_put_text(file, "/", "format", strcmp(what, "format") == 0 ? "other" : "mdpbench-checkpoint"));
    CHECK_OK(mdp_h5_put_int(file, "/", "format_version", strcmp(what, "version") == 0 ? 2 : 1));
    CHECK_OK(mdp_h5_put_text(file, "/", "version", "0"));
    CHECK_OK(mdp_h5_put_text(file, "/", "machine", "m"));
    CHECK_OK(mdp_h5_put_text(file, "/", "settings", strcmp(what, "json") == 0 ? "{\"a\": " : "{}"));
    CHECK_OK(mdp_h5_put_text(file, "/", "inputs", "{}"));
    CHECK_OK(mdp_h5_put_text(file, "/", "kind", strcmp(what, "kind") == 0 ? "a very long kind of file" : "diffusion"));
    CHECK_OK(mdp_h5_put_text(file, "/", "algo", "dql"));
    CHECK_OK(mdp_h5_put_text(file, "/", "task", "t"));
    CHECK_OK(mdp_h5_put_u64(file, "/", "seed", 1));
    if (strcmp(what, "step") != 0) CHECK_OK(mdp_h5_put_int(file, "/", "step", 1));
    CHECK_OK(mdp_h5_put_int(file, "/", "n_obs", strcmp(what, "n_obs") == 0 ? 1000000 : 5));
    CHECK_OK(mdp_h5_put_int(file, "/", "n_act", 2));
    if (strcmp(what, "normalizer") == 0)
        CHECK_OK(mdp_h5_write(file, "/normalizer/mean", MDP_H5_F64, MDP_H5_1D(3), 0, mean));
    if (strcmp(what, "nan") == 0)
        CHECK_OK(mdp_h5_write(file, "/tensors/actor_ema/mid_layer.0.bias", MDP_H5_F32, MDP_H5_1D(4), 0, nan_bias));
    /* 64 MB, and a little more */
    if (strstr(what, "zeros") != NULL) add_zeros(file, strcmp(what, "zeros") == 0 ? 8192 : 8256);
    CHECK_OK(mdp_h5_commit(&file));
}

static void test_forgeries(void) {
    static const char *const cases[][2] = {
        {"format", "/@format: expected mdpbench-checkpoint, found other"},
        {"version", "/@format_version: expected 1, found 2"},
        {"json", "/@settings: expected JSON"},
        {"kind", "/@kind: expected a text below 16 bytes"},
        {"step", "/@step: expected an attribute, found none"},
        {"n_obs", "expected 1 to 1024"},
        {"normalizer", "/normalizer/mean: expected shape [5], found [3]"},
        {"nan", "mid_layer.0.bias: expected finite values, found nan at element 2"},
    };
    struct sample s;
    fill(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_forgery(tap_temp_path("f.h5"), cases[i][0]);
        CHECK_FAILS(mdp_checkpoint_read(tap_temp_path("f.h5"), "diffusion", NULL, 1, &s.groups[1]), MDP_E_DATA,
                    cases[i][1]);
        CHECK_FAILS(mdp_checkpoint_validate(tap_temp_path("f.h5")), MDP_E_DATA, cases[i][1]);
    }
    make_forgery(tap_temp_path("f.h5"), "none");
    CHECK_OK(mdp_checkpoint_validate(tap_temp_path("f.h5")));
}

static void test_damaged_tensor(void) {
    struct sample s;
    char *data;
    size_t size;
    const char *path = tap_temp_path("c.h5");
    int n_refused = 0;
    fill(&s);
    CHECK_OK(save(path, &s));
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &data, &size));
    for (size_t offset = 0; offset < size; offset += 7) {
        data[offset] ^= 1;
        CHECK_OK(mdp_fsx_write(tap_temp_path("bad.h5"), data, size));
        data[offset] ^= 1;
        struct sample back;
        fill(&back);
        memset(back.weight, 0, sizeof back.weight);
        mdp_err err = mdp_checkpoint_read(tap_temp_path("bad.h5"), "diffusion", NULL, 2, back.groups);
        if (err == MDP_OK) CHECK(memcmp(back.weight, s.weight, sizeof s.weight) == 0);
        n_refused += err != MDP_OK;
    }
    CHECK(n_refused > 20);
    free(data);
}

static void test_unreadable(void) {
    struct mdp_checkpoint_info info;
    CHECK_FAILS(mdp_checkpoint_read_info(tap_temp_path("absent.h5"), &info), MDP_E_IO, "absent.h5: cannot open");
    CHECK_OK(mdp_fsx_write(tap_temp_path("t.h5"), "text", 4));
    CHECK_FAILS(mdp_checkpoint_read_info(tap_temp_path("t.h5"), &info), MDP_E_DATA, "expected an HDF5 file");
    struct sample s;
    fill(&s);
    CHECK_FAILS(save(tap_temp_path("t.h5/c.h5"), &s), MDP_E_IO, "Not a directory");
}

/* what a file asks for in memory has a bound: values are checked block by block, and what shrinks too far is refused */
static void test_memory(void) {
    enum { MOST_KB = 48 << 10 };
    struct rusage before, after;
    const char *path = tap_temp_path("zeros.h5");
    char *bytes;
    size_t size;
    make_forgery(path, "zeros");
    CHECK(getrusage(RUSAGE_SELF, &before) == 0);
    CHECK_OK(mdp_checkpoint_validate(path));
    CHECK(getrusage(RUSAGE_SELF, &after) == 0);
    CHECK(after.ru_maxrss - before.ru_maxrss < MOST_KB);
    /* what shrinks so far is looked at whole before it is believed, and costs no more for that */
    make_forgery(path, "more zeros");
    CHECK_OK(mdp_checkpoint_validate(path));
    CHECK(getrusage(RUSAGE_SELF, &after) == 0);
    CHECK(after.ru_maxrss - before.ru_maxrss < MOST_KB);
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &bytes, &size));
    bytes[size / 2] ^= 0x10;
    CHECK_OK(mdp_fsx_write(path, bytes, size));
    free(bytes);
    CHECK_FAILS(mdp_checkpoint_validate(path), MDP_E_DATA, "zeros: cannot read the data: truncated or corrupt?");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trip),    TAP_TEST(test_convolution),
        TAP_TEST(test_strange_names), TAP_TEST(test_without_normalizer),
        TAP_TEST(test_same_bytes),    TAP_TEST(test_list),
        TAP_TEST(test_misfits),       TAP_TEST(test_refuses_to_write),
        TAP_TEST(test_forgeries),     TAP_TEST(test_damaged_tensor),
        TAP_TEST(test_unreadable),    TAP_TEST(test_memory),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
