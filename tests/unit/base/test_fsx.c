/* files that appear whole or not at all. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_kind.h"
#include "base/fsx.h"
#include "tests/tap.h"

/* a path inside this test's folder */
static int count_entries(const char *folder) {
    DIR *open_folder = opendir(folder);
    int n = 0;
    CHECK(open_folder != NULL);
    while (readdir(open_folder)) n++;
    closedir(open_folder);
    return n - 2;
}

static void check_content(const char *path, const char *want) {
    char *data;
    size_t size;
    CHECK_OK(mdp_fsx_read(path, 1000, &data, &size));
    CHECK_STR(data, want);
    CHECK_INT(size, strlen(want));
    free(data);
}

static void test_write_and_read(void) {
    CHECK(!mdp_fsx_exists(tap_temp_path("a")));
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "first", 5));
    check_content(tap_temp_path("a"), "first");
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "", 0));
    check_content(tap_temp_path("a"), "");
    CHECK(mdp_fsx_exists(tap_temp_path("a")));
    CHECK_INT(count_entries(tap_temp_dir()), 1);
}

/* many processes that want the next free name: each gets one of its own */
static void test_write_new(void) {
    enum { N = 8 };
    char path[MDP_PATH_MAX];
    int is_taken, status, n_failed = 0;
    for (int i = 0; i < N; i++)
        if (fork() == 0) {
            mdp_err err = MDP_OK;
            is_taken = 1;
            for (int k = 0; is_taken && err == MDP_OK; k++) {
                snprintf(path, sizeof path, "%s.%d", tap_temp_path("new"), k);
                err = mdp_fsx_write_new(path, "x", 1, &is_taken);
            }
            _exit(err != MDP_OK);
        }
    while (wait(&status) > 0) n_failed += status != 0;
    CHECK_INT(n_failed, 0);
    for (int k = 0; k < N; k++) {
        snprintf(path, sizeof path, "%s.%d", tap_temp_path("new"), k);
        check_content(path, "x");
    }
    CHECK_INT(count_entries(tap_temp_dir()), N);
    CHECK_FAILS(mdp_fsx_write_new(tap_temp_path("none/x"), "x", 1, &is_taken), MDP_E_IO, "none/x: cannot create");
}

static void test_publish(void) {
    struct mdp_temp temp;
    CHECK_OK(mdp_fsx_write(tap_temp_path("result"), "old", 3));
    CHECK_OK(mdp_temp_open(tap_temp_path("result"), &temp));
    CHECK(write(temp.fd, "new", 3) == 3);
    check_content(tap_temp_path("result"), "old");
    CHECK_OK(mdp_fsx_publish(&temp, tap_temp_path("result"), MDP_PUBLISH_REPLACE));
    CHECK_INT(temp.fd, -1);
    check_content(tap_temp_path("result"), "new");
    CHECK_INT(count_entries(tap_temp_dir()), 1);
}

/* what is meant to be new replaces nothing, a link to nowhere neither */
/* who may write into /dev would lose /dev/null otherwise */
static void test_no_device_is_replaced(void) {
    const char *pipe = tap_temp_path("pipe"), *link = tap_temp_path("link");
    struct stat info;
    CHECK(mkfifo(pipe, 0600) == 0 && symlink("/dev/null", link) == 0);
    CHECK_FAILS(mdp_fsx_write(pipe, "x", 1), MDP_E_IO, "pipe: expected a file or none, found a device or pipe");
    CHECK_FAILS(mdp_fsx_write(link, "x", 1), MDP_E_IO, "link: expected a file or none, found a device or pipe");
    CHECK(lstat(pipe, &info) == 0 && S_ISFIFO(info.st_mode));
    CHECK(lstat(link, &info) == 0 && S_ISLNK(info.st_mode));
}

