/* experiment files: what they mean, where their files are, and every way in which they can be wrong */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/paths.h"
#include "bench/experiment/read.h"
#include "bench/experiment/schema.h"
#include "bench/experiment/weight.h"
#include "tests/settings.h"

static const char usual[] =
    "name: x\n"                                                                      /* line 1 */
    "tasks: [halfcheetah-medium, walker2d-expert]\n"                                 /* 2 */
    "seeds: [0, 1, 2]\n"                                                             /* 3 */
    "steps: 2000\n"                                                                  /* 4 */
    "checkpoint-every: 400\n"                                                        /* 5 */
    "episodes: 4\n"                                                                  /* 6 */
    "runs:\n"                                                                        /* 7 */
    "  - {name: joint, algo: dql}\n"                                                 /* 8 */
    "  - {name: iql, guidance-only: iql}\n"                                          /* 9 */
    "  - {name: gfdt, algo: dql, guidance: frozen, from: joint, seed-offset: 100}\n" /* 10 */
    "  - {name: by-iql, algo: edp, guidance: frozen, from: iql, eta: 0.5}\n"         /* 11 */
    "  - {name: noise, algo: edp, guidance: noise, noise: grad}\n"                   /* 12 */
    "  - {name: bare, algo: edp, guidance: none}\n"                                  /* 13 */
    "  - {name: on, algo: dql, guidance: continued, from: joint, seed-shift: 1}\n"   /* 14 */
    "arms:\n"                                                                        /* 15 */
    "  - {name: base, run: joint}\n"                                                 /* 16 */
    "  - {name: double, run: gfdt, guidance: joint, seed-offset: 100, seed-shift: 2, at: last}\n"
    "  - {name: plug, run: noise, guidance: iql, candidates: 7, lambda: 0.25}\n" /* 18 */
    "  - {name: blind, run: joint, guidance: none, langevin-steps: 9, langevin-step-size: 2e-3, langevin-time: 0}\n"
    "tables:\n"                                        /* 20 */
    "  - name: t\n"                                    /* 21 */
    "    kind: gains\n"                                /* 22 */
    "    test: [double]\n"                             /* 23 */
    "    base: [base]\n"                               /* 24 */
    "    choices: {unit: runs, early-steps: 3000}\n"   /* 25 */
    "figures:\n"                                       /* 26 */
    "  - {name: f, panels: [{arms: [base, plug]}]}\n"; /* 27 */

static const char *write_file(const char *leaf, const char *text) {
    const char *path = tap_temp_path(leaf);
    CHECK_OK(mdp_fsx_write(path, text, strlen(text)));
    return path;
}

/* the usual text with the first `from` replaced */
static const char *changed(const char *from, const char *to) {
    static char text[8192];
    const char *found = strstr(usual, from);
    CHECK(found != NULL);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(found - usual), usual, to, found + strlen(from));
    return text;
}

/* ---- meaning ---- */

static void test_meaning(void) {
    struct mdp_experiments set;
    CHECK_OK(mdp_experiments_read(write_file("x.yaml", usual), &set));
    CHECK_INT(set.n, 1);
    const struct mdp_experiment_file *file = &set.list[0].file;
    CHECK_STR(set.name, "x");
    CHECK_INT(file->tasks_count, 2);
    CHECK_INT(file->seeds[2], 2);
    CHECK_INT(file->train.n_steps, 2000);
    CHECK_INT(file->evaluate_every, 400);
    CHECK_INT(file->eval.n_candidates, 50);
    CHECK_INT(file->train.batch, 256);
    CHECK_STR(file->folder, "runs");
    CHECK_STR(file->train.precision, "f32");
    CHECK_STR(file->eval.precision, "f32");
    CHECK_STR(file->actors[0], "ema");
    CHECK(file->runs[3].train.mode == MDP_MODE_FROZEN && file->runs[3].train.eta == 0.5 &&
          isnan(file->runs[0].train.eta));
    CHECK(strcmp(file->arms[1].source.which, "last") == 0 && file->arms[2].eval.lambda == 0.25);
    CHECK(file->arms[2].eval.langevin_steps == 0 && file->arms[2].eval.langevin_time == -1);
    CHECK(file->arms[3].eval.langevin_steps == 9 && file->arms[3].eval.langevin_step_size == 2e-3 &&
          file->arms[3].eval.langevin_time == 0);
    CHECK(file->tables[0].kind == MDP_TABLE_KIND_GAINS);
    CHECK_STR(file->tables[0].choices.early_steps, "3000");
    CHECK(file->tables[0].choices.peak == NULL);
    CHECK_STR(file->figures[0].panels[0].arms[1], "plug");
    mdp_experiments_free(&set);
}

/* numbers are written as for options */
static void test_numbers(void) {
    struct mdp_experiments set;
    CHECK_OK(mdp_experiments_read(write_file("x.yaml", changed("steps: 2000", "steps: 2k")), &set));
    CHECK_INT(set.list[0].file.train.n_steps, 2000);
    mdp_experiments_free(&set);
    CHECK_OK(
        mdp_experiments_read(write_file("x.yaml", changed("steps: 2000", "transitions: 1e5\nsteps: 1.2e3")), &set));
    CHECK_INT(set.list[0].file.train.n_steps, 1200);
    CHECK_INT(set.list[0].file.collect.n_steps, 100000);
    mdp_experiments_free(&set);
}

