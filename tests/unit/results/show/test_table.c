/* results/table and results/text: exact output in every format, whatever the texts hold and the locale says. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/show/table.h"
#include "base/number.h"
#include "tests/tap.h"

static const struct mdp_column columns[] = {
    {"name", "Name", MDP_LEFT, 0},
    {"n", "N", MDP_RIGHT, 0},
    {"score", "Score", MDP_RIGHT, 2},
};

static struct mdp_table *sample(void) {
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("Caf\xc3\xa9", 3, columns, &table));
    CHECK_OK(mdp_table_add_row(table));
    CHECK_OK(mdp_table_set_text(table, 0, "a_b & \"c\", 5% | \xc3\xa9"));
    mdp_table_set_number(table, 1, 50);
    mdp_table_set_interval(table, 2, 0.125, -0.5, 0.1);
    CHECK_OK(mdp_table_add_row(table));
    CHECK_OK(mdp_table_set_text(table, 0, "x"));
    mdp_table_set_number(table, 2, -0.001);
    return table;
}

static void check_output(const struct mdp_table *table, enum mdp_table_format format, const char *want) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(table, format, stream));
    fclose(stream);
    CHECK_STR(text, want);
    free(text);
}

static void test_text(void) {
    struct mdp_table *table = sample();
    check_output(table, MDP_TABLE_TEXT,
                 "Caf\xc3\xa9\n\n"
                 "Name                N               Score\n"
                 "-----------------  --  ------------------\n"
                 "a_b & \"c\", 5% | \xc3\xa9  50  0.12 [-0.50, 0.10]\n"
                 "x                   -                0.00\n");
    mdp_table_free(table);
}

/* people see the words, programs the number */
static void test_shown_as(void) {
    static const struct mdp_column one[] = {{"p", "p", MDP_RIGHT, 0}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new(NULL, 1, one, &table));
    CHECK_OK(mdp_table_add_row(table));
    CHECK_OK(mdp_table_set_shown(table, 0, 0.00003125, "<1e-4"));
    check_output(table, MDP_TABLE_TEXT, "    p\n-----\n<1e-4\n");
    check_output(table, MDP_TABLE_TEX,
                 "\\begin{tabular}{r}\n\\toprule\np \\\\\n\\midrule\n\\textless{}1e-4 \\\\\n"
                 "\\bottomrule\n\\end{tabular}\n");
    check_output(table, MDP_TABLE_CSV, "p\n3.125e-05\n");
    mdp_table_set_number(table, 0, 2);
    check_output(table, MDP_TABLE_CSV, "p\n2\n");
    mdp_table_free(table);
}

static void test_markdown(void) {
    struct mdp_table *table = sample();
    check_output(table, MDP_TABLE_MD,
                 "**Caf\xc3\xa9**\n\n"
                 "| Name | N | Score |\n"
                 "|:---|---:|---:|\n"
                 "| a_b & \"c\", 5% \\| \xc3\xa9 | 50 | 0.12 [-0.50, 0.10] |\n"
                 "| x | - | 0.00 |\n");
    mdp_table_free(table);
}

static void test_latex(void) {
    struct mdp_table *table = sample();
    check_output(table, MDP_TABLE_TEX,
                 "% Caf\xc3\xa9\n\\begin{tabular}{lrr}\n\\toprule\nName & N & Score \\\\\n\\midrule\n"
                 "a\\_b \\& \"c\", 5\\% \\textbar{} \xc3\xa9 & 50 & 0.12 [$-$0.50, 0.10] \\\\\n"
                 "x & -- & 0.00 \\\\\n\\bottomrule\n\\end{tabular}\n");
    mdp_table_free(table);
}

static void test_csv(void) {
    struct mdp_table *table = sample();
    check_output(table, MDP_TABLE_CSV,
                 "name,n,score,score_lo,score_hi\n"
                 "\"a_b & \"\"c\"\", 5% | \xc3\xa9\",50,0.125,-0.5,0.1\n"
                 "x,,-0.001,,\n");
    mdp_table_free(table);
}

static void test_json(void) {
    struct mdp_table *table;
    CHECK_OK(mdp_table_new(NULL, 3, columns, &table));
    CHECK_OK(mdp_table_add_row(table));
    CHECK_OK(mdp_table_set_text(table, 0, "a\"b"));
    mdp_table_set_number(table, 2, 0.5);
    CHECK_OK(mdp_table_add_row(table));
    mdp_table_set_number(table, 2, NAN);
    check_output(table, MDP_TABLE_JSON,
                 "{\n  \"title\": null,\n  \"notes\": [],\n  \"columns\": [\n"
                 "    {\n      \"key\": \"name\",\n      \"title\": \"Name\"\n    },\n"
                 "    {\n      \"key\": \"n\",\n      \"title\": \"N\"\n    },\n"
                 "    {\n      \"key\": \"score\",\n      \"title\": \"Score\"\n    }\n  ],\n  \"rows\": [\n"
                 "    {\n      \"name\": \"a\\\"b\",\n      \"n\": null,\n      \"score\": 0.5\n    },\n"
                 "    {\n      \"name\": null,\n      \"n\": null,\n      \"score\": null\n    }\n  ]\n}\n");
    mdp_table_free(table);
}

