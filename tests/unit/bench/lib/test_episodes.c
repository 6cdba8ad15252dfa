/* episodes files and comparisons of the shared library: what is written is read again, what compare says is said, and
 * what is wrong is refused. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/compare.h"
#include "include/mdpbench.h"
#include "results/episodes.h"
#include "tests/tap.h"

enum { N = 12 };

static struct mdpbench_episodes *make(double shift, uint64_t seed) {
    struct mdpbench_episodes *e;
    CHECK_OK((mdp_err)mdpbench_episodes_new("hopper", NULL, N, &e));
    for (int i = 0; i < N; i++) {
        const struct mdpbench_episode row = {
            .episode_return = 300 + 7 * i * i + shift, .seed = seed, .number = i, .length = 100 + i, .end = i % 2};
        CHECK_OK((mdp_err)mdpbench_episodes_set(e, i, &row));
    }
    return e;
}

static const char *fact(const struct mdpbench_episodes *e, const char *name) {
    static char text[600];
    CHECK_OK((mdp_err)mdpbench_episodes_get_fact(e, name, text, sizeof text));
    return text;
}

static void test_written_and_read(void) {
    struct mdpbench_episodes *made = make(0, 3), *read;
    struct mdpbench_episode a, b;
    const char *path = tap_temp_path("mine.episodes.h5");
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(made, "task", "hopper-medium"));
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(made, "algo", "mine"));
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(made, "step", "1500"));
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(made, "temperature", "0.25"));
    CHECK_OK((mdp_err)mdpbench_episodes_write(made, path));
    CHECK_OK((mdp_err)mdpbench_episodes_read(path, &read));
    CHECK_INT(mdpbench_episodes_count(read), N);
    for (int i = 0; i < N; i++) {
        CHECK_OK((mdp_err)mdpbench_episodes_get(made, i, &a));
        CHECK_OK((mdp_err)mdpbench_episodes_get(read, i, &b));
        CHECK(memcmp(&a, &b, sizeof a) == 0);
        CHECK_CLOSE(b.normalized_return, (b.episode_return - 20.058972) / (1441.806 - 20.058972), 1e-6);
    }
    CHECK_STR(fact(read, "task"), "hopper-medium");
    CHECK_STR(fact(read, "env_id"), "HopperBullet-v0");
    CHECK_STR(fact(read, "step"), "1500");
    CHECK_STR(fact(read, "temperature"), "0.25");
    CHECK_STR(fact(read, "return_rule"), "standard");
    CHECK_FAILS((mdp_err)mdpbench_episodes_write(made, path), MDP_E_IO, "it is not replaced");
    mdpbench_episodes_free(made);
    mdpbench_episodes_free(read);
    mdpbench_episodes_free(NULL);
}

static void test_wrong_episodes(void) {
    struct mdpbench_episodes *e = NULL;
    struct mdpbench_episode row = {.end = 3};
    char text[8];
    CHECK_FAILS((mdp_err)mdpbench_episodes_new("hopper", NULL, 0, &e), MDP_E_USAGE, "expected 1 to 1000000, found 0");
    CHECK_FAILS((mdp_err)mdpbench_episodes_new("ant", NULL, 1, &e), MDP_E_USAGE, "found 'ant'");
    CHECK_FAILS((mdp_err)mdpbench_episodes_read(tap_temp_path("none.h5"), &e), MDP_E_IO, "none.h5");
    FILE *file = fopen(tap_temp_path("text.h5"), "w");
    CHECK(file != NULL && fputs("no HDF5", file) >= 0 && fclose(file) == 0);
    CHECK_FAILS((mdp_err)mdpbench_episodes_read(tap_temp_path("text.h5"), &e), MDP_E_DATA, "text.h5");
    CHECK(e == NULL);
    e = make(0, 0);
    CHECK_FAILS((mdp_err)mdpbench_episodes_set(e, 0, &row), MDP_E_USAGE, "end: expected 0, 1 or 2, found 3");
    CHECK_FAILS((mdp_err)mdpbench_episodes_get(e, N, &row), MDP_E_USAGE, "row: expected 0 to 11, found 12");
    CHECK_FAILS((mdp_err)mdpbench_episodes_get_fact(e, "task", text, 4), MDP_E_USAGE, "room for 7 bytes, found 4");
    CHECK_FAILS((mdp_err)mdpbench_episodes_get_fact(e, "mood", text, 4), MDP_E_USAGE, "found 'mood'");
    CHECK_FAILS((mdp_err)mdpbench_episodes_set_fact(e, "physics", "mine"), MDP_E_USAGE, "expected one of task, algo");
    CHECK_FAILS((mdp_err)mdpbench_episodes_set_fact(e, "step", "many"), MDP_E_USAGE, "whole number, found 'many'");
    CHECK_OK((mdp_err)mdpbench_episodes_get(e, 4, &row));
    row.episode_return = NAN;
    CHECK_OK((mdp_err)mdpbench_episodes_set(e, 4, &row));
    CHECK_FAILS((mdp_err)mdpbench_episodes_write(e, tap_temp_path("nan.h5")), MDP_E_DATA, "found nan at row 4");
    mdpbench_episodes_free(e);
}

/* numbers are read as the command reads them, and one that does not fit is the caller's mistake and changes nothing */
static void test_numbers(void) {
    static const struct {
        const char *name, *text, *found;
    } good[] = {
        {"seed", "9223372036854775813", "9223372036854775813"},
        {"seed", "18446744073709551615", "18446744073709551615"},
        {"seed", "20k", "20000"},
        {"step", "1e5", "100000"},
        {"step", "-1", "-1"},
        {"temperature", "0.1", "0.1"},
        {"w_t", "-1.5e-7", "-1.5e-07"},
    };
    static const struct {
        const char *name, *text, *message;
    } bad[] = {
        {"seed", "-1", "seed: expected a whole number from 0 to 18446744073709551615, found '-1'"},
        {"seed", "18446744073709551616", "found '18446744073709551616'"},
        {"seed", "1.5", "found '1.5'"},
        {"step", "9223372036854775808", "step: expected a whole number, found '9223372036854775808'"},
        {"step", "", "found ''"},
        {"step", "-2", "step: expected -1 or more, found -2"},
        {"candidates", "0", "expected 1 or more, found 0"},
        {"temperature", "-0.5", "found -0.5"},
        {"temperature", "nan", "temperature: expected a finite number, found 'nan'"},
        {"w_t", "1e999", "w_t: expected a finite number, found '1e999'"},
        {"w_t", "0x1", "found '0x1'"},
    };
    struct mdpbench_episodes *e = make(0, 0);
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK_OK((mdp_err)mdpbench_episodes_set_fact(e, good[i].name, good[i].text));
        CHECK_STR(fact(e, good[i].name), good[i].found);
    }
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char before[600];
        snprintf(before, sizeof before, "%s", fact(e, bad[i].name));
        CHECK_FAILS((mdp_err)mdpbench_episodes_set_fact(e, bad[i].name, bad[i].text), MDP_E_USAGE, bad[i].message);
        CHECK_STR(fact(e, bad[i].name), before);
    }
    mdpbench_episodes_free(e);
}