static const char *episodes_of(const struct mdp_experiment *e, int i_arm, int i_seed, int is_online) {
    static char path[MDP_PATH_MAX];
    const struct mdp_arm_instance instance = {i_arm, 1, i_seed, is_online, 400, 0, 0, 0};
    CHECK_OK(mdp_arm_episodes_path(e, &instance, path));
    return path;
}

static const char *guidance_of(const struct mdp_experiment *e, int i_arm, int i_seed) {
    static char path[MDP_PATH_MAX];
    const struct mdp_arm_instance instance = {i_arm, 1, i_seed, 0, 400, 0, 0, 0};
    CHECK_OK(mdp_arm_guidance_path(e, &instance, path));
    return path;
}

static const char *folder_of(const struct mdp_experiment *e, int i_run, int i_seed) {
    static char path[MDP_PATH_MAX];
    const struct mdp_run_instance instance = {i_run, 0, i_seed, 0, 0, 0};
    CHECK_OK(mdp_instance_folder(e, &instance, path));
    return path;
}

/* names follow from settings, and different settings have different names */
static void test_paths(void) {
    struct mdp_experiments set;
    struct mdp_run_instance source;
    CHECK_OK(mdp_experiments_read(write_file("x.yaml", usual), &set));
    const struct mdp_experiment *e = &set.list[0];
    CHECK_STR(folder_of(e, 0, 2), "runs/halfcheetah-medium/dql/joint/seed2");
    CHECK_STR(folder_of(e, 1, 2), "runs/halfcheetah-medium/guidance/iql/seed2");
    CHECK_STR(folder_of(e, 2, 0), "runs/halfcheetah-medium/dql/frozen/seed0");
    CHECK_STR(folder_of(e, 3, 0), "runs/halfcheetah-medium/edp/frozen-iql+0-eta0.5/seed0");
    CHECK_STR(folder_of(e, 4, 0), "runs/halfcheetah-medium/edp/noise-grad/seed0");
    CHECK_STR(folder_of(e, 5, 1), "runs/halfcheetah-medium/edp/none/seed1");
    CHECK_STR(folder_of(e, 6, 1), "runs/halfcheetah-medium/dql/continued-dql-joint+0-shift1/seed1");
    CHECK(mdp_instance_source(e, &(struct mdp_run_instance){2, 0, 1, 0, 0, 0}, &source));
    CHECK_INT(mdp_instance_seed(e, &source), 101);
    CHECK(mdp_instance_source(e, &(struct mdp_run_instance){6, 0, 2, 0, 0, 0}, &source));
    CHECK_INT(mdp_instance_seed(e, &source), 0);
    CHECK(!mdp_instance_source(e, &(struct mdp_run_instance){0, 0, 0, 0, 0, 0}, &source));
    CHECK_STR(episodes_of(e, 0, 1, 0), "runs/walker2d-expert/dql/joint/seed1/step000400.episodes.h5");
    CHECK_STR(episodes_of(e, 0, 1, 1), "runs/walker2d-expert/dql/joint/seed1/step000400.online.episodes.h5");
    CHECK_STR(episodes_of(e, 1, 1, 0),
              "runs/walker2d-expert/dql/frozen/seed1/step000400.by-dql-joint-seed100-last.episodes.h5");
    CHECK_STR(episodes_of(e, 2, 1, 1),
              "runs/walker2d-expert/edp/noise-grad/seed1/step000400.by-iql-seed1.n7.lambda0.25.online.episodes.h5");
    CHECK_STR(episodes_of(e, 3, 0, 0),
              "runs/walker2d-expert/dql/joint/seed0/step000400.unguided.langevin9x0.002-0.episodes.h5");
    CHECK_STR(guidance_of(e, 0, 0), "");
    CHECK_STR(guidance_of(e, 1, 1), "runs/walker2d-expert/dql/joint/seed100/step002000.guidance.h5");
    CHECK_STR(guidance_of(e, 2, 1), "runs/walker2d-expert/guidance/iql/seed1/step000400.guidance.h5");
    mdp_experiments_free(&set);
}

/* a learning rate of another length and another return rule have names of their own; a source that is trained by the
 * same rate is as usual as before */
static void test_rate_and_rule(void) {
    struct mdp_experiments set;
    CHECK_OK(mdp_experiments_read(
        write_file("x.yaml", changed("episodes: 4", "episodes: 4\nlr-steps: 200k\nreturn-rule: cleandiffuser")), &set));
    const struct mdp_experiment *e = &set.list[0];
    struct mdp_training training;
    mdp_instance_training(e, &(struct mdp_run_instance){2, 0, 1, 0, 0, 0}, &training);
    CHECK_INT(training.lr_steps, 200000);
    CHECK_STR(folder_of(e, 0, 2), "runs/halfcheetah-medium/dql/joint-lrsteps200000/seed2");
    CHECK_STR(folder_of(e, 2, 0), "runs/halfcheetah-medium/dql/frozen-lrsteps200000/seed0");
    CHECK_STR(folder_of(e, 3, 0), "runs/halfcheetah-medium/edp/frozen-iql-lrsteps200000+0-eta0.5-lrsteps200000/seed0");
    CHECK_STR(guidance_of(e, 2, 1), "runs/walker2d-expert/guidance/iql-lrsteps200000/seed1/step000400.guidance.h5");
    CHECK_STR(episodes_of(e, 0, 1, 1),
              "runs/walker2d-expert/dql/joint-lrsteps200000/seed1/step000400.cleandiffuser.online.episodes.h5");
    mdp_experiments_free(&set);
    CHECK_OK(mdp_experiments_read(
        write_file("x.yaml", changed("from: joint, seed-offset: 100", "from: joint, seed-offset: 100, lr-steps: 4000")),
        &set));
    e = &set.list[0];
    CHECK_STR(folder_of(e, 0, 2), "runs/halfcheetah-medium/dql/joint/seed2");
    CHECK_STR(folder_of(e, 2, 0), "runs/halfcheetah-medium/dql/frozen-dql-joint+100-lrsteps4000/seed0");
    mdp_experiments_free(&set);
}

