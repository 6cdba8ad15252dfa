/* mdpbench runs: which runs there are below a folder. */
#include <stdio.h>

#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/report/listing.h"
#include "bench/run/settings.h"
#include "results/show/table_out.h"

/* the command's options */
struct request {
    enum mdp_table_format format;
    int as_json;
    const char *out;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_FORMAT),
    MDP_ROW(struct request, out, TEXT, MDP_TABLE_OUT),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* a list that passes files over is a result, and the error beside it is told by the exit status and in words */
static mdp_err show(const struct mdp_verb *verb, const struct request *r, const char *folder, int *is_shown) {
    const struct mdp_out_choice choice = {MDP_GIVEN(&options, r, format), r->as_json, r->format, r->out};
    enum mdp_table_format format;
    struct mdp_table *table = NULL;
    struct mdp_listing_damage damage;
    mdp_err err;
    MDP_TRY(mdp_out_format(verb, &choice, &format));
    MDP_TRY(mdp_listing_table(folder, &table, &damage));
    MDP_TRY(mdp_table_output(table, format, r->out, stdout));
    *is_shown = 1;
    if (damage.n > 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "runs: expected whole files, found %d damaged, the first: %s", damage.n,
                         damage.first));
out:
    mdp_table_free(table);
    return err;
}

static mdp_err list_runs(const struct mdp_verb *verb, int argc, char **argv, int *is_shown) {
    struct request r;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first > 1) return mdp_fail(MDP_E_USAGE, "runs: expected one folder or none, found %d", argc - first);
    return show(verb, &r, first < argc ? argv[first] : "runs", is_shown);
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct mdp_verb without_list = *verb;
    int is_shown = 0;
    mdp_err err = list_runs(verb, argc, argv, &is_shown);
    without_list.says_errors = 0;
    if (!is_shown) mdp_verb_say_error(&without_list, err, argc, argv);
    return err;
}

const struct mdp_verb mdp_verb_runs = {
    .name = "runs",
    .summary = "list the runs below a folder: how far they are, and how they did last",
    .usage = "[FOLDER] [options]",
    .details = "One row per folder with checkpoints or evaluations below FOLDER (runs), and one more, FOLDER:LABEL, "
               "for those\n"
               "with a label: steps trained, checkpoints, evaluations (also those in curve files), and of "
               "the newest\n"
               "evaluation its step, mean normalized return and mean return. Damaged files are named below the table, "
               "and the\n"
               "exit status is 3 then.",
    .example = "mdpbench runs results/reference",
    .options = &options,
    .says_errors = 1,
    .run = run_verb,
};