/* the host program's locale changes no number */
static void test_locale(void) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        SKIP("no locale with a decimal comma");
    struct mdpbench_episodes *e = make(0, 0);
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(e, "temperature", "0.25"));
    CHECK_STR(fact(e, "temperature"), "0.25");
    CHECK_FAILS((mdp_err)mdpbench_episodes_set_fact(e, "w_t", "0,5"), MDP_E_USAGE, "found '0,5'");
    mdpbench_episodes_free(e);
    setlocale(LC_ALL, "C");
}

static void write_two(char a[600], char b[600]) {
    struct mdpbench_episodes *x = make(40, 1), *y = make(0, 1);
    snprintf(a, 600, "%s", tap_temp_path("a.episodes.h5"));
    snprintf(b, 600, "%s", tap_temp_path("b.episodes.h5"));
    CHECK_OK((mdp_err)mdpbench_episodes_write(x, a));
    CHECK_OK((mdp_err)mdpbench_episodes_write(y, b));
    mdpbench_episodes_free(x);
    mdpbench_episodes_free(y);
}

static void test_says_what_compare_says(void) {
    static const struct mdp_compare_plan plan = {.alpha = 0.05, .power = 0.8, .mark = ""};
    struct mdp_compare_side sides[2];
    struct mdp_table *table;
    struct mdpbench_comparison *c, *in_memory;
    struct mdpbench_episodes *x, *y;
    struct mdpbench_difference d;
    char a[600], b[600], *verdict;
    write_two(a, b);
    CHECK_OK(mdp_compare_side_read(a, "", 0, &sides[0]));
    CHECK_OK(mdp_compare_side_read(b, "", 0, &sides[1]));
    CHECK_OK(mdp_compare(&plan, &sides[0], &sides[1], &verdict, &table));
    CHECK_OK((mdp_err)mdpbench_compare_files(a, b, NULL, &c));
    CHECK_STR(mdpbench_comparison_verdict(c), verdict);
    CHECK_OK((mdp_err)mdpbench_episodes_read(a, &x));
    CHECK_OK((mdp_err)mdpbench_episodes_read(b, &y));
    CHECK_OK((mdp_err)mdpbench_compare(x, y, NULL, &in_memory));
    CHECK_STR(mdpbench_comparison_verdict(in_memory), verdict);
    CHECK_STR(mdpbench_comparison_json(in_memory), mdpbench_comparison_json(c));
    CHECK(strstr(mdpbench_comparison_json(c), "\"Wilcoxon signed rank\"") != NULL);
    CHECK_INT(mdpbench_comparison_count(c), 1);
    CHECK_OK((mdp_err)mdpbench_comparison_get(c, 0, &d));
    CHECK_STR(d.task, "hopper");
    CHECK(d.verdict == 1 && d.is_paired == 1 && d.n_a == N && d.n_b == N && d.p_corrected < 0.05);
    CHECK_CLOSE(d.size, 40 / (1441.806 - 20.058972), 1e-6);
    CHECK(d.low <= d.size && d.size <= d.high);
    CHECK_FAILS((mdp_err)mdpbench_comparison_get(c, 1, &d), MDP_E_USAGE, "expected 0 to 0, found 1");
    mdpbench_comparison_free(c);
    mdpbench_comparison_free(in_memory);
    mdpbench_comparison_free(NULL);
    mdpbench_episodes_free(x);
    mdpbench_episodes_free(y);
    mdp_table_free(table);
    free(verdict);
    for (int i = 0; i < 2; i++) mdp_compare_side_free(&sides[i]);
}