/* what is not usual is in the name of the folder, in the order of their table but for precision; a usual value is not.
 * a source of which a file says such a value is named, be it the usual one */
static void test_folders_of_settings(void) {
    static const struct {
        const char *precision, *from, *to;
        int i_run;
        const char *folder;
    } cases[] = {
        {"f32", "noise: grad}", "noise: net, eta: 1}", 4, "edp/noise/seed0"},
        {"bf16-avx512", "noise: grad}", "noise: grad, eta: 1e-3}", 4, "edp/noise-grad-eta0.001-bf16-avx512/seed0"},
        {"f32", "algo: dql}", "algo: dql, eta: 1}", 2, "dql/frozen-dql-joint+100/seed0"},
        {"f32", "algo: dql}", "algo: dql, eta: 2}", 2, "dql/frozen-dql-joint-eta2+100/seed0"},
        {"bf16", "algo: dql}", "algo: dql}", 2, "dql/frozen-bf16/seed0"},
        {"bf16", "algo: dql}", "algo: dql, lr-steps: 9000}", 2, "dql/frozen-dql-joint-lrsteps9000-bf16+100-bf16/seed0"},
        {"bf16", "noise: grad}", "noise: grad, lr-steps: 9000}", 4, "edp/noise-grad-lrsteps9000-bf16/seed0"},
        {"bf16", "algo: dql}", "algo: dql}", 6, "dql/continued-dql-joint-bf16+0-shift1-bf16/seed0"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mdp_experiments set;
        char text[9000], folder[MDP_PATH_MAX];
        snprintf(text, sizeof text, "precision: %s\n%s", cases[i].precision, changed(cases[i].from, cases[i].to));
        snprintf(folder, sizeof folder, "runs/halfcheetah-medium/%s", cases[i].folder);
        CHECK_OK(mdp_experiments_read(write_file("x.yaml", text), &set));
        CHECK_STR(folder_of(&set.list[0], cases[i].i_run, 0), folder);
        mdp_experiments_free(&set);
    }
}

/* which step and whose seed of another run: in names where it is not the usual one */
static void test_sources(void) {
    static char text[8192];
    struct mdp_run_instance source;
    struct mdp_experiments set;
    char path[MDP_PATH_MAX];
    snprintf(text, sizeof text, "%s",
             changed("from: joint, seed-offset: 100", "from: joint, seed-offset: 100, at: 0.8k"));
    char *on = strstr(text, "from: joint, seed-shift: 1");
    CHECK(on != NULL);
    memcpy(on, "from: joint, seed: 5      ", strlen("from: joint, seed: 5      "));
    char *plug = strstr(text, "guidance: iql, candidates: 7, lambda: 0.25");
    CHECK(plug != NULL);
    memcpy(plug, "guidance: iql, seed: 9, at: 1200          ", strlen("guidance: iql, candidates: 7, lambda: 0.25"));
    CHECK_OK(mdp_experiments_read(write_file("x.yaml", text), &set));
    const struct mdp_experiment *e = &set.list[0];
    CHECK_STR(folder_of(e, 2, 1), "runs/halfcheetah-medium/dql/frozen-at800/seed1");
    const struct mdp_run_instance frozen = {2, 0, 1, 0, 0, 0}, continued = {6, 0, 2, 0, 0, 0};
    CHECK_OK(mdp_instance_module_path(e, &frozen, path));
    CHECK_STR(path, "runs/halfcheetah-medium/dql/joint/seed101/step000800.guidance.h5");
    CHECK_STR(folder_of(e, 6, 2), "runs/halfcheetah-medium/dql/continued-dql-joint-seed5/seed2");
    CHECK(mdp_instance_source(e, &continued, &source));
    CHECK_INT(mdp_instance_seed(e, &source), 5);
    CHECK_OK(mdp_instance_module_path(e, &continued, path));
    CHECK_STR(path, "runs/halfcheetah-medium/dql/joint/seed5/step002000.guidance.h5");
    CHECK_STR(guidance_of(e, 2, 1), "runs/walker2d-expert/guidance/iql/seed9/step001200.guidance.h5");
    CHECK_STR(episodes_of(e, 2, 1, 0),
              "runs/walker2d-expert/edp/noise-grad/seed1/step000400.by-iql-seed9-at1200.episodes.h5");
    mdp_experiments_free(&set);
}

/* a name that would be cut, and so be that of another run, is refused */
static void test_too_long(void) {
    struct mdp_experiments set;
    char path[MDP_PATH_MAX];
    static const char text[] =
        "name: x\ntasks: [walker2d-expert]\nseeds: [0]\nlr-steps: 123456789\nprecision: bf16-avx512\nruns:\n"
        "  - {name: a, algo: dql, eta: 0.12345678901}\n"
        "  - {name: b, algo: dql, guidance: continued, from: a, seed-offset: 1, eta: 0.12345678901}\n"
        "  - {name: c, algo: dql, guidance: continued, from: b, seed-offset: 1, eta: 0.12345678901}\n"
        "  - {name: d, algo: dql, guidance: continued, from: c, seed-offset: 1, eta: 0.12345678901}\n"
        "arms: [{name: a, run: c, guidance: c, seed-offset: 1}]\n";
    CHECK_OK(mdp_experiments_read(write_file("x.yaml", text), &set));
    const struct mdp_experiment *e = &set.list[0];
    CHECK_STR(folder_of(e, 1, 0),
              "runs/walker2d-expert/dql/continued-dql-joint-eta0.12345678901-lrsteps123456789-bf16-avx512+1-eta0."
              "12345678901-lrsteps123456789-bf16-avx512/seed0");
    CHECK_FAILS(mdp_instance_folder(e, &(struct mdp_run_instance){3, 0, 0, 0, 0, 0}, path), MDP_E_USAGE,
                "of settings in a file's name, found more");
    mdp_experiments_free(&set);
}

static double weight_of(const struct mdp_experiment *e, const char *arm) {
    return mdp_arm_weight(&e->file, mdp_experiment_arm(&e->file, arm), 1);
}

/* w_T follows from the values of the guidance and the task, unless the arm or the experiment gives it */
static void test_weights(void) {
    struct mdp_experiments set;
    CHECK_OK(mdp_experiments_read(
        write_file("x.yaml", changed("arms:", "weights: [{algo: dql, task: walker2d-expert, w-t: 7}]\n"
                                              "arms:\n"
                                              "  - {name: frozen-iql, run: by-iql}\n"
                                              "  - {name: continued, run: on}\n"
                                              "  - {name: bare, run: bare}\n"
                                              "  - {name: noise, run: noise}\n"
                                              "  - {name: own, run: joint, w-t: 2}\n")),
        &set));
    const struct mdp_experiment *e = &set.list[0];
    CHECK(weight_of(e, "base") == 7 && weight_of(e, "double") == 7 && weight_of(e, "continued") == 7);
    CHECK(weight_of(e, "plug") == 300 && weight_of(e, "frozen-iql") == 300); /* IDQL's of IQL's values */
    CHECK(weight_of(e, "noise") == 300);                                     /* EDP's */
    CHECK(weight_of(e, "blind") == 0 && weight_of(e, "bare") == 0 && weight_of(e, "own") == 2);
    CHECK(mdp_arm_weight(&e->file, mdp_experiment_arm(&e->file, "base"), 0) == 50);
    mdp_experiments_free(&set);
}

/* every default is a value that its row takes, in every table of the file */
static void test_spelling(void) { check_spelling(&mdp_experiment_table); }

/* ---- what is wrong, with line and key ---- */

static const struct {
    const char *from, *to, *part;
} wrong[] = {
    {"steps: 2000", "step: 2000", "x.yaml:4: expected keys of name, title, parts"},
    {"steps: 2000", "steps: many", "x.yaml:4: steps: expected a whole number, found 'many'"},
    {"steps: 2000", "steps: 0",
     "x.yaml:4: steps: expected a whole number from 1 to 100000000 gradient steps, found '0'"},
    {"steps: 2000", "steps: 399", "x.yaml:4: steps: expected at least evaluate-every 400, found 399"},
    {"checkpoint-every: 400", "checkpoint-every: 400\nevaluate-every: 500",
     "x.yaml:6: evaluate-every: expected a multiple of checkpoint-every 400, found 500"},
    {"episodes: 4", "episodes: 4.5", "x.yaml:6: episodes: expected a whole number, found '4.5'"},
    {"episodes: 4", "candidates: 5000", "candidates: expected a whole number from 1 to 4096 candidates"},
    {"episodes: 4", "actors: [ema, both]", "x.yaml:6: actors[1]: expected one of ema, online, found 'both'"},
    {"episodes: 4", "actors: [ema, ema]", "x.yaml:6: actors[1]: expected every actor once, found ema again"},
    {"episodes: 4", "precision: f16", "x.yaml:6: precision: expected one of f32, f32-plain, bf16, bf16-avx512"},
    {"episodes: 4", "evaluation-precision: f16",
     "x.yaml:6: evaluation-precision: expected one of f32, f32-plain, bf16, bf16-avx512, bf16-emulated, found 'f16'"},
    {"episodes: 4", "lr-steps: 0",
     "x.yaml:6: lr-steps: expected a whole number from 1 to 1000000000 gradient steps, found '0'"},
    {"algo: dql}", "algo: dql, lr-steps: soon}", "x.yaml:8: runs[0].lr-steps: expected a whole number, found 'soon'"},
    {"episodes: 4", "return-rule: paper",
     "x.yaml:6: return-rule: expected one of standard, cleandiffuser, found 'paper'"},
    {"episodes: 4", "weights: [{algo: sac, task: walker2d-expert, w-t: 1}]",
     "x.yaml:6: weights[0].algo: expected one of dql, edp, idql, diffuser, dd, qgpo, found 'sac'"},
    {"episodes: 4", "weights: [{algo: dql, task: walker, w-t: 1}]",
     "x.yaml:6: weights[0].task: expected a task such as halfcheetah-medium, found 'walker'"},
    {"episodes: 4", "weights: [{algo: dql, task: walker2d-expert}]",
     "x.yaml:6: weights[0]: expected the key w-t, found none"},
    {"episodes: 4", "weights: [{algo: dql, task: hopper-expert, w-t: 1}, {algo: dql, task: hopper-expert, w-t: 2}]",
     "x.yaml:6: weights[1].task: expected one weight of dql on a task, found hopper-expert again"},
    {"episodes: 4", "folder: my runs",
     "x.yaml:6: folder: expected a path of letters, digits and . _ + - /, found 'my runs'"},
    {"episodes: 4", "data: $(HOME)", "x.yaml:6: data: expected a path"},
    {"episodes: 4", "episodes: 4\nepisodes: 5", "x.yaml:7: episodes: expected once, found again after line 6"},
    {"name: x", "name: a/b", "x.yaml:1: name: expected at most 64 small letters, digits and '-', found 'a/b'"},
    {"name: x", "title: x", "expected the key name, found none"},
    {"halfcheetah-medium,", "halfcheetah,",
     "x.yaml:2: tasks[0]: expected a task such as halfcheetah-medium, found 'halfcheetah'"},
    {"walker2d-expert", "halfcheetah-medium", "x.yaml:2: tasks[1]: expected every task once"},
    {"tasks: [halfcheetah-medium, walker2d-expert]", "", "x.yaml:1: tasks: expected tasks, found none"},
    {"[0, 1, 2]", "[0, 1, 0]", "x.yaml:3: seeds[2]: expected every seed once, found 0 again"},
    {"[0, 1, 2]", "[0, -1]", "x.yaml:3: seeds[1]: expected a whole number from 0"},
    {"[0, 1, 2]", "[9223372036854775808]", "x.yaml:3: seeds[0]: expected a whole number from 0 to 9e+18"},
    {"[0, 1, 2]", "[5]", "x.yaml:14: runs[6].seed-shift: expected a shift to another of the 1 seeds, found 1"},
    {"algo: dql}", "algo: diffuser, horizon: 0}", "horizon: expected"},
    {"algo: dql}", "algo: diffuser, guidance: none, return-scale: 2}",
     "return-scale: expected none, since no returns are learnt, found '2'"},
    {"algo: dql}", "algo: dql, return-scale: 2}", "return-scale: expected an algorithm that plans, found '2'"},
    {"algo: dql}", "algo: dql, value-steps: 3}", "value-steps: expected guidance of qgpo that learns, found '3'"},
    {"guidance: continued, from: joint", "guidance: continued, value-steps: 3, from: joint",
     "runs[6].value-steps: expected guidance of qgpo that learns, found double-q"},
    {"algo: dql}", "algo: dql, value-steps: 0}", "value-steps: expected a whole number from 1"},
    {"algo: dql}", "algo: dd, guidance: joint}", "runs[0].guidance: expected none, as plans of dd are guided"},
    {"algo: dql}", "algo: dql, width: 8}", "expected an algorithm that plans"},
    {"algo: dql}", "algo: sac}",
     "x.yaml:8: runs[0].algo: expected one of dql, edp, idql, diffuser, dd, qgpo, found 'sac'"},
    {"algo: dql}", "algo: dql, colour: red}", "x.yaml:8: runs[0]: expected keys of name, algo"},
    {"guidance-only: iql", "guidance-only: dql",
     "x.yaml:9: runs[1].guidance-only: expected one of iql, sarsa, qgpo, return, found 'dql'"},
    {"guidance-only: iql", "guidance-only: qgpo",
     "x.yaml:9: runs[1].from: expected a run for qgpo guidance, found none"},
    {"guidance-only: iql", "guidance-only: qgpo, from: joint, at: best",
     "x.yaml:9: runs[1].at: expected last or a step, since evaluations choose guidance alone, found best"},
    {"guidance-only: iql", "guidance-only: qgpo, from: joint, at: same", "runs[1].at: expected last, best or a step"},
    {"guidance-only: iql", "guidance-only: qgpo, from: bare", "runs[1].from: expected the name of a run above"},
    {"guidance-only: iql}", "guidance-only: iql}\n  - {name: e, guidance-only: qgpo, from: iql}",
     "x.yaml:10: runs[2].from: expected a run with a diffusion module of actions, found 'iql', guidance alone"},
    {"algo: dql}", "algo: diffuser}\n  - {name: e, guidance-only: qgpo, from: joint}",
     "x.yaml:9: runs[1].from: expected a run with a diffusion module of actions, found 'joint', diffuser"},
    {"guidance-only: iql", "guidance-only: iql, from: joint", "x.yaml:9: runs[1].from: expected none for"},
    {"guidance-only: iql", "guidance-only: iql, algo: dql",
     "x.yaml:9: runs[1]: expected either algo or guidance-only, found both"},
    {"guidance-only: iql", "eta: 1", "x.yaml:9: runs[1]: expected either algo or guidance-only, found none"},
    {"guidance-only: iql", "guidance-only: iql, eta: 1",
     "x.yaml:9: runs[1].eta: expected none, since there is no policy loss to weigh"},
    {"guidance-only: iql", "guidance-only: iql, guidance: none",
     "x.yaml:9: runs[1].guidance: expected none beside guidance-only, found 'none'"},
    {"guidance: none}", "guidance: none, eta: 2}",
     "x.yaml:13: runs[5].eta: expected none, since there is no policy loss"},
    {"name: iql", "name: joint", "x.yaml:9: runs[1].name: expected a new name, found 'joint' again"},
    {"guidance: frozen", "guidance: cold",
     "x.yaml:10: runs[2].guidance: expected one of joint, frozen, continued, noise, none, found 'cold'"},
    {"from: joint, seed-offset: 100", "seed-offset: 100",
     "x.yaml:10: runs[2].from: expected a run for frozen guidance, found none"},
    {"from: joint,", "from: later,", "x.yaml:10: runs[2].from: expected the name of a run above, found 'later'"},
    {"from: joint,", "from: gfdt,", "x.yaml:10: runs[2].from: expected the name of a run above, found 'gfdt'"},
    {"from: iql", "from: gfdt",
     "x.yaml:11: runs[3].from: expected a run that trains guidance, found 'gfdt', which does not"},
    {"eta: 0.5", "eta: -1", "x.yaml:11: runs[3].eta: expected a number from 0 to 1000000, found '-1'"},
    {"eta: 0.5", "eta: nan", "x.yaml:11: runs[3].eta: expected a finite number, found 'nan'"},
    {"noise: grad", "noise: pink", "x.yaml:12: runs[4].noise: expected one of net, grad, found 'pink'"},
    {"guidance: none}", "guidance: none, noise: net}", "x.yaml:13: runs[5].noise: expected guidance: noise beside it"},
    {"guidance: none}", "guidance: none, from: joint}", "runs[5].from: expected none for none guidance, found 'joint'"},
    {"guidance: none}", "guidance: none, seed-shift: 1}",
     "runs[5].from: expected a run beside at, seed, seed-offset or seed-shift"},
    {"run: joint}", "run: jiont}", "x.yaml:16: arms[0].run: expected the name of a run, found 'jiont'"},
    {"run: joint}", "run: iql}", "x.yaml:16: arms[0].run: expected a run with a diffusion module, found 'iql'"},
    {"name: double", "name: base", "x.yaml:17: arms[1].name: expected a new name, found 'base' again"},
    {"from: joint, seed-offset: 100", "from: joint, at: same",
     "x.yaml:10: runs[2].at: expected last, best or a step, found 'same', which a training has not"},
    {"from: iql, eta: 0.5", "from: iql, at: best, eta: 0.5",
     "x.yaml:11: runs[3].at: expected last or a step, since run iql has no actor to evaluate, found best"},
    {"runs:\n  - {name: joint, algo: dql}",
     "best-seed: 0\nruns:\n  - {name: joint, algo: dql}\n  - {name: best, algo: "
     "dql, guidance: frozen, from: joint, at: best}",
     "x.yaml:10: runs[1].at: expected a best-seed other than evaluation-seed 0, found the same"},
    {"from: joint, seed-offset: 100", "from: joint, at: 100",
     "x.yaml:10: runs[2].at: expected a multiple of checkpoint-every 400 up to steps 2000, found 100"},
    {"from: joint, seed-offset: 100", "from: joint, at: 2400",
     "x.yaml:10: runs[2].at: expected a multiple of checkpoint-every 400 up to steps 2000, found 2400"},
    {"from: joint, seed-offset: 100", "from: joint, at: 0",
     "x.yaml:10: runs[2].at: expected one of same, last, best, or a step, found '0'"},
    {"from: joint, seed-offset: 100", "from: joint, seed-offset: 100, seed: 1",
     "x.yaml:10: runs[2].seed: expected none beside seed-offset or seed-shift, found 1"},
    {"from: joint, seed-offset: 100", "from: joint, seed: -2",
     "x.yaml:10: runs[2].seed: expected a whole number from 0"},
    {"guidance: none}", "guidance: none, seed: 1}", "x.yaml:13: runs[5].from: expected a run beside at, seed"},
    {"guidance: iql,", "guidance: on, seed: 3,",
     "x.yaml:18: arms[2].seed: expected none, since run on has a seed-shift, found 3"},
    {"at: last", "at: 600", "x.yaml:17: arms[1].at: expected a multiple of checkpoint-every 400"},
    {"at: last", "at: first", "x.yaml:17: arms[1].at: expected one of same, last, best, or a step, found 'first'"},
    {"guidance: iql,", "guidance: qil,",
     "x.yaml:18: arms[2].guidance: expected own, none or the name of a run, found 'qil'"},
    {"guidance: iql,", "guidance: noise,", "arms[2].guidance: expected a run that trains guidance, found 'noise'"},
    {"guidance: iql,", "seed-offset: 1,",
     "x.yaml:18: arms[2].guidance: expected a run beside at, seed, seed-offset or seed-shift"},
    {"candidates: 7", "candidates: 0", "x.yaml:18: arms[2].candidates: expected a whole number from 1"},
    {"lambda: 0.25", "lambda: .inf", "x.yaml:18: arms[2].lambda: expected a finite number"},
    {"langevin-steps: 9", "langevin-steps: 0",
     "x.yaml:19: arms[3].langevin-step-size: expected langevin-steps beside it, found none"},
    {"langevin-steps: 9", "langevin-steps: 1001",
     "arms[3].langevin-steps: expected a whole number from 0 to 1000 steps, found '1001'"},
    {"langevin-steps: 9, ", "", "x.yaml:19: arms[3].langevin-step-size: expected langevin-steps beside it, found none"},
    {"langevin-step-size: 2e-3, ", "",
     "x.yaml:19: arms[3].langevin-steps: expected langevin-step-size beside it, found none"},
    {"langevin-steps: 9", "candidates: 2, langevin-steps: 9",
     "x.yaml:19: arms[3].candidates: expected 1 without guidance, found '2'"},
    {"langevin-steps: 9", "w-t: 2, langevin-steps: 9", "arms[3].w-t: expected none without guidance, found '2'"},
    {"langevin-steps: 9", "lambda: 2, langevin-steps: 9", "arms[3].lambda: expected 0 without guidance, found '2'"},
    {"run: joint}", "run: bare, candidates: 2}",
     "x.yaml:16: arms[0].candidates: expected 1 without guidance, found '2'"},
    {"langevin-step-size: 2e-3", "langevin-step-size: 0",
     "x.yaml:19: arms[3].langevin-step-size: expected a number from"},
    {"langevin-time: 0", "langevin-time: -1",
     "x.yaml:19: arms[3].langevin-time: expected a whole number from 0 to 255"},
    {"langevin-steps: 9, langevin-step-size: 2e-3, ", "",
     "x.yaml:19: arms[3].langevin-time: expected langevin-steps beside it"},
    {"kind: gains", "kind: losses", "x.yaml:22: tables[0].kind: expected one of gains, variance, composition"},
    {"    kind: gains\n", "", "x.yaml:21: tables[0]: expected the key kind, found none"},
    {"test: [double]", "test: [single]", "x.yaml:23: tables[0].test[0]: expected the name of an arm, found 'single'"},
    {"test: [double]", "test: [double, plug]",
     "x.yaml:24: tables[0].base: expected an arm for each of the 2 in test, found 1"},
    {"name: bare", "name: none", "x.yaml:13: runs[5].name: expected another name than own and none, found 'none'"},
    {"kind: gains\n    test: [double]", "kind: arms\n    test: [double, double]",
     "x.yaml:23: tables[0].test[1]: expected every arm once"},
    {"    base: [base]\n", "", "x.yaml:21: tables[0]: expected arms in test and in base for kind gains"},
    {"base: [base]", "printed: table1", "tables[0]: expected arms in test and in base"},
    {"kind: gains\n    test: [double]", "kind: behavior",
     "x.yaml:21: tables[0]: expected arms in test for kind behavior, found none"},
    {"kind: gains", "kind: arms\n    printed: table9",
     "x.yaml:23: tables[0].printed: expected one of table1, table2, table3, composition"},
    {"unit: runs", "unit: hours",
     "x.yaml:25: tables[0].choices.unit: expected one of checkpoints, curve, episodes, runs, found 'hours'"},
    {"early-steps: 3000", "early-steps: 0", "x.yaml:25: tables[0].choices.early-steps: expected a number from 1"},
    {"early-steps: 3000", "soon: 1", "x.yaml:25: tables[0].choices: expected keys of unit, pairs"},
    {"[base, plug]", "[base, plug, plug]", "x.yaml:27: figures[0].panels[0].arms[2]: expected every arm once"},
    {"[base, plug]", "[bse]", "x.yaml:27: figures[0].panels[0].arms[0]: expected the name of an arm, found 'bse'"},
    {"{arms: [base, plug]}", "{title: a}", "x.yaml:27: figures[0].panels[0].arms: expected 1 to 16 arms, found 0"},
    {"panels: [", "panel: [", "x.yaml:27: figures[0]: expected keys of name, title, kind, panels"},
    {"arms:\n  - {name: base, run: joint}", "arms: 5\nno:", "x.yaml:15: arms: expected a list, found '5'"},
};

static void test_what_is_wrong(void) {
    struct mdp_experiments set;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        fprintf(stderr, "%s -> %s\n", wrong[i].from, wrong[i].to);
        CHECK_FAILS(mdp_experiments_read(write_file("x.yaml", changed(wrong[i].from, wrong[i].to)), &set), MDP_E_DATA,
                    wrong[i].part);
    }
    CHECK_FAILS(mdp_experiments_read(tap_temp_path("none.yaml"), &set), MDP_E_IO, "none.yaml");
}

