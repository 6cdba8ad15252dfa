/* how every verb reads its options. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/cmd/verb.h"
#include "tests/tap.h"

static const char *const spice_names[] = {"salt", "pepper", "thyme"};
static const struct mdp_names spices = MDP_NAMES_OF_TEXTS(spice_names);

static const char *list_spices(char text[MDP_NAMES_MAX]) { return mdp_names_text(&spices, text); }

static const struct mdp_verb verb = {.name = "cook",
                                     .summary = "cooks a meal",
                                     .usage = "[options] [dish...]  with ",
                                     .choices = list_spices,
                                     .details = "for hungry people",
                                     .example = "mdpbench cook rice"};

/* the targets of one table with an option of each kind */
struct settings {
    int quiet;
    const char *name;
    struct mdp_option_name spice;
    long n;
    uint64_t seed;
    double rate;
    int first, done;
};

enum { MAX_WORDS = 16 };

/* parses a line of words; the words stay where they are */
static mdp_err parse(struct settings *s, char *line) {
    char *argv[MAX_WORDS + 1];
    int argc = 0;
    const struct mdp_option options[] = {
        {"quiet", MDP_OPT_FLAG, &s->quiet, NULL, "say less", 0, 0},
        {"name", MDP_OPT_STRING, &s->name, "NAME", "what to call it", 0, 0},
        {"spice", MDP_OPT_NAME, &s->spice, "SPICE", "what gives it taste", 0, 0},
        {"n", MDP_OPT_INT, &s->n, "N", "how many", 1, 100},
        {"seed", MDP_OPT_U64, &s->seed, "S", "which", 0, 0},
        {"rate", MDP_OPT_REAL, &s->rate, "R", "how fast", 0, 1},
    };
    argv[argc++] = (char *)"cook";
    for (char *word = strtok(line, " "); word && argc < MAX_WORDS; word = strtok(NULL, " ")) argv[argc++] = word;
    argv[argc] = NULL;
    return mdp_options_parse(&verb, options, sizeof options / sizeof options[0], argc, argv, &s->first, &s->done);
}

/* a fresh table with defaults, and a modifiable copy of the line */
static mdp_err parse_fresh(struct settings *s, const char *line) {
    static char copy[512];
    *s = (struct settings){.name = "rice", .spice = {"salt", &spices}, .n = 5, .seed = 6, .rate = 0.5};
    snprintf(copy, sizeof copy, "%s", line);
    return parse(s, copy);
}

static void test_defaults(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, ""));
    CHECK(s.quiet == 0 && s.n == 5 && s.seed == 6 && s.rate == 0.5 && s.done == 0);
    CHECK_STR(s.name, "rice");
    CHECK_STR(s.spice.text, "salt");
    CHECK_INT(s.first, 1);
}

static void test_values(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, "--quiet --name=soup --n 100 --seed 9223372036854775807 --rate 1e-3 one two"));
    CHECK(s.quiet == 1 && s.n == 100 && s.seed == INT64_MAX && s.rate == 1e-3);
    CHECK_STR(s.name, "soup");
    CHECK_INT(s.first, 9);
    CHECK_OK(parse_fresh(&s, "--n 1 -- --n"));
    CHECK_INT(s.first, 4);
}

static void test_ranges(void) {
    struct settings s;
    CHECK_FAILS(parse_fresh(&s, "--n 0"), MDP_E_USAGE,
                "cook: option --n: expected a whole number from 1 to 100, found '0'");
    CHECK_FAILS(parse_fresh(&s, "--n 101"), MDP_E_USAGE, "found '101'");
    CHECK_FAILS(parse_fresh(&s, "--n 99999999999999999999"), MDP_E_USAGE, "--n: expected a whole number");
    CHECK_FAILS(parse_fresh(&s, "--rate 1.01"), MDP_E_USAGE, "--rate: expected a finite number from 0 to 1");
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
    CHECK_FAILS(parse_fresh(&s, "--n 5.5"), MDP_E_USAGE, "found '5.5'");
    CHECK_FAILS(parse_fresh(&s, "--n="), MDP_E_USAGE, "found ''");
    CHECK_FAILS(parse_fresh(&s, "--rate fast"), MDP_E_USAGE, "found 'fast'");
    CHECK_FAILS(parse_fresh(&s, "--seed one"), MDP_E_USAGE, "found 'one'");
}

static void test_names(void) {
    struct settings s;
    CHECK_OK(parse_fresh(&s, "--spice thyme"));
    CHECK_STR(s.spice.text, "thyme");
    CHECK_FAILS(parse_fresh(&s, "--spice sugar"), MDP_E_USAGE,
                "cook: option --spice: expected one of salt, pepper, thyme, found 'sugar'");
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
    CHECK(strstr(text, "usage: mdpbench cook [options] [dish...]  with salt, pepper, thyme\n") &&
          strstr(text, "for hungry people"));
    CHECK(strstr(text, "--name NAME") && strstr(text, "(default rice)") && strstr(text, "mdpbench cook rice"));
    CHECK(strstr(text, "what gives it taste: salt, pepper, thyme (default salt)\n"));
    free(text);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_defaults), TAP_TEST(test_values),
                                            TAP_TEST(test_ranges),   TAP_TEST(test_not_numbers),
                                            TAP_TEST(test_names),    TAP_TEST(test_unknown_and_missing),
                                            TAP_TEST(test_again),    TAP_TEST(test_help)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
