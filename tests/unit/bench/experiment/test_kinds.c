/* experiments of runs of several kinds: names of their folders */
#include <stdio.h>
#include <string.h>

#include "bench/experiment/paths.h"
#include "bench/experiment/read.h"
#include "tests/settings.h"

static const char *write_file(const char *leaf, const char *text) {
    const char *path = tap_temp_path(leaf);
    CHECK_OK(mdp_fsx_write(path, text, strlen(text)));
    return path;
}

/* guidance alone is named as other runs are; a rate's length without a mark is the one of the algorithm that learns */
static void test_folders_of_guidance(void) {
    static const struct {
        const char *settings;
        const char *folders[3]; /* of the runs below, NULL: not asked */
    } cases[] = {
        {"", {"guidance/iql", "guidance/return", "guidance/qgpo-qgpo-none+0"}},
        {"precision: bf16", {"guidance/iql-bf16"}},
        {"lr-steps: 1000",
         {"guidance/iql-lrsteps1000", "guidance/return-lrsteps1000",
          "guidance/qgpo-qgpo-none-lrsteps1000+0-lrsteps1000"}},
        {"lr-steps: 2000k",
         {"guidance/iql", "guidance/return-lrsteps2000000", "guidance/qgpo-qgpo-none-lrsteps2000000+0-lrsteps2000000"}},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_experiments set;
        char text[1024], folder[MDP_PATH_MAX];
        snprintf(text, sizeof text,
                 "name: x\ntasks: [walker2d-medium]\nseeds: [0]\n%s\nruns:\n"
                 "  - {name: values, guidance-only: iql}\n%s"
                 "arms: [{name: a, run: actor, guidance: none}]\n",
                 cases[i].settings,
                 cases[i].folders[1] == NULL ? "  - {name: actor, algo: dql, guidance: none}\n"
                                             : "  - {name: returns, guidance-only: return}\n"
                                               "  - {name: actor, algo: qgpo, guidance: none}\n"
                                               "  - {name: energy, guidance-only: qgpo, from: actor}\n");
        CHECK_OK(mdp_experiments_read(write_file("x.yaml", text), &set));
        for (int k = 0; k < 3 && cases[i].folders[k] != NULL; k++) {
            snprintf(folder, sizeof folder, "runs/walker2d-medium/%s/seed0", cases[i].folders[k]);
            const struct mdp_run_instance run = {.i_run = k < 2 ? k : 3};
            char path[MDP_PATH_MAX];
            CHECK_OK(mdp_instance_folder(&set.list[0], &run, path));
            CHECK_STR(path, folder);
        }
        mdp_experiments_free(&set);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_folders_of_guidance)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
