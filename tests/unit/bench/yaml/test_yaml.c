/* YAML files: what fits a schema arrives in the struct, everything else is refused with line and key */
#include <stdio.h>
#include <string.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "bench/yaml/yaml.h"
#include "tests/tap.h"

/* one of every type that schemas may use */
struct entry {
    char *name;
    double share;
    long count;
    unsigned char level;
    int kind;
    int flags;
};
struct settings {
    double alpha;
    int is_strict;
    char *note;
    double pair[2];
    struct entry *entries;
    unsigned entries_count;
};

enum { KIND_NEAR, KIND_FAR };
static const cyaml_strval_t kinds[] = {{"near", KIND_NEAR}, {"far", KIND_FAR}};
static const cyaml_strval_t flags[] = {{"red", 1}, {"blue", 2}};
static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct entry, name, 1, 8),
    CYAML_FIELD_FLOAT("share", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct entry, share),
    CYAML_FIELD_INT("count", CYAML_FLAG_OPTIONAL, struct entry, count),
    CYAML_FIELD_UINT("level", CYAML_FLAG_OPTIONAL, struct entry, level),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct entry, kind, kinds, 2),
    CYAML_FIELD_FLAGS("flags", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct entry, flags, flags, 2),
    CYAML_FIELD_END};
static const cyaml_schema_value_t entry_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct entry, entry_fields)};
static const cyaml_schema_value_t real_value = {CYAML_VALUE_FLOAT(CYAML_FLAG_STRICT, double)};
static const cyaml_schema_field_t fields[] = {
    CYAML_FIELD_FLOAT("alpha", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct settings, alpha),
    CYAML_FIELD_BOOL("strict", CYAML_FLAG_OPTIONAL, struct settings, is_strict),
    CYAML_FIELD_STRING_PTR("note", CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL, struct settings, note, 0,
                           CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE_FIXED("pair", CYAML_FLAG_OPTIONAL, struct settings, pair, &real_value, 2),
    CYAML_FIELD_SEQUENCE("entries", CYAML_FLAG_POINTER, struct settings, entries, &entry_value, 1, 3),
    CYAML_FIELD_END};
static const cyaml_schema_value_t top = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct settings, fields)};
static const struct mdp_yaml_range ranges[] = {
    {"alpha", 0.001, 0.5, "(a probability)"}, {"entries[].count", 2, 50, "episodes"}, {"pair[]", -1, 1, NULL}};
static const struct mdp_yaml_schema schema = {&top, ranges, 3};

static mdp_err parse(const char *text, struct mdp_yaml **out) {
    return mdp_yaml_parse("x.yaml", text, strlen(text), &schema, out);
}

static void test_values_arrive(void) {
    static const char text[] = "# a comment\n"
                               "alpha: 2.5e-2\n"
                               "strict: true\n"
                               "note: 'true: story'\n"
                               "pair: [-1, .5]\n"
                               "entries:\n"
                               "  - name: a\n"
                               "    share: -3\n"
                               "    count: 50\n"
                               "    level: 255\n"
                               "    kind: far\n"
                               "    flags: [red, blue]\n"
                               "  - {name: \"12\", count: 2}\n";
    struct mdp_yaml *yaml;
    CHECK_OK(parse(text, &yaml));
    const struct settings *s = mdp_yaml_data(yaml);
    CHECK_CLOSE(s->alpha, 0.025, 0);
    CHECK_INT(s->is_strict, 1);
    CHECK_STR(s->note, "true: story");
    CHECK_CLOSE(s->pair[0], -1, 0);
    CHECK_CLOSE(s->pair[1], 0.5, 0);
    CHECK_INT(s->entries_count, 2);
    CHECK_STR(s->entries[0].name, "a");
    CHECK_CLOSE(s->entries[0].share, -3, 0);
    CHECK_INT(s->entries[0].count, 50);
    CHECK_INT(s->entries[0].level, 255);
    CHECK_INT(s->entries[0].kind, KIND_FAR);
    CHECK_INT(s->entries[0].flags, 3);
    CHECK_STR(s->entries[1].name, "12");
    CHECK_INT(s->entries[1].count, 2);
    CHECK_CLOSE(s->entries[1].share, 0, 0);
    mdp_yaml_free(yaml);
}