/* bytes changed, lost or repeated at random: read or refused, with a message that names the file */
static void test_damaged(void) {
    char text[sizeof usual + 64];
    unsigned state = 1;
    int n_read = 0;
    for (int i = 0; i < 3000; i++) {
        size_t n = sizeof usual - 1;
        memcpy(text, usual, n);
        for (int k = 0; k < 1 + i % 4; k++) {
            state = state * 1664525u + 1013904223u;
            size_t offset = (state >> 8) % n, length = (state >> 4) % 16;
            if (state % 3 == 0)
                text[offset] = (char)(state >> 16);
            else if (state % 3 == 1 && offset + length < n)
                memmove(text + offset, text + offset + length, n - offset - length), n -= length;
            else if (n + length < sizeof text)
                memmove(text + offset + length, text + offset, n - offset), n += length;
        }
        struct mdp_experiments set;
        FILE *file = fopen(tap_temp_path("x.yaml"), "w");
        CHECK(file != NULL && fwrite(text, 1, n, file) == n && fclose(file) == 0);
        mdp_err err = mdp_experiments_read(tap_temp_path("x.yaml"), &set);
        CHECK(err == MDP_OK || err == MDP_E_DATA || err == MDP_E_IO);
        if (err != MDP_OK) CHECK(strstr(mdp_err_message(), ".yaml") != NULL);
        if (err == MDP_OK) mdp_experiments_free(&set), n_read++;
    }
    fprintf(stderr, "%d of 3000 were read\n", n_read);
    CHECK(n_read > 0 && n_read < 3000);
}

