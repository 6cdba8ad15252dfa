/* rows of settings: from text to member and back, what nobody said, what was given, tables within tables */
#include <math.h>
#include <string.h>

#include "base/setting.h"
#include "tests/settings.h"

struct inner {
    long n;
    double share;
    uint64_t given;
};
struct outer {
    int loud, days;
    const char *name, *colour;
    unsigned size;
    long n, from_zero, below_zero;
    uint64_t seed, small_seed;
    double rate, room;
    struct inner inner;
    long *numbers;
    unsigned n_numbers;
    uint64_t given;
};

static const struct mdp_names *colours(void) {
    static const char *const texts[] = {"red", "green", "blue"};
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);
    return &names;
}

enum { FOR_A = 1, FOR_B = 2 };
static const struct mdp_setting inner_rows[] = {
    MDP_ROW(struct inner, n, WHOLE, .name = "inner-n", .low = 1, .high = 9, .takers = FOR_A),
    MDP_ROW(struct inner, share, REAL, .name = "share", .low = 0, .high = 1, .fallback = "0.25", .takers = FOR_B),
};
static const struct mdp_settings inner_table = MDP_SETTINGS(struct inner, inner_rows);
static const struct mdp_setting number_row[] = {{.kind = MDP_WHOLE}};
static const struct mdp_settings numbers = {number_row, 1, sizeof(long), MDP_NOT_KEPT};
static const struct mdp_setting rows[] = {
    MDP_ROW(struct outer, loud, FLAG, .name = "loud", .takers = FOR_A),
    MDP_ROW(struct outer, days, SET, .name = "days", .names = colours),
    MDP_ROW(struct outer, name, TEXT, .name = "name", .low = 1, .high = 5),
    MDP_ROW(struct outer, colour, TEXT, .name = "colour", .names = colours, .fallback = "green"),
    MDP_ROW(struct outer, size, CHOICE, .name = "size", .names = colours, .fallback = "blue", .takers = FOR_A | FOR_B),
    MDP_ROW(struct outer, n, WHOLE, .name = "n", .low = 1, .high = 1e6, .unit = "apples"),
    MDP_ROW(struct outer, from_zero, WHOLE, .name = "from-zero", .low = 0, .high = 5),
    MDP_ROW(struct outer, below_zero, WHOLE, .name = "below-zero", .low = -5, .high = 5, .fallback = "-1"),
    MDP_ROW(struct outer, seed, SEED, .name = "seed"),
    MDP_ROW(struct outer, small_seed, SEED, .name = "small-seed", .key = "small", .low = 0, .high = 99),
    MDP_ROW(struct outer, rate, REAL, .name = "rate"),
    MDP_ROW(struct outer, room, SIZE, .name = "room", .low = 0, .high = 1e12),
    MDP_ROWS_OF(struct outer, inner, inner_table, .takers = FOR_A, .help = "inside: "),
    MDP_LIST_ROW(struct outer, numbers, n_numbers, numbers, .name = "numbers"),
};
static const struct mdp_settings table = MDP_SETTINGS(struct outer, rows);

static struct outer s;
static struct mdp_setting_list list;

static void begin(void) {
    memset(&s, 0x55, sizeof s);
    mdp_settings_defaults(&table, &s);
    mdp_settings_list(&table, 0, &s, &list);
}

static const struct mdp_setting_at *find(const char *name) {
    const struct mdp_setting_at *setting = mdp_setting_find(&list, name);
    CHECK(setting != NULL);
    return setting;
}

static void check_text(const char *name, const char *expected) {
    char text[MDP_NUMBER_MAX];
    CHECK_STR(mdp_setting_text(find(name), text), expected);
}

