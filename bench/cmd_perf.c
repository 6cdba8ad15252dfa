/* the verb perf: measures what its argument names, prints a table or JSON. */
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "base/stop.h"
#include "bench/perf.h"
#include "bench/perf_against.h"
#include "bench/perf_algos.h"
#include "bench/perf_env.h"
#include "bench/perf_stats.h"
#include "bench/physics.h"
#include "bench/verb.h"

/* X(name): mdp_perf_<name> measures it */
#define SUBJECT_LIST(X) X(env) X(infer) X(train) X(stats)

static const struct subject {
    const char *name;
    mdp_err (*measure)(const struct mdp_perf_options *options, struct mdp_perf_results *results);
} subjects[] = {
#define SUBJECT(name) {#name, mdp_perf_##name},
    SUBJECT_LIST(SUBJECT)
#undef SUBJECT
};
enum { N_SUBJECTS = sizeof subjects / sizeof subjects[0] };

#define SUBJECT_NAME(name) #name ", "
static const char names[] = SUBJECT_LIST(SUBJECT_NAME) "all";

static mdp_err measure(const char *name, const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    int n_found = 0;
    for (int i = 0; i < N_SUBJECTS; i++) {
        if (strcmp(name, subjects[i].name) != 0 && strcmp(name, "all") != 0) continue;
        mdp_err err = subjects[i].measure(options, results);
        if (err != MDP_OK) return err;
        n_found++;
    }
    if (n_found == 0) return mdp_fail(MDP_E_USAGE, "expected one of %s, found '%s'", names, name);
    return MDP_OK;
}

/* an option of one subject, or NULL, has to find it among the arguments */
static mdp_err check_option(const char *option, const char *value, const char *subject, int n, char **names_given) {
    if (value == NULL) return MDP_OK;
    for (int i = 0; i < n; i++)
        if (strcmp(names_given[i], subject) == 0 || strcmp(names_given[i], "all") == 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "option --%s: expected '%s' among the arguments, found none", option, subject);
}

/* a physics by name may have a library's path behind a colon */
static int is_program(const char *text) { return strchr(text, '/') != NULL && strncmp(text, "robotics:", 9) != 0; }

static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    mdp_err err = MDP_OK;
    struct mdp_perf_results results = {0};
    long threads = mdp_cpu_count();
    long rounds = 10;
    double seconds = 5, margin = 0.1, handicap = 0;
    int json = 0, first, done;
    const char *physics = NULL, *against = NULL, *guidance = NULL;
    struct mdp_engine *engine = NULL, *other = NULL;
    const struct mdp_option options[] = {
        {"threads", MDP_OPT_INT, &threads, "N", "threads of the parallel measurements", 1, 1024},
        {"seconds", MDP_OPT_REAL, &seconds, "S", "measuring time of each result", 0.001, 86400},
        MDP_PHYSICS_OPTION(&physics),
        {"against", MDP_OPT_STRING, &against, "NAME",
         "another mdpbench (a path with a /), to gate on the ratio; env: other physics, to measure in turn", 0, 0},
        {"rounds", MDP_OPT_INT, &rounds, "N", "starts of each program with --against PATH", 2, 1000},
        {"margin", MDP_OPT_REAL, &margin, "X", "how much slower than --against PATH fails: 0.1 is a tenth", 1e-6, 0.99},
        {"handicap", MDP_OPT_REAL, &handicap, "X", "take so many times as long, to see a gate fail", 1, 1000},
        {"guidance", MDP_OPT_STRING, &guidance, "MODE", "train: joint, frozen or none, beside joint; all", 0, 0},
        {"json", MDP_OPT_FLAG, &json, NULL, "print one JSON object", 0, 0},
    };
    MDP_TRY(mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done));
    if (done) return MDP_OK;
    mdp_stop_install();
    if (first == argc) MDP_TRY(mdp_fail(MDP_E_USAGE, "expected one of %s, found nothing", names));
    if (against != NULL && is_program(against)) {
        const struct mdp_perf_against both = {against, argc - first, argv + first, threads, rounds,
                                              seconds, margin,       handicap,     json};
        if (physics != NULL || guidance != NULL)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "option --%s: expected none beside another program",
                             physics != NULL ? "physics" : "guidance"));
        return mdp_perf_against_run(&both);
    }
    MDP_TRY(check_option("physics", physics, "env", argc - first, argv + first));
    MDP_TRY(check_option("against", against, "env", argc - first, argv + first));
    MDP_TRY(check_option("guidance", guidance, "train", argc - first, argv + first));
    if (guidance != NULL) MDP_TRY(mdp_perf_check_guidance(guidance));
    MDP_TRY(mdp_physics_open(physics, &engine));
    if (against != NULL) MDP_TRY(mdp_engine_open(against, &other));
    results.physics = mdp_engine_get_facts(engine)->label;
    const struct mdp_perf_options perf = {.threads = (int)threads,
                                          .seconds = seconds,
                                          .handicap = handicap,
                                          .engine = engine,
                                          .against = other,
                                          .guidance = guidance};
    for (int i = first; i < argc; i++) MDP_TRY(measure(argv[i], &perf, &results));
    if (json)
        MDP_TRY(mdp_perf_print_json(&results, stdout));
    else
        mdp_perf_print_table(&results, stdout);
out:
    mdp_perf_free(&results);
    mdp_engine_free(engine);
    mdp_engine_free(other);
    return err;
}

const struct mdp_verb mdp_verb_perf = {
    .name = "perf",
    .summary = "measure rates on this machine, with their spread",
    .usage = "env|infer|train|stats|all ... [options]",
    .details =
        "env: steps per second of one environment (env/<id>) and of many lanes (vec/<id>) under uniform random\n"
        "actions, resets included, and the memory of a world (memory/<id>). With --against: env/<id>, against/<id> and "
        "their ratio,\n"
        "the time of a step there over the time here.\n"
        "infer: policy calls per second of every algorithm in every precision of this machine "
        "(infer/<algo>/<precision>);\n"
        "a call is 50 states x 50 candidates, all denoising steps, scores and selection; and the nominal rate over "
        "the\n"
        "matrix library's (vs_gemm).\n"
        "train: gradient steps per second on batches of 256 (train/<algo>/<guidance>/<precision>) with guidance "
        "trained\n"
        "along, frozen and absent, in every precision of this machine; the rate over that in f32 (vs_f32), the time of "
        "a\n"
        "step over that of a joint one (vs_joint), the nominal rate over the matrix library's (vs_gemm), the "
        "arithmetic\n"
        "of a step (step) and the memory of a run (memory). --guidance measures one mode beside joint.\n"
        "Both with their nominal GFLOP/s, in turn with the matrix library's own rate at 256^3 on one core\n"
        "(gemm/<precision>).\n"
        "stats: bootstrap replicates per second (stats/bootstrap_<runs>x<tasks>/<stream>/<what>), intervals included:\n"
        "<what> is iqm (the IQM alone) or all (all four aggregates), <stream> is numpy or fast; and the time of an\n"
        "exact Mann-Whitney test of 50 against 50 values with ties.\n"
        "--against PATH starts that program and this one in turn, --rounds times each, and gates on the ratio of "
        "their\n"
        "medians: status 0 not slower by the margin, 1 surely slower by more, 2 cannot decide; --json: the gate's "
        "report.\n"
        "Each value is the median of several repetitions. --json prints {\"machine\": {cpu, isa, n_cpus, versions},\n"
        "\"results\": [{name, unit, value, min, max, n, threads, values}]}.",
    .example = "mdpbench perf env --threads 2 --seconds 3 --json",
    .run = run,
};
