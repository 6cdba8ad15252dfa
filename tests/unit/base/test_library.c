#include "base/library.h"

#include <string.h>

#include "tests/tap.h"

struct table {
    double (*cos)(double);
    double (*sin)(double);
};

#define LINE(symbol) MDP_SYMBOL(struct table, symbol)

static void test_load(void) {
    static const struct mdp_symbol symbols[] = {LINE(cos), LINE(sin)};
    struct table table = {NULL, NULL};
    CHECK_OK(mdp_library_load("libm.so.6", "mathematics", symbols, 2, &table));
    CHECK(table.cos(0) == 1 && table.sin(0) == 0);
}

static void test_expands_macros(void) {
#define wave sin
    static const struct mdp_symbol symbol = LINE(wave);
#undef wave
    CHECK_STR(symbol.name, "sin");
    CHECK_INT(symbol.offset, offsetof(struct table, sin));
}

static void test_refuses(void) {
    static const struct mdp_symbol none[] = {{"mdp_a", 0}, {"mdp_b", sizeof(void *)}};
    static const struct mdp_symbol half[] = {{"mdp_a", 0}, {"sin", sizeof(void *)}};
    struct table table;
    CHECK_FAILS(mdp_library_load("libabsent.so.6", "mathematics", none, 2, &table), MDP_E_IO,
                "mathematics: cannot be loaded: libabsent.so.6: ");
    CHECK_FAILS(mdp_library_load("libm.so.6", "mathematics", none, 2, &table), MDP_E_DATA,
                "libm.so.6: expected mathematics (mdp_a and 1 more functions), found none of it");
    CHECK_FAILS(mdp_library_load("libm.so.6", "mathematics", half, 2, &table), MDP_E_DATA,
                "libm.so.6: expected 2 functions of mathematics, found 1; missing: mdp_a");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_load), TAP_TEST(test_expands_macros), TAP_TEST(test_refuses)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