static void test_publish_new(void) {
    struct mdp_temp temp;
    CHECK_OK(mdp_temp_open(tap_temp_path("result"), &temp));
    CHECK_OK(mdp_fsx_publish(&temp, tap_temp_path("result"), MDP_PUBLISH_NEW));
    CHECK_OK(mdp_fsx_write(tap_temp_path("result"), "theirs", 6));
    CHECK_OK(mdp_temp_open(tap_temp_path("result"), &temp));
    CHECK(write(temp.fd, "mine", 4) == 4);
    CHECK_FAILS(mdp_fsx_publish(&temp, tap_temp_path("result"), MDP_PUBLISH_NEW), MDP_E_IO,
                "result: expected none yet, found one that was made meanwhile");
    check_content(tap_temp_path("result"), "theirs");
    CHECK_INT(count_entries(tap_temp_dir()), 1);
    CHECK_OK(mdp_fsx_write(tap_temp_path("part"), "mine", 4));
    CHECK_FAILS(mdp_fsx_move(tap_temp_path("part"), tap_temp_path("result"), MDP_PUBLISH_NEW), MDP_E_IO,
                "found one that was made meanwhile");
    check_content(tap_temp_path("part"), "mine");
    CHECK(symlink("nowhere", tap_temp_path("link")) == 0);
    CHECK_FAILS(mdp_fsx_move(tap_temp_path("part"), tap_temp_path("link"), MDP_PUBLISH_NEW), MDP_E_IO,
                "found one that was made meanwhile");
}

static void test_move_without_file(void) {
    CHECK_FAILS(mdp_fsx_move(tap_temp_path("none"), tap_temp_path("result"), MDP_PUBLISH_REPLACE), MDP_E_IO, "none");
    CHECK_INT(count_entries(tap_temp_dir()), 0);
}

/* the target is a folder with something in it, so the rename fails */
static void test_failed_publish_leaves_nothing(void) {
    CHECK_OK(mdp_fsx_make_dirs(tap_temp_path("result/full")));
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("result"), "x", 1), MDP_E_IO, "result: cannot rename");
    CHECK_INT(count_entries(tap_temp_dir()), 1);
}

static void test_missing_folder(void) {
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("none/a"), "x", 1), MDP_E_IO,
                "none/a: cannot create: No such file or directory");
    CHECK_OK(mdp_fsx_make_parents(tap_temp_path("none/deep/a")));
    CHECK_OK(mdp_fsx_write(tap_temp_path("none/deep/a"), "x", 1));
    CHECK_OK(mdp_fsx_make_dirs(tap_temp_path("none/deep")));
}

static void test_file_in_the_way(void) {
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "x", 1));
    CHECK_FAILS(mdp_fsx_make_dirs(tap_temp_path("a/b")), MDP_E_IO, "a: expected a folder, found a file");
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("a/b"), "x", 1), MDP_E_IO, "Not a directory");
}

static void test_read_only_folder(void) {
    if (geteuid() == 0) SKIP("the superuser may write everywhere");
    CHECK_OK(mdp_fsx_make_dirs(tap_temp_path("locked")));
    CHECK(chmod(tap_temp_path("locked"), 0500) == 0);
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("locked/a"), "x", 1), MDP_E_IO, "Permission denied");
    CHECK_INT(count_entries(tap_temp_path("locked")), 0);
}

/* a read-only file system that everybody has */
static void test_read_only_system(void) {
    if (!mdp_fsx_exists("/proc/self")) SKIP("there is no /proc");
    CHECK_FAILS(mdp_fsx_write("/proc/mdpbench-test", "x", 1), MDP_E_IO, "/proc/mdpbench-test: cannot create");
}

/* a limit on file size stands for a full disk: writing fails in the middle */
static void test_full_disk(void) {
    static char data[100000];
    struct rlimit limit = {4096, 4096};
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "old", 3));
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_FAILS(mdp_fsx_write(tap_temp_path("a"), data, sizeof data), MDP_E_IO, "a: cannot write 100000 bytes");
    check_content(tap_temp_path("a"), "old");
    CHECK_INT(count_entries(tap_temp_dir()), 1);
}

