/* plans: shared work is one job, commands say what is meant, and rules name what they need */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/experiment/plan.h"
#include "bench/experiment/read.h"
#include "tests/unit/bench/experiment/synthetic.h"

static const char yaml[] =
    "name: x\n"
    "tasks: [halfcheetah-expert]\n"
    "seeds: [0, 1]\n"
    "steps: 1000\n"
    "checkpoint-every: 100\n"
    "evaluate-every: 300\n"
    "episodes: 2\n"
    "actors: [ema, online]\n"
    "runs:\n"
    "  - {name: joint, algo: edp}\n"
    "  - {name: sarsa, guidance-only: sarsa}\n"
    "  - {name: gfdt, algo: edp, guidance: frozen, from: joint, seed-offset: 100}\n"
    "  - {name: noise, algo: dql, guidance: noise, noise: grad, eta: 0.5}\n"
    "  - {name: bare, algo: idql, guidance: none}\n"
    "arms:\n"
    "  - {name: joint, run: joint}\n"
    "  - {name: gfdt, run: gfdt}\n"
    "  - {name: double, run: gfdt, guidance: joint, seed-offset: 100, seed-shift: 1, at: last}\n"
    "  - {name: noise, run: noise, w-t: 2.5, langevin-steps: 5, langevin-step-size: 0.001, temperature: 0}\n"
    "  - {name: bare, run: bare}\n"
    "  - {name: plug, run: bare, guidance: sarsa, candidates: 9, solver: ddim, sampling-steps: 4}\n";

static struct mdp_experiments experiments;
static struct mdp_plan plan;

static void open_plan(const char *text) {
    const char *path = synthetic_file("x.yaml", text);
    CHECK(chdir(tap_temp_dir()) == 0);
    CHECK_OK(mdp_experiments_read(path, &experiments));
    CHECK_OK(mdp_plan_new(&experiments, &plan));
}

static void close_plan(void) {
    mdp_plan_free(&plan);
    mdp_experiments_free(&experiments);
}

static const struct mdp_job *find(const char *path) {
    for (int i = 0; i < plan.n; i++)
        if (strcmp(plan.jobs[i].path, path) == 0) return &plan.jobs[i];
    fprintf(stderr, "no job for %s\n", path);
    CHECK(0);
    return NULL;
}

static void check_command(const char *path, const char *want) {
    char *command;
    CHECK_OK(mdp_job_command(find(path), &command));
    CHECK_STR(command, want);
    free(command);
}

static int count(enum mdp_job_kind kind) {
    int n = 0;
    for (int i = 0; i < plan.n; i++) n += plan.jobs[i].kind == kind;
    return n;
}

static void test_shared_once(void) {
    open_plan(yaml);
    CHECK_INT(count(MDP_JOB_DATA), 1);
    /* joint of 0, 1, 100, 101; frozen, noise, bare of 0, 1; sarsa of 0, 1 */
    CHECK_INT(count(MDP_JOB_RUN), 12);
    /* six arms, two seeds, two actors, steps 300, 600, 900 */
    CHECK_INT(count(MDP_JOB_EVALUATION), 72);
    CHECK_INT(plan.arms[0].n, 1 + 2 + 12);
    CHECK_INT(plan.arms[1].n, 1 + 4 + 12);
    CHECK_INT(plan.arms[2].n, 1 + 4 + 12);
    for (int i = 0; i < plan.n; i++)
        for (int k = 0; k < plan.jobs[i].n_needs; k++) CHECK(plan.jobs[i].needs[k] < i);
    close_plan();
}

