/* results/h5: what goes in comes out, same bytes, and every kind of broken file is refused with its name. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include "base/fsx.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N_BIG = 200000 };

/* libhdf5 itself loses memory when it gives up on damaged metadata; the leak checker is asked to look past that */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:^H5"; }

static int count_files(const char *folder) {
    int n = 0;
    DIR *stream = opendir(folder);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) n += entry->d_name[0] != '.';
    closedir(stream);
    return n;
}

/* a file with one of everything; big enough that a damaged byte hits data */
static mdp_err write_sample(const char *path) {
    struct mdp_h5 *file = NULL;
    static double big[N_BIG];
    const float f[6] = {1.5f, -2.0f, 0.25f, 3.0f, 1e30f, -0.0f};
    const int64_t i[3] = {INT64_MIN, 0, INT64_MAX};
    const uint8_t u[4] = {0, 1, 254, 255};
    const int8_t flags[3] = {0, 1, 1};
    const double scalar = 0.1;
    for (int k = 0; k < N_BIG; k++) big[k] = sin(k);
    mdp_err err;
    MDP_TRY(mdp_h5_create(path, &file));
    MDP_TRY(mdp_h5_write(file, "a/b/f", MDP_H5_F32, MDP_H5_2D(2, 3), MDP_H5_COMPRESS, f));
    MDP_TRY(mdp_h5_write(file, "i", MDP_H5_I64, MDP_H5_1D(3), MDP_H5_PLAIN, i));
    MDP_TRY(mdp_h5_write(file, "u", MDP_H5_U8, MDP_H5_1D(4), MDP_H5_PLAIN, u));
    MDP_TRY(mdp_h5_write(file, "flags", MDP_H5_BOOL, MDP_H5_1D(3), MDP_H5_PLAIN, flags));
    MDP_TRY(mdp_h5_write(file, "scalar", MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &scalar));
    MDP_TRY(mdp_h5_write(file, "none", MDP_H5_F64, MDP_H5_2D(0, 3), MDP_H5_PLAIN, &scalar));
    MDP_TRY(mdp_h5_write(file, "big", MDP_H5_F64, MDP_H5_1D(N_BIG), MDP_H5_PLAIN, big));
    MDP_TRY(mdp_h5_write_text(file, "meta/word", "h\xc3\xa9llo"));
    MDP_TRY(mdp_h5_put_text(file, "/", "title", "a title"));
    MDP_TRY(mdp_h5_put_text(file, "/", "empty", ""));
    MDP_TRY(mdp_h5_put_u64(file, "a/b", "seed", UINT64_MAX));
    MDP_TRY(mdp_h5_put_int(file, "a/b/f", "step", -7));
    MDP_TRY(mdp_h5_put_real(file, "a", "x", 0.1));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    return err;
}

static void test_round_trip(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file;
    float f[6];
    int64_t i[3];
    uint8_t u[4], flags[3];
    double scalar, none[1];
    char *text;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_read(file, "a/b/f", MDP_H5_F32, MDP_H5_2D(2, 3), f));
    CHECK(f[0] == 1.5f && f[4] == 1e30f && f[5] == 0 && signbit(f[5]));
    CHECK_OK(mdp_h5_read(file, "i", MDP_H5_I64, MDP_H5_1D(3), i));
    CHECK(i[0] == INT64_MIN && i[2] == INT64_MAX);
    CHECK_OK(mdp_h5_read(file, "u", MDP_H5_U8, MDP_H5_1D(4), u));
    CHECK_INT(u[3], 255);
    CHECK_OK(mdp_h5_read(file, "flags", MDP_H5_U8, MDP_H5_1D(3), flags));
    CHECK(flags[0] == 0 && flags[1] == 1 && flags[2] == 1);
    CHECK_OK(mdp_h5_read(file, "scalar", MDP_H5_F64, MDP_H5_SCALAR, &scalar));
    CHECK(scalar == 0.1);
    CHECK_OK(mdp_h5_read(file, "none", MDP_H5_F64, MDP_H5_2D(0, 3), none));
    CHECK_OK(mdp_h5_read_text(file, "meta/word", &text));
    CHECK_STR(text, "h\xc3\xa9llo");
    free(text);
    mdp_h5_close(file);
}

