/* mdpbench gate: may this candidate replace the baseline? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bench/cmd/verb.h"
#include "bench/gate/baseline.h"
#include "bench/gate/feed.h"
#include "bench/gate/history.h"
#include "bench/gate/report.h"
#include "bench/gate/report_error.h"
#include "bench/run/work.h"

/* the command's options */
struct request {
    const char *policy, *baseline, *candidate, *out, *today, *work, *history, *label, *save, *baselines, *html;
    int replace;
    int is_asked[MDP_N_GATE_FORMATS]; /* by the format's own option; text has none */
    int github, sequential, evaluate;
    int is_judged;                     /* there is a verdict */
    struct mdp_eval_settings settings; /* of --evaluate */
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, policy, TEXT, .name = "policy", .argument = "FILE",
            .help = "rows, margins and levels, e.g. bench/gates/default.yaml"),
    MDP_ROW(struct request, baseline, TEXT, .name = "baseline", .argument = "PATHS",
            .help = "episodes files, perf JSON, folders of them; or names of saved baselines"),
    MDP_ROW(struct request, candidate, TEXT, .name = "candidate", .argument = "PATHS",
            .help = "the same of what is to be judged"),
    MDP_ROW(struct request, sequential, FLAG, .name = "sequential",
            .help = "look at the policy's planned numbers of episodes, stop early"),
    MDP_ROW(struct request, evaluate, FLAG, .name = "evaluate",
            .help = "with --sequential: PATHS are a run's folder or a policy file each, evaluated as far as needed"),
    MDP_ROW(struct request, work, TEXT, .name = "work", .argument = "FOLDER", .fallback = "gate-episodes",
            .help = "where --evaluate keeps its episodes"),
    MDP_ROWS_OF(struct request, settings, mdp_eval_table, .takers = MDP_FOR_GATE, .help = "of --evaluate: "),
    MDP_ROW(struct request, is_asked[MDP_GATE_JSON], FLAG, MDP_AS_JSON, .help = "print JSON (docs/gate.schema.json)"),
    MDP_ROW(struct request, is_asked[MDP_GATE_TAP], FLAG, .name = "tap", .help = "print TAP 13"),
    MDP_ROW(struct request, is_asked[MDP_GATE_JUNIT], FLAG, .name = "junit", .help = "print a JUnit report"),
    MDP_ROW(struct request, is_asked[MDP_GATE_MARKDOWN], FLAG, .name = "markdown",
            .help = "print a summary for a pull request"),
    MDP_ROW(struct request, github, FLAG, .name = "github",
            .help = "print ::error and ::warning lines besides; append Markdown to $GITHUB_STEP_SUMMARY"),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "FOLDER",
            .help = "write gate.{txt,json,tap,xml,md} there besides"),
    MDP_ROW(struct request, html, TEXT, .name = "html", .argument = "FILE",
            .help = "write a page besides: the verdict, all rows, the returns and files of both sides"),
    MDP_ROW(struct request, save, TEXT, .name = "save-baseline", .argument = "NAME",
            .help = "keep the candidate's results under a name; with --baseline: if it passes"),
    MDP_ROW(struct request, replace, FLAG, .name = "replace", .help = "with --save-baseline: also in another's place"),
    MDP_ROW(struct request, baselines, TEXT, .name = "baselines", .argument = "FOLDER", .fallback = "baselines",
            .help = "where saved baselines are"),
    MDP_ROW(struct request, history, TEXT, .name = "history", .argument = "FOLDER",
            .help = "add a passing run there; without --policy: print changes and draw history-N.svg"),
    MDP_ROW(struct request, label, TEXT, .name = "label", .argument = "TEXT",
            .help = "name of the run in the history, e.g. a commit"),
    MDP_ROW(struct request, today, TEXT, .name = "today", .argument = "DAY",
            .help = "day that accepted regressions are judged at (now, UTC)"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* ---- output ---- */

static mdp_err output(const struct request *request, const struct mdp_gate_report *report,
                      const struct mdp_gate_origin *origin) {
    mdp_err err = MDP_OK;
    enum mdp_gate_format format = MDP_GATE_TEXT;
    for (int i = 1; i < MDP_N_GATE_FORMATS; i++)
        if (request->is_asked[i]) format = (enum mdp_gate_format)i;
    MDP_TRY(mdp_gate_write(format, report, origin, stdout));
    if (request->github) {
        const char *summary = getenv("GITHUB_STEP_SUMMARY");
        MDP_TRY(mdp_gate_write_github(report, stdout));
        if (summary != NULL && summary[0] != 0) MDP_TRY(mdp_gate_append_summary(report, origin, summary));
    }
    if (request->out != NULL) MDP_TRY(mdp_gate_write_files(report, origin, request->out));
    if (request->html != NULL) MDP_TRY(mdp_gate_page(report, origin, request->html));
out:
    return err;
}

/* ---- the gate itself ---- */

/* an option of --evaluate that was given, NULL if there is none */
static const char *evaluation_option(const struct request *request) {
    struct mdp_setting_list list;
    if (MDP_GIVEN(&options, request, work)) return "work";
    mdp_settings_list(&mdp_eval_table, MDP_FOR_GATE, &request->settings, &list);
    for (int i = 0; i < list.n; i++)
        if (mdp_setting_is_given(&list.rows[i])) return list.rows[i].row->name;
    return NULL;
}

/* a given option that is not among those allowed, NULL if there is none */
static const char *option_beside(const struct request *request, const struct mdp_names *allowed) {
    struct mdp_setting_list list;
    mdp_settings_list(&options, 0, request, &list);
    for (int i = 0; i < list.n; i++)
        if (mdp_setting_is_given(&list.rows[i]) && mdp_names_index(allowed, list.rows[i].row->name) < 0)
            return list.rows[i].row->name;
    return NULL;
}

static mdp_err check_saving(const struct request *request) {
    if (request->save == NULL && request->replace)
        return mdp_fail(MDP_E_USAGE, "gate: option --replace: expected --save-baseline beside it");
    const char *unused = request->save != NULL                     ? "save-baseline"
                         : MDP_GIVEN(&options, request, baselines) ? "baselines"
                                                                   : NULL;
    if (request->evaluate && unused != NULL)
        return mdp_fail(MDP_E_USAGE, "gate: option --%s: expected no --evaluate beside it, which takes policies",
                        unused);
    return request->save != NULL ? mdp_gate_baseline_check_name(request->save) : MDP_OK;
}

static mdp_err check(const struct request *request) {
    int n = 0;
    for (int i = 1; i < MDP_N_GATE_FORMATS; i++) n += request->is_asked[i];
    if (n > 1)
        return mdp_fail(MDP_E_USAGE, "gate: expected at most one of --json, --tap, --junit, --markdown, found %d", n);
    if (request->github && n > 0)
        return mdp_fail(MDP_E_USAGE,
                        "gate: option --github: expected no other form beside it, as annotations stand among the lines "
                        "of the log, and $GITHUB_STEP_SUMMARY gets the Markdown");
    if (request->evaluate && !request->sequential)
        return mdp_fail(MDP_E_USAGE, "gate: option --evaluate: expected --sequential beside it");
    const char *unused = request->evaluate ? NULL : evaluation_option(request);
    if (unused != NULL) return mdp_fail(MDP_E_USAGE, "gate: option --%s: expected --evaluate beside it", unused);
    const char *const needed[][2] = {
        {"policy", request->policy}, {"baseline", request->baseline}, {"candidate", request->candidate}};
    for (int i = 0; i < 3; i++)
        if (needed[i][1] == NULL)
            return mdp_fail(MDP_E_USAGE, "gate: option --%s: expected it, found none", needed[i][0]);
    if (request->label != NULL && request->history == NULL)
        return mdp_fail(MDP_E_USAGE, "gate: option --label: expected --history beside it");
    mdp_err err = request->label != NULL ? mdp_gate_check_label(request->label) : MDP_OK;
    return err == MDP_OK ? check_saving(request) : err;
}

/* acceptances end by the calendar; a day may be given so that a report can be made again */
static mdp_err find_today(const char *text, long *today) {
    if (text == NULL) return mdp_gate_date_today(today);
    if (mdp_gate_date_parse(text, today) == MDP_OK) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "gate: option --today: expected a day as YYYY-MM-DD, found '%s'", text);
}

