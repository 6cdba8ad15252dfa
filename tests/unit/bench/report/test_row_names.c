/* names of rows: without the folders in common, and never the same for two paths */
#include <string.h>

#include "bench/report/row_names.h"
#include "tests/tap.h"

enum { MOST = 4 };

static void check(const char *const *paths, const char *const *expected, const char *common) {
    struct mdp_row_names names;
    int n = 0;
    while (n < MOST && paths[n] != NULL) n++;
    CHECK_OK(mdp_row_names_make(n, paths, &names));
    CHECK_INT(names.n, n);
    CHECK_INT((long)names.n_common, (long)strlen(common));
    for (int i = 0; i < n; i++) CHECK_STR(names.list[i], expected[i]);
    mdp_row_names_free(&names);
    CHECK(names.n == 0 && names.list == NULL);
}

static void test_folders(void) {
    static const struct {
        const char *paths[MOST], *names[MOST], *common;
    } cases[] = {
        {{NULL}, {NULL}, ""},
        {{"runs/demo"}, {"demo"}, "runs/"},
        {{"runs/demo/"}, {"demo/"}, "runs/"},
        {{"demo"}, {"demo"}, ""},
        {{"r/x/dql/joint/seed0:bf16"}, {"dql/joint/seed0:bf16"}, "r/x/"},
        {{"joint/seed12/"}, {"joint/seed12/"}, ""},
        {{"/seed0"}, {"seed0"}, "/"},
        {{"/joint/seed0"}, {"joint/seed0"}, "/"},
        {{"x/seeds"}, {"seeds"}, "x/"},
        {{"/"}, {"/"}, ""},
        {{"runs/demo", "runs/demo2"}, {"demo", "demo2"}, "runs/"},
        {{"r/x/dql/seed0", "r/x/dql/seed1", "r/x/edp/seed0"}, {"dql/seed0", "dql/seed1", "edp/seed0"}, "r/x/"},
        {{"runs/a/seed0:bf16", "runs/a/seed0"}, {"seed0:bf16", "seed0"}, "runs/a/"},
        {{"runs/a", "runs/a/b"}, {"a", "a/b"}, "runs/"},
        {{"a/x", "b/x"}, {"a/x", "b/x"}, ""},
        {{"/a/x", "/b/x"}, {"a/x", "b/x"}, "/"},
        {{"runs/a", "runs/a"}, {"a", "a"}, "runs/"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) check(cases[i].paths, cases[i].names, cases[i].common);
}

static void test_files(void) {
    static const struct {
        const char *paths[MOST], *names[MOST], *common;
    } cases[] = {
        {{"b/x.episodes.h5"}, {"x"}, "b/"},
        {{"b/x.episodes.h5", "b/x.stochastic.episodes.h5"}, {"x", "x.stochastic"}, "b/"},
        {{"d/x1/x.episodes.h5", "d/x2/x.episodes.h5"}, {"x1/x", "x2/x"}, "d/"},
        {{"b/curve.h5", "b/curve.h5#step000020"}, {"curve.h5", "curve.h5#step000020"}, "b/"},
        {{"b/x", "b/x.episodes.h5"}, {"x", "x.episodes.h5"}, "b/"},
        {{"b/x", "b/x.episodes.h5", "b/x.episodes.h5.episodes.h5"},
         {"x", "x.episodes.h5", "x.episodes.h5.episodes.h5"},
         "b/"},
        {{"b/x.episodes.h5", "b/x.episodes.h5"}, {"x", "x"}, "b/"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) check(cases[i].paths, cases[i].names, cases[i].common);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_folders), TAP_TEST(test_files)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
