/* is an output there with the same settings? compared as values; a refusal names what differs */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/run/outputs.h"
#include "tests/tap.h"

static mdp_err compare(const char *there, const char *wanted) {
    return mdp_check_same_settings("run/f.h5", there, wanted, MDP_WAY_OUT);
}

static void test_same_settings(void) {
    static const char *const same[][2] = {
        {"{}", "{}"},
        {"{\"a\": 1, \"b\": [1, 2]}", "{\"b\":[1,2],\"a\":1}"},
        {"{\"rate\": 3e-4}", "{\"rate\": 0.0003}"},
        {"{\"rate\": 1.0}", "{\"rate\": 1.00e0}"},
        {"{\"seed\": 9007199254740993}", "{\"seed\":9007199254740993}"},
        {"{\"x\": {\"u\": null, \"v\": \"\\u0041\"}}", "{\"x\":{\"v\":\"A\",\"u\":null}}"}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        CHECK_OK(compare(same[i][0], same[i][1]));
        CHECK_OK(compare(same[i][1], same[i][0]));
    }
}

/* what differs, and nothing else */
static void test_other_settings(void) {
    static const char *const other[][3] = {
        {"{}", "{\"a\":1}", "a none there, 1 wanted"},
        {"{\"a\":1}", "{}", "a 1 there, none wanted"},
        {"{\"a\":1,\"z\":7}", "{\"a\":2,\"z\":7}", "a 1 there, 2 wanted"},
        {"{\"a\":1}", "{\"b\":1}", "a 1 there, none wanted; b none there, 1 wanted"},
        {"{\"a\":1}", "{\"a\":\"1\"}", "a 1 there, \"1\" wanted"},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", "a [1,2] there, [2,1] wanted"},
        {"{\"a\":0.1}", "{\"a\":0.10000000000000002}", "a 0.1 there, 0.10000000000000002 wanted"},
        {"{\"seed\":9007199254740993}", "{\"seed\":9007199254740992}",
         "seed 9007199254740993 there, 9007199254740992 wanted"},
        {"{\"a\":{\"b\":true,\"c\":1}}", "{\"a\":{\"b\":false,\"c\":1,\"d\":2}}",
         "a.b true there, false wanted; a.d none there, 2 wanted"},
        {"{\"a\":{\"b\":1}}", "{\"a\":\"none\"}", "a {\"b\":1} there, \"none\" wanted"},
        {"", "{}", " there, {} wanted"},
        {"{\"a\":1", "{\"a\":1", "{\"a\":1 there, {\"a\":1 wanted"},
        {"no JSON", "{}", "no JSON there, {} wanted"}};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        char message[300];
        snprintf(message, sizeof message,
                 "run/f.h5 was made with other settings: %s; another --out keeps both, or delete it", other[i][2]);
        CHECK_FAILS(compare(other[i][0], other[i][1]), MDP_E_USAGE, "");
        CHECK_STR(mdp_err_message(), message);
    }
    CHECK_INT(mdp_err_exit_status(MDP_E_USAGE), 4);
}

/* what differs is named, however much else there is; of much that differs, the way out is said all the same */
static void test_long_settings(void) {
    char there[4000], wanted[4000];
    snprintf(there, sizeof there, "{\"text\":\"%0700d\",\"end\":1}", 0);
    snprintf(wanted, sizeof wanted, "{\"text\":\"%0700d\",\"end\":2}", 0);
    CHECK_FAILS(compare(there, wanted), MDP_E_USAGE, "settings: end 1 there, 2 wanted; ");
    snprintf(wanted, sizeof wanted, "{\"text\":\"%03000d\",\"end\":2}", 1);
    CHECK_FAILS(compare(there, wanted), MDP_E_USAGE, "0; another --out keeps both");
}

static void test_json_text(void) {
    char *text;
    CHECK_OK(mdp_json_text(json_pack("{s:i,s:s,s:f}", "b", 1, "a", "x", "c", 0.5), &text));
    CHECK_STR(text, "{\"a\":\"x\",\"b\":1,\"c\":0.5}");
    free(text);
    CHECK_FAILS(mdp_json_text(NULL, &text), MDP_E_INTERNAL, "settings: cannot be written");
    CHECK(text == NULL);
}

static void test_inputs(void) {
    char one[MDP_PATH_MAX], two[MDP_PATH_MAX];
    json_t *inputs = json_object();
    snprintf(one, sizeof one, "%s/a/x.h5", tap_temp_dir());
    snprintf(two, sizeof two, "%s/b/x.h5", tap_temp_dir());
    CHECK_OK(mdp_fsx_make_parents(one));
    CHECK_OK(mdp_fsx_make_parents(two));
    CHECK_OK(mdp_fsx_write(one, "", 0));
    CHECK_OK(mdp_fsx_write(two, "a", 1));
    CHECK_OK(mdp_inputs_add(inputs, one));
    CHECK_OK(mdp_inputs_add(inputs, two));
    /* published values of FNV-1a, 64 bits, of "" and "a" */
    CHECK_STR(json_string_value(json_object_get(inputs, "x.h5")), "cbf29ce484222325");
    CHECK_STR(json_string_value(json_object_get(inputs, two)), "af63dc4c8601ec8c");
    CHECK_INT(json_object_size(inputs), 2);
    snprintf(two, sizeof two, "%s/absent.h5", tap_temp_dir());
    CHECK_FAILS(mdp_inputs_add(inputs, two), MDP_E_IO, "absent.h5");
    CHECK_INT(json_object_size(inputs), 2);
    /* a name that is no UTF-8 */
    snprintf(two, sizeof two, "%s/caf\xe9.h5", tap_temp_dir());
    CHECK_OK(mdp_fsx_write(two, "a", 1));
    CHECK_OK(mdp_inputs_add(inputs, two));
    CHECK_STR(json_string_value(json_object_get(inputs, "caf?.h5")), "af63dc4c8601ec8c");
    json_decref(inputs);
}

static void test_machine_text(void) {
    char machine[MDP_MACHINE_MAX];
    memset(machine, 'x', sizeof machine);
    mdp_machine_text(machine);
    CHECK(memchr(machine, 0, sizeof machine) != NULL);
    CHECK(strstr(machine, "HDF5") != NULL || strstr(machine, "hdf5") != NULL);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_same_settings), TAP_TEST(test_other_settings), TAP_TEST(test_long_settings),
        TAP_TEST(test_json_text),     TAP_TEST(test_inputs),         TAP_TEST(test_machine_text),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
