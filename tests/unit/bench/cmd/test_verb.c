/* how every verb reads its options. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/cmd/verb.h"
#include "tests/settings.h"

static const char *const spice_names[] = {"salt", "pepper", "thyme"};
static const struct mdp_names spices = MDP_NAMES_OF_TEXTS(spice_names);

static const char *list_spices(char text[MDP_NAMES_MAX]) { return mdp_names_text(&spices, text); }

/* a struct with an option of each kind */
struct settings {
    int quiet;
    const char *name, *spice;
    long n;
    uint64_t seed;
    double rate, pot;
    enum { FRIED, BOILED } way;
    uint64_t given;
    int first, done;
};

static const struct mdp_names *list_of_spices(void) { return &spices; }

static const struct mdp_names *way_names(void) {
    static const char *const texts[] = {"fried", "boiled"};
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);
    return &names;
}

static const struct mdp_setting rows[] = {
    MDP_ROW(struct settings, quiet, FLAG, .name = "quiet", .help = "say less"),
    MDP_ROW(struct settings, name, TEXT, .name = "name", .fallback = "rice", .help = "what to call it"),
    MDP_ROW(struct settings, spice, TEXT, .name = "spice", .names = list_of_spices, .fallback = "salt",
            .argument = "SPICE", .help = "what gives it taste"),
    MDP_ROW(struct settings, n, WHOLE, .name = "n", .low = 1, .high = 100, .fallback = "5", .help = "how many"),
    MDP_ROW(struct settings, seed, SEED, .name = "seed", .fallback = "6", .help = "which"),
    MDP_ROW(struct settings, rate, REAL, .name = "rate", .low = 0, .high = 1, .fallback = "0.5", .help = "how fast"),
    MDP_ROW(struct settings, pot, SIZE, .name = "pot", .low = 0, .high = 1e12, .help = "how large"),
    MDP_ROW(struct settings, way, CHOICE, .name = "way", .names = way_names, .fallback = "fried", .help = "how"),
};
static const struct mdp_settings table = MDP_SETTINGS(struct settings, rows);

static const struct mdp_verb verb = {.name = "cook",
                                     .summary = "cooks a meal",
                                     .usage = "[options] [dish...]  with ",
                                     .choices = list_spices,
                                     .details = "for hungry people",
                                     .example = "mdpbench cook rice",
                                     .options = &table};

enum { MAX_WORDS = 16 };

/* parses a line of words; the words stay where they are */
static mdp_err parse(struct settings *s, char *line) {
    char *argv[MAX_WORDS + 1];
    int argc = 0;
    argv[argc++] = (char *)"cook";
    for (char *word = strtok(line, " "); word && argc < MAX_WORDS; word = strtok(NULL, " ")) argv[argc++] = word;
    argv[argc] = NULL;
    return mdp_options_parse(&verb, s, argc, argv, &s->first, &s->done);
}

/* a struct of rubbish, and a modifiable copy of the line */
static mdp_err parse_fresh(struct settings *s, const char *line) {
    static char copy[512];
    memset(s, 0x55, sizeof *s);
    snprintf(copy, sizeof copy, "%s", line);
    return parse(s, copy);
}

static void test_defaults(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, ""));
    CHECK(s.quiet == 0 && s.n == 5 && s.seed == 6 && s.rate == 0.5 && s.way == FRIED && s.done == 0);
    CHECK(isnan(s.pot) && s.given == 0);
    CHECK_STR(s.name, "rice");
    CHECK_STR(s.spice, "salt");
    CHECK_INT(s.first, 1);
}

static void test_values(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, "--quiet --name=soup --n 100 --seed 9223372036854775807 --rate 1e-3 one two"));
    CHECK(s.quiet == 1 && s.n == 100 && s.seed == INT64_MAX && s.rate == 1e-3);
    CHECK_STR(s.name, "soup");
    CHECK_INT(s.first, 9);
    CHECK(MDP_GIVEN(&table, &s, quiet) && MDP_GIVEN(&table, &s, rate) && !MDP_GIVEN(&table, &s, spice));
    CHECK_OK(parse_fresh(&s, "--n 1 -- --n"));
    CHECK_INT(s.first, 4);
    CHECK_OK(parse_fresh(&s, "--pot 1.5GB --way boiled --seed 1e5 --n 0.1k"));
    CHECK(s.pot == 1.5 * 1073741824 && s.way == BOILED && s.seed == 100000 && s.n == 100);
    /* what is said twice is what is said last */
    CHECK_OK(parse_fresh(&s, "--n 3 --n 4 --way boiled --way fried"));
    CHECK(s.n == 4 && s.way == FRIED);
}