/* the sides are read as files, or evaluated as far as a sequential run asks for */
static mdp_err judge(const struct request *request, const struct mdp_gate_policy *policy, long today,
                     struct mdp_gate_side *baseline, struct mdp_gate_side *candidate, struct mdp_gate_report *report) {
    mdp_err err;
    struct mdp_gate_maker maker = {
        {request->baseline, request->candidate}, request->work, request->settings, {baseline, candidate}};
    if (request->evaluate) return mdp_gate_judge_policies(policy, &maker, today, report);
    MDP_TRY(mdp_gate_side_read("baseline", request->baseline, baseline));
    MDP_TRY(mdp_gate_side_read("candidate", request->candidate, candidate));
    if (request->sequential)
        MDP_TRY(mdp_gate_judge_sequential(policy, baseline, candidate, today, NULL, report));
    else
        MDP_TRY(mdp_gate_judge(policy, baseline, candidate, today, report));
out:
    return err;
}

static mdp_err save_candidate(const struct request *request, const struct mdp_gate_side *side, uint64_t policy_hash,
                              FILE *stream) {
    struct mdp_gate_saved saved;
    const struct mdp_gate_saving saving = {.folder = request->baselines,
                                           .name = request->save,
                                           .side = side,
                                           .policy_path = request->policy,
                                           .policy_hash = policy_hash,
                                           .may_replace = request->replace};
    mdp_err err = mdp_gate_baseline_save(&saving, &saved);
    if (err != MDP_OK) return err;
    int is_one = saved.n_files == 1;
    mdp_text_print_line(stream, "baseline %s/%s: %d file%s %s", request->baselines, request->save, saved.n_files,
                        is_one ? "" : "s",
                        !saved.is_old ? "saved"
                        : is_one      ? "that was there already"
                                      : "that were there already");
    return MDP_OK;
}

