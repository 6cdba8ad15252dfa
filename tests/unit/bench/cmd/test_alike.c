/* every row of results/alike in every verb: two files that are the same but for one fact are refused, told apart in the
 * first line, or taken without a word, as the table says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/compare/compare.h"
#include "bench/gate/gate.h"
#include "tests/tap.h"
#include "tests/unlike.h"

enum { N = 4 };

/* ---- files that differ in one fact ---- */

/* writes an evaluation, usual but for one fact (UNLIKE_NOTHING: usual), of a training step; returns its facts */
static struct mdp_facts put(const char *leaf, int fact, long step) {
    char settings[UNLIKE_SETTINGS];
    struct mdp_episodes_info info = unlike_info(fact, settings);
    struct mdp_episodes rows;
    struct mdp_facts facts;
    info.step += step - 400;
    CHECK_OK(mdp_episodes_alloc(&rows, N));
    for (int i = 0; i < N; i++) {
        rows.indices[i] = i;
        rows.returns[i] = i;
        rows.seeds[i] = 3;
        rows.ends[i] = MDP_END_TIME_LIMIT;
    }
    CHECK_OK(mdp_fsx_make_parents(tap_temp_path(leaf)));
    CHECK_OK(mdp_episodes_write(tap_temp_path(leaf), &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_facts_read(&info, &facts);
    mdp_episodes_free(&rows);
    return facts;
}

/* a refusal names the fact, both files and both values */
static void check_refusal(mdp_err err, const char *context, int fact, const struct mdp_facts *a,
                          const struct mdp_facts *b) {
    char text[160];
    snprintf(text, sizeof text, "%s%s: expected ", context, mdp_fact_row((enum mdp_fact)fact)->text);
    CHECK_FAILS(err, MDP_E_DATA, text);
    const char *m = mdp_err_message();
    CHECK(strstr(m, "a.episodes.h5, found") != NULL || strstr(m, "a/step000200.episodes.h5, found") != NULL);
    CHECK(strstr(m, "b.episodes.h5") != NULL || strstr(m, "b/step000400.episodes.h5") != NULL);
    CHECK(strstr(mdp_err_message(), a->values[fact]) != NULL && strstr(mdp_err_message(), b->values[fact]) != NULL);
}

/* ---- compare ---- */

static mdp_err compare(const char *a_leaves, const char *b_leaves, char **verdict) {
    static const struct mdp_compare_plan plan = {.alpha = 0.05, .power = 0.8, .mark = ""};
    struct mdp_compare_side a = {.n = 0}, b = {.n = 0};
    struct mdp_table *table = NULL;
    mdp_err err;
    *verdict = NULL;
    MDP_TRY(mdp_compare_side_read(a_leaves, "", 0, &a));
    MDP_TRY(mdp_compare_side_read(b_leaves, "", 0, &b));
    MDP_TRY(mdp_compare(&plan, &a, &b, verdict, &table));
out:
    mdp_table_free(table);
    mdp_compare_side_free(&a);
    mdp_compare_side_free(&b);
    return err;
}

static void test_compare(void) {
    char a_path[1024], b_path[1024], *verdict;
    snprintf(a_path, sizeof a_path, "%s", tap_temp_path("a.episodes.h5"));
    snprintf(b_path, sizeof b_path, "%s", tap_temp_path("b.episodes.h5"));
    struct mdp_facts a = put("a.episodes.h5", UNLIKE_NOTHING, 400);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        struct mdp_facts b = put("b.episodes.h5", i, 400);
        char said[400];
        if (i == MDP_FACT_TASK) continue; /* what sides are matched by */
        mdp_err err = compare(a_path, b_path, &verdict);
        if (row->what[MDP_ALIKE_SIDES] == MDP_ALIKE_REFUSE) {
            check_refusal(err, "halfcheetah-medium: ", i, &a, &b);
            continue;
        }
        CHECK_OK(err);
        snprintf(said, sizeof said, "A and B are the same on halfcheetah-medium (A: %s%s, B: %s%s): ", row->said,
                 a.values[i], row->said, b.values[i]);
        if (row->what[MDP_ALIKE_SIDES] == MDP_ALIKE_FREE)
            snprintf(said, sizeof said, "A and B are the same on halfcheetah-medium: ");
        if (strstr(verdict, said) != verdict) CHECK_STR(verdict, said);
        free(verdict);
    }
}

/* two files of one side */
static void test_pooled(void) {
    char paths[2100], *verdict;
    snprintf(paths, sizeof paths, "%s,", tap_temp_path("a.episodes.h5"));
    strcat(paths, tap_temp_path("b.episodes.h5"));
    struct mdp_facts a = put("a.episodes.h5", UNLIKE_NOTHING, 400);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        struct mdp_facts b = put("b.episodes.h5", i, 400);
        mdp_err err = compare(paths, paths, &verdict);
        if (mdp_fact_row((enum mdp_fact)i)->what[MDP_ALIKE_SAMPLE] == MDP_ALIKE_REFUSE)
            check_refusal(err, "halfcheetah-medium: ", i, &a, &b);
        else if (i != MDP_FACT_TASK)
            CHECK_OK(err);
        free(verdict);
    }
}

