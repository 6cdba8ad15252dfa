/* numbers as people write them: what is one, which one, and what is none */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "tests/tap.h"

static void test_whole(void) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"7", 7},
        {"+7", 7},
        {"-7", -7},
        {"007", 7},
        {"1e5", 100000},
        {"1E5", 100000},
        {"1e+5", 100000},
        {"20k", 20000},
        {"20K", 20000},
        {"1.5M", 1500000},
        {".5M", 500000},
        {"2G", 2000000000},
        {"1.5e3", 1500},
        {"1500e-2", 15},
        {"1.0", 1},
        {"5.", 5},
        {"0.0", 0},
        {"0e9999", 0},
        {"-0", 0},
        {"1000e-3", 1},
        {"0.001k", 1},
        {"00.5e1", 5},
        {"-1.5k", -1500},
        {"1e18", 1000000000000000000},
        {"123456789012345678", 123456789012345678},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775807.000", INT64_MAX},
        {"9.223372036854775807e18", INT64_MAX},
        {"-9223372036854775807", -INT64_MAX},
        {"0.00000000000000000000000000001e29", 1},
    };
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t value = -99;
        if (!mdp_number_whole(good[i].text, &value) || value != good[i].value)
            tap_failed(__FILE__, __LINE__, "%s: expected %lld, found %lld", good[i].text, (long long)good[i].value,
                       (long long)value);
    }
}

/* what no kind of number is */
static const char *const none[] = {
    "",    " ",     "1 ",  " 1",    "-",   "+",    ".",   "-.",  "e5", "k",  "1e",    "1e+", "1ek", "1e5k",     "1kk",
    "1k5", "1_000", "1,5", "1.2.3", "--1", "0x10", "inf", "nan", "1f", "1m", "1e5.5", "ten", "1d5", "\xc2\xbd",
};

static void test_not_whole(void) {
    static const char *const broken[] = {
        "1.5",
        "1e-3",
        "0.5",
        "1.0001k",
        "9223372036854775808",
        "-9223372036854775808",
        "1e19",
        "10G1",
        "99999999999999999999",
        "9.3e18",
        "1e9999",
        "1e99999999999999999999",
        "1GB",
        "1.5e-1",
        "0.0001k",
    };
    int64_t value;
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        if (mdp_number_whole(none[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' was read", none[i]);
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (mdp_number_whole(broken[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' was read", broken[i]);
}

static void test_unsigned(void) {
    static const char *const broken[] = {"-1", "-1k", "1.5", "18446744073709551616", "2e19", "1e9999"};
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"1.5M", 1500000},
        {"9223372036854775808", UINT64_C(1) << 63},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551615.0", UINT64_MAX},
        {"1e19", UINT64_C(10000000000000000000)},
    };
    uint64_t value;
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++)
        if (value = 99, !mdp_number_unsigned(good[i].text, &value) || value != good[i].value)
            tap_failed(__FILE__, __LINE__, "%s: found %llu", good[i].text, (unsigned long long)value);
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (mdp_number_unsigned(broken[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' is taken", broken[i]);
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        if (mdp_number_unsigned(none[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' is taken", none[i]);
}

static void test_real(void) {
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},        {"0.5", 0.5},     {".5", 0.5},   {"1e-3", 1e-3},     {"1e5", 1e5},  {"20k", 2e4},
        {"1.5M", 1.5e6}, {"0.1k", 100},    {"0.3k", 300}, {"-2", -2},         {"+2.5", 2.5}, {"1e308", 1e308},
        {"1G", 1e9},     {"0.0001", 1e-4}, {"007", 7},    {"1e-300", 1e-300},
    };
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        double value = NAN;
        CHECK(mdp_number_real(good[i].text, &value));
        CHECK_CLOSE(value, good[i].value, 0);
    }
    static const char *const broken[] = {"1e999", "-1e999", "1e-999", "1GB", "infinity", "0x1p-3"};
    char many[1000];
    double value;
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        if (mdp_number_real(none[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' was read", none[i]);
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (mdp_number_real(broken[i], &value)) tap_failed(__FILE__, __LINE__, "'%s' was read", broken[i]);
    memset(many, '1', sizeof many);
    many[sizeof many - 1] = 0;
    CHECK(!mdp_number_real(many, &value));
}

static void test_sizes(void) {
    static const double kb = 1024, mb = 1024 * kb, gb = 1024 * mb;
    const struct {
        const char *text;
        double bytes;
    } good[] = {
        {"0", 0},    {"64", 64 * mb},     {"1e3", 1e3 * mb},   {"0.5", 0.5 * mb}, {"512MB", 512 * mb},
        {"1GB", gb}, {"1.5GB", 1.5 * gb}, {"1GiB", gb},        {"2kB", 2 * kb},   {"2KB", 2 * kb},
        {"1G", gb},  {"1TB", 1024 * gb},  {"1e3MB", 1e3 * mb}, {"100B", 100},     {"3MiB", 3 * mb},
    };
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        double bytes = NAN;
        CHECK(mdp_number_size(good[i].text, mb, &bytes));
        CHECK_CLOSE(bytes, good[i].bytes, 0);
    }
    static const char *const broken[] = {"",      "MB",  "1XB",     "1MBB",  "1gb", "1 GB", "1GB ",
                                         "1Mi",   "1iB", "1e",      "1eB",   "GB1", "nan",  "inf",
                                         "1E5k5", "0x1", "1e308TB", "1e999", "BB",  "1BB"};
    double bytes;
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (mdp_number_size(broken[i], mb, &bytes)) tap_failed(__FILE__, __LINE__, "'%s' was read", broken[i]);
}

static void test_texts(void) {
    char text[MDP_NUMBER_MAX];
    mdp_number_fixed(-0.0004, 3, text);
    CHECK_STR(text, "0.000");
    mdp_number_fixed(-0.0006, 3, text);
    CHECK_STR(text, "-0.001");
    mdp_number_fixed(1234567.5, 1, text);
    CHECK_STR(text, "1234567.5");
    mdp_number_fixed(-NAN, 2, text);
    CHECK_STR(text, "nan");
    mdp_number_fixed(-INFINITY, 2, text);
    CHECK_STR(text, "-inf");
    mdp_number_fixed(-DBL_MAX, 17, text);
    CHECK(strlen(text) > 300 && strchr(text, '.') != NULL);
    static const double values[] = {0.1, 1.0 / 3, 1e-300, DBL_MAX, -5e-324, 2381.6725, 0, 1e22, 123456789};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        mdp_number_shortest(values[i], text);
        CHECK(strtod(text, NULL) == values[i]);
    }
    mdp_number_shortest(0.1, text);
    CHECK_STR(text, "0.1");
    mdp_number_shortest(-1500, text);
    CHECK_STR(text, "-1500");
}

static void test_locale(void) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        SKIP("no locale with a decimal comma");
    char text[MDP_NUMBER_MAX];
    double value;
    mdp_number_fixed(1.5, 2, text);
    CHECK_STR(text, "1.50");
    mdp_number_shortest(0.1, text);
    CHECK_STR(text, "0.1");
    CHECK(mdp_number_real("0.25", &value) && value == 0.25);
    CHECK(!mdp_number_real("0,25", &value));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_whole), TAP_TEST(test_not_whole), TAP_TEST(test_unsigned),
                                            TAP_TEST(test_real),  TAP_TEST(test_sizes),     TAP_TEST(test_texts),
                                            TAP_TEST(test_locale)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