static int shows_history(const struct request *request) {
    return request->history != NULL && request->policy == NULL && request->baseline == NULL &&
           request->candidate == NULL;
}

static int saves_only(const struct request *request) { return request->save != NULL && request->baseline == NULL; }

/* says in every form that was asked for that there is no verdict; that files cannot say it is said, too. what is no
 * gate has no reports in files */
static void say_error(const struct request *request, mdp_err why) {
    char *message = strdup(mdp_err_message());
    if (message == NULL) return;
    for (int i = 1; i < MDP_N_GATE_FORMATS; i++)
        if (request->is_asked[i]) (void)mdp_gate_write_error((enum mdp_gate_format)i, why, message, stdout);
    if (request->out != NULL && !shows_history(request) && !saves_only(request) &&
        mdp_gate_write_error_files(why, message, request->out) != MDP_OK)
        mdp_log("%s", mdp_err_message());
    if (request->html != NULL && !shows_history(request) && !saves_only(request) &&
        mdp_gate_page_error(message, request->html) != MDP_OK)
        mdp_log("%s", mdp_err_message());
    mdp_fail(why, "%s", message);
    free(message);
}

/* the history and the baseline are written last, and only by a gate that passed */
static mdp_err run_gate(struct request *request) {
    mdp_err err;
    long today;
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_side baseline = {.n_groups = 0}, candidate = {.n_groups = 0};
    struct mdp_gate_report report = {.n_rows = 0};
    struct mdp_gate_origin origin = {request->policy, request->baseline, request->candidate, 0};
    char *paths = NULL;
    MDP_TRY(find_today(request->today, &today));
    MDP_TRY(mdp_gate_policy_read(request->policy, &policy));
    MDP_TRY(mdp_fsx_hash(request->policy, &origin.policy_hash));
    /* with --evaluate, PATHS are policies and there are no stored results to look up */
    if (!request->evaluate) {
        MDP_TRY(mdp_gate_baseline_find(request->baselines, request->baseline, &paths));
        request->baseline = origin.baseline_paths = paths;
    }
    MDP_TRY(judge(request, &policy, today, &baseline, &candidate, &report));
    request->is_judged = 1;
    MDP_TRY(output(request, &report, &origin));
    MDP_TRY(mdp_gate_outcome(&report));
    if (request->history != NULL) MDP_TRY(mdp_gate_history_add(request->history, &report, request->label));
    if (request->save != NULL) MDP_TRY(save_candidate(request, &candidate, origin.policy_hash, stderr));
out:
    free(paths);
    mdp_gate_report_free(&report);
    mdp_gate_side_free(&baseline);
    mdp_gate_side_free(&candidate);
    mdp_gate_policy_free(&policy);
    return err;
}

/* no gate: results are kept as they are */
static mdp_err save_only(const struct request *request) {
    static const char *const allowed[] = {"save-baseline", "baselines", "replace", "candidate", "policy"};
    const struct mdp_names names = MDP_NAMES_OF_TEXTS(allowed);
    const char *other = option_beside(request, &names);
    mdp_err err;
    uint64_t policy_hash = 0;
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_side side = {.n_groups = 0};
    if (other != NULL || request->candidate == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "gate: option --save-baseline: without --baseline expected --candidate beside it, and "
                        "--policy, --baselines and --replace at most, found %s%s",
                        other != NULL ? "--" : "no ", other != NULL ? other : "--candidate");
    MDP_TRY(mdp_gate_baseline_check_name(request->save));
    if (request->policy != NULL) {
        MDP_TRY(mdp_gate_policy_read(request->policy, &policy));
        MDP_TRY(mdp_fsx_hash(request->policy, &policy_hash));
    }
    MDP_TRY(mdp_gate_side_read("candidate", request->candidate, &side));
    MDP_TRY(save_candidate(request, &side, policy_hash, stdout));
out:
    mdp_gate_side_free(&side);
    mdp_gate_policy_free(&policy);
    return err;
}