/* what an algorithm that plans has beside the others: sizes in names, its own rates, and a guide that is always said */
static void test_commands_of_planners(void) {
    open_plan("name: x\ntasks: [walker2d-medium]\nseeds: [0]\nsteps: 20\ncheckpoint-every: 10\nepisodes: 2\n"
              "runs:\n"
              "  - {name: returns, guidance-only: return, width: 8}\n"
              "  - {name: plans, algo: diffuser, guidance: frozen, from: returns, width: 8, horizon: 8}\n"
              "  - {name: told, algo: dd}\n"
              "arms:\n"
              "  - {name: first, run: plans}\n"
              "  - {name: select, run: plans, guide: none}\n"
              "  - {name: told, run: told, guide: free, guide-weight: 3, target-return: 1.2}\n");
    check_command(
        "runs/walker2d-medium/diffuser/frozen-return-width8+0-horizon8-width8/seed0",
        "train --task walker2d-medium --algo diffuser --guidance frozen --guidance-file "
        "runs/walker2d-medium/guidance/return-width8/seed0/step000020.guidance.h5 --horizon 8 --width 8 --batch 64 "
        "--seed 0 --data datasets/walker2d-medium.hdf5 --lr 0.0002 --lr-steps 1000000 --steps 20 "
        "--checkpoint-every 10 --out runs/walker2d-medium/diffuser/frozen-return-width8+0-horizon8-width8/seed0");
    check_command("runs/walker2d-medium/dd/none/seed0",
                  "train --task walker2d-medium --algo dd --guidance none --batch 64 --seed 0 --data "
                  "datasets/walker2d-medium.hdf5 --lr 0.0002 --lr-steps 1000000 --steps 20 --checkpoint-every 10 --out "
                  "runs/walker2d-medium/dd/none/seed0");
    const char *folder = "runs/walker2d-medium/diffuser/frozen-return-width8+0-horizon8-width8/seed0";
    char path[512], want[1024];
    snprintf(path, sizeof path, "%s/step000020.episodes.h5", folder);
    snprintf(want, sizeof want,
             "eval %s --step 20 --episodes 2 --seed 0 --candidates 64 --guide noisy --guide-weight 0.007 --out %s",
             folder, path);
    check_command(path, want);
    snprintf(path, sizeof path, "%s/step000020.none.episodes.h5", folder);
    snprintf(want, sizeof want, "eval %s --step 20 --episodes 2 --seed 0 --candidates 64 --guide none --out %s", folder,
             path);
    check_command(path, want);
    check_command("runs/walker2d-medium/dd/none/seed0/step000020.freex3.target1.2.episodes.h5",
                  "eval runs/walker2d-medium/dd/none/seed0 --step 20 --episodes 2 --seed 0 --candidates 1 --guide free "
                  "--guide-weight 3 --target-return 1.2 --out "
                  "runs/walker2d-medium/dd/none/seed0/step000020.freex3.target1.2.episodes.h5");
    close_plan();
}

/* guidance that learns from the actions of another run comes after it, and names it */
static void test_commands_of_qgpo(void) {
    open_plan("name: x\ntasks: [walker2d-medium]\nseeds: [3]\nsteps: 20\ncheckpoint-every: 10\nepisodes: 2\n"
              "runs:\n"
              "  - {name: behavior, algo: qgpo, guidance: none}\n"
              "  - {name: energy, guidance-only: qgpo, from: behavior, value-steps: 5}\n"
              "  - {name: early, guidance-only: qgpo, from: behavior, at: 10}\n"
              "  - {name: dql, algo: dql, guidance: frozen, from: early}\n"
              "arms:\n"
              "  - {name: qgpo, run: behavior, guidance: energy, guide: energy}\n"
              "  - {name: frozen, run: dql}\n");
    check_command("runs/walker2d-medium/qgpo/none/seed3",
                  "train --task walker2d-medium --algo qgpo --guidance none --batch 256 --seed 3 --data "
                  "datasets/walker2d-medium.hdf5 --steps 20 --checkpoint-every 10 --out "
                  "runs/walker2d-medium/qgpo/none/seed3");
    const char *energy = "runs/walker2d-medium/guidance/qgpo-qgpo-none+0-values5/seed3";
    char path[512], want[1024];
    snprintf(
        want, sizeof want,
        "train --task walker2d-medium --diffusion-file "
        "runs/walker2d-medium/qgpo/none/seed3/step000020.diffusion.h5 --value-steps 5 --guidance-only qgpo --batch "
        "256 --seed 3 --data datasets/walker2d-medium.hdf5 --steps 20 --checkpoint-every 10 --out %s",
        energy);
    check_command(energy, want);
    check_command(
        "runs/walker2d-medium/guidance/qgpo-qgpo-none+0-at10/seed3",
        "train --task walker2d-medium --diffusion-file "
        "runs/walker2d-medium/qgpo/none/seed3/step000010.diffusion.h5 --guidance-only qgpo --batch 256 --seed 3 "
        "--data datasets/walker2d-medium.hdf5 --steps 20 --checkpoint-every 10 --out "
        "runs/walker2d-medium/guidance/qgpo-qgpo-none+0-at10/seed3");
    snprintf(path, sizeof path,
             "runs/walker2d-medium/qgpo/none/seed3/step000020.by-qgpo-qgpo-none+0-values5-seed3.energy.episodes.h5");
    snprintf(want, sizeof want,
             "eval runs/walker2d-medium/qgpo/none/seed3 --step 20 --guidance %s/step000020.guidance.h5 --episodes 2 "
             "--seed 0 --candidates 50 --guide energy --out %s",
             energy, path);
    check_command(path, want);
    close_plan();
}

