/* mdpbench export: modules as safetensors, episodes as CSV. */
#include <stdio.h>

#include "bench/cmd/verb.h"
#include "bench/exchange/export.h"

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    const char *out = NULL;
    int first, done;
    const struct mdp_option options[] = {
        {"out", MDP_OPT_STRING, &out, "FILE", "X.safetensors or X.csv (beside the input)", 0, 0}};
    mdp_err err = mdp_options_parse(verb, options, 1, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (first == argc) return mdp_fail(MDP_E_USAGE, "export: expected one or more files, found none");
    if (out != NULL && argc - first > 1)
        return mdp_fail(MDP_E_USAGE, "export: option --out: expected one file beside it, found %d", argc - first);
    for (int i = first; i < argc; i++) MDP_TRY(mdp_export_file(argv[i], out, stdout));
    if (fflush(stdout) != 0 || ferror(stdout)) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    return err;
}

const struct mdp_verb mdp_verb_export = {
    .name = "export",
    .summary = "write modules as safetensors, episodes as CSV",
    .usage = "FILE... [--out FILE]",
    .details =
        "Module files (diffusion, guidance, behavior) become X.safetensors with the names that CleanDiffuser's state\n"
        "dictionaries have; task, algorithm, step, normaliser and all settings go along as metadata, and 'mdpbench "
        "import'\n"
        "makes the same module file of it again, bit by bit. Episodes files become X.csv, a row an episode.",
    .example = "mdpbench export runs/halfcheetah-medium/dql/joint/seed0/step005000.diffusion.h5",
    .run = run_verb,
};
