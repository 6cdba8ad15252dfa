/* is an output there with the same settings? compared as values; a refusal shows both */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/run/outputs.h"
#include "tests/tap.h"

static void test_same_settings(void) {
    static const char *const same[][2] = {
        {"{}", "{}"},
        {"{\"a\": 1, \"b\": [1, 2]}", "{\"b\":[1,2],\"a\":1}"},
        {"{\"rate\": 3e-4}", "{\"rate\": 0.0003}"},
        {"{\"rate\": 1.0}", "{\"rate\": 1.00e0}"},
        {"{\"seed\": 9007199254740993}", "{\"seed\":9007199254740993}"},
        {"{\"x\": {\"u\": null, \"v\": \"\\u0041\"}}", "{\"x\":{\"v\":\"A\",\"u\":null}}"}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        CHECK_OK(mdp_check_same_settings("f.h5", same[i][0], same[i][1]));
        CHECK_OK(mdp_check_same_settings("f.h5", same[i][1], same[i][0]));
    }
}

static void test_other_settings(void) {
    static const char *const other[][2] = {{"{}", "{\"a\":1}"},
                                           {"{\"a\":1}", "{\"a\":2}"},
                                           {"{\"a\":1}", "{\"b\":1}"},
                                           {"{\"a\":1}", "{\"a\":\"1\"}"},
                                           {"{\"a\":[1,2]}", "{\"a\":[2,1]}"},
                                           {"{\"a\":0.1}", "{\"a\":0.10000000000000002}"},
                                           {"{\"seed\":9007199254740993}", "{\"seed\":9007199254740992}"},
                                           {"{\"a\":{\"b\":true}}", "{\"a\":{\"b\":false}}"},
                                           {"", "{}"},
                                           {"{\"a\":1", "{\"a\":1"},
                                           {"no JSON", "{}"}};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        for (int swap = 0; swap < 2; swap++) {
            char there[100], wanted[100];
            snprintf(there, sizeof there, "there %s, ", other[i][swap]);
            snprintf(wanted, sizeof wanted, "wanted %s", other[i][1 - swap]);
            CHECK_FAILS(mdp_check_same_settings("run/f.h5", other[i][swap], other[i][1 - swap]), MDP_E_USAGE, there);
            CHECK(strstr(mdp_err_message(), wanted) != NULL);
            CHECK(strstr(mdp_err_message(), "run/f.h5 was made with other settings") != NULL);
        }
    }
    CHECK_INT(mdp_err_exit_status(MDP_E_USAGE), 4);
}

/* as long as the settings of our stages are: nothing of either is cut off the message */
static void test_refusal_shows_long_settings(void) {
    char there[800], wanted[800];
    snprintf(there, sizeof there, "{\"text\":\"%0700d\",\"end\":1}", 0);
    snprintf(wanted, sizeof wanted, "{\"text\":\"%0700d\",\"end\":2}", 0);
    CHECK_FAILS(mdp_check_same_settings("f.h5", there, wanted), MDP_E_USAGE, there);
    CHECK(strstr(mdp_err_message(), wanted) != NULL);
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
        TAP_TEST(test_same_settings), TAP_TEST(test_other_settings), TAP_TEST(test_refusal_shows_long_settings),
        TAP_TEST(test_json_text),     TAP_TEST(test_inputs),         TAP_TEST(test_machine_text),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