static void test_commands(void) {
    open_plan(yaml);
    check_command("datasets/halfcheetah-expert.hdf5",
                  "collect halfcheetah-expert --out datasets/halfcheetah-expert.hdf5");
    check_command("runs/halfcheetah-expert/edp/joint/seed100",
                  "train --task halfcheetah-expert --algo edp --batch 256 --seed 100 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/edp/joint/seed100");
    check_command("runs/halfcheetah-expert/guidance/sarsa/seed1",
                  "train --task halfcheetah-expert --guidance-only sarsa --batch 256 --seed 1 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/guidance/sarsa/seed1");
    check_command("runs/halfcheetah-expert/edp/frozen/seed1",
                  "train --task halfcheetah-expert --algo edp --guidance frozen --guidance-file "
                  "runs/halfcheetah-expert/edp/joint/seed101/step001000.guidance.h5 --batch 256 --seed 1 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/edp/frozen/seed1");
    check_command("runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0",
                  "train --task halfcheetah-expert --algo dql --guidance noise --noise grad --eta 0.5 --batch 256 "
                  "--seed 0 --data datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0");
    check_command(
        "runs/halfcheetah-expert/edp/frozen/seed1/step000600.by-edp-joint-seed100-last.online.episodes.h5",
        "eval runs/halfcheetah-expert/edp/frozen/seed1 --step 600 --guidance "
        "runs/halfcheetah-expert/edp/joint/seed100/step001000.guidance.h5 --actor online --episodes 2 --seed 0 "
        "--candidates 50 --out "
        "runs/halfcheetah-expert/edp/frozen/seed1/step000600.by-edp-joint-seed100-last.online.episodes.h5");
    check_command(
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0/step000300.w2.5.langevin5x0.001.t0.episodes.h5",
        "eval runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0 --step 300 --episodes 2 --seed 0 --candidates "
        "50 --w-t 2.5 --langevin-steps 5 --langevin-step-size 0.001 --temperature 0 --out "
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0/step000300.w2.5.langevin5x0.001.t0.episodes.h5");
    check_command(
        "runs/halfcheetah-expert/idql/none/seed1/step000900.by-sarsa-seed1.n9.ddim.k4.episodes.h5",
        "eval runs/halfcheetah-expert/idql/none/seed1 --step 900 --guidance "
        "runs/halfcheetah-expert/guidance/sarsa/seed1/step000900.guidance.h5 --episodes 2 --seed 0 --candidates 9 "
        "--solver ddim --sampling-steps 4 --out "
        "runs/halfcheetah-expert/idql/none/seed1/step000900.by-sarsa-seed1.n9.ddim.k4.episodes.h5");
    close_plan();
}

/* evaluations of another precision than the training have names of their own; those of the same do not */
static void test_precisions(void) {
    static char text[4096];
    snprintf(text, sizeof text, "%sevaluation-precision: bf16\n", yaml);
    open_plan(text);
    check_command("runs/halfcheetah-expert/edp/joint/seed100",
                  "train --task halfcheetah-expert --algo edp --batch 256 --seed 100 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/edp/joint/seed100");
    check_command(
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0/step000300.w2.5.langevin5x0.001.t0.bf16.episodes.h5",
        "eval runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0 --step 300 --episodes 2 --seed 0 "
        "--candidates 50 --w-t 2.5 --langevin-steps 5 --langevin-step-size 0.001 --temperature 0 --precision bf16 "
        "--out "
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5/seed0/step000300.w2.5.langevin5x0.001.t0.bf16.episodes.h5");
    close_plan();
    snprintf(text, sizeof text, "%sprecision: bf16\n", yaml);
    open_plan(text);
    check_command("runs/halfcheetah-expert/edp/joint-bf16/seed100",
                  "train --task halfcheetah-expert --algo edp --precision bf16 --batch 256 --seed 100 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1000 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/edp/joint-bf16/seed100");
    check_command(
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5-bf16/seed0/step000300.w2.5.langevin5x0.001.t0.episodes.h5",
        "eval runs/halfcheetah-expert/dql/noise-grad-eta0.5-bf16/seed0 --step 300 --episodes 2 --seed 0 "
        "--candidates 50 --w-t 2.5 --langevin-steps 5 --langevin-step-size 0.001 --temperature 0 --precision bf16 "
        "--out "
        "runs/halfcheetah-expert/dql/noise-grad-eta0.5-bf16/seed0/step000300.w2.5.langevin5x0.001.t0.episodes.h5");
    close_plan();
}

/* two parts of one run: as far as the longer, as often as both */
static void test_merge(void) {
    static char a[4096], b[4096];
    snprintf(a, sizeof a, "%s", yaml);
    snprintf(b, sizeof b,
             "name: y\ntasks: [halfcheetah-expert]\nseeds: [0]\nsteps: 2000\ncheckpoint-every: 40\n"
             "episodes: 2\nruns: [{name: j, algo: edp}]\narms: [{name: a, run: j}]\n");
    synthetic_file("a.yaml", a);
    synthetic_file("b.yaml", b);
    open_plan("name: top\nparts: [a.yaml, b.yaml]\n");
    const struct mdp_job *job = find("runs/halfcheetah-expert/edp/joint/seed0");
    CHECK_INT(job->steps, 2000);
    CHECK_INT(job->every, 20);
    CHECK_INT(find("runs/halfcheetah-expert/edp/joint/seed1")->steps, 1000);
    CHECK_INT(find("runs/halfcheetah-expert/edp/joint/seed1")->every, 100);
    close_plan();
}

/* a step of guidance that nobody evaluates has to be written all the same */
static void test_step_of_guidance(void) {
    open_plan("name: x\ntasks: [halfcheetah-expert]\nseeds: [0]\nsteps: 1200\ncheckpoint-every: 100\n"
              "evaluate-every: 600\nepisodes: 2\n"
              "runs:\n"
              "  - {name: joint, algo: edp}\n"
              "  - {name: early, algo: edp, guidance: frozen, from: joint, seed: 7, at: 200}\n"
              "arms: [{name: a, run: early}, {name: b, run: joint, guidance: joint, seed: 8, at: 400}]\n");
    check_command("runs/halfcheetah-expert/edp/frozen-edp-joint-seed7-at200/seed0",
                  "train --task halfcheetah-expert --algo edp --guidance frozen --guidance-file "
                  "runs/halfcheetah-expert/edp/joint/seed7/step000200.guidance.h5 --batch 256 --seed 0 --data "
                  "datasets/halfcheetah-expert.hdf5 --steps 1200 --checkpoint-every 100 --out "
                  "runs/halfcheetah-expert/edp/frozen-edp-joint-seed7-at200/seed0");
    CHECK_INT(find("runs/halfcheetah-expert/edp/joint/seed7")->every_needed, 200);
    CHECK_INT(find("runs/halfcheetah-expert/edp/joint/seed8")->every_needed, 200);
    CHECK_INT(find("runs/halfcheetah-expert/edp/joint/seed0")->every_needed, 600);
    close_plan();
}

/* the best guidance is chosen by evaluations of its own run, which no table shows, before it is taken */
static void test_best_guidance(void) {
    static const char frozen[] = "runs/halfcheetah-expert/edp/frozen-best-bf16/seed0";
    static const char choice[] =
        "runs/halfcheetah-expert/edp/joint-bf16/seed100/step001200.best600-1200.seed5.cleandiffuser.episodes.h5";
    char *text = NULL;
    size_t size;
    open_plan("name: x\ntasks: [halfcheetah-expert]\nseeds: [0]\nsteps: 1200\ncheckpoint-every: 100\n"
              "evaluate-every: 600\nepisodes: 2\nbest-seed: 5\nprecision: bf16\nreturn-rule: cleandiffuser\n"
              "runs:\n"
              "  - {name: joint, algo: edp}\n"
              "  - {name: best, algo: edp, guidance: frozen, from: joint, seed-offset: 100, at: best}\n"
              "arms: [{name: a, run: best}, {name: b, run: joint, guidance: joint, seed: 8, at: best}]\n");
    check_command(choice, "eval runs/halfcheetah-expert/edp/joint-bf16/seed100 --step 1200 --episodes 2 --seed 5 "
                          "--candidates 50 --precision bf16 --return-rule cleandiffuser --out "
                          "runs/halfcheetah-expert/edp/joint-bf16/seed100/"
                          "step001200.best600-1200.seed5.cleandiffuser.episodes.h5");
    check_command(frozen, "train --task halfcheetah-expert --algo edp --guidance frozen --guidance-file "
                          "best:runs/halfcheetah-expert/edp/joint-bf16/seed100:best600-1200.seed5.cleandiffuser "
                          "--precision bf16 --batch 256 --seed 0 --data datasets/halfcheetah-expert.hdf5 --steps 1200 "
                          "--checkpoint-every 100 --out "
                          "runs/halfcheetah-expert/edp/frozen-best-bf16/seed0");
    const struct mdp_job *job = find(frozen);
    CHECK_INT(job->n_needs, 4); /* data, the source, its two evaluations */
    CHECK(plan.jobs[job->needs[3]].is_choice && strcmp(plan.jobs[job->needs[3]].path, choice) == 0);
    CHECK_INT(count(MDP_JOB_EVALUATION), 8);
    find("runs/halfcheetah-expert/edp/joint-bf16/seed0/"
         "step000600.by-edp-joint-bf16-seed8-best.cleandiffuser.episodes.h5");
    CHECK_OK(mdp_plan_inspect(&plan));
    CHECK(find(choice)->is_needed);
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_plan_make(&plan, "x.yaml", "x", stream));
    fclose(stream);
    CHECK(strstr(text, "seed5.cleandiffuser.episodes.h5 \\\n") == NULL); /* none of what `all` asks for */
    free(text);
    close_plan();
}

static void test_conflict(void) {
    struct mdp_experiments set;
    struct mdp_plan other;
    static const char b[] = "name: y\ntasks: [halfcheetah-expert]\nseeds: [0]\nbatch: 64\n"
                            "runs: [{name: j, algo: edp}]\narms: [{name: a, run: j}]\n";
    synthetic_file("a.yaml", yaml);
    synthetic_file("b.yaml", b);
    CHECK_OK(mdp_experiments_read(synthetic_file("top.yaml", "name: top\nparts: [a.yaml, b.yaml]\n"), &set));
    CHECK_FAILS(mdp_plan_new(&set, &other), MDP_E_USAGE,
                "runs/halfcheetah-expert/edp/joint/seed0: two arms want it with other settings");
    CHECK(strstr(mdp_err_message(), "--batch 256") != NULL && strstr(mdp_err_message(), "--batch 64") != NULL);
    mdp_experiments_free(&set);
}

static void test_make(void) {
    char *text = NULL;
    size_t size;
    open_plan(yaml);
    CHECK_OK(mdp_plan_inspect(&plan));
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_plan_make(&plan, "x.yaml", "x", stream));
    fclose(stream);
    CHECK(strstr(text, "\nruns/halfcheetah-expert/edp/frozen/seed0/step001000.diffusion.h5 &: | "
                       "datasets/halfcheetah-expert.hdf5 "
                       "runs/halfcheetah-expert/edp/joint/seed100/step001000.diffusion.h5 "
                       "runs/halfcheetah-expert/edp/joint/seed100/step001000.guidance.h5\n"
                       "\t$(MDPBENCH) train --task halfcheetah-expert") != NULL);
    CHECK(strstr(text, "\nruns/halfcheetah-expert/guidance/sarsa/seed0/step001000.guidance.h5 &: | datasets") != NULL);
    CHECK(strstr(text, ".PHONY: runs") == NULL);
    free(text);
    close_plan();
}