/* two checkpoints of one run */
static void test_curve(void) {
    char run[1024], *verdict;
    snprintf(run, sizeof run, "%s", tap_temp_path("run"));
    put("run/step000200.episodes.h5", UNLIKE_NOTHING, 200);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        put("run/step000400.episodes.h5", i, 400);
        mdp_err err = compare(run, run, &verdict);
        if (mdp_fact_row((enum mdp_fact)i)->what[MDP_ALIKE_SAMPLE] == MDP_ALIKE_REFUSE) {
            CHECK_FAILS(err, MDP_E_DATA, mdp_fact_row((enum mdp_fact)i)->text);
            CHECK(strstr(mdp_err_message(), "run/step000200.episodes.h5, found") != NULL);
        } else if (i == MDP_FACT_TASK) {
            CHECK_FAILS(err, MDP_E_DATA, "run/step000400.episodes.h5: task: expected halfcheetah-medium as in ");
        } else if (i == MDP_FACT_POLICY) {
            CHECK_FAILS(err, MDP_E_DATA, "run/step000400.episodes.h5: settings: policy: expected none as in ");
        } else {
            CHECK_OK(err);
            CHECK(strstr(verdict, "Of these two trained policies, A ") == verdict);
            CHECK(strstr(verdict, ": A and B are the same on halfcheetah-medium: ") != NULL);
        }
        free(verdict);
    }
}

/* ---- tables and figures of runs ---- */

/* between: NULL, or the option that names the second path */
static mdp_err show(const struct mdp_verb *verb, const char *a, const char *between, const char *b) {
    char words[6][1024];
    char *argv[7] = {NULL};
    int n = 0;
    const char *const texts[] = {verb->name, a,       between,
                                 b,          "--out", verb == &mdp_verb_table ? "shown.md" : "shown.svg"};
    for (int i = 0; i < 6; i++) {
        if (texts[i] == NULL) continue;
        snprintf(words[n], sizeof words[n], "%s", i == 5 ? tap_temp_path(texts[i]) : texts[i]);
        argv[n] = words[n];
        n++;
    }
    return verb->run(verb, n, argv);
}

/* curves of two runs, a run and a level, rows of a table */
static void test_side_by_side(void) {
    char a[1024], b[1024], level[1024];
    snprintf(a, sizeof a, "%s", tap_temp_path("a"));
    snprintf(b, sizeof b, "%s", tap_temp_path("b"));
    snprintf(level, sizeof level, "%s", tap_temp_path("b/step000400.episodes.h5"));
    put("a/step000200.episodes.h5", UNLIKE_NOTHING, 200);
    struct mdp_facts usual = put("a/step000400.episodes.h5", UNLIKE_NOTHING, 400);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        struct mdp_facts other = put("b/step000400.episodes.h5", i, 400);
        /* another environment is nothing that has to be alike */
        int is_refused = row->what[MDP_ALIKE_TABLE] == MDP_ALIKE_REFUSE && i != MDP_FACT_ENV_ID;
        CHECK_INT(show(&mdp_verb_table, a, NULL, b) != MDP_OK, is_refused);
        CHECK_INT(show(&mdp_verb_table, a, NULL, level) != MDP_OK, is_refused);
        CHECK_INT(show(&mdp_verb_figure, a, NULL, b) != MDP_OK, is_refused);
        mdp_err err = show(&mdp_verb_figure, a, "--behavior", level);
        CHECK_INT(err != MDP_OK, is_refused);
        if (is_refused) check_refusal(err, "", i, &usual, &other);
    }
}

