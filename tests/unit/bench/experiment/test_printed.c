/* the paper's numbers in the program are those of the transcript */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/experiment/printed.h"
#include "tests/tap.h"

enum { MOST_CELLS = 10 };

/* the cells of a comma separated line, which has no quotes; cuts it up */
static int split(char *line, char *cells[MOST_CELLS]) {
    int n = 0;
    for (char *cell = line; cell != NULL && n < MOST_CELLS; n++) {
        cells[n] = cell;
        cell = strchr(cell, ',');
        if (cell != NULL) *cell++ = 0;
    }
    return n;
}

/* calls `row` with the cells of every line but the first */
static int for_rows(const char *relative, void (*row)(int i_row, char **cells, int n)) {
    const char *path = tap_reference(relative);
    char *text, *state, *cells[MOST_CELLS];
    size_t size;
    int n_rows = 0;
    if (path == NULL) SKIP("reference file is not there");
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &text, &size));
    strtok_r(text, "\r\n", &state);
    for (char *line; (line = strtok_r(NULL, "\r\n", &state)) != NULL; n_rows++) row(n_rows, cells, split(line, cells));
    free(text);
    return n_rows;
}

static double number(const char *text) { return text[0] != 0 ? strtod(text, NULL) : NAN; }

static int table;

static void check_gain(int i_row, char **cells, int n) {
    char task[64];
    (void)i_row;
    CHECK_INT(n, 8);
    snprintf(task, sizeof task, "%s-%s", strcmp(cells[0], "HalfCheetah") == 0 ? "halfcheetah" : "walker2d", cells[1]);
    const struct mdp_paper_gain *gain = mdp_paper_gain_of(table, task);
    CHECK(gain != NULL);
    CHECK_INT(gain->has_dagger, atoi(cells[2]));
    CHECK(gain->peak_pct == number(cells[3]) && gain->auc_pct == number(cells[4]) && gain->early == number(cells[5]));
    CHECK(isnan(gain->levene_f) ? cells[6][0] == 0 : gain->levene_f == number(cells[6]));
    CHECK(isnan(gain->levene_p) ? cells[7][0] == 0 : gain->levene_p == number(cells[7]));
}

static void test_gains(void) {
    static const char *const files[] = {"paper/table1.csv", "paper/table2.csv"};
    for (table = 0; table < 2; table++) CHECK_INT(for_rows(files[table], check_gain), 6);
    CHECK(mdp_paper_gain_of(MDP_PAPER_TABLE1, "halfcheetah-medium-replay") == NULL);
    CHECK(mdp_paper_dagger_level(MDP_PAPER_TABLE1) == 0.0001 && mdp_paper_dagger_level(MDP_PAPER_TABLE2) == 0.05);
}

static void check_variance(int i_row, char **cells, int n) {
    const struct mdp_paper_variance *want = i_row == 0 ? &mdp_paper_same_guidance : &mdp_paper_other_guidance;
    CHECK_INT(n, 9);
    CHECK(want->median == number(cells[1]) && want->iqr == number(cells[2]) && want->max == number(cells[3]) &&
          want->cv == number(cells[4]));
    if (i_row == 0) return;
    want = &mdp_paper_reduction_pct;
    CHECK(want->median == number(cells[5]) && want->iqr == number(cells[6]) && want->max == number(cells[7]) &&
          want->cv == number(cells[8]));
}

static void test_variance(void) { CHECK_INT(for_rows("paper/table3.csv", check_variance), 2); }

static int n_claims;

static void check_claim(int i_row, char **cells, int n) {
    const struct mdp_paper_composition *paper = &mdp_paper_composition;
    const struct {
        const char *id;
        double value;
    } claims[] = {{"c10", paper->hybrid},
                  {"c11", paper->hybrid_spread},
                  {"c12", paper->base},
                  {"c13", paper->base_spread},
                  {"c14", paper->faster_pct}};
    (void)i_row;
    CHECK(n >= 4);
    for (unsigned i = 0; i < 5; i++) {
        if (strcmp(cells[0], claims[i].id) != 0) continue;
        CHECK(number(cells[3]) == claims[i].value);
        n_claims++;
    }
}

static void test_claims(void) {
    for_rows("paper/claims.csv", check_claim);
    CHECK_INT(n_claims, 5);
}

static void test_names(void) {
    CHECK_INT(mdp_paper_table_find("table3"), MDP_PAPER_TABLE3);
    CHECK_INT(mdp_paper_table_find("table4"), -1);
    CHECK_INT(mdp_paper_table_find(NULL), -1);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_gains), TAP_TEST(test_variance), TAP_TEST(test_claims),
                                            TAP_TEST(test_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