/* what is there counts: by arm, and once for all */
static void test_inspect(void) {
    open_plan(yaml);
    const struct mdp_experiment *e = &experiments.list[0];
    for (int s = 0; s < 2; s++)
        for (long step = 300; step <= 600; step += 300)
            synthetic_write(e, &(struct mdp_arm_instance){0, 0, s, 0, step, 0, 0, 0}, synthetic_usual);
    CHECK_OK(mdp_plan_inspect(&plan));
    int n_done = 0;
    for (int i = 0; i < plan.n; i++) n_done += plan.jobs[i].is_done;
    CHECK_INT(n_done, 4);
    CHECK_OK(mdp_plan_estimate(&plan, NULL));
    CHECK_STR(plan.rates_source, "");
    CHECK(isnan(find("runs/halfcheetah-expert/edp/joint/seed0")->seconds));
    CHECK(find("runs/halfcheetah-expert/edp/joint/seed0/step000300.episodes.h5")->seconds == 0);
    close_plan();
}

/* perf measured actions that are sampled as in training, with candidates that are only selected from */
static void test_estimate(void) {
    static const char *const arms[][2] = {
        {"w-t: 3, temperature: 0.1, candidates: 9", ".n9.w3.t0.1"},
        {"lambda: 0, langevin-steps: 0", ".lambda0.langevin0"},
        {"lambda: 0.1", ".lambda0.1"},
        {"solver: ddim", ".ddim"},
        {"sampling-steps: 4", ".k4"},
        {"langevin-steps: 5, langevin-step-size: 0.001", ".langevin5x0.001"},
    };
    char text[512], path[MDP_PATH_MAX];
    const char *rates = synthetic_file("rates.json", "{\"results\": [{\"name\": \"infer/edp/f32\", \"value\": 10}, "
                                                     "{\"name\": \"vec/HalfCheetahBullet-v0\", \"value\": 1000}]}");
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text,
                 "name: x\ntasks: [halfcheetah-expert]\nseeds: [0]\nsteps: 100\ncheckpoint-every: 100\nruns:\n"
                 "  - {name: joint, algo: edp}\narms:\n  - {name: joint, run: joint, %s}\n",
                 arms[i][0]);
        snprintf(path, sizeof path, "runs/halfcheetah-expert/edp/joint/seed0/step000100%s.episodes.h5", arms[i][1]);
        open_plan(text);
        CHECK_OK(mdp_plan_inspect(&plan));
        CHECK_OK(mdp_plan_estimate(&plan, rates));
        fprintf(stderr, "%s\n", arms[i][0]);
        CHECK_INT(isnan(find(path)->seconds), i >= 2);
        close_plan();
    }
}

