/* lists of paths: a comma parts them unless it belongs to a path that is there */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/run/paths.h"
#include "tests/tap.h"

static const char *const there[] = {"a", "lr=0.001,seed=0", "lr=0.003,seed=0", "x,y", "x,y,z", "with:colon"};

static void make_folders(void) {
    CHECK(chdir(tap_temp_dir()) == 0);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) CHECK(mkdir(there[i], 0777) == 0);
}

static void test_lists(void) {
    static const struct {
        const char *list, *parts; /* the parts with bars in between */
    } cases[] = {
        {"", ""},
        {",,", ""},
        {"a", "a"},
        {"a,b", "a|b"},
        {",a,,b,", "a|b"},
        {"lr=0.001,seed=0", "lr=0.001,seed=0"},
        {"lr=0.001,seed=0,lr=0.003,seed=0", "lr=0.001,seed=0|lr=0.003,seed=0"},
        {"lr=0.003,seed=0,a,lr=0.001,seed=0", "lr=0.003,seed=0|a|lr=0.001,seed=0"},
        {"lr=0.002,seed=0", "lr=0.002|seed=0"},
        {"x,y,z,y", "x,y,z|y"},
        {"x,y,w", "x,y|w"},
        {"lr=0.001,seed=0:online,a:ema", "lr=0.001,seed=0:online|a:ema"},
        {"own,best:lr=0.001,seed=0:choice,none", "own|best:lr=0.001,seed=0:choice|none"},
        {"best:a:x,lr=0.001,seed=0/,none", "best:a:x|lr=0.001,seed=0/|none"},
        {"with:colon,with:colon:label", "with:colon|with:colon:label"},
    };
    make_folders();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char list[128], joined[128] = "", *rest = list;
        strcpy(list, cases[i].list);
        for (char *path = mdp_paths_next(&rest); path != NULL; path = mdp_paths_next(&rest)) {
            if (joined[0] != 0) strcat(joined, "|");
            strcat(joined, path);
        }
        CHECK_STR(joined, cases[i].parts);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_lists)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