/* a figure draws the checkpoints of a run as one curve; a table, each in its row */
static void test_checkpoints(void) {
    char a[1024];
    snprintf(a, sizeof a, "%s", tap_temp_path("a"));
    put("a/step000200.episodes.h5", UNLIKE_NOTHING, 200);
    put("a/step000400.episodes.h5", MDP_FACT_CANDIDATES, 400);
    CHECK_OK(show(&mdp_verb_table, a, NULL, a));
    CHECK_FAILS(show(&mdp_verb_figure, a, NULL, a), MDP_E_DATA, "candidates: expected 50 as in ");
}

/* ---- gate ---- */

static mdp_err judge(const char *policy_text, const char *a_path, const char *b_path) {
    struct mdp_gate_policy policy = {.n_rules = 0};
    struct mdp_gate_side a = {.n_groups = 0}, b = {.n_groups = 0};
    struct mdp_gate_report report = {.n_rows = 0};
    mdp_err err;
    MDP_TRY(mdp_gate_policy_parse("p.yaml", policy_text, &policy));
    MDP_TRY(mdp_gate_side_read("baseline", a_path, &a));
    MDP_TRY(mdp_gate_side_read("candidate", b_path, &b));
    MDP_TRY(mdp_gate_judge(&policy, &a, &b, 20260601, &report));
    CHECK_INT(report.decision, MDP_GATE_PASS);
out:
    mdp_gate_report_free(&report);
    mdp_gate_side_free(&a);
    mdp_gate_side_free(&b);
    mdp_gate_policy_free(&policy);
    return err;
}

static void test_gate(void) {
    static const char rows[] = "rows: [{metric: return, margin: {absolute: 9}, min_episodes: 2, test: mean}]\n";
    char a_path[1024], b_path[1024], permit[256];
    snprintf(a_path, sizeof a_path, "%s", tap_temp_path("a.episodes.h5"));
    snprintf(b_path, sizeof b_path, "%s", tap_temp_path("b.episodes.h5"));
    struct mdp_facts a = put("a.episodes.h5", UNLIKE_NOTHING, 400);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        enum mdp_alike what = row->what[MDP_ALIKE_SIDES];
        struct mdp_facts b = put("b.episodes.h5", i, 400);
        if (i == MDP_FACT_TASK) continue;
        mdp_err err = judge(rows, a_path, b_path);
        int is_taken = what == MDP_ALIKE_FREE || what == MDP_ALIKE_TELL;
        if (is_taken)
            CHECK_OK(err);
        else
            check_refusal(err, "halfcheetah-medium: ", i, &a, &b);
        /* a policy may list what comparisons merely say, and nothing else */
        snprintf(permit, sizeof permit, "may_differ: [%s]\n%s", row->name, rows);
        CHECK((strstr(mdp_err_message(), "; a policy with may_differ: [") != NULL) == (what == MDP_ALIKE_SAY) ||
              is_taken);
        err = judge(permit, a_path, b_path);
        if (what == MDP_ALIKE_SAY)
            CHECK_OK(err);
        else
            CHECK_FAILS(err, MDP_E_DATA, "p.yaml:1: may_differ[0]: expected one of precision, actor, candidates");
    }
}

/* checkpoints of a run have steps by nature; both sides are judged by their last one */
static void test_gate_steps(void) {
    static const char rows[] = "rows: [{metric: return, margin: {absolute: 9}, min_episodes: 2, test: mean}]\n";
    char a_path[1024], b_path[1024];
    snprintf(a_path, sizeof a_path, "%s", tap_temp_path("a"));
    snprintf(b_path, sizeof b_path, "%s", tap_temp_path("b"));
    put("a/step000200.episodes.h5", UNLIKE_NOTHING, 200);
    put("a/step000400.episodes.h5", UNLIKE_NOTHING, 400);
    put("b/step000300.episodes.h5", UNLIKE_NOTHING, 300);
    put("b/step000400.episodes.h5", UNLIKE_NOTHING, 400);
    CHECK_OK(judge(rows, a_path, b_path));
    put("b/step000500.episodes.h5", UNLIKE_NOTHING, 500);
    CHECK_FAILS(judge(rows, a_path, b_path), MDP_E_DATA, "step: expected 400 as in ");
    CHECK(strstr(mdp_err_message(), "a/step000400.episodes.h5, found 500 in ") != NULL);
    put("b/step000300.episodes.h5", MDP_FACT_CANDIDATES, 300);
    CHECK_FAILS(judge(rows, a_path, b_path), MDP_E_DATA, "b/step000300.episodes.h5");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_compare),     TAP_TEST(test_pooled), TAP_TEST(test_curve),     TAP_TEST(test_side_by_side),
        TAP_TEST(test_checkpoints), TAP_TEST(test_gate),   TAP_TEST(test_gate_steps)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
