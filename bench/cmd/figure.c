/* mdpbench figure: learning curves of runs as pictures; or the figures of an experiment. */
#include <stdio.h>

#include "bench/cmd/out.h"
#include "bench/report/runs.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/settings.h"
#include "results/show/gnuplot.h"

/* the command's options */
struct request {
    const char *out, *actor, *behavior, *title, *only;
    int is_partial, by_objective, as_json;
    enum mdp_runs_figure_kind kind;
    int by_seeds;
    long step;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "PATH", .fallback = "figure",
            .help = "picture to write; without .svg, .pdf or .png an SVG and a PNG; of an experiment, a folder"),
    MDP_ROW(struct request, kind, CHOICE, .name = "kind", .names = mdp_runs_figure_names, .fallback = "curves",
            .takers = MDP_OPTION_OF_RUNS, .help = "runs: what to draw"),
    MDP_ROW(struct request, by_seeds, FLAG, .name = "seeds", .takers = MDP_OPTION_OF_RUNS,
            .help = "runs FOLDER/seedN: one curve or row for all seeds of a folder, with intervals over runs"),
    MDP_ROW(struct request, step, WHOLE, MDP_STEP, .takers = MDP_OPTION_OF_RUNS,
            .help = "of all kinds but curves: this checkpoint; -1: the last one"),
    MDP_ROW(struct request, actor, TEXT, MDP_ACTOR(NULL),
            .help = "evaluations of which parameters (ema; of an experiment without any, online)"),
    MDP_ROW(struct request, behavior, TEXT, .name = "behavior", .argument = "FILE", .takers = MDP_OPTION_OF_RUNS,
            .help = "episodes file of the behaviour policy, drawn as a level"),
    MDP_ROW(struct request, title, TEXT, .name = "title", .argument = "TEXT", .takers = MDP_OPTION_OF_RUNS,
            .help = "title of the figure"),
    MDP_ROW(struct request, only, TEXT, .name = "only", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: this figure alone"),
    MDP_ROW(struct request, is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
    MDP_ROW(struct request, by_objective, FLAG, MDP_BY_OBJECTIVE, .takers = MDP_OPTION_OF_EXPERIMENT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* draws one curve for each run folder; all of them, and the level beside them, must be comparable */
static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_out_paths paths;
    int is_experiment = 0, first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(mdp_options_check_use(verb, &r, is_experiment, argc - first));
    const struct mdp_runs_figure wanted = {
        mdp_actor_mark(r.actor != NULL ? r.actor : "ema"), r.behavior, r.title, r.out, r.kind, r.by_seeds, r.step};
    const int is_curves = r.kind == MDP_RUNS_FIGURE_CURVES;
    if ((is_curves && r.step >= 0) || (!is_curves && r.behavior != NULL))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "figure: option --%s: expected none beside --kind %s, found it",
                         is_curves ? "step" : "behavior", mdp_names_at(mdp_runs_figure_names(), (int)r.kind)));
    if (!is_experiment) MDP_TRY(mdp_out_check_ending(verb, r.out, mdp_picture_endings()));
    MDP_TRY(mdp_out_paths_begin(&paths, r.as_json));
    err = is_experiment
              ? mdp_paper_figures_run(argv[first], r.out, r.only, r.actor, r.is_partial, r.by_objective, paths.stream)
              : mdp_runs_draw(argc - first, argv + first, &wanted, paths.stream);
    err = mdp_out_paths_end(&paths, err);
out:
    return err;
}

#define KIND_LINE(NAME, name, help) "  " #name ": " help "\n"
const struct mdp_verb mdp_verb_figure = {
    .name = "figure",
    .summary = "draw the learning curves of runs, or the figures of an experiment (SVG, PDF, PNG)",
    .usage = "RUN_FOLDER[:LABEL]... [options]  or  EXPERIMENT.yaml [options]",
    .details = "Kinds of figures of runs:\n" MDP_RUNS_FIGURE_LIST(
        KIND_LINE) "Intervals are 95 % bootstrap intervals of episodes, or with --seeds of runs, Student's where they "
                   "are few\n"
                   "(below 50), which the figure says and explains; legends say how many episodes stopped at a value "
                   "that is\n"
                   "not finite. The first run of an algorithm has that algorithm's colour in every figure, others have "
                   "one of the rest.\n"
                   "Of an experiment: the figures that its file lists, a picture for every task, as wide as a column "
                   "of a\n"
                   "paper; means over seeds with their 95 % bootstrap interval (of episodes where there is one seed).",
    .example = "mdpbench figure runs/halfcheetah-medium/dql/joint/seed0 --out curve --title halfcheetah-medium",
    .options = &options,
    .run = run_verb,
};
