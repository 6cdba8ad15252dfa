/* mdpbench render: one episode as a picture. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bench/cmd/out.h"
#include "bench/render/film.h"
#include "bench/render/picture.h"
#include "bench/run/names.h"
#include "bench/run/physics.h"
#include "bench/run/settings.h"
#include "bench/run/work.h"
#include "envs/engine.h"
#include "results/curve_place.h"

/* the command's options */
struct request {
    long episode;
    const char *out, *physics, *task;
    int as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, episode, WHOLE, .name = "episode", .low = 0, .high = 1e9, .fallback = "0",
            .help = "its number: of an evaluation as recorded, of a dataset counted from 0"),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "FILE", .fallback = "episode.svg",
            .help = "X.svg moves, X.gif moves, X.strip.svg is a film strip; in the place of one that is there"),
    MDP_ROW(struct request, physics, TEXT, MDP_PHYSICS),
    MDP_ROW(struct request, task, TEXT, .name = "task", .argument = "T",
            .help = "of a dataset: whose world it is of (the one that its transitions fit)"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static int is_evaluation(const char *path) {
    struct mdp_curve_place place;
    return mdp_file_is(MDP_FILE_EPISODES, path) || mdp_curve_place_parse(path, &place);
}

static mdp_err draw(const struct request *r, const char *path, const struct mdp_engine *engine) {
    struct mdp_poses poses = {.n = 0};
    mdp_err err;
    MDP_TRY(is_evaluation(path) ? mdp_poses_of_evaluation(path, r->episode, engine, &poses)
                                : mdp_poses_of_dataset(path, r->episode, r->task, &poses));
    if (poses.is_kept && MDP_GIVEN(&options, r, physics))
        MDP_TRY(mdp_fail(MDP_E_USAGE,
                         "render: option --physics: expected none beside %s, as eval has kept the film of its episode "
                         "%ld and nothing is played again, found it",
                         path, r->episode));
    MDP_TRY(mdp_picture_write(&poses, r->out));
    if (r->as_json)
        MDP_TRY(mdp_out_path(r->out, 1));
    else
        mdp_text_print_line(stdout, "%s: %s", r->out, poses.title);
out:
    mdp_poses_free(&poses);
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_engine *engine = NULL;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1)
        return mdp_fail(MDP_E_USAGE, "render: expected an evaluation or a dataset, found %d", argc - first);
    if (mdp_names_ending(mdp_picture_kinds(), r.out) < 0)
        return mdp_fail(MDP_E_USAGE,
                        "render: option --out: expected a path that ends in .svg, .strip.svg or .gif, found '%s'",
                        r.out);
    const char *unused = !is_evaluation(argv[first]) ? MDP_GIVEN(&options, &r, physics) ? "physics" : NULL
                         : r.task != NULL            ? "task"
                                                     : NULL;
    if (unused != NULL)
        return mdp_fail(MDP_E_USAGE, "render: option --%s: expected none beside %s, found it", unused, argv[first]);
    mdp_work_begin(1);
    MDP_TRY(mdp_physics_open(r.physics, &engine));
    MDP_TRY(draw(&r, argv[first], engine));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_render = {
    .name = "render",
    .summary = "draw one episode of an evaluation or a dataset from the side: moving SVG, GIF or film strip",
    .usage = "FILE.episodes.h5|CURVE.h5#stepNNNNNN|DATASET.hdf5 [options]",
    .details =
        "An episode of which eval has kept a film is read, and --physics refused. Any other of an evaluation is\n"
        "played again from its seed and the policy's files, which lie where they were or beside the evaluation; its\n"
        "return, length and end must come out as recorded, to the last bit, else nothing is drawn. Of a dataset the\n"
        "recorded positions infos/qpos are drawn. The camera goes along with the robot; the marks on the floor are\n"
        "half a metre apart.",
    .example = "mdpbench render runs/demo/behavior.episodes.h5 --episode 3 --out episode.gif",
    .options = &options,
    .run = run_verb,
};