/* of each fact: what the experiment asks for, or what an evaluation would record today, and which of both it is */
static void test_other_facts(void) {
    static const char path[] =
        "runs/halfcheetah-expert/idql/none/seed0/step000600.by-sarsa-seed0.n9.ddim.k4.episodes.h5";
    static const uint32_t free_here =
        MDP_FACT_BIT(MDP_FACT_DIFFUSION) | MDP_FACT_BIT(MDP_FACT_DIFFUSION_HASH) | MDP_FACT_BIT(MDP_FACT_GUIDANCE) |
        MDP_FACT_BIT(MDP_FACT_GUIDANCE_HASH) | MDP_FACT_BIT(MDP_FACT_PHYSICS_LIBRARY) |
        MDP_FACT_BIT(MDP_FACT_PHYSICS_HASH) | MDP_FACT_BIT(MDP_FACT_SOLVER) | MDP_FACT_BIT(MDP_FACT_SAMPLING_STEPS) |
        MDP_FACT_BIT(MDP_FACT_LANGEVIN) | MDP_FACT_BIT(MDP_FACT_LAMBDA) | MDP_FACT_BIT(MDP_FACT_GUIDE) |
        MDP_FACT_BIT(MDP_FACT_POLICY) | MDP_FACT_BIT(MDP_FACT_ISA);
    const struct mdp_arm_instance plug = {5, 0, 0, 0, 600, 0, 0, 0};
    open_plan(yaml);
    synthetic_settings = "{\"solver\": \"ddim\", \"sampling_steps\": 4}";
    for (int i = -1; i < MDP_N_FACTS; i++) {
        const char *text = mdp_fact_row((enum mdp_fact)(i < 0 ? 0 : i))->text;
        char start[2 * MDP_PATH_MAX];
        synthetic_changed = i;
        synthetic_write(&experiments.list[0], &plug, synthetic_usual);
        mdp_err err = mdp_plan_inspect(&plan);
        CHECK(unlink(path) == 0);
        CHECK_INT(err == MDP_OK, i < 0 || ((free_here >> i) & 1));
        if (err == MDP_OK) continue;
        snprintf(start, sizeof start, "%s was made with other settings; use another folder or delete it: %s: expected ",
                 path, text);
        CHECK_FAILS(err, MDP_E_USAGE, start);
        int is_world = i <= MDP_FACT_REF_MAX;
        CHECK(strstr(mdp_err_message(), is_world ? " as in this program, found " : "x.yaml, found ") != NULL);
        CHECK(strstr(mdp_err_message(), path) != NULL);
    }
    close_plan();
    synthetic_changed = UNLIKE_NOTHING;
}

