/* experiments of runs of several kinds: names of their folders, and what their modules cannot do */
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

/* what training or evaluation would refuse of modules of several kinds */
static const char *const of_kinds[][2] = {
    {"{name: a, run: dql, guide: energy}", "arms[0].guide: expected guidance with an energy beside it, found double-q"},
    {"{name: a, run: noise, guide: energy}", "arms[0].guide: expected guidance with an energy beside it, found noise"},
    {"{name: a, run: dql, guide: free, guide-weight: 2}",
     "arms[0].guide: expected a run that trains with observations left out, as qgpo's do, beside free, found 'dql', "
     "dql"},
    {"{name: a, run: plans, guide: energy}",
     "arms[0].guide: expected none, noisy or clean of plans of diffuser, found 'energy'"},
    {"{name: a, run: plans, guide: free, guide-weight: 2}",
     "arms[0].guide: expected none, noisy or clean of plans of diffuser, found 'free'"},
    {"{name: a, run: told, guide: noisy, guide-weight: 2}",
     "arms[0].guide: expected none or free of plans of dd, found 'noisy'"},
    {"{name: a, run: plans, guidance: plans, guidance-task: walker2d-medium}",
     "arms[0].guidance-task: expected none beside guidance of windows, found 'walker2d-medium'"},
    {"{name: a, run: energy, guide: energy}",
     "arms[0].guide: expected guide-weight beside it, as none is known for walker2d-random, found none"},
    {"{name: a, run: dql, guidance: energy, guidance-task: walker2d-random, guide: energy}",
     "arms[0].guide: expected guide-weight beside it, as none is known for walker2d-random, found none"},
    {"{name: a, run: dql}]\nsteps: 300\ncheckpoint-every: 100\n#[",
     "runs[5].value-steps: expected fewer than steps 300, as the energy learns after them, found 300"},
    {"{name: a, run: dql}]\nprecision: bf16-emulated\n#[",
     "precision: expected f32 or f32-plain of qgpo, found 'bf16-emulated' by run energy"},
    {"{name: a, run: dql}, {name: b, run: plans}]\nevaluation-precision: bf16-emulated\n#[",
     "evaluation-precision: expected f32 or f32-plain of plans, found 'bf16-emulated' by arm b"},
    {"{name: a, run: energy, guidance: none}]\nevaluation-precision: bf16-emulated\n#[",
     "evaluation-precision: expected f32 or f32-plain of qgpo, found 'bf16-emulated' by arm a"},
    {"{name: a, run: dql, guidance: energy}]\nevaluation-precision: bf16-emulated\n#[",
     "evaluation-precision: expected f32 or f32-plain of an energy, found 'bf16-emulated' by arm a"},
    {"{name: a, run: dql, guidance: energy, guide: energy, guide-weight: 2}", NULL},
    {"{name: a, run: dql, guidance: energy, guidance-task: walker2d-medium, guide: energy}", NULL},
    {"{name: a, run: energy, guidance: none, guide: free, guide-weight: 2}", NULL},
    {"{name: a, run: energy, guide: noisy, guide-weight: 2}", NULL},
    {"{name: a, run: told, guide: free, guide-weight: 2, target-return: 1}", NULL},
    {"{name: a, run: dql}]\nsteps: 400\n#[", NULL},
    {"{name: a, run: energy}, {name: b, run: plans}]\nevaluation-precision: f32-plain\n#[", NULL},
    {"{name: a, run: dql, guidance: none}]\nevaluation-precision: bf16-emulated\n#[", NULL},
};

static void test_kinds(void) {
    for (unsigned i = 0; i < sizeof of_kinds / sizeof *of_kinds; i++) {
        struct mdp_experiments set;
        char text[1024];
        snprintf(text, sizeof text,
                 "name: x\ntasks: [walker2d-medium, walker2d-random]\nseeds: [0]\nruns:\n"
                 "  - {name: dql, algo: dql}\n  - {name: energy, algo: qgpo}\n  - {name: plans, algo: diffuser}\n"
                 "  - {name: told, algo: dd}\n  - {name: noise, algo: dql, guidance: noise}\n"
                 "  - {name: on, algo: dql, guidance: continued, from: energy, value-steps: 300}\narms: [%s]\n",
                 of_kinds[i][0]);
        if (of_kinds[i][1] != NULL) {
            CHECK_FAILS(mdp_experiments_read(write_file("x.yaml", text), &set), MDP_E_DATA, of_kinds[i][1]);
            continue;
        }
        CHECK_OK(mdp_experiments_read(write_file("x.yaml", text), &set));
        mdp_experiments_free(&set);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_folders_of_guidance), TAP_TEST(test_kinds)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