/* what a history says so far; its pictures go where --out says, else beside the runs */
static mdp_err show_history(const struct request *request) {
    static const char *const allowed[] = {"history", "out"};
    const struct mdp_names names = MDP_NAMES_OF_TEXTS(allowed);
    const char *other = option_beside(request, &names);
    mdp_err err;
    if (other != NULL)
        return mdp_fail(MDP_E_USAGE,
                        "gate: option --history: expected --out beside it at most, or --policy, --baseline "
                        "and --candidate, found --%s",
                        other);
    const char *folder = request->out != NULL ? request->out : request->history;
    struct mdp_gate_history history = {.n = 0};
    MDP_TRY(mdp_gate_history_read(request->history, &history));
    mdp_gate_history_print(&history, stdout);
    MDP_TRY(mdp_fsx_make_dirs(folder));
    MDP_TRY(mdp_gate_history_draw(&history, folder));
out:
    mdp_gate_history_free(&history);
    return err;
}

/* the forms that a command asks for behind an option that is wrong */
static void find_forms(struct request *request, int argc, char **argv) {
    struct mdp_setting_list list;
    mdp_settings_list(&options, 0, request, &list);
    for (int i = 1; i < argc; i++)
        for (int k = 0; k < list.n && strncmp(argv[i], "--", 2) == 0; k++)
            for (int form = 1; form < MDP_N_GATE_FORMATS; form++)
                if (list.rows[k].value == (void *)&request->is_asked[form] &&
                    strcmp(argv[i] + 2, list.rows[k].row->name) == 0)
                    request->is_asked[form] = 1;
}

static mdp_err dispatch(struct request *request) {
    if (shows_history(request)) return show_history(request);
    if (saves_only(request)) return save_only(request);
    mdp_err err = check(request);
    if (err != MDP_OK) return err;
    if (request->evaluate) mdp_work_begin(request->settings.n_threads);
    return run_gate(request);
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request request = {.settings = {.engine = NULL}};
    int first, done;
    if (argc > 1 && strcmp(argv[1], "selftest") == 0)
        return mdp_verb_gate_selftest.run(&mdp_verb_gate_selftest, argc - 1, argv + 1);
    mdp_err err = mdp_options_parse(verb, &request, argc, argv, &first, &done);
    if (done) return err;
    if (err == MDP_OK && first < argc)
        err = mdp_fail(MDP_E_USAGE, "gate: expected options only, found '%s'", argv[first]);
    if (err != MDP_OK)
        find_forms(&request, argc, argv);
    else
        err = dispatch(&request);
    if (err != MDP_OK && !request.is_judged) say_error(&request, err);
    return err;
}

/* what a policy may list under may_differ, as words of the help text */
#define WORD_IF_REFUSE(name)
#define WORD_IF_FREE(name)
#define WORD_IF_TELL WORD_IF_FREE
#define WORD_IF_SAY(name) " " #name
#define WORD(fact, name, kind, place, text, said, sides, sample, table) WORD_IF_##sides(name)

static const char *word_at(int i, char text[MDP_NAMES_MAX]) {
    if (i > 0) return NULL;
    snprintf(text, MDP_NAMES_MAX, "selftest");
    return text;
}

const struct mdp_verb mdp_verb_gate = {
    .name = "gate",
    .summary = "decide by a policy whether a candidate may replace a baseline",
    .usage = "--policy FILE --baseline PATHS --candidate PATHS [options]",
    .argument_at = word_at,
    .details =
        "Each row of the policy (task x arm x metric) is tested against its margin: PASS where the candidate is "
        "surely\n"
        "not worse by the margin, FAIL where it is surely worse by more (corrected for the number of rows), otherwise\n"
        "INCONCLUSIVE with what would decide it. --sequential looks at the episodes in steps and stops when all is "
        "decided;\n"
        "with --evaluate they are made as they are needed. Both sides are of one environment and evaluated alike, but "
        "for\n"
        "what the policy lists under may_differ, of:" MDP_FACT_LIST(
            WORD) ".\n"
                  "Exit status: 0 all rows pass, 1 a row fails, 2 cannot "
                  "decide, 3 bad "
                  "or\n"
                  "unlike data, 4 wrong usage. docs/gate.md has policies, formats and examples for CI services.\n"
                  "'mdpbench gate selftest --help': holds a policy against its promises, on data like yours.",
    .example = "mdpbench gate --policy bench/gates/default.yaml --baseline main/runs --candidate runs --out gate",
    .options = &options,
    .says_errors = 1,
    .run = run_verb,
};
