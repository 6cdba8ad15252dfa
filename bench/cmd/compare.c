/* mdpbench compare: all statistics between two sets of episodes or runs, a plain verdict on top. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/compare/compare.h"
#include "bench/compare/page.h"
#include "bench/compare/plan.h"
#include "bench/run/settings.h"
#include "results/show/table_out.h"

/* the command's options */
struct request {
    struct mdp_compare_request how;
    const char *out, *html;
    enum mdp_table_format format;
    int by_objective, as_json;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROWS_OF(struct request, how, mdp_compare_table),
    MDP_ROW(struct request, by_objective, FLAG, MDP_BY_OBJECTIVE),
    MDP_ROW(struct request, format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_FORMAT),
    MDP_ROW(struct request, out, TEXT, MDP_TABLE_OUT),
    MDP_ROW(struct request, html, TEXT, .name = "html", .argument = "FILE",
            .help = "write a page besides: the verdict, the table, the values and files of both sides"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* what can be refused is refused before anything is read */
static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    struct mdp_compare_side a = {.n = 0}, b = {.n = 0};
    struct mdp_table *table = NULL;
    struct mdp_compare_plan plan;
    char *verdict = NULL;
    enum mdp_table_format format;
    int first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 2) return mdp_fail(MDP_E_USAGE, "compare: expected two sides A and B, found %d", argc - first);
    MDP_TRY(mdp_compare_plan_make(&r.how, &plan));
    const struct mdp_out_choice choice = {MDP_GIVEN(&options, &r, format), r.as_json, r.format, r.out};
    MDP_TRY(mdp_out_format(verb, &choice, &format));
    if (r.by_objective && plan.margin > 0 && !MDP_GIVEN(&mdp_compare_table, &r.how, worst))
        MDP_TRY(mdp_fail(MDP_E_USAGE, "compare: option --margin: expected --worst beside it with --objective, whose "
                                      "returns have no floor at 0, found none"));
    MDP_TRY(mdp_compare_side_read(argv[first], plan.mark, r.by_objective, &a));
    MDP_TRY(mdp_compare_side_read(argv[first + 1], plan.mark, r.by_objective, &b));
    MDP_TRY(mdp_compare(&plan, &a, &b, &verdict, &table));
    if (r.by_objective)
        MDP_TRY(mdp_table_add_note(table, "Returns are those of the objective %s, not normalized.",
                                   a.samples[0].files[0].facts.values[MDP_FACT_REFERENCE]));
    MDP_TRY(mdp_table_output(table, format, r.out, stdout));
    if (r.html != NULL) MDP_TRY(mdp_compare_page(verdict, table, &a, &b, r.html));
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
        "Brunner-Munzel beside it). One run folder a side: the episodes of the last checkpoints, a verdict about "
        "these\n"
        "two trained policies; their curves are described, with AUC, peak and early gain, but without a p, as the\n"
        "checkpoints of one run are no sample. Several files or folders of a task: each is one unit, with its mean or "
        "the normalized area\n"
        "of its curve. Also Cliff's delta, Welch's interval, Brown-Forsythe for spread; Holm over the tasks. Where\n"
        "nothing is decided, MDE is the effect that would have been found, and 'n needed' the number of units that\n"
        "would find the one seen. --margin asks a second question, by two one-sided tests (TOST): are both sides "
        "equal\n"
        "within it, by ranks, by means, and without losses by rare failures that so few values need not show? The "
        "sentence "
        "speaks of the typical episode; where the mean, the spread or\n"
        "the episodes that broke off say otherwise, it names them. Sides of unlike environments, physics, reference "
        "scores or return rules are refused; what else "
        "was\n"
        "evaluated otherwise (precision, actor, candidates, .., training step) is said in the first line.\n"
        "Definitions: docs/statistics.md.",
    .example = "mdpbench compare new.episodes.h5 old.episodes.h5",
    .options = &options,
    .run = run_verb,
};
