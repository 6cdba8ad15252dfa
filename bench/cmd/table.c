/* mdpbench table: the evaluated checkpoints of runs, a row each; or the tables of an experiment. */
#include <stdio.h>

#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/experiment/experiment.h"
#include "bench/report/budget.h"
#include "bench/report/runs.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/settings.h"
#include "results/show/table_out.h"

/* the command's options */
struct request {
    struct mdp_paper_request report;
    const char *actor;
    enum { OF_EVALUATIONS, OF_BUDGET } kind;
    int by_seeds, as_json;
    uint64_t given;
};

#define CHOICE_ROW(member, key_, values, low_, high_, paper, strict, authors, help_)                                   \
    MDP_ROW(struct request, report.choices.member, TEXT, .name = key_, .argument = "CHOICE", .help = help_,            \
            .takers = MDP_OPTION_OF_EXPERIMENT),

static const char *const kinds[] = {[OF_EVALUATIONS] = "evaluations", [OF_BUDGET] = "budget"};
static const struct mdp_names *kind_names(void) {
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(kinds);
    return &names;
}

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, report.format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_FORMAT),
    MDP_ROW(struct request, actor, TEXT, MDP_ACTOR("ema"), .takers = MDP_OPTION_OF_RUNS,
            .help = "runs: evaluations of which parameters"),
    MDP_ROW(struct request, report.out, TEXT, .name = "out", .argument = "PATH",
            .help = "file to write instead of standard output; of an experiment, folder for all tables in all formats"),
    MDP_ROW(struct request, report.columns, TEXT, .name = "columns", .argument = "NAMES",
            .help = "these columns alone, in this order: the names that CSV has, parted by commas"),
    MDP_ROW(struct request, kind, CHOICE, .name = "kind", .names = kind_names, .fallback = "evaluations",
            .takers = MDP_OPTION_OF_RUNS, .help = "runs: a row for each, or the expected best of k of them"),
    MDP_ROW(struct request, report.by_objective, FLAG, MDP_BY_OBJECTIVE),
    MDP_ROW(struct request, by_seeds, FLAG, .name = "seeds", .takers = MDP_OPTION_OF_RUNS,
            .help = "runs FOLDER/seedN: one row for all seeds of a folder, with intervals over runs"),
    MDP_ROW(struct request, report.tex.caption, TEXT, .name = "caption", .argument = "LATEX",
            .help = "LaTeX: a float with this caption, which is LaTeX itself"),
    MDP_ROW(struct request, report.tex.label, TEXT, .name = "tex-label", .argument = "NAME",
            .help = "LaTeX: a float with this \\label"),
    MDP_ROW(struct request, report.tex.is_small, FLAG, .name = "small",
            .help = "LaTeX: \\small with narrow gaps, for a column of a paper"),
    MDP_ROW(struct request, report.tex.is_plain, FLAG, .name = "no-booktabs",
            .help = "LaTeX: \\hline in place of the rules of the package booktabs"),
    MDP_ROW(struct request, report.mode, CHOICE, .name = "mode", .names = mdp_report_mode_names, .fallback = "paper",
            .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: the paper's conventions, sounder ones, or those of the authors' code"),
    MDP_ROW(struct request, report.only, TEXT, .name = "only", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: this table alone"),
    MDP_ROW(struct request, report.is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
    MDP_CHOICE_LIST(CHOICE_ROW)};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* what says how LaTeX looks means nothing without it; a caption is one table's */
static mdp_err check_tex(const struct mdp_paper_request *report, int is_tex) {
    const struct mdp_table_tex *tex = &report->tex;
    const char *given = tex->caption != NULL ? "caption"
                        : tex->label != NULL ? "tex-label"
                        : tex->is_small      ? "small"
                        : tex->is_plain      ? "no-booktabs"
                                             : NULL;
    if (given != NULL && !is_tex)
        return mdp_fail(MDP_E_USAGE,
                        "table: option --%s: expected LaTeX, by --format tex or --out X.tex, found another", given);
    return mdp_table_tex_check(tex);
}

static mdp_err check_experiment(const struct mdp_paper_request *report) {
    const struct mdp_table_tex *tex = &report->tex;
    if ((tex->caption != NULL || tex->label != NULL) && report->only == NULL)
        return mdp_fail(MDP_E_USAGE, "table: option --%s: expected --only beside it, as it is one table's, found none",
                        tex->caption != NULL ? "caption" : "tex-label");
    return check_tex(report, report->out != NULL || report->format == MDP_TABLE_TEX);
}

/* of an experiment --out is a folder, for every format */
static mdp_err choose_format(const struct mdp_verb *verb, int is_experiment, struct request *r) {
    const struct mdp_out_choice choice = {MDP_GIVEN(&options, r, report.format), r->as_json, r->report.format,
                                          is_experiment ? NULL : r->report.out};
    return mdp_out_format(verb, &choice, &r->report.format);
}

static mdp_err show_runs(int n, char **paths, const struct request *r) {
    const struct mdp_paper_request *report = &r->report;
    struct mdp_table *table = NULL;
    const struct mdp_columns *columns = r->kind == OF_BUDGET ? mdp_budget_columns()
                                        : r->by_seeds        ? mdp_seeds_columns()
                                                             : mdp_runs_columns();
    const char *mark = mdp_actor_mark(r->actor);
    int n_chosen;
    mdp_err err;
    if (r->by_seeds && (report->by_objective || r->kind == OF_BUDGET))
        return mdp_fail(MDP_E_USAGE, "table: option --%s: expected none beside --seeds, found it",
                        report->by_objective ? "objective" : "kind");
    MDP_TRY(check_tex(report, report->format == MDP_TABLE_TEX));
    if (report->columns != NULL) MDP_TRY(mdp_columns_check(report->columns, &columns, 1));
    MDP_TRY(r->kind == OF_BUDGET ? mdp_runs_budget(n, paths, mark, report->by_objective, &table)
            : r->by_seeds        ? mdp_seeds_table(n, paths, mark, &table)
                                 : mdp_runs_table(n, paths, NULL, mark, report->by_objective, &table));
    if (report->columns != NULL) MDP_TRY(mdp_table_choose(table, report->columns, &n_chosen));
    mdp_table_set_tex(table, &report->tex);
    MDP_TRY(mdp_table_output(table, report->format, report->out, stdout));
out:
    mdp_table_free(table);
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.report = {.stream = stdout}};
    int first, done, is_experiment = 0;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc)
        return mdp_fail(MDP_E_USAGE, "table: expected run folders, episodes files or an experiment, found none");
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(mdp_options_check_use(verb, &r, is_experiment, argc - first));
    MDP_TRY(choose_format(verb, is_experiment, &r));
    if (!is_experiment) return show_runs(argc - first, argv + first, &r);
    MDP_TRY(check_experiment(&r.report));
    MDP_TRY(mdp_paper_tables_run(argv[first], &r.report));
out:
    return err;
}

