/* mdpbench inspect: validates a file of ours, a dataset or a file of tensors, and shows what is in it. */
#include <jansson.h>
#include <stdio.h>

#include "bench/cmd/verb.h"
#include "bench/exchange/inspect.h"
#include "bench/run/settings.h"
#include "results/show/json.h"

/* the command's options */
struct request {
    int as_json, asks_world;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, asks_world, FLAG, .name = "world",
            .help = "of datasets: replay transitions in each environment of their sizes, and say which made them"),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = "print one JSON array, an object a file")};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err run(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "inspect: expected one or more files, found none");
    json_t *list = json_array();
    for (int i = first; err == MDP_OK && i < argc; i++) {
        json_t *root = json_object();
        err = mdp_inspect_file(argv[i], root);
        if (err == MDP_OK && r.asks_world) err = mdp_inspect_world(argv[i], root);
        if (err == MDP_OK && !r.as_json) mdp_inspect_print(argv[i], root, stdout);
        json_array_append_new(list, root);
    }
    if (err == MDP_OK && r.as_json)
        err = mdp_json_write(list, 2, "inspect", stdout);
    else
        json_decref(list);
    if (err == MDP_OK && (fflush(stdout) != 0 || ferror(stdout)))
        err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    return err;
}

const struct mdp_verb mdp_verb_inspect = {
    .name = "inspect",
    .summary = "validate any file of ours, a dataset or a file of tensors, and show what is in it",
    .usage = "[--world] [--json] FILE...",
    .details =
        "Takes checkpoints (diffusion, guidance, behavior, resume), episodes files, datasets in D4RL's layout, ours or "
        "not,"
        "\n"
        "or in Minari's (the folder), and tensors of others (PyTorch's .pt, of which nothing is run, and "
        "safetensors).\n"
        "Every array is read whole: types, shapes, checksums, ranges and finiteness are checked. The first file that\n"
        "does not pass ends the command with one message and status 3 (5 if it cannot be read at all).",
    .example = "mdpbench inspect datasets/halfcheetah-medium.hdf5",
    .options = &options,
    .run = run,
};