static void test_attributes(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file;
    char title[32], tiny[4];
    uint64_t seed;
    int64_t step, wrong;
    double x;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_attr_text(file, "/", "title", title, sizeof title));
    CHECK_STR(title, "a title");
    CHECK_OK(mdp_h5_attr_text(file, "/", "empty", title, sizeof title));
    CHECK_STR(title, "");
    CHECK_OK(mdp_h5_attr_u64(file, "a/b", "seed", &seed));
    CHECK(seed == UINT64_MAX);
    CHECK_OK(mdp_h5_attr_int(file, "a/b/f", "step", &step));
    CHECK_INT(step, -7);
    CHECK_OK(mdp_h5_attr_real(file, "a", "x", &x));
    CHECK(x == 0.1);
    CHECK(mdp_h5_attr_exists(file, "a", "x") && !mdp_h5_attr_exists(file, "a", "y"));
    CHECK_FAILS(mdp_h5_attr_text(file, "/", "title", tiny, sizeof tiny), MDP_E_DATA, "below 4 bytes, found 7");
    CHECK_FAILS(mdp_h5_attr_int(file, "a", "x", &wrong), MDP_E_DATA, "a@x: expected integers, found float64");
    CHECK_FAILS(mdp_h5_attr_real(file, "/", "title", &x), MDP_E_DATA, "expected numbers, found text");
    CHECK_FAILS(mdp_h5_attr_real(file, "a", "y", &x), MDP_E_DATA, "a@y: expected an attribute, found none");
    CHECK_FAILS(mdp_h5_attr_real(file, "zz", "y", &x), MDP_E_DATA, "zz: expected an object, found none");
    /* a seed beyond int64 must not come back as another number */
    CHECK_FAILS(mdp_h5_attr_int(file, "a/b", "seed", &wrong), MDP_E_DATA, "a/b@seed");
    CHECK_FAILS(mdp_h5_attr_u64(file, "a/b/f", "step", &seed), MDP_E_DATA, "a/b/f@step");
    mdp_h5_close(file);
}

static void test_lists_and_shapes(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file;
    struct mdp_h5_child *children;
    struct mdp_h5_shape shape;
    int n;
    char type[16];
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_list(file, "/", &children, &n));
    CHECK_INT(n, 8);
    CHECK_STR(children[0].name, "a");
    CHECK(children[0].is_group && !children[1].is_group);
    CHECK_STR(children[7].name, "u");
    free(children);
    CHECK_OK(mdp_h5_shape(file, "a/b/f", &shape));
    CHECK(shape.rank == 2 && shape.extent[0] == 2 && shape.extent[1] == 3 && mdp_h5_count(&shape) == 6);
    CHECK_OK(mdp_h5_type_text(file, "a/b/f", type));
    CHECK_STR(type, "float32");
    CHECK_OK(mdp_h5_type_text(file, "flags", type));
    CHECK_STR(type, "bool");
    CHECK(mdp_h5_exists(file, "a/b") && !mdp_h5_exists(file, "a/c/d"));
    CHECK_FAILS(mdp_h5_list(file, "i", &children, &n), MDP_E_DATA, "i: expected a group, found a dataset");
    CHECK_FAILS(mdp_h5_shape(file, "a", &shape), MDP_E_DATA, "a: expected a dataset, found a group");
    CHECK_FAILS(mdp_h5_shape(file, "q", &shape), MDP_E_DATA, "q: expected a dataset, found none");
    CHECK_FAILS(mdp_h5_shape(file, "meta/word", &shape), MDP_E_DATA, "expected numbers, found text");
    mdp_h5_close(file);
}

static void test_refuses_wrong_shapes_and_lossy_types(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file;
    float f[6];
    int32_t i[3];
    uint8_t u[6];
    void *any;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_FAILS(mdp_h5_read(file, "a/b/f", MDP_H5_F32, MDP_H5_2D(3, 2), f), MDP_E_DATA, "shape [3, 2], found [2, 3]");
    CHECK_FAILS(mdp_h5_read(file, "a/b/f", MDP_H5_F32, MDP_H5_1D(6), f), MDP_E_DATA, "shape [6], found [2, 3]");
    CHECK_FAILS(mdp_h5_read_new(file, "a/b/f", MDP_H5_F32, MDP_H5_2D(-1, 4), NULL, &any), MDP_E_DATA, "[any, 4]");
    CHECK_FAILS(mdp_h5_read(file, "i", MDP_H5_I32, MDP_H5_1D(3), i), MDP_E_DATA, "integers of 32 bits");
    CHECK_FAILS(mdp_h5_read(file, "a/b/f", MDP_H5_U8, MDP_H5_2D(2, 3), u), MDP_E_DATA, "8 bits, found 1.5 at row 0");
    CHECK_FAILS(mdp_h5_read_rows(file, "i", MDP_H5_I64, 2, 2, f), MDP_E_DATA, "rows 2 to 4, found 3 rows");
    mdp_h5_close(file);
}