static void test_append(void) {
    int is_full;
    CHECK_OK(mdp_fsx_append(tap_temp_path("a"), "one\n", 4, 8, &is_full));
    CHECK_OK(mdp_fsx_append(tap_temp_path("a"), "two\n", 4, 8, &is_full));
    CHECK(!is_full);
    CHECK_OK(mdp_fsx_append(tap_temp_path("a"), "x", 1, 8, &is_full));
    CHECK(is_full);
    check_content(tap_temp_path("a"), "one\ntwo\n");
    CHECK_FAILS(mdp_fsx_append(tap_temp_path("none/a"), "x", 1, 8, &is_full), MDP_E_IO,
                "none/a: cannot open to append");
    CHECK_FAILS(mdp_fsx_append(tap_temp_dir(), "x", 1, 8, &is_full), MDP_E_IO, "cannot open to append");
    CHECK_FAILS(mdp_fsx_append("/dev/null", "x", 1, 8, &is_full), MDP_E_IO,
                "/dev/null: cannot append: expected a regular");
}

static void test_append_to_a_full_disk(void) {
    static char data[100000];
    struct rlimit limit = {4096, 4096};
    int is_full;
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "old", 3));
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_FAILS(mdp_fsx_append(tap_temp_path("a"), data, sizeof data, 1 << 20, &is_full), MDP_E_IO,
                "a: cannot append 100000 bytes");
    check_content(tap_temp_path("a"), "old");
}

static void test_long_path(void) {
    char name[2 * MDP_PATH_MAX], path[MDP_PATH_MAX];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = 0;
    CHECK_FAILS(mdp_fsx_path(path, "%s", name), MDP_E_USAGE, "path longer than");
    CHECK_FAILS(mdp_fsx_write(name, "x", 1), MDP_E_USAGE, "path longer than");
    CHECK_FAILS(mdp_fsx_make_dirs(name), MDP_E_USAGE, "path longer than");
}

static void test_read_limit(void) {
    static char big[200000];
    char *data;
    size_t size;
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), big, sizeof big));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a"), sizeof big, &data, &size));
    CHECK_INT(size, sizeof big);
    free(data);
    CHECK_FAILS(mdp_fsx_read(tap_temp_path("a"), sizeof big - 1, &data, &size), MDP_E_DATA,
                "expected at most 199999 bytes");
    CHECK(data == NULL);
    CHECK_FAILS(mdp_fsx_read(tap_temp_path("none"), 10, &data, &size), MDP_E_IO, "none: cannot open");
    CHECK_FAILS(mdp_fsx_read(tap_temp_dir(), 10, &data, &size), MDP_E_IO, "cannot read");
}

/* FNV-1a, 64 bits: the published answers for "" and "foobar" */
static void test_hash(void) {
    uint64_t hash;
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "", 0));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a"), &hash));
    CHECK(hash == 0xcbf29ce484222325u);
    CHECK_OK(mdp_fsx_write(tap_temp_path("a"), "foobar", 6));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a"), &hash));
    CHECK(hash == 0x85944171f73967e8u);
    CHECK_FAILS(mdp_fsx_hash(tap_temp_path("none"), &hash), MDP_E_IO, "none");
}

/* folders that were made for what then was not written go again; those that were there stay, and so does what holds
 * something */
static void test_remove_empty(void) {
    char kept[MDP_PATH_MAX], path[MDP_PATH_MAX];
    CHECK_OK(mdp_fsx_path(path, "%s/a/b/c/file", tap_temp_dir()));
    mdp_fsx_deepest(path, kept);
    CHECK_STR(kept, tap_temp_dir());
    CHECK_OK(mdp_fsx_make_parents(path));
    CHECK(mdp_fsx_exists(tap_temp_path("a/b/c")));
    CHECK_OK(mdp_fsx_write(tap_temp_path("a/other"), "x", 1));
    mdp_fsx_remove_empty(path, kept);
    CHECK(!mdp_fsx_exists(tap_temp_path("a/b")) && mdp_fsx_exists(tap_temp_path("a/other")));
    CHECK_OK(mdp_fsx_make_dirs(tap_temp_path("e")));
    CHECK_OK(mdp_fsx_path(path, "%s/e/file", tap_temp_dir()));
    mdp_fsx_deepest(path, kept);
    mdp_fsx_remove_empty(path, kept);
    CHECK(mdp_fsx_exists(tap_temp_path("e")));
    mdp_fsx_deepest("file", kept);
    CHECK_STR(kept, ".");
    mdp_fsx_deepest("/nowhere-at-all/file", kept);
    CHECK_STR(kept, "/");
}

