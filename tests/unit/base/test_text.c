/* texts of others: what is shown of them, in messages, too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "tests/tap.h"

/* a text, and what is shown of it */
static const char *const texts[][2] = {
    {"halfcheetah-medium", "halfcheetah-medium"},
    {"Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"a: b :: c # d [e]", "a: b :: c # d [e]"},
    {"## [e]", "## [e]"},
    {"\x1b[31mred\x07", "?[31mred?"},
    {"a\nb\r\tc\x7f", "a?b??c?"},
    {"\xc2\x9b"
     "2J",
     "??2J"},
    {"x\xe9", "x?"},
    {"a\xe2\x80\xae"
     "b",
     "a???b"},
    {"a\xe2\x81\xa6"
     "b",
     "a???b"},
    {"a\xe2\x80\xa8::error::no", "a???::error::no"},
    {"\xef\xbb\xbf"
     "a",
     "???a"},
    {"a\xd8\x9c", "a??"},
    {"a\xf3\xa0\x81\x81", "a????"},
    {"\xe2\x80\x93 \xd8\xa7 \xe2\x80\x8d", "\xe2\x80\x93 \xd8\xa7 \xe2\x80\x8d"},
    {"::error::no", "?:error::no"},
    {"  ::error::no", "  ?:error::no"},
    {"a\n::error::no", "a?::error::no"},
    {"a ##[error]no", "a ?#[error]no"},
    {"##vso[task.complete]", "?#vso[task.complete]"},
};
enum { N_TEXTS = sizeof texts / sizeof texts[0] };

static void test_mend_and_put(void) {
    for (int i = 0; i < N_TEXTS; i++) {
        char copy[64], *put = NULL;
        size_t size;
        FILE *stream = open_memstream(&put, &size);
        snprintf(copy, sizeof copy, "%s", texts[i][0]);
        mdp_text_mend(copy);
        CHECK_STR(copy, texts[i][1]);
        mdp_text_put(stream, texts[i][0]);
        fclose(stream);
        CHECK_STR(put, texts[i][1]);
        free(put);
        CHECK_INT(mdp_text_is_name(texts[i][0], strlen(texts[i][0])), strcmp(texts[i][0], texts[i][1]) == 0);
        CHECK(mdp_text_is_name(copy, strlen(copy)));
    }
    CHECK(!mdp_text_is_name("", 0));
    mdp_text_put(tap_output(), NULL);
}

static void test_messages(void) {
    mdp_fail(MDP_E_DATA, "%s: %s: no", "a\x1b[2J.h5", "task\n::error::x");
    CHECK_STR(mdp_err_message(), "a?[2J.h5: task?::error::x: no");
    mdp_fail_context(MDP_E_DATA, "b\n");
    CHECK_STR(mdp_err_message(), "b?: a?[2J.h5: task?::error::x: no");
}

/* lines of paths, which take no memory, and longer ones */
static void test_lines_of_any_length(void) {
    static const size_t lengths[] = {0, 1, 4000, 4095, 4096, 9000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char *put = NULL, *text = calloc(1, lengths[i] + 3);
        size_t size;
        FILE *stream = open_memstream(&put, &size);
        memset(text, 'a', lengths[i]);
        mdp_text_print_line(stream, "%s\a", text);
        fclose(stream);
        strcat(text, "?\n");
        CHECK_STR(put, text);
        free(put);
        free(text);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_mend_and_put),
        TAP_TEST(test_messages),
        TAP_TEST(test_lines_of_any_length),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