static void test_rows_and_growing(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file = NULL;
    double block[10][3], back[7][3];
    for (int k = 0; k < 30; k++) block[k / 3][k % 3] = k;
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_grow_new(file, "g/x", MDP_H5_F64, 3, 4, MDP_H5_COMPRESS));
    CHECK_OK(mdp_h5_grow_new(file, "g/y", MDP_H5_F64, 0, 4, MDP_H5_PLAIN));
    CHECK_OK(mdp_h5_grow(file, "g/x", MDP_H5_F64, 4, block));
    CHECK_OK(mdp_h5_grow(file, "g/x", MDP_H5_F64, 6, block[4]));
    CHECK_OK(mdp_h5_grow(file, "g/x", MDP_H5_F64, 0, block));
    CHECK_OK(mdp_h5_grow(file, "g/y", MDP_H5_F64, 5, block));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK(file == NULL);
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_expect(file, "g/x", MDP_H5_2D(10, 3)));
    CHECK_OK(mdp_h5_expect(file, "g/y", MDP_H5_1D(5)));
    CHECK_OK(mdp_h5_read_rows(file, "g/x", MDP_H5_F64, 3, 7, back));
    CHECK(memcmp(back, block[3], sizeof back) == 0);
    mdp_h5_close(file);
}

static void test_same_bytes(void) {
    uint64_t first, second;
    CHECK_OK(write_sample(tap_temp_path("x.h5")));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("x.h5"), &first));
    sleep(1);
    CHECK_OK(write_sample(tap_temp_path("y.h5")));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("y.h5"), &second));
    CHECK(first == second);
}

static void test_files_that_are_none(void) {
    struct mdp_h5 *file;
    char folder[MDP_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", tap_temp_dir());
    CHECK_FAILS(mdp_h5_open(tap_temp_path("absent.h5"), &file), MDP_E_IO, "absent.h5: cannot open: No such file");
    CHECK(file == NULL);
    CHECK_FAILS(mdp_h5_open(folder, &file), MDP_E_IO, "expected a file, found a folder");
    CHECK_FAILS(mdp_h5_open("/dev/null", &file), MDP_E_IO, "expected a regular file");
    CHECK_OK(mdp_fsx_write(tap_temp_path("empty.h5"), "", 0));
    CHECK_FAILS(mdp_h5_open(tap_temp_path("empty.h5"), &file), MDP_E_DATA, "found an empty file");
    CHECK_OK(mdp_fsx_write(tap_temp_path("text.h5"), "hello, this is no HDF5 file\n", 28));
    CHECK_FAILS(mdp_h5_open(tap_temp_path("text.h5"), &file), MDP_E_DATA,
                "text.h5: expected an HDF5 file, found a text");
}

static void test_truncated_at_every_length(void) {
    const char *path = tap_temp_path("x.h5"), *cut = tap_temp_path("cut.h5");
    struct mdp_h5 *file = NULL;
    char *data;
    size_t size;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &data, &size));
    for (size_t keep = 1; keep < size; keep = keep * 3 / 2 + 1) {
        CHECK_OK(mdp_fsx_write(cut, data, keep));
        CHECK_FAILS(mdp_h5_open(cut, &file), MDP_E_DATA, "cut.h5: ");
    }
    CHECK_OK(mdp_fsx_write(cut, data, size - 1));
    CHECK_FAILS(mdp_h5_open(cut, &file), MDP_E_DATA, "truncated or corrupt?");
    free(data);
}

