/* YAML files: what fits a table arrives in the struct, everything else is refused with line and key */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "bench/yaml/yaml.h"
#include "tests/tap.h"

/* a row of every kind that files may use */
struct limits {
    double low, high;
    uint64_t given;
};
struct entry {
    const char *name;
    double share;
    long count;
    uint64_t level;
    unsigned kind;
    int flags;
    struct limits limits;
    uint64_t given;
};
struct settings {
    double alpha, room;
    int is_strict;
    const char *note;
    double *pair;
    unsigned pair_count;
    const char **words;
    unsigned words_count;
    struct entry usual, *entries;
    unsigned entries_count;
    uint64_t given;
};

enum { KIND_NEAR, KIND_FAR };
static MDP_NAMES_FUNCTION(kinds, "near", "far") static MDP_NAMES_FUNCTION(flags, "red", "blue")

    static const struct mdp_setting limit_rows[] = {
        MDP_ROW(struct limits, low, REAL, .name = "low", .fallback = "-1"),
        MDP_ROW(struct limits, high, REAL, .name = "high"),
};
static const struct mdp_settings limit_table = MDP_SETTINGS(struct limits, limit_rows);

enum { OF_ENTRY = 1, SHARED = 2 };
static const struct mdp_setting entry_rows[] = {
    MDP_ROW(struct entry, name, TEXT, .name = "name", .low = 1, .high = 8, .is_required = 1, .takers = OF_ENTRY),
    MDP_ROW(struct entry, share, REAL, .name = "share", .fallback = "0.25", .takers = OF_ENTRY | SHARED),
    MDP_ROW(struct entry, count, WHOLE, .name = "n", .key = "count", .low = 2, .high = 50, .unit = "episodes",
            .takers = OF_ENTRY | SHARED),
    MDP_ROW(struct entry, level, SEED, .name = "level", .low = 0, .high = 255, .takers = OF_ENTRY),
    MDP_ROW(struct entry, kind, CHOICE, .name = "kind", .names = kinds, .takers = OF_ENTRY),
    MDP_ROW(struct entry, flags, SET, .name = "flags", .names = flags, .takers = OF_ENTRY),
    MDP_ROWS_OF(struct entry, limits, limit_table, .name = "limits", .takers = OF_ENTRY | SHARED),
};
static const struct mdp_settings entry_table = MDP_SETTINGS(struct entry, entry_rows);
static const struct mdp_setting real_row[] = {{.kind = MDP_REAL, .low = -1, .high = 1}};
static const struct mdp_settings reals = MDP_SETTINGS_NOT_KEPT(double, real_row);
static const struct mdp_setting word_row[] = {{.kind = MDP_TEXT}};
static const struct mdp_settings words = MDP_SETTINGS_NOT_KEPT(const char *, word_row);
static const struct mdp_setting rows[] = {
    MDP_ROW(struct settings, alpha, REAL, .name = "alpha", .low = 0.001, .high = 0.5, .unit = "(a probability)",
            .fallback = "0.125"),
    MDP_ROW(struct settings, is_strict, FLAG, .name = "strict"),
    MDP_ROW(struct settings, note, TEXT, .name = "note"),
    MDP_ROW(struct settings, room, SIZE, .name = "room"),
    MDP_LIST_ROW(struct settings, pair, pair_count, reals, .name = "pair", .low = 2, .high = 2),
    MDP_LIST_ROW(struct settings, words, words_count, words, .name = "words"),
    MDP_ROWS_OF(struct settings, usual, entry_table, .name = "usual", .inner_takers = SHARED),
    MDP_LIST_ROW(struct settings, entries, entries_count, entry_table, .name = "entries", .low = 1, .high = 3,
                 .is_required = 1),
};
static const struct mdp_settings table = MDP_SETTINGS(struct settings, rows);

static mdp_err parse(const char *text, struct mdp_yaml **out) {
    return mdp_yaml_parse("x.yaml", text, strlen(text), &table, out);
}

