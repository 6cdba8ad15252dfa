/* the verb perf: measures what its argument names, prints a table or JSON. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/perf/against.h"
#include "bench/perf/algos.h"
#include "bench/perf/instructions.h"
#include "bench/perf/subjects.h"
#include "bench/run/physics.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"

/* the command's options */
struct request {
    struct mdp_perf_plan plan;
    struct mdp_eval_settings settings; /* of infer */
    const char *physics, *against;
    long n_threads, n_rounds;
    double margin;
    int as_json, is_counted;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, n_threads, WHOLE, MDP_THREADS(MDP_ALL_PROCESSORS),
            .help = "threads of the parallel measurements"),
    MDP_ROW(struct request, plan.options.seconds, REAL, .name = "seconds", .low = 0.001, .high = 86400, .fallback = "5",
            .argument = "S", .help = "measuring time of each result"),
    MDP_ROW(struct request, plan.options.only, TEXT, .name = "only",
            .help = "only results of this name, a shell pattern"),
    MDP_ROW(struct request, physics, TEXT, MDP_PHYSICS),
    MDP_ROW(struct request, against, TEXT, .name = "against",
            .help = "another mdpbench (a path with a /), to gate on the ratio; env: other physics, to measure in turn"),
    MDP_ROW(struct request, is_counted, FLAG, .name = "instructions",
            .help = "count instructions by valgrind in the place of time, on one thread and AVX2"),
    MDP_ROW(struct request, n_rounds, WHOLE, .name = "rounds", .low = 1, .high = 1000,
            .help = "starts of each program with --against PATH (10); counts (2)"),
    MDP_ROW(struct request, margin, REAL, .name = "margin", .low = 1e-6, .high = 0.99, .fallback = "0.1",
            .help = "how much slower than --against PATH fails: 0.1 is a tenth"),
    MDP_ROW(struct request, plan.options.handicap, REAL, .name = "handicap", .low = 1, .high = 1000,
            .help = "take so many times as long, to see a gate fail"),
    MDP_ROW(struct request, plan.options.n_calls, WHOLE, .name = "calls", .low = 1, .high = 1e6,
            .help = "do the work of each result so often, for a profiler to look at"),
    MDP_ROW(struct request, plan.options.guidance, TEXT, .name = "guidance", .names = mdp_perf_guidance_names,
            .argument = "MODE", .help = "train: one mode beside joint, not all"),
    MDP_ROWS_OF(struct request, settings, mdp_eval_table, .takers = MDP_FOR_PERF, .help = "infer: "),
    MDP_ROW(struct request, plan.options.data, TEXT, .name = "data", .argument = "FILE",
            .help = "load: a dataset in D4RL's layout (one that is made up)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "print one JSON object"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* ---- what is asked ---- */

static mdp_err check_subjects(const struct request *r) {
    const struct mdp_names *names = mdp_perf_subject_names();
    char known[MDP_NAMES_MAX];
    if (r->plan.n_subjects == 0)
        return mdp_fail(MDP_E_USAGE, "expected one of %s, found nothing", mdp_names_text(names, known));
    for (int i = 0, k; i < r->plan.n_subjects; i++) {
        mdp_err err = mdp_names_find(names, "perf", r->plan.subjects[i], &k);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* an option of one subject has to find it among the arguments */
static mdp_err check_option(const struct request *r, const char *option, int is_set, const char *subject) {
    if (!is_set || mdp_perf_is_asked(&r->plan, subject)) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "option --%s: expected '%s' among the arguments, found none", option, subject);
}

/* a physics by name may have a library's path behind a colon */
static int is_program(const char *text) {
    return text != NULL && strchr(text, '/') != NULL && !mdp_engine_names_library(text);
}

static int has_candidates(const struct request *r) { return MDP_GIVEN(&mdp_eval_table, &r->settings, n_candidates); }

static mdp_err check(const struct request *r) {
    mdp_err err;
    int has_program = is_program(r->against);
    MDP_TRY(check_subjects(r));
    MDP_TRY(check_option(r, "physics", r->physics != NULL, "env"));
    MDP_TRY(check_option(r, "against", r->against != NULL && !has_program, "env"));
    MDP_TRY(check_option(r, "guidance", r->plan.options.guidance != NULL, "train"));
    MDP_TRY(check_option(r, "candidates", has_candidates(r), "infer"));
    MDP_TRY(check_option(r, "data", r->plan.options.data != NULL, "load"));
    if (has_program && r->physics != NULL)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --physics: expected none beside another program"));
    if (r->is_counted && (r->physics != NULL || (r->against != NULL && !has_program)))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --instructions: expected the built-in physics alone"));
    if (r->plan.options.n_calls > 0 && (r->against != NULL || r->as_json || r->is_counted))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --calls: expected no --against, --instructions or --json beside it, as "
                                      "nothing is measured"));
    if (r->n_rounds > 0 && !has_program && !r->is_counted)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --rounds: expected --against PATH or --instructions beside it"));
    if (r->n_rounds == 1 && has_program)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --rounds: expected at least 2 with --against PATH, found 1"));
    if (r->is_counted) MDP_TRY(mdp_perf_check_valgrind());
out:
    return err;
}

/* counts hardly vary, and need fewer rounds than times */
static long n_rounds(const struct request *r) { return r->n_rounds > 0 ? r->n_rounds : r->is_counted ? 2 : 10; }

/* ---- measuring ---- */

static mdp_err print(const struct request *r, const struct mdp_perf_results *results) {
    if (r->plan.options.n_calls > 0)
        mdp_perf_print_calls(&r->plan.options, stdout);
    else if (r->as_json)
        return mdp_perf_print_json(results, stdout);
    else
        mdp_perf_print_table(results, stdout);
    return MDP_OK;
}