/* one flipped bit in the data area must be seen by the checksum, wherever it is */
static void test_damaged_data(void) {
    const char *path = tap_temp_path("x.h5"), *bad = tap_temp_path("bad.h5");
    struct mdp_h5 *file;
    static double big[N_BIG];
    char *data;
    size_t size;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &data, &size));
    for (int k = 1; k < 10; k++) {
        size_t offset = size * (size_t)k / 10;
        data[offset] ^= 16;
        CHECK_OK(mdp_fsx_write(bad, data, size));
        data[offset] ^= 16;
        CHECK_OK(mdp_h5_open(bad, &file));
        CHECK_FAILS(mdp_h5_read(file, "big", MDP_H5_F64, MDP_H5_1D(N_BIG), big), MDP_E_DATA,
                    "big: cannot read the data");
        /* HDF5 1.10 names Fletcher32, 1.14 the filter */
        CHECK(strstr(mdp_err_message(), "Fletcher32") != NULL || strstr(mdp_err_message(), "filter") != NULL);
        mdp_h5_close(file);
    }
    free(data);
}

static void read_everything(const char *path) {
    static const char *const names[] = {"a/b/f", "i", "u", "flags", "scalar", "none", "big"};
    struct mdp_h5 *file;
    char title[32], *word;
    void *any;
    if (mdp_h5_open(path, &file) != MDP_OK) return;
    for (int i = 0; i < 7; i++)
        if (mdp_h5_read_new(file, names[i], MDP_H5_F64, NULL, NULL, &any) == MDP_OK) free(any);
    if (mdp_h5_attr_text(file, "/", "title", title, sizeof title) == MDP_OK) CHECK_STR(title, "a title");
    if (mdp_h5_read_text(file, "meta/word", &word) == MDP_OK) {
        CHECK_STR(word, "h\xc3\xa9llo");
        free(word);
    }
    mdp_h5_close(file);
}

/* the children of this process: the one that looks at files first */
static int n_children_killed(void) {
    char path[64];
    int n = 0;
    long pid;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "r");
    if (file == NULL) SKIP("no list of children under /proc");
    while (fscanf(file, "%ld", &pid) == 1) n += kill((pid_t)pid, SIGKILL) == 0;
    fclose(file);
    return n;
}

/* one process looks at file after file; whatever happens to it, a sound file is taken */
static void test_looked_at_first(void) {
    const char *path = tap_temp_path("x.h5");
    struct mdp_h5 *file;
    int status;
    CHECK_OK(write_sample(path));
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 5; k++) {
            CHECK_OK(mdp_h5_open(path, &file));
            mdp_h5_close(file);
        }
        CHECK_INT(n_children_killed(), 1);
    }
    /* a fork has one of its own, in its own folder */
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(chdir(tap_temp_dir()) == 0 && mdp_h5_open("x.h5", &file) == MDP_OK ? 0 : 1);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK(chdir(tap_temp_dir()) == 0);
    mdp_h5_close(file);
    CHECK_OK(mdp_h5_open("x.h5", &file));
    mdp_h5_close(file);
}

/* a file of the oldest format, without checksums, whose damage libhdf5 may or may not survive: it is taken or refused,
 * and never spoils what is said of the sound files before and after it */
static void test_damage_spoils_no_other(void) {
    const char *golden = tap_reference("stats/tails.h5"), *bad = tap_temp_path("bad.h5");
    struct mdp_h5 *file;
    char *bytes;
    size_t size;
    int n_refused = 0;
    if (golden == NULL) SKIP("no stats/tails.h5");
    CHECK_OK(mdp_fsx_read(golden, 1 << 24, &bytes, &size));
    for (size_t offset = 0; offset < 4096; offset += 256) {
        char kept = bytes[offset];
        bytes[offset] = (char)~kept;
        CHECK_OK(mdp_fsx_write(bad, bytes, size));
        bytes[offset] = kept;
        mdp_err err = mdp_h5_open(bad, &file);
        CHECK(err == MDP_OK || (err == MDP_E_DATA && strstr(mdp_err_message(), "bad.h5") != NULL));
        n_refused += err != MDP_OK;
        mdp_h5_close(file);
        CHECK_OK(mdp_h5_open(golden, &file));
        mdp_h5_close(file);
    }
    CHECK(n_refused > 0);
    free(bytes);
}

/* metadata: every ninth byte of the first part of the file, one after another, so that each byte of an aligned number
 * has its turn; a wrong title must never be handed out */
static void test_damaged_metadata(void) {
    const char *path = tap_temp_path("x.h5"), *bad = tap_temp_path("bad.h5");
    char *data;
    size_t size;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &data, &size));
    int fd = open(bad, O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t offset = 0; offset < 2000; offset += 9) {
        char flipped = (char)(data[offset] ^ 32);
        CHECK(pwrite(fd, &flipped, 1, (off_t)offset) == 1);
        read_everything(bad);
        CHECK(pwrite(fd, &data[offset], 1, (off_t)offset) == 1);
    }
    close(fd);
    free(data);
}

