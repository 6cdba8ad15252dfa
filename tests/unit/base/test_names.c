/* names in lists: which one a text is, and what is said of a text that is none. */
#include "base/names.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static const struct fruit {
    double weight;
    const char *name;
    int is_ripe;
} fruits[] = {{1.5, "apple", 1}, {0.1, "fig", 0}, {0.02, "plum", 1}};
static const char *const texts[] = {"red", "green"};
static const struct mdp_names of_structs = MDP_NAMES(fruits, name), of_texts = MDP_NAMES_OF_TEXTS(texts);

static void test_found(void) {
    int i = -2;
    for (int k = 0; k < 3; k++) {
        CHECK_STR(mdp_names_at(&of_structs, k), fruits[k].name);
        CHECK(mdp_names_index(&of_structs, fruits[k].name) == k);
        CHECK_OK(mdp_names_find(&of_structs, "fruit", fruits[k].name, &i));
        CHECK(i == k);
    }
    CHECK_OK(mdp_names_find(&of_texts, "colour", "green", &i));
    CHECK(i == 1);
}

static void test_not_found(void) {
    static const char *const wrong[] = {"", "appl", "apples", "Apple", " fig", "apple, fig", "fig\n"};
    int i;
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) CHECK(mdp_names_index(&of_structs, wrong[k]) == -1);
    CHECK_FAILS(mdp_names_find(&of_structs, "fruit", "pear", &i), MDP_E_USAGE,
                "fruit: expected one of apple, fig, plum, found 'pear'");
    CHECK(i == -1);
    CHECK_FAILS(mdp_names_find(&of_texts, "colour", "", &i), MDP_E_USAGE,
                "colour: expected one of red, green, found ''");
    CHECK_FAILS(mdp_names_refuse(&of_texts, "x", "blue"), MDP_E_USAGE, "x: expected one of red, green, found 'blue'");
}

/* distances known by hand; swapped neighbours are one mistake */
static void test_distance(void) {
    CHECK(mdp_names_distance("", "") == 0 && mdp_names_distance("eval", "EVAL") == 0);
    CHECK(mdp_names_distance("eval", "evla") == 1 && mdp_names_distance("ab", "ba") == 1);
    CHECK(mdp_names_distance("", "abc") == 3 && mdp_names_distance("kitten", "sitting") == 3);
    CHECK(mdp_names_distance("ca", "abc") == 3); /* no letter is moved twice */
}

/* what may be meant is said; what is like nothing is not guessed at, nor is a text too long to compare */
static void test_near(void) {
    char text[MDP_NAMES_MAX], longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    CHECK(mdp_names_near(&of_structs, "aple") == 0 && mdp_names_near(&of_structs, "plmu") == 2);
    CHECK(mdp_names_near(&of_structs, "pear") == -1 && mdp_names_near(&of_structs, "") == -1);
    CHECK(mdp_names_near(&of_structs, longest) == -1);
    CHECK_STR(mdp_names_suggest(&of_texts, "gren", text), "; did you mean 'green'?");
    CHECK_STR(mdp_names_suggest(&of_texts, "yellow", text), "");
    CHECK_FAILS(mdp_names_refuse(&of_texts, "x", "rde"), MDP_E_USAGE, "found 'rde'; did you mean 'red'?");
}

/* the first few of an array that holds more */
static void test_first(void) {
    const struct mdp_names one = MDP_NAMES_OF_FIRST(texts, 1), none = MDP_NAMES_OF_FIRST(texts, 0);
    char text[MDP_NAMES_MAX];
    CHECK(mdp_names_index(&one, "red") == 0 && mdp_names_index(&one, "green") == -1);
    CHECK_STR(mdp_names_text(&one, text), "red");
    CHECK_STR(mdp_names_text(&none, text), "");
    CHECK(mdp_names_index(&none, "red") == -1);
}

/* a list that is longer than a message holds ends with a whole name */
static void test_long_list(void) {
    enum { N = 100 };
    char store[N][12], text[MDP_NAMES_MAX];
    const char *many[N];
    for (int i = 0; i < N; i++) {
        snprintf(store[i], sizeof store[i], "name%06d", i);
        many[i] = store[i];
    }
    const struct mdp_names names = MDP_NAMES_OF_FIRST(many, N);
    size_t n = strlen(mdp_names_text(&names, text));
    CHECK(n == 502);
    CHECK_STR(text + n - 10, "name000041");
    CHECK(mdp_names_index(&names, "name000099") == 99);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_found), TAP_TEST(test_not_found), TAP_TEST(test_distance),
                                            TAP_TEST(test_near),  TAP_TEST(test_first),     TAP_TEST(test_long_list)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
