/* mdpbench table: the evaluated checkpoints of runs, a row each; or the tables of an experiment. */
#include <stdio.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/names.h"
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

static mdp_err add_row(struct mdp_table *table, const char *label, const struct mdp_curve_point *point) {
    const struct mdp_summary *s = &point->normalized;
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, RUN, label));
    if (point->step >= 0) mdp_table_set_number(table, STEP, (double)point->step);
    MDP_TRY(mdp_table_set_text(table, ACTOR, point->actor));
    mdp_table_set_number(table, EPISODES, (double)s->n);
    if (s->has_few) {
        char few[32];
        snprintf(few, sizeof few, "%ld, few", s->n);
        MDP_TRY(mdp_table_set_shown(table, EPISODES, (double)s->n, few));
    }
    mdp_table_set_number(table, MEAN, s->mean);
    mdp_table_set_number(table, SD, s->sd);
    mdp_table_set_interval(table, IQM, s->iqm, s->iqm_low, s->iqm_high);
    mdp_table_set_number(table, MEDIAN, s->median);
    mdp_table_set_number(table, Q1, s->q1);
    mdp_table_set_number(table, Q3, s->q3);
    mdp_table_set_number(table, RETURN, point->mean_return);
    mdp_table_set_number(table, LENGTH, point->mean_length);
    mdp_table_set_number(table, TERMINATED, (double)point->n_terminated);
out:
    return err;
}

static mdp_err add_run(struct mdp_table *table, const char *folder, const char *mark) {
    struct mdp_curve_data data;
    mdp_err err = mdp_curve_data_read(folder, mark, &data);
    if (err != MDP_OK) return err;
    for (int i = 0; i < data.n && err == MDP_OK; i++) err = add_row(table, folder, &data.points[i]);
    mdp_curve_data_free(&data);
    return err;
}

static mdp_err add_argument(struct mdp_table *table, const char *argument, const char *mark) {
    if (!mdp_file_is(MDP_FILE_EPISODES, argument)) return add_run(table, argument, mark);
    struct mdp_curve_point point;
    char label[MDP_PATH_MAX];
    const char *slash = strrchr(argument, '/'), *leaf = slash != NULL ? slash + 1 : argument;
    mdp_err err;
    MDP_TRY(mdp_curve_point_read(argument, &point));
    snprintf(label, sizeof label, "%.*s", (int)mdp_stem_length(leaf), leaf);
    MDP_TRY(add_row(table, label, &point));
out:
    return err;
}

static mdp_err show_runs(int n, char **paths, const char *format_name, const char *actor, const char *out) {
    enum mdp_table_format format;
    struct mdp_table *table = NULL;
    const char *mark;
    mdp_err err;
    MDP_TRY(mdp_table_format_find(format_name, &format));
    MDP_TRY(mdp_actor_mark("table", actor, &mark));
    MDP_TRY(mdp_table_new("Normalized return (0: random, 1: expert of D4RL's bullet references)", N_COLUMNS, columns,
                          &table));
    for (int i = 0; i < n; i++) MDP_TRY(add_argument(table, paths[i], mark));
    MDP_TRY(mdp_table_output(table, format, out, stdout));
out:
    mdp_table_free(table);
    return err;
}

/* options of experiments would be ignored with runs, and the other way round */
static mdp_err check_experiment(const struct mdp_paper_request *request, const char *actor, int is_experiment, int n) {
    struct mdp_choice_texts texts = request->choices;
    if (is_experiment && n != 1)
        return mdp_fail(MDP_E_USAGE, "table: expected one experiment alone, found %d arguments", n);
    if (is_experiment && actor != NULL)
        return mdp_fail(MDP_E_USAGE, "table: option --actor: expected none beside an experiment, found '%s'", actor);
    if (is_experiment) return MDP_OK;
    const char *given = request->mode != NULL   ? "mode"
                        : request->only != NULL ? "only"
                        : request->is_partial   ? "partial"
                                                : NULL;
    for (int i = 0; i < MDP_N_CHOICES && given == NULL; i++)
        if (*mdp_choice_text_of(&texts, i) != NULL) given = mdp_choice_key(i);
    if (given == NULL) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "table: option --%s: expected an experiment beside it, found runs", given);
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    const char *actor = NULL;
    struct mdp_paper_request request = {.format = "text", .stream = stdout};
    struct mdp_option options[6 + MDP_N_CHOICES] = {
        {"format", MDP_OPT_STRING, &request.format, "NAME", "text, md, tex, csv or json", 0, 0},
        {"actor", MDP_OPT_STRING, &actor, "NAME", "runs: evaluations of the ema or the online parameters (ema)", 0, 0},
        {"out", MDP_OPT_STRING, &request.out, "PATH",
         "file to write instead of standard output; of an experiment, folder for all tables in all formats", 0, 0},
        {"mode", MDP_OPT_STRING, &request.mode, "NAME",
         "experiment: paper (its conventions) or strict (sounder ones) (paper)", 0, 0},
        {"only", MDP_OPT_STRING, &request.only, "NAME", "experiment: this table alone", 0, 0},
        {"partial", MDP_OPT_FLAG, &request.is_partial, NULL, "experiment: leave out runs that are not whole", 0, 0},
    };
    int first, done;
    for (int i = 0; i < MDP_N_CHOICES; i++)
        options[6 + i] = (struct mdp_option){mdp_choice_key(i),
                                             MDP_OPT_STRING,
                                             mdp_choice_text_of(&request.choices, i),
                                             "CHOICE",
                                             mdp_choice_help(i),
                                             0,
                                             0};
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc)
        return mdp_fail(MDP_E_USAGE, "table: expected run folders, episodes files or an experiment, found none");
    int is_experiment = 0;
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(check_experiment(&request, actor, is_experiment, argc - first));
    if (!is_experiment)
        return show_runs(argc - first, argv + first, request.format, actor != NULL ? actor : "ema", request.out);
    if (request.mode == NULL) request.mode = "paper";
    MDP_TRY(mdp_paper_tables_run(argv[first], &request));
out:
    return err;
}

const struct mdp_verb mdp_verb_table = {
    .name = "table",
    .summary = "show the evaluated checkpoints of runs, or the tables of an experiment",
    .usage = "RUN_FOLDER[:LABEL]|FILE.episodes.h5... [options]  or  EXPERIMENT.yaml [options]",
    .details =
        "One row per episodes file: normalized return with mean, sd (ddof 1), interquartile mean with its 95 %\n"
        "bootstrap interval (percentile, 2,000 replicates; too narrow where n says few), quartiles (type 7); mean\n"
        "return, mean length, and how many episodes ended by falling.\n"
        "Of an experiment: the tables that its file lists, the paper's printed values beside ours, each with the\n"
        "choices that made it. What the paper leaves open is an option; --mode sets all of them.\n"
        "Byte-identical on every run.",
    .example = "mdpbench table runs/halfcheetah-medium/dql/joint/seed0 --format md",
    .run = run_verb,
};
