/* tables: exact output in every format, whatever the texts hold and the locale says. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "results/show/table.h"
#include "results/show/table_internal.h"
#include "tests/tap.h"

struct row {
    const char *name;
    long n;
    double score, low, high;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, name, TEXT, "name", "Name"),
    MDP_COLUMN(struct row, n, WHOLE, "n", "N"),
    MDP_INTERVAL_COLUMN(struct row, score, low, high, "score", "Score", 2),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

static struct mdp_table *sample(void) {
    static const struct row rows[] = {{"a_b & \"c\", 5% | \xc3\xa9", 50, 0.125, -0.5, 0.1},
                                      {"x", -1, -0.001, NAN, NAN}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("Caf\xc3\xa9", &columns, &table));
    CHECK_OK(mdp_table_fill(table, rows, 2));
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

/* of every kind: a cell that is there, one that is missing, and what a row without anything shows */
static void test_kinds(void) {
    struct kinds {
        const char *text;
        char letters[8];
        long whole, n;
        int is_few;
        double real, p, value, low, high;
        struct mdp_shown shown;
    };
    static const struct mdp_column own[] = {
        MDP_COLUMN(struct kinds, text, TEXT, "text", "text"),
        MDP_COLUMN(struct kinds, letters, LETTERS, "letters", "letters"),
        MDP_COLUMN(struct kinds, whole, WHOLE, "whole", "whole"),
        MDP_COUNT_COLUMN(struct kinds, n, is_few, "count", "count"),
        MDP_COLUMN(struct kinds, real, REAL, "real", "real", 1),
        MDP_COLUMN(struct kinds, p, P, "p", "p"),
        MDP_INTERVAL_COLUMN(struct kinds, value, low, high, "interval", "interval", 1),
        MDP_COLUMN(struct kinds, shown, SHOWN, "shown", "shown", 1),
    };
    static const struct mdp_columns all = MDP_COLUMNS(struct kinds, own);
    const struct kinds rows[] = {
        {"t", "l", 0, 3, 1, 0.25, 3.125e-5, 1, -INFINITY, 2, {INFINITY, "none"}},
        {"", "", 1, 3, 0, -0.5, 0.03125, 1, NAN, 2, {2.5, ""}},
        {NULL, "", -1, -1, 0, INFINITY, NAN, NAN, 0, 1, {NAN, "never"}},
    };
    struct kinds nothing = {.is_few = 1, .low = 1, .high = 2};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new(NULL, &all, &table));
    CHECK_OK(mdp_table_fill(table, rows, 3));
    mdp_row_clear(&all, &nothing);
    CHECK_OK(mdp_table_fill(table, &nothing, 1));
    CHECK(isnan(nothing.low) && isnan(nothing.high));
    check_output(table, MDP_TABLE_MD,
                 "| text | letters | whole | count | real | p | interval | shown |\n"
                 "|:---|:---|---:|---:|---:|---:|---:|---:|\n"
                 "| t | l | 0 | 3, few | 0.2 | <1e-4 | 1.0 [-inf, 2.0] | none |\n"
                 "|  |  | 1 | 3 | -0.5 | 0.0312 | 1.0 | 2.5 |\n"
                 "| - |  | - | - | - | - | - | never |\n"
                 "| - |  | - | - | - | - | - | - |\n");
    check_output(table, MDP_TABLE_CSV,
                 "text,letters,whole,count,real,p,interval,interval_lo,interval_hi,shown\n"
                 "t,l,0,3,0.25,3.125e-05,1,-inf,2,inf\n"
                 ",,1,3,-0.5,0.03125,1,,,2.5\n"
                 ",,,,,,,,,never\n"
                 ",,,,,,,,,\n");
    mdp_table_free(table);
}