/* one damaged byte of the metadata must not make an object or attribute vanish: it would pass for one left out. every
 * fifth byte, so that each byte of an aligned number and each of the checksummed parts is hit many times */
static void test_damage_hides_nothing(void) {
    static const char *const names[] = {"a", "a/b/f", "i", "u", "flags", "scalar", "meta/word"};
    const char *path = tap_temp_path("x.h5"), *bad = tap_temp_path("bad.h5");
    char *data;
    size_t size;
    int n_opened = 0, n_hidden = 0;
    CHECK_OK(write_sample(path));
    CHECK_OK(mdp_fsx_read(path, 1 << 24, &data, &size));
    int fd = open(bad, O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t offset = 0; offset < 4000; offset += 5) {
        struct mdp_h5 *file;
        char flipped = (char)(data[offset] ^ 1);
        CHECK(pwrite(fd, &flipped, 1, (off_t)offset) == 1);
        if (mdp_h5_open(bad, &file) == MDP_OK) {
            n_opened++;
            for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) n_hidden += !mdp_h5_exists(file, names[k]);
            n_hidden += !mdp_h5_attr_exists(file, "/", "title") + !mdp_h5_attr_exists(file, "a", "x");
            mdp_h5_close(file);
        }
        CHECK(pwrite(fd, &data[offset], 1, (off_t)offset) == 1);
    }
    CHECK(n_opened > 200);
    CHECK_INT(n_hidden, 0);
    close(fd);
    free(data);
}

static void test_cannot_create(void) {
    struct mdp_h5 *file;
    CHECK_OK(mdp_fsx_write(tap_temp_path("plain"), "x", 1));
    CHECK_FAILS(mdp_h5_create(tap_temp_path("plain/x.h5"), &file), MDP_E_IO,
                "plain/x.h5: cannot create: Not a directory");
    CHECK_FAILS(mdp_h5_create(tap_temp_path("none/x.h5"), &file), MDP_E_IO, "none/x.h5: cannot create: No such file");
    CHECK(file == NULL);
    CHECK_FAILS(mdp_h5_create(tap_temp_dir(), &file), MDP_E_IO, "found a folder");
    CHECK_INT(count_files(tap_temp_dir()), 1);
}

static void test_read_only_folder(void) {
    struct mdp_h5 *file;
    if (geteuid() == 0) SKIP("root writes everywhere");
    CHECK(mkdir(tap_temp_path("locked"), 0555) == 0);
    CHECK_FAILS(mdp_h5_create(tap_temp_path("locked/x.h5"), &file), MDP_E_IO, "cannot create: Permission denied");
}

/* a limit on the file size fails like a full disk; the old file must survive, the new one must leave nothing */
static void test_disk_full(void) {
    static const rlim_t limits[] = {0, 50, 700, 3000, 100000, 1000000, 1600000};
    const char *path = tap_temp_path("x.h5");
    CHECK_OK(mdp_fsx_write(path, "old", 3));
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit = {limits[i], RLIM_INFINITY};
        CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        mdp_err err = write_sample(path);
        limit.rlim_cur = RLIM_INFINITY;
        CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        CHECK_FAILS(err, MDP_E_IO, "x.h5: ");
        CHECK(strstr(mdp_err_message(), "File too large") != NULL);
        CHECK_INT(count_files(tap_temp_dir()), 1);
    }
    CHECK_OK(write_sample(path));
}

/* killed before publication: nothing under the final name */
static void test_killed_while_writing(void) {
    const char *path = tap_temp_path("x.h5");
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct mdp_h5 *file;
        static double big[N_BIG];
        if (mdp_h5_create(path, &file) != MDP_OK) _exit(1);
        if (mdp_h5_write(file, "big", MDP_H5_F64, MDP_H5_1D(N_BIG), MDP_H5_PLAIN, big) != MDP_OK) _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    CHECK(!mdp_fsx_exists(path));
}

static void test_discard(void) {
    struct mdp_h5 *file;
    double x = 1;
    CHECK_OK(mdp_h5_create(tap_temp_path("x.h5"), &file));
    CHECK_OK(mdp_h5_write(file, "x", MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &x));
    mdp_h5_close(file);
    CHECK_INT(count_files(tap_temp_dir()), 0);
    mdp_h5_close(NULL);
}

