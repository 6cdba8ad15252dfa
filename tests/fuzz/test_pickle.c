/* damaged and invented files of tensors: PyTorch's two formats, the pickles in them, and safetensors. whatever is in a
 * file, reading, inspecting and importing it end with its tensors or with a message, soon and within its memory. */
#include <inttypes.h>

#include "bench/exchange/foreign.h"
#include "bench/exchange/import.h"
#include "results/tensors/open.h"
#include "results/tensors/safetensors.h"
#include "tests/fuzz/damage.h"
#include "tests/torch_builder.h"

/* samples are small, so reading them takes little: most of this is the program itself */
#if defined(__SANITIZE_ADDRESS__)
enum { MEGABYTES = 1000 };
#else
enum { MEGABYTES = 200 };
#endif

enum { STORAGES = 12, TENSORS = 12 };

/* ---- valid files ---- */

static void copy_sample(const char *name, const char *path) {
    char relative[128], *bytes;
    size_t size;
    snprintf(relative, sizeof relative, "algos/checkpoints/%s", name);
    const char *sample = tap_reference(relative);
    if (sample == NULL) SKIP("no sample checkpoints");
    CHECK_OK(mdp_fsx_read(sample, FILE_BYTES_MAX, &bytes, &size));
    write_bytes(path, bytes, size);
    free(bytes);
}

static void make_zip(const char *path) { copy_sample("tiny_zip_format.pt", path); }
static void make_legacy(const char *path) { copy_sample("tiny_legacy_format.pt", path); }

/* a small DQL denoiser: names and numbers of its parameters */
static struct mdp_diffusion *denoiser(void) {
    static struct mdp_diffusion *diffusion;
    struct mdp_diffusion_config config;
    mdp_diffusion_defaults(&config, 3, 6);
    config.n_emb = 4;
    config.n_hidden = 8;
    CHECK_OK(mdp_diffusion_new(&config, 1, &diffusion));
    return diffusion;
}

/* the parameters of "model" and "model_ema" as files of others name them; returns how many */
static int list_tensors(struct mdp_tensor tensors[2 * TENSORS], char names[2 * TENSORS][MDP_STORED_NAME_MAX]) {
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    int n = 0, n_groups = mdp_diffusion_groups(denoiser(), groups);
    for (int i = 0; i < n_groups; i++)
        for (int j = 0; j < groups[i].n && !groups[i].is_optimizer; j++, n++) {
            CHECK(n < 2 * TENSORS);
            tensors[n] = groups[i].tensors[j];
            mdp_foreign_name("diffusion", groups[i].name, tensors[n].name, names[n]);
        }
    return n;
}

static void make_safetensors(const char *path) {
    static struct mdp_tensor tensors[2 * TENSORS];
    static char names[2 * TENSORS][MDP_STORED_NAME_MAX];
    long extents[2 * TENSORS][2];
    struct mdp_safetensors_item items[2 * TENSORS];
    int n = list_tensors(tensors, names);
    char *bytes;
    size_t size;
    for (int i = 0; i < n; i++) {
        extents[i][0] = tensors[i].rows;
        extents[i][1] = tensors[i].cols;
        items[i] = (struct mdp_safetensors_item){names[i], tensors[i].rank, extents[i], tensors[i].data};
    }
    json_t *metadata = json_pack("{s:s}", "step", "400");
    CHECK_OK(mdp_safetensors_encode(n, items, metadata, &bytes, &size));
    write_bytes(path, bytes, size);
    json_decref(metadata);
    free(bytes);
}

/* the pickle of such a denoiser's tensors: all that write_archive puts a file around */
static void make_pickle(const char *path) {
    static struct mdp_tensor tensors[2 * TENSORS];
    static char names[2 * TENSORS][MDP_STORED_NAME_MAX];
    struct made pickle = dict_begin();
    int n = list_tensors(tensors, names);
    for (int i = 0; i < n; i++) {
        char key[8];
        const struct mdp_tensor *tensor = &tensors[i];
        snprintf(key, sizeof key, "%d", i % STORAGES);
        op_text(&pickle, names[i]);
        op_tensor(&pickle, &(struct made_tensor){"FloatStorage",
                                                 key,
                                                 128,
                                                 0,
                                                 tensor->rank,
                                                 {tensor->rows, tensor->cols},
                                                 {tensor->rank == 2 ? tensor->cols : 1, 1},
                                                 0});
    }
    dict_end(&pickle);
    write_bytes(path, pickle.data, pickle.n);
}

/* an archive with right checksums around a pickle that may be anything, and storages of 128 floats */
static void write_archive(const char *path, const void *bytes, size_t size) {
    static const float zeros[128];
    struct made_zip zip = {.n = 0};
    zip_add(&zip, "x/data.pkl", bytes, size);
    for (int i = 0; i < STORAGES; i++) {
        char name[32];
        snprintf(name, sizeof name, "x/data/%d", i);
        zip_add(&zip, name, zeros, sizeof zeros);
    }
    struct made made = zip_end(&zip, 0);
    write_bytes(path, made.data, made.n);
    made_free_all();
}