/* within one run, on one physics or on two in turn */
static mdp_err run_alone(struct request *r) {
    mdp_err err;
    double n_units = 0;
    struct mdp_perf_results results = {0};
    struct mdp_engine *engine = NULL, *other = NULL;
    MDP_TRY(mdp_physics_open(r->physics, &engine));
    if (r->against != NULL) MDP_TRY(mdp_engine_open(r->against, &other));
    results.physics = mdp_engine_get_facts(engine)->label;
    r->plan.options.engine = engine;
    r->plan.options.against = other;
    r->plan.options.n_units = &n_units;
    r->plan.n_counts = r->is_counted ? n_rounds(r) : 0;
    MDP_TRY(mdp_perf_measure(&r->plan, &results));
    MDP_TRY(print(r, &results));
out:
    mdp_perf_free(&results);
    mdp_engine_free(engine);
    mdp_engine_free(other);
    return err;
}

static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.n_threads = 0};
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    r.plan.n_subjects = argc - first;
    r.plan.subjects = argv + first;
    MDP_TRY(check(&r));
    mdp_work_begin(r.n_threads);
    r.plan.options.threads = (int)r.n_threads;
    r.plan.options.n_candidates = has_candidates(&r) ? (int)r.settings.n_candidates : 0;
    if (!is_program(r.against)) return run_alone(&r);
    const struct mdp_perf_against both = {r.against,    r.plan.n_subjects, r.plan.subjects, &r.plan.options,
                                          n_rounds(&r), r.margin,          r.is_counted,    r.as_json};
    err = mdp_perf_against_run(&both, stdout);
out:
    return err;
}

static const char *subject_at(int i, char text[MDP_NAMES_MAX]) {
    if (i >= mdp_perf_subject_names()->n) return NULL;
    snprintf(text, MDP_NAMES_MAX, "%s", mdp_names_at(mdp_perf_subject_names(), i));
    return text;
}

const struct mdp_verb mdp_verb_perf = {
    .name = "perf",
    .summary = "measure rates on this machine, with their spread",
    .usage = "start|load|env|policy|infer|train|plan|stats|all ... [options]",
    .argument_at = subject_at,
    .details =
        "start: the program from start to end where it does nothing else (start/time), and its memory at the peak\n"
        "(start/memory).\n"
        "load: a dataset, checked and normalised as training does: megabytes of the file per second (load/dataset) "
        "and\n"
        "the memory it takes (load/dataset/memory); episodes files of 50 episodes (load/episodes).\n"
        "env: steps per second of one environment (env/<id>) and of many lanes (vec/<id>) under uniform random\n"
        "actions, resets included, of the physics alone under the same torques (physics/<id>), and the memory of a "
        "world\n"
        "(memory/<id>). With --against: env/<id>, against/<id> and their ratio, the time of a step there over the time "
        "here,\n"
        "and likewise vec/<id> and against/vec/<id>, all by processor time.\n"
        "policy: steps per second of processor time of 50 lanes, of a policy that does nothing inside\n"
        "(policy/<id>/inside) and as a process (policy/<id>/process), and the time of a step there over that inside\n"
        "(vs_inside).\n"
        "infer: policy calls per second of every algorithm but planners in every precision of this machine "
        "(infer/<algo>/<precision>);\n"
        "a call is 50 states x 50 candidates, all denoising steps, scores and selection; and the nominal rate over "
        "the\n"
        "matrix library's (vs_gemm). With other --candidates N the names go on with /cN.\n"
        "train: gradient steps per second on batches of 256 (train/<algo>/<guidance>/<precision>) with guidance "
        "trained\n"
        "along, frozen and absent, in every precision of this machine; the rate over that in f32 (vs_f32), the time of "
        "a\n"
        "step over that of a joint one (vs_joint), the nominal rate over the matrix library's (vs_gemm), the "
        "arithmetic\n"
        "of a step (step). --guidance measures one mode beside joint.\n\n"
        "plan: plans per second of algorithms that plan (plan/<algo>/h<horizon>/act), of one state with all its "
        "candidates\n"
        "and the algorithm's own guide, and their gradient steps per second (train).\n"
        "infer, train and plan with their nominal GFLOP/s, in turn with the matrix library's own rate at 256^3 on one "
        "core\n"
        "(gemm/<precision>), and with what they add to a process's memory (memory).\n"
        "stats: bootstrap replicates per second (stats/bootstrap_<runs>x<tasks>/<stream>/<what>), intervals included:\n"
        "<what> is iqm (the IQM alone) or all (all four aggregates), <stream> is numpy or fast; and the time of an\n"
        "exact Mann-Whitney test of 50 against 50 values with ties.\n"
        "--instructions: counts by valgrind's cachegrind (instructions/<name>) per step, call, replicate or byte, "
        "which\n"
        "have next to no noise. valgrind's processor has AVX2 and no more. It does not follow a policy's process: of "
        "policy,\n"
        "inside alone is counted.\n\n"
        "--against PATH starts that program and this one in turn, --rounds times each, and gates on the ratio of "
        "their\n"
        "medians, of times or of --instructions: status 0 not slower by the margin, 1 surely slower by more, 2 cannot\n"
        "decide; --json: the gate's report.\n"
        "What a subject times takes turns. Each value is the median of 5 repetitions; from the least to the most of "
        "them\n"
        "is a 94 % interval of it. --json prints {\"machine\": {cpu, isa, n_cpus, versions}, \"results\": [{name, "
        "unit, "
        "value, min,\n"
        "max, n, threads, values}]}.",
    .example = "mdpbench perf env --threads 2 --seconds 3 --json",
    .options = &options,
    .run = run,
};
