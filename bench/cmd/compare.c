/* mdpbench compare: all statistics between two sets of episodes or runs, a plain verdict on top. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/cmd/verb.h"
#include "bench/compare/compare.h"
#include "bench/run/curve_data.h"
#include "results/show/table_out.h"

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    const char *format_name = "text", *out = NULL, *actor = "ema";
    struct mdp_compare_plan plan = {.alpha = 0.05, .power = 0.8};
    struct mdp_compare_side a = {.n = 0}, b = {.n = 0};
    struct mdp_table *table = NULL;
    enum mdp_table_format format;
    char *verdict = NULL;
    const struct mdp_option options[] = {
        {"alpha", MDP_OPT_REAL, &plan.alpha, "X", "level of the tests over all tasks", 1e-6, 0.5},
        {"power", MDP_OPT_REAL, &plan.power, "X", "power that MDE and n needed are for", 0.5, 0.9999},
        {"margin", MDP_OPT_REAL, &plan.margin, "X",
         "ask too whether A and B are equal within X of normalized return (0: not asked)", 0, 1e6},
        {"actor", MDP_OPT_STRING, &actor, "NAME", "in run folders: evaluations of the ema or online parameters", 0, 0},
        {"format", MDP_OPT_STRING, &format_name, "NAME", "text, md, tex, csv or json", 0, 0},
        {"out", MDP_OPT_STRING, &out, "FILE", "file to write instead of standard output", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 2) return mdp_fail(MDP_E_USAGE, "compare: expected two sides A and B, found %d", argc - first);
    MDP_TRY(mdp_table_format_find(format_name, &format));
    MDP_TRY(mdp_actor_mark("compare", actor, &plan.mark));
    MDP_TRY(mdp_compare_side_read(argv[first], plan.mark, &a));
    MDP_TRY(mdp_compare_side_read(argv[first + 1], plan.mark, &b));
    MDP_TRY(mdp_compare(&plan, &a, &b, &verdict, &table));
    MDP_TRY(mdp_table_output(table, format, out, stdout));
out:
    mdp_table_free(table);
    free(verdict);
    mdp_compare_side_free(&a);
    mdp_compare_side_free(&b);
    return err;
}

const struct mdp_verb mdp_verb_compare = {
    .name = "compare",
    .summary = "say whether A is better than B, worse, or cannot be told apart",
    .usage = "A B [options]        A, B: episodes files, or run folders as FOLDER or FOLDER:LABEL; several separated "
             "by commas",
    .details =
        "Positive differences mean that A is better. One episodes file a side: episodes are the units, paired if both\n"
        "have the same seeds (Wilcoxon signed rank with Hodges-Lehmann), else unpaired (exact Mann-Whitney,\n"
        "Brunner-Munzel beside it). One run folder a side: checkpoints are the units, paired by step, with AUC, peak\n"
        "and early gain. Several files or folders of a task: each is one unit, with its mean or the normalized area\n"
        "of its curve. Also Cliff's delta, Welch's interval, Brown-Forsythe for spread; Holm over the tasks. Where\n"
        "nothing is decided, MDE is the effect that would have been found, and 'n needed' the number of units that\n"
        "would find the one seen. --margin asks a second question, by two one-sided tests (TOST): are both sides "
        "equal\n"
        "within it? Sides of unlike environments, physics, reference scores or return rules are refused; what else "
        "was\n"
        "evaluated otherwise (precision, actor, candidates, .., training step) is said in the first line.\n"
        "Definitions: docs/statistics.md.",
    .example = "mdpbench compare new.episodes.h5 old.episodes.h5",
    .run = run_verb,
};