static void test_where_nobody_says(void) {
    begin();
    CHECK(s.loud == 0 && s.days == 0 && s.name == NULL && s.size == 2 && s.seed == 0 && s.given == 0);
    CHECK_STR(s.colour, "green");
    /* a whole number that nobody gave is one that nobody can give */
    CHECK(s.n == 0 && s.from_zero == -1 && s.below_zero == -1);
    CHECK(isnan(s.rate) && isnan(s.room));
    CHECK(s.inner.n == 0 && s.inner.share == 0.25 && s.inner.given == 0);
    CHECK(s.numbers == NULL && s.n_numbers == 0);
    CHECK(!mdp_setting_has_value(find("n")) && !mdp_setting_has_value(find("from-zero")));
    CHECK(mdp_setting_has_value(find("below-zero")) && mdp_setting_has_value(find("colour")));
    CHECK(!mdp_setting_has_value(find("rate")) && !mdp_setting_has_value(find("name")));
    check_text("n", "");
    check_text("rate", "");
    check_text("size", "blue");
    check_text("below-zero", "-1");
}

static void test_values(void) {
    static const char *const values[][3] = {
        {"loud", "true", "true"},  {"loud", "false", "false"},  {"name", "abc", "abc"},
        {"colour", "red", "red"},  {"size", "red", "red"},      {"n", "20k", "20000"},
        {"from-zero", "0", "0"},   {"below-zero", "-5", "-5"},  {"seed", "1e18", "1000000000000000000"},
        {"rate", "1e-3", "0.001"}, {"rate", "1.5M", "1500000"}, {"room", "1kB", "1024"},
        {"inner-n", "9", "9"},
    };
    begin();
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct mdp_setting_at *setting = find(values[i][0]);
        CHECK_OK(mdp_setting_set(setting, values[i][1]));
        CHECK(mdp_setting_is_given(setting) && mdp_setting_is(setting, values[i][1]));
        if (setting->row->kind != MDP_SIZE) check_text(values[i][0], values[i][2]);
    }
    CHECK(MDP_GIVEN(&table, &s, loud) && MDP_GIVEN(&inner_table, &s.inner, n) &&
          !MDP_GIVEN(&inner_table, &s.inner, share));
    CHECK_OK(mdp_setting_set(find("days"), "red"));
    CHECK_OK(mdp_setting_set(find("days"), "blue"));
    CHECK_INT(s.days, 5);
}

/* a row may have another name in files, and lists know their length */
static void test_keys_and_lists(void) {
    long some[] = {3, 4};
    begin();
    CHECK_STR(mdp_setting_key(find("small-seed")->row), "small");
    CHECK_STR(mdp_setting_key(find("seed")->row), "seed");
    CHECK(!MDP_GIVEN(&table, &s, numbers));
    mdp_setting_set_list(find("numbers"), some, 2);
    CHECK(MDP_GIVEN(&table, &s, numbers) && s.numbers == some && s.n_numbers == 2);
}

static void test_refusals(void) {
    static const char *const bad[][3] = {
        {"loud", "yes", "expected true or false, found 'yes'"},
        {"days", "monday", "expected one of red, green, blue, found 'monday'"},
        {"name", "", "expected a text of 1 to 5 bytes, found ''"},
        {"name", "abcdef", "expected a text of 1 to 5 bytes, found 'abcdef'"},
        {"colour", "pink", "expected one of red, green, blue, found 'pink'"},
        {"size", "Red", "expected one of red, green, blue, found 'Red'"},
        {"n", "0", "expected a whole number from 1 to 1000000 apples, found '0'"},
        {"n", "1.5", "expected a whole number from 1 to 1000000 apples, found '1.5'"},
        {"n", "1e7", "expected a whole number from 1 to 1000000 apples, found '1e7'"},
        {"from-zero", "-1", "expected a whole number from 0 to 5, found '-1'"},
        {"seed", "-1", "expected a whole number from 0 to 9223372036854775807, found '-1'"},
        {"seed", "0.5", "expected a whole number from 0"},
        {"small-seed", "100", "expected a whole number from 0 to 99, found '100'"},
        {"rate", "nan", "expected a finite number, found 'nan'"},
        {"rate", "1GB", "expected a finite number, found '1GB'"},
        {"room", "-1MB", "expected a size such as 512MB or 1GB from 0 to"},
        {"share", "1.1", "expected a number from 0 to 1, found '1.1'"},
    };
    begin();
    struct mdp_setting_list all;
    mdp_settings_list(&inner_table, 0, &s.inner, &all);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct mdp_setting_at *setting = mdp_setting_find(&list, bad[i][0]);
        if (setting == NULL) setting = mdp_setting_find(&all, bad[i][0]);
        CHECK(setting != NULL);
        CHECK_FAILS(mdp_setting_set(setting, bad[i][1]), MDP_E_USAGE, bad[i][2]);
    }
    CHECK(s.given == 0 && s.inner.given == 0);
}