static void test_values_arrive(void) {
    static const char text[] = "# a comment\n"
                               "alpha: 2.5e-2\n"
                               "strict: true\n"
                               "note: 'true: story'\n"
                               "room: 2kB\n"
                               "pair: [-1, .5]\n"
                               "words: [a, 'b c']\n"
                               "usual: {count: 3, limits: {high: 2}}\n"
                               "entries:\n"
                               "  - name: a\n"
                               "    share: -3\n"
                               "    count: 0.05k\n"
                               "    level: 255\n"
                               "    kind: far\n"
                               "    flags: [red, blue]\n"
                               "    limits: {low: 1}\n"
                               "  - {name: \"12\", count: 2}\n";
    struct mdp_yaml *yaml;
    CHECK_OK(parse(text, &yaml));
    const struct settings *s = mdp_yaml_data(yaml);
    CHECK(s->alpha == 0.025 && s->is_strict == 1 && s->room == 2048);
    CHECK_STR(s->note, "true: story");
    CHECK(s->pair_count == 2 && s->pair[0] == -1 && s->pair[1] == 0.5);
    CHECK_INT(s->words_count, 2);
    CHECK_STR(s->words[1], "b c");
    CHECK(s->usual.count == 3 && s->usual.limits.high == 2 && s->usual.limits.low == -1);
    CHECK_INT(s->entries_count, 2);
    const struct entry *a = &s->entries[0], *b = &s->entries[1];
    CHECK_STR(a->name, "a");
    CHECK(a->share == -3 && a->count == 50 && a->level == 255 && a->kind == KIND_FAR && a->flags == 3);
    CHECK(a->limits.low == 1 && isnan(a->limits.high));
    CHECK_STR(b->name, "12");
    CHECK(b->count == 2 && b->share == 0.25 && b->level == 0 && b->flags == 0);
    mdp_yaml_free(yaml);
}

/* what is said is told from what is not, in the file, in a mapping and in an entry of a list */
static void test_given(void) {
    struct mdp_yaml *yaml;
    CHECK_OK(parse("usual: {share: 0.25}\nentries: [{name: a, limits: {low: -1}}]\n", &yaml));
    const struct settings *s = mdp_yaml_data(yaml);
    CHECK(s->alpha == 0.125 && s->note == NULL && isnan(s->room) && s->words == NULL && s->words_count == 0);
    CHECK(!MDP_GIVEN(&table, s, alpha) && MDP_GIVEN(&table, s, usual) && MDP_GIVEN(&table, s, entries));
    CHECK(MDP_GIVEN(&entry_table, &s->usual, share) && !MDP_GIVEN(&entry_table, &s->usual, limits));
    const struct entry *a = &s->entries[0];
    CHECK(MDP_GIVEN(&entry_table, a, limits) && !MDP_GIVEN(&entry_table, a, share));
    CHECK(MDP_GIVEN(&limit_table, &a->limits, low) && !MDP_GIVEN(&limit_table, &a->limits, high));
    mdp_yaml_free(yaml);
}

static void test_lines(void) {
    struct mdp_yaml *yaml;
    CHECK_OK(parse("alpha: 0.1\n\nentries:\n- name: a\n- count: 3\n  name:\n    b\n", &yaml));
    CHECK_INT(mdp_yaml_line(yaml, "alpha"), 1);
    CHECK_INT(mdp_yaml_line(yaml, "entries"), 3);
    CHECK_INT(mdp_yaml_line(yaml, "entries[1]"), 5);
    CHECK_INT(mdp_yaml_line(yaml, "entries[1].name"), 6);
    CHECK_INT(mdp_yaml_line(yaml, "entries[1].share"), 0);
    CHECK_INT(mdp_yaml_line(yaml, "entries[2]"), 0);
    CHECK_INT(mdp_yaml_line(yaml, "entries.name"), 0);
    CHECK_INT(mdp_yaml_line(yaml, "alpha[0]"), 0);
    CHECK_INT(mdp_yaml_line(yaml, "strict"), 0);
    /* an absent key is looked for where it would stand */
    CHECK_FAILS(mdp_yaml_refuse(yaml, "entries[1].share", "expected it beside count, found %s", "none"), MDP_E_DATA,
                "x.yaml:5: entries[1].share: expected it beside count, found none");
    mdp_yaml_free(yaml);
}

