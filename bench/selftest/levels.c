/* one self-test a row, summed up: of all rows of a gate the one that is wrong most often, and that passes least. */
#include "bench/selftest/levels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "bench/run/names.h"
#include "bench/run/paths.h"
#include "bench/run/trials.h"
#include "bench/selftest/selftest.h"

enum { N_MARGINS = 3 }; /* lost, where a gate has to fail */

/* a row; NaN is a share of nothing */
struct row {
    char returns[MDP_PATH_MAX], policy[MDP_PATH_MAX], looks[256];
    double passes, fails;
    double false_pass[MDP_GATE_HURT_SLOWER]; /* one for each way of being worse that episodes have */
    double false_fail, found;
};
#define SHARE(member, ...) MDP_COLUMN(struct row, member, REAL, __VA_ARGS__, 3)
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, returns, LETTERS, "returns", "returns of"),
    MDP_COLUMN(struct row, policy, LETTERS, "policy", "policy"),
    MDP_COLUMN(struct row, looks, LETTERS, "looks", "looks at n"),
    SHARE(passes, "unchanged_passes", "unchanged: passes"),
    SHARE(fails, "unchanged_fails", "fails"),
    SHARE(false_pass[MDP_GATE_HURT_SHIFT], "false_pass_lower", "false PASS: lower"),
    SHARE(false_pass[MDP_GATE_HURT_FALLS], "false_pass_falls", "falls"),
    SHARE(false_pass[MDP_GATE_HURT_TAIL], "false_pass_tail", "a bad tail"),
    SHARE(false_pass[MDP_GATE_HURT_WIDER], "false_pass_wider", "wider"),
    SHARE(false_pass[MDP_GATE_HURT_NON_FINITE], "false_pass_non_finite", "non-finite ends"),
    SHARE(false_fail, "false_fail", "false FAIL"),
    SHARE(found, "found", "3 margins lost: fails"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* the highest rate of a wrong decision, over all scenarios or those of one way */
static double worst_error(const struct mdp_gate_selftest *test, int i_hurt, enum mdp_gate_decision decision) {
    double worst = NAN;
    for (int i = 1; i < test->n_scenarios; i++) {
        const struct mdp_gate_scenario *s = &test->scenarios[i];
        int is_wrong = decision == MDP_GATE_PASS ? s->is_pass_wrong : s->is_fail_wrong;
        if (s->skipped != NULL || !is_wrong || (i_hurt >= 0 && (int)s->hurt != i_hurt)) continue;
        worst = fmax(worst, (double)s->row.n[decision] / (double)test->plan.n_trials);
    }
    return worst;
}

/* the lowest rate at which a loss of several margins is found */
static double least_found(const struct mdp_gate_selftest *test) {
    double least = NAN;
    for (int i = 1; i < test->n_scenarios; i++) {
        const struct mdp_gate_scenario *s = &test->scenarios[i];
        if (s->skipped == NULL && s->n_margins > 1)
            least = fmin(least, (double)s->gate.n[MDP_GATE_FAIL] / (double)test->plan.n_trials);
    }
    return least;
}

static void set_shares(const struct mdp_gate_selftest *test, struct row *row) {
    const struct mdp_gate_tally *unchanged = &test->scenarios[0].gate;
    double n = (double)test->plan.n_trials;
    row->passes = (double)unchanged->n[MDP_GATE_PASS] / n;
    row->fails = (double)unchanged->n[MDP_GATE_FAIL] / n;
    for (int h = 0; h < MDP_GATE_HURT_SLOWER; h++) row->false_pass[h] = worst_error(test, h, MDP_GATE_PASS);
    row->false_fail = worst_error(test, -1, MDP_GATE_FAIL);
    row->found = least_found(test);
}

/* "60", or "30, 60" */
static void say_looks(const struct mdp_gate_policy *policy, int is_sequential, char *text, size_t size) {
    const struct mdp_gate_sequential *plan = &policy->sequential;
    size_t n = 0;
    for (unsigned i = is_sequential ? 0 : plan->n_looks - 1; i < plan->n_looks && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%ld", n > 0 ? ", " : "", plan->looks[i]);
}

/* "walker2d-medium" of a path to its episodes, "default" of one to a policy */
static void set_name(char name[MDP_PATH_MAX], const char *path) {
    const char *leaf = mdp_path_name(path);
    snprintf(name, MDP_PATH_MAX, "%.*s", (int)mdp_stem_length(leaf), leaf);
}

/* one policy on one file of returns: a row of the page of levels */
static mdp_err add_row(const struct mdp_gate_levels_plan *plan, const struct mdp_gate_policy *policy, const char *name,
                       const char *path, int is_sequential, struct mdp_table *table) {
    struct mdp_gate_side side = {.name = "baseline"};
    struct mdp_gate_selftest test = {.n_claims = 0};
    struct row row = {.looks = ""};
    mdp_err err;
    MDP_TRY(mdp_gate_side_read("baseline", path, &side));
    struct mdp_gate_selftest_plan drawn = {.policy = policy,
                                           .side = &side,
                                           .n_trials = plan->n_trials,
                                           .n_episodes = mdp_gate_last_look(policy),
                                           .loss = N_MARGINS,
                                           .seed = plan->seed,
                                           .is_sequential = is_sequential,
                                           .n_threads = plan->n_threads};
    MDP_TRY(mdp_gate_selftest_run(&drawn, &test));
    set_name(row.returns, path);
    set_name(row.policy, name);
    say_looks(policy, is_sequential, row.looks, sizeof row.looks);
    set_shares(&test, &row);
    MDP_TRY(mdp_table_fill(table, &row, 1));
out:
    mdp_gate_selftest_free(&test);
    mdp_gate_side_free(&side);
    return err;
}

static mdp_err add_rows(const struct mdp_gate_levels_plan *plan, const char *name, int n_files, char **files,
                        struct mdp_table *table) {
    struct mdp_gate_policy policy = {.n_rules = 0};
    mdp_err err;
    MDP_TRY(mdp_gate_policy_read(name, &policy));
    for (int i = 0; i < n_files; i++)
        for (int is_sequential = 0; is_sequential < 2; is_sequential++)
            MDP_TRY(add_row(plan, &policy, name, files[i], is_sequential, table));
out:
    mdp_gate_policy_free(&policy);
    return err;
}

mdp_err mdp_gate_levels_table(const struct mdp_gate_levels_plan *plan, int n_files, char **files,
                              struct mdp_table **out) {
    struct mdp_table *table = NULL;
    char names[MDP_PATH_MAX], trials[MDP_TRIALS_TEXT_MAX], *rest = names;
    mdp_err err;
    MDP_TRY(mdp_fsx_path(names, "%s", plan->policies));
    MDP_TRY(mdp_table_new("Levels of gates: shares of trials", &columns, &table));
    for (char *name = mdp_paths_next(&rest); name != NULL; name = mdp_paths_next(&rest))
        MDP_TRY(add_rows(plan, name, n_files, files, table));
    MDP_TRY(mdp_table_add_note(
        table,
        "%s Both sides are drawn from one file. "
        "False PASS: of a row at a loss of just its margin in that way, the worst of all rows of the gate; a dash "
        "where "
        "so much cannot be lost that way. False FAIL: the same; of a row by ranks where the typical episode lost no "
        "more than the margin. 3 margins lost: the gate fails, the least of all rows and ways.",
        mdp_trials_describe(plan->n_trials, plan->seed, trials)));
    *out = table;
    table = NULL;
out:
    mdp_table_free(table);
    return err;
}
