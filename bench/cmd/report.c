/* mdpbench report: runs or an experiment as one page that opens anywhere. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memstream.h"
#include "bench/cmd/out.h"
#include "bench/compare/compare.h"
#include "bench/compare/plan.h"
#include "bench/render/film.h"
#include "bench/render/picture.h"
#include "bench/report/page.h"
#include "bench/report/write.h"
#include "bench/run/physics.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"
#include "envs/engine.h"

/* the command's options */
struct request {
    struct mdp_page_request page;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, page.out, TEXT, .name = "out", .argument = "FILE", .fallback = "report.html",
            .help = "page to write, in the place of one that is there"),
    MDP_ROW(struct request, page.title, TEXT, .name = "title", .argument = "TEXT", .help = "heading of the page"),
    MDP_ROW(struct request, page.is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
    MDP_ROW(struct request, page.n_films, WHOLE, .name = "films", .low = 0, .high = 1e6, .fallback = "12",
            .argument = "N", .help = "draw the worst, median and best episode of so many runs"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err take(struct mdp_memstream *memory, char **text, size_t *size) {
    mdp_err err = mdp_memstream_close(memory, MDP_OK);
    *text = memory->text;
    *size = memory->size;
    return err;
}

/* an episode for the page */
static mdp_err film(void *context, const char *path, long episode, struct mdp_page_film *out) {
    struct mdp_poses poses = {.n = 0};
    struct mdp_memstream memory;
    mdp_err err;
    MDP_TRY(mdp_poses_of_evaluation(path, episode, context, &poses));
    /* the page says it below them */
    snprintf(out->title, sizeof out->title, "%s", poses.title);
    poses.title[0] = 0;
    MDP_TRY(mdp_memstream_open(&memory, "film strip"));
    mdp_picture_strip(&poses, memory.stream);
    MDP_TRY(take(&memory, &out->strip, &out->strip_size));
    MDP_TRY(mdp_memstream_open(&memory, "picture"));
    mdp_picture_svg(&poses, memory.stream);
    MDP_TRY(take(&memory, &out->moving, &out->moving_size));
out:
    mdp_poses_free(&poses);
    return err;
}

/* the sentence of `compare` with nothing chosen */
static mdp_err compare(const char *a, const char *b, char **sentence) {
    struct mdp_compare_side sides[2] = {{.n = 0}, {.n = 0}};
    struct mdp_compare_request how;
    struct mdp_compare_plan plan;
    struct mdp_finding *findings = NULL;
    int n;
    mdp_err err;
    mdp_settings_defaults(&mdp_compare_table, &how);
    MDP_TRY(mdp_compare_plan_make(&how, &plan));
    MDP_TRY(mdp_compare_side_read(a, plan.mark, 0, &sides[0]));
    MDP_TRY(mdp_compare_side_read(b, plan.mark, 0, &sides[1]));
    MDP_TRY(mdp_compare_examine(&plan, &sides[0], &sides[1], &findings, &n));
    MDP_TRY(mdp_compare_say(&plan, &sides[0], &sides[1], findings, n, sentence));
out:
    free(findings);
    mdp_compare_side_free(&sides[0]);
    mdp_compare_side_free(&sides[1]);
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    static const char *const known[] = {"html", "htm"};
    const struct mdp_names endings = MDP_NAMES_OF_TEXTS(known);
    struct request r = {.page = {.film = NULL}};
    struct mdp_engine *engine = NULL;
    int first, done, is_experiment = 0;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc)
        return mdp_fail(MDP_E_USAGE, "report: expected folders, evaluations or an experiment, found none");
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(mdp_options_check_use(verb, &r, is_experiment, argc - first));
    MDP_TRY(mdp_out_check_ending(verb, r.page.out, &endings));
    mdp_work_begin(1);
    MDP_TRY(mdp_physics_open(NULL, &engine));
    r.page.film = film;
    r.page.compare = compare;
    r.page.context = engine;
    MDP_TRY(is_experiment ? mdp_page_of_experiment(argv[first], &r.page)
                          : mdp_page_of_runs(argc - first, argv + first, &r.page));
    MDP_TRY(mdp_out_path(r.page.out, r.as_json));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_report = {
    .name = "report",
    .summary = "write runs or an experiment as one page that opens in any browser, without a network",
    .usage = "FOLDER[:LABEL]|FILE.episodes.h5... [options]  or  EXPERIMENT.yaml [options]",
    .details =
        "Of a folder: all evaluations in it and below. The page says which run ends highest, and of two what "
        "`compare`\n"
        "says; it has the tables of `table`, learning curves, variances and profiles as pictures, what training cost,\n"
        "and for each evaluation its file, settings, seeds and every return as a dot; a row of a table opens what it\n"
        "was made of. Where eval has kept films of them, or policies are still there to play them again, the worst,\n"
        "the median and the best episode are drawn. Of an experiment: its tables and figures. Everything is in the\n"
        "file, which loads nothing and reads without scripts, too.",
    .example = "mdpbench report runs/demo --out report.html",
    .options = &options,
    .run = run_verb,
};
