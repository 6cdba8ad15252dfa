/* the verb verify: replays reference vectors against this build and prints TAP; says how often statistics are wrong. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/run/physics.h"
#include "bench/cmd/out.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"
#include "bench/selftest/levels.h"
#include "bench/verify/algos.h"
#include "bench/verify/env.h"
#include "bench/verify/levels.h"
#include "bench/verify/stats.h"
#include "results/show/json.h"
#include "results/show/markup.h"
#include "results/show/table_out.h"

static const struct subject {
    const char *name;
    mdp_err (*verify)(int n_files, char **files, FILE *stream);
} subjects[] = {{"algos", mdp_verify_algos}, {"stats", mdp_verify_stats}};

static mdp_err verify_env(const char *physics, int n_files, char **files, FILE *stream) {
    struct mdp_engine *engine;
    mdp_err err = mdp_physics_open(physics, &engine);
    if (err == MDP_OK) err = mdp_verify_env(engine, n_files, files, stream);
    mdp_engine_free(engine);
    return err;
}

/* the command's options */
struct request {
    const char *physics, *out;
    struct mdp_levels_plan levels;
    const char *policies;
    long n_threads;
    enum mdp_table_format format;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, physics, TEXT, MDP_PHYSICS),
    MDP_ROW(struct request, levels.n_trials, WHOLE, .name = "trials", .low = 1, .high = 1e7, .fallback = "1000",
            .help = "of levels: trials a row"),
    MDP_ROW(struct request, levels.seed, SEED, MDP_RANDOM_SEED, .help = "of levels: seed of draws"),
    MDP_ROW(struct request, policies, TEXT, .name = "policy", .argument = "FILES",
            .help = "of levels: gate policies, separated by commas; the table is about their rows"),
    MDP_ROW(struct request, n_threads, WHOLE, MDP_THREADS("1"),
            .help = "of levels with --policy: threads; change no result"),
    MDP_ROW(struct request, format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON,
            .help =
                "one JSON object in place of TAP: ok, tests (each with ok and name) and remarks; of levels the table"),
    MDP_ROW(struct request, out, TEXT, MDP_TABLE_OUT),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err show_levels(const struct mdp_verb *verb, const struct request *r, int n_files, char **files) {
    const struct mdp_gate_levels_plan gates = {r->policies, r->levels.n_trials, r->levels.seed, (int)r->n_threads};
    const struct mdp_out_choice choice = {MDP_GIVEN(&options, r, format), r->as_json, r->format, r->out};
    enum mdp_table_format format;
    struct mdp_table *table = NULL;
    mdp_err err;
    if (n_files == 0) return mdp_fail(MDP_E_USAGE, "verify levels: expected episodes files, found none");
    if (r->policies == NULL && MDP_GIVEN(&options, r, n_threads))
        return mdp_fail(MDP_E_USAGE, "verify levels: option --threads: expected --policy beside it, found none");
    MDP_TRY(mdp_out_format(verb, &choice, &format));
    mdp_work_begin(r->n_threads);
    MDP_TRY(r->policies != NULL ? mdp_gate_levels_table(&gates, n_files, files, &table)
                                : mdp_levels_table(&r->levels, n_files, files, &table));
    MDP_TRY(mdp_table_output(table, format, r->out, stdout));
out:
    mdp_table_free(table);
    return err;
}