static void test_null_is_null(void) {
    struct mdp_yaml *yaml;
    CHECK_OK(parse("note: ~\nentries: [{name: a}]\n", &yaml));
    CHECK(((const struct settings *)mdp_yaml_data(yaml))->note == NULL);
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
    {"- a\n", "x.yaml:1: expected a mapping with keys of alpha, strict, note, pair, entries, found a list"},
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
    {"note: [a]\n", "note: expected a text, found a list"},
    {"pair: [1]\n", "pair: expected 2 to 2 entries, found 1"},
    {"pair: [0.5,\n  2]\n", "x.yaml:2: pair[1]: expected a number from -1 to 1, found '2'"},
    {"entries: 3\n", "entries: expected a list, found '3'"},
    {"entries: []\n", "entries: expected 1 to 3 entries, found 0"},
    {"entries: [{name: a}, {name: a}, {name: a}, {name: a}]\n", "entries: expected 1 to 3 entries, found 4"},
    {"entries:\n- count: 3\n", "x.yaml:2: entries[0]: expected the key name, found none"},
    {"entries:\n- name: a\n- b\n",
     "x.yaml:3: entries[1]: expected a mapping with keys of name, share, count, level, kind, flags, found 'b'"},
    {"entries:\n- name: a\n  nam: b\n",
     "x.yaml:3: entries[0]: expected keys of name, share, count, level, kind, flags, found 'nam'"},
    {"entries:\n- name: a\n  [x]: b\n", "x.yaml:3: entries[0]: expected keys of"},
    {"entries:\n- name: ''\n", "entries[0].name: expected a text of 1 to 8 bytes, found nothing"},
    {"entries:\n- name: abcdefghi\n", "entries[0].name: expected a text of 1 to 8 bytes, found 'abcdefghi'"},
    {"entries:\n- name: \"a\\0b\"\n", "entries[0].name: expected a text without zero bytes"},
    {"entries: [{name: a, count: 1.5}]\n", "entries[0].count: expected a whole number, found '1.5'"},
    {"entries: [{name: a, count: 010}]\n", "entries[0].count: expected a whole number, found '010'"},
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
    CHECK_FAILS(mdp_yaml_read(path, &schema, &yaml), MDP_E_IO, "a.yaml");
    CHECK_OK(mdp_fsx_write(path, "entries: [{name: a}]\n", 21));
    CHECK_OK(mdp_yaml_read(path, &schema, &yaml));
    CHECK_STR(((const struct settings *)mdp_yaml_data(yaml))->entries[0].name, "a");
    mdp_yaml_free(yaml);
    memset(large, '#', sizeof large);
    CHECK_OK(mdp_fsx_write(path, large, sizeof large));
    CHECK_FAILS(mdp_yaml_read(path, &schema, &yaml), MDP_E_DATA, "a.yaml");
}

/* whatever the bytes, the answer is a struct or a refusal, and what was accepted obeys the ranges */
static void test_damaged_text(void) {
    static const char seed[] = "alpha: 0.1\nstrict: false\nnote: ~\npair: [0, 1]\nentries:\n- name: a\n  count: 9\n"
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
        CHECK(s->alpha == 0 || (s->alpha >= 0.001 && s->alpha <= 0.5));
        CHECK(s->entries_count >= 1 && s->entries_count <= 3);
        for (unsigned k = 0; k < s->entries_count; k++) CHECK(s->entries[k].name != NULL && s->entries[k].count <= 50);
        n_accepted++;
        mdp_yaml_free(yaml);
    }
    CHECK(n_accepted > 100);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_values_arrive), TAP_TEST(test_null_is_null), TAP_TEST(test_lines),
        TAP_TEST(test_refusals),      TAP_TEST(test_files),        TAP_TEST(test_damaged_text),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