/* the same name twice is a mistake of the caller; the file must not be published */
static void test_written_twice(void) {
    struct mdp_h5 *file;
    double x = 1;
    CHECK_OK(mdp_h5_create(tap_temp_path("x.h5"), &file));
    CHECK_OK(mdp_h5_write(file, "x", MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &x));
    CHECK_FAILS(mdp_h5_write(file, "x", MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &x), MDP_E_IO, "x: cannot write");
    CHECK_FAILS(mdp_h5_commit(&file), MDP_E_IO, "not published");
    CHECK_INT(count_files(tap_temp_dir()), 0);
}

/* walks a whole foreign file: classic format, variable-length texts, gzip, scalars, small integers */
static void walk(struct mdp_h5 *file, const char *group, int *n_datasets) {
    struct mdp_h5_child *children;
    int n;
    CHECK_OK(mdp_h5_list(file, group, &children, &n));
    for (int i = 0; i < n; i++) {
        char name[2 * MDP_H5_NAME_MAX + 4];
        double *values;
        snprintf(name, sizeof name, "%s/%s", strcmp(group, "/") == 0 ? "" : group, children[i].name);
        if (children[i].is_group) {
            walk(file, name, n_datasets);
            continue;
        }
        CHECK_OK(mdp_h5_read_new(file, name, MDP_H5_F64, NULL, NULL, &values));
        free(values);
        (*n_datasets)++;
    }
    free(children);
}

static void test_reads_reference_files(void) {
    static const char *const names[] = {
        "algos/golden/dataset.h5",         "algos/golden/units.h5",      "algos/golden/schedule.h5",
        "algos/golden/dql_small_o17a6.h5", "stats/quantile.h5",          "stats/bootstrap.h5",
        "envs/walker2d_bullet.h5",         "envs/halfcheetah_bullet.h5",
    };
    int n_files = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = tap_reference(names[i]);
        struct mdp_h5 *file;
        int n_datasets = 0;
        if (path == NULL) continue;
        CHECK_OK(mdp_h5_open(path, &file));
        walk(file, "/", &n_datasets);
        CHECK(n_datasets >= 10);
        mdp_h5_close(file);
        n_files++;
    }
    if (n_files == 0) SKIP("no reference files");
}

static void test_reads_reference_attributes(void) {
    const char *path = tap_reference("envs/walker2d_bullet.h5");
    struct mdp_h5 *file;
    char text[64];
    double amp[3];
    int64_t steps;
    if (path == NULL) SKIP("no envs/walker2d_bullet.h5");
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_OK(mdp_h5_attr_text(file, "/", "env_id", text, sizeof text));
    CHECK_STR(text, "Walker2DBulletEnv-v0");
    CHECK_OK(mdp_h5_attr_int(file, "/", "max_episode_steps", &steps));
    CHECK_INT(steps, 1000);
    for (int i = 0; i < 6; i++) {
        char group[16];
        long n;
        snprintf(group, sizeof group, "ep_%02d", i);
        if (!mdp_h5_attr_exists(file, group, "sin_amp_freq_phase")) continue;
        CHECK_OK(mdp_h5_attr_array(file, group, "sin_amp_freq_phase", MDP_H5_F64, 3, amp, &n));
        CHECK_INT(n, 3);
    }
    mdp_h5_close(file);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trip),
        TAP_TEST(test_attributes),
        TAP_TEST(test_lists_and_shapes),
        TAP_TEST(test_refuses_wrong_shapes_and_lossy_types),
        TAP_TEST(test_rows_and_growing),
        TAP_TEST(test_same_bytes),
        TAP_TEST(test_files_that_are_none),
        TAP_TEST(test_truncated_at_every_length),
        TAP_TEST(test_damaged_data),
        TAP_TEST(test_damaged_metadata),
        TAP_TEST(test_damage_hides_nothing),
        TAP_TEST(test_looked_at_first),
        TAP_TEST(test_damage_spoils_no_other),
        TAP_TEST(test_cannot_create),
        TAP_TEST(test_read_only_folder),
        TAP_TEST(test_disk_full),
        TAP_TEST(test_killed_while_writing),
        TAP_TEST(test_discard),
        TAP_TEST(test_written_twice),
        TAP_TEST(test_reads_reference_files),
        TAP_TEST(test_reads_reference_attributes),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