static void test_options(void) {
    static const char *const asked[] = {"margin=0.2", "worst=-1", NULL}, *const unknown[] = {"mood=good", NULL};
    static const char *const range[] = {"alpha=2", NULL}, *const no_sign[] = {"alpha", NULL};
    static const char *const alone[] = {"worst=-1", NULL};
    struct mdpbench_episodes *x = make(1, 1), *y = make(0, 1), *other;
    struct mdpbench_comparison *c;
    struct mdpbench_difference d;
    CHECK_OK((mdp_err)mdpbench_compare(x, y, NULL, &c));
    CHECK_OK((mdp_err)mdpbench_comparison_get(c, 0, &d));
    CHECK_INT(d.is_equal, 0);
    mdpbench_comparison_free(c);
    CHECK_OK((mdp_err)mdpbench_compare(x, y, asked, &c));
    CHECK(strstr(mdpbench_comparison_verdict(c), "within 0.2") != NULL);
    mdpbench_comparison_free(c);
    CHECK_FAILS((mdp_err)mdpbench_compare(x, y, unknown, &c), MDP_E_USAGE, "option mood");
    CHECK_FAILS((mdp_err)mdpbench_compare(x, y, range, &c), MDP_E_USAGE, "option alpha: expected a number from 1e-06");
    CHECK_FAILS((mdp_err)mdpbench_compare(x, y, no_sign, &c), MDP_E_USAGE, "expected 'name=value', found 'alpha'");
    CHECK_FAILS((mdp_err)mdpbench_compare(x, y, alone, &c), MDP_E_USAGE, "--worst: expected --margin");
    CHECK_FAILS((mdp_err)mdpbench_compare(x, NULL, NULL, &c), MDP_E_USAGE, "b: expected one, found NULL");
    CHECK_FAILS((mdp_err)mdpbench_compare_files("none.h5", "none.h5", NULL, &c), MDP_E_IO, "none.h5");
    CHECK_OK((mdp_err)mdpbench_episodes_new("walker2d", NULL, N, &other));
    CHECK_FAILS((mdp_err)mdpbench_compare(x, other, NULL, &c), MDP_E_DATA, "expected a task that both sides have");
    CHECK_OK((mdp_err)mdpbench_episodes_set_fact(other, "task", "hopper"));
    CHECK_FAILS((mdp_err)mdpbench_compare(x, other, NULL, &c), MDP_E_DATA, "environment");
    CHECK(c == NULL);
    mdpbench_episodes_free(x);
    mdpbench_episodes_free(y);
    mdpbench_episodes_free(other);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_written_and_read), TAP_TEST(test_wrong_episodes),         TAP_TEST(test_numbers),
        TAP_TEST(test_locale),           TAP_TEST(test_says_what_compare_says), TAP_TEST(test_options)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
