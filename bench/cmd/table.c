/* mdpbench table: the evaluated checkpoints of runs, a row each; or the tables of an experiment. */
#include <stdio.h>

#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/experiment/experiment.h"
#include "bench/report/runs.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/settings.h"
#include "results/show/table_out.h"

/* the command's options */
struct request {
    struct mdp_paper_request report;
    const char *actor;
    uint64_t given;
};

#define CHOICE_ROW(member, key_, values, low_, high_, paper, strict, authors, help_)                                   \
    MDP_ROW(struct request, report.choices.member, TEXT, .name = key_, .argument = "CHOICE", .help = help_,            \
            .takers = MDP_OPTION_OF_EXPERIMENT),

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, report.format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, actor, TEXT, MDP_ACTOR("ema"), .takers = MDP_OPTION_OF_RUNS,
            .help = "runs: evaluations of which parameters"),
    MDP_ROW(struct request, report.out, TEXT, .name = "out", .argument = "PATH",
            .help = "file to write instead of standard output; of an experiment, folder for all tables in all formats"),
    MDP_ROW(struct request, report.mode, CHOICE, .name = "mode", .names = mdp_report_mode_names, .fallback = "paper",
            .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: the paper's conventions, sounder ones, or those of the authors' code"),
    MDP_ROW(struct request, report.only, TEXT, .name = "only", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: this table alone"),
    MDP_ROW(struct request, report.is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
    MDP_CHOICE_LIST(CHOICE_ROW)};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err show_runs(int n, char **paths, const struct request *r) {
    const struct mdp_paper_request *report = &r->report;
    struct mdp_table *table = NULL;
    enum mdp_table_format format = mdp_out_format(MDP_GIVEN(&options, r, report.format), report->format, report->out);
    mdp_err err;
    MDP_TRY(mdp_runs_table(n, paths, mdp_actor_mark(r->actor), &table));
    MDP_TRY(mdp_table_output(table, format, report->out, stdout));
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
    if (!is_experiment) return show_runs(argc - first, argv + first, &r);
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
        "return, mean length, and how many episodes ended by falling.\n"
        "Of an experiment: the tables that its file lists, the paper's printed values beside ours, each with the\n"
        "choices that made it. What the paper leaves open is an option; --mode sets all of them. Kinds of "
        "table:\n" MDP_TABLE_KIND_LIST(KIND_LINE) "Byte-identical on every run.",
    .example = "mdpbench table runs/halfcheetah-medium/dql/joint/seed0 --format md",
    .options = &options,
    .run = run_verb,
};