/* ---- parts ---- */

static void test_parts(void) {
    struct mdp_experiments set;
    static const char top[] =
        "name: top\nparts: [a.yaml, b.yaml]\nsteps: 800\nseeds: [7, 8, 9]\nactors: [ema, online]\n";
    write_file("a.yaml", usual);
    write_file("b.yaml",
               changed("name: x\ntasks: [halfcheetah-medium, walker2d-expert]", "name: y\ntasks: [walker2d-medium]"));
    CHECK_OK(mdp_experiments_read(write_file("top.yaml", top), &set));
    CHECK_INT(set.n, 2);
    CHECK_STR(set.name, "top");
    CHECK_INT(set.list[0].file.train.n_steps, 800);
    CHECK_INT(set.list[1].file.seeds[1], 8);
    CHECK_INT(set.list[1].file.actors_count, 2);
    CHECK_INT(set.list[1].file.eval.n_episodes, 4);
    CHECK_INT(set.list[0].file.tasks_count, 2);
    CHECK_STR(set.list[1].file.tasks[0], "walker2d-medium");
    mdp_experiments_free(&set);
}

static void refuse_top(const char *text, const char *part) {
    struct mdp_experiments set;
    CHECK_FAILS(mdp_experiments_read(write_file("top.yaml", text), &set), MDP_E_DATA, part);
}

