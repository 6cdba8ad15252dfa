/* numbers for programs: nothing is lost, nothing is what it is not */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/show/json.h"
#include "tests/tap.h"

static void check_text(json_t *root, const char *expected) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_json_write(root, 0, "x", stream));
    fclose(stream);
    CHECK_STR(text, expected);
    free(text);
}

static void test_numbers(void) {
    check_text(json_pack("[o, o, o, o, o]", mdp_json_real(0.1), mdp_json_real(1.0 / 3), mdp_json_real(NAN),
                         mdp_json_real(-INFINITY), mdp_json_real(5e-324)),
               "[0.10000000000000001, 0.33333333333333331, null, null, 4.9406564584124654e-324]\n");
    check_text(json_pack("[o, o, o, o, o, o]", mdp_json_count(0), mdp_json_count(71.99999999999999),
                         mdp_json_count(NAN), mdp_json_count(INFINITY), mdp_json_count(9007199254740992.0),
                         mdp_json_count(9007199254740994.0)),
               "[0, 72, null, null, 9007199254740992, \"9007199254740994\"]\n");
    check_text(json_pack("[o, o, o]", mdp_json_whole(0), mdp_json_whole(UINT64_C(9007199254740993)),
                         mdp_json_whole(UINT64_MAX)),
               "[0, \"9007199254740993\", \"18446744073709551615\"]\n");
}

/* whatever wrote an integer, no reader of doubles gets another one */
static void test_integers_are_mended(void) {
    check_text(json_pack("{s:I, s:[I, {s:I, s:I}], s:I}", "a", (json_int_t)9007199254740993, "b", (json_int_t)5, "c",
                         (json_int_t)-9007199254740993, "d", (json_int_t)-5, "e", (json_int_t)INT64_MIN),
               "{\"a\": \"9007199254740993\", \"b\": [5, {\"c\": \"-9007199254740993\", \"d\": -5}], \"e\": "
               "\"-9223372036854775808\"}\n");
}

static void test_failures(void) {
    FILE *full = fopen("/dev/full", "w");
    CHECK_FAILS(mdp_json_write(NULL, 0, "x", stderr), MDP_E_NOMEM, "x: no memory for its JSON");
    if (full == NULL) return;
    setvbuf(full, NULL, _IONBF, 0);
    CHECK_FAILS(mdp_json_write(json_pack("[i]", 1), 2, "x", full), MDP_E_IO, "x: cannot write JSON");
    fclose(full);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_numbers), TAP_TEST(test_integers_are_mended),
                                            TAP_TEST(test_failures)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
