/* mdpbench figure: learning curves of runs as pictures; or the figures of an experiment. */
#include <stdio.h>

#include "bench/cmd/verb.h"
#include "bench/report/runs.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/settings.h"

/* the command's options */
struct request {
    const char *out, *actor, *behavior, *title, *only;
    int is_partial;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "PATH", .fallback = "figure",
            .help = "picture to write; without .svg, .pdf or .png an SVG and a PNG; of an experiment, a folder"),
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
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* draws one curve for each run folder; all of them, and the level beside them, must be comparable */
static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int is_experiment = 0, first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(mdp_options_check_use(verb, &r, is_experiment, argc - first));
    const struct mdp_runs_figure wanted = {mdp_actor_mark(r.actor != NULL ? r.actor : "ema"), r.behavior, r.title,
                                           r.out};
    if (!is_experiment) return mdp_runs_draw(argc - first, argv + first, &wanted, stdout);
    MDP_TRY(mdp_paper_figures_run(argv[first], r.out, r.only, r.actor, r.is_partial, stdout));
out:
    return err;
}

const struct mdp_verb mdp_verb_figure = {
    .name = "figure",
    .summary = "draw the learning curves of runs, or the figures of an experiment (SVG, PDF, PNG)",
    .usage = "RUN_FOLDER[:LABEL]... [options]  or  EXPERIMENT.yaml [options]",
    .details = "Interquartile mean of the normalized return over gradient steps, with its 95 % bootstrap interval;\n"
               "the legend says where episodes are few (below 50), and how many of them stopped at a\n"
               "value that is not finite.\n"
               "Of an experiment: the figures that its file lists, a picture for every task, as wide as a column of a\n"
               "paper; means over seeds with their 95 % bootstrap interval (of episodes where there is one seed).",
    .example = "mdpbench figure runs/halfcheetah-medium/dql/joint/seed0 --out curve --title halfcheetah-medium",
    .options = &options,
    .run = run_verb,
};