static void test_ranges(void) {
    struct settings s;
    CHECK_FAILS(parse_fresh(&s, "--n 0"), MDP_E_USAGE,
                "cook: option --n: expected a whole number from 1 to 100, found '0'");
    CHECK_FAILS(parse_fresh(&s, "--n 101"), MDP_E_USAGE, "found '101'");
    CHECK_FAILS(parse_fresh(&s, "--n 99999999999999999999"), MDP_E_USAGE, "--n: expected a whole number");
    CHECK_FAILS(parse_fresh(&s, "--rate 1.01"), MDP_E_USAGE, "--rate: expected a number from 0 to 1");
    CHECK_FAILS(parse_fresh(&s, "--rate nan"), MDP_E_USAGE, "found 'nan'");
    CHECK_FAILS(parse_fresh(&s, "--rate inf"), MDP_E_USAGE, "found 'inf'");
    CHECK_FAILS(parse_fresh(&s, "--seed -1"), MDP_E_USAGE,
                "--seed: expected a whole number from 0 to 9223372036854775807, found '-1'");
    CHECK_FAILS(parse_fresh(&s, "--seed 9223372036854775808"), MDP_E_USAGE,
                "--seed: expected a whole number from 0 to 9223372036854775807, found '9223372036854775808'");
    CHECK_FAILS(parse_fresh(&s, "--seed 18446744073709551616"), MDP_E_USAGE, "--seed");
}

static void test_not_numbers(void) {
    struct settings s;
    CHECK_FAILS(parse_fresh(&s, "--n 5x"), MDP_E_USAGE, "found '5x'");
    CHECK_FAILS(parse_fresh(&s, "--n 5.5"), MDP_E_USAGE, "expected a whole number from 1 to 100, found '5.5'");
    CHECK_FAILS(parse_fresh(&s, "--n 1e-3"), MDP_E_USAGE, "found '1e-3'");
    CHECK_FAILS(parse_fresh(&s, "--n 0x10"), MDP_E_USAGE, "found '0x10'");
    CHECK_FAILS(parse_fresh(&s, "--pot 1cup"), MDP_E_USAGE, "--pot: expected a size such as 512MB or 1GB from 0 to");
    CHECK_FAILS(parse_fresh(&s, "--n="), MDP_E_USAGE, "found ''");
    CHECK_FAILS(parse_fresh(&s, "--rate fast"), MDP_E_USAGE, "found 'fast'");
    CHECK_FAILS(parse_fresh(&s, "--seed one"), MDP_E_USAGE, "found 'one'");
}

static void test_names(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, "--spice thyme"));
    CHECK_STR(s.spice, "thyme");
    CHECK_FAILS(parse_fresh(&s, "--spice sugar"), MDP_E_USAGE,
                "cook: option --spice: expected one of salt, pepper, thyme, found 'sugar'");
    CHECK_FAILS(parse_fresh(&s, "--way raw"), MDP_E_USAGE, "cook: option --way: expected one of fried, boiled");
    CHECK_FAILS(parse_fresh(&s, "--spice="), MDP_E_USAGE, "found ''");
}

static void test_unknown_and_missing(void) {
    struct settings s;
    CHECK_FAILS(parse_fresh(&s, "--salt 3"), MDP_E_USAGE, "cook: unknown or ambiguous option '--salt'");
    CHECK_FAILS(parse_fresh(&s, "--n"), MDP_E_USAGE, "cook: option --n: expected an argument, found none");
    CHECK_FAILS(parse_fresh(&s, "--quiet=yes"), MDP_E_USAGE, "--quiet");
    CHECK_FAILS(parse_fresh(&s, "-x"), MDP_E_USAGE, "-x");
}

/* the parser keeps nothing from one call to the next */
static void test_again(void) {
    struct settings s;
    CHECK_FAILS(parse_fresh(&s, "one --salt"), MDP_E_USAGE, "--salt");
    CHECK_OK(parse_fresh(&s, "one --n 7"));
    CHECK_INT(s.n, 7);
}

static void test_help(void) {
    struct settings s;
    char path[MDP_PATH_MAX], *text;
    size_t size;
    CHECK_OK(mdp_fsx_path(path, "%s/help", tap_temp_dir()));
    CHECK(freopen(path, "w", stdout) != NULL);
    CHECK_OK(parse_fresh(&s, "--n 7 --help"));
    CHECK_INT(s.done, 1);
    fflush(stdout);
    CHECK_OK(mdp_fsx_read(path, 10000, &text, &size));
    CHECK(strstr(text, "usage: mdpbench cook [options] [dish...] with salt, pepper, thyme\n") &&
          strstr(text, "for hungry people"));
    CHECK(strstr(text, "--name NAME") && strstr(text, "(default rice)") && strstr(text, "mdpbench cook rice"));
    CHECK(strstr(text, "what gives it taste: salt, pepper, thyme (default\n                               salt)\n"));
    CHECK(strstr(text, "--pot SIZE                   how large\n"));
    free(text);
}