/* w_T that the experiment gives is said in the command; an evaluation with another one is refused */
static void test_weights(void) {
    static char text[4096];
    static const char path[] = "runs/halfcheetah-expert/edp/joint/seed0/step000300.episodes.h5";
    const struct mdp_arm_instance joint = {0, 0, 0, 0, 300, 0, 0, 0};
    open_plan(yaml);
    check_command(path, "eval runs/halfcheetah-expert/edp/joint/seed0 --step 300 --episodes 2 --seed 0 --candidates 50 "
                        "--out runs/halfcheetah-expert/edp/joint/seed0/step000300.episodes.h5");
    synthetic_settings = "{}";
    synthetic_write(&experiments.list[0], &joint, synthetic_usual);
    CHECK_OK(mdp_plan_inspect(&plan));
    close_plan();
    snprintf(text, sizeof text, "%sweights: [{algo: edp, task: halfcheetah-expert, w-t: 300}]\n", yaml);
    open_plan(text);
    check_command(path, "eval runs/halfcheetah-expert/edp/joint/seed0 --step 300 --episodes 2 --seed 0 --candidates 50 "
                        "--w-t 300 --out runs/halfcheetah-expert/edp/joint/seed0/step000300.episodes.h5");
    check_command("runs/halfcheetah-expert/idql/none/seed0/step000300.episodes.h5",
                  "eval runs/halfcheetah-expert/idql/none/seed0 --step 300 --episodes 2 --seed 0 --candidates 1 "
                  "--out runs/halfcheetah-expert/idql/none/seed0/step000300.episodes.h5");
    CHECK_FAILS(mdp_plan_inspect(&plan), MDP_E_USAGE, "w_t: expected 300 as in ");
    close_plan();
}

