/* the corpus in tests/fuzz/corpus: a folder a reader, whose files say by their names whether they are taken or refused.
 * all are harmless, here and elsewhere. libFuzzer begins with them (tests/campaign/fuzz.t). */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "tests/fuzz/readers.h"
#include "tests/tap.h"

enum { BYTES_MAX = 1 << 20 };

static void check_file(const char *reader, const char *folder, const char *name) {
    char path[MDP_PATH_MAX], *bytes;
    size_t size;
    CHECK_OK(mdp_fsx_path(path, "%s/%s", folder, name));
    CHECK_OK(mdp_fsx_read(path, BYTES_MAX, &bytes, &size));
    mdp_err err = readers_read(reader, tap_temp_path(name), bytes, size);
    free(bytes);
    if (strncmp(name, "taken", 5) == 0)
        CHECK_OK(err);
    else
        CHECK_FAILS(err, MDP_E_DATA, name);
}

static int check_reader(const char *reader) {
    char folder[MDP_PATH_MAX];
    int n = 0;
    CHECK_OK(mdp_fsx_path(folder, "%s/tests/fuzz/corpus/%s", MDP_SOURCE_DIR, reader));
    DIR *dir = opendir(folder);
    if (dir == NULL) return 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        check_file(reader, folder, entry->d_name);
        n++;
    }
    closedir(dir);
    return n;
}

static void test_corpus(void) {
    int n = 0;
    for (int i = 0; i < readers_count(); i++) n += check_reader(readers_name(i));
    CHECK(n >= 10);
}

static void test_unknown_reader(void) {
    CHECK_FAILS(readers_read("x", tap_temp_path("y"), "", 0), MDP_E_USAGE, "no reader 'x'");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_corpus), TAP_TEST(test_unknown_reader)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