static void test_paths(void) {
    char folder[MDP_PATH_MAX];
    static const char *const cases[][3] = {{"a/b.h5", "b.h5", "a"}, {"b", "b", "."}, {"/b", "b", "/"}, {"a/", "", "a"}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        mdp_path_folder(cases[i][0], folder);
        CHECK_STR(mdp_path_name(cases[i][0]), cases[i][1]);
        CHECK_STR(folder, cases[i][2]);
    }
    CHECK(mdp_path_ends("a/b.h5", ".h5") && mdp_path_ends(".h5", ".h5"));
    CHECK(!mdp_path_ends("h5", ".h5") && !mdp_path_ends("a.h5/b", ".h5"));
}

/* what people have where a file of data should be */
static void test_kinds(void) {
    static const struct {
        const char *bytes, *kind;
        size_t n;
    } cases[] = {
#define CASE(text, kind) {text, kind, sizeof text - 1}
        CASE("", "an empty file"),
        CASE("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        CASE("/annex/objects/MD5E-s12--ab.hdf5\n", "a git-annex pointer"),
        CASE("<!DOCTYPE html>", "a web page"),
        CASE("\xef\xbb\xbf\r\n <HTML>", "a web page"),
        CASE("<!-- moved --><html>", "a web page"),
        CASE("{\"error\": \"not found\"}", "a text in JSON"),
        CASE("\n [1, 2]", "a text in JSON"),
        CASE("observations,actions\n1,2\n", "a text"),
        CASE("\x0e\x03\x13\x01\0\0", "an HDF4 file"),
        CASE("\x1f\x8b\x08\0", "a gzip file"),
        CASE("\0\1\2", MDP_FILE_KIND_UNKNOWN),
        CASE("text\0", MDP_FILE_KIND_UNKNOWN),
        CASE("\x80\x01", MDP_FILE_KIND_UNKNOWN),
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = mdp_file_kind(cases[i].bytes, cases[i].n);
        if (strncmp(found, cases[i].kind, strlen(cases[i].kind)) != 0) CHECK_STR(found, cases[i].kind);
    }
    CHECK(mdp_file_kind_no_text("{\"a\": 1}", 8) == NULL && mdp_file_kind_no_text("a: 1\n", 5) == NULL);
    CHECK(mdp_file_kind_no_text("", 0) == NULL && mdp_file_kind_no_text("a: \xc3\xa4\n", 6) == NULL);
    CHECK_STR(mdp_file_kind_no_text("<html>", 6), "a web page");
    CHECK_OK(mdp_fsx_write(tap_temp_path("page.hdf5"), "<html>", 6));
    CHECK_STR(mdp_file_kind_of(tap_temp_path("page.hdf5")), "a web page");
    CHECK_STR(mdp_file_kind_of(tap_temp_path("none")), MDP_FILE_KIND_UNKNOWN);
    CHECK_STR(mdp_file_kind_of(tap_temp_dir()), MDP_FILE_KIND_UNKNOWN);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_remove_empty),
                                            TAP_TEST(test_paths),
                                            TAP_TEST(test_kinds),
                                            TAP_TEST(test_write_and_read),
                                            TAP_TEST(test_write_new),
                                            TAP_TEST(test_publish),
                                            TAP_TEST(test_no_device_is_replaced),
                                            TAP_TEST(test_publish_new),
                                            TAP_TEST(test_move_without_file),
                                            TAP_TEST(test_failed_publish_leaves_nothing),
                                            TAP_TEST(test_missing_folder),
                                            TAP_TEST(test_file_in_the_way),
                                            TAP_TEST(test_read_only_folder),
                                            TAP_TEST(test_read_only_system),
                                            TAP_TEST(test_full_disk),
                                            TAP_TEST(test_append),
                                            TAP_TEST(test_append_to_a_full_disk),
                                            TAP_TEST(test_long_path),
                                            TAP_TEST(test_read_limit),
                                            TAP_TEST(test_hash)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