static void test_wrong_parts(void) {
    struct mdp_experiments set;
    write_file("a.yaml", usual);
    write_file("same.yaml", usual);
    write_file("bad.yaml", changed("episodes: 4", "episodes: x"));
    write_file("nested.yaml", "name: n\nparts: [a.yaml]\n");
    refuse_top("name: t\n", "top.yaml:1: runs: expected at least one, found none");
    refuse_top("name: t\nparts: [a.yaml]\nruns: [{name: j, algo: dql}]\n",
               "top.yaml:2: parts: expected either parts or");
    refuse_top("name: t\nparts: [nested.yaml]\n", "top.yaml:2: parts[0]: expected a file without parts of its own");
    refuse_top("name: t\nparts:\n  - a.yaml\n  - same.yaml\n", "top.yaml:4: parts[1]: expected a new name, found 'x'");
    refuse_top("name: t\nparts: [bad.yaml]\n", "bad.yaml:6: episodes: expected a whole number");
    refuse_top("name: t\nparts: [a.yaml]\nsteps: 300\n", "top.yaml:3: steps: expected at least evaluate-every 400");
    refuse_top("name: t\nparts: [a.yaml]\nseeds: [1]\n", "a.yaml:14: runs[6].seed-shift: expected a shift to another");
    CHECK_FAILS(mdp_experiments_read(write_file("top.yaml", "name: t\nparts: [gone.yaml]\n"), &set), MDP_E_IO,
                "gone.yaml");
}