/* ---- other changes than damage ---- */

/* sizes, strides, offsets and counts of make_pickle, one to four of them, become numbers at an edge */
static size_t change_numbers(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const int64_t numbers[] = {0,   1,   -1,        2,         7,         8,         127,      128,
                                      129, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1L << 31, 1L << 61};
    int n = 1 + (int)mdp_rng_below(rng, 4);
    for (int tries = 0; n > 0 && tries < 10000; tries++) {
        size_t offset = mdp_rng_below(rng, (uint32_t)size - 10);
        if (bytes[offset] != 0x8a || bytes[offset + 1] != 8) continue;
        int64_t number = numbers[mdp_rng_below(rng, sizeof numbers / sizeof *numbers)];
        for (int i = 0; i < 8; i++) bytes[offset + 2 + (size_t)i] = (unsigned char)((uint64_t)number >> 8 * i);
        n--;
    }
    return size;
}

/* a program that is being made up: how many values lie above each mark */
struct program {
    unsigned char *bytes;
    size_t n, size;
    int level, above[16];
};

static void add_op(struct program *p, const char *text, size_t length, int n_pops, int n_pushes) {
    if (p->n + length + 64 > p->size || p->above[p->level] < n_pops) return;
    memcpy(p->bytes + p->n, text, length);
    p->n += length;
    p->above[p->level] += n_pushes - n_pops;
}

/* ops that close a mark leave `n_pushes` values under it */
static void close_mark(struct program *p, char op, int n_pushes) {
    if (p->level == 0 || p->above[p->level - 1] + n_pushes < 1) return;
    p->bytes[p->n++] = (unsigned char)op;
    p->above[--p->level] += n_pushes;
}

/* opcodes with operands enough for them, and names and numbers that mean something */
static void add_random_op(struct program *p, struct mdp_rng *rng) {
#define OP(text, n_pops, n_pushes)                                                                                     \
    { text, sizeof text - 1, n_pops, n_pushes }
    static const struct {
        const char *text;
        size_t length;
        int n_pops, n_pushes;
    } ops[] = {
        OP("N", 0, 1),
        OP("\x88", 0, 1),
        OP("K\x00", 0, 1),
        OP("K\x01", 0, 1),
        OP("K\x80", 0, 1),
        OP("M\x00\x01", 0, 1),
        OP("J\xff\xff\xff\xff", 0, 1),
        OP("G?\xf0\0\0\0\0\0\0", 0, 1),
        OP("X\x01\0\0\0a", 0, 1),
        OP("X\x01\0\0\0b", 0, 1),
        OP("\x8c\x01"
           "0",
           0, 1),
        OP("X\x07\0\0\0storage", 0, 1),
        OP("}", 0, 1),
        OP("}", 0, 1),
        OP("]", 0, 1),
        OP(")", 0, 1),
        OP("\x85", 1, 1),
        OP("\x86", 2, 1),
        OP("\x87", 3, 1),
        OP("s", 3, 1),
        OP("a", 2, 1),
        OP("q\x00", 1, 1),
        OP("q\x01", 1, 1),
        OP("r\x10\0\0\0", 1, 1),
        OP("h\x00", 0, 1),
        OP("h\x01", 0, 1),
        OP("j\x10\0\0\0", 0, 1),
        OP("\x94", 1, 1),
        OP("ccollections\nOrderedDict\n)R", 0, 1),
        OP("ccollections\nOrderedDict\n", 0, 1),
        OP("ctorch\nFloatStorage\n", 0, 1),
        OP("ctorch._utils\n_rebuild_tensor_v2\n", 0, 1),
        OP("R", 2, 1),
        OP("b", 2, 1),
        OP("Q", 1, 1),
        OP("cos\nsystem\n", 0, 1),
        /* a tensor, and one whose strides are whatever there is */
        OP("ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
           "0NK\x80tQK\x00K\x80\x85K\x01\x85\x89)tR",
           0, 1),
        OP("ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
           "0NK\x80tQK\x00h\x00h\x01\x89)tR",
           0, 1),
    };
#undef OP
    uint32_t which = mdp_rng_below(rng, sizeof ops / sizeof *ops + 4);
    if (which < sizeof ops / sizeof *ops) {
        add_op(p, ops[which].text, ops[which].length, ops[which].n_pops, ops[which].n_pushes);
    } else if (which % 4 == 0 && p->level < 15) {
        p->bytes[p->n++] = '(';
        p->above[++p->level] = 0;
    } else {
        close_mark(p, "tue"[which % 3], which % 3 == 0 ? 1 : 0);
    }
}

