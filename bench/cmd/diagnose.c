/* mdpbench diagnose: how well guidance and diffusion modules go together, and which of these measures go with their
 * return. */
#include <stdio.h>

#include "bench/cmd/verb.h"
#include "bench/diagnose/survey.h"
#include "bench/run/work.h"

/* the command's options */
struct request {
    struct mdp_diagnose_settings settings;
    const char *guidance, *held_out, *training, *episodes;
    long step;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, guidance, TEXT, .name = "guidance", .argument = "LIST", .fallback = "own",
            .help =
                "guidances, separated by commas, each own (as trained), FILE, or FOLDER for the same step of another "
                "run"),
    MDP_ROW(struct request, step, WHOLE, MDP_STEP, .help = "only this checkpoint of a folder; -1: all"),
    MDP_ROW(struct request, held_out, TEXT, .name = "held-out", .argument = "FILE",
            .help = "dataset of the task that was not trained on"),
    MDP_ROW(struct request, training, TEXT, .name = "data", .argument = "FILE",
            .help = "dataset that was, for its reward scale (datasets/TASK.hdf5)"),
    MDP_ROWS_OF(struct request, settings, mdp_diagnose_table),
    MDP_ROW(struct request, episodes, TEXT, .name = "episodes", .argument = "LIST",
            .help = "evaluations of the pairs (those beside the modules)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "one JSON object instead of tables"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err check(const struct request *r, int n_arguments) {
    if (n_arguments < 1)
        return mdp_fail(MDP_E_USAGE, "diagnose: expected run folders or diffusion modules, found none");
    if (r->held_out != NULL) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "diagnose: option --held-out: expected data that no module was trained on, found none; training "
                    "takes all rows of its dataset, 'mdpbench collect TASK --seed 1 --steps 50000 --out FILE' makes "
                    "other ones");
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.settings = {.acting = {.engine = NULL}}};
    struct mdp_survey survey = {.n_modules = 0};
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    const struct mdp_survey_plan plan = {&r.settings, argc - first, argv + first, r.step,
                                         r.guidance,  r.episodes,   r.held_out,   r.training};
    MDP_TRY(check(&r, plan.n_paths));
    mdp_work_begin(r.settings.acting.n_threads);
    MDP_TRY(mdp_survey_run(&plan, &survey));
    MDP_TRY(r.as_json ? mdp_diagnose_print_json(&survey.report, stdout) : mdp_diagnose_print(&survey.report, stdout));
    if (fflush(stdout) != 0) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    mdp_survey_free(&survey);
    return err;
}

const struct mdp_verb mdp_verb_diagnose = {
    .name = "diagnose",
    .summary = "examine how well guidance and diffusion modules go together, on held-out data",
    .usage = "RUN_FOLDER|FILE.diffusion.h5... --held-out FILE [options]",
    .details =
        "Of every pair: calibration of the guidance's values against discounted returns, cosine of its action "
        "gradient\n"
        "and the denoiser's score, effective number of candidates. Of every two guidances: cosine of their gradients,\n"
        "agreement of their rankings and selections on the same candidates. Intervals are 95 % bootstrap intervals "
        "that\n"
        "draw whole episodes. Over pairs that were evaluated: which of these go with the mean normalized return.\n"
        "Training takes all rows of its dataset: held out is another file, of another seed of 'mdpbench collect'; a "
        "row\n"
        "that is in both is refused. Definitions: docs/modules.md; members of --json: docs/formats.md.",
    .example = "mdpbench diagnose runs/halfcheetah-medium/dql/joint/seed0 --step 20000 --held-out held-out.hdf5",
    .options = &options,
    .run = run_verb,
};
