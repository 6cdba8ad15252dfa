/* mdpbench gate selftest: does the gate keep its word on data like these? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "bench/cmd/verb.h"
#include "bench/run/composition.h"
#include "bench/run/work.h"
#include "bench/selftest/report.h"

/* the command's options */
struct request {
    const char *policy, *baseline, *run, *guidance, *work;
    struct mdp_gate_selftest_plan drawn;
    struct mdp_gate_damage_plan real;
    int as_json;
};

static mdp_err run_drawn(struct request *r, struct mdp_gate_side *side, struct mdp_gate_selftest *test) {
    mdp_err err;
    MDP_TRY(mdp_gate_side_read("baseline", r->baseline, side));
    r->drawn.side = side;
    MDP_TRY(mdp_gate_selftest_run(&r->drawn, test));
out:
    return err;
}

static mdp_err run_real(struct request *r, struct mdp_gate_damage_result *damages) {
    mdp_err err;
    struct mdp_gate_policy_files *files = &r->real.files;
    MDP_TRY(mdp_gate_policy_files_find(r->run, files));
    if (r->guidance != NULL && files->is_behavior)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "gate selftest: option --guidance: expected none beside a behaviour policy"));
    if (!files->is_behavior)
        MDP_TRY(mdp_guidance_locate(r->guidance != NULL ? r->guidance : "own", files->policy, files->guidance));
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

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.work = "gate-selftest", .real = {.noise = 1}, .drawn = {.loss = 3}};
    long n_repeats = 1, n_threads = mdp_cpu_count(), n_episodes = 0, n_candidates, n_trials = 1000;
    int first, done;
    mdp_eval_defaults(&r.real.settings);
    n_candidates = r.real.settings.n_candidates;
    const struct mdp_option options[] = {
        {"policy", MDP_OPT_STRING, &r.policy, "FILE", "the gate's policy", 0, 0},
        {"baseline", MDP_OPT_STRING, &r.baseline, "PATHS", "results that trials are drawn from, as those of a gate", 0,
         0},
        {"trials", MDP_OPT_INT, &n_trials, "N", "drawn trials", 1, 10000000},
        {"paired", MDP_OPT_FLAG, &r.drawn.is_paired, NULL, "drawn sides count as evaluated on the same episodes", 0, 0},
        {"loss", MDP_OPT_REAL, &r.drawn.loss, "X", "size of the regression that has to fail, in margins", 1.001, 1000},
        {"seed", MDP_OPT_U64, &r.drawn.seed, "S", "seed of draws, of noise and of evaluations", 0, 0},
        {"run", MDP_OPT_STRING, &r.run, "PATH",
         "real regressions of a run's last checkpoint, a diffusion module or a behaviour policy", 0, 0},
        {"guidance", MDP_OPT_STRING, &r.guidance, "WHICH", "what selects, as that of eval (own)", 0, 0},
        {"noise", MDP_OPT_REAL, &r.real.noise, "X", "sd of the noise on weights, in rms of their tensor", 0.001, 1000},
        {"repeats", MDP_OPT_INT, &n_repeats, "N", "times that each real regression is tried", 1, 1000},
        {"episodes", MDP_OPT_INT, &n_episodes, "N", "episodes a side (as the files have; of --run 25)", 1, 1000000},
        {"candidates", MDP_OPT_INT, &n_candidates, "N", "candidate actions per state of --run", 1, 4096},
        {"threads", MDP_OPT_INT, &n_threads, "N", "threads; changes no result but speeds", 1, 256},
        {"work", MDP_OPT_STRING, &r.work, "FOLDER", "where --run keeps damaged modules and episodes", 0, 0},
        {"json", MDP_OPT_FLAG, &r.as_json, NULL, "print JSON (docs/gate-selftest.schema.json)", 0, 0},
    };
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first < argc) return mdp_fail(MDP_E_USAGE, "gate selftest: expected options only, found '%s'", argv[first]);
    MDP_TRY(check(&r));
    r.drawn.n_trials = n_trials;
    r.drawn.n_episodes = n_episodes;
    r.drawn.n_threads = r.real.settings.n_threads = (int)n_threads;
    r.real.settings.n_episodes = n_episodes > 0 ? (int)n_episodes : 25;
    r.real.settings.n_candidates = (int)n_candidates;
    r.real.settings.seed = r.drawn.seed;
    r.real.loss = r.drawn.loss;
    r.real.n_repeats = (int)n_repeats;
    r.real.work = r.work;
    mdp_work_begin(n_threads);
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
    .run = run_verb,
};