/* settings that a file records: asked for, or not to be there */
static void test_other_settings(void) {
    static const char *const cases[][2] = {
        {"{\"solver\": \"ddpm\", \"sampling_steps\": 4}", "solver: expected ddim as in "},
        {"{\"sampling_steps\": 4}", "solver: expected ddim as in "},
        {"{\"solver\": \"ddim\", \"sampling_steps\": 5}", "sampling_steps: expected 4 as in "},
        {"{\"solver\": \"ddim\", \"sampling_steps\": 4, \"lambda\": 0.1}", "lambda: expected 0 as in "},
        {"{\"solver\": \"ddim\", \"sampling_steps\": 4, \"langevin\": {\"steps\": 5}}",
         "langevin: expected none as in "},
        {"{\"solver\": \"ddim\", \"sampling_steps\": 4, \"guide\": {\"weight\": 5}}", "guide: expected none as in "}};
    const struct mdp_arm_instance plug = {5, 0, 0, 0, 600, 0, 0, 0};
    open_plan(yaml);
    for (unsigned long i = 0; i < sizeof cases / sizeof *cases; i++) {
        synthetic_settings = cases[i][0];
        synthetic_write(&experiments.list[0], &plug, synthetic_usual);
        CHECK_FAILS(mdp_plan_inspect(&plan), MDP_E_USAGE, cases[i][1]);
    }
    close_plan();
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_shared_once),
                                            TAP_TEST(test_commands),
                                            TAP_TEST(test_commands_of_planners),
                                            TAP_TEST(test_commands_of_qgpo),
                                            TAP_TEST(test_precisions),
                                            TAP_TEST(test_merge),
                                            TAP_TEST(test_step_of_guidance),
                                            TAP_TEST(test_best_guidance),
                                            TAP_TEST(test_conflict),
                                            TAP_TEST(test_make),
                                            TAP_TEST(test_inspect),
                                            TAP_TEST(test_estimate),
                                            TAP_TEST(test_other_facts),
                                            TAP_TEST(test_other_settings),
                                            TAP_TEST(test_weights)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