/* {"a": whatever comes out}; the start fills the memory, so that a GET finds something */
static size_t invent_pickle(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const char start[] = "}X\x01\0\0\0a(K\x01q\x01K\x02\x85q\x00]r\x10\0\0\0t";
    struct program p = {.bytes = bytes, .size = size};
    add_op(&p, start, sizeof start - 1, 0, 1);
    int n_ops = 1 + (int)mdp_rng_below(rng, 40);
    for (int i = 0; i < n_ops && p.n + 200 < size; i++) add_random_op(&p, rng);
    while (p.level > 0) close_mark(&p, 't', 1);
    while (p.above[0] > 1) add_op(&p, "\x86", 1, 2, 1);
    add_op(&p, "s.", 2, 1, 0);
    return p.n;
}

/* ---- loaders ---- */

static mdp_err load_tensors(const char *path) {
    struct mdp_tensor_file *file;
    mdp_err err = mdp_tensor_file_open(path, &file);
    if (err != MDP_OK) return err;
    for (int i = 0; i < file->n && err == MDP_OK; i++) {
        double *values = malloc((size_t)file->tensors[i].n * sizeof *values + 1);
        CHECK(values != NULL);
        err = mdp_tensor_file_read(file, &file->tensors[i], values);
        if (err == MDP_OK) digest_add(values, (size_t)file->tensors[i].n * sizeof *values);
        free(values);
    }
    mdp_tensor_file_free(file);
    return err;
}

/* damage may make a name look like one that says less: what is then asked for is a refusal like any other */
static mdp_err load_policy(const char *path) {
    const struct mdp_import import = {"walker2d-medium", "dql", NULL, "none", tap_temp_path("out"), -1, 1, 0, 0, NULL};
    char *files[] = {(char *)path};
    fflush(stdout);
    int null = open("/dev/null", O_WRONLY), kept = dup(STDOUT_FILENO);
    CHECK(null >= 0 && kept >= 0 && dup2(null, STDOUT_FILENO) == STDOUT_FILENO);
    mdp_err err = mdp_import_files(&import, 1, files, stdout);
    fflush(stdout);
    CHECK(dup2(kept, STDOUT_FILENO) == STDOUT_FILENO);
    close(null);
    close(kept);
    (void)unlink(tap_temp_path("out/step000001.diffusion.h5"));
    return err == MDP_E_USAGE ? MDP_E_DATA : err;
}

static void test_zip(void) {
    fuzz(&(const struct kind){
        .name = "zip", .make = make_zip, .load = load_tensors, .suffix = ".pt", .megabytes = MEGABYTES});
}

static void test_legacy(void) {
    fuzz(&(const struct kind){
        .name = "legacy", .make = make_legacy, .load = load_tensors, .suffix = ".pt", .megabytes = MEGABYTES});
}

static void test_pickle(void) {
    fuzz(&(const struct kind){.name = "pickle",
                              .make = make_pickle,
                              .load = load_tensors,
                              .suffix = ".pt",
                              .write = write_archive,
                              .megabytes = MEGABYTES});
}

static void test_numbers(void) {
    fuzz(&(const struct kind){.name = "numbers",
                              .make = make_pickle,
                              .load = load_tensors,
                              .suffix = ".pt",
                              .write = write_archive,
                              .change = change_numbers,
                              .megabytes = MEGABYTES});
}

static void test_invented(void) {
    fuzz(&(const struct kind){.name = "invented",
                              .make = make_pickle,
                              .load = load_tensors,
                              .suffix = ".pt",
                              .write = write_archive,
                              .change = invent_pickle,
                              .megabytes = MEGABYTES});
}

static void test_safetensors(void) {
    fuzz(&(const struct kind){.name = "safetensors",
                              .make = make_safetensors,
                              .load = load_tensors,
                              .suffix = ".safetensors",
                              .megabytes = MEGABYTES});
}

static void test_import_pickle(void) {
    fuzz(&(const struct kind){.name = "import of a pickle",
                              .make = make_pickle,
                              .load = load_policy,
                              .suffix = ".pt",
                              .write = write_archive,
                              .megabytes = MEGABYTES});
}

static void test_import_safetensors(void) {
    fuzz(&(const struct kind){.name = "import of safetensors",
                              .make = make_safetensors,
                              .load = load_policy,
                              .suffix = ".safetensors",
                              .megabytes = MEGABYTES});
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST_LIMIT(test_zip, 600),           TAP_TEST_LIMIT(test_legacy, 600),
        TAP_TEST_LIMIT(test_pickle, 600),        TAP_TEST_LIMIT(test_invented, 600),
        TAP_TEST_LIMIT(test_numbers, 600),       TAP_TEST_LIMIT(test_safetensors, 600),
        TAP_TEST_LIMIT(test_import_pickle, 600), TAP_TEST_LIMIT(test_import_safetensors, 600),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
