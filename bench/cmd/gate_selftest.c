/* mdpbench gate selftest: does the gate keep its word on data like these? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/gate/baseline.h"
#include "bench/run/work.h"
#include "bench/selftest/report.h"

/* the command's options */
struct request {
    const char *policy, *baseline, *baselines, *run, *guidance, *work;
    struct mdp_gate_selftest_plan drawn;
    struct mdp_gate_damage_plan real;
    double loss;
    uint64_t seed;
    long n_trials, n_episodes, n_repeats, n_threads;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, policy, TEXT, .name = "policy", .argument = "FILE", .help = "the gate's policy"),
    MDP_ROW(struct request, baseline, TEXT, .name = "baseline", .argument = "PATHS",
            .help = "results that trials are drawn from, as those of a gate; or names of saved baselines"),
    MDP_ROW(struct request, baselines, TEXT, .name = "baselines", .argument = "FOLDER", .fallback = "baselines",
            .help = "where saved baselines are"),
    MDP_ROW(struct request, n_trials, WHOLE, .name = "trials", .low = 1, .high = 1e7, .fallback = "1000",
            .help = "drawn trials"),
    MDP_ROW(struct request, drawn.is_paired, FLAG, .name = "paired",
            .help = "drawn sides count as evaluated on the same episodes"),
    MDP_ROW(struct request, drawn.is_sequential, FLAG, .name = "sequential",
            .help = "drawn gates take the policy's looks, and plan their episodes"),
    MDP_ROW(struct request, loss, REAL, .name = "loss", .low = 1.001, .high = 1000, .fallback = "3",
            .help = "size of the regression that has to fail, in margins"),
    MDP_ROW(struct request, seed, SEED, MDP_RANDOM_SEED, .help = "seed of draws, of noise and of evaluations"),
    MDP_ROW(struct request, run, TEXT, .name = "run", .argument = "PATH",
            .help = "real regressions of a run's last checkpoint, a diffusion module or a behaviour policy"),
    MDP_ROW(struct request, guidance, TEXT, .name = "guidance", .argument = "WHICH",
            .help = "what selects, as that of eval (own)"),
    MDP_ROW(struct request, real.noise, REAL, .name = "noise", .low = 0.001, .high = 1000, .fallback = "1",
            .help = "sd of the noise on weights, in rms of their tensor"),
    MDP_ROW(struct request, n_repeats, WHOLE, .name = "repeats", .low = 1, .high = 1000, .fallback = "1",
            .help = "times that each real regression is tried"),
    MDP_ROW(struct request, n_episodes, WHOLE, .name = "episodes", .low = 1, .high = 1e6,
            .help = "episodes a side (as the files have; of --run 25)"),
    MDP_ROWS_OF(struct request, real.settings, mdp_eval_table, .takers = MDP_FOR_SELFTEST, .help = "of --run: "),
    MDP_ROW(struct request, n_threads, WHOLE, MDP_THREADS(MDP_ALL_PROCESSORS),
            .help = "threads; changes no result but speeds"),
    MDP_ROW(struct request, work, TEXT, .name = "work", .argument = "FOLDER", .fallback = "gate-selftest",
            .help = "where --run keeps damaged modules and episodes"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "print JSON (docs/gate-selftest.schema.json)"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err run_drawn(struct request *r, struct mdp_gate_side *side, struct mdp_gate_selftest *test) {
    mdp_err err;
    char *paths = NULL;
    MDP_TRY(mdp_gate_baseline_find(r->baselines, r->baseline, &paths));
    MDP_TRY(mdp_gate_side_read("baseline", paths, side));
    r->drawn.side = side;
    MDP_TRY(mdp_gate_selftest_run(&r->drawn, test));
out:
    free(paths);
    return err;
}

static mdp_err run_real(struct request *r, struct mdp_gate_damage_result *damages) {
    mdp_err err;
    MDP_TRY(mdp_gate_subject_find(r->run, r->guidance, &r->real.subject));
    if (r->guidance != NULL && r->real.subject.files.is_behavior)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "gate selftest: option --guidance: expected none beside a behaviour policy"));
    MDP_TRY(mdp_gate_damage_run(&r->real, damages));
