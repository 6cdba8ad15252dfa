/* base/text_index: a text keeps the number that it was first given, however many come after it */
#include <stdio.h>

#include "base/text_index.h"
#include "tests/tap.h"

enum { N_TEXTS = 20000 };

static void test_numbers_stay(void) {
    struct mdp_text_index index = {.n = 0};
    char text[32];
    int found;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N_TEXTS; i++) {
            snprintf(text, sizeof text, "run%d", i);
            CHECK_OK(mdp_text_index_put(&index, text, round == 0 ? i : -1, &found));
            CHECK_INT(found, i);
        }
    }
    CHECK_INT(index.n, N_TEXTS);
    CHECK_OK(mdp_text_index_put(&index, "", 7, &found));
    CHECK_INT(found, 7);
    CHECK_OK(mdp_text_index_put(&index, "", 8, &found));
    CHECK_INT(found, 7);
    mdp_text_index_free(&index);
    CHECK(index.entries == NULL && index.n == 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_numbers_stay)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