/* people see the words, programs the number */
static void test_shown_as(void) {
    static const struct mdp_column one[] = {MDP_COLUMN(struct mdp_shown, value, P, "p", "p")};
    static const struct mdp_columns own = MDP_COLUMNS(struct mdp_shown, one);
    const struct mdp_shown row = {0.00003125, ""};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new(NULL, &own, &table));
    CHECK_OK(mdp_table_fill(table, &row, 1));
    check_output(table, MDP_TABLE_TEXT, "    p\n-----\n<1e-4\n");
    check_output(table, MDP_TABLE_TEX,
                 "\\begin{tabular}{r}\n\\toprule\np \\\\\n\\midrule\n\\textless{}1e-4 \\\\\n"
                 "\\bottomrule\n\\end{tabular}\n");
    check_output(table, MDP_TABLE_CSV, "p\n3.125e-05\n");
    CHECK_OK(mdp_table_set_heading(table, "p", "p of it"));
    CHECK_OK(mdp_table_set_heading(table, "p", "p of all"));
    check_output(table, MDP_TABLE_TEXT, "p of all\n--------\n   <1e-4\n");
    check_output(table, MDP_TABLE_CSV, "p\n3.125e-05\n");
    CHECK_FAILS(mdp_table_set_heading(table, "q", "q"), MDP_E_INTERNAL, "table: expected a column q, found none");
    mdp_table_free(table);
}