/* a table within shows those of its rows that the outer one takes; takers choose among the outer one's own */
static void test_tables_within(void) {
    begin();
    CHECK(mdp_setting_find(&list, "inner-n") != NULL && mdp_setting_find(&list, "share") == NULL);
    CHECK_STR(find("inner-n")->words, "inside: ");
    CHECK(find("n")->words == NULL);
    mdp_settings_list(&table, FOR_B, &s, &list);
    CHECK(mdp_setting_find(&list, "size") != NULL && mdp_setting_find(&list, "loud") == NULL &&
          mdp_setting_find(&list, "n") == NULL);
}

static void test_overlay(void) {
    struct outer by;
    static long three[] = {1, 2, 3};
    begin();
    s.n = 7;
    s.rate = 0.5;
    mdp_settings_defaults(&table, &by);
    mdp_settings_list(&table, 0, &by, &list);
    CHECK_OK(mdp_setting_set(find("n"), "8"));
    CHECK_OK(mdp_setting_set(find("inner-n"), "3"));
    by.rate = 99; /* not given */
    by.numbers = three;
    by.n_numbers = 3;
    *find("numbers")->given |= find("numbers")->bit;
    mdp_settings_overlay(&table, 0, &s, &by);
    CHECK(s.n == 8 && s.rate == 0.5 && s.inner.n == 3 && s.numbers == three && s.n_numbers == 3);
    CHECK(MDP_GIVEN(&table, &s, n) && !MDP_GIVEN(&table, &s, rate) && MDP_GIVEN(&inner_table, &s.inner, n));
}

static void test_equal(void) {
    struct outer other;
    struct mdp_setting_list others;
    begin();
    mdp_settings_defaults(&table, &other);
    mdp_settings_list(&table, 0, &other, &others);
    for (int i = 0; i < list.n; i++)
        if (list.rows[i].row->kind != MDP_LIST) CHECK(mdp_setting_equal(&list.rows[i], &others.rows[i]));
    char copy[] = "green";
    other.colour = copy;
    CHECK(mdp_setting_equal(find("colour"), mdp_setting_find(&others, "colour")));
    other.rate = 1;
    CHECK(!mdp_setting_equal(find("rate"), mdp_setting_find(&others, "rate")));
    CHECK(mdp_setting_is(mdp_setting_find(&others, "rate"), "1e0") && !mdp_setting_is(find("rate"), "1"));
}

/* a value that is none of its row is found, in a table within a table, too */
static void test_misspelled(void) {
    struct mdp_setting wrong[] = {inner_rows[0], inner_rows[1]}, outer[] = {rows[3], rows[12]};
    const struct mdp_settings wrong_table = {wrong, 2, sizeof(struct inner), MDP_NOT_KEPT};
    const struct mdp_settings outer_table = {outer, 2, sizeof(struct outer), MDP_NOT_KEPT};
    outer[1].inner = &wrong_table;
    check_spelling(&table);
    CHECK(misspelled(&outer_table) == NULL);
    wrong[1].fallback = "1.25";
    CHECK(misspelled(&outer_table) == &wrong[1]);
    wrong[1].fallback = NULL;
    wrong[0].neutral = "none";
    CHECK(misspelled(&outer_table) == &wrong[0]);
    wrong[0].neutral = NULL;
    outer[0].usual = "gren";
    CHECK(misspelled(&outer_table) == &outer[0]);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_where_nobody_says),
                                            TAP_TEST(test_values),
                                            TAP_TEST(test_refusals),
                                            TAP_TEST(test_keys_and_lists),
                                            TAP_TEST(test_tables_within),
                                            TAP_TEST(test_overlay),
                                            TAP_TEST(test_equal),
                                            TAP_TEST(test_misspelled)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