static void test_many_rows_and_overwriting(void) {
    struct mdp_table *table;
    char *text = NULL;
    size_t size = 0;
    CHECK_OK(mdp_table_new(NULL, 3, columns, &table));
    for (int i = 0; i < 1000; i++) {
        CHECK_OK(mdp_table_add_row(table));
        CHECK_OK(mdp_table_set_text(table, 0, "old"));
        CHECK_OK(mdp_table_set_text(table, 0, "new"));
        mdp_table_set_number(table, 1, i);
    }
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(table, MDP_TABLE_CSV, stream));
    fclose(stream);
    CHECK(strstr(text, "\nnew,999,\n") != NULL && strstr(text, "old") == NULL);
    free(text);
    mdp_table_free(table);
}

static void test_locale(void) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        SKIP("no locale with a decimal comma");
    test_csv();
}

static void test_formats_and_failure(void) {
    CHECK_INT(mdp_names_index(mdp_table_format_names(), "tex"), MDP_TABLE_TEX);
    CHECK_INT(mdp_names_ending(mdp_table_format_names(), "a/b.json"), MDP_TABLE_JSON);
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) SKIP("no /dev/full");
    struct mdp_table *table = sample();
    for (int i = MDP_TABLE_TEXT; i <= MDP_TABLE_JSON; i++) {
        CHECK_FAILS(mdp_table_write(table, (enum mdp_table_format)i, full), MDP_E_IO, "table: cannot write");
        clearerr(full);
    }
    mdp_table_free(table);
}

/* a number with a face of its own, and lines below */
static void test_notes_and_shown_numbers(void) {
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("t", 2, columns + 1, &table));
    CHECK_OK(mdp_table_add_row(table));
    CHECK_OK(mdp_table_set_shown(table, 0, 1.5e-9, "<1e-4"));
    mdp_table_set_number(table, 1, 1);
    CHECK_OK(mdp_table_set_shown(table, 1, 2, "2_x"));
    CHECK_OK(mdp_table_add_note(table, "first: %d | 5%%", 7));
    CHECK_OK(mdp_table_add_note(table, "second"));
    check_output(table, MDP_TABLE_TEXT, "t\n\n    N  Score\n-----  -----\n<1e-4    2_x\n\nfirst: 7 | 5%\nsecond\n");
    check_output(table, MDP_TABLE_MD,
                 "**t**\n\n| N | Score |\n|---:|---:|\n| <1e-4 | 2_x |\n\n- first: 7 \\| 5%\n- second\n");
    check_output(table, MDP_TABLE_TEX,
                 "% t\n\\begin{tabular}{rr}\n\\toprule\nN & Score \\\\\n\\midrule\n\\textless{}1e-4 & 2\\_x \\\\\n"
                 "\\bottomrule\n\\end{tabular}\n% first: 7 \\textbar{} 5\\%\n% second\n");
    check_output(table, MDP_TABLE_CSV, "n,score\n1.5e-09,2\n");
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(table, MDP_TABLE_JSON, stream));
    fclose(stream);
    CHECK(strstr(text, "\"first: 7 | 5%\"") != NULL && strstr(text, "\"score\": 2.0") != NULL);
    free(text);
    mdp_table_free(table);
}

/* a file's name need not be UTF-8; JSON must be, and rows keep all their members */
static void test_json_of_any_bytes(void) {
    static const struct mdp_column own[] = {{"run", "run", MDP_LEFT, 0}};
    static const char *const texts[][2] = {{"x\xe9", "x?"},
                                           {"\xc3\xa9 \xc3", "\xc3\xa9 ?"},
                                           {"a\x01"
                                            "b",
                                            "a\\u0001b"}};
    for (int i = 0; i < 3; i++) {
        struct mdp_table *table;
        char *text = NULL, expected[64];
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        CHECK_OK(mdp_table_new(texts[i][0], 1, own, &table));
        CHECK_OK(mdp_table_add_row(table));
        CHECK_OK(mdp_table_set_text(table, 0, texts[i][0]));
        CHECK_OK(mdp_table_write(table, MDP_TABLE_JSON, stream));
        fclose(stream);
        snprintf(expected, sizeof expected, "\"run\": \"%s\"", texts[i][1]);
        CHECK(strstr(text, expected) != NULL);
        snprintf(expected, sizeof expected, "\"title\": \"%s\"", texts[i][1]);
        CHECK(strstr(text, expected) != NULL);
        free(text);
        mdp_table_free(table);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_json_of_any_bytes),
        TAP_TEST(test_text),
        TAP_TEST(test_shown_as),
        TAP_TEST(test_markdown),
        TAP_TEST(test_latex),
        TAP_TEST(test_csv),
        TAP_TEST(test_json),
        TAP_TEST(test_many_rows_and_overwriting),

        TAP_TEST(test_locale),
        TAP_TEST(test_formats_and_failure),
        TAP_TEST(test_notes_and_shown_numbers),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