/* what is shipped is right */
static void test_shipped(void) {
    static const char *const names[] = {"smoke",
                                        "quick",
                                        "paper",
                                        "table1",
                                        "table2",
                                        "table3",
                                        "composition",
                                        "figure1",
                                        "figure2a",
                                        "figure2b",
                                        "replay",
                                        "learning",
                                        "selection",
                                        "authors",
                                        "authors-more",
                                        "authors-rest",
                                        "authors-edp",
                                        "authors-figure1",
                                        "authors-composition"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mdp_experiments set;
        char path[MDP_PATH_MAX];
        snprintf(path, sizeof path, "%s/bench/experiments/%s.yaml", MDP_SOURCE_DIR, names[i]);
        CHECK_OK(mdp_experiments_read(path, &set));
        CHECK_STR(set.name, names[i]);
        mdp_experiments_free(&set);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_meaning),       TAP_TEST(test_numbers),       TAP_TEST(test_spelling),
        TAP_TEST(test_paths),         TAP_TEST(test_rate_and_rule), TAP_TEST(test_folders_of_settings),
        TAP_TEST(test_sources),       TAP_TEST(test_too_long),      TAP_TEST(test_weights),
        TAP_TEST(test_what_is_wrong), TAP_TEST(test_damaged),       TAP_TEST(test_parts),
        TAP_TEST(test_wrong_parts),   TAP_TEST(test_shipped),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
