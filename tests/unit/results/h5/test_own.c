/* results/h5/own: what is read without libhdf5 is what libhdf5 reads, of whole and of damaged files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/h5/own_internal.h"
#include "results/h5/write.h"
#include "tests/unit/results/h5/own_agrees.h"

static void test_whole_files(void) {
    static const long lengths[] = {1, 2, 3, N, 1000, 30000};
    const char *path = tap_temp_path("a.h5");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_episodes(path, "{\"episodes\": 50}", lengths[i]);
        CHECK(agrees(path));
    }
}

/* settings that leave little of the first blocks, and those that a block of their own is for */
static void test_long_texts(void) {
    const char *path = tap_temp_path("a.h5");
    char settings[4001];
    for (int n = 20; n <= 4000; n += 199) {
        snprintf(settings, sizeof settings, "{\"a\": \"%0*d\"}", n - 9, 7);
        CHECK_INT((long)strlen(settings), n);
        write_episodes(path, settings, N);
        CHECK(agrees(path));
    }
}

/* few attributes lie in the header, many behind a tree of two levels */
static void test_any_number_of_attributes(void) {
    const char *path = tap_temp_path("a.h5");
    for (int n = 1; n <= 100; n++) {
        struct mdp_h5 *file;
        char name[16];
        double value = -1;
        CHECK_OK(mdp_h5_create(path, &file));
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "a%d", i);
            CHECK_OK(mdp_h5_put_real(file, "/", name, 0.5 * i));
        }
        CHECK_OK(mdp_h5_commit(&file));
        CHECK_OK(mdp_h5_open_own(path, &file));
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "a%d", i);
            CHECK_OK(mdp_h5_attr_real(file, "/", name, &value));
            CHECK(value == 0.5 * i);
        }
        CHECK(!mdp_h5_attr_exists(file, "/", "b"));
        mdp_h5_close(file);
    }
}

/* a file of ours is read without the process that looks at files of others first */
static void test_no_other_process(void) {
    const char *path = tap_temp_path("a.h5");
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    struct mdp_h5 *file;
    write_episodes(path, "{}", N);
    CHECK_OK(mdp_episodes_read(path, &info, &episodes));
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&episodes);
    CHECK_OK(mdp_h5_open(path, &file));
    CHECK_INT(waitpid(-1, NULL, WNOHANG), 0);
    mdp_h5_close(file);
}

/* ---- what is left to libhdf5 ---- */

static void check_is_left(const char *path) {
    struct mdp_h5 *file;
    CHECK_FAILS(mdp_h5_open_own(path, &file), MDP_E_DATA, "expected a file in the layout of this program");
    CHECK(file == NULL);
}

static void test_others_are_left(void) {
    const char *path = tap_temp_path("b.h5");
    const float rows[2] = {1, 2};
    struct mdp_h5 *file;
    double value;
    int64_t step;
    char *text;
    check_is_left(tap_temp_path("none.h5"));
    check_is_left("/dev/null");
    check_is_left("/");
    CHECK_OK(mdp_fsx_write(path, "", 0));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_make_group(file, "group"));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "rows", MDP_H5_F64, MDP_H5_2D(1, 2), MDP_H5_PLAIN, &(const double[2]){1, 2}));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "rows", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_COMPRESS, rows));
    CHECK_OK(mdp_h5_commit(&file));
    check_is_left(path);

    /* of a file that can be read, what is stored in another type */
    write_episodes(path, "{}", N);
    CHECK_OK(mdp_h5_open_own(path, &file));
    CHECK_FAILS(mdp_h5_attr_real(file, "/", "step", &value), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_attr_real(file, "/", "absent", &value), MDP_E_DATA, "expected it in the layout");
    CHECK(mdp_h5_attr_exists(file, "return", "step"));
    CHECK_FAILS(mdp_h5_attr_int(file, "return", "step", &step), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_attr_text_new(file, "return", "task", &text), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_expect(file, "absent", MDP_H5_1D(-1)), MDP_E_DATA, "expected it in the layout");
    CHECK_FAILS(mdp_h5_expect(file, "return", MDP_H5_1D(N + 1)), MDP_E_DATA, "expected shape");
    mdp_h5_close(file);
}

/* a pipe is not even opened: who waits to write to it goes on waiting */
static void test_pipe(void) {
    const char *path = tap_temp_path("pipe.h5");
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    char event[512];
    int watch = inotify_init1(IN_NONBLOCK);
    CHECK(mkfifo(path, 0600) == 0 && watch >= 0 && inotify_add_watch(watch, path, IN_OPEN) >= 0);
    CHECK_FAILS(mdp_episodes_read(path, &info, &episodes), MDP_E_IO, "expected a regular file, found a device or pipe");
    CHECK(read(watch, event, sizeof event) == -1 && errno == EAGAIN);
    int end = open(path, O_RDONLY | O_NONBLOCK);
    CHECK(end >= 0 && read(watch, event, sizeof event) > 0);
    close(end);
    close(watch);
}

/* ---- damage ---- */

static void test_checksum(void) {
    CHECK(mdp_h5i_lookup3((const unsigned char *)"", 0) == 0xdeadbeef);
    CHECK(mdp_h5i_lookup3((const unsigned char *)"Four score and seven years ago", 30) == 0x17770551);
}

/* each byte in turn, each length: what is still taken is what libhdf5 takes */
static void test_damaged(void) {
    const char *path = tap_temp_path("a.h5");
    size_t n;
    int n_agree = 0, n_left = 0;
    write_episodes(path, "{\"episodes\": 50}", N);
    unsigned char *bytes = read_bytes(path, &n);
    for (size_t i = 0; i < n; i++) {
        unsigned char kept = bytes[i];
        bytes[i] ^= (unsigned char)(1u << i % 8);
        put_bytes(path, bytes, n);
        bytes[i] = kept;
        if (agrees(path))
            n_agree++;
        else
            n_left++;
    }
    /* most of the file is looked at; free space of the heap is not */
    CHECK(n_left > (int)n / 2 && n_agree > 0);
    for (size_t i = 0; i < n; i += 13) {
        put_bytes(path, bytes, i);
        CHECK(!agrees(path));
    }
    free(bytes);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_whole_files),
        TAP_TEST(test_long_texts),
        TAP_TEST_LIMIT(test_any_number_of_attributes, 300),
        TAP_TEST(test_no_other_process),
        TAP_TEST(test_others_are_left),
        TAP_TEST(test_checksum),
        TAP_TEST_LIMIT(test_damaged, 600),
        TAP_TEST(test_pipe),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