static void test_markdown(void) {
    struct mdp_table *table = sample();
    check_output(table, MDP_TABLE_MD,
                 "**Caf\xc3\xa9**\n\n"
                 "| Name | N | Score |\n"
                 "|:---|---:|---:|\n"
                 "| a\\_b \\& \"c\", 5% \\| \xc3\xa9 | 50 | 0.12 [-0.50, 0.10] |\n"
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

/* as a float for a column of a paper */
static void test_latex_for_papers(void) {
    struct mdp_table *table = sample();
    const struct mdp_table_tex all = {"Returns of $\\pi$, 95\\% CI", "tab:returns", 1, 1}, small = {NULL, NULL, 1, 0};
    mdp_table_set_tex(table, &all);
    check_output(table, MDP_TABLE_TEX,
                 "% Caf\xc3\xa9\n\\begin{table}\n\\centering\n\\caption{Returns of $\\pi$, 95\\% CI}\n"
                 "\\label{tab:returns}\n\\small\\setlength{\\tabcolsep}{3pt}\n\\begin{tabular}{@{}lrr@{}}\n\\hline\n"
                 "Name & N & Score \\\\\n\\hline\na\\_b \\& \"c\", 5\\% \\textbar{} \xc3\xa9 & 50 & "
                 "0.12 [$-$0.50, 0.10] \\\\\nx & -- & 0.00 \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n");
    mdp_table_set_tex(table, &small);
    check_output(table, MDP_TABLE_TEX,
                 "% Caf\xc3\xa9\n{\\small\\setlength{\\tabcolsep}{3pt}\n\\begin{tabular}{@{}lrr@{}}\n\\toprule\n"
                 "Name & N & Score \\\\\n\\midrule\na\\_b \\& \"c\", 5\\% \\textbar{} \xc3\xa9 & 50 & "
                 "0.12 [$-$0.50, 0.10] \\\\\nx & -- & 0.00 \\\\\n\\bottomrule\n\\end{tabular}\n}\n");
    mdp_table_free(table);
}

static void test_latex_of_users(void) {
    static const char *const bad[] = {"a}", "{a", "}{", "50% of", "a\\", "{\\}"};
    static const char *const good[] = {"", "a", "{a}{b{c}}", "50\\% of \\{", "\\\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(mdp_table_tex_check(&(struct mdp_table_tex){.caption = bad[i]}), MDP_E_USAGE, "option --caption");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_OK(mdp_table_tex_check(&(struct mdp_table_tex){.caption = good[i]}));
    CHECK_OK(mdp_table_tex_check(&(struct mdp_table_tex){.label = "tab:a.b_c+d-e/f"}));
    CHECK_FAILS(mdp_table_tex_check(&(struct mdp_table_tex){.label = "a}b"}), MDP_E_USAGE, "option --tex-label");
    CHECK_FAILS(mdp_table_tex_check(&(struct mdp_table_tex){.label = ""}), MDP_E_USAGE, "option --tex-label");
}

static void test_chosen_columns(void) {
    static const struct mdp_columns *const known[] = {&columns, &columns};
    struct mdp_table *table = sample();
    int n;
    CHECK_OK(mdp_table_set_heading(table, "score", "Points"));
    CHECK_OK(mdp_table_choose(table, "other", &n));
    CHECK_INT(n, 0);
    CHECK_OK(mdp_table_choose(table, "score,other,name", &n));
    CHECK_INT(n, 2);
    check_output(table, MDP_TABLE_CSV,
                 "score,score_lo,score_hi,name\n0.125,-0.5,0.1,\"a_b & \"\"c\"\", 5% | \xc3\xa9\"\n-0.001,,,x\n");
    check_output(table, MDP_TABLE_MD,
                 "**Caf\xc3\xa9**\n\n| Points | Name |\n|---:|:---|\n| 0.12 [-0.50, 0.10] | a\\_b \\& \"c\", 5% \\| "
                 "\xc3\xa9 |\n| 0.00 | x |\n");
    mdp_table_free(table);
    CHECK_OK(mdp_columns_check("score", known, 1));
    CHECK_OK(mdp_columns_check("n,score,name", known, 2));
    CHECK_FAILS(mdp_columns_check("score,N", known, 1), MDP_E_USAGE, "expected some of name, n, score, found 'N'");
    CHECK_FAILS(mdp_columns_check("score,,n", known, 1), MDP_E_USAGE, "found ''");
    CHECK_FAILS(mdp_columns_check("", known, 1), MDP_E_USAGE, "found ''");
    CHECK_FAILS(mdp_columns_check("n,score,n", known, 1), MDP_E_USAGE, "expected each column once, found 'n' again");
}

/* as narrow as a terminal: columns go below each other behind those that name a row, and lines break at blanks */
static void check_width(const struct mdp_table *table, int width, const char *want) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write_text(table, width, stream));
    fclose(stream);
    CHECK_STR(text, want);
    free(text);
}

static void test_width(void) {
    static const struct row rows[] = {{"one", 5, 0.5, 0.25, 0.75}, {"another", 7, 0.5, NAN, NAN}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("A title of words", &columns, &table));
    CHECK_OK(mdp_table_fill(table, rows, 2));
    CHECK_OK(mdp_table_add_note(table, "A note that is longer than the table."));
    static const char whole[] = "A title of words\n\nName     N              Score\n-------  -  -----------------\n"
                                "one      5  0.50 [0.25, 0.75]\nanother  7               0.50\n\n";
    char want[512];
    snprintf(want, sizeof want, "%sA note that is longer than the table.\n", whole);
    check_width(table, 0, want);
    check_width(table, 100, want);
    snprintf(want, sizeof want, "%sA note that is longer than\nthe table.\n", whole);
    check_width(table, 29, want);
    check_width(table, 28,
                "A title of words\n\nName     N\n-------  -\none      5\nanother  7\n\n"
                "Name                 Score\n-------  -----------------\none      0.50 [0.25, 0.75]\n"
                "another               0.50\n\nA note that is longer than\nthe table.\n");
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
    static const struct row rows[] = {{"a\"b", -1, 0.5, NAN, NAN}, {NULL, -1, NAN, NAN, NAN}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new(NULL, &columns, &table));
    CHECK_OK(mdp_table_fill(table, rows, 2));
    check_output(table, MDP_TABLE_JSON,
                 "{\n  \"title\": null,\n  \"notes\": [],\n  \"columns\": [\n"
                 "    {\n      \"key\": \"name\",\n      \"title\": \"Name\"\n    },\n"
                 "    {\n      \"key\": \"n\",\n      \"title\": \"N\"\n    },\n"
                 "    {\n      \"key\": \"score\",\n      \"title\": \"Score\"\n    }\n  ],\n  \"rows\": [\n"
                 "    {\n      \"name\": \"a\\\"b\",\n      \"n\": null,\n      \"score\": 0.5\n    },\n"
                 "    {\n      \"name\": null,\n      \"n\": null,\n      \"score\": null\n    }\n  ]\n}\n");
    mdp_table_free(table);
}

static void test_many_rows(void) {
    struct mdp_table *table;
    char *text = NULL;
    size_t size = 0;
    CHECK_OK(mdp_table_new(NULL, &columns, &table));
    for (int i = 0; i < 1000; i++) {
        const struct row rows[] = {{"one", i, NAN, NAN, NAN}, {"other", i, NAN, NAN, NAN}};
        CHECK_OK(mdp_table_fill(table, rows, 1 + i % 2));
    }
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(table, MDP_TABLE_CSV, stream));
    fclose(stream);
    CHECK(strstr(text, "\none,998,\none,999,\nother,999,\n") != NULL);
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
    struct two {
        struct mdp_shown n, score;
    };
    static const struct mdp_column both[] = {MDP_COLUMN(struct two, n, SHOWN, "n", "N"),
                                             MDP_COLUMN(struct two, score, SHOWN, "score", "Score")};
    static const struct mdp_columns own = MDP_COLUMNS(struct two, both);
    const struct two row = {{1.5e-9, "<1e-4"}, {2, "2_x"}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("t", &own, &table));
    CHECK_OK(mdp_table_fill(table, &row, 1));
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

/* no text begins a line of its own or a command, whatever the form; what programs read keeps it */
static void test_texts_of_others(void) {
    static const struct mdp_column one[] = {MDP_COLUMN(struct row, name, TEXT, "run", "run")};
    static const struct mdp_columns own = MDP_COLUMNS(struct row, one);
    const struct row rows[] = {{.name = "::error::x"}, {.name = "=a\x1b\n::b"}, {.name = "[1pt]_*"}};
    struct mdp_table *table;
    CHECK_OK(mdp_table_new("*t*\n::x", &own, &table));
    CHECK_OK(mdp_table_fill(table, rows, 3));
    CHECK_OK(mdp_table_add_note(table, "%s", "# n\x07"));
    check_output(table, MDP_TABLE_TEXT, "*t*?::x\n\nrun\n----------\n?:error::x\n=a??::b\n[1pt]_*\n\n# n?\n");
    check_output(table, MDP_TABLE_MD,
                 "**\\*t\\* ::x**\n\n| run |\n|:---|\n| ::error::x |\n| =a? ::b |\n| \\[1pt]\\_\\* |\n\n- \\# n?\n");
    check_output(table, MDP_TABLE_TEX,
                 "% {*}t* ::x\n\\begin{tabular}{l}\n\\toprule\nrun \\\\\n\\midrule\n{:}:error::x \\\\\n=a? ::b \\\\\n"
                 "{[}1pt]\\_* \\\\\n\\bottomrule\n\\end{tabular}\n% \\# n?\n");
    check_output(table, MDP_TABLE_CSV, "run\n\"::error::x\"\n\"'=a? ::b\"\n[1pt]_*\n");
    mdp_table_free(table);
}

/* a file's name need not be UTF-8; JSON must be, and rows keep all their members */
static void test_json_of_any_bytes(void) {
    static const struct mdp_column one[] = {MDP_COLUMN(struct row, name, TEXT, "run", "run")};
    static const struct mdp_columns own = MDP_COLUMNS(struct row, one);
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
        const struct row row = {.name = texts[i][0]};
        CHECK_OK(mdp_table_new(texts[i][0], &own, &table));
        CHECK_OK(mdp_table_fill(table, &row, 1));
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
        TAP_TEST(test_texts_of_others),
        TAP_TEST(test_text),
        TAP_TEST(test_kinds),
        TAP_TEST(test_shown_as),
        TAP_TEST(test_markdown),
        TAP_TEST(test_latex),
        TAP_TEST(test_latex_for_papers),
        TAP_TEST(test_latex_of_users),
        TAP_TEST(test_chosen_columns),
        TAP_TEST(test_width),
        TAP_TEST(test_csv),
        TAP_TEST(test_json),
        TAP_TEST(test_many_rows),
        TAP_TEST(test_locale),
        TAP_TEST(test_formats_and_failure),
        TAP_TEST(test_notes_and_shown_numbers),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
