/* mdpbench table: the evaluated checkpoints of runs, a row each; or the tables of an experiment. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/names.h"
#include "bench/run/settings.h"
#include "results/show/table.h"
#include "results/show/table_out.h"

enum { RUN, STEP, ACTOR, EPISODES, MEAN, SD, IQM, MEDIAN, Q1, Q3, RETURN, LENGTH, TERMINATED, N_COLUMNS };
static const struct mdp_column columns[N_COLUMNS] = {
    [RUN] = {"run", "run", MDP_LEFT, 0},
    [STEP] = {"step", "step", MDP_RIGHT, 0},
    [ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [EPISODES] = {"episodes", "n", MDP_RIGHT, 0},
    [MEAN] = {"mean", "mean", MDP_RIGHT, 3},
    [SD] = {"sd", "sd", MDP_RIGHT, 3},
    [IQM] = {"iqm", "IQM [95 % CI]", MDP_RIGHT, 3},
    [MEDIAN] = {"median", "median", MDP_RIGHT, 3},
    [Q1] = {"q1", "Q1", MDP_RIGHT, 3},
    [Q3] = {"q3", "Q3", MDP_RIGHT, 3},
    [RETURN] = {"return_mean", "return", MDP_RIGHT, 1},
    [LENGTH] = {"length_mean", "length", MDP_RIGHT, 0},
    [TERMINATED] = {"terminated", "fell", MDP_RIGHT, 0},
};

static mdp_err add_row(struct mdp_table *table, struct mdp_alike_group *group, const char *label,
                       const struct mdp_curve_point *point) {
    const struct mdp_summary *s = &point->normalized;
    mdp_err err;
    MDP_TRY(mdp_alike_group_join(&point->file, group));
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, RUN, label));
    if (point->step >= 0) mdp_table_set_number(table, STEP, (double)point->step);
    MDP_TRY(mdp_table_set_text(table, ACTOR, point->actor));
    MDP_TRY(mdp_table_set_count(table, EPISODES, s->n, s->has_few));
    mdp_table_set_number(table, MEAN, s->mean);
    if (s->n > 1) {
        mdp_table_set_number(table, SD, s->sd);
        mdp_table_set_interval(table, IQM, s->iqm, s->iqm_low, s->iqm_high);
    } else {
        mdp_table_set_number(table, IQM, s->iqm);
    }
    mdp_table_set_number(table, MEDIAN, s->median);
    mdp_table_set_number(table, Q1, s->q1);
    mdp_table_set_number(table, Q3, s->q3);
    mdp_table_set_number(table, RETURN, point->mean_return);
    mdp_table_set_number(table, LENGTH, point->mean_length);
    mdp_table_set_number(table, TERMINATED, (double)point->n_terminated);
    if (point->n_non_finite > 0)
        MDP_TRY(mdp_table_add_note(table,
                                   "Stopped at a value that is not finite: %ld of %ld episodes of %s; their returns "
                                   "count up to there.",
                                   point->n_non_finite, s->n, point->file.path));
out:
    return err;
}

static mdp_err add_run(struct mdp_table *table, struct mdp_alike_group *group, const char *folder, const char *mark) {
    struct mdp_curve_data data;
    mdp_err err = mdp_curve_data_read(folder, mark, &data);
    if (err != MDP_OK) return err;
    for (int i = 0; i < data.n && err == MDP_OK; i++) err = add_row(table, group, folder, &data.points[i]);
    mdp_curve_data_free(&data);
    return err;
}

static mdp_err add_argument(struct mdp_table *table, struct mdp_alike_group *group, const char *argument,
                            const char *mark) {
    if (!mdp_file_is(MDP_FILE_EPISODES, argument)) return add_run(table, group, argument, mark);
    struct mdp_curve_point point;
    char label[MDP_PATH_MAX];
    const char *slash = strrchr(argument, '/'), *leaf = slash != NULL ? slash + 1 : argument;
    mdp_err err;
    MDP_TRY(mdp_curve_point_read(argument, &point));
    snprintf(label, sizeof label, "%.*s", (int)mdp_stem_length(leaf), leaf);
    MDP_TRY(add_row(table, group, label, &point));
out:
    return err;
}

/* the command's options */
struct request {
    struct mdp_paper_request report;
    const char *actor;
    uint64_t given;
};

#define CHOICE_ROW(member, key_, values, low_, high_, paper, strict, help_)                                            \
    MDP_ROW(struct request, report.choices.member, TEXT, .name = key_, .argument = "CHOICE", .help = help_,            \
            .takers = MDP_OPTION_OF_EXPERIMENT),

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, report.format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, actor, TEXT, MDP_ACTOR("ema"), .takers = MDP_OPTION_OF_RUNS,
            .help = "runs: evaluations of which parameters"),
    MDP_ROW(struct request, report.out, TEXT, .name = "out", .argument = "PATH",
            .help = "file to write instead of standard output; of an experiment, folder for all tables in all formats"),
    MDP_ROW(struct request, report.mode, CHOICE, .name = "mode", .names = mdp_report_mode_names, .fallback = "paper",
            .takers = MDP_OPTION_OF_EXPERIMENT, .help = "experiment: the paper's conventions, or sounder ones"),
    MDP_ROW(struct request, report.only, TEXT, .name = "only", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: this table alone"),
    MDP_ROW(struct request, report.is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
    MDP_CHOICE_LIST(CHOICE_ROW)};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err show_runs(int n, char **paths, const struct request *r) {
    const struct mdp_paper_request *report = &r->report;
    struct mdp_table *table = NULL;
    struct mdp_alike_group group = {.n = 0};
    enum mdp_table_format format = mdp_out_format(MDP_GIVEN(&options, r, report.format), report->format, report->out);
    mdp_err err;
    MDP_TRY(mdp_table_new("Normalized return (0: random, 1: expert of D4RL's bullet references)", N_COLUMNS, columns,
                          &table));
    for (int i = 0; i < n; i++) MDP_TRY(add_argument(table, &group, paths[i], mdp_actor_mark(r->actor)));
    MDP_TRY(mdp_table_output(table, format, report->out, stdout));
out:
    mdp_table_free(table);
    mdp_alike_group_free(&group);
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

const struct mdp_verb mdp_verb_table = {
    .name = "table",
    .summary = "show the evaluated checkpoints of runs, or the tables of an experiment",
    .usage = "RUN_FOLDER[:LABEL]|FILE.episodes.h5... [options]  or  EXPERIMENT.yaml [options]",
    .details =
        "One row per episodes file: normalized return with mean, sd (ddof 1), interquartile mean with its 95 %\n"
        "bootstrap interval (2,000 replicates; percentile, where n says few Student's t), quartiles (type 7); mean\n"
        "return, mean length, and how many episodes ended by falling.\n"
        "Of an experiment: the tables that its file lists, the paper's printed values beside ours, each with the\n"
        "choices that made it. What the paper leaves open is an option; --mode sets all of them.\n"
        "Byte-identical on every run.",
    .example = "mdpbench table runs/halfcheetah-medium/dql/joint/seed0 --format md",
    .options = &options,
    .run = run_verb,
};