/* text, then what the message must say */
static const char *const refused[][2] = {
    {"", "x.yaml:1: expected a mapping, found nothing"},
    {"- a\n",
     "x.yaml:1: expected a mapping with keys of alpha, strict, note, room, pair, words, usual, entries, found a list"},
    {"alpha: 0.1\n", "x.yaml:1: expected the key entries, found none"},
    {"alpha: x\nentries: [{name: a}]\n", "x.yaml:1: alpha: expected a finite number, found 'x'"},
    {"\nalpha: 0.1abc\n", "x.yaml:2: alpha: expected a finite number, found '0.1abc'"},
    {"alpha: .nan\n", "alpha: expected a finite number, found '.nan'"},
    {"alpha: nan\n", "alpha: expected a finite number, found 'nan'"},
    {"alpha: 0x1p-3\n", "alpha: expected a finite number, found '0x1p-3'"},
    {"alpha: 1e999\n", "alpha: expected a finite number, found '1e999'"},
    {"alpha:\n", "x.yaml:1: alpha: expected a finite number, found nothing"},
    {"alpha: [1]\n", "alpha: expected a finite number, found a list"},
    {"alpha: 0.6\n", "alpha: expected a number from 0.001 to 0.5 (a probability), found '0.6'"},
    {"alpha: 0.1\nalpha: 0.2\n", "x.yaml:2: alpha: expected once, found again after line 1"},
    {"strict: yes\n", "strict: expected true or false, found 'yes'"},
    {"strict: {a: b}\n", "strict: expected true or false, found a mapping"},
    {"note: [a]\n", "note: expected a text of 1 to 200 bytes, found a list"},
    {"note:\n", "note: expected a text of 1 to 200 bytes, found nothing"},
    {"room: much\n", "room: expected a size such as 512MB or 1GB, found 'much'"},
    {"words: [a, [b]]\n", "words[1]: expected a text of 1 to 200 bytes, found a list"},
    {"usual: []\n", "usual: expected a mapping with keys of share, count, limits, found a list"},
    {"usual: {name: a}\n", "x.yaml:1: usual: expected keys of share, count, limits, found 'name'"},
    {"usual: {limits: {low: 1,\n  low: 2}}\n", "x.yaml:2: usual.limits.low: expected once, found again after line 1"},
    {"usual: {limits: {mid: 1}}\n", "usual.limits: expected keys of low, high, found 'mid'"},
    {"pair: [1]\n", "pair: expected 2 to 2 entries, found 1"},
    {"pair: [0.5,\n  2]\n", "x.yaml:2: pair[1]: expected a number from -1 to 1, found '2'"},
    {"entries: 3\n", "entries: expected a list, found '3'"},
    {"entries: []\n", "entries: expected 1 to 3 entries, found 0"},
    {"entries: [{name: a}, {name: a}, {name: a}, {name: a}]\n", "entries: expected 1 to 3 entries, found 4"},
    {"entries:\n- count: 3\n", "x.yaml:2: entries[0]: expected the key name, found none"},
    {"entries:\n- name: a\n- b\n",
     "x.yaml:3: entries[1]: expected a mapping with keys of name, share, count, level, kind, flags, limits, found 'b'"},
    {"entries:\n- name: a\n  nam: b\n",
     "x.yaml:3: entries[0]: expected keys of name, share, count, level, kind, flags, limits, found 'nam'"},
    {"entries:\n- name: a\n  [x]: b\n", "x.yaml:3: entries[0]: expected keys of"},
    {"entries:\n- name: ''\n", "entries[0].name: expected a text of 1 to 8 bytes, found nothing"},
    {"entries:\n- name: abcdefghi\n", "entries[0].name: expected a text of 1 to 8 bytes, found 'abcdefghi'"},
    {"entries:\n- name: \"a\\0b\"\n", "entries[0].name: expected a text without zero bytes"},
    {"entries: [{name: a, count: 1.5}]\n", "entries[0].count: expected a whole number, found '1.5'"},
    {"entries: [{name: a, count: 010}]\n", "entries[0].count: expected a whole number, found '010'"},
    {"entries: [{name: a, level: -010}]\n", "entries[0].level: expected a whole number"},
    {"entries: [{name: a, count: 1GB}]\n", "entries[0].count: expected a whole number, found '1GB'"},
    {"entries: [{name: a, count: 0x10}]\n", "entries[0].count: expected a whole number, found '0x10'"},
    {"entries: [{name: a, count: 51}]\n",
     "entries[0].count: expected a whole number from 2 to 50 episodes, found '51'"},
    {"entries: [{name: a, count: 99999999999999999999}]\n", "from 2 to 50 episodes, found '99999999999999999999'"},
    {"entries: [{name: a, level: 256}]\n", "entries[0].level: expected a whole number from 0 to 255, found '256'"},
    {"entries: [{name: a, level: -1}]\n", "entries[0].level: expected a whole number from 0 to 255, found '-1'"},
    {"entries: [{name: a, kind: 1}]\n", "entries[0].kind: expected one of near, far, found '1'"},
    {"entries: [{name: a, flags: red}]\n", "entries[0].flags: expected a list, found 'red'"},
    {"entries: [{name: a, flags: [red, green]}]\n", "entries[0].flags[1]: expected one of red, blue, found 'green'"},
    {"alpha: &a 0.1\nentries: [{name: a, share: *a}]\n", "x.yaml:2: expected no aliases, found one"},
    {"entries: [{name: a}]\n---\nalpha: 0.1\n", "x.yaml:2: expected one document, found a second"},
    {"alpha: [1\nentries: 2\n", "x.yaml:2: expected YAML, found: did not find expected ',' or ']'"},
    {"entries:\n\t- 1\n", "x.yaml:2: expected blanks as indentation, found a tab"},
    {"alpha: 'x\n", "expected YAML, found: found unexpected end of stream"},
    {"alpha: \xff\n", "x.yaml: expected YAML in UTF-8, found at byte 7"},
};