/* ---- the verbs of the command ---- */

#define VERB(name) &mdp_verb_##name,
static const struct mdp_verb *const verbs[] = {MDP_VERB_LIST(VERB) & mdp_verb_gate_selftest};
#undef VERB
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

/* memory for the largest struct of a verb */
static _Alignas(64) char request[1 << 20];

static void check_row(const struct mdp_verb *v, const struct mdp_setting_list *list, int i) {
    const struct mdp_setting_at *setting = &list->rows[i];
    const struct mdp_setting *row = setting->row;
    fprintf(stderr, "%s --%s\n", v->name, row->name);
    CHECK(row->name != NULL && row->help != NULL && row->kind <= MDP_SIZE);
    CHECK((row->names != NULL) == (row->kind == MDP_CHOICE) || row->kind == MDP_TEXT);
    for (int k = 0; k < i; k++) CHECK(strcmp(list->rows[k].row->name, row->name) != 0);
}

/* every row of every verb: told apart by its name, said in the help, with a default that it takes itself */
static void test_rows(void) {
    for (int v = 0; v < N_VERBS; v++) {
        struct mdp_setting_list list;
        CHECK(verbs[v]->options->size <= sizeof request);
        mdp_settings_defaults(verbs[v]->options, request);
        mdp_settings_list(verbs[v]->options, 0, request, &list);
        CHECK(list.n > 0 && list.n < MDP_SETTINGS_MOST);
        check_spelling(verbs[v]->options);
        for (int i = 0; i < list.n; i++) {
            CHECK(!mdp_setting_is_given(&list.rows[i]));
            check_row(verbs[v], &list, i);
        }
    }
}

/* what many verbs take is the same everywhere */
static void test_common_rows(void) {
    static const char *const names[] = {"threads", "seed", "json", "step", "format", "actor", "physics"};
    for (unsigned k = 0; k < sizeof names / sizeof names[0]; k++) {
        const struct mdp_setting *first = NULL;
        int n = 0;
        for (int v = 0; v < N_VERBS; v++) {
            struct mdp_setting_list list;
            mdp_settings_list(verbs[v]->options, 0, request, &list);
            const struct mdp_setting_at *setting = mdp_setting_find(&list, names[k]);
            if (setting == NULL) continue;
            if (first == NULL) first = setting->row;
            CHECK(setting->row->kind == first->kind && setting->row->low == first->low &&
                  setting->row->high == first->high && setting->row->names == first->names &&
                  setting->row->argument == first->argument);
            n++;
        }
        fprintf(stderr, "%s: %d verbs\n", names[k], n);
        CHECK(n >= 3);
    }
}

/* 100000, 1e5 and 100k are one number to every option that takes one so large, and 1.5 is none that is whole */
static void check_number(const struct mdp_verb *v, const char *name, const char *text, int is_taken) {
    char option[64], value[16];
    char *argv[] = {(char *)v->name, option, value, NULL};
    int first, done;
    snprintf(option, sizeof option, "--%s", name);
    snprintf(value, sizeof value, "%s", text);
    mdp_err err = mdp_options_parse(v, request, 3, argv, &first, &done);
    if (is_taken)
        CHECK_OK(err);
    else
        CHECK_FAILS(err, MDP_E_USAGE, "expected a whole number");
}

static void test_numbers_everywhere(void) {
    int n_large = 0, n_whole = 0;
    for (int v = 0; v < N_VERBS; v++) {
        struct mdp_setting_list list;
        mdp_settings_list(verbs[v]->options, 0, request, &list);
        for (int i = 0; i < list.n; i++) {
            const struct mdp_setting *row = list.rows[i].row;
            if (row->kind != MDP_WHOLE && row->kind != MDP_SEED) continue;
            check_number(verbs[v], row->name, "1.5", 0);
            check_number(verbs[v], row->name, "1e-3", 0);
            n_whole++;
            if (row->kind == MDP_WHOLE && row->high < 1e5) continue;
            check_number(verbs[v], row->name, "1e5", 1);
            check_number(verbs[v], row->name, "100k", 1);
            check_number(verbs[v], row->name, "0.1M", 1);
            n_large++;
        }
    }
    CHECK(n_large >= 15 && n_whole >= 40);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_defaults),
                                            TAP_TEST(test_values),
                                            TAP_TEST(test_ranges),
                                            TAP_TEST(test_not_numbers),
                                            TAP_TEST(test_names),
                                            TAP_TEST(test_unknown_and_missing),
                                            TAP_TEST(test_again),
                                            TAP_TEST(test_help),
                                            TAP_TEST(test_rows),
                                            TAP_TEST(test_common_rows),
                                            TAP_TEST(test_numbers_everywhere)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