static mdp_err verify(const struct request *r, const char *subject, int n_files, char **files, FILE *stream) {
    if (strcmp(subject, "env") == 0) return verify_env(r->physics, n_files, files, stream);
    if (r->physics != NULL)
        return mdp_fail(MDP_E_USAGE, "option --physics: expected 'env' beside it, found '%s'", subject);
    if (MDP_GIVEN(&options, r, levels.n_trials) || MDP_GIVEN(&options, r, levels.seed) ||
        MDP_GIVEN(&options, r, format) || MDP_GIVEN(&options, r, n_threads) || r->policies != NULL || r->out != NULL)
        return mdp_fail(
            MDP_E_USAGE,
            "options --trials, --seed, --policy, --threads, --format, --out: expected 'levels' beside them, found '%s'",
            subject);
    for (unsigned long i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (strcmp(subject, subjects[i].name) == 0) return subjects[i].verify(n_files, files, stream);
    return mdp_fail(MDP_E_USAGE, "expected env, algos, stats or levels, found '%s'", subject);
}

/* ---- TAP, or the same as JSON ---- */

/* "ok 3 - file quantity # SKIP reason" or "not ok .."; NULL for a line that is no test */
static json_t *json_of_test(char *line) {
    static const char skip[] = " # SKIP ";
    int is_failed = strncmp(line, "not ok ", 7) == 0;
    if (!is_failed && strncmp(line, "ok ", 3) != 0) return NULL;
    char *name = strstr(line, " - "), *reason = strstr(line, skip);
    if (reason != NULL) *reason = 0;
    json_t *test = json_pack("{s:b, s:o}", "ok", !is_failed, "name", mdp_json_of_text(name != NULL ? name + 3 : line));
    if (reason != NULL) json_object_set_new(test, "skipped", mdp_json_of_text(reason + strlen(skip)));
    return test;
}

static mdp_err print_json(char *tap, mdp_err outcome) {
    json_t *tests = json_array(), *remarks = json_array();
    for (char *rest, *line = strtok_r(tap, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        json_t *test = json_of_test(line);
        if (test != NULL)
            json_array_append_new(tests, test);
        else if (strncmp(line, "# ", 2) == 0)
            json_array_append_new(remarks, mdp_json_of_text(line + 2));
    }
    json_t *root = json_pack("{s:b, s:o, s:o}", "ok", outcome == MDP_OK, "tests", tests, "remarks", remarks);
    mdp_err err = mdp_json_write(root, 0, "verify", stdout);
    return err == MDP_OK ? outcome : err;
}

static mdp_err verify_json(const struct request *r, const char *subject, int n_files, char **files) {
    struct mdp_memstream memory;
    mdp_err err = mdp_memstream_open(&memory, "verification report"), outcome;
    if (err != MDP_OK) return err;
    outcome = verify(r, subject, n_files, files, memory.stream);
    err = mdp_memstream_close(&memory, outcome == MDP_E_FAILED ? MDP_OK : outcome);
    if (err == MDP_OK) err = print_json(memory.text, outcome);
    free(memory.text);
    return err;
}

/* what ends before its plan says so there: an empty stream is called passed by some readers */
static mdp_err verify_tap(mdp_err err, const struct request *r, int n_arguments, char **arguments) {
    fputs("TAP version 13\n", stdout);
    if (err == MDP_OK) err = verify(r, arguments[0], n_arguments - 1, arguments + 1, stdout);
    if (err == MDP_OK || err == MDP_E_FAILED) return err;
    fputs("Bail out! ", stdout);
    mdp_put_tap(stdout, mdp_err_message());
    fputc('\n', stdout);
    return err;
}

/* all but the levels, which are a table, is TAP or JSON */
static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err == MDP_OK && done) return err;
    int is_table = err == MDP_OK ? first < argc && strcmp(argv[first], "levels") == 0 && r.physics == NULL
                                 : argc > 1 && strcmp(argv[1], "levels") == 0;
    if (is_table && err != MDP_OK) return err;
    if (is_table) return show_levels(verb, &r, argc - first - 1, argv + first + 1);
    if (err == MDP_OK && first == argc)
        err = mdp_fail(MDP_E_USAGE, "expected env, algos, stats or levels and files, found nothing");
    if (!mdp_verb_wants_json(argc, argv)) return verify_tap(err, &r, argc - first, argv + first);
    return err == MDP_OK ? verify_json(&r, argv[first], argc - first - 1, argv + first + 1) : err;
}

static const char *subject_at(int i, char text[MDP_NAMES_MAX]) {
    static const char *const all[] = {"env", "algos", "stats", "levels"};
    if (i >= 4) return NULL;
    snprintf(text, MDP_NAMES_MAX, "%s", all[i]);
    return text;
}

const struct mdp_verb mdp_verb_verify = {
    .name = "verify",
    .summary = "replay reference vectors against this build",
    .usage = "env|algos|stats|levels FILE... [options]",
    .argument_at = subject_at,
    .details =
        "env: recorded episodes of the original environments, step by step and free running.\n"
        "algos: forward passes, losses, gradients, parameters after training steps, sampling and selection of DQL,\n"
        "EDP and IDQL; networks, training steps and plans of Diffuser, Decision Diffuser and QGPO; solvers, noise\n"
        "schedules, "
        "single operations, the dataset's views, return rules. Remarks say how often bfloat16 chooses the action that\n"
        "float32 does.\n"
        "stats: every statistic on given data at the tolerances of the file, refusals of bad input by their class.\n"
        "levels: of episodes files, how often tests, intervals and margins are wrong on returns like these, n 3 to "
        "50,\n"
        "as they are, with ties, and with failures: a table (docs/statistics.md, levels). With --policy: how often "
        "gates are.\n"
        "The others print TAP 13, one line per quantity or case with the largest error. Exit status 1 if a line is not "
        "ok, 3 if\n"
        "a file is not of the layout.",
    .example = "mdpbench verify algos tests/reference/algos/golden/dql_small_o17a6.h5",
    .options = &options,
    .run = run,
};
