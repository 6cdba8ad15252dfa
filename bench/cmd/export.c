/* mdpbench export: modules as safetensors, episodes as CSV, episodes files as one curve, datasets as Minari's and back.
 */
#include <stdio.h>

#include "bench/cmd/out.h"
#include "bench/exchange/export.h"
#include "bench/run/names.h"
#include "bench/run/settings.h"

/* the command's options */
struct request {
    const char *out;
    int as_minari, as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, as_minari, FLAG, .name = "minari", .help = "make Minari's folders of D4RL's files"),
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "FILE",
            .help = "X.safetensors, X.csv, X.hdf5, Minari's folder X-v0 (beside the input), or X.curve.h5"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_PATHS)};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_out_paths paths;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "export: expected one or more files, found none");
    int is_curve = r.out != NULL && mdp_path_is_curve(r.out);
    if (is_curve && r.as_minari)
        return mdp_fail(MDP_E_USAGE, "export: option --minari: expected none beside a curve, --out %s, found it",
                        r.out);
    if (r.out != NULL && !is_curve && argc - first > 1)
        return mdp_fail(MDP_E_USAGE, "export: option --out: expected one file beside it, found %d", argc - first);
    MDP_TRY(mdp_out_paths_begin(&paths, r.as_json));
    if (is_curve) err = mdp_export_curve(argc - first, argv + first, r.out, paths.stream);
    for (int i = first; i < argc && !is_curve && err == MDP_OK; i++)
        err = r.as_minari ? mdp_export_minari(argv[i], r.out, paths.stream)
                          : mdp_export_file(argv[i], r.out, paths.stream);
    err = mdp_out_paths_end(&paths, err);
out:
    return err;
}

const struct mdp_verb mdp_verb_export = {
    .name = "export",
    .summary = "write modules as safetensors, episodes as CSV, datasets as Minari's and back",
    .usage = "FILE... [--minari] [--out FILE]",
    .details =
        "Module files (diffusion, guidance, behavior) become X.safetensors with the names that CleanDiffuser's state\n"
        "dictionaries have; task, algorithm, step, normaliser and all settings go along as metadata, and 'mdpbench "
        "import'\n"
        "makes the same module file of it again, bit by bit. Episodes files become X.csv, a row an episode, with its "
        "step "
        "where\n"
        "the file is a curve. --out X.curve.h5 puts episodes files of a run's checkpoints into one file, which takes "
        "their "
        "place\n"
        "in every verb; they may be removed then.\n"
        "With --minari a dataset in D4RL's layout, X.hdf5, becomes a folder X-v0 that pip's minari loads; without it "
        "such a\n"
        "folder becomes X-v0.hdf5 in D4RL's layout. There and back gives every array again.",
    .example = "mdpbench export runs/halfcheetah-medium/dql/joint/seed0/step005000.diffusion.h5",
    .options = &options,
    .run = run_verb,
};