out:
    return err;
}

static mdp_err run_selftest(struct request *r) {
    mdp_err err;
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_side side = {.name = "baseline"};
    struct mdp_gate_selftest test = {.n_claims = 0};
    struct mdp_gate_damage_result damages[MDP_N_GATE_DAMAGES];
    const struct mdp_gate_selftest_report report = {r->policy, r->baseline, r->run, r->baseline != NULL ? &test : NULL,
                                                    r->run != NULL ? damages : NULL};
    MDP_TRY(mdp_gate_policy_read(r->policy, &policy));
    r->drawn.policy = r->real.policy = &policy;
    if (r->baseline != NULL) MDP_TRY(run_drawn(r, &side, &test));
    if (r->run != NULL) MDP_TRY(run_real(r, damages));
    MDP_TRY(r->as_json ? mdp_gate_selftest_write_json(&report, stdout) : mdp_gate_selftest_write_text(&report, stdout));
    MDP_TRY(mdp_gate_selftest_report_outcome(&report));
out:
    mdp_gate_selftest_free(&test);
    mdp_gate_side_free(&side);
    mdp_gate_policy_free(&policy);
    return err;
}

static mdp_err check(const struct request *r) {
    if (r->policy == NULL) return mdp_fail(MDP_E_USAGE, "gate selftest: option --policy: expected it, found none");
    if (r->baseline == NULL && r->run == NULL)
        return mdp_fail(MDP_E_USAGE, "gate selftest: expected --baseline, --run or both, found neither");
    if (r->guidance != NULL && r->run == NULL)
        return mdp_fail(MDP_E_USAGE, "gate selftest: option --guidance: expected --run beside it");
    return MDP_OK;
}

/* both halves of the test take what is said once */
static void spread(struct request *r) {
    r->drawn.n_trials = r->n_trials;
    r->drawn.n_episodes = r->n_episodes;
    r->drawn.loss = r->real.loss = r->loss;
    r->drawn.seed = r->real.settings.seed = r->seed;
    r->drawn.n_threads = (int)r->n_threads;
    r->real.settings.n_threads = r->n_threads;
    r->real.settings.n_episodes = r->n_episodes > 0 ? r->n_episodes : 25;
    r->real.n_repeats = (int)r->n_repeats;
    r->real.work = r->work;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.policy = NULL};
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first < argc) return mdp_fail(MDP_E_USAGE, "gate selftest: expected options only, found '%s'", argv[first]);
    MDP_TRY(check(&r));
    spread(&r);
    mdp_work_begin(r.n_threads);
    MDP_TRY(run_selftest(&r));
out:
    return err;
}

const struct mdp_verb mdp_verb_gate_selftest = {
    .name = "gate selftest",
    .summary = "hold a gate's policy against its promises, on data like yours",
    .usage = "--policy FILE [--baseline PATHS] [--run PATH] [options]",
    .details =
        "--baseline: trials draw both sides of the gate from these results: unchanged, and with a loss of one and of\n"
        "several margins injected into each row. What is wrong must be at most as frequent as the policy's alpha, what "
        "is\n"
        "right at least as its power; each rate is printed with Wilson's 99 % interval.\n"
        "--run: the policy is evaluated as it is, with noise on its weights, a wrong normaliser, w_T = 0 and a slowed\n"
        "loop; the gate must fail all that is damaged.\n"
        "Exit status: 0 all promises kept, 1 one is broken, 2 too few trials to tell, or too few episodes for the\n"
        "margins; 3 bad data, 4 wrong usage.",
    .example = "mdpbench gate selftest --policy bench/gates/default.yaml --baseline "
               "results/reference/behavior/halfcheetah-expert.episodes.h5 --trials 100",
    .options = &options,
    .run = run_verb,
};