/* lists within lists, which would fill the stack of who reads them */
static void test_depth(void) {
    enum { LEVELS = 100 };
    char text[2 * LEVELS + 16] = "alpha: ";
    struct mdp_yaml *yaml = (void *)&yaml;
    memset(text + 7, '[', LEVELS);
    memset(text + 7 + LEVELS, ']', LEVELS);
    CHECK_FAILS(parse(text, &yaml), MDP_E_DATA, "x.yaml:1: expected at most 64 levels within each other, found more");
    CHECK(yaml == NULL);
}

static void test_refusals(void) {
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct mdp_yaml *yaml = (void *)&yaml;
        CHECK_FAILS(parse(refused[i][0], &yaml), MDP_E_DATA, refused[i][1]);
        CHECK(yaml == NULL);
    }
}

static void test_files(void) {
    struct mdp_yaml *yaml;
    static char large[MDP_YAML_MOST_BYTES + 2];
    const char *path = tap_temp_path("a.yaml");
    CHECK_FAILS(mdp_yaml_read(path, &table, &yaml), MDP_E_IO, "a.yaml");
    CHECK_OK(mdp_fsx_write(path, "entries: [{name: a}]\n", 21));
    CHECK_OK(mdp_yaml_read(path, &table, &yaml));
    CHECK_STR(((const struct settings *)mdp_yaml_data(yaml))->entries[0].name, "a");
    mdp_yaml_free(yaml);
    memset(large, '#', sizeof large);
    CHECK_OK(mdp_fsx_write(path, large, sizeof large));
    CHECK_FAILS(mdp_yaml_read(path, &table, &yaml), MDP_E_DATA, "a.yaml");
}

/* whatever the bytes, the answer is a struct or a refusal, and what was accepted obeys the ranges */
static void test_damaged_text(void) {
    static const char seed[] =
        "alpha: 0.1\nstrict: false\nnote: b\npair: [0, 1]\nusual: {count: 4}\nentries:\n- name: a\n  count: 9\n"
        "  kind: far\n- {name: b, level: 3, flags: [red]}\n";
    static const char bytes[] = "\n\t :-[]{},'\"&*!|>#%@`0a.~?e\\\x80\xff";
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_INIT, 0, 0);
    int n_accepted = 0;
    for (int i = 0; i < 20000; i++) {
        char text[sizeof seed];
        struct mdp_yaml *yaml;
        memcpy(text, seed, sizeof seed);
        for (uint32_t k = mdp_rng_below(&rng, 4) + 1; k > 0; k--)
            text[mdp_rng_below(&rng, sizeof seed - 1)] = bytes[mdp_rng_below(&rng, sizeof bytes - 1)];
        mdp_err err = parse(text, &yaml);
        CHECK(err == MDP_OK || err == MDP_E_DATA);
        if (err != MDP_OK) continue;
        const struct settings *s = mdp_yaml_data(yaml);
        CHECK(s->alpha >= 0.001 && s->alpha <= 0.5);
        CHECK(s->entries_count >= 1 && s->entries_count <= 3);
        for (unsigned k = 0; k < s->entries_count; k++) CHECK(s->entries[k].name != NULL && s->entries[k].count <= 50);
        n_accepted++;
        mdp_yaml_free(yaml);
    }
    CHECK(n_accepted > 100);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_values_arrive), TAP_TEST(test_given), TAP_TEST(test_lines),        TAP_TEST(test_refusals),
        TAP_TEST(test_depth),         TAP_TEST(test_files), TAP_TEST(test_damaged_text),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