#define KIND_LINE(upper, name, needs, help) "  " #name ": " help "\n"
const struct mdp_verb mdp_verb_table = {
    .name = "table",
    .summary = "show the evaluated checkpoints of runs, or the tables of an experiment",
    .usage = "RUN_FOLDER[:LABEL]|FILE.episodes.h5... [options]  or  EXPERIMENT.yaml [options]",
    .details =
        "One row per episodes file: normalized return with mean, sd (ddof 1), interquartile mean with its 95 %\n"
        "bootstrap interval (2,000 replicates; percentile, where n says few Student's t), quartiles (type 7); mean\n"
        "return, mean length, and how many episodes ended by falling. With --seeds the runs FOLDER/seed0, "
        "FOLDER/seed1, ..\n"
        "are one row for each checkpoint that all of them have: mean, IQM, median and optimality gap of the runs' "
        "means, "
        "with\n"
        "intervals over runs, as in an experiment's table of arms.\n"
        "On a terminal text is as wide as that: columns that do not fit go below, behind those that name the row. "
        "LaTeX "
        "is a\n"
        "tabular for the package booktabs.\n\n"
        "Of an experiment: the tables that its file lists, the paper's printed values beside ours, each with the\n"
        "choices that made it. What the paper leaves open is an option; --mode sets all of them. Kinds of "
        "table:\n" MDP_TABLE_KIND_LIST(KIND_LINE) "\nByte-identical on every run.",
    .example = "mdpbench table runs/halfcheetah-medium/dql/joint/seed0 --format md",
    .options = &options,
    .run = run_verb,
};
